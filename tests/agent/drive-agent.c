/* drive-agent.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#include <stdio.h>

#include "base/reprise-error.h"
#include "job/reprise-agent-client.h"

/*
 * What a window does with the agent, for a script:
 *   drive-agent submit KIND UUID            hands a job over, prints its id and goes
 *   drive-agent run KIND UUID [RESPONSE]    hands a job over, prints what becomes of it, answers its question, ends with its exit code
 *   drive-agent watch                       prints what becomes of every job, until it is killed
 */

static RepriseAgentClient *client;
static const char *response;

static void
print_job (RepriseJob *job)
{
  const char *error = reprise_job_get_error (job);

  printf ("%s %s %s %d %s\n", reprise_job_get_id (job),
          reprise_job_kind_to_string (reprise_job_get_kind (job)),
          reprise_job_state_to_string (reprise_job_get_state (job)), reprise_job_get_exit (job),
          error != NULL ? error : "");
  fflush (stdout);
}

static void
changed_cb (RepriseJob *job, GParamSpec *pspec, gpointer data)
{
  if (g_str_equal (pspec->name, "state"))
    print_job (job);
  if (g_str_equal (pspec->name, "question") && reprise_job_get_question (job) != NULL &&
      response != NULL)
    reprise_job_answer (job, reprise_job_get_question (job)->id, response);
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (RepriseJob) job = g_list_model_get_item (model, position + i);

      print_job (job);
      g_signal_connect (job, "notify", G_CALLBACK (changed_cb), NULL);
    }
}

static void
connected_cb (RepriseAgentClient *self, GParamSpec *pspec, gpointer data)
{
  printf ("agent %s\n", reprise_agent_client_get_connected (self) ? "there" : "gone");
  fflush (stdout);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static int
fail (const GError *error)
{
  g_printerr ("drive-agent: %s\n", error->message);
  return (int) reprise_error_get_exit (error);
}

static int
submit (const char *kind, const char *uuid, gboolean wait)
{
  RepriseJobKind job_kind = REPRISE_JOB_BACK_UP;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job = NULL;

  reprise_job_kind_from_string (kind, &job_kind);
  request = reprise_request_new (job_kind, uuid);
  reprise_agent_client_submit_async (client, request, NULL, result_cb, &result);
  job = reprise_agent_client_submit_finish (client, wait_for (&result), &error);
  if (job == NULL)
    return fail (error);
  while (wait && reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
  return wait ? reprise_job_get_exit (job) : 0;
}

int
main (int argc, char **argv)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int code = 2;

  setlocale (LC_ALL, "");
  reprise_agent_client_new_async (NULL, result_cb, &result);
  client = reprise_agent_client_new_finish (wait_for (&result), &error);
  if (client == NULL)
    return fail (error);
  items_changed_cb (G_LIST_MODEL (client), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (client)),
                    NULL);
  g_signal_connect (client, "items-changed", G_CALLBACK (items_changed_cb), NULL);
  g_signal_connect (client, "notify::connected", G_CALLBACK (connected_cb), NULL);
  response = argc > 4 ? argv[4] : NULL;
  if (g_str_equal (argv[1], "run-later"))
    {
      puts ("ready");
      fflush (stdout);
      getchar ();
    }
  if (argc > 3)
    code = submit (argv[2], argv[3], !g_str_equal (argv[1], "submit"));
  while (argc == 2)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&client);
  return code;
}
