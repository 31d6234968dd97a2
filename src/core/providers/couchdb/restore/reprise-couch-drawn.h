/* reprise-couch-drawn.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/couchdb/store/reprise-couch-chain.h"

G_BEGIN_DECLS

/**
 * RepriseCouchDrawn:
 * @id: of the backup on the server
 * @folder: what the segments lie in; it goes with this
 * @databases: (element-type utf8 RepriseCouchDrawnDatabase)
 *
 * What of a backup on the server was read here, for a restore that the server cannot carry out by itself: as segments, like those of the
 * vault. Nothing else is ever restored from them.
 */
typedef struct
{
  char *id;
  char *folder;
  GHashTable *databases;
} RepriseCouchDrawn;

/**
 * RepriseCouchDrawnDatabase:
 * @data: whether its documents were drawn
 * @design: whether its design documents and security object were
 * @lacks_design: whether they were wanted, and the vault has none of that time
 * @segments: (element-type RepriseCouchSegment)
 * @at: their last point
 */
typedef struct
{
  RepriseGroup group;
  gboolean data;
  gboolean design;
  gboolean lacks_design;
  GPtrArray *segments;
  gint64 at;
} RepriseCouchDrawnDatabase;

RepriseCouchDrawn *reprise_couch_drawn_new (const char *id, GError **error);
void reprise_couch_drawn_free (RepriseCouchDrawn *self);
RepriseCouchDrawnDatabase *reprise_couch_drawn_add (RepriseCouchDrawn *self, const char *database);
char **reprise_couch_drawn_list (const RepriseCouchDrawn *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchDrawn, reprise_couch_drawn_free)

G_END_DECLS
