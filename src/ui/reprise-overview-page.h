/* reprise-overview-page.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseOverviewPage:
 *
 * How one service is: its last backup and when that was proven readable, what would come back if the service were lost now, the
 * job at work, its data groups, storage and connection. Property: `item` (nullable).
 */
#define REPRISE_TYPE_OVERVIEW_PAGE (reprise_overview_page_get_type ())

G_DECLARE_FINAL_TYPE (RepriseOverviewPage, reprise_overview_page, REPRISE, OVERVIEW_PAGE, AdwBin)

void reprise_overview_page_set_item (RepriseOverviewPage *self, RepriseServiceItem *item);

G_END_DECLS
