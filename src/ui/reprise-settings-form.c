/* reprise-settings-form.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-choice-button.h"
#include "reprise-settings-form.h"
#include "reprise-suggestions.h"

/**
 * Field:
 *
 * One setting of the form: the row that is shown, and the widget in it that holds the value.
 */
typedef struct
{
  RepriseSettingsForm *form;
  const RepriseSetting *setting;
  GtkWidget *row;
  GtkWidget *editor; /* GtkEditable, GtkSwitch or AdwComboRow */
  GtkWidget *stored; /* (nullable): shown instead of the row while the keyring has the secret */
  GtkWidget *told;   /* (nullable): what the secret that was typed is good for */
  RepriseChoiceButton *chooser; /* (nullable): opens what the service lists */
  GPtrArray
    *choices; /* (owned) (nullable) (element-type utf8): those of a choice that are offered */
  gboolean is_stored;
  gboolean is_fixed; /* its value is known, and not asked for */
} Field;

struct _RepriseSettingsForm
{
  AdwBin parent_instance;

  GtkWidget *box;
  const RepriseSetting *settings; /* (nullable) */
  GPtrArray *fields;              /* (owned) (element-type Field) */
  GtkFileChooserNative *chooser;  /* (owned) (nullable) */
  gboolean complete;
};

G_DEFINE_FINAL_TYPE (RepriseSettingsForm, reprise_settings_form, ADW_TYPE_BIN)

typedef enum
{
  PROP_COMPLETE = 1,
} RepriseSettingsFormProperty;

static GParamSpec *properties[PROP_COMPLETE + 1];
static guint changed_signal, list_wanted_signal;

static void
field_free (gpointer data)
{
  Field *field = data;

  g_clear_pointer (&field->choices, g_ptr_array_unref);
  g_free (field);
}

static void
reprise_settings_form_dispose (GObject *object)
{
  RepriseSettingsForm *self = REPRISE_SETTINGS_FORM (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_settings_form_parent_class)->dispose (object);
}

static void
reprise_settings_form_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseSettingsFormProperty) id)
    {
    case PROP_COMPLETE:
      g_value_set_boolean (value, REPRISE_SETTINGS_FORM (object)->complete);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_settings_form_class_init (RepriseSettingsFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = reprise_settings_form_dispose;
  object_class->get_property = reprise_settings_form_get_property;
  properties[PROP_COMPLETE] =
    g_param_spec_boolean ("complete", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  changed_signal = g_signal_new ("changed", REPRISE_TYPE_SETTINGS_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  list_wanted_signal = g_signal_new ("list-wanted", REPRISE_TYPE_SETTINGS_FORM, G_SIGNAL_RUN_LAST,
                                     0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
reprise_settings_form_init (RepriseSettingsForm *self)
{
  self->fields = g_ptr_array_new_with_free_func (field_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  adw_bin_set_child (ADW_BIN (self), self->box);
}

RepriseSettingsForm *
reprise_settings_form_new (void)
{
  return g_object_new (REPRISE_TYPE_SETTINGS_FORM, NULL);
}

/* (transfer none): what is in the field now; "" for nothing */
static const char *
get_value (Field *field)
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
    case REPRISE_SETTING_SECRET:
    default:
      return gtk_editable_get_text (GTK_EDITABLE (field->editor));
    }
}

static void
set_told (Field *field, const char *text, GPtrArray *warnings, gboolean bad)
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

/* Whether it is the right secret can be seen from what is said of it; the secret itself is not shown. */
static void
tell (Field *field)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (field->editor));
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (field->told, gtk_widget_get_visible (field->row) && *typed != '\0');
  if (!gtk_widget_get_visible (field->told))
    return;
  text = field->setting->describe (typed, warnings, &error);
  set_told (field, text != NULL ? text : error->message, warnings, text == NULL);
}

/* The rows that have a meaning beside what is chosen, and whether all is there. */
static void
update (RepriseSettingsForm *self)
{
  g_autoptr (GHashTable) values = reprise_settings_form_get_values (self);
  gboolean complete = TRUE;

  for (guint i = 0; i < self->fields->len; i++)
    {
      Field *field = self->fields->pdata[i];
      gboolean shown = reprise_setting_is_shown (field->setting, self->settings, values);

      gtk_widget_set_visible (field->row, shown && !field->is_stored && !field->is_fixed);
      if (field->stored != NULL)
        gtk_widget_set_visible (field->stored, shown && field->is_stored);
      if (field->told != NULL)
        tell (field);
      if (shown && field->setting->required && !field->is_stored && *get_value (field) == '\0')
        complete = FALSE;
    }
  if (complete == self->complete)
    return;
  self->complete = complete;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPLETE]);
}

static void
edited_cb (Field *field)
{
  gtk_widget_remove_css_class (field->row, "error");
  update (field->form);
  g_signal_emit (field->form, changed_signal, 0);
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
chosen_cb (GtkNativeDialog *dialog, int response, Field *field)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    gtk_editable_set_text (GTK_EDITABLE (field->editor), path);
  gtk_native_dialog_destroy (dialog);
  g_clear_object (&field->form->chooser);
}

static void
choose (Field *field, GtkFileChooserAction action, const char *title)
{
  RepriseSettingsForm *self = field->form;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->chooser != NULL)
    return;
  self->chooser =
    gtk_file_chooser_native_new (title, GTK_WINDOW (root), action, _ ("_Choose"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect (self->chooser, "response", G_CALLBACK (chosen_cb), field);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
choose_folder_cb (Field *field)
{
  choose (field, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("Choose a Folder"));
}

static void
choose_file_cb (Field *field)
{
  choose (field, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Choose a File"));
}

static GtkWidget *
new_icon_button (const char *icon, const char *name, GCallback callback, Field *field)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", callback, field);
  return button;
}

static void
wanted_cb (Field *field)
{
  g_signal_emit (field->form, list_wanted_signal, 0, field->setting->key);
}

/* What follows from a choice is set along with it. */
static void
listed_chosen_cb (RepriseChoiceButton *button, const RepriseChoice *choice, Field *field)
{
  RepriseSettingsForm *self = field->form;
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, choice->others);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_settings_form_set_value (self, key, value);
  gtk_editable_set_text (GTK_EDITABLE (field->editor), choice->value);
}

static void
build_chooser (Field *field)
{
  /* Translators: the name of a setting */
  g_autofree char *name = g_strdup_printf (_ ("Choose %s…"), _ (field->setting->label));

  field->chooser = reprise_choice_button_new (name);
  g_signal_connect_swapped (field->chooser, "wanted", G_CALLBACK (wanted_cb), field);
  g_signal_connect (field->chooser, "chosen", G_CALLBACK (listed_chosen_cb), field);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (field->row), GTK_WIDGET (field->chooser));
}

static void
build_entry (Field *field)
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
  if (setting->help != NULL)
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (field->row),
                              new_help_button (setting, _ (setting->help)));
  g_signal_connect_swapped (field->editor, "changed", G_CALLBACK (edited_cb), field);
}

static void
build_switch (Field *field)
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
                                  _ (field->setting->label), -1);
  g_signal_connect_swapped (field->editor, "notify::active", G_CALLBACK (edited_cb), field);
}

/* (transfer none): for people */
static const char *
get_choice_label (const RepriseSetting *setting, const char *value)
{
  for (guint i = 0; setting->choice_labels != NULL && setting->choices[i] != NULL; i++)
    if (g_str_equal (setting->choices[i], value))
      return _ (setting->choice_labels[i]);
  return value;
}

static void
add_choice (Field *field, const char *value)
{
  GListModel *labels = adw_combo_row_get_model (ADW_COMBO_ROW (field->row));

  g_ptr_array_add (field->choices, g_strdup (value));
  gtk_string_list_append (GTK_STRING_LIST (labels), get_choice_label (field->setting, value));
}

/* What was chosen elsewhere and is not offered here is shown all the same. */
static void
select_choice (Field *field, const char *value)
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
make_choice_help (Field *field)
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
build_choice (Field *field)
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
replace_cb (Field *field)
{
  field->is_stored = FALSE;
  update (field->form);
  gtk_widget_grab_focus (field->row);
  g_signal_emit (field->form, changed_signal, 0);
}

/* What stands where a stored secret would be: that it is there, and a way to give another. */
static void
build_stored (Field *field)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Replace…"));
  g_autofree char *name = g_strdup_printf (_ ("Replace %s"), _ (field->setting->label));

  field->stored = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (field->stored), _ (field->setting->label));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (field->stored), _ ("In the keyring"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (replace_cb), field);
  adw_action_row_add_suffix (ADW_ACTION_ROW (field->stored), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (field->stored), button);
}

static void
build_told (Field *field)
{
  field->told = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (field->told), FALSE);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (field->told), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (field->told), 0);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (field->told), FALSE);
}

static Field *
new_field (RepriseSettingsForm *self, const RepriseSetting *setting)
{
  Field *field = g_new0 (Field, 1);

  field->form = self;
  field->setting = setting;
  if (setting->type == REPRISE_SETTING_BOOLEAN)
    build_switch (field);
  else if (setting->type == REPRISE_SETTING_CHOICE)
    build_choice (field);
  else
    build_entry (field);
  if (setting->type == REPRISE_SETTING_SECRET)
    build_stored (field);
  if (setting->describe != NULL)
    build_told (field);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (field->row),
                                 setting->label != NULL ? _ (setting->label) : setting->key);
  return field;
}

static void
add_row (GtkWidget *place, GtkWidget *row)
{
  if (ADW_IS_EXPANDER_ROW (place))
    adw_expander_row_add_row (ADW_EXPANDER_ROW (place), row);
  else
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (place), row);
}

/**
 * reprise_settings_form_set_settings:
 * @settings: (nullable): ends with a key of %NULL
 *
 * Shows these settings, at their defaults.
 */
void
reprise_settings_form_set_settings (RepriseSettingsForm *self, const RepriseSetting *settings)
{
  GtkWidget *plain = adw_preferences_group_new ();
  GtkWidget *advanced = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  g_ptr_array_set_size (self->fields, 0);
  self->settings = settings;
  gtk_box_append (GTK_BOX (self->box), plain);
  for (; settings != NULL && settings->key != NULL; settings++)
    {
      Field *field = new_field (self, settings);

      if (settings->advanced && advanced == NULL)
        {
          GtkWidget *group = adw_preferences_group_new ();

          advanced = adw_expander_row_new ();
          adw_preferences_row_set_title (ADW_PREFERENCES_ROW (advanced), _ ("Advanced"));
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), advanced);
          gtk_box_append (GTK_BOX (self->box), group);
        }
      add_row (settings->advanced ? advanced : plain, field->row);
      if (field->stored != NULL)
        add_row (settings->advanced ? advanced : plain, field->stored);
      if (field->told != NULL)
        add_row (settings->advanced ? advanced : plain, field->told);
      g_ptr_array_add (self->fields, field);
    }
  update (self);
}

static Field *
find_field (RepriseSettingsForm *self, const char *key)
{
  for (guint i = 0; i < self->fields->len; i++)
    if (g_str_equal (((Field *) self->fields->pdata[i])->setting->key, key))
      return self->fields->pdata[i];
  return NULL;
}

/* Not for secrets: those are never shown again. */
void
reprise_settings_form_set_value (RepriseSettingsForm *self, const char *key, const char *value)
{
  Field *field = find_field (self, key);

  if (field == NULL || value == NULL || field->setting->type == REPRISE_SETTING_SECRET)
    return;
  if (field->setting->type == REPRISE_SETTING_BOOLEAN)
    gtk_switch_set_active (GTK_SWITCH (field->editor), g_str_equal (value, "true"));
  else if (field->setting->type == REPRISE_SETTING_CHOICE)
    select_choice (field, value);
  else
    gtk_editable_set_text (GTK_EDITABLE (field->editor), value);
}

/* (transfer none) (nullable): of no secret; %NULL where there is no such setting */
const char *
reprise_settings_form_get_value (RepriseSettingsForm *self, const char *key)
{
  Field *field = find_field (self, key);

  return field != NULL && field->setting->type != REPRISE_SETTING_SECRET ? get_value (field) : NULL;
}

/* The value is known already: the row is not shown. */
void
reprise_settings_form_fix_value (RepriseSettingsForm *self, const char *key, const char *value)
{
  Field *field = find_field (self, key);

  if (field == NULL)
    return;
  reprise_settings_form_set_value (self, key, value);
  field->is_fixed = TRUE;
  update (self);
}

/**
 * reprise_settings_form_set_suggestions:
 * @key: of a setting that is text
 * @name: of the button that opens them
 * @suggestions: (element-type RepriseSuggestion)
 * @several: whether each is one word among others
 *
 * What can be chosen instead of typed.
 */
void
reprise_settings_form_set_suggestions (RepriseSettingsForm *self,
                                       const char *key,
                                       const char *name,
                                       GPtrArray *suggestions,
                                       gboolean several)
{
  Field *field = find_field (self, key);

  if (field != NULL && suggestions->len > 0 && ADW_IS_ENTRY_ROW (field->row))
    adw_entry_row_add_suffix (
      ADW_ENTRY_ROW (field->row),
      reprise_suggestions_button_new (GTK_EDITABLE (field->editor), name, suggestions, several));
}

/**
 * reprise_settings_form_show_choices:
 * @choices: (nullable) (element-type RepriseChoice): what the service lists
 * @problem: (nullable): why it does not, as a whole sentence
 *
 * The answer to “list-wanted”.
 */
void
reprise_settings_form_show_choices (RepriseSettingsForm *self,
                                    const char *key,
                                    GPtrArray *choices,
                                    const char *problem)
{
  Field *field = find_field (self, key);

  if (field != NULL && field->chooser != NULL)
    reprise_choice_button_show (field->chooser, choices, problem);
}

/* Something else has to be done first. */
void
reprise_settings_form_hide_choices (RepriseSettingsForm *self, const char *key)
{
  Field *field = find_field (self, key);

  if (field != NULL && field->chooser != NULL)
    reprise_choice_button_popdown (field->chooser);
}

/* The keyring has this secret: it is said, and can be replaced. */
void
reprise_settings_form_set_stored (RepriseSettingsForm *self, const char *key)
{
  Field *field = find_field (self, key);

  if (field == NULL || field->stored == NULL)
    return;
  field->is_stored = TRUE;
  update (self);
}

/* (transfer full) (element-type utf8 utf8): key → value of all that are no secrets and not empty */
GHashTable *
reprise_settings_form_get_values (RepriseSettingsForm *self)
{
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < self->fields->len; i++)
    {
      Field *field = self->fields->pdata[i];
      const char *value = get_value (field);

      if (field->setting->type != REPRISE_SETTING_SECRET && *value != '\0')
        g_hash_table_insert (values, g_strdup (field->setting->key),
                             reprise_setting_normalise (field->setting, value, g_get_home_dir ()));
    }
  return values;
}

/* (transfer full) (nullable): what was typed; %NULL for nothing, or where the stored one stays */
RepriseSecretValue *
reprise_settings_form_dup_secret (RepriseSettingsForm *self, const char *key)
{
  Field *field = find_field (self, key);

  if (field == NULL || field->is_stored || !gtk_widget_get_visible (field->row) ||
      *get_value (field) == '\0')
    return NULL;
  return reprise_secret_value_new_text (get_value (field));
}

gboolean
reprise_settings_form_get_complete (RepriseSettingsForm *self)
{
  return self->complete;
}

/* Whether every value fits; else the row is marked and %REPRISE_ERROR_INVALID says what is wrong. */
gboolean
reprise_settings_form_check (RepriseSettingsForm *self, GError **error)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      Field *field = self->fields->pdata[i];

      if (field->setting->type == REPRISE_SETTING_SECRET || !gtk_widget_get_visible (field->row) ||
          reprise_setting_check (field->setting, get_value (field), error))
        continue;
      gtk_widget_add_css_class (field->row, "error");
      gtk_widget_grab_focus (field->row);
      return FALSE;
    }
  return TRUE;
}
