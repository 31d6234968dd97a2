/* reprise-roll-up-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-session.h"

G_BEGIN_DECLS

/**
 * RepriseRollUpWindow:
 *
 * What a roll-up would do, by name and bytes, before anything is deleted: what is combined, and what is deleted when. What is to be
 * deleted can be kept. Then the roll-up is started as a job.
 */
#define REPRISE_TYPE_ROLL_UP_WINDOW (reprise_roll_up_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRollUpWindow,
                      reprise_roll_up_window,
                      REPRISE,
                      ROLL_UP_WINDOW,
                      AdwWindow)

GtkWindow *reprise_roll_up_window_new (GtkWindow *parent,
                                       RepriseSession *session,
                                       RepriseServiceItem *item);
char *reprise_roll_up_dup_summary (const RepriseCompactPlan *plan);

G_END_DECLS
