/* reprise-list.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-list.h"

typedef struct
{
  GPtrArray *items; /* (owned) (element-type GObject) */
} RepriseListPrivate;

static void list_model_init (GListModelInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (RepriseList,
                                  reprise_list,
                                  G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (RepriseList)
                                    G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/**
 * reprise_list_get_items:
 * @list: (type RepriseList)
 *
 * Returns: (transfer none) (element-type GObject): what it holds, to be read
 */
GPtrArray *
reprise_list_get_items (gpointer list)
{
  RepriseListPrivate *priv = reprise_list_get_instance_private (list);

  return priv->items;
}

static GType
list_get_item_type (GListModel *model)
{
  return REPRISE_LIST_GET_CLASS (model)->item_type;
}

static guint
list_get_n_items (GListModel *model)
{
  return reprise_list_get_items (model)->len;
}

static gpointer
list_get_item (GListModel *model, guint position)
{
  GPtrArray *items = reprise_list_get_items (model);

  return position < items->len ? g_object_ref (items->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = list_get_item_type;
  iface->get_n_items = list_get_n_items;
  iface->get_item = list_get_item;
}

static void
reprise_list_finalize (GObject *object)
{
  RepriseListPrivate *priv = reprise_list_get_instance_private (REPRISE_LIST (object));

  g_clear_pointer (&priv->items, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_list_parent_class)->finalize (object);
}

static void
reprise_list_class_init (RepriseListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_list_finalize;
}

static void
reprise_list_init (RepriseList *self)
{
  RepriseListPrivate *priv = reprise_list_get_instance_private (self);

  priv->items = g_ptr_array_new_with_free_func (g_object_unref);
}

/* (transfer container): the items of this moment, for a walk in which the list may change */
GPtrArray *
reprise_list_copy_items (gpointer list)
{
  GPtrArray *copy =
    g_ptr_array_copy (reprise_list_get_items (list), (GCopyFunc) g_object_ref, NULL);

  g_ptr_array_set_free_func (copy, g_object_unref);
  return copy;
}

/* Those who watch the list are told. */
void
reprise_list_insert (gpointer list, guint position, gpointer item)
{
  g_ptr_array_insert (reprise_list_get_items (list), (int) position, g_object_ref (item));
  g_list_model_items_changed (list, position, 0, 1);
}

void
reprise_list_append (gpointer list, gpointer item)
{
  reprise_list_insert (list, reprise_list_get_items (list)->len, item);
}

void
reprise_list_remove (gpointer list, guint position)
{
  g_ptr_array_remove_index (reprise_list_get_items (list), position);
  g_list_model_items_changed (list, position, 1, 0);
}
