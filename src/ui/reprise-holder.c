/* reprise-holder.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-holder.h"

struct _RepriseHolder
{
  GObject parent_instance;

  gpointer held; /* (owned) */
  GDestroyNotify free_held;
};

G_DEFINE_FINAL_TYPE (RepriseHolder, reprise_holder, G_TYPE_OBJECT)

static void
reprise_holder_finalize (GObject *object)
{
  RepriseHolder *self = REPRISE_HOLDER (object);

  if (self->free_held != NULL)
    self->free_held (self->held);
  G_OBJECT_CLASS (reprise_holder_parent_class)->finalize (object);
}

static void
reprise_holder_class_init (RepriseHolderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_holder_finalize;
}

static void
reprise_holder_init (RepriseHolder *self)
{
}

/* Takes @held. */
RepriseHolder *
reprise_holder_new (gpointer held, GDestroyNotify free_held)
{
  RepriseHolder *self = g_object_new (REPRISE_TYPE_HOLDER, NULL);

  self->held = held;
  self->free_held = free_held;
  return self;
}

gpointer
reprise_holder_get (RepriseHolder *self)
{
  return self->held;
}

/**
 * reprise_holder_fill:
 * @array: (nullable): its elements go over into the holders, and it is empty afterwards
 *
 * What the store held before goes.
 */
void
reprise_holder_fill (GListStore *store, GPtrArray *array, GDestroyNotify free_held)
{
  g_autoptr (GPtrArray) holders = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (store));

  if (array != NULL)
    g_ptr_array_set_free_func (array, NULL);
  for (guint i = 0; array != NULL && i < array->len; i++)
    g_ptr_array_add (holders, reprise_holder_new (array->pdata[i], free_held));
  if (array != NULL)
    g_ptr_array_set_size (array, 0);
  g_list_store_splice (store, 0, n_before, holders->pdata, holders->len);
}
