/* reprise-hooks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sys/wait.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-command.h"
#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-saying.h"
#include "provider/reprise-hooks.h"
#include "provider/reprise-webhook.h"

#define MAX_SECONDS      600
#define MAX_LOG_LINES    50
#define MAX_OUTPUT_BYTES (64 * 1024)

/* (transfer none) (nullable): why no command is run; %NULL outside of a sandbox */
const char *
reprise_hooks_get_sandbox_reason (void)
{
  return reprise_sandbox_is_active ()
           ? _ ("In the sandbox of Flatpak no command of the computer can be run.")
           : NULL;
}

/* Whether the words of a command can be told apart; it is not run by a shell. */
gboolean
reprise_hooks_check_command (const char *command, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (g_shell_parse_argv (command, NULL, NULL, &local_error))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is no command: %s"),
                     command, local_error->message);
  return FALSE;
}

/* (transfer full): ours, and what the command is told */
static char **
make_environment (RepriseService *service,
                  const char *event,
                  const char *state,
                  const char *backup_id)
{
  char **environment = g_get_environ ();

  environment = g_environ_setenv (environment, "REPRISE_EVENT", event, TRUE);
  environment =
    g_environ_setenv (environment, "REPRISE_SERVICE", reprise_service_get_name (service), TRUE);
  environment =
    g_environ_setenv (environment, "REPRISE_SERVICE_ID", reprise_service_get_uuid (service), TRUE);
  environment = g_environ_setenv (environment, "REPRISE_STATE", state, TRUE);
  return g_environ_setenv (environment, "REPRISE_BACKUP_ID", backup_id, TRUE);
}

static void
log_output (RepriseProgress *progress, const char *event, const char *output)
{
  g_autofree char *valid = g_utf8_make_valid (output, -1);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (valid), "\n", MAX_LOG_LINES + 1);

  for (guint i = 0; lines[i] != NULL && i < MAX_LOG_LINES; i++)
    if (*lines[i] != '\0')
      reprise_progress_log (progress, "command %s: %s", event, lines[i]);
}

/* Whether it came to a good end. One that was too late has not been stopped by anybody: a job that never begins must not look as if
 * somebody had. */
static gboolean
check_end (const RepriseCommandResult *result, const char *command, GError **error)
{
  if (result->end == REPRISE_COMMAND_STOPPED)
    reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The command was stopped");
  else if (result->end == REPRISE_COMMAND_LATE)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("The command “%s” did not end within %d minutes, and was killed"),
                       command, MAX_SECONDS / 60);
  else if (!WIFEXITED (result->status))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("The command “%s” was killed"), command);
  else if (WEXITSTATUS (result->status) != 0)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("The command “%s” ended with %d"), command, WEXITSTATUS (result->status));
  else
    return TRUE;
  return FALSE;
}

/* To its end, with what it says in the log. One that takes too long, or is stopped with the job, ends with all that it started. */
static gboolean
run_command (RepriseService *service,
             const char *command,
             const char *event,
             const char *state,
             const char *backup_id,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_auto (GStrv) environment = make_environment (service, event, state, backup_id);
  g_auto (RepriseCommandResult) result = { 0 };
  g_auto (GStrv) words = NULL;

  if (!g_shell_parse_argv (command, NULL, &words, error) ||
      !reprise_command_run ((const char *const *) words, (const char *const *) environment,
                            MAX_SECONDS * 1000, MAX_OUTPUT_BYTES, cancellable, &result, error))
    {
      reprise_error_prefix (error, _ ("The command “%s” could not be started: "), command);
      return FALSE;
    }
  log_output (progress, event, result.output);
  return check_end (&result, command, error);
}

/**
 * reprise_hooks_run_before:
 *
 * Runs the service's command before a backup, if there is one and no sandbox.
 *
 * Returns: whether the backup may begin; %REPRISE_ERROR_REFUSED where the command said no, or why it could not be run
 */
gboolean
reprise_hooks_run_before (RepriseService *service,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  const char *command = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_BEFORE);
  GError *local_error = NULL;

  if (command == NULL || reprise_hooks_get_sandbox_reason () != NULL)
    return TRUE;
  if (run_command (service, command, "before", "", "", progress, cancellable, &local_error))
    return TRUE;
  if (!reprise_error_is_stop (local_error))
    reprise_error_prefix_say (&local_error, "No backup was made.");
  g_propagate_error (error, local_error);
  return FALSE;
}

/* What went wrong beside a backup is no more than a warning, which says what came of that. */
static void
warn (RepriseProgress *progress, const RepriseOutcome *outcome, const GError *error)
{
  g_autoptr (GError) sentence = reprise_error_new_sentence (error);
  g_autofree char *made = outcome != NULL ? reprise_say ("The backup itself was made.")
                                          : reprise_say ("No backup was made.");

  reprise_progress_warn (progress, "%s %s", reprise_error_get_saying (sentence), made);
}

/**
 * reprise_hooks_run_after:
 *
 * After a backup, however it ended: runs the service's command, and tells its webhook. What goes wrong with them is a warning.
 */
void
reprise_hooks_run_after (RepriseService *service,
                         RepriseSecrets *secrets,
                         RepriseJobState state,
                         const RepriseOutcome *outcome,
                         RepriseProgress *progress)
{
  const char *command = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_AFTER);
  const char *id = outcome != NULL && outcome->backup_id != NULL ? outcome->backup_id : "";
  g_autoptr (GError) error = NULL;

  if (command != NULL && reprise_hooks_get_sandbox_reason () == NULL &&
      !run_command (service, command, "after", reprise_job_state_to_string (state), id, progress,
                    NULL, &error))
    warn (progress, outcome, error);
  g_clear_error (&error);
  if (reprise_webhook_tell (service, secrets, state, outcome, &error))
    return;
  reprise_error_prefix (&error, _ ("The webhook was not told: "));
  warn (progress, outcome, error);
}
