/* test-step-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "reprise-add-service-window.h"
#include "reprise-back-up-window.h"
#include "reprise-step-window.h"
#include "reprise-title.h"
#include "reprise-ui-test.h"

/* Three steps that count what happens to them. */
#define TEST_TYPE_STEPS (test_steps_get_type ())

G_DECLARE_FINAL_TYPE (TestSteps, test_steps, TEST, STEPS, RepriseStepWindow)

struct _TestSteps
{
  RepriseStepWindow parent_instance;

  RepriseStep *steps[3];
  guint n_entered;
  guint n_finished;
  gboolean wait; /* leaving takes a while */
};

G_DEFINE_FINAL_TYPE (TestSteps, test_steps, REPRISE_TYPE_STEP_WINDOW)

static void
enter (RepriseStepWindow *window, RepriseStep *step)
{
  TEST_STEPS (window)->n_entered++;
}

static gboolean
leave (RepriseStepWindow *window, RepriseStep *step)
{
  if (TEST_STEPS (window)->wait)
    reprise_step_window_set_busy (window, "Connecting…");
  return !TEST_STEPS (window)->wait;
}

static void
finish (RepriseStepWindow *window, RepriseStep *step)
{
  TEST_STEPS (window)->n_finished++;
}

static void
test_steps_class_init (TestStepsClass *klass)
{
  RepriseStepWindowClass *step_class = REPRISE_STEP_WINDOW_CLASS (klass);

  step_class->enter = enter;
  step_class->leave = leave;
  step_class->finish = finish;
}

static void
test_steps_init (TestSteps *self)
{
  static const char *const tags[] = { "one", "two", "three" };

  for (guint i = 0; i < 3; i++)
    {
      GtkWidget *entry = gtk_entry_new ();

      gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
      self->steps[i] =
        g_object_new (REPRISE_TYPE_STEP, "tag", tags[i], "title", tags[i], "child", entry, NULL);
      reprise_step_window_add_step (REPRISE_STEP_WINDOW (self), self->steps[i]);
    }
  reprise_step_set_next_label (self->steps[2], "_Finish");
}

static TestSteps *
show (void)
{
  TestSteps *self = g_object_new (TEST_TYPE_STEPS, NULL);

  gtk_window_present (GTK_WINDOW (self));
  reprise_ui_test_wait (self->n_entered == 1);
  return self;
}

static void
next (TestSteps *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "steps.next", NULL);
}

static void
assert_step (TestSteps *self, guint index)
{
  g_assert_true (reprise_step_window_get_step (REPRISE_STEP_WINDOW (self)) == self->steps[index]);
}

static void
test_way (void)
{
  TestSteps *self = show ();

  assert_step (self, 0);
  g_assert_true (
    gtk_widget_get_visible (reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_BUTTON, "_Cancel")));
  next (self);
  assert_step (self, 1);
  g_assert_cmpuint (self->n_entered, ==, 2);
  g_assert_false (
    gtk_widget_get_visible (reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_BUTTON, "_Cancel")));
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_LABEL, "Step 2 of 3"));
  gtk_widget_activate_action (GTK_WIDGET (self), "steps.back", NULL);
  assert_step (self, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->steps[1]), FALSE);
  next (self);
  assert_step (self, 2);
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_LABEL, "Step 2 of 2"));
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_BUTTON, "_Finish"));
  next (self);
  assert_step (self, 2);
  g_assert_cmpuint (self->n_finished, ==, 1);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
test_enter (void)
{
  TestSteps *self = show ();
  GtkWidget *entry = adw_bin_get_child (ADW_BIN (self->steps[0]));

  g_assert_true (gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (self)), entry));
  g_signal_emit_by_name (gtk_editable_get_delegate (GTK_EDITABLE (entry)), "activate");
  reprise_ui_test_wait (reprise_step_window_get_step (REPRISE_STEP_WINDOW (self)) ==
                        self->steps[1]);
  reprise_step_set_can_next (self->steps[1], FALSE);
  next (self);
  assert_step (self, 1);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
test_busy (void)
{
  TestSteps *self = show ();
  g_autoptr (GError) error =
    g_error_new_literal (REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE, "No answer");
  g_autoptr (GCancellable) cancellable =
    g_object_ref (reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)));
  GtkWidget *entry = adw_bin_get_child (ADW_BIN (self->steps[0]));
  GtkWidget *title;

  self->wait = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (entry), "what was typed");
  next (self);
  g_assert_true (reprise_step_window_get_busy (REPRISE_STEP_WINDOW (self)));
  g_assert_false (gtk_widget_is_sensitive (entry));
  next (self); /* not twice */
  assert_step (self, 0);
  reprise_step_window_show_error (REPRISE_STEP_WINDOW (self), "Could Not Connect", error);
  g_assert_false (reprise_step_window_get_busy (REPRISE_STEP_WINDOW (self)));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "what was typed");
  g_assert_true (gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (self)), entry));
  title = reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_LABEL, "Could Not Connect");
  g_assert_true (gtk_widget_get_mapped (title));
  reprise_ui_test_settle (50);
  g_assert_true (gtk_widget_get_mapped (title)); /* it stays */
  next (self);
  g_assert_false (gtk_widget_get_mapped (title)); /* until something new is begun */
  reprise_step_window_next (REPRISE_STEP_WINDOW (self));
  assert_step (self, 1);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  gtk_window_destroy (GTK_WINDOW (self));
  g_assert_true (g_cancellable_is_cancelled (cancellable));
}

/* When it is done there is no way back, and nothing that Cancel could take back. */
static void
test_final (void)
{
  TestSteps *self = show ();

  next (self);
  reprise_step_set_final (self->steps[1], TRUE);
  g_assert_false (
    gtk_widget_get_visible (reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_BUTTON, "_Back")));
  g_assert_false (
    gtk_widget_get_visible (reprise_ui_test_find (GTK_WIDGET (self), GTK_TYPE_BUTTON, "_Cancel")));
  gtk_widget_activate_action (GTK_WIDGET (self), "steps.back", NULL);
  assert_step (self, 1);
  gtk_window_destroy (GTK_WINDOW (self));
}

static int
measure_height (GtkWidget *widget, int width)
{
  int height = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  return height;
}

/* Where there is little room a title goes on in a second line, and in no third one. */
static void
test_title (void)
{
  GtkWidget *title =
    g_object_ref_sink (g_object_new (REPRISE_TYPE_TITLE, "title", "Choisir quoi restaurer", NULL));
  int one = measure_height (title, 600);

  g_assert_cmpint (measure_height (title, 120), ==, 2 * one);
  g_assert_cmpint (measure_height (title, 40), ==, 2 * one);
  reprise_title_set_subtitle (REPRISE_TITLE (title), "Production · Étape 2 sur 4");
  g_assert_cmpint (measure_height (title, 600), >, one);
  g_object_unref (title);
}

/* A service that was added is added, whatever becomes of its first backup: no Back, no Add, and one service. */
static void
test_add (RepriseUiTest *test, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_ui_test_add_service (test, "Orders", "many", "0");
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
  g_autoptr (RepriseService) service =
    reprise_ui_test_add_service (test, "Orders", "fault", "unreachable");
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

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/step-window/way", test_way);
  g_test_add_func ("/step-window/enter", test_enter);
  g_test_add_func ("/step-window/busy", test_busy);
  g_test_add_func ("/step-window/final", test_final);
  g_test_add_func ("/step-window/title", test_title);
  REPRISE_UI_TEST_ADD ("/windows/add", NULL, test_add);
  REPRISE_UI_TEST_ADD ("/windows/try-again", NULL, test_try_again);
  return g_test_run ();
}
