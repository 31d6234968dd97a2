/* reprise-http-run.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-header.h"
#include "net/reprise-http-private.h"
#include "net/reprise-http-teller.h"

#define MAX_HOPS          5
#define SAID_MS           1000 /* a wait that is shorter need not be said */
#define MAX_RETRY_AFTER_S (15 * 60)
#define PROGRESS_BYTES    (1024 * 1024) /* a try that got so far does not count as one */
#define MAX_RENEWALS      3             /* of a credential, for one request */
#define ASK_FIRST_BYTES   (1024 * 1024) /* a body from this size on is announced before it is sent */

/*
 * One request, from its first try to its end, in a worker:
 *
 *   credential → try → lost, cut   → (repeat, if the effect and the sink allow)
 *                    → redirect    → (follow, if it is ours)
 *                    → 401         → (renew once, repeat)
 *                    → retry       → (wait, repeat)
 *                    → done        → type and shape, read-back → the caller
 */
typedef enum
{
  STEP_DONE,
  STEP_FAILED,
  STEP_AGAIN, /* at once */
  STEP_LATER, /* after a while, if it may be repeated */
} Step;

/* What a try leaves for the decision and for the log. */
typedef struct
{
  Step step;
  GError *error; /* (owned) (nullable) */
  guint status;
  guint64 sent_bytes;
  guint64 received_bytes;
  int retry_after;
  gint64 started_us;
} Try;

void
reprise_http_run_clear (RepriseHttpRun *run)
{
  g_clear_pointer (&run->uri, g_uri_unref);
  g_clear_pointer (&run->etag, g_free);
  g_clear_object (&run->response);
}

static void
log_try (RepriseHttpRun *run, const Try *try, gint64 delay_ms)
{
  RepriseHttpLogEntry entry = {
    .host = run->http->name,
    .method = run->request->method,
    .path = g_uri_get_path (run->uri),
    .status = try->status,
    .try = run->request->tries,
    .sent_bytes = try->sent_bytes,
    .received_bytes = try->received_bytes,
    .duration_ms = (g_get_monotonic_time () - try->started_us) / 1000,
    .reason = try->error != NULL ? try->error->message : NULL,
    .delay_ms = delay_ms,
  };

  g_debug ("%s %s%s: %u, try %u, %" G_GINT64_FORMAT " ms", entry.method, entry.host, entry.path,
           entry.status, entry.try, entry.duration_ms);
  if (run->http->log != NULL)
    run->http->log (&entry, run->http->log_data);
  if (delay_ms >= 0)
    reprise_progress_log (run->progress, "%s %s: %s; try %u in %.1f s", entry.method, entry.path,
                          entry.reason != NULL ? entry.reason : "again", entry.try + 1,
                          (double) delay_ms / 1000);
}

typedef struct
{
  GMutex mutex;
  GCond changed;
} Waiter;

static void
wake_cb (GCancellable *cancellable, Waiter *waiter)
{
  g_mutex_lock (&waiter->mutex);
  g_cond_broadcast (&waiter->changed);
  g_mutex_unlock (&waiter->mutex);
}

/* Sleeps, unless it is stopped. */
static gboolean
sleep_until (gint64 end_us, GCancellable *cancellable, GError **error)
{
  Waiter waiter;
  gulong handler = 0;

  g_mutex_init (&waiter.mutex);
  g_cond_init (&waiter.changed);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), &waiter, NULL);
  g_mutex_lock (&waiter.mutex);
  while (!g_cancellable_is_cancelled (cancellable) && g_get_monotonic_time () < end_us)
    g_cond_wait_until (&waiter.changed, &waiter.mutex, end_us);
  g_mutex_unlock (&waiter.mutex);
  g_cancellable_disconnect (cancellable, handler);
  g_mutex_clear (&waiter.mutex);
  g_cond_clear (&waiter.changed);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
wait_before_repeat (RepriseHttpRun *run, guint delay_ms, GError **error)
{
  gulong seconds = MAX (1, (delay_ms + 500) / 1000);
  RepriseProgress *teller = run->progress != NULL ? run->progress : reprise_http_get_teller ();
  gboolean said = delay_ms >= SAID_MS && teller != NULL;
  gboolean ok;

  if (said)
    {
      g_autofree char *message =
        g_strdup_printf (ngettext ("%s is not available. The next try is in %lu second.",
                                   "%s is not available. The next try is in %lu seconds.", seconds),
                         run->http->name, seconds);

      reprise_progress_set_message (teller, message);
    }
  ok = sleep_until (g_get_monotonic_time () + (gint64) delay_ms * 1000, run->cancellable, error);
  if (said)
    reprise_progress_set_message (teller, NULL);
  return ok;
}

static void
fail (Try *try, Step step, GError *error)
{
  try->step = step;
  g_clear_error (&try->error);
  try->error = error;
}

/* What is in the sink is worth nothing any more. */
static gboolean
restart_sink (RepriseHttpRun *run, GError **error)
{
  reprise_progress_add_bytes (run->progress, -(gint64) run->told);
  run->told = 0;
  g_clear_pointer (&run->etag, g_free);
  if (run->in_sink == 0)
    return TRUE;
  run->in_sink = 0;
  return run->sink->restart == NULL || run->sink->restart (run->sink_data, run->cancellable, error);
}

static gboolean
can_restart (RepriseHttpRun *run)
{
  return run->in_sink == 0 || run->sink->restart != NULL;
}

/* A try failed on the way: whether another can follow, and from where. */
static void
decide_after_loss (RepriseHttpRun *run, RepriseExchangeEnd end, GError *error, Try *try)
{
  GError *of_sink = NULL;

  switch (end)
    {
    case REPRISE_EXCHANGE_NO_CONTINUE:
      run->may_expect = FALSE;
      run->expect = FALSE;
      fail (try, STEP_AGAIN, error);
      return;
    case REPRISE_EXCHANGE_NO_CONNECTION:
    case REPRISE_EXCHANGE_LOST:
    case REPRISE_EXCHANGE_CUT:
      run->expect = run->may_expect;
      break;
    case REPRISE_EXCHANGE_OK:
    case REPRISE_EXCHANGE_REFUSED:
    case REPRISE_EXCHANGE_CANCELLED:
    default:
      fail (try, STEP_FAILED, error);
      return;
    }
  if (run->sink == NULL || run->in_sink == 0 || run->etag != NULL)
    fail (try, STEP_LATER, error);
  else if (!can_restart (run))
    fail (try, STEP_FAILED, error);
  else if (!restart_sink (run, &of_sink))
    {
      g_clear_error (&error);
      fail (try, STEP_FAILED, of_sink);
    }
  else
    fail (try, STEP_LATER, error);
}

/* One that says where to: storages answer 301 without that, and say why in the body. */
static gboolean
is_redirect (RepriseHttpRun *run, RepriseHttpResponse *response)
{
  guint status = reprise_http_response_get_status (response);

  return (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) &&
         (run->request->classifier == NULL ||
          reprise_http_response_get_header (response, "Location") != NULL);
}

/* Not to another origin: the credential goes along. */
static gboolean
may_follow (RepriseHttpRun *run, GUri *to)
{
  return run->request->effect == REPRISE_HTTP_READ && run->request->body == NULL &&
         run->hops < MAX_HOPS && reprise_http_same_origin (run->uri, to);
}

static void
follow_redirect (RepriseHttpRun *run, RepriseHttpResponse *response, Try *try)
{
  const char *location = reprise_http_response_get_header (response, "Location");
  g_autoptr (GUri) to =
    location != NULL ? g_uri_parse_relative (run->uri, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;

  if (to != NULL && g_uri_get_host (to) != NULL && may_follow (run, to))
    {
      run->hops++;
      g_clear_pointer (&run->uri, g_uri_unref);
      run->uri = g_steal_pointer (&to);
      fail (try, STEP_AGAIN, NULL);
    }
  else if (to != NULL && g_uri_get_host (to) != NULL && run->hops < MAX_HOPS)
    {
      g_autofree char *where = reprise_http_get_uri_name (to);

      fail (
        try, STEP_FAILED,
        g_error_new (
          REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
          /* Translators: two servers, the second with its scheme, such as “https” and “example.org” */
          _ ("%s sends us on to %s://%s, which was not followed. If that is right, change the "
             "address "
             "of the service."),
          run->http->name, g_uri_get_scheme (to), where));
    }
  else
    fail (try, STEP_FAILED,
          g_error_new (REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                       _ ("%s sends us around in circles. Check the address."), run->http->name));
}

/* A credential that nobody has accepted since it was renewed is wrong; one that was accepted before has ended. */
static gboolean
may_sign_in (RepriseHttpRun *run)
{
  RepriseHttpAuth *auth = run->http->auth;

  if (run->request->anonymous || auth == NULL || !reprise_http_auth_can_renew (auth))
    return FALSE;
  if (run->n_renewed > 0 && !reprise_http_auth_was_accepted (auth, run->generation))
    return FALSE;
  return run->n_renewed < MAX_RENEWALS;
}

static void
sign_in_again (RepriseHttpRun *run, GError *error, Try *try)
{
  GError *reason = NULL;

  if (!may_sign_in (run))
    {
      fail (try, STEP_FAILED, error);
      if (error->domain == REPRISE_ERROR)
        error->code = REPRISE_ERROR_NEEDS_SIGN_IN;
      return;
    }
  run->n_renewed++;
  if (reprise_http_auth_renew (run->http->auth, run->generation, run->cancellable, &reason))
    fail (try, STEP_AGAIN, error);
  else
    {
      g_clear_error (&error);
      fail (try, STEP_FAILED, reason);
    }
}

/* A whole answer is there. */
static void
decide_on_answer (RepriseHttpRun *run, RepriseHttpResponse *response, Try *try)
{
  g_autoptr (GError) error = NULL;
  RepriseHttpVerdict verdict;

  try->retry_after = reprise_http_response_get_retry_after (response);
  if (is_redirect (run, response))
    {
      follow_redirect (run, response, try);
      return;
    }
  verdict = reprise_http_classify (run->http, run->request, response, &error);
  if (verdict != REPRISE_HTTP_SIGN_IN && run->http->auth != NULL && !run->request->anonymous)
    reprise_http_auth_note_accepted (run->http->auth, run->generation);
  switch (verdict)
    {
    case REPRISE_HTTP_SIGN_IN:
      sign_in_again (run, g_steal_pointer (&error), try);
      return;
    case REPRISE_HTTP_RETRY:
      fail (try, STEP_LATER, g_steal_pointer (&error));
      return;
    case REPRISE_HTTP_DONE:
      break;
    case REPRISE_HTTP_DEFAULT:
    case REPRISE_HTTP_GIVE_UP:
    default:
      fail (try, STEP_FAILED, g_steal_pointer (&error));
      return;
    }
  try->step = STEP_DONE;
  if (!reprise_http_check_type (run->http, run->request, response, run->sink != NULL, &error))
    fail (try,
          g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED) ? STEP_LATER : STEP_FAILED,
          error);
  else if (run->request->check != NULL &&
           !run->request->check (run->request->check_data, run->cancellable, &error))
    fail (try, STEP_LATER, error);
  error = NULL;
}

/* Whether an entity tag stands for exactly the same bytes (RFC 9110 §8.8.1) */
static gboolean
is_strong (const char *etag)
{
  return etag != NULL && *etag == '"' && strlen (etag) < 1024;
}

/* Where the received bytes belong: at @offset of @total (-1: not known) */
static gboolean
get_place (RepriseHttpRun *run, RepriseHttpResponse *response, guint64 *offset, gint64 *total)
{
  const char *range = reprise_http_response_get_header (response, "Content-Range");
  guint64 last;

  *offset = 0;
  *total = reprise_http_response_get_content_length (response);
  if (reprise_http_response_get_status (response) == 200)
    return TRUE;
  return range != NULL && reprise_http_parse_content_range (range, offset, &last, total) &&
         *offset == run->in_sink;
}

/* The headers of a download are good: gets the sink ready for what comes. */
static gboolean
prepare_sink (RepriseHttpRun *run, RepriseHttpResponse *response, gint64 *total, GError **error)
{
  const char *etag = reprise_http_response_get_header (response, "ETag");
  RepriseHttpProof *proof = run->proof;
  guint64 offset = 0;

  if (!get_place (run, response, &offset, total) ||
      (offset > 0 && run->etag != NULL && g_strcmp0 (etag, run->etag) != 0))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("%s sent another part of the data than was asked for."),
                         run->http->name);
      return FALSE;
    }
  if (offset == 0 && run->in_sink > 0 && (!can_restart (run) || !restart_sink (run, error)))
    {
      if (error == NULL || *error == NULL)
        reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                           _ ("%s cannot go on with a download where it stopped."),
                           run->http->name);
      return FALSE;
    }
  reprise_http_proof_clear (proof);
  proof->status = reprise_http_response_get_status (response);
  proof->content_length = reprise_http_response_get_content_length (response);
  proof->etag = is_strong (etag) ? g_strdup (etag) : NULL;
  proof->content_type = reprise_http_response_dup_content_type (response);
  proof->digest = g_strdup (reprise_http_response_get_header (response, "Content-MD5"));
  if (offset > 0)
    proof->resumed++;
  g_free (run->etag);
  run->etag = g_strdup (proof->etag);
  if (run->request->reports_total && *total >= 0)
    reprise_progress_set_totals (run->progress, *total, -1);
  return TRUE;
}

/* Moves the body into the sink. %FALSE with @error where the sink fails. */
static gboolean
fill_sink (RepriseHttpRun *run, RepriseExchange *exchange, GError **error)
{
  gconstpointer data;
  gsize size = 0;

  while ((data = reprise_exchange_take (exchange, &size, run->progress, run->cancellable)) != NULL)
    {
      if (!run->sink->write (data, size, run->sink_data, run->cancellable, error))
        return FALSE;
      run->in_sink += size;
      run->told += size;
      reprise_progress_add_bytes (run->progress, (gint64) size);
    }
  return TRUE;
}

/* The end of a download's data was reached without a loss: is it the end of the thing? */
static void
prove_download (RepriseHttpRun *run, gint64 total, Try *try)
{
  RepriseHttpProof *proof = run->proof;
  GError *error = NULL;

  proof->received_bytes = run->in_sink;
  proof->length_matched =
    proof->content_length >= 0 && total >= 0 && (guint64) total == run->in_sink;
  try->step = STEP_DONE;
  if (proof->content_length >= 0 && total >= 0 && (guint64) total != run->in_sink)
    {
      reprise_error_set (&error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                         _ ("The connection to %s broke in the middle of the answer."),
                         run->http->name);
      decide_after_loss (run, REPRISE_EXCHANGE_CUT, error, try);
    }
  else if (!proof->length_matched && run->sink->prove != NULL &&
           !run->sink->prove (proof, run->sink_data, run->cancellable, &error))
    {
      g_clear_pointer (&run->etag, g_free);
      decide_after_loss (run, REPRISE_EXCHANGE_CUT, error, try);
    }
}

/* A download whose headers are there, with status 200 or 206. */
static void
take_download (RepriseHttpRun *run,
               RepriseExchange *exchange,
               RepriseHttpResponse *response,
               Try *try)
{
  guint64 before = run->in_sink;
  GError *error = NULL;
  RepriseExchangeEnd end;
  gint64 total = -1;

  decide_on_answer (run, response, try);
  if (try->step != STEP_DONE)
    return;
  if (!prepare_sink (run, response, &total, &error) || !fill_sink (run, exchange, &error))
    {
      fail (try, STEP_FAILED, error);
      return;
    }
  end = reprise_exchange_get_end (exchange, &error);
  if (run->in_sink >= before + PROGRESS_BYTES)
    run->try = 0;
  if (end == REPRISE_EXCHANGE_OK)
    prove_download (run, total, try);
  else
    decide_after_loss (run, end, error, try);
}

/* A range that the server does not have, or of a thing that has changed: begins anew. */
static gboolean
is_stale_range (RepriseHttpRun *run, guint status)
{
  return run->sink != NULL && run->in_sink > 0 && (status == 412 || status == 416) &&
         run->sink->restart != NULL;
}

static void
take_answer (RepriseHttpRun *run, RepriseExchange *exchange, Try *try)
{
  gboolean streaming = reprise_exchange_is_streaming (exchange);
  gint64 length = reprise_exchange_get_content_length (exchange);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  GError *error = NULL;
  RepriseExchangeEnd end;

  if (!streaming && !reprise_exchange_wait_body (exchange, run->progress, run->cancellable))
    {
      run->request->outcome = REPRISE_HTTP_NO_ANSWER; /* what came of it was in what is missing */
      end = reprise_exchange_get_end (exchange, &error);
      decide_after_loss (run, end, error, try);
      return;
    }
  body = streaming ? NULL : reprise_exchange_get_body (exchange);
  response = reprise_http_response_new (reprise_exchange_get_status (exchange),
                                        reprise_exchange_get_headers (exchange), body, length,
                                        !streaming && length >= 0);
  run->request->outcome = REPRISE_HTTP_ANSWERED;
  if (run->proof != NULL)
    run->proof->status = try->status;
  if (run->http->auth != NULL)
    reprise_http_auth_observe (run->http->auth, response);
  if (streaming)
    take_download (run, exchange, response, try);
  else if (is_stale_range (run, try->status))
    fail (try, restart_sink (run, &error) ? STEP_AGAIN : STEP_FAILED, error);
  else
    decide_on_answer (run, response, try);
  if (try->step == STEP_DONE)
    run->response = g_steal_pointer (&response);
}

/* Where the sink has something already, only the rest is asked for. */
static void
set_range (RepriseHttpRun *run)
{
  g_autofree char *range = NULL;

  if (run->sink == NULL)
    return;
  if (run->in_sink > 0)
    range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", run->in_sink);
  reprise_http_request_set_header (run->request, "Range", range);
  reprise_http_request_set_header (run->request, "If-Match", run->in_sink > 0 ? run->etag : NULL);
}

static SoupMessage *
make_message (RepriseHttpRun *run, RepriseHttpGrant *grant)
{
  SoupMessage *message = reprise_http_make_message (run->http, run->request, run->uri, grant);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  if (run->expect)
    {
      soup_message_headers_set_expectations (headers, SOUP_EXPECTATION_CONTINUE);
      soup_message_headers_replace (headers, "Connection", "close");
    }
  if (run->request->effect == REPRISE_HTTP_START || run->request->tries > 1 || run->expect)
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  return message;
}

static RepriseExchange *
start_exchange (RepriseHttpRun *run, SoupMessage *message)
{
  RepriseHttpRequest *request = run->request;
  g_autofree char *name = reprise_http_get_uri_name (run->uri);
  RepriseExchangePlan plan = {
    .message = message,
    .body = request->body,
    .name = name,
    .pin = run->http->pin,
    .connect_ms = run->http->connect_ms,
    .continue_ms = run->expect ? run->http->continue_ms : 0,
    .header_ms = request->header_ms,
    .stall_bytes = request->stall_bytes,
    .stall_ms = request->stall_ms,
    .deadline_us = run->deadline_us,
    .stream = run->sink != NULL,
    .max_bytes = request->max_bytes,
  };

  return reprise_exchange_start (&plan);
}

static void
make_try (RepriseHttpRun *run, Try *try)
{
  g_autoptr (RepriseHttpGrant) grant = reprise_http_grant_new ();
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (RepriseExchange) exchange = NULL;
  GError *error = NULL;
  RepriseExchangeEnd end;

  set_range (run);
  if (!run->request->anonymous && run->http->auth != NULL &&
      !reprise_http_auth_apply (run->http->auth, run->request, grant, &run->generation,
                                run->cancellable, &error))
    {
      fail (try, STEP_FAILED, error);
      return;
    }
  message = make_message (run, grant);
  exchange = start_exchange (run, message);
  g_clear_object (&message);
  if (reprise_exchange_wait_headers (exchange, run->progress, run->cancellable))
    {
      try->status = reprise_exchange_get_status (exchange);
      take_answer (run, exchange, try);
    }
  else
    {
      end = reprise_exchange_get_end (exchange, &error);
      if (end != REPRISE_EXCHANGE_NO_CONNECTION && end != REPRISE_EXCHANGE_NO_CONTINUE)
        run->request->outcome = REPRISE_HTTP_NO_ANSWER;
      decide_after_loss (run, end, error, try);
    }
  try->sent_bytes = reprise_exchange_get_sent (exchange);
  try->received_bytes = reprise_exchange_get_received (exchange);
  if (try->step != STEP_DONE)
    reprise_progress_add_bytes (run->progress, -(gint64) reprise_exchange_get_told (exchange));
  reprise_exchange_stop (exchange);
}

static gboolean
may_repeat (RepriseHttpRun *run, const Try *try, guint delay_ms)
{
  if (run->request->effect == REPRISE_HTTP_START)
    return FALSE;
  if (run->deadline_us > 0 && g_get_monotonic_time () + (gint64) delay_ms * 1000 > run->deadline_us)
    return FALSE;
  return run->try < run->request->max_tries && try->retry_after <= MAX_RETRY_AFTER_S;
}

/* Whether the service has answered others since the last try: it is only asked too much, and waiting leads on. */
static gboolean
others_got_through (RepriseHttpRun *run)
{
  guint n_done = (guint) g_atomic_int_get (&run->http->n_done);
  gboolean got_through = n_done != run->n_done;

  run->n_done = n_done;
  return got_through;
}

static void
start_run (RepriseHttpRun *run)
{
  RepriseHttpRequest *request = run->request;

  reprise_http_request_finish_body (request);
  run->uri = reprise_http_resolve (run->http, request);
  run->may_expect = request->expect != REPRISE_HTTP_EXPECT_NEVER && request->body != NULL &&
                    run->http->continue_ms > 0 &&
                    reprise_http_body_get_size (request->body) >= ASK_FIRST_BYTES;
  run->expect = run->may_expect && request->expect == REPRISE_HTTP_EXPECT_FIRST;
  run->in_sink = run->sink != NULL ? request->offset : 0;
  run->etag = g_strdup (request->etag);
  if (request->deadline_ms > 0)
    run->deadline_us = g_get_monotonic_time () + (gint64) request->deadline_ms * 1000;
  request->outcome = REPRISE_HTTP_NOT_SENT;
  request->tries = 0;
  run->n_done = (guint) g_atomic_int_get (&run->http->n_done);
  if (run->proof != NULL)
    run->proof->content_length = -1;
}

/**
 * reprise_http_run:
 *
 * Carries a request out. Blocks.
 *
 * Returns: whether there is a good answer, in @run
 */
gboolean
reprise_http_run (RepriseHttpRun *run, GError **error)
{
  start_run (run);
  for (;;)
    {
      Try try = { .step = STEP_FAILED, .retry_after = -1, .started_us = g_get_monotonic_time () };
      guint delay_ms = 0;

      if (g_cancellable_set_error_if_cancelled (run->cancellable, error))
        return FALSE;
      run->try++;
      run->request->tries++;
      make_try (run, &try);
      if (try.step == STEP_LATER && try.status == 429 && others_got_through (run))
        run->try--;
      if (try.step == STEP_LATER)
        delay_ms = reprise_http_get_backoff (run->http, MAX (run->try, 1), try.retry_after);
      if (run->proof != NULL)
        run->proof->tries = run->request->tries;
      if (try.step == STEP_DONE || try.step == STEP_FAILED ||
          (try.step == STEP_LATER && !may_repeat (run, &try, delay_ms)))
        {
          log_try (run, &try, -1);
          if (try.step == STEP_DONE)
            {
              g_atomic_int_inc (&run->http->n_done);
              return TRUE;
            }
          g_propagate_error (error, try.error);
          return FALSE;
        }
      if (try.step == STEP_AGAIN)
        run->try--;
      log_try (run, &try, delay_ms);
      g_clear_error (&try.error);
      if (!wait_before_repeat (run, delay_ms, error))
        return FALSE;
    }
}
