/* reprise-sqlite-export.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/sqlite/reprise-sqlite-source.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteExport:
 * @contents: the groups that were written with their collections, rows and files of the archive; and what is skipped, with the reason
 * @warnings: (array zero-terminated=1): what a person should look at, as base/reprise-saying.h has it
 * @notes: (array zero-terminated=1): what is so with every backup of this application, whole sentences
 * @proof: why this is the whole thing, one sentence
 *
 * What was written.
 */
typedef struct
{
  RepriseContents *contents;
  char **warnings;
  char **notes;
  char *proof;
} RepriseSqliteExport;

void reprise_sqlite_export_free (RepriseSqliteExport *self);

RepriseSqliteExport *reprise_sqlite_export (const RepriseSqliteSource *source,
                                            const RepriseSqliteRules *rules,
                                            RepriseGroups groups,
                                            const char *scratch,
                                            GOutputStream *out,
                                            RepriseProgress *progress,
                                            GCancellable *cancellable,
                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteExport, reprise_sqlite_export_free)

G_END_DECLS
