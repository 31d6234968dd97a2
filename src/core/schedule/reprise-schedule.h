/* reprise-schedule.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * RepriseSchedule:
 *
 * When something runs by itself: one or several rules, in the local time of the place. Their text, as it is kept and as the command
 * line takes it, with “;” between several:
 *
 * - `hourly :15`, `hourly/6 :15`: each hour, or each sixth hour from midnight on, at that minute
 * - `daily 02:00 14:00`
 * - `weekly mon,thu 02:00`
 * - `monthly 1,15,last 02:00`: a day that a month does not have is its last one
 *
 * A time that the clocks leave out (they go forward) is the first moment after the gap; one that they show twice is run once. Each
 * hour is each hour that passes, whatever the clocks show. It never changes and may be used by any thread.
 */
typedef struct _RepriseSchedule RepriseSchedule;

#define REPRISE_TYPE_SCHEDULE (reprise_schedule_get_type ())

GType reprise_schedule_get_type (void);
RepriseSchedule *reprise_schedule_new_from_string (const char *text, GError **error);
RepriseSchedule *reprise_schedule_ref (RepriseSchedule *self);
void reprise_schedule_unref (RepriseSchedule *self);
char *reprise_schedule_to_string (RepriseSchedule *self);
char *reprise_schedule_to_text (RepriseSchedule *self);

GDateTime *reprise_schedule_get_next (RepriseSchedule *self, GDateTime *after, GTimeZone *zone);
GDateTime *reprise_schedule_get_last_due (RepriseSchedule *self,
                                          GDateTime *after,
                                          GDateTime *now,
                                          GTimeZone *zone);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSchedule, reprise_schedule_unref)

G_END_DECLS
