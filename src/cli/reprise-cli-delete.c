/* reprise-cli-delete.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-terminal.h"

static char *where;

static const GOptionEntry entries[] = {
  { "where", 0, 0, G_OPTION_ARG_FILENAME, &where,
    N_ ("vault, service or both; unless told otherwise the vault, or the service where only that "
        "has it"),
    N_ ("PLACE") },
  { NULL },
};

/* Where the backup is to be deleted: of the places that it is in. */
static gboolean
check_where (RepriseBackup *backup, GError **error)
{
  const char *const places[] = { "vault", "service", "both", NULL };

  if (where == NULL)
    where = g_strdup (reprise_backup_get_in_vault (backup) ? "vault" : "service");
  if (!g_strv_contains (places, where))
    reprise_cli_set_usage_error (error, _ ("“--where” is vault, service or both, not “%s”."),
                                 where);
  else if (!g_str_equal (where, "service") && !reprise_backup_get_in_vault (backup))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("The backup “%s” is not in the vault."), reprise_backup_get_id (backup));
  else /* whether the service has what is in the vault too shows when it is asked */
    return TRUE;
  return FALSE;
}

/* (transfer full): the question, with what and where */
static char *
make_prompt (RepriseBackup *backup, const char *name)
{
  g_autofree char *what = reprise_cli_backup_text (backup);

  if (g_str_equal (where, "both"))
    /* Translators: “backup of 20 Nov 2026, 02:00 (01J…)”, and the name of its service */
    return g_strdup_printf (_ ("Delete the %s of “%s” in the vault and on the service?"), what,
                            name);
  if (g_str_equal (where, "service"))
    /* Translators: “backup of 20 Nov 2026, 02:00 (01J…)”, and the name of its service */
    return g_strdup_printf (_ ("Delete the %s of “%s” on the service?"), what, name);
  /* Translators: “backup of 20 Nov 2026, 02:00 (01J…)”, and the name of its service */
  return g_strdup_printf (_ ("Delete the %s of “%s” in the vault?"), what, name);
}

static gboolean
confirm (RepriseCli *cli, RepriseBackup *backup, RepriseService *service, GError **error)
{
  g_autofree char *prompt = make_prompt (backup, reprise_service_get_name (service));

  return reprise_cli_confirm (cli, prompt, error);
}

static void
print_json (RepriseBackup *backup, RepriseService *service, RepriseJob *job)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_backup_get_id (backup));
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "service", reprise_service_get_uuid (service));
  reprise_cli_json_boolean (json, "deleted",
                            reprise_job_get_exit (job) == REPRISE_EXIT_DONE ||
                              reprise_job_get_exit (job) == REPRISE_EXIT_WARNINGS);
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
  RepriseService *service = NULL;
  g_autoptr (RepriseBackup) backup =
    reprise_cli_find_backup_certainly (cli, args[0], &service, error);
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (backup == NULL)
    return REPRISE_EXIT_DONE;
  if (service == NULL)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
        _ ("The service of this backup is not configured here: “reprise vault adopt” "
           "brings it back."));
      return REPRISE_EXIT_DONE;
    }
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL || !check_where (backup, error) || !confirm (cli, backup, service, error))
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_DELETE, reprise_service_get_uuid (service));
  reprise_request_set_backup (request, reprise_backup_get_id (backup));
  reprise_request_set_option (request, "where", where);
  request->consent =
    TRUE; /* but no force: what is marked as kept, or what Undo needs, is not deleted by --yes */
  job = reprise_cli_run_job (cli, request, secrets, error);
  if (job == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (backup, service, job);
  return reprise_cli_end_job (cli, job, error);
}

const RepriseCliCommand reprise_cli_delete = {
  .name = "delete",
  .arguments = N_ ("ID"),
  .summary = N_ ("Delete a backup, in the vault or on its service"),
  .flags = REPRISE_CLI_JOB | REPRISE_CLI_SERVICE,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
