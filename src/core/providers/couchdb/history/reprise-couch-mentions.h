/* reprise-couch-mentions.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-shelf.h"

G_BEGIN_DECLS

/* Which backups of a database mention a document, with the help of an index in the cache folder. It holds what increments and roll-ups
 * mention; baselines are few, mention all, and are looked into. Without it everything is looked into, so that nothing here can fail. */

char *reprise_couch_mentions_dup_path (const char *service_folder, const char *database);
void reprise_couch_mentions_update (const char *service_folder,
                                    const char *database,
                                    GPtrArray *segments,
                                    GCancellable *cancellable);
GPtrArray *reprise_couch_mentions_find (const char *service_folder,
                                        const char *database,
                                        GPtrArray *segments,
                                        const char *id,
                                        GCancellable *cancellable);

G_END_DECLS
