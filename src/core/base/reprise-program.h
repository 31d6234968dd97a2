/* reprise-program.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *reprise_program_find (const char *name);
gboolean reprise_program_set_up_locale (void);
void reprise_program_set_up_memory (void);

G_END_DECLS
