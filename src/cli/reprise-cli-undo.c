/* reprise-cli-undo.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-restore.h"

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseSecrets) secrets =
    service != NULL ? reprise_cli_new_secrets (cli, service, error) : NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseRequest) request = NULL;

  if (secrets == NULL)
    return REPRISE_EXIT_DONE;
  reprise_context_plan_undo_async (cli->context, service, secrets, cli->cancellable,
                                   reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  plan = reprise_context_plan_finish (cli->context, result, error);
  if (plan == NULL)
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      reprise_cli_print_plan (plan, service, reprise_cli_find_kind (cli, service, NULL),
                              REPRISE_CLI_WAY_RESTORE);
      g_print ("\n");
    }
  if (!reprise_plan_check_refusal (plan, error) || !reprise_cli_consent (cli, service, plan, error))
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_UNDO, reprise_service_get_uuid (service));
  request->consent = TRUE;
  request->force = cli->yes;
  return reprise_cli_carry_out (cli, request, secrets, plan, error);
}

const RepriseCliCommand reprise_cli_undo = {
  .name = "undo",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Undo the last restore: go back to its safety copy"),
  .flags = REPRISE_CLI_JOB,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
