/* test-arm.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/azure/fake-arm.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define SUBSCRIPTION "/subscriptions/00001111-2222-3333-4444-555566667777"
#define API          SUBSCRIPTION "/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/api1"
#define ACCOUNT      SUBSCRIPTION "/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/acct"

typedef struct
{
  FakeArm *server;
  RepriseArm *arm;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_arm_new ();
  fixture->arm = fake_arm_connect (fixture->server);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->arm);
  fake_arm_free (fixture->server);
}

static void
assert_call (Fixture *fixture, guint index, const char *expected)
{
  g_autofree char *line = fake_arm_dup_call (fixture->server, index);

  g_assert_cmpstr (line, ==, expected);
}

static void
assert_body (Fixture *fixture, guint index, const char *expected)
{
  g_autofree char *body = fake_arm_dup_body (fixture->server, index);

  g_assert_cmpstr (body, ==, expected);
}

/* --- lists --- */

static void
test_pages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = NULL;
  const RepriseArmItem *item;

  fake_arm_answer (fixture->server, "GET", SUBSCRIPTION "/resourcegroups", 200,
                   "x-ms-ratelimit-remaining-subscription-reads: 11999\r\n",
                   "{\"value\":[{\"id\":\"" SUBSCRIPTION "/resourceGroups/web\",\"name\":\"web\","
                   "\"location\":\"westus\"},{\"name\":null}],"
                   "\"nextLink\":\"@BASE@" SUBSCRIPTION
                   "/resourcegroups?api-version=2022-09-01&$skiptoken=a%2Fb\"}");
  fake_arm_answer (fixture->server, "GET", SUBSCRIPTION "/resourcegroups", 200, NULL,
                   "{\"value\":[{\"id\":\"" SUBSCRIPTION "/resourceGroups/Api\",\"name\":\"Api\"}],"
                   "\"nextLink\":null}");
  items = reprise_arm_list (fixture->arm, REPRISE_ARM_GROUPS, SUBSCRIPTION, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 2);
  item = items->pdata[1];
  g_assert_cmpstr (item->name, ==, "web");
  g_assert_cmpstr (item->group, ==, "web");
  g_assert_cmpstr (item->location, ==, "westus");
  assert_call (fixture, 0, "GET " SUBSCRIPTION "/resourcegroups?api-version=2022-09-01");
  assert_call (fixture, 1,
               "GET " SUBSCRIPTION "/resourcegroups?api-version=2022-09-01&$skiptoken=a%2Fb");
  g_assert_cmpuint (reprise_arm_get_poll_ms (fixture->arm), ==, 10);
}

/* A token goes nowhere but to Azure, and a list ends. */
static void
test_bad_pages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->server, "GET", "/tenants", 200, NULL,
                   "{\"value\":[],\"nextLink\":\"https://evil.example/tenants\"}");
  g_assert_null (reprise_arm_list (fixture->arm, REPRISE_ARM_TENANTS, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_PROTOCOL, "not its own");
  fake_arm_forget (fixture->server);
  fake_arm_answer (fixture->server, "GET", "/tenants", 200, NULL,
                   "{\"value\":[],\"nextLink\":\"@BASE@/tenants?api-version=1\"}");
  g_assert_null (reprise_arm_list (fixture->arm, REPRISE_ARM_TENANTS, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_PROTOCOL, "no end");
  fake_arm_forget (fixture->server);
  fake_arm_answer (fixture->server, "GET", "/tenants", 200, NULL, "{\"tenants\":[]}");
  g_assert_null (reprise_arm_list (fixture->arm, REPRISE_ARM_TENANTS, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_PROTOCOL, "no list");
}

static void
test_kinds (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    RepriseArmList what;
    const char *scope, *path, *version, *item;
    const char *name, *title, *group, *state, *address, *tier;
  } lists[] = {
    { REPRISE_ARM_TENANTS, NULL, "/tenants", "2022-12-01",
      "{\"id\":\"/tenants/t1\",\"tenantId\":\"t1\",\"displayName\":\"Contoso\",\"defaultDomain\":"
      "\"contoso.example\"}",
      "t1", "Contoso", NULL, "contoso.example", NULL, NULL },
    { REPRISE_ARM_SUBSCRIPTIONS, NULL, "/subscriptions", "2022-12-01",
      "{\"id\":\"/subscriptions/s1\",\"subscriptionId\":\"s1\",\"displayName\":\"Pay\",\"state\":"
      "\"Enabled\"}",
      "s1", "Pay", NULL, "Enabled", NULL, NULL },
    { REPRISE_ARM_SITES, SUBSCRIPTION, SUBSCRIPTION "/providers/Microsoft.Web/sites", "2025-05-01",
      "{\"id\":\"" SUBSCRIPTION "/resourceGroups/rg1/providers/Microsoft.Web/sites/shop\","
      "\"name\":\"shop\",\"location\":\"West US\",\"properties\":{\"state\":\"Running\","
      "\"defaultHostName\":\"shop.azurewebsites.net\"}}",
      "shop", "shop", "rg1", "Running", "shop.azurewebsites.net", NULL },
    { REPRISE_ARM_SLOTS, "/site", "/site/slots", "2025-05-01",
      "{\"id\":\"/site/slots/staging\",\"name\":\"shop/staging\"}", "staging", "staging", NULL,
      NULL, NULL, NULL },
    { REPRISE_ARM_DELETED_SITES, SUBSCRIPTION, SUBSCRIPTION "/providers/Microsoft.Web/deletedSites",
      "2022-09-01",
      "{\"id\":\"/subscriptions/s/providers/Microsoft.Web/locations/x/deletedSites/9\",\"name\":"
      "\"9\",\"properties\":{\"deletedSiteId\":9,\"deletedSiteName\":\"gone\",\"resourceGroup\":"
      "\"rg1\",\"deletedTimestamp\":\"2026-11-01T00:00:00\",\"geoRegionName\":\"West US\"}}",
      "gone", "gone", "rg1", "2026-11-01T00:00:00", NULL, NULL },
    { REPRISE_ARM_APIS, SUBSCRIPTION, SUBSCRIPTION "/providers/Microsoft.ApiManagement/service",
      "2024-05-01",
      "{\"id\":\"" API "\",\"name\":\"api1\",\"sku\":{\"name\":\"Premium\",\"capacity\":1},"
      "\"properties\":{\"provisioningState\":\"Succeeded\",\"gatewayUrl\":\"https://api1.x\"}}",
      "api1", "api1", "rg1", "Succeeded", "https://api1.x", "Premium" },
    { REPRISE_ARM_STORAGES, SUBSCRIPTION,
      SUBSCRIPTION "/providers/Microsoft.Storage/storageAccounts", "2022-09-01",
      "{\"id\":\"" ACCOUNT "\",\"name\":\"acct\",\"sku\":{\"name\":\"Standard_LRS\"},"
      "\"properties\":{\"primaryEndpoints\":{\"blob\":\"https://acct.blob.x/\"}}}",
      "acct", "acct", "rg1", NULL, "https://acct.blob.x/", "Standard_LRS" },
    { REPRISE_ARM_CONTAINERS, ACCOUNT, ACCOUNT "/blobServices/default/containers", "2022-09-01",
      "{\"id\":\"" ACCOUNT "/blobServices/default/containers/backups\",\"name\":\"backups\"}",
      "backups", "backups", "rg1", NULL, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) items = NULL;
      g_autofree char *body = g_strdup_printf ("{\"value\":[%s]}", lists[i].item);
      g_autofree char *call =
        g_strdup_printf ("GET %s?api-version=%s", lists[i].path, lists[i].version);
      const RepriseArmItem *item;

      fake_arm_forget (fixture->server);
      fake_arm_answer (fixture->server, "GET", lists[i].path, 200, NULL, body);
      items = reprise_arm_list (fixture->arm, lists[i].what, lists[i].scope, NULL, &error);
      g_assert_no_error (error);
      assert_call (fixture, 0, call);
      g_assert_cmpuint (items->len, ==, 1);
      item = items->pdata[0];
      g_assert_cmpstr (item->name, ==, lists[i].name);
      g_assert_cmpstr (item->title, ==, lists[i].title);
      g_assert_cmpstr (item->group, ==, lists[i].group);
      g_assert_cmpstr (item->state, ==, lists[i].state);
      g_assert_cmpstr (item->address, ==, lists[i].address);
      g_assert_cmpstr (item->tier, ==, lists[i].tier);
    }
}

/* --- errors --- */

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *headers, *body;
    RepriseError code;
    const char *words;
  } cases[] = {
    { 403, "x-ms-correlation-request-id: 77-aa\r\n",
      "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"The client does not have "
      "authorization to perform action 'Microsoft.Web/sites/backup/action'.\"}}",
      REPRISE_ERROR_DENIED,
      "'Microsoft.Web/sites/backup/action'. (AuthorizationFailed, request 77-aa)" },
    { 400, NULL,
      "{\"error\":{\"code\":\"BadRequest\",\"message\":\"It failed.\",\"details\":[{\"code\":"
      "\"RestoreFailed\",\"message\":\"Cannot restore: backup expired\"}]}}",
      REPRISE_ERROR_REFUSED, "It failed. Cannot restore: backup expired (BadRequest)" },
    { 400, NULL,
      "{\"Code\":\"BadRequest\",\"Message\":\"No plan.\",\"Target\":null,\"Details\":[{\"Message\":"
      "\"No plan.\"},{\"Code\":\"BadRequest\"},{\"ErrorEntity\":{}}],\"Innererror\":null}",
      REPRISE_ERROR_REFUSED, "says: No plan. (BadRequest)" },
    { 409, NULL,
      "{\"error\":{\"code\":\"ServiceLocked\",\"message\":\"The API Service api1 is "
      "transitioning.\"}}",
      REPRISE_ERROR_BUSY, "api1 is transitioning." },
    { 409, NULL, "{\"error\":{\"code\":\"ScopeLocked\",\"message\":\"Locked by x.\"}}",
      REPRISE_ERROR_DENIED, "Locked by x." },
    { 409, NULL, "{\"error\":{\"code\":\"Conflict\",\"message\":\"It exists.\"}}",
      REPRISE_ERROR_REFUSED, "It exists." },
    { 404, NULL, "{\"error\":{\"code\":\"SubscriptionNotFound\",\"message\":\"No such.\"}}",
      REPRISE_ERROR_NOT_FOUND, "No such." },
    { 401,
      "WWW-Authenticate: Bearer authorization_uri=\"https://login.example/t-other\", "
      "error=\"invalid_token\"\r\n",
      "{\"error\":{\"code\":\"InvalidAuthenticationTokenTenant\",\"message\":\"Wrong issuer.\"}}",
      REPRISE_ERROR_NEEDS_SIGN_IN, "t-other" },
    { 401, NULL, "{\"error\":{\"code\":\"ExpiredAuthenticationToken\",\"message\":\"Over.\"}}",
      REPRISE_ERROR_NEEDS_SIGN_IN, "Over." },
    { 400, NULL,
      "{\"error\":{\"code\":\"InvalidUrl\",\"message\":\"Not good: "
      "https://acct.blob.core.windows.net/c?sv=2015-02-21&sr=c&sig=canary%2Bsignature%3D&se=1\"}}",
      REPRISE_ERROR_REFUSED, "Not good: https://acct.blob" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      fake_arm_forget (fixture->server);
      fake_arm_answer (fixture->server, "GET", "/x", cases[i].status, cases[i].headers,
                       cases[i].body);
      g_assert_null (reprise_arm_get (fixture->arm, "/x", "1", NULL, &error));
      g_assert_nonnull (error);
      g_assert_null (strstr (error->message, "canary"));
      reprise_test_assert_error (&error, cases[i].code, cases[i].words);
    }
}

/* --- operations --- */

static RepriseHttpOperation *
start (Fixture *fixture, GError **error)
{
  GString *text = reprise_arm_body_new ();
  g_autoptr (GBytes) body = NULL;

  reprise_arm_body_add (text, "accessKey", "k\"\\\n");
  body = reprise_arm_body_finish (text);
  return reprise_arm_start (fixture->arm, API "/backup", "2024-05-01", body, NULL, NULL, error);
}

static void
test_location (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;

  fake_arm_answer (fixture->server, "POST", API "/backup", 202,
                   "Location: @BASE@/op/1?t=1\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/op/1", 202,
                   "Location: @BASE@/op/2?t=1\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/op/2", 503, NULL, NULL);
  fake_arm_answer (fixture->server, "GET", "/op/2", 200, NULL, "{\"name\":\"api1\"}");
  operation = start (fixture, &error);
  g_assert_no_error (error);
  reprise_http_operation_set_interval (operation, 10);
  g_assert_true (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_call (fixture, 0, "POST " API "/backup?api-version=2024-05-01");
  assert_body (fixture, 0, "{\"accessKey\":\"k\\\"\\\\\\u000a\"}");
  g_assert_cmpuint (fake_arm_count (fixture->server, "POST"), ==, 1);
}

/* Over a restart of Reprise, from what it wrote down; and at the end it failed, with the whole reason. */
static void
test_status_after_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;
  g_autoptr (RepriseHttpOperation) again = NULL;
  g_autofree char *state = NULL;

  fake_arm_answer (fixture->server, "POST", API "/backup", 202,
                   "azure-asyncoperation: @BASE@/status/1\r\nLocation: @BASE@/never\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/status/1", 200, "Retry-After: 0\r\n",
                   "{\"status\":\"InProgress\",\"percentComplete\":20}");
  fake_arm_answer (fixture->server, "GET", "/status/1", 200, NULL,
                   "{\"status\":\"Failed\",\"error\":{\"code\":\"RestoreFailed\",\"message\":"
                   "\"Cannot restore.\",\"details\":[{\"message\":\"The tiers differ.\"}]}}");
  operation = start (fixture, &error);
  g_assert_no_error (error);
  state = reprise_http_operation_save (operation);
  g_assert_nonnull (state);
  g_clear_object (&operation);
  again =
    reprise_http_operation_new_from_state (reprise_arm_get_http (fixture->arm), state, &error);
  g_assert_no_error (error);
  reprise_http_operation_set_interval (again, 10);
  g_assert_false (reprise_http_operation_wait (again, NULL, NULL, &error));
  g_assert_cmpint (reprise_http_operation_get_state (again), ==, REPRISE_HTTP_OPERATION_FAILED);
  reprise_test_assert_error (&error, REPRISE_ERROR_FAILED,
                             "Cannot restore. The tiers differ. (RestoreFailed)");
  g_assert_cmpuint (fake_arm_count (fixture->server, "POST"), ==, 1);
  g_assert_cmpuint (fake_arm_count (fixture->server, "GET /never"), ==, 0);
}

/* Not being allowed to look is no failure; nonsense from a server is survived. */
static void
test_lost_sight (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;

  fake_arm_answer (fixture->server, "POST", API "/backup", 202,
                   "Location: string\r\nRetry-After: -2147483648\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/string", 403, NULL,
                   "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"No.\"}}");
  operation = start (fixture, &error);
  g_assert_no_error (error);
  reprise_http_operation_set_interval (operation, 10);
  g_assert_false (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_cmpint (reprise_http_operation_get_state (operation), ==,
                   REPRISE_HTTP_OPERATION_LOST_SIGHT);
  g_clear_error (&error);
  fake_arm_forget (fixture->server);
  fake_arm_answer (fixture->server, "POST", API "/backup", 202,
                   "Location: https://evil.example/op\r\n", NULL);
  g_assert_null (start (fixture, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_PROTOCOL, "not its own");
}

/* 200 without an address of an operation is done. */
static void
test_done_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;

  fake_arm_answer (fixture->server, "POST", API "/backup", 200, NULL, "{}");
  operation = start (fixture, &error);
  g_assert_true (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* Accepted, with nothing that could be followed; or a fault of the service, or of what stands before it: it may be at work. */
static void
test_unknown (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *headers;
    RepriseHttpOutcome outcome;
  } cases[] = {
    { 202, NULL, REPRISE_HTTP_NO_ANSWER },
    { 202, "Location: https://evil.example/op\r\n", REPRISE_HTTP_NO_ANSWER },
    { 502, NULL, REPRISE_HTTP_NO_ANSWER },
    { 504, NULL, REPRISE_HTTP_NO_ANSWER },
    { 500, NULL, REPRISE_HTTP_NO_ANSWER },
    { 503, "Retry-After: 1\r\n", REPRISE_HTTP_NO_ANSWER },
    { 408, NULL, REPRISE_HTTP_NO_ANSWER },
    { 501, NULL, REPRISE_HTTP_ANSWERED },
    { 409, NULL, REPRISE_HTTP_ANSWERED },
    { 400, NULL, REPRISE_HTTP_ANSWERED },
  };
  g_autoptr (GBytes) body = reprise_arm_body_finish (reprise_arm_body_new ());

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
      g_autoptr (GError) error = NULL;

      fake_arm_forget (fixture->server);
      fake_arm_answer (fixture->server, "POST", API "/backup", cases[i].status, cases[i].headers,
                       NULL);
      g_assert_null (
        reprise_arm_start (fixture->arm, API "/backup", "1", body, &outcome, NULL, &error));
      g_assert_nonnull (error);
      g_assert_cmpint (outcome, ==, cases[i].outcome);
      g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 1);
    }
}

/* A start is never repeated, except after “too many requests”, which says that nothing was started. */
static void
test_never_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;
  g_autoptr (GBytes) body = reprise_arm_body_finish (reprise_arm_body_new ());
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;

  fake_arm_answer (fixture->server, "POST", API "/backup", 0, NULL, NULL);
  g_assert_null (
    reprise_arm_start (fixture->arm, API "/backup", "1", body, &outcome, NULL, &error));
  g_assert_cmpint (outcome, ==, REPRISE_HTTP_NO_ANSWER);
  g_clear_error (&error);
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 1);
  fake_arm_forget (fixture->server);
  fake_arm_answer (fixture->server, "POST", API "/backup", 429, "Retry-After: 0\r\n",
                   "{\"error\":{\"code\":\"TooManyRequests\",\"message\":\"Wait.\"}}");
  fake_arm_answer (fixture->server, "POST", API "/backup", 200, NULL, "{}");
  operation = start (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 2);
  fake_arm_forget (fixture->server);
  fake_arm_answer (fixture->server, "POST", API "/backup", 429, NULL,
                   "{\"error\":{\"code\":\"TooManyRequests\",\"message\":\"Wait.\"}}");
  g_assert_null (start (fixture, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_BUSY, "Nothing was started");
  g_assert_cmpuint (fake_arm_get_n_calls (fixture->server), ==, 5);
}

static void
test_throttling (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) root = NULL;
  gint64 started_us = g_get_monotonic_time ();

  fake_arm_answer (fixture->server, "GET", "/x", 429, "Retry-After: 1\r\n", NULL);
  fake_arm_answer (fixture->server, "GET", "/x", 200,
                   "x-ms-ratelimit-remaining-subscription-reads: 99\r\n", "{}");
  root = reprise_arm_get (fixture->arm, "/x", "1", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - started_us, >=, G_USEC_PER_SEC);
  g_assert_cmpuint (reprise_arm_get_poll_ms (fixture->arm), ==, 60000);
}

/* --- storage --- */

static void
test_storage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSecretValue) key = NULL;
  g_autoptr (RepriseSecretValue) sas = NULL;
  g_autoptr (GDateTime) end = g_date_time_new_from_iso8601 ("2026-12-01T10:00:00+02:00", NULL);

  fake_arm_answer (fixture->server, "POST", ACCOUNT "/listKeys", 200, NULL,
                   "{\"keys\":[{\"keyName\":\"key0\",\"permissions\":\"Read\",\"value\":\"r\"},"
                   "{\"keyName\":\"key1\",\"permissions\":\"FULL\",\"value\":\"a2V5\"}]}");
  fake_arm_answer (fixture->server, "POST", ACCOUNT "/ListServiceSas", 200, NULL,
                   "{\"serviceSasToken\":\"sv=2021-12-02&sig=x\"}");
  fake_arm_answer (fixture->server, "PUT", ACCOUNT "/blobServices/default/containers/backups", 201,
                   NULL, "{}");
  key = reprise_arm_get_storage_key (fixture->arm, ACCOUNT, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (key), ==, "a2V5");
  sas = reprise_arm_make_sas (fixture->arm, ACCOUNT, "backups", "rwdl", end, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (sas), ==, "sv=2021-12-02&sig=x");
  assert_body (fixture, 1,
               "{\"canonicalizedResource\":\"/blob/acct/backups\",\"signedResource\":\"c\","
               "\"signedPermission\":\"rwdl\",\"signedProtocol\":\"https\","
               "\"signedExpiry\":\"2026-12-01T08:00:00Z\",\"keyToSign\":\"key1\"}");
  g_assert_true (reprise_arm_make_container (fixture->arm, ACCOUNT, "backups", NULL, &error));
  g_assert_no_error (error);
  assert_body (fixture, 2, "{}");
}

static void
test_paths (void)
{
  g_autofree char *path = reprise_arm_path ("subscriptions", "a b", "sites", "x/y", NULL);
  g_autofree char *below = reprise_arm_path (API, "backup", NULL);
  g_autofree char *group = reprise_arm_id_get (API, "RESOURCEGROUPS");
  g_autofree char *none = reprise_arm_id_get (API, "slots");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (path, ==, "/subscriptions/a%20b/sites/x%2Fy");
  g_assert_cmpstr (below, ==, API "/backup");
  g_assert_cmpstr (group, ==, "rg1");
  g_assert_null (none);
  g_assert_null (reprise_arm_new ("http://management.example", NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "https://");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function) g_test_add ("/arm/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("pages", test_pages);
  ADD ("bad-pages", test_bad_pages);
  ADD ("kinds", test_kinds);
  ADD ("errors", test_errors);
  ADD ("location", test_location);
  ADD ("status-after-restart", test_status_after_restart);
  ADD ("lost-sight", test_lost_sight);
  ADD ("done-at-once", test_done_at_once);
  ADD ("never-twice", test_never_twice);
  ADD ("unknown", test_unknown);
  ADD ("throttling", test_throttling);
  ADD ("storage", test_storage);
#undef ADD
  g_test_add_func ("/arm/paths", test_paths);
  return g_test_run ();
}
