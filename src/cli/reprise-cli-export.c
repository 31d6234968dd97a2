/* reprise-cli-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-find.h"
#include "reprise-cli-options.h"

/* Formats of other programs are a kind's to know; those of this version know none. */
static RepriseExit
refuse (RepriseCli *cli, const char *kind_id, GError **error)
{
  RepriseKind *kind =
    reprise_registry_find (reprise_context_get_registry (cli->context), kind_id, error);

  if (kind != NULL)
    /* Translators: a kind of service */
    g_set_error (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
      _ ("%s: there is no format of another program that its backups could be exported to or "
         "imported "
         "from. “reprise save” saves a backup as it is, and “reprise restore” takes a file."),
      reprise_kind_get_title (kind));
  return REPRISE_EXIT_DONE;
}

static RepriseExit
run_export (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], NULL, error);

  return backup != NULL ? refuse (cli, reprise_backup_get_kind (backup), error) : REPRISE_EXIT_DONE;
}

static RepriseExit
run_import (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);

  return service != NULL ? refuse (cli, reprise_service_get_kind (service), error)
                         : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_export = {
  .name = "export",
  .arguments = N_ ("ID FOLDER"),
  .summary = N_ ("Write a backup in the format of another program, where its kind has one"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 2,
  .n_max = 2,
  .run = run_export,
};

const RepriseCliCommand reprise_cli_import = {
  .name = "import",
  .arguments = N_ ("NAME FILE"),
  .summary = N_ ("Take a backup of another program into the vault, where its kind knows one"),
  .flags = REPRISE_CLI_JSON,
  .n_min = 2,
  .n_max = 2,
  .run = run_import,
};
