/* reprise-agent-schedule.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-queue.h"
#include "provider/reprise-context.h"
#include "reprise-surroundings.h"

G_BEGIN_DECLS

/**
 * RepriseAgentSchedule:
 *
 * Has the queue do what the schedules of all services have due: what was missed once, two side by side at most, each service a little
 * after the moment so that not all begin at once. What is due waits for a network, and while the connection is metered or power is
 * saved; a job that runs when that begins is stopped at its next safe point and stays due. It looks every half minute, after each job
 * and whenever it is told to.
 *
 * Properties, with “notify”: `busy` (whether it is looking). Signals: “looked”, after each look, with how many it has started.
 */
#define REPRISE_TYPE_AGENT_SCHEDULE (reprise_agent_schedule_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAgentSchedule,
                      reprise_agent_schedule,
                      REPRISE,
                      AGENT_SCHEDULE,
                      GObject)

/* (transfer full): what time it is, in UTC. Called by workers. */
typedef GDateTime *(*RepriseClockFunc) (gpointer data);

RepriseAgentSchedule *reprise_agent_schedule_new (RepriseContext *context,
                                                  RepriseQueue *queue,
                                                  RepriseSurroundings *surroundings);
void reprise_agent_schedule_look (RepriseAgentSchedule *self);
void reprise_agent_schedule_end (RepriseAgentSchedule *self);
gboolean reprise_agent_schedule_is_busy (RepriseAgentSchedule *self);
RepriseWait reprise_agent_schedule_get_wait (RepriseAgentSchedule *self, const char *service_uuid);

/* for tests */
void reprise_agent_schedule_set_clock (RepriseAgentSchedule *self,
                                       RepriseClockFunc clock,
                                       gpointer data,
                                       GTimeZone *zone);

G_END_DECLS
