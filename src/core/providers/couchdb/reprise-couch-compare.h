/* reprise-couch-compare.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-goal.h"

G_BEGIN_DECLS

/**
 * RepriseCouchComparison:
 * @deletions: whether tombstones were written
 * @n_differing: counts revisions that are not on the server as they are in the backup
 *
 * Reads again what a restore wrote.
 */
typedef struct
{
  RepriseCouchClient *client;
  RepriseCouchGoal *goal;
  guint connections;
  gboolean deletions;
  RepriseProgress *progress;
  GCancellable *cancellable;
  guint64 n_differing;
} RepriseCouchComparison;

gboolean reprise_couch_compare (RepriseCouchComparison *self,
                                RepriseCouchItems which,
                                GError **error);

G_END_DECLS
