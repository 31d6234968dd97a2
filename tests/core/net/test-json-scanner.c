/* test-json-scanner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/json-fixture.h"
#include "reprise-test.h"

static void
run_depth (void)
{
  const guint depths[] = { 1, 2, 63, 64, 65, 127, 128, 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    for (int object = 0; object < 2; object++)
      {
        RepriseJsonScannerOptions options = { .max_depth = depths[i] };
        GString *text = g_string_new (NULL);
        g_autoptr (GError) error = NULL;

        for (guint n = 0; n < depths[i]; n++)
          g_string_append (text, object ? "{\"a\":" : "[");
        g_string_append (text, "1");
        for (guint n = 0; n < depths[i]; n++)
          g_string_append_c (text, object ? '}' : ']');
        g_assert_true (json_fixture_scan (&options, text->str, text->len, 7, 7, NULL));
        g_string_prepend (text, "[");
        g_string_append (text, "]");
        g_assert_false (json_fixture_scan (&options, text->str, text->len, 7, 7, &error));
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
        g_string_free (text, TRUE);
      }
}

/* What would need a stack as deep as the text. */
static void
run_bottomless (void)
{
  const gsize size = 10 * 1000 * 1000;
  g_autofree char *text = g_malloc (size);
  g_autoptr (GError) error = NULL;

  memset (text, '[', size);
  g_assert_false (json_fixture_scan (NULL, text, size, size, size, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
}

/* Events */

static gboolean
note_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  static const char *const types[] = { "begin", "end", "key", "key-end" };
  static const char *const kinds[] = { "object", "array", "string", "number",
                                       "true",   "false", "null" };

  g_string_append_printf (user_data, "%s %s %u @%u", types[event->type], kinds[event->kind],
                          event->depth, (guint) event->offset);
  if (event->type == REPRISE_JSON_END && event->kind <= REPRISE_JSON_ARRAY)
    g_string_append_printf (user_data, " (%u)", (guint) event->n_children);
  g_string_append (user_data, "; ");
  return TRUE;
}

static void
assert_events (const char *text, guint depth, gboolean lines, const char *expected)
{
  for (gsize piece = 1; piece <= strlen (text); piece++)
    {
      g_autoptr (GString) events = g_string_new (NULL);
      RepriseJsonScannerOptions options = {
        .lines = lines, .event_depth = depth, .func = note_cb, .user_data = events
      };
      g_autoptr (GError) error = NULL;

      json_fixture_scan (&options, text, strlen (text), piece, piece, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (events->str, ==, expected);
    }
}

static void
test_events (void)
{
  assert_events (" 12 ", 0, FALSE, "begin number 0 @1; end number 0 @3; ");
  assert_events ("12", 0, FALSE, "begin number 0 @0; end number 0 @2; ");
  assert_events ("[1,[2,3],{\"a\":[]}]", 0, FALSE, "begin array 0 @0; end array 0 @18 (3); ");
  assert_events (
    "[1,[2,3]]", 1, FALSE,
    "begin array 0 @0; begin number 1 @1; end number 1 @2; begin array 1 @3; end array 1 @8 (2); "
    "end array 0 @9 (2); ");
  assert_events (
    "{\"a\\\"\":true, \"b\":{\"c\":null}}", 1, FALSE,
    "begin object 0 @0; key string 1 @1; key-end string 1 @6; begin true 1 @7; end true 1 @11; "
    "key string 1 @13; key-end string 1 @16; begin object 1 @17; end object 1 @27 (1); "
    "end object 0 @28 (2); ");
  assert_events ("[]\r\n [\"é\"]\n3", 0, TRUE,
                 "begin array 0 @0; end array 0 @2 (0); begin array 0 @5; end array 0 @11 (1); "
                 "begin number 0 @12; end number 0 @13; ");
}

static gboolean
refuse_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  if ((int) event->type != GPOINTER_TO_INT (user_data))
    return TRUE;
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, "no");
  return FALSE;
}

static void
test_refuse (void)
{
  for (int type = REPRISE_JSON_BEGIN; type <= REPRISE_JSON_KEY_END; type++)
    {
      RepriseJsonScannerOptions options = { .event_depth = 9,
                                            .func = refuse_cb,
                                            .user_data = GINT_TO_POINTER (type) };
      g_autoptr (GError) error = NULL;

      g_assert_false (json_fixture_scan (&options, "{\"a\":1}", 7, 7, 7, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
    }
}

static void
test_counts (void)
{
  static const char text[] = "{\"a\":[1,2,{\"b\":null}],\"c\":\"\\u0000\"}";
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (NULL);

  g_assert_true (reprise_json_scanner_push (scanner, text, 10, NULL));
  g_assert_false (reprise_json_scanner_has_nul (scanner));
  g_assert_true (reprise_json_scanner_push (scanner, text + 10, strlen (text) - 10, NULL));
  g_assert_true (reprise_json_scanner_finish (scanner, NULL));
  g_assert_cmpuint (reprise_json_scanner_get_n_members (scanner), ==, 3);
  g_assert_cmpuint (reprise_json_scanner_get_n_top (scanner), ==, 1);
  g_assert_true (reprise_json_scanner_has_nul (scanner));
  g_assert_false (reprise_json_scanner_has_lone_surrogate (scanner));
}

static void
test_surrogates (void)
{
  static const struct
  {
    const char *text;
    gboolean lone;
  } cases[] = {
    { "\"\\ud83d\\ude00\"", FALSE },
    { "\"\\ud83d\"", TRUE },
    { "\"\\ude00\"", TRUE },
    { "\"\\ud83dx\"", TRUE },
    { "\"\\ud83d\\n\"", TRUE },
    { "\"\\ude00\\ud83d\"", TRUE },
    { "\"\\ud83d\\u0041\"", TRUE },
    { "\"\\ud83d\\ud83d\\ude00\"", TRUE },
    { "[\"\\ud83d\",\"\\ude00\"]", TRUE },
    { "\"\\uD83D\\uDE00\\uD83D\\uDE00\"", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize piece = 1; piece < 9; piece++)
      {
        g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (NULL);

        for (gsize done = 0; done < strlen (cases[i].text); done += piece)
          g_assert_true (reprise_json_scanner_push (
            scanner, cases[i].text + done, MIN (piece, strlen (cases[i].text) - done), NULL));
        g_assert_true (reprise_json_scanner_finish (scanner, NULL));
        g_assert_true (reprise_json_scanner_has_lone_surrogate (scanner) == cases[i].lone);
      }
}

static void
test_lines (void)
{
  const RepriseJsonScannerOptions options = { .lines = TRUE };
  static const char *const good[] = {
    "", "1\n", "1", "1\n2\n", "1\r\n2\r\n", "[1, 2]\n{\"a\":\"\\n\"}\n", " 1 \n\t2\t\n"
  };
  static const char *const bad[] = { "\n",         "1\n\n",         "1\n\n2\n", "\r\n",
                                     "[1,\n2]\n",  "{\"a\":\n1}\n", "1 2\n",    "1\n[",
                                     "\"a\nb\"\n", "tr\nue\n" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    for (gsize piece = 1; piece < 9; piece++)
      g_assert_true (json_fixture_scan (&options, good[i], strlen (good[i]), piece, piece, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    for (gsize piece = 1; piece < 9; piece++)
      {
        g_autoptr (GError) error = NULL;

        g_assert_false (
          json_fixture_scan (&options, bad[i], strlen (bad[i]), piece, piece, &error));
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
      }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) \
  g_test_add_data_func ("/json-scanner/" path, func, json_fixture_run_in_small_stack)
  ADD ("depth", run_depth);
  ADD ("bottomless", run_bottomless);
  g_test_add_func ("/json-scanner/events", test_events);
  g_test_add_func ("/json-scanner/refuse", test_refuse);
  g_test_add_func ("/json-scanner/counts", test_counts);
  g_test_add_func ("/json-scanner/surrogates", test_surrogates);
  g_test_add_func ("/json-scanner/lines", test_lines);
  return g_test_run ();
}
