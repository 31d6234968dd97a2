/* reprise-nocobase-plan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-plan.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

ReprisePlan *reprise_nocobase_plan_new (RepriseNocobaseTarget *target,
                                        RepriseArchive *archive,
                                        RepriseGroups groups,
                                        GHashTable *options,
                                        RepriseSecrets *secrets,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_nocobase_plan_check_environment (const char *of_archive,
                                                  const char *of_target,
                                                  char **difference);

G_END_DECLS
