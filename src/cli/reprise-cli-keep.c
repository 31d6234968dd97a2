/* reprise-cli-keep.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"

typedef struct
{
  RepriseBackup *backup;
  gboolean keep;
} Mark;

static gboolean
mark_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Mark *mark = data;
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);

  return reprise_vault_add_event (vault, reprise_backup_get_id (mark->backup),
                                  mark->keep ? "kept" : "unkept", NULL, error);
}

static RepriseExit
print_marked (RepriseCli *cli,
              const char *id,
              RepriseService *service,
              gboolean keep,
              GError **error)
{
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, id, NULL, error);
  g_autofree char *what = backup != NULL ? reprise_cli_backup_text (backup) : NULL;
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (backup == NULL)
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      if (keep)
        /* Translators: “backup of 20 Nov 2026, 02:00 (01J…)” */
        g_print (_ ("The %s is kept until “reprise unkeep” says otherwise.\n"), what);
      else
        /* Translators: “backup of 20 Nov 2026, 02:00 (01J…)” */
        g_print (_ ("The %s is not kept specially any more.\n"), what);
      return REPRISE_EXIT_DONE;
    }
  json_builder_begin_object (json);
  reprise_cli_json_backup (json, backup,
                           service != NULL ? reprise_service_get_name (service) : NULL);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

static RepriseExit
set_mark (RepriseCli *cli, char **args, gboolean keep, GError **error)
{
  RepriseService *service = NULL;
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], &service, error);
  Mark mark = { backup, keep };

  if (backup == NULL)
    return REPRISE_EXIT_DONE;
  if (!reprise_backup_get_in_vault (backup))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
        _ ("“%s” lies only on its service, where Reprise cannot keep it: download it first."),
        args[0]);
      return REPRISE_EXIT_DONE;
    }
  if (reprise_backup_get_kept (backup) != keep &&
      !reprise_cli_run_in_thread (cli, mark_func, &mark, error))
    return REPRISE_EXIT_DONE;
  return print_marked (cli, reprise_backup_get_id (backup), service, keep, error);
}

static RepriseExit
run_keep (RepriseCli *cli, char **args, GError **error)
{
  return set_mark (cli, args, TRUE, error);
}

static RepriseExit
run_unkeep (RepriseCli *cli, char **args, GError **error)
{
  return set_mark (cli, args, FALSE, error);
}

const RepriseCliCommand reprise_cli_keep = {
  .name = "keep",
  .arguments = N_ ("ID"),
  .summary = N_ ("Mark a backup as one that is never removed"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD | REPRISE_CLI_SERVICE,
  .n_min = 1,
  .n_max = 1,
  .run = run_keep,
};

const RepriseCliCommand reprise_cli_unkeep = {
  .name = "unkeep",
  .arguments = N_ ("ID"),
  .summary = N_ ("Take that mark away"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD | REPRISE_CLI_SERVICE,
  .n_min = 1,
  .n_max = 1,
  .run = run_unkeep,
};
