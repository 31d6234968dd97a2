/* reprise-sqlite-apply-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/sqlite/reprise-sqlite-target-private.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteApply:
 *
 * The restore of one database: one transaction, open from reprise_sqlite_apply_begin() to reprise_sqlite_apply_commit(). Freed without
 * a commit, nothing has changed.
 */
typedef struct _RepriseSqliteApply RepriseSqliteApply;

RepriseSqliteApply *reprise_sqlite_apply_begin (RepriseSqliteTarget *target,
                                                const RepriseSqliteManifest *manifest,
                                                RepriseGroups groups,
                                                const char *scratch,
                                                const char *new_path,
                                                GCancellable *cancellable,
                                                GError **error);
void reprise_sqlite_apply_free (RepriseSqliteApply *self);
gboolean reprise_sqlite_apply_run (RepriseSqliteApply *self,
                                   RepriseProgress *progress,
                                   GPtrArray *warnings,
                                   GError **error);
gboolean reprise_sqlite_apply_flush (RepriseSqliteApply *self, GError **error);
gboolean reprise_sqlite_apply_commit (RepriseSqliteApply *self, GError **error);
/* a number of the caller's own: that of the file in the staging folder */
void reprise_sqlite_apply_set_number (RepriseSqliteApply *self, guint number);
guint reprise_sqlite_apply_get_number (const RepriseSqliteApply *self);

char *reprise_sqlite_apply_make_scratch_path (const char *scratch, guint n, RepriseGroup group);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteApply, reprise_sqlite_apply_free)

G_END_DECLS
