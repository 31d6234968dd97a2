/* reprise-milvus-rest.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusTable:
 * @database: never empty
 * @primary_key: (nullable): the field
 * @key_is_text: whether it holds strings
 * @vector_fields: (element-type utf8)
 * @indexed_fields: (element-type utf8)
 * @loaded: whether it can be asked
 *
 * A collection as Milvus itself has it now.
 */
typedef struct
{
  char *database;
  char *name;
  char *primary_key;
  gboolean key_is_text;
  GPtrArray *vector_fields;
  GPtrArray *indexed_fields;
  gboolean loaded;
} RepriseMilvusTable;

void reprise_milvus_table_free (RepriseMilvusTable *self);
char *reprise_milvus_table_find_unindexed (const RepriseMilvusTable *self);

/**
 * RepriseMilvusRest:
 *
 * The REST interface of Milvus itself: the second one since Milvus 2.4, before that the first, which can neither load nor count what is
 * not loaded. Its calls block and are for workers.
 */
typedef struct _RepriseMilvusRest RepriseMilvusRest;

RepriseMilvusRest *reprise_milvus_rest_new (RepriseHttp *http);
void reprise_milvus_rest_free (RepriseMilvusRest *self);

guint reprise_milvus_rest_get_version (RepriseMilvusRest *self,
                                       GCancellable *cancellable,
                                       GError **error);
char **reprise_milvus_rest_list_databases (RepriseMilvusRest *self,
                                           GCancellable *cancellable,
                                           GError **error);
char **reprise_milvus_rest_list_collections (RepriseMilvusRest *self,
                                             const char *database,
                                             GCancellable *cancellable,
                                             GError **error);
RepriseMilvusTable *reprise_milvus_rest_describe (RepriseMilvusRest *self,
                                                  const char *full_name,
                                                  GCancellable *cancellable,
                                                  GError **error);
gint64 reprise_milvus_rest_count (RepriseMilvusRest *self,
                                  const RepriseMilvusTable *table,
                                  GCancellable *cancellable,
                                  GError **error);
gint64 reprise_milvus_rest_estimate (RepriseMilvusRest *self,
                                     const RepriseMilvusTable *table,
                                     GCancellable *cancellable,
                                     GError **error);
gint64 reprise_milvus_rest_sample (RepriseMilvusRest *self,
                                   const RepriseMilvusTable *table,
                                   guint limit,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_milvus_rest_create_index (RepriseMilvusRest *self,
                                           const RepriseMilvusTable *table,
                                           const char *field,
                                           const char *metric,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_milvus_rest_load (RepriseMilvusRest *self,
                                   const RepriseMilvusTable *table,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_milvus_rest_is_loaded (RepriseMilvusRest *self,
                                        const RepriseMilvusTable *table,
                                        int *percent,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_milvus_rest_release (RepriseMilvusRest *self,
                                      const RepriseMilvusTable *table,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_milvus_rest_drop (RepriseMilvusRest *self,
                                   const char *full_name,
                                   GCancellable *cancellable,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusRest, reprise_milvus_rest_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusTable, reprise_milvus_table_free)

G_END_DECLS
