/* reprise-agent-status.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-thread.h"
#include "provider/reprise-standing.h"
#include "reprise-agent-status.h"

/*
 * What the bus is told of all services:
 *   read services and preferences → read vault and history, on a worker → say it with the jobs as they are then
 */
typedef struct
{
  RepriseContext *context;        /* (owned) */
  RepriseQueue *queue;            /* (owned) */
  RepriseAgentSchedule *schedule; /* (owned) */
  GPtrArray *services;            /* (owned) (element-type RepriseService): copies */
  GPtrArray *standings;           /* (owned) (element-type RepriseStanding) */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_object_unref (reading->context);
  g_object_unref (reading->queue);
  g_object_unref (reading->schedule);
  g_ptr_array_unref (reading->services);
  g_ptr_array_unref (reading->standings);
  g_free (reading);
}

static void
insert_time (GVariantDict *dict, const char *key, GDateTime *time)
{
  if (time != NULL)
    g_variant_dict_insert (dict, key, "x", g_date_time_to_unix (time));
}

/* @rehearsal: (nullable) */
static void
insert_rehearsal (GVariantDict *dict, RepriseRun *rehearsal, GDateTime *now)
{
  g_autofree char *text = NULL;

  if (rehearsal == NULL)
    return;
  text = reprise_standing_describe_rehearsal (rehearsal, now);
  insert_time (dict, "rehearsed-at", reprise_run_get_finished_at (rehearsal));
  g_variant_dict_insert (dict, "rehearsal", "s", text);
  g_variant_dict_insert (dict, "rehearsal-ok", "b",
                         reprise_run_get_state (rehearsal) == REPRISE_JOB_DONE ||
                           reprise_run_get_state (rehearsal) == REPRISE_JOB_WARNINGS);
}

/* (transfer floating) */
static GVariant *
to_variant (Reading *reading, const RepriseStanding *standing)
{
  const char *uuid = reprise_service_get_uuid (standing->service);
  RepriseWait wait = reprise_agent_schedule_get_wait (reading->schedule, uuid);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseStatus) status = reprise_standing_make_status (
    standing, reprise_job_list_find_active (REPRISE_JOB_LIST (reading->queue), uuid), now);
  GDateTime *point = reprise_standing_get_point (standing, now);
  g_autofree char *recovery = reprise_standing_dup_recovery (standing, now);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", uuid);
  g_variant_dict_insert (&dict, "name", "s", reprise_service_get_name (standing->service));
  g_variant_dict_insert (&dict, "kind", "s", reprise_service_get_kind (standing->service));
  g_variant_dict_insert (&dict, "state", "s", reprise_status_state_to_string (status->state));
  g_variant_dict_insert (&dict, "title", "s", status->title);
  g_variant_dict_insert (&dict, "line", "s", status->line);
  g_variant_dict_insert (&dict, "recovery", "s", recovery);
  g_variant_dict_insert (&dict, "needs-attention", "b", reprise_standing_needs_attention (status));
  g_variant_dict_insert (&dict, "paused", "b", standing->paused);
  insert_time (&dict, "last-backup-at", point);
  insert_time (&dict, "next-backup-at", standing->next_at);
  insert_rehearsal (&dict, standing->rehearsal, now);
  if (wait != REPRISE_WAIT_NOTHING)
    g_variant_dict_insert (&dict, "waits-for", "s", reprise_wait_to_string (wait));
  return g_variant_dict_end (&dict);
}

static void
read_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  for (guint i = 0; i < reading->services->len; i++)
    {
      GError *error = NULL;
      RepriseStanding *standing = reprise_standing_read (
        reading->context, reading->services->pdata[i], now, zone, cancellable, &error);

      if (standing == NULL)
        {
          g_task_return_error (task, error);
          return;
        }
      g_ptr_array_add (reading->standings, standing);
    }
  g_task_return_boolean (task, TRUE);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Reading *reading = g_task_get_task_data (task);
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (reading->context));
  GError *error = NULL;

  if (!reprise_context_load_finish (reading->context, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);

      g_ptr_array_add (reading->services, reprise_service_copy (service));
    }
  reprise_task_run_in_own_thread (task, read_worker);
}

/* Reads how well each service is backed up. */
void
reprise_agent_status_read_async (RepriseContext *context,
                                 RepriseQueue *queue,
                                 RepriseAgentSchedule *schedule,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Reading *reading = g_new0 (Reading, 1);

  reading->context = g_object_ref (context);
  reading->queue = g_object_ref (queue);
  reading->schedule = g_object_ref (schedule);
  reading->services = g_ptr_array_new_with_free_func (g_object_unref);
  reading->standings = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_standing_free);
  g_task_set_source_tag (task, reprise_agent_status_read_async);
  g_task_set_task_data (task, reading, reading_free);
  reprise_context_load_async (context, NULL, loaded_cb, task);
}

/* (transfer floating): as the interface says, or %NULL with the errors of the configuration, the vault and the history */
GVariant *
reprise_agent_status_read_finish (GAsyncResult *result, GError **error)
{
  Reading *reading = g_task_get_task_data (G_TASK (result));
  GVariantBuilder builder;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < reading->standings->len; i++)
    g_variant_builder_add_value (&builder, to_variant (reading, reading->standings->pdata[i]));
  return g_variant_builder_end (&builder);
}
