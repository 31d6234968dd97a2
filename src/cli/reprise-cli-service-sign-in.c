/* reprise-cli-service-sign-in.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-probe.h"
#include "reprise-cli-secrets.h"
#include "reprise-cli-sign-in.h"
#include "reprise-cli-terminal.h"

#include "provider/reprise-context-access.h"

static char **asked;
static gboolean browser;

static const GOptionEntry entries[] = {
  { "secret", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked, N_ ("Ask for this secret"), N_ ("KEY") },
  { "browser", 0, 0, G_OPTION_ARG_NONE, &browser,
    N_ ("Sign in with the browser of this computer, in place of a code"), NULL },
  { NULL },
};

/* The service and its kind, unless it has no sign-in at all. */
static RepriseService *
find (RepriseCli *cli, const char *name, RepriseKind **kind, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, name, error);
  g_autofree char *text = NULL;

  *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  if (*kind == NULL || reprise_kind_can (*kind, REPRISE_CAN_SIGN_IN) ||
      reprise_cli_has_secrets (*kind))
    return *kind != NULL ? service : NULL;
  text = reprise_kind_explain_missing (*kind, REPRISE_CAN_SIGN_IN);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, text);
  return NULL;
}

static gboolean
check_way (RepriseKind *kind, RepriseService *service, RepriseSignInWays *way, GError **error)
{
  RepriseSignInWays ways =
    reprise_kind_get_sign_in_ways (kind, reprise_service_get_settings (service));

  if (browser && (ways & REPRISE_SIGN_IN_BROWSER) == 0)
    {
      /* Translators: the name of a service */
      reprise_cli_set_usage_error (error, _ ("“%s” is not signed in to with the browser."),
                                   reprise_service_get_name (service));
      return FALSE;
    }
  *way = browser                              ? REPRISE_SIGN_IN_BROWSER
         : (ways & REPRISE_SIGN_IN_CODE) != 0 ? REPRISE_SIGN_IN_CODE
                                              : ways;
  return TRUE;
}

static gboolean
sign_in (RepriseCli *cli,
         RepriseKind *kind,
         RepriseService *service,
         RepriseSignInWays way,
         GError **error)
{
  g_autoptr (RepriseSecrets) secrets = NULL;

  if (!reprise_kind_can (kind, REPRISE_CAN_SIGN_IN))
    return TRUE;
  secrets = reprise_cli_new_secrets (cli, service, error);
  return secrets != NULL && reprise_cli_sign_in (cli, service, secrets, way, error);
}

static gboolean
sign_out (RepriseCli *cli, RepriseKind *kind, RepriseService *service, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  if (!reprise_kind_can (kind, REPRISE_CAN_SIGN_IN))
    return TRUE;
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL)
    return FALSE;
  reprise_context_sign_out_async (cli->context, service, secrets, cli->cancellable,
                                  reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_context_sign_out_finish (cli->context, result, error);
}

/* What was given is kept already, and may be all that was missing. Somebody signs in only where that is needed, and there. */
static RepriseExit
try_out (RepriseCli *cli,
         RepriseKind *kind,
         RepriseService *service,
         RepriseSignInWays way,
         GError **error)
{
  g_autoptr (GError) local_error = NULL;
  RepriseExit code = reprise_cli_print_probe (cli, service, &local_error);

  if (local_error == NULL)
    return code;
  if (!reprise_error_needs_person (local_error) || !reprise_cli_is_attended ())
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (sign_in (cli, kind, service, way, error))
    return reprise_cli_print_probe (cli, service, error);
  return REPRISE_EXIT_DONE;
}

static RepriseExit
run_in (RepriseCli *cli, char **args, GError **error)
{
  RepriseKind *kind = NULL;
  RepriseService *service = find (cli, args[0], &kind, error);
  RepriseSignInWays way = REPRISE_SIGN_IN_NO_WAY;

  if (service == NULL || !check_way (kind, service, &way, error) ||
      !reprise_cli_check_given (cli, kind, error) ||
      !reprise_cli_ask_secrets (cli, kind, asked, error) ||
      (way == REPRISE_SIGN_IN_NO_WAY &&
       !reprise_cli_ask_missing (cli, reprise_kind_get_settings (kind),
                                 reprise_service_get_settings (service), error)))
    return REPRISE_EXIT_DONE;
  if (way == REPRISE_SIGN_IN_NO_WAY && g_hash_table_size (cli->given) == 0 &&
      reprise_cli_lacks_secret (cli, kind, reprise_service_get_settings (service)))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
        _ ("No secret was given: give it with --secret KEY, or --secret-fd KEY=FD."));
      return REPRISE_EXIT_DONE;
    }
  if (!reprise_cli_describe_given (cli, kind, error) ||
      !reprise_cli_store_secrets (cli, service, error))
    return REPRISE_EXIT_DONE;
  if (way != REPRISE_SIGN_IN_NO_WAY && !browser && g_hash_table_size (cli->given) > 0)
    return try_out (cli, kind, service, way, error);
  if (!sign_in (cli, kind, service, way, error))
    return REPRISE_EXIT_DONE;
  return reprise_cli_print_probe (cli, service, error);
}

static RepriseExit
run_out (RepriseCli *cli, char **args, GError **error)
{
  RepriseKind *kind = NULL;
  RepriseService *service = find (cli, args[0], &kind, error);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (service == NULL || !sign_out (cli, kind, service, error) ||
      !reprise_cli_forget_secrets (cli, service, error))
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      /* Translators: the name of a service */
      g_print (_ ("The secrets of “%s” were deleted from the keyring.\n"),
               reprise_service_get_name (service));
      return REPRISE_EXIT_DONE;
    }
  json_builder_begin_object (json);
  reprise_cli_json_service (json, service);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_service_sign_in = {
  .name = "service sign-in",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Sign in to a service, or keep its secret in the keyring, and test it"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run_in,
};

const RepriseCliCommand reprise_cli_service_sign_out = {
  .name = "service sign-out",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Sign out of a service: delete its secrets from the keyring"),
  .flags = REPRISE_CLI_JSON,
  .n_min = 1,
  .n_max = 1,
  .run = run_out,
};
