/* reprise-schedule-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-service-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseScheduleWindow:
 *
 * What a service does by itself: when it is backed up, rolled up and rehearsed, with which groups, and what is kept.
 */
#define REPRISE_TYPE_SCHEDULE_WINDOW (reprise_schedule_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseScheduleWindow,
                      reprise_schedule_window,
                      REPRISE,
                      SCHEDULE_WINDOW,
                      AdwWindow)

GtkWindow *reprise_schedule_window_new (GtkWindow *parent, RepriseServiceItem *item);

G_END_DECLS
