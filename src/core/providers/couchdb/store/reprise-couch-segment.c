/* reprise-couch-segment.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <zstd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

/* The comments are for who opens a segment with the sqlite3 program. */
const char *const REPRISE_COUCH_TABLES[] = {
  "CREATE TABLE segment (\n"
  "  name TEXT PRIMARY KEY, -- database, run, tier, from, to, since, sequence and others\n"
  "  value TEXT NOT NULL\n"
  ") WITHOUT ROWID",

  "CREATE TABLE block (\n"
  "  n INTEGER PRIMARY KEY,\n"
  "  data BLOB NOT NULL -- one zstd frame: one or more bodies as received, a line feed after each\n"
  ")",

  "CREATE TABLE revision (\n"
  "  n INTEGER PRIMARY KEY, -- in the order of arrival\n"
  "  id TEXT NOT NULL,\n"
  "  rev TEXT NOT NULL, -- empty: the document was purged and has no revision left\n"
  "  leaf INTEGER NOT NULL, -- 1: a leaf of the document at the end of this run; 0: no longer\n"
  "  deleted INTEGER NOT NULL,\n"
  "  sequence TEXT,\n"
  "  ancestry TEXT, -- of _revisions, where the body does not have it\n"
  "  block INTEGER, -- NULL: an earlier segment holds the body\n"
  "  start INTEGER, -- first byte of the body in the block, unpacked\n"
  "  size INTEGER,\n"
  "  sha256 BLOB\n"
  ")",

  "CREATE TABLE attachment (\n"
  "  n INTEGER PRIMARY KEY,\n"
  "  sha256 BLOB NOT NULL UNIQUE, -- of the bytes as stored on the server\n"
  "  digest TEXT NOT NULL, -- the server's own: md5-...\n"
  "  encoding TEXT, -- gzip, where the stored bytes are compressed so\n"
  "  size INTEGER NOT NULL\n"
  ")",

  "CREATE TABLE piece (\n"
  "  n INTEGER PRIMARY KEY,\n"
  "  attachment INTEGER NOT NULL,\n"
  "  part INTEGER NOT NULL, -- from 0; the parts one after the other are the attachment\n"
  "  data BLOB NOT NULL -- one zstd frame\n"
  ")",

  "CREATE TABLE link (\n"
  "  revision INTEGER NOT NULL, -- revision.n\n"
  "  name TEXT NOT NULL, -- of the attachment in the document\n"
  "  sha256 BLOB NOT NULL, -- attachment.sha256, of this segment or of an earlier one\n"
  "  PRIMARY KEY (revision, name)\n"
  ") WITHOUT ROWID",

  "CREATE TABLE extra (\n"
  "  name TEXT PRIMARY KEY, -- _security, _local/..., and others\n"
  "  data BLOB NOT NULL -- one zstd frame\n"
  ")",
  NULL,
};

const char *const REPRISE_COUCH_INDEXES[] = {
  "CREATE UNIQUE INDEX revision_by_id ON revision (id, rev)",
  "CREATE INDEX attachment_by_digest ON attachment (digest)",
  "CREATE UNIQUE INDEX piece_by_part ON piece (attachment, part)",
  NULL,
};

/* The code tells what the caller can do; a full disk and the like keep their own domain. */
gboolean
reprise_couch_fail (sqlite3 *db, const char *path, GError **error)
{
  int code = db == NULL ? SQLITE_NOMEM : sqlite3_errcode (db) & 0xff;
  RepriseError ours = REPRISE_ERROR_FAILED;

  if (code == SQLITE_INTERRUPT)
    {
      reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("It was stopped."));
      return FALSE;
    }
  if (code == SQLITE_FULL)
    {
      reprise_error_set (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, _ ("No space is left for “%s”"),
                         path);
      return FALSE;
    }
  if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && db != NULL &&
      sqlite3_system_errno (db) != 0)
    return reprise_set_error_errno (error, sqlite3_system_errno (db), _ ("Could not use “%s”"),
                                    path);
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    ours = REPRISE_ERROR_DAMAGED;
  else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    ours = REPRISE_ERROR_BUSY;
  reprise_error_set (error, REPRISE_ERROR, (int) ours, _ ("Could not use the database “%s”: %s"),
                     path, db == NULL ? sqlite3_errstr (code) : sqlite3_errmsg (db));
  return FALSE;
}

/* @format: what is wrong, in English, for who must find out */
gboolean
reprise_couch_damaged (const char *path, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("The segment “%s” is damaged: %s"), path, what);
  return FALSE;
}

gboolean
reprise_couch_run (sqlite3 *db, const char *path, const char *sql, GError **error)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK ||
         reprise_couch_fail (db, path, error);
}

sqlite3_stmt *
reprise_couch_prepare (sqlite3 *db, const char *path, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v3 (db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) == SQLITE_OK)
    return statement;
  reprise_couch_fail (db, path, error);
  return NULL;
}

/* When there is no row, and on failure, the statement is reset. */
gboolean
reprise_couch_step (sqlite3_stmt *statement, const char *path, gboolean *row, GError **error)
{
  int code = sqlite3_step (statement);
  gboolean ok = code == SQLITE_ROW || code == SQLITE_DONE;

  *row = code == SQLITE_ROW;
  if (!ok)
    reprise_couch_fail (sqlite3_db_handle (statement), path, error);
  if (!*row)
    sqlite3_reset (statement);
  return ok;
}

/* For what has no rows: ready to be bound anew */
gboolean
reprise_couch_finish (sqlite3_stmt *statement, const char *path, GError **error)
{
  int code = sqlite3_step (statement);
  gboolean ok =
    code == SQLITE_DONE || reprise_couch_fail (sqlite3_db_handle (statement), path, error);

  sqlite3_reset (statement);
  return ok;
}

/* (transfer full) (nullable): the first column of the first row */
char *
reprise_couch_get_text (sqlite3 *db, const char *sql, const char *parameter)
{
  g_autoptr (RepriseCouchStmt) statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    return NULL;
  if (parameter != NULL)
    sqlite3_bind_text (statement, 1, parameter, -1, SQLITE_STATIC);
  if (sqlite3_step (statement) != SQLITE_ROW)
    return NULL;
  return g_strdup ((const char *) sqlite3_column_text (statement, 0));
}

/* (transfer full): one zstd frame of at most @max_bytes, which must be all of @data */
GBytes *
reprise_couch_unpack (const char *path,
                      gconstpointer data,
                      gsize size,
                      gsize max_bytes,
                      GError **error)
{
  unsigned long long claimed =
    size == 0 ? ZSTD_CONTENTSIZE_ERROR : ZSTD_getFrameContentSize (data, size);
  g_autofree char *bytes = NULL;
  gsize n;

  if (claimed == ZSTD_CONTENTSIZE_ERROR || claimed == ZSTD_CONTENTSIZE_UNKNOWN ||
      claimed > max_bytes)
    {
      reprise_couch_damaged (path, error, "no zstd frame of a size that is allowed");
      return NULL;
    }
  bytes = g_try_malloc (MAX ((gsize) claimed, 1));
  if (bytes == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT, _ ("“%s” is too large"), path);
      return NULL;
    }
  n = ZSTD_decompress (bytes, (gsize) claimed, data, size);
  if (ZSTD_isError (n) || n != claimed)
    {
      reprise_couch_damaged (path, error, "a zstd frame cannot be unpacked");
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), n);
}
