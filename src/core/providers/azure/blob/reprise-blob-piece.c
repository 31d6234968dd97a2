/* reprise-blob-piece.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-crc64.h"
#include "base/reprise-file.h"
#include "providers/azure/blob/reprise-blob-piece.h"

struct _RepriseBlobPiece
{
  /* none of these changes */
  char *path; /* (owned) */
  guint64 offset;
  gsize size;
  gboolean takes_crc;

  GMutex mutex; /* guards: */
  gpointer
    reader; /* (unowned) (nullable): the stream that was opened last, which may be gone: never looked into */
  gboolean complete; /* it was read to its end */
  guint64 crc;       /* and that is the check sum of it */
};

#define REPRISE_TYPE_BLOB_READER (reprise_blob_reader_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBlobReader, reprise_blob_reader, REPRISE, BLOB_READER, GInputStream)

struct _RepriseBlobReader
{
  GInputStream parent_instance;

  RepriseBlobPiece *piece; /* (owned) */
  int fd;
  gsize done;
  guint64 crc;
};

G_DEFINE_FINAL_TYPE (RepriseBlobReader, reprise_blob_reader, G_TYPE_INPUT_STREAM)

RepriseBlobPiece *
reprise_blob_piece_new (const char *path, guint64 offset, gsize size, gboolean takes_crc)
{
  RepriseBlobPiece *self = g_atomic_rc_box_new0 (RepriseBlobPiece);

  self->path = g_strdup (path);
  self->offset = offset;
  self->size = size;
  self->takes_crc = takes_crc;
  g_mutex_init (&self->mutex);
  return self;
}

RepriseBlobPiece *
reprise_blob_piece_ref (RepriseBlobPiece *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_piece (gpointer data)
{
  RepriseBlobPiece *self = data;

  g_free (self->path);
  g_mutex_clear (&self->mutex);
}

void
reprise_blob_piece_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, clear_piece);
}

/* What a try before this one still reads counts for nothing. */
static void
complete (RepriseBlobReader *self)
{
  RepriseBlobPiece *piece = self->piece;

  g_mutex_lock (&piece->mutex);
  if (piece->reader == self)
    {
      piece->complete = TRUE;
      piece->crc = self->crc;
    }
  g_mutex_unlock (&piece->mutex);
}

static gssize
reader_read (GInputStream *stream,
             void *buffer,
             gsize count,
             GCancellable *cancellable,
             GError **error)
{
  RepriseBlobReader *self = REPRISE_BLOB_READER (stream);
  RepriseBlobPiece *piece = self->piece;
  gssize n;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  do
    n = pread (self->fd, buffer, MIN (count, piece->size - self->done),
               (off_t) (piece->offset + self->done));
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), piece->path);
      return -1;
    }
  if (piece->takes_crc)
    self->crc = reprise_crc64 (self->crc, buffer, (gsize) n);
  self->done += (gsize) n;
  if (piece->takes_crc && self->done == piece->size)
    complete (self);
  return n;
}

static void
reprise_blob_reader_finalize (GObject *object)
{
  RepriseBlobReader *self = REPRISE_BLOB_READER (object);

  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->piece, reprise_blob_piece_unref);
  G_OBJECT_CLASS (reprise_blob_reader_parent_class)->finalize (object);
}

static void
reprise_blob_reader_class_init (RepriseBlobReaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_blob_reader_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = reader_read;
}

static void
reprise_blob_reader_init (RepriseBlobReader *self)
{
  self->fd = -1;
}

/* As #RepriseHttpOpen */
GInputStream *
reprise_blob_piece_open (gpointer data, GCancellable *cancellable, GError **error)
{
  RepriseBlobPiece *piece = data;
  g_autoptr (RepriseBlobReader) self = g_object_new (REPRISE_TYPE_BLOB_READER, NULL);

  self->piece = reprise_blob_piece_ref (piece);
  self->fd = open (piece->path, O_RDONLY | O_CLOEXEC);
  if (self->fd < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), piece->path);
      return NULL;
    }
  g_mutex_lock (&piece->mutex);
  piece->reader = self;
  piece->complete = FALSE;
  g_mutex_unlock (&piece->mutex);
  return G_INPUT_STREAM (g_steal_pointer (&self));
}

/* Whether it was read to its end since it was opened last, and then the check sum of it. */
gboolean
reprise_blob_piece_get_crc (RepriseBlobPiece *self, guint64 *crc)
{
  gboolean known;

  g_mutex_lock (&self->mutex);
  known = self->complete;
  *crc = self->crc;
  g_mutex_unlock (&self->mutex);
  return known;
}
