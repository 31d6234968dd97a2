/* reprise-cli-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-rehearsal.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-restore.h"

static char **to;

static const GOptionEntry entries[] = {
  { "to", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &to,
    N_ ("Where, or how, to rehearse; may be repeated"), N_ ("KEY=VALUE") },
  { NULL },
};

/* A service that cannot be rehearsed is neither proven nor at fault: its reason is a warning. */
static RepriseExit
tell_impossible (RepriseCli *cli, RepriseService *service, const char *reason)
{
  /* Translators: the name of a service, and why */
  reprise_cli_warn (_ ("“%s” cannot be rehearsed: %s"), reprise_service_get_name (service), reason);
  if (cli->json)
    {
      g_autoptr (JsonBuilder) json = json_builder_new ();

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "name", reprise_service_get_name (service));
      reprise_cli_json_string (json, "service", reprise_service_get_uuid (service));
      reprise_cli_json_boolean (json, "can_rehearse", FALSE);
      reprise_cli_json_string (json, "reason", reason);
      json_builder_end_object (json);
      reprise_cli_json_print (json);
    }
  return REPRISE_EXIT_WARNINGS;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  g_auto (RepriseCliSource) source = { 0 };
  g_autofree char *reason = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (kind == NULL)
    return REPRISE_EXIT_DONE;
  reason = reprise_rehearsal_explain_missing (cli->context, service);
  if (reason != NULL)
    return tell_impossible (cli, service, reason);
  if (!reprise_cli_source_open (&source, cli, args, NULL, to, error))
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_REHEARSE, reprise_service_get_uuid (service));
  reprise_cli_source_fill (&source, request);
  request->force = cli->yes;
  job = reprise_cli_run_job (cli, request, source.secrets, error);
  return job != NULL ? reprise_cli_end_work (cli, job, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_rehearse = {
  .name = "rehearse",
  .arguments = N_ ("NAME [ID|FILE]"),
  .summary = N_ ("Restore the newest backup into a scratch place, to prove that it can be"),
  .flags = REPRISE_CLI_JOB,
  .entries = entries,
  .n_min = 1,
  .n_max = 2,
  .run = run,
};
