/* reprise-cli-service-add.c
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
#include "reprise-cli-sign-in.h"
#include "reprise-cli-terminal.h"

static char **pairs, **asked;
static char *listed;
static gboolean production, untested;

static const GOptionEntry entries[] = {
  { "set", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &pairs,
    N_ ("A setting of the service; may be repeated"), N_ ("KEY=VALUE") },
  { "secret", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked,
    N_ ("Ask for a secret and keep it in the keyring"), N_ ("KEY") },
  { "list", 0, 0, G_OPTION_ARG_FILENAME, &listed,
    N_ ("Add nothing: print what this setting may be, as the service lists it"), N_ ("KEY") },
  { "production", 0, 0, G_OPTION_ARG_NONE, &production,
    N_ ("What replaces its data asks for its name to be typed"), NULL },
  { "no-test", 0, 0, G_OPTION_ARG_NONE, &untested, N_ ("Do not speak to the service yet"), NULL },
  { NULL },
};

static RepriseService *
make_service (RepriseKind *kind, const char *name, GHashTable *values)
{
  g_autofree char *uuid = g_uuid_string_random ();
  RepriseService *service = reprise_service_new (uuid, reprise_kind_get_id (kind), name);
  GHashTableIter iter;
  gpointer key, value;

  reprise_service_set_production (service, production);
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (*(const char *) value != '\0')
      reprise_service_set_setting (service, key, value);
  return service;
}

static void
warn_of_secret (RepriseService *service, const GError *keyring)
{
  g_autofree char *why = keyring != NULL ? reprise_error_get_sentence (keyring) : NULL;
  g_autofree char *name = reprise_cli_quote (reprise_service_get_name (service));

  if (why != NULL)
    /* Translators: why a secret is not in the keyring, as a whole sentence */
    reprise_cli_warn (_ ("The service was added without its secret. %s It needs a sign-in: reprise "
                         "service sign-in %s. Without a keyring, give the secret to each command "
                         "with --secret-fd."),
                      why, name);
  else
    reprise_cli_warn (
      _ ("The service has no secret yet. It needs a sign-in: reprise service sign-in %s"), name);
}

/* @ready: nothing is known that would keep it from being backed up */
static void
print (RepriseCli *cli, RepriseService *service, gboolean needs_sign_in, gboolean ready)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!cli->json)
    {
      /* Translators: the name of a service */
      g_print (ready ? _ ("“%s” was added. “reprise backup” backs it up.\n")
                     /* Translators: the name of a service */
                     : _ ("“%s” was added.\n"),
               reprise_service_get_name (service));
      return;
    }
  json_builder_begin_object (json);
  reprise_cli_json_service (json, service);
  reprise_cli_json_boolean (json, "needs_sign_in", needs_sign_in);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/* A service that does not answer was added all the same: it may be off for the moment. */
static RepriseExit
test (RepriseCli *cli, RepriseService *service)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseProbe) probe = reprise_cli_probe (cli, service, &error);
  g_autofree char *name = reprise_cli_quote (reprise_service_get_name (service));
  g_autofree char *why = NULL;

  if (probe != NULL)
    return reprise_cli_warn_of_probe (cli, probe);
  if (reprise_error_is_stop (error))
    return REPRISE_EXIT_DONE;
  why = reprise_error_get_sentence (error);
  /* Translators: the name of the service; why it does not answer, as a whole sentence */
  reprise_cli_warn (_ ("The service was added, but cannot be backed up yet (to change it: reprise "
                       "service edit %s). %s"),
                    name, why);
  return REPRISE_EXIT_WARNINGS;
}

/* Somebody signs in to what is not a service yet, so that its settings can be chosen. */
static gboolean
sign_in_to_draft (RepriseCli *cli,
                  RepriseKind *kind,
                  RepriseService *service,
                  RepriseSecrets *secrets,
                  GError **error)
{
  reprise_secrets_set_draft (secrets);
  return !reprise_cli_needs_person (kind, service) ||
         reprise_cli_sign_in (cli, service, secrets, REPRISE_SIGN_IN_CODE, error);
}

/* --list: nothing of it is kept. */
static void
print_list (RepriseCli *cli, RepriseKind *kind, RepriseService *service, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);

  if (secrets != NULL && reprise_cli_check_text (listed, error) &&
      sign_in_to_draft (cli, kind, service, secrets, error))
    reprise_cli_print_choices (cli, service, secrets, listed, error);
  reprise_secrets_forget_overrides (reprise_service_get_uuid (service));
}

static gboolean
can_choose (RepriseCli *cli, RepriseKind *kind, RepriseService *service)
{
  return reprise_cli_is_attended () && !cli->json && reprise_cli_lacks_choice (kind, service);
}

/* On a terminal: what is missing is chosen from the lists of the service. @signed_in: whether somebody signed in for it. */
static gboolean
choose_missing (RepriseCli *cli,
                RepriseKind *kind,
                RepriseService *service,
                gboolean *signed_in,
                GError **error)
{
  g_autoptr (RepriseSecrets) secrets = NULL;

  if (!can_choose (cli, kind, service))
    return TRUE;
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL || !sign_in_to_draft (cli, kind, service, secrets, error) ||
      !reprise_cli_choose_missing (cli, kind, service, secrets, error))
    return FALSE;
  *signed_in = reprise_cli_needs_person (kind, service);
  return TRUE;
}

static gboolean
keep_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  return reprise_secrets_keep_all (data, cancellable, error);
}

/* What was given, and what came of the sign-in, into the keyring. */
static gboolean
keep_secrets (RepriseCli *cli, RepriseService *service, gboolean signed_in, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = NULL;

  if (!reprise_cli_store_secrets (cli, service, error) || !signed_in)
    return error == NULL || *error == NULL;
  secrets = reprise_cli_new_secrets (cli, service, error);
  return secrets != NULL && reprise_cli_run_in_thread (cli, keep_func, secrets, error);
}

/* What the command line says of the new service, checked: a draft, not saved yet. */
static RepriseService *
make_draft (RepriseCli *cli, RepriseKind *kind, const char *name, GError **error)
{
  RepriseServices *services = reprise_context_get_services (cli->context);
  g_autoptr (GHashTable) values =
    reprise_cli_take_settings (reprise_kind_get_settings (kind), "set", pairs, error);
  g_autoptr (RepriseService) service = values != NULL ? make_service (kind, name, values) : NULL;

  if (service == NULL ||
      (listed == NULL && !can_choose (cli, kind, service) &&
       !reprise_cli_check_required (reprise_kind_get_settings (kind), "set", values, error)) ||
      !reprise_cli_check_given (cli, kind, error) ||
      !reprise_services_check_name (services, name, NULL, error) ||
      !reprise_cli_ask_secrets (cli, kind, asked, error))
    return NULL;
  return g_steal_pointer (&service);
}

static gboolean
save (RepriseCli *cli, RepriseKind *kind, RepriseService *service, GError **error)
{
  if (reprise_kind_can (kind, REPRISE_HAS_HISTORY) &&
      !reprise_tier_policy_check_service (service, error))
    return FALSE;
  if (!reprise_rehearsal_settle_stage (cli->context, service, error))
    return FALSE;
  return reprise_services_save (reprise_context_get_services (cli->context), service, error);
}

static RepriseExit
add (RepriseCli *cli, RepriseKind *kind, RepriseService *service, GError **error)
{
  GHashTable *settings = reprise_service_get_settings (service);
  g_autoptr (GError) keyring = NULL;
  gboolean signed_in = FALSE, lacks;
  RepriseExit code = REPRISE_EXIT_DONE;

  if (!choose_missing (cli, kind, service, &signed_in, error) ||
      !reprise_cli_check_required (reprise_kind_get_settings (kind), "set", settings, error) ||
      !reprise_cli_ask_missing (cli, reprise_kind_get_settings (kind), settings, error) ||
      !reprise_cli_describe_given (cli, kind, error) || !save (cli, kind, service, error))
    return REPRISE_EXIT_DONE;
  if (!keep_secrets (cli, service, signed_in, &keyring) && reprise_error_is_stop (keyring))
    g_clear_error (&keyring);
  lacks = reprise_cli_lacks_secret (cli, kind, settings) ||
          (reprise_cli_needs_person (kind, service) && !signed_in);
  reprise_cli_warn_of_stage (cli, service);
  if (lacks || keyring != NULL)
    {
      /* that the keyring did not take what was given is no fault of what was asked for: each command can be given it */
      warn_of_secret (service, keyring);
      code = lacks ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
    }
  if (!lacks && !untested)
    code = test (cli, service);
  print (cli, service, lacks || keyring != NULL,
         !lacks && keyring == NULL && code == REPRISE_EXIT_DONE);
  return code;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseKind *kind = NULL;
  g_autoptr (RepriseService) service = NULL;

  if (!reprise_cli_check_text (args[1], error))
    return REPRISE_EXIT_DONE;
  kind = reprise_cli_take_kind (cli, args[0], error);
  service = kind != NULL ? make_draft (cli, kind, args[1], error) : NULL;
  if (service == NULL)
    return REPRISE_EXIT_DONE;
  if (listed == NULL)
    return add (cli, kind, service, error);
  print_list (cli, kind, service, error);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_service_add = {
  .name = "service add",
  .arguments = N_ ("KIND NAME"),
  .summary = N_ ("Add a service"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
