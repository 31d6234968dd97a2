/* reprise-couch-legacy-restore.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "provider/reprise-plan.h"
#include "providers/couchdb/legacy/reprise-couch-kept.h"
#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

/* Cloudant's own backup as backups on the service: one for each task, or, by its longer name, one of a task's versions. Only single
 * documents are restored from them, in their own database. For workers. */

extern guint reprise_couch_legacy_patience_ms; /* for tests: how long the server may take */

char *reprise_couch_legacy_dup_id (const char *task, const RepriseCouchKept *kept);
gboolean reprise_couch_legacy_add_backups (GPtrArray *backups,
                                           RepriseCouchClient *client,
                                           RepriseService *service,
                                           GCancellable *cancellable,
                                           GError **error);
RepriseBackup *reprise_couch_legacy_find_backup (RepriseCouchClient *client,
                                                 RepriseService *service,
                                                 const char *id,
                                                 GCancellable *cancellable,
                                                 GError **error);
gboolean reprise_couch_legacy_owns_backup (RepriseBackup *backup);
RepriseArchive *reprise_couch_legacy_open (RepriseBackup *backup, RepriseService *service);
const char *reprise_couch_legacy_get_database (RepriseArchive *archive);
ReprisePlan *reprise_couch_legacy_plan (RepriseCouchClient *client,
                                        RepriseService *service,
                                        RepriseArchive *archive,
                                        RepriseGroups groups,
                                        GHashTable *options,
                                        GCancellable *cancellable,
                                        GError **error);
RepriseOutcome *reprise_couch_legacy_restore (RepriseCouchClient *client,
                                              ReprisePlan *plan,
                                              RepriseJournal *journal,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);

G_END_DECLS
