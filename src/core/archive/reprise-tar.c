/* reprise-tar.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-name.h"
#include "archive/reprise-archive-private.h"
#include "archive/reprise-name-set.h"
#include "archive/reprise-tar.h"
#include "archive/reprise-unpack.h"
#include "base/reprise-error.h"

#define END_BYTES \
  1024 /* POSIX.1-2017, pax, ustar interchange format: two blocks of zeros end an archive */

struct _RepriseTar
{
  const RepriseArchiveLimits *limits; /* (not owned): the reader's */
  RepriseUnpack *unpack;              /* (owned) */
  struct archive *archive;            /* (owned) */
  GError *input_error;                /* (owned) (nullable): why @unpack gave no more */
  guint64 given_bytes;                /* to libarchive so far */
  guint64 nonzero_bytes;              /* of them, up to the last that is not zero */
  RepriseNameSet *names;              /* (owned) */
  char *name;                         /* (owned) (nullable): of the entry */
  guint n_entries;                    /* so far */
  guint64 total_bytes;                /* of all entries so far, as their headers say */
  gboolean is_sparse;                 /* the entry has holes */
  guint64 left;                       /* of the entry */
  guint64 read_bytes;                 /* of all entries so far */
};

static void
note_zeros (RepriseTar *self, const guint8 *data, gsize size)
{
  gsize end = size;

  while (end > 0 && data[end - 1] == 0)
    end--;
  if (end > 0)
    self->nonzero_bytes = self->given_bytes + end;
  self->given_bytes += size;
}

static la_ssize_t
read_cb (struct archive *archive, void *user_data, const void **data)
{
  RepriseTar *self = user_data;
  const guint8 *bytes = NULL;
  gssize n = reprise_unpack_read (self->unpack, &bytes,
                                  self->input_error == NULL ? &self->input_error : NULL);

  if (n < 0)
    archive_set_error (archive, EIO, "the archive gives no more");
  else
    note_zeros (self, bytes, (gsize) n);
  *data = bytes;
  return n;
}

static la_int64_t
skip_cb (struct archive *archive, void *user_data, la_int64_t request)
{
  RepriseTar *self = user_data;
  guint64 n = request > 0 ? reprise_unpack_skip (self->unpack, (guint64) request) : 0;

  self->given_bytes += n;
  if (n > 0)
    self->nonzero_bytes = self->given_bytes; /* for all that is known */
  return (la_int64_t) n;
}

static gboolean
fail (RepriseTar *self, GError **error)
{
  const char *reason = archive_error_string (self->archive);
  g_autofree char *text =
    g_utf8_make_valid (reason != NULL ? reason : "", -1); /* it may quote the archive */

  if (self->input_error != NULL)
    g_propagate_error (error, g_error_copy (self->input_error));
  else
    reprise_archive_damaged (error, _ ("The archive is damaged: %s"), text);
  return FALSE;
}

/* (nullable): for @fd, which stays the caller's; it begins at the first entry */
RepriseTar *
reprise_tar_new (int fd, const RepriseArchiveLimits *limits, GError **error)
{
  g_autoptr (RepriseTar) self = g_new0 (RepriseTar, 1);

  self->limits = limits;
  self->names = reprise_name_set_new ();
  self->archive = archive_read_new ();
  self->unpack = reprise_unpack_new (fd, limits->max_ratio, error);
  if (self->unpack == NULL)
    return NULL;
  if (self->archive == NULL || archive_read_support_format_tar (self->archive) != ARCHIVE_OK)
    g_error ("libarchive reads no tar files");
  archive_read_set_read_callback (self->archive, read_cb);
  archive_read_set_skip_callback (self->archive, skip_cb);
  archive_read_set_callback_data (self->archive, self);
  if (archive_read_open1 (self->archive) != ARCHIVE_OK)
    {
      fail (self, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
reprise_tar_free (RepriseTar *self)
{
  archive_read_free (self->archive);
  g_clear_pointer (&self->unpack, reprise_unpack_free);
  reprise_name_set_free (self->names);
  g_clear_error (&self->input_error);
  g_free (self->name);
  g_free (self);
}

/* How much of the file has been read, for a progress bar. */
static guint64
get_packed_bytes (const RepriseTar *self)
{
  return reprise_unpack_get_packed_bytes (self->unpack);
}

/* libarchive takes the end of the file for the end of the archive. The end is where zeros follow, enough, and nothing else. */
static gboolean
prove_end (RepriseTar *self, GError **error)
{
  guint64 end = (guint64) archive_read_header_position (self->archive);
  const guint8 *data = NULL;
  gssize n;

  while ((n = reprise_unpack_read (self->unpack, &data, error)) > 0)
    note_zeros (self, data, (gsize) n);
  if (n < 0)
    return FALSE;
  if (self->nonzero_bytes > end)
    return reprise_archive_damaged (error, _ ("Something follows the end of the tar file"));
  if (self->given_bytes < end + END_BYTES)
    return reprise_archive_damaged (error, _ ("The tar file has no end: it is cut off"));
  return TRUE;
}

/* Without “./” before it; empty for the folder that everything is in. */
static const char *
tidy_name (const char *raw, gboolean is_folder)
{
  while (raw[0] == '.' && raw[1] == '/')
    raw += 2;
  return is_folder && g_str_equal (raw, ".") ? "" : raw;
}

static gboolean
check_entry (RepriseTar *self, struct archive_entry *raw, GError **error)
{
  gint64 size = archive_entry_size_is_set (raw) ? archive_entry_size (raw) : -1;
  gboolean is_folder = archive_entry_filetype (raw) == AE_IFDIR;

  /* Where the locale cannot say a name, libarchive gives none and goes on. */
  if (archive_entry_pathname_utf8 (raw) == NULL)
    return reprise_archive_damaged (error, _ ("Its name cannot be read"));
  if (archive_entry_hardlink (raw) != NULL || archive_entry_symlink (raw) != NULL ||
      (!is_folder && archive_entry_filetype (raw) != AE_IFREG))
    return reprise_archive_damaged (error, _ ("It is neither a file nor a folder"));
  if (size < 0 || (is_folder && size > 0))
    return reprise_archive_damaged (error, _ ("Its size cannot be"));
  if ((guint64) size > self->limits->max_total_bytes - self->total_bytes)
    return reprise_archive_limit (error, _ ("The archive would unpack to more than is allowed"));
  self->total_bytes += (guint64) size;
  self->left = (guint64) size;
  self->is_sparse = archive_entry_sparse_count (raw) > 0;
  return TRUE;
}

static gboolean
take_name (RepriseTar *self, const char *raw, gboolean is_folder, GError **error)
{
  gsize length = strlen (raw);

  if (!reprise_archive_check_name (raw, length, error))
    return FALSE;
  if (raw[length - 1] == '/' && !is_folder)
    return reprise_archive_damaged (error, _ ("It is neither a file nor a folder"));
  if (raw[length - 1] == '/')
    length--;
  g_free (self->name);
  self->name = g_strndup (raw, length);
  if (!reprise_name_set_add (self->names, self->name, length, self->n_entries))
    return reprise_archive_damaged (error, _ ("The archive holds two entries of one name"));
  return TRUE;
}

/* Whether it is an entry: with *@skip, one that only stands for the folder around everything. */
static gboolean
take_entry (RepriseTar *self,
            struct archive_entry *raw,
            RepriseArchiveEntry *entry,
            gboolean *skip,
            GError **error)
{
  const char *name;

  if (!check_entry (self, raw, error))
    return FALSE;
  entry->is_folder = archive_entry_filetype (raw) == AE_IFDIR;
  name = tidy_name (archive_entry_pathname_utf8 (raw), entry->is_folder);
  *skip = entry->is_folder && name[0] == '\0';
  if (*skip)
    return TRUE;
  if (!take_name (self, name, entry->is_folder, error))
    return FALSE;
  entry->index = self->n_entries++;
  entry->name = self->name;
  entry->size_bytes = self->left;
  return TRUE;
}

/**
 * reprise_tar_next:
 * @entry: (out): the next entry; its name is good until the next call
 * @at_end: (out): whether there was none more, and the end is proven
 */
gboolean
reprise_tar_next (RepriseTar *self, RepriseArchiveEntry *entry, gboolean *at_end, GError **error)
{
  gboolean skip = TRUE;

  *at_end = FALSE;
  while (skip)
    {
      struct archive_entry *raw = NULL;
      int result = archive_read_next_header (self->archive, &raw);

      if (result == ARCHIVE_EOF)
        {
          *at_end = TRUE;
          return self->input_error == NULL ? prove_end (self, error) : fail (self, error);
        }
      if (result != ARCHIVE_OK && result != ARCHIVE_WARN) /* a warning is an entry all the same */
        return fail (self, error);
      if (self->n_entries == self->limits->max_entries)
        return reprise_archive_limit (error, _ ("The archive holds more than %u entries"),
                                      self->limits->max_entries);
      if (!take_entry (self, raw, entry, &skip, error))
        {
          reprise_error_prefix (error, _ ("Entry %u of the archive: "), self->n_entries + 1);
          return FALSE;
        }
    }
  return TRUE;
}

/* Holes of sparse files are as cheap as packed zeros. */
static gboolean
check_ratio (RepriseTar *self, GError **error)
{
  if (self->read_bytes <= REPRISE_ARCHIVE_FREE_BYTES ||
      self->read_bytes / self->limits->max_ratio <= get_packed_bytes (self))
    return TRUE;
  return reprise_archive_limit (error, _ ("The archive unpacks to more than %u times its size"),
                                self->limits->max_ratio);
}

/* Returns: how many bytes, fewer than @size only at the end, or -1 */
gssize
reprise_tar_read (RepriseTar *self, guint8 *buffer, gsize size, GError **error)
{
  gsize wanted = (gsize) MIN (size, self->left);
  la_ssize_t n = wanted > 0 ? archive_read_data (self->archive, buffer, wanted) : 0;

  if (n < 0)
    {
      fail (self, error);
      return -1;
    }
  if ((gsize) n < wanted && self->is_sparse) /* libarchive leaves out a hole at the end */
    {
      memset (buffer + n, 0, wanted - (gsize) n);
      n = (la_ssize_t) wanted;
    }
  if ((gsize) n < wanted)
    {
      reprise_archive_damaged (error, _ ("The archive ends too early"));
      return -1;
    }
  self->left -= (guint64) n;
  self->read_bytes += (guint64) n;
  return check_ratio (self, error) ? (gssize) n : -1;
}
