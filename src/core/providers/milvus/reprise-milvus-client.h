/* reprise-milvus-client.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"
#include "providers/milvus/reprise-milvus-reply.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusGeneration:
 * @REPRISE_MILVUS_A: 0.3.0 to 0.5.9
 * @REPRISE_MILVUS_B: 0.5.10 to 0.5.16
 * @REPRISE_MILVUS_C: from 0.6.0
 *
 * Of the backup server: what it answers, and what it does when something goes wrong, differs.
 */
typedef enum
{
  REPRISE_MILVUS_A = 1,
  REPRISE_MILVUS_B,
  REPRISE_MILVUS_C,
} RepriseMilvusGeneration;

const char *reprise_milvus_generation_get_text (RepriseMilvusGeneration generation);

/**
 * RepriseMilvusCreate:
 * @name: checked
 * @collections: (nullable) (element-type utf8): complete names, or %NULL for all
 * @roles: also users, roles and grants
 * @structure_only: no rows
 * @strategy: (nullable): how the server flushes, from generation B on
 */
typedef struct
{
  const char *name;
  GPtrArray *collections;
  gboolean roles;
  gboolean structure_only;
  const char *strategy;
} RepriseMilvusCreate;

/**
 * RepriseMilvusRename:
 * @from: a complete name in the backup, or “db.*”
 * @to: on the target, of the same form
 */
typedef struct
{
  char *from;
  char *to;
} RepriseMilvusRename;

/**
 * RepriseMilvusStart:
 * @id: of the task: our own, so that it is found again where the answer is lost
 * @backup: its name
 * @collections: (nullable) (element-type utf8): complete names in the backup, or %NULL for all
 * @suffix: (nullable)
 * @renames: (nullable) (element-type RepriseMilvusRename): they win over the suffix
 *
 * What a restore is asked for.
 */
typedef struct
{
  const char *id;
  const char *backup;
  GPtrArray *collections;
  const char *suffix;
  GPtrArray *renames;
  gboolean structure_only;
  gboolean indexes;
  gboolean roles;
  gboolean replace;
} RepriseMilvusStart;

/**
 * RepriseMilvusClient:
 *
 * The API of the backup server. Its calls block and are for workers; each has a time limit of its own, as the server has none.
 */
typedef struct _RepriseMilvusClient RepriseMilvusClient;

RepriseMilvusClient *reprise_milvus_client_new (RepriseHttp *http);
void reprise_milvus_client_free (RepriseMilvusClient *self);
RepriseHttp *reprise_milvus_client_get_http (RepriseMilvusClient *self);
void reprise_milvus_client_set_timeout (RepriseMilvusClient *self, guint timeout_ms);

gboolean reprise_milvus_client_hello (RepriseMilvusClient *self,
                                      GCancellable *cancellable,
                                      GError **error);
RepriseMilvusGeneration reprise_milvus_client_get_generation (RepriseMilvusClient *self,
                                                              GCancellable *cancellable,
                                                              GError **error);
RepriseMilvusCheck *reprise_milvus_client_check (RepriseMilvusClient *self,
                                                 GCancellable *cancellable,
                                                 GError **error);
GPtrArray *reprise_milvus_client_list (RepriseMilvusClient *self,
                                       GCancellable *cancellable,
                                       GError **error);
RepriseMilvusBackup *reprise_milvus_client_get_backup (RepriseMilvusClient *self,
                                                       const char *name,
                                                       GCancellable *cancellable,
                                                       GError **error);
gboolean reprise_milvus_client_create (RepriseMilvusClient *self,
                                       const RepriseMilvusCreate *create,
                                       RepriseHttpOutcome *outcome,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean reprise_milvus_client_delete (RepriseMilvusClient *self,
                                       const char *name,
                                       GCancellable *cancellable,
                                       GError **error);
RepriseMilvusRestore *reprise_milvus_client_restore (RepriseMilvusClient *self,
                                                     const RepriseMilvusStart *start,
                                                     RepriseHttpOutcome *outcome,
                                                     GCancellable *cancellable,
                                                     GError **error);
RepriseMilvusRestore *reprise_milvus_client_get_restore (RepriseMilvusClient *self,
                                                         const char *id,
                                                         GCancellable *cancellable,
                                                         GError **error);

char *reprise_milvus_create_to_json (const RepriseMilvusCreate *create,
                                     RepriseMilvusGeneration generation);
char *reprise_milvus_start_to_json (const RepriseMilvusStart *start);
RepriseMilvusRename *reprise_milvus_rename_new (const char *from, const char *to);
void reprise_milvus_rename_free (RepriseMilvusRename *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusClient, reprise_milvus_client_free)

G_END_DECLS
