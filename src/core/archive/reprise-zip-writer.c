/* reprise-zip-writer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-zip-writer"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <zlib.h>

#include "archive/reprise-archive-name.h"
#include "archive/reprise-deflate.h"
#include "archive/reprise-zip-format.h"
#include "archive/reprise-zip-writer.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"

#define READ_BYTES   (256 * 1024)
#define BUFFER_BYTES (1024 * 1024) /* that go to the stream at a time */

/* From this size on an entry is written in 64 bits, though it would fit 32: deflate can make it larger. */
#define WIDE_BYTES 0xf0000000u

#define MADE_BY_UNIX \
  (3 << 8 | 45)          /* APPNOTE.TXT 4.4.2: the attributes are those of a Unix; version 4.5 */
#define NEEDS_DEFLATE 20 /* 4.4.3 */
#define NEEDS_ZIP64   45
#define UNIX_TIME \
  0x5455 /* an extra field of Info-ZIP: seconds since 1970, which DOS times are not */
#define UNIX_TIME_SIZE 9

/* The entry that is open. */
typedef struct
{
  char *name;            /* (owned) (nullable) */
  RepriseHash *hash;     /* (owned) (nullable): while it is open */
  gint64 expected_bytes; /* or -1 */
  guint64 size_bytes;    /* so far */
  guint64 packed_bytes;  /* so far */
  guint64 offset;        /* of its header */
  guint32 crc;
  gboolean is_wide; /* its sizes take 64 bits */
  gint64 mtime;     /* seconds since 1970 */
  guint32 dos_time;
} Entry;

struct _RepriseZipWriter
{
  GOutputStream *out;      /* (owned) */
  RepriseDeflate *deflate; /* (owned) (nullable): where anything is packed */
  GByteArray *buffer;      /* (owned): for @out */
  GByteArray *directory;   /* (owned): the records of what is written */
  GByteArray *scratch;     /* (owned): for one small thing at a time */
  guint64 offset;          /* bytes written, with those in the buffer */
  guint64 n_entries;
  GHashTable *names; /* (owned) (element-type utf8): those written so far */
  Entry entry;
  GCancellable *cancellable; /* (nullable): of the call that is being made */
};

static gboolean
flush (RepriseZipWriter *self, GError **error)
{
  gboolean ok = g_output_stream_write_all (self->out, self->buffer->data, self->buffer->len, NULL,
                                           self->cancellable, error);

  g_byte_array_set_size (self->buffer, 0);
  return ok;
}

static gboolean
put (RepriseZipWriter *self, gconstpointer data, gsize size, GError **error)
{
  self->offset += size;
  g_byte_array_append (self->buffer, data, (guint) size);
  return self->buffer->len < BUFFER_BYTES || flush (self, error);
}

static GByteArray *
clear_scratch (RepriseZipWriter *self)
{
  return g_byte_array_set_size (self->scratch, 0);
}

static gboolean
put_packed_cb (const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  RepriseZipWriter *self = user_data;

  self->entry.packed_bytes += size;
  return put (self, data, size, error);
}

/**
 * reprise_zip_writer_new:
 * @out: where the archive goes; it is neither closed nor asked to seek
 * @level: of deflate, 0 (stored) to 9
 */
RepriseZipWriter *
reprise_zip_writer_new (GOutputStream *out, int level)
{
  RepriseZipWriter *self = g_new0 (RepriseZipWriter, 1);

  self->out = g_object_ref (out);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->buffer = g_byte_array_sized_new (2 * BUFFER_BYTES);
  self->directory = g_byte_array_new ();
  self->scratch = g_byte_array_new ();
  if (level > 0)
    self->deflate = reprise_deflate_new (MIN (level, 9), put_packed_cb, self);
  return self;
}

/* Also in the middle: then what was written is no archive. */
void
reprise_zip_writer_free (RepriseZipWriter *self)
{
  g_clear_pointer (&self->deflate, reprise_deflate_free);
  g_object_unref (self->out);
  g_hash_table_unref (self->names);
  g_byte_array_unref (self->buffer);
  g_byte_array_unref (self->directory);
  g_byte_array_unref (self->scratch);
  g_clear_pointer (&self->entry.hash, reprise_hash_free);
  g_free (self->entry.name);
  g_free (self);
}

static gboolean
take_name (RepriseZipWriter *self, const char *name, GError **error)
{
  if (!reprise_archive_check_name (name, strlen (name), error))
    return FALSE;
  if (!g_hash_table_add (self->names, g_strdup (name)))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                         _ ("The archive has “%s” already"), name);
      return FALSE;
    }
  g_free (self->entry.name);
  self->entry.name = g_strdup (name);
  return TRUE;
}

/* 4.4.6: local time, in steps of two seconds, from 1980 to 2107. */
static guint32
get_dos_time (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);
  int year = g_date_time_get_year (local);

  if (year < 1980 || year > 2107)
    return 1 << 21 | 1 << 16;
  return (guint32) (year - 1980) << 25 | (guint32) g_date_time_get_month (local) << 21 |
         (guint32) g_date_time_get_day_of_month (local) << 16 |
         (guint32) g_date_time_get_hour (local) << 11 |
         (guint32) g_date_time_get_minute (local) << 5 |
         (guint32) g_date_time_get_second (local) / 2;
}

static void
set_time (Entry *entry, GDateTime *mtime)
{
  g_autoptr (GDateTime) now = mtime == NULL ? g_date_time_new_now_utc () : NULL;
  GDateTime *time = mtime != NULL ? mtime : now;

  entry->mtime = g_date_time_to_unix (time);
  entry->dos_time = get_dos_time (time);
}

/* What the header of an entry and its record in the directory begin with, 4.3.7 and 4.3.12. The sizes are those that fit here. */
static void
append_fields (RepriseZipWriter *self,
               GByteArray *to,
               guint32 crc,
               guint32 packed,
               guint32 size,
               gsize extra)
{
  const Entry *entry = &self->entry;

  reprise_zip_append (to, entry->is_wide ? NEEDS_ZIP64 : NEEDS_DEFLATE, 2);
  reprise_zip_append (to, REPRISE_ZIP_FLAG_DESCRIPTOR | REPRISE_ZIP_FLAG_UTF8, 2);
  reprise_zip_append (
    to, self->deflate != NULL ? REPRISE_ZIP_METHOD_DEFLATE : REPRISE_ZIP_METHOD_STORE, 2);
  reprise_zip_append (to, entry->dos_time, 4);
  reprise_zip_append (to, crc, 4);
  reprise_zip_append (to, packed, 4);
  reprise_zip_append (to, size, 4);
  reprise_zip_append (to, strlen (entry->name), 2);
  reprise_zip_append (to, extra, 2);
}

static void
append_unix_time (const Entry *entry, GByteArray *to)
{
  reprise_zip_append (to, UNIX_TIME, 2);
  reprise_zip_append (to, UNIX_TIME_SIZE - 4, 2);
  reprise_zip_append (to, 1, 1); /* only the time of the last change */
  reprise_zip_append (to, (guint32) CLAMP (entry->mtime, G_MININT32, G_MAXINT32), 4);
}

/* 4.3.7. Sizes and checksum follow the data, in a descriptor, for they are not known yet. */
static gboolean
put_header (RepriseZipWriter *self, GError **error)
{
  GByteArray *header = clear_scratch (self);
  const Entry *entry = &self->entry;
  guint32 unknown = entry->is_wide ? REPRISE_ZIP_MAX32 : 0;

  reprise_zip_append (header, REPRISE_ZIP_LOCAL_MAGIC, 4);
  append_fields (self, header, 0, unknown, unknown, UNIX_TIME_SIZE + (entry->is_wide ? 20 : 0));
  g_byte_array_append (header, (const guint8 *) entry->name, (guint) strlen (entry->name));
  if (entry->is_wide)
    {
      reprise_zip_append (header, REPRISE_ZIP_EXTRA_ZIP64, 2);
      reprise_zip_append (header, 16, 2);
      reprise_zip_append (header, 0, 8);
      reprise_zip_append (header, 0, 8);
    }
  append_unix_time (entry, header);
  return put (self, header->data, header->len, error);
}

/**
 * reprise_zip_writer_begin:
 * @name: of the file inside, relative, with slashes
 * @size_bytes: its size, or -1 where it is not known yet (which costs 28 bytes)
 * @mtime: (nullable): its time, or %NULL for now
 *
 * Begins one file, mode 0600. reprise_zip_writer_write() and one reprise_zip_writer_end() follow.
 *
 * Returns: whether it is begun; else %REPRISE_ERROR_EXISTS for a second of that name, %REPRISE_ERROR_DAMAGED or
 *   %REPRISE_ERROR_LIMIT for a name that cannot be, or what the stream reports
 */
gboolean
reprise_zip_writer_begin (RepriseZipWriter *self,
                          const char *name,
                          gint64 size_bytes,
                          GDateTime *mtime,
                          GError **error)
{
  g_return_val_if_fail (self->entry.hash == NULL, FALSE);

  if (!take_name (self, name, error))
    return FALSE;
  self->entry.hash = reprise_hash_new ();
  self->entry.expected_bytes = size_bytes;
  self->entry.size_bytes = self->entry.packed_bytes = 0;
  self->entry.offset = self->offset;
  self->entry.crc = (guint32) crc32 (0, NULL, 0);
  self->entry.is_wide = size_bytes < 0 || size_bytes >= WIDE_BYTES;
  set_time (&self->entry, mtime);
  return put_header (self, error);
}

static gboolean
refuse_size (RepriseZipWriter *self, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("The size of “%s” changed while it was written to the archive"),
                     self->entry.name);
  return FALSE;
}

static gboolean
put_data (RepriseZipWriter *self, const guint8 *data, gsize size, GError **error)
{
  if (self->deflate != NULL)
    return reprise_deflate_write (self->deflate, data, size, error);
  self->entry.crc = (guint32) crc32_z (self->entry.crc, data, size);
  self->entry.packed_bytes += size;
  return put (self, data, size, error);
}

/**
 * reprise_zip_writer_write:
 *
 * The next bytes of the file that was begun.
 *
 * Returns: whether they are taken; else %REPRISE_ERROR_FAILED, or what the stream reports
 */
gboolean
reprise_zip_writer_write (RepriseZipWriter *self,
                          gconstpointer data,
                          gsize size,
                          GCancellable *cancellable,
                          GError **error)
{
  gboolean ok;

  g_return_val_if_fail (self->entry.hash != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (self->entry.expected_bytes >= 0 &&
      size > (guint64) self->entry.expected_bytes - self->entry.size_bytes)
    return refuse_size (self, error);
  reprise_hash_update (self->entry.hash, data, size);
  self->entry.size_bytes += size;
  self->cancellable = cancellable;
  ok = put_data (self, data, size, error);
  self->cancellable = NULL;
  return ok;
}

/* 4.3.9 */
static gboolean
put_descriptor (RepriseZipWriter *self, GError **error)
{
  GByteArray *descriptor = clear_scratch (self);
  const Entry *entry = &self->entry;
  int width = entry->is_wide ? 8 : 4;

  reprise_zip_append (descriptor, REPRISE_ZIP_DESCRIPTOR_MAGIC, 4);
  reprise_zip_append (descriptor, entry->crc, 4);
  reprise_zip_append (descriptor, entry->packed_bytes, width);
  reprise_zip_append (descriptor, entry->size_bytes, width);
  return put (self, descriptor->data, descriptor->len, error);
}

/* Appends to @extra what does not fit 32 bits (4.5.3), and gives what stands in its place. */
static guint32
narrow (guint64 number, GByteArray *extra)
{
  if (number < REPRISE_ZIP_MAX32)
    return (guint32) number;
  reprise_zip_append (extra, number, 8);
  return REPRISE_ZIP_MAX32;
}

/* 4.3.12 */
static void
append_record (RepriseZipWriter *self)
{
  GByteArray *wide = clear_scratch (self);
  GByteArray *to = self->directory;
  const Entry *entry = &self->entry;
  guint32 size = narrow (entry->size_bytes, wide);
  guint32 packed = narrow (entry->packed_bytes, wide);
  guint32 offset = narrow (entry->offset, wide);

  reprise_zip_append (to, REPRISE_ZIP_RECORD_MAGIC, 4);
  reprise_zip_append (to, MADE_BY_UNIX, 2);
  append_fields (self, to, entry->crc, packed, size,
                 UNIX_TIME_SIZE + (wide->len > 0 ? wide->len + 4 : 0));
  reprise_zip_append (to, 0, 6); /* no comment, first disk, nothing said of text */
  reprise_zip_append (to, (guint32) (S_IFREG | 0600) << 16, 4);
  reprise_zip_append (to, offset, 4);
  g_byte_array_append (to, (const guint8 *) entry->name, (guint) strlen (entry->name));
  if (wide->len > 0)
    {
      reprise_zip_append (to, REPRISE_ZIP_EXTRA_ZIP64, 2);
      reprise_zip_append (to, wide->len, 2);
      g_byte_array_append (to, wide->data, wide->len);
    }
  append_unix_time (entry, to);
  self->n_entries++;
}

/**
 * reprise_zip_writer_end:
 * @size_bytes: (out) (optional): how large the file is
 * @sha256: (out) (optional) (transfer full): the SHA-256 of its plain bytes
 *
 * Ends the file that was begun.
 */
gboolean
reprise_zip_writer_end (RepriseZipWriter *self, guint64 *size_bytes, char **sha256, GError **error)
{
  g_autoptr (RepriseHash) hash = NULL;

  g_return_val_if_fail (self->entry.hash != NULL, FALSE);

  hash = g_steal_pointer (&self->entry.hash);
  if (self->entry.expected_bytes >= 0 &&
      self->entry.size_bytes != (guint64) self->entry.expected_bytes)
    return refuse_size (self, error);
  if (self->deflate != NULL && !reprise_deflate_end (self->deflate, &self->entry.crc, error))
    return FALSE;
  if (!put_descriptor (self, error))
    return FALSE;
  append_record (self);
  if (size_bytes != NULL)
    *size_bytes = self->entry.size_bytes;
  if (sha256 != NULL)
    *sha256 = reprise_hash_finish (hash);
  return TRUE;
}

/* The file's bytes, all of them, as it is being read. */
static gboolean
copy_file (RepriseZipWriter *self,
           int fd,
           const char *path,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);
  gssize n;

  while ((n = read (fd, buffer, READ_BYTES)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), path);
      if (!reprise_zip_writer_write (self, buffer, (gsize) n, cancellable, error))
        return FALSE;
      reprise_progress_add_bytes (progress, n);
    }
  return TRUE;
}

static gboolean
add_open_file (RepriseZipWriter *self,
               const char *name,
               int fd,
               const char *path,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GDateTime) mtime = NULL;
  struct stat info;

  if (fstat (fd, &info) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), path);
  if (!S_ISREG (info.st_mode))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is not a file"),
                         path);
      return FALSE;
    }
  mtime = g_date_time_new_from_unix_utc (info.st_mtime);
  return reprise_zip_writer_begin (self, name, info.st_size, mtime, error) &&
         copy_file (self, fd, path, progress, cancellable, error);
}

/**
 * reprise_zip_writer_add_file:
 * @name: of the file inside
 * @path: of the file outside, which must not change meanwhile
 * @progress: (nullable): gains the bytes as they are read
 * @size_bytes: (out) (optional): how large it is
 * @sha256: (out) (optional) (transfer full): the SHA-256 of its plain bytes
 */
gboolean
reprise_zip_writer_add_file (RepriseZipWriter *self,
                             const char *name,
                             const char *path,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             guint64 *size_bytes,
                             char **sha256,
                             GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gboolean ok;

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  ok = add_open_file (self, name, fd, path, progress, cancellable, error);
  close (fd);
  return ok && reprise_zip_writer_end (self, size_bytes, sha256, error);
}

/* A small file from memory, with the time of now. */
gboolean
reprise_zip_writer_add_bytes (RepriseZipWriter *self,
                              const char *name,
                              gconstpointer data,
                              gsize size,
                              guint64 *size_bytes,
                              char **sha256,
                              GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return reprise_zip_writer_begin (self, name, (gint64) size, now, error) &&
         reprise_zip_writer_write (self, data, size, NULL, error) &&
         reprise_zip_writer_end (self, size_bytes, sha256, error);
}

/* 4.3.14 and 4.3.15 */
static void
append_end64 (RepriseZipWriter *self, GByteArray *to, guint64 directory)
{
  guint64 size = self->offset - directory;

  reprise_zip_append (to, REPRISE_ZIP_END64_MAGIC, 4);
  reprise_zip_append (to, REPRISE_ZIP_END64_BYTES - 12, 8);
  reprise_zip_append (to, MADE_BY_UNIX, 2);
  reprise_zip_append (to, NEEDS_ZIP64, 2);
  reprise_zip_append (to, 0, 8);
  reprise_zip_append (to, self->n_entries, 8);
  reprise_zip_append (to, self->n_entries, 8);
  reprise_zip_append (to, size, 8);
  reprise_zip_append (to, directory, 8);
  reprise_zip_append (to, REPRISE_ZIP_LOCATOR_MAGIC, 4);
  reprise_zip_append (to, 0, 4);
  reprise_zip_append (to, self->offset, 8);
  reprise_zip_append (to, 1, 4);
}

/* 4.3.16, after what it takes in 64 bits where it must. */
static gboolean
put_end (RepriseZipWriter *self, guint64 directory, GError **error)
{
  GByteArray *end = clear_scratch (self);
  guint64 n_entries = MIN (self->n_entries, REPRISE_ZIP_MAX16);
  guint64 size = self->offset - directory;

  if (self->n_entries >= REPRISE_ZIP_MAX16 || size >= REPRISE_ZIP_MAX32 ||
      directory >= REPRISE_ZIP_MAX32)
    append_end64 (self, end, directory);
  reprise_zip_append (end, REPRISE_ZIP_END_MAGIC, 4);
  reprise_zip_append (end, 0, 4);
  reprise_zip_append (end, n_entries, 2);
  reprise_zip_append (end, n_entries, 2);
  reprise_zip_append (end, MIN (size, REPRISE_ZIP_MAX32), 4);
  reprise_zip_append (end, MIN (directory, REPRISE_ZIP_MAX32), 4);
  reprise_zip_append (end, 0, 2);
  return put (self, end->data, end->len, error);
}

/**
 * reprise_zip_writer_finish:
 *
 * Writes the directory and flushes the stream. Without it there is no archive.
 */
gboolean
reprise_zip_writer_finish (RepriseZipWriter *self, GError **error)
{
  guint64 directory = self->offset;

  g_return_val_if_fail (self->entry.hash == NULL, FALSE);

  return put (self, self->directory->data, self->directory->len, error) &&
         put_end (self, directory, error) && flush (self, error) &&
         g_output_stream_flush (self->out, NULL, error);
}
