/* reprise-sqlite-source.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/sqlite/reprise-sqlite-rules.h"
#include "service/reprise-contents.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteDatabase:
 * @name: relative to the application's folder, with slashes: “app.db”, “data/logs.db”
 * @path: absolute, without links
 * @size_bytes: of the file; its log not counted
 */
typedef struct
{
  char *name;
  char *path;
  gint64 size_bytes;
} RepriseSqliteDatabase;

/**
 * RepriseSqliteSource:
 *
 * An application on this computer: a folder, or one file, with SQLite databases and, if wanted, folders of files. Made once, then
 * only read: any thread.
 */
typedef struct _RepriseSqliteSource RepriseSqliteSource;

RepriseSqliteSource *reprise_sqlite_source_open (const char *path,
                                                 gboolean with_files,
                                                 GCancellable *cancellable,
                                                 GError **error);
void reprise_sqlite_source_free (RepriseSqliteSource *self);

const char *reprise_sqlite_source_get_path (const RepriseSqliteSource *self);
guint reprise_sqlite_source_get_n_databases (const RepriseSqliteSource *self);
const RepriseSqliteDatabase *reprise_sqlite_source_get_database (const RepriseSqliteSource *self,
                                                                 guint index);
gint64 reprise_sqlite_source_get_size_bytes (const RepriseSqliteSource *self);
char **reprise_sqlite_source_dup_warnings (const RepriseSqliteSource *self);
char **reprise_sqlite_source_dup_notes (const RepriseSqliteSource *self);

/* blocking: for workers */
RepriseContents *reprise_sqlite_source_list (const RepriseSqliteSource *self,
                                             const RepriseSqliteRules *rules,
                                             RepriseProgress *progress,
                                             GCancellable *cancellable,
                                             GError **error);
gboolean reprise_sqlite_source_check (const RepriseSqliteSource *self,
                                      GCancellable *cancellable,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteSource, reprise_sqlite_source_free)

G_END_DECLS
