/* reprise-progress.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/reprise-question.h"

G_BEGIN_DECLS

/**
 * ReprisePhase:
 *
 * What a job is doing. What people read of it depends on the kind of job as well: see job/reprise-job-text.h.
 */
typedef enum
{
  REPRISE_PHASE_WAITING,     /* for its turn */
  REPRISE_PHASE_CONNECTING,  /* sign in, probe, read lists */
  REPRISE_PHASE_CHECKING,    /* pre-checks, before anything is written */
  REPRISE_PHASE_SAFETY_COPY, /* make and verify the safety copy */
  REPRISE_PHASE_CREATING,    /* the service makes its backup */
  REPRISE_PHASE_READING,     /* we read the data */
  REPRISE_PHASE_DOWNLOADING,
  REPRISE_PHASE_UPLOADING,
  REPRISE_PHASE_WRITING,    /* we write the archive or the vault */
  REPRISE_PHASE_APPLYING,   /* the restore itself */
  REPRISE_PHASE_RESTARTING, /* the service comes back after a restore */
  REPRISE_PHASE_COMPARING,  /* read again and compare */
  REPRISE_PHASE_VERIFYING,  /* the archive is read back in full */
  REPRISE_PHASE_DELETING,
  REPRISE_PHASE_FINISHING, /* commit, clean up */
} ReprisePhase;

#define REPRISE_N_PHASES (REPRISE_PHASE_FINISHING + 1)

const char *reprise_phase_to_string (ReprisePhase phase);
gboolean reprise_phase_from_string (const char *id, ReprisePhase *phase);

/**
 * ReprisePhaseShare:
 * @phase: a phase
 * @share: its part of the whole work, in any unit; 0 for a moment
 */
typedef struct
{
  ReprisePhase phase;
  guint share;
} ReprisePhaseShare;

/**
 * ReprisePhaseState:
 *
 * How far a planned phase is.
 */
typedef enum
{
  REPRISE_PHASE_STATE_TO_DO,
  REPRISE_PHASE_STATE_RUNNING,
  REPRISE_PHASE_STATE_DONE,
} ReprisePhaseState;

/**
 * RepriseProgressSnapshot:
 * @phase: the phase
 * @fraction: 0 to 1 of the whole work, or -1 where it cannot be said
 * @bytes_done: bytes of this phase
 * @bytes_total: or -1 where it cannot be said
 * @items_done: items (collections, rows, files) of this phase
 * @items_total: or -1 where it cannot be said
 * @bytes_per_second: over the last seconds; 0 where nothing moved
 * @seconds_left: or -1 where it cannot be said
 * @idle_seconds: how long nothing has moved
 * @message: (nullable): what the service itself says, or the name of what is being worked on
 * @stop_text: (nullable): what stays if the job is stopped now
 */
typedef struct
{
  ReprisePhase phase;
  double fraction;
  gint64 bytes_done;
  gint64 bytes_total;
  gint64 items_done;
  gint64 items_total;
  gint64 bytes_per_second;
  gint64 seconds_left;
  gint64 idle_seconds;
  char *message;
  char *stop_text;
} RepriseProgressSnapshot;

void reprise_progress_snapshot_clear (RepriseProgressSnapshot *snapshot);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseProgressSnapshot, reprise_progress_snapshot_clear)

/**
 * RepriseProgress:
 *
 * Where work says how far it is. Workers write it, the job reads it a few times a second; all calls may be made on any
 * thread and cost next to nothing. All of them accept %NULL for a worker that nobody watches.
 */
#define REPRISE_TYPE_PROGRESS (reprise_progress_get_type ())

G_DECLARE_FINAL_TYPE (RepriseProgress, reprise_progress, REPRISE, PROGRESS, GObject)

RepriseProgress *reprise_progress_new (void);
RepriseProgress *reprise_progress_new_part (RepriseProgress *parent);

/* for the worker */
void reprise_progress_set_frame (RepriseProgress *self,
                                 const ReprisePhaseShare *before,
                                 guint n_before,
                                 const ReprisePhaseShare *after,
                                 guint n_after);
void reprise_progress_set_plan (RepriseProgress *self,
                                const ReprisePhaseShare *plan,
                                guint n_phases);
void reprise_progress_set_phase (RepriseProgress *self, ReprisePhase phase);
void reprise_progress_set_totals (RepriseProgress *self, gint64 bytes_total, gint64 items_total);
void reprise_progress_set_done (RepriseProgress *self, gint64 bytes_done, gint64 items_done);
void reprise_progress_add_bytes (RepriseProgress *self, gint64 bytes);
void reprise_progress_add_items (RepriseProgress *self, gint64 items);
void reprise_progress_set_message (RepriseProgress *self, const char *message);
void reprise_progress_touch (RepriseProgress *self);
void reprise_progress_set_stop_text (RepriseProgress *self, const char *text);
void reprise_progress_warn (RepriseProgress *self, const char *text, ...) G_GNUC_PRINTF (2, 3);
void reprise_progress_warn_n (RepriseProgress *self,
                              const char *singular,
                              const char *plural,
                              guint64 n,
                              ...) G_GNUC_PRINTF (3, 5);
void reprise_progress_warn_saying (RepriseProgress *self, const char *saying);
void reprise_progress_log (RepriseProgress *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void reprise_progress_set_uninterruptible (RepriseProgress *self, gboolean uninterruptible);
gboolean reprise_progress_check_stop (RepriseProgress *self, GError **error);
char *reprise_progress_ask (RepriseProgress *self,
                            const RepriseQuestion *question,
                            GCancellable *cancellable,
                            GError **error);

/* for the job */
gboolean reprise_progress_request_stop (RepriseProgress *self);
void reprise_progress_get_snapshot (RepriseProgress *self, RepriseProgressSnapshot *snapshot);
guint reprise_progress_get_plan (RepriseProgress *self,
                                 ReprisePhaseShare *plan,
                                 ReprisePhaseState *states,
                                 guint max);
char **reprise_progress_dup_warnings (RepriseProgress *self);
char **reprise_progress_dup_said_warnings (RepriseProgress *self);
char **reprise_progress_take_log (RepriseProgress *self);
char *reprise_progress_dup_log_text (RepriseProgress *self);
RepriseQuestion *reprise_progress_dup_question (RepriseProgress *self);
gboolean reprise_progress_answer (RepriseProgress *self,
                                  const char *question_id,
                                  const char *response);

G_END_DECLS
