/* reprise-work-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-ulid.h"
#include "provider/reprise-scratch.h"
#include "provider/reprise-standing.h"
#include "provider/reprise-work-private.h"

/* --- what an earlier one left --- */

/* The jobs that speak with the service anyway, and change it or what is backed up. */
static gboolean
is_cleaning (RepriseWork *work)
{
  RepriseJobKind kind = work->request->kind;

  return kind == REPRISE_JOB_BACK_UP || kind == REPRISE_JOB_RESTORE || kind == REPRISE_JOB_UNDO ||
         kind == REPRISE_JOB_REHEARSE || kind == REPRISE_JOB_UPLOAD || kind == REPRISE_JOB_DELETE;
}

/* %FALSE with @error for what could not be removed. What cannot be yet stays in @left. */
static gboolean
remove_left (RepriseWork *work,
             RepriseJournal *left,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) names = NULL;

  if (provider == NULL)
    return FALSE;
  reprise_provider_clean_up (provider, left, progress, cancellable, &local);
  reprise_scratch_close (left, local == NULL ? &local : NULL);
  names = reprise_scratch_list (left);
  for (guint i = 0; names[i] != NULL; i++)
    reprise_progress_log (progress, "left by an earlier rehearsal: %s", names[i]);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * reprise_work_clean_up:
 *
 * Removes what a rehearsal that was cut off left behind, before anything else is done with the service. What cannot be
 * removed now is left for the next one, and is no reason not to go on.
 */
void
reprise_work_clean_up (RepriseWork *work, RepriseProgress *progress, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) left = NULL;

  if (!is_cleaning (work))
    return;
  left = reprise_scratch_open_left (reprise_service_get_uuid (work->service), &error);
  if (left != NULL)
    remove_left (work, left, progress, cancellable, &error);
  if (error == NULL)
    return;
  if (work->request->kind == REPRISE_JOB_REHEARSE && !reprise_error_is_stop (error))
    reprise_progress_warn (progress, "What an earlier rehearsal left could not be removed: %s",
                           reprise_error_get_saying (error));
  else
    reprise_progress_log (progress, "what an earlier rehearsal left could not be removed: %s",
                          error->message);
}

/**
 * reprise_work_remove_left:
 *
 * The same as the only thing that a job does.
 *
 * Returns: (transfer full): how it ended, which may be that it must wait; %NULL without @error where nothing was left, with it where it
 *   could not be removed
 */
RepriseOutcome *
reprise_work_remove_left (RepriseWork *work,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (RepriseJournal) left =
    reprise_scratch_open_left (reprise_service_get_uuid (work->service), error);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) names = NULL;

  if (left == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_DELETING);
  remove_left (work, left, progress, cancellable, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_BUSY))
    reprise_progress_log (progress, "not yet: %s", local->message);
  else if (local != NULL)
    {
      reprise_error_prefix_say (&local, "What an earlier rehearsal left could not be removed.");
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  names = reprise_scratch_list (left);
  outcome = reprise_outcome_new ("%s", "");
  reprise_outcome_take_saying (outcome, names[0] == NULL ? reprise_status_say_cleaned ()
                                                         : reprise_status_say_not_cleaned ());
  return g_steal_pointer (&outcome);
}

/* --- a rehearsal --- */

static gboolean
check_possible (RepriseWork *work, GError **error)
{
  if (work->no_rehearsal == NULL)
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, work->no_rehearsal);
  return FALSE;
}

/* Those that can be rehearsed: what the service makes by itself and only it can handle is left out. */
static GPtrArray *
list_backups (RepriseWork *work, GCancellable *cancellable, GError **error)
{
  g_autofree char *warning = NULL;
  GPtrArray *backups = reprise_context_list_backups (
    work->context, work->service, reprise_kind_can (work->kind, REPRISE_REHEARSES_FROM_SERVICE),
    work->secrets, &warning, cancellable, error);

  for (guint i = backups != NULL ? backups->len : 0; i > 0; i--)
    if (reprise_backup_get_bound (backups->pdata[i - 1]))
      g_ptr_array_remove_index (backups, i - 1);
  return backups;
}

/* The request names nothing: the newest backup is meant. */
static gboolean
name_newest (RepriseWork *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GPtrArray) backups = NULL;
  RepriseBackup *newest;

  if (work->request->file != NULL ||
      (work->request->backup_ids != NULL && work->request->backup_ids[0] != NULL))
    return TRUE;
  backups = list_backups (work, cancellable, error);
  if (backups == NULL)
    return FALSE;
  newest = reprise_standing_find_newest (backups, TRUE, now);
  if (newest != NULL)
    reprise_request_set_backup (work->request, reprise_backup_get_id (newest));
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("There is no backup of “%s” to rehearse."),
                       reprise_service_get_name (work->service));
  work->not_begun = newest == NULL;
  return newest != NULL;
}

/* With the record of what it makes; what it could not remove stays in that. */
static RepriseOutcome *
rehearse_recorded (RepriseWork *work,
                   RepriseProvider *provider,
                   RepriseArchive *archive,
                   GHashTable *options,
                   RepriseProgress *progress,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (RepriseLock) lock = NULL;
  g_autoptr (RepriseProvider) stage = NULL;
  g_autoptr (RepriseJournal) record = NULL;
  RepriseRehearsal rehearsal = { .options = options };
  RepriseOutcome *outcome;

  if (!check_possible (work, error))
    return NULL;
  if (work->stage != NULL)
    {
      lock = reprise_work_lock (work, work->stage, error);
      if (lock == NULL)
        return NULL;
      stage = reprise_kind_create_provider (work->kind, work->stage, work->stage_secrets);
    }
  record = reprise_scratch_open (reprise_service_get_uuid (work->service), error);
  if (record == NULL)
    return NULL;
  rehearsal.stage = stage;
  rehearsal.record = record;
  outcome = reprise_provider_rehearse (provider, archive, &rehearsal, progress, cancellable, error);
  if (!reprise_scratch_close (record, NULL))
    reprise_progress_log (progress, "the record of the rehearsal could not be removed");
  return outcome;
}

/* What differs is a failure, which somebody has to look at. */
static RepriseOutcome *
rehearse (RepriseWork *work,
          RepriseProvider *provider,
          RepriseArchive *archive,
          GHashTable *options,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseOutcome) outcome =
    rehearse_recorded (work, provider, archive, options, progress, cancellable, error);

  if (outcome == NULL || outcome->failed <= 0)
    return g_steal_pointer (&outcome);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, outcome->summary);
  return NULL;
}

/* A restore into a scratch place, compared and removed; the result is written beside the backup. */
RepriseOutcome *
reprise_work_rehearse (RepriseWork *work,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseArchive) archive = NULL;
  RepriseBackup *backup;
  RepriseOutcome *outcome;

  if (provider == NULL || !check_possible (work, error) || !name_newest (work, cancellable, error))
    return NULL;
  archive = reprise_work_open_source (work, NULL, cancellable, error);
  if (archive == NULL)
    return NULL;
  outcome =
    rehearse (work, provider, archive, work->request->options, progress, cancellable, error);
  backup = reprise_archive_get_backup (archive);
  if (outcome != NULL && backup != NULL && reprise_backup_get_in_vault (backup))
    reprise_work_add_event (work, reprise_backup_get_id (backup), "rehearsed", "text",
                            outcome->summary, NULL);
  return outcome;
}

/* As if it had been a job of its own, so that whoever asks for the last rehearsal finds it. */
static void
note_run (RepriseWork *work,
          RepriseBackup *backup,
          GDateTime *started_at,
          const RepriseOutcome *outcome,
          const GError *error)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (GDateTime) finished_at = g_date_time_new_now_utc ();
  g_autoptr (GError) reason = error != NULL ? reprise_error_new_sentence (error) : NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseRun) run = g_object_new (
    REPRISE_TYPE_RUN, "id", id, "kind", REPRISE_JOB_REHEARSE, "state",
    error == NULL                   ? REPRISE_JOB_DONE
    : reprise_error_is_stop (error) ? REPRISE_JOB_STOPPED
                                    : REPRISE_JOB_FAILED,
    "service-uuid", work->request->service_uuid, "service-name",
    reprise_service_get_name (work->service), "origin", work->request->origin, "started-at",
    started_at, "finished-at", finished_at, "summary", outcome != NULL ? outcome->summary : NULL,
    "said", outcome != NULL ? outcome->said : NULL, "error-code", reprise_error_get_name (error),
    "language", reprise_saying_get_language (), "error", reason != NULL ? reason->message : NULL,
    "error-said", reason != NULL ? reprise_error_get_saying (reason) : NULL, "backup-id",
    reprise_backup_get_id (backup), NULL);

  if (!reprise_history_add (reprise_context_get_history (work->context), run, &local))
    g_message ("The rehearsal is not in the history: %s", local->message);
}

static RepriseOutcome *
rehearse_backup (RepriseWork *work,
                 RepriseProvider *provider,
                 RepriseBackup *backup,
                 RepriseProgress *progress,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (RepriseArchive) archive = reprise_context_open_backup (
    work->context, work->service, backup, NULL, work->secrets, NULL, cancellable, error);

  return archive != NULL ? rehearse (work, provider, archive, NULL, progress, cancellable, error)
                         : NULL;
}

/**
 * reprise_work_rehearse_after:
 * @outcome: of the backup; what came of the rehearsal is added
 *
 * After a good backup, where the service’s setting says so. The backup is made: whatever goes wrong now is a warning.
 *
 * Returns: whether nothing speaks against a restore of it
 */
gboolean
reprise_work_rehearse_after (RepriseWork *work,
                             RepriseProvider *provider,
                             RepriseBackup *backup,
                             RepriseOutcome *outcome,
                             RepriseProgress *progress,
                             GCancellable *cancellable)
{
  g_autoptr (GDateTime) started_at = g_date_time_new_now_utc ();
  g_autoptr (RepriseProgress) part = NULL;
  g_autoptr (RepriseOutcome) rehearsed = NULL;
  g_autoptr (GError) local = NULL;

  if (!reprise_kind_can (work->kind, reprise_backup_get_in_vault (backup)
                                       ? REPRISE_CAN_REHEARSE
                                       : REPRISE_REHEARSES_FROM_SERVICE) ||
      !REPRISE_GROUPS_HAS (reprise_backup_get_groups (backup), REPRISE_GROUP_REQUIRED) ||
      g_strcmp0 (
        reprise_kind_get_value (work->kind, work->service, REPRISE_KIND_SETTING_REHEARSE_AFTER),
        "true") != 0)
    return TRUE;
  reprise_progress_set_stop_text (progress, _ ("The backup is kept."));
  part = reprise_progress_new_part (progress);
  rehearsed = rehearse_backup (work, provider, backup, part, cancellable, &local);
  if (!work->not_begun)
    note_run (work, backup, started_at, rehearsed, local);
  work->not_begun = FALSE; /* the backup was */
  if (rehearsed == NULL)
    {
      reprise_progress_warn (progress,
                             "The backup is kept, but its restore could not be "
                             "rehearsed: %s",
                             reprise_error_get_saying (local));
      return reprise_error_is_stop (local);
    }
  if (reprise_backup_get_in_vault (backup))
    reprise_work_add_event (work, reprise_backup_get_id (backup), "rehearsed", "text",
                            rehearsed->summary, NULL);
  /* Translators: “3 MB backed up and verified”, and what came of trying to restore it */
  reprise_outcome_take_saying (outcome, reprise_say ("%s; %s", reprise_outcome_get_saying (outcome),
                                                     reprise_outcome_get_saying (rehearsed)));
  return TRUE;
}
