/* test-settings-form.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "reprise-choice-button.h"
#include "reprise-settings-form.h"
#include "reprise-time-button.h"
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

static char *
describe (const char *secret, GPtrArray *warnings, GError **error)
{
  if (g_str_equal (secret, "wrong"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "It is not a key.");
      return NULL;
    }
  if (g_str_has_suffix (secret, "old"))
    g_ptr_array_add (warnings, g_strdup ("It ends soon."));
  return g_strdup ("A key for the cellar");
}

static const char *
explain_choice (const char *value)
{
  return g_str_equal (value, "robot") ? "There is no robot here." : NULL;
}

static const char *const WAYS[] = { "robot", "person", "nobody", NULL };
static const char *const WAY_LABELS[] = { "A robot", "A person", "Nobody", NULL };

static const RepriseSetting CHOSEN[] = {
  { .key = "way",
    .type = REPRISE_SETTING_CHOICE,
    .label = "Way",
    .default_value = "person",
    .choices = WAYS,
    .choice_labels = WAY_LABELS,
    .explain_choice = explain_choice },
  { .key = "shelf", .type = REPRISE_SETTING_TEXT, .label = "Shelf", .listed = TRUE },
  { .key = "room", .type = REPRISE_SETTING_TEXT, .label = "Room" },
  { .key = "key", .type = REPRISE_SETTING_SECRET, .label = "Key", .describe = describe },
  { .key = NULL },
};

/* What cannot be chosen here is not offered, and it is said why; what was chosen elsewhere stays. */
static void
test_choices (void)
{
  g_autoptr (RepriseSettingsForm) form = g_object_ref_sink (reprise_settings_form_new ());
  GtkWidget *combo;

  reprise_settings_form_set_settings (form, CHOSEN);
  combo = reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_COMBO_ROW, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (adw_combo_row_get_model (ADW_COMBO_ROW (combo))), ==,
                    2);
  g_assert_cmpstr (reprise_settings_form_get_value (form, "way"), ==, "person");
  g_assert_nonnull (
    reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_LABEL, "There is no robot here."));
  reprise_settings_form_set_value (form, "way", "nobody");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "way"), ==, "nobody");
  reprise_settings_form_set_value (form, "way", "robot");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "way"), ==, "robot");
}

static void
wanted_cb (RepriseSettingsForm *form, const char *key, char **wanted)
{
  *wanted = g_strdup (key);
}

/* The list is asked for when it is opened; what follows from a choice is set with it. */
static void
test_listed (void)
{
  g_autoptr (RepriseSettingsForm) form = g_object_ref_sink (reprise_settings_form_new ());
  g_autoptr (GPtrArray) choices =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_choice_free);
  RepriseChoice *choice = reprise_choice_new ("top", "The top shelf", "in the hall");
  g_autofree char *wanted = NULL;
  GtkWidget *button;

  reprise_choice_add_other (choice, "room", "hall");
  g_ptr_array_add (choices, choice);
  reprise_settings_form_set_settings (form, CHOSEN);
  g_signal_connect (form, "list-wanted", G_CALLBACK (wanted_cb), &wanted);
  button = reprise_ui_test_find (GTK_WIDGET (form), REPRISE_TYPE_CHOICE_BUTTON, NULL);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "wanted");
  g_assert_cmpstr (wanted, ==, "shelf");
  reprise_settings_form_show_choices (form, "shelf", NULL, "Nobody answers.");
  g_assert_nonnull (reprise_ui_test_find (button, GTK_TYPE_LABEL, "Nobody answers."));
  reprise_settings_form_show_choices (form, "shelf", choices, NULL);
  g_assert_nonnull (reprise_ui_test_find (button, GTK_TYPE_LABEL, "The top shelf"));
  g_signal_emit_by_name (button, "chosen", choice);
  g_assert_cmpstr (reprise_settings_form_get_value (form, "shelf"), ==, "top");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "room"), ==, "hall");
}

static const RepriseSetting NESTED[] = {
  { .key = "house", .type = REPRISE_SETTING_TEXT, .label = "House", .listed = TRUE },
  { .key = "room", .type = REPRISE_SETTING_TEXT, .label = "Room", .depends_on = "house" },
  { .key = "shelf", .type = REPRISE_SETTING_TEXT, .label = "Shelf", .depends_on = "room" },
  { .key = "colour", .type = REPRISE_SETTING_TEXT, .label = "Colour" },
  { .key = "lamp",
    .type = REPRISE_SETTING_TEXT,
    .label = "Lamp",
    .default_value = "on",
    .depends_on = "house" },
  { .key = NULL },
};

/* In another house is another shelf: what was chosen below is taken away, and what follows from the new choice stays. */
static void
test_nested (void)
{
  g_autoptr (RepriseSettingsForm) form = g_object_ref_sink (reprise_settings_form_new ());
  RepriseChoice *same = reprise_choice_new ("mine", "My house", NULL);
  RepriseChoice *other = reprise_choice_new ("yours", "Your house", NULL);
  GtkWidget *button;

  reprise_choice_add_other (other, "room", "hall");
  reprise_settings_form_set_settings (form, NESTED);
  reprise_settings_form_set_value (form, "house", "mine");
  reprise_settings_form_set_value (form, "room", "kitchen");
  reprise_settings_form_set_value (form, "shelf", "top");
  reprise_settings_form_set_value (form, "colour", "red");
  reprise_settings_form_set_value (form, "lamp", "off");
  button = reprise_ui_test_find (GTK_WIDGET (form), REPRISE_TYPE_CHOICE_BUTTON, NULL);
  g_signal_emit_by_name (button, "chosen", same);
  g_assert_cmpstr (reprise_settings_form_get_value (form, "shelf"), ==, "top");
  g_signal_emit_by_name (button, "chosen", other);
  g_assert_cmpstr (reprise_settings_form_get_value (form, "house"), ==, "yours");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "room"), ==, "hall");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "shelf"), ==, "");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "colour"), ==, "red");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "lamp"), ==, "on");
  reprise_choice_free (same);
  reprise_choice_free (other);
}

/* (nullable): the row of that title */
static GtkWidget *
find_entry (RepriseSettingsForm *form, const char *title)
{
  return reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_ENTRY_ROW, title);
}

static void
type (RepriseSettingsForm *form, const char *title, const char *text)
{
  GtkWidget *row = find_entry (form, title);

  gtk_widget_grab_focus (row);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
}

/* What is typed counts once it is left: half a name is not another one. Where there was none before nothing is taken away. */
static void
test_typed (void)
{
  GtkWidget *window = gtk_window_new ();
  RepriseSettingsForm *form = reprise_settings_form_new ();
  g_autoptr (GError) error = NULL;

  reprise_settings_form_set_settings (form, NESTED);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (form));
  gtk_window_present (GTK_WINDOW (window));
  reprise_ui_test_settle (50);

  type (form, "Shelf (optional)", "top");
  type (form, "Room (optional)", "kitchen");
  type (form, "House (optional)", "mine");
  type (form, "Colour (optional)", "red");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "room"), ==, "kitchen");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "shelf"), ==, "top");

  type (form, "House (optional)", "your");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "room"), ==, "kitchen");
  type (form, "House (optional)", "mine");
  type (form, "Colour (optional)", "blue");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "room"), ==, "kitchen");

  type (form, "House (optional)", "yours");
  type (form, "Colour (optional)", "green");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "house"), ==, "yours");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "room"), ==, "");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "shelf"), ==, "");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "lamp"), ==, "on");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "colour"), ==, "green");

  type (form, "Room (optional)", "hall"); /* and Enter goes on to the next step */
  type (form, "House (optional)", "theirs");
  g_assert_true (reprise_settings_form_check (form, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_settings_form_get_value (form, "room"), ==, "");
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What a secret is good for is said while it is typed, and the secret itself nowhere. */
static void
test_described (void)
{
  g_autoptr (RepriseSettingsForm) form = g_object_ref_sink (reprise_settings_form_new ());
  GtkWidget *row;

  reprise_settings_form_set_settings (form, CHOSEN);
  row = find_password (GTK_WIDGET (form));
  gtk_editable_set_text (GTK_EDITABLE (row), "canary-old");
  g_assert_nonnull (
    reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_LABEL, "A key for the cellar"));
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_LABEL, "It ends soon."));
  g_assert_null (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_LABEL, "canary-old"));
  gtk_editable_set_text (GTK_EDITABLE (row), "wrong");
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_LABEL, "It is not a key."));
}

static const RepriseSetting SIGNED[] = {
  { .key = "tenant", .type = REPRISE_SETTING_TEXT, .label = "Tenant", .sign_in_follows = TRUE },
  { .key = "cellar", .type = REPRISE_SETTING_TEXT, .label = "Cellar", .required = TRUE },
  { .key = "size", .type = REPRISE_SETTING_INTEGER, .label = "Size", .default_value = "4" },
  { .key = "way",
    .type = REPRISE_SETTING_CHOICE,
    .label = "Way",
    .default_value = "person",
    .choices = WAYS,
    .choice_labels = WAY_LABELS },
  { .key = "robot",
    .type = REPRISE_SETTING_TEXT,
    .label = "Name of the Robot",
    .required = TRUE,
    .advanced = TRUE,
    .shown_if_key = "way",
    .shown_if_value = "robot" },
  { .key = NULL },
};

/* What may stay empty says so; what is missing is named, and is not folded away. */
static void
test_missing (void)
{
  g_autoptr (RepriseSettingsForm) form = g_object_ref_sink (reprise_settings_form_new ());
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *none = NULL;
  GtkWidget *advanced;

  reprise_settings_form_set_settings (form, SIGNED);
  g_assert_nonnull (
    reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_ENTRY_ROW, "Tenant (optional)"));
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_ENTRY_ROW, "Cellar"));
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_ENTRY_ROW, "Size"));
  advanced = reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_EXPANDER_ROW, NULL);
  one = reprise_settings_form_describe_missing (form);
  g_assert_cmpstr (one, ==, "Still missing: Cellar");
  g_assert_false (adw_expander_row_get_expanded (ADW_EXPANDER_ROW (advanced)));
  reprise_settings_form_set_value (form, "way", "robot");
  two = reprise_settings_form_describe_missing (form);
  g_assert_cmpstr (two, ==, "Still missing: Cellar, Name of the Robot");
  g_assert_true (adw_expander_row_get_expanded (ADW_EXPANDER_ROW (advanced)));
  reprise_settings_form_set_value (form, "way", "person");
  reprise_settings_form_set_value (form, "cellar", "deep");
  none = reprise_settings_form_describe_missing (form);
  g_assert_cmpstr (none, ==, NULL);
  g_assert_true (reprise_settings_form_get_complete (form));
}

static void
sign_in_cb (RepriseSettingsForm *form, guint *n)
{
  *n += 1;
}

/* Somebody signs in before what the service then lists, not after it. */
static void
test_sign_in (void)
{
  g_autoptr (RepriseSettingsForm) form = g_object_ref_sink (reprise_settings_form_new ());
  GtkWidget *row, *after;
  guint n = 0;

  g_signal_connect (form, "sign-in-wanted", G_CALLBACK (sign_in_cb), &n);
  reprise_settings_form_set_settings (form, SIGNED);
  row = reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_ACTION_ROW, "Sign-In");
  g_assert_false (gtk_widget_get_visible (row));
  reprise_settings_form_show_sign_in (form, TRUE, "Signed in");
  g_assert_true (gtk_widget_get_visible (row));
  after = gtk_widget_get_next_sibling (row);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (after)), ==, "Cellar");
  g_signal_emit_by_name (reprise_ui_test_find (row, GTK_TYPE_BUTTON, "_Sign In…"), "clicked");
  g_assert_cmpuint (n, ==, 1);
}

static const RepriseSetting TIMED[] = {
  { .key = "start", .type = REPRISE_SETTING_TIME, .label = "First Start" },
  { .key = NULL },
};

/* It is shown by the clock of this computer, can be typed, and is said back as it was understood; what is chosen is written as typed. */
static void
test_time (void)
{
  GtkWidget *window = gtk_window_new ();
  RepriseSettingsForm *form = reprise_settings_form_new ();
  g_autoptr (GDateTime) day = g_date_time_new_local (2026, 12, 24, 18, 30, 0);
  g_autofree char *said = reprise_time_button_describe (day);
  g_autofree char *iso = g_date_time_format_iso8601 (day);
  g_autoptr (GDateTime) january = g_date_time_new_local (2026, 1, 25, 18, 30, 0);
  g_autofree char *january_said = reprise_time_button_describe (january);
  g_autoptr (GError) error = NULL;
  GtkWidget *row, *calendar, *hour;
  int shown_day;

  reprise_settings_form_set_settings (form, TIMED);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (form));
  gtk_window_present (GTK_WINDOW (window));
  reprise_ui_test_settle (50);
  row = find_entry (form, "First Start (optional)");

  reprise_settings_form_set_value (form, "start", iso);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, "2026-12-24 18:30");
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (form), ADW_TYPE_ACTION_ROW, said));
  gtk_editable_set_text (GTK_EDITABLE (row), "soon");
  g_assert_false (reprise_settings_form_check (form, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  gtk_editable_set_text (GTK_EDITABLE (row), "2026-12-24 18:30");

  gtk_menu_button_popup (
    GTK_MENU_BUTTON (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_MENU_BUTTON, NULL)));
  reprise_ui_test_settle (50);
  g_assert_cmpuint (reprise_ui_test_check_names (window), ==, 0);
  calendar = reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_CALENDAR, NULL);
  hour = reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_SPIN_BUTTON, NULL);
  g_assert_cmpint (gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (hour)), ==, 18);
  g_object_get (calendar, "day", &shown_day, NULL);
  g_assert_cmpint (shown_day, ==, 24);
  g_object_set (calendar, "day", 25, NULL);
  g_object_set (calendar, "month", 0, NULL);
  g_assert_nonnull (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_LABEL, january_said));
  g_object_set (calendar, "month", 11, NULL);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (hour), 7);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (hour)), ==, "07");
  g_signal_emit_by_name (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_BUTTON, "_Set"),
                         "clicked");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "start"), ==, "2026-12-25 07:30");
  g_signal_emit_by_name (reprise_ui_test_find (GTK_WIDGET (form), GTK_TYPE_BUTTON, "_Clear"),
                         "clicked");
  g_assert_cmpstr (reprise_settings_form_get_value (form, "start"), ==, "");
  gtk_window_destroy (GTK_WINDOW (window));
}

/* The toolkit's own buttons in the rows have names too, such as the eye of a password. */
static void
test_names (void)
{
  GtkWidget *window = gtk_window_new ();
  RepriseSettingsForm *form = reprise_settings_form_new ();

  reprise_settings_form_set_settings (form, CHOSEN);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (form));
  gtk_window_present (GTK_WINDOW (window));
  reprise_ui_test_settle (50);
  gtk_editable_set_text (GTK_EDITABLE (find_password (window)), "canary");
  reprise_ui_test_settle (50);
  g_assert_cmpuint (reprise_ui_test_check_names (window), ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/settings-form/stored", test_stored);
  g_test_add_func ("/settings-form/choices", test_choices);
  g_test_add_func ("/settings-form/listed", test_listed);
  g_test_add_func ("/settings-form/nested", test_nested);
  g_test_add_func ("/settings-form/typed", test_typed);
  g_test_add_func ("/settings-form/described", test_described);
  g_test_add_func ("/settings-form/missing", test_missing);
  g_test_add_func ("/settings-form/sign-in", test_sign_in);
  g_test_add_func ("/settings-form/time", test_time);
  g_test_add_func ("/settings-form/names", test_names);
  return g_test_run ();
}
