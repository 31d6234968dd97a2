/* test-sixty-days.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-gate.h"
#include "provider/reprise-scheduler.h"
#include "reprise-test.h"
#include "schedule/reprise-retention.h"

/* The rules of Paris, written out so that no tzdata is needed; clocks go back on 25 October 2026. */
#define PARIS  "CET-1CEST,M3.5.0,M10.5.0/3"
#define DECADE (G_GINT64_CONSTANT (3653) * 24 * 60)

/*
 * Sixty days of one service: the computer sleeps, is offline, saves power, its clock jumps by ten years and back. What is due is run
 * and what the rules do not keep is deleted as the background service does it; beside it goes a model that is written down anew, minute
 * by minute and period by period.
 */
typedef struct
{
  RepriseHistory *history;
  RepriseService *service;
  GTimeZone *zone;
  GDateTime *now;
  GRand *random;
  GPtrArray *backups; /* (element-type RepriseBackup): what there is */
  guint n_made;

  GDateTime *dealt_with; /* the model's mark */
  GPtrArray *expected;   /* (element-type utf8): identifiers of what the model has */
  guint n_waits, n_runs, n_deleted;
} Life;

static void
set_up (Life *life, gconstpointer data)
{
  g_autofree char *path = reprise_history_dup_default_path ();

  life->history = reprise_history_new (path);
  life->service = reprise_service_new (NULL, "sqlite", "Orders");
  reprise_service_set_setting (life->service, REPRISE_SCHEDULE_SETTING,
                               "daily 02:30 14:10; weekly sun 23:59");
  life->zone = g_time_zone_new_identifier (PARIS);
  life->now = reprise_time_from_string ("2026-10-01T12:00:00Z");
  life->dealt_with = g_date_time_ref (life->now);
  life->random = g_rand_new_with_seed (GPOINTER_TO_UINT (data));
  life->backups = g_ptr_array_new_with_free_func (g_object_unref);
  life->expected = g_ptr_array_new_with_free_func (g_free);
  g_assert_true (reprise_scheduler_settle_all (life->history, life->service, life->now, NULL));
}

static void
tear_down (Life *life, gconstpointer data)
{
  g_object_unref (life->history);
  g_object_unref (life->service);
  g_time_zone_unref (life->zone);
  g_date_time_unref (life->now);
  g_date_time_unref (life->dealt_with);
  g_rand_free (life->random);
  g_ptr_array_unref (life->backups);
  g_ptr_array_unref (life->expected);
}

static void
pass (Life *life, gint64 minutes)
{
  GDateTime *now = g_date_time_add (life->now, minutes * G_TIME_SPAN_MINUTE);

  g_date_time_unref (life->now);
  life->now = now;
}

/* --- the model --- */

/* Whether the schedule has a moment at that minute; of a time that clocks show twice the second one. */
static gboolean
is_slot (Life *life, GDateTime *moment)
{
  g_autoptr (GDateTime) local = g_date_time_to_timezone (moment, life->zone);
  int clock = g_date_time_get_hour (local) * 100 + g_date_time_get_minute (local);

  if (clock == 1410 || (clock == 2359 && g_date_time_get_day_of_week (local) == 7))
    return TRUE;
  return clock == 230 &&
         !(g_date_time_get_month (local) == 10 && g_date_time_get_day_of_month (local) == 25 &&
           g_date_time_get_year (local) == 2026 && g_date_time_is_daylight_savings (local));
}

/* (transfer full) (nullable): the last moment since what was dealt with; a mark of the future is due at once */
static GDateTime *
find_expected (Life *life)
{
  const gint64 behind = g_date_time_difference (life->now, life->dealt_with) / G_TIME_SPAN_MINUTE;

  if (behind < -60)
    return g_date_time_ref (life->now);
  for (gint64 back = 0; back < MIN (behind, 3 * 24 * 60); back++)
    {
      g_autoptr (GDateTime) moment = g_date_time_add (life->now, -back * G_TIME_SPAN_MINUTE);

      if (is_slot (life, moment))
        return g_steal_pointer (&moment);
    }
  return NULL;
}

static RepriseBackup *
find_backup (Life *life, const char *id)
{
  for (guint i = 0; i < life->backups->len; i++)
    if (g_str_equal (reprise_backup_get_id (life->backups->pdata[i]), id))
      return life->backups->pdata[i];
  g_assert_not_reached ();
}

/* Of the last @n days or weeks that have a backup the newest each. The identifiers begin with the time: their order is that of time. */
static void
keep_periods (Life *life, GHashTable *kept, const char *format, guint n)
{
  g_autoptr (GHashTable) periods = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = life->expected->len; i-- > 0;)
    {
      const char *id = life->expected->pdata[i];
      g_autoptr (GDateTime) local = g_date_time_to_timezone (
        reprise_backup_get_created_at (find_backup (life, id)), life->zone);
      char *period = g_date_time_format (local, format);

      if (g_hash_table_size (periods) == n && !g_hash_table_contains (periods, period))
        {
          g_free (period);
          return;
        }
      if (g_hash_table_add (periods, period))
        g_hash_table_add (kept, (gpointer) id);
    }
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

/* last=3 daily=7 weekly=3; nothing while there is a backup of the future */
static void
delete_expected (Life *life)
{
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);

  g_ptr_array_sort (life->expected, compare_texts);
  for (guint i = 0; i < life->expected->len; i++)
    if (g_date_time_difference (
          reprise_backup_get_created_at (find_backup (life, life->expected->pdata[i])), life->now) >
        G_TIME_SPAN_HOUR)
      return;
  for (guint i = 0; i < 3 && i < life->expected->len; i++)
    g_hash_table_add (kept, life->expected->pdata[life->expected->len - 1 - i]);
  keep_periods (life, kept, "%Y-%m-%d", 7);
  keep_periods (life, kept, "%G-%V", 3);
  for (guint i = life->expected->len; i-- > 0;)
    if (!g_hash_table_contains (kept, life->expected->pdata[i]))
      g_ptr_array_remove_index (life->expected, i);
}

/* --- what the background service does --- */

static void
make_backup (Life *life)
{
  g_autofree char *stamp = g_date_time_format (life->now, "%Y%m%dT%H%M%S");
  g_autofree char *id = g_strdup_printf ("%s-%05u", stamp, life->n_made++);
  RepriseBackup *backup =
    reprise_backup_new (id, reprise_service_get_uuid (life->service), "sqlite");

  g_object_set (backup, "created-at", life->now, "verified-at", life->now, "state",
                REPRISE_BACKUP_VERIFIED, "in-vault", TRUE, "size-bytes", (gint64) 1000, NULL);
  g_ptr_array_add (life->backups, backup);
  g_ptr_array_add (life->expected, g_strdup (id));
}

static void
prune (Life *life)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) planned = NULL;
  RepriseRetention retention;

  g_assert_true (reprise_retention_read ("last=3 daily=7 weekly=3", &retention, NULL));
  planned = reprise_retention_plan (&retention, life->backups, life->now, life->zone, &error);
  for (guint i = 0; planned != NULL && i < planned->len; i++)
    {
      const RepriseRetentionEntry *entry = planned->pdata[i];

      if (entry->reasons != REPRISE_RETENTION_NOT_KEPT)
        continue;
      g_assert_true (g_ptr_array_remove (life->backups, entry->backup));
      life->n_deleted++;
    }
  if (planned == NULL)
    g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
}

static void
assert_same (Life *life)
{
  g_assert_cmpuint (life->backups->len, ==, life->expected->len);
  for (guint i = 0; i < life->expected->len; i++)
    g_assert_nonnull (find_backup (life, life->expected->pdata[i]));
}

/* One look, under those conditions. */
static void
look (Life *life, const RepriseConditions *conditions)
{
  g_autoptr (GDateTime) expected = find_expected (life);
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_scheduler_check (life->history, life->service, REPRISE_ROUTINE_BACK_UP,
                                          life->now, life->zone, &due, &error));
  g_assert_no_error (error);
  g_assert_true ((due == NULL) == (expected == NULL));
  if (due == NULL)
    return;
  g_assert_cmpint (g_date_time_compare (due->at, expected), ==, 0);
  if (reprise_gate_check (conditions, TRUE, FALSE, FALSE) != REPRISE_WAIT_NOTHING)
    {
      g_assert_true (!conditions->network || conditions->metered || conditions->power_saver);
      life->n_waits++;
      return;
    }
  g_assert_true (conditions->network && !conditions->metered && !conditions->power_saver);
  make_backup (life);
  delete_expected (life);
  g_assert_true (reprise_scheduler_end (life->history, due, life->now, NULL, &error));
  prune (life);
  assert_same (life);
  life->n_runs++;
  g_date_time_unref (life->dealt_with);
  life->dealt_with = g_date_time_ref (expected);
}

static void
live (Life *life, guint n_days)
{
  g_autoptr (GDateTime) end = g_date_time_add_days (life->now, (int) n_days);

  while (g_date_time_compare (life->now, end) < 0)
    {
      gboolean sleeps = g_rand_int_range (life->random, 0, 25) == 0;
      const RepriseConditions conditions = { g_rand_int_range (life->random, 0, 3) > 0,
                                             g_rand_int_range (life->random, 0, 6) == 0,
                                             g_rand_int_range (life->random, 0, 8) == 0 };

      pass (life, sleeps ? g_rand_int_range (life->random, 60, 4000)
                         : g_rand_int_range (life->random, 1, 20));
      look (life, &conditions);
    }
}

static void
test_life (Life *life, gconstpointer data)
{
  const RepriseConditions good = { .network = TRUE };
  guint n_before;

  live (life, 44);
  g_assert_cmpuint (life->n_runs, >, 20);
  g_assert_cmpuint (life->n_waits, >, 10);
  g_assert_cmpuint (life->n_deleted, >, 10);

  /* Ten years ahead: one backup, and no more than a day's worth is deleted by it. */
  n_before = life->backups->len;
  pass (life, DECADE);
  look (life, &good);
  g_assert_cmpuint (life->backups->len + 2, >=, n_before);
  look (life, &good);

  /* And back: a backup of the future stops all deletion, and is no reason to run none for ten years. */
  n_before = life->n_deleted;
  pass (life, -DECADE);
  look (life, &good);
  live (life, 8);
  g_assert_cmpuint (life->n_deleted, ==, n_before);

  /* Ten years back, and to where it was. */
  pass (life, -DECADE);
  look (life, &good);
  live (life, 2);
  pass (life, DECADE);
  look (life, &good);
  live (life, 6);
  g_assert_cmpuint (life->n_deleted, ==, n_before);
  g_assert_cmpuint (life->n_runs, >, 30);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  for (guint seed = 1; seed <= 8; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/sixty-days/%u", seed);

      g_test_add (path, Life, GUINT_TO_POINTER (seed), set_up, test_life, tear_down);
    }
  return g_test_run ();
}
