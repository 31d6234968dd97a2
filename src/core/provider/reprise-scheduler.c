/* reprise-scheduler.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "provider/reprise-scheduler.h"

/* Two computers that share a history's home folder may be apart by so much. */
#define CLOCKS_APART_US G_TIME_SPAN_HOUR

void
reprise_due_free (RepriseDue *self)
{
  g_clear_object (&self->service);
  g_clear_pointer (&self->at, g_date_time_unref);
  g_clear_pointer (&self->request, reprise_request_free);
  g_free (self);
}

/**
 * reprise_scheduler_get_schedule:
 *
 * Returns: (transfer full) (nullable): the schedule of a service; %NULL without @error: it has none; with it:
 *   %REPRISE_ERROR_INVALID
 */
RepriseSchedule *
reprise_scheduler_get_schedule (RepriseService *service, GError **error)
{
  const char *text = reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING);

  return text != NULL ? reprise_schedule_new_from_string (text, error) : NULL;
}

gboolean
reprise_scheduler_is_paused (RepriseService *service)
{
  return g_strcmp0 (reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_PAUSED),
                    "true") == 0;
}

static RepriseRequest *
make_request (RepriseService *service, GError **error)
{
  const char *groups = reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_GROUPS);
  g_auto (GStrv) ids = g_strsplit (groups != NULL ? groups : "", ",", 0);
  g_autoptr (RepriseRequest) request =
    reprise_request_new (REPRISE_JOB_BACK_UP, reprise_service_get_uuid (service));

  g_free (request->origin);
  request->origin = g_strdup ("schedule");
  request->on_service =
    g_strcmp0 (reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_ON_SERVICE),
               "true") == 0;
  return reprise_groups_from_strv ((const char *const *) ids, &request->groups, error)
           ? g_steal_pointer (&request)
           : NULL;
}

/* (transfer full) (nullable): the moment that is due. A mark of the future was set by a clock that was wrong, or is: one backup too
 * many is better than none for years. */
static GDateTime *
find_due (RepriseSchedule *schedule, GDateTime *mark, GDateTime *now, GTimeZone *zone)
{
  if (g_date_time_difference (mark, now) > CLOCKS_APART_US)
    return g_date_time_ref (now);
  return reprise_schedule_get_last_due (schedule, mark, now, zone);
}

/**
 * reprise_scheduler_check:
 * @zone: in which the times of schedules are meant
 * @due: (out) (nullable) (transfer full): what is due, or %NULL where nothing is
 *
 * Whether a backup of the service is due. A schedule that is seen for the first time, or that is paused, begins now: nothing of the past
 * is made up for.
 *
 * Returns: whether that could be told; else %REPRISE_ERROR_INVALID where what is set cannot be understood
 */
gboolean
reprise_scheduler_check (RepriseHistory *history,
                         RepriseService *service,
                         GDateTime *now,
                         GTimeZone *zone,
                         RepriseDue **due,
                         GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (RepriseSchedule) schedule = reprise_scheduler_get_schedule (service, &local_error);
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (GDateTime) mark = NULL;
  g_autoptr (GDateTime) at = NULL;

  *due = NULL;
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (schedule == NULL)
    return TRUE;
  request = make_request (service, error);
  if (request == NULL ||
      !reprise_history_get_mark (history, reprise_service_get_uuid (service), &mark, error))
    return FALSE;
  if (mark == NULL || reprise_scheduler_is_paused (service))
    return reprise_scheduler_settle (history, service, now, error);
  at = find_due (schedule, mark, now, zone);
  if (at == NULL)
    return TRUE;
  *due = g_new0 (RepriseDue, 1);
  (*due)->service = g_object_ref (service);
  (*due)->at = g_steal_pointer (&at);
  (*due)->request = g_steal_pointer (&request);
  return TRUE;
}

/* The schedule is dealt with up to that moment: the backup has run, however it ended, or the schedule is new. */
gboolean
reprise_scheduler_settle (RepriseHistory *history,
                          RepriseService *service,
                          GDateTime *at,
                          GError **error)
{
  return reprise_history_set_mark (history, reprise_service_get_uuid (service), at, error);
}
