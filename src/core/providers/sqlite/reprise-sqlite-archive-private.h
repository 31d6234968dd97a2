/* reprise-sqlite-archive-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "archive/reprise-archive-reader.h"
#include "providers/sqlite/reprise-sqlite-archive.h"
#include "providers/sqlite/reprise-sqlite-manifest-private.h"

G_BEGIN_DECLS

const RepriseSqliteManifest *reprise_sqlite_archive_get_manifest (const RepriseSqliteArchive *self);
RepriseArchiveReader *reprise_sqlite_archive_open_reader (const char *path,
                                                          GCancellable *cancellable,
                                                          GError **error);
gboolean reprise_sqlite_archive_extract (RepriseArchiveReader *reader,
                                         const char *entry,
                                         gint64 size_bytes,
                                         const char *sha256,
                                         int fd,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_sqlite_archive_extract_file (RepriseArchiveReader *reader,
                                              const RepriseSqliteFile *file,
                                              const char *path,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);
RepriseSqliteDb *reprise_sqlite_archive_open_index (const char *path,
                                                    const char *name,
                                                    GCancellable *cancellable,
                                                    GError **error);
gboolean reprise_sqlite_archive_check_group (const RepriseSqliteManifest *manifest,
                                             RepriseGroup group,
                                             int database,
                                             RepriseSqliteDb *db,
                                             GError **error);

G_END_DECLS
