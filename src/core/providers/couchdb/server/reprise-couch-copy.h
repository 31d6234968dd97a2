/* reprise-couch-copy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/server/reprise-couch-replication.h"
#include "providers/couchdb/server/reprise-couch-server.h"

G_BEGIN_DECLS

/**
 * RepriseCouchCopy:
 * @delta: what it becomes; until its end `sequence` is what was read before the start
 * @info: (nullable): of the source
 * @expected_bytes: about, or -1
 *
 * One database that the server is to copy, or is copying.
 */
typedef struct
{
  RepriseCouchDelta *delta;
  RepriseCouchInfo *info;
  gint64 expected_bytes;
} RepriseCouchCopy;

RepriseCouchCopy *reprise_couch_copy_new (RepriseCouchServer *server,
                                          GPtrArray *deltas,
                                          const char *source,
                                          const char *uuid,
                                          gint64 to,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseCouchCopy *reprise_couch_copy_new_resumed (RepriseCouchDelta *delta);
void reprise_couch_copy_free (RepriseCouchCopy *self);
gboolean reprise_couch_copy_start (RepriseCouchCopy *self,
                                   RepriseCouchServer *server,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_couch_copy_finish (RepriseCouchCopy *self,
                                    RepriseCouchServer *server,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
void reprise_couch_copy_drop (RepriseCouchCopy *self,
                              RepriseCouchServer *server,
                              RepriseProgress *progress);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchCopy, reprise_couch_copy_free)

G_END_DECLS
