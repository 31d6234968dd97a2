/* reprise-couch-mark.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/couchdb/reprise-couch-json.h"
#include "providers/couchdb/reprise-couch-mark.h"

#define DOCUMENT "_local/reprise-restore"
#define MEMBER   "restore"

/* @mark, @rev: (out) (nullable): %NULL where there is none */
static gboolean
look (RepriseCouchClient *client,
      const char *database,
      char **mark,
      char **rev,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, DOCUMENT, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = reprise_couch_client_get_bytes (client, path, cancellable, &local);
  RepriseCouchSpan span = { NULL, 0 };

  *mark = *rev = NULL;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    return TRUE;
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  span.data = g_bytes_get_data (bytes, &span.size);
  *mark = reprise_couch_span_dup_string (reprise_couch_span_get (span, MEMBER));
  *rev = reprise_couch_span_dup_string (reprise_couch_span_get (span, "_rev"));
  return TRUE;
}

/* @found: (out): whether a restore with that mark began there, and did not come to its end */
gboolean
reprise_couch_mark_find (RepriseCouchClient *client,
                         const char *database,
                         const char *mark,
                         gboolean *found,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autofree char *other = NULL, *rev = NULL;

  if (!look (client, database, &other, &rev, cancellable, error))
    return FALSE;
  *found = g_strcmp0 (mark, other) == 0;
  return TRUE;
}

gboolean
reprise_couch_mark_put (RepriseCouchClient *client,
                        const char *database,
                        const char *mark,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, DOCUMENT, NULL);
  g_autofree char *other = NULL, *rev = NULL;
  g_autoptr (GBytes) body = NULL;
  GString *json = NULL;

  if (!look (client, database, &other, &rev, cancellable, error))
    return FALSE;
  if (g_strcmp0 (mark, other) == 0)
    return TRUE;
  json = g_string_new ("{\"" MEMBER "\":");
  reprise_couch_append_string (json, mark);
  if (rev != NULL)
    {
      g_string_append (json, ",\"_rev\":");
      reprise_couch_append_string (json, rev);
    }
  g_string_append_c (json, '}');
  body = g_string_free_to_bytes (json);
  return reprise_couch_client_put (client, path, body, cancellable, error);
}

gboolean
reprise_couch_mark_remove (RepriseCouchClient *client,
                           const char *database,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, DOCUMENT, NULL);
  g_autofree char *mark = NULL, *rev = NULL;
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) local = NULL;

  if (!look (client, database, &mark, &rev, cancellable, error))
    return FALSE;
  if (rev == NULL)
    return TRUE;
  request = reprise_couch_client_new_request (client, "DELETE", path, REPRISE_HTTP_WRITE);
  reprise_http_request_add_query (request, "rev", rev);
  response = reprise_couch_client_send (client, request, NULL, cancellable, &local);
  /* Where an answer was lost, the repetition finds nothing: it is gone. */
  if (response != NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
