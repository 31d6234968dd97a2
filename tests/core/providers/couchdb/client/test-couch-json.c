/* test-couch-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/client/reprise-couch-json.h"
#include "reprise-test.h"

static RepriseCouchSpan
span (const char *text)
{
  return (RepriseCouchSpan){ text, strlen (text) };
}

static void
test_members (void)
{
  RepriseCouchSpan object =
    span ("{ \"a\" : 1.0 , \"b\\\"\":[ 1 , {\"x\":\"]\"} ], \"\":\"\\\\\" ,\"n\":null}");
  RepriseCouchWalk walk = reprise_couch_walk (object);
  RepriseCouchSpan key, value;
  static const char *const expected[] = { "\"a\"", "1.0",      "\"b\\\"\"", "[ 1 , {\"x\":\"]\"} ]",
                                          "\"\"",  "\"\\\\\"", "\"n\"",     "null" };
  guint n = 0;

  for (; reprise_couch_walk_next_member (&walk, &key, &value); n += 2)
    {
      g_assert_true (reprise_couch_span_is (key, expected[n]));
      g_assert_true (reprise_couch_span_is (value, expected[n + 1]));
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
  g_assert_cmpuint (reprise_couch_span_count (reprise_couch_span_get (object, "n")), ==, 0);
  g_assert_null (reprise_couch_span_get (object, "none").data);
  g_assert_null (reprise_couch_span_get (reprise_couch_span_get (object, "a"), "x").data);
}

static void
test_strings (void)
{
  static const struct
  {
    const char *json, *text;
  } pairs[] = {
    { "\"\"", "" },
    { "\"a/b+c\"", "a/b+c" },
    { "\"\\u00e9\\ud83d\\ude00\"", "\303\251\360\237\230\200" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
    { "\"a\\u0000b\"", "a\300\200b" },
    { "\"\\ud83d\"", NULL },
    { "\"\\ude00\"", NULL },
    { "1", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *text = reprise_couch_span_dup_string (span (pairs[i].json));
      g_autoptr (GString) back = g_string_new (NULL);
      g_autofree char *again = NULL;

      g_assert_cmpstr (text, ==, pairs[i].text);
      if (text == NULL)
        continue;
      reprise_couch_append_string (back, text);
      again = reprise_couch_span_dup_string (span (back->str));
      g_assert_cmpstr (again, ==, text);
    }
}

static void
test_head (void)
{
  g_auto (RepriseCouchHead) head = { NULL };

  reprise_couch_head_read (
    &head, span ("{\"x\":{\"_id\":\"no\"},\"_id\":\"d\\u00e9\",\"_rev\":\"2-b\",\"_deleted\":true,"
                 "\"_revisions\":{\"start\":2,\"ids\":[\"b\",\"a\"]},\"_attachments\":{}}"));
  g_assert_cmpstr (head.id, ==, "d\303\251");
  g_assert_cmpstr (head.rev, ==, "2-b");
  g_assert_true (head.deleted);
  g_assert_true (reprise_couch_span_is (head.revisions, "{\"start\":2,\"ids\":[\"b\",\"a\"]}"));
  g_assert_true (reprise_couch_span_is (head.attachments, "{}"));
}

/* Whatever comes, nothing is read past its end (the sanitizer sees to it). */
static void
test_cut (void)
{
  static const char TEXT[] = "{\"_id\":\"\\u00e9\\\\\",\"a\":[1,{\"b\":\"\\\"\"}],\"c\":-1.5e3}";

  for (gsize n = 0; n < sizeof TEXT; n++)
    {
      g_autofree char *part = g_memdup2 (TEXT, n > 0 ? n : 1);
      RepriseCouchSpan cut = { part, n };
      g_auto (RepriseCouchHead) head = { NULL };

      reprise_couch_head_read (&head, cut);
      reprise_couch_span_count (cut);
    }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/couch-json/members", test_members);
  g_test_add_func ("/couch-json/strings", test_strings);
  g_test_add_func ("/couch-json/head", test_head);
  g_test_add_func ("/couch-json/cut", test_cut);
  return g_test_run ();
}
