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

static gpointer
run_worker (gpointer data)
{
  g_autofree Run *run = data;
  g_autoptr (GTask) task = run->task;

  run->func (task, g_task_get_source_object (task), g_task_get_task_data (task),
             g_task_get_cancellable (task));
  return NULL;
}

/**
 * reprise_task_run_in_own_thread:
 * @func: does the work and calls one of the g_task_return functions
 *
 * As g_task_run_in_thread(), on a thread of its own: GTask's shared pool is small, and work that waits for a
 * server for minutes would starve everything else that uses it. The callback runs in the task's context.
 */
void
reprise_task_run_in_own_thread (GTask *task, GTaskThreadFunc func)
{
  Run *run = g_new0 (Run, 1);

  run->task = g_object_ref (task);
  run->func = func;
  g_thread_unref (g_thread_new ("reprise-work", run_worker, run));
}
