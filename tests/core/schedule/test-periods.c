/* test-periods.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-time.h"
#include "reprise-test.h"
#include "schedule/reprise-periods.h"

#define MONDAY    "2026-11-16T09:00:00.000Z"
#define TUESDAY   "2026-11-17T09:00:00.250Z"
#define WEDNESDAY "2026-11-18T09:00:00.000Z"
#define THURSDAY  "2026-11-19T09:00:00.000Z"
#define FRIDAY    "2026-11-20T09:00:00.000Z"

static ReprisePeriods *
make (const char *lines)
{
  ReprisePeriods *periods = reprise_periods_new ();

  reprise_periods_add (periods, lines);
  return periods;
}

/* What touches is one; what lies apart is two. */
static void
test_have (void)
{
  g_autoptr (ReprisePeriods) periods = make ("byApi " MONDAY " " TUESDAY "\nbyApi " TUESDAY
                                             " " WEDNESDAY "\nbyApi " THURSDAY " " FRIDAY);

  g_assert_true (reprise_periods_have (periods, "byApi " MONDAY " " WEDNESDAY));
  g_assert_false (reprise_periods_have (periods, "byApi " MONDAY " " FRIDAY));
  g_assert_false (reprise_periods_have (periods, "byUser " MONDAY " " TUESDAY));
  g_assert_true (reprise_periods_have (periods, NULL));
}

static void
assert_span (ReprisePeriods *periods, const char *name, const char *from, const char *to)
{
  g_autoptr (GDateTime) first = NULL;
  g_autoptr (GDateTime) end = NULL;
  g_autofree char *first_text = NULL;
  g_autofree char *end_text = NULL;

  g_assert_true (reprise_periods_get_span (periods, name, &first, &end));
  first_text = reprise_time_to_string (first);
  end_text = reprise_time_to_string (end);
  g_assert_cmpstr (first_text, ==, from);
  g_assert_cmpstr (end_text, ==, to);
}

/* From the first beginning to the last end, of one or of all, in whatever order they came. */
static void
test_span (void)
{
  g_autoptr (ReprisePeriods) periods = make ("byApi " THURSDAY " " FRIDAY "\nbyGeo " MONDAY
                                             " " TUESDAY "\nbyApi " TUESDAY " " WEDNESDAY);

  assert_span (periods, "byApi", TUESDAY, FRIDAY);
  assert_span (periods, "byGeo", MONDAY, TUESDAY);
  assert_span (periods, NULL, MONDAY, FRIDAY);
}

static void
test_text (void)
{
  g_autoptr (ReprisePeriods) periods =
    make ("byApi " MONDAY " " TUESDAY "\nbyGeo " TUESDAY " " FRIDAY);
  g_autoptr (GDateTime) from = reprise_time_from_string (MONDAY);
  g_autoptr (GDateTime) to = reprise_time_from_string (FRIDAY);
  g_autofree char *from_text = reprise_time_to_text (from);
  g_autofree char *to_text = reprise_time_to_text (to);
  g_autofree char *expected = g_strdup_printf ("%s to %s", from_text, to_text);
  g_autofree char *all = reprise_periods_dup_text (periods, NULL);
  g_autofree char *one = reprise_periods_dup_text (periods, "byGeo");

  g_assert_cmpstr (all, ==, expected);
  g_assert_nonnull (one);
  g_assert_cmpstr (one, !=, all);
}

/* What cannot be read counts for nothing. */
static void
test_rubbish (void)
{
  static const char *const LINES[] = { NULL,
                                       "",
                                       "byApi",
                                       "byApi " MONDAY,
                                       "byApi today " FRIDAY,
                                       "byApi " FRIDAY " " MONDAY,
                                       "byApi " MONDAY " " MONDAY };

  for (guint i = 0; i < G_N_ELEMENTS (LINES); i++)
    {
      g_autoptr (ReprisePeriods) periods = make (LINES[i]);
      g_autoptr (GDateTime) from = NULL;
      g_autoptr (GDateTime) to = NULL;

      g_assert_false (reprise_periods_get_span (periods, NULL, &from, &to));
      g_assert_null (reprise_periods_dup_text (periods, NULL));
      g_assert_false (reprise_periods_have (periods, "byApi " MONDAY " " FRIDAY));
    }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/periods/have", test_have);
  g_test_add_func ("/periods/span", test_span);
  g_test_add_func ("/periods/text", test_text);
  g_test_add_func ("/periods/rubbish", test_rubbish);
  return g_test_run ();
}
