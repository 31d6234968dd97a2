/* reprise-http-pages.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"

G_BEGIN_DECLS

/**
 * RepriseHttpPages:
 * @what: whose list it is: the name of a container
 * @ask: (transfer full): asks for a page; @marker is %NULL for the first one
 * @read: reads one, and leaves in @marker (out) (transfer full) (nullable) where the list goes on
 *
 * A list that comes in pages, each of which tells the mark of the next one.
 */
typedef struct
{
  const char *what;
  RepriseHttpResponse *(*ask) (const char *marker,
                               gpointer user_data,
                               GCancellable *cancellable,
                               GError **error);
  gboolean (
    *read) (const char *text, gsize size, char **marker, gpointer user_data, GError **error);
} RepriseHttpPages;

gboolean reprise_http_read_pages (const RepriseHttpPages *pages,
                                  gpointer user_data,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
