/* test-backups.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <time.h>

#include "providers/azure/apim/reprise-api-kind.h"
#include "reprise-backup-row.h"
#include "reprise-backup-window.h"
#include "reprise-contents-list.h"
#include "reprise-export-window.h"
#include "reprise-test.h"
#include "reprise-ui-test.h"
#include "reprise-window-private.h"

/* What lies on the service stays in the list while only this computer is read, until the service says otherwise. */
static void
test_read_again (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "5");
  RepriseServiceItem *item;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) same = NULL;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_wait (reprise_ui_test_count_backups (item) == 5 &&
                        !reprise_service_item_get_reading (item));
  first = g_list_model_get_item (reprise_service_item_get_backups (item), 0);
  reprise_service_item_read (item, FALSE);
  reprise_ui_test_wait (!reprise_service_item_get_reading (item));
  g_assert_cmpuint (reprise_ui_test_count_backups (item), ==, 5);
  same = g_list_model_get_item (reprise_service_item_get_backups (item), 0);
  g_assert_true (first == same); /* and its row was not touched */
  reprise_ui_test_run (test, item, REPRISE_JOB_DOWNLOAD, reprise_backup_get_id (first));
  reprise_ui_test_wait (reprise_backup_get_in_vault (reprise_service_item_get_last_backup (item)));
  g_assert_cmpuint (reprise_ui_test_count_backups (item), ==, 5); /* one is in both places now */
}

static void
test_delete (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  const char *ids[] = { NULL, NULL };
  AdwMessageDialog *dialog;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_run (test, item, REPRISE_JOB_BACK_UP, NULL);
  g_assert_cmpuint (reprise_ui_test_count_backups (item), ==, 1);
  ids[0] = reprise_backup_get_id (reprise_service_item_get_last_backup (item));
  gtk_widget_activate_action_variant (GTK_WIDGET (test->window), "win.delete-backups",
                                      g_variant_new_strv (ids, 1));
  dialog = ADW_MESSAGE_DIALOG (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_assert_cmpstr (adw_message_dialog_get_default_response (dialog), ==, "cancel");
  g_assert_nonnull (
    strstr (adw_message_dialog_get_body (dialog), "No other backup of this service"));
  adw_message_dialog_response (dialog, "cancel");
  reprise_ui_test_settle (50);
  g_assert_cmpuint (reprise_ui_test_count_backups (item), ==, 1);
  gtk_widget_activate_action_variant (GTK_WIDGET (test->window), "win.delete-backups",
                                      g_variant_new_strv (ids, 1));
  adw_message_dialog_response (
    ADW_MESSAGE_DIALOG (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG)), "delete");
  reprise_ui_test_wait (reprise_ui_test_count_backups (item) == 0);
}

static void
test_keep (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  RepriseContentsList *contents;
  GtkWidget *window;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_run (test, item, REPRISE_JOB_BACK_UP, NULL);
  window = GTK_WIDGET (reprise_backup_window_new (GTK_WINDOW (test->window), item,
                                                  reprise_service_item_get_last_backup (item)));
  gtk_window_present (GTK_WINDOW (window));
  contents =
    REPRISE_CONTENTS_LIST (reprise_ui_test_find (window, REPRISE_TYPE_CONTENTS_LIST, NULL));
  reprise_ui_test_wait (reprise_contents_list_get_contents (contents) != NULL);
  gtk_switch_set_active (GTK_SWITCH (reprise_ui_test_find (window, GTK_TYPE_SWITCH, NULL)), TRUE);
  reprise_ui_test_wait (reprise_backup_get_kept (reprise_service_item_get_last_backup (item)));
}

/* A backup as files of another program; what there is to choose depends on what is inside. */
static void
test_export (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
  RepriseServiceItem *item;
  GtkWindow *window;
  GtkWidget *export;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_run (test, item, REPRISE_JOB_BACK_UP, NULL);
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
  g_autoptr (RepriseService) service =
    reprise_ui_test_add_service (test, "Orders", "many", "10000");
  RepriseServiceItem *item;
  GtkAdjustment *adjustment;
  GtkWidget *list;
  GListModel *model;
  GdkFrameClock *clock;
  Frames frames = { 0 };

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Orders");
  reprise_ui_test_wait (reprise_ui_test_count_backups (item) == 10000);
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

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  REPRISE_UI_TEST_ADD ("/windows/delete", NULL, test_delete);
  REPRISE_UI_TEST_ADD ("/windows/read-again", NULL, test_read_again);
  REPRISE_UI_TEST_ADD ("/windows/export", NULL, test_export);
  g_test_add_func ("/windows/reports", test_reports);
  REPRISE_UI_TEST_ADD ("/windows/keep", NULL, test_keep);
  REPRISE_UI_TEST_ADD ("/windows/many", NULL, test_many);
  return g_test_run ();
}
