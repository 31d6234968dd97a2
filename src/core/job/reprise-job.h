/* reprise-job.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "job/reprise-outcome.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_JOB_BACK_UP,
  REPRISE_JOB_VERIFY,
  REPRISE_JOB_DOWNLOAD,
  REPRISE_JOB_UPLOAD,
  REPRISE_JOB_RESTORE,
  REPRISE_JOB_UNDO,
  REPRISE_JOB_DELETE,
  REPRISE_JOB_REHEARSE,
  REPRISE_JOB_COMPACT,
  REPRISE_JOB_IMPORT,  /* of a file of another program */
  REPRISE_JOB_FOLLOW,  /* what the service goes on with since a job of it was cut off */
  REPRISE_JOB_REPORTS, /* of what happened on the service, since the last ones */
} RepriseJobKind;

#define REPRISE_N_JOB_KINDS (REPRISE_JOB_REPORTS + 1)

typedef enum
{
  REPRISE_JOB_QUEUED,
  REPRISE_JOB_RUNNING,
  REPRISE_JOB_ASKING, /* waits for an answer */
  REPRISE_JOB_STOPPING,
  REPRISE_JOB_DONE,
  REPRISE_JOB_WARNINGS, /* done, with warnings */
  REPRISE_JOB_FAILED,
  REPRISE_JOB_STOPPED,
} RepriseJobState;

#define REPRISE_N_JOB_STATES (REPRISE_JOB_STOPPED + 1)

typedef enum
{
  REPRISE_STOP_SOFT, /* at the next safe point */
  REPRISE_STOP_HARD, /* at once */
} RepriseStop;

/**
 * RepriseJob:
 *
 * One job as a front sees it: what it is, how far it is, how it ended, and the ways to stop it and to answer it. Belongs to
 * the main context. A #RepriseLocalJob runs in this process, a #RepriseRemoteJob stands for one of the agent.
 *
 * Properties, all with “notify”: `id` (a ULID), `kind`, `service-uuid`, `service-name`, `title` (“Back Up Orders”), `state`,
 * `phase`, `status` (one line: phase, percentage, rate and time left, or how it ended), `fraction` (0 to 1, or -1),
 * `active` (not yet ended), `error` (nullable), `summary` (nullable), `question` (nullable #RepriseQuestion).
 */
#define REPRISE_TYPE_JOB (reprise_job_get_type ())

G_DECLARE_DERIVABLE_TYPE (RepriseJob, reprise_job, REPRISE, JOB, GObject)

/**
 * RepriseJobClass:
 * @start: begins the work; called once, by the queue
 * @stop: asks it to stop
 * @answer: answers the question that it waits for
 */
struct _RepriseJobClass
{
  GObjectClass parent_class;

  void (*start) (RepriseJob *self);
  void (*stop) (RepriseJob *self, RepriseStop how);
  void (*answer) (RepriseJob *self, const char *question_id, const char *response);
};

const char *reprise_job_kind_to_string (RepriseJobKind kind);
gboolean reprise_job_kind_from_string (const char *id, RepriseJobKind *kind);
const char *reprise_job_state_to_string (RepriseJobState state);
gboolean reprise_job_state_from_string (const char *id, RepriseJobState *state);
gboolean reprise_job_kind_writes_service (RepriseJobKind kind);

/* what people read: one table, kind × phase */
const char *reprise_job_text_phase (RepriseJobKind kind, ReprisePhase phase);
char *reprise_job_text_title (RepriseJobKind kind, const char *service_name);
const char *reprise_job_text_result (RepriseJobKind kind, RepriseJobState state);
char *reprise_job_text_error (const char *text,
                              const char *saying,
                              const char *code,
                              const char *language);
const char *reprise_job_text_interrupted (RepriseJobKind kind);
char *reprise_job_text_progress (const RepriseProgressSnapshot *snapshot);

void reprise_job_start (RepriseJob *self);
void reprise_job_stop (RepriseJob *self, RepriseStop how);
void reprise_job_answer (RepriseJob *self, const char *question_id, const char *response);

/* the whole state as a{sv}: the form on the bus and of --progress=json */
GVariant *reprise_job_to_variant (RepriseJob *self);
void reprise_job_update (RepriseJob *self, GVariant *state);

const char *reprise_job_get_id (RepriseJob *self);
RepriseJobKind reprise_job_get_kind (RepriseJob *self);
const char *reprise_job_get_service_uuid (RepriseJob *self);
const char *reprise_job_get_service_name (RepriseJob *self);
const char *reprise_job_get_title (RepriseJob *self);
RepriseJobState reprise_job_get_state (RepriseJob *self);
gboolean reprise_job_is_active (RepriseJob *self);
const char *reprise_job_get_status (RepriseJob *self);
double reprise_job_get_fraction (RepriseJob *self);
void reprise_job_get_snapshot (RepriseJob *self, RepriseProgressSnapshot *snapshot);
guint reprise_job_get_phases (RepriseJob *self,
                              ReprisePhaseShare *plan,
                              ReprisePhaseState *states,
                              guint max);
GDateTime *reprise_job_get_started_at (RepriseJob *self);
GDateTime *reprise_job_get_finished_at (RepriseJob *self);
const char *reprise_job_get_error (RepriseJob *self);
int reprise_job_get_exit (RepriseJob *self);
const char *reprise_job_get_summary (RepriseJob *self);
const RepriseOutcome *reprise_job_get_outcome (RepriseJob *self);
const char *const *reprise_job_get_warnings (RepriseJob *self);
const char *const *reprise_job_get_log (RepriseJob *self);
const RepriseQuestion *reprise_job_get_question (RepriseJob *self);

G_END_DECLS
