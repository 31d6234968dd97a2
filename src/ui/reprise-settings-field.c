/* reprise-settings-field.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-settings-field.h"
#include "reprise-suggestions.h"
#include "reprise-time-button.h"

void
reprise_settings_field_free (RepriseSettingsField *field)
{
  if (field->dialog != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (field->dialog));
  g_clear_object (&field->dialog);
  g_clear_pointer (&field->choices, g_ptr_array_unref);
  g_free (field->settled);
  g_free (field);
}

/* (transfer none): for people */
const char *
reprise_settings_field_get_label (const RepriseSettingsField *field)
{
  return field->setting->label != NULL ? _ (field->setting->label) : field->setting->key;
}

/* (transfer none): what is in the field now; "" for nothing */
const char *
reprise_settings_field_get_value (RepriseSettingsField *field)
{
  guint selected;

  switch (field->setting->type)
    {
    case REPRISE_SETTING_BOOLEAN:
      return gtk_switch_get_active (GTK_SWITCH (field->editor)) ? "true" : "false";
    case REPRISE_SETTING_CHOICE:
      selected = adw_combo_row_get_selected (ADW_COMBO_ROW (field->editor));
      return selected < field->choices->len ? field->choices->pdata[selected] : "";
    case REPRISE_SETTING_TEXT:
    case REPRISE_SETTING_ADDRESS:
    case REPRISE_SETTING_PATH:
    case REPRISE_SETTING_INTEGER:
    case REPRISE_SETTING_TIME:
    case REPRISE_SETTING_SECRET:
    default:
      return gtk_editable_get_text (GTK_EDITABLE (field->editor));
    }
}

static void
set_told (RepriseSettingsField *field, const char *text, GPtrArray *warnings, gboolean bad)
{
  g_autoptr (GString) more = g_string_new (NULL);

  for (guint i = 0; i < warnings->len; i++)
    g_string_append_printf (more, "%s%s", i > 0 ? "\n" : "", (char *) warnings->pdata[i]);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (field->told), text);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (field->told), more->str);
  if (bad)
    gtk_widget_add_css_class (field->told, "error");
  else
    gtk_widget_remove_css_class (field->told, "error");
}

/* (transfer full) (nullable): of a time: which one that is here */
static char *
describe_time (const char *typed, GError **error)
{
  g_autoptr (GDateTime) time = reprise_setting_read_time (typed);

  if (time != NULL)
    return reprise_time_button_describe (time);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                             _ ("Not understood yet: a time is like 2026-11-21 02:00"));
  return NULL;
}

/* Whether it is the right secret can be seen from what is said of it; the secret itself is not shown. */
static void
tell (RepriseSettingsField *field)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (field->editor));
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (field->told, gtk_widget_get_visible (field->row) && *typed != '\0');
  if (!gtk_widget_get_visible (field->told))
    return;
  text = field->setting->type == REPRISE_SETTING_TIME
           ? describe_time (typed, &error)
           : field->setting->describe (typed, warnings, &error);
  set_told (field, text != NULL ? text : error->message, warnings, text == NULL);
}

static void
edited_cb (RepriseSettingsField *field)
{
  gtk_widget_remove_css_class (field->row, "error");
  field->edited (field->form);
  g_signal_emit_by_name (field->form, "changed");
}

/* A button that explains a row: entry rows have no room for a sentence. */
static GtkWidget *
new_help_button (const RepriseSetting *setting, const char *help)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *label = gtk_label_new (help);
  g_autofree char *name = g_strdup_printf (_ ("Help on %s"), _ (setting->label));

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 36);
  gtk_popover_set_child (GTK_POPOVER (popover), label);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "reprise-help-symbolic");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  return button;
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, RepriseSettingsField *field)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    gtk_editable_set_text (GTK_EDITABLE (field->editor), path);
  gtk_native_dialog_destroy (dialog);
  g_clear_object (&field->dialog);
}

static void
choose (RepriseSettingsField *field, GtkFileChooserAction action, const char *title)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (field->form));

  if (field->dialog != NULL)
    return;
  field->dialog =
    gtk_file_chooser_native_new (title, GTK_WINDOW (root), action, _ ("_Choose"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (field->dialog), TRUE);
  g_signal_connect (field->dialog, "response", G_CALLBACK (chosen_cb), field);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (field->dialog));
}

static void
choose_folder_cb (RepriseSettingsField *field)
{
  choose (field, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("Choose a Folder"));
}

static void
choose_file_cb (RepriseSettingsField *field)
{
  choose (field, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Choose a File"));
}

static GtkWidget *
new_icon_button (const char *icon,
                 const char *name,
                 GCallback callback,
                 RepriseSettingsField *field)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", callback, field);
  return button;
}

/* Of what can be typed. */
static void
note_settled (RepriseSettingsField *field)
{
  g_free (field->settled);
  field->settled = g_strdup (reprise_settings_field_get_value (field));
}

/**
 * reprise_settings_field_settle:
 *
 * What was typed is meant, as somebody has gone on to something else: where it is another value than the one before, what lay in that one
 * does not lie in this one. With the first value nothing is taken away.
 */
void
reprise_settings_field_settle (RepriseSettingsField *field)
{
  gboolean is_another = field->settled != NULL && *field->settled != '\0' &&
                        strcmp (field->settled, reprise_settings_field_get_value (field)) != 0;

  note_settled (field);
  if (is_another)
    reprise_settings_form_empty_dependents (field->form, field->setting->key);
}

static void
wanted_cb (RepriseSettingsField *field)
{
  reprise_settings_form_settle (field->form);
  g_signal_emit_by_name (field->form, "list-wanted", field->setting->key);
}

/* What follows from a choice is set along with it. */
static void
listed_chosen_cb (RepriseChoiceButton *button,
                  const RepriseChoice *choice,
                  RepriseSettingsField *field)
{
  GHashTableIter iter;
  gpointer key, value;

  if (g_strcmp0 (reprise_settings_field_get_value (field), choice->value) != 0)
    reprise_settings_form_empty_dependents (field->form, field->setting->key);
  g_hash_table_iter_init (&iter, choice->others);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_settings_form_set_value (field->form, key, value);
  if (field->setting->several)
    reprise_suggestions_toggle_word (GTK_EDITABLE (field->editor), choice->value);
  else
    gtk_editable_set_text (GTK_EDITABLE (field->editor), choice->value);
  note_settled (field);
}

static void
build_chooser (RepriseSettingsField *field)
{
  /* Translators: the name of a setting */
  g_autofree char *name =
    g_strdup_printf (_ ("Choose %s…"), reprise_settings_field_get_label (field));

  field->chooser = reprise_choice_button_new (name);
  reprise_choice_button_set_several (field->chooser, field->setting->several);
  g_signal_connect_swapped (field->chooser, "wanted", G_CALLBACK (wanted_cb), field);
  g_signal_connect (field->chooser, "chosen", G_CALLBACK (listed_chosen_cb), field);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (field->row), GTK_WIDGET (field->chooser));
}

static void
build_time_button (RepriseSettingsField *field)
{
  /* Translators: the name of a setting */
  g_autofree char *name =
    g_strdup_printf (_ ("Choose %s…"), reprise_settings_field_get_label (field));

  adw_entry_row_add_suffix (ADW_ENTRY_ROW (field->row),
                            GTK_WIDGET (reprise_time_button_new (GTK_EDITABLE (field->row), name,
                                                                 field->setting->required)));
}

/* Not with each letter: half a name is not another one yet. */
static void
settle_when_left (RepriseSettingsField *field)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect_swapped (focus, "leave", G_CALLBACK (reprise_settings_field_settle), field);
  gtk_widget_add_controller (field->row, focus);
  note_settled (field);
}

static void
build_entry (RepriseSettingsField *field)
{
  const RepriseSetting *setting = field->setting;
  gboolean secret = setting->type == REPRISE_SETTING_SECRET;

  field->row = secret ? adw_password_entry_row_new () : adw_entry_row_new ();
  field->editor = field->row;
  if (setting->type == REPRISE_SETTING_ADDRESS)
    adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (field->row), GTK_INPUT_PURPOSE_URL);
  if (setting->type == REPRISE_SETTING_INTEGER && setting->word == NULL)
    adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (field->row), GTK_INPUT_PURPOSE_DIGITS);
  if (setting->default_value != NULL)
    gtk_editable_set_text (GTK_EDITABLE (field->editor), setting->default_value);
  if (setting->type == REPRISE_SETTING_PATH)
    {
      adw_entry_row_add_suffix (ADW_ENTRY_ROW (field->row),
                                new_icon_button ("reprise-folder-symbolic", _ ("Choose a Folder…"),
                                                 G_CALLBACK (choose_folder_cb), field));
      adw_entry_row_add_suffix (ADW_ENTRY_ROW (field->row),
                                new_icon_button ("reprise-document-symbolic", _ ("Choose a File…"),
                                                 G_CALLBACK (choose_file_cb), field));
    }
  if (setting->listed)
    build_chooser (field);
  if (setting->type == REPRISE_SETTING_TIME)
    build_time_button (field);
  if (setting->help != NULL)
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (field->row),
                              new_help_button (setting, _ (setting->help)));
  g_signal_connect_swapped (field->editor, "changed", G_CALLBACK (edited_cb), field);
  if (!secret)
    settle_when_left (field);
}

static void
build_switch (RepriseSettingsField *field)
{
  field->row = adw_action_row_new ();
  field->editor = gtk_switch_new ();
  gtk_widget_set_valign (field->editor, GTK_ALIGN_CENTER);
  gtk_switch_set_active (GTK_SWITCH (field->editor),
                         g_strcmp0 (field->setting->default_value, "true") == 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (field->row), field->editor);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (field->row), field->editor);
  if (field->setting->help != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (field->row), _ (field->setting->help));
  gtk_accessible_update_property (GTK_ACCESSIBLE (field->editor), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reprise_settings_field_get_label (field), -1);
  g_signal_connect_swapped (field->editor, "notify::active", G_CALLBACK (edited_cb), field);
}

static void
add_choice (RepriseSettingsField *field, const char *value)
{
  GListModel *labels = adw_combo_row_get_model (ADW_COMBO_ROW (field->row));

  g_ptr_array_add (field->choices, g_strdup (value));
  gtk_string_list_append (GTK_STRING_LIST (labels),
                          reprise_setting_get_choice_label (field->setting, value));
}

/* What was chosen elsewhere and is not offered here is shown all the same. */
static void
select_choice (RepriseSettingsField *field, const char *value)
{
  guint i;

  if (value == NULL || !g_strv_contains (field->setting->choices, value))
    return;
  if (!g_ptr_array_find_with_equal_func (field->choices, value, g_str_equal, &i))
    {
      i = field->choices->len;
      add_choice (field, value);
    }
  adw_combo_row_set_selected (ADW_COMBO_ROW (field->editor), i);
}

/* (transfer full) (nullable): the help, and why some choices are not offered on this computer */
static char *
make_choice_help (RepriseSettingsField *field)
{
  const RepriseSetting *setting = field->setting;
  g_autoptr (GString) text = g_string_new (setting->help != NULL ? _ (setting->help) : NULL);

  for (guint i = 0; setting->choices[i] != NULL; i++)
    {
      const char *why = reprise_setting_explain_choice (setting, setting->choices[i]);

      if (why != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", why);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

static void
build_choice (RepriseSettingsField *field)
{
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  const RepriseSetting *setting = field->setting;
  g_autofree char *help = make_choice_help (field);

  field->row = field->editor = adw_combo_row_new ();
  field->choices = g_ptr_array_new_with_free_func (g_free);
  adw_combo_row_set_use_subtitle (ADW_COMBO_ROW (field->row), TRUE); /* words, all of them */
  adw_combo_row_set_model (ADW_COMBO_ROW (field->row), G_LIST_MODEL (labels));
  for (guint i = 0; setting->choices[i] != NULL; i++)
    if (reprise_setting_explain_choice (setting, setting->choices[i]) == NULL)
      add_choice (field, setting->choices[i]);
  select_choice (field, setting->default_value);
  if (help != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (field->row), new_help_button (setting, help));
  g_signal_connect_swapped (field->editor, "notify::selected", G_CALLBACK (edited_cb), field);
}

static void
replace_cb (RepriseSettingsField *field)
{
  field->is_stored = FALSE;
  field->edited (field->form);
  gtk_widget_grab_focus (field->row);
  g_signal_emit_by_name (field->form, "changed");
}

/* What stands where a stored secret would be: that it is there, and a way to give another. */
static void
build_stored (RepriseSettingsField *field)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Replace…"));
  g_autofree char *name =
    g_strdup_printf (_ ("Replace %s"), reprise_settings_field_get_label (field));

  field->stored = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (field->stored), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (field->stored),
                                 reprise_settings_field_get_label (field));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (field->stored), _ ("In the keyring"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (replace_cb), field);
  adw_action_row_add_suffix (ADW_ACTION_ROW (field->stored), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (field->stored), button);
}

static void
build_told (RepriseSettingsField *field)
{
  field->told = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (field->told), FALSE);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (field->told), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (field->told), 0);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (field->told), FALSE);
}

/* Among the plain ones most have to be filled in: those that need not be say so. */
static char *
make_title (const RepriseSettingsField *field)
{
  const RepriseSetting *setting = field->setting;
  const char *label = reprise_settings_field_get_label (field);

  if (setting->required || setting->advanced || setting->default_value != NULL ||
      setting->type == REPRISE_SETTING_BOOLEAN || setting->type == REPRISE_SETTING_CHOICE)
    return g_strdup (label);
  /* Translators: %s is the name of a field that may stay empty */
  return g_strdup_printf (_ ("%s (optional)"), label);
}

/* @edited: called after each change, before the form says that it changed */
RepriseSettingsField *
reprise_settings_field_new (RepriseSettingsForm *form,
                            const RepriseSetting *setting,
                            void (*edited) (RepriseSettingsForm *form))
{
  RepriseSettingsField *field = g_new0 (RepriseSettingsField, 1);
  g_autofree char *title = NULL;

  field->form = form;
  field->edited = edited;
  field->setting = setting;
  if (setting->type == REPRISE_SETTING_BOOLEAN)
    build_switch (field);
  else if (setting->type == REPRISE_SETTING_CHOICE)
    build_choice (field);
  else
    build_entry (field);
  if (setting->type == REPRISE_SETTING_SECRET)
    build_stored (field);
  if (setting->describe != NULL || setting->type == REPRISE_SETTING_TIME)
    build_told (field);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (field->row), FALSE);
  title = make_title (field);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (field->row), title);
  return field;
}

/* As it would be typed here; what is no time stands as it is. */
static void
show_time (RepriseSettingsField *field, const char *value)
{
  g_autoptr (GDateTime) time = reprise_setting_read_time (value);
  g_autofree char *text = time != NULL ? reprise_time_button_write (time) : g_strdup (value);

  gtk_editable_set_text (GTK_EDITABLE (field->editor), text);
}

/* Not for secrets: those are never shown again. */
void
reprise_settings_field_set_value (RepriseSettingsField *field, const char *value)
{
  if (field->setting->type == REPRISE_SETTING_SECRET)
    return;
  if (field->setting->type == REPRISE_SETTING_BOOLEAN)
    gtk_switch_set_active (GTK_SWITCH (field->editor), g_str_equal (value, "true"));
  else if (field->setting->type == REPRISE_SETTING_CHOICE)
    select_choice (field, value);
  else if (field->setting->type == REPRISE_SETTING_TIME)
    show_time (field, value);
  else
    gtk_editable_set_text (GTK_EDITABLE (field->editor), value);
  if (field->settled != NULL)
    note_settled (field);
}

/* Whether it is required and empty. */
gboolean
reprise_settings_field_is_missing (RepriseSettingsField *field)
{
  return field->setting->required && !field->is_stored &&
         *reprise_settings_field_get_value (field) == '\0';
}

/* @shown: whether it has a meaning beside the other settings */
void
reprise_settings_field_update (RepriseSettingsField *field, gboolean shown)
{
  gtk_widget_set_visible (field->row, shown && !field->is_stored && !field->is_fixed);
  if (field->stored != NULL)
    gtk_widget_set_visible (field->stored, shown && field->is_stored);
  if (field->told != NULL)
    tell (field);
}
