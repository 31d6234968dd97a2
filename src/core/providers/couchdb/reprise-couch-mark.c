/* reprise-couch-mark.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/reprise-couch-mark.h"

#define DOCUMENT "_local/reprise-restore"
#define BEGUN    "restore"  /* and of what */
#define ENDED    "restored" /* and when */

/* @mark, @rev: (out) (nullable): %NULL where there is none */
static gboolean
look (RepriseCouchClient *client,
      const char *database,
      const char *member,
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
  *mark = reprise_couch_span_dup_string (reprise_couch_span_get (span, member));
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

  if (!look (client, database, BEGUN, &other, &rev, cancellable, error))
    return FALSE;
  *found = g_strcmp0 (mark, other) == 0;
  return TRUE;
}

static gboolean
put (RepriseCouchClient *client,
     const char *database,
     const char *member,
     const char *value,
     const char *rev,
     GCancellable *cancellable,
     GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, DOCUMENT, NULL);
  GString *json = g_string_new ("{");
  g_autoptr (GBytes) body = NULL;

  reprise_couch_append_string (json, member);
  g_string_append_c (json, ':');
  reprise_couch_append_string (json, value);
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
reprise_couch_mark_put (RepriseCouchClient *client,
                        const char *database,
                        const char *mark,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *other = NULL, *rev = NULL;

  return look (client, database, BEGUN, &other, &rev, cancellable, error) &&
         (g_strcmp0 (mark, other) == 0 ||
          put (client, database, BEGUN, mark, rev, cancellable, error));
}

/* All of it is there. That it came from a backup stays written. */
gboolean
reprise_couch_mark_end (RepriseCouchClient *client,
                        const char *database,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = reprise_time_to_string (now);
  g_autofree char *mark = NULL, *rev = NULL;

  return look (client, database, BEGUN, &mark, &rev, cancellable, error) &&
         put (client, database, ENDED, time, rev, cancellable, error);
}

/* Whether a restore has made that database; one that cannot be asked has said nothing of it. */
gboolean
reprise_couch_mark_is_restored (RepriseCouchClient *client,
                                const char *database,
                                GCancellable *cancellable)
{
  g_autofree char *time = NULL, *rev = NULL;

  return look (client, database, ENDED, &time, &rev, cancellable, NULL) && time != NULL;
}
