/* reprise-cli-groups.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-groups.h"
#include "reprise-cli-options.h"

/* (transfer full): what the service holds now */
RepriseContents *
reprise_cli_list_groups (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);
  g_autoptr (GAsyncResult) result = NULL;

  if (secrets == NULL)
    return NULL;
  reprise_context_list_groups_async (cli->context, service, secrets, cli->cancellable,
                                     reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_context_list_groups_finish (cli->context, result, error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseContents) contents =
    service != NULL ? reprise_cli_list_groups (cli, service, error) : NULL;
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (contents == NULL)
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      reprise_cli_print_contents (contents);
      return REPRISE_EXIT_DONE;
    }
  reprise_cli_json_contents (json, NULL, contents);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_groups = {
  .name = "groups",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Show the data groups of a service, with their collections, counts and sizes"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
