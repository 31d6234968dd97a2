/* reprise-http-upload.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-upload.h"
#include "net/reprise-net-thread.h"

#define BLOCK_BYTES (256 * 1024)
#define N_BLOCKS    4 /* read ahead: 1 MiB */

typedef struct
{
  gsize size_bytes;
  guchar data[BLOCK_BYTES];
} Block;

/*
 * What the reading thread and the stream share. The thread holds a reference of its own, so the stream can be dropped
 * while a read from a slow disk is still under way.
 */
typedef struct
{
  gatomicrefcount refs;
  RepriseHttpBody *body;     /* (owned) */
  GCancellable *cancellable; /* (owned): stops the thread */

  GMutex mutex; /* guards all that follows */
  GCond changed;
  GQueue full;   /* (element-type Block) */
  GQueue empty;  /* (element-type Block) */
  gboolean done; /* no more blocks will come */
  GError *error; /* (owned) (nullable): why, if not at the end */
  int ready;     /* (atomic): something can be read, or the end, or the error */
} Ahead;

struct _RepriseHttpUpload
{
  GInputStream parent_instance;

  Ahead *ahead; /* (owned) */
  gboolean started;
  Block *current; /* (owned) (nullable): being read from */
  gsize offset;   /* in it */
};

static void pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseHttpUpload,
                               reprise_http_upload,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, pollable_init))

static void
ahead_unref (Ahead *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->body, reprise_http_body_unref);
  g_clear_object (&self->cancellable);
  g_queue_clear_full (&self->full, g_free);
  g_queue_clear_full (&self->empty, g_free);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

/* In the reading thread: an empty block, or %NULL when nobody wants any more */
static Block *
take_empty (Ahead *self)
{
  Block *block;

  g_mutex_lock (&self->mutex);
  while ((block = g_queue_pop_head (&self->empty)) == NULL &&
         !g_cancellable_is_cancelled (self->cancellable))
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
  if (block != NULL)
    block->size_bytes = 0;
  return block;
}

/* In the reading thread: hands over a @block, or the end (a @block of %NULL), with the reason if it came too soon. */
static void
hand_over (Ahead *self, Block *block, GError *error)
{
  g_mutex_lock (&self->mutex);
  if (block != NULL)
    g_queue_push_tail (&self->full, block);
  else
    {
      self->done = TRUE;
      self->error = error;
    }
  g_atomic_int_set (&self->ready, 1);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_main_context_wakeup (reprise_net_get_context ());
}

/* In the reading thread: moves one stream into blocks, @block being the one under way. */
static gboolean
read_stream (Ahead *self, GInputStream *stream, guint64 size_bytes, Block **block, GError **error)
{
  while (size_bytes > 0)
    {
      gsize n = 0;

      if (*block == NULL && (*block = take_empty (self)) == NULL)
        return FALSE;
      if (!g_input_stream_read_all (stream, (*block)->data + (*block)->size_bytes,
                                    (gsize) MIN (size_bytes, BLOCK_BYTES - (*block)->size_bytes),
                                    &n, self->cancellable, error))
        return FALSE;
      if (n == 0)
        {
          reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                                     _ ("The file became shorter while it was being sent."));
          return FALSE;
        }
      size_bytes -= n;
      (*block)->size_bytes += n;
      if ((*block)->size_bytes == BLOCK_BYTES)
        hand_over (self, g_steal_pointer (block), NULL);
    }
  return TRUE;
}

static gpointer
ahead_worker (gpointer data)
{
  Ahead *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree Block *block = NULL;
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < reprise_http_body_get_n_pieces (self->body); i++)
    {
      guint64 size_bytes = 0;
      g_autoptr (GInputStream) stream =
        reprise_http_body_open_piece (self->body, i, &size_bytes, self->cancellable, &error);

      ok = stream != NULL && read_stream (self, stream, size_bytes, &block, &error);
    }
  if (ok && block != NULL)
    hand_over (self, g_steal_pointer (&block), NULL);
  if (!ok && error == NULL)
    reprise_error_set_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  hand_over (self, NULL, g_steal_pointer (&error));
  ahead_unref (self);
  return NULL;
}

static void
start (RepriseHttpUpload *self)
{
  if (self->started)
    return;
  self->started = TRUE;
  g_atomic_ref_count_inc (&self->ahead->refs);
  g_thread_unref (g_thread_new ("reprise-upload", ahead_worker, self->ahead));
}

/* Makes the next block the current one. %FALSE at the end, with @error, or when there is none yet (WOULD_BLOCK). */
static gboolean
advance (RepriseHttpUpload *self, gboolean blocking, GCancellable *cancellable, GError **error)
{
  Ahead *ahead = self->ahead;

  start (self);
  g_mutex_lock (&ahead->mutex);
  if (self->current != NULL)
    {
      g_queue_push_tail (&ahead->empty, g_steal_pointer (&self->current));
      g_cond_broadcast (&ahead->changed);
    }
  while (blocking && ahead->full.length == 0 && !ahead->done)
    g_cond_wait (&ahead->changed, &ahead->mutex);
  self->current = g_queue_pop_head (&ahead->full);
  self->offset = 0;
  if (self->current == NULL && !ahead->done)
    reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "nothing read ahead yet");
  else if (self->current == NULL && ahead->error != NULL)
    g_propagate_error (error, g_error_copy (ahead->error));
  g_atomic_int_set (&ahead->ready, ahead->full.length > 0 || ahead->done);
  g_mutex_unlock (&ahead->mutex);
  return self->current != NULL;
}

static gssize
read_some (RepriseHttpUpload *self,
           void *buffer,
           gsize count,
           gboolean blocking,
           GCancellable *cancellable,
           GError **error)
{
  gsize n;

  if (self->current == NULL || self->offset == self->current->size_bytes)
    {
      GError *reason = NULL;

      if (!advance (self, blocking, cancellable, &reason))
        {
          if (reason == NULL)
            return 0;
          g_propagate_error (error, reason);
          return -1;
        }
    }
  n = MIN (count, self->current->size_bytes - self->offset);
  memcpy (buffer, self->current->data + self->offset, n);
  self->offset += n;
  return (gssize) n;
}

static gssize
upload_read (GInputStream *stream,
             void *buffer,
             gsize count,
             GCancellable *cancellable,
             GError **error)
{
  return read_some (REPRISE_HTTP_UPLOAD (stream), buffer, count, TRUE, cancellable, error);
}

static gssize
upload_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  return read_some (REPRISE_HTTP_UPLOAD (stream), buffer, count, FALSE, NULL, error);
}

static gboolean
upload_is_readable (GPollableInputStream *stream)
{
  RepriseHttpUpload *self = REPRISE_HTTP_UPLOAD (stream);

  start (self);
  return (self->current != NULL && self->offset < self->current->size_bytes) ||
         g_atomic_int_get (&self->ahead->ready) != 0;
}

/* A source that is ready when the reading thread has handed something over; that thread wakes the context up. */
typedef struct
{
  GSource source;
  RepriseHttpUpload *upload; /* (owned) */
} ReadySource;

static gboolean
ready_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  return upload_is_readable (G_POLLABLE_INPUT_STREAM (((ReadySource *) source)->upload));
}

static gboolean
ready_check (GSource *source)
{
  return upload_is_readable (G_POLLABLE_INPUT_STREAM (((ReadySource *) source)->upload));
}

static gboolean
ready_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
ready_finalize (GSource *source)
{
  g_clear_object (&((ReadySource *) source)->upload);
}

static GSourceFuncs ready_funcs = { ready_prepare, ready_check, ready_dispatch, ready_finalize };

/* The source around it is dispatched whenever this one is. */
static gboolean
stay (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSource *
upload_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  GSource *source = g_pollable_source_new_full (stream, NULL, cancellable);
  g_autoptr (GSource) ready = g_source_new (&ready_funcs, sizeof (ReadySource));

  ((ReadySource *) ready)->upload = g_object_ref (REPRISE_HTTP_UPLOAD (stream));
  g_source_set_callback (ready, stay, NULL, NULL);
  g_source_add_child_source (source, ready);
  return source;
}

static void
reprise_http_upload_dispose (GObject *object)
{
  reprise_http_upload_stop (REPRISE_HTTP_UPLOAD (object));
  G_OBJECT_CLASS (reprise_http_upload_parent_class)->dispose (object);
}

static void
reprise_http_upload_finalize (GObject *object)
{
  RepriseHttpUpload *self = REPRISE_HTTP_UPLOAD (object);

  g_clear_pointer (&self->current, g_free);
  g_clear_pointer (&self->ahead, ahead_unref);
  G_OBJECT_CLASS (reprise_http_upload_parent_class)->finalize (object);
}

static void
reprise_http_upload_class_init (RepriseHttpUploadClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = reprise_http_upload_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_http_upload_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = upload_read;
}

static void
pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = upload_is_readable;
  iface->create_source = upload_create_source;
  iface->read_nonblocking = upload_read_nonblocking;
}

static void
reprise_http_upload_init (RepriseHttpUpload *self)
{
  self->ahead = g_new0 (Ahead, 1);
  g_atomic_ref_count_init (&self->ahead->refs);
  self->ahead->cancellable = g_cancellable_new ();
  g_mutex_init (&self->ahead->mutex);
  g_cond_init (&self->ahead->changed);
  for (guint i = 0; i < N_BLOCKS; i++)
    g_queue_push_tail (&self->ahead->empty, g_new (Block, 1));
}

GInputStream *
reprise_http_upload_new (RepriseHttpBody *body)
{
  RepriseHttpUpload *self = g_object_new (REPRISE_TYPE_HTTP_UPLOAD, NULL);

  self->ahead->body = reprise_http_body_ref (body);
  return G_INPUT_STREAM (self);
}

/* Whether it is our own data that is waited for, and not the server. Any thread. */
gboolean
reprise_http_upload_is_starved (RepriseHttpUpload *self)
{
  return g_atomic_int_get (&self->ahead->ready) == 0;
}

/* (transfer full) (nullable): why the data could not be read, if it could not. Any thread. */
GError *
reprise_http_upload_dup_error (RepriseHttpUpload *self)
{
  GError *error;

  g_mutex_lock (&self->ahead->mutex);
  error = self->ahead->error != NULL ? g_error_copy (self->ahead->error) : NULL;
  g_mutex_unlock (&self->ahead->mutex);
  return error;
}

/* No more data is wanted. Any thread. */
void
reprise_http_upload_stop (RepriseHttpUpload *self)
{
  g_cancellable_cancel (self->ahead->cancellable);
  g_mutex_lock (&self->ahead->mutex);
  g_cond_broadcast (&self->ahead->changed);
  g_mutex_unlock (&self->ahead->mutex);
}
