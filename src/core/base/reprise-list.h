/* reprise-list.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseList:
 *
 * What our lists have in common: a #GListModel over an array of objects. A list class says in its class init what its items
 * are; users of the class see a #GListModel. Only the class itself changes the array, by the functions below.
 */
#define REPRISE_TYPE_LIST (reprise_list_get_type ())

G_DECLARE_DERIVABLE_TYPE (RepriseList, reprise_list, REPRISE, LIST, GObject)

struct _RepriseListClass
{
  GObjectClass parent_class;

  GType item_type;
};

GPtrArray *reprise_list_get_items (gpointer list);
GPtrArray *reprise_list_copy_items (gpointer list);
void reprise_list_insert (gpointer list, guint position, gpointer item);
void reprise_list_append (gpointer list, gpointer item);
void reprise_list_remove (gpointer list, guint position);

G_END_DECLS
