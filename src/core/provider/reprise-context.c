/* reprise-context.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "job/reprise-running.h"
#include "provider/reprise-context.h"

struct _RepriseContext
{
  GObject parent_instance;

  RepriseRegistry *registry;       /* (owned) */
  RepriseServices *services;       /* (owned) */
  ReprisePreferences *preferences; /* (owned) */
  RepriseHistory *history;         /* (owned) */

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
  return reprise_services_load (self->services, error);
}

static void
services_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (reprise_services_load_finish (REPRISE_SERVICES (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
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
  g_task_run_in_thread (inner, load_worker);
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

/**
 * Reading:
 *
 * What a reading on a worker needs, taken on the main context: copies that nobody else writes.
 */
typedef struct
{
  RepriseService *service;      /* (owned) (nullable) */
  RepriseSecrets *secrets;      /* (owned) (nullable) */
  RepriseKind *kind;            /* (owned) (nullable) */
  RepriseBackup *backup;        /* (owned) (nullable) */
  RepriseArchive *archive;      /* (owned) (nullable) */
  RepriseSecretValue *password; /* (owned) (nullable) */
  RepriseProgress *progress;    /* (owned) (nullable) */
  GHashTable *options;          /* (owned) (nullable) */
  char *path;                   /* (owned) (nullable) */
  RepriseGroups groups;
  gboolean ask_service;
  char *warning; /* (owned) (nullable); a result */
} Reading;

static void
reading_free (Reading *reading)
{
  g_clear_object (&reading->service);
  g_clear_object (&reading->secrets);
  g_clear_object (&reading->kind);
  g_clear_object (&reading->backup);
  g_clear_object (&reading->archive);
  g_clear_pointer (&reading->password, reprise_secret_value_unref);
  g_clear_object (&reading->progress);
  g_clear_pointer (&reading->options, g_hash_table_unref);
  g_free (reading->path);
  g_free (reading->warning);
  g_free (reading);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reading, reading_free)

static Reading *
reading_new (RepriseContext *self, RepriseService *service, RepriseSecrets *secrets)
{
  Reading *reading = g_new0 (Reading, 1);

  if (service == NULL)
    return reading;
  reading->service = reprise_service_copy (service);
  reading->secrets = secrets != NULL ? g_object_ref (secrets)
                                     : reprise_secrets_new (reprise_service_get_uuid (service), 0);
  g_set_object (&reading->kind,
                reprise_registry_get (self->registry, reprise_service_get_kind (service)));
  return reading;
}

/* Takes @reading. */
static void
start_reading (RepriseContext *self,
               Reading *reading,
               GTaskThreadFunc worker,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, worker);
  g_task_set_task_data (task, reading, (GDestroyNotify) reading_free);
  reprise_task_run_in_own_thread (task, worker);
}

/* In the worker: (transfer full) the provider of the reading's service. */
static RepriseProvider *
make_provider (Reading *reading, GError **error)
{
  if (reading->kind != NULL)
    return reprise_kind_create_provider (reading->kind, reading->service, reading->secrets);
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
               _ ("This version of Reprise does not know services of the kind “%s”"),
               reprise_service_get_kind (reading->service));
  return NULL;
}

/* What a service said may repeat the secret that it was given. */
static void
return_error (GTask *task, GError *error)
{
  char *clean = reprise_error_get_sentence (error);

  g_free (error->message);
  error->message = clean;
  g_task_return_error (task, error);
}

static void
return_object (GTask *task, gpointer object, GError *error)
{
  if (object != NULL)
    g_task_return_pointer (task, object, g_object_unref);
  else
    return_error (task, error);
}

static void
probe_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (RepriseProvider) provider = make_provider (data, &error);
  RepriseProbe *probe =
    provider == NULL ? NULL : reprise_provider_probe (provider, NULL, cancellable, &error);

  if (probe != NULL)
    g_task_return_pointer (task, probe, (GDestroyNotify) reprise_probe_free);
  else
    return_error (task, error);
}

void
reprise_context_probe_async (RepriseContext *self,
                             RepriseService *service,
                             RepriseSecrets *secrets,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  start_reading (self, reading_new (self, service, secrets), probe_worker, cancellable, callback,
                 user_data);
}

RepriseProbe *
reprise_context_probe_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
groups_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (RepriseProvider) provider = make_provider (data, &error);
  RepriseContents *contents =
    provider == NULL ? NULL : reprise_provider_list_groups (provider, NULL, cancellable, &error);

  return_object (task, contents, error);
}

void
reprise_context_list_groups_async (RepriseContext *self,
                                   RepriseService *service,
                                   RepriseSecrets *secrets,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  start_reading (self, reading_new (self, service, secrets), groups_worker, cancellable, callback,
                 user_data);
}

RepriseContents *
reprise_context_list_groups_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  GDateTime *left = reprise_backup_get_created_at (*(RepriseBackup *const *) a);
  GDateTime *right = reprise_backup_get_created_at (*(RepriseBackup *const *) b);

  if (left == NULL || right == NULL)
    return (right == NULL) - (left == NULL);
  return g_date_time_compare (right, left);
}

/* Adds to those of the vault what the service says: the same backup is one item. */
static void
join_backups (GPtrArray *backups, GPtrArray *on_service)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < backups->len; i++)
    {
      const char *name = reprise_backup_get_own_name (backups->pdata[i]);

      if (name != NULL)
        g_hash_table_insert (by_name, (gpointer) name, backups->pdata[i]);
    }
  for (guint i = 0; i < on_service->len; i++)
    {
      const char *name = reprise_backup_get_own_name (on_service->pdata[i]);
      RepriseBackup *same = name == NULL ? NULL : g_hash_table_lookup (by_name, name);

      if (same != NULL)
        g_object_set (same, "on-service", TRUE, NULL);
      else
        g_ptr_array_add (backups, g_object_ref (on_service->pdata[i]));
    }
  g_ptr_array_sort (backups, newest_first);
}

/* In a worker: (transfer full) (element-type RepriseBackup). A service that does not answer is a warning, not a failure. */
static GPtrArray *
list_backups (RepriseContext *self, Reading *reading, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GPtrArray) on_service = NULL;
  g_autoptr (RepriseProvider) provider = NULL;
  g_autoptr (GError) local_error = NULL;

  backups =
    reprise_vault_list (vault, reprise_service_get_uuid (reading->service), cancellable, error);
  if (backups == NULL)
    return NULL;
  if (!reading->ask_service || reading->kind == NULL ||
      !reprise_kind_can (reading->kind, REPRISE_CAN_LIST_ON_SERVICE))
    return g_steal_pointer (&backups);
  provider = reprise_kind_create_provider (reading->kind, reading->service, reading->secrets);
  on_service = reprise_provider_list_backups (provider, NULL, cancellable, &local_error);
  if (on_service != NULL)
    join_backups (backups, on_service);
  else if (reprise_error_is_stop (local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  else
    reading->warning = reprise_error_get_sentence (local_error);
  return g_steal_pointer (&backups);
}

static void
backups_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *backups = list_backups (source, data, cancellable, &error);

  if (backups != NULL)
    g_task_return_pointer (task, backups, (GDestroyNotify) g_ptr_array_unref);
  else
    return_error (task, error);
}

void
reprise_context_list_backups_async (RepriseContext *self,
                                    RepriseService *service,
                                    gboolean ask_service,
                                    RepriseSecrets *secrets,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  Reading *reading = reading_new (self, service, secrets);

  reading->ask_service = ask_service;
  start_reading (self, reading, backups_worker, cancellable, callback, user_data);
}

/**
 * reprise_context_list_backups_finish:
 * @warning: (out) (optional) (nullable) (transfer full): why the service could not be asked
 *
 * Returns: (transfer full) (element-type RepriseBackup): newest first
 */
GPtrArray *
reprise_context_list_backups_finish (RepriseContext *self,
                                     GAsyncResult *result,
                                     char **warning,
                                     GError **error)
{
  Reading *reading;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  reading = g_task_get_task_data (G_TASK (result));
  if (warning != NULL)
    *warning = g_steal_pointer (&reading->warning);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
open_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseContext *self = source;
  Reading *reading = data;
  GError *error = NULL;
  RepriseArchive *archive;

  if (reading->path != NULL)
    archive = reprise_registry_inspect_file (self->registry, reading->path, reading->password,
                                             reading->progress, cancellable, &error);
  else
    archive =
      reprise_context_open_backup (self, reading->service, reading->backup, reading->password,
                                   reading->secrets, reading->progress, cancellable, &error);
  return_object (task, archive, error);
}

void
reprise_context_open_file_async (RepriseContext *self,
                                 const char *path,
                                 RepriseSecretValue *password,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  Reading *reading = reading_new (self, NULL, NULL);

  reading->path = g_strdup (path);
  reading->password = password != NULL ? reprise_secret_value_ref (password) : NULL;
  g_set_object (&reading->progress, progress);
  start_reading (self, reading, open_worker, cancellable, callback, user_data);
}

void
reprise_context_open_backup_async (RepriseContext *self,
                                   RepriseService *service,
                                   RepriseBackup *backup,
                                   RepriseSecretValue *password,
                                   RepriseSecrets *secrets,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  Reading *reading = reading_new (self, service, secrets);

  reading->backup = g_object_ref (backup);
  reading->password = password != NULL ? reprise_secret_value_ref (password) : NULL;
  g_set_object (&reading->progress, progress);
  start_reading (self, reading, open_worker, cancellable, callback, user_data);
}

RepriseArchive *
reprise_context_open_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* In a worker: what an encrypted archive is opened with, where nobody gave a password. */
static RepriseSecretValue *
find_password (RepriseSecretValue *given, RepriseSecrets *secrets, GCancellable *cancellable)
{
  if (given != NULL)
    return reprise_secret_value_ref (given);
  return secrets == NULL ? NULL
                         : reprise_secrets_lookup (secrets, "archive-password", cancellable, NULL);
}

/**
 * reprise_context_open_backup:
 *
 * Looks into a backup: in the vault where it is, else on the service.
 *
 * Returns: (transfer full): the archive, or %NULL with @error
 */
RepriseArchive *
reprise_context_open_backup (RepriseContext *self,
                             RepriseService *service,
                             RepriseBackup *backup,
                             RepriseSecretValue *password,
                             RepriseSecrets *secrets,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  RepriseKind *kind =
    reprise_registry_find (self->registry, reprise_backup_get_kind (backup), error);
  g_autoptr (RepriseVault) vault = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseSecretValue) found = NULL;
  g_autoptr (RepriseProvider) provider = NULL;

  if (kind == NULL)
    return NULL;
  if (!reprise_backup_get_in_vault (backup))
    {
      provider = reprise_kind_create_provider (kind, service, secrets);
      return reprise_provider_open_backup (provider, backup, progress, cancellable, error);
    }
  vault = reprise_context_dup_vault (self);
  manifest = reprise_vault_read_manifest (vault, backup, error);
  if (manifest == NULL)
    return NULL;
  archive = reprise_archive_new_for_backup (backup, manifest);
  found = find_password (password, secrets, cancellable);
  if (!reprise_kind_inspect (kind, archive, found, progress, cancellable, error))
    return NULL;
  return g_steal_pointer (&archive);
}

static void
plan_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  g_autoptr (RepriseProvider) provider = make_provider (reading, &error);
  ReprisePlan *plan = NULL;

  reprise_progress_set_phase (reading->progress, REPRISE_PHASE_CHECKING);
  if (provider != NULL)
    plan = reprise_provider_plan_restore (provider, reading->archive, reading->groups,
                                          reading->options, reading->progress, cancellable, &error);
  return_object (task, plan, error);
}

void
reprise_context_plan_async (RepriseContext *self,
                            RepriseService *service,
                            RepriseArchive *archive,
                            RepriseGroups groups,
                            GHashTable *options,
                            RepriseSecrets *secrets,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Reading *reading = reading_new (self, service, secrets);

  reading->archive = g_object_ref (archive);
  reading->groups = groups;
  reading->options = options != NULL ? g_hash_table_ref (options) : NULL;
  g_set_object (&reading->progress, progress);
  start_reading (self, reading, plan_worker, cancellable, callback, user_data);
}

static void
plan_undo_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseContext *self = source;
  Reading *reading = data;
  GError *error = NULL;
  g_autoptr (RepriseProvider) provider = make_provider (reading, &error);
  g_autoptr (RepriseBackup) copy = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  ReprisePlan *plan = NULL;

  if (provider != NULL)
    copy = reprise_context_find_safety_copy (self, reprise_service_get_uuid (reading->service),
                                             cancellable, &error);
  if (copy != NULL)
    archive = reprise_context_open_backup (self, reading->service, copy, NULL, reading->secrets,
                                           NULL, cancellable, &error);
  if (archive != NULL)
    plan = reprise_provider_plan_undo (provider, archive, NULL, cancellable, &error);
  return_object (task, plan, error);
}

void
reprise_context_plan_undo_async (RepriseContext *self,
                                 RepriseService *service,
                                 RepriseSecrets *secrets,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  start_reading (self, reading_new (self, service, secrets), plan_undo_worker, cancellable,
                 callback, user_data);
}

ReprisePlan *
reprise_context_plan_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Whether an id or the service's own name begins so. A backup in the vault is told by its ULID, whatever the case. */
static gboolean
has_id (RepriseBackup *backup, const char *id_start)
{
  const char *name = reprise_backup_get_own_name (backup);

  return g_ascii_strncasecmp (reprise_backup_get_id (backup), id_start, strlen (id_start)) == 0 ||
         (name != NULL && g_str_has_prefix (name, id_start));
}

/**
 * reprise_context_find_backup:
 * @service: (nullable): where to look; with %NULL only in the vault
 * @id_start: an id, or the beginning of one
 *
 * Looks in the vault first, and then on the service. A backup of another service of the same kind is found too: it may be restored here.
 *
 * Returns: (transfer full): the backup, or %NULL with %REPRISE_ERROR_NOT_FOUND, or %REPRISE_ERROR_INVALID where several begin so
 */
RepriseBackup *
reprise_context_find_backup (RepriseContext *self,
                             RepriseService *service,
                             const char *id_start,
                             RepriseSecrets *secrets,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (RepriseBackup) found = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (Reading) reading = NULL;

  found = reprise_vault_find (vault, id_start, cancellable, &local_error);
  if (found != NULL && (service == NULL || g_str_equal (reprise_backup_get_kind (found),
                                                        reprise_service_get_kind (service))))
    return g_steal_pointer (&found);
  if (service == NULL || (local_error != NULL &&
                          !g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND)))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  g_clear_object (&found);
  reading = reading_new (self, service, secrets);
  reading->ask_service = TRUE;
  backups = list_backups (self, reading, cancellable, error);
  for (guint i = 0; backups != NULL && i < backups->len; i++)
    {
      if (!has_id (backups->pdata[i], id_start))
        continue;
      if (found != NULL)
        {
          g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                       _ ("More than one backup begins with “%s”: give more of the id"), id_start);
          return NULL;
        }
      g_set_object (&found, backups->pdata[i]);
    }
  if (found != NULL || backups == NULL)
    return g_steal_pointer (&found);
  if (reading->warning != NULL)
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                 _ ("There is no backup “%s” in the vault, and the service could not be asked: %s"),
                 id_start, reading->warning);
  else
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                 _ ("There is no backup “%s” of “%s”"), id_start,
                 reprise_service_get_name (service));
  return NULL;
}

/* Whether an event says that no Undo is offered from this copy any more (“undone”, “superseded”), or that the restore for which it
 * was made changed nothing (“unused”). */
static gboolean
has_event (RepriseVault *vault, RepriseBackup *copy, const char *type, const char *or_type)
{
  g_autoptr (GPtrArray) events =
    reprise_vault_list_events (vault, reprise_backup_get_id (copy), NULL);

  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      const char *found = json_object_get_string_member_with_default (events->pdata[i], "type", "");

      if (g_str_equal (found, type) || g_strcmp0 (found, or_type) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * reprise_context_find_safety_copy:
 *
 * What Undo goes back to: the newest safety copy of the service, unless it was used already or a later restore made none. One whose
 * restore then changed nothing does not count: the way back of the restore before it stays open.
 *
 * Returns: (transfer full): the backup, or %NULL with %REPRISE_ERROR_NOT_FOUND
 */
RepriseBackup *
reprise_context_find_safety_copy (RepriseContext *self,
                                  const char *service_uuid,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self);
  g_autoptr (GPtrArray) backups = reprise_vault_list (vault, service_uuid, cancellable, error);

  if (backups == NULL)
    return NULL;
  g_ptr_array_sort (backups, newest_first);
  for (guint i = 0; i < backups->len; i++)
    {
      if (reprise_backup_get_origin (backups->pdata[i]) != REPRISE_ORIGIN_SAFETY ||
          has_event (vault, backups->pdata[i], "unused", NULL))
        continue;
      if (has_event (vault, backups->pdata[i], "undone", "superseded"))
        break;
      return g_object_ref (backups->pdata[i]);
    }
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("There is no restore of this service that could be undone"));
  return NULL;
}
