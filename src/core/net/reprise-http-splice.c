/* reprise-http-splice.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-http-splice.h"

/*
 * libsoup hands the body of a request to its connection with g_output_stream_splice_async(), and the stream that it writes to, a type of
 * its own, leaves that to GLib: 8 KiB at a time, each over two turns of the main loop, which costs more than the sending itself. So that
 * stream is taught to take larger pieces, as long as there are some.
 */
#define STREAM_TYPE "SoupBodyOutputStream"
#define PIECE_BYTES (128 * 1024)
#define MAX_PIECES  8 /* then the other connections of the thread have their turn */

typedef struct
{
  GInputStream *source; /* (owned) */
  GOutputStreamSpliceFlags flags;
  gsize from, to; /* what of the piece is not written yet */
  gssize written;
  guchar piece[PIECE_BYTES];
} Splice;

typedef void (*SpliceAsync) (GOutputStream *stream,
                             GInputStream *source,
                             GOutputStreamSpliceFlags flags,
                             int priority,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);

static SpliceAsync usual_splice; /* what the type had before; set once, on the net thread */

static void
splice_free (gpointer data)
{
  Splice *splice = data;

  g_object_unref (splice->source);
  g_free (splice);
}

static void
finish (GTask *task, GError *error)
{
  Splice *splice = g_task_get_task_data (task);

  if ((splice->flags & G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE) != 0)
    g_input_stream_close (splice->source, NULL, NULL);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, splice->written);
  g_object_unref (task);
}

/* One piece in, or what is left of it out. Returns: as g_pollable_input_stream_read_nonblocking(), 0 for the end */
static gssize
move_piece (GTask *task, GSource **wait, GError **error)
{
  Splice *splice = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GPollableInputStream *source = G_POLLABLE_INPUT_STREAM (splice->source);
  GPollableOutputStream *stream = G_POLLABLE_OUTPUT_STREAM (g_task_get_source_object (task));
  gboolean reads = splice->from == splice->to;
  gssize n;

  if (reads)
    {
      n = g_pollable_input_stream_read_nonblocking (source, splice->piece, PIECE_BYTES, cancellable,
                                                    error);
      splice->from = 0;
      splice->to = (gsize) MAX (n, 0);
    }
  else
    {
      n = g_pollable_output_stream_write_nonblocking (
        stream, splice->piece + splice->from, splice->to - splice->from, cancellable, error);
      splice->from += (gsize) MAX (n, 0);
      splice->written += MAX (n, 0);
    }
  if (n < 0 && g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      *wait = reads ? g_pollable_input_stream_create_source (source, cancellable)
                    : g_pollable_output_stream_create_source (stream, cancellable);
      g_clear_error (error);
    }
  return n;
}

static gboolean go_on (gpointer data);

static gboolean
ready_cb (GObject *stream, gpointer data)
{
  return go_on (data);
}

/* Takes @wait, and goes on when it is ready. */
static void
wait_for (GTask *task, GSource *wait, GSourceFunc callback)
{
  g_task_attach_source (task, wait, callback);
  g_source_unref (wait);
}

/* The task is (owned) by whatever calls this next. */
static gboolean
go_on (gpointer data)
{
  GTask *task = data;

  for (guint i = 0; i < 2 * MAX_PIECES; i++)
    {
      GSource *wait = NULL;
      GError *error = NULL;
      gssize n = move_piece (task, &wait, &error);

      if (wait != NULL)
        {
          wait_for (task, wait, G_SOURCE_FUNC (ready_cb));
          return G_SOURCE_REMOVE;
        }
      if (n <= 0)
        {
          finish (task, error);
          return G_SOURCE_REMOVE;
        }
    }
  wait_for (task, g_idle_source_new (), go_on);
  return G_SOURCE_REMOVE;
}

static gboolean
can_poll (GOutputStream *stream, GInputStream *source)
{
  return G_IS_POLLABLE_OUTPUT_STREAM (stream) && G_IS_POLLABLE_INPUT_STREAM (source) &&
         g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (stream)) &&
         g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (source));
}

static void
splice_async (GOutputStream *stream,
              GInputStream *source,
              GOutputStreamSpliceFlags flags,
              int priority,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  Splice *splice;
  GTask *task;

  if ((flags & G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET) != 0 || !can_poll (stream, source))
    {
      usual_splice (stream, source, flags, priority, cancellable, callback, user_data);
      return;
    }
  splice = g_new (Splice, 1);
  splice->source = g_object_ref (source);
  splice->flags = flags;
  splice->from = splice->to = 0;
  splice->written = 0;
  task = g_task_new (stream, cancellable, callback, user_data);
  g_task_set_source_tag (task, splice_async);
  g_task_set_priority (task, priority);
  g_task_set_task_data (task, splice, splice_free);
  wait_for (task, g_idle_source_new (),
            go_on); /* never inside this call: libsoup does not expect it */
}

/**
 * reprise_http_splice_install:
 *
 * On the net thread, before a body is sent. libsoup makes the type with the first body of the process, which goes out in small pieces
 * still; where it does not have it, or sends in a way of its own, all stays as it is.
 *
 * Returns: whether bodies go out in large pieces from now on
 */
gboolean
reprise_http_splice_install (void)
{
  GType type = usual_splice == NULL ? g_type_from_name (STREAM_TYPE) : G_TYPE_INVALID;
  GTypeClass *klass;
  GOutputStreamClass *parent;

  if (usual_splice != NULL)
    return TRUE;
  if (type == G_TYPE_INVALID || !g_type_is_a (type, G_TYPE_OUTPUT_STREAM))
    return FALSE;
  klass = g_type_class_ref (type); /* (owned): by the process */
  parent = g_type_class_peek (G_TYPE_OUTPUT_STREAM);
  if (G_OUTPUT_STREAM_CLASS (klass)->splice_async != parent->splice_async)
    return FALSE;
  usual_splice = parent->splice_async;
  G_OUTPUT_STREAM_CLASS (klass)->splice_async = splice_async;
  return TRUE;
}
