/* reprise-own-schedule-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseOwnScheduleWindow:
 *
 * The schedule that a service keeps itself: shown, set, paused and removed there. What it consists of its kind says.
 */
#define REPRISE_TYPE_OWN_SCHEDULE_WINDOW (reprise_own_schedule_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseOwnScheduleWindow,
                      reprise_own_schedule_window,
                      REPRISE,
                      OWN_SCHEDULE_WINDOW,
                      AdwWindow)

GtkWindow *reprise_own_schedule_window_new (GtkWindow *parent, RepriseServiceItem *item);

G_END_DECLS
