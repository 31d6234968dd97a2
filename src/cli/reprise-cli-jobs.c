/* reprise-cli-jobs.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-agent.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"

static const char *
state_text (RepriseJob *job)
{
  switch (reprise_job_get_state (job))
    {
    case REPRISE_JOB_QUEUED:
      return _ ("waiting");
    case REPRISE_JOB_ASKING:
      return _ ("asks");
    case REPRISE_JOB_STOPPING:
      return _ ("stopping");
    case REPRISE_JOB_RUNNING:
      return _ ("running");
    case REPRISE_JOB_DONE:
      return _ ("done");
    case REPRISE_JOB_WARNINGS:
      return _ ("done, with warnings");
    case REPRISE_JOB_STOPPED:
      return _ ("stopped");
    case REPRISE_JOB_FAILED:
    default:
      return _ ("failed");
    }
}

static void
add_job (RepriseCliTable *table, JsonBuilder *json, RepriseJob *job)
{
  const char *error = reprise_job_get_error (job);

  reprise_cli_table_add (table, reprise_job_get_id (job), reprise_job_get_title (job),
                         state_text (job), error != NULL ? error : reprise_job_get_status (job),
                         _ ("the background service"), NULL);
  json_builder_begin_object (json);
  reprise_cli_json_job (json, job);
  reprise_cli_json_string (json, "holder", "agent");
  reprise_cli_json_count (json, "process", -1);
  json_builder_end_object (json);
}

static void
add_holder (RepriseCliTable *table, JsonBuilder *json, RepriseCliHolder *holder)
{
  reprise_cli_table_add (table, holder->job_id, holder->title, _ ("running"), "", holder->holder,
                         NULL);
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", holder->job_id);
  reprise_cli_json_string (json, "name", reprise_service_get_name (holder->service));
  reprise_cli_json_string (json, "service", reprise_service_get_uuid (holder->service));
  reprise_cli_json_string (json, "title", holder->title);
  reprise_cli_json_string (json, "state", "running");
  reprise_cli_json_string (json, "holder", holder->holder);
  reprise_cli_json_count (json, "process", holder->pid);
  json_builder_end_object (json);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  const char *head[] = { _ ("ID"), _ ("Job"), _ ("State"), "", _ ("Where"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autoptr (RepriseAgentClient) agent = reprise_cli_connect_agent (cli);
  g_autoptr (GPtrArray) holders = reprise_cli_list_holders (cli);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  guint n = agent != NULL ? g_list_model_get_n_items (G_LIST_MODEL (agent)) : 0;
  guint n_shown = n;

  json_builder_begin_array (json);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseJob) job = g_list_model_get_item (G_LIST_MODEL (agent), i);

      add_job (table, json, job);
    }
  for (guint i = 0; i < holders->len; i++)
    {
      RepriseCliHolder *holder = holders->pdata[i];

      if (agent != NULL && reprise_job_list_find (REPRISE_JOB_LIST (agent), holder->job_id) != NULL)
        continue;
      add_holder (table, json, holder);
      n_shown++;
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else if (n_shown == 0)
    g_print ("%s\n", _ ("No job runs."));
  else
    reprise_cli_table_print (table);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_jobs = {
  .name = "jobs",
  .summary = N_ ("List the jobs that run, and those that the background service has ended"),
  .flags = REPRISE_CLI_JSON,
  .run = run,
};
