/* reprise-couch-tiers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-chain.h"

G_BEGIN_DECLS

#define REPRISE_COUCH_KEEP_ALL G_MAXUINT

/**
 * RepriseCouchRetention:
 * @keep: by tier, how many are kept: days, weeks and so on that have a point; of baselines, nothing
 * @every: by tier, how much one takes in: of weekly days (7: the weeks begin on Monday), of monthly months, of yearly years; of daily, nothing
 * @delay_days: how long what was rolled up still exists
 *
 * How long the points of one database last. When a tier has more than it keeps, its oldest is rolled into the newest of the next tier
 * that covers its date, or begins a new one; the oldest year goes into the baseline.
 */
typedef struct
{
  guint keep[REPRISE_COUCH_N_TIERS];
  guint every[REPRISE_COUCH_N_TIERS];
  guint delay_days;
} RepriseCouchRetention;

void reprise_couch_retention_set_defaults (RepriseCouchRetention *retention);

/**
 * RepriseCouchRollUp:
 * @database: its name
 * @tier: of the new segment
 * @sources: (element-type RepriseCouchSegment): what it is made from, the oldest first; they follow each other without a gap
 * @size_bytes: of the sources: the new one is hardly ever larger
 * @lost: (element-type gint64): points that end with the sources, once they are removed
 *
 * One new segment.
 */
typedef struct
{
  char *database;
  RepriseCouchTier tier;
  GPtrArray *sources;
  gint64 size_bytes;
  GArray *lost;
} RepriseCouchRollUp;

void reprise_couch_roll_up_free (RepriseCouchRollUp *roll_up);
GPtrArray *reprise_couch_tiers_plan (GPtrArray *segments, const RepriseCouchRetention *retention);

/**
 * RepriseCouchRemoval:
 * @segment: what is rolled up, or belongs to a chain that is over
 * @by: (nullable): the run that holds it now
 * @at: when it is to be removed, milliseconds since 1970
 * @needed: a point that is kept needs it: it stays
 *
 * “Rolled up, deleted on DATE”
 */
typedef struct
{
  RepriseCouchSegment *segment;
  char *by;
  gint64 at;
  gboolean needed;
} RepriseCouchRemoval;

void reprise_couch_removal_free (RepriseCouchRemoval *removal);
GPtrArray *reprise_couch_tiers_list_removals (GPtrArray *segments,
                                              const RepriseCouchRetention *retention);

gboolean reprise_couch_roll_up_write (const RepriseCouchRollUp *roll_up,
                                      GPtrArray *segments,
                                      const char *path,
                                      const char *run,
                                      gint64 made,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_couch_roll_up_verify (const RepriseCouchRollUp *roll_up,
                                       GPtrArray *segments,
                                       const char *path,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchRollUp, reprise_couch_roll_up_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchRemoval, reprise_couch_removal_free)

G_END_DECLS
