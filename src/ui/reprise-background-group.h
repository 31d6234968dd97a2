/* reprise-background-group.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseBackgroundGroup:
 *
 * Preferences of what runs by itself: whether it does without a window, over a metered connection and while power is saved, and whether
 * somebody is told when it fails.
 */
#define REPRISE_TYPE_BACKGROUND_GROUP (reprise_background_group_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBackgroundGroup,
                      reprise_background_group,
                      REPRISE,
                      BACKGROUND_GROUP,
                      AdwPreferencesGroup)

void reprise_background_group_set_context (RepriseBackgroundGroup *self, RepriseContext *context);

G_END_DECLS
