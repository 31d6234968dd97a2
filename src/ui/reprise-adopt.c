/* reprise-adopt.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "reprise-adopt.h"

/* worker: open the vault, look for services in it → main context: save those that are new here, one after the other → done */
typedef struct
{
  char *path; /* (owned) (nullable) */
  gboolean adopt;
  GPtrArray *services; /* (owned) (nullable) (element-type RepriseService) */
  guint next;
  guint n_adopted;
} Change;

static void
change_free (Change *change)
{
  g_free (change->path);
  g_clear_pointer (&change->services, g_ptr_array_unref);
  g_free (change);
}

/* A vault of somebody else must be there: an empty folder has nothing to take over, and is not made into a vault. */
static gboolean
find_services (Change *change, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_vault_new (change->path);

  if (!reprise_vault_open (vault, FALSE, cancellable, error))
    return FALSE;
  change->services = reprise_vault_list_services (vault, cancellable, error);
  return change->services != NULL;
}

static void
change_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Change *change = data;
  GError *error = NULL;

  if ((!change->adopt || find_services (change, cancellable, &error)) &&
      reprise_context_set_vault_folder (source, change->path, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Two services cannot have one name: the one that comes gets a number. */
static void
make_name_unique (RepriseServices *services, RepriseService *service)
{
  g_autofree char *name = g_strdup (reprise_service_get_name (service));

  for (guint i = 2; !reprise_services_check_name (services, reprise_service_get_name (service),
                                                  reprise_service_get_uuid (service), NULL) &&
                    i < 1000;
       i++)
    {
      g_autofree char *numbered = g_strdup_printf ("%s (%u)", name, i);

      reprise_service_set_name (service, numbered);
    }
}

static void adopt_next (GTask *task);

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Change *change = g_task_get_task_data (task);
  GError *error = NULL;

  if (!reprise_services_save_finish (REPRISE_SERVICES (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  change->n_adopted++;
  adopt_next (task);
}

static void
adopt_next (GTask *task)
{
  Change *change = g_task_get_task_data (task);
  RepriseServices *services = reprise_context_get_services (g_task_get_source_object (task));

  while (change->services != NULL && change->next < change->services->len)
    {
      RepriseService *service = change->services->pdata[change->next++];

      if (reprise_services_get (services, reprise_service_get_uuid (service)) != NULL)
        continue;
      make_name_unique (services, service);
      reprise_services_save_async (services, service, g_task_get_cancellable (task), saved_cb,
                                   g_object_ref (task));
      return;
    }
  g_task_return_boolean (task, TRUE);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    adopt_next (task);
  else
    g_task_return_error (task, error);
}

/**
 * reprise_vault_change_async:
 * @path: (nullable): the folder; %NULL for the default one
 * @adopt: whether the services of the vault that lies there are taken over, under their old UUIDs; they need their sign-in then
 */
void
reprise_vault_change_async (RepriseContext *context,
                            const char *path,
                            gboolean adopt,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (context, cancellable, callback, user_data);
  g_autoptr (GTask) inner = g_task_new (context, cancellable, changed_cb, task);
  Change *change = g_new0 (Change, 1);

  change->path = g_strdup (path);
  change->adopt = adopt;
  g_task_set_source_tag (task, reprise_vault_change_async);
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  g_task_set_task_data (inner, change, NULL); /* the outer task, which outlives it, owns it */
  reprise_task_run_in_own_thread (inner, change_worker);
}

/**
 * reprise_vault_change_finish:
 * @n_adopted: (out) (optional): how many services came back
 */
gboolean
reprise_vault_change_finish (RepriseContext *context,
                             GAsyncResult *result,
                             guint *n_adopted,
                             GError **error)
{
  Change *change = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, context), FALSE);

  if (n_adopted != NULL)
    *n_adopted = change->n_adopted;
  return g_task_propagate_boolean (G_TASK (result), error);
}
