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

static char **asked;

static const GOptionEntry entries[] = {
  { "secret", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked, N_ ("Ask for this secret"), N_ ("KEY") },
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
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, text);
  return NULL;
}

/* What a kind with a sign-in of its own does. */
typedef struct
{
  RepriseProvider *provider;
  gboolean out;
} Sign;

static gboolean
sign_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Sign *sign = data;
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (sign->provider);
  g_autoptr (GHashTable) answers = g_hash_table_new (g_str_hash, g_str_equal);

  if (sign->out)
    return iface->sign_out == NULL || iface->sign_out (sign->provider, cancellable, error);
  return iface->sign_in == NULL ||
         iface->sign_in (sign->provider, answers, NULL, cancellable, error);
}

static gboolean
sign (RepriseCli *cli, RepriseKind *kind, RepriseService *service, gboolean out, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseProvider) provider = NULL;
  Sign work = { NULL, out };

  if (!reprise_kind_can (kind, REPRISE_CAN_SIGN_IN))
    return TRUE;
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL)
    return FALSE;
  provider = reprise_kind_create_provider (kind, service, secrets);
  work.provider = provider;
  return reprise_cli_run_in_thread (cli, sign_func, &work, error);
}

static RepriseExit
run_in (RepriseCli *cli, char **args, GError **error)
{
  RepriseKind *kind = NULL;
  RepriseService *service = find (cli, args[0], &kind, error);

  if (service == NULL || !reprise_cli_check_given (cli, kind, error) ||
      !reprise_cli_ask_secrets (cli, kind, asked, error) ||
      !reprise_cli_ask_missing (cli, kind, reprise_service_get_settings (service), error))
    return REPRISE_EXIT_DONE;
  if (g_hash_table_size (cli->given) == 0 && reprise_cli_has_secrets (kind))
    {
      g_set_error_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
        _ ("No secret was given: give it with --secret KEY, or --secret-fd KEY=FD."));
      return REPRISE_EXIT_DONE;
    }
  if (!reprise_cli_store_secrets (cli, service, error) || !sign (cli, kind, service, FALSE, error))
    return REPRISE_EXIT_DONE;
  return reprise_cli_print_probe (cli, service, error);
}

static RepriseExit
run_out (RepriseCli *cli, char **args, GError **error)
{
  RepriseKind *kind = NULL;
  RepriseService *service = find (cli, args[0], &kind, error);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (service == NULL || !sign (cli, kind, service, TRUE, error) ||
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
  .summary = N_ ("Keep the secret of a service in the keyring, and test it"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run_in,
};

const RepriseCliCommand reprise_cli_service_sign_out = {
  .name = "service sign-out",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Delete the secrets of a service from the keyring"),
  .flags = REPRISE_CLI_JSON,
  .n_min = 1,
  .n_max = 1,
  .run = run_out,
};
