/* reprise-status.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-run.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_STATUS_UNKNOWN, /* nothing has been read yet */
  REPRISE_STATUS_NEVER,
  REPRISE_STATUS_UP_TO_DATE,
  REPRISE_STATUS_RUNNING,
  REPRISE_STATUS_STALLED,
  REPRISE_STATUS_ASKING,
  REPRISE_STATUS_WARNINGS,
  REPRISE_STATUS_FAILED,
  REPRISE_STATUS_OVERDUE,
  REPRISE_STATUS_UNREACHABLE,
  REPRISE_STATUS_SIGN_IN,
  REPRISE_STATUS_KEYRING,
  REPRISE_STATUS_PAUSED,
} RepriseStatusState;

#define REPRISE_N_STATUS_STATES (REPRISE_STATUS_PAUSED + 1)

const char *reprise_status_state_to_string (RepriseStatusState state);

typedef enum
{
  REPRISE_STATUS_DO_NOTHING,
  REPRISE_STATUS_DO_BACK_UP,
  REPRISE_STATUS_DO_SHOW_JOB,
  REPRISE_STATUS_DO_ANSWER,
  REPRISE_STATUS_DO_SHOW_HISTORY,
  REPRISE_STATUS_DO_EDIT,  /* the connection: address, sign-in */
  REPRISE_STATUS_DO_RETRY, /* to reach it */
} RepriseStatusAction;

const char *reprise_status_action_get_label (RepriseStatusAction action);

/* A service whose last backup is older than this is overdue, as long as nothing else was agreed on. */
#define REPRISE_STATUS_OVERDUE_DAYS 7

#define REPRISE_STATUS_STALLED_SECONDS 30

/* An access that ends within so many days is told of. */
#define REPRISE_STATUS_ACCESS_DAYS 7

/**
 * RepriseStatusFacts:
 * @now: the clock
 * @known: whether backups and runs have been read
 * @job: (nullable): the job that is active
 * @last_at: (nullable): when the newest complete backup was made; one that is dated ahead only where there is no other
 * @ahead_at: (nullable): the date of one that is dated ahead, beside @last_at
 * @last_size_bytes: its size, or %REPRISE_NOT_REPORTED
 * @last_n_groups: how many groups it holds, or 0 where that is not known
 * @last_verified_at: (nullable): when it was last read back in full
 * @last_seen_at: (nullable): of one that lies on the service: when the service said so last
 * @last_damage: (nullable): what the last verification of it found
 * @runs: (array length=n_runs) (nullable): the jobs of the past, newest first
 * @n_runs: how many
 * @reach: (nullable): why the service cannot be reached or signed in to
 * @vault_error: (nullable): that the vault is not there, in a sentence
 * @access_end: (nullable): until when its access to a storage is good
 * @overdue_days: after how many days without a backup it is overdue; 0: never
 * @paused: whether its schedule is paused
 *
 * All that the status of one service follows from. Everything is borrowed.
 */
typedef struct
{
  GDateTime *now;
  gboolean known;
  RepriseJob *job;
  GDateTime *last_at;
  GDateTime *ahead_at;
  gint64 last_size_bytes;
  guint last_n_groups;
  GDateTime *last_verified_at;
  GDateTime *last_seen_at;
  const char *last_damage;
  RepriseRun *const *runs;
  guint n_runs;
  const GError *reach;
  const char *vault_error;
  GDateTime *access_end;
  guint overdue_days;
  gboolean paused;
} RepriseStatusFacts;

/**
 * RepriseStatus:
 * @state: for scripts and the bus
 * @title: header capitals: “Last Backup Successful”
 * @subtitle: more about it: “2 hours ago · 184 MB · 5 groups”
 * @line: one short line that stands alone, for lists: “Backed up 2 hours ago”
 * @icon_name: of the resource; status is never told by colour alone
 * @action: what helps
 * @needs_attention: whether somebody should look
 */
typedef struct
{
  RepriseStatusState state;
  char *title;
  char *subtitle;
  char *line;
  const char *icon_name;
  RepriseStatusAction action;
  gboolean needs_attention;
} RepriseStatus;

#define REPRISE_TYPE_STATUS (reprise_status_get_type ())

GType reprise_status_get_type (void);
RepriseStatus *reprise_status_new (const RepriseStatusFacts *facts);
RepriseRun *reprise_status_find_failure (const RepriseStatusFacts *facts);
RepriseStatus *reprise_status_copy (const RepriseStatus *self);
void reprise_status_free (RepriseStatus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseStatus, reprise_status_free)

/* what a job that only removed what a rehearsal had left has come to */
char *reprise_status_say_cleaned (void);
char *reprise_status_say_not_cleaned (void);
gboolean reprise_status_is_of_cleaning (const char *said);

G_END_DECLS
