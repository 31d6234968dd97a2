/* reprise-couch-index.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/store/reprise-couch-id-set.h"
#include "providers/couchdb/store/reprise-couch-index.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"
#include "store/reprise-database.h"

struct _RepriseCouchIndex
{
  RepriseDatabase *database; /* (owned) */
};

/* A mention is a hash of the id and the segment's number: one hash is one place in the table, so a look-up is one step. */
static const char *const migrations[] = {
  "CREATE TABLE segment (n INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, size INTEGER NOT NULL);"
  "CREATE TABLE mention (hash INTEGER NOT NULL, segment INTEGER NOT NULL, "
  "PRIMARY KEY (hash, segment)) WITHOUT ROWID",
  NULL,
};

/* (transfer full): @path: in the cache folder, one for each database of a service; what is damaged there is begun anew */
RepriseCouchIndex *
reprise_couch_index_open (const char *path, GError **error)
{
  RepriseDatabase *database =
    reprise_database_open (path, migrations, REPRISE_DATABASE_CACHE, error);
  RepriseCouchIndex *self;

  if (database == NULL)
    return NULL;
  self = g_new0 (RepriseCouchIndex, 1);
  self->database = database;
  return self;
}

void
reprise_couch_index_free (RepriseCouchIndex *self)
{
  reprise_database_free (self->database);
  g_free (self);
}

/* (transfer full) (element-type utf8 gint64): number by run, of the segments that it knows as they are */
static GHashTable *
read_known (RepriseCouchIndex *self, GError **error)
{
  g_autoptr (RepriseQuery) query =
    reprise_query_new (self->database, "SELECT run, n, size FROM segment", error);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gboolean row = TRUE;

  while (query != NULL)
    {
      gint64 numbers[2];

      if (!reprise_query_step (query, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&known);
      numbers[0] = reprise_query_get_int (query, 1, 0);
      numbers[1] = reprise_query_get_int (query, 2, 0);
      g_hash_table_insert (known, g_strdup (reprise_query_get_text (query, 0)),
                           g_memdup2 (numbers, sizeof numbers));
    }
  return NULL;
}

static gboolean
run_with_int (RepriseCouchIndex *self, const char *sql, gint64 value, GError **error)
{
  g_autoptr (RepriseQuery) query = reprise_query_new (self->database, sql, error);

  if (query == NULL)
    return FALSE;
  reprise_query_bind_int (query, 1, value);
  return reprise_query_finish (query, error);
}

static gboolean
forget (RepriseCouchIndex *self, gint64 n, GError **error)
{
  return run_with_int (self, "DELETE FROM mention WHERE segment = ?1", n, error) &&
         run_with_int (self, "DELETE FROM segment WHERE n = ?1", n, error);
}

/* What is no longer there, or another under the same name */
static gboolean
forget_gone (RepriseCouchIndex *self, GPtrArray *segments, GHashTable *known, GError **error)
{
  g_autoptr (GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer run, numbers;

  for (guint i = 0; i < segments->len; i++)
    {
      RepriseCouchSegment *segment = segments->pdata[i];

      g_hash_table_insert (there, segment->run, segment);
    }
  g_hash_table_iter_init (&iter, known);
  while (g_hash_table_iter_next (&iter, &run, &numbers))
    {
      const RepriseCouchSegment *segment = g_hash_table_lookup (there, run);

      if (segment != NULL && segment->size_bytes == ((gint64 *) numbers)[1])
        continue;
      if (!forget (self, ((gint64 *) numbers)[0], error))
        return FALSE;
      g_hash_table_iter_remove (&iter);
    }
  return TRUE;
}

static gboolean
add_name (RepriseCouchIndex *self, const RepriseCouchSegment *segment, gint64 *n, GError **error)
{
  g_autoptr (RepriseQuery) insert =
    reprise_query_new (self->database, "INSERT INTO segment (run, size) VALUES (?1, ?2)", error);
  g_autoptr (RepriseQuery) number = NULL;
  gboolean row = FALSE;

  if (insert == NULL)
    return FALSE;
  reprise_query_bind_text (insert, 1, segment->run);
  reprise_query_bind_int (insert, 2, segment->size_bytes);
  if (!reprise_query_finish (insert, error))
    return FALSE;
  number = reprise_query_new (self->database, "SELECT last_insert_rowid ()", error);
  if (number == NULL || !reprise_query_step (number, &row, error))
    return FALSE;
  *n = reprise_query_get_int (number, 0, 0);
  return TRUE;
}

static int
compare_hashes_cb (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

/* Sorted, neighbours in the table come one after the other. */
static gboolean
flush (RepriseQuery *insert, GArray *hashes, gint64 n, GError **error)
{
  g_array_sort (hashes, compare_hashes_cb);
  for (guint i = 0; i < hashes->len; i++)
    {
      reprise_query_bind_int (insert, 1, g_array_index (hashes, gint64, i));
      reprise_query_bind_int (insert, 2, n);
      if (!reprise_query_finish (insert, error))
        return FALSE;
    }
  g_array_set_size (hashes, 0);
  return TRUE;
}

#define BATCH_IDS (512 * 1024) /* four MiB of hashes */

static gboolean
add_mentions (RepriseCouchIndex *self,
              RepriseCouchReader *reader,
              gint64 n,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  const char *path = reprise_couch_reader_get_path (reader);
  g_autoptr (RepriseCouchStmt) ids = reprise_couch_prepare (reprise_couch_reader_get_db (reader),
                                                            path, "SELECT id FROM revision", error);
  g_autoptr (RepriseQuery) insert = reprise_query_new (
    self->database, "INSERT OR IGNORE INTO mention (hash, segment) VALUES (?1, ?2)", error);
  g_autoptr (GArray) hashes = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean row = TRUE;

  while (ids != NULL && insert != NULL)
    {
      const char *id;
      gint64 hash;

      if (!reprise_couch_step (ids, path, &row, error))
        return FALSE;
      id = row ? (const char *) sqlite3_column_text (ids, 0) : NULL;
      hash = id == NULL ? 0 : (gint64) reprise_couch_id_hash (id);
      if (id != NULL)
        g_array_append_val (hashes, hash);
      if (!row || hashes->len >= BATCH_IDS)
        {
          reprise_progress_add_items (progress, hashes->len);
          if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
              !flush (insert, hashes, n, error))
            return FALSE;
        }
      if (!row)
        return TRUE;
    }
  return FALSE;
}

static gboolean
add_segment (RepriseCouchIndex *self,
             const RepriseCouchSegment *segment,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (segment->path, error);
  gint64 n = 0;

  return reader != NULL && add_name (self, segment, &n, error) &&
         add_mentions (self, reader, n, progress, cancellable, error);
}

static gboolean
change (RepriseCouchIndex *self,
        GPtrArray *segments,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (GHashTable) known = read_known (self, error);

  if (known == NULL || !forget_gone (self, segments, known, error))
    return FALSE;
  for (guint i = 0; i < segments->len; i++)
    {
      const RepriseCouchSegment *segment = segments->pdata[i];

      if (!g_hash_table_contains (known, segment->run) &&
          !add_segment (self, segment, progress, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_couch_index_update:
 * @segments: (element-type RepriseCouchSegment): all that there are now
 *
 * Takes in what is new and forgets what is gone; only new segments are read. A million mentions take a few seconds.
 */
gboolean
reprise_couch_index_update (RepriseCouchIndex *self,
                            GPtrArray *segments,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  if (!reprise_database_begin (self->database, error))
    return FALSE;
  if (change (self, segments, progress, cancellable, error) &&
      reprise_database_commit (self->database, error))
    return TRUE;
  reprise_database_roll_back (self->database);
  return FALSE;
}

/* (transfer full) (element-type RepriseCouchSegment): of @segments those that mention @id, and, once in a very long while, one that does not;
 * those that the index does not know yet are among them */
GPtrArray *
reprise_couch_index_find (RepriseCouchIndex *self,
                          GPtrArray *segments,
                          const char *id,
                          GError **error)
{
  g_autoptr (RepriseQuery) query =
    reprise_query_new (self->database,
                       "SELECT run, EXISTS (SELECT 1 FROM mention WHERE hash = ?1 AND segment = n) "
                       "FROM segment",
                       error);
  g_autoptr (GHashTable) without = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) found =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  gboolean row = TRUE;

  if (query == NULL)
    return NULL;
  reprise_query_bind_int (query, 1, (gint64) reprise_couch_id_hash (id));
  while (row)
    {
      if (!reprise_query_step (query, &row, error))
        return NULL;
      if (row && reprise_query_get_int (query, 1, 0) == 0)
        g_hash_table_add (without, g_strdup (reprise_query_get_text (query, 0)));
    }
  for (guint i = 0; i < segments->len; i++)
    {
      RepriseCouchSegment *segment = segments->pdata[i];

      if (!g_hash_table_contains (without, segment->run))
        g_ptr_array_add (found, reprise_couch_segment_ref (segment));
    }
  return g_steal_pointer (&found);
}
