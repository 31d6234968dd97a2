/* reprise-cli-status.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "job/reprise-status.h"
#include "reprise-cli-agent.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

#define N_RUNS 20

/* What the status of one service follows from, read on a worker. */
typedef struct
{
  RepriseService *service; /* (owned) */
  RepriseJob *job;         /* (not owned) (nullable) */
  GPtrArray *backups;      /* (owned) (element-type RepriseBackup) */
  GPtrArray *runs;         /* (owned) (element-type RepriseRun) */
} Facts;

static void
facts_free (gpointer data)
{
  Facts *facts = data;

  g_clear_object (&facts->service);
  g_clear_pointer (&facts->backups, g_ptr_array_unref);
  g_clear_pointer (&facts->runs, g_ptr_array_unref);
  g_free (facts);
}

static gboolean
read_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  GPtrArray *all = data;
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);

  for (guint i = 0; i < all->len; i++)
    {
      Facts *facts = all->pdata[i];
      const char *uuid = reprise_service_get_uuid (facts->service);

      facts->backups = reprise_vault_list (vault, uuid, cancellable, error);
      facts->runs = facts->backups == NULL
                      ? NULL
                      : reprise_history_list (reprise_context_get_history (cli->context), uuid,
                                              NULL, 0, N_RUNS, error);
      if (facts->runs == NULL)
        return FALSE;
    }
  return TRUE;
}

/* (transfer none) (nullable): the newest backup that is whole; a safety copy is none */
static RepriseBackup *
find_newest (GPtrArray *backups)
{
  RepriseBackup *newest = NULL;

  for (guint i = 0; i < backups->len; i++)
    {
      RepriseBackup *backup = backups->pdata[i];
      GDateTime *made = reprise_backup_get_created_at (backup);

      if (reprise_backup_get_state (backup) == REPRISE_BACKUP_PARTIAL || made == NULL ||
          reprise_backup_get_origin (backup) == REPRISE_ORIGIN_SAFETY ||
          reprise_backup_get_origin (backup) == REPRISE_ORIGIN_UPLOAD)
        continue;
      if (newest == NULL || g_date_time_compare (made, reprise_backup_get_created_at (newest)) > 0)
        newest = backup;
    }
  return newest;
}

static guint
count_groups (RepriseGroups groups)
{
  guint n = 0;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    n += REPRISE_GROUPS_HAS (groups, i) ? 1 : 0;
  return n;
}

static RepriseStatus *
make_status (Facts *facts, RepriseBackup *newest)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  RepriseStatusFacts known = {
    .now = now,
    .known = TRUE,
    .job = facts->job,
    .last_size_bytes = REPRISE_NOT_REPORTED,
    .runs = (RepriseRun *const *) facts->runs->pdata,
    .n_runs = facts->runs->len,
    .overdue_days = REPRISE_STATUS_OVERDUE_DAYS,
  };

  if (newest != NULL)
    {
      known.last_at = reprise_backup_get_created_at (newest);
      known.last_size_bytes = reprise_backup_get_size_bytes (newest);
      known.last_n_groups = count_groups (reprise_backup_get_groups (newest));
      known.last_verified_at = reprise_backup_get_verified_at (newest);
      known.last_damage = reprise_backup_get_damage (newest);
    }
  return reprise_status_new (&known);
}

/* For a script, a service that was never backed up is not well. */
static gboolean
needs_attention (const RepriseStatus *status)
{
  return status->needs_attention || status->state == REPRISE_STATUS_NEVER;
}

static void
add_status (RepriseCliTable *table,
            JsonBuilder *json,
            RepriseService *service,
            RepriseBackup *newest,
            RepriseStatus *status)
{
  reprise_cli_table_add (table, reprise_service_get_name (service), status->title, status->subtitle,
                         NULL);
  reprise_cli_table_set_style (table, 1,
                               needs_attention (status) ? REPRISE_CLI_WARNING : REPRISE_CLI_GOOD);
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "kind", reprise_service_get_kind (service));
  reprise_cli_json_string (json, "state", reprise_status_state_to_string (status->state));
  reprise_cli_json_boolean (json, "needs_attention", needs_attention (status));
  reprise_cli_json_string (json, "title", status->title);
  reprise_cli_json_string (json, "subtitle", status->subtitle);
  reprise_cli_json_string (json, "last_backup",
                           newest != NULL ? reprise_backup_get_id (newest) : NULL);
  reprise_cli_json_time (json, "created_at",
                         newest != NULL ? reprise_backup_get_created_at (newest) : NULL);
  reprise_cli_json_time (json, "verified_at",
                         newest != NULL ? reprise_backup_get_verified_at (newest) : NULL);
  reprise_cli_json_count (json, "size_bytes",
                          newest != NULL ? reprise_backup_get_size_bytes (newest) : -1);
  json_builder_end_object (json);
}

/* (transfer full) (element-type Facts): of all services */
static GPtrArray *
collect (RepriseCli *cli, RepriseAgentClient *agent)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (cli->context));
  GPtrArray *all = g_ptr_array_new_with_free_func (facts_free);

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      Facts *facts = g_new0 (Facts, 1);

      facts->service = g_list_model_get_item (services, i);
      if (agent != NULL)
        facts->job = reprise_job_list_find_active (REPRISE_JOB_LIST (agent),
                                                   reprise_service_get_uuid (facts->service));
      g_ptr_array_add (all, facts);
    }
  return all;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  const char *head[] = { _ ("Service"), _ ("State"), "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (RepriseAgentClient) agent = reprise_cli_connect_agent (cli);
  g_autoptr (GPtrArray) all = collect (cli, agent);
  RepriseExit code = REPRISE_EXIT_DONE;

  if (!reprise_cli_run_in_thread (cli, read_func, all, error))
    return REPRISE_EXIT_DONE;
  json_builder_begin_array (json);
  for (guint i = 0; i < all->len; i++)
    {
      Facts *facts = all->pdata[i];
      RepriseBackup *newest = find_newest (facts->backups);
      g_autoptr (RepriseStatus) status = make_status (facts, newest);

      add_status (table, json, facts->service, newest, status);
      if (needs_attention (status))
        code = REPRISE_EXIT_WARNINGS;
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else if (all->len == 0)
    g_print ("%s\n", _ ("There are no services yet: “reprise service add” adds one."));
  else
    reprise_cli_table_print (table);
  return code;
}

const RepriseCliCommand reprise_cli_status = {
  .name = "status",
  .summary =
    N_ ("Tell how well each service is backed up; ends with 3 where something needs attention"),
  .flags = REPRISE_CLI_JSON,
  .run = run,
};
