/* test-api-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/azure/apim/api-fixture.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/apim/reprise-api-settings.h"
#include "providers/azure/reprise-azure-settings.h"
#include "reprise-test.h"

#define NAME "shop-20261101-000000.apimbackup"

static GHashTable *
make_options (const char *key, const char *value)
{
  GHashTable *options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_hash_table_insert (options, g_strdup (key), g_strdup (value));
  return options;
}

static ReprisePlan *
make_plan (ApiFixture *fixture, RepriseArchive *archive, GHashTable *options)
{
  g_autoptr (GError) error = NULL;
  ReprisePlan *plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_ALL,
                                                     options, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0); /* a plan only reads */
  return plan;
}

static const RepriseCheck *
find_check (ReprisePlan *plan, const char *id, RepriseCheckResult result)
{
  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    if (strcmp (reprise_plan_get_check (plan, i)->id, id) == 0)
      {
        g_assert_cmpint (reprise_plan_get_check (plan, i)->result, ==, result);
        return reprise_plan_get_check (plan, i);
      }
  g_error ("there is no check “%s”", id);
}

static RepriseJournal *
begin_journal (ApiFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseJournal *journal =
    reprise_journal_create (reprise_service_get_uuid (fixture->service), "job", &error);

  g_assert_no_error (error);
  return journal;
}

static RepriseOutcome *
apply (ApiFixture *fixture, ReprisePlan *plan, RepriseJournal *journal, GError **error)
{
  return reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, error);
}

/* One that is only in the vault. */
static RepriseArchive *
open_kept (ApiFixture *fixture, int age_days)
{
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, NAME, "Standard", age_days);
  backup = reprise_provider_find_backup (fixture->provider, NAME, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_provider_download (fixture->provider, backup, writer, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_provider_delete_backup (fixture->provider, backup, NULL, NULL, &error));
  return api_fixture_commit (fixture, writer);
}

/* --- over the service itself --- */

static void
test_over (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) steps = NULL, losses = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, NAME, "Standard", 1);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  archive = api_fixture_open (fixture, NAME);
  plan = make_plan (fixture, archive, NULL);
  g_assert_false (reprise_plan_is_refused (plan));
  g_assert_true (reprise_plan_get_overwrites (plan));
  g_assert_cmpstr (reprise_plan_get_target (plan), ==, "shop");
  g_assert_cmpstr (reprise_plan_get_name_to_type (plan), ==, "shop");
  find_check (plan, "target", REPRISE_CHECK_OK);
  find_check (plan, "tier", REPRISE_CHECK_OK);
  find_check (plan, "storage", REPRISE_CHECK_OK);
  find_check (plan, "expiry", REPRISE_CHECK_OK);
  steps = reprise_plan_dup_steps (plan);
  g_assert_cmpuint (g_strv_length (steps), ==, 1);
  g_assert_cmpstr (steps[0], ==, "POST " API "/restore");
  losses = reprise_plan_dup_losses (plan);
  g_assert_nonnull (strstr (losses[1], "usage data"));
  api_fixture_answer_start (fixture, API "/restore");
  outcome = apply (fixture, plan, journal, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "Azure restored “shop”");
  g_assert_false (reprise_journal_has_open_step (journal));
  body = api_fixture_dup_last_post (fixture, API "/restore");
  g_assert_nonnull (strstr (body, "\"backupName\":\"" NAME "\""));
}

/* --- into another service, from the vault --- */

static void
test_elsewhere (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_kept (fixture, 1);
  g_autoptr (GHashTable) options = make_options (REPRISE_API_OPTION_SERVICE, "standby");
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GBytes) sent = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (options, g_strdup (REPRISE_API_OPTION_GROUP), g_strdup ("rg2"));
  g_hash_table_insert (options, g_strdup (REPRISE_API_OPTION_SUBSCRIPTION), g_strdup ("s2"));
  api_fixture_answer_state (fixture, OTHER_API, "Standard", "Succeeded");
  plan = make_plan (fixture, archive, options);
  g_assert_false (reprise_plan_is_refused (plan));
  g_assert_cmpstr (reprise_plan_get_name_to_type (plan), ==, "standby");
  g_assert_nonnull (strstr (find_check (plan, "environment", REPRISE_CHECK_WARNING)->help, "keys"));
  api_fixture_answer_start (fixture, OTHER_API "/restore");
  outcome = apply (fixture, plan, journal, &error);
  g_assert_no_error (error);
  body = api_fixture_dup_last_post (fixture, OTHER_API "/restore");
  g_assert_nonnull (strstr (body, "\"backupName\":\"" NAME "\""));
  sent = fake_blob_get (fixture->storage, NAME);
  g_assert_nonnull (sent);
}

/* The whole resource ID does as well, as an undo gives it. */
static void
test_undo (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_kept (fixture, 1);
  g_autoptr (GHashTable) options = make_options (REPRISE_API_OPTION_SERVICE, OTHER_API);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (ReprisePlan) undo = NULL;
  g_auto (GStrv) steps = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  api_fixture_answer_state (fixture, OTHER_API, "Standard", "Succeeded");
  plan = make_plan (fixture, archive, options);
  g_assert_cmpstr (reprise_plan_get_target (plan), ==, "standby");
  undo = reprise_provider_plan_undo (fixture->provider, archive, NULL, NULL, &error);
  g_assert_no_error (error);
  steps = reprise_plan_dup_steps (undo);
  g_assert_cmpstr (steps[1], ==, "POST " API "/restore");
}

/* The safety copy is of what is about to be replaced, not of the service itself. */
static void
test_safety_copy (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_kept (fixture, 1);
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (GHashTable) options = make_options (REPRISE_API_OPTION_SERVICE, OTHER_API);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseArchive) copy = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_answer_state (fixture, OTHER_API, "Standard", "Succeeded");
  plan = make_plan (fixture, archive, options);
  api_fixture_answer_start (fixture, OTHER_API "/backup");
  reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, &error);
  g_assert_no_error (error);
  copy = api_fixture_commit (fixture, writer);
  g_assert_cmpstr (reprise_manifest_get_identity (reprise_archive_get_manifest (copy)), ==,
                   OTHER_API);
  g_assert_true (g_str_has_prefix (fixture->made, "standby-"));
}

/* --- from another container --- */

static void
test_from_elsewhere (ApiFixture *fixture, gconstpointer data)
{
  g_autofree char *endpoint = fake_blob_dup_endpoint (fixture->storage);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GHashTable) options = make_options (REPRISE_API_OPTION_CONTAINER, "missing");
  g_autoptr (GHashTable) account = make_options (REPRISE_API_OPTION_ACCOUNT, FAKE_BLOB_ACCOUNT);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (ReprisePlan) other = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, NAME, "Standard", 1);
  api_fixture_put (fixture, "copied", "Standard", 1);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  archive = api_fixture_open (fixture, NAME);
  plan = make_plan (fixture, archive, options);
  g_assert_true (reprise_plan_is_refused (plan));
  find_check (plan, "storage", REPRISE_CHECK_REFUSED);
  g_hash_table_insert (account, g_strdup (REPRISE_API_OPTION_CONTAINER),
                       g_strdup (FAKE_BLOB_CONTAINER));
  g_hash_table_insert (account, g_strdup (REPRISE_API_OPTION_ADDRESS), g_strdup (endpoint));
  g_hash_table_insert (account, g_strdup (REPRISE_API_OPTION_BLOB), g_strdup ("copied"));
  other = make_plan (fixture, archive, account);
  g_assert_false (reprise_plan_is_refused (other));
  api_fixture_answer_start (fixture, API "/restore");
  outcome = apply (fixture, other, journal, &error);
  g_assert_no_error (error);
  body = api_fixture_dup_last_post (fixture, API "/restore");
  g_assert_nonnull (strstr (body, "\"backupName\":\"copied\""));
}

/* --- what is refused --- */

static void
check_refused (ApiFixture *fixture,
               RepriseArchive *archive,
               const char *id,
               RepriseCheckResult result,
               const char *words)
{
  g_autoptr (ReprisePlan) plan = make_plan (fixture, archive, NULL);

  g_assert_cmpint (reprise_plan_is_refused (plan), ==, result == REPRISE_CHECK_REFUSED);
  if (strstr (find_check (plan, id, result)->text, words) == NULL)
    g_error ("“%s” is not in “%s”", words, find_check (plan, id, result)->text);
  fake_arm_forget (fixture->azure);
}

/* What is of another kind of service is not sent to this one, whatever is known of it. */
static void
test_other_kind (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive =
    reprise_archive_new_for_file ("azure-app-service", "/tmp/shop.zip");
  g_autoptr (ReprisePlan) plan = NULL;

  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  plan = make_plan (fixture, archive, NULL);
  g_assert_cmpstr (find_check (plan, "archive", REPRISE_CHECK_REFUSED)->text, ==,
                   "The archive comes from another kind of service.");
  g_assert_true (reprise_plan_is_refused (plan));
}

static void
test_refused (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseArchive) unknown = NULL;
  g_autoptr (RepriseArchive) late = NULL;
  g_autoptr (RepriseArchive) expired = NULL;

  api_fixture_put (fixture, "good", "Standard", 1);
  api_fixture_put (fixture, "unknown", NULL, 0);
  api_fixture_put (fixture, "late", "Standard", 26);
  api_fixture_put (fixture, "expired", "Standard", 31);
  archive = api_fixture_open (fixture, "good");
  unknown = api_fixture_open (fixture, "unknown");
  late = api_fixture_open (fixture, "late");
  expired = api_fixture_open (fixture, "expired");
  check_refused (fixture, archive, "target", REPRISE_CHECK_REFUSED, "no service “shop”");
  api_fixture_answer_state (fixture, API, "StandardV2", "Succeeded");
  check_refused (fixture, archive, "tier", REPRISE_CHECK_REFUSED, "“StandardV2”");
  api_fixture_answer_state (fixture, API, "Standard", "Updating");
  check_refused (fixture, archive, "target", REPRISE_CHECK_REFUSED, "Updating");
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  check_refused (fixture, unknown, "tier", REPRISE_CHECK_WARNING, "not known");
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  check_refused (fixture, late, "expiry", REPRISE_CHECK_WARNING, "Restorable until");
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  check_refused (fixture, expired, "expiry", REPRISE_CHECK_REFUSED, "Expired on");
  /* how many days count can be set */
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_EXPIRY_DAYS, "60");
  api_fixture_connect (fixture);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  check_refused (fixture, expired, "expiry", REPRISE_CHECK_OK, "Restorable until");
  /* gone since the list was made */
  g_assert_true (reprise_provider_delete_backup (
    fixture->provider, reprise_archive_get_backup (archive), NULL, NULL, NULL));
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  check_refused (fixture, archive, "archive", REPRISE_CHECK_REFUSED, "no backup “good”");
}

/* What the vault keeps Azure does not restore for ever either. */
static void
test_kept_too_long (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_kept (fixture, 40);

  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  check_refused (fixture, archive, "expiry", REPRISE_CHECK_REFUSED, "Expired on");
}

/* --- how it ends --- */

static void
test_ends (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, NAME, "Standard", 1);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  archive = api_fixture_open (fixture, NAME);
  plan = make_plan (fixture, archive, NULL);
  fake_arm_answer (fixture->azure, "POST", API "/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 400, NULL,
                   "{\"error\":{\"code\":\"RestoreFailed\",\"message\":\"Cannot restore: current "
                   "SKU is 'StandardV2', backup SKU is 'Standard'\"}}");
  g_assert_null (apply (fixture, plan, journal, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_FAILED, "current SKU is 'StandardV2'");
  g_assert_false (reprise_journal_has_open_step (journal));
  /* not to be allowed to follow it is no failure, and no success */
  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, API, "Standard", "Updating");
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 403, NULL,
                   "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"No.\"}}");
  outcome = reprise_provider_restore (fixture->provider, plan, journal, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "Azure is done with “shop”");
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
}

static ReprisePlan *
plan_over (ApiFixture *fixture)
{
  g_autoptr (RepriseArchive) archive = NULL;

  api_fixture_put (fixture, NAME, "Standard", 1);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  archive = api_fixture_open (fixture, NAME);
  return make_plan (fixture, archive, NULL);
}

/* Azure had a fault of its own, which it says, and nobody knows whether it has begun. */
static void
test_fault (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (ReprisePlan) plan = plan_over (fixture);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", API "/restore", 500, NULL,
                   "{\"error\":{\"code\":\"InternalError\",\"message\":\"The disk is full.\"}}");
  g_assert_null (apply (fixture, plan, journal, &error));
  g_assert_nonnull (strstr (error->message, "The disk is full."));
  api_fixture_assert_error (&error, REPRISE_ERROR_FAILED,
                            "not known whether Azure restored “shop”");
}

/* No answer came: only a service that was seen at work is done. It is never asked for twice. */
static void
test_lost_answer (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (ReprisePlan) plan = plan_over (fixture);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseJournal) second = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", API "/restore", 0, NULL, NULL);
  g_assert_null (apply (fixture, plan, journal, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_FAILED,
                            "not known whether Azure restored “shop”");
  g_assert_false (reprise_journal_has_open_step (journal)); /* there is nothing to wait for */
  g_assert_true (reprise_journal_close (journal, &error));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " API "/restore"), ==, 1);
  /* accepted, hidden from us, and never at work as far as can be seen */
  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 403, NULL, "{\"error\":{\"code\":\"No\"}}");
  second = begin_journal (fixture);
  g_assert_null (apply (fixture, plan, second, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_FAILED, "accepted the restore");
  g_assert_false (reprise_journal_has_open_step (second));
  g_assert_true (reprise_journal_close (second, &error));
  g_clear_object (&second);
  /* a fault of the service tells as little; it begins a while later */
  fake_arm_forget (fixture->azure);
  for (int i = 0; i < 3; i++)
    api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  api_fixture_answer_state (fixture, API, "Standard", "Updating");
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  fake_arm_answer (fixture->azure, "POST", API "/restore", 503, NULL, NULL);
  second = begin_journal (fixture);
  outcome = reprise_provider_restore (fixture->provider, plan, second, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "Azure is done with “shop”");
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
}

/* Seen at work by the process before, which died: the next one need not see it again. */
static void
test_lost_answer_taken_up (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (ReprisePlan) plan = plan_over (fixture);
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, API, "Standard", "Updating");
  fake_arm_answer (fixture->azure, "GET", API, 401, NULL, "{}");
  fake_arm_answer (fixture->azure, "POST", API "/restore", 0, NULL, NULL);
  g_assert_null (apply (fixture, plan, journal, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_clear_error (&error);
  g_clear_object (&journal);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), &error);
  g_assert_no_error (error);
  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  api_fixture_connect (fixture);
  outcome = reprise_provider_resume_operation (fixture->provider, left, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (outcome->summary, "could not be seen"));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
}

/* Begun by one process, and followed by another. */
static void
test_taken_up (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = begin_journal (fixture);
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, NAME, "Standard", 1);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  archive = api_fixture_open (fixture, NAME);
  plan = make_plan (fixture, archive, NULL);
  fake_arm_answer (fixture->azure, "POST", API "/restore", 202,
                   "Location: @BASE@/op\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 401, NULL, "{}");
  g_assert_null (apply (fixture, plan, journal, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_clear_error (&error);
  g_clear_object (&journal);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), &error);
  g_assert_no_error (error);
  g_assert_true (reprise_journal_has_open_step (left));
  fake_arm_forget (fixture->azure);
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{}");
  api_fixture_connect (fixture);
  outcome = reprise_provider_resume_operation (fixture->provider, left, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "Azure restored “shop”");
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  g_assert_false (reprise_journal_has_open_step (left));
}

/* --- the standby --- */

static void
test_standby (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseProbe) probe = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, NAME, "Standard", 1);
  archive = api_fixture_open (fixture, NAME);
  g_assert_null (reprise_provider_rehearse (fixture->provider, archive, NULL, NULL, NULL, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_INVALID, "no standby service");
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_STANDBY, "shop");
  g_assert_null (reprise_provider_rehearse (fixture->provider, archive, NULL, NULL, NULL, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_INVALID, "the service itself");
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_STANDBY, OTHER_API);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  api_fixture_answer_state (fixture, OTHER_API, "Premium", "Succeeded");
  probe = reprise_provider_probe (fixture->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (probe->warnings->len, ==, 1); /* its tier is another one */
  g_assert_null (reprise_provider_rehearse (fixture->provider, archive, NULL, NULL, NULL, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_REFUSED, "Premium");
  fake_arm_forget (fixture->azure);
  api_fixture_answer_state (fixture, OTHER_API, "Standard", "Succeeded");
  api_fixture_answer_start (fixture, OTHER_API "/restore");
  outcome = reprise_provider_rehearse (fixture->provider, archive, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (outcome->summary, "The standby “standby” is as the service was on"));
  g_assert_true (
    strstr (outcome->summary, "; what is in it could not be compared with the service: ") != NULL);
  body = api_fixture_dup_last_post (fixture, OTHER_API "/restore");
  g_assert_nonnull (strstr (body, "\"backupName\":\"" NAME "\""));
  g_assert_null (reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL));
}

/* By whichever name: it is refused before it is saved, and not only when it is used. */
static void
test_standby_itself (ApiFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *standby;
    const char *words; /* (nullable) */
  } CASES[] = {
    { "", "no standby service" },
    { "shop", "the service itself" },
    { "SHOP", "the service itself" },
    { API, "the service itself" },
    { "/subscriptions/S1/resourcegroups/RG1/providers/Microsoft.ApiManagement/service/Shop",
      "the service itself" },
    { "standby", NULL },
    { OTHER_API, NULL },
    { "/subscriptions/s1/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/shop", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *reason = NULL;

      api_fixture_set (fixture, REPRISE_AZURE_SETTING_STANDBY, CASES[i].standby);
      reason = reprise_kind_explain_no_rehearsal (fixture->kind, fixture->service);
      if (CASES[i].words == NULL)
        g_assert_null (reason);
      else
        g_assert_nonnull (strstr (reason, CASES[i].words));
    }
  g_assert_cmpstr (reprise_kind_get_rehearsal_setting (fixture->kind), ==,
                   REPRISE_AZURE_SETTING_STANDBY);
}

static void
answer_names (ApiFixture *fixture, const char *id, const char *list, const char *first)
{
  g_autofree char *path = g_strconcat (id, "/", list, NULL);
  g_autofree char *next = g_strdup_printf ("{\"value\":[{\"name\":\"%s\"}],\"nextLink\":"
                                           "\"@BASE@%s?page=2\"}",
                                           first, path);

  fake_arm_answer (fixture->azure, "GET", path, 200, NULL, next);
  fake_arm_answer (fixture->azure, "GET", path, 200, NULL,
                   "{\"value\":[{\"name\":\"canary-second\",\"properties\":"
                   "{\"value\":\"canary-value\"}}]}");
}

/* Each list to its end, of both; capitals do not differ, and of people no name is told. */
static void
test_standby_compared (ApiFixture *fixture, gconstpointer data)
{
  static const char *const LISTS[] = { "apis",        "products", "subscriptions",
                                       "namedValues", "backends", "users" };
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  api_fixture_put (fixture, NAME, "Standard", 1);
  archive = api_fixture_open (fixture, NAME);
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_STANDBY, OTHER_API);
  api_fixture_answer_state (fixture, OTHER_API, "Standard", "Succeeded");
  api_fixture_answer_start (fixture, OTHER_API "/restore");
  for (guint i = 0; i < G_N_ELEMENTS (LISTS); i++)
    {
      answer_names (fixture, API, LISTS[i], "Echo");
      answer_names (fixture, OTHER_API, LISTS[i], i == 0 || i == 5 ? "canary-other" : "echo");
    }
  outcome = reprise_provider_rehearse (fixture->provider, archive, NULL, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (
    outcome->summary, "; interfaces: 2, products: 2, subscriptions: 2, named values: 2, "
                      "backends: 2, users: 2; 4 differences from the service as it is now"));
  g_assert_cmpint (outcome->failed, <=, 0);
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 2);
  g_assert_cmpstr (warnings[0], ==,
                   "Interfaces: 2 in the service as it is now, 2 in the standby. Only in the "
                   "service: Echo. Only in the standby: canary-other.");
  g_assert_cmpstr (warnings[1], ==, "Users: 2 in the service as it is now, 2 in the standby.");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function)                                                         \
  g_test_add ("/api-restore/" path, ApiFixture, NULL, api_fixture_set_up, function, \
              api_fixture_tear_down)
  ADD ("over", test_over);
  ADD ("elsewhere", test_elsewhere);
  ADD ("undo", test_undo);
  ADD ("safety-copy", test_safety_copy);
  ADD ("from-elsewhere", test_from_elsewhere);
  ADD ("refused", test_refused);
  ADD ("other-kind", test_other_kind);
  ADD ("kept-too-long", test_kept_too_long);
  ADD ("ends", test_ends);
  ADD ("lost-answer", test_lost_answer);
  ADD ("fault", test_fault);
  ADD ("lost-answer-taken-up", test_lost_answer_taken_up);
  ADD ("taken-up", test_taken_up);
  ADD ("standby", test_standby);
  ADD ("standby/itself", test_standby_itself);
  ADD ("standby/compared", test_standby_compared);
#undef ADD
  return g_test_run ();
}
