/* reprise-remote-job.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"

G_BEGIN_DECLS

/**
 * RepriseRemoteJob:
 *
 * A job of the agent, seen from another process. #RepriseAgentClient makes it and keeps its state up to date; stopping and
 * answering it go over the bus.
 */
#define REPRISE_TYPE_REMOTE_JOB (reprise_remote_job_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRemoteJob, reprise_remote_job, REPRISE, REMOTE_JOB, RepriseJob)

RepriseJob *reprise_remote_job_new (GDBusConnection *bus, GVariant *state);
void reprise_remote_job_interrupt (RepriseRemoteJob *self);

G_END_DECLS
