/* reprise-couch-edits.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/edits/reprise-couch-edits.h"
#include "providers/couchdb/edits/reprise-couch-leaf.h"
#include "providers/couchdb/restore/reprise-couch-compare.h"
#include "providers/couchdb/restore/reprise-couch-delivery.h"
#include "providers/couchdb/reprise-couch-settings.h"

#define WINDOW       1000
#define WINDOW_BYTES (4 * 1024 * 1024)
#define SLICE        100 /* documents that are looked into one by one */
#define MAX_ROUNDS   5 /* in which a saved version tries to win over somebody who goes on writing */

RepriseCouchConflicts
reprise_couch_conflicts_from_string (const char *text)
{
  if (g_strcmp0 (text, REPRISE_COUCH_CONFLICTS_VALUE_KEEP) == 0)
    return REPRISE_COUCH_CONFLICTS_KEEP;
  return g_strcmp0 (text, REPRISE_COUCH_CONFLICTS_VALUE_EXACT) == 0 ? REPRISE_COUCH_CONFLICTS_EXACT
                                                                    : REPRISE_COUCH_CONFLICTS_LEAVE;
}

static const char *
get_option (GHashTable *options, const char *key)
{
  const char *value = options != NULL ? g_hash_table_lookup (options, key) : NULL;

  return value != NULL ? value : "";
}

/* @goal: outlives it */
RepriseCouchEdits *
reprise_couch_edits_new (RepriseCouchClient *client,
                         RepriseCouchGoal *goal,
                         GHashTable *options,
                         guint connections,
                         RepriseProgress *progress,
                         GCancellable *cancellable)
{
  RepriseCouchEdits *self = g_new0 (RepriseCouchEdits, 1);

  self->client = g_object_ref (client);
  self->goal = goal;
  self->conflicts =
    reprise_couch_conflicts_from_string (get_option (options, REPRISE_COUCH_OPTION_CONFLICTS));
  self->deletions = strcmp (get_option (options, REPRISE_COUCH_OPTION_DELETIONS), "false") != 0;
  self->replaces_newer = strcmp (get_option (options, REPRISE_COUCH_OPTION_MEANWHILE),
                                 REPRISE_COUCH_MEANWHILE_REPLACE) == 0;
  self->connections = connections;
  g_set_object (&self->progress, progress);
  g_set_object (&self->cancellable, cancellable);
  self->hash = reprise_hash_new ();
  self->ledger = reprise_couch_ledger_new ();
  self->newer = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->gone = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
reprise_couch_edits_free (RepriseCouchEdits *self)
{
  g_clear_pointer (&self->safe, reprise_couch_state_free);
  g_clear_object (&self->client);
  g_clear_object (&self->progress);
  g_clear_object (&self->cancellable);
  reprise_hash_free (self->hash);
  reprise_couch_ledger_free (self->ledger);
  g_hash_table_unref (self->newer);
  g_ptr_array_unref (self->gone);
  g_free (self->first_newer);
  g_free (self->refusal);
  g_free (self);
}

/* What was saved before this restore: what is not in it was written meanwhile. */
gboolean
reprise_couch_edits_set_safety_copy (RepriseCouchEdits *self,
                                     const char *service_folder,
                                     const char *id,
                                     GError **error)
{
  g_autoptr (RepriseCouchShelf) shelf = reprise_couch_shelf_new (service_folder, error);
  RepriseCouchRun *run = shelf != NULL ? reprise_couch_shelf_find_run (shelf, id) : NULL;
  g_autofree char *file =
    run != NULL ? reprise_couch_run_find_file (run, self->goal->target) : NULL;
  g_autoptr (GPtrArray) segments = NULL;

  if (file == NULL) /* a database that was not there then */
    return shelf != NULL;
  segments = reprise_couch_shelf_list_segments (shelf, self->goal->target, TRUE, error);
  if (segments == NULL)
    return FALSE;
  self->safe =
    reprise_couch_state_new (segments, reprise_couch_run_get_point (run), self->cancellable, error);
  return self->safe != NULL;
}

guint64
reprise_couch_edits_get_n_newer (RepriseCouchEdits *self)
{
  return g_hash_table_size (self->newer);
}

RepriseCouchSender *
reprise_couch_edits_new_sender (RepriseCouchEdits *self, gboolean new_edits)
{
  RepriseCouchSender *sender =
    reprise_couch_sender_new (self->client, self->goal->target, new_edits, self->connections,
                              self->progress, self->cancellable);

  reprise_couch_sender_set_ledger (sender, self->ledger);
  return sender;
}

gboolean
reprise_couch_edits_finish (RepriseCouchEdits *self, RepriseCouchSender *sender, GError **error)
{
  if (!reprise_couch_sender_finish (sender, error))
    return FALSE;
  self->n_written += reprise_couch_sender_get_n_sent (sender) -
                     reprise_couch_sender_get_n_refused (sender) -
                     reprise_couch_sender_get_n_overtaken (sender);
  self->n_refused += reprise_couch_sender_get_n_refused (sender);
  if (self->refusal == NULL)
    self->refusal = g_strdup (reprise_couch_sender_get_first_refusal (sender));
  return TRUE;
}

/* ---- what was written meanwhile ---- */

/* The newer version stays. */
static void
leave (RepriseCouchEdits *self, const char *id)
{
  reprise_progress_log (self->progress, "“%s” of “%s” was changed meanwhile, and stays", id,
                        self->goal->target);
  if (self->first_newer == NULL)
    self->first_newer = g_strdup (id);
  g_hash_table_add (self->newer, g_strdup (id));
}

static void
overwrite (RepriseCouchEdits *self, const char *id, const char *rev)
{
  reprise_progress_log (self->progress, "“%s” of “%s” was changed meanwhile: %s is replaced", id,
                        self->goal->target, rev);
  if (self->first_newer == NULL)
    self->first_newer = g_strdup (id);
  self->n_overwritten++;
}

typedef struct
{
  const char *rev;
  gboolean found;
} Sought;

static gboolean
seek_cb (const RepriseCouchRow *row,
         RepriseCouchReader *reader,
         RepriseCouchSegment *segment,
         gpointer user_data,
         GError **error)
{
  Sought *sought = user_data;

  sought->found |= strcmp (row->rev, sought->rev) == 0;
  return TRUE;
}

/* Whether the revision is in the safety copy, or is to be replaced all the same; else it was written meanwhile, which is noted. */
gboolean
reprise_couch_edits_may_replace (RepriseCouchEdits *self,
                                 const char *id,
                                 const char *rev,
                                 gboolean *may,
                                 GError **error)
{
  Sought sought = { rev, FALSE };

  *may = TRUE;
  if (self->safe == NULL)
    return TRUE;
  if (!reprise_couch_state_find (self->safe, id, seek_cb, &sought, error))
    return FALSE;
  if (sought.found || !reprise_couch_ledger_is_foreign (self->ledger, id, rev))
    return TRUE;
  if (self->replaces_newer)
    overwrite (self, id, rev);
  else
    {
      leave (self, id);
      *may = FALSE;
    }
  return TRUE;
}

/* ---- the edits ---- */

static gboolean
is_live (const RepriseCouchItem *item)
{
  return item->now != NULL && !item->now_deleted;
}

static gboolean
send_on (RepriseCouchEdits *self, const RepriseCouchItem *item, GError **error)
{
  if (item->deleted)
    g_ptr_array_add (self->gone, g_strdup (item->id));
  return reprise_couch_deliver_edit (self->goal, self->sender, item,
                                     is_live (item) ? item->now : NULL, error);
}

/* A saved version that is to win is a new edit of what is there. */
static gboolean
send_edit (RepriseCouchEdits *self, const RepriseCouchItem *item, GError **error)
{
  gboolean is_winner = FALSE, may = TRUE;

  if (g_strcmp0 (item->now, item->rev) == 0)
    {
      self->n_skipped++;
      return TRUE;
    }
  if (!reprise_couch_goal_is_winner (self->goal, item, &is_winner, error))
    return FALSE;
  if (!is_winner || (item->deleted && (!is_live (item) || !self->deletions)))
    {
      self->n_skipped++;
      return TRUE;
    }
  if (item->now != NULL &&
      !reprise_couch_edits_may_replace (self, item->id, item->now, &may, error))
    return FALSE;
  return !may || send_on (self, item, error);
}

static gboolean
send_window (RepriseCouchEdits *self, GPtrArray *items, GError **error)
{
  if (!reprise_couch_goal_look_up (self->goal, self->client, items, self->cancellable, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    if (!send_edit (self, items->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
send_all (RepriseCouchEdits *self, RepriseCouchItems which, GError **error)
{
  g_autoptr (RepriseCouchSender) sender = reprise_couch_edits_new_sender (self, TRUE);

  self->sender = sender;
  reprise_couch_state_rewind (self->goal->state);
  for (;;)
    {
      g_autoptr (GPtrArray) items = reprise_couch_goal_read_window (
        self->goal, WINDOW, WINDOW_BYTES, which | REPRISE_COUCH_ITEMS_BODIES, error);

      if (items == NULL)
        return FALSE;
      if (items->len == 0)
        return reprise_couch_edits_finish (self, sender, error);
      if (!reprise_progress_check_stop (self->progress, error) || !send_window (self, items, error))
        return FALSE;
    }
}

/* ---- again, where somebody was quicker ---- */

/* (transfer full) (element-type RepriseCouchItem): what of the documents is shown in the backup, and what the server has of each */
static GPtrArray *
read_winners (RepriseCouchEdits *self, GPtrArray *ids, guint from, guint n, GError **error)
{
  g_autoptr (GPtrArray) winners =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_item_free);

  for (guint i = from; i < from + n; i++)
    {
      g_autoptr (GPtrArray) items =
        reprise_couch_goal_read_document (self->goal, ids->pdata[i], error);

      if (items == NULL)
        return NULL;
      if (items->len > 0)
        g_ptr_array_add (winners, g_ptr_array_steal_index (items, 0));
    }
  return reprise_couch_goal_look_up (self->goal, self->client, winners, self->cancellable, error)
           ? g_steal_pointer (&winners)
           : NULL;
}

static gboolean
is_as_saved (RepriseCouchEdits *self, const RepriseCouchItem *item, GHashTable *leaves)
{
  GPtrArray *there = g_hash_table_lookup (leaves, item->id);
  guint8 digest[REPRISE_HASH_RAW_LENGTH];

  if (item->deleted || !is_live (item))
    return item->deleted && !is_live (item);
  reprise_couch_leaf_digest (item, self->hash, digest);
  for (guint i = 0; there != NULL && i < there->len; i++)
    {
      const RepriseCouchLeafThere *leaf = there->pdata[i];

      if (strcmp (leaf->rev, item->now) == 0)
        return memcmp (leaf->digest, digest, sizeof digest) == 0;
    }
  return FALSE;
}

/* Those that are not as saved are sent again, or left alone; @again: (element-type utf8): gets those that were sent */
static gboolean
redo_some (RepriseCouchEdits *self,
           GPtrArray *ids,
           guint from,
           guint n,
           gboolean writes,
           GPtrArray *again,
           GError **error)
{
  g_autoptr (GPtrArray) winners = read_winners (self, ids, from, n, error);
  g_autoptr (GHashTable) leaves = NULL;

  if (winners == NULL)
    return FALSE;
  leaves = reprise_couch_leaves_read (self->client, self->goal->target, winners, self->connections,
                                      self->cancellable, error);
  if (leaves == NULL)
    return FALSE;
  for (guint i = 0; i < winners->len; i++)
    {
      const RepriseCouchItem *item = winners->pdata[i];

      if (is_as_saved (self, item, leaves))
        continue;
      if (!writes)
        {
          leave (self, item->id);
          continue;
        }
      if (item->now != NULL && reprise_couch_ledger_is_foreign (self->ledger, item->id, item->now))
        overwrite (self, item->id, item->now);
      g_ptr_array_add (again, g_strdup (item->id));
      if (!send_on (self, item, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
redo_round (RepriseCouchEdits *self,
            GPtrArray *ids,
            gboolean writes,
            GPtrArray *again,
            GError **error)
{
  g_autoptr (RepriseCouchSender) sender = reprise_couch_edits_new_sender (self, TRUE);

  self->sender = sender;
  for (guint from = 0; from < ids->len; from += SLICE)
    if (!reprise_progress_check_stop (self->progress, error) ||
        !redo_some (self, ids, from, MIN (SLICE, ids->len - from), writes, again, error))
      return FALSE;
  return reprise_couch_edits_finish (self, sender, error);
}

/* Takes @ids: documents that the server has otherwise than was wanted. An answer that was lost is no reason, so each is read first. */
static gboolean
redo (RepriseCouchEdits *self, GPtrArray *ids, GError **error)
{
  g_autoptr (GPtrArray) left = ids;

  for (guint round = 0; left->len > 0; round++)
    {
      g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (g_free);

      if (!redo_round (self, left, self->replaces_newer && round < MAX_ROUNDS, again, error))
        return FALSE;
      g_ptr_array_unref (
        reprise_couch_ledger_take_overtaken (self->ledger)); /* they are in @again */
      g_ptr_array_unref (left);
      left = g_steal_pointer (&again);
    }
  return TRUE;
}

/* @which: documents, or design documents; bodies are always read */
gboolean
reprise_couch_edits_send (RepriseCouchEdits *self, RepriseCouchItems which, GError **error)
{
  return send_all (self, which, error) &&
         redo (self, reprise_couch_ledger_take_overtaken (self->ledger), error) &&
         reprise_couch_edits_settle (self, which, error);
}

/* What is not as saved, and nobody else wrote, is counted as differing. */
gboolean
reprise_couch_edits_compare (RepriseCouchEdits *self, RepriseCouchItems which, GError **error)
{
  g_autoptr (GPtrArray) changed = g_ptr_array_new_with_free_func (g_free);
  RepriseCouchComparison comparison = { .client = self->client,
                                        .goal = self->goal,
                                        .connections = self->connections,
                                        .deletions = self->deletions,
                                        .progress = self->progress,
                                        .cancellable = self->cancellable,
                                        .ledger = self->ledger,
                                        .left_alone = self->newer,
                                        .changed = changed };

  if (!reprise_couch_compare (&comparison, which, error) ||
      !redo (self, g_steal_pointer (&changed), error))
    return FALSE;
  self->n_differing += comparison.n_differing;
  return TRUE;
}
