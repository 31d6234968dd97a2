/* reprise-milvus-place.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/reprise-milvus-target.h"
#include "provider/reprise-archive.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusPlace:
 * @name: what it is restored as
 * @there: whether the backup server has it by that name; else it is uploaded first
 * @renamed: the server has another backup of the archive's own name
 *
 * Where a restore takes its backup from.
 */
typedef struct
{
  char *name;
  gboolean there;
  gboolean renamed;
} RepriseMilvusPlace;

RepriseMilvusPlace *reprise_milvus_place_find (RepriseMilvusTarget *target,
                                               RepriseArchive *archive,
                                               GCancellable *cancellable,
                                               GError **error);
void reprise_milvus_place_free (RepriseMilvusPlace *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusPlace, reprise_milvus_place_free)

G_END_DECLS
