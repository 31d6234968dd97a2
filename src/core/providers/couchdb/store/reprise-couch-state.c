/* reprise-couch-state.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "providers/couchdb/store/reprise-couch-chain.h"
#include "providers/couchdb/store/reprise-couch-merge-private.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

struct _RepriseCouchState
{
  GPtrArray *path;    /* (owned) (element-type RepriseCouchSegment): the baseline first */
  GPtrArray *readers; /* (owned) (element-type RepriseCouchReader): of them */
  GPtrArray
    *bits; /* (owned) (element-type RepriseCouchBits): rows whose bodies belong to the state */

  guint64 n_live;
  guint64 n_leaves;

  guint at;                   /* which segment is being read */
  RepriseCouchCursor *cursor; /* (owned) (nullable) */
};

void
reprise_couch_state_free (RepriseCouchState *self)
{
  g_clear_pointer (&self->cursor, reprise_couch_cursor_free);
  g_clear_pointer (&self->bits, g_ptr_array_unref);
  g_clear_pointer (&self->readers, g_ptr_array_unref);
  g_clear_pointer (&self->path, g_ptr_array_unref);
  g_free (self);
}

static gboolean
open_readers (RepriseCouchState *self, GError **error)
{
  for (guint i = 0; i < self->path->len; i++)
    {
      const RepriseCouchSegment *segment = self->path->pdata[i];
      RepriseCouchReader *reader = reprise_couch_reader_new (segment->path, error);
      RepriseCouchBits *bits;

      if (reader == NULL)
        return FALSE;
      g_ptr_array_add (self->readers, reader);
      bits = reprise_couch_bits_new (reader, error);
      if (bits == NULL)
        return FALSE;
      g_ptr_array_add (self->bits, bits);
    }
  return TRUE;
}

/* A leaf of the newest mention: its body is there, or in an older segment of the path. */
static gboolean
take_leaf (RepriseCouchState *self,
           RepriseCouchMerge *merge,
           const RepriseCouchMention *leaf,
           GError **error)
{
  const RepriseCouchMention *body = reprise_couch_merge_find_body (merge, leaf->rev);
  const RepriseCouchSegment *segment = self->path->pdata[leaf->segment];

  if (body == NULL)
    return reprise_couch_damaged (segment->path, error,
                                  "revision %s of “%s” is in none of the segments before it",
                                  leaf->rev, reprise_couch_merge_get_id (merge));
  reprise_couch_bits_set (self->bits->pdata[body->segment], body->n);
  self->n_leaves++;
  return TRUE;
}

static gboolean
take_document (RepriseCouchState *self, RepriseCouchMerge *merge, GError **error)
{
  GArray *mentions = reprise_couch_merge_get_mentions (merge);
  guint last = reprise_couch_merge_get_last (merge);
  gboolean live = FALSE;

  for (guint i = 0; i < mentions->len; i++)
    {
      const RepriseCouchMention *mention = &g_array_index (mentions, RepriseCouchMention, i);

      if (mention->segment != last || !mention->leaf || mention->gone)
        continue;
      if (!take_leaf (self, merge, mention, error))
        return FALSE;
      live = live || !mention->deleted;
    }
  self->n_live += live;
  return TRUE;
}

static gboolean
choose (RepriseCouchState *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseCouchMerge) merge = reprise_couch_merge_new (self->readers, error);
  gboolean more = TRUE;

  if (merge == NULL)
    return FALSE;
  while (reprise_couch_merge_next (merge, &more, error))
    {
      if (!more)
        return TRUE;
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !take_document (self, merge, error))
        return FALSE;
    }
  return FALSE;
}

/**
 * reprise_couch_state_new:
 * @segments: (element-type RepriseCouchSegment): of one database, in any order
 * @at: a point: see reprise_couch_points_find()
 *
 * Goes through all ids, some millions in a few seconds.
 *
 * Returns: (transfer full): or %NULL with %REPRISE_ERROR_REFUSED where no path leads to @at, %REPRISE_ERROR_DAMAGED where one of
 *   its segments lacks what it should have
 */
RepriseCouchState *
reprise_couch_state_new (GPtrArray *segments, gint64 at, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseCouchState) self = NULL;
  gint64 found = 0;

  if (!reprise_couch_points_find (segments, at, at, &found, error))
    return NULL;
  self = g_new0 (RepriseCouchState, 1);
  self->path = reprise_couch_path_find (segments, at);
  self->readers = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_reader_free);
  self->bits = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_bits_free);
  if (self->path == NULL || !open_readers (self, error) || !choose (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Documents with a leaf that is not deleted */
guint64
reprise_couch_state_get_n_live (RepriseCouchState *self)
{
  return self->n_live;
}

guint64
reprise_couch_state_get_n_leaves (RepriseCouchState *self)
{
  return self->n_leaves;
}

void
reprise_couch_state_rewind (RepriseCouchState *self)
{
  g_clear_pointer (&self->cursor, reprise_couch_cursor_free);
  self->at = 0;
}

static gboolean
next_of_segment (RepriseCouchState *self, RepriseCouchRow *row, gboolean *more, GError **error)
{
  if (self->cursor == NULL)
    self->cursor = reprise_couch_reader_list (self->readers->pdata[self->at], error);
  if (self->cursor == NULL)
    return FALSE;
  do
    if (!reprise_couch_cursor_next (self->cursor, row, more, error))
      return FALSE;
  while (*more && !reprise_couch_bits_get (self->bits->pdata[self->at], row->n));
  if (!*more)
    g_clear_pointer (&self->cursor, reprise_couch_cursor_free);
  return TRUE;
}

/**
 * reprise_couch_state_next:
 * @reader: (out) (transfer none): holds the row: its body and its links are to be read there
 * @more: (out): whether there is one
 *
 * Every leaf once, in the order in which they are quickly read; leaves of one document need not follow each other.
 */
gboolean
reprise_couch_state_next (RepriseCouchState *self,
                          RepriseCouchRow *row,
                          RepriseCouchReader **reader,
                          gboolean *more,
                          GError **error)
{
  for (; self->at < self->readers->len; self->at++)
    {
      if (!next_of_segment (self, row, more, error))
        return FALSE;
      if (*more)
        {
          *reader = self->readers->pdata[self->at];
          row->leaf = TRUE;
          return TRUE;
        }
    }
  *more = FALSE;
  return TRUE;
}

static RepriseCouchVersion *
make_version (RepriseCouchSegment *segment, const RepriseCouchRow *row)
{
  RepriseCouchVersion *version = g_new0 (RepriseCouchVersion, 1);

  version->segment = reprise_couch_segment_ref (segment);
  version->at = segment->to;
  version->rev = g_strdup (row->rev);
  version->leaf = row->leaf;
  version->deleted = row->deleted;
  version->gone = row->gone;
  version->held = row->held;
  version->size = row->size;
  version->n = row->n;
  return version;
}

void
reprise_couch_version_free (RepriseCouchVersion *version)
{
  g_clear_pointer (&version->segment, reprise_couch_segment_unref);
  g_clear_pointer (&version->body, g_bytes_unref);
  g_free (version->rev);
  g_free (version);
}

/* Of two leaves that are alike deleted or not: > 0 where @a is shown, with more generations, or else the greater. */
int
reprise_couch_compare_revs (const char *a, const char *b)
{
  guint64 x = g_ascii_strtoull (a, NULL, 10), y = g_ascii_strtoull (b, NULL, 10);

  if (x != y)
    return x < y ? -1 : 1;
  return strcmp (a, b);
}

/* Whether the server shows it rather than that leaf: one that is not deleted first, then the most generations, then the greatest. */
gboolean
reprise_couch_version_outranks (const RepriseCouchVersion *version,
                                const char *rev,
                                gboolean deleted)
{
  return version->deleted == deleted ? reprise_couch_compare_revs (version->rev, rev) > 0 : deleted;
}

/**
 * reprise_couch_state_find:
 * @func: called for each leaf of the document; none where it was not there
 */
gboolean
reprise_couch_state_find (RepriseCouchState *self,
                          const char *id,
                          RepriseCouchRowFunc func,
                          gpointer user_data,
                          GError **error)
{
  for (guint i = 0; i < self->readers->len; i++)
    {
      RepriseCouchReader *reader = self->readers->pdata[i];
      g_autoptr (RepriseCouchCursor) cursor = reprise_couch_reader_find (reader, id, error);
      RepriseCouchRow row;
      gboolean more = FALSE;

      if (cursor == NULL)
        return FALSE;
      do
        {
          if (!reprise_couch_cursor_next (cursor, &row, &more, error))
            return FALSE;
          if (!more || !reprise_couch_bits_get (self->bits->pdata[i], row.n))
            continue;
          row.leaf = TRUE;
          if (!func (&row, reader, self->path->pdata[i], user_data, error))
            return FALSE;
        }
      while (more);
    }
  return TRUE;
}

static gboolean
add_version_cb (const RepriseCouchRow *row,
                RepriseCouchReader *reader,
                RepriseCouchSegment *segment,
                gpointer user_data,
                GError **error)
{
  RepriseCouchVersion *version = make_version (segment, row);

  g_ptr_array_add (user_data, version);
  version->body = reprise_couch_reader_read_body (reader, row, error);
  return version->body != NULL;
}

/* (transfer full) (element-type RepriseCouchVersion): its leaves with their bodies; none where it was not there */
GPtrArray *
reprise_couch_state_read_document (RepriseCouchState *self, const char *id, GError **error)
{
  g_autoptr (GPtrArray) versions =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_version_free);

  return reprise_couch_state_find (self, id, add_version_cb, versions, error)
           ? g_steal_pointer (&versions)
           : NULL;
}

/**
 * reprise_couch_state_find_attachment:
 * @sha256: of a link
 * @reader: (out) (transfer none): of the segment that holds it
 *
 * Returns: (transfer full): what is known of it, or %NULL with %REPRISE_ERROR_NOT_FOUND and others
 */
RepriseCouchAttachment *
reprise_couch_state_find_attachment (RepriseCouchState *self,
                                     const guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
                                     RepriseCouchReader **reader,
                                     GError **error)
{
  for (guint i = self->readers->len; i > 0; i--)
    {
      g_autoptr (GError) local = NULL;
      RepriseCouchAttachment *found;

      *reader = self->readers->pdata[i - 1];
      found = reprise_couch_reader_find_attachment (*reader, sha256, &local);
      if (found != NULL)
        return found;
      if (i > 1 && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return NULL;
}

/**
 * reprise_couch_state_open_attachment:
 * @sha256: of a link
 * @attachment: (out) (optional) (transfer full): what is known of it
 *
 * Returns: (transfer full): its bytes as stored on the server, or %NULL with %REPRISE_ERROR_NOT_FOUND and others
 */
GInputStream *
reprise_couch_state_open_attachment (RepriseCouchState *self,
                                     const guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
                                     RepriseCouchAttachment **attachment,
                                     GError **error)
{
  RepriseCouchReader *reader = NULL;
  g_autoptr (RepriseCouchAttachment) found =
    reprise_couch_state_find_attachment (self, sha256, &reader, error);
  GInputStream *stream =
    found != NULL ? reprise_couch_reader_open_attachment (reader, found, error) : NULL;

  if (stream != NULL && attachment != NULL)
    *attachment = g_steal_pointer (&found);
  return stream;
}

/* (transfer full): of the newest segment that has one; one without a byte says that it is gone: %REPRISE_ERROR_NOT_FOUND, as where
 * there never was one */
GBytes *
reprise_couch_state_read_extra (RepriseCouchState *self, const char *name, GError **error)
{
  for (guint i = self->readers->len; i > 0; i--)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) data =
        reprise_couch_reader_read_extra (self->readers->pdata[i - 1], name, &local);

      if (data != NULL && g_bytes_get_size (data) > 0)
        return g_steal_pointer (&data);
      if (data != NULL)
        break;
      if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, _ ("No backup holds “%s”"),
                     name);
  return NULL;
}

/* (transfer full) (array zero-terminated=1): all names that there are, sorted; what is gone among them */
char **
reprise_couch_state_list_extras (RepriseCouchState *self, GError **error)
{
  g_autoptr (GHashTable) set = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->readers->len; i++)
    {
      g_auto (GStrv) some = reprise_couch_reader_list_extras (self->readers->pdata[i], error);

      if (some == NULL)
        return NULL;
      for (char **name = some; *name != NULL; name++)
        if (!g_hash_table_contains (set, *name))
          {
            g_ptr_array_add (names, g_strdup (*name));
            g_hash_table_add (set, names->pdata[names->len - 1]);
          }
    }
  g_ptr_array_sort (names, reprise_strv_compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_steal (names, NULL);
}

static gboolean
read_history_of (RepriseCouchSegment *segment, const char *id, GPtrArray *versions, GError **error)
{
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (segment->path, error);
  g_autoptr (RepriseCouchCursor) cursor =
    reader == NULL ? NULL : reprise_couch_reader_find (reader, id, error);
  RepriseCouchRow row;
  gboolean more = TRUE;

  while (cursor != NULL)
    {
      if (!reprise_couch_cursor_next (cursor, &row, &more, error))
        return FALSE;
      if (!more)
        return TRUE;
      g_ptr_array_add (versions, make_version (segment, &row));
    }
  return FALSE;
}

static int
compare_versions_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchVersion *left = *(const RepriseCouchVersion *const *) a;
  const RepriseCouchVersion *right = *(const RepriseCouchVersion *const *) b;

  if (left->at != right->at)
    return left->at > right->at ? -1 : 1;
  return strcmp (left->rev, right->rev);
}

/* (transfer full) (element-type RepriseCouchVersion): every mention of the document in any of @segments, the newest first. With an index
 * (reprise-couch-index.h) only those need be given that have it. */
GPtrArray *
reprise_couch_history_read (GPtrArray *segments, const char *id, GError **error)
{
  g_autoptr (GPtrArray) versions =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_version_free);

  for (guint i = 0; i < segments->len; i++)
    if (!read_history_of (segments->pdata[i], id, versions, error))
      return NULL;
  g_ptr_array_sort (versions, compare_versions_cb);
  return g_steal_pointer (&versions);
}

/* (transfer full): the body of one revision, from whichever segment has it; or %NULL with %REPRISE_ERROR_NOT_FOUND and others */
GBytes *
reprise_couch_version_read_body (GPtrArray *segments,
                                 const char *id,
                                 const char *rev,
                                 GError **error)
{
  for (guint i = 0; i < segments->len; i++)
    {
      const RepriseCouchSegment *segment = segments->pdata[i];
      g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (segment->path, error);
      g_autoptr (RepriseCouchCursor) cursor =
        reader == NULL ? NULL : reprise_couch_reader_find (reader, id, error);
      RepriseCouchRow row;
      gboolean more = FALSE;

      if (cursor == NULL)
        return NULL;
      do
        {
          if (!reprise_couch_cursor_next (cursor, &row, &more, error))
            return NULL;
          if (more && !row.held && !row.gone && g_str_equal (row.rev, rev))
            return reprise_couch_reader_read_body (reader, &row, error);
        }
      while (more);
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("No backup holds the revision %s of “%s”"), rev, id);
  return NULL;
}
