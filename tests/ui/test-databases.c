/* test-databases.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "provider/reprise-tier-policy.h"
#include "reprise-choice-button.h"
#include "reprise-documents-window.h"
#include "reprise-restore-window.h"
#include "reprise-roll-up-window.h"
#include "reprise-settings-form.h"
#include "reprise-state-row.h"
#include "reprise-test.h"
#include "reprise-tiers-window.h"
#include "reprise-ui-test.h"
#include "reprise-window-private.h"

typedef struct
{
  RepriseUiTest ui;
  RepriseService *service;
  GtkWidget *page;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  reprise_ui_test_set_up (&fixture->ui, data);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  reprise_ui_test_tear_down (&fixture->ui, data);
  g_clear_object (&fixture->service);
}

/* The page of a service with that setting. */
static void
show (Fixture *fixture, const char *key, const char *value)
{
  fixture->service = reprise_ui_test_add_service (&fixture->ui, "Orders", key, value);
  reprise_ui_test_show (&fixture->ui);
  reprise_ui_test_find_item (&fixture->ui, "Orders");
  gtk_widget_activate_action (GTK_WIDGET (fixture->ui.window), "win.show-page", "s", "databases");
  fixture->page = GTK_WIDGET (fixture->ui.window->databases_page);
}

static GtkWidget *
find_row (Fixture *fixture, const char *name)
{
  GtkWidget *label = reprise_ui_test_find (fixture->page, GTK_TYPE_LABEL, name);
  GtkWidget *row = label != NULL ? gtk_widget_get_ancestor (label, REPRISE_TYPE_STATE_ROW) : NULL;

  return row != NULL && gtk_widget_get_mapped (row) ? gtk_widget_get_parent (row) : NULL;
}

/* What a screen reader is told of the row with that name. */
static void
check_row (Fixture *fixture, const char *name, const char *description)
{
  reprise_ui_test_wait (find_row (fixture, name) != NULL);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (find_row (fixture, name)),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, name);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (find_row (fixture, name)),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description);
}

static void
check_names (Fixture *fixture)
{
  g_assert_cmpuint (reprise_ui_test_check_names (GTK_WIDGET (fixture->ui.window)), ==, 0);
}

/* By group, each with its state by a word, when, which tiers, how many and how much. */
static void
test_states (Fixture *fixture, gconstpointer data)
{
  show (fixture, "many", "0");
  check_row (
    fixture, "_users",
    "Users · Last backup: 20 Nov 2025, 02:00 · Verified · 4 weekly, 7 daily · 1204 documents · "
    "3.2\302\240MB");
  check_row (fixture, "leads", "New, included · 1204 documents · 3.2\302\240MB");
  check_row (
    fixture, "old-shop",
    "No longer on the server · Last backup: 20 Nov 2025, 02:00 · Verified · 4 weekly, 7 daily · "
    "1204 documents · 3.2\302\240MB");
  g_assert_nonnull (reprise_ui_test_find (
    fixture->page, GTK_TYPE_LABEL, "6 databases · 1 with a problem · 1 never backed up · 1 new"));
  check_names (fixture);
}

static void
activate (Fixture *fixture, const char *action, const char *name)
{
  reprise_ui_test_wait (find_row (fixture, name) != NULL);
  gtk_widget_activate_action (fixture->page, action, "s", name);
}

static gboolean
has_text (Fixture *fixture, const char *text)
{
  return reprise_ui_test_find (fixture->page, GTK_TYPE_LABEL, text) != NULL;
}

/* Left out and taken in again; what cannot be says why. */
static void
test_choose (Fixture *fixture, gconstpointer data)
{
  show (fixture, "many", "0");
  activate (fixture, "databases.exclude", "orders");
  reprise_ui_test_wait (
    has_text (fixture, "Excluded · Last backup: 20 Nov 2025, 02:00 · Not verified"));
  activate (fixture, "databases.include", "orders");
  reprise_ui_test_wait (
    !has_text (fixture, "Excluded · Last backup: 20 Nov 2025, 02:00 · Not verified"));
  activate (fixture, "databases.exclude", "invoices");
  reprise_ui_test_wait (has_text (fixture, "Could Not Exclude the Database"));
}

static void
test_leads_on (Fixture *fixture, gconstpointer data)
{
  show (fixture, "many", "0");
  reprise_ui_test_wait (find_row (fixture, "orders") != NULL);
  g_assert_true (gtk_widget_activate (find_row (fixture, "orders")));
  g_assert_nonnull (reprise_ui_test_find_window (REPRISE_TYPE_DOCUMENTS_WINDOW));
  activate (fixture, "databases.restore", "orders");
  g_assert_nonnull (reprise_ui_test_find_window (REPRISE_TYPE_RESTORE_WINDOW));
}

/* (transfer none) (nullable): what @label is the name of */
static GtkWidget *
find_named (GtkWidget *top, GType type, const char *label)
{
  g_autofree char *difference =
    g_type_is_a (G_OBJECT_TYPE (top), type)
      ? gtk_test_accessible_check_property (GTK_ACCESSIBLE (top), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                            label, NULL)
      : g_strdup ("");

  if (difference == NULL)
    return top;
  for (GtkWidget *child = gtk_widget_get_first_child (top); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_named (child, type, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
show_tiers (Fixture *fixture, const char *database)
{
  gtk_widget_activate_action (fixture->page, "databases.tiers", "s", database);
  return GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_TIERS_WINDOW));
}

/* (transfer none): what the service that is shown says */
static RepriseService *
get_service (Fixture *fixture)
{
  return reprise_service_item_get_service (fixture->ui.window->item);
}

static void
save_tiers (GtkWidget *window)
{
  gtk_widget_activate_action (window, "tiers.save", NULL);
  reprise_ui_test_wait (reprise_ui_test_find_window (REPRISE_TYPE_TIERS_WINDOW) == NULL);
}

/* Of one database and of all: kept where the command line keeps it. */
static void
test_tiers (Fixture *fixture, gconstpointer data)
{
  GtkWidget *window, *spin, *own;
  RepriseTierPolicy policy;

  show (fixture, "roll-ups", "0");
  reprise_ui_test_wait (find_row (fixture, "orders") != NULL);
  window = show_tiers (fixture, "orders");
  own = find_named (window, GTK_TYPE_SWITCH, "Rules of Its Own");
  spin = find_named (window, GTK_TYPE_SPIN_BUTTON, "Daily Deltas");
  g_assert_false (gtk_widget_is_sensitive (spin)); /* as all others, until it is said otherwise */
  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (spin)), ==, 7);
  gtk_switch_set_active (GTK_SWITCH (own), TRUE);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 14);
  gtk_check_button_set_active (
    GTK_CHECK_BUTTON (find_named (window, GTK_TYPE_CHECK_BUTTON, "All: Weekly Roll-Ups")), TRUE);
  gtk_spin_button_set_value (
    GTK_SPIN_BUTTON (find_named (window, GTK_TYPE_SPIN_BUTTON, "Clean-Up Delay: Days")), 30);
  reprise_ui_test_wait (reprise_ui_test_find (window, GTK_TYPE_LABEL,
                                              "Nothing to roll up: every backup is in its tier.") !=
                        NULL);
  g_assert_cmpuint (reprise_ui_test_check_names (window), ==, 0);
  save_tiers (window);
  reprise_tier_policy_read (get_service (fixture), "orders", &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_DAILY], ==, 14);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_WEEKLY], ==, REPRISE_TIER_KEEP_ALL);
  g_assert_cmpuint (policy.delay_days, ==, 30);
  reprise_ui_test_wait (
    has_text (fixture, "4 weekly, 7 daily · tiers by rules of its own · 1204 documents · "
                       "3.2\302\240MB"));

  window = show_tiers (fixture, ""); /* of all: orders goes on by what is its own */
  spin = find_named (window, GTK_TYPE_SPIN_BUTTON, "Monthly Roll-Ups");
  g_assert_true (gtk_widget_is_sensitive (spin));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 6);
  save_tiers (window);
  reprise_tier_policy_read (get_service (fixture), NULL, &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_MONTHLY], ==, 6);
  reprise_tier_policy_read (get_service (fixture), "orders", &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_DAILY], ==, 14);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_MONTHLY], ==,
                    6); /* in what it does not differ it follows */

  window = show_tiers (fixture, "orders"); /* and no longer */
  own = find_named (window, GTK_TYPE_SWITCH, "Rules of Its Own");
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (own)));
  gtk_switch_set_active (GTK_SWITCH (own), FALSE);
  spin = find_named (window, GTK_TYPE_SPIN_BUTTON, "Monthly Roll-Ups");
  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (spin)), ==, 6);
  save_tiers (window);
  g_assert_null (reprise_tier_policy_dup_rule (get_service (fixture), "orders"));
}

/* What makes no sense together is said at once, and not saved. */
static void
test_tiers_refused (Fixture *fixture, gconstpointer data)
{
  GtkWidget *window;

  show (fixture, "many", "0");
  reprise_ui_test_wait (find_row (fixture, "orders") != NULL);
  window = show_tiers (fixture, "");
  gtk_spin_button_set_value (
    GTK_SPIN_BUTTON (find_named (window, GTK_TYPE_SPIN_BUTTON, "Weekly: Days")), 60);
  reprise_ui_test_wait (
    reprise_ui_test_find (window, GTK_TYPE_LABEL,
                          "A weekly roll-up cannot take in more than a monthly one") != NULL);
  g_assert_false (
    gtk_widget_is_sensitive (reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Save")));
}

/* Thousands, of which only those in sight have rows. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  GtkWidget *entry;

  show (fixture, "databases", "5000");
  reprise_ui_test_wait (find_row (fixture, "_users") != NULL);
  g_assert_null (find_row (fixture, "tenant-04000"));
  gtk_widget_activate_action (GTK_WIDGET (fixture->ui.window), "win.search", NULL);
  entry = reprise_ui_test_find (fixture->page, GTK_TYPE_SEARCH_ENTRY, NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "T-04000");
  reprise_ui_test_wait (find_row (fixture, "tenant-04000") != NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "nothing so called");
  reprise_ui_test_wait (has_text (fixture, "No Results Found"));
  check_names (fixture);
}

static gboolean
is_shown (Fixture *fixture, const char *title)
{
  GtkWidget *label = reprise_ui_test_find (fixture->page, GTK_TYPE_LABEL, title);

  return label != NULL && gtk_widget_get_mapped (label);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  show (fixture, "databases", "0");
  reprise_ui_test_wait (is_shown (fixture, "No Databases"));
  check_names (fixture);
}

static void
test_failure (Fixture *fixture, gconstpointer data)
{
  show (fixture, "fault", "unreachable");
  reprise_ui_test_wait (is_shown (fixture, "Could Not Read the Databases"));
  check_names (fixture);
}

/* (transfer none) (nullable): with the buttons that lead away */
static GtkWidget *
find_header (GtkWidget *top)
{
  return gtk_widget_get_ancestor (reprise_ui_test_find (top, GTK_TYPE_BUTTON, "_Cancel"),
                                  ADW_TYPE_HEADER_BAR);
}

/* What a roll-up does is shown by name and bytes before it is done. */
static void
test_roll_up (Fixture *fixture, gconstpointer data)
{
  const char *number = data;
  GtkWidget *window;

  show (fixture, g_strcmp0 (number, "unreachable") == 0 ? "fault" : "roll-ups", number);
  gtk_widget_activate_action (GTK_WIDGET (fixture->ui.window), "win.roll-up", NULL);
  window = GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_ROLL_UP_WINDOW));
  fixture->page = window;
  if (g_strcmp0 (number, "unreachable") == 0)
    reprise_ui_test_wait (is_shown (fixture, "Could Not Plan the Roll-Up"));
  else if (g_strcmp0 (number, "0") == 0)
    reprise_ui_test_wait (is_shown (fixture, "Nothing to Roll Up"));
  else
    {
      reprise_ui_test_wait (is_shown (fixture, "To Be Rolled Up"));
      g_assert_true (is_shown (fixture, "orders, invoices +1: Weekly roll-up"));
      g_assert_true (
        is_shown (fixture, "5 backups, 1 Nov 2025, 02:00 – 5 Nov 2025, 02:00 · 5.0\302\240MB"));
      g_assert_true (is_shown (fixture, "To Be Deleted"));
      g_assert_true (is_shown (fixture, "Daily delta · 1 Nov 2025, 02:00"));
      g_assert_nonnull (reprise_ui_test_find (window, GTK_TYPE_BUTTON, "Keep"));
      reprise_ui_test_wait (
        gtk_window_get_focus (GTK_WINDOW (window)) != NULL &&
        !gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (window)), find_header (window)));
    }
  g_assert_cmpint (
    gtk_widget_is_sensitive (reprise_ui_test_find (window, GTK_TYPE_BUTTON, "_Roll Up")), ==,
    g_strcmp0 (number, "1") == 0);
  g_assert_cmpuint (reprise_ui_test_check_names (window), ==, 0);
}

static void
next (GtkWidget *window, const char *title)
{
  reprise_ui_test_wait (
    !reprise_step_window_get_busy (REPRISE_STEP_WINDOW (window)) &&
    reprise_step_get_can_next (reprise_step_window_get_step (REPRISE_STEP_WINDOW (window))));
  gtk_widget_activate_action (window, "steps.next", NULL);
  if (title != NULL)
    reprise_ui_test_wait (g_strcmp0 (gtk_window_get_title (GTK_WINDOW (window)), title) == 0);
}

/* A name is proposed as long as nobody writes one; a date that is not held offers those that are. */
static void
test_restore (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseRequest) request = NULL;
  RepriseServiceItem *item;
  RepriseSettingsForm *form;
  GtkWidget *window, *row, *chooser;

  show (fixture, "many", "0");
  item = reprise_ui_test_find_item (&fixture->ui, "Orders");
  request = reprise_request_new (REPRISE_JOB_BACK_UP, reprise_service_item_get_uuid (item));
  reprise_session_submit (fixture->ui.session, request);
  reprise_ui_test_wait (g_list_model_get_n_items (reprise_service_item_get_backups (item)) == 1 &&
                        reprise_service_item_get_job (item) == NULL);
  activate (fixture, "databases.restore", "orders");
  window = GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_RESTORE_WINDOW));
  next (window, "Choose What to Restore");
  next (window, "Where to Restore");
  form = REPRISE_SETTINGS_FORM (reprise_ui_test_find (window, REPRISE_TYPE_SETTINGS_FORM, NULL));
  g_assert_cmpstr (reprise_settings_form_get_value (form, "databases"), ==, "orders");
  g_assert_true (
    g_str_has_prefix (reprise_settings_form_get_value (form, "target"), "orders-restored-"));
  reprise_settings_form_set_value (form, "into", "same");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "target"), ==, "");
  reprise_settings_form_set_value (form, "into", "new");
  reprise_settings_form_set_value (form, "target", "mine");
  reprise_settings_form_set_value (form, "databases", "orders stock");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "target"), ==, "mine");
  reprise_settings_form_set_value (form, "as-of", "2020-01-01");
  g_assert_cmpuint (reprise_ui_test_check_names (window), ==, 0);
  next (window, NULL);
  fixture->page = window;
  reprise_ui_test_wait (is_shown (fixture, "The nearest after"));
  row = gtk_widget_get_ancestor (reprise_ui_test_find (window, GTK_TYPE_LABEL, "The nearest after"),
                                 ADW_TYPE_ACTION_ROW);
  g_signal_emit_by_name (row, "activated");
  g_assert_true (g_str_has_suffix (reprise_settings_form_get_value (form, "as-of"), "Z"));

  chooser = reprise_ui_test_find (window, REPRISE_TYPE_CHOICE_BUTTON, NULL);
  g_signal_emit_by_name (chooser, "wanted");
  reprise_ui_test_wait (
    reprise_ui_test_find (chooser, GTK_TYPE_LABEL, "A guest of admin@example.com") != NULL);
  reprise_settings_form_set_value (form, "account", "mary"); /* what is typed counts */
  g_signal_emit_by_name (chooser, "wanted");
  reprise_ui_test_wait (reprise_ui_test_find (chooser, GTK_TYPE_LABEL, "A guest of mary") != NULL);
  reprise_settings_form_set_value (form, "account", "");
  next (window, "Review");
  g_assert_cmpuint (reprise_ui_test_check_names (window), ==, 0);
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add ("/databases/states", Fixture, NULL, set_up, test_states, tear_down);
  g_test_add ("/databases/choose", Fixture, NULL, set_up, test_choose, tear_down);
  g_test_add ("/databases/tiers", Fixture, NULL, set_up, test_tiers, tear_down);
  g_test_add ("/databases/tiers-refused", Fixture, NULL, set_up, test_tiers_refused, tear_down);
  g_test_add ("/databases/leads-on", Fixture, NULL, set_up, test_leads_on, tear_down);
  g_test_add ("/databases/many", Fixture, NULL, set_up, test_many, tear_down);
  g_test_add ("/databases/empty", Fixture, NULL, set_up, test_empty, tear_down);
  g_test_add ("/databases/failure", Fixture, NULL, set_up, test_failure, tear_down);
  g_test_add ("/databases/restore", Fixture, NULL, set_up, test_restore, tear_down);
  g_test_add ("/roll-up/plan", Fixture, "1", set_up, test_roll_up, tear_down);
  g_test_add ("/roll-up/nothing", Fixture, "0", set_up, test_roll_up, tear_down);
  g_test_add ("/roll-up/failure", Fixture, "unreachable", set_up, test_roll_up, tear_down);
  return g_test_run ();
}
