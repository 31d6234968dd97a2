/* reprise-run.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"

G_BEGIN_DECLS

/**
 * RepriseRun:
 *
 * One job that has ended, as the history keeps it. Filled by whoever makes it, then only read.
 *
 * Properties, writable while it is made: `id`, `kind` (a #RepriseJobKind), `state` (a #RepriseJobState), `service-uuid` (nullable),
 * `service-name`, `origin`, `started-at`, `finished-at`, `summary` (nullable), `error` (nullable), `warnings` (nullable: lines),
 * `log` (nullable: lines), `backup-id` (nullable), `safety-id` (nullable), `needs-person` (whether it failed because somebody has to
 * sign in); and for readers of another language, in the form of base/reprise-saying.h, `said` (nullable: the summary), `error-said`
 * (nullable), `warnings-said` (nullable: lines); `error-code` (nullable), `language` (nullable: of what has no other form).
 */
#define REPRISE_TYPE_RUN (reprise_run_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRun, reprise_run, REPRISE, RUN, GObject)

const char *reprise_run_get_id (RepriseRun *self);
RepriseJobKind reprise_run_get_kind (RepriseRun *self);
RepriseJobState reprise_run_get_state (RepriseRun *self);
const char *reprise_run_get_service_uuid (RepriseRun *self);
const char *reprise_run_get_service_name (RepriseRun *self);
const char *reprise_run_get_origin (RepriseRun *self);
GDateTime *reprise_run_get_started_at (RepriseRun *self);
GDateTime *reprise_run_get_finished_at (RepriseRun *self);
const char *reprise_run_get_summary (RepriseRun *self);
const char *reprise_run_get_error (RepriseRun *self);
const char *reprise_run_get_warnings (RepriseRun *self);
const char *reprise_run_get_log (RepriseRun *self);
const char *reprise_run_get_backup_id (RepriseRun *self);
const char *reprise_run_get_safety_id (RepriseRun *self);
gboolean reprise_run_get_needs_person (RepriseRun *self);
const char *reprise_run_get_said (RepriseRun *self);
const char *reprise_run_get_error_code (RepriseRun *self);
const char *reprise_run_get_language (RepriseRun *self);
const char *reprise_run_get_error_said (RepriseRun *self);
const char *reprise_run_get_warnings_said (RepriseRun *self);

G_END_DECLS
