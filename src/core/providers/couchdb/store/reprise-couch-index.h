/* reprise-couch-index.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-chain.h"

G_BEGIN_DECLS

/**
 * RepriseCouchIndex:
 *
 * Which segments mention a document, over all segments of one database: a cache, which can be thrown away at any time and is made again from
 * them. It holds sixteen bytes or so for each mention; what it answers is looked up in the segments themselves, so that it cannot be
 * wrong, only slow. For workers, one at a time.
 */
typedef struct _RepriseCouchIndex RepriseCouchIndex;

RepriseCouchIndex *reprise_couch_index_open (const char *path, GError **error);
void reprise_couch_index_free (RepriseCouchIndex *self);
gboolean reprise_couch_index_update (RepriseCouchIndex *self,
                                     GPtrArray *segments,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
GPtrArray *reprise_couch_index_find (RepriseCouchIndex *self,
                                     GPtrArray *segments,
                                     const char *id,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchIndex, reprise_couch_index_free)

G_END_DECLS
