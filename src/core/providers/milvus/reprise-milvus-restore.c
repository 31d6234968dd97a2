/* reprise-milvus-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-backup.h"
#include "providers/milvus/reprise-milvus-compare.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-place.h"
#include "providers/milvus/reprise-milvus-restore.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"

#define STEP_DROP      "drop"
#define STEP_RESTORE   "restore"
#define KEY_ID         "restore-id"
#define KEY_TARGETS    "targets"
#define FILE_REFERENCE "reference.json"

typedef struct
{
  RepriseMilvusTarget *target;
  RepriseMilvusClient *client;
  ReprisePlan *plan;
  GHashTable *options;
  GPtrArray *goals; /* (owned) (element-type RepriseMilvusGoal) */
  RepriseJournal *journal;
  RepriseProgress *progress;
  char *name; /* (owned): of the backup on the service */
  gboolean replace;
} Run;

static void
run_clear (Run *self)
{
  g_clear_pointer (&self->goals, g_ptr_array_unref);
  g_free (self->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
is_true (Run *self, const char *key, gboolean fallback)
{
  return reprise_milvus_plan_is_true (self->options, key, fallback);
}

/* --- before --- */

/* (transfer full) (element-type utf8): the targets that exist */
static GPtrArray *
list_endangered (GPtrArray *goals)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < goals->len; i++)
    {
      const RepriseMilvusGoal *goal = goals->pdata[i];

      if (goal->exists)
        g_ptr_array_add (names, g_strdup (goal->to));
    }
  return names;
}

/* What lies only in the vault is put into the storage, and not over another one of its name. */
static gboolean
bring_to_service (Run *self, GCancellable *cancellable, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (self->plan);
  g_autoptr (RepriseMilvusPlace) place =
    reprise_milvus_place_find (self->target, archive, cancellable, error);
  RepriseMilvusStorage *storage;

  if (place == NULL)
    return FALSE;
  self->name = g_strdup (
    place->there
      ? place->name
      : reprise_milvus_plan_get (self->options, REPRISE_MILVUS_OPTION_UPLOAD_AS, place->name));
  if (place->there)
    return TRUE;
  storage = reprise_milvus_target_get_storage (self->target, cancellable, error);
  if (storage == NULL)
    return FALSE;
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_UPLOADING);
  return reprise_milvus_archive_upload_as (archive, storage, self->name, self->progress,
                                           cancellable, error);
}

/* What came into being since the safety copy was made, or since the user agreed, is dropped by nobody. */
static gboolean
look_again (Run *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  if (!self->replace || !reprise_milvus_target_has_milvus (self->target))
    return TRUE;
  if (!reprise_milvus_plan_look (self->target, self->goals, cancellable, error) ||
      !reprise_milvus_plan_check_covered (self->plan, self->goals, error))
    return FALSE;
  names = list_endangered (self->goals);
  self->replace = names->len > 0; /* the server is told to drop only where there is something */
  return TRUE;
}

/* The oldest servers refuse what exists even where they are told to drop it. */
static gboolean
drop_existing (Run *self, GCancellable *cancellable, GError **error)
{
  RepriseMilvusRest *rest;

  if (!self->replace || !reprise_milvus_target_has_milvus (self->target) ||
      reprise_milvus_client_get_generation (self->client, cancellable, NULL) != REPRISE_MILVUS_A)
    return TRUE;
  rest = reprise_milvus_target_get_rest (self->target, error);
  if (rest == NULL)
    return FALSE;
  for (guint i = 0; i < self->goals->len; i++)
    {
      const RepriseMilvusGoal *goal = self->goals->pdata[i];
      g_autofree char *step = g_strdup_printf (STEP_DROP " %s", goal->to);
      g_autofree char *text = NULL;

      if (!goal->exists)
        continue;
      text = g_strdup_printf (_ ("the collection “%s” was being dropped"), goal->to);
      if (!reprise_journal_begin (self->journal, step, text, error) ||
          !reprise_milvus_rest_drop (rest, goal->to, cancellable, error) ||
          !reprise_journal_end (self->journal, step, error))
        return FALSE;
    }
  return TRUE;
}

/* --- the restore itself --- */

static GPtrArray *
make_renames (Run *self)
{
  GPtrArray *renames = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_rename_free);

  if (reprise_milvus_plan_get (self->options, REPRISE_MILVUS_OPTION_RENAME, NULL) == NULL &&
      reprise_milvus_plan_get (self->options, REPRISE_MILVUS_OPTION_DATABASE, NULL) == NULL)
    return renames;
  for (guint i = 0; i < self->goals->len; i++)
    {
      const RepriseMilvusGoal *goal = self->goals->pdata[i];

      g_ptr_array_add (renames, reprise_milvus_rename_new (goal->from, goal->to));
    }
  return renames;
}

static GPtrArray *
list_sources (Run *self)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < self->goals->len; i++)
    g_ptr_array_add (names, ((RepriseMilvusGoal *) self->goals->pdata[i])->from);
  return names;
}

static gboolean
restores_roles (Run *self)
{
  RepriseContents *contents = reprise_archive_get_contents (reprise_plan_get_archive (self->plan));
  RepriseGroups groups = reprise_plan_get_groups (self->plan);

  return contents != NULL &&
         REPRISE_GROUPS_HAS (reprise_contents_get_groups (contents), REPRISE_GROUP_USER) &&
         (groups == REPRISE_GROUPS_NONE || REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_USER));
}

/* Whether it was begun. Where the answer got lost, the server is asked. */
static gboolean
start (Run *self, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) renames = make_renames (self);
  g_autoptr (GPtrArray) sources = list_sources (self);
  RepriseMilvusStart request = {
    .id = id,
    .backup = self->name,
    .collections = sources->len > 0 ? sources : NULL,
    .suffix = reprise_milvus_plan_get (self->options, REPRISE_MILVUS_OPTION_SUFFIX, NULL),
    .renames = renames,
    .structure_only = is_true (self, REPRISE_MILVUS_OPTION_STRUCTURE, FALSE),
    .indexes = is_true (self, REPRISE_MILVUS_OPTION_INDEXES, TRUE),
    .roles = restores_roles (self),
    .replace = self->replace,
  };
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  g_autoptr (RepriseMilvusRestore) begun = NULL;
  GError *local = NULL;

  begun = reprise_milvus_client_restore (self->client, &request, &outcome, cancellable, &local);
  if (begun == NULL && outcome == REPRISE_HTTP_NO_ANSWER && !reprise_error_is_stop (local))
    begun = reprise_milvus_client_get_restore (self->client, id, cancellable, NULL);
  if (begun != NULL)
    {
      if (begun->id != NULL && !g_str_equal (begun->id, id))
        reprise_journal_set (self->journal, KEY_ID, begun->id, NULL);
      g_clear_error (&local);
      return TRUE;
    }
  if (outcome != REPRISE_HTTP_NO_ANSWER)
    reprise_journal_end (self->journal, STEP_RESTORE,
                         NULL); /* it was refused, and changed nothing */
  g_propagate_error (error, local);
  return FALSE;
}

static char *
join_targets (GPtrArray *goals)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < goals->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "",
                            ((RepriseMilvusGoal *) goals->pdata[i])->to);
  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* What matched nothing is reported as a success too; what was restored must be what was asked for. */
static void
warn_of_missing (GPtrArray *goals, const RepriseMilvusRestore *restore, RepriseProgress *progress)
{
  for (guint i = 0; i < goals->len; i++)
    {
      const RepriseMilvusGoal *goal = goals->pdata[i];
      gboolean found = FALSE;

      for (guint j = 0; j < restore->parts->len && !found; j++)
        {
          const RepriseMilvusPart *part = restore->parts->pdata[j];
          g_autofree char *name = reprise_milvus_name_join (part->database, part->name);

          found = g_str_equal (name, goal->to);
        }
      if (!found)
        reprise_progress_warn (progress, "Milvus Backup did not restore “%s”.", goal->to);
    }
}

/* What the oldest servers report of each collection; of its rows this says nothing. */
static void
warn_of_sizes (const RepriseMilvusRestore *restore, RepriseProgress *progress)
{
  for (guint i = 0; i < restore->parts->len; i++)
    {
      const RepriseMilvusPart *part = restore->parts->pdata[i];
      g_autofree char *full = reprise_milvus_name_join (part->database, part->name);
      g_autofree char *name = reprise_milvus_name_show (full);
      g_autofree char *done = NULL;
      g_autofree char *all = NULL;

      if (part->restored_bytes < 0 || part->total_bytes <= part->restored_bytes)
        continue;
      done = g_format_size ((guint64) part->restored_bytes);
      all = g_format_size ((guint64) part->total_bytes);
      /* Translators: of “films”: 3 MB of 5 MB */
      reprise_progress_warn (progress, "Of “%s” Milvus Backup reports to have restored %s of %s.",
                             name, done, all);
    }
}

/* What was restored without its being known before. */
static void
add_parts (GPtrArray *goals, const RepriseMilvusRestore *restore)
{
  if (goals->len > 0)
    return;
  for (guint i = 0; i < restore->parts->len; i++)
    {
      const RepriseMilvusPart *part = restore->parts->pdata[i];
      RepriseMilvusGoal *goal = g_new0 (RepriseMilvusGoal, 1);

      goal->to = reprise_milvus_name_join (part->database, part->name);
      goal->from = g_strdup (goal->to);
      goal->rows = goal->now = REPRISE_NOT_REPORTED;
      g_ptr_array_add (goals, goal);
    }
}

/* The restore is done: what goes wrong with looking at it is a warning. */
static RepriseOutcome *
compare (RepriseMilvusTarget *target,
         GPtrArray *goals,
         GHashTable *options,
         const RepriseMilvusRestore *restore,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  g_auto (RepriseMilvusTally) tally = { 0 };
  g_autoptr (GError) local = NULL;

  warn_of_missing (goals, restore, progress);
  if (!reprise_milvus_plan_is_true (options, REPRISE_MILVUS_OPTION_STRUCTURE, FALSE))
    warn_of_sizes (restore, progress);
  add_parts (goals, restore);
  reprise_progress_set_stop_text (
    progress, _ ("The collections are restored, but they are not compared with the backup."));
  if (!reprise_milvus_compare_run (target, goals, options, &tally, progress, cancellable, &local))
    {
      if (reprise_error_is_stop (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      reprise_progress_warn (progress,
                             "The restored collections could not be compared with the backup: %s",
                             reprise_error_get_saying (local));
    }
  return reprise_milvus_compare_describe (&tally, restore->parts->len);
}

/* (transfer full): the restore of the server to its end; a server that Reprise started stays as long */
static RepriseMilvusRestore *
follow (RepriseMilvusTarget *target,
        RepriseJournal *journal,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  g_autofree char *id = g_strdup (reprise_journal_get (journal, KEY_ID));
  GError *local = NULL;
  RepriseMilvusRestore *restore;

  reprise_milvus_target_begin_work (target, REPRISE_MILVUS_WORK_RESTORE, id);
  reprise_progress_set_stop_text (
    progress, _ ("Milvus Backup goes on restoring: it cannot be told to stop."));
  restore = reprise_milvus_follow_restore (reprise_milvus_target_get_client (target), id,
                                           reprise_milvus_target_get_pace (target), progress,
                                           cancellable, &local);
  reprise_milvus_target_end_work (target, id, local);
  if (local != NULL)
    g_propagate_error (error, local);
  return restore;
}

/* The request itself; that it was sent is known to a server that Reprise started before it is. */
static gboolean
begin (Run *self, const char *id, GCancellable *cancellable, GError **error)
{
  GError *local = NULL;
  gboolean ok;

  reprise_milvus_target_begin_work (self->target, REPRISE_MILVUS_WORK_RESTORE, id);
  ok = start (self, id, cancellable, &local);
  reprise_milvus_target_end_work (self->target, id, local);
  if (!ok)
    g_propagate_error (error, local);
  return ok;
}

static RepriseOutcome *
carry_out (Run *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *id = reprise_milvus_name_make ("reprise_restore", g_get_real_time ());
  g_autofree char *targets = join_targets (self->goals);
  g_autoptr (RepriseMilvusRestore) restore = NULL;

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_APPLYING);
  if (!look_again (self, cancellable, error) || !drop_existing (self, cancellable, error) ||
      !reprise_journal_set (self->journal, KEY_ID, id, error) ||
      !reprise_journal_set (self->journal, KEY_TARGETS, targets, error) ||
      !reprise_journal_begin (
        self->journal, STEP_RESTORE,
        _ ("Milvus Backup was restoring collections, which may be half filled: drop "
           "them before the next try"),
        error) ||
      !begin (self, id, cancellable, error))
    return NULL;
  restore = follow (self->target, self->journal, self->progress, cancellable, error);
  if (restore == NULL || !reprise_journal_end (self->journal, STEP_RESTORE, error))
    return NULL;
  return compare (self->target, self->goals, self->options, restore, self->progress, cancellable,
                  error);
}

/**
 * reprise_milvus_restore_run:
 *
 * upload, where the service does not have it → drop, for the oldest servers → restore, followed → compare
 */
RepriseOutcome *
reprise_milvus_restore_run (RepriseMilvusTarget *target,
                            ReprisePlan *plan,
                            RepriseJournal *journal,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_UPLOADING, 20 },
                                              { REPRISE_PHASE_APPLYING, 60 },
                                              { REPRISE_PHASE_COMPARING, 20 } };
  g_auto (Run) self = { .target = target,
                        .client = reprise_milvus_target_get_client (target),
                        .plan = plan,
                        .options = reprise_plan_get_options (plan),
                        .journal = journal,
                        .progress = progress };

  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  /* Where the plan found nothing to replace, there is no safety copy: what came since is not dropped. */
  self.replace = reprise_plan_get_overwrites (plan) &&
                 g_str_equal (reprise_milvus_plan_get (self.options, REPRISE_MILVUS_OPTION_EXISTING,
                                                       REPRISE_MILVUS_EXISTING_REFUSE),
                              REPRISE_MILVUS_EXISTING_REPLACE);
  self.goals = reprise_milvus_plan_list_goals (target, reprise_plan_get_archive (plan),
                                               self.options, cancellable, error);
  if (self.goals == NULL ||
      reprise_milvus_client_get_generation (self.client, cancellable, error) == 0 ||
      !bring_to_service (&self, cancellable, error))
    return NULL;
  return carry_out (&self, cancellable, error);
}

/* (nullable): by which the backup server knows the restore of that journal */
const char *
reprise_milvus_restore_get_id (RepriseJournal *journal)
{
  return reprise_journal_get (journal, KEY_ID);
}

static GPtrArray *
read_targets (const char *text)
{
  g_autoptr (GPtrArray) names = reprise_milvus_name_read_list (text);
  GPtrArray *goals = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_goal_free);

  for (guint i = 0; i < names->len; i++)
    {
      RepriseMilvusGoal *goal = g_new0 (RepriseMilvusGoal, 1);

      goal->from = g_strdup (names->pdata[i]);
      goal->to = g_strdup (names->pdata[i]);
      goal->rows = goal->now = REPRISE_NOT_REPORTED;
      g_ptr_array_add (goals, goal);
    }
  return goals;
}

/**
 * reprise_milvus_restore_resume:
 *
 * Takes up a restore that the server went on with while nobody watched.
 *
 * Returns: (transfer full) (nullable): how it came out; %NULL without an error where the server knows nothing of it any more
 */
RepriseOutcome *
reprise_milvus_restore_resume (RepriseMilvusTarget *target,
                               RepriseJournal *journal,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  const char *id = reprise_journal_get (journal, KEY_ID);
  g_autoptr (GPtrArray) goals = read_targets (reprise_journal_get (journal, KEY_TARGETS));
  g_autoptr (RepriseMilvusRestore) restore = NULL;
  GError *local = NULL;

  if (id == NULL || !reprise_journal_has_open_step (journal))
    return NULL;
  restore = reprise_milvus_client_get_restore (client, id, cancellable, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  if (restore == NULL || restore->state == REPRISE_MILVUS_FAILED)
    return NULL;
  reprise_milvus_restore_free (g_steal_pointer (&restore));
  restore = follow (target, journal, progress, cancellable, error);
  if (restore == NULL || !reprise_journal_end (journal, STEP_RESTORE, error))
    return NULL;
  return compare (target, goals, NULL, restore, progress, cancellable, error);
}

/* --- the way back --- */

/* The server hands out no files: a reference stands in the vault for the copy that stays with it. */
static gboolean
write_reference (RepriseMilvusTarget *target,
                 const char *name,
                 GPtrArray *names,
                 RepriseVaultWriter *writer,
                 GCancellable *cancellable,
                 GError **error)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autofree char *text = g_strdup_printf ("{\"backup\":\"%s\"}\n", name);
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, FILE_REFERENCE, error);

  if (stream == NULL ||
      !g_output_stream_write_all (stream, text, strlen (text), NULL, cancellable, error) ||
      !g_output_stream_close (stream, cancellable, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *shown = reprise_milvus_name_show (names->pdata[i]);
      g_autoptr (RepriseCollection) collection =
        reprise_collection_new (shown, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

      reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, collection);
    }
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_own_name (manifest, name);
  reprise_manifest_set_proof (manifest, REPRISE_MANIFEST_PROOF_SERVICE,
                              "the backup stays on the service, which lists it as finished");
  json_object_set_string_member (reprise_manifest_get_provider (manifest),
                                 REPRISE_MILVUS_MEMBER_REFERENCE, name);
  return TRUE;
}

/* A backup of the collections that will be dropped: into the vault, or, where the storage is not set, on the service. */
gboolean
reprise_milvus_restore_secure (RepriseMilvusTarget *target,
                               ReprisePlan *plan,
                               RepriseVaultWriter *writer,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CREATING, 50 },
                                              { REPRISE_PHASE_DOWNLOADING, 50 } };
  g_autoptr (GPtrArray) goals = reprise_milvus_plan_list_goals (
    target, reprise_plan_get_archive (plan), reprise_plan_get_options (plan), cancellable, error);
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (RepriseBackup) made = NULL;

  if (goals == NULL || !reprise_milvus_plan_look (target, goals, cancellable, error))
    return FALSE;
  names = list_endangered (goals);
  if (names->len == 0) /* a backup of no collections would be one of all */
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The collections that were to be replaced are not there any more. "
           "Begin again."));
      return FALSE;
    }
  reprise_milvus_plan_cover (plan, goals);
  reprise_progress_set_plan (progress, PHASES, reprise_milvus_target_has_storage (target) ? 2 : 1);
  made = reprise_milvus_backup_make (target, REPRISE_MILVUS_SAFETY_PREFIX,
                                     REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), names, progress,
                                     cancellable, error);
  if (made == NULL)
    return FALSE;
  if (reprise_milvus_target_has_storage (target))
    return reprise_milvus_backup_fetch (target, reprise_backup_get_own_name (made), writer,
                                        progress, cancellable, error);
  return write_reference (target, reprise_backup_get_own_name (made), names, writer, cancellable,
                          error);
}

/* All of the copy back under its own names, in place of what is there now. */
ReprisePlan *
reprise_milvus_restore_plan_undo (RepriseMilvusTarget *target,
                                  RepriseArchive *safety_copy,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ReprisePlan *plan;

  g_hash_table_insert (options, g_strdup (REPRISE_MILVUS_OPTION_EXISTING),
                       g_strdup (REPRISE_MILVUS_EXISTING_REPLACE));
  plan =
    reprise_milvus_plan_new (target, safety_copy, REPRISE_GROUPS_NONE, options, cancellable, error);
  if (plan != NULL)
    reprise_plan_add_loss (plan, "%s",
                           _ ("The collections become as they were before the restore, also where "
                              "they were changed since."));
  return plan;
}
