/* reprise-cli-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-restore.h"

static char **to;

static const GOptionEntry entries[] = {
  { "to", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &to,
    N_ ("Where, or how, to rehearse; may be repeated"), N_ ("KEY=VALUE") },
  { NULL },
};

typedef struct
{
  RepriseService *service;
  RepriseBackup *newest; /* (owned) */
} Search;

static gboolean
newest_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Search *search = data;
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);
  g_autoptr (GPtrArray) backups =
    reprise_vault_list (vault, reprise_service_get_uuid (search->service), cancellable, error);

  for (guint i = 0; backups != NULL && i < backups->len; i++)
    {
      GDateTime *made = reprise_backup_get_created_at (backups->pdata[i]);

      /* a safety copy holds only what a restore overwrote */
      if (reprise_backup_get_state (backups->pdata[i]) != REPRISE_BACKUP_PARTIAL &&
          reprise_backup_get_origin (backups->pdata[i]) != REPRISE_ORIGIN_SAFETY &&
          (search->newest == NULL ||
           g_date_time_compare (made, reprise_backup_get_created_at (search->newest)) > 0))
        g_set_object (&search->newest, backups->pdata[i]);
    }
  if (backups != NULL && search->newest == NULL)
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                 _ ("There is no backup of “%s” to rehearse."),
                 reprise_service_get_name (search->service));
  return search->newest != NULL;
}

/* (transfer full): the id of the backup that was named, or of the newest one */
static char *
choose (RepriseCli *cli, RepriseService *service, const char *named, GError **error)
{
  g_autoptr (RepriseBackup) newest = NULL;
  Search search = { service, NULL };

  if (named != NULL)
    return g_strdup (named);
  if (!reprise_cli_run_in_thread (cli, newest_func, &search, error))
    return NULL;
  newest = search.newest;
  return g_strdup (reprise_backup_get_id (newest));
}

static gboolean
check_kind (RepriseCli *cli, RepriseService *service, GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, error);
  g_autofree char *text = NULL;

  if (kind == NULL || reprise_kind_can (kind, REPRISE_CAN_REHEARSE))
    return kind != NULL;
  text = reprise_kind_explain_missing (kind, REPRISE_CAN_REHEARSE);
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, text);
  return FALSE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_auto (RepriseCliSource) source = { 0 };
  g_autofree char *id = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (service == NULL || !check_kind (cli, service, error))
    return REPRISE_EXIT_DONE;
  id = choose (cli, service, args[1], error);
  if (id == NULL ||
      !reprise_cli_source_open (&source, cli, (char *[]){ args[0], id, NULL }, NULL, to, error))
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_REHEARSE, reprise_service_get_uuid (service));
  reprise_cli_source_fill (&source, request);
  request->force = cli->yes;
  job = reprise_cli_run_job (cli, request, source.secrets, error);
  if (job == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    {
      g_autoptr (JsonBuilder) json = json_builder_new ();

      json_builder_begin_object (json);
      reprise_cli_json_job (json, job);
      json_builder_end_object (json);
      reprise_cli_json_print (json);
    }
  return reprise_cli_end_job (cli, job, error);
}

const RepriseCliCommand reprise_cli_rehearse = {
  .name = "rehearse",
  .arguments = N_ ("NAME [ID|FILE]"),
  .summary = N_ ("Restore the newest backup into a scratch place, to prove that it can be"),
  .flags = REPRISE_CLI_JOB,
  .entries = entries,
  .n_min = 1,
  .n_max = 2,
  .run = run,
};
