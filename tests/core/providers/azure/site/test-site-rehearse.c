/* test-site-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <utime.h>

#include "base/reprise-error.h"
#include "provider/reprise-scratch.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-rehearse.h"
#include "providers/azure/site/site-fixture.h"
#include "reprise-test.h"

#define NEW_SITE "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Web/sites/shop2"
#define SLOT     SITE "/slots/rehearsal"
#define RUNNING  "{\"name\":\"x\",\"properties\":{\"state\":\"Running\"}}"
#define SLOT_IS(state) \
  "{\"value\":[{\"name\":\"shop/rehearsal\",\"properties\":{\"state\":\"" state "\"}}]}"

static void
name_place (SiteFixture *fixture, const char *named)
{
  reprise_service_set_setting (fixture->service, REPRISE_KIND_SETTING_REHEARSE_ON, named);
  site_fixture_connect (fixture);
}

static const char *
get_uuid (SiteFixture *fixture)
{
  return reprise_service_get_uuid (fixture->service);
}

/* With its record, which is closed as after a job. */
static RepriseOutcome *
rehearse (SiteFixture *fixture, RepriseArchive *archive, GError **error)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  RepriseRehearsal how = { .record = record };
  RepriseOutcome *outcome =
    reprise_provider_rehearse (fixture->provider, archive, &how, NULL, NULL, error);

  g_assert_true (reprise_scratch_close (record, NULL));
  return outcome;
}

static gboolean
has_left (SiteFixture *fixture)
{
  g_autoptr (RepriseJournal) left = reprise_scratch_open_left (get_uuid (fixture), NULL);

  return left != NULL;
}

/* Nothing was asked of the application itself but what it is. */
static void
assert_untouched (SiteFixture *fixture)
{
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " SITE "/restore"), ==, 0);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " SITE "/backup?"), ==, 0);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE " SITE "?"), ==, 0);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE " SITE "/"), ==, 0);
}

static char *
dup_delete (SiteFixture *fixture)
{
  for (guint i = 0; i < fake_arm_get_n_calls (fixture->azure); i++)
    {
      g_autofree char *line = fake_arm_dup_call (fixture->azure, i);

      if (g_str_has_prefix (line, "DELETE "))
        return g_steal_pointer (&line);
    }
  return NULL;
}

/* One that does not exist is made, and deleted with what was uploaded for it; its App Service plan stays. */
static void
test_new (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  const char *id = reprise_manifest_get_id (reprise_archive_get_manifest (archive));
  g_autofree char *zip = g_strdup_printf ("shop2-reprise-%s.zip", id);
  g_autofree char *xml = g_strdup_printf ("shop2-reprise-%s.xml", id);
  g_autoptr (GBytes) sent = NULL;
  g_autoptr (GBytes) description = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *body = NULL, *deleted = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 404, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 404, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 200, NULL, RUNNING);
  fake_arm_answer (fixture->azure, "GET", SITE, 200, NULL,
                   "{\"properties\":{\"serverFarmId\":\"/x/serverfarms/plan1\"}}");
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/restoreFromBackupBlob", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{}");
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  outcome = rehearse (fixture, archive, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_nonnull (strstr (outcome->summary, "“shop2” was restored, in the state “Running”"));
  g_assert_nonnull (strstr (outcome->summary, "2 blobs compared, 0 differences"));
  g_assert_nonnull (strstr (outcome->summary, "does not report its files"));
  body = site_fixture_dup_last_post (fixture, NEW_SITE "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (body, "\"overwrite\":false"));
  g_assert_nonnull (strstr (body, "\"ignoreDatabases\":true"));
  g_assert_nonnull (strstr (body, "\"ignoreConflictingHostNames\":true"));
  deleted = dup_delete (fixture);
  g_assert_nonnull (strstr (deleted, "sites/shop2?"));
  g_assert_nonnull (strstr (deleted, "deleteEmptyServerFarm=false"));
  sent = fake_blob_get (fixture->storage, zip);
  description = fake_blob_get (fixture->storage, xml);
  g_assert_null (sent);
  g_assert_null (description);
  g_assert_false (has_left (fixture));
  assert_untouched (fixture);
}

/* What is in a slot is replaced, and stays. */
static void
test_slot (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop/rehearsal");
  site_fixture_put_backup (fixture, "shop_5");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL, SLOT_IS ("Running"));
  fake_arm_answer (fixture->azure, "POST", SLOT "/backups/5/restore", 200, NULL, NULL);
  outcome = rehearse (fixture, archive, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (outcome->summary, "“shop/rehearsal” was restored"));
  g_assert_nonnull (strstr (outcome->summary, "0 settings, 0 databases and 2 blobs compared"));
  body = site_fixture_dup_last_post (fixture, SLOT "/backups/5/restore");
  g_assert_nonnull (strstr (body, "\"overwrite\":true"));
  g_assert_nonnull (strstr (body, "\"ignoreDatabases\":true"));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
  g_assert_false (has_left (fixture));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " SITE "/backups"), ==, 0);
}

static void
test_no_slot (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop/rehearsal");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL, "{\"value\":[]}");
  g_assert_null (rehearse (fixture, archive, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "There is no slot “shop/rehearsal”"));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
}

/* It was running before, and is not now. */
static void
test_does_not_run (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop/rehearsal");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL, SLOT_IS ("Running"));
  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL, SLOT_IS ("Running"));
  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL, SLOT_IS ("Stopped"));
  fake_arm_answer (fixture->azure, "POST", SLOT "/backups/5/restore", 200, NULL, NULL);
  outcome = rehearse (fixture, archive, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 1);
  g_assert_nonnull (strstr (outcome->summary, "does not run"));
}

/* Azure says no: nothing was made, and nothing is deleted. */
static void
test_azure_refuses (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 404, NULL, NULL);
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/backups/5/restore", 400, NULL,
                   "{\"error\":{\"code\":\"Conflict\",\"message\":\"It exists.\"}}");
  g_assert_null (rehearse (fixture, archive, &error));
  g_assert_nonnull (strstr (error->message, "It exists."));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
  g_assert_false (has_left (fixture));
}

/* --- what is compared --- */

/* How an application is set up: with @general, and with @names of settings and of connection strings. */
static void
lay_down_settings (SiteFixture *fixture,
                   const char *site,
                   const char *general,
                   const char *settings,
                   const char *connections)
{
  g_autofree char *web = g_strconcat (site, "/config/web", NULL);
  g_autofree char *app = g_strconcat (site, "/config/appsettings/list", NULL);
  g_autofree char *connection = g_strconcat (site, "/config/connectionstrings/list", NULL);
  g_autofree char *one = g_strdup_printf ("{\"properties\":{%s}}", general);
  g_autofree char *two = g_strdup_printf ("{\"properties\":{%s}}", settings);
  g_autofree char *three = g_strdup_printf ("{\"properties\":{%s}}", connections);

  fake_arm_answer (fixture->azure, "GET", web, 200, NULL, one);
  fake_arm_answer (fixture->azure, "POST", app, 200, NULL, two);
  fake_arm_answer (fixture->azure, "POST", connection, 200, NULL, three);
}

#define OWN_GENERAL \
  "\"alwaysOn\":true,\"phpVersion\":\"8.2\",\"publishingUsername\":\"$shop\",\"javaVersion\":null"
#define OWN_SETTINGS "\"ZONE\":\"canary-a\",\"MAIL\":\"canary-b\""
#define OWN_CONNECTIONS                                                                    \
  "\"Users\":{\"value\":\"canary-c\",\"type\":\"MySql\"},\"Old\":{\"value\":\"canary-d\"," \
  "\"type\":\"Custom\"}"

static void
lay_down_slot_restore (SiteFixture *fixture)
{
  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL, SLOT_IS ("Running"));
  fake_arm_answer (fixture->azure, "POST", SLOT "/backups/5/restore", 200, NULL, NULL);
  fake_arm_answer (
    fixture->azure, "POST", SLOT "/discoverbackup", 200, NULL,
    "{\"properties\":{\"databases\":[{\"databaseType\":\"MySql\",\"name\":\"users\"}]}}");
}

/* In numbers. What is secret is not compared, nor what belongs to one of the two alone. */
static void
test_equal (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop/rehearsal");
  site_fixture_put_backup (fixture, "shop_5");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  lay_down_slot_restore (fixture);
  lay_down_settings (fixture, SITE, OWN_GENERAL, OWN_SETTINGS, OWN_CONNECTIONS);
  lay_down_settings (fixture, SLOT,
                     "\"alwaysOn\":true,\"phpVersion\":\"8.2\",\"publishingUsername\":\"$other\"",
                     "\"MAIL\":\"other\",\"ZONE\":null", OWN_CONNECTIONS);
  outcome = rehearse (fixture, archive, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==,
                   "“shop/rehearsal” was restored, in the state “Running”: 6 settings, 1 database "
                   "and 2 blobs compared, 0 differences; Azure does not report its files");
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_cmpint (outcome->written, ==, 9);
}

/* The application may have been changed since the backup: a warning, with the names and no value. */
static void
test_changed (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  RepriseRehearsal how = { .record = record };
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop/rehearsal");
  site_fixture_put_backup (fixture, "shop_5");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  lay_down_slot_restore (fixture);
  lay_down_settings (fixture, SITE, OWN_GENERAL, OWN_SETTINGS, OWN_CONNECTIONS);
  lay_down_settings (fixture, SLOT, "\"alwaysOn\":true,\"phpVersion\":\"7.4\"",
                     "\"ZONE\":\"canary-a\",\"EXTRA\":\"canary-e\"",
                     "\"Users\":{\"value\":\"canary-c\",\"type\":\"SQLAzure\"}");
  outcome = reprise_provider_rehearse (fixture->provider, archive, &how, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (outcome->summary, "7 settings"));
  g_assert_nonnull (strstr (outcome->summary, "5 differences"));
  g_assert_cmpint (outcome->failed, ==, 0);
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "EXTRA, MAIL, Old, Users, phpVersion"));
  g_assert_null (strstr (warnings[0], "canary"));
  g_assert_true (reprise_scratch_close (record, NULL));
}

/* What is in the backup is not to be changed by anything: a fault. */
static void
test_differs (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop/rehearsal");
  archive = site_fixture_open_listed (fixture, "Succeeded"); /* and nothing lies in the container */
  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL, SLOT_IS ("Running"));
  fake_arm_answer (fixture->azure, "POST", SLOT "/backups/5/restore", 200, NULL, NULL);
  fake_arm_answer (fixture->azure, "POST", SLOT "/discoverbackup", 200, NULL,
                   "{\"properties\":{\"databases\":[]}}");
  outcome = rehearse (fixture, archive, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 3); /* archive, description, database */
  g_assert_nonnull (
    strstr (outcome->summary, "0 settings, 1 database and 2 blobs compared, 3 diff"));
}

/* --- where not --- */

static void
test_itself (SiteFixture *fixture, gconstpointer data)
{
  static const char *const WRONG[] = { "shop", "SHOP", "shop/staging", "a/b/c", "a b", "-shop",
                                       "",     NULL };
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");

  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_SLOT, "staging");
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autofree char *reason = NULL;
      g_autoptr (GError) error = NULL;

      name_place (fixture, WRONG[i]);
      reason = reprise_kind_explain_no_rehearsal (fixture->kind, fixture->service);
      g_assert_nonnull (reason);
      g_assert_null (rehearse (fixture, archive, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
    }
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
}

/* --- what a kill left --- */

static gboolean
clean_up (SiteFixture *fixture, RepriseJournal *record, GError **error)
{
  return reprise_provider_clean_up (fixture->provider, record, NULL, NULL, error);
}

/* Killed before Azure was asked: an application of that name is somebody else's. */
static void
test_left_unasked (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  g_assert_true (reprise_scratch_add (record, "application " NEW_SITE, &error));
  g_assert_true (clean_up (fixture, record, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
  g_assert_true (reprise_scratch_close (record, NULL));
  g_assert_false (has_left (fixture));
}

/* Azure was asked for it, as the record of a rehearsal says of it. */
static void
note_asked (RepriseJournal *record, const char *id)
{
  g_autofree char *key = g_strconcat ("asked ", id, NULL);

  g_assert_true (reprise_journal_begin (record, "restore", "shop2", NULL));
  g_assert_true (reprise_journal_set (record, key, "true", NULL));
}

static void
make_older (RepriseJournal *record, gint64 seconds)
{
  gint64 then = g_get_real_time () / G_USEC_PER_SEC - seconds;
  struct utimbuf times = { (time_t) then, (time_t) then };

  g_assert_cmpint (utime (reprise_journal_get_path (record), &times), ==, 0);
}

/* Killed before its answer came: Azure may restore into it still, so that it is left alone for two hours, and then deleted. */
static void
test_left_asked (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  g_assert_true (reprise_scratch_add (record, "application " NEW_SITE, &error));
  note_asked (record, NEW_SITE);
  g_assert_false (clean_up (fixture, record, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
  make_older (record, 3 * 3600);
  g_assert_true (clean_up (fixture, record, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE " NEW_SITE), ==, 1);
  g_assert_true (reprise_scratch_close (record, NULL));
  g_assert_false (has_left (fixture));
}

typedef struct
{
  SiteFixture *fixture;
  GCancellable *cancellable;
  guint polled; /* so often before */
} Stop;

static gpointer
stop_worker (gpointer data)
{
  Stop *stop = data;

  while (fake_arm_count (stop->fixture->azure, "GET /op") <= stop->polled)
    g_usleep (1000);
  g_cancellable_cancel (stop->cancellable);
  return NULL;
}

/* Azure was asked to make “shop2”, and is followed no more. */
static void
leave_rehearsal (SiteFixture *fixture, RepriseJournal *record)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  RepriseRehearsal how = { .record = record };
  Stop stop = { fixture, cancellable, 0 };
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("stop", stop_worker, &stop);

  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/backups/5/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 202, "Retry-After: 1\r\n", NULL);
  g_assert_null (
    reprise_provider_rehearse (fixture->provider, archive, &how, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
}

static guint
find_call (SiteFixture *fixture, const char *start)
{
  for (guint i = fake_arm_get_n_calls (fixture->azure); i-- > 0;)
    {
      g_autofree char *line = fake_arm_dup_call (fixture->azure, i);

      if (g_str_has_prefix (line, start))
        return i;
    }
  g_assert_not_reached ();
}

/* Azure goes on with it: it is followed to its end, and only then what it made is deleted. */
static void
test_left_running (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  leave_rehearsal (fixture, record);
  fake_arm_forget (fixture->azure);
  fake_arm_answer (fixture->azure, "GET", "/op", 202, "Retry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 400, NULL,
                   "{\"error\":{\"code\":\"BadRequest\",\"message\":\"It did not work.\"}}");
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  g_assert_true (clean_up (fixture, record, &error)); /* however it ended */
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "GET /op"), >=, 2);
  g_assert_cmpuint (find_call (fixture, "GET /op"), <, find_call (fixture, "DELETE " NEW_SITE));
  g_assert_true (reprise_scratch_close (record, NULL));
  g_assert_false (has_left (fixture));
}

/* Nor is anything asked for anew, or deleted, as long as it goes on. */
static void
test_left_stopped (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Stop stop = { fixture, cancellable, 0 };
  g_autoptr (GError) error = NULL;
  GThread *thread;

  name_place (fixture, "shop2");
  leave_rehearsal (fixture, record);
  stop.polled = fake_arm_count (fixture->azure, "GET /op");
  thread = g_thread_new ("stop", stop_worker, &stop);
  g_assert_false (reprise_provider_clean_up (fixture->provider, record, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
  g_assert_true (reprise_scratch_close (record, NULL));
  g_assert_true (has_left (fixture));
}

/* It could be followed, and nobody gets at it any more: that does not stand in the way for ever. */
static void
test_left_out_of_reach (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  g_assert_true (reprise_scratch_add (record, "application " NEW_SITE, &error));
  note_asked (record, NEW_SITE);
  g_assert_true (reprise_journal_set (record, "target", NEW_SITE, &error));
  g_assert_true (reprise_journal_set (record, "operation", "of another time", &error));
  make_older (record, 3 * 3600);
  g_assert_false (clean_up (fixture, record, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
  make_older (record, 25 * 3600);
  g_assert_true (clean_up (fixture, record, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 1);
  g_assert_true (reprise_scratch_close (record, NULL));
}

/* An account that may not follow: it is not known what came of it, and nothing is deleted under Azure's hands. */
static void
test_unseen (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  RepriseRehearsal how = { .record = record };
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/backups/5/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 403, NULL,
                   "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"No.\"}}");
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  g_assert_null (reprise_provider_rehearse (fixture->provider, archive, &how, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DENIED);
  g_clear_error (&error);
  g_assert_false (clean_up (fixture, record, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_null (reprise_provider_rehearse (fixture->provider, archive, &how, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " NEW_SITE "/backups/5/restore"), ==, 1);
  make_older (record, 3 * 3600);
  g_assert_true (clean_up (fixture, record, NULL));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 1);
  g_assert_true (reprise_scratch_close (record, NULL));
}

/* A record that is used again does not take the request of an earlier rehearsal for one of its own. */
static void
test_used_again (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  RepriseRehearsal how = { .record = record };
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  site_fixture_put_backup (fixture, "shop_5");
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 404, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 404, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 200, NULL, RUNNING);
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/backups/5/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{}");
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  outcome = reprise_provider_rehearse (fixture->provider, archive, &how, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 1);
  /* killed before it was asked for anything: somebody else has made one of that name since */
  g_assert_true (reprise_scratch_add (record, "application " NEW_SITE, &error));
  g_assert_true (clean_up (fixture, record, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 1);
  g_assert_true (reprise_scratch_close (record, NULL));
}

/* One that could not be deleted, and another rehearsal that Azure refuses: the first is not forgotten. */
static void
test_refused_later (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
  g_autoptr (RepriseArchive) archive = NULL;
  RepriseRehearsal how = { .record = record };
  g_autoptr (GError) error = NULL;

  name_place (fixture, "shop2");
  archive = site_fixture_open_listed (fixture, "Succeeded");
  g_assert_true (reprise_scratch_add (record, "application " NEW_SITE, &error));
  note_asked (record, NEW_SITE);
  g_assert_true (reprise_journal_end (record, "restore", &error));
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 200, NULL, RUNNING);
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/backups/5/restore", 400, NULL,
                   "{\"error\":{\"code\":\"Conflict\",\"message\":\"It exists.\"}}");
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  g_assert_null (reprise_provider_rehearse (fixture->provider, archive, &how, NULL, NULL, &error));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE " NEW_SITE), ==, 1);
  g_assert_true (reprise_scratch_close (record, NULL));
  g_assert_false (has_left (fixture));
}

/* Whatever stands in the record, the application itself is not deleted, nor a slot. */
static void
test_left_forged (SiteFixture *fixture, gconstpointer data)
{
  static const char *const FORGED[] = { "application " SITE, "application " SLOT, "application /" };

  name_place (fixture, "shop2");
  for (guint i = 0; i < G_N_ELEMENTS (FORGED); i++)
    {
      g_autoptr (RepriseJournal) record = reprise_scratch_open (get_uuid (fixture), NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (reprise_scratch_add (record, FORGED[i], &error));
      note_asked (record, FORGED[i] + strlen ("application "));
      make_older (record, 3 * 3600);
      g_assert_false (clean_up (fixture, record, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
      g_assert_true (reprise_journal_close (record, NULL));
    }
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 0);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                             \
  g_test_add ("/site-rehearse/" path, SiteFixture, NULL, site_fixture_set_up, func, \
              site_fixture_tear_down)
  ADD ("new", test_new);
  ADD ("slot", test_slot);
  ADD ("no-slot", test_no_slot);
  ADD ("does-not-run", test_does_not_run);
  ADD ("azure-refuses", test_azure_refuses);
  ADD ("equal", test_equal);
  ADD ("changed", test_changed);
  ADD ("differs", test_differs);
  ADD ("unseen", test_unseen);
  ADD ("used-again", test_used_again);
  ADD ("refused-later", test_refused_later);
  ADD ("itself", test_itself);
  ADD ("left/unasked", test_left_unasked);
  ADD ("left/asked", test_left_asked);
  ADD ("left/running", test_left_running);
  ADD ("left/stopped", test_left_stopped);
  ADD ("left/out-of-reach", test_left_out_of_reach);
  ADD ("left/forged", test_left_forged);
  return g_test_run ();
}
