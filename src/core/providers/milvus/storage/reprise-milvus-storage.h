/* reprise-milvus-storage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/milvus/storage/reprise-milvus-meta.h"
#include "secret/reprise-secrets.h"
#include "service/reprise-service.h"
#include "service/reprise-setting.h"

G_BEGIN_DECLS

/* The keys of the settings and secrets of a service's storage. */

#define REPRISE_MILVUS_SETTING_STORAGE  "storage" /* a choice: */
#define REPRISE_MILVUS_STORAGE_NONE     "none" /* not known to us: the backup server alone reaches it */
#define REPRISE_MILVUS_STORAGE_S3       "s3"     /* of the S3 protocol */
#define REPRISE_MILVUS_STORAGE_FOLDER   "folder" /* of this computer: storage type “local” */
#define REPRISE_MILVUS_SETTING_ENDPOINT "storage-address" /* of the S3 server */
#define REPRISE_MILVUS_SETTING_PRESET   "storage-preset"  /* a choice: */
#define REPRISE_MILVUS_PRESET_COMPOSE \
  "compose" /* bucket “a-bucket”, Milvus's own data under “files” */
#define REPRISE_MILVUS_PRESET_HELM    "helm"   /* bucket “milvus-bucket”, and “file” */
#define REPRISE_MILVUS_SETTING_BUCKET "bucket" /* where the backups are; empty: of the preset */
#define REPRISE_MILVUS_SETTING_ROOT   "root-path" /* of the backups in it, backupRootPath: “backup” */
#define REPRISE_MILVUS_SETTING_DATA_ROOT \
  "data-root-path" /* of Milvus's own data, rootPath; empty: of the preset */
#define REPRISE_MILVUS_SETTING_REGION "region"
#define REPRISE_MILVUS_SETTING_STYLE  "storage-style" /* a choice: */
#define REPRISE_MILVUS_STYLE_AUTO \
  "auto" /* by the address: host at the large providers, else path */
#define REPRISE_MILVUS_STYLE_PATH          "path"    /* https://server/bucket/object */
#define REPRISE_MILVUS_STYLE_HOST          "host"    /* https://bucket.server/object */
#define REPRISE_MILVUS_SETTING_KEY_ID      "account" /* the access key's ID */
#define REPRISE_MILVUS_SETTING_FOLDER      "path"    /* the root folder of the backups */
#define REPRISE_MILVUS_SETTING_STORAGE_PIN "storage-pin-sha256"
#define REPRISE_MILVUS_SECRET_KEY          "access-key"    /* the secret access key */
#define REPRISE_MILVUS_SECRET_SESSION      "session-token" /* of temporary keys */

/* What a kind of service with such a storage asks for beside its own settings; ends with a key of %NULL */
extern const RepriseSetting REPRISE_MILVUS_STORAGE_SETTINGS[];

const char *reprise_milvus_storage_get_preset (const char *preset, const char *setting);

/* What is asked for where a backup is written in its original layout: a folder, or a bucket of anybody's; ends with a key of %NULL */
const RepriseSetting *reprise_milvus_storage_get_export_settings (void);

/**
 * RepriseMilvusStored:
 * @name: the folder's, which is the backup's name
 * @whole: whether it has metadata: a folder without it is a backup that failed, or that is being made now
 * @changed_at: (nullable): of the youngest object that was looked at
 * @meta: (nullable): the metadata, where it was asked for and could be read
 * @problem: (nullable): why the metadata cannot be read, a sentence
 *
 * A backup in the storage.
 */
typedef struct
{
  char *name;
  gboolean whole;
  GDateTime *changed_at;
  RepriseMilvusMeta *meta;
  char *problem;
} RepriseMilvusStored;

void reprise_milvus_stored_free (RepriseMilvusStored *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusStored, reprise_milvus_stored_free)

/**
 * RepriseMilvusStorage:
 *
 * Where Milvus Backup keeps its backups: a bucket of an S3 server, or a folder. All calls block: for workers, any number of
 * them at a time.
 */
#define REPRISE_TYPE_MILVUS_STORAGE (reprise_milvus_storage_get_type ())

G_DECLARE_FINAL_TYPE (RepriseMilvusStorage,
                      reprise_milvus_storage,
                      REPRISE,
                      MILVUS_STORAGE,
                      GObject)

gboolean reprise_milvus_storage_is_set (RepriseService *service);
RepriseMilvusStorage *reprise_milvus_storage_open (RepriseService *service,
                                                   RepriseSecrets *secrets,
                                                   GCancellable *cancellable,
                                                   GError **error);
RepriseMilvusStorage *reprise_milvus_storage_new_for_folder (const char *path, GError **error);
const char *reprise_milvus_storage_get_description (RepriseMilvusStorage *self);

gboolean reprise_milvus_storage_check (RepriseMilvusStorage *self,
                                       GPtrArray *warnings,
                                       GCancellable *cancellable,
                                       GError **error);
GPtrArray *reprise_milvus_storage_list (RepriseMilvusStorage *self,
                                        gboolean with_meta,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
RepriseMilvusMeta *reprise_milvus_storage_read_meta (RepriseMilvusStorage *self,
                                                     const char *name,
                                                     GCancellable *cancellable,
                                                     GError **error);
gboolean reprise_milvus_storage_delete (RepriseMilvusStorage *self,
                                        const char *name,
                                        gboolean only_leftovers,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
