/* reprise-milvus-archive.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"

G_BEGIN_DECLS

/* A backup of Milvus Backup outside its storage: in the vault, where it lies in the folder “backup” of the backup's folder, or any
 * folder that holds meta/ and binlogs/ as the server wrote them. Every byte is the server's own. All of these block: for workers.
 *
 * The path of a #RepriseArchive is the vault's folder of the backup, or the local folder, or its meta/full_meta.json. */

#define REPRISE_MILVUS_PAYLOAD "backup" /* the folder in a backup of the vault */

/* storage → vault. Fills contents, proof, dates, own name and version of the writer's manifest; the caller commits. A writer that was
 * left goes on with what it has (reprise_vault_resume()); call reprise_vault_writer_set_resumable() before */
RepriseMilvusMeta *reprise_milvus_fetch (RepriseMilvusStorage *storage,
                                         const char *name,
                                         RepriseVaultWriter *writer,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);

/* a local folder → vault, for an archive that was inspected (the import of a kind) */
RepriseMilvusMeta *reprise_milvus_archive_import (RepriseArchive *archive,
                                                  RepriseVaultWriter *writer,
                                                  RepriseProgress *progress,
                                                  GCancellable *cancellable,
                                                  GError **error);

gboolean reprise_milvus_archive_recognise (const char *path,
                                           const guchar *head,
                                           gsize head_size,
                                           gint64 size);
RepriseMilvusMeta *reprise_milvus_archive_read_meta (RepriseArchive *archive,
                                                     GCancellable *cancellable,
                                                     GError **error);
gboolean reprise_milvus_archive_inspect (RepriseArchive *archive,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_milvus_archive_verify (RepriseArchive *archive,
                                        RepriseDepth depth,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

/* vault or folder → storage, under its own name or another; refused where one of that name lies there */
gboolean reprise_milvus_archive_upload (RepriseArchive *archive,
                                        RepriseMilvusStorage *storage,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_milvus_archive_upload_as (RepriseArchive *archive,
                                           RepriseMilvusStorage *storage,
                                           const char *name,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);

/* vault → a new folder in the original layout; @note gets what is left to do at Zilliz Cloud, a sentence */
gboolean reprise_milvus_archive_save (RepriseArchive *archive,
                                      const char *folder,
                                      gboolean replace,
                                      char **note,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

/* fills an archive with what is known of a backup that lies only in the storage: contents, dates, facts */
void reprise_milvus_archive_fill (RepriseArchive *archive, RepriseMilvusMeta *meta);

G_END_DECLS
