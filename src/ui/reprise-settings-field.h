/* reprise-settings-field.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-choice-button.h"
#include "reprise-settings-form.h"

G_BEGIN_DECLS

/**
 * RepriseSettingsField:
 *
 * One setting of a form: the row that is shown, and the widget in it that holds the value.
 */
typedef struct
{
  RepriseSettingsForm *form;
  void (*edited) (RepriseSettingsForm *form);
  const RepriseSetting *setting;
  GtkWidget *row;
  GtkWidget *editor; /* GtkEditable, GtkSwitch or AdwComboRow */
  GtkWidget *stored; /* (nullable): shown instead of the row while the keyring has the secret */
  GtkWidget *told;   /* (nullable): what the secret, or the time, that was typed is */
  RepriseChoiceButton *chooser; /* (nullable): opens what the service lists */
  GtkFileChooserNative *dialog; /* (owned) (nullable) */
  GPtrArray
    *choices;    /* (owned) (nullable) (element-type utf8): those of a choice that are offered */
  char *settled; /* (owned) (nullable): the value in which lies what depends on it */
  gboolean is_stored;
  gboolean is_fixed; /* its value is known, and not asked for */
} RepriseSettingsField;

RepriseSettingsField *reprise_settings_field_new (RepriseSettingsForm *form,
                                                  const RepriseSetting *setting,
                                                  void (*edited) (RepriseSettingsForm *form));
void reprise_settings_field_free (RepriseSettingsField *field);
const char *reprise_settings_field_get_label (const RepriseSettingsField *field);
const char *reprise_settings_field_get_value (RepriseSettingsField *field);
void reprise_settings_field_set_value (RepriseSettingsField *field, const char *value);
void reprise_settings_field_settle (RepriseSettingsField *field);
gboolean reprise_settings_field_is_missing (RepriseSettingsField *field);
void reprise_settings_field_update (RepriseSettingsField *field, gboolean shown);

G_END_DECLS
