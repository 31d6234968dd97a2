/* reprise-sqlite-copy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-copy"

#include "config.h"

#include "providers/sqlite/reprise-sqlite-copy-private.h"

#define STEP_BYTES   (16 * 1024 * 1024)
#define QUICK_BYTES  (256 * 1024 * 1024) /* a copy of that is made in a moment */
#define MAX_RESTARTS 3

/* Whether SQLite moves the rows as they are stored, with their rowids and the entries of their indexes, instead of taking them apart:
 * https://www.sqlite.org/src/file?name=src/insert.c “xferOptimization”. */
static gboolean
is_bulk (RepriseSqliteDb *db, const char *from, const char *to, const char *table)
{
  g_autoptr (RepriseSqliteStmt) statement = reprise_sqlite_db_prepare (
    db, NULL, "EXPLAIN INSERT INTO \"%w\".\"%w\" SELECT * FROM \"%w\".\"%w\"", to, table, from,
    table);
  gboolean row;

  while (statement != NULL && reprise_sqlite_db_step (db, statement, &row, NULL) && row)
    {
      const char *operation = (const char *) sqlite3_column_text (statement, 1);

      if (g_strcmp0 (operation, "RowData") == 0 || g_strcmp0 (operation, "RowCell") == 0)
        return TRUE;
    }
  return FALSE;
}

/* Moved as they are, the rows of a table that has neither a key nor an index would be numbered anew. */
static gboolean
keeps_rowids (RepriseSqliteDb *db, const char *to, const RepriseSqliteTable *table)
{
  gint64 n = 0;

  if (table->rowid_column != NULL || table->without_rowid)
    return TRUE;
  return reprise_sqlite_db_get_int (
           db, &n, NULL,
           "SELECT count(*) FROM \"%w\".sqlite_schema WHERE type = 'index' AND tbl_name = %Q", to,
           table->name) &&
         n > 0;
}

/**
 * reprise_sqlite_copy_create:
 * @to: the attached database in which the table is made
 *
 * Makes an empty table like @table: as it was defined where that is possible, else its stored columns and its key alone, because the
 * rest needs computed columns, or functions that only the application knows.
 */
gboolean
reprise_sqlite_copy_create (RepriseSqliteDb *db,
                            const char *to,
                            const RepriseSqliteTable *table,
                            GError **error)
{
  g_autofree char *sql = table->has_generated ? NULL : reprise_sqlite_qualify (table->sql, to);
  g_autofree char *plain = NULL;

  if (sql != NULL && reprise_sqlite_db_exec (db, NULL, "%s", sql))
    return TRUE;
  if (sql != NULL && !reprise_sqlite_db_failed_by_statement (db))
    return reprise_sqlite_db_fail (db, error);
  plain = reprise_sqlite_table_make_plain_sql (table, to);
  return reprise_sqlite_db_exec (db, error, "%s", plain);
}

/* Makes the indexes of a table. One over a computed column, or with an ordering of the application's own, stays a definition in the
 * schema. */
gboolean
reprise_sqlite_copy_indexes (RepriseSqliteDb *db,
                             const char *to,
                             const RepriseSqliteTable *table,
                             GError **error)
{
  for (guint i = 0; i < table->indexes->len; i++)
    {
      const RepriseSqliteObject *index = g_ptr_array_index (table->indexes, i);
      g_autofree char *sql = reprise_sqlite_qualify (index->sql, to);

      if (sql != NULL && !reprise_sqlite_db_exec (db, NULL, "%s", sql) &&
          !reprise_sqlite_db_failed_by_statement (db))
        return reprise_sqlite_db_fail (db, error);
    }
  return TRUE;
}

/* Whether the tables have the same columns in the same order, so that rows can be moved without being taken apart. */
static gboolean
is_alike (const RepriseSqliteTable *a, const RepriseSqliteTable *b)
{
  if (a->has_generated || b->has_generated || a->columns->len != b->columns->len)
    return FALSE;
  for (guint i = 0; i < a->columns->len; i++)
    {
      const RepriseSqliteColumn *left = g_ptr_array_index (a->columns, i),
                                *right = g_ptr_array_index (b->columns, i);

      if (g_ascii_strcasecmp (left->name, right->name) != 0)
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_sqlite_copy_rows:
 * @from_table: the columns that are copied
 * @to_table: the table that gains them, which is empty; it may have more columns, which get their defaults
 * @rows: (out): how many there were
 *
 * Copies all rows of a table, with their rowids, from one attached database into another.
 */
gboolean
reprise_sqlite_copy_rows (RepriseSqliteDb *db,
                          const char *from,
                          const RepriseSqliteTable *from_table,
                          const char *to,
                          const RepriseSqliteTable *to_table,
                          gint64 *rows,
                          GError **error)
{
  gint64 before = sqlite3_total_changes64 (db->handle);
  gboolean with_rowid = from_table->rowid != NULL && to_table->rowid != NULL;
  const char *comma = with_rowid ? ", " : "";
  g_autofree char *columns = NULL;
  gboolean ok;

  if (is_alike (from_table, to_table) && keeps_rowids (db, to, to_table) &&
      is_bulk (db, from, to, from_table->name))
    ok = reprise_sqlite_db_exec (db, error, "INSERT INTO \"%w\".\"%w\" SELECT * FROM \"%w\".\"%w\"",
                                 to, to_table->name, from, from_table->name);
  else
    {
      columns = reprise_sqlite_table_list_columns (from_table, "");
      ok = reprise_sqlite_db_exec (
        db, error,
        "INSERT INTO \"%w\".\"%w\" (%s%s%s) SELECT %s%s%s FROM \"%w\".\"%w\" NOT INDEXED", to,
        to_table->name, with_rowid ? to_table->rowid : "", comma, columns,
        with_rowid ? from_table->rowid : "", comma, columns, from, from_table->name);
    }
  *rows = sqlite3_total_changes64 (db->handle) - before;
  return ok;
}

/* Every write of another program makes a copy that does not hold the lock begin again. */
static gboolean
step_pages (RepriseSqliteDb *from,
            sqlite3_backup *backup,
            int n_pages,
            gboolean holding,
            guint *n_restarts,
            GCancellable *cancellable,
            GError **error)
{
  int left = G_MAXINT;
  int result;

  do
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      result = sqlite3_backup_step (backup, n_pages);
      if (sqlite3_backup_remaining (backup) >= left)
        (*n_restarts)++;
      left = sqlite3_backup_remaining (backup);
      if (!holding && *n_restarts > MAX_RESTARTS)
        return TRUE;
    }
  while (result == SQLITE_OK);
  return result == SQLITE_DONE ||
         reprise_sqlite_db_fail_with (from, result, sqlite3_errstr (result), error);
}

static gboolean
hold (RepriseSqliteDb *db, GError **error)
{
  gint64 n;

  return reprise_sqlite_db_exec (db, error, "BEGIN") &&
         reprise_sqlite_db_get_int (db, &n, error, "SELECT count(*) FROM sqlite_schema");
}

static gboolean
try_pages (RepriseSqliteDb *from,
           RepriseSqliteDb *to,
           int n_pages,
           gboolean holding,
           gboolean *done,
           GCancellable *cancellable,
           GError **error)
{
  sqlite3_backup *backup = sqlite3_backup_init (to->handle, "main", from->handle, "main");
  guint n_restarts = 0;
  gboolean ok;
  int result;

  if (backup == NULL)
    return reprise_sqlite_db_fail (to, error);
  ok = step_pages (from, backup, n_pages, holding, &n_restarts, cancellable, error);
  result = sqlite3_backup_finish (backup);
  *done = holding || n_restarts <= MAX_RESTARTS;
  return ok && (!*done || result == SQLITE_OK || reprise_sqlite_db_fail (to, error));
}

/**
 * reprise_sqlite_copy_pages:
 * @from: a database that others may be writing to
 * @to: an empty one of our own
 *
 * Copies a whole database with SQLite's backup interface. A large one is copied without keeping others from writing, and only if
 * they write too often for that, as a whole with them waiting.
 */
gboolean
reprise_sqlite_copy_pages (RepriseSqliteDb *from,
                           RepriseSqliteDb *to,
                           GCancellable *cancellable,
                           GError **error)
{
  gint64 page_size, n_pages;
  gboolean done = FALSE, ok;
  int step;

  if (!reprise_sqlite_db_get_int (from, &page_size, error, "PRAGMA page_size") ||
      !reprise_sqlite_db_get_int (from, &n_pages, error, "PRAGMA page_count"))
    return FALSE;
  step = (int) (STEP_BYTES / page_size);
  if (page_size * n_pages > QUICK_BYTES &&
      !try_pages (from, to, step, FALSE, &done, cancellable, error))
    return FALSE;
  if (done)
    return TRUE;
  if (!hold (from, error))
    return FALSE;
  ok = try_pages (from, to, step, TRUE, &done, cancellable, error);
  return reprise_sqlite_db_exec (from, ok ? error : NULL, "COMMIT") && ok;
}
