/* reprise-schedule-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "provider/reprise-hooks.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-standing.h"
#include "provider/reprise-webhook.h"
#include "reprise-error-bar.h"
#include "reprise-retention-editor.h"
#include "reprise-schedule-editor.h"
#include "reprise-schedule-window.h"
#include "reprise-title.h"
#include "reprise-ui.h"

struct _RepriseScheduleWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  RepriseErrorBar *error_bar;
  RepriseScheduleEditor *back_up;
  AdwExpanderRow *groups_row;
  GtkSwitch *paused;
  RepriseScheduleEditor *roll_up;
  RepriseScheduleEditor *rehearsal;
  RepriseScheduleEditor *reports;
  GtkWidget *no_rehearsal;
  AdwActionRow *no_rehearsal_row;
  RepriseRetentionEditor *retention;
  AdwEntryRow *before_row;
  AdwEntryRow *after_row;
  AdwActionRow *sandbox_row;
  AdwComboRow *overdue;
  GArray *overdue_days; /* (owned) (element-type int): by position; -1: by the schedule */
  GtkWidget *page;
  GtkButton *cancel_button;
  AdwEntryRow *webhook_row;
  AdwActionRow *webhook_kept_row;
  gboolean webhook_removed;
  gboolean saving; /* the keyring may ask somebody meanwhile */
  char *stays; /* (owned) (nullable): why its address is in the keyring still, a whole sentence */

  RepriseScheduleEditor *editors[REPRISE_N_ROUTINES];
  GtkCheckButton *groups[REPRISE_N_GROUPS]; /* (nullable) */
  RepriseServiceItem *item;                 /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseScheduleWindow, reprise_schedule_window, ADW_TYPE_WINDOW)

/* --- data groups --- */

static RepriseGroups
get_chosen (RepriseScheduleWindow *self)
{
  RepriseGroups groups = REPRISE_GROUPS_NONE;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (self->groups[i] != NULL && gtk_check_button_get_active (self->groups[i]))
      groups |= REPRISE_GROUP_BIT (i);
  return groups;
}

static void
groups_changed_cb (RepriseScheduleWindow *self)
{
  g_autofree char *text = reprise_groups_to_text (get_chosen (self));

  adw_expander_row_set_subtitle (self->groups_row, text);
}

static void
add_group (RepriseScheduleWindow *self, RepriseGroup group, gboolean chosen)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  const char *title = reprise_group_get_title (group);
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, "use-markup", FALSE,
                                 "subtitle-lines", 0, NULL);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), reprise_kind_explain_group (kind, group));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), chosen || group == REPRISE_GROUP_REQUIRED);
  gtk_widget_set_sensitive (check, group != REPRISE_GROUP_REQUIRED);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_signal_connect_object (check, "toggled", G_CALLBACK (groups_changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  adw_expander_row_add_row (self->groups_row, row);
  self->groups[group] = GTK_CHECK_BUTTON (check);
}

static void
fill_groups (RepriseScheduleWindow *self)
{
  RepriseService *service = reprise_service_item_get_service (self->item);
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  const char *set = reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_GROUPS);
  g_auto (GStrv) ids = g_strsplit (set != NULL ? set : "", ",", 0);
  RepriseGroups chosen = REPRISE_GROUPS_NONE;

  gtk_widget_set_visible (GTK_WIDGET (self->groups_row),
                          reprise_kind_can (kind, REPRISE_CAN_CHOOSE_GROUPS));
  if (!reprise_kind_can (kind, REPRISE_CAN_CHOOSE_GROUPS))
    return;
  if (!reprise_groups_from_strv ((const char *const *) ids, &chosen, NULL) ||
      chosen == REPRISE_GROUPS_NONE)
    chosen = reprise_kind_get_default_groups (kind);
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (i != REPRISE_GROUP_SKIPPED)
      add_group (self, (RepriseGroup) i, REPRISE_GROUPS_HAS (chosen, i));
  groups_changed_cb (self);
}

/* What the kind offers by itself needs no setting. */
static void
apply_groups (RepriseScheduleWindow *self, RepriseService *service)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  RepriseGroups chosen = get_chosen (self);
  g_auto (GStrv) ids = NULL;
  g_autofree char *text = NULL;

  if (!reprise_kind_can (kind, REPRISE_CAN_CHOOSE_GROUPS))
    return;
  ids = reprise_groups_to_strv (chosen);
  text = g_strjoinv (",", ids);
  reprise_service_set_setting (service, REPRISE_SCHEDULE_SETTING_GROUPS,
                               chosen == reprise_kind_get_default_groups (kind) ? NULL : text);
}

/* --- attention --- */

/* (transfer full) */
static char *
describe_days (int days)
{
  if (days < 0)
    return g_strdup (_ ("By the schedule"));
  if (days == 0)
    return g_strdup (_ ("Never"));
  return g_strdup_printf (ngettext ("%d day", "%d days", (gulong) days), days);
}

/* One that was set elsewhere has its place between the usual ones. */
static void
fill_overdue (RepriseScheduleWindow *self)
{
  static const int usual[] = { -1, 1, 2, 3, 7, 14, 30 };
  const char *text = reprise_service_get_setting (reprise_service_item_get_service (self->item),
                                                  REPRISE_STANDING_SETTING_OVERDUE);
  int set = text != NULL ? CLAMP (atoi (text), 0, REPRISE_STANDING_MAX_OVERDUE_DAYS) : -1;
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const int never = 0;

  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      if (set > 0 && set < usual[i] && set > usual[i - 1])
        g_array_append_val (self->overdue_days, set);
      g_array_append_val (self->overdue_days, usual[i]);
    }
  if (set > usual[G_N_ELEMENTS (usual) - 1])
    g_array_append_val (self->overdue_days, set);
  g_array_append_val (self->overdue_days, never);
  for (guint i = 0; i < self->overdue_days->len; i++)
    {
      g_autofree char *name = describe_days (g_array_index (self->overdue_days, int, i));

      gtk_string_list_append (names, name);
    }
  adw_combo_row_set_model (self->overdue, G_LIST_MODEL (names));
  for (guint i = 0; i < self->overdue_days->len; i++)
    if (g_array_index (self->overdue_days, int, i) == set)
      adw_combo_row_set_selected (self->overdue, i);
}

static void
apply_overdue (RepriseScheduleWindow *self, RepriseService *service)
{
  guint position = adw_combo_row_get_selected (self->overdue);
  int days =
    position < self->overdue_days->len ? g_array_index (self->overdue_days, int, position) : -1;
  g_autofree char *text = g_strdup_printf ("%d", days);

  reprise_service_set_setting (service, REPRISE_STANDING_SETTING_OVERDUE, days < 0 ? NULL : text);
}

/* --- hooks --- */

/* The address is not shown: it lies in the keyring, and screen readers read entries aloud. */
static void
show_webhook (RepriseScheduleWindow *self)
{
  RepriseService *service = reprise_service_item_get_service (self->item);
  const char *set = reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING);
  gboolean shown = set != NULL && !self->webhook_removed;
  g_autofree char *origin = shown ? reprise_webhook_dup_origin (set) : NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->webhook_row),
                                 shown ? _ ("Another Address") : _ ("Webhook Address"));
  adw_action_row_set_subtitle (self->webhook_kept_row, origin != NULL ? origin : "…");
  gtk_widget_set_visible (GTK_WIDGET (self->webhook_kept_row), shown);
}

static void
remove_webhook_cb (RepriseScheduleWindow *self)
{
  self->webhook_removed = TRUE;
  show_webhook (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->webhook_row));
}

static void
fill_hooks (RepriseScheduleWindow *self)
{
  static const char *const keys[] = { REPRISE_HOOK_SETTING_BEFORE, REPRISE_HOOK_SETTING_AFTER };
  AdwEntryRow *const rows[] = { self->before_row, self->after_row };
  const char *reason = reprise_hooks_get_sandbox_reason ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *value =
        reprise_service_get_setting (reprise_service_item_get_service (self->item), keys[i]);

      gtk_editable_set_text (GTK_EDITABLE (rows[i]), value != NULL ? value : "");
    }
  gtk_widget_set_visible (GTK_WIDGET (self->before_row), reason == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->after_row), reason == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->sandbox_row), reason != NULL);
  if (reason != NULL)
    adw_action_row_set_subtitle (self->sandbox_row, reason);
  show_webhook (self);
}

static void
apply_text (RepriseService *service, const char *key, AdwEntryRow *row)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));

  reprise_service_set_setting (service, key, *text != '\0' ? text : NULL);
}

static void
apply_hooks (RepriseScheduleWindow *self, RepriseService *service)
{
  apply_text (service, REPRISE_HOOK_SETTING_BEFORE, self->before_row);
  apply_text (service, REPRISE_HOOK_SETTING_AFTER, self->after_row);
}

/* Empty, or one that makes sense; else its row is marked. */
static gboolean
check_row (AdwEntryRow *row, gboolean (*check) (const char *, GError **))
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));
  g_autoptr (GError) error = NULL;
  gboolean valid = *text == '\0' || check (text, &error);

  if (valid)
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  gtk_widget_set_tooltip_text (GTK_WIDGET (row), valid ? NULL : error->message);
  return valid;
}

/* --- saving --- */

static void
settle_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  GError *error = NULL;

  if (reprise_scheduler_settle_all (reprise_context_get_history (source), data, now, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void update_save (RepriseScheduleWindow *self);

/* Nothing can be changed while it is saved: it would be lost with the window. */
static void
set_saving (RepriseScheduleWindow *self, gboolean saving)
{
  self->saving = saving;
  if (saving) /* an entry does not like to have the keyboard when it cannot be used */
    gtk_widget_grab_focus (GTK_WIDGET (self->cancel_button));
  gtk_widget_set_sensitive (self->page, !saving);
  if (!saving)
    reprise_ui_focus_field (self->page);
  update_save (self);
}

static void
fail (RepriseScheduleWindow *self, const GError *error)
{
  if (self->error_bar == NULL) /* closed meanwhile */
    return;
  set_saving (self, FALSE);
  reprise_error_bar_show_error (self->error_bar, _ ("Could Not Save the Schedule"), error);
}

/* The rest is saved; what nobody asks for any more may be removed in the keyring’s own program. */
static void
tell_stays (RepriseScheduleWindow *self)
{
  if (self->error_bar == NULL) /* closed meanwhile */
    return;
  set_saving (self, FALSE);
  self->webhook_removed = FALSE;
  show_webhook (self);
  gtk_button_set_label (self->cancel_button, _ ("_Close"));
  reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING,
                               _ ("Webhook Removed, Its Address Stays in the Keyring"),
                               self->stays);
  g_clear_pointer (&self->stays, g_free);
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseScheduleWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      fail (self, error);
      return;
    }
  reprise_service_item_read (self->item, FALSE);
  if (self->stays != NULL)
    tell_stays (self);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* A schedule that was changed begins now: nothing of the past is made up for. */
static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseScheduleWindow) self = data;
  RepriseContext *context = reprise_service_item_get_context (self->item);
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_services_save_finish (REPRISE_SERVICES (source), result, &error))
    {
      fail (self, error);
      return;
    }
  task = g_task_new (context, NULL, settled_cb, g_object_ref (self));
  g_task_set_task_data (task, reprise_service_copy (reprise_service_item_get_service (self->item)),
                        g_object_unref);
  g_task_run_in_thread (task, settle_worker);
}

/* What is to be kept in the keyring before the rest is saved. */
typedef struct
{
  RepriseService *service; /* (owned): a copy */
  char *address;           /* (owned) (nullable): %NULL takes it away */
} Webhook;

static void
webhook_free (gpointer data)
{
  Webhook *webhook = data;

  g_object_unref (webhook->service);
  g_free (webhook->address);
  g_free (webhook);
}

static void
webhook_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Webhook *webhook = data;
  GError *error = NULL;

  if (reprise_webhook_set (webhook->service, webhook->address, REPRISE_KEYRING_MAY_PROMPT,
                           cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
save (RepriseScheduleWindow *self, RepriseService *edited)
{
  RepriseContext *context = reprise_service_item_get_context (self->item);

  reprise_services_save_async (reprise_context_get_services (context), edited, NULL, saved_cb,
                               g_object_ref (self));
}

static void
webhook_kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseScheduleWindow) self = data;
  Webhook *webhook = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) && webhook->address != NULL)
    {
      fail (self, error);
      return;
    }
  g_free (self->stays);
  self->stays = error != NULL ? reprise_error_get_sentence (error) : NULL;
  save (self, webhook->service);
}

/* Returns: whether the address is on its way, and the rest is saved after it */
static gboolean
keep_webhook (RepriseScheduleWindow *self, RepriseService *edited)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->webhook_row));
  g_autoptr (GTask) task = NULL;
  Webhook *webhook;

  if (*text == '\0' && !self->webhook_removed)
    return FALSE;
  webhook = g_new0 (Webhook, 1);
  webhook->service = g_object_ref (edited);
  webhook->address = *text != '\0' ? g_strdup (text) : NULL;
  task = g_task_new (NULL, NULL, webhook_kept_cb, g_object_ref (self));
  g_task_set_task_data (task, webhook, webhook_free);
  reprise_task_run_in_own_thread (task, webhook_worker);
  return TRUE;
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseScheduleWindow *self = REPRISE_SCHEDULE_WINDOW (widget);
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  g_autoptr (RepriseService) edited =
    reprise_service_copy (reprise_service_item_get_service (self->item));

  for (guint i = 0; i < REPRISE_N_ROUTINES; i++)
    if (reprise_routine_is_of_kind ((RepriseRoutine) i, kind))
      reprise_service_set_setting (edited, reprise_routine_get_setting ((RepriseRoutine) i),
                                   reprise_schedule_editor_get_text (self->editors[i]));
  reprise_service_set_setting (edited, REPRISE_SCHEDULE_SETTING_PAUSED,
                               gtk_switch_get_active (self->paused) ? "true" : NULL);
  apply_groups (self, edited);
  apply_overdue (self, edited);
  apply_hooks (self, edited);
  if (!reprise_kind_can (kind, REPRISE_HAS_HISTORY))
    reprise_retention_editor_apply (self->retention, edited);
  reprise_error_bar_clear (self->error_bar);
  set_saving (self, TRUE);
  if (!keep_webhook (self, edited))
    save (self, edited);
}

static void
update_save (RepriseScheduleWindow *self)
{
  gboolean valid = check_row (self->before_row, reprise_hooks_check_command);

  valid = check_row (self->after_row, reprise_hooks_check_command) && valid;
  valid = check_row (self->webhook_row, reprise_webhook_check) && valid;
  for (guint i = 0; i < REPRISE_N_ROUTINES; i++)
    valid = valid && reprise_schedule_editor_get_valid (self->editors[i]);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "schedule.save", valid && !self->saving);
}

static void
reprise_schedule_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_SCHEDULE_WINDOW);
  G_OBJECT_CLASS (reprise_schedule_window_parent_class)->dispose (object);
}

static void
reprise_schedule_window_finalize (GObject *object)
{
  g_clear_object (&REPRISE_SCHEDULE_WINDOW (object)->item);
  g_clear_pointer (&REPRISE_SCHEDULE_WINDOW (object)->stays, g_free);
  g_clear_pointer (&REPRISE_SCHEDULE_WINDOW (object)->overdue_days, g_array_unref);
  G_OBJECT_CLASS (reprise_schedule_window_parent_class)->finalize (object);
}

static void
reprise_schedule_window_class_init (RepriseScheduleWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_schedule_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_schedule_window_finalize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_SCHEDULE_EDITOR);
  g_type_ensure (REPRISE_TYPE_RETENTION_EDITOR);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-schedule-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, page);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, back_up);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, groups_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, paused);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, roll_up);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, rehearsal);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, reports);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, no_rehearsal);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, no_rehearsal_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, retention);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, before_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, after_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, sandbox_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, overdue);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, webhook_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleWindow, webhook_kept_row);
  gtk_widget_class_bind_template_callback (widget_class, remove_webhook_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_save);
  gtk_widget_class_install_action (widget_class, "schedule.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_schedule_window_init (RepriseScheduleWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->overdue_days = g_array_new (FALSE, FALSE, sizeof (int));
  g_signal_connect (self, "map", G_CALLBACK (reprise_ui_focus_field), NULL);
  self->editors[REPRISE_ROUTINE_BACK_UP] = self->back_up;
  self->editors[REPRISE_ROUTINE_ROLL_UP] = self->roll_up;
  self->editors[REPRISE_ROUTINE_REHEARSE] = self->rehearsal;
  self->editors[REPRISE_ROUTINE_REPORTS] = self->reports;
  for (guint i = 0; i < REPRISE_N_ROUTINES; i++)
    g_signal_connect_object (self->editors[i], "notify::valid", G_CALLBACK (update_save), self,
                             G_CONNECT_SWAPPED);
}

static void
fill_rehearsal (RepriseScheduleWindow *self)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  g_autofree char *reason = reprise_service_item_explain_no_rehearsal (self->item);
  const char *set =
    reprise_service_get_setting (reprise_service_item_get_service (self->item),
                                 reprise_routine_get_setting (REPRISE_ROUTINE_REHEARSE));

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->rehearsal),
                                   reprise_kind_get_rehearsal_title (kind));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->rehearsal),
                                         reprise_kind_get_rehearsal_description (kind));
  gtk_widget_set_visible (self->no_rehearsal, reason != NULL);
  if (reason == NULL)
    return;
  if (set == NULL) /* one that is set can be taken away */
    gtk_widget_set_visible (GTK_WIDGET (self->rehearsal), FALSE);
  adw_action_row_set_subtitle (self->no_rehearsal_row, reason);
}

/* @item: a service whose kind is known */
GtkWindow *
reprise_schedule_window_new (GtkWindow *parent, RepriseServiceItem *item)
{
  RepriseScheduleWindow *self =
    g_object_new (REPRISE_TYPE_SCHEDULE_WINDOW, "transient-for", parent, NULL);
  RepriseService *service = reprise_service_item_get_service (item);
  RepriseKind *kind = reprise_service_item_get_kind (item);

  self->item = g_object_ref (item);
  reprise_title_set_subtitle (self->window_title, reprise_service_item_get_name (item));
  for (guint i = 0; i < REPRISE_N_ROUTINES; i++)
    {
      RepriseRoutine routine = (RepriseRoutine) i;

      gtk_widget_set_visible (GTK_WIDGET (self->editors[i]),
                              reprise_routine_is_of_kind (routine, kind));
      reprise_schedule_editor_set_text (
        self->editors[i],
        reprise_service_get_setting (service, reprise_routine_get_setting (routine)));
    }
  gtk_switch_set_active (self->paused, reprise_scheduler_is_paused (service));
  fill_groups (self);
  fill_rehearsal (self);
  fill_overdue (self);
  fill_hooks (self);
  gtk_widget_set_visible (GTK_WIDGET (self->retention),
                          !reprise_kind_can (kind, REPRISE_HAS_HISTORY));
  reprise_retention_editor_set_item (self->retention, item);
  return GTK_WINDOW (self);
}
