/* reprise-couch-compact-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-compact.h"

G_BEGIN_DECLS

/* (nullable): told at each point where the process may be killed; tests end it there */
extern void (*reprise_couch_kill_point_func) (void);

typedef struct
{
  char *name;
  GPtrArray *segments; /* (owned) (element-type RepriseCouchSegment): of the chain */
  GPtrArray *
    side; /* (owned) (element-type RepriseCouchSegment): of safety copies and of files, which nothing goes on from */
  RepriseCouchRetention retention;
} RepriseCouchCompactDatabase;

struct _RepriseCouchCompaction
{
  RepriseVault *vault;
  RepriseService *service;
  RepriseCouchRetentionFunc func;
  gpointer user_data;
  GPtrArray *runs;      /* (owned) (element-type Run) */
  GPtrArray *databases; /* (owned) (element-type RepriseCouchCompactDatabase) */
};

void reprise_couch_kill_point (void);
gboolean reprise_couch_compaction_load (RepriseCouchCompaction *self,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_couch_compaction_mark_leaving (RepriseCouchCompaction *self, GError **error);
GPtrArray *reprise_couch_compact_join_segments (RepriseCouchCompactDatabase *database);

G_END_DECLS
