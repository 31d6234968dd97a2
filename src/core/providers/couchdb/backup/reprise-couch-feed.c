/* reprise-couch-feed.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/backup/reprise-couch-reading-private.h"

#define MAX_PASSES 3

/* ---- what is known already ---- */

/**
 * Known:
 * @leaves: (element-type utf8): as the chain knows them
 * @revs: (element-type utf8): whatever revisions the chain has
 */
typedef struct
{
  GHashTable *leaves;
  GHashTable *revs;
} Known;

static void
known_clear (Known *self)
{
  g_clear_pointer (&self->leaves, g_hash_table_unref);
  g_clear_pointer (&self->revs, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Known, known_clear)

static gboolean
look_in (Known *known,
         RepriseCouchReader *reader,
         const char *id,
         gboolean *mentioned,
         GError **error)
{
  g_autoptr (RepriseCouchCursor) cursor = reprise_couch_reader_find (reader, id, error);
  gboolean more = FALSE, is_newest = !*mentioned;
  RepriseCouchRow row;

  if (cursor == NULL)
    return FALSE;
  for (;;)
    {
      if (!reprise_couch_cursor_next (cursor, &row, &more, error))
        return FALSE;
      if (!more)
        return TRUE;
      *mentioned = TRUE;
      if (row.gone)
        continue;
      g_hash_table_add (known->revs, g_strdup (row.rev));
      if (is_newest && row.leaf)
        g_hash_table_add (known->leaves, g_strdup (row.rev));
    }
}

static gboolean
look_up (RepriseCouchReadingRun *self, const char *id, Known *known, GError **error)
{
  gboolean mentioned = FALSE;

  known->leaves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  known->revs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < self->readers->len; i++)
    if (!look_in (known, self->readers->pdata[i], id, &mentioned, error))
      return FALSE;
  return TRUE;
}

/* The chain has exactly these leaves: the row came again, since the server has lost its place. */
static gboolean
is_unchanged (const Known *known, const RepriseCouchChange *change)
{
  guint n = g_strv_length (change->revs);

  for (guint i = 0; i < n; i++)
    if (!g_hash_table_contains (known->leaves, change->revs[i]))
      return FALSE;
  return g_hash_table_size (known->leaves) == n;
}

/* What the chain has is not fetched. */
static void
split (const Known *known, RepriseCouchChange *change)
{
  g_autoptr (GPtrArray) fetch = g_ptr_array_new (), held = g_ptr_array_new ();

  for (guint i = 0; change->revs[i] != NULL; i++)
    g_ptr_array_add (g_hash_table_contains (known->revs, change->revs[i]) ? held : fetch,
                     change->revs[i]);
  g_ptr_array_add (fetch, NULL);
  g_ptr_array_add (held, NULL);
  g_free (change->revs);
  change->revs = (char **) g_ptr_array_free (g_steal_pointer (&fetch), FALSE);
  change->held = (char **) g_ptr_array_free (g_steal_pointer (&held), FALSE);
}

/* ---- telling ---- */

static gboolean
tell_leaf (RepriseCouchReadingRun *self, const char *id, RepriseCouchSpan document, GError **error)
{
  g_auto (RepriseCouchHead) head = { NULL };
  g_autoptr (GArray) links = NULL;
  RepriseCouchLeaf leaf = { NULL };

  reprise_couch_head_read (&head, document);
  if (g_strcmp0 (head.id, id) != 0 || head.rev == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("The server answers with another document than “%s”"), id);
      return FALSE;
    }
  if (head.attachments.data != NULL)
    {
      links = reprise_couch_pull_links (self->pull, id, head.rev, head.attachments, error);
      if (links == NULL)
        return FALSE;
      leaf.links = (const RepriseCouchLink *) (gconstpointer) links->data;
      leaf.n_links = links->len;
    }
  leaf.rev = head.rev;
  leaf.deleted = head.deleted;
  leaf.body = document.data;
  leaf.size = document.size;
  return reprise_couch_writer_add_leaf (self->writer, &leaf, error);
}

/* A revision that the chain holds is a tombstone here as it was there. */
static gboolean
find_deleted (RepriseCouchReadingRun *self,
              const char *id,
              const char *rev,
              gboolean *deleted,
              GError **error)
{
  for (guint i = 0; i < self->readers->len; i++)
    {
      g_autoptr (RepriseCouchCursor) cursor =
        reprise_couch_reader_find (self->readers->pdata[i], id, error);
      gboolean more = TRUE;
      RepriseCouchRow row;

      if (cursor == NULL)
        return FALSE;
      while (more)
        {
          if (!reprise_couch_cursor_next (cursor, &row, &more, error))
            return FALSE;
          if (!more || strcmp (row.rev, rev) != 0)
            continue;
          *deleted = row.deleted;
          return TRUE;
        }
    }
  return TRUE;
}

static gboolean
tell_held (RepriseCouchReadingRun *self, const RepriseCouchChange *change, GError **error)
{
  for (guint i = 0; change->held != NULL && change->held[i] != NULL; i++)
    {
      RepriseCouchLeaf leaf = { .rev = change->held[i] };

      if (!find_deleted (self, change->id, leaf.rev, &leaf.deleted, error) ||
          !reprise_couch_writer_add_leaf (self->writer, &leaf, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
tell (RepriseCouchReadingRun *self,
      RepriseCouchBatch *batch,
      const RepriseCouchAnswer *answer,
      GError **error)
{
  const RepriseCouchChange *change = answer->change;

  if (!reprise_couch_writer_begin_document (self->writer, change->id,
                                            self->is_delta ? change->seq : NULL, error) ||
      (!answer->is_newer && !tell_held (self, change, error)))
    return FALSE;
  for (guint i = 0; i < answer->n_documents; i++)
    if (!tell_leaf (self, change->id,
                    g_array_index (batch->documents, RepriseCouchSpan, answer->first + i), error))
      return FALSE;
  return reprise_couch_writer_end_document (self->writer, error);
}

/* A document all of whose leaves the chain holds, in another order of things than before. */
static gboolean
tell_known (RepriseCouchReadingRun *self, const RepriseCouchChange *change, GError **error)
{
  return reprise_couch_writer_begin_document (self->writer, change->id, change->seq, error) &&
         tell_held (self, change, error) && reprise_couch_writer_end_document (self->writer, error);
}

/* ---- the feed ---- */

/* The page that comes next is read in a thread of its own. */
typedef struct
{
  RepriseCouchReadingRun *reader;
  char *since;            /* (owned) (nullable) */
  RepriseCouchPage *page; /* (owned) (nullable): the result */
  GError *error;          /* (owned) (nullable) */
  GThread *thread;        /* (nullable) */
} Ahead;

/* Of a baseline no row's sequence is kept. */
static gpointer
ahead_worker (gpointer data)
{
  Ahead *self = data;
  RepriseCouchReadingRun *reader = self->reader;

  self->page = (reader->is_delta ? reprise_couch_changes_read : reprise_couch_changes_read_bare) (
    reader->client, reader->want->database, self->since, reader->page_rows, reader->cancellable,
    &self->error);
  return NULL;
}

static void
ahead_start (Ahead *self, const char *since)
{
  self->since = g_strdup (since);
  self->thread = g_thread_new ("couch-changes", ahead_worker, self);
}

static RepriseCouchPage *
ahead_join (Ahead *self, GError **error)
{
  g_thread_join (g_steal_pointer (&self->thread));
  g_clear_pointer (&self->since, g_free);
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return g_steal_pointer (&self->page);
}

static void
ahead_clear (Ahead *self)
{
  if (self->thread != NULL)
    {
      g_autoptr (RepriseCouchPage) page = ahead_join (self, NULL);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ahead, ahead_clear)

gboolean
reprise_couch_reading_is_wanted (RepriseCouchReadingRun *self, const char *id)
{
  return g_str_has_prefix (id, "_design/") ? self->want->design : self->want->data;
}

/* Takes @change. */
void
reprise_couch_reading_ask_for (RepriseCouchReadingRun *self, RepriseCouchChange *change)
{
  self->n_open[self->tag % 2]++;
  reprise_couch_fetch_push (self->fetch, change, self->tag);
}

/* Takes @change. */
static gboolean
take_change (RepriseCouchReadingRun *self, RepriseCouchChange *change, GError **error)
{
  g_autoptr (RepriseCouchChange) owned = change;
  g_auto (Known) known = { NULL };

  if (!reprise_couch_reading_is_wanted (self, change->id))
    return TRUE;
  if (self->readers->len > 0)
    {
      if (!look_up (self, change->id, &known, error))
        return FALSE;
      if (is_unchanged (&known, change))
        return TRUE;
      split (&known, change);
    }
  if (change->revs[0] == NULL)
    return tell_known (self, change, error);
  reprise_couch_reading_ask_for (self, g_steal_pointer (&owned));
  return TRUE;
}

/* Of a feed what is no longer there was purged. A document that was asked for alone may never have been there. */
static gboolean
is_there (RepriseCouchReadingRun *self, const RepriseCouchAnswer *answer)
{
  return self->want->document == NULL || answer->n_documents > 0;
}

/* Until nothing is left of the page with @tag. What comes of the next one meanwhile waits: it may be newer. */
gboolean
reprise_couch_reading_store_answers (RepriseCouchReadingRun *self, guint tag, GError **error)
{
  while (self->n_open[tag % 2] > 0)
    {
      g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (self->fetch, tag, error);

      if (batch == NULL || !reprise_couch_pull_batch (self->pull, batch, error))
        return FALSE;
      for (guint i = 0; i < batch->answers->len; i++)
        if (is_there (self, batch->answers->pdata[i]) &&
            !tell (self, batch, batch->answers->pdata[i], error))
          return FALSE;
      self->n_open[batch->tag % 2] -= batch->answers->len;
      reprise_progress_add_bytes (self->progress, batch->bytes->len);
      reprise_progress_add_items (self->progress, batch->answers->len);
      if (!reprise_progress_check_stop (self->progress, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
ask_for_page (RepriseCouchReadingRun *self, RepriseCouchPage *page, GError **error)
{
  self->tag++;
  for (guint i = 0; i < page->changes->len; i++)
    if (!take_change (self, g_steal_pointer (&page->changes->pdata[i]), error))
      {
        page->changes->len = 0; /* what was taken is gone */
        return FALSE;
      }
  page->changes->len = 0;
  self->n_unreadable += page->n_unreadable;
  return TRUE;
}

/* @since: where the page with @tag ended */
static gboolean
finish_page (RepriseCouchReadingRun *self, guint tag, const char *since, GError **error)
{
  if (since == NULL)
    return TRUE;
  if (!reprise_couch_reading_store_answers (self, tag, error) ||
      !reprise_couch_writer_checkpoint (self->writer, since, error))
    return FALSE;
  g_free (self->since);
  self->since = g_strdup (since);
  return TRUE;
}

/* The last page of a feed is the one with fewer rows than were asked for, where the server does not say how many follow. */
static gboolean
is_last (RepriseCouchReadingRun *self, const RepriseCouchPage *page)
{
  return page->pending >= 0 ? page->pending == 0
                            : page->changes->len + page->n_unreadable < self->page_rows;
}

/* Once through the feed to its end. While the last documents of a page come, those of the next are asked for already.
 * @n_rows: (out): how many there were */
static gboolean
read_pass (RepriseCouchReadingRun *self, guint64 *n_rows, GError **error)
{
  g_auto (Ahead) ahead = { .reader = self };
  g_autofree char *before = NULL; /* where the page before ended */
  gboolean last = FALSE;

  *n_rows = 0;
  ahead_start (&ahead, self->since);
  while (!last)
    {
      g_autoptr (RepriseCouchPage) page = ahead_join (&ahead, error);

      if (page == NULL)
        return FALSE;
      last = is_last (self, page);
      *n_rows += page->changes->len + page->n_unreadable;
      if (!last)
        ahead_start (&ahead, page->last_seq);
      if (!ask_for_page (self, page, error) || !finish_page (self, self->tag - 1, before, error))
        return FALSE;
      g_free (before);
      before = g_steal_pointer (&page->last_seq);
    }
  return finish_page (self, self->tag, before, error);
}

/* What was changed while it was read comes with another pass, a few times. */
gboolean
reprise_couch_reading_read_feed (RepriseCouchReadingRun *self, GError **error)
{
  guint64 n_rows = 1;

  if (self->want->document != NULL)
    {
      reprise_couch_reading_ask_for (self, reprise_couch_change_new (self->want->document, NULL));
      return reprise_couch_reading_store_answers (self, self->tag, error);
    }
  for (guint pass = 0; pass < MAX_PASSES && n_rows > 0; pass++)
    if (!read_pass (self, &n_rows, error))
      return FALSE;
  if (self->n_unreadable > 0)
    reprise_progress_warn_n (self->progress,
                             "%s: %u document has an id that is no text, and is left out.",
                             "%s: %u documents have ids that are no text, and are left out.",
                             self->n_unreadable, self->want->database, self->n_unreadable);
  return TRUE;
}
