/* test-entra.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "net/reprise-http-private.h"
#include "providers/azure/entra/fake-entra.h"
#include "providers/azure/entra/reprise-entra-private.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "reprise-mock-keyring.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define N_CALLERS 8

typedef struct
{
  FakeEntra *server;
  RepriseMockKeyring *keyring;
  RepriseSecrets *secrets;
  RepriseEntra *account;
  char *uuid;
} Fixture;

/* Everything that any test of this program logged or reported. */
static GMutex said_mutex;
static GString *said;

static void
note (const char *text)
{
  g_mutex_lock (&said_mutex);
  g_string_append_printf (said, "%s\n", text);
  g_mutex_unlock (&said_mutex);
}

static GLogWriterOutput
capture_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      note (fields[i].value);
  return level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)
           ? G_LOG_WRITER_HANDLED
           : g_log_writer_standard_streams (level, fields, n_fields, data);
}

static RepriseEntra *
open_account (Fixture *fixture, RepriseEntraMethod method, const char *resource)
{
  g_autofree char *address = fake_entra_dup_address (fixture->server);
  RepriseEntraConfig config = { method, address, FAKE_ENTRA_TENANT, FAKE_ENTRA_CLIENT, resource };
  g_autoptr (GError) error = NULL;
  RepriseEntra *account = reprise_entra_open (&config, fixture->secrets, &error);

  g_assert_no_error (error);
  if (account->http != NULL)
    reprise_http_set_backoff (account->http, 1, 5);
  reprise_entra_set_second (account, 20);
  return account;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_entra_new ();
  if (reprise_mock_keyring_can_run ())
    fixture->keyring = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  fixture->uuid = g_uuid_string_random ();
  fixture->secrets = reprise_secrets_new (fixture->uuid, REPRISE_KEYRING_UNATTENDED);
  fixture->account = open_account (fixture, REPRISE_ENTRA_PERSON, "https://management.azure.com");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->account);
  g_clear_object (&fixture->secrets);
  g_clear_pointer (&fixture->keyring, reprise_mock_keyring_free);
  fake_entra_free (fixture->server);
  g_free (fixture->uuid);
}

/* A sign-in that was made before, in the keyring. */
static void
sign_in_before (Fixture *fixture)
{
  g_free (fixture->server->refresh);
  fixture->server->refresh = g_strdup ("canary-refresh-0");
  if (fixture->keyring != NULL)
    reprise_mock_keyring_add (fixture->keyring, fixture->uuid, "refresh-token", "canary-refresh-0");
}

static void
assert_token (RepriseEntra *account, const char *expected)
{
  g_autoptr (RepriseSecretValue) token = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_entra_get_token (account, &token, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (token), ==, expected);
}

/* @words: in the sentence that the person reads */
static void
assert_refused (gboolean ok, GError **error, RepriseError code, const char *words)
{
  g_assert_false (ok);
  reprise_test_assert_says (*error, (int) code, words);
  note ((*error)->message);
  g_clear_error (error);
}

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
test_browser (Fixture *fixture, gconstpointer data)
{
  Browser browser = { fixture->server, GPOINTER_TO_INT (data), NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL, *tenant = NULL, *kept = NULL, *scope = NULL, *secret = NULL;

  if (fixture->keyring == NULL)
    return;
  g_assert_true (
    reprise_entra_sign_in_with_browser (fixture->account, open_cb, &browser, NULL, &error));
  g_assert_no_error (error);
  assert_token (fixture->account, "canary-access-1");
  name = reprise_entra_dup_account (fixture->account);
  tenant = reprise_entra_dup_tenant (fixture->account);
  g_assert_cmpstr (name, ==, "alice@contoso.example");
  g_assert_cmpstr (tenant, ==, "11111111-1111-4111-8111-111111111111");
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
test_browser_refused (Fixture *fixture, gconstpointer data)
{
  Browser browser = { fixture->server, FAKE_BROWSER_DECLINES, NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  assert_refused (
    reprise_entra_sign_in_with_browser (fixture->account, open_cb, &browser, NULL, &error), &error,
    REPRISE_ERROR_NEEDS_SIGN_IN, "The user declined");
  g_free (browser.address);
  assert_refused (
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
test_code (Fixture *fixture, gconstpointer data)
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
  assert_token (fixture->account, "canary-access-1");
}

static void
test_code_refused (Fixture *fixture, gconstpointer data)
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
      assert_refused (
        reprise_entra_sign_in_with_code (fixture->account, show_cb, &seconds, NULL, &error), &error,
        cases[i].code, cases[i].words);
    }
  /* nobody types it in */
  fixture->server->script = "authorization_pending";
  fixture->server->device_seconds = 7;
  fixture->server->n_polls = 0;
  assert_refused (
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
test_code_stopped (Fixture *fixture, gconstpointer data)
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

/* --- refreshing --- */

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
test_refresh_once (Fixture *fixture, gconstpointer data)
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
  sign_in_before (fixture);
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
test_refresh_early (Fixture *fixture, gconstpointer data)
{
  if (fixture->keyring == NULL)
    return;
  sign_in_before (fixture);
  fixture->server->seconds = 2;
  assert_token (fixture->account, "canary-access-1");
  assert_token (fixture->account, "canary-access-1");
  g_usleep (1100 * 1000);
  assert_token (fixture->account, "canary-access-2");
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
test_refresh_in_turn (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (fixture->uuid, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseEntra) other = NULL;
  GThread *threads[2];

  if (fixture->keyring == NULL)
    return;
  sign_in_before (fixture);
  fixture->server->delay_ms = 150;
  other = open_account (fixture, REPRISE_ENTRA_PERSON, "https://other.example");
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
test_refresh_unstored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL;

  if (fixture->keyring == NULL)
    return;
  sign_in_before (fixture);
  reprise_mock_keyring_set_mode (fixture->keyring, REPRISE_MOCK_FORGETS);
  g_assert_false (reprise_entra_get_token (fixture->account, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  reprise_mock_keyring_set_mode (fixture->keyring, REPRISE_MOCK_OPEN);
  assert_token (fixture->account, "canary-access-2");
  kept = reprise_mock_keyring_dup (fixture->keyring, fixture->uuid, "refresh-token");
  g_assert_cmpstr (kept, ==, "canary-refresh-2");
}

static void
test_refresh_refused (Fixture *fixture, gconstpointer data)
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
  sign_in_before (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      fixture->server->error = cases[i].error;
      assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error), &error,
                      cases[i].code, cases[i].words);
    }
  fixture->server->error = cases[0].error;
  g_assert_false (reprise_entra_get_token (fixture->account, NULL, NULL, &error));
  g_assert_null (strstr (error->message, "Trace ID")); /* the first line only */
}

static void
test_not_signed_in (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (fixture->keyring != NULL)
    assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error), &error,
                    REPRISE_ERROR_NEEDS_SIGN_IN, "Sign in");
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
test_claims (Fixture *fixture, gconstpointer data)
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
  sign_in_before (fixture);
  assert_refused (reprise_http_send (http, request, NULL, NULL, &error) != NULL, &error,
                  REPRISE_ERROR_NEEDS_SIGN_IN, "one more proof");
  g_assert_cmpuint (fixture->server->n_refreshed, ==, 1); /* of no use, and not tried again */
  reprise_entra_set_token (fixture->account, NULL, 0);
  assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_NEEDS_SIGN_IN, "one more proof");
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

/* --- without a person --- */

static void
give_secret (Fixture *fixture, const char *kind, const char *text)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  reprise_secrets_override (fixture->uuid, kind, value);
}

static void
test_principal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    open_account (fixture, REPRISE_ENTRA_SECRET, "https://management.azure.com/");
  g_autofree char *address = fake_entra_dup_address (fixture->server);
  RepriseEntraConfig config = { REPRISE_ENTRA_SECRET, address, "organizations", "c", "r" };
  g_autofree char *scope = NULL;
  g_autoptr (GError) error = NULL;

  give_secret (fixture, "client-secret", "canary-wrong-secret");
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_NEEDS_SIGN_IN, "client secret is wrong");
  give_secret (fixture, "client-secret", FAKE_ENTRA_SECRET);
  assert_token (account, "canary-access-1");
  scope = fake_entra_dup_field (fixture->server, "scope");
  g_assert_cmpstr (scope, ==, "https://management.azure.com/.default");
  g_assert_true (reprise_entra_sign_out (account, NULL, &error));
  assert_token (account, "canary-access-2");
  assert_refused (reprise_entra_open (&config, fixture->secrets, &error) != NULL, &error,
                  REPRISE_ERROR_INVALID, "tenant");
}

static char *
make_pem (EVP_PKEY *key)
{
  X509 *certificate = X509_new ();
  X509_NAME *name = X509_get_subject_name (certificate);
  BIO *bio = BIO_new (BIO_s_mem ());
  char *data = NULL, *pem;
  long size;

  X509_set_version (certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), 0);
  X509_gmtime_adj (X509_getm_notAfter (certificate), 3600);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guchar *) "test", -1, -1, 0);
  X509_set_issuer_name (certificate, name);
  X509_set_pubkey (certificate, key);
  X509_sign (certificate, key, EVP_sha256 ());
  PEM_write_bio_X509 (bio, certificate);
  PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL);
  size = BIO_get_mem_data (bio, &data);
  pem = g_strndup (data, (gsize) size);
  BIO_free (bio);
  X509_free (certificate);
  return pem;
}

static guchar *
decode (const char *text, gsize *size)
{
  g_autoptr (GString) base64 = g_string_new (text);

  g_strdelimit (base64->str, "-", '+');
  g_strdelimit (base64->str, "_", '/');
  while (base64->len % 4 != 0)
    g_string_append_c (base64, '=');
  return g_base64_decode (base64->str, size);
}

/* The signature is looked at by another way than it was made. */
static void
check_assertion (const char *assertion, EVP_PKEY *key, const char *audience)
{
  g_auto (GStrv) parts = g_strsplit (assertion, ".", -1);
  g_autofree char *text = g_strconcat (parts[0], ".", parts[1], NULL);
  gsize size = 0, claims_size = 0, header_size = 0;
  g_autofree guchar *signature = decode (parts[2], &size);
  g_autofree guchar *claims = decode (parts[1], &claims_size);
  g_autofree guchar *header = decode (parts[0], &header_size);
  g_autofree char *claims_text = g_strndup ((const char *) claims, claims_size);
  g_autofree char *header_text = g_strndup ((const char *) header, header_size);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_PKEY_CTX *padding = NULL;

  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  g_assert_nonnull (strstr (header_text, "\"alg\":\"PS256\""));
  g_assert_nonnull (strstr (claims_text, audience));
  g_assert_nonnull (strstr (claims_text, "\"iss\":\"" FAKE_ENTRA_CLIENT "\""));
  g_assert_cmpint (EVP_DigestVerifyInit (context, &padding, EVP_sha256 (), NULL, key), ==, 1);
  EVP_PKEY_CTX_set_rsa_padding (padding, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen (padding, 32);
  g_assert_cmpint (
    EVP_DigestVerify (context, signature, size, (const guchar *) text, strlen (text)), ==, 1);
  EVP_MD_CTX_free (context);
}

static void
test_certificate (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    open_account (fixture, REPRISE_ENTRA_CERTIFICATE, "https://management.azure.com");
  EVP_PKEY *key = EVP_RSA_gen (2048);
  EVP_PKEY *other = EVP_RSA_gen (2048);
  g_autofree char *pem = make_pem (key);
  g_autofree char *foreign = make_pem (other);
  g_autofree char *mixed = g_strconcat (strstr (foreign, "-----BEGIN PRIVATE"), pem, NULL);
  g_autofree char *assertion = NULL;
  g_autoptr (GError) error = NULL;

  give_secret (fixture, "client-certificate", "canary: no certificate");
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_INVALID, "PEM");
  reprise_secrets_invalidate (fixture->secrets, "client-certificate");
  give_secret (fixture, "client-certificate", mixed);
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_INVALID, "PEM");
  reprise_secrets_invalidate (fixture->secrets, "client-certificate");
  give_secret (fixture, "client-certificate", pem);
  assert_token (account, "canary-access-1");
  assertion = fake_entra_dup_field (fixture->server, "client_assertion");
  check_assertion (assertion, key, "/" FAKE_ENTRA_TENANT "/oauth2/v2.0/token\"");
  EVP_PKEY_free (key);
  EVP_PKEY_free (other);
}

static void
write_az (const char *folder, const char *script)
{
  g_autofree char *path = g_build_filename (folder, "az", NULL);
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
}

static void
test_az (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    open_account (fixture, REPRISE_ENTRA_AZ, "https://management.azure.com/");
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_strconcat (folder, ":", g_getenv ("PATH"), NULL);
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autofree char *tenant = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", folder, TRUE);
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_NOT_SUPPORTED, "not installed");
  g_setenv ("PATH", path, TRUE);
  write_az (folder, "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1\n");
  g_assert_true (reprise_entra_az_can_run ());
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_NEEDS_SIGN_IN, "az login");
  write_az (folder, "echo nothing of use\n");
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_PROTOCOL, "no token");
  write_az (folder,
            "[ \"$*\" = \"account get-access-token --resource https://management.azure.com/ "
            "--tenant " FAKE_ENTRA_TENANT " -o json\" ] || exit 3\n"
            "echo '{\"accessToken\":\"canary-access-az\",\"expiresOn\":\"2035-11-21 "
            "20:22:57.000000\",\"tenant\":\"t-1\",\"tokenType\":\"Bearer\"}'\n");
  assert_token (account, "canary-access-az");
  tenant = reprise_entra_dup_tenant (account);
  g_assert_cmpstr (tenant, ==, "t-1");
  write_az (folder, "exit 1\n"); /* its token is good for years */
  assert_token (account, "canary-access-az");
  /* behind a sandbox the program of the host is not to be had */
  reprise_entra_set_token (account, NULL, 0);
  reprise_sandbox_pretend ("", "[Application]\nname=x\n");
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_NOT_SUPPORTED, "sandbox");
  reprise_sandbox_pretend (NULL, NULL);
  g_setenv ("PATH", before, TRUE);
  reprise_test_remove_folder (folder);
}

/* Whether what wrote its number there runs; what nobody has looked at since it was killed does not. */
static gboolean
is_alive (const char *path)
{
  g_autofree char *pid = NULL;
  g_autofree char *file = NULL;
  g_autofree char *state = NULL;

  if (!g_file_get_contents (path, &pid, NULL, NULL))
    return FALSE;
  file = g_build_filename ("/proc", g_strstrip (pid), "stat", NULL);
  return g_file_get_contents (file, &state, NULL, NULL) && strstr (state, ") Z ") == NULL;
}

static void
assert_gone (const char *path)
{
  for (int i = 0; i < 200 && is_alive (path); i++)
    g_usleep (50000);
  g_assert_false (is_alive (path));
}

static gpointer
stop_when_there_func (gpointer data)
{
  const char *path = g_object_get_data (data, "path");

  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (5000);
  g_cancellable_cancel (data);
  return NULL;
}

/* A program that does not end is ended, and so is what it has started. */
static void
test_az_hangs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    open_account (fixture, REPRISE_ENTRA_AZ, "https://management.azure.com/");
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_strconcat (folder, ":", g_getenv ("PATH"), NULL);
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autofree char *child = g_build_filename (folder, "child", NULL);
  g_autofree char *script = g_strdup_printf (
    "sleep 600 &\necho $! > '%s.new'; mv '%s.new' '%s'; wait\n", child, child, child);
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *stopper;

  g_setenv ("PATH", path, TRUE);
  write_az (folder, script);
  reprise_entra_set_second (account, 20); /* 90 of them are 1.8 s */
  assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_STALLED, "within 90 seconds");
  assert_gone (child);
  g_unlink (child);
  reprise_entra_set_second (account, 1000);
  g_object_set_data (G_OBJECT (stop), "path", child);
  stopper = g_thread_new ("stop", stop_when_there_func, stop);
  g_assert_false (reprise_entra_get_token (account, NULL, stop, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (stopper);
  assert_gone (child);
  g_setenv ("PATH", before, TRUE);
  reprise_test_remove_folder (folder);
}

static void
test_sign_out (Fixture *fixture, gconstpointer data)
{
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  if (fixture->keyring == NULL)
    return;
  sign_in_before (fixture);
  assert_token (fixture->account, "canary-access-1");
  g_assert_true (reprise_entra_sign_out (fixture->account, NULL, &error));
  g_assert_no_error (error);
  kept = reprise_mock_keyring_dup (fixture->keyring, fixture->uuid, "refresh-token");
  g_assert_null (kept);
  g_assert_cmpuint (fixture->server->n_revoked, ==, 1);
  assert_refused (reprise_entra_get_token (fixture->account, NULL, NULL, &error), &error,
                  REPRISE_ERROR_NEEDS_SIGN_IN, "Sign in");
  g_assert_true (
    reprise_entra_sign_out (fixture->account, NULL, &error)); /* once more does no harm */
  g_assert_no_error (error);
}

/* One account is one object for all that use it. */
static void
test_shared (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) same =
    open_account (fixture, REPRISE_ENTRA_PERSON, "https://management.azure.com");
  g_autoptr (RepriseEntra) other =
    open_account (fixture, REPRISE_ENTRA_SECRET, "https://management.azure.com");

  g_assert_true (same == fixture->account);
  g_assert_true (other != fixture->account);
}

/* --- clouds --- */

static void
take_metadata_call (RepriseFaultCall *call, gpointer data)
{
  g_autofree char *address = reprise_fault_server_dup_address (call->server);
  g_autofree char *body = g_strdup_printf (
    "[{\"name\":\"a\",\"resourceManager\":\"https://management.example\",\"authentication\":"
    "{\"loginEndpoint\":\"https://login.wrong.example\"}},"
    "{\"name\":\"b\",\"resourceManager\":\"%s\",\"authentication\":{\"loginEndpoint\":"
    "\"https://login.right.example/\",\"audiences\":[\"x\"]},\"suffixes\":{\"storage\":"
    "\"core.right.example\"}}]",
    address);

  g_assert_cmpstr (call->path, ==, "/metadata/endpoints");
  g_assert_cmpstr (call->query, ==, "api-version=2022-09-01");
  reprise_fault_answer (call, 200, "application/json", body);
}

static void
test_clouds (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (take_metadata_call, NULL);
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autofree char *authority = NULL, *suffix = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (reprise_azure_cloud_get_n (), ==, 3);
  g_assert_cmpstr (reprise_azure_cloud_find ("china")->arm, ==,
                   "https://management.chinacloudapi.cn");
  g_assert_null (reprise_azure_cloud_find ("other"));
  g_assert_true (reprise_azure_cloud_discover (address, &authority, &suffix, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (authority, ==, "https://login.right.example/");
  g_assert_cmpstr (suffix, ==, "blob.core.right.example");
  g_assert_false (reprise_azure_check_address ("http://management.example", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

/* Last: nothing that was logged or reported has a token in it. */
static void
test_canary (void)
{
  g_assert_cmpuint (said->len, >, 1000);
  if (strstr (said->str, "canary") != NULL)
    g_error ("a secret was said: %s", strstr (said->str, "canary"));
}

int
main (int argc, char *argv[])
{
  int status;

  reprise_test_init (&argc, &argv);
  said = g_string_new (NULL);
  g_log_set_writer_func (capture_log, NULL, NULL);
#define ADD(path, function, data) \
  g_test_add ("/entra/" path, Fixture, data, set_up, function, tear_down)
  ADD ("browser", test_browser, GINT_TO_POINTER (FAKE_BROWSER_SIGNS_IN));
  ADD ("browser-strange", test_browser, GINT_TO_POINTER (FAKE_BROWSER_IS_STRANGE));
  ADD ("browser-refused", test_browser_refused, NULL);
  ADD ("code", test_code, NULL);
  ADD ("code-refused", test_code_refused, NULL);
  ADD ("code-stopped", test_code_stopped, NULL);
  ADD ("refresh-once", test_refresh_once, NULL);
  ADD ("refresh-early", test_refresh_early, NULL);
  ADD ("refresh-in-turn", test_refresh_in_turn, NULL);
  ADD ("refresh-unstored", test_refresh_unstored, NULL);
  ADD ("refresh-refused", test_refresh_refused, NULL);
  ADD ("not-signed-in", test_not_signed_in, NULL);
  ADD ("claims", test_claims, NULL);
  ADD ("principal", test_principal, NULL);
  ADD ("certificate", test_certificate, NULL);
  ADD ("az", test_az, NULL);
  ADD ("az-hangs", test_az_hangs, NULL);
  ADD ("sign-out", test_sign_out, NULL);
  ADD ("shared", test_shared, NULL);
#undef ADD
  g_test_add_func ("/entra/clouds", test_clouds);
  g_test_add_func ("/entra/nothing-said", test_canary);
  status = g_test_run ();
  g_string_free (said, TRUE);
  return status;
}
