/* reprise-sqlite-restore.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "provider/reprise-plan.h"
#include "providers/sqlite/reprise-sqlite-archive.h"
#include "providers/sqlite/reprise-sqlite-export.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteWish:
 * @path: of the application that is restored to: a folder or a file, which need not exist
 * @groups: of the archive, those that are restored; groups that it does not have are left alone
 * @undo: whether the archive is a safety copy, and what the restore after it made is removed again
 * @scratch: a folder that exists, for files that are removed again: as large as the groups unpacked
 *
 * What is to be restored where.
 */
typedef struct
{
  const char *path;
  RepriseGroups groups;
  gboolean undo;
  const char *scratch;
} RepriseSqliteWish;

/* blocking: for workers */
gboolean reprise_sqlite_restore_plan (RepriseSqliteArchive *archive,
                                      const RepriseSqliteWish *wish,
                                      const RepriseSqliteRules *rules,
                                      ReprisePlan *plan,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

RepriseSqliteExport *reprise_sqlite_restore_export_safety_copy (RepriseSqliteArchive *archive,
                                                                const RepriseSqliteWish *wish,
                                                                GOutputStream *out,
                                                                RepriseProgress *progress,
                                                                GCancellable *cancellable,
                                                                GError **error);

/**
 * RepriseSqliteRestored:
 * @contents: what was written: each collection with its rows, or files
 * @rows: in all
 * @files: in all
 * @removed: how many tables, views, triggers, databases and files were removed
 * @steps: (array zero-terminated=1): what was done, in the words of the plan's steps
 * @warnings: (array zero-terminated=1): as base/reprise-saying.h has them
 */
typedef struct
{
  RepriseContents *contents;
  gint64 rows;
  gint64 files;
  gint64 removed;
  char **steps;
  char **warnings;
} RepriseSqliteRestored;

void reprise_sqlite_restored_free (RepriseSqliteRestored *self);

RepriseSqliteRestored *reprise_sqlite_restore (RepriseSqliteArchive *archive,
                                               const RepriseSqliteWish *wish,
                                               RepriseJournal *journal,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);

/**
 * RepriseSqliteLeft:
 * @REPRISE_SQLITE_LEFT_NOTHING: no restore was cut off there
 * @REPRISE_SQLITE_LEFT_OLD: it is as it was before the restore
 * @REPRISE_SQLITE_LEFT_NEW: it is as the restore wanted it
 * @REPRISE_SQLITE_LEFT_MIXED: some databases are new and some old: the safety copy brings the old ones back
 *
 * How a restore ended that was cut off.
 */
typedef enum
{
  REPRISE_SQLITE_LEFT_NOTHING,
  REPRISE_SQLITE_LEFT_OLD,
  REPRISE_SQLITE_LEFT_NEW,
  REPRISE_SQLITE_LEFT_MIXED,
} RepriseSqliteLeft;

gboolean reprise_sqlite_restore_settle (const char *path,
                                        RepriseSqliteLeft *left,
                                        char **text,
                                        GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteRestored, reprise_sqlite_restored_free)

G_END_DECLS
