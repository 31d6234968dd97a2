/* reprise-preferences-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-session.h"

G_BEGIN_DECLS

/**
 * ReprisePreferencesWindow:
 *
 * What is set for all services: notifications; where the vault is; whether the keyring can be read.
 */
#define REPRISE_TYPE_PREFERENCES_WINDOW (reprise_preferences_window_get_type ())

G_DECLARE_FINAL_TYPE (ReprisePreferencesWindow,
                      reprise_preferences_window,
                      REPRISE,
                      PREFERENCES_WINDOW,
                      AdwPreferencesWindow)

GtkWindow *reprise_preferences_window_new (GtkWindow *parent,
                                           RepriseSession *session,
                                           GSettings *settings);

G_END_DECLS
