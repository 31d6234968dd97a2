/* reprise-couch-aside-segment.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/server/reprise-couch-draw.h"

#define MAX_FILE_BYTES (64 * 1024 * 1024)

/* Design documents lie in a file as the server answered, their attachments in them; a segment has these apart. */

/* One document as it is stored. */
typedef struct
{
  GString *body; /* (owned) */
  GArray *links; /* (owned) (element-type RepriseCouchLink) */
  GPtrArray *names;
} Stored;

static void
stored_clear (Stored *self)
{
  g_string_free (self->body, TRUE);
  g_array_unref (self->links);
  g_ptr_array_unref (self->names);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stored, stored_clear)

static char *
make_digest (const guchar *data, gsize size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);
  g_autofree char *base64 = NULL;
  guint8 md5[16];
  gsize length = sizeof md5;

  g_checksum_update (checksum, data, (gssize) size);
  g_checksum_get_digest (checksum, md5, &length);
  base64 = g_base64_encode (md5, length);
  return g_strconcat ("md5-", base64, NULL);
}

static void
append_stub_member (GString *body, RepriseCouchSpan given, const char *name)
{
  RepriseCouchSpan value = reprise_couch_span_get (given, name);

  if (value.data != NULL)
    g_string_append_printf (body, "\"%s\":%.*s,", name, (int) value.size, value.data);
}

static gboolean
store_attachment (RepriseCouchWriter *writer,
                  Stored *stored,
                  RepriseCouchSpan key,
                  RepriseCouchSpan given,
                  GError **error)
{
  g_autofree char *base64 = reprise_couch_span_dup_string (reprise_couch_span_get (given, "data"));
  g_autofree guchar *data = NULL;
  g_autofree char *digest = NULL;
  RepriseCouchIncoming *incoming;
  RepriseCouchLink link = { NULL };
  gsize size = 0;
  gboolean ok;

  if (base64 == NULL)
    return TRUE; /* it was not there when it was saved */
  data = g_base64_decode (base64, &size);
  digest = make_digest (data, size);
  incoming = reprise_couch_incoming_new (writer, digest, NULL);
  ok = reprise_couch_incoming_write (incoming, data, size, error) &&
       reprise_couch_incoming_finish (incoming, link.sha256, error);
  reprise_couch_incoming_free (incoming);
  if (!ok)
    return FALSE;
  g_ptr_array_add (stored->names, reprise_couch_span_dup_string (key));
  link.name = stored->names->pdata[stored->names->len - 1];
  g_array_append_val (stored->links, link);
  g_string_append_printf (stored->body, "%s%.*s:{", stored->links->len > 1 ? "," : "",
                          (int) key.size, key.data);
  append_stub_member (stored->body, given, "content_type");
  append_stub_member (stored->body, given, "revpos");
  g_string_append_printf (stored->body, "\"digest\":\"%s\",\"length\":%zu,\"stub\":true}", digest,
                          size);
  return TRUE;
}

static gboolean
store_members (RepriseCouchWriter *writer,
               Stored *stored,
               RepriseCouchSpan document,
               GError **error)
{
  RepriseCouchWalk walk = reprise_couch_walk (document), files;
  RepriseCouchSpan key, value, name, file;

  g_string_append_c (stored->body, '{');
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      g_string_append_printf (stored->body, "%s%.*s:", stored->body->len > 1 ? "," : "",
                              (int) key.size, key.data);
      if (!reprise_couch_span_is (key, "\"_attachments\""))
        {
          g_string_append_len (stored->body, value.data, (gssize) value.size);
          continue;
        }
      g_string_append_c (stored->body, '{');
      files = reprise_couch_walk (value);
      while (reprise_couch_walk_next_member (&files, &name, &file))
        if (!store_attachment (writer, stored, name, file, error))
          return FALSE;
      g_string_append_c (stored->body, '}');
    }
  g_string_append_c (stored->body, '}');
  return TRUE;
}

static gboolean
store_leaf (RepriseCouchWriter *writer, RepriseCouchSpan document, GError **error)
{
  g_auto (Stored) stored = { g_string_new (NULL),
                             g_array_new (FALSE, TRUE, sizeof (RepriseCouchLink)),
                             g_ptr_array_new_with_free_func (g_free) };
  g_auto (RepriseCouchHead) head = { NULL };
  RepriseCouchLeaf leaf = { NULL };

  reprise_couch_head_read (&head, document);
  if (head.rev == NULL || !store_members (writer, &stored, document, error))
    return head.rev == NULL;
  leaf.rev = head.rev;
  leaf.deleted = head.deleted;
  leaf.body = stored.body->str;
  leaf.size = stored.body->len;
  leaf.links = (const RepriseCouchLink *) (gpointer) stored.links->data;
  leaf.n_links = stored.links->len;
  return reprise_couch_writer_add_leaf (writer, &leaf, error);
}

/* {"id":…,"docs":[{"ok":…},…]} */
static gboolean
store_document (RepriseCouchWriter *writer, RepriseCouchSpan result, GError **error)
{
  g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (result, "id"));
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (result, "docs"));
  RepriseCouchSpan element;

  if (id == NULL)
    return TRUE;
  if (!reprise_couch_writer_begin_document (writer, id, NULL, error))
    return FALSE;
  while (reprise_couch_walk_next_element (&walk, &element))
    {
      RepriseCouchSpan document = reprise_couch_span_get (element, "ok");

      if (document.data != NULL && !store_leaf (writer, document, error))
        return FALSE;
    }
  return reprise_couch_writer_end_document (writer, error);
}

static gboolean
store_design (RepriseCouchWriter *writer, const char *file, GError **error)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (file, MAX_FILE_BYTES, error);
  g_autoptr (JsonNode) checked = NULL;
  RepriseCouchSpan root, result;
  RepriseCouchWalk walk;

  if (bytes == NULL)
    return FALSE;
  root.data = g_bytes_get_data (bytes, &root.size);
  checked = reprise_json_parse (root.data != NULL ? root.data : "", root.size, NULL, error);
  if (checked == NULL)
    return FALSE;
  walk = reprise_couch_walk (reprise_couch_span_get (root, "results"));
  while (reprise_couch_walk_next_element (&walk, &result))
    if (!store_document (writer, result, error))
      return FALSE;
  return TRUE;
}

static gboolean
store_security (RepriseCouchWriter *writer, const char *file, GError **error)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (file, MAX_FILE_BYTES, error);
  g_autoptr (JsonObject) object = NULL;
  gsize size = 0;
  const char *data;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  object = reprise_json_parse_object (data != NULL ? data : "", size, NULL, error);
  return object != NULL &&
         reprise_couch_writer_put_extra (writer, REPRISE_COUCH_EXTRA_SECURITY, data, size, error);
}

static gboolean
set_time (RepriseCouchWriter *writer, const char *name, gint64 at, GError **error)
{
  g_autofree char *text =
    at != REPRISE_COUCH_NEVER ? reprise_couch_delta_dup_time (at) : g_strdup ("");

  return reprise_couch_writer_set (writer, name, text, error);
}

static gboolean
set_texts (RepriseCouchWriter *writer, const RepriseCouchAsideSegment *want, GError **error)
{
  const char *tier = reprise_couch_tier_to_string (
    want->from == REPRISE_COUCH_NEVER ? REPRISE_COUCH_BASELINE : REPRISE_COUCH_DAILY);

  return reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, want->database, error) &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_RUN, want->run, error) &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_TIER, tier, error) &&
         set_time (writer, REPRISE_COUCH_FROM, want->from, error) &&
         set_time (writer, REPRISE_COUCH_TO, want->to, error) &&
         (want->partitioned == NULL ||
          reprise_couch_writer_set (writer, REPRISE_COUCH_META_PARTITIONED, want->partitioned,
                                    error)) &&
         (want->shards == NULL ||
          reprise_couch_writer_set (writer, REPRISE_COUCH_META_SHARDS, want->shards, error));
}

/* (transfer full): with the design documents and the security object, as our own engine would have read them */
RepriseCouchSegment *
reprise_couch_aside_make_segment (const RepriseCouchAside *aside,
                                  const RepriseCouchAsideSegment *want,
                                  const char *path,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (RepriseCouchWriter) writer = reprise_couch_writer_new (path, error);

  if (writer == NULL || !set_texts (writer, want, error) ||
      !store_design (writer, aside->design, error) ||
      !store_security (writer, aside->security, error) ||
      !reprise_couch_writer_checkpoint (writer, NULL, error) ||
      !reprise_couch_writer_commit (writer, cancellable, error))
    return NULL;
  return reprise_couch_segment_read (path, error);
}
