/* reprise-milvus-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-scratch.h"
#include "providers/milvus/reprise-milvus-compare.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-place.h"
#include "providers/milvus/reprise-milvus-rehearse.h"
#include "providers/milvus/reprise-milvus-restore.h"
#include "providers/milvus/reprise-milvus-settings.h"

/*
 * the names that are free → written down → restored under them → counted, and compared with the backup → dropped
 *
 * No other collection is touched: the backup server refuses a name that exists, and only what stands in the record is dropped. What it
 * still restores, since it cannot be told to stop, is left for the next job.
 */

#define COLLECTION "collection "
#define BACKUP     "backup "

/* Nobody else gives a backup such a name: what is called so may be deleted. */
#define COPY_PREFIX "reprise_rehearsal_"

/* What Milvus allows. */
#define MAX_NAME_BYTES 255

typedef struct
{
  RepriseMilvusTarget *target;
  RepriseArchive *archive;
  RepriseJournal *record;
  RepriseProgress *progress;
  GHashTable *options; /* (owned) */
  GPtrArray *goals;    /* (owned) (nullable) (element-type RepriseMilvusGoal) */
} Rehearsal;

static void
rehearsal_clear (Rehearsal *self)
{
  g_clear_pointer (&self->options, g_hash_table_unref);
  g_clear_pointer (&self->goals, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rehearsal, rehearsal_clear)

static void
set_option (GHashTable *options, const char *key, const char *value)
{
  g_hash_table_insert (options, g_strdup (key), g_strdup (value));
}

/* (transfer full): beside what exists; it is not the restore that compares */
static GHashTable *
make_options (void)
{
  GHashTable *options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *id = reprise_scratch_dup_suffix ();
  g_autofree char *suffix = g_strconcat (REPRISE_MILVUS_SCRATCH_SUFFIX, id, NULL);
  g_autofree char *copy = g_strconcat (COPY_PREFIX, id, NULL);

  set_option (options, REPRISE_MILVUS_OPTION_SUFFIX, suffix);
  set_option (options, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REFUSE);
  set_option (options, REPRISE_MILVUS_OPTION_VERIFY, REPRISE_MILVUS_VERIFY_REPORT);
  set_option (options, REPRISE_MILVUS_OPTION_UPLOAD_AS, copy);
  return options;
}

/* Whether the backup server is still filling what stands in the record. */
static gboolean
is_at_work (RepriseMilvusTarget *target, RepriseJournal *record, GCancellable *cancellable)
{
  const char *id = reprise_milvus_restore_get_id (record);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseMilvusRestore) restore =
    id != NULL ? reprise_milvus_client_get_restore (reprise_milvus_target_get_client (target), id,
                                                    cancellable, &error)
               : NULL;

  /* Where nobody answers, it may go on. */
  if (error != NULL && (reprise_error_is_stop (error) ||
                        g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE) ||
                        g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED)))
    return TRUE;
  return restore != NULL && restore->state != REPRISE_MILVUS_DONE &&
         restore->state != REPRISE_MILVUS_FAILED;
}

/* One at a time: only of the last one it is known whether the backup server is still at it. */
static gboolean
check_left (Rehearsal *self, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) left = reprise_scratch_list (self->record);

  if (left[0] == NULL || !is_at_work (self->target, self->record, cancellable))
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
    _ ("Milvus Backup is still restoring for an earlier rehearsal. Where that "
       "never ends, restart it."));
  return FALSE;
}

static gboolean
check_goals (GPtrArray *goals, GError **error)
{
  if (goals->len == 0)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("Which collections are in the backup is not reported, so that it "
           "would not be known which ones to drop afterwards."));
      return FALSE;
    }
  for (guint i = 0; i < goals->len; i++)
    {
      const RepriseMilvusGoal *goal = goals->pdata[i];
      g_autofree char *database = NULL;
      g_autofree char *name = NULL;

      reprise_milvus_name_split (goal->to, &database, &name);
      if (strlen (name) <= MAX_NAME_BYTES)
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("The name of “%s” is so long that no suffix fits after it."),
                         goal->from);
      return FALSE;
    }
  return TRUE;
}

/* --- removing it again --- */

static gboolean
drop_collection (RepriseMilvusTarget *target,
                 const char *name,
                 GCancellable *cancellable,
                 GError **error)
{
  RepriseMilvusRest *rest = reprise_milvus_target_get_rest (target, error);
  GError *local = NULL;
  g_autoptr (RepriseMilvusTable) table = NULL;

  if (rest == NULL)
    return FALSE;
  table = reprise_milvus_rest_describe (rest, name, cancellable, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  return table == NULL || reprise_milvus_rest_drop (rest, name, cancellable, error);
}

/* What was uploaded to be restored goes away again, whole or half. */
static gboolean
delete_copy (RepriseMilvusTarget *target,
             const char *name,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseMilvusStorage *storage = reprise_milvus_target_get_storage (target, cancellable, error);
  GError *local = NULL;

  if (storage == NULL)
    return FALSE;
  if (reprise_milvus_storage_delete (storage, name, FALSE, progress, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_error_free (local);
      return TRUE;
    }
  g_propagate_error (error, local);
  return FALSE;
}

static gboolean
remove_one (RepriseMilvusTarget *target,
            const char *entry,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  if (g_str_has_prefix (entry, COLLECTION))
    return drop_collection (target, entry + strlen (COLLECTION), cancellable, error);
  if (g_str_has_prefix (entry, BACKUP COPY_PREFIX))
    return delete_copy (target, entry + strlen (BACKUP), progress, cancellable, error);
  return TRUE;
}

/**
 * reprise_milvus_rehearse_clean_up:
 *
 * Drops the collections that stand in the record of a rehearsal, and nothing else. While the backup server still fills them they are left
 * as they are.
 */
gboolean
reprise_milvus_rehearse_clean_up (RepriseMilvusTarget *target,
                                  RepriseJournal *record,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_auto (GStrv) entries = reprise_scratch_list (record);

  if (entries[0] == NULL)
    return TRUE;
  if (is_at_work (target, record, cancellable))
    {
      reprise_progress_log (progress, "still being restored, dropped later: %s", entries[0]);
      return TRUE;
    }
  for (guint i = 0; entries[i] != NULL; i++)
    if (!remove_one (target, entries[i], progress, cancellable, error) ||
        !reprise_scratch_remove (record, entries[i], error))
      return FALSE;
  return TRUE;
}

/* --- the rehearsal --- */

/* Whether the storage holds nothing of that name, not even a half: then what will lie there is ours. */
static gboolean
is_free (RepriseMilvusTarget *target,
         const char *name,
         gboolean *ours,
         GCancellable *cancellable,
         GError **error)
{
  RepriseMilvusStorage *storage = reprise_milvus_target_get_storage (target, cancellable, error);
  g_autoptr (GPtrArray) stored =
    storage != NULL ? reprise_milvus_storage_list (storage, FALSE, NULL, cancellable, error) : NULL;

  *ours = TRUE;
  for (guint i = 0; stored != NULL && i < stored->len; i++)
    if (g_str_equal (((RepriseMilvusStored *) stored->pdata[i])->name, name))
      *ours = FALSE;
  return stored != NULL;
}

/* Where the backup server does not list it, the restore uploads it. */
static gboolean
write_down_copy (Rehearsal *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *entry = g_strconcat (BACKUP, name, NULL);
  gboolean ours = FALSE;

  return is_free (self->target, name, &ours, cancellable, error) &&
         (!ours || reprise_scratch_add (self->record, entry, error));
}

/* Before anything is made: all that will be. */
static gboolean
write_down (Rehearsal *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseMilvusPlace) place =
    reprise_milvus_place_find (self->target, self->archive, cancellable, error);

  if (place == NULL ||
      (!place->there &&
       !write_down_copy (
         self, reprise_milvus_plan_get (self->options, REPRISE_MILVUS_OPTION_UPLOAD_AS, NULL),
         cancellable, error)))
    return FALSE;
  for (guint i = 0; i < self->goals->len; i++)
    {
      g_autofree char *entry =
        g_strconcat (COLLECTION, ((RepriseMilvusGoal *) self->goals->pdata[i])->to, NULL);

      if (!reprise_scratch_add (self->record, entry, error))
        return FALSE;
    }
  return TRUE;
}

static RepriseOutcome *
describe (const RepriseMilvusTally *tally, guint n)
{
  g_autofree char *collections =
    g_strdup_printf (ngettext ("%u collection", "%u collections", n), n);
  RepriseOutcome *outcome;

  if (tally->equal < n) /* in part not reported, or different */
    return reprise_milvus_compare_describe (tally, n);
  /* Translators: “5 collections”, and how many rows */
  outcome =
    reprise_outcome_new (ngettext ("%s, %" PRId64 " row, 0 differences",
                                   "%s, %" PRId64 " rows, 0 differences", (gulong) tally->rows),
                         collections, tally->rows);
  outcome->written = tally->rows;
  return outcome;
}

static RepriseOutcome *
restore_and_compare (Rehearsal *self, ReprisePlan *plan, GCancellable *cancellable, GError **error)
{
  g_auto (RepriseMilvusTally) tally = { 0 };
  g_autoptr (RepriseOutcome) restored = reprise_milvus_restore_run (
    self->target, plan, self->record, self->progress, cancellable, error);

  if (restored == NULL)
    return NULL;
  reprise_progress_set_stop_text (self->progress, _ ("The scratch collections are dropped."));
  if (!reprise_milvus_compare_run (self->target, self->goals, NULL, &tally, self->progress,
                                   cancellable, error))
    {
      reprise_error_prefix_say (error, "What was restored could not be compared:");
      return NULL;
    }
  return describe (&tally, self->goals->len);
}

/* Whatever came of it: what it made goes away. */
static void
remove_all (Rehearsal *self)
{
  g_autoptr (GError) local = NULL;

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_DELETING);
  if (is_at_work (self->target, self->record, NULL))
    reprise_progress_warn (self->progress,
                           "Milvus Backup is still restoring into scratch collections, and "
                           "cannot be told to stop. The next job drops them.");
  else if (!reprise_milvus_rehearse_clean_up (self->target, self->record, self->progress, NULL,
                                              &local))
    reprise_progress_warn (
      self->progress,
      "The scratch collections could not all be dropped; the next job tries again: %s",
      reprise_error_get_saying (local));
}

/**
 * reprise_milvus_rehearse:
 *
 * Returns: (transfer full): how many collections and rows came back; with what differs in it as failed. %NULL where it could not be tried
 */
RepriseOutcome *
reprise_milvus_rehearse (RepriseMilvusTarget *target,
                         RepriseArchive *archive,
                         RepriseJournal *record,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error)
{
  g_auto (Rehearsal) self = { .target = target,
                              .archive = archive,
                              .record = record,
                              .progress = progress,
                              .options = make_options () };
  g_autoptr (ReprisePlan) plan = NULL;
  RepriseOutcome *outcome;

  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (reprise_milvus_target_get_rest (target, error) == NULL ||
      !check_left (&self, cancellable, error))
    return NULL;
  self.goals = reprise_milvus_plan_list_goals (target, archive, self.options, cancellable, error);
  if (self.goals == NULL || !check_goals (self.goals, error))
    return NULL;
  plan = reprise_milvus_plan_new (target, archive, REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM),
                                  self.options, cancellable, error);
  if (plan == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  outcome = write_down (&self, cancellable, error)
              ? restore_and_compare (&self, plan, cancellable, error)
              : NULL;
  remove_all (&self);
  return outcome;
}
