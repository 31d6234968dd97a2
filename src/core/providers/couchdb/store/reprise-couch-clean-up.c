/* reprise-couch-clean-up.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/couchdb/store/reprise-couch-compact-private.h"

static GDateTime *
make_time (gint64 ms)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);

  return g_date_time_add (seconds, ms % 1000 * 1000);
}

/* Whether the latest event of the type says that date. */
static gboolean
is_marked (RepriseCouchCompaction *self, RepriseBackup *backup, const char *date)
{
  g_autoptr (GPtrArray) events =
    reprise_vault_list_events (self->vault, reprise_backup_get_id (backup), NULL);
  const char *latest = NULL;

  for (guint i = 0; events != NULL && i < events->len; i++)
    if (g_strcmp0 (reprise_json_get_string (events->pdata[i], "type", NULL), "superseded") == 0)
      latest = reprise_json_get_string (events->pdata[i], "deleted_at", NULL);
  return g_strcmp0 (latest, date) == 0;
}

static gboolean
mark_one (RepriseCouchCompaction *self, const RepriseCouchLeaving *leaving, GError **error)
{
  g_autoptr (GDateTime) at = make_time (leaving->at);
  g_autofree char *date = reprise_time_to_string (at);
  g_autoptr (JsonObject) members = json_object_new ();

  if (is_marked (self, leaving->backup, date))
    return TRUE;
  reprise_couch_kill_point ();
  json_object_set_string_member (members, "deleted_at", date);
  return reprise_vault_add_event (self->vault, reprise_backup_get_id (leaving->backup),
                                  "superseded", members, error);
}

/* Said of a backup all of which is in others: whoever deletes it is not held back then. Follows from the segments, so that a
 * process that was killed before it need not remember. */
gboolean
reprise_couch_compaction_mark_leaving (RepriseCouchCompaction *self, GError **error)
{
  g_autoptr (GPtrArray) all = reprise_couch_compaction_list_leaving (self);

  for (guint i = 0; i < all->len; i++)
    {
      const RepriseCouchLeaving *leaving = all->pdata[i];

      if (leaving->rolled_up && !leaving->needed && !mark_one (self, leaving, error))
        return FALSE;
    }
  return TRUE;
}

static void
log_deletion (const RepriseCouchLeaving *leaving, RepriseProgress *progress)
{
  g_autofree char *size =
    g_format_size ((guint64) MAX (reprise_backup_get_size_bytes (leaving->backup), 0));

  reprise_progress_log (progress, "deleted: the backup %s (%s), which was %s",
                        reprise_backup_get_id (leaving->backup), size,
                        leaving->rolled_up ? "rolled up" : "older than every tier reaches");
}

/* (transfer container) (element-type RepriseCouchSegment): what is left of @segments without one run */
static GPtrArray *
leave_out (GPtrArray *segments, const char *run)
{
  GPtrArray *left = g_ptr_array_new ();

  for (guint i = 0; i < segments->len; i++)
    if (!g_str_equal (((RepriseCouchSegment *) segments->pdata[i])->run, run))
      g_ptr_array_add (left, segments->pdata[i]);
  return left;
}

/* What is deleted is no way to anything any more. */
static void
forget_run (RepriseCouchCompaction *self, RepriseBackup *backup)
{
  for (guint i = 0; i < self->databases->len; i++)
    {
      RepriseCouchCompactDatabase *database = self->databases->pdata[i];

      for (guint j = database->segments->len; j > 0; j--)
        if (g_str_equal (((RepriseCouchSegment *) database->segments->pdata[j - 1])->run,
                         reprise_backup_get_id (backup)))
          g_ptr_array_remove_index (database->segments, j - 1);
    }
}

static gboolean
has_point (GArray *points, gint64 at)
{
  for (guint i = 0; i < points->len; i++)
    if (g_array_index (points, RepriseCouchPoint, i).at == at)
      return TRUE;
  return FALSE;
}

/* Whether what stays of @all still stands on a whole path; what was broken before is no reason. */
static gboolean
stands (GPtrArray *all, GPtrArray *left)
{
  g_autoptr (GArray) now = reprise_couch_points_list (all);
  g_autoptr (GArray) then = reprise_couch_points_list (left);

  for (guint i = 0; i < left->len; i++)
    {
      RepriseCouchSegment *segment = left->pdata[i];
      gboolean stays =
        segment->pinned || reprise_couch_segments_find_successor (all, segment) == NULL;

      if (stays && has_point (now, segment->to) && !has_point (then, segment->to))
        return FALSE;
    }
  return TRUE;
}

/* The last look before a deletion, whatever the plan says. */
static gboolean
is_safe_to_delete (RepriseCouchCompaction *self, RepriseBackup *backup)
{
  for (guint i = 0; i < self->databases->len; i++)
    {
      g_autoptr (GPtrArray) all = reprise_couch_compact_join_segments (self->databases->pdata[i]);
      g_autoptr (GPtrArray) left = leave_out (all, reprise_backup_get_id (backup));

      if (left->len < all->len && !stands (all, left))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_couch_compaction_clean_up:
 * @now: milliseconds since 1970
 * @n_deleted, @size_bytes: (out) (optional): what is gone
 *
 * Deletes the backups that are rolled up and whose date has come.
 */
gboolean
reprise_couch_compaction_clean_up (RepriseCouchCompaction *self,
                                   gint64 now,
                                   guint *n_deleted,
                                   gint64 *size_bytes,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (GPtrArray) all = reprise_couch_compaction_list_leaving (self);
  gint64 bytes = 0;
  guint n = 0;

  reprise_progress_set_phase (progress, REPRISE_PHASE_DELETING);
  for (guint i = 0; i < all->len; i++)
    {
      const RepriseCouchLeaving *leaving = all->pdata[i];

      if (leaving->needed || leaving->at > now)
        continue;
      if (!is_safe_to_delete (self, leaving->backup))
        {
          reprise_progress_log (progress, "kept: a point in time stands on the backup %s",
                                reprise_backup_get_id (leaving->backup));
          continue;
        }
      if (!mark_one (self, leaving, error))
        return FALSE;
      reprise_couch_kill_point ();
      if (!reprise_vault_delete (self->vault, leaving->backup, cancellable, error))
        return FALSE;
      forget_run (self, leaving->backup);
      log_deletion (leaving, progress);
      n++;
      bytes += MAX (reprise_backup_get_size_bytes (leaving->backup), 0);
    }
  if (n_deleted != NULL)
    *n_deleted = n;
  if (size_bytes != NULL)
    *size_bytes = bytes;
  return reprise_couch_compaction_load (self, cancellable, error);
}
