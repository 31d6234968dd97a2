/* reprise-milvus-storage-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/storage/reprise-milvus-reader.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"
#include "providers/milvus/storage/s3/reprise-s3.h"

G_BEGIN_DECLS

/* Between the files of this folder, and for its tests. */

#define REPRISE_MILVUS_MAX_FILES \
  200000 /* of one backup: the manifest of the vault names each of them, and is read whole */

/**
 * RepriseMilvusFile:
 * @name: in the backup: “meta/full_meta.json”
 * @etag: (nullable): as the storage says
 *
 * One file of a backup.
 */
typedef struct
{
  char *name;
  gint64 size_bytes;
  char *etag;
} RepriseMilvusFile;

RepriseMilvusFile *reprise_milvus_file_new (const char *name, gint64 size_bytes, const char *etag);
void reprise_milvus_file_free (RepriseMilvusFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusFile, reprise_milvus_file_free)

RepriseMilvusStorage *reprise_milvus_storage_new_for_s3 (RepriseS3 *s3, const char *root);

gboolean reprise_milvus_backup_name_is_safe (const char *name);
GPtrArray *reprise_milvus_storage_list_files (RepriseMilvusStorage *self,
                                              const char *backup,
                                              guint max_files,
                                              GCancellable *cancellable,
                                              GError **error);
gboolean reprise_milvus_storage_get (RepriseMilvusStorage *self,
                                     const char *backup,
                                     const RepriseMilvusFile *file,
                                     const RepriseHttpSink *sink,
                                     gpointer sink_data,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean reprise_milvus_storage_put (RepriseMilvusStorage *self,
                                     const char *backup,
                                     const char *name,
                                     int fd,
                                     gint64 size_bytes,
                                     char **sha256,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);

/* a folder as a storage, and the folder of one backup */
gboolean reprise_milvus_folder_refuse_disk (const char *folder, GError **error);
GPtrArray *reprise_milvus_folder_list (const char *folder,
                                       guint max_files,
                                       GCancellable *cancellable,
                                       GError **error);
int reprise_milvus_folder_open (const char *folder, const char *name, gint64 *size, GError **error);
gboolean reprise_milvus_folder_read (const char *folder,
                                     const char *name,
                                     const RepriseHttpSink *sink,
                                     gpointer sink_data,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean reprise_milvus_folder_write (const char *folder,
                                      const char *name,
                                      int fd,
                                      gint64 size_bytes,
                                      char **sha256,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_milvus_folder_source_cb (const char *name,
                                          RepriseMilvusReader *reader,
                                          gpointer folder,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
