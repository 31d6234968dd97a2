/* reprise-difference-view.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseDifferenceView:
 *
 * Two versions of a document beside each other, key by key: what it is now, and what was saved. Of what is equal nothing is shown.
 */
#define REPRISE_TYPE_DIFFERENCE_VIEW (reprise_difference_view_get_type ())

G_DECLARE_FINAL_TYPE (RepriseDifferenceView,
                      reprise_difference_view,
                      REPRISE,
                      DIFFERENCE_VIEW,
                      AdwBin)

void reprise_difference_view_set_heads (RepriseDifferenceView *self,
                                        const char *now,
                                        const char *saved);
void reprise_difference_view_take_differences (RepriseDifferenceView *self, GPtrArray *differences);

G_END_DECLS
