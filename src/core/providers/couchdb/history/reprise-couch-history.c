/* reprise-couch-history.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/history/reprise-couch-history.h"
#include "providers/couchdb/history/reprise-couch-mentions.h"

#define PAGE     1000
#define MAX_PAGE 10000 /* where most of what comes is not looked for */

/* (transfer full): the segments of a database, none where it was never backed up */
static GPtrArray *
list_any_segments (const char *service_folder, const char *database, GError **error)
{
  g_autoptr (RepriseCouchShelf) shelf = reprise_couch_shelf_new (service_folder, error);

  return shelf != NULL ? reprise_couch_shelf_list_segments (shelf, database, TRUE, error) : NULL;
}

/* (transfer full): those that may mention a document, known by their manifests only; @need: %REPRISE_ERROR_NOT_FOUND where the database
 * was never backed up */
static GPtrArray *
find_segments (const char *service_folder,
               const char *database,
               const char *document,
               gboolean need,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseCouchShelf) shelf = reprise_couch_shelf_new (service_folder, error);
  g_autoptr (GPtrArray) segments =
    shelf != NULL ? reprise_couch_shelf_list_described (shelf, database, error) : NULL;

  if (segments == NULL)
    return NULL;
  if (segments->len > 0 || !need)
    return reprise_couch_mentions_find (service_folder, database, segments, document, cancellable);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("There is no backup of the database “%s”"), database);
  return NULL;
}

/* (transfer full) (nullable) without an error: the document as the server has it, or that it has none; with its ancestors, as in
 * backups, so that both have the same size where nothing differs */
static GBytes *
get_current (RepriseCouchClient *client,
             const char *database,
             const char *document,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, document, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;

  reprise_http_request_add_query (request, "revs", "true");
  response = reprise_couch_client_send (client, request, cancellable, &local);
  if (response != NULL)
    bytes = g_bytes_ref (reprise_http_response_get_body (response));
  if (local != NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  return g_steal_pointer (&bytes);
}

static RepriseCouchSpan
get_span (GBytes *bytes)
{
  RepriseCouchSpan span = { NULL, 0 };

  if (bytes != NULL)
    span.data = g_bytes_get_data (bytes, &span.size);
  return span;
}

/* ---- the documents ---- */

static GPtrArray *
open_latest (GPtrArray *segments, GError **error)
{
  g_autoptr (GArray) points = reprise_couch_points_list (segments);
  g_autoptr (GPtrArray) path = NULL;
  g_autoptr (GPtrArray) readers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_reader_free);

  if (points->len > 0)
    path = reprise_couch_path_find (segments,
                                    g_array_index (points, RepriseCouchPoint, points->len - 1).at);
  for (guint i = path != NULL ? path->len : 0; i > 0; i--)
    {
      RepriseCouchReader *reader =
        reprise_couch_reader_new (((RepriseCouchSegment *) path->pdata[i - 1])->path, error);

      if (reader == NULL)
        return NULL;
      g_ptr_array_add (readers, reader);
    }
  return g_steal_pointer (&readers);
}

static void
add_document (GPtrArray *documents, const char *id, RepriseDocumentState state)
{
  RepriseDocument *document = g_new0 (RepriseDocument, 1);

  document->id = g_strdup (id);
  document->state = state;
  g_ptr_array_add (documents, document);
}

typedef struct
{
  RepriseCouchClient *client;
  const char *database;
  const char *pattern; /* (nullable) */
  guint limit;
  const char *prefix; /* what all ids that match begin with: others are not read */
  guint page;
  GPtrArray *readers;
  GPtrArray *documents;
  GHashTable *seen;
  GCancellable *cancellable;
  char *end; /* (owned) (nullable): the first id of the server that has no place in the list */
  gboolean is_there; /* on the server */
  char *away;        /* (owned) (nullable): why the server could not be asked */
} Listing;

static gboolean
matches (Listing *self, const char *id)
{
  return self->pattern == NULL || *self->pattern == '\0' ||
         g_pattern_match_simple (self->pattern, id);
}

/* (transfer full): up to the first wildcard */
static char *
dup_prefix (const char *pattern)
{
  return pattern != NULL ? g_strndup (pattern, strcspn (pattern, "*?")) : g_strdup ("");
}

/* Ids come in their order: whether none that follows begins with what is looked for. */
static gboolean
is_past (Listing *self, const char *id)
{
  return strcmp (id, self->prefix) > 0 && !g_str_has_prefix (id, self->prefix);
}

static gboolean
take_row (Listing *self, RepriseCouchSpan row, char **last, GError **error)
{
  char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));
  g_autofree char *rev = reprise_couch_span_dup_string (
    reprise_couch_span_get (reprise_couch_span_get (row, "value"), "rev"));
  gboolean known, has_rev, is_live;

  if (id == NULL)
    return TRUE;
  g_free (*last);
  *last = id;
  if (!matches (self, id))
    return TRUE;
  if (self->documents->len >= self->limit)
    {
      if (self->end == NULL)
        self->end = g_strdup (id);
      return TRUE;
    }
  if (!reprise_couch_readers_look_up (self->readers, id, rev, &known, &has_rev, &is_live, error))
    return FALSE;
  add_document (self->documents, id,
                has_rev ? REPRISE_DOCUMENT_SAVED
                : known ? REPRISE_DOCUMENT_CHANGED
                        : REPRISE_DOCUMENT_NOT_COVERED);
  g_hash_table_add (self->seen, g_strdup (id));
  return TRUE;
}

/* One page of what the server has. @last: (inout) (nullable): the id that the page before ended with */
static gboolean
read_page (Listing *self, char **last, gboolean *more, GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (self->database, NULL, "_all_docs");
  g_autofree char *limit = g_strdup_printf ("%u", self->page);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  RepriseCouchSpan row;
  RepriseCouchWalk walk;
  guint n = 0;

  reprise_http_request_add_query (request, "limit", limit);
  if (*last != NULL || *self->prefix != '\0')
    {
      g_autofree char *after =
        *last != NULL ? g_strconcat (*last, "\300\200", NULL) : g_strdup (self->prefix);
      g_autoptr (GString) key = g_string_new (NULL);

      reprise_couch_append_string (key, after);
      reprise_http_request_add_query (request, "startkey", key->str);
    }
  response = reprise_couch_client_send (self->client, request, self->cancellable, error);
  if (response == NULL)
    return FALSE;
  walk = reprise_couch_walk (
    reprise_couch_span_get (get_span (reprise_http_response_get_body (response)), "rows"));
  for (; reprise_couch_walk_next_element (&walk, &row); n++)
    if (!take_row (self, row, last, error))
      return FALSE;
  self->is_there = TRUE;
  *more = n == self->page && self->end == NULL && *last != NULL && !is_past (self, *last);
  self->page = MIN (self->page * 2, MAX_PAGE);
  return TRUE;
}

/* What it said before it stopped to answer is no half of a list. */
static void
forget_server (Listing *self)
{
  g_ptr_array_set_size (self->documents, 0);
  g_hash_table_remove_all (self->seen);
  g_clear_pointer (&self->end, g_free);
}

static gboolean
read_server (Listing *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *last = NULL;
  gboolean more = TRUE;

  while (more)
    if (!read_page (self, &last, &more, &local))
      {
        /* of a database that is gone there are backups still */
        if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
          return TRUE;
        if (self->readers->len > 0 && reprise_couch_client_is_away (local))
          {
            forget_server (self);
            self->away = g_strdup (local->message);
            return TRUE;
          }
        g_propagate_error (error, g_steal_pointer (&local));
        return FALSE;
      }
  return TRUE;
}

/* What only backups have, as far as the list goes. */
static gboolean
read_backups (Listing *self, GError **error)
{
  for (guint i = 0; i < self->readers->len; i++)
    {
      g_autoptr (RepriseCouchCursor) cursor =
        reprise_couch_reader_list_sorted (self->readers->pdata[i], self->prefix, error);
      gboolean more = TRUE, known, has_rev, is_live;
      RepriseCouchRow row;

      if (cursor == NULL)
        return FALSE;
      for (guint n = 0; more && (self->end != NULL || n < self->limit);)
        {
          if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
              !reprise_couch_cursor_next (cursor, &row, &more, error))
            return FALSE;
          if (!more || is_past (self, row.id) ||
              (self->end != NULL && strcmp (row.id, self->end) >= 0))
            break;
          if (row.deleted || !matches (self, row.id) || g_hash_table_contains (self->seen, row.id))
            continue;
          n++;
          g_hash_table_add (self->seen, g_strdup (row.id));
          if (!reprise_couch_readers_look_up (self->readers, row.id, NULL, &known, &has_rev,
                                              &is_live, error))
            return FALSE;
          add_document (self->documents, row.id,
                        self->away != NULL ? REPRISE_DOCUMENT_UNKNOWN : REPRISE_DOCUMENT_DELETED);
        }
    }
  return TRUE;
}

static int
compare_documents_cb (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(RepriseDocument *const *) a)->id, (*(RepriseDocument *const *) b)->id);
}

/* @away: (out) (nullable): why the server could not be asked: these are those in backups */
GPtrArray *
reprise_couch_history_list_documents (RepriseCouchClient *client,
                                      const char *service_folder,
                                      const char *database,
                                      const char *pattern,
                                      guint limit,
                                      char **away,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autoptr (GPtrArray) segments = list_any_segments (service_folder, database, error);
  g_autoptr (GPtrArray) readers = segments != NULL ? open_latest (segments, error) : NULL;
  g_autoptr (GPtrArray) documents =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_document_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *end = NULL, *prefix = dup_prefix (pattern);
  Listing listing = { .client = client,
                      .database = database,
                      .pattern = pattern,
                      .limit = limit,
                      .prefix = prefix,
                      .page = PAGE,
                      .readers = readers,
                      .documents = documents,
                      .seen = seen,
                      .cancellable = cancellable };
  gboolean ok;

  ok = readers != NULL && read_server (&listing, error) && read_backups (&listing, error);
  end = listing.end;
  *away = listing.away;
  if (!ok)
    return NULL;
  if (!listing.is_there && segments->len == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("Neither the server nor a backup has a database “%s”"), database);
      return NULL;
    }
  g_ptr_array_sort (documents, compare_documents_cb);
  if (documents->len > limit)
    g_ptr_array_set_size (documents, (int) limit);
  return g_steal_pointer (&documents);
}

/* ---- the versions ---- */

static void
add_current (GPtrArray *versions, GBytes *current)
{
  g_auto (RepriseCouchHead) head = { NULL };
  RepriseVersion *version;

  if (current == NULL)
    return;
  reprise_couch_head_read (&head, get_span (current));
  version = g_new0 (RepriseVersion, 1);
  version->version = g_steal_pointer (&head.rev);
  version->size_bytes = (gint64) g_bytes_get_size (current);
  g_ptr_array_add (versions, version);
}

static GDateTime *
make_time (gint64 ms)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);

  return g_date_time_add (seconds, (ms % 1000) * 1000);
}

/* Whether another leaf of the same backup is shown in its place. */
static gboolean
is_conflict (GPtrArray *saved, const RepriseCouchVersion *version)
{
  for (guint i = 0; i < saved->len; i++)
    {
      const RepriseCouchVersion *other = saved->pdata[i];

      if (other != version && other->leaf && other->at == version->at && !other->gone &&
          reprise_couch_version_outranks (other, version->rev, version->deleted))
        return TRUE;
    }
  return FALSE;
}

static void
add_saved (GPtrArray *versions, GPtrArray *saved)
{
  for (guint i = 0; i < saved->len; i++)
    {
      const RepriseCouchVersion *from = saved->pdata[i];
      RepriseVersion *version;

      if (from->gone || !from->leaf)
        continue;
      version = g_new0 (RepriseVersion, 1);
      version->version = g_strdup (from->rev);
      version->at = make_time (from->at);
      version->backup_id = g_strdup (from->segment->run);
      version->tier = g_strdup (reprise_couch_tier_to_string (from->segment->tier));
      version->deleted = from->deleted;
      version->conflict = is_conflict (saved, from);
      version->size_bytes = from->held ? REPRISE_NOT_REPORTED : from->size;
      g_ptr_array_add (versions, version);
    }
}

/* @away: (out) (nullable): why the server could not be asked: these are those in backups */
GPtrArray *
reprise_couch_history_list_versions (RepriseCouchClient *client,
                                     const char *service_folder,
                                     const char *database,
                                     const char *document,
                                     char **away,
                                     GCancellable *cancellable,
                                     GError **error)
{
  g_autoptr (GPtrArray) segments =
    find_segments (service_folder, database, document, FALSE, cancellable, error);
  g_autoptr (GPtrArray) versions =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_version_free);
  g_autoptr (GPtrArray) saved = NULL;
  g_autoptr (GBytes) current = NULL;
  g_autoptr (GError) local = NULL;

  if (segments == NULL)
    return NULL;
  saved = reprise_couch_history_read (segments, document, error);
  if (saved == NULL)
    return NULL;
  current = get_current (client, database, document, cancellable, &local);
  if (local != NULL && (saved->len == 0 || !reprise_couch_client_is_away (local)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  add_current (versions, current);
  add_saved (versions, saved);
  *away = local != NULL && versions->len > 0 ? g_strdup (local->message) : NULL;
  if (versions->len > 0)
    return g_steal_pointer (&versions);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("Neither the server nor a backup has a document “%s”"), document);
  return NULL;
}

/* ---- the difference ---- */

/* The newest that is shown, or the one whose revision begins so. */
static const char *
find_version (GPtrArray *saved, const char *wanted)
{
  for (guint i = 0; i < saved->len; i++)
    {
      const RepriseCouchVersion *version = saved->pdata[i];

      if (!version->gone && (wanted != NULL ? g_str_has_prefix (version->rev, wanted)
                                            : version->leaf && !is_conflict (saved, version)))
        return version->rev;
    }
  return NULL;
}

static GBytes *
read_saved (GPtrArray *segments, const char *document, const char *wanted, GError **error)
{
  g_autoptr (GPtrArray) saved = reprise_couch_history_read (segments, document, error);
  const char *rev = saved != NULL ? find_version (saved, wanted) : NULL;

  if (saved == NULL)
    return NULL;
  if (rev != NULL)
    return reprise_couch_version_read_body (segments, document, rev, error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("No backup has that version of “%s”"), document);
  return NULL;
}

/* (transfer full): a version that a backup in the vault has, or %NULL with %REPRISE_ERROR_NOT_FOUND. @version: the beginning of a revision, or
 * %NULL for the newest */
GBytes *
reprise_couch_history_read_version (const char *service_folder,
                                    const char *database,
                                    const char *document,
                                    const char *version,
                                    GError **error)
{
  g_autoptr (GPtrArray) segments =
    find_segments (service_folder, database, document, TRUE, NULL, error);

  return segments != NULL ? read_saved (segments, document, version, error) : NULL;
}

/* (transfer full) (nullable) without an error: the document as the server has it, or that it has none */
GBytes *
reprise_couch_history_read_now (RepriseCouchClient *client,
                                const char *database,
                                const char *document,
                                GCancellable *cancellable,
                                GError **error)
{
  return get_current (client, database, document, cancellable, error);
}

/* (transfer full) (element-type RepriseDifference). @after: (nullable): it is not there */
GPtrArray *
reprise_couch_history_compare (GBytes *before, GBytes *after)
{
  GPtrArray *differences =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_difference_free);

  reprise_couch_diff (get_span (before), get_span (after), differences);
  return differences;
}
