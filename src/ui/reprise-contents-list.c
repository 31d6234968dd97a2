/* reprise-contents-list.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-contents-list.h"
#include "reprise-format.h"

#define WIDTH_WITH_GROUP 440 /* narrower, the column of the groups gives its place to the names */

/**
 * RepriseContentsEntry:
 *
 * A collection together with its group, which a collection alone does not know.
 */
#define REPRISE_TYPE_CONTENTS_ENTRY (reprise_contents_entry_get_type ())

G_DECLARE_FINAL_TYPE (RepriseContentsEntry,
                      reprise_contents_entry,
                      REPRISE,
                      CONTENTS_ENTRY,
                      GObject)

struct _RepriseContentsEntry
{
  GObject parent_instance;

  RepriseCollection *collection; /* (owned) */
  RepriseGroup group;
};

G_DEFINE_FINAL_TYPE (RepriseContentsEntry, reprise_contents_entry, G_TYPE_OBJECT)

static void
reprise_contents_entry_finalize (GObject *object)
{
  g_clear_object (&REPRISE_CONTENTS_ENTRY (object)->collection);
  G_OBJECT_CLASS (reprise_contents_entry_parent_class)->finalize (object);
}

static void
reprise_contents_entry_class_init (RepriseContentsEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_contents_entry_finalize;
}

static void
reprise_contents_entry_init (RepriseContentsEntry *self)
{
}

struct _RepriseContentsList
{
  AdwBin parent_instance;

  GtkColumnView *view;
  GtkColumnViewColumn *name_column;
  GtkColumnViewColumn *group_column;
  GtkColumnViewColumn *rows_column;
  GtkColumnViewColumn *size_column;

  RepriseContents *contents; /* (owned) (nullable) */
  GListStore *store;         /* (owned) (element-type RepriseContentsEntry) */
  guint idle_id;
};

G_DEFINE_FINAL_TYPE (RepriseContentsList, reprise_contents_list, ADW_TYPE_BIN)

static char *
dup_name (RepriseContentsEntry *entry)
{
  return g_strdup (reprise_collection_get_title (entry->collection));
}

static char *
dup_group (RepriseContentsEntry *entry)
{
  return g_strdup (reprise_group_get_title (entry->group));
}

static char *
dup_rows (RepriseContentsEntry *entry)
{
  return reprise_format_count (reprise_collection_get_rows (entry->collection));
}

static char *
dup_size (RepriseContentsEntry *entry)
{
  return reprise_format_size (reprise_collection_get_size_bytes (entry->collection));
}

typedef char *(*DupText) (RepriseContentsEntry *entry);

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *label = gtk_label_new (NULL);
  gboolean number = g_object_get_data (G_OBJECT (factory), "number") != NULL;

  gtk_label_set_xalign (GTK_LABEL (label), number ? 1 : 0);
  if (number)
    gtk_widget_add_css_class (label, "numeric");
  else
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  if (g_object_get_data (G_OBJECT (factory), "wide") != NULL)
    gtk_label_set_width_chars (GTK_LABEL (label), 8);
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  DupText dup_text = g_object_get_data (G_OBJECT (factory), "text");
  RepriseContentsEntry *entry = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  g_autofree char *text = dup_text (entry);

  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, reprise_collection_get_reason (entry->collection));
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return g_utf8_collate (reprise_collection_get_title (((RepriseContentsEntry *) a)->collection),
                         reprise_collection_get_title (((RepriseContentsEntry *) b)->collection));
}

static int
compare_groups (gconstpointer a, gconstpointer b, gpointer data)
{
  return (int) ((RepriseContentsEntry *) a)->group - (int) ((RepriseContentsEntry *) b)->group;
}

static int
compare_rows (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 left = reprise_collection_get_rows (((RepriseContentsEntry *) a)->collection);
  gint64 right = reprise_collection_get_rows (((RepriseContentsEntry *) b)->collection);

  return (left > right) - (left < right);
}

static int
compare_sizes (gconstpointer a, gconstpointer b, gpointer data)
{
  gint64 left = reprise_collection_get_size_bytes (((RepriseContentsEntry *) a)->collection);
  gint64 right = reprise_collection_get_size_bytes (((RepriseContentsEntry *) b)->collection);

  return (left > right) - (left < right);
}

static void
set_up_column (GtkColumnViewColumn *column,
               DupText dup_text,
               GCompareDataFunc compare,
               gboolean number,
               gboolean wide)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, NULL, NULL));

  g_object_set_data (G_OBJECT (factory), "text", dup_text);
  g_object_set_data (G_OBJECT (factory), "number", GINT_TO_POINTER (number));
  g_object_set_data (G_OBJECT (factory), "wide", GINT_TO_POINTER (wide));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_column_view_column_set_factory (column, factory);
  gtk_column_view_column_set_sorter (column, sorter);
}

static gboolean
wants_groups (RepriseContentsList *self)
{
  GtkAdjustment *width = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (self->view));

  return gtk_adjustment_get_page_size (width) >= WIDTH_WITH_GROUP;
}

static gboolean
show_columns_cb (gpointer data)
{
  RepriseContentsList *self = data;

  self->idle_id = 0;
  gtk_column_view_column_set_visible (self->group_column, wants_groups (self));
  return G_SOURCE_REMOVE;
}

/* The table has another width. Columns cannot come and go in the middle of an allocation. */
static void
width_cb (RepriseContentsList *self)
{
  if (gtk_column_view_column_get_visible (self->group_column) != wants_groups (self) &&
      self->idle_id == 0)
    self->idle_id = g_idle_add (show_columns_cb, self);
}

static void
reprise_contents_list_dispose (GObject *object)
{
  RepriseContentsList *self = REPRISE_CONTENTS_LIST (object);

  g_clear_handle_id (&self->idle_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_CONTENTS_LIST);
  G_OBJECT_CLASS (reprise_contents_list_parent_class)->dispose (object);
}

static void
reprise_contents_list_finalize (GObject *object)
{
  RepriseContentsList *self = REPRISE_CONTENTS_LIST (object);

  g_clear_object (&self->contents);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (reprise_contents_list_parent_class)->finalize (object);
}

static void
reprise_contents_list_class_init (RepriseContentsListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_contents_list_dispose;
  object_class->finalize = reprise_contents_list_finalize;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-contents-list.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseContentsList, view);
  gtk_widget_class_bind_template_child (widget_class, RepriseContentsList, name_column);
  gtk_widget_class_bind_template_child (widget_class, RepriseContentsList, group_column);
  gtk_widget_class_bind_template_child (widget_class, RepriseContentsList, rows_column);
  gtk_widget_class_bind_template_child (widget_class, RepriseContentsList, size_column);
}

static void
reprise_contents_list_init (RepriseContentsList *self)
{
  g_autoptr (GtkSortListModel) sorted = NULL;
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  set_up_column (self->name_column, dup_name, compare_names, FALSE, TRUE);
  set_up_column (self->group_column, dup_group, compare_groups, FALSE, TRUE);
  set_up_column (self->rows_column, dup_rows, compare_rows, TRUE, FALSE);
  set_up_column (self->size_column, dup_size, compare_sizes, TRUE, FALSE);
  self->store = g_list_store_new (REPRISE_TYPE_CONTENTS_ENTRY);
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->store)),
                                    g_object_ref (gtk_column_view_get_sorter (self->view)));
  gtk_sort_list_model_set_incremental (sorted, TRUE);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (sorted))));
  gtk_column_view_set_model (self->view, selection);
  g_signal_connect_object (gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (self->view)), "changed",
                           G_CALLBACK (width_cb), self, G_CONNECT_SWAPPED);
}

static void
add_group (GPtrArray *entries, RepriseDataGroup *group)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (group));

  for (guint i = 0; i < n; i++)
    {
      RepriseContentsEntry *entry = g_object_new (REPRISE_TYPE_CONTENTS_ENTRY, NULL);

      entry->collection = g_list_model_get_item (G_LIST_MODEL (group), i);
      entry->group = reprise_data_group_get_group (group);
      g_ptr_array_add (entries, entry);
    }
}

/**
 * reprise_contents_list_set_contents:
 * @contents: (nullable): what to show
 */
void
reprise_contents_list_set_contents (RepriseContentsList *self, RepriseContents *contents)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_object_unref);

  g_set_object (&self->contents, contents);
  for (guint i = 0; contents != NULL && i < REPRISE_N_GROUPS; i++)
    if (reprise_contents_get_group (contents, (RepriseGroup) i) != NULL)
      add_group (entries, reprise_contents_get_group (contents, (RepriseGroup) i));
  g_list_store_splice (self->store, 0, g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       entries->pdata, entries->len);
}

RepriseContents *
reprise_contents_list_get_contents (RepriseContentsList *self)
{
  return self->contents;
}
