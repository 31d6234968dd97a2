/* test-site.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/azure/documents.h"
#include "providers/azure/fake-arm.h"
#include "providers/azure/site/reprise-site.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define SUBSCRIPTION "00001111-2222-3333-4444-555566667777"
#define SITE                                                                                   \
  "/subscriptions/" SUBSCRIPTION "/resourceGroups/Default-Web-WestUS/providers/Microsoft.Web/" \
  "sites/backuprestoreapiexamples"
#define VERSION "?api-version=2025-05-01"
#define STORAGE                                                       \
  "https://account.blob.core.windows.net/backups?sv=2015-02-21&sr=c&" \
  "sig=DzlkBl7h32C8qCv%2BifdBRxE63r4iv0kZ9L7E0qP16sY%3D&se=2016-09-15T22%3A46%3A54Z&sp=rwdl"
#define PROPERTIES(text) "{\"properties\":{" text "}}"

typedef struct
{
  FakeArm *server;
  RepriseArm *arm;
  RepriseSite *site;
  RepriseSecretValue *storage;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_arm_new ();
  fixture->arm = fake_arm_connect (fixture->server);
  fixture->site = reprise_site_new (fixture->arm, SUBSCRIPTION, "Default-Web-WestUS",
                                    "backuprestoreapiexamples", NULL);
  fixture->storage = reprise_secret_value_new_text (STORAGE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->site);
  g_clear_object (&fixture->arm);
  g_clear_pointer (&fixture->storage, reprise_secret_value_unref);
  fake_arm_free (fixture->server);
}

static void
assert_call (Fixture *fixture, guint index, const char *expected)
{
  g_autofree char *line = fake_arm_dup_call (fixture->server, index);

  g_assert_cmpstr (line, ==, expected);
}

static void
assert_document (Fixture *fixture, guint index, JsonNode *document)
{
  g_autofree char *body = fake_arm_dup_body (fixture->server, index);

  document_assert_same (document, body);
}

static void
assert_body (Fixture *fixture, guint index, const char *expected)
{
  g_autofree char *body = fake_arm_dup_body (fixture->server, index);

  g_assert_cmpstr (body, ==, expected);
}

static void
assert_error (GError **error, RepriseError code, const char *words)
{
  reprise_test_assert_says (*error, (int) code, words);
  g_assert_null (strstr ((*error)->message, "DzlkBl"));
  g_clear_error (error);
}

static void
assert_time (GDateTime *time, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_nonnull (time);
  text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
  g_assert_cmpstr (text, ==, expected);
}

static GPtrArray *
make_databases (const char *connection)
{
  GPtrArray *databases =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_database_free);
  g_autoptr (RepriseSecretValue) secret =
    connection != NULL ? reprise_secret_value_new_text (connection) : NULL;

  g_ptr_array_add (databases, reprise_site_database_new ("SqlAzure", "MyDatabase1", NULL, secret));
  return databases;
}

/* --- every request and answer of the document --- */

static void
test_back_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) databases = make_databases ("<your database connection string>");
  g_autoptr (JsonNode) request = document_read ("site-backup-request");
  g_autoptr (JsonNode) reply = document_read ("site-backup-reply");
  g_autofree char *answer = json_to_string (reply, FALSE);
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSiteBackup) backup = NULL;
  const RepriseSiteDatabase *database;

  fake_arm_answer (fixture->server, "POST", SITE "/backup", 200, NULL, answer);
  backup =
    reprise_site_back_up (fixture->site, fixture->storage, NULL, databases, &outcome, NULL, &error);
  g_assert_no_error (error);
  assert_call (fixture, 0, "POST " SITE "/backup" VERSION);
  assert_document (fixture, 0, request);
  g_assert_cmpint (outcome, ==, REPRISE_HTTP_ANSWERED);
  g_assert_cmpint (backup->id, ==, 1);
  g_assert_cmpstr (backup->name, ==, "backup_201509291825");
  g_assert_cmpstr (backup->blob_name, ==, "backup_201509291825.zip");
  g_assert_cmpint (backup->status, ==, REPRISE_SITE_CREATED);
  g_assert_cmpint (backup->size_bytes, ==, 0);
  g_assert_cmpint (backup->site_bytes, ==, -1);
  assert_time (backup->created_at, "2015-09-29T18:25:26");
  g_assert_null (backup->log);
  g_assert_null (backup->finished_at);
  g_assert_false (backup->scheduled);
  g_assert_cmpstr (backup->correlation_id, ==, "ea730f4d-dd06-4f7f-a090-9aa09k662h36");
  g_assert_cmpstr (reprise_secret_value_get_text (backup->storage), ==, STORAGE);
  g_assert_cmpuint (backup->databases->len, ==, 1);
  database = backup->databases->pdata[0];
  g_assert_cmpstr (database->type, ==, "SqlAzure");
  g_assert_cmpstr (database->name, ==, "MyDatabase1");
}

/* Its values were of an older interface: text for numbers and truths, “name” for “backupName”, and a place. */
static void
test_set_schedule (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) request = document_read ("site-schedule-request");
  JsonObject *properties = document_properties (request);
  JsonObject *schedule = json_object_get_object_member (properties, "backupSchedule");
  RepriseSiteSchedule wish = {
    .enabled = TRUE,
    .name = (char *) "mysitebackup",
    .interval = 7,
    .keep_one = TRUE,
    .retention_days = 10,
    .storage = fixture->storage,
  };
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  json_object_remove_member (json_node_get_object (request), "location");
  json_object_set_boolean_member (properties, "enabled", TRUE);
  json_object_remove_member (properties, "name");
  json_object_set_string_member (properties, "backupName", "mysitebackup");
  json_object_set_int_member (schedule, "frequencyInterval", 7);
  json_object_set_boolean_member (schedule, "keepAtLeastOneBackup", TRUE);
  json_object_set_int_member (schedule, "retentionPeriodInDays", 10);
  kept = json_to_string (request, FALSE);
  fake_arm_answer (fixture->server, "PUT", SITE "/config/backup", 200, NULL, kept);
  fake_arm_answer (fixture->server, "POST", SITE "/config/backup/list", 200, NULL, kept);
  g_assert_true (reprise_site_set_schedule (fixture->site, &wish, NULL, &error));
  g_assert_no_error (error);
  assert_call (fixture, 0, "PUT " SITE "/config/backup" VERSION);
  assert_document (fixture, 0, request);
  assert_call (fixture, 1, "POST " SITE "/config/backup/list" VERSION);
  assert_body (fixture, 1, "");
}

/* The answer to the document's own request would say what was sent, in its own words. */
static void
test_get_schedule (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) request = document_read ("site-schedule-request");
  g_autofree char *answer = json_to_string (request, FALSE);
  g_autoptr (RepriseSiteSchedule) schedule = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", SITE "/config/backup/list", 200, NULL, answer);
  schedule = reprise_site_get_schedule (fixture->site, NULL, &error);
  g_assert_no_error (error);
  assert_call (fixture, 0, "POST " SITE "/config/backup/list" VERSION);
  g_assert_true (schedule->enabled);
  g_assert_cmpstr (schedule->name, ==, "mysitebackup");
  g_assert_cmpint (schedule->interval, ==, 7);
  g_assert_false (schedule->hours);
  g_assert_true (schedule->keep_one);
  g_assert_cmpint (schedule->retention_days, ==, 10);
  g_assert_cmpstr (reprise_secret_value_get_text (schedule->storage), ==, STORAGE);
}

static void
test_status (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) reply = document_read ("site-status-reply");
  g_autofree char *answer = json_to_string (reply, FALSE);
  g_autofree char *list = g_strdup_printf (
    "{\"value\":[%s," PROPERTIES ("\"id\":2,\"status\":\"Deleted\"") "],\"nextLink\":null}",
    answer);
  g_autoptr (RepriseSiteBackup) backup = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "GET", SITE "/backups/1", 200, NULL, answer);
  fake_arm_answer (fixture->server, "GET", SITE "/backups", 200, NULL, list);
  backup = reprise_site_get_backup (fixture->site, 1, NULL, &error);
  g_assert_no_error (error);
  assert_call (fixture, 0, "GET " SITE "/backups/1" VERSION);
  g_assert_cmpint (backup->status, ==, REPRISE_SITE_SUCCEEDED);
  g_assert_cmpint (backup->size_bytes, ==, 151973);
  g_assert_cmpint (backup->site_bytes, ==, 209920);
  assert_time (backup->created_at, "2015-09-29T17:34:57"); /* without a zone: UTC */
  assert_time (backup->finished_at, "2015-09-29T17:35:11");
  g_assert_null (backup->restored_at);
  g_assert_cmpstr (backup->correlation_id, ==, "2379fc13-418a-4b9c-920d-d06e73c5028d");
  backups = reprise_site_list_backups (fixture->site, NULL, &error);
  g_assert_no_error (error);
  assert_call (fixture, 1, "GET " SITE "/backups" VERSION);
  g_assert_cmpuint (backups->len, ==, 2);
}

static void
restore (Fixture *fixture, RepriseSite *site, gint64 id, const RepriseSiteRestore *how)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation =
    reprise_site_restore (site, id, how, NULL, NULL, &error);

  g_assert_no_error (error);
  reprise_http_operation_set_interval (operation, 10);
  g_assert_true (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* Again text for a truth, and a place. */
static void
test_restore (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) databases = make_databases (NULL);
  g_autoptr (JsonNode) request = document_read ("site-restore-request");
  RepriseSiteRestore how = {
    .storage = fixture->storage,
    .blob_name = "backup_201509280431.zip",
    .overwrite = TRUE,
    .databases = databases,
  };
  g_autoptr (RepriseSite) another =
    reprise_site_new (fixture->arm, SUBSCRIPTION, "Default-Web-WestUS", "another", NULL);

  json_object_remove_member (json_node_get_object (request), "location");
  json_object_set_boolean_member (document_properties (request), "overwrite", TRUE);
  fake_arm_answer (fixture->server, "POST", SITE "/backups/1/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/op", 200, NULL, "{}");
  restore (fixture, fixture->site, 1, &how);
  assert_call (fixture, 0, "POST " SITE "/backups/1/restore" VERSION);
  assert_document (fixture, 0, request);
  /* to a new application: the address names it, and nothing is overwritten */
  fake_arm_forget (fixture->server);
  how.overwrite = FALSE;
  json_object_set_boolean_member (document_properties (request), "overwrite", FALSE);
  fake_arm_answer (fixture->server, "POST",
                   "/subscriptions/" SUBSCRIPTION "/resourceGroups/Default-Web-WestUS/providers/"
                   "Microsoft.Web/sites/another/restoreFromBackupBlob",
                   200, NULL, NULL);
  restore (fixture, another, -1, &how);
  assert_document (fixture, 0, request);
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "DELETE", SITE "/backups/1", 200, NULL, NULL);
  fake_arm_answer (fixture->server, "GET", SITE "/backups/1", 200, NULL,
                   PROPERTIES ("\"id\":1,\"status\":7"));
  fake_arm_answer (fixture->server, "GET", SITE "/backups/1", 200, NULL,
                   PROPERTIES ("\"id\":1,\"status\":\"Deleted\""));
  g_assert_true (reprise_site_delete_backup (fixture->site, 1, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_call (fixture, 0, "DELETE " SITE "/backups/1" VERSION);
  assert_call (fixture, 2, "GET " SITE "/backups/1" VERSION);
}

static void
test_renew (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) request = document_read ("site-renew-request");
  g_autoptr (JsonNode) reply = document_read ("site-backup-reply");
  g_autofree char *answer = json_to_string (reply, FALSE);
  g_autoptr (RepriseSiteBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", SITE "/backups/1/list", 200, NULL, answer);
  g_assert_true (reprise_site_renew_storage (fixture->site, 1, fixture->storage, NULL, &error));
  g_assert_no_error (error);
  assert_call (fixture, 0, "POST " SITE "/backups/1/list" VERSION);
  assert_document (fixture, 0, request);
  /* the secret is shown for an object without members, and only then */
  backup = reprise_site_get_backup_secrets (fixture->site, 1, NULL, &error);
  g_assert_no_error (error);
  assert_body (fixture, 1, "{}");
  g_assert_cmpstr (reprise_secret_value_get_text (backup->storage), ==, STORAGE);
}

/* --- states --- */

static void
test_states (void)
{
  static const char *const words[] = {
    "InProgress",         "Failed",           "Succeeded",    "TimedOut", "Created", "Skipped",
    "PartiallySucceeded", "DeleteInProgress", "DeleteFailed", "Deleted"
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == REPRISE_N_SITE_STATUSES);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *old = g_strdup_printf (PROPERTIES ("\"id\":1,\"status\":%u"), i);
      g_autofree char *new = g_strdup_printf (PROPERTIES ("\"id\":1,\"status\":\"%s\""), words[i]);
      g_autoptr (JsonNode) old_node = json_from_string (old, NULL);
      g_autoptr (JsonNode) new_node = json_from_string (new, NULL);
      g_autoptr (RepriseSiteBackup) one =
        reprise_site_backup_read (json_node_get_object (old_node), NULL);
      g_autoptr (RepriseSiteBackup) other =
        reprise_site_backup_read (json_node_get_object (new_node), NULL);

      g_assert_cmpuint (one->status, ==, i);
      g_assert_cmpuint (other->status, ==, i);
      g_assert_cmpstr (one->word, ==, words[i]);
      g_assert_cmpstr (other->word, ==, words[i]);
      g_assert_cmpint (reprise_site_status_is_moving (one->status), ==,
                       i == REPRISE_SITE_IN_PROGRESS || i == REPRISE_SITE_CREATED ||
                         i == REPRISE_SITE_DELETE_IN_PROGRESS);
      g_assert_cmpuint (strlen (reprise_site_status_get_text (one->status)), >, 3);
      g_assert_cmpint (reprise_site_status_get_sign (one->status) == REPRISE_BACKUP_SIGN_NONE, ==,
                       i == REPRISE_SITE_IN_PROGRESS || i == REPRISE_SITE_SUCCEEDED);
    }
}

static void
test_unknown (void)
{
  static const char *const cases[] = {
    PROPERTIES ("\"id\":1,\"status\":\"Resting\""),
    PROPERTIES ("\"id\":1,\"status\":42"),
    PROPERTIES ("\"id\":1"),
  };
  g_autoptr (JsonNode) none = json_from_string (PROPERTIES ("\"status\":2"), NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (cases[i], NULL);
      g_autoptr (RepriseSiteBackup) backup =
        reprise_site_backup_read (json_node_get_object (node), NULL);

      g_assert_cmpint (backup->status, ==, REPRISE_SITE_UNKNOWN);
      g_assert_false (reprise_site_status_is_moving (backup->status));
    }
  g_assert_null (reprise_site_backup_read (json_node_get_object (none), &error));
  assert_error (&error, REPRISE_ERROR_PROTOCOL, "number");
}

/* --- what is more than one request --- */

static void
test_follow (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseSiteBackup) backup = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "GET", SITE "/backups/5", 200, NULL,
                   PROPERTIES ("\"id\":5,\"status\":\"Created\""));
  fake_arm_answer (fixture->server, "GET", SITE "/backups/5", 200, NULL,
                   PROPERTIES ("\"id\":5,\"status\":\"InProgress\""));
  fake_arm_answer (fixture->server, "GET", SITE "/backups/5", 503, NULL, NULL);
  fake_arm_answer (
    fixture->server, "GET", SITE "/backups/5", 200, NULL,
    PROPERTIES ("\"id\":5,\"status\":\"PartiallySucceeded\",\"log\":\"a.txt is\\nlocked\""));
  backup = reprise_site_follow_backup (fixture->site, 5, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (backup->status, ==, REPRISE_SITE_PARTIALLY_SUCCEEDED);
  g_assert_cmpstr (backup->log, ==, "a.txt is locked");
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 4);
  g_cancellable_cancel (cancellable);
  g_assert_null (reprise_site_follow_backup (fixture->site, 5, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The signature has ended → deleting fails → it is renewed → and deleted, as one action. */
static void
test_delete_after_renewal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "DELETE", SITE "/backups/3", 200, NULL, NULL);
  fake_arm_answer (
    fixture->server, "GET", SITE "/backups/3", 200, NULL,
    PROPERTIES ("\"id\":3,\"status\":\"DeleteFailed\",\"log\":\"(403) Forbidden.\""));
  g_assert_false (reprise_site_delete_backup (fixture->site, 3, NULL, NULL, NULL, &error));
  assert_error (&error, REPRISE_ERROR_NEEDS_SIGN_IN, "(403) Forbidden.");
  g_assert_cmpuint (fake_arm_count (fixture->server, "POST"), ==, 0);
  fake_arm_forget (fixture->server);
  fake_arm_answer (fixture->server, "DELETE", SITE "/backups/3", 200, NULL, NULL);
  fake_arm_answer (fixture->server, "GET", SITE "/backups/3", 200, NULL,
                   PROPERTIES ("\"id\":3,\"status\":\"DeleteFailed\""));
  fake_arm_answer (fixture->server, "GET", SITE "/backups/3", 404, NULL, NULL);
  fake_arm_answer (fixture->server, "POST", SITE "/backups/3/list", 200, NULL,
                   PROPERTIES ("\"id\":3"));
  g_assert_true (
    reprise_site_delete_backup (fixture->site, 3, fixture->storage, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 5);
  assert_call (fixture, 2, "POST " SITE "/backups/3/list" VERSION);
  assert_call (fixture, 3, "DELETE " SITE "/backups/3" VERSION);
}

static void
test_schedule_is_read_back (Fixture *fixture, gconstpointer data)
{
  RepriseSiteSchedule wish = {
    .interval = 12,
    .hours = TRUE,
    .retention_days = 0,
    .start_at = g_date_time_new_utc (2026, 12, 1, 3, 30, 0),
    .storage = fixture->storage,
  };
  static const char kept[] =
    PROPERTIES ("\"enabled\":false,\"backupSchedule\":{\"frequencyInterval\":12,\"frequencyUnit\":"
                "\"Hour\",\"keepAtLeastOneBackup\":false,\"retentionPeriodInDays\":0}");
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  /* paused; said to have failed, though it was saved */
  fake_arm_answer (fixture->server, "PUT", SITE "/config/backup", 500, NULL, NULL);
  fake_arm_answer (fixture->server, "POST", SITE "/config/backup/list", 200, NULL, kept);
  g_assert_true (reprise_site_set_schedule (fixture->site, &wish, NULL, &error));
  g_assert_no_error (error);
  body = fake_arm_dup_body (fixture->server, 0);
  g_assert_nonnull (strstr (body, "\"startTime\":\"2026-12-01T03:30:00Z\""));
  g_assert_nonnull (strstr (body, "\"enabled\":false"));
  g_assert_nonnull (strstr (body, "\"frequencyUnit\":\"Hour\""));
  /* said to have worked, though it did not */
  fake_arm_forget (fixture->server);
  wish.interval = 6;
  fake_arm_answer (fixture->server, "PUT", SITE "/config/backup", 200, NULL, "{}");
  fake_arm_answer (fixture->server, "POST", SITE "/config/backup/list", 200, NULL, kept);
  g_assert_false (reprise_site_set_schedule (fixture->site, &wish, NULL, &error));
  assert_error (&error, REPRISE_ERROR_FAILED, "another one");
  wish.interval = 0;
  g_assert_false (reprise_site_set_schedule (fixture->site, &wish, NULL, &error));
  assert_error (&error, REPRISE_ERROR_INVALID, "interval");
  g_date_time_unref (wish.start_at);
}

static void
test_no_schedule (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_site_get_schedule (fixture->site, NULL, &error)); /* 404 */
  assert_error (&error, REPRISE_ERROR_NOT_FOUND, "no schedule");
  fake_arm_answer (fixture->server, "POST", SITE "/config/backup/list", 200, NULL,
                   PROPERTIES ("\"storageAccountUrl\":\"x\""));
  g_assert_null (reprise_site_get_schedule (fixture->site, NULL, &error));
  assert_error (&error, REPRISE_ERROR_NOT_FOUND, "no schedule");
  fake_arm_answer (fixture->server, "DELETE", SITE "/config/backup", 200, NULL, NULL);
  g_assert_true (reprise_site_remove_schedule (fixture->site, NULL, &error));
  g_assert_no_error (error);
}

/* --- restores of every kind --- */

static void
test_restore_choices (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) databases = make_databases (NULL);
  RepriseSiteRestore how = {
    .storage = fixture->storage,
    .blob_name = "a.zip",
    .site_name = "new",
    .plan = "plan1",
    .environment = "env",
    .databases = databases,
    .ignore_databases = TRUE,
    .ignore_host_names = TRUE,
    .adjust_connections = TRUE,
  };
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", SITE "/restoreFromBackupBlob", 200, NULL, NULL);
  restore (fixture, fixture->site, -1, &how);
  assert_body (fixture, 0,
               PROPERTIES ("\"storageAccountUrl\":\"" STORAGE "\",\"blobName\":\"a.zip\","
                           "\"overwrite\":false,\"siteName\":\"new\",\"ignoreDatabases\":true,"
                           "\"ignoreConflictingHostNames\":true,\"adjustConnectionStrings\":true,"
                           "\"appServicePlan\":\"plan1\",\"hostingEnvironment\":\"env\""));
  how.blob_name = NULL;
  g_assert_null (reprise_site_restore (fixture->site, -1, &how, NULL, NULL, &error));
  assert_error (&error, REPRISE_ERROR_INVALID, "blob");
}

static void
test_slot (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSite) slot = reprise_site_new (fixture->arm, SUBSCRIPTION, "Default-Web-WestUS",
                                                   "backuprestoreapiexamples", "staging");
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (reprise_site_get_id (slot), ==, SITE "/slots/staging");
  fake_arm_answer (fixture->server, "GET", SITE "/slots/staging/backups", 200, NULL,
                   "{\"value\":[]}");
  backups = reprise_site_list_backups (slot, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (backups->len, ==, 0);
}

static void
test_snapshots (Fixture *fixture, gconstpointer data)
{
  RepriseSiteSnapshotRestore how = { .paired_region = TRUE };
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;
  g_autoptr (RepriseHttpOperation) deleted = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "GET", SITE "/snapshotsdr", 200, NULL,
                   "{\"value\":[{\"id\":\"1\",\"properties\":{\"time\":\"2026-11-20T10:00:00Z\"}},"
                   "{\"id\":\"2\",\"properties\":{\"time\":\"2026-11-21T10:00:00.1234567Z\"}},"
                   "{\"id\":\"3\",\"properties\":{}}]}");
  fake_arm_answer (fixture->server, "POST", SITE "/restoreSnapshot", 200, NULL, NULL);
  fake_arm_answer (fixture->server, "POST", SITE "/restoreFromDeletedApp", 200, NULL, NULL);
  snapshots = reprise_site_list_snapshots (fixture->site, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (snapshots->len, ==, 2);
  how.time = ((RepriseSiteSnapshot *) snapshots->pdata[0])->time;
  operation = reprise_site_restore_snapshot (fixture->site, &how, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_body (fixture, 1,
               PROPERTIES ("\"overwrite\":true,\"snapshotTime\":\"2026-11-21T10:00:00.1234567Z\","
                           "\"recoverConfiguration\":false,\"useDRSecondary\":true"));
  deleted = reprise_site_restore_deleted (fixture->site, "/subscriptions/s/deletedSites/9", TRUE,
                                          NULL, NULL, &error);
  g_assert_no_error (error);
  assert_body (fixture, 2,
               PROPERTIES ("\"deletedSiteId\":\"/subscriptions/s/deletedSites/9\","
                           "\"recoverConfiguration\":true"));
}

static void
test_discover (Fixture *fixture, gconstpointer data)
{
  RepriseSiteRestore how = { .storage = fixture->storage, .blob_name = "a.zip" };
  g_autoptr (GPtrArray) databases = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", SITE "/discoverbackup", 200, NULL,
                   PROPERTIES ("\"databases\":[{\"databaseType\":\"MySql\",\"name\":\"shop\"}]"));
  databases = reprise_site_discover (fixture->site, &how, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (databases->len, ==, 1);
  g_assert_cmpstr (((RepriseSiteDatabase *) databases->pdata[0])->name, ==, "shop");
}

/* A backup that got no answer is not asked for again. */
static void
test_lost_answer (Fixture *fixture, gconstpointer data)
{
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", SITE "/backup", 0, NULL, NULL);
  g_assert_null (
    reprise_site_back_up (fixture->site, fixture->storage, "a", NULL, &outcome, NULL, &error));
  g_assert_cmpint (outcome, ==, REPRISE_HTTP_NO_ANSWER);
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 1);
}

/* An answer of 429 says that nothing was begun: it is asked for again, when Azure says. */
static void
test_throttled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSiteBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", SITE "/backup", 429, "Retry-After: 0\r\n",
                   "{\"error\":{\"code\":\"TooManyRequests\",\"message\":\"Wait.\"}}");
  fake_arm_answer (fixture->server, "POST", SITE "/backup", 200, NULL, PROPERTIES ("\"id\":7"));
  backup = reprise_site_back_up (fixture->site, fixture->storage, "a", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (backup->id, ==, 7);
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 2);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function) g_test_add ("/site/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("document/back-up", test_back_up);
  ADD ("document/set-schedule", test_set_schedule);
  ADD ("document/get-schedule", test_get_schedule);
  ADD ("document/status", test_status);
  ADD ("document/restore", test_restore);
  ADD ("document/delete", test_delete);
  ADD ("document/renew", test_renew);
  ADD ("follow", test_follow);
  ADD ("delete-after-renewal", test_delete_after_renewal);
  ADD ("schedule-is-read-back", test_schedule_is_read_back);
  ADD ("no-schedule", test_no_schedule);
  ADD ("restore-choices", test_restore_choices);
  ADD ("slot", test_slot);
  ADD ("snapshots", test_snapshots);
  ADD ("discover", test_discover);
  ADD ("lost-answer", test_lost_answer);
  ADD ("throttled", test_throttled);
#undef ADD
  g_test_add_func ("/site/states", test_states);
  g_test_add_func ("/site/unknown", test_unknown);
  return g_test_run ();
}
