/* reprise-couch-draw.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/restore/reprise-couch-drawn.h"
#include "providers/couchdb/server/reprise-couch-aside.h"

G_BEGIN_DECLS

gboolean reprise_couch_draw_is_needed (RepriseCouchServer *server,
                                       RepriseArchive *archive,
                                       RepriseGroups groups,
                                       GHashTable *options,
                                       gboolean *needed,
                                       GCancellable *cancellable,
                                       GError **error);
RepriseCouchDrawn *reprise_couch_draw (RepriseCouchServer *server,
                                       RepriseArchive *archive,
                                       RepriseGroups groups,
                                       GHashTable *options,
                                       guint connections,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);

/**
 * RepriseCouchAsideSegment:
 * @run: name of the backup
 * @from: the point that it goes on from, or %REPRISE_COUCH_NEVER
 * @partitioned, @shards: (nullable): how the database was made
 *
 * What a segment of design documents and security is to say of itself.
 */
typedef struct
{
  const char *database;
  const char *run;
  gint64 from;
  gint64 to;
  const char *partitioned;
  const char *shards;
} RepriseCouchAsideSegment;

RepriseCouchSegment *reprise_couch_aside_make_segment (const RepriseCouchAside *aside,
                                                       const RepriseCouchAsideSegment *want,
                                                       const char *path,
                                                       GCancellable *cancellable,
                                                       GError **error);

G_END_DECLS
