/* reprise-milvus-compare.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/reprise-milvus-plan.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusTally:
 * @equal: collections that were counted, and hold what the backup holds
 * @counted: counted, where it is not known what the backup holds
 * @different: counted, and hold something else
 * @silent: not reported
 * @rows: in all that were counted
 * @why: (nullable): of the first that is not reported
 *
 * What came out of looking at restored collections.
 */
typedef struct
{
  guint equal;
  guint counted;
  guint different;
  guint silent;
  gint64 rows;
  char *why;
} RepriseMilvusTally;

void reprise_milvus_tally_clear (RepriseMilvusTally *self);

gboolean reprise_milvus_compare_run (RepriseMilvusTarget *target,
                                     GPtrArray *goals,
                                     GHashTable *options,
                                     RepriseMilvusTally *tally,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
RepriseOutcome *reprise_milvus_compare_describe (const RepriseMilvusTally *tally, guint n_restored);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseMilvusTally, reprise_milvus_tally_clear)

G_END_DECLS
