/* test-json-scanner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scanner against RFC 8259: texts that are JSON and texts that are not, in pieces of all lengths, cut off at every byte and
 * changed at random, judged also by a second recogniser that is written quite differently. All of it in a thread with a small
 * stack.
 */

#include "config.h"

#include <pthread.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-json-scanner.h"
#include "reprise-test.h"

#define STACK_BYTES (128 * 1024)

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

/* The second opinion: recursive, over the whole text, by the grammar of the RFC. */

typedef struct
{
  const guint8 *at, *end;
  guint depth;
} Reader;

static gboolean read_value (Reader *reader);

static void
read_space (Reader *reader)
{
  while (reader->at < reader->end && memchr (" \t\r\n", *reader->at, 4) != NULL)
    reader->at++;
}

static gboolean
read_byte (Reader *reader, char byte)
{
  if (reader->at == reader->end || *reader->at != (guint8) byte)
    return FALSE;
  reader->at++;
  return TRUE;
}

static guint
read_digits (Reader *reader)
{
  guint n = 0;

  while (reader->at < reader->end && g_ascii_isdigit (*reader->at))
    {
      reader->at++;
      n++;
    }
  return n;
}

static gboolean
read_number (Reader *reader)
{
  read_byte (reader, '-');
  if (!read_byte (reader, '0') && read_digits (reader) == 0)
    return FALSE;
  if (read_byte (reader, '.') && read_digits (reader) == 0)
    return FALSE;
  if (read_byte (reader, 'e') || read_byte (reader, 'E'))
    {
      if (!read_byte (reader, '+'))
        read_byte (reader, '-');
      return read_digits (reader) > 0;
    }
  return TRUE;
}

static gboolean
read_escape (Reader *reader)
{
  if (!read_byte (reader, 'u'))
    {
      if (reader->at == reader->end || *reader->at == 0 ||
          strchr ("\"\\/bfnrt", *reader->at) == NULL)
        return FALSE;
      reader->at++;
      return TRUE;
    }
  for (int i = 0; i < 4; i++, reader->at++)
    if (reader->at == reader->end || !g_ascii_isxdigit (*reader->at))
      return FALSE;
  return TRUE;
}

static gboolean
read_string (Reader *reader)
{
  const guint8 *from = reader->at;

  if (!read_byte (reader, '"'))
    return FALSE;
  while (reader->at < reader->end && *reader->at != '"')
    {
      guint8 byte = *reader->at++;

      if (byte < 0x20 || (byte == '\\' && !read_escape (reader)))
        return FALSE;
    }
  return read_byte (reader, '"') &&
         g_utf8_validate_len ((const char *) from, (gsize) (reader->at - from), NULL);
}

static gboolean
read_members (Reader *reader, gboolean with_names, char close)
{
  read_space (reader);
  if (read_byte (reader, close))
    return TRUE;
  do
    {
      read_space (reader);
      if (with_names)
        {
          if (!read_string (reader))
            return FALSE;
          read_space (reader);
          if (!read_byte (reader, ':'))
            return FALSE;
        }
      if (!read_value (reader))
        return FALSE;
    }
  while (read_byte (reader, ','));
  return read_byte (reader, close);
}

static gboolean
read_word (Reader *reader, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (reader->end - reader->at) < length || memcmp (reader->at, word, length) != 0)
    return FALSE;
  reader->at += length;
  return TRUE;
}

static gboolean
read_value (Reader *reader)
{
  gboolean ok;

  if (reader->depth++ > 100)
    return FALSE;
  read_space (reader);
  if (reader->at == reader->end)
    ok = FALSE;
  else if (*reader->at == '"')
    ok = read_string (reader);
  else if (read_byte (reader, '{'))
    ok = read_members (reader, TRUE, '}');
  else if (read_byte (reader, '['))
    ok = read_members (reader, FALSE, ']');
  else
    ok = read_word (reader, "true") || read_word (reader, "false") || read_word (reader, "null") ||
         read_number (reader);
  read_space (reader);
  reader->depth--;
  return ok;
}

static gboolean
is_json (const char *text, gsize size)
{
  Reader reader = { (const guint8 *) text, (const guint8 *) text + size, 0 };

  return read_value (&reader) && reader.at == reader.end;
}

/* The scanner, in pieces. Each piece is in memory of its own, so that a sanitizer sees a byte too many. */
static gboolean
scan (const RepriseJsonScannerOptions *options,
      const char *text,
      gsize size,
      gsize first,
      gsize piece,
      GError **error)
{
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (options);

  for (gsize done = 0, n = first; done < size; done += n, n = piece)
    {
      g_autofree char *copy = NULL;

      n = MIN (n, size - done);
      copy = g_memdup2 (text + done, n);
      if (!reprise_json_scanner_push (scanner, copy, n, error))
        {
          g_assert_false (reprise_json_scanner_push (scanner, "1", 1, NULL)); /* it stays so */
          return FALSE;
        }
    }
  g_assert_cmpuint (reprise_json_scanner_get_offset (scanner), ==, size);
  return reprise_json_scanner_finish (scanner, error);
}

/* Whole, byte by byte, and in two pieces at each place. */
static void
assert_scan (const char *text, gsize size, gboolean expected)
{
  g_assert_true (is_json (text, size) == expected);
  for (gsize first = 1; first <= MAX (size, 1); first++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (scan (NULL, text, size, first, MAX (size, 1), &error) == expected);
      if (!expected)
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
    }
  g_assert_true (scan (NULL, text, size, 1, 1, NULL) == expected);
}

static void
run_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (GOOD); i++)
    {
      if (!is_json (GOOD[i].text, GOOD[i].size))
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
      if (is_json (BAD[i].text, BAD[i].size))
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
      assert_scan (GOOD[i].text, size, is_json (GOOD[i].text, size));
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
      expected = is_json ((const char *) bytes->data, bytes->len);
      n_good += (guint) expected;
      if (scan (NULL, (const char *) bytes->data, bytes->len, 3, 5, NULL) != expected)
        {
          g_autofree char *escaped = g_uri_escape_bytes (bytes->data, bytes->len, " {}[]\":,");

          g_error ("seed %u, number %d: the scanner does not say %d of %s", seed, i, expected,
                   escaped);
        }
    }
  g_test_message ("%u of them were JSON", n_good);
  g_assert_cmpuint (n_good, >, 1000);
}

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
        g_assert_true (scan (&options, text->str, text->len, 7, 7, NULL));
        g_string_prepend (text, "[");
        g_string_append (text, "]");
        g_assert_false (scan (&options, text->str, text->len, 7, 7, &error));
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
  g_assert_false (scan (NULL, text, size, size, size, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
}

static gpointer
small_stack_worker (gpointer data)
{
  GTestFunc func = (GTestFunc) data;

  func ();
  return NULL;
}

static void
test_in_small_stack (gconstpointer data)
{
  pthread_attr_t attributes;
  pthread_t thread;

  pthread_attr_init (&attributes);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, STACK_BYTES), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attributes, small_stack_worker, (gpointer) data), ==,
                   0);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  pthread_attr_destroy (&attributes);
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

      scan (&options, text, strlen (text), piece, piece, &error);
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

      g_assert_false (scan (&options, "{\"a\":1}", 7, 7, 7, &error));
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
  g_assert_cmpuint (reprise_json_scanner_get_n_values (scanner), ==, 7);
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
      g_assert_true (scan (&options, good[i], strlen (good[i]), piece, piece, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    for (gsize piece = 1; piece < 9; piece++)
      {
        g_autoptr (GError) error = NULL;

        g_assert_false (scan (&options, bad[i], strlen (bad[i]), piece, piece, &error));
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
      }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add_data_func ("/json-scanner/" path, func, test_in_small_stack)
  ADD ("good", run_good);
  ADD ("bad", run_bad);
  ADD ("cut-off", run_cut_off);
  ADD ("changed", run_changed);
  ADD ("depth", run_depth);
  ADD ("bottomless", run_bottomless);
  g_test_add_func ("/json-scanner/events", test_events);
  g_test_add_func ("/json-scanner/refuse", test_refuse);
  g_test_add_func ("/json-scanner/counts", test_counts);
  g_test_add_func ("/json-scanner/surrogates", test_surrogates);
  g_test_add_func ("/json-scanner/lines", test_lines);
  return g_test_run ();
}
