/* test-api-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <time.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "provider/reprise-left-backup.h"
#include "providers/azure/apim/api-fixture.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/reprise-azure-settings.h"
#include "reprise-test.h"

static RepriseBackup *
back_up_there (ApiFixture *fixture, GError **error)
{
  RepriseBackup *made = NULL;

  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, &made, NULL, NULL, error);
  return made;
}

static void
assert_no_journal (ApiFixture *fixture)
{
  g_assert_null (reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL));
}

/* --- backup --- */

static void
test_back_up (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL, *json = NULL;
  RepriseManifest *manifest;

  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  api_fixture_answer_start (fixture, API "/backup");
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, NULL, NULL,
                            &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "GET /op?t=1"), ==, 3);
  body = api_fixture_dup_last_post (fixture, API "/backup");
  g_assert_nonnull (strstr (body, "\"accessKey\":\"" FAKE_BLOB_KEY "\""));
  g_assert_true (
    g_regex_match_simple ("^shop-[0-9]{8}-[0-9]{6}\\.apimbackup$", fixture->made, 0, 0));
  assert_no_journal (fixture);
  archive = api_fixture_commit (fixture, writer);
  manifest = reprise_archive_get_manifest (archive);
  g_assert_cmpstr (reprise_manifest_get_identity (manifest), ==, API);
  g_assert_cmpstr (reprise_manifest_get_own_name (manifest), ==, fixture->made);
  json = reprise_manifest_to_json (manifest, NULL);
  g_assert_nonnull (strstr (json, "\"Standard\""));
  g_assert_null (strstr (json, FAKE_BLOB_KEY));
  /* in the container its tier and its service lie beside it, and who made it */
  listed = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (listed->len, ==, 1);
  g_assert_nonnull (strstr (reprise_backup_get_own_state (listed->pdata[0]), "(Standard)"));
  g_assert_cmpint (reprise_backup_get_origin (listed->pdata[0]), ==, REPRISE_ORIGIN_SCHEDULE);
}

/* By the identities there is no key in the request, and the service must have the identity. */
static void
test_by_identity (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_set (fixture, REPRISE_AZURE_SETTING_ACCESS, "system-identity");
  api_fixture_connect (fixture);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  api_fixture_answer_start (fixture, API "/backup");
  made = back_up_there (fixture, &error);
  g_assert_no_error (error);
  body = api_fixture_dup_last_post (fixture, API "/backup");
  g_assert_nonnull (strstr (body, "\"accessType\":\"SystemAssignedManagedIdentity\""));
  g_assert_null (strstr (body, "accessKey"));
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_ACCESS, "user-identity");
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_IDENTITY, "c-1");
  api_fixture_connect (fixture);
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_REFUSED, "no managed identity of the kind");
}

/* The key that Azure gives whoever is signed in. */
static void
test_by_azure (ApiFixture *fixture, gconstpointer data)
{
  static const char account[] =
    "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/acct";
  g_autofree char *keys = g_strconcat (account, "/listKeys", NULL);
  g_autofree char *sas = g_strconcat (account, "/ListServiceSas", NULL);
  g_autoptr (RepriseBackup) made = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_set (fixture, REPRISE_AZURE_SETTING_STORAGE, "azure");
  api_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "POST", keys, 200, NULL,
                   "{\"keys\":[{\"keyName\":\"key1\",\"value\":\"Z2l2ZW4=\",\"permissions\":"
                   "\"FULL\"}]}");
  fake_arm_answer (fixture->azure, "POST", sas, 200, NULL,
                   "{\"serviceSasToken\":\"sv=2021-12-02&sr=c&sp=rwdl&se=2099-01-01T00%3A00%3A00Z&"
                   "sig=canary\"}");
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  api_fixture_answer_start (fixture, API "/backup");
  made = back_up_there (fixture, &error);
  g_assert_no_error (error);
  body = api_fixture_dup_last_post (fixture, API "/backup");
  g_assert_nonnull (strstr (body, "\"accessKey\":\"Z2l2ZW4=\""));
}

/* A signature alone is not what API Management writes with; with an identity it is enough for us. */
static void
test_by_signature (ApiFixture *fixture, gconstpointer data)
{
  g_autofree char *sas = fake_blob_dup_sas (fixture->storage, "rwdl", 3600);
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_set (fixture, REPRISE_AZURE_SETTING_STORAGE, "sas");
  api_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, sas);
  api_fixture_connect (fixture);
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_INVALID, "managed identity");
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_ACCESS, "system-identity");
  api_fixture_connect (fixture);
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  api_fixture_answer_start (fixture, API "/backup");
  made = back_up_there (fixture, &error);
  g_assert_no_error (error);
}

/* Before anything is begun. */
static void
test_refused (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, API, "Consumption", "Succeeded");
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_NOT_SUPPORTED, "Consumption");
  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, API, "Basic", "Updating");
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_BUSY, "Updating");
  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  fixture->storage->has_container = FALSE;
  g_assert_null (back_up_there (fixture, &error)); /* nobody there to ask: it is not made */
  api_fixture_assert_error (&error, REPRISE_ERROR_REFUSED, "Create it first");
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  assert_no_journal (fixture);
}

typedef struct
{
  RepriseProgress *progress;
  char *asked;
} Person;

static gpointer
person_worker (gpointer data)
{
  Person *person = data;
  RepriseQuestion *question = NULL;

  while ((question = reprise_progress_dup_question (person->progress)) == NULL)
    g_usleep (1000);
  person->asked = g_strdup (question->id);
  reprise_progress_answer (person->progress, question->id, "create");
  reprise_question_free (question);
  return NULL;
}

/* Where somebody can be asked the container is made. */
static void
test_container_is_made (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  Person person = { progress, NULL };
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("person", person_worker, &person);

  fixture->storage->has_container = FALSE;
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  api_fixture_answer_start (fixture, API "/backup");
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, &made, progress, NULL,
                            &error);
  g_thread_join (thread);
  g_assert_no_error (error);
  g_assert_cmpstr (person.asked, ==, "create-container");
  g_assert_true (fixture->storage->has_container);
  g_free (person.asked);
}

/* What Azure says at the end, and what it only says. */
static void
test_failed (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/backup", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 400, NULL,
                   "{\"error\":{\"code\":\"BackupFailed\",\"message\":\"Cannot write.\"}}");
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_FAILED, "Cannot write. (BackupFailed)");
  assert_no_journal (fixture);
  fake_arm_forget (fixture->azure);
  fixture->makes = FALSE;
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/backup", 200, NULL, "{}");
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "not where it should be");
  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/backup", 409, NULL,
                   "{\"error\":{\"code\":\"ServiceLocked\",\"message\":\"It is transitioning.\"}}");
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_BUSY, "It is transitioning.");
  assert_no_journal (fixture);
}

/* To be not allowed to look is no failure: the service itself is looked at, and the container. */
static void
test_lost_sight (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  api_fixture_answer_state (fixture, API, "Basic", "Updating");
  api_fixture_answer_state (fixture, API, "Basic", "Updating");
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/backup", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 403, NULL,
                   "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"No.\"}}");
  made = back_up_there (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_id (made), ==, fixture->made);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "GET " API), ==, 4);
  assert_no_journal (fixture);
}

/* The answer is lost, but Azure has begun: it is not asked for twice. */
static void
test_lost_answer (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  api_fixture_answer_state (fixture, API, "Basic", "Updating");
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/backup", 0, NULL, NULL);
  made = back_up_there (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " API "/backup"), ==, 1);
  fixture->makes = FALSE;
  g_clear_object (&made);
  g_assert_null (back_up_there (fixture, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "not known whether Azure has begun");
}

/* Azure had a fault of its own, which it says. */
static void
test_fault (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->makes = FALSE;
  api_fixture_answer_state (fixture, API, "Basic", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/backup", 500, NULL,
                   "{\"error\":{\"code\":\"InternalError\",\"message\":\"The disk is full.\"}}");
  g_assert_null (back_up_there (fixture, &error));
  g_assert_nonnull (strstr (error->message, "The disk is full."));
  api_fixture_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "not known whether Azure has begun");
}

/* --- over a restart --- */

typedef struct
{
  ApiFixture *fixture;
  GCancellable *cancellable;
} Stop;

static gpointer
stop_worker (gpointer data)
{
  Stop *stop = data;

  while (fake_arm_count (stop->fixture->azure, "GET /op") < 2)
    g_usleep (1000);
  g_cancellable_cancel (stop->cancellable);
  return NULL;
}

/* Leaves a backup at which Azure still works. */
static void
leave_running (ApiFixture *fixture, RepriseVaultWriter *writer)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Stop stop = { fixture, cancellable };
  GThread *thread = g_thread_new ("stop", stop_worker, &stop);
  RepriseBackup *made = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, API, "Premium", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/backup", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 202, "Retry-After: 0\r\n", NULL);
  g_assert_false (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer,
                                            writer == NULL ? &made : NULL, NULL, cancellable,
                                            &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  fake_arm_forget (fixture->azure);
}

static void
test_taken_up (ApiFixture *fixture, gconstpointer data)
{
  g_autofree char *begun = NULL;
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (GError) error = NULL;

  leave_running (fixture, NULL);
  begun = g_strdup (fixture->made);
  api_fixture_connect (fixture);
  api_fixture_answer_state (fixture, API, "Premium", "Updating");
  fake_arm_answer (fixture->azure, "GET", "/op", 202, "Retry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{}");
  made = back_up_there (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_id (made), ==, begun); /* that one is as new as another */
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  g_assert_nonnull (strstr (reprise_backup_get_own_state (made), "(Premium)"));
  assert_no_journal (fixture);
}

/* As if it had been left five hours ago. */
static void
age_journal (ApiFixture *fixture)
{
  g_autoptr (RepriseJournal) left =
    reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  struct utimbuf times = { time (NULL) - 5 * 3600, time (NULL) - 5 * 3600 };

  g_assert_cmpint (g_utime (reprise_journal_get_path (left), &times), ==, 0);
}

static void
back_up_again (ApiFixture *fixture, RepriseBackup **made, GStrv *warnings)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GError) error = NULL;

  api_fixture_connect (fixture);
  api_fixture_answer_state (fixture, API, "Premium", "Succeeded");
  api_fixture_answer_start (fixture, API "/backup");
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, made, progress, NULL,
                            &error);
  g_assert_no_error (error);
  *warnings = reprise_progress_dup_warnings (progress);
}

/* One that has ended meanwhile stands for one that is asked for soon after, and that is said; of one of long ago it is said where it is. */
static void
test_taken_up_late (ApiFixture *fixture, gconstpointer data)
{
  g_autofree char *begun = NULL;
  g_auto (GStrv) warnings = NULL, more_warnings = NULL;
  g_autoptr (RepriseBackup) made = NULL, other = NULL;

  leave_running (fixture, NULL);
  begun = g_strdup (fixture->made);
  back_up_again (fixture, &made, &warnings);
  g_assert_cmpstr (reprise_backup_get_id (made), ==, begun);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  g_assert_nonnull (strstr (warnings[0], "stands for this one"));
  assert_no_journal (fixture);
  fake_arm_forget (fixture->azure);
  leave_running (fixture, NULL);
  g_free (begun);
  begun = g_strdup (fixture->made);
  age_journal (fixture);
  back_up_again (fixture, &other, &more_warnings);
  g_assert_cmpstr (reprise_backup_get_id (other), !=, begun);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 1);
  g_assert_nonnull (strstr (more_warnings[0], begun));
  assert_no_journal (fixture);
}

/* That a backup was to come into the vault outlasts its process: until it is there, or Azure says that there is none. */
static void
test_left_for_vault (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (RepriseVaultWriter) next = api_fixture_begin (fixture);
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *begun = NULL;
  g_autoptr (GError) error = NULL;

  leave_running (fixture, writer);
  begun = g_strdup (fixture->made);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), &error);
  g_assert_no_error (error);
  g_assert_true (reprise_left_backup_is_for_vault (left));
  g_assert_true (reprise_kind_can_follow (fixture->kind, left));
  api_fixture_connect (fixture);
  api_fixture_answer_state (fixture, API, "Premium", "Succeeded");
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{}");
  outcome = reprise_provider_resume_operation (fixture->provider, left, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->backup_id, ==, begun);
  g_assert_true (reprise_left_backup_is_for_vault (left));
  g_assert_true (reprise_left_backup_is_over (left));
  g_assert_cmpint (reprise_left_backup_get_origin (left), ==, REPRISE_ORIGIN_SCHEDULE);
  g_clear_object (&left);
  /* killed again: Azure is done, and a backup that is asked for now brings that one */
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, next, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_manifest_get_own_name (reprise_vault_writer_get_manifest (next)), ==,
                   begun);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  assert_no_journal (fixture);
}

/* --- list, details, download, upload --- */

static void
test_list (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (RepriseBackup) other = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) ids = g_string_new (NULL);

  api_fixture_put (fixture, "by-hand", NULL, 0);
  api_fixture_put (fixture, "shop-20261101-000000.apimbackup", "Standard", 27);
  api_fixture_put (fixture, "other-20261101-000000.apimbackup", NULL, 0);
  fake_blob_put (fixture->storage, "site.zip", "x", 1, FALSE);
  backups = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < backups->len; i++)
    g_string_append_printf (ids, "%s;", reprise_backup_get_id (backups->pdata[i]));
  g_assert_cmpstr (ids->str, ==, "by-hand;shop-20261101-000000.apimbackup;");
  g_assert_nonnull (strstr (reprise_backup_get_own_state (backups->pdata[1]), "Restorable until"));
  archive = reprise_provider_open_backup (fixture->provider, backups->pdata[1], NULL, NULL, &error);
  g_assert_no_error (error);
  warnings = reprise_archive_dup_warnings (archive);
  g_assert_nonnull (strstr (warnings[0], "days more"));
  /* that of another service is found by its name */
  other = reprise_provider_find_backup (fixture->provider, "other-20261101-000000.apimbackup", NULL,
                                        &error);
  g_assert_no_error (error);
  g_assert_nonnull (other);
  g_assert_null (reprise_provider_find_backup (fixture->provider, "other", NULL, &error));
  g_assert_no_error (error);
}

static void
test_there_and_back (ApiFixture *fixture, gconstpointer data)
{
  static const char name[] = "shop-20261101-000000.apimbackup";
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseBackup) again = NULL;
  g_autoptr (RepriseBackup) beside = NULL;
  g_autoptr (RepriseBackup) sent = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, name, "Standard", 3);
  backup = reprise_provider_find_backup (fixture->provider, name, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_provider_download (fixture->provider, backup, writer, NULL, NULL, &error));
  g_assert_no_error (error);
  archive = api_fixture_commit (fixture, writer);
  again = reprise_provider_upload (fixture->provider, archive, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_id (again), ==, name); /* it lies there */
  fake_blob_put (fixture->storage, name, "something else", 14, FALSE);
  beside = reprise_provider_upload (fixture->provider, archive, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_id (beside), ==, "shop-20261101-000000-2.apimbackup");
  g_assert_true (reprise_provider_delete_backup (fixture->provider, backup, NULL, NULL, &error));
  g_assert_no_error (error);
  sent = reprise_provider_upload (fixture->provider, archive, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_id (sent), ==, name);
  g_assert_nonnull (strstr (reprise_backup_get_own_state (sent), "(Standard)"));
  g_assert_true (g_date_time_equal (reprise_backup_get_created_at (sent),
                                    reprise_backup_get_created_at (backup)));
  bytes = fake_blob_get (fixture->storage, name);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), CONTENT,
                   strlen (CONTENT));
}

/* --- the rest --- */

static void
test_probe (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseProbe) result = NULL;
  g_autoptr (RepriseProbe) second = NULL;
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  result = reprise_provider_probe (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result->identity, ==, API);
  g_assert_cmpuint (result->warnings->len, ==, 0);
  fixture->storage->has_container = FALSE;
  second = reprise_provider_probe (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (second->warnings->len, ==, 1);
  contents = reprise_provider_list_groups (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (
    reprise_collection_get_reason (reprise_contents_find (contents, "usage", NULL)));
}

static void
test_files (ApiFixture *fixture, gconstpointer data)
{
  g_autofree char *path =
    g_build_filename (fixture->folder, "shop-20200101-101112.apimbackup", NULL);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_file (REPRISE_API_KIND_ID, path);
  g_autoptr (RepriseArchive) empty = reprise_archive_new_for_file (REPRISE_API_KIND_ID, path);
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, CONTENT, -1, NULL);
  g_assert_true (reprise_kind_inspect (fixture->kind, archive, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (reprise_archive_is_damaged (archive));
  g_assert_cmpint (g_date_time_get_year (reprise_archive_get_created_at (archive)), ==, 2020);
  warnings = reprise_archive_dup_warnings (archive);
  g_assert_nonnull (strstr (warnings[0], "any more"));
  g_file_set_contents (path, "", 0, NULL);
  g_assert_true (reprise_kind_inspect (fixture->kind, empty, NULL, NULL, NULL, &error));
  g_assert_true (reprise_archive_is_damaged (empty));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function)                                                          \
  g_test_add ("/api-provider/" path, ApiFixture, NULL, api_fixture_set_up, function, \
              api_fixture_tear_down)
  ADD ("back-up", test_back_up);
  ADD ("by-identity", test_by_identity);
  ADD ("by-azure", test_by_azure);
  ADD ("by-signature", test_by_signature);
  ADD ("refused", test_refused);
  ADD ("container-is-made", test_container_is_made);
  ADD ("failed", test_failed);
  ADD ("lost-sight", test_lost_sight);
  ADD ("lost-answer", test_lost_answer);
  ADD ("fault", test_fault);
  ADD ("taken-up", test_taken_up);
  ADD ("taken-up-late", test_taken_up_late);
  ADD ("left-for-vault", test_left_for_vault);
  ADD ("list", test_list);
  ADD ("there-and-back", test_there_and_back);
  ADD ("probe", test_probe);
  ADD ("files", test_files);
#undef ADD
  return g_test_run ();
}
