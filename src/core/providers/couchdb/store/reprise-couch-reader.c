/* reprise-couch-reader.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

#define MAX_REV_BYTES 512
#define ROW_COLUMNS   "n, id, rev, leaf, deleted, sequence, ancestry, block, start, size, sha256"

struct _RepriseCouchReader
{
  guint n_refs; /* streams of attachments hold one */
  char *path;   /* (owned) */
  sqlite3 *db;  /* (owned) */

  sqlite3_stmt *block; /* (owned) */
  RepriseHash *hash;   /* (owned) */
  GBytes *unpacked;    /* (owned) (nullable): the last block that was read */
  gint64 unpacked_n;
};

struct _RepriseCouchCursor
{
  RepriseCouchReader *reader; /* (owned) */
  sqlite3_stmt *rows;         /* (owned) */
};

sqlite3 *
reprise_couch_reader_get_db (RepriseCouchReader *self)
{
  return self->db;
}

void
reprise_couch_reader_ref (RepriseCouchReader *self)
{
  self->n_refs++;
}

void
reprise_couch_reader_free (RepriseCouchReader *self)
{
  if (--self->n_refs > 0)
    return;
  sqlite3_finalize (self->block);
  sqlite3_close_v2 (self->db);
  g_clear_pointer (&self->hash, reprise_hash_free);
  g_clear_pointer (&self->unpacked, g_bytes_unref);
  g_free (self->path);
  g_free (self);
}

const char *
reprise_couch_reader_get_path (RepriseCouchReader *self)
{
  return self->path;
}

/* Immutable: a committed segment is, and no file is made beside it. */
static gboolean
open_db (RepriseCouchReader *self, GError **error)
{
  g_autofree char *escaped = g_uri_escape_string (self->path, "/", FALSE);
  g_autofree char *uri = g_strconcat ("file:", escaped, "?immutable=1", NULL);
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;

  if (sqlite3_open_v2 (uri, &self->db, flags, NULL) != SQLITE_OK)
    return reprise_couch_fail (self->db, self->path, error);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  return reprise_couch_run (self->db, self->path,
                            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                            "PRAGMA query_only = ON; PRAGMA cache_size = -2048",
                            error);
}

static gboolean
get_pragma (RepriseCouchReader *self, const char *sql, gint64 *value, GError **error)
{
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (self->db, self->path, sql, error);
  gboolean row = FALSE;

  if (statement == NULL || !reprise_couch_step (statement, self->path, &row, error))
    return FALSE;
  *value = row ? sqlite3_column_int64 (statement, 0) : 0;
  return TRUE;
}

static gboolean
check_marks (RepriseCouchReader *self, GError **error)
{
  gint64 id = 0, format = 0;

  if (!get_pragma (self, "PRAGMA application_id", &id, error) ||
      !get_pragma (self, "PRAGMA user_version", &format, error))
    return FALSE;
  if (id != REPRISE_COUCH_APPLICATION_ID || format < 1)
    return reprise_couch_damaged (self->path, error, "it is no segment");
  if (format > REPRISE_COUCH_FORMAT)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("The segment “%s” was written by a newer version of Reprise. Update Reprise to use it."),
        self->path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_one_of (const char *const *statements, const char *sql)
{
  return g_strv_contains (statements, sql);
}

/* The schema is ours to the letter: no view, trigger, virtual table or expression of somebody's is ever run. */
static gboolean
check_schema (RepriseCouchReader *self, GError **error)
{
  g_autoptr (RepriseCouchStmt) statement =
    reprise_couch_prepare (self->db, self->path, "SELECT sql FROM sqlite_schema", error);
  guint expected = g_strv_length ((char **) REPRISE_COUCH_TABLES) +
                   g_strv_length ((char **) REPRISE_COUCH_INDEXES);
  guint found = 0;
  gboolean row = FALSE;

  while (statement != NULL)
    {
      const char *sql;

      if (!reprise_couch_step (statement, self->path, &row, error))
        return FALSE;
      if (!row)
        return found == expected || reprise_couch_damaged (self->path, error, "a table is missing");
      sql = (const char *) sqlite3_column_text (statement, 0);
      if (sql == NULL) /* an index that a table brings with it */
        continue;
      if (!is_one_of (REPRISE_COUCH_TABLES, sql) && !is_one_of (REPRISE_COUCH_INDEXES, sql))
        return reprise_couch_damaged (self->path, error, "a table is not as it should be");
      found++;
    }
  return FALSE;
}

/* (transfer full): or %NULL with @error set */
RepriseCouchReader *
reprise_couch_reader_new (const char *path, GError **error)
{
  g_autoptr (RepriseCouchReader) self = g_new0 (RepriseCouchReader, 1);

  self->n_refs = 1;
  self->path = g_strdup (path);
  self->hash = reprise_hash_new ();
  if (!open_db (self, error) || !check_marks (self, error) || !check_schema (self, error))
    return NULL;
  self->block =
    reprise_couch_prepare (self->db, path, "SELECT data FROM block WHERE n = ?1", error);
  return self->block == NULL ? NULL : g_steal_pointer (&self);
}

/* (transfer full) (nullable): what stands under that name in the table “segment” */
char *
reprise_couch_reader_dup (RepriseCouchReader *self, const char *name)
{
  return reprise_couch_get_text (self->db, "SELECT value FROM segment WHERE name = ?1", name);
}

static RepriseCouchCursor *
make_cursor (RepriseCouchReader *self, const char *sql, GError **error)
{
  sqlite3_stmt *rows = reprise_couch_prepare (self->db, self->path, sql, error);
  RepriseCouchCursor *cursor;

  if (rows == NULL)
    return NULL;
  cursor = g_new0 (RepriseCouchCursor, 1);
  cursor->reader = self;
  reprise_couch_reader_ref (self);
  cursor->rows = rows;
  return cursor;
}

/* (transfer full): all rows in the order of arrival, which is the quick one to read bodies in */
RepriseCouchCursor *
reprise_couch_reader_list (RepriseCouchReader *self, GError **error)
{
  return make_cursor (self, "SELECT " ROW_COLUMNS " FROM revision ORDER BY n", error);
}

/* (transfer full): all rows by id, then revision, in the order of their bytes; @from_id: (nullable): from there on */
RepriseCouchCursor *
reprise_couch_reader_list_sorted (RepriseCouchReader *self, const char *from_id, GError **error)
{
  RepriseCouchCursor *cursor =
    make_cursor (self,
                 "SELECT " ROW_COLUMNS " FROM revision INDEXED BY revision_by_id WHERE id >= ?1 "
                 "ORDER BY id, rev",
                 error);

  if (cursor != NULL)
    sqlite3_bind_text (cursor->rows, 1, from_id == NULL ? "" : from_id, -1, SQLITE_TRANSIENT);
  return cursor;
}

/* (transfer full): the rows of one document */
RepriseCouchCursor *
reprise_couch_reader_find (RepriseCouchReader *self, const char *id, GError **error)
{
  RepriseCouchCursor *cursor = make_cursor (
    self, "SELECT " ROW_COLUMNS " FROM revision INDEXED BY revision_by_id WHERE id = ?1", error);

  if (cursor != NULL)
    sqlite3_bind_text (cursor->rows, 1, id, -1, SQLITE_TRANSIENT);
  return cursor;
}

void
reprise_couch_cursor_free (RepriseCouchCursor *self)
{
  sqlite3_finalize (self->rows);
  reprise_couch_reader_free (self->reader);
  g_free (self);
}

/* Whether the numbers of a row make sense: nothing that reads it need look again. */
static gboolean
check_row (const RepriseCouchRow *row, const guint8 *sha256, int n_sha256)
{
  if (row->id == NULL || *row->id == '\0' || row->rev == NULL || strlen (row->rev) > MAX_REV_BYTES)
    return FALSE;
  if (row->held)
    return TRUE;
  return sha256 != NULL && n_sha256 == REPRISE_COUCH_DIGEST_BYTES && row->start >= 0 &&
         row->size >= 0 && row->start <= REPRISE_COUCH_MAX_BODY_BYTES &&
         row->size <= REPRISE_COUCH_MAX_BODY_BYTES;
}

static gboolean
fill_row (RepriseCouchCursor *self, RepriseCouchRow *row, GError **error)
{
  sqlite3_stmt *rows = self->rows;
  const guint8 *sha256 = sqlite3_column_blob (rows, 10);

  row->n = sqlite3_column_int64 (rows, 0);
  row->id = (const char *) sqlite3_column_text (rows, 1);
  row->rev = (const char *) sqlite3_column_text (rows, 2);
  row->leaf = sqlite3_column_int (rows, 3) != 0;
  row->deleted = sqlite3_column_int (rows, 4) != 0;
  row->sequence = (const char *) sqlite3_column_text (rows, 5);
  row->ancestry = (const char *) sqlite3_column_text (rows, 6);
  row->gone = row->rev != NULL && *row->rev == '\0';
  row->held = sqlite3_column_type (rows, 7) == SQLITE_NULL && !row->gone;
  row->block = sqlite3_column_int64 (rows, 7);
  row->start = sqlite3_column_int64 (rows, 8);
  row->size = row->held || row->gone ? 0 : sqlite3_column_int64 (rows, 9);
  if (!row->gone && !check_row (row, sha256, sqlite3_column_bytes (rows, 10)))
    return reprise_couch_damaged (self->reader->path, error, "revision %" G_GINT64_FORMAT, row->n);
  if (!row->held && !row->gone)
    memcpy (row->sha256, sha256, sizeof row->sha256);
  return TRUE;
}

/* @more: (out): whether there is a row. Several cursors of a reader may be open. */
gboolean
reprise_couch_cursor_next (RepriseCouchCursor *self,
                           RepriseCouchRow *row,
                           gboolean *more,
                           GError **error)
{
  memset (row, 0, sizeof *row);
  if (!reprise_couch_step (self->rows, self->reader->path, more, error))
    return FALSE;
  return !*more || fill_row (self, row, error);
}

/* The last one is kept: rows in the order of arrival use each block once. */
static GBytes *
get_block (RepriseCouchReader *self, gint64 n, GError **error)
{
  gboolean row = FALSE;
  gconstpointer data;

  if (self->unpacked != NULL && self->unpacked_n == n)
    return self->unpacked;
  g_clear_pointer (&self->unpacked, g_bytes_unref);
  sqlite3_bind_int64 (self->block, 1, n);
  if (!reprise_couch_step (self->block, self->path, &row, error))
    return NULL;
  if (!row)
    {
      reprise_couch_damaged (self->path, error, "block %" G_GINT64_FORMAT " is missing", n);
      return NULL;
    }
  data = sqlite3_column_blob (self->block, 0);
  self->unpacked =
    reprise_couch_unpack (self->path, data, (gsize) sqlite3_column_bytes (self->block, 0),
                          REPRISE_COUCH_MAX_BODY_BYTES, error);
  self->unpacked_n = n;
  sqlite3_reset (self->block);
  return self->unpacked;
}

/**
 * reprise_couch_reader_read_body:
 *
 * Returns: (transfer full): the document as it was received, its digest checked; or %NULL with %REPRISE_ERROR_DAMAGED, or
 *   %REPRISE_ERROR_NOT_FOUND of a row whose body is not here
 */
GBytes *
reprise_couch_reader_read_body (RepriseCouchReader *self,
                                const RepriseCouchRow *row,
                                GError **error)
{
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
  const guint8 *data;
  GBytes *block;
  gsize size = 0;

  if (row->held || row->gone)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("“%s” does not hold the revision %s of “%s”"), self->path, row->rev,
                         row->id);
      return NULL;
    }
  block = get_block (self, row->block, error);
  if (block == NULL)
    return NULL;
  data = g_bytes_get_data (block, &size);
  if (row->start + row->size <= (gint64) size)
    {
      reprise_hash_update (self->hash, data + row->start, (gsize) row->size);
      reprise_hash_finish_raw (self->hash, sha256);
      if (memcmp (sha256, row->sha256, sizeof sha256) == 0)
        return g_bytes_new_from_bytes (block, (gsize) row->start, (gsize) row->size);
    }
  reprise_couch_damaged (self->path, error, "revision %" G_GINT64_FORMAT " is not what was stored",
                         row->n);
  return NULL;
}

static void
clear_link (gpointer data)
{
  g_free ((char *) ((RepriseCouchLink *) data)->name);
}

/* (transfer full) (element-type RepriseCouchLink): the attachments of row @n, by name */
GArray *
reprise_couch_reader_list_links (RepriseCouchReader *self, gint64 n, GError **error)
{
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (
    self->db, self->path, "SELECT name, sha256 FROM link WHERE revision = ?1 ORDER BY name", error);
  g_autoptr (GArray) links = g_array_new (FALSE, TRUE, sizeof (RepriseCouchLink));
  gboolean row = TRUE;

  g_array_set_clear_func (links, clear_link);
  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, n);
  while (reprise_couch_step (statement, self->path, &row, error))
    {
      RepriseCouchLink link = { NULL };

      if (!row)
        return g_steal_pointer (&links);
      if (sqlite3_column_bytes (statement, 1) != REPRISE_COUCH_DIGEST_BYTES ||
          sqlite3_column_text (statement, 0) == NULL)
        {
          reprise_couch_damaged (self->path, error, "link of revision %" G_GINT64_FORMAT, n);
          return NULL;
        }
      memcpy (link.sha256, sqlite3_column_blob (statement, 1), sizeof link.sha256);
      link.name = g_strdup ((const char *) sqlite3_column_text (statement, 0));
      g_array_append_val (links, link);
    }
  return NULL;
}

static RepriseCouchAttachment *
read_attachment (RepriseCouchReader *self, sqlite3_stmt *statement, GError **error)
{
  g_autoptr (RepriseCouchAttachment) attachment = NULL;
  gboolean row = FALSE;

  if (!reprise_couch_step (statement, self->path, &row, error))
    return NULL;
  if (!row)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("“%s” does not hold that attachment"), self->path);
      return NULL;
    }
  attachment = g_new0 (RepriseCouchAttachment, 1);
  attachment->n = sqlite3_column_int64 (statement, 0);
  attachment->digest = g_strdup ((const char *) sqlite3_column_text (statement, 2));
  attachment->encoding = g_strdup ((const char *) sqlite3_column_text (statement, 3));
  attachment->size = sqlite3_column_int64 (statement, 4);
  if (sqlite3_column_bytes (statement, 1) != REPRISE_COUCH_DIGEST_BYTES || attachment->size < 0 ||
      attachment->digest == NULL)
    {
      reprise_couch_damaged (self->path, error, "attachment %" G_GINT64_FORMAT, attachment->n);
      return NULL;
    }
  memcpy (attachment->sha256, sqlite3_column_blob (statement, 1), sizeof attachment->sha256);
  return g_steal_pointer (&attachment);
}

/* (transfer full): or %NULL with %REPRISE_ERROR_NOT_FOUND: an earlier segment may hold it */
RepriseCouchAttachment *
reprise_couch_reader_find_attachment (RepriseCouchReader *self,
                                      const guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
                                      GError **error)
{
  static const char sql[] =
    "SELECT n, sha256, digest, encoding, size FROM attachment WHERE sha256 = ?1";
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (self->db, self->path, sql, error);

  if (statement == NULL)
    return NULL;
  sqlite3_bind_blob (statement, 1, sha256, REPRISE_COUCH_DIGEST_BYTES, SQLITE_STATIC);
  return read_attachment (self, statement, error);
}

/* The same by the server's digest */
RepriseCouchAttachment *
reprise_couch_reader_find_attachment_by_digest (RepriseCouchReader *self,
                                                const char *digest,
                                                GError **error)
{
  static const char sql[] =
    "SELECT n, sha256, digest, encoding, size FROM attachment WHERE digest = ?1";
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (self->db, self->path, sql, error);

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, digest, -1, SQLITE_STATIC);
  return read_attachment (self, statement, error);
}

/* (transfer full) (array zero-terminated=1): their names, sorted */
char **
reprise_couch_reader_list_extras (RepriseCouchReader *self, GError **error)
{
  g_autoptr (RepriseCouchStmt) statement =
    reprise_couch_prepare (self->db, self->path, "SELECT name FROM extra ORDER BY name", error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  gboolean row = TRUE;

  if (statement == NULL)
    return NULL;
  while (reprise_couch_step (statement, self->path, &row, error))
    {
      const char *name = row ? (const char *) sqlite3_column_text (statement, 0) : NULL;

      if (!row)
        return g_strv_builder_end (names);
      if (name != NULL)
        g_strv_builder_add (names, name);
    }
  return NULL;
}

/* (transfer full): or %NULL with %REPRISE_ERROR_NOT_FOUND */
GBytes *
reprise_couch_reader_read_extra (RepriseCouchReader *self, const char *name, GError **error)
{
  g_autoptr (RepriseCouchStmt) statement =
    reprise_couch_prepare (self->db, self->path, "SELECT data FROM extra WHERE name = ?1", error);
  gboolean row = FALSE;
  gconstpointer data;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  if (!reprise_couch_step (statement, self->path, &row, error))
    return NULL;
  if (!row)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("“%s” does not hold “%s”"), self->path, name);
      return NULL;
    }
  data = sqlite3_column_blob (statement, 0);
  return reprise_couch_unpack (self->path, data, (gsize) sqlite3_column_bytes (statement, 0),
                               REPRISE_COUCH_MAX_BODY_BYTES, error);
}

static gboolean
check_integrity (RepriseCouchReader *self, GError **error)
{
  g_autofree char *finding = reprise_couch_get_text (self->db, "PRAGMA integrity_check (1)", NULL);

  return g_strcmp0 (finding, "ok") == 0 ||
         reprise_couch_damaged (self->path, error, "%s", finding == NULL ? "" : finding);
}

static gboolean
verify_bodies (RepriseCouchReader *self,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseCouchCursor) cursor = reprise_couch_reader_list (self, error);
  RepriseCouchRow row;
  gboolean more = TRUE;

  while (cursor != NULL)
    {
      g_autoptr (GBytes) body = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !reprise_couch_cursor_next (cursor, &row, &more, error))
        return FALSE;
      if (!more)
        return TRUE;
      if (!row.held && !row.gone &&
          (body = reprise_couch_reader_read_body (self, &row, error)) == NULL)
        return FALSE;
      reprise_progress_add_items (progress, 1);
      reprise_progress_add_bytes (progress, row.size);
    }
  return FALSE;
}

static gboolean
verify_attachment (RepriseCouchReader *self,
                   sqlite3_stmt *statement,
                   RepriseProgress *progress,
                   GCancellable *cancellable,
                   GError **error)
{
  RepriseCouchAttachment attachment = { .n = sqlite3_column_int64 (statement, 0),
                                        .size = sqlite3_column_int64 (statement, 2) };
  g_autoptr (GInputStream) stream = NULL;
  guint8 buffer[16384];
  gssize n;

  if (sqlite3_column_bytes (statement, 1) != REPRISE_COUCH_DIGEST_BYTES)
    return reprise_couch_damaged (self->path, error, "attachment %" G_GINT64_FORMAT, attachment.n);
  memcpy (attachment.sha256, sqlite3_column_blob (statement, 1), sizeof attachment.sha256);
  stream = reprise_couch_reader_open_attachment (self, &attachment, error);
  if (stream == NULL)
    return FALSE;
  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, cancellable, error)) > 0)
    reprise_progress_add_bytes (progress, n);
  return n == 0;
}

static gboolean
verify_attachments (RepriseCouchReader *self,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (
    self->db, self->path, "SELECT n, sha256, size FROM attachment ORDER BY n", error);
  gboolean row = TRUE;

  while (statement != NULL)
    {
      if (!reprise_couch_step (statement, self->path, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      if (!verify_attachment (self, statement, progress, cancellable, error))
        return FALSE;
    }
  return FALSE;
}

/**
 * reprise_couch_reader_verify:
 *
 * Reads all of it: SQLite's own check, and the digest of every body and attachment.
 */
gboolean
reprise_couch_reader_verify (RepriseCouchReader *self,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  return check_integrity (self, error) && verify_bodies (self, progress, cancellable, error) &&
         verify_attachments (self, progress, cancellable, error);
}

/**
 * reprise_couch_readers_look_up:
 * @readers: (element-type RepriseCouchReader): the newest first
 * @rev: (nullable): whether that is a leaf in it
 *
 * What the newest segment that knows the document says of it.
 */
gboolean
reprise_couch_readers_look_up (GPtrArray *readers,
                               const char *id,
                               const char *rev,
                               gboolean *known,
                               gboolean *has_rev,
                               gboolean *is_live,
                               GError **error)
{
  *known = *has_rev = *is_live = FALSE;
  for (guint i = 0; i < readers->len && !*known; i++)
    {
      g_autoptr (RepriseCouchCursor) cursor =
        reprise_couch_reader_find (readers->pdata[i], id, error);
      gboolean more = TRUE;
      RepriseCouchRow row;

      if (cursor == NULL)
        return FALSE;
      while (more)
        {
          if (!reprise_couch_cursor_next (cursor, &row, &more, error))
            return FALSE;
          if (!more)
            break;
          *known = TRUE;
          *has_rev |= row.leaf && g_strcmp0 (row.rev, rev) == 0;
          *is_live |= row.leaf && !row.deleted && !row.gone;
        }
    }
  return TRUE;
}
