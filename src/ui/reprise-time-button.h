/* reprise-time-button.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseTimeButton:
 *
 * Opens a calendar and a clock to choose a day and a time with, for a field that can be typed into as well. What is chosen is written
 * as it would be typed, by the clock of this computer: “2026-11-21 02:00”.
 */
#define REPRISE_TYPE_TIME_BUTTON (reprise_time_button_get_type ())

G_DECLARE_FINAL_TYPE (RepriseTimeButton, reprise_time_button, REPRISE, TIME_BUTTON, AdwBin)

RepriseTimeButton *reprise_time_button_new (GtkEditable *editable,
                                            const char *name,
                                            gboolean required);

char *reprise_time_button_write (GDateTime *time);
char *reprise_time_button_describe (GDateTime *time);

G_END_DECLS
