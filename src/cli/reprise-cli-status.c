/* reprise-cli-status.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-standing.h"
#include "reprise-cli-agent.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"

/* What the status of one service follows from, read on a worker. */
typedef struct
{
  RepriseService *service;   /* (owned) */
  RepriseJob *job;           /* (not owned) (nullable) */
  RepriseStanding *standing; /* (owned) (nullable): before it is read */
} Facts;

static void
facts_free (gpointer data)
{
  Facts *facts = data;

  g_clear_object (&facts->service);
  g_clear_pointer (&facts->standing, reprise_standing_free);
  g_free (facts);
}

static gboolean
read_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  GPtrArray *all = data;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  for (guint i = 0; i < all->len; i++)
    {
      Facts *facts = all->pdata[i];

      facts->standing =
        reprise_standing_read (cli->context, facts->service, now, zone, cancellable, error);
      if (facts->standing == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
add_status (RepriseCliTable *table, JsonBuilder *json, const Facts *facts, RepriseStatus *status)
{
  const RepriseStanding *standing = facts->standing;
  RepriseService *service = facts->service;
  RepriseBackup *newest = standing->newest;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autofree char *recovery = reprise_standing_dup_recovery (standing, now);
  g_autofree char *next = reprise_standing_describe_next (standing, facts->job, now, zone);

  reprise_cli_table_add (table, reprise_service_get_name (service), status->title, status->subtitle,
                         next, recovery, NULL);
  reprise_cli_table_set_style (
    table, 1, reprise_standing_needs_attention (status) ? REPRISE_CLI_WARNING : REPRISE_CLI_GOOD);
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "kind", reprise_service_get_kind (service));
  reprise_cli_json_string (json, "state", reprise_status_state_to_string (status->state));
  reprise_cli_json_boolean (json, "needs_attention", reprise_standing_needs_attention (status));
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
  reprise_cli_json_outlook (json, standing);
  reprise_cli_json_boolean (json, "paused", standing->paused);
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
  const char *head[] = {
    _ ("Service"), _ ("State"), "", _ ("Next Backup"), _ ("If Lost Now"), NULL
  };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
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
      g_autoptr (RepriseStatus) status =
        reprise_standing_make_status (facts->standing, facts->job, now);

      add_status (table, json, facts, status);
      if (reprise_standing_needs_attention (status))
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
