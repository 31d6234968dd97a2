/* reprise-cli-service-list.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

/* (transfer none) (nullable): what tells the service best beside its name */
static const char *
get_place (RepriseService *service)
{
  static const char *const keys[] = { "address", "path", "application", "service", "account" };
  const char *place = NULL;

  for (guint i = 0; place == NULL && i < G_N_ELEMENTS (keys); i++)
    place = reprise_service_get_setting (service, keys[i]);
  return place;
}

static void
print_text (RepriseCli *cli, GListModel *services)
{
  const char *head[] = { _ ("Name"), _ ("Kind"), _ ("Where"), "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);
      RepriseKind *kind = reprise_cli_find_kind (cli, service, NULL);
      const char *place = get_place (service);

      reprise_cli_table_add (
        table, reprise_service_get_name (service),
        kind != NULL ? reprise_kind_get_title (kind) : reprise_service_get_kind (service),
        place != NULL ? place : "",
        reprise_service_get_production (service) ? _ ("production") : "", NULL);
    }
  reprise_cli_table_print (table);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (cli->context));
  guint n = g_list_model_get_n_items (services);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!cli->json && n == 0)
    g_print ("%s\n", _ ("There are no services yet: “reprise service add” adds one."));
  else if (!cli->json)
    print_text (cli, services);
  if (!cli->json)
    return REPRISE_EXIT_DONE;
  json_builder_begin_array (json);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);

      json_builder_begin_object (json);
      reprise_cli_json_service (json, service);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_service_list = {
  .name = "service list",
  .summary = N_ ("List the services"),
  .flags = REPRISE_CLI_JSON,
  .run = run,
};
