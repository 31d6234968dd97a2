/* test-scrub.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-scrub.h"
#include "reprise-test.h"

static const char SECRET[] = "Gr\"ün/Käse 9+x?";

static void
assert_scrubbed (const char *text, const char *expected)
{
  g_autofree char *clean = reprise_scrub (text);

  g_assert_cmpstr (clean, ==, expected);
}

/* The secret in each form, with something before and behind it that must stay. */
static void
test_forms (void)
{
  g_autofree char *url = g_uri_escape_string (SECRET, NULL, FALSE);
  g_autoptr (GString) hex = g_string_new (NULL);
  g_autofree char *hex_upper = NULL;
  const char *const forms[] = {
    SECRET,
    url,
    "Gr%22%c3%bcn%2fK%c3%a4se%209%2bx%3f",
    "Gr%22%C3%BCn%2FK%C3%A4se+9%2Bx%3F",
    "Gr\\\"ün/Käse 9+x?",
    "Gr\\\"\\u00fcn/K\\u00e4se 9+x?",
    "Gr\\\"ün\\/Käse 9+x?",
  };

  reprise_scrub_add (SECRET);
  for (gsize i = 0; SECRET[i] != '\0'; i++)
    g_string_append_printf (hex, "%02x", (guchar) SECRET[i]);
  hex_upper = g_ascii_strup (hex->str, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *text = g_strdup_printf ("before %s behind", forms[i]);

      assert_scrubbed (text, "before ••• behind");
    }
  assert_scrubbed (hex->str, "•••");
  assert_scrubbed (hex_upper, "•••");
  reprise_scrub_remove (SECRET);
  assert_scrubbed (SECRET, SECRET);
}

/* In base64 a secret looks different by what stands before it; nothing of it may stay but the digits it shares. */
static void
test_base64 (void)
{
  static const char *const before[] = { "", "a", "ab", "user:", "someone@example.org:" };

  reprise_scrub_add ("correct horse battery");
  for (gsize i = 0; i < G_N_ELEMENTS (before); i++)
    for (int behind = 0; behind < 3; behind++)
      {
        g_autofree char *plain =
          g_strdup_printf ("%scorrect horse battery%.*s", before[i], behind, "xy");
        g_autofree char *encoded = g_base64_encode ((const guchar *) plain, strlen (plain));
        g_autofree char *clean = reprise_scrub (encoded);

        g_assert_nonnull (strstr (clean, "•••"));
        g_assert_cmpuint (strlen (clean), <=,
                          strlen ("•••") + 4 * ((strlen (before[i]) + 2) / 3) + 3 + 8);
      }
  reprise_scrub_remove ("correct horse battery");
}

static void
test_shapes (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "GET /c/b?sv=2021&sig=a%2Bb%3D&se=2030 ok", "GET /c/b?sv=2021&sig=•••&se=2030 ok" },
    { "AccountName=x;AccountKey=abc/def==;EndpointSuffix=y",
      "AccountName=x;AccountKey=•••;EndpointSuffix=y" },
    { "Authorization: Bearer abc.DEF-123", "Authorization: Bearer •••" },
    { "authorization: basic dXNlcjpwYXNz", "authorization: basic •••" },
    { "https://joe:p%40ss@example.org/db", "https://•••@example.org/db" },
    { "{\"password\": \"a\\\"b\", \"name\":\"x\"}", "{\"password\": \"•••\", \"name\":\"x\"}" },
    { "{\"refresh_token\":\"0.AXo\"}", "{\"refresh_token\":\"•••\"}" },
    { "token eyJhbGciOiJI.eyJ1c2VySWQi.c2ln end", "token ••• end" },
    { "AuthSession=cm9vdDo1; Version=1", "AuthSession=•••; Version=1" },
    { "nothing to see: the design of a bearer bond",
      "nothing to see: the design of a bearer bond" },
    { "http://example.org:5984/db", "http://example.org:5984/db" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_scrubbed (cases[i].text, cases[i].expected);
}

static void
test_short (void)
{
  reprise_scrub_add ("abc");
  assert_scrubbed ("abc", "abc");
  assert_scrubbed ("\xff ok", "\357\277\275 ok");
}

/* Two services with the same password: one of them goes. */
static void
test_twice (void)
{
  reprise_scrub_add ("same password");
  reprise_scrub_add ("same password");
  reprise_scrub_remove ("same password");
  assert_scrubbed ("same password", "•••");
  reprise_scrub_remove ("same password");
  assert_scrubbed ("same password", "same password");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/scrub/forms", test_forms);
  g_test_add_func ("/scrub/base64", test_base64);
  g_test_add_func ("/scrub/shapes", test_shapes);
  g_test_add_func ("/scrub/short", test_short);
  g_test_add_func ("/scrub/twice", test_twice);
  return g_test_run ();
}
