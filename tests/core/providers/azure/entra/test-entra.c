/* test-entra.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/azure/entra/entra-fixture.h"

/* --- the browser --- */

typedef struct
{
  FakeEntra *server;
  FakeBrowser how;
  char *address; /* (nullable): that was opened */
} Browser;

static gboolean
open_cb (const char *address, gpointer data, GError **error)
{
  Browser *browser = data;

  g_free (browser->address);
  browser->address = g_strdup (address);
  fake_entra_browse (browser->server, address, browser->how);
  return TRUE;
}

static gboolean
open_nothing_cb (const char *address, gpointer data, GError **error)
{
  return TRUE;
}

static gboolean
open_fails_cb (const char *address, gpointer data, GError **error)
{
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, "no browser");
  return FALSE;
}

static void
test_browser (EntraFixture *fixture, gconstpointer data)
{
  Browser browser = { fixture->server, GPOINTER_TO_INT (data), NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL, *kept = NULL, *scope = NULL, *secret = NULL;

  if (fixture->keyring == NULL)
    return;
  g_assert_true (
    reprise_entra_sign_in_with_browser (fixture->account, open_cb, &browser, NULL, &error));
  g_assert_no_error (error);
  entra_fixture_assert_token (fixture->account, "canary-access-1");
  name = reprise_entra_dup_account (fixture->account);
  g_assert_cmpstr (name, ==, "alice@contoso.example");
  kept = reprise_mock_keyring_dup (fixture->keyring, fixture->uuid, "refresh-token");
  g_assert_cmpstr (kept, ==, "canary-refresh-1");
  scope = fake_entra_dup_field (fixture->server, "scope");
  g_assert_cmpstr (scope, ==,
                   "https://management.azure.com/.default offline_access openid profile");
  secret = fake_entra_dup_field (fixture->server, "client_secret");
  g_assert_null (secret);
  g_assert_nonnull (strstr (browser.address, "prompt=select_account"));
  g_free (browser.address);
}

static void
test_browser_refused (EntraFixture *fixture, gconstpointer data)
{
  Browser browser = { fixture->server, FAKE_BROWSER_DECLINES, NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  entra_fixture_assert_refused (
    reprise_entra_sign_in_with_browser (fixture->account, open_cb, &browser, NULL, &error), &error,
    REPRISE_ERROR_NEEDS_SIGN_IN, "The user declined");
  g_free (browser.address);
  entra_fixture_assert_refused (
    reprise_entra_sign_in_with_browser (fixture->account, open_fails_cb, NULL, NULL, &error),
    &error, REPRISE_ERROR_NOT_SUPPORTED, "no browser");
  g_cancellable_cancel (cancellable);
  g_assert_false (reprise_entra_sign_in_with_browser (fixture->account, open_nothing_cb, NULL,
                                                      cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->server->n_tokens, ==, 0);
}

/* --- the device code --- */

static void
show_cb (const RepriseEntraCode *code, gpointer data)
{
  g_assert_cmpstr (code->user_code, ==, "ABCD-EFGH");
  g_assert_true (g_str_has_suffix (code->address, "/devicelogin"));
  g_assert_null (code->whole_address);
  g_assert_cmpstr (code->message, ==, "Enter the code ABCD-EFGH.");
  *(gint64 *) data = code->seconds;
}

static void
test_code (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 seconds = 0, started_us = g_get_monotonic_time ();

  if (fixture->keyring == NULL)
    return;
  fixture->server->script = "authorization_pending slow_down ! authorization_pending ok";
  g_assert_true (
    reprise_entra_sign_in_with_code (fixture->account, show_cb, &seconds, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (seconds, ==, 900);
  g_assert_cmpuint (fixture->server->n_polls, ==, 5);
  /* two polls with 2 “seconds” before each, then three with 5 more */
  g_assert_cmpint (g_get_monotonic_time () - started_us, >=, (2 * 2 + 3 * 7) * 20000);
  entra_fixture_assert_token (fixture->account, "canary-access-1");
}

static void
test_code_refused (EntraFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *script;
    RepriseError code;
    const char *words;
  } cases[] = {
    { "authorization_pending authorization_declined", REPRISE_ERROR_NEEDS_SIGN_IN, "declined" },
    { "access_denied", REPRISE_ERROR_NEEDS_SIGN_IN, "declined" },
    { "authorization_pending expired_token", REPRISE_ERROR_NEEDS_SIGN_IN, "has expired" },
    { "bad_verification_code", REPRISE_ERROR_NEEDS_SIGN_IN, "not accepted" },
    { "invalid_grant", REPRISE_ERROR_NEEDS_SIGN_IN, "has ended" },
  };
  g_autoptr (GError) error = NULL;
  gint64 seconds = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      fixture->server->script = cases[i].script;
      fixture->server->n_polls = 0;
      entra_fixture_assert_refused (
        reprise_entra_sign_in_with_code (fixture->account, show_cb, &seconds, NULL, &error), &error,
        cases[i].code, cases[i].words);
    }
  /* nobody types it in */
  fixture->server->script = "authorization_pending";
  fixture->server->device_seconds = 7;
  fixture->server->n_polls = 0;
  entra_fixture_assert_refused (
    reprise_entra_sign_in_with_code (fixture->account, show_cb, &seconds, NULL, &error), &error,
    REPRISE_ERROR_NEEDS_SIGN_IN, "has expired");
  g_assert_cmpuint (fixture->server->n_polls, <=, 4);
  g_assert_cmpuint (fixture->server->n_tokens, ==, 0);
}

static gpointer
cancel_worker (gpointer data)
{
  g_usleep (60000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_code_stopped (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_worker, cancellable);
  gint64 seconds = 0;

  fixture->server->script = "authorization_pending";
  g_assert_false (
    reprise_entra_sign_in_with_code (fixture->account, show_cb, &seconds, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

static void
test_not_signed_in (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (fixture->keyring != NULL)
    entra_fixture_assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error),
                                  &error, REPRISE_ERROR_NEEDS_SIGN_IN, "Sign in");
  g_assert_cmpuint (fixture->server->n_refreshed, ==, 0);
}

/* {"access_token":{"acrs":{"essential":true,"value":"cp1"}}} */
static void
take_strict_call (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_print (
    call, "HTTP/1.1 401 X\r\nContent-Length: 0\r\nWWW-Authenticate: Bearer "
          "authorization_uri=\"https://login.example/t\", error=\"insufficient_claims\", "
          "claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiY3AxIn19"
          "fQ==\"\r\n\r\n");
}

static void
test_claims (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseFaultServer) arm = reprise_fault_server_new (take_strict_call, NULL);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (arm);
  g_autoptr (RepriseHttpAuth) auth = reprise_entra_dup_auth (fixture->account);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "subscriptions", REPRISE_HTTP_READ);
  Browser browser = { fixture->server, FAKE_BROWSER_SIGNS_IN, NULL };
  g_autofree char *claims = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture->keyring == NULL)
    return;
  reprise_http_set_auth (http, auth);
  entra_fixture_sign_in_before (fixture);
  entra_fixture_assert_refused (reprise_http_send (http, request, NULL, NULL, &error) != NULL,
                                &error, REPRISE_ERROR_NEEDS_SIGN_IN, "one more proof");
  g_assert_cmpuint (fixture->server->n_refreshed, ==, 1); /* of no use, and not tried again */
  reprise_entra_set_token (fixture->account, NULL, 0);
  entra_fixture_assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error),
                                &error, REPRISE_ERROR_NEEDS_SIGN_IN, "one more proof");
  g_assert_cmpuint (fixture->server->n_refreshed, ==, 1);
  claims = reprise_entra_dup_claims (fixture->account);
  g_assert_cmpstr (claims, ==,
                   "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"cp1\"}}}");
  g_assert_true (
    reprise_entra_sign_in_with_browser (fixture->account, open_cb, &browser, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (browser.address, "&claims=%7B%22access_token%22"));
  g_free (browser.address);
  g_assert_null (reprise_entra_dup_claims (fixture->account));
}

static void
test_sign_out (EntraFixture *fixture, gconstpointer data)
{
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture->keyring == NULL)
    return;
  entra_fixture_sign_in_before (fixture);
  entra_fixture_assert_token (fixture->account, "canary-access-1");
  g_assert_true (reprise_entra_sign_out (fixture->account, NULL, &error));
  g_assert_no_error (error);
  kept = reprise_mock_keyring_dup (fixture->keyring, fixture->uuid, "refresh-token");
  g_assert_null (kept);
  g_assert_cmpuint (fixture->server->n_revoked, ==, 1);
  entra_fixture_assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error),
                                &error, REPRISE_ERROR_NEEDS_SIGN_IN, "Sign in");
  g_assert_true (
    reprise_entra_sign_out (fixture->account, NULL, &error)); /* once more does no harm */
  g_assert_no_error (error);
}

/* One account is one object for all that use it. */
static void
test_shared (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) same =
    entra_fixture_open (fixture, REPRISE_ENTRA_PERSON, "https://management.azure.com");
  g_autoptr (RepriseEntra) other =
    entra_fixture_open (fixture, REPRISE_ENTRA_SECRET, "https://management.azure.com");

  g_assert_true (same == fixture->account);
  g_assert_true (other != fixture->account);
}

int
main (int argc, char *argv[])
{
  entra_fixture_init (&argc, &argv);
  ENTRA_FIXTURE_ADD ("browser", test_browser, GINT_TO_POINTER (FAKE_BROWSER_SIGNS_IN));
  ENTRA_FIXTURE_ADD ("browser-strange", test_browser, GINT_TO_POINTER (FAKE_BROWSER_IS_STRANGE));
  ENTRA_FIXTURE_ADD ("browser-refused", test_browser_refused, NULL);
  ENTRA_FIXTURE_ADD ("code", test_code, NULL);
  ENTRA_FIXTURE_ADD ("code-refused", test_code_refused, NULL);
  ENTRA_FIXTURE_ADD ("code-stopped", test_code_stopped, NULL);
  ENTRA_FIXTURE_ADD ("not-signed-in", test_not_signed_in, NULL);
  ENTRA_FIXTURE_ADD ("claims", test_claims, NULL);
  ENTRA_FIXTURE_ADD ("sign-out", test_sign_out, NULL);
  ENTRA_FIXTURE_ADD ("shared", test_shared, NULL);
  return entra_fixture_run ();
}
