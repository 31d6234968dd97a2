/* reprise-cli-wait.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>

#include <glib-unix.h>

#include "base/reprise-thread.h"
#include "reprise-cli.h"

/* The callback of what is waited for. */
void
reprise_cli_ready_cb (GObject *source, GAsyncResult *result, gpointer cli)
{
  RepriseCli *self = cli;

  g_set_object (&self->result, result);
}

/* The second Ctrl+C ends the process at once, as it does where nobody waits. */
static gboolean
interrupt_cb (gpointer data)
{
  RepriseCli *self = data;

  if (g_cancellable_is_cancelled (self->cancellable))
    {
      signal (SIGINT, SIG_DFL);
      raise (SIGINT);
    }
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_CONTINUE;
}

/**
 * reprise_cli_wait:
 *
 * Waits for the call that was just made with reprise_cli_ready_cb(); Ctrl+C cancels it.
 *
 * Returns: (transfer full): its result
 */
GAsyncResult *
reprise_cli_wait (RepriseCli *self)
{
  guint interrupt = g_unix_signal_add (SIGINT, interrupt_cb, self);
  guint terminate = g_unix_signal_add (SIGTERM, interrupt_cb, self);

  while (self->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  return g_steal_pointer (&self->result);
}

typedef struct
{
  RepriseCli *cli;
  RepriseCliFunc func;
  gpointer data;
} Work;

static void
work_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;

  if (work->func (work->cli, work->data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Waits for blocking work of our own, which runs in a worker so that Ctrl+C reaches it. */
gboolean
reprise_cli_run_in_thread (RepriseCli *self, RepriseCliFunc func, gpointer data, GError **error)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, reprise_cli_ready_cb, self);
  g_autoptr (GAsyncResult) result = NULL;
  Work work = { self, func, data };

  g_task_set_source_tag (task, reprise_cli_run_in_thread);
  g_task_set_task_data (task, &work, NULL);
  reprise_task_run_in_own_thread (task, work_worker);
  result = reprise_cli_wait (self);
  return g_task_propagate_boolean (G_TASK (result), error);
}
