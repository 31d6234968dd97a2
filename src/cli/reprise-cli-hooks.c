/* reprise-cli-hooks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-hooks.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"

static char *before, *after, *webhook;

static const GOptionEntry entries[] = {
  { "before", 0, 0, G_OPTION_ARG_STRING, &before,
    N_ ("Run before each backup, which does not begin if it fails; empty for none"),
    N_ ("COMMAND") },
  { "after", 0, 0, G_OPTION_ARG_STRING, &after,
    N_ ("Run after each backup, however it ended; empty for none"), N_ ("COMMAND") },
  { "webhook", 0, 0, G_OPTION_ARG_STRING, &webhook,
    N_ ("Tell this address how each backup ended; empty for none"), N_ ("URL") },
  { NULL },
};

static gboolean
check (GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *sentence = NULL;

  if ((before == NULL || *before == '\0' || reprise_hooks_check_command (before, &local_error)) &&
      (after == NULL || *after == '\0' || reprise_hooks_check_command (after, &local_error)) &&
      (webhook == NULL || *webhook == '\0' || reprise_hooks_check_webhook (webhook, &local_error)))
    return TRUE;
  sentence = reprise_error_get_sentence (local_error);
  reprise_cli_set_usage_error (error, "%s", sentence);
  return FALSE;
}

static void
set (RepriseService *service, const char *key, const char *value)
{
  if (value != NULL)
    reprise_service_set_setting (service, key, *value != '\0' ? value : NULL);
}

static void
print_line (const char *title, const char *value)
{
  g_print ("%s %s\n", title, value != NULL ? value : "–");
}

static void
print (RepriseCli *cli, RepriseService *service)
{
  const char *first = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_BEFORE);
  const char *last = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_AFTER);
  const char *address = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_WEBHOOK);
  const char *reason = reprise_hooks_get_sandbox_reason ();
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!cli->json)
    {
      print_line (_ ("Before each backup:"), first);
      print_line (_ ("After each backup:"), last);
      print_line (_ ("Webhook:"), address);
    }
  if (reason != NULL && (first != NULL || last != NULL))
    reprise_cli_warn ("%s", reason);
  if (!cli->json)
    return;
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "before", first);
  reprise_cli_json_string (json, "after", last);
  reprise_cli_json_string (json, "webhook", address);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseService) changed = NULL;

  if (service == NULL || !check (error))
    return REPRISE_EXIT_DONE;
  changed = reprise_service_copy (service);
  set (changed, REPRISE_HOOK_SETTING_BEFORE, before);
  set (changed, REPRISE_HOOK_SETTING_AFTER, after);
  set (changed, REPRISE_HOOK_SETTING_WEBHOOK, webhook);
  if ((before != NULL || after != NULL || webhook != NULL) &&
      !reprise_services_save (reprise_context_get_services (cli->context), changed, error))
    return REPRISE_EXIT_DONE;
  print (cli, changed);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_hooks = {
  .name = "hooks",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Show or set what is run before and after each backup, and who is told"),
  .flags = REPRISE_CLI_JSON,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
