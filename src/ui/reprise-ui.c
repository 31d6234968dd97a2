/* reprise-ui.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "data/reprise-icons-resource.h"
#include "reprise-ui-resource.h"
#include "reprise-ui.h"

/* Makes the resources known that the templates, the style and the icons are in. May be called again. */
void
reprise_ui_init (void)
{
  static gsize registered = 0;

  if (!g_once_init_enter (&registered))
    return;
  reprise_ui_register_resource ();
  reprise_icons_register_resource ();
  g_once_init_leave (&registered, 1);
}

/* @text: (nullable): as it is, whatever is in it: AdwStatusPage takes markup */
void
reprise_ui_set_description (AdwStatusPage *page, const char *text)
{
  g_autofree char *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_status_page_set_description (page, markup);
}
