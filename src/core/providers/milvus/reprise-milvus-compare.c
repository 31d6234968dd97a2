/* reprise-milvus-compare.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-saying.h"
#include "base/reprise-wait.h"
#include "providers/milvus/reprise-milvus-compare.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-settings.h"

/* For each collection: is it there → has it an index (else offer one) → load → count → compare → ask for some rows → release.
 * What cannot be counted is said to be not reported, with the reason; never that it is well. */

#define SAMPLE_ROWS 5

typedef struct
{
  RepriseMilvusTarget *target;
  RepriseMilvusRest *rest;
  GHashTable *options;
  RepriseMilvusTally *tally;
  RepriseProgress *progress;
} Comparison;

void
reprise_milvus_tally_clear (RepriseMilvusTally *self)
{
  g_clear_pointer (&self->why, g_free);
}

static void
note_silence (Comparison *self, const char *name, const char *reason)
{
  self->tally->silent++;
  if (self->tally->why == NULL)
    self->tally->why = g_strdup (reason);
  reprise_progress_log (self->progress, "%s: not reported: %s", name, reason);
}

/* Whether the user wants an index on @field; nobody to ask means no. */
static gboolean
offer_index (Comparison *self, const char *name, const char *field, GCancellable *cancellable)
{
  static const char *const RESPONSES[] = { "leave", "create", NULL };
  const char *const labels[] = { _ ("Leave It"), _ ("Create Index"), NULL };
  g_autofree char *title = g_strdup_printf (_ ("Create an Index for “%s”?"), name);
  g_autofree char *body = g_strdup_printf (
    _ ("The field “%s” has no index, and a collection without one cannot be loaded and counted. "
       "Milvus chooses the kind of index. Building it may take a while."),
    field);
  g_autoptr (RepriseQuestion) question =
    reprise_question_new ("create-index", title, body, RESPONSES, labels, NULL, "leave");
  g_autofree char *response = NULL;

  if (self->progress == NULL)
    return FALSE;
  response = reprise_progress_ask (self->progress, question, cancellable, NULL);
  return g_strcmp0 (response, "create") == 0;
}

/* %FALSE with @error; or without one, and it was said why it is not reported */
static gboolean
index_and_load (Comparison *self,
                const RepriseMilvusGoal *goal,
                const RepriseMilvusTable *table,
                const char *name,
                GCancellable *cancellable,
                GError **error)
{
  const RepriseMilvusPace *pace = reprise_milvus_target_get_pace (self->target);
  g_autofree char *field = reprise_milvus_table_find_unindexed (table);
  gint64 begun_us = g_get_monotonic_time ();
  int percent = 0;

  if (field != NULL && !offer_index (self, name, field, cancellable))
    {
      note_silence (self, name, _ ("without an index it cannot be loaded"));
      return FALSE;
    }
  if (field != NULL && !reprise_milvus_rest_create_index (self->rest, table, field, goal->metric,
                                                          cancellable, error))
    return FALSE;
  if (!reprise_milvus_rest_load (self->rest, table, cancellable, error))
    return FALSE;
  for (;;)
    {
      GError *local = NULL;

      if (reprise_milvus_rest_is_loaded (self->rest, table, &percent, cancellable, &local))
        return TRUE;
      if (local != NULL)
        {
          g_propagate_error (error, local);
          return FALSE;
        }
      if ((g_get_monotonic_time () - begun_us) / 1000 > pace->load_ms)
        {
          note_silence (self, name, _ ("Milvus did not finish loading it in time"));
          return FALSE;
        }
      if (!reprise_wait (pace->first_ms, cancellable, error))
        return FALSE;
    }
}

static void
judge (Comparison *self, const RepriseMilvusGoal *goal, const char *name, gint64 count)
{
  gboolean structure =
    reprise_milvus_plan_is_true (self->options, REPRISE_MILVUS_OPTION_STRUCTURE, FALSE);
  gint64 expected = structure ? 0 : goal->rows;

  self->tally->rows += count;
  if (expected < 0)
    {
      self->tally->counted++;
      reprise_progress_log (self->progress, "%s: %" PRId64 " rows", name, count);
    }
  else if (count == expected)
    {
      self->tally->equal++;
      reprise_progress_log (self->progress, "%s: %" PRId64 " rows, as in the backup", name, count);
    }
  else if (goal->has_deletes && count > 0 && count < expected)
    {
      self->tally->counted++; /* how many of them were deleted is not reported */
      reprise_progress_log (self->progress,
                            "%s: %" PRId64 " rows, of %" PRId64 " with those that were deleted",
                            name, count, expected);
    }
  else
    {
      self->tally->different++;
      reprise_progress_warn (self->progress,
                             "“%s” has %" PRId64 " rows, and the backup holds %" PRId64 ".", name,
                             count, expected);
    }
}

/* Count and sample of a collection that is loaded. */
static gboolean
count (Comparison *self,
       const RepriseMilvusGoal *goal,
       const RepriseMilvusTable *table,
       const char *name,
       GCancellable *cancellable,
       GError **error)
{
  gint64 rows = reprise_milvus_rest_count (self->rest, table, cancellable, error);
  gint64 sample;

  if (rows < 0)
    return FALSE;
  judge (self, goal, name, rows);
  sample = reprise_milvus_rest_sample (self->rest, table, SAMPLE_ROWS, cancellable, error);
  if (sample < 0)
    return FALSE;
  if (sample < MIN (rows, SAMPLE_ROWS))
    reprise_progress_warn (self->progress, "A query in “%s” brought fewer rows than it should.",
                           name);
  return TRUE;
}

static gboolean
look_at (Comparison *self, const RepriseMilvusGoal *goal, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = reprise_milvus_name_show (goal->to);
  GError *local = NULL;
  g_autoptr (RepriseMilvusTable) table =
    reprise_milvus_rest_describe (self->rest, goal->to, cancellable, &local);
  gboolean ok, keep;

  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  if (table == NULL)
    {
      self->tally->different++;
      reprise_progress_warn (self->progress, "“%s” is not there after the restore.", name);
      return TRUE;
    }
  if (table->loaded)
    return count (self, goal, table, name, cancellable, error);
  if (reprise_milvus_rest_get_version (self->rest, cancellable, NULL) != 2)
    {
      note_silence (self, name,
                    _ ("this Milvus is older than 2.4 and cannot be told to load it; the rows are "
                       "counted in the list of collections once it is loaded"));
      return TRUE;
    }
  if (!index_and_load (self, goal, table, name, cancellable, &local))
    {
      if (local != NULL)
        g_propagate_error (error, local);
      return local == NULL;
    }
  ok = count (self, goal, table, name, cancellable, error);
  keep = g_str_equal (reprise_milvus_plan_get (self->options, REPRISE_MILVUS_OPTION_VERIFY,
                                               REPRISE_MILVUS_VERIFY_FULL),
                      REPRISE_MILVUS_VERIFY_KEEP);
  if (!keep && !reprise_milvus_rest_release (self->rest, table, NULL, NULL))
    reprise_progress_log (self->progress, "%s stays loaded", name);
  return ok;
}

static void
keep_silent (Comparison *self, GPtrArray *goals, const char *reason)
{
  for (guint i = 0; i < goals->len; i++)
    note_silence (self, ((RepriseMilvusGoal *) goals->pdata[i])->to, reason);
}

/**
 * reprise_milvus_compare_run:
 *
 * Looks at what was restored. What differs is a warning of @progress, and counted.
 *
 * Returns: whether all could be looked at; else why not
 */
gboolean
reprise_milvus_compare_run (RepriseMilvusTarget *target,
                            GPtrArray *goals,
                            GHashTable *options,
                            RepriseMilvusTally *tally,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  Comparison self = { .target = target, .options = options, .tally = tally, .progress = progress };

  reprise_progress_set_phase (progress, REPRISE_PHASE_COMPARING);
  if (!reprise_milvus_target_has_milvus (target))
    {
      keep_silent (&self, goals, _ ("the address of Milvus itself is not set"));
      return TRUE;
    }
  if (g_str_equal (
        reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_VERIFY, REPRISE_MILVUS_VERIFY_FULL),
        REPRISE_MILVUS_VERIFY_REPORT))
    {
      keep_silent (&self, goals, _ ("it was not asked for"));
      return TRUE;
    }
  self.rest = reprise_milvus_target_get_rest (target, error);
  if (self.rest == NULL)
    return FALSE;
  reprise_progress_set_totals (progress, -1, goals->len);
  for (guint i = 0; i < goals->len; i++)
    {
      if (!look_at (&self, goals->pdata[i], cancellable, error))
        return FALSE;
      reprise_progress_set_done (progress, 0, i + 1);
    }
  return TRUE;
}

/* Takes @more, and adds it to what is said. */
static void
add (RepriseOutcome *outcome, char *more)
{
  g_autofree char *taken = more;

  reprise_outcome_take_saying (outcome,
                               reprise_say ("%s%s", reprise_outcome_get_saying (outcome), taken));
}

/* (transfer full): @n_restored: as the backup server reports */
RepriseOutcome *
reprise_milvus_compare_describe (const RepriseMilvusTally *tally, guint n_restored)
{
  RepriseOutcome *outcome = reprise_outcome_say_n (
    "%u collection restored", "%u collections restored", n_restored, n_restored);

  if (tally->equal > 0)
    add (outcome,
         reprise_say_n ("; %u counted and equal to the backup",
                        "; %u counted and equal to the backup", tally->equal, tally->equal));
  if (tally->counted > 0)
    add (outcome, reprise_say_n ("; %u counted, what the backup holds is not reported",
                                 "; %u counted, what the backup holds is not reported",
                                 tally->counted, tally->counted));
  if (tally->different > 0)
    add (outcome, reprise_say_n ("; %u different from the backup", "; %u different from the backup",
                                 tally->different, tally->different));
  if (tally->silent > 0)
    add (outcome, reprise_say_n ("; the rows of %u are not reported: %s",
                                 "; the rows of %u are not reported: %s", tally->silent,
                                 tally->silent, tally->why));
  outcome->written = tally->equal + tally->counted > 0 ? tally->rows : -1;
  outcome->failed = tally->different;
  return outcome;
}
