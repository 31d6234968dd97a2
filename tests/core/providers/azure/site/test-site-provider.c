/* test-site-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-left-backup.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/blob/reprise-blob-digest.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/site-fixture.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

/* --- backup --- */

static void
test_back_up (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL, *json = NULL;
  RepriseManifest *manifest;
  RepriseContents *contents;

  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_DATABASES,
                               "SqlAzure:orders:OrdersConnection  MySql:users");
  site_fixture_give (fixture, REPRISE_AZURE_SECRET_CONNECTIONS,
                     "x=y\nusers=Server=db;Pwd=canary-connection\n");
  site_fixture_connect (fixture);
  site_fixture_put_backup (fixture, "shop_7");
  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (7, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "InProgress", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "Succeeded", ",\"websiteSizeInBytes\":14"));
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, NULL, NULL,
                            &error);
  g_assert_no_error (error);
  body = fake_arm_dup_body (fixture->azure, 0);
  g_assert_nonnull (strstr (body, "\"backupName\":\"shop_20"));
  g_assert_nonnull (
    strstr (body, "{\"databaseType\":\"SqlAzure\",\"name\":\"orders\",\"connectionStringName\":"
                  "\"OrdersConnection\"},{\"databaseType\":\"MySql\",\"name\":\"users\","
                  "\"connectionString\":\"Server=db;Pwd=canary-connection\"}"));
  archive = site_fixture_commit (fixture, writer);
  manifest = reprise_archive_get_manifest (archive);
  g_assert_cmpuint (reprise_manifest_get_n_files (manifest), ==, 2);
  g_assert_cmpstr (reprise_manifest_get_identity (manifest), ==, SITE);
  g_assert_cmpstr (reprise_manifest_get_own_name (manifest), ==, "shop_7");
  json = reprise_manifest_to_json (manifest, NULL);
  g_assert_null (strstr (json, "canary")); /* no signature, no connection string */
  contents = reprise_archive_get_contents (archive);
  g_assert_cmpint (reprise_contents_get_rows (contents, 1 << REPRISE_GROUP_REQUIRED), ==, 2);
  g_assert_nonnull (reprise_contents_find (contents, "orders.sql", NULL));
}

/* Accepted is not made: what Azure says at the end is told, and what is missing is seen before. */
static void
test_failed (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autofree char *read_only = fake_blob_dup_sas (fixture->storage, "rl", 3600);
  g_autofree char *ended = fake_blob_dup_sas (fixture->storage, "rwdl", -3600);
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (7, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "Failed", ",\"log\":\"Storage access failed. (403)\""));
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_FAILED,
                             "Storage access failed. (403) (Correlation ID c-7)");
  fake_arm_forget (fixture->azure);
  fixture->storage->has_container = FALSE;
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "There is no container");
  fixture->storage->has_container = TRUE;
  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, read_only);
  site_fixture_connect (fixture);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "does not allow");
  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, ended);
  site_fixture_connect (fixture);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NEEDS_SIGN_IN, "ended on");
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->azure), ==, 0);
}

static char *
dup_name_of_request (SiteFixture *fixture)
{
  g_autofree char *body = fake_arm_dup_body (fixture->azure, 0);
  const char *from = strstr (body, "\"backupName\":\"") + strlen ("\"backupName\":\"");

  return g_strndup (from, strcspn (from, "\""));
}

typedef struct
{
  SiteFixture *fixture;
  RepriseBackup *made;
  GError *error;
} Attempt;

static gpointer
attempt_worker (gpointer data)
{
  Attempt *attempt = data;

  reprise_provider_back_up (attempt->fixture->provider, REPRISE_GROUPS_ALL, NULL, &attempt->made,
                            NULL, NULL, &attempt->error);
  return NULL;
}

/* The answer is lost, but Azure has begun: it is found by its name, and not asked for twice. It stays on the service. */
static void
test_lost_answer (SiteFixture *fixture, gconstpointer data)
{
  Attempt attempt = { fixture, NULL, NULL };
  g_autofree char *list = NULL, *name = NULL;
  GThread *thread;

  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 0, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 503, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "Succeeded", ""));
  thread = g_thread_new ("attempt", attempt_worker, &attempt);
  while (fake_arm_count (fixture->azure, "POST " SITE "/backup") == 0)
    g_usleep (1000);
  name = dup_name_of_request (fixture);
  list = g_strdup_printf ("{\"value\":[{\"properties\":{\"id\":7,\"name\":\"%s\",\"status\":"
                          "\"Created\"}}]}",
                          name);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 200, NULL, list);
  g_thread_join (thread);
  g_assert_no_error (attempt.error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " SITE "/backup"), ==, 1);
  g_assert_cmpstr (reprise_backup_get_id (attempt.made), ==, "7");
  g_object_unref (attempt.made);
}

/* --- over a restart --- */

typedef struct
{
  SiteFixture *fixture;
  GCancellable *cancellable;
} Stop;

static gpointer
stop_worker (gpointer data)
{
  Stop *stop = data;

  while (fake_arm_count (stop->fixture->azure, "GET " SITE "/backups/7") < 2)
    g_usleep (1000);
  g_cancellable_cancel (stop->cancellable);
  return NULL;
}

/* (transfer full): the journal of a backup that is to come into the vault, and at which Azure still works */
static RepriseJournal *
leave_running (SiteFixture *fixture)
{
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Stop stop = { fixture, cancellable };
  GThread *thread = g_thread_new ("stop", stop_worker, &stop);
  RepriseJournal *left;
  g_autoptr (GError) error = NULL;

  site_fixture_put_backup (fixture, "shop_7");
  reprise_manifest_set_note (reprise_vault_writer_get_manifest (writer), "before the move");
  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (7, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "InProgress", ""));
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  fake_arm_forget (fixture->azure);
  site_fixture_connect (fixture);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_nonnull (left);
  return left;
}

static void
assert_no_journal (SiteFixture *fixture)
{
  g_assert_null (reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL));
}

/* What Azure goes on with after a stop or a crash is followed, and known to belong into the vault; the next backup brings it there. */
static void
test_left (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseJournal) left = leave_running (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_kind_can_follow (fixture->kind, left));
  g_assert_false (reprise_left_backup_is_over (left));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "InProgress", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "Succeeded", ""));
  outcome = reprise_provider_resume_operation (fixture->provider, left, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->backup_id, ==, "7");
  g_assert_true (reprise_left_backup_is_over (left));
  g_assert_true (reprise_left_backup_is_for_vault (left));
  g_assert_cmpstr (reprise_left_backup_get_note (left), ==, "before the move");
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, NULL, NULL,
                            &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  g_assert_cmpstr (reprise_manifest_get_own_name (reprise_vault_writer_get_manifest (writer)), ==,
                   "shop_7");
  assert_no_journal (fixture);
}

/* A safety copy is of now; and where Azure did not make what was begun, that is said, and another is made. */
static void
test_left_and_not_taken (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) safety =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_SAFETY, NULL, NULL);
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  g_object_unref (leave_running (fixture));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "Succeeded", ""));
  site_fixture_put_backup (fixture, "shop_8");
  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (8, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/8", 200, NULL,
                   BACKUP (8, "Succeeded", ""));
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, safety, NULL, progress, NULL,
                            &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_manifest_get_own_name (reprise_vault_writer_get_manifest (safety)), ==,
                   "shop_8");
  fake_arm_forget (fixture->azure);
  g_object_unref (leave_running (fixture));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL, BACKUP (7, "Failed", ""));
  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (8, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/8", 200, NULL,
                   BACKUP (8, "Succeeded", ""));
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, progress, NULL,
                            &error);
  g_assert_no_error (error);
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 2);
  g_assert_nonnull (strstr (warnings[0], "It stays on the service"));
  g_assert_nonnull (strstr (warnings[1], "did not end well"));
  assert_no_journal (fixture);
}

static void
test_bad_databases (SiteFixture *fixture, gconstpointer data)
{
  static const char *const cases[] = { "orders", "SqlAzure:orders", ":orders:x" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_DATABASES, cases[i]);
      site_fixture_connect (fixture);
      g_assert_null (reprise_provider_list_groups (fixture->provider, NULL, NULL, &error));
      reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, cases[i]);
    }
}

/* --- list, details, download --- */

static void
test_list (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GString) facts = g_string_new (NULL);
  RepriseBackup *good, *broken;
  RepriseGroup group;

  fake_arm_answer (
    fixture->azure, "GET", SITE "/backups", 200, NULL,
    "{\"value\":[" BACKUP (1, "Deleted", "") "," BACKUP (
      2, "PartiallySucceeded",
      ",\"sizeInBytes\":151973,\"scheduled\":true") "," BACKUP (3, "DeleteInProgress", "") "]}");
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/2", 200, NULL,
                   BACKUP (2, "PartiallySucceeded",
                           ",\"sizeInBytes\":151973,\"websiteSizeInBytes\":209920,\"scheduled\":"
                           "true,\"log\":\"a.txt\",\"lastRestoreTimeStamp\":null,\"databases\":"
                           "[{\"databaseType\":\"MySql\",\"name\":\"users\"}]"));
  backups = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (backups->len, ==, 2);
  good = backups->pdata[0];
  broken = backups->pdata[1];
  if (strcmp (reprise_backup_get_id (good), "2") != 0)
    {
      good = backups->pdata[1];
      broken = backups->pdata[0];
    }
  g_assert_cmpstr (reprise_backup_get_own_name (good), ==, "shop_2");
  g_assert_cmpint (reprise_backup_get_state (good), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_cmpint (reprise_backup_get_origin (good), ==, REPRISE_ORIGIN_SCHEDULE);
  g_assert_cmpint (reprise_backup_get_size_bytes (good), ==, 151973);
  g_assert_cmpstr (reprise_backup_get_own_state (good), ==, "PartiallySucceeded");
  g_assert_cmpstr (reprise_backup_get_own_state_text (good), ==, "Made, with files missing");
  g_assert_cmpint (reprise_backup_get_sign (good), ==, REPRISE_BACKUP_SIGN_FLAWED);
  g_assert_cmpint (reprise_backup_get_sign (broken), ==, REPRISE_BACKUP_SIGN_LEAVING);
  g_assert_cmpstr (reprise_backup_get_own_state_text (broken), ==, "Being deleted");
  g_assert_cmpint (reprise_backup_get_state (broken), ==, REPRISE_BACKUP_PARTIAL);
  g_assert_true (reprise_backup_get_in_progress (broken));
  archive = reprise_provider_open_backup (fixture->provider, good, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < reprise_archive_get_n_facts (archive); i++)
    g_string_append_printf (facts, "%s=%s;", reprise_archive_get_fact (archive, i)->label,
                            reprise_archive_get_fact (archive, i)->value);
  g_assert_nonnull (strstr (facts->str, "Made By=The schedule of Azure;"));
  g_assert_nonnull (strstr (facts->str, "Last Restored=not reported;"));
  g_assert_nonnull (strstr (facts->str, "Blob=shop_2.zip;Log=a.txt;Correlation ID=c-2;"));
  g_assert_nonnull (reprise_contents_find (reprise_archive_get_contents (archive), "users", NULL));
  g_assert_nonnull (
    reprise_contents_find (reprise_archive_get_contents (archive), "unread", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
}

/* The files of a backup under the names that they had, so that they can be looked into and uploaded again. */
static void
assert_exported (SiteFixture *fixture, RepriseArchive *archive)
{
  static const char *const names[] = { "shop_5.zip", "shop_5.xml", "shop_5.log" };
  g_autofree char *folder = g_build_filename (fixture->folder, "out", "a", NULL);
  g_autofree char *path = g_build_filename (folder, "shop_5.zip", NULL);
  g_autoptr (RepriseArchive) saved = reprise_archive_new_for_file (REPRISE_SITE_KIND_ID, path);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) again = NULL;
  g_autoptr (GError) error = NULL;

  outcome = reprise_kind_export (fixture->kind, archive, NULL, folder, FALSE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->written, ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);

      g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
    }
  g_assert_true (
    reprise_kind_verify (fixture->kind, saved, REPRISE_DEPTH_FULL, NULL, NULL, &error));
  g_assert_no_error (error);
  again = reprise_kind_export (fixture->kind, archive, NULL, folder, FALSE, NULL, NULL, &error);
  g_assert_null (again);
  reprise_test_assert_error (&error, REPRISE_ERROR_EXISTS, "shop_5.xml");
  again = reprise_kind_export (fixture->kind, archive, NULL, folder, TRUE, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_download (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("5", NULL, REPRISE_SITE_KIND_ID);
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseVaultWriter) second = site_fixture_begin (fixture);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (backup, "own-name", "shop_5", NULL);
  site_fixture_put_backup (fixture, "shop_5");
  fake_blob_put (fixture->storage, "shop_5.log", "log", 3, FALSE);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/5", 200, NULL,
                   BACKUP (5, "Succeeded", ""));
  g_assert_true (reprise_provider_download (fixture->provider, backup, writer, NULL, NULL, &error));
  g_assert_no_error (error);
  archive = site_fixture_commit (fixture, writer);
  g_assert_cmpuint (reprise_manifest_get_n_files (reprise_archive_get_manifest (archive)), ==, 3);
  g_assert_nonnull (reprise_blob_digest_find (reprise_archive_get_manifest (archive)));
  assert_exported (fixture, archive);
  /* only one of the two is there */
  fake_arm_forget (fixture->azure);
  fake_blob_put (fixture->storage, "shop_6.zip", "x", 1, FALSE);
  g_clear_object (&backup);
  backup = reprise_backup_new ("6", NULL, REPRISE_SITE_KIND_ID);
  g_object_set (backup, "own-name", "shop_6", NULL);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/6", 200, NULL,
                   BACKUP (6, "Succeeded", ""));
  g_assert_false (
    reprise_provider_download (fixture->provider, backup, second, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "shop_6.xml");
  fake_arm_forget (fixture->azure);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/6", 200, NULL, BACKUP (6, "Failed", ""));
  g_assert_false (
    reprise_provider_download (fixture->provider, backup, second, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "not complete");
}

/* --- deletion and renewal --- */

static void
test_delete (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("5", NULL, REPRISE_SITE_KIND_ID);
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "GET", SITE "/backups/5", 200, NULL,
                   BACKUP (5, "Succeeded", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/5", 200, NULL,
                   BACKUP (5, "DeleteFailed", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/5", 200, NULL, BACKUP (5, "Deleted", ""));
  fake_arm_answer (fixture->azure, "DELETE", SITE "/backups/5", 200, NULL, NULL);
  fake_arm_answer (fixture->azure, "POST", SITE "/backups/5/list", 200, NULL, "{}");
  g_assert_true (reprise_provider_delete_backup (fixture->provider, backup, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " SITE "/backups/5/list"), ==, 1);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 2);
}

static void
test_renew (SiteFixture *fixture, gconstpointer data)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (fixture->provider);
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("5", NULL, REPRISE_SITE_KIND_ID);
  g_autoptr (RepriseBackup) unknown = reprise_backup_new ("x", NULL, REPRISE_SITE_KIND_ID);
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "GET", SITE "/backups/5", 200, NULL,
                   BACKUP (5, "DeleteFailed", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/5", 200, NULL, BACKUP (5, "Deleted", ""));
  fake_arm_answer (fixture->azure, "POST", SITE "/backups/5/list", 200, NULL, "{}");
  fake_arm_answer (fixture->azure, "DELETE", SITE "/backups/5", 200, NULL, NULL);
  g_assert_true (iface->renew_access (fixture->provider, backup, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 1); /* as one action */
  body = fake_arm_dup_body (fixture->azure, 1);
  g_assert_nonnull (strstr (body, FAKE_BLOB_SIGNATURE));
  g_assert_false (iface->renew_access (fixture->provider, unknown, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "“x”");
}

/* --- the rest --- */

static void
test_probe (SiteFixture *fixture, gconstpointer data)
{
  g_autofree char *soon = fake_blob_dup_sas (fixture->storage, "rwdl", 3600);
  g_autoptr (RepriseProbe) result = NULL;
  g_autoptr (GError) error = NULL;

  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, soon);
  site_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "GET", SITE, 200, NULL,
                   "{\"location\":\"West US\",\"properties\":{\"state\":\"Running\","
                   "\"defaultHostName\":\"shop.azurewebsites.net\"}}");
  result = reprise_provider_probe (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result->identity, ==, SITE);
  g_assert_cmpuint (result->facts->len, ==, 4);
  g_assert_cmpuint (result->warnings->len, ==, 1); /* it ends in an hour */
  for (guint i = 0; i < result->facts->len; i++)
    g_assert_null (strstr (((RepriseFact *) result->facts->pdata[i])->value, "canary"));
}

/* With the key of the account, or as who is signed in, nobody has to paste a signature. */
static void
test_own_signatures (SiteFixture *fixture, gconstpointer data)
{
  static const char account[] =
    "/subscriptions/s1/resourceGroups/stores/providers/Microsoft.Storage/storageAccounts/acct";
  g_autofree char *endpoint = fake_blob_dup_endpoint (fixture->storage);
  g_autofree char *path = g_strconcat (account, "/ListServiceSas", NULL);
  g_autoptr (RepriseBackup) by_key = NULL;
  g_autoptr (RepriseBackup) by_azure = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_ENDPOINT, endpoint);
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_ACCOUNT, FAKE_BLOB_ACCOUNT);
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_CONTAINER,
                               FAKE_BLOB_CONTAINER);
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_STORAGE, "access-key");
  site_fixture_give (fixture, REPRISE_AZURE_SECRET_KEY, FAKE_BLOB_KEY);
  site_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (7, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/7", 200, NULL,
                   BACKUP (7, "Succeeded", ""));
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, &by_key, NULL, NULL,
                            &error);
  g_assert_no_error (error);
  body = fake_arm_dup_body (fixture->azure, 0);
  g_assert_null (strstr (body, FAKE_BLOB_KEY));
  g_assert_nonnull (strstr (body, "/acct/backups?sv=2021-12-02"));
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_STORAGE, "azure");
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_ACCOUNT_GROUP, "stores");
  site_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "POST", path, 200, NULL,
                   "{\"serviceSasToken\":\"sv=2021-12-02&sr=c&sp=rwdl&se=2099-01-01T00%3A00%3A00Z&"
                   "sig=canary\"}");
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, &by_azure, NULL, NULL,
                            &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST /subscriptions/s1/resourceGroups/stores"),
                    ==, 1);
}

/* --- archives --- */

static void
test_archives (SiteFixture *fixture, gconstpointer data)
{
  static const char *const other[] = { "collections/a", NULL };
  g_autofree char *path = g_build_filename (fixture->folder, "shop_1.zip", NULL);
  g_autofree char *beside =
    reprise_site_archive_dup_beside (path, REPRISE_SITE_DESCRIPTION_EXTENSION);
  g_autofree char *foreign = g_build_filename (fixture->folder, "other.zip", NULL);
  g_autoptr (GBytes) zip = site_fixture_make_zip (other);
  g_autoptr (RepriseArchive) alone = reprise_archive_new_for_file (REPRISE_SITE_KIND_ID, path);
  g_autoptr (RepriseArchive) both = reprise_archive_new_for_file (REPRISE_SITE_KIND_ID, path);
  g_autoptr (RepriseArchive) cut = reprise_archive_new_for_file (REPRISE_SITE_KIND_ID, path);
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const char *bytes = g_bytes_get_data (fixture->zip, &size);

  g_file_set_contents (path, bytes, (gssize) size, NULL);
  g_file_set_contents (foreign, g_bytes_get_data (zip, NULL), (gssize) g_bytes_get_size (zip),
                       NULL);
  g_assert_true (reprise_site_archive_is_one (path));
  g_assert_false (reprise_site_archive_is_one (foreign));
  g_assert_true (reprise_kind_inspect (fixture->kind, alone, NULL, NULL, NULL, &error));
  g_assert_true (reprise_archive_is_damaged (alone)); /* its description is missing */
  g_file_set_contents (beside, DESCRIPTION, -1, NULL);
  g_assert_true (reprise_kind_inspect (fixture->kind, both, NULL, NULL, NULL, &error));
  g_assert_false (reprise_archive_is_damaged (both));
  g_file_set_contents (path, bytes, (gssize) size - 30, NULL);
  g_assert_false (reprise_kind_inspect (fixture->kind, cut, NULL, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_false (reprise_kind_verify (fixture->kind, cut, REPRISE_DEPTH_FULL, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function)                                                             \
  g_test_add ("/site-provider/" path, SiteFixture, NULL, site_fixture_set_up, function, \
              site_fixture_tear_down)
  ADD ("back-up", test_back_up);
  ADD ("left", test_left);
  ADD ("left-and-not-taken", test_left_and_not_taken);
  ADD ("failed", test_failed);
  ADD ("lost-answer", test_lost_answer);
  ADD ("bad-databases", test_bad_databases);
  ADD ("list", test_list);
  ADD ("download", test_download);
  ADD ("delete", test_delete);
  ADD ("renew", test_renew);
  ADD ("probe", test_probe);
  ADD ("own-signatures", test_own_signatures);
  ADD ("archives", test_archives);
#undef ADD
  return g_test_run ();
}
