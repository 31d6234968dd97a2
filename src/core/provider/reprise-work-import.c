/* reprise-work-import.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-saying.h"
#include "provider/reprise-work-private.h"

/**
 * reprise_work_import:
 *
 * the file looked through in full → its kind writes it into a partial folder → commit
 *
 * It is not marked as verified: nothing in the file says whether it is the whole of what it was made from.
 */
RepriseOutcome *
reprise_work_import (RepriseWork *work,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CHECKING, 30 },
                                              { REPRISE_PHASE_READING, 65 },
                                              { REPRISE_PHASE_FINISHING, 5 } };
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autofree char *size = NULL;
  RepriseOutcome *outcome;

  if (provider == NULL || !reprise_kind_check_can (work->kind, REPRISE_CAN_IMPORT, error))
    return NULL;
  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  reprise_progress_set_stop_text (progress, _ ("Nothing is kept of it. The file stays as it is."));
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  archive = reprise_work_open_source (work, progress, cancellable, error);
  if (archive == NULL ||
      !reprise_work_check_space (work, reprise_archive_get_size_bytes (archive), error) ||
      !reprise_vault_save_service (work->vault, work->service, error))
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  writer = reprise_vault_begin (work->vault, work->service, REPRISE_ORIGIN_UPLOAD, NULL, error);
  if (writer == NULL ||
      !reprise_kind_import (work->kind, archive, work->service, work->request->options, writer,
                            progress, cancellable, error))
    return NULL;
  if (work->request->note != NULL)
    reprise_manifest_set_note (reprise_vault_writer_get_manifest (writer), work->request->note);
  reprise_progress_set_phase (progress, REPRISE_PHASE_FINISHING);
  backup = reprise_vault_writer_commit (writer, cancellable, error);
  if (backup == NULL)
    return NULL;
  size = reprise_say_size (MAX (reprise_backup_get_size_bytes (backup), 0));
  outcome = reprise_outcome_say ("%s taken into the vault, not verified", size);
  outcome->backup_id = g_strdup (reprise_backup_get_id (backup));
  return outcome;
}
