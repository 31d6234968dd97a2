/* reprise-suggestions.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include "reprise-suggestions.h"

#define MAX_SUGGESTIONS 500 /* whoever has more types a pattern or a date */
#define VALUE_KEY       "reprise-value"

RepriseSuggestion *
reprise_suggestion_new (const char *value, const char *label)
{
  RepriseSuggestion *self = g_new0 (RepriseSuggestion, 1);

  self->value = g_strdup (value);
  self->label = g_strdup (label);
  return self;
}

void
reprise_suggestion_free (RepriseSuggestion *self)
{
  g_free (self->value);
  g_free (self->label);
  g_free (self);
}

/* The words that are there already, without that one or with it. */
void
reprise_suggestions_toggle_word (GtkEditable *editable, const char *word)
{
  g_auto (GStrv) words = g_strsplit (gtk_editable_get_text (editable), " ", -1);
  g_autoptr (GPtrArray) left = g_ptr_array_new ();
  g_autofree char *text = NULL;
  gboolean found = FALSE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean same = strcmp (words[i], word) == 0;

      found |= same;
      if (!same && *words[i] != '\0')
        g_ptr_array_add (left, words[i]);
    }
  if (!found)
    g_ptr_array_add (left, (gpointer) word);
  g_ptr_array_add (left, NULL);
  text = g_strjoinv (" ", (char **) left->pdata);
  gtk_editable_set_text (editable, text);
}

static void
one_cb (GtkListBox *list, GtkListBoxRow *row, GtkEditable *editable)
{
  gtk_editable_set_text (editable, g_object_get_data (G_OBJECT (row), VALUE_KEY));
  gtk_popover_popdown (GTK_POPOVER (gtk_widget_get_ancestor (GTK_WIDGET (list), GTK_TYPE_POPOVER)));
}

static void
several_cb (GtkListBox *list, GtkListBoxRow *row, GtkEditable *editable)
{
  reprise_suggestions_toggle_word (editable, g_object_get_data (G_OBJECT (row), VALUE_KEY));
}

static GtkWidget *
new_row (const RepriseSuggestion *suggestion)
{
  GtkWidget *label = gtk_label_new (suggestion->label);
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  g_object_set_data_full (G_OBJECT (row), VALUE_KEY, g_strdup (suggestion->value), g_free);
  return row;
}

/**
 * reprise_suggestions_button_new:
 * @editable: what a suggestion is written into; lives as long as the button
 * @name: of the button and of the list
 * @suggestions: (element-type RepriseSuggestion)
 * @several: whether each is one word among others, and not the whole value
 *
 * A button that opens a list to choose from, for a field that can be typed into as well.
 */
GtkWidget *
reprise_suggestions_button_new (GtkEditable *editable,
                                const char *name,
                                GPtrArray *suggestions,
                                gboolean several)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();

  for (guint i = 0; i < suggestions->len && i < MAX_SUGGESTIONS; i++)
    gtk_list_box_append (GTK_LIST_BOX (list), new_row (suggestions->pdata[i]));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  g_signal_connect (list, "row-activated", G_CALLBACK (several ? several_cb : one_cb), editable);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 280);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  gtk_popover_set_child (GTK_POPOVER (popover), scrolled);
  gtk_widget_add_css_class (popover, "menu");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "reprise-list-symbolic");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  return button;
}
