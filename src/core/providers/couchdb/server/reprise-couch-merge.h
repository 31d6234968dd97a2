/* reprise-couch-merge.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/couchdb/server/reprise-couch-replication.h"
#include "providers/couchdb/server/reprise-couch-server.h"

G_BEGIN_DECLS

/* In the journal of a roll-up or a download: nothing of it is gone on with after a restart */
#define REPRISE_COUCH_KEY_ROLL_UP "server-roll-up"
#define REPRISE_COUCH_KEY_SCRATCH "server-scratch" /* a database that is of no use any more */

gboolean reprise_couch_merge (RepriseCouchClient *at,
                              const RepriseCouchEnd *source,
                              const RepriseCouchEnd *target,
                              const RepriseCouchInfo *info,
                              RepriseJournal *journal,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
void reprise_couch_server_forget_replication (RepriseCouchServer *server,
                                              RepriseJournal *journal,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable);

G_END_DECLS
