/* test-format.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-format.h"
#include "reprise-ui-test.h"

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_counts (void)
{
  assert_text (reprise_format_count (0), "0");
  assert_text (reprise_format_count (REPRISE_NOT_REPORTED), "–");
  assert_text (reprise_format_records (1), "1 record");
  assert_text (reprise_format_records (2), "2 records");
  assert_text (reprise_format_records (REPRISE_NOT_REPORTED), "number of records not reported");
  assert_text (reprise_format_collections (1), "1 collection");
  assert_text (reprise_format_collections (-1), "number of collections not reported");
  assert_text (reprise_format_size (REPRISE_NOT_REPORTED), "–");
  assert_text (reprise_format_size (184000000), "184.0\302\240MB");
}

static void
test_days (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_local (2026, 11, 21, 12, 0, 0);
  g_autoptr (GDateTime) today = g_date_time_new_local (2026, 11, 21, 2, 5, 0);
  g_autoptr (GDateTime) yesterday = g_date_time_new_local (2026, 11, 20, 23, 59, 0);
  g_autoptr (GDateTime) before = g_date_time_new_local (2026, 11, 19, 23, 59, 0);
  g_autoptr (GDateTime) last_year = g_date_time_new_local (2025, 11, 21, 2, 5, 0);
  g_autoptr (GDateTime) new_year = g_date_time_new_local (2027, 1, 1, 1, 0, 0);
  g_autoptr (GDateTime) new_years_eve = g_date_time_new_local (2026, 12, 31, 22, 0, 0);

  assert_text (reprise_format_day_time (today, now), "Today, 02:05");
  assert_text (reprise_format_day_time (yesterday, now), "Yesterday, 23:59");
  assert_text (reprise_format_day_time (before, now), "19 Nov, 23:59");
  assert_text (reprise_format_day_time (last_year, now), "21 Nov 2025, 02:05");
  assert_text (reprise_format_day_time (new_years_eve, new_year), "Yesterday, 22:00");
  assert_text (reprise_format_date_time (today), "21 Nov 2026, 02:05");
}

static void
test_groups (void)
{
  RepriseGroups two =
    REPRISE_GROUP_BIT (REPRISE_GROUP_USER) | REPRISE_GROUP_BIT (REPRISE_GROUP_LOG);

  assert_text (reprise_format_groups_short (REPRISE_GROUPS_NONE, 2), "");
  assert_text (reprise_format_groups_short (two, 2), "Users, Logs");
  assert_text (reprise_format_groups_short (REPRISE_GROUPS_ALL, 2), "Required, Users +4");
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/format/counts", test_counts);
  g_test_add_func ("/format/days", test_days);
  g_test_add_func ("/format/groups", test_groups);
  return g_test_run ();
}
