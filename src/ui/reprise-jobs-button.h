/* reprise-jobs-button.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseJobsButton:
 *
 * The menu button of the header bar with all jobs in its popover: phase, percentage, rate, time left, Stop. It counts those
 * that run, and is not there as long as there is none at all. Property: `jobs` (nullable): a #GListModel of #RepriseJob with a
 * property `n-active`.
 */
#define REPRISE_TYPE_JOBS_BUTTON (reprise_jobs_button_get_type ())

G_DECLARE_FINAL_TYPE (RepriseJobsButton, reprise_jobs_button, REPRISE, JOBS_BUTTON, AdwBin)

void reprise_jobs_button_set_jobs (RepriseJobsButton *self, GListModel *jobs);
void reprise_jobs_button_popup (RepriseJobsButton *self);

G_END_DECLS
