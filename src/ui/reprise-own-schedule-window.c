/* reprise-own-schedule-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "provider/reprise-context-access.h"
#include "reprise-error-bar.h"
#include "reprise-own-schedule-window.h"
#include "reprise-settings-form.h"
#include "reprise-title.h"
#include "reprise-ui.h"

struct _RepriseOwnScheduleWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  RepriseErrorBar *error_bar;
  GtkStack *stack;
  AdwPreferencesGroup *facts;
  RepriseSettingsForm *form;
  GtkActionBar *action_bar;

  RepriseServiceItem *item;  /* (owned) */
  GCancellable *cancellable; /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseOwnScheduleWindow, reprise_own_schedule_window, ADW_TYPE_WINDOW)

static void
update_actions (RepriseOwnScheduleWindow *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "schedule.save",
                                 reprise_settings_form_get_complete (self->form));
}

/* --- showing it --- */

static void
add_facts (RepriseOwnScheduleWindow *self, JsonObject *values)
{
  JsonArray *facts = reprise_json_get_array (values, REPRISE_SCHEDULE_FACTS);

  for (guint i = 0; i < reprise_json_array_get_length (facts); i++)
    {
      JsonObject *fact = reprise_json_array_get_object (facts, i);
      GtkWidget *row = g_object_new (
        ADW_TYPE_ACTION_ROW, "title", reprise_json_get_string (fact, "label", ""), "subtitle",
        reprise_json_get_string (fact, "value", ""), "use-markup", FALSE, NULL);

      gtk_widget_add_css_class (row, "property");
      adw_preferences_group_add (self->facts, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->facts), reprise_json_array_get_length (facts) > 0);
}

static void
show_warnings (RepriseOwnScheduleWindow *self, JsonObject *values)
{
  JsonArray *warnings = reprise_json_get_array (values, REPRISE_SCHEDULE_WARNINGS);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < reprise_json_array_get_length (warnings); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "",
                            reprise_json_array_get_string (warnings, i, ""));
  if (text->len > 0)
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING,
                                 _ ("The Schedule Needs Attention"), text->str);
}

static void
show_values (RepriseOwnScheduleWindow *self, JsonObject *values)
{
  const RepriseSetting *setting =
    reprise_kind_get_schedule_settings (reprise_service_item_get_kind (self->item));

  for (; setting != NULL && setting->key != NULL; setting++)
    {
      const char *value = reprise_json_get_string (values, setting->key, NULL);

      if (value != NULL)
        reprise_settings_form_set_value (self->form, setting->key, value);
    }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseOwnScheduleWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) schedule =
    reprise_context_get_schedule_finish (REPRISE_CONTEXT (source), result, &error);
  JsonObject *values = reprise_json_node_get_object (schedule);

  if (error != NULL && reprise_error_is_stop (error))
    return;
  gtk_stack_set_visible_child_name (self->stack, error == NULL ? "form" : "nothing");
  if (error != NULL)
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Read the Schedule"), error);
      return;
    }
  reprise_title_set_subtitle (self->window_title, schedule != NULL
                                                    ? reprise_service_item_get_name (self->item)
                                                    : _ ("There is none yet"));
  show_values (self, values);
  add_facts (self, values);
  show_warnings (self, values);
  gtk_widget_set_visible (GTK_WIDGET (self->action_bar), schedule != NULL);
  update_actions (self);
  reprise_ui_focus_field (GTK_WIDGET (self));
}

/* --- changing it --- */

static JsonNode *
make_schedule (RepriseOwnScheduleWindow *self)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  const RepriseSetting *setting =
    reprise_kind_get_schedule_settings (reprise_service_item_get_kind (self->item));

  json_builder_begin_object (json);
  for (; setting != NULL && setting->key != NULL; setting++)
    {
      const char *value = reprise_settings_form_get_value (self->form, setting->key);

      json_builder_set_member_name (json, setting->key);
      json_builder_add_string_value (json, value != NULL ? value : "");
    }
  json_builder_end_object (json);
  return json_builder_get_root (json);
}

static void
set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseOwnScheduleWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (reprise_context_set_schedule_finish (REPRISE_CONTEXT (source), result, &error))
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  if (reprise_error_is_stop (error))
    return;
  gtk_stack_set_visible_child_name (self->stack, "form");
  update_actions (self);
  reprise_error_bar_show_error (self->error_bar, _ ("Could Not Set the Schedule"), error);
}

/* @schedule: (nullable): with %NULL it is removed */
static void
set_schedule (RepriseOwnScheduleWindow *self, JsonNode *schedule)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "schedule.save", FALSE);
  gtk_stack_set_visible_child_name (self->stack, "reading");
  reprise_error_bar_clear (self->error_bar);
  reprise_context_set_schedule_async (reprise_service_item_get_context (self->item),
                                      reprise_service_item_get_service (self->item), NULL, schedule,
                                      self->cancellable, set_cb, g_object_ref (self));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseOwnScheduleWindow *self = REPRISE_OWN_SCHEDULE_WINDOW (widget);
  g_autoptr (JsonNode) schedule = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_settings_form_check (self->form, &error))
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Set the Schedule"), error);
      return;
    }
  schedule = make_schedule (self);
  set_schedule (self, schedule);
}

static void
remove_response_cb (AdwMessageDialog *dialog, const char *response, RepriseOwnScheduleWindow *self)
{
  if (g_str_equal (response, "remove"))
    set_schedule (self, NULL);
}

/* It can be paused, too: what is removed has to be set anew. */
static void
remove_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseOwnScheduleWindow *self = REPRISE_OWN_SCHEDULE_WINDOW (widget);
  g_autofree char *heading = g_strdup_printf (_ ("Remove the Schedule of “%s”?"),
                                              reprise_service_item_get_name (self->item));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
    adw_message_dialog_new (GTK_WINDOW (self), heading,
                            _ ("The service then makes no more backups by itself. Those that it "
                               "has made stay.")));

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "remove", _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "remove", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (remove_response_cb), self,
                           G_CONNECT_DEFAULT);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
changed_cb (RepriseOwnScheduleWindow *self)
{
  update_actions (self);
}

static void
reprise_own_schedule_window_dispose (GObject *object)
{
  RepriseOwnScheduleWindow *self = REPRISE_OWN_SCHEDULE_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_OWN_SCHEDULE_WINDOW);
  G_OBJECT_CLASS (reprise_own_schedule_window_parent_class)->dispose (object);
}

static void
reprise_own_schedule_window_finalize (GObject *object)
{
  RepriseOwnScheduleWindow *self = REPRISE_OWN_SCHEDULE_WINDOW (object);

  g_clear_object (&self->item);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (reprise_own_schedule_window_parent_class)->finalize (object);
}

static void
reprise_own_schedule_window_class_init (RepriseOwnScheduleWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_own_schedule_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_own_schedule_window_finalize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_SETTINGS_FORM);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-own-schedule-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseOwnScheduleWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, RepriseOwnScheduleWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseOwnScheduleWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseOwnScheduleWindow, facts);
  gtk_widget_class_bind_template_child (widget_class, RepriseOwnScheduleWindow, form);
  gtk_widget_class_bind_template_child (widget_class, RepriseOwnScheduleWindow, action_bar);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_install_action (widget_class, "schedule.save", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "schedule.remove", NULL, remove_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_own_schedule_window_init (RepriseOwnScheduleWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "schedule.save", FALSE);
}

/* A setting of the schedule that is called as one of the service is about what that one names: where it names nothing, there is nothing to
 * choose. */
static void
leave_out_unnamed (RepriseOwnScheduleWindow *self)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  RepriseService *service = reprise_service_item_get_service (self->item);
  const RepriseSetting *setting = reprise_kind_get_schedule_settings (kind);

  for (; setting != NULL && setting->key != NULL; setting++)
    {
      const RepriseSetting *named =
        reprise_setting_find (reprise_kind_get_settings (kind), setting->key);
      const char *value = reprise_service_get_setting (service, setting->key);

      if (named != NULL && (value == NULL || *value == '\0'))
        reprise_settings_form_fix_value (self->form, setting->key, setting->default_value);
    }
}

/* @item: a service whose kind has a schedule of its own */
GtkWindow *
reprise_own_schedule_window_new (GtkWindow *parent, RepriseServiceItem *item)
{
  RepriseOwnScheduleWindow *self =
    g_object_new (REPRISE_TYPE_OWN_SCHEDULE_WINDOW, "transient-for", parent, NULL);

  self->item = g_object_ref (item);
  reprise_title_set_subtitle (self->window_title, reprise_service_item_get_name (item));
  reprise_settings_form_set_settings (
    self->form, reprise_kind_get_schedule_settings (reprise_service_item_get_kind (item)));
  leave_out_unnamed (self);
  reprise_context_get_schedule_async (reprise_service_item_get_context (item),
                                      reprise_service_item_get_service (item), NULL,
                                      self->cancellable, read_cb, g_object_ref (self));
  return GTK_WINDOW (self);
}
