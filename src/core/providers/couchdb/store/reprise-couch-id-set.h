/* reprise-couch-id-set.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RepriseCouchIdSet:
 *
 * Which ids were seen, by a hash of 64 bits each: what it has not seen is new for certain; what it has seen may, once in a very long
 * while, be another.
 */
typedef struct _RepriseCouchIdSet RepriseCouchIdSet;

RepriseCouchIdSet *reprise_couch_id_set_new (guint max_ids);
void reprise_couch_id_set_free (RepriseCouchIdSet *self);
gboolean reprise_couch_id_set_add (RepriseCouchIdSet *self, const char *id);
gboolean reprise_couch_id_set_has (RepriseCouchIdSet *self, const char *id);
gboolean reprise_couch_id_set_is_full (RepriseCouchIdSet *self);

guint64 reprise_couch_id_hash (const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchIdSet, reprise_couch_id_set_free)

G_END_DECLS
