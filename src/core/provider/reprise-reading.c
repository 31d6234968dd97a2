/* reprise-reading.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "provider/reprise-reading.h"

/* What the worker needs, taken on the main context: copies that nobody else writes. */
typedef struct
{
  RepriseService *service; /* (owned) (nullable) */
  RepriseSecrets *secrets; /* (owned) (nullable) */
  RepriseKind *kind;       /* (owned) (nullable) */
  RepriseVault *vault;     /* (owned) */
  RepriseReadingFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GDestroyNotify free_result;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *self = data;

  g_clear_object (&self->service);
  g_clear_object (&self->secrets);
  g_clear_object (&self->kind);
  g_clear_object (&self->vault);
  if (self->free_data != NULL)
    self->free_data (self->data);
  g_free (self);
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
reading_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *self = data;
  g_autoptr (RepriseProvider) provider = NULL;
  GError *error = NULL;
  gpointer result;

  if (self->service != NULL && self->kind == NULL)
    {
      g_task_return_new_error (
        task, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("This version of Reprise does not know services of the kind “%s”"),
        reprise_service_get_kind (self->service));
      return;
    }
  if (self->service != NULL)
    provider = reprise_kind_create_provider (self->kind, self->service, self->secrets);
  result = self->func (provider, self->vault, self->data, cancellable, &error);
  if (error == NULL)
    g_task_return_pointer (task, result, self->free_result);
  else
    return_error (task, error);
}

static void
take_service (Reading *self,
              RepriseContext *context,
              RepriseService *service,
              RepriseSecrets *secrets)
{
  self->service = reprise_service_copy (service);
  self->secrets = secrets != NULL ? g_object_ref (secrets)
                                  : reprise_secrets_new (reprise_service_get_uuid (service), 0);
  g_set_object (&self->kind, reprise_registry_get (reprise_context_get_registry (context),
                                                   reprise_service_get_kind (service)));
}

/**
 * reprise_reading_start:
 * @service: (nullable): whose provider is asked
 * @secrets: (nullable): those of the keyring
 * @data: (transfer full)
 * @free_data: (nullable): of @data
 * @free_result: (nullable): of what @func gives
 *
 * Lets a worker ask a service something, for a window or the command line. On the main context.
 */
void
reprise_reading_start (RepriseContext *context,
                       RepriseService *service,
                       RepriseSecrets *secrets,
                       RepriseReadingFunc func,
                       gpointer data,
                       GDestroyNotify free_data,
                       GDestroyNotify free_result,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (context, cancellable, callback, user_data);
  Reading *self = g_new0 (Reading, 1);

  if (service != NULL)
    take_service (self, context, service, secrets);
  self->vault = reprise_context_dup_vault (context);
  self->func = func;
  self->data = data;
  self->free_data = free_data;
  self->free_result = free_result;
  g_task_set_source_tag (task, reprise_reading_start);
  g_task_set_task_data (task, self, reading_free);
  reprise_task_run_in_own_thread (task, reading_worker);
}

/* (transfer none): what the reading was given, with what its function has left there */
gpointer
reprise_reading_get_data (GAsyncResult *result)
{
  Reading *self = g_task_get_task_data (G_TASK (result));

  return self->data;
}

/**
 * reprise_reading_finish:
 *
 * Returns: (transfer full) (nullable): what the function gave, or %NULL with @error
 */
gpointer
reprise_reading_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, reprise_reading_start), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
