/* test-schedule.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "provider/reprise-scheduler.h"
#include "reprise-agent-schedule.h"
#include "reprise-fake-kind.h"
#include "reprise-test.h"

#define N_SERVICES 3

typedef struct
{
  char *folder;
  RepriseRegistry *registry;
  RepriseContext *context;
  RepriseQueue *queue;
  RepriseSurroundings *surroundings;
  RepriseAgentSchedule *schedule;
  RepriseService *services[N_SERVICES];
  GTimeZone *zone;
  GMutex mutex;
  GDateTime *now; /* behind the mutex: workers ask */
  guint most;     /* jobs that were active at a time */
  guint n_ended;
} Fixture;

static const RepriseConditions NORMAL = { .network = TRUE };

static GDateTime *
clock_func (gpointer data)
{
  Fixture *fixture = data;
  GDateTime *now;

  g_mutex_lock (&fixture->mutex);
  now = g_date_time_ref (fixture->now);
  g_mutex_unlock (&fixture->mutex);
  return now;
}

static void
pass (Fixture *fixture, GTimeSpan span)
{
  GDateTime *now;

  g_mutex_lock (&fixture->mutex);
  now = g_date_time_add (fixture->now, span);
  g_date_time_unref (fixture->now);
  fixture->now = now;
  g_mutex_unlock (&fixture->mutex);
}

static void
items_changed_cb (Fixture *fixture)
{
  fixture->most =
    MAX (fixture->most, reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->queue)));
}

static void
ended_cb (Fixture *fixture)
{
  fixture->n_ended++;
}

static void
add_service (Fixture *fixture, guint index)
{
  g_autofree char *name = g_strdup_printf ("Orders %u", index);
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "first", -1, NULL));
  fixture->services[index] = reprise_service_new (NULL, "fake", name);
  reprise_service_set_setting (fixture->services[index], "path", path);
  reprise_service_set_setting (fixture->services[index], REPRISE_SCHEDULE_SETTING, "daily 02:00");
  g_assert_true (reprise_services_save (reprise_context_get_services (fixture->context),
                                        fixture->services[index], &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ReprisePreferences *preferences;
  g_autoptr (GError) error = NULL;

  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  fixture->folder = reprise_test_make_folder ();
  fixture->registry = reprise_registry_new ();
  reprise_registry_add (fixture->registry, REPRISE_TYPE_FAKE_KIND);
  fixture->context = reprise_context_new (fixture->registry);
  g_assert_true (reprise_context_load (fixture->context, &error));
  preferences = reprise_context_get_preferences (fixture->context);
  reprise_preferences_set_integer (preferences, REPRISE_SCHEDULE_PREFERENCE_SPREAD, 0);
  g_assert_true (reprise_preferences_save (preferences, &error));
  for (guint i = 0; i < N_SERVICES; i++)
    add_service (fixture, i);
  g_mutex_init (&fixture->mutex);
  fixture->now = reprise_time_from_string ("2026-10-01T12:00:00Z");
  fixture->zone = g_time_zone_new_utc ();
  fixture->queue = reprise_queue_new ();
  g_signal_connect_swapped (fixture->queue, "items-changed", G_CALLBACK (items_changed_cb),
                            fixture);
  g_signal_connect_swapped (fixture->queue, "ended", G_CALLBACK (ended_cb), fixture);
  fixture->surroundings = reprise_surroundings_new ();
  reprise_surroundings_pretend (fixture->surroundings, &NORMAL);
  fixture->schedule =
    reprise_agent_schedule_new (fixture->context, fixture->queue, fixture->surroundings);
  reprise_agent_schedule_set_clock (fixture->schedule, clock_func, fixture, fixture->zone);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->schedule);
  g_object_unref (fixture->surroundings);
  g_object_unref (fixture->queue);
  for (guint i = 0; i < N_SERVICES; i++)
    g_object_unref (fixture->services[i]);
  g_object_unref (fixture->context);
  g_object_unref (fixture->registry);
  g_time_zone_unref (fixture->zone);
  g_date_time_unref (fixture->now);
  g_mutex_clear (&fixture->mutex);
  reprise_test_remove_folder (fixture->folder);
}

/* Until nothing is looked for, run or written down any more. */
static void
settle (Fixture *fixture)
{
  while (reprise_agent_schedule_is_busy (fixture->schedule) ||
         reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->queue)) > 0 ||
         g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
}

static void
look (Fixture *fixture)
{
  reprise_agent_schedule_look (fixture->schedule);
  settle (fixture);
}

static guint
count_backups (Fixture *fixture)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (fixture->context);
  g_autoptr (GPtrArray) backups = reprise_vault_list (vault, NULL, NULL, NULL);

  return backups != NULL ? backups->len : 0;
}

/* What was missed in three days is made up for once, two services side by side at most. */
static void
test_catches_up (Fixture *fixture, gconstpointer data)
{
  look (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 0);
  pass (fixture, 3 * G_TIME_SPAN_DAY);
  look (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, N_SERVICES);
  g_assert_cmpuint (count_backups (fixture), ==, N_SERVICES);
  g_assert_cmpuint (fixture->most, ==, 2);
  look (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, N_SERVICES);
  pass (fixture, G_TIME_SPAN_DAY);
  look (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 2 * N_SERVICES);
}

/* Each begins a little later, always as much, within the time that is set. */
static void
test_spreads (Fixture *fixture, gconstpointer data)
{
  ReprisePreferences *preferences = reprise_context_get_preferences (fixture->context);
  guint expected = 0;

  reprise_preferences_set_integer (preferences, REPRISE_SCHEDULE_PREFERENCE_SPREAD, 1000);
  g_assert_true (reprise_preferences_save (preferences, NULL));
  look (fixture);
  pass (fixture, 14 * G_TIME_SPAN_HOUR + 500 * G_TIME_SPAN_SECOND);
  for (guint i = 0; i < N_SERVICES; i++)
    expected += reprise_scheduler_get_offset_seconds (fixture->services[i], 1000) <= 500 ? 1 : 0;
  look (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, expected);
  pass (fixture, 500 * G_TIME_SPAN_SECOND);
  look (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, N_SERVICES);
}

static void
test_waits (Fixture *fixture, gconstpointer data)
{
  const RepriseConditions saving = { .network = TRUE, .power_saver = TRUE };
  const char *uuid = reprise_service_get_uuid (fixture->services[0]);

  look (fixture);
  pass (fixture, G_TIME_SPAN_DAY);
  reprise_surroundings_pretend (fixture->surroundings, &saving);
  look (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 0);
  g_assert_cmpint (reprise_agent_schedule_get_wait (fixture->schedule, uuid), ==,
                   REPRISE_WAIT_POWER_SAVER);
  reprise_surroundings_pretend (fixture->surroundings, &NORMAL);
  settle (fixture);
  g_assert_cmpuint (count_backups (fixture), ==, N_SERVICES);
  g_assert_cmpint (reprise_agent_schedule_get_wait (fixture->schedule, uuid), ==,
                   REPRISE_WAIT_NOTHING);
}

static void
wait_for_active (Fixture *fixture, guint n)
{
  while (reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->queue)) != n ||
         reprise_agent_schedule_is_busy (fixture->schedule))
    g_main_context_iteration (NULL, TRUE);
}

/* Power is saved in the middle: what runs by itself stops at its next safe point, and is still due. */
static void
test_gives_way (Fixture *fixture, gconstpointer data)
{
  const RepriseConditions saving = { .network = TRUE, .power_saver = TRUE };

  look (fixture);
  pass (fixture, G_TIME_SPAN_DAY);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_HANG);
  reprise_agent_schedule_look (fixture->schedule);
  wait_for_active (fixture, 2);
  reprise_surroundings_pretend (fixture->surroundings, &saving);
  settle (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 2);
  g_assert_cmpuint (count_backups (fixture), ==, 0);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  reprise_surroundings_pretend (fixture->surroundings, &NORMAL);
  settle (fixture);
  g_assert_cmpuint (count_backups (fixture), ==, N_SERVICES);
}

/* What a person stops is dealt with; what is stopped because all ends is not. */
static void
test_stops (Fixture *fixture, gconstpointer data)
{
  look (fixture);
  pass (fixture, G_TIME_SPAN_DAY);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_HANG);
  reprise_agent_schedule_look (fixture->schedule);
  wait_for_active (fixture, 2);
  reprise_queue_stop_all (fixture->queue, REPRISE_STOP_SOFT);
  while (fixture->n_ended < 2 || reprise_agent_schedule_is_busy (fixture->schedule))
    g_main_context_iteration (NULL, TRUE);
  wait_for_active (fixture, 1);
  reprise_agent_schedule_end (fixture->schedule);
  reprise_queue_stop_all (fixture->queue, REPRISE_STOP_SOFT);
  settle (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 3);
  g_clear_object (&fixture->schedule);
  fixture->schedule =
    reprise_agent_schedule_new (fixture->context, fixture->queue, fixture->surroundings);
  reprise_agent_schedule_set_clock (fixture->schedule, clock_func, fixture, fixture->zone);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  look (fixture);
  g_assert_cmpuint (count_backups (fixture), ==, 1);
}

/* A backup that takes longer than its interval is never cut, and what was due meanwhile is one more. */
static void
test_longer_than_its_interval (Fixture *fixture, gconstpointer data)
{
  for (guint i = 1; i < N_SERVICES; i++)
    {
      reprise_service_set_setting (fixture->services[i], REPRISE_SCHEDULE_SETTING_PAUSED, "true");
      g_assert_true (reprise_services_save (reprise_context_get_services (fixture->context),
                                            fixture->services[i], NULL));
    }
  look (fixture);
  pass (fixture, G_TIME_SPAN_DAY);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_HANG);
  reprise_agent_schedule_look (fixture->schedule);
  wait_for_active (fixture, 1);
  for (guint day = 0; day < 4; day++)
    {
      pass (fixture, G_TIME_SPAN_DAY);
      reprise_agent_schedule_look (fixture->schedule);
      while (reprise_agent_schedule_is_busy (fixture->schedule))
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)), ==, 1);
    }
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  reprise_queue_stop_all (fixture->queue, REPRISE_STOP_SOFT);
  settle (fixture);
  g_assert_cmpuint (fixture->n_ended, ==, 2);
  g_assert_cmpuint (count_backups (fixture), ==, 1);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add ("/agent/schedule/catches-up", Fixture, NULL, set_up, test_catches_up, tear_down);
  g_test_add ("/agent/schedule/spreads", Fixture, NULL, set_up, test_spreads, tear_down);
  g_test_add ("/agent/schedule/waits", Fixture, NULL, set_up, test_waits, tear_down);
  g_test_add ("/agent/schedule/gives-way", Fixture, NULL, set_up, test_gives_way, tear_down);
  g_test_add ("/agent/schedule/stops", Fixture, NULL, set_up, test_stops, tear_down);
  g_test_add ("/agent/schedule/longer-than-its-interval", Fixture, NULL, set_up,
              test_longer_than_its_interval, tear_down);
  return g_test_run ();
}
