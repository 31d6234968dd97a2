/* reprise-tiers-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseTiersWindow:
 *
 * How many backups of each tier are kept, how much a roll-up takes in, and how long what was rolled up still exists: of one
 * database, or of all that have no rules of their own. What a roll-up would do by these rules is said while they are changed.
 */
#define REPRISE_TYPE_TIERS_WINDOW (reprise_tiers_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseTiersWindow, reprise_tiers_window, REPRISE, TIERS_WINDOW, AdwWindow)

GtkWindow *reprise_tiers_window_new (GtkWindow *parent,
                                     RepriseServiceItem *item,
                                     const char *database);

G_END_DECLS
