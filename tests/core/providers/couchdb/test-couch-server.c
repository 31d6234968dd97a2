/* test-couch-server.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "net/reprise-json.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-kind.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "providers/couchdb/server/reprise-couch-delta.h"
#include "providers/couchdb/server/reprise-couch-replication.h"
#include "reprise-fake-replicator.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

#define CANARY       "c4n4ry-of-the-service"
#define OTHER_CANARY "c4n4ry-of-the-cluster"

typedef struct
{
  RepriseFakeCouch *home;
  RepriseFakeCouch *away; /* (nullable): another cluster */
  RepriseFakeReplicator *replicator;
  RepriseKind *kind;
  RepriseService *service;
  RepriseSecrets *secrets;
  RepriseProvider *provider;
  RepriseVault *vault;
  RepriseProgress *progress;
  char *folder;
} Fixture;

static void
connect_provider (Fixture *fixture)
{
  g_clear_object (&fixture->provider);
  fixture->provider =
    reprise_kind_create_provider (fixture->kind, fixture->service, fixture->secrets);
}

static void
set (Fixture *fixture, const char *key, const char *value)
{
  reprise_service_set_setting (fixture->service, key, value);
}

static void
set_secret (Fixture *fixture, const char *key, const char *text)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  reprise_secrets_override (reprise_service_get_uuid (fixture->service), key, value);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  reprise_http_set_default_backoff (1, 5);
  reprise_couch_replication_set_pace (1, 5, 60);
  fixture->home = reprise_fake_couch_new ("admin", CANARY);
  fixture->replicator = reprise_fake_replicator_new (fixture->home);
  fixture->kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  fixture->service = reprise_service_new (NULL, "couchdb", "Test");
  fixture->secrets = reprise_secrets_new (reprise_service_get_uuid (fixture->service), 0);
  fixture->progress = reprise_progress_new ();
  fixture->folder = reprise_test_make_folder ();
  fixture->vault = reprise_vault_new (fixture->folder);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, NULL));
  address = reprise_fake_couch_dup_address (fixture->home);
  set (fixture, "address", address);
  set (fixture, "account", "admin");
  set (fixture, "server-side", "true");
  set_secret (fixture, "password", CANARY);
  connect_provider (fixture);
  reprise_fake_couch_make (fixture->home, "original");
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":1"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "b", "\"n\":2"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "_design/d", "\"views\":{}"));
  reprise_fake_couch_set_security (fixture->home, "original",
                                   "{\"admins\":{\"names\":[\"eve\"]},\"members\":{}}");
}

static void
use_other_cluster (Fixture *fixture)
{
  g_autofree char *address = NULL;

  fixture->away = reprise_fake_couch_new ("keeper", OTHER_CANARY);
  reprise_fake_replicator_add_other (fixture->replicator, fixture->away);
  address = reprise_fake_couch_dup_address (fixture->away);
  set (fixture, "server-target", "other");
  set (fixture, "server-address", address);
  set (fixture, "server-account", "keeper");
  set_secret (fixture, "server-password", OTHER_CANARY);
  connect_provider (fixture);
}

static void
assert_clean (const char *text)
{
  g_assert_null (strstr (text != NULL ? text : "", CANARY));
  g_assert_null (strstr (text != NULL ? text : "", OTHER_CANARY));
}

/* No replication is left, with the credentials in it, and no file or line of a log has them. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = reprise_progress_dup_log_text (fixture->progress);

  g_assert_cmpuint (reprise_fake_replicator_get_n_documents (fixture->replicator), ==, 0);
  assert_clean (log);
  g_object_unref (fixture->provider);
  g_object_unref (fixture->progress);
  g_object_unref (fixture->vault);
  g_object_unref (fixture->secrets);
  g_object_unref (fixture->service);
  g_object_unref (fixture->kind);
  reprise_fake_replicator_free (fixture->replicator);
  reprise_fake_couch_free (fixture->home);
  g_clear_pointer (&fixture->away, reprise_fake_couch_free);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseBackup *
try_back_up (Fixture *fixture, GError **error)
{
  RepriseBackup *made = NULL;

  if (!reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, &made,
                                 fixture->progress, NULL, error))
    g_assert_null (made);
  return made;
}

static RepriseBackup *
back_up (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseBackup *made = try_back_up (fixture, &error);

  g_assert_no_error (error);
  g_assert_nonnull (made);
  return made;
}

/* As the job does: what belongs into the vault. */
static RepriseBackup *
keep_aside (Fixture *fixture, RepriseBackup *made)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  g_autofree char *path = NULL;
  RepriseBackup *backup;

  g_assert_no_error (error);
  g_assert_true (reprise_provider_has_aside (fixture->provider));
  reprise_provider_keep_aside (fixture->provider, made, writer, NULL, NULL, &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  path = g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  g_assert_true (reprise_test_check_manifest (path));
  return backup;
}

static GPtrArray *
list (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *backups = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);

  g_assert_no_error (error);
  return backups;
}

static char *
make_name (RepriseBackup *backup, const char *tier)
{
  return g_strdup_printf ("original-%s-%s", tier, reprise_backup_get_id (backup));
}

static JsonObject *
read_record (RepriseFakeCouch *server, const char *database)
{
  g_autofree char *text = reprise_fake_couch_dup_local (server, database, "_local/reprise");
  g_autoptr (GError) error = NULL;
  JsonObject *record;

  g_assert_nonnull (text);
  assert_clean (text);
  record = reprise_json_parse_object (text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  return record;
}

static RepriseArchive *
open_backup (Fixture *fixture, RepriseBackup *backup)
{
  g_autoptr (GError) error = NULL;
  RepriseArchive *archive =
    reprise_provider_open_backup (fixture->provider, backup, NULL, NULL, &error);

  g_assert_no_error (error);
  reprise_archive_set_data (archive, REPRISE_ARCHIVE_DATA_VAULT, fixture->folder);
  return archive;
}

static char *
restore_archive (Fixture *fixture, RepriseArchive *archive, const char *target, GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  guint n_writes = reprise_fake_couch_get_n_writes (fixture->home);

  g_hash_table_insert (options, (gpointer) "target", (gpointer) target);
  g_hash_table_insert (options, (gpointer) "databases", (gpointer) "original");
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, error);
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->home), ==, n_writes);
  if (plan == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  g_assert_false (reprise_plan_get_overwrites (plan));
  journal = reprise_journal_create (reprise_service_get_uuid (fixture->service), "restore", error);
  g_assert_nonnull (journal);
  outcome =
    reprise_provider_restore (fixture->provider, plan, journal, fixture->progress, NULL, error);
  g_assert_true (reprise_journal_close (journal, NULL));
  return outcome != NULL ? g_strdup (outcome->summary) : NULL;
}

static void
restore (Fixture *fixture, RepriseBackup *backup, const char *target)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive = open_backup (fixture, backup);
  g_autofree char *summary = restore_archive (fixture, archive, target, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (summary, target));
}

/* A baseline, and then what has changed since, from where the baseline ended. */
static void
test_increments (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture);
  g_autoptr (RepriseBackup) second = NULL;
  g_autofree char *baseline = make_name (first, "baseline"), *delta = NULL, *log = NULL;
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

  second = back_up (fixture);
  delta = make_name (second, "daily");
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

  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 2);
  g_assert_cmpstr (reprise_backup_get_id (backups->pdata[0]), ==, reprise_backup_get_id (second));
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[0]), ==, REPRISE_TIER_DAILY);
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[1]), ==, REPRISE_TIER_BASELINE);
  g_assert_cmpint (reprise_backup_get_state (backups->pdata[1]), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_true (reprise_backup_get_on_service (backups->pdata[1]));
}

/* Every point comes back as it was: documents, deletions, revisions; who may use it; the design documents. */
static void
test_restore (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL, aside = NULL, aside2 = NULL;
  g_autofree char *before = NULL, *after = NULL, *got = NULL, *got2 = NULL, *security = NULL;

  before = reprise_fake_couch_dump (fixture->home, "original");
  first = back_up (fixture);
  aside = keep_aside (fixture, first);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":3"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "new", "\"n\":4"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "_design/e", "\"views\":{}"));
  reprise_fake_couch_delete (fixture->home, "original", "b");
  after = reprise_fake_couch_dump (fixture->home, "original");
  second = back_up (fixture);
  aside2 = keep_aside (fixture, second);
  g_free (reprise_fake_couch_put (fixture->home, "original", "later", "\"n\":5"));

  restore (fixture, second, "scratch");
  got = reprise_fake_couch_dump (fixture->home, "scratch");
  g_assert_cmpstr (got, ==, after);
  restore (fixture, first, "older");
  got2 = reprise_fake_couch_dump (fixture->home, "older");
  g_assert_cmpstr (got2, ==, before);
}

/* What lies in the vault can be restored alone, also without the server's part. */
static void
test_restore_aside (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture);
  g_autoptr (RepriseBackup) aside = keep_aside (fixture, first);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseManifest) manifest =
    reprise_vault_read_manifest (fixture->vault, aside, &error);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_backup (aside, manifest);
  g_autofree char *summary = NULL, *got = NULL;

  reprise_kind_inspect (fixture->kind, archive, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_kind_verify (fixture->kind, archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_provider_delete_backup (fixture->provider, first, NULL, NULL, &error);
  g_assert_no_error (error);
  summary = restore_archive (fixture, archive, "scratch", &error);
  g_assert_no_error (error);
  got = reprise_fake_couch_dump (fixture->home, "scratch");
  g_assert_true (g_str_has_prefix (got, "{\"_id\":\"_design/d\""));
  g_assert_null (strchr (strchr (got, '\n') + 1, '\n'));
  assert_clean (got);
}

/* As the job does it, with the safety copy; @copy: (out) (nullable) */
static RepriseOutcome *
restore_with (Fixture *fixture,
              RepriseArchive *archive,
              GHashTable *options,
              gboolean undo,
              RepriseBackup **copy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  guint n_writes = reprise_fake_couch_get_n_writes (fixture->home);
  RepriseOutcome *outcome;

  plan = undo ? reprise_provider_plan_undo (fixture->provider, archive, NULL, NULL, &error)
              : reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE,
                                               options, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_plan_get_overwrites (plan));
  writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_SAFETY, NULL, &error);
  reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->home), ==, n_writes);
  *copy = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  journal = reprise_journal_create (reprise_service_get_uuid (fixture->service), "restore", NULL);
  outcome = undo ? reprise_provider_undo (fixture->provider, plan, journal, NULL, NULL, &error)
                 : reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_journal_close (journal, NULL));
  g_assert_cmpint (outcome->failed, ==, 0);
  return outcome;
}

static void
undo (Fixture *fixture, RepriseBackup *copy)
{
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (fixture->vault, copy, NULL);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_backup (copy, manifest);
  g_autoptr (RepriseBackup) next = NULL;
  g_autoptr (RepriseOutcome) outcome = restore_with (fixture, archive, NULL, TRUE, &next);
}

static void
assert_has (Fixture *fixture, const char *text, gboolean has)
{
  g_autofree char *dump = reprise_fake_couch_dump (fixture->home, "original");

  g_test_message ("%s in %s", text, dump);
  g_assert_cmpint (strstr (dump, text) != NULL, ==, has);
}

/* A baseline, a delta, and what was changed since. */
static RepriseBackup *
make_two_points (Fixture *fixture)
{
  g_autoptr (RepriseBackup) first = NULL, aside = NULL, aside2 = NULL;
  RepriseBackup *second;

  reprise_fake_couch_attach (fixture->home, "original", "b", "t.txt", "text/plain", "hello", 5);
  reprise_fake_couch_attach (fixture->home, "original", "_design/d", "t.txt", "text/plain", "hi",
                             2);
  first = back_up (fixture);
  aside = keep_aside (fixture, first);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":3"));
  g_free (reprise_fake_couch_put_rev (fixture->home, "original", "a", "2-0", "1-0", "\"beside\":1",
                                      FALSE));
  g_free (reprise_fake_couch_put (fixture->home, "original", "gone", "\"n\":4"));
  reprise_fake_couch_delete (fixture->home, "original", "gone");
  second = back_up (fixture);
  aside2 = keep_aside (fixture, second);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":99"));
  g_free (reprise_fake_couch_put_rev (fixture->home, "original", "a", "3-1", "2-0", "", TRUE));
  reprise_fake_couch_delete (fixture->home, "original", "b");
  g_free (reprise_fake_couch_put (fixture->home, "original", "gone", "\"back\":1"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "_design/d", "\"lists\":{}"));
  reprise_fake_couch_set_security (fixture->home, "original", "{\"admins\":{\"names\":[\"zoe\"]}}");
  return second;
}

/* Into a database that is there, straight from what the server keeps: planned, with a safety copy, compared, and undone. */
static void
check_existing (Fixture *fixture)
{
  g_autoptr (RepriseBackup) second = make_two_points (fixture), copy = NULL;
  g_autoptr (RepriseArchive) archive = open_backup (fixture, second);
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseOutcome) outcome = NULL;

  g_hash_table_insert (options, (gpointer) "into", (gpointer) "same");
  g_hash_table_insert (options, (gpointer) "databases", (gpointer) "original");
  g_hash_table_insert (options, (gpointer) "conflicts", (gpointer) "keep");
  outcome = restore_with (fixture, archive, options, FALSE, &copy);
  assert_has (fixture, "\"n\":3", TRUE);
  assert_has (fixture, "\"n\":99", FALSE);
  assert_has (fixture, "\"beside\":1", TRUE);
  assert_has (fixture, "\"n\":2,\"_attachments\":{\"t.txt\"", TRUE);
  assert_has (fixture, "\"back\":1", FALSE);
  assert_has (fixture, "\"views\":{},\"_attachments\":{\"t.txt\"", TRUE);
  undo (fixture, copy);
  assert_has (fixture, "\"n\":99", TRUE);
  assert_has (fixture, "\"beside\":1", FALSE);
  assert_has (fixture, "\"n\":2,", FALSE);
  assert_has (fixture, "\"back\":1", TRUE);
  assert_has (fixture, "\"lists\":{}", TRUE);
}

static void
test_existing (Fixture *fixture, gconstpointer data)
{
  check_existing (fixture);
}

static void
test_existing_from_cluster (Fixture *fixture, gconstpointer data)
{
  use_other_cluster (fixture);
  check_existing (fixture);
}

/* A single document, of the documents and of the design documents, alone. */
static void
test_document (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) second = make_two_points (fixture), copy = NULL, copy2 = NULL;
  g_autoptr (RepriseArchive) archive = open_backup (fixture, second);
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseOutcome) outcome = NULL, outcome2 = NULL;
  g_autoptr (ReprisePlan) none = NULL;
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (options, (gpointer) "into", (gpointer) "same");
  g_hash_table_insert (options, (gpointer) "databases", (gpointer) "original");
  g_hash_table_insert (options, (gpointer) "document", (gpointer) "b");
  outcome = restore_with (fixture, archive, options, FALSE, &copy);
  g_assert_cmpint (outcome->written, ==, 1);
  assert_has (fixture, "\"n\":2,\"_attachments\":{\"t.txt\"", TRUE);
  assert_has (fixture, "\"n\":99", TRUE);
  assert_has (fixture, "\"lists\":{}", TRUE);
  undo (fixture, copy);
  assert_has (fixture, "\"n\":2,", FALSE);
  g_hash_table_insert (options, (gpointer) "document", (gpointer) "_design/d");
  outcome2 = restore_with (fixture, archive, options, FALSE, &copy2);
  g_assert_cmpint (outcome2->written, ==, 1);
  assert_has (fixture, "\"views\":{},\"_attachments\":{\"t.txt\"", TRUE);
  assert_has (fixture, "\"n\":99", TRUE);
  g_hash_table_insert (options, (gpointer) "document", (gpointer) "nowhere");
  none = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, &error);
  g_assert_null (none);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* A restore whose copy is not whole leaves nothing behind. */
static void
test_broken_restore (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture);
  g_autoptr (RepriseArchive) archive = open_backup (fixture, first);
  g_autoptr (GError) error = NULL;

  reprise_fake_replicator_set_failures (fixture->replicator, 1);
  g_assert_null (restore_archive (fixture, archive, "scratch", &error));
  g_assert_nonnull (strstr (error->message, "1 document could not be written"));
  g_assert_false (reprise_fake_couch_has (fixture->home, "scratch"));
}

/* Completed with failures is no backup: it says so, and the next one goes on from the last whole one. */
static void
test_partial (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture), second = NULL, third = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  g_free (reprise_fake_couch_put (fixture->home, "original", "c", "\"n\":3"));
  reprise_fake_couch_make (fixture->home, "another");
  reprise_fake_replicator_set_failures (fixture->replicator, 1);
  second = back_up (fixture); /* “another” is empty, and whole */
  g_assert_cmpint (reprise_backup_get_state (second), ==, REPRISE_BACKUP_PARTIAL);
  g_assert_nonnull (strstr (reprise_backup_get_own_state (second), "1 document could not"));
  {
    g_auto (GStrv) warnings = reprise_progress_dup_warnings (fixture->progress);

    g_assert_nonnull (strstr (warnings[0], "original"));
  }
  reprise_fake_replicator_set_failures (fixture->replicator, 0);
  third = back_up (fixture);
  name = make_name (third, "daily");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, name), ==, 1); /* “c” again */
  restore (fixture, third, "scratch");
  backups = list (fixture);
  g_assert_cmpint (reprise_backup_get_state (backups->pdata[1]), ==, REPRISE_BACKUP_PARTIAL);
}

/* Where nothing at all is whole it failed, and says why. */
static void
test_crashing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_fake_replicator_set_script (fixture->replicator, "404 initializing crashing");
  g_assert_null (try_back_up (fixture, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "as it goes"));
}

/* A database that was made anew, and purges, ask for a new baseline. */
static void
test_breaks (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture), second = NULL, third = NULL;
  g_autofree char *name = NULL, *name2 = NULL, *log = NULL;

  reprise_fake_couch_purge (fixture->home, "original", "a");
  second = back_up (fixture);
  name = make_name (second, "baseline");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, name), ==, 1);
  reprise_fake_couch_drop (fixture->home, "original");
  reprise_fake_couch_make (fixture->home, "original");
  third = back_up (fixture);
  name2 = make_name (third, "baseline");
  g_assert_true (reprise_fake_couch_has (fixture->home, name2));
  log = reprise_progress_dup_log_text (fixture->progress);
  g_assert_nonnull (strstr (log, "documents were purged"));
  g_assert_nonnull (strstr (log, "the database was made anew"));
}

static void
test_full_copies (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL;
  g_autofree char *name = NULL;

  set (fixture, "server-mode", "full");
  connect_provider (fixture);
  first = back_up (fixture);
  second = back_up (fixture);
  name = make_name (second, "baseline");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->home, name), ==, 2);
}

/* The other cluster has the backups, and gets its own credentials. */
static void
test_other_cluster (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL, aside = NULL;
  g_autofree char *name = NULL, *got = NULL, *all = NULL;

  use_other_cluster (fixture);
  first = back_up (fixture);
  name = make_name (first, "baseline");
  g_assert_false (reprise_fake_couch_has (fixture->home, name));
  g_assert_cmpuint (reprise_fake_couch_count (fixture->away, name), ==, 2);
  g_free (reprise_fake_couch_put (fixture->home, "original", "c", "\"n\":3"));
  second = back_up (fixture);
  aside = keep_aside (fixture, second);
  restore (fixture, second, "scratch");
  got = reprise_fake_couch_dump (fixture->home, "scratch");
  all = reprise_fake_couch_dump (fixture->home, "original");
  g_assert_cmpstr (got, ==, all);
}

/* The server goes on when we are gone; the next backup finishes it first. */
static void
test_resumed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) left = NULL;
  g_autofree char *journal = NULL;

  reprise_fake_replicator_set_script (fixture->replicator,
                                      "404 initializing running running running completed");
  reprise_fake_couch_fail (fixture->home, "_scheduler", REPRISE_FAKE_FAULT_RESET, 0, 2, 50);
  g_assert_null (try_back_up (fixture, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (reprise_fake_replicator_get_n_documents (fixture->replicator), ==, 1);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_nonnull (left);
  g_assert_true (g_file_get_contents (reprise_journal_get_path (left), &journal, NULL, NULL));
  assert_clean (journal);
  reprise_fake_couch_fail_no_more (fixture->home);
  connect_provider (fixture);
  g_free (reprise_fake_couch_put (fixture->home, "original", "c", "\"n\":3"));
  second = back_up (fixture);
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 2);
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[0]), ==, REPRISE_TIER_DAILY);
  g_assert_cmpint (reprise_backup_get_tier (backups->pdata[1]), ==, REPRISE_TIER_BASELINE);
  g_clear_object (&left);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_null (left);
}

/* Of an account with very many databases the journal is large, and is read all the same. */
static void
test_large_journal (Fixture *fixture, gconstpointer data)
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

/* As a restore finds it. */
static void
test_resumed_by_restore (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_replicator_set_script (fixture->replicator, "404 running running running completed");
  reprise_fake_couch_fail (fixture->home, "_scheduler", REPRISE_FAKE_FAULT_RESET, 0, 1, 50);
  g_assert_null (try_back_up (fixture, NULL));
  reprise_fake_couch_fail_no_more (fixture->home);
  connect_provider (fixture);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  outcome =
    reprise_provider_resume_operation (fixture->provider, left, fixture->progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (outcome->summary, "1 database"));
  g_assert_true (reprise_journal_close (left, NULL));
}

typedef struct
{
  Fixture *fixture;
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
test_stopped (Fixture *fixture, gconstpointer data)
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
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture), second = back_up (fixture);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (reprise_provider_delete_backup (fixture->provider, first, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&error);
  reprise_provider_delete_backup (fixture->provider, second, NULL, NULL, &error);
  g_assert_no_error (error);
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 1);
}

/* Our own engine leaves them out, and so does the server: a backup of backups is of no use. */
static void
test_left_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents =
    reprise_provider_list_groups (fixture->provider, NULL, NULL, &error);
  g_autofree char *name = make_name (first, "baseline");
  RepriseGroup group;

  g_assert_no_error (error);
  g_assert_nonnull (reprise_contents_find (contents, name, &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
}

/* No more are made; those that there are are listed, which is said, and restored. */
static void
test_switched_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;

  set (fixture, "server-side", "false");
  connect_provider (fixture);
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 1);
  g_assert_nonnull (strstr (reprise_backup_get_own_state (backups->pdata[0]), "no more are made"));
  restore (fixture, first, "scratch");
  g_assert_null (try_back_up (fixture, &error));
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
download (Fixture *fixture, RepriseBackup *made)
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
back_up_into_vault (Fixture *fixture)
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
test_download (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) ours = back_up_into_vault (fixture), next = NULL;
  g_autoptr (RepriseBackup) first = back_up (fixture), second = NULL, aside = NULL, got = NULL;
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
  second = back_up (fixture);
  aside = keep_aside (fixture, second);
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
test_history (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture), second = NULL;
  g_autoptr (GPtrArray) versions = NULL, differences = NULL, documents = NULL, older = NULL;
  const RepriseDifference *difference;
  const RepriseVersion *version;
  g_autoptr (GError) error = NULL;

  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":3"));
  second = back_up (fixture);
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

/* Backups are made days apart: their records are put back in time. */
static void
age (Fixture *fixture, guint days)
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
roll_up (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome =
    reprise_provider_compact (fixture->provider, fixture->vault, fixture->progress, NULL, &error);

  g_assert_no_error (error);
  return g_strdup (outcome->summary);
}

static guint
count_tier (Fixture *fixture, const char *tier)
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
simulate (Fixture *fixture, GPtrArray *states)
{
  set (fixture, "keep-daily", "2");
  set (fixture, "keep-weekly", "4");
  set (fixture, "clean-up-days", "7");
  connect_provider (fixture);
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
      made = back_up (fixture);
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
assert_point (Fixture *fixture, RepriseBackup *backup, const char *state)
{
  g_autofree char *target = g_strdup_printf ("scratch-%s", reprise_backup_get_id (backup));
  g_autofree char *got = NULL, *wanted = without_design (state);

  restore (fixture, backup, target);
  got = reprise_fake_couch_dump (fixture->home, target);
  g_assert_cmpstr (got, ==, wanted);
  reprise_fake_couch_drop (fixture->home, target);
}

/* The oldest days go into weeks; every point that the tiers promise comes back exactly; what was rolled up stays for its delay. */
static void
test_roll_up (Fixture *fixture, gconstpointer data)
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
  backups = list (fixture);
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
  after = list (fixture);
  assert_point (fixture, after->pdata[0], states->pdata[5]);
  assert_point (fixture, after->pdata[1], states->pdata[4]);
  assert_point (fixture, after->pdata[2], states->pdata[3]);
}

/* What lies in the vault goes when no point on the server needs it any more, and not before. */
static void
test_asides (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) asides = NULL;
  g_autoptr (RepriseCompactPlan) plan = NULL;
  g_autofree char *summary = NULL, *again = NULL;
  g_autoptr (RepriseBackup) first = back_up (fixture), first_aside = keep_aside (fixture, first);
  g_autoptr (RepriseBackup) second = back_up (fixture), second_aside = keep_aside (fixture, second);
  g_autoptr (RepriseBackup) third = back_up (fixture), third_aside = keep_aside (fixture, third);

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

/* The list of databases says of each how the last backup there ended. */
static void
test_coverage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = back_up (fixture);
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

/* One that is not written as a whole takes nothing away, and is begun again. */
static void
test_broken_roll_up (Fixture *fixture, gconstpointer data)
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
  backups = list (fixture);
  assert_point (fixture, backups->pdata[0], states->pdata[5]);
  summary = roll_up (fixture);
  g_clear_pointer (&backups, g_ptr_array_unref);
  backups = list (fixture);
  assert_point (fixture, backups->pdata[0], states->pdata[5]);
  assert_point (fixture, backups->pdata[2], states->pdata[3]);
}

/* A restart in the middle: the next one finishes it. */
static void
test_resumed_roll_up (Fixture *fixture, gconstpointer data)
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
      connect_provider (fixture);
    }
  g_assert_cmpuint (n_broken, >=, 1);
  summary = roll_up (fixture);
  backups = list (fixture);
  assert_point (fixture, backups->pdata[0], states->pdata[5]);
  assert_point (fixture, backups->pdata[1], states->pdata[4]);
  assert_point (fixture, backups->pdata[2], states->pdata[3]);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(name, func) g_test_add ("/couch/server/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("increments", test_increments);
  ADD ("restore", test_restore);
  ADD ("restore-aside", test_restore_aside);
  ADD ("broken-restore", test_broken_restore);
  ADD ("partial", test_partial);
  ADD ("crashing", test_crashing);
  ADD ("breaks", test_breaks);
  ADD ("full-copies", test_full_copies);
  ADD ("other-cluster", test_other_cluster);
  ADD ("resumed", test_resumed);
  ADD ("large-journal", test_large_journal);
  ADD ("resumed-by-restore", test_resumed_by_restore);
  ADD ("stopped", test_stopped);
  ADD ("delete", test_delete);
  ADD ("left-out", test_left_out);
  ADD ("switched-off", test_switched_off);
  ADD ("download", test_download);
  ADD ("document", test_document);
  ADD ("existing", test_existing);
  ADD ("existing-from-cluster", test_existing_from_cluster);
  ADD ("history", test_history);
  ADD ("roll-up", test_roll_up);
  ADD ("asides", test_asides);
  ADD ("coverage", test_coverage);
  ADD ("broken-roll-up", test_broken_roll_up);
  ADD ("resumed-roll-up", test_resumed_roll_up);
#undef ADD
  g_test_add_func ("/couch/server/names", test_names);
  return g_test_run ();
}
