/* test-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "reprise-test.h"

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = reprise_json_parse_object (text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  return object;
}

static void
assert_refused (const char *text, gssize size, const RepriseJsonLimits *limits, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
    reprise_json_parse (text, size < 0 ? strlen (text) : (gsize) size, limits, &error));
  g_assert_error (error, REPRISE_ERROR, code);
}

/* TRAPS J1: json-glib crashes at a depth of 100,000. */
static void
test_deep (void)
{
  g_autofree char *deep = g_strnfill (100000, '[');
  g_autofree char *open = g_strnfill (128, '['), *closed = g_strnfill (128, ']');
  g_autofree char *allowed = g_strconcat (open, closed, NULL);
  g_autofree char *too_deep = g_strconcat ("[", allowed, "]", NULL);
  g_autoptr (JsonNode) node = NULL;

  assert_refused (deep, -1, NULL, REPRISE_ERROR_LIMIT);
  assert_refused (too_deep, -1, NULL, REPRISE_ERROR_LIMIT);
  node = reprise_json_parse (allowed, strlen (allowed), NULL, NULL);
  g_assert_nonnull (node);
}

/* TRAPS J2: what json-glib would take, and change. */
static void
test_changes (void)
{
  static const char *const refused[] = {
    "[123456789012345678901234567890]",
    "[9223372036854775808]",
    "[-9223372036854775809]",
    "[1e999]",
    "[-1E+400]",
    "[\"x\\u0000y\"]",
    "{\"x\\u0000y\":1}",
    "[\"\\ud800\"]",
    "[\"\\udc00\\ud800\"]",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "[{\"b\":[{\"a\":1,\"x\":0,\"a\":2}]}]",
    "/* comment */ [1]",
    "[1] // comment",
    "# comment\n[1]",
    "",
    " ",
    "{\"a\":1}{\"a\":1}",
    "var x = 1;",
    "{a:1}",
    "{'a':1}",
    "[1,]",
    "[\"\xff\"]",
    "\xef\xbb\xbf[1]",
    "[01]",
    "[+1]",
    "[0x1]",
    "[NaN]",
    "[Infinity]",
    "[nil]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    assert_refused (refused[i], -1, NULL, REPRISE_ERROR_DAMAGED);
  assert_refused ("[\"x\0y\"]", 7, NULL, REPRISE_ERROR_DAMAGED);
  assert_refused ("[1]\0", 4, NULL, REPRISE_ERROR_DAMAGED);
}

static void
test_limits (void)
{
  const RepriseJsonLimits small = { .max_bytes = 10, .max_values = 3, .max_members = 2 };
  const RepriseJsonLimits protocol = { .error_code = REPRISE_ERROR_PROTOCOL };
  g_autoptr (JsonNode) node = NULL;

  assert_refused ("[1,2,3,4,5]", -1, &small, REPRISE_ERROR_LIMIT);
  assert_refused ("[1,2,3]", -1, &small, REPRISE_ERROR_LIMIT);
  assert_refused ("[1,2,[]]]]]]", -1, &small, REPRISE_ERROR_LIMIT);
  assert_refused ("<html>", -1, &protocol, REPRISE_ERROR_PROTOCOL);
  assert_refused ("{\"a\":1,\"a\":1}", -1, &protocol, REPRISE_ERROR_PROTOCOL);
  node = reprise_json_parse ("[1,2]", 5, &small, NULL);
  g_assert_nonnull (node);
}

static void
test_members (void)
{
  const RepriseJsonLimits small = { .max_members = 2 };

  assert_refused ("[{\"a\":1,\"b\":2,\"c\":3}]", -1, &small, REPRISE_ERROR_LIMIT);
}

static void
test_get (void)
{
  g_autoptr (JsonObject) object =
    parse ("{\"s\":\"t\",\"n\":null,\"i\":9007199254740993,\"min\":-9223372036854775808,"
           "\"max\":9223372036854775807,\"d\":1.5,\"e\":1e3,\"big\":1e300,\"t\":true,"
           "\"o\":{\"p\":{\"q\":\"deep\"}},\"a.b\":\"dot\",\"l\":[1,\"x\",{},[],null]}");

  g_assert_cmpstr (reprise_json_get_string (object, "s", NULL), ==, "t");
  g_assert_cmpstr (reprise_json_get_string (object, "n", "-"), ==, "-");
  g_assert_cmpstr (reprise_json_get_string (object, "i", "-"), ==, "-");
  g_assert_cmpstr (reprise_json_get_string (object, "o", "-"), ==, "-");
  g_assert_cmpstr (reprise_json_get_string (object, "o.p.q", "-"), ==, "deep");
  g_assert_cmpstr (reprise_json_get_string (object, "s.p.q", "-"), ==, "-");
  g_assert_cmpstr (reprise_json_get_string (object, "l.p", "-"), ==, "-");
  g_assert_cmpstr (reprise_json_get_string (object, "o..p", "-"), ==, "-");
  g_assert_cmpstr (reprise_json_get_string (object, "a.b", "-"), ==, "dot");
  g_assert_cmpint (reprise_json_get_int (object, "i", 0), ==, G_GINT64_CONSTANT (9007199254740993));
  g_assert_cmpint (reprise_json_get_int (object, "min", 0), ==, G_MININT64);
  g_assert_cmpint (reprise_json_get_int (object, "max", 0), ==, G_MAXINT64);
  g_assert_cmpint (reprise_json_get_int (object, "d", 7), ==, 7);
  g_assert_cmpint (reprise_json_get_int (object, "e", 7), ==, 1000);
  g_assert_cmpint (reprise_json_get_int (object, "big", 7), ==, 7);
  g_assert_cmpint (reprise_json_get_int (object, "t", 7), ==, 7);
  g_assert_cmpint (reprise_json_get_int (object, "s", 7), ==, 7);
  g_assert_cmpint (reprise_json_get_int (NULL, "s", 7), ==, 7);
  g_assert_cmpfloat (reprise_json_get_double (object, "d", 0), ==, 1.5);
  g_assert_cmpfloat (reprise_json_get_double (object, "e", 0), ==, 1000);
  g_assert_cmpfloat (reprise_json_get_double (object, "max", 0), ==, 9223372036854775807.0);
  g_assert_cmpfloat (reprise_json_get_double (object, "l", 2), ==, 2);
  g_assert_true (reprise_json_get_boolean (object, "t", FALSE));
  g_assert_true (reprise_json_get_boolean (object, "i", TRUE));
  g_assert_nonnull (reprise_json_get_object (object, "o.p"));
  g_assert_null (reprise_json_get_object (object, "l"));
  g_assert_null (reprise_json_get_object (object, "n"));
  g_assert_null (reprise_json_get_array (object, "o"));
  g_assert_cmpuint (reprise_json_array_get_length (reprise_json_get_array (object, "l")), ==, 5);
  g_assert_cmpuint (reprise_json_array_get_length (NULL), ==, 0);
}

static void
test_array (void)
{
  g_autoptr (JsonObject) object = parse ("{\"l\":[1,\"x\",{\"a\":2},[],null]}");
  JsonArray *array = reprise_json_get_array (object, "l");
  g_auto (GStrv) strings = reprise_json_array_dup_strv (array);

  g_assert_cmpint (reprise_json_array_get_int (array, 0, 7), ==, 1);
  g_assert_cmpint (reprise_json_array_get_int (array, 1, 7), ==, 7);
  g_assert_cmpint (reprise_json_array_get_int (array, 99, 7), ==, 7);
  g_assert_cmpstr (reprise_json_array_get_string (array, 1, "-"), ==, "x");
  g_assert_cmpstr (reprise_json_array_get_string (array, 2, "-"), ==, "-");
  g_assert_cmpstr (reprise_json_array_get_string (array, 4, "-"), ==, "-");
  g_assert_cmpint (reprise_json_get_int (reprise_json_array_get_object (array, 2), "a", 7), ==, 2);
  g_assert_null (reprise_json_array_get_object (array, 3));
  g_assert_null (reprise_json_array_get_object (NULL, 0));
  g_assert_cmpuint (g_strv_length (strings), ==, 1);
}

static void
test_need (void)
{
  g_autoptr (JsonObject) object = parse ("{\"s\":\"t\",\"zero\":0,\"o\":{},\"a\":[]}");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (reprise_json_need_string (object, "s", NULL), ==, "t");
  g_assert_nonnull (reprise_json_need_object (object, "o", NULL));
  g_assert_null (reprise_json_need_string (object, "x", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (reprise_json_need_object (object, "a", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
}

/* What passes the guard comes through json-glib as it was written. */
static void
test_numbers (void)
{
  static const char *const doubles[] = { "0.1",
                                         "1E5",
                                         "1e+5",
                                         "1e-7",
                                         "-0.0",
                                         "0e5",
                                         "0.0",
                                         "5e-324",
                                         "2.2250738585072011e-308",
                                         "1.7976931348623157e308",
                                         "123456.789e3",
                                         "-1.5E-05",
                                         "4.35",
                                         "0.000001",
                                         "1e-999",
                                         "20e1" };
  static const char *const ints[] = { "0",
                                      "-1",
                                      "9007199254740993",
                                      "-9007199254740993",
                                      "1000000000000000000",
                                      "9223372036854775807",
                                      "-9223372036854775808",
                                      "2147483648",
                                      "-2147483649" };

  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"n\":%s}", doubles[i]);
      g_autoptr (JsonObject) object = parse (text);

      g_assert_true (reprise_json_get_double (object, "n", 7) == g_ascii_strtod (doubles[i], NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (ints); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"n\":%s}", ints[i]);
      g_autoptr (JsonObject) object = parse (text);

      g_assert_cmpint (reprise_json_get_int (object, "n", 7), ==,
                       g_ascii_strtoll (ints[i], NULL, 10));
    }
}

static void
test_strings (void)
{
  static const char *const pairs[][2] = {
    { "\\u00e9", "é" },
    { "\\ud83d\\ude00", "😀" },
    { "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t" },
    { "日本語", "日本語" },
    { "/*x*/ // #", "/*x*/ // #" },
    { "\\uffff", "\xef\xbf\xbf" },
    { "\\u0001", "\x01" },
    { "\x7f", "\x7f" },
    { "", "" },
    { "'", "'" },
    { "\\\\u0041", "\\u0041" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"%s\":\"%s\"}", pairs[i][0], pairs[i][0]);
      g_autoptr (JsonObject) object = parse (text);

      g_assert_cmpstr (reprise_json_get_string (object, pairs[i][1], NULL), ==, pairs[i][1]);
    }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/json/deep", test_deep);
  g_test_add_func ("/json/changes", test_changes);
  g_test_add_func ("/json/limits", test_limits);
  g_test_add_func ("/json/members", test_members);
  g_test_add_func ("/json/get", test_get);
  g_test_add_func ("/json/array", test_array);
  g_test_add_func ("/json/need", test_need);
  g_test_add_func ("/json/numbers", test_numbers);
  g_test_add_func ("/json/strings", test_strings);
  return g_test_run ();
}
