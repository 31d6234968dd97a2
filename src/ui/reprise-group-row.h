/* reprise-group-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "service/reprise-contents.h"

G_BEGIN_DECLS

/**
 * RepriseGroupRow:
 *
 * One data group: a check to choose it, its title, what it means, how much it holds, and, expanded, its collections.
 * Properties: `active` (whether it is chosen), `checkable` (whether there is a check at all; never for the skipped group),
 * `locked` (nullable: why the choice is not free: “always restored”; the check then cannot be changed by hand).
 */
#define REPRISE_TYPE_GROUP_ROW (reprise_group_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseGroupRow, reprise_group_row, REPRISE, GROUP_ROW, AdwExpanderRow)

RepriseGroupRow *reprise_group_row_new (RepriseDataGroup *group, const char *meaning);
RepriseGroup reprise_group_row_get_group (RepriseGroupRow *self);
gboolean reprise_group_row_get_active (RepriseGroupRow *self);
void reprise_group_row_set_active (RepriseGroupRow *self, gboolean active);
gboolean reprise_group_row_get_checkable (RepriseGroupRow *self);
void reprise_group_row_set_checkable (RepriseGroupRow *self, gboolean checkable);
void reprise_group_row_set_locked (RepriseGroupRow *self, const char *reason);
void reprise_group_row_add_suffix (RepriseGroupRow *self, GtkWidget *widget);

G_END_DECLS
