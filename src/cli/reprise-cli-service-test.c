/* reprise-cli-service-test.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-probe.h"

static void
print_json (RepriseService *service, const RepriseProbe *probe)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_service (json, service);
  reprise_cli_json_string (json, "version", probe->version);
  reprise_cli_json_string (json, "identity", probe->identity);
  reprise_cli_json_count (json, "latency_ms", probe->latency_ms);
  json_builder_set_member_name (json, "facts");
  json_builder_begin_array (json);
  for (guint i = 0; i < probe->facts->len; i++)
    {
      const RepriseFact *fact = probe->facts->pdata[i];

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "label", fact->label);
      reprise_cli_json_string (json, "value", fact->value);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_set_member_name (json, "warnings");
  json_builder_begin_array (json);
  for (guint i = 0; i < probe->warnings->len; i++)
    json_builder_add_string_value (json, probe->warnings->pdata[i]);
  json_builder_end_array (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static void
print_text (RepriseService *service, const RepriseProbe *probe)
{
  const char *head[] = { "", "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autofree char *latency = g_strdup_printf (_ ("%.1f s"), (double) probe->latency_ms / 1000);

  /* Translators: the name of a service */
  g_print (_ ("“%s” answers.\n"), reprise_service_get_name (service));
  if (probe->version != NULL)
    reprise_cli_table_add (table, _ ("Version"), probe->version, NULL);
  if (probe->latency_ms >= 0)
    reprise_cli_table_add (table, _ ("Time to answer"), latency, NULL);
  for (guint i = 0; i < probe->facts->len; i++)
    {
      const RepriseFact *fact = probe->facts->pdata[i];

      reprise_cli_table_add (table, fact->label, fact->value, NULL);
    }
  reprise_cli_table_print (table);
}

/* (transfer full): what the service says of itself, or NULL with the error. */
RepriseProbe *
reprise_cli_probe (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);
  g_autoptr (GAsyncResult) result = NULL;

  if (secrets == NULL)
    return NULL;
  reprise_context_probe_async (cli->context, service, secrets, cli->cancellable,
                               reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_context_probe_finish (cli->context, result, error);
}

/* What was said already is not said twice. */
RepriseExit
reprise_cli_warn_of_probe (RepriseCli *cli, const RepriseProbe *probe)
{
  for (guint i = 0; i < probe->warnings->len; i++)
    if (!g_hash_table_contains (cli->warned, probe->warnings->pdata[i]))
      reprise_cli_warn ("%s", (const char *) probe->warnings->pdata[i]);
  return probe->warnings->len > 0 ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

/* Speaks to the service, and prints what it says of itself. */
RepriseExit
reprise_cli_print_probe (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autoptr (RepriseProbe) probe = reprise_cli_probe (cli, service, error);

  if (probe == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (service, probe);
  else
    print_text (service, probe);
  return reprise_cli_warn_of_probe (cli, probe);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);

  return service != NULL ? reprise_cli_print_probe (cli, service, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_service_test = {
  .name = "service test",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Speak to a service: does it answer, and in which version"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
