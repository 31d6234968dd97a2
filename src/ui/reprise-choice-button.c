/* reprise-choice-button.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "reprise-choice-button.h"

#define CHOICE_KEY       "reprise-choice"
#define SEARCHED_CHOICES 12 /* from so many on there is a field to search in */

struct _RepriseChoiceButton
{
  AdwBin parent_instance;

  GtkWidget *button;
  GtkWidget *popover;
  GtkWidget *stack;
  GtkWidget *search;
  GtkWidget *list;
  GtkWidget *problem;
  GPtrArray *choices; /* (owned) (nullable) (element-type RepriseChoice) */
  char *needle;       /* (owned) (nullable): casefolded */
  gboolean reopens;   /* it opens with what it has, and asks for nothing */
  gboolean several;   /* it stays open: more may be chosen */
};

G_DEFINE_FINAL_TYPE (RepriseChoiceButton, reprise_choice_button, ADW_TYPE_BIN)

static guint wanted_signal, chosen_signal;

static void
reprise_choice_button_finalize (GObject *object)
{
  RepriseChoiceButton *self = REPRISE_CHOICE_BUTTON (object);

  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_free (self->needle);
  G_OBJECT_CLASS (reprise_choice_button_parent_class)->finalize (object);
}

static void
reprise_choice_button_class_init (RepriseChoiceButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_choice_button_finalize;
  wanted_signal = g_signal_new ("wanted", REPRISE_TYPE_CHOICE_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
  chosen_signal = g_signal_new ("chosen", REPRISE_TYPE_CHOICE_BUTTON, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
opened_cb (RepriseChoiceButton *self)
{
  if (self->reopens)
    return;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "wait");
  g_signal_emit (self, wanted_signal, 0);
}

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, RepriseChoiceButton *self)
{
  RepriseChoice *choice = g_object_get_data (G_OBJECT (row), CHOICE_KEY);
  g_autoptr (GPtrArray) choices = g_ptr_array_ref (self->choices);

  if (!self->several)
    reprise_choice_button_popdown (self);
  g_signal_emit (self, chosen_signal, 0, choice);
}

static gboolean
contains (const char *text, const char *needle)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded != NULL && strstr (folded, needle) != NULL;
}

static gboolean
filter_func (GtkListBoxRow *row, gpointer data)
{
  RepriseChoiceButton *self = data;
  const RepriseChoice *choice = g_object_get_data (G_OBJECT (row), CHOICE_KEY);

  return self->needle == NULL || contains (choice->title, self->needle) ||
         contains (choice->value, self->needle) || contains (choice->detail, self->needle);
}

static void
search_cb (RepriseChoiceButton *self)
{
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search))));

  g_clear_pointer (&self->needle, g_free);
  if (*text != '\0')
    self->needle = g_utf8_casefold (text, -1);
  gtk_list_box_invalidate_filter (GTK_LIST_BOX (self->list));
}

static GtkWidget *
new_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
  return label;
}

static GtkWidget *
new_row (RepriseChoice *choice)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_box_append (GTK_BOX (box), new_label (choice->title));
  if (choice->detail != NULL)
    {
      GtkWidget *detail = new_label (choice->detail);

      gtk_widget_add_css_class (detail, "dim-label");
      gtk_widget_add_css_class (detail, "caption");
      gtk_box_append (GTK_BOX (box), detail);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  choice->title, -1);
  g_object_set_data (G_OBJECT (row), CHOICE_KEY, choice);
  return row;
}

/* The list below a field to search in. */
static GtkWidget *
build_list (RepriseChoiceButton *self, const char *name)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->search = gtk_search_entry_new ();
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_list_box_set_filter_func (GTK_LIST_BOX (self->list), filter_func, self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search"), -1);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (search_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 280);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->list);
  gtk_box_append (GTK_BOX (box), self->search);
  gtk_box_append (GTK_BOX (box), scrolled);
  return box;
}

static GtkWidget *
build_spinner (void)
{
  GtkWidget *spinner = gtk_spinner_new ();

  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 24, 24);
  gtk_widget_set_margin_top (spinner, 12);
  gtk_widget_set_margin_bottom (spinner, 12);
  gtk_widget_set_margin_start (spinner, 48);
  gtk_widget_set_margin_end (spinner, 48);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spinner), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Asking the service"), -1);
  return spinner;
}

static GtkWidget *
build_problem (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 36);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_bottom (label, 6);
  gtk_widget_set_margin_start (label, 6);
  gtk_widget_set_margin_end (label, 6);
  return label;
}

static void
reprise_choice_button_init (RepriseChoiceButton *self)
{
  self->button = gtk_menu_button_new ();
  self->popover = gtk_popover_new ();
  self->stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_popover_set_child (GTK_POPOVER (self->popover), self->stack);
  gtk_widget_add_css_class (self->popover, "menu");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), self->popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->button), "reprise-list-symbolic");
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->button, "flat");
  g_signal_connect_swapped (self->popover, "show", G_CALLBACK (opened_cb), self);
  adw_bin_set_child (ADW_BIN (self), self->button);
}

/* @name: of the button and of the list */
RepriseChoiceButton *
reprise_choice_button_new (const char *name)
{
  RepriseChoiceButton *self = g_object_new (REPRISE_TYPE_CHOICE_BUTTON, NULL);

  self->problem = build_problem ();
  gtk_stack_add_named (GTK_STACK (self->stack), build_spinner (), "wait");
  gtk_stack_add_named (GTK_STACK (self->stack), build_list (self, name), "list");
  gtk_stack_add_named (GTK_STACK (self->stack), self->problem, "problem");
  gtk_widget_set_tooltip_text (self->button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  return self;
}

/* Whether more than one can be chosen: then the list stays open. */
void
reprise_choice_button_set_several (RepriseChoiceButton *self, gboolean several)
{
  self->several = several;
}

/* What was asked for before something else had to be done is shown now. */
static void
reopen (RepriseChoiceButton *self)
{
  if (gtk_widget_get_visible (self->popover) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->reopens = TRUE;
  gtk_menu_button_popup (GTK_MENU_BUTTON (self->button));
  self->reopens = FALSE;
}

/**
 * reprise_choice_button_show:
 * @choices: (nullable) (element-type RepriseChoice): what can be chosen
 * @problem: (nullable): why nothing can, as a whole sentence
 */
void
reprise_choice_button_show (RepriseChoiceButton *self, GPtrArray *choices, const char *problem)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  if (choices == NULL || choices->len == 0)
    {
      gtk_label_set_label (GTK_LABEL (self->problem),
                           problem != NULL ? problem : _ ("The service lists none."));
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "problem");
      reopen (self);
      return;
    }
  self->choices = g_ptr_array_ref (choices);
  for (guint i = 0; i < choices->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), new_row (choices->pdata[i]));
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_set_visible (self->search, choices->len >= SEARCHED_CHOICES);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "list");
  reopen (self);
  if (gtk_widget_get_mapped (self->stack))
    gtk_widget_child_focus (self->stack, GTK_DIR_TAB_FORWARD);
}

void
reprise_choice_button_popdown (RepriseChoiceButton *self)
{
  gtk_popover_popdown (GTK_POPOVER (self->popover));
}
