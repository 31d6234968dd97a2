/* reprise-plan-view.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-plan.h"

G_BEGIN_DECLS

/* The parts of a plan as rows of a list; what the list held before goes. A part with nothing in it is hidden. */
void reprise_plan_view_fill_checks (AdwPreferencesGroup *list, ReprisePlan *plan);
void reprise_plan_view_fill_rows (AdwPreferencesGroup *list, ReprisePlan *plan);
void reprise_plan_view_fill_losses (AdwPreferencesGroup *list, ReprisePlan *plan);

G_END_DECLS
