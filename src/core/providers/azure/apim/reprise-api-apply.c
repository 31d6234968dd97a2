/* reprise-api-apply.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api-operation.h"
#include "providers/azure/apim/reprise-api-plan.h"
#include "providers/azure/apim/reprise-api-upload.h"

static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_UPLOADING, 10 },
                                            { REPRISE_PHASE_APPLYING, 60 } };

/* (transfer full): what the backup is called in the container, into which it is brought if need be */
static char *
bring (ReprisePlan *plan,
       RepriseApiPlace *place,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  const char *blob = reprise_api_plan_get_blob (plan);
  g_autoptr (RepriseApiBackup) backup = NULL;

  if (blob != NULL)
    return g_strdup (blob);
  backup =
    reprise_api_upload (place, reprise_plan_get_archive (plan), progress, cancellable, error);
  return backup != NULL ? g_strdup (backup->name) : NULL;
}

/**
 * reprise_api_plan_apply:
 *
 * Carries a plan out: the backup goes into the container, unless it lies there, and Azure restores it.
 *
 * Returns: (transfer full): how it ended, or %NULL
 */
RepriseOutcome *
reprise_api_plan_apply (RepriseApiProvider *provider,
                        ReprisePlan *plan,
                        RepriseJournal *journal,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (RepriseApi) target = reprise_api_plan_get_target (provider, plan, error);
  g_autoptr (RepriseApiPlace) place = NULL;
  g_autofree char *blob = NULL;
  gboolean seen = FALSE;

  if (target == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  place = reprise_api_plan_open_place (provider, plan, cancellable, error);
  blob = place != NULL ? bring (plan, place, progress, cancellable, error) : NULL;
  if (blob == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_APPLYING);
  {
    RepriseApiOperation operation = { .api = target,
                                      .place = place,
                                      .blob_name = blob,
                                      .restores = TRUE,
                                      .journal = journal,
                                      .progress = progress,
                                      .cancellable = cancellable };

    if (!reprise_api_operation_run (&operation, &seen, error))
      return NULL;
  }
  if (seen)
    return reprise_outcome_say ("Azure restored “%s”", reprise_plan_get_target (plan));
  reprise_progress_warn (progress,
                         "Azure does not let this account follow the restore. It is done with "
                         "“%s”: look at the service.",
                         reprise_plan_get_target (plan));
  return reprise_outcome_say ("Azure is done with “%s”", reprise_plan_get_target (plan));
}
