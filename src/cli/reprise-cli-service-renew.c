/* reprise-cli-service-renew.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-context-access.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

typedef struct
{
  RepriseService *service;
  RepriseSecrets *secrets;
  const char *id_start;
  RepriseBackup *found; /* (owned) (nullable) */
} Find;

static gboolean
find_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Find *find = data;

  find->found = reprise_context_find_backup (cli->context, find->service, find->id_start,
                                             find->secrets, cancellable, error);
  return find->found != NULL;
}

/* @backup: (nullable): %NULL for all of the service that is about to end */
static gboolean
renew (RepriseCli *cli,
       RepriseService *service,
       RepriseSecrets *secrets,
       RepriseBackup *backup,
       GError **error)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_auto (GStrv) warnings = NULL;
  gboolean ok;

  reprise_context_renew_access_async (cli->context, service, secrets, backup, progress,
                                      cli->cancellable, reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  ok = reprise_context_renew_access_finish (cli->context, result, error);
  warnings = reprise_progress_dup_warnings (progress);
  for (guint i = 0; warnings[i] != NULL; i++)
    reprise_cli_warn ("%s", warnings[i]);
  return ok;
}

static gboolean
renew_all (RepriseCli *cli, RepriseService *service, char **ids, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);

  if (secrets == NULL)
    return FALSE;
  if (ids[0] == NULL)
    return renew (cli, service, secrets, NULL, error);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      Find find = { service, secrets, ids[i], NULL };
      g_autoptr (RepriseBackup) backup = NULL;

      if (!reprise_cli_check_text (ids[i], error) ||
          !reprise_cli_run_in_thread (cli, find_func, &find, error))
        return FALSE;
      backup = find.found;
      if (!renew (cli, service, secrets, backup, error))
        return FALSE;
    }
  return TRUE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (service == NULL || !renew_all (cli, service, args + 1, error))
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
  .arguments = N_ ("NAME [ID…]"),
  .summary = N_ ("Renew an access that expires: of those backups, or all that is about to end"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 1,
  .n_max = G_MAXUINT,
  .run = run,
};
