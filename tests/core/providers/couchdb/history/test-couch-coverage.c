/* test-couch-coverage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "reprise-fake-couch.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

typedef struct
{
  RepriseFakeCouch *server;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseVault *vault;
  char *folder;
} Fixture;

/* Settings are read when a provider is made. */
static void
connect_provider (Fixture *fixture)
{
  RepriseCouchClient *client;

  g_clear_object (&fixture->provider);
  fixture->provider = reprise_kind_create_provider (fixture->kind, fixture->service, NULL);
  client = reprise_couch_provider_get_client (REPRISE_COUCH_PROVIDER (fixture->provider), NULL);
  reprise_http_set_backoff (reprise_couch_client_get_http (client), 1, 5);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  fixture->server = reprise_fake_couch_new (NULL, NULL);
  fixture->kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  fixture->service = reprise_service_new (NULL, "couchdb", "Test");
  fixture->folder = reprise_test_make_folder ();
  fixture->vault = reprise_vault_new (fixture->folder);
  address = reprise_fake_couch_dup_address (fixture->server);
  reprise_service_set_setting (fixture->service, "address", address);
  reprise_service_set_setting (fixture->service, "sign-in", "none");
  connect_provider (fixture);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, NULL));
  reprise_fake_couch_make (fixture->server, "orders");
  g_free (reprise_fake_couch_put (fixture->server, "orders", "a", "\"n\":1"));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->provider);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->kind);
  reprise_fake_couch_free (fixture->server);
  reprise_test_remove_folder (fixture->folder);
}

/* (transfer full): a backup as the job makes it, verified or not; @n_warnings: how many there must be */
static RepriseBackup *
back_up (Fixture *fixture, gboolean verified, guint n_warnings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (JsonObject) members = json_object_new ();
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  g_auto (GStrv) warnings = NULL;
  RepriseBackup *backup;

  g_assert_no_error (error);
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, progress, NULL,
                            &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (warnings == NULL ? 0 : g_strv_length (warnings), ==, n_warnings);
  if (!verified)
    return backup;
  json_object_set_string_member (members, "depth", "full");
  reprise_vault_add_event (fixture->vault, reprise_backup_get_id (backup), "verified", members,
                           &error);
  g_assert_no_error (error);
  return backup;
}

static GPtrArray *
list (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *all =
    reprise_provider_list_collections (fixture->provider, fixture->vault, NULL, NULL, &error);

  g_assert_no_error (error);
  return all;
}

static const RepriseCoverage *
find (GPtrArray *all, const char *name)
{
  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (((RepriseCoverage *) all->pdata[i])->name, name))
      return all->pdata[i];
  g_error ("There is no %s", name);
}

static void
test_states (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) before = list (fixture);
  const RepriseCoverage *orders = find (before, "orders");
  g_autoptr (RepriseBackup) backup = NULL;
  g_autofree char *tiers = NULL;

  g_assert_cmpint (orders->state, ==, REPRISE_COVERAGE_INCLUDED);
  g_assert_false (orders->is_new);
  g_assert_cmpint (orders->last, ==, REPRISE_COVERAGE_NEVER);
  g_assert_null (orders->last_at);
  g_assert_cmpint (orders->rows, ==, 1);
  g_clear_pointer (&before, g_ptr_array_unref);
  backup = back_up (fixture, TRUE, 0);
  g_assert_cmpint (reprise_backup_get_tier (backup), ==, REPRISE_TIER_BASELINE);
  reprise_fake_couch_make (fixture->server, "shop");
  before = list (fixture);
  orders = find (before, "orders");
  g_assert_cmpint (orders->last, ==, REPRISE_COVERAGE_VERIFIED);
  g_assert_cmpstr (orders->backup_id, ==, reprise_backup_get_id (backup));
  g_assert_cmpint (orders->backup_tier, ==, REPRISE_TIER_BASELINE);
  g_assert_cmpuint (orders->tiers[REPRISE_TIER_BASELINE], ==, 1);
  tiers = reprise_coverage_dup_tiers_text (orders);
  g_assert_cmpstr (tiers, ==, "1 baseline");
  g_assert_cmpint (find (before, "shop")->state, ==, REPRISE_COVERAGE_NEW_INCLUDED);
  g_assert_true (find (before, "shop")->is_new);
  g_clear_object (&backup);
  backup = back_up (fixture, FALSE, 0);
  g_assert_cmpint (reprise_backup_get_tier (backup), ==, REPRISE_TIER_DAILY);
  reprise_fake_couch_drop (fixture->server, "orders");
  reprise_service_set_setting (fixture->service, "except", "shop");
  connect_provider (fixture);
  g_clear_pointer (&before, g_ptr_array_unref);
  before = list (fixture);
  orders = find (before, "orders");
  g_assert_cmpint (orders->state, ==, REPRISE_COVERAGE_GONE);
  g_assert_cmpint (orders->last, ==, REPRISE_COVERAGE_UNVERIFIED);
  g_assert_cmpint (orders->rows, ==, REPRISE_NOT_REPORTED);
  g_assert_cmpuint (orders->tiers[REPRISE_TIER_DAILY], ==, 1);
  g_assert_cmpint (find (before, "shop")->state, ==, REPRISE_COVERAGE_EXCLUDED);
  g_assert_nonnull (find (before, "shop")->reason);
}

/* A new one that is not included is told once, stays out, and comes in when it is named. */
static void
test_new (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture, TRUE, 0);
  g_autoptr (RepriseBackup) second = NULL, third = NULL, fourth = NULL;
  g_autoptr (GPtrArray) all = NULL;

  reprise_service_set_setting (fixture->service, "include-new", "false");
  connect_provider (fixture);
  reprise_fake_couch_make (fixture->server, "shop");
  all = list (fixture);
  g_assert_cmpint (find (all, "shop")->state, ==, REPRISE_COVERAGE_NEW_EXCLUDED);
  g_assert_true (find (all, "shop")->is_new);
  second = back_up (fixture, TRUE, 1);
  g_clear_pointer (&all, g_ptr_array_unref);
  all = list (fixture);
  g_assert_cmpint (find (all, "shop")->state, ==, REPRISE_COVERAGE_NEW_EXCLUDED);
  g_assert_false (find (all, "shop")->is_new);
  g_assert_cmpint (find (all, "shop")->last, ==, REPRISE_COVERAGE_NEVER);
  third = back_up (fixture, TRUE, 0);
  reprise_service_set_setting (fixture->service, "databases", "* shop");
  connect_provider (fixture);
  fourth = back_up (fixture, TRUE, 0);
  g_clear_pointer (&all, g_ptr_array_unref);
  all = list (fixture);
  g_assert_cmpint (find (all, "shop")->state, ==, REPRISE_COVERAGE_INCLUDED);
  g_assert_cmpint (find (all, "shop")->last, ==, REPRISE_COVERAGE_VERIFIED);
  g_assert_cmpstr (find (all, "shop")->backup_id, ==, reprise_backup_get_id (fourth));
}

/* What the last backup was to take in and could not; what is damaged. */
static void
test_problems (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL;
  g_autoptr (JsonObject) members = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = NULL;

  reprise_service_set_setting (fixture->service, "databases", "orders lost");
  connect_provider (fixture);
  first = back_up (fixture, TRUE, 1);
  all = list (fixture);
  g_assert_cmpint (find (all, "lost")->state, ==, REPRISE_COVERAGE_GONE);
  g_assert_cmpint (find (all, "lost")->last, ==, REPRISE_COVERAGE_FAILED);
  g_assert_nonnull (find (all, "lost")->problem);
  g_assert_cmpint (find (all, "orders")->last, ==, REPRISE_COVERAGE_VERIFIED);
  json_object_set_string_member (members, "text", "It is torn.");
  reprise_vault_add_event (fixture->vault, reprise_backup_get_id (first), "damaged", members,
                           &error);
  g_assert_no_error (error);
  g_clear_pointer (&all, g_ptr_array_unref);
  all = list (fixture);
  g_assert_cmpint (find (all, "orders")->last, ==, REPRISE_COVERAGE_DAMAGED);
  g_assert_cmpstr (find (all, "orders")->problem, ==, "It is torn.");
}

/* A backup that was broken off shows with the databases that it is of. */
static void
test_broken_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  g_autoptr (GPtrArray) all = NULL;

  g_assert_no_error (error);
  reprise_fake_couch_fail (fixture->server, "_bulk_get", REPRISE_FAKE_FAULT_STATUS, 401, 0, 9);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, NULL));
  g_clear_object (&writer);
  all = list (fixture);
  g_assert_cmpint (find (all, "orders")->last, ==, REPRISE_COVERAGE_PARTIAL);
  g_assert_nonnull (find (all, "orders")->problem);
}

static RepriseCompactPlan *
plan (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseCompactPlan *result =
    reprise_provider_plan_compact (fixture->provider, fixture->vault, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static void
compact (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome =
    reprise_provider_compact (fixture->provider, fixture->vault, NULL, NULL, &error);

  g_assert_no_error (error);
}

static guint
count_backups (Fixture *fixture)
{
  g_autoptr (GPtrArray) backups =
    reprise_vault_list (fixture->vault, reprise_service_get_uuid (fixture->service), NULL, NULL);

  return backups->len;
}

/* The preview names what is rolled up, with its date; nothing goes before that, and what is kept not at all. */
static void
test_plan (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture, TRUE, 0);
  g_autoptr (RepriseBackup) second = NULL, third = NULL, found = NULL;
  g_autoptr (RepriseCompactPlan) before = plan (fixture);
  g_autoptr (GError) error = NULL;
  const RepriseCompactStep *step;
  const RepriseCompactSource *source;

  g_assert_cmpuint (before->steps->len, ==, 0);
  reprise_service_set_setting (fixture->service, "keep-daily", "1");
  connect_provider (fixture);
  g_free (reprise_fake_couch_put (fixture->server, "orders", "b", "\"n\":2"));
  second = back_up (fixture, TRUE, 0);
  g_free (reprise_fake_couch_put (fixture->server, "orders", "c", "\"n\":3"));
  third = back_up (fixture, TRUE, 0);
  reprise_service_set_setting (fixture->service, "keep-daily", "0");
  connect_provider (fixture);
  g_clear_pointer (&before, reprise_compact_plan_free);
  before = plan (fixture);
  g_assert_cmpuint (before->n_roll_ups, ==, 1);
  step = before->steps->pdata[0];
  g_assert_cmpint (step->action, ==, REPRISE_COMPACT_ROLL_UP);
  g_assert_cmpint (step->tier, ==, REPRISE_TIER_WEEKLY);
  g_assert_cmpstr (step->collections[0], ==, "orders");
  g_assert_cmpuint (step->sources->len, ==, 2);
  source = step->sources->pdata[0];
  g_assert_cmpstr (source->backup_id, ==, reprise_backup_get_id (second));
  g_assert_cmpint (source->tier, ==, REPRISE_TIER_DAILY);
  g_assert_cmpint (source->size_bytes, >, 0);
  g_assert_cmpuint (step->lost->len, ==, 1);
  g_assert_true (g_date_time_equal (step->lost->pdata[0], reprise_backup_get_created_at (second)));
  g_assert_nonnull (step->deleted_at);
  g_assert_cmpint (before->freed_bytes, ==, 0);
  g_assert_cmpint (before->later_bytes, ==, step->size_bytes);
  g_assert_cmpuint (count_backups (fixture), ==, 3);

  compact (fixture);
  g_assert_cmpuint (count_backups (fixture), ==, 4); /* the delay has not passed */
  g_clear_pointer (&before, reprise_compact_plan_free);
  before = plan (fixture);
  g_assert_cmpuint (before->n_roll_ups, ==, 0);
  g_assert_cmpuint (before->steps->len, ==, 2);
  step = before->steps->pdata[0];
  g_assert_cmpint (step->action, ==, REPRISE_COMPACT_DELETE);
  g_assert_true (step->rolled_up);
  g_assert_false (step->due);
  g_assert_nonnull (step->deleted_at);
  found = reprise_vault_find (fixture->vault, reprise_backup_get_id (second), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_date_time_equal (reprise_backup_get_leaving_at (found), step->deleted_at));

  reprise_vault_add_event (fixture->vault, reprise_backup_get_id (second), "kept", NULL, &error);
  g_assert_no_error (error);
  reprise_service_set_setting (fixture->service, "clean-up-days", "0");
  connect_provider (fixture);
  g_clear_object (&found);
  found = reprise_vault_find (fixture->vault, reprise_backup_get_id (second), NULL, &error);
  g_assert_null (reprise_backup_get_leaving_at (found));
  g_clear_pointer (&before, reprise_compact_plan_free);
  before = plan (fixture);
  for (guint i = 0; i < before->steps->len; i++)
    {
      step = before->steps->pdata[i];
      source = step->sources->pdata[0];
      if (g_str_equal (source->backup_id, reprise_backup_get_id (second)))
        g_assert_true (step->kept && !step->due);
      else
        g_assert_true (step->due);
    }
  g_assert_cmpint (before->freed_bytes, >, 0);
  compact (fixture);
  g_assert_cmpuint (count_backups (fixture), ==, 3);
  g_clear_object (&found);
  found = reprise_vault_find (fixture->vault, reprise_backup_get_id (second), NULL, &error);
  g_assert_no_error (error);
}

/* What became of the two settings after a database was taken in or left out. */
static void
check_choice (Fixture *fixture,
              const char *database,
              gboolean included,
              const char *databases,
              const char *except)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
    reprise_kind_choose_collection (fixture->kind, fixture->service, database, included, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_service_get_setting (fixture->service, "databases"), ==, databases);
  g_assert_cmpstr (reprise_service_get_setting (fixture->service, "except"), ==, except);
}

/* Left out by its name and taken in again; the patterns that somebody wrote stay. */
/* Who may not list the databases is told so, and not that there are none. */
static void
test_denied (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_couch_fail (fixture->server, "_all_dbs", REPRISE_FAKE_FAULT_STATUS, 403, 0, 10);
  none = reprise_provider_list_collections (fixture->provider, fixture->vault, NULL, NULL, &error);
  g_assert_null (none);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DENIED);
  reprise_service_set_setting (fixture->service, "databases", "orders");
  connect_provider (fixture);
  {
    g_autoptr (GPtrArray) all = list (fixture);

    g_assert_cmpuint (all->len, ==, 1);
  }
}

static void
test_choose (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  check_choice (fixture, "orders", FALSE, NULL, "orders");
  check_choice (fixture, "orders", FALSE, NULL, "orders"); /* once is enough */
  connect_provider (fixture);
  {
    g_autoptr (GPtrArray) all = list (fixture);

    g_assert_cmpint (find (all, "orders")->state, ==, REPRISE_COVERAGE_EXCLUDED);
  }
  check_choice (fixture, "orders", TRUE, NULL, "");
  reprise_service_set_setting (fixture->service, "databases", "shop-*");
  reprise_service_set_setting (fixture->service, "except", "tmp-*");
  check_choice (fixture, "shop-1", TRUE, "shop-*", "tmp-*");
  check_choice (fixture, "orders", TRUE, "shop-* orders", "tmp-*");
  check_choice (fixture, "shop-1", FALSE, "shop-* orders", "tmp-* shop-1");
  g_assert_false (
    reprise_kind_choose_collection (fixture->kind, fixture->service, "tmp-1", TRUE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_false (reprise_kind_choose_collection (fixture->kind, fixture->service,
                                                  "_global_changes", TRUE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  reprise_service_set_setting (fixture->service, "databases", "");
  reprise_service_set_setting (fixture->service, "include-new", "false");
  check_choice (fixture, "leads", TRUE, "* leads", "tmp-* shop-1"); /* all, and this new one */
}

static char *
read_local (Fixture *fixture, RepriseBackup *backup, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchShelf) shelf =
    reprise_couch_shelf_new_for_backup (reprise_backup_get_folder (backup), &error);
  RepriseCouchRun *run = reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (backup));
  g_autoptr (GPtrArray) segments =
    reprise_couch_shelf_list_segments (shelf, "orders", FALSE, &error);
  g_autoptr (RepriseCouchState) state =
    reprise_couch_state_new (segments, reprise_couch_run_get_point (run), NULL, &error);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_no_error (error);
  bytes = reprise_couch_state_read_extra (state, name, NULL);
  return bytes == NULL ? NULL
                       : g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* A local document that vanished is not in later points, also after a roll-up; it stays in the earlier ones. */
static void
test_local (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL, third = NULL;
  g_autofree char *before = NULL, *after = NULL, *again = NULL, *rolled = NULL;

  reprise_service_set_setting (fixture->service, "local-documents", "true");
  reprise_service_set_setting (fixture->service, "keep-daily", "0");
  connect_provider (fixture);
  reprise_fake_couch_put_local (fixture->server, "orders", "_local/note",
                                "{\"_id\":\"_local/note\",\"_rev\":\"0-1\",\"n\":1}");
  first = back_up (fixture, TRUE, 0);
  before = read_local (fixture, first, "_local/note");
  g_assert_nonnull (strstr (before, "\"n\":1"));
  reprise_fake_couch_drop_local (fixture->server, "orders", "_local/note");
  second = back_up (fixture, TRUE, 0);
  after = read_local (fixture, second, "_local/note");
  g_assert_null (after);
  third = back_up (fixture, TRUE, 0);
  compact (fixture);
  rolled = read_local (fixture, third, "_local/note");
  g_assert_null (rolled);
  again = read_local (fixture, first, "_local/note");
  g_assert_cmpstr (again, ==, before);
}

#define ADD(path, func) g_test_add ("/couch-coverage/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  ADD ("states", test_states);
  ADD ("new", test_new);
  ADD ("problems", test_problems);
  ADD ("broken-off", test_broken_off);
  ADD ("plan", test_plan);
  ADD ("local", test_local);
  ADD ("choose", test_choose);
  ADD ("denied", test_denied);
  return g_test_run ();
}
