/* reprise-sqlite-export-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-export.h"
#include "providers/sqlite/reprise-sqlite-manifest-private.h"

G_BEGIN_DECLS

RepriseSqliteExport *reprise_sqlite_export_with_drops (const RepriseSqliteSource *source,
                                                       const RepriseSqliteRules *rules,
                                                       RepriseGroups groups,
                                                       GPtrArray *drops,
                                                       const char *scratch,
                                                       GOutputStream *out,
                                                       RepriseProgress *progress,
                                                       GCancellable *cancellable,
                                                       GError **error);

G_END_DECLS
