/* test-entra-refresh.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/azure/entra/entra-fixture.h"

#define N_CALLERS 8

static void
take_arm_call (RepriseFaultCall *call, gpointer data)
{
  g_autofree char *authorization = reprise_fault_call_dup_header (call, "Authorization");

  if (fake_entra_is_good (data, authorization))
    reprise_fault_answer (call, 200, "application/json", "{}");
  else
    reprise_fault_print (call, "HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n");
}

typedef struct
{
  RepriseHttp *http;
  int n_good; /* (atomic) */
} Callers;

static gpointer
call_worker (gpointer data)
{
  Callers *callers = data;
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "subscriptions", REPRISE_HTTP_READ);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (callers->http, request, NULL, NULL, &error);

  g_assert_no_error (error);
  if (response != NULL)
    g_atomic_int_inc (&callers->n_good);
  return NULL;
}

static void
call_together (RepriseHttp *http)
{
  Callers callers = { http, 0 };
  GThread *threads[N_CALLERS];

  for (guint i = 0; i < N_CALLERS; i++)
    threads[i] = g_thread_new ("caller", call_worker, &callers);
  for (guint i = 0; i < N_CALLERS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (callers.n_good, ==, N_CALLERS);
}

static void
test_refresh_once (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseFaultServer) arm = reprise_fault_server_new (take_arm_call, fixture->server);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (arm);
  g_autoptr (RepriseHttpAuth) auth = reprise_entra_dup_auth (fixture->account);
  g_autoptr (RepriseHttpAuth) same = reprise_entra_dup_auth (fixture->account);
  g_autofree char *kept = NULL;

  if (fixture->keyring == NULL)
    return;
  g_assert_true (auth == same);
  reprise_http_set_auth (http, auth);
  entra_fixture_sign_in_before (fixture);
  fixture->server->delay_ms = 100;
  call_together (http);
  g_assert_cmpuint (fixture->server->n_refreshed, ==, 1);
  /* in the middle of the work the token ends: a 401, one refresh for all, and nobody fails */
  g_mutex_lock (&fixture->server->mutex);
  fixture->server->n_tokens++;
  g_mutex_unlock (&fixture->server->mutex);
  call_together (http);
  g_assert_cmpuint (fixture->server->n_refreshed, ==, 2);
  kept = reprise_mock_keyring_dup (fixture->keyring, fixture->uuid, "refresh-token");
  g_assert_cmpstr (kept, ==, fixture->server->refresh);
}

/* What is about to end is renewed before it is used. */
static void
test_refresh_early (EntraFixture *fixture, gconstpointer data)
{
  if (fixture->keyring == NULL)
    return;
  entra_fixture_sign_in_before (fixture);
  fixture->server->seconds = 2;
  entra_fixture_assert_token (fixture->account, "canary-access-1");
  entra_fixture_assert_token (fixture->account, "canary-access-1");
  g_usleep (1100 * 1000);
  entra_fixture_assert_token (fixture->account, "canary-access-2");
}

static gpointer
token_worker (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_entra_get_token (data, NULL, NULL, &error));
  g_assert_no_error (error);
  return NULL;
}

/* Two accounts with one refresh token, as two processes have: they take turns, and each uses what the other left. */
static void
test_refresh_in_turn (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (fixture->uuid, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseEntra) other = NULL;
  GThread *threads[2];

  if (fixture->keyring == NULL)
    return;
  entra_fixture_sign_in_before (fixture);
  fixture->server->delay_ms = 150;
  other = entra_fixture_open (fixture, REPRISE_ENTRA_PERSON, "https://other.example");
  g_set_object (&other->secrets, secrets);
  g_assert_true (other != fixture->account);
  threads[0] = g_thread_new ("one", token_worker, fixture->account);
  threads[1] = g_thread_new ("other", token_worker, other);
  g_thread_join (threads[0]);
  g_thread_join (threads[1]);
  g_assert_cmpuint (fixture->server->n_refreshed, ==, 2);
  g_assert_false (fixture->server->family_ended);
}

/* A keyring that does not take the new token must not cost the sign-in. */
static void
test_refresh_unstored (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL;

  if (fixture->keyring == NULL)
    return;
  entra_fixture_sign_in_before (fixture);
  reprise_mock_keyring_set_mode (fixture->keyring, REPRISE_MOCK_FORGETS);
  g_assert_false (reprise_entra_get_token (fixture->account, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  reprise_mock_keyring_set_mode (fixture->keyring, REPRISE_MOCK_OPEN);
  entra_fixture_assert_token (fixture->account, "canary-access-2");
  kept = reprise_mock_keyring_dup (fixture->keyring, fixture->uuid, "refresh-token");
  g_assert_cmpstr (kept, ==, "canary-refresh-2");
}

static void
test_refresh_refused (EntraFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *error;
    RepriseError code;
    const char *words;
  } cases[] = {
    { "{\"error\":\"invalid_grant\",\"error_codes\":[50076],\"error_description\":"
      "\"AADSTS50076: Due to a configuration change you must use multi-factor "
      "authentication.\\r\\nTrace ID: abc\"}",
      REPRISE_ERROR_NEEDS_SIGN_IN, "one more proof" },
    { "{\"error\":\"invalid_grant\",\"error_codes\":[700082]}", REPRISE_ERROR_NEEDS_SIGN_IN,
      "not used for too long" },
    { "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS53003: Blocked\"}",
      REPRISE_ERROR_DENIED, "rule of your organisation" },
    { "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: Tenant not found\"}",
      REPRISE_ERROR_INVALID, "no such tenant" },
    { "{\"error\":\"unauthorized_client\",\"error_codes\":[700016]}", REPRISE_ERROR_INVALID,
      "client ID" },
    { "{\"error\":\"invalid_client\",\"error_codes\":[7000218]}", REPRISE_ERROR_INVALID,
      "public client flows" },
    { "{\"error\":\"something_new\",\"error_description\":\"AADSTS1: It is so\"}",
      REPRISE_ERROR_FAILED, "It is so" },
    { "{\"error\":\"invalid_grant\"}", REPRISE_ERROR_NEEDS_SIGN_IN, "Sign in again" },
    { "<html>", REPRISE_ERROR_PROTOCOL, "" },
  };
  g_autoptr (GError) error = NULL;

  if (fixture->keyring == NULL)
    return;
  entra_fixture_sign_in_before (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      fixture->server->error = cases[i].error;
      entra_fixture_assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error),
                                    &error, cases[i].code, cases[i].words);
    }
  fixture->server->error = cases[0].error;
  g_assert_false (reprise_entra_get_token (fixture->account, NULL, NULL, &error));
  g_assert_null (strstr (error->message, "Trace ID")); /* the first line only */
}

int
main (int argc, char *argv[])
{
  entra_fixture_init (&argc, &argv);
  ENTRA_FIXTURE_ADD ("refresh-once", test_refresh_once, NULL);
  ENTRA_FIXTURE_ADD ("refresh-early", test_refresh_early, NULL);
  ENTRA_FIXTURE_ADD ("refresh-in-turn", test_refresh_in_turn, NULL);
  ENTRA_FIXTURE_ADD ("refresh-unstored", test_refresh_unstored, NULL);
  ENTRA_FIXTURE_ADD ("refresh-refused", test_refresh_refused, NULL);
  return entra_fixture_run ();
}
