/* test-http.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

static void
hello (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 200, "application/json", "{\"data\":[]}");
}

static void
test_get (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (hello, NULL);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (server);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "api/backups:list", REPRISE_HTTP_READ);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *heads = NULL;

  reprise_http_request_add_query (request, "page", "1 &=");
  reprise_http_request_set_expected_type (request, "application/json");
  response = reprise_http_send (http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_http_response_get_status (response), ==, 200);
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, "{\"data\":[]}");
  g_assert_true (reprise_http_response_is_length_proven (response));
  heads = reprise_fault_server_dup_heads (server);
  g_test_message ("%s", heads);
}

/* A body as NocoBase sends its archives: in chunks, without a length. */
static void
chunked (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_print (call,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n");
}

static void
test_download (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (chunked, NULL);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (server);
  g_autoptr (RepriseHttpRequest) request = reprise_http_request_new ("GET", "x", REPRISE_HTTP_READ);
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_auto (RepriseHttpProof) proof = { 0 };

  g_assert_true (reprise_http_download_to_stream (http, request, out, NULL, &proof, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (proof.length_matched);
  g_assert_cmpuint (proof.received_bytes, ==, 7);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)), 7, "abcdefg", 7);
}

#define BIG_BYTES (5 * 1024 * 1024 + 17)

static GInputStream *
open_big (gpointer data, GCancellable *cancellable, GError **error)
{
  return g_memory_input_stream_new_from_bytes (data);
}

/* Takes the form apart and answers with the size of its file. */
static void
take_form (RepriseFaultCall *call, gpointer data)
{
  g_autofree char *type = reprise_fault_call_dup_header (call, "Content-Type");
  g_autofree char *answer = g_strdup_printf ("{\"size\":%" G_GUINT64_FORMAT "}", call->body_size);

  g_assert_true (g_str_has_prefix (type, "multipart/form-data; boundary="));
  g_assert_nonnull (
    g_strstr_len (g_bytes_get_data (call->body, NULL), 400,
                  "Content-Disposition: form-data; name=\"file\"; filename=\"a%22b.nbdump\""));
  reprise_fault_answer (call, 200, "application/json", answer);
}

static void
test_upload_form (void)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (take_form, NULL);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (server);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "up", REPRISE_HTTP_START);
  g_autoptr (GBytes) big = g_bytes_new_take (g_malloc0 (BIG_BYTES), BIG_BYTES);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *expected = NULL;

  reprise_http_request_add_part (request, "note", "hello");
  reprise_http_request_add_part_stream (request, "file", "a\"b.nbdump", "application/octet-stream",
                                        BIG_BYTES, open_big, g_bytes_ref (big),
                                        (GDestroyNotify) g_bytes_unref);
  response = reprise_http_send (http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  expected = g_strdup_printf ("{\"size\":%" G_GINT64_FORMAT "}",
                              reprise_http_request_get_body_size (request));
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, expected);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/http/get", test_get);
  g_test_add_func ("/http/download", test_download);
  g_test_add_func ("/http/upload-form", test_upload_form);
  return g_test_run ();
}
