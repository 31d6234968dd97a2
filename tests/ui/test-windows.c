/* test-windows.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gmodule.h>
#include <time.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "reprise-add-service-window.h"
#include "reprise-application.h"
#include "reprise-ask.h"
#include "reprise-back-up-window.h"
#include "reprise-backup-row.h"
#include "reprise-backup-window.h"
#include "reprise-contents-list.h"
#include "reprise-delete-dialog.h"
#include "reprise-error-bar.h"
#include "reprise-export-window.h"
#include "reprise-help-window.h"
#include "reprise-job-row.h"
#include "reprise-job-window.h"
#include "reprise-own-schedule-window.h"
#include "reprise-preferences-window.h"
#include "job/reprise-run-report.h"
#include "reprise-report-window.h"
#include "reprise-restore-window.h"
#include "reprise-rules-window.h"
#include "reprise-schedule-window.h"
#include "reprise-ui-kind.h"
#include "reprise-test.h"
#include "reprise-ui-test.h"
#include "reprise-undo-dialog.h"
#include "reprise-window-private.h"
#include "provider/reprise-hooks.h"
#include "provider/reprise-webhook.h"

#define UI_PATH "/io/github/reprise_backup/Reprise/ui/"

static void
set_up (RepriseUiTest *test, gconstpointer data)
{
  reprise_ui_test_set_up (test, FALSE);
}

static void
tear_down (RepriseUiTest *test, gconstpointer data)
{
  reprise_ui_test_tear_down (test);
}

/* (transfer full): a service of the test's kind, before the window is shown */
static RepriseService *
add (RepriseUiTest *test, const char *name, const char *key, const char *value)
{
  return reprise_ui_sample_add_service (test->sample, name, key, value, NULL);
}

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

/* On a telephone nothing is cut off, nor in a language of longer words. */
static void
assert_narrow (RepriseUiTest *test)
{
  static const char *const labels[][2] = { { "_Open a Backup File…",
                                             "_Ouvrir un fichier de sauvegarde…" },
                                           { "Select _All", "_Tout sélectionner" },
                                           { "_Delete…", "_Supprimer…" },
                                           { "_Verify", "_Vérifier" } };
  int width = 0;

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      GtkWidget *button;

      while ((button = reprise_ui_test_find (GTK_WIDGET (test->window), GTK_TYPE_BUTTON,
                                             labels[i][0])) != NULL)
        gtk_button_set_label (GTK_BUTTON (button), labels[i][1]);
    }
  gtk_widget_measure (GTK_WIDGET (test->window), GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL,
                      NULL);
  g_assert_cmpint (width, <=, 360);
}

static void
test_first_run (RepriseUiTest *test, gconstpointer data)
{
  reprise_ui_test_show (test);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (test->window->stack), ==, "first-run");
  g_assert_cmpuint (reprise_ui_test_check_names (GTK_WIDGET (test->window)), ==, 0);
  assert_narrow (test);
  g_object_unref (add (test, "Orders", "many", "0"));
  reprise_ui_test_wait (
    g_strcmp0 (gtk_stack_get_visible_child_name (test->window->stack), "services") == 0);
  reprise_ui_test_wait (test->window->item != NULL);
  g_assert_cmpstr (reprise_service_item_get_name (test->window->item), ==, "Orders");
}

/* (transfer none): the names in the sidebar, from top to bottom */
static char *
list_names (RepriseUiTest *test)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (test->window->sorted));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseServiceItem) item =
        g_list_model_get_item (G_LIST_MODEL (test->window->sorted), i);

      g_string_append_printf (names, "%s%s", i > 0 ? "," : "",
                              reprise_service_item_get_name (item));
    }
  return g_strdup (names->str);
}

static gboolean
has_names (RepriseUiTest *test, const char *expected)
{
  g_autofree char *names = list_names (test);

  return g_str_equal (names, expected);
}

static void
test_attention (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) first = add (test, "Archive", "many", "0");
  g_autoptr (RepriseService) second = add (test, "Vectors", "fault", "unreachable");
  RepriseServiceItem *item;

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Archive");
  item = reprise_ui_test_find_item (test, "Vectors");
  g_assert_true (has_names (test, "Archive,Vectors"));
  g_assert_null (
    reprise_ui_test_find (GTK_WIDGET (test->window->list), GTK_TYPE_LABEL, "Needs Attention"));
  reprise_window_show_item (test->window, item); /* now the service itself is asked */
  reprise_ui_test_wait (reprise_service_item_get_needs_attention (item));
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==, REPRISE_STATUS_UNREACHABLE);
  reprise_ui_test_wait (has_names (test, "Vectors,Archive"));
  reprise_ui_test_settle (20);
  g_assert_nonnull (
    reprise_ui_test_find (GTK_WIDGET (test->window->list), GTK_TYPE_LABEL, "Needs Attention"));
  g_assert_nonnull (
    reprise_ui_test_find (GTK_WIDGET (test->window->list), GTK_TYPE_LABEL, "All Services"));
  g_assert_true (test->window->item == item); /* what is shown stays shown */
  g_assert_nonnull (gtk_list_box_get_selected_row (test->window->list));
}

/* What has its backups only on the service is not called never backed up before anybody looks at it; what does not answer is not either. */
static void
test_only_on_service (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) first = add (test, "Archive", "many", "0");
  g_autoptr (RepriseService) second = add (test, "Orders", "many", "3");
  g_autoptr (RepriseService) third = add (test, "Vectors", "fault", "unreachable");
  RepriseServiceItem *item;
  GtkWidget *lost;

  reprise_ui_test_show (test);
  reprise_ui_test_wait (test->window->item != NULL);
  g_assert_cmpstr (reprise_service_item_get_name (test->window->item), ==, "Archive");
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_wait (
    g_str_has_prefix (reprise_service_item_get_status (item)->line, "Backed up"));
  item = reprise_ui_test_find_item (test, "Archive");
  reprise_ui_test_wait (
    g_str_equal (reprise_service_item_get_status (item)->line, "Never backed up"));
  item = reprise_ui_test_find_item (test, "Vectors");
  reprise_ui_test_wait (!reprise_service_item_get_reading (item));
  g_assert_cmpstr (reprise_service_item_get_status (item)->line, !=, "Never backed up");
  lost = reprise_ui_test_find (GTK_WIDGET (test->window), GTK_TYPE_LABEL,
                               "If this service were lost now, nothing could be brought back.");
  g_assert_true (gtk_widget_get_visible (lost));
  reprise_window_show_item (test->window, item);
  reprise_ui_test_wait (!gtk_widget_get_visible (lost));
}

static void
test_search (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) first = add (test, "Archive", "many", "0");
  g_autoptr (RepriseService) second = add (test, "Orders", "many", "0");

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Orders");
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.search", NULL);
  g_assert_true (gtk_search_bar_get_search_mode (test->window->search_bar));
  gtk_editable_set_text (GTK_EDITABLE (test->window->search_entry), "ORD");
  reprise_ui_test_wait (g_list_model_get_n_items (G_LIST_MODEL (test->window->sorted)) == 1);
  g_assert_true (has_names (test, "Orders"));
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
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "3");
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

static void
ended_cb (RepriseSession *session, RepriseJob *job, gpointer ended)
{
  *(RepriseJob **) ended = job;
}

/* (transfer none): the job that comes of it, in the window's list. One that fails at once may have ended before anybody looks. */
static RepriseJob *
submit (RepriseUiTest *test, RepriseServiceItem *item, RepriseJobKind kind, const char *backup_id)
{
  g_autoptr (RepriseRequest) request =
    reprise_request_new (kind, reprise_service_item_get_uuid (item));
  RepriseJob *ended = NULL;
  gulong handler = g_signal_connect (test->session, "job-ended", G_CALLBACK (ended_cb), &ended);

  if (backup_id != NULL)
    reprise_request_set_backup (request, backup_id);
  request->consent = TRUE;
  reprise_session_submit (test->session, request);
  reprise_ui_test_wait (reprise_service_item_get_job (item) != NULL || ended != NULL);
  g_signal_handler_disconnect (test->session, handler);
  return ended != NULL ? ended : reprise_service_item_get_job (item);
}

static guint
count_backups (RepriseServiceItem *item)
{
  return g_list_model_get_n_items (reprise_service_item_get_backups (item));
}

static void
run (RepriseUiTest *test, RepriseServiceItem *item, RepriseJobKind kind, const char *backup_id)
{
  g_autoptr (RepriseJob) job = g_object_ref (submit (test, item, kind, backup_id));

  reprise_ui_test_wait (!reprise_job_is_active (job));
  g_assert_cmpstr (reprise_job_get_error (job), ==, NULL);
  reprise_ui_test_wait (reprise_service_item_get_job (item) == NULL &&
                        !reprise_service_item_get_reading (item));
}

/* A job is on the page, in the sidebar and at the jobs button; its backup comes into the list by itself. */
static void
test_job (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  RepriseJob *job;
  GtkWidget *window;

  reprise_service_set_setting (service, "pace", "5");
  g_assert_true (reprise_services_save (
    reprise_context_get_services (reprise_ui_sample_get_context (test->sample)), service, NULL));
  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==, REPRISE_STATUS_NEVER);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (test->window->jobs_button)));
  job = submit (test, item, REPRISE_JOB_BACK_UP, NULL);
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==, REPRISE_STATUS_RUNNING);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (test->window->jobs_button)));
  g_assert_true (reprise_job_bar_get_job (test->window->job_bar) == job);
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (test->window->overview_page), GTK_TYPE_LABEL,
                                          "Back Up Orders"));
  reprise_jobs_button_popup (test->window->jobs_button);
  reprise_ui_test_settle (50);
  g_assert_cmpuint (reprise_ui_test_check_names (GTK_WIDGET (test->window)), ==, 0);
  gtk_window_present (reprise_job_window_new (GTK_WIDGET (test->window), job));
  window = GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_JOB_WINDOW));
  g_assert_cmpuint (reprise_ui_test_check_names (window), ==, 0);
  gtk_test_accessible_assert_property (
    GTK_ACCESSIBLE (reprise_ui_test_find (window, GTK_TYPE_EXPANDER, NULL)),
    GTK_ACCESSIBLE_PROPERTY_LABEL, "Log");
  reprise_ui_test_wait (reprise_service_item_get_job (item) == NULL && count_backups (item) == 1);
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==, REPRISE_STATUS_UP_TO_DATE);
  g_assert_null (reprise_job_bar_get_job (test->window->job_bar));
}

static void
test_stop (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "pace", "100");
  RepriseServiceItem *item;
  RepriseJob *job;
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  job = submit (test, item, REPRISE_JOB_BACK_UP, NULL);
  dialog = reprise_ask_stop (GTK_WIDGET (test->window), job);
  g_assert_cmpstr (adw_message_dialog_get_heading (dialog), ==, "Stop Backup?");
  g_assert_nonnull (
    strstr (adw_message_dialog_get_body (dialog), "Earlier")); /* what stays is said */
  g_assert_cmpstr (adw_message_dialog_get_default_response (dialog), ==, "continue");
  adw_message_dialog_response (dialog, "continue");
  reprise_ui_test_settle (50);
  g_assert_true (reprise_job_is_active (job));
  g_object_ref (job);
  dialog = reprise_ask_stop (GTK_WIDGET (test->window), job);
  adw_message_dialog_response (dialog, "stop");
  reprise_ui_test_wait (!reprise_job_is_active (job));
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_STOPPED);
  g_object_unref (job);
}

static void
test_question (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "fault", "ask");
  RepriseServiceItem *item;
  g_autoptr (RepriseJob) job = NULL;
  GtkWindow *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  job = g_object_ref (submit (test, item, REPRISE_JOB_BACK_UP, NULL));
  reprise_ui_test_wait (reprise_job_get_question (job) != NULL);
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==, REPRISE_STATUS_ASKING);
  g_assert_true (reprise_service_item_get_needs_attention (item));
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.answer-job", NULL);
  dialog = reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG);
  g_assert_cmpstr (adw_message_dialog_get_heading (ADW_MESSAGE_DIALOG (dialog)), ==,
                   "Go On Without the Logs?");
  gtk_window_close (dialog); /* puts it off */
  reprise_ui_test_settle (50);
  g_assert_nonnull (reprise_job_get_question (job));
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.answer-job", NULL);
  adw_message_dialog_response (
    ADW_MESSAGE_DIALOG (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG)), "continue");
  reprise_ui_test_wait (!reprise_job_is_active (job));
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_DONE);
}

static void
test_failure (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "fault", "fail");
  RepriseServiceItem *item;
  g_autoptr (RepriseJob) job = NULL;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  job = g_object_ref (submit (test, item, REPRISE_JOB_BACK_UP, NULL));
  reprise_ui_test_wait (!reprise_job_is_active (job));
  reprise_ui_test_wait (reprise_service_item_get_status (item)->state == REPRISE_STATUS_FAILED);
  g_assert_nonnull (strstr (reprise_service_item_get_status (item)->subtitle, "stopped sending"));
  reprise_ui_test_settle (100);
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==,
                   REPRISE_STATUS_FAILED); /* it stays */
}

static void
test_delete (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  const char *ids[] = { NULL, NULL };
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  run (test, item, REPRISE_JOB_BACK_UP, NULL);
  g_assert_cmpuint (count_backups (item), ==, 1);
  ids[0] = reprise_backup_get_id (reprise_service_item_get_last_backup (item));
  gtk_widget_activate_action_variant (GTK_WIDGET (test->window), "win.delete-backups",
                                      g_variant_new_strv (ids, 1));
  dialog = ADW_MESSAGE_DIALOG (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_assert_cmpstr (adw_message_dialog_get_default_response (dialog), ==, "cancel");
  g_assert_nonnull (
    strstr (adw_message_dialog_get_body (dialog), "No other backup of this service"));
  adw_message_dialog_response (dialog, "cancel");
  reprise_ui_test_settle (50);
  g_assert_cmpuint (count_backups (item), ==, 1);
  gtk_widget_activate_action_variant (GTK_WIDGET (test->window), "win.delete-backups",
                                      g_variant_new_strv (ids, 1));
  adw_message_dialog_response (
    ADW_MESSAGE_DIALOG (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG)), "delete");
  reprise_ui_test_wait (count_backups (item) == 0);
}

/* With its backups: first they go, then the service; without: the service goes and they stay. */
static void
test_remove (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  g_autoptr (RepriseVault) vault = NULL;
  g_autoptr (GPtrArray) left = NULL;
  gboolean with_backups = GPOINTER_TO_INT (data);
  RepriseServiceItem *item;
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  run (test, item, REPRISE_JOB_BACK_UP, NULL);
  dialog = reprise_remove_service_dialog (GTK_WINDOW (test->window), test->session, item);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (adw_message_dialog_get_extra_child (dialog)),
                               with_backups);
  adw_message_dialog_response (dialog, "remove");
  reprise_ui_test_wait (g_list_model_get_n_items (reprise_session_get_items (test->session)) == 0);
  vault = reprise_context_dup_vault (test->context);
  left = reprise_vault_list (vault, reprise_service_get_uuid (service), NULL, NULL);
  g_assert_cmpuint (left->len, ==, with_backups ? 0 : 1);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (test->window->stack), ==, "first-run");
}

/* (nullable): the message over the page of the service, while it is shown */
static GtkWidget *
find_message (RepriseUiTest *test, const char *text)
{
  GtkWidget *bar =
    reprise_ui_test_find (GTK_WIDGET (test->window), REPRISE_TYPE_OVERVIEW_PAGE, NULL);
  GtkWidget *label;

  bar = reprise_ui_test_find (bar, REPRISE_TYPE_ERROR_BAR, NULL);
  label = reprise_ui_test_find (bar, GTK_TYPE_LABEL, text);
  return label != NULL && gtk_widget_get_mapped (label) ? label : NULL;
}

/* What the connection warns of stands over the page, not only at its end; what was closed does not come again by itself. */
static void
test_warned (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) first = add (test, "Orders", "fault", "warn");
  g_autoptr (RepriseService) second = add (test, "Archive", "many", "0");
  RepriseServiceItem *item;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_window_show_item (test->window, item);
  reprise_ui_test_wait (find_message (test, "The key ends tomorrow.") != NULL);
  g_assert_nonnull (find_message (test, "The key does not allow deleting."));
  reprise_error_bar_clear (REPRISE_ERROR_BAR (gtk_widget_get_ancestor (
    find_message (test, "The key ends tomorrow."), REPRISE_TYPE_ERROR_BAR)));
  reprise_service_item_read (item, FALSE);
  reprise_ui_test_wait (!reprise_service_item_get_reading (item));
  g_assert_null (find_message (test, "The key ends tomorrow."));
  reprise_service_item_read (item, TRUE);
  reprise_ui_test_wait (find_message (test, "The key ends tomorrow.") != NULL);
  reprise_window_show_item (test->window, reprise_ui_test_find_item (test, "Archive"));
  g_assert_null (find_message (test, "The key ends tomorrow."));
}

/* What was deleted at the service stays listed with the backups that are left of it. */
static void
test_gone (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "fault", "gone");
  RepriseServiceItem *item;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_window_show_item (test->window, item);
  reprise_ui_test_wait (reprise_service_item_get_error (item) != NULL && count_backups (item) == 1);
  g_assert_cmpstr (reprise_service_item_get_status (item)->title, ==, "Service Not Found");
}

/* Whoever is signed in can be signed out, and the row then offers the way back. */
static void
test_sign_out (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "fault", "person");
  RepriseServiceItem *item;
  GtkWidget *group, *button;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_window_show_item (test->window, item);
  reprise_ui_test_wait (reprise_service_item_get_probe (item) != NULL);
  group = GTK_WIDGET (test->window->overview_page);
  g_assert_null (reprise_ui_test_find (group, GTK_TYPE_BUTTON, "_Sign In…"));
  button = reprise_ui_test_find (group, GTK_TYPE_BUTTON, "Sign _Out");
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  reprise_ui_test_wait (reprise_service_item_get_status (item)->state == REPRISE_STATUS_SIGN_IN);
  reprise_ui_test_wait (reprise_ui_test_find (group, GTK_TYPE_BUTTON, "_Sign In…") != NULL);
  g_assert_null (reprise_ui_test_find (group, GTK_TYPE_BUTTON, "Sign _Out"));
}

/* What lies on the service stays in the list while only this computer is read, until the service says otherwise. */
static void
test_read_again (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "5");
  RepriseServiceItem *item;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) same = NULL;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_wait (count_backups (item) == 5 && !reprise_service_item_get_reading (item));
  first = g_list_model_get_item (reprise_service_item_get_backups (item), 0);
  reprise_service_item_read (item, FALSE);
  reprise_ui_test_wait (!reprise_service_item_get_reading (item));
  g_assert_cmpuint (count_backups (item), ==, 5);
  same = g_list_model_get_item (reprise_service_item_get_backups (item), 0);
  g_assert_true (first == same); /* and its row was not touched */
  run (test, item, REPRISE_JOB_DOWNLOAD, reprise_backup_get_id (first));
  reprise_ui_test_wait (reprise_backup_get_in_vault (reprise_service_item_get_last_backup (item)));
  g_assert_cmpuint (count_backups (item), ==, 5); /* one is in both places now */
}

static void
test_undo (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  run (test, item, REPRISE_JOB_BACK_UP, NULL);
  g_assert_null (reprise_service_item_get_undoable_run (item));
  run (test, item, REPRISE_JOB_RESTORE,
       reprise_backup_get_id (reprise_service_item_get_last_backup (item)));
  g_assert_nonnull (reprise_service_item_get_undoable_run (item));
  g_assert_cmpint (reprise_backup_get_origin (reprise_service_item_get_last_backup (item)), !=,
                   REPRISE_ORIGIN_SAFETY);
  dialog = reprise_undo_dialog (GTK_WINDOW (test->window), test->session, item);
  g_assert_false (adw_message_dialog_get_response_enabled (
    dialog, "undo")); /* not before it is known what it would do */
  reprise_ui_test_wait (adw_message_dialog_get_response_enabled (dialog, "undo"));
  g_assert_nonnull (strstr (adw_message_dialog_get_body (dialog), "safety copy"));
  adw_message_dialog_response (dialog, "cancel");
}

static void
test_keep (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  RepriseContentsList *contents;
  GtkWidget *window;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  run (test, item, REPRISE_JOB_BACK_UP, NULL);
  window = GTK_WIDGET (reprise_backup_window_new (GTK_WINDOW (test->window), item,
                                                  reprise_service_item_get_last_backup (item)));
  gtk_window_present (GTK_WINDOW (window));
  contents =
    REPRISE_CONTENTS_LIST (reprise_ui_test_find (window, REPRISE_TYPE_CONTENTS_LIST, NULL));
  reprise_ui_test_wait (reprise_contents_list_get_contents (contents) != NULL);
  gtk_switch_set_active (GTK_SWITCH (reprise_ui_test_find (window, GTK_TYPE_SWITCH, NULL)), TRUE);
  reprise_ui_test_wait (reprise_backup_get_kept (reprise_service_item_get_last_backup (item)));
}

/* What may take a frame: the processor's time, so that a busy machine does not count. */
static double
get_cpu_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1000 + (double) time.tv_nsec / 1e6;
}

typedef struct
{
  double began;
  double longest;
  guint n;
} Frames;

static void
before_paint_cb (GdkFrameClock *clock, Frames *frames)
{
  frames->began = get_cpu_ms ();
}

static void
after_paint_cb (GdkFrameClock *clock, Frames *frames)
{
  double ms = get_cpu_ms () - frames->began;

  frames->longest = MAX (frames->longest, ms);
  frames->n++;
}

/* Ten thousand backups are searched and scrolled through without a frame of more than 100 ms. */
static void
test_many (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "10000");
  RepriseServiceItem *item;
  GtkAdjustment *adjustment;
  GtkWidget *list;
  GListModel *model;
  GdkFrameClock *clock;
  Frames frames = { 0 };

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_wait (count_backups (item) == 10000);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-page", "s", "backups");
  reprise_ui_test_settle (300);
  list = reprise_ui_test_find (GTK_WIDGET (test->window->backups_page), GTK_TYPE_LIST_VIEW, NULL);
  model = G_LIST_MODEL (gtk_list_view_get_model (GTK_LIST_VIEW (list)));
  reprise_ui_test_wait (g_list_model_get_n_items (model) == 10000);
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  clock = gtk_widget_get_frame_clock (list);
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), &frames);
  g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), &frames);
  for (guint i = 0; i < 60; i++)
    {
      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) * i / 60);
      reprise_ui_test_settle (15);
    }
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), >, 100000);
  gtk_editable_set_text (GTK_EDITABLE (reprise_ui_test_find (
                           GTK_WIDGET (test->window->backups_page), GTK_TYPE_SEARCH_ENTRY, NULL)),
                         "09999");
  reprise_ui_test_wait (g_list_model_get_n_items (model) == 1);
  g_signal_handlers_disconnect_by_data (clock, &frames);
  g_test_message ("%u frames, the longest %.1f ms", frames.n, frames.longest);
  g_assert_cmpuint (frames.n, >, 30);
  if (!REPRISE_TEST_WITH_SANITIZER)
    g_assert_cmpfloat (frames.longest, <, 100);
}

/* What another process writes into the history and the vault is shown without anybody asking. */
static void
test_news (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  g_autofree char *path = reprise_history_dup_default_path ();
  g_autoptr (RepriseHistory) other = reprise_history_new (path);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseRun) past = g_object_new (
    REPRISE_TYPE_RUN, "id", "01JD", "kind", REPRISE_JOB_BACK_UP, "state", REPRISE_JOB_FAILED,
    "service-uuid", reprise_service_get_uuid (service), "service-name", "Orders", "started-at", now,
    "finished-at", now, "error", "It fell over", NULL);
  g_autoptr (GError) error = NULL;
  RepriseServiceItem *item;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_wait (!reprise_service_item_get_reading (item));
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==, REPRISE_STATUS_NEVER);
  g_assert_true (reprise_history_add (other, past, &error));
  g_assert_no_error (error);
  reprise_ui_test_wait (reprise_service_item_get_status (item)->state == REPRISE_STATUS_FAILED);
}

/* A screen reader is told of dialogs as it is of windows, and calls each button by one name. */
static void
test_screen_reader (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
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

static void
test_drop (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  g_autoptr (GListModel) controllers = NULL;
  g_autoptr (GFile) file = g_file_new_for_path ("/nowhere/archive.uikind");
  g_auto (GValue) value = G_VALUE_INIT;
  GSList files = { file, NULL };
  gboolean taken = FALSE;

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Orders");
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, &files);
  controllers = gtk_widget_observe_controllers (GTK_WIDGET (test->window));
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 1.0, 1.0, &taken);
    }
  g_assert_true (taken);
  g_assert_nonnull (reprise_ui_test_find_window (REPRISE_TYPE_RESTORE_WINDOW));
  reprise_ui_test_settle (100); /* the file is not there: that is said in the window */
  g_assert_nonnull (reprise_ui_test_find_window (REPRISE_TYPE_RESTORE_WINDOW));
}

static void
test_error (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  g_autoptr (GError) error =
    g_error_new_literal (REPRISE_ERROR, REPRISE_ERROR_BUSY, "The command line holds it.");
  g_autoptr (GError) stopped = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  GtkWidget *bar;

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Orders");
  bar = reprise_ui_test_find (GTK_WIDGET (test->window->error_bar), GTK_TYPE_INFO_BAR, NULL);
  reprise_window_show_error (test->window, "Could Not Start the Job",
                             stopped); /* cancelling is no failure */
  g_assert_false (gtk_widget_get_visible (bar));
  g_signal_emit_by_name (test->session, "failed", "Could Not Start the Job", error);
  reprise_ui_test_settle (50);
  g_assert_true (gtk_widget_get_visible (bar));
  g_assert_nonnull (reprise_ui_test_find (bar, GTK_TYPE_LABEL, "The command line holds it."));
  g_signal_emit_by_name (bar, "response", GTK_RESPONSE_CLOSE);
  g_assert_false (gtk_widget_get_visible (bar));
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

/* A restore that replaced nothing is told of too; there is nothing to undo. */
static void
test_restored (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "fault", "fresh");
  RepriseServiceItem *item;
  GtkWidget *row;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  run (test, item, REPRISE_JOB_BACK_UP, NULL);
  g_assert_null (
    reprise_ui_test_find (GTK_WIDGET (test->window), ADW_TYPE_ACTION_ROW, "Restored just now"));
  run (test, item, REPRISE_JOB_RESTORE,
       reprise_backup_get_id (reprise_service_item_get_last_backup (item)));
  row = reprise_ui_test_find (GTK_WIDGET (test->window), ADW_TYPE_ACTION_ROW, "Restored just now");
  g_assert_nonnull (row);
  g_assert_true (gtk_widget_get_mapped (row));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==,
                   "1,204 written, 0 failed");
  row = reprise_ui_test_find (GTK_WIDGET (test->window), ADW_TYPE_ACTION_ROW, "Undo This Restore…");
  g_assert_true (row == NULL || !gtk_widget_get_mapped (row));
}

/* A service that was added is added, whatever becomes of its first backup: no Back, no Add, and one service. */
static void
test_add (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  GtkWidget *window;
  RepriseStepWindow *steps;
  gpointer left;

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Orders");
  reprise_ui_sample_set_refuses (test->sample, TRUE);
  window = GTK_WIDGET (reprise_add_service_window_new (GTK_WINDOW (test->window), test->context,
                                                       reprise_session_get_client (test->session)));
  steps = REPRISE_STEP_WINDOW (window);
  gtk_window_present (GTK_WINDOW (window));
  gtk_widget_activate_action (window, "steps.next", NULL);
  g_assert_nonnull (reprise_ui_test_find (window, GTK_TYPE_LABEL, "Still missing: Address"));
  g_assert_cmpstr (
    gtk_widget_get_tooltip_text (reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Next")), ==,
    "Still missing: Address");
  gtk_editable_set_text (
    GTK_EDITABLE (reprise_ui_test_find (window, ADW_TYPE_ENTRY_ROW, "Address")),
    "https://new.example.com");
  g_assert_null (reprise_ui_test_find (window, GTK_TYPE_LABEL, "Still missing: Address"));
  gtk_widget_activate_action (window, "steps.next", NULL);
  reprise_ui_test_wait (
    g_str_equal (reprise_step_get_tag (reprise_step_window_get_step (steps)), "name"));
  gtk_editable_set_text (GTK_EDITABLE (reprise_ui_test_find (window, ADW_TYPE_ENTRY_ROW, "Name")),
                         "New");
  gtk_widget_activate_action (window, "steps.next", NULL);
  reprise_ui_test_wait (reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Close") != NULL);
  g_assert_true (gtk_widget_get_mapped (
    reprise_ui_test_find (window, GTK_TYPE_LABEL, "Another program is at work.")));
  g_assert_null (reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Add"));
  g_assert_false (gtk_widget_get_visible (reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Back")));
  reprise_ui_test_find_item (test, "New");
  reprise_ui_sample_set_refuses (test->sample, FALSE);
  left = window;
  g_object_add_weak_pointer (G_OBJECT (window), &left);
  gtk_widget_activate_action (window, "steps.retry", NULL);
  reprise_ui_test_wait (left == NULL);
  reprise_ui_test_wait (
    reprise_service_item_get_last_backup (reprise_ui_test_find_item (test, "New")) != NULL);
  g_assert_cmpuint (g_list_model_get_n_items (reprise_session_get_items (test->session)), ==, 2);
}

/* A server that did not answer can be asked again. */
static void
test_try_again (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "fault", "unreachable");
  GtkWidget *window, *button;

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Orders");
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.back-up", NULL);
  window = GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_BACK_UP_WINDOW));
  reprise_ui_test_wait (!reprise_step_window_get_busy (REPRISE_STEP_WINDOW (window)));
  button = reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Try Again");
  g_assert_true (gtk_widget_get_mapped (button));
  gtk_widget_activate_action (button, "steps.retry", NULL);
  g_assert_true (reprise_step_window_get_busy (REPRISE_STEP_WINDOW (window)));
  reprise_ui_test_wait (!reprise_step_window_get_busy (REPRISE_STEP_WINDOW (window)));
  g_assert_true (gtk_widget_get_mapped (button));
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

/* A backup as files of another program; what there is to choose depends on what is inside. */
static void
test_export (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = add (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  GtkWindow *window;
  GtkWidget *export;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  run (test, item, REPRISE_JOB_BACK_UP, NULL);
  window = reprise_backup_window_new (GTK_WINDOW (test->window), item,
                                      reprise_service_item_get_last_backup (item));
  gtk_window_present (window);
  reprise_ui_test_wait (gtk_widget_activate_action (GTK_WIDGET (window), "backup.export", NULL) &&
                        reprise_ui_test_find_window (REPRISE_TYPE_EXPORT_WINDOW) != NULL);
  export = GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_EXPORT_WINDOW));
  g_assert_nonnull (reprise_ui_test_find (export, GTK_TYPE_LABEL, "Files of the test"));
  g_assert_nonnull (reprise_ui_test_find (export, GTK_TYPE_LABEL, "All, a file for each"));
  g_assert_true (
    gtk_widget_is_sensitive (reprise_ui_test_find (export, GTK_TYPE_BUTTON, "_Export…")));
  g_assert_cmpuint (reprise_ui_test_check_names (export), ==, 0);
}

/* Reports say which period is in them, and are never offered to be restored. */
static void
test_reports (void)
{
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_API_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, REPRISE_API_KIND_ID, "Gateway");
  g_autoptr (RepriseBackup) reports =
    reprise_backup_new ("01JD", reprise_service_get_uuid (service), REPRISE_API_KIND_ID);
  g_autoptr (RepriseBackup) whole =
    reprise_backup_new ("01JE", reprise_service_get_uuid (service), REPRISE_API_KIND_ID);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *subtitle = NULL, *end = NULL, *none = NULL;

  g_object_set (reports, "groups", REPRISE_GROUP_BIT (REPRISE_GROUP_LOG), "created-at", now,
                "periods",
                "byApi 2026-11-01T00:00:00Z 2026-11-03T00:00:00Z\n"
                "byUser 2026-11-02T00:00:00Z 2026-11-04T12:00:00Z",
                NULL);
  g_object_set (whole, "groups", REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED), "created-at", now,
                NULL);
  g_assert_true (reprise_backup_is_reports (reports, kind));
  g_assert_false (reprise_backup_is_reports (whole, kind));
  g_assert_false (reprise_backup_is_reports (reports, NULL));
  subtitle = reprise_backup_dup_subtitle (reports);
  g_assert_nonnull (strstr (subtitle, "1 Nov 2026, 00:00 to 4 Nov 2026, 12:00"));
  end = reprise_backup_dup_end_text (whole, kind, service);
  g_assert_nonnull (strstr (end, "Restorable until"));
  none = reprise_backup_dup_end_text (reports, kind, service);
  g_assert_null (none);
}

static gboolean
shows (GtkWidget *top, const char *label)
{
  GtkWidget *found = reprise_ui_test_find (top, GTK_TYPE_LABEL, label);

  return found != NULL && gtk_widget_get_mapped (found);
}

/* Of a schedule that the service keeps: what it could take from a setting of the service is asked for where that is set. */
static void
test_own_schedule (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) named = add (test, "Named", "account", "root");
  g_autoptr (RepriseService) unnamed = add (test, "Unnamed", "account", NULL);
  AdwMessageDialog *dialog;
  GtkWidget *with, *without;

  reprise_ui_test_show (test);
  with = GTK_WIDGET (reprise_own_schedule_window_new (GTK_WINDOW (test->window),
                                                      reprise_ui_test_find_item (test, "Named")));
  gtk_window_present (GTK_WINDOW (with));
  reprise_ui_test_wait (shows (with, "Every"));
  g_assert_true (shows (with, "Account Too"));
  without = GTK_WIDGET (reprise_own_schedule_window_new (
    GTK_WINDOW (test->window), reprise_ui_test_find_item (test, "Unnamed")));
  gtk_window_present (GTK_WINDOW (without));
  reprise_ui_test_wait (shows (without, "Every"));
  g_assert_false (shows (without, "Account Too"));

  g_object_add_weak_pointer (G_OBJECT (without), (gpointer *) &without);
  gtk_widget_activate_action (without, "schedule.remove", NULL);
  dialog = ADW_MESSAGE_DIALOG (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_assert_cmpstr (adw_message_dialog_get_heading (dialog), ==,
                   "Remove the Schedule of “Unnamed”?");
  adw_message_dialog_response (dialog, "cancel");
  reprise_ui_test_settle (50);
  g_assert_true (shows (without, "Every"));
  adw_message_dialog_response (dialog, "remove");
  reprise_ui_test_wait (without == NULL);
}

/* While it is saved nothing can be saved twice; the webhook goes, and that its secret could not go with it is said. */
static void
test_webhook (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_sample_add_service (
    test->sample, "Orders", REPRISE_WEBHOOK_SETTING, "https://monitoring.example",
    REPRISE_WEBHOOK_SETTING_ADDRESS, "keyring", NULL);
  RepriseServiceItem *item;
  g_autofree char *helper = g_strdup (g_getenv ("REPRISE_LIBEXEC_DIR"));
  GtkWidget *window, *button;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  window = GTK_WIDGET (reprise_schedule_window_new (GTK_WINDOW (test->window), item));
  gtk_window_present (GTK_WINDOW (window));
  reprise_ui_test_wait (shows (window, "https://monitoring.example"));
  button = reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Remove");
  g_signal_emit_by_name (button, "clicked");
  g_assert_false (gtk_widget_get_mapped (button));
  g_setenv ("REPRISE_LIBEXEC_DIR", "/nonexistent",
            TRUE); /* nothing gets into the keyring, or out of it */
  gtk_widget_activate_action (window, "schedule.save", NULL);
  button = reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Save");
  g_assert_false (gtk_widget_is_sensitive (button));
  gtk_editable_set_text (GTK_EDITABLE (reprise_ui_test_find (window, GTK_TYPE_TEXT, NULL)),
                         "true"); /* checks all anew */
  g_assert_false (gtk_widget_is_sensitive (button));
  reprise_ui_test_wait (shows (window, "Webhook Removed, Its Address Stays in the Keyring"));
  g_setenv ("REPRISE_LIBEXEC_DIR", helper, TRUE);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_assert_null (
    reprise_service_get_setting (reprise_service_item_get_service (item), REPRISE_WEBHOOK_SETTING));
  g_assert_null (reprise_service_get_setting (reprise_service_item_get_service (item),
                                              REPRISE_HOOK_SETTING_BEFORE));
}

static void
test_report (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 12, 0, 0);
  g_autoptr (RepriseRun) past = g_object_new (
    REPRISE_TYPE_RUN, "id", "01JD", "kind", REPRISE_JOB_RESTORE, "state", REPRISE_JOB_FAILED,
    "service-name", "Orders", "started-at", now, "error", "It fell over", "log", "one\ntwo", NULL);
  g_autofree char *text = reprise_run_report (past);

  g_assert_nonnull (strstr (text, "Kind: restore\n"));
  g_assert_nonnull (strstr (text, "Started: 2026-11-21T12:00:00.000Z\n"));
  g_assert_nonnull (strstr (text, "Error: It fell over\n"));
  g_assert_nonnull (strstr (text, "\nLog\none\ntwo\n"));
  g_assert_null (strstr (text, "Summary"));
}

static void
count_failure_cb (RepriseSession *session, const char *title, const GError *error, gpointer data)
{
  (*(guint *) data)++;
  g_assert_nonnull (strstr (error->message, "cannot be reached"));
}

/* What makes jobs is not opened before there is somebody to do them, or where there is nobody: that is said. */
static void
test_nobody_to_do_it (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/nonexistent/some.zip");
  guint n_failures = 0;

  g_assert_false (reprise_session_get_ready (test->session));
  g_signal_connect (test->session, "failed", G_CALLBACK (count_failure_cb), &n_failures);
  test->window = reprise_window_new (test->application, test->session, NULL);
  gtk_window_present (GTK_WINDOW (test->window));
  reprise_window_open_file (test->window, file);
  g_assert_cmpuint (n_failures, ==, 1);
  g_assert_null (reprise_ui_test_find_window (REPRISE_TYPE_RESTORE_WINDOW));
  reprise_session_load (test->session);
  reprise_ui_test_wait (reprise_session_get_ready (test->session));
  reprise_window_open_file (test->window, file);
  g_assert_nonnull (reprise_ui_test_find_window (REPRISE_TYPE_RESTORE_WINDOW));
  g_assert_cmpuint (n_failures, ==, 1);
}

#define ADD(path, data, func) g_test_add (path, RepriseUiTest, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/windows/templates", test_templates);
  g_test_add_func ("/windows/shortcuts", test_shortcuts);
  g_test_add_func ("/windows/report", test_report);
  ADD ("/windows/first-run", NULL, test_first_run);
  ADD ("/windows/attention", NULL, test_attention);
  ADD ("/windows/only-on-service", NULL, test_only_on_service);
  ADD ("/windows/search", NULL, test_search);
  ADD ("/windows/names", NULL, test_names);
  ADD ("/windows/job", NULL, test_job);
  ADD ("/windows/stop", NULL, test_stop);
  ADD ("/windows/question", NULL, test_question);
  ADD ("/windows/failure", NULL, test_failure);
  ADD ("/windows/delete", NULL, test_delete);
  ADD ("/windows/remove/backups-stay", GINT_TO_POINTER (FALSE), test_remove);
  ADD ("/windows/remove/backups-go", GINT_TO_POINTER (TRUE), test_remove);
  ADD ("/windows/warned", NULL, test_warned);
  ADD ("/windows/gone", NULL, test_gone);
  ADD ("/windows/sign-out", NULL, test_sign_out);
  ADD ("/windows/read-again", NULL, test_read_again);
  ADD ("/windows/undo", NULL, test_undo);
  ADD ("/windows/restored", NULL, test_restored);
  ADD ("/windows/try-again", NULL, test_try_again);
  ADD ("/windows/add", NULL, test_add);
  ADD ("/windows/hidden-windows", NULL, test_hidden_windows);
  ADD ("/windows/export", NULL, test_export);
  g_test_add_func ("/windows/reports", test_reports);
  ADD ("/windows/own-schedule", NULL, test_own_schedule);
  ADD ("/windows/webhook", NULL, test_webhook);
  ADD ("/windows/keep", NULL, test_keep);
  ADD ("/windows/many", NULL, test_many);
  ADD ("/windows/news", NULL, test_news);
  ADD ("/windows/screen-reader", NULL, test_screen_reader);
  ADD ("/windows/drop", NULL, test_drop);
  ADD ("/windows/error", NULL, test_error);
  ADD ("/windows/nobody-to-do-it", NULL, test_nobody_to_do_it);
  return g_test_run ();
}
