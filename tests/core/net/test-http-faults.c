/* test-http-faults.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

/*
 * Faults × {list, download, upload} × {the first request, one on a kept connection, every request}. Each ends in the
 * right data, or in an error of the right kind; never in other data, and the credential never reaches another server.
 */

#define TOKEN       "canary-5d41402abc4b2a76"
#define BODY_BYTES  (600 * 1024)
#define END_RECORD  "END OF DATA"
#define PATIENCE_MS 250
#define SILENCE_MS  600

static const char LIST[] = "{\"data\":[{\"name\":\"a\"},{\"name\":\"b\"}]}";

typedef enum
{
  LISTING,
  DOWNLOAD,
  UPLOAD,
} Operation;

typedef enum
{
  FIRST,
  KEPT,
  ALWAYS,
} Position;

typedef struct
{
  Operation operation;
  Position position;
  RepriseFaultServer *other; /* the server to which nothing secret may go */
  const struct _Fault *fault;
  GBytes *data;
  char *data_sha256;
  int n_faults; /* (atomic): that were made */
  int n_wrong;  /* (atomic): bodies that were answered as good, and were not what was sent */
} Scene;

typedef struct _Fault
{
  const char *name;
  void (*make) (RepriseFaultCall *call, Scene *scene);
  int once;   /* the code that a single fault leads to; OK: it is got over */
  int always; /* and one that does not stop */
  guint operations;
} Fault;

#define OK   (-1)
#define ANY  ((1 << LISTING) | (1 << DOWNLOAD) | (1 << UPLOAD))
#define READ ((1 << LISTING) | (1 << DOWNLOAD))

/* The data of an operation, as a good server gives it. */
static GBytes *
answer_data (Scene *scene)
{
  return scene->operation == DOWNLOAD ? g_bytes_ref (scene->data)
                                      : g_bytes_new_static (LIST, strlen (LIST));
}

static const char *
answer_type (Scene *scene)
{
  return scene->operation == DOWNLOAD ? "application/octet-stream" : "application/json";
}

static void
print_head (RepriseFaultCall *call, Scene *scene, const char *headers)
{
  reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%s\r\n", answer_type (scene),
                       headers);
}

static void
write_part (RepriseFaultCall *call, Scene *scene, double part)
{
  g_autoptr (GBytes) data = answer_data (scene);

  reprise_fault_write (call, g_bytes_get_data (data, NULL),
                       (gsize) ((double) g_bytes_get_size (data) * part));
}

static void
write_chunk (RepriseFaultCall *call, Scene *scene, double part)
{
  g_autoptr (GBytes) data = answer_data (scene);

  reprise_fault_print (call, "%zx\r\n", (gsize) ((double) g_bytes_get_size (data) * part));
  write_part (call, scene, part);
  reprise_fault_print (call, "\r\n");
}

static void
cut_in_chunk (RepriseFaultCall *call, Scene *scene)
{
  g_autoptr (GBytes) data = answer_data (scene);

  print_head (call, scene, "Transfer-Encoding: chunked\r\n");
  reprise_fault_print (call, "%zx\r\n", g_bytes_get_size (data));
  write_part (call, scene, 0.5);
  reprise_fault_close (call);
}

static void
cut_between_chunks (RepriseFaultCall *call, Scene *scene)
{
  print_head (call, scene, "Transfer-Encoding: chunked\r\n");
  write_chunk (call, scene, 0.5);
  reprise_fault_close (call);
}

static void
bad_chunk_size (RepriseFaultCall *call, Scene *scene)
{
  print_head (call, scene, "Transfer-Encoding: chunked\r\n");
  write_chunk (call, scene, 0.5);
  reprise_fault_print (call, "zz\r\nabc\r\n0\r\n\r\n");
  reprise_fault_close (call);
}

static void
no_length (RepriseFaultCall *call, Scene *scene)
{
  print_head (call, scene, "Connection: close\r\n");
  write_part (call, scene, 0.5);
  reprise_fault_close (call);
}

static void
negative_length (RepriseFaultCall *call, Scene *scene)
{
  print_head (call, scene, "Content-Length: -5\r\n");
  write_part (call, scene, 0.5);
  reprise_fault_close (call);
}

static void
two_lengths (RepriseFaultCall *call, Scene *scene)
{
  print_head (call, scene, "Content-Length: 5\r\nContent-Length: 7\r\n");
  write_part (call, scene, 0.5);
  reprise_fault_close (call);
}

static void
print_length (RepriseFaultCall *call, Scene *scene, int more, const char *headers)
{
  g_autoptr (GBytes) data = answer_data (scene);
  g_autofree char *text =
    g_strdup_printf ("Content-Length: %zu\r\n%s", g_bytes_get_size (data) + (gsize) more, headers);

  print_head (call, scene, text);
}

static void
length_too_long (RepriseFaultCall *call, Scene *scene)
{
  print_length (call, scene, 9, "");
  write_part (call, scene, 1);
  reprise_fault_close (call);
}

static void
cut_with_close (RepriseFaultCall *call, Scene *scene)
{
  print_length (call, scene, 0, "Connection: close\r\n");
  write_part (call, scene, 0.5);
  reprise_fault_close (call);
}

static void
reset_at_once (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_reset (call);
}

static void
empty_reply (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_close (call);
}

static void
reset_in_headers (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Ty");
  reprise_fault_reset (call);
}

static void
reset_in_body (RepriseFaultCall *call, Scene *scene)
{
  print_length (call, scene, 0, "");
  write_part (call, scene, 0.5);
  g_usleep (20000);
  reprise_fault_reset (call);
}

static void
silent_before_headers (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_sleep (call, SILENCE_MS);
  reprise_fault_close (call);
}

static void
silent_in_body (RepriseFaultCall *call, Scene *scene)
{
  print_length (call, scene, 0, "");
  write_part (call, scene, 0.5);
  reprise_fault_sleep (call, SILENCE_MS);
  reprise_fault_close (call);
}

/* A byte now and then: each read is quick, and nothing comes of it. */
static void
trickle (RepriseFaultCall *call, Scene *scene)
{
  print_length (call, scene, 0, "");
  for (int i = 0; i < 12; i++)
    {
      if (!reprise_fault_print (call, " "))
        return;
      reprise_fault_sleep (call, SILENCE_MS / 10);
    }
  reprise_fault_close (call);
}

/* 64 MiB in 64 KiB, unasked: nobody may unpack it. */
static void
gzip_bomb (RepriseFaultCall *call, Scene *scene)
{
  g_autoptr (GConverter) gzip =
    G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) out = g_converter_output_stream_new (memory, gzip);
  g_autofree guchar *zeros = g_malloc0 (1024 * 1024);
  g_autofree char *headers = NULL;
  gsize size;

  for (int i = 0; i < 16; i++)
    g_output_stream_write_all (out, zeros, 1024 * 1024, NULL, NULL, NULL);
  g_output_stream_close (out, NULL, NULL);
  size = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory));
  headers = g_strdup_printf ("Content-Encoding: gzip\r\nContent-Length: %zu\r\n", size);
  print_head (call, scene, headers);
  reprise_fault_write (call, g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
                       size);
}

static void
redirect_elsewhere (RepriseFaultCall *call, Scene *scene)
{
  g_autofree char *address = reprise_fault_server_dup_address (scene->other);

  reprise_fault_print (
    call, "HTTP/1.1 302 Found\r\nLocation: %sstolen\r\nContent-Length: 0\r\n\r\n", address);
}

static void
redirect_in_circles (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (call, "HTTP/1.1 307 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                       call->path);
}

static void
html_page (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_answer (call, 200, "text/html; charset=utf-8",
                        "<!DOCTYPE html><title>Sign in</title>");
}

static void
html_with_wrong_type (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_answer (call, 200, answer_type (scene), "<html>Welcome to the proxy</html>");
}

static void
not_authorised (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (
    call, "HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
}

static void
forbidden (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_answer (call, 403, "application/json",
                        "{\"errors\":[{\"message\":\"No permissions\"}]}");
}

static void
too_many (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (call, "HTTP/1.1 429 X\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
}

static void
unavailable (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_answer (call, 503, "text/html", "<html>down</html>");
}

static void
bad_gateway (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_answer (call, 502, "text/html", "<html>bad gateway</html>");
}

static void
server_error (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (call, "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
}

static void
wait_for_ever (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (call, "HTTP/1.1 503 X\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n");
}

static void
garbage (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (call, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
  reprise_fault_close (call);
}

static void
endless_headers (RepriseFaultCall *call, Scene *scene)
{
  reprise_fault_print (call, "HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 4000 && reprise_fault_print (call, "X-Header-%d: %0100d\r\n", i, i); i++)
    ;
  reprise_fault_close (call);
}

/* All there by its length, and yet no JSON, no archive. */
static void
half_by_its_length (RepriseFaultCall *call, Scene *scene)
{
  g_autoptr (GBytes) data = answer_data (scene);
  g_autofree char *length =
    g_strdup_printf ("Content-Length: %zu\r\n", g_bytes_get_size (data) / 2);

  print_head (call, scene, length);
  reprise_fault_write (call, g_bytes_get_data (data, NULL), g_bytes_get_size (data) / 2);
}

static const Fault FAULTS[] = {
  { "cut-in-chunk", cut_in_chunk, OK, REPRISE_ERROR_STALLED, ANY },
  { "cut-between-chunks", cut_between_chunks, OK, REPRISE_ERROR_STALLED, ANY },
  { "bad-chunk-size", bad_chunk_size, OK, REPRISE_ERROR_STALLED, ANY },
  { "no-length", no_length, OK, REPRISE_ERROR_STALLED, ANY },
  { "negative-length", negative_length, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL, ANY },
  { "two-lengths", two_lengths, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL, ANY },
  { "length-too-long", length_too_long, OK, REPRISE_ERROR_STALLED, ANY },
  { "cut-with-close", cut_with_close, OK, REPRISE_ERROR_STALLED, ANY },
  { "reset-at-once", reset_at_once, OK, REPRISE_ERROR_UNREACHABLE, ANY },
  { "empty-reply", empty_reply, OK, REPRISE_ERROR_UNREACHABLE, ANY },
  { "reset-in-headers", reset_in_headers, OK, REPRISE_ERROR_UNREACHABLE, ANY },
  { "reset-in-body", reset_in_body, OK, REPRISE_ERROR_STALLED, ANY },
  { "silent-before-headers", silent_before_headers, OK, REPRISE_ERROR_UNREACHABLE, ANY },
  { "silent-in-body", silent_in_body, OK, REPRISE_ERROR_STALLED, ANY },
  { "trickle", trickle, OK, REPRISE_ERROR_STALLED, 1 << DOWNLOAD },
  { "gzip-bomb", gzip_bomb, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL, 1 << LISTING },
  { "redirect-elsewhere", redirect_elsewhere, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL, ANY },
  { "redirect-in-circles", redirect_in_circles, OK, REPRISE_ERROR_PROTOCOL, READ },
  { "html-page", html_page, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL, ANY },
  { "html-with-wrong-type", html_with_wrong_type, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL,
    (1 << LISTING) | (1 << UPLOAD) },
  { "not-authorised", not_authorised, OK, REPRISE_ERROR_NEEDS_SIGN_IN, ANY },
  { "forbidden", forbidden, REPRISE_ERROR_DENIED, REPRISE_ERROR_DENIED, ANY },
  { "too-many", too_many, OK, REPRISE_ERROR_BUSY, ANY },
  { "unavailable", unavailable, OK, REPRISE_ERROR_UNREACHABLE, ANY },
  { "bad-gateway", bad_gateway, OK, REPRISE_ERROR_UNREACHABLE, ANY },
  { "server-error", server_error, OK, REPRISE_ERROR_FAILED, ANY },
  { "wait-for-ever", wait_for_ever, REPRISE_ERROR_UNREACHABLE, REPRISE_ERROR_UNREACHABLE, ANY },
  { "garbage", garbage, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL, ANY },
  { "endless-headers", endless_headers, OK, REPRISE_ERROR_UNREACHABLE, ANY },
  { "half-by-its-length", half_by_its_length, REPRISE_ERROR_PROTOCOL, REPRISE_ERROR_PROTOCOL,
    1 << LISTING },
};

static void
answer_well (RepriseFaultCall *call, Scene *scene)
{
  if (scene->operation == UPLOAD && g_strcmp0 (call->path, "/warm") != 0 &&
      g_strcmp0 (call->body_sha256, scene->data_sha256) != 0)
    g_atomic_int_inc (&scene->n_wrong);
  if (scene->operation == DOWNLOAD)
    {
      /* as NocoBase does: in chunks, without a length */
      print_head (call, scene, "Transfer-Encoding: chunked\r\n");
      write_chunk (call, scene, 1);
      reprise_fault_print (call, "0\r\n\r\n");
    }
  else
    reprise_fault_answer (call, 200, "application/json", LIST);
}

static void
handle (RepriseFaultCall *call, gpointer data)
{
  Scene *scene = data;
  g_autofree char *authorisation = reprise_fault_call_dup_header (call, "Authorization");

  g_assert_cmpstr (authorisation, ==, "Bearer " TOKEN);
  if (g_strcmp0 (call->path, "/warm") == 0)
    reprise_fault_answer (call, 200, "application/json", LIST);
  else if (scene->position == ALWAYS || g_atomic_int_get (&scene->n_faults) == 0)
    {
      g_atomic_int_inc (&scene->n_faults);
      scene->fault->make (call, scene);
    }
  else
    answer_well (call, scene);
}

static void
handle_stolen (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 200, "application/json", LIST);
}

static gboolean
apply_token (RepriseHttpRequest *request,
             RepriseHttpGrant *grant,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  reprise_http_grant_set_header (grant, "Authorization", "Bearer " TOKEN);
  reprise_http_grant_set_header (grant, "X-Authenticator", TOKEN);
  return TRUE;
}

static gboolean
renew_token (gpointer data, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static gboolean
sink_write (gconstpointer data,
            gsize size,
            gpointer sink,
            GCancellable *cancellable,
            GError **error)
{
  g_byte_array_append (sink, data, (guint) size);
  return TRUE;
}

static gboolean
sink_restart (gpointer sink, GCancellable *cancellable, GError **error)
{
  g_byte_array_set_size (sink, 0);
  return TRUE;
}

/* Like the end record of an archive. */
static gboolean
sink_prove (const RepriseHttpProof *proof, gpointer data, GCancellable *cancellable, GError **error)
{
  GByteArray *sink = data;

  g_assert_false (proof->length_matched);
  if (sink->len > strlen (END_RECORD) &&
      memcmp (sink->data + sink->len - strlen (END_RECORD), END_RECORD, strlen (END_RECORD)) == 0)
    return TRUE;
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_STALLED, "the end record is missing");
  return FALSE;
}

static GInputStream *
open_bytes (gpointer bytes, GCancellable *cancellable, GError **error)
{
  return g_memory_input_stream_new_from_bytes (bytes);
}

/* Only these are waited for; the others must not fail on a slow machine. */
static gboolean
is_about_time (const Fault *fault)
{
  return fault->make == silent_before_headers || fault->make == silent_in_body ||
         fault->make == trickle;
}

static RepriseHttpRequest *
make_request (Scene *scene, const char *path)
{
  RepriseHttpRequest *request;

  if (scene->operation == UPLOAD)
    {
      request = reprise_http_request_new ("PUT", path, REPRISE_HTTP_WRITE);
      reprise_http_request_set_body_stream (
        request, "application/octet-stream", g_bytes_get_size (scene->data), open_bytes,
        g_bytes_ref (scene->data), (GDestroyNotify) g_bytes_unref);
    }
  else
    request = reprise_http_request_new ("GET", path, REPRISE_HTTP_READ);
  if (scene->operation != DOWNLOAD)
    reprise_http_request_set_expected_type (request, "application/json");
  if (is_about_time (scene->fault))
    {
      reprise_http_request_set_header_timeout (request, PATIENCE_MS);
      reprise_http_request_set_stall (request, 1024, PATIENCE_MS);
    }
  reprise_http_request_set_max_tries (request, 2);
  return request;
}

/* Carries the operation out and looks at what came of it. %FALSE with @error. */
static gboolean
operate (Scene *scene, RepriseHttp *http, GError **error)
{
  static const RepriseHttpSink sink_funcs = { sink_write, sink_restart, sink_prove };
  g_autoptr (RepriseHttpRequest) request = make_request (scene, "thing");
  g_autoptr (GByteArray) sink = g_byte_array_new ();
  g_autoptr (RepriseHttpResponse) response = NULL;

  if (scene->operation == DOWNLOAD)
    {
      if (!reprise_http_download (http, request, &sink_funcs, sink, NULL, NULL, NULL, error))
        return FALSE;
      g_assert_cmpmem (sink->data, sink->len, g_bytes_get_data (scene->data, NULL),
                       g_bytes_get_size (scene->data));
      return TRUE;
    }
  response = reprise_http_send (http, request, NULL, NULL, error);
  if (response == NULL)
    return FALSE;
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, LIST);
  return TRUE;
}

/* A good request first, so that the fault meets a kept connection. */
static void
warm_up (RepriseHttp *http)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "warm", REPRISE_HTTP_READ);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response = reprise_http_send (http, request, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (response);
}

static GBytes *
make_data (void)
{
  GByteArray *data = g_byte_array_new ();

  for (guint32 i = 0; data->len < BODY_BYTES; i++)
    g_byte_array_append (data, (const guchar *) &i, sizeof i);
  g_byte_array_append (data, (const guchar *) END_RECORD, strlen (END_RECORD));
  return g_byte_array_free_to_bytes (data);
}

static void
assert_clean (const GError *error, RepriseFaultServer *other)
{
  g_autofree char *heads = reprise_fault_server_dup_heads (other);

  g_assert_null (strstr (heads, TOKEN));
  if (error != NULL)
    {
      g_assert_null (strstr (error->message, TOKEN));
      g_assert_null (strchr (error->message, '?'));
      g_assert_cmpint (error->message[strlen (error->message) - 1], !=, ' ');
    }
}

static void
play (const Fault *fault, Operation operation, Position position)
{
  g_autoptr (GBytes) data = make_data ();
  g_autofree char *data_sha256 =
    reprise_hash_bytes (g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  g_autoptr (RepriseFaultServer) other = reprise_fault_server_new (handle_stolen, NULL);
  Scene scene = { operation, position, other, fault, data, data_sha256, 0, 0 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (handle, &scene);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (server);
  RepriseHttpAuthFuncs funcs = { apply_token, renew_token, NULL };
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&funcs, NULL, NULL);
  g_autoptr (GError) error = NULL;
  int expected = position == ALWAYS ? fault->always : fault->once;

  reprise_fault_server_set_hashes (server, TRUE);
  reprise_http_set_auth (http, auth);
  if (position == KEPT)
    warm_up (http);
  if (fault->make == negative_length) /* libsoup's own dismay; nothing can be put before it */
    g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_WARNING, "*'content-length'*");
  if (operate (&scene, http, &error))
    {
      if (expected != OK)
        g_error ("%s, operation %d, position %d went well", fault->name, operation, position);
    }
  else if (expected == OK)
    g_error ("%s, operation %d, position %d: %s", fault->name, operation, position, error->message);
  else if (!g_error_matches (error, REPRISE_ERROR, expected))
    g_error ("%s, operation %d, position %d: code %d, not %d: %s", fault->name, operation, position,
             error->code, expected, error->message);
  if (fault->make == negative_length)
    g_test_assert_expected_messages ();
  g_assert_cmpint (g_atomic_int_get (&scene.n_faults), >, 0);
  g_assert_cmpint (g_atomic_int_get (&scene.n_wrong), ==, 0);
  assert_clean (error, other);
}

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;

  for (Operation operation = LISTING; operation <= UPLOAD; operation++)
    for (Position position = FIRST; position <= ALWAYS; position++)
      if ((fault->operations & (1u << operation)) != 0)
        play (fault, operation, position);
}

/* The control: without a proof, a cut body in chunks is taken for the whole. */
static void
test_control_without_proof (void)
{
  static const Fault fault = { "cut", cut_between_chunks, OK, OK, ANY };
  g_autoptr (GBytes) data = make_data ();
  Scene scene = { DOWNLOAD, ALWAYS, NULL, &fault, data, NULL, 0, 0 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (handle, &scene);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (server);
  RepriseHttpAuthFuncs funcs = { apply_token, NULL, NULL };
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&funcs, NULL, NULL);
  RepriseHttpSink sink_funcs = { sink_write, sink_restart, NULL };
  g_autoptr (RepriseHttpRequest) request = make_request (&scene, "thing");
  g_autoptr (GByteArray) sink = g_byte_array_new ();
  g_auto (RepriseHttpProof) proof = { 0 };
  g_autoptr (GError) error = NULL;

  reprise_http_set_auth (http, auth);
  g_assert_true (
    reprise_http_download (http, request, &sink_funcs, sink, NULL, &proof, NULL, &error));
  g_assert_cmpuint (sink->len, <, g_bytes_get_size (data));
  g_assert_false (proof.length_matched); /* which is what the caller is told */
}

static SoupMessage *
raw_message (RepriseFaultServer *server, const char *method)
{
  g_autofree char *address = reprise_fault_server_dup_address (server);
  SoupMessage *message = soup_message_new (method, address);

  soup_message_headers_replace (soup_message_get_request_headers (message), "X-Authenticator",
                                TOKEN);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization",
                                "Bearer " TOKEN);
  return message;
}

/* The control: libsoup by itself carries a header with a credential to another server. */
static void
test_control_redirect (void)
{
  static const Fault fault = { "redirect", redirect_elsewhere, OK, OK, ANY };
  g_autoptr (RepriseFaultServer) other = reprise_fault_server_new (handle_stolen, NULL);
  Scene scene = { LISTING, ALWAYS, other, &fault, NULL, NULL, 0, 0 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (handle, &scene);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = raw_message (server, "GET");
  g_autoptr (GBytes) body = soup_session_send_and_read (session, message, NULL, NULL);
  g_autofree char *heads = reprise_fault_server_dup_heads (other);

  g_assert_nonnull (body);
  g_assert_nonnull (strstr (heads, "X-Authenticator: " TOKEN));
}

/* Takes a request, answers, and then hangs up on the next one of the same connection without a word. */
static void
hang_up_second (RepriseFaultCall *call, gpointer data)
{
  if (call->index == 2)
    reprise_fault_close (call);
  else
    {
      if (g_strcmp0 (call->method, "PUT") == 0)
        *(gint64 *) data = (gint64) call->body_size;
      reprise_fault_answer (call, 200, "application/json", LIST);
    }
}

/* The control: libsoup by itself repeats a PUT on a dead connection with an empty body, and says that all is well. */
static void
test_control_put_again (void)
{
  gint64 size = -1;
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (hang_up_second, &size);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) get = raw_message (server, "GET");
  g_autoptr (SoupMessage) put = raw_message (server, "PUT");
  g_autoptr (GBytes) first = soup_session_send_and_read (session, get, NULL, NULL);
  g_autoptr (GBytes) payload = g_bytes_new_static ("payload", 7);
  g_autoptr (GBytes) second = NULL;

  g_assert_nonnull (first);
  soup_message_set_request_body_from_bytes (put, "text/plain", payload);
  second = soup_session_send_and_read (session, put, NULL, NULL);
  g_assert_nonnull (second);
  g_assert_cmpuint (soup_message_get_status (put), ==, 200);
  g_assert_cmpint (size, ==, 0);
}

/* And ours, with a body in memory and a connection that is kept. */
static void
test_put_again (void)
{
  gint64 size = -1;
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (hang_up_second, &size);
  g_autoptr (RepriseHttp) http = reprise_fault_server_connect (server);
  g_autoptr (RepriseHttpRequest) put = reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  warm_up (http);
  reprise_http_request_set_body_text (put, "text/plain", "payload");
  response = reprise_http_send (http, put, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (size, ==, 7);
  g_assert_cmpuint (reprise_http_request_get_tries (put), ==, 2);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (FAULTS); i++)
    {
      g_autofree char *path = g_strconcat ("/http-faults/", FAULTS[i].name, NULL);

      g_test_add_data_func (path, &FAULTS[i], test_fault);
    }
  g_test_add_func ("/http-faults/put-again", test_put_again);
  g_test_add_func ("/http-faults/control/without-proof", test_control_without_proof);
  g_test_add_func ("/http-faults/control/redirect", test_control_redirect);
  g_test_add_func ("/http-faults/control/put-again", test_control_put_again);
  return g_test_run ();
}
