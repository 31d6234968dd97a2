/* reprise-nocobase-follow.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-wait.h"
#include "net/reprise-json.h"
#include "net/reprise-websocket.h"
#include "providers/nocobase/reprise-nocobase-follow.h"

#define MAX_REASON_CHARS 500
#define ANSWER_POLL_US   100000
#define UNANSWERED_POLLS 30 /* served for so long, a request that hangs has lost its connection */

/* The request that started it, in a thread of its own: the old plugin answers only when all is over. */
typedef struct
{
  RepriseNocobaseClient *client; /* (owned) */
  RepriseHttpRequest *request;   /* (owned) */
  GCancellable *cancellable;     /* (owned): only to give up waiting for the answer */
  GThread *thread;
  gint64 started_us;

  GMutex mutex; /* guards: */
  gboolean done;
  gint64 done_us;
  JsonObject *answer; /* (owned) (nullable) */
  GError *error;      /* (owned) (nullable) */
} Pending;

struct _RepriseNocobaseFollow
{
  RepriseNocobaseTarget *target;
  RepriseProgress *progress; /* (owned) (nullable) */
  RepriseWebsocket *socket;  /* (owned) (nullable) */
  Pending *pending;          /* (owned) (nullable) */
  char *task;   /* (owned) (nullable): of the Backup manager, whose state can be asked for */
  char *reason; /* (owned) (nullable): what the server says went wrong */
  gboolean was_busy, was_gone;

  gint64 ok_us, broken_us, down_us; /* since when; 0: it is not */
};

static gpointer
pending_worker (gpointer data)
{
  Pending *self = data;
  GError *error = NULL;
  JsonObject *answer =
    reprise_nocobase_client_send (self->client, self->request, self->cancellable, &error);

  g_mutex_lock (&self->mutex);
  self->answer = answer;
  self->error = error;
  self->done = TRUE;
  self->done_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->mutex);
  return NULL;
}

/* Gives up waiting for the answer, which changes nothing on the server. */
static void
pending_free (Pending *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_clear_pointer (&self->answer, json_object_unref);
  g_clear_error (&self->error);
  g_clear_object (&self->client);
  g_clear_object (&self->request);
  g_clear_object (&self->cancellable);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static gboolean
pending_is_done (Pending *self)
{
  gboolean done;

  g_mutex_lock (&self->mutex);
  done = self->done;
  g_mutex_unlock (&self->mutex);
  return done;
}

/**
 * reprise_nocobase_follow_new:
 *
 * Listens to the server's web socket from now on, where it has one: only there it says why it refused.
 */
RepriseNocobaseFollow *
reprise_nocobase_follow_new (RepriseNocobaseTarget *target,
                             RepriseProgress *progress,
                             GCancellable *cancellable)
{
  RepriseNocobaseFollow *self = g_new0 (RepriseNocobaseFollow, 1);
  g_autofree char *path = reprise_nocobase_client_dup_socket_path (target->client);
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", path, REPRISE_HTTP_READ);
  g_autoptr (GError) error = NULL;

  self->target = target;
  self->progress = progress != NULL ? g_object_ref (progress) : NULL;
  reprise_http_request_set_anonymous (request, TRUE);
  if (strcmp (reprise_nocobase_client_get_app (target->client), "main") != 0)
    reprise_http_request_add_query (request, "__appName",
                                    reprise_nocobase_client_get_app (target->client));
  self->socket = reprise_websocket_open (reprise_nocobase_client_get_http (target->client), request,
                                         cancellable, &error);
  if (self->socket == NULL)
    reprise_progress_log (progress, "no web socket, so the server’s reasons cannot be heard: %s",
                          error->message);
  return self;
}

void
reprise_nocobase_follow_free (RepriseNocobaseFollow *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->pending, pending_free);
  if (self->socket != NULL)
    reprise_websocket_close (self->socket);
  g_clear_object (&self->socket);
  g_clear_object (&self->progress);
  g_free (self->task);
  g_free (self->reason);
  g_free (self);
}

/* Sends a request that starts something, without waiting for its answer. */
void
reprise_nocobase_follow_start (RepriseNocobaseFollow *self, RepriseHttpRequest *request)
{
  Pending *pending = g_new0 (Pending, 1);

  g_mutex_init (&pending->mutex);
  pending->client = g_object_ref (self->target->client);
  pending->request = g_object_ref (request);
  pending->cancellable = g_cancellable_new ();
  pending->started_us = g_get_monotonic_time ();
  pending->thread = g_thread_new ("nocobase-restore", pending_worker, pending);
  self->pending = pending;
}

/* Whether the body is on its way in full. */
static gboolean
is_sent (RepriseNocobaseFollow *self)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  if (self->progress == NULL)
    return TRUE;
  reprise_progress_get_snapshot (self->progress, &snapshot);
  return snapshot.bytes_done >= snapshot.bytes_total;
}

/**
 * reprise_nocobase_follow_wait_answer:
 *
 * Waits for the answer to the request that was started. It can be stopped as long as its body is being sent, and no longer.
 *
 * Returns: %FALSE with %G_IO_ERROR_CANCELLED where it was stopped
 */
gboolean
reprise_nocobase_follow_wait_answer (RepriseNocobaseFollow *self,
                                     GCancellable *cancellable,
                                     GError **error)
{
  while (!pending_is_done (self->pending))
    {
      if (is_sent (self))
        {
          reprise_progress_set_uninterruptible (self->progress, TRUE);
          g_usleep (ANSWER_POLL_US);
        }
      else if (!reprise_wait (ANSWER_POLL_US / 1000, cancellable, error) ||
               !reprise_progress_check_stop (self->progress, error))
        {
          g_clear_pointer (&self->pending, pending_free);
          return FALSE;
        }
    }
  return TRUE;
}

/* The Backup manager's own number of the work: its state tells of a failure, until the application is loaded anew. */
void
reprise_nocobase_follow_set_task (RepriseNocobaseFollow *self, const char *task)
{
  g_free (self->task);
  self->task = g_strdup (task);
}

static char *
shorten (const char *text)
{
  char *line = g_strndup (text, strcspn (text, "\r\n"));

  if (g_utf8_validate (line, -1, NULL) && g_utf8_strlen (line, -1) > MAX_REASON_CHARS)
    *g_utf8_offset_to_pointer (line, MAX_REASON_CHARS) = '\0';
  return line;
}

static void
take_reason (RepriseNocobaseFollow *self, const char *text)
{
  g_autofree char *line = NULL;

  if (text == NULL || *text == '\0')
    return;
  line = shorten (text);
  reprise_progress_log (self->progress, "NocoBase: %s", line);
  if (self->reason == NULL) /* the first is the cause */
    self->reason = g_steal_pointer (&line);
}

/* {"type":"maintaining","payload":{"message":"load plugin [acl], 2/78",…}} or a notification of an error */
static void
take_message (RepriseNocobaseFollow *self, const char *text)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (text, strlen (text), NULL, NULL);
  const char *type = reprise_json_get_string (root, "type", "");
  const char *message = reprise_json_get_string (root, "payload.message", NULL);

  if (strcmp (type, "notification") == 0 &&
      strcmp (reprise_json_get_string (root, "payload.type", ""), "error") == 0)
    take_reason (self, message);
  else if (strcmp (type, "maintaining") == 0 && message != NULL)
    {
      g_autofree char *line = shorten (message);

      reprise_progress_set_message (self->progress, line);
    }
}

/* Takes what the server says, until it is time for the next look. */
static gboolean
listen (RepriseNocobaseFollow *self, GCancellable *cancellable, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) self->target->pace.poll_ms * 1000;
  gint64 left_us;

  while ((left_us = end_us - g_get_monotonic_time ()) > 0)
    {
      g_autofree char *text = NULL;

      if (self->socket == NULL || !reprise_websocket_is_open (self->socket))
        break;
      text = reprise_websocket_take (self->socket, (guint) (left_us / 1000) + 1, cancellable);
      if (text != NULL)
        take_message (self, text);
      else if (g_cancellable_is_cancelled (cancellable))
        break;
    }
  left_us = end_us - g_get_monotonic_time ();
  return reprise_wait (left_us > 0 ? (guint) (left_us / 1000) : 0, cancellable, error);
}

static void
since (gint64 *mark)
{
  if (*mark == 0)
    *mark = g_get_monotonic_time ();
}

static gboolean
lasts (gint64 mark, guint ms)
{
  return mark != 0 && g_get_monotonic_time () - mark >= (gint64) ms * 1000;
}

static gboolean
fail_broken (RepriseNocobaseFollow *self, const char *message, GError **error)
{
  if (message != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BROKEN,
                       _ ("NocoBase is broken: it serves nothing any more until its administrator "
                          "restarts it (for example with "
                          "“docker restart” or “pm2 restart”). It says: %s"),
                       message);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_BROKEN,
      _ ("%s has not come back: its administrator must look at its log and start it again"),
      reprise_nocobase_client_get_name (self->target->client));
  return FALSE;
}

/* What a look at the Backup manager's work says: %TRUE where it is still at it. */
static gboolean
look_at_task (RepriseNocobaseFollow *self)
{
  g_autoptr (JsonObject) root = NULL;

  if (self->task == NULL)
    return FALSE;
  root = reprise_nocobase_client_get (self->target->client, NULL, NULL, "backups:restoreStatus",
                                      "task", self->task, NULL);
  take_reason (self, reprise_json_get_string (root, "data.message", NULL));
  return reprise_json_get_boolean (root, "data.inProgress", FALSE);
}

/* One look at its health. %FALSE with @error where it will not come back; else @over says whether it is back. */
static gboolean
look (RepriseNocobaseFollow *self, gboolean *over, GError **error)
{
  const RepriseNocobasePace *pace = &self->target->pace;
  g_autofree char *message = NULL;
  RepriseNocobaseHealth health =
    reprise_nocobase_client_get_health (self->target->client, &message, NULL);

  switch (health)
    {
    case REPRISE_NOCOBASE_OK:
      self->broken_us = self->down_us = 0;
      if (look_at_task (self))
        self->ok_us = 0;
      else
        since (&self->ok_us);
      *over = lasts (self->ok_us, pace->settle_ms);
      return TRUE;
    case REPRISE_NOCOBASE_BUSY:
      self->was_busy = TRUE;
      self->ok_us = self->broken_us = self->down_us = 0;
      if (message != NULL)
        reprise_progress_set_message (self->progress, message);
      return TRUE;
    case REPRISE_NOCOBASE_BROKEN:
      self->ok_us = self->down_us = 0;
      since (&self->broken_us);
      return !lasts (self->broken_us, pace->broken_ms) || fail_broken (self, message, error);
    case REPRISE_NOCOBASE_SILENT:
    case REPRISE_NOCOBASE_DOWN:
    default:
      self->was_busy = TRUE;
      self->was_gone |= health == REPRISE_NOCOBASE_DOWN;
      self->ok_us = self->broken_us = 0;
      since (&self->down_us);
      return !lasts (self->down_us, pace->gone_ms) || fail_broken (self, NULL, error);
    }
}

/**
 * reprise_nocobase_follow_wait:
 *
 * Waits until the server serves again, and the request that was started is answered. A connection that was lost on the way, as
 * proxies cut it, ends nothing: then only its health counts.
 *
 * Returns: whether it is over; else %REPRISE_ERROR_BROKEN in so many words, or %G_IO_ERROR_CANCELLED
 */
gboolean
reprise_nocobase_follow_wait (RepriseNocobaseFollow *self,
                              GCancellable *cancellable,
                              GError **error)
{
  guint n_unanswered = 0;

  for (;;)
    {
      gboolean over = FALSE;

      if (self->pending != NULL && pending_is_done (self->pending) &&
          reprise_http_request_get_outcome (self->pending->request) == REPRISE_HTTP_NOT_SENT)
        return TRUE; /* nothing was started */
      if (!listen (self, cancellable, error) || !look (self, &over, error))
        return FALSE;
      if (!over)
        n_unanswered = 0;
      else if (self->pending == NULL || pending_is_done (self->pending) ||
               (self->was_busy && ++n_unanswered >= UNANSWERED_POLLS))
        return TRUE;
    }
}

/* (nullable): what the server said went wrong */
const char *
reprise_nocobase_follow_get_reason (RepriseNocobaseFollow *self)
{
  return self->reason;
}

/* Whether it was seen at work. */
gboolean
reprise_nocobase_follow_was_busy (RepriseNocobaseFollow *self)
{
  return self->was_busy;
}

/* Whether nobody was there for a while: its process ended, and with it what it did. A restore alone does not end it. */
gboolean
reprise_nocobase_follow_was_gone (RepriseNocobaseFollow *self)
{
  return self->was_gone;
}

/* How long the request that was started took. */
gint64
reprise_nocobase_follow_get_duration_ms (RepriseNocobaseFollow *self)
{
  gint64 end_us;

  g_mutex_lock (&self->pending->mutex);
  end_us = self->pending->done ? self->pending->done_us : g_get_monotonic_time ();
  g_mutex_unlock (&self->pending->mutex);
  return (end_us - self->pending->started_us) / 1000;
}

/* Not NocoBase answered, but something before it, as proxies do that lose sight of it: it may have acted all the same. */
static gboolean
is_of_others (const GError *error)
{
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
}

/**
 * reprise_nocobase_follow_take_answer:
 * @lost: (out): no answer came, so it is not known whether the server acted
 *
 * Waits for the answer to the request that was started, if it was not given up.
 *
 * Returns: (transfer full): the answer, or %NULL with @error
 */
JsonObject *
reprise_nocobase_follow_take_answer (RepriseNocobaseFollow *self, gboolean *lost, GError **error)
{
  Pending *pending = self->pending;

  if (!pending_is_done (pending) && self->was_busy)
    g_cancellable_cancel (pending->cancellable); /* it came back, and the answer did not */
  while (!pending_is_done (pending))
    g_usleep (10000);
  *lost = pending->answer == NULL &&
          reprise_http_request_get_outcome (pending->request) != REPRISE_HTTP_NOT_SENT &&
          (g_cancellable_is_cancelled (pending->cancellable) ||
           reprise_http_request_get_outcome (pending->request) == REPRISE_HTTP_NO_ANSWER ||
           is_of_others (pending->error));
  if (pending->answer == NULL)
    g_propagate_error (error, g_error_copy (pending->error));
  return g_steal_pointer (&pending->answer);
}

/* Waits for a server that was made to restart. */
gboolean
reprise_nocobase_follow_health (RepriseNocobaseTarget *target,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (RepriseNocobaseFollow) self =
    reprise_nocobase_follow_new (target, progress, cancellable);

  return reprise_nocobase_follow_wait (self, cancellable, error);
}
