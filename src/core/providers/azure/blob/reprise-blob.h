/* reprise-blob.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"
#include "providers/azure/blob/reprise-sas.h"

G_BEGIN_DECLS

/**
 * RepriseBlobItem:
 * @name: in the container
 * @size_bytes: or -1
 * @created_at: (nullable): when it was made
 * @modified_at: (nullable)
 * @etag: (nullable)
 * @md5: (nullable): of its content, base64, where whoever wrote it said so
 * @tier: (nullable): “Hot”, “Archive”
 * @metadata: (nullable) (element-type utf8 utf8): what was written beside it, where it comes from a list; names in lower case
 *
 * One blob.
 */
typedef struct
{
  char *name;
  gint64 size_bytes;
  GDateTime *created_at;
  GDateTime *modified_at;
  char *etag;
  char *md5;
  char *tier;
  GHashTable *metadata;
} RepriseBlobItem;

void reprise_blob_item_free (RepriseBlobItem *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseBlobItem, reprise_blob_item_free)

/* In the worker that lists. %FALSE with @error ends the list. */
typedef gboolean (*RepriseBlobEach) (const RepriseBlobItem *item,
                                     gpointer user_data,
                                     GError **error);

/**
 * RepriseBlob:
 *
 * A container of a storage account. The calls that send block and are for workers, any number of them at a time.
 */
#define REPRISE_TYPE_BLOB (reprise_blob_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBlob, reprise_blob, REPRISE, BLOB, GObject)

RepriseBlob *reprise_blob_new_for_sas (const RepriseSas *sas, GError **error);
RepriseBlob *reprise_blob_new_for_key (const char *endpoint,
                                       const char *account,
                                       const char *container,
                                       RepriseSecretValue *key,
                                       GError **error);
RepriseHttp *reprise_blob_get_http (RepriseBlob *self);
const char *reprise_blob_get_account (RepriseBlob *self);
const char *reprise_blob_get_container (RepriseBlob *self);

gboolean reprise_blob_list (RepriseBlob *self,
                            const char *prefix,
                            RepriseBlobEach each,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error);
RepriseBlobItem *reprise_blob_look (RepriseBlob *self,
                                    const char *name,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean reprise_blob_download (RepriseBlob *self,
                                const RepriseBlobItem *item,
                                guint64 offset,
                                GOutputStream *stream,
                                char **md5,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error);
gboolean reprise_blob_upload (RepriseBlob *self,
                              const char *name,
                              const char *path,
                              const char *md5,
                              const char *content_type,
                              gboolean overwrite,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
gboolean reprise_blob_set_metadata (RepriseBlob *self,
                                    const char *name,
                                    GHashTable *metadata,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean reprise_blob_delete (RepriseBlob *self,
                              const char *name,
                              GCancellable *cancellable,
                              GError **error);
gboolean reprise_blob_check_container (RepriseBlob *self,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean reprise_blob_make_container (RepriseBlob *self, GCancellable *cancellable, GError **error);

G_END_DECLS
