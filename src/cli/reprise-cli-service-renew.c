/* reprise-cli-service-renew.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

static gboolean
renew_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  RepriseProvider *provider = data;

  return REPRISE_PROVIDER_GET_IFACE (provider)->renew_access (provider, NULL, NULL, cancellable,
                                                              error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  g_autoptr (RepriseSecrets) secrets =
    kind != NULL ? reprise_cli_new_secrets (cli, service, error) : NULL;
  g_autoptr (RepriseProvider) provider = NULL;
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (secrets == NULL)
    return REPRISE_EXIT_DONE;
  provider = reprise_kind_create_provider (kind, service, secrets);
  if (REPRISE_PROVIDER_GET_IFACE (provider)->renew_access == NULL)
    {
      /* Translators: a kind of service */
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                   _ ("%s: nothing of this kind of service expires, so there is nothing to renew."),
                   reprise_kind_get_title (kind));
      return REPRISE_EXIT_DONE;
    }
  if (!reprise_cli_run_in_thread (cli, renew_func, provider, error))
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      /* Translators: the name of a service */
      g_print (_ ("The access to “%s” was renewed.\n"), reprise_service_get_name (service));
      return REPRISE_EXIT_DONE;
    }
  json_builder_begin_object (json);
  reprise_cli_json_service (json, service);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_service_renew = {
  .name = "service renew",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Renew an access that expires"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
