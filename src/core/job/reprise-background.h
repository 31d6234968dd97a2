/* reprise-background.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "service/reprise-preferences.h"

G_BEGIN_DECLS

/* The preference that keeps what the portal gave last, which it does not tell: “true”, or none. */
#define REPRISE_BACKGROUND_PREFERENCE "background"

/**
 * RepriseBackground:
 * @REPRISE_BACKGROUND_OFF: schedules are followed while the window is open, or by a call of the command line
 * @REPRISE_BACKGROUND_ON: they are followed without a window
 * @REPRISE_BACKGROUND_MISSING: there is nobody who would wake the background service
 *
 * Whether the background service is woken by itself: by the user's systemd, or in a sandbox at sign-in, by the portal.
 */
typedef enum
{
  REPRISE_BACKGROUND_OFF,
  REPRISE_BACKGROUND_ON,
  REPRISE_BACKGROUND_MISSING,
} RepriseBackground;

const char *reprise_background_get_text (RepriseBackground background);

/* blocking: for workers */
RepriseBackground reprise_background_get (gboolean in_sandbox, gboolean asked_before);
gboolean reprise_background_set (gboolean in_sandbox,
                                 gboolean on,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean reprise_background_ends_with_session (GCancellable *cancellable);
RepriseBackground reprise_background_read (ReprisePreferences *preferences);
gboolean reprise_background_switch (ReprisePreferences *preferences,
                                    gboolean on,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
