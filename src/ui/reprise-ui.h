/* reprise-ui.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

void reprise_ui_init (void);
void reprise_ui_focus_field (GtkWidget *top);
void reprise_ui_wrap_button (GtkButton *button);
void reprise_ui_set_description (AdwStatusPage *page, const char *text);

G_END_DECLS
