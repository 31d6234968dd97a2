/* reprise-zip-directory.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-name.h"
#include "archive/reprise-archive-private.h"
#include "archive/reprise-name-set.h"
#include "archive/reprise-zip-directory.h"
#include "archive/reprise-zip-format.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"

/* The comments name sections of APPNOTE.TXT. */

#define MAX_END_BYTES    (REPRISE_ZIP_END_BYTES + REPRISE_ZIP_MAX16 + REPRISE_ZIP_LOCATOR_BYTES)
#define WINDOW_BYTES     (512 * 1024) /* of the directory held at a time; holds the largest record */
#define MAX_RECORD_BYTES (REPRISE_ZIP_RECORD_BYTES + 3 * REPRISE_ZIP_MAX16)

/* What is kept of each entry: 24 bytes, so that a million take 24 MB. Until all are read, the limit is the packed size. */
typedef struct
{
  guint64 record_offset;
  guint64 local_offset;
  guint64 limit;
} Slot;

struct _RepriseZipDirectory
{
  gatomicrefcount ref_count;
  Slot *slots; /* (owned) (array length=n_entries) */
  guint n_entries;
  guint64 total_bytes;   /* of all entries unpacked */
  RepriseNameSet *names; /* (owned) */
};

/* Where the directory lies. */
typedef struct
{
  guint64 n_entries;
  guint64 offset;
  guint64 size;
} End;

/* A part of the directory in memory, so that it is read in large pieces. */
typedef struct
{
  int fd;
  guint8 *data; /* (owned) */
  guint64 offset;
  gsize size;
} Window;

void
reprise_zip_entry_clear (RepriseZipEntry *entry)
{
  g_clear_pointer (&entry->name, g_free);
}

/* 4.3.14, 4.3.15: the same in 64 bits, right before the locator, which is right before the end record at @end_offset. */
static gboolean
read_end64 (int fd, guint64 end_offset, const guint8 *locator, End *end, GError **error)
{
  guint64 offset = reprise_get_le64 (locator + 8);
  guint8 record[REPRISE_ZIP_END64_BYTES];

  if (reprise_get_le32 (locator + 4) != 0 || reprise_get_le32 (locator + 16) > 1 ||
      end_offset < REPRISE_ZIP_END64_BYTES + REPRISE_ZIP_LOCATOR_BYTES ||
      offset > end_offset - REPRISE_ZIP_LOCATOR_BYTES - REPRISE_ZIP_END64_BYTES)
    return reprise_archive_damaged (error, _ ("The end of the zip file contradicts itself"));
  if (!reprise_archive_pread (fd, record, sizeof record, offset, error))
    return FALSE;
  end->n_entries = reprise_get_le64 (record + 32);
  end->size = reprise_get_le64 (record + 40);
  end->offset = reprise_get_le64 (record + 48);
  if (reprise_get_le32 (record) != REPRISE_ZIP_END64_MAGIC ||
      reprise_get_le64 (record + 4) != end_offset - REPRISE_ZIP_LOCATOR_BYTES - offset - 12 ||
      reprise_get_le32 (record + 16) != 0 || reprise_get_le32 (record + 20) != 0 ||
      reprise_get_le64 (record + 24) != end->n_entries || end->size > offset ||
      end->offset != offset - end->size)
    return reprise_archive_damaged (error, _ ("The end of the zip file contradicts itself"));
  return TRUE;
}

/* 4.3.16. With zip64 each number is the same or has all bits set. */
static gboolean
read_end_record (int fd,
                 const guint8 *record,
                 guint64 end_offset,
                 const guint8 *locator,
                 End *end,
                 GError **error)
{
  guint n_here = reprise_get_le16 (record + 8), n_all = reprise_get_le16 (record + 10);
  guint32 size = reprise_get_le32 (record + 12), offset = reprise_get_le32 (record + 16);
  guint disk = reprise_get_le16 (record + 4), first_disk = reprise_get_le16 (record + 6);

  if (locator == NULL)
    {
      *end = (End){ n_all, offset, size };
      if (disk == 0 && first_disk == 0 && n_here == n_all && size <= end_offset &&
          offset == end_offset - size)
        return TRUE;
      return reprise_archive_damaged (error, _ ("The end of the zip file contradicts itself"));
    }
  if (!read_end64 (fd, end_offset, locator, end, error))
    return FALSE;
  if ((disk == 0 || disk == REPRISE_ZIP_MAX16) &&
      (first_disk == 0 || first_disk == REPRISE_ZIP_MAX16) && n_here == n_all &&
      (n_all == REPRISE_ZIP_MAX16 || n_all == end->n_entries) &&
      (size == REPRISE_ZIP_MAX32 || size == end->size) &&
      (offset == REPRISE_ZIP_MAX32 || offset == end->offset))
    return TRUE;
  return reprise_archive_damaged (error, _ ("The end of the zip file contradicts itself"));
}

/* The one end record that ends where the file ends. Two of them would let two programs see two archives. */
static gboolean
find_end (int fd, guint64 file_bytes, End *end, GError **error)
{
  gsize size = (gsize) MIN (file_bytes, MAX_END_BYTES);
  g_autofree guint8 *tail = g_malloc (size + 1);
  const guint8 *found = NULL, *locator = NULL;

  if (!reprise_archive_pread (fd, tail, size, file_bytes - size, error))
    return FALSE;
  for (gsize at = 0; at + REPRISE_ZIP_END_BYTES <= size; at++)
    if (reprise_get_le32 (tail + at) == REPRISE_ZIP_END_MAGIC &&
        at + REPRISE_ZIP_END_BYTES + reprise_get_le16 (tail + at + 20) == size)
      {
        if (found != NULL)
          return reprise_archive_damaged (error, _ ("The zip file has two ends"));
        found = tail + at;
      }
  if (found == NULL)
    return reprise_archive_damaged (
      error, _ ("The zip file has no end: it is cut off, or something follows it"));
  if (found - tail >= REPRISE_ZIP_LOCATOR_BYTES &&
      reprise_get_le32 (found - REPRISE_ZIP_LOCATOR_BYTES) == REPRISE_ZIP_LOCATOR_MAGIC)
    locator = found - REPRISE_ZIP_LOCATOR_BYTES;
  return read_end_record (fd, found, file_bytes - size + (guint64) (found - tail), locator, end,
                          error);
}

/* 4.5.3: the numbers that do not fit 32 bits, in this order, and only those. */
static gboolean
read_extra64 (const guint8 *extra, gsize size, guint64 *numbers[3], GError **error)
{
  const guint8 *field = NULL;
  gsize left = 0;

  for (gsize at = 0; at < size;)
    {
      gsize length;

      if (size - at < 4 || (length = reprise_get_le16 (extra + at + 2)) > size - at - 4)
        return reprise_archive_damaged (error, _ ("An entry of the zip file contradicts itself"));
      if (reprise_get_le16 (extra + at) == REPRISE_ZIP_EXTRA_ZIP64)
        {
          if (field != NULL)
            return reprise_archive_damaged (error,
                                            _ ("An entry of the zip file contradicts itself"));
          field = extra + at + 4;
          left = length;
        }
      at += 4 + length;
    }
  for (int i = 0; i < 3; i++)
    if (numbers[i] != NULL)
      {
        if (left < 8)
          return reprise_archive_damaged (error, _ ("An entry of the zip file contradicts itself"));
        *numbers[i] = reprise_get_le64 (field);
        field += 8;
        left -= 8;
      }
  return TRUE;
}

/* Names are UTF-8; those of old programs code page 437 (appendix D). */
static char *
decode_name (const guint8 *raw, gsize length, guint16 flags, GError **error)
{
  g_autofree char *name = NULL;

  if (memchr (raw, '\0', length) != NULL)
    ;
  else if ((flags & REPRISE_ZIP_FLAG_UTF8) != 0 ||
           g_utf8_validate_len ((const char *) raw, length, NULL))
    name = g_strndup ((const char *) raw, length);
  else
    name = g_convert ((const char *) raw, (gssize) length, "UTF-8", "CP437", NULL, NULL, NULL);
  if (name == NULL)
    reprise_archive_damaged (error, _ ("A name in the archive is not text"));
  else if (reprise_archive_check_name (name, strlen (name), error))
    return g_steal_pointer (&name);
  return NULL;
}

/* A link, a device and the like say so in the upper half, whatever system they claim to come from. */
static gboolean
check_type (guint32 attributes, gboolean is_folder, GError **error)
{
  guint32 type = attributes >> 16 & S_IFMT;

  if (type == 0 || type == (is_folder ? S_IFDIR : S_IFREG))
    return TRUE;
  return reprise_archive_damaged (error, _ ("It is neither a file nor a folder"));
}

static gboolean
check_method (const RepriseZipEntry *entry, GError **error)
{
  if ((entry->flags & (REPRISE_ZIP_FLAG_ENCRYPTED | REPRISE_ZIP_FLAG_STRONG_ENCRYPTED |
                       REPRISE_ZIP_FLAG_MASKED)) != 0)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                               _ ("It is encrypted in a way that Reprise does not read"));
  else if ((entry->flags & REPRISE_ZIP_FLAG_PATCHED) != 0 ||
           (entry->method != REPRISE_ZIP_METHOD_STORE &&
            entry->method != REPRISE_ZIP_METHOD_DEFLATE))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                               _ ("It is compressed in a way that Reprise does not read"));
  else if (entry->method == REPRISE_ZIP_METHOD_STORE && entry->packed_bytes != entry->size_bytes)
    return reprise_archive_damaged (error, _ ("The zip file contradicts itself about a size"));
  else if (entry->is_folder && entry->size_bytes != 0)
    return reprise_archive_damaged (error, _ ("A folder in the zip file has content"));
  else
    return TRUE;
  return FALSE;
}

/* 4.3.12. @record has all of it. */
static gboolean
parse_record (const guint8 *record, RepriseZipEntry *entry, GError **error)
{
  gsize name_length = reprise_get_le16 (record + 28), extra_length = reprise_get_le16 (record + 30);
  guint64 *numbers[3] = { NULL };
  guint disk = reprise_get_le16 (record + 34);

  entry->flags = reprise_get_le16 (record + 8);
  entry->method = reprise_get_le16 (record + 10);
  entry->crc = reprise_get_le32 (record + 16);
  entry->packed_bytes = reprise_get_le32 (record + 20);
  entry->size_bytes = reprise_get_le32 (record + 24);
  entry->local_offset = reprise_get_le32 (record + 42);
  if (entry->size_bytes == REPRISE_ZIP_MAX32)
    numbers[0] = &entry->size_bytes;
  if (entry->packed_bytes == REPRISE_ZIP_MAX32)
    numbers[1] = &entry->packed_bytes;
  if (entry->local_offset == REPRISE_ZIP_MAX32)
    numbers[2] = &entry->local_offset;
  if (!read_extra64 (record + REPRISE_ZIP_RECORD_BYTES + name_length, extra_length, numbers, error))
    return FALSE;
  if (disk != 0 && disk != REPRISE_ZIP_MAX16)
    return reprise_archive_damaged (error, _ ("An entry of the zip file contradicts itself"));
  entry->name = decode_name (record + REPRISE_ZIP_RECORD_BYTES, name_length, entry->flags, error);
  if (entry->name == NULL)
    return FALSE;
  entry->is_folder = g_str_has_suffix (entry->name, "/");
  if (entry->is_folder)
    entry->name[strlen (entry->name) - 1] = '\0';
  return check_type (reprise_get_le32 (record + 38), entry->is_folder, error) &&
         check_method (entry, error);
}

static gsize
record_size (const guint8 *record)
{
  return REPRISE_ZIP_RECORD_BYTES + (gsize) reprise_get_le16 (record + 28) +
         reprise_get_le16 (record + 30) + reprise_get_le16 (record + 32);
}

/* Makes the window hold the record at @offset, if there is a whole one before @end. */
static gboolean
window_move (Window *window, guint64 offset, guint64 end, GError **error)
{
  if (offset >= window->offset && (offset - window->offset + MAX_RECORD_BYTES <= window->size ||
                                   window->offset + window->size == end))
    return TRUE;
  window->offset = offset;
  window->size = (gsize) MIN (end - offset, WINDOW_BYTES);
  return reprise_archive_pread (window->fd, window->data, window->size, offset, error);
}

/* (nullable): the record at @offset, whole, before @end; else @error says that there is none */
static const guint8 *
window_get_record (Window *window, guint64 offset, guint64 end, GError **error)
{
  if (end - offset >= REPRISE_ZIP_RECORD_BYTES)
    {
      const guint8 *record;

      if (!window_move (window, offset, end, error))
        return NULL;
      record = window->data + (offset - window->offset);
      if (reprise_get_le32 (record) == REPRISE_ZIP_RECORD_MAGIC &&
          record_size (record) <= end - offset)
        return record;
    }
  reprise_archive_damaged (error,
                           _ ("The directory of the zip file does not hold what its end says"));
  return NULL;
}

static gboolean
check_ratio (guint64 unpacked, guint64 packed, const RepriseArchiveLimits *limits, GError **error)
{
  if (unpacked <= REPRISE_ARCHIVE_FREE_BYTES || unpacked / limits->max_ratio <= packed)
    return TRUE;
  return reprise_archive_limit (error, _ ("It would unpack to more than %u times its size"),
                                limits->max_ratio);
}

static gboolean
add_entry (RepriseZipDirectory *self,
           guint index,
           const RepriseZipEntry *entry,
           const End *end,
           const RepriseArchiveLimits *limits,
           GError **error)
{
  if (entry->local_offset >= end->offset || entry->packed_bytes > end->offset)
    return reprise_archive_damaged (error, _ ("The directory of the zip file leads out of it"));
  if (!check_ratio (entry->size_bytes, entry->packed_bytes, limits, error))
    return FALSE;
  if (entry->size_bytes > limits->max_total_bytes - self->total_bytes)
    return reprise_archive_limit (error, _ ("The archive would unpack to more than is allowed"));
  self->total_bytes += entry->size_bytes;
  if (!reprise_name_set_add (self->names, entry->name, strlen (entry->name), index))
    return reprise_archive_damaged (error, _ ("The archive holds two entries of one name"));
  return TRUE;
}

static gboolean
read_records (RepriseZipDirectory *self,
              int fd,
              const End *end,
              const RepriseArchiveLimits *limits,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree guint8 *data = g_malloc (WINDOW_BYTES);
  Window window = { .fd = fd, .data = data };
  guint64 offset = end->offset, stop = end->offset + end->size;

  for (guint i = 0; i < self->n_entries; i++)
    {
      g_auto (RepriseZipEntry) entry = { 0 };
      const guint8 *record = window_get_record (&window, offset, stop, error);

      if (record == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!parse_record (record, &entry, error) || !add_entry (self, i, &entry, end, limits, error))
        {
          reprise_error_prefix (error, _ ("Entry %u of the archive: "), i + 1);
          return FALSE;
        }
      self->slots[i] = (Slot){ offset, entry.local_offset, entry.packed_bytes };
      offset += record_size (record);
    }
  if (offset != stop)
    return reprise_archive_damaged (
      error, _ ("The directory of the zip file does not hold what its end says"));
  return TRUE;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  const Slot *const *x = a, *const *y = b;

  return (*x)->local_offset < (*y)->local_offset ? -1 : (*x)->local_offset > (*y)->local_offset;
}

/* Gives each entry its limit, and sees that they fill the file from its first byte to the directory without sharing one. */
static gboolean
set_limits (RepriseZipDirectory *self, const End *end, GError **error)
{
  g_autofree Slot **sorted = g_new (Slot *, self->n_entries + 1);
  guint64 first = end->offset;

  for (guint i = 0; i < self->n_entries; i++)
    sorted[i] = &self->slots[i];
  qsort (sorted, self->n_entries, sizeof *sorted, compare_offsets);
  for (guint i = 0; i < self->n_entries; i++)
    {
      guint64 next = i + 1 < self->n_entries ? sorted[i + 1]->local_offset : end->offset;
      guint64 packed_bytes = sorted[i]->limit;

      if (next - sorted[i]->local_offset < REPRISE_ZIP_LOCAL_BYTES ||
          next - sorted[i]->local_offset - REPRISE_ZIP_LOCAL_BYTES < packed_bytes)
        return reprise_archive_damaged (error,
                                        _ ("Two entries of the zip file share the same bytes"));
      sorted[i]->limit = next;
    }
  if (self->n_entries > 0)
    first = sorted[0]->local_offset;
  if (first != 0)
    return reprise_archive_damaged (error,
                                    _ ("Something stands before the first entry of the zip file"));
  return TRUE;
}

/**
 * reprise_zip_directory_read:
 * @limits: all of them set
 *
 * Blocks: for workers.
 */
RepriseZipDirectory *
reprise_zip_directory_read (int fd,
                            const RepriseArchiveLimits *limits,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (RepriseZipDirectory) self = NULL;
  struct stat info;
  End end = { 0 };

  if (fstat (fd, &info) != 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not read the archive"));
      return NULL;
    }
  if (!find_end (fd, (guint64) info.st_size, &end, error))
    return NULL;
  if (end.n_entries > limits->max_entries)
    {
      reprise_archive_limit (error, _ ("The archive holds more than %u entries"),
                             limits->max_entries);
      return NULL;
    }
  if (end.n_entries > end.size / REPRISE_ZIP_RECORD_BYTES)
    {
      reprise_archive_damaged (error,
                               _ ("The directory of the zip file does not hold what its end says"));
      return NULL;
    }
  self = g_new0 (RepriseZipDirectory, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->n_entries = (guint) end.n_entries;
  self->slots = g_new0 (Slot, self->n_entries + 1);
  self->names = reprise_name_set_new ();
  if (!read_records (self, fd, &end, limits, cancellable, error) ||
      !set_limits (self, &end, error) ||
      !check_ratio (self->total_bytes, (guint64) info.st_size, limits, error))
    return NULL;
  return g_steal_pointer (&self);
}

RepriseZipDirectory *
reprise_zip_directory_ref (RepriseZipDirectory *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
reprise_zip_directory_unref (RepriseZipDirectory *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->slots);
  reprise_name_set_free (self->names);
  g_free (self);
}

guint
reprise_zip_directory_get_n_entries (const RepriseZipDirectory *self)
{
  return self->n_entries;
}

guint64
reprise_zip_directory_get_total_bytes (const RepriseZipDirectory *self)
{
  return self->total_bytes;
}

/* The index of the entry of that name, or -1. */
gint64
reprise_zip_directory_find (const RepriseZipDirectory *self, const char *name)
{
  return reprise_name_set_find (self->names, name, strlen (name));
}

/* Reads one record again. The file may be another by now, so it is checked again. */
gboolean
reprise_zip_directory_get_entry (const RepriseZipDirectory *self,
                                 int fd,
                                 guint index,
                                 RepriseZipEntry *entry,
                                 GError **error)
{
  const Slot *slot = &self->slots[index];
  guint8 fixed[REPRISE_ZIP_RECORD_BYTES];
  g_autofree guint8 *record = NULL;

  if (!reprise_archive_pread (fd, fixed, sizeof fixed, slot->record_offset, error))
    return FALSE;
  record = g_malloc (record_size (fixed));
  if (!reprise_archive_pread (fd, record, record_size (fixed), slot->record_offset, error))
    return FALSE;
  memcpy (record, fixed, sizeof fixed);
  if (!parse_record (record, entry, error))
    return FALSE;
  if (entry->local_offset != slot->local_offset)
    return reprise_archive_damaged (error, _ ("The zip file changed while it was read"));
  entry->limit = slot->limit;
  return TRUE;
}

/* With a descriptor, a number here may be left out (0), be moved to the extra field (all bits set), or be right. */
static gboolean
agrees (guint64 number, guint64 expected, gboolean has_descriptor)
{
  return number == expected || (has_descriptor && (number == 0 || number == REPRISE_ZIP_MAX32));
}

/* 4.3.7: the entry's own header must say what the directory says. */
static gboolean
check_local (const guint8 *header, gsize size, const RepriseZipEntry *entry, GError **error)
{
  gboolean has_descriptor = (entry->flags & REPRISE_ZIP_FLAG_DESCRIPTOR) != 0;
  guint64 packed_bytes = reprise_get_le32 (header + 18),
          size_bytes = reprise_get_le32 (header + 22);
  gsize name_length = reprise_get_le16 (header + 26);
  guint64 *numbers[3] = { size_bytes == REPRISE_ZIP_MAX32 ? &size_bytes : NULL,
                          packed_bytes == REPRISE_ZIP_MAX32 ? &packed_bytes : NULL, NULL };
  g_autofree char *name = NULL;

  if (!has_descriptor && (numbers[0] != NULL || numbers[1] != NULL) &&
      !read_extra64 (header + REPRISE_ZIP_LOCAL_BYTES + name_length,
                     size - REPRISE_ZIP_LOCAL_BYTES - name_length, numbers, error))
    return FALSE;
  name = decode_name (header + REPRISE_ZIP_LOCAL_BYTES, name_length, reprise_get_le16 (header + 6),
                      error);
  if (name == NULL)
    return FALSE;
  if (entry->is_folder && g_str_has_suffix (name, "/"))
    name[strlen (name) - 1] = '\0';
  if (g_str_equal (name, entry->name) &&
      ((reprise_get_le16 (header + 6) ^ entry->flags) &
       (REPRISE_ZIP_FLAG_ENCRYPTED | REPRISE_ZIP_FLAG_DESCRIPTOR)) == 0 &&
      reprise_get_le16 (header + 8) == entry->method &&
      agrees (reprise_get_le32 (header + 14), entry->crc, has_descriptor) &&
      agrees (packed_bytes, entry->packed_bytes, has_descriptor) &&
      agrees (size_bytes, entry->size_bytes, has_descriptor))
    return TRUE;
  return reprise_archive_damaged (error,
                                  _ ("The directory of the zip file contradicts the entry itself"));
}

/* 4.3.9: what follows the data, with or without its magic number, in 32 or 64 bits. Its length tells which. */
static gboolean
check_descriptor (const RepriseZipEntry *entry, int fd, guint64 data_end, GError **error)
{
  guint8 bytes[24];
  guint64 size = entry->limit - data_end;
  const guint8 *at = bytes;
  gboolean wide = size == 20 || size == 24, marked = size == 16 || size == 24;

  if (size == 0 && (entry->flags & REPRISE_ZIP_FLAG_DESCRIPTOR) == 0)
    return TRUE;
  if ((entry->flags & REPRISE_ZIP_FLAG_DESCRIPTOR) == 0 || (!wide && size != 12 && size != 16))
    return reprise_archive_damaged (error,
                                    _ ("Something stands between two entries of the zip file"));
  if (!reprise_archive_pread (fd, bytes, (gsize) size, data_end, error))
    return FALSE;
  if (marked)
    at += 4;
  if ((!marked || reprise_get_le32 (bytes) == REPRISE_ZIP_DESCRIPTOR_MAGIC) &&
      reprise_get_le32 (at) == entry->crc &&
      (wide ? reprise_get_le64 (at + 4) : reprise_get_le32 (at + 4)) == entry->packed_bytes &&
      (wide ? reprise_get_le64 (at + 12) : reprise_get_le32 (at + 8)) == entry->size_bytes)
    return TRUE;
  return reprise_archive_damaged (error,
                                  _ ("The directory of the zip file contradicts the entry itself"));
}

/**
 * reprise_zip_directory_get_data:
 *
 * Compares what stands around the data of @entry with the directory.
 *
 * Returns: where its packed data begin; 0 with @error set
 */
guint64
reprise_zip_directory_get_data (const RepriseZipEntry *entry, int fd, GError **error)
{
  guint8 fixed[REPRISE_ZIP_LOCAL_BYTES];
  g_autofree guint8 *header = NULL;
  gsize size;

  if (!reprise_archive_pread (fd, fixed, sizeof fixed, entry->local_offset, error))
    return 0;
  size =
    REPRISE_ZIP_LOCAL_BYTES + (gsize) reprise_get_le16 (fixed + 26) + reprise_get_le16 (fixed + 28);
  if (reprise_get_le32 (fixed) != REPRISE_ZIP_LOCAL_MAGIC ||
      size > entry->limit - entry->local_offset ||
      entry->packed_bytes > entry->limit - entry->local_offset - size)
    {
      reprise_archive_damaged (error,
                               _ ("The directory of the zip file contradicts the entry itself"));
      return 0;
    }
  header = g_malloc (size);
  if (!reprise_archive_pread (fd, header, size, entry->local_offset, error))
    return 0;
  memcpy (header, fixed, sizeof fixed);
  if (!check_local (header, size, entry, error) ||
      !check_descriptor (entry, fd, entry->local_offset + size + entry->packed_bytes, error))
    return 0;
  return entry->local_offset + size;
}
