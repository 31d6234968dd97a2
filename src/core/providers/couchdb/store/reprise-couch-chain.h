/* reprise-couch-chain.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-segment.h"
#include "vault/reprise-tier.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_COUCH_DAILY,
  REPRISE_COUCH_WEEKLY,
  REPRISE_COUCH_MONTHLY,
  REPRISE_COUCH_YEARLY,
  REPRISE_COUCH_BASELINE,
} RepriseCouchTier;

#define REPRISE_COUCH_N_TIERS (REPRISE_COUCH_BASELINE + 1)

RepriseTier reprise_couch_tier_to_tier (RepriseCouchTier tier);
const char *reprise_couch_tier_to_string (RepriseCouchTier tier);
gboolean reprise_couch_tier_from_string (const char *id, RepriseCouchTier *tier);

#define REPRISE_COUCH_NEVER G_MININT64 /* the `from` of a baseline */

/**
 * RepriseCouchSegment:
 * @path: of the file
 * @run: ULID of the backup it is in
 * @from: milliseconds since 1970, UTC: the point that it goes on from, or %REPRISE_COUCH_NEVER
 * @to: the point in time that it leads to
 * @made: when it was written
 * @rolled: (array zero-terminated=1): the runs that a roll-up took in
 * @pinned: its point is kept: nothing newer is rolled into it, and it is not removed
 *
 * What is known of a segment without reading its rows. A baseline holds every body and attachment that it mentions; what a delta does not
 * hold, the segments do that it goes on from. Counted by reference; once filled it is only read.
 */
typedef struct
{
  char *path;
  char *run;
  char *database;
  RepriseCouchTier tier;
  gint64 from;
  gint64 to;
  gint64 made;
  gint64 size_bytes;
  char **rolled;
  gboolean pinned;
} RepriseCouchSegment;

RepriseCouchSegment *reprise_couch_segment_read (const char *path, GError **error);
RepriseCouchSegment *reprise_couch_segment_new (const char *path,
                                                const char *run,
                                                const char *database,
                                                RepriseCouchTier tier,
                                                gint64 to,
                                                gint64 size_bytes);
RepriseCouchSegment *reprise_couch_segment_ref (RepriseCouchSegment *segment);
void reprise_couch_segment_unref (RepriseCouchSegment *segment);

RepriseCouchSegment *reprise_couch_segments_find_successor (GPtrArray *segments,
                                                            RepriseCouchSegment *segment);

/* All of these take (element-type RepriseCouchSegment) the segments of one database that there are, in any order. */

/**
 * RepriseCouchPoint:
 * @at: milliseconds since 1970, UTC
 * @tier: of the segment that leads to it; of several the one that stays
 * @rolled_up: whether all that lead to it are rolled up already: it is there until they are removed
 *
 * A point in time that can be restored.
 */
typedef struct
{
  gint64 at;
  RepriseCouchTier tier;
  gboolean rolled_up;
} RepriseCouchPoint;

GArray *reprise_couch_points_list (GPtrArray *segments);
gboolean reprise_couch_points_find (GPtrArray *segments,
                                    gint64 first,
                                    gint64 last,
                                    gint64 *at,
                                    GError **error);
gboolean reprise_couch_points_get_nearest (GPtrArray *segments,
                                           gint64 at,
                                           gint64 *before,
                                           gint64 *after);
GPtrArray *reprise_couch_path_find (GPtrArray *segments, gint64 at);

/**
 * RepriseCouchState:
 *
 * A database as it was at a point in time: every leaf of every document, each with its body. Its memory is a bit for each row of its
 * segments.
 */
typedef struct _RepriseCouchState RepriseCouchState;

RepriseCouchState *reprise_couch_state_new (GPtrArray *segments,
                                            gint64 at,
                                            GCancellable *cancellable,
                                            GError **error);
void reprise_couch_state_free (RepriseCouchState *self);
guint64 reprise_couch_state_get_n_live (RepriseCouchState *self);
guint64 reprise_couch_state_get_n_leaves (RepriseCouchState *self);
void reprise_couch_state_rewind (RepriseCouchState *self);
gboolean reprise_couch_state_next (RepriseCouchState *self,
                                   RepriseCouchRow *row,
                                   RepriseCouchReader **reader,
                                   gboolean *more,
                                   GError **error);
typedef gboolean (*RepriseCouchRowFunc) (const RepriseCouchRow *row,
                                         RepriseCouchReader *reader,
                                         RepriseCouchSegment *segment,
                                         gpointer user_data,
                                         GError **error);
gboolean reprise_couch_state_find (RepriseCouchState *self,
                                   const char *id,
                                   RepriseCouchRowFunc func,
                                   gpointer user_data,
                                   GError **error);
GPtrArray *reprise_couch_state_read_document (RepriseCouchState *self,
                                              const char *id,
                                              GError **error);
RepriseCouchAttachment *reprise_couch_state_find_attachment (
  RepriseCouchState *self,
  const guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
  RepriseCouchReader **reader,
  GError **error);
GInputStream *reprise_couch_state_open_attachment (RepriseCouchState *self,
                                                   const guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
                                                   RepriseCouchAttachment **attachment,
                                                   GError **error);
GBytes *reprise_couch_state_read_extra (RepriseCouchState *self, const char *name, GError **error);
char **reprise_couch_state_list_extras (RepriseCouchState *self, GError **error);

/**
 * RepriseCouchVersion:
 * @at: the point in time of the segment that holds it, milliseconds since 1970
 * @body: (nullable): read by reprise_couch_state_read_document() only
 *
 * One revision of one document in the backups.
 */
typedef struct
{
  RepriseCouchSegment *segment;
  gint64 at;
  char *rev;
  gboolean leaf;
  gboolean deleted;
  gboolean gone;
  gboolean held;
  gint64 size;
  gint64 n;
  GBytes *body;
} RepriseCouchVersion;

void reprise_couch_version_free (RepriseCouchVersion *version);
int reprise_couch_compare_revs (const char *a, const char *b);
gboolean reprise_couch_version_outranks (const RepriseCouchVersion *version,
                                         const char *rev,
                                         gboolean deleted);
GPtrArray *reprise_couch_history_read (GPtrArray *segments, const char *id, GError **error);
GBytes *reprise_couch_version_read_body (GPtrArray *segments,
                                         const char *id,
                                         const char *rev,
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchSegment, reprise_couch_segment_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchState, reprise_couch_state_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchVersion, reprise_couch_version_free)

G_END_DECLS
