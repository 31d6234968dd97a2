/* reprise-sign-in-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/**
 * RepriseSignInWindow:
 *
 * Lets a person sign in to a service: in the browser of this computer, or with a code that they type in anywhere. It closes when it is
 * done. What comes of it goes where @secrets says: into the keyring, or to this process where the service is not saved yet.
 *
 * Signal: “signed-in”, before it closes.
 */
#define REPRISE_TYPE_SIGN_IN_WINDOW (reprise_sign_in_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSignInWindow,
                      reprise_sign_in_window,
                      REPRISE,
                      SIGN_IN_WINDOW,
                      AdwWindow)

RepriseSignInWindow *reprise_sign_in_window_new (GtkWindow *parent,
                                                 RepriseContext *context,
                                                 RepriseService *service,
                                                 RepriseSecrets *secrets);

G_END_DECLS
