/* reprise-zip-data.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <zlib.h>

#include "archive/reprise-archive-private.h"
#include "archive/reprise-zip-data.h"
#include "archive/reprise-zip-format.h"

#define INPUT_BYTES (128 * 1024)
#define CHUNK_BYTES \
  (64 * 1024) /* inflated at a time, so that the checksum finds it in the processor's cache */

struct _RepriseZipData
{
  int fd;
  guint8 *input; /* (owned): packed bytes */
  z_stream inflate;
  gboolean is_stored;
  gboolean stream_ended; /* of deflate */
  gboolean has_ended;    /* and is proven */
  guint64 offset;        /* of the packed bytes not read yet */
  guint64 packed_left;
  guint64 left; /* unpacked bytes still to come */
  guint32 crc;
  guint32 expected_crc;
};

RepriseZipData *
reprise_zip_data_new (int fd)
{
  RepriseZipData *self = g_new0 (RepriseZipData, 1);

  self->fd = fd;
  self->input = g_malloc (INPUT_BYTES);
  if (inflateInit2 (&self->inflate, -MAX_WBITS) != Z_OK)
    g_error ("zlib does not inflate");
  return self;
}

void
reprise_zip_data_free (RepriseZipData *self)
{
  inflateEnd (&self->inflate);
  g_free (self->input);
  g_free (self);
}

/* Begins with an entry, after what stands around it was compared with the directory. */
gboolean
reprise_zip_data_start (RepriseZipData *self, const RepriseZipEntry *entry, GError **error)
{
  self->offset = reprise_zip_directory_get_data (entry, self->fd, error);
  if (self->offset == 0)
    return FALSE;
  self->packed_left = entry->packed_bytes;
  self->left = entry->size_bytes;
  self->expected_crc = entry->crc;
  self->crc = (guint32) crc32 (0, NULL, 0);
  self->is_stored = entry->method == REPRISE_ZIP_METHOD_STORE;
  self->has_ended = FALSE;
  self->stream_ended = FALSE;
  self->inflate.avail_in = 0;
  inflateReset (&self->inflate);
  return TRUE;
}

static gboolean
read_stored (RepriseZipData *self, guint8 *buffer, gsize size, GError **error)
{
  if (!reprise_archive_pread (self->fd, buffer, size, self->offset, error))
    return FALSE;
  self->offset += size;
  self->packed_left -= size;
  return TRUE;
}

static gboolean
fill_input (RepriseZipData *self, GError **error)
{
  gsize size = (gsize) MIN (self->packed_left, INPUT_BYTES);

  if (size == 0)
    return reprise_archive_damaged (error, _ ("Its packed data end too early"));
  if (!reprise_archive_pread (self->fd, self->input, size, self->offset, error))
    return FALSE;
  self->offset += size;
  self->packed_left -= size;
  self->inflate.next_in = self->input;
  self->inflate.avail_in = (guint) size;
  return TRUE;
}

/* Inflates until the buffer is full, or until the packed data say that they end. */
static gboolean
inflate_into (RepriseZipData *self, guint8 *buffer, gsize size, GError **error)
{
  self->inflate.next_out = buffer;
  self->inflate.avail_out = (guint) size;
  while (!self->stream_ended && self->inflate.avail_out > 0)
    {
      int result;

      if (self->inflate.avail_in == 0 && !fill_input (self, error))
        return FALSE;
      result = inflate (&self->inflate, Z_NO_FLUSH);
      self->stream_ended = result == Z_STREAM_END;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return reprise_archive_damaged (error, _ ("Its packed data are damaged"));
    }
  return TRUE;
}

static gboolean
read_deflated (RepriseZipData *self, guint8 *buffer, gsize size, GError **error)
{
  if (!inflate_into (self, buffer, size, error))
    return FALSE;
  if (self->inflate.avail_out > 0)
    return reprise_archive_damaged (error, _ ("It is shorter than the directory says"));
  return TRUE;
}

/* After the last byte: nothing more comes out, nothing is left over, and the checksum is right. */
static gboolean
prove_end (RepriseZipData *self, GError **error)
{
  guint8 more[1];

  if (!self->is_stored && !inflate_into (self, more, sizeof more, error))
    return FALSE;
  if (!self->is_stored && self->inflate.avail_out == 0)
    return reprise_archive_damaged (error, _ ("It is longer than the directory says"));
  if (self->packed_left > 0 || self->inflate.avail_in > 0)
    return reprise_archive_damaged (error, _ ("Something follows its packed data"));
  if (self->crc != self->expected_crc)
    return reprise_archive_damaged (error, _ ("Its checksum is wrong"));
  self->has_ended = TRUE;
  return TRUE;
}

static gboolean
read_chunk (RepriseZipData *self, guint8 *buffer, gsize size, GError **error)
{
  if (!(self->is_stored ? read_stored (self, buffer, size, error)
                        : read_deflated (self, buffer, size, error)))
    return FALSE;
  self->crc = (guint32) crc32 (self->crc, buffer, (guint) size);
  self->left -= size;
  return TRUE;
}

/**
 * reprise_zip_data_read:
 *
 * Returns: how many bytes, fewer than @size only at the end, or -1; the last ones come only when the end is proven
 */
gssize
reprise_zip_data_read (RepriseZipData *self, guint8 *buffer, gsize size, GError **error)
{
  gsize wanted = (gsize) MIN (size, self->left);

  for (gsize done = 0; done < wanted;)
    {
      gsize chunk = MIN (wanted - done, CHUNK_BYTES);

      if (!read_chunk (self, buffer + done, chunk, error))
        return -1;
      done += chunk;
    }
  if (self->left == 0 && !self->has_ended && !prove_end (self, error))
    return -1;
  return (gssize) wanted;
}
