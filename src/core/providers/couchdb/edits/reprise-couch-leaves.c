/* reprise-couch-leaves.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "providers/couchdb/edits/reprise-couch-leaf.h"
#include "providers/couchdb/edits/reprise-couch-leaves.h"
#include "providers/couchdb/client/reprise-couch-changes.h"
#include "providers/couchdb/restore/reprise-couch-delivery.h"

#define WINDOW    1000
#define SLICE     100 /* documents whose leaves are read at once */
#define FEED_PAGE 10000
#define MAX_TRIES \
  3 /* as it is → beneath what came of it → above what would be shown in its place */

/* Documents of which more is to be restored than what is shown of them: leaf by leaf, by what is in each, and not by its name, for what
 * was deleted or changed since cannot come back under its old name. */

typedef gboolean (*SliceFunc) (RepriseCouchEdits *edits,
                               GPtrArray *ids,
                               gpointer user_data,
                               GError **error);

/* ---- which documents ---- */

/* @ids: gets those of which the backup has several live leaves. They need not follow each other, so each id is remembered.
 * @listed: gets the same */
static gboolean
list_saved_conflicts (RepriseCouchEdits *edits,
                      RepriseCouchItems which,
                      GPtrArray *ids,
                      RepriseCouchIdSet *listed,
                      GError **error)
{
  g_autoptr (RepriseCouchIdSet) seen = reprise_couch_id_set_new (G_MAXUINT);

  reprise_couch_state_rewind (edits->goal->state);
  for (;;)
    {
      g_autoptr (GPtrArray) items =
        reprise_couch_goal_read_window (edits->goal, WINDOW, G_MAXSIZE, which, error);

      if (items == NULL)
        return FALSE;
      if (items->len == 0)
        return TRUE;
      for (guint i = 0; i < items->len; i++)
        {
          const RepriseCouchItem *item = items->pdata[i];

          if (!item->deleted && reprise_couch_id_set_add (seen, item->id) &&
              !reprise_couch_id_set_add (listed, item->id))
            g_ptr_array_add (ids, g_strdup (item->id));
        }
    }
}

static gboolean
run_slices (RepriseCouchEdits *edits,
            GPtrArray *ids,
            SliceFunc func,
            gpointer user_data,
            GError **error)
{
  for (guint from = 0; from < ids->len; from += SLICE)
    {
      g_autoptr (GPtrArray) slice = g_ptr_array_new ();

      for (guint i = from; i < MIN (from + SLICE, ids->len); i++)
        g_ptr_array_add (slice, ids->pdata[i]);
      if (!reprise_progress_check_stop (edits->progress, error) ||
          !func (edits, slice, user_data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_wanted (RepriseCouchEdits *edits,
           RepriseCouchItems which,
           RepriseCouchIdSet *listed,
           const RepriseCouchChange *change)
{
  gboolean is_design = g_str_has_prefix (change->id, "_design/");

  return g_strv_length (change->revs) > 1 &&
         is_design == ((which & REPRISE_COUCH_ITEMS_DESIGN) != 0) &&
         reprise_couch_goal_wants (edits->goal, change->id) &&
         !reprise_couch_id_set_has (listed, change->id);
}

/* Those of which the server has several leaves, deleted ones too: the feed does not tell them apart. @listed: not these */
static gboolean
run_there (RepriseCouchEdits *edits,
           RepriseCouchItems which,
           RepriseCouchIdSet *listed,
           SliceFunc func,
           gpointer user_data,
           GError **error)
{
  g_autofree char *since = NULL;
  gboolean is_last = FALSE;

  while (!is_last)
    {
      g_autoptr (GPtrArray) ids = g_ptr_array_new ();
      g_autoptr (RepriseCouchPage) page = reprise_couch_changes_read_bare (
        edits->client, edits->goal->target, since, FEED_PAGE, edits->cancellable, error);

      if (page == NULL)
        return FALSE;
      for (guint i = 0; i < page->changes->len; i++)
        if (is_wanted (edits, which, listed, page->changes->pdata[i]))
          g_ptr_array_add (ids, ((RepriseCouchChange *) page->changes->pdata[i])->id);
      if (!run_slices (edits, ids, func, user_data, error))
        return FALSE;
      is_last = page->pending >= 0 ? page->pending == 0 : page->changes->len < FEED_PAGE;
      g_free (since);
      since = g_strdup (page->last_seq);
    }
  return TRUE;
}

static gboolean
run_all (RepriseCouchEdits *edits,
         RepriseCouchItems which,
         SliceFunc func,
         gpointer user_data,
         GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RepriseCouchIdSet) listed = reprise_couch_id_set_new (G_MAXUINT);

  return list_saved_conflicts (edits, which, ids, listed, error) &&
         run_slices (edits, ids, func, user_data, error) &&
         (edits->conflicts != REPRISE_COUCH_CONFLICTS_EXACT ||
          run_there (edits, which, listed, func, user_data, error));
}

/* ---- what is here and there ---- */

/* One document. @saved: its live leaves in the backup, @there: those on the server, each with the one that is shown first. */
typedef struct
{
  GPtrArray *items;       /* (owned) */
  GPtrArray *all;         /* (nullable): the server's, deleted ones too */
  guint n_saved, n_there; /* the live ones, which come first */
  guint *place;    /* (owned): of each saved leaf where it is among those there, or G_MAXUINT */
  gboolean *taken; /* (owned): of each leaf there whether it is one of those saved */
} Pair;

static void
pair_clear (Pair *self)
{
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->place, g_free);
  g_clear_pointer (&self->taken, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static RepriseCouchItem *
get_saved (const Pair *self, guint i)
{
  return self->items->pdata[i];
}

static RepriseCouchLeafThere *
get_there (const Pair *self, guint i)
{
  return self->all->pdata[i];
}

static void
match (Pair *self, guint saved, guint there)
{
  self->place[saved] = there;
  self->taken[there] = TRUE;
}

/* By name first, then by what is in them. */
static void
match_all (Pair *self, RepriseHash *hash)
{
  for (guint i = 0; i < self->n_saved; i++)
    {
      self->place[i] = G_MAXUINT;
      for (guint j = 0; j < self->n_there && self->place[i] == G_MAXUINT; j++)
        if (strcmp (get_saved (self, i)->rev, get_there (self, j)->rev) == 0)
          match (self, i, j);
    }
  for (guint i = 0; i < self->n_saved; i++)
    {
      guint8 digest[REPRISE_HASH_RAW_LENGTH];

      if (self->place[i] != G_MAXUINT)
        continue;
      reprise_couch_leaf_digest (get_saved (self, i), hash, digest);
      for (guint j = 0; j < self->n_there && self->place[i] == G_MAXUINT; j++)
        if (!self->taken[j] && memcmp (get_there (self, j)->digest, digest, sizeof digest) == 0)
          match (self, i, j);
    }
}

static gboolean
pair_read (Pair *self, RepriseCouchEdits *edits, const char *id, GHashTable *leaves, GError **error)
{
  self->items = reprise_couch_goal_read_document (edits->goal, id, error);
  if (self->items == NULL)
    return FALSE;
  self->all = g_hash_table_lookup (leaves, id);
  while (self->n_saved < self->items->len && !get_saved (self, self->n_saved)->deleted)
    self->n_saved++;
  while (self->all != NULL && self->n_there < self->all->len &&
         !get_there (self, self->n_there)->deleted)
    self->n_there++;
  self->place = g_new0 (guint, self->n_saved + 1);
  self->taken = g_new0 (gboolean, self->n_there + 1);
  match_all (self, edits->hash);
  return TRUE;
}

static GHashTable *
read_there (RepriseCouchEdits *edits, GPtrArray *ids, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < ids->len; i++)
    {
      RepriseCouchItem *item = g_new0 (RepriseCouchItem, 1);

      item->id = ids->pdata[i];
      g_ptr_array_add (items, item);
    }
  return reprise_couch_leaves_read (edits->client, edits->goal->target, items, edits->connections,
                                    edits->cancellable, error);
}

/* ---- counted ---- */

static gboolean
count_cb (RepriseCouchEdits *edits, GPtrArray *ids, gpointer user_data, GError **error)
{
  RepriseCouchConflictCount *count = user_data;
  g_autoptr (GHashTable) leaves = read_there (edits, ids, error);

  if (leaves == NULL)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    {
      g_auto (Pair) pair = { NULL };
      gboolean shown_goes;

      if (!pair_read (&pair, edits, ids->pdata[i], leaves, error))
        return FALSE;
      if (pair.n_saved == 0) /* that the whole document goes is counted elsewhere */
        continue;
      for (guint j = 1; j < pair.n_saved; j++)
        count->n_saved += pair.place[j] == G_MAXUINT;
      /* what is shown there becomes an ancestor of what is to be shown, unless it is that already */
      shown_goes = pair.place[0] == G_MAXUINT;
      for (guint j = shown_goes ? 1 : 0; j < pair.n_there; j++)
        count->n_there += edits->conflicts == REPRISE_COUCH_CONFLICTS_EXACT && !pair.taken[j];
    }
  return TRUE;
}

/* What would become of versions in conflict, before anything is written. */
gboolean
reprise_couch_leaves_count (RepriseCouchEdits *edits,
                            RepriseCouchItems which,
                            RepriseCouchConflictCount *count,
                            GError **error)
{
  return run_all (edits, which, count_cb, count, error);
}

/* ---- written ---- */

typedef struct
{
  RepriseCouchSender *branches; /* with revisions that are chosen here */
  RepriseCouchSender *edits;
  GPtrArray *again; /* (element-type utf8): ids that are to be looked at again */
  guint try;        /* at MAX_TRIES it is only looked */
} Round;

/* (transfer full): 32 hexadecimal digits, as the server's own */
static char *
make_hash (void)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_auto (GStrv) parts = g_strsplit (uuid, "-", -1);

  return g_strjoinv (NULL, parts);
}

static guint64
get_generation (const char *rev)
{
  return g_ascii_strtoull (rev, NULL, 10);
}

/* Writes @item as a descendant of a revision, so many generations deep. @path: (element-type utf8): that revision and its ancestors */
static gboolean
send_branch (RepriseCouchEdits *edits,
             Round *round,
             const RepriseCouchItem *item,
             const char *on,
             GPtrArray *path,
             guint64 generation,
             GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *rev = NULL, *revisions = NULL;

  if (round->try == MAX_TRIES)
    return TRUE;
  for (guint64 g = generation; g > get_generation (on); g--)
    g_ptr_array_add (ids, make_hash ());
  for (guint i = 0; i < path->len; i++)
    g_ptr_array_add (ids, g_strdup (path->pdata[i]));
  rev = g_strdup_printf ("%" PRIu64 "-%s", generation, (char *) ids->pdata[0]);
  revisions = reprise_couch_leaf_print_path (generation, ids);
  reprise_couch_ledger_add_written (edits->ledger, item->id, rev);
  return reprise_couch_deliver_branch (edits->goal, round->branches, item, rev, revisions, error);
}

/* (transfer full) (element-type utf8): the hashes of a saved revision and its ancestors */
static GPtrArray *
read_saved_path (const RepriseCouchItem *item)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  RepriseCouchSpan revisions =
    reprise_couch_span_get (reprise_couch_item_get_body (item), "_revisions");
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (revisions, "ids"));
  const char *dash = strchr (item->rev, '-');
  RepriseCouchSpan id;

  while (reprise_couch_walk_next_element (&walk, &id))
    g_ptr_array_add (ids, reprise_couch_span_dup_string (id));
  if (ids->len == 0)
    g_ptr_array_add (ids, g_strdup (dash != NULL ? dash + 1 : ""));
  return ids;
}

/* As it was; or where the server has that revision, but not as a leaf, beneath it. */
static gboolean
add_leaf (RepriseCouchEdits *edits, Round *round, const RepriseCouchItem *item, GError **error)
{
  g_autoptr (GPtrArray) path = NULL;

  if (round->try == 0)
    return reprise_couch_deliver (edits->goal, round->branches, item, error);
  path = read_saved_path (item);
  return send_branch (edits, round, item, item->rev, path, get_generation (item->rev) + 1, error);
}

static gboolean
remove_leaf (RepriseCouchEdits *edits,
             Round *round,
             const char *id,
             const RepriseCouchLeafThere *leaf,
             GError **error)
{
  g_autoptr (GString) json = g_string_new ("{\"_id\":");

  if (round->try == MAX_TRIES)
    return TRUE;
  reprise_couch_append_string (json, id);
  g_string_append (json, ",\"_rev\":");
  reprise_couch_append_string (json, leaf->rev);
  g_string_append (json, ",\"_deleted\":true}");
  return reprise_couch_sender_add (round->edits, json->str, json->len, error);
}

static const char *
get_greater (const char *a, const char *b)
{
  return a == NULL || reprise_couch_compare_revs (b, a) > 0 ? b : a;
}

/* Leaves that the backup does not have; what somebody wrote meanwhile stays, and with it the whole document. */
static gboolean
remove_leaves (RepriseCouchEdits *edits,
               Round *round,
               const char *id,
               Pair *pair,
               guint *n,
               GError **error)
{
  if (pair->n_saved > 0 ? edits->conflicts != REPRISE_COUCH_CONFLICTS_EXACT : !edits->deletions)
    return TRUE;
  for (guint i = 0; i < pair->n_there; i++)
    {
      gboolean may = TRUE;

      if (pair->taken[i])
        continue;
      if (!reprise_couch_edits_may_replace (edits, id, get_there (pair, i)->rev, &may, error))
        return FALSE;
      if (!may)
        return TRUE;
      if (!remove_leaf (edits, round, id, get_there (pair, i), error))
        return FALSE;
      (*n)++;
    }
  return TRUE;
}

/* What is to be shown must be greater than all others: those that are there, and those that come. */
static gboolean
lift_shown (RepriseCouchEdits *edits, Round *round, Pair *pair, guint *n, GError **error)
{
  const RepriseCouchLeafThere *shown = get_there (pair, pair->place[0]);
  const char *greatest = NULL;

  for (guint i = 1; i < pair->n_saved; i++)
    if (edits->conflicts != REPRISE_COUCH_CONFLICTS_LEAVE && pair->place[i] == G_MAXUINT)
      greatest = get_greater (greatest, get_saved (pair, i)->rev);
  for (guint i = 0; i < pair->n_there; i++)
    if (i != pair->place[0])
      greatest = get_greater (greatest, get_there (pair, i)->rev);
  if (greatest == NULL || reprise_couch_compare_revs (greatest, shown->rev) < 0)
    return TRUE;
  (*n)++;
  return send_branch (edits, round, get_saved (pair, 0), shown->rev, shown->ids,
                      get_generation (greatest) + 1, error);
}

static gboolean
settle_one (RepriseCouchEdits *edits, Round *round, const char *id, Pair *pair, GError **error)
{
  guint n = 0;

  /* what is to be shown is not there: it was refused, or is left alone; nothing is put beside it then */
  if (pair->items->len == 0 || (pair->n_saved > 0 && pair->place[0] == G_MAXUINT))
    return TRUE;
  if (!remove_leaves (edits, round, id, pair, &n, error))
    return FALSE;
  if (g_hash_table_contains (edits->newer, id))
    return TRUE;
  if (pair->n_saved > 0 && !lift_shown (edits, round, pair, &n, error))
    return FALSE;
  for (guint i = 1; i < pair->n_saved; i++)
    {
      if (edits->conflicts == REPRISE_COUCH_CONFLICTS_LEAVE || pair->place[i] != G_MAXUINT)
        continue;
      if (!add_leaf (edits, round, get_saved (pair, i), error))
        return FALSE;
      n++;
    }
  if (n > 0)
    g_ptr_array_add (round->again, g_strdup (id));
  return TRUE;
}

static gboolean
settle_round (RepriseCouchEdits *edits, Round *round, GPtrArray *ids, GError **error)
{
  g_autoptr (RepriseCouchSender) branches = reprise_couch_edits_new_sender (edits, FALSE);
  g_autoptr (RepriseCouchSender) new_edits = reprise_couch_edits_new_sender (edits, TRUE);
  g_autoptr (GHashTable) leaves = read_there (edits, ids, error);

  round->branches = branches;
  round->edits = new_edits;
  if (leaves == NULL)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    {
      g_auto (Pair) pair = { NULL };

      if (g_hash_table_contains (edits->newer, ids->pdata[i]))
        continue;
      if (!pair_read (&pair, edits, ids->pdata[i], leaves, error) ||
          !settle_one (edits, round, ids->pdata[i], &pair, error))
        return FALSE;
    }
  return reprise_couch_edits_finish (edits, branches, error) &&
         reprise_couch_edits_finish (edits, new_edits, error);
}

/* Until a reading shows that nothing is left to do. */
static gboolean
settle_cb (RepriseCouchEdits *edits, GPtrArray *ids, gpointer user_data, GError **error)
{
  g_autoptr (GPtrArray) left = g_ptr_array_ref (ids);

  for (guint try = 0; left->len > 0 && try <= MAX_TRIES; try++)
    {
      g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (g_free);
      Round round = { .again = again, .try = try };

      if (!settle_round (edits, &round, left, error))
        return FALSE;
      g_ptr_array_unref (reprise_couch_ledger_take_overtaken (edits->ledger)); /* looked at again */
      g_ptr_array_unref (left);
      left = g_steal_pointer (&again);
    }
  edits->n_unsettled += left->len;
  return TRUE;
}

/* Versions in conflict, as was chosen, and what still stands of documents that were to be deleted. */
gboolean
reprise_couch_edits_settle (RepriseCouchEdits *self, RepriseCouchItems which, GError **error)
{
  g_autoptr (GPtrArray) gone = g_steal_pointer (&self->gone);

  self->gone = g_ptr_array_new_with_free_func (g_free);
  return run_slices (self, gone, settle_cb, NULL, error) &&
         (self->conflicts == REPRISE_COUCH_CONFLICTS_LEAVE ||
          run_all (self, which, settle_cb, NULL, error));
}
