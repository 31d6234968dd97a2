/* reprise-coverage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "service/reprise-contents.h"
#include "vault/reprise-tier.h"

G_BEGIN_DECLS

/**
 * RepriseCoverageState:
 * @REPRISE_COVERAGE_INCLUDED: the choice takes it in
 * @REPRISE_COVERAGE_NEW_INCLUDED: it was not there at the last backup; the next one takes it in
 * @REPRISE_COVERAGE_EXCLUDED: the choice leaves it out, or it is never backed up
 * @REPRISE_COVERAGE_NEW_EXCLUDED: it was not there when the choice was made, and new ones are not included
 * @REPRISE_COVERAGE_GONE: it is not on the service, perhaps in backups
 *
 * Whether a collection is backed up.
 */
typedef enum
{
  REPRISE_COVERAGE_INCLUDED,
  REPRISE_COVERAGE_NEW_INCLUDED,
  REPRISE_COVERAGE_EXCLUDED,
  REPRISE_COVERAGE_NEW_EXCLUDED,
  REPRISE_COVERAGE_GONE,
} RepriseCoverageState;

const char *reprise_coverage_state_to_string (RepriseCoverageState state);
const char *reprise_coverage_state_get_text (RepriseCoverageState state);

/**
 * RepriseCoverageLast:
 * @REPRISE_COVERAGE_NEVER: never backed up
 * @REPRISE_COVERAGE_VERIFIED: the last backup was read back in full
 * @REPRISE_COVERAGE_UNVERIFIED: it was not yet
 * @REPRISE_COVERAGE_DAMAGED: it is damaged
 * @REPRISE_COVERAGE_PARTIAL: a later one was broken off, and can be gone on with
 * @REPRISE_COVERAGE_FAILED: a later one failed
 *
 * How the last attempt to back a collection up ended.
 */
typedef enum
{
  REPRISE_COVERAGE_NEVER,
  REPRISE_COVERAGE_VERIFIED,
  REPRISE_COVERAGE_UNVERIFIED,
  REPRISE_COVERAGE_DAMAGED,
  REPRISE_COVERAGE_PARTIAL,
  REPRISE_COVERAGE_FAILED,
} RepriseCoverageLast;

const char *reprise_coverage_last_to_string (RepriseCoverageLast last);
const char *reprise_coverage_last_get_text (RepriseCoverageLast last);

/**
 * RepriseCoverage:
 * @name: of the collection: a database
 * @reason: (nullable): why it is in that state, a phrase as of skipped collections
 * @is_new: whether it was found since the last backup, which did not tell of it
 * @last_at: (nullable): the point in time of the last backup that has it; %NULL for never
 * @backup_id: (nullable): of that backup
 * @backup_tier: of that backup, for this collection
 * @problem: (nullable): what went wrong with the last attempt, a sentence
 * @tiers: by #RepriseTier, how many points in time there are that stay
 * @n_rolled_up: how many there are besides, until what was rolled up is deleted
 * @own_state: (nullable): of the backup that the service itself makes of it: its date, “Never completed”, “Not set up”; %NULL where
 *   the service makes none
 * @unanswered: (nullable): why the service could not be asked; then the state is the one of the choice
 * @own_at: (nullable): when that last completed
 * @rows: on the service now, or %REPRISE_NOT_REPORTED
 * @size_bytes: likewise
 *
 * How well one collection of a service is covered by backups.
 */
typedef struct
{
  char *name;
  RepriseGroup group;
  RepriseCoverageState state;
  char *reason;
  gboolean is_new;
  RepriseCoverageLast last;
  GDateTime *last_at;
  char *backup_id;
  RepriseTier backup_tier;
  char *problem;
  guint tiers[REPRISE_N_TIERS];
  guint n_rolled_up;
  char *own_state;
  GDateTime *own_at;
  char *unanswered;
  gint64 rows;
  gint64 size_bytes;
} RepriseCoverage;

RepriseCoverage *reprise_coverage_new (const char *name);
void reprise_coverage_free (RepriseCoverage *self);
void reprise_coverage_set_problem (RepriseCoverage *self,
                                   RepriseCoverageLast last,
                                   const char *problem);
char *reprise_coverage_dup_tiers_text (const RepriseCoverage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCoverage, reprise_coverage_free)

G_END_DECLS
