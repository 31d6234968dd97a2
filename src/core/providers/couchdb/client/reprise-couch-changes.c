/* reprise-couch-changes.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/client/reprise-couch-changes.h"
#include "providers/couchdb/client/reprise-couch-results.h"

#define MAX_ROW_BYTES (16 * 1024 * 1024) /* a document may have very many leaves */
#define MAX_SURPLUS   4 /* times the rows that were asked for: a list without an end */

/* A page as it comes. */
typedef struct
{
  RepriseCouchPage *page; /* (owned) (nullable) */
  const char *name;       /* of the server */
  guint limit;            /* how many rows were asked for */
} Feed;

void
reprise_couch_change_free (RepriseCouchChange *self)
{
  g_free (self->id);
  g_free (self->seq);
  g_strfreev (self->revs);
  g_strfreev (self->held);
  g_free (self);
}

RepriseCouchChange *
reprise_couch_change_new (const char *id, const char *const *revs)
{
  RepriseCouchChange *self = g_new0 (RepriseCouchChange, 1);

  self->id = g_strdup (id);
  self->revs = g_strdupv ((char **) revs);
  return self;
}

static RepriseCouchPage *
page_new (void)
{
  RepriseCouchPage *self = g_new0 (RepriseCouchPage, 1);

  self->changes = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_change_free);
  self->pending = -1;
  return self;
}

void
reprise_couch_page_free (RepriseCouchPage *self)
{
  g_ptr_array_unref (self->changes);
  g_free (self->last_seq);
  g_free (self);
}

static void
feed_clear (Feed *self)
{
  g_clear_pointer (&self->page, reprise_couch_page_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Feed, feed_clear)

static char **
read_revs (RepriseCouchSpan changes)
{
  RepriseCouchWalk cursor = reprise_couch_walk (changes);
  g_autoptr (GPtrArray) revs = g_ptr_array_new_with_free_func (g_free);
  RepriseCouchSpan leaf;

  while (reprise_couch_walk_next_element (&cursor, &leaf))
    {
      char *rev = reprise_couch_span_dup_string (reprise_couch_span_get (leaf, "rev"));

      if (rev != NULL)
        g_ptr_array_add (revs, rev);
    }
  g_ptr_array_add (revs, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&revs), FALSE);
}

static gboolean
row_cb (RepriseCouchSpan row, gpointer user_data, gboolean *is_hopeless, GError **error)
{
  Feed *self = user_data;
  RepriseCouchWalk cursor = reprise_couch_walk (row);
  RepriseCouchSpan key, value, id = { NULL, 0 }, changes = { NULL, 0 };
  g_autoptr (RepriseCouchChange) change = g_new0 (RepriseCouchChange, 1);

  while (reprise_couch_walk_next_member (&cursor, &key, &value))
    if (reprise_couch_span_is (key, "\"id\""))
      id = value;
    else if (reprise_couch_span_is (key, "\"changes\""))
      changes = value;
    else if (reprise_couch_span_is (key, "\"seq\"") && !reprise_couch_span_is (value, "null"))
      {
        g_free (change->seq);
        change->seq = reprise_couch_span_dup_text (value);
      }
    else if (reprise_couch_span_is (key, "\"deleted\""))
      change->deleted = reprise_couch_span_is (value, "true");
  if (self->page->changes->len + self->page->n_unreadable >= self->limit * MAX_SURPLUS)
    {
      *is_hopeless = TRUE;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("%s answers with more changes than it was asked for"), self->name);
      return FALSE;
    }
  if (id.data == NULL || changes.data == NULL)
    {
      /* Where something goes wrong in the middle, the reason comes in place of a row. */
      g_autofree char *text = g_strndup (row.data, MIN (row.size, 200));

      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                         _ ("%s broke off the list of changes: %s"), self->name, text);
      return FALSE;
    }
  change->id = reprise_couch_span_dup_string (id);
  if (change->id == NULL)
    {
      self->page->n_unreadable++;
      return TRUE;
    }
  change->revs = read_revs (changes);
  g_ptr_array_add (self->page->changes, g_steal_pointer (&change));
  return TRUE;
}

static void
begin_cb (gpointer user_data)
{
  Feed *self = user_data;

  feed_clear (self);
  self->page = page_new ();
}

/* What stands around the rows */
static gboolean
end_cb (RepriseCouchSpan envelope, gpointer user_data, GError **error)
{
  Feed *self = user_data;

  self->page->last_seq =
    reprise_couch_span_dup_text (reprise_couch_span_get (envelope, "last_seq"));
  self->page->pending =
    reprise_couch_span_get_int (reprise_couch_span_get (envelope, "pending"), -1);
  if (self->page->last_seq != NULL &&
      (self->page->pending <= 0 || self->page->changes->len + self->page->n_unreadable > 0))
    return TRUE;
  /* It would be asked for ever. */
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                     _ ("%s ended the list of changes without saying how far it goes"), self->name);
  return FALSE;
}

/* A sequence in a query: of a string what is in it, of anything else its JSON; @since: (nullable) */
void
reprise_couch_changes_add_since (RepriseHttpRequest *request, const char *since)
{
  g_autofree char *text =
    since != NULL ? reprise_couch_span_dup_string ((RepriseCouchSpan){ since, strlen (since) })
                  : NULL;

  reprise_http_request_add_query (request, "since",
                                  text != NULL    ? text
                                  : since != NULL ? since
                                                  : "0");
}

/* @interval: (nullable): of how many rows one has its sequence; the others cost the server less then */
static RepriseCouchPage *
read_page (RepriseCouchClient *client,
           const char *database,
           const char *since,
           guint limit,
           const char *interval,
           GCancellable *cancellable,
           GError **error)
{
  static const RepriseCouchResultsFuncs FUNCS = { MAX_ROW_BYTES, begin_cb, row_cb, end_cb };
  g_autofree char *path = reprise_couch_client_dup_path (database, NULL, "_changes");
  g_autofree char *rows = g_strdup_printf ("%u", limit);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "GET", path, REPRISE_HTTP_READ);
  g_auto (Feed) feed = { .name = reprise_couch_client_get_name (client), .limit = limit };

  reprise_http_request_add_query (request, "feed", "normal");
  reprise_http_request_add_query (request, "style", "all_docs");
  reprise_couch_changes_add_since (request, since);
  reprise_http_request_add_query (request, "limit", rows);
  if (interval != NULL)
    reprise_http_request_add_query (request, "seq_interval", interval);
  if (!reprise_couch_results_read (client, request, &FUNCS, &feed, cancellable, error))
    return NULL;
  return g_steal_pointer (&feed.page);
}

/**
 * reprise_couch_changes_read:
 * @since: (nullable): a sequence as it was received; %NULL for the beginning
 * @limit: of rows
 *
 * One page of the feed, with every leaf of each document. A page that was cut is asked for again.
 *
 * Returns: (transfer full): a page that came to its end, or %NULL with @error
 */
RepriseCouchPage *
reprise_couch_changes_read (RepriseCouchClient *client,
                            const char *database,
                            const char *since,
                            guint limit,
                            GCancellable *cancellable,
                            GError **error)
{
  return read_page (client, database, since, limit, NULL, cancellable, error);
}

/* The same, where nobody needs to know the sequences of most rows */
RepriseCouchPage *
reprise_couch_changes_read_bare (RepriseCouchClient *client,
                                 const char *database,
                                 const char *since,
                                 guint limit,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autofree char *interval = g_strdup_printf ("%u", limit);

  return read_page (client, database, since, limit, interval, cancellable, error);
}
