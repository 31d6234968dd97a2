/* reprise-couch-tally.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-hash.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/client/reprise-couch-json.h"

G_BEGIN_DECLS

/**
 * RepriseCouchTally:
 *
 * What many revisions come to, in any order: the sum of their digests. Two tallies are the same where the revisions are, each with its
 * id, its members as they were received, and its attachments. It takes the same little memory for any number of them.
 */
typedef struct
{
  guint64 lanes[4];
  guint64 n;
} RepriseCouchTally;

void reprise_couch_tally_add (RepriseCouchTally *self,
                              const char *id,
                              const char *rev,
                              RepriseCouchSpan body,
                              GArray *links,
                              RepriseHash *hash);
gboolean reprise_couch_tally_is_equal (const RepriseCouchTally *self,
                                       const RepriseCouchTally *other);
gboolean reprise_couch_tally_read (RepriseCouchTally *self,
                                   RepriseCouchClient *client,
                                   const char *database,
                                   guint connections,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);

G_END_DECLS
