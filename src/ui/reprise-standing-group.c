/* reprise-standing-group.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-time.h"
#include "provider/reprise-standing.h"
#include "reprise-format.h"
#include "reprise-job-row.h"
#include "reprise-job-window.h"
#include "reprise-standing-group.h"

#define RESTORED_DAYS 7 /* for which a restore that cannot be undone is told of */

struct _RepriseStandingGroup
{
  AdwPreferencesGroup parent_instance;

  GtkWidget *job_list_row;
  RepriseJobRow *job_row;
  AdwActionRow *status_row;
  GtkImage *status_icon;
  GtkButton *status_button;
  GtkImage *status_arrow;
  AdwActionRow *verified_row;
  GtkImage *verified_icon;
  GtkButton *verify_button;
  AdwActionRow *rehearsal_row;
  GtkImage *rehearsal_icon;
  GtkButton *rehearse_button;
  AdwActionRow *next_row;
  GtkImage *next_icon;
  AdwActionRow *restored_row;
  AdwActionRow *undo_row;
  GtkLabel *recovery;

  RepriseServiceItem *item; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (RepriseStandingGroup, reprise_standing_group, ADW_TYPE_PREFERENCES_GROUP)

/* The action of the window that helps in a state; %NULL where none does. */
static const char *
get_action_name (RepriseStatusAction action)
{
  switch (action)
    {
    case REPRISE_STATUS_DO_BACK_UP: /* the large button below does that */
    case REPRISE_STATUS_DO_SHOW_HISTORY: /* the row itself does: a button would leave a long reason no room */
      return NULL;
    case REPRISE_STATUS_DO_SHOW_JOB:
      return "win.show-job";
    case REPRISE_STATUS_DO_ANSWER:
      return "win.answer-job";
    case REPRISE_STATUS_DO_EDIT:
      return "win.edit-service";
    case REPRISE_STATUS_DO_RETRY:
      return "win.refresh";
    case REPRISE_STATUS_DO_NOTHING:
    default:
      return NULL;
    }
}

static void
update_job (RepriseStandingGroup *self)
{
  RepriseJob *job = reprise_service_item_get_job (self->item);

  reprise_job_row_set_job (self->job_row, job);
  gtk_widget_set_visible (self->job_list_row, job != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->status_row), job == NULL);
}

static gboolean
shows_history (RepriseStandingGroup *self)
{
  return reprise_service_item_get_status (self->item)->action == REPRISE_STATUS_DO_SHOW_HISTORY;
}

static void
update_status (RepriseStandingGroup *self)
{
  const RepriseStatus *status = reprise_service_item_get_status (self->item);
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  gboolean signs_in =
    status->state == REPRISE_STATUS_SIGN_IN && reprise_service_item_needs_person (self->item);
  const char *action = signs_in ? "win.sign-in" : get_action_name (status->action);
  gboolean opens = action == NULL && (last != NULL || shows_history (self));

  gtk_image_set_from_icon_name (self->status_icon, status->icon_name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->status_row), status->title);
  adw_action_row_set_subtitle (self->status_row, status->subtitle);
  gtk_widget_set_visible (GTK_WIDGET (self->status_button), action != NULL);
  if (action != NULL)
    {
      gtk_button_set_label (self->status_button,
                            signs_in ? _ ("Sign In…")
                                     : reprise_status_action_get_label (status->action));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->status_button), action);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->status_arrow), opens);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self->status_row), opens);
}

/* By hand: a row that had an action and has none any more stays insensitive. */
static void
status_activated_cb (RepriseStandingGroup *self)
{
  gtk_widget_activate_action (
    GTK_WIDGET (self), shows_history (self) ? "win.show-history" : "win.show-last-backup", NULL);
}

static void
update_verified (RepriseStandingGroup *self)
{
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  GDateTime *verified_at = last != NULL ? reprise_backup_get_verified_at (last) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  gtk_widget_set_visible (GTK_WIDGET (self->verified_row), last != NULL);
  if (last == NULL)
    return;
  gtk_button_set_label (self->verify_button,
                        reprise_backup_get_in_vault (last) ? _ ("_Verify") : _ ("_Download"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->verify_button),
                                  reprise_backup_get_in_vault (last) ? "win.verify-last"
                                                                     : "win.download-last");
  gtk_image_set_from_icon_name (self->verified_icon, verified_at != NULL ? "reprise-verify-symbolic"
                                                                         : "reprise-info-symbolic");
  if (verified_at != NULL)
    {
      g_autofree char *ago = reprise_time_to_ago (verified_at, now);
      /* Translators: how long ago follows: “Read back in full 3 days ago” */
      g_autofree char *text = g_strdup_printf (_ ("Read back in full %s"), ago);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->verified_row), _ ("Verified"));
      adw_action_row_set_subtitle (self->verified_row, text);
      return;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->verified_row), _ ("Not Verified"));
  adw_action_row_set_subtitle (
    self->verified_row,
    reprise_backup_get_in_vault (last)
      ? _ ("The last backup has not been read back yet")
      : _ ("The last backup is only on the service: download it, and it is read back"));
}

/* (transfer none) (nullable): the restore that is told of: one that can be undone, or one of the last days */
static RepriseRun *
find_restore (RepriseStandingGroup *self, GDateTime *now)
{
  RepriseRun *undoable = reprise_service_item_get_undoable_run (self->item);
  RepriseRun *last = reprise_service_item_get_last_restore (self->item);

  if (reprise_service_item_get_job (self->item) != NULL)
    return NULL;
  if (last != NULL && g_date_time_difference (now, reprise_run_get_finished_at (last)) <
                        RESTORED_DAYS * G_TIME_SPAN_DAY)
    return last;
  return undoable;
}

/* Undo is offered in a row of its own, which has room for its words; @run: (nullable): the restore that is told of above it */
static void
update_undo (RepriseStandingGroup *self, RepriseRun *run, GDateTime *now)
{
  RepriseRun *undoable = reprise_service_item_get_undoable_run (self->item);
  g_autofree char *when = NULL;
  g_autofree char *title = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->undo_row), run != NULL && undoable != NULL);
  if (run == NULL || undoable == NULL)
    return;
  when = reprise_format_day_time (reprise_run_get_finished_at (undoable), now);
  /* Translators: %s is a day and a time: “20 Nov, 02:00” */
  title = run == undoable ? g_strdup (_ ("Undo This Restore…"))
                          : g_strdup_printf (_ ("Undo the Restore of %s…"), when);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->undo_row), title);
}

/* (transfer full): “Restored 5 minutes ago” */
static char *
dup_restored_title (RepriseRun *run, GDateTime *now)
{
  g_autofree char *ago = reprise_time_to_ago (reprise_run_get_finished_at (run), now);

  if (reprise_run_get_state (run) != REPRISE_JOB_DONE &&
      reprise_run_get_state (run) != REPRISE_JOB_WARNINGS)
    /* Translators: how long ago follows: “Restore not completed, 5 minutes ago” */
    return g_strdup_printf (_ ("Restore not completed, %s"), ago);
  if (reprise_run_get_kind (run) == REPRISE_JOB_UNDO)
    /* Translators: how long ago follows: “Restore undone 5 minutes ago” */
    return g_strdup_printf (_ ("Restore undone %s"), ago);
  /* Translators: how long ago follows: “Restored 5 minutes ago” */
  return g_strdup_printf (_ ("Restored %s"), ago);
}

static void
update_restored (RepriseStandingGroup *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  RepriseRun *run = find_restore (self, now);
  g_autofree char *title = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->restored_row), run != NULL);
  update_undo (self, run, now);
  if (run == NULL)
    return;
  title = dup_restored_title (run, now);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->restored_row), title);
  adw_action_row_set_subtitle (self->restored_row,
                               reprise_run_get_summary (run) != NULL ? reprise_run_get_summary (run)
                               : reprise_run_get_error (run) != NULL ? reprise_run_get_error (run)
                                                                     : "");
}

static void
restored_activated_cb (RepriseStandingGroup *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  RepriseRun *run = find_restore (self, now);

  if (run != NULL)
    gtk_window_present (reprise_job_window_new_for_run (GTK_WIDGET (self), run));
}

/* (transfer full): when it was, and what has come of it; where it is more than a rehearsal it is not called one */
static char *
describe_rehearsal (RepriseKind *kind, RepriseRun *run, GDateTime *now)
{
  const char *more = reprise_run_get_state (run) == REPRISE_JOB_FAILED
                       ? reprise_run_get_error (run)
                       : reprise_run_get_summary (run);
  g_autofree char *when = NULL;

  if (!reprise_kind_has_own_rehearsal (kind) || more == NULL || *more == '\0')
    return reprise_standing_describe_rehearsal (run, now);
  when = reprise_format_day_time (reprise_run_get_finished_at (run), now);
  return g_strdup_printf ("%s · %s", when, more);
}

/* Whether a restore was tried out; where that cannot be done, why. */
static void
update_rehearsal (RepriseStandingGroup *self)
{
  RepriseRun *run = reprise_service_item_get_rehearsal (self->item);
  g_autofree char *reason = reprise_service_item_explain_no_rehearsal (self->item);
  gboolean can = reason == NULL;
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  gboolean shown = kind != NULL && reprise_service_item_get_last_backup (self->item) != NULL;
  gboolean failed = run != NULL && reprise_run_get_state (run) == REPRISE_JOB_FAILED;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->rehearsal_row), shown);
  if (!shown)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->rehearse_button), can);
  /* where the restored service stays, a button that says Rehearse would promise that nothing comes of it */
  gtk_button_set_label (self->rehearse_button, reprise_kind_has_own_rehearsal (kind)
                                                 ? _ ("_Synchronise")
                                                 : _ ("Re_hearse"));
  gtk_image_set_from_icon_name (self->rehearsal_icon, failed        ? "reprise-failed-symbolic"
                                                      : run != NULL ? "reprise-rehearse-symbolic"
                                                                    : "reprise-info-symbolic");
  text = run != NULL ? describe_rehearsal (kind, run, now)
         : can       ? g_strdup (reprise_kind_get_rehearsal_description (kind))
                     : g_steal_pointer (&reason);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->rehearsal_row),
                                 reprise_kind_has_own_rehearsal (kind)
                                   ? reprise_kind_get_rehearsal_title (kind)
                                 : failed      ? _ ("Rehearsal Failed")
                                 : run != NULL ? _ ("Rehearsed")
                                 : can         ? _ ("Not Rehearsed")
                                               : _ ("Cannot Be Rehearsed"));
  adw_action_row_set_subtitle (self->rehearsal_row, text);
}

/* When it is backed up next by itself; the row opens the schedule. */
static void
update_next (RepriseStandingGroup *self)
{
  RepriseService *service = reprise_service_item_get_service (self->item);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (RepriseSchedule) schedule =
    reprise_scheduler_get_schedule (service, REPRISE_ROUTINE_BACK_UP, NULL);
  g_autoptr (GDateTime) next =
    reprise_scheduler_get_next (service, REPRISE_ROUTINE_BACK_UP, now, zone);
  g_autofree char *text = schedule != NULL ? reprise_schedule_to_text (schedule) : NULL;
  g_autofree char *time = next != NULL ? reprise_format_date_time (next) : NULL;
  g_autofree char *subtitle = next != NULL ? g_strdup_printf ("%s · %s", time, text) : NULL;
  const RepriseWaiting *waiting = reprise_service_item_get_waiting (self->item);
  RepriseJob *job = reprise_service_item_get_job (self->item);
  g_autofree char *instead = NULL;

  if (reprise_standing_is_outlasted (service, job, now, zone))
    instead =
      g_strdup (_ ("This backup takes longer than the time until the next one. It goes on to its "
                   "end, and the runs due meanwhile become one after it."));
  else if (waiting != NULL && job == NULL)
    instead = reprise_waiting_to_text (waiting);
  gtk_image_set_from_icon_name (self->next_icon, schedule != NULL && next == NULL
                                                   ? "reprise-pause-symbolic"
                                                   : "reprise-schedule-symbolic");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->next_row),
                                 next != NULL       ? _ ("Next Backup")
                                 : schedule != NULL ? _ ("Schedule Paused")
                                                    : _ ("No Schedule"));
  adw_action_row_set_subtitle (self->next_row, instead != NULL    ? instead
                                               : next != NULL     ? subtitle
                                               : schedule != NULL ? text
                                                                  : _ ("Only backed up by hand"));
}

/* The one question: how do we get our data back? */
static void
update_recovery (RepriseStandingGroup *self)
{
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = NULL;
  g_autofree char *groups = NULL;
  g_autofree char *lost = NULL;
  g_autofree char *text = NULL;
  g_autofree char *advised = NULL;
  const RepriseSeen *seen = reprise_service_item_get_newer_seen (self->item);

  /* what it keeps itself may bring it back: nothing is said as long as it has not told */
  gtk_widget_set_visible (GTK_WIDGET (self->recovery),
                          !reprise_service_item_is_unsure (self->item));
  if (seen != NULL)
    {
      g_autofree char *asked = reprise_format_date_time (seen->asked_at);

      when = reprise_format_date_time (seen->newest_at);
      lost = reprise_standing_describe_recovery (seen->newest_at, now);
      /* Translators: two dates with time */
      text =
        g_strdup_printf (_ ("If this service were lost now, its newest backup would be the one "
                            "of %s, which lies on the service, as it said on %s."),
                         when, asked);
      advised = g_strdup_printf ("%s %s %s", text, lost, _ ("Back up before important changes."));
      gtk_label_set_label (self->recovery, advised);
      return;
    }
  if (last == NULL || reprise_backup_get_damage (last) != NULL ||
      reprise_backup_get_created_at (last) == NULL)
    {
      gtk_label_set_label (
        self->recovery,
        last == NULL
          ? _ ("If this service were lost now, nothing could be brought back.")
          : _ ("The last backup is damaged: look for an earlier one among the backups."));
      return;
    }
  when = reprise_format_date_time (reprise_backup_get_created_at (last));
  groups = reprise_groups_to_text (reprise_backup_get_groups (last));
  lost = reprise_standing_describe_recovery (reprise_backup_get_created_at (last), now);
  if (reprise_time_is_ahead (reprise_backup_get_created_at (last), now))
    text = g_strdup (""); /* nothing can come back as it is yet to be */
  else if (groups[0] != '\0')
    /* Translators: a date with time, and names of data groups */
    text = g_strdup_printf (_ ("If this service were lost now, it would come back as it was on %s, "
                               "with these groups: %s."),
                            when, groups);
  else
    /* Translators: a date with time */
    text = g_strdup_printf (
      _ ("If this service were lost now, it would come back as it was on %s."), when);
  advised = g_strdup_printf ("%s %s %s", text, lost, _ ("Back up before important changes."));
  gtk_label_set_label (self->recovery, g_strstrip (advised));
}

static void
update (RepriseStandingGroup *self)
{
  update_job (self);
  update_status (self);
  update_verified (self);
  update_rehearsal (self);
  update_next (self);
  update_restored (self);
  update_recovery (self);
}

static void
drop_item (RepriseStandingGroup *self)
{
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
}

static void
reprise_standing_group_dispose (GObject *object)
{
  RepriseStandingGroup *self = REPRISE_STANDING_GROUP (object);

  drop_item (self);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_STANDING_GROUP);
  G_OBJECT_CLASS (reprise_standing_group_parent_class)->dispose (object);
}

static void
reprise_standing_group_class_init (RepriseStandingGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_standing_group_dispose;
  g_type_ensure (REPRISE_TYPE_JOB_ROW);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-standing-group.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseStandingGroup, name)
  BIND (job_list_row);
  BIND (job_row);
  BIND (status_row);
  BIND (status_icon);
  BIND (status_button);
  BIND (status_arrow);
  BIND (verified_row);
  BIND (verified_icon);
  BIND (verify_button);
  BIND (rehearsal_row);
  BIND (rehearsal_icon);
  BIND (rehearse_button);
  BIND (next_row);
  BIND (next_icon);
  BIND (restored_row);
  BIND (undo_row);
  BIND (recovery);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, status_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, restored_activated_cb);
}

static void
reprise_standing_group_init (RepriseStandingGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* @item: (nullable): the service that it is about */
void
reprise_standing_group_set_item (RepriseStandingGroup *self, RepriseServiceItem *item)
{
  drop_item (self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  g_signal_connect_object (item, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (item, "notify::status", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (item, "notify::job", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
