/* reprise-cli-service-edit.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-rehearsal.h"
#include "provider/reprise-tier-policy.h"
#include "reprise-cli-choices.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-probe.h"
#include "reprise-cli-secrets.h"

static char **pairs, **asked;
static char *name, *listed;
static gboolean production, no_production, untested;

static const GOptionEntry entries[] = {
  { "set", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &pairs,
    N_ ("A setting of the service; an empty value is the default; may be repeated"),
    N_ ("KEY=VALUE") },
  { "secret", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked,
    N_ ("Ask for a secret and keep it in the keyring"), N_ ("KEY") },
  { "list", 0, 0, G_OPTION_ARG_FILENAME, &listed,
    N_ ("Change nothing: print what this setting may be, as the service lists it"), N_ ("KEY") },
  { "name", 0, 0, G_OPTION_ARG_FILENAME, &name, N_ ("Another name"), N_ ("NAME") },
  { "production", 0, 0, G_OPTION_ARG_NONE, &production,
    N_ ("What replaces its data asks for its name to be typed"), NULL },
  { "no-production", 0, 0, G_OPTION_ARG_NONE, &no_production, N_ ("It does not any more"), NULL },
  { "no-test", 0, 0, G_OPTION_ARG_NONE, &untested, N_ ("Do not speak to the service yet"), NULL },
  { NULL },
};

static gboolean
check_options (RepriseCli *cli, GError **error)
{
  if (production && no_production)
    reprise_cli_set_usage_error (error,
                                 _ ("Only one of --production and --no-production can be given."));
  else if (listed == NULL && pairs == NULL && asked == NULL && name == NULL && !production &&
           !no_production && g_hash_table_size (cli->given) == 0)
    reprise_cli_set_usage_error (
      error, _ ("There is nothing to change: give --set, --name, --secret or --production."));
  else
    return (name == NULL || reprise_cli_check_text (name, error)) &&
           (listed == NULL || reprise_cli_check_text (listed, error));
  return FALSE;
}

/* A copy with the changes, so that a change which cannot be saved shows nowhere. */
static RepriseService *
change (RepriseService *service, GHashTable *values)
{
  RepriseService *changed = reprise_service_copy (service);
  GHashTableIter iter;
  gpointer key, value;

  if (name != NULL)
    reprise_service_set_name (changed, name);
  if (production || no_production)
    reprise_service_set_production (changed, production);
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_service_set_setting (changed, key, *(const char *) value != '\0' ? value : NULL);
  return changed;
}

static void
print (RepriseCli *cli, RepriseService *service)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!cli->json)
    {
      /* Translators: the name of a service */
      g_print (_ ("“%s” was changed.\n"), reprise_service_get_name (service));
      return;
    }
  json_builder_begin_object (json);
  reprise_cli_json_service (json, service);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/* Whether what was changed says where the service is, or who signs in to it: only the service can tell whether that is right. */
static gboolean
must_be_tested (RepriseCli *cli, RepriseKind *kind, GHashTable *values)
{
  for (const RepriseSetting *setting = reprise_kind_get_settings (kind);
       setting != NULL && setting->key != NULL; setting++)
    if (g_hash_table_contains (cli->given, setting->key) ||
        (g_hash_table_contains (values, setting->key) &&
         (setting->required || setting->of_sign_in || setting->type == REPRISE_SETTING_ADDRESS)))
      return TRUE;
  return FALSE;
}

/* A service that does not answer is changed all the same, and that is said: it may be off for the moment. Without a keyring, where each
 * command is given the secret, nothing can be said. */
static RepriseExit
test (RepriseCli *cli, RepriseService *service)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseProbe) probe = reprise_cli_probe (cli, service, &error);
  g_autofree char *why = NULL;

  if (probe != NULL)
    return reprise_cli_warn_of_probe (cli, probe);
  if (reprise_error_is_stop (error) ||
      g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING))
    return REPRISE_EXIT_DONE;
  why = reprise_error_get_sentence (error);
  /* Translators: why the service does not answer, as a whole sentence */
  reprise_cli_warn (_ ("The service cannot be backed up like this. %s"), why);
  return REPRISE_EXIT_WARNINGS;
}

/* --list: of the service as it would be with what else was given. */
static void
print_list (RepriseCli *cli, RepriseService *changed, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, changed, error);

  if (secrets != NULL)
    reprise_cli_print_choices (cli, changed, secrets, listed, error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseServices *services = reprise_context_get_services (cli->context);
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  g_autoptr (GHashTable) values = NULL;
  g_autoptr (RepriseService) changed = NULL;
  RepriseExit code = REPRISE_EXIT_DONE;

  if (kind == NULL || !check_options (cli, error))
    return REPRISE_EXIT_DONE;
  values = reprise_cli_take_settings (reprise_kind_get_settings (kind), "set", pairs, error);
  if (values == NULL || !reprise_cli_check_given (cli, kind, error) ||
      (name != NULL &&
       !reprise_services_check_name (services, name, reprise_service_get_uuid (service), error)) ||
      !reprise_cli_ask_secrets (cli, kind, asked, error))
    return REPRISE_EXIT_DONE;
  changed = change (service, values);
  if (listed != NULL)
    {
      print_list (cli, changed, error);
      return REPRISE_EXIT_DONE;
    }
  if ((pairs != NULL &&
       !reprise_cli_check_required (reprise_kind_get_settings (kind), "set",
                                    reprise_service_get_settings (changed), error)) ||
      !reprise_rehearsal_settle_stage (cli->context, changed, error))
    return REPRISE_EXIT_DONE;
  if (reprise_kind_can (kind, REPRISE_HAS_HISTORY) &&
      !reprise_tier_policy_check_service (changed, error))
    return REPRISE_EXIT_DONE;
  if (!reprise_cli_describe_given (cli, kind, error) ||
      !reprise_cli_store_secrets (cli, changed, error) ||
      !reprise_services_save (services, changed, error))
    return REPRISE_EXIT_DONE;
  if (g_hash_table_contains (values, REPRISE_KIND_SETTING_REHEARSE_ON))
    reprise_cli_warn_of_stage (cli, changed);
  if (!untested && must_be_tested (cli, kind, values))
    code = test (cli, changed);
  print (cli, changed);
  return code;
}

const RepriseCliCommand reprise_cli_service_edit = {
  .name = "service edit",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Change the settings, the name or the secrets of a service"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
