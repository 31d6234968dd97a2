/* test-scheduler.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-standing.h"
#include "reprise-test.h"

/* The rules of Paris, written out so that no tzdata is needed; clocks go back on 25 October 2026. */
#define PARIS "CET-1CEST,M3.5.0,M10.5.0/3"

typedef struct
{
  RepriseHistory *history;
  RepriseService *service;
  GTimeZone *zone;
  GDateTime *now;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = reprise_history_dup_default_path ();

  fixture->history = reprise_history_new (path);
  fixture->service = reprise_service_new (NULL, "sqlite", "Orders");
  fixture->zone = g_time_zone_new_identifier (PARIS);
  fixture->now = reprise_time_from_string ("2026-10-01T12:00:00Z");
  g_assert_nonnull (fixture->zone);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->history);
  g_object_unref (fixture->service);
  g_time_zone_unref (fixture->zone);
  g_date_time_unref (fixture->now);
}

static void
pass (Fixture *fixture, gint64 minutes)
{
  GDateTime *now = g_date_time_add (fixture->now, minutes * G_TIME_SPAN_MINUTE);

  g_date_time_unref (fixture->now);
  fixture->now = now;
}

/* (transfer full) (nullable): as the command does it, with the run */
static GDateTime *
look (Fixture *fixture)
{
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_scheduler_check (fixture->history, fixture->service,
                                          REPRISE_ROUTINE_BACK_UP, fixture->now, fixture->zone,
                                          &due, &error));
  g_assert_no_error (error);
  if (due == NULL)
    return NULL;
  g_assert_cmpstr (due->request->origin, ==, "schedule");
  g_assert_true (reprise_scheduler_settle (fixture->history, fixture->service,
                                           REPRISE_ROUTINE_BACK_UP, due->at, &error));
  return g_date_time_ref (due->at);
}

static void
assert_due (Fixture *fixture, const char *expected)
{
  g_autoptr (GDateTime) at = look (fixture);
  g_autofree char *text = at != NULL ? reprise_time_to_string (at) : NULL;

  g_assert_cmpstr (text, ==, expected);
}

/* Into the vault, unless the service's setting leaves it where it is made. */
static void
test_on_service (Fixture *fixture, gconstpointer data)
{
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "daily 02:00");
  assert_due (fixture, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (RepriseDue) due = NULL;

      reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING_ON_SERVICE,
                                   i == 0 ? NULL : "true");
      pass (fixture, 2 * 24 * 60);
      g_assert_true (reprise_scheduler_check (fixture->history, fixture->service,
                                              REPRISE_ROUTINE_BACK_UP, fixture->now, fixture->zone,
                                              &due, NULL));
      g_assert_nonnull (due);
      g_assert_cmpint (due->request->on_service, ==, i == 1);
      g_assert_true (reprise_scheduler_settle (fixture->history, fixture->service,
                                               REPRISE_ROUTINE_BACK_UP, due->at, NULL));
    }
}

static void
test_begins_now (Fixture *fixture, gconstpointer data)
{
  assert_due (fixture, NULL);
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "daily 02:00");
  assert_due (fixture, NULL);
  pass (fixture, 11 * 60);
  assert_due (fixture, NULL);
  pass (fixture, 60);
  assert_due (fixture, "2026-10-02T00:00:00.000Z");
  assert_due (fixture, NULL);
}

static void
test_pause (Fixture *fixture, gconstpointer data)
{
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "hourly :00");
  assert_due (fixture, NULL);
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING_PAUSED, "true");
  pass (fixture, 3 * 24 * 60);
  assert_due (fixture, NULL);
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING_PAUSED, NULL);
  assert_due (fixture, NULL);
  pass (fixture, 60);
  assert_due (fixture, "2026-10-04T13:00:00.000Z");
}

static void
test_wrong (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "sometimes");
  g_assert_false (reprise_scheduler_check (fixture->history, fixture->service,
                                           REPRISE_ROUTINE_BACK_UP, fixture->now, fixture->zone,
                                           &due, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  g_assert_null (due);
}

/* Sixty days, looked at by an irregular timer, asleep now and then, over the end of summer time: the slots by the clock on the wall, minute
 * by minute, are run once each, or once for several. */
static void
test_sixty_days (Fixture *fixture, gconstpointer data)
{
  guint n_slots = 0, n_runs = 0;
  gboolean was_ambiguous = FALSE;

  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING,
                               "daily 02:30 14:10; weekly sun 02:30 23:59");
  assert_due (fixture, NULL);
  while (g_date_time_get_day_of_year (fixture->now) < 334)
    {
      gint64 minutes = g_random_int_range (0, 20) == 0 ? g_random_int_range (60, 4000)
                                                       : g_random_int_range (1, 12);
      g_autoptr (GDateTime) at = NULL;
      g_autoptr (GDateTime) last = NULL;

      for (gint64 i = 1; i <= minutes; i++)
        {
          g_autoptr (GDateTime) moment = g_date_time_add (fixture->now, i * G_TIME_SPAN_MINUTE);
          g_autoptr (GDateTime) local = g_date_time_to_timezone (moment, fixture->zone);
          int clock = g_date_time_get_hour (local) * 100 + g_date_time_get_minute (local);

          if (clock != 230 && clock != 1410 &&
              !(clock == 2359 && g_date_time_get_day_of_week (local) == 7))
            continue;
          /* What clocks show twice is the second time. */
          if (clock == 230 && g_date_time_get_month (local) == 10 &&
              g_date_time_get_day_of_month (local) == 25 && g_date_time_is_daylight_savings (local))
            {
              was_ambiguous = TRUE;
              continue;
            }
          n_slots++;
          g_clear_pointer (&last, g_date_time_unref);
          last = g_date_time_ref (moment);
        }
      pass (fixture, minutes);
      at = look (fixture);
      g_assert_true ((at == NULL) == (last == NULL));
      if (at == NULL)
        continue;
      n_runs++;
      g_assert_cmpint (g_date_time_compare (at, last), ==, 0);
      g_assert_null (look (fixture));
    }
  g_assert_true (was_ambiguous);
  g_assert_cmpuint (n_runs, <=, n_slots);
  g_assert_cmpuint (n_slots, >, 2 * 55);
}

/* The clock jumps ten years and back: one backup more than needed, never none for years. */
static void
test_jumps (Fixture *fixture, gconstpointer data)
{
  const gint64 decade = G_GINT64_CONSTANT (3653) * 24 * 60;

  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "daily 02:00");
  assert_due (fixture, NULL);
  pass (fixture, decade);
  assert_due (fixture, "2036-10-01T00:00:00.000Z");
  assert_due (fixture, NULL);
  pass (fixture, -decade);
  assert_due (fixture, "2026-10-01T12:00:00.000Z");
  assert_due (fixture, NULL);
  pass (fixture, 24 * 60);
  assert_due (fixture, "2026-10-02T00:00:00.000Z");
  pass (fixture, -decade);
  assert_due (fixture, "2016-10-01T12:00:00.000Z");
  pass (fixture, decade);
  assert_due (fixture, "2026-10-02T00:00:00.000Z");
  /* An hour back and forth, as clocks are put right: nothing runs twice. */
  pass (fixture, -50);
  assert_due (fixture, NULL);
  pass (fixture, 50);
  assert_due (fixture, NULL);
}

static void
assert_held (Fixture *fixture, const RepriseDue *due, gboolean expected)
{
  gboolean held = !expected;

  g_assert_true (reprise_scheduler_is_held (fixture->history, due, fixture->now, &held, NULL));
  g_assert_cmpint (held, ==, expected);
}

/* What cannot be reached is tried four times within about an hour, then given up until the next time; a locked keyring and another
 * program use nothing up. */
static void
test_failures (Fixture *fixture, gconstpointer data)
{
  static const guint waits[] = { 5, 15, 45 };
  g_autoptr (GError) unreachable =
    g_error_new_literal (REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE, "no answer");
  g_autoptr (GError) locked = g_error_new_literal (REPRISE_ERROR, REPRISE_ERROR_KEYRING, "locked");
  g_autoptr (GError) busy = g_error_new_literal (REPRISE_ERROR, REPRISE_ERROR_BUSY, "busy");
  g_autoptr (GError) refused = g_error_new_literal (REPRISE_ERROR, REPRISE_ERROR_DENIED, "no");
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (GDateTime) before = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "daily 02:00");
  assert_due (fixture, NULL);
  pass (fixture, 14 * 60);
  g_assert_true (reprise_scheduler_check (fixture->history, fixture->service,
                                          REPRISE_ROUTINE_BACK_UP, fixture->now, fixture->zone,
                                          &due, NULL));
  assert_held (fixture, due, FALSE);
  for (guint i = 0; i < 20; i++)
    {
      g_assert_true (reprise_scheduler_end (fixture->history, due, fixture->now,
                                            i % 2 == 0 ? locked : busy, NULL));
      assert_held (fixture, due, TRUE);
      pass (fixture, i % 2 == 0 ? 15 : 2);
      assert_held (fixture, due, FALSE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      g_assert_true (
        reprise_scheduler_end (fixture->history, due, fixture->now, unreachable, NULL));
      pass (fixture, waits[i] - 1);
      assert_held (fixture, due, TRUE);
      pass (fixture, 1);
      assert_held (fixture, due, FALSE);
    }
  /* a clock that was set back by years holds nothing for years */
  g_assert_true (reprise_scheduler_end (fixture->history, due, fixture->now, locked, NULL));
  before = g_date_time_add_years (fixture->now, -10);
  g_date_time_unref (fixture->now);
  fixture->now = g_date_time_ref (before);
  assert_held (fixture, due, FALSE);
  g_date_time_unref (fixture->now);
  fixture->now = g_date_time_add_years (before, 10);
  g_assert_true (reprise_scheduler_end (fixture->history, due, fixture->now, unreachable, NULL));
  assert_held (fixture, due, FALSE);
  assert_due (fixture, NULL);
  pass (fixture, 24 * 60);
  g_clear_pointer (&due, reprise_due_free);
  g_assert_true (reprise_scheduler_check (fixture->history, fixture->service,
                                          REPRISE_ROUTINE_BACK_UP, fixture->now, fixture->zone,
                                          &due, NULL));
  g_assert_true (reprise_scheduler_end (fixture->history, due, fixture->now, refused, NULL));
  assert_due (fixture, NULL);
}

/* Each routine has a schedule of its own, and all are paused together. */
static void
test_routines (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseDue) due = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "daily 02:00");
  reprise_service_set_setting (
    fixture->service, reprise_routine_get_setting (REPRISE_ROUTINE_REHEARSE), "weekly sun 04:00");
  reprise_service_set_setting (
    fixture->service, reprise_routine_get_setting (REPRISE_ROUTINE_REPORTS), "daily 05:00");
  g_assert_true (
    reprise_scheduler_settle_all (fixture->history, fixture->service, fixture->now, NULL));
  pass (fixture, 4 * 24 * 60);
  for (guint i = 0; i < REPRISE_N_ROUTINES; i++)
    {
      RepriseRoutine routine = (RepriseRoutine) i;

      g_clear_pointer (&due, reprise_due_free);
      g_assert_true (reprise_scheduler_check (fixture->history, fixture->service, routine,
                                              fixture->now, fixture->zone, &due, NULL));
      g_assert_true ((due == NULL) == (routine == REPRISE_ROUTINE_ROLL_UP));
      if (due == NULL)
        continue;
      g_assert_cmpint (due->request->kind, ==,
                       routine == REPRISE_ROUTINE_REHEARSE  ? REPRISE_JOB_REHEARSE
                       : routine == REPRISE_ROUTINE_REPORTS ? REPRISE_JOB_REPORTS
                                                            : REPRISE_JOB_BACK_UP);
      g_assert_cmpstr (due->request->origin, ==, "schedule");
      g_assert_true (reprise_scheduler_end (fixture->history, due, fixture->now, NULL, NULL));
    }
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING_PAUSED, "true");
  pass (fixture, 14 * 24 * 60);
  for (guint i = 0; i < REPRISE_N_ROUTINES; i++)
    {
      g_clear_pointer (&due, reprise_due_free);
      g_assert_true (reprise_scheduler_check (fixture->history, fixture->service,
                                              (RepriseRoutine) i, fixture->now, fixture->zone, &due,
                                              NULL));
      g_assert_null (due);
    }
}

/* What would be lost is told by the newest backup of the data: reports alone are none. */
static void
test_newest (void)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDateTime) early = g_date_time_new_utc (2026, 11, 20, 2, 0, 0);
  g_autoptr (GDateTime) late = g_date_time_new_utc (2026, 11, 21, 2, 0, 0);

  g_ptr_array_add (backups, reprise_backup_new ("data", "service", "sqlite"));
  g_object_set (backups->pdata[0], "created-at", early, "state", REPRISE_BACKUP_COMPLETE, "groups",
                REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED), NULL);
  g_ptr_array_add (backups, reprise_backup_new ("reports", "service", "sqlite"));
  g_object_set (backups->pdata[1], "created-at", late, "state", REPRISE_BACKUP_COMPLETE, "groups",
                REPRISE_GROUP_BIT (REPRISE_GROUP_LOG), NULL);
  g_assert_true (reprise_standing_find_newest (backups, TRUE, late) == backups->pdata[0]);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add ("/scheduler/begins-now", Fixture, NULL, set_up, test_begins_now, tear_down);
  g_test_add ("/scheduler/on-service", Fixture, NULL, set_up, test_on_service, tear_down);
  g_test_add ("/scheduler/pause", Fixture, NULL, set_up, test_pause, tear_down);
  g_test_add ("/scheduler/wrong", Fixture, NULL, set_up, test_wrong, tear_down);
  g_test_add ("/scheduler/failures", Fixture, NULL, set_up, test_failures, tear_down);
  g_test_add ("/scheduler/routines", Fixture, NULL, set_up, test_routines, tear_down);
  g_test_add ("/scheduler/sixty-days", Fixture, NULL, set_up, test_sixty_days, tear_down);
  g_test_add ("/scheduler/jumps", Fixture, NULL, set_up, test_jumps, tear_down);
  g_test_add_func ("/scheduler/newest", test_newest);
  return g_test_run ();
}
