/* reprise-cli-agent.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-agent.h"
#include "vault/reprise-lock.h"

static gboolean
has_bus (void)
{
  const char *runtime = g_get_user_runtime_dir ();
  g_autofree char *socket = g_build_filename (runtime, "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_file_test (socket, G_FILE_TEST_EXISTS);
}

/**
 * reprise_cli_connect_agent:
 *
 * Returns: (transfer full) (nullable): what the agent does, with an empty list where it does not run; %NULL where there is no session
 *   bus, as in a cron job
 */
RepriseAgentClient *
reprise_cli_connect_agent (RepriseCli *cli)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (!has_bus ())
    return NULL;
  reprise_agent_client_new_async (cli->cancellable, reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_agent_client_new_finish (result, NULL);
}

static void
holder_free (gpointer data)
{
  RepriseCliHolder *self = data;

  g_clear_object (&self->service);
  g_free (self->holder);
  g_free (self->job_id);
  g_free (self->title);
  g_free (self);
}

typedef struct
{
  GPtrArray *services; /* (element-type RepriseService) */
  GPtrArray *holders;  /* (element-type RepriseCliHolder) */
} Look;

static gboolean
look_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Look *look = data;

  for (guint i = 0; i < look->services->len; i++)
    {
      RepriseService *service = look->services->pdata[i];
      RepriseCliHolder *holder = g_new0 (RepriseCliHolder, 1);

      holder->service = g_object_ref (service);
      if (reprise_lock_get_holder (reprise_service_get_uuid (service), &holder->holder,
                                   &holder->job_id, &holder->title, &holder->pid))
        g_ptr_array_add (look->holders, holder);
      else
        holder_free (holder);
    }
  return TRUE;
}

/* (transfer full) (element-type RepriseCliHolder): the jobs that hold a lock now, in whichever process of this computer */
GPtrArray *
reprise_cli_list_holders (RepriseCli *cli)
{
  GListModel *model = G_LIST_MODEL (reprise_context_get_services (cli->context));
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);
  GPtrArray *holders = g_ptr_array_new_with_free_func (holder_free);
  Look look = { services, holders };

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    g_ptr_array_add (services, g_list_model_get_item (model, i));
  reprise_cli_run_in_thread (cli, look_func, &look, NULL);
  return holders;
}
