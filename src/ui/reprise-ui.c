/* reprise-ui.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-ui-resource.h"
#include "reprise-ui.h"

/* Makes the resource known that the templates, the style and the icons are in. May be called again. */
void
reprise_ui_init (void)
{
  g_resources_register (reprise_ui_get_resource ());
}
