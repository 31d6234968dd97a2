/* reprise-couch-merge-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-segment.h"

G_BEGIN_DECLS

/**
 * RepriseCouchMention:
 * @segment: which of the readers
 *
 * One row of the document that the merge stands at.
 */
typedef struct
{
  guint segment;
  gint64 n;
  const char *rev;
  gboolean leaf;
  gboolean deleted;
  gboolean gone;
  gboolean held;
  gint64 size;
} RepriseCouchMention;

/**
 * RepriseCouchMerge:
 *
 * Goes through several segments at once, document by document in the order of their ids. Its memory does not grow with them.
 */
typedef struct _RepriseCouchMerge RepriseCouchMerge;

RepriseCouchMerge *reprise_couch_merge_new (GPtrArray *readers, GError **error);
void reprise_couch_merge_free (RepriseCouchMerge *self);
gboolean reprise_couch_merge_next (RepriseCouchMerge *self, gboolean *more, GError **error);
const char *reprise_couch_merge_get_id (RepriseCouchMerge *self);
GArray *reprise_couch_merge_get_mentions (RepriseCouchMerge *self);
guint reprise_couch_merge_get_last (RepriseCouchMerge *self);
const RepriseCouchMention *reprise_couch_merge_find_body (RepriseCouchMerge *self, const char *rev);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchMerge, reprise_couch_merge_free)

/**
 * RepriseCouchBits:
 *
 * Which rows of a segment are meant: a bit for each
 */
typedef struct _RepriseCouchBits RepriseCouchBits;

RepriseCouchBits *reprise_couch_bits_new (RepriseCouchReader *reader, GError **error);
void reprise_couch_bits_free (RepriseCouchBits *self);
void reprise_couch_bits_set (RepriseCouchBits *self, gint64 n);
gboolean reprise_couch_bits_get (RepriseCouchBits *self, gint64 n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchBits, reprise_couch_bits_free)

G_END_DECLS
