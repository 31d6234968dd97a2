/* reprise-couch-roll-up.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-saying.h"
#include "provider/reprise-tier-policy.h"
#include "providers/couchdb/backup/reprise-couch-roll-up.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

/* @database: (nullable): what the service's settings say of it, or of all that have no rule of their own */
void
reprise_couch_read_retention (RepriseService *service,
                              const char *database,
                              RepriseCouchRetention *retention)
{
  RepriseTierPolicy policy;

  reprise_tier_policy_read (service, database, &policy);
  for (guint i = 0; i < REPRISE_COUCH_N_TIERS; i++)
    {
      RepriseTier tier = reprise_couch_tier_to_tier ((RepriseCouchTier) i);

      retention->keep[i] = policy.keep[tier];
      retention->every[i] = policy.every[tier];
    }
  retention->delay_days = policy.delay_days;
}

static void
retention_func (const char *database, RepriseCouchRetention *retention, gpointer user_data)
{
  reprise_couch_read_retention (user_data, database, retention);
}

static GDateTime *
make_time (gint64 ms)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);

  return g_date_time_add (seconds, ms % 1000 * 1000);
}

/* (transfer full): how one roll-up is shown before it is made. @now: milliseconds since 1970 */
RepriseCompactStep *
reprise_couch_roll_up_describe (const RepriseCouchRollUp *roll_up,
                                const RepriseCouchRetention *retention,
                                gint64 now)
{
  RepriseCompactStep *step =
    reprise_compact_step_new (REPRISE_COMPACT_ROLL_UP, reprise_couch_tier_to_tier (roll_up->tier));

  g_strfreev (step->collections);
  step->collections = g_new0 (char *, 2);
  step->collections[0] = g_strdup (roll_up->database);
  for (guint i = 0; i < roll_up->sources->len; i++)
    {
      const RepriseCouchSegment *source = roll_up->sources->pdata[i];
      g_autoptr (GDateTime) at = make_time (source->to);

      reprise_compact_step_add_source (step, source->run, at,
                                       reprise_couch_tier_to_tier (source->tier),
                                       source->size_bytes, source->pinned);
    }
  for (guint i = 0; i < roll_up->lost->len; i++)
    {
      g_autoptr (GDateTime) point = make_time (g_array_index (roll_up->lost, gint64, i));

      reprise_compact_step_add_lost (step, point);
    }
  step->deleted_at = make_time (now + retention->delay_days * DAY_MS);
  return step;
}

static RepriseCompactStep *
plan_roll_up (RepriseCouchCompaction *compaction, const RepriseCouchRollUp *roll_up, gint64 now)
{
  RepriseCouchRetention retention;

  reprise_couch_compaction_get_retention (compaction, roll_up->database, &retention);
  return reprise_couch_roll_up_describe (roll_up, &retention, now);
}

/* Points in time that only this backup leads to. What is rolled up leads to none that stays. */
static void
add_lost (RepriseCompactStep *step, GPtrArray *segments, const RepriseCouchSegment *segment)
{
  g_autoptr (GArray) points = reprise_couch_points_list (segments);

  for (guint i = 0; i < points->len; i++)
    {
      const RepriseCouchPoint *point = &g_array_index (points, RepriseCouchPoint, i);
      g_autoptr (GDateTime) at = NULL;

      if (point->at != segment->to ||
          (!point->rolled_up && reprise_couch_segments_find_successor (
                                  segments, (RepriseCouchSegment *) segment) != NULL))
        continue;
      at = make_time (point->at);
      reprise_compact_step_add_lost (step, at);
    }
}

static RepriseCompactStep *
plan_deletion (RepriseCouchCompaction *compaction, const RepriseCouchLeaving *leaving, gint64 now)
{
  RepriseBackup *backup = leaving->backup;
  RepriseCompactStep *step =
    reprise_compact_step_new (REPRISE_COMPACT_DELETE, reprise_backup_get_tier (backup));
  g_auto (GStrv) databases = reprise_couch_compaction_list_databases (compaction);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; databases[i] != NULL; i++)
    {
      GPtrArray *segments = reprise_couch_compaction_get_segments (compaction, databases[i]);

      for (guint j = 0; j < segments->len; j++)
        {
          const RepriseCouchSegment *segment = segments->pdata[j];

          if (!g_str_equal (segment->run, reprise_backup_get_id (backup)))
            continue;
          g_strv_builder_add (names, databases[i]);
          add_lost (step, segments, segment);
        }
    }
  g_strfreev (step->collections);
  step->collections = g_strv_builder_end (names);
  step->kept = reprise_backup_get_kept (backup);
  step->needed = leaving->needed && !step->kept;
  step->rolled_up = leaving->rolled_up;
  step->due = !leaving->needed && leaving->at <= now;
  if (!leaving->needed)
    step->deleted_at = make_time (leaving->at);
  reprise_compact_step_add_source (
    step, reprise_backup_get_id (backup), reprise_backup_get_created_at (backup),
    reprise_backup_get_tier (backup), reprise_backup_get_size_bytes (backup), step->kept);
  return step;
}

/**
 * reprise_couch_roll_up_plan:
 * @now: milliseconds since 1970
 *
 * Returns: (transfer full): what reprise_couch_roll_up_run() would do
 */
RepriseCompactPlan *
reprise_couch_roll_up_plan (RepriseVault *vault,
                            RepriseService *service,
                            gint64 now,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (RepriseCouchCompaction) compaction =
    reprise_couch_compaction_new (vault, service, retention_func, service, cancellable, error);
  g_autoptr (RepriseCompactPlan) plan = reprise_compact_plan_new ();
  g_autoptr (GPtrArray) roll_ups = NULL;
  g_autoptr (GPtrArray) leaving = NULL;

  if (compaction == NULL)
    return NULL;
  roll_ups = reprise_couch_compaction_list_roll_ups (compaction);
  for (guint i = 0; i < roll_ups->len; i++)
    reprise_compact_plan_take (plan, plan_roll_up (compaction, roll_ups->pdata[i], now));
  leaving = reprise_couch_compaction_list_leaving (compaction);
  for (guint i = 0; i < leaving->len; i++)
    reprise_compact_plan_take (plan, plan_deletion (compaction, leaving->pdata[i], now));
  return g_steal_pointer (&plan);
}

/* (transfer full): how rolling up ended */
RepriseOutcome *
reprise_couch_roll_up_tell (guint n_made, guint n_deleted, gint64 size_bytes)
{
  g_autofree char *size = reprise_say_size (size_bytes);
  g_autofree char *made =
    reprise_say_n ("%u backup made from others", "%u backups made from others", n_made, n_made);
  g_autofree char *deleted = reprise_say_n ("%u rolled-up backup deleted",
                                            "%u rolled-up backups deleted", n_deleted, n_deleted);
  RepriseOutcome *outcome;

  if (n_made == 0 && n_deleted == 0)
    outcome = reprise_outcome_say ("Every backup is in its tier: nothing to roll up");
  else
    /* Translators: “1 backup made from others”, “2 rolled-up backups deleted”, and how much those were: “3.5 MB” */
    outcome = reprise_outcome_say ("%s, %s (%s)", made, deleted, size);
  outcome->written = n_made;
  outcome->removed = n_deleted;
  return outcome;
}

/**
 * reprise_couch_roll_up_run:
 * @now: milliseconds since 1970
 *
 * Rolls up by the service's settings and removes what was rolled up and whose date has come.
 *
 * Returns: (transfer full): how it ended
 */
RepriseOutcome *
reprise_couch_roll_up_run (RepriseVault *vault,
                           RepriseService *service,
                           gint64 now,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (RepriseCouchCompaction) compaction = NULL;
  gint64 size_bytes = 0;
  guint n_made = 0, n_deleted = 0;

  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  reprise_progress_set_stop_text (progress, _ ("All backups stay as they are."));
  compaction =
    reprise_couch_compaction_new (vault, service, retention_func, service, cancellable, error);
  if (compaction == NULL ||
      !reprise_couch_compaction_roll_up (compaction, now, &n_made, progress, cancellable, error) ||
      !reprise_couch_compaction_clean_up (compaction, now, &n_deleted, &size_bytes, progress,
                                          cancellable, error))
    return NULL;
  return reprise_couch_roll_up_tell (n_made, n_deleted, size_bytes);
}
