/* reprise-cli-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"
#include "reprise-cli-options.h"
#include "reprise-cli-progress.h"
#include "reprise-cli-restore.h"

static char **groups, **to;

static const GOptionEntry entries[] = {
  { "group", 'g', 0, G_OPTION_ARG_FILENAME_ARRAY, &groups,
    N_ ("Only this data group; may be repeated"), N_ ("GROUP") },
  { "to", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &to,
    N_ ("Restore elsewhere, or otherwise; may be repeated; “service kinds” lists the keys"),
    N_ ("KEY=VALUE") },
  { NULL },
};

void
reprise_cli_source_clear (RepriseCliSource *self)
{
  g_clear_object (&self->secrets);
  g_clear_object (&self->archive);
  g_clear_pointer (&self->options, g_hash_table_unref);
}

/**
 * reprise_cli_source_open:
 * @args: NAME and (ID | FILE)
 * @groups: (nullable): as given
 * @to: (nullable): as given
 */
gboolean
reprise_cli_source_open (RepriseCliSource *self,
                         RepriseCli *cli,
                         char **args,
                         char **group_names,
                         char **pairs,
                         GError **error)
{
  RepriseKind *kind;

  self->service = reprise_cli_find_service (cli, args[0], error);
  kind = self->service != NULL ? reprise_cli_find_kind (cli, self->service, error) : NULL;
  if (kind == NULL ||
      !reprise_groups_from_strv ((const char *const *) group_names, &self->groups, error))
    return FALSE;
  self->options =
    reprise_cli_take_settings (reprise_kind_get_restore_settings (kind), "to", pairs, error);
  self->secrets =
    self->options != NULL ? reprise_cli_new_secrets (cli, self->service, error) : NULL;
  if (self->secrets == NULL)
    return FALSE;
  if (args[1] == NULL) /* the job takes the newest backup */
    return TRUE;
  self->archive = reprise_cli_open_archive (cli, self->service, args[1], self->secrets, error);
  return self->archive != NULL;
}

/* (transfer full): what the restore would do; writes nothing */
ReprisePlan *
reprise_cli_source_plan (RepriseCliSource *self, RepriseCli *cli, GError **error)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseCliProgress) shown =
    reprise_cli_progress_new_for_work (cli, REPRISE_JOB_RESTORE, progress);
  g_autoptr (GAsyncResult) result = NULL;

  reprise_context_plan_async (cli->context, self->service, self->archive, self->groups,
                              self->options, self->secrets, progress, cli->cancellable,
                              reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  reprise_cli_progress_end (shown);
  return reprise_context_plan_finish (cli->context, result, error);
}

/* The same source, for the job. */
void
reprise_cli_source_fill (RepriseCliSource *self, RepriseRequest *request)
{
  RepriseBackup *backup = self->archive != NULL ? reprise_archive_get_backup (self->archive) : NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (backup != NULL)
    reprise_request_set_backup (request, reprise_backup_get_id (backup));
  else if (self->archive != NULL)
    request->file = g_strdup (reprise_archive_get_path (self->archive));
  request->groups = self->groups;
  g_hash_table_iter_init (&iter, self->options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_request_set_option (request, key, value);
}

static void
print_json (RepriseService *service, ReprisePlan *plan)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "service", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "kind", reprise_service_get_kind (service));
  reprise_cli_json_plan (json, plan);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_auto (RepriseCliSource) source = { 0 };
  g_autoptr (ReprisePlan) plan = NULL;

  if (!reprise_cli_source_open (&source, cli, args, groups, to, error))
    return REPRISE_EXIT_DONE;
  plan = reprise_cli_source_plan (&source, cli, error);
  if (plan == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (source.service, plan);
  else
    reprise_cli_print_plan (plan, source.service, reprise_cli_find_kind (cli, source.service, NULL),
                            REPRISE_CLI_WAY_UNDO);
  reprise_plan_check_refusal (plan, error);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_plan = {
  .name = "plan",
  .arguments = N_ ("NAME ID|FILE"),
  .summary = N_ ("Show what a restore would do; nothing is written"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
