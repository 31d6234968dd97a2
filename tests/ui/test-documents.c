/* test-documents.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-documents-window.h"
#include "reprise-format.h"
#include "reprise-state-row.h"
#include "reprise-test.h"
#include "reprise-ui-test.h"

#define BASELINE "Baseline · 1.2\302\240kB"
#define DAILY    "Daily delta · 1.2\302\240kB"
#define WEEKLY   "Weekly roll-up · 1.2\302\240kB"
#define SERVER   "On the server · 1.2\302\240kB"

typedef struct
{
  RepriseUiTest ui;
  RepriseService *service;
  GtkWidget *window; /* of the documents */
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

/* The window of the documents, of a service with that setting. */
static void
show (Fixture *fixture, const char *key, const char *value)
{
  fixture->service = reprise_ui_test_add_service (&fixture->ui, "Orders", key, value);
  reprise_ui_test_show (&fixture->ui);
  reprise_ui_test_find_item (&fixture->ui, "Orders");
  gtk_widget_activate_action (GTK_WIDGET (fixture->ui.window), "win.show-documents", "s", "orders");
  fixture->window = GTK_WIDGET (reprise_ui_test_find_window (REPRISE_TYPE_DOCUMENTS_WINDOW));
  g_assert_nonnull (fixture->window);
}

/* Whether it can be seen: what is on another page of a stack cannot. */
static gboolean
is_seen (Fixture *fixture, const char *text)
{
  GtkWidget *found = reprise_ui_test_find (fixture->window, GTK_TYPE_LABEL, text);

  return found != NULL && gtk_widget_get_mapped (found);
}

static GtkWidget *
find_row (Fixture *fixture, const char *text)
{
  GtkWidget *label = reprise_ui_test_find (fixture->window, GTK_TYPE_LABEL, text);
  GtkWidget *row = label != NULL ? gtk_widget_get_ancestor (label, REPRISE_TYPE_STATE_ROW) : NULL;

  return row != NULL ? gtk_widget_get_parent (row) : NULL;
}

/* As Enter does on the row with that text. */
static void
activate (Fixture *fixture, const char *text)
{
  reprise_ui_test_wait (find_row (fixture, text) != NULL);
  g_assert_true (gtk_widget_activate (find_row (fixture, text)));
}

static void
check_names (Fixture *fixture)
{
  g_assert_cmpuint (reprise_ui_test_check_names (fixture->window), ==, 0);
}

/* Each document says by a word whether a backup has it. */
static void
test_states (Fixture *fixture, gconstpointer data)
{
  GtkAccessible *row;

  show (fixture, "documents", "4");
  reprise_ui_test_wait (is_seen (fixture, "doc-0003"));
  g_assert_true (is_seen (fixture, "In a backup as it is now"));
  g_assert_true (is_seen (fixture, "Changed since the last backup"));
  g_assert_true (is_seen (fixture, "Deleted, kept in backups"));
  g_assert_true (is_seen (fixture, "In no backup, only on the server"));
  row = GTK_ACCESSIBLE (find_row (fixture, "doc-0001"));
  gtk_test_accessible_assert_property (row, GTK_ACCESSIBLE_PROPERTY_LABEL, "doc-0001");
  gtk_test_accessible_assert_property (row, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Changed since the last backup");
  check_names (fixture);
}

static gboolean
has_text (Fixture *fixture, const char *text)
{
  return reprise_ui_test_find (fixture->window, GTK_TYPE_LABEL, text) != NULL;
}

static void
test_search (Fixture *fixture, gconstpointer data)
{
  GtkWidget *entry;

  show (fixture, "documents", "1000");
  reprise_ui_test_wait (is_seen (fixture, "doc-0000"));
  reprise_ui_test_wait (has_text (fixture, "The first 200 are shown"));
  gtk_widget_activate_action (reprise_ui_test_find (fixture->window, GTK_TYPE_BUTTON, "Show _More"),
                              "documents.more", NULL);
  reprise_ui_test_wait (has_text (fixture, "The first 400 are shown"));
  gtk_widget_activate_action (fixture->window, "documents.search", NULL);
  entry = reprise_ui_test_find (fixture->window, GTK_TYPE_SEARCH_ENTRY, NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), "0777");
  reprise_ui_test_wait (is_seen (fixture, "doc-0777"));
  g_assert_false (is_seen (fixture, "doc-0000"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "*099?");
  reprise_ui_test_wait (is_seen (fixture, "doc-0990"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "nothing");
  reprise_ui_test_wait (is_seen (fixture, "No Results Found"));
  check_names (fixture);
  g_signal_emit_by_name (entry,
                         "stop-search"); /* Escape: first the search ends, then the window goes */
  reprise_ui_test_wait (is_seen (fixture, "doc-0000"));
  g_assert_nonnull (reprise_ui_test_find_window (REPRISE_TYPE_DOCUMENTS_WINDOW));
  g_signal_emit_by_name (entry, "stop-search");
  reprise_ui_test_wait (reprise_ui_test_find_window (REPRISE_TYPE_DOCUMENTS_WINDOW) == NULL);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  show (fixture, "documents", "0");
  reprise_ui_test_wait (is_seen (fixture, "No Documents"));
  check_names (fixture);
}

static void
test_failure (Fixture *fixture, gconstpointer data)
{
  show (fixture, "fault", "unreachable");
  reprise_ui_test_wait (is_seen (fixture, "Could Not List the Documents"));
  g_assert_nonnull (reprise_ui_test_find (fixture->window, GTK_TYPE_BUTTON, "_Try Again"));
  check_names (fixture);
}

static gboolean
can_restore (Fixture *fixture)
{
  GtkWidget *button =
    reprise_ui_test_find (fixture->window, GTK_TYPE_BUTTON, "_Restore This Version…");

  return gtk_widget_get_mapped (button) && gtk_widget_is_sensitive (button);
}

/* A value that is broken over lines gets no hyphens: they would read as part of it. */
static void
check_hyphens (Fixture *fixture, const char *text)
{
  GtkWidget *label = reprise_ui_test_find (fixture->window, GTK_TYPE_LABEL, text);
  PangoAttrList *list = gtk_label_get_attributes (GTK_LABEL (label));
  PangoAttrIterator *iterator;
  PangoAttribute *attribute;

  g_assert_nonnull (list);
  iterator = pango_attr_list_get_iterator (list);
  attribute = pango_attr_iterator_get (iterator, PANGO_ATTR_INSERT_HYPHENS);
  g_assert_nonnull (attribute);
  g_assert_false (pango_attribute_as_int (attribute)->value);
  pango_attr_iterator_destroy (iterator);
}

/* From a document to its versions, and from a version to what differs, key by key. */
static void
test_difference (Fixture *fixture, gconstpointer data)
{
  show (fixture, "documents", "4");
  activate (fixture, "doc-0001");
  reprise_ui_test_wait (is_seen (fixture, WEEKLY));
  g_assert_true (is_seen (fixture, BASELINE));
  g_assert_false (can_restore (fixture));
  activate (fixture, WEEKLY);
  reprise_ui_test_wait (is_seen (fixture, "address.city"));
  g_assert_true (is_seen (fixture, "\"Lyon\""));
  g_assert_true (is_seen (fixture, "\"Paris\""));
  g_assert_true (is_seen (fixture, "not there"));
  check_hyphens (fixture, "address.city");
  check_hyphens (fixture, "\"Lyon\"");
  check_hyphens (fixture, "\"Paris\"");
  g_assert_true (is_seen (fixture, "3 differences"));
  g_assert_true (can_restore (fixture));
  check_names (fixture);
  activate (fixture, DAILY);
  reprise_ui_test_wait (is_seen (fixture, "No Difference"));
  g_assert_false (can_restore (fixture));
  activate (fixture, SERVER); /* against the newest that was saved */
  g_assert_false (is_seen (fixture, "No Difference"));
  reprise_ui_test_wait (is_seen (fixture, "No Difference"));
}

static void
test_uncovered (Fixture *fixture, gconstpointer data)
{
  show (fixture, "documents", "4");
  activate (fixture, "doc-0003");
  activate (fixture, SERVER);
  reprise_ui_test_wait (is_seen (fixture, "In No Backup"));
  g_assert_false (can_restore (fixture));
  activate (fixture, "doc-0002");
  activate (fixture, BASELINE);
  reprise_ui_test_wait (has_text (fixture, "Now: not on the server"));
  reprise_ui_test_wait (can_restore (fixture));
}

/* Where there is no room, one page at a time and one value above the other. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  show (fixture, "documents", "4");
  gtk_widget_set_visible (fixture->window, FALSE); /* there is no window manager to shrink it */
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 640);
  gtk_window_present (GTK_WINDOW (fixture->window));
  activate (fixture, "doc-0001");
  activate (fixture, WEEKLY);
  reprise_ui_test_wait (is_seen (fixture, "address.city"));
  reprise_ui_test_wait (is_seen (fixture, "Saved"));
  reprise_ui_test_wait (!is_seen (fixture, "In a backup as it is now"));
  check_names (fixture);
  gtk_widget_activate_action (fixture->window, "documents.back", NULL);
  gtk_widget_activate_action (fixture->window, "documents.back", NULL);
  reprise_ui_test_wait (is_seen (fixture, "In a backup as it is now"));
}

static void
test_json (void)
{
  static const struct
  {
    const char *json;
    const char *text;
  } cases[] = {
    { "\"a,{b}\\\"\"", "\"a,{b}\\\"\"" },
    { "1.50", "1.50" },
    { "{}", "{}" },
    { "[ ]", "[]" },
    { "{\"a\":1,\"b\":[true,{\"c\":\"x: y\"}]}",
      "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    {\n      \"c\": \"x: y\"\n    }\n  ]\n}" },
  };
  g_autofree char *many = g_strnfill (100000, 'x');
  g_autofree char *cut = reprise_format_json (many);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = reprise_format_json (cases[i].json);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
  g_assert_cmpuint (strlen (cut), <, 5000);
  g_assert_true (g_str_has_suffix (cut, "…"));
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/documents/json", test_json);
  g_test_add ("/documents/states", Fixture, NULL, set_up, test_states, tear_down);
  g_test_add ("/documents/search", Fixture, NULL, set_up, test_search, tear_down);
  g_test_add ("/documents/empty", Fixture, NULL, set_up, test_empty, tear_down);
  g_test_add ("/documents/failure", Fixture, NULL, set_up, test_failure, tear_down);
  g_test_add ("/documents/difference", Fixture, NULL, set_up, test_difference, tear_down);
  g_test_add ("/documents/uncovered", Fixture, NULL, set_up, test_uncovered, tear_down);
  g_test_add ("/documents/narrow", Fixture, NULL, set_up, test_narrow, tear_down);
  return g_test_run ();
}
