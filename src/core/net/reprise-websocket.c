/* reprise-websocket.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-error.h"
#include "net/reprise-http-private.h"
#include "net/reprise-http-trust.h"
#include "net/reprise-net-thread.h"
#include "net/reprise-websocket.h"

#define MAX_MESSAGE_BYTES (1024 * 1024)
#define MAX_MESSAGES      4096
#define MAX_QUEUED_BYTES  (8 * 1024 * 1024)

/* What the net thread works on. The object that workers see may be dropped at any time, in any thread. */
typedef struct
{
  gatomicrefcount refs;
  char *name; /* (owned); never changes, like the three below */
  char *pin;  /* (owned) (nullable) */
  guint connect_ms;
  GCancellable *cancellable; /* (owned): of the connecting */

  /* on the net thread */
  SoupMessage *message;                /* (owned) (nullable): until it is open */
  SoupWebsocketConnection *connection; /* (owned) (nullable) */
  RepriseTrustWatch trust;
  GSource *timeout; /* (owned) (nullable) */

  GMutex mutex; /* guards all that follows */
  GCond changed;
  gboolean settled; /* open, or failed to be */
  gboolean open;
  GError *error; /* (owned) (nullable): why it did not open */
  GQueue texts;  /* (element-type utf8) */
  gsize queued_bytes;
  guint n_dropped;
} Line;

struct _RepriseWebsocket
{
  GObject parent_instance;

  Line *line; /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseWebsocket, reprise_websocket, G_TYPE_OBJECT)

static Line *
line_ref (Line *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/* The last one goes on the net thread, or before it has seen the line. */
static void
line_unref (Line *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_free (self->pin);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->message);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->trust.refused, reprise_http_certificate_free);
  g_clear_error (&self->error);
  g_queue_clear_full (&self->texts, g_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Line, line_unref)

static void
hang_up (Line *self)
{
  g_autoptr (SoupWebsocketConnection) connection = g_steal_pointer (&self->connection);

  if (connection == NULL)
    return;
  g_signal_handlers_disconnect_by_data (connection, self);
  if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
}

static void
note_closed (Line *self)
{
  g_mutex_lock (&self->mutex);
  self->open = FALSE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static gboolean
close_cb (gpointer data)
{
  g_autoptr (Line) self = data;

  g_cancellable_cancel (self->cancellable);
  hang_up (self);
  note_closed (self);
  return G_SOURCE_REMOVE;
}

static void
reprise_websocket_finalize (GObject *object)
{
  RepriseWebsocket *self = REPRISE_WEBSOCKET (object);

  reprise_net_invoke (close_cb, self->line);
  G_OBJECT_CLASS (reprise_websocket_parent_class)->finalize (object);
}

static void
reprise_websocket_class_init (RepriseWebsocketClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_websocket_finalize;
}

static void
reprise_websocket_init (RepriseWebsocket *self)
{
  self->line = g_new0 (Line, 1);
  g_atomic_ref_count_init (&self->line->refs);
  g_mutex_init (&self->line->mutex);
  g_cond_init (&self->line->changed);
  self->line->cancellable = g_cancellable_new ();
}

/* On the net thread: says how the opening went, once. @error is consumed. */
static void
settle (Line *self, GError *error)
{
  if (self->timeout != NULL)
    g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
  if (self->message != NULL)
    reprise_http_trust_unwatch (&self->trust, self->message);
  g_clear_object (&self->message);
  g_mutex_lock (&self->mutex);
  if (!self->settled)
    {
      self->settled = TRUE;
      self->open = error == NULL;
      self->error = g_steal_pointer (&error);
    }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_clear_error (&error);
}

/* Drops the oldest where nobody takes them. */
static void
message_cb (SoupWebsocketConnection *connection, int type, GBytes *bytes, Line *self)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  char *text;

  if (type != SOUP_WEBSOCKET_DATA_TEXT)
    return;
  text = g_strndup (data, size);
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->texts, text);
  self->queued_bytes += strlen (text);
  while (self->texts.length > MAX_MESSAGES || self->queued_bytes > MAX_QUEUED_BYTES)
    {
      g_autofree char *oldest = g_queue_pop_head (&self->texts);

      self->queued_bytes -= strlen (oldest);
      self->n_dropped++;
    }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static void
closed_cb (SoupWebsocketConnection *connection, Line *self)
{
  note_closed (self);
}

static void
fail (Line *self, const GError *reason)
{
  GError *error = NULL;

  if (self->trust.refused != NULL)
    reprise_http_trust_set_error (&error, self->trust.refused);
  else if (reason->domain == SOUP_WEBSOCKET_ERROR)
    reprise_error_set (&error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                       _ ("%s does not offer its messages as they come."), self->name);
  else
    reprise_http_translate_error (reason, self->name, FALSE, FALSE, &error);
  settle (self, error);
}

static void
connected_cb (GObject *session, GAsyncResult *result, gpointer data)
{
  g_autoptr (Line) self = data;
  g_autoptr (GError) error = NULL;
  SoupWebsocketConnection *connection =
    soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &error);

  if (connection == NULL)
    {
      fail (self, error);
      return;
    }
  self->connection = connection;
  if (self->settled) /* too late */
    {
      hang_up (self);
      return;
    }
  soup_websocket_connection_set_max_incoming_payload_size (connection, MAX_MESSAGE_BYTES);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
  settle (self, NULL);
}

static gboolean
timeout_cb (gpointer data)
{
  Line *self = data;
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "timed out");

  g_cancellable_cancel (self->cancellable);
  fail (self, reason);
  return G_SOURCE_REMOVE;
}

static void
rejected_cb (gpointer data)
{
  Line *self = data;

  g_cancellable_cancel (self->cancellable);
}

static gboolean
open_cb (gpointer data)
{
  Line *self = data; /* (owned): connected_cb() releases it */

  self->trust = (RepriseTrustWatch){ self->name, self->pin, NULL, rejected_cb, self };
  reprise_http_trust_watch (&self->trust, self->message);
  self->timeout = reprise_net_add_timeout (self->connect_ms, timeout_cb, self);
  soup_session_websocket_connect_async (reprise_http_trust_get_session (self->pin), self->message,
                                        NULL, NULL, G_PRIORITY_DEFAULT, self->cancellable,
                                        connected_cb, self);
  return G_SOURCE_REMOVE;
}

static gboolean
cancel_cb (gpointer data)
{
  g_autoptr (Line) self = data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
cancelled_cb (GCancellable *cancellable, Line *self)
{
  reprise_net_invoke (cancel_cb, line_ref (self));
}

static void
wake_cb (GCancellable *cancellable, Line *self)
{
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static gboolean
wait_until_settled (Line *self, GCancellable *cancellable, GError **error)
{
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  g_mutex_lock (&self->mutex);
  while (!self->settled)
    g_cond_wait (&self->changed, &self->mutex);
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, handler);
  return self->error == NULL;
}

/**
 * reprise_websocket_open:
 * @request: GET, with path and query; its headers go along, and the credential unless it is anonymous
 *
 * Opens the web socket. Blocks: for workers.
 *
 * Returns: (transfer full): open, or %NULL with an error as of reprise_http_send(); %REPRISE_ERROR_NOT_SUPPORTED where
 *   the server answers but offers none
 */
RepriseWebsocket *
reprise_websocket_open (RepriseHttp *http,
                        RepriseHttpRequest *request,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (RepriseWebsocket) self = g_object_new (REPRISE_TYPE_WEBSOCKET, NULL);
  g_autoptr (RepriseHttpGrant) grant = reprise_http_grant_new ();
  g_autoptr (GUri) uri = reprise_http_resolve (http, request);
  guint generation = 0;
  Line *line;

  if (http->auth != NULL && !request->anonymous &&
      !reprise_http_auth_apply (http->auth, request, grant, &generation, cancellable, error))
    return NULL;
  line = self->line;
  line->name = g_strdup (http->name);
  line->pin = g_strdup (http->pin);
  line->connect_ms = http->connect_ms;
  line->message = reprise_http_make_message (http, request, uri, grant);
  reprise_net_invoke (open_cb, line_ref (line));
  if (!wait_until_settled (line, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * reprise_websocket_take:
 * @timeout_ms: 0 not to wait
 *
 * Waits for the next message. Blocks: for workers.
 *
 * Returns: (transfer full) (nullable): its text; or %NULL: none came in time, it is closed and drained, or it was
 *   cancelled
 */
char *
reprise_websocket_take (RepriseWebsocket *self, guint timeout_ms, GCancellable *cancellable)
{
  Line *line = self->line;
  gint64 end_us = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  gulong handler = 0;
  char *text;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), line, NULL);
  g_mutex_lock (&line->mutex);
  while (line->texts.length == 0 && line->open && !g_cancellable_is_cancelled (cancellable))
    if (!g_cond_wait_until (&line->changed, &line->mutex, end_us))
      break;
  text = g_queue_pop_head (&line->texts);
  if (text != NULL)
    line->queued_bytes -= strlen (text);
  g_mutex_unlock (&line->mutex);
  g_cancellable_disconnect (cancellable, handler);
  return text;
}

gboolean
reprise_websocket_is_open (RepriseWebsocket *self)
{
  Line *line = self->line;
  gboolean open;

  g_mutex_lock (&line->mutex);
  open = line->open;
  g_mutex_unlock (&line->mutex);
  return open;
}

/* How many messages were lost, since nobody took them. */
guint
reprise_websocket_get_n_dropped (RepriseWebsocket *self)
{
  Line *line = self->line;
  guint n;

  g_mutex_lock (&line->mutex);
  n = line->n_dropped;
  g_mutex_unlock (&line->mutex);
  return n;
}

/* Any thread. */
void
reprise_websocket_close (RepriseWebsocket *self)
{
  reprise_net_invoke (close_cb, line_ref (self->line));
}
