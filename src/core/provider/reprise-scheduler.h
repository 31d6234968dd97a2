/* reprise-scheduler.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-history.h"
#include "job/reprise-request.h"
#include "provider/reprise-kind.h"
#include "schedule/reprise-schedule.h"
#include "service/reprise-service.h"

G_BEGIN_DECLS

/* The settings of a service that hold its schedule: reprise_schedule_new_from_string(); the groups, with “,” between; “true” while it
 * is paused. */
#define REPRISE_SCHEDULE_SETTING        "schedule"
#define REPRISE_SCHEDULE_SETTING_GROUPS "schedule-groups"
#define REPRISE_SCHEDULE_SETTING_PAUSED "schedule-paused"
/* “true”: the service makes the backup and keeps it; a setting of the kinds that can */
#define REPRISE_SCHEDULE_SETTING_ON_SERVICE "schedule-on-service"

/* The option of a request by which a job that two routines have in common knows for which it runs. */
#define REPRISE_SCHEDULE_OPTION_ROUTINE "routine"

/* The preference that spreads starts: over how many seconds what is due at one moment begins. */
#define REPRISE_SCHEDULE_PREFERENCE_SPREAD "spread-seconds"
#define REPRISE_SCHEDULE_SPREAD_SECONDS    120

/**
 * RepriseRoutine:
 *
 * What of a service runs by itself, each with a schedule of its own. All are paused together.
 */
typedef enum
{
  REPRISE_ROUTINE_BACK_UP,
  REPRISE_ROUTINE_ROLL_UP,
  REPRISE_ROUTINE_REHEARSE,
  REPRISE_ROUTINE_REPORTS,
  REPRISE_ROUTINE_FOLLOW,   /* has no schedule: what a job that was cut off has left */
  REPRISE_ROUTINE_CLEAN_UP, /* likewise: what a rehearsal that was cut off has left */
} RepriseRoutine;

#define REPRISE_N_ROUTINES (REPRISE_ROUTINE_REPORTS + 1) /* with a schedule */

const char *reprise_routine_to_string (RepriseRoutine routine);
const char *reprise_routine_get_setting (RepriseRoutine routine);
gboolean reprise_routine_is_of_kind (RepriseRoutine routine, RepriseKind *kind);
gboolean reprise_routine_check_kind (RepriseRoutine routine, RepriseKind *kind, GError **error);

/**
 * RepriseDue:
 * @service: (owned)
 * @routine: which of its routines
 * @at: the moment that it is due for: of all that were missed the last one
 * @request: (owned): the job
 *
 * A routine whose time has come.
 */
typedef struct
{
  RepriseService *service;
  RepriseRoutine routine;
  GDateTime *at;
  RepriseRequest *request;
} RepriseDue;

void reprise_due_free (RepriseDue *self);

RepriseSchedule *reprise_scheduler_get_schedule (RepriseService *service,
                                                 RepriseRoutine routine,
                                                 GError **error);
gboolean reprise_scheduler_is_paused (RepriseService *service);
GDateTime *reprise_scheduler_get_next (RepriseService *service,
                                       RepriseRoutine routine,
                                       GDateTime *now,
                                       GTimeZone *zone);
RepriseRequest *reprise_scheduler_make_request (RepriseService *service,
                                                RepriseRoutine routine,
                                                GError **error);
gboolean reprise_scheduler_is_due_meanwhile (RepriseService *service,
                                             GDateTime *begun,
                                             GDateTime *now,
                                             GTimeZone *zone);
guint reprise_scheduler_get_offset_seconds (RepriseService *service, guint spread_seconds);

/* blocking: for workers */
gboolean reprise_scheduler_check (RepriseHistory *history,
                                  RepriseService *service,
                                  RepriseRoutine routine,
                                  GDateTime *now,
                                  GTimeZone *zone,
                                  RepriseDue **due,
                                  GError **error);
gboolean reprise_scheduler_peek (RepriseHistory *history,
                                 RepriseService *service,
                                 RepriseRoutine routine,
                                 GDateTime *now,
                                 GTimeZone *zone,
                                 RepriseDue **due,
                                 GError **error);
gboolean reprise_scheduler_check_left (RepriseHistory *history,
                                       RepriseService *service,
                                       RepriseKind *kind,
                                       RepriseDue **due,
                                       GError **error);
gboolean reprise_scheduler_settle (RepriseHistory *history,
                                   RepriseService *service,
                                   RepriseRoutine routine,
                                   GDateTime *at,
                                   GError **error);
gboolean reprise_scheduler_settle_all (RepriseHistory *history,
                                       RepriseService *service,
                                       GDateTime *now,
                                       GError **error);
gboolean reprise_scheduler_end (RepriseHistory *history,
                                const RepriseDue *due,
                                GDateTime *now,
                                const GError *failure,
                                GError **error);
gboolean reprise_scheduler_is_held (RepriseHistory *history,
                                    const RepriseDue *due,
                                    GDateTime *now,
                                    gboolean *held,
                                    GError **error);
gboolean reprise_scheduler_get_hold (RepriseHistory *history,
                                     const RepriseDue *due,
                                     GDateTime *now,
                                     GDateTime **until,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseDue, reprise_due_free)

G_END_DECLS
