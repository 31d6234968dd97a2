/* reprise-context-tiers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "provider/reprise-context-tiers.h"

#define N_RUNS 50 /* of the history that are looked through for the last backup */

/* What a worker needs: a provider, which nobody else uses. */
typedef struct
{
  RepriseProvider *provider; /* (owned) (nullable) */
  char *kind;                /* (owned): its name, where nobody knows it */
  char *uuid;                /* (owned): of the service */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_clear_object (&reading->provider);
  g_free (reading->kind);
  g_free (reading->uuid);
  g_free (reading);
}

static void
start_reading (RepriseContext *self,
               RepriseService *service,
               RepriseSecrets *secrets,
               GTaskThreadFunc worker,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  RepriseKind *kind =
    reprise_registry_get (reprise_context_get_registry (self), reprise_service_get_kind (service));
  g_autoptr (RepriseService) copy = reprise_service_copy (service);
  Reading *reading = g_new0 (Reading, 1);

  reading->kind = g_strdup (reprise_service_get_kind (service));
  reading->uuid = g_strdup (reprise_service_get_uuid (service));
  if (kind != NULL)
    reading->provider = reprise_kind_create_provider (kind, copy, secrets);
  g_task_set_source_tag (task, worker);
  g_task_set_task_data (task, reading, reading_free);
  reprise_task_run_in_own_thread (task, worker);
}

static RepriseProvider *
get_provider (Reading *reading, GError **error)
{
  if (reading->provider == NULL)
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                 _ ("This version of Reprise does not know services of the kind “%s”"),
                 reading->kind);
  return reading->provider;
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

/* (transfer full) (nullable): the last backup of the service that ended, as the history has it */
static RepriseRun *
find_last_backup (RepriseContext *self, const char *uuid)
{
  g_autoptr (GPtrArray) runs =
    reprise_history_list (reprise_context_get_history (self), uuid, NULL, 0, N_RUNS, NULL);

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    if (reprise_run_get_kind (runs->pdata[i]) == REPRISE_JOB_BACK_UP)
      return g_object_ref (runs->pdata[i]);
  return NULL;
}

static gboolean
is_included (const RepriseCoverage *coverage)
{
  return coverage->state == REPRISE_COVERAGE_INCLUDED ||
         coverage->state == REPRISE_COVERAGE_NEW_INCLUDED;
}

/* A backup that failed as a whole failed on all that it was to take in. */
static void
add_failure (GPtrArray *all, RepriseRun *run)
{
  GDateTime *began = reprise_run_get_started_at (run);

  if (reprise_run_get_state (run) != REPRISE_JOB_FAILED || began == NULL)
    return;
  for (guint i = 0; i < all->len; i++)
    {
      RepriseCoverage *coverage = all->pdata[i];

      if (is_included (coverage) && coverage->last != REPRISE_COVERAGE_DAMAGED &&
          coverage->last != REPRISE_COVERAGE_PARTIAL &&
          (coverage->last_at == NULL || g_date_time_compare (began, coverage->last_at) > 0))
        reprise_coverage_set_problem (coverage, REPRISE_COVERAGE_FAILED,
                                      reprise_run_get_error (run));
    }
}

static void
collections_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseContext *self = source;
  Reading *reading = data;
  GError *error = NULL;
  RepriseProvider *provider = get_provider (reading, &error);
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self);
  g_autoptr (RepriseRun) run = NULL;
  GPtrArray *all = provider == NULL ? NULL
                                    : reprise_provider_list_collections (provider, vault, NULL,
                                                                         cancellable, &error);

  if (all == NULL)
    {
      return_error (task, error);
      return;
    }
  run = find_last_backup (self, reading->uuid);
  if (run != NULL)
    add_failure (all, run);
  g_task_return_pointer (task, all, (GDestroyNotify) g_ptr_array_unref);
}

void
reprise_context_list_collections_async (RepriseContext *self,
                                        RepriseService *service,
                                        RepriseSecrets *secrets,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  start_reading (self, service, secrets, collections_worker, cancellable, callback, user_data);
}

GPtrArray *
reprise_context_list_collections_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
compact_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  RepriseProvider *provider = get_provider (data, &error);
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (source);
  RepriseCompactPlan *plan =
    provider == NULL ? NULL : reprise_provider_plan_compact (provider, vault, cancellable, &error);

  if (plan != NULL)
    g_task_return_pointer (task, plan, (GDestroyNotify) reprise_compact_plan_free);
  else
    return_error (task, error);
}

void
reprise_context_plan_compact_async (RepriseContext *self,
                                    RepriseService *service,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  start_reading (self, service, NULL, compact_worker, cancellable, callback, user_data);
}

RepriseCompactPlan *
reprise_context_plan_compact_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
