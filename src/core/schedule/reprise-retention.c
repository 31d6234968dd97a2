/* reprise-retention.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "schedule/reprise-periods.h"
#include "schedule/reprise-retention.h"

#define MAX_KEPT 10000

/* So far may clocks of two computers that share a vault be apart. */
#define CLOCKS_APART_US G_TIME_SPAN_HOUR

static const char *const RULES[] = {
  [REPRISE_RETENTION_LAST] = "last",       [REPRISE_RETENTION_HOURLY] = "hourly",
  [REPRISE_RETENTION_DAILY] = "daily",     [REPRISE_RETENTION_WEEKLY] = "weekly",
  [REPRISE_RETENTION_MONTHLY] = "monthly", [REPRISE_RETENTION_YEARLY] = "yearly",
};

void
reprise_retention_entry_free (RepriseRetentionEntry *entry)
{
  g_clear_object (&entry->backup);
  g_free (entry);
}

typedef struct
{
  RepriseRetentionReason reason;
  const char *id;
  const char *text;
} Reason;

static const Reason REASONS[] = {
  { REPRISE_RETENTION_MARKED, "marked", N_ ("marked as kept") },
  { REPRISE_RETENTION_NEWEST, "newest", N_ ("the newest") },
  { REPRISE_RETENTION_VERIFIED, "verified", N_ ("the last one verified") },
  { REPRISE_RETENTION_NEEDED, "needed", N_ ("another one goes on from it") },
  { REPRISE_RETENTION_ONLY_PERIOD, "only-period", N_ ("no other one has its period") },
  { REPRISE_RETENTION_NOT_COUNTED, "not-counted", N_ ("not counted") },
};

static const char *const RULE_TEXTS[] = {
  [REPRISE_RETENTION_LAST] = N_ ("one of the last"),
  [REPRISE_RETENTION_HOURLY] = N_ ("of its hour"),
  [REPRISE_RETENTION_DAILY] = N_ ("of its day"),
  [REPRISE_RETENTION_WEEKLY] = N_ ("of its week"),
  [REPRISE_RETENTION_MONTHLY] = N_ ("of its month"),
  [REPRISE_RETENTION_YEARLY] = N_ ("of its year"),
};

/* (transfer full): why it stays, for scripts: “daily”, “marked”; empty where it does not */
char **
reprise_retention_entry_list_reasons (const RepriseRetentionEntry *entry)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    if ((entry->rules & (1u << i)) != 0)
      g_strv_builder_add (ids, RULES[i]);
  for (guint i = 0; i < G_N_ELEMENTS (REASONS); i++)
    if ((entry->reasons & REASONS[i].reason) != 0)
      g_strv_builder_add (ids, REASONS[i].id);
  return g_strv_builder_end (ids);
}

/* (transfer full): whether and why it stays, for people: “of its day, the newest” */
char *
reprise_retention_entry_to_text (const RepriseRetentionEntry *entry)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;

  if (entry->reasons == REPRISE_RETENTION_NOT_KEPT)
    return g_strdup (_ ("to be deleted"));
  if ((entry->reasons & REPRISE_RETENTION_BY_RULE) != 0 && entry->rules == 0)
    g_strv_builder_add (texts, _ ("all are kept"));
  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    if ((entry->rules & (1u << i)) != 0)
      g_strv_builder_add (texts, _ (RULE_TEXTS[i]));
  for (guint i = 0; i < G_N_ELEMENTS (REASONS); i++)
    if ((entry->reasons & REASONS[i].reason) != 0)
      g_strv_builder_add (texts, _ (REASONS[i].text));
  parts = g_strv_builder_end (texts);
  /* Translators: between the reasons why a backup is kept: “of its day, the newest” */
  return g_strjoinv (C_ ("list", ", "), parts);
}

static gboolean
read_rule (const char *text, RepriseRetention *retention)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);
  guint64 number;

  if (g_strv_length (parts) != 2 ||
      !g_ascii_string_to_unsigned (parts[1], 10, 0, MAX_KEPT, &number, NULL))
    return FALSE;
  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    if (strcmp (parts[0], RULES[i]) == 0)
      {
        retention->keep[i] = (guint) number;
        return TRUE;
      }
  return FALSE;
}

/**
 * reprise_retention_read:
 * @text: (nullable): “last=3 daily=7 weekly=4”; %NULL and “” keep all
 *
 * Returns: whether it could be read; else %REPRISE_ERROR_INVALID
 */
gboolean
reprise_retention_read (const char *text, RepriseRetention *retention, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", 0);

  memset (retention, 0, sizeof *retention);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !read_rule (words[i], retention))
      {
        reprise_error_set (
          error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
          _ ("“%s” does not say what to keep. It is said like this: “last=3 hourly=24 "
             "daily=7 weekly=4 monthly=12 yearly=3”"),
          words[i]);
        return FALSE;
      }
  return TRUE;
}

/* (transfer full): as reprise_retention_read() takes it; “” keeps all */
char *
reprise_retention_to_string (const RepriseRetention *retention)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    if (retention->keep[i] > 0)
      g_string_append_printf (text, "%s%s=%u", text->len > 0 ? " " : "", RULES[i],
                              retention->keep[i]);
  return g_string_free (text, FALSE);
}

static gboolean
keeps_all (const RepriseRetention *retention)
{
  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    if (retention->keep[i] > 0)
      return FALSE;
  return TRUE;
}

/* (transfer full): the hour, day, … of a backup, as a word that is the same for all of that hour, day, … */
static char *
dup_period (RepriseRetentionRule rule, RepriseBackup *backup, GTimeZone *zone)
{
  static const char *const FORMATS[] = {
    [REPRISE_RETENTION_HOURLY] = "%Y-%m-%d %H %z",
    [REPRISE_RETENTION_DAILY] = "%Y-%m-%d",
    [REPRISE_RETENTION_WEEKLY] = "%G-%V",
    [REPRISE_RETENTION_MONTHLY] = "%Y-%m",
    [REPRISE_RETENTION_YEARLY] = "%Y",
  };
  g_autoptr (GDateTime) local =
    g_date_time_to_timezone (reprise_backup_get_created_at (backup), zone);

  if (rule == REPRISE_RETENTION_LAST)
    return g_strdup (reprise_backup_get_id (backup));
  return g_date_time_format (local, FORMATS[rule]);
}

/* Safety copies and rehearsals have rules of their own, and so has what a service keeps to itself; what is not whole can replace
 * nothing. */
static gboolean
is_counted (RepriseBackup *backup)
{
  RepriseOrigin origin = reprise_backup_get_origin (backup);

  return reprise_backup_get_created_at (backup) != NULL &&
         reprise_backup_get_state (backup) != REPRISE_BACKUP_PARTIAL &&
         !reprise_backup_get_in_progress (backup) && !reprise_backup_get_bound (backup) &&
         origin != REPRISE_ORIGIN_SAFETY && origin != REPRISE_ORIGIN_REHEARSAL;
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const RepriseRetentionEntry *entry_a = *(const RepriseRetentionEntry *const *) a;
  const RepriseRetentionEntry *entry_b = *(const RepriseRetentionEntry *const *) b;
  GDateTime *at_a = reprise_backup_get_created_at (entry_a->backup);
  GDateTime *at_b = reprise_backup_get_created_at (entry_b->backup);

  if (at_a != NULL && at_b != NULL && g_date_time_compare (at_a, at_b) != 0)
    return g_date_time_compare (at_b, at_a);
  if ((at_a == NULL) != (at_b == NULL))
    return at_a == NULL ? 1 : -1;
  return strcmp (reprise_backup_get_id (entry_b->backup), reprise_backup_get_id (entry_a->backup));
}

/* A backup that is known to be damaged takes the place of no other. */
static gboolean
can_stand_for_period (const RepriseRetentionEntry *entry)
{
  return (entry->reasons & REPRISE_RETENTION_NOT_COUNTED) == 0 &&
         reprise_backup_get_damage (entry->backup) == NULL;
}

/* Of which groups it is; where that is not known, of one that stands for all. */
static gboolean
is_of_group (const RepriseRetentionEntry *entry, guint group)
{
  RepriseGroups groups =
    reprise_backup_get_groups (entry->backup) & ~REPRISE_GROUP_BIT (REPRISE_GROUP_SKIPPED);

  return group < REPRISE_N_GROUPS ? REPRISE_GROUPS_HAS (groups, group)
                                  : groups == REPRISE_GROUPS_NONE;
}

static void
apply_rule_to_group (GPtrArray *entries,
                     RepriseRetentionRule rule,
                     guint group,
                     guint keep,
                     GTimeZone *zone)
{
  g_autofree char *last = NULL;

  for (guint i = 0; i < entries->len && keep > 0; i++)
    {
      RepriseRetentionEntry *entry = entries->pdata[i];
      g_autofree char *period = NULL;

      if (!can_stand_for_period (entry) || !is_of_group (entry, group))
        continue;
      period = dup_period (rule, entry->backup, zone);
      if (g_strcmp0 (period, last) == 0)
        continue;
      g_free (last);
      last = g_steal_pointer (&period);
      entry->reasons |= REPRISE_RETENTION_BY_RULE;
      entry->rules |= 1u << rule;
      keep--;
    }
}

/* Each group is counted by itself: a backup of logs only takes the place of none of the data. */
static void
apply_rule (GPtrArray *entries, RepriseRetentionRule rule, guint keep, GTimeZone *zone)
{
  for (guint group = 0; group <= REPRISE_N_GROUPS; group++)
    apply_rule_to_group (entries, rule, group, keep, zone);
}

/* Of each group at least one: a backup of logs only is no substitute for one of the data. */
static void
keep_first (GPtrArray *entries, RepriseRetentionReason reason)
{
  RepriseGroups seen = REPRISE_GROUP_BIT (REPRISE_GROUP_SKIPPED);
  gboolean any = FALSE;

  for (guint i = 0; i < entries->len; i++)
    {
      RepriseRetentionEntry *entry = entries->pdata[i];
      RepriseGroups groups = reprise_backup_get_groups (entry->backup);

      if (!can_stand_for_period (entry) ||
          (reason == REPRISE_RETENTION_VERIFIED &&
           reprise_backup_get_state (entry->backup) != REPRISE_BACKUP_VERIFIED))
        continue;
      if (any && (groups & ~seen) == 0)
        continue;
      entry->reasons |= reason;
      seen |= groups;
      any = TRUE;
    }
}

/* What stays keeps all that it goes on from. Parents are older, so that one walk from the newest on is enough. */
static void
keep_parents (GPtrArray *entries)
{
  g_autoptr (GHashTable) needed = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < entries->len; i++)
    {
      RepriseRetentionEntry *entry = entries->pdata[i];
      const char *parent = reprise_backup_get_parent (entry->backup);

      if (g_hash_table_contains (needed, reprise_backup_get_id (entry->backup)))
        entry->reasons |= REPRISE_RETENTION_NEEDED;
      if (entry->reasons != REPRISE_RETENTION_NOT_KEPT && parent != NULL)
        g_hash_table_add (needed, (gpointer) parent);
    }
}

/* What happened in a period nobody can ask for again later: the last record of it stays. What other rules may delete, or what is
 * damaged, is none. */
static void
keep_periods (GPtrArray *entries)
{
  g_autoptr (ReprisePeriods) kept = reprise_periods_new ();

  for (guint i = 0; i < entries->len; i++)
    {
      RepriseRetentionEntry *entry = entries->pdata[i];

      if (entry->reasons != REPRISE_RETENTION_NOT_KEPT && can_stand_for_period (entry))
        reprise_periods_add (kept, reprise_backup_get_periods (entry->backup));
    }
  for (guint i = 0; i < entries->len; i++)
    {
      RepriseRetentionEntry *entry = entries->pdata[i];
      const char *periods = reprise_backup_get_periods (entry->backup);

      if (entry->reasons != REPRISE_RETENTION_NOT_KEPT || reprise_periods_have (kept, periods))
        continue;
      entry->reasons |= REPRISE_RETENTION_ONLY_PERIOD;
      if (can_stand_for_period (entry))
        reprise_periods_add (kept, periods);
    }
}

/* A backup of the future says that the clock is wrong, or was: then dates prove nothing. */
static gboolean
check_clock (GPtrArray *entries, GDateTime *now, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      RepriseBackup *backup = ((RepriseRetentionEntry *) entries->pdata[i])->backup;
      GDateTime *at = reprise_backup_get_created_at (backup);
      g_autofree char *text = NULL;

      if (at == NULL || reprise_backup_get_kept (backup) ||
          g_date_time_difference (at, now) <= CLOCKS_APART_US)
        continue;
      text = reprise_time_to_text (at);
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The backup “%s” is dated %s, which is still to come: the clock of this "
           "computer is wrong, or was. Nothing is deleted by date until that backup is "
           "marked as kept, or deleted"),
        reprise_backup_get_id (backup), text);
      return FALSE;
    }
  return TRUE;
}

static GPtrArray *
make_entries (const RepriseRetention *retention, GPtrArray *backups)
{
  GPtrArray *entries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_retention_entry_free);

  for (guint i = 0; i < backups->len; i++)
    {
      RepriseRetentionEntry *entry = g_new0 (RepriseRetentionEntry, 1);

      entry->backup = g_object_ref (backups->pdata[i]);
      if (reprise_backup_get_kept (entry->backup))
        entry->reasons |= REPRISE_RETENTION_MARKED;
      if (!is_counted (entry->backup))
        entry->reasons |= REPRISE_RETENTION_NOT_COUNTED;
      else if (keeps_all (retention))
        entry->reasons |= REPRISE_RETENTION_BY_RULE;
      g_ptr_array_add (entries, entry);
    }
  g_ptr_array_sort (entries, newest_first);
  return entries;
}

/**
 * reprise_retention_plan:
 * @backups: (element-type RepriseBackup): of one service and one place
 * @now: the clock; it decides nothing, but a backup of its future stops everything
 * @zone: in which days and weeks (from Monday on) begin
 *
 * What stays and what goes. A period counts only where it has a backup, so that a long absence deletes nothing. What was
 * marked stays beside the counts; what is damaged counts for nothing and goes once it is older than what stays. Each data group
 * is counted by itself, and the only record of a period stays whatever the rules say.
 *
 * Returns: (transfer full) (element-type RepriseRetentionEntry): all of @backups, the newest first, or %NULL with
 *   %REPRISE_ERROR_REFUSED
 */
GPtrArray *
reprise_retention_plan (const RepriseRetention *retention,
                        GPtrArray *backups,
                        GDateTime *now,
                        GTimeZone *zone,
                        GError **error)
{
  g_autoptr (GPtrArray) entries = make_entries (retention, backups);

  if (!check_clock (entries, now, error))
    return NULL;
  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    apply_rule (entries, (RepriseRetentionRule) i, retention->keep[i], zone);
  keep_first (entries, REPRISE_RETENTION_NEWEST);
  keep_first (entries, REPRISE_RETENTION_VERIFIED);
  keep_periods (entries);
  keep_parents (entries);
  return g_steal_pointer (&entries);
}
