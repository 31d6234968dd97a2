/* http-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/http-fixture.h"
#include "reprise-fault-server.h"

void
http_fixture_set_up (HttpFixture *fixture, RepriseFaultHandler handler)
{
  *fixture = (HttpFixture){ 0 };
  fixture->server = reprise_fault_server_new (handler, fixture);
  fixture->http = reprise_fault_server_connect (fixture->server);
}

void
http_fixture_tear_down (HttpFixture *fixture)
{
  g_clear_object (&fixture->http);
  g_clear_pointer (&fixture->server, reprise_fault_server_free);
}

RepriseHttpRequest *
http_fixture_get_request (const char *path)
{
  return reprise_http_request_new ("GET", path, REPRISE_HTTP_READ);
}

/* Sends it and drops the answer. %FALSE with @error. */
gboolean
http_fixture_send (HttpFixture *fixture, RepriseHttpRequest *request, GError **error)
{
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (fixture->http, request, NULL, NULL, error);

  return response != NULL;
}

static gboolean
append_cb (gconstpointer data, gsize size, gpointer into, GCancellable *cancellable, GError **error)
{
  g_byte_array_append (into, data, (guint) size);
  return TRUE;
}

static gboolean
begin_anew_cb (gpointer into, GCancellable *cancellable, GError **error)
{
  g_byte_array_set_size (into, 0);
  return TRUE;
}

/* Into memory; %FALSE with @error. */
gboolean
http_fixture_download (HttpFixture *fixture,
                       RepriseHttpRequest *request,
                       GByteArray *into,
                       RepriseProgress *progress,
                       RepriseHttpProof *proof,
                       GError **error)
{
  static const RepriseHttpSink SINK = { .write = append_cb, .restart = begin_anew_cb };

  return reprise_http_download (fixture->http, request, &SINK, into, progress, proof, NULL, error);
}

void
http_fixture_hello (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 200, "application/json", "{\"data\":[]}");
}

GBytes *
http_fixture_make_big (void)
{
  guchar *data = g_malloc (BIG_BYTES);

  for (gsize i = 0; i < BIG_BYTES; i++)
    data[i] = (guchar) (i * 2654435761u >> 11);
  return g_bytes_new_take (data, BIG_BYTES);
}

GInputStream *
http_fixture_open_bytes (gpointer data, GCancellable *cancellable, GError **error)
{
  return g_memory_input_stream_new_from_bytes (data);
}

void
http_fixture_set_big_body (RepriseHttpRequest *request, GBytes *bytes)
{
  reprise_http_request_set_body_stream (request, "application/octet-stream",
                                        g_bytes_get_size (bytes), http_fixture_open_bytes,
                                        g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
}

void
http_fixture_serve_big (RepriseFaultCall *call, gpointer data)
{
  g_autoptr (GBytes) big = http_fixture_make_big ();

  reprise_fault_print (
    call, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: \"v1\"\r\nContent-MD5: abc=\r\n\r\n",
    BIG_BYTES);
  reprise_fault_write (call, g_bytes_get_data (big, NULL), BIG_BYTES);
}

static gboolean
apply_token (RepriseHttpRequest *request,
             RepriseHttpGrant *grant,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  HttpTokens *tokens = data;
  g_autofree char *value = g_strdup_printf ("Bearer %d", g_atomic_int_get (&tokens->have));

  reprise_http_grant_set_header (grant, "Authorization", value);
  return TRUE;
}

gboolean
http_fixture_renew_token (gpointer data, GCancellable *cancellable, GError **error)
{
  HttpTokens *tokens = data;

  g_assert_cmpint (g_atomic_int_add (&tokens->n_at_once, 1), ==, 0);
  g_atomic_int_inc (&tokens->n_renewed);
  g_usleep (5000);
  g_atomic_int_set (&tokens->have, g_atomic_int_get (&tokens->period));
  g_atomic_int_add (&tokens->n_at_once, -1);
  return TRUE;
}

void
http_fixture_sign_in (HttpFixture *fixture,
                      HttpTokens *tokens,
                      gboolean (*renew) (gpointer, GCancellable *, GError **))
{
  RepriseHttpAuthFuncs funcs = { apply_token, renew, NULL };
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&funcs, tokens, NULL);

  fixture->data = tokens;
  reprise_http_set_auth (fixture->http, auth);
}

/* Says nothing, at the place that @fixture->n names. */
void
http_fixture_silent (RepriseFaultCall *call, gpointer data)
{
  HttpFixture *fixture = data;

  if (fixture->n > 0)
    reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  if (fixture->n > 1)
    reprise_fault_print (call, "12345");
  reprise_fault_sleep (call, 20000);
}
