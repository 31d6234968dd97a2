/* reprise-couch-census.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/store/reprise-couch-segment.h"

G_BEGIN_DECLS

/* A database that was deleted and made again takes an old sequence without a word, and tells nothing of what vanished. Where the server
 * does not say how old a database is, it shows in the number of its documents. */
gboolean reprise_couch_census_take (RepriseCouchClient *client,
                                    const char *database,
                                    const char *since,
                                    RepriseCouchWriter *writer,
                                    GPtrArray *readers,
                                    gboolean *is_other,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
