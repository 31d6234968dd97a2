/* reprise-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "service/reprise-contents.h"
#include "vault/reprise-tier.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_BACKUP_PARTIAL,  /* being made, or left half made */
  REPRISE_BACKUP_COMPLETE, /* its manifest is committed, or its service says so */
  REPRISE_BACKUP_VERIFIED, /* read back in full */
} RepriseBackupState;

const char *reprise_backup_state_to_string (RepriseBackupState state);

/**
 * RepriseBackupSign:
 *
 * What kind of state `state-text` tells of, so that it is shown with an icon that fits.
 */
typedef enum
{
  REPRISE_BACKUP_SIGN_NONE,    /* its #RepriseBackupState says all */
  REPRISE_BACKUP_SIGN_QUEUED,  /* the service has not begun with it */
  REPRISE_BACKUP_SIGN_FLAWED,  /* it can be restored, but not all is well with it */
  REPRISE_BACKUP_SIGN_FAILED,  /* it was not made */
  REPRISE_BACKUP_SIGN_SKIPPED, /* the service left it out */
  REPRISE_BACKUP_SIGN_LEAVING, /* it is being deleted, or is gone */
  REPRISE_BACKUP_SIGN_UNKNOWN, /* in a state that we do not know */
} RepriseBackupSign;

#define REPRISE_N_BACKUP_SIGNS (REPRISE_BACKUP_SIGN_UNKNOWN + 1)

typedef enum
{
  REPRISE_ORIGIN_MANUAL,
  REPRISE_ORIGIN_SCHEDULE,
  REPRISE_ORIGIN_SAFETY,
  REPRISE_ORIGIN_UPLOAD,
  REPRISE_ORIGIN_REHEARSAL,
} RepriseOrigin;

const char *reprise_origin_to_string (RepriseOrigin origin);
gboolean reprise_origin_from_string (const char *id, RepriseOrigin *origin);

/**
 * RepriseBackup:
 *
 * One point in time of one service: on the service, in the vault, or both. Whoever makes it fills it; afterwards it is only
 * read, so it may cross from a worker to the main context.
 *
 * Everything is a property as well (same name, dashes), writable while it is being made:
 * `id` (the ULID; of a backup that is only on the service the service's own name of it), `service-uuid`, `kind`,
 * `own-name` (nullable: the service's own name of it: “backup_20261121_101357_9519.nbdump”), `created-at`, `size-bytes`
 * (or %REPRISE_NOT_REPORTED), `state`, `own-state` (nullable: the service's own word, shown beside ours), `state-text`
 * (nullable: its state in words, translated, where the service has more of them than we), `sign` (a #RepriseBackupSign: what kind of
 * state that is), `bound` (only the service itself gets at
 * it: it can be restored, but neither downloaded nor deleted), `in-progress` (it is
 * being made on the service now), `stale` (in progress by its own word, but nobody works on it any more), `on-service`,
 * `in-vault`, `origin`, `note` (nullable), `kept`, `verified-at` (nullable), `damage` (nullable: what the last verification
 * found), `contents` (nullable: not known before it is inspected), `groups` (a #RepriseGroups, 0 where not known),
 * `tier` (a #RepriseTier), `leaving-at` (nullable: all of it is rolled up into another backup, and it is deleted then; %NULL too
 * while it is kept), `folder` (nullable: of the vault), `parent` (nullable), `encrypted`, `tool-version` (nullable), `service-version` (nullable),
 * `edition` (nullable: the tier, plan or size of the service that it was made of, where it can only go back into one of the same),
 * `periods` (nullable: of what happened over time, from when until when it holds it: lines of a name and two points in time, with a
 * space between).
 */
#define REPRISE_TYPE_BACKUP (reprise_backup_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBackup, reprise_backup, REPRISE, BACKUP, GObject)

RepriseBackup *reprise_backup_new (const char *id, const char *service_uuid, const char *kind);

const char *reprise_backup_get_id (RepriseBackup *self);
const char *reprise_backup_get_service_uuid (RepriseBackup *self);
const char *reprise_backup_get_kind (RepriseBackup *self);
const char *reprise_backup_get_own_name (RepriseBackup *self);
GDateTime *reprise_backup_get_created_at (RepriseBackup *self);
gint64 reprise_backup_get_size_bytes (RepriseBackup *self);
RepriseBackupState reprise_backup_get_state (RepriseBackup *self);
const char *reprise_backup_get_own_state (RepriseBackup *self);
const char *reprise_backup_get_own_state_text (RepriseBackup *self);
RepriseBackupSign reprise_backup_get_sign (RepriseBackup *self);
gboolean reprise_backup_get_bound (RepriseBackup *self);
gboolean reprise_backup_get_in_progress (RepriseBackup *self);
gboolean reprise_backup_get_stale (RepriseBackup *self);
gboolean reprise_backup_get_on_service (RepriseBackup *self);
gboolean reprise_backup_get_in_vault (RepriseBackup *self);
RepriseOrigin reprise_backup_get_origin (RepriseBackup *self);
const char *reprise_backup_get_note (RepriseBackup *self);
gboolean reprise_backup_get_kept (RepriseBackup *self);
RepriseTier reprise_backup_get_tier (RepriseBackup *self);
GDateTime *reprise_backup_get_leaving_at (RepriseBackup *self);
char *reprise_backup_dup_tier_text (RepriseBackup *self);
GDateTime *reprise_backup_get_verified_at (RepriseBackup *self);
const char *reprise_backup_get_damage (RepriseBackup *self);
RepriseContents *reprise_backup_get_contents (RepriseBackup *self);
RepriseGroups reprise_backup_get_groups (RepriseBackup *self);
const char *reprise_backup_get_folder (RepriseBackup *self);
const char *reprise_backup_get_parent (RepriseBackup *self);
gboolean reprise_backup_get_encrypted (RepriseBackup *self);
const char *reprise_backup_get_tool_version (RepriseBackup *self);
const char *reprise_backup_get_service_version (RepriseBackup *self);
const char *reprise_backup_get_edition (RepriseBackup *self);
const char *reprise_backup_get_periods (RepriseBackup *self);

/* For g_ptr_array_sort(): the newest first, those without a date last. */
int reprise_backup_compare_newest (gconstpointer a, gconstpointer b);

G_END_DECLS
