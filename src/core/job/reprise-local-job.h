/* reprise-local-job.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"

G_BEGIN_DECLS

/**
 * RepriseJobFunc:
 * @data: what reprise_local_job_new() was given
 *
 * The work of a job, blocking, on a worker of its own.
 *
 * Returns: (transfer full): how it ended, or %NULL with @error
 */
typedef RepriseOutcome *(*RepriseJobFunc) (gpointer data,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);

/**
 * RepriseLocalJob:
 *
 * A job of this process. “finished” is emitted once, after its last change of state.
 */
#define REPRISE_TYPE_LOCAL_JOB (reprise_local_job_get_type ())

G_DECLARE_FINAL_TYPE (RepriseLocalJob, reprise_local_job, REPRISE, LOCAL_JOB, RepriseJob)

RepriseJob *reprise_local_job_new (RepriseJobKind kind,
                                   const char *service_uuid,
                                   const char *service_name,
                                   RepriseJobFunc func,
                                   gpointer data,
                                   GDestroyNotify free_data);
void reprise_local_job_set_id (RepriseLocalJob *self, const char *id);
const GError *reprise_local_job_get_error (RepriseLocalJob *self);

G_END_DECLS
