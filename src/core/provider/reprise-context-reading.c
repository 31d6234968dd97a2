/* reprise-context-reading.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-context.h"
#include "provider/reprise-first-look.h"
#include "provider/reprise-reading.h"

/* What a reading is about, beside its service: references that nobody else writes. */
typedef struct
{
  RepriseContext *context;      /* (owned) */
  RepriseService *service;      /* (owned) (nullable) */
  RepriseSecrets *secrets;      /* (owned) (nullable) */
  RepriseBackup *backup;        /* (owned) (nullable) */
  RepriseArchive *archive;      /* (owned) (nullable) */
  RepriseSecretValue *password; /* (owned) (nullable) */
  RepriseProgress *progress;    /* (owned) (nullable) */
  GHashTable *options;          /* (owned) (nullable) */
  char *path;                   /* (owned) (nullable) */
  RepriseGroups groups;
  gboolean ask_service;
  char *warning; /* (owned) (nullable): a result */
} Subject;

static void
subject_free (gpointer data)
{
  Subject *self = data;

  g_clear_object (&self->context);
  g_clear_object (&self->service);
  g_clear_object (&self->secrets);
  g_clear_object (&self->backup);
  g_clear_object (&self->archive);
  g_clear_pointer (&self->password, reprise_secret_value_unref);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->options, g_hash_table_unref);
  g_free (self->path);
  g_free (self->warning);
  g_free (self);
}

static Subject *
subject_new (RepriseContext *context, RepriseService *service, RepriseSecrets *secrets)
{
  Subject *self = g_new0 (Subject, 1);

  self->context = g_object_ref (context);
  if (service == NULL)
    return self;
  self->service = reprise_service_copy (service);
  self->secrets = secrets != NULL ? g_object_ref (secrets)
                                  : reprise_secrets_new (reprise_service_get_uuid (service), 0);
  return self;
}

/* --- what the service says of itself --- */

static gpointer
probe_func (RepriseProvider *provider,
            RepriseVault *vault,
            gpointer data,
            GCancellable *cancellable,
            GError **error)
{
  return reprise_provider_probe (provider, NULL, cancellable, error);
}

void
reprise_context_probe_async (RepriseContext *self,
                             RepriseService *service,
                             RepriseSecrets *secrets,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  reprise_reading_start (self, service, secrets, probe_func, NULL, NULL,
                         (GDestroyNotify) reprise_probe_free, cancellable, callback, user_data);
}

RepriseProbe *
reprise_context_probe_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}

static gpointer
groups_func (RepriseProvider *provider,
             RepriseVault *vault,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  return reprise_provider_list_groups (provider, NULL, cancellable, error);
}

void
reprise_context_list_groups_async (RepriseContext *self,
                                   RepriseService *service,
                                   RepriseSecrets *secrets,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  reprise_reading_start (self, service, secrets, groups_func, NULL, NULL, g_object_unref,
                         cancellable, callback, user_data);
}

RepriseContents *
reprise_context_list_groups_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}

/* --- its backups --- */

static gpointer
backups_func (RepriseProvider *provider,
              RepriseVault *vault,
              gpointer data,
              GCancellable *cancellable,
              GError **error)
{
  Subject *self = data;

  return reprise_context_list_backups (self->context, self->service, self->ask_service,
                                       self->secrets, &self->warning, cancellable, error);
}

/* A service of an unknown kind still has its backups: the reading is given none, and makes no provider. */
void
reprise_context_list_backups_async (RepriseContext *self,
                                    RepriseService *service,
                                    gboolean ask_service,
                                    RepriseSecrets *secrets,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  Subject *subject = subject_new (self, service, secrets);

  subject->ask_service = ask_service;
  reprise_reading_start (self, NULL, NULL, backups_func, subject, subject_free,
                         (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
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
  Subject *subject = reprise_reading_get_data (result);

  if (warning != NULL)
    *warning = g_steal_pointer (&subject->warning);
  return reprise_reading_finish (result, error);
}

static gpointer
open_func (RepriseProvider *provider,
           RepriseVault *vault,
           gpointer data,
           GCancellable *cancellable,
           GError **error)
{
  Subject *self = data;

  if (self->path != NULL)
    return reprise_registry_inspect_file (reprise_context_get_registry (self->context), self->path,
                                          self->password, self->progress, cancellable, error);
  return reprise_context_open_backup (self->context, self->service, self->backup, self->password,
                                      self->secrets, self->progress, cancellable, error);
}

static void
start_open (RepriseContext *self,
            Subject *subject,
            RepriseSecretValue *password,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  subject->password = password != NULL ? reprise_secret_value_ref (password) : NULL;
  g_set_object (&subject->progress, progress);
  reprise_reading_start (self, NULL, NULL, open_func, subject, subject_free, g_object_unref,
                         cancellable, callback, user_data);
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
  Subject *subject = subject_new (self, NULL, NULL);

  subject->path = g_strdup (path);
  start_open (self, subject, password, progress, cancellable, callback, user_data);
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
  Subject *subject = subject_new (self, service, secrets);

  subject->backup = g_object_ref (backup);
  start_open (self, subject, password, progress, cancellable, callback, user_data);
}

RepriseArchive *
reprise_context_open_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}

/* --- plans --- */

static gpointer
plan_func (RepriseProvider *provider,
           RepriseVault *vault,
           gpointer data,
           GCancellable *cancellable,
           GError **error)
{
  Subject *self = data;
  GError *local_error = NULL;
  ReprisePlan *plan;

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_CHECKING);
  plan = reprise_provider_plan_restore (provider, self->archive, self->groups, self->options,
                                        self->progress, cancellable, &local_error);
  plan = reprise_first_look_refuse (self->archive, self->groups, self->options, plan, &local_error);
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return plan;
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
  Subject *subject = subject_new (self, NULL, NULL);

  subject->archive = g_object_ref (archive);
  subject->groups = groups;
  subject->options = options != NULL ? g_hash_table_ref (options) : NULL;
  g_set_object (&subject->progress, progress);
  reprise_reading_start (self, service, secrets, plan_func, subject, subject_free, g_object_unref,
                         cancellable, callback, user_data);
}

static gpointer
plan_undo_func (RepriseProvider *provider,
                RepriseVault *vault,
                gpointer data,
                GCancellable *cancellable,
                GError **error)
{
  Subject *self = data;
  g_autoptr (RepriseBackup) copy = reprise_context_find_safety_copy (
    self->context, reprise_service_get_uuid (self->service), cancellable, error);
  g_autoptr (RepriseArchive) archive = NULL;
  GError *local_error = NULL;
  ReprisePlan *plan;

  if (copy != NULL)
    archive = reprise_context_open_backup (self->context, self->service, copy, NULL, self->secrets,
                                           NULL, cancellable, error);
  if (archive == NULL)
    return NULL;
  plan = reprise_provider_plan_undo (provider, archive, NULL, cancellable, &local_error);
  plan = reprise_first_look_refuse (archive, REPRISE_GROUPS_NONE, NULL, plan, &local_error);
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return plan;
}

void
reprise_context_plan_undo_async (RepriseContext *self,
                                 RepriseService *service,
                                 RepriseSecrets *secrets,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  reprise_reading_start (self, service, secrets, plan_undo_func,
                         subject_new (self, service, secrets), subject_free, g_object_unref,
                         cancellable, callback, user_data);
}

ReprisePlan *
reprise_context_plan_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}
