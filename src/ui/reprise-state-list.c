/* reprise-state-list.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-state-list.h"

#define ANY_WIDTH 10000

struct _RepriseStateList
{
  AdwBin parent_instance;

  GtkListView *view;
  AdwClampScrollable *clamp; /* around @view */

  GListModel *model; /* (owned) (nullable) */
  RepriseStateListFunc describe;
  gpointer data;
  gpointer current; /* an item; only compared */
  GHashTable *rows; /* (owned) (element-type GtkListItem): those that show an item */
};

G_DEFINE_FINAL_TYPE (RepriseStateList, reprise_state_list, ADW_TYPE_BIN)

typedef enum
{
  PROP_MAXIMUM_WIDTH = 1,
} RepriseStateListProperty;

static GParamSpec *properties[PROP_MAXIMUM_WIDTH + 1];

enum
{
  ACTIVATED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_list_item_set_child (item, reprise_state_row_new ());
}

static void
show_item (RepriseStateList *self, GtkListItem *list_item)
{
  RepriseStateRow *row = REPRISE_STATE_ROW (gtk_list_item_get_child (list_item));
  gpointer item = gtk_list_item_get_item (list_item);

  self->describe (row, item, self->data);
  reprise_state_row_set_current (row, item == self->current);
  reprise_state_row_name (row);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  RepriseStateList *self = data;

  g_hash_table_add (self->rows, item);
  show_item (self, item);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  RepriseStateList *self = data;

  g_hash_table_remove (self->rows, item);
}

static void
activate_cb (RepriseStateList *self, guint position)
{
  g_autoptr (GObject) item = g_list_model_get_item (self->model, position);

  if (item != NULL)
    g_signal_emit (self, signals[ACTIVATED], 0, item);
}

/* As wide as there is room, up to that. */
static void
set_maximum_width (RepriseStateList *self, int width)
{
  adw_clamp_scrollable_set_maximum_size (self->clamp, width);
  adw_clamp_scrollable_set_tightening_threshold (self->clamp, width);
}

static void
reprise_state_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RepriseStateList *self = REPRISE_STATE_LIST (object);

  switch ((RepriseStateListProperty) id)
    {
    case PROP_MAXIMUM_WIDTH:
      set_maximum_width (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_state_list_dispose (GObject *object)
{
  RepriseStateList *self = REPRISE_STATE_LIST (object);

  if (self->view != NULL)
    gtk_list_view_set_model (self->view, NULL);
  self->view = NULL;
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (reprise_state_list_parent_class)->dispose (object);
}

static void
reprise_state_list_finalize (GObject *object)
{
  g_clear_pointer (&REPRISE_STATE_LIST (object)->rows, g_hash_table_unref);
  G_OBJECT_CLASS (reprise_state_list_parent_class)->finalize (object);
}

static void
reprise_state_list_class_init (RepriseStateListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = reprise_state_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_state_list_finalize;
  G_OBJECT_CLASS (klass)->set_property = reprise_state_list_set_property;
  properties[PROP_MAXIMUM_WIDTH] =
    g_param_spec_int ("maximum-width", NULL, NULL, 0, ANY_WIDTH, ANY_WIDTH,
                      G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties), properties);
  signals[ACTIVATED] = g_signal_new ("activated", REPRISE_TYPE_STATE_LIST, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_OBJECT);
}

static void
reprise_state_list_init (RepriseStateList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->rows = g_hash_table_new (NULL, NULL);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  self->view = GTK_LIST_VIEW (gtk_list_view_new (NULL, g_steal_pointer (&factory)));
  gtk_list_view_set_single_click_activate (self->view, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "reprise-plain-list");
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "reprise-state-list");
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  self->clamp = ADW_CLAMP_SCROLLABLE (adw_clamp_scrollable_new ());
  set_maximum_width (self, ANY_WIDTH);
  adw_clamp_scrollable_set_child (self->clamp, GTK_WIDGET (self->view));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->clamp));
  adw_bin_set_child (ADW_BIN (self), scrolled);
}

/**
 * reprise_state_list_set_model:
 * @data: of @describe; lives as long as this list
 */
void
reprise_state_list_set_model (RepriseStateList *self,
                              GListModel *model,
                              RepriseStateListFunc describe,
                              gpointer data)
{
  g_autoptr (GtkSelectionModel) selection =
    GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (model)));

  self->describe = describe;
  self->data = data;
  g_set_object (&self->model, model);
  gtk_list_view_set_model (self->view, selection);
}

/* What a screen reader calls the list. */
void
reprise_state_list_set_name (RepriseStateList *self, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
}

/**
 * reprise_state_list_set_current:
 * @item: (nullable): of the model
 */
void
reprise_state_list_set_current (RepriseStateList *self, gpointer item)
{
  GHashTableIter iter;
  gpointer list_item;

  self->current = item;
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &list_item, NULL))
    reprise_state_row_set_current (REPRISE_STATE_ROW (gtk_list_item_get_child (list_item)),
                                   gtk_list_item_get_item (list_item) == item);
}

void
reprise_state_list_focus (RepriseStateList *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}
