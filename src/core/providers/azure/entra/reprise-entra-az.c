/* reprise-entra-az.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "net/reprise-http-error.h"
#include "net/reprise-json.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define PROGRAM         "az"
#define DEFAULT_SECONDS 600 /* where it does not say when its token ends */
#define LIMIT_SECONDS   90  /* it asks its own server, and begins slowly */

/* Whether the program is installed, and not out of reach behind a sandbox. */
gboolean
reprise_entra_az_can_run (void)
{
  g_autofree char *path = NULL;

  if (reprise_sandbox_is_active ())
    return FALSE;
  path = g_find_program_in_path (PROGRAM);
  return path != NULL;
}

/* Older versions give only a local time without zone: “2026-11-21 20:22:57.000000”. */
static gint64
find_end (JsonObject *root)
{
  gint64 end = reprise_json_get_int (root, "expires_on", 0);
  const char *local = reprise_json_get_string (root, "expiresOn", NULL);
  g_autoptr (GTimeZone) zone = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (end > 0 || local == NULL)
    return end;
  zone = g_time_zone_new_local ();
  text = g_strndup (local, strcspn (local, "."));
  g_strdelimit (text, " ", 'T');
  time = g_date_time_new_from_iso8601 (text, zone);
  return time != NULL ? g_date_time_to_unix (time) : 0;
}

static gboolean
read_output (RepriseEntra *self, GBytes *output, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (output, &size);
  g_autoptr (JsonObject) root = reprise_json_parse_object (data, size, NULL, NULL);
  g_autoptr (RepriseSecretValue) token = NULL;
  const char *text = reprise_json_get_string (root, "accessToken", NULL);
  gint64 end = find_end (root), now = g_get_real_time () / G_USEC_PER_SEC;

  if (text == NULL || *text == '\0' || strlen (text) >= REPRISE_SECRET_MAX_BYTES)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                                 _ ("The program “az” gave no token."));
      return FALSE;
    }
  token = reprise_secret_value_new_text (text);
  reprise_entra_set_token (self, token, end > now ? end - now : DEFAULT_SECONDS);
  return TRUE;
}

/* Its last line says most; one that asks to sign in is said in our words. */
static void
set_failure (GBytes *messages, GError **error)
{
  gsize size = 0;
  const char *data = messages != NULL ? g_bytes_get_data (messages, &size) : NULL;
  g_autofree char *sentence =
    data != NULL ? reprise_http_clean_sentence (data, (gssize) size) : NULL;

  if (sentence != NULL && strstr (sentence, "az login") != NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                               _ ("Nobody is signed in with the program “az”. Run “az login” in a "
                                  "terminal."));
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                       _ ("The program “az” gave no token. It says: %s"),
                       sentence != NULL && *sentence != '\0' ? sentence : _ ("nothing"));
}

/* --- a run of the program --- */

typedef struct
{
  GMainLoop *loop;
  GCancellable *stop;
  GBytes *output;
  GBytes *messages;
  gboolean timed_out;
  gboolean ok;
  GError *error;
} Run;

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  run->ok = g_subprocess_communicate_finish (G_SUBPROCESS (source), result, &run->output,
                                             &run->messages, &run->error);
  g_main_loop_quit (run->loop);
}

static gboolean
too_long_cb (gpointer data)
{
  Run *run = data;

  run->timed_out = TRUE;
  g_cancellable_cancel (run->stop);
  return G_SOURCE_REMOVE;
}

static void
forward_cb (GCancellable *parent, GCancellable *stop)
{
  g_cancellable_cancel (stop);
}

/* The program is a script that starts another one: all of them are one group. */
static void
lead_group_cb (gpointer data)
{
  setpgid (0, 0);
}

static GSubprocess *
spawn (char **argv, int *group, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  GSubprocess *program;
  const char *id;

  g_subprocess_launcher_set_child_setup (launcher, lead_group_cb, NULL, NULL);
  program = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, error);
  id = program != NULL ? g_subprocess_get_identifier (program) : NULL;
  *group = id != NULL ? (int) g_ascii_strtoll (id, NULL, 10) : 0;
  return program;
}

static void
listen (Run *run, GSubprocess *program, guint limit_ms, GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) timer = g_timeout_source_new (limit_ms);
  gulong handler = 0;

  g_main_context_push_thread_default (context);
  run->loop = g_main_loop_new (context, FALSE);
  run->stop = g_cancellable_new ();
  g_source_set_callback (timer, too_long_cb, run, NULL);
  g_source_attach (timer, context);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (forward_cb), run->stop, NULL);
  g_subprocess_communicate_async (program, NULL, run->stop, ended_cb, run);
  g_main_loop_run (run->loop);
  g_cancellable_disconnect (cancellable, handler);
  g_source_destroy (timer);
  g_main_context_pop_thread_default (context);
  g_clear_pointer (&run->loop, g_main_loop_unref);
  g_clear_object (&run->stop);
}

/* To its end. One that takes too long, or is stopped, is killed with all that it has started. */
static gboolean
run_program (RepriseEntra *self,
             char **argv,
             GBytes **output,
             GBytes **messages,
             gboolean *successful,
             GCancellable *cancellable,
             GError **error)
{
  Run run = { 0 };
  int group = 0;
  g_autoptr (GSubprocess) program = spawn (argv, &group, error);

  if (program == NULL)
    return FALSE;
  listen (&run, program, LIMIT_SECONDS * self->second_ms, cancellable);
  *output = run.output;
  *messages = run.messages;
  *successful = run.ok && g_subprocess_get_successful (program);
  if (run.ok)
    return TRUE;
  if (group > 1)
    kill (-group, SIGKILL);
  g_subprocess_wait (program, NULL, NULL);
  if (!run.timed_out)
    {
      g_propagate_error (error, run.error);
      return FALSE;
    }
  g_clear_error (&run.error);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
    _ ("The program “az” gave no token within %d seconds, and was ended. Try “az account "
       "get-access-token” in a terminal."),
    LIMIT_SECONDS);
  return FALSE;
}

/* Asks the program for a token of its own session, for the account's resource. */
gboolean
reprise_entra_use_az (RepriseEntra *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GBytes) messages = NULL;
  gboolean successful = FALSE;

  if (!reprise_entra_az_can_run ())
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        reprise_sandbox_is_active ()
          ? _ ("From inside the sandbox the program “az” cannot be reached. Sign in with the "
               "browser.")
          : _ ("The program “az” is not installed. Sign in with the browser."));
      return FALSE;
    }
  g_ptr_array_add (argv, (gpointer) PROGRAM);
  g_ptr_array_add (argv, (gpointer) "account");
  g_ptr_array_add (argv, (gpointer) "get-access-token");
  g_ptr_array_add (argv, (gpointer) "--resource");
  g_ptr_array_add (argv, self->resource);
  if (*self->tenant != '\0')
    {
      g_ptr_array_add (argv, (gpointer) "--tenant");
      g_ptr_array_add (argv, self->tenant);
    }
  g_ptr_array_add (argv, (gpointer) "-o");
  g_ptr_array_add (argv, (gpointer) "json");
  g_ptr_array_add (argv, NULL);
  if (!run_program (self, (char **) argv->pdata, &output, &messages, &successful, cancellable,
                    error))
    return FALSE;
  if (successful)
    return read_output (self, output, error);
  set_failure (messages, error);
  return FALSE;
}
