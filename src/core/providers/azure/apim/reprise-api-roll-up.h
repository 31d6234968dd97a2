/* reprise-api-roll-up.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-outcome.h"
#include "provider/reprise-compact-plan.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseCompactPlan *reprise_api_plan_roll_up (RepriseVault *vault,
                                              RepriseService *service,
                                              GDateTime *now,
                                              GCancellable *cancellable,
                                              GError **error);
RepriseOutcome *reprise_api_roll_up (RepriseVault *vault,
                                     RepriseService *service,
                                     GDateTime *now,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
