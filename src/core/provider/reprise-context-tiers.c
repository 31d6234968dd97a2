/* reprise-context-tiers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-context-tiers.h"
#include "provider/reprise-reading.h"

#define N_RUNS 50 /* of the history that are looked through for the last backup */

/* Where the history of a service is looked up. */
typedef struct
{
  RepriseHistory *history; /* (owned) */
  char *uuid;              /* (owned): of the service */
} Past;

static void
past_free (gpointer data)
{
  Past *past = data;

  g_object_unref (past->history);
  g_free (past->uuid);
  g_free (past);
}

/* (transfer full) (nullable): the last backup of the service that ended, as the history has it */
static RepriseRun *
find_last_backup (const Past *past)
{
  g_autoptr (GPtrArray) runs =
    reprise_history_list (past->history, past->uuid, NULL, 0, N_RUNS, NULL);

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

static gpointer
collections_func (RepriseProvider *provider,
                  RepriseVault *vault,
                  gpointer data,
                  GCancellable *cancellable,
                  GError **error)
{
  GPtrArray *all = reprise_provider_list_collections (provider, vault, NULL, cancellable, error);
  g_autoptr (RepriseRun) run = all != NULL ? find_last_backup (data) : NULL;

  if (run != NULL)
    add_failure (all, run);
  return all;
}

void
reprise_context_list_collections_async (RepriseContext *self,
                                        RepriseService *service,
                                        RepriseSecrets *secrets,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  Past *past = g_new0 (Past, 1);

  past->history = g_object_ref (reprise_context_get_history (self));
  past->uuid = g_strdup (reprise_service_get_uuid (service));
  reprise_reading_start (self, service, secrets, collections_func, past, past_free,
                         (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

GPtrArray *
reprise_context_list_collections_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}

static gpointer
compact_func (RepriseProvider *provider,
              RepriseVault *vault,
              gpointer data,
              GCancellable *cancellable,
              GError **error)
{
  return reprise_provider_plan_compact (provider, vault, cancellable, error);
}

void
reprise_context_plan_compact_async (RepriseContext *self,
                                    RepriseService *service,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  reprise_reading_start (self, service, NULL, compact_func, NULL, NULL,
                         (GDestroyNotify) reprise_compact_plan_free, cancellable, callback,
                         user_data);
}

RepriseCompactPlan *
reprise_context_plan_compact_finish (RepriseContext *self, GAsyncResult *result, GError **error)
{
  return reprise_reading_finish (result, error);
}
