/* reprise-cli-sign-in.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include "provider/reprise-context-access.h"
#include "reprise-cli-output.h"
#include "reprise-cli-sign-in.h"

/* A person signs in while we wait: what they are to do is printed on standard error, with the time that is left. */
typedef struct
{
  RepriseCli *cli;
  gint64 end_us; /* of the code; 0 for none */
  guint timer;
  gboolean shows_time; /* standard error is a terminal */
} Waiting;

/* Whether somebody has to sign in to that service, beside the secrets of its settings. */
gboolean
reprise_cli_needs_person (RepriseKind *kind, RepriseService *service)
{
  return reprise_kind_get_sign_in_ways (kind, reprise_service_get_settings (service)) !=
         REPRISE_SIGN_IN_NO_WAY;
}

static void
clear_line (Waiting *waiting)
{
  if (waiting->shows_time && waiting->timer != 0)
    g_printerr ("\r\033[K");
}

static gboolean
tick_cb (gpointer data)
{
  Waiting *waiting = data;
  gint64 left = (waiting->end_us - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  g_autofree char *time = NULL;

  left = MAX (left, 0);
  time = g_strdup_printf ("%d:%02d", (int) (left / 60), (int) (left % 60));
  g_printerr ("\r\033[K");
  /* Translators: a time in minutes and seconds: “14:32” */
  g_printerr (_ ("Waiting for the sign-in. The code is good for %s."), time);
  return G_SOURCE_CONTINUE;
}

static void
print_code (const RepriseSignInStep *step)
{
  g_autofree char *code = reprise_cli_style (REPRISE_CLI_BOLD, step->code);

  /* Translators: the address of a page of a sign-in; a code that is typed in there */
  g_printerr (_ ("To sign in, open %s on any device and type in the code %s\n"), step->address,
              code);
}

static void
open_browser (const RepriseSignInStep *step)
{
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri (step->address, NULL, &error))
    g_printerr ("%s\n", _ ("The browser could not be started."));
  g_printerr (_ ("Sign in with the browser of this computer. If none has opened, go to\n%s\n"),
              step->address);
}

static void
step_cb (RepriseSignIn *sign_in, Waiting *waiting)
{
  const RepriseSignInStep *step = reprise_sign_in_get_step (sign_in);

  clear_line (waiting);
  g_clear_handle_id (&waiting->timer, g_source_remove);
  if (step->code == NULL)
    {
      open_browser (step);
      return;
    }
  print_code (step);
  waiting->end_us = step->end_us;
  if (!waiting->shows_time || step->end_us == 0)
    return;
  waiting->timer = g_timeout_add_seconds (1, tick_cb, waiting);
  tick_cb (waiting);
}

/**
 * reprise_cli_sign_in:
 * @way: one of those that its kind has; %REPRISE_SIGN_IN_NO_WAY to see whether its secrets are accepted
 *
 * Returns: whether it was done; else what the sign-in says
 */
gboolean
reprise_cli_sign_in (RepriseCli *cli,
                     RepriseService *service,
                     RepriseSecrets *secrets,
                     RepriseSignInWays way,
                     GError **error)
{
  g_autoptr (RepriseSignIn) sign_in = reprise_sign_in_new (way);
  g_autoptr (GAsyncResult) result = NULL;
  Waiting waiting = { .cli = cli, .shows_time = isatty (STDERR_FILENO) };
  gulong handler = g_signal_connect (sign_in, "step", G_CALLBACK (step_cb), &waiting);

  reprise_context_sign_in_async (cli->context, service, secrets, sign_in, cli->cancellable,
                                 reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  clear_line (&waiting);
  g_clear_handle_id (&waiting.timer, g_source_remove);
  g_signal_handler_disconnect (sign_in, handler);
  return reprise_context_sign_in_finish (cli->context, result, error);
}
