/* reprise-standing.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-standing.h"

#define N_RUNS 20

/* From how many following runs the longest pause of a schedule is seen. */
#define N_LOOKED_AHEAD 14

void
reprise_standing_free (RepriseStanding *self)
{
  g_clear_object (&self->service);
  g_clear_object (&self->newest);
  g_clear_object (&self->ahead);
  g_clear_object (&self->restorable);
  g_clear_pointer (&self->seen, reprise_seen_free);
  g_clear_pointer (&self->vault_error, g_free);
  g_clear_pointer (&self->access_end, g_date_time_unref);
  g_clear_pointer (&self->waiting, reprise_waiting_free);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_object (&self->rehearsal);
  g_clear_pointer (&self->next_at, g_date_time_unref);
  g_free (self);
}

/* (transfer none) (nullable): the newest of those that are dated ahead, or that are not */
static RepriseBackup *
find_newest (GPtrArray *backups, gboolean restorable, gboolean ahead, GDateTime *now)
{
  RepriseBackup *newest = NULL;

  for (guint i = 0; i < backups->len; i++)
    {
      RepriseBackup *backup = backups->pdata[i];

      if (reprise_seen_counts (backup, restorable) &&
          reprise_time_is_ahead (reprise_backup_get_created_at (backup), now) == ahead &&
          (newest == NULL || g_date_time_compare (reprise_backup_get_created_at (backup),
                                                  reprise_backup_get_created_at (newest)) > 0))
        newest = backup;
    }
  return newest;
}

/**
 * reprise_standing_find_newest:
 * @restorable: leave out those that are known to be damaged
 *
 * One that is dated ahead would be the newest until its date, however many follow it: it is taken only where there is no other.
 *
 * Returns: (transfer none) (nullable): the newest backup that counts, as reprise_seen_counts() has it
 */
RepriseBackup *
reprise_standing_find_newest (GPtrArray *backups, gboolean restorable, GDateTime *now)
{
  RepriseBackup *newest = find_newest (backups, restorable, FALSE, now);

  return newest != NULL ? newest : find_newest (backups, restorable, TRUE, now);
}

/* Of which groups the newest backup is, where it leaves some out that an older one has: it says nothing of those. An increment of a
 * history goes on from what is older. */
static RepriseGroups
find_only_groups (RepriseKind *kind, GPtrArray *backups, RepriseBackup *newest)
{
  const RepriseGroups no_data =
    REPRISE_GROUP_BIT (REPRISE_GROUP_LOG) | REPRISE_GROUP_BIT (REPRISE_GROUP_SKIPPED);
  RepriseGroups of_newest =
    newest != NULL ? reprise_backup_get_groups (newest) & ~no_data : REPRISE_GROUPS_NONE;
  RepriseGroups others = REPRISE_GROUPS_NONE;

  if (of_newest == REPRISE_GROUPS_NONE || kind == NULL ||
      reprise_kind_can (kind, REPRISE_HAS_HISTORY))
    return REPRISE_GROUPS_NONE;
  for (guint i = 0; i < backups->len; i++)
    if (reprise_seen_counts (backups->pdata[i], TRUE))
      others |= reprise_backup_get_groups (backups->pdata[i]) & ~no_data;
  return (others & ~of_newest) != REPRISE_GROUPS_NONE ? of_newest : REPRISE_GROUPS_NONE;
}

/* The longest pause between the next runs, in days begun. */
static guint
get_longest_pause_days (RepriseSchedule *schedule, GDateTime *now, GTimeZone *zone)
{
  g_autoptr (GDateTime) at = reprise_schedule_get_next (schedule, now, zone);
  GTimeSpan longest = 0;

  for (guint i = 0; at != NULL && i < N_LOOKED_AHEAD; i++)
    {
      GDateTime *next = reprise_schedule_get_next (schedule, at, zone);

      if (next != NULL)
        longest = MAX (longest, g_date_time_difference (next, at));
      g_date_time_unref (at);
      at = next;
    }
  return (guint) ((longest + G_TIME_SPAN_DAY - 1) / G_TIME_SPAN_DAY);
}

/**
 * reprise_standing_get_overdue_days:
 *
 * What is set for the service, or for all; else a day more than the longest pause of its schedule, or a week where it has none.
 *
 * Returns: after how many days without a backup the service is overdue; 0: never
 */
guint
reprise_standing_get_overdue_days (RepriseService *service,
                                   ReprisePreferences *preferences,
                                   GDateTime *now,
                                   GTimeZone *zone)
{
  const char *set = reprise_service_get_setting (service, REPRISE_STANDING_SETTING_OVERDUE);
  gint64 for_all =
    reprise_preferences_get_integer (preferences, REPRISE_STANDING_SETTING_OVERDUE, -1);
  g_autoptr (RepriseSchedule) schedule =
    reprise_scheduler_get_schedule (service, REPRISE_ROUTINE_BACK_UP, NULL);
  guint64 days = 0;

  if (set != NULL &&
      g_ascii_string_to_unsigned (set, 10, 0, REPRISE_STANDING_MAX_OVERDUE_DAYS, &days, NULL))
    return (guint) days;
  if (for_all >= 0 && for_all <= REPRISE_STANDING_MAX_OVERDUE_DAYS)
    return (guint) for_all;
  if (schedule == NULL || reprise_scheduler_is_paused (service))
    return REPRISE_STATUS_OVERDUE_DAYS;
  return get_longest_pause_days (schedule, now, zone) + 1;
}

/* Where there is nothing to pause, that it is set says nothing. */
gboolean
reprise_standing_is_paused (RepriseService *service)
{
  return reprise_scheduler_is_paused (service) &&
         reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING) != NULL;
}

/* That the last rehearsal failed counts however many backups were made since; unless there is no way to rehearse any more. */
static void
take_rehearsal (RepriseContext *context, RepriseStanding *self)
{
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (context),
                                            reprise_service_get_kind (self->service));
  g_autofree char *obstacle =
    kind != NULL ? reprise_kind_explain_no_rehearsal (kind, self->service) : NULL;

  if (self->rehearsal != NULL)
    g_ptr_array_add (self->runs, g_object_ref (self->rehearsal));
  for (guint i = obstacle != NULL ? self->runs->len : 0; i > 0; i--)
    if (reprise_run_get_kind (self->runs->pdata[i - 1]) == REPRISE_JOB_REHEARSE)
      g_ptr_array_remove_index (self->runs, i - 1);
}

/**
 * reprise_standing_read_access_end:
 *
 * Asks nobody: where the keyring is locked, it is not known.
 *
 * Returns: (transfer full) (nullable): until when those secrets of the service are good that say so
 */
GDateTime *
reprise_standing_read_access_end (RepriseContext *context,
                                  RepriseService *service,
                                  GCancellable *cancellable)
{
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (context),
                                            reprise_service_get_kind (service));
  const RepriseSetting *all = kind != NULL ? reprise_kind_get_settings (kind) : NULL;
  GDateTime *first = NULL;

  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    {
      g_autoptr (RepriseSecrets) secrets = NULL;
      g_autoptr (RepriseSecretValue) value = NULL;
      g_autoptr (GDateTime) end = NULL;

      if (setting->get_end == NULL ||
          !reprise_setting_is_shown (setting, all, reprise_service_get_settings (service)))
        continue;
      secrets =
        reprise_secrets_new (reprise_service_get_uuid (service), REPRISE_KEYRING_UNATTENDED);
      value = reprise_secrets_lookup (secrets, setting->key, cancellable, NULL);
      end = value != NULL ? setting->get_end (reprise_secret_value_get_text (value)) : NULL;
      if (end == NULL || (first != NULL && g_date_time_compare (first, end) <= 0))
        continue;
      g_clear_pointer (&first, g_date_time_unref);
      first = g_steal_pointer (&end);
    }
  return first;
}

/* (transfer full) (element-type RepriseBackup): none of a vault that was there once, and is not now: that is to be told, too */
static GPtrArray *
list_vault (RepriseContext *context,
            RepriseStanding *self,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (context);
  g_autoptr (GError) local_error = NULL;
  GPtrArray *backups =
    reprise_vault_list (vault, reprise_service_get_uuid (self->service), cancellable, &local_error);

  if (backups != NULL)
    return backups;
  if (g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      self->vault_error = g_strdup (local_error->message);
      return g_ptr_array_new_with_free_func (g_object_unref);
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/**
 * reprise_standing_read:
 *
 * Returns: (transfer full): what is known of the service, or %NULL with the errors of the vault and the history
 */
RepriseStanding *
reprise_standing_read (RepriseContext *context,
                       RepriseService *service,
                       GDateTime *now,
                       GTimeZone *zone,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (RepriseStanding) self = g_new0 (RepriseStanding, 1);
  RepriseHistory *history = reprise_context_get_history (context);
  const char *uuid = reprise_service_get_uuid (service);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) local_error = NULL;

  self->service = g_object_ref (service);
  backups = list_vault (context, self, cancellable, error);
  if (backups == NULL)
    return NULL;
  g_set_object (&self->newest, reprise_standing_find_newest (backups, FALSE, now));
  g_set_object (&self->ahead, find_newest (backups, FALSE, TRUE, now));
  g_set_object (&self->restorable, reprise_standing_find_newest (backups, TRUE, now));
  self->only_groups =
    find_only_groups (reprise_registry_get (reprise_context_get_registry (context),
                                            reprise_service_get_kind (service)),
                      backups, self->restorable);
  self->runs = reprise_history_list (history, uuid, NULL, 0, N_RUNS, error);
  if (self->runs == NULL || !reprise_seen_read (history, uuid, &self->seen, error))
    return NULL;
  self->waiting = reprise_waiting_read (history, service, now, zone, &local_error);
  if (local_error == NULL)
    self->rehearsal = reprise_history_find_last (history, uuid, REPRISE_JOB_REHEARSE, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  take_rehearsal (context, self);
  self->access_end = reprise_standing_read_access_end (context, service, cancellable);
  self->paused = reprise_standing_is_paused (service);
  self->next_at = reprise_scheduler_get_next (service, REPRISE_ROUTINE_BACK_UP, now, zone);
  self->overdue_days = reprise_standing_get_overdue_days (
    service, reprise_context_get_preferences (context), now, zone);
  return g_steal_pointer (&self);
}

static guint
count_groups (RepriseGroups groups)
{
  guint n = 0;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    n += REPRISE_GROUPS_HAS (groups, i) ? 1 : 0;
  return n;
}

/**
 * reprise_standing_tell_last:
 * @facts: gains what it says of the last backup; its @now is set
 * @newest: (nullable): in the vault
 * @ahead: (nullable): in the vault, dated ahead
 * @seen: (nullable): on the service, which may have a newer one
 */
void
reprise_standing_tell_last (RepriseStatusFacts *facts,
                            RepriseBackup *newest,
                            RepriseBackup *ahead,
                            const RepriseSeen *seen)
{
  facts->last_size_bytes = REPRISE_NOT_REPORTED;
  if (ahead != NULL && ahead != newest)
    facts->ahead_at = reprise_backup_get_created_at (ahead);
  if (reprise_seen_is_newer (seen, newest != NULL ? reprise_backup_get_created_at (newest) : NULL,
                             facts->now))
    {
      facts->last_at = seen->newest_at;
      facts->last_seen_at = seen->asked_at;
    }
  else if (newest != NULL)
    {
      facts->last_at = reprise_backup_get_created_at (newest);
      facts->last_size_bytes = reprise_backup_get_size_bytes (newest);
      facts->last_n_groups = count_groups (reprise_backup_get_groups (newest));
      facts->last_verified_at = reprise_backup_get_verified_at (newest);
      facts->last_damage = reprise_backup_get_damage (newest);
    }
}

/* (transfer full): @job (nullable): the one that is at work for it */
RepriseStatus *
reprise_standing_make_status (const RepriseStanding *self, RepriseJob *job, GDateTime *now)
{
  RepriseStatusFacts known = {
    .now = now,
    .known = TRUE,
    .job = job,
    .runs = (RepriseRun *const *) self->runs->pdata,
    .n_runs = self->runs->len,
    .overdue_days = self->overdue_days,
    .paused = self->paused,
    .vault_error = self->vault_error,
    .access_end = self->access_end,
  };

  reprise_standing_tell_last (&known, self->newest, self->ahead, self->seen);
  return reprise_status_new (&known);
}

/* (transfer none) (nullable): when the newest backup was made that can be restored, as far as is known */
GDateTime *
reprise_standing_get_point (const RepriseStanding *self, GDateTime *now)
{
  GDateTime *point =
    self->restorable != NULL ? reprise_backup_get_created_at (self->restorable) : NULL;

  return reprise_seen_is_newer (self->seen, point, now) ? self->seen->newest_at : point;
}

/**
 * reprise_standing_describe_next:
 * @job: (nullable): the one that is at work for it
 *
 * Returns: (transfer full): when it is backed up next by itself, what that waits for, or that it is not
 */
char *
reprise_standing_describe_next (const RepriseStanding *self,
                                RepriseJob *job,
                                GDateTime *now,
                                GTimeZone *zone)
{
  if (reprise_standing_is_outlasted (self->service, job, now, zone))
    return g_strdup (_ ("The runs due meanwhile become one, after this backup"));
  if (self->waiting != NULL && job == NULL)
    return reprise_waiting_to_text (self->waiting);
  if (self->next_at != NULL)
    return reprise_time_to_text (self->next_at);
  return g_strdup (self->paused ? _ ("Paused") : "–");
}

/* Whether a backup runs for longer than the time until the next one. @job: (nullable) */
gboolean
reprise_standing_is_outlasted (RepriseService *service,
                               RepriseJob *job,
                               GDateTime *now,
                               GTimeZone *zone)
{
  return job != NULL && reprise_job_is_active (job) &&
         reprise_job_get_kind (job) == REPRISE_JOB_BACK_UP &&
         reprise_job_get_started_at (job) != NULL &&
         reprise_scheduler_is_due_meanwhile (service, reprise_job_get_started_at (job), now, zone);
}

/* For a script, a service that was never backed up is not well. */
gboolean
reprise_standing_needs_attention (const RepriseStatus *status)
{
  return status->needs_attention || status->state == REPRISE_STATUS_NEVER;
}

/**
 * reprise_standing_describe_recovery:
 * @point: (nullable): when the newest backup that can be restored was made
 *
 * Returns: (transfer full): how much would be lost with the service, in a sentence
 */
char *
reprise_standing_describe_recovery (GDateTime *point, GDateTime *now)
{
  gint64 seconds;
  gulong n;

  if (point == NULL)
    return g_strdup (_ ("All data would be lost: there is no backup that can be restored."));
  if (reprise_time_is_ahead (point, now))
    return g_strdup (_ ("How much would be lost is not known: the newest backup is dated ahead."));
  seconds = MAX (g_date_time_difference (now, point) / G_TIME_SPAN_SECOND, 0);
  if (seconds < 2 * 60 * 60)
    {
      n = (gulong) (seconds / 60) + 1;
      return g_strdup_printf (ngettext ("At most %lu minute of changes would be lost.",
                                        "At most %lu minutes of changes would be lost.", n),
                              n);
    }
  if (seconds < 2 * 24 * 60 * 60)
    {
      n = (gulong) (seconds / (60 * 60)) + 1;
      return g_strdup_printf (ngettext ("At most %lu hour of changes would be lost.",
                                        "At most %lu hours of changes would be lost.", n),
                              n);
    }
  n = (gulong) (seconds / (24 * 60 * 60)) + 1;
  return g_strdup_printf (ngettext ("At most %lu day of changes would be lost.",
                                    "At most %lu days of changes would be lost.", n),
                          n);
}

/* (transfer full): the same of this service, and of which groups that is so where not of all */
char *
reprise_standing_dup_recovery (const RepriseStanding *self, GDateTime *now)
{
  GDateTime *point = reprise_standing_get_point (self, now);
  g_autofree char *text = reprise_standing_describe_recovery (point, now);
  g_autofree char *groups = NULL;
  g_autofree char *only = NULL;

  if (self->only_groups == REPRISE_GROUPS_NONE ||
      point != reprise_backup_get_created_at (self->restorable))
    return g_steal_pointer (&text);
  groups = reprise_groups_to_text (self->only_groups);
  /* Translators: names of data groups */
  only = g_strdup_printf (_ ("That is so of these groups only: %s."), groups);
  return g_strdup_printf ("%s %s", text, only);
}

/* (transfer full): “Restore rehearsed 3 days ago – 1,204 rows, 0 differences”; of one that failed, that it did */
char *
reprise_standing_describe_rehearsal (RepriseRun *rehearsal, GDateTime *now)
{
  gboolean failed = reprise_run_get_state (rehearsal) == REPRISE_JOB_FAILED;
  const char *more =
    failed ? reprise_run_get_error (rehearsal) : reprise_run_get_summary (rehearsal);
  g_autofree char *ago = reprise_time_to_ago (reprise_run_get_finished_at (rehearsal), now);
  g_autofree char *what = g_strdup_printf (
    /* Translators: how long ago follows: “Restore rehearsed 3 days ago” */
    failed ? _ ("Rehearsal failed %s") : _ ("Restore rehearsed %s"), ago);

  return more != NULL && *more != '\0' ? g_strdup_printf ("%s – %s", what, more)
                                       : g_steal_pointer (&what);
}
