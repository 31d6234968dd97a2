/* test-site-schedule.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/site-fixture.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define LIST SITE "/config/backup/list"
#define PUT  SITE "/config/backup"

static void
lay_down (SiteFixture *fixture, const char *storage, const char *enabled)
{
  g_autofree char *text = g_strdup_printf (
    "{\"properties\":{\"enabled\":%s,\"backupName\":\"nightly\",\"storageAccountUrl\":\"%s\","
    "\"backupSchedule\":{\"frequencyInterval\":12,\"frequencyUnit\":\"Hour\","
    "\"keepAtLeastOneBackup\":true,\"retentionPeriodInDays\":10,"
    "\"startTime\":\"2030-01-01T02:00:00\",\"lastExecutionTime\":\"2026-11-20T10:00:00\"},"
    "\"databases\":[{\"databaseType\":\"MySql\",\"name\":\"users\","
    "\"connectionString\":\"canary-connection\"}]}}",
    enabled, storage);

  fake_arm_answer (fixture->azure, "POST", LIST, 200, NULL, text);
}

static JsonNode *
make_values (const char *name, ...)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  va_list args;

  json_builder_begin_object (json);
  va_start (args, name);
  for (const char *key = name; key != NULL; key = va_arg (args, const char *))
    {
      json_builder_set_member_name (json, key);
      json_builder_add_string_value (json, va_arg (args, const char *));
    }
  va_end (args);
  json_builder_end_object (json);
  return json_builder_get_root (json);
}

static char *
dup_body (SiteFixture *fixture, const char *line_start)
{
  for (guint i = fake_arm_get_n_calls (fixture->azure); i > 0; i--)
    {
      g_autofree char *line = fake_arm_dup_call (fixture->azure, i - 1);

      if (g_str_has_prefix (line, line_start))
        return fake_arm_dup_body (fixture->azure, i - 1);
    }
  return NULL;
}

/* What is told of it, and nothing of its signature. */
static void
test_get (SiteFixture *fixture, gconstpointer data)
{
  g_autofree char *long_enough = fake_blob_dup_sas (fixture->storage, "rwdl", 400 * 24 * 3600);
  g_autofree char *soon = fake_blob_dup_sas (fixture->storage, "rwdl", 9 * 24 * 3600);
  g_autoptr (JsonNode) schedule = NULL;
  g_autoptr (JsonNode) short_lived = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *values;

  lay_down (fixture, long_enough, "true");
  schedule = reprise_provider_get_schedule (fixture->provider, NULL, &error);
  g_assert_no_error (error);
  values = json_node_get_object (schedule);
  g_assert_cmpstr (reprise_json_get_string (values, "enabled", ""), ==, "true");
  g_assert_cmpstr (reprise_json_get_string (values, "every", ""), ==, "12");
  g_assert_cmpstr (reprise_json_get_string (values, "unit", ""), ==, "hour");
  g_assert_cmpstr (reprise_json_get_string (values, "start", ""), ==, "2030-01-01T02:00:00Z");
  g_assert_cmpstr (reprise_json_get_string (values, "retention-days", ""), ==, "10");
  g_assert_cmpstr (reprise_json_get_string (values, "keep-one", ""), ==, "true");
  g_assert_cmpstr (reprise_json_get_string (values, "name", ""), ==, "nightly");
  g_assert_cmpstr (reprise_json_get_string (values, "databases", ""), ==, "true");
  g_assert_cmpuint (
    reprise_json_array_get_length (reprise_json_get_array (values, REPRISE_SCHEDULE_FACTS)), ==, 3);
  g_assert_cmpuint (
    reprise_json_array_get_length (reprise_json_get_array (values, REPRISE_SCHEDULE_WARNINGS)), ==,
    0);
  text = json_to_string (schedule, FALSE);
  g_assert_null (strstr (text, FAKE_BLOB_SIGNATURE));
  g_assert_null (strstr (text, "canary"));
  /* it ends before the last backup is to be deleted */
  fake_arm_forget (fixture->azure);
  lay_down (fixture, soon, "false");
  short_lived = reprise_provider_get_schedule (fixture->provider, NULL, &error);
  g_assert_no_error (error);
  values = json_node_get_object (short_lived);
  g_assert_cmpstr (reprise_json_get_string (values, "enabled", ""), ==, "false");
  g_assert_cmpuint (
    reprise_json_array_get_length (reprise_json_get_array (values, REPRISE_SCHEDULE_WARNINGS)), ==,
    1);
}

static void
test_none (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_provider_get_schedule (fixture->provider, NULL, &error));
  g_assert_no_error (error);
  fake_arm_answer (fixture->azure, "POST", LIST, 403, NULL,
                   "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"No.\"}}");
  g_assert_null (reprise_provider_get_schedule (fixture->provider, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DENIED);
}

/* With the signature and the databases of the service; a day means its begin; read back. */
static void
test_set (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) values =
    make_values ("enabled", "false", "every", "12", "unit", "hour", "start", "2030-01-01",
                 "retention-days", "10", "keep-one", "true", "databases", "true", "name", "", NULL);
  g_autofree char *sas = fake_blob_dup_sas (fixture->storage, "rwdl", 3600);
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_DATABASES,
                               "MySql:users:Users");
  site_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "PUT", PUT, 200, NULL, "{}");
  lay_down (fixture, sas, "false");
  g_assert_true (reprise_provider_set_schedule (fixture->provider, values, NULL, &error));
  g_assert_no_error (error);
  body = dup_body (fixture, "PUT ");
  g_assert_nonnull (strstr (body, FAKE_BLOB_SIGNATURE));
  g_assert_nonnull (strstr (body, "\"enabled\":false"));
  g_assert_nonnull (strstr (body, "\"frequencyInterval\":12"));
  g_assert_nonnull (strstr (body, "\"frequencyUnit\":\"Hour\""));
  g_assert_nonnull (strstr (body, "\"startTime\":\"2030-01-01T00:00:00Z\""));
  g_assert_nonnull (strstr (body, "\"connectionStringName\":\"Users\""));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " LIST), ==, 1);
}

/* Databases that somebody chose at Azure stay, though the service names none: with their connections, which Azure tells. */
static void
test_keeps_databases (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) values =
    make_values ("enabled", "false", "every", "12", "unit", "hour", "start", "2030-01-01T02:00",
                 "retention-days", "10", "keep-one", "true", "databases", "true", NULL);
  g_autoptr (JsonNode) without = make_values ("every", "12", "databases", "false", NULL);
  g_autofree char *sas = fake_blob_dup_sas (fixture->storage, "rwdl", 3600);
  g_autofree char *body = NULL, *other = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "PUT", PUT, 200, NULL, "{}");
  lay_down (fixture, sas, "false");
  g_assert_true (reprise_provider_set_schedule (fixture->provider, values, NULL, &error));
  g_assert_no_error (error);
  body = dup_body (fixture, "PUT ");
  g_assert_nonnull (strstr (
    body, "\"startTime\":\"2030-01-01T02:00:00Z\"")); /* without seconds, as the help has it */
  g_assert_nonnull (strstr (body, "\"name\":\"users\""));
  g_assert_nonnull (strstr (body, "\"connectionString\":\"canary-connection\""));
  reprise_provider_set_schedule (fixture->provider, without, NULL, NULL);
  other = dup_body (fixture, "PUT ");
  g_assert_null (strstr (other, "users"));
}

/* Where neither the service nor the schedule has one, nothing is said of databases. */
static void
test_no_databases (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) schedule = NULL;
  g_autoptr (JsonNode) named = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", LIST, 200, NULL,
                   "{\"properties\":{\"enabled\":true,\"backupSchedule\":{\"frequencyInterval\":1,"
                   "\"frequencyUnit\":\"Day\",\"keepAtLeastOneBackup\":true,"
                   "\"retentionPeriodInDays\":10}}}");
  schedule = reprise_provider_get_schedule (fixture->provider, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (json_object_has_member (json_node_get_object (schedule), "databases"));
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_DATABASES,
                               "MySql:users:Users");
  site_fixture_connect (fixture);
  named = reprise_provider_get_schedule (fixture->provider, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_json_get_string (json_node_get_object (named), "databases", ""), ==,
                   "false");
}

static void
test_refused (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) no_time = make_values ("start", "tomorrow", NULL);
  g_autoptr (JsonNode) values = make_values ("every", "1", NULL);
  g_autofree char *ended = fake_blob_dup_sas (fixture->storage, "rwdl", -3600);
  g_autofree char *reading = fake_blob_dup_sas (fixture->storage, "rl", 3600);
  g_autoptr (GError) error = NULL;

  g_assert_false (reprise_provider_set_schedule (fixture->provider, no_time, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "tomorrow");
  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, ended);
  g_assert_false (reprise_provider_set_schedule (fixture->provider, values, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NEEDS_SIGN_IN, "ended on");
  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, reading);
  site_fixture_connect (fixture); /* what was looked up once is kept for a job */
  g_assert_false (reprise_provider_set_schedule (fixture->provider, values, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "write");
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->azure), ==, 0);
}

static void
test_remove (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "DELETE", PUT, 200, NULL, NULL);
  g_assert_true (reprise_provider_set_schedule (fixture->provider, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE " PUT), ==, 1);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function)                                                             \
  g_test_add ("/site-schedule/" path, SiteFixture, NULL, site_fixture_set_up, function, \
              site_fixture_tear_down)
  ADD ("get", test_get);
  ADD ("none", test_none);
  ADD ("set", test_set);
  ADD ("keeps-databases", test_keeps_databases);
  ADD ("no-databases", test_no_databases);
  ADD ("refused", test_refused);
  ADD ("remove", test_remove);
#undef ADD
  return g_test_run ();
}
