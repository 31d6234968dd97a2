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

/* After a schedule was set: whether anybody follows it, where it takes more than that. */
void
reprise_cli_print_background (RepriseCli *cli)
{
  RepriseBackground background = REPRISE_BACKGROUND_OFF;

  reprise_cli_run_in_thread (cli, read_func, &background, NULL);
  if (background != REPRISE_BACKGROUND_ON)
    g_print ("%s.\n", reprise_background_get_text (background));
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
  if ((args[0] != NULL &&
       !reprise_cli_run_in_thread (cli, switch_func, GINT_TO_POINTER (on), error)) ||
      !reprise_cli_run_in_thread (cli, read_func, &background, error))
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      g_print ("%s.\n", reprise_background_get_text (background));
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
