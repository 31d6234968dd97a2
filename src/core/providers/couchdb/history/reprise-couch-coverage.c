/* reprise-couch-coverage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "providers/couchdb/backup/reprise-couch-backup.h"
#include "providers/couchdb/history/reprise-couch-coverage.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"

/*
 * Names on the server, of the settings and in backups → the choice's word on each → what the server says of it
 *   → its points in time → the last backup that has it, and whether a later one failed on it or was broken off
 */
typedef struct
{
  RepriseCouchClient *client;
  RepriseKind *kind;
  RepriseService *service;
  RepriseCouchShelf *shelf;     /* (owned) */
  RepriseCouchChoices *choices; /* (owned) */
  GHashTable *backups;          /* (owned) (element-type utf8 RepriseBackup) */
  GHashTable *unfinished;       /* (owned) (element-type utf8) */
  GHashTable
    *on_server; /* (owned) (nullable) (element-type utf8): %NULL where it does not list them */
  char *away;   /* (owned) (nullable): why the server cannot be asked */
  RepriseCouchRun *newest; /* (nullable): the latest that was no safety copy */
  GCancellable *cancellable;
} Coverages;

static void
coverages_clear (Coverages *self)
{
  g_clear_pointer (&self->choices, reprise_couch_choices_free);
  g_clear_pointer (&self->shelf, reprise_couch_shelf_free);
  g_clear_pointer (&self->backups, g_hash_table_unref);
  g_clear_pointer (&self->unfinished, g_hash_table_unref);
  g_clear_pointer (&self->on_server, g_hash_table_unref);
  g_clear_pointer (&self->away, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Coverages, coverages_clear)

static void
add_others (Coverages *self, GHashTable *names)
{
  const char *patterns =
    reprise_kind_get_value (self->kind, self->service, REPRISE_COUCH_SETTING_DATABASES);
  g_auto (GStrv) chosen = reprise_couch_rules_split (patterns);
  g_auto (GStrv) saved = reprise_couch_shelf_list_databases (self->shelf);

  for (guint i = 0; chosen[i] != NULL; i++)
    if (strpbrk (chosen[i], "*?") == NULL)
      g_hash_table_add (names, g_strdup (chosen[i]));
  for (guint i = 0; saved[i] != NULL; i++)
    g_hash_table_add (names, g_strdup (saved[i]));
}

/* Whether backups answer alone from here on. */
static gboolean
do_without_server (Coverages *self, const GError *error)
{
  if (reprise_couch_shelf_get_n_runs (self->shelf) == 0 || !reprise_couch_client_is_away (error))
    return FALSE;
  self->away = g_strdup (error->message);
  return TRUE;
}

static gboolean
list_on_server (Coverages *self, GHashTable *names, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) all =
    reprise_couch_client_list_databases (self->client, self->cancellable, &local);

  /* who is no administrator may not list them, only look at those that are named */
  if (all == NULL && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    add_others (self, names);
  if (all == NULL && g_hash_table_size (names) > 0)
    return TRUE;
  if (all == NULL && do_without_server (self, local))
    return TRUE;
  if (all == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  self->on_server = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < all->len; i++)
    {
      g_hash_table_add (self->on_server, g_strdup (all->pdata[i]));
      g_hash_table_add (names, g_strdup (all->pdata[i]));
    }
  return TRUE;
}

static gboolean
list_backups (Coverages *self, RepriseVault *vault, GError **error)
{
  const char *uuid = reprise_service_get_uuid (self->service);
  g_autoptr (GPtrArray) backups = reprise_vault_list (vault, uuid, self->cancellable, error);
  g_autoptr (GPtrArray) left = NULL;
  g_autofree char *folder = g_build_filename (reprise_vault_get_path (vault), uuid, NULL);

  if (backups == NULL)
    return FALSE;
  for (guint i = 0; i < backups->len; i++)
    g_hash_table_insert (self->backups, g_strdup (reprise_backup_get_id (backups->pdata[i])),
                         g_object_ref (backups->pdata[i]));
  left = reprise_vault_list_resumable_ids (vault, uuid, NULL);
  if (left == NULL)
    left = g_ptr_array_new ();
  self->unfinished = reprise_couch_backup_list_unfinished (folder, left);
  self->shelf = reprise_couch_shelf_new (folder, error);
  return self->shelf != NULL;
}

static void
find_newest (Coverages *self)
{
  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (self->shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (self->shelf, i);

      if (!run->is_aside && (self->newest == NULL || reprise_couch_run_get_point (run) >=
                                                       reprise_couch_run_get_point (self->newest)))
        self->newest = run;
    }
}

/* What the server says of it now */
static gboolean
ask_server (Coverages *self, RepriseCoverage *coverage, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseCouchInfo) info = NULL;

  if (self->on_server != NULL && !g_hash_table_contains (self->on_server, coverage->name))
    {
      coverage->state = REPRISE_COVERAGE_GONE;
      coverage->is_new = FALSE;
      return TRUE;
    }
  if (self->away == NULL)
    info = reprise_couch_client_get_info (self->client, coverage->name, self->cancellable, &local);
  if (self->away != NULL || (local != NULL && do_without_server (self, local)))
    {
      coverage->unanswered = g_strdup (self->away);
      return TRUE;
    }
  if (info != NULL)
    {
      coverage->rows = info->doc_count;
      coverage->size_bytes = info->size_bytes >= 0 ? info->size_bytes : REPRISE_NOT_REPORTED;
      return TRUE;
    }
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    coverage->state = REPRISE_COVERAGE_GONE;
  else if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_free (coverage->reason);
  coverage->reason = g_strdup (local->message);
  return TRUE;
}

static void
count_points (Coverages *self, RepriseCoverage *coverage)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) segments =
    reprise_couch_shelf_list_segments (self->shelf, coverage->name, FALSE, &local);
  g_autoptr (GArray) points = NULL;

  if (segments == NULL)
    {
      reprise_coverage_set_problem (coverage, REPRISE_COVERAGE_DAMAGED, local->message);
      return;
    }
  points = reprise_couch_points_list (segments);
  for (guint i = 0; i < points->len; i++)
    {
      const RepriseCouchPoint *point = &g_array_index (points, RepriseCouchPoint, i);

      if (point->rolled_up)
        coverage->n_rolled_up++;
      else
        coverage->tiers[reprise_couch_tier_to_tier (point->tier)]++;
    }
}

/* The last backup that has it; of two of the same point the later one: a roll-up holds what the other does */
static RepriseCouchRun *
find_last (Coverages *self, const char *database)
{
  RepriseCouchRun *last = NULL;

  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (self->shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (self->shelf, i);
      g_autofree char *file = run->is_aside ? NULL : reprise_couch_run_find_file (run, database);

      if (file != NULL &&
          (last == NULL || reprise_couch_run_get_point (run) >= reprise_couch_run_get_point (last)))
        last = run;
    }
  return last;
}

static void
judge_last (Coverages *self, RepriseCoverage *coverage, RepriseCouchRun *last)
{
  RepriseBackup *backup = g_hash_table_lookup (self->backups, last->id);

  coverage->last_at = g_date_time_ref (reprise_manifest_get_created_at (last->manifest));
  coverage->backup_id = g_strdup (last->id);
  reprise_tier_from_string (reprise_couch_run_get_tier (last, coverage->name),
                            &coverage->backup_tier);
  if (backup != NULL && reprise_backup_get_damage (backup) != NULL)
    reprise_coverage_set_problem (coverage, REPRISE_COVERAGE_DAMAGED,
                                  reprise_backup_get_damage (backup));
  else if (coverage->problem != NULL)
    return;
  else if (backup != NULL && reprise_backup_get_state (backup) == REPRISE_BACKUP_VERIFIED)
    coverage->last = REPRISE_COVERAGE_VERIFIED;
  else
    coverage->last = REPRISE_COVERAGE_UNVERIFIED;
}

/* Whether the newest backup wanted to have it and could not, or one was broken off after it */
static void
judge_later (Coverages *self, RepriseCoverage *coverage, RepriseCouchRun *last)
{
  RepriseGroup group = REPRISE_GROUP_CUSTOM;
  RepriseCollection *skipped =
    self->newest == NULL || self->newest == last
      ? NULL
      : reprise_contents_find (reprise_manifest_get_contents (self->newest->manifest),
                               coverage->name, &group);

  if (coverage->last == REPRISE_COVERAGE_DAMAGED)
    return;
  if (skipped != NULL && group == REPRISE_GROUP_SKIPPED)
    reprise_coverage_set_problem (coverage, REPRISE_COVERAGE_FAILED,
                                  reprise_collection_get_reason (skipped));
  else if (g_hash_table_contains (self->unfinished, coverage->name))
    reprise_coverage_set_problem (coverage, REPRISE_COVERAGE_PARTIAL,
                                  _ ("A backup was broken off; the next one goes on from there."));
}

static RepriseCoverage *
make_coverage (Coverages *self, const char *name, GError **error)
{
  g_autoptr (RepriseCoverage) coverage = reprise_coverage_new (name);
  RepriseCouchRun *last = find_last (self, name);
  const char *reason = NULL;

  if (self->on_server != NULL && g_hash_table_contains (self->on_server, name) &&
      self->away == NULL)
    reprise_couch_choices_recognise (self->choices, self->client, name, self->cancellable);
  coverage->group = reprise_couch_rules_get_group (self->service, name, NULL);
  coverage->state = reprise_couch_choices_judge (self->choices, name, &coverage->is_new, &reason);
  coverage->reason = g_strdup (reason);
  if (!ask_server (self, coverage, error))
    return NULL;
  count_points (self, coverage);
  if (last != NULL)
    judge_last (self, coverage, last);
  judge_later (self, coverage, last);
  return g_steal_pointer (&coverage);
}

/* (transfer full) (element-type RepriseCoverage): by name */
GPtrArray *
reprise_couch_coverage_list (RepriseCouchClient *client,
                             RepriseKind *kind,
                             RepriseService *service,
                             RepriseVault *vault,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_auto (Coverages) self = {
    .client = client, .kind = kind, .service = service, .cancellable = cancellable
  };
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) all =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_coverage_free);
  g_autofree char **sorted = NULL;
  guint n;

  self.backups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  if (!list_backups (&self, vault, error) || !list_on_server (&self, names, error))
    return NULL;
  self.choices = reprise_couch_choices_new (kind, service, self.shelf);
  find_newest (&self);
  add_others (&self, names);
  sorted = (char **) g_hash_table_get_keys_as_array (names, &n);
  qsort (sorted, n, sizeof *sorted, reprise_strv_compare);
  reprise_progress_set_totals (progress, -1, n);
  for (guint i = 0; i < n; i++)
    {
      RepriseCoverage *coverage = g_cancellable_set_error_if_cancelled (cancellable, error)
                                    ? NULL
                                    : make_coverage (&self, sorted[i], error);

      if (coverage == NULL)
        return NULL;
      g_ptr_array_add (all, coverage);
      reprise_progress_add_items (progress, 1);
    }
  return g_steal_pointer (&all);
}
