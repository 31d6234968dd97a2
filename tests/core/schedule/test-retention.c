/* test-retention.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "reprise-test.h"
#include "schedule/reprise-retention.h"

static RepriseBackup *
add (GPtrArray *backups, const char *id, const char *at)
{
  RepriseBackup *backup = reprise_backup_new (id, "service", "sqlite");
  g_autoptr (GDateTime) time = reprise_time_from_string (at);

  g_object_set (backup, "created-at", time, "state", REPRISE_BACKUP_COMPLETE, NULL);
  g_ptr_array_add (backups, backup);
  return backup;
}

static GPtrArray *
plan (const char *text, GPtrArray *backups, const char *now, GError **error)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = reprise_time_from_string (now);
  RepriseRetention retention;

  g_assert_true (reprise_retention_read (text, &retention, NULL));
  return reprise_retention_plan (&retention, backups, time, utc, error);
}

/* Which stay, the newest first: “d c a” */
static char *
dup_kept (GPtrArray *entries)
{
  GString *kept = g_string_new (NULL);

  for (guint i = 0; i < entries->len; i++)
    {
      const RepriseRetentionEntry *entry = entries->pdata[i];

      if (entry->reasons != REPRISE_RETENTION_NOT_KEPT)
        g_string_append_printf (kept, "%s%s", kept->len > 0 ? " " : "",
                                reprise_backup_get_id (entry->backup));
    }
  return g_string_free (kept, FALSE);
}

static void
assert_kept (const char *text, GPtrArray *backups, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = plan (text, backups, "2026-11-21T12:00:00Z", &error);
  g_autofree char *kept = NULL;

  g_assert_no_error (error);
  kept = dup_kept (entries);
  g_assert_cmpstr (kept, ==, expected);
}

static GPtrArray *
make_week (void)
{
  GPtrArray *backups = g_ptr_array_new_with_free_func (g_object_unref);

  add (backups, "c", "2026-11-18T02:00:00Z");
  add (backups, "a", "2026-10-30T02:00:00Z");
  add (backups, "e", "2026-11-20T14:00:00Z");
  add (backups, "d", "2026-11-20T02:00:00Z");
  add (backups, "b", "2026-11-01T02:00:00Z"); /* a Sunday: the week of 26 October */
  add (backups, "f", "2026-11-21T02:00:00Z");
  return backups;
}

static void
test_rules (void)
{
  g_autoptr (GPtrArray) week = make_week ();

  assert_kept ("", week, "f e d c b a");
  assert_kept ("last=2", week, "f e");
  assert_kept ("daily=2", week, "f e");
  assert_kept ("daily=3", week, "f e c");
  assert_kept ("hourly=3", week, "f e d");
  assert_kept ("weekly=3", week, "f b");
  assert_kept ("monthly=3", week, "f a");
  assert_kept ("yearly=5", week, "f");
  assert_kept ("last=1 weekly=2 monthly=2", week, "f b a");
}

static void
test_exceptions (void)
{
  g_autoptr (GPtrArray) week = make_week ();

  g_object_set (week->pdata[1], "kept", TRUE, NULL);                     /* a */
  g_object_set (week->pdata[0], "state", REPRISE_BACKUP_VERIFIED, NULL); /* c */
  g_object_set (week->pdata[3], "parent", "b", NULL);                    /* d goes on from b */
  assert_kept ("last=1", week, "f c a");
  assert_kept ("last=3", week, "f e d c b a");
  g_object_set (week->pdata[5], "damage", "a byte is wrong",
                NULL); /* f: it takes the place of nothing */
  assert_kept ("last=1", week, "e c a");
  g_object_set (week->pdata[2], "origin", REPRISE_ORIGIN_SAFETY, NULL); /* e */
  assert_kept ("last=1", week, "e d c b a");
}

/* Reports alone are no substitute for the data, nor is what only the service itself can restore. */
static void
test_groups (void)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  RepriseBackup *backup;

  backup = add (backups, "a", "2026-11-19T02:00:00Z");
  g_object_set (backup, "groups", REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED), NULL);
  backup = add (backups, "b", "2026-11-20T02:00:00Z");
  g_object_set (backup, "groups", REPRISE_GROUP_BIT (REPRISE_GROUP_LOG), NULL);
  assert_kept ("last=1", backups, "b a");
  backup = add (backups, "c", "2026-11-21T02:00:00Z");
  g_object_set (backup, "groups",
                REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED) | REPRISE_GROUP_BIT (REPRISE_GROUP_LOG),
                NULL);
  assert_kept ("last=1", backups, "c");
  g_object_set (backup, "bound", TRUE, NULL);
  assert_kept ("last=1", backups, "c b a");
}

static void
test_never_all (void)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);

  add (backups, "a", "2016-11-21T02:00:00Z");
  assert_kept ("yearly=1", backups, "a");
  add (backups, "b", "2016-11-21T02:00:00Z"); /* the same moment: the later identifier */
  assert_kept ("last=1", backups, "b");
}

static RepriseBackup *
add_period (GPtrArray *backups, const char *id, const char *at, const char *periods)
{
  RepriseBackup *backup = add (backups, id, at);

  g_object_set (backup, "groups", REPRISE_GROUP_BIT (REPRISE_GROUP_LOG), "periods", periods, NULL);
  return backup;
}

#define DAY_1 "2026-11-17T00:00:00.000Z"
#define DAY_2 "2026-11-18T00:00:00.000Z"
#define DAY_3 "2026-11-19T00:00:00.000Z"
#define DAY_4 "2026-11-20T00:00:00.000Z"

/* What happened in a period is asked for once: the only record of it stays, for that reason; one that another has too goes. */
static void
test_periods (void)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *text = NULL;

  add_period (backups, "a", "2026-11-18T02:00:00Z", "calls " DAY_1 " " DAY_2);
  add_period (backups, "b", "2026-11-19T02:00:00Z", "calls " DAY_2 " " DAY_3);
  add_period (backups, "c", "2026-11-20T02:00:00Z", "calls " DAY_3 " " DAY_4);
  assert_kept ("last=1", backups, "c b a");
  entries = plan ("last=1", backups, "2026-11-21T12:00:00Z", NULL);
  text = reprise_retention_entry_to_text (entries->pdata[2]);
  g_assert_cmpstr (text, ==, "no other one has its period");
  g_assert_cmpint (((RepriseRetentionEntry *) entries->pdata[2])->reasons, ==,
                   REPRISE_RETENTION_ONLY_PERIOD);
  /* one of all days: those of single days are not needed; of another thing one of them is */
  add_period (backups, "d", "2026-11-20T03:00:00Z", "calls " DAY_1 " " DAY_4);
  assert_kept ("last=1", backups, "d");
  g_object_set (backups->pdata[1], "periods", "calls " DAY_2 " " DAY_3 "\nusers " DAY_2 " " DAY_3,
                NULL);
  assert_kept ("last=1", backups, "d b");
  /* two that touch make up for one that spans them */
  g_object_set (backups->pdata[3], "periods", "calls " DAY_2 " " DAY_4, NULL);
  g_object_set (backups->pdata[0], "kept", TRUE, NULL);
  g_object_set (backups->pdata[2], "periods", "calls " DAY_1 " " DAY_3, NULL);
  assert_kept ("last=1", backups, "d b a");
  /* what is damaged, and what other rules may delete, makes up for nothing */
  g_object_set (backups->pdata[0], "kept", FALSE, "damage", "a byte is wrong", NULL);
  assert_kept ("last=1", backups, "d c b");
  g_object_set (backups->pdata[3], "origin", REPRISE_ORIGIN_SAFETY, NULL);
  assert_kept ("last=1", backups, "d c b");
  /* what cannot be read is no reason */
  g_object_set (backups->pdata[1], "periods", "users yesterday today", NULL);
  assert_kept ("last=1", backups, "d c");
}

/* A backup of logs only, made after each one of the data, takes the place of none. */
static void
test_groups_apart (void)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);

  for (int day = 16; day <= 20; day++)
    {
      g_autofree char *data = g_strdup_printf ("data-%d", day);
      g_autofree char *data_at = g_strdup_printf ("2026-11-%dT02:00:00Z", day);
      g_autofree char *log = g_strdup_printf ("log-%d", day);
      g_autofree char *log_at = g_strdup_printf ("2026-11-%dT02:05:00Z", day);

      g_object_set (add (backups, data, data_at), "groups",
                    REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED), NULL);
      g_object_set (add (backups, log, log_at), "groups", REPRISE_GROUP_BIT (REPRISE_GROUP_LOG),
                    NULL);
    }
  assert_kept ("daily=2", backups, "log-20 data-20 log-19 data-19");
  assert_kept ("last=3", backups, "log-20 data-20 log-19 data-19 log-18 data-18");
}

static void
test_clock (void)
{
  g_autoptr (GPtrArray) backups = make_week ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  /* The clock went ten years back: all others are of its future. */
  g_assert_null (plan ("last=1", backups, "2016-11-21T12:00:00Z", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&error);
  /* It went ten years forward: the counts decide, and they did not change. */
  entries = plan ("daily=9", backups, "2036-11-21T12:00:00Z", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < entries->len; i++)
    {
      const RepriseRetentionEntry *entry = entries->pdata[i];

      g_assert_true (entry->reasons != REPRISE_RETENTION_NOT_KEPT ||
                     g_str_equal (reprise_backup_get_id (entry->backup), "d"));
    }
  /* It made a backup there, and was put right. */
  add (backups, "g", "2036-11-21T02:00:00Z");
  g_assert_null (plan ("last=3", backups, "2026-11-22T12:00:00Z", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&error);
  g_object_set (backups->pdata[6], "kept", TRUE, NULL);
  assert_kept ("last=3", backups, "g f e");
}

/* Sixty days of four backups each, the plan carried out after each: what stays is what the rules say of all that ever was. */
static void
test_sixty_days (void)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("CET-1CEST,M3.5.0,M10.5.0/3");
  g_autoptr (GDateTime) now = reprise_time_from_string ("2026-10-01T00:00:00Z");
  RepriseRetention retention;

  g_assert_true (
    reprise_retention_read ("last=2 hourly=3 daily=7 weekly=4 monthly=2", &retention, NULL));
  for (guint i = 0; i < 240; i++)
    {
      g_autofree char *id = g_strdup_printf ("%03u", i);
      g_autofree char *at = reprise_time_to_string (now);
      g_autoptr (GPtrArray) model = NULL;
      g_autoptr (GPtrArray) entries = NULL;
      g_autofree char *expected = NULL;
      g_autofree char *kept = NULL;
      GDateTime *next = g_date_time_add_minutes (now, g_random_int_range (20, 700));

      g_ptr_array_add (left, g_object_ref (add (all, id, at)));
      model = reprise_retention_plan (&retention, all, now, zone, NULL);
      entries = reprise_retention_plan (&retention, left, now, zone, NULL);
      expected = dup_kept (model);
      kept = dup_kept (entries);
      g_assert_cmpstr (kept, ==, expected);
      for (guint k = 0; k < entries->len; k++)
        {
          const RepriseRetentionEntry *entry = entries->pdata[k];

          if (entry->reasons == REPRISE_RETENTION_NOT_KEPT)
            g_ptr_array_remove (left, entry->backup);
        }
      g_date_time_unref (now);
      now = next;
    }
  g_assert_cmpuint (left->len, <=, 2 + 3 + 7 + 4 + 2);
}

static void
test_text (void)
{
  static const char *const WRONG[] = { "daily",  "daily=",      "daily=-1", "daily=x",
                                       "days=3", "daily=10001", "=3" };
  RepriseRetention retention;
  g_autofree char *text = NULL;

  g_assert_true (reprise_retention_read (" weekly=4  daily=7 last=0", &retention, NULL));
  text = reprise_retention_to_string (&retention);
  g_assert_cmpstr (text, ==, "daily=7 weekly=4");
  g_assert_true (reprise_retention_read (NULL, &retention, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (reprise_retention_read (WRONG[i], &retention, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/retention/rules", test_rules);
  g_test_add_func ("/retention/exceptions", test_exceptions);
  g_test_add_func ("/retention/never-all", test_never_all);
  g_test_add_func ("/retention/groups", test_groups);
  g_test_add_func ("/retention/groups-apart", test_groups_apart);
  g_test_add_func ("/retention/periods", test_periods);
  g_test_add_func ("/retention/clock", test_clock);
  g_test_add_func ("/retention/sixty-days", test_sixty_days);
  g_test_add_func ("/retention/text", test_text);
  return g_test_run ();
}
