/* reprise-milvus-target.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider-base.h"
#include "providers/milvus/reprise-milvus-client.h"
#include "providers/milvus/reprise-milvus-follow.h"
#include "providers/milvus/reprise-milvus-local.h"
#include "providers/milvus/reprise-milvus-rest.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusTarget:
 * @base: whose settings and secrets
 * @client: of the backup server
 *
 * What one service consists of: the backup server, and, where they are set, Milvus itself and the storage of the backups.
 */
typedef struct _RepriseMilvusTarget RepriseMilvusTarget;

RepriseMilvusTarget *reprise_milvus_target_new (RepriseProviderBase *base,
                                                const RepriseMilvusPace *pace,
                                                GError **error);
void reprise_milvus_target_free (RepriseMilvusTarget *self);

void reprise_milvus_target_set_local (RepriseMilvusTarget *self, RepriseMilvusLocal *local);
void reprise_milvus_target_begin_work (RepriseMilvusTarget *self, const char *what, const char *id);
void reprise_milvus_target_end_work (RepriseMilvusTarget *self,
                                     const char *id,
                                     const GError *error);

RepriseMilvusClient *reprise_milvus_target_get_client (RepriseMilvusTarget *self);
const RepriseMilvusPace *reprise_milvus_target_get_pace (RepriseMilvusTarget *self);
const char *reprise_milvus_target_get_uuid (RepriseMilvusTarget *self);
const char *reprise_milvus_target_get_setting (RepriseMilvusTarget *self, const char *key);
gboolean reprise_milvus_target_has_milvus (RepriseMilvusTarget *self);
RepriseMilvusRest *reprise_milvus_target_get_rest (RepriseMilvusTarget *self, GError **error);
gboolean reprise_milvus_target_has_storage (RepriseMilvusTarget *self);
RepriseMilvusStorage *reprise_milvus_target_get_storage (RepriseMilvusTarget *self,
                                                         GCancellable *cancellable,
                                                         GError **error);

char *reprise_milvus_target_explain_check (RepriseMilvusTarget *self,
                                           const RepriseMilvusCheck *check);
gboolean reprise_milvus_target_check (RepriseMilvusTarget *self,
                                      char **milvus_version,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_milvus_version_has_roles (const char *version);
GPtrArray *reprise_milvus_target_list_collections (RepriseMilvusTarget *self,
                                                   GCancellable *cancellable,
                                                   GError **error);
gboolean reprise_milvus_target_is_left_out (RepriseMilvusTarget *self, const char *full_name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusTarget, reprise_milvus_target_free)

G_END_DECLS
