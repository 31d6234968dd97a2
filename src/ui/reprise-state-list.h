/* reprise-state-list.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-state-row.h"

G_BEGIN_DECLS

/**
 * RepriseStateListFunc:
 *
 * Fills @row with what @item is.
 */
typedef void (*RepriseStateListFunc) (RepriseStateRow *row, gpointer item, gpointer data);

/**
 * RepriseStateList:
 *
 * A list of any length whose rows are #RepriseStateRow, one of which is the current one: that which the page beside it is about.
 * Only rows that are in sight are made. Property: `maximum-width`. Signal: “activated” (item), by a click
 * or by Enter.
 */
#define REPRISE_TYPE_STATE_LIST (reprise_state_list_get_type ())

G_DECLARE_FINAL_TYPE (RepriseStateList, reprise_state_list, REPRISE, STATE_LIST, AdwBin)

void reprise_state_list_set_model (RepriseStateList *self,
                                   GListModel *model,
                                   RepriseStateListFunc describe,
                                   gpointer data);
void reprise_state_list_set_name (RepriseStateList *self, const char *name);
void reprise_state_list_set_current (RepriseStateList *self, gpointer item);
void reprise_state_list_focus (RepriseStateList *self);

G_END_DECLS
