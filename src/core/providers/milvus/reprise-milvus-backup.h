/* reprise-milvus-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/milvus/reprise-milvus-target.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

/* What can be done with backups, without restoring them. All of it blocks: for workers. */

#define REPRISE_MILVUS_SAFETY_PREFIX "reprise_safety" /* of the names of safety copies */

GPtrArray *reprise_milvus_backup_list (RepriseMilvusTarget *target,
                                       GCancellable *cancellable,
                                       GError **error);
RepriseArchive *reprise_milvus_backup_open (RepriseMilvusTarget *target,
                                            RepriseBackup *backup,
                                            GCancellable *cancellable,
                                            GError **error);
RepriseBackup *reprise_milvus_backup_make (RepriseMilvusTarget *target,
                                           const char *prefix,
                                           RepriseGroups groups,
                                           GPtrArray *only,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_milvus_backup_fetch (RepriseMilvusTarget *target,
                                      const char *name,
                                      RepriseVaultWriter *writer,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_milvus_backup_delete (RepriseMilvusTarget *target,
                                       RepriseBackup *backup,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
