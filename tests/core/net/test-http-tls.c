/* test-http-tls.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "net/reprise-http-trust.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

/* The leak check of clang 14 takes a thread-local variable of GnuTLS for one of an old glibc and stumbles over it. */
const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "intercept_tls_get_addr=0";
}

#define TOKEN "canary-1f3870be274f6c49"

static void
hello (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 200, "application/json", "{}");
}

static GTlsCertificate *
load (const char *name)
{
  g_autofree char *file = g_strdup_printf ("tls/%s.pem", name);
  g_autofree char *path = reprise_test_data (file);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (path, &error);

  g_assert_no_error (error);
  return certificate;
}

static char *
fingerprint_of (const char *name)
{
  g_autoptr (GTlsCertificate) certificate = load (name);

  return reprise_http_trust_fingerprint (certificate);
}

static RepriseFaultServer *
serve (const char *name)
{
  g_autoptr (GTlsCertificate) certificate = load (name);

  return reprise_fault_server_new_tls (certificate, hello, NULL);
}

static gboolean
apply_token (RepriseHttpRequest *request,
             RepriseHttpGrant *grant,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  reprise_http_grant_set_header (grant, "Authorization", "Bearer " TOKEN);
  return TRUE;
}

/* A request with a credential. */
static gboolean
ask (RepriseFaultServer *server, const char *pin, GError **error)
{
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autoptr (RepriseHttp) http = reprise_http_new (address, pin, NULL);
  RepriseHttpAuthFuncs funcs = { apply_token, NULL, NULL };
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&funcs, NULL, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "secret", REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;

  g_assert_nonnull (http);
  reprise_http_set_backoff (http, 5, 20);
  reprise_http_set_auth (http, auth);
  response = reprise_http_send (http, request, NULL, NULL, error);
  return response != NULL;
}

static void
test_good (gconstpointer data)
{
  g_autoptr (RepriseFaultServer) server = serve (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;

  g_assert_true (ask (server, NULL, &error));
  g_assert_no_error (error);
  heads = reprise_fault_server_dup_heads (server);
  g_assert_nonnull (strstr (heads, TOKEN)); /* the control: what those below must not show */
}

/* Refused before a byte of the request, and said so that a person can look at it. */
static void
test_bad (gconstpointer data)
{
  g_autoptr (RepriseFaultServer) server = serve (data);
  g_autofree char *fingerprint = fingerprint_of (data);
  g_autofree char *shown = reprise_http_pin_to_text (fingerprint);
  g_autoptr (GError) error = NULL;

  g_assert_false (ask (server, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_cmpuint (reprise_fault_server_get_received (server), ==, 0);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (server), ==, 0);
  g_assert_nonnull (strstr (error->message, shown));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "It names CN="));
}

/* A key that is too small, and whatever else the library does not even shake hands with. */
static void
test_no_handshake (void)
{
  g_autoptr (RepriseFaultServer) server = serve ("small-key");
  g_autoptr (GError) error = NULL;

  g_assert_false (ask (server, NULL, &error));
  g_assert_true (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED) ||
                 g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL) ||
                 g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE));
  g_assert_cmpuint (reprise_fault_server_get_received (server), ==, 0);
}

/* A certificate that a person has confirmed, whatever is wrong with it. */
static void
test_pin (gconstpointer data)
{
  g_autoptr (RepriseFaultServer) server = serve (data);
  g_autofree char *fingerprint = fingerprint_of (data);
  g_autofree char *shown = reprise_http_pin_to_text (fingerprint);
  g_autoptr (GError) error = NULL;

  g_assert_true (ask (server, shown, &error));
  g_assert_no_error (error);
  if (!g_str_equal (data, "good")) /* and for this service only */
    {
      g_assert_false (ask (server, NULL, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
    }
}

/* Another certificate than the confirmed one, though every authority vouches for it: nothing is sent, both are shown. */
static void
test_pin_changed (gconstpointer data)
{
  g_autoptr (RepriseFaultServer) server = serve (data);
  g_autofree char *pinned = fingerprint_of ("other");
  g_autofree char *pinned_shown = reprise_http_pin_to_text (pinned);
  g_autofree char *now = fingerprint_of (data);
  g_autofree char *now_shown = reprise_http_pin_to_text (now);
  g_autoptr (GError) error = NULL;

  g_assert_false (ask (server, pinned, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_cmpuint (reprise_fault_server_get_received (server), ==, 0);
  g_assert_nonnull (strstr (error->message, now_shown));
  g_assert_nonnull (strstr (error->message, pinned_shown));
}

static void
test_pin_form (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pin = NULL;

  g_assert_null (reprise_http_pin_normalise ("12:34", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  pin = fingerprint_of ("good");
  g_clear_error (&error);
  g_assert_null (reprise_http_new ("http://example.org/", pin, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

/* A pin holds for each connection of a session, not for its first. */
static void
test_pin_reconnect (void)
{
  g_autofree char *pin = fingerprint_of ("good");

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (RepriseFaultServer) server = serve (i == 1 ? "other" : "good");
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (ask (server, pin, &error), ==, i != 1);
    }
}

static void
test_not_tls (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (hello, NULL);
  g_autofree char *address =
    g_strdup_printf ("https://127.0.0.1:%u/", reprise_fault_server_get_port (server));
  g_autoptr (RepriseHttp) http = reprise_http_new (address, NULL, NULL);
  g_autoptr (RepriseHttpRequest) request = reprise_http_request_new ("GET", "x", REPRISE_HTTP_READ);
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_http_send (http, request, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (server), ==, 0);
}

static void
send_to_http (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_print (call, "HTTP/1.1 302 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                       (const char *) data);
}

/* Never from https to http. */
static void
test_redirect_down (void)
{
  g_autoptr (RepriseFaultServer) plain = reprise_fault_server_new (hello, NULL);
  g_autofree char *to = reprise_fault_server_dup_address (plain);
  g_autoptr (GTlsCertificate) certificate = load ("good");
  g_autoptr (RepriseFaultServer) server =
    reprise_fault_server_new_tls (certificate, send_to_http, to);
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autoptr (RepriseHttp) http = reprise_http_new (address, NULL, NULL);
  g_autoptr (RepriseHttpRequest) request = reprise_http_request_new ("GET", "x", REPRISE_HTTP_READ);
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_http_send (http, request, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (plain), ==, 0);
}

static void
say_protocol (RepriseFaultCall *call, gpointer data)
{
  const char *protocol = g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (call->stream));

  reprise_fault_answer (call, 200, "text/plain", protocol != NULL ? protocol : "none");
}

/* A server that offers HTTP/2 gets HTTP/1.1 all the same. */
static void
test_protocol (void)
{
  g_autoptr (GTlsCertificate) certificate = load ("good");
  g_autoptr (RepriseFaultServer) server =
    reprise_fault_server_new_tls (certificate, say_protocol, NULL);
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autoptr (RepriseHttp) http = reprise_http_new (address, NULL, NULL);
  g_autoptr (RepriseHttpRequest) request = reprise_http_request_new ("GET", "x", REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  response = reprise_http_send (http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, "http/1.1");
}

/* Larger than what one record of TLS holds, both ways. */
static void
echo (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_print (call, "HTTP/1.1 200 X\r\nContent-Length: %zu\r\n\r\n",
                       g_bytes_get_size (call->body));
  reprise_fault_write (call, g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body));
}

static GInputStream *
open_bytes (gpointer data, GCancellable *cancellable, GError **error)
{
  return g_memory_input_stream_new_from_bytes (data);
}

static void
test_large (void)
{
  gsize size = 1000000;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr (GTlsCertificate) certificate = load ("good");
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new_tls (certificate, echo, NULL);
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autoptr (RepriseHttp) http = reprise_http_new (address, NULL, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  reprise_http_request_set_body_stream (request, "x/y", size, open_bytes, bytes, NULL);
  response = reprise_http_send (http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (reprise_http_response_get_body (response), bytes));
}

int
main (int argc, char *argv[])
{
  static const char *const good[] = { "good", "other", "good-chain" };
  static const char *const bad[] = {
    "expired",      "not-yet",     "wrong-name", "wrong-address",  "wildcard",
    "name-as-text", "self-signed", "unknown",    "missing-middle", "expired-middle",
    "by-a-server",  "for-clients", "sha1",       "too-deep",       "out-of-bounds",
  };
  static const char *const pinned[] = { "good", "self-signed", "expired", "wrong-name", "unknown" };
  static const char *const changed[] = { "good", "good-chain", "self-signed", "expired" };
  g_autofree char *path = NULL;
  g_autoptr (GTlsDatabase) authorities = NULL;
  g_autoptr (GError) error = NULL;
  struct
  {
    const char *group;
    const char *const *names;
    gsize n;
    GTestDataFunc func;
  } groups[] = {
    { "good", good, G_N_ELEMENTS (good), test_good },
    { "bad", bad, G_N_ELEMENTS (bad), test_bad },
    { "pin", pinned, G_N_ELEMENTS (pinned), test_pin },
    { "pin-changed", changed, G_N_ELEMENTS (changed), test_pin_changed },
  };

  reprise_test_init (&argc, &argv);
  path = reprise_test_data ("tls/root.pem");
  authorities = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
  /* in place of the system's, which also spares every connection the reading of some hundred certificates */
  g_tls_backend_set_default_database (g_tls_backend_get_default (), authorities);
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (gsize j = 0; j < groups[i].n; j++)
      {
        g_autofree char *name =
          g_strdup_printf ("/http-tls/%s/%s", groups[i].group, groups[i].names[j]);

        g_test_add_data_func (name, groups[i].names[j], groups[i].func);
      }
  g_test_add_func ("/http-tls/no-handshake", test_no_handshake);
  g_test_add_func ("/http-tls/pin-form", test_pin_form);
  g_test_add_func ("/http-tls/pin-reconnect", test_pin_reconnect);
  g_test_add_func ("/http-tls/not-tls", test_not_tls);
  g_test_add_func ("/http-tls/redirect-down", test_redirect_down);
  g_test_add_func ("/http-tls/protocol", test_protocol);
  g_test_add_func ("/http-tls/large", test_large);
  return g_test_run ();
}
