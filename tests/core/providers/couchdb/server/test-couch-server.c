/* test-couch-server.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-kind.h"
#include "providers/couchdb/server/couch-server-fixture.h"
#include "providers/couchdb/server/reprise-couch-delta.h"
#include "reprise-fake-replicator.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

static JsonObject *
read_record (RepriseFakeCouch *server, const char *database)
{
  g_autofree char *text = reprise_fake_couch_dup_local (server, database, "_local/reprise");
  g_autoptr (GError) error = NULL;
  JsonObject *record;

  g_assert_nonnull (text);
  couch_server_fixture_assert_clean (text);
  record = reprise_json_parse_object (text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  return record;
}

/* A baseline, and then what has changed since, from where the baseline ended. */
static void
test_increments (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture);
  g_autoptr (RepriseBackup) second = NULL;
  g_autofree char *baseline = couch_server_fixture_make_name (first, "baseline"), *delta = NULL,
                  *log = NULL;
  g_autoptr (JsonObject) record = NULL, next = NULL;
  g_autoptr (JsonObject) started = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) backups = NULL;

  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, baseline), ==, 2);
  record = read_record (fixture->home, baseline);
  g_assert_cmpstr (reprise_json_get_string (record, "tier", NULL), ==, "baseline");
  g_assert_cmpstr (reprise_json_get_string (record, "source", NULL), ==, "original");
  g_assert_null (reprise_json_get_string (record, "since_seq", NULL));
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":3"));
  reprise_fake_couch_delete (fixture->home, "original", "b");

  second = couch_server_fixture_back_up (fixture);
  delta = couch_server_fixture_make_name (second, "daily");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, delta), ==, 1);
  next = read_record (fixture->home, delta);
  g_assert_cmpstr (reprise_json_get_string (next, "since_seq", NULL), ==,
                   reprise_json_get_string (record, "sequence", "none"));
  g_assert_cmpstr (reprise_json_get_string (next, "from", NULL), ==,
                   reprise_json_get_string (record, "to", "none"));
  text = reprise_fake_replicator_dup_started (fixture->replicator, 1);
  started = reprise_json_parse_object (text, strlen (text), NULL, NULL);
  g_assert_cmpstr (reprise_json_get_string (started, "since_seq", NULL), ==,
                   reprise_json_get_string (record, "sequence", "none"));
  log = reprise_progress_dup_log_text (fixture->progress);
  g_assert_nonnull (strstr (log, "original: a baseline: there is no earlier backup"));
  g_assert_nonnull (strstr (log, "which needs about"));
  g_assert_nonnull (strstr (log, "takes the place of the replication’s checkpoint"));

  backups = couch_server_fixture_list (fixture);
  g_assert_cmpuint (backups->len, ==, 2);
  g_assert_cmpstr (reprise_backup_get_id (backups->pdata[0]), ==, reprise_backup_get_id (second));
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[0]), ==, REPRISE_TIER_DAILY);
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[1]), ==, REPRISE_TIER_BASELINE);
  g_assert_cmpint (reprise_backup_get_state (backups->pdata[1]), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_true (reprise_backup_get_on_service (backups->pdata[1]));
}

/* Completed with failures is no backup: it says so, and the next one goes on from the last whole one. */
static void
test_partial (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture), second = NULL,
                            third = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  g_free (reprise_fake_couch_put (fixture->home, "original", "c", "\"n\":3"));
  reprise_fake_couch_make (fixture->home, "another");
  reprise_fake_replicator_set_failures (fixture->replicator, 1);
  second = couch_server_fixture_back_up (fixture); /* “another” is empty, and whole */
  g_assert_cmpint (reprise_backup_get_state (second), ==, REPRISE_BACKUP_PARTIAL);
  g_assert_nonnull (strstr (reprise_backup_get_own_state (second), "1 document could not"));
  {
    g_auto (GStrv) warnings = reprise_progress_dup_warnings (fixture->progress);

    g_assert_nonnull (strstr (warnings[0], "original"));
  }
  reprise_fake_replicator_set_failures (fixture->replicator, 0);
  third = couch_server_fixture_back_up (fixture);
  name = couch_server_fixture_make_name (third, "daily");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, name), ==, 1); /* “c” again */
  couch_server_fixture_restore (fixture, third, "scratch");
  backups = couch_server_fixture_list (fixture);
  g_assert_cmpint (reprise_backup_get_state (backups->pdata[1]), ==, REPRISE_BACKUP_PARTIAL);
}

/* Where nothing at all is whole it failed, and says why. */
static void
test_crashing (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_fake_replicator_set_script (fixture->replicator, "404 initializing crashing");
  g_assert_null (couch_server_fixture_try_back_up (fixture, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "as it goes"));
}

/* A database that was made anew, and purges, ask for a new baseline. */
static void
test_breaks (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture), second = NULL,
                            third = NULL;
  g_autofree char *name = NULL, *name2 = NULL, *log = NULL;

  reprise_fake_couch_purge (fixture->home, "original", "a");
  second = couch_server_fixture_back_up (fixture);
  name = couch_server_fixture_make_name (second, "baseline");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, name), ==, 1);
  reprise_fake_couch_drop (fixture->home, "original");
  reprise_fake_couch_make (fixture->home, "original");
  third = couch_server_fixture_back_up (fixture);
  name2 = couch_server_fixture_make_name (third, "baseline");
  g_assert_true (reprise_fake_couch_has (fixture->home, name2));
  log = reprise_progress_dup_log_text (fixture->progress);
  g_assert_nonnull (strstr (log, "documents were purged"));
  g_assert_nonnull (strstr (log, "the database was made anew"));
}

static void
test_full_copies (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL;
  g_autofree char *name = NULL;

  couch_server_fixture_set (fixture, "server-mode", "full");
  couch_server_fixture_connect_provider (fixture);
  first = couch_server_fixture_back_up (fixture);
  second = couch_server_fixture_back_up (fixture);
  name = couch_server_fixture_make_name (second, "baseline");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, name), ==, 2);
}

/* The server goes on when we are gone; the next backup finishes it first. */
static void
test_resumed (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) left = NULL;
  g_autofree char *journal = NULL;

  reprise_fake_replicator_set_script (fixture->replicator,
                                      "404 initializing running running running completed");
  reprise_fake_couch_fail (fixture->home, "_scheduler", REPRISE_FAKE_FAULT_RESET, 0, 2, 50);
  g_assert_null (couch_server_fixture_try_back_up (fixture, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (reprise_fake_replicator_get_n_documents (fixture->replicator), ==, 1);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_nonnull (left);
  g_assert_true (g_file_get_contents (reprise_journal_get_path (left), &journal, NULL, NULL));
  couch_server_fixture_assert_clean (journal);
  reprise_fake_couch_fail_no_more (fixture->home);
  couch_server_fixture_connect_provider (fixture);
  g_free (reprise_fake_couch_put (fixture->home, "original", "c", "\"n\":3"));
  second = couch_server_fixture_back_up (fixture);
  backups = couch_server_fixture_list (fixture);
  g_assert_cmpuint (backups->len, ==, 2);
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[0]), ==, REPRISE_TIER_DAILY);
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[1]), ==, REPRISE_TIER_BASELINE);
  g_clear_object (&left);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_null (left);
}

/* Of an account with very many databases the journal is large, and is read all the same. */
static void
test_large_journal (CouchServerFixture *fixture, gconstpointer data)
{
  const char *uuid = reprise_service_get_uuid (fixture->service);
  g_autoptr (RepriseJournal) journal = reprise_journal_create (uuid, "large", NULL);
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *value = g_strnfill (3 * 1024 * 1024, 'x');

  g_assert_true (reprise_journal_set (journal, "large", value, NULL));
  left = reprise_journal_open_left (uuid, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_journal_get (left, "large"), ==, value);
  g_assert_true (reprise_journal_close (left, NULL));
}

typedef struct
{
  CouchServerFixture *fixture;
  GCancellable *cancellable;
} Stopper;

static gpointer
stop_worker (gpointer data)
{
  Stopper *self = data;

  while (reprise_fake_replicator_get_n_started (self->fixture->replicator) == 0)
    g_usleep (1000);
  g_usleep (20 * 1000);
  g_cancellable_cancel (self->cancellable);
  return NULL;
}

/* What was stopped does not go on by itself, and leaves nothing. */
static void
test_stopped (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) left = NULL;
  g_auto (GStrv) names = NULL;
  Stopper stopper = { fixture, cancellable };
  GThread *thread;

  reprise_fake_replicator_set_script (fixture->replicator, "404 running");
  thread = g_thread_new ("stop", stop_worker, &stopper);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, NULL,
                                            fixture->progress, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  names = reprise_fake_couch_list (fixture->home);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_null (left);
}

/* A backup that later ones go on from stays; the newest may go. */
static void
test_delete (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture),
                            second = couch_server_fixture_back_up (fixture);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (reprise_provider_delete_backup (fixture->provider, first, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&error);
  reprise_provider_delete_backup (fixture->provider, second, NULL, NULL, &error);
  g_assert_no_error (error);
  backups = couch_server_fixture_list (fixture);
  g_assert_cmpuint (backups->len, ==, 1);
}

/* Our own engine leaves them out, and so does the server: a backup of backups is of no use. */
static void
test_left_out (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents =
    reprise_provider_list_groups (fixture->provider, NULL, NULL, &error);
  g_autofree char *name = couch_server_fixture_make_name (first, "baseline");
  RepriseGroup group;

  g_assert_no_error (error);
  g_assert_nonnull (reprise_contents_find (contents, name, &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
}

/* No more are made; those that there are are listed, which is said, and restored. */
static void
test_switched_off (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;

  couch_server_fixture_set (fixture, "server-side", "false");
  couch_server_fixture_connect_provider (fixture);
  backups = couch_server_fixture_list (fixture);
  g_assert_cmpuint (backups->len, ==, 1);
  g_assert_nonnull (strstr (reprise_backup_get_own_state (backups->pdata[0]), "no more are made"));
  couch_server_fixture_restore (fixture, first, "scratch");
  g_assert_null (couch_server_fixture_try_back_up (fixture, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "switched off"));
}

static void
test_names (void)
{
  g_autoptr (RepriseCouchDelta) delta = reprise_couch_delta_new (
    "s", "orig", REPRISE_COUCH_DAILY, 1, G_GINT64_CONSTANT (1768608064000));
  g_autoptr (RepriseCouchDelta) users =
    reprise_couch_delta_new ("s", "_users", REPRISE_COUCH_BASELINE, REPRISE_COUCH_NEVER, 1000);

  g_assert_cmpstr (delta->name, ==, "orig-daily-20260117t000104z");
  g_assert_cmpstr (users->name, ==, "users-baseline-19700101t000001z");
  g_assert_true (reprise_couch_delta_is_name (delta->name));
  g_assert_true (reprise_couch_name_is_valid (users->name));
  g_assert_false (reprise_couch_delta_is_name ("orig-daily"));
  g_assert_false (reprise_couch_delta_is_name ("orig-daily-20260117t000104z-restored"));
}

/* ---- into the vault ---- */

static RepriseBackup *
download (CouchServerFixture *fixture, RepriseBackup *made)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autofree char *path = NULL;
  RepriseBackup *backup;

  g_assert_no_error (error);
  reprise_provider_download (fixture->provider, made, writer, fixture->progress, NULL, &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  path = g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  g_assert_true (reprise_test_check_manifest (path));
  manifest = reprise_vault_read_manifest (fixture->vault, backup, &error);
  archive = reprise_archive_new_for_backup (backup, manifest);
  reprise_kind_verify (fixture->kind, archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_kind_inspect (fixture->kind, archive, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_archive_is_damaged (archive));
  return backup;
}

static RepriseBackup *
back_up_into_vault (CouchServerFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  RepriseBackup *backup;

  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, NULL, NULL,
                            &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  return backup;
}

/* A backup on the server becomes one of ours: a single document comes back from it, into the same database. The backups of ours go on
 * as if it were not there. */
static void
test_download (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) ours = back_up_into_vault (fixture), next = NULL;
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture), second = NULL,
                            aside = NULL, got = NULL;
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *dump = NULL;
  g_auto (GStrv) names = NULL;

  g_free (reprise_fake_couch_put (fixture->home, "original", "c", "\"n\":3"));
  second = couch_server_fixture_back_up (fixture);
  aside = couch_server_fixture_keep_aside (fixture, second);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":99"));
  got = download (fixture, second);
  g_assert_true (g_date_time_equal (reprise_backup_get_created_at (got),
                                    reprise_backup_get_created_at (second)));
  names = reprise_fake_couch_list (fixture->home);
  g_assert_cmpuint (g_strv_length (names), ==, 3); /* no scratch is left */

  manifest = reprise_vault_read_manifest (fixture->vault, got, &error);
  archive = reprise_archive_new_for_backup (got, manifest);
  g_hash_table_insert (options, (gpointer) "into", (gpointer) "same");
  g_hash_table_insert (options, (gpointer) "databases", (gpointer) "original");
  g_hash_table_insert (options, (gpointer) "document", (gpointer) "a");
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, &error);
  g_assert_no_error (error);
  journal = reprise_journal_create (reprise_service_get_uuid (fixture->service), "restore", NULL);
  outcome = reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_journal_close (journal, NULL));
  dump = reprise_fake_couch_dump (fixture->home, "original");
  g_assert_nonnull (strstr (dump, "{\"_id\":\"a\",\"_rev\":\"3-"));
  g_assert_null (strstr (dump, "\"n\":99"));

  next = back_up_into_vault (fixture);
  g_assert_cmpint (reprise_backup_get_tier (ours), ==, REPRISE_TIER_BASELINE);
  g_assert_cmpint (reprise_backup_get_tier (next), ==, REPRISE_TIER_DAILY);
}

/* ---- one document ---- */

static RepriseDocumentState
get_state (GPtrArray *documents, const char *id)
{
  for (guint i = 0; i < documents->len; i++)
    if (strcmp (((RepriseDocument *) documents->pdata[i])->id, id) == 0)
      return ((RepriseDocument *) documents->pdata[i])->state;
  g_assert_not_reached ();
}

/* Versions by date with their tier, the difference to now, and what each document's state is: the vault has nothing of it. */
static void
test_history (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture), second = NULL;
  g_autoptr (GPtrArray) versions = NULL, differences = NULL, documents = NULL, older = NULL;
  const RepriseDifference *difference;
  const RepriseVersion *version;
  g_autoptr (GError) error = NULL;

  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":3"));
  second = couch_server_fixture_back_up (fixture);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":5"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "new", "\"n\":6"));

  versions = reprise_provider_list_versions (fixture->provider, fixture->vault, "original", "a",
                                             NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, ==, 3);
  version = versions->pdata[0];
  g_assert_null (version->at);
  version = versions->pdata[1];
  g_assert_cmpstr (version->tier, ==, "daily");
  g_assert_cmpstr (version->backup_id, ==, reprise_backup_get_id (second));
  g_assert_true (g_str_has_prefix (version->version, "2-"));
  g_assert_cmpstr (version->origin, ==, "server");
  version = versions->pdata[2];
  g_assert_cmpstr (version->tier, ==, "baseline");
  g_assert_true (g_str_has_prefix (version->version, "1-"));
  g_assert_false (version->conflict);

  differences = reprise_provider_compare_versions (fixture->provider, fixture->vault, "original",
                                                   "a", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->len, ==, 1);
  difference = differences->pdata[0];
  g_assert_cmpstr (difference->path, ==, "n");
  g_assert_cmpstr (difference->before, ==, "3");
  g_assert_cmpstr (difference->after, ==, "5");
  older = reprise_provider_compare_versions (fixture->provider, fixture->vault, "original", "a",
                                             "1-", "2-", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((RepriseDifference *) older->pdata[0])->before, ==, "1");

  documents = reprise_provider_list_documents (fixture->provider, fixture->vault, "original", NULL,
                                               100, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_state (documents, "a"), ==, REPRISE_DOCUMENT_CHANGED);
  g_assert_cmpint (get_state (documents, "b"), ==, REPRISE_DOCUMENT_SAVED);
  g_assert_cmpint (get_state (documents, "new"), ==, REPRISE_DOCUMENT_NOT_COVERED);
}

/* ---- roll-ups ---- */

/* The list of databases says of each how the last backup there ended. */
static void
test_coverage (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) coverages = NULL;
  guint n = 0;

  reprise_fake_couch_make (fixture->home, "another");
  coverages =
    reprise_provider_list_collections (fixture->provider, fixture->vault, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < coverages->len; i++)
    {
      const RepriseCoverage *coverage = coverages->pdata[i];

      if (strcmp (coverage->name, "original") == 0)
        {
          g_assert_true (
            g_date_time_equal (coverage->own_at, reprise_backup_get_created_at (first)));
          n++;
        }
      if (strcmp (coverage->name, "another") == 0)
        {
          g_assert_cmpstr (coverage->own_state, ==, "Never completed");
          n++;
        }
    }
  g_assert_cmpuint (n, ==, 2);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(name, func)                                                                           \
  g_test_add ("/couch/server/" name, CouchServerFixture, NULL, couch_server_fixture_set_up, func, \
              couch_server_fixture_tear_down)
  ADD ("increments", test_increments);
  ADD ("partial", test_partial);
  ADD ("crashing", test_crashing);
  ADD ("breaks", test_breaks);
  ADD ("full-copies", test_full_copies);
  ADD ("resumed", test_resumed);
  ADD ("large-journal", test_large_journal);
  ADD ("stopped", test_stopped);
  ADD ("delete", test_delete);
  ADD ("left-out", test_left_out);
  ADD ("switched-off", test_switched_off);
  ADD ("download", test_download);
  ADD ("history", test_history);
  ADD ("coverage", test_coverage);
#undef ADD
  g_test_add_func ("/couch/server/names", test_names);
  return g_test_run ();
}
