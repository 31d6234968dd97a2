/* reprise-milvus-groups.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/reprise-milvus-target.h"

G_BEGIN_DECLS

/* What there is to be saved, and what is in a backup. All of it blocks: for workers. */

#define REPRISE_MILVUS_ROLES "roles" /* the one collection of the group of users */

RepriseContents *reprise_milvus_groups_list (RepriseMilvusTarget *target,
                                             GCancellable *cancellable,
                                             GError **error);
GPtrArray *reprise_milvus_groups_list_choices (RepriseMilvusTarget *target,
                                               GCancellable *cancellable,
                                               GError **error);
RepriseContents *reprise_milvus_groups_of_backup (const RepriseMilvusBackup *backup);

G_END_DECLS
