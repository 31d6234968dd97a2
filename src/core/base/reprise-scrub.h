/* reprise-scrub.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Keeps secrets out of logs and reports: by value, in the forms in which they travel, and by shape. Any thread. */

void reprise_scrub_add (const char *secret);
void reprise_scrub_remove (const char *secret);
char *reprise_scrub (const char *text);

G_END_DECLS
