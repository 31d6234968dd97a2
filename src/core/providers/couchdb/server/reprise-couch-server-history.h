/* reprise-couch-server-history.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider.h"
#include "providers/couchdb/server/reprise-couch-server.h"

G_BEGIN_DECLS

#define REPRISE_COUCH_ORIGIN_SERVER "server" /* of versions that lie in backups on the server */

gboolean reprise_couch_server_add_versions (RepriseCouchServer *self,
                                            const char *database,
                                            const char *document,
                                            GPtrArray *versions,
                                            GCancellable *cancellable,
                                            GError **error);
GBytes *reprise_couch_server_read_version (RepriseCouchServer *self,
                                           const char *database,
                                           const char *document,
                                           const char *version,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_couch_server_mark_documents (RepriseCouchServer *self,
                                              const char *database,
                                              GPtrArray *documents,
                                              GCancellable *cancellable,
                                              GError **error);

G_END_DECLS
