/* reprise-couch-compare.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-hash.h"
#include "providers/couchdb/restore/reprise-couch-compare.h"
#include "providers/couchdb/restore/reprise-couch-compose.h"
#include "providers/couchdb/client/reprise-couch-fetch.h"

#define WINDOW       1000
#define WINDOW_BYTES (4 * 1024 * 1024)

/* Digests have no pattern: any part of them is a hash. */
static guint
digest_hash (gconstpointer digest)
{
  guint hash;

  memcpy (&hash, digest, sizeof hash);
  return hash;
}

static gboolean
digest_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, REPRISE_HASH_RAW_LENGTH) == 0;
}

static guint8 *
make_digest (const RepriseCouchItem *item, const char *rev, RepriseHash *hash)
{
  guint8 *digest = g_malloc (REPRISE_HASH_RAW_LENGTH);
  RepriseCouchSpan body;

  body.data = g_bytes_get_data (item->body, &body.size);
  reprise_couch_compose_digest (item->id, rev, body, item->links, hash, digest);
  return digest;
}

/* It is not as saved: because of us or of the server, or because somebody else changed it since. */
static void
note_difference (RepriseCouchComparison *self, const RepriseCouchItem *item)
{
  if (self->ledger != NULL && item->now != NULL &&
      reprise_couch_ledger_is_foreign (self->ledger, item->id, item->now))
    g_ptr_array_add (self->changed, g_strdup (item->id));
  else
    self->n_differing++;
}

static gboolean
is_left_alone (RepriseCouchComparison *self, const RepriseCouchItem *item)
{
  return self->left_alone != NULL && g_hash_table_contains (self->left_alone, item->id);
}

/* The revision under which the server should have the item. @rev: (out): %NULL where that is none of ours to say */
static gboolean
choose_revision (RepriseCouchComparison *self,
                 const RepriseCouchItem *item,
                 const char **rev,
                 GError **error)
{
  gboolean is_winner = TRUE, is_live;

  *rev = NULL;
  if (!reprise_couch_goal_wants (self->goal, item->id) || is_left_alone (self, item) ||
      (item->deleted && !self->deletions))
    return TRUE;
  if (self->goal->keeps_tree)
    {
      *rev = item->rev;
      return TRUE;
    }
  is_live = item->now != NULL && !item->now_deleted;
  if (item->deleted && !is_live)
    return TRUE;
  if (!reprise_couch_goal_is_winner (self->goal, item, &is_winner, error))
    return FALSE;
  if (!is_winner)
    return TRUE;
  if (item->deleted || !is_live)
    note_difference (self, item);
  else
    *rev = item->now;
  return TRUE;
}

/* What the window should be on the server: digests, and the items that they are of. */
static GHashTable *
expect (RepriseCouchComparison *self, GPtrArray *items, RepriseCouchFetch *fetch, GError **error)
{
  g_autoptr (GHashTable) expected = g_hash_table_new_full (digest_hash, digest_equal, g_free, NULL);
  g_autoptr (RepriseHash) hash = reprise_hash_new ();

  for (guint i = 0; i < items->len; i++)
    {
      RepriseCouchItem *item = items->pdata[i];
      const char *revs[] = { NULL, NULL };

      if (!choose_revision (self, item, &revs[0], error))
        return NULL;
      if (revs[0] == NULL)
        continue;
      g_hash_table_insert (expected, make_digest (item, revs[0], hash), item);
      reprise_couch_fetch_push (fetch, reprise_couch_change_new (item->id, revs), 0);
    }
  return g_steal_pointer (&expected);
}

static void
tick_off (GHashTable *expected, RepriseCouchBatch *batch)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();

  for (guint i = 0; i < batch->documents->len; i++)
    {
      RepriseCouchSpan document = g_array_index (batch->documents, RepriseCouchSpan, i);
      g_auto (RepriseCouchHead) head = { NULL };
      guint8 digest[REPRISE_HASH_RAW_LENGTH];

      reprise_couch_head_read (&head, document);
      if (head.id == NULL || head.rev == NULL)
        continue;
      reprise_couch_compose_digest (head.id, head.rev, document, NULL, hash, digest);
      g_hash_table_remove (expected, digest);
    }
}

static gboolean
compare_window (RepriseCouchComparison *self,
                GPtrArray *items,
                RepriseCouchFetch *fetch,
                GError **error)
{
  g_autoptr (GHashTable) expected = NULL;
  GHashTableIter iter;
  gpointer item;

  if (!self->goal->keeps_tree &&
      !reprise_couch_goal_look_up (self->goal, self->client, items, self->cancellable, error))
    return FALSE;
  expected = expect (self, items, fetch, error);
  if (expected == NULL)
    return FALSE;
  while (reprise_couch_fetch_get_n_waiting (fetch) > 0)
    {
      g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (fetch, 0, error);

      if (batch == NULL)
        return FALSE;
      reprise_progress_add_items (self->progress, batch->answers->len);
      tick_off (expected, batch);
    }
  g_hash_table_iter_init (&iter, expected);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    note_difference (self, item);
  return TRUE;
}

/**
 * reprise_couch_compare:
 * @which: which of the documents; their bodies are always read
 *
 * Asks for each revision by its name, and counts those that are not there or are another.
 */
gboolean
reprise_couch_compare (RepriseCouchComparison *self, RepriseCouchItems which, GError **error)
{
  g_autoptr (RepriseCouchFetch) fetch = reprise_couch_fetch_new (
    self->client, self->goal->target, self->connections, -1, self->cancellable);

  reprise_couch_state_rewind (self->goal->state);
  for (;;)
    {
      g_autoptr (GPtrArray) items = reprise_couch_goal_read_window (
        self->goal, WINDOW, WINDOW_BYTES, which | REPRISE_COUCH_ITEMS_BODIES, error);

      if (items == NULL || !reprise_progress_check_stop (self->progress, error))
        return FALSE;
      if (items->len == 0)
        return TRUE;
      if (!compare_window (self, items, fetch, error))
        return FALSE;
    }
}
