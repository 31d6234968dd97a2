/* reprise-couch-server-history.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/backup/reprise-couch-roll-up.h"
#include "providers/couchdb/server/reprise-couch-server-history.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

/* ---- one document ---- */

/* (transfer full) (nullable) without an error: every leaf of the document in a delta, [{"ok":…},…]; none where it is not in it */
static GBytes *
fetch_leaves (RepriseCouchServer *self,
              const char *delta,
              const char *document,
              GCancellable *cancellable,
              GError **error)
{
  static const RepriseJsonLimits LIMITS = { .max_bytes = 64 * 1024 * 1024,
                                            .error_code = REPRISE_ERROR_PROTOCOL };
  g_autofree char *path = reprise_couch_client_dup_path (delta, document, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->away, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (JsonNode) checked = NULL;
  GBytes *body;

  reprise_http_request_add_query (request, "open_revs", "all");
  reprise_http_request_set_header (request, "Accept", "application/json");
  reprise_http_request_allow_status (request, 404);
  response = reprise_couch_client_send (self->away, request, cancellable, error);
  if (response == NULL || reprise_http_response_get_status (response) == 404)
    return NULL;
  body = reprise_http_response_get_body (response);
  checked =
    reprise_json_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), &LIMITS, error);
  return checked != NULL ? g_bytes_ref (body) : NULL;
}

/* The next {"ok":…} of the answer. */
static gboolean
next_leaf (RepriseCouchWalk *walk, RepriseCouchSpan *leaf)
{
  RepriseCouchSpan element;

  while (reprise_couch_walk_next_element (walk, &element))
    {
      *leaf = reprise_couch_span_get (element, "ok");
      if (leaf->data != NULL)
        return TRUE;
    }
  return FALSE;
}

static RepriseCouchWalk
walk_leaves (GBytes *answer)
{
  RepriseCouchSpan root;

  root.data = g_bytes_get_data (answer, &root.size);
  return reprise_couch_walk (root);
}

/* Whether @a is shown rather than @b: not deleted, with the most generations, then the greatest. */
static gboolean
wins (const RepriseVersion *a, const RepriseVersion *b)
{
  guint64 x = g_ascii_strtoull (a->version, NULL, 10), y = g_ascii_strtoull (b->version, NULL, 10);

  if (a->deleted != b->deleted)
    return b->deleted;
  return x != y ? x > y : strcmp (a->version, b->version) > 0;
}

static GDateTime *
get_leaving (RepriseCouchServer *self, GPtrArray *deltas, const RepriseCouchDelta *delta)
{
  RepriseCouchRetention retention;

  if (delta->rolled_at <= 0 || reprise_couch_deltas_find_roll_up (deltas, delta) == NULL)
    return NULL;
  reprise_couch_read_retention (self->service, delta->source, &retention);
  return g_date_time_new_from_unix_utc ((delta->rolled_at + retention.delay_days * DAY_MS) / 1000);
}

static RepriseVersion *
make_version (const RepriseCouchDelta *delta, RepriseCouchSpan leaf)
{
  RepriseVersion *version = g_new0 (RepriseVersion, 1);
  g_auto (RepriseCouchHead) head = { NULL };

  reprise_couch_head_read (&head, leaf);
  version->version = head.rev != NULL ? g_steal_pointer (&head.rev) : g_strdup ("");
  version->at = g_date_time_new_from_unix_utc (delta->to / 1000);
  version->backup_id = reprise_couch_delta_dup_stamp (delta->to);
  version->tier = g_strdup (reprise_couch_tier_to_string (delta->tier));
  version->origin = g_strdup (REPRISE_COUCH_ORIGIN_SERVER);
  version->deleted = head.deleted;
  version->size_bytes = (gint64) leaf.size;
  return version;
}

static gboolean
add_delta (RepriseCouchServer *self,
           GPtrArray *deltas,
           const RepriseCouchDelta *delta,
           const char *document,
           GPtrArray *versions,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) answer = fetch_leaves (self, delta->name, document, cancellable, &local);
  guint first = versions->len, best = first;
  RepriseCouchWalk walk;
  RepriseCouchSpan leaf;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (answer == NULL)
    return TRUE;
  walk = walk_leaves (answer);
  while (next_leaf (&walk, &leaf))
    {
      RepriseVersion *version = make_version (delta, leaf);

      version->leaving_at = get_leaving (self, deltas, delta);
      g_ptr_array_add (versions, version);
    }
  for (guint i = first; i < versions->len; i++)
    if (wins (versions->pdata[i], versions->pdata[best]))
      best = i;
  for (guint i = first; i < versions->len; i++)
    ((RepriseVersion *) versions->pdata[i])->conflict = i != best;
  return TRUE;
}

/* What is on the service now first, then the newest. */
static int
compare_versions_cb (gconstpointer a, gconstpointer b)
{
  const RepriseVersion *left = *(const RepriseVersion *const *) a;
  const RepriseVersion *right = *(const RepriseVersion *const *) b;

  if (left->at == NULL || right->at == NULL)
    return (left->at != NULL) - (right->at != NULL);
  return g_date_time_compare (right->at, left->at);
}

/**
 * reprise_couch_server_add_versions:
 * @versions: (element-type RepriseVersion): those of the vault; put in order
 *
 * Adds the versions of a document that lie in backups on the server.
 */
gboolean
reprise_couch_server_add_versions (RepriseCouchServer *self,
                                   const char *database,
                                   const char *document,
                                   GPtrArray *versions,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (GPtrArray) deltas = reprise_couch_server_list_deltas (self, cancellable, error);

  if (deltas == NULL)
    return FALSE;
  for (guint i = deltas->len; i > 0; i--)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i - 1];

      if (strcmp (delta->source, database) == 0 && delta->reason == NULL &&
          !add_delta (self, deltas, delta, document, versions, cancellable, error))
        return FALSE;
    }
  g_ptr_array_sort (versions, compare_versions_cb);
  return TRUE;
}

/* (transfer full) (nullable): the leaf whose revision begins so, or the one that is shown */
static GBytes *
choose_leaf (GBytes *answer, const RepriseCouchDelta *delta, const char *wanted)
{
  RepriseCouchWalk walk = walk_leaves (answer);
  RepriseVersion *best = NULL;
  RepriseCouchSpan leaf, found = { NULL, 0 };

  while (next_leaf (&walk, &leaf))
    {
      RepriseVersion *version = make_version (delta, leaf);

      if (wanted != NULL ? g_str_has_prefix (version->version, wanted)
                         : best == NULL || wins (version, best))
        {
          if (best != NULL)
            reprise_version_free (best);
          best = version;
          found = leaf;
        }
      else
        reprise_version_free (version);
    }
  if (best != NULL)
    reprise_version_free (best);
  return found.data != NULL ? g_bytes_new (found.data, found.size) : NULL;
}

/**
 * reprise_couch_server_read_version:
 * @version: (nullable): the beginning of a revision; %NULL for the newest that is saved
 *
 * Returns: (transfer full): the document; %REPRISE_ERROR_NOT_FOUND where no backup on the server has it
 */
GBytes *
reprise_couch_server_read_version (RepriseCouchServer *self,
                                   const char *database,
                                   const char *document,
                                   const char *version,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (GPtrArray) deltas = reprise_couch_server_list_deltas (self, cancellable, error);

  if (deltas == NULL)
    return NULL;
  for (guint i = deltas->len; i > 0; i--)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i - 1];
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) answer = NULL;
      GBytes *body;

      if (strcmp (delta->source, database) != 0 || delta->reason != NULL)
        continue;
      answer = fetch_leaves (self, delta->name, document, cancellable, &local);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      body = answer != NULL ? choose_leaf (answer, delta, version) : NULL;
      if (body != NULL)
        return body;
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("No backup has that version of “%s”"), document);
  return NULL;
}

/* ---- many documents ---- */

/* (transfer full) (element-type utf8 utf8): id → revision that is shown, “” for a tombstone, of those of @documents that are there */
static GHashTable *
look_up (RepriseCouchClient *client,
         const char *database,
         GPtrArray *documents,
         GCancellable *cancellable,
         GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, NULL, "_all_docs");
  GString *json = g_string_new ("{\"keys\":[");
  g_autoptr (GHashTable) revs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GBytes) question = NULL;
  g_autoptr (GBytes) answer = NULL;
  RepriseCouchSpan root, row;
  RepriseCouchWalk walk;

  for (guint i = 0; i < documents->len; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      reprise_couch_append_string (json, ((RepriseDocument *) documents->pdata[i])->id);
    }
  g_string_append (json, "]}");
  question = g_string_free_to_bytes (json);
  answer = reprise_couch_client_post (client, path, question, cancellable, error);
  if (answer == NULL)
    return NULL;
  root.data = g_bytes_get_data (answer, &root.size);
  walk = reprise_couch_walk (reprise_couch_span_get (root, "rows"));
  while (reprise_couch_walk_next_element (&walk, &row))
    {
      RepriseCouchSpan value = reprise_couch_span_get (row, "value");
      char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));
      char *rev = reprise_couch_span_dup_string (reprise_couch_span_get (value, "rev"));
      gboolean deleted = reprise_couch_span_is (reprise_couch_span_get (value, "deleted"), "true");

      if (id != NULL && rev != NULL)
        g_hash_table_replace (revs, g_steal_pointer (&id),
                              deleted ? g_strdup ("") : g_steal_pointer (&rev));
      g_free (id);
      g_free (rev);
    }
  return g_steal_pointer (&revs);
}

/* What the newest delta that has the document says of it. */
static void
mark (RepriseDocument *document, const char *now, const char *saved, GHashTable *settled)
{
  if (saved == NULL || !g_hash_table_add (settled, document))
    return;
  document->state = g_strcmp0 (now, saved) == 0 ? REPRISE_DOCUMENT_SAVED : REPRISE_DOCUMENT_CHANGED;
}

/**
 * reprise_couch_server_mark_documents:
 * @documents: (element-type RepriseDocument): as the server and the vault know them
 *
 * Those that no backup of the vault has as they are may be in one on the server.
 */
gboolean
reprise_couch_server_mark_documents (RepriseCouchServer *self,
                                     const char *database,
                                     GPtrArray *documents,
                                     GCancellable *cancellable,
                                     GError **error)
{
  g_autoptr (GPtrArray) deltas = reprise_couch_server_list_deltas (self, cancellable, error);
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  g_autoptr (GHashTable) settled = g_hash_table_new (g_direct_hash, g_direct_equal);
  g_autoptr (GHashTable) now = NULL;

  for (guint i = 0; i < documents->len; i++)
    {
      const RepriseDocument *document = documents->pdata[i];

      if (document->state == REPRISE_DOCUMENT_CHANGED ||
          document->state == REPRISE_DOCUMENT_NOT_COVERED)
        g_ptr_array_add (open, documents->pdata[i]);
    }
  if (deltas == NULL)
    return FALSE;
  if (open->len == 0 || deltas->len == 0)
    return TRUE;
  now = look_up (self->home, database, open, cancellable, error);
  for (guint i = deltas->len; now != NULL && i > 0 && g_hash_table_size (settled) < open->len; i--)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i - 1];
      g_autoptr (GHashTable) saved = NULL;

      if (strcmp (delta->source, database) != 0 || delta->reason != NULL)
        continue;
      saved = look_up (self->away, delta->name, open, cancellable, error);
      if (saved == NULL)
        return FALSE;
      for (guint j = 0; j < open->len; j++)
        {
          RepriseDocument *document = open->pdata[j];

          mark (document, g_hash_table_lookup (now, document->id),
                g_hash_table_lookup (saved, document->id), settled);
        }
    }
  return now != NULL;
}
