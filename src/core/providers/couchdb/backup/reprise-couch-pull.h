/* reprise-couch-pull.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-fetch.h"
#include "providers/couchdb/store/reprise-couch-segment.h"

G_BEGIN_DECLS

/**
 * RepriseCouchPull:
 *
 * Brings the attachments of documents into a segment, each once, several at a time, and none of them whole in memory. For one worker,
 * which is the writer's too.
 */
typedef struct _RepriseCouchPull RepriseCouchPull;

RepriseCouchPull *reprise_couch_pull_new (RepriseCouchClient *client,
                                          const char *database,
                                          RepriseCouchWriter *writer,
                                          GPtrArray *readers,
                                          guint connections,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable);
void reprise_couch_pull_free (RepriseCouchPull *self);
gboolean reprise_couch_pull_batch (RepriseCouchPull *self,
                                   const RepriseCouchBatch *batch,
                                   GError **error);
GArray *reprise_couch_pull_links (RepriseCouchPull *self,
                                  const char *id,
                                  const char *rev,
                                  RepriseCouchSpan stubs,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchPull, reprise_couch_pull_free)

G_END_DECLS
