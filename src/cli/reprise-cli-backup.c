/* reprise-cli-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "vault/reprise-vault-disk.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"

static char **groups;
static char *note;
static gboolean on_service;

static const GOptionEntry entries[] = {
  { "group", 'g', 0, G_OPTION_ARG_FILENAME_ARRAY, &groups,
    N_ ("Only this data group; may be repeated"), N_ ("GROUP") },
  { "note", 'n', 0, G_OPTION_ARG_FILENAME, &note, N_ ("A note that is kept with the backup"),
    N_ ("TEXT") },
  { "on-service", 0, 0, G_OPTION_ARG_NONE, &on_service, N_ ("Leave the backup on the service"),
    NULL },
  { NULL },
};

/* Whether the vault is still to be made; @data: (out) (nullable): what there is to say of its place */
static gboolean
note_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);
  char **text = data;

  if (!reprise_vault_open (vault, FALSE, cancellable, NULL) &&
      reprise_vault_disk_check (reprise_vault_get_path (vault), NULL))
    *text = reprise_vault_dup_place_note (vault);
  return TRUE;
}

/* Once, before the first backup: for people. */
static void
say_place (RepriseCli *cli)
{
  g_autofree char *text = NULL;

  if (cli->json || cli->progress != REPRISE_CLI_PROGRESS_AUTO)
    return;
  reprise_cli_run_in_thread (cli, note_func, &text, NULL);
  if (text != NULL)
    g_printerr ("%s\n", text);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (service == NULL || (note != NULL && !reprise_cli_check_text (note, error)))
    return REPRISE_EXIT_DONE;
  secrets = reprise_cli_new_secrets (cli, service, error);
  request = reprise_request_new (REPRISE_JOB_BACK_UP, reprise_service_get_uuid (service));
  if (secrets == NULL ||
      !reprise_groups_from_strv ((const char *const *) groups, &request->groups, error))
    return REPRISE_EXIT_DONE;
  request->note = g_strdup (note);
  request->on_service = on_service;
  request->force = cli->yes;
  if (!on_service)
    say_place (cli);
  job = reprise_cli_run_job (cli, request, secrets, error);
  return job != NULL ? reprise_cli_end_making (cli, job, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_backup = {
  .name = "backup",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Back a service up into the vault, and verify the backup"),
  .flags = REPRISE_CLI_JOB,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
