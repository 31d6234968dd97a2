/* reprise-thread.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-thread.h"

typedef struct
{
  GTask *task; /* (owned) */
  GTaskThreadFunc func;
} Run;

static gboolean
nothing_cb (gpointer task)
{
  return G_SOURCE_REMOVE;
}

/* The callback may have run by the end, and nobody else may hold the task, its source and its data any more: so the last reference to
 * them is dropped where they belong, and not while a timer or a signal of theirs is just being dispatched there. */
static gpointer
run_worker (gpointer data)
{
  g_autofree Run *run = data;
  GTask *task = run->task;

  run->func (task, g_task_get_source_object (task), g_task_get_task_data (task),
             g_task_get_cancellable (task));
  g_main_context_invoke_full (g_task_get_context (task), g_task_get_priority (task), nothing_cb,
                              task, g_object_unref);
  return NULL;
}

/**
 * reprise_task_run_in_own_thread:
 * @func: does the work and calls one of the g_task_return functions
 *
 * As g_task_run_in_thread(), on a thread of its own: GTask's shared pool is small, and work that waits for a
 * server for minutes would starve everything else that uses it. The callback runs in the task's context, and what the task
 * holds is let go of there too; with g_task_run_in_thread() that may happen in the worker.
 */
void
reprise_task_run_in_own_thread (GTask *task, GTaskThreadFunc func)
{
  Run *run = g_new0 (Run, 1);

  run->task = g_object_ref (task);
  run->func = func;
  g_thread_unref (g_thread_new ("reprise-work", run_worker, run));
}
