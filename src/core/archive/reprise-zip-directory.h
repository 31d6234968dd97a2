/* reprise-zip-directory.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "archive/reprise-archive-reader.h"

G_BEGIN_DECLS

/**
 * RepriseZipEntry:
 * @name: (owned): as in #RepriseArchiveEntry
 * @limit: where the next thing after this entry begins
 *
 * One record of the directory.
 */
typedef struct
{
  char *name;
  gboolean is_folder;
  guint16 flags;
  guint16 method;
  guint32 crc;
  guint64 packed_bytes;
  guint64 size_bytes;
  guint64 local_offset;
  guint64 limit;
} RepriseZipEntry;

void reprise_zip_entry_clear (RepriseZipEntry *entry);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseZipEntry, reprise_zip_entry_clear)

/**
 * RepriseZipDirectory:
 *
 * The end record and the central directory of a zip file, checked: every byte of the file belongs to exactly one entry, to the
 * directory or to its end. Immutable once read, so any number of threads may use it.
 */
typedef struct _RepriseZipDirectory RepriseZipDirectory;

RepriseZipDirectory *reprise_zip_directory_read (int fd,
                                                 const RepriseArchiveLimits *limits,
                                                 GCancellable *cancellable,
                                                 GError **error);
RepriseZipDirectory *reprise_zip_directory_ref (RepriseZipDirectory *self);
void reprise_zip_directory_unref (RepriseZipDirectory *self);

guint reprise_zip_directory_get_n_entries (const RepriseZipDirectory *self);
guint64 reprise_zip_directory_get_total_bytes (const RepriseZipDirectory *self);
gint64 reprise_zip_directory_find (const RepriseZipDirectory *self, const char *name);
gboolean reprise_zip_directory_get_entry (const RepriseZipDirectory *self,
                                          int fd,
                                          guint index,
                                          RepriseZipEntry *entry,
                                          GError **error);
guint64 reprise_zip_directory_get_data (const RepriseZipEntry *entry, int fd, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseZipDirectory, reprise_zip_directory_unref)

G_END_DECLS
