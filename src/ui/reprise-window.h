/* reprise-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-application.h"

G_BEGIN_DECLS

/**
 * RepriseWindow:
 *
 * The main window: the services beside the page of one of them.
 */
#define REPRISE_TYPE_WINDOW (reprise_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseWindow, reprise_window, REPRISE, WINDOW, AdwApplicationWindow)

RepriseWindow *reprise_window_new (RepriseApplication *application);

G_END_DECLS
