/* reprise-strv.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char **reprise_strv_from_array (GPtrArray *lines, guint from);
char *reprise_strv_join_some (GPtrArray *names, guint max);
int reprise_strv_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
