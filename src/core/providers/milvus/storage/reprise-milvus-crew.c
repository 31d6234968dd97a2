/* reprise-milvus-crew.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/milvus/storage/reprise-milvus-crew.h"

#define MAX_THREADS 16

typedef struct
{
  guint n_tasks;
  RepriseMilvusTask task;
  gpointer user_data;
  GCancellable *stop; /* (owned) */

  GMutex mutex; /* guards: */
  guint next;
  GError *error; /* (owned) (nullable): the first */
} Crew;

static gpointer
crew_worker (gpointer data)
{
  Crew *crew = data;

  while (!g_cancellable_is_cancelled (crew->stop))
    {
      g_autoptr (GError) error = NULL;
      guint index;

      g_mutex_lock (&crew->mutex);
      index = crew->next;
      crew->next += index < crew->n_tasks;
      g_mutex_unlock (&crew->mutex);
      if (index == crew->n_tasks)
        break;
      if (crew->task (index, crew->user_data, crew->stop, &error))
        continue;
      g_mutex_lock (&crew->mutex);
      if (crew->error == NULL)
        crew->error = g_steal_pointer (&error);
      g_mutex_unlock (&crew->mutex);
      g_cancellable_cancel (crew->stop);
    }
  return NULL;
}

static void
stop_cb (GCancellable *cancellable, GCancellable *stop)
{
  g_cancellable_cancel (stop);
}

/**
 * reprise_milvus_crew_run:
 *
 * Does all of the work, side by side; the first failure stops the rest. Blocks.
 */
gboolean
reprise_milvus_crew_run (guint n_threads,
                         guint n_tasks,
                         RepriseMilvusTask task,
                         gpointer user_data,
                         GCancellable *cancellable,
                         GError **error)
{
  Crew crew = {
    .n_tasks = n_tasks, .task = task, .user_data = user_data, .stop = g_cancellable_new ()
  };
  guint n = MIN (MIN (n_threads, n_tasks), MAX_THREADS);
  GThread *threads[MAX_THREADS];
  gulong handler = 0;
  gboolean ok;

  g_mutex_init (&crew.mutex);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (stop_cb), crew.stop, NULL);
  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("milvus-files", crew_worker, &crew);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  g_cancellable_disconnect (cancellable, handler);
  ok = !g_cancellable_set_error_if_cancelled (cancellable, error) && crew.error == NULL;
  if (crew.error != NULL && (error == NULL || *error == NULL))
    g_propagate_error (error, g_steal_pointer (&crew.error));
  g_clear_error (&crew.error);
  g_object_unref (crew.stop);
  g_mutex_clear (&crew.mutex);
  return ok;
}
