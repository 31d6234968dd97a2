/* reprise-couch-tally.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/restore/reprise-couch-compose.h"
#include "providers/couchdb/client/reprise-couch-fetch.h"
#include "providers/couchdb/client/reprise-couch-results.h"
#include "providers/couchdb/restore/reprise-couch-tally.h"

#define PAGE_ROWS     5000
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

/* A page of the feed with the documents as they are there; leaves beside the one that is shown are asked for. */
typedef struct
{
  RepriseCouchClient *client;
  char *path;               /* (owned) */
  char *since;              /* (owned) (nullable): where the page before ended */
  RepriseHash *hash;        /* (owned) */
  RepriseCouchFetch *fetch; /* (owned) */
  RepriseProgress *progress;
  GCancellable *cancellable;

  /* of this page, until it is whole */
  RepriseCouchTally page;
  GPtrArray *others; /* (owned) (element-type RepriseCouchChange) */
  guint n_rows;
  gboolean is_last;
} Listing;

static void
listing_clear (Listing *self)
{
  g_clear_pointer (&self->fetch, reprise_couch_fetch_free);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_clear_pointer (&self->hash, reprise_hash_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->since, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

/* @changes: [{"rev":…},…]; @shown: the leaf whose body the row has */
static void
note_others (Listing *self, const char *id, const char *shown, RepriseCouchSpan changes)
{
  RepriseCouchWalk walk = reprise_couch_walk (changes);
  g_autoptr (GPtrArray) revs = NULL;
  RepriseCouchSpan leaf;

  if (reprise_couch_span_count (changes) < 2)
    return;
  revs = g_ptr_array_new_with_free_func (g_free);
  while (reprise_couch_walk_next_element (&walk, &leaf))
    {
      g_autofree char *rev = reprise_couch_span_dup_string (reprise_couch_span_get (leaf, "rev"));

      if (rev != NULL && strcmp (rev, shown) != 0)
        g_ptr_array_add (revs, g_steal_pointer (&rev));
    }
  g_ptr_array_add (revs, NULL);
  g_ptr_array_add (self->others, reprise_couch_change_new (id, (const char *const *) revs->pdata));
}

static gboolean
row_cb (RepriseCouchSpan row, gpointer user_data, gboolean *is_hopeless, GError **error)
{
  Listing *self = user_data;
  RepriseCouchWalk walk = reprise_couch_walk (row);
  RepriseCouchSpan key, value, document = { NULL, 0 }, changes = { NULL, 0 };
  g_auto (RepriseCouchHead) head = { NULL };

  while (reprise_couch_walk_next_member (&walk, &key, &value))
    if (reprise_couch_span_is (key, "\"doc\""))
      document = value;
    else if (reprise_couch_span_is (key, "\"changes\""))
      changes = value;
  if (document.data != NULL)
    reprise_couch_head_read (&head, document);
  if (head.id == NULL || head.rev == NULL)
    {
      g_autofree char *text = g_strndup (row.data, MIN (row.size, 200));

      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                         _ ("%s broke off the list of documents: %s"),
                         reprise_couch_client_get_name (self->client), text);
      return FALSE;
    }
  reprise_couch_tally_add (&self->page, head.id, head.rev, document, NULL, self->hash);
  note_others (self, head.id, head.rev, changes);
  self->n_rows++;
  return TRUE;
}

static void
begin_cb (gpointer user_data)
{
  Listing *self = user_data;

  g_clear_pointer (&self->others, g_ptr_array_unref);
  self->others = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_change_free);
  self->page = (RepriseCouchTally){ { 0 } };
  self->n_rows = 0;
}

/* What stands around the rows */
static gboolean
end_cb (RepriseCouchSpan envelope, gpointer user_data, GError **error)
{
  Listing *self = user_data;
  gint64 pending = reprise_couch_span_get_int (reprise_couch_span_get (envelope, "pending"), -1);

  self->is_last = pending >= 0 ? pending == 0 : self->n_rows < PAGE_ROWS;
  g_free (self->since);
  self->since = reprise_couch_span_dup_text (reprise_couch_span_get (envelope, "last_seq"));
  if (self->since != NULL)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                     _ ("%s ended the list of changes without saying how far it goes"),
                     reprise_couch_client_get_name (self->client));
  return FALSE;
}

static gboolean
read_page (Listing *self, GError **error)
{
  static const RepriseCouchResultsFuncs FUNCS = { MAX_ROW_BYTES, begin_cb, row_cb, end_cb };
  g_autofree char *limit = g_strdup_printf ("%d", PAGE_ROWS);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", self->path, REPRISE_HTTP_READ);

  reprise_http_request_add_query (request, "feed", "normal");
  reprise_http_request_add_query (request, "style", "all_docs");
  reprise_http_request_add_query (request, "include_docs", "true");
  reprise_couch_changes_add_since (request, self->since);
  reprise_http_request_add_query (request, "limit", limit);
  reprise_http_request_add_query (request, "seq_interval", limit);
  return reprise_couch_results_read (self->client, request, &FUNCS, self, self->cancellable, error);
}

/* The leaves beside those that are shown */
static gboolean
add_others (Listing *self, GError **error)
{
  for (guint i = 0; i < self->others->len; i++)
    reprise_couch_fetch_push (self->fetch, g_steal_pointer (&self->others->pdata[i]), 0);
  g_ptr_array_set_free_func (self->others, NULL);
  g_ptr_array_set_size (self->others, 0);
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
 * @self: gets all leaves of all documents, those that are deleted too
 *
 * Reads all of a database again, by the list that costs the server least.
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
                               .path = reprise_couch_client_dup_path (database, NULL, "_changes"),
                               .hash = reprise_hash_new (),
                               .fetch = reprise_couch_fetch_new (client, database, connections, -1,
                                                                 cancellable),
                               .progress = progress,
                               .cancellable = cancellable };

  do
    {
      if (!reprise_progress_check_stop (progress, error) || !read_page (&listing, error) ||
          !add_others (&listing, error))
        return FALSE;
      join (self, &listing.page);
      reprise_progress_add_items (progress, (gint64) listing.page.n);
    }
  while (!listing.is_last);
  return TRUE;
}
