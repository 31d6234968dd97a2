/* reprise-outlook.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "provider/reprise-standing.h"
#include "reprise-format.h"
#include "reprise-outlook.h"

/* Whether a restore was tried out; where that cannot be done, why. */
void
reprise_outlook_show_rehearsal (RepriseServiceItem *item,
                                AdwActionRow *row,
                                GtkImage *icon,
                                GtkButton *button)
{
  RepriseKind *kind = reprise_service_item_get_kind (item);
  RepriseRun *run = reprise_service_item_get_rehearsal (item);
  gboolean can = kind != NULL && reprise_kind_can (kind, REPRISE_CAN_REHEARSE);
  gboolean shown = kind != NULL && reprise_service_item_get_last_backup (item) != NULL;
  gboolean failed = run != NULL && reprise_run_get_state (run) == REPRISE_JOB_FAILED;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (row), shown);
  if (!shown)
    return;
  gtk_widget_set_visible (GTK_WIDGET (button), can);
  gtk_image_set_from_icon_name (icon, failed        ? "reprise-failed-symbolic"
                                      : run != NULL ? "reprise-rehearse-symbolic"
                                                    : "reprise-info-symbolic");
  text = run != NULL ? reprise_standing_describe_rehearsal (run, now)
         : can       ? g_strdup (_ ("A restore into a scratch place has not been tried yet"))
                     : reprise_kind_explain_missing (kind, REPRISE_CAN_REHEARSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), failed        ? _ ("Rehearsal Failed")
                                                            : run != NULL ? _ ("Rehearsed")
                                                            : can         ? _ ("Not Rehearsed")
                                                                  : _ ("Cannot Be Rehearsed"));
  adw_action_row_set_subtitle (row, text);
}

/* When it is backed up next by itself; the row opens the schedule. */
void
reprise_outlook_show_next (RepriseServiceItem *item, AdwActionRow *row, GtkImage *icon)
{
  RepriseService *service = reprise_service_item_get_service (item);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (RepriseSchedule) schedule =
    reprise_scheduler_get_schedule (service, REPRISE_ROUTINE_BACK_UP, NULL);
  g_autoptr (GDateTime) next =
    reprise_scheduler_get_next (service, REPRISE_ROUTINE_BACK_UP, now, zone);
  g_autofree char *text = schedule != NULL ? reprise_schedule_to_text (schedule) : NULL;
  g_autofree char *time = next != NULL ? reprise_format_date_time (next) : NULL;
  g_autofree char *subtitle = next != NULL ? g_strdup_printf ("%s · %s", time, text) : NULL;

  gtk_image_set_from_icon_name (icon, schedule != NULL && next == NULL
                                        ? "reprise-pause-symbolic"
                                        : "reprise-schedule-symbolic");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), next != NULL ? _ ("Next Backup")
                                                            : schedule != NULL
                                                              ? _ ("Schedule Paused")
                                                              : _ ("No Schedule"));
  adw_action_row_set_subtitle (row, next != NULL       ? subtitle
                                    : schedule != NULL ? text
                                                       : _ ("Only backed up by hand"));
}
