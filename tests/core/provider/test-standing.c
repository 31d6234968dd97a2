/* test-standing.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-interval.h"
#include "provider/reprise-standing.h"
#include "reprise-test.h"

typedef struct
{
  RepriseHistory *history;
  RepriseService *service;
  GTimeZone *zone;
  GDateTime *begun; /* of the schedule */
  GDateTime *now;   /* a day and some minutes later */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "history.db", NULL);
  g_autoptr (GError) error = NULL;

  fixture->history = reprise_history_new (path);
  fixture->service = reprise_service_new (NULL, "sqlite", "Orders");
  fixture->zone = g_time_zone_new_utc ();
  fixture->begun = reprise_time_from_string ("2026-10-01T12:00:00Z");
  fixture->now = reprise_time_from_string ("2026-10-02T02:10:00Z");
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING, "daily 02:00");
  g_assert_true (reprise_scheduler_settle (fixture->history, fixture->service,
                                           REPRISE_ROUTINE_BACK_UP, fixture->begun, &error));
  g_free (folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->history);
  g_object_unref (fixture->service);
  g_time_zone_unref (fixture->zone);
  g_date_time_unref (fixture->begun);
  g_date_time_unref (fixture->now);
}

static RepriseWaiting *
read_waiting (Fixture *fixture, GDateTime *now)
{
  g_autoptr (GError) error = NULL;
  RepriseWaiting *waiting =
    reprise_waiting_read (fixture->history, fixture->service, now, fixture->zone, &error);

  g_assert_no_error (error);
  return waiting;
}

/* Told only of what is due: what was noted before says nothing once it has run. */
static void
test_waits (Fixture *fixture, gconstpointer data)
{
  const char *uuid = reprise_service_get_uuid (fixture->service);
  g_autoptr (RepriseWaiting) waiting = read_waiting (fixture, fixture->now);
  g_autofree char *text = NULL;
  g_autofree char *since = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (waiting);
  g_assert_true (reprise_waiting_note (fixture->history, uuid, REPRISE_WAIT_METERED, &error));
  g_assert_null (read_waiting (fixture, fixture->begun));
  waiting = read_waiting (fixture, fixture->now);
  g_assert_nonnull (waiting);
  g_assert_cmpint (waiting->wait, ==, REPRISE_WAIT_METERED);
  since = reprise_time_to_string (waiting->since);
  g_assert_cmpstr (since, ==, "2026-10-02T02:00:00.000Z");
  text = reprise_waiting_to_text (waiting);
  g_assert_true (g_str_has_prefix (text, "Waits for a connection that is not metered (due since "));
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING_PAUSED, "true");
  g_assert_null (read_waiting (fixture, fixture->now));
  reprise_service_set_setting (fixture->service, REPRISE_SCHEDULE_SETTING_PAUSED, NULL);
  g_assert_true (reprise_waiting_note (fixture->history, uuid, REPRISE_WAIT_NOTHING, &error));
  g_assert_null (read_waiting (fixture, fixture->now));
}

static void
test_tried_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) failure =
    g_error_new (REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE, "It does not answer");
  g_autoptr (GDateTime) later = g_date_time_add_minutes (fixture->now, 30);
  g_autoptr (RepriseWaiting) waiting = NULL;
  g_autoptr (RepriseDue) due = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_scheduler_peek (fixture->history, fixture->service,
                                         REPRISE_ROUTINE_BACK_UP, fixture->now, fixture->zone, &due,
                                         &error));
  g_assert_nonnull (due);
  g_assert_true (reprise_scheduler_end (fixture->history, due, fixture->now, failure, &error));
  waiting = read_waiting (fixture, fixture->now);
  g_assert_nonnull (waiting);
  g_assert_nonnull (waiting->until);
  text = reprise_waiting_to_text (waiting);
  g_assert_nonnull (strstr (text, "is tried again on"));
  g_assert_null (read_waiting (fixture, later));
}

static RepriseBackup *
make_special (const char *time, const char *property, int value)
{
  g_autoptr (GDateTime) made = reprise_time_from_string (time);
  RepriseBackup *backup = reprise_backup_new (time, "service", "sqlite");

  g_object_set (backup, "created-at", made, "state", REPRISE_BACKUP_COMPLETE, property, value,
                NULL);
  return backup;
}

/* In the vault or on the service, the same is a backup and the same is none. */
static void
test_what_counts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (RepriseSeen) seen = NULL;
  g_autofree char *newest = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (backups, make_special ("2026-10-01T01:00:00Z", "groups",
                                          REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM)));
  g_ptr_array_add (backups, make_special ("2026-10-01T02:00:00Z", "groups",
                                          REPRISE_GROUP_BIT (REPRISE_GROUP_LOG)));
  g_ptr_array_add (backups,
                   make_special ("2026-10-01T03:00:00Z", "origin", REPRISE_ORIGIN_REHEARSAL));
  g_ptr_array_add (backups, make_special ("2026-10-01T04:00:00Z", "bound", TRUE));
  g_ptr_array_add (backups, make_special ("2026-10-01T05:00:00Z", "in-progress", TRUE));
  g_assert_true (reprise_standing_find_newest (backups, FALSE, fixture->now) == backups->pdata[0]);
  g_assert_true (reprise_seen_note (fixture->history, "service", backups, fixture->now, &error));
  g_assert_true (reprise_seen_read (fixture->history, "service", &seen, &error));
  g_assert_no_error (error);
  newest = reprise_time_to_string (seen->newest_at);
  g_assert_cmpstr (newest, ==, "2026-10-01T01:00:00.000Z");
}

/* Nothing is written by looking: a schedule that is seen for the first time begins when it is followed. */
static void
test_peek_writes_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) other = reprise_service_new (NULL, "sqlite", "Sales");
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (GDateTime) mark = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (other, REPRISE_SCHEDULE_SETTING, "daily 02:00");
  g_assert_true (reprise_scheduler_peek (fixture->history, other, REPRISE_ROUTINE_BACK_UP,
                                         fixture->now, fixture->zone, &due, &error));
  g_assert_null (due);
  g_assert_true (
    reprise_history_get_mark (fixture->history, reprise_service_get_uuid (other), &mark, &error));
  g_assert_null (mark);
}

static void
test_outlasted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) after = reprise_time_from_string ("2026-10-02T02:05:00Z");

  g_assert_true (reprise_scheduler_is_due_meanwhile (fixture->service, fixture->begun, fixture->now,
                                                     fixture->zone));
  g_assert_false (
    reprise_scheduler_is_due_meanwhile (fixture->service, after, fixture->now, fixture->zone));
}

static RepriseBackup *
make_backup (const char *created, RepriseBackupState state)
{
  g_autoptr (GDateTime) at = reprise_time_from_string (created);

  return g_object_new (REPRISE_TYPE_BACKUP, "id", created, "created-at", at, "state", state,
                       "on-service", TRUE, NULL);
}

/* What lies on the service counts as what was last known, with the time when that was. */
static void
test_seen (Fixture *fixture, gconstpointer data)
{
  const char *uuid = reprise_service_get_uuid (fixture->service);
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) runs = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (RepriseSeen) seen = NULL;
  g_autoptr (RepriseStatus) before = NULL;
  g_autoptr (RepriseStatus) status = NULL;
  RepriseStanding standing = { .service = fixture->service, .runs = runs, .overdue_days = 2 };
  g_autoptr (GDateTime) late = g_date_time_add_days (fixture->now, 5);
  g_autoptr (RepriseStatus) overdue = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_seen_read (fixture->history, uuid, &seen, &error));
  g_assert_null (seen);
  g_ptr_array_add (backups, make_backup ("2026-10-01T22:00:00.000Z", REPRISE_BACKUP_COMPLETE));
  g_ptr_array_add (backups, make_backup ("2026-10-02T01:00:00.000Z", REPRISE_BACKUP_PARTIAL));
  g_ptr_array_add (backups, make_backup ("2026-09-01T22:00:00.000Z", REPRISE_BACKUP_COMPLETE));
  g_assert_true (reprise_seen_note (fixture->history, uuid, backups, fixture->now, &error));
  g_assert_true (reprise_seen_read (fixture->history, uuid, &seen, &error));
  before = reprise_standing_make_status (&standing, NULL, fixture->now);
  g_assert_cmpint (before->state, ==, REPRISE_STATUS_NEVER);
  standing.seen = seen;
  status = reprise_standing_make_status (&standing, NULL, fixture->now);
  g_assert_cmpint (status->state, ==, REPRISE_STATUS_UP_TO_DATE);
  g_assert_nonnull (strstr (status->subtitle, "4 hours ago · on the service, as of "));
  g_assert_true (
    g_date_time_equal (reprise_standing_get_point (&standing, fixture->now), seen->newest_at));
  overdue = reprise_standing_make_status (&standing, NULL, late);
  g_assert_cmpint (overdue->state, ==, REPRISE_STATUS_OVERDUE);
  g_clear_pointer (&seen, reprise_seen_free);
  g_assert_true (reprise_seen_note (fixture->history, uuid, none, fixture->now, &error));
  g_assert_true (reprise_seen_read (fixture->history, uuid, &seen, &error));
  g_assert_nonnull (seen);
  g_assert_null (seen->newest_at);
}

/* What is dated ahead is no news beside a backup that is not, neither in the vault nor on the service: that one is overdue all the same. */
static void
test_dated_ahead (Fixture *fixture, gconstpointer data)
{
  const char *uuid = reprise_service_get_uuid (fixture->service);
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) runs = g_ptr_array_new ();
  g_autoptr (RepriseSeen) seen = NULL;
  g_autoptr (RepriseStatus) overdue = NULL;
  g_autoptr (RepriseStatus) news = NULL;
  g_autoptr (RepriseStatus) only = NULL;
  RepriseStanding standing = { .service = fixture->service, .runs = runs, .overdue_days = 2 };
  g_autofree char *lost = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (backups, make_backup ("2027-05-01T02:00:00.000Z", REPRISE_BACKUP_COMPLETE));
  g_assert_true (reprise_standing_find_newest (backups, TRUE, fixture->now) == backups->pdata[0]);
  g_ptr_array_add (backups, make_backup ("2026-09-20T02:00:00.000Z", REPRISE_BACKUP_COMPLETE));
  g_assert_true (reprise_standing_find_newest (backups, TRUE, fixture->now) == backups->pdata[1]);

  standing.newest = standing.restorable = backups->pdata[1];
  standing.ahead = backups->pdata[0];
  overdue = reprise_standing_make_status (&standing, NULL, fixture->now);
  g_assert_cmpint (overdue->state, ==, REPRISE_STATUS_OVERDUE);
  g_assert_cmpstr (overdue->line, ==, "No backup for 12 days");
  g_assert_nonnull (strstr (overdue->subtitle, "another one is dated ahead: "));

  g_assert_true (reprise_seen_note (fixture->history, uuid, backups, fixture->now, &error));
  g_assert_true (reprise_seen_read (fixture->history, uuid, &seen, &error));
  g_assert_true (
    g_date_time_equal (seen->newest_at, reprise_backup_get_created_at (backups->pdata[1])));
  g_assert_false (reprise_seen_is_newer (seen, seen->newest_at, fixture->now));
  standing.newest = standing.restorable = standing.ahead;
  standing.seen = seen;
  news = reprise_standing_make_status (&standing, NULL, fixture->now);
  g_assert_cmpstr (news->line, ==, "No backup for 12 days");
  g_assert_true (
    g_date_time_equal (reprise_standing_get_point (&standing, fixture->now), seen->newest_at));

  standing.seen = NULL;
  only = reprise_standing_make_status (&standing, NULL, fixture->now);
  g_assert_cmpstr (only->title, ==, "Last Backup Is Dated Ahead");
  lost = reprise_standing_dup_recovery (&standing, fixture->now);
  g_assert_nonnull (strstr (lost, "is not known"));
}

/* From when to when data was read; not where that is the same minute. */
static void
test_interval (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseManifest) manifest =
    reprise_manifest_new (fixture->service, "01JD0000000000000000000000", REPRISE_ORIGIN_MANUAL);
  g_autoptr (GDateTime) soon = g_date_time_add_seconds (fixture->now, 5);
  g_autoptr (GDateTime) later = g_date_time_add_minutes (fixture->now, 190);
  g_autofree char *begun = reprise_time_to_text (fixture->now);
  g_autofree char *ended = reprise_time_to_text (later);
  g_autofree char *expected = g_strdup_printf ("%s to %s", begun, ended);
  g_autofree char *text = NULL;

  reprise_manifest_set_interval (manifest, fixture->now, soon);
  g_assert_null (reprise_interval_dup_text (manifest));
  reprise_manifest_set_interval (manifest, fixture->now, later);
  text = reprise_interval_dup_text (manifest);
  g_assert_cmpstr (text, ==, expected);
  g_assert_null (reprise_interval_dup_text (NULL));
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add ("/standing/dated-ahead", Fixture, NULL, set_up, test_dated_ahead, tear_down);
  g_test_add ("/standing/waits", Fixture, NULL, set_up, test_waits, tear_down);
  g_test_add ("/standing/tried-again", Fixture, NULL, set_up, test_tried_again, tear_down);
  g_test_add ("/standing/what-counts", Fixture, NULL, set_up, test_what_counts, tear_down);
  g_test_add ("/standing/peek-writes-nothing", Fixture, NULL, set_up, test_peek_writes_nothing,
              tear_down);
  g_test_add ("/standing/outlasted", Fixture, NULL, set_up, test_outlasted, tear_down);
  g_test_add ("/standing/seen", Fixture, NULL, set_up, test_seen, tear_down);
  g_test_add ("/standing/interval", Fixture, NULL, set_up, test_interval, tear_down);
  return g_test_run ();
}
