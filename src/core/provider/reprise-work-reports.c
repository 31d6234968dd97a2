/* reprise-work-reports.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-work-private.h"

/*
 * What happened on the service since the last reports becomes a backup of the vault of its own: what is restored and what is only
 * recorded are kept for different times.
 */

/* (transfer full) (nullable): %NULL without @error: nothing has happened since */
static RepriseBackup *
fetch (RepriseWork *work,
       RepriseProvider *provider,
       RepriseOrigin origin,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (RepriseVaultWriter) writer = NULL;

  if (!reprise_vault_save_service (work->vault, work->service, error))
    return NULL;
  writer = reprise_vault_begin (work->vault, work->service, origin, NULL, error);
  if (writer == NULL)
    return NULL;
  reprise_manifest_set_note (reprise_vault_writer_get_manifest (writer), work->request->note);
  return reprise_provider_keep_aside (provider, NULL, writer, progress, cancellable, error)
           ? reprise_work_commit (work, writer, progress, cancellable, error)
           : NULL;
}

/* Those of a month that is over become one. The new ones are fetched: whatever goes wrong now is a warning. */
static void
roll_up (RepriseWork *work,
         RepriseProvider *provider,
         RepriseProgress *progress,
         GCancellable *cancellable)
{
  g_autoptr (RepriseProgress) part = reprise_progress_new_part (progress);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_kind_can (work->kind, REPRISE_HAS_REPORTS))
    return;
  outcome = reprise_provider_compact (provider, work->vault, part, cancellable, &error);
  if (outcome != NULL && outcome->removed > 0)
    reprise_progress_log (progress, "older reports: %s", outcome->summary);
  else if (error != NULL && reprise_error_is_stop (error))
    reprise_progress_log (progress, "older reports are rolled up the next time");
  else if (error != NULL)
    reprise_progress_warn (progress, "Older reports could not be rolled up: %s",
                           reprise_error_get_saying (error));
}

/* The reports alone. */
RepriseOutcome *
reprise_work_reports (RepriseWork *work,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  static const ReprisePhaseShare PLAN[] = { { REPRISE_PHASE_READING, 20 },
                                            { REPRISE_PHASE_VERIFYING, 3 },
                                            { REPRISE_PHASE_FINISHING, 1 } };
  RepriseOrigin origin = REPRISE_ORIGIN_MANUAL;
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) local = NULL;

  if (provider == NULL || !reprise_kind_check_can (work->kind, REPRISE_HAS_REPORTS, error))
    return NULL;
  reprise_progress_set_stop_text (progress, _ ("What was fetched is fetched the next time."));
  reprise_progress_set_plan (progress, PLAN, G_N_ELEMENTS (PLAN));
  reprise_origin_from_string (work->request->origin, &origin);
  backup = fetch (work, provider, origin, progress, cancellable, &local);
  if (backup != NULL)
    {
      roll_up (work, provider, progress, cancellable);
      /* Translators: %s is a size */
      return reprise_work_describe (backup, N_ ("%s of reports fetched and verified"));
    }
  if (local == NULL)
    return reprise_outcome_new ("%s", _ ("There is nothing new since the last reports"));
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* After a good backup. That is made: whatever goes wrong now is a warning. */
void
reprise_work_reports_after (RepriseWork *work,
                            RepriseProvider *provider,
                            RepriseOrigin origin,
                            RepriseProgress *progress,
                            GCancellable *cancellable)
{
  g_autoptr (RepriseProgress) part = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  reprise_progress_set_stop_text (progress,
                                  _ ("The backup is kept. Reports are fetched the next time."));
  part = reprise_progress_new_part (progress);
  backup = fetch (work, provider, origin, part, cancellable, &error);
  if (backup != NULL)
    roll_up (work, provider, progress, cancellable);
  if (error != NULL && reprise_error_is_stop (error))
    reprise_progress_warn (progress, "The reports are fetched the next time.");
  else if (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED))
    reprise_progress_log (progress, "no reports: %s", error->message);
  else if (error != NULL)
    reprise_progress_warn (progress, "The reports could not be read: %s",
                           reprise_error_get_saying (error));
}
