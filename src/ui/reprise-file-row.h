/* reprise-file-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseFileRow:
 *
 * A row that names the archive that was picked, lets one be picked, and takes one that is dropped.
 *
 * Signals: “chosen”, when another archive, or the same one anew, was chosen.
 */
#define REPRISE_TYPE_FILE_ROW (reprise_file_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseFileRow, reprise_file_row, REPRISE, FILE_ROW, AdwActionRow)

const char *reprise_file_row_get_path (RepriseFileRow *self);
void reprise_file_row_set_path (RepriseFileRow *self, const char *path);
void reprise_file_row_take_drops (RepriseFileRow *self, GtkWidget *where);

G_END_DECLS
