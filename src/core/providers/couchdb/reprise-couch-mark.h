/* reprise-couch-mark.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

/* A restore into a new database keeps the revisions of its documents; into one that has documents it does not. So that one which was
 * broken off goes on as it began, the database is marked until all of it is there: with a local document, which no feed shows. From then on
 * the document tells that a restore has made it, so that it is not taken for a new one that somebody else made. */
gboolean reprise_couch_mark_find (RepriseCouchClient *client,
                                  const char *database,
                                  const char *mark,
                                  gboolean *found,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean reprise_couch_mark_put (RepriseCouchClient *client,
                                 const char *database,
                                 const char *mark,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean reprise_couch_mark_end (RepriseCouchClient *client,
                                 const char *database,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean reprise_couch_mark_is_restored (RepriseCouchClient *client,
                                         const char *database,
                                         GCancellable *cancellable);

G_END_DECLS
