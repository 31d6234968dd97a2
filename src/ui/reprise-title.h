/* reprise-title.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseTitle:
 *
 * The title of a window, between two buttons of its header bar: where AdwWindowTitle would cut it off, as between two long
 * French verbs on a telephone, it goes on in a second line. Properties: `title`, `subtitle` (both nullable).
 */
#define REPRISE_TYPE_TITLE (reprise_title_get_type ())

G_DECLARE_FINAL_TYPE (RepriseTitle, reprise_title, REPRISE, TITLE, AdwBin)

void reprise_title_set_title (RepriseTitle *self, const char *title);
void reprise_title_set_subtitle (RepriseTitle *self, const char *subtitle);

G_END_DECLS
