/* reprise-cli-stop.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <signal.h>

#include "base/reprise-file.h"
#include "reprise-cli-agent.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

#define WAIT_MS    10000
#define BETWEEN_US (200 * 1000)

static gboolean now;

static const GOptionEntry entries[] = {
  { "now", 0, 0, G_OPTION_ARG_NONE, &now, N_ ("At once, not only at the next safe point"), NULL },
  { NULL },
};

static gboolean
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Until the agent has taken note of it. */
static gboolean
stop_agent_job (RepriseJob *job, GError **error)
{
  gboolean late = FALSE;
  guint timer;

  if (!reprise_job_is_active (job))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("The job “%s” has ended already."), reprise_job_get_id (job));
      return FALSE;
    }
  timer = g_timeout_add (WAIT_MS, late_cb, &late);
  reprise_job_stop (job, now ? REPRISE_STOP_HARD : REPRISE_STOP_SOFT);
  while (!late && reprise_job_is_active (job) &&
         reprise_job_get_state (job) != REPRISE_JOB_STOPPING)
    g_main_context_iteration (NULL, TRUE);
  if (!late)
    g_source_remove (timer);
  else
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                               _ ("The background service does not answer."));
  return !late;
}

/* A command line takes the signals of its terminal: the first stops softly, the second at once. */
static gboolean
stop_process (RepriseCliHolder *holder, GError **error)
{
  if (kill (holder->pid, SIGINT) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not stop the process %d"), holder->pid);
  if (!now)
    return TRUE;
  g_usleep (BETWEEN_US);
  return kill (holder->pid, SIGINT) == 0 || errno == ESRCH ||
         reprise_set_error_errno (error, errno, _ ("Could not stop the process %d"), holder->pid);
}

static RepriseExit
print (RepriseCli *cli, const char *id, const char *title)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!cli->json)
    {
      /* Translators: the title of a job: “Back Up Orders” */
      g_print (_ ("“%s” stops.\n"), title);
      return REPRISE_EXIT_DONE;
    }
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", id);
  reprise_cli_json_string (json, "title", title);
  reprise_cli_json_string (json, "state", "stopping");
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (RepriseAgentClient) agent = reprise_cli_connect_agent (cli);
  RepriseJob *job =
    agent != NULL ? reprise_job_list_find (REPRISE_JOB_LIST (agent), args[0]) : NULL;
  g_autoptr (GPtrArray) holders = NULL;

  if (!reprise_cli_check_text (args[0], error))
    return REPRISE_EXIT_DONE;
  if (job != NULL)
    return stop_agent_job (job, error)
             ? print (cli, reprise_job_get_id (job), reprise_job_get_title (job))
             : REPRISE_EXIT_DONE;
  holders = reprise_cli_list_holders (cli);
  for (guint i = 0; i < holders->len; i++)
    {
      RepriseCliHolder *holder = holders->pdata[i];

      if (!g_str_has_prefix (holder->job_id, args[0]))
        continue;
      return stop_process (holder, error) ? print (cli, holder->job_id, holder->title)
                                          : REPRISE_EXIT_DONE;
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("There is no job “%s”: “reprise jobs” lists those that run."), args[0]);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_stop = {
  .name = "stop",
  .arguments = N_ ("JOB"),
  .summary = N_ ("Stop a job, wherever it runs"),
  .flags = REPRISE_CLI_JSON,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
