/* reprise-http-pages.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http-pages.h"

#define MAX_PAGES 100000

static gboolean
read_page (const RepriseHttpPages *pages,
           const char *marker,
           char **next,
           gpointer user_data,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (RepriseHttpResponse) response = pages->ask (marker, user_data, cancellable, error);
  const char *text;
  gsize size = 0;

  if (response == NULL)
    return FALSE;
  text = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  return pages->read (text, size, next, user_data, error);
}

/**
 * reprise_http_read_pages:
 *
 * Blocks: for workers. Reads a list to its end.
 *
 * Returns: %FALSE with %REPRISE_ERROR_PROTOCOL where a page leads to itself, or there is no end; and as @pages does
 */
gboolean
reprise_http_read_pages (const RepriseHttpPages *pages,
                         gpointer user_data,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autofree char *marker = NULL;

  for (guint n = 0; n < MAX_PAGES; n++)
    {
      g_autofree char *next = NULL;

      if (!read_page (pages, marker, &next, user_data, cancellable, error))
        return FALSE;
      if (next == NULL)
        return TRUE;
      if (g_strcmp0 (marker, next) == 0)
        break;
      g_free (marker);
      marker = g_steal_pointer (&next);
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                     _ ("The list of “%s” has no end."), pages->what);
  return FALSE;
}
