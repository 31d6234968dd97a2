/* reprise-cli-verify.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"

static gboolean quick, full, deep, all;

static const GOptionEntry entries[] = {
  { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, N_ ("Only names and sizes"), NULL },
  { "full", 0, 0, G_OPTION_ARG_NONE, &full, N_ ("Every hash and checksum (the default)"), NULL },
  { "deep", 0, 0, G_OPTION_ARG_NONE, &deep, N_ ("Also counts, and the format’s own check"), NULL },
  { "all", 0, 0, G_OPTION_ARG_NONE, &all, N_ ("Every backup in the vault"), NULL },
  { NULL },
};

static gboolean
list_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  GPtrArray **backups = data;
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);

  *backups = reprise_vault_list (vault, NULL, cancellable, error);
  return *backups != NULL;
}

/* (transfer full) (element-type RepriseBackup): what the arguments name */
static GPtrArray *
find_backups (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (GPtrArray) backups = NULL;

  if (all)
    {
      GPtrArray *found = NULL;

      return reprise_cli_run_in_thread (cli, list_func, &found, error) ? found : NULL;
    }
  backups = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; args[i] != NULL; i++)
    {
      RepriseBackup *backup = reprise_cli_find_backup (cli, args[i], NULL, error);

      if (backup == NULL)
        return NULL;
      g_ptr_array_add (backups, backup);
      if (reprise_backup_get_in_vault (backup))
        continue;
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
        _ ("“%s” lies only on its service: download it first, which verifies it too."), args[i]);
      return NULL;
    }
  return g_steal_pointer (&backups);
}

static RepriseRequest *
make_request (RepriseCli *cli, GPtrArray *backups)
{
  RepriseRequest *request = reprise_request_new (REPRISE_JOB_VERIFY, NULL);

  request->backup_ids = g_new0 (char *, backups->len + 1);
  for (guint i = 0; i < backups->len; i++)
    request->backup_ids[i] = g_strdup (reprise_backup_get_id (backups->pdata[i]));
  g_free (request->depth);
  request->depth = g_strdup (quick ? "quick" : deep ? "deep" : "full");
  request->force = cli->yes;
  return request;
}

static void
print_json (RepriseCli *cli, GPtrArray *before, RepriseJob *job)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  RepriseServices *services = reprise_context_get_services (cli->context);

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "state",
                           reprise_job_state_to_string (reprise_job_get_state (job)));
  json_builder_set_member_name (json, "backups");
  json_builder_begin_array (json);
  for (guint i = 0; i < before->len; i++)
    {
      g_autoptr (RepriseBackup) backup =
        reprise_cli_find_backup (cli, reprise_backup_get_id (before->pdata[i]), NULL, NULL);
      RepriseService *service =
        reprise_services_get (services, reprise_backup_get_service_uuid (before->pdata[i]));

      json_builder_begin_object (json);
      reprise_cli_json_backup (json, backup != NULL ? backup : before->pdata[i],
                               service != NULL ? reprise_service_get_name (service) : NULL);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_set_member_name (json, "job");
  json_builder_begin_object (json);
  reprise_cli_json_job (json, job);
  json_builder_end_object (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (quick + full + deep > 1)
    reprise_cli_set_usage_error (error, _ ("Only one of --quick, --full and --deep can be given."));
  else if (all && args[0] != NULL)
    reprise_cli_set_usage_error (error, _ ("--all stands for every backup: no ID goes with it."));
  else if (!all && args[0] == NULL)
    reprise_cli_set_usage_error (error, _ ("Which backup? Give its ID, or --all."));
  else
    backups = find_backups (cli, args, error);
  if (backups == NULL)
    return REPRISE_EXIT_DONE;
  if (backups->len == 0)
    {
      g_print ("%s\n", cli->json
                         ? "{\n  \"state\" : \"done\",\n  \"backups\" : [],\n  \"job\" : null\n}"
                         : _ ("There are no backups in the vault."));
      return REPRISE_EXIT_DONE;
    }
  request = make_request (cli, backups);
  job = reprise_cli_run_job (cli, request, NULL, error);
  if (job == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (cli, backups, job);
  return reprise_cli_end_job (cli, job, error);
}

const RepriseCliCommand reprise_cli_verify = {
  .name = "verify",
  .arguments = N_ ("[ID…]"),
  .summary = N_ ("Read backups back and prove that they are whole"),
  .flags = REPRISE_CLI_JOB | REPRISE_CLI_SERVICE,
  .entries = entries,
  .n_min = 0,
  .n_max = G_MAXUINT,
  .run = run,
};
