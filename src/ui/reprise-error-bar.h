/* reprise-error-bar.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseErrorBar:
 *
 * What failed, and why and what to do: stays until it is dismissed, or cleared by what replaces it. Nothing is shown while
 * there is nothing to say. A button may be offered; it activates a GAction of the place where the bar is.
 */
#define REPRISE_TYPE_ERROR_BAR (reprise_error_bar_get_type ())

G_DECLARE_FINAL_TYPE (RepriseErrorBar, reprise_error_bar, REPRISE, ERROR_BAR, AdwBin)

void reprise_error_bar_show_error (RepriseErrorBar *self, const char *title, const GError *error);
void reprise_error_bar_show_text (RepriseErrorBar *self,
                                  GtkMessageType type,
                                  const char *title,
                                  const char *body);
void reprise_error_bar_set_button (RepriseErrorBar *self,
                                   const char *label,
                                   const char *action_name);
void reprise_error_bar_clear (RepriseErrorBar *self);

G_END_DECLS
