/* test-couch-server-roll-up.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-json.h"
#include "providers/couchdb/server/couch-server-fixture.h"
#include "reprise-fake-replicator.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

/* ---- roll-ups ---- */

/* Backups are made days apart: their records are put back in time. */
static void
age (CouchServerFixture *fixture, guint days)
{
  g_auto (GStrv) names = reprise_fake_couch_list (fixture->home);

  for (guint i = 0; names[i] != NULL; i++)
    {
      static const char *const TIMES[] = { "from", "to", "made", "rolled_at" };
      g_autofree char *text =
        reprise_fake_couch_dup_local (fixture->home, names[i], "_local/reprise");
      g_autoptr (JsonNode) node = text != NULL ? json_from_string (text, NULL) : NULL;
      g_autofree char *later = NULL;

      if (node == NULL)
        continue;
      for (guint j = 0; j < G_N_ELEMENTS (TIMES); j++)
        {
          JsonObject *record = json_node_get_object (node);
          const char *time = reprise_json_get_string (record, TIMES[j], NULL);
          g_autoptr (GDateTime) at =
            time != NULL ? g_date_time_new_from_iso8601 (time, NULL) : NULL;
          g_autoptr (GDateTime) before = at != NULL ? g_date_time_add_days (at, -(int) days) : NULL;
          g_autofree char *changed = before != NULL ? g_date_time_format_iso8601 (before) : NULL;

          if (changed != NULL)
            json_object_set_string_member (record, TIMES[j], changed);
        }
      later = json_to_string (node, FALSE);
      reprise_fake_couch_put_local (fixture->home, names[i], "_local/reprise", later);
    }
}

static char *
roll_up (CouchServerFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome =
    reprise_provider_compact (fixture->provider, fixture->vault, fixture->progress, NULL, &error);

  g_assert_no_error (error);
  return g_strdup (outcome->summary);
}

static guint
count_tier (CouchServerFixture *fixture, const char *tier)
{
  g_auto (GStrv) names = reprise_fake_couch_list (fixture->home);
  g_autofree char *start = g_strdup_printf ("original-%s-", tier);
  guint n = 0;

  for (guint i = 0; names[i] != NULL; i++)
    n += g_str_has_prefix (names[i], start);
  return n;
}

static RepriseBackup *
find_point (GPtrArray *backups, guint n)
{
  return backups->pdata[backups->len - 1 - n];
}

/* A baseline and five days; two are kept. @states: what the database was like, by day */
static void
simulate (CouchServerFixture *fixture, GPtrArray *states)
{
  couch_server_fixture_set (fixture, "keep-daily", "2");
  couch_server_fixture_set (fixture, "keep-weekly", "4");
  couch_server_fixture_set (fixture, "clean-up-days", "7");
  couch_server_fixture_connect_provider (fixture);
  for (guint day = 0; day < 6; day++)
    {
      g_autofree char *id = g_strdup_printf ("day-%u", day);
      g_autofree char *members = g_strdup_printf ("\"n\":%u", day);
      g_autoptr (RepriseBackup) made = NULL;

      age (fixture, 1);
      g_free (reprise_fake_couch_put (fixture->home, "original", id, members));
      g_free (reprise_fake_couch_put (fixture->home, "original", "a", members));
      if (day == 3)
        reprise_fake_couch_delete (fixture->home, "original", "b");
      made = couch_server_fixture_back_up (fixture);
      g_ptr_array_add (states, reprise_fake_couch_dump (fixture->home, "original"));
    }
}

/* The documents alone: what an aside would bring back is not asked for. */
static char *
without_design (const char *dump)
{
  g_auto (GStrv) lines = g_strsplit (dump, "\n", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    if (strstr (lines[i], "\"_design/") == NULL)
      g_string_append_printf (text, "%s\n", lines[i]);
  return g_string_free (text, FALSE);
}

static void
assert_point (CouchServerFixture *fixture, RepriseBackup *backup, const char *state)
{
  g_autofree char *target = g_strdup_printf ("scratch-%s", reprise_backup_get_id (backup));
  g_autofree char *got = NULL, *wanted = without_design (state);

  couch_server_fixture_restore (fixture, backup, target);
  got = reprise_fake_couch_dump (fixture->home, target);
  g_assert_cmpstr (got, ==, wanted);
  reprise_fake_couch_drop (fixture->home, target);
}

/* The oldest days go into weeks; every point that the tiers promise comes back exactly; what was rolled up stays for its delay. */
static void
test_roll_up (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) backups = NULL, after = NULL;
  g_autoptr (RepriseCompactPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *summary = NULL, *again = NULL, *later = NULL;
  guint n_weekly, n_writes;

  simulate (fixture, states);
  n_writes = reprise_fake_couch_get_n_writes (fixture->home);
  plan = reprise_provider_plan_compact (fixture->provider, fixture->vault, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->home), ==, n_writes);
  g_assert_cmpuint (plan->n_roll_ups, >=, 1);
  g_assert_cmpint (plan->freed_bytes, ==, 0);
  {
    const RepriseCompactStep *step = plan->steps->pdata[0];
    const RepriseCompactSource *source = step->sources->pdata[0];

    g_assert_cmpint (step->tier, ==, REPRISE_TIER_WEEKLY);
    g_assert_true (g_str_has_prefix (source->backup_id, "original-daily-"));
  }

  summary = roll_up (fixture);
  g_assert_nonnull (strstr (summary, "On the server"));
  n_weekly = count_tier (fixture, "weekly");
  g_assert_cmpuint (n_weekly, >=, 1);
  g_assert_cmpuint (n_weekly, <=, 2); /* the days may lie across a Monday */
  g_assert_cmpuint (count_tier (fixture, "daily"), ==, 5);
  backups = couch_server_fixture_list (fixture);
  g_assert_cmpuint (backups->len, >=, 4);
  assert_point (fixture, backups->pdata[0], states->pdata[5]);
  assert_point (fixture, backups->pdata[1], states->pdata[4]);
  assert_point (fixture, backups->pdata[2], states->pdata[3]); /* the end of the weeks */
  assert_point (fixture, find_point (backups, 0), states->pdata[0]);

  again = roll_up (fixture);
  g_assert_cmpuint (count_tier (fixture, "daily"), ==, 5);
  age (fixture, 8);
  later = roll_up (fixture);
  g_assert_nonnull (strstr (later, "3 rolled-up backups deleted"));
  g_assert_cmpuint (count_tier (fixture, "daily"), ==, 2);
  after = couch_server_fixture_list (fixture);
  assert_point (fixture, after->pdata[0], states->pdata[5]);
  assert_point (fixture, after->pdata[1], states->pdata[4]);
  assert_point (fixture, after->pdata[2], states->pdata[3]);
}

/* What lies in the vault goes when no point on the server needs it any more, and not before. */
static void
test_asides (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) asides = NULL;
  g_autoptr (RepriseCompactPlan) plan = NULL;
  g_autofree char *summary = NULL, *again = NULL;
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture),
                            first_aside = couch_server_fixture_keep_aside (fixture, first);
  g_autoptr (RepriseBackup) second = couch_server_fixture_back_up (fixture),
                            second_aside = couch_server_fixture_keep_aside (fixture, second);
  g_autoptr (RepriseBackup) third = couch_server_fixture_back_up (fixture),
                            third_aside = couch_server_fixture_keep_aside (fixture, third);

  summary = roll_up (fixture);
  asides =
    reprise_vault_list (fixture->vault, reprise_service_get_uuid (fixture->service), NULL, NULL);
  g_assert_cmpuint (asides->len, ==, 3);
  reprise_provider_delete_backup (fixture->provider, third, NULL, NULL, &error);
  g_assert_no_error (error);
  plan = reprise_provider_plan_compact (fixture->provider, fixture->vault, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plan->steps->len, ==, 1);
  g_assert_cmpint (plan->freed_bytes, >, 0);
  again = roll_up (fixture);
  g_assert_nonnull (strstr (again, "1 rolled-up backup deleted"));
  g_clear_pointer (&asides, g_ptr_array_unref);
  asides =
    reprise_vault_list (fixture->vault, reprise_service_get_uuid (fixture->service), NULL, NULL);
  g_assert_cmpuint (asides->len, ==, 2);
}

/* One that is not written as a whole takes nothing away, and is begun again. */
static void
test_broken_roll_up (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *summary = NULL;

  simulate (fixture, states);
  reprise_fake_replicator_set_failures (fixture->replicator, 1);
  g_assert_null (
    reprise_provider_compact (fixture->provider, fixture->vault, fixture->progress, NULL, &error));
  g_assert_nonnull (strstr (error->message, "could not be written"));
  g_assert_cmpuint (count_tier (fixture, "daily"), ==, 5);
  reprise_fake_replicator_set_failures (fixture->replicator, 0);
  backups = couch_server_fixture_list (fixture);
  assert_point (fixture, backups->pdata[0], states->pdata[5]);
  summary = roll_up (fixture);
  g_clear_pointer (&backups, g_ptr_array_unref);
  backups = couch_server_fixture_list (fixture);
  assert_point (fixture, backups->pdata[0], states->pdata[5]);
  assert_point (fixture, backups->pdata[2], states->pdata[3]);
}

/* A restart in the middle: the next one finishes it. */
static void
test_resumed_roll_up (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *summary = NULL;
  guint n_broken = 0;

  simulate (fixture, states);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (RepriseOutcome) outcome = NULL;

      reprise_fake_couch_fail (fixture->home, "_scheduler", REPRISE_FAKE_FAULT_RESET, 0, 3 * i + 1,
                               50);
      outcome =
        reprise_provider_compact (fixture->provider, fixture->vault, fixture->progress, NULL, NULL);
      n_broken += outcome == NULL;
      reprise_fake_couch_fail_no_more (fixture->home);
      couch_server_fixture_connect_provider (fixture);
    }
  g_assert_cmpuint (n_broken, >=, 1);
  summary = roll_up (fixture);
  backups = couch_server_fixture_list (fixture);
  assert_point (fixture, backups->pdata[0], states->pdata[5]);
  assert_point (fixture, backups->pdata[1], states->pdata[4]);
  assert_point (fixture, backups->pdata[2], states->pdata[3]);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(name, func)                                                                           \
  g_test_add ("/couch/server/" name, CouchServerFixture, NULL, couch_server_fixture_set_up, func, \
              couch_server_fixture_tear_down)
  ADD ("roll-up", test_roll_up);
  ADD ("asides", test_asides);
  ADD ("broken-roll-up", test_broken_roll_up);
  ADD ("resumed-roll-up", test_resumed_roll_up);
#undef ADD
  return g_test_run ();
}
