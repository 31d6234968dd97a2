/* reprise-couch-compare.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/edits/reprise-couch-ledger.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"

G_BEGIN_DECLS

/**
 * RepriseCouchComparison:
 * @deletions: whether tombstones were written
 * @ledger: (nullable): of the edits that were made
 * @left_alone: (nullable) (element-type utf8): ids of documents that are not looked at
 * @changed: (nullable) (element-type utf8): gets the ids of those that somebody else changed since, as @ledger tells
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
  RepriseCouchLedger *ledger;
  GHashTable *left_alone;
  GPtrArray *changed;
  guint64 n_differing;
} RepriseCouchComparison;

gboolean reprise_couch_compare (RepriseCouchComparison *self,
                                RepriseCouchItems which,
                                GError **error);

G_END_DECLS
