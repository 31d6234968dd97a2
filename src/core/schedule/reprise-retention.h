/* reprise-retention.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/* The setting of a service that holds its rules, as reprise_retention_read() takes them. */
#define REPRISE_RETENTION_SETTING "retention"
/* “true”: what they do not keep is deleted after each backup */
#define REPRISE_RETENTION_SETTING_AUTOMATIC "retention-automatic"

typedef enum
{
  REPRISE_RETENTION_LAST,
  REPRISE_RETENTION_HOURLY,
  REPRISE_RETENTION_DAILY,
  REPRISE_RETENTION_WEEKLY,
  REPRISE_RETENTION_MONTHLY,
  REPRISE_RETENTION_YEARLY,
} RepriseRetentionRule;

#define REPRISE_N_RETENTION_RULES (REPRISE_RETENTION_YEARLY + 1)

/**
 * RepriseRetention:
 * @keep: by rule, how many are kept: the last ones; of the last hours, days and so on that have a backup the newest one each
 *
 * Which backups of one service stay. Where every number is 0, all do.
 */
typedef struct
{
  guint keep[REPRISE_N_RETENTION_RULES];
} RepriseRetention;

gboolean reprise_retention_read (const char *text, RepriseRetention *retention, GError **error);
char *reprise_retention_to_string (const RepriseRetention *retention);

/**
 * RepriseRetentionReason:
 *
 * Why a backup stays; several may hold.
 */
typedef enum
{
  REPRISE_RETENTION_NOT_KEPT = 0,
  REPRISE_RETENTION_BY_RULE = 1 << 0,
  REPRISE_RETENTION_MARKED = 1 << 1,   /* “Keep” */
  REPRISE_RETENTION_NEWEST = 1 << 2,   /* at least one always stays */
  REPRISE_RETENTION_VERIFIED = 1 << 3, /* the last one that was read back in full */
  REPRISE_RETENTION_NEEDED = 1 << 4,   /* one that stays goes on from it */
  REPRISE_RETENTION_NOT_COUNTED =
    1 << 5, /* a safety copy, a rehearsal, or not whole: other rules are for those */
  REPRISE_RETENTION_ONLY_PERIOD = 1 << 6, /* no other one that stays holds what happened then */
} RepriseRetentionReason;

/**
 * RepriseRetentionEntry:
 * @backup: (owned)
 * @reasons: why it stays, or %REPRISE_RETENTION_NOT_KEPT
 * @rules: by which rules: bit 0 is %REPRISE_RETENTION_LAST
 */
typedef struct
{
  RepriseBackup *backup;
  RepriseRetentionReason reasons;
  guint rules;
} RepriseRetentionEntry;

void reprise_retention_entry_free (RepriseRetentionEntry *entry);
char **reprise_retention_entry_list_reasons (const RepriseRetentionEntry *entry);
char *reprise_retention_entry_to_text (const RepriseRetentionEntry *entry);

GPtrArray *reprise_retention_plan (const RepriseRetention *retention,
                                   GPtrArray *backups,
                                   GDateTime *now,
                                   GTimeZone *zone,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseRetentionEntry, reprise_retention_entry_free)

G_END_DECLS
