/* reprise-couch-pull.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/reprise-couch-pull.h"

/* One attachment on its way. Its digest is over the bytes as the server stores them, so they are taken as they are, compressed or not. */
typedef struct
{
  RepriseCouchPull *pull;
  const char *digest;
  RepriseCouchIncoming *incoming; /* (owned) (nullable): from the first bytes on */
  gboolean is_gzip;
} Transfer;

static void
transfer_clear (Transfer *self)
{
  g_clear_pointer (&self->incoming, reprise_couch_incoming_free);
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

static RepriseCouchIncoming *
need_incoming (Transfer *self)
{
  if (self->incoming == NULL)
    self->incoming =
      reprise_couch_incoming_new (self->pull->writer, self->digest, self->is_gzip ? "gzip" : NULL);
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

  return reprise_couch_incoming_write (need_incoming (self), data, size, error);
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
fetch (RepriseCouchPull *self,
       const char *id,
       const char *rev,
       const char *name,
       const char *digest,
       guint8 *sha256,
       GError **error)
{
  static const RepriseHttpSink SINK = { write_cb, restart_cb, prove_cb };
  g_auto (Transfer) transfer = { .pull = self, .digest = digest };
  g_autofree char *path = reprise_couch_client_dup_path (self->database, id, name);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", path, REPRISE_HTTP_READ);
  g_auto (RepriseHttpProof) proof = { 0 };

  reprise_http_request_add_query (request, "rev", rev);
  reprise_http_request_set_header (request, "Accept", "*/*");
  reprise_http_request_set_accept_gzip (request, TRUE);
  reprise_http_request_set_classifier (request, classify_cb, &transfer, NULL);
  return reprise_http_download (reprise_couch_client_get_http (self->client), request, &SINK,
                                &transfer, NULL, &proof, self->cancellable, error) &&
         reprise_couch_incoming_finish (need_incoming (&transfer), sha256, error);
}

/* A digest that does not match may be a cut transfer, which nothing else showed. */
static gboolean
fetch_twice (RepriseCouchPull *self,
             const char *id,
             const char *rev,
             const char *name,
             const char *digest,
             guint8 *sha256,
             GError **error)
{
  g_autoptr (GError) local = NULL;

  if (fetch (self, id, rev, name, digest, sha256, &local))
    return TRUE;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    return fetch (self, id, rev, name, digest, sha256, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
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
add_link (RepriseCouchPull *self,
          const char *id,
          const char *rev,
          RepriseCouchSpan key,
          RepriseCouchSpan stub,
          GArray *links,
          GError **error)
{
  g_autofree char *name = reprise_couch_span_dup_string (key);
  g_autofree char *digest = reprise_couch_span_dup_string (reprise_couch_span_get (stub, "digest"));
  g_autoptr (GError) local = NULL;
  RepriseCouchLink link = { NULL };

  if (name == NULL || digest == NULL)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                   _ ("The server does not say which attachments “%s” has"), id);
      return FALSE;
    }
  if (!reprise_couch_writer_find_attachment (self->writer, digest, link.sha256) &&
      !find_earlier (self, digest, link.sha256) &&
      !fetch_twice (self, id, rev, name, digest, link.sha256, &local))
    {
      if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                      _ ("The attachment “%s” of “%s”: "), name, id);
          return FALSE;
        }
      /* The document was changed a moment ago: its new revision comes with the next pass. */
      reprise_progress_warn (self->progress,
                             _ ("The attachment “%s” of “%s” was gone when it was asked for."),
                             name, id);
      return TRUE;
    }
  link.name = g_steal_pointer (&name);
  g_array_append_val (links, link);
  return TRUE;
}

static void
link_clear (gpointer data)
{
  g_free ((char *) ((RepriseCouchLink *) data)->name);
}

void
reprise_couch_links_free (GArray *links)
{
  g_array_unref (links);
}

/**
 * reprise_couch_pull_links:
 * @stubs: of the document, may be of nothing
 *
 * Returns: (transfer full) (element-type RepriseCouchLink): the document's attachments, all of them stored
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
