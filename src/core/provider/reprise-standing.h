/* reprise-standing.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-status.h"
#include "provider/reprise-context.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-seen.h"
#include "provider/reprise-waiting.h"

G_BEGIN_DECLS

/* The setting of a service, and the preference for all: after how many days without a backup it is overdue; 0: never. */
#define REPRISE_STANDING_SETTING_OVERDUE  "overdue-days"
#define REPRISE_STANDING_MAX_OVERDUE_DAYS 3650

/**
 * RepriseStanding:
 * @service: (owned)
 * @newest: (owned) (nullable): the newest backup of the vault that is whole; no safety copy; one that is dated ahead only where there is no
 *   other
 * @ahead: (owned) (nullable): one that is dated ahead, beside @newest
 * @restorable: (owned) (nullable): the newest of them that is not damaged
 * @seen: (owned) (nullable): what was last known of the backups on the service
 * @vault_error: (owned) (nullable): why nothing is known of the vault: it is not there
 * @access_end: (owned) (nullable): until when its access to a storage is good
 * @waiting: (owned) (nullable): what a backup that is due waits for
 * @runs: (owned) (element-type RepriseRun): the latest jobs, newest first
 * @rehearsal: (owned) (nullable): the latest rehearsal that ended
 * @next_at: (owned) (nullable): when it is backed up next by itself
 * @paused: whether its schedule is paused
 * @overdue_days: after how many days without a backup it is overdue
 * @only_groups: those of @restorable, where an older backup has others, too; else %REPRISE_GROUPS_NONE
 *
 * All that this computer knows of how well a service is backed up; its status follows from it, for the command line, notifications
 * and the bus.
 */
typedef struct
{
  RepriseService *service;
  RepriseBackup *newest;
  RepriseBackup *ahead;
  RepriseBackup *restorable;
  RepriseSeen *seen;
  char *vault_error;
  GDateTime *access_end;
  RepriseWaiting *waiting;
  GPtrArray *runs;
  RepriseRun *rehearsal;
  GDateTime *next_at;
  gboolean paused;
  guint overdue_days;
  RepriseGroups only_groups;
} RepriseStanding;

/* blocking: for workers */
RepriseStanding *reprise_standing_read (RepriseContext *context,
                                        RepriseService *service,
                                        GDateTime *now,
                                        GTimeZone *zone,
                                        GCancellable *cancellable,
                                        GError **error);

GDateTime *reprise_standing_read_access_end (RepriseContext *context,
                                             RepriseService *service,
                                             GCancellable *cancellable);

void reprise_standing_free (RepriseStanding *self);
RepriseStatus *reprise_standing_make_status (const RepriseStanding *self,
                                             RepriseJob *job,
                                             GDateTime *now);
GDateTime *reprise_standing_get_point (const RepriseStanding *self, GDateTime *now);
char *reprise_standing_dup_recovery (const RepriseStanding *self, GDateTime *now);
char *reprise_standing_describe_next (const RepriseStanding *self,
                                      RepriseJob *job,
                                      GDateTime *now,
                                      GTimeZone *zone);
gboolean reprise_standing_needs_attention (const RepriseStatus *status);

/* its parts, for the window */
RepriseBackup *reprise_standing_find_newest (GPtrArray *backups,
                                             gboolean restorable,
                                             GDateTime *now);
guint reprise_standing_get_overdue_days (RepriseService *service,
                                         ReprisePreferences *preferences,
                                         GDateTime *now,
                                         GTimeZone *zone);
gboolean reprise_standing_is_paused (RepriseService *service);
void reprise_standing_tell_last (RepriseStatusFacts *facts,
                                 RepriseBackup *newest,
                                 RepriseBackup *ahead,
                                 const RepriseSeen *seen);
gboolean reprise_standing_is_outlasted (RepriseService *service,
                                        RepriseJob *job,
                                        GDateTime *now,
                                        GTimeZone *zone);
char *reprise_standing_describe_recovery (GDateTime *point, GDateTime *now);
char *reprise_standing_describe_rehearsal (RepriseRun *rehearsal, GDateTime *now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseStanding, reprise_standing_free)

G_END_DECLS
