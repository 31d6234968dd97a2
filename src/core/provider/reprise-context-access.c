/* reprise-context-access.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-context-access.h"
#include "provider/reprise-reading.h"
#include "provider/reprise-rehearsal.h"

/* What such a reading is about, beside its service: references that nobody else writes. */
typedef struct
{
  RepriseSignIn *sign_in;    /* (owned) (nullable) */
  RepriseBackup *backup;     /* (owned) (nullable) */
  RepriseProgress *progress; /* (owned) (nullable) */
  JsonNode *schedule;        /* (owned) (nullable) */
  char *key;                 /* (owned) (nullable) */
  GPtrArray *choices;        /* (owned) (nullable): of it, where the service need not be asked */
} Subject;

static void
subject_free (gpointer data)
{
  Subject *self = data;

  g_clear_object (&self->sign_in);
  g_clear_object (&self->backup);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->schedule, json_node_unref);
  g_free (self->key);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_free (self);
}

/* A reading gives pointers: one that is not %NULL stands for %TRUE. */
static gboolean
finish_boolean (GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error) != NULL;
}

static gpointer
sign_in_func (RepriseProvider *provider,
              RepriseVault *vault,
              gpointer data,
              GCancellable *cancellable,
              GError **error)
{
  Subject *subject = data;

  return GINT_TO_POINTER (
    reprise_provider_sign_in (provider, subject->sign_in, cancellable, error));
}

void
reprise_context_sign_in_async (RepriseContext *self,
                               RepriseService *service,
                               RepriseSecrets *secrets,
                               RepriseSignIn *sign_in,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Subject *subject = g_new0 (Subject, 1);

  subject->sign_in = g_object_ref (sign_in);
  reprise_reading_start (self, service, secrets, sign_in_func, subject, subject_free, NULL,
                         cancellable, callback, user_data);
}

gboolean
reprise_context_sign_in_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return finish_boolean (result, error);
}

static gpointer
sign_out_func (RepriseProvider *provider,
               RepriseVault *vault,
               gpointer data,
               GCancellable *cancellable,
               GError **error)
{
  return GINT_TO_POINTER (reprise_provider_sign_out (provider, cancellable, error));
}

void
reprise_context_sign_out_async (RepriseContext *self,
                                RepriseService *service,
                                RepriseSecrets *secrets,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  reprise_reading_start (self, service, secrets, sign_out_func, NULL, NULL, NULL, cancellable,
                         callback, user_data);
}

gboolean
reprise_context_sign_out_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return finish_boolean (result, error);
}

static gpointer
list_values_func (RepriseProvider *provider,
                  RepriseVault *vault,
                  gpointer data,
                  GCancellable *cancellable,
                  GError **error)
{
  Subject *subject = data;

  return subject->choices != NULL
           ? g_ptr_array_ref (subject->choices)
           : reprise_provider_list_values (provider, subject->key, cancellable, error);
}

void
reprise_context_list_values_async (RepriseContext *self,
                                   RepriseService *service,
                                   RepriseSecrets *secrets,
                                   const char *key,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  Subject *subject = g_new0 (Subject, 1);

  subject->key = g_strdup (key);
  if (g_str_equal (key, REPRISE_KIND_SETTING_REHEARSE_ON))
    subject->choices = reprise_rehearsal_list_stages (self, service);
  reprise_reading_start (self, service, secrets, list_values_func, subject, subject_free,
                         (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

/* (transfer full) (element-type RepriseChoice) */
GPtrArray *
reprise_context_list_values_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}

static gpointer
renew_access_func (RepriseProvider *provider,
                   RepriseVault *vault,
                   gpointer data,
                   GCancellable *cancellable,
                   GError **error)
{
  Subject *subject = data;

  return GINT_TO_POINTER (reprise_provider_renew_access (provider, subject->backup,
                                                         subject->progress, cancellable, error));
}

/* @backup: (nullable): %NULL for the access of the service as a whole */
void
reprise_context_renew_access_async (RepriseContext *self,
                                    RepriseService *service,
                                    RepriseSecrets *secrets,
                                    RepriseBackup *backup,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  Subject *subject = g_new0 (Subject, 1);

  g_set_object (&subject->backup, backup);
  g_set_object (&subject->progress, progress);
  reprise_reading_start (self, service, secrets, renew_access_func, subject, subject_free, NULL,
                         cancellable, callback, user_data);
}

gboolean
reprise_context_renew_access_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return finish_boolean (result, error);
}

static gpointer
reveal_func (RepriseProvider *provider,
             RepriseVault *vault,
             gpointer data,
             GCancellable *cancellable,
             GError **error)
{
  Subject *subject = data;

  return reprise_provider_reveal (provider, subject->backup, cancellable, error);
}

void
reprise_context_reveal_async (RepriseContext *self,
                              RepriseService *service,
                              RepriseSecrets *secrets,
                              RepriseBackup *backup,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Subject *subject = g_new0 (Subject, 1);

  subject->backup = g_object_ref (backup);
  reprise_reading_start (self, service, secrets, reveal_func, subject, subject_free,
                         (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

/* (transfer full) (element-type RepriseReveal) */
GPtrArray *
reprise_context_reveal_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}

static gpointer
get_schedule_func (RepriseProvider *provider,
                   RepriseVault *vault,
                   gpointer data,
                   GCancellable *cancellable,
                   GError **error)
{
  return reprise_provider_get_schedule (provider, cancellable, error);
}

void
reprise_context_get_schedule_async (RepriseContext *self,
                                    RepriseService *service,
                                    RepriseSecrets *secrets,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  reprise_reading_start (self, service, secrets, get_schedule_func, NULL, NULL,
                         (GDestroyNotify) json_node_unref, cancellable, callback, user_data);
}

/* (transfer full) (nullable): %NULL without an error where the service has none */
JsonNode *
reprise_context_get_schedule_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}

static gpointer
set_schedule_func (RepriseProvider *provider,
                   RepriseVault *vault,
                   gpointer data,
                   GCancellable *cancellable,
                   GError **error)
{
  Subject *subject = data;

  return GINT_TO_POINTER (
    reprise_provider_set_schedule (provider, subject->schedule, cancellable, error));
}

/* @schedule: (nullable): %NULL removes it */
void
reprise_context_set_schedule_async (RepriseContext *self,
                                    RepriseService *service,
                                    RepriseSecrets *secrets,
                                    JsonNode *schedule,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  Subject *subject = g_new0 (Subject, 1);

  subject->schedule = schedule != NULL ? json_node_copy (schedule) : NULL;
  reprise_reading_start (self, service, secrets, set_schedule_func, subject, subject_free, NULL,
                         cancellable, callback, user_data);
}

gboolean
reprise_context_set_schedule_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return finish_boolean (result, error);
}
