/* reprise-couch-pull.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-client.h"
#include "providers/couchdb/reprise-couch-json.h"
#include "providers/couchdb/store/reprise-couch-segment.h"

G_BEGIN_DECLS

/**
 * RepriseCouchPull:
 * @readers: (element-type RepriseCouchReader): earlier segments, whose attachments are not fetched again
 *
 * Brings the attachments of documents into a segment, each once.
 */
typedef struct
{
  RepriseCouchClient *client;
  const char *database;
  RepriseCouchWriter *writer;
  GPtrArray *readers;
  RepriseProgress *progress;
  GCancellable *cancellable;
} RepriseCouchPull;

/* The links of one document, which own their names */
void reprise_couch_links_free (GArray *links);
GArray *reprise_couch_pull_links (RepriseCouchPull *self,
                                  const char *id,
                                  const char *rev,
                                  RepriseCouchSpan stubs,
                                  GError **error);

G_END_DECLS
