/* test-json-cutter.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "net/reprise-json-cutter.h"
#include "net/reprise-json-scanner.h"
#include "reprise-test.h"

typedef struct
{
  GString *text; /* the elements with | between them */
} Found;

static gboolean
piece_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  Found *found = user_data;

  g_string_append_len (found->text, data, (gssize) size);
  if (is_last)
    g_string_append_c (found->text, '|');
  return TRUE;
}

static gboolean
push_in_pieces (RepriseJsonCutter *cutter, const char *text, gsize piece, GError **error)
{
  gsize size = strlen (text);

  for (gsize done = 0; done < size; done += piece)
    {
      /* In memory of its own, so that a sanitizer sees a byte too many. */
      g_autofree char *copy = g_memdup2 (text + done, MIN (piece, size - done));

      if (!reprise_json_cutter_push (cutter, copy, MIN (piece, size - done), error))
        return FALSE;
    }
  return TRUE;
}

/* In pieces of every length, with elements whole and in parts. */
static void
assert_cut (const char *member, const char *text, const char *elements, const char *envelope)
{
  for (gsize piece = 1; piece <= strlen (text); piece++)
    for (gsize max = 0; max <= 1000; max += 1000)
      {
        Found found = { g_string_new (NULL) };
        g_autoptr (RepriseJsonCutter) cutter =
          reprise_json_cutter_new (member, max, piece_cb, &found);
        g_autoptr (GBytes) rest = NULL;
        g_autoptr (GError) error = NULL;

        push_in_pieces (cutter, text, piece, &error);
        g_assert_no_error (error);
        g_assert_true (reprise_json_cutter_finish (cutter, &rest, &error));
        g_assert_no_error (error);
        g_assert_cmpstr (found.text->str, ==, elements);
        g_assert_cmpmem (g_bytes_get_data (rest, NULL), g_bytes_get_size (rest), envelope,
                         strlen (envelope));
        g_string_free (found.text, TRUE);
      }
}

static void
test_list (void)
{
  assert_cut (NULL, "[]", "", "[]");
  assert_cut (NULL, " [ ] ", "", " [] ");
  assert_cut (NULL, " [1, \"a,]\" ,{\"x\":[1,2]} ,[], -0.10E+02 ] \n",
              "1|\"a,]\"|{\"x\":[1,2]}|[]|-0.10E+02|", " [] \n");
}

static void
test_member (void)
{
  assert_cut ("results", "{\"results\":[]}", "", "{\"results\":[]}");
  assert_cut ("results",
              "{\"results\":[\n{\"seq\":1,\"results\":[7]},\n{\"seq\":2}\n],\n\"last_seq\":\"2-x\","
              "\"pending\":0}",
              "{\"seq\":1,\"results\":[7]}|{\"seq\":2}|",
              "{\"results\":[],\n\"last_seq\":\"2-x\",\"pending\":0}");
  assert_cut (
    "results", "{\"a\":{\"results\":[1]},\"b\":[[1],{\"c\":2}],\"results\":[2,3],\"result\":[4]}",
    "2|3|", "{\"a\":{\"results\":[1]},\"b\":[[1],{\"c\":2}],\"results\":[],\"result\":[4]}");
}

static void
assert_not_cut (const char *member, const char *text, gsize max, int code)
{
  for (gsize piece = 1; piece <= strlen (text); piece++)
    {
      Found found = { g_string_new (NULL) };
      g_autoptr (RepriseJsonCutter) cutter =
        reprise_json_cutter_new (member, max, piece_cb, &found);
      g_autoptr (GError) error = NULL;

      if (push_in_pieces (cutter, text, piece, &error))
        reprise_json_cutter_finish (cutter, NULL, &error);
      g_assert_error (error, REPRISE_ERROR, code);
      g_string_free (found.text, TRUE);
    }
}

static void
test_wrong (void)
{
  assert_not_cut (NULL, "{\"results\":[]}", 100, REPRISE_ERROR_DAMAGED);
  assert_not_cut ("results", "[1,2]", 100, REPRISE_ERROR_DAMAGED);
  assert_not_cut ("results", "{\"result\":[1,2]}", 100, REPRISE_ERROR_DAMAGED);
  assert_not_cut ("results", "{\"results\":{\"a\":1}}", 100, REPRISE_ERROR_DAMAGED);
  assert_not_cut ("results", "{\"results\":[1],\"results\":[2]}", 100, REPRISE_ERROR_DAMAGED);
  assert_not_cut ("results", "{\"results\":[1],\"error\":\"x\"", 100, REPRISE_ERROR_DAMAGED);
  assert_not_cut ("results", "{\"results\":[1,2", 100, REPRISE_ERROR_DAMAGED);
  assert_not_cut (NULL, "[1,123456,3]", 5, REPRISE_ERROR_LIMIT);
}

static void
test_large_envelope (void)
{
  g_autofree char *filler = g_strnfill (1100000, 'x');
  g_autofree char *text = g_strdup_printf ("{\"x\":\"%s\",\"results\":[]}", filler);
  Found found = { g_string_new (NULL) };
  g_autoptr (RepriseJsonCutter) cutter = reprise_json_cutter_new ("results", 100, piece_cb, &found);
  g_autoptr (GError) error = NULL;

  g_assert_false (push_in_pieces (cutter, text, 65536, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  g_string_free (found.text, TRUE);
}

/* (transfer full): an entry of a sample archive */
static GBytes *
read_sample (const char *archive, const char *name)
{
  g_autofree char *folder = reprise_test_data ("nocobase");
  g_autofree char *path = g_build_filename (folder, archive, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (path, NULL, NULL, &error);
  const RepriseArchiveEntry *entry = NULL;
  GBytes *bytes;

  g_assert_no_error (error);
  g_assert_true (reprise_archive_reader_find (reader, name, &entry, NULL, &error));
  bytes = reprise_archive_reader_read_all (reader, 1024 * 1024, NULL, &error);
  g_assert_no_error (error);
  return bytes;
}

/* A sample cut off at each of its bytes is never whole. */
static void
test_sample_cut_off (void)
{
  g_autoptr (GBytes) bytes = read_sample ("all-groups.nbdump", "meta");
  const char *data = g_bytes_get_data (bytes, NULL);

  for (gsize size = 0; size <= g_bytes_get_size (bytes); size++)
    {
      g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (NULL);

      g_assert_true (reprise_json_scanner_push (scanner, data, size, NULL));
      g_assert_true (reprise_json_scanner_finish (scanner, NULL) ==
                     (size == g_bytes_get_size (bytes)));
    }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/json-cutter/list", test_list);
  g_test_add_func ("/json-cutter/member", test_member);
  g_test_add_func ("/json-cutter/wrong", test_wrong);
  g_test_add_func ("/json-cutter/large-envelope", test_large_envelope);
  g_test_add_func ("/json-cutter/sample-cut-off", test_sample_cut_off);
  return g_test_run ();
}
