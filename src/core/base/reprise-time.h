/* reprise-time.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *reprise_time_to_string (GDateTime *time);
GDateTime *reprise_time_from_string (const char *text);
char *reprise_time_to_stamp (GDateTime *time);
char *reprise_time_to_text (GDateTime *time);
gboolean reprise_time_is_ahead (GDateTime *time, GDateTime *now);
char *reprise_time_to_ago (GDateTime *time, GDateTime *now);
char *reprise_duration_to_text (gint64 seconds);

G_END_DECLS
