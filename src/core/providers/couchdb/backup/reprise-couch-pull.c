/* reprise-couch-pull.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/backup/reprise-couch-pull.h"

#define MAX_CONNECTIONS 8

struct _RepriseCouchPull
{
  RepriseCouchClient *client; /* (owned) */
  char *database;             /* (owned) */
  GPtrArray *readers;         /* (owned) */
  RepriseProgress *progress;  /* (nullable) */
  GCancellable *cancellable;  /* (nullable) */
  GThreadPool *pool;          /* (owned) (nullable): from the first batch with attachments on */
  guint connections;
  int
    is_plain; /* (atomic): the server, or a proxy, compresses on the way, and its digests are of the plain bytes */

  GMutex store; /* guards, while a batch is under way: */
  RepriseCouchWriter *writer;

  GMutex mutex; /* guards: */
  GCond changed;
  guint n_active;
  GError *error; /* (owned) (nullable): the first */
};

/* One attachment that is wanted. */
typedef struct
{
  char *id;
  char *rev;
  char *name;
  char *digest;
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
} Want;

static void
want_free (gpointer data)
{
  Want *self = data;

  g_free (self->id);
  g_free (self->rev);
  g_free (self->name);
  g_free (self->digest);
  g_free (self);
}

/* One attachment on its way. Its digest is over the bytes as the server stores them, so they are taken as they are, compressed or not. */
typedef struct
{
  RepriseCouchPull *pull;
  const Want *want;
  RepriseCouchIncoming *incoming; /* (owned) (nullable): from the first bytes on */
  gboolean is_gzip;
} Transfer;

static void
transfer_clear (Transfer *self)
{
  g_mutex_lock (&self->pull->store);
  g_clear_pointer (&self->incoming, reprise_couch_incoming_free);
  g_mutex_unlock (&self->pull->store);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Transfer, transfer_clear)

/* The headers, before the first bytes. */
static RepriseHttpVerdict
classify_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  Transfer *self = user_data;
  const char *encoding = reprise_http_response_get_header (response, "Content-Encoding");

  self->is_gzip = g_strcmp0 (encoding, "gzip") == 0;
  return REPRISE_HTTP_DEFAULT;
}

/* With the store held. */
static RepriseCouchIncoming *
need_incoming (Transfer *self)
{
  if (self->incoming == NULL)
    self->incoming = reprise_couch_incoming_new (self->pull->writer, self->want->digest,
                                                 self->is_gzip ? "gzip" : NULL);
  return self->incoming;
}

static gboolean
write_cb (gconstpointer data,
          gsize size,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Transfer *self = user_data;
  gboolean ok;

  g_mutex_lock (&self->pull->store);
  ok = reprise_couch_incoming_write (need_incoming (self), data, size, error);
  g_mutex_unlock (&self->pull->store);
  return ok;
}

static gboolean
restart_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  transfer_clear (user_data);
  return TRUE;
}

/* Where the server does not say how long it is, the digest proves it: that is compared when all is there. */
static gboolean
prove_cb (const RepriseHttpProof *proof,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  return TRUE;
}

static gboolean
finish (Transfer *self, guint8 *sha256, GError **error)
{
  gboolean ok;

  g_mutex_lock (&self->pull->store);
  ok = reprise_couch_incoming_finish (need_incoming (self), sha256, error);
  g_mutex_unlock (&self->pull->store);
  return ok;
}

/* @is_gzip: (out) (optional): whether it came compressed */
static gboolean
fetch (RepriseCouchPull *self, Want *want, gboolean plain, gboolean *is_gzip, GError **error)
{
  static const RepriseHttpSink SINK = { write_cb, restart_cb, prove_cb };
  g_auto (Transfer) transfer = { .pull = self, .want = want };
  g_autofree char *path = reprise_couch_client_dup_path (self->database, want->id, want->name);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", path, REPRISE_HTTP_READ);
  g_auto (RepriseHttpProof) proof = { 0 };
  gboolean ok;

  reprise_http_request_add_query (request, "rev", want->rev);
  reprise_http_request_set_header (request, "Accept", "*/*");
  reprise_http_request_set_expected_type (request, NULL);
  reprise_http_request_set_accept_gzip (request, !plain);
  reprise_http_request_set_classifier (request, classify_cb, &transfer, NULL);
  ok = reprise_http_download (reprise_couch_client_get_http (self->client), request, &SINK,
                              &transfer, NULL, &proof, self->cancellable, error) &&
       finish (&transfer, want->sha256, error);
  if (is_gzip != NULL)
    *is_gzip = transfer.is_gzip;
  return ok;
}

/* A digest that does not match may be a cut transfer, which nothing else showed, or be of what was compressed on the way only. */
static gboolean
fetch_again (RepriseCouchPull *self, Want *want, GError **error)
{
  gboolean plain = g_atomic_int_get (&self->is_plain) != 0, is_gzip = FALSE;
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;

  if (fetch (self, want, plain, &is_gzip, &first))
    return TRUE;
  if (!g_error_matches (first, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&first));
      return FALSE;
    }
  if (is_gzip && fetch (self, want, TRUE, NULL, &second))
    {
      g_atomic_int_set (&self->is_plain, 1);
      return TRUE;
    }
  if (second != NULL && !g_error_matches (second, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&second));
      return FALSE;
    }
  return fetch (self, want, FALSE, NULL, error);
}

static gboolean
find_earlier (RepriseCouchPull *self, const char *digest, guint8 *sha256)
{
  for (guint i = 0; i < self->readers->len; i++)
    {
      RepriseCouchAttachment *found =
        reprise_couch_reader_find_attachment_by_digest (self->readers->pdata[i], digest, NULL);

      if (found == NULL)
        continue;
      memcpy (sha256, found->sha256, REPRISE_COUCH_DIGEST_BYTES);
      reprise_couch_attachment_free (found);
      return TRUE;
    }
  return FALSE;
}

static gboolean
is_there (RepriseCouchPull *self, const char *digest, guint8 *sha256)
{
  return reprise_couch_writer_find_attachment (self->writer, digest, sha256) ||
         find_earlier (self, digest, sha256);
}

/* (transfer full) (nullable): %NULL where the server does not say what there is */
static Want *
want_new (const char *id, const char *rev, RepriseCouchSpan key, RepriseCouchSpan stub)
{
  Want *self = g_new0 (Want, 1);

  self->id = g_strdup (id);
  self->rev = g_strdup (rev);
  self->name = reprise_couch_span_dup_string (key);
  self->digest = reprise_couch_span_dup_string (reprise_couch_span_get (stub, "digest"));
  if (self->name != NULL && self->digest != NULL)
    return self;
  want_free (self);
  return NULL;
}

/* ---- several at a time ---- */

/* One that is gone is asked for once more with its document, which then tells of it. */
static void
pull_worker (gpointer data, gpointer user_data)
{
  RepriseCouchPull *self = user_data;
  Want *want = data;
  g_autoptr (GError) error = NULL;
  gboolean stopped;

  g_mutex_lock (&self->mutex);
  stopped = self->error != NULL;
  g_mutex_unlock (&self->mutex);
  if (!stopped && !fetch_again (self, want, &error))
    {
      if (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        g_clear_error (&error);
      else
        reprise_error_prefix (&error, _ ("The attachment “%s” of “%s”: "), want->name, want->id);
    }
  want_free (want);
  g_mutex_lock (&self->mutex);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  self->n_active--;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static void
add_wants (RepriseCouchPull *self, RepriseCouchSpan document, GHashTable *wants)
{
  g_auto (RepriseCouchHead) head = { NULL };
  RepriseCouchWalk walk;
  RepriseCouchSpan key, stub;
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];

  reprise_couch_head_read (&head, document);
  if (head.id == NULL || head.rev == NULL || head.attachments.data == NULL)
    return;
  walk = reprise_couch_walk (head.attachments);
  while (reprise_couch_walk_next_member (&walk, &key, &stub))
    {
      Want *want = want_new (head.id, head.rev, key, stub);

      if (want != NULL && !g_hash_table_contains (wants, want->digest) &&
          !is_there (self, want->digest, sha256))
        g_hash_table_insert (wants, want->digest, want);
      else if (want != NULL)
        want_free (want);
    }
}

/**
 * reprise_couch_pull_batch:
 *
 * Fetches what the documents of @batch have attached and what is not there yet, over several connections, so that
 * reprise_couch_pull_links() finds it.
 */
gboolean
reprise_couch_pull_batch (RepriseCouchPull *self, const RepriseCouchBatch *batch, GError **error)
{
  static const char MEMBER[] = "\"_attachments\"";
  g_autoptr (GHashTable) wants = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer want;
  gboolean ok;

  for (guint i = 0; i < batch->documents->len; i++)
    {
      RepriseCouchSpan document = g_array_index (batch->documents, RepriseCouchSpan, i);

      if (memmem (document.data, document.size, MEMBER, sizeof MEMBER - 1) != NULL)
        add_wants (self, document, wants);
    }
  if (g_hash_table_size (wants) == 0)
    return TRUE;
  if (self->pool == NULL)
    self->pool = g_thread_pool_new (pull_worker, self, (int) self->connections, FALSE, NULL);
  g_mutex_lock (&self->mutex);
  self->n_active = g_hash_table_size (wants);
  g_mutex_unlock (&self->mutex);
  g_hash_table_iter_init (&iter, wants);
  while (g_hash_table_iter_next (&iter, NULL, &want))
    g_thread_pool_push (self->pool, want, NULL);
  g_mutex_lock (&self->mutex);
  while (self->n_active > 0)
    g_cond_wait (&self->changed, &self->mutex);
  ok = self->error == NULL;
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&self->error));
  g_mutex_unlock (&self->mutex);
  return ok;
}

/* ---- one document ---- */

static gboolean
add_link (RepriseCouchPull *self,
          const char *id,
          const char *rev,
          RepriseCouchSpan key,
          RepriseCouchSpan stub,
          GArray *links,
          GError **error)
{
  Want *want = want_new (id, rev, key, stub);
  g_autoptr (GError) local = NULL;
  RepriseCouchLink link = { NULL };
  gboolean ok;

  if (want == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("The server does not say which attachments “%s” has"), id);
      return FALSE;
    }
  ok = is_there (self, want->digest, want->sha256) || fetch_again (self, want, &local);
  if (ok)
    {
      link.name = g_steal_pointer (&want->name);
      memcpy (link.sha256, want->sha256, sizeof link.sha256);
      g_array_append_val (links, link);
    }
  else if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      /* The document was changed a moment ago: its new revision comes with the next pass. */
      reprise_progress_warn (self->progress,
                             "The attachment “%s” of “%s” was gone when it was asked for.",
                             want->name, id);
      ok = TRUE;
    }
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                _ ("The attachment “%s” of “%s”: "), want->name, id);
  want_free (want);
  return ok;
}

static void
link_clear (gpointer data)
{
  g_free ((char *) ((RepriseCouchLink *) data)->name);
}

/**
 * reprise_couch_pull_links:
 * @stubs: of the document, may be of nothing
 *
 * Returns: (transfer full) (element-type RepriseCouchLink): the document's attachments, all of them stored, which own their names
 */
GArray *
reprise_couch_pull_links (RepriseCouchPull *self,
                          const char *id,
                          const char *rev,
                          RepriseCouchSpan stubs,
                          GError **error)
{
  RepriseCouchWalk walk = reprise_couch_walk (stubs);
  g_autoptr (GArray) links = g_array_new (FALSE, TRUE, sizeof (RepriseCouchLink));
  RepriseCouchSpan key, stub;

  g_array_set_clear_func (links, link_clear);
  while (reprise_couch_walk_next_member (&walk, &key, &stub))
    if (!add_link (self, id, rev, key, stub, links, error))
      return NULL;
  return g_steal_pointer (&links);
}

/**
 * reprise_couch_pull_new:
 * @readers: (element-type RepriseCouchReader): earlier segments, whose attachments are not fetched again
 * @connections: at a time, at most
 */
RepriseCouchPull *
reprise_couch_pull_new (RepriseCouchClient *client,
                        const char *database,
                        RepriseCouchWriter *writer,
                        GPtrArray *readers,
                        guint connections,
                        RepriseProgress *progress,
                        GCancellable *cancellable)
{
  RepriseCouchPull *self = g_new0 (RepriseCouchPull, 1);

  self->client = g_object_ref (client);
  self->database = g_strdup (database);
  self->writer = writer;
  self->readers = g_ptr_array_ref (readers);
  self->connections = CLAMP (connections, 1, MAX_CONNECTIONS);
  self->progress = progress;
  self->cancellable = cancellable;
  g_mutex_init (&self->store);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  return self;
}

void
reprise_couch_pull_free (RepriseCouchPull *self)
{
  if (self->pool != NULL)
    g_thread_pool_free (self->pool, FALSE, TRUE);
  g_clear_error (&self->error);
  g_clear_object (&self->client);
  g_ptr_array_unref (self->readers);
  g_mutex_clear (&self->store);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self->database);
  g_free (self);
}
