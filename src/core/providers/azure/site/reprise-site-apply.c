/* reprise-site-apply.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-plan-private.h"

#define STEP_UPLOAD   "upload"
#define STEP_RESTORE  "restore"
#define KEY_OPERATION "operation" /* what it takes to follow it after a restart */
#define KEY_TARGET    "target"

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
  char *blob_name;     /* (owned) (nullable): where it was uploaded */
} Restore;

static void
restore_clear (Restore *restore)
{
  g_clear_object (&restore->target);
  g_clear_pointer (&restore->sas, reprise_sas_free);
  g_free (restore->blob_name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Restore, restore_clear)

/* The SHA-256 of what is in the vault names the blob, so that what lies there already is what is wanted. */
static char *
make_blob_name (Restore *restore, const char *path)
{
  RepriseArchive *archive = reprise_plan_get_archive (restore->plan);
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  g_autofree char *base = manifest == NULL ? g_path_get_basename (path) : NULL;

  if (manifest != NULL)
    return g_strdup_printf ("reprise-%s.zip", reprise_manifest_get_id (manifest));
  return g_strconcat ("reprise-", base, NULL);
}

static gboolean
send_file (Restore *restore, RepriseBlob *blob, const char *path, const char *name, GError **error)
{
  reprise_progress_set_message (restore->progress, name);
  return reprise_blob_upload (blob, name, path,
                              g_str_has_suffix (name, ".zip") ? "application/zip" : "text/xml",
                              TRUE, restore->progress, restore->cancellable, error);
}

/* Both, since Azure restores them only together; the description first, so that no archive lies there alone. */
static gboolean
upload (Restore *restore, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (restore->plan);
  g_autofree char *path = reprise_site_kind_dup_file (archive);
  g_autofree char *beside =
    path != NULL ? reprise_site_archive_dup_beside (path, REPRISE_SITE_DESCRIPTION_EXTENSION)
                 : NULL;
  g_autofree char *description = NULL;
  g_autoptr (RepriseBlob) blob = NULL;

  if (beside == NULL)
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                           _ ("The backup's archive is not there"));
      return FALSE;
    }
  blob = reprise_blob_new_for_sas (restore->sas, error);
  if (blob == NULL)
    return FALSE;
  restore->blob_name = make_blob_name (restore, path);
  description =
    reprise_site_archive_dup_beside (restore->blob_name, REPRISE_SITE_DESCRIPTION_EXTENSION);
  reprise_progress_set_phase (restore->progress, REPRISE_PHASE_UPLOADING);
  return reprise_journal_begin (restore->journal, STEP_UPLOAD, restore->blob_name, error) &&
         send_file (restore, blob, beside, description, error) &&
         send_file (restore, blob, path, restore->blob_name, error) &&
         reprise_journal_end (restore->journal, STEP_UPLOAD, error);
}

static gboolean
is_true (ReprisePlan *plan, const char *key)
{
  return g_strcmp0 (reprise_plan_get_option (plan, key), "true") == 0;
}

/* Where no answer came, Azure may have begun: then the step stays open, and the journal says so to whoever comes next. */
static RepriseHttpOperation *
ask (Restore *restore, gint64 id, GError **error)
{
  g_autoptr (RepriseSecretValue) storage = reprise_sas_dup_address (restore->sas);
  ReprisePlan *plan = restore->plan;
  const char *service_plan = reprise_plan_get_option (plan, REPRISE_SITE_OPTION_PLAN);
  RepriseSiteRestore how = {
    .storage = storage,
    .blob_name = restore->blob_name,
    .overwrite = reprise_plan_get_overwrites (plan),
    .plan = service_plan != NULL && *service_plan != '\0' ? service_plan : NULL,
    .ignore_databases = (reprise_plan_get_groups (plan) & (1u << REPRISE_GROUP_CUSTOM)) == 0,
    .ignore_host_names = is_true (plan, REPRISE_SITE_OPTION_HOST_NAMES),
    .adjust_connections = is_true (plan, REPRISE_SITE_OPTION_CONNECTIONS),
  };
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  RepriseHttpOperation *operation =
    reprise_site_restore (restore->target, id, &how, &outcome, restore->cancellable, error);

  if (operation == NULL && outcome == REPRISE_HTTP_NO_ANSWER)
    g_prefix_error (error, "%s ",
                    _ ("It is not known whether Azure has begun with the restore: look at the "
                       "application before you try again."));
  else if (operation == NULL)
    reprise_journal_end (restore->journal, STEP_RESTORE, NULL);
  return operation;
}

/* Not to be allowed to look is no failure, and no success. */
static RepriseOutcome *
conclude (RepriseHttpOperation *operation,
          RepriseSite *target,
          RepriseProgress *progress,
          GError *reason,
          GError **error)
{
  g_autofree char *name = reprise_arm_id_get (reprise_site_get_id (target), "sites");

  switch (reprise_http_operation_get_state (operation))
    {
    case REPRISE_HTTP_OPERATION_DONE:
      return reprise_outcome_new (_ ("Azure restored “%s”"), name);
    case REPRISE_HTTP_OPERATION_LOST_SIGHT:
      reprise_progress_warn (progress,
                             _ ("Azure restores “%s”, but does not let this account follow it: %s"),
                             name, reason != NULL ? reason->message : "");
      return reprise_outcome_new (_ ("Azure began to restore “%s”"), name);
    case REPRISE_HTTP_OPERATION_RUNNING:
    case REPRISE_HTTP_OPERATION_FAILED:
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
  if (state == REPRISE_HTTP_OPERATION_RUNNING)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  outcome = conclude (operation, target, progress, reason, error);
  if (state != REPRISE_HTTP_OPERATION_STOPPED &&
      !reprise_journal_end (journal, STEP_RESTORE, outcome != NULL ? error : NULL))
    return NULL;
  return g_steal_pointer (&outcome);
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
  gint64 id = -1;

  if (session == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  restore.target = reprise_site_plan_get_target (provider, plan, error);
  restore.sas = reprise_azure_session_open_storage (session, cancellable, error);
  if (restore.target == NULL || restore.sas == NULL)
    return NULL;
  if (!reprise_site_plan_is_listed (plan, &id) && !upload (&restore, error))
    return NULL;
  if (!reprise_journal_set (journal, KEY_TARGET, reprise_site_get_id (restore.target), error) ||
      !reprise_journal_begin (journal, STEP_RESTORE, reprise_plan_get_target (plan), error))
    return NULL;
  operation = ask (&restore, id, error);
  if (operation == NULL)
    return NULL;
  state = reprise_http_operation_save (operation);
  if (state != NULL && !reprise_journal_set (journal, KEY_OPERATION, state, error))
    return NULL;
  return follow (restore.target, operation, journal, progress, cancellable, error);
}

/* (transfer full): from its resource ID */
static RepriseSite *
make_target (RepriseAzureSession *session, const char *id)
{
  g_autofree char *subscription = reprise_arm_id_get (id, "subscriptions");
  g_autofree char *group = reprise_arm_id_get (id, "resourceGroups");
  g_autofree char *name = reprise_arm_id_get (id, "sites");
  g_autofree char *slot = reprise_arm_id_get (id, "slots");

  return subscription != NULL && group != NULL && name != NULL
           ? reprise_site_new (reprise_azure_session_get_arm (session), subscription, group, name,
                               slot)
           : NULL;
}

/**
 * reprise_site_plan_resume:
 *
 * Goes on following a restore that an earlier process had begun.
 *
 * Returns: (transfer full) (nullable): how it ended; %NULL without an error where there is nothing to follow
 */
RepriseOutcome *
reprise_site_plan_resume (RepriseSiteProvider *provider,
                          RepriseJournal *journal,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  const char *state = reprise_journal_get (journal, KEY_OPERATION);
  const char *id = reprise_journal_get (journal, KEY_TARGET);
  RepriseAzureSession *session;
  g_autoptr (RepriseSite) target = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;

  if (state == NULL || id == NULL || !reprise_journal_has_open_step (journal))
    return NULL;
  session = reprise_site_provider_get_session (provider, error);
  target = session != NULL ? make_target (session, id) : NULL;
  if (target == NULL)
    return NULL;
  operation = reprise_http_operation_new_from_state (
    reprise_arm_get_http (reprise_azure_session_get_arm (session)), state, error);
  return operation != NULL ? follow (target, operation, journal, progress, cancellable, error)
                           : NULL;
}
