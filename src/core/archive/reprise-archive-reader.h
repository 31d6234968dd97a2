/* reprise-archive-reader.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/reprise-progress.h"

G_BEGIN_DECLS

/**
 * RepriseArchiveLimits:
 * @max_entries: 0 for 1,000,000
 * @max_total_bytes: of all entries unpacked; 0 for no limit but @max_ratio
 * @max_ratio: of unpacked to packed, once more than 64 MiB are unpacked; 0 for 200. Deflate reaches 1032, and an honest database that
 *   is mostly empty may come near: for an archive of ours, whose sizes its manifest names, 1100 refuses nothing
 *
 * What an archive may hold. More is %REPRISE_ERROR_LIMIT.
 */
typedef struct
{
  guint max_entries;
  guint64 max_total_bytes;
  guint max_ratio;
} RepriseArchiveLimits;

/**
 * RepriseArchiveEntry:
 * @index: from 0, in the order of the archive
 * @name: relative, UTF-8, without an end slash; it leads nowhere else and is no one else's. Still: a name, not a path of ours
 * @size_bytes: unpacked
 * @is_folder: else it is a regular file: there is nothing else
 */
typedef struct
{
  guint index;
  const char *name;
  guint64 size_bytes;
  gboolean is_folder;
} RepriseArchiveEntry;

/**
 * RepriseArchiveReader:
 *
 * Reads an archive that may be damaged or made to harm. What it gives is proven: the last bytes of an entry come only once its
 * size and checksum are right, and the end only where the format has its end. For workers, one thread at a time; every function
 * blocks. Errors: %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_LIMIT, %REPRISE_ERROR_NOT_SUPPORTED for encrypted entries and rare
 * methods, and what the system reports. Memory does not depend on the size of the entries.
 */
typedef struct _RepriseArchiveReader RepriseArchiveReader;

RepriseArchiveReader *reprise_archive_reader_open (const char *path,
                                                   const RepriseArchiveLimits *limits,
                                                   GCancellable *cancellable,
                                                   GError **error);
void reprise_archive_reader_free (RepriseArchiveReader *self);

gint64 reprise_archive_reader_get_n_entries (RepriseArchiveReader *self);
gint64 reprise_archive_reader_get_total_bytes (RepriseArchiveReader *self);

gboolean reprise_archive_reader_next (RepriseArchiveReader *self,
                                      const RepriseArchiveEntry **entry,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_archive_reader_find (RepriseArchiveReader *self,
                                      const char *name,
                                      const RepriseArchiveEntry **entry,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_archive_reader_rewind (RepriseArchiveReader *self, GError **error);

gssize reprise_archive_reader_read (RepriseArchiveReader *self,
                                    gpointer buffer,
                                    gsize size,
                                    GCancellable *cancellable,
                                    GError **error);
GBytes *reprise_archive_reader_read_all (RepriseArchiveReader *self,
                                         gsize max_bytes,
                                         GCancellable *cancellable,
                                         GError **error);

/**
 * RepriseArchiveEntryFunc:
 * @reader: stands at @entry; read from it with reprise_archive_reader_read() and nothing else
 *
 * What reprise_archive_reader_each() calls for each entry, possibly for two at a time in two threads. It need not read to the
 * end: the rest is read and proven after it.
 *
 * Returns: whether to go on; else @error is set
 */
typedef gboolean (*RepriseArchiveEntryFunc) (RepriseArchiveReader *reader,
                                             const RepriseArchiveEntry *entry,
                                             gpointer user_data,
                                             GCancellable *cancellable,
                                             GError **error);

gboolean reprise_archive_reader_each (RepriseArchiveReader *self,
                                      RepriseArchiveEntryFunc func,
                                      gpointer user_data,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseArchiveReader, reprise_archive_reader_free)

G_END_DECLS
