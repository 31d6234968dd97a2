/* reprise-sqlite-db.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-db"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/sqlite/reprise-sqlite-db-private.h"
#include "providers/sqlite/reprise-sqlite-place-private.h"

#define BUSY_SLEEP_MS  20    /* at most, between two tries */
#define PROGRESS_STEPS 20000 /* of the virtual machine, between two looks at the cancellable */
#define CACHE_KIB      32768
#define MAX_FINDINGS   20

guint reprise_sqlite_busy_ms = 5000;

/* SQLite calls it while somebody else has the lock. */
static int
busy_cb (void *user_data, int count)
{
  RepriseSqliteDb *self = user_data;
  gint64 now = g_get_monotonic_time ();

  if (count == 0)
    self->busy_until_us = now + reprise_sqlite_busy_ms * (gint64) 1000;
  if (now >= self->busy_until_us || g_cancellable_is_cancelled (self->cancellable))
    return 0;
  g_usleep (1000 * (gulong) MIN (count + 1, BUSY_SLEEP_MS));
  return 1;
}

static int
progress_cb (void *user_data)
{
  RepriseSqliteDb *self = user_data;

  return g_cancellable_is_cancelled (self->cancellable) ? 1 : 0;
}

static gboolean
fail_busy (RepriseSqliteDb *self, GError **error)
{
  g_autofree char *holder =
    self->path != NULL ? reprise_sqlite_place_dup_holder (self->path) : NULL;

  if (holder != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                       /* Translators: the second %s is a program: field-notes (process 742) */
                       _ ("“%s” is locked by %s: close that program, or try again when it is idle"),
                       self->name, holder);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
      _ ("“%s” is locked by another program: close the application, or try again when it is idle"),
      self->name);
  return FALSE;
}

static gboolean
fail_system (RepriseSqliteDb *self, const char *message, GError **error)
{
  int saved = sqlite3_system_errno (self->handle);

  if (saved != 0)
    return reprise_set_error_errno (error, saved, _ ("Could not open or read “%s”"), self->name);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("Could not read or write “%s”: %s"), self->name, message);
  return FALSE;
}

/**
 * reprise_sqlite_db_fail_with:
 * @code: a result of SQLite
 * @message: what SQLite says of it
 *
 * Returns: %FALSE with @error set, so that a failing function can return it
 */
gboolean
reprise_sqlite_db_fail_with (RepriseSqliteDb *self, int code, const char *message, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  switch (code & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail_busy (self, error);
    case SQLITE_CORRUPT:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, _ ("“%s” is damaged: %s"),
                         self->name, message);
      return FALSE;
    case SQLITE_NOTADB:
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
        _ ("“%s” is no SQLite database that can be read: it is another kind of file, or encrypted"),
        self->name);
      return FALSE;
    case SQLITE_FULL:
      reprise_error_set (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                         _ ("There is no space left for “%s”"), self->name);
      return FALSE;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
                         _ ("“%s” may not be written: %s"), self->name, message);
      return FALSE;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return fail_system (self, message, error);
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                         _ ("“%s” holds something too large: %s"), self->name, message);
      return FALSE;
    default:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, "“%s”: %s", self->name,
                         message);
      return FALSE;
    }
}

/* The same for what went wrong last. */
gboolean
reprise_sqlite_db_fail (RepriseSqliteDb *self, GError **error)
{
  return reprise_sqlite_db_fail_with (self, sqlite3_errcode (self->handle),
                                      sqlite3_errmsg (self->handle), error);
}

/* Whether what failed last is a matter of what was asked for, not of the disk or of somebody who stops the work. */
gboolean
reprise_sqlite_db_failed_by_statement (RepriseSqliteDb *self)
{
  int code = sqlite3_errcode (self->handle) & 0xff;

  return code == SQLITE_ERROR || code == SQLITE_CONSTRAINT || code == SQLITE_AUTH;
}

static char *
make_uri (const char *path, const char *mode)
{
  g_autofree char *escaped = g_uri_escape_bytes ((const guint8 *) path, strlen (path), "/");

  return g_strdup_printf ("file:%s?mode=%s", escaped, mode);
}

/* A database with a write-ahead log that nobody has open: SQLite puts the log and its index beside it and, where it may not write,
 * leaves them there for good. Opened for writing, it takes them away again. No statement of ours writes. */
static const char *
choose_mode (const char *path, RepriseSqliteUse use)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);

  switch (use)
    {
    case REPRISE_SQLITE_READ:
      return reprise_sqlite_place_is_wal (path) && !g_file_test (log, G_FILE_TEST_EXISTS) ? "rw"
                                                                                          : "ro";
    case REPRISE_SQLITE_RESTORE:
      return "rw";
    case REPRISE_SQLITE_SCRATCH:
    case REPRISE_SQLITE_MEMORY:
    default:
      return "rwc";
    }
}

/* What an interrupted program left: only a connection that may write can put the old pages back, as the application's own next
 * start would. */
static gboolean
needs_recovery (RepriseSqliteDb *self)
{
  int code = sqlite3_extended_errcode (self->handle);

  return code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY ||
         code == SQLITE_READONLY_CANTINIT;
}

static void
harden (RepriseSqliteDb *self, RepriseSqliteUse use)
{
  gboolean ours = use == REPRISE_SQLITE_SCRATCH || use == REPRISE_SQLITE_MEMORY;

  sqlite3_extended_result_codes (self->handle, 1);
  sqlite3_busy_handler (self->handle, busy_cb, self);
  if (self->cancellable != NULL)
    sqlite3_progress_handler (self->handle, PROGRESS_STEPS, progress_cb, self);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, ours ? 0 : 1, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
  /* older programs wrote 'text' as "text" */
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DQS_DDL, 1, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
}

static gboolean
configure (RepriseSqliteDb *self, RepriseSqliteUse use, GError **error)
{
  if (!reprise_sqlite_db_exec (
        self, error, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -%d",
        CACHE_KIB))
    return FALSE;
  switch (use)
    {
    case REPRISE_SQLITE_READ:
      return reprise_sqlite_db_exec (self, error, "PRAGMA query_only = ON");
    case REPRISE_SQLITE_SCRATCH:
      return reprise_sqlite_db_exec (self, error,
                                     "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    case REPRISE_SQLITE_RESTORE:
    case REPRISE_SQLITE_MEMORY:
    default:
      return TRUE;
    }
}

static void
hold (RepriseSqliteDb *self, const char *path)
{
  char *key = reprise_sqlite_place_hold (path);

  if (key != NULL)
    g_ptr_array_add (self->held, key);
}

/* Nothing of the file is read before the first statement. */
static gboolean
try_to_read (RepriseSqliteDb *self, const char *schema, GError **error)
{
  gint64 n;

  return reprise_sqlite_db_get_int (self, &n, error, "SELECT count(*) FROM \"%w\".sqlite_schema",
                                    schema);
}

static gboolean
open_with (RepriseSqliteDb *self, const char *mode, RepriseSqliteUse use, GError **error)
{
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  g_autofree char *uri = self->path != NULL ? make_uri (self->path, mode) : g_strdup (":memory:");

  g_clear_pointer (&self->handle, sqlite3_close_v2);
  if (sqlite3_open_v2 (uri, &self->handle, flags, NULL) != SQLITE_OK)
    return reprise_sqlite_db_fail (self, error);
  harden (self, use);
  return configure (self, use, error) &&
         (use == REPRISE_SQLITE_MEMORY || try_to_read (self, "main", error));
}

static gboolean
is_about_files (const GError *error)
{
  return (error->domain == G_IO_ERROR && !reprise_error_is_stop (error)) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_DENIED);
}

/**
 * reprise_sqlite_db_open:
 * @path: (nullable): of the file, %NULL for none
 * @name: what messages call it
 *
 * Returns: (transfer full): the connection, or %NULL with @error set: %REPRISE_ERROR_BUSY, %REPRISE_ERROR_DAMAGED,
 *   %REPRISE_ERROR_REFUSED where it lies on a portal, and what the system reports
 */
RepriseSqliteDb *
reprise_sqlite_db_open (const char *path,
                        const char *name,
                        RepriseSqliteUse use,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (RepriseSqliteDb) self = g_new0 (RepriseSqliteDb, 1);
  g_autoptr (GError) failure = NULL;
  const char *mode = path != NULL ? choose_mode (path, use)
                                  : NULL; /* before it is held, while its header can be read */
  gboolean is_wal = path != NULL && reprise_sqlite_place_is_wal (path);

  self->path = g_strdup (path);
  self->name = g_strdup (name);
  self->held = g_ptr_array_new_with_free_func (g_free);
  g_set_object (&self->cancellable, cancellable);
  if (path != NULL && use != REPRISE_SQLITE_SCRATCH)
    {
      if (!reprise_sqlite_place_check (path, error))
        return NULL;
      hold (self, path);
    }
  if (open_with (self, mode, use, &failure))
    return g_steal_pointer (&self);
  if (use == REPRISE_SQLITE_READ && self->handle != NULL && needs_recovery (self))
    return open_with (self, "rw", use, error) ? g_steal_pointer (&self) : NULL;
  if (!is_wal || !is_about_files (failure) || reprise_sqlite_place_check_writable (path, error))
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

void
reprise_sqlite_db_free (RepriseSqliteDb *self)
{
  sqlite3_close_v2 (self->handle);
  for (guint i = 0; i < self->held->len; i++)
    reprise_sqlite_place_release (g_ptr_array_index (self->held, i));
  g_ptr_array_unref (self->held);
  g_clear_object (&self->cancellable);
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}

/**
 * reprise_sqlite_db_attach:
 * @schema: what statements call it
 * @use: %REPRISE_SQLITE_READ, or %REPRISE_SQLITE_SCRATCH for a file of our own, which is made
 */
gboolean
reprise_sqlite_db_attach (RepriseSqliteDb *self,
                          const char *schema,
                          const char *path,
                          RepriseSqliteUse use,
                          GError **error)
{
  g_autofree char *uri = make_uri (path, choose_mode (path, use));
  g_autofree char *recovering = make_uri (path, "rw");

  if (use == REPRISE_SQLITE_SCRATCH)
    return reprise_sqlite_db_exec (
      self, error,
      "ATTACH %Q AS \"%w\"; PRAGMA \"%w\".journal_mode = OFF; PRAGMA \"%w\".synchronous = OFF;"
      "PRAGMA \"%w\".cache_size = -%d",
      uri, schema, schema, schema, schema, CACHE_KIB);
  if (!reprise_sqlite_place_check (path, error))
    return FALSE;
  hold (self, path);
  if (!reprise_sqlite_db_exec (self, error, "ATTACH %Q AS \"%w\"", uri, schema))
    return FALSE;
  if (try_to_read (self, schema, NULL))
    return TRUE;
  return (!needs_recovery (self) ||
          reprise_sqlite_db_exec (self, error, "DETACH \"%w\"; ATTACH %Q AS \"%w\"", schema,
                                  recovering, schema)) &&
         try_to_read (self, schema, error);
}

/* Runs one or more statements that give no rows, or whose rows do not matter. */
gboolean
reprise_sqlite_db_exec (RepriseSqliteDb *self, GError **error, const char *format, ...)
{
  va_list values;
  char *sql;
  int result;

  va_start (values, format);
  sql = sqlite3_vmprintf (format, values);
  va_end (values);
  result = sqlite3_exec (self->handle, sql, NULL, NULL, NULL);
  sqlite3_free (sql);
  return result == SQLITE_OK || reprise_sqlite_db_fail (self, error);
}

static sqlite3_stmt *
prepare_va (RepriseSqliteDb *self, GError **error, const char *format, va_list values)
{
  sqlite3_stmt *statement = NULL;
  char *sql = sqlite3_vmprintf (format, values);

  if (sqlite3_prepare_v2 (self->handle, sql, -1, &statement, NULL) != SQLITE_OK)
    reprise_sqlite_db_fail (self, error);
  sqlite3_free (sql);
  return statement;
}

/* (transfer full) (nullable): a statement for sqlite3_finalize(), or %NULL with @error set */
sqlite3_stmt *
reprise_sqlite_db_prepare (RepriseSqliteDb *self, GError **error, const char *format, ...)
{
  va_list values;
  sqlite3_stmt *statement;

  va_start (values, format);
  statement = prepare_va (self, error, format, values);
  va_end (values);
  return statement;
}

/**
 * reprise_sqlite_db_step:
 * @row: (out): whether there is a row; else the statement is at its end
 */
gboolean
reprise_sqlite_db_step (RepriseSqliteDb *self,
                        sqlite3_stmt *statement,
                        gboolean *row,
                        GError **error)
{
  int result = sqlite3_step (statement);

  *row = result == SQLITE_ROW;
  return result == SQLITE_ROW || result == SQLITE_DONE || reprise_sqlite_db_fail (self, error);
}

/* Runs a statement to its end and makes it ready for the next time. */
gboolean
reprise_sqlite_db_run (RepriseSqliteDb *self, sqlite3_stmt *statement, GError **error)
{
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    ;
  if (result != SQLITE_DONE)
    reprise_sqlite_db_fail (self, error);
  sqlite3_reset (statement);
  return result == SQLITE_DONE;
}

/* The first column of the first row; 0 where there is none. */
gboolean
reprise_sqlite_db_get_int (RepriseSqliteDb *self,
                           gint64 *value,
                           GError **error,
                           const char *format,
                           ...)
{
  g_autoptr (RepriseSqliteStmt) statement = NULL;
  gboolean row;
  va_list values;

  va_start (values, format);
  statement = prepare_va (self, error, format, values);
  va_end (values);
  if (statement == NULL || !reprise_sqlite_db_step (self, statement, &row, error))
    return FALSE;
  *value = row ? sqlite3_column_int64 (statement, 0) : 0;
  return TRUE;
}

/* (transfer full) (nullable): the first column of the first row; "" where there is none; %NULL with @error set */
char *
reprise_sqlite_db_get_text (RepriseSqliteDb *self, GError **error, const char *format, ...)
{
  g_autoptr (RepriseSqliteStmt) statement = NULL;
  const char *text = NULL;
  gboolean row;
  va_list values;

  va_start (values, format);
  statement = prepare_va (self, error, format, values);
  va_end (values);
  if (statement == NULL || !reprise_sqlite_db_step (self, statement, &row, error))
    return NULL;
  if (row)
    text = (const char *) sqlite3_column_text (statement, 0);
  return g_strdup (text != NULL ? text : "");
}

static gboolean
run_check (RepriseSqliteDb *self,
           const char *check,
           const char *schema,
           char **finding,
           GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement =
    reprise_sqlite_db_prepare (self, error, "PRAGMA \"%w\".%s (%d)", schema, check, MAX_FINDINGS);
  g_autoptr (GString) findings = g_string_new (NULL);
  gboolean row;

  if (statement == NULL)
    return FALSE;
  while (reprise_sqlite_db_step (self, statement, &row, error))
    {
      const char *text = row ? (const char *) sqlite3_column_text (statement, 0) : NULL;

      if (!row)
        {
          *finding = findings->len > 0 ? g_utf8_make_valid (findings->str, -1) : NULL;
          return TRUE;
        }
      if (text != NULL && !g_str_equal (text, "ok"))
        g_string_append_printf (findings, "%s%s", findings->len > 0 ? "; " : "", text);
    }
  return FALSE;
}

/**
 * reprise_sqlite_db_check_integrity:
 * @finding: (out) (transfer full) (nullable): what is wrong, or %NULL for nothing
 *
 * SQLite's own check of a whole file. Where it needs a function or an ordering that only the application knows, the check that
 * does without is made.
 *
 * Returns: whether it could be made
 */
gboolean
reprise_sqlite_db_check_integrity (RepriseSqliteDb *self,
                                   const char *schema,
                                   char **finding,
                                   GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (run_check (self, "integrity_check", schema, finding, &failure))
    return TRUE;
  if (g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_FAILED))
    return run_check (self, "quick_check", schema, finding, error);
  if (!g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *finding = g_strdup (failure->message);
  return TRUE;
}
