/* test-http.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "net/reprise-http-header.h"
#include "net/reprise-http-private.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

#define BIG_BYTES (5 * 1024 * 1024 + 17)

typedef struct
{
  RepriseFaultServer *server; /* (owned) */
  RepriseHttp *http;          /* (owned) */
  gpointer data;              /* of a handler */
  int n;                      /* (atomic): a count of a handler */
} Fixture;

static void
set_up (Fixture *fixture, RepriseFaultHandler handler)
{
  *fixture = (Fixture){ 0 };
  fixture->server = reprise_fault_server_new (handler, fixture);
  fixture->http = reprise_fault_server_connect (fixture->server);
}

static void
tear_down (Fixture *fixture)
{
  g_clear_object (&fixture->http);
  g_clear_pointer (&fixture->server, reprise_fault_server_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, tear_down)

static RepriseHttpRequest *
get_request (const char *path)
{
  return reprise_http_request_new ("GET", path, REPRISE_HTTP_READ);
}

/* Sends it and drops the answer. %FALSE with @error. */
static gboolean
send (Fixture *fixture, RepriseHttpRequest *request, GError **error)
{
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (fixture->http, request, NULL, NULL, error);

  return response != NULL;
}

static void
hello (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 200, "application/json", "{\"data\":[]}");
}

static GBytes *
make_big (void)
{
  guchar *data = g_malloc (BIG_BYTES);

  for (gsize i = 0; i < BIG_BYTES; i++)
    data[i] = (guchar) (i * 2654435761u >> 11);
  return g_bytes_new_take (data, BIG_BYTES);
}

static GInputStream *
open_bytes (gpointer data, GCancellable *cancellable, GError **error)
{
  return g_memory_input_stream_new_from_bytes (data);
}

static void
set_big_body (RepriseHttpRequest *request, GBytes *bytes)
{
  reprise_http_request_set_body_stream (request, "application/octet-stream",
                                        g_bytes_get_size (bytes), open_bytes, g_bytes_ref (bytes),
                                        (GDestroyNotify) g_bytes_unref);
}

static void
test_get (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("api/backups:list");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *heads = NULL;

  set_up (&fixture, hello);
  reprise_http_set_header (fixture.http, "X-Locale", "en-US");
  reprise_http_request_add_query (request, "filterByTk", "a b+c&d/é");
  reprise_http_request_set_header (request, "X-Role", "root");
  reprise_http_request_set_expected_type (request, "application/json");
  response = reprise_http_send (fixture.http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_http_response_get_status (response), ==, 200);
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, "{\"data\":[]}");
  g_assert_true (reprise_http_response_is_length_proven (response));
  heads = reprise_fault_server_dup_heads (fixture.server);
  g_assert_true (g_str_has_prefix (
    heads, "GET /api/backups:list?filterByTk=a%20b%2Bc%26d%2F%C3%A9 HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (heads, "\r\nAccept-Encoding: identity\r\n"));
  g_assert_nonnull (strstr (heads, "\r\nX-Locale: en-US\r\n"));
  g_assert_nonnull (strstr (heads, "\r\nX-Role: root\r\n"));
}

static void
test_addresses (void)
{
  static const char *const bad[] = {
    "",
    "example.org",
    "ftp://example.org/",
    "http://",
    "https://joe:secret@example.org/",
    "https://example.org/?a=b",
    "https://exa mple.org/",
    "https://example.org/#x",
    "https:///path",
    "http://example.org:99999/",
  };
  static const struct
  {
    const char *address;
    const char *expected;
    const char *name;
  } good[] = {
    { " https://example.org ", "https://example.org/", "example.org" },
    { "http://example.org:13000/nocobase", "http://example.org:13000/nocobase/",
      "example.org:13000" },
    { "http://[::1]:5984/", "http://[::1]:5984/", "[::1]:5984" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (reprise_http_parse_address (bad[i], &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
      g_assert_null (strstr (error->message, "secret"));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GUri) uri = reprise_http_parse_address (good[i].address, NULL);
      g_autofree char *text = g_uri_to_string (uri);
      g_autofree char *name = reprise_http_get_uri_name (uri);

      g_assert_cmpstr (text, ==, good[i].expected);
      g_assert_cmpstr (name, ==, good[i].name);
    }
}

static void
test_path (void)
{
  g_autofree char *path = reprise_http_path ("a/b+c", "_design", "é x:y", NULL);

  g_assert_cmpstr (path, ==, "a%2Fb%2Bc/_design/%C3%A9%20x:y");
}

static void
test_headers (void)
{
  static const char *const bad_lengths[] = {
    "", "-1", "+5", "5, 5", "5 ", "0x5", "9999999999999999999"
  };
  static const char *const bad_ranges[] = {
    "",           "bytes",       "bytes 5-4/9",  "bytes 0-9/5",
    "bytes 0-9/", "items 0-1/2", "bytes -1-5/9", "bytes 0-9/10x"
  };
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 10, 0, 0);
  gint64 length = 0, total = 0;
  guint64 first = 0, last = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (bad_lengths); i++)
    g_assert_false (reprise_http_parse_length (bad_lengths[i], &length));
  g_assert_true (reprise_http_parse_length ("0123", &length));
  g_assert_cmpint (length, ==, 123);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_ranges); i++)
    g_assert_false (reprise_http_parse_content_range (bad_ranges[i], &first, &last, &total));
  g_assert_true (reprise_http_parse_content_range ("bytes 5-9/10", &first, &last, &total));
  g_assert_true (first == 5 && last == 9 && total == 10);
  g_assert_true (reprise_http_parse_content_range ("bytes 5-9/*", &first, &last, &total));
  g_assert_cmpint (total, ==, -1);
  g_assert_cmpint (reprise_http_parse_retry_after ("120", now), ==, 120);
  g_assert_cmpint (reprise_http_parse_retry_after ("-2147483648", now), ==, -1);
  g_assert_cmpint (reprise_http_parse_retry_after ("soon", now), ==, -1);
  g_assert_cmpint (reprise_http_parse_retry_after ("Sat, 21 Nov 2026 10:02:00 GMT", now), ==, 120);
  g_assert_cmpint (reprise_http_parse_retry_after ("Sat, 21 Nov 2026 09:02:00 GMT", now), ==, 0);
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
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_auto (RepriseHttpProof) proof = { 0 };

  set_up (&fixture, chunked);
  g_assert_true (
    reprise_http_download_to_stream (fixture.http, request, out, NULL, &proof, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (proof.length_matched);
  g_assert_cmpint (proof.content_length, ==, -1);
  g_assert_cmpuint (proof.received_bytes, ==, 7);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)), 7, "abcdefg", 7);
}

static void
serve_big (RepriseFaultCall *call, gpointer data)
{
  g_autoptr (GBytes) big = make_big ();

  reprise_fault_print (
    call, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: \"v1\"\r\nContent-MD5: abc=\r\n\r\n",
    BIG_BYTES);
  reprise_fault_write (call, g_bytes_get_data (big, NULL), BIG_BYTES);
}

static void
test_download_proven (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) big = make_big ();
  g_auto (RepriseHttpProof) proof = { 0 };

  set_up (&fixture, serve_big);
  reprise_http_request_set_reports_total (request, TRUE);
  g_assert_true (
    reprise_http_download_to_stream (fixture.http, request, out, progress, &proof, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (proof.length_matched);
  g_assert_cmpint (proof.content_length, ==, BIG_BYTES);
  g_assert_cmpstr (proof.etag, ==, "\"v1\"");
  g_assert_cmpstr (proof.digest, ==, "abc=");
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)),
                   proof.received_bytes, g_bytes_get_data (big, NULL), BIG_BYTES);
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
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "up", REPRISE_HTTP_START);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GBytes) big = make_big ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *expected = NULL;

  set_up (&fixture, take_form);
  reprise_http_request_add_part (request, "note", "hello");
  reprise_http_request_add_part_stream (request, "file", "a\"b.nbdump", "application/zip",
                                        BIG_BYTES, open_bytes, g_bytes_ref (big),
                                        (GDestroyNotify) g_bytes_unref);
  response = reprise_http_send (fixture.http, request, progress, NULL, &error);
  g_assert_no_error (error);
  expected = g_strdup_printf ("{\"size\":%" G_GINT64_FORMAT "}",
                              reprise_http_request_get_body_size (request));
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, expected);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, reprise_http_request_get_body_size (request));
}

/* A server that accepts the token of one period only, and counts the periods. */
typedef struct
{
  int period;     /* (atomic): whose token is good */
  int have;       /* (atomic): whose token the client has */
  int n_renewed;  /* (atomic) */
  int n_at_once;  /* (atomic): renewals that run */
  int n_failed;   /* (atomic): requests */
  gboolean never; /* no token is ever good */
  int n_answered; /* (atomic) */
  int ended;      /* (atomic) */
} Tokens;

static void
check_token (RepriseFaultCall *call, gpointer data)
{
  Tokens *tokens = ((Fixture *) data)->data;
  g_autofree char *authorisation = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *good = g_strdup_printf ("Bearer %d", g_atomic_int_get (&tokens->period));

  if (tokens->never || g_strcmp0 (authorisation, good) != 0)
    reprise_fault_answer (call, 401, "application/json",
                          "{\"errors\":[{\"message\":\"expired\"}]}");
  else
    reprise_fault_answer (call, 200, "application/json", "{}");
}

static gboolean
apply_token (RepriseHttpRequest *request,
             RepriseHttpGrant *grant,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  Tokens *tokens = data;
  g_autofree char *value = g_strdup_printf ("Bearer %d", g_atomic_int_get (&tokens->have));

  reprise_http_grant_set_header (grant, "Authorization", value);
  return TRUE;
}

static gboolean
renew_token (gpointer data, GCancellable *cancellable, GError **error)
{
  Tokens *tokens = data;

  g_assert_cmpint (g_atomic_int_add (&tokens->n_at_once, 1), ==, 0);
  g_atomic_int_inc (&tokens->n_renewed);
  g_usleep (5000);
  g_atomic_int_set (&tokens->have, g_atomic_int_get (&tokens->period));
  g_atomic_int_add (&tokens->n_at_once, -1);
  return TRUE;
}

static gboolean
renew_in_vain (gpointer data, GCancellable *cancellable, GError **error)
{
  Tokens *tokens = data;

  g_atomic_int_inc (&tokens->n_renewed);
  g_usleep (50000);
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN, "The session has ended.");
  return FALSE;
}

static void
sign_in (Fixture *fixture, Tokens *tokens, gboolean (*renew) (gpointer, GCancellable *, GError **))
{
  RepriseHttpAuthFuncs funcs = { apply_token, renew, NULL };
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&funcs, tokens, NULL);

  fixture->data = tokens;
  reprise_http_set_auth (fixture->http, auth);
}

static gpointer
ask_until_the_end (gpointer data)
{
  Fixture *fixture = data;
  Tokens *tokens = fixture->data;

  while (!g_atomic_int_get (&tokens->ended))
    {
      g_autoptr (RepriseHttpRequest) request = get_request ("x");

      if (send (fixture, request, NULL))
        g_atomic_int_inc (&tokens->n_answered);
      else
        g_atomic_int_inc (&tokens->n_failed);
    }
  return NULL;
}

/* Until so many more requests were answered; a slow machine only takes longer. */
static void
wait_for_answers (Tokens *tokens, int n)
{
  int wanted = g_atomic_int_get (&tokens->n_answered) + n;

  while (g_atomic_int_get (&tokens->n_answered) < wanted &&
         g_atomic_int_get (&tokens->n_failed) == 0)
    g_usleep (1000);
}

/* Tokens end nine times, four requests at a time: one renewal for each end, and nobody notices. */
static void
test_sign_in_expires (void)
{
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { 0 };
  GThread *threads[4];

  set_up (&fixture, check_token);
  sign_in (&fixture, &tokens, renew_token);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("ask", ask_until_the_end, &fixture);
  for (int i = 0; i < 9; i++)
    {
      wait_for_answers (&tokens, 100);
      g_atomic_int_inc (&tokens.period);
    }
  wait_for_answers (&tokens, 100);
  g_atomic_int_set (&tokens.ended, 1);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (tokens.n_failed, ==, 0);
  g_assert_cmpint (tokens.n_renewed, ==, 9);
}

static void
test_sign_in_twice_refused (void)
{
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { .never = TRUE };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (GError) error = NULL;

  set_up (&fixture, check_token);
  sign_in (&fixture, &tokens, renew_token);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_cmpint (tokens.n_renewed, ==, 1);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 2);
}

static gpointer
ask_once (gpointer data)
{
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  GError *error = NULL;

  g_assert_false (send (data, request, &error));
  return error;
}

/* Four wait for the same renewal; it fails once, for all of them. */
static void
test_sign_in_fails_for_all (void)
{
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { .never = TRUE };
  g_autoptr (GError) late = NULL;
  GThread *threads[4];

  set_up (&fixture, check_token);
  sign_in (&fixture, &tokens, renew_in_vain);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("ask", ask_once, &fixture);
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GError) error = g_thread_join (threads[i]);

      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
      g_assert_cmpstr (error->message, ==, "The session has ended.");
    }
  g_assert_cmpint (tokens.n_renewed, ==, 1);
  g_clear_error (&late);
  late = ask_once (
    &fixture); /* nor does the next one try what has just failed: accounts get locked by that */
  g_assert_error (late, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_cmpint (tokens.n_renewed, ==, 1);
  reprise_http_auth_reset (fixture.http->auth);
  g_clear_error (&late);
  late = ask_once (&fixture);
  g_assert_cmpint (tokens.n_renewed, ==, 2);
}

/* What starts something is repeated after a 401, since the server did nothing. */
static void
test_sign_in_start (void)
{
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { .period = 1 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  set_up (&fixture, check_token);
  sign_in (&fixture, &tokens, renew_token);
  g_assert_true (send (&fixture, request, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 2);
}

/* An anonymous request carries no credential and its 401 is final. */
static void
test_anonymous (void)
{
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;

  set_up (&fixture, check_token);
  sign_in (&fixture, &tokens, renew_token);
  reprise_http_request_set_anonymous (request, TRUE);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_true (g_str_has_prefix (error->message, reprise_http_get_name (fixture.http)));
  g_assert_true (g_str_has_suffix (
    error->message, " does not accept the sign-in. Sign in again. (HTTP 401) It says: expired"));
  heads = reprise_fault_server_dup_heads (fixture.server);
  g_assert_null (strstr (heads, "Authorization"));
  g_assert_cmpint (tokens.n_renewed, ==, 0);
}

static void
drop (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_reset (call);
}

/* A request that starts something got no answer: it is not sent twice, and the caller learns what is not known. */
static void
test_start_lost (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "create", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  set_up (&fixture, drop);
  reprise_http_request_set_body_text (request, "application/json", "{}");
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
  g_assert_cmpint (reprise_http_request_get_outcome (request), ==, REPRISE_HTTP_NO_ANSWER);
}

static void
busy (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 503, "application/json", "{\"error\":{\"message\":\"load plugin\"}}");
}

static void
test_start_refused (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "create", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  set_up (&fixture, busy);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "load plugin"));
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
  g_assert_cmpint (reprise_http_request_get_outcome (request), ==, REPRISE_HTTP_ANSWERED);
}

static void
note_entry (const RepriseHttpLogEntry *entry, gpointer data)
{
  g_string_append_printf (data, "%s %s %u try %u%s\n", entry->method, entry->path, entry->status,
                          entry->try, entry->delay_ms >= 0 ? " again" : "");
}

static void
test_eight_tries (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("a");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  set_up (&fixture, busy);
  reprise_http_set_log (fixture.http, note_entry, log, NULL);
  reprise_http_request_add_query (request, "sig", "canary");
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 8);
  g_assert_cmpuint (reprise_http_request_get_tries (request), ==, 8);
  g_assert_true (g_str_has_prefix (log->str, "GET /a 503 try 1 again\nGET /a 503 try 2 again\n"));
  g_assert_true (g_str_has_suffix (log->str, "GET /a 503 try 8\n"));
  g_assert_null (strstr (log->str, "canary"));
}

static void
test_backoff (void)
{
  g_autoptr (RepriseHttp) http = reprise_http_new ("http://127.0.0.1:1/", NULL, NULL);
  guint highest = 0;

  for (guint try = 1; try <= 40; try++)
    for (int i = 0; i < 50; i++)
      g_assert_cmpuint (reprise_http_get_backoff (http, try, -1), <=,
                        MIN (300000, 1000u << MIN (try - 1, 9)));
  for (int i = 0; i < 200; i++)
    {
      guint wait = reprise_http_get_backoff (http, 4, -1);

      highest = MAX (highest, wait);
    }
  g_assert_cmpuint (highest, >, 4000);
  g_assert_cmpuint (reprise_http_get_backoff (http, 1, 7), >=, 7000);
  g_assert_cmpuint (reprise_http_get_backoff (http, 8, 7), <=, 8000);
}

static void
wait_a_second (RepriseFaultCall *call, gpointer data)
{
  Fixture *fixture = data;

  if (g_atomic_int_add (&fixture->n, 1) == 0)
    reprise_fault_print (call, "HTTP/1.1 429 X\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
  else
    hello (call, data);
}

static void
test_retry_after (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) log = NULL;
  gint64 start = g_get_monotonic_time ();

  set_up (&fixture, wait_a_second);
  response = reprise_http_send (fixture.http, request, progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, G_USEC_PER_SEC);
  log = reprise_progress_take_log (progress);
  g_assert_cmpuint (g_strv_length (log), ==, 1);
  g_assert_nonnull (strstr (log[0], "GET /x"));
  g_assert_nonnull (strstr (log[0], "try 2 in 1.0 s"));
}

/* NocoBase answers 500 for what it does not find. */
static RepriseHttpVerdict
classify (RepriseHttpResponse *response, gpointer data, GError **error)
{
  if (reprise_http_response_get_status (response) == 500 &&
      strstr (reprise_http_response_get_text (response), "ENOENT"))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                           "The backup is not there.");
      return REPRISE_HTTP_GIVE_UP;
    }
  return REPRISE_HTTP_DEFAULT;
}

static void
answer_enoent (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 500, "application/json", "{\"errors\":[{\"code\":\"ENOENT\"}]}");
}

static void
test_classifier (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (GError) error = NULL;

  set_up (&fixture, answer_enoent);
  reprise_http_request_set_classifier (request, classify, NULL, NULL);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "The backup is not there.");
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
}

static void
not_found (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 404, "text/plain", "Not Found");
}

static void
test_allowed_status (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  set_up (&fixture, not_found);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  reprise_http_request_allow_status (request, 404);
  reprise_http_request_set_expected_type (request, "application/json");
  response = reprise_http_send (fixture.http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, "Not Found");
}

static void
endless (RepriseFaultCall *call, gpointer data)
{
  static const char chunk[] = "400\r\n";
  char block[1024];

  memset (block, ' ', sizeof block);
  reprise_fault_print (
    call,
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  while (reprise_fault_write (call, chunk, 5) && reprise_fault_write (call, block, sizeof block) &&
         reprise_fault_write (call, "\r\n", 2))
    ;
}

static void
test_limit (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (GError) error = NULL;

  set_up (&fixture, endless);
  reprise_http_request_set_max_bytes (request, 100000);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  tear_down (&fixture);
  g_clear_error (&error);
  set_up (&fixture, serve_big);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
}

/* Says nothing, at the place that @fixture->n names. */
static void
silent (RepriseFaultCall *call, gpointer data)
{
  Fixture *fixture = data;

  if (fixture->n > 0)
    reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  if (fixture->n > 1)
    reprise_fault_print (call, "12345");
  reprise_fault_sleep (call, 20000);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
assert_stops (Fixture *fixture, RepriseHttpRequest *request)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_http_send (fixture->http, request, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  g_thread_join (thread);
}

static gboolean
never_wanted (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_print (call, "HTTP/1.1 100 Continue\r\n\r\n");
  reprise_fault_sleep (call, 20000);
  reprise_fault_close (call);
  return FALSE;
}

/* Before anything, before the headers, in the body, before it is repeated, while a body is sent. */
static void
test_cancel (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (RepriseHttpRequest) put = reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GBytes) big = make_big ();
  g_autoptr (GError) error = NULL;

  set_up (&fixture, silent);
  g_cancellable_cancel (cancelled);
  g_assert_null (reprise_http_send (fixture.http, request, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  for (fixture.n = 0; fixture.n <= 2; fixture.n++)
    assert_stops (&fixture, request);
  tear_down (&fixture);
  set_up (&fixture, busy);
  reprise_http_set_backoff (fixture.http, 3600000, 3600000);
  assert_stops (&fixture, request);
  tear_down (&fixture);
  set_up (&fixture, hello);
  reprise_fault_server_set_gate (fixture.server, never_wanted);
  set_big_body (put, big);
  assert_stops (&fixture, put);
}

static void
test_deadline (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  set_up (&fixture, silent);
  reprise_http_request_set_stall (request, 1, 400);
  reprise_http_request_set_deadline (request, 200);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
}

typedef struct
{
  Fixture *fixture;
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

/* A stall is said aloud before it is an error. */
static void
test_stall_is_said (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  Sending sending = { &fixture, request, progress, NULL, 0 };
  GThread *thread;
  gboolean said = FALSE;

  set_up (&fixture, silent);
  fixture.n = 2;
  reprise_http_request_set_max_tries (request, 1);
  reprise_http_request_set_stall (request, 1024, 1200);
  thread = g_thread_new ("send", send_worker, &sending);
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
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  RepriseHttpSink sink = { .write = slow_write };
  g_autoptr (GError) error = NULL;
  guint64 total = 0;

  set_up (&fixture, serve_big);
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
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GBytes) big = make_big ();
  g_autoptr (GError) error = NULL;

  set_up (&fixture, hello);
  reprise_http_request_set_stall (request, 1024, 200);
  reprise_http_request_set_body_stream (request, "x/y", BIG_BYTES, open_slowly, g_bytes_ref (big),
                                        (GDestroyNotify) g_bytes_unref);
  g_assert_true (send (&fixture, request, &error));
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
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GBytes) big = g_bytes_new_take (g_malloc0 (64 * 1024 * 1024), 64 * 1024 * 1024);
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GError) error = NULL;

  set_up (&fixture, hello);
  reprise_fault_server_set_gate (fixture.server, take_nothing);
  reprise_http_request_set_stall (request, 1024, 200);
  reprise_http_request_set_max_tries (request, 2);
  set_big_body (request, big);
  g_assert_null (reprise_http_send (fixture.http, request, progress, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, 0); /* what was sent in vain does not count */
}

/* The file is shorter than it was said to be: nobody waits for the rest. */
static void
test_source_too_short (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GBytes) big = make_big ();
  g_autoptr (GError) error = NULL;

  set_up (&fixture, hello);
  reprise_http_request_set_body_stream (request, "x/y", BIG_BYTES + 1, open_bytes,
                                        g_bytes_ref (big), (GDestroyNotify) g_bytes_unref);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "The file became shorter while it was being sent.");
  g_assert_cmpuint (reprise_http_request_get_tries (request), ==, 1);
}

static void
test_source_is_gone (void)
{
  g_auto (Fixture) fixture = { 0 };
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GError) error = NULL;

  set_up (&fixture, hello);
  g_assert_true (g_file_set_contents (path, "hello", -1, &error));
  g_assert_true (reprise_http_request_set_body_file (request, "text/plain", file, &error));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  reprise_test_remove_folder (folder);
}

static gboolean
refuse_large (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 413, "text/html", "<html>413</html>");
  reprise_fault_close (call);
  return FALSE;
}

static gboolean
want_token (RepriseFaultCall *call, gpointer data)
{
  Tokens *tokens = ((Fixture *) data)->data;
  g_autofree char *authorisation = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *good = g_strdup_printf ("Bearer %d", tokens->period);

  if (g_strcmp0 (authorisation, good) == 0)
    return TRUE;
  reprise_fault_answer (call, 401, "text/plain", "no");
  reprise_fault_close (call);
  return FALSE;
}

/* A large body is announced: a refusal comes before it is sent. */
static void
test_expect_continue (void)
{
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { .period = 1 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GBytes) big = make_big ();
  g_autoptr (GError) error = NULL;

  set_up (&fixture, hello);
  set_big_body (request, big);
  reprise_fault_server_set_gate (fixture.server, refuse_large);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  g_assert_cmpuint (reprise_fault_server_get_received (fixture.server), <, 4096);
  g_clear_error (&error);
  reprise_fault_server_set_gate (fixture.server, want_token);
  sign_in (&fixture, &tokens, renew_token);
  g_assert_true (send (&fixture, request, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_received (fixture.server), <, BIG_BYTES + 8192);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 3);
}

/* A server that knows nothing of it gets the body all the same, and once. */
static void
test_expect_continue_unknown (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GBytes) big = make_big ();
  g_autoptr (GError) error = NULL;

  set_up (&fixture, hello);
  reprise_fault_server_set_silent_about_continue (fixture.server, TRUE);
  set_big_body (request, big);
  g_assert_true (send (&fixture, request, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 2);
  g_assert_cmpuint (reprise_fault_server_get_received (fixture.server), <, BIG_BYTES + 8192);
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
  Blob *blob = ((Fixture *) data)->data;
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
assert_download (Fixture *fixture, GBytes *expected, guint tries, guint resumed)
{
  g_autoptr (RepriseHttpRequest) request = get_request ("blob");
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_auto (RepriseHttpProof) proof = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (
    reprise_http_download_to_stream (fixture->http, request, out, progress, &proof, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (proof.length_matched);
  g_assert_cmpuint (proof.tries, ==, tries);
  g_assert_cmpuint (proof.resumed, ==, resumed);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out)),
                   g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, g_bytes_get_size (expected));
}

/* Cut at fifty places, and many times in one download: the right bytes each time. */
static void
test_resume (void)
{
  g_autoptr (GBytes) big = make_big ();

  for (int i = 0; i < 50; i++)
    {
      g_auto (Fixture) fixture = { 0 };
      Blob blob = { .bytes = big, .etag = "\"v1\"", .n_cuts = 1 };

      blob.cuts[0] = 1 + (gsize) g_random_int_range (0, BIG_BYTES - 1);
      set_up (&fixture, serve_blob);
      fixture.data = &blob;
      assert_download (&fixture, big, 2, 1);
    }
}

static void
test_resume_often (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GBytes) big = make_big ();
  Blob blob = { .bytes = big,
                .etag = "\"v1\"",
                .cuts = { 1, 2, 3, 1000, 2000000, 2000001, BIG_BYTES - 1 },
                .n_cuts = 7 };

  set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, big, 8, 7);
}

/* It changed in between: begun anew, never mixed. */
static void
test_resume_changed (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GBytes) big = make_big ();
  g_autoptr (GBytes) other = g_bytes_new_take (g_malloc0 (3000000), 3000000);
  Blob blob = {
    .bytes = big, .etag = "\"v1\"", .cuts = { 2000000 }, .n_cuts = 1, .changed = other
  };

  set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, other, 3, 0);
}

/* The server does not know ranges and gives it all again. */
static void
test_resume_deaf (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GBytes) big = make_big ();
  Blob blob = { .bytes = big, .etag = "\"v1\"", .cuts = { 2000000 }, .n_cuts = 1, .deaf = TRUE };

  set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, big, 2, 0);
}

/* A weak tag does not stand for the same bytes. */
static void
test_resume_weak (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GBytes) big = make_big ();
  g_autofree char *heads = NULL;
  Blob blob = { .bytes = big, .etag = "W/\"v1\"", .cuts = { 2000000 }, .n_cuts = 1 };

  set_up (&fixture, serve_blob);
  fixture.data = &blob;
  assert_download (&fixture, big, 2, 0);
  heads = reprise_fault_server_dup_heads (fixture.server);
  g_assert_null (strstr (heads, "Range:"));
}

/* A sink that cannot forget and a server that cannot resume: an error, not a mixture. */
static void
test_resume_impossible (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GBytes) big = make_big ();
  Blob blob = { .bytes = big, .etag = "W/\"v1\"", .cuts = { 2000000 }, .n_cuts = 1 };
  g_autoptr (RepriseHttpRequest) request = get_request ("blob");
  RepriseHttpSink sink = { .write = slow_write };
  guint64 total = 1;
  g_autoptr (GError) error = NULL;

  set_up (&fixture, serve_blob);
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
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  RepriseHttpSink sink = { .write = full_write };
  g_autoptr (GError) error = NULL;

  set_up (&fixture, serve_big);
  g_assert_false (
    reprise_http_download (fixture.http, request, &sink, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
}

/* Sends on to @fixture->data, or within itself where that is none. */
static void
send_on (RepriseFaultCall *call, gpointer data)
{
  const char *to = ((Fixture *) data)->data;

  if (g_strcmp0 (call->path, "/new") == 0)
    hello (call, data);
  else
    reprise_fault_print (call, "HTTP/1.1 302 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                         to != NULL ? to : "/new");
}

static void
test_redirect_within (void)
{
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("old");
  g_autoptr (RepriseHttpRequest) post =
    reprise_http_request_new ("POST", "old", REPRISE_HTTP_WRITE);
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;

  set_up (&fixture, send_on);
  sign_in (&fixture, &tokens, renew_token);
  fixture.data = NULL;
  g_assert_true (send (&fixture, request, &error));
  heads = reprise_fault_server_dup_heads (fixture.server);
  g_assert_nonnull (strstr (strstr (heads, "GET /new"), "Authorization: Bearer"));
  g_assert_false (send (&fixture, post, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
}

/* To a storage that was named, and without anything that is secret. */
static void
test_redirect_to_storage (void)
{
  g_auto (Fixture) storage = { 0 };
  g_auto (Fixture) fixture = { 0 };
  Tokens tokens = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("old");
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;
  g_autofree char *to = NULL;

  set_up (&storage, hello);
  set_up (&fixture, send_on);
  sign_in (&fixture, &tokens, renew_token);
  to = g_strdup_printf ("http://127.0.0.1:%u/blob?sig=x",
                        reprise_fault_server_get_port (storage.server));
  fixture.data = to;
  reprise_http_set_header (fixture.http, "X-Api-Key", "canary");
  reprise_http_request_set_header (request, "X-Authenticator", "canary");
  reprise_http_request_set_header (request, "Accept", "x/y");
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
  g_assert_null (strstr (error->message, "sig="));
  g_assert_cmpuint (reprise_fault_server_get_n_calls (storage.server), ==, 0);
  g_clear_error (&error);
  reprise_http_request_allow_redirect_to (request, "127.0.0.*");
  g_assert_true (send (&fixture, request, &error));
  g_assert_no_error (error);
  heads = reprise_fault_server_dup_heads (storage.server);
  g_assert_true (g_str_has_prefix (heads, "GET /blob?sig=x HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (heads, "Accept: x/y"));
  g_assert_null (strstr (heads, "canary"));
  g_assert_null (strstr (heads, "Bearer"));
}

static void
explain (RepriseFaultCall *call, gpointer data)
{
  const char *const *answer = ((Fixture *) data)->data;

  reprise_fault_answer (call, 400, answer[0], answer[1]);
}

/* What services put into the body of an error. */
static void
test_explanations (void)
{
  static const char *const cases[][3] = {
    { "application/json", "{\"errors\":[{\"message\":\"No permissions\"}]}", "No permissions" },
    { "application/json", "{\"error\":{\"code\":\"X\",\"message\":\"A b.\"}}", "A b." },
    { "application/json; charset=utf-8", "{\"error\":\"not_found\",\"reason\":\"missing\"}",
      "missing" },
    { "application/problem+json", "{\"title\":\"T\",\"detail\":\"D\"}", "D" },
    { "application/json", "{\"Code\":\"C\",\"Message\":\"Old form\"}", "Old form" },
    { "application/json",
      "{\"data\":{\"status\":\"error\",\"message\":\"Backup file x not found\"}}",
      "Backup file x not found" },
    { "application/json", "{\"error\":\"invalid_grant\",\"error_description\":\"gone\"}", "gone" },
    { "application/xml", "<?xml?><Error><Code>C</Code><Message>Line\none</Message></Error>",
      "Line one" },
    { "text/plain", "404 page not found\n", "404 page not found" },
    { "text/plain", "token=abcdefgh", "token=•••" },
    { "text/html", "<html>no</html>", NULL },
    { "application/json", "{\"error\":", NULL },
    { "application/json", "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture = { 0 };
      g_autoptr (RepriseHttpRequest) request = get_request ("x");
      g_autoptr (GError) error = NULL;
      g_autofree char *suffix = g_strdup_printf ("It says: %s", cases[i][2]);

      set_up (&fixture, explain);
      fixture.data = (gpointer) cases[i];
      g_assert_false (send (&fixture, request, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
      if (cases[i][2] != NULL)
        g_assert_true (g_str_has_suffix (error->message, suffix));
      else
        g_assert_null (strstr (error->message, "It says"));
    }
}

static gboolean
check_second (gpointer data, GCancellable *cancellable, GError **error)
{
  int *n = data;

  if (++*n == 2)
    return TRUE;
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, "not there");
  return FALSE;
}

/* A write is read back, and done again where it is not there. */
static void
test_check (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GError) error = NULL;
  int n = 0;

  set_up (&fixture, hello);
  reprise_http_request_set_body_text (request, "text/plain", "x");
  reprise_http_request_set_check (request, check_second, &n, NULL);
  g_assert_true (send (&fixture, request, &error));
  g_assert_cmpuint (reprise_http_request_get_tries (request), ==, 2);
}

static void
slow_hello (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_sleep (call, 300);
  hello (call, data);
}

static gpointer
ask_well (gpointer data)
{
  g_autoptr (RepriseHttpRequest) request = get_request ("x");

  g_assert_true (send (data, request, NULL));
  return NULL;
}

/* Eight at a time to one host take the time of one. */
static void
test_side_by_side (void)
{
  g_auto (Fixture) fixture = { 0 };
  GThread *threads[8];
  gint64 start = g_get_monotonic_time ();

  set_up (&fixture, slow_hello);
  for (int i = 0; i < 8; i++)
    threads[i] = g_thread_new ("ask", ask_well, &fixture);
  for (int i = 0; i < 8; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 900000);
}

static void
test_nobody_there (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttp) nowhere = reprise_http_new ("http://nowhere.invalid/", NULL, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  set_up (&fixture, hello);
  g_clear_pointer (&fixture.server, reprise_fault_server_free);
  fixture.server = reprise_fault_server_new (hello, &fixture);
  g_assert_false (send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, reprise_http_get_name (fixture.http)));
  g_assert_cmpint (reprise_http_request_get_outcome (request), ==, REPRISE_HTTP_NOT_SENT);
  g_clear_error (&error);
  g_assert_null (reprise_http_send (nowhere, request, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
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
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = get_request ("x");
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  set_up (&fixture, gzipped);
  reprise_http_request_set_accept_gzip (request, TRUE);
  response = reprise_http_send (fixture.http, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_http_response_get_text (response), ==, "\x1f\x8b__");
  g_assert_cmpstr (reprise_http_response_get_header (response, "content-encoding"), ==, "gzip");
}

/* Addresses from a server are followed only on itself. */
static void
test_addresses_of_servers (void)
{
  static const char *const good[] = { "https://arm.example/a?b=c", "/x",
                                      "https://west.arm.example/op/1?t=2" };
  static const char *const bad[] = { "http://arm.example/a",
                                     "https://example/",
                                     "https://evilarm.example/",
                                     "https://arm.example.evil.org/",
                                     "https://arm.example:444/",
                                     "https://x@arm.example/",
                                     "ftp://arm.example/",
                                     "https://arm.example\\@evil.org/",
                                     "//evil.org/x" };
  g_autoptr (RepriseHttp) http = reprise_http_new ("https://arm.example/", NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (RepriseHttpRequest) request =
        reprise_http_request_new_at (http, "GET", good[i], REPRISE_HTTP_READ, NULL);

      g_assert_nonnull (request);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (reprise_http_request_new_at (http, "GET", bad[i], REPRISE_HTTP_READ, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    GTestFunc func;
  } tests[] = {
    { "get", test_get },
    { "addresses", test_addresses },
    { "addresses-of-servers", test_addresses_of_servers },
    { "path", test_path },
    { "headers", test_headers },
    { "download", test_download },
    { "download-proven", test_download_proven },
    { "upload-form", test_upload_form },
    { "sign-in/expires", test_sign_in_expires },
    { "sign-in/twice-refused", test_sign_in_twice_refused },
    { "sign-in/fails-for-all", test_sign_in_fails_for_all },
    { "sign-in/start", test_sign_in_start },
    { "sign-in/anonymous", test_anonymous },
    { "start/lost", test_start_lost },
    { "start/refused", test_start_refused },
    { "retry/eight-tries", test_eight_tries },
    { "retry/backoff", test_backoff },
    { "retry/after", test_retry_after },
    { "classifier", test_classifier },
    { "allowed-status", test_allowed_status },
    { "limit", test_limit },
    { "cancel", test_cancel },
    { "deadline", test_deadline },
    { "stall/is-said", test_stall_is_said },
    { "stall/slow-sink", test_slow_sink },
    { "stall/slow-source", test_slow_source },
    { "stall/upload", test_upload_stalls },
    { "source/too-short", test_source_too_short },
    { "source/is-gone", test_source_is_gone },
    { "expect-continue", test_expect_continue },
    { "expect-continue/unknown", test_expect_continue_unknown },
    { "resume", test_resume },
    { "resume/often", test_resume_often },
    { "resume/changed", test_resume_changed },
    { "resume/deaf", test_resume_deaf },
    { "resume/weak", test_resume_weak },
    { "resume/impossible", test_resume_impossible },
    { "sink-fails", test_sink_fails },
    { "redirect/within", test_redirect_within },
    { "redirect/to-storage", test_redirect_to_storage },
    { "explanations", test_explanations },
    { "check", test_check },
    { "side-by-side", test_side_by_side },
    { "nobody-there", test_nobody_there },
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
