/* reprise-settings-form.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "provider/reprise-choice.h"
#include "secret/reprise-secret-value.h"
#include "service/reprise-setting.h"

G_BEGIN_DECLS

/**
 * RepriseSettingsForm:
 *
 * The settings of a kind as a form, built from their list, so that a new kind needs no new window. Advanced ones are folded
 * away; those that have no meaning beside the others are not shown; a stored secret is never read back, only replaced.
 *
 * Where another value is chosen, or typed and left, what depends on it is emptied: it lay in the one before.
 *
 * A setting that the service can list has a button for it: the signal “list-wanted” (key) is answered with
 * reprise_settings_form_show_choices(). Where somebody signs in, a row behind the settings which that needs emits
 * “sign-in-wanted”.
 *
 * Signals: “changed” after any change, “list-wanted”, “sign-in-wanted”. Property: `complete` (whether all that is required is filled).
 */
#define REPRISE_TYPE_SETTINGS_FORM (reprise_settings_form_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSettingsForm, reprise_settings_form, REPRISE, SETTINGS_FORM, AdwBin)

RepriseSettingsForm *reprise_settings_form_new (void);
void reprise_settings_form_set_settings (RepriseSettingsForm *self, const RepriseSetting *settings);
void reprise_settings_form_set_value (RepriseSettingsForm *self,
                                      const char *key,
                                      const char *value);
const char *reprise_settings_form_get_value (RepriseSettingsForm *self, const char *key);
void reprise_settings_form_fix_value (RepriseSettingsForm *self,
                                      const char *key,
                                      const char *value);
void reprise_settings_form_set_suggestions (RepriseSettingsForm *self,
                                            const char *key,
                                            const char *name,
                                            GPtrArray *suggestions,
                                            gboolean several);
void reprise_settings_form_show_choices (RepriseSettingsForm *self,
                                         const char *key,
                                         GPtrArray *choices,
                                         const char *problem);
void reprise_settings_form_hide_choices (RepriseSettingsForm *self, const char *key);
void reprise_settings_form_set_stored (RepriseSettingsForm *self, const char *key);
GHashTable *reprise_settings_form_get_values (RepriseSettingsForm *self);
RepriseSecretValue *reprise_settings_form_dup_secret (RepriseSettingsForm *self, const char *key);
void reprise_settings_form_show_sign_in (RepriseSettingsForm *self,
                                         gboolean shown,
                                         const char *text);
gboolean reprise_settings_form_get_complete (RepriseSettingsForm *self);
char *reprise_settings_form_describe_missing (RepriseSettingsForm *self);
void reprise_settings_form_empty_dependents (RepriseSettingsForm *self, const char *key);
void reprise_settings_form_settle (RepriseSettingsForm *self);
gboolean reprise_settings_form_check_sign_in (RepriseSettingsForm *self, GError **error);
gboolean reprise_settings_form_check (RepriseSettingsForm *self, GError **error);

G_END_DECLS
