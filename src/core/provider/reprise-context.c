/* reprise-context.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-thread.h"
#include "job/reprise-running.h"
#include "provider/reprise-context.h"
#include "provider/reprise-webhook.h"
#include "service/reprise-services-file.h"

struct _RepriseContext
{
  GObject parent_instance;

  RepriseRegistry *registry;       /* (owned) */
  RepriseServices *services;       /* (owned) */
  ReprisePreferences *preferences; /* (owned) */
  RepriseHistory *history;         /* (owned) */
  gboolean moved;                  /* looked for what an earlier version kept elsewhere */

  GMutex mutex;        /* guards the vault, which another folder may replace */
  RepriseVault *vault; /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseContext, reprise_context, G_TYPE_OBJECT)

static void
reprise_context_finalize (GObject *object)
{
  RepriseContext *self = REPRISE_CONTEXT (object);

  g_clear_object (&self->registry);
  g_clear_object (&self->services);
  g_clear_object (&self->preferences);
  g_clear_object (&self->history);
  g_clear_object (&self->vault);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_context_parent_class)->finalize (object);
}

/*
 * Makes the types known that workers use, before there are workers. Else one of them may initialise the class of backups, which
 * holds GObject's lock and asks for the type of their contents, while another registers just that type, with its interface,
 * which asks for the lock: both wait for ever.
 */
static void
ensure_types (void)
{
  g_type_ensure (REPRISE_TYPE_COLLECTION);
  g_type_ensure (REPRISE_TYPE_DATA_GROUP);
  g_type_ensure (REPRISE_TYPE_CONTENTS);
  g_type_ensure (REPRISE_TYPE_MANIFEST);
  g_type_ensure (REPRISE_TYPE_BACKUP);
  g_type_ensure (REPRISE_TYPE_ARCHIVE);
}

static void
reprise_context_class_init (RepriseContextClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_context_finalize;
  ensure_types ();
}

static void
reprise_context_init (RepriseContext *self)
{
  g_autofree char *services = reprise_services_dup_default_path ();
  g_autofree char *preferences = reprise_preferences_dup_default_path ();
  g_autofree char *history = reprise_history_dup_default_path ();
  g_autofree char *vault = reprise_vault_dup_default_path ();

  g_mutex_init (&self->mutex);
  self->services = reprise_services_new (services);
  self->preferences = reprise_preferences_new (preferences);
  self->history = reprise_history_new (history);
  self->vault = reprise_vault_new (vault);
}

RepriseContext *
reprise_context_new (RepriseRegistry *registry)
{
  RepriseContext *self = g_object_new (REPRISE_TYPE_CONTEXT, NULL);

  self->registry = g_object_ref (registry);
  return self;
}

/* Takes over the vault folder that the preferences name. */
static void
take_vault (RepriseContext *self)
{
  g_autofree char *chosen = reprise_preferences_dup_string (self->preferences, "vault-folder");
  g_autofree char *path =
    chosen != NULL ? g_steal_pointer (&chosen) : reprise_vault_dup_default_path ();

  g_mutex_lock (&self->mutex);
  if (!g_str_equal (path, reprise_vault_get_path (self->vault)))
    {
      g_object_unref (self->vault);
      self->vault = reprise_vault_new (path);
    }
  g_mutex_unlock (&self->mutex);
}

/* In a worker, or before the main loop: jobs that were killed, or cut off by a power cut, get their place in the history. */
static void
record_interrupted (RepriseContext *self)
{
  g_autoptr (GPtrArray) runs = reprise_running_take_interrupted ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < runs->len && error == NULL; i++)
    if (!reprise_history_add (self->history, runs->pdata[i], &error))
      g_message ("An interrupted job is not in the history: %s", error->message);
}

/* Whether a service still has its webhook's address in the configuration; it is looked for once in each process. */
static gboolean
has_legacy (RepriseContext *self)
{
  GListModel *services = G_LIST_MODEL (self->services);
  gboolean found = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (services) && !found && !self->moved; i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);

      found = reprise_webhook_is_legacy (service);
    }
  self->moved = TRUE;
  return found;
}

/* In a worker, or before the main loop: reads the file itself. */
static void
move_legacy (void)
{
  g_autofree char *path = reprise_services_dup_default_path ();
  g_autoptr (RepriseServicesReading) reading = reprise_services_file_read (path, NULL);

  for (guint i = 0; reading != NULL && i < reading->services->len; i++)
    if (reprise_webhook_is_legacy (reading->services->pdata[i]))
      reprise_webhook_move_legacy (path, reading->services->pdata[i]);
}

/**
 * reprise_context_load:
 *
 * Reads services and preferences. Blocks: for the command line before its main loop.
 */
gboolean
reprise_context_load (RepriseContext *self, GError **error)
{
  record_interrupted (self);
  if (!reprise_preferences_load (self->preferences, error))
    return FALSE;
  take_vault (self);
  if (!reprise_services_load (self->services, error))
    return FALSE;
  if (!has_legacy (self))
    return TRUE;
  move_legacy ();
  return reprise_services_load (self->services, error);
}

static void services_loaded_cb (GObject *source, GAsyncResult *result, gpointer data);

static void
move_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  move_legacy ();
  g_task_return_boolean (task, TRUE);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  reprise_services_load_async (REPRISE_CONTEXT (source)->services, NULL, services_loaded_cb, data);
}

static void
services_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  RepriseContext *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!reprise_services_load_finish (REPRISE_SERVICES (source), result, &error))
    g_task_return_error (task, error);
  else if (has_legacy (self))
    {
      g_autoptr (GTask) move = g_task_new (self, NULL, moved_cb, g_steal_pointer (&task));

      reprise_task_run_in_own_thread (move, move_worker);
    }
  else
    g_task_return_boolean (task, TRUE);
}

static void
load_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseContext *self = source;
  GError *error = NULL;

  record_interrupted (self);
  if (!reprise_preferences_load (self->preferences, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  take_vault (self);
  g_task_return_boolean (task, TRUE);
}

static void
preferences_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  RepriseContext *self = REPRISE_CONTEXT (source);
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  reprise_services_load_async (self->services, g_task_get_cancellable (task), services_loaded_cb,
                               g_object_ref (task));
}

void
reprise_context_load_async (RepriseContext *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) inner = g_task_new (self, cancellable, preferences_loaded_cb, task);

  g_task_set_source_tag (task, reprise_context_load_async);
  reprise_task_run_in_own_thread (inner, load_worker);
}

gboolean
reprise_context_load_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

RepriseServices *
reprise_context_get_services (RepriseContext *self)
{
  return self->services;
}

RepriseRegistry *
reprise_context_get_registry (RepriseContext *self)
{
  return self->registry;
}

ReprisePreferences *
reprise_context_get_preferences (RepriseContext *self)
{
  return self->preferences;
}

/* (transfer full): the vault that the preferences name now. Any thread. */
RepriseVault *
reprise_context_dup_vault (RepriseContext *self)
{
  RepriseVault *vault;

  g_mutex_lock (&self->mutex);
  vault = g_object_ref (self->vault);
  g_mutex_unlock (&self->mutex);
  return vault;
}

RepriseHistory *
reprise_context_get_history (RepriseContext *self)
{
  return self->history;
}

/**
 * reprise_context_set_vault_folder:
 * @path: (nullable): an absolute path, or %NULL for the default
 *
 * Opens, or makes, a vault there and uses it from now on. Blocks: for workers.
 */
gboolean
reprise_context_set_vault_folder (RepriseContext *self,
                                  const char *path,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autofree char *folder = path != NULL ? g_strdup (path) : reprise_vault_dup_default_path ();
  g_autoptr (RepriseVault) vault = reprise_vault_new (folder);

  reprise_vault_forget_disk (vault);
  if (!reprise_vault_open (vault, TRUE, cancellable, error))
    return FALSE;
  reprise_preferences_set_string (self->preferences, "vault-folder", path);
  if (!reprise_preferences_save (self->preferences, error))
    {
      reprise_preferences_load (self->preferences, NULL); /* the old one stays in use */
      return FALSE;
    }
  take_vault (self);
  return TRUE;
}
