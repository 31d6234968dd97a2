/* reprise-couch-delta.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/store/reprise-couch-chain.h"

G_BEGIN_DECLS

/**
 * RepriseCouchDelta:
 * @name: of the database that is the backup: “orders-daily-20260117t000104z”
 * @service: UUID of the service that made it
 * @source: the database that it is of
 * @server: (nullable): uuid of the installation that @source is on
 * @created: (nullable): when @source was made
 * @purge_seq: (nullable): of @source
 * @from: milliseconds since 1970, UTC: the point that it goes on from, or %REPRISE_COUCH_NEVER
 * @to: the point in time that it leads to
 * @made: when it was finished
 * @since: (nullable): JSON: where the replication began
 * @since_origin: (nullable): where that was read
 * @sequence: (nullable): JSON: where the next one begins
 * @sequence_origin: (nullable): where that was read
 * @n_written: documents that were written
 * @doc_count: live documents in it
 * @doc_del_count: tombstones in it
 * @size_bytes: of it, or -1
 * @reason: (nullable): why it is not whole: then no other goes on from it
 * @rolling: (nullable): a delta that is being rolled into it: until that ends its own point cannot be restored
 * @rolled: (array zero-terminated=1): the deltas that were rolled into it
 * @rolled_at: when it was rolled into another, or 0: from then its clean-up is counted
 *
 * A backup of one database that the server made by itself: a baseline, a delta, or what deltas were rolled up into. What is known of
 * it lies in it, as a local document: those are never replicated, and no index is built for them.
 */
typedef struct
{
  char *name;
  char *service;
  char *source;
  char *server;
  char *created;
  char *purge_seq;
  RepriseCouchTier tier;
  gint64 from;
  gint64 to;
  gint64 made;
  char *since;
  char *since_origin;
  char *sequence;
  char *sequence_origin;
  gint64 n_written;
  gint64 doc_count;
  gint64 doc_del_count;
  gint64 size_bytes;
  char *reason;
  char *rolling;
  char **rolled;
  gint64 rolled_at;
} RepriseCouchDelta;

RepriseCouchDelta *reprise_couch_delta_new (const char *service,
                                            const char *source,
                                            RepriseCouchTier tier,
                                            gint64 from,
                                            gint64 to);
void reprise_couch_delta_free (RepriseCouchDelta *self);
char *reprise_couch_delta_dup_stamp (gint64 ms);
gboolean reprise_couch_delta_parse_stamp (const char *stamp, gint64 *ms);
char *reprise_couch_delta_dup_time (gint64 ms);
gboolean reprise_couch_delta_is_name (const char *database);
char *reprise_couch_delta_print (const RepriseCouchDelta *self);
RepriseCouchDelta *reprise_couch_delta_parse (const char *name, GBytes *bytes, GError **error);
gboolean reprise_couch_delta_write (const RepriseCouchDelta *self,
                                    RepriseCouchClient *client,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseCouchSegment *reprise_couch_delta_to_segment (const RepriseCouchDelta *self);

/* All of these take (element-type RepriseCouchDelta) what reprise_couch_deltas_list() gave: the oldest first. */
GPtrArray *reprise_couch_deltas_list (RepriseCouchClient *client,
                                      const char *service,
                                      GCancellable *cancellable,
                                      GError **error);
GPtrArray *reprise_couch_deltas_get_segments (GPtrArray *deltas, const char *source);
RepriseCouchDelta *reprise_couch_deltas_find (GPtrArray *deltas, const char *name);
RepriseCouchDelta *reprise_couch_deltas_find_latest (GPtrArray *deltas, const char *source);
GPtrArray *reprise_couch_deltas_find_path (GPtrArray *deltas, const char *source, gint64 at);
RepriseCouchDelta *reprise_couch_deltas_find_roll_up (GPtrArray *deltas,
                                                      const RepriseCouchDelta *delta);
gboolean reprise_couch_deltas_are_needed (GPtrArray *deltas, const RepriseCouchDelta *delta);
char **reprise_couch_deltas_list_sources (GPtrArray *deltas);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchDelta, reprise_couch_delta_free)

G_END_DECLS
