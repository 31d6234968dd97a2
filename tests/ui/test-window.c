/* test-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "reprise-error-bar.h"
#include "reprise-restore-window.h"
#include "reprise-ui-test.h"
#include "reprise-window-private.h"

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
  g_object_unref (reprise_ui_test_add_service (test, "Orders", "many", "0"));
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
  g_autoptr (RepriseService) first = reprise_ui_test_add_service (test, "Archive", "many", "0");
  g_autoptr (RepriseService) second =
    reprise_ui_test_add_service (test, "Vectors", "fault", "unreachable");
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
  g_autoptr (RepriseService) first = reprise_ui_test_add_service (test, "Archive", "many", "0");
  g_autoptr (RepriseService) second = reprise_ui_test_add_service (test, "Orders", "many", "3");
  g_autoptr (RepriseService) third =
    reprise_ui_test_add_service (test, "Vectors", "fault", "unreachable");
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
  g_autoptr (RepriseService) first = reprise_ui_test_add_service (test, "Archive", "many", "0");
  g_autoptr (RepriseService) second = reprise_ui_test_add_service (test, "Orders", "many", "0");

  reprise_ui_test_show (test);
  reprise_ui_test_find_item (test, "Orders");
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.search", NULL);
  g_assert_true (gtk_search_bar_get_search_mode (test->window->search_bar));
  gtk_editable_set_text (GTK_EDITABLE (test->window->search_entry), "ORD");
  reprise_ui_test_wait (g_list_model_get_n_items (G_LIST_MODEL (test->window->sorted)) == 1);
  g_assert_true (has_names (test, "Orders"));
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
  g_autoptr (RepriseService) first = reprise_ui_test_add_service (test, "Orders", "fault", "warn");
  g_autoptr (RepriseService) second = reprise_ui_test_add_service (test, "Archive", "many", "0");
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
  g_autoptr (RepriseService) service =
    reprise_ui_test_add_service (test, "Orders", "fault", "gone");
  RepriseServiceItem *item;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_window_show_item (test->window, item);
  reprise_ui_test_wait (reprise_service_item_get_error (item) != NULL &&
                        reprise_ui_test_count_backups (item) == 1);
  g_assert_cmpstr (reprise_service_item_get_status (item)->title, ==, "Service Not Found");
}

/* Whoever is signed in can be signed out, and the row then offers the way back. */
static void
test_sign_out (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service =
    reprise_ui_test_add_service (test, "Orders", "fault", "person");
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

/* What another process writes into the history and the vault is shown without anybody asking. */
static void
test_news (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
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

static void
test_drop (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
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
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
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

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  REPRISE_UI_TEST_ADD ("/windows/first-run", NULL, test_first_run);
  REPRISE_UI_TEST_ADD ("/windows/attention", NULL, test_attention);
  REPRISE_UI_TEST_ADD ("/windows/only-on-service", NULL, test_only_on_service);
  REPRISE_UI_TEST_ADD ("/windows/search", NULL, test_search);
  REPRISE_UI_TEST_ADD ("/windows/warned", NULL, test_warned);
  REPRISE_UI_TEST_ADD ("/windows/gone", NULL, test_gone);
  REPRISE_UI_TEST_ADD ("/windows/sign-out", NULL, test_sign_out);
  REPRISE_UI_TEST_ADD ("/windows/news", NULL, test_news);
  REPRISE_UI_TEST_ADD ("/windows/drop", NULL, test_drop);
  REPRISE_UI_TEST_ADD ("/windows/error", NULL, test_error);
  REPRISE_UI_TEST_ADD ("/windows/nobody-to-do-it", NULL, test_nobody_to_do_it);
  return g_test_run ();
}
