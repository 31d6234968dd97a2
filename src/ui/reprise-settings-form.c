/* reprise-settings-form.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-settings-field.h"
#include "reprise-suggestions.h"

struct _RepriseSettingsForm
{
  AdwBin parent_instance;

  GtkWidget *box;
  const RepriseSetting *settings; /* (nullable) */
  GPtrArray *fields;              /* (owned) (element-type RepriseSettingsField) */
  GtkWidget *advanced;            /* (nullable): the row that those are folded into */
  GtkWidget *sign_in_row;         /* behind the settings that a sign-in needs */
  gboolean complete;
};

G_DEFINE_FINAL_TYPE (RepriseSettingsForm, reprise_settings_form, ADW_TYPE_BIN)

typedef enum
{
  PROP_COMPLETE = 1,
} RepriseSettingsFormProperty;

static GParamSpec *properties[PROP_COMPLETE + 1];
static guint changed_signal, list_wanted_signal, sign_in_wanted_signal;

static void
reprise_settings_form_dispose (GObject *object)
{
  RepriseSettingsForm *self = REPRISE_SETTINGS_FORM (object);

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
  sign_in_wanted_signal = g_signal_new ("sign-in-wanted", REPRISE_TYPE_SETTINGS_FORM,
                                        G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
reprise_settings_form_init (RepriseSettingsForm *self)
{
  self->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_settings_field_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  adw_bin_set_child (ADW_BIN (self), self->box);
}

RepriseSettingsForm *
reprise_settings_form_new (void)
{
  return g_object_new (REPRISE_TYPE_SETTINGS_FORM, NULL);
}

/* The rows that have a meaning beside what is chosen, and whether all is there. What is missing is not left folded away. */
static void
update (RepriseSettingsForm *self)
{
  g_autoptr (GHashTable) values = reprise_settings_form_get_values (self);
  gboolean complete = TRUE;

  for (guint i = 0; i < self->fields->len; i++)
    {
      RepriseSettingsField *field = self->fields->pdata[i];
      gboolean shown = reprise_setting_is_shown (field->setting, self->settings, values);

      reprise_settings_field_update (field, shown);
      if (!shown || !reprise_settings_field_is_missing (field))
        continue;
      complete = FALSE;
      if (field->setting->advanced)
        adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->advanced), TRUE);
    }
  if (complete == self->complete)
    return;
  self->complete = complete;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPLETE]);
}

static void
sign_in_cb (RepriseSettingsForm *self)
{
  g_signal_emit (self, sign_in_wanted_signal, 0);
}

static GtkWidget *
new_sign_in_row (RepriseSettingsForm *self)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Sign In…"));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (sign_in_cb), self);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Sign-In"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  gtk_widget_set_visible (row, FALSE);
  return row;
}

static void
add_advanced (RepriseSettingsForm *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->advanced = adw_expander_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->advanced), _ ("Advanced"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->advanced);
  gtk_box_append (GTK_BOX (self->box), group);
}

/* (transfer none): a new part of the form, behind the one before and before what is folded away. @former: (nullable) */
static GtkWidget *
add_section (RepriseSettingsForm *self, GtkWidget *former, const RepriseSetting *first)
{
  GtkWidget *group = adw_preferences_group_new ();

  if (first != NULL && first->section != NULL)
    adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ (first->section));
  if (first != NULL && first->section_note != NULL)
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), _ (first->section_note));
  gtk_box_insert_child_after (GTK_BOX (self->box), group, former);
  return group;
}

/* @plain: the group of what is not folded away */
static void
add_row (RepriseSettingsForm *self, GtkWidget *plain, gboolean advanced, GtkWidget *row)
{
  if (row != NULL && advanced)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (self->advanced), row);
  else if (row != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (plain), row);
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
  GtkWidget *plain;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  g_ptr_array_set_size (self->fields, 0);
  self->settings = settings;
  self->advanced = NULL;
  self->sign_in_row = new_sign_in_row (self);
  plain = add_section (self, NULL, settings);
  for (; settings != NULL && settings->key != NULL; settings++)
    {
      RepriseSettingsField *field = reprise_settings_field_new (self, settings, update);

      if (settings->section != NULL && settings != self->settings)
        plain = add_section (self, plain, settings);
      if (settings->advanced && self->advanced == NULL)
        add_advanced (self);
      add_row (self, plain, settings->advanced, field->row);
      add_row (self, plain, settings->advanced, field->stored);
      add_row (self, plain, settings->advanced, field->told);
      if (settings->sign_in_follows)
        add_row (self, plain, FALSE, self->sign_in_row);
      g_ptr_array_add (self->fields, field);
    }
  if (gtk_widget_get_parent (self->sign_in_row) == NULL)
    add_row (self, plain, FALSE, self->sign_in_row);
  update (self);
}

/**
 * reprise_settings_form_show_sign_in:
 * @shown: whether somebody signs in to the service as the form has it
 * @text: how that stands: “Signed in”
 */
void
reprise_settings_form_show_sign_in (RepriseSettingsForm *self, gboolean shown, const char *text)
{
  gtk_widget_set_visible (self->sign_in_row, shown);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->sign_in_row), text);
}

static RepriseSettingsField *
find_field (RepriseSettingsForm *self, const char *key)
{
  for (guint i = 0; i < self->fields->len; i++)
    if (g_str_equal (((RepriseSettingsField *) self->fields->pdata[i])->setting->key, key))
      return self->fields->pdata[i];
  return NULL;
}

/* Not for secrets: those are never shown again. */
void
reprise_settings_form_set_value (RepriseSettingsForm *self, const char *key, const char *value)
{
  RepriseSettingsField *field = find_field (self, key);

  if (field != NULL && value != NULL)
    reprise_settings_field_set_value (field, value);
}

/* (transfer none) (nullable): of no secret; %NULL where there is no such setting */
const char *
reprise_settings_form_get_value (RepriseSettingsForm *self, const char *key)
{
  RepriseSettingsField *field = find_field (self, key);

  return field != NULL && field->setting->type != REPRISE_SETTING_SECRET
           ? reprise_settings_field_get_value (field)
           : NULL;
}

/* The value is known already: the row is not shown. */
void
reprise_settings_form_fix_value (RepriseSettingsForm *self, const char *key, const char *value)
{
  RepriseSettingsField *field = find_field (self, key);

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
  RepriseSettingsField *field = find_field (self, key);

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
  RepriseSettingsField *field = find_field (self, key);

  if (field != NULL && field->chooser != NULL)
    reprise_choice_button_show (field->chooser, choices, problem);
}

/* Something else has to be done first. */
void
reprise_settings_form_hide_choices (RepriseSettingsForm *self, const char *key)
{
  RepriseSettingsField *field = find_field (self, key);

  if (field != NULL && field->chooser != NULL)
    reprise_choice_button_popdown (field->chooser);
}

/* The keyring has this secret: it is said, and can be replaced. */
void
reprise_settings_form_set_stored (RepriseSettingsForm *self, const char *key)
{
  RepriseSettingsField *field = find_field (self, key);

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
      RepriseSettingsField *field = self->fields->pdata[i];
      const char *value = reprise_settings_field_get_value (field);

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
  RepriseSettingsField *field = find_field (self, key);

  if (field == NULL || field->is_stored || !gtk_widget_get_visible (field->row) ||
      *reprise_settings_field_get_value (field) == '\0')
    return NULL;
  return reprise_secret_value_new_text (reprise_settings_field_get_value (field));
}

gboolean
reprise_settings_form_get_complete (RepriseSettingsForm *self)
{
  return self->complete;
}

/* (transfer full) (nullable): which fields have to be filled in still, as a whole sentence; %NULL when none has */
char *
reprise_settings_form_describe_missing (RepriseSettingsForm *self)
{
  g_autoptr (GHashTable) values = reprise_settings_form_get_values (self);
  g_autoptr (GString) labels = g_string_new (NULL);

  for (guint i = 0; i < self->fields->len; i++)
    {
      RepriseSettingsField *field = self->fields->pdata[i];

      if (reprise_setting_is_shown (field->setting, self->settings, values) &&
          reprise_settings_field_is_missing (field))
        g_string_append_printf (labels, "%s%s", labels->len > 0 ? ", " : "",
                                reprise_settings_field_get_label (field));
    }
  /* Translators: names of fields of a form, with commas between them */
  return labels->len > 0 ? g_strdup_printf (_ ("Still missing: %s"), labels->str) : NULL;
}

/* @key has another value: what lay in the one before does not lie in this one. */
void
reprise_settings_form_empty_dependents (RepriseSettingsForm *self, const char *key)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      RepriseSettingsField *field = self->fields->pdata[i];
      const char *value = field->setting->default_value;

      if (!field->is_fixed && field->setting->type != REPRISE_SETTING_SECRET &&
          reprise_setting_lies_in (field->setting, self->settings, key))
        reprise_settings_field_set_value (field, value != NULL ? value : "");
    }
}

/* What was typed is meant, as something is done with it now. */
void
reprise_settings_form_settle (RepriseSettingsForm *self)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      RepriseSettingsField *field = self->fields->pdata[i];

      if (field->settled != NULL)
        reprise_settings_field_settle (field);
    }
}

/* One that is folded away is shown first: nothing hidden can have the focus. */
static void
point_at (RepriseSettingsForm *self, RepriseSettingsField *field)
{
  if (field->setting->advanced)
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->advanced), TRUE);
  gtk_widget_add_css_class (field->row, "error");
  gtk_widget_grab_focus (field->row);
}

static gboolean
check_fields (RepriseSettingsForm *self, gboolean only_sign_in, GError **error)
{
  reprise_settings_form_settle (self);
  for (guint i = 0; i < self->fields->len; i++)
    {
      RepriseSettingsField *field = self->fields->pdata[i];

      if (field->setting->type == REPRISE_SETTING_SECRET || !gtk_widget_get_visible (field->row) ||
          (only_sign_in && !field->setting->of_sign_in) ||
          reprise_setting_check (field->setting, reprise_settings_field_get_value (field), error))
        continue;
      point_at (self, field);
      return FALSE;
    }
  return TRUE;
}

/* Whether what it takes to sign in is there; else as reprise_settings_form_check(). */
gboolean
reprise_settings_form_check_sign_in (RepriseSettingsForm *self, GError **error)
{
  return check_fields (self, TRUE, error);
}

/* Whether every value fits; else the row is marked and %REPRISE_ERROR_INVALID says what is wrong. */
gboolean
reprise_settings_form_check (RepriseSettingsForm *self, GError **error)
{
  return check_fields (self, FALSE, error);
}
