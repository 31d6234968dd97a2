/* test-nocobase-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "provider/reprise-journal.h"
#include "providers/nocobase/nocobase-fake.h"
#include "providers/nocobase/nocobase-fixture.h"
#include "reprise-test-error.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"

/* --- plans --- */

static const RepriseCheck *
find_check (ReprisePlan *made, const char *id, RepriseCheckResult result)
{
  for (guint i = 0; i < reprise_plan_get_n_checks (made); i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (made, i);

      if (strcmp (check->id, id) == 0 && check->result == result)
        return check;
    }
  return NULL;
}

static void
assert_refused (ReprisePlan *made, const char *id, const char *part)
{
  const RepriseCheck *check = find_check (made, id, REPRISE_CHECK_REFUSED);

  g_assert_true (reprise_plan_is_refused (made));
  if (check == NULL || strstr (check->text, part) == NULL)
    g_error ("“%s” is not refused because of “%s”, but: %s", id, part,
             check != NULL ? check->text : "not at all");
}

static const ReprisePlanRow *
find_group_row (ReprisePlan *made, RepriseGroup group)
{
  for (guint i = 0; i < reprise_plan_get_n_rows (made); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (made, i);

      if (row->group == group && row->collection == NULL)
        return row;
    }
  g_error ("no row of group %d", group);
}

/* The pairings that cannot work, each told beforehand; nothing is written by any plan. */
static void
test_pairings (NocobaseFixture *self, gconstpointer data)
{
  static const struct
  {
    const char *sample, *version, *dialect, *option, *check, *part;
  } PAIRINGS[] = {
    { "all-groups.nbdump", "2.2.15", "postgres", NULL, "old-restore", "From NocoBase 2 on" },
    { "all-groups.nbdump", "2.2.15", "mysql", "allow", "engine",
      "database postgres, and the server has mysql" },
    { "all-groups.nbdump", "2.2.14", "postgres", "allow", "version", "newer than the server" },
    { "all-groups.nbdump", "1.9.33", "postgres", NULL, "version", "newer than the server" },
    { "manager-plain.nbdata", "2.2.15", "postgres", NULL, "plugin", "needs the Backup manager" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (PAIRINGS); i++)
    {
      g_autoptr (ReprisePlan) made = NULL;

      self->fake->version = PAIRINGS[i].version;
      self->fake->dialect = PAIRINGS[i].dialect;
      nocobase_fixture_renew (self);
      made =
        nocobase_fixture_plan (self, PAIRINGS[i].sample, REPRISE_GROUPS_NONE, PAIRINGS[i].option);
      assert_refused (made, PAIRINGS[i].check, PAIRINGS[i].part);
    }
}

/* Upgrades are told, and go. */
static void
test_older_archive (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  self->fake->version = "2.3.1";
  made = nocobase_fixture_plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  g_assert_nonnull (find_check (made, "version", REPRISE_CHECK_WARNING));
  g_assert_false (reprise_plan_is_refused (made));
}

/* How its database is set shows in what it made itself. */
static void
test_environment (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  nocobase_fake_add (self->fake, OLD_NAME, FALSE);
  self->fake->underscored = TRUE;
  made = nocobase_fixture_plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  assert_refused (made, "environment", "DB_UNDERSCORED=false");
}

static void
test_missing_plugin (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  self->fake->lacks_plugin = "@nocobase/plugin-map";
  made = nocobase_fixture_plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  g_assert_nonnull (
    strstr (find_check (made, "plugins", REPRISE_CHECK_WARNING)->text, "plugin-map"));
}

/* Required always comes along, and the plan says so; the others stay. */
static void
test_plan_of_groups (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = nocobase_fixture_plan (
    self, "all-groups.nbdump", REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), "allow");
  g_auto (GStrv) losses = reprise_plan_dup_losses (made);

  g_assert_false (reprise_plan_is_refused (made));
  g_assert_cmpint (find_group_row (made, REPRISE_GROUP_REQUIRED)->action, ==,
                   REPRISE_PLAN_REPLACED);
  g_assert_nonnull (strstr (find_group_row (made, REPRISE_GROUP_REQUIRED)->text,
                            "always restores the required group"));
  g_assert_cmpint (find_group_row (made, REPRISE_GROUP_CUSTOM)->backup, ==, 800);
  g_assert_cmpint (find_group_row (made, REPRISE_GROUP_USER)->action, ==, REPRISE_PLAN_LEFT_ALONE);
  g_assert_true (nocobase_fixture_has_part (losses, "authors that are not there"));
}

/* Where the old restore would end the server's process nothing allows it. */
static void
test_killing_restore (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made =
    nocobase_fixture_plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (made, "old-restore", "hides that of the old plugin");
  journal = reprise_test_begin_journal (self->service);
  outcome = reprise_provider_restore (self->provider, made, journal, self->progress, NULL, &error);
  g_assert_null (outcome);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
}

/* It is on the disk though not enabled: its command hides the other all the same. */
static void
test_killing_package (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  self->fake->new_on_disk = TRUE;
  made = nocobase_fixture_plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  assert_refused (made, "old-restore", "hides that of the old plugin");
}

/* The usual case: an old archive, and a server of 2.x as it ships. */
static void
test_dump_to_stock (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made =
    nocobase_fixture_plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  const RepriseCheck *check = find_check (made, "plugin", REPRISE_CHECK_REFUSED);

  assert_refused (made, "plugin", "has the Backup manager in its place");
  g_assert_nonnull (strstr (check->help, "Restore it into a server of NocoBase 1.x"));
}

static void
test_whole_only (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = nocobase_fixture_plan (
    self, "manager-plain.nbdata", REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), NULL);

  assert_refused (made, "groups", "only be restored as a whole");
}

static void
test_needs_password (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made =
    nocobase_fixture_plan (self, "manager-encrypted.nbdata", REPRISE_GROUPS_NONE, NULL);
  g_autoptr (ReprisePlan) good = NULL, wrong = NULL;

  assert_refused (made, "password", "encrypted");
  nocobase_fixture_give_secret (self, "archive-password", "wrong");
  nocobase_fixture_renew (self);
  wrong = nocobase_fixture_plan (self, "manager-encrypted.nbdata", REPRISE_GROUPS_NONE, NULL);
  g_assert_true (reprise_plan_is_refused (wrong));
  nocobase_fixture_give_secret (self, "archive-password", "s3cret pass");
  nocobase_fixture_renew (self);
  good = nocobase_fixture_plan (self, "manager-encrypted.nbdata", REPRISE_GROUPS_NONE, NULL);
  g_assert_false (reprise_plan_is_refused (good));
}

/* --- restores --- */

static const char *
get_sample (gconstpointer data)
{
  return ((const NocobasePlugins *) data)->has_old ? "all-groups.nbdump" : "manager-plain.nbdata";
}

/* 503 with its text on the way is progress, and all rows are counted afterwards. */
static void
test_restore (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome = nocobase_fixture_restore (self, get_sample (data), &error);
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_cmpuint (nocobase_fake_get_n_restored (self->fake), ==, 1);
  reprise_progress_get_snapshot (self->progress, &snapshot);
  g_assert_cmpint (snapshot.phase, ==, REPRISE_PHASE_COMPARING);
  if (data == &OLD)
    {
      g_autofree char *body = nocobase_fake_dup_body (self->fake);

      g_assert_cmpint (outcome->written, ==, 954);
      g_assert_nonnull (strstr (body, "\"key\":\"179525611377742895531762805716\""));
      g_assert_nonnull (strstr (body, "\"required\""));
    }
}

static void
check_end (NocobaseFixture *self,
           gconstpointer data,
           NocobaseFakeEnd end,
           int code,
           const char *part)
{
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->end = end;
  outcome = nocobase_fixture_restore (self, get_sample (data), &error);
  g_assert_null (outcome);
  reprise_test_assert_says (error, code, part);
  /* whatever came of it, it was asked for once */
  g_assert_cmpuint (
    nocobase_fake_count (self->fake, data == &OLD ? "backupFiles:restore" : "POST backups:upload"),
    ==, 1);
}

/* The reason is said only over the web socket (old), or in the answer (new). */
static void
test_restore_refused (NocobaseFixture *self, gconstpointer data)
{
  check_end (self, data, NOCOBASE_FAKE_REFUSES, REPRISE_ERROR_REFUSED,
             data == &OLD
               ? "nothing was changed: this backup file can only be imported in database mysql"
               : "database schema mismatch");
}

static void
test_restore_broken (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  check_end (self, data, NOCOBASE_FAKE_BREAKS, REPRISE_ERROR_BROKEN,
             "serves nothing any more until its administrator restarts it");
  nocobase_fixture_renew (self);
  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_null (contents);
  reprise_test_assert_says (error, REPRISE_ERROR_BROKEN, "must be restarted by its administrator");
}

/* The connection is lost, as proxies cut it, and the work goes on: its health tells. */
static void
test_restore_cut (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->end = NOCOBASE_FAKE_CUT;
  outcome = nocobase_fixture_restore (self, get_sample (data), &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_cmpuint (nocobase_fake_get_n_restored (self->fake), ==, 1);
}

/* Its process ended in the middle: that the rows are as many as they were proves nothing. */
static void
test_restore_dies (NocobaseFixture *self, gconstpointer data)
{
  check_end (self, data, NOCOBASE_FAKE_DIES, REPRISE_ERROR_FAILED,
             "stopped in the middle of the restore");
}

static void
test_restore_goes_back (NocobaseFixture *self, gconstpointer data)
{
  check_end (self, data, NOCOBASE_FAKE_GOES_BACK, REPRISE_ERROR_FAILED,
             "went back to the data from before: pg_restore");
}

static void
test_restore_loses (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->end = NOCOBASE_FAKE_LOSES;
  outcome = nocobase_fixture_restore (self, get_sample (data), &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 7);
  nocobase_fixture_assert_warned (self, "“peerOrders” has 493 rows now, and 500 in the backup");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  reprise_http_set_default_backoff (2, 10);
#define ADD(name, plugins, func)                                                              \
  g_test_add ("/nocobase-provider/" name, NocobaseFixture, &plugins, nocobase_fixture_set_up, \
              func, nocobase_fixture_tear_down)
  ADD ("plan/pairings", OLD, test_pairings);
  ADD ("plan/older-archive", OLD, test_older_archive);
  ADD ("plan/environment", OLD, test_environment);
  ADD ("plan/missing-plugin", OLD, test_missing_plugin);
  ADD ("plan/groups", OLD, test_plan_of_groups);
  ADD ("plan/killing-restore", BOTH, test_killing_restore);
  ADD ("plan/killing-package", OLD, test_killing_package);
  ADD ("plan/dump-to-stock", NEW, test_dump_to_stock);
  ADD ("plan/whole-only", NEW, test_whole_only);
  ADD ("plan/password", NEW, test_needs_password);
  ADD ("restore/old", OLD, test_restore);
  ADD ("restore/new", NEW, test_restore);
  ADD ("restore/refused/old", OLD, test_restore_refused);
  ADD ("restore/refused/new", NEW, test_restore_refused);
  ADD ("restore/broken/old", OLD, test_restore_broken);
  ADD ("restore/broken/new", NEW, test_restore_broken);
  ADD ("restore/cut/old", OLD, test_restore_cut);
  ADD ("restore/cut/new", NEW, test_restore_cut);
  ADD ("restore/dies/old", OLD, test_restore_dies);
  ADD ("restore/dies/new", NEW, test_restore_dies);
  ADD ("restore/goes-back", NEW, test_restore_goes_back);
  ADD ("restore/loses/old", OLD, test_restore_loses);
  return g_test_run ();
}
