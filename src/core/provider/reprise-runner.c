/* reprise-runner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file-scratch.h"
#include "base/reprise-saying.h"
#include "job/reprise-local-job.h"
#include "job/reprise-running.h"
#include "net/reprise-http-teller.h"
#include "provider/reprise-hooks.h"
#include "provider/reprise-rehearsal.h"
#include "provider/reprise-runner.h"
#include "provider/reprise-work-private.h"

static const RepriseWorkFunc FUNCS[REPRISE_N_JOB_KINDS] = {
  [REPRISE_JOB_BACK_UP] = reprise_work_back_up,   [REPRISE_JOB_VERIFY] = reprise_work_verify,
  [REPRISE_JOB_DOWNLOAD] = reprise_work_download, [REPRISE_JOB_UPLOAD] = reprise_work_upload,
  [REPRISE_JOB_RESTORE] = reprise_work_restore,   [REPRISE_JOB_UNDO] = reprise_work_undo,
  [REPRISE_JOB_DELETE] = reprise_work_delete,     [REPRISE_JOB_REHEARSE] = reprise_work_rehearse,
  [REPRISE_JOB_COMPACT] = reprise_work_compact,   [REPRISE_JOB_IMPORT] = reprise_work_import,
  [REPRISE_JOB_FOLLOW] = reprise_work_follow,     [REPRISE_JOB_REPORTS] = reprise_work_reports,
};

static void
work_free (gpointer data)
{
  RepriseWork *work = data;

  g_clear_object (&work->context);
  g_clear_pointer (&work->request, reprise_request_free);
  g_clear_object (&work->service);
  g_clear_object (&work->kind);
  g_clear_object (&work->secrets);
  g_clear_object (&work->vault);
  g_clear_object (&work->stage);
  g_clear_object (&work->stage_secrets);
  g_free (work->no_rehearsal);
  g_free (work->job_id);
  g_free (work->title);
  g_free (work);
}

/* Verifying only reads: it goes on beside a job that holds the lock. */
static gboolean
needs_lock (RepriseWork *work)
{
  return work->service != NULL && work->request->kind != REPRISE_JOB_VERIFY;
}

/* Who somebody else is told to wait for. */
static char *
name_holder (void)
{
  const char *program = g_get_prgname ();

  if (g_strcmp0 (program, "reprise-agent") == 0)
    return g_strdup (_ ("The background service"));
  /* Translators: who holds a service: the reprise command, with its process number */
  return g_strdup_printf (_ ("The command line (process %d)"), (int) getpid ());
}

/* (transfer full): of @service, which is that of the work, or another one that it writes to. That another process is at work there has
 * nothing to do with how well this one's backups are: it is no run that failed. */
RepriseLock *
reprise_work_lock (RepriseWork *work, RepriseService *service, GError **error)
{
  g_autofree char *holder = name_holder ();
  GError *local_error = NULL;
  RepriseLock *lock =
    reprise_lock_acquire (reprise_vault_get_path (work->vault), reprise_service_get_uuid (service),
                          holder, work->job_id, work->title, &local_error);

  if (lock != NULL)
    return lock;
  work->not_begun = g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_propagate_error (error, local_error);
  return NULL;
}

static RepriseJobState
state_of (const RepriseOutcome *outcome, const GError *error, const char *warnings)
{
  if (reprise_error_is_stop (error))
    return REPRISE_JOB_STOPPED;
  if (error != NULL)
    return REPRISE_JOB_FAILED;
  return *warnings != '\0' || outcome->failed > 0 ? REPRISE_JOB_WARNINGS : REPRISE_JOB_DONE;
}

/* A backup between the commands of its service. */
static RepriseOutcome *
run_hooked (RepriseWork *work, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  GError *local_error = NULL;
  RepriseOutcome *outcome = NULL;
  g_auto (GStrv) warnings = NULL;

  if (reprise_hooks_run_before (work->service, progress, cancellable, &local_error))
    outcome = FUNCS[work->request->kind](work, progress, cancellable, &local_error);
  warnings = reprise_progress_dup_warnings (progress);
  reprise_hooks_run_after (work->service, work->secrets,
                           state_of (outcome, local_error, warnings[0] != NULL ? warnings[0] : ""),
                           outcome, progress);
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return outcome;
}

/* Whether what it writes is in the vault. A restore says itself where its safety copy could not be, and a verification what came out
 * that it could not write down. */
static gboolean
writes_vault (RepriseWork *work)
{
  RepriseJobKind kind = work->request->kind;

  return kind == REPRISE_JOB_BACK_UP || kind == REPRISE_JOB_DOWNLOAD ||
         kind == REPRISE_JOB_DELETE || kind == REPRISE_JOB_COMPACT || kind == REPRISE_JOB_IMPORT ||
         kind == REPRISE_JOB_REPORTS;
}

/* A vault that was there and is not refuses all work, before any is done. */
static gboolean
open_vault (RepriseWork *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (reprise_vault_open (work->vault, TRUE, cancellable, &local_error))
    return TRUE;
  if (g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    local_error->code = REPRISE_ERROR_REFUSED;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static RepriseOutcome *
run_locked (RepriseWork *work, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseLock) lock = NULL;

  reprise_file_remove_left_scratch ();
  if (!open_vault (work, cancellable, error))
    return NULL;
  if (needs_lock (work))
    {
      lock = reprise_work_lock (work, work->service, error);
      if (lock == NULL)
        return NULL;
      /* What a killed run left behind goes with the first one that may write; failing at that harms nothing. */
      if (!reprise_vault_clean_up (work->vault, reprise_service_get_uuid (work->service), NULL))
        reprise_progress_log (progress, "could not remove what an earlier run left behind");
      reprise_work_clean_up (work, progress, cancellable);
    }
  return work->request->kind == REPRISE_JOB_BACK_UP
           ? run_hooked (work, progress, cancellable, error)
           : FUNCS[work->request->kind](work, progress, cancellable, error);
}

/* (transfer full) (nullable): what the history says of a failure; of a stop, what stays */
static GError *
make_reason (RepriseProgress *progress, const GError *error)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  GError *reason = NULL;

  if (!reprise_error_is_stop (error))
    return error != NULL ? reprise_error_new_sentence (error) : NULL;
  reprise_progress_get_snapshot (progress, &snapshot);
  if (snapshot.stop_text != NULL)
    reprise_error_set_literal (&reason, REPRISE_ERROR, REPRISE_ERROR_FAILED, snapshot.stop_text);
  return reason;
}

static void
record (RepriseWork *work,
        RepriseProgress *progress,
        GDateTime *started_at,
        const RepriseOutcome *outcome,
        const GError *error)
{
  g_autoptr (GDateTime) finished_at = g_date_time_new_now_utc ();
  g_auto (GStrv) warnings = reprise_progress_dup_warnings (progress);
  g_autofree char *warning_text = g_strjoinv ("\n", warnings);
  g_autofree char *log = reprise_progress_dup_log_text (progress);
  g_auto (GStrv) said_warnings = reprise_progress_dup_said_warnings (progress);
  g_autofree char *said_warning_text = g_strjoinv ("\n", said_warnings);
  g_autoptr (GError) reason = make_reason (progress, error);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (RepriseRun) run = g_object_new (
    REPRISE_TYPE_RUN, "id", work->job_id, "kind", work->request->kind, "state",
    state_of (outcome, error, warning_text), "service-uuid", work->request->service_uuid,
    "service-name", work->service != NULL ? reprise_service_get_name (work->service) : NULL,
    "origin", work->request->origin, "started-at", started_at, "finished-at", finished_at,
    "summary", outcome != NULL ? outcome->summary : NULL, "error",
    reason != NULL ? reason->message : NULL, "error-said",
    reason != NULL ? reprise_error_get_saying (reason) : NULL, "warnings-said",
    *said_warning_text != '\0' ? said_warning_text : NULL, "warnings",
    *warning_text != '\0' ? warning_text : NULL, "log", log, "backup-id",
    outcome != NULL ? outcome->backup_id : NULL, "safety-id",
    outcome != NULL ? outcome->safety_id : NULL, "needs-person", reprise_error_needs_person (error),
    "said", outcome != NULL ? outcome->said : NULL, "error-code", reprise_error_get_name (error),
    "language", reprise_saying_get_language (), NULL);

  if (!reprise_history_add (reprise_context_get_history (work->context), run, &local_error))
    g_message ("The run is not in the history: %s", local_error->message);
}

/* (transfer full) (nullable): the mark by which others know, should this process die, that the job was interrupted */
static RepriseRunning *
begin (RepriseWork *work, GDateTime *started_at)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseRun) run =
    g_object_new (REPRISE_TYPE_RUN, "id", work->job_id, "kind", work->request->kind, "service-uuid",
                  work->request->service_uuid, "service-name",
                  work->service != NULL ? reprise_service_get_name (work->service) : NULL, "origin",
                  work->request->origin, "started-at", started_at, NULL);
  RepriseRunning *mark = reprise_running_begin (run, &error);

  if (mark == NULL)
    g_message ("The job runs without a mark: %s", error->message);
  return mark;
}

/* Whether somebody wanted it now, who can be asked to sign in; a scheduled job fails instead, and is told of. */
static gboolean
is_attended (RepriseWork *work)
{
  return g_strcmp0 (work->request->origin, "schedule") != 0;
}

static RepriseOutcome *
run_worker (gpointer data, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  RepriseWork *work = data;
  g_autoptr (GDateTime) started_at = g_date_time_new_now_utc ();
  RepriseRunning *mark = begin (work, started_at);
  GError *local_error = NULL;
  RepriseOutcome *outcome;

  if (work->secrets != NULL && is_attended (work))
    reprise_secrets_set_progress (work->secrets, progress);
  if (work->stage_secrets != NULL && is_attended (work))
    reprise_secrets_set_progress (work->stage_secrets, progress);
  reprise_http_set_teller (progress);
  outcome = run_locked (work, progress, cancellable, &local_error);
  reprise_http_set_teller (NULL);
  if (writes_vault (work))
    reprise_work_explain_vault (work, progress, &local_error);
  if (work->secrets != NULL)
    reprise_secrets_set_progress (work->secrets, NULL);
  if (work->stage_secrets != NULL)
    reprise_secrets_set_progress (work->stage_secrets, NULL);
  if (!work->not_begun)
    record (work, progress, started_at, outcome, local_error);
  g_clear_pointer (&mark, reprise_running_end);
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return outcome;
}

/* Where a restore would be rehearsed, or why it cannot be. */
static void
take_stage (RepriseWork *work, RepriseService *service)
{
  RepriseService *stage = reprise_rehearsal_find_stage (work->context, service, NULL);

  work->no_rehearsal = reprise_rehearsal_explain_missing (work->context, service);
  if (stage == NULL)
    return;
  work->stage = reprise_service_copy (stage);
  work->stage_secrets = reprise_secrets_new (reprise_service_get_uuid (stage), 0);
}

/* Takes from the configuration what the request names. */
static gboolean
take_service (RepriseWork *work, RepriseSecrets *secrets, GError **error)
{
  const char *uuid = work->request->service_uuid;
  RepriseService *service;

  if (uuid == NULL)
    {
      if (work->request->kind == REPRISE_JOB_VERIFY)
        return TRUE;
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                 _ ("The job names no service"));
      return FALSE;
    }
  service = reprise_services_get (reprise_context_get_services (work->context), uuid);
  if (service == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("There is no service “%s”"), uuid);
      return FALSE;
    }
  work->service = reprise_service_copy (service);
  work->secrets = secrets != NULL ? g_object_ref (secrets) : reprise_secrets_new (uuid, 0);
  g_set_object (&work->kind, reprise_registry_get (reprise_context_get_registry (work->context),
                                                   reprise_service_get_kind (service)));
  take_stage (work, service);
  return TRUE;
}

RepriseJob *
reprise_runner_create_job (RepriseContext *context,
                           const RepriseRequest *request,
                           RepriseSecrets *secrets,
                           GError **error)
{
  RepriseWork *work;
  const char *name;
  RepriseJob *job;

  if (FUNCS[request->kind] == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                                 _ ("This kind of service cannot do that"));
      return NULL;
    }
  work = g_new0 (RepriseWork, 1);
  work->context = g_object_ref (context);
  work->request = reprise_request_copy (request);
  work->vault = reprise_context_dup_vault (context);
  if (!take_service (work, secrets, error))
    {
      work_free (work);
      return NULL;
    }
  name = work->service != NULL ? reprise_service_get_name (work->service) : _ ("Backups");
  work->title = reprise_job_text_title (request->kind, name);
  job =
    reprise_local_job_new (request->kind, request->service_uuid, name, run_worker, work, work_free);
  reprise_local_job_set_id (REPRISE_LOCAL_JOB (job), request->job_id);
  work->job_id = g_strdup (reprise_job_get_id (job));
  return job;
}
