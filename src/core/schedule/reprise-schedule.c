/* reprise-schedule.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "schedule/reprise-schedule.h"

#define MINUTES_OF_DAY (24 * 60)
#define MAX_RULES      24
#define MAX_TIMES      48

/* From one run to the next are two months at most; two years say that there is none. */
#define MAX_DAYS 800

typedef enum
{
  HOURLY,
  DAILY,
  WEEKLY,
  MONTHLY,
} Unit;

#define LAST_DAY       31
#define SHORTEST_MONTH 28 /* days */

/* One rule of several. */
typedef struct
{
  Unit unit;
  guint every; /* of hourly: so many hours */
  guint32
    days; /* of weekly: bit 0 is Monday; of monthly: bit 0 is the first, bit 31 the last one */
  GArray *
    times; /* (owned) (element-type guint): minutes since midnight, of hourly since the hour; in order, none twice */
} Rule;

struct _RepriseSchedule
{
  GPtrArray *rules; /* (owned) (element-type Rule) */
};

G_DEFINE_BOXED_TYPE (RepriseSchedule,
                     reprise_schedule,
                     reprise_schedule_ref,
                     reprise_schedule_unref)

static const char *const UNITS[] = { "hourly", "daily", "weekly", "monthly" };
static const char *const WEEKDAYS[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static void
rule_free (Rule *rule)
{
  g_array_unref (rule->times);
  g_free (rule);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  return *(const guint *) a < *(const guint *) b ? -1 : *(const guint *) a > *(const guint *) b;
}

static gboolean
read_number (const char *text, guint min, guint max, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, min, max, &value, NULL))
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

/* “02:00”, or “:15” where the hour is left open */
static gboolean
read_time (const Rule *rule, const char *text, guint *minutes)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  guint hour = 0;

  if (g_strv_length (parts) != 2 || strlen (parts[1]) != 2 ||
      !read_number (parts[1], 0, 59, minutes))
    return FALSE;
  if (rule->unit == HOURLY)
    return *parts[0] == '\0';
  if (!read_number (parts[0], 0, 23, &hour))
    return FALSE;
  *minutes += hour * 60;
  return TRUE;
}

static gboolean
read_day (const Rule *rule, const char *text, guint *day)
{
  if (rule->unit == WEEKLY)
    for (guint i = 0; i < G_N_ELEMENTS (WEEKDAYS); i++)
      if (g_ascii_strcasecmp (text, WEEKDAYS[i]) == 0)
        {
          *day = i;
          return TRUE;
        }
  if (rule->unit != MONTHLY)
    return FALSE;
  if (g_ascii_strcasecmp (text, "last") == 0)
    {
      *day = LAST_DAY;
      return TRUE;
    }
  if (!read_number (text, 1, 31, day))
    return FALSE;
  *day -= 1;
  return TRUE;
}

static gboolean
read_days (Rule *rule, const char *text)
{
  g_auto (GStrv) days = g_strsplit (text, ",", 0);

  for (guint i = 0; days[i] != NULL; i++)
    {
      guint day;

      if (!read_day (rule, days[i], &day))
        return FALSE;
      rule->days |= 1u << day;
    }
  return rule->days != 0;
}

/* “daily”, or “hourly/6” */
static gboolean
read_unit (Rule *rule, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);

  rule->every = 1;
  for (guint i = 0; i < G_N_ELEMENTS (UNITS); i++)
    if (g_ascii_strcasecmp (parts[0], UNITS[i]) == 0)
      {
        rule->unit = (Unit) i;
        if (parts[1] == NULL)
          return TRUE;
        return rule->unit == HOURLY && read_number (parts[1], 1, 23, &rule->every);
      }
  return FALSE;
}

static gboolean
read_times (Rule *rule, char **words)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint minutes;

      if (!read_time (rule, words[i], &minutes))
        return FALSE;
      g_array_append_val (rule->times, minutes);
    }
  g_array_sort (rule->times, compare_times);
  for (guint i = rule->times->len; i > 1; i--)
    if (g_array_index (rule->times, guint, i - 1) == g_array_index (rule->times, guint, i - 2))
      g_array_remove_index (rule->times, i - 1);
  return rule->times->len > 0 && rule->times->len <= MAX_TIMES;
}

/* (transfer full): what stands between blanks */
static char **
split_words (const char *text)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (text, " \t\n", 0);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_strv_builder_add (builder, parts[i]);
  return g_strv_builder_end (builder);
}

/* (transfer full) (nullable) */
static Rule *
read_rule (const char *text)
{
  g_auto (GStrv) words = split_words (text);
  Rule *rule = g_new0 (Rule, 1);
  guint n = 1;
  gboolean ok;

  rule->times = g_array_new (FALSE, FALSE, sizeof (guint));
  ok = words[0] != NULL && read_unit (rule, words[0]);
  if (ok && (rule->unit == WEEKLY || rule->unit == MONTHLY))
    ok = words[1] != NULL && read_days (rule, words[n++]);
  if (ok && read_times (rule, words + n))
    return rule;
  rule_free (rule);
  return NULL;
}

/**
 * reprise_schedule_new_from_string:
 * @text: see #RepriseSchedule
 *
 * Returns: (transfer full): the schedule, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseSchedule *
reprise_schedule_new_from_string (const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (*text != '\0' ? text : ";", ";", MAX_RULES + 1);
  RepriseSchedule *self = g_atomic_rc_box_new0 (RepriseSchedule);

  self->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) rule_free);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      Rule *rule = read_rule (parts[i]);

      if (rule == NULL)
        {
          reprise_error_set (
            error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
            _ ("“%s” is no schedule. Schedules are “hourly :15”, “hourly/6 :15”, “daily "
               "02:00 14:00”, “weekly mon,thu 02:00” or “monthly 1,15,last 02:00”"),
            g_strstrip (parts[i]));
          reprise_schedule_unref (self);
          return NULL;
        }
      g_ptr_array_add (self->rules, rule);
    }
  return self;
}

RepriseSchedule *
reprise_schedule_ref (RepriseSchedule *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  RepriseSchedule *self = data;

  g_ptr_array_unref (self->rules);
}

void
reprise_schedule_unref (RepriseSchedule *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

static void
append_days (GString *text, const Rule *rule)
{
  const char *between = " ";

  for (guint day = 0; day < 32; day++)
    {
      if ((rule->days & (1u << day)) == 0)
        continue;
      if (rule->unit == WEEKLY)
        g_string_append_printf (text, "%s%s", between, WEEKDAYS[day]);
      else if (day == LAST_DAY)
        g_string_append_printf (text, "%slast", between);
      else
        g_string_append_printf (text, "%s%u", between, day + 1);
      between = ",";
    }
}

/* (transfer full): the same text for the same schedule, however it was typed */
char *
reprise_schedule_to_string (RepriseSchedule *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = self->rules->pdata[i];

      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", UNITS[rule->unit]);
      if (rule->every > 1)
        g_string_append_printf (text, "/%u", rule->every);
      append_days (text, rule);
      for (guint k = 0; k < rule->times->len; k++)
        {
          guint minutes = g_array_index (rule->times, guint, k);

          if (rule->unit == HOURLY)
            g_string_append_printf (text, " :%02u", minutes);
          else
            g_string_append_printf (text, " %02u:%02u", minutes / 60, minutes % 60);
        }
    }
  return g_string_free (text, FALSE);
}

/* Joins what a list has: “Monday, Thursday” */
static char *
join (GPtrArray *words)
{
  g_ptr_array_add (words, NULL);
  /* Translators: between the parts of a list: “Monday, Thursday” */
  return g_strjoinv (C_ ("list", ", "), (char **) words->pdata);
}

/* (transfer full): “the 15th” */
static char *
dup_ordinal (guint number)
{
  if (number == 1)
    return g_strdup (_ ("the 1st"));
  if (number % 10 == 1 && number != 11)
    /* Translators: a day of the month: 21 or 31 */
    return g_strdup_printf (_ ("the %ust"), number);
  if (number % 10 == 2 && number != 12)
    /* Translators: a day of the month: 2 or 22 */
    return g_strdup_printf (_ ("the %und"), number);
  if (number % 10 == 3 && number != 13)
    /* Translators: a day of the month: 3 or 23 */
    return g_strdup_printf (_ ("the %urd"), number);
  /* Translators: a day of the month: 4 to 20, or 24 to 30 */
  return g_strdup_printf (_ ("the %uth"), number);
}

/* (transfer full): “the 15th”; where a month does not have it, its last day stands for it, which is said of those that some have not */
static char *
dup_month_day_text (guint day)
{
  g_autofree char *ordinal = NULL;

  if (day >= LAST_DAY - 1) /* the 31st is the last day of every month */
    return g_strdup (_ ("the last day"));
  ordinal = dup_ordinal (day + 1);
  /* Translators: a day of the month that some months do not have: “the 30th” */
  return day + 1 > SHORTEST_MONTH ? g_strdup_printf (_ ("%s or the last day"), ordinal)
                                  : g_steal_pointer (&ordinal);
}

/* (transfer full): “Monday, Thursday”, “the 1st, the 15th, the last day” */
static char *
dup_days_text (const Rule *rule)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (guint day = 0; day < 32; day++)
    {
      /* 5 January 1970 was a Monday */
      g_autoptr (GDateTime) some = g_date_time_new_utc (1970, 1, 5 + (int) (day % 7), 0, 0, 0);

      if ((rule->days & (1u << day)) == 0)
        continue;
      if (rule->unit == WEEKLY)
        g_ptr_array_add (words, g_date_time_format (some, "%A"));
      else if (day != LAST_DAY || (rule->days & (1u << (LAST_DAY - 1))) == 0) /* once is enough */
        g_ptr_array_add (words, dup_month_day_text (day));
    }
  return join (words);
}

/* (transfer full): “02:00, 14:00”; of hourly rules the minutes: “15, 45” */
static char *
dup_times_text (const Rule *rule)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < rule->times->len; i++)
    {
      guint minutes = g_array_index (rule->times, guint, i);

      g_ptr_array_add (words, rule->unit == HOURLY
                                ? g_strdup_printf ("%u", minutes)
                                : g_strdup_printf ("%02u:%02u", minutes / 60, minutes % 60));
    }
  return join (words);
}

static char *
dup_rule_text (const Rule *rule)
{
  g_autofree char *days = dup_days_text (rule);
  g_autofree char *times = dup_times_text (rule);

  switch (rule->unit)
    {
    case HOURLY:
      /* Translators: a schedule; minutes of the hour: “15” or “15, 45” */
      return rule->every == 1
               ? g_strdup_printf (_ ("Every hour, at minute %s"), times)
               /* Translators: a schedule; how many hours, and minutes of the hour: “15” or “15, 45” */
               : g_strdup_printf (ngettext ("Every %u hour, at minute %s",
                                            "Every %u hours, at minute %s", rule->every),
                                  rule->every, times);
    case DAILY:
      /* Translators: a schedule; times: “02:00” or “02:00, 14:00” */
      return g_strdup_printf (_ ("Every day at %s"), times);
    case WEEKLY:
      /* Translators: a schedule; weekdays and times: “Monday, Thursday”, “02:00” */
      return g_strdup_printf (_ ("Every week on %s at %s"), days, times);
    case MONTHLY:
      /* Translators: a schedule; days of the month and times: “the 1st, the last day”, “02:00” */
      return g_strdup_printf (_ ("Every month on %s at %s"), days, times);
    default:
      g_return_val_if_reached (NULL);
    }
}

/* (transfer full): for people: “Every day at 02:00” */
char *
reprise_schedule_to_text (RepriseSchedule *self)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->rules->len; i++)
    g_ptr_array_add (texts, dup_rule_text (self->rules->pdata[i]));
  g_ptr_array_add (texts, NULL);
  /* Translators: between two schedules of one service: “Every day at 02:00; every month on the 1st at 12:00” */
  return g_strjoinv (C_ ("schedules", "; "), (char **) texts->pdata);
}

static gboolean
is_on (const Rule *rule, const GDate *date)
{
  guint last = g_date_get_days_in_month (g_date_get_month (date), g_date_get_year (date));
  guint day = g_date_get_day (date);

  switch (rule->unit)
    {
    case WEEKLY:
      return (rule->days & (1u << (g_date_get_weekday (date) - G_DATE_MONDAY))) != 0;
    case MONTHLY: /* the last day stands for itself and for all that the month does not have */
      return (rule->days & (day == last ? ~0u << (day - 1) : 1u << (day - 1))) != 0;
    case HOURLY:
    case DAILY:
    default:
      return TRUE;
    }
}

/* (transfer full): the moment of a local time; where clocks skip it, the first one after the gap */
static GDateTime *
make_moment (const GDate *date, guint minutes, GTimeZone *zone)
{
  return g_date_time_new (zone, g_date_get_year (date), (int) g_date_get_month (date),
                          g_date_get_day (date), (int) minutes / 60, (int) minutes % 60, 0);
}

/* Takes @moment into @best where it is after @after, and before what @best has. */
static void
offer (GDateTime **best, GDateTime *after, GDateTime *moment)
{
  if (moment != NULL && g_date_time_compare (moment, after) > 0 &&
      (*best == NULL || g_date_time_compare (moment, *best) < 0))
    {
      g_clear_pointer (best, g_date_time_unref);
      *best = g_date_time_ref (moment);
    }
}

static void
offer_day (const Rule *rule, const GDate *date, GDateTime *after, GTimeZone *zone, GDateTime **best)
{
  guint step = rule->unit == HOURLY ? rule->every * 60 : MINUTES_OF_DAY;

  if (!is_on (rule, date))
    return;
  for (guint start = 0; start < MINUTES_OF_DAY; start += step)
    for (guint i = 0; i < rule->times->len; i++)
      {
        g_autoptr (GDateTime) moment =
          make_moment (date, start + g_array_index (rule->times, guint, i), zone);

        offer (best, after, moment);
      }
}

/* Each hour that passes: where the clocks go back, the hour that they show twice counts twice. */
static void
offer_hours (const Rule *rule, GDateTime *after, GTimeZone *zone, GDateTime **best)
{
  g_autoptr (GDateTime) local = g_date_time_to_timezone (after, zone);
  g_autoptr (GDateTime) moment = g_date_time_add_seconds (local, -g_date_time_get_seconds (local));

  for (guint i = 0; i < 3 * 60; i++)
    {
      GDateTime *next = g_date_time_add_minutes (moment, 1);
      guint minute = (guint) g_date_time_get_minute (next);

      g_date_time_unref (moment);
      moment = next;
      for (guint k = 0; k < rule->times->len; k++)
        if (g_array_index (rule->times, guint, k) == minute)
          {
            offer (best, after, moment);
            return;
          }
    }
}

static void
offer_rule (const Rule *rule, GDateTime *after, GTimeZone *zone, GDateTime **best)
{
  g_autoptr (GDateTime) local = g_date_time_to_timezone (after, zone);
  g_autoptr (GDateTime) found = NULL;
  GDate date;

  if (rule->unit == HOURLY && rule->every == 1)
    {
      offer_hours (rule, after, zone, best);
      return;
    }
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay) g_date_time_get_day_of_month (local),
                  (GDateMonth) g_date_time_get_month (local),
                  (GDateYear) g_date_time_get_year (local));
  for (guint i = 0; i < MAX_DAYS && found == NULL; i++)
    {
      offer_day (rule, &date, after, zone, &found);
      g_date_add_days (&date, 1);
    }
  if (found != NULL)
    offer (best, after, found);
}

/**
 * reprise_schedule_get_next:
 * @zone: in which its times are meant
 *
 * Returns: (transfer full): the first moment after @after, in @zone
 */
GDateTime *
reprise_schedule_get_next (RepriseSchedule *self, GDateTime *after, GTimeZone *zone)
{
  GDateTime *best = NULL;

  for (guint i = 0; i < self->rules->len; i++)
    offer_rule (self->rules->pdata[i], after, zone, &best);
  return best;
}

/**
 * reprise_schedule_get_last_due:
 * @after: the moment for which it last ran, or was set up
 * @now: until when
 *
 * What is to be caught up after sleep or absence: of all moments that were missed the last one, so that they are made up for
 * exactly once. A clock that went back (@now before @after) is due to nothing.
 *
 * Returns: (transfer full) (nullable): the last moment after @after and not after @now, or %NULL where there is none
 */
GDateTime *
reprise_schedule_get_last_due (RepriseSchedule *self,
                               GDateTime *after,
                               GDateTime *now,
                               GTimeZone *zone)
{
  GDateTime *last = NULL;
  gint64 span_us = g_date_time_difference (now, after);

  /* What lies years back needs no walk through all of it: two months hold a moment of each rule. */
  for (gint64 back_us = G_TIME_SPAN_HOUR; last == NULL; back_us *= 8)
    {
      g_autoptr (GDateTime) from =
        back_us < span_us ? g_date_time_add (now, -back_us) : g_date_time_ref (after);
      GDateTime *next = reprise_schedule_get_next (self, from, zone);

      while (next != NULL && g_date_time_compare (next, now) <= 0)
        {
          g_clear_pointer (&last, g_date_time_unref);
          last = next;
          next = reprise_schedule_get_next (self, last, zone);
        }
      g_clear_pointer (&next, g_date_time_unref);
      if (back_us >= span_us)
        break;
    }
  return last;
}
