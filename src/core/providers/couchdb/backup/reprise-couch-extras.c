/* reprise-couch-extras.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/couchdb/backup/reprise-couch-reading-private.h"
#include "providers/couchdb/reprise-couch-shelf.h"

#define LOCAL_PREFIX "_local/"

/* How many purges a sequence of them has seen, which its first number tells. */
static gint64
count_purges (const char *sequence)
{
  return sequence != NULL ? g_ascii_strtoll (*sequence == '"' ? sequence + 1 : sequence, NULL, 10)
                          : 0;
}

/* Purges leave no row in the feed. Their ids are asked for as they are now.
 * @n: how many there were since the backup before: the server forgets those that are long ago */
static gboolean
read_purged (RepriseCouchReadingRun *self, gint64 n, gboolean *known, GError **error)
{
  static const char *const NONE[] = { "0-0", NULL };
  g_autofree char *path =
    reprise_couch_client_dup_path (self->want->database, NULL, "_purged_infos");
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes =
    reprise_couch_client_get_bytes (self->client, path, self->cancellable, &local);
  RepriseCouchSpan span = { NULL, 0 }, info;
  RepriseCouchWalk walk;

  *known = bytes != NULL;
  if (bytes == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (bytes == NULL)
    return TRUE;
  span.data = g_bytes_get_data (bytes, &span.size);
  span = reprise_couch_span_get (span, "purged_infos");
  *known = reprise_couch_span_count (span) >= n;
  if (!*known)
    return TRUE;
  walk = reprise_couch_walk (span);
  while (reprise_couch_walk_next_element (&walk, &info))
    {
      g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (info, "id"));

      if (id != NULL && reprise_couch_reading_is_wanted (self, id))
        reprise_couch_reading_ask_for (self, reprise_couch_change_new (id, NONE));
    }
  return reprise_couch_reading_store_answers (self, self->tag, error);
}

/* @anew: (out): nobody knows what was purged: only a baseline is right */
gboolean
reprise_couch_reading_check_purges (RepriseCouchReadingRun *self, gboolean *anew, GError **error)
{
  g_autofree char *before = NULL;
  gboolean known = TRUE;

  *anew = FALSE;
  if (!self->is_delta)
    return TRUE;
  before = reprise_couch_reader_dup (self->readers->pdata[0], REPRISE_COUCH_META_PURGE);
  if (g_strcmp0 (before, self->info->purge_seq != NULL ? self->info->purge_seq : "") == 0)
    return TRUE;
  if (!read_purged (self, count_purges (self->info->purge_seq) - count_purges (before), &known,
                    error))
    return FALSE;
  *anew = !known;
  return TRUE;
}

static gboolean
put_extra (RepriseCouchReadingRun *self, const char *name, GBytes *bytes, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  return reprise_couch_writer_put_extra (self->writer, name, data != NULL ? data : "", size, error);
}

gboolean
reprise_couch_reading_read_security (RepriseCouchReadingRun *self, GError **error)
{
  g_autofree char *path =
    reprise_couch_client_dup_path (self->want->database, NULL, REPRISE_COUCH_EXTRA_SECURITY);
  g_autoptr (GBytes) bytes = NULL;

  if (!self->want->design)
    return TRUE;
  bytes = reprise_couch_client_get_bytes (self->client, path, self->cancellable, error);
  return bytes != NULL && put_extra (self, REPRISE_COUCH_EXTRA_SECURITY, bytes, error);
}

/* An empty one says that it is gone. @there: (element-type utf8): those that the server has now */
static gboolean
note_gone (RepriseCouchReadingRun *self, GHashTable *there, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->readers->len; i++)
    {
      g_auto (GStrv) names = reprise_couch_reader_list_extras (self->readers->pdata[i], error);

      if (names == NULL)
        return FALSE;
      for (char **name = names; *name != NULL; name++)
        {
          g_autoptr (GBytes) before = NULL;

          if (!g_str_has_prefix (*name, LOCAL_PREFIX) || g_hash_table_contains (there, *name) ||
              !g_hash_table_add (seen, g_strdup (*name)))
            continue;
          before = reprise_couch_reader_read_extra (self->readers->pdata[i], *name, error);
          if (before == NULL ||
              (g_bytes_get_size (before) > 0 &&
               !reprise_couch_writer_put_extra (self->writer, *name, "", 0, error)))
            return FALSE;
        }
    }
  return TRUE;
}

/* They are not backed up any more: this point has none of those that the points before it had. */
static gboolean
end_local (RepriseCouchReadingRun *self, GError **error)
{
  g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *covered =
    self->readers->len > 0
      ? reprise_couch_reader_dup (self->readers->pdata[0], REPRISE_COUCH_COVERS)
      : NULL;

  return !reprise_couch_reading_covers_local (covered) || note_gone (self, none, error);
}

gboolean
reprise_couch_reading_read_local (RepriseCouchReadingRun *self, GError **error)
{
  g_autoptr (GHashTable) there = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *path = reprise_couch_client_dup_path (self->want->database, NULL, "_local_docs");
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) local = NULL;
  RepriseCouchSpan span = { NULL, 0 }, row;
  RepriseCouchWalk walk;

  if (!self->want->local)
    return end_local (self, error);
  reprise_http_request_add_query (request, "include_docs", "true");
  response = reprise_couch_client_send (self->client, request, self->cancellable, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      reprise_progress_warn (self->progress, "%s: the server does not tell its local documents.",
                             self->want->database);
      return TRUE;
    }
  if (response == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  span.data = g_bytes_get_data (reprise_http_response_get_body (response), &span.size);
  walk = reprise_couch_walk (reprise_couch_span_get (span, "rows"));
  while (reprise_couch_walk_next_element (&walk, &row))
    {
      g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));
      RepriseCouchSpan doc = reprise_couch_span_get (row, "doc");

      if (id == NULL || !g_str_has_prefix (id, LOCAL_PREFIX) || doc.data == NULL)
        continue;
      if (!reprise_couch_writer_put_extra (self->writer, id, doc.data, doc.size, error))
        return FALSE;
      g_hash_table_add (there, g_strdup (id));
    }
  return note_gone (self, there, error);
}
