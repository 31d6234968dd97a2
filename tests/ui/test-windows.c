/* test-windows.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gmodule.h>

#include "base/reprise-file.h"
#include "reprise-add-service-window.h"
#include "reprise-application.h"
#include "reprise-back-up-window.h"
#include "reprise-backup-window.h"
#include "reprise-help-window.h"
#include "reprise-own-schedule-window.h"
#include "reprise-preferences-window.h"
#include "reprise-report-window.h"
#include "reprise-restore-window.h"
#include "reprise-rules-window.h"
#include "reprise-schedule-window.h"
#include "reprise-ui-test.h"
#include "reprise-window-private.h"

#define UI_PATH "/io/github/reprise_backup/Reprise/ui/"

static GType
type_of_template (GModule *module, const char *file)
{
  g_autofree char *base = g_strndup (file, strlen (file) - strlen (".ui"));
  g_autofree char *symbol = g_strconcat (g_strdelimit (base, "-", '_'), "_get_type", NULL);
  GType (*get_type) (void) = NULL;

  if (!g_module_symbol (module, symbol, (gpointer *) &get_type))
    g_error ("%s has no type: there is no %s()", file, symbol);
  return get_type ();
}

/* Every template loads, and what it makes can be taken apart again. */
static void
test_templates (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) files =
    g_resources_enumerate_children (UI_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  GModule *module = g_module_open (NULL, G_MODULE_BIND_LAZY);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (files), >, 15);
  for (guint i = 0; files[i] != NULL; i++)
    {
      GType type = type_of_template (module, files[i]);
      GtkWidget *widget;

      if (type == REPRISE_TYPE_WINDOW) /* is not without a session */
        continue;
      g_test_message ("%s", g_type_name (type));
      widget = g_object_ref_sink (g_object_new (type, NULL));
      if (GTK_IS_WINDOW (widget))
        gtk_window_destroy (GTK_WINDOW (widget));
      g_assert_finalize_object (widget);
    }
  g_module_close (module);
}

/* Whether RepriseWindow, or what it is made of, has an action of that name. */
static gboolean
window_has_action (const char *name)
{
  GtkWidgetClass *klass = g_type_class_ref (REPRISE_TYPE_WINDOW);
  const char *each, *property;
  const GVariantType *parameter;
  GType owner;
  gboolean found = FALSE;

  for (guint i = 0;
       !found && gtk_widget_class_query_action (klass, i, &owner, &each, &parameter, &property);
       i++)
    found = g_str_equal (each, name);
  g_type_class_unref (klass);
  return found;
}

/* Every shortcut of the checklist is there, and each leads to an action that exists. */
static void
test_shortcuts (void)
{
  static const char *const wanted[] = { "<Control>n", "<Control>o",     "<Control>f",
                                        "F5",         "<Control>comma", "<Control>question",
                                        "F1",         "<Control>w",     "<Control>q" };
  g_autoptr (RepriseRegistry) registry = reprise_registry_new ();
  g_autoptr (RepriseApplication) application = reprise_application_new (registry);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) descriptions = NULL;

  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_auto (GStrv) actions =
        gtk_application_get_actions_for_accel (GTK_APPLICATION (application), wanted[i]);

      if (actions[0] == NULL)
        g_error ("%s does nothing", wanted[i]);
    }
  descriptions = gtk_application_list_action_descriptions (GTK_APPLICATION (application));
  for (guint i = 0; descriptions[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      g_autoptr (GVariant) target = NULL;

      g_assert_true (g_action_parse_detailed_name (descriptions[i], &name, &target, NULL));
      if (g_str_has_prefix (name, "app."))
        g_assert_true (
          g_action_group_has_action (G_ACTION_GROUP (application), name + strlen ("app.")));
      else if (!g_str_equal (name, "win.show-help-overlay") && !window_has_action (name))
        g_error ("there is no action %s", name);
    }
}

static void
check_page (RepriseUiTest *test, const char *page)
{
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-page", "s", page);
  reprise_ui_test_settle (50);
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (test->window->pages), ==, page);
  g_assert_cmpuint (reprise_ui_test_check_names (GTK_WIDGET (test->window)), ==, 0);
}

/* (nullable): what is written on the button that has the keyboard */
static const char *
get_focused_label (GtkWindow *window)
{
  GtkWidget *focus = gtk_window_get_focus (window);

  return focus != NULL && GTK_IS_BUTTON (focus) ? gtk_button_get_label (GTK_BUTTON (focus)) : NULL;
}

/* The window that an action opens has only controls with a name, the keyboard is not on the way out of it, and it closes. */
static void
check_window (RepriseUiTest *test, const char *action, GType type)
{
  GtkWindow *window;

  g_test_message ("%s", action);
  gtk_widget_activate_action (GTK_WIDGET (test->window), action, NULL);
  window = reprise_ui_test_find_window (type);
  g_assert_nonnull (window);
  reprise_ui_test_settle (100);
  g_assert_cmpuint (reprise_ui_test_check_names (GTK_WIDGET (window)), ==, 0);
  if (!ADW_IS_MESSAGE_DIALOG (window))
    reprise_ui_test_wait (g_strcmp0 (get_focused_label (window), "_Cancel") != 0);
  gtk_window_close (window);
  reprise_ui_test_settle (20);
  g_assert_null (reprise_ui_test_find_window (type));
}

static void
test_names (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "3");
  RepriseServiceItem *item;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_wait (reprise_service_item_get_contents (item) != NULL);
  check_page (test, "overview");
  check_page (test, "backups");
  check_page (test, "history");
  check_window (test, "win.back-up", REPRISE_TYPE_BACK_UP_WINDOW);
  check_window (test, "win.restore", REPRISE_TYPE_RESTORE_WINDOW);
  check_window (test, "win.edit-service", REPRISE_TYPE_ADD_SERVICE_WINDOW);
  check_window (test, "win.edit-schedule", REPRISE_TYPE_SCHEDULE_WINDOW);
  check_window (test, "win.edit-rules", REPRISE_TYPE_RULES_WINDOW);
  check_window (test, "win.show-own-schedule", REPRISE_TYPE_OWN_SCHEDULE_WINDOW);
  check_window (test, "win.learn-more", REPRISE_TYPE_HELP_WINDOW);
  check_window (test, "win.show-last-backup", REPRISE_TYPE_BACKUP_WINDOW);
  check_window (test, "win.remove-service", ADW_TYPE_MESSAGE_DIALOG);
  gtk_window_present (
    reprise_preferences_window_new (GTK_WINDOW (test->window), test->session, NULL));
  reprise_ui_test_settle (100);
  g_assert_cmpuint (reprise_ui_test_check_names (
                      GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_PREFERENCES_WINDOW))),
                    ==, 0);
  gtk_window_present (
    reprise_report_window_new (GTK_WIDGET (test->window), "report.txt", "a report"));
  g_assert_cmpuint (reprise_ui_test_check_names (
                      GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_REPORT_WINDOW))),
                    ==, 0);
}

/* A screen reader is told of dialogs as it is of windows, and calls each button by one name. */
static void
test_screen_reader (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
  GtkWidget *dialog, *button;

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Orders");
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.remove-service", NULL);
  dialog = GTK_WIDGET (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG));
  reprise_ui_test_settle (50);
  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (dialog)), ==,
                   gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (test->window)));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (dialog), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)));
  button = reprise_ui_test_find (dialog, GTK_TYPE_BUTTON, "_Cancel");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Cancel");
  g_assert_false (gtk_test_accessible_has_relation (GTK_ACCESSIBLE (button),
                                                    GTK_ACCESSIBLE_RELATION_LABELLED_BY));
  gtk_window_close (GTK_WINDOW (dialog));
}

/* Whoever asks for a window that is no longer there is given the last one: it must be one that is shown. */
static void
test_hidden_windows (RepriseUiTest *test, gconstpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  g_autoptr (GtkWidget) last = NULL;
  GtkWidget *hidden, *dialog;

  reprise_ui_test_show (test);
  hidden = gtk_window_new ();
  dialog = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (dialog));
  reprise_ui_test_settle (20);
  gtk_window_destroy (GTK_WINDOW (dialog));
  reprise_ui_test_settle (20);
  last = g_list_model_get_item (windows, g_list_model_get_n_items (windows) - 1);
  g_assert_true (gtk_widget_get_visible (last));
  g_assert_true (last == GTK_WIDGET (test->window));
  gtk_window_destroy (GTK_WINDOW (hidden));
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/windows/templates", test_templates);
  g_test_add_func ("/windows/shortcuts", test_shortcuts);
  REPRISE_UI_TEST_ADD ("/windows/names", NULL, test_names);
  REPRISE_UI_TEST_ADD ("/windows/hidden-windows", NULL, test_hidden_windows);
  REPRISE_UI_TEST_ADD ("/windows/screen-reader", NULL, test_screen_reader);
  return g_test_run ();
}
