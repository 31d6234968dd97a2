/* reprise-queue.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job-list.h"

G_BEGIN_DECLS

/**
 * RepriseQueue:
 *
 * The jobs of a process, newest first. One job of a service runs at a time, in the order in
 * which they came; several services side by side. Ended jobs stay in the list, the latest hundred of them.
 */
#define REPRISE_TYPE_QUEUE (reprise_queue_get_type ())

G_DECLARE_FINAL_TYPE (RepriseQueue, reprise_queue, REPRISE, QUEUE, RepriseJobList)

RepriseQueue *reprise_queue_new (void);
void reprise_queue_submit (RepriseQueue *self, RepriseJob *job);
gboolean reprise_queue_forget (RepriseQueue *self, RepriseJob *job);
void reprise_queue_stop_all (RepriseQueue *self, RepriseStop how);

G_END_DECLS
