/* reprise-job-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "job/reprise-run.h"

G_BEGIN_DECLS

/**
 * RepriseJobWindow:
 *
 * All about one job: its phases with what is done and what is to come, figures, warnings, log, Stop, and a report. Of a run of
 * the past, the same without phases.
 */
#define REPRISE_TYPE_JOB_WINDOW (reprise_job_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseJobWindow, reprise_job_window, REPRISE, JOB_WINDOW, AdwWindow)

GtkWindow *reprise_job_window_new (GtkWidget *parent, RepriseJob *job);
GtkWindow *reprise_job_window_new_for_run (GtkWidget *parent, RepriseRun *run);

G_END_DECLS
