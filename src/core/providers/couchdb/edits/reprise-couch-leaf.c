/* reprise-couch-leaf.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include "providers/couchdb/edits/reprise-couch-leaf.h"
#include "providers/couchdb/restore/reprise-couch-compose.h"
#include "providers/couchdb/restore/reprise-couch-delivery.h"
#include "providers/couchdb/client/reprise-couch-fetch.h"

static void
leaf_free (gpointer data)
{
  RepriseCouchLeafThere *self = data;

  g_free (self->rev);
  g_ptr_array_unref (self->ids);
  g_free (self);
}

static GPtrArray *
read_path (RepriseCouchSpan revisions)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (revisions, "ids"));
  RepriseCouchSpan id;

  while (reprise_couch_walk_next_element (&walk, &id))
    g_ptr_array_add (ids, reprise_couch_span_dup_string (id));
  return ids;
}

/* (transfer full) (nullable): %NULL of what is no document */
static RepriseCouchLeafThere *
leaf_new (RepriseCouchSpan document, RepriseHash *hash)
{
  g_auto (RepriseCouchHead) head = { NULL };
  RepriseCouchLeafThere *self;

  reprise_couch_head_read (&head, document);
  if (head.id == NULL || head.rev == NULL)
    return NULL;
  self = g_new0 (RepriseCouchLeafThere, 1);
  self->deleted = head.deleted;
  self->ids = read_path (head.revisions);
  reprise_couch_compose_digest (head.id, "", document, NULL, hash, self->digest);
  self->rev = g_steal_pointer (&head.rev);
  return self;
}

static int
compare_leaves_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchLeafThere *x = *(const RepriseCouchLeafThere *const *) a;
  const RepriseCouchLeafThere *y = *(const RepriseCouchLeafThere *const *) b;

  if (x->deleted != y->deleted)
    return x->deleted ? 1 : -1;
  return -reprise_couch_compare_revs (x->rev, y->rev);
}

static void
take_batch (GHashTable *leaves, RepriseCouchBatch *batch, RepriseHash *hash)
{
  for (guint i = 0; i < batch->answers->len; i++)
    {
      const RepriseCouchAnswer *answer = batch->answers->pdata[i];
      GPtrArray *of_id = g_ptr_array_new_with_free_func (leaf_free);

      for (guint j = 0; j < answer->n_documents; j++)
        {
          RepriseCouchLeafThere *leaf =
            leaf_new (g_array_index (batch->documents, RepriseCouchSpan, answer->first + j), hash);

          if (leaf != NULL)
            g_ptr_array_add (of_id, leaf);
        }
      g_ptr_array_sort (of_id, compare_leaves_cb);
      g_hash_table_replace (leaves, g_strdup (answer->change->id), of_id);
    }
}

/**
 * reprise_couch_leaves_read:
 * @items: (element-type RepriseCouchItem): which documents
 *
 * Returns: (transfer full) (element-type utf8 GPtrArray): of each document every leaf that the server has now, the one that is shown
 *   first; or %NULL with @error
 */
GHashTable *
reprise_couch_leaves_read (RepriseCouchClient *client,
                           const char *database,
                           GPtrArray *items,
                           guint connections,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (RepriseCouchFetch) fetch =
    reprise_couch_fetch_new (client, database, connections, -1, cancellable);
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autoptr (GHashTable) leaves =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < items->len; i++)
    reprise_couch_fetch_push (
      fetch, reprise_couch_change_new (((RepriseCouchItem *) items->pdata[i])->id, NULL), 0);
  while (reprise_couch_fetch_get_n_waiting (fetch) > 0)
    {
      g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (fetch, 0, error);

      if (batch == NULL)
        return NULL;
      take_batch (leaves, batch, hash);
    }
  return g_steal_pointer (&leaves);
}

/* What is to be equal of a leaf here and there. */
void
reprise_couch_leaf_digest (const RepriseCouchItem *item,
                           RepriseHash *hash,
                           guint8 digest[REPRISE_HASH_RAW_LENGTH])
{
  reprise_couch_compose_digest (item->id, "", reprise_couch_item_get_body (item), item->links, hash,
                                digest);
}

/* (transfer full): {"start":…,"ids":[…]} */
char *
reprise_couch_leaf_print_path (guint64 generation, GPtrArray *ids)
{
  GString *json = g_string_new (NULL);

  g_string_append_printf (json, "{\"start\":%" PRIu64 ",\"ids\":[", generation);
  for (guint i = 0; i < ids->len; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      reprise_couch_append_string (json, ids->pdata[i]);
    }
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}
