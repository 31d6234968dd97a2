/* reprise-database.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "store/reprise-database.h"

#define BUSY_TIMEOUT_MS 5000

struct _RepriseDatabase
{
  char *path;          /* (owned) */
  sqlite3 *connection; /* (owned) */
};

struct _RepriseQuery
{
  RepriseDatabase *database; /* not owned: a query lives shorter */
  sqlite3_stmt *statement;   /* (owned) */
};

/* The code tells what the caller can do: a damaged file is %REPRISE_ERROR_DAMAGED, one that another holds %REPRISE_ERROR_BUSY. */
static gboolean
fail (RepriseDatabase *self, GError **error)
{
  int code = self->connection == NULL ? SQLITE_NOMEM : sqlite3_errcode (self->connection) & 0xff;
  RepriseError ours = REPRISE_ERROR_FAILED;

  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    ours = REPRISE_ERROR_DAMAGED;
  else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    ours = REPRISE_ERROR_BUSY;
  reprise_error_set (
    error, REPRISE_ERROR, (int) ours, _ ("Could not use the database “%s”: %s"), self->path,
    self->connection == NULL ? sqlite3_errstr (code) : sqlite3_errmsg (self->connection));
  return FALSE;
}

void
reprise_database_free (RepriseDatabase *self)
{
  sqlite3_close_v2 (self->connection);
  g_free (self->path);
  g_free (self);
}

/* Runs statements that have neither parameters nor rows. */
gboolean
reprise_database_run (RepriseDatabase *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->connection, sql, NULL, NULL, NULL) == SQLITE_OK || fail (self, error);
}

/* A transaction that may write: it waits for others now, and not in its middle. */
gboolean
reprise_database_begin (RepriseDatabase *self, GError **error)
{
  return reprise_database_run (self, "BEGIN IMMEDIATE", error);
}

gboolean
reprise_database_commit (RepriseDatabase *self, GError **error)
{
  return reprise_database_run (self, "COMMIT", error);
}

/* Nothing happens where no transaction is open. */
void
reprise_database_roll_back (RepriseDatabase *self)
{
  if (!sqlite3_get_autocommit (self->connection))
    sqlite3_exec (self->connection, "ROLLBACK", NULL, NULL, NULL);
}

static gboolean
read_version (RepriseDatabase *self, gint64 *version, GError **error)
{
  g_autoptr (RepriseQuery) query = reprise_query_new (self, "PRAGMA user_version", error);
  gboolean row = FALSE;

  if (query == NULL || !reprise_query_step (query, &row, error))
    return FALSE;
  *version = row ? reprise_query_get_int (query, 0, 0) : 0;
  return TRUE;
}

static gboolean
migrate_from (RepriseDatabase *self, gint64 version, const char *const *migrations, GError **error)
{
  for (gint64 i = version; migrations[i] != NULL; i++)
    {
      g_autofree char *pragma = g_strdup_printf ("PRAGMA user_version = %d", (int) i + 1);

      if (!reprise_database_run (self, migrations[i], error) ||
          !reprise_database_run (self, pragma, error))
        return FALSE;
    }
  return TRUE;
}

/* PRAGMA user_version says how many have been made. */
static gboolean
migrate (RepriseDatabase *self, const char *const *migrations, GError **error)
{
  gint64 known = (gint64) g_strv_length ((char **) migrations), version = 0;

  if (!read_version (self, &version, error))
    return FALSE;
  if (version == known)
    return TRUE;
  if (version < 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The database “%s” is damaged: %s"), self->path, "user_version");
      return FALSE;
    }
  if (version > known)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ (
          "The database “%s” was written by a newer version of Reprise. Update Reprise to use it."),
        self->path);
      return FALSE;
    }
  if (!reprise_database_begin (self, error))
    return FALSE;
  if (read_version (self, &version, error) && migrate_from (self, version, migrations, error))
    return reprise_database_commit (self, error);
  reprise_database_roll_back (self);
  return FALSE;
}

/* SQLite gives its other files the mode of the first one. */
static gboolean
make_file (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return reprise_file_make_folder (folder, error) && reprise_file_make_private (path, error);
}

static RepriseDatabase *
open_once (const char *path,
           const char *const *migrations,
           RepriseDatabaseFlags flags,
           GError **error)
{
  g_autoptr (RepriseDatabase) self = g_new0 (RepriseDatabase, 1);
  gboolean in_memory = g_str_equal (path, ":memory:");

  self->path = g_strdup (path);
  if (!in_memory && !make_file (path, error))
    return NULL;
  if (sqlite3_open_v2 (path, &self->connection,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                       NULL) != SQLITE_OK)
    {
      fail (self, error);
      return NULL;
    }
  sqlite3_busy_timeout (self->connection, BUSY_TIMEOUT_MS);
  sqlite3_db_config (self->connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (!reprise_database_run (
        self, "PRAGMA journal_mode = WAL; PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON;",
        error) ||
      !reprise_database_run (self,
                             flags & REPRISE_DATABASE_CACHE ? "PRAGMA synchronous = NORMAL"
                                                            : "PRAGMA synchronous = FULL",
                             error) ||
      !migrate (self, migrations, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Removes the file with those that SQLite makes beside it. */
void
reprise_database_remove (const char *path)
{
  static const char *const suffixes[] = { "-journal", "-wal", "-shm", "" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *file = g_strconcat (path, suffixes[i], NULL);

      unlink (file);
    }
}

/* Whether opening it again will not help: anything but another who holds it, and what is wrong with the folder. */
static gboolean
is_spoilt (const GError *error)
{
  return error->domain == REPRISE_ERROR && error->code != REPRISE_ERROR_BUSY;
}

/**
 * reprise_database_open:
 * @path: of the file, which is made with its folder where it is missing, or “:memory:”
 * @migrations: (array zero-terminated=1): SQL that makes each version from the one before; it only grows
 *
 * Returns: (transfer full): the database, or %NULL with %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_BUSY, %REPRISE_ERROR_NOT_SUPPORTED (a
 *   later version), %REPRISE_ERROR_FAILED, or an error of the system
 */
RepriseDatabase *
reprise_database_open (const char *path,
                       const char *const *migrations,
                       RepriseDatabaseFlags flags,
                       GError **error)
{
  g_autoptr (GError) local = NULL;
  RepriseDatabase *self = open_once (path, migrations, flags, &local);

  if (self == NULL && (flags & REPRISE_DATABASE_CACHE) != 0 && is_spoilt (local))
    {
      g_clear_error (&local);
      reprise_database_remove (path);
      self = open_once (path, migrations, flags, &local);
    }
  if (self == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return self;
}

/* (transfer full): @sql is one statement, a literal of ours; or %NULL with @error as of reprise_database_open() */
RepriseQuery *
reprise_query_new (RepriseDatabase *database, const char *sql, GError **error)
{
  g_autoptr (RepriseQuery) self = g_new0 (RepriseQuery, 1);

  self->database = database;
  if (sqlite3_prepare_v2 (database->connection, sql, -1, &self->statement, NULL) == SQLITE_OK)
    return g_steal_pointer (&self);
  fail (database, error);
  return NULL;
}

void
reprise_query_free (RepriseQuery *self)
{
  sqlite3_finalize (self->statement);
  g_free (self);
}

/* A @text of %NULL is SQL's NULL. */
void
reprise_query_bind_text (RepriseQuery *self, int parameter, const char *text)
{
  sqlite3_bind_text (self->statement, parameter, text, -1, SQLITE_TRANSIENT);
}

void
reprise_query_bind_int (RepriseQuery *self, int parameter, gint64 value)
{
  sqlite3_bind_int64 (self->statement, parameter, value);
}

/**
 * reprise_query_step:
 * @row: (out): whether there is a row; when there is none the query can be bound and stepped anew
 */
gboolean
reprise_query_step (RepriseQuery *self, gboolean *row, GError **error)
{
  int code = sqlite3_step (self->statement);

  *row = code == SQLITE_ROW;
  if (*row)
    return TRUE;
  if (code != SQLITE_DONE)
    fail (self->database, error);
  sqlite3_reset (self->statement);
  return code == SQLITE_DONE;
}

/* For what has no rows: runs to the end, ready to be bound anew. */
gboolean
reprise_query_finish (RepriseQuery *self, GError **error)
{
  gboolean row = TRUE;

  while (row)
    if (!reprise_query_step (self, &row, error))
      return FALSE;
  return TRUE;
}

/* (nullable): valid until the next step */
const char *
reprise_query_get_text (RepriseQuery *self, int column)
{
  return (const char *) sqlite3_column_text (self->statement, column);
}

gint64
reprise_query_get_int (RepriseQuery *self, int column, gint64 if_null)
{
  return sqlite3_column_type (self->statement, column) == SQLITE_NULL
           ? if_null
           : sqlite3_column_int64 (self->statement, column);
}
