/* reprise-cli-list.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

typedef struct
{
  RepriseService *service;
  RepriseSecrets *secrets;
  GPtrArray *found; /* (owned): a result */
} Own;

static gboolean
own_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Own *own = data;
  RepriseKind *kind = reprise_cli_find_kind (cli, own->service, NULL);
  g_autoptr (RepriseProvider) provider = NULL;

  if (kind == NULL || !reprise_kind_can (kind, REPRISE_CAN_LIST_ON_SERVICE))
    {
      own->found = g_ptr_array_new ();
      return TRUE;
    }
  provider = reprise_kind_create_provider (kind, own->service, own->secrets);
  own->found = reprise_provider_list_backups (provider, NULL, cancellable, error);
  return own->found != NULL;
}

/* (transfer full) (nullable): without the vault, what the service keeps. @why: (inout): that the vault is not there; or why the service
 * could not be asked, either */
static GPtrArray *
list_own (RepriseCli *cli, RepriseService *service, RepriseSecrets *secrets, GError **why)
{
  Own own = { service, secrets, NULL };

  if (!g_hash_table_contains (cli->warned, (*why)->message))
    reprise_cli_warn ("%s", (*why)->message);
  g_hash_table_add (cli->warned, g_strdup ((*why)->message));
  g_clear_error (why);
  return reprise_cli_run_in_thread (cli, own_func, &own, why) ? own.found : NULL;
}

/* The backups of one service, added to @all; a service that does not answer is a warning. */
static gboolean
add_backups (RepriseCli *cli,
             RepriseService *service,
             GPtrArray *all,
             gboolean *warned,
             GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *warning = NULL;

  if (secrets == NULL)
    return FALSE;
  reprise_context_list_backups_async (cli->context, service, TRUE, secrets, cli->cancellable,
                                      reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  backups = reprise_context_list_backups_finish (cli->context, result, &warning, &local_error);
  if (g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      *warned = TRUE;
      backups = list_own (cli, service, secrets, &local_error);
      if (local_error != NULL && !reprise_error_is_stop (local_error))
        warning = reprise_error_get_sentence (local_error);
    }
  if (backups == NULL && warning == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (warning != NULL)
    {
      /* Translators: the name of a service, and why it could not be asked */
      reprise_cli_warn (_ ("The backups on “%s” are not listed: %s"),
                        reprise_service_get_name (service), warning);
      *warned = TRUE;
    }
  for (guint i = 0; backups != NULL && i < backups->len; i++)
    g_ptr_array_add (all, g_object_ref (backups->pdata[i]));
  return TRUE;
}

static gboolean
add_all (RepriseCli *cli, GPtrArray *all, GHashTable *names, gboolean *warned, GError **error)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (cli->context));

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);

      g_hash_table_insert (names, g_strdup (reprise_service_get_uuid (service)),
                           g_strdup (reprise_service_get_name (service)));
      if (!add_backups (cli, service, all, warned, error))
        return FALSE;
    }
  return TRUE;
}

static void
print (RepriseCli *cli, GPtrArray *backups, GHashTable *names, RepriseService *service)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!cli->json && backups->len == 0)
    g_print ("%s\n", _ ("There are no backups yet."));
  else if (!cli->json)
    reprise_cli_print_backups (backups, service == NULL ? names : NULL);
  if (!cli->json)
    return;
  json_builder_begin_array (json);
  for (guint i = 0; i < backups->len; i++)
    {
      const char *uuid = reprise_backup_get_service_uuid (backups->pdata[i]);

      json_builder_begin_object (json);
      reprise_cli_json_backup (json, backups->pdata[i],
                               service != NULL ? reprise_service_get_name (service)
                                               : g_hash_table_lookup (names, uuid));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  reprise_cli_json_print (json);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  RepriseService *service = NULL;
  gboolean warned = FALSE;

  if (args[0] == NULL)
    {
      if (!add_all (cli, backups, names, &warned, error))
        return REPRISE_EXIT_DONE;
    }
  else
    {
      service = reprise_cli_find_service (cli, args[0], error);
      if (service == NULL || !add_backups (cli, service, backups, &warned, error))
        return REPRISE_EXIT_DONE;
    }
  print (cli, backups, names, service);
  return warned ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_list = {
  .name = "list",
  .arguments = N_ ("[NAME]"),
  .summary = N_ ("List backups, on the service and in the vault"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 0,
  .n_max = 1,
  .run = run,
};
