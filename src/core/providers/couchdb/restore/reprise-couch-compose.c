/* reprise-couch-compose.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "base/reprise-strv.h"
#include "providers/couchdb/restore/reprise-couch-compose.h"

#define CHUNK_BYTES          (48 * 1024) /* a multiple of 3 */
#define MAX_ATTACHMENT_BYTES (512 * 1024 * 1024)

static gboolean
append_base64 (GInputStream *stream, GString *json, GError **error)
{
  g_autofree guchar *buffer = g_malloc (CHUNK_BYTES);
  gsize n = 0, total = 0;

  do
    {
      int state = 0, save = 0;
      gsize before = json->len, written;

      if (!g_input_stream_read_all (stream, buffer, CHUNK_BYTES, &n, NULL, error))
        return FALSE;
      total += n;
      if (total > MAX_ATTACHMENT_BYTES)
        {
          reprise_error_set_literal (
            error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
            _ ("The attachment is too large to be sent with its document"));
          return FALSE;
        }
      g_string_set_size (json, before + (n / 3 + 1) * 4 + 4);
      written = g_base64_encode_step (buffer, n, FALSE, json->str + before, &state, &save);
      written += g_base64_encode_close (FALSE, json->str + before + written, &state, &save);
      g_string_set_size (json, before + written);
    }
  while (n == CHUNK_BYTES);
  return TRUE;
}

/* Takes @stored. The bytes as the user gave them: what the server stores compressed goes out plain, for it compresses by itself. */
static GInputStream *
make_plain (GInputStream *stored, const RepriseCouchAttachment *attachment, GError **error)
{
  g_autoptr (GInputStream) owned = stored;
  g_autoptr (GZlibDecompressor) gzip = NULL;

  if (attachment->encoding == NULL)
    return g_steal_pointer (&owned);
  if (strcmp (attachment->encoding, "gzip") != 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                         _ ("An attachment is compressed in a way that is not known: %s"),
                         attachment->encoding);
      return NULL;
    }
  gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  return g_converter_input_stream_new (owned, G_CONVERTER (gzip));
}

static GInputStream *
open_plain (RepriseCouchState *state, const RepriseCouchLink *link, GError **error)
{
  g_autoptr (RepriseCouchAttachment) attachment = NULL;
  GInputStream *stored =
    reprise_couch_state_open_attachment (state, link->sha256, &attachment, error);

  return stored != NULL ? make_plain (stored, attachment, error) : NULL;
}

/* (transfer full): its bytes, through a connection of its own to the segment; any thread */
GInputStream *
reprise_couch_part_open (const RepriseCouchPart *self, GError **error)
{
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (self->segment, error);
  GInputStream *stored =
    reader != NULL ? reprise_couch_reader_open_attachment (reader, self->attachment, error) : NULL;

  return stored != NULL ? make_plain (stored, self->attachment, error) : NULL;
}

static const RepriseCouchLink *
find_link (GArray *links, RepriseCouchSpan key)
{
  g_autofree char *name = reprise_couch_span_dup_string (key);

  for (guint i = 0; links != NULL && i < links->len; i++)
    if (g_strcmp0 (g_array_index (links, RepriseCouchLink, i).name, name) == 0)
      return &g_array_index (links, RepriseCouchLink, i);
  return NULL;
}

void
reprise_couch_part_free (RepriseCouchPart *self)
{
  g_clear_pointer (&self->attachment, reprise_couch_attachment_free);
  g_free (self->segment);
  g_free (self->name);
  g_free (self->type);
  g_free (self);
}

/* (transfer full): one attachment that follows its document */
static RepriseCouchPart *
make_part (RepriseCouchState *state,
           const RepriseCouchLink *link,
           RepriseCouchSpan stub,
           GError **error)
{
  RepriseCouchReader *reader = NULL;
  g_autoptr (RepriseCouchAttachment) attachment =
    reprise_couch_state_find_attachment (state, link->sha256, &reader, error);
  RepriseCouchPart *part;

  if (attachment == NULL)
    return NULL;
  part = g_new0 (RepriseCouchPart, 1);
  part->segment = g_strdup (reprise_couch_reader_get_path (reader));
  part->name = g_strdup (link->name);
  part->type = reprise_couch_span_dup_string (reprise_couch_span_get (stub, "content_type"));
  part->size_bytes = attachment->encoding == NULL
                       ? attachment->size
                       : reprise_couch_span_get_int (reprise_couch_span_get (stub, "length"), 0);
  part->attachment = g_steal_pointer (&attachment);
  return part;
}

/* The server checks the digest of what it does not have to compress. */
static gboolean
append_following (RepriseCouchState *state,
                  const RepriseCouchLink *link,
                  RepriseCouchSpan stub,
                  GPtrArray *parts,
                  GString *json,
                  GError **error)
{
  RepriseCouchPart *part = make_part (state, link, stub, error);

  if (part == NULL)
    return FALSE;
  g_ptr_array_add (parts, part);
  if (part->attachment->encoding == NULL && g_str_has_prefix (part->attachment->digest, "md5-"))
    {
      g_string_append (json, "\"digest\":");
      reprise_couch_append_string (json, part->attachment->digest);
      g_string_append_c (json, ',');
    }
  g_string_append_printf (json, "\"follows\":true,\"length\":%" PRId64 "}", part->size_bytes);
  return TRUE;
}

static gboolean
append_inline (RepriseCouchState *state,
               const RepriseCouchLink *link,
               GString *json,
               GError **error)
{
  g_autoptr (GInputStream) stream = open_plain (state, link, error);

  g_string_append (json, "\"data\":\"");
  if (stream == NULL || !append_base64 (stream, json, error))
    return FALSE;
  g_string_append (json, "\"}");
  return TRUE;
}

static void
append_member (GString *json, const char *name, RepriseCouchSpan value)
{
  if (value.data == NULL)
    return;
  g_string_append_printf (json, "\"%s\":", name);
  g_string_append_len (json, value.data, (gssize) value.size);
  g_string_append_c (json, ',');
}

/* {"NAME":{"content_type":…,"revpos":…,"data":…},…} in place of the stubs; where they follow, without the data. */
static gboolean
append_attachments (RepriseCouchState *state,
                    RepriseCouchSpan stubs,
                    GArray *links,
                    gboolean is_new_edit,
                    GPtrArray *parts,
                    GString *json,
                    GError **error)
{
  RepriseCouchWalk walk = reprise_couch_walk (stubs);
  RepriseCouchSpan key, stub;
  gboolean first = TRUE;

  g_string_append_c (json, '{');
  while (reprise_couch_walk_next_member (&walk, &key, &stub))
    {
      const RepriseCouchLink *link = find_link (links, key);

      if (link == NULL)
        continue; /* it was gone when it was backed up, which was told then */
      if (!first)
        g_string_append_c (json, ',');
      first = FALSE;
      g_string_append_len (json, key.data, (gssize) key.size);
      g_string_append (json, ":{");
      append_member (json, "content_type", reprise_couch_span_get (stub, "content_type"));
      if (!is_new_edit)
        append_member (json, "revpos", reprise_couch_span_get (stub, "revpos"));
      if (!(parts != NULL ? append_following (state, link, stub, parts, json, error)
                          : append_inline (state, link, json, error)))
        return FALSE;
    }
  g_string_append_c (json, '}');
  return TRUE;
}

/* How many bytes a document has attached, plain. */
gint64
reprise_couch_compose_measure (RepriseCouchSpan body)
{
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (body, "_attachments"));
  RepriseCouchSpan key, stub;
  gint64 total = 0;

  while (reprise_couch_walk_next_member (&walk, &key, &stub))
    total += reprise_couch_span_get_int (reprise_couch_span_get (stub, "length"), 0);
  return total;
}

/**
 * reprise_couch_compose:
 * @links: (nullable): the attachments of the document
 * @new_edit_on: (nullable): of a new edit, the revision that it replaces
 * @is_new_edit: whether the document gets a new revision; else it keeps its own, with its ancestors
 * @parts: (nullable) (element-type RepriseCouchPart): gets the attachments, which are to follow the document; else they are in it
 * @json: gets the document; every member that is the user's as it was received
 */
gboolean
reprise_couch_compose (RepriseCouchState *state,
                       RepriseCouchSpan body,
                       GArray *links,
                       const char *new_edit_on,
                       gboolean is_new_edit,
                       GPtrArray *parts,
                       GString *json,
                       GError **error)
{
  RepriseCouchWalk walk = reprise_couch_walk (body);
  RepriseCouchSpan key, value;
  gboolean first = TRUE;

  g_string_append_c (json, '{');
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      gboolean is_rev = reprise_couch_span_is (key, "\"_rev\"");

      if (is_new_edit && (is_rev || reprise_couch_span_is (key, "\"_revisions\"")))
        continue;
      if (!first)
        g_string_append_c (json, ',');
      first = FALSE;
      g_string_append_len (json, key.data, (gssize) key.size);
      g_string_append_c (json, ':');
      if (!reprise_couch_span_is (key, "\"_attachments\""))
        g_string_append_len (json, value.data, (gssize) value.size);
      else if (!append_attachments (state, value, links, is_new_edit, parts, json, error))
        return FALSE;
    }
  if (is_new_edit && new_edit_on != NULL)
    {
      g_string_append (json, ",\"_rev\":");
      reprise_couch_append_string (json, new_edit_on);
    }
  g_string_append_c (json, '}');
  return TRUE;
}

/* What the server stores compressed may be compressed otherwise by another one: of that the length counts.
 * @links: (nullable): what else there is of stubs is not sent, as above */
static void
hash_stubs (RepriseHash *hash, RepriseCouchSpan stubs, GArray *links)
{
  RepriseCouchWalk walk = reprise_couch_walk (stubs);
  g_autoptr (GPtrArray) lines = NULL;
  RepriseCouchSpan key, stub;

  if (stubs.data == NULL)
    return;
  lines = g_ptr_array_new_with_free_func (g_free);
  while (reprise_couch_walk_next_member (&walk, &key, &stub))
    {
      RepriseCouchSpan type = reprise_couch_span_get (stub, "content_type");
      RepriseCouchSpan length = reprise_couch_span_get (stub, "length");

      if (links != NULL && find_link (links, key) == NULL)
        continue;
      g_ptr_array_add (lines,
                       g_strdup_printf ("%.*s %.*s %.*s", (int) key.size, key.data, (int) type.size,
                                        type.data, (int) length.size, length.data));
    }
  g_ptr_array_sort (lines, reprise_strv_compare);
  for (guint i = 0; i < lines->len; i++)
    reprise_hash_update (hash, lines->pdata[i], strlen (lines->pdata[i]));
}

/* What is to be hashed and lies in one place. */
typedef struct
{
  RepriseHash *hash;
  const char *from; /* (nullable) */
  const char *to;
} Run;

static void
flush (Run *self)
{
  if (self->from != NULL)
    reprise_hash_update (self->hash, self->from, (gsize) (self->to - self->from));
  self->from = NULL;
}

static void
hash_span (Run *self, RepriseCouchSpan span)
{
  if (self->from == NULL || self->to != span.data)
    {
      flush (self);
      self->from = span.data;
    }
  self->to = span.data + span.size;
}

/* One that is where it should be anyway makes no run end. */
static void
hash_mark (Run *self, char mark, const char *end)
{
  static const char MARKS[] = ",:";

  if (self->from != NULL && self->to < end && *self->to == mark)
    self->to++;
  else
    hash_span (self, (RepriseCouchSpan){ mark == ',' ? MARKS : MARKS + 1, 1 });
}

/**
 * reprise_couch_compose_digest:
 * @hash: to be used for it, ready for another one afterwards
 *
 * A digest of one revision: its name, and what the user sees of it: its members as they were received, whether it is deleted, and its
 * attachments, with @links (nullable) only those; of its place in the history nothing.
 */
void
reprise_couch_compose_digest (const char *id,
                              const char *rev,
                              RepriseCouchSpan body,
                              GArray *links,
                              RepriseHash *hash,
                              guint8 digest[REPRISE_HASH_RAW_LENGTH])
{
  RepriseCouchWalk walk = reprise_couch_walk (body);
  RepriseCouchSpan key, value, stubs = { NULL, 0 };
  const char *end = body.data + body.size;
  Run run = { .hash = hash };
  gboolean deleted = FALSE;

  reprise_hash_update (hash, id, strlen (id) + 1);
  reprise_hash_update (hash, rev, strlen (rev) + 1);
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    if (reprise_couch_span_is (key, "\"_attachments\""))
      stubs = value;
    else if (reprise_couch_span_is (key, "\"_deleted\""))
      deleted = reprise_couch_span_is (value, "true");
    else if (key.size < 3 || key.data[1] != '_')
      {
        hash_span (&run, key);
        hash_mark (&run, ':', end);
        hash_span (&run, value);
        hash_mark (&run, ',', end);
      }
  flush (&run);
  reprise_hash_update (hash, deleted ? "deleted\n" : "\n", deleted ? 8 : 1);
  hash_stubs (hash, stubs, links);
  reprise_hash_finish_raw (hash, digest);
}
