/* reprise-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-session.h"

G_BEGIN_DECLS

/**
 * RepriseWindow:
 *
 * The main window: the services beside the pages of one of them. What it can do with them are its “win.…” actions.
 */
#define REPRISE_TYPE_WINDOW (reprise_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseWindow, reprise_window, REPRISE, WINDOW, AdwApplicationWindow)

RepriseWindow *reprise_window_new (GtkApplication *application,
                                   RepriseSession *session,
                                   GSettings *settings);
RepriseServiceItem *reprise_window_get_item (RepriseWindow *self);
void reprise_window_show_item (RepriseWindow *self, RepriseServiceItem *item);
void reprise_window_open_file (RepriseWindow *self, GFile *file);

G_END_DECLS
