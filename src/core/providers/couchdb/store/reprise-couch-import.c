/* reprise-couch-import.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of IBM couchbackup: https://github.com/IBM/couchbackup#whats-in-a-backup-file
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "net/reprise-json-cutter.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/store/reprise-couch-interchange.h"

#define PROGRAM          "@cloudant/couchbackup"
#define MARKER           "{\"marker\":\"@cloudant/couchbackup:resume\"}"
#define READ_BYTES       (64 * 1024)
#define MAX_OBJECT_BYTES 4096
#define CHECKPOINT_BYTES (16 * 1024 * 1024)

typedef enum
{
  LINE_EMPTY,
  LINE_OBJECT,
  LINE_BATCH,
  LINE_OTHER,
} LineKind;

typedef struct
{
  RepriseCouchWriter *writer; /* (nullable) */
  RepriseCouchImport *import;
  RepriseProgress *progress;
  GCancellable *cancellable;

  guint64 n_lines;
  LineKind kind;
  GString *object;           /* (owned): a line that is no batch */
  GString *tail;             /* (owned): the last bytes of the line */
  RepriseJsonCutter *cutter; /* (owned) (nullable) */
  gboolean broken;
  GError *failure; /* (owned) (nullable): of the storing, which is no fault of the line's */
  char *id;        /* (owned) (nullable): of the document that is being told */
} Reader;

static void
clear_reader (Reader *reader)
{
  g_string_free (reader->object, TRUE);
  g_string_free (reader->tail, TRUE);
  g_clear_pointer (&reader->cutter, reprise_json_cutter_free);
  g_clear_error (&reader->failure);
  g_free (reader->id);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, clear_reader)

void
reprise_couch_import_clear (RepriseCouchImport *import)
{
  g_clear_pointer (&import->version, g_free);
}

/* Whether a file that begins so may be one: older ones have no more than a list of documents to go by. */
gboolean
reprise_couch_import_recognise (const char *data, gsize size)
{
  g_autofree char *start = g_strndup (data, MIN (size, 256));

  return (g_str_has_prefix (start, "{") && strstr (start, "\"" PROGRAM "\"") != NULL) ||
         g_str_has_prefix (start, "[{\"_id\":\"") || g_str_has_prefix (start, "[]\n");
}

static gboolean
end_document (Reader *self, GError **error)
{
  if (self->id == NULL)
    return TRUE;
  g_clear_pointer (&self->id, g_free);
  return self->writer == NULL || reprise_couch_writer_end_document (self->writer, error);
}

/* Leaves of one document follow each other within a batch. */
static gboolean
begin_document (Reader *self, const char *id, GError **error)
{
  if (g_strcmp0 (self->id, id) == 0)
    return TRUE;
  if (!end_document (self, error))
    return FALSE;
  if (self->writer != NULL &&
      reprise_couch_writer_get_unsaved_bytes (self->writer) > CHECKPOINT_BYTES &&
      !reprise_couch_writer_checkpoint (self->writer, NULL, error))
    return FALSE;
  if (self->writer != NULL && !reprise_couch_writer_begin_document (self->writer, id, NULL, error))
    return FALSE;
  self->import->n_documents++;
  self->import->n_design += g_str_has_prefix (id, "_design/");
  self->id = g_strdup (id);
  return TRUE;
}

static char *
make_digest (const guchar *data, gsize size)
{
  g_autoptr (GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5);
  g_autofree char *text = NULL;
  guint8 digest[16];
  gsize length = sizeof digest;

  g_checksum_update (md5, data, (gssize) size);
  g_checksum_get_digest (md5, digest, &length);
  text = g_base64_encode (digest, length);
  return g_strconcat ("md5-", text, NULL);
}

static gboolean
store (Reader *self,
       const guchar *data,
       gsize size,
       const char *digest,
       guint8 *sha256,
       GError **error)
{
  g_autoptr (RepriseCouchIncoming) incoming = NULL;

  self->import->n_attachments++;
  if (self->writer == NULL || reprise_couch_writer_find_attachment (self->writer, digest, sha256))
    return TRUE;
  incoming = reprise_couch_incoming_new (self->writer, digest, NULL);
  return reprise_couch_incoming_write (incoming, data, size, error) &&
         reprise_couch_incoming_finish (incoming, sha256, error);
}

/* couchbackup writes some names in camel case, within an attachment only. */
static const char *
get_name (RepriseCouchSpan key)
{
  static const char *const names[][2] = {
    { "\"contentType\"", "\"content_type\"" },
    { "\"encodedLength\"", "\"encoded_length\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (reprise_couch_span_is (key, names[i][0]))
      return names[i][1];
  return NULL;
}

/* As the server would name it: what is told of the stored form does not hold for data that came unpacked. */
static void
append_stub (GString *body, RepriseCouchSpan attachment, const char *digest, gsize size)
{
  static const char *const own[] = { "\"data\"",    "\"digest\"",       "\"length\"",
                                     "\"stub\"",    "\"encoding\"",     "\"encoded_length\"",
                                     "\"follows\"", "\"encodedLength\"" };
  RepriseCouchWalk walk = reprise_couch_walk (attachment);
  RepriseCouchSpan key, value;

  g_string_append_c (body, '{');
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      const char *name = get_name (key);
      gboolean ours = FALSE;

      for (guint i = 0; digest != NULL && i < G_N_ELEMENTS (own); i++)
        ours = ours || reprise_couch_span_is (key, own[i]);
      if (ours)
        continue;
      if (body->str[body->len - 1] != '{')
        g_string_append_c (body, ',');
      if (name != NULL)
        g_string_append (body, name);
      else
        g_string_append_len (body, key.data, (gssize) key.size);
      g_string_append_c (body, ':');
      g_string_append_len (body, value.data, (gssize) value.size);
    }
  if (digest != NULL)
    g_string_append_printf (body,
                            "%s\"digest\":\"%s\",\"length\":%" G_GSIZE_FORMAT ",\"stub\":true",
                            body->str[body->len - 1] == '{' ? "" : ",", digest, size);
  g_string_append_c (body, '}');
}

static gboolean
take_attachment (Reader *self,
                 RepriseCouchSpan key,
                 RepriseCouchSpan attachment,
                 GString *body,
                 GArray *links,
                 GError **error)
{
  g_autofree char *data =
    reprise_couch_span_dup_string (reprise_couch_span_get (attachment, "data"));
  g_autofree guchar *bytes = NULL;
  g_autofree char *digest = NULL;
  RepriseCouchLink link = { NULL };
  gsize size = 0;

  g_string_append_printf (body, "%.*s:", (int) key.size, key.data);
  if (data == NULL)
    {
      self->import->n_stubs++;
      append_stub (body, attachment, NULL, 0);
      return TRUE;
    }
  bytes = g_base64_decode (data, &size);
  digest = make_digest (bytes, size);
  append_stub (body, attachment, digest, size);
  if (!store (self, bytes, size, digest, link.sha256, error))
    return FALSE;
  link.name = reprise_couch_span_dup_string (key);
  if (link.name != NULL)
    g_array_append_val (links, link);
  return TRUE;
}

static gboolean
take_attachments (Reader *self,
                  RepriseCouchSpan attachments,
                  GString *body,
                  GArray *links,
                  GError **error)
{
  RepriseCouchWalk walk = reprise_couch_walk (attachments);
  RepriseCouchSpan key, value;

  g_string_append_c (body, '{');
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      if (body->str[body->len - 1] != '{')
        g_string_append_c (body, ',');
      if (!take_attachment (self, key, value, body, links, error))
        return FALSE;
    }
  g_string_append_c (body, '}');
  return TRUE;
}

/* (transfer full): the document with its attachments as stubs, as the server gives it; all else as it stands in the file */
static GString *
rewrite (Reader *self,
         RepriseCouchSpan document,
         RepriseCouchSpan attachments,
         GArray *links,
         GError **error)
{
  GString *body = g_string_new_len (document.data, attachments.data - document.data);

  if (!take_attachments (self, attachments, body, links, error))
    {
      g_string_free (body, TRUE);
      return NULL;
    }
  g_string_append_len (body, attachments.data + attachments.size,
                       document.data + document.size - attachments.data -
                         (gssize) attachments.size);
  return body;
}

static void
clear_link (gpointer data)
{
  g_free ((char *) ((RepriseCouchLink *) data)->name);
}

static gboolean
add_leaf (Reader *self, const RepriseCouchHead *head, RepriseCouchSpan document, GError **error)
{
  g_autoptr (GArray) links = g_array_new (FALSE, TRUE, sizeof (RepriseCouchLink));
  g_autofree char *made = NULL, *hash = NULL;
  GString *body = NULL;
  RepriseCouchLeaf leaf = {
    .rev = head->rev, .deleted = head->deleted, .body = document.data, .size = document.size
  };
  gboolean ok;

  g_array_set_clear_func (links, clear_link);
  if (head->attachments.data != NULL)
    {
      body = rewrite (self, document, head->attachments, links, error);
      if (body == NULL)
        return FALSE;
      leaf.body = body->str;
      leaf.size = body->len;
      leaf.links = (const RepriseCouchLink *) (gpointer) links->data;
      leaf.n_links = links->len;
    }
  if (leaf.rev == NULL)
    {
      hash = reprise_hash_bytes (leaf.body, leaf.size);
      leaf.rev = made = g_strdup_printf ("0-%.32s", hash);
      self->import->n_without_rev++;
    }
  ok = self->writer == NULL || reprise_couch_writer_add_leaf (self->writer, &leaf, error);
  if (body != NULL)
    g_string_free (body, TRUE);
  return ok;
}

/* Of “\uXXXX” at @at: what it says, or -1 */
static int
read_escape (const char *at, const char *end)
{
  int code = 0;

  if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
    return -1;
  for (guint i = 2; i < 6; i++)
    if (g_ascii_isxdigit (at[i]))
      code = code * 16 + g_ascii_xdigit_value (at[i]);
    else
      return -1;
  return code;
}

/* Takes an escape that stands for a character that is not ASCII. Returns: how much of it was taken, or 0 */
static gsize
unescape (const char *at, const char *end, GString *plain)
{
  int first = read_escape (at, end), second;

  if (first >= 0x80 && (first < 0xd800 || first > 0xdfff))
    {
      g_string_append_unichar (plain, (gunichar) first);
      return 6;
    }
  second = first >= 0xd800 && first < 0xdc00 ? read_escape (at + 6, end) : -1;
  if (second < 0xdc00 || second > 0xdfff)
    return 0;
  g_string_append_unichar (plain, 0x10000 + (((gunichar) first - 0xd800) << 10) +
                                    ((gunichar) second - 0xdc00));
  return 12;
}

/* (transfer full) (nullable): with characters in place of escapes that a server would not write: %NULL where there are none. What is
 * restored is compared with what the server says of it. */
static GString *
make_plain (const char *data, gsize size)
{
  const char *end = data + size;
  GString *plain;

  if (memmem (data, size, "\\u", 2) == NULL)
    return NULL;
  plain = g_string_sized_new (size);
  while (data < end)
    {
      gsize taken = *data == '\\' ? unescape (data, end, plain) : 0;
      gsize copied = taken > 0 ? 0 : *data == '\\' && data + 1 < end ? 2 : 1;

      g_string_append_len (plain, data, (gssize) copied);
      data += taken + copied;
    }
  return plain;
}

static gboolean take_document (Reader *self, RepriseCouchSpan document, GError **error);

static gboolean
document_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  GString *plain = make_plain (data, size);
  RepriseCouchSpan document = { plain != NULL ? plain->str : data,
                                plain != NULL ? plain->len : size };
  gboolean ok = take_document (user_data, document, error);

  if (plain != NULL)
    g_string_free (plain, TRUE);
  return ok;
}

static gboolean
take_document (Reader *self, RepriseCouchSpan document, GError **error)
{
  g_auto (RepriseCouchHead) head = { NULL };

  reprise_couch_head_read (&head, document);
  if (head.id == NULL || *head.id == '\0')
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, "no _id");
      return FALSE;
    }
  if (!begin_document (self, head.id, &self->failure) ||
      !add_leaf (self, &head, document, &self->failure))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, "-"); /* the failure says it */
      return FALSE;
    }
  self->import->n_revisions++;
  self->import->n_deleted += head.deleted;
  reprise_progress_add_items (self->progress, 1);
  return TRUE;
}

static gboolean
refuse_line (Reader *self, GError **error)
{
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    _ ("Line %" PRId64 " of the file is cut off or is not what couchbackup writes."),
    (gint64) self->n_lines);
  return FALSE;
}

/* The first line, or the word of a resumed run */
static gboolean
end_object (Reader *self, GError **error)
{
  RepriseJsonLimits limits = { .max_bytes = MAX_OBJECT_BYTES };
  g_autoptr (JsonObject) object =
    reprise_json_parse_object (self->object->str, self->object->len, &limits, NULL);

  if (object == NULL)
    return refuse_line (self, error);
  if (g_strcmp0 (reprise_json_get_string (object, "marker", NULL), PROGRAM ":resume") == 0)
    return TRUE;
  if (self->n_lines != 1 ||
      g_strcmp0 (reprise_json_get_string (object, "name", NULL), PROGRAM) != 0)
    return refuse_line (self, error);
  self->import->version = g_strdup (reprise_json_get_string (object, "version", ""));
  self->import->shallow =
    g_strcmp0 (reprise_json_get_string (object, "mode", NULL), "shallow") == 0;
  self->import->has_attachments = reprise_json_get_boolean (object, "attachments", FALSE);
  return TRUE;
}

/* What is whole of a line that was cut off holds until the documents come again. */
static gboolean
end_batch (Reader *self, GError **error)
{
  if (!self->broken && !reprise_json_cutter_finish (self->cutter, NULL, NULL))
    self->broken = TRUE;
  g_clear_pointer (&self->cutter, reprise_json_cutter_free);
  if (self->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->failure));
      return FALSE;
    }
  if (!end_document (self, error))
    return FALSE;
  if (!self->broken)
    return TRUE;
  if (g_str_equal (self->tail->str, MARKER))
    self->import->n_broken++;
  else if (self->import->version == NULL)
    self->import->n_skipped++;
  else
    return refuse_line (self, error);
  return TRUE;
}

static gboolean
end_line (Reader *self, GError **error)
{
  gboolean ok = TRUE;

  self->n_lines++;
  if (self->kind == LINE_OBJECT)
    ok = end_object (self, error);
  else if (self->kind == LINE_BATCH)
    ok = end_batch (self, error);
  else if (self->kind == LINE_OTHER)
    ok = refuse_line (self, error);
  self->kind = LINE_EMPTY;
  self->broken = FALSE;
  g_string_truncate (self->object, 0);
  g_string_truncate (self->tail, 0);
  return ok;
}

static void
begin_line (Reader *self, char first)
{
  self->kind = first == '[' ? LINE_BATCH : first == '{' ? LINE_OBJECT : LINE_OTHER;
  if (self->kind == LINE_BATCH)
    self->cutter = reprise_json_cutter_new (NULL, REPRISE_COUCH_MAX_BODY_BYTES, document_cb, self);
}

static void
keep_tail (Reader *self, const char *data, gsize size)
{
  gsize skip = size > strlen (MARKER) ? size - strlen (MARKER) : 0;

  g_string_append_len (self->tail, data + skip, (gssize) (size - skip));
  if (self->tail->len > strlen (MARKER))
    g_string_erase (self->tail, 0, (gssize) (self->tail->len - strlen (MARKER)));
}

/* A part of a line, without its end */
static void
push (Reader *self, const char *data, gsize size)
{
  if (size > 0 && self->kind == LINE_EMPTY && *data != '\r')
    begin_line (self, *data);
  if (self->kind == LINE_OBJECT && self->object->len + size <= MAX_OBJECT_BYTES)
    g_string_append_len (self->object, data, (gssize) size);
  else if (self->kind == LINE_OBJECT)
    self->kind = LINE_OTHER;
  if (self->kind != LINE_BATCH)
    return;
  keep_tail (self, data, size);
  if (!self->broken && !reprise_json_cutter_push (self->cutter, data, size, NULL))
    self->broken = TRUE;
}

static gboolean
push_lines (Reader *self, const char *data, gsize size, GError **error)
{
  while (size > 0)
    {
      const char *end = memchr (data, '\n', size);
      gsize n = end == NULL ? size : (gsize) (end - data);

      push (self, data, n);
      if (self->failure != NULL || end != NULL)
        {
          if (!end_line (self, error))
            return FALSE;
          n += end != NULL;
        }
      data += n;
      size -= n;
    }
  return TRUE;
}

static gboolean
name_origin (Reader *self, GError **error)
{
  const RepriseCouchImport *import = self->import;
  g_autofree char *origin =
    g_strconcat ("couchbackup ", import->version == NULL ? "" : import->version, NULL);

  return self->writer == NULL ||
         (reprise_couch_writer_set (self->writer, REPRISE_COUCH_IMPORTED, origin, error) &&
          reprise_couch_writer_set (self->writer, REPRISE_COUCH_WITHOUT_REV,
                                    import->n_without_rev > 0 ? "true" : "false", error) &&
          reprise_couch_writer_set (self->writer, REPRISE_COUCH_SHALLOW,
                                    import->shallow || import->n_without_rev > 0 ? "true" : "false",
                                    error));
}

/**
 * reprise_couch_import_read:
 * @stream: a file of any version of couchbackup, unpacked
 * @writer: (nullable): of a new segment, a baseline; the caller names and commits it. Without one the file is only looked through
 * @import: (out): what came in
 *
 * Documents are kept as they stand in the file; only attachments are taken out of them.
 *
 * Returns: whether all of the file was read; else %REPRISE_ERROR_DAMAGED with the number of the line, or what the writer reports
 */
gboolean
reprise_couch_import_read (GInputStream *stream,
                           RepriseCouchWriter *writer,
                           RepriseCouchImport *import,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  g_auto (Reader) self = { .writer = writer, .import = import, .progress = progress };
  g_autofree char *buffer = g_malloc (READ_BYTES);
  gssize n;

  memset (import, 0, sizeof *import);
  self.object = g_string_new (NULL);
  self.tail = g_string_new (NULL);
  while ((n = g_input_stream_read (stream, buffer, READ_BYTES, cancellable, error)) > 0)
    {
      reprise_progress_add_bytes (progress, n);
      if (!push_lines (&self, buffer, (gsize) n, error))
        return FALSE;
    }
  return n == 0 && (self.kind == LINE_EMPTY || end_line (&self, error)) &&
         name_origin (&self, error);
}
