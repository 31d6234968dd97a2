/* reprise-tier.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RepriseTier:
 * @REPRISE_TIER_NONE: the kind of service has none: each backup stands for itself
 * @REPRISE_TIER_BASELINE: everything
 * @REPRISE_TIER_DAILY: what changed since the backup that it goes on from
 * @REPRISE_TIER_WEEKLY: several of them, rolled up
 *
 * How fine the points in time are that a backup belongs to. Of a backup of several collections the finest of theirs.
 */
typedef enum
{
  REPRISE_TIER_NONE,
  REPRISE_TIER_DAILY,
  REPRISE_TIER_WEEKLY,
  REPRISE_TIER_MONTHLY,
  REPRISE_TIER_YEARLY,
  REPRISE_TIER_BASELINE,
} RepriseTier;

#define REPRISE_N_TIERS (REPRISE_TIER_BASELINE + 1)

const char *reprise_tier_to_string (RepriseTier tier);
gboolean reprise_tier_from_string (const char *id, RepriseTier *tier);
const char *reprise_tier_get_text (RepriseTier tier);

G_END_DECLS
