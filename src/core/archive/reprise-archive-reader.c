/* reprise-archive-reader.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-archive-reader"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-name.h"
#include "archive/reprise-archive-private.h"
#include "archive/reprise-archive-reader.h"
#include "archive/reprise-tar.h"
#include "archive/reprise-zip-data.h"
#include "archive/reprise-zip-directory.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"

#define MAX_ENTRIES 1000000
#define MAX_RATIO   200
#define CHUNK_BYTES (256 * 1024)
#define SMALL_BYTES (1024 * 1024) /* below that a second thread is not worth its start */

typedef enum
{
  ZIP, /* with or without zip64: any order, the size of everything known */
  TAR, /* plain or in gzip or zstd: from beginning to end */
} Format;

struct _RepriseArchiveReader
{
  int fd;
  gboolean owns_fd;
  Format format;
  RepriseArchiveLimits limits;

  RepriseArchiveEntry entry;
  gboolean has_entry;
  gboolean has_failed; /* nothing is read of the entry any more */

  RepriseTar *tar; /* (owned) (nullable) */

  RepriseZipDirectory *directory; /* (owned) (nullable) */
  RepriseZipData *data;           /* (owned) (nullable) */
  RepriseZipEntry zip_entry;      /* (owned) */
  guint next_index;
};

static void
set_limits (RepriseArchiveReader *self, const RepriseArchiveLimits *limits)
{
  if (limits != NULL)
    self->limits = *limits;
  if (self->limits.max_entries == 0)
    self->limits.max_entries = MAX_ENTRIES;
  if (self->limits.max_total_bytes == 0 || self->limits.max_total_bytes > G_MAXINT64)
    self->limits.max_total_bytes = G_MAXINT64;
  if (self->limits.max_ratio == 0)
    self->limits.max_ratio = MAX_RATIO;
}

/* A zip file begins with an entry, or, when it is empty, with its end. Nothing may stand before it. */
static gboolean
recognise (RepriseArchiveReader *self, GError **error)
{
  guint8 magic[4] = { 0 };
  struct stat info;

  if (fstat (self->fd, &info) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not read the archive"));
  if (!S_ISREG (info.st_mode))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                 _ ("That is not a file"));
      return FALSE;
    }
  if (!reprise_archive_pread (self->fd, magic, sizeof magic, 0, error))
    return FALSE;
  self->format = memcmp (magic, "PK\3\4", 4) == 0 || memcmp (magic, "PK\5\6", 4) == 0 ? ZIP : TAR;
  return TRUE;
}

static gboolean
open_format (RepriseArchiveReader *self, GCancellable *cancellable, GError **error)
{
  if (!recognise (self, error))
    return FALSE;
  if (self->format == TAR)
    {
      self->tar = reprise_tar_new (self->fd, &self->limits, error);
      return self->tar != NULL;
    }
  self->directory = reprise_zip_directory_read (self->fd, &self->limits, cancellable, error);
  if (self->directory == NULL)
    return FALSE;
  self->data = reprise_zip_data_new (self->fd);
  return TRUE;
}

/**
 * reprise_archive_reader_open:
 * @limits: (nullable): what the archive may hold
 *
 * Opens an archive and, of a zip file, reads the whole directory. setlocale() must have been called before.
 *
 * Returns: (transfer full): a reader before the first entry, or %NULL
 */
RepriseArchiveReader *
reprise_archive_reader_open (const char *path,
                             const RepriseArchiveLimits *limits,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (RepriseArchiveReader) self = g_new0 (RepriseArchiveReader, 1);

  self->owns_fd = TRUE;
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (self->fd < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
      return NULL;
    }
  set_limits (self, limits);
  posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  if (open_format (self, cancellable, error))
    return g_steal_pointer (&self);
  return NULL;
}

/* Another reader of the same zip file, for another thread; the first must outlive it. */
static RepriseArchiveReader *
clone_zip (RepriseArchiveReader *other)
{
  RepriseArchiveReader *self = g_new0 (RepriseArchiveReader, 1);

  self->fd = other->fd;
  self->format = ZIP;
  self->limits = other->limits;
  self->directory = reprise_zip_directory_ref (other->directory);
  self->data = reprise_zip_data_new (self->fd);
  return self;
}

void
reprise_archive_reader_free (RepriseArchiveReader *self)
{
  g_clear_pointer (&self->tar, reprise_tar_free);
  g_clear_pointer (&self->data, reprise_zip_data_free);
  g_clear_pointer (&self->directory, reprise_zip_directory_unref);
  reprise_zip_entry_clear (&self->zip_entry);
  if (self->owns_fd && self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* How many entries, or -1 for a tar file, which says so only at its end */
gint64
reprise_archive_reader_get_n_entries (RepriseArchiveReader *self)
{
  return self->directory != NULL ? (gint64) reprise_zip_directory_get_n_entries (self->directory)
                                 : -1;
}

/* All entries unpacked, or -1 for a tar file */
gint64
reprise_archive_reader_get_total_bytes (RepriseArchiveReader *self)
{
  return self->directory != NULL ? (gint64) reprise_zip_directory_get_total_bytes (self->directory)
                                 : -1;
}

static gboolean
go_to (RepriseArchiveReader *self, guint index, GError **error)
{
  self->has_entry = FALSE;
  self->next_index = index + 1;
  reprise_zip_entry_clear (&self->zip_entry);
  if (!reprise_zip_directory_get_entry (self->directory, self->fd, index, &self->zip_entry,
                                        error) ||
      !reprise_zip_data_start (self->data, &self->zip_entry, error))
    {
      reprise_error_prefix (error, _ ("Entry %u of the archive: "), index + 1);
      return FALSE;
    }
  self->entry = (RepriseArchiveEntry){ index, self->zip_entry.name, self->zip_entry.size_bytes,
                                       self->zip_entry.is_folder };
  self->has_entry = TRUE;
  self->has_failed = FALSE;
  return TRUE;
}

static gboolean
next_of_tar (RepriseArchiveReader *self, GError **error)
{
  gboolean at_end = FALSE;

  self->has_entry = FALSE;
  if (!reprise_tar_next (self->tar, &self->entry, &at_end, error))
    return FALSE;
  self->has_entry = !at_end;
  self->has_failed = FALSE;
  return TRUE;
}

/**
 * reprise_archive_reader_next:
 * @entry: (out) (transfer none) (nullable): the next entry, good until the next call; %NULL at the end
 *
 * Goes on to the next entry. What was not read of the last one is passed over, and not proven.
 */
gboolean
reprise_archive_reader_next (RepriseArchiveReader *self,
                             const RepriseArchiveEntry **entry,
                             GCancellable *cancellable,
                             GError **error)
{
  *entry = NULL;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (self->format == TAR)
    {
      if (!next_of_tar (self, error))
        return FALSE;
    }
  else if (self->next_index >= reprise_zip_directory_get_n_entries (self->directory))
    self->has_entry = FALSE;
  else if (!go_to (self, self->next_index, error))
    return FALSE;
  if (self->has_entry)
    *entry = &self->entry;
  return TRUE;
}

static gboolean
find_in_tar (RepriseArchiveReader *self,
             const char *name,
             const RepriseArchiveEntry **entry,
             GCancellable *cancellable,
             GError **error)
{
  if (!reprise_archive_reader_rewind (self, error))
    return FALSE;
  do
    if (!reprise_archive_reader_next (self, entry, cancellable, error))
      return FALSE;
  while (*entry != NULL && !g_str_equal ((*entry)->name, name));
  return TRUE;
}

/**
 * reprise_archive_reader_find:
 * @name: of an entry, without an end slash
 * @entry: (out) (transfer none): it, good until the next call
 *
 * Goes to the entry of that name: at once in a zip file, from the beginning in a tar file.
 *
 * Returns: whether it is there; else %REPRISE_ERROR_NOT_FOUND, or what reading reports
 */
gboolean
reprise_archive_reader_find (RepriseArchiveReader *self,
                             const char *name,
                             const RepriseArchiveEntry **entry,
                             GCancellable *cancellable,
                             GError **error)
{
  gint64 index;

  *entry = NULL;
  if (self->format == TAR)
    {
      if (!find_in_tar (self, name, entry, cancellable, error))
        return FALSE;
    }
  else if ((index = reprise_zip_directory_find (self->directory, name)) >= 0)
    {
      if (!go_to (self, (guint) index, error))
        return FALSE;
      *entry = &self->entry;
    }
  if (*entry != NULL)
    return TRUE;
  self->has_entry = FALSE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, _ ("The archive holds no “%s”"),
                     name);
  return FALSE;
}

/* Back before the first entry. */
gboolean
reprise_archive_reader_rewind (RepriseArchiveReader *self, GError **error)
{
  self->has_entry = FALSE;
  self->next_index = 0;
  if (self->format == ZIP)
    return TRUE;
  g_clear_pointer (&self->tar, reprise_tar_free);
  self->tar = reprise_tar_new (self->fd, &self->limits, error);
  return self->tar != NULL;
}

/**
 * reprise_archive_reader_read:
 *
 * The next bytes of the entry.
 *
 * Returns: how many: fewer than @size, and then 0, only at its end; or -1
 */
gssize
reprise_archive_reader_read (RepriseArchiveReader *self,
                             gpointer buffer,
                             gsize size,
                             GCancellable *cancellable,
                             GError **error)
{
  gssize n;

  g_return_val_if_fail (self->has_entry && !self->has_failed, -1);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  n = self->tar != NULL ? reprise_tar_read (self->tar, buffer, size, error)
                        : reprise_zip_data_read (self->data, buffer, size, error);
  if (n < 0)
    {
      self->has_failed = TRUE;
      reprise_error_prefix (error, _ ("Entry %u of the archive (“%s”): "), self->entry.index + 1,
                            self->entry.name);
    }
  return n;
}

/**
 * reprise_archive_reader_read_all:
 *
 * The rest of the entry, when it is at most @max_bytes, else %REPRISE_ERROR_LIMIT.
 */
GBytes *
reprise_archive_reader_read_all (RepriseArchiveReader *self,
                                 gsize max_bytes,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autofree guint8 *buffer = NULL;
  gsize size;
  gssize n;

  g_return_val_if_fail (self->has_entry, NULL);

  if (self->entry.size_bytes > max_bytes)
    {
      reprise_archive_limit (error, _ ("Entry %u of the archive (“%s”) is too large"),
                             self->entry.index + 1, self->entry.name);
      return NULL;
    }
  size = (gsize) self->entry.size_bytes;
  buffer = g_malloc (size + 1);
  n = reprise_archive_reader_read (self, buffer, size + 1, cancellable, error);
  return n >= 0 ? g_bytes_new_take (g_steal_pointer (&buffer), (gsize) n) : NULL;
}

/* Reads what is left of the entry, so that all of it is proven. */
static gboolean
read_rest (RepriseArchiveReader *self, guint8 *buffer, GCancellable *cancellable, GError **error)
{
  gssize n;

  do
    n = reprise_archive_reader_read (self, buffer, CHUNK_BYTES, cancellable, error);
  while (n > 0);
  return n == 0;
}

/* What the threads of reprise_archive_reader_each() share. */
typedef struct
{
  RepriseArchiveReader *reader; /* (not owned): only its directory is looked at */
  RepriseArchiveEntryFunc func; /* (nullable) */
  gpointer user_data;
  RepriseProgress *progress; /* (not owned) (nullable) */
  GCancellable *cancellable; /* (not owned) (nullable) */

  guint next_index; /* (atomic) */
  int failed;       /* (atomic) */

  GMutex mutex;      /* guards what follows */
  guint error_index; /* of the entry that @error is about: of two, the first is told */
  GError *error;     /* (owned) (nullable) */
} Each;

static gboolean
visit (RepriseArchiveReader *reader, Each *each, guint8 *buffer, GError **error)
{
  if (each->func != NULL &&
      !each->func (reader, &reader->entry, each->user_data, each->cancellable, error))
    return FALSE;
  if (!read_rest (reader, buffer, each->cancellable, error))
    return FALSE;
  reprise_progress_add_items (each->progress, 1);
  return TRUE;
}

static void
take_error (Each *each, guint index, GError *error)
{
  g_mutex_lock (&each->mutex);
  if (each->error == NULL || index < each->error_index)
    {
      g_clear_error (&each->error);
      each->error = g_steal_pointer (&error);
      each->error_index = index;
    }
  g_mutex_unlock (&each->mutex);
  g_clear_error (&error);
  g_atomic_int_set (&each->failed, TRUE);
}

static gpointer
each_of_zip_worker (gpointer data)
{
  Each *each = data;
  g_autoptr (RepriseArchiveReader) reader = clone_zip (each->reader);
  g_autofree guint8 *buffer = g_malloc (CHUNK_BYTES);
  guint n_entries = reprise_zip_directory_get_n_entries (reader->directory);

  while (!g_atomic_int_get (&each->failed))
    {
      guint index = (guint) g_atomic_int_add (&each->next_index, 1);
      GError *error = NULL;

      if (index >= n_entries)
        break;
      if (!go_to (reader, index, &error) || !visit (reader, each, buffer, &error))
        take_error (each, index, error);
      else
        reprise_progress_add_bytes (each->progress, (gint64) reader->entry.size_bytes);
    }
  return NULL;
}

static gboolean
each_of_zip (RepriseArchiveReader *self, Each *each, GError **error)
{
  GThread *thread = NULL;

  reprise_progress_set_totals (each->progress, reprise_archive_reader_get_total_bytes (self),
                               reprise_archive_reader_get_n_entries (self));
  if (reprise_archive_reader_get_total_bytes (self) > SMALL_BYTES &&
      reprise_archive_reader_get_n_entries (self) > 1)
    thread = g_thread_try_new ("archive", each_of_zip_worker, each, NULL);
  each_of_zip_worker (each);
  if (thread != NULL)
    g_thread_join (thread);
  if (each->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&each->error));
  return FALSE;
}

static gboolean
each_of_tar (RepriseArchiveReader *self, Each *each, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (CHUNK_BYTES);
  const RepriseArchiveEntry *entry = NULL;

  if (!reprise_archive_reader_rewind (self, error))
    return FALSE;
  while (reprise_archive_reader_next (self, &entry, each->cancellable, error))
    {
      if (entry == NULL)
        return TRUE;
      if (!visit (self, each, buffer, error))
        return FALSE;
    }
  return FALSE;
}

/**
 * reprise_archive_reader_each:
 * @func: (nullable): called for every entry, in the order of the archive where that is tar; else in any, in two threads at once
 * @progress: (nullable): gains unpacked bytes and entries
 *
 * Reads everything and proves everything: sizes, checksums, the end. The reader stands before the first entry afterwards.
 */
gboolean
reprise_archive_reader_each (RepriseArchiveReader *self,
                             RepriseArchiveEntryFunc func,
                             gpointer user_data,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  Each each = { .reader = self,
                .func = func,
                .user_data = user_data,
                .progress = progress,
                .cancellable = cancellable };
  gboolean ok;

  g_mutex_init (&each.mutex);
  ok = self->format == ZIP ? each_of_zip (self, &each, error) : each_of_tar (self, &each, error);
  g_mutex_clear (&each.mutex);
  return ok && reprise_archive_reader_rewind (self, error);
}
