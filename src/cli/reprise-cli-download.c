/* reprise-cli-download.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-find.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = NULL;
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], &service, error);
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (backup == NULL)
    return REPRISE_EXIT_DONE;
  if (reprise_backup_get_in_vault (backup))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                         _ ("“%s” is in the vault already."), args[0]);
      return REPRISE_EXIT_DONE;
    }
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL)
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_DOWNLOAD, reprise_service_get_uuid (service));
  reprise_request_set_backup (request, reprise_backup_get_id (backup));
  request->force = cli->yes;
  job = reprise_cli_run_job (cli, request, secrets, error);
  return job != NULL ? reprise_cli_end_making (cli, job, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_download = {
  .name = "download",
  .arguments = N_ ("ID"),
  .summary = N_ ("Bring a backup from its service into the vault, and verify it"),
  .flags = REPRISE_CLI_JOB | REPRISE_CLI_SERVICE,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
