/* reprise-backup-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseBackupWindow:
 *
 * One backup: what it is, where it lies, what is in it, and what can be done with it. It acts through the “win.…” actions of
 * the window that it belongs to.
 */
#define REPRISE_TYPE_BACKUP_WINDOW (reprise_backup_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBackupWindow, reprise_backup_window, REPRISE, BACKUP_WINDOW, AdwWindow)

GtkWindow *reprise_backup_window_new (GtkWindow *parent,
                                      RepriseServiceItem *item,
                                      RepriseBackup *backup);

G_END_DECLS
