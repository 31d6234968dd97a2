/* reprise-state-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-state-row.h"

#define CURRENT_CLASS "reprise-current"
#define LONG_TITLE    24 /* characters, from which on it may be cut in its middle */

struct _RepriseStateRow
{
  AdwBin parent_instance;

  GtkLabel *heading;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *state;
  GtkLabel *detail;
  AdwBin *suffix;
};

G_DEFINE_FINAL_TYPE (RepriseStateRow, reprise_state_row, ADW_TYPE_BIN)

static void
reprise_state_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_STATE_ROW);
  G_OBJECT_CLASS (reprise_state_row_parent_class)->dispose (object);
}

static void
reprise_state_row_class_init (RepriseStateRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_state_row_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-state-row.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseStateRow, heading);
  gtk_widget_class_bind_template_child (widget_class, RepriseStateRow, icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseStateRow, title);
  gtk_widget_class_bind_template_child (widget_class, RepriseStateRow, state);
  gtk_widget_class_bind_template_child (widget_class, RepriseStateRow, detail);
  gtk_widget_class_bind_template_child (widget_class, RepriseStateRow, suffix);
}

static void
reprise_state_row_init (RepriseStateRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
reprise_state_row_new (void)
{
  return g_object_new (REPRISE_TYPE_STATE_ROW, NULL);
}

/* @heading: (nullable): stands above the first row of a group */
void
reprise_state_row_set_heading (RepriseStateRow *self, const char *heading)
{
  gtk_label_set_label (self->heading, heading != NULL ? heading : "");
  gtk_widget_set_visible (GTK_WIDGET (self->heading), heading != NULL);
}

void
reprise_state_row_set_title (RepriseStateRow *self, const char *title)
{
  gtk_label_set_label (self->title, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title),
                               g_utf8_strlen (title, -1) > LONG_TITLE ? title : NULL);
}

/* @state: a word or a few, which the icon says as well */
void
reprise_state_row_set_state (RepriseStateRow *self, const char *icon_name, const char *state)
{
  gtk_image_set_from_icon_name (self->icon, icon_name);
  gtk_label_set_label (self->state, state);
}

/* @detail: (nullable): more, below */
void
reprise_state_row_set_detail (RepriseStateRow *self, const char *detail)
{
  gtk_label_set_label (self->detail, detail != NULL ? detail : "");
  gtk_widget_set_visible (GTK_WIDGET (self->detail), detail != NULL && *detail != '\0');
}

/* What is left out is shown less. */
void
reprise_state_row_set_dim (RepriseStateRow *self, gboolean dim)
{
  if (dim)
    gtk_widget_add_css_class (GTK_WIDGET (self->title), "dim-label");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->title), "dim-label");
}

/* @suffix: (nullable): a control at the end */
void
reprise_state_row_set_suffix (RepriseStateRow *self, GtkWidget *suffix)
{
  adw_bin_set_child (self->suffix, suffix);
}

GtkWidget *
reprise_state_row_get_suffix (RepriseStateRow *self)
{
  return adw_bin_get_child (self->suffix);
}

/* Whether it is the one that the page beside the list is about. */
void
reprise_state_row_set_current (RepriseStateRow *self, gboolean current)
{
  GtkWidget *list_row = gtk_widget_get_parent (GTK_WIDGET (self));

  if (list_row == NULL)
    return;
  if (current)
    gtk_widget_add_css_class (list_row, CURRENT_CLASS);
  else
    gtk_widget_remove_css_class (list_row, CURRENT_CLASS);
  gtk_accessible_update_state (GTK_ACCESSIBLE (list_row), GTK_ACCESSIBLE_STATE_SELECTED, current,
                               -1);
}

/* Tells a screen reader what the row of the list, which holds this one, is about. */
void
reprise_state_row_name (RepriseStateRow *self)
{
  GtkWidget *list_row = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autoptr (GString) description = g_string_new (gtk_label_get_label (self->state));

  if (list_row == NULL)
    return;
  if (gtk_widget_get_visible (GTK_WIDGET (self->heading)))
    g_string_prepend (description, " · ");
  g_string_prepend (description, gtk_label_get_label (self->heading));
  if (*gtk_label_get_label (self->detail) != '\0')
    g_string_append_printf (description, " · %s", gtk_label_get_label (self->detail));
  gtk_accessible_update_property (GTK_ACCESSIBLE (list_row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_label (self->title),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description->str, -1);
}
