/* reprise-standing-group.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseStandingGroup:
 *
 * How a service stands: the job at work or how its last backup went, when that was proven readable and rehearsed, when the next
 * one is, what was restored lately, and what would come back if the service were lost now.
 */
#define REPRISE_TYPE_STANDING_GROUP (reprise_standing_group_get_type ())

G_DECLARE_FINAL_TYPE (RepriseStandingGroup,
                      reprise_standing_group,
                      REPRISE,
                      STANDING_GROUP,
                      AdwPreferencesGroup)

void reprise_standing_group_set_item (RepriseStandingGroup *self, RepriseServiceItem *item);

G_END_DECLS
