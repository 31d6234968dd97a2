/* reprise-site-apply.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-journal.h"
#include "providers/azure/site/reprise-site-leftovers.h"
#include "providers/azure/site/reprise-site-plan-private.h"
#include "providers/azure/site/reprise-site-provider-private.h"
#include "providers/azure/site/reprise-site-upload.h"

#define STEP_UPLOAD "upload"

/*
 * the archive and its description go into the container, unless they lie there → the restore is asked for, once
 * → what it takes to follow it is written down → it is followed to its end, by this process or a later one
 */
typedef struct
{
  RepriseSiteProvider *provider;
  ReprisePlan *plan;
  RepriseJournal *journal;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseSite *target; /* (owned) */
  RepriseSas *sas;     /* (owned) */
  char *blob_name;     /* (owned) (nullable): of the archive */
} Restore;

static void
restore_clear (Restore *restore)
{
  g_clear_object (&restore->target);
  g_clear_pointer (&restore->sas, reprise_sas_free);
  g_free (restore->blob_name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Restore, restore_clear)

/* --- the archive --- */

/* Before it is uploaded: what lies there under its name was kept by somebody, unless an earlier restore had left it, and so is what may
 * not be looked at; it stays. */
static gboolean
note_upload (Restore *restore, RepriseBlob *blob, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseBlobItem) there =
    reprise_blob_look (blob, restore->blob_name, restore->cancellable, &local);

  if ((there != NULL && !reprise_site_leftovers_take (restore->provider, restore->blob_name)) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    return TRUE;
  if (there != NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return reprise_journal_set (restore->journal, REPRISE_SITE_JOURNAL_UPLOADED, restore->blob_name,
                                error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* What is in the vault, or in a file, goes to where Azure finds it. */
static gboolean
upload (Restore *restore, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (restore->plan);
  g_autofree char *name = reprise_arm_id_get (reprise_site_get_id (restore->target), "sites");
  g_autoptr (RepriseBlob) blob = reprise_blob_new_for_sas (restore->sas, error);

  if (blob == NULL)
    return FALSE;
  restore->blob_name = reprise_site_upload_make_name (name, archive);
  return note_upload (restore, blob, error) &&
         reprise_journal_begin (restore->journal, STEP_UPLOAD, restore->blob_name, error) &&
         reprise_site_upload (blob, archive, restore->blob_name, TRUE, restore->progress,
                              restore->cancellable, error) &&
         reprise_journal_end (restore->journal, STEP_UPLOAD, error);
}

/* What was uploaded goes away again, or is left to a later job, as long as Azure may read it. */
static gboolean
let_go (RepriseSiteProvider *provider,
        RepriseJournal *journal,
        const char *name,
        RepriseProgress *progress,
        GError **error)
{
  g_autoptr (GError) local = NULL;

  if (reprise_site_journal_may_go_on (journal))
    return reprise_site_leftovers_add (provider, name, error);
  if (reprise_site_access_delete_files (provider, name, FALSE, NULL, &local))
    return TRUE;
  reprise_progress_log (progress, "%s stays in the container: %s", name, local->message);
  return g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) ||
         reprise_site_leftovers_add (provider, name, error);
}

/**
 * reprise_site_plan_tidy:
 *
 * Once a restore has ended, however that was, also where somebody stopped it: what was uploaded for it goes away again. Where that cannot
 * be, it lies there, and is no backup among others; a later job removes it. One that can be followed has not ended.
 */
void
reprise_site_plan_tidy (RepriseSiteProvider *provider,
                        RepriseJournal *journal,
                        RepriseProgress *progress)
{
  const char *name = reprise_site_journal_get (journal, REPRISE_SITE_JOURNAL_UPLOADED);
  g_autoptr (GError) local = NULL;

  if (name == NULL || reprise_site_journal_has_left (journal))
    return;
  if (let_go (provider, journal, name, progress, &local))
    reprise_site_journal_take_back (journal, REPRISE_SITE_JOURNAL_UPLOADED, NULL);
  else
    reprise_progress_log (progress, "%s stays in the container: %s", name, local->message);
}

/* --- databases --- */

/* With the connection that the service has for it; else with that of the backup */
static void
take_database (GPtrArray *wanted, const RepriseSiteDatabase *saved, GPtrArray *known)
{
  const RepriseSiteDatabase *own = NULL;

  for (guint i = 0; own == NULL && i < known->len; i++)
    if (g_strcmp0 (((RepriseSiteDatabase *) known->pdata[i])->name, saved->name) == 0)
      own = known->pdata[i];
  g_ptr_array_add (wanted, reprise_site_database_new (
                             saved->type, saved->name,
                             own != NULL && own->connection_name != NULL ? own->connection_name
                                                                         : saved->connection_name,
                             own != NULL ? own->connection : saved->connection));
}

/* (transfer full) (element-type RepriseSiteDatabase): those in the backup: as Azure lists them, or finds them in the archive. An
 * application that is made cannot be asked what is in one: then those of @known that the plan replaces. */
static GPtrArray *
find_databases (Restore *restore,
                gint64 id,
                const RepriseSiteRestore *how,
                GPtrArray *known,
                GError **error)
{
  RepriseSite *own = reprise_site_provider_get_site (restore->provider, error);
  g_autoptr (RepriseSiteBackup) backup = NULL;

  if (own == NULL)
    return NULL;
  if (id < 0 && reprise_site_plan_makes_target (restore->plan))
    return reprise_site_plan_choose_replaced (restore->plan, known);
  if (id < 0)
    return reprise_site_discover (restore->target, how, restore->cancellable, error);
  backup = reprise_site_get_backup (own, id, restore->cancellable, error);
  return backup != NULL ? g_ptr_array_ref (backup->databases) : NULL;
}

/* Azure restores only those that are named. */
static gboolean
choose_databases (Restore *restore, gint64 id, RepriseSiteRestore *how, GError **error)
{
  g_autoptr (GPtrArray) known =
    reprise_site_provider_read_databases (restore->provider, restore->cancellable, error);
  g_autoptr (GPtrArray) saved =
    known != NULL ? find_databases (restore, id, how, known, error) : NULL;
  g_autoptr (GPtrArray) wanted =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_database_free);

  if (saved == NULL)
    return FALSE;
  for (guint i = 0; i < saved->len; i++)
    if (reprise_site_plan_wants_database (restore->plan,
                                          ((RepriseSiteDatabase *) saved->pdata[i])->name))
      take_database (wanted, saved->pdata[i], known);
  how->databases = g_steal_pointer (&wanted);
  how->ignore_databases = how->databases->len == 0;
  return TRUE;
}

/* --- asking for it --- */

static RepriseHttpOperation *
ask_for_backup (Restore *restore, gint64 id, RepriseHttpOutcome *outcome, GError **error)
{
  ReprisePlan *plan = restore->plan;
  g_autoptr (RepriseSecretValue) storage = reprise_sas_dup_address (restore->sas);
  gboolean is_made = reprise_site_plan_makes_target (plan);
  g_autofree char *service_plan =
    is_made ? reprise_site_plan_dup_service_plan (restore->provider, plan, restore->cancellable)
            : NULL;
  RepriseSiteRestore how = {
    .storage = storage,
    .blob_name = restore->blob_name,
    .overwrite = !is_made,
    .plan = service_plan,
    .ignore_databases = TRUE,
    .ignore_host_names = reprise_site_plan_is_true (plan, REPRISE_SITE_OPTION_HOST_NAMES, FALSE),
    .adjust_connections = reprise_site_plan_is_true (plan, REPRISE_SITE_OPTION_CONNECTIONS, FALSE),
  };
  RepriseHttpOperation *operation = NULL;

  if (!REPRISE_GROUPS_HAS (reprise_plan_get_groups (plan), REPRISE_GROUP_CUSTOM) ||
      choose_databases (restore, id, &how, error))
    operation =
      reprise_site_restore (restore->target, id, &how, outcome, restore->cancellable, error);
  g_clear_pointer (&how.databases, g_ptr_array_unref);
  return operation;
}

/* Where it is of another application than the one that is overwritten, that one and its region are named. */
static RepriseHttpOperation *
ask_for_snapshot (Restore *restore,
                  const char *time,
                  gboolean paired_region,
                  RepriseHttpOutcome *outcome,
                  GError **error)
{
  RepriseSite *own = reprise_site_provider_get_site (restore->provider, error);
  g_autoptr (JsonObject) root = NULL;
  RepriseSiteSnapshotRestore how = {
    .time = time,
    .configuration = reprise_site_plan_is_true (restore->plan, REPRISE_SITE_OPTION_SETTINGS, TRUE),
    .ignore_host_names =
      reprise_site_plan_is_true (restore->plan, REPRISE_SITE_OPTION_HOST_NAMES, FALSE),
    .paired_region = paired_region,
  };

  if (own == NULL)
    return NULL;
  if (strcmp (reprise_site_get_id (own), reprise_site_get_id (restore->target)) != 0)
    {
      root = reprise_site_look (own, restore->cancellable, error);
      if (root == NULL)
        return NULL;
      how.source_id = reprise_site_get_id (own);
      how.source_location = reprise_json_get_string (root, "location", NULL);
    }
  return reprise_site_restore_snapshot (restore->target, &how, outcome, restore->cancellable,
                                        error);
}

static RepriseHttpOperation *
ask_for_gone (Restore *restore, const char *number, RepriseHttpOutcome *outcome, GError **error)
{
  g_autoptr (GPtrArray) gone =
    reprise_site_listing_list_gone (restore->provider, restore->cancellable, error);

  for (guint i = 0; gone != NULL && i < gone->len; i++)
    {
      const RepriseArmItem *each = gone->pdata[i];
      g_autofree char *own = reprise_arm_id_get (each->id, "deletedSites");

      if (g_strcmp0 (own, number) == 0)
        return reprise_site_restore_deleted (
          restore->target, each->id,
          reprise_site_plan_is_true (restore->plan, REPRISE_SITE_OPTION_SETTINGS, TRUE), outcome,
          restore->cancellable, error);
    }
  if (gone != NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                               _ ("Azure does not have the deleted application any more."));
  return NULL;
}

static RepriseHttpOperation *
ask_for_source (Restore *restore, RepriseHttpOutcome *outcome, GError **error)
{
  const char *rest = NULL;
  gint64 id = -1;

  switch (reprise_site_plan_get_source (restore->plan, &id, &rest))
    {
    case REPRISE_SITE_SOURCE_SNAPSHOT:
      return ask_for_snapshot (restore, rest, FALSE, outcome, error);
    case REPRISE_SITE_SOURCE_PAIRED:
      return ask_for_snapshot (restore, rest, TRUE, outcome, error);
    case REPRISE_SITE_SOURCE_GONE:
      return ask_for_gone (restore, rest, outcome, error);
    case REPRISE_SITE_SOURCE_LISTED:
    case REPRISE_SITE_SOURCE_BLOB:
    case REPRISE_SITE_SOURCE_UNKNOWN:
    default:
      return ask_for_backup (restore, id, outcome, error);
    }
}

/* It was asked for nothing. What an earlier restore of the journal had asked for stays. */
static void
note_refusal (Restore *restore, gboolean was_asked)
{
  reprise_journal_end (restore->journal, REPRISE_SITE_JOURNAL_STEP, NULL);
  if (!was_asked)
    reprise_site_journal_forget_asked (restore->journal, reprise_site_get_id (restore->target),
                                       NULL);
}

/* Where no answer came, Azure may have begun: then the step stays open, and the journal says so to whoever comes next. */
static RepriseHttpOperation *
ask (Restore *restore, GError **error)
{
  RepriseJournal *journal = restore->journal;
  const char *id = reprise_site_get_id (restore->target);
  gboolean was_asked = reprise_site_journal_was_asked (journal, id);
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  RepriseHttpOperation *operation;

  if (!reprise_journal_set (journal, REPRISE_SITE_JOURNAL_TARGET, id, error) ||
      !reprise_journal_begin (journal, REPRISE_SITE_JOURNAL_STEP,
                              reprise_plan_get_target (restore->plan), error) ||
      !reprise_site_journal_set_asked (journal, id, error))
    return NULL;
  operation = ask_for_source (restore, &outcome, error);
  if (operation == NULL && outcome == REPRISE_HTTP_NO_ANSWER)
    reprise_error_prefix_say (
      error, "It is not known whether Azure has begun with the restore: look at the "
             "application before you try again.");
  else if (operation == NULL)
    note_refusal (restore, was_asked);
  return operation;
}

/* --- following it --- */

/* Not to be allowed to look is no failure, and no success. */
static RepriseOutcome *
conclude (RepriseHttpOperation *operation,
          RepriseSite *target,
          RepriseProgress *progress,
          GError *reason,
          GError **error)
{
  g_autofree char *name = reprise_site_dup_name (target);

  switch (reprise_http_operation_get_state (operation))
    {
    case REPRISE_HTTP_OPERATION_DONE:
      return reprise_outcome_say ("Azure restored “%s”", name);
    case REPRISE_HTTP_OPERATION_LOST_SIGHT:
      reprise_progress_warn (progress,
                             "Azure restores “%s”, but does not let this account follow it: %s",
                             name, reason != NULL ? reason->message : "");
      return reprise_outcome_say ("Azure began to restore “%s”", name);
    case REPRISE_HTTP_OPERATION_FAILED:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         /* Translators: the name of a service, and a whole sentence */
                         _ ("Azure did not restore “%s”. %s"), name,
                         reason != NULL ? reprise_error_get_saying (reason) : "");
      return NULL;
    case REPRISE_HTTP_OPERATION_RUNNING:
    case REPRISE_HTTP_OPERATION_STOPPED:
    default:
      g_propagate_error (error, g_error_copy (reason));
      return NULL;
    }
}

/* To its end. What has ended in whatever way is no open step any more; what still runs is. */
static RepriseOutcome *
follow (RepriseSite *target,
        RepriseHttpOperation *operation,
        RepriseJournal *journal,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  RepriseHttpOperationState state;

  reprise_progress_set_phase (progress, REPRISE_PHASE_APPLYING);
  reprise_progress_set_stop_text (progress, _ ("Azure goes on with the restore; it cannot be "
                                               "stopped."));
  reprise_http_operation_wait (operation, progress, cancellable, &reason);
  state = reprise_http_operation_get_state (operation);
  outcome = conclude (operation, target, progress, reason, error);
  if (state == REPRISE_HTTP_OPERATION_LOST_SIGHT && outcome != NULL &&
      !reprise_journal_set (journal, REPRISE_SITE_JOURNAL_UNSEEN, "true", error))
    return NULL;
  if (state != REPRISE_HTTP_OPERATION_STOPPED &&
      !reprise_journal_end (journal, REPRISE_SITE_JOURNAL_STEP, outcome != NULL ? error : NULL))
    return NULL;
  return g_steal_pointer (&outcome);
}

/* The name of the blob, which goes with every restore of an archive; what Azure keeps to itself needs no storage. */
static gboolean
prepare (Restore *restore, RepriseAzureSession *session, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (restore->plan);
  RepriseSiteSource source = reprise_site_plan_get_source (restore->plan, NULL, NULL);
  g_autoptr (RepriseSiteBackup) backup = NULL;

  if (source == REPRISE_SITE_SOURCE_SNAPSHOT || source == REPRISE_SITE_SOURCE_PAIRED ||
      source == REPRISE_SITE_SOURCE_GONE)
    return TRUE;
  restore->sas = reprise_azure_session_open_storage (session, restore->cancellable, error);
  if (restore->sas == NULL)
    return FALSE;
  if (source == REPRISE_SITE_SOURCE_UNKNOWN)
    return upload (restore, error);
  backup = reprise_site_listing_look_up (restore->provider, reprise_archive_get_backup (archive),
                                         restore->cancellable, error);
  if (backup == NULL)
    return FALSE;
  restore->blob_name = g_strdup (backup->blob_name);
  return TRUE;
}

/**
 * reprise_site_plan_apply:
 *
 * Carries a plan out.
 *
 * Returns: (transfer full): how it ended, or %NULL
 */
RepriseOutcome *
reprise_site_plan_apply (RepriseSiteProvider *provider,
                         ReprisePlan *plan,
                         RepriseJournal *journal,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error)
{
  g_auto (Restore) restore = { provider, plan, journal, progress, cancellable, NULL, NULL, NULL };
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  g_autoptr (RepriseHttpOperation) operation = NULL;
  g_autofree char *state = NULL;

  if (session == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  restore.target = reprise_site_plan_get_target (provider, plan, error);
  if (restore.target == NULL || !reprise_site_journal_forget (journal, error) ||
      !prepare (&restore, session, error))
    return NULL;
  operation = ask (&restore, error);
  if (operation == NULL)
    return NULL;
  state = reprise_http_operation_save (operation);
  if (state != NULL && !reprise_journal_set (journal, REPRISE_SITE_JOURNAL_OPERATION, state, error))
    return NULL;
  return follow (restore.target, operation, journal, progress, cancellable, error);
}

/**
 * reprise_site_plan_resume:
 *
 * @limit_ms: how long it is followed at most; 0: to its end
 *
 * Goes on following a restore that an earlier process had begun.
 *
 * Returns: (transfer full) (nullable): how it ended; %NULL without an error where there is nothing to follow, with %REPRISE_ERROR_BUSY
 *   where it goes on after @limit_ms
 */
RepriseOutcome *
reprise_site_plan_resume (RepriseSiteProvider *provider,
                          RepriseJournal *journal,
                          guint limit_ms,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  const char *state = reprise_site_journal_get (journal, REPRISE_SITE_JOURNAL_OPERATION);
  const char *id = reprise_site_journal_get (journal, REPRISE_SITE_JOURNAL_TARGET);
  RepriseAzureSession *session;
  g_autoptr (RepriseSite) target = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;

  if (!reprise_site_journal_has_left (journal))
    return NULL;
  session = reprise_site_provider_get_session (provider, error);
  target =
    session != NULL ? reprise_site_new_for_id (reprise_azure_session_get_arm (session), id) : NULL;
  if (target == NULL)
    return NULL;
  operation = reprise_http_operation_new_from_state (
    reprise_arm_get_http (reprise_azure_session_get_arm (session)), state, error);
  if (operation == NULL)
    return NULL;
  reprise_http_operation_set_limit (operation, limit_ms);
  return follow (target, operation, journal, progress, cancellable, error);
}

/**
 * reprise_site_plan_settle:
 *
 * Before a backup is begun: a restore that Azure still carries out is followed to its end, so that the backup is of what comes out.
 *
 * Returns: whether nothing is in the way; that the restore failed is no reason
 */
gboolean
reprise_site_plan_settle (RepriseSiteProvider *provider,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseJournal) left =
    reprise_journal_open_left (reprise_site_provider_get_uuid (provider), &local);
  g_autoptr (RepriseOutcome) outcome = NULL;

  reprise_site_leftovers_remove (provider, progress, cancellable);
  if (left != NULL && reprise_site_journal_has_left (left))
    outcome = reprise_site_plan_resume (provider, left, 0, progress, cancellable, &local);
  else if (left != NULL)
    {
      reprise_site_plan_tidy (provider, left, progress);
      return TRUE;
    }
  else if (local == NULL)
    return TRUE;
  if (left == NULL || reprise_journal_has_open_step (left))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  reprise_site_plan_tidy (provider, left, progress);
  if (outcome != NULL)
    reprise_progress_warn (progress, "What an earlier job had begun has ended: %s.",
                           reprise_outcome_get_saying (outcome));
  else
    reprise_progress_warn (progress, "What an earlier job had begun did not end well: %s",
                           reprise_error_get_saying (local));
  return reprise_journal_close (left, error);
}
