/* reprise-cli-upload.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-import.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (kind == NULL)
    return REPRISE_EXIT_DONE;
  /* Where the service itself keeps nothing, it goes into the vault. */
  if (!reprise_kind_can (kind, REPRISE_CAN_UPLOAD) && reprise_kind_can (kind, REPRISE_CAN_IMPORT))
    return reprise_cli_import_file (cli, service, args[1], NULL, NULL, error);
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL)
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_UPLOAD, reprise_service_get_uuid (service));
  request->file = g_canonicalize_filename (args[1], NULL);
  request->consent = TRUE;
  request->force = cli->yes;
  job = reprise_cli_run_job (cli, request, secrets, error);
  return job != NULL ? reprise_cli_end_making (cli, job, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_upload = {
  .name = "upload",
  .arguments = N_ ("NAME FILE"),
  .summary = N_ ("Put a local archive on a service, without restoring it"),
  .flags = REPRISE_CLI_JOB,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
