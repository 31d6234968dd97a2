/* reprise-couch-fetch.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-changes.h"
#include "providers/couchdb/client/reprise-couch-json.h"

G_BEGIN_DECLS

/**
 * RepriseCouchAnswer:
 * @change: what was asked for
 * @first: of its documents, in the batch
 * @n_documents: one for each leaf; 0 where it is no longer there, because it was purged in the meantime
 * @is_newer: whether it was changed in the meantime: the leaves are those of now, and not those of the feed
 */
typedef struct
{
  RepriseCouchChange *change;
  guint first;
  guint n_documents;
  gboolean is_newer;
} RepriseCouchAnswer;

/**
 * RepriseCouchBatch:
 * @bytes: what @documents lie in
 * @documents: (element-type RepriseCouchSpan): bodies as they were received
 * @answers: (element-type RepriseCouchAnswer): in the order in which they were asked for
 * @tag: of whoever asked, the same for all of one batch
 *
 * What came of some documents.
 */
typedef struct
{
  GByteArray *bytes;
  GArray *documents;
  GPtrArray *answers;
  guint tag;
} RepriseCouchBatch;

void reprise_couch_batch_free (RepriseCouchBatch *self);

/**
 * RepriseCouchFetch:
 *
 * Gets the bodies of documents over several connections, in batches that follow from how large documents are. Where the server
 * says that it is asked too much there are fewer of both, and slowly more again. For one worker. A change without revisions asks for
 * all leaves that there are.
 */
typedef struct _RepriseCouchFetch RepriseCouchFetch;

RepriseCouchFetch *reprise_couch_fetch_new (RepriseCouchClient *client,
                                            const char *database,
                                            guint max_connections,
                                            gint64 document_bytes,
                                            GCancellable *cancellable);
void reprise_couch_fetch_free (RepriseCouchFetch *self);
void reprise_couch_fetch_push (RepriseCouchFetch *self, RepriseCouchChange *change, guint tag);
guint reprise_couch_fetch_get_n_waiting (RepriseCouchFetch *self);
RepriseCouchBatch *reprise_couch_fetch_pop (RepriseCouchFetch *self, guint tag, GError **error);
guint reprise_couch_fetch_get_n_connections (RepriseCouchFetch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchBatch, reprise_couch_batch_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchFetch, reprise_couch_fetch_free)

G_END_DECLS
