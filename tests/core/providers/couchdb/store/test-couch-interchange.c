/* test-couch-interchange.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of couchbackup, as its versions write them.
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/couchdb/store/reprise-couch-interchange.h"
#include "reprise-test.h"

#define HEADER             \
  "{\"name\":\"@cloudant/" \
  "couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\",\"attachments\":true}\n"
#define MARKER "{\"marker\":\"@cloudant/couchbackup:resume\"}"

typedef struct
{
  char *folder;
  guint n_files;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = reprise_test_make_folder ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  reprise_test_remove_folder (self->folder);
}

static RepriseCouchWriter *
begin (Fixture *self)
{
  g_autofree char *path = g_strdup_printf ("%s/%u.sqlite", self->folder, ++self->n_files);
  g_autoptr (GError) error = NULL;
  RepriseCouchWriter *writer = reprise_couch_writer_new (path, &error);

  g_assert_no_error (error);
  reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, "orders", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_RUN, "01RUN", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TIER, "baseline", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TO, "2026-11-21T10:00:00.000Z", NULL);
  return writer;
}

/* (transfer full): the state of the last segment */
static RepriseCouchState *
open_state (Fixture *self)
{
  g_autofree char *path = g_strdup_printf ("%s/%u.sqlite", self->folder, self->n_files);
  g_autoptr (GPtrArray) segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  g_autoptr (GError) error = NULL;
  RepriseCouchSegment *segment = reprise_couch_segment_read (path, &error);
  RepriseCouchState *state;

  g_assert_no_error (error);
  g_ptr_array_add (segments, segment);
  state = reprise_couch_state_new (segments, segment->to, NULL, &error);
  g_assert_no_error (error);
  return state;
}

/* In pieces of @piece bytes */
static gboolean
import (Fixture *self, const char *text, gsize piece, RepriseCouchImport *result, GError **error)
{
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  g_autoptr (GInputStream) memory =
    g_memory_input_stream_new_from_data (text, (gssize) strlen (text), NULL);
  g_autoptr (GInputStream) stream = g_buffered_input_stream_new_sized (memory, piece);

  return reprise_couch_import_read (stream, writer, result, NULL, NULL, error) &&
         reprise_couch_writer_commit (writer, NULL, error);
}

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* “id rev deleted body attachment=content” of all, sorted */
static char *
print (RepriseCouchState *state)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  RepriseCouchReader *reader = NULL;
  RepriseCouchRow row;
  gboolean more = FALSE;

  reprise_couch_state_rewind (state);
  while (reprise_couch_state_next (state, &row, &reader, &more, &error) && more)
    {
      g_autoptr (GBytes) body = reprise_couch_reader_read_body (reader, &row, &error);
      g_autoptr (GArray) links = reprise_couch_reader_list_links (reader, row.n, &error);
      GString *line = g_string_new (NULL);

      g_string_printf (line, "%s %s %d %.*s", row.id, row.rev, row.deleted,
                       (int) g_bytes_get_size (body), (const char *) g_bytes_get_data (body, NULL));
      for (guint i = 0; i < links->len; i++)
        {
          const RepriseCouchLink *link = &g_array_index (links, RepriseCouchLink, i);
          g_autoptr (GInputStream) stream =
            reprise_couch_state_open_attachment (state, link->sha256, NULL, &error);
          char content[200] = "";

          g_input_stream_read (stream, content, sizeof content - 1, NULL, &error);
          g_string_append_printf (line, " %s=%s", link->name, content);
        }
      g_ptr_array_add (lines, g_string_free (line, FALSE));
    }
  g_assert_no_error (error);
  g_ptr_array_sort (lines, compare_cb);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static void
assert_import (Fixture *self, const char *text, const char *expected, RepriseCouchImport *result)
{
  static const gsize pieces[] = { 1, 7, 4096 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseCouchState) state = NULL;
      g_autofree char *found = NULL;

      if (i > 0)
        reprise_couch_import_clear (result);
      import (self, text, pieces[i], result, &error);
      g_assert_no_error (error);
      state = open_state (self);
      found = print (state);
      g_assert_cmpstr (found, ==, expected);
    }
}

static void
test_versions (Fixture *self, gconstpointer data)
{
  g_auto (RepriseCouchImport) now = { NULL }, old = { NULL }, shallow = { NULL };

  assert_import (self,
                 HEADER
                 "[{\"_id\":\"a\",\"_rev\":\"1-a\",\"n\":9007199254740993,\"f\":1.0}]\n[]\n\n"
                 "[{\"_id\":\"b\",\"_rev\":\"2-b\",\"_deleted\":true}]\n",
                 "a 1-a 0 {\"_id\":\"a\",\"_rev\":\"1-a\",\"n\":9007199254740993,\"f\":1.0}\n"
                 "b 2-b 1 {\"_id\":\"b\",\"_rev\":\"2-b\",\"_deleted\":true}",
                 &now);
  g_assert_cmpstr (now.version, ==, "2.11.12");
  g_assert_true (now.has_attachments);
  g_assert_cmpuint (now.n_revisions, ==, 2);

  /* before 2.10: no first line; a batch that was cut off is nobody's word */
  assert_import (
    self,
    "[{\"_id\":\"a\",\"_rev\":\"1-a\"},{\"_id\":\"b\",\"_re\n"
    "[{\"_id\":\"b\",\"_rev\":\"1-b\"},{\"_id\":\"a\",\"_rev\":\"1-a\"}]\n",
    "a 1-a 0 {\"_id\":\"a\",\"_rev\":\"1-a\"}\nb 1-b 0 {\"_id\":\"b\",\"_rev\":\"1-b\"}", &old);
  g_assert_null (old.version);
  g_assert_cmpuint (old.n_skipped, ==, 1);

  /* shallow files up to 2.4.1 have no _rev */
  import (self, "[{\"_id\":\"a\",\"x\":1}]", 100, &shallow, NULL);
  g_assert_cmpuint (shallow.n_without_rev, ==, 1);
}

/* A run that was killed and resumed: the marker, alone or glued to what was cut off, and documents twice */
static void
test_resume (Fixture *self, gconstpointer data)
{
  g_auto (RepriseCouchImport) result = { NULL };

  assert_import (
    self,
    HEADER "[{\"_id\":\"a\",\"_rev\":\"1-a\"}]\n" MARKER "\n"
           "[{\"_id\":\"b\",\"_rev\":\"1-b\"},{\"_id\":\"c\",\"_r" MARKER "\n"
           "[{\"_id\":\"b\",\"_rev\":\"1-b\"},{\"_id\":\"b\",\"_rev\":\"1-c\"},"
           "{\"_id\":\"c\",\"_rev\":\"1-c\"}]\n",
    "a 1-a 0 {\"_id\":\"a\",\"_rev\":\"1-a\"}\nb 1-b 0 {\"_id\":\"b\",\"_rev\":\"1-b\"}\n"
    "b 1-c 0 {\"_id\":\"b\",\"_rev\":\"1-c\"}\nc 1-c 0 {\"_id\":\"c\",\"_rev\":\"1-c\"}",
    &result);
  g_assert_cmpuint (result.n_broken, ==, 1);
}

/* The names in camel case are set right within attachments, and nowhere else. */
static void
test_attachments (Fixture *self, gconstpointer data)
{
  g_auto (RepriseCouchImport) result = { NULL };

  assert_import (
    self,
    HEADER
    "[{\"_id\":\"a\",\"_rev\":\"1-a\",\"_attachments\":{\"x.txt\":{\"contentType\":\"text/plain\","
    "\"revpos\":1,\"digest\":\"md5-other\",\"data\":\"aGVsbG8=\"},\"y\":{\"contentType\":\"a/b\","
    "\"encodedLength\":3,\"stub\":true}},\"contentType\":\"mine\"}]\n",
    "a 1-a 0 "
    "{\"_id\":\"a\",\"_rev\":\"1-a\",\"_attachments\":{\"x.txt\":{\"content_type\":\"text/plain\","
    "\"revpos\":1,\"digest\":\"md5-XUFAKrxLKna5cZ2REBfFkg==\",\"length\":5,\"stub\":true},"
    "\"y\":{\"content_type\":\"a/"
    "b\",\"encoded_length\":3,\"stub\":true}},\"contentType\":\"mine\"} "
    "x.txt=hello",
    &result);
  g_assert_cmpuint (result.n_attachments, ==, 1);
  g_assert_cmpuint (result.n_stubs, ==, 1);
}

static void
test_wrong (gconstpointer data)
{
  Fixture self = { NULL };
  g_auto (RepriseCouchImport) result = { NULL };
  g_autoptr (GError) error = NULL;

  set_up (&self, NULL);
  g_assert_false (import (&self, data, 11, &result, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  tear_down (&self, NULL);
}

static void
store_gzip (RepriseCouchWriter *writer, const char *content, RepriseCouchLink *link)
{
  g_autoptr (GZlibCompressor) zip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
  g_autoptr (RepriseCouchIncoming) incoming = reprise_couch_incoming_new (writer, "md4-", "gzip");
  guint8 packed[500];
  gsize n_read = 0, n_written = 0;

  g_converter_convert (G_CONVERTER (zip), content, strlen (content), packed, sizeof packed,
                       G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
  g_assert_true (reprise_couch_incoming_write (incoming, packed, n_written, NULL));
  g_assert_true (reprise_couch_incoming_finish (incoming, link->sha256, NULL));
}

/* Out and in again: the same leaves, the same bytes; but all of them are ASCII. */
static void
test_round_trip (Fixture *self, gconstpointer data)
{
  static const char *const plain[][3] = {
    { "a", "1-a",
      "{\"_id\":\"a\",\"_rev\":\"1-a\",\"n\":1e300,\"t\":\"\xe2\x80\xa8 Chlo\xc3\xa9 "
      "\xf0\x9f\x98\x80\"}" },
    { "b", "2-b", "{\"_id\":\"b\",\"_rev\":\"2-b\",\"_deleted\":true}" },
    { "_design/d", "1-d", "{\"_id\":\"_design/d\",\"_rev\":\"1-d\",\"views\":{}}" },
  };
  static const char with[] =
    "{\"_id\":\"c\",\"_rev\":\"1-c\",\"_attachments\":{\"t.txt\":{\"content_type\":\"text/plain\","
    "\"revpos\":1,\"digest\":\"md5-x\",\"length\":9,\"stub\":true}}}";
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  g_autoptr (RepriseCouchState) state = NULL, again = NULL;
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autofree char *first = NULL, *second = NULL, *text = NULL;
  g_auto (RepriseCouchImport) imported = { NULL };
  RepriseCouchLink link = { .name = "t.txt" };
  const RepriseCouchLeaf linked = {
    .rev = "1-c", .body = with, .size = strlen (with), .links = &link, .n_links = 1
  };
  RepriseCouchExport exported;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      const RepriseCouchLeaf leaf = {
        .rev = plain[i][1], .body = plain[i][2], .size = strlen (plain[i][2]), .deleted = i == 1
      };

      g_assert_true (reprise_couch_writer_begin_document (writer, plain[i][0], NULL, NULL));
      g_assert_true (reprise_couch_writer_add_leaf (writer, &leaf, NULL));
      g_assert_true (reprise_couch_writer_end_document (writer, NULL));
    }
  store_gzip (writer, "some text", &link);
  g_assert_true (reprise_couch_writer_begin_document (writer, "c", NULL, NULL));
  g_assert_true (reprise_couch_writer_add_leaf (writer, &linked, NULL));
  g_assert_true (reprise_couch_writer_end_document (writer, NULL));
  g_assert_true (reprise_couch_writer_commit (writer, NULL, NULL));
  state = open_state (self);
  reprise_couch_export_write (state, FALSE, TRUE, out, &exported, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (exported.n_revisions, ==, 4);
  g_assert_cmpuint (exported.n_attachments, ==, 1);
  text = g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)),
                    g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out)));
  g_assert_true (reprise_couch_import_recognise (text, strlen (text)));
  g_assert_nonnull (
    strstr (text, "{\"contentType\":\"text/plain\",\"revpos\":1,\"data\":\"c29tZSB0ZXh0\"}"));
  import (self, text, 1000, &imported, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (imported.n_revisions, ==, 4);
  again = open_state (self);
  second = print (again);
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_assert_nonnull (strstr (second, plain[i][2]));
  g_assert_true (g_str_is_ascii (text));
  g_assert_nonnull (strstr (second, " t.txt=some text"));
  g_assert_cmpuint (reprise_couch_state_get_n_live (again), ==, 3);
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *name;
    const char *text;
  } wrong[] = {
    { "cut", HEADER "[{\"_id\":\"a\",\"_rev\":\"1-a\"},{\"_id" },
    { "cut-line", HEADER "[{\"_id\":\"a\",\"_rev\":\n[]\n" },
    { "other", HEADER "hello\n" },
    { "object", HEADER "{\"rows\":[]}\n" },
    { "late-header", "[]\n" HEADER },
    { "no-id", HEADER "[{\"_rev\":\"1-a\"}]\n" },
    { "not-documents", HEADER "[1,2]\n" },
  };

  reprise_test_init (&argc, &argv);
#define ADD(path, func) \
  g_test_add ("/couch-interchange/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("versions", test_versions);
  ADD ("resume", test_resume);
  ADD ("attachments", test_attachments);
  ADD ("round-trip", test_round_trip);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *name = g_strconcat ("/couch-interchange/wrong/", wrong[i].name, NULL);

      g_test_add_data_func (name, wrong[i].text, test_wrong);
    }
  return g_test_run ();
}
