/* reprise-hooks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-time.h"
#include "net/reprise-http.h"
#include "net/reprise-json.h"
#include "provider/reprise-hooks.h"

#define MAX_SECONDS           600
#define MAX_LOG_LINES         50
#define MAX_OUTPUT_BYTES      (64 * 1024)
#define CONNECT_MS            10000
#define AFTER_WEBHOOK_SECONDS 60

/* Whoever waits for what does not end gives up. */
static gboolean
cancel_cb (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

/* (transfer full): a cancellable that is cancelled with @parent (nullable), and after some time by itself */
static GCancellable *
limit_time (guint seconds, GSource **source)
{
  GCancellable *cancellable = g_cancellable_new ();

  *source = g_timeout_source_new_seconds (seconds);
  g_source_set_callback (*source, cancel_cb, g_object_ref (cancellable), g_object_unref);
  g_source_attach (*source, NULL);
  return cancellable;
}

static void
forward_cb (GCancellable *parent, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* --- commands --- */

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
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is no command: %s"), command,
               local_error->message);
  return FALSE;
}

static GSubprocess *
spawn (RepriseService *service,
       const char *command,
       const char *event,
       const char *state,
       const char *backup_id,
       GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_auto (GStrv) words = NULL;

  if (!g_shell_parse_argv (command, NULL, &words, error))
    return NULL;
  g_subprocess_launcher_setenv (launcher, "REPRISE_EVENT", event, TRUE);
  g_subprocess_launcher_setenv (launcher, "REPRISE_SERVICE", reprise_service_get_name (service),
                                TRUE);
  g_subprocess_launcher_setenv (launcher, "REPRISE_SERVICE_ID", reprise_service_get_uuid (service),
                                TRUE);
  g_subprocess_launcher_setenv (launcher, "REPRISE_STATE", state, TRUE);
  g_subprocess_launcher_setenv (launcher, "REPRISE_BACKUP_ID", backup_id, TRUE);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *) words, error);
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

/* (transfer full): the beginning of what it says, until it says no more; the rest is read and forgotten */
static char *
read_output (GSubprocess *process, GCancellable *cancellable, GError **error)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (process);
  g_autoptr (GString) text = g_string_new (NULL);
  char chunk[4096];
  gssize n;

  while ((n = g_input_stream_read (stream, chunk, sizeof chunk, cancellable, error)) > 0)
    if (text->len < MAX_OUTPUT_BYTES)
      g_string_append_len (text, chunk, (gssize) MIN ((gsize) n, MAX_OUTPUT_BYTES - text->len));
  return n == 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static gboolean
check_end (GSubprocess *process, const char *command, GError **error)
{
  if (g_subprocess_get_successful (process))
    return TRUE;
  if (g_subprocess_get_if_exited (process))
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, _ ("The command “%s” ended with %d"),
                 command, g_subprocess_get_exit_status (process));
  else
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, _ ("The command “%s” was killed"),
                 command);
  return FALSE;
}

/* To its end, with what it says in the log. One that takes too long, or is stopped with the job, is killed. */
static gboolean
run_command (RepriseService *service,
             const char *command,
             const char *event,
             const char *state,
             const char *backup_id,
             RepriseProgress *progress,
             GCancellable *parent,
             GError **error)
{
  g_autoptr (GSubprocess) process = spawn (service, command, event, state, backup_id, error);
  g_autoptr (GSource) timer = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autofree char *output = NULL;
  gulong handler = 0;
  gboolean ok;

  if (process == NULL)
    {
      g_prefix_error (error, _ ("The command “%s” could not be started: "), command);
      return FALSE;
    }
  cancellable = limit_time (MAX_SECONDS, &timer);
  if (parent != NULL)
    handler = g_cancellable_connect (parent, G_CALLBACK (forward_cb), cancellable, NULL);
  output = read_output (process, cancellable, error);
  ok = output != NULL && g_subprocess_wait (process, cancellable, error);
  if (handler != 0)
    g_cancellable_disconnect (parent, handler);
  g_source_destroy (timer);
  if (!ok)
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
      /* Nobody has pressed Stop: a job that never begins must not look as if somebody had. */
      if (g_cancellable_is_cancelled (cancellable) && !g_cancellable_is_cancelled (parent))
        {
          g_clear_error (error);
          g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("The command “%s” did not end within %d minutes, and was killed"),
                       command, MAX_SECONDS / 60);
        }
      return FALSE;
    }
  log_output (progress, event, output);
  return check_end (process, command, error);
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

  if (command == NULL || reprise_hooks_get_sandbox_reason () != NULL)
    return TRUE;
  return run_command (service, command, "before", "", "", progress, cancellable, error);
}

/* --- the webhook --- */

/* (transfer full): whom the address is of; its query is its own matter */
static RepriseHttp *
make_http (const char *address, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_NONE, error);
  g_autofree char *base = NULL;

  if (uri == NULL)
    return NULL;
  base = g_uri_join (G_URI_FLAGS_NONE, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                     g_uri_get_port (uri), "/", NULL, NULL);
  return reprise_http_new (base, NULL, error);
}

gboolean
reprise_hooks_check_webhook (const char *address, GError **error)
{
  g_autoptr (RepriseHttp) http = make_http (address, error);

  return http != NULL;
}

/* (transfer full): what is told: nothing of what went wrong, which might hold what nobody else should read */
static char *
make_body (RepriseService *service, RepriseJobState state, const RepriseOutcome *outcome)
{
  g_autoptr (JsonObject) root = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = reprise_time_to_string (now);

  json_object_set_string_member (root, "event", "backup");
  json_object_set_string_member (root, "service", reprise_service_get_name (service));
  json_object_set_string_member (root, "service_id", reprise_service_get_uuid (service));
  json_object_set_string_member (root, "state", reprise_job_state_to_string (state));
  json_object_set_string_member (root, "finished_at", time);
  if (outcome != NULL && outcome->backup_id != NULL)
    json_object_set_string_member (root, "backup_id", outcome->backup_id);
  json_node_set_object (node, root);
  return json_to_string (node, FALSE);
}

static gboolean
call_webhook (RepriseService *service,
              const char *address,
              RepriseJobState state,
              const RepriseOutcome *outcome,
              GError **error)
{
  g_autofree char *body = make_body (service, state, outcome);
  g_autoptr (RepriseHttp) http = make_http (address, error);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GSource) timer = NULL;

  if (http != NULL)
    request = reprise_http_request_new_at (http, "POST", address, REPRISE_HTTP_START, error);
  if (request == NULL)
    return FALSE;
  reprise_http_set_connect_timeout (http, CONNECT_MS);
  reprise_http_request_set_body_text (request, "application/json", body);
  cancellable = limit_time (AFTER_WEBHOOK_SECONDS, &timer);
  response = reprise_http_send (http, request, NULL, cancellable, error);
  g_source_destroy (timer);
  return response != NULL;
}

/**
 * reprise_hooks_run_after:
 *
 * After a backup, however it ended: runs the service's command, and tells its webhook. What goes wrong with them is a warning.
 */
void
reprise_hooks_run_after (RepriseService *service,
                         RepriseJobState state,
                         const RepriseOutcome *outcome,
                         RepriseProgress *progress)
{
  const char *command = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_AFTER);
  const char *address = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_WEBHOOK);
  const char *id = outcome != NULL && outcome->backup_id != NULL ? outcome->backup_id : "";
  g_autoptr (GError) error = NULL;

  if (command != NULL && reprise_hooks_get_sandbox_reason () == NULL &&
      !run_command (service, command, "after", reprise_job_state_to_string (state), id, progress,
                    NULL, &error))
    reprise_progress_warn (progress, "%s", error->message);
  g_clear_error (&error);
  if (address != NULL && !call_webhook (service, address, state, outcome, &error))
    reprise_progress_warn (progress, _ ("The webhook was not told: %s"), error->message);
}
