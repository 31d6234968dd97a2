/* test-http-operation.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

/* A service that works for a few polls. What it answers is a list of “STATUS BODY” lines; the last one stays. */
typedef struct
{
  const char *const *script;
  const char *header; /* of the start's answer */
  int at;             /* (atomic) */
  int n_polls;        /* (atomic) */
  int good_token;     /* (atomic) */
  int have_token;     /* (atomic) */
  int n_renewed;      /* (atomic) */
} Service;

static void
work (RepriseFaultCall *call, gpointer data)
{
  Service *service = data;
  g_autofree char *authorisation = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *good = g_strdup_printf ("Bearer %d", g_atomic_int_get (&service->good_token));
  const char *line;
  int at;

  if (g_strcmp0 (authorisation, good) != 0)
    {
      reprise_fault_answer (call, 401, "text/plain", "expired");
      return;
    }
  if (g_strcmp0 (call->path, "/start") == 0)
    {
      reprise_fault_print (call, "HTTP/1.1 202 X\r\n%sContent-Length: 0\r\n\r\n", service->header);
      return;
    }
  g_atomic_int_inc (&service->n_polls);
  at = g_atomic_int_add (&service->at, 1);
  line = service->script[0];
  for (int i = 1; i <= at && service->script[i] != NULL; i++)
    line = service->script[i];
  if (*line == '!')
    reprise_fault_reset (call);
  else if (*line == '>') /* 202 with another Location */
    reprise_fault_print (call, "HTTP/1.1 202 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                         line + 1);
  else
    reprise_fault_answer (call, (guint) atoi (line), "application/json", line + 4);
}

static gboolean
apply_token (RepriseHttpRequest *request,
             RepriseHttpGrant *grant,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  Service *service = data;
  g_autofree char *value = g_strdup_printf ("Bearer %d", g_atomic_int_get (&service->have_token));

  reprise_http_grant_set_header (grant, "Authorization", value);
  return TRUE;
}

static gboolean
renew_token (gpointer data, GCancellable *cancellable, GError **error)
{
  Service *service = data;

  g_atomic_int_inc (&service->n_renewed);
  g_atomic_int_set (&service->have_token, g_atomic_int_get (&service->good_token));
  return TRUE;
}

static RepriseHttp *
connect_to (RepriseFaultServer *server, Service *service)
{
  RepriseHttp *http = reprise_fault_server_connect (server);
  RepriseHttpAuthFuncs funcs = { apply_token, renew_token, NULL };
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&funcs, service, NULL);

  reprise_http_set_auth (http, auth);
  return http;
}

static RepriseHttpOperation *
start (RepriseHttp *http, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "start", REPRISE_HTTP_START);
  g_autoptr (GError) reason = NULL;
  g_autoptr (RepriseHttpResponse) response = reprise_http_send (http, request, NULL, NULL, &reason);

  g_assert_no_error (reason);
  return reprise_http_operation_new_from_response (http, response, error);
}

typedef struct
{
  const char *name;
  const char *header;
  const char *script[8];
  RepriseHttpOperationState state;
  int code; /* of the error, or -1 */
  int n_polls;
} Case;

#define STATUS   "Azure-AsyncOperation: /op/1?t=x\r\nRetry-After: 0\r\n"
#define LOCATION "Location: /op/1\r\nRetry-After: 0\r\n"

static const Case CASES[] = {
  { "status",
    STATUS,
    { "200 {\"status\":\"Queued\"}", "200 {\"status\":\"InProgress\",\"percentComplete\":40}",
      "200 {\"status\":\"succeeded\"}" },
    REPRISE_HTTP_OPERATION_DONE,
    -1,
    3 },
  { "status-failed",
    STATUS,
    { "200 {\"status\":\"Running\"}",
      "200 {\"status\":\"Failed\",\"error\":{\"code\":\"X\",\"message\":\"No space.\"}}" },
    REPRISE_HTTP_OPERATION_FAILED,
    REPRISE_ERROR_FAILED,
    2 },
  { "status-cancelled",
    STATUS,
    { "200 {\"status\":\"Canceled\"}" },
    REPRISE_HTTP_OPERATION_FAILED,
    REPRISE_ERROR_FAILED,
    1 },
  { "status-missing",
    STATUS,
    { "200 {\"x\":1}" },
    REPRISE_HTTP_OPERATION_LOST_SIGHT,
    REPRISE_ERROR_PROTOCOL,
    1 },
  { "status-before-location",
    "Location: /nowhere\r\n" STATUS,
    { "200 {\"status\":\"Succeeded\"}" },
    REPRISE_HTTP_OPERATION_DONE,
    -1,
    1 },
  { "location",
    LOCATION,
    { "202 {}", "202 {}", "200 {\"id\":1}" },
    REPRISE_HTTP_OPERATION_DONE,
    -1,
    3 },
  { "location-moves",
    LOCATION,
    { ">/op/2", ">op/3", "200 {}" },
    REPRISE_HTTP_OPERATION_DONE,
    -1,
    3 },
  { "location-moves-away",
    LOCATION,
    { ">http://evil.example/op" },
    REPRISE_HTTP_OPERATION_LOST_SIGHT,
    REPRISE_ERROR_PROTOCOL,
    1 },
  { "location-failed",
    LOCATION,
    { "202 {}", "409 {\"error\":{\"message\":\"ServiceLocked\"}}" },
    REPRISE_HTTP_OPERATION_FAILED,
    REPRISE_ERROR_REFUSED,
    2 },
  { "forbidden",
    LOCATION,
    { "202 {}", "403 {}" },
    REPRISE_HTTP_OPERATION_LOST_SIGHT,
    REPRISE_ERROR_DENIED,
    2 },
  { "gone", LOCATION, { "404 {}" }, REPRISE_HTTP_OPERATION_LOST_SIGHT, REPRISE_ERROR_NOT_FOUND, 1 },
  { "prism",
    "Location: string\r\nRetry-After: -2147483648\r\n",
    { "404 {}" },
    REPRISE_HTTP_OPERATION_LOST_SIGHT,
    REPRISE_ERROR_NOT_FOUND,
    1 },
  { "troubles",
    LOCATION,
    { "202 {}", "!", "503 {}", "429 {}", "!", "500 {}", "200 {}" },
    REPRISE_HTTP_OPERATION_DONE,
    -1,
    7 },
};

static void
test_case (gconstpointer data)
{
  const Case *each = data;
  Service service = { .script = each->script, .header = each->header };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = start (http, &error);
  gboolean done;

  g_assert_no_error (error);
  reprise_http_operation_set_interval (operation, 10);
  done = reprise_http_operation_wait (operation, NULL, NULL, &error);
  g_assert_cmpint (reprise_http_operation_get_state (operation), ==, each->state);
  g_assert_cmpint (done, ==, each->code < 0);
  if (each->code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, REPRISE_ERROR, each->code);
  g_assert_cmpint (service.n_polls, ==, each->n_polls);
}

/* A job outlives its token: it is renewed on the way. */
static void
test_token_ends (void)
{
  static const char *const script[] = { "202 {}", "202 {}", "202 {}", "200 {}", NULL };
  Service service = { .script = script, .header = LOCATION };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = start (http, &error);

  reprise_http_operation_set_interval (operation, 50);
  reprise_http_operation_start (operation);
  g_usleep (70000);
  g_atomic_int_set (&service.good_token, 1);
  g_assert_true (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (service.n_renewed, ==, 1);
}

static gboolean
renew_in_vain (gpointer data, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN, "The session has ended.");
  return FALSE;
}

/* The sign-in has ended for good: nobody says that the work failed, and it can be followed again later. */
static void
test_sign_in_and_resume (void)
{
  static const char *const script[] = { "202 {}", "200 {}", NULL };
  Service service = { .script = script, .header = LOCATION };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  RepriseHttpAuthFuncs funcs = { apply_token, renew_in_vain, NULL };
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&funcs, &service, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;
  g_autoptr (RepriseHttpOperation) again = NULL;
  g_autofree char *state = NULL;

  reprise_http_set_auth (http, auth);
  operation = start (http, &error);
  g_atomic_int_set (&service.good_token, 1);
  reprise_http_operation_set_interval (operation, 10);
  g_assert_false (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_cmpint (reprise_http_operation_get_state (operation), ==,
                   REPRISE_HTTP_OPERATION_STOPPED);
  state = reprise_http_operation_save (operation);
  g_clear_error (&error);
  g_atomic_int_set (&service.have_token, 1);
  again = reprise_http_operation_new_from_state (http, state, &error);
  g_assert_no_error (error);
  reprise_http_operation_set_interval (again, 10);
  g_assert_true (reprise_http_operation_wait (again, NULL, NULL, &error));
  g_assert_cmpint (service.n_polls, ==, 2);
}

static void
test_bad_states (void)
{
  static const struct
  {
    const char *state;
    int code;
  } cases[] = {
    { "", REPRISE_ERROR_DAMAGED },
    { "{\"form\":\"status\"}", REPRISE_ERROR_PROTOCOL },
    { "{\"address\":\"http://evil.example/\"}", REPRISE_ERROR_PROTOCOL },
  };
  g_autoptr (RepriseHttp) http = reprise_http_new ("http://127.0.0.1:1/", NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (reprise_http_operation_new_from_state (http, cases[i].state, &error));
      g_assert_error (error, REPRISE_ERROR, cases[i].code);
    }
}

/* 202 without a word where to ask, and an address elsewhere. */
static void
test_bad_starts (void)
{
  static const char *const headers[] = { "", "Location: http://evil.example/op\r\n",
                                         "Azure-AsyncOperation: https://127.0.0.1/op\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      Service service = { .header = headers[i] };
      g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
      g_autoptr (RepriseHttp) http = connect_to (server, &service);
      g_autoptr (GError) error = NULL;

      g_assert_null (start (http, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
    }
}

/* The network is away for longer than anybody has patience for. */
static void
test_patience (void)
{
  static const char *const script[] = { "!", NULL };
  Service service = { .script = script, .header = LOCATION };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = start (http, &error);

  reprise_http_operation_set_interval (operation, 10);
  reprise_http_operation_set_patience (operation, 1);
  g_assert_false (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
  g_assert_cmpint (reprise_http_operation_get_state (operation), ==,
                   REPRISE_HTTP_OPERATION_STOPPED);
  g_assert_cmpint (service.n_polls, >, 3);
}

/* Who has waited long enough goes; the work does not end by it, and nobody asks about it any more. */
static void
test_limit (void)
{
  static const char *const script[] = { "202 {}", NULL };
  static Service service = { .script = script, .header = LOCATION };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = start (http, &error);
  int n_polls;

  reprise_http_operation_set_interval (operation, 10);
  reprise_http_operation_set_limit (operation, 100);
  g_assert_false (reprise_http_operation_wait (operation, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_assert_cmpint (reprise_http_operation_get_state (operation), ==,
                   REPRISE_HTTP_OPERATION_STOPPED);
  n_polls = g_atomic_int_get (&service.n_polls);
  g_usleep (60000);
  g_assert_cmpint (g_atomic_int_get (&service.n_polls), <=, n_polls + 1);
}

/* While a service that has answered is not asked, nothing stands still: it said when it wants to be asked again. */
static void
test_quiet (void)
{
  static const char *const script[] = { "202 {}", "200 {}", NULL };
  Service service = { .script = script, .header = "Location: /op/1\r\n" };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = start (http, &error);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  reprise_http_operation_set_interval (operation, 1600);
  g_assert_true (reprise_http_operation_wait (operation, progress, NULL, &error));
  g_assert_no_error (error);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.idle_seconds, <, 3);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (50000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Cancelling ends the waiting and the following. */
static void
test_stop (void)
{
  static const char *const script[] = { "202 {}", NULL };
  Service service = { .script = script, .header = LOCATION };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = start (http, &error);
  int n_polls;

  reprise_http_operation_set_interval (operation, 10);
  g_assert_false (reprise_http_operation_wait (operation, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (reprise_http_operation_get_state (operation), ==,
                   REPRISE_HTTP_OPERATION_STOPPED);
  g_thread_join (thread);
  n_polls = g_atomic_int_get (&service.n_polls);
  g_usleep (60000);
  g_assert_cmpint (g_atomic_int_get (&service.n_polls), <=, n_polls + 1);
}

static guint
count_threads (void)
{
  DIR *folder = opendir ("/proc/self/task");
  guint n = 0;

  while (readdir (folder) != NULL)
    n++;
  closedir (folder);
  return n - 2;
}

/* A hundred at a time take the time of one, and no threads to speak of. */
static void
test_hundred (void)
{
  static const char *const script[] = { "202 {}", NULL };
  Service service = { .script = script, .header = LOCATION };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (GPtrArray) operations = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  guint before, while_running;

  for (int i = 0; i < 100; i++)
    {
      RepriseHttpOperation *operation = reprise_http_operation_new_from_state (
        http, "{\"address\":\"/op\",\"form\":\"location\"}", NULL);

      reprise_http_operation_set_interval (operation, 400);
      g_ptr_array_add (operations, operation);
    }
  before = count_threads ();
  for (int i = 0; i < 100; i++)
    reprise_http_operation_start (operations->pdata[i]);
  while (g_atomic_int_get (&service.n_polls) < 250)
    g_usleep (1000);
  while_running = count_threads ();
  g_assert_cmpuint (while_running, <=,
                    before + 4 + 16 + 2); /* the pool; the server's own, one for each connection */
  g_cancellable_cancel (cancelled);
  for (int i = 0; i < 100; i++)
    reprise_http_operation_wait (operations->pdata[i], NULL, cancelled, NULL);
}

/* What the service says of its work is told, to its last word. */
static void
test_progress (void)
{
  static const char *const script[] = { "200 {\"status\":\"InProgress\",\"percentComplete\":60}",
                                        "200 {\"status\":\"Succeeded\",\"percentComplete\":100}",
                                        NULL };
  Service service = { .script = script, .header = STATUS };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (work, &service);
  g_autoptr (RepriseHttp) http = connect_to (server, &service);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseHttpOperation) operation = start (http, &error);

  reprise_http_operation_set_interval (operation, 10);
  g_assert_true (reprise_http_operation_wait (operation, progress, NULL, &error));
  g_assert_no_error (error);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.items_done, ==, 100);
  g_assert_cmpint (snapshot.items_total, ==, 100);
  g_assert_cmpstr (snapshot.message, ==, "Succeeded");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *path = g_strconcat ("/http-operation/", CASES[i].name, NULL);

      g_test_add_data_func (path, &CASES[i], test_case);
    }
  g_test_add_func ("/http-operation/token-ends", test_token_ends);
  g_test_add_func ("/http-operation/sign-in-and-resume", test_sign_in_and_resume);
  g_test_add_func ("/http-operation/bad-states", test_bad_states);
  g_test_add_func ("/http-operation/bad-starts", test_bad_starts);
  g_test_add_func ("/http-operation/patience", test_patience);
  g_test_add_func ("/http-operation/limit", test_limit);
  g_test_add_func ("/http-operation/quiet", test_quiet);
  g_test_add_func ("/http-operation/stop", test_stop);
  g_test_add_func ("/http-operation/hundred", test_hundred);
  g_test_add_func ("/http-operation/progress", test_progress);
  return g_test_run ();
}
