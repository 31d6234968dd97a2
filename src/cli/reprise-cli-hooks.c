/* reprise-cli-hooks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-hooks.h"
#include "provider/reprise-webhook.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"
#include "reprise-cli-terminal.h"

static char *before, *after, *webhook;

static const GOptionEntry entries[] = {
  { "before", 0, 0, G_OPTION_ARG_STRING, &before,
    N_ ("Run before each backup, which does not begin if it fails; empty for none"),
    N_ ("COMMAND") },
  { "after", 0, 0, G_OPTION_ARG_STRING, &after,
    N_ ("Run after each backup, however it ended; empty for none"), N_ ("COMMAND") },
  { "webhook", 0, 0, G_OPTION_ARG_STRING, &webhook,
    N_ ("Tell this address how each backup ended; empty for none. It is kept in the keyring; "
        "--secret-fd webhook=FD keeps it out of the list of processes too"),
    N_ ("URL") },
  { NULL },
};

/* (nullable): the address that is to be told from now on; “” for none */
static const char *
get_address (RepriseCli *cli)
{
  RepriseSecretValue *given = g_hash_table_lookup (cli->given, REPRISE_WEBHOOK_SECRET);
  const char *text = given != NULL ? reprise_secret_value_get_text (given) : webhook;

  return given != NULL && text == NULL ? "?" : text; /* bytes that are no text are no address */
}

static gboolean
check (const char *address, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *sentence = NULL;

  if ((before == NULL || *before == '\0' || reprise_hooks_check_command (before, &local_error)) &&
      (after == NULL || *after == '\0' || reprise_hooks_check_command (after, &local_error)) &&
      (address == NULL || *address == '\0' || reprise_webhook_check (address, &local_error)))
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

/* Whether all of it is done here: in a sandbox commands are not. */
static gboolean
print (RepriseCli *cli, RepriseService *service)
{
  const char *first = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_BEFORE);
  const char *last = reprise_service_get_setting (service, REPRISE_HOOK_SETTING_AFTER);
  const char *told = reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING);
  g_autofree char *address = told != NULL ? reprise_webhook_dup_origin (told) : NULL;
  const char *reason = reprise_hooks_get_sandbox_reason ();
  gboolean all = reason == NULL || (first == NULL && last == NULL);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!cli->json)
    {
      print_line (_ ("Before each backup:"), first);
      print_line (_ ("After each backup:"), last);
      print_line (_ ("Webhook:"), address);
    }
  if (!all)
    reprise_cli_warn ("%s", reason);
  if (!cli->json)
    return all;
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "before", first);
  reprise_cli_json_string (json, "after", last);
  reprise_cli_json_string (json, "webhook", address);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return all;
}

typedef struct
{
  RepriseService *service;
  const char *address; /* (nullable) */
} Telling;

static gboolean
tell_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Telling *telling = data;

  return reprise_webhook_set (telling->service, *telling->address != '\0' ? telling->address : NULL,
                              reprise_cli_is_attended () ? REPRISE_KEYRING_MAY_PROMPT
                                                         : REPRISE_KEYRING_UNATTENDED,
                              cancellable, error);
}

/* Without a keyring it is set or removed all the same: the address can come with each run. */
static RepriseExit
set_webhook (RepriseCli *cli, RepriseService *service, const char *address)
{
  Telling telling = { service, address };
  g_autoptr (GError) error = NULL;

  if (address == NULL || reprise_cli_run_in_thread (cli, tell_func, &telling, &error))
    return REPRISE_EXIT_DONE;
  if (*address == '\0')
    /* Translators: why, as a whole sentence */
    reprise_cli_warn (_ ("The webhook is removed, but its address stays in the keyring. %s"),
                      error->message);
  else
    reprise_cli_warn (_ ("The address is not kept: %s Give it to each backup by “--secret-fd "
                         "webhook=FD”."),
                      error->message);
  return REPRISE_EXIT_WARNINGS;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  const char *address = get_address (cli);
  g_autoptr (RepriseService) changed = NULL;
  RepriseExit code;

  if (service == NULL || !check (address, error))
    return REPRISE_EXIT_DONE;
  changed = reprise_service_copy (service);
  set (changed, REPRISE_HOOK_SETTING_BEFORE, before);
  set (changed, REPRISE_HOOK_SETTING_AFTER, after);
  code = set_webhook (cli, changed, address);
  if ((before != NULL || after != NULL || address != NULL) &&
      !reprise_services_save (reprise_context_get_services (cli->context), changed, error))
    return REPRISE_EXIT_DONE;
  return print (cli, changed) ? code : REPRISE_EXIT_WARNINGS;
}

const RepriseCliCommand reprise_cli_hooks = {
  .name = "hooks",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Show or set what is run before and after each backup, and who is told"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
