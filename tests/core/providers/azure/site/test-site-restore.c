/* test-site-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-scratch.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-leftovers.h"
#include "providers/azure/site/reprise-site-plan.h"
#include "providers/azure/site/site-fixture.h"
#include "reprise-test.h"

#define NEW_SITE "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Web/sites/shop2"

static GHashTable *
make_options (const char *key, const char *value)
{
  GHashTable *options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_hash_table_insert (options, g_strdup (key), g_strdup (value));
  return options;
}

static ReprisePlan *
make_plan (SiteFixture *fixture, RepriseArchive *archive, RepriseGroups groups, GHashTable *options)
{
  g_autoptr (GError) error = NULL;
  ReprisePlan *plan =
    reprise_provider_plan_restore (fixture->provider, archive, groups, options, NULL, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

static const char *
find_check (ReprisePlan *plan, const char *id, RepriseCheckResult result)
{
  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    if (strcmp (reprise_plan_get_check (plan, i)->id, id) == 0)
      {
        g_assert_cmpint (reprise_plan_get_check (plan, i)->result, ==, result);
        return reprise_plan_get_check (plan, i)->text;
      }
  g_assert_not_reached ();
}

static RepriseJournal *
begin_journal (SiteFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseJournal *journal =
    reprise_journal_create (reprise_service_get_uuid (fixture->service), "job", &error);

  g_assert_no_error (error);
  return journal;
}

static RepriseOutcome *
apply (SiteFixture *fixture, ReprisePlan *plan, RepriseJournal *journal, GError **error)
{
  return reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, error);
}

/* What is of another kind of service is not sent to this one. */
static void
test_other_kind (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive =
    reprise_archive_new_for_file ("azure-api-management", "/tmp/shop.apimbackup");
  g_autoptr (ReprisePlan) plan = make_plan (fixture, archive, REPRISE_GROUPS_ALL, NULL);

  g_assert_cmpstr (find_check (plan, "archive", REPRISE_CHECK_REFUSED), ==,
                   "The archive comes from another kind of service.");
  g_assert_true (reprise_plan_is_refused (plan));
}

/* --- over the application itself --- */

static void
test_over (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) steps = NULL, losses = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "GET", SITE, 200, NULL, "{\"name\":\"shop\"}");
  plan = make_plan (fixture, archive, 1u << REPRISE_GROUP_REQUIRED, NULL);
  g_assert_false (reprise_plan_is_refused (plan));
  g_assert_true (reprise_plan_get_overwrites (plan));
  g_assert_cmpstr (reprise_plan_get_target (plan), ==, "shop");
  find_check (plan, "target", REPRISE_CHECK_OK);
  find_check (plan, "storage", REPRISE_CHECK_OK);
  steps = reprise_plan_dup_steps (plan);
  g_assert_cmpstr (steps[0], ==, "POST " SITE "/backups/5/restore");
  losses = reprise_plan_dup_losses (plan);
  g_assert_cmpuint (g_strv_length (losses), ==, 2);
  g_assert_nonnull (strstr (losses[0], "restore into a slot"));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0); /* a plan only reads */
  fake_arm_answer (fixture->azure, "POST", SITE "/backups/5/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{}");
  outcome = apply (fixture, plan, journal, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "Azure restored “shop”");
  g_assert_false (reprise_journal_has_open_step (journal));
  body = site_fixture_dup_last_post (fixture, SITE "/backups/5/restore");
  g_assert_nonnull (strstr (body, "\"overwrite\":true"));
  g_assert_nonnull (strstr (body, "\"ignoreDatabases\":true")); /* that group was not wanted */
  g_assert_nonnull (strstr (body, FAKE_BLOB_SIGNATURE));
}

/* Into a slot: nobody who does that is told to do it. */
static void
test_into_slot (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (GHashTable) options = make_options (REPRISE_SITE_OPTION_SLOT, "staging");
  g_autoptr (ReprisePlan) plan = NULL;
  g_auto (GStrv) losses = NULL;

  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL,
                   "{\"value\":[{\"name\":\"shop/staging\"}]}");
  plan = make_plan (fixture, archive, REPRISE_GROUPS_ALL, options);
  g_assert_true (reprise_plan_get_overwrites (plan));
  g_assert_cmpstr (reprise_plan_get_target (plan), ==, "shop/staging");
  losses = reprise_plan_dup_losses (plan);
  g_assert_nonnull (strstr (losses[0], "The slot is stopped"));
  for (guint i = 0; losses[i] != NULL; i++)
    g_assert_null (strstr (losses[i], "restore into a slot"));
}

/* Unlike an application, a slot is not made by a restore: that would only fail at Azure. */
static void
test_no_slot (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (GHashTable) options = make_options (REPRISE_SITE_OPTION_SLOT, "nowhere");
  g_autoptr (ReprisePlan) plan = NULL;

  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL,
                   "{\"value\":[{\"name\":\"shop/staging\"}]}");
  plan = make_plan (fixture, archive, REPRISE_GROUPS_ALL, options);
  g_assert_true (reprise_plan_is_refused (plan));
  g_assert_nonnull (
    strstr (find_check (plan, "target", REPRISE_CHECK_REFUSED), "no slot “nowhere”"));
}

/* --- to a new application, from the vault --- */

typedef struct
{
  FakeBlob *storage;
  const char *zip, *xml;
  GBytes *sent;        /* (owned) (nullable): what lies in the container when Azure is asked */
  GBytes *description; /* (owned) (nullable) */
} Sent;

static void
look_at_container (const char *line, const char *body, gpointer user_data)
{
  Sent *sent = user_data;

  if (sent->sent != NULL || strstr (line, "/restoreFromBackupBlob") == NULL)
    return;
  sent->sent = fake_blob_get (sent->storage, sent->zip);
  sent->description = fake_blob_get (sent->storage, sent->xml);
}

/* It goes into the container for as long as Azure needs it. */
static void
test_new (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (GHashTable) options = make_options (REPRISE_SITE_OPTION_APPLICATION, "shop2");
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GBytes) left = NULL;
  g_autoptr (GBytes) left_beside = NULL;
  const char *id = reprise_manifest_get_id (reprise_archive_get_manifest (archive));
  g_autofree char *zip = g_strdup_printf ("shop2-reprise-%s.zip", id);
  g_autofree char *xml = g_strdup_printf ("shop2-reprise-%s.xml", id);
  Sent sent = { fixture->storage, zip, xml, NULL, NULL };
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_watch (fixture->azure, look_at_container, &sent);
  g_hash_table_insert (options, g_strdup (REPRISE_SITE_OPTION_PLAN), g_strdup ("plan1"));
  plan = make_plan (fixture, archive, REPRISE_GROUPS_ALL, options); /* 404: it does not exist */
  g_assert_false (reprise_plan_is_refused (plan));
  g_assert_false (reprise_plan_get_overwrites (plan));
  g_assert_cmpstr (reprise_plan_get_target (plan), ==, "shop2");
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/restoreFromBackupBlob", 200, NULL, NULL);
  outcome = apply (fixture, plan, journal, &error);
  g_assert_no_error (error);
  body = site_fixture_dup_last_post (fixture, NEW_SITE "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (body, "\"overwrite\":false"));
  g_assert_nonnull (strstr (body, "\"appServicePlan\":\"plan1\""));
  g_assert_nonnull (strstr (body, zip));
  g_assert_nonnull (sent.description); /* both, or Azure restores neither */
  g_assert_true (g_bytes_equal (sent.sent, fixture->zip));
  left = fake_blob_get (fixture->storage, zip);
  left_beside = fake_blob_get (fixture->storage, xml);
  g_assert_null (left);
  g_assert_null (left_beside);
  fake_arm_watch (fixture->azure, NULL, NULL);
  g_bytes_unref (sent.sent);
  g_bytes_unref (sent.description);
}

/* Whether the archive, or its description, lies in the container as what a restore uploads */
static gboolean
is_in_container (SiteFixture *fixture, RepriseArchive *archive, const char *extension)
{
  const char *id = reprise_manifest_get_id (reprise_archive_get_manifest (archive));
  g_autofree char *name = g_strdup_printf ("shop2-reprise-%s%s", id, extension);
  g_autoptr (GBytes) there = fake_blob_get (fixture->storage, name);

  return there != NULL;
}

static ReprisePlan *
plan_new (SiteFixture *fixture, RepriseArchive *archive)
{
  g_autoptr (GHashTable) options = make_options (REPRISE_SITE_OPTION_APPLICATION, "shop2");

  return make_plan (fixture, archive, REPRISE_GROUPS_ALL, options);
}

static void
stop_cb (const char *line, const char *body, gpointer cancellable)
{
  if (g_str_has_prefix (line, "GET " SITE "?")) /* in which App Service plan it is */
    g_cancellable_cancel (cancellable);
}

/* Stopped between the upload and the question: nothing is left of it. */
static void
test_new_stopped (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) plan = plan_new (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  fake_arm_watch (fixture->azure, stop_cb, cancellable);
  g_assert_null (
    reprise_provider_restore (fixture->provider, plan, journal, NULL, cancellable, &error));
  fake_arm_watch (fixture->azure, NULL, NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " NEW_SITE "/restoreFromBackupBlob"), ==,
                    0);
  g_assert_false (is_in_container (fixture, archive, ".zip"));
  g_assert_false (is_in_container (fixture, archive, ".xml"));
}

/* The description goes first: where the archive cannot follow, it does not stay alone. */
static void
test_new_half (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) plan = plan_new (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autofree char *path = reprise_site_kind_dup_file (archive);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_null (apply (fixture, plan, journal, &error));
  g_assert_nonnull (error);
  g_assert_false (is_in_container (fixture, archive, ".zip"));
  g_assert_false (is_in_container (fixture, archive, ".xml"));
}

/* What somebody keeps there under that name stays. */
static void
test_new_kept (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) plan = plan_new (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  const char *id = reprise_manifest_get_id (reprise_archive_get_manifest (archive));
  g_autofree char *name = g_strdup_printf ("shop2-reprise-%s", id);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  site_fixture_put_backup (fixture, name);
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/restoreFromBackupBlob", 200, NULL, NULL);
  outcome = apply (fixture, plan, journal, &error);
  g_assert_no_error (error);
  g_assert_true (is_in_container (fixture, archive, ".zip"));
  g_assert_true (is_in_container (fixture, archive, ".xml"));
}

/* --- what a restore left that may go on --- */

static RepriseJournal *
open_record (SiteFixture *fixture)
{
  g_autofree char *key =
    g_strconcat (reprise_service_get_uuid (fixture->service), REPRISE_SITE_LEFTOVERS_SUFFIX, NULL);

  return reprise_scratch_open_left (key, NULL);
}

/* As if so many hours had passed */
static void
make_due (SiteFixture *fixture)
{
  g_autoptr (RepriseJournal) record = open_record (fixture);
  g_auto (GStrv) entries = reprise_scratch_list (record);
  g_autofree char *entry = NULL;

  g_assert_cmpuint (g_strv_length (entries), ==, 1);
  entry = g_strconcat ("2026-01-01T00:00:00.000Z", strchr (entries[0], ' '), NULL);
  g_assert_true (reprise_scratch_add (record, entry, NULL));
  g_assert_true (reprise_scratch_remove (record, entries[0], NULL));
}

/* As what begins next does: the journal is seen to, and goes. */
static void
begin_next (SiteFixture *fixture)
{
  g_autoptr (RepriseJournal) journal =
    reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_autoptr (GError) error = NULL;

  if (journal == NULL)
    journal = begin_journal (fixture);
  g_assert_null (
    reprise_provider_resume_operation (fixture->provider, journal, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_journal_close (journal, NULL));
}

/* What was uploaded stays for as long as Azure may read it, whatever happens meanwhile, and then goes. */
static void
test_left_unknown (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) plan = plan_new (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseJournal) record = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/restoreFromBackupBlob", 0, NULL, NULL);
  g_assert_null (apply (fixture, plan, journal, &error));
  g_assert_true (reprise_journal_has_open_step (journal));
  begin_next (fixture);
  begin_next (fixture);
  g_assert_true (is_in_container (fixture, archive, ".zip"));
  g_assert_true (is_in_container (fixture, archive, ".xml"));
  make_due (fixture);
  begin_next (fixture);
  g_assert_false (is_in_container (fixture, archive, ".zip"));
  g_assert_false (is_in_container (fixture, archive, ".xml"));
  record = open_record (fixture);
  g_assert_null (record);
}

/* One that nobody may follow is over for us, and not for Azure; the next restore of the same backup takes over what lies there. */
static void
test_left_unseen (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) plan = plan_new (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseJournal) second = NULL, record = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/restoreFromBackupBlob", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 403, NULL,
                   "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"No.\"}}");
  outcome = apply (fixture, plan, journal, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_journal_has_open_step (journal));
  g_assert_true (reprise_journal_close (journal, NULL));
  g_assert_true (is_in_container (fixture, archive, ".zip"));
  second = begin_journal (fixture);
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/restoreFromBackupBlob", 200, NULL, NULL);
  again = apply (fixture, plan, second, &error);
  g_assert_no_error (error);
  g_assert_false (is_in_container (fixture, archive, ".zip"));
  record = open_record (fixture);
  g_assert_null (record);
}

/* --- what is refused --- */

static void
test_refused (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Failed");
  g_autofree char *ended = fake_blob_dup_sas (fixture->storage, "rwdl", -3600);
  g_autoptr (GHashTable) options = make_options (REPRISE_SITE_OPTION_APPLICATION, "shop2");
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (GError) error = NULL;

  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, ended);
  site_fixture_connect (fixture);
  plan = make_plan (fixture, archive, REPRISE_GROUPS_ALL, options);
  g_assert_true (reprise_plan_is_refused (plan));
  find_check (plan, "archive", REPRISE_CHECK_REFUSED);
  g_assert_nonnull (strstr (find_check (plan, "storage", REPRISE_CHECK_REFUSED), "ended on"));
  find_check (plan, "target", REPRISE_CHECK_WARNING); /* made anew, without a plan */
  g_assert_null (apply (fixture, plan, journal, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  g_assert_false (reprise_journal_has_open_step (journal));
}

/* --- what goes wrong in the middle --- */

static ReprisePlan *
plan_over (SiteFixture *fixture, RepriseArchive *archive)
{
  fake_arm_answer (fixture->azure, "GET", SITE, 200, NULL, "{\"name\":\"shop\"}");
  return make_plan (fixture, archive, REPRISE_GROUPS_ALL, NULL);
}

/* It is asked for once. Whether Azure has begun is not known, and the journal keeps saying so; a fault on its side does not tell. */
static void
test_no_answer (SiteFixture *fixture, gconstpointer data)
{
  static const guint STATUSES[] = { 0, 500, 502, 503 };
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (ReprisePlan) plan = plan_over (fixture, archive);

  for (guint i = 0; i < G_N_ELEMENTS (STATUSES); i++)
    {
      g_autoptr (RepriseJournal) journal = begin_journal (fixture);
      g_autoptr (GError) error = NULL;

      fake_arm_answer (fixture->azure, "POST", SITE "/backups/5/restore", STATUSES[i], NULL, NULL);
      g_assert_null (apply (fixture, plan, journal, &error));
      g_assert_nonnull (strstr (error->message, "It is not known whether Azure has begun"));
      g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, i + 1);
      g_assert_true (reprise_journal_has_open_step (journal));
      g_assert_true (reprise_journal_close (journal, NULL));
    }
}

static void
test_failed (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (ReprisePlan) plan = plan_over (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", SITE "/backups/5/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 400, NULL,
                   "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Storage access failed.\"}}");
  g_assert_null (apply (fixture, plan, journal, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "Azure did not restore “shop”. "));
  g_assert_nonnull (strstr (error->message, "Storage access failed."));
  g_assert_false (reprise_journal_has_open_step (journal));
}

static void
test_lost_sight (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (ReprisePlan) plan = plan_over (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", SITE "/backups/5/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 403, NULL,
                   "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"No.\"}}");
  outcome = reprise_provider_restore (fixture->provider, plan, journal, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "Azure began to restore “shop”");
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
}

typedef struct
{
  SiteFixture *fixture;
  GCancellable *cancellable;
} Stop;

static gpointer
stop_worker (gpointer data)
{
  Stop *stop = data;

  while (fake_arm_count (stop->fixture->azure, "GET /op") == 0)
    g_usleep (1000);
  g_cancellable_cancel (stop->cancellable);
  return NULL;
}

/* A restore that Azure goes on with, and nobody follows. */
static void
leave_restore (SiteFixture *fixture)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (ReprisePlan) plan = plan_over (fixture, archive);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Stop stop = { fixture, cancellable };
  g_autofree char *path = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  fake_arm_answer (fixture->azure, "POST", SITE "/backups/5/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 202, "Retry-After: 1\r\n", NULL);
  thread = g_thread_new ("stop", stop_worker, &stop);
  g_assert_null (
    reprise_provider_restore (fixture->provider, plan, journal, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);
  g_assert_true (reprise_journal_has_open_step (journal));
  path = g_strdup (reprise_journal_get_path (journal));
  text = reprise_test_read (path, NULL);
  g_assert_null (strstr (text, "canary"));
  site_fixture_connect (fixture);
}

static gboolean
is_due (SiteFixture *fixture, RepriseHistory *history)
{
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
    reprise_scheduler_check_left (history, fixture->service, fixture->kind, &due, &error));
  g_assert_no_error (error);
  if (due != NULL)
    g_assert_cmpint (due->request->kind, ==, REPRISE_JOB_FOLLOW);
  return due != NULL;
}

/* Reprise ends in the middle; the next one takes the operation up from the journal, and starts nothing. It is due by itself, until it
 * has ended or was given up. */
static void
test_resume (SiteFixture *fixture, gconstpointer data)
{
  g_autofree char *path = reprise_history_dup_default_path ();
  g_autoptr (RepriseHistory) history = reprise_history_new (path);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) later = g_date_time_add_seconds (now, 60);
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (is_due (fixture, history));
  leave_restore (fixture);
  g_assert_true (is_due (fixture, history));
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), &error);
  g_assert_no_error (error);
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{}");
  outcome = reprise_provider_resume_operation (fixture->provider, left, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "Azure restored “shop”");
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 1);
  g_assert_false (reprise_journal_has_open_step (left));
  g_assert_false (is_due (fixture, history));
  g_assert_true (reprise_journal_close (left, NULL));
  fake_arm_forget (fixture->azure);
  leave_restore (fixture);
  reprise_scheduler_settle (history, fixture->service, REPRISE_ROUTINE_FOLLOW, later, &error);
  g_assert_no_error (error);
  g_assert_false (is_due (fixture, history));
}

/* A backup waits for the restore that is still carried out, and tells how it ended. */
static void
test_backup_after (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseJournal) left = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  leave_restore (fixture);
  fake_arm_answer (fixture->azure, "GET", "/op", 400, NULL,
                   "{\"error\":{\"code\":\"BadRequest\",\"message\":\"It broke.\"}}");
  site_fixture_put_backup (fixture, "shop_9");
  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (9, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/9", 200, NULL,
                   BACKUP (9, "Succeeded", ""));
  g_assert_true (reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                           progress, NULL, &error));
  g_assert_no_error (error);
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "did not end well: "));
  g_assert_nonnull (strstr (warnings[0], "It broke."));
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), &error);
  g_assert_null (left);
}

/* The way back: the safety copy is what the application was, and is restored over it. */
static void
test_undo (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (ReprisePlan) plan = plan_over (fixture, archive);
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseArchive) copy = NULL;
  g_autoptr (ReprisePlan) back = NULL;
  g_autoptr (GError) error = NULL;

  site_fixture_put_backup (fixture, "shop_9");
  fake_arm_answer (fixture->azure, "POST", SITE "/backup", 200, NULL, BACKUP (9, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/9", 200, NULL,
                   BACKUP (9, "Succeeded", ""));
  g_assert_true (
    reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, &error));
  g_assert_no_error (error);
  copy = site_fixture_commit (fixture, writer);
  back = reprise_provider_plan_undo (fixture->provider, copy, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_plan_is_refused (back));
  g_assert_true (reprise_plan_get_overwrites (back));
}

/* Over another application that is there: the copy is of that one, and goes back there. */
static void
test_undo_elsewhere (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (GHashTable) options = make_options (REPRISE_SITE_OPTION_APPLICATION, "shop2");
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseArchive) copy = NULL;
  g_autoptr (ReprisePlan) back = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_DATABASES, "MySql:a:B");
  site_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 200, NULL, "{\"name\":\"shop2\"}");
  plan = make_plan (fixture, archive, REPRISE_GROUPS_ALL, options);
  g_assert_true (reprise_plan_get_overwrites (plan));
  site_fixture_put_backup (fixture, "shop_9");
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/backup", 200, NULL,
                   BACKUP (9, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", NEW_SITE "/backups/9", 200, NULL,
                   BACKUP (9, "Succeeded", ""));
  g_assert_true (
    reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, &error));
  g_assert_no_error (error);
  copy = site_fixture_commit (fixture, writer);
  g_assert_cmpstr (reprise_manifest_get_identity (reprise_archive_get_manifest (copy)), ==,
                   NEW_SITE);
  back = reprise_provider_plan_undo (fixture->provider, copy, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_plan_get_target (back), ==, "shop2");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function)                                                            \
  g_test_add ("/site-restore/" path, SiteFixture, NULL, site_fixture_set_up, function, \
              site_fixture_tear_down)
  ADD ("other-kind", test_other_kind);
  ADD ("over", test_over);
  ADD ("into-slot", test_into_slot);
  ADD ("no-slot", test_no_slot);
  ADD ("new", test_new);
  ADD ("new/stopped", test_new_stopped);
  ADD ("new/half", test_new_half);
  ADD ("new/kept", test_new_kept);
  ADD ("left/unknown", test_left_unknown);
  ADD ("left/unseen", test_left_unseen);
  ADD ("refused", test_refused);
  ADD ("no-answer", test_no_answer);
  ADD ("failed", test_failed);
  ADD ("lost-sight", test_lost_sight);
  ADD ("resume", test_resume);
  ADD ("backup-after", test_backup_after);
  ADD ("undo", test_undo);
  ADD ("undo-elsewhere", test_undo_elsewhere);
#undef ADD
  return g_test_run ();
}
