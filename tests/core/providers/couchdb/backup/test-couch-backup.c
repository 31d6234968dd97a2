/* test-couch-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/couch-fixture.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "reprise-test.h"

static void
test_round_trip (CouchFixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL, *second_state = NULL;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;

  couch_fixture_fill (fixture, "orders", 60);
  before = reprise_fake_couch_dump (fixture->server, "orders");
  first = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, first, "orders", "baseline");
  couch_fixture_assert_restores (fixture, first, "orders", before);
  /* an increment: an edit, a deletion, a new one, another attachment */
  couch_fixture_put (fixture, "orders", "doc-0010", "\"n\":2");
  couch_fixture_put (fixture, "orders", "new", "\"n\":3");
  reprise_fake_couch_delete (fixture->server, "orders", "doc-0011");
  reprise_fake_couch_attach (fixture->server, "orders", "doc-0003", "more", "image/png", "x", 1);
  second_state = reprise_fake_couch_dump (fixture->server, "orders");
  second = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, second, "orders", "daily");
  g_assert_cmpstr (reprise_backup_get_parent (second), ==, reprise_backup_get_id (first));
  g_assert_cmpuint (couch_fixture_count_revisions (second, "orders"), ==, 4);
  couch_fixture_assert_restores (fixture, second, "orders", second_state);
  couch_fixture_assert_restores (fixture, first, "orders", before);
  after = reprise_fake_couch_dump (fixture->server, "orders");
  g_assert_cmpstr (after, ==, second_state); /* nothing of it touched the database */
}

/* Rows that come again are neither fetched nor stored again. */
static void
test_rewind (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autofree char *state = NULL;
  guint n_attachments;

  couch_fixture_fill (fixture, "orders", 30);
  first = couch_fixture_back_up (fixture);
  n_attachments = reprise_fake_couch_get_n_calls (fixture->server, "/p.png");
  g_assert_cmpuint (n_attachments, ==, 1);
  reprise_fake_couch_rewind (fixture->server, "orders");
  couch_fixture_put (fixture, "orders", "doc-0003", "\"n\":2");
  state = reprise_fake_couch_dump (fixture->server, "orders");
  second = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, second, "orders", "daily");
  g_assert_cmpuint (couch_fixture_count_revisions (second, "orders"), ==, 1);
  couch_fixture_assert_restores (fixture, second, "orders", state);
}

/* A database of the same name is another one: what vanished with the old one must not come back. */
static void
test_recreated (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autofree char *state = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  first = couch_fixture_back_up (fixture);
  reprise_fake_couch_drop (fixture->server, "orders");
  reprise_fake_couch_make (fixture->server, "orders");
  couch_fixture_put (fixture, "orders", "only", "\"n\":1");
  state = reprise_fake_couch_dump (fixture->server, "orders");
  second = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, second, "orders", "baseline");
  couch_fixture_assert_restores (fixture, second, "orders", state);
}

/* Nobody says that it is another one, and its feed has nothing since: but there are fewer documents than there should be. */
static void
test_recreated_unsaid (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseBackup) third = NULL;
  g_autofree char *state = NULL;

  reprise_fake_couch_forget_ages (fixture->server);
  couch_fixture_fill (fixture, "orders", 30);
  first = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "doc-0005", "\"n\":2");
  reprise_fake_couch_delete (fixture->server, "orders", "doc-0006");
  second = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, second, "orders", "daily");
  reprise_fake_couch_drop (fixture->server, "orders");
  reprise_fake_couch_make (fixture->server, "orders");
  couch_fixture_put (fixture, "orders", "only", "\"n\":1");
  state = reprise_fake_couch_dump (fixture->server, "orders");
  third = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, third, "orders", "baseline");
  couch_fixture_assert_restores (fixture, third, "orders", state);
}

static void
test_purged (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autofree char *state = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  first = couch_fixture_back_up (fixture);
  reprise_fake_couch_purge (fixture->server, "orders", "doc-0005");
  couch_fixture_put (fixture, "orders", "doc-0006", "\"n\":1");
  state = reprise_fake_couch_dump (fixture->server, "orders");
  second = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, second, "orders", "daily");
  couch_fixture_assert_restores (fixture, second, "orders", state);
}

/* Databases come and go while a backup is broken off: what was read of the others is kept. */
static void
test_resume_others (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (RepriseVaultWriter) writer = couch_fixture_begin (fixture, REPRISE_ORIGIN_MANUAL);
  g_autoptr (RepriseVaultWriter) again = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autofree char *b = NULL, *before_b = NULL, *d = NULL;
  guint n_bodies;

  couch_fixture_fill (fixture, "b", 20);
  couch_fixture_fill (fixture, "c", 20);
  couch_fixture_fill (fixture, "d", 20);
  b = reprise_fake_couch_dump (fixture->server, "b");
  d = reprise_fake_couch_dump (fixture->server, "d");
  reprise_fake_couch_fail (fixture->server, "d/_bulk_get", REPRISE_FAKE_FAULT_STATUS, 400, 0, 100);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &error));
  g_clear_object (&writer);
  g_clear_error (&error);
  reprise_fake_couch_fail_no_more (fixture->server);
  reprise_fake_couch_drop (fixture->server, "c");
  couch_fixture_fill (fixture, "a", 5);
  before_b = reprise_fake_couch_dump (fixture->server, "a");
  ids = reprise_vault_list_resumable_ids (fixture->vault,
                                          reprise_service_get_uuid (fixture->service), &error);
  again = reprise_vault_resume (fixture->vault, fixture->service, ids->pdata[0], &error);
  g_assert_no_error (error);
  n_bodies = reprise_fake_couch_get_n_calls (fixture->server, "b/_bulk_get");
  couch_fixture_connect (fixture);
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, again, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  backup = couch_fixture_commit (fixture, again);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "b/_bulk_get"), ==, n_bodies);
  couch_fixture_assert_restores (fixture, backup, "a", before_b);
  couch_fixture_assert_restores (fixture, backup, "b", b);
  couch_fixture_assert_restores (fixture, backup, "d", d);
}

/* Where nobody knows any more what was purged, all is read anew. */
static void
test_purged_forgotten (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autofree char *state = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  first = couch_fixture_back_up (fixture);
  reprise_fake_couch_purge (fixture->server, "orders", "doc-0005");
  reprise_fake_couch_forget_purges (fixture->server, "orders");
  reprise_fake_couch_purge (fixture->server, "orders", "doc-0007");
  state = reprise_fake_couch_dump (fixture->server, "orders");
  second = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, second, "orders", "baseline");
  couch_fixture_assert_restores (fixture, second, "orders", state);
}

/* A feed that never ends is not asked for ever. */
static void
test_pending (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = couch_fixture_begin (fixture, REPRISE_ORIGIN_MANUAL);
  g_autoptr (GError) error = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  reprise_fake_couch_fail (fixture->server, "_changes", REPRISE_FAKE_FAULT_PENDING, 0, 0, 1000);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "_changes"), <, 50);
}

/* Broken off after some pages, it goes on from there, with the same point in time. */
static void
test_resume (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (RepriseVaultWriter) writer = couch_fixture_begin (fixture, REPRISE_ORIGIN_MANUAL);
  g_autoptr (RepriseVaultWriter) again = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autofree char *a = NULL, *b = NULL;
  guint n_bodies;

  couch_fixture_fill (fixture, "a", 20);
  couch_fixture_fill (fixture, "b", 20);
  a = reprise_fake_couch_dump (fixture->server, "a");
  b = reprise_fake_couch_dump (fixture->server, "b");
  reprise_fake_couch_fail (fixture->server, "b/_bulk_get", REPRISE_FAKE_FAULT_STATUS, 400, 0, 100);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "b: "));
  g_clear_object (&writer);
  g_clear_error (&error);
  reprise_fake_couch_fail (fixture->server, "a/_bulk_get", REPRISE_FAKE_FAULT_STATUS, 400, 0, 100);
  ids = reprise_vault_list_resumable_ids (fixture->vault,
                                          reprise_service_get_uuid (fixture->service), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 1);
  again = reprise_vault_resume (fixture->vault, fixture->service, ids->pdata[0], &error);
  g_assert_no_error (error);
  n_bodies = reprise_fake_couch_get_n_calls (fixture->server, "a/_bulk_get");
  couch_fixture_connect (fixture);
  /* the faults of “b” are used up with this: it is dropped and made again by its first 100 calls */
  for (guint i = 0; i < 99; i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static ("{\"docs\":[]}", 11);
      g_autoptr (GBytes) answer = reprise_couch_client_post (
        reprise_couch_provider_get_client (REPRISE_COUCH_PROVIDER (fixture->provider), NULL),
        "b/_bulk_get", body, NULL, NULL);

      if (answer != NULL)
        break;
    }
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, again, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  backup = couch_fixture_commit (fixture, again);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "a/_bulk_get"), ==, n_bodies);
  couch_fixture_assert_restores (fixture, backup, "a", a);
  couch_fixture_assert_restores (fixture, backup, "b", b);
}

/* One database after the other: new ones, chosen ones, left out ones; groups. */
static void
test_choice (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseCouchShelf) shelf = NULL;
  g_auto (GStrv) names = NULL;
  RepriseGroup group;

  reprise_fake_couch_make (fixture->server, "_users");
  reprise_fake_couch_make (fixture->server, "_global_changes");
  reprise_fake_couch_make (fixture->server, "shop-1");
  reprise_fake_couch_make (fixture->server, "shop-tmp");
  reprise_fake_couch_make (fixture->server, "other");
  reprise_service_set_setting (fixture->service, "databases", "shop-* _*");
  reprise_service_set_setting (fixture->service, "except", "*-tmp");
  reprise_service_set_setting (fixture->service, "include-new", "false");
  couch_fixture_connect (fixture);
  contents = reprise_provider_list_groups (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reprise_contents_find (contents, "shop-1", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_CUSTOM);
  g_assert_nonnull (reprise_contents_find (contents, "shop-1:_design", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_REQUIRED);
  g_assert_nonnull (reprise_contents_find (contents, "_users", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_USER);
  g_assert_nonnull (reprise_contents_find (contents, "_global_changes", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
  g_assert_null (reprise_contents_find (contents, "shop-tmp", NULL));
  g_assert_null (reprise_contents_find (contents, "other", NULL));
  first = couch_fixture_back_up (fixture);
  reprise_fake_couch_make (fixture->server, "shop-2");
  second = couch_fixture_back_up (fixture);
  shelf = reprise_couch_shelf_new_for_backup (reprise_backup_get_folder (second), &error);
  g_assert_no_error (error);
  names = reprise_couch_run_list_databases (
    reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (second)));
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_true (g_strv_contains ((const char *const *) names, "_users"));
  g_assert_true (g_strv_contains ((const char *const *) names, "shop-1"));
}

/* A database that is not there does not stop the others; and what a run goes on from lies on one line, which deleting heeds. */
static void
test_line (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) nothing = NULL;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseBackup) third = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;

  couch_fixture_fill (fixture, "a", 4);
  couch_fixture_fill (fixture, "b", 4);
  reprise_service_set_setting (fixture->service, "databases", "b missing");
  couch_fixture_connect (fixture);
  first = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, first, "b", "baseline");
  reprise_service_set_setting (fixture->service, "databases", "a");
  couch_fixture_connect (fixture);
  second = couch_fixture_back_up (fixture);
  g_assert_null (reprise_backup_get_parent (second));
  reprise_service_set_setting (fixture->service, "databases", "a b");
  couch_fixture_connect (fixture);
  third = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, third, "a", "daily");
  couch_fixture_assert_tier (fixture, third, "b", "baseline");
  g_assert_cmpstr (reprise_backup_get_parent (third), ==, reprise_backup_get_id (second));
  g_assert_false (reprise_vault_delete (fixture->vault, second, NULL, &refused));
  g_assert_error (refused, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_true (reprise_vault_delete (fixture->vault, first, NULL, &error));
  g_assert_no_error (error);
  reprise_service_set_setting (fixture->service, "databases", "missing");
  couch_fixture_connect (fixture);
  writer = couch_fixture_begin (fixture, REPRISE_ORIGIN_MANUAL);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &nothing));
  g_assert_error (nothing, REPRISE_ERROR, REPRISE_ERROR_FAILED);
}

static const char *const GROUP_DATABASES[] = { "_users", "a", "b" };

#define N_GROUP_DATABASES G_N_ELEMENTS (GROUP_DATABASES)

/* One more document, one edit of a design document, and a backup of some groups. @states: (out): what the databases are then */
static RepriseBackup *
change_and_back_up (CouchFixture *fixture, RepriseGroups groups, char **states)
{
  static guint n;
  g_autofree char *id = g_strdup_printf ("step-%u", ++n);

  for (guint i = 0; i < N_GROUP_DATABASES; i++)
    {
      couch_fixture_put (fixture, GROUP_DATABASES[i], id, "\"n\":1");
      couch_fixture_put (fixture, GROUP_DATABASES[i], "_design/app", "\"views\":{}");
      states[i] = reprise_fake_couch_dump (fixture->server, GROUP_DATABASES[i]);
    }
  return couch_fixture_back_up_groups (fixture, groups);
}

static gboolean
holds (RepriseBackup *backup, const char *database)
{
  g_autoptr (RepriseCouchShelf) shelf =
    reprise_couch_shelf_new_for_backup (reprise_backup_get_folder (backup), NULL);
  g_auto (GStrv) names = reprise_couch_run_list_databases (
    reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (backup)));

  return g_strv_contains ((const char *const *) names, database);
}

/* Backups of some groups between the others: each database goes on from the newest that holds it. */
static void
test_groups (CouchFixture *fixture, gconstpointer data)
{
  static const struct
  {
    RepriseGroups groups;
    guint n_revisions[N_GROUP_DATABASES]; /* 0: not in it */
  } steps[] = {
    { REPRISE_GROUPS_ALL, { 8, 8, 8 } },
    { REPRISE_GROUP_BIT (REPRISE_GROUP_USER), { 2, 0, 0 } },
    { REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), { 0, 3, 3 } },
    { REPRISE_GROUP_BIT (REPRISE_GROUP_USER), { 3, 0, 0 } },
    { REPRISE_GROUPS_ALL, { 2, 3, 3 } },
    { REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED), { 2, 2, 2 } },
    { REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), { 0, 2, 2 } },
    { REPRISE_GROUPS_ALL, { 3, 2, 2 } },
  };
  RepriseBackup *backups[G_N_ELEMENTS (steps)] = { NULL };
  char *states[G_N_ELEMENTS (steps)][N_GROUP_DATABASES] = { { NULL } };

  for (guint i = 0; i < N_GROUP_DATABASES; i++)
    couch_fixture_fill (fixture, GROUP_DATABASES[i], 4);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      backups[i] = change_and_back_up (fixture, steps[i].groups, states[i]);
      for (guint j = 0; j < N_GROUP_DATABASES; j++)
        {
          guint n = steps[i].n_revisions[j];

          g_assert_cmpint (holds (backups[i], GROUP_DATABASES[j]), ==, n > 0);
          if (n == 0)
            continue;
          couch_fixture_assert_tier (fixture, backups[i], GROUP_DATABASES[j],
                                     i == 0 ? "baseline" : "daily");
          g_assert_cmpuint (couch_fixture_count_revisions (backups[i], GROUP_DATABASES[j]), ==, n);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    for (guint j = 0; j < N_GROUP_DATABASES; j++)
      if (steps[i].n_revisions[j] > 0)
        couch_fixture_assert_restores (fixture, backups[i], GROUP_DATABASES[j], states[i][j]);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_object_unref (backups[i]);
      for (guint j = 0; j < N_GROUP_DATABASES; j++)
        g_free (states[i][j]);
    }
}

/* Rolled up by database, and the backups that it was made from gone: the next one is right for all, whatever it goes on from. */
static void
test_groups_rolled_up (CouchFixture *fixture, gconstpointer data)
{
  static const RepriseGroups groups[] = { REPRISE_GROUPS_ALL,
                                          REPRISE_GROUP_BIT (REPRISE_GROUP_USER),
                                          REPRISE_GROUPS_ALL,
                                          REPRISE_GROUP_BIT (REPRISE_GROUP_USER) };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseBackup) last = NULL;
  char *states[N_GROUP_DATABASES];

  for (guint i = 0; i < N_GROUP_DATABASES; i++)
    couch_fixture_fill (fixture, GROUP_DATABASES[i], 4);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_autoptr (RepriseBackup) backup = change_and_back_up (fixture, groups[i], states);

      for (guint j = 0; j < N_GROUP_DATABASES; j++)
        g_free (states[j]);
    }
  reprise_service_set_setting (fixture->service, "keep-daily", "0");
  reprise_service_set_setting (fixture->service, "clean-up-days", "0");
  couch_fixture_connect (fixture);
  outcome = reprise_provider_compact (fixture->provider, fixture->vault, NULL, NULL, &error);
  g_assert_no_error (error);
  backups =
    reprise_vault_list (fixture->vault, reprise_service_get_uuid (fixture->service), NULL, NULL);
  g_assert_cmpuint (backups->len, ==, 3); /* the baseline; of a and b; of _users */
  last = change_and_back_up (fixture, REPRISE_GROUPS_ALL, states);
  for (guint i = 0; i < N_GROUP_DATABASES; i++)
    {
      g_autofree char *state = states[i];

      couch_fixture_assert_restores (fixture, last, GROUP_DATABASES[i], state);
    }
  couch_fixture_assert_tier (fixture, last, "_users", "daily");
}

/* A first backup of one group, and only then one of all: what it has is not read again, and the others begin. Of a database of which
 * only the design documents were backed up, the documents are read. */
static void
test_groups_first (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) user = NULL;
  g_autoptr (RepriseBackup) all = NULL;
  g_autoptr (RepriseBackup) design = NULL;
  g_autoptr (RepriseBackup) last = NULL;
  g_autofree char *users = NULL, *a = NULL, *b = NULL;

  couch_fixture_fill (fixture, "_users", 4);
  users = reprise_fake_couch_dump (fixture->server, "_users");
  user = couch_fixture_back_up_groups (fixture, REPRISE_GROUP_BIT (REPRISE_GROUP_USER));
  couch_fixture_fill (fixture, "a", 4);
  a = reprise_fake_couch_dump (fixture->server, "a");
  all = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, all, "_users", "daily");
  couch_fixture_assert_tier (fixture, all, "a", "baseline");
  couch_fixture_fill (fixture, "b", 4);
  b = reprise_fake_couch_dump (fixture->server, "b");
  design = couch_fixture_back_up_groups (fixture, REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED));
  couch_fixture_assert_tier (fixture, design, "a", "daily");
  couch_fixture_assert_tier (fixture, design, "b", "baseline");
  g_assert_cmpuint (couch_fixture_count_revisions (design, "b"), ==, 1);
  last = couch_fixture_back_up (fixture);
  couch_fixture_assert_tier (fixture, last, "_users", "daily");
  couch_fixture_assert_tier (fixture, last, "a", "daily");
  couch_fixture_assert_tier (fixture, last, "b", "baseline");
  couch_fixture_assert_restores (fixture, user, "_users", users);
  couch_fixture_assert_restores (fixture, last, "_users", users);
  couch_fixture_assert_restores (fixture, last, "a", a);
  couch_fixture_assert_restores (fixture, last, "b", b);
}

static guint
count_local (RepriseBackup *backup)
{
  g_autoptr (RepriseCouchShelf) shelf =
    reprise_couch_shelf_new_for_backup (reprise_backup_get_folder (backup), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) segments = reprise_couch_shelf_list_segments (shelf, "a", FALSE, &error);
  RepriseCouchSegment *last = segments->pdata[segments->len - 1];
  g_autoptr (RepriseCouchState) state = reprise_couch_state_new (segments, last->to, NULL, &error);
  g_auto (GStrv) names = reprise_couch_state_list_extras (state, &error);
  guint n = 0;

  g_assert_no_error (error);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GBytes) bytes = reprise_couch_state_read_extra (state, names[i], &error);

      n += g_str_has_prefix (names[i], "_local/") && bytes != NULL && g_bytes_get_size (bytes) > 0;
    }
  return n;
}

/* Local documents come and go with their setting; the rest goes on. */
static void
test_local_setting (CouchFixture *fixture, gconstpointer data)
{
  couch_fixture_fill (fixture, "a", 4);
  reprise_fake_couch_put_local (fixture->server, "a", "_local/x",
                                "{\"_id\":\"_local/x\",\"_rev\":\"0-1\",\"n\":1}");
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (RepriseBackup) backup = NULL;

      reprise_service_set_setting (fixture->service, "local-documents",
                                   i % 2 == 0 ? "false" : "true");
      couch_fixture_connect (fixture);
      backup = couch_fixture_back_up (fixture);
      couch_fixture_assert_tier (fixture, backup, "a", i == 0 ? "baseline" : "daily");
      g_assert_cmpuint (count_local (backup), ==, i % 2);
    }
}

/* With the server at fault in every way, a backup is right or there is none. */
static void
test_backup_faults (CouchFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *path;
    RepriseFakeFault fault;
    guint value;
  } faults[] = {
    { "_changes", REPRISE_FAKE_FAULT_CUT, 100 },    { "_changes", REPRISE_FAKE_FAULT_MIDDLE, 300 },
    { "_changes", REPRISE_FAKE_FAULT_STATUS, 429 }, { "_bulk_get", REPRISE_FAKE_FAULT_CUT, 900 },
    { "_bulk_get", REPRISE_FAKE_FAULT_MIDDLE, 50 }, { "_bulk_get", REPRISE_FAKE_FAULT_RESET, 0 },
    { "p.png", REPRISE_FAKE_FAULT_STATUS, 503 },    { "_security", REPRISE_FAKE_FAULT_STATUS, 500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *name = g_strdup_printf ("db-%u", i);
      g_autofree char *state = NULL;
      g_autoptr (RepriseBackup) backup = NULL;

      couch_fixture_fill (fixture, name, 25);
      state = reprise_fake_couch_dump (fixture->server, name);
      reprise_fake_couch_fail (fixture->server, faults[i].path, faults[i].fault, faults[i].value, 0,
                               3);
      backup = couch_fixture_back_up (fixture);
      couch_fixture_assert_restores (fixture, backup, name, state);
      reprise_fake_couch_drop (fixture->server, name);
    }
}

/* Days of changes: every backup can be restored exactly. */
static void
test_days (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRand) random = g_rand_new_with_seed (20261121);

  couch_fixture_fill (fixture, "orders", 30);
  for (guint day = 0; day < 5; day++)
    {
      for (guint i = 0; i < 6; i++)
        {
          g_autofree char *id = g_strdup_printf ("doc-%04d", g_rand_int_range (random, 4, 40));
          g_autofree char *members = g_strdup_printf ("\"day\":%u.0", day);
          int what = g_rand_int_range (random, 0, 10);

          couch_fixture_put (fixture, "orders", id, members);
          if (what == 0)
            reprise_fake_couch_delete (fixture->server, "orders", id);
          else if (what == 1)
            reprise_fake_couch_attach (fixture->server, "orders", id, "a", "text/plain", members,
                                       strlen (members));
          else if (what == 2)
            {
              g_autofree char *rev = g_strdup_printf ("1-%u%u", day, i);
              g_autofree char *made = reprise_fake_couch_put_rev (fixture->server, "orders", id,
                                                                  rev, NULL, "\"c\":1", FALSE);
            }
        }
      if (day % 4 == 3)
        reprise_fake_couch_rewind (fixture->server, "orders");
      g_ptr_array_add (states, reprise_fake_couch_dump (fixture->server, "orders"));
      g_ptr_array_add (backups, couch_fixture_back_up (fixture));
    }
  for (guint day = 0; day < backups->len; day++)
    couch_fixture_assert_restores (fixture, backups->pdata[day], "orders", states->pdata[day]);
}

/* The digest is of what the server has, and not of what a proxy makes of it; that is found out once. */
static void
test_zipped (CouchFixture *fixture, gconstpointer data)
{
  g_autofree char *state = NULL;
  g_autoptr (RepriseBackup) backup = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  reprise_fake_couch_zip (fixture->server);
  state = reprise_fake_couch_dump (fixture->server, "orders");
  backup = couch_fixture_back_up (fixture);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "/p.png"), ==, 2);
  couch_fixture_assert_restores (fixture, backup, "orders", state);
}

static RepriseCoverage *
find_coverage (GPtrArray *all, const char *name)
{
  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (((RepriseCoverage *) all->pdata[i])->name, name))
      return all->pdata[i];
  g_error ("there is no “%s”", name);
}

/* What a restore has made is not announced as a new database that somebody else made. */
static void
test_restored (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseBackup) later = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GPtrArray) all = NULL;
  JsonArray *found;

  couch_fixture_fill (fixture, "orders", 10);
  backup = couch_fixture_back_up (fixture);
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", "copy", NULL);
  g_assert_no_error (error);
  reprise_fake_couch_make (fixture->server, "shop");
  couch_fixture_put (fixture, "shop", "a", "\"n\":1");
  all = reprise_provider_list_collections (fixture->provider, fixture->vault, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (find_coverage (all, "copy")->state, ==, REPRISE_COVERAGE_INCLUDED);
  g_assert_false (find_coverage (all, "copy")->is_new);
  g_assert_cmpint (find_coverage (all, "shop")->state, ==, REPRISE_COVERAGE_NEW_INCLUDED);
  g_assert_true (find_coverage (all, "shop")->is_new);
  later = couch_fixture_back_up (fixture);
  manifest = reprise_vault_read_manifest (fixture->vault, later, &error);
  g_assert_no_error (error);
  found = reprise_json_get_array (reprise_manifest_get_provider (manifest), REPRISE_MANIFEST_NEW);
  g_assert_cmpuint (json_array_get_length (found), ==, 1);
  g_assert_cmpstr (json_array_get_string_element (found, 0), ==, "shop");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                              \
  g_test_add ("/couch-backup/" path, CouchFixture, NULL, couch_fixture_set_up, func, \
              couch_fixture_tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("rewind", test_rewind);
  ADD ("recreated", test_recreated);
  ADD ("recreated-unsaid", test_recreated_unsaid);
  ADD ("purged", test_purged);
  ADD ("purged-forgotten", test_purged_forgotten);
  ADD ("pending", test_pending);
  ADD ("resume", test_resume);
  ADD ("resume-others", test_resume_others);
  ADD ("choice", test_choice);
  ADD ("line", test_line);
  ADD ("groups", test_groups);
  ADD ("groups-rolled-up", test_groups_rolled_up);
  ADD ("groups-first", test_groups_first);
  ADD ("local-setting", test_local_setting);
  ADD ("backup-faults", test_backup_faults);
  ADD ("zipped", test_zipped);
  ADD ("days", test_days);
  ADD ("restored", test_restored);
  return g_test_run ();
}
