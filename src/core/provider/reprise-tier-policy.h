/* reprise-tier-policy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "service/reprise-service.h"
#include "vault/reprise-tier.h"

G_BEGIN_DECLS

/*
 * Where it is kept, all of it settings of the service:
 *
 * - `keep-daily`, `keep-weekly`, `keep-monthly`, `keep-yearly` (a number, or “all”), `weekly-days`, `monthly-months`, `yearly-years`
 *   and `clean-up-days`: of all its collections
 * - `tier-rules`: what differs of some: “shop-*: daily=14 weekly=8; orders: clean-up-days=30”. A name counts before patterns, and of
 *   these the first that fits
 * - `roll-up-after-backup`: “true” or “false”
 */
#define REPRISE_TIER_SETTING_KEEP_DAILY     "keep-daily"
#define REPRISE_TIER_SETTING_KEEP_WEEKLY    "keep-weekly"
#define REPRISE_TIER_SETTING_KEEP_MONTHLY   "keep-monthly"
#define REPRISE_TIER_SETTING_KEEP_YEARLY    "keep-yearly"
#define REPRISE_TIER_SETTING_WEEKLY_DAYS    "weekly-days"
#define REPRISE_TIER_SETTING_MONTHLY_MONTHS "monthly-months"
#define REPRISE_TIER_SETTING_YEARLY_YEARS   "yearly-years"
#define REPRISE_TIER_SETTING_DELAY          "clean-up-days"
#define REPRISE_TIER_SETTING_RULES          "tier-rules"
#define REPRISE_TIER_SETTING_AFTER_BACKUP   "roll-up-after-backup"

#define REPRISE_TIER_KEEP_ALL  G_MAXUINT
#define REPRISE_TIER_MAX_KEEP  10000
#define REPRISE_TIER_MAX_DELAY 3650

/**
 * RepriseTierPolicy:
 * @keep: by #RepriseTier: how many days, weeks and so on that have a point are kept, or %REPRISE_TIER_KEEP_ALL; of baselines, nothing
 * @every: by #RepriseTier: how much one roll-up takes in: of weekly days (7: the weeks begin on Monday), of monthly months, of yearly
 *   years; of the others, nothing
 * @delay_days: how long what was rolled up still exists
 *
 * How long the points in time of a collection last.
 */
typedef struct
{
  guint keep[REPRISE_N_TIERS];
  guint every[REPRISE_N_TIERS];
  guint delay_days;
} RepriseTierPolicy;

void reprise_tier_policy_init (RepriseTierPolicy *self);
gboolean reprise_tier_policy_check (const RepriseTierPolicy *self, GError **error);
gboolean reprise_tier_policy_parse (RepriseTierPolicy *self, const char *words, GError **error);
char *reprise_tier_policy_to_string (const RepriseTierPolicy *self);

/* of a service */
void reprise_tier_policy_read (RepriseService *service,
                               const char *collection,
                               RepriseTierPolicy *policy);
char *reprise_tier_policy_dup_rule (RepriseService *service, const char *collection);
char **reprise_tier_policy_list_rules (RepriseService *service);
gboolean reprise_tier_policy_set (RepriseService *service,
                                  const char *pattern,
                                  const RepriseTierPolicy *policy,
                                  GError **error);
gboolean reprise_tier_policy_change (RepriseService *service,
                                     const char *pattern,
                                     const char *words,
                                     GError **error);
gboolean reprise_tier_policy_check_service (RepriseService *service, GError **error);
gboolean reprise_tier_policy_check_rules (const char *rules, GError **error);

G_END_DECLS
