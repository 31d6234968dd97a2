/* reprise-couch-reading.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/reprise-couch-census.h"
#include "providers/couchdb/reprise-couch-fetch.h"
#include "providers/couchdb/reprise-couch-pull.h"
#include "providers/couchdb/reprise-couch-reading.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/store/reprise-couch-chain.h"

#define MAX_PAGE   5000
#define MIN_PAGE   100
#define PAGE_BYTES (32 * 1024 * 1024) /* of documents, about, that are read again after a kill */
#define MAX_PASSES 3

/*
 * What an earlier try left → else a baseline, or a delta that can go on from what is there
 *   → pages of the feed, the next one asked for meanwhile: what is known is not fetched → documents, attachments → checkpoint
 *   → until a pass brings nothing → purged ids → security object, local documents → commit
 */
typedef struct
{
  const RepriseCouchReading *want;
  RepriseCouchClient *client;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseCouchWriter *writer; /* (owned) */
  GPtrArray *
    readers; /* (owned) (element-type RepriseCouchReader): earlier segments, the newest first; none for a baseline */
  RepriseCouchFetch *fetch; /* (owned) */
  RepriseCouchPull *pull;   /* (owned) */
  RepriseCouchInfo *info;   /* (owned): as it was at the beginning */
  char *since;              /* (owned) (nullable): up to where all is stored */
  gboolean is_delta;
  guint page_rows;
  guint n_unreadable;
  guint tag; /* of the page that is being asked for */
  guint
    n_open[2]; /* of it and of the one before: documents that were asked for and not yet stored */
} Reader;

static void
reader_clear (Reader *self)
{
  g_clear_pointer (&self->fetch, reprise_couch_fetch_free);
  g_clear_pointer (&self->pull, reprise_couch_pull_free);
  g_clear_pointer (&self->writer, reprise_couch_writer_free);
  g_clear_pointer (&self->readers, g_ptr_array_unref);
  g_clear_pointer (&self->info, reprise_couch_info_free);
  g_clear_pointer (&self->since, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* (transfer full): as it stands in the segment */
char *
reprise_couch_reading_dup_covers (const RepriseCouchReading *self)
{
  const char *words[4] = { NULL };
  guint n = 0;

  if (self->data)
    words[n++] = REPRISE_COUCH_COVERS_DATA;
  if (self->design)
    words[n++] = REPRISE_COUCH_COVERS_DESIGN;
  if (self->local)
    words[n++] = REPRISE_COUCH_COVERS_LOCAL;
  return g_strjoinv (" ", (char **) words);
}

/* ---- what it goes on from ---- */

static gboolean
equals (const char *stored, const char *now)
{
  return g_strcmp0 (stored, now != NULL ? now : "") == 0;
}

static gboolean
covers_local (const char *covers)
{
  return covers != NULL && g_str_has_suffix (covers, REPRISE_COUCH_COVERS_LOCAL);
}

/* Local documents are read in full each time: whether they were before does not matter. */
static gboolean
covers_same (const char *covered, const char *covers)
{
  g_autofree char *before = g_strdup (covered != NULL ? covered : "");
  g_autofree char *now = g_strdup (covers);

  if (covers_local (before))
    before[strlen (before) - strlen (REPRISE_COUCH_COVERS_LOCAL)] = '\0';
  if (covers_local (now))
    now[strlen (now) - strlen (REPRISE_COUCH_COVERS_LOCAL)] = '\0';
  return strcmp (g_strchomp (before), g_strchomp (now)) == 0;
}

/* Why a delta would not be right, or %NULL. */
static const char *
find_break (Reader *self, RepriseCouchReader *last)
{
  g_autofree char *server = reprise_couch_reader_dup (last, REPRISE_COUCH_META_SERVER);
  g_autofree char *created = reprise_couch_reader_dup (last, REPRISE_COUCH_META_CREATED);
  g_autofree char *since = reprise_couch_reader_dup (last, REPRISE_COUCH_SEQUENCE);
  g_autofree char *covered = reprise_couch_reader_dup (last, REPRISE_COUCH_COVERS);
  g_autofree char *covers = reprise_couch_reading_dup_covers (self->want);

  if (!equals (server, self->want->server))
    return "the server is another installation";
  if (!equals (created, self->info->created))
    return "the database was made anew";
  if (since == NULL || *since == '\0')
    return "the earlier backup does not say how far it goes";
  if (!covers_same (covered, covers))
    return "other parts of it were backed up before";
  return NULL;
}

static gboolean
open_earlier (Reader *self, GError **error)
{
  GPtrArray *earlier = self->want->earlier;

  self->readers = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_reader_free);
  for (guint i = earlier != NULL ? earlier->len : 0; i > 0; i--)
    {
      RepriseCouchSegment *segment = earlier->pdata[i - 1];
      RepriseCouchReader *reader = reprise_couch_reader_new (segment->path, error);

      if (reader == NULL)
        return FALSE;
      g_ptr_array_add (self->readers, reader);
    }
  return TRUE;
}

static gboolean
set_text (Reader *self, const char *name, const char *value, GError **error)
{
  return reprise_couch_writer_set (self->writer, name, value != NULL ? value : "", error);
}

static gboolean
begin_segment (Reader *self, GError **error)
{
  g_autofree char *covers = reprise_couch_reading_dup_covers (self->want);
  RepriseCouchTier tier = self->is_delta ? REPRISE_COUCH_DAILY : REPRISE_COUCH_BASELINE;

  return set_text (self, REPRISE_COUCH_DATABASE,
                   self->want->name != NULL ? self->want->name : self->want->database, error) &&
         set_text (self, REPRISE_COUCH_RUN, self->want->run, error) &&
         set_text (self, REPRISE_COUCH_TIER, reprise_couch_tier_to_string (tier), error) &&
         set_text (self, REPRISE_COUCH_FROM, self->is_delta ? self->want->from : "", error) &&
         set_text (self, REPRISE_COUCH_TO, self->want->to, error) &&
         set_text (self, REPRISE_COUCH_SINCE, self->since, error) &&
         set_text (self, REPRISE_COUCH_COVERS, covers, error) &&
         set_text (self, REPRISE_COUCH_META_SERVER, self->want->server, error) &&
         set_text (self, REPRISE_COUCH_META_CREATED, self->info->created, error) &&
         set_text (self, REPRISE_COUCH_META_PURGE, self->info->purge_seq, error) &&
         reprise_couch_writer_checkpoint (self->writer, self->since, error);
}

/* Whether what an earlier try left is of the same run, database and place in the chain. */
static gboolean
can_resume (Reader *self)
{
  g_autofree char *database = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_DATABASE);
  g_autofree char *to = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_TO);
  g_autofree char *from = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_FROM);
  g_autofree char *covered = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_COVERS);
  g_autofree char *created = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_META_CREATED);
  g_autofree char *server = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_META_SERVER);
  g_autofree char *covers = reprise_couch_reading_dup_covers (self->want);

  return equals (database, self->want->name != NULL ? self->want->name : self->want->database) &&
         equals (to, self->want->to) && equals (covered, covers) && from != NULL &&
         (*from == '\0' || equals (from, self->want->from)) &&
         equals (created, self->info->created) && equals (server, self->want->server);
}

static void
resume_segment (Reader *self)
{
  g_autofree char *from = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_FROM);
  g_autofree char *since = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_SEQUENCE);

  self->is_delta = from != NULL && *from != '\0';
  if (since != NULL && *since != '\0')
    self->since = g_steal_pointer (&since);
  if (!self->is_delta)
    g_ptr_array_set_size (self->readers, 0);
  reprise_progress_log (self->progress, "%s: going on from the last checkpoint",
                        self->want->database);
}

static gboolean
open_writer (Reader *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->writer = reprise_couch_writer_new (self->want->path, &local);
  if (self->writer == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (self->writer != NULL &&
      (!reprise_couch_writer_is_resumed (self->writer) || can_resume (self)))
    return TRUE;
  g_clear_pointer (&self->writer, reprise_couch_writer_free);
  if (!reprise_couch_writer_discard (self->want->path, error))
    return FALSE;
  self->writer = reprise_couch_writer_new (self->want->path, error);
  return self->writer != NULL;
}

static gboolean
begin (Reader *self, GError **error)
{
  const char *reason = NULL;

  if (!open_earlier (self, error) || !open_writer (self, error))
    return FALSE;
  if (reprise_couch_writer_is_resumed (self->writer))
    {
      resume_segment (self);
      return TRUE;
    }
  if (self->readers->len > 0)
    reason = find_break (self, self->readers->pdata[0]);
  self->is_delta = self->readers->len > 0 && reason == NULL;
  if (self->is_delta)
    self->since = reprise_couch_reader_dup (self->readers->pdata[0], REPRISE_COUCH_SEQUENCE);
  else
    g_ptr_array_set_size (self->readers, 0);
  if (reason != NULL)
    reprise_progress_log (self->progress, "%s: a new baseline: %s", self->want->database, reason);
  return begin_segment (self, error);
}

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
look_up (Reader *self, const char *id, Known *known, GError **error)
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
tell_leaf (Reader *self, const char *id, RepriseCouchSpan document, GError **error)
{
  g_auto (RepriseCouchHead) head = { NULL };
  g_autoptr (GArray) links = NULL;
  RepriseCouchLeaf leaf = { NULL };

  reprise_couch_head_read (&head, document);
  if (g_strcmp0 (head.id, id) != 0 || head.rev == NULL)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
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
find_deleted (Reader *self, const char *id, const char *rev, gboolean *deleted, GError **error)
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
tell_held (Reader *self, const RepriseCouchChange *change, GError **error)
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
tell (Reader *self, RepriseCouchBatch *batch, const RepriseCouchAnswer *answer, GError **error)
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
tell_known (Reader *self, const RepriseCouchChange *change, GError **error)
{
  return reprise_couch_writer_begin_document (self->writer, change->id, change->seq, error) &&
         tell_held (self, change, error) && reprise_couch_writer_end_document (self->writer, error);
}

/* ---- the feed ---- */

/* The page that comes next is read in a thread of its own. */
typedef struct
{
  Reader *reader;
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
  Reader *reader = self->reader;

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

static gboolean
is_wanted (Reader *self, const char *id)
{
  return g_str_has_prefix (id, "_design/") ? self->want->design : self->want->data;
}

/* Takes @change. */
static void
ask_for (Reader *self, RepriseCouchChange *change)
{
  self->n_open[self->tag % 2]++;
  reprise_couch_fetch_push (self->fetch, change, self->tag);
}

/* Takes @change. */
static gboolean
take_change (Reader *self, RepriseCouchChange *change, GError **error)
{
  g_autoptr (RepriseCouchChange) owned = change;
  g_auto (Known) known = { NULL };

  if (!is_wanted (self, change->id))
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
  ask_for (self, g_steal_pointer (&owned));
  return TRUE;
}

/* Of a feed what is no longer there was purged. A document that was asked for alone may never have been there. */
static gboolean
is_there (Reader *self, const RepriseCouchAnswer *answer)
{
  return self->want->document == NULL || answer->n_documents > 0;
}

/* Until nothing is left of the page with @tag. What comes of the next one meanwhile waits: it may be newer. */
static gboolean
store_answers (Reader *self, guint tag, GError **error)
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
ask_for_page (Reader *self, RepriseCouchPage *page, GError **error)
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
finish_page (Reader *self, guint tag, const char *since, GError **error)
{
  if (since == NULL)
    return TRUE;
  if (!store_answers (self, tag, error) ||
      !reprise_couch_writer_checkpoint (self->writer, since, error))
    return FALSE;
  g_free (self->since);
  self->since = g_strdup (since);
  return TRUE;
}

/* The last page of a feed is the one with fewer rows than were asked for, where the server does not say how many follow. */
static gboolean
is_last (Reader *self, const RepriseCouchPage *page)
{
  return page->pending >= 0 ? page->pending == 0
                            : page->changes->len + page->n_unreadable < self->page_rows;
}

/* Once through the feed to its end. While the last documents of a page come, those of the next are asked for already.
 * @n_rows: (out): how many there were */
static gboolean
read_pass (Reader *self, guint64 *n_rows, GError **error)
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
static gboolean
read_feed (Reader *self, GError **error)
{
  guint64 n_rows = 1;

  if (self->want->document != NULL)
    {
      ask_for (self, reprise_couch_change_new (self->want->document, NULL));
      return store_answers (self, self->tag, error);
    }
  for (guint pass = 0; pass < MAX_PASSES && n_rows > 0; pass++)
    if (!read_pass (self, &n_rows, error))
      return FALSE;
  if (self->n_unreadable > 0)
    reprise_progress_warn (
      self->progress,
      ngettext ("%s: %u document has an id that is no text, and is left out.",
                "%s: %u documents have ids that are no text, and are left out.",
                self->n_unreadable),
      self->want->database, self->n_unreadable);
  return TRUE;
}

/* ---- beside the feed ---- */

/* How many purges a sequence of them has seen, which its first number tells. */
static gint64
count_purges (const char *sequence)
{
  return sequence != NULL ? g_ascii_strtoll (*sequence == '"' ? sequence + 1 : sequence, NULL, 10)
                          : 0;
}

/* Purges leave no row in the feed. Their ids are asked for as they are now.
 * @n: how many there were since the backup before: the server forgets those that are long ago */
static gboolean
read_purged (Reader *self, gint64 n, gboolean *known, GError **error)
{
  static const char *const NONE[] = { "0-0", NULL };
  g_autofree char *path =
    reprise_couch_client_dup_path (self->want->database, NULL, "_purged_infos");
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes =
    reprise_couch_client_get_bytes (self->client, path, self->cancellable, &local);
  RepriseCouchSpan span = { NULL, 0 }, info;
  RepriseCouchWalk walk;

  *known = bytes != NULL;
  if (bytes == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (bytes == NULL)
    return TRUE;
  span.data = g_bytes_get_data (bytes, &span.size);
  span = reprise_couch_span_get (span, "purged_infos");
  *known = reprise_couch_span_count (span) >= n;
  if (!*known)
    return TRUE;
  walk = reprise_couch_walk (span);
  while (reprise_couch_walk_next_element (&walk, &info))
    {
      g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (info, "id"));

      if (id != NULL && is_wanted (self, id))
        ask_for (self, reprise_couch_change_new (id, NONE));
    }
  return store_answers (self, self->tag, error);
}

/* @anew: (out): nobody knows what was purged: only a baseline is right */
static gboolean
check_purges (Reader *self, gboolean *anew, GError **error)
{
  g_autofree char *before = NULL;
  gboolean known = TRUE;

  *anew = FALSE;
  if (!self->is_delta)
    return TRUE;
  before = reprise_couch_reader_dup (self->readers->pdata[0], REPRISE_COUCH_META_PURGE);
  if (equals (before, self->info->purge_seq))
    return TRUE;
  if (!read_purged (self, count_purges (self->info->purge_seq) - count_purges (before), &known,
                    error))
    return FALSE;
  *anew = !known;
  return TRUE;
}

static gboolean
put_extra (Reader *self, const char *name, GBytes *bytes, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  return reprise_couch_writer_put_extra (self->writer, name, data != NULL ? data : "", size, error);
}

static gboolean
read_security (Reader *self, GError **error)
{
  g_autofree char *path =
    reprise_couch_client_dup_path (self->want->database, NULL, REPRISE_COUCH_EXTRA_SECURITY);
  g_autoptr (GBytes) bytes = NULL;

  if (!self->want->design)
    return TRUE;
  bytes = reprise_couch_client_get_bytes (self->client, path, self->cancellable, error);
  return bytes != NULL && put_extra (self, REPRISE_COUCH_EXTRA_SECURITY, bytes, error);
}

#define LOCAL_PREFIX "_local/"

/* An empty one says that it is gone. @there: (element-type utf8): those that the server has now */
static gboolean
note_gone (Reader *self, GHashTable *there, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->readers->len; i++)
    {
      g_auto (GStrv) names = reprise_couch_reader_list_extras (self->readers->pdata[i], error);

      if (names == NULL)
        return FALSE;
      for (char **name = names; *name != NULL; name++)
        {
          g_autoptr (GBytes) before = NULL;

          if (!g_str_has_prefix (*name, LOCAL_PREFIX) || g_hash_table_contains (there, *name) ||
              !g_hash_table_add (seen, g_strdup (*name)))
            continue;
          before = reprise_couch_reader_read_extra (self->readers->pdata[i], *name, error);
          if (before == NULL ||
              (g_bytes_get_size (before) > 0 &&
               !reprise_couch_writer_put_extra (self->writer, *name, "", 0, error)))
            return FALSE;
        }
    }
  return TRUE;
}

/* They are not backed up any more: this point has none of those that the points before it had. */
static gboolean
end_local (Reader *self, GError **error)
{
  g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *covered =
    self->readers->len > 0
      ? reprise_couch_reader_dup (self->readers->pdata[0], REPRISE_COUCH_COVERS)
      : NULL;

  return !covers_local (covered) || note_gone (self, none, error);
}

static gboolean
read_local (Reader *self, GError **error)
{
  g_autoptr (GHashTable) there = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *path = reprise_couch_client_dup_path (self->want->database, NULL, "_local_docs");
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) local = NULL;
  RepriseCouchSpan span = { NULL, 0 }, row;
  RepriseCouchWalk walk;

  if (!self->want->local)
    return end_local (self, error);
  reprise_http_request_add_query (request, "include_docs", "true");
  response = reprise_couch_client_send (self->client, request, NULL, self->cancellable, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      reprise_progress_warn (self->progress,
                             _ ("%s: the server does not tell its local documents."),
                             self->want->database);
      return TRUE;
    }
  if (response == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  span.data = g_bytes_get_data (reprise_http_response_get_body (response), &span.size);
  walk = reprise_couch_walk (reprise_couch_span_get (span, "rows"));
  while (reprise_couch_walk_next_element (&walk, &row))
    {
      g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));
      RepriseCouchSpan doc = reprise_couch_span_get (row, "doc");

      if (id == NULL || !g_str_has_prefix (id, LOCAL_PREFIX) || doc.data == NULL)
        continue;
      if (!reprise_couch_writer_put_extra (self->writer, id, doc.data, doc.size, error))
        return FALSE;
      g_hash_table_add (there, g_strdup (id));
    }
  return note_gone (self, there, error);
}

static gboolean
set_number (Reader *self, const char *name, gint64 number, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%" PRId64, number);

  return set_text (self, name, text, error);
}

/* Whether it still is the database that the chain is of. Only all of it can be counted. */
static gboolean
check_number (Reader *self, gboolean *anew, GError **error)
{
  if (*anew || !self->want->data || !self->want->design || self->want->document != NULL ||
      self->n_unreadable > 0)
    return TRUE;
  return reprise_couch_census_take (self->client, self->want->database, self->since, self->writer,
                                    self->readers, anew, self->cancellable, error);
}

static gboolean
finish (Reader *self, GError **error)
{
  g_autoptr (RepriseCouchInfo) now =
    reprise_couch_client_get_info (self->client, self->want->database, self->cancellable, error);

  return now != NULL && read_security (self, error) && read_local (self, error) &&
         set_number (self, REPRISE_COUCH_META_LIVE, now->doc_count, error) &&
         set_number (self, REPRISE_COUCH_META_DELETED, now->doc_del_count, error) &&
         set_number (self, REPRISE_COUCH_META_SHARDS, now->q, error) &&
         set_text (self, REPRISE_COUCH_META_PARTITIONED, now->partitioned ? "true" : "false",
                   error) &&
         reprise_couch_writer_checkpoint (self->writer, self->since, error) &&
         reprise_couch_writer_commit (self->writer, self->cancellable, error);
}

static gint64
get_document_bytes (const RepriseCouchInfo *info)
{
  gint64 n = info->doc_count + MAX (info->doc_del_count, 0);

  return info->size_bytes > 0 && n > 0 ? info->size_bytes / n : -1;
}

static gboolean
read_once (Reader *self, gboolean *anew, GError **error)
{
  gint64 document_bytes;

  self->info =
    reprise_couch_client_get_info (self->client, self->want->database, self->cancellable, error);
  if (self->info == NULL || !begin (self, error))
    return FALSE;
  document_bytes = get_document_bytes (self->info);
  self->page_rows = (guint) CLAMP (PAGE_BYTES / MAX (document_bytes, 1024), MIN_PAGE, MAX_PAGE);
  self->fetch = reprise_couch_fetch_new (
    self->client, self->want->database, self->want->connections, document_bytes, self->cancellable);
  self->pull =
    reprise_couch_pull_new (self->client, self->want->database, self->writer, self->readers,
                            self->want->connections, self->progress, self->cancellable);
  return read_feed (self, error) && check_purges (self, anew, error) &&
         check_number (self, anew, error) && (*anew || finish (self, error));
}

/**
 * reprise_couch_reading_run:
 *
 * Reads one database into a segment. Where it is broken off, what was read up to the last checkpoint stays beside @path, and the next
 * call goes on from there.
 *
 * Returns: whether the segment is committed
 */
gboolean
reprise_couch_reading_run (const RepriseCouchReading *want,
                           RepriseCouchClient *client,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseCouchReading baseline = *want;
  gboolean anew = FALSE;

  {
    g_auto (Reader) reader = {
      .want = want, .client = client, .progress = progress, .cancellable = cancellable
    };

    if (!read_once (&reader, &anew, error))
      {
        g_prefix_error (error, "%s: ", want->database);
        return FALSE;
      }
  }
  if (!anew)
    return TRUE;
  reprise_progress_log (
    progress, "%s: a new baseline: it has not the documents that its feed tells", want->database);
  baseline.earlier = NULL;
  baseline.from = NULL;
  if (!reprise_couch_writer_discard (want->path, error))
    return FALSE;
  return reprise_couch_reading_run (&baseline, client, progress, cancellable, error);
}
