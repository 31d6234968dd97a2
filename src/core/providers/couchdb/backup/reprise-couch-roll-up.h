/* reprise-couch-roll-up.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-outcome.h"
#include "provider/reprise-compact-plan.h"
#include "providers/couchdb/store/reprise-couch-compact.h"

G_BEGIN_DECLS

void reprise_couch_read_retention (RepriseService *service,
                                   const char *database,
                                   RepriseCouchRetention *retention);
RepriseCompactStep *reprise_couch_roll_up_describe (const RepriseCouchRollUp *roll_up,
                                                    const RepriseCouchRetention *retention,
                                                    gint64 now);
RepriseOutcome *reprise_couch_roll_up_tell (guint n_made, guint n_deleted, gint64 size_bytes);
RepriseCompactPlan *reprise_couch_roll_up_plan (RepriseVault *vault,
                                                RepriseService *service,
                                                gint64 now,
                                                GCancellable *cancellable,
                                                GError **error);
RepriseOutcome *reprise_couch_roll_up_run (RepriseVault *vault,
                                           RepriseService *service,
                                           gint64 now,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
