/* reprise-work-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-left-backup.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-work-private.h"
#include "vault/reprise-vault-events.h"

static const ReprisePhaseShare WITH_COPY[] = { { REPRISE_PHASE_CHECKING, 2 },
                                               { REPRISE_PHASE_SAFETY_COPY, 30 } };
static const ReprisePhaseShare WITHOUT_COPY[] = { { REPRISE_PHASE_CHECKING, 2 } };

/* A local archive is kept on the service, without restoring it. */
RepriseOutcome *
reprise_work_upload (RepriseWork *work,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseBackup) made = NULL;
  RepriseOutcome *outcome;

  if (provider == NULL)
    return NULL;
  if (!reprise_kind_can (work->kind, REPRISE_CAN_UPLOAD))
    {
      g_autofree char *text = reprise_kind_explain_missing (work->kind, REPRISE_CAN_UPLOAD);

      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, text);
      return NULL;
    }
  archive = reprise_work_open_source (work, progress, cancellable, error);
  if (archive == NULL)
    return NULL;
  made = reprise_provider_upload (provider, archive, progress, cancellable, error);
  if (made == NULL)
    return NULL;
  outcome = reprise_archive_get_data (archive, REPRISE_ARCHIVE_DATA_THERE) != NULL
              ? reprise_outcome_say ("It is on the service already, as “%s”: nothing was sent",
                                     reprise_backup_get_own_name (made))
              : reprise_outcome_say ("Uploaded as “%s”", reprise_backup_get_own_name (made));
  outcome->backup_id = g_strdup (reprise_backup_get_id (made));
  return outcome;
}

/* What a job that was cut off had begun is followed to its end; a backup that was to come into the vault is brought there. */
static RepriseOutcome *
finish_left (RepriseWork *work,
             RepriseProvider *provider,
             RepriseJournal *left,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (RepriseOutcome) outcome =
    reprise_provider_resume_operation (provider, left, progress, cancellable, error);
  GError *local = NULL;
  RepriseOutcome *brought;

  if (outcome == NULL || outcome->backup_id == NULL || !reprise_left_backup_is_for_vault (left))
    return g_steal_pointer (&outcome);
  brought = reprise_work_bring_left (work, provider, left, outcome->backup_id, progress,
                                     cancellable, &local);
  if (brought != NULL)
    return brought;
  reprise_work_explain_vault (work, progress, &local);
  reprise_error_prefix (
    &local, "%s: %s ", outcome->summary,
    _ ("It stays on the service and is listed there; “reprise download” brings it into "
       "the vault."));
  g_propagate_error (error, local);
  return NULL;
}

/* What a crash left half done: its provider takes it up, or it is said and the new restore goes on. */
static gboolean
settle_left (RepriseWork *work,
             RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  GError *local_error = NULL;
  g_autoptr (RepriseJournal) left =
    reprise_journal_open_left (reprise_service_get_uuid (work->service), &local_error);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *text = NULL;
  gboolean is_backup;

  if (left == NULL)
    {
      if (local_error != NULL)
        g_propagate_error (error, local_error);
      return local_error == NULL;
    }
  text = reprise_journal_describe (left);
  is_backup = reprise_left_backup_is_for_vault (left);
  outcome = finish_left (work, provider, left, progress, cancellable, &local_error);
  if (local_error != NULL && is_backup && !reprise_error_is_stop (local_error) &&
      reprise_left_backup_is_over (left))
    {
      reprise_progress_warn (progress, "What an earlier job had begun did not end well: %s",
                             reprise_error_get_saying (local_error));
      g_clear_error (&local_error);
      return reprise_left_backup_close (left, error);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  if (outcome != NULL && is_backup)
    reprise_progress_warn (progress, "What an earlier job had begun has ended: %s.",
                           reprise_outcome_get_saying (outcome));
  else if (outcome != NULL)
    reprise_progress_warn (progress,
                           "An earlier restore had been cut off, and was finished first: %s",
                           reprise_outcome_get_saying (outcome));
  else if (text != NULL)
    reprise_progress_warn (progress, "An earlier restore had been cut off. %s", text);
  return reprise_journal_close (left, error);
}

/* Whether it runs for what a rehearsal left alone: a job that was cut off before was given up, and is not followed again. */
static gboolean
only_cleans_up (RepriseWork *work)
{
  GHashTable *options = work->request->options;

  return options != NULL &&
         g_strcmp0 (g_hash_table_lookup (options, REPRISE_SCHEDULE_OPTION_ROUTINE),
                    reprise_routine_to_string (REPRISE_ROUTINE_CLEAN_UP)) == 0;
}

/**
 * reprise_work_follow:
 *
 * What the service goes on with since the process that had asked for it ended is followed to its end, and that is told. Where there is
 * no such thing, what a rehearsal that was cut off left is removed. Nothing is begun.
 */
RepriseOutcome *
reprise_work_follow (RepriseWork *work,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) local = NULL;

  if (provider == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!only_cleans_up (work))
    left = reprise_journal_open_left (reprise_service_get_uuid (work->service), &local);
  if (left != NULL && reprise_kind_can_follow (work->kind, left))
    {
      outcome = finish_left (work, provider, left, progress, cancellable, &local);
      if (!reprise_journal_has_open_step (left) && !reprise_journal_close (left, NULL))
        reprise_progress_log (progress, "the journal of the interrupted job could not be removed");
    }
  else if (local == NULL)
    outcome = reprise_work_remove_left (work, progress, cancellable, &local);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (outcome == NULL)
    return reprise_outcome_new (_ ("There is nothing left that could be followed"));
  return g_steal_pointer (&outcome);
}

static gboolean
check_consent (RepriseWork *work, ReprisePlan *plan, GError **error)
{
  if (!reprise_plan_check_refusal (plan, error))
    return FALSE;
  if (work->request->consent)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("Nobody has agreed to replace data on “%s”"),
                     reprise_service_get_name (work->service));
  return FALSE;
}

/* (transfer full): the safety copy, verified, or %NULL with @error */
static RepriseBackup *
make_safety_copy (RepriseWork *work,
                  RepriseProvider *provider,
                  ReprisePlan *plan,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseProgress) part = NULL;

  reprise_progress_set_phase (progress, REPRISE_PHASE_SAFETY_COPY);
  reprise_progress_set_stop_text (progress, _ ("Nothing has been changed yet."));
  part = reprise_progress_new_part (progress);
  if (!reprise_vault_save_service (work->vault, work->service, error))
    return NULL;
  writer = reprise_vault_begin (work->vault, work->service, REPRISE_ORIGIN_SAFETY, NULL, error);
  if (writer == NULL ||
      !reprise_provider_prepare_safety_copy (provider, plan, writer, part, cancellable, error))
    return NULL;
  backup = reprise_vault_writer_commit (writer, cancellable, error);
  if (backup == NULL ||
      !reprise_work_prove (work, backup, REPRISE_DEPTH_FULL, part, cancellable, error))
    return NULL;
  return g_steal_pointer (&backup);
}

/* The backup that @backup goes on from. @parent: (out) (nullable): %NULL also where a roll-up took it in */
static gboolean
find_parent (RepriseWork *work,
             RepriseBackup *backup,
             RepriseBackup **parent,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (work->vault, backup, error);
  g_autoptr (GError) local = NULL;
  const char *id;

  *parent = NULL;
  if (manifest == NULL)
    return FALSE;
  id = reprise_manifest_get_parent (manifest);
  if (id == NULL || strcmp (id, reprise_backup_get_id (backup)) >= 0)
    return TRUE;
  *parent = reprise_vault_find (work->vault, id, cancellable, &local);
  if (*parent != NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* A vault that is full or may only be read is restored from all the same. */
static void
note_verified (RepriseWork *work, RepriseBackup *backup, RepriseProgress *progress)
{
  if (!reprise_vault_note_verified (work->vault, backup, REPRISE_DEPTH_FULL, NULL))
    reprise_progress_log (progress, "that it was read back could not be written down beside it");
}

/* A backup of the vault is read back in full first, and what it goes on from: what is damaged must not replace anything. */
static gboolean
prove_source (RepriseWork *work,
              RepriseArchive *archive,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseBackup *source = reprise_archive_get_backup (archive);
  g_autoptr (RepriseBackup) backup =
    source != NULL && reprise_backup_get_in_vault (source) ? g_object_ref (source) : NULL;

  while (backup != NULL)
    {
      g_autoptr (RepriseProgress) part = reprise_progress_new_part (progress);
      RepriseBackup *parent = NULL;

      if (!reprise_work_read_back (work, backup, REPRISE_DEPTH_FULL, part, cancellable, error) ||
          !find_parent (work, backup, &parent, cancellable, error))
        return FALSE;
      note_verified (work, backup, progress);
      g_object_unref (backup);
      backup = parent;
    }
  return TRUE;
}

/* No Undo goes back behind a restore that made no safety copy. */
static void
supersede_older (RepriseWork *work, RepriseProgress *progress, GCancellable *cancellable)
{
  g_autoptr (RepriseBackup) older = reprise_context_find_safety_copy (
    work->context, reprise_service_get_uuid (work->service), cancellable, NULL);

  if (older != NULL &&
      !reprise_work_add_event (work, reprise_backup_get_id (older), "superseded", NULL, NULL, NULL))
    reprise_progress_log (progress, "the former safety copy could not be marked");
}

/* The safety copy that the plan asks for. %TRUE with no copy where none is needed, or it was declined. */
static gboolean
secure (RepriseWork *work,
        RepriseProvider *provider,
        ReprisePlan *plan,
        RepriseBackup **copy,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  const char *impossible = reprise_plan_get_no_safety_copy (plan);
  GError *local_error = NULL;

  if (!reprise_plan_get_overwrites (plan))
    return TRUE;
  if (work->request->no_safety_copy)
    {
      supersede_older (work, progress, cancellable);
      return TRUE;
    }
  if (impossible != NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("No safety copy can be made: %s"), impossible);
      return FALSE;
    }
  *copy = make_safety_copy (work, provider, plan, progress, cancellable, &local_error);
  if (*copy != NULL)
    return TRUE;
  reprise_work_explain_vault (work, progress, &local_error);
  reprise_error_prefix (&local_error,
                        _ ("The safety copy could not be made, and nothing was changed: "));
  g_propagate_error (error, local_error);
  return FALSE;
}

typedef RepriseOutcome *(*Carry) (RepriseProvider *,
                                  ReprisePlan *,
                                  RepriseJournal *,
                                  RepriseProgress *,
                                  GCancellable *,
                                  GError **);

/* The writing itself, with a journal that stays behind only where something is half done. */
static RepriseOutcome *
carry_out (RepriseWork *work,
           RepriseProvider *provider,
           ReprisePlan *plan,
           RepriseBackup *copy,
           Carry carry,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (RepriseJournal) journal = NULL;
  RepriseOutcome *outcome;

  journal = reprise_journal_create (reprise_service_get_uuid (work->service), work->job_id, error);
  if (journal == NULL)
    return NULL;
  if (copy != NULL &&
      !reprise_journal_set (journal, "safety-copy", reprise_backup_get_id (copy), error))
    return NULL;
  outcome = carry (provider, plan, journal, progress, cancellable, error);
  if (outcome != NULL && copy != NULL)
    outcome->safety_id = g_strdup (reprise_backup_get_id (copy));
  if (outcome == NULL && copy != NULL && reprise_journal_has_open_step (journal))
    reprise_error_prefix (
      error, _ ("The restore stopped half way; the data from before is in the safety copy %s. "),
      reprise_backup_get_id (copy));
  if (outcome == NULL && copy != NULL && !reprise_journal_has_step (journal))
    {
      /* The copy is not the way back of this restore, which did nothing, and must not hide that of the one before. */
      if (!reprise_work_add_event (work, reprise_backup_get_id (copy), "unused", NULL, NULL, NULL))
        reprise_progress_log (progress, "the safety copy could not be marked as unused");
    }
  if ((outcome != NULL || !reprise_journal_has_open_step (journal)) &&
      !reprise_journal_close (journal, NULL))
    reprise_progress_log (progress, "the journal of the restore could not be removed");
  return outcome;
}

/**
 * reprise_work_restore:
 *
 * open the archive → plan → checks and consent → safety copy, verified → restore, journalled → outcome with the way back
 */
RepriseOutcome *
reprise_work_restore (RepriseWork *work,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseBackup) copy = NULL;

  if (provider == NULL)
    return NULL;
  reprise_progress_set_frame (progress, work->request->no_safety_copy ? WITHOUT_COPY : WITH_COPY,
                              work->request->no_safety_copy ? G_N_ELEMENTS (WITHOUT_COPY)
                                                            : G_N_ELEMENTS (WITH_COPY),
                              NULL, 0);
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  reprise_progress_set_stop_text (progress, _ ("Nothing has been changed yet."));
  if (!settle_left (work, provider, progress, cancellable, error))
    return NULL;
  archive = reprise_work_open_source (work, NULL, cancellable, error);
  if (archive == NULL)
    return NULL;
  plan = reprise_provider_plan_restore (provider, archive, work->request->groups,
                                        work->request->options, NULL, cancellable, error);
  if (plan == NULL || !check_consent (work, plan, error) ||
      !prove_source (work, archive, progress, cancellable, error) ||
      !secure (work, provider, plan, &copy, progress, cancellable, error))
    return NULL;
  return carry_out (work, provider, plan, copy, reprise_provider_restore, progress, cancellable,
                    error);
}

/* Back to the safety copy. What is there now is copied first too, so that even this has a way back, by hand. */
RepriseOutcome *
reprise_work_undo (RepriseWork *work,
                   RepriseProgress *progress,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseBackup) source = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseBackup) copy = NULL;
  RepriseOutcome *outcome;

  if (provider == NULL)
    return NULL;
  reprise_progress_set_frame (progress, WITH_COPY, G_N_ELEMENTS (WITH_COPY), NULL, 0);
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!settle_left (work, provider, progress, cancellable, error))
    return NULL;
  source = reprise_context_find_safety_copy (
    work->context, reprise_service_get_uuid (work->service), cancellable, error);
  if (source == NULL)
    return NULL;
  archive = reprise_context_open_backup (work->context, work->service, source, NULL, work->secrets,
                                         NULL, cancellable, error);
  if (archive == NULL)
    return NULL;
  plan = reprise_provider_plan_undo (provider, archive, NULL, cancellable, error);
  if (plan == NULL || !check_consent (work, plan, error) ||
      !prove_source (work, archive, progress, cancellable, error) ||
      !secure (work, provider, plan, &copy, progress, cancellable, error))
    return NULL;
  outcome =
    carry_out (work, provider, plan, copy, reprise_provider_undo, progress, cancellable, error);
  if (outcome == NULL)
    return NULL;
  reprise_work_add_event (work, reprise_backup_get_id (source), "undone", NULL, NULL, NULL);
  if (copy != NULL)
    reprise_work_add_event (work, reprise_backup_get_id (copy), "superseded", NULL, NULL, NULL);
  return outcome;
}
