/* reprise-difference-view.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-difference-row.h"
#include "reprise-difference-view.h"
#include "reprise-holder.h"

#define WIDTH_SIDE_BY_SIDE 440 /* narrower, the two values stand one above the other */

struct _RepriseDifferenceView
{
  AdwBin parent_instance;

  GtkWidget *heads;
  GtkLabel *now_head;
  GtkLabel *saved_head;
  GtkListView *list;

  GListStore *store; /* (owned) (element-type RepriseHolder): of RepriseDifference */
  GHashTable *rows;  /* (owned) (element-type RepriseDifferenceRow): those that show one */
  gboolean stacked;
  guint idle_id;
};

G_DEFINE_FINAL_TYPE (RepriseDifferenceView, reprise_difference_view, ADW_TYPE_BIN)

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_list_item_set_child (item, reprise_difference_row_new ());
  gtk_list_item_set_activatable (item, FALSE);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  RepriseDifferenceView *self = data;
  RepriseDifferenceRow *row = REPRISE_DIFFERENCE_ROW (gtk_list_item_get_child (item));

  g_hash_table_add (self->rows, row);
  reprise_difference_row_set_stacked (row, self->stacked);
  reprise_difference_row_set_difference (row, reprise_holder_get (gtk_list_item_get_item (item)));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  g_hash_table_remove (((RepriseDifferenceView *) data)->rows, gtk_list_item_get_child (item));
}

static gboolean
wants_stacked (RepriseDifferenceView *self)
{
  GtkAdjustment *width = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (self->list));

  return gtk_adjustment_get_page_size (width) < WIDTH_SIDE_BY_SIDE;
}

static gboolean
restack_cb (gpointer data)
{
  RepriseDifferenceView *self = data;
  GHashTableIter iter;
  gpointer row;

  self->idle_id = 0;
  self->stacked = wants_stacked (self);
  gtk_widget_set_visible (self->heads, !self->stacked);
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    reprise_difference_row_set_stacked (row, self->stacked);
  return G_SOURCE_REMOVE;
}

/* The list has another width. Nothing may change its shape in the middle of an allocation. */
static void
width_cb (RepriseDifferenceView *self)
{
  if (self->stacked != wants_stacked (self) && self->idle_id == 0)
    self->idle_id = g_idle_add (restack_cb, self);
}

static void
reprise_difference_view_dispose (GObject *object)
{
  RepriseDifferenceView *self = REPRISE_DIFFERENCE_VIEW (object);

  g_clear_handle_id (&self->idle_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_DIFFERENCE_VIEW);
  G_OBJECT_CLASS (reprise_difference_view_parent_class)->dispose (object);
}

static void
reprise_difference_view_finalize (GObject *object)
{
  RepriseDifferenceView *self = REPRISE_DIFFERENCE_VIEW (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  G_OBJECT_CLASS (reprise_difference_view_parent_class)->finalize (object);
}

static void
reprise_difference_view_class_init (RepriseDifferenceViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_difference_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_difference_view_finalize;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-difference-view.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceView, heads);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceView, now_head);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceView, saved_head);
  gtk_widget_class_bind_template_child (widget_class, RepriseDifferenceView, list);
}

static void
reprise_difference_view_init (RepriseDifferenceView *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  self->rows = g_hash_table_new (NULL, NULL);
  self->store = g_list_store_new (REPRISE_TYPE_HOLDER);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  gtk_list_view_set_factory (self->list, factory);
  selection =
    GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->store))));
  gtk_list_view_set_model (self->list, selection);
  g_signal_connect_object (gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (self->list)), "changed",
                           G_CALLBACK (width_cb), self, G_CONNECT_SWAPPED);
}

/* What the two columns are: “Now”, and when the other one was saved. */
void
reprise_difference_view_set_heads (RepriseDifferenceView *self, const char *now, const char *saved)
{
  gtk_label_set_label (self->now_head, now);
  gtk_label_set_label (self->saved_head, saved);
}

/**
 * reprise_difference_view_take_differences:
 * @differences: (element-type RepriseDifference): empty afterwards
 */
void
reprise_difference_view_take_differences (RepriseDifferenceView *self, GPtrArray *differences)
{
  reprise_holder_fill (self->store, differences, (GDestroyNotify) reprise_difference_free);
}
