/* reprise-job-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "job/reprise-job.h"

G_BEGIN_DECLS

/**
 * RepriseJobRow:
 *
 * A job of any kind: what it is, phase, percentage, rate and time left, and Stop; when it has ended, how. Property: `job`
 * (nullable). It is no list row itself: put it into one.
 */
#define REPRISE_TYPE_JOB_ROW (reprise_job_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseJobRow, reprise_job_row, REPRISE, JOB_ROW, AdwBin)

GtkWidget *reprise_job_row_new (RepriseJob *job);
RepriseJob *reprise_job_row_get_job (RepriseJobRow *self);
void reprise_job_row_set_job (RepriseJobRow *self, RepriseJob *job);
const char *reprise_job_get_icon_name (RepriseJob *job);
const char *reprise_job_state_get_icon_name (RepriseJobState state);

G_END_DECLS
