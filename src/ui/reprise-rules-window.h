/* reprise-rules-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseRulesWindow:
 *
 * Which collection of a service is in which group: a table to change it, collection by collection, and the way back to what the
 * kind says. Nothing is changed before Save.
 */
#define REPRISE_TYPE_RULES_WINDOW (reprise_rules_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRulesWindow, reprise_rules_window, REPRISE, RULES_WINDOW, AdwWindow)

GtkWindow *reprise_rules_window_new (GtkWindow *parent, RepriseServiceItem *item);

G_END_DECLS
