/* reprise-http-exchange.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "net/reprise-http-error.h"
#include "net/reprise-http-exchange-private.h"
#include "net/reprise-http-splice.h"
#include "net/reprise-http-upload.h"
#include "net/reprise-net-thread.h"

#define KEEPALIVE_SECONDS 60
/* A kept connection that turns out to be dead makes libsoup send again, from its own queue; where that comes before it was told how the
 * first try ended, it ends the second for it, and uses what it has freed. So the end of a try comes first. */
#define ABOVE_LIBSOUP (G_PRIORITY_DEFAULT - 1)

#define MIN_TICK_MS 10
#define MAX_TICK_MS 1000

RepriseExchange *
reprise_exchange_ref (RepriseExchange *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
reprise_exchange_unref (RepriseExchange *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->body, reprise_http_body_unref);
  g_free (self->name);
  g_free (self->pin);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->message);
  g_clear_object (&self->upload);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->tick, g_source_unref);
  g_clear_pointer (&self->readable, g_source_unref);
  g_clear_pointer (&self->trust.refused, reprise_http_certificate_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->collected, g_byte_array_unref);
  g_queue_clear_full (&self->full, g_free);
  g_queue_clear_full (&self->empty, g_free);
  g_free (self->filling);
  g_free (self->lent);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

void
reprise_exchange_stop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
closed_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  g_input_stream_close_finish (G_INPUT_STREAM (stream), result, NULL);
}

/*
 * Where an answer came instead of “100 Continue”, libsoup looks for a second one as it closes the stream of the first; as long as the
 * server neither sends one nor hangs up, it waits for it with a structure that it takes for another, and crashes. Such a connection
 * serves nobody else: it is dropped without that look.
 */
static void
close_stream (RepriseExchange *self, GInputStream *stream)
{
  g_autoptr (GCancellable) at_once = NULL;

  if (self->plan.continue_ms > 0 && !self->continued)
    {
      at_once = g_cancellable_new ();
      g_cancellable_cancel (at_once);
    }
  g_input_stream_close_async (stream, G_PRIORITY_DEFAULT, at_once, closed_cb, NULL);
}

/* Ends the exchange, once. @error is consumed. */
void
reprise_exchange_finish (RepriseExchange *self, RepriseExchangeEnd end, GError *error)
{
  if (self->over)
    {
      g_clear_error (&error);
      return;
    }
  reprise_exchange_stop_source (&self->tick);
  reprise_exchange_stop_source (&self->readable);
  if (self->message != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->message, self);
      reprise_http_trust_unwatch (&self->trust, self->message);
    }
  if (end != REPRISE_EXCHANGE_OK)
    g_cancellable_cancel (self->cancellable);
  if (self->upload != NULL)
    reprise_http_upload_stop (REPRISE_HTTP_UPLOAD (self->upload));
  if (self->stream != NULL)
    close_stream (self, self->stream);
  g_clear_object (&self->stream);
  g_clear_object (&self->message);
  g_clear_object (&self->socket);
  g_mutex_lock (&self->mutex);
  if (self->filling != NULL && self->filling->size_bytes > 0)
    g_queue_push_tail (&self->full, g_steal_pointer (&self->filling));
  self->end = end;
  self->error = error;
  self->over = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  if (self->plan.done != NULL)
    self->plan.done (self, self->plan.user_data);
  reprise_exchange_unref (self); /* what start_cb() took */
}

void
reprise_exchange_finish_because (RepriseExchange *self, const GError *reason)
{
  GError *error = NULL;
  RepriseExchangeEnd end;
  g_autoptr (GError) of_upload =
    self->upload != NULL ? reprise_http_upload_dup_error (REPRISE_HTTP_UPLOAD (self->upload))
                         : NULL;

  if (self->trust.refused != NULL)
    {
      reprise_http_trust_set_error (&error, self->trust.refused);
      reprise_exchange_finish (self, REPRISE_EXCHANGE_REFUSED, error);
    }
  else if (of_upload != NULL)
    reprise_exchange_finish (self, REPRISE_EXCHANGE_REFUSED, g_steal_pointer (&of_upload));
  else
    {
      end = reprise_http_translate_error (reason, self->name, self->sent_headers, self->answered,
                                          &error);
      reprise_exchange_finish (self, end, error);
    }
}

void
reprise_exchange_finish_with (RepriseExchange *self,
                              RepriseExchangeEnd end,
                              RepriseError code,
                              char *saying)
{
  GError *error = NULL;

  reprise_error_set_literal (&error, REPRISE_ERROR, (int) code, saying);
  reprise_exchange_finish (self, end, error);
  g_free (saying);
}

void
reprise_exchange_enter_stage (RepriseExchange *self, RepriseExchangeStage stage)
{
  gint64 now = g_get_monotonic_time ();

  self->stage_us = self->mark_us = now;
  g_mutex_lock (&self->mutex);
  self->stage = stage;
  self->mark_bytes = stage == REPRISE_EXCHANGE_STAGE_BODY ? self->received : self->sent;
  self->moved_us = stage >= REPRISE_EXCHANGE_STAGE_SENDING ? now : 0;
  g_mutex_unlock (&self->mutex);
}

/* Whether the socket still sends what libsoup has handed to the system. */
static gboolean
socket_still_sends (RepriseExchange *self)
{
  int queued = 0;

  if (self->socket == NULL || g_socket_is_closed (self->socket) ||
      ioctl (g_socket_get_fd (self->socket), SIOCOUTQ, &queued) != 0)
    return FALSE;
  if (queued == 0 || queued == self->queued_bytes)
    return FALSE;
  self->queued_bytes = queued;
  return TRUE;
}

/* Whether too little moved for too long, of what @bytes counts. */
static gboolean
is_stalled (RepriseExchange *self, guint64 bytes, gint64 now)
{
  if (bytes - self->mark_bytes >= self->plan.stall_bytes)
    {
      self->mark_bytes = bytes;
      self->mark_us = now;
    }
  return now - self->mark_us > (gint64) self->plan.stall_ms * 1000;
}

static gulong
to_seconds (guint ms)
{
  return MAX (1, (ms + 500) / 1000);
}

static void
finish_stalled (RepriseExchange *self, RepriseExchangeEnd end)
{
  gulong seconds = to_seconds (self->plan.stall_ms);

  reprise_exchange_finish_with (
    self, end, REPRISE_ERROR_STALLED,
    reprise_say_n ("%s stopped in the middle: nothing moved for %lu second.",
                   "%s stopped in the middle: nothing moved for %lu seconds.", seconds, self->name,
                   seconds));
}

static void
finish_unanswered (RepriseExchange *self, RepriseExchangeEnd end, guint timeout_ms)
{
  gulong seconds = to_seconds (timeout_ms);

  reprise_exchange_finish_with (self, end, REPRISE_ERROR_UNREACHABLE,
                                reprise_say_n ("%s did not answer within %lu second.",
                                               "%s did not answer within %lu seconds.", seconds,
                                               self->name, seconds));
}

static void
watch_sending (RepriseExchange *self, guint64 sent, gint64 now)
{
  if (reprise_http_upload_is_starved (REPRISE_HTTP_UPLOAD (self->upload)))
    self->mark_us = now;
  else if (is_stalled (self, sent, now))
    finish_stalled (self, REPRISE_EXCHANGE_LOST);
}

static void
watch_body (RepriseExchange *self, guint64 received, gboolean paused, gint64 now)
{
  if (paused)
    self->mark_us = now;
  else if (is_stalled (self, received, now))
    finish_stalled (self, REPRISE_EXCHANGE_CUT);
}

/* The watchdogs of all stages. */
static gboolean
tick_cb (gpointer data)
{
  RepriseExchange *self = data;
  gint64 now = g_get_monotonic_time ();
  gint64 in_stage_ms = (now - self->stage_us) / 1000;
  guint64 sent, received;
  gboolean paused;

  g_mutex_lock (&self->mutex);
  sent = self->sent;
  received = self->received;
  paused = self->paused;
  g_mutex_unlock (&self->mutex);
  if (self->plan.deadline_us > 0 && now > self->plan.deadline_us)
    {
      reprise_exchange_finish_with (
        self, self->answered ? REPRISE_EXCHANGE_CUT : REPRISE_EXCHANGE_LOST, REPRISE_ERROR_STALLED,
        reprise_say ("%s took longer than this work was allowed to take.", self->name));
      return G_SOURCE_REMOVE;
    }
  switch (self->stage)
    {
    case REPRISE_EXCHANGE_STAGE_QUEUED:
      break;
    case REPRISE_EXCHANGE_STAGE_CONNECTING:
      if (in_stage_ms > self->plan.connect_ms)
        finish_unanswered (self, REPRISE_EXCHANGE_NO_CONNECTION, self->plan.connect_ms);
      break;
    case REPRISE_EXCHANGE_STAGE_CONTINUE:
      if (in_stage_ms > self->plan.continue_ms)
        finish_unanswered (self, REPRISE_EXCHANGE_NO_CONTINUE, self->plan.continue_ms);
      break;
    case REPRISE_EXCHANGE_STAGE_SENDING:
      if (self->upload != NULL)
        watch_sending (self, sent, now);
      else if (is_stalled (self, sent, now))
        finish_stalled (self, REPRISE_EXCHANGE_LOST);
      break;
    case REPRISE_EXCHANGE_STAGE_WAITING:
      if (socket_still_sends (self))
        reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_WAITING);
      else if (in_stage_ms > self->plan.header_ms)
        finish_unanswered (self, REPRISE_EXCHANGE_LOST, self->plan.header_ms);
      break;
    case REPRISE_EXCHANGE_STAGE_BODY:
      watch_body (self, received, paused, now);
      break;
    }
  return G_SOURCE_CONTINUE;
}

static void
sent_cb (GObject *session, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseExchange) self = data;
  g_autoptr (GError) error = NULL;
  GInputStream *stream = soup_session_send_finish (SOUP_SESSION (session), result, &error);

  if (self->over)
    {
      if (stream != NULL)
        close_stream (self, stream);
      g_clear_object (&stream);
      return;
    }
  if (stream == NULL)
    {
      reprise_exchange_finish_because (self, error);
      return;
    }
  reprise_exchange_begin_answer (self, stream);
}

/* A connection that was made is not to the right server. */
static void
rejected_cb (gpointer data)
{
  g_autoptr (GError) error =
    g_error_new_literal (G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, "not the pinned certificate");

  reprise_exchange_finish_because (data, error);
}

static void
network_event_cb (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  RepriseExchange *self)
{
  if (self->stage == REPRISE_EXCHANGE_STAGE_QUEUED)
    reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_CONNECTING);
  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection))
    {
      g_set_object (&self->socket,
                    g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)));
      g_socket_set_keepalive (self->socket, TRUE); /* some answers take minutes */
      g_socket_set_option (self->socket, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_SECONDS, NULL);
    }
}

static void
wrote_headers_cb (SoupMessage *message, RepriseExchange *self)
{
  self->sent_headers = TRUE;
  if (self->plan.continue_ms > 0)
    reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_CONTINUE);
  else
    reprise_exchange_enter_stage (self, self->body != NULL ? REPRISE_EXCHANGE_STAGE_SENDING
                                                           : REPRISE_EXCHANGE_STAGE_WAITING);
}

static void
got_informational_cb (SoupMessage *message, RepriseExchange *self)
{
  if (self->stage != REPRISE_EXCHANGE_STAGE_CONTINUE ||
      soup_message_get_status (message) != SOUP_STATUS_CONTINUE)
    return;
  self->continued = TRUE;
  reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_SENDING);
}

static void
wrote_body_data_cb (SoupMessage *message, guint size, RepriseExchange *self)
{
  g_mutex_lock (&self->mutex);
  self->sent += size;
  self->moved_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->mutex);
}

static void
wrote_body_cb (SoupMessage *message, RepriseExchange *self)
{
  reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_WAITING);
}

/*
 * libsoup repeats a request by itself on a connection that turned out to be dead, and forgets its body. It is given a
 * body again, and the exchange ends here: repeating is for those who know what the request does.
 */
static void
restarted_cb (SoupMessage *message, RepriseExchange *self)
{
  g_autoptr (GInputStream) again = NULL;
  g_autoptr (GError) error = NULL;

  if (self->body == NULL)
    {
      reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_QUEUED);
      return;
    }
  again = reprise_http_upload_new (self->body);
  soup_message_set_request_body (message, NULL, again,
                                 (gssize) reprise_http_body_get_size (self->body));
  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "restarted");
  self->sent_headers = TRUE;
  reprise_exchange_finish_because (self, error);
}

static void
set_body (RepriseExchange *self)
{
  GBytes *bytes;

  if (self->body == NULL)
    return;
  reprise_http_splice_install ();
  bytes = reprise_http_body_get_bytes (self->body);
  if (bytes != NULL)
    soup_message_set_request_body_from_bytes (self->message, NULL, bytes);
  else
    {
      self->upload = reprise_http_upload_new (self->body);
      soup_message_set_request_body (self->message, NULL, self->upload,
                                     (gssize) reprise_http_body_get_size (self->body));
    }
}

static guint
tick_ms (const RepriseExchangePlan *plan)
{
  guint shortest = MIN (MIN (plan->connect_ms, plan->header_ms), plan->stall_ms);

  if (plan->continue_ms > 0)
    shortest = MIN (shortest, plan->continue_ms);
  return CLAMP (shortest / 4, MIN_TICK_MS, MAX_TICK_MS);
}

static gboolean
start_cb (gpointer data)
{
  RepriseExchange *self = data; /* (owned): until reprise_exchange_finish() */
  static const struct
  {
    const char *signal;
    GCallback callback;
  } signals[] = {
    { "network-event", G_CALLBACK (network_event_cb) },
    { "wrote-headers", G_CALLBACK (wrote_headers_cb) },
    { "got-informational", G_CALLBACK (got_informational_cb) },
    { "wrote-body-data", G_CALLBACK (wrote_body_data_cb) },
    { "wrote-body", G_CALLBACK (wrote_body_cb) },
    { "restarted", G_CALLBACK (restarted_cb) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect (self->message, signals[i].signal, signals[i].callback, self);
  self->trust = (RepriseTrustWatch){ self->name, self->pin, NULL, rejected_cb, self };
  reprise_http_trust_watch (&self->trust, self->message);
  set_body (self);
  self->tick = reprise_net_add_timeout (tick_ms (&self->plan), tick_cb, self);
  soup_session_send_async (reprise_http_trust_get_session (self->pin), self->message, ABOVE_LIBSOUP,
                           self->cancellable, sent_cb, reprise_exchange_ref (self));
  return G_SOURCE_REMOVE;
}

/**
 * reprise_exchange_start:
 *
 * Starts one try. Any thread.
 *
 * Returns: (transfer full): the exchange, to be waited for, or which calls `done`
 */
RepriseExchange *
reprise_exchange_start (const RepriseExchangePlan *plan)
{
  RepriseExchange *self = g_new0 (RepriseExchange, 1);

  g_atomic_ref_count_init (&self->refs);
  self->plan = *plan;
  self->message = g_object_ref (plan->message);
  self->body = plan->body != NULL ? reprise_http_body_ref (plan->body) : NULL;
  self->name = g_strdup (plan->name);
  self->pin = g_strdup (plan->pin);
  self->cancellable = g_cancellable_new ();
  self->content_length = -1;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  reprise_net_invoke (start_cb, reprise_exchange_ref (self));
  return self;
}

static gboolean
stop_cb (gpointer data)
{
  g_autoptr (RepriseExchange) self = data;

  reprise_exchange_finish (
    self, REPRISE_EXCHANGE_CANCELLED,
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("It was stopped.")));
  return G_SOURCE_REMOVE;
}

/* Ends it soon, if it has not ended. Any thread. */
void
reprise_exchange_stop (RepriseExchange *self)
{
  reprise_net_invoke (stop_cb, reprise_exchange_ref (self));
}

/**
 * reprise_exchange_get_end:
 * @error: set unless it is %REPRISE_EXCHANGE_OK
 */
RepriseExchangeEnd
reprise_exchange_get_end (RepriseExchange *self, GError **error)
{
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  return self->end;
}

/* 0 where no answer came */
guint
reprise_exchange_get_status (RepriseExchange *self)
{
  return self->status;
}

/* (transfer none) (nullable) */
SoupMessageHeaders *
reprise_exchange_get_headers (RepriseExchange *self)
{
  return self->headers;
}

/* (transfer full): the collected body; of a finished one, once */
GBytes *
reprise_exchange_get_body (RepriseExchange *self)
{
  if (self->collected == NULL)
    return g_bytes_new_static ("", 0);
  g_byte_array_append (self->collected, (const guint8 *) "",
                       1); /* so that it can be read as a text */
  g_byte_array_set_size (self->collected, self->collected->len - 1);
  return g_byte_array_free_to_bytes (g_steal_pointer (&self->collected));
}

gint64
reprise_exchange_get_content_length (RepriseExchange *self)
{
  return self->content_length;
}

guint64
reprise_exchange_get_received (RepriseExchange *self)
{
  return self->received;
}

/* How much of the body was sent */
guint64
reprise_exchange_get_sent (RepriseExchange *self)
{
  return self->sent;
}

gboolean
reprise_exchange_is_streaming (RepriseExchange *self)
{
  return self->streaming;
}

/* And told to the progress */
guint64
reprise_exchange_get_told (RepriseExchange *self)
{
  return self->reported;
}
