/* reprise-difference-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-provider.h"

G_BEGIN_DECLS

/**
 * RepriseDifferenceRow:
 *
 * One member of a document as it is now and as it was saved: side by side, or where there is no room one above the other.
 */
#define REPRISE_TYPE_DIFFERENCE_ROW (reprise_difference_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseDifferenceRow, reprise_difference_row, REPRISE, DIFFERENCE_ROW, AdwBin)

GtkWidget *reprise_difference_row_new (void);
void reprise_difference_row_set_difference (RepriseDifferenceRow *self,
                                            const RepriseDifference *difference);
void reprise_difference_row_set_stacked (RepriseDifferenceRow *self, gboolean stacked);

G_END_DECLS
