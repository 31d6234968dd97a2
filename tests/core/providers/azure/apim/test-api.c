/* test-api.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api.h"
#include "providers/azure/documents.h"
#include "providers/azure/fake-arm.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define API \
  "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/shop-standard"

typedef struct
{
  FakeArm *server;
  RepriseArm *arm;
  RepriseApi *api;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_arm_new ();
  fixture->arm = fake_arm_connect (fixture->server);
  fixture->api = reprise_api_new (fixture->arm, "s1", "rg1", "shop-standard", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->api);
  g_clear_object (&fixture->arm);
  fake_arm_free (fixture->server);
}

static void
assert_call (Fixture *fixture, guint index, const char *expected)
{
  g_autofree char *line = fake_arm_dup_call (fixture->server, index);

  g_assert_cmpstr (line, ==, expected);
}

/* --- the requests and answers of the document --- */

typedef RepriseHttpOperation *(*Start) (RepriseApi *self,
                                        const RepriseApiStorage *storage,
                                        const char *blob_name,
                                        RepriseHttpOutcome *outcome,
                                        GCancellable *cancellable,
                                        GError **error);

static void
check_document (Fixture *fixture, Start func, const char *path)
{
  g_autoptr (RepriseSecretValue) key =
    reprise_secret_value_new_text ("{access key for the account}");
  RepriseApiStorage storage = {
    .account = "{storage account for the backup}",
    .container = "{backup container name}",
    .key = key,
  };
  g_autoptr (JsonNode) request = document_read ("api-request");
  g_autofree char *call = g_strdup_printf ("POST %s?api-version=2024-05-01", path);
  g_autofree char *body = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", path, 202,
                   "Location: @BASE@/op?t=1\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/op", 202, "Retry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/op", 202, "Retry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/op", 200, NULL, "{\"name\":\"shop-standard\"}");
  operation = func (fixture->api, &storage, "{backup blob name}", NULL, NULL, &error);
  g_assert_no_error (error);
  assert_call (fixture, 0, call);
  body = fake_arm_dup_body (fixture->server, 0);
  document_assert_same (request, body);
  reprise_http_operation_set_interval (operation, 10);
  g_assert_true (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->server, "GET /op?t=1"), ==, 3);
}

static void
test_back_up (Fixture *fixture, gconstpointer data)
{
  check_document (fixture, reprise_api_back_up, API "/backup");
}

static void
test_restore (Fixture *fixture, gconstpointer data)
{
  check_document (fixture, reprise_api_restore, API "/restore");
}

/* --- by identity --- */

static void
test_identities (Fixture *fixture, gconstpointer data)
{
  RepriseApiStorage storage = { .account = "acct",
                                .container = "apim",
                                .access = REPRISE_API_BY_SYSTEM_IDENTITY };
  g_autoptr (RepriseHttpOperation) one = NULL;
  g_autoptr (RepriseHttpOperation) other = NULL;
  g_autofree char *body = NULL, *second = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "POST", API "/backup", 200, NULL, "{}");
  one = reprise_api_back_up (fixture->api, &storage, "b", NULL, NULL, &error);
  g_assert_no_error (error);
  body = fake_arm_dup_body (fixture->server, 0);
  g_assert_cmpstr (body, ==,
                   "{\"storageAccount\":\"acct\",\"containerName\":\"apim\",\"backupName\":\"b\","
                   "\"accessType\":\"SystemAssignedManagedIdentity\"}");
  storage.access = REPRISE_API_BY_USER_IDENTITY;
  g_assert_null (reprise_api_back_up (fixture->api, &storage, "b", NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "client ID");
  storage.client_id = "c-1";
  other = reprise_api_back_up (fixture->api, &storage, "b", NULL, NULL, &error);
  g_assert_no_error (error);
  second = fake_arm_dup_body (fixture->server, 1);
  g_assert_nonnull (strstr (second, "\"accessType\":\"UserAssignedManagedIdentity\","
                                    "\"clientId\":\"c-1\""));
  storage.access = REPRISE_API_BY_KEY;
  g_assert_null (reprise_api_back_up (fixture->api, &storage, "b", NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NEEDS_SIGN_IN, "access key");
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 2);
}

/* --- before anything is begun --- */

static void
test_state (Fixture *fixture, gconstpointer data)
{
  RepriseApiStorage storage = { .access = REPRISE_API_BY_SYSTEM_IDENTITY };
  g_autoptr (RepriseApiState) state = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "GET", API, 200, NULL,
                   "{\"name\":\"shop-standard\",\"location\":\"West US\",\"sku\":{\"name\":"
                   "\"Standard\",\"capacity\":2},\"identity\":{\"type\":\"SystemAssigned, "
                   "UserAssigned\"},\"properties\":{\"provisioningState\":\"Succeeded\","
                   "\"gatewayUrl\":\"https://shop.azure-api.net\"}}");
  state = reprise_api_get_state (fixture->api, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (state->tier, ==, "Standard");
  g_assert_cmpint (state->capacity, ==, 2);
  g_assert_true (reprise_api_check_ready (state, &storage, &error));
  g_assert_true (reprise_api_check_tiers (state, "standard", &error));
  g_assert_true (reprise_api_check_tiers (state, NULL, &error));
  g_assert_false (reprise_api_check_tiers (state, "StandardV2", &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "“StandardV2”");
  g_free (g_steal_pointer (&state->identities));
  g_assert_false (reprise_api_check_ready (state, &storage, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "Storage Blob Data Contributor");
  storage.access = REPRISE_API_BY_KEY;
  g_assert_true (reprise_api_check_ready (state, &storage, &error));
  g_free (state->state);
  state->state = g_strdup ("Updating");
  g_assert_false (reprise_api_check_ready (state, &storage, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_BUSY, "Updating");
  g_free (state->tier);
  state->tier = g_strdup ("Consumption");
  g_assert_false (reprise_api_check_ready (state, &storage, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_SUPPORTED, "Consumption");
}

static void
test_names (void)
{
  static const char *const bad[] = { "", "1bad", "bad-", "b_d",
                                     "a12345678901234567890123456789012345678901234567890" };
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 20, 22, 57);
  g_autoptr (GDateTime) end = reprise_api_get_end (now, 0);
  g_autoptr (GDateTime) early = reprise_api_get_end (now, 7);
  g_autofree char *name = reprise_api_make_blob_name ("shop", now);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_api_check_name ("shop-1", &error));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (reprise_api_check_name (bad[i], &error));
      reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "hyphen");
    }
  g_assert_cmpstr (name, ==, "shop-20261121-202257.apimbackup");
  g_assert_cmpint (g_date_time_difference (end, now), ==, 30 * G_TIME_SPAN_DAY);
  g_assert_cmpint (g_date_time_difference (early, now), ==, 7 * G_TIME_SPAN_DAY);
}

/* --- reports --- */

static gboolean
take_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  g_string_append_len (user_data, data, (gssize) size);
  g_string_append (user_data, is_last ? ";" : "");
  return TRUE;
}

static void
test_reports (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) from = g_date_time_new_utc (2026, 11, 1, 0, 0, 0);
  g_autoptr (GDateTime) to = g_date_time_new_utc (2026, 11, 2, 0, 0, 0);
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "GET", API "/reports/byTime", 200, NULL,
                   "{\"value\":[{\"callCountTotal\":3}],\"count\":2,\"nextLink\":\"@BASE@" API
                   "/reports/byTime?$skip=1\"}");
  fake_arm_answer (fixture->server, "GET", API "/reports/byTime", 200, NULL,
                   "{\"value\":[{\"callCountTotal\":12345678901234567890}],\"nextLink\":\"\"}");
  g_assert_true (reprise_api_walk_report (fixture->api, REPRISE_API_REPORT_BY_TIME, from, to,
                                          take_cb, rows, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rows->str, ==,
                   "{\"callCountTotal\":3};{\"callCountTotal\":12345678901234567890};");
  assert_call (fixture, 0,
               "GET " API "/reports/byTime?api-version=2022-08-01&%24filter=timestamp%20ge%20"
               "datetime%272026-11-01T00%3A00%3A00%27%20and%20timestamp%20lt%20"
               "datetime%272026-11-02T00%3A00%3A00%27&interval=PT15M");
  for (guint i = 0; i < REPRISE_N_API_REPORTS; i++)
    g_assert_true (g_str_has_prefix (reprise_api_report_to_string (i), "by"));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function) g_test_add ("/api/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("document/back-up", test_back_up);
  ADD ("document/restore", test_restore);
  ADD ("identities", test_identities);
  ADD ("state", test_state);
  ADD ("reports", test_reports);
#undef ADD
  g_test_add_func ("/api/names", test_names);
  return g_test_run ();
}
