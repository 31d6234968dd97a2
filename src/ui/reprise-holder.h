/* reprise-holder.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseHolder:
 *
 * What is no object, as an item of a #GListModel: a document, a version, a difference.
 */
#define REPRISE_TYPE_HOLDER (reprise_holder_get_type ())

G_DECLARE_FINAL_TYPE (RepriseHolder, reprise_holder, REPRISE, HOLDER, GObject)

RepriseHolder *reprise_holder_new (gpointer held, GDestroyNotify free_held);
gpointer reprise_holder_get (RepriseHolder *self);
void reprise_holder_fill (GListStore *store, GPtrArray *array, GDestroyNotify free_held);

G_END_DECLS
