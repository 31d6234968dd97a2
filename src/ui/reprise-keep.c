/* reprise-keep.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-keep.h"

typedef struct
{
  RepriseVault *vault; /* (owned) */
  char *id;            /* (owned) */
  gboolean kept;
} Keep;

static void
keep_free (Keep *keep)
{
  g_clear_object (&keep->vault);
  g_free (keep->id);
  g_free (keep);
}

static void
keep_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Keep *keep = data;
  GError *error = NULL;
  g_autoptr (JsonObject) members = json_object_new ();

  if (reprise_vault_add_event (keep->vault, keep->id, keep->kept ? "kept" : "unkept", members,
                               &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
reprise_keep_async (RepriseVault *vault,
                    const char *backup_id,
                    gboolean kept,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Keep *keep = g_new0 (Keep, 1);

  keep->vault = g_object_ref (vault);
  keep->id = g_strdup (backup_id);
  keep->kept = kept;
  g_task_set_source_tag (task, reprise_keep_async);
  g_task_set_task_data (task, keep, (GDestroyNotify) keep_free);
  g_task_run_in_thread (task, keep_worker);
}

gboolean
reprise_keep_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
