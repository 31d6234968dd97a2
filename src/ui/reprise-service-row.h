/* reprise-service-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseServiceRow:
 *
 * A service in the sidebar: name, kind, and one line of its status. Property: `item`, construct only.
 */
#define REPRISE_TYPE_SERVICE_ROW (reprise_service_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseServiceRow, reprise_service_row, REPRISE, SERVICE_ROW, GtkListBoxRow)

GtkWidget *reprise_service_row_new (RepriseServiceItem *item);
RepriseServiceItem *reprise_service_row_get_item (RepriseServiceRow *self);

G_END_DECLS
