/* test-settings-form.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-settings-form.h"
#include "reprise-ui-test.h"

static const RepriseSetting SETTINGS[] = {
  { .key = "account", .type = REPRISE_SETTING_TEXT, .label = "Account", .required = TRUE },
  { .key = "password", .type = REPRISE_SETTING_SECRET, .label = "Password", .required = TRUE },
  { .key = NULL },
};

/* (nullable): the entry for a password somewhere below */
static GtkWidget *
find_password (GtkWidget *widget)
{
  if (ADW_IS_PASSWORD_ENTRY_ROW (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_password (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* A screen reader is handed the clear text of password fields: one that is stored is never put into it. */
static void
test_stored (void)
{
  g_autoptr (RepriseSettingsForm) form = g_object_ref_sink (reprise_settings_form_new ());
  g_autoptr (GHashTable) values = NULL;
  g_autoptr (RepriseSecretValue) kept = NULL;
  g_autoptr (RepriseSecretValue) typed = NULL;
  GtkWidget *row;

  reprise_settings_form_set_settings (form, SETTINGS);
  reprise_settings_form_set_value (form, "account", "root");
  g_assert_false (reprise_settings_form_get_complete (form));
  reprise_settings_form_set_value (form, "password", "canary");
  reprise_settings_form_set_stored (form, "password");
  g_assert_true (reprise_settings_form_get_complete (form));

  row = find_password (GTK_WIDGET (form));
  g_assert_nonnull (row);
  g_assert_false (gtk_widget_get_visible (row));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, "");
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_LABEL, "In the keyring"));
  kept = reprise_settings_form_dup_secret (form, "password");
  g_assert_null (kept);

  g_signal_emit_by_name (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_BUTTON, "_Replace…"),
                         "clicked");
  g_assert_true (gtk_widget_get_visible (row));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, "");
  gtk_editable_set_text (GTK_EDITABLE (row), "new");
  typed = reprise_settings_form_dup_secret (form, "password");
  g_assert_cmpstr (reprise_secret_value_get_text (typed), ==, "new");
  values = reprise_settings_form_get_values (form);
  g_assert_cmpuint (g_hash_table_size (values), ==, 1); /* no secret among them */
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/settings-form/stored", test_stored);
  return g_test_run ();
}
