/* reprise-backup-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-kind.h"
#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/**
 * RepriseBackupRow:
 *
 * One backup in a list: when, how much, which groups, where it lies, and whether it was proven readable. It only formats what
 * the backup holds, so that a list of any length scrolls. Properties: `backup` (nullable), `selecting` (whether a check shows that
 * it is selected), `selected`.
 */
#define REPRISE_TYPE_BACKUP_ROW (reprise_backup_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBackupRow, reprise_backup_row, REPRISE, BACKUP_ROW, AdwBin)

GtkWidget *reprise_backup_row_new (void);
void reprise_backup_row_set_backup (RepriseBackupRow *self, RepriseBackup *backup);
void reprise_backup_row_set_end (RepriseBackupRow *self, const char *text);
RepriseBackup *reprise_backup_row_get_backup (RepriseBackupRow *self);
void reprise_backup_row_name (RepriseBackupRow *self, GtkWidget *list_row);

char *reprise_backup_dup_title (RepriseBackup *backup, GDateTime *now);
char *reprise_backup_dup_subtitle (RepriseBackup *backup);
gboolean reprise_backup_is_reports (RepriseBackup *backup, RepriseKind *kind);
char *reprise_backup_dup_end_text (RepriseBackup *backup,
                                   RepriseKind *kind,
                                   RepriseService *service);
const char *reprise_backup_get_origin_text (RepriseBackup *backup);
const char *reprise_backup_get_state_text (RepriseBackup *backup);
const char *reprise_backup_get_state_icon_name (RepriseBackup *backup);
const char *reprise_backup_get_place_text (RepriseBackup *backup);

G_END_DECLS
