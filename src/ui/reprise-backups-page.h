/* reprise-backups-page.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseBackupsPage:
 *
 * The backups of one service: search, a list of any length, and a mode to select several. Rows open by
 * “win.show-backup” (the backup's id); what is chosen is deleted by “win.delete-backups” and verified by
 * “win.verify-backups” (arrays of ids). Property: `item` (nullable).
 */
#define REPRISE_TYPE_BACKUPS_PAGE (reprise_backups_page_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBackupsPage, reprise_backups_page, REPRISE, BACKUPS_PAGE, AdwBin)

void reprise_backups_page_set_item (RepriseBackupsPage *self, RepriseServiceItem *item);
void reprise_backups_page_search (RepriseBackupsPage *self);

G_END_DECLS
