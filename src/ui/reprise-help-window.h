/* reprise-help-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseHelpWindow:
 *
 * What the data groups mean, with examples; what is never backed up, and why; what a restore does to what is there; and what a
 * kind of service leaves out of any backup.
 */
#define REPRISE_TYPE_HELP_WINDOW (reprise_help_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHelpWindow, reprise_help_window, REPRISE, HELP_WINDOW, AdwWindow)

GtkWindow *reprise_help_window_new (GtkWindow *parent,
                                    RepriseRegistry *registry,
                                    RepriseKind *kind,
                                    RepriseContents *contents);

G_END_DECLS
