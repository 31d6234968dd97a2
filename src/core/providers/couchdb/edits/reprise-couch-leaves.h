/* reprise-couch-leaves.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/edits/reprise-couch-edits.h"

G_BEGIN_DECLS

/**
 * RepriseCouchConflictCount:
 * @n_saved: versions in conflict that the backup has and the server does not
 * @n_there: those that the server has and the backup does not; only counted where they would be deleted
 */
typedef struct
{
  guint64 n_saved;
  guint64 n_there;
} RepriseCouchConflictCount;

gboolean reprise_couch_leaves_count (RepriseCouchEdits *edits,
                                     RepriseCouchItems which,
                                     RepriseCouchConflictCount *count,
                                     GError **error);

G_END_DECLS
