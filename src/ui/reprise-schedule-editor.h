/* reprise-schedule-editor.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseScheduleEditor:
 *
 * A schedule to be set: how often, on which days, at which times; or several rules, as the command line takes them. It says when that
 * would be next.
 *
 * Properties, with “notify”: `text` (nullable: the schedule as it is kept; %NULL for none), `valid`.
 */
#define REPRISE_TYPE_SCHEDULE_EDITOR (reprise_schedule_editor_get_type ())

G_DECLARE_FINAL_TYPE (RepriseScheduleEditor,
                      reprise_schedule_editor,
                      REPRISE,
                      SCHEDULE_EDITOR,
                      AdwPreferencesGroup)

void reprise_schedule_editor_set_text (RepriseScheduleEditor *self, const char *text);
const char *reprise_schedule_editor_get_text (RepriseScheduleEditor *self);
gboolean reprise_schedule_editor_get_valid (RepriseScheduleEditor *self);

G_END_DECLS
