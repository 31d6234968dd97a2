/* reprise-cli-job.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>

#include <glib-unix.h>

#include "job/reprise-local-job.h"
#include "provider/reprise-runner.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-progress.h"
#include "reprise-cli-sign-in.h"
#include "reprise-cli-terminal.h"

/* One job that runs in front of a person, or of a script. */
typedef struct
{
  RepriseCli *cli;
  RepriseJob *job;
  RepriseCliProgress *progress;
  guint n_stops;
  gboolean asking;
} Run;

/* --- stop --- */

static char *
dup_stop_text (RepriseJob *job)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  reprise_job_get_snapshot (job, &snapshot);
  return g_steal_pointer (&snapshot.stop_text);
}

/* Once: at the next safe point, and what stays is said. Twice: at once. */
static gboolean
stop_cb (gpointer data)
{
  Run *run = data;
  g_autofree char *stays = dup_stop_text (run->job);

  run->n_stops++;
  reprise_cli_progress_hide (run->progress);
  if (run->n_stops == 1 && stays != NULL)
    /* Translators: one or two sentences that say what stays */
    g_printerr (_ ("Stopping. %s Press Ctrl+C again to stop at once.\n"), stays);
  else if (run->n_stops == 1)
    g_printerr ("%s\n", _ ("Stopping. Press Ctrl+C again to stop at once."));
  reprise_job_stop (run->job, run->n_stops == 1 ? REPRISE_STOP_SOFT : REPRISE_STOP_HARD);
  return G_SOURCE_CONTINUE;
}

/* A run under nohup goes on when its terminal closes. */
static gboolean
is_ignored (int signal_number)
{
  struct sigaction action;

  return sigaction (signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* --- questions --- */

static void
print_question (const RepriseQuestion *question)
{
  g_autofree char *title = reprise_cli_style (REPRISE_CLI_BOLD, question->title);

  g_printerr ("\n%s\n%s\n", title, question->body);
  for (guint i = 0; question->responses[i] != NULL && question->labels[i] != NULL; i++)
    g_printerr ("  %u) %s\n", i + 1, question->labels[i]);
}

/* (transfer none) (nullable): by number, name or label; the empty line is the answer that is safe */
static const char *
match_response (const RepriseQuestion *question, const char *answer)
{
  guint64 number = 0;

  if (*answer == '\0')
    return question->unattended;
  if (g_ascii_string_to_unsigned (answer, 10, 1, g_strv_length (question->responses), &number,
                                  NULL))
    return question->responses[number - 1];
  for (guint i = 0; question->responses[i] != NULL; i++)
    if (g_ascii_strcasecmp (question->responses[i], answer) == 0 ||
        g_strcmp0 (question->labels[i], answer) == 0)
      return question->responses[i];
  return NULL;
}

/* With --yes: the answer that goes on. That somebody signed in cannot be said for them. */
static const char *
get_going_on (const RepriseQuestion *question)
{
  if (g_str_equal (question->id, REPRISE_QUESTION_SIGN_IN))
    return question->unattended;
  if (question->destructive != NULL)
    return question->destructive;
  for (guint i = 0; question->responses[i] != NULL; i++)
    if (!g_str_equal (question->responses[i], "cancel"))
      return question->responses[i];
  return question->unattended;
}

/* (transfer none) (nullable): the service of the job, where a person signs in to it */
static RepriseService *
get_service_of_person (Run *run)
{
  const char *uuid = reprise_job_get_service_uuid (run->job);
  RepriseService *service =
    uuid != NULL ? reprise_services_get (reprise_context_get_services (run->cli->context), uuid)
                 : NULL;
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (run->cli, service, NULL) : NULL;

  return kind != NULL && reprise_cli_needs_person (kind, service) ? service : NULL;
}

/* Whether somebody signed in, here and now. What the keyring does not take serves this process. */
static gboolean
sign_in (Run *run, RepriseService *service)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (run->cli, service, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *why = NULL;

  if (secrets == NULL)
    return FALSE;
  if (reprise_cli_sign_in (run->cli, service, secrets, REPRISE_SIGN_IN_CODE, &error))
    return TRUE;
  if (reprise_error_is_stop (error))
    return FALSE;
  why = reprise_error_get_sentence (error);
  reprise_cli_warn ("%s", why);
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
}

static void
ask (Run *run)
{
  g_autoptr (RepriseQuestion) question =
    reprise_question_copy (reprise_job_get_question (run->job));
  gboolean signs_in = g_str_equal (question->id, REPRISE_QUESTION_SIGN_IN);
  RepriseService *service = signs_in ? get_service_of_person (run) : NULL;
  const char *response = NULL;

  reprise_cli_progress_hide (run->progress);
  if (service != NULL)
    {
      g_printerr ("\n%s\n", question->body);
      reprise_job_answer (run->job, question->id,
                          sign_in (run, service) ? REPRISE_ANSWER_SIGNED_IN : question->unattended);
      return;
    }
  print_question (question);
  while (response == NULL && reprise_job_get_state (run->job) == REPRISE_JOB_ASKING)
    {
      g_autofree char *answer = reprise_cli_ask_line (run->cli, _ ("Your choice:"), NULL);

      if (answer == NULL)
        return; /* Ctrl+C: the job is stopped by it too */
      response = match_response (question, g_strstrip (answer));
    }
  if (response != NULL)
    reprise_job_answer (run->job, question->id, response);
}

static gboolean
ask_cb (gpointer data)
{
  Run *run = data;
  const RepriseQuestion *question = reprise_job_get_question (run->job);

  if (question != NULL && reprise_job_get_state (run->job) == REPRISE_JOB_ASKING)
    {
      gboolean signs_in = g_str_equal (question->id, REPRISE_QUESTION_SIGN_IN);

      if ((!run->cli->yes || signs_in) && reprise_cli_is_attended ())
        ask (run);
      else
        reprise_job_answer (run->job, question->id,
                            run->cli->yes ? get_going_on (question) : question->unattended);
    }
  run->asking = FALSE;
  return G_SOURCE_REMOVE;
}

static void
question_cb (RepriseJob *job, GParamSpec *pspec, Run *run)
{
  if (reprise_job_get_question (job) == NULL || run->asking)
    return;
  run->asking = TRUE;
  g_idle_add (ask_cb, run);
}

/* --- run --- */

static void
run_to_end (Run *run)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  guint sources[G_N_ELEMENTS (signals)] = { 0 };
  gulong handler = g_signal_connect (run->job, "notify::question", G_CALLBACK (question_cb), run);

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    if (!is_ignored (signals[i]))
      sources[i] = g_unix_signal_add (signals[i], stop_cb, run);
  reprise_job_start (run->job);
  while (reprise_job_is_active (run->job) || run->asking)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_clear_handle_id (&sources[i], g_source_remove);
  g_signal_handler_disconnect (run->job, handler);
}

/**
 * reprise_cli_run_job:
 *
 * Runs a job in this process, under the lock of its service, shows its progress, and takes its questions to the terminal.
 *
 * Returns: (transfer full): the job, ended in whichever way, or %NULL with the errors of reprise_runner_create_job()
 */
RepriseJob *
reprise_cli_run_job (RepriseCli *cli,
                     const RepriseRequest *request,
                     RepriseSecrets *secrets,
                     GError **error)
{
  g_autoptr (RepriseJob) job = reprise_runner_create_job (cli->context, request, secrets, error);
  Run run = { .cli = cli, .job = job };

  if (job == NULL)
    return NULL;
  run.progress = reprise_cli_progress_new_for_job (cli, job);
  run_to_end (&run);
  reprise_cli_progress_end (run.progress);
  reprise_cli_progress_free (run.progress);
  return g_steal_pointer (&job);
}

/* What a stopped job leaves, in one sentence. */
static void
set_stopped (RepriseJob *job, GError **error)
{
  g_autofree char *stays = dup_stop_text (job);

  if (stays != NULL)
    /* Translators: one or two sentences that say what stays */
    reprise_error_set (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Stopped. %s"), stays);
  else
    reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Stopped."));
}

/**
 * reprise_cli_end_job:
 *
 * Says how a job ended: its summary on standard output unless that is JSON, warnings on standard error, and why it failed in @error.
 *
 * Returns: the exit code, or 0 with @error
 */
RepriseExit
reprise_cli_end_job (RepriseCli *cli, RepriseJob *job, GError **error)
{
  const char *const *warnings = reprise_job_get_warnings (job);
  const GError *failure = reprise_local_job_get_error (REPRISE_LOCAL_JOB (job));
  const char *summary = reprise_job_get_summary (job);

  for (guint i = 0; warnings[i] != NULL; i++)
    reprise_cli_warn ("%s", warnings[i]);
  if (reprise_job_get_state (job) == REPRISE_JOB_STOPPED)
    set_stopped (job, error);
  else if (failure != NULL)
    g_propagate_error (error, g_error_copy (failure));
  if (failure != NULL)
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    g_print ("%s\n", summary != NULL && *summary != '\0' ? summary : reprise_job_get_status (job));
  return (RepriseExit) reprise_job_get_exit (job);
}

/* The end of a command that is its job and nothing else: that is its document too. */
RepriseExit
reprise_cli_end_work (RepriseCli *cli, RepriseJob *job, GError **error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (cli->json)
    {
      json_builder_begin_object (json);
      reprise_cli_json_job (json, job);
      json_builder_end_object (json);
      reprise_cli_json_print (json);
    }
  return reprise_cli_end_job (cli, job, error);
}

/* (transfer full) (nullable): the backup that the job has made, read again */
static RepriseBackup *
find_made (RepriseCli *cli, RepriseJob *job)
{
  const RepriseOutcome *outcome = reprise_job_get_outcome (job);
  RepriseService *service = reprise_services_get (reprise_context_get_services (cli->context),
                                                  reprise_job_get_service_uuid (job));

  if (outcome == NULL || outcome->backup_id == NULL || service == NULL)
    return NULL;
  return reprise_cli_find_backup_of (cli, service, outcome->backup_id, NULL);
}

/* The document of a command that makes one backup, or moves it: the backup, and the job that did it. */
static void
json_made (RepriseCli *cli, RepriseJob *job)
{
  g_autoptr (RepriseBackup) backup = find_made (cli, job);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  if (backup != NULL)
    reprise_cli_json_backup (json, backup, reprise_job_get_service_name (job));
  else
    reprise_cli_json_string (json, "id", NULL);
  json_builder_set_member_name (json, "job");
  json_builder_begin_object (json);
  reprise_cli_json_job (json, job);
  json_builder_end_object (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/* The end of such a command: how it went, and which backup it was. */
RepriseExit
reprise_cli_end_making (RepriseCli *cli, RepriseJob *job, GError **error)
{
  const RepriseOutcome *outcome = reprise_job_get_outcome (job);
  RepriseExit code;

  if (cli->json)
    json_made (cli, job);
  code = reprise_cli_end_job (cli, job, error);
  if (!cli->json && outcome != NULL && outcome->backup_id != NULL)
    /* Translators: the identifier of a backup */
    g_print (_ ("Its ID is %s\n"), outcome->backup_id);
  return code;
}
