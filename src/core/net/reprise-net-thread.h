/* reprise-net-thread.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The one thread on which all of libsoup runs. It is started at its first use and lives as long as the process. */

GMainContext *reprise_net_get_context (void);
gboolean reprise_net_is_current (void);
void reprise_net_invoke (GSourceFunc func, gpointer data);
GSource *reprise_net_add_timeout (guint interval_ms, GSourceFunc func, gpointer data);

G_END_DECLS
