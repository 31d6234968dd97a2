/* reprise-couch-tally.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json-cutter.h"
#include "providers/couchdb/reprise-couch-compose.h"
#include "providers/couchdb/reprise-couch-fetch.h"
#include "providers/couchdb/reprise-couch-tally.h"

#define PAGE_ROWS     10000
#define MAX_ROW_BYTES (256 * 1024 * 1024)

/* @links: see reprise_couch_compose_digest() */
void
reprise_couch_tally_add (RepriseCouchTally *self,
                         const char *id,
                         const char *rev,
                         RepriseCouchSpan body,
                         GArray *links,
                         RepriseHash *hash)
{
  guint64 lanes[4];

  reprise_couch_compose_digest (id, rev, body, links, hash, (guint8 *) lanes);
  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    self->lanes[i] += lanes[i];
  self->n++;
}

static void
join (RepriseCouchTally *self, const RepriseCouchTally *other)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->lanes); i++)
    self->lanes[i] += other->lanes[i];
  self->n += other->n;
}

gboolean
reprise_couch_tally_is_equal (const RepriseCouchTally *self, const RepriseCouchTally *other)
{
  return self->n == other->n && memcmp (self->lanes, other->lanes, sizeof self->lanes) == 0;
}

/* ---- what is on the server ---- */

/* A page of the documents as they are there, by id; of those with conflicts the other leaves are asked for. */
typedef struct
{
  RepriseCouchClient *client;
  char *path;               /* (owned) */
  char *last;               /* (owned) (nullable): the id that the page before ended with */
  RepriseHash *hash;        /* (owned) */
  RepriseCouchFetch *fetch; /* (owned) */
  RepriseProgress *progress;
  GCancellable *cancellable;

  /* of this page, until it is whole */
  RepriseJsonCutter *cutter; /* (owned) (nullable) */
  RepriseCouchTally page;
  GPtrArray *conflicts; /* (owned) (element-type RepriseCouchChange) */
  char *id;             /* (owned) (nullable): of the last row */
  guint n_rows;
  GError *broken; /* (owned) (nullable): what is wrong with what came */
} Listing;

static void
listing_clear (Listing *self)
{
  g_clear_pointer (&self->fetch, reprise_couch_fetch_free);
  g_clear_pointer (&self->cutter, reprise_json_cutter_free);
  g_clear_pointer (&self->conflicts, g_ptr_array_unref);
  g_clear_pointer (&self->hash, reprise_hash_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->last, g_free);
  g_clear_pointer (&self->id, g_free);
  g_clear_error (&self->broken);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static void
note_conflicts (Listing *self, const char *id, RepriseCouchSpan conflicts)
{
  RepriseCouchWalk walk = reprise_couch_walk (conflicts);
  g_autoptr (GPtrArray) revs = NULL;
  RepriseCouchSpan rev;

  if (conflicts.data == NULL)
    return;
  revs = g_ptr_array_new_with_free_func (g_free);
  while (reprise_couch_walk_next_element (&walk, &rev))
    g_ptr_array_add (revs, reprise_couch_span_dup_string (rev));
  g_ptr_array_add (revs, NULL);
  g_ptr_array_add (self->conflicts,
                   reprise_couch_change_new (id, (const char *const *) revs->pdata));
}

static gboolean
row_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  static const char CONFLICTS[] = "\"_conflicts\"";
  Listing *self = user_data;
  RepriseCouchSpan document = reprise_couch_span_get ((RepriseCouchSpan){ data, size }, "doc");
  g_auto (RepriseCouchHead) head = { NULL };

  if (document.data != NULL)
    reprise_couch_head_read (&head, document);
  if (head.id == NULL || head.rev == NULL)
    {
      g_autofree char *text = g_strndup (data, MIN (size, 200));

      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                   _ ("%s broke off the list of documents: %s"),
                   reprise_couch_client_get_name (self->client), text);
      return FALSE;
    }
  reprise_couch_tally_add (&self->page, head.id, head.rev, document, NULL, self->hash);
  if (memmem (document.data, document.size, CONFLICTS, sizeof CONFLICTS - 1) != NULL)
    note_conflicts (self, head.id, reprise_couch_span_get (document, "_conflicts"));
  g_free (self->id);
  self->id = g_steal_pointer (&head.id);
  self->n_rows++;
  return TRUE;
}

static gboolean
begin_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  Listing *self = user_data;

  g_clear_pointer (&self->cutter, reprise_json_cutter_free);
  g_clear_pointer (&self->conflicts, g_ptr_array_unref);
  g_clear_error (&self->broken);
  self->cutter = reprise_json_cutter_new ("rows", MAX_ROW_BYTES, row_cb, self);
  self->conflicts = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_change_free);
  self->page = (RepriseCouchTally){ { 0 } };
  self->n_rows = 0;
  return TRUE;
}

/* What is wrong with the text is told at its end, where the request is repeated for it. */
static gboolean
write_cb (gconstpointer data,
          gsize size,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Listing *self = user_data;

  if (self->broken == NULL)
    reprise_json_cutter_push (self->cutter, data, size, &self->broken);
  return TRUE;
}

static gboolean
prove (Listing *self, GError **error)
{
  if (self->broken != NULL)
    {
      g_propagate_error (error, g_error_copy (self->broken));
      return FALSE;
    }
  if (self->cutter != NULL && !reprise_json_cutter_finish (self->cutter, NULL, error))
    return FALSE;
  g_clear_pointer (&self->cutter, reprise_json_cutter_free);
  return TRUE;
}

/* Where nothing came at all the sink is not begun anew by itself. */
static gboolean
prove_cb (const RepriseHttpProof *proof,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  if (prove (user_data, error))
    return TRUE;
  begin_cb (user_data, NULL, NULL);
  return FALSE;
}

static gboolean
read_page (Listing *self, GError **error)
{
  static const RepriseHttpSink SINK = { write_cb, begin_cb, prove_cb };
  g_autofree char *limit = g_strdup_printf ("%d", PAGE_ROWS);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", self->path, REPRISE_HTTP_READ);
  g_auto (RepriseHttpProof) proof = { 0 };

  begin_cb (self, NULL, NULL);
  reprise_http_request_add_query (request, "include_docs", "true");
  reprise_http_request_add_query (request, "conflicts", "true");
  reprise_http_request_add_query (request, "limit", limit);
  if (self->last != NULL)
    {
      g_autofree char *after = g_strconcat (self->last, "\300\200", NULL);
      g_autoptr (GString) key = g_string_new (NULL);

      reprise_couch_append_string (key, after);
      reprise_http_request_add_query (request, "startkey", key->str);
    }
  return reprise_http_download (reprise_couch_client_get_http (self->client), request, &SINK, self,
                                NULL, &proof, self->cancellable, error) &&
         prove_cb (&proof, self, self->cancellable, error);
}

/* The other leaves of documents with conflicts */
static gboolean
add_conflicts (Listing *self, GError **error)
{
  for (guint i = 0; i < self->conflicts->len; i++)
    reprise_couch_fetch_push (self->fetch, g_steal_pointer (&self->conflicts->pdata[i]), 0);
  g_ptr_array_set_free_func (self->conflicts, NULL);
  g_ptr_array_set_size (self->conflicts, 0);
  while (reprise_couch_fetch_get_n_waiting (self->fetch) > 0)
    {
      g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (self->fetch, 0, error);

      if (batch == NULL)
        return FALSE;
      for (guint i = 0; i < batch->documents->len; i++)
        {
          RepriseCouchSpan document = g_array_index (batch->documents, RepriseCouchSpan, i);
          g_auto (RepriseCouchHead) head = { NULL };

          reprise_couch_head_read (&head, document);
          if (head.id != NULL && head.rev != NULL)
            reprise_couch_tally_add (&self->page, head.id, head.rev, document, NULL, self->hash);
        }
    }
  return TRUE;
}

/**
 * reprise_couch_tally_read:
 * @self: gets all leaves of the documents that are not deleted
 *
 * Reads every live document of a database, by the list that costs the server least.
 */
gboolean
reprise_couch_tally_read (RepriseCouchTally *self,
                          RepriseCouchClient *client,
                          const char *database,
                          guint connections,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_auto (Listing) listing = { .client = client,
                               .path = reprise_couch_client_dup_path (database, NULL, "_all_docs"),
                               .hash = reprise_hash_new (),
                               .fetch = reprise_couch_fetch_new (client, database, connections, -1,
                                                                 cancellable),
                               .progress = progress,
                               .cancellable = cancellable };

  do
    {
      if (!reprise_progress_check_stop (progress, error) || !read_page (&listing, error) ||
          !add_conflicts (&listing, error))
        return FALSE;
      join (self, &listing.page);
      reprise_progress_add_items (progress, (gint64) listing.page.n);
      g_free (listing.last);
      listing.last = g_strdup (listing.id);
    }
  while (listing.n_rows == PAGE_ROWS);
  return TRUE;
}
