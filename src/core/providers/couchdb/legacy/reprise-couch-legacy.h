/* reprise-couch-legacy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-coverage.h"
#include "providers/couchdb/legacy/reprise-couch-kept.h"
#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

/* Cloudant's own incremental backup, which IBM set up on request for enterprise customers: its tasks, the versions of a document, and
 * the restore of one. For workers. */

const char *reprise_couch_legacy_get_conditions (void);

gboolean reprise_couch_legacy_list_tasks (RepriseCouchClient *client,
                                          const char *databases,
                                          gboolean mapping,
                                          GPtrArray **tasks,
                                          GCancellable *cancellable,
                                          GError **error);
GPtrArray *reprise_couch_legacy_list_kept (RepriseCouchClient *client,
                                           const char *task,
                                           const char *document,
                                           gboolean include_docs,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_couch_legacy_post_restore (RepriseCouchClient *client,
                                            const char *task,
                                            const char *document,
                                            const char *date,
                                            const char *frequency,
                                            GCancellable *cancellable,
                                            GError **error);

/* where our own are shown */
void reprise_couch_legacy_add_facts (RepriseProbe *probe,
                                     RepriseCouchClient *client,
                                     char **databases,
                                     GCancellable *cancellable);
gboolean reprise_couch_legacy_add_coverage (GPtrArray *coverages,
                                            RepriseCouchClient *client,
                                            GCancellable *cancellable,
                                            GError **error);
gboolean reprise_couch_legacy_add_versions (GPtrArray *versions,
                                            RepriseCouchClient *client,
                                            const char *database,
                                            const char *document,
                                            GCancellable *cancellable,
                                            GError **error);
GBytes *reprise_couch_legacy_read_version (RepriseCouchClient *client,
                                           const char *database,
                                           const char *document,
                                           const char *version,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
