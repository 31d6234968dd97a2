/* test-schedule-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-hooks.h"
#include "provider/reprise-webhook.h"
#include "reprise-own-schedule-window.h"
#include "reprise-schedule-window.h"
#include "reprise-ui-test.h"

/* Of a schedule that the service keeps: what it could take from a setting of the service is asked for where that is set. */
static void
test_own_schedule (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) named = reprise_ui_test_add_service (test, "Named", "account", "root");
  g_autoptr (RepriseService) unnamed =
    reprise_ui_test_add_service (test, "Unnamed", "account", NULL);
  AdwMessageDialog *dialog;
  GtkWidget *with, *without;

  reprise_ui_test_show (test);
  with = GTK_WIDGET (reprise_own_schedule_window_new (GTK_WINDOW (test->window),
                                                      reprise_ui_test_find_item (test, "Named")));
  gtk_window_present (GTK_WINDOW (with));
  reprise_ui_test_wait (reprise_ui_test_shows (with, "Every"));
  g_assert_true (reprise_ui_test_shows (with, "Account Too"));
  without = GTK_WIDGET (reprise_own_schedule_window_new (
    GTK_WINDOW (test->window), reprise_ui_test_find_item (test, "Unnamed")));
  gtk_window_present (GTK_WINDOW (without));
  reprise_ui_test_wait (reprise_ui_test_shows (without, "Every"));
  g_assert_false (reprise_ui_test_shows (without, "Account Too"));

  g_object_add_weak_pointer (G_OBJECT (without), (gpointer *) &without);
  gtk_widget_activate_action (without, "schedule.remove", NULL);
  dialog = ADW_MESSAGE_DIALOG (reprise_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_assert_cmpstr (adw_message_dialog_get_heading (dialog), ==,
                   "Remove the Schedule of “Unnamed”?");
  adw_message_dialog_response (dialog, "cancel");
  reprise_ui_test_settle (50);
  g_assert_true (reprise_ui_test_shows (without, "Every"));
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
  reprise_ui_test_wait (reprise_ui_test_shows (window, "https://monitoring.example"));
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
  reprise_ui_test_wait (
    reprise_ui_test_shows (window, "Webhook Removed, Its Address Stays in the Keyring"));
  g_setenv ("REPRISE_LIBEXEC_DIR", helper, TRUE);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_assert_null (
    reprise_service_get_setting (reprise_service_item_get_service (item), REPRISE_WEBHOOK_SETTING));
  g_assert_null (reprise_service_get_setting (reprise_service_item_get_service (item),
                                              REPRISE_HOOK_SETTING_BEFORE));
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  REPRISE_UI_TEST_ADD ("/windows/own-schedule", NULL, test_own_schedule);
  REPRISE_UI_TEST_ADD ("/windows/webhook", NULL, test_webhook);
  return g_test_run ();
}
