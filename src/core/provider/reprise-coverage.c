/* reprise-coverage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "provider/reprise-coverage.h"

static const char *const STATES[] = {
  [REPRISE_COVERAGE_INCLUDED] = "included", [REPRISE_COVERAGE_NEW_INCLUDED] = "new-included",
  [REPRISE_COVERAGE_EXCLUDED] = "excluded", [REPRISE_COVERAGE_NEW_EXCLUDED] = "new-excluded",
  [REPRISE_COVERAGE_GONE] = "gone",
};

static const char *const STATE_TEXTS[] = {
  [REPRISE_COVERAGE_INCLUDED] = N_ ("Included"),
  [REPRISE_COVERAGE_NEW_INCLUDED] = N_ ("New, included"),
  [REPRISE_COVERAGE_EXCLUDED] = N_ ("Excluded"),
  [REPRISE_COVERAGE_NEW_EXCLUDED] = N_ ("New, not included"),
  [REPRISE_COVERAGE_GONE] = N_ ("No longer on the server"),
};

static const char *const LASTS[] = {
  [REPRISE_COVERAGE_NEVER] = "never",           [REPRISE_COVERAGE_VERIFIED] = "verified",
  [REPRISE_COVERAGE_UNVERIFIED] = "unverified", [REPRISE_COVERAGE_DAMAGED] = "damaged",
  [REPRISE_COVERAGE_PARTIAL] = "partial",       [REPRISE_COVERAGE_FAILED] = "failed",
};

static const char *const LAST_TEXTS[] = {
  [REPRISE_COVERAGE_NEVER] = N_ ("Never backed up"),
  [REPRISE_COVERAGE_VERIFIED] = N_ ("Verified"),
  [REPRISE_COVERAGE_UNVERIFIED] = N_ ("Not verified"),
  [REPRISE_COVERAGE_DAMAGED] = N_ ("Damaged"),
  [REPRISE_COVERAGE_PARTIAL] = N_ ("Broken off"),
  [REPRISE_COVERAGE_FAILED] = N_ ("Failed last time"),
};

/* “included”, as in --json */
const char *
reprise_coverage_state_to_string (RepriseCoverageState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (STATES), NULL);

  return STATES[state];
}

/* For people */
const char *
reprise_coverage_state_get_text (RepriseCoverageState state)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (STATE_TEXTS), NULL);

  return _ (STATE_TEXTS[state]);
}

/* “verified”, as in --json */
const char *
reprise_coverage_last_to_string (RepriseCoverageLast last)
{
  g_return_val_if_fail (last < G_N_ELEMENTS (LASTS), NULL);

  return LASTS[last];
}

/* For people */
const char *
reprise_coverage_last_get_text (RepriseCoverageLast last)
{
  g_return_val_if_fail (last < G_N_ELEMENTS (LAST_TEXTS), NULL);

  return _ (LAST_TEXTS[last]);
}

RepriseCoverage *
reprise_coverage_new (const char *name)
{
  RepriseCoverage *self = g_new0 (RepriseCoverage, 1);

  self->name = g_strdup (name);
  self->rows = self->size_bytes = REPRISE_NOT_REPORTED;
  return self;
}

void
reprise_coverage_free (RepriseCoverage *self)
{
  g_free (self->name);
  g_free (self->reason);
  g_free (self->backup_id);
  g_free (self->problem);
  g_free (self->own_state);
  g_free (self->unanswered);
  g_clear_pointer (&self->own_at, g_date_time_unref);
  g_clear_pointer (&self->last_at, g_date_time_unref);
  g_free (self);
}

/* @problem: (nullable) */
void
reprise_coverage_set_problem (RepriseCoverage *self, RepriseCoverageLast last, const char *problem)
{
  self->last = last;
  g_free (self->problem);
  self->problem = g_strdup (problem);
}

static char *
count_tier (RepriseTier tier, guint n)
{
  switch (tier)
    {
    case REPRISE_TIER_BASELINE:
      return g_strdup_printf (ngettext ("%u baseline", "%u baselines", n), n);
    case REPRISE_TIER_YEARLY:
      /* Translators: roll-ups that stand for a year */
      return g_strdup_printf (ngettext ("%u yearly", "%u yearly", n), n);
    case REPRISE_TIER_MONTHLY:
      /* Translators: roll-ups that stand for a month */
      return g_strdup_printf (ngettext ("%u monthly", "%u monthly", n), n);
    case REPRISE_TIER_WEEKLY:
      /* Translators: roll-ups that stand for a week */
      return g_strdup_printf (ngettext ("%u weekly", "%u weekly", n), n);
    case REPRISE_TIER_DAILY:
    case REPRISE_TIER_NONE:
    default:
      /* Translators: daily deltas */
      return g_strdup_printf (ngettext ("%u daily", "%u daily", n), n);
    }
}

/* (transfer full): “1 baseline, 4 weekly, 7 daily”; empty where there is none */
char *
reprise_coverage_dup_tiers_text (const RepriseCoverage *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int tier = REPRISE_TIER_BASELINE; tier > REPRISE_TIER_NONE; tier--)
    {
      g_autofree char *one = NULL;

      if (self->tiers[tier] == 0)
        continue;
      one = count_tier ((RepriseTier) tier, self->tiers[tier]);
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", one);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
