/* test-json-grammar.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scanner against RFC 8259: texts that are JSON and texts that are not, in pieces of all lengths, cut off at every byte and
 * changed at random, judged also by a second recogniser that is written quite differently. All of it in a thread with a small
 * stack.
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/json-fixture.h"
#include "net/json-recogniser.h"
#include "reprise-test.h"

/* The length is that of the literal, so that a NUL can be inside. */
#define TEXT(literal)             \
  {                               \
    literal, sizeof (literal) - 1 \
  }

typedef struct
{
  const char *text;
  gsize size;
} Text;

static const Text GOOD[] = {
  /* section 3: values */
  TEXT ("true"),
  TEXT ("false"),
  TEXT ("null"),
  TEXT ("0"),
  TEXT ("\"\""),
  TEXT ("{}"),
  TEXT ("[]"),
  TEXT ("\"a\""),
  TEXT ("42"),
  TEXT ("-1"),
  TEXT ("[true]"),
  TEXT ("[false]"),
  TEXT ("[null]"),
  TEXT ("[true,false,null]"),
  /* section 2: white space */
  TEXT (" 1"),
  TEXT ("1 "),
  TEXT ("\t1\n"),
  TEXT ("\r\n1\r\n"),
  TEXT (" \t\r\n[ \t\r\n] \t\r\n"),
  TEXT ("[ 1 , 2 ]"),
  TEXT ("{ \"a\" : 1 }"),
  TEXT ("{\n\"a\"\n:\n1\n,\n\"b\"\n:\n2\n}"),
  TEXT ("[\n]"),
  TEXT ("{\r}"),
  TEXT ("[1\t]"),
  TEXT ("\n\n\n\n1"),
  /* section 4: objects */
  TEXT ("{\"a\":1}"),
  TEXT ("{\"a\":1,\"b\":2}"),
  TEXT ("{\"\":0}"),
  TEXT ("{\"a\":{}}"),
  TEXT ("{\"a\":[]}"),
  TEXT ("{\"a\":{\"b\":{\"c\":{}}}}"),
  TEXT ("{\"a\":1,\"a\":2}"),
  TEXT ("{\"a\":1,\"a\":1}"),
  TEXT ("{\"\\u0000\":1}"),
  TEXT ("{\"a\\\"b\":1}"),
  TEXT ("{\"a\":\"b\",\"c\":\"d\"}"),
  TEXT ("{\"title\":\"\\u041f\\u043e\\u043b\"}"),
  TEXT ("{\"é\":\"Дарья\"}"),
  TEXT ("{\"a\":[1,{\"b\":2}]}"),
  TEXT ("{\"__proto__\":null}"),
  TEXT ("{\"_id\":\"x\",\"_rev\":\"1-a\"}"),
  TEXT ("{\"a b\":1}"),
  TEXT ("{\"1\":1}"),
  TEXT ("{\"/\":\"/\"}"),
  /* section 5: arrays */
  TEXT ("[[]]"),
  TEXT ("[[[[[]]]]]"),
  TEXT ("[1]"),
  TEXT ("[1,2,3]"),
  TEXT ("[1,\"a\",null,{},[]]"),
  TEXT ("[[1],[2]]"),
  TEXT ("[{}]"),
  TEXT ("[{},{}]"),
  TEXT ("[[],[],[[]]]"),
  TEXT ("[\"\"]"),
  TEXT ("[\"a\",\"b\"]"),
  TEXT ("[1,[2,[3,[4]]]]"),
  /* section 6: numbers */
  TEXT ("-0"),
  TEXT ("[-0]"),
  TEXT ("0.0"),
  TEXT ("-0.0"),
  TEXT ("0e0"),
  TEXT ("0E+0"),
  TEXT ("0e-0"),
  TEXT ("1.5"),
  TEXT ("-1.5"),
  TEXT ("10"),
  TEXT ("100.001"),
  TEXT ("1e5"),
  TEXT ("1E5"),
  TEXT ("1e+5"),
  TEXT ("1e-5"),
  TEXT ("1.5e5"),
  TEXT ("1.5E-05"),
  TEXT ("123456789012345678901234567890"),
  TEXT ("-9223372036854775808"),
  TEXT ("18446744073709551616"),
  TEXT ("1e999"),
  TEXT ("-1e999"),
  TEXT ("1e-999"),
  TEXT ("0.1000000000000000055511151231257827"),
  TEXT ("[0,1,-1,0.5,1e1]"),
  TEXT ("[123.456e78]"),
  TEXT ("[1E22]"),
  TEXT ("[1e00000000000000000000001]"),
  TEXT ("[20e1]"),
  TEXT ("{\"a\":-1.0e+10}"),
  TEXT ("9007199254740993"),
  TEXT ("0.00000000000000000000000000000000000000000000000001"),
  TEXT ("[1.0]"),
  TEXT ("1 \n"),
  TEXT ("[9]"),
  /* section 7: strings */
  TEXT ("\"\\\"\""),
  TEXT ("\"\\\\\""),
  TEXT ("\"\\/\""),
  TEXT ("\"\\b\\f\\n\\r\\t\""),
  TEXT ("\"\\u0041\""),
  TEXT ("\"\\u00e9\\u00E9\""),
  TEXT ("\"\\ud83d\\ude00\""),
  TEXT ("\"\\uD83D\\uDE00x\""),
  TEXT ("\"\\u0000\""),
  TEXT ("\"\\uffff\""),
  TEXT ("\"\\ud800\""),
  TEXT ("\"\\udc00\""),
  TEXT ("\"\\ud800x\""),
  TEXT ("\"\\ud800\\ud800\\udc00\""),
  TEXT ("\"\\ud800\\n\""),
  TEXT ("\"\\udc00\\ud800\""),
  TEXT ("\" \""),
  TEXT ("\"/\""),
  TEXT ("\"a/*b*/c\""),
  TEXT ("\"\x7f\""),
  TEXT ("\"'\""),
  TEXT ("\"\\\\n\""),
  TEXT ("\"\\\\u0000\""),
  TEXT ("\"\\\\\\\"\""),
  TEXT ("\"[1,2]{}:,\""),
  TEXT ("\"0123456789abcdef0123456789abcdef\""),
  TEXT ("\"1234567\""),
  TEXT ("\"12345678\""),
  TEXT ("\"123456789\""),
  TEXT ("\"1234567\\\"9\""),
  TEXT ("\"\\u2028\\u2029\""),
  TEXT ("\"\xe2\x80\xa8\xe2\x80\xa9\""),
  TEXT ("\"\\u0060\\u012a\\u12AB\""),
  TEXT ("\"asd \""),
  TEXT ("\"new\\u000Aline\""),
  /* section 8.1: UTF-8, all lengths, first and last of each */
  TEXT ("\"\xc2\x80\""),
  TEXT ("\"\xdf\xbf\""),
  TEXT ("\"\xe0\xa0\x80\""),
  TEXT ("\"\xe1\x80\x80\""),
  TEXT ("\"\xec\xbf\xbf\""),
  TEXT ("\"\xed\x80\x80\""),
  TEXT ("\"\xed\x9f\xbf\""),
  TEXT ("\"\xee\x80\x80\""),
  TEXT ("\"\xef\xbf\xbf\""),
  TEXT ("\"\xef\xbf\xbe\""),
  TEXT ("\"\xf0\x90\x80\x80\""),
  TEXT ("\"\xf1\x80\x80\x80\""),
  TEXT ("\"\xf3\xbf\xbf\xbf\""),
  TEXT ("\"\xf4\x80\x80\x80\""),
  TEXT ("\"\xf4\x8f\xbf\xbf\""),
  TEXT ("\"€𝄞\""),
  TEXT ("\"日本語\""),
  TEXT ("\"é\\né\""),
  TEXT ("[\"\xef\xbb\xbf\"]"),
  TEXT ("\"abcdefgé\""),
  TEXT ("\"abcdefghé\""),
  /* what services send */
  TEXT ("{\"data\":{\"token\":\"x\"}}"),
  TEXT ("{\"results\":[{\"seq\":\"1-g1\",\"id\":\"a\",\"changes\":[{\"rev\":\"1-9\"}]}],\"last_"
        "seq\":\"1-g1\",\"pending\":0}"),
  TEXT ("[\"2026-11-21T10:13:17.968Z\",1,\"Chloé 0\",true,8528.18,null,\"line one\\nline two, "
        "\\\"quoted\\\"\\ttab\"]"),
  TEXT ("{\"errors\":[{\"message\":\"not found\"}]}"),
  TEXT ("{\"version\":3,\"ok\":true}\n"),
};

static const Text BAD[] = {
  /* nothing, or too little */
  TEXT (""),
  TEXT (" "),
  TEXT ("\n"),
  TEXT ("t"),
  TEXT ("tru"),
  TEXT ("nul"),
  TEXT ("fals"),
  TEXT ("\""),
  TEXT ("\"a"),
  TEXT ("\"\\"),
  TEXT ("\"\\u"),
  TEXT ("\"\\u00"),
  TEXT ("\"\\\""),
  TEXT ("["),
  TEXT ("[1"),
  TEXT ("[1,"),
  TEXT ("[[]"),
  TEXT ("{"),
  TEXT ("{\"a"),
  TEXT ("{\"a\""),
  TEXT ("{\"a\":"),
  TEXT ("{\"a\":1"),
  TEXT ("{\"a\":1,"),
  TEXT ("-"),
  TEXT ("1."),
  TEXT ("1e"),
  TEXT ("1e+"),
  TEXT ("-."),
  TEXT ("[-"),
  TEXT ("[\""),
  TEXT ("[{"),
  TEXT ("[{\"\":[{\"\":"),
  TEXT ("[[[[[["),
  /* too much */
  TEXT ("1 2"),
  TEXT ("1,"),
  TEXT ("1,2"),
  TEXT ("[]]"),
  TEXT ("{}}"),
  TEXT ("[][]"),
  TEXT ("{}{}"),
  TEXT ("[1]x"),
  TEXT ("true true"),
  TEXT ("truefalse"),
  TEXT ("nullx"),
  TEXT ("\"a\"\"b\""),
  TEXT ("\"a\" \"b\""),
  TEXT ("{}#"),
  TEXT ("[1]\0"),
  TEXT ("1\0"),
  TEXT ("{} //"),
  TEXT ("[1],"),
  TEXT ("{\"a\":1}\n{\"a\":2}"),
  TEXT ("2@"),
  TEXT ("[]\xef\xbb\xbf"),
  /* section 3: other words */
  TEXT ("True"),
  TEXT ("TRUE"),
  TEXT ("tRUE"),
  TEXT ("trux"),
  TEXT ("nil"),
  TEXT ("none"),
  TEXT ("NULL"),
  TEXT ("undefined"),
  TEXT ("NaN"),
  TEXT ("nan"),
  TEXT ("-NaN"),
  TEXT ("Infinity"),
  TEXT ("-Infinity"),
  TEXT ("inf"),
  TEXT ("yes"),
  TEXT ("a"),
  TEXT ("[a]"),
  TEXT ("[tru]"),
  TEXT ("[falsy]"),
  TEXT ("[nulll]"),
  TEXT ("<html>"),
  TEXT ("<null>"),
  TEXT ("[<null>]"),
  TEXT ("*"),
  TEXT ("'a'"),
  TEXT ("`a`"),
  TEXT ("var a=1"),
  TEXT ("(1)"),
  TEXT ("[1;2]"),
  TEXT ("{a:1}"),
  TEXT ("while(1);{}"),
  TEXT (")]}',\n{}"),
  /* section 2: what is no white space */
  TEXT ("\f1"),
  TEXT ("\v1"),
  TEXT ("\xc2\xa0"
        "1"),
  TEXT ("1\f"),
  TEXT ("[\f]"),
  TEXT ("[\v]"),
  TEXT ("\xe2\x81\xa0[]"),
  TEXT ("[\xe2\x80\xa8]"),
  TEXT ("\xef\xbb\xbf{}"),
  TEXT ("\xef\xbb\xbf"),
  TEXT ("\xff\xfe[\0]\0"),
  TEXT ("\0[\0]"),
  TEXT ("\b1"),
  TEXT ("[1,\0"
        "2]"),
  TEXT ("/**/1"),
  TEXT ("1/**/"),
  TEXT ("//\n1"),
  TEXT ("#\n1"),
  TEXT ("[1,/*x*/2]"),
  TEXT ("{\"a\":1//\n}"),
  TEXT ("--\n1"),
  /* section 4: objects */
  TEXT ("{,}"),
  TEXT ("{,\"a\":1}"),
  TEXT ("{\"a\":1,}"),
  TEXT ("{\"a\":1,,\"b\":2}"),
  TEXT ("{\"a\" 1}"),
  TEXT ("{\"a\",1}"),
  TEXT ("{\"a\"}"),
  TEXT ("{\"a\":}"),
  TEXT ("{:1}"),
  TEXT ("{1:1}"),
  TEXT ("{null:1}"),
  TEXT ("{true:1}"),
  TEXT ("{[]:1}"),
  TEXT ("{{}:1}"),
  TEXT ("{'a':1}"),
  TEXT ("{\"a\"::1}"),
  TEXT ("{\"a\":1:2}"),
  TEXT ("{\"a\":1 \"b\":2}"),
  TEXT ("{\"a\":1;\"b\":2}"),
  TEXT ("{\"a\"=1}"),
  TEXT ("{\"a\":1]"),
  TEXT ("{\"a\":[}"),
  TEXT ("{]"),
  TEXT ("{[}"),
  TEXT ("}"),
  TEXT ("{\"a\":1}}"),
  TEXT ("{\"a\":\"b\"#}"),
  TEXT ("{\"a\":/*c*/1}"),
  TEXT ("{\"a\",\"b\"}"),
  TEXT ("{\"a\":1,\"b\"}"),
  TEXT ("{\"a\":1,2}"),
  TEXT ("{\"x\", null}"),
  TEXT ("{9999E9999:1}"),
  TEXT ("{\"a\" b}"),
  TEXT ("{ \"foo\" : \"bar\", \"a\" }"),
  TEXT ("{\"a\":true} \"x\""),
  TEXT ("{\xff:1}"),
  TEXT ("{\"a\":\"a\" 123}"),
  TEXT ("{key: 'value'}"),
  /* section 5: arrays */
  TEXT ("[,]"),
  TEXT ("[,1]"),
  TEXT ("[1,]"),
  TEXT ("[1,,2]"),
  TEXT ("[1,,]"),
  TEXT ("[1 2]"),
  TEXT ("[\"a\" \"b\"]"),
  TEXT ("[1:2]"),
  TEXT ("[\"a\":1]"),
  TEXT ("[1}"),
  TEXT ("]"),
  TEXT ("[}"),
  TEXT ("[(1)]"),
  TEXT ("[1,2}"),
  TEXT ("[[1]"),
  TEXT ("[]["),
  TEXT ("[1]2"),
  TEXT ("[1,\n2\n,3"),
  TEXT ("[\"a\",\n4\n,1,"),
  TEXT ("[1 true]"),
  TEXT ("[\"\": 1]"),
  TEXT ("[\"x\"]]"),
  TEXT ("[*]"),
  TEXT ("[\"\","),
  TEXT ("[   , \"\"]"),
  TEXT ("[3[4]]"),
  TEXT ("[{}"),
  TEXT ("[\xff]"),
  TEXT ("[{\"a\":1]}"),
  TEXT ("{\"a\":[1}]"),
  /* section 6: numbers */
  TEXT ("01"),
  TEXT ("-01"),
  TEXT ("00"),
  TEXT ("+1"),
  TEXT ("++1"),
  TEXT ("--1"),
  TEXT ("-a"),
  TEXT ("- 1"),
  TEXT ("1 000"),
  TEXT (".5"),
  TEXT ("-.5"),
  TEXT ("5."),
  TEXT ("5.e1"),
  TEXT ("1.e1"),
  TEXT ("1..5"),
  TEXT ("1.5.5"),
  TEXT ("1e5.5"),
  TEXT ("1ee5"),
  TEXT ("1e5e5"),
  TEXT ("1e++5"),
  TEXT ("1e+-5"),
  TEXT ("0x1"),
  TEXT ("0x"),
  TEXT ("0b1"),
  TEXT ("0o7"),
  TEXT ("1f"),
  TEXT ("1L"),
  TEXT ("1n"),
  TEXT ("1_000"),
  TEXT ("1,5"),
  TEXT ("1a"),
  TEXT ("1-"),
  TEXT ("1+1"),
  TEXT ("-0x1"),
  TEXT ("0.e1"),
  TEXT ("0e"),
  TEXT ("0E+"),
  TEXT ("0.3e"),
  TEXT ("0.3e+"),
  TEXT ("2.e+3"),
  TEXT ("2.e-3"),
  TEXT ("9.e+"),
  TEXT ("[-2.]"),
  TEXT ("[0.]"),
  TEXT ("[1e]"),
  TEXT ("[+]"),
  TEXT ("[-]"),
  TEXT ("[1.]"),
  TEXT ("[012]"),
  TEXT ("[-012]"),
  TEXT ("[.2e-3]"),
  TEXT ("[1.2a-3]"),
  TEXT ("[1.8011670033376514H-308]"),
  TEXT ("[-1x]"),
  TEXT ("[1ea]"),
  TEXT ("[-foo]"),
  TEXT ("\xef\xbc\x91"),
  TEXT ("[\xef\xbc\x91]"),
  TEXT ("[0e+-1]"),
  TEXT ("[1eE2]"),
  TEXT ("[1\xe5]"),
  TEXT ("[1e1\xe5]"),
  TEXT ("[0\xe5]"),
  TEXT ("-2147483648a"),
  TEXT ("1e1.0"),
  TEXT ("1.0e"),
  TEXT ("-e1"),
  TEXT ("e1"),
  TEXT ("E"),
  TEXT ("."),
  TEXT ("-0."),
  /* section 7: strings */
  TEXT ("\"\n\""),
  TEXT ("\"\t\""),
  TEXT ("\"\r\""),
  TEXT ("\"\0\""),
  TEXT ("\"a\0b\""),
  TEXT ("\"\x1f\""),
  TEXT ("\"\x01\""),
  TEXT ("\"abcdefgh\x1f\""),
  TEXT ("\"\\x41\""),
  TEXT ("\"\\a\""),
  TEXT ("\"\\v\""),
  TEXT ("\"\\0\""),
  TEXT ("\"\\'\""),
  TEXT ("\"\\ \""),
  TEXT ("\"\\\n\""),
  TEXT ("\"\\U0041\""),
  TEXT ("\"\\u041\""),
  TEXT ("\"\\u00g0\""),
  TEXT ("\"\\u{41}\""),
  TEXT ("\"\\u 041\""),
  TEXT ("\"\\u-041\""),
  TEXT ("\"\\uu041\""),
  TEXT ("\"\\ud800\\u\""),
  TEXT ("\"\\ud800\\u1\""),
  TEXT ("\"\\ud800\\u1x\""),
  TEXT ("\"\\ud800\\"),
  TEXT ("\"\\ud83d\\uD\""),
  TEXT ("\"a\"b\""),
  TEXT ("\"\\\\\"\""),
  TEXT ("'"),
  TEXT ("\"\\é\""),
  TEXT ("[\"\\\x00\"]"),
  TEXT ("[\"\\\\\\\"]"),
  TEXT ("[\"\\\xf0\x9f\x8c\x80\"]"),
  TEXT ("\\u0041"),
  TEXT ("[\\n]"),
  TEXT ("\"\\8\""),
  TEXT ("\"\\e\""),
  TEXT ("\"\\N\""),
  TEXT ("[\"\\uqqqq\"]"),
  TEXT ("\"`1\\u00A\""),
  TEXT ("[\"new\nline\"]"),
  TEXT ("[\"tab\t\"]"),
  TEXT ("{\"a\nb\":1}"),
  TEXT ("{\"\\q\":1}"),
  /* section 8.1: what is no UTF-8 */
  TEXT ("\"\x80\""),
  TEXT ("\"\xbf\""),
  TEXT ("\"\xc0\x80\""),
  TEXT ("\"\xc1\xbf\""),
  TEXT ("\"\xc0\xaf\""),
  TEXT ("\"\xc2\""),
  TEXT ("\"\xc2x\""),
  TEXT ("\"\xc2\xc2\x80\""),
  TEXT ("\"\xe0\x80\x80\""),
  TEXT ("\"\xe0\x9f\xbf\""),
  TEXT ("\"\xe0\xa0\""),
  TEXT ("\"\xe1\x80\""),
  TEXT ("\"\xe1\x80x\""),
  TEXT ("\"\xed\xa0\x80\""),
  TEXT ("\"\xed\xbf\xbf\""),
  TEXT ("\"\xed\xa0\xbd\xed\xb8\x80\""),
  TEXT ("\"\xf0\x80\x80\x80\""),
  TEXT ("\"\xf0\x8f\xbf\xbf\""),
  TEXT ("\"\xf0\x90\x80\""),
  TEXT ("\"\xf1\x80\x80x\""),
  TEXT ("\"\xf4\x90\x80\x80\""),
  TEXT ("\"\xf5\x80\x80\x80\""),
  TEXT ("\"\xf8\x88\x80\x80\x80\""),
  TEXT ("\"\xfc\x84\x80\x80\x80\x80\""),
  TEXT ("\"\xfe\""),
  TEXT ("\"\xff\""),
  TEXT ("\"\xe9\""),
  TEXT ("\"caf\xe9\""),
  TEXT ("\"abcdefgh\xff\""),
  TEXT ("\"\\u0041\xff\""),
  TEXT ("{\"\xff\":1}"),
  TEXT ("[\"a\xe5\"]"),
  TEXT ("\xe5"),
  TEXT ("\xc3\xa9"),
  TEXT ("\"\xf0\x9f\x98\""),
  TEXT ("\"\xc3\"\xa9"),
};

/* Whole, byte by byte, and in two pieces at each place. */
static void
assert_scan (const char *text, gsize size, gboolean expected)
{
  g_assert_true (json_recogniser_accepts (text, size) == expected);
  for (gsize first = 1; first <= MAX (size, 1); first++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (json_fixture_scan (NULL, text, size, first, MAX (size, 1), &error) ==
                     expected);
      if (!expected)
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
    }
  g_assert_true (json_fixture_scan (NULL, text, size, 1, 1, NULL) == expected);
}

static void
run_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (GOOD); i++)
    {
      if (!json_recogniser_accepts (GOOD[i].text, GOOD[i].size))
        g_test_message ("“%s”", GOOD[i].text);
      assert_scan (GOOD[i].text, GOOD[i].size, TRUE);
    }
}

static void
run_bad (void)
{
  g_assert_cmpuint (G_N_ELEMENTS (GOOD) + G_N_ELEMENTS (BAD), >=, 300);
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      if (json_recogniser_accepts (BAD[i].text, BAD[i].size))
        g_test_message ("“%s”", BAD[i].text);
      assert_scan (BAD[i].text, BAD[i].size, FALSE);
    }
}

/* Each text cut off at every byte: what is left is JSON only where the second opinion says so too (12 of 123). */
static void
run_cut_off (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (GOOD); i++)
    for (gsize size = 0; size < GOOD[i].size; size++)
      assert_scan (GOOD[i].text, size, json_recogniser_accepts (GOOD[i].text, size));
}

static void
change (GRand *random, GByteArray *bytes)
{
  static const char likely[] =
    "{}[],:\"\\/ \t\n0123456789.eE+-truefalsn\x80\xc3\xed\xa0\xf0\x1f\xff";
  guint8 byte = (guint8) likely[g_rand_int_range (random, 0, sizeof likely)];
  guint at = (guint) g_rand_int_range (random, 0, (gint32) MAX (bytes->len, 1));

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      if (bytes->len > 0)
        bytes->data[at] = byte;
      break;
    case 1:
      if (bytes->len > 0)
        g_byte_array_remove_index (bytes, at);
      break;
    case 2:
      g_byte_array_append (bytes, &byte, 1);
      memmove (bytes->data + at + 1, bytes->data + at, bytes->len - at - 1);
      bytes->data[at] = byte;
      break;
    default:
      {
        g_autofree guint8 *rest = g_memdup2 (bytes->data + at, bytes->len - MIN (at, bytes->len));

        g_byte_array_append (bytes, rest, bytes->len - MIN (at, bytes->len));
      }
      break;
    }
}

/* Texts changed at random: the two opinions agree. */
static void
run_changed (void)
{
  guint32 seed = (guint32) g_test_rand_int (); /* --seed repeats it */
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint n_good = 0;

  for (int i = 0; i < 20000; i++)
    {
      const Text *text = &GOOD[g_rand_int_range (random, 0, G_N_ELEMENTS (GOOD))];
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      gboolean expected;

      g_byte_array_append (bytes, (const guint8 *) text->text, (guint) text->size);
      for (int n = g_rand_int_range (random, 1, 4); n > 0 && bytes->len < 400; n--)
        change (random, bytes);
      expected = json_recogniser_accepts ((const char *) bytes->data, bytes->len);
      n_good += (guint) expected;
      if (json_fixture_scan (NULL, (const char *) bytes->data, bytes->len, 3, 5, NULL) != expected)
        {
          g_autofree char *escaped = g_uri_escape_bytes (bytes->data, bytes->len, " {}[]\":,");

          g_error ("seed %u, number %d: the scanner does not say %d of %s", seed, i, expected,
                   escaped);
        }
    }
  g_test_message ("%u of them were JSON", n_good);
  g_assert_cmpuint (n_good, >, 1000);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) \
  g_test_add_data_func ("/json-scanner/" path, func, json_fixture_run_in_small_stack)
  ADD ("good", run_good);
  ADD ("bad", run_bad);
  ADD ("cut-off", run_cut_off);
  ADD ("changed", run_changed);
  return g_test_run ();
}
