/* reprise-couch-replication.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

/**
 * RepriseCouchReplicationState:
 * @REPRISE_COUCH_REPLICATION_UNSEEN: the document is there, and the server has not looked at it yet
 * @REPRISE_COUCH_REPLICATION_INITIALIZING: it is being looked at
 * @REPRISE_COUCH_REPLICATION_ERROR: it could not be begun; the server tries again
 * @REPRISE_COUCH_REPLICATION_PENDING: it waits for its turn
 * @REPRISE_COUCH_REPLICATION_RUNNING: documents are being copied
 * @REPRISE_COUCH_REPLICATION_CRASHING: it broke off; the server tries again
 * @REPRISE_COUCH_REPLICATION_COMPLETED: at its end, which alone does not say that everything was written
 * @REPRISE_COUCH_REPLICATION_FAILED: given up for good
 *
 * The states of a replication, in the server's own words.
 */
typedef enum
{
  REPRISE_COUCH_REPLICATION_UNSEEN,
  REPRISE_COUCH_REPLICATION_INITIALIZING,
  REPRISE_COUCH_REPLICATION_ERROR,
  REPRISE_COUCH_REPLICATION_PENDING,
  REPRISE_COUCH_REPLICATION_RUNNING,
  REPRISE_COUCH_REPLICATION_CRASHING,
  REPRISE_COUCH_REPLICATION_COMPLETED,
  REPRISE_COUCH_REPLICATION_FAILED,
} RepriseCouchReplicationState;

/**
 * RepriseCouchEnd:
 * @client: how one signs in there
 * @address: (nullable): as the server that replicates sees it; %NULL for the client's own
 * @database: there
 *
 * One side of a replication.
 */
typedef struct
{
  RepriseCouchClient *client;
  const char *address;
  const char *database;
} RepriseCouchEnd;

/**
 * RepriseCouchReplication:
 * @id: of the document in “_replicator”
 * @since: (nullable): JSON, as it was received; %NULL for all
 * @info: (nullable): a database that a new target is made like; %NULL where the target is there
 *
 * One replication to be started. Design documents are never replicated: each would have an index built in the target.
 */
typedef struct
{
  const char *id;
  RepriseCouchEnd source;
  RepriseCouchEnd target;
  const char *since;
  const RepriseCouchInfo *info;
} RepriseCouchReplication;

/**
 * RepriseCouchProgress:
 * @reason: (nullable): what the server says of an error
 * @n_written: documents, or -1
 * @n_failures: documents that the target did not take, or -1
 * @n_pending: changes to come, or -1
 * @sequence: (nullable): JSON: how far it has come, by its checkpoint
 * @origin: (nullable): where @sequence was read
 * @replication_id: (nullable): with its suffixes
 *
 * How far a replication is.
 */
typedef struct
{
  RepriseCouchReplicationState state;
  char *reason;
  gint64 n_written;
  gint64 n_failures;
  gint64 n_pending;
  char *sequence;
  const char *origin;
  char *replication_id;
} RepriseCouchProgress;

void reprise_couch_progress_clear (RepriseCouchProgress *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCouchProgress, reprise_couch_progress_clear)

gboolean reprise_couch_replication_start (const RepriseCouchReplication *self,
                                          RepriseCouchClient *at,
                                          GCancellable *cancellable,
                                          GError **error);
gboolean reprise_couch_replication_look (RepriseCouchClient *at,
                                         const char *id,
                                         RepriseCouchProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_couch_replication_wait (RepriseCouchClient *at,
                                         const char *id,
                                         const char *name,
                                         RepriseCouchProgress *result,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_couch_replication_remove (RepriseCouchClient *at,
                                           const char *id,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_couch_replication_find_sequence (const RepriseCouchProgress *progress,
                                                  RepriseCouchClient *client,
                                                  const char *database,
                                                  const char *before,
                                                  char **sequence,
                                                  const char **origin,
                                                  GCancellable *cancellable,
                                                  GError **error);
char *reprise_couch_replication_explain (const RepriseCouchProgress *progress);
gboolean reprise_couch_replication_is_whole (const RepriseCouchProgress *progress);

/* for tests: how often is asked, and how long a replication that goes wrong is waited for */
void reprise_couch_replication_set_pace (guint first_ms, guint longest_ms, guint patience_ms);

G_END_DECLS
