/* reprise-couch-writer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/couchdb/store/reprise-couch-id-set.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

#define LEVEL               1 /* of zstd: three times as fast as 3, a few percent larger */
#define PROGRESS_STEPS      10000
#define MAX_KNOWN_IDS       900000 /* in 8 MiB; beyond so many, the index says what was seen */
#define SMALL_BYTES         (1024 * 1024)
#define ROW_BYTES           256 /* what a row takes, about */
#define WRITER_CACHE_PRAGMA "PRAGMA cache_size = -8192"

/* From the first byte to the commit:
 *
 *   <path>.partial made 0600 → tables → rows and blocks, a transaction from checkpoint to checkpoint → indexes → transaction closed and
 *   journal gone → fsync → <path>.partial becomes <path> → its folder synced. */
struct _RepriseCouchWriter
{
  char *path;    /* (owned) */
  char *partial; /* (owned) */
  sqlite3 *db;   /* (owned) (nullable): gone with the commit */
  gboolean resumed;
  gboolean committed;

  sqlite3_stmt *insert; /* (owned): a revision */
  sqlite3_stmt *forget; /* (owned): all of a document are no leaves any more */
  sqlite3_stmt *find;   /* (owned): one revision of a document */
  sqlite3_stmt *revive; /* (owned): that is a leaf all the same */
  sqlite3_stmt *block;  /* (owned) */
  sqlite3_stmt *link;   /* (owned) */

  ZSTD_CCtx *zstd;   /* (owned) */
  RepriseHash *hash; /* (owned) */
  guint8 *packed;    /* (owned) */
  gsize packed_size;
  guint8 *bodies; /* (owned): the block that is being filled */
  gsize n_bodies_bytes;
  gint64 next_block;

  RepriseCouchIdSet *known; /* (owned) (nullable): ids told so far; %NULL once the index says so */
  gboolean indexed;
  gboolean in_document;
  gboolean again;  /* the document was told before in this run */
  char *id;        /* (owned) (nullable): of the document that is being told */
  char *sequence;  /* (owned) (nullable) */
  GPtrArray *told; /* (owned) (element-type utf8): its leaves so far */

  int n_incoming;
  sqlite3_int64 next_attachment;
  guint64 n_revisions;
  guint64 stored_bytes;
  guint64 unsaved_bytes;
};

sqlite3 *
reprise_couch_writer_get_db (RepriseCouchWriter *self)
{
  return self->db;
}

const char *
reprise_couch_writer_get_path (RepriseCouchWriter *self)
{
  return self->path;
}

sqlite3_int64
reprise_couch_writer_take_attachment_n (RepriseCouchWriter *self)
{
  return self->next_attachment++;
}

void
reprise_couch_writer_count_bytes (RepriseCouchWriter *self, gsize bytes)
{
  self->stored_bytes += bytes;
  self->unsaved_bytes += bytes;
}

void
reprise_couch_writer_count_incoming (RepriseCouchWriter *self, int change)
{
  self->n_incoming += change;
}

static void
close_db (RepriseCouchWriter *self)
{
  sqlite3_stmt **const statements[] = { &self->insert, &self->forget, &self->find,
                                        &self->revive, &self->block,  &self->link };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    g_clear_pointer (statements[i], sqlite3_finalize);
  g_clear_pointer (&self->db, sqlite3_close_v2);
}

/* Without a commit: what the last checkpoint saved stays as `<path>.partial`. */
void
reprise_couch_writer_free (RepriseCouchWriter *self)
{
  close_db (self);
  ZSTD_freeCCtx (self->zstd);
  g_clear_pointer (&self->hash, reprise_hash_free);
  g_clear_pointer (&self->known, reprise_couch_id_set_free);
  g_clear_pointer (&self->told, g_ptr_array_unref);
  g_free (self->packed);
  g_free (self->bodies);
  g_free (self->id);
  g_free (self->sequence);
  g_free (self->partial);
  g_free (self->path);
  g_free (self);
}

static gboolean
open_db (RepriseCouchWriter *self, GError **error)
{
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

  if (sqlite3_open_v2 (self->partial, &self->db, flags, NULL) != SQLITE_OK)
    return reprise_couch_fail (self->db, self->partial, error);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  return reprise_couch_run (
    self->db, self->path,
    "PRAGMA trusted_schema = OFF; PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;" WRITER_CACHE_PRAGMA,
    error);
}

static gboolean
run_all (RepriseCouchWriter *self, const char *const *statements, GError **error)
{
  for (guint i = 0; statements[i] != NULL; i++)
    if (!reprise_couch_run (self->db, self->path, statements[i], error))
      return FALSE;
  return TRUE;
}

/* All but the one that is made late: they are small. In the first transaction, so that before its checkpoint there is nothing. */
static gboolean
make_tables (RepriseCouchWriter *self, GError **error)
{
  g_autofree char *mark = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                           REPRISE_COUCH_APPLICATION_ID, REPRISE_COUCH_FORMAT);

  return reprise_couch_run (self->db, self->path, "PRAGMA page_size = 4096; BEGIN IMMEDIATE",
                            error) &&
         reprise_couch_run (self->db, self->path, mark, error) &&
         run_all (self, REPRISE_COUCH_TABLES, error) &&
         run_all (self, REPRISE_COUCH_INDEXES + REPRISE_COUCH_BY_ID + 1, error);
}

static gint64
get_int (RepriseCouchWriter *self, const char *sql)
{
  g_autofree char *text = reprise_couch_get_text (self->db, sql, NULL);

  return text == NULL ? 0 : g_ascii_strtoll (text, NULL, 10);
}

/* An index instead of the set: for many ids, for those of an earlier process, and for what is told again */
static gboolean
make_index (RepriseCouchWriter *self, GError **error)
{
  g_autofree char *there = NULL;

  if (self->indexed)
    return TRUE;
  there = reprise_couch_get_text (
    self->db, "SELECT 1 FROM sqlite_schema WHERE name = 'revision_by_id'", NULL);
  if (there == NULL &&
      !reprise_couch_run (self->db, self->path, REPRISE_COUCH_INDEXES[REPRISE_COUCH_BY_ID], error))
    return FALSE;
  self->indexed = TRUE;
  return TRUE;
}

/* Attachments that were being stored when the process ended */
static gboolean
take_up (RepriseCouchWriter *self, GError **error)
{
  static const char sql[] =
    "BEGIN IMMEDIATE; DELETE FROM piece WHERE attachment NOT IN (SELECT n FROM attachment)";

  if (get_int (self, "PRAGMA user_version") != REPRISE_COUCH_FORMAT ||
      get_int (self, "PRAGMA application_id") != REPRISE_COUCH_APPLICATION_ID)
    return reprise_couch_damaged (self->partial, error, "it is no unfinished segment");
  if (!reprise_couch_run (self->db, self->path, sql, error) || !make_index (self, error))
    return FALSE;
  self->next_block = get_int (self, "SELECT max (n) FROM block") + 1;
  self->next_attachment = get_int (self, "SELECT max (n) FROM attachment") + 1;
  self->n_revisions = (guint64) get_int (self, "SELECT count (*) FROM revision");
  return TRUE;
}

static gboolean
prepare (RepriseCouchWriter *self, GError **error)
{
  const struct
  {
    sqlite3_stmt **statement;
    const char *sql;
  } all[] = {
    { &self->insert, "INSERT INTO revision (id, rev, deleted, sequence, ancestry, block, start, "
                     "size, sha256, leaf) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)" },
    { &self->forget, "UPDATE revision SET leaf = 0 WHERE id = ?1" },
    { &self->find, "SELECT n, block FROM revision WHERE id = ?1 AND rev = ?2" },
    { &self->revive,
      "UPDATE revision SET leaf = 1, deleted = ?2, sequence = ifnull (?3, sequence), "
      "ancestry = ifnull (?4, ancestry), block = ifnull (?5, block), start = ifnull (?6, start), "
      "size = ifnull (?7, size), sha256 = ifnull (?8, sha256) WHERE n = ?1" },
    { &self->block, "INSERT INTO block (n, data) VALUES (?1, ?2)" },
    { &self->link, "INSERT OR REPLACE INTO link (revision, name, sha256) VALUES (?1, ?2, ?3)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      *all[i].statement = reprise_couch_prepare (self->db, self->path, all[i].sql, error);
      if (*all[i].statement == NULL)
        return FALSE;
    }
  return TRUE;
}

/* An empty file, or one without tables, is of a process that ended at once. A transaction is open from now on. */
static gboolean
make_or_take_up (RepriseCouchWriter *self, GError **error)
{
  if (!reprise_file_make_private (self->partial, error) || !open_db (self, error))
    return FALSE;
  self->resumed = get_int (self, "SELECT count (*) FROM sqlite_schema") > 0;
  return (self->resumed ? take_up (self, error) : make_tables (self, error)) &&
         prepare (self, error);
}

/**
 * reprise_couch_writer_new:
 * @path: of the segment to be; one that is there is %REPRISE_ERROR_EXISTS. Where `<path>.partial` is there, it is gone on with
 *
 * Returns: (transfer full): the writer, or %NULL with @error set; %REPRISE_ERROR_DAMAGED where what is there cannot be gone on with:
 *   reprise_couch_writer_discard() it
 */
RepriseCouchWriter *
reprise_couch_writer_new (const char *path, GError **error)
{
  g_autoptr (RepriseCouchWriter) self = g_new0 (RepriseCouchWriter, 1);

  self->told = g_ptr_array_new_with_free_func (g_free);
  self->path = g_strdup (path);
  self->partial = g_strconcat (path, REPRISE_COUCH_PARTIAL, NULL);
  self->next_block = self->next_attachment = 1;
  if (access (path, F_OK) == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS, _ ("“%s” is there already"),
                         path);
      return NULL;
    }
  if (!make_or_take_up (self, error))
    return NULL;
  self->zstd = ZSTD_createCCtx ();
  ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_compressionLevel, LEVEL);
  ZSTD_CCtx_setParameter (self->zstd, ZSTD_c_checksumFlag, 1);
  self->hash = reprise_hash_new ();
  self->bodies = g_malloc (REPRISE_COUCH_BLOCK_BYTES);
  if (!self->indexed)
    self->known = reprise_couch_id_set_new (MAX_KNOWN_IDS);
  return g_steal_pointer (&self);
}

/* Whether it goes on from a checkpoint of another process: see %REPRISE_COUCH_SEQUENCE. */
gboolean
reprise_couch_writer_is_resumed (RepriseCouchWriter *self)
{
  return self->resumed;
}

/* Saved with the next checkpoint. */
gboolean
reprise_couch_writer_set (RepriseCouchWriter *self,
                          const char *name,
                          const char *value,
                          GError **error)
{
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (
    self->db, self->path, "INSERT OR REPLACE INTO segment (name, value) VALUES (?1, ?2)", error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, value, -1, SQLITE_STATIC);
  return reprise_couch_finish (statement, self->path, error);
}

/* (transfer full) (nullable) */
char *
reprise_couch_writer_dup (RepriseCouchWriter *self, const char *name)
{
  return reprise_couch_get_text (self->db, "SELECT value FROM segment WHERE name = ?1", name);
}

/* @packed: (out): valid until the next call. Returns: its size, 0 on failure */
gsize
reprise_couch_writer_pack (RepriseCouchWriter *self,
                           gconstpointer data,
                           gsize size,
                           gconstpointer *packed,
                           GError **error)
{
  gsize bound = ZSTD_compressBound (size), n;

  if (self->packed_size < bound)
    {
      g_free (self->packed);
      self->packed = g_malloc (bound);
      self->packed_size = bound;
    }
  n = ZSTD_compress2 (self->zstd, self->packed, self->packed_size, data, size);
  if (ZSTD_isError (n))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, "zstd: %s",
                         ZSTD_getErrorName (n));
      return 0;
    }
  *packed = self->packed;
  return n;
}

/* A large body's buffer is not kept. */
static void
shrink (RepriseCouchWriter *self)
{
  if (self->packed_size <= 2 * REPRISE_COUCH_PIECE_BYTES)
    return;
  g_clear_pointer (&self->packed, g_free);
  self->packed_size = 0;
}

static gboolean
store_block (RepriseCouchWriter *self, gconstpointer data, gsize size, GError **error)
{
  gconstpointer packed = NULL;
  gsize n = reprise_couch_writer_pack (self, data, size, &packed, error);
  gboolean ok;

  if (n == 0)
    return FALSE;
  sqlite3_bind_int64 (self->block, 1, self->next_block);
  sqlite3_bind_blob64 (self->block, 2, packed, n, SQLITE_STATIC);
  ok = reprise_couch_finish (self->block, self->path, error);
  sqlite3_clear_bindings (self->block);
  self->next_block++;
  reprise_couch_writer_count_bytes (self, n);
  shrink (self);
  return ok;
}

static gboolean
flush_block (RepriseCouchWriter *self, GError **error)
{
  gsize size = self->n_bodies_bytes;

  self->n_bodies_bytes = 0;
  return size == 0 || store_block (self, self->bodies, size, error);
}

/* @block, @start: (out): where it will be */
static gboolean
place_body (RepriseCouchWriter *self,
            gconstpointer body,
            gsize size,
            gint64 *block,
            gint64 *start,
            GError **error)
{
  if (size >= REPRISE_COUCH_MAX_BODY_BYTES)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                         _ ("A document of “%s” is larger than what can be kept"), self->path);
      return FALSE;
    }
  if (self->n_bodies_bytes + size + 1 > REPRISE_COUCH_BLOCK_BYTES && !flush_block (self, error))
    return FALSE;
  *block = self->next_block;
  *start = (gint64) self->n_bodies_bytes;
  if (size + 1 > REPRISE_COUCH_BLOCK_BYTES)
    return store_block (self, body, size, error);
  memcpy (self->bodies + self->n_bodies_bytes, body, size);
  self->n_bodies_bytes += size;
  self->bodies[self->n_bodies_bytes++] = '\n';
  return TRUE;
}

/* Whether the document was told before in this run */
static gboolean
look_up (RepriseCouchWriter *self, GError **error)
{
  if (self->known == NULL)
    {
      self->again = TRUE;
      return TRUE;
    }
  self->again = reprise_couch_id_set_add (self->known, self->id);
  if (reprise_couch_id_set_is_full (self->known))
    g_clear_pointer (&self->known, reprise_couch_id_set_free);
  return (self->known != NULL && !self->again) || make_index (self, error);
}

/**
 * reprise_couch_writer_begin_document:
 * @sequence: (nullable): of its row in the feed, where it shall be kept: it may be long
 */
gboolean
reprise_couch_writer_begin_document (RepriseCouchWriter *self,
                                     const char *id,
                                     const char *sequence,
                                     GError **error)
{
  g_return_val_if_fail (!self->in_document, FALSE);

  g_free (self->id);
  self->id = g_strdup (id);
  g_free (self->sequence);
  self->sequence = g_strdup (sequence);
  g_ptr_array_set_size (self->told, 0);
  if (!look_up (self, error))
    return FALSE;
  if (self->again)
    {
      sqlite3_bind_text (self->forget, 1, self->id, -1, SQLITE_STATIC);
      if (!reprise_couch_finish (self->forget, self->path, error))
        return FALSE;
      self->again = sqlite3_changes (self->db) > 0;
    }
  self->in_document = TRUE;
  return TRUE;
}

/* @n: (out): its row, 0 where there is none; @has_body: (out): whether its body is here */
static gboolean
find_revision (RepriseCouchWriter *self,
               const char *rev,
               gint64 *n,
               gboolean *has_body,
               GError **error)
{
  gboolean row = FALSE;

  *n = 0;
  *has_body = FALSE;
  if (!self->again)
    return TRUE;
  sqlite3_bind_text (self->find, 1, self->id, -1, SQLITE_STATIC);
  sqlite3_bind_text (self->find, 2, rev, -1, SQLITE_STATIC);
  if (!reprise_couch_step (self->find, self->path, &row, error))
    return FALSE;
  if (row)
    {
      *n = sqlite3_column_int64 (self->find, 0);
      *has_body = sqlite3_column_type (self->find, 1) != SQLITE_NULL;
    }
  sqlite3_reset (self->find);
  return TRUE;
}

static void
bind_body (sqlite3_stmt *statement,
           int first,
           gint64 block,
           gint64 start,
           gsize size,
           const guint8 *sha256)
{
  sqlite3_bind_int64 (statement, first, block);
  sqlite3_bind_int64 (statement, first + 1, start);
  sqlite3_bind_int64 (statement, first + 2, (gint64) size);
  sqlite3_bind_blob (statement, first + 3, sha256, REPRISE_COUCH_DIGEST_BYTES, SQLITE_STATIC);
}

static gboolean
add_links (RepriseCouchWriter *self,
           gint64 n,
           const RepriseCouchLink *links,
           guint n_links,
           GError **error)
{
  for (guint i = 0; i < n_links; i++)
    {
      sqlite3_bind_int64 (self->link, 1, n);
      sqlite3_bind_text (self->link, 2, links[i].name, -1, SQLITE_STATIC);
      sqlite3_bind_blob (self->link, 3, links[i].sha256, REPRISE_COUCH_DIGEST_BYTES, SQLITE_STATIC);
      if (!reprise_couch_finish (self->link, self->path, error))
        return FALSE;
    }
  return TRUE;
}

/* @n: the row that is there already, or 0; @store: whether the body goes with it */
static gboolean
put_row (RepriseCouchWriter *self,
         gint64 n,
         const RepriseCouchLeaf *leaf,
         gboolean store,
         GError **error)
{
  sqlite3_stmt *statement = n == 0 ? self->insert : self->revive;
  int deleted = n == 0 ? 3 : 2;
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
  gint64 block = 0, start = 0;
  gboolean ok;

  if (store)
    {
      if (!place_body (self, leaf->body, leaf->size, &block, &start, error))
        return FALSE;
      reprise_hash_update (self->hash, leaf->body, leaf->size);
      reprise_hash_finish_raw (self->hash, sha256);
      bind_body (statement, deleted + 3, block, start, leaf->size, sha256);
    }
  if (n == 0)
    {
      sqlite3_bind_text (statement, 1, self->id, -1, SQLITE_STATIC);
      sqlite3_bind_text (statement, 2, leaf->rev, -1, SQLITE_STATIC);
      sqlite3_bind_int (statement, 10, 1);
    }
  else
    sqlite3_bind_int64 (statement, 1, n);
  sqlite3_bind_int (statement, deleted, leaf->deleted ? 1 : 0);
  sqlite3_bind_text (statement, deleted + 1, self->sequence, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, deleted + 2, leaf->ancestry, -1, SQLITE_STATIC);
  ok = reprise_couch_finish (statement, self->path, error);
  sqlite3_clear_bindings (statement);
  if (ok && n == 0)
    n = sqlite3_last_insert_rowid (self->db);
  return ok && (!store || add_links (self, n, leaf->links, leaf->n_links, error));
}

/* Documents have few leaves. */
static gboolean
was_told (RepriseCouchWriter *self, const char *rev)
{
  for (guint i = 0; i < self->told->len; i++)
    if (g_str_equal (self->told->pdata[i], rev))
      return TRUE;
  return FALSE;
}

/**
 * reprise_couch_writer_add_leaf:
 *
 * A leaf without a body is held by an earlier segment, or by this one, of a telling before. %REPRISE_ERROR_LIMIT where the body is larger
 * than %REPRISE_COUCH_MAX_BODY_BYTES.
 */
gboolean
reprise_couch_writer_add_leaf (RepriseCouchWriter *self,
                               const RepriseCouchLeaf *leaf,
                               GError **error)
{
  gboolean has_body = FALSE;
  gint64 n = 0;

  g_return_val_if_fail (self->in_document, FALSE);

  if (was_told (self, leaf->rev) && !self->again)
    {
      self->again = TRUE;
      if (!make_index (self, error))
        return FALSE;
    }
  if (!find_revision (self, leaf->rev, &n, &has_body, error) ||
      !put_row (self, n, leaf, leaf->body != NULL && !has_body, error))
    return FALSE;
  if (n == 0)
    {
      self->n_revisions++;
      self->unsaved_bytes += ROW_BYTES;
    }
  g_ptr_array_add (self->told, g_strdup (leaf->rev));
  return TRUE;
}

/* Where no leaf was told, the document is gone. */
gboolean
reprise_couch_writer_end_document (RepriseCouchWriter *self, GError **error)
{
  const RepriseCouchLeaf none = { .rev = "", .deleted = TRUE };

  g_return_val_if_fail (self->in_document, FALSE);

  if (self->told->len == 0 && !reprise_couch_writer_add_leaf (self, &none, error))
    return FALSE;
  self->in_document = FALSE;
  return TRUE;
}

/**
 * reprise_couch_writer_copy_row:
 * @row: of another segment; its place in blocks is not looked at
 * @body: (nullable): %NULL where it is held by an earlier one, or gone
 *
 * For roll-ups, which know that no revision comes twice. Documents need not be told whole.
 */
gboolean
reprise_couch_writer_copy_row (RepriseCouchWriter *self,
                               const RepriseCouchRow *row,
                               gboolean leaf,
                               GBytes *body,
                               GArray *links,
                               GError **error)
{
  sqlite3_stmt *statement = self->insert;
  gint64 block = 0, start = 0;
  gboolean ok;

  if (body != NULL)
    {
      if (!place_body (self, g_bytes_get_data (body, NULL), g_bytes_get_size (body), &block, &start,
                       error))
        return FALSE;
      bind_body (statement, 6, block, start, g_bytes_get_size (body), row->sha256);
    }
  sqlite3_bind_text (statement, 1, row->id, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, row->rev, -1, SQLITE_STATIC);
  sqlite3_bind_int (statement, 3, row->deleted ? 1 : 0);
  sqlite3_bind_text (statement, 4, row->sequence, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 5, row->ancestry, -1, SQLITE_STATIC);
  sqlite3_bind_int (statement, 10, leaf ? 1 : 0);
  ok = reprise_couch_finish (statement, self->path, error);
  sqlite3_clear_bindings (statement);
  self->n_revisions++;
  self->unsaved_bytes += ROW_BYTES;
  return ok && (links == NULL ||
                add_links (self, sqlite3_last_insert_rowid (self->db),
                           (const RepriseCouchLink *) (gpointer) links->data, links->len, error));
}

/* Something small beside the documents: `_security`, `_local/…`. Put again, the later one holds. */
gboolean
reprise_couch_writer_put_extra (RepriseCouchWriter *self,
                                const char *name,
                                gconstpointer data,
                                gsize size,
                                GError **error)
{
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (
    self->db, self->path, "INSERT OR REPLACE INTO extra (name, data) VALUES (?1, ?2)", error);
  gconstpointer packed = NULL;
  gsize n;

  if (statement == NULL)
    return FALSE;
  if (size >= REPRISE_COUCH_MAX_BODY_BYTES)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT, _ ("“%s” is too large"), name);
      return FALSE;
    }
  n = reprise_couch_writer_pack (self, data, size, &packed, error);
  if (n == 0)
    return FALSE;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  sqlite3_bind_blob64 (statement, 2, packed, n, SQLITE_STATIC);
  reprise_couch_writer_count_bytes (self, n);
  return reprise_couch_finish (statement, self->path, error);
}

/**
 * reprise_couch_writer_checkpoint:
 * @sequence: (nullable): up to which the feed is stored, as received: %REPRISE_COUCH_SEQUENCE from now on
 *
 * What was told so far survives whatever comes. Between documents only; every few MiB (see reprise_couch_writer_get_unsaved_bytes()) or
 * seconds is enough.
 */
gboolean
reprise_couch_writer_checkpoint (RepriseCouchWriter *self, const char *sequence, GError **error)
{
  g_return_val_if_fail (!self->in_document, FALSE);

  if (!flush_block (self, error) ||
      (sequence != NULL &&
       !reprise_couch_writer_set (self, REPRISE_COUCH_SEQUENCE, sequence, error)) ||
      !reprise_couch_run (self->db, self->path, "COMMIT; BEGIN IMMEDIATE", error))
    return FALSE;
  self->unsaved_bytes = 0;
  return TRUE;
}

static int
progress_cb (gpointer user_data)
{
  return g_cancellable_is_cancelled (user_data) ? 1 : 0;
}

/* Most pages of an increment would be next to empty: each table and index begins one. */
static gboolean
make_small (RepriseCouchWriter *self, GError **error)
{
  return get_int (self, "PRAGMA page_count") > SMALL_BYTES / 4096 ||
         reprise_couch_run (self->db, self->path, "PRAGMA page_size = 1024; VACUUM", error);
}

static gboolean
seal (RepriseCouchWriter *self, GError **error)
{
  return flush_block (self, error) && make_index (self, error) &&
         reprise_couch_run (self->db, self->path,
                            "DELETE FROM revision WHERE rev = '' AND leaf = 0;"
                            "DELETE FROM piece WHERE attachment NOT IN (SELECT n FROM attachment);"
                            "COMMIT; PRAGMA journal_mode = DELETE",
                            error) &&
         make_small (self, error);
}

static gboolean
sync_file (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  int failed;

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
  failed = fsync (fd) == 0 ? 0 : errno;
  close (fd);
  return failed == 0 || reprise_set_error_errno (error, failed, _ ("Could not save “%s”"), path);
}

/**
 * reprise_couch_writer_commit:
 *
 * Makes the segment: `<path>`, synced, with nothing beside it. Afterwards the writer can only be freed. Where it fails, or is
 * cancelled, what was told up to the last checkpoint is still there.
 */
gboolean
reprise_couch_writer_commit (RepriseCouchWriter *self, GCancellable *cancellable, GError **error)
{
  gboolean ok;

  g_return_val_if_fail (!self->in_document && self->n_incoming == 0 && self->db != NULL, FALSE);

  if (cancellable != NULL)
    sqlite3_progress_handler (self->db, PROGRESS_STEPS, progress_cb, cancellable);
  ok = seal (self, error);
  close_db (self);
  self->committed = ok && sync_file (self->partial, error) &&
                    reprise_file_rename_new (self->partial, self->path, error);
  return self->committed;
}

/* Removes what is left of an unfinished segment of that path. */
gboolean
reprise_couch_writer_discard (const char *path, GError **error)
{
  g_autofree char *partial = g_strconcat (path, REPRISE_COUCH_PARTIAL, NULL);
  g_autofree char *journal = g_strconcat (partial, "-journal", NULL);

  return reprise_file_remove_tree (partial, error) && reprise_file_remove_tree (journal, error);
}

guint64
reprise_couch_writer_get_n_revisions (RepriseCouchWriter *self)
{
  return self->n_revisions;
}

/* Packed bodies and attachments of this process */
guint64
reprise_couch_writer_get_stored_bytes (RepriseCouchWriter *self)
{
  return self->stored_bytes;
}

/* About what would be lost now: of the last checkpoint's making */
guint64
reprise_couch_writer_get_unsaved_bytes (RepriseCouchWriter *self)
{
  return self->unsaved_bytes;
}
