/* test-schedule.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "reprise-test.h"
#include "schedule/reprise-schedule.h"

/* The rules of Paris and of Lord Howe (half an hour), written out so that no tzdata is needed. */
#define PARIS     "CET-1CEST,M3.5.0,M10.5.0/3"
#define LORD_HOWE "LHST-10:30LHDT-11,M10.1.0,M4.1.0"

typedef struct
{
  const char *schedule;
  const char *zone;
  const char *after;
  const char *next[5];
} Case;

/* Clocks go forward on 29 March 2026 at 02:00 in Paris, back on 25 October at 03:00. */
static const Case CASES[] = {
  { "daily 02:00 14:00",
    "UTC",
    "2026-11-21T02:00:00Z",
    { "2026-11-21T14:00:00Z", "2026-11-22T02:00:00Z", "2026-11-22T14:00:00Z" } },
  { "daily 02:30",
    PARIS,
    "2026-03-28T00:00:00Z",
    { "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z" } },
  { "daily 02:00 02:30 03:00",
    PARIS,
    "2026-03-28T12:00:00Z",
    { "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z" } },
  { "daily 02:30",
    PARIS,
    "2026-10-24T12:00:00Z",
    { "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z" } },
  { "hourly :15",
    PARIS,
    "2026-10-24T23:15:00Z",
    { "2026-10-25T00:15:00Z", "2026-10-25T01:15:00Z", "2026-10-25T02:15:00Z" } },
  { "hourly :00",
    PARIS,
    "2026-03-29T00:00:00Z",
    { "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z" } },
  { "hourly :15",
    LORD_HOWE,
    "2026-04-04T14:00:00Z",
    { "2026-04-04T14:15:00Z", "2026-04-04T15:45:00Z", "2026-04-04T16:45:00Z" } },
  { "hourly/6 :15",
    "UTC",
    "2026-11-21T12:15:00Z",
    { "2026-11-21T18:15:00Z", "2026-11-22T00:15:00Z", "2026-11-22T06:15:00Z" } },
  { "hourly/23 :00 :30",
    "UTC",
    "2026-11-21T00:30:00Z",
    { "2026-11-21T23:00:00Z", "2026-11-21T23:30:00Z", "2026-11-22T00:00:00Z" } },
  { "weekly mon,thu 02:00",
    "UTC",
    "2026-11-21T00:00:00Z",
    { "2026-11-23T02:00:00Z", "2026-11-26T02:00:00Z", "2026-11-30T02:00:00Z" } },
  { "monthly 31 12:00",
    "UTC",
    "2026-01-01T00:00:00Z",
    { "2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z", "2026-03-31T12:00:00Z",
      "2026-04-30T12:00:00Z" } },
  { "monthly 1,15,last 02:00",
    "UTC",
    "2028-02-02T00:00:00Z",
    { "2028-02-15T02:00:00Z", "2028-02-29T02:00:00Z", "2028-03-01T02:00:00Z" } },
  { "daily 02:00; monthly 1 12:00",
    "UTC",
    "2026-11-30T03:00:00Z",
    { "2026-12-01T02:00:00Z", "2026-12-01T12:00:00Z", "2026-12-02T02:00:00Z" } },
};

static void
check_case (const Case *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSchedule) schedule = reprise_schedule_new_from_string (self->schedule, &error);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (self->zone);
  g_autoptr (GDateTime) after = reprise_time_from_string (self->after);

  g_assert_no_error (error);
  g_assert_nonnull (zone);
  for (guint i = 0; i < G_N_ELEMENTS (self->next) && self->next[i] != NULL; i++)
    {
      g_autoptr (GDateTime) next = reprise_schedule_get_next (schedule, after, zone);
      g_autoptr (GDateTime) expected = reprise_time_from_string (self->next[i]);
      g_autofree char *text = reprise_time_to_string (next);
      g_autofree char *expected_text = reprise_time_to_string (expected);

      g_test_message ("%s in %s, number %u", self->schedule, self->zone, i);
      g_assert_cmpstr (text, ==, expected_text);
      g_clear_pointer (&after, g_date_time_unref);
      after = g_steal_pointer (&next);
    }
}

static void
test_next (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    check_case (&CASES[i]);
}

/* Local hours and minutes of a day, each once: what clocks skip moves on, what they show twice is the second time. */
static void
test_every_day_once (void)
{
  g_autoptr (RepriseSchedule) schedule =
    reprise_schedule_new_from_string ("daily 00:00 01:59 02:01 02:59 03:30 23:59", NULL);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (PARIS);
  g_autoptr (GDateTime) moment = reprise_time_from_string ("2025-12-31T22:59:00Z");
  guint n_by_day[366] = { 0 };

  for (;;)
    {
      GDateTime *next = reprise_schedule_get_next (schedule, moment, zone);

      g_assert_cmpint (g_date_time_compare (next, moment), >, 0);
      g_clear_pointer (&moment, g_date_time_unref);
      moment = next;
      if (g_date_time_get_year (moment) > 2026)
        break;
      n_by_day[g_date_time_get_day_of_year (moment) - 1]++;
    }
  for (guint day = 0; day < 365; day++)
    /* On 29 March the two times between 02:00 and 03:00 are one: the first moment after the gap. */
    g_assert_cmpuint (n_by_day[day], ==, day == 31 + 28 + 29 - 1 ? 5 : 6);
}

static void
test_catch_up (void)
{
  g_autoptr (RepriseSchedule) daily = reprise_schedule_new_from_string ("daily 02:00", NULL);
  g_autoptr (RepriseSchedule) hourly = reprise_schedule_new_from_string ("hourly :00", NULL);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) ran = reprise_time_from_string ("2026-11-01T02:00:00Z");
  g_autoptr (GDateTime) soon = reprise_time_from_string ("2026-11-02T01:59:59Z");
  g_autoptr (GDateTime) on_time = reprise_time_from_string ("2026-11-02T02:00:00Z");
  g_autoptr (GDateTime) later = reprise_time_from_string ("2026-11-21T10:00:00Z");
  g_autoptr (GDateTime) due = NULL;
  g_autoptr (GDateTime) expected = reprise_time_from_string ("2026-11-21T02:00:00Z");
  g_autoptr (GDateTime) decade = reprise_time_from_string ("2036-11-21T10:30:00Z");
  g_autoptr (GDateTime) in_decade = reprise_time_from_string ("2036-11-21T10:00:00Z");

  g_assert_null (reprise_schedule_get_last_due (daily, ran, soon, utc));
  due = reprise_schedule_get_last_due (daily, ran, on_time, utc);
  g_assert_cmpint (g_date_time_compare (due, on_time), ==, 0);
  g_clear_pointer (&due, g_date_time_unref);
  due = reprise_schedule_get_last_due (daily, ran, later, utc);
  g_assert_cmpint (g_date_time_compare (due, expected), ==, 0);
  /* Nineteen days were missed: once it ran for the last of them, nothing is due any more. */
  g_assert_null (reprise_schedule_get_last_due (daily, due, later, utc));
  g_clear_pointer (&due, g_date_time_unref);
  due = reprise_schedule_get_last_due (hourly, ran, decade, utc);
  g_assert_cmpint (g_date_time_compare (due, in_decade), ==, 0);
  /* The clock went back: it is due to nothing until it is past the last run. */
  g_assert_null (reprise_schedule_get_last_due (hourly, in_decade, ran, utc));
}

static void
test_text (void)
{
  static const char *const GOOD[][3] = {
    { "Daily  14:00 2:00 14:00", "daily 02:00 14:00", "Every day at 02:00, 14:00" },
    { "hourly/1 :5", NULL, NULL },
    { "hourly :05", "hourly :05", "Every hour, at minute 5" },
    { "HOURLY/6 :30 :00", "hourly/6 :00 :30", "Every 6 hours, at minute 0, 30" },
    { "weekly sun,mon 00:00", "weekly mon,sun 00:00", "Every week on Monday, Sunday at 00:00" },
    { "monthly last,1 12:00;daily 01:00", "monthly 1,last 12:00; daily 01:00",
      "Every month on the 1st, the last day at 12:00; Every day at 01:00" },
    { "monthly 2,3,11,12,13,21,22,23,28 02:00", "monthly 2,3,11,12,13,21,22,23,28 02:00",
      "Every month on the 2nd, the 3rd, the 11th, the 12th, the 13th, the 21st, the 22nd, the "
      "23rd, "
      "the 28th at 02:00" },
    { "monthly 30 02:00", "monthly 30 02:00", "Every month on the 30th or the last day at 02:00" },
    { "monthly 31 02:00", "monthly 31 02:00", "Every month on the last day at 02:00" },
    { "monthly 31,last 02:00", "monthly 31,last 02:00", "Every month on the last day at 02:00" },
  };
  static const char *const WRONG[] = {
    "",
    "daily",
    "daily 24:00",
    "daily 2",
    "daily 02:60",
    "hourly",
    "hourly 02:15",
    "hourly/0 :15",
    "hourly/24 :15",
    "daily/2 02:00",
    "weekly 02:00",
    "weekly tag 02:00",
    "weekly mon, 02:00",
    "monthly 0 02:00",
    "monthly 32 02:00",
    "yearly 02:00",
    "daily 02:00;",
    "daily 02:00 x",
    "daily 02:00:00",
  };

  for (guint i = 0; i < G_N_ELEMENTS (GOOD); i++)
    {
      g_autoptr (RepriseSchedule) schedule = reprise_schedule_new_from_string (GOOD[i][0], NULL);
      g_autofree char *string = NULL;
      g_autofree char *text = NULL;

      g_test_message ("%s", GOOD[i][0]);
      if (GOOD[i][1] == NULL)
        {
          g_assert_null (schedule);
          continue;
        }
      g_assert_nonnull (schedule);
      string = reprise_schedule_to_string (schedule);
      text = reprise_schedule_to_text (schedule);
      g_assert_cmpstr (string, ==, GOOD[i][1]);
      g_assert_cmpstr (text, ==, GOOD[i][2]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", WRONG[i]);
      g_assert_null (reprise_schedule_new_from_string (WRONG[i], &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/schedule/next", test_next);
  g_test_add_func ("/schedule/every-day-once", test_every_day_once);
  g_test_add_func ("/schedule/catch-up", test_catch_up);
  g_test_add_func ("/schedule/text", test_text);
  return g_test_run ();
}
