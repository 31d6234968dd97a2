/* test-jobs.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-ask.h"
#include "reprise-delete-dialog.h"
#include "reprise-job-row.h"
#include "reprise-job-window.h"
#include "reprise-undo-dialog.h"
#include "job/reprise-run-report.h"
#include "reprise-ui-test.h"
#include "reprise-window-private.h"

/* A job is on the page, in the sidebar and at the jobs button; its backup comes into the list by itself. */
static void
test_job (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
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
  job = reprise_ui_test_submit (test, item, REPRISE_JOB_BACK_UP, NULL);
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
  reprise_ui_test_wait (reprise_service_item_get_job (item) == NULL &&
                        reprise_ui_test_count_backups (item) == 1);
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==, REPRISE_STATUS_UP_TO_DATE);
  g_assert_null (reprise_job_bar_get_job (test->window->job_bar));
}

static void
test_stop (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "pace", "100");
  RepriseServiceItem *item;
  RepriseJob *job;
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  job = reprise_ui_test_submit (test, item, REPRISE_JOB_BACK_UP, NULL);
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
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "fault", "ask");
  RepriseServiceItem *item;
  g_autoptr (RepriseJob) job = NULL;
  GtkWindow *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  job = g_object_ref (reprise_ui_test_submit (test, item, REPRISE_JOB_BACK_UP, NULL));
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
  g_autoptr (RepriseService) service =
    reprise_ui_test_add_service (test, "Orders", "fault", "fail");
  RepriseServiceItem *item;
  g_autoptr (RepriseJob) job = NULL;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  job = g_object_ref (reprise_ui_test_submit (test, item, REPRISE_JOB_BACK_UP, NULL));
  reprise_ui_test_wait (!reprise_job_is_active (job));
  reprise_ui_test_wait (reprise_service_item_get_status (item)->state == REPRISE_STATUS_FAILED);
  g_assert_nonnull (strstr (reprise_service_item_get_status (item)->subtitle, "stopped sending"));
  reprise_ui_test_settle (100);
  g_assert_cmpint (reprise_service_item_get_status (item)->state, ==,
                   REPRISE_STATUS_FAILED); /* it stays */
}

/* With its backups: first they go, then the service; without: the service goes and they stay. */
static void
test_remove (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
  g_autoptr (RepriseVault) vault = NULL;
  g_autoptr (GPtrArray) left = NULL;
  gboolean with_backups = GPOINTER_TO_INT (data);
  RepriseServiceItem *item;
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_run (test, item, REPRISE_JOB_BACK_UP, NULL);
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

static void
test_undo (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_run (test, item, REPRISE_JOB_BACK_UP, NULL);
  g_assert_null (reprise_service_item_get_undoable_run (item));
  reprise_ui_test_run (test, item, REPRISE_JOB_RESTORE,
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

/* A restore that replaced nothing is told of too; there is nothing to undo. */
static void
test_restored (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service =
    reprise_ui_test_add_service (test, "Orders", "fault", "fresh");
  RepriseServiceItem *item;
  GtkWidget *row;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_run (test, item, REPRISE_JOB_BACK_UP, NULL);
  g_assert_null (
    reprise_ui_test_find (GTK_WIDGET (test->window), ADW_TYPE_ACTION_ROW, "Restored just now"));
  reprise_ui_test_run (test, item, REPRISE_JOB_RESTORE,
                       reprise_backup_get_id (reprise_service_item_get_last_backup (item)));
  row = reprise_ui_test_find (GTK_WIDGET (test->window), ADW_TYPE_ACTION_ROW, "Restored just now");
  g_assert_nonnull (row);
  g_assert_true (gtk_widget_get_mapped (row));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==,
                   "1,204 written, 0 failed");
  row = reprise_ui_test_find (GTK_WIDGET (test->window), ADW_TYPE_ACTION_ROW, "Undo This Restore…");
  g_assert_true (row == NULL || !gtk_widget_get_mapped (row));
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

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/windows/report", test_report);
  REPRISE_UI_TEST_ADD ("/windows/job", NULL, test_job);
  REPRISE_UI_TEST_ADD ("/windows/stop", NULL, test_stop);
  REPRISE_UI_TEST_ADD ("/windows/question", NULL, test_question);
  REPRISE_UI_TEST_ADD ("/windows/failure", NULL, test_failure);
  REPRISE_UI_TEST_ADD ("/windows/remove/backups-stay", GINT_TO_POINTER (FALSE), test_remove);
  REPRISE_UI_TEST_ADD ("/windows/remove/backups-go", GINT_TO_POINTER (TRUE), test_remove);
  REPRISE_UI_TEST_ADD ("/windows/undo", NULL, test_undo);
  REPRISE_UI_TEST_ADD ("/windows/restored", NULL, test_restored);
  return g_test_run ();
}
