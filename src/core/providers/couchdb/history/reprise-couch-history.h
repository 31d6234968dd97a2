/* reprise-couch-history.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/client/reprise-couch-json.h"

G_BEGIN_DECLS

GPtrArray *reprise_couch_history_list_documents (RepriseCouchClient *client,
                                                 const char *service_folder,
                                                 const char *database,
                                                 const char *pattern,
                                                 guint limit,
                                                 char **away,
                                                 GCancellable *cancellable,
                                                 GError **error);
GPtrArray *reprise_couch_history_list_versions (RepriseCouchClient *client,
                                                const char *service_folder,
                                                const char *database,
                                                const char *document,
                                                char **away,
                                                GCancellable *cancellable,
                                                GError **error);
GBytes *reprise_couch_history_read_version (const char *service_folder,
                                            const char *database,
                                            const char *document,
                                            const char *version,
                                            GError **error);
GBytes *reprise_couch_history_read_now (RepriseCouchClient *client,
                                        const char *database,
                                        const char *document,
                                        GCancellable *cancellable,
                                        GError **error);
GPtrArray *reprise_couch_history_compare (GBytes *before, GBytes *after);

void reprise_couch_diff (RepriseCouchSpan before, RepriseCouchSpan after, GPtrArray *differences);

G_END_DECLS
