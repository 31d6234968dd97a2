/* reprise-milvus-crew.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseMilvusTask:
 *
 * One of many pieces of work, in one of the threads.
 */
typedef gboolean (*RepriseMilvusTask) (guint index,
                                       gpointer user_data,
                                       GCancellable *cancellable,
                                       GError **error);

gboolean reprise_milvus_crew_run (guint n_threads,
                                  guint n_tasks,
                                  RepriseMilvusTask task,
                                  gpointer user_data,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
