/* reprise-couch-tiers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/store/reprise-couch-tiers.h"

#define DAY_MS           (24 * 60 * 60 * G_GINT64_CONSTANT (1000))
#define MONDAY_DAYS      3 /* 1970-01-01 was a Thursday: days since the Monday before */
#define MAX_DAYS_A_MONTH 31
#define MAX_DAYS_A_YEAR  366

/* What is in a segment that the plan would make; of one source and its tier it is that segment itself. */
typedef struct
{
  RepriseCouchTier tier;
  gint64 to;
  guint chain; /* which baseline it stands on */
  gboolean pinned;
  GPtrArray *sources; /* (owned) (element-type RepriseCouchSegment) */
} Node;

/* Seven days and four weeks are offered first; twelve months and all years cost little. */
void
reprise_couch_retention_set_defaults (RepriseCouchRetention *retention)
{
  static const RepriseCouchRetention defaults = {
    .keep = { 7, 4, 12, REPRISE_COUCH_KEEP_ALL, 0 },
    .every = { 1, 7, 1, 1, 1 },
    .delay_days = 7,
  };

  *retention = defaults;
}

void
reprise_couch_roll_up_free (RepriseCouchRollUp *roll_up)
{
  g_free (roll_up->database);
  g_clear_pointer (&roll_up->sources, g_ptr_array_unref);
  g_clear_pointer (&roll_up->lost, g_array_unref);
  g_free (roll_up);
}

void
reprise_couch_removal_free (RepriseCouchRemoval *removal)
{
  reprise_couch_segment_unref (removal->segment);
  g_free (removal->by);
  g_free (removal);
}

static void
free_node (gpointer data)
{
  Node *node = data;

  g_ptr_array_unref (node->sources);
  g_free (node);
}

/* Rounded down, before 1970 too */
static gint64
divide (gint64 value, gint64 by)
{
  return value >= 0 ? value / by : -((-value + by - 1) / by);
}

static gint64
get_month (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (divide (ms, 1000));

  return time == NULL ? 0 : g_date_time_get_year (time) * 12 + g_date_time_get_month (time) - 1;
}

/* Which day, week, month or year of the tier a point belongs to: the one that it ended in */
static gint64
get_bucket (const RepriseCouchRetention *retention, RepriseCouchTier tier, gint64 ms)
{
  gint64 every = MAX (retention->every[tier], 1);

  switch (tier)
    {
    case REPRISE_COUCH_DAILY:
      return divide (ms, DAY_MS);
    case REPRISE_COUCH_WEEKLY:
      return divide (divide (ms, DAY_MS) + MONDAY_DAYS, every);
    case REPRISE_COUCH_MONTHLY:
      return divide (get_month (ms), every);
    case REPRISE_COUCH_YEARLY:
      return divide (get_month (ms), 12 * every);
    case REPRISE_COUCH_BASELINE:
    default:
      return 0;
    }
}

static int
compare_segments_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchSegment *left = *(const RepriseCouchSegment *const *) a;
  const RepriseCouchSegment *right = *(const RepriseCouchSegment *const *) b;

  if (left->to != right->to)
    return left->to < right->to ? -1 : 1;
  return strcmp (left->run, right->run);
}

static Node *
make_node (RepriseCouchSegment *segment, guint chain)
{
  Node *node = g_new0 (Node, 1);

  node->tier = segment->tier;
  node->to = segment->to;
  node->chain = chain;
  node->pinned = segment->pinned;
  node->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  g_ptr_array_add (node->sources, reprise_couch_segment_ref (segment));
  return node;
}

/* Whether @segment goes on exactly where the node before it ends */
static gboolean
follows (GPtrArray *nodes, RepriseCouchSegment *segment)
{
  const Node *last = nodes->len == 0 ? NULL : nodes->pdata[nodes->len - 1];

  return segment->from == REPRISE_COUCH_NEVER || (last != NULL && last->to == segment->from);
}

/* (element-type Node): what is not rolled up yet, in the order of time. What does not follow on (its chain is broken, or it belongs to
 * a baseline that another took the place of) is left alone. */
static GPtrArray *
make_nodes (GPtrArray *segments)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GPtrArray *nodes = g_ptr_array_new_with_free_func (free_node);
  guint chain = 0;

  g_ptr_array_extend (sorted, segments, NULL, NULL);
  g_ptr_array_sort (sorted, compare_segments_cb);
  for (guint i = 0; i < sorted->len; i++)
    {
      RepriseCouchSegment *segment = sorted->pdata[i];

      if (reprise_couch_segments_find_successor (segments, segment) != NULL ||
          !follows (nodes, segment))
        continue;
      if (segment->from == REPRISE_COUCH_NEVER)
        chain++;
      g_ptr_array_add (nodes, make_node (segment, chain));
    }
  return nodes;
}

/* The node after @i goes into it. */
static void
merge_next (GPtrArray *nodes, guint i, RepriseCouchTier tier)
{
  Node *node = nodes->pdata[i];
  Node *next = nodes->pdata[i + 1];

  for (guint j = 0; j < next->sources->len; j++)
    g_ptr_array_add (node->sources, reprise_couch_segment_ref (next->sources->pdata[j]));
  node->to = next->to;
  node->pinned = next->pinned;
  node->tier = tier;
  g_ptr_array_remove_index (nodes, i + 1);
}

static gboolean
may_merge (GPtrArray *nodes, guint i)
{
  const Node *node = nodes->pdata[i];
  const Node *next = i + 1 < nodes->len ? nodes->pdata[i + 1] : NULL;

  return next != NULL && !node->pinned && node->chain == next->chain;
}

/* Several runs of a day that is over: its last one stands for it. */
static void
fold_days (GPtrArray *nodes, const RepriseCouchRetention *retention)
{
  const Node *last = nodes->len == 0 ? NULL : nodes->pdata[nodes->len - 1];
  gint64 today = last == NULL ? 0 : get_bucket (retention, REPRISE_COUCH_DAILY, last->to);

  for (guint i = 0; i + 1 < nodes->len;)
    {
      const Node *node = nodes->pdata[i], *next = nodes->pdata[i + 1];
      gint64 day = get_bucket (retention, REPRISE_COUCH_DAILY, node->to);

      if (node->tier == REPRISE_COUCH_DAILY && next->tier == REPRISE_COUCH_DAILY && day != today &&
          day == get_bucket (retention, REPRISE_COUCH_DAILY, next->to) && may_merge (nodes, i))
        merge_next (nodes, i, REPRISE_COUCH_DAILY);
      else
        i++;
    }
}

/* @oldest: (out): the first node of that tier. Returns: how many days, weeks and so on have one; pinned ones are kept besides */
static guint
count_tier (GPtrArray *nodes,
            const RepriseCouchRetention *retention,
            RepriseCouchTier tier,
            guint *oldest)
{
  gint64 previous = G_MININT64;
  guint n = 0;

  *oldest = G_MAXUINT;
  for (guint i = 0; i < nodes->len; i++)
    {
      const Node *node = nodes->pdata[i];
      gint64 bucket;

      if (node->tier != tier)
        continue;
      bucket = get_bucket (retention, tier, node->to);
      *oldest = MIN (*oldest, i);
      n += bucket != previous && !node->pinned;
      if (!node->pinned)
        previous = bucket;
    }
  return n;
}

/* The oldest of its tier goes into the newest of the next one, which stands before it, or begins a new one. Into a baseline everything
 * goes that may. Returns: whether anything changed */
static gboolean
promote (GPtrArray *nodes, const RepriseCouchRetention *retention, guint i)
{
  Node *node = nodes->pdata[i];
  RepriseCouchTier above = (RepriseCouchTier) (node->tier + 1);
  const Node *before = i == 0 ? NULL : nodes->pdata[i - 1];

  if (before != NULL && before->tier == above && may_merge (nodes, i - 1) &&
      get_bucket (retention, above, before->to) == get_bucket (retention, above, node->to))
    {
      merge_next (nodes, i - 1, above);
      return TRUE;
    }
  if (above == REPRISE_COUCH_BASELINE)
    return FALSE; /* a pinned point stands between */
  node->tier = above;
  return TRUE;
}

static void
roll (GPtrArray *nodes, const RepriseCouchRetention *retention)
{
  fold_days (nodes, retention);
  for (int tier = REPRISE_COUCH_DAILY; tier < REPRISE_COUCH_BASELINE; tier++)
    while (TRUE)
      {
        guint oldest;
        guint n = count_tier (nodes, retention, (RepriseCouchTier) tier, &oldest);

        if (oldest == G_MAXUINT || retention->keep[tier] == REPRISE_COUCH_KEEP_ALL ||
            n <= retention->keep[tier] || !promote (nodes, retention, oldest))
          break;
      }
}

static RepriseCouchRollUp *
make_roll_up (const Node *node)
{
  RepriseCouchRollUp *roll_up = g_new0 (RepriseCouchRollUp, 1);
  const RepriseCouchSegment *first = node->sources->pdata[0];

  roll_up->database = g_strdup (first->database);
  roll_up->tier = node->tier;
  roll_up->sources = g_ptr_array_ref (node->sources);
  roll_up->lost = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < node->sources->len; i++)
    {
      const RepriseCouchSegment *source = node->sources->pdata[i];

      roll_up->size_bytes += source->size_bytes;
      if (i + 1 < node->sources->len)
        g_array_append_val (roll_up->lost, source->to);
    }
  return roll_up;
}

/**
 * reprise_couch_tiers_plan:
 * @segments: (element-type RepriseCouchSegment): all of one database
 *
 * Whatever the clock says, nothing is rolled up but what newer runs have pushed out.
 *
 * Returns: (transfer full) (element-type RepriseCouchRollUp): what to make, the oldest first; none where everything is in its place
 */
GPtrArray *
reprise_couch_tiers_plan (GPtrArray *segments, const RepriseCouchRetention *retention)
{
  g_autoptr (GPtrArray) nodes = make_nodes (segments);
  GPtrArray *plan = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_roll_up_free);

  roll (nodes, retention);
  for (guint i = 0; i < nodes->len; i++)
    {
      const Node *node = nodes->pdata[i];

      if (node->sources->len > 1 ||
          ((RepriseCouchSegment *) node->sources->pdata[0])->tier != node->tier)
        g_ptr_array_add (plan, make_roll_up (node));
    }
  return plan;
}

/* Segments without which a point that is kept could not be restored */
static GHashTable *
collect_needed (GPtrArray *segments)
{
  GHashTable *needed = g_hash_table_new (g_direct_hash, g_direct_equal);

  for (guint i = 0; i < segments->len; i++)
    {
      const RepriseCouchSegment *segment = segments->pdata[i];
      g_autoptr (GPtrArray) path =
        segment->pinned ? reprise_couch_path_find (segments, segment->to) : NULL;

      for (guint j = 0; path != NULL && j < path->len; j++)
        g_hash_table_add (needed, path->pdata[j]);
    }
  return needed;
}

static RepriseCouchRemoval *
make_removal (RepriseCouchSegment *segment, const char *by, gint64 at, GHashTable *needed)
{
  RepriseCouchRemoval *removal = g_new0 (RepriseCouchRemoval, 1);

  removal->segment = reprise_couch_segment_ref (segment);
  removal->by = g_strdup (by);
  removal->at = at;
  removal->needed = segment->pinned || g_hash_table_contains (needed, segment);
  return removal;
}

/* When a segment was rolled up: later roll-ups that take in the first one do not put its end off. */
static gint64
get_rolled_at (GPtrArray *segments, RepriseCouchSegment *segment)
{
  gint64 at = G_MAXINT64;

  for (guint i = 0; i < segments->len; i++)
    {
      const RepriseCouchSegment *other = segments->pdata[i];

      if (g_strv_contains ((const char *const *) other->rolled, segment->run))
        at = MIN (at, other->made);
    }
  return at;
}

/* Days after which a point is in no tier any more; -1 for never */
static gint64
get_span_days (const RepriseCouchRetention *retention)
{
  static const gint64 days[] = { 1, 1, MAX_DAYS_A_MONTH, MAX_DAYS_A_YEAR };
  gint64 span = 0;

  for (guint i = 0; i < G_N_ELEMENTS (days); i++)
    {
      if (retention->keep[i] == REPRISE_COUCH_KEEP_ALL)
        return -1;
      span += days[i] * MAX (retention->every[i], 1) * retention->keep[i];
    }
  return span;
}

/* A chain of which only its baseline is left, with a newer one beside it, ends when its point is older than all tiers reach. */
static gboolean
is_over (GPtrArray *nodes, guint i)
{
  const Node *node = nodes->pdata[i];

  return node->tier == REPRISE_COUCH_BASELINE && i + 1 < nodes->len &&
         ((Node *) nodes->pdata[i + 1])->chain != node->chain;
}

static void
add_ended (GPtrArray *removals,
           GPtrArray *segments,
           const RepriseCouchRetention *retention,
           GHashTable *needed)
{
  g_autoptr (GPtrArray) nodes = make_nodes (segments);
  gint64 span = get_span_days (retention);

  for (guint i = 0; span >= 0 && i < nodes->len; i++)
    {
      const Node *node = nodes->pdata[i];

      if (is_over (nodes, i))
        g_ptr_array_add (removals,
                         make_removal (node->sources->pdata[0], NULL,
                                       node->to + (span + retention->delay_days) * DAY_MS, needed));
    }
}

/**
 * reprise_couch_tiers_list_removals:
 *
 * Returns: (transfer full) (element-type RepriseCouchRemoval): what is not needed any more, each with its date. Only what holds the
 *   same in another segment is removed, or what is older than every tier reaches
 */
GPtrArray *
reprise_couch_tiers_list_removals (GPtrArray *segments, const RepriseCouchRetention *retention)
{
  g_autoptr (GHashTable) needed = collect_needed (segments);
  GPtrArray *removals =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_removal_free);

  for (guint i = 0; i < segments->len; i++)
    {
      RepriseCouchSegment *segment = segments->pdata[i];
      RepriseCouchSegment *by = reprise_couch_segments_find_successor (segments, segment);

      if (by != NULL)
        g_ptr_array_add (removals, make_removal (segment, by->run,
                                                 get_rolled_at (segments, segment) +
                                                   retention->delay_days * DAY_MS,
                                                 needed));
    }
  add_ended (removals, segments, retention, needed);
  return removals;
}
