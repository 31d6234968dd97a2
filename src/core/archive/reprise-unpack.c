/* reprise-unpack.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "archive/reprise-archive-private.h"
#include "archive/reprise-unpack.h"
#include "base/reprise-file.h"

#define INPUT_BYTES  (256 * 1024)
#define OUTPUT_BYTES (256 * 1024)

typedef enum
{
  KIND_PLAIN,
  KIND_GZIP,
  KIND_ZSTD,
} Kind;

struct _RepriseUnpack
{
  int fd;
  Kind kind;
  guint max_ratio;
  guint64 file_bytes;
  guint64 packed_bytes;   /* read from the file so far */
  guint64 unpacked_bytes; /* given so far */
  guint8 *input;          /* (owned) */
  gsize input_at, input_size;
  guint8 *output;    /* (owned) (nullable) */
  gboolean in_frame; /* a gzip member or zstd frame has begun and not ended */
  z_stream inflate;
  ZSTD_DStream *zstd; /* (owned) (nullable) */
};

static Kind
recognise (const guint8 *magic, gsize size)
{
  if (size >= 3 && magic[0] == 0x1f && magic[1] == 0x8b && magic[2] == 8)
    return KIND_GZIP;
  if (size >= 4 &&
      (reprise_get_le32 (magic) == ZSTD_MAGICNUMBER ||
       (reprise_get_le32 (magic) & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START))
    return KIND_ZSTD;
  return KIND_PLAIN;
}

/* (nullable): for @fd, which stays the caller's; read from its beginning with pread() */
RepriseUnpack *
reprise_unpack_new (int fd, guint max_ratio, GError **error)
{
  g_autoptr (RepriseUnpack) self = g_new0 (RepriseUnpack, 1);
  struct stat info;

  self->fd = fd;
  self->max_ratio = max_ratio;
  if (fstat (fd, &info) != 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not read the archive"));
      return NULL;
    }
  self->file_bytes = (guint64) info.st_size;
  self->input = g_malloc (INPUT_BYTES);
  if (!reprise_archive_pread (fd, self->input, (gsize) MIN (self->file_bytes, 4), 0, error))
    return NULL;
  self->kind = recognise (self->input, (gsize) MIN (self->file_bytes, 4));
  if (self->kind != KIND_PLAIN)
    self->output = g_malloc (OUTPUT_BYTES);
  if (self->kind == KIND_GZIP && inflateInit2 (&self->inflate, MAX_WBITS + 16) != Z_OK)
    g_error ("zlib does not inflate");
  if (self->kind == KIND_ZSTD)
    self->zstd = ZSTD_createDStream ();
  return g_steal_pointer (&self);
}

void
reprise_unpack_free (RepriseUnpack *self)
{
  if (self->kind == KIND_GZIP)
    inflateEnd (&self->inflate);
  ZSTD_freeDStream (self->zstd);
  g_free (self->input);
  g_free (self->output);
  g_free (self);
}

/* How much of the file has been read, for a progress bar. */
guint64
reprise_unpack_get_packed_bytes (const RepriseUnpack *self)
{
  return self->packed_bytes;
}

/* Passes over bytes of a plain file unread; gives how many, which may be fewer, and 0 for a packed one. */
guint64
reprise_unpack_skip (RepriseUnpack *self, guint64 bytes)
{
  if (self->kind != KIND_PLAIN)
    return 0;
  bytes = MIN (bytes, self->file_bytes - self->packed_bytes);
  self->packed_bytes += bytes;
  self->unpacked_bytes += bytes;
  return bytes;
}

static gboolean
fill_input (RepriseUnpack *self, GError **error)
{
  gsize size = (gsize) MIN (self->file_bytes - self->packed_bytes, INPUT_BYTES);

  if (!reprise_archive_pread (self->fd, self->input, size, self->packed_bytes, error))
    return FALSE;
  self->packed_bytes += size;
  self->input_at = 0;
  self->input_size = size;
  return TRUE;
}

/* One member may follow another, and nothing else may. */
static gssize
unpack_gzip (RepriseUnpack *self, GError **error)
{
  int result;

  self->inflate.next_in = self->input + self->input_at;
  self->inflate.avail_in = (guint) (self->input_size - self->input_at);
  self->inflate.next_out = self->output;
  self->inflate.avail_out = OUTPUT_BYTES;
  self->in_frame |= self->inflate.avail_in > 0;
  result = inflate (&self->inflate, Z_NO_FLUSH);
  self->input_at = self->input_size - self->inflate.avail_in;
  if (result == Z_STREAM_END)
    {
      self->in_frame = FALSE;
      inflateReset (&self->inflate);
    }
  else if (result != Z_OK && result != Z_BUF_ERROR)
    {
      reprise_archive_damaged (error, _ ("The packed data of the archive are damaged"));
      return -1;
    }
  return (gssize) (OUTPUT_BYTES - self->inflate.avail_out);
}

static gssize
unpack_zstd (RepriseUnpack *self, GError **error)
{
  ZSTD_inBuffer in = { self->input, self->input_size, self->input_at };
  ZSTD_outBuffer out = { self->output, OUTPUT_BYTES, 0 };
  size_t result = ZSTD_decompressStream (self->zstd, &out, &in);

  self->input_at = in.pos;
  self->in_frame = result != 0;
  if (!ZSTD_isError (result))
    return (gssize) out.pos;
  if (ZSTD_getErrorCode (result) == ZSTD_error_frameParameter_windowTooLarge)
    reprise_archive_limit (error,
                           _ ("Unpacking the archive would take more than 128 MiB of memory"));
  else
    reprise_archive_damaged (error, _ ("The packed data of the archive are damaged"));
  return -1;
}

/* A decoder may hold output back when it has read all its input, so it is asked even with none. */
static gssize
unpack (RepriseUnpack *self, GError **error)
{
  gboolean is_last = self->input_at == self->input_size;
  gssize n = self->kind == KIND_GZIP ? unpack_gzip (self, error) : unpack_zstd (self, error);

  if (n == 0 && is_last && self->in_frame)
    {
      reprise_archive_damaged (error, _ ("The archive ends too early"));
      return -1;
    }
  return n;
}

static gboolean
check_ratio (RepriseUnpack *self, GError **error)
{
  if (self->unpacked_bytes <= REPRISE_ARCHIVE_FREE_BYTES ||
      self->unpacked_bytes / self->max_ratio <= self->packed_bytes)
    return TRUE;
  return reprise_archive_limit (error, _ ("The archive unpacks to more than %u times its size"),
                                self->max_ratio);
}

static gssize
read_plain (RepriseUnpack *self, const guint8 **data, GError **error)
{
  if (!fill_input (self, error))
    return -1;
  *data = self->input;
  self->unpacked_bytes += self->input_size;
  return (gssize) self->input_size;
}

/**
 * reprise_unpack_read:
 * @data: (out) (transfer none): the next bytes, good until the next call
 *
 * Returns: how many; 0 at the end, which is proven; -1 with @error set
 */
gssize
reprise_unpack_read (RepriseUnpack *self, const guint8 **data, GError **error)
{
  gssize n = 0;

  if (self->kind == KIND_PLAIN)
    return read_plain (self, data, error);
  while (n == 0)
    {
      if (self->input_at == self->input_size && self->packed_bytes < self->file_bytes &&
          !fill_input (self, error))
        return -1;
      if (self->input_at == self->input_size && !self->in_frame)
        return 0;
      n = unpack (self, error);
    }
  if (n > 0)
    {
      self->unpacked_bytes += (guint64) n;
      *data = self->output;
      if (!check_ratio (self, error))
        return -1;
    }
  return n;
}
