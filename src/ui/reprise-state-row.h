/* reprise-state-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseStateRow:
 *
 * One thing in a list, with its state by icon and by word.
 */
#define REPRISE_TYPE_STATE_ROW (reprise_state_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseStateRow, reprise_state_row, REPRISE, STATE_ROW, AdwBin)

GtkWidget *reprise_state_row_new (void);
void reprise_state_row_set_heading (RepriseStateRow *self, const char *heading);
void reprise_state_row_set_title (RepriseStateRow *self, const char *title);
void reprise_state_row_set_state (RepriseStateRow *self, const char *icon_name, const char *state);
void reprise_state_row_set_detail (RepriseStateRow *self, const char *detail);
void reprise_state_row_set_dim (RepriseStateRow *self, gboolean dim);
void reprise_state_row_set_suffix (RepriseStateRow *self, GtkWidget *suffix);
GtkWidget *reprise_state_row_get_suffix (RepriseStateRow *self);
void reprise_state_row_set_current (RepriseStateRow *self, gboolean current);
void reprise_state_row_name (RepriseStateRow *self);

G_END_DECLS
