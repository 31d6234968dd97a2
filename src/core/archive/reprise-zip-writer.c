/* reprise-zip-writer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-zip-writer"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-name.h"
#include "archive/reprise-zip-writer.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"

#define READ_BYTES (256 * 1024)
#define BLOCK_BYTES \
  (1024 * 1024) /* of one write; libarchive's own 10 KiB cost a system call each */

struct _RepriseZipWriter
{
  GOutputStream *out;        /* (owned) */
  struct archive *archive;   /* (owned) */
  GHashTable *names;         /* (owned) (element-type utf8): those written so far */
  RepriseHash *hash;         /* (owned) (nullable): of the entry that is open */
  char *name;                /* (owned) (nullable): of the entry that is open, or was last */
  gint64 expected_bytes;     /* of the entry that is open, or -1 */
  guint64 written_bytes;     /* of the entry that is open */
  gboolean is_given_up;      /* nothing more goes to @out */
  GCancellable *cancellable; /* (nullable): of the call that is being made */
  GError *out_error;         /* (owned) (nullable): why @out took no more */
};

/* Never fails for libarchive, which would leak its memory: callers look at @out_error. */
static la_ssize_t
write_cb (struct archive *archive, void *user_data, const void *data, size_t size)
{
  RepriseZipWriter *self = user_data;

  if (!self->is_given_up && self->out_error == NULL)
    g_output_stream_write_all (self->out, data, size, NULL, self->cancellable, &self->out_error);
  return (la_ssize_t) size;
}

/* Gives the error of the stream where there is one, else libarchive's. */
static gboolean
fail (RepriseZipWriter *self, GError **error)
{
  if (self->out_error != NULL)
    g_propagate_error (error, g_error_copy (self->out_error));
  else
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, _ ("Could not write the archive: %s"),
                 archive_error_string (self->archive));
  return FALSE;
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
  g_autofree char *options =
    g_strdup_printf ("zip:compression-level=%d,zip:hdrcharset=UTF-8", CLAMP (level, 0, 9));

  self->out = g_object_ref (out);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->archive = archive_write_new ();
  if (self->archive == NULL || archive_write_set_format_zip (self->archive) != ARCHIVE_OK ||
      archive_write_set_options (self->archive, options) != ARCHIVE_OK ||
      archive_write_set_bytes_per_block (self->archive, BLOCK_BYTES) != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block (self->archive, 1) != ARCHIVE_OK ||
      archive_write_open (self->archive, self, NULL, write_cb, NULL) != ARCHIVE_OK)
    g_error (
      "libarchive writes no zip files"); /* not a matter of data: no such library has been built */
  return self;
}

/* Also in the middle: then what was written is no archive, and nothing more is written. */
void
reprise_zip_writer_free (RepriseZipWriter *self)
{
  self->is_given_up = TRUE;
  archive_write_free (self->archive);
  g_object_unref (self->out);
  g_hash_table_unref (self->names);
  g_clear_pointer (&self->hash, reprise_hash_free);
  g_free (self->name);
  g_clear_error (&self->out_error);
  g_free (self);
}

static gboolean
take_name (RepriseZipWriter *self, const char *name, GError **error)
{
  if (!reprise_archive_check_name (name, strlen (name), error))
    return FALSE;
  if (!g_hash_table_add (self->names, g_strdup (name)))
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS, _ ("The archive has “%s” already"),
                   name);
      return FALSE;
    }
  g_free (self->name);
  self->name = g_strdup (name);
  return TRUE;
}

static struct archive_entry *
make_entry (const char *name, gint64 size_bytes, GDateTime *mtime)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname_utf8 (entry, name);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0600);
  if (size_bytes >= 0)
    archive_entry_set_size (entry, size_bytes);
  if (mtime != NULL)
    archive_entry_set_mtime (entry, (time_t) g_date_time_to_unix (mtime), 0);
  return entry;
}

/**
 * reprise_zip_writer_begin:
 * @name: of the file inside, relative, with slashes
 * @size_bytes: its size, or -1 where it is not known yet (which costs 20 bytes)
 * @mtime: (nullable): its time
 *
 * Begins one file, mode 0600. reprise_zip_writer_write() and one reprise_zip_writer_end() follow.
 *
 * Returns: whether it is begun; else %REPRISE_ERROR_EXISTS for a second of that name, %REPRISE_ERROR_DAMAGED or
 *   %REPRISE_ERROR_LIMIT for a name that cannot be, %REPRISE_ERROR_FAILED, or what the stream reports
 */
gboolean
reprise_zip_writer_begin (RepriseZipWriter *self,
                          const char *name,
                          gint64 size_bytes,
                          GDateTime *mtime,
                          GError **error)
{
  struct archive_entry *entry;
  int result;

  g_return_val_if_fail (self->hash == NULL, FALSE);

  if (!take_name (self, name, error))
    return FALSE;
  entry = make_entry (name, size_bytes, mtime);
  result = archive_write_header (self->archive, entry);
  archive_entry_free (entry);
  if (result != ARCHIVE_OK || self->out_error != NULL)
    return fail (self, error);
  self->hash = reprise_hash_new ();
  self->expected_bytes = size_bytes;
  self->written_bytes = 0;
  return TRUE;
}

static gboolean
refuse_size (RepriseZipWriter *self, GError **error)
{
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
               _ ("The size of “%s” changed while it was written to the archive"), self->name);
  return FALSE;
}

/**
 * reprise_zip_writer_write:
 *
 * The next bytes of the file that was begun.
 *
 * Returns: whether they are written; else %REPRISE_ERROR_FAILED, or what the stream reports
 */
gboolean
reprise_zip_writer_write (RepriseZipWriter *self,
                          gconstpointer data,
                          gsize size,
                          GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (self->hash != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (self->expected_bytes >= 0 && size > (guint64) self->expected_bytes - self->written_bytes)
    return refuse_size (self, error);
  reprise_hash_update (self->hash, data, size);
  self->cancellable = cancellable;
  for (gsize done = 0; done < size;)
    {
      la_ssize_t n = archive_write_data (self->archive, (const guint8 *) data + done, size - done);

      if (n <= 0 || self->out_error != NULL)
        {
          self->cancellable = NULL;
          return fail (self, error);
        }
      done += (gsize) n;
    }
  self->cancellable = NULL;
  self->written_bytes += size;
  return TRUE;
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

  g_return_val_if_fail (self->hash != NULL, FALSE);

  hash = g_steal_pointer (&self->hash);
  if (self->expected_bytes >= 0 && self->written_bytes != (guint64) self->expected_bytes)
    return refuse_size (self, error);
  if (archive_write_finish_entry (self->archive) != ARCHIVE_OK || self->out_error != NULL)
    return fail (self, error);
  if (size_bytes != NULL)
    *size_bytes = self->written_bytes;
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
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is not a file"), path);
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

/**
 * reprise_zip_writer_finish:
 *
 * Writes the directory and flushes the stream. Without it there is no archive.
 */
gboolean
reprise_zip_writer_finish (RepriseZipWriter *self, GError **error)
{
  g_return_val_if_fail (self->hash == NULL, FALSE);

  if (archive_write_close (self->archive) != ARCHIVE_OK || self->out_error != NULL)
    return fail (self, error);
  return g_output_stream_flush (self->out, NULL, error);
}
