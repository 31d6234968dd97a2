/* reprise-sqlite-archive.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "service/reprise-contents.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteArchive:
 *
 * An archive of a SQLite application, looked into: its manifest has been read, and its list of files agrees with the manifest's.
 * Only read afterwards, by one thread at a time.
 */
typedef struct _RepriseSqliteArchive RepriseSqliteArchive;

gboolean reprise_sqlite_archive_recognise (const char *path, const guchar *head, gsize head_size);

/* blocking: for workers */
RepriseSqliteArchive *reprise_sqlite_archive_open (const char *path,
                                                   GCancellable *cancellable,
                                                   GError **error);
void reprise_sqlite_archive_free (RepriseSqliteArchive *self);

const char *reprise_sqlite_archive_get_path (const RepriseSqliteArchive *self);
GDateTime *reprise_sqlite_archive_get_created_at (const RepriseSqliteArchive *self);
RepriseContents *reprise_sqlite_archive_dup_contents (const RepriseSqliteArchive *self);
guint reprise_sqlite_archive_get_n_databases (const RepriseSqliteArchive *self);
const char *reprise_sqlite_archive_get_database (const RepriseSqliteArchive *self, guint index);
gint64 reprise_sqlite_archive_get_size_bytes (const RepriseSqliteArchive *self,
                                              RepriseGroups groups);
char **reprise_sqlite_archive_dup_damage (const RepriseSqliteArchive *self);

gboolean reprise_sqlite_archive_verify (RepriseSqliteArchive *self,
                                        gboolean deep,
                                        const char *scratch,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteArchive, reprise_sqlite_archive_free)

G_END_DECLS
