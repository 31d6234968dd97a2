/* reprise-http-exchange.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/reprise-error.h"
#include "net/reprise-http-error.h"
#include "net/reprise-http-exchange.h"
#include "net/reprise-http-header.h"
#include "net/reprise-http-trust.h"
#include "net/reprise-http-upload.h"
#include "net/reprise-net-thread.h"

#define BLOCK_BYTES       (512 * 1024)
#define N_BLOCKS          4
#define TRICKLE_BYTES     (8 * 1024) /* at once: less than that comes line by line */
#define TRICKLE_MS        1
#define LONG_BYTES        (64 * 1024) /* of an answer, before it is waited for more of it */
#define BATCH_BYTES       (128 * 1024) /* less is not handed over while the worker has something to do */
#define NOTICE_MS         5000         /* without anything moving, until it is said aloud */
#define PATIENT_MS        120000       /* a wait that may be longer than that is meant to be long */
#define KEEPALIVE_SECONDS 60
/* A kept connection that turns out to be dead makes libsoup send again, from its own queue; where that comes before it was told how the
 * first try ended, it ends the second for it, and uses what it has freed. So the end of a try comes first. */
#define ABOVE_LIBSOUP (G_PRIORITY_DEFAULT - 1)

#define MIN_TICK_MS     10
#define MAX_TICK_MS     1000
#define WAIT_MS         250 /* how often a waiting worker looks at the progress */
#define MAX_ERROR_BYTES (64 * 1024)

/*
 * One try of one request: connect → headers out → (100 Continue) → body out → headers in → body in.
 * Each stage has its watchdog; what moves is counted; whoever ends it first wins (finish()).
 */
typedef enum
{
  STAGE_QUEUED,
  STAGE_CONNECTING,
  STAGE_CONTINUE,
  STAGE_SENDING,
  STAGE_WAITING,
  STAGE_BODY,
} Stage;

typedef struct
{
  gsize size_bytes;
  guchar data[BLOCK_BYTES];
} Block;

struct _RepriseExchange
{
  gatomicrefcount refs;
  RepriseExchangePlan
    plan; /* its pointers are not used after the start, except through the copies below */
  RepriseHttpBody *body;     /* (owned) (nullable) */
  char *name;                /* (owned) */
  char *pin;                 /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned); cancelled on the net thread only */

  /* on the net thread */
  SoupMessage *message; /* (owned) (nullable): until the end */
  GInputStream *upload; /* (owned) (nullable) */
  GInputStream *stream; /* (owned) (nullable): the answer's body */
  GSource *tick;        /* (owned) (nullable) */
  GSource *readable;    /* (owned) (nullable) */
  GSocket *socket;      /* (owned) (nullable): of a connection made for this exchange */
  gint64 stage_us;      /* when the stage began */
  gint64 mark_us;       /* when enough had moved for the last time */
  guint64 mark_bytes;   /* and how much it was then */
  int queued_bytes;     /* in the socket, when last seen */
  Block *filling;       /* (owned) (nullable) */
  RepriseTrustWatch trust;
  gboolean sent_headers;
  gboolean bodyless; /* an answer without a body by its nature */

  GMutex mutex; /* guards all that follows; only the net thread writes it */
  GCond changed;
  Stage stage;
  gboolean answered;
  gboolean over;
  gboolean streaming;
  gboolean paused; /* nothing is read, since the worker has not taken what there is */
  RepriseExchangeEnd end;
  GError *error; /* (owned) (nullable) */
  guint status;
  SoupMessageHeaders *headers; /* (owned) (nullable) */
  gint64 content_length;
  guint64 sent;
  guint64 received;
  gint64 moved_us; /* when something moved; 0 while nothing is expected to */
  GQueue full;     /* (element-type Block) */
  GQueue empty;    /* (element-type Block) */
  guint n_blocks;
  GByteArray *collected; /* (owned) (nullable) */

  /* of the worker */
  Block *lent;      /* (owned) (nullable) */
  guint64 reported; /* of what was sent, to the progress */
  gboolean noticed; /* a notice stands in the progress */
};

static void read_answer (RepriseExchange *self);

static RepriseExchange *
exchange_ref (RepriseExchange *self)
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

static void
stop_source (GSource **source)
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

/* Ends the exchange, once. @error is consumed. */
static void
finish (RepriseExchange *self, RepriseExchangeEnd end, GError *error)
{
  if (self->over)
    {
      g_clear_error (&error);
      return;
    }
  stop_source (&self->tick);
  stop_source (&self->readable);
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
    g_input_stream_close_async (self->stream, G_PRIORITY_DEFAULT, NULL, closed_cb, NULL);
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

static void
finish_because (RepriseExchange *self, const GError *reason)
{
  GError *error = NULL;
  RepriseExchangeEnd end;
  g_autoptr (GError) of_upload =
    self->upload != NULL ? reprise_http_upload_dup_error (REPRISE_HTTP_UPLOAD (self->upload))
                         : NULL;

  if (self->trust.refused != NULL)
    {
      reprise_http_trust_set_error (&error, self->trust.refused);
      finish (self, REPRISE_EXCHANGE_REFUSED, error);
    }
  else if (of_upload != NULL)
    finish (self, REPRISE_EXCHANGE_REFUSED, g_steal_pointer (&of_upload));
  else
    {
      end = reprise_http_translate_error (reason, self->name, self->sent_headers, self->answered,
                                          &error);
      finish (self, end, error);
    }
}

static void
finish_with (RepriseExchange *self, RepriseExchangeEnd end, RepriseError code, char *sentence)
{
  finish (self, end, g_error_new_literal (REPRISE_ERROR, (int) code, sentence));
  g_free (sentence);
}

static void
enter_stage (RepriseExchange *self, Stage stage)
{
  gint64 now = g_get_monotonic_time ();

  self->stage_us = self->mark_us = now;
  g_mutex_lock (&self->mutex);
  self->stage = stage;
  self->mark_bytes = stage == STAGE_BODY ? self->received : self->sent;
  self->moved_us = stage >= STAGE_SENDING ? now : 0;
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

  finish_with (
    self, end, REPRISE_ERROR_STALLED,
    g_strdup_printf (ngettext ("%s stopped in the middle: nothing moved for %lu second.",
                               "%s stopped in the middle: nothing moved for %lu seconds.", seconds),
                     self->name, seconds));
}

static void
finish_unanswered (RepriseExchange *self, RepriseExchangeEnd end, guint timeout_ms)
{
  gulong seconds = to_seconds (timeout_ms);

  finish_with (self, end, REPRISE_ERROR_UNREACHABLE,
               g_strdup_printf (ngettext ("%s did not answer within %lu second.",
                                          "%s did not answer within %lu seconds.", seconds),
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
      finish_with (
        self, self->answered ? REPRISE_EXCHANGE_CUT : REPRISE_EXCHANGE_LOST, REPRISE_ERROR_STALLED,
        g_strdup_printf (_ ("%s took longer than this work was allowed to take."), self->name));
      return G_SOURCE_REMOVE;
    }
  switch (self->stage)
    {
    case STAGE_QUEUED:
      break;
    case STAGE_CONNECTING:
      if (in_stage_ms > self->plan.connect_ms)
        finish_unanswered (self, REPRISE_EXCHANGE_NO_CONNECTION, self->plan.connect_ms);
      break;
    case STAGE_CONTINUE:
      if (in_stage_ms > self->plan.continue_ms)
        finish_unanswered (self, REPRISE_EXCHANGE_NO_CONTINUE, self->plan.continue_ms);
      break;
    case STAGE_SENDING:
      if (self->upload != NULL)
        watch_sending (self, sent, now);
      else if (is_stalled (self, sent, now))
        finish_stalled (self, REPRISE_EXCHANGE_LOST);
      break;
    case STAGE_WAITING:
      if (socket_still_sends (self))
        enter_stage (self, STAGE_WAITING);
      else if (in_stage_ms > self->plan.header_ms)
        finish_unanswered (self, REPRISE_EXCHANGE_LOST, self->plan.header_ms);
      break;
    case STAGE_BODY:
      watch_body (self, received, paused, now);
      break;
    }
  return G_SOURCE_CONTINUE;
}

/* With the mutex held: an empty block, or %NULL when the worker must take some first */
static Block *
get_empty (RepriseExchange *self)
{
  Block *block = g_queue_pop_head (&self->empty);

  if (block == NULL && self->n_blocks < N_BLOCKS)
    {
      block = g_new (Block, 1);
      self->n_blocks++;
    }
  if (block != NULL)
    block->size_bytes = 0;
  return block;
}

static gboolean
readable_cb (GObject *stream, gpointer data)
{
  read_answer (data);
  return G_SOURCE_REMOVE;
}

static gboolean
go_on_cb (gpointer data)
{
  read_answer (data);
  return G_SOURCE_REMOVE;
}

/* A server that sends line by line would wake two threads for each: what comes in a moment is taken together. */
static void
read_soon (RepriseExchange *self)
{
  stop_source (&self->readable);
  self->readable = g_timeout_source_new (TRICKLE_MS);
  g_source_set_callback (self->readable, go_on_cb, self, NULL);
  g_source_attach (self->readable, reprise_net_get_context ());
}

/*
 * Comes back to read_answer(). Only where the stream said that it would block may its source be waited for: libsoup's
 * looks at the socket, which stays silent when the end of the body has been read but not yet seen.
 */
static void
read_later (RepriseExchange *self, gboolean would_block)
{
  stop_source (&self->readable);
  if (would_block)
    {
      self->readable =
        g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->stream), NULL);
      g_source_set_callback (self->readable, G_SOURCE_FUNC (readable_cb), self, NULL);
    }
  else
    {
      self->readable = g_idle_source_new ();
      g_source_set_priority (self->readable, G_PRIORITY_DEFAULT);
      g_source_set_callback (self->readable, go_on_cb, self, NULL);
    }
  g_source_attach (self->readable, reprise_net_get_context ());
}

static void
finish_answer (RepriseExchange *self)
{
  if (self->content_length >= 0 && !self->bodyless &&
      self->received != (guint64) self->content_length)
    finish_with (
      self, REPRISE_EXCHANGE_CUT, REPRISE_ERROR_STALLED,
      g_strdup_printf (_ ("The connection to %s broke in the middle of the answer."), self->name));
  else
    finish (self, REPRISE_EXCHANGE_OK, NULL);
}

static void
finish_too_large (RepriseExchange *self)
{
  g_autofree char *limit = g_format_size_full (self->plan.max_bytes, G_FORMAT_SIZE_IEC_UNITS);

  finish_with (self, REPRISE_EXCHANGE_REFUSED, REPRISE_ERROR_LIMIT,
               /* Translators: %2$s is a size such as “8.0 MiB” */
               g_strdup_printf (_ ("The answer of %s is larger than the %s that it may have here."),
                                self->name, limit));
}

static void
count_received (RepriseExchange *self, gsize n)
{
  self->received += n;
  self->moved_us = g_get_monotonic_time ();
}

/* Reads what is there into one buffer. -1: finished, or would block; else the bytes */
static gssize
read_into (RepriseExchange *self, guchar *buffer, gsize size)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->stream),
                                                       buffer, size, NULL, &error);

  if (n > 0)
    return n;
  if (n == 0)
    finish_answer (self);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    finish_because (self, error);
  return -1;
}

/* Of such an answer only the beginning is wanted, to see what it says. */
static gboolean
is_error_answer (RepriseExchange *self)
{
  return self->status >= 300;
}

static guint64
max_bytes (RepriseExchange *self)
{
  return is_error_answer (self) ? MAX_ERROR_BYTES : self->plan.max_bytes;
}

static void
read_collected (RepriseExchange *self)
{
  g_autofree guchar *buffer = g_malloc (BATCH_BYTES);
  gssize n = 0;

  for (int i = 0; i < 8 && !self->over && (n = read_into (self, buffer, BATCH_BYTES)) > 0; i++)
    {
      g_mutex_lock (&self->mutex);
      g_byte_array_append (self->collected, buffer, (guint) n);
      count_received (self, (gsize) n);
      g_mutex_unlock (&self->mutex);
      if (self->received > max_bytes (self))
        {
          if (is_error_answer (self))
            finish (self, REPRISE_EXCHANGE_OK, NULL);
          else
            finish_too_large (self);
          return;
        }
    }
  if (!self->over)
    read_later (self, n < 0);
}

/* Hands the block under way to the worker, unless it is small and the worker has other blocks to go on with. */
static void
hand_over (RepriseExchange *self)
{
  g_mutex_lock (&self->mutex);
  if (self->filling->size_bytes >= BATCH_BYTES ||
      (self->filling->size_bytes > 0 && self->full.length == 0))
    {
      g_queue_push_tail (&self->full, g_steal_pointer (&self->filling));
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->mutex);
}

static void
read_streaming (RepriseExchange *self)
{
  gssize n = 1;
  gsize burst = 0;

  if (self->filling == NULL)
    {
      g_mutex_lock (&self->mutex);
      self->filling = get_empty (self);
      self->paused = self->filling == NULL;
      self->moved_us = self->paused ? 0 : g_get_monotonic_time ();
      g_mutex_unlock (&self->mutex);
    }
  if (self->filling == NULL)
    return; /* resume_cb() goes on */
  while (self->filling->size_bytes < BLOCK_BYTES &&
         (n = read_into (self, self->filling->data + self->filling->size_bytes,
                         BLOCK_BYTES - self->filling->size_bytes)) > 0)
    {
      self->filling->size_bytes += (gsize) n;
      burst += (gsize) n;
      g_mutex_lock (&self->mutex);
      count_received (self, (gsize) n);
      g_mutex_unlock (&self->mutex);
    }
  if (self->over)
    return;
  if (n < 0 && burst > 0 && burst < TRICKLE_BYTES && self->received > LONG_BYTES &&
      self->filling->size_bytes < BATCH_BYTES)
    {
      read_soon (self);
      return;
    }
  hand_over (self);
  read_later (self, n < 0);
}

static void
read_answer (RepriseExchange *self)
{
  exchange_ref (self);
  stop_source (&self->readable);
  if (self->streaming)
    read_streaming (self);
  else
    read_collected (self);
  reprise_exchange_unref (self);
}

static gboolean
resume_cb (gpointer data)
{
  g_autoptr (RepriseExchange) self = data;
  gboolean paused;

  g_mutex_lock (&self->mutex);
  paused = self->paused;
  self->paused = FALSE;
  g_mutex_unlock (&self->mutex);
  if (!self->over && paused)
    {
      enter_stage (self, STAGE_BODY);
      read_answer (self);
    }
  return G_SOURCE_REMOVE;
}

static void
copy_header_cb (const char *name, const char *value, gpointer data)
{
  soup_message_headers_append (data, name, value);
}

/* The length that the server gives, -1 for none; %FALSE when it is nonsense: negative, or given twice (RFC 9112 §6.3) */
static gboolean
get_length (SoupMessageHeaders *headers, gint64 *length)
{
  const char *text = soup_message_headers_get_list (headers, "Content-Length");

  *length = -1;
  if (text == NULL || soup_message_headers_get_list (headers, "Transfer-Encoding") != NULL)
    return TRUE;
  return reprise_http_parse_length (text, length);
}

/* The headers are there: remembers them. %FALSE where they are not to be believed. */
static gboolean
take_headers (RepriseExchange *self)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  guint status = soup_message_get_status (self->message);
  gboolean valid;

  soup_message_headers_foreach (soup_message_get_response_headers (self->message), copy_header_cb,
                                headers);
  self->bodyless =
    soup_message_get_method (self->message) == SOUP_METHOD_HEAD || status == 204 || status == 304;
  g_mutex_lock (&self->mutex);
  valid = get_length (headers, &self->content_length);
  self->status = status;
  self->headers = headers;
  self->streaming = self->plan.stream && (status == 200 || status == 206);
  if (!self->streaming)
    self->collected = g_byte_array_new ();
  if (valid)
    {
      self->answered = TRUE;
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->mutex);
  return valid;
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
        g_input_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, closed_cb, NULL);
      g_clear_object (&stream);
      return;
    }
  if (stream == NULL)
    {
      finish_because (self, error);
      return;
    }
  self->stream = stream;
  if (!take_headers (self))
    {
      finish_with (
        self, REPRISE_EXCHANGE_REFUSED, REPRISE_ERROR_PROTOCOL,
        g_strdup_printf (
          _ ("%s gives its answer a length that cannot be. Something between may be broken."),
          self->name));
      return;
    }
  enter_stage (self, STAGE_BODY);
  if (!self->streaming && !self->bodyless && !is_error_answer (self) &&
      self->content_length > (gint64) self->plan.max_bytes)
    finish_too_large (self);
  else
    read_answer (self);
}

/* A connection that was made is not to the right server. */
static void
rejected_cb (gpointer data)
{
  g_autoptr (GError) error =
    g_error_new_literal (G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, "not the pinned certificate");

  finish_because (data, error);
}

static void
network_event_cb (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  RepriseExchange *self)
{
  if (self->stage == STAGE_QUEUED)
    enter_stage (self, STAGE_CONNECTING);
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
    enter_stage (self, STAGE_CONTINUE);
  else
    enter_stage (self, self->body != NULL ? STAGE_SENDING : STAGE_WAITING);
}

static void
got_informational_cb (SoupMessage *message, RepriseExchange *self)
{
  if (self->stage == STAGE_CONTINUE && soup_message_get_status (message) == SOUP_STATUS_CONTINUE)
    enter_stage (self, STAGE_SENDING);
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
  enter_stage (self, STAGE_WAITING);
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
      enter_stage (self, STAGE_QUEUED);
      return;
    }
  again = reprise_http_upload_new (self->body);
  soup_message_set_request_body (message, NULL, again,
                                 (gssize) reprise_http_body_get_size (self->body));
  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "restarted");
  self->sent_headers = TRUE;
  finish_because (self, error);
}

static void
set_body (RepriseExchange *self)
{
  GBytes *bytes;

  if (self->body == NULL)
    return;
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
  RepriseExchange *self = data; /* (owned): until finish() */
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
                           self->cancellable, sent_cb, exchange_ref (self));
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
  reprise_net_invoke (start_cb, exchange_ref (self));
  return self;
}

static gboolean
stop_cb (gpointer data)
{
  g_autoptr (RepriseExchange) self = data;

  finish (self, REPRISE_EXCHANGE_CANCELLED,
          g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("It was stopped.")));
  return G_SOURCE_REMOVE;
}

/* Ends it soon, if it has not ended. Any thread. */
void
reprise_exchange_stop (RepriseExchange *self)
{
  reprise_net_invoke (stop_cb, exchange_ref (self));
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  reprise_exchange_stop (data);
}

/* Says aloud that nothing moves, before that is an error. */
static void
give_notice (RepriseExchange *self, RepriseProgress *progress, gint64 idle_ms)
{
  gulong seconds = MAX (1, (gulong) (idle_ms / 1000));
  g_autofree char *notice =
    g_strdup_printf (ngettext ("%s has not responded for %lu second.",
                               "%s has not responded for %lu seconds.", seconds),
                     self->name, seconds);

  reprise_progress_set_message (progress, notice);
  self->noticed = TRUE;
}

/* Without the mutex, in the worker: tells the progress what was sent, and that nothing moves. */
static void
report (RepriseExchange *self,
        RepriseProgress *progress,
        guint64 sent,
        gint64 moved_us,
        Stage stage)
{
  gint64 idle_ms = moved_us > 0 ? (g_get_monotonic_time () - moved_us) / 1000 : 0;
  gboolean patient = stage == STAGE_WAITING && self->plan.header_ms > PATIENT_MS;

  if (progress == NULL)
    return;
  if (self->upload != NULL && sent > self->reported)
    {
      reprise_progress_add_bytes (progress, (gint64) (sent - self->reported));
      self->reported = sent;
    }
  if (idle_ms >= MIN (NOTICE_MS, (gint64) self->plan.stall_ms / 3) && !patient)
    give_notice (self, progress, idle_ms);
  else if (self->noticed)
    {
      reprise_progress_set_message (progress, NULL);
      self->noticed = FALSE;
    }
}

typedef gboolean (*Condition) (RepriseExchange *self);

static gboolean
has_headers (RepriseExchange *self)
{
  return self->answered;
}

static gboolean
has_ended (RepriseExchange *self)
{
  return FALSE;
}

static gboolean
has_block (RepriseExchange *self)
{
  return self->full.length > 0;
}

/* Waits until @condition, or the end. */
static gboolean
wait_for (RepriseExchange *self,
          Condition condition,
          RepriseProgress *progress,
          GCancellable *cancellable)
{
  gulong handler = 0;
  guint64 sent;
  gboolean holds;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  g_mutex_lock (&self->mutex);
  while (!condition (self) && !self->over)
    {
      gint64 moved_us = self->moved_us;
      Stage stage = self->stage;

      sent = self->sent;
      g_mutex_unlock (&self->mutex);
      report (self, progress, sent, moved_us, stage);
      g_mutex_lock (&self->mutex);
      if (!condition (self) && !self->over)
        g_cond_wait_until (&self->changed, &self->mutex, g_get_monotonic_time () + WAIT_MS * 1000);
    }
  holds = condition (self);
  sent = self->sent;
  g_mutex_unlock (&self->mutex);
  report (self, progress, sent, 0, STAGE_QUEUED);
  g_cancellable_disconnect (cancellable, handler);
  return holds;
}

gboolean
reprise_exchange_wait_headers (RepriseExchange *self,
                               RepriseProgress *progress,
                               GCancellable *cancellable)
{
  return wait_for (self, has_headers, progress, cancellable);
}

/* Waits for the whole collected body. */
gboolean
reprise_exchange_wait_body (RepriseExchange *self,
                            RepriseProgress *progress,
                            GCancellable *cancellable)
{
  wait_for (self, has_ended, progress, cancellable);
  return self->end == REPRISE_EXCHANGE_OK;
}

/**
 * reprise_exchange_take:
 *
 * Waits for the next bytes of a streaming answer. They are valid until the next call.
 *
 * Returns: (nullable): the bytes, or %NULL at the end
 */
gconstpointer
reprise_exchange_take (RepriseExchange *self,
                       gsize *size_bytes,
                       RepriseProgress *progress,
                       GCancellable *cancellable)
{
  gboolean resume;

  g_mutex_lock (&self->mutex);
  if (self->lent != NULL)
    g_queue_push_tail (&self->empty, g_steal_pointer (&self->lent));
  resume = self->paused;
  g_mutex_unlock (&self->mutex);
  if (resume)
    reprise_net_invoke (resume_cb, exchange_ref (self));
  if (!wait_for (self, has_block, progress, cancellable))
    return NULL;
  g_mutex_lock (&self->mutex);
  self->lent = g_queue_pop_head (&self->full);
  g_mutex_unlock (&self->mutex);
  *size_bytes = self->lent->size_bytes;
  return self->lent->data;
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
