/* reprise-run-report.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-run.h"

G_BEGIN_DECLS

/* All that is known of a job, or that the history keeps of runs, for people who look into problems: in English, like logs, and without a secret. */
char *reprise_run_report (RepriseRun *run);
char *reprise_run_report_job (RepriseJob *job);
char *reprise_run_report_all (GPtrArray *runs);

G_END_DECLS
