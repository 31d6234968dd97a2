/* reprise-http-operation.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-http-error.h"
#include "net/reprise-http-operation.h"
#include "net/reprise-http-private.h"
#include "net/reprise-json.h"
#include "net/reprise-net-thread.h"

#define DEFAULT_WAIT_MS   10000
#define SHORTEST_WAIT_MS  1000
#define LONGEST_WAIT_MS   300000
#define PATIENCE_SECONDS  (15 * 60) /* of polls that fail one after the other */
#define MAX_ADDRESS_BYTES 4096
#define MAX_SIGN_THREADS  4
#define WAIT_MS           250

/*
 * On the net thread, around and around:
 *
 *   due → (a pool's thread puts the credential in, which may block) → exchange → look at the answer → wait
 *
 * so that between two polls, and while one is under way, an operation holds no thread.
 */
struct _RepriseHttpOperation
{
  GObject parent_instance;

  RepriseHttp *http;  /* (owned); never changes, like all down to the mutex */
  gboolean by_status; /* Azure-AsyncOperation: the body says it; else the status does (Location) */
  guint interval_ms;
  char *started_at; /* (owned): RFC 3339 */
  guint patience_seconds;
  guint limit_ms; /* of the waiting; 0: none */

  /* on the net thread; the pool has them while it works */
  RepriseHttpRequest *request; /* (owned): of a poll */
  GSource *timer;              /* (owned) (nullable) */
  RepriseExchange *exchange;   /* (owned) (nullable) */
  guint generation;            /* of the credential */
  gboolean renew;              /* before the next poll */
  gboolean renewed;            /* since the last good answer */
  guint n_failed;              /* polls since the last good answer */
  gint64 good_us;              /* when that was */

  GMutex mutex; /* guards all that follows */
  GCond changed;
  gboolean started;
  RepriseHttpOperationState state;
  GError *error; /* (owned) (nullable) */
  int percent;
  gint64 quiet_until_us;       /* the service has answered, and is not asked before that */
  char *message;               /* (owned) (nullable) */
  char *address;               /* (owned): of the poll */
  RepriseHttpResponse *answer; /* (owned) (nullable): the last one */
};

G_DEFINE_FINAL_TYPE (RepriseHttpOperation, reprise_http_operation, G_TYPE_OBJECT)

static void
reprise_http_operation_finalize (GObject *object)
{
  RepriseHttpOperation *self = REPRISE_HTTP_OPERATION (object);

  g_clear_object (&self->http);
  g_free (self->started_at);
  g_clear_object (&self->request);
  g_clear_pointer (&self->exchange, reprise_exchange_unref);
  g_clear_error (&self->error);
  g_free (self->message);
  g_free (self->address);
  g_clear_object (&self->answer);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (reprise_http_operation_parent_class)->finalize (object);
}

static void
reprise_http_operation_class_init (RepriseHttpOperationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_http_operation_finalize;
}

static void
reprise_http_operation_init (RepriseHttpOperation *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->percent = -1;
  self->interval_ms = DEFAULT_WAIT_MS;
  self->patience_seconds = PATIENCE_SECONDS;
  self->started_at = reprise_time_to_string (now);
}

/* Ends the following, once. @error is consumed. On the net thread. */
static void
finish (RepriseHttpOperation *self, RepriseHttpOperationState state, GError *error)
{
  gboolean first;

  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_mutex_lock (&self->mutex);
  first = self->state == REPRISE_HTTP_OPERATION_RUNNING;
  if (first)
    {
      self->state = state;
      self->error = g_steal_pointer (&error);
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->mutex);
  g_clear_error (&error);
  if (first)
    g_object_unref (self); /* what start took */
}

static gboolean
is_running (RepriseHttpOperation *self)
{
  gboolean running;

  g_mutex_lock (&self->mutex);
  running = self->state == REPRISE_HTTP_OPERATION_RUNNING;
  g_mutex_unlock (&self->mutex);
  return running;
}

static void begin_poll (RepriseHttpOperation *self);

static gboolean
due_cb (gpointer data)
{
  RepriseHttpOperation *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  begin_poll (self);
  return G_SOURCE_REMOVE;
}

static void
poll_in (RepriseHttpOperation *self, guint delay_ms)
{
  if (is_running (self))
    self->timer = reprise_net_add_timeout (delay_ms, due_cb, self);
}

/* A poll came to nothing, though the operation may be well: asks again, unless that went on for too long. */
static void
poll_failed (RepriseHttpOperation *self, GError *error, int retry_after)
{
  gint64 failing_s = (g_get_monotonic_time () - self->good_us) / G_USEC_PER_SEC;
  guint delay_ms = reprise_http_get_backoff (self->http, ++self->n_failed, -1);

  if (failing_s >= self->patience_seconds)
    {
      finish (self, REPRISE_HTTP_OPERATION_STOPPED, error);
      return;
    }
  if (retry_after > 0)
    delay_ms = MAX (delay_ms, (guint) MIN (retry_after, LONGEST_WAIT_MS / 1000) * 1000);
  g_clear_error (&error);
  poll_in (self, MIN (delay_ms, LONGEST_WAIT_MS));
}

/* What “Azure-AsyncOperation” answers: {"status", "percentComplete"?, "error"?} */
static RepriseHttpOperationState
look_at_status (RepriseHttpOperation *self,
                RepriseHttpResponse *response,
                int *percent,
                char **message,
                GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  RepriseJsonLimits limits = { .error_code = REPRISE_ERROR_PROTOCOL };
  g_autoptr (JsonObject) object = reprise_json_parse_object (data, size, &limits, NULL);
  const char *status = reprise_json_get_string (object, "status", NULL);
  double reported = reprise_json_get_double (object, "percentComplete", -1);

  if (status == NULL && reprise_http_response_get_status (response) == 202)
    return REPRISE_HTTP_OPERATION_RUNNING;
  if (status == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("%s does not say how the work stands."), self->http->name);
      return REPRISE_HTTP_OPERATION_LOST_SIGHT;
    }
  *percent = reported >= 0 && reported <= 100 ? (int) reported : -1;
  g_free (*message);
  *message = reprise_http_clean_sentence (status, -1);
  if (g_ascii_strcasecmp (status, "Succeeded") == 0)
    return REPRISE_HTTP_OPERATION_DONE;
  if (g_ascii_strcasecmp (status, "Failed") != 0 && g_ascii_strcasecmp (status, "Canceled") != 0 &&
      g_ascii_strcasecmp (status, "Cancelled") != 0)
    return REPRISE_HTTP_OPERATION_RUNNING;
  {
    g_autofree char *explanation = reprise_http_explain_answer (self->http, response);

    if (explanation != NULL)
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("%s did not complete the work. It says: %s"), self->http->name,
                         explanation);
    else
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("%s did not complete the work, and does not say why."),
                         self->http->name);
  }
  return REPRISE_HTTP_OPERATION_FAILED;
}

/* A running operation may move. */
static gboolean
follow_location (RepriseHttpOperation *self, RepriseHttpResponse *response, GError **error)
{
  const char *location = reprise_http_response_get_header (
    response, self->by_status ? "Azure-AsyncOperation" : "Location");
  RepriseHttpRequest *request;

  if (location == NULL || strlen (location) > MAX_ADDRESS_BYTES)
    return TRUE;
  request = reprise_http_request_new_at (self->http, "GET", location, REPRISE_HTTP_READ, error);
  if (request == NULL)
    return FALSE;
  g_clear_object (&self->request);
  self->request = request;
  g_mutex_lock (&self->mutex);
  g_free (self->address);
  self->address = g_strdup (location);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

static guint
next_wait (RepriseHttpOperation *self, RepriseHttpResponse *response)
{
  int retry_after = reprise_http_response_get_retry_after (response);

  if (retry_after < 0)
    return self->interval_ms;
  return CLAMP ((guint) MIN (retry_after, LONGEST_WAIT_MS / 1000) * 1000,
                MIN (SHORTEST_WAIT_MS, self->interval_ms), LONGEST_WAIT_MS);
}

/* It is at work, and is asked again when it said. */
static void
poll_after (RepriseHttpOperation *self, RepriseHttpResponse *response)
{
  guint delay_ms = next_wait (self, response);

  g_mutex_lock (&self->mutex);
  self->quiet_until_us = g_get_monotonic_time () + (gint64) delay_ms * 1000;
  g_mutex_unlock (&self->mutex);
  poll_in (self, delay_ms);
}

/* An answer that says how the operation is. */
static void
take_state (RepriseHttpOperation *self, RepriseHttpResponse *response)
{
  guint status = reprise_http_response_get_status (response);
  RepriseHttpOperationState state;
  g_autoptr (GError) error = NULL;
  char *message;
  int percent;

  self->n_failed = 0;
  self->renewed = FALSE;
  self->good_us = g_get_monotonic_time ();
  g_mutex_lock (&self->mutex);
  g_set_object (&self->answer, response);
  percent = self->percent;
  message = g_strdup (self->message);
  g_mutex_unlock (&self->mutex);
  if (self->by_status)
    state = look_at_status (self, response, &percent, &message, &error);
  else
    state = status == 202 ? REPRISE_HTTP_OPERATION_RUNNING : REPRISE_HTTP_OPERATION_DONE;
  g_mutex_lock (&self->mutex);
  self->percent = percent;
  g_free (self->message);
  self->message = message;
  g_mutex_unlock (&self->mutex);
  if (state == REPRISE_HTTP_OPERATION_RUNNING && follow_location (self, response, &error))
    poll_after (self, response);
  else if (state == REPRISE_HTTP_OPERATION_RUNNING)
    finish (self, REPRISE_HTTP_OPERATION_LOST_SIGHT, g_steal_pointer (&error));
  else
    finish (self, state, g_steal_pointer (&error));
}

static void
take_response (RepriseHttpOperation *self, RepriseHttpResponse *response)
{
  guint status = reprise_http_response_get_status (response);
  GError *error = NULL;

  switch (reprise_http_classify (self->http, self->request, response, &error))
    {
    case REPRISE_HTTP_DONE:
      if (reprise_http_check_type (self->http, self->request, response,
                                   self->request->expected_types == NULL, &error))
        take_state (self, response);
      else
        poll_failed (self, error, -1);
      break;
    case REPRISE_HTTP_RETRY:
      poll_failed (self, error, reprise_http_response_get_retry_after (response));
      break;
    case REPRISE_HTTP_SIGN_IN:
      if (self->renewed || self->http->auth == NULL ||
          !reprise_http_auth_can_renew (self->http->auth))
        {
          if (error->domain == REPRISE_ERROR)
            error->code = REPRISE_ERROR_NEEDS_SIGN_IN;
          finish (self, REPRISE_HTTP_OPERATION_STOPPED, error);
          break;
        }
      g_clear_error (&error);
      self->renew = self->renewed = TRUE;
      begin_poll (self);
      break;
    case REPRISE_HTTP_DEFAULT:
    case REPRISE_HTTP_GIVE_UP:
    default:
      finish (self,
              status == 403 || status == 404 || status == 410 ? REPRISE_HTTP_OPERATION_LOST_SIGHT
                                                              : REPRISE_HTTP_OPERATION_FAILED,
              error);
      break;
    }
}

/* A poll has ended. On the net thread. */
static void
polled_cb (RepriseExchange *exchange, gpointer data)
{
  g_autoptr (RepriseHttpOperation) self = data;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) body = NULL;
  RepriseExchangeEnd end;
  GError *error = NULL;
  gint64 length;

  if (!is_running (self))
    return;
  end = reprise_exchange_get_end (exchange, &error);
  if (end != REPRISE_EXCHANGE_OK)
    {
      if (end == REPRISE_EXCHANGE_REFUSED)
        finish (self, REPRISE_HTTP_OPERATION_STOPPED, error);
      else
        poll_failed (self, error, -1);
      return;
    }
  body = reprise_exchange_get_body (exchange);
  length = reprise_exchange_get_content_length (exchange);
  response =
    reprise_http_response_new (reprise_exchange_get_status (exchange),
                               reprise_exchange_get_headers (exchange), body, length, length >= 0);
  if (self->http->auth != NULL)
    reprise_http_auth_observe (self->http->auth, response);
  take_response (self, response);
}

/* What the pool hands back to the net thread. */
typedef struct
{
  RepriseHttpOperation *operation; /* (owned) */
  SoupMessage *message;            /* (owned) (nullable) */
  GError *error;                   /* (owned) (nullable) */
} Signed;

/* On the net thread: the credential is in. */
static gboolean
signed_cb (gpointer data)
{
  g_autofree Signed *answer = data;
  g_autoptr (RepriseHttpOperation) self = answer->operation;
  g_autoptr (SoupMessage) message = answer->message;
  RepriseExchangePlan plan = {
    .message = message,
    .name = self->http->name,
    .pin = self->http->pin,
    .connect_ms = self->http->connect_ms,
    .header_ms = self->request->header_ms,
    .stall_bytes = self->request->stall_bytes,
    .stall_ms = self->request->stall_ms,
    .max_bytes = self->request->max_bytes,
    .done = polled_cb,
  };

  if (!is_running (self))
    g_clear_error (&answer->error);
  else if (message == NULL &&
           g_error_matches (answer->error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE))
    poll_failed (self, answer->error, -1);
  else if (message == NULL)
    finish (self, REPRISE_HTTP_OPERATION_STOPPED, answer->error);
  else
    {
      plan.user_data = g_object_ref (self);
      g_clear_pointer (&self->exchange, reprise_exchange_unref);
      self->exchange = reprise_exchange_start (&plan);
    }
  return G_SOURCE_REMOVE;
}

/* In the pool: renewing and applying a credential may block. */
static void
sign_worker (gpointer data, gpointer pool_data)
{
  RepriseHttpOperation *self = data; /* (owned) */
  g_autoptr (RepriseHttpGrant) grant = reprise_http_grant_new ();
  g_autoptr (GUri) uri = reprise_http_resolve (self->http, self->request);
  RepriseHttpAuth *auth = self->request->anonymous ? NULL : self->http->auth;
  Signed *answer = g_new0 (Signed, 1);
  gboolean ok = TRUE;

  if (auth != NULL && self->renew)
    ok = reprise_http_auth_renew (auth, self->generation, NULL, &answer->error);
  self->renew = FALSE;
  if (auth != NULL && ok)
    ok =
      reprise_http_auth_apply (auth, self->request, grant, &self->generation, NULL, &answer->error);
  if (ok)
    answer->message = reprise_http_make_message (self->http, self->request, uri, grant);
  answer->operation = self;
  reprise_net_invoke (signed_cb, answer);
}

static void
begin_poll (RepriseHttpOperation *self)
{
  static GThreadPool *pool;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      pool = g_thread_pool_new (sign_worker, NULL, MAX_SIGN_THREADS, FALSE, NULL);
      g_once_init_leave (&once, 1);
    }
  if (is_running (self))
    g_thread_pool_push (pool, g_object_ref (self), NULL);
}

static gboolean
start_cb (gpointer data)
{
  RepriseHttpOperation *self = data; /* (owned): until finish() */

  self->good_us = g_get_monotonic_time ();
  if (self->answer != NULL)
    poll_after (self, self->answer);
  else
    begin_poll (self);
  return G_SOURCE_REMOVE;
}

/* Begins to follow it. Once; any thread. */
void
reprise_http_operation_start (RepriseHttpOperation *self)
{
  gboolean first;

  g_mutex_lock (&self->mutex);
  first = !self->started && self->state == REPRISE_HTTP_OPERATION_RUNNING;
  self->started = TRUE;
  g_mutex_unlock (&self->mutex);
  if (first)
    reprise_net_invoke (start_cb, g_object_ref (self));
}

/* On the net thread: nobody waits any more. */
static gboolean
stop_cb (gpointer data)
{
  g_autoptr (RepriseHttpOperation) self = data;

  if (self->exchange != NULL)
    reprise_exchange_stop (self->exchange);
  if (is_running (self))
    finish (self, REPRISE_HTTP_OPERATION_STOPPED,
            g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("It was stopped.")));
  return G_SOURCE_REMOVE;
}

/* Between two polls, where the service does not say; 10 s by default. Before it is started. */
void
reprise_http_operation_set_interval (RepriseHttpOperation *self, guint interval_ms)
{
  self->interval_ms = interval_ms;
}

/* How long polls may fail one after the other: a quarter of an hour unless a test says less. Before it is started. */
void
reprise_http_operation_set_patience (RepriseHttpOperation *self, guint seconds)
{
  self->patience_seconds = seconds;
}

/* How long reprise_http_operation_wait() waits at most; 0, by default, for ever. */
void
reprise_http_operation_set_limit (RepriseHttpOperation *self, guint limit_ms)
{
  self->limit_ms = limit_ms;
}

static void
wake_cb (GCancellable *cancellable, RepriseHttpOperation *self)
{
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static void
report (RepriseProgress *progress, int percent, const char *message, gboolean is_quiet)
{
  if (percent >= 0)
    {
      reprise_progress_set_totals (progress, -1, 100);
      reprise_progress_set_done (progress, 0, percent);
    }
  reprise_progress_set_message (progress, message);
  if (is_quiet)
    reprise_progress_touch (progress);
}

/**
 * reprise_http_operation_wait:
 * @progress: (nullable): told the percentage and what the service says
 *
 * Starts it if need be and waits for its end. When @cancellable is cancelled, or the limit is reached, nobody follows it
 * any longer, and what the service does goes on. Blocks: for workers.
 *
 * Returns: whether it is done; else @error, %REPRISE_ERROR_BUSY after the limit, and the state says whether it failed or can only not be
 *   followed
 */
gboolean
reprise_http_operation_wait (RepriseHttpOperation *self,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  gint64 limit_us =
    self->limit_ms > 0 ? g_get_monotonic_time () + (gint64) self->limit_ms * 1000 : G_MAXINT64;
  gulong handler = 0;
  gboolean running, done, gave_up = FALSE;

  reprise_http_operation_start (self);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), self, NULL);
  g_mutex_lock (&self->mutex);
  do
    {
      g_autofree char *message = NULL;
      gboolean is_quiet;
      int percent;

      if (self->state == REPRISE_HTTP_OPERATION_RUNNING && !gave_up &&
          (g_get_monotonic_time () >= limit_us || g_cancellable_is_cancelled (cancellable)))
        {
          gave_up = TRUE;
          limit_us = G_MAXINT64;
          reprise_net_invoke (stop_cb, g_object_ref (self));
        }
      if (self->state == REPRISE_HTTP_OPERATION_RUNNING)
        g_cond_wait_until (&self->changed, &self->mutex,
                           MIN (g_get_monotonic_time () + WAIT_MS * 1000, limit_us));
      running = self->state == REPRISE_HTTP_OPERATION_RUNNING;
      is_quiet = g_get_monotonic_time () < self->quiet_until_us;
      percent = self->percent;
      message = g_strdup (self->message);
      g_mutex_unlock (&self->mutex);
      report (progress, percent, message, is_quiet);
      g_mutex_lock (&self->mutex);
    }
  while (running);
  done = self->state == REPRISE_HTTP_OPERATION_DONE;
  if (self->state == REPRISE_HTTP_OPERATION_STOPPED && gave_up)
    {
      if (!g_cancellable_set_error_if_cancelled (cancellable, error))
        reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                           _ ("%s is still at work on it."), self->http->name);
    }
  else if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, handler);
  return done;
}

static RepriseHttpOperation *
new_at (RepriseHttp *http, const char *address, gboolean by_status, GError **error)
{
  g_autoptr (RepriseHttpRequest) request = NULL;
  RepriseHttpOperation *self;

  if (address == NULL || strlen (address) > MAX_ADDRESS_BYTES)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("%s started the work, but does not say where to ask about it."),
                         http->name);
      return NULL;
    }
  request = reprise_http_request_new_at (http, "GET", address, REPRISE_HTTP_READ, error);
  if (request == NULL)
    return NULL;
  self = g_object_new (REPRISE_TYPE_HTTP_OPERATION, NULL);
  self->http = g_object_ref (http);
  self->by_status = by_status;
  self->request = g_steal_pointer (&request);
  self->address = g_strdup (address);
  return self;
}

/**
 * reprise_http_operation_new_from_response:
 * @started: the answer to the request that started it: 200, 201 or 202
 *
 * The operation that is told of by “Azure-AsyncOperation” or, without it, by “Location”. An answer of 200 or 201
 * without either is an operation that is done.
 *
 * Returns: (transfer full): not started yet, or %NULL with %REPRISE_ERROR_PROTOCOL where it is not said where to ask,
 *   or somewhere else than at the service
 */
RepriseHttpOperation *
reprise_http_operation_new_from_response (RepriseHttp *http,
                                          RepriseHttpResponse *started,
                                          GError **error)
{
  const char *by_status = reprise_http_response_get_header (started, "Azure-AsyncOperation");
  const char *location = reprise_http_response_get_header (started, "Location");
  RepriseHttpOperation *self;

  if (by_status == NULL &&
      (location == NULL || reprise_http_response_get_status (started) == 201) &&
      reprise_http_response_get_status (started) != 202)
    {
      self = g_object_new (REPRISE_TYPE_HTTP_OPERATION, NULL);
      self->http = g_object_ref (http);
      self->started = TRUE;
      self->state = REPRISE_HTTP_OPERATION_DONE;
    }
  else
    self = new_at (http, by_status != NULL ? by_status : location, by_status != NULL, error);
  if (self != NULL)
    self->answer = g_object_ref (started);
  return self;
}

/**
 * reprise_http_operation_save:
 *
 * Returns: (transfer full) (nullable): what it takes to follow the operation after a restart, as JSON: address, form and
 *   start. The address may be signed: keep it where only its owner reads. %NULL for one that was done from the start
 */
char *
reprise_http_operation_save (RepriseHttpOperation *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();

  g_mutex_lock (&self->mutex);
  if (self->address != NULL)
    json_object_set_string_member (object, "address", self->address);
  g_mutex_unlock (&self->mutex);
  if (!json_object_has_member (object, "address"))
    return NULL;
  json_object_set_string_member (object, "form", self->by_status ? "status" : "location");
  json_object_set_string_member (object, "started_at", self->started_at);
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

/**
 * reprise_http_operation_new_from_state:
 * @state: from reprise_http_operation_save()
 *
 * Returns: (transfer full): the operation, not started yet; or %NULL with %REPRISE_ERROR_DAMAGED or, where its address
 *   is not at the service, %REPRISE_ERROR_PROTOCOL
 */
RepriseHttpOperation *
reprise_http_operation_new_from_state (RepriseHttp *http, const char *state, GError **error)
{
  g_autoptr (JsonObject) object = reprise_json_parse_object (state, strlen (state), NULL, error);
  const char *form = reprise_json_get_string (object, "form", "");
  const char *address, *started_at;
  RepriseHttpOperation *self;

  if (object == NULL)
    return NULL;
  address = reprise_json_need_string (object, "address", error);
  if (address == NULL)
    return NULL;
  started_at = reprise_json_get_string (object, "started_at", NULL);
  self = new_at (http, address, g_strcmp0 (form, "status") == 0, error);
  if (self != NULL && started_at != NULL)
    {
      g_free (self->started_at);
      self->started_at = g_strdup (started_at);
    }
  return self;
}

RepriseHttpOperationState
reprise_http_operation_get_state (RepriseHttpOperation *self)
{
  RepriseHttpOperationState state;

  g_mutex_lock (&self->mutex);
  state = self->state;
  g_mutex_unlock (&self->mutex);
  return state;
}
