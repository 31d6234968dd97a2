/* reprise-nocobase-restore.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

RepriseOutcome *reprise_nocobase_restore_run (RepriseNocobaseTarget *target,
                                              ReprisePlan *plan,
                                              RepriseSecrets *secrets,
                                              RepriseJournal *journal,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable,
                                              GError **error);
RepriseOutcome *reprise_nocobase_restore_resume (RepriseNocobaseTarget *target,
                                                 RepriseJournal *journal,
                                                 RepriseProgress *progress,
                                                 GCancellable *cancellable,
                                                 GError **error);
char *reprise_nocobase_restore_upload (RepriseNocobaseTarget *target,
                                       RepriseArchive *archive,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
