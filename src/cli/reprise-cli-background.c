/* reprise-cli-background.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-sandbox.h"
#include "job/reprise-background.h"
#include "reprise-cli-background.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"

static const char *
to_string (RepriseBackground background)
{
  switch (background)
    {
    case REPRISE_BACKGROUND_ON:
      return "on";
    case REPRISE_BACKGROUND_MISSING:
      return "missing";
    case REPRISE_BACKGROUND_OFF:
    default:
      return "off";
    }
}

static gboolean
read_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  *(RepriseBackground *) data =
    reprise_background_read (reprise_context_get_preferences (cli->context));
  return TRUE;
}

/* On a host only: in a sandbox it is the desktop that lets it be there. */
static gboolean
session_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  *(gboolean *) data =
    !reprise_sandbox_is_active () && reprise_background_ends_with_session (cancellable);
  return TRUE;
}

static gboolean
switch_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  return reprise_background_switch (reprise_context_get_preferences (cli->context),
                                    GPOINTER_TO_INT (data), cancellable, error);
}

/* (transfer full): for where nobody starts the background service: the line of a crontab that does the same, to be copied. The PATH
 * of cron is short. */
static char *
dup_cron_advice (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  gboolean in_path =
    folder == NULL || g_str_equal (folder, "/usr/bin") || g_str_equal (folder, "/bin");
  g_autofree char *quoted = in_path ? g_strdup ("reprise") : reprise_cli_quote (program);

  return g_strdup_printf ("%s\n*/5 * * * * %s run-due --progress=none",
                          _ ("Where cron runs, this line of “crontab -e” does the same:"), quoted);
}

static void
print_cron_advice (void)
{
  g_autofree char *advice = dup_cron_advice ();

  g_print ("%s\n", advice);
}

static void
print_state (RepriseBackground background)
{
  g_print ("%s.\n", reprise_background_get_text (background));
  if (background == REPRISE_BACKGROUND_MISSING)
    print_cron_advice ();
}

/* Switches it; where nothing on this computer could be switched on, what does the same is said. */
static gboolean
set (RepriseCli *cli, gboolean on, GError **error)
{
  RepriseBackground background = REPRISE_BACKGROUND_OFF;

  if (reprise_cli_run_in_thread (cli, switch_func, GINT_TO_POINTER (on), error))
    return TRUE;
  if (on && !cli->json && reprise_cli_run_in_thread (cli, read_func, &background, NULL) &&
      background == REPRISE_BACKGROUND_MISSING)
    print_cron_advice ();
  return FALSE;
}

/* After a schedule was set: whether anybody follows it, where it takes more than that. */
void
reprise_cli_print_background (RepriseCli *cli)
{
  RepriseBackground background = REPRISE_BACKGROUND_OFF;

  reprise_cli_run_in_thread (cli, read_func, &background, NULL);
  if (background != REPRISE_BACKGROUND_ON)
    print_state (background);
  if (background == REPRISE_BACKGROUND_OFF)
    g_print ("%s\n", _ ("“reprise background on” has them followed without it."));
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseBackground background = REPRISE_BACKGROUND_OFF;
  gboolean on = g_strcmp0 (args[0], "on") == 0;
  gboolean ends_with_session = FALSE;
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (args[0] != NULL && !on && !g_str_equal (args[0], "off"))
    {
      reprise_cli_set_usage_error (error, _ ("“%s” is neither “on” nor “off”."), args[0]);
      return REPRISE_EXIT_DONE;
    }
  if ((args[0] != NULL && !set (cli, on, error)) ||
      !reprise_cli_run_in_thread (cli, read_func, &background, error))
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      print_state (background);
      if (background == REPRISE_BACKGROUND_ON)
        reprise_cli_run_in_thread (cli, session_func, &ends_with_session, NULL);
      if (ends_with_session)
        g_print ("%s\n",
                 _ ("That is while you are signed in; after “loginctl enable-linger” always."));
      return REPRISE_EXIT_DONE;
    }
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "background", to_string (background));
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_background = {
  .name = "background",
  .arguments = N_ ("[on|off]"),
  .summary = N_ ("Show or set whether schedules are followed without the window"),
  .flags = REPRISE_CLI_JSON,
  .n_min = 0,
  .n_max = 1,
  .run = run,
};
