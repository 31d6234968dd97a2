/* reprise-couch-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file as couchbackup 2.11 writes it, for couchrestore.
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/store/reprise-couch-interchange.h"

#define VERSION       "2.11.12" /* the one whose format this is */
#define BATCH_ROWS    500
#define BATCH_BYTES   (4 * 1024 * 1024)
#define READ_BYTES    (48 * 1024) /* a multiple of three */
#define ENCODED_BYTES (READ_BYTES / 3 * 4 + 64)

typedef struct
{
  RepriseCouchState *state;
  gboolean shallow;
  gboolean attachments;
  GOutputStream *stream;
  RepriseCouchExport *result;
  GCancellable *cancellable;
  guint n_rows;
  gsize n_bytes;
} Writer;

static gboolean
put (Writer *self, const char *data, gsize size, GError **error)
{
  self->n_bytes += size;
  return g_output_stream_write_all (self->stream, data, size, NULL, self->cancellable, error);
}

/* As \uXXXX, two of them where one is not enough (RFC 8259, 7). */
static void
append_escaped (GString *line, gunichar c)
{
  if (c < 0x10000)
    g_string_append_printf (line, "\\u%04x", c);
  else
    g_string_append_printf (line, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                            0xdc00 + ((c - 0x10000) & 0x3ff));
}

static gboolean
is_plain (const char *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if ((guchar) data[i] >= 0x80 || data[i] == '\n' || data[i] == '\r')
      return FALSE;
  return TRUE;
}

/* A document is on one line: a line end in it, which can only stand between its values, becomes a blank. What is not ASCII, which can
 * only stand in strings, is escaped: couchrestore 2.11.12 spoils characters that lie across the pieces in which it reads a file. */
static gboolean
put_line (Writer *self, const char *data, gsize size, GError **error)
{
  g_autoptr (GString) line = NULL;
  const char *end = data + size;

  if (is_plain (data, size))
    return put (self, data, size, error);
  line = g_string_sized_new (size + size / 2);
  while (data < end)
    {
      gunichar c =
        (guchar) *data < 0x80 ? (gunichar) *data : g_utf8_get_char_validated (data, end - data);

      if (c == '\n' || c == '\r')
        g_string_append_c (line, ' ');
      else if (c < 0x80 || c > 0x10ffff) /* or no text at all */
        g_string_append_c (line, *data);
      else
        append_escaped (line, c);
      data += c < 0x80 || c > 0x10ffff ? 1 : g_utf8_skip[(guchar) *data];
    }
  return put (self, line->str, line->len, error);
}

static const RepriseCouchLink *
find_link (GArray *links, RepriseCouchSpan key)
{
  g_autofree char *name = reprise_couch_span_dup_string (key);

  for (guint i = 0; name != NULL && i < links->len; i++)
    if (g_str_equal (g_array_index (links, RepriseCouchLink, i).name, name))
      return &g_array_index (links, RepriseCouchLink, i);
  return NULL;
}

static gboolean
put_encoded (Writer *self, GInputStream *stream, GError **error)
{
  g_autofree guchar *buffer = g_malloc (READ_BYTES);
  g_autofree char *text = g_malloc (ENCODED_BYTES);
  int state = 0, save = 0;
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, READ_BYTES, self->cancellable, error)) > 0)
    {
      gsize size = g_base64_encode_step (buffer, (gsize) n, FALSE, text, &state, &save);

      if (!put (self, text, size, error))
        return FALSE;
    }
  return n == 0 && put (self, text, g_base64_encode_close (FALSE, text, &state, &save), error);
}

/* What the server keeps compressed goes out as what it is. */
static GInputStream *
open_plain (Writer *self, const RepriseCouchLink *link, GError **error)
{
  g_autoptr (RepriseCouchAttachment) attachment = NULL;
  g_autoptr (GInputStream) stored =
    reprise_couch_state_open_attachment (self->state, link->sha256, &attachment, error);
  g_autoptr (GZlibDecompressor) decompressor = NULL;

  if (stored == NULL)
    return NULL;
  if (attachment == NULL || g_strcmp0 (attachment->encoding, "gzip") != 0)
    return g_steal_pointer (&stored);
  decompressor = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  return g_converter_input_stream_new (stored, G_CONVERTER (decompressor));
}

/* couchrestore expects its own spelling of the content type. */
static gboolean
put_attachment (Writer *self,
                RepriseCouchSpan attachment,
                const RepriseCouchLink *link,
                GError **error)
{
  RepriseCouchSpan type = reprise_couch_span_get (attachment, "content_type");
  RepriseCouchSpan revpos = reprise_couch_span_get (attachment, "revpos");
  g_autoptr (GInputStream) stream = open_plain (self, link, error);
  g_autoptr (GString) head = g_string_new ("{");

  if (stream == NULL)
    return FALSE;
  if (type.data != NULL)
    g_string_append_printf (head, "\"contentType\":%.*s,", (int) type.size, type.data);
  if (revpos.data != NULL)
    g_string_append_printf (head, "\"revpos\":%.*s,", (int) revpos.size, revpos.data);
  g_string_append (head, "\"data\":\"");
  self->result->n_attachments++;
  return put_line (self, head->str, head->len, error) && put_encoded (self, stream, error) &&
         put (self, "\"}", 2, error);
}

static gboolean
put_attachments (Writer *self, RepriseCouchSpan attachments, GArray *links, GError **error)
{
  RepriseCouchWalk walk = reprise_couch_walk (attachments);
  RepriseCouchSpan key, value;
  const char *between = "{";

  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      const RepriseCouchLink *link = find_link (links, key);

      if (!put (self, between, 1, error) || !put_line (self, key.data, key.size, error) ||
          !put (self, ":", 1, error) ||
          !(link == NULL ? put_line (self, value.data, value.size, error)
                         : put_attachment (self, value, link, error)))
        return FALSE;
      between = ",";
    }
  return *between == '{' ? put (self, "{}", 2, error) : put (self, "}", 1, error);
}

static gboolean
put_document (Writer *self, RepriseCouchSpan document, GArray *links, GError **error)
{
  RepriseCouchSpan attachments = reprise_couch_span_get (document, "_attachments");
  gsize before, after;

  if (!self->attachments || links->len == 0 || attachments.data == NULL)
    return put_line (self, document.data, document.size, error);
  before = (gsize) (attachments.data - document.data);
  after = document.size - before - attachments.size;
  return put_line (self, document.data, before, error) &&
         put_attachments (self, attachments, links, error) &&
         put_line (self, attachments.data + attachments.size, after, error);
}

static gboolean
put_row (Writer *self, RepriseCouchReader *reader, const RepriseCouchRow *row, GError **error)
{
  g_autoptr (GBytes) body = reprise_couch_reader_read_body (reader, row, error);
  g_autoptr (GArray) links =
    body == NULL ? NULL : reprise_couch_reader_list_links (reader, row->n, error);
  RepriseCouchSpan document = { NULL, 0 };

  if (links == NULL)
    return FALSE;
  document.data = g_bytes_get_data (body, &document.size);
  if (!put (self, self->n_rows == 0 ? "[" : ",", 1, error) ||
      !put_document (self, document, links, error))
    return FALSE;
  self->result->n_revisions++;
  if (++self->n_rows < BATCH_ROWS && self->n_bytes < BATCH_BYTES)
    return TRUE;
  self->n_rows = 0;
  self->n_bytes = 0;
  return put (self, "]\n", 2, error);
}

static gboolean
put_header (Writer *self, GError **error)
{
  g_autofree char *header = g_strdup_printf (
    "{\"name\":\"@cloudant/couchbackup\",\"version\":\"%s\",\"mode\":\"%s\","
    "\"attachments\":%s}\n",
    VERSION, self->shallow ? "shallow" : "full", self->attachments ? "true" : "false");

  return put (self, header, strlen (header), error);
}

/**
 * reprise_couch_export_write:
 * @shallow: whether there are winners only, without their history
 * @attachments: whether their data go along; couchrestore must be told the same, and refuses a file in which documents have attachments
 *   without data
 * @result: (out): what was written
 *
 * Every leaf of the state, as it was received but for what is not ASCII, which is escaped.
 */
gboolean
reprise_couch_export_write (RepriseCouchState *state,
                            gboolean shallow,
                            gboolean attachments,
                            GOutputStream *stream,
                            RepriseCouchExport *result,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  Writer self = { state, shallow, attachments, stream, result, cancellable, 0, 0 };
  RepriseCouchReader *reader = NULL;
  RepriseCouchRow row;
  gboolean more = FALSE;

  memset (result, 0, sizeof *result);
  reprise_couch_state_rewind (state);
  if (!put_header (&self, error))
    return FALSE;
  while (reprise_couch_state_next (state, &row, &reader, &more, error))
    {
      if (!more)
        return self.n_rows == 0 || put (&self, "]\n", 2, error);
      if (!put_row (&self, reader, &row, error))
        return FALSE;
      reprise_progress_add_items (progress, 1);
      reprise_progress_add_bytes (progress, row.size);
    }
  return FALSE;
}
