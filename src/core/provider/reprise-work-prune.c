/* reprise-work-prune.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "provider/reprise-work-private.h"
#include "schedule/reprise-retention.h"

/* (transfer full) (element-type RepriseBackup): those of the place where the new backup went */
static GPtrArray *
list_backups (RepriseWork *work,
              RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  return work->request->on_service
           ? reprise_provider_list_backups (provider, progress, cancellable, error)
           : reprise_vault_list (work->vault, work->request->service_uuid, cancellable, error);
}

/* What others made on the service, or what only looks like a backup there, is not deleted by itself, and stands for nothing. */
static gboolean
leave_foreign (RepriseWork *work, GPtrArray *backups, const char *made_now, GError **error)
{
  RepriseHistory *history = reprise_context_get_history (work->context);

  for (guint i = backups->len; i-- > 0;)
    {
      const char *id = reprise_backup_get_id (backups->pdata[i]);
      g_autoptr (RepriseRun) run = NULL;

      if (g_strcmp0 (id, made_now) == 0)
        continue;
      if (!reprise_history_find_backup (history, work->request->service_uuid, id, &run, error))
        return FALSE;
      if (run == NULL)
        g_ptr_array_remove_index (backups, i);
    }
  return TRUE;
}

static GPtrArray *
plan (RepriseWork *work, GPtrArray *backups, GError **error)
{
  const char *rules = reprise_service_get_setting (work->service, REPRISE_RETENTION_SETTING);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  RepriseRetention retention;

  return reprise_retention_read (rules, &retention, error)
           ? reprise_retention_plan (&retention, backups, now, zone, error)
           : NULL;
}

/* Whether the new backup can take the place of older ones: it is there, whole and, where it can be read back, verified. */
static gboolean
can_stand (RepriseWork *work, GPtrArray *backups, const char *made_now)
{
  for (guint i = 0; i < backups->len; i++)
    {
      RepriseBackup *backup = backups->pdata[i];

      if (g_strcmp0 (reprise_backup_get_id (backup), made_now) == 0)
        return reprise_backup_get_damage (backup) == NULL &&
               !reprise_backup_get_in_progress (backup) &&
               (work->request->on_service
                  ? reprise_backup_get_state (backup) != REPRISE_BACKUP_PARTIAL
                  : reprise_backup_get_state (backup) == REPRISE_BACKUP_VERIFIED);
    }
  return FALSE;
}

/* What the new backup warned of may be missing in it: the last one that was made without a warning stays, whatever the rules say. */
static gboolean
keep_last_clean (RepriseWork *work, GPtrArray *planned, const char *made_now, GError **error)
{
  RepriseHistory *history = reprise_context_get_history (work->context);

  for (guint i = 0; i < planned->len; i++)
    {
      RepriseRetentionEntry *entry = planned->pdata[i];
      const char *id = reprise_backup_get_id (entry->backup);
      g_autoptr (RepriseRun) run = NULL;

      if ((entry->reasons & REPRISE_RETENTION_NOT_COUNTED) != 0 ||
          reprise_backup_get_groups (entry->backup) == REPRISE_GROUP_BIT (REPRISE_GROUP_LOG) ||
          reprise_backup_get_damage (entry->backup) != NULL || g_strcmp0 (id, made_now) == 0)
        continue;
      if (!reprise_history_find_backup (history, work->request->service_uuid, id, &run, error))
        return FALSE;
      if (run != NULL && reprise_run_get_state (run) != REPRISE_JOB_DONE)
        continue;
      entry->reasons |= REPRISE_RETENTION_VERIFIED;
      return TRUE;
    }
  return TRUE;
}

/* Deletes what no reason keeps, the oldest first; one that cannot be deleted does not keep the others.
 * Returns: whether all were, else the first reason */
static gboolean
delete_going (RepriseWork *work,
              RepriseProvider *provider,
              GPtrArray *planned,
              RepriseOutcome *done,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  GError *first = NULL;

  for (guint i = planned->len; i-- > 0 && !reprise_error_is_stop (first);)
    {
      const RepriseRetentionEntry *entry = planned->pdata[i];
      gint64 size = MAX (reprise_backup_get_size_bytes (entry->backup), 0);
      g_autoptr (GError) local = NULL;

      if (entry->reasons != REPRISE_RETENTION_NOT_KEPT)
        continue;
      if (!(work->request->on_service
              ? reprise_provider_delete_backup (provider, entry->backup, progress, cancellable,
                                                &local)
              : reprise_vault_delete (work->vault, entry->backup, cancellable, &local)))
        {
          reprise_progress_log (progress, "not deleted: %s: %s",
                                reprise_backup_get_id (entry->backup), local->message);
          if (first == NULL || reprise_error_is_stop (local))
            {
              g_clear_error (&first);
              first = g_steal_pointer (&local);
            }
          continue;
        }
      reprise_progress_log (progress, "deleted, as no rule keeps it: %s",
                            reprise_backup_get_id (entry->backup));
      done->removed++;
      done->written += size;
    }
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, first);
  return FALSE;
}

static gboolean
prune (RepriseWork *work,
       RepriseProvider *provider,
       const char *made_now,
       gboolean with_warnings,
       RepriseOutcome *done,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (GPtrArray) backups = list_backups (work, provider, progress, cancellable, error);
  g_autoptr (GPtrArray) planned = NULL;

  if (backups == NULL ||
      (work->request->on_service && !leave_foreign (work, backups, made_now, error)))
    return FALSE;
  if (!can_stand (work, backups, made_now))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                                 _ ("the new one is not proven to be whole."));
      return FALSE;
    }
  planned = plan (work, backups, error);
  return planned != NULL && (!with_warnings || keep_last_clean (work, planned, made_now, error)) &&
         delete_going (work, provider, planned, done, progress, cancellable, error);
}

static void
tell (RepriseOutcome *outcome, const RepriseOutcome *done)
{
  g_autofree char *size = reprise_say_size (done->written);
  g_autofree char *deleted =
    reprise_say_n ("%u old backup deleted, %s freed", "%u old backups deleted, %s freed",
                   (guint64) done->removed, (guint) done->removed, size);

  /* Translators: “3 MB backed up and verified”, and what was deleted then */
  reprise_outcome_take_saying (
    outcome, reprise_say ("%s; %s", reprise_outcome_get_saying (outcome), deleted));
}

/**
 * reprise_work_prune:
 * @outcome: of the backup, to which is added what was deleted
 * @restorable: whether nothing speaks against a restore of it
 *
 * After a good backup, where the service's setting says so: what its rules do not keep goes. After one that is not proven to be whole,
 * or could not be restored in a rehearsal, nothing goes; after one with warnings the last one without them stays. The backup is made:
 * whatever goes wrong now is a warning.
 */
void
reprise_work_prune (RepriseWork *work,
                    RepriseProvider *provider,
                    RepriseOutcome *outcome,
                    gboolean restorable,
                    RepriseProgress *progress,
                    GCancellable *cancellable)
{
  g_auto (GStrv) warnings = reprise_progress_dup_warnings (progress);
  g_autoptr (RepriseProgress) part = NULL;
  g_autoptr (RepriseOutcome) done = NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (reprise_service_get_setting (work->service, REPRISE_RETENTION_SETTING_AUTOMATIC),
                 "true") != 0 ||
      reprise_service_get_setting (work->service, REPRISE_RETENTION_SETTING) == NULL ||
      reprise_kind_can (work->kind, REPRISE_HAS_HISTORY))
    return;
  if (!restorable)
    {
      reprise_progress_warn (
        progress, "Old backups were not deleted: the new one is not proven to be restorable.");
      return;
    }
  reprise_progress_set_stop_text (progress, _ ("The backup is kept. Old ones are deleted later."));
  part = reprise_progress_new_part (progress);
  done = reprise_outcome_new ("%s", "");
  done->written = 0;
  if (!prune (work, provider, outcome->backup_id, warnings[0] != NULL, done, part, cancellable,
              &error))
    reprise_progress_warn (progress, "Old backups could not be deleted: %s",
                           reprise_error_is_stop (error) ? _ ("Stopped.")
                                                         : reprise_error_get_saying (error));
  if (done->removed > 0)
    tell (outcome, done);
}
