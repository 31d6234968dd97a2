/* reprise-couch-restore.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"

G_BEGIN_DECLS

/**
 * RepriseCouchSafety:
 * @folder: of the service in the vault
 * @id: (nullable): of the safety copy, or %NULL where there is none
 *
 * What was saved before a restore.
 */
typedef struct
{
  char *folder;
  char *id;
} RepriseCouchSafety;

ReprisePlan *reprise_couch_plan_new (RepriseCouchClient *client,
                                     RepriseArchive *archive,
                                     const RepriseCouchDrawn *drawn,
                                     RepriseGroups groups,
                                     GHashTable *options,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
RepriseOutcome *reprise_couch_restore_run (RepriseCouchClient *client,
                                           ReprisePlan *plan,
                                           const RepriseCouchDrawn *drawn,
                                           guint connections,
                                           const RepriseCouchSafety *safety,
                                           RepriseJournal *journal,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
