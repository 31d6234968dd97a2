/* reprise-scheduler.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-history.h"
#include "job/reprise-request.h"
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

/**
 * RepriseDue:
 * @service: (owned)
 * @at: the moment that it is due for: of all that were missed the last one
 * @request: (owned): the backup
 *
 * A backup whose time has come.
 */
typedef struct
{
  RepriseService *service;
  GDateTime *at;
  RepriseRequest *request;
} RepriseDue;

void reprise_due_free (RepriseDue *self);

RepriseSchedule *reprise_scheduler_get_schedule (RepriseService *service, GError **error);
gboolean reprise_scheduler_is_paused (RepriseService *service);

/* blocking: for workers */
gboolean reprise_scheduler_check (RepriseHistory *history,
                                  RepriseService *service,
                                  GDateTime *now,
                                  GTimeZone *zone,
                                  RepriseDue **due,
                                  GError **error);
gboolean reprise_scheduler_settle (RepriseHistory *history,
                                   RepriseService *service,
                                   GDateTime *at,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseDue, reprise_due_free)

G_END_DECLS
