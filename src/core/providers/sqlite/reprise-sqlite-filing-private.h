/* reprise-sqlite-filing-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-archive-private.h"
#include "providers/sqlite/reprise-sqlite-source-private.h"
#include "providers/sqlite/reprise-sqlite-staging-private.h"

G_BEGIN_DECLS

/* The folders of files of a restore. */

GPtrArray *reprise_sqlite_filing_find (const RepriseSqliteManifest *manifest, RepriseGroup group);
gboolean reprise_sqlite_filing_stage (RepriseSqliteStaging *staging,
                                      const RepriseSqliteManifest *manifest,
                                      RepriseGroup group,
                                      const RepriseSqliteSource *source,
                                      RepriseArchiveReader *reader,
                                      const char *scratch,
                                      gint64 *n_removed,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_sqlite_filing_remove (RepriseSqliteStaging *staging,
                                       const RepriseSqliteSource *source,
                                       const char *folder,
                                       gint64 *n_removed,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
