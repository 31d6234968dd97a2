/* test-websocket.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-websocket.h"
#include "reprise-fault-server.h"
#include "reprise-test-websocket.h"
#include "reprise-test.h"

/* A frame of RFC 6455 §5.2: the last of its message, not masked. */
static void
write_frame (RepriseFaultCall *call, int opcode, const char *text)
{
  gsize size = strlen (text);
  guint8 head[4] = { (guint8) (0x80 | opcode), (guint8) size };

  if (size > 125)
    {
      head[1] = 126;
      head[2] = (guint8) (size >> 8);
      head[3] = (guint8) size;
    }
  reprise_fault_write (call, head, size > 125 ? 4 : 2);
  reprise_fault_write (call, text, size);
}

static void
talk (RepriseFaultCall *call, gpointer data)
{
  g_autofree char *long_text = g_strnfill (3000, 'x');

  reprise_test_websocket_shake_hands (call);
  write_frame (call, 1, "{\"type\":\"maintaining\"}");
  write_frame (call, 2, "binary");
  write_frame (call, 1, long_text);
  write_frame (call, 1, "last");
  reprise_fault_sleep (call, 200);
  reprise_fault_close (call);
}

static RepriseWebsocket *
listen_to (RepriseFaultServer *server, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (server);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "/ws", REPRISE_HTTP_READ);

  reprise_http_set_connect_timeout (http, 500);
  reprise_http_request_add_query (request, "__appName", "main");
  reprise_http_request_set_header (request, "X-App", "main");
  return reprise_websocket_open (http, request, cancellable, error);
}

static void
test_listen (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (talk, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseWebsocket) socket = listen_to (server, NULL, &error);
  g_autofree char *heads = reprise_fault_server_dup_heads (server);
  const char *const expected[] = { "{\"type\":\"maintaining\"}", NULL, "last" };

  g_assert_no_error (error);
  g_assert_true (reprise_websocket_is_open (socket));
  g_assert_nonnull (strstr (heads, "GET /ws?__appName=main HTTP/1.1"));
  g_assert_nonnull (strstr (heads, "X-App: main"));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *text = reprise_websocket_take (socket, 2000, NULL);

      if (expected[i] != NULL)
        g_assert_cmpstr (text, ==, expected[i]);
      else
        g_assert_cmpuint (strlen (text), ==, 3000);
    }
  g_assert_null (reprise_websocket_take (socket, 0, NULL));
  g_assert_null (reprise_websocket_take (socket, 5000, NULL)); /* until it is closed */
  g_assert_false (reprise_websocket_is_open (socket));
}

static void
refuse (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 404, "text/plain", "Not Found");
}

static void
test_none (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (refuse, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (listen_to (server, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
}

static void
stay_silent (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_sleep (call, 10000);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (50000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_silent (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (stay_silent, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  g_assert_null (listen_to (server, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_clear_error (&error);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_null (listen_to (server, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

static void
test_nobody (void)
{
  g_autoptr (RepriseHttp) http = reprise_http_new ("http://127.0.0.1:1/", NULL, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "/ws", REPRISE_HTTP_READ);
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_websocket_open (http, request, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
}

static void
flood (RepriseFaultCall *call, gpointer data)
{
  reprise_test_websocket_shake_hands (call);
  for (int i = 0; i < 6000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d", i);

      write_frame (call, 1, text);
    }
  reprise_fault_sleep (call, 10000);
}

/* Nobody takes them: the oldest go, and that is known. */
static void
test_flood (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (flood, NULL);
  g_autoptr (RepriseWebsocket) socket = listen_to (server, NULL, NULL);
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  g_autofree char *first = NULL;

  while (reprise_websocket_get_n_dropped (socket) < 6000 - 4096 && g_get_monotonic_time () < end)
    g_usleep (1000);
  g_assert_cmpuint (reprise_websocket_get_n_dropped (socket), ==, 6000 - 4096);
  first = reprise_websocket_take (socket, 0, NULL);
  g_assert_cmpstr (first, ==, "1904");
}

static gpointer
take_worker (gpointer data)
{
  return reprise_websocket_take (data, 10000, NULL);
}

/* Closing wakes those who wait; dropping it hangs up. */
static void
test_close (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (flood, NULL);
  g_autoptr (RepriseFaultServer) quiet =
    reprise_fault_server_new ((RepriseFaultHandler) reprise_test_websocket_shake_hands, NULL);
  g_autoptr (RepriseWebsocket) socket = listen_to (quiet, NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("take", take_worker, socket);

  g_usleep (20000);
  reprise_websocket_close (socket);
  g_assert_null (g_thread_join (thread));
  for (int i = 0; i < 10; i++) /* while messages still come */
    {
      g_autoptr (RepriseWebsocket) dropped = listen_to (server, NULL, NULL);

      g_assert_nonnull (dropped);
    }
  g_cancellable_cancel (cancellable);
  g_assert_null (reprise_websocket_take (socket, 10000, cancellable));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/websocket/listen", test_listen);
  g_test_add_func ("/websocket/none", test_none);
  g_test_add_func ("/websocket/silent", test_silent);
  g_test_add_func ("/websocket/nobody", test_nobody);
  g_test_add_func ("/websocket/flood", test_flood);
  g_test_add_func ("/websocket/close", test_close);
  return g_test_run ();
}
