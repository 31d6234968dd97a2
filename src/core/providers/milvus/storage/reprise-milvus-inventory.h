/* reprise-milvus-inventory.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/storage/reprise-milvus-storage-private.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusInventory:
 *
 * Holds what the metadata of a backup names against the files that there are: each must be there, and as long as it says. For one
 * worker at a time.
 */
typedef struct _RepriseMilvusInventory RepriseMilvusInventory;

RepriseMilvusInventory *reprise_milvus_inventory_new (GPtrArray *files);
void reprise_milvus_inventory_free (RepriseMilvusInventory *self);
const RepriseMilvusFile *reprise_milvus_inventory_find (RepriseMilvusInventory *self,
                                                        const char *name);
gboolean reprise_milvus_inventory_has_meta (RepriseMilvusInventory *self);

gboolean reprise_milvus_inventory_take_cb (const RepriseMilvusLog *log,
                                           gpointer inventory,
                                           GError **error);
char **reprise_milvus_inventory_dup_problems (RepriseMilvusInventory *self,
                                              RepriseMilvusMeta *meta);
gboolean reprise_milvus_inventory_check (RepriseMilvusInventory *self,
                                         RepriseMilvusMeta *meta,
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusInventory, reprise_milvus_inventory_free)

G_END_DECLS
