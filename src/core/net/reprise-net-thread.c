/* reprise-net-thread.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-net-thread.h"

static GMainContext *net_context; /* (owned); set once, never cleared */
static GThread *net_thread;       /* (owned); likewise */

static gpointer
net_worker (gpointer data)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (net_context, FALSE);

  g_main_context_push_thread_default (net_context);
  g_main_loop_run (loop);
  return NULL;
}

/* (transfer none): the context of the net thread, which runs from now on. Any thread. */
GMainContext *
reprise_net_get_context (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      net_context = g_main_context_new ();
      net_thread = g_thread_new ("reprise-net", net_worker, NULL);
      g_once_init_leave (&once, 1);
    }
  return net_context;
}

gboolean
reprise_net_is_current (void)
{
  reprise_net_get_context ();
  return g_thread_self () == net_thread;
}

/**
 * reprise_net_invoke:
 * @func: what it returns is ignored
 *
 * Runs @func once, soon, on the net thread; never inside this call. Any thread.
 */
void
reprise_net_invoke (GSourceFunc func, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, reprise_net_get_context ());
}

/* (transfer full): a timeout on the net thread; destroy it there. Any thread. */
GSource *
reprise_net_add_timeout (guint interval_ms, GSourceFunc func, gpointer data)
{
  GSource *source = g_timeout_source_new (interval_ms);

  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, reprise_net_get_context ());
  return source;
}
