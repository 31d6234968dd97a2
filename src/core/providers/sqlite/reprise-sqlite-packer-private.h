/* reprise-sqlite-packer-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "archive/reprise-zip-writer.h"
#include "providers/sqlite/reprise-sqlite-manifest-private.h"
#include "providers/sqlite/reprise-sqlite-source-private.h"

G_BEGIN_DECLS

/**
 * RepriseSqlitePacker:
 *
 * Writes the archive in a thread of its own, so that the next group is copied while the last is packed. Files are packed in the order
 * in which they are handed over.
 */
typedef struct _RepriseSqlitePacker RepriseSqlitePacker;

RepriseSqlitePacker *reprise_sqlite_packer_new (GOutputStream *out,
                                                RepriseProgress *progress,
                                                GCancellable *cancellable);
void reprise_sqlite_packer_free (RepriseSqlitePacker *self);

void reprise_sqlite_packer_add_database (RepriseSqlitePacker *self,
                                         RepriseSqliteFile *file,
                                         const char *path);
void reprise_sqlite_packer_add_text (RepriseSqlitePacker *self,
                                     RepriseSqliteFile *file,
                                     char *text);
void reprise_sqlite_packer_add_folders (RepriseSqlitePacker *self,
                                        RepriseSqliteFile *index,
                                        const char *index_path,
                                        const RepriseSqliteSource *source,
                                        GPtrArray *folders);
gboolean reprise_sqlite_packer_has_failed (RepriseSqlitePacker *self);
gboolean reprise_sqlite_packer_finish (RepriseSqlitePacker *self,
                                       GPtrArray *warnings,
                                       GError **error);
RepriseZipWriter *reprise_sqlite_packer_get_zip (RepriseSqlitePacker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqlitePacker, reprise_sqlite_packer_free)

G_END_DECLS
