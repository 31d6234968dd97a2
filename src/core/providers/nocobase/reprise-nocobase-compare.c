/* reprise-nocobase-compare.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-compare.h"

#define MAX_TOLD 10

/* What a server writes into by itself as soon as it runs, or somebody signs in. */
static const char *const VOLATILE[] = {
  "asyncTasks",    "executions",     "issuedTokens",      "jobs", "localizationTexts", "migrations",
  "lcCheckpoints", "tokenBlacklist", "userWorkflowTasks", NULL,
};

typedef struct
{
  RepriseNocobaseTarget *target;
  RepriseProgress *progress;
  RepriseNocobaseTally *tally;
  gint64 missing;
  gint64 expected; /* rows of the backup, counted again or not */
} Compare;

static gboolean
is_to_compare (const ReprisePlanRow *row, gboolean upgraded)
{
  if (row->collection == NULL || row->backup < 0 ||
      (row->action != REPRISE_PLAN_REPLACED && row->action != REPRISE_PLAN_CREATED))
    return FALSE;
  if (strchr (row->collection, '/') != NULL ||
      strchr (row->collection, '.') != NULL) /* files, not collections */
    return FALSE;
  /* A newer server changes its own tables when it upgrades them; those of users it leaves as they are. */
  return !upgraded || row->group == REPRISE_GROUP_CUSTOM || row->group == REPRISE_GROUP_USER;
}

/* (transfer full): the rows that each collection must have afterwards, as a text for the journal */
char *
reprise_nocobase_compare_save (ReprisePlan *plan,
                               const char *target_version,
                               const char *archive_version)
{
  gboolean upgraded = g_strcmp0 (target_version, archive_version) != 0;
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autoptr (JsonObject) object = json_object_new ();

  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (plan, i);

      if (is_to_compare (row, upgraded))
        json_object_set_int_member (object, row->collection, row->backup);
    }
  json_node_init_object (node, object);
  return json_to_string (node, FALSE);
}

static gboolean
compare_one (Compare *self,
             const char *collection,
             gint64 expected,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GError) local = NULL;
  gint64 rows =
    reprise_nocobase_client_count (self->target->client, collection, cancellable, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  reprise_progress_add_items (self->progress, 1);
  self->expected += expected;
  self->tally->rows += rows != REPRISE_NOT_REPORTED ? expected : 0;
  if (rows == REPRISE_NOT_REPORTED)
    self->tally->n_unknown++;
  else if (rows == expected || g_strv_contains (VOLATILE, collection))
    self->tally->n_same++;
  else
    {
      self->missing += MAX (expected - rows, 0);
      if (self->tally->n_different++ < MAX_TOLD)
        reprise_progress_warn (self->progress,
                               "“%s” has %" PRId64 " rows now, and %" PRId64 " in the backup",
                               collection, rows, expected);
      else
        reprise_progress_log (self->progress,
                              "“%s” has %" G_GINT64_FORMAT " rows, not %" G_GINT64_FORMAT,
                              collection, rows, expected);
    }
  return TRUE;
}

static RepriseOutcome *
make_outcome (Compare *self)
{
  const RepriseNocobaseTally *tally = self->tally;
  gulong n = (gulong) (tally->n_same + tally->n_different + tally->n_unknown);
  RepriseOutcome *outcome;

  if (tally->n_different > 0)
    outcome =
      reprise_outcome_say_n ("%lu collection restored; %" PRId64 " does not have the backup’s rows",
                             "%lu collections restored; %" PRId64 " do not have the backup’s rows",
                             n, n, tally->n_different);
  else if (tally->n_unknown > 0)
    outcome = reprise_outcome_say_n (
      "%lu collection restored; the server does not tell the rows of %" PRId64,
      "%lu collections restored; the server does not tell the rows of %" PRId64, n, n,
      tally->n_unknown);
  else
    outcome = reprise_outcome_say_n (
      "%lu collection with %" PRId64 " rows restored, and counted again",
      "%lu collections with %" PRId64 " rows restored, and counted again", n, n, tally->rows);
  outcome->written = self->expected - self->missing;
  outcome->failed = self->missing;
  return outcome;
}

/**
 * reprise_nocobase_compare_run:
 * @expected: of reprise_nocobase_compare_save()
 *
 * Counts the rows of what was restored. Where nobody may look any more, since the accounts are now those of the backup, that is a
 * warning: the restore is done.
 *
 * Returns: (transfer full): how it came out, or %NULL with @error
 */
RepriseOutcome *
reprise_nocobase_compare_run (RepriseNocobaseTarget *target,
                              const char *expected,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  Compare self = { .target = target, .progress = progress, .tally = &target->tally };
  g_autoptr (JsonObject) object =
    reprise_json_parse_object (expected, strlen (expected), NULL, error);
  g_autoptr (GList) names = object != NULL ? json_object_get_members (object) : NULL;
  g_autoptr (GError) local = NULL;

  target->tally = (RepriseNocobaseTally){ 0 };
  if (object == NULL)
    return NULL;
  reprise_progress_set_totals (progress, -1, json_object_get_size (object));
  for (GList *name = names; name != NULL && local == NULL; name = name->next)
    compare_one (&self, name->data, json_object_get_int_member (object, name->data), cancellable,
                 &local);
  target->tally.done = local == NULL;
  if (local == NULL)
    return make_outcome (&self);
  if (reprise_error_is_stop (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  reprise_progress_warn (progress, "It was restored, but its rows could not be counted: %s",
                         reprise_error_get_saying (local));
  return reprise_outcome_say ("Restored, and not counted");
}
