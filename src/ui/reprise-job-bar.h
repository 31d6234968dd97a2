/* reprise-job-bar.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "job/reprise-job.h"

G_BEGIN_DECLS

/**
 * RepriseJobBar:
 *
 * How far a job is, as a bar: it moves to and fro while nobody can say, and is not there when nothing runs. Property: `job`
 * (nullable).
 */
#define REPRISE_TYPE_JOB_BAR (reprise_job_bar_get_type ())

G_DECLARE_FINAL_TYPE (RepriseJobBar, reprise_job_bar, REPRISE, JOB_BAR, AdwBin)

RepriseJob *reprise_job_bar_get_job (RepriseJobBar *self);
void reprise_job_bar_set_job (RepriseJobBar *self, RepriseJob *job);
void reprise_job_bar_set_slim (RepriseJobBar *self);

G_END_DECLS
