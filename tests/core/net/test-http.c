/* test-http.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/http-fixture.h"
#include "net/reprise-http-header.h"
#include "net/reprise-http-private.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

static void
test_get (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("api/backups:list");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *heads = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
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

static void
drop (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_reset (call);
}

/* A request that starts something got no answer: it is not sent twice, and the caller learns what is not known. */
static void
test_start_lost (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "create", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, drop);
  reprise_http_request_set_body_text (request, "application/json", "{}");
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
  g_assert_cmpint (reprise_http_request_get_outcome (request), ==, REPRISE_HTTP_NO_ANSWER);
}

static void
break_off (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             "Content-Length: 100\r\n\r\n{\"id\":");
  reprise_fault_close (call);
}

/* Nor is one whose answer was broken off: the server has acted. */
static void
test_start_cut (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "create", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, break_off);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_nonnull (error);
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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "create", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, busy);
  g_assert_false (http_fixture_send (&fixture, request, &error));
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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("a");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, busy);
  reprise_http_set_log (fixture.http, note_entry, log, NULL);
  reprise_http_request_add_query (request, "sig", "canary");
  g_assert_false (http_fixture_send (&fixture, request, &error));
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
  HttpFixture *fixture = data;

  if (g_atomic_int_add (&fixture->n, 1) == 0)
    reprise_fault_print (call, "HTTP/1.1 429 X\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
  else
    http_fixture_hello (call, data);
}

static void
test_retry_after (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) log = NULL;
  gint64 start = g_get_monotonic_time ();

  http_fixture_set_up (&fixture, wait_a_second);
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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, answer_enoent);
  reprise_http_request_set_classifier (request, classify, NULL, NULL);
  g_assert_false (http_fixture_send (&fixture, request, &error));
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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, not_found);
  g_assert_false (http_fixture_send (&fixture, request, &error));
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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, endless);
  reprise_http_request_set_max_bytes (request, 100000);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  http_fixture_tear_down (&fixture);
  g_clear_error (&error);
  http_fixture_set_up (&fixture, http_fixture_serve_big);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
assert_stops (HttpFixture *fixture, RepriseHttpRequest *request)
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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (RepriseHttpRequest) put = reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_silent);
  g_cancellable_cancel (cancelled);
  g_assert_null (reprise_http_send (fixture.http, request, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  for (fixture.n = 0; fixture.n <= 2; fixture.n++)
    assert_stops (&fixture, request);
  http_fixture_tear_down (&fixture);
  http_fixture_set_up (&fixture, busy);
  reprise_http_set_backoff (fixture.http, 3600000, 3600000);
  assert_stops (&fixture, request);
  http_fixture_tear_down (&fixture);
  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_fault_server_set_gate (fixture.server, never_wanted);
  http_fixture_set_big_body (put, big);
  assert_stops (&fixture, put);
}

static void
test_deadline (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_silent);
  reprise_http_request_set_stall (request, 1, 400);
  reprise_http_request_set_deadline (request, 200);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 1);
}

/* Sends on to @fixture->data, or within itself where that is none. */
static void
send_on (RepriseFaultCall *call, gpointer data)
{
  const char *to = ((HttpFixture *) data)->data;

  if (g_strcmp0 (call->path, "/new") == 0)
    http_fixture_hello (call, data);
  else
    reprise_fault_print (call, "HTTP/1.1 302 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                         to != NULL ? to : "/new");
}

static void
test_redirect_within (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("old");
  g_autoptr (RepriseHttpRequest) post =
    reprise_http_request_new ("POST", "old", REPRISE_HTTP_WRITE);
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;

  http_fixture_set_up (&fixture, send_on);
  http_fixture_sign_in (&fixture, &tokens, http_fixture_renew_token);
  fixture.data = NULL;
  g_assert_true (http_fixture_send (&fixture, request, &error));
  heads = reprise_fault_server_dup_heads (fixture.server);
  g_assert_nonnull (strstr (strstr (heads, "GET /new"), "Authorization: Bearer"));
  g_assert_false (http_fixture_send (&fixture, post, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
}

/* Not to a storage elsewhere, and its address, which may be signed, is not told. */
static void
test_redirect_to_storage (void)
{
  g_auto (HttpFixture) storage = { 0 };
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("old");
  g_autoptr (GError) error = NULL;
  g_autofree char *to = NULL;

  http_fixture_set_up (&storage, http_fixture_hello);
  http_fixture_set_up (&fixture, send_on);
  http_fixture_sign_in (&fixture, &tokens, http_fixture_renew_token);
  to = g_strdup_printf ("http://127.0.0.1:%u/blob?sig=x",
                        reprise_fault_server_get_port (storage.server));
  fixture.data = to;
  reprise_http_set_header (fixture.http, "X-Api-Key", "canary");
  reprise_http_request_set_header (request, "X-Authenticator", "canary");
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
  g_assert_null (strstr (error->message, "sig="));
  g_assert_cmpuint (reprise_fault_server_get_n_calls (storage.server), ==, 0);
}

static void
explain (RepriseFaultCall *call, gpointer data)
{
  const char *const *answer = ((HttpFixture *) data)->data;

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
      g_auto (HttpFixture) fixture = { 0 };
      g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
      g_autoptr (GError) error = NULL;
      g_autofree char *suffix = g_strdup_printf ("It says: %s", cases[i][2]);

      http_fixture_set_up (&fixture, explain);
      fixture.data = (gpointer) cases[i];
      g_assert_false (http_fixture_send (&fixture, request, &error));
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
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GError) error = NULL;
  int n = 0;

  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_http_request_set_body_text (request, "text/plain", "x");
  reprise_http_request_set_check (request, check_second, &n, NULL);
  g_assert_true (http_fixture_send (&fixture, request, &error));
  g_assert_cmpuint (reprise_http_request_get_tries (request), ==, 2);
}

static void
slow_hello (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_sleep (call, 300);
  http_fixture_hello (call, data);
}

static gpointer
ask_well (gpointer data)
{
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");

  g_assert_true (http_fixture_send (data, request, NULL));
  return NULL;
}

/* Eight at a time to one host take the time of one. */
static void
test_side_by_side (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  GThread *threads[8];
  gint64 start = g_get_monotonic_time ();

  http_fixture_set_up (&fixture, slow_hello);
  for (int i = 0; i < 8; i++)
    threads[i] = g_thread_new ("ask", ask_well, &fixture);
  for (int i = 0; i < 8; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 900000);
}

static void
test_nobody_there (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttp) nowhere = reprise_http_new ("http://nowhere.invalid/", NULL, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
  g_clear_pointer (&fixture.server, reprise_fault_server_free);
  fixture.server = reprise_fault_server_new (http_fixture_hello, &fixture);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, reprise_http_get_name (fixture.http)));
  g_assert_cmpint (reprise_http_request_get_outcome (request), ==, REPRISE_HTTP_NOT_SENT);
  g_clear_error (&error);
  g_assert_null (reprise_http_send (nowhere, request, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
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
    { "start/lost", test_start_lost },
    { "start/cut", test_start_cut },
    { "start/refused", test_start_refused },
    { "retry/eight-tries", test_eight_tries },
    { "retry/backoff", test_backoff },
    { "retry/after", test_retry_after },
    { "classifier", test_classifier },
    { "allowed-status", test_allowed_status },
    { "limit", test_limit },
    { "cancel", test_cancel },
    { "deadline", test_deadline },
    { "redirect/within", test_redirect_within },
    { "redirect/to-storage", test_redirect_to_storage },
    { "explanations", test_explanations },
    { "check", test_check },
    { "side-by-side", test_side_by_side },
    { "nobody-there", test_nobody_there },
  };

  reprise_test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/http/", tests[i].path, NULL);

      g_test_add_func (path, tests[i].func);
    }
  return g_test_run ();
}
