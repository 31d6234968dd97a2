/* reprise-tier.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "vault/reprise-tier.h"

static const char *const IDS[REPRISE_N_TIERS] = {
  NULL, "daily", "weekly", "monthly", "yearly", "baseline",
};

static const char *const TEXTS[REPRISE_N_TIERS] = {
  NULL,
  N_ ("Daily delta"),
  N_ ("Weekly roll-up"),
  N_ ("Monthly roll-up"),
  N_ ("Yearly roll-up"),
  N_ ("Baseline"),
};

/* (nullable): “daily”, as in manifests and --json; %NULL of none */
const char *
reprise_tier_to_string (RepriseTier tier)
{
  g_return_val_if_fail (tier < REPRISE_N_TIERS, NULL);

  return IDS[tier];
}

/* @id: (nullable): of none. Returns: whether it names a tier */
gboolean
reprise_tier_from_string (const char *id, RepriseTier *tier)
{
  for (guint i = REPRISE_TIER_DAILY; i < REPRISE_N_TIERS; i++)
    if (g_strcmp0 (id, IDS[i]) == 0)
      {
        *tier = (RepriseTier) i;
        return TRUE;
      }
  return FALSE;
}

/* (nullable): for people; %NULL of none */
const char *
reprise_tier_get_text (RepriseTier tier)
{
  g_return_val_if_fail (tier < REPRISE_N_TIERS, NULL);

  return TEXTS[tier] != NULL ? _ (TEXTS[tier]) : NULL;
}
