/* reprise-work-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "net/reprise-json.h"
#include "provider/reprise-left-backup.h"
#include "provider/reprise-tier-policy.h"
#include "provider/reprise-work-private.h"

static const ReprisePhaseShare PROVING[] = { { REPRISE_PHASE_VERIFYING, 15 },
                                             { REPRISE_PHASE_FINISHING, 1 } };

/* Takes @outcome. */
static RepriseOutcome *
name_backup (RepriseOutcome *outcome, RepriseBackup *backup)
{
  outcome->backup_id = g_strdup (reprise_backup_get_id (backup));
  return outcome;
}

/* (transfer full): @format: not translated, with %s for its size */
RepriseOutcome *
reprise_work_describe (RepriseBackup *backup, const char *format)
{
  g_autofree char *size = reprise_say_size (MAX (reprise_backup_get_size_bytes (backup), 0));
  RepriseOutcome *outcome;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  outcome = reprise_outcome_say (format, size);
#pragma GCC diagnostic pop
  return name_backup (outcome, backup);
}

/* Commits what the provider wrote, and reads it back. */
RepriseBackup *
reprise_work_commit (RepriseWork *work,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (RepriseBackup) backup = NULL;

  backup = reprise_vault_writer_commit (writer, cancellable, error);
  if (backup == NULL)
    return NULL;
  reprise_progress_set_stop_text (progress, _ ("The backup is kept, but it is not verified yet."));
  reprise_progress_set_phase (progress, REPRISE_PHASE_VERIFYING);
  if (!reprise_work_prove (work, backup, REPRISE_DEPTH_FULL, progress, cancellable, error))
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_FINISHING);
  return g_steal_pointer (&backup);
}

/* The backup on the service is made: what of it belongs into the vault and does not get there is a warning. */
static void
keep_aside (RepriseWork *work,
            RepriseProvider *provider,
            RepriseBackup *made,
            RepriseOrigin origin,
            RepriseProgress *progress,
            GCancellable *cancellable)
{
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_provider_has_aside (provider))
    return;
  if (reprise_vault_save_service (work->vault, work->service, &error))
    writer = reprise_vault_begin (work->vault, work->service, origin, NULL, &error);
  if (writer != NULL &&
      reprise_provider_keep_aside (provider, made, writer, progress, cancellable, &error))
    backup = reprise_work_commit (work, writer, progress, cancellable, &error);
  if (backup == NULL && error != NULL)
    reprise_progress_warn (progress,
                           "What of “%s” belongs into the vault could not be kept there: %s",
                           reprise_backup_get_own_name (made), reprise_error_get_saying (error));
}

/* @made: (out): the backup, as the service lists it */
static RepriseOutcome *
back_up_on_service (RepriseWork *work,
                    RepriseProvider *provider,
                    RepriseGroups groups,
                    RepriseBackup **made,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  RepriseOrigin origin = REPRISE_ORIGIN_MANUAL;

  if (!reprise_kind_can (work->kind, REPRISE_CAN_KEEP_ON_SERVICE))
    {
      g_autofree char *text =
        reprise_kind_explain_missing (work->kind, REPRISE_CAN_KEEP_ON_SERVICE);

      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, text);
      return NULL;
    }
  if (!reprise_provider_back_up (provider, groups, NULL, made, progress, cancellable, error))
    return NULL;
  reprise_origin_from_string (work->request->origin, &origin);
  if (!reprise_kind_can (work->kind, REPRISE_HAS_REPORTS))
    keep_aside (work, provider, *made, origin, progress, cancellable);
  else if (REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_LOG))
    reprise_work_reports_after (work, provider, origin, progress, cancellable);
  return name_backup (reprise_outcome_say ("The service made “%s”, and keeps it",
                                           reprise_backup_get_own_name (*made)),
                      *made);
}

/* A backup that was broken off and can be gone on with, the newest; else a new one. */
static RepriseVaultWriter *
begin_or_resume (RepriseWork *work, RepriseOrigin origin, RepriseProgress *progress, GError **error)
{
  g_autoptr (GPtrArray) left =
    reprise_vault_list_resumable_ids (work->vault, reprise_service_get_uuid (work->service), NULL);

  for (guint i = left != NULL ? left->len : 0; i > 0; i--)
    {
      g_autoptr (RepriseVaultWriter) writer =
        reprise_vault_resume (work->vault, work->service, left->pdata[i - 1], NULL);

      if (writer == NULL)
        continue;
      reprise_progress_log (progress, "going on with the backup %s, which was broken off",
                            reprise_vault_writer_get_id (writer));
      return g_steal_pointer (&writer);
    }
  return reprise_vault_begin (work->vault, work->service, origin, NULL, error);
}

/* (transfer full) (nullable): which collections were found since the backup before, and are in this one */
static char *
dup_new (RepriseVaultWriter *writer)
{
  JsonArray *names = reprise_json_get_array (
    reprise_manifest_get_provider (reprise_vault_writer_get_manifest (writer)),
    REPRISE_MANIFEST_NEW);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < reprise_json_array_get_length (names); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            reprise_json_array_get_string (names, i, ""));
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static void
tell_new (RepriseOutcome *outcome, const char *names)
{
  if (names == NULL)
    return;
  reprise_outcome_take_saying (
    outcome,
    /* Translators: “3 MB backed up and verified”, and the names of databases */
    reprise_say ("%s; newly found: %s", reprise_outcome_get_saying (outcome), names));
}

static gboolean
rolls_up (RepriseWork *work)
{
  return reprise_kind_can (work->kind, REPRISE_HAS_HISTORY) &&
         g_strcmp0 (
           reprise_kind_get_value (work->kind, work->service, REPRISE_TIER_SETTING_AFTER_BACKUP),
           "true") == 0;
}

/* After a good backup, where the service's setting says so. The backup is made: whatever goes wrong now is a warning. */
static void
roll_up (RepriseWork *work,
         RepriseProvider *provider,
         RepriseOutcome *outcome,
         RepriseProgress *progress,
         GCancellable *cancellable)
{
  g_autoptr (RepriseProgress) part = NULL;
  g_autoptr (RepriseOutcome) rolled = NULL;
  g_autoptr (GError) local = NULL;

  if (!rolls_up (work))
    return;
  reprise_progress_set_stop_text (progress,
                                  _ ("The backup is kept. Rolling up goes on after the next one."));
  part = reprise_progress_new_part (progress);
  rolled = reprise_provider_compact (provider, work->vault, part, cancellable, &local);
  if (local != NULL && reprise_error_is_stop (local))
    reprise_progress_warn (progress, "Rolling up was stopped; it goes on after the next backup.");
  else if (local != NULL)
    reprise_progress_warn (progress, "The backups could not be rolled up: %s",
                           reprise_error_get_saying (local));
  if (rolled == NULL || (rolled->written <= 0 && rolled->removed <= 0))
    return;
  /* Translators: “3 MB backed up and verified”, and what was rolled up and deleted then */
  reprise_outcome_take_saying (outcome, reprise_say ("%s; %s", reprise_outcome_get_saying (outcome),
                                                     reprise_outcome_get_saying (rolled)));
}

/* Whether only what lies in backups of its own is wanted. */
static gboolean
is_of_reports (RepriseWork *work, RepriseGroups groups)
{
  return reprise_kind_can (work->kind, REPRISE_HAS_REPORTS) &&
         (groups & ~REPRISE_GROUP_BIT (REPRISE_GROUP_SKIPPED)) ==
           REPRISE_GROUP_BIT (REPRISE_GROUP_LOG);
}

/* What the provider wrote becomes a backup of the vault; then what comes after each. */
static RepriseOutcome *
keep (RepriseWork *work,
      RepriseProvider *provider,
      RepriseVaultWriter *writer,
      RepriseGroups groups,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  RepriseOrigin origin = reprise_manifest_get_origin (reprise_vault_writer_get_manifest (writer));
  g_autofree char *found = dup_new (writer);
  g_autoptr (RepriseBackup) backup =
    reprise_work_commit (work, writer, progress, cancellable, error);
  RepriseOutcome *outcome;
  gboolean restorable;

  if (backup == NULL)
    return NULL;
  reprise_provider_let_go (provider, progress, cancellable);
  /* Translators: %s is a size */
  outcome = reprise_work_describe (backup, N_ ("%s backed up and verified"));
  tell_new (outcome, found);
  if (reprise_kind_can (work->kind, REPRISE_HAS_REPORTS) &&
      REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_LOG))
    reprise_work_reports_after (work, provider, origin, progress, cancellable);
  roll_up (work, provider, outcome, progress, cancellable);
  restorable = reprise_work_rehearse_after (work, provider, backup, outcome, progress, cancellable);
  reprise_work_prune (work, provider, outcome, restorable, progress, cancellable);
  return outcome;
}

/**
 * reprise_work_back_up:
 *
 * provider: read and write into a partial folder → commit → read back in full → verified → rolled up, where there are tiers
 */
RepriseOutcome *
reprise_work_back_up (RepriseWork *work,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  RepriseGroups groups = work->request->groups;
  RepriseOrigin origin = REPRISE_ORIGIN_MANUAL;
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  gboolean restorable;
  RepriseOutcome *outcome;

  if (provider == NULL)
    return NULL;
  if (groups == REPRISE_GROUPS_NONE)
    groups = reprise_kind_get_default_groups (work->kind);
  if (is_of_reports (work, groups))
    return reprise_work_reports (work, progress, cancellable, error);
  reprise_progress_set_stop_text (
    progress, _ ("Nothing is kept of this backup. Earlier ones stay as they are."));
  if (work->request->on_service)
    {
      outcome = back_up_on_service (work, provider, groups, &backup, progress, cancellable, error);
      if (outcome != NULL)
        {
          roll_up (work, provider, outcome, progress, cancellable);
          restorable =
            reprise_work_rehearse_after (work, provider, backup, outcome, progress, cancellable);
          reprise_work_prune (work, provider, outcome, restorable, progress, cancellable);
        }
      return outcome;
    }
  reprise_progress_set_frame (progress, NULL, 0, PROVING, G_N_ELEMENTS (PROVING));
  reprise_origin_from_string (work->request->origin, &origin);
  if (!reprise_vault_save_service (work->vault, work->service, error))
    return NULL;
  writer = begin_or_resume (work, origin, progress, error);
  if (writer == NULL)
    return NULL;
  reprise_manifest_set_note (reprise_vault_writer_get_manifest (writer), work->request->note);
  if (!reprise_provider_back_up (provider, groups, writer, NULL, progress, cancellable, error))
    return NULL;
  return keep (work, provider, writer, groups, progress, cancellable, error);
}

/**
 * reprise_work_bring_left:
 * @left: the journal of a backup that a process before had begun, and that the service has made since
 * @id: under which the service lists it
 *
 * It comes into the vault as that process would have brought it there. Where that cannot be now, @left stays open.
 */
RepriseOutcome *
reprise_work_bring_left (RepriseWork *work,
                         RepriseProvider *provider,
                         RepriseJournal *left,
                         const char *id,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (RepriseBackup) source = reprise_work_find_backup (work, id, cancellable, error);
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseProgress) part = reprise_progress_new_part (progress);

  if (source == NULL ||
      !reprise_work_check_space (work, reprise_backup_get_size_bytes (source), error) ||
      !reprise_vault_save_service (work->vault, work->service, error))
    return NULL;
  writer = reprise_vault_begin (work->vault, work->service, reprise_left_backup_get_origin (left),
                                NULL, error);
  if (writer == NULL)
    return NULL;
  reprise_manifest_set_note (reprise_vault_writer_get_manifest (writer),
                             reprise_left_backup_get_note (left));
  reprise_left_backup_say_stop (left, progress);
  if (!reprise_provider_download (provider, source, writer, part, cancellable, error) ||
      !reprise_left_backup_close (left, error))
    return NULL;
  return keep (work, provider, writer, reprise_kind_get_default_groups (work->kind), progress,
               cancellable, error);
}

/* The service's own backup is brought into the vault and read back. */
RepriseOutcome *
reprise_work_download (RepriseWork *work,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  g_autoptr (RepriseBackup) source = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) backup = NULL;

  if (provider == NULL || work->request->backup_ids == NULL)
    return NULL;
  reprise_progress_set_frame (progress, NULL, 0, PROVING, G_N_ELEMENTS (PROVING));
  source = reprise_work_find_backup (work, work->request->backup_ids[0], cancellable, error);
  if (source == NULL)
    return NULL;
  if (reprise_backup_get_in_vault (source))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                         _ ("The backup “%s” is in the vault already"),
                         work->request->backup_ids[0]);
      return NULL;
    }
  if (!reprise_work_check_space (work, reprise_backup_get_size_bytes (source), error) ||
      !reprise_vault_save_service (work->vault, work->service, error))
    return NULL;
  reprise_progress_set_stop_text (
    progress, _ ("What was downloaded so far is thrown away. The service keeps its backup."));
  writer = reprise_vault_begin (work->vault, work->service, REPRISE_ORIGIN_MANUAL, NULL, error);
  if (writer == NULL ||
      !reprise_provider_download (provider, source, writer, progress, cancellable, error))
    return NULL;
  backup = reprise_work_commit (work, writer, progress, cancellable, error);
  if (backup == NULL)
    return NULL;
  /* Translators: %s is a size */
  return reprise_work_describe (backup, N_ ("%s downloaded and verified"));
}

static gint64
sum_sizes (GPtrArray *backups)
{
  gint64 total = 0;

  for (guint i = 0; i < backups->len; i++)
    total += MAX (reprise_backup_get_size_bytes (backups->pdata[i]), 0);
  return total;
}

/* (transfer full): the backups that the request names, or all of the service, or of the vault */
static GPtrArray *
list_named (RepriseWork *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  char **ids = work->request->backup_ids;

  if (ids == NULL || ids[0] == NULL)
    return reprise_vault_list (work->vault, work->request->service_uuid, cancellable, error);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      RepriseBackup *backup = reprise_vault_find (work->vault, ids[i], cancellable, error);

      if (backup == NULL)
        return NULL;
      g_ptr_array_add (backups, backup);
    }
  return g_steal_pointer (&backups);
}

/* Reads backups of the vault back. Every one is read, also after a damaged one; then the first damage is the error. */
RepriseOutcome *
reprise_work_verify (RepriseWork *work,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  static const ReprisePhaseShare plan[] = { { REPRISE_PHASE_VERIFYING, 1 } };
  g_autoptr (GPtrArray) backups = list_named (work, cancellable, error);
  g_autoptr (GError) first = NULL;
  RepriseDepth depth = REPRISE_DEPTH_FULL;
  guint n_damaged = 0;
  gint64 before = 0;

  if (backups == NULL)
    return NULL;
  reprise_depth_from_string (work->request->depth, &depth);
  reprise_progress_set_plan (progress, plan, G_N_ELEMENTS (plan));
  reprise_progress_set_phase (progress, REPRISE_PHASE_VERIFYING);
  reprise_progress_set_totals (progress, sum_sizes (backups), backups->len);
  for (guint i = 0; i < backups->len; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (RepriseProgress) part = backups->len == 1 ? g_object_ref (progress) : NULL;

      if (reprise_work_prove (work, backups->pdata[i], depth, part, cancellable, &local_error))
        reprise_progress_log (progress, "%s is whole", reprise_backup_get_id (backups->pdata[i]));
      else if (!g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      else
        {
          n_damaged++;
          reprise_progress_log (progress, "%s: %s", reprise_backup_get_id (backups->pdata[i]),
                                local_error->message);
          if (first == NULL)
            first = g_steal_pointer (&local_error);
        }
      before += MAX (reprise_backup_get_size_bytes (backups->pdata[i]), 0);
      reprise_progress_set_done (progress, before, i + 1);
    }
  if (first != NULL && backups->len > 1)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                       ngettext ("%u of %u backups is damaged: %s",
                                 "%u of %u backups are damaged, the first: %s", n_damaged),
                       n_damaged, backups->len, reprise_error_get_saying (first));
  else if (first != NULL)
    g_propagate_error (error, g_steal_pointer (&first));
  if (n_damaged > 0)
    return NULL;
  return reprise_outcome_say_n ("%u backup read back, no damage", "%u backups read back, no damage",
                                backups->len, backups->len);
}

/* Whether Undo would go back to it. */
static gboolean
is_undo (RepriseWork *work, RepriseBackup *backup, GCancellable *cancellable)
{
  g_autoptr (RepriseBackup) copy = NULL;

  if (reprise_backup_get_origin (backup) != REPRISE_ORIGIN_SAFETY)
    return FALSE;
  copy = reprise_context_find_safety_copy (work->context, reprise_service_get_uuid (work->service),
                                           cancellable, NULL);
  return copy != NULL && g_str_equal (reprise_backup_get_id (copy), reprise_backup_get_id (backup));
}

static gboolean
check_deletion (RepriseWork *work, RepriseBackup *backup, GCancellable *cancellable, GError **error)
{
  const char *id = reprise_backup_get_id (backup);

  if (!work->request->consent)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("Nobody has agreed to delete “%s”"), id);
      return FALSE;
    }
  if (reprise_backup_get_kept (backup) && !work->request->force)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("The backup “%s” is marked as kept: take that mark away first"), id);
      return FALSE;
    }
  if (is_undo (work, backup, cancellable) && !work->request->force)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The last restore can still be undone from the safety copy “%s”: it is not deleted"),
        id);
      return FALSE;
    }
  return TRUE;
}

/* A name may have been used again. */
static gboolean
check_same (RepriseWork *work,
            RepriseProvider *provider,
            RepriseBackup *backup,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (RepriseArchive) archive = reprise_context_open_backup (
    work->context, work->service, backup, NULL, work->secrets, NULL, cancellable, error);

  return archive != NULL && reprise_provider_check_same (provider, archive, cancellable, error);
}

/* (transfer full): the same backup as its service lists it, or %NULL with %REPRISE_ERROR_NOT_FOUND */
static RepriseBackup *
find_on_service (RepriseWork *work,
                 RepriseProvider *provider,
                 RepriseBackup *backup,
                 RepriseProgress *progress,
                 GCancellable *cancellable,
                 GError **error)
{
  const char *name = reprise_backup_get_own_name (backup);
  g_autoptr (GPtrArray) list = NULL;

  if (!reprise_backup_get_in_vault (backup))
    return g_object_ref (backup);
  list = reprise_provider_list_backups (provider, progress, cancellable, error);
  if (list == NULL)
    return NULL;
  for (guint i = 0; name != NULL && i < list->len; i++)
    if (g_strcmp0 (reprise_backup_get_own_name (list->pdata[i]), name) == 0)
      return check_same (work, provider, backup, cancellable, error) ? g_object_ref (list->pdata[i])
                                                                     : NULL;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("The backup “%s” is not on its service."), reprise_backup_get_id (backup));
  return NULL;
}

/* The request's option `where` says vault, service or both; by default the vault's copy if there is one. */
static gboolean
delete_one (RepriseWork *work,
            RepriseProvider *provider,
            RepriseBackup *backup,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  const char *where = g_hash_table_lookup (work->request->options, "where");
  gboolean in_vault = reprise_backup_get_in_vault (backup);
  gboolean from_vault = in_vault && g_strcmp0 (where, "service") != 0;
  gboolean from_service =
    !in_vault || g_strcmp0 (where, "service") == 0 || g_strcmp0 (where, "both") == 0;

  if (from_service)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (RepriseBackup) there =
        find_on_service (work, provider, backup, progress, cancellable, &local_error);

      /* of both places: then there is only the other */
      if (there == NULL &&
          !(from_vault && g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND)))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (there != NULL &&
          !reprise_provider_delete_backup (provider, there, progress, cancellable, error))
        return FALSE;
    }
  return !from_vault || reprise_vault_delete (work->vault, backup, cancellable, error);
}

RepriseOutcome *
reprise_work_delete (RepriseWork *work,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (RepriseProvider) provider = reprise_work_make_provider (work, error);
  char **ids = work->request->backup_ids;
  gint64 freed = 0;
  guint n = 0;
  g_autofree char *size = NULL;

  if (provider == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_DELETING);
  reprise_progress_set_totals (progress, -1, ids != NULL ? g_strv_length (ids) : 0);
  for (; ids != NULL && ids[n] != NULL; n++)
    {
      g_autoptr (RepriseBackup) backup =
        reprise_work_find_backup (work, ids[n], cancellable, error);

      if (backup == NULL || !check_deletion (work, backup, cancellable, error) ||
          !delete_one (work, provider, backup, progress, cancellable, error))
        return NULL;
      freed += MAX (reprise_backup_get_size_bytes (backup), 0);
      reprise_progress_add_items (progress, 1);
    }
  size = reprise_say_size (freed);
  return reprise_outcome_say_n ("%u backup deleted, %s freed", "%u backups deleted, %s freed", n, n,
                                size);
}
