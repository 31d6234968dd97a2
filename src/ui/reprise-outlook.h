/* reprise-outlook.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-service-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Rows of a service's page: what was proven by a rehearsal, and what runs next by itself. */
void reprise_outlook_show_rehearsal (RepriseServiceItem *item,
                                     AdwActionRow *row,
                                     GtkImage *icon,
                                     GtkButton *button);
void reprise_outlook_show_next (RepriseServiceItem *item, AdwActionRow *row, GtkImage *icon);

G_END_DECLS
