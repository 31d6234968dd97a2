/* reprise-seen.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-time.h"
#include "provider/reprise-seen.h"

/* A backup that was brought into the vault has its moment from there, which may be a little apart. */
#define SAME_BACKUP_US (5 * G_TIME_SPAN_MINUTE)

void
reprise_seen_free (RepriseSeen *self)
{
  g_clear_pointer (&self->asked_at, g_date_time_unref);
  g_clear_pointer (&self->newest_at, g_date_time_unref);
  g_free (self);
}

/* Whether a backup on the service is newer than that moment; what is dated ahead is newer than nothing. @self, @than: (nullable) */
gboolean
reprise_seen_is_newer (const RepriseSeen *self, GDateTime *than, GDateTime *now)
{
  if (self == NULL || self->newest_at == NULL || than == NULL)
    return self != NULL && self->newest_at != NULL;
  if (reprise_time_is_ahead (self->newest_at, now) || reprise_time_is_ahead (than, now))
    return !reprise_time_is_ahead (self->newest_at, now);
  return g_date_time_difference (self->newest_at, than) > SAME_BACKUP_US;
}

static char *
dup_key (const char *service_uuid)
{
  return g_strconcat ("seen:", service_uuid, NULL);
}

/**
 * reprise_seen_counts:
 * @restorable: leave out those that are known to be damaged
 *
 * Returns: whether a backup counts for when its service was backed up last: one that is whole, and that somebody or a schedule
 *   asked for. Safety copies, rehearsals and uploads are none, nor is what the service makes for itself alone, nor what holds
 *   nothing but logs
 */
gboolean
reprise_seen_counts (RepriseBackup *backup, gboolean restorable)
{
  RepriseOrigin origin = reprise_backup_get_origin (backup);

  return reprise_backup_get_created_at (backup) != NULL &&
         reprise_backup_get_state (backup) != REPRISE_BACKUP_PARTIAL &&
         !reprise_backup_get_in_progress (backup) && !reprise_backup_get_bound (backup) &&
         reprise_backup_get_groups (backup) != REPRISE_GROUP_BIT (REPRISE_GROUP_LOG) &&
         (origin == REPRISE_ORIGIN_MANUAL || origin == REPRISE_ORIGIN_SCHEDULE) &&
         (!restorable || reprise_backup_get_damage (backup) == NULL);
}

/* What the service deletes before it can be restored does not help. */
static gboolean
stays (RepriseBackup *backup, GDateTime *now)
{
  GDateTime *leaves = reprise_backup_get_leaving_at (backup);

  return leaves == NULL || g_date_time_compare (leaves, now) > 0;
}

/* (nullable): when the newest was made of those that are dated ahead, or that are not */
static GDateTime *
find_newest (GPtrArray *backups, gboolean ahead, GDateTime *now)
{
  GDateTime *newest_at = NULL;

  for (guint i = 0; i < backups->len; i++)
    {
      GDateTime *made = reprise_backup_get_created_at (backups->pdata[i]);

      if (reprise_seen_counts (backups->pdata[i], TRUE) && stays (backups->pdata[i], now) &&
          reprise_time_is_ahead (made, now) == ahead &&
          (newest_at == NULL || g_date_time_compare (made, newest_at) > 0))
        newest_at = made;
    }
  return newest_at;
}

/* @backups: (element-type RepriseBackup): what the service listed at that moment */
gboolean
reprise_seen_note (RepriseHistory *history,
                   const char *service_uuid,
                   GPtrArray *backups,
                   GDateTime *now,
                   GError **error)
{
  g_autofree char *key = dup_key (service_uuid);
  g_autofree char *asked = reprise_time_to_string (now);
  g_autofree char *newest = NULL;
  g_autofree char *text = NULL;
  GDateTime *newest_at = find_newest (backups, FALSE, now);

  if (newest_at == NULL)
    newest_at = find_newest (backups, TRUE, now);
  newest = newest_at != NULL ? reprise_time_to_string (newest_at) : g_strdup ("-");
  text = g_strdup_printf ("%s %s", asked, newest);
  return reprise_history_set_note (history, key, text, error);
}

/**
 * reprise_seen_read:
 * @seen: (out) (nullable) (transfer full): what is known; %NULL where the service was never asked
 */
gboolean
reprise_seen_read (RepriseHistory *history,
                   const char *service_uuid,
                   RepriseSeen **seen,
                   GError **error)
{
  g_autofree char *key = dup_key (service_uuid);
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;
  g_autoptr (GDateTime) asked_at = NULL;

  *seen = NULL;
  if (!reprise_history_get_note (history, key, &text, error))
    return FALSE;
  parts = g_strsplit (text != NULL ? text : "", " ", 2);
  asked_at = g_strv_length (parts) == 2 ? reprise_time_from_string (parts[0]) : NULL;
  if (asked_at == NULL)
    return TRUE;
  *seen = g_new0 (RepriseSeen, 1);
  (*seen)->asked_at = g_steal_pointer (&asked_at);
  (*seen)->newest_at = strcmp (parts[1], "-") != 0 ? reprise_time_from_string (parts[1]) : NULL;
  return TRUE;
}
