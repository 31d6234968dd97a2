/* reprise-work-compact.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-work-private.h"

RepriseOutcome *
reprise_work_compact (RepriseWork *work,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  static const ReprisePhaseShare plan[] = {
    { REPRISE_PHASE_CHECKING, 1 },
    { REPRISE_PHASE_WRITING, 10 },
    { REPRISE_PHASE_VERIFYING, 5 },
    { REPRISE_PHASE_DELETING, 1 },
  };
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);

  if (provider == NULL)
    return NULL;
  reprise_progress_set_plan (progress, plan, G_N_ELEMENTS (plan));
  return reprise_provider_compact (provider, work->vault, progress, cancellable, error);
}
