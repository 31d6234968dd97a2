/* test-sign-in.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "reprise-add-service-window.h"
#include "reprise-settings-form.h"
#include "reprise-sign-in-window.h"
#include "reprise-toy-kind.h"
#include "reprise-ui-test.h"

/* The window before a service that is not saved yet; what the person does elsewhere is written into a file. */
typedef struct
{
  RepriseContext *context;
  RepriseService *service;
  RepriseSecrets *secrets;
  RepriseSignInWindow *window;
  char *folder;
  char *decision;
  guint n_signed_in;
} Fixture;

static void
signed_in_cb (Fixture *fixture)
{
  fixture->n_signed_in++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseRegistry) registry = reprise_registry_new ();
  g_autofree char *path = NULL;

  fixture->folder = g_dir_make_tmp ("reprise-sign-in-XXXXXX", NULL);
  path = g_build_filename (fixture->folder, "data", NULL);
  fixture->decision = g_strconcat (path, ".decision", NULL);
  reprise_registry_add (registry, REPRISE_TYPE_TOY_KIND);
  fixture->context = reprise_context_new (registry);
  fixture->service = reprise_service_new (NULL, "toy", "Orders");
  reprise_service_set_setting (fixture->service, "path", path);
  reprise_service_set_setting (fixture->service, "sign-in", "person");
  fixture->secrets = reprise_secrets_new (reprise_service_get_uuid (fixture->service), 0);
  reprise_secrets_set_draft (fixture->secrets);
  fixture->window =
    reprise_sign_in_window_new (NULL, fixture->context, fixture->service, fixture->secrets);
  g_object_add_weak_pointer (G_OBJECT (fixture->window), (gpointer *) &fixture->window);
  g_signal_connect_swapped (fixture->window, "signed-in", G_CALLBACK (signed_in_cb), fixture);
  gtk_window_present (GTK_WINDOW (fixture->window));
  reprise_ui_test_settle (20);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->window != NULL)
    gtk_window_destroy (GTK_WINDOW (fixture->window));
  reprise_ui_test_wait (fixture->window == NULL);
  reprise_secrets_forget_overrides (reprise_service_get_uuid (fixture->service));
  g_unlink (fixture->decision);
  g_rmdir (fixture->folder);
  g_clear_object (&fixture->secrets);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->context);
  g_free (fixture->folder);
  g_free (fixture->decision);
}

static void
click (Fixture *fixture, const char *label)
{
  GtkWidget *button = reprise_ui_test_find (GTK_WIDGET (fixture->window), GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_assert_true (gtk_widget_get_mapped (button));
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
shows (Fixture *fixture, const char *text)
{
  GtkWidget *label = reprise_ui_test_find (GTK_WIDGET (fixture->window), GTK_TYPE_LABEL, text);

  return label != NULL && gtk_widget_get_mapped (label);
}

static void
decide (Fixture *fixture, const char *decision)
{
  g_assert_true (g_file_set_contents (fixture->decision, decision, -1, NULL));
}

/* The code is shown with the time that is left; when it was used, the window goes by itself. */
static void
test_code (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSecretValue) token = NULL;

  g_assert_cmpuint (reprise_ui_test_check_names (GTK_WIDGET (fixture->window)), ==, 0);
  click (fixture, "With a C_ode on Any Device");
  reprise_ui_test_wait (shows (fixture, "ABCD-1234"));
  g_assert_true (shows (fixture, "The code is good for 15:00."));
  g_assert_cmpuint (reprise_ui_test_check_names (GTK_WIDGET (fixture->window)), ==, 0);
  click (fixture, "_Copy Code");
  g_assert_cmpuint (fixture->n_signed_in, ==, 0);
  decide (fixture, "yes");
  reprise_ui_test_wait (fixture->window == NULL);
  g_assert_cmpuint (fixture->n_signed_in, ==, 1);
  token = reprise_secrets_lookup (fixture->secrets, "token", NULL, NULL);
  g_assert_nonnull (token);
}

/* Why it did not work stays until one tries again. */
static void
test_declined (Fixture *fixture, gconstpointer data)
{
  decide (fixture, "no");
  click (fixture, "With a C_ode on Any Device");
  reprise_ui_test_wait (shows (fixture, "The sign-in was declined."));
  g_assert_cmpuint (fixture->n_signed_in, ==, 0);
  click (fixture, "_Try Again");
  decide (fixture, "yes");
  reprise_ui_test_settle (20);
  click (fixture, "With a C_ode on Any Device");
  reprise_ui_test_wait (fixture->window == NULL);
  g_assert_cmpuint (fixture->n_signed_in, ==, 1);
}

/* Closing the window ends the waiting. */
static void
test_closed (Fixture *fixture, gconstpointer data)
{
  click (fixture, "With a C_ode on Any Device");
  reprise_ui_test_wait (shows (fixture, "ABCD-1234"));
  gtk_window_close (GTK_WINDOW (fixture->window));
  reprise_ui_test_wait (fixture->window == NULL);
  decide (fixture, "yes");
  reprise_ui_test_settle (100);
  g_assert_cmpuint (fixture->n_signed_in, ==, 0);
}

/* Nobody is sent to a sign-in that can only fail: the row that is missing is shown first. */
static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseAgentClient) agent = g_object_new (REPRISE_TYPE_AGENT_CLIENT, NULL);
  g_autofree char *path = g_strdup (reprise_service_get_setting (fixture->service, "path"));
  GtkWindow *window;
  GtkWidget *form, *button, *row;

  gtk_window_destroy (GTK_WINDOW (fixture->window));
  reprise_ui_test_wait (fixture->window == NULL);
  reprise_service_set_setting (fixture->service, "path", NULL);
  window = GTK_WINDOW (reprise_add_service_window_new_for_service (NULL, fixture->context, agent,
                                                                   fixture->service));
  gtk_window_present (window);
  reprise_ui_test_settle (50);
  button = reprise_ui_test_find (GTK_WIDGET (window), GTK_TYPE_BUTTON, "_Sign In…");
  g_signal_emit_by_name (button, "clicked");
  reprise_ui_test_settle (50);
  g_assert_null (reprise_ui_test_find_window (REPRISE_TYPE_SIGN_IN_WINDOW));
  g_assert_nonnull (
    reprise_ui_test_find (GTK_WIDGET (window), GTK_TYPE_LABEL, "“File” must not be empty."));
  form = reprise_ui_test_find (GTK_WIDGET (window), REPRISE_TYPE_SETTINGS_FORM, NULL);
  row = reprise_ui_test_find (form, ADW_TYPE_ENTRY_ROW, NULL);
  g_assert_true (gtk_widget_has_css_class (row, "error"));
  g_assert_true (gtk_window_get_focus (window) != NULL &&
                 gtk_widget_is_ancestor (gtk_window_get_focus (window), row));
  reprise_settings_form_set_value (REPRISE_SETTINGS_FORM (form), "path", path);
  g_signal_emit_by_name (button, "clicked");
  reprise_ui_test_wait (reprise_ui_test_find_window (REPRISE_TYPE_SIGN_IN_WINDOW) != NULL);
  gtk_window_destroy (reprise_ui_test_find_window (REPRISE_TYPE_SIGN_IN_WINDOW));
  gtk_window_destroy (window);
  reprise_ui_test_settle (20);
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add ("/sign-in/code", Fixture, NULL, set_up, test_code, tear_down);
  g_test_add ("/sign-in/declined", Fixture, NULL, set_up, test_declined, tear_down);
  g_test_add ("/sign-in/closed", Fixture, NULL, set_up, test_closed, tear_down);
  g_test_add ("/sign-in/missing", Fixture, NULL, set_up, test_missing, tear_down);
  return g_test_run ();
}
