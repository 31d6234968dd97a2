/* reprise-couch-chain.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "providers/couchdb/store/reprise-couch-chain.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

static const char *const tiers[REPRISE_COUCH_N_TIERS] = {
  "daily", "weekly", "monthly", "yearly", "baseline",
};

const char *
reprise_couch_tier_to_string (RepriseCouchTier tier)
{
  return tiers[tier];
}

RepriseTier
reprise_couch_tier_to_tier (RepriseCouchTier tier)
{
  return (RepriseTier) (tier + REPRISE_TIER_DAILY);
}

/* @id: (nullable) */
gboolean
reprise_couch_tier_from_string (const char *id, RepriseCouchTier *tier)
{
  for (guint i = 0; i < REPRISE_COUCH_N_TIERS; i++)
    if (g_strcmp0 (id, tiers[i]) == 0)
      {
        *tier = (RepriseCouchTier) i;
        return TRUE;
      }
  return FALSE;
}

static void
clear_segment (gpointer data)
{
  RepriseCouchSegment *segment = data;

  g_free (segment->path);
  g_free (segment->run);
  g_free (segment->database);
  g_strfreev (segment->rolled);
}

RepriseCouchSegment *
reprise_couch_segment_ref (RepriseCouchSegment *segment)
{
  return g_atomic_rc_box_acquire (segment);
}

void
reprise_couch_segment_unref (RepriseCouchSegment *segment)
{
  g_atomic_rc_box_release_full (segment, clear_segment);
}

static gboolean
read_time (RepriseCouchReader *reader, const char *name, gint64 *ms)
{
  g_autofree char *text = reprise_couch_reader_dup (reader, name);
  g_autoptr (GDateTime) time = reprise_time_from_string (text);

  if (time == NULL)
    return FALSE;
  *ms = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  return TRUE;
}

static gboolean
read_members (RepriseCouchSegment *segment, RepriseCouchReader *reader)
{
  g_autofree char *tier = reprise_couch_reader_dup (reader, REPRISE_COUCH_TIER);
  g_autofree char *rolled = reprise_couch_reader_dup (reader, REPRISE_COUCH_ROLLED);

  segment->run = reprise_couch_reader_dup (reader, REPRISE_COUCH_RUN);
  segment->database = reprise_couch_reader_dup (reader, REPRISE_COUCH_DATABASE);
  segment->rolled =
    rolled == NULL || *rolled == '\0' ? g_new0 (char *, 1) : g_strsplit (rolled, " ", -1);
  if (segment->run == NULL || segment->database == NULL ||
      !reprise_couch_tier_from_string (tier, &segment->tier) ||
      !read_time (reader, REPRISE_COUCH_TO, &segment->to))
    return FALSE;
  if (!read_time (reader, REPRISE_COUCH_MADE, &segment->made))
    segment->made = segment->to;
  if (segment->tier == REPRISE_COUCH_BASELINE)
    segment->from = REPRISE_COUCH_NEVER;
  else if (!read_time (reader, REPRISE_COUCH_FROM, &segment->from) || segment->from >= segment->to)
    return FALSE;
  return TRUE;
}

/* (transfer full): what the file says of itself, not pinned; or %NULL with @error as of reprise_couch_reader_new() */
RepriseCouchSegment *
reprise_couch_segment_read (const char *path, GError **error)
{
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (path, error);
  g_autoptr (RepriseCouchSegment) segment = NULL;
  struct stat info;

  if (reader == NULL)
    return NULL;
  if (stat (path, &info) != 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
      return NULL;
    }
  segment = g_atomic_rc_box_new0 (RepriseCouchSegment);
  segment->path = g_strdup (path);
  segment->size_bytes = info.st_size;
  if (read_members (segment, reader))
    return g_steal_pointer (&segment);
  reprise_couch_damaged (path, error, "it does not say what it is of");
  return NULL;
}

/* (transfer full): what somebody else knows of it, for looking documents up in it: what it rolled up is not said */
RepriseCouchSegment *
reprise_couch_segment_new (const char *path,
                           const char *run,
                           const char *database,
                           RepriseCouchTier tier,
                           gint64 to,
                           gint64 size_bytes)
{
  RepriseCouchSegment *segment = g_atomic_rc_box_new0 (RepriseCouchSegment);

  segment->path = g_strdup (path);
  segment->run = g_strdup (run);
  segment->database = g_strdup (database);
  segment->tier = tier;
  segment->from = REPRISE_COUCH_NEVER;
  segment->to = segment->made = to;
  segment->size_bytes = size_bytes;
  segment->rolled = g_new0 (char *, 1);
  return segment;
}

/* (transfer none) (nullable): the roll-up that took @segment in; of several the newest */
RepriseCouchSegment *
reprise_couch_segments_find_successor (GPtrArray *segments, RepriseCouchSegment *segment)
{
  RepriseCouchSegment *found = NULL;

  for (guint i = 0; i < segments->len; i++)
    {
      RepriseCouchSegment *other = segments->pdata[i];

      if (g_str_equal (other->database, segment->database) &&
          g_strv_contains ((const char *const *) other->rolled, segment->run) &&
          (found == NULL || strcmp (other->run, found->run) > 0))
        found = other;
    }
  return found;
}

/* (transfer full) (element-type utf8): runs that were rolled up; the names are the segments' */
static GHashTable *
collect_rolled (GPtrArray *segments)
{
  GHashTable *rolled = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < segments->len; i++)
    for (char **run = ((RepriseCouchSegment *) segments->pdata[i])->rolled; *run != NULL; run++)
      g_hash_table_add (rolled, *run);
  return rolled;
}

static int
compare_to_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchSegment *left = *(const RepriseCouchSegment *const *) a;
  const RepriseCouchSegment *right = *(const RepriseCouchSegment *const *) b;

  if (left->to != right->to)
    return left->to < right->to ? -1 : 1;
  return strcmp (left->run, right->run);
}

/* How a point is reached with the fewest segments */
typedef struct
{
  RepriseCouchSegment *segment; /* the last one */
  guint hops;
  gboolean stays; /* a segment that is not rolled up leads to it */
  RepriseCouchTier tier;
} Way;

/* (transfer full) (element-type gint64 Way): of every point that can be reached. The predecessors of a segment end before it does, so one
 * pass in the order of the ends finds them all. */
static GHashTable *
find_ways (GPtrArray *segments)
{
  GHashTable *ways = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_autoptr (GHashTable) rolled = collect_rolled (segments);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  g_ptr_array_extend (sorted, segments, NULL, NULL);
  g_ptr_array_sort (sorted, compare_to_cb);
  for (guint i = 0; i < sorted->len; i++)
    {
      RepriseCouchSegment *segment = sorted->pdata[i];
      gboolean is_baseline = segment->from == REPRISE_COUCH_NEVER;
      gboolean stays = !g_hash_table_contains (rolled, segment->run);
      Way *before = is_baseline ? NULL : g_hash_table_lookup (ways, &segment->from);
      Way *way = g_hash_table_lookup (ways, &segment->to);
      guint hops = before == NULL ? 1 : before->hops + 1;

      if (!is_baseline && before == NULL)
        continue;
      if (way == NULL)
        {
          way = g_new0 (Way, 1);
          way->hops = G_MAXUINT;
          way->tier = segment->tier;
          g_hash_table_insert (ways, &segment->to, way);
        }
      if (stays || !way->stays)
        way->tier = segment->tier;
      way->stays = way->stays || stays;
      if (hops <= way->hops)
        {
          way->hops = hops;
          way->segment = segment;
        }
    }
  return ways;
}

static int
compare_points_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchPoint *left = a, *right = b;

  return left->at < right->at ? -1 : left->at > right->at;
}

/* (transfer full) (element-type RepriseCouchPoint): the oldest first */
GArray *
reprise_couch_points_list (GPtrArray *segments)
{
  g_autoptr (GHashTable) ways = find_ways (segments);
  GArray *points = g_array_new (FALSE, TRUE, sizeof (RepriseCouchPoint));
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, ways);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const Way *way = value;
      const RepriseCouchPoint point = { *(gint64 *) key, way->tier, !way->stays };

      g_array_append_val (points, point);
    }
  g_array_sort (points, compare_points_cb);
  return points;
}

/**
 * reprise_couch_points_get_nearest:
 * @before: (out): the last point before @at, or %REPRISE_COUCH_NEVER
 * @after: (out): the first point after @at, or %REPRISE_COUCH_NEVER
 *
 * Returns: whether there is one, or the other
 */
gboolean
reprise_couch_points_get_nearest (GPtrArray *segments, gint64 at, gint64 *before, gint64 *after)
{
  g_autoptr (GArray) points = reprise_couch_points_list (segments);

  *before = *after = REPRISE_COUCH_NEVER;
  for (guint i = 0; i < points->len; i++)
    {
      gint64 point = g_array_index (points, RepriseCouchPoint, i).at;

      if (point < at)
        *before = point;
      else if (point > at && *after == REPRISE_COUCH_NEVER)
        *after = point;
    }
  return *before != REPRISE_COUCH_NEVER || *after != REPRISE_COUCH_NEVER;
}

static char *
print_time (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (ms / 1000);

  return reprise_time_to_text (time);
}

/* “20 Nov 2026, 02:00 (2026-11-20T02:00:00.123Z)”: to read, and to give back */
static char *
print_point (gint64 ms)
{
  g_autofree char *text = print_time (ms);
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, ms % 1000 * 1000);
  g_autofree char *exact = reprise_time_to_string (time);

  return g_strdup_printf ("%s (%s)", text, exact);
}

static void
refuse_point (GPtrArray *segments, gint64 at, GError **error)
{
  g_autofree char *wanted = print_time (at), *earlier = NULL, *later = NULL;
  gint64 before, after;

  if (!reprise_couch_points_get_nearest (segments, at, &before, &after))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                               _ ("There is no backup of this database."));
  else if (after == REPRISE_COUCH_NEVER)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("No backup holds %s. The last one before it: %s."), wanted,
                       earlier = print_point (before));
  else if (before == REPRISE_COUCH_NEVER)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("No backup holds %s. The first one after it: %s."), wanted,
                       later = print_point (after));
  else
    {
      earlier = print_point (before);
      later = print_point (after);
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        /* Translators: three times: “20 Nov 2026, 02:00”, those of the nearest with the exact form behind */
        _ ("No backup holds %s. The nearest: %s before it, %s after it."), wanted, earlier, later);
    }
}

/**
 * reprise_couch_points_find:
 * @first, @last: what was asked for: a moment, or the first and the last moment of a day
 * @at: (out): the last point in it
 *
 * Returns: whether there is one; else %REPRISE_ERROR_REFUSED, whose message tells the nearest before and after, or
 *   %REPRISE_ERROR_NOT_FOUND where there are none at all
 */
gboolean
reprise_couch_points_find (GPtrArray *segments,
                           gint64 first,
                           gint64 last,
                           gint64 *at,
                           GError **error)
{
  g_autoptr (GArray) points = reprise_couch_points_list (segments);

  for (guint i = points->len; i > 0; i--)
    {
      *at = g_array_index (points, RepriseCouchPoint, i - 1).at;
      if (*at >= first && *at <= last)
        return TRUE;
    }
  refuse_point (segments, first, error);
  return FALSE;
}

/* (transfer full) (nullable) (element-type RepriseCouchSegment): what leads to the point @at, the baseline first, without a gap */
GPtrArray *
reprise_couch_path_find (GPtrArray *segments, gint64 at)
{
  g_autoptr (GHashTable) ways = find_ways (segments);
  g_autoptr (GPtrArray) path =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  const Way *way = g_hash_table_lookup (ways, &at);

  while (way != NULL)
    {
      g_ptr_array_insert (path, 0, reprise_couch_segment_ref (way->segment));
      if (way->segment->from == REPRISE_COUCH_NEVER)
        return g_steal_pointer (&path);
      way = g_hash_table_lookup (ways, &way->segment->from);
    }
  return NULL;
}
