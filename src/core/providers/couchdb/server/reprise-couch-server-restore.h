/* reprise-couch-server-restore.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "provider/reprise-plan.h"
#include "providers/couchdb/server/reprise-couch-server.h"

G_BEGIN_DECLS

RepriseArchive *reprise_couch_server_open (RepriseCouchServer *self,
                                           RepriseBackup *backup,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_couch_server_owns (RepriseArchive *archive);
ReprisePlan *reprise_couch_server_plan (RepriseCouchServer *self,
                                        RepriseArchive *archive,
                                        RepriseGroups groups,
                                        GHashTable *options,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
RepriseOutcome *reprise_couch_server_restore (RepriseCouchServer *self,
                                              ReprisePlan *plan,
                                              RepriseJournal *journal,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);

G_END_DECLS
