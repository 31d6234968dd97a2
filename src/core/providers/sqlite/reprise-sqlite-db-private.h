/* reprise-sqlite-db-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * RepriseSqliteUse:
 * @REPRISE_SQLITE_READ: a database of somebody's: hardened, and nothing in it is changed
 * @REPRISE_SQLITE_RESTORE: the same, to be written by a restore; no trigger runs, no foreign key acts
 * @REPRISE_SQLITE_SCRATCH: a file of our own, made where it is missing: neither safe against power cuts nor journalled
 * @REPRISE_SQLITE_MEMORY: no file: a place to attach files to
 */
typedef enum
{
  REPRISE_SQLITE_READ,
  REPRISE_SQLITE_RESTORE,
  REPRISE_SQLITE_SCRATCH,
  REPRISE_SQLITE_MEMORY,
} RepriseSqliteUse;

extern guint
  reprise_sqlite_busy_ms; /* how long somebody else's lock is waited for; tests make it short */

/**
 * RepriseSqliteDb:
 * @handle: (owned): the connection; for one thread at a time
 * @path: (owned) (nullable): of the main file
 * @name: (owned): what messages call it
 * @cancellable: (owned) (nullable): stops the statement that is running
 *
 * A connection that is safe against what a file may hold, can be cancelled, does not wait forever, and whose errors are whole
 * sentences of %REPRISE_ERROR.
 */
typedef struct
{
  sqlite3 *handle;
  char *path;
  char *name;
  GCancellable *cancellable;
  gint64 busy_until_us;
  GPtrArray *
    held; /* (owned) (element-type utf8): files that this process must not open and close otherwise */
} RepriseSqliteDb;

RepriseSqliteDb *reprise_sqlite_db_open (const char *path,
                                         const char *name,
                                         RepriseSqliteUse use,
                                         GCancellable *cancellable,
                                         GError **error);
void reprise_sqlite_db_free (RepriseSqliteDb *self);
gboolean reprise_sqlite_db_attach (RepriseSqliteDb *self,
                                   const char *schema,
                                   const char *path,
                                   RepriseSqliteUse use,
                                   GError **error);

/* Formats are those of sqlite3_mprintf(): %w inside double quotes for names, %Q for text. */
gboolean reprise_sqlite_db_exec (RepriseSqliteDb *self, GError **error, const char *format, ...);
sqlite3_stmt *reprise_sqlite_db_prepare (RepriseSqliteDb *self,
                                         GError **error,
                                         const char *format,
                                         ...);
gboolean reprise_sqlite_db_step (RepriseSqliteDb *self,
                                 sqlite3_stmt *statement,
                                 gboolean *row,
                                 GError **error);
gboolean reprise_sqlite_db_run (RepriseSqliteDb *self, sqlite3_stmt *statement, GError **error);
gboolean reprise_sqlite_db_get_int (RepriseSqliteDb *self,
                                    gint64 *value,
                                    GError **error,
                                    const char *format,
                                    ...);
char *reprise_sqlite_db_get_text (RepriseSqliteDb *self, GError **error, const char *format, ...);
gboolean reprise_sqlite_db_fail_with (RepriseSqliteDb *self,
                                      int code,
                                      const char *message,
                                      GError **error);
gboolean reprise_sqlite_db_failed_by_statement (RepriseSqliteDb *self);
gboolean reprise_sqlite_db_fail (RepriseSqliteDb *self, GError **error);
gboolean reprise_sqlite_db_check_integrity (RepriseSqliteDb *self,
                                            const char *schema,
                                            char **finding,
                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteDb, reprise_sqlite_db_free)

typedef sqlite3_stmt RepriseSqliteStmt;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteStmt, sqlite3_finalize)

G_END_DECLS
