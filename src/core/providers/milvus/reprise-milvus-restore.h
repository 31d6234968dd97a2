/* reprise-milvus-restore.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/milvus/reprise-milvus-plan.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

RepriseOutcome *reprise_milvus_restore_run (RepriseMilvusTarget *target,
                                            ReprisePlan *plan,
                                            RepriseJournal *journal,
                                            RepriseProgress *progress,
                                            GCancellable *cancellable,
                                            GError **error);
RepriseOutcome *reprise_milvus_restore_resume (RepriseMilvusTarget *target,
                                               RepriseJournal *journal,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);
const char *reprise_milvus_restore_get_id (RepriseJournal *journal);
gboolean reprise_milvus_restore_secure (RepriseMilvusTarget *target,
                                        ReprisePlan *plan,
                                        RepriseVaultWriter *writer,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
ReprisePlan *reprise_milvus_restore_plan_undo (RepriseMilvusTarget *target,
                                               RepriseArchive *safety_copy,
                                               GCancellable *cancellable,
                                               GError **error);

G_END_DECLS
