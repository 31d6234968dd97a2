/* reprise-couch-roll-up.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/couchdb/store/reprise-couch-merge-private.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"
#include "providers/couchdb/store/reprise-couch-tiers.h"

#define CHECKPOINT_BYTES (32 * 1024 * 1024)
#define READ_BYTES       65536

/* What later segments need of the sources, and what the new one has; in a file of SQLite's own that is gone with the connection */
static const char scratch_sql[] =
  "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096; BEGIN;"
  "CREATE TABLE held (id TEXT, rev TEXT, PRIMARY KEY (id, rev)) WITHOUT ROWID;"
  "CREATE TABLE wanted (sha256 BLOB PRIMARY KEY) WITHOUT ROWID";

/* One roll-up, as it is being made:
 *
 *   what later segments hold on to → all documents by id, the last mention of each: rows without a body are written, of the others it is
 *   noted which → those, segment by segment in the order of arrival → attachments that are linked → what lies beside → commit */
typedef struct
{
  const RepriseCouchRollUp *roll_up;
  const char *path;
  GPtrArray *readers; /* (owned) (element-type RepriseCouchReader): of the sources */
  GPtrArray
    *bits; /* (owned) (element-type RepriseCouchBits): rows to be taken over with their bodies */
  GPtrArray *leaves; /* (owned) (element-type RepriseCouchBits): those among them that are leaves */
  RepriseCouchWriter *writer; /* (owned) (nullable) */
  sqlite3 *scratch;           /* (owned) */
  sqlite3_stmt *is_held;      /* (owned) */
  sqlite3_stmt *want;         /* (owned) */
  gboolean any_held;
  RepriseProgress *progress;
  GCancellable *cancellable;
} Work;

static void
clear_work (Work *work)
{
  g_clear_pointer (&work->writer, reprise_couch_writer_free);
  sqlite3_finalize (work->is_held);
  sqlite3_finalize (work->want);
  sqlite3_close_v2 (work->scratch);
  g_clear_pointer (&work->bits, g_ptr_array_unref);
  g_clear_pointer (&work->leaves, g_ptr_array_unref);
  g_clear_pointer (&work->readers, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, clear_work)

static gboolean
is_baseline (Work *work)
{
  return work->roll_up->tier == REPRISE_COUCH_BASELINE;
}

static gboolean
open_scratch (Work *work, GError **error)
{
  if (sqlite3_open_v2 ("", &work->scratch,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                       NULL) != SQLITE_OK)
    return reprise_couch_fail (work->scratch, work->path, error);
  if (!reprise_couch_run (work->scratch, work->path, scratch_sql, error))
    return FALSE;
  work->is_held = reprise_couch_prepare (work->scratch, work->path,
                                         "SELECT 1 FROM held WHERE id = ?1 AND rev = ?2", error);
  if (work->is_held == NULL)
    return FALSE;
  work->want = reprise_couch_prepare (work->scratch, work->path,
                                      "INSERT OR IGNORE INTO wanted VALUES (?1)", error);
  return work->want != NULL;
}

static gboolean
open_sources (Work *work, GError **error)
{
  work->readers = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_reader_free);
  work->bits = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_bits_free);
  work->leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_bits_free);
  for (guint i = 0; i < work->roll_up->sources->len; i++)
    {
      const RepriseCouchSegment *source = work->roll_up->sources->pdata[i];
      RepriseCouchReader *reader = reprise_couch_reader_new (source->path, error);
      RepriseCouchBits *bits = NULL, *leaves = NULL;

      if (reader == NULL)
        return FALSE;
      g_ptr_array_add (work->readers, reader);
      bits = reprise_couch_bits_new (reader, error);
      if (bits == NULL)
        return FALSE;
      g_ptr_array_add (work->bits, bits);
      leaves = reprise_couch_bits_new (reader, error);
      if (leaves == NULL)
        return FALSE;
      g_ptr_array_add (work->leaves, leaves);
    }
  return TRUE;
}

static gboolean
want_attachment (Work *work, gconstpointer sha256, GError **error)
{
  sqlite3_bind_blob (work->want, 1, sha256, REPRISE_COUCH_DIGEST_BYTES, SQLITE_TRANSIENT);
  return reprise_couch_finish (work->want, work->path, error);
}

/* Copies the rows of a query on a later segment into the scratch tables: with one column digests, with two ids and revisions */
static gboolean
note_rows (Work *work,
           RepriseCouchReader *reader,
           const char *sql,
           sqlite3_stmt *insert,
           gboolean *any,
           GError **error)
{
  const char *path = reprise_couch_reader_get_path (reader);
  g_autoptr (RepriseCouchStmt) rows =
    reprise_couch_prepare (reprise_couch_reader_get_db (reader), path, sql, error);
  gboolean row = TRUE;

  while (rows != NULL)
    {
      if (!reprise_couch_step (rows, path, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      for (int i = 0; i < sqlite3_column_count (rows); i++)
        sqlite3_bind_value (insert, i + 1, sqlite3_column_value (rows, i));
      if (!reprise_couch_finish (insert, work->path, error))
        return FALSE;
      *any = TRUE;
    }
  return FALSE;
}

/* What a segment that goes on from the sources has only by reference */
static gboolean
note_later (Work *work, const RepriseCouchSegment *segment, GError **error)
{
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (segment->path, error);
  g_autoptr (RepriseCouchStmt) insert = NULL;
  gboolean any = FALSE;

  if (reader == NULL)
    return FALSE;
  insert = reprise_couch_prepare (work->scratch, work->path,
                                  "INSERT OR IGNORE INTO held VALUES (?1, ?2)", error);
  return insert != NULL &&
         note_rows (work, reader, "SELECT id, rev FROM revision WHERE block IS NULL AND rev <> ''",
                    insert, &work->any_held, error) &&
         note_rows (work, reader,
                    "SELECT sha256 FROM link WHERE sha256 NOT IN (SELECT sha256 FROM attachment)",
                    work->want, &any, error);
}

static gboolean
note_all_later (Work *work, GPtrArray *segments, GError **error)
{
  const RepriseCouchSegment *last = work->roll_up->sources->pdata[work->roll_up->sources->len - 1];

  for (guint i = 0; i < segments->len; i++)
    {
      const RepriseCouchSegment *segment = segments->pdata[i];

      if (segment->from >= last->to && !note_later (work, segment, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_held (Work *work, const char *id, const char *rev, gboolean *held, GError **error)
{
  *held = FALSE;
  if (!work->any_held)
    return TRUE;
  sqlite3_bind_text (work->is_held, 1, id, -1, SQLITE_STATIC);
  sqlite3_bind_text (work->is_held, 2, rev, -1, SQLITE_STATIC);
  if (!reprise_couch_step (work->is_held, work->path, held, error))
    return FALSE;
  sqlite3_reset (work->is_held);
  return TRUE;
}

/* A leaf whose body an earlier segment than the sources has, or that is gone */
static gboolean
write_without_body (Work *work,
                    RepriseCouchMerge *merge,
                    const RepriseCouchMention *mention,
                    GError **error)
{
  const RepriseCouchSegment *source = work->roll_up->sources->pdata[mention->segment];
  const RepriseCouchRow row = { .id = reprise_couch_merge_get_id (merge),
                                .rev = mention->rev,
                                .deleted = mention->deleted };

  if (is_baseline (work) && mention->gone)
    return TRUE; /* there is nothing before it to be gone from */
  if (is_baseline (work))
    return reprise_couch_damaged (source->path, error,
                                  "revision %s of “%s” is in none of the segments before it",
                                  mention->rev, row.id);
  return reprise_couch_writer_copy_row (work->writer, &row, TRUE, NULL, NULL, error);
}

static gboolean
choose_leaf (Work *work,
             RepriseCouchMerge *merge,
             const RepriseCouchMention *mention,
             GError **error)
{
  const RepriseCouchMention *body =
    mention->gone ? NULL : reprise_couch_merge_find_body (merge, mention->rev);

  if (body == NULL)
    return write_without_body (work, merge, mention, error);
  reprise_couch_bits_set (work->bits->pdata[body->segment], body->n);
  reprise_couch_bits_set (work->leaves->pdata[body->segment], body->n);
  return TRUE;
}

/* A body that is no leaf any more, but to a later segment (a purge can make it one again) */
static gboolean
choose_held (Work *work,
             RepriseCouchMerge *merge,
             const RepriseCouchMention *mention,
             GError **error)
{
  const RepriseCouchMention *body = reprise_couch_merge_find_body (merge, mention->rev);
  gboolean held = FALSE;

  if (body != mention)
    return TRUE;
  if (!is_held (work, reprise_couch_merge_get_id (merge), mention->rev, &held, error))
    return FALSE;
  if (held)
    reprise_couch_bits_set (work->bits->pdata[mention->segment], mention->n);
  return TRUE;
}

static gboolean
choose_document (Work *work, RepriseCouchMerge *merge, GError **error)
{
  GArray *mentions = reprise_couch_merge_get_mentions (merge);
  guint last = reprise_couch_merge_get_last (merge);

  for (guint i = 0; i < mentions->len; i++)
    {
      const RepriseCouchMention *mention = &g_array_index (mentions, RepriseCouchMention, i);

      if (mention->segment == last && mention->leaf ? !choose_leaf (work, merge, mention, error)
                                                    : !choose_held (work, merge, mention, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
choose (Work *work, GError **error)
{
  g_autoptr (RepriseCouchMerge) merge = reprise_couch_merge_new (work->readers, error);
  gboolean more = TRUE;

  if (merge == NULL)
    return FALSE;
  while (reprise_couch_merge_next (merge, &more, error))
    {
      if (!more)
        return TRUE;
      if (g_cancellable_set_error_if_cancelled (work->cancellable, error) ||
          !choose_document (work, merge, error))
        return FALSE;
    }
  return FALSE;
}

static gboolean
checkpoint (Work *work, GError **error)
{
  return reprise_couch_writer_get_unsaved_bytes (work->writer) < CHECKPOINT_BYTES ||
         reprise_couch_writer_checkpoint (work->writer, NULL, error);
}

static gboolean
copy_row (Work *work, guint i, const RepriseCouchRow *row, GError **error)
{
  g_autoptr (GBytes) body = reprise_couch_reader_read_body (work->readers->pdata[i], row, error);
  g_autoptr (GArray) links =
    body == NULL ? NULL : reprise_couch_reader_list_links (work->readers->pdata[i], row->n, error);

  if (links == NULL)
    return FALSE;
  for (guint j = 0; j < links->len; j++)
    if (!want_attachment (work, g_array_index (links, RepriseCouchLink, j).sha256, error))
      return FALSE;
  reprise_progress_add_bytes (work->progress, row->size);
  reprise_progress_add_items (work->progress, 1);
  return reprise_couch_writer_copy_row (work->writer, row,
                                        reprise_couch_bits_get (work->leaves->pdata[i], row->n),
                                        body, links, error) &&
         checkpoint (work, error);
}

static gboolean
copy_rows (Work *work, guint i, GError **error)
{
  g_autoptr (RepriseCouchCursor) cursor =
    reprise_couch_reader_list (work->readers->pdata[i], error);
  RepriseCouchRow row;
  gboolean more = TRUE;

  while (cursor != NULL)
    {
      if (g_cancellable_set_error_if_cancelled (work->cancellable, error) ||
          !reprise_couch_cursor_next (cursor, &row, &more, error))
        return FALSE;
      if (!more)
        return TRUE;
      if (reprise_couch_bits_get (work->bits->pdata[i], row.n) && !copy_row (work, i, &row, error))
        return FALSE;
    }
  return FALSE;
}

static gboolean
copy_attachment (Work *work,
                 RepriseCouchReader *reader,
                 const RepriseCouchAttachment *attachment,
                 GError **error)
{
  g_autoptr (RepriseCouchIncoming) incoming =
    reprise_couch_incoming_new (work->writer, attachment->digest, attachment->encoding);
  g_autoptr (GInputStream) stream =
    reprise_couch_reader_open_attachment (reader, attachment, error);
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
  gssize n = -1;

  while (stream != NULL &&
         (n = g_input_stream_read (stream, buffer, READ_BYTES, work->cancellable, error)) > 0)
    {
      reprise_progress_add_bytes (work->progress, n);
      if (!reprise_couch_incoming_write (incoming, buffer, (gsize) n, error))
        return FALSE;
    }
  return n == 0 && reprise_couch_incoming_finish (incoming, sha256, error);
}

/* A digest that is wanted: here, and not in the new segment already */
static gboolean
take_attachment (Work *work, RepriseCouchReader *reader, const guint8 *sha256, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseCouchAttachment) attachment =
    reprise_couch_reader_find_attachment (reader, sha256, &local);

  if (attachment != NULL)
    return copy_attachment (work, reader, attachment, error);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE; /* an earlier segment has it */
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
copy_attachments (Work *work, GError **error)
{
  g_autoptr (RepriseCouchStmt) rows =
    reprise_couch_prepare (work->scratch, work->path, "SELECT sha256 FROM wanted", error);
  gboolean row = TRUE;

  while (rows != NULL)
    {
      guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];

      if (!reprise_couch_step (rows, work->path, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      if (sqlite3_column_bytes (rows, 0) != REPRISE_COUCH_DIGEST_BYTES)
        continue;
      memcpy (sha256, sqlite3_column_blob (rows, 0), sizeof sha256);
      for (guint i = 0; i < work->readers->len; i++)
        if (!take_attachment (work, work->readers->pdata[i], sha256, error))
          return FALSE;
      if (!checkpoint (work, error))
        return FALSE;
    }
  return FALSE;
}

/* The newer one holds; an empty one, which says that it is gone, has nothing to say in a baseline. */
static gboolean
copy_extras (Work *work, GError **error)
{
  for (guint i = 0; i < work->readers->len; i++)
    {
      g_auto (GStrv) names = reprise_couch_reader_list_extras (work->readers->pdata[i], error);

      if (names == NULL)
        return FALSE;
      for (char **name = names; *name != NULL; name++)
        {
          g_autoptr (GBytes) data =
            reprise_couch_reader_read_extra (work->readers->pdata[i], *name, error);

          if (data == NULL ||
              !reprise_couch_writer_put_extra (work->writer, *name, g_bytes_get_data (data, NULL),
                                               g_bytes_get_size (data), error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
set_time (Work *work, const char *name, gint64 ms, GError **error)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, ms % 1000 * 1000);
  g_autofree char *text = reprise_time_to_string (time);

  return reprise_couch_writer_set (work->writer, name, text, error);
}

/* The runs in it that there still are: those that are removed do not come back. */
static char *
print_rolled (Work *work, GPtrArray *segments)
{
  g_autoptr (GHashTable) runs = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) done = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) rolled = g_ptr_array_new ();

  for (guint i = 0; i < segments->len; i++)
    g_hash_table_add (runs, ((RepriseCouchSegment *) segments->pdata[i])->run);
  for (guint i = 0; i < work->roll_up->sources->len; i++)
    {
      const RepriseCouchSegment *source = work->roll_up->sources->pdata[i];

      if (g_hash_table_add (done, source->run))
        g_ptr_array_add (rolled, source->run);
      for (char **run = source->rolled; *run != NULL; run++)
        if (g_hash_table_contains (runs, *run) && g_hash_table_add (done, *run))
          g_ptr_array_add (rolled, *run);
    }
  g_ptr_array_add (rolled, NULL);
  return g_strjoinv (" ", (char **) rolled->pdata);
}

/* What else the sources say of themselves, the newer word holding */
static gboolean
copy_names (Work *work, GError **error)
{
  for (guint i = 0; i < work->readers->len; i++)
    {
      RepriseCouchReader *reader = work->readers->pdata[i];
      const char *path = reprise_couch_reader_get_path (reader);
      g_autoptr (RepriseCouchStmt) rows = reprise_couch_prepare (
        reprise_couch_reader_get_db (reader), path, "SELECT name, value FROM segment", error);
      gboolean row = TRUE;

      while (rows != NULL && row)
        {
          if (!reprise_couch_step (rows, path, &row, error) ||
              (row && !reprise_couch_writer_set (
                        work->writer, (const char *) sqlite3_column_text (rows, 0),
                        (const char *) sqlite3_column_text (rows, 1), error)))
            return FALSE;
        }
      if (rows == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
set_names (Work *work, GPtrArray *segments, const char *run, gint64 made, GError **error)
{
  const RepriseCouchSegment *first = work->roll_up->sources->pdata[0];
  g_autofree char *rolled = print_rolled (work, segments);
  g_autofree char *since = reprise_couch_reader_dup (work->readers->pdata[0], REPRISE_COUCH_SINCE);
  const char *tier = reprise_couch_tier_to_string (work->roll_up->tier);

  return copy_names (work, error) &&
         reprise_couch_writer_set (work->writer, REPRISE_COUCH_RUN, run, error) &&
         reprise_couch_writer_set (work->writer, REPRISE_COUCH_TIER, tier, error) &&
         reprise_couch_writer_set (work->writer, REPRISE_COUCH_ROLLED, rolled, error) &&
         reprise_couch_writer_set (work->writer, REPRISE_COUCH_SINCE, since == NULL ? "" : since,
                                   error) &&
         (first->from == REPRISE_COUCH_NEVER
            ? reprise_couch_writer_set (work->writer, REPRISE_COUCH_FROM, "", error)
            : set_time (work, REPRISE_COUCH_FROM, first->from, error)) &&
         set_time (work, REPRISE_COUCH_MADE, made, error);
}

/**
 * reprise_couch_roll_up_write:
 * @segments: (element-type RepriseCouchSegment): all of the database: what goes on from the sources may need more of them than their last
 *   mentions
 * @path: of the new segment; an unfinished one of that path is begun anew
 * @run: ULID of the backup that it is written for: one for each new segment of a database
 * @made: now, milliseconds since 1970
 *
 * Nothing of the sources is changed.
 */
gboolean
reprise_couch_roll_up_write (const RepriseCouchRollUp *roll_up,
                             GPtrArray *segments,
                             const char *path,
                             const char *run,
                             gint64 made,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_auto (Work) work = {
    .roll_up = roll_up, .path = path, .progress = progress, .cancellable = cancellable
  };

  if (!open_sources (&work, error) || !open_scratch (&work, error) ||
      !note_all_later (&work, segments, error) || !reprise_couch_writer_discard (path, error))
    return FALSE;
  work.writer = reprise_couch_writer_new (path, error);
  if (work.writer == NULL || !set_names (&work, segments, run, made, error) ||
      !choose (&work, error))
    return FALSE;
  for (guint i = 0; i < work.readers->len; i++)
    if (!copy_rows (&work, i, error))
      return FALSE;
  return copy_attachments (&work, error) && copy_extras (&work, error) &&
         reprise_couch_writer_commit (work.writer, cancellable, error);
}

static GPtrArray *
list_leaves (RepriseCouchMerge *merge)
{
  GArray *mentions = reprise_couch_merge_get_mentions (merge);
  GPtrArray *revs = g_ptr_array_new ();

  for (guint i = 0; i < mentions->len; i++)
    {
      const RepriseCouchMention *mention = &g_array_index (mentions, RepriseCouchMention, i);

      if (mention->leaf && mention->segment == reprise_couch_merge_get_last (merge))
        g_ptr_array_add (revs, (gpointer) mention->rev);
    }
  return revs;
}

static gboolean
has_same_leaves (RepriseCouchMerge *old, RepriseCouchMerge *new)
{
  g_autoptr (GPtrArray) before = list_leaves (old);
  g_autoptr (GPtrArray) after = list_leaves (new);

  if (before->len != after->len ||
      !g_str_equal (reprise_couch_merge_get_id (old), reprise_couch_merge_get_id (new)))
    return FALSE;
  for (guint i = 0; i < before->len; i++)
    if (!g_str_equal (before->pdata[i], after->pdata[i]))
      return FALSE;
  return TRUE;
}

/* In a baseline, those that are gone are not there at all. */
static gboolean
next_there (RepriseCouchMerge *merge, gboolean baseline, gboolean *more, GError **error)
{
  do
    if (!reprise_couch_merge_next (merge, more, error))
      return FALSE;
  while (*more && baseline &&
         g_array_index (reprise_couch_merge_get_mentions (merge), RepriseCouchMention,
                        reprise_couch_merge_get_mentions (merge)->len - 1)
           .gone);
  return TRUE;
}

static gboolean
compare (Work *work, RepriseCouchReader *reader, GError **error)
{
  g_autoptr (GPtrArray) ours = g_ptr_array_new ();
  g_autoptr (RepriseCouchMerge) old = reprise_couch_merge_new (work->readers, error);
  g_autoptr (RepriseCouchMerge) new = NULL;
  gboolean more_old = TRUE, more_new = TRUE;

  g_ptr_array_add (ours, reader);
  new = old == NULL ? NULL : reprise_couch_merge_new (ours, error);
  while (new != NULL)
    {
      if (g_cancellable_set_error_if_cancelled (work->cancellable, error) ||
          !next_there (old, is_baseline (work), &more_old, error) ||
          !reprise_couch_merge_next (new, &more_new, error))
        return FALSE;
      if (!more_old && !more_new)
        return TRUE;
      if (!more_old || !more_new || !has_same_leaves (old, new))
        return reprise_couch_damaged (work->path, error,
                                      "it does not have the documents of its sources");
    }
  return FALSE;
}

/**
 * reprise_couch_roll_up_verify:
 *
 * Reads the new segment in full, and compares its documents and their leaves with those of the sources: before they are removed.
 */
gboolean
reprise_couch_roll_up_verify (const RepriseCouchRollUp *roll_up,
                              GPtrArray *segments,
                              const char *path,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  g_auto (Work) work = {
    .roll_up = roll_up, .path = path, .progress = progress, .cancellable = cancellable
  };
  g_autoptr (RepriseCouchReader) reader = NULL;

  if (!open_sources (&work, error))
    return FALSE;
  reader = reprise_couch_reader_new (path, error);
  return reader != NULL && reprise_couch_reader_verify (reader, progress, cancellable, error) &&
         compare (&work, reader, error);
}
