/* reprise-sqlite-others-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-plan.h"
#include "providers/sqlite/reprise-sqlite-manifest-private.h"
#include "providers/sqlite/reprise-sqlite-source.h"

G_BEGIN_DECLS

/* blocking: for workers */
void reprise_sqlite_others_add (ReprisePlan *plan,
                                const RepriseSqliteSource *source,
                                const RepriseSqliteRules *rules,
                                const RepriseSqliteManifest *manifest,
                                RepriseGroups groups,
                                GPtrArray *targets,
                                GCancellable *cancellable);

G_END_DECLS
