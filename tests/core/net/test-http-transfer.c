/* test-http-transfer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/http-fixture.h"
#include "net/reprise-http-teller.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_auto (RepriseHttpProof) proof = { 0 };

  http_fixture_set_up (&fixture, chunked);
  g_assert_true (http_fixture_download (&fixture, request, out, NULL, &proof, &error));
  g_assert_no_error (error);
  g_assert_false (proof.length_matched);
  g_assert_cmpint (proof.content_length, ==, -1);
  g_assert_cmpuint (proof.received_bytes, ==, 7);
  g_assert_cmpmem (out->data, 7, "abcdefg", 7);
}

static void
test_download_proven (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_auto (RepriseHttpProof) proof = { 0 };

  http_fixture_set_up (&fixture, http_fixture_serve_big);
  reprise_http_request_set_reports_total (request, TRUE);
  g_assert_true (http_fixture_download (&fixture, request, out, progress, &proof, &error));
  g_assert_no_error (error);
  g_assert_true (proof.length_matched);
  g_assert_cmpint (proof.content_length, ==, BIG_BYTES);
  g_assert_cmpstr (proof.etag, ==, "\"v1\"");
  g_assert_cmpstr (proof.digest, ==, "abc=");
  g_assert_cmpmem (out->data, proof.received_bytes, g_bytes_get_data (big, NULL), BIG_BYTES);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, BIG_BYTES);
  g_assert_cmpint (snapshot.bytes_total, ==, BIG_BYTES);
}

/* Takes the form apart and answers with its size. */
static void
take_form (RepriseFaultCall *call, gpointer data)
{
  g_autofree char *type = reprise_fault_call_dup_header (call, "Content-Type");
  g_autofree char *answer = g_strdup_printf ("{\"size\":%" G_GUINT64_FORMAT "}", call->body_size);
  g_autofree char *begin = g_strdup_printf (
    "--%s\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--%s\r\n"
    "Content-Disposition: form-data; name=\"file\"; "
    "filename=\"a%%22b.nbdump\"\r\nContent-Type: application/zip\r\n\r\n",
    strchr (type, '=') + 1, strchr (type, '=') + 1);

  g_assert_true (g_str_has_prefix (type, "multipart/form-data; boundary="));
  g_assert_cmpmem (g_bytes_get_data (call->body, NULL), strlen (begin), begin, strlen (begin));
  reprise_fault_answer (call, 200, "application/json", answer);
}

static void
test_upload_form (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "up", REPRISE_HTTP_START);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *expected = NULL;

  http_fixture_set_up (&fixture, take_form);
  reprise_http_request_add_part (request, "note", "hello");
  reprise_http_request_add_part_stream (request, "file", "a\"b.nbdump", "application/zip",
                                        BIG_BYTES, http_fixture_open_bytes, g_bytes_ref (big),
                                        (GDestroyNotify) g_bytes_unref);
  response = reprise_http_send (fixture.http, request, progress, NULL, &error);
  g_assert_no_error (error);
  expected = g_strdup_printf ("{\"size\":%" G_GINT64_FORMAT "}",
                              reprise_http_request_get_body_size (request));
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, expected);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, reprise_http_request_get_body_size (request));
}

typedef struct
{
  HttpFixture *fixture;
  RepriseHttpRequest *request;
  RepriseProgress *progress;
  GError *error;
  int done; /* (atomic) */
} Sending;

static gpointer
send_worker (gpointer data)
{
  Sending *sending = data;
  g_autoptr (RepriseHttpResponse) response = reprise_http_send (
    sending->fixture->http, sending->request, sending->progress, NULL, &sending->error);

  g_assert_null (response);
  g_atomic_int_set (&sending->done, 1);
  return NULL;
}

/* A request without a progress of its own, in a job. */
static gpointer
send_untold_worker (gpointer data)
{
  Sending *sending = data;

  reprise_http_set_teller (g_steal_pointer (&sending->progress));
  send_worker (sending);
  reprise_http_set_teller (NULL);
  return NULL;
}

static void
check_stall_is_said (GThreadFunc worker)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  Sending sending = { &fixture, request, progress, NULL, 0 };
  GThread *thread;
  gboolean said = FALSE;

  http_fixture_set_up (&fixture, http_fixture_silent);
  fixture.n = 2;
  reprise_http_request_set_max_tries (request, 1);
  reprise_http_request_set_stall (request, 1024, 1200);
  thread = g_thread_new ("send", worker, &sending);
  while (g_atomic_int_get (&sending.done) == 0)
    {
      g_auto (RepriseProgressSnapshot) snapshot = { 0 };

      reprise_progress_get_snapshot (progress, &snapshot);
      said |= snapshot.message != NULL &&
              strstr (snapshot.message, "has not responded for 1 second") != NULL;
      g_usleep (10000);
    }
  g_thread_join (thread);
  g_assert_true (said);
  g_assert_error (sending.error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_clear_error (&sending.error);
}

/* A stall is said aloud before it is an error, of a request without a progress of its own too: nothing else is seen while it waits. */
static void
test_stall_is_said (void)
{
  check_stall_is_said (send_worker);
  check_stall_is_said (send_untold_worker);
}

/* A sink that is slow is not a server that stalls. */
static gboolean
slow_write (gconstpointer data,
            gsize size,
            gpointer user_data,
            GCancellable *cancellable,
            GError **error)
{
  guint64 *total = user_data;

  if (*total == 0)
    g_usleep (700000);
  *total += size;
  return TRUE;
}

static void
test_slow_sink (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  RepriseHttpSink sink = { .write = slow_write };
  g_autoptr (GError) error = NULL;
  guint64 total = 0;

  http_fixture_set_up (&fixture, http_fixture_serve_big);
  reprise_http_request_set_stall (request, 1024, 200);
  g_assert_true (
    reprise_http_download (fixture.http, request, &sink, &total, NULL, NULL, NULL, &error));
  g_assert_cmpuint (total, ==, BIG_BYTES);
  g_assert_cmpuint (reprise_http_request_get_tries (request), ==, 1);
}

/* Nor is a slow disk. */
static GInputStream *
open_slowly (gpointer data, GCancellable *cancellable, GError **error)
{
  g_usleep (700000);
  return g_memory_input_stream_new_from_bytes (data);
}

static void
test_slow_source (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_http_request_set_stall (request, 1024, 200);
  reprise_http_request_set_body_stream (request, "x/y", BIG_BYTES, open_slowly, g_bytes_ref (big),
                                        (GDestroyNotify) g_bytes_unref);
  g_assert_true (http_fixture_send (&fixture, request, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_http_request_get_tries (request), ==, 1);
}

static gboolean
take_nothing (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_print (call, "HTTP/1.1 100 Continue\r\n\r\n");
  reprise_fault_sleep (call, 5000);
  reprise_fault_close (call);
  return FALSE;
}

static void
test_upload_stalls (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GBytes) big = g_bytes_new_take (g_malloc0 (64 * 1024 * 1024), 64 * 1024 * 1024);
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_fault_server_set_gate (fixture.server, take_nothing);
  reprise_http_request_set_stall (request, 1024, 200);
  reprise_http_request_set_max_tries (request, 2);
  http_fixture_set_big_body (request, big);
  g_assert_null (reprise_http_send (fixture.http, request, progress, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, 0); /* what was sent in vain does not count */
}

/* The file is shorter than it was said to be: nobody waits for the rest. */
static void
test_source_too_short (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_http_request_set_body_stream (request, "x/y", BIG_BYTES + 1, http_fixture_open_bytes,
                                        g_bytes_ref (big), (GDestroyNotify) g_bytes_unref);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "The file became shorter while it was being sent.");
  g_assert_cmpuint (reprise_http_request_get_tries (request), ==, 1);
}

static GInputStream *
open_path (gpointer path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return G_INPUT_STREAM (g_file_read (file, cancellable, error));
}

static void
test_source_is_gone (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_http_request_set_body_stream (request, "text/plain", 5, open_path,
                                        (gpointer) "/nowhere/file", NULL);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* Serves @fixture->data with its entity tag and ranges, and breaks off at cut points until there are none left. */
typedef struct
{
  GBytes *bytes;
  const char *etag;
  gsize cuts[8];
  guint n_cuts;
  guint at;        /* the next cut */
  gboolean deaf;   /* to ranges */
  GBytes *changed; /* (nullable): what it is from the second request on */
} Blob;

static void
serve_blob (RepriseFaultCall *call, gpointer data)
{
  Blob *blob = ((HttpFixture *) data)->data;
  g_autofree char *range = reprise_fault_call_dup_header (call, "Range");
  g_autofree char *match = reprise_fault_call_dup_header (call, "If-Match");
  gsize offset =
    range != NULL && !blob->deaf ? g_ascii_strtoull (range + strlen ("bytes="), NULL, 10) : 0;
  gsize size, end;
  const char *bytes;

  if (blob->changed != NULL && call->index == 2)
    {
      blob->bytes = blob->changed;
      blob->etag = "\"v2\"";
    }
  bytes = g_bytes_get_data (blob->bytes, &size);
  if (match != NULL && !blob->deaf && g_strcmp0 (match, blob->etag) != 0)
    {
      reprise_fault_print (call, "HTTP/1.1 412 X\r\nContent-Length: 0\r\n\r\n");
      return;
    }
  if (offset > 0)
    reprise_fault_print (call, "HTTP/1.1 206 X\r\nContent-Range: bytes %zu-%zu/%zu\r\n", offset,
                         size - 1, size);
  else
    reprise_fault_print (call, "HTTP/1.1 200 X\r\n");
  reprise_fault_print (call, "ETag: %s\r\nContent-Length: %zu\r\n\r\n", blob->etag, size - offset);
  end = blob->at < blob->n_cuts ? blob->cuts[blob->at++] : size;
  end = MAX (end, offset);
  reprise_fault_write (call, bytes + offset, end - offset);
  if (end < size)
    reprise_fault_close (call);
}

static void
assert_download (HttpFixture *fixture, GBytes *expected, guint tries, guint resumed)
{
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("blob");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_auto (RepriseHttpProof) proof = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (http_fixture_download (fixture, request, out, progress, &proof, &error));
  g_assert_no_error (error);
  g_assert_true (proof.length_matched);
  g_assert_cmpuint (proof.tries, ==, tries);
  g_assert_cmpuint (proof.resumed, ==, resumed);
  g_assert_cmpmem (out->data, out->len, g_bytes_get_data (expected, NULL),
                   g_bytes_get_size (expected));
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, g_bytes_get_size (expected));
}

/* Cut at fifty places, and many times in one download: the right bytes each time. */
static void
test_resume (void)
{
  g_autoptr (GBytes) big = http_fixture_make_big ();

  for (int i = 0; i < 50; i++)
    {
      g_auto (HttpFixture) fixture = { 0 };
      Blob blob = { .bytes = big, .etag = "\"v1\"", .n_cuts = 1 };

      blob.cuts[0] = 1 + (gsize) g_random_int_range (0, BIG_BYTES - 1);
      http_fixture_set_up (&fixture, serve_blob);
      fixture.data = &blob;
      assert_download (&fixture, big, 2, 1);
    }
}

static void
test_resume_often (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (GBytes) big = http_fixture_make_big ();
  Blob blob = { .bytes = big,
                .etag = "\"v1\"",
                .cuts = { 1, 2, 3, 1000, 2000000, 2000001, BIG_BYTES - 1 },
                .n_cuts = 7 };

  http_fixture_set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, big, 8, 7);
}

/* It changed in between: begun anew, never mixed. */
static void
test_resume_changed (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autoptr (GBytes) other = g_bytes_new_take (g_malloc0 (3000000), 3000000);
  Blob blob = {
    .bytes = big, .etag = "\"v1\"", .cuts = { 2000000 }, .n_cuts = 1, .changed = other
  };

  http_fixture_set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, other, 3, 0);
}

/* The server does not know ranges and gives it all again. */
static void
test_resume_deaf (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (GBytes) big = http_fixture_make_big ();
  Blob blob = { .bytes = big, .etag = "\"v1\"", .cuts = { 2000000 }, .n_cuts = 1, .deaf = TRUE };

  http_fixture_set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, big, 2, 0);
}

/* A weak tag does not stand for the same bytes. */
static void
test_resume_weak (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autofree char *heads = NULL;
  Blob blob = { .bytes = big, .etag = "W/\"v1\"", .cuts = { 2000000 }, .n_cuts = 1 };

  http_fixture_set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, big, 2, 0);
  heads = reprise_fault_server_dup_heads (fixture.server);
  g_assert_null (strstr (heads, "Range:"));
}

/* A sink that cannot forget and a server that cannot resume: an error, not a mixture. */
static void
test_resume_impossible (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (GBytes) big = http_fixture_make_big ();
  Blob blob = { .bytes = big, .etag = "W/\"v1\"", .cuts = { 2000000 }, .n_cuts = 1 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("blob");
  RepriseHttpSink sink = { .write = slow_write };
  guint64 total = 1;
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, serve_blob);
  fixture.data = &blob;
  g_assert_false (
    reprise_http_download (fixture.http, request, &sink, &total, NULL, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
}

static gboolean
full_write (gconstpointer data,
            gsize size,
            gpointer user_data,
            GCancellable *cancellable,
            GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "No space left on device");
  return FALSE;
}

static void
test_sink_fails (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  RepriseHttpSink sink = { .write = full_write };
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_serve_big);
  g_assert_false (
    reprise_http_download (fixture.http, request, &sink, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
}

static void
gzipped (RepriseFaultCall *call, gpointer data)
{
  g_autofree char *accept = reprise_fault_call_dup_header (call, "Accept-Encoding");

  g_assert_cmpstr (accept, ==, "gzip, identity");
  reprise_fault_print (
    call, "HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b__");
}

/* Whoever asks for gzip gets the bytes as they are. */
static void
test_raw_gzip (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, gzipped);
  reprise_http_request_set_accept_gzip (request, TRUE);
  response = reprise_http_send (fixture.http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, "\x1f\x8b__");
  g_assert_cmpstr (reprise_http_response_get_header (response, "content-encoding"), ==, "gzip");
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    GTestFunc func;
  } tests[] = {
    { "download", test_download },
    { "download-proven", test_download_proven },
    { "upload-form", test_upload_form },
    { "stall/is-said", test_stall_is_said },
    { "stall/slow-sink", test_slow_sink },
    { "stall/slow-source", test_slow_source },
    { "stall/upload", test_upload_stalls },
    { "source/too-short", test_source_too_short },
    { "source/is-gone", test_source_is_gone },
    { "resume", test_resume },
    { "resume/often", test_resume_often },
    { "resume/changed", test_resume_changed },
    { "resume/deaf", test_resume_deaf },
    { "resume/weak", test_resume_weak },
    { "resume/impossible", test_resume_impossible },
    { "sink-fails", test_sink_fails },
    { "raw-gzip", test_raw_gzip },
  };

  reprise_test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/http/", tests[i].path, NULL);

      g_test_add_func (path, tests[i].func);
    }
  return g_test_run ();
}
