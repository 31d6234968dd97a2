/* reprise-nocobase-compare.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-outcome.h"
#include "provider/reprise-plan.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

char *reprise_nocobase_compare_save (ReprisePlan *plan,
                                     const char *target_version,
                                     const char *archive_version);
RepriseOutcome *reprise_nocobase_compare_run (RepriseNocobaseTarget *target,
                                              const char *expected,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);

G_END_DECLS
