/* reprise-couch-server-restore-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/restore/reprise-couch-goal.h"
#include "providers/couchdb/server/reprise-couch-aside.h"
#include "providers/couchdb/server/reprise-couch-server-restore.h"

G_BEGIN_DECLS

/**
 * RepriseCouchServerGoal:
 * @at: the point in time
 * @path: (nullable) (element-type RepriseCouchDelta): what leads to the point, the baseline first; they belong to the list
 * @aside: (nullable): design documents and security
 *
 * One database of a restore from backups on the server.
 */
typedef struct
{
  RepriseCouchGoal *target; /* (owned) */
  RepriseGroup group;
  gboolean data;
  gboolean design;
  gint64 at;
  GPtrArray *path;          /* (owned) */
  RepriseCouchAside *aside; /* (owned) */
} RepriseCouchServerGoal;

/**
 * RepriseCouchServerWork:
 * @deltas: (nullable) (element-type RepriseCouchDelta): none for what lies in the vault
 * @goals: (element-type RepriseCouchServerGoal)
 *
 * What is restored: made for the plan, and again for the restore.
 */
typedef struct
{
  GPtrArray *deltas;
  GPtrArray *goals;
} RepriseCouchServerWork;

gboolean reprise_couch_server_find_work (RepriseCouchServer *self,
                                         RepriseCouchServerWork *work,
                                         RepriseArchive *archive,
                                         RepriseGroups groups,
                                         GHashTable *options,
                                         GCancellable *cancellable,
                                         GError **error);
void reprise_couch_server_work_clear (RepriseCouchServerWork *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCouchServerWork, reprise_couch_server_work_clear)

G_END_DECLS
