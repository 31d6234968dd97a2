/* reprise-cli-rollup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (service == NULL)
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_COMPACT, reprise_service_get_uuid (service));
  job = reprise_cli_run_job (cli, request, NULL, error);
  if (job == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    {
      g_autoptr (JsonBuilder) json = json_builder_new ();

      json_builder_begin_object (json);
      reprise_cli_json_job (json, job);
      json_builder_end_object (json);
      reprise_cli_json_print (json);
    }
  return reprise_cli_end_job (cli, job, error);
}

const RepriseCliCommand reprise_cli_rollup = {
  .name = "rollup",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Roll daily backups up into weeks, months and years, and clean up"),
  .flags = REPRISE_CLI_JOB,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
