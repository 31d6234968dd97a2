/* reprise-cli-import.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-kind.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-import.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"

static char *collection, *note;

static const GOptionEntry entries[] = {
  { "collection", 'c', 0, G_OPTION_ARG_STRING, &collection,
    N_ ("The database that the file is of; else its name says it"), N_ ("NAME") },
  { "note", 0, 0, G_OPTION_ARG_STRING, &note, N_ ("Kept with the backup"), N_ ("TEXT") },
  { NULL },
};

/* Takes the file into the vault, as a backup of the service. */
RepriseExit
reprise_cli_import_file (RepriseCli *cli,
                         RepriseService *service,
                         const char *file,
                         const char *database,
                         const char *text,
                         GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (secrets == NULL)
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_IMPORT, reprise_service_get_uuid (service));
  request->file = g_canonicalize_filename (file, NULL);
  request->note = g_strdup (text);
  if (database != NULL)
    reprise_request_set_option (request, REPRISE_OPTION_COLLECTION, database);
  job = reprise_cli_run_job (cli, request, secrets, error);
  return job != NULL ? reprise_cli_end_making (cli, job, error) : REPRISE_EXIT_DONE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;

  return kind != NULL && reprise_kind_check_can (kind, REPRISE_CAN_IMPORT, error)
           ? reprise_cli_import_file (cli, service, args[1], collection, note, error)
           : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_import = {
  .name = "import",
  .arguments = N_ ("NAME FILE"),
  .summary = N_ ("Take a backup of another program into the vault, where its kind knows one"),
  .flags = REPRISE_CLI_JOB,
  .entries = entries,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
