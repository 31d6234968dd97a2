/* reprise-compact-plan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "service/reprise-contents.h"
#include "vault/reprise-tier.h"

G_BEGIN_DECLS

/**
 * RepriseCompactAction:
 * @REPRISE_COMPACT_ROLL_UP: a new backup is made from others, which stay until their time has come
 * @REPRISE_COMPACT_DELETE: a backup is deleted, which is rolled up already, or older than every tier reaches
 */
typedef enum
{
  REPRISE_COMPACT_ROLL_UP,
  REPRISE_COMPACT_DELETE,
} RepriseCompactAction;

const char *reprise_compact_action_to_string (RepriseCompactAction action);
const char *reprise_compact_action_get_text (RepriseCompactAction action);

/**
 * RepriseCompactSource:
 * @backup_id: of the backup
 * @created_at: its point in time
 * @size_bytes: of a roll-up, what it holds of that collection; of a deletion, the whole backup; or %REPRISE_NOT_REPORTED
 * @kept: it is marked as kept, or a safety copy stands on it: it is not removed
 */
typedef struct
{
  char *backup_id;
  GDateTime *created_at;
  RepriseTier tier;
  gint64 size_bytes;
  gboolean kept;
} RepriseCompactSource;

/**
 * RepriseCompactStep:
 * @collections: (array zero-terminated=1): of a roll-up one; of a deletion all that are in the backup
 * @tier: of a roll-up the one that it makes; of a deletion that of the backup
 * @sources: (element-type RepriseCompactSource): the oldest first; of a deletion one
 * @lost: (element-type GDateTime): points in time that cannot be restored any more once the sources are deleted
 * @size_bytes: of the sources together
 * @rolled_up: of a deletion: all of it is in other backups; else it is older than every tier reaches
 * @deleted_at: (nullable): when the sources are deleted; of a roll-up, if it were made now. %NULL where they stay
 * @kept: of a deletion: it is marked as kept, and stays
 * @needed: of a deletion: a backup that is kept, or a safety copy, needs it: it stays as long as that does
 * @due: of a deletion: its time has come
 *
 * One step of a roll-up, as it is shown before.
 */
typedef struct
{
  RepriseCompactAction action;
  char **collections;
  RepriseTier tier;
  GPtrArray *sources;
  GPtrArray *lost;
  gint64 size_bytes;
  gboolean rolled_up;
  GDateTime *deleted_at;
  gboolean kept;
  gboolean needed;
  gboolean due;
} RepriseCompactStep;

RepriseCompactStep *reprise_compact_step_new (RepriseCompactAction action, RepriseTier tier);
void reprise_compact_step_free (RepriseCompactStep *self);
void reprise_compact_step_add_source (RepriseCompactStep *self,
                                      const char *backup_id,
                                      GDateTime *created_at,
                                      RepriseTier tier,
                                      gint64 size_bytes,
                                      gboolean kept);
void reprise_compact_step_add_lost (RepriseCompactStep *self, GDateTime *point);
char *reprise_compact_step_dup_text (const RepriseCompactStep *self);

/**
 * RepriseCompactPlan:
 * @steps: (element-type RepriseCompactStep): roll-ups first, then deletions
 * @n_roll_ups: how many of them are roll-ups
 * @freed_bytes: of what would be deleted now
 * @later_bytes: of what is deleted later: deletions whose time has not come, and the sources of roll-ups, which are less what the
 *   new backups take
 *
 * What rolling up would do. It changes nothing.
 */
typedef struct
{
  GPtrArray *steps;
  guint n_roll_ups;
  gint64 freed_bytes;
  gint64 later_bytes;
} RepriseCompactPlan;

RepriseCompactPlan *reprise_compact_plan_new (void);
void reprise_compact_plan_free (RepriseCompactPlan *self);
void reprise_compact_plan_take (RepriseCompactPlan *self, RepriseCompactStep *step);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCompactStep, reprise_compact_step_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCompactPlan, reprise_compact_plan_free)

G_END_DECLS
