/* reprise-http-answer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "net/reprise-http-exchange-private.h"
#include "net/reprise-http-header.h"
#include "net/reprise-net-thread.h"

#define N_BLOCKS        4
#define TRICKLE_BYTES   (8 * 1024) /* at once: less than that comes line by line */
#define TRICKLE_MS      1
#define LONG_BYTES      (64 * 1024) /* of an answer, before it is waited for more of it */
#define BATCH_BYTES     (128 * 1024) /* less is not handed over while the worker has something to do */
#define MAX_ERROR_BYTES (64 * 1024)

static void read_answer (RepriseExchange *self);

/* With the mutex held: an empty block, or %NULL when the worker must take some first */
static RepriseExchangeBlock *
get_empty (RepriseExchange *self)
{
  RepriseExchangeBlock *block = g_queue_pop_head (&self->empty);

  if (block == NULL && self->n_blocks < N_BLOCKS)
    {
      block = g_new (RepriseExchangeBlock, 1);
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
  reprise_exchange_stop_source (&self->readable);
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
  reprise_exchange_stop_source (&self->readable);
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
    reprise_exchange_finish_with (
      self, REPRISE_EXCHANGE_CUT, REPRISE_ERROR_STALLED,
      reprise_say ("The connection to %s broke in the middle of the answer.", self->name));
  else
    reprise_exchange_finish (self, REPRISE_EXCHANGE_OK, NULL);
}

static void
finish_too_large (RepriseExchange *self)
{
  g_autofree char *limit = g_format_size_full (self->plan.max_bytes, G_FORMAT_SIZE_IEC_UNITS);

  reprise_exchange_finish_with (
    self, REPRISE_EXCHANGE_REFUSED, REPRISE_ERROR_LIMIT,
    /* Translators: %2$s is a size such as “8.0 MiB” */
    reprise_say ("The answer of %s is larger than the %s that it may have here.", self->name,
                 limit));
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
    reprise_exchange_finish_because (self, error);
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
            reprise_exchange_finish (self, REPRISE_EXCHANGE_OK, NULL);
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
    return; /* reprise_exchange_resume_cb() goes on */
  while (self->filling->size_bytes < REPRISE_EXCHANGE_BLOCK_BYTES &&
         (n = read_into (self, self->filling->data + self->filling->size_bytes,
                         REPRISE_EXCHANGE_BLOCK_BYTES - self->filling->size_bytes)) > 0)
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
  reprise_exchange_ref (self);
  reprise_exchange_stop_source (&self->readable);
  if (self->streaming)
    read_streaming (self);
  else
    read_collected (self);
  reprise_exchange_unref (self);
}

/* The worker has taken what there was. @data: (transfer full): the exchange */
gboolean
reprise_exchange_resume_cb (gpointer data)
{
  g_autoptr (RepriseExchange) self = data;
  gboolean paused;

  g_mutex_lock (&self->mutex);
  paused = self->paused;
  self->paused = FALSE;
  g_mutex_unlock (&self->mutex);
  if (!self->over && paused)
    {
      reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_BODY);
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

/* Takes the headers and reads what follows them. @stream: (transfer full) */
void
reprise_exchange_begin_answer (RepriseExchange *self, GInputStream *stream)
{
  self->stream = stream;
  if (!take_headers (self))
    {
      reprise_exchange_finish_with (
        self, REPRISE_EXCHANGE_REFUSED, REPRISE_ERROR_PROTOCOL,
        reprise_say (
          "%s gives its answer a length that cannot be. Something between may be broken.",
          self->name));
      return;
    }
  reprise_exchange_enter_stage (self, REPRISE_EXCHANGE_STAGE_BODY);
  if (!self->streaming && !self->bodyless && !is_error_answer (self) &&
      self->content_length > (gint64) self->plan.max_bytes)
    finish_too_large (self);
  else
    read_answer (self);
}
