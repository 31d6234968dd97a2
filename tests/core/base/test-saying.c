/* test-saying.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/reprise-saying.h"
#include "reprise-test.h"

static void
assert_text (char *taken, const char *expected)
{
  g_autofree char *saying = taken;
  g_autofree char *text = reprise_saying_to_text (saying);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_args (void)
{
  const guint64 large = G_GUINT64_CONSTANT (18446744073709551615);

  assert_text (reprise_say ("Nothing"), "Nothing");
  assert_text (reprise_say ("%s: %d, %u, 100 %%", "It’s “that”\n'", -3, 4u),
               "It’s “that”\n': -3, 4, 100 %");
  assert_text (reprise_say ("%lu %" PRId64 " %" PRIu64, 5ul, G_MININT64, large),
               "5 -9223372036854775808 18446744073709551615");
  assert_text (reprise_say_n ("%u file of %s", "%u files of %s", 1, 1u, "a"), "1 file of a");
  assert_text (reprise_say_n ("%u file of %s", "%u files of %s", 2, 2u, "a"), "2 files of a");
}

/* One is an argument of another; what looks like a text of printf there is none. */
static void
test_nested (void)
{
  g_autofree char *size = reprise_say_size (2000000);
  g_autofree char *shown_size = g_format_size (2000000);
  g_autofree char *inner = reprise_say ("%s of %s", size, "all");
  g_autofree char *expected = g_strdup_printf ("%s of all; %%s%%n", shown_size);

  assert_text (reprise_say ("%s; %s", inner, "%s%n"), expected);
  assert_text (reprise_say ("%s", "\xff"), "\xef\xbf\xbd");
}

static void
test_lines (void)
{
  g_autofree char *said = reprise_say ("%s\nand %u", "one", 2u);
  g_autofree char *lines = g_strdup_printf ("plain\n%s\n%s", said, said);
  g_autofree char *text = reprise_saying_lines_to_text (lines);

  g_assert_null (strchr (said, '\n'));
  g_assert_cmpstr (text, ==, "plain\none\nand 2\none\nand 2");
  g_assert_null (reprise_saying_lines_to_text (NULL));
}

static void
test_understands (void)
{
  g_assert_true (reprise_saying_understands ("100 %% of %s, %d, %" PRIu64));
  g_assert_false (reprise_saying_understands ("%x"));
  g_assert_false (reprise_saying_understands ("%.2f"));
  g_assert_false (reprise_saying_understands ("%2$s %1$s"));
  g_assert_false (reprise_saying_understands ("the end %"));
}

/* Any other text is shown as it is, and what is damaged does no harm. */
static void
test_other_texts (void)
{
  g_autofree char *deep = g_strdup ("end");

  g_assert_null (reprise_saying_to_text (NULL));
  assert_text (g_strdup (""), "");
  assert_text (g_strdup ("1,204 written, %s failed"), "1,204 written, %s failed");
  assert_text (g_strdup ("\x1e('%s %s %d', '', uint64 0, ['one'])"), "one  ");
  assert_text (g_strdup ("\x1e('%9$s %', '', 0, ['one'])"), " %");
  assert_text (g_strdup ("\x1e(nonsense"), "(nonsense");
  for (guint i = 0; i < 12; i++)
    {
      char *next = reprise_say ("%s", deep);

      g_free (deep);
      deep = next;
    }
  g_free (reprise_saying_to_text (deep));
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/saying/args", test_args);
  g_test_add_func ("/saying/nested", test_nested);
  g_test_add_func ("/saying/lines", test_lines);
  g_test_add_func ("/saying/understands", test_understands);
  g_test_add_func ("/saying/other-texts", test_other_texts);
  return g_test_run ();
}
