/* reprise-history-page.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseHistoryPage:
 *
 * Every job of one service that has ended, newest first, with search; a row opens its details with the log. More are read as the
 * end of the list comes into sight. Property: `item` (nullable).
 */
#define REPRISE_TYPE_HISTORY_PAGE (reprise_history_page_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHistoryPage, reprise_history_page, REPRISE, HISTORY_PAGE, AdwBin)

void reprise_history_page_set_item (RepriseHistoryPage *self, RepriseServiceItem *item);
void reprise_history_page_read (RepriseHistoryPage *self);
void reprise_history_page_search (RepriseHistoryPage *self);

G_END_DECLS
