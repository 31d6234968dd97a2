/* reprise-difference-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-difference-row.h"
#include "reprise-format.h"

struct _RepriseDifferenceRow
{
  AdwBin parent_instance;

  GtkLabel *path;
  GtkBox *cells;
  GtkLabel *now_head;
  GtkLabel *now;
  GtkLabel *saved_head;
  GtkLabel *saved;
};

G_DEFINE_FINAL_TYPE (RepriseDifferenceRow, reprise_difference_row, ADW_TYPE_BIN)

static void
reprise_difference_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_DIFFERENCE_ROW);
  G_OBJECT_CLASS (reprise_difference_row_parent_class)->dispose (object);
}

static void
reprise_difference_row_class_init (RepriseDifferenceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_difference_row_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-difference-row.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceRow, path);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceRow, cells);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceRow, now_head);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceRow, now);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceRow, saved_head);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceRow, saved);
}

static void
reprise_difference_row_init (RepriseDifferenceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
reprise_difference_row_new (void)
{
  return g_object_new (REPRISE_TYPE_DIFFERENCE_ROW, NULL);
}

/* @json: (nullable): what is not there is said in words */
static void
show_value (GtkLabel *label, const char *json)
{
  g_autofree char *text = json != NULL ? reprise_format_json (json) : g_strdup (_ ("not there"));

  gtk_label_set_label (label, text);
  if (json != NULL)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (label), "dim-label");
      gtk_widget_add_css_class (GTK_WIDGET (label), "monospace");
    }
  else
    {
      gtk_widget_add_css_class (GTK_WIDGET (label), "dim-label");
      gtk_widget_remove_css_class (GTK_WIDGET (label), "monospace");
    }
}

/* Tells a screen reader both values in one sentence. */
static void
name_row (RepriseDifferenceRow *self)
{
  GtkWidget *list_row = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *text = NULL;

  if (list_row == NULL)
    return;
  /* Translators: a member of a document, its value now, and its value in the backup */
  text = g_strdup_printf (_ ("%s: now %s, in the backup %s"), gtk_label_get_label (self->path),
                          gtk_label_get_label (self->now), gtk_label_get_label (self->saved));
  gtk_accessible_update_property (GTK_ACCESSIBLE (list_row), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
}

void
reprise_difference_row_set_difference (RepriseDifferenceRow *self,
                                       const RepriseDifference *difference)
{
  gtk_label_set_label (self->path, difference->path);
  show_value (self->now, difference->after);
  show_value (self->saved, difference->before);
  name_row (self);
}

void
reprise_difference_row_set_stacked (RepriseDifferenceRow *self, gboolean stacked)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->cells),
                                  stacked ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_visible (GTK_WIDGET (self->now_head), stacked);
  gtk_widget_set_visible (GTK_WIDGET (self->saved_head), stacked);
}
