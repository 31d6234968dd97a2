/* reprise-http-uri.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GUri *reprise_http_parse_address (const char *address, GError **error);
char *reprise_http_get_uri_name (GUri *uri);
char *reprise_http_dup_host (const char *address);
gboolean reprise_http_same_origin (GUri *a, GUri *b);
gboolean reprise_http_is_loopback (GUri *uri);

char *reprise_http_escape (const char *text);
char *reprise_http_path (const char *first, ...) G_GNUC_NULL_TERMINATED;
void reprise_http_append_query (GString *query, const char *name, const char *value);

G_END_DECLS
