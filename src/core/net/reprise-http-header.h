/* reprise-http-header.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Strict readers of header values, which come from anywhere. */

gboolean reprise_http_parse_length (const char *text, gint64 *length);
gboolean reprise_http_parse_content_range (const char *text,
                                           guint64 *first,
                                           guint64 *last,
                                           gint64 *total);
int reprise_http_parse_retry_after (const char *text, GDateTime *now);

G_END_DECLS
