/* reprise-left-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

/* What stands in the journal of a backup that the service makes by itself, and that is to come into the vault then: a later process
 * brings it there. */

gboolean reprise_left_backup_begin (RepriseJournal *journal,
                                    RepriseVaultWriter *writer,
                                    GError **error);
gboolean reprise_left_backup_is_for_vault (RepriseJournal *journal);
gboolean reprise_left_backup_is_over (RepriseJournal *journal);
gboolean reprise_left_backup_is_recent (RepriseJournal *journal);
RepriseOrigin reprise_left_backup_get_origin (RepriseJournal *journal);
const char *reprise_left_backup_get_note (RepriseJournal *journal);
gboolean reprise_left_backup_settle (RepriseJournal *journal,
                                     const char *name,
                                     gboolean *taken,
                                     gboolean ended_before,
                                     RepriseVaultWriter *writer,
                                     RepriseProgress *progress,
                                     GError **error);
void reprise_left_backup_say_stop (RepriseJournal *journal, RepriseProgress *progress);
gboolean reprise_left_backup_close (RepriseJournal *journal, GError **error);

G_END_DECLS
