/* test-api-reports.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "providers/azure/apim/api-fixture.h"
#include "providers/azure/apim/reprise-api-provider.h"
#include "providers/azure/apim/reprise-api-reports.h"
#include "providers/azure/apim/reprise-api-roll-up.h"
#include "providers/azure/reprise-azure-settings.h"
#include "reprise-test.h"
#include "vault/reprise-vault-events.h"

/* A row whose numbers no double holds, and which is not printed as we would. */
#define ROW "{ \"callCountTotal\":9007199254740993,\"bandwidth\" :12345678901234567890, \"a\":1.10}"

static void
answer_report (ApiFixture *fixture, RepriseApiReport report, guint status, const char *body)
{
  g_autofree char *path =
    g_strconcat (API "/reports/", reprise_api_report_to_string (report), NULL);

  fake_arm_answer (fixture->azure, "GET", path, status, NULL, body);
}

static void
answer_all (ApiFixture *fixture)
{
  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    answer_report (fixture, report, 200, "{\"value\":[" ROW "],\"count\":1}");
}

/* As a backup of the reports alone at that time. (transfer full) (nullable) */
static RepriseArchive *
fetch (ApiFixture *fixture, const char *which, GDateTime *now, char ***warnings, GError **error)
{
  RepriseApi *api = reprise_api_provider_get_api (REPRISE_API_PROVIDER (fixture->provider), error);
  RepriseApiReports wanted = { which, 30, now };
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  gboolean ok = reprise_api_reports_fetch (api, &wanted, writer, contents, progress, NULL, error);

  if (warnings != NULL)
    *warnings = reprise_progress_dup_warnings (progress);
  if (!ok)
    return NULL;
  reprise_manifest_set_contents (reprise_vault_writer_get_manifest (writer), contents);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "rows", "counted");
  return api_fixture_commit (fixture, writer);
}

static char *
read_file (RepriseArchive *archive, RepriseApiReport report)
{
  g_autofree char *file = reprise_api_report_dup_file (report);
  g_autofree char *path =
    g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)), file, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static const char *
get_period (RepriseArchive *archive, const char *path)
{
  return reprise_json_get_string (
    reprise_manifest_get_provider (reprise_archive_get_manifest (archive)), path, "none");
}

/* --- */

static void
test_exactly (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 10, 7, 30);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autofree char *text = NULL, *call = NULL;
  g_autoptr (GError) error = NULL;

  answer_report (fixture, REPRISE_API_REPORT_BY_API, 200,
                 "{\"value\":[" ROW ",\n {\"b\":\n 2}],\"count\":3,\"nextLink\":\"@BASE@" API
                 "/reports/byApi?$skip=2\"}");
  answer_report (fixture, REPRISE_API_REPORT_BY_API, 200,
                 "{\"value\":[{\"c\":3}],\"nextLink\":\"\"}");
  answer_all (fixture);
  archive = fetch (fixture, REPRISE_API_REPORTS_ALL, now, NULL, &error);
  g_assert_no_error (error);
  text = read_file (archive, REPRISE_API_REPORT_BY_API);
  g_assert_cmpstr (text, ==, ROW "\n{\"b\":  2}\n{\"c\":3}\n");
  g_assert_cmpuint (reprise_manifest_get_n_files (reprise_archive_get_manifest (archive)), ==, 8);
  /* until the last quarter of an hour that is counted for certain; at first from a month ago */
  g_assert_cmpstr (get_period (archive, "periods.byApi.from"), ==, "2026-10-23T09:00:00.000Z");
  g_assert_cmpstr (get_period (archive, "periods.byApi.to"), ==, "2026-11-22T09:00:00.000Z");
  call = fake_arm_dup_call (fixture->azure, 0);
  g_assert_nonnull (strstr (call,
                            "ge%20datetime%272026-10-23T09%3A00%3A00%27%20and%20timestamp%20lt"
                            "%20datetime%272026-11-22T09%3A00%3A00%27"));
}

/* From run to run the periods touch each other: none is missing, none is double, whatever failed. */
static void
test_no_gap (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) first_at = g_date_time_new_utc (2026, 11, 20, 10, 0, 0);
  g_autoptr (GDateTime) second_at = g_date_time_new_utc (2026, 11, 21, 10, 0, 0);
  g_autoptr (GDateTime) third_at = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (RepriseArchive) first = NULL;
  g_autoptr (RepriseArchive) second = NULL;
  g_autoptr (RepriseArchive) third = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  answer_all (fixture);
  first = fetch (fixture, REPRISE_API_REPORTS_ALL, first_at, NULL, &error);
  g_assert_no_error (error);
  fake_arm_forget (fixture->azure);
  answer_report (fixture, REPRISE_API_REPORT_BY_GEO, 400,
                 "{\"error\":{\"code\":\"ValidationError\",\"message\":\"Not now.\"}}");
  answer_all (fixture);
  second = fetch (fixture, REPRISE_API_REPORTS_ALL, second_at, &warnings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "Not now."));
  g_assert_cmpstr (get_period (second, "periods.byApi.from"), ==, "2026-11-20T09:00:00.000Z");
  g_assert_cmpstr (get_period (second, "periods.byApi.to"), ==, "2026-11-21T09:00:00.000Z");
  g_assert_cmpstr (get_period (second, "periods.byGeo.from"), ==, "none");
  fake_arm_forget (fixture->azure);
  answer_all (fixture);
  third = fetch (fixture, REPRISE_API_REPORTS_ALL, third_at, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_period (third, "periods.byApi.from"), ==, "2026-11-21T09:00:00.000Z");
  g_assert_cmpstr (get_period (third, "periods.byGeo.from"), ==, "2026-11-20T09:00:00.000Z");
  g_assert_cmpstr (get_period (third, "periods.byGeo.to"), ==, "2026-11-22T09:00:00.000Z");
}

/* What a clock that was ahead wrote down leaves no gap until that date comes. */
static void
test_clock_ahead (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) first_at = g_date_time_new_utc (2026, 11, 20, 10, 0, 0);
  g_autoptr (GDateTime) ahead = g_date_time_new_utc (2031, 11, 21, 10, 0, 0);
  g_autoptr (GDateTime) third_at = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (RepriseArchive) first = NULL;
  g_autoptr (RepriseArchive) second = NULL;
  g_autoptr (RepriseArchive) third = NULL;
  g_autoptr (GError) error = NULL;

  answer_all (fixture);
  first = fetch (fixture, REPRISE_API_REPORTS_ALL, first_at, NULL, &error);
  g_assert_no_error (error);
  second = fetch (fixture, REPRISE_API_REPORTS_ALL, ahead, NULL, &error);
  g_assert_no_error (error);
  third = fetch (fixture, REPRISE_API_REPORTS_ALL, third_at, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_period (third, "periods.byApi.from"), ==, "2026-11-20T09:00:00.000Z");
  g_assert_cmpstr (get_period (third, "periods.byApi.to"), ==, "2026-11-22T09:00:00.000Z");
}

/* All requests come in pages that are counted off. */
static void
test_requests (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  answer_report (fixture, REPRISE_API_REPORT_BY_REQUEST, 200,
                 "{\"value\":[{\"n\":1},{\"n\":2}],\"count\":3}");
  answer_report (fixture, REPRISE_API_REPORT_BY_REQUEST, 200,
                 "{\"value\":[{\"n\":3}],\"count\":3}");
  answer_all (fixture);
  archive = fetch (fixture, REPRISE_API_REPORTS_ALL, now, NULL, &error);
  g_assert_no_error (error);
  text = read_file (archive, REPRISE_API_REPORT_BY_REQUEST);
  g_assert_cmpstr (text, ==, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
  n = fake_arm_get_n_calls (fixture->azure);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *call = fake_arm_dup_call (fixture->azure, n - 2 + i);

      g_assert_nonnull (strstr (call, i == 0 ? "%24skip=0" : "%24skip=2"));
    }
}

static void
test_chosen (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) error = NULL;
  RepriseGroup group;

  answer_all (fixture);
  archive = fetch (fixture, REPRISE_API_REPORTS_SUMMARIES, now, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_manifest_get_n_files (reprise_archive_get_manifest (archive)), ==, 7);
  g_assert_nonnull (
    reprise_contents_find (reprise_archive_get_contents (archive), "byRequest", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "GET " API "/reports/byRequest"), ==, 0);
}

/* What is no report is not taken for one, and the sign-in is not a matter of one report. */
static void
test_wrong (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (RepriseArchive) archive = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  answer_report (fixture, REPRISE_API_REPORT_BY_API, 200, "{\"other\":[]}");
  answer_report (fixture, REPRISE_API_REPORT_BY_USER, 200, "{\"value\":[{\"a\":1,}]}");
  answer_all (fixture);
  archive = fetch (fixture, REPRISE_API_REPORTS_ALL, now, &warnings, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (warnings), ==, 2);
  g_assert_cmpuint (reprise_manifest_get_n_files (reprise_archive_get_manifest (archive)), ==, 6);
  fake_arm_forget (fixture->azure);
  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    answer_report (fixture, report, 401, "{\"error\":{\"code\":\"AuthenticationFailed\"}}");
  g_assert_null (fetch (fixture, REPRISE_API_REPORTS_ALL, now, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
}

/* Beside the service, in backups of their own: what is restored and what is only kept end at different times. */
static void
test_apart (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (RepriseVaultWriter) first = api_fixture_begin (fixture);
  g_autoptr (RepriseVaultWriter) second = api_fixture_begin (fixture);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseArchive) reports = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *start = NULL;

  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  api_fixture_answer_start (fixture, API "/backup");
  answer_all (fixture);
  g_assert_true (reprise_kind_can (fixture->kind, REPRISE_HAS_REPORTS));
  reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, NULL, NULL,
                            &error);
  g_assert_no_error (error);
  archive = api_fixture_commit (fixture, writer);
  g_assert_cmpuint (reprise_manifest_get_n_files (reprise_archive_get_manifest (archive)), ==, 1);
  g_assert_true (reprise_provider_keep_aside (fixture->provider, NULL, first, NULL, NULL, &error));
  g_assert_no_error (error);
  reports = api_fixture_commit (fixture, first);
  g_assert_cmpuint (reprise_manifest_get_n_files (reprise_archive_get_manifest (reports)), ==, 8);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 1);
  /* an hour has not passed: an earlier backup has all of it */
  g_assert_false (
    reprise_provider_keep_aside (fixture->provider, NULL, second, NULL, NULL, &error));
  g_assert_no_error (error);
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_REPORTS, REPRISE_API_REPORTS_NONE);
  api_fixture_connect (fixture);
  g_assert_false (
    reprise_provider_keep_aside (fixture->provider, NULL, second, NULL, NULL, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_REFUSED, "leave the reports out");
  /* in the list of the vault: what each holds, and of what it is */
  listed =
    reprise_vault_list (fixture->vault, reprise_service_get_uuid (fixture->service), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (listed->len, ==, 2);
  for (guint i = 0; i < listed->len; i++)
    {
      RepriseBackup *backup = listed->pdata[i];

      if (REPRISE_GROUPS_HAS (reprise_backup_get_groups (backup), REPRISE_GROUP_REQUIRED))
        {
          g_assert_cmpstr (reprise_backup_get_edition (backup), ==, "Standard");
          g_assert_null (reprise_backup_get_periods (backup));
          continue;
        }
      start = g_strdup_printf ("byApi %s %s\n", get_period (reports, "periods.byApi.from"),
                               get_period (reports, "periods.byApi.to"));
      g_assert_true (g_str_has_prefix (reprise_backup_get_periods (backup), start));
    }
  g_assert_nonnull (start);
}

/* Where none can be read, that is no success. */
static void
test_none (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (GError) error = NULL;

  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    answer_report (fixture, report, 400,
                   "{\"error\":{\"code\":\"ValidationError\",\"message\":\"Not now.\"}}");
  g_assert_null (fetch (fixture, REPRISE_API_REPORTS_ALL, now, NULL, &error));
  g_assert_nonnull (strstr (error->message, "Not now."));
}

static void
test_alone (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = api_fixture_begin (fixture);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autofree char *path = g_build_filename (fixture->folder, "requests.jsonl", NULL);
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  answer_all (fixture);
  api_fixture_answer_state (fixture, API, "Standard", "Succeeded");
  reprise_provider_keep_aside (fixture->provider, NULL, writer, NULL, NULL, &error);
  g_assert_no_error (error);
  archive = api_fixture_commit (fixture, writer);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST"), ==, 0);
  /* they can be saved, not restored */
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_ALL, NULL, NULL,
                                        NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_plan_is_refused (plan));
  g_hash_table_insert (options, (char *) REPRISE_OPTION_COLLECTION, (char *) "byRequest");
  outcome = reprise_kind_export (fixture->kind, archive, options, path, FALSE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, ROW "\n");
  g_assert_null (
    reprise_kind_export (fixture->kind, archive, options, path, FALSE, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS);
  g_clear_error (&error);
  g_hash_table_insert (options, (char *) REPRISE_OPTION_COLLECTION, (char *) "service");
  g_assert_null (
    reprise_kind_export (fixture->kind, archive, options, path, TRUE, NULL, NULL, &error));
  api_fixture_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "service");
}

/* As which file: a report by service, report and period, with the ending of lines of JSON. */
static void
test_file_names (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (RepriseArchive) archive = NULL;
  RepriseBackup *backup;
  g_autofree char *report = NULL, *nobody = NULL, *service = NULL, *skipped = NULL;
  g_autoptr (GError) error = NULL;

  answer_all (fixture);
  archive = fetch (fixture, REPRISE_API_REPORTS_SUMMARIES, now, NULL, &error);
  g_assert_no_error (error);
  backup = reprise_archive_get_backup (archive);
  report = reprise_kind_suggest_file_name (fixture->kind, fixture->service, backup, "byApi");
  g_assert_cmpstr (report, ==, "shop-byApi-20261023T090000Z-20261122T090000Z.jsonl");
  nobody = reprise_kind_suggest_file_name (fixture->kind, NULL, backup, "byApi");
  g_assert_cmpstr (nobody, ==,
                   "azure-api-management-byApi-20261023T090000Z-20261122T090000Z.jsonl");
  skipped = reprise_kind_suggest_file_name (fixture->kind, fixture->service, backup, "byRequest");
  g_assert_cmpstr (skipped, ==, "shop-byRequest.jsonl");
  service = reprise_kind_suggest_file_name (fixture->kind, fixture->service, backup, "service");
  g_assert_true (g_str_has_prefix (service, "shop-20"));
  g_assert_true (g_str_has_suffix (service, ".apimbackup"));
}

/* --- months --- */

/* Reports as they are at ten o’clock of that day, each with the row “n”. */
static RepriseArchive *
fetch_on (ApiFixture *fixture, int month, int day, gboolean without_geo)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, month, day, 10, 0, 0);
  g_autofree char *body = g_strdup_printf ("{\"value\":[{\"n\":%d}],\"count\":1}", day);
  g_autoptr (GError) error = NULL;
  RepriseArchive *archive;

  fake_arm_forget (fixture->azure);
  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    answer_report (fixture, report, without_geo && report == REPRISE_API_REPORT_BY_GEO ? 400 : 200,
                   body);
  archive = fetch (fixture, REPRISE_API_REPORTS_ALL, now, NULL, &error);
  g_assert_no_error (error);
  return archive;
}

static GPtrArray *
list (ApiFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *backups =
    reprise_vault_list (fixture->vault, reprise_service_get_uuid (fixture->service), NULL, &error);

  g_assert_no_error (error);
  return backups;
}

static void
assert_n (ApiFixture *fixture, guint n)
{
  g_autoptr (GPtrArray) backups = list (fixture);

  g_assert_cmpuint (backups->len, ==, n);
}

static gint64
roll_up (ApiFixture *fixture, int month, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, month, 22, 10, 0, 0);
  g_autoptr (RepriseOutcome) outcome =
    reprise_api_roll_up (fixture->vault, fixture->service, now, NULL, NULL, error);

  return outcome != NULL ? MAX (outcome->removed, 0) : -1;
}

static RepriseCompactPlan *
plan_roll_up (ApiFixture *fixture, int month)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, month, 22, 10, 0, 0);
  g_autoptr (GError) error = NULL;
  RepriseCompactPlan *plan =
    reprise_api_plan_roll_up (fixture->vault, fixture->service, now, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

/* (transfer full): the roll-up, as it is opened */
static RepriseArchive *
open_roll_up (ApiFixture *fixture)
{
  g_autoptr (GPtrArray) backups = list (fixture);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < backups->len; i++)
    if (reprise_backup_get_tier (backups->pdata[i]) == REPRISE_TIER_MONTHLY)
      {
        g_autoptr (RepriseManifest) manifest =
          reprise_vault_read_manifest (fixture->vault, backups->pdata[i], &error);
        RepriseArchive *archive;

        g_assert_no_error (error);
        g_assert_cmpint (reprise_backup_get_state (backups->pdata[i]), ==, REPRISE_BACKUP_VERIFIED);
        archive = reprise_archive_new_for_backup (backups->pdata[i], manifest);
        reprise_kind_verify (fixture->kind, archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error);
        g_assert_no_error (error);
        return archive;
      }
  g_assert_not_reached ();
}

static void
copy_folder (const char *from, const char *to)
{
  const char *const argv[] = { "cp", "-a", "-T", from, to, NULL };
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static void
assert_rolled_up (ApiFixture *fixture, RepriseArchive *first, RepriseArchive *last)
{
  g_autoptr (RepriseArchive) archive = open_roll_up (fixture);
  g_autofree char *rows = read_file (archive, REPRISE_API_REPORT_BY_API);
  g_autofree char *geo = read_file (archive, REPRISE_API_REPORT_BY_GEO);
  g_autofree char *path =
    g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)),
                      "reports/periods.jsonl", NULL);
  g_autofree char *periods = reprise_test_read (path, NULL);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (periods), "\n", -1);

  g_assert_cmpstr (rows, ==, "{\"n\":29}\n{\"n\":30}\n{\"n\":31}\n");
  g_assert_cmpstr (geo, ==, "{\"n\":29}\n{\"n\":31}\n");
  g_assert_cmpuint (g_strv_length (lines), ==, 8 * 3 - 1);
  g_assert_true (g_str_has_prefix (lines[1],
                                   "{\"report\":\"byApi\",\"from\":\"2026-10-29T09:00:00.000Z"
                                   "\",\"to\":\"2026-10-30T09:00:00.000Z\",\"rows\":1,"));
  g_assert_cmpstr (get_period (archive, "periods.byApi.from"), ==,
                   get_period (first, "periods.byApi.from"));
  g_assert_cmpstr (get_period (archive, "periods.byGeo.to"), ==,
                   get_period (last, "periods.byGeo.to"));
}

/* A month that is over becomes one, every row as it was; what is marked stays, and is not taken twice. */
static void
test_months (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) first = fetch_on (fixture, 10, 29, FALSE);
  g_autoptr (RepriseArchive) second = fetch_on (fixture, 10, 30, TRUE);
  g_autoptr (RepriseArchive) third = fetch_on (fixture, 10, 31, FALSE);
  g_autoptr (RepriseArchive) fourth = fetch_on (fixture, 11, 1, FALSE);
  g_autoptr (RepriseArchive) fifth = fetch_on (fixture, 11, 2, FALSE);
  g_autoptr (RepriseArchive) sixth = NULL;
  g_autoptr (RepriseCompactPlan) plan = plan_roll_up (fixture, 11);
  const RepriseCompactStep *step = plan->steps->pdata[0];
  g_autoptr (JsonObject) members = json_object_new ();
  const char *folder = reprise_backup_get_folder (reprise_archive_get_backup (first));
  g_autofree char *aside = g_build_filename (fixture->folder, "aside", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (plan->steps->len, ==, 1);
  g_assert_cmpuint (step->sources->len, ==, 3);
  g_assert_cmpstr (step->collections[0], ==, "2026-10");
  g_assert_cmpint (plan->freed_bytes, ==, 0); /* the new one has as many rows */
  g_assert_cmpint (plan->later_bytes, >, 0);
  assert_n (fixture, 5);
  reprise_vault_add_event (fixture->vault,
                           reprise_backup_get_id (reprise_archive_get_backup (second)), "kept",
                           members, &error);
  g_assert_no_error (error);
  copy_folder (folder, aside);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 2);
  g_assert_no_error (error);
  assert_n (fixture, 4);
  assert_rolled_up (fixture, first, third);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 0);
  assert_n (fixture, 4);
  /* killed before the sources were gone: the next run goes on */
  copy_folder (aside, folder);
  assert_n (fixture, 5);
  g_clear_pointer (&plan, reprise_compact_plan_free);
  plan = plan_roll_up (fixture, 11);
  g_assert_cmpuint (plan->steps->len, ==, 2); /* one of them is kept */
  g_assert_cmpuint (plan->n_roll_ups, ==, 0);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 1);
  g_assert_no_error (error);
  assert_n (fixture, 4);
  /* and the next reports begin where the last ones ended */
  sixth = fetch_on (fixture, 11, 3, FALSE);
  g_assert_cmpstr (get_period (sixth, "periods.byApi.from"), ==, "2026-11-02T09:00:00.000Z");
}

static void
spoil (RepriseArchive *archive)
{
  g_autofree char *file = reprise_api_report_dup_file (REPRISE_API_REPORT_BY_API);
  g_autofree char *path =
    g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)), file, NULL);

  g_assert_true (g_file_set_contents (path, "{\"n\":99}\n", -1, NULL));
}

/* What is not whole is left as it is: a month that is not over, one with damage, which is told once, and one with a gap. */
static void
test_months_left (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) first = fetch_on (fixture, 10, 28, FALSE);
  g_autoptr (RepriseArchive) second = fetch_on (fixture, 10, 29, FALSE);
  g_autoptr (RepriseArchive) third = fetch_on (fixture, 10, 30, FALSE);
  g_autoptr (RepriseArchive) fourth = fetch_on (fixture, 10, 31, FALSE);
  g_autoptr (RepriseCompactPlan) plan = plan_roll_up (fixture, 10);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (plan->steps->len, ==, 0);
  spoil (third);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, -1);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  assert_n (fixture, 4);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 0);
  g_assert_no_error (error);
  assert_n (fixture, 4);
}

/* One month that cannot be rolled up is told, and keeps no other one from it. */
static void
test_months_go_on (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) first = fetch_on (fixture, 9, 29, FALSE);
  g_autoptr (RepriseArchive) second = fetch_on (fixture, 9, 30, FALSE);
  g_autoptr (RepriseArchive) third = fetch_on (fixture, 10, 30, FALSE);
  g_autoptr (RepriseArchive) fourth = fetch_on (fixture, 10, 31, FALSE);
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 22, 10, 0, 0);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseArchive) rolled_up = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  spoil (first);
  outcome = reprise_api_roll_up (fixture->vault, fixture->service, now, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->summary, ==, "1 month of reports rolled up, 2 backups deleted");
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_true (g_str_has_prefix (warnings[0], "The reports of 2026-09 could not be rolled up: "));
  assert_n (fixture, 3);
  rolled_up = open_roll_up (fixture);
  g_assert_cmpstr (get_period (rolled_up, "periods.byApi.to"), ==,
                   get_period (fourth, "periods.byApi.to"));
}

/* A roll-up that was never proven, and is damaged: what it was made from stays, and the next run makes it anew. */
static void
test_months_damaged (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) first = fetch_on (fixture, 10, 30, FALSE);
  g_autoptr (RepriseArchive) second = fetch_on (fixture, 10, 31, FALSE);
  const char *folder = reprise_backup_get_folder (reprise_archive_get_backup (first));
  g_autofree char *aside = g_build_filename (fixture->folder, "aside", NULL);
  const char *other = reprise_backup_get_folder (reprise_archive_get_backup (second));
  g_autofree char *aside_too = g_build_filename (fixture->folder, "aside-too", NULL);
  g_autoptr (RepriseArchive) rolled_up = NULL;
  g_autofree char *events = NULL;
  g_autoptr (GError) error = NULL;

  copy_folder (folder, aside);
  copy_folder (other, aside_too);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 2);
  g_assert_no_error (error);
  copy_folder (aside, folder);
  copy_folder (aside_too, other);
  rolled_up = open_roll_up (fixture);
  spoil (rolled_up);
  events = g_strconcat (reprise_backup_get_folder (reprise_archive_get_backup (rolled_up)),
                        ".events", NULL);
  g_assert_true (reprise_file_remove_tree (events, &error));
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, -1);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  assert_n (fixture, 3);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 2);
  g_assert_no_error (error);
  assert_n (fixture, 2);
}

/* What the preview says is what is done: a roll-up may name a source whose periods it does not have. */
static void
test_months_preview (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) first = fetch_on (fixture, 10, 30, FALSE);
  g_autoptr (RepriseArchive) second = fetch_on (fixture, 10, 31, FALSE);
  g_autoptr (RepriseArchive) third = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseCompactPlan) plan = NULL;
  g_autofree char *path = NULL, *text = NULL, *forged = NULL;
  char *ids;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 2);
  g_assert_no_error (error);
  third = fetch_on (fixture, 11, 1, FALSE);
  archive = open_roll_up (fixture);
  path = g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)),
                           "manifest.json", NULL);
  text = reprise_test_read (path, NULL);
  ids = strchr (strstr (text, "\"supersedes\""), '[') + 1;
  forged = g_strdup_printf ("%.*s\"%s\",%s", (int) (ids - text), text,
                            reprise_backup_get_id (reprise_archive_get_backup (third)), ids);
  g_assert_true (g_file_set_contents (path, forged, -1, NULL));
  plan = plan_roll_up (fixture, 11);
  g_assert_cmpuint (plan->steps->len, ==, 0);
  g_assert_cmpint (roll_up (fixture, 11, &error), ==, 0);
  g_assert_no_error (error);
  assert_n (fixture, 2);
}

/* A vault may come from anywhere: what a backup says it took in is no name of a backup. */
static void
test_months_rubbish (ApiFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) first = fetch_on (fixture, 10, 30, FALSE);
  g_autoptr (RepriseArchive) second = fetch_on (fixture, 10, 31, FALSE);
  g_autofree char *path = g_build_filename (
    reprise_backup_get_folder (reprise_archive_get_backup (second)), "manifest.json", NULL);
  g_autofree char *text = reprise_test_read (path, NULL);
  char *provider = strchr (strstr (text, "\"provider\""), '{');
  g_autofree char *forged = g_strdup_printf ("%.*s{\"supersedes\":[1,null,{},[\"x\"]],%s",
                                             (int) (provider - text), text, provider + 1);
  g_autoptr (RepriseCompactPlan) plan = NULL;

  g_assert_true (g_file_set_contents (path, forged, -1, NULL));
  plan = plan_roll_up (fixture, 11);
  g_assert_cmpuint (plan->steps->len, ==, 0);
  assert_n (fixture, 2);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function)                                                         \
  g_test_add ("/api-reports/" path, ApiFixture, NULL, api_fixture_set_up, function, \
              api_fixture_tear_down)
  ADD ("exactly", test_exactly);
  ADD ("file-names", test_file_names);
  ADD ("no-gap", test_no_gap);
  ADD ("clock-ahead", test_clock_ahead);
  ADD ("requests", test_requests);
  ADD ("chosen", test_chosen);
  ADD ("wrong", test_wrong);
  ADD ("apart", test_apart);
  ADD ("none", test_none);
  ADD ("alone", test_alone);
  ADD ("months", test_months);
  ADD ("months/left", test_months_left);
  ADD ("months/go-on", test_months_go_on);
  ADD ("months/damaged", test_months_damaged);
  ADD ("months/preview", test_months_preview);
  ADD ("months/rubbish", test_months_rubbish);
#undef ADD
  return g_test_run ();
}
