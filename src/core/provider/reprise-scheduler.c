/* reprise-scheduler.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-scratch.h"
#include "vault/reprise-lock.h"

/* Two computers that share a history's home folder may be apart by so much. */
#define CLOCKS_APART_US G_TIME_SPAN_HOUR

/* How far the mark of a paused schedule may lie back: each look would write otherwise. */
#define PAUSED_BEHIND_US (10 * G_TIME_SPAN_MINUTE)

/* After a failure that may pass by itself: how long until it is tried again, then three times as long, then that again. */
#define RETRY_US  (5 * G_TIME_SPAN_MINUTE)
#define N_RETRIES 3

/* While somebody else works on the service, or nobody has unlocked the keyring. */
#define HELD_US   (2 * G_TIME_SPAN_MINUTE)
#define LOCKED_US (15 * G_TIME_SPAN_MINUTE)

/* While the service works on what is to be removed; three times. */
#define BUSY_US (8 * RETRY_US)

static const struct
{
  const char *id; /* for scripts, and part of the key of its mark */
  const char *setting;
  RepriseJobKind kind;
  RepriseCapabilities capability; /* without which a kind does not have it */
} ROUTINES[REPRISE_ROUTINE_CLEAN_UP + 1] = {
  [REPRISE_ROUTINE_BACK_UP] = { "backup", REPRISE_SCHEDULE_SETTING, REPRISE_JOB_BACK_UP, 0 },
  [REPRISE_ROUTINE_ROLL_UP] = { "rollup", "rollup-schedule", REPRISE_JOB_COMPACT,
                                REPRISE_HAS_HISTORY },
  [REPRISE_ROUTINE_REHEARSE] = { "rehearsal", "rehearsal-schedule", REPRISE_JOB_REHEARSE,
                                 REPRISE_CAN_REHEARSE },
  [REPRISE_ROUTINE_REPORTS] = { "reports", "reports-schedule", REPRISE_JOB_REPORTS,
                                REPRISE_HAS_REPORTS },
  [REPRISE_ROUTINE_FOLLOW] = { "follow", NULL, REPRISE_JOB_FOLLOW, 0 },
  [REPRISE_ROUTINE_CLEAN_UP] = { "clean-up", NULL, REPRISE_JOB_FOLLOW, 0 },
};

/* (transfer none): the name for scripts, an interface */
const char *
reprise_routine_to_string (RepriseRoutine routine)
{
  g_return_val_if_fail (routine < G_N_ELEMENTS (ROUTINES), NULL);

  return ROUTINES[routine].id;
}

/* (transfer none): the setting of a service that holds its schedule */
const char *
reprise_routine_get_setting (RepriseRoutine routine)
{
  g_return_val_if_fail (routine < REPRISE_N_ROUTINES, NULL);

  return ROUTINES[routine].setting;
}

/* Whether services of that kind have such a routine at all. */
gboolean
reprise_routine_is_of_kind (RepriseRoutine routine, RepriseKind *kind)
{
  RepriseCapabilities needed = ROUTINES[routine].capability;

  return needed == 0 || reprise_kind_can (kind, needed);
}

/* As reprise_routine_is_of_kind(), else with the reason: %REPRISE_ERROR_NOT_SUPPORTED */
gboolean
reprise_routine_check_kind (RepriseRoutine routine, RepriseKind *kind, GError **error)
{
  RepriseCapabilities needed = ROUTINES[routine].capability;

  return needed == 0 || reprise_kind_check_can (kind, needed, error);
}

void
reprise_due_free (RepriseDue *self)
{
  g_clear_object (&self->service);
  g_clear_pointer (&self->at, g_date_time_unref);
  g_clear_pointer (&self->request, reprise_request_free);
  g_free (self);
}

/**
 * reprise_scheduler_get_schedule:
 *
 * Returns: (transfer full) (nullable): the schedule of a routine; %NULL without @error: it has none; with it:
 *   %REPRISE_ERROR_INVALID
 */
RepriseSchedule *
reprise_scheduler_get_schedule (RepriseService *service, RepriseRoutine routine, GError **error)
{
  const char *text = reprise_service_get_setting (service, reprise_routine_get_setting (routine));

  return text != NULL ? reprise_schedule_new_from_string (text, error) : NULL;
}

gboolean
reprise_scheduler_is_paused (RepriseService *service)
{
  return g_strcmp0 (reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_PAUSED),
                    "true") == 0;
}

/* (transfer full) (nullable): when it runs next; %NULL where it has no schedule, or is paused */
GDateTime *
reprise_scheduler_get_next (RepriseService *service,
                            RepriseRoutine routine,
                            GDateTime *now,
                            GTimeZone *zone)
{
  g_autoptr (RepriseSchedule) schedule = reprise_scheduler_get_schedule (service, routine, NULL);

  return schedule != NULL && !reprise_scheduler_is_paused (service)
           ? reprise_schedule_get_next (schedule, now, zone)
           : NULL;
}

/* How long after the moment a service begins, the same each time, so that not all of them begin at once. */
guint
reprise_scheduler_get_offset_seconds (RepriseService *service, guint spread_seconds)
{
  return spread_seconds > 0 ? g_str_hash (reprise_service_get_uuid (service)) % spread_seconds : 0;
}

/* (transfer full): under which its mark is kept */
static char *
dup_key (RepriseService *service, RepriseRoutine routine)
{
  const char *uuid = reprise_service_get_uuid (service);

  return routine == REPRISE_ROUTINE_BACK_UP ? g_strdup (uuid)
                                            : g_strdup_printf ("%s:%s", uuid, ROUTINES[routine].id);
}

/* (transfer full): what the routine asks for; %NULL with %REPRISE_ERROR_INVALID where its groups cannot be understood */
RepriseRequest *
reprise_scheduler_make_request (RepriseService *service, RepriseRoutine routine, GError **error)
{
  const char *groups = reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_GROUPS);
  g_auto (GStrv) ids = g_strsplit (groups != NULL ? groups : "", ",", 0);
  g_autoptr (RepriseRequest) request =
    reprise_request_new (ROUTINES[routine].kind, reprise_service_get_uuid (service));

  g_free (request->origin);
  request->origin = g_strdup ("schedule");
  if (routine == REPRISE_ROUTINE_CLEAN_UP)
    reprise_request_set_option (request, REPRISE_SCHEDULE_OPTION_ROUTINE, ROUTINES[routine].id);
  if (routine != REPRISE_ROUTINE_BACK_UP)
    return g_steal_pointer (&request);
  request->on_service =
    g_strcmp0 (reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_ON_SERVICE),
               "true") == 0;
  return reprise_groups_from_strv ((const char *const *) ids, &request->groups, error)
           ? g_steal_pointer (&request)
           : NULL;
}

/* (transfer full) (nullable): the moment that is due. A mark of the future was set by a clock that was wrong, or is: one backup too
 * many is better than none for years. */
static GDateTime *
find_due (RepriseSchedule *schedule, GDateTime *mark, GDateTime *now, GTimeZone *zone)
{
  if (g_date_time_difference (mark, now) > CLOCKS_APART_US)
    return g_date_time_ref (now);
  return reprise_schedule_get_last_due (schedule, mark, now, zone);
}

/**
 * reprise_scheduler_check:
 * @zone: in which the times of schedules are meant
 * @due: (out) (nullable) (transfer full): what is due, or %NULL where nothing is
 *
 * Whether a routine of the service is due. A schedule that is seen for the first time, or that is paused, begins now: nothing of the
 * past is made up for.
 *
 * Returns: whether that could be told; else %REPRISE_ERROR_INVALID where what is set cannot be understood
 */
gboolean
reprise_scheduler_check (RepriseHistory *history,
                         RepriseService *service,
                         RepriseRoutine routine,
                         GDateTime *now,
                         GTimeZone *zone,
                         RepriseDue **due,
                         GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (RepriseSchedule) schedule =
    reprise_scheduler_get_schedule (service, routine, &local_error);
  g_autofree char *key = dup_key (service, routine);
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (GDateTime) mark = NULL;
  g_autoptr (GDateTime) at = NULL;

  *due = NULL;
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (schedule == NULL)
    return TRUE;
  request = reprise_scheduler_make_request (service, routine, error);
  if (request == NULL || !reprise_history_get_mark (history, key, &mark, error))
    return FALSE;
  if (mark == NULL)
    return reprise_scheduler_settle (history, service, routine, now, error);
  if (reprise_scheduler_is_paused (service))
    return ABS (g_date_time_difference (now, mark)) < PAUSED_BEHIND_US ||
           reprise_scheduler_settle (history, service, routine, now, error);
  at = find_due (schedule, mark, now, zone);
  if (at == NULL)
    return TRUE;
  *due = g_new0 (RepriseDue, 1);
  (*due)->service = g_object_ref (service);
  (*due)->routine = routine;
  (*due)->at = g_steal_pointer (&at);
  (*due)->request = g_steal_pointer (&request);
  return TRUE;
}

/* As reprise_scheduler_check(), and writes nothing. */
gboolean
reprise_scheduler_peek (RepriseHistory *history,
                        RepriseService *service,
                        RepriseRoutine routine,
                        GDateTime *now,
                        GTimeZone *zone,
                        RepriseDue **due,
                        GError **error)
{
  g_autofree char *key = dup_key (service, routine);
  g_autoptr (GDateTime) mark = NULL;

  *due = NULL;
  if (reprise_scheduler_is_paused (service))
    return TRUE;
  return reprise_history_get_mark (history, key, &mark, error) &&
         (mark == NULL ||
          reprise_scheduler_check (history, service, routine, now, zone, due, error));
}

/* Whether a backup that has begun then and still runs has outlasted the time until the next one. */
gboolean
reprise_scheduler_is_due_meanwhile (RepriseService *service,
                                    GDateTime *begun,
                                    GDateTime *now,
                                    GTimeZone *zone)
{
  g_autoptr (RepriseSchedule) schedule =
    reprise_scheduler_get_schedule (service, REPRISE_ROUTINE_BACK_UP, NULL);
  g_autoptr (GDateTime) due = NULL;

  if (schedule == NULL || reprise_scheduler_is_paused (service))
    return FALSE;
  due = reprise_schedule_get_last_due (schedule, begun, now, zone);
  return due != NULL;
}

/* (nullable): the journal of a job that was cut off, where the service goes on with it; or the record of a rehearsal that was, where it
 * left something. %NULL without @error where there is nothing */
static RepriseJournal *
open_left (RepriseService *service, RepriseKind *kind, RepriseRoutine routine, GError **error)
{
  const char *uuid = reprise_service_get_uuid (service);
  g_autoptr (RepriseJournal) left = routine == REPRISE_ROUTINE_FOLLOW
                                      ? reprise_journal_open_left (uuid, error)
                                      : reprise_scratch_open_left (uuid, error);
  g_auto (GStrv) names = NULL;

  if (left == NULL)
    return NULL;
  if (routine == REPRISE_ROUTINE_FOLLOW)
    return reprise_kind_can_follow (kind, left) ? g_steal_pointer (&left) : NULL;
  names = reprise_scratch_list (left);
  return names[0] != NULL ? g_steal_pointer (&left) : NULL;
}

static gboolean
check_left (RepriseHistory *history,
            RepriseService *service,
            RepriseKind *kind,
            RepriseRoutine routine,
            RepriseDue **due,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseJournal) left = open_left (service, kind, routine, &local);
  g_autofree char *key = dup_key (service, routine);
  g_autoptr (GDateTime) mark = NULL;
  g_autoptr (GDateTime) at = NULL;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (left == NULL)
    return TRUE;
  if (!reprise_history_get_mark (history, key, &mark, error))
    return FALSE;
  at = reprise_journal_dup_time (left);
  if (mark != NULL && g_date_time_compare (mark, at) >= 0)
    return TRUE; /* that one was given up */
  *due = g_new0 (RepriseDue, 1);
  (*due)->service = g_object_ref (service);
  (*due)->routine = routine;
  (*due)->at = g_steal_pointer (&at);
  (*due)->request = reprise_scheduler_make_request (service, routine, error);
  return TRUE;
}

/**
 * reprise_scheduler_check_left:
 * @due: (out) (nullable) (transfer full): what is to be followed, or cleaned up, or %NULL where there is nothing
 *
 * Whether a job was cut off whose work the service goes on with, or a rehearsal that left its scratch place. It was asked for once, and
 * belongs to no schedule: it is due even where those are paused. What is followed goes first; where that was given up, the other is due
 * all the same.
 */
gboolean
reprise_scheduler_check_left (RepriseHistory *history,
                              RepriseService *service,
                              RepriseKind *kind,
                              RepriseDue **due,
                              GError **error)
{
  *due = NULL;
  if (reprise_lock_get_holder (reprise_service_get_uuid (service), NULL, NULL, NULL, NULL))
    return TRUE;
  return check_left (history, service, kind, REPRISE_ROUTINE_FOLLOW, due, error) &&
         (*due != NULL ||
          check_left (history, service, kind, REPRISE_ROUTINE_CLEAN_UP, due, error));
}

/* (transfer full): under which is kept until when a routine that is due has to wait */
static char *
dup_hold_key (RepriseService *service, RepriseRoutine routine)
{
  return g_strdup_printf ("hold:%s:%s", reprise_service_get_uuid (service), ROUTINES[routine].id);
}

/* The schedule is dealt with up to that moment: the job has run, however it ended, or the schedule is new. */
gboolean
reprise_scheduler_settle (RepriseHistory *history,
                          RepriseService *service,
                          RepriseRoutine routine,
                          GDateTime *at,
                          GError **error)
{
  g_autofree char *key = dup_key (service, routine);
  g_autofree char *hold = dup_hold_key (service, routine);

  return reprise_history_set_mark (history, key, at, error) &&
         reprise_history_set_note (history, hold, NULL, error);
}

/* The schedules were changed: all of them begin now. */
gboolean
reprise_scheduler_settle_all (RepriseHistory *history,
                              RepriseService *service,
                              GDateTime *now,
                              GError **error)
{
  for (guint i = 0; i < REPRISE_N_ROUTINES; i++)
    if (!reprise_scheduler_settle (history, service, (RepriseRoutine) i, now, error))
      return FALSE;
  return TRUE;
}

/* “2 2026-11-21T02:00:00.000Z”: how often it was tried, and until when it waits */
static gboolean
read_hold (const char *text, guint *n_tries, GDateTime **until)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", " ", 2);
  guint64 n = 0;

  if (g_strv_length (parts) != 2 ||
      !g_ascii_string_to_unsigned (parts[0], 10, 0, N_RETRIES, &n, NULL))
    return FALSE;
  *n_tries = (guint) n;
  *until = reprise_time_from_string (parts[1]);
  return *until != NULL;
}

static gboolean
hold (RepriseHistory *history,
      const RepriseDue *due,
      guint n_tries,
      GDateTime *now,
      GTimeSpan span,
      GError **error)
{
  g_autofree char *key = dup_hold_key (due->service, due->routine);
  g_autoptr (GDateTime) until = g_date_time_add (now, span);
  g_autofree char *time = reprise_time_to_string (until);
  g_autofree char *text = g_strdup_printf ("%u %s", n_tries, time);

  return reprise_history_set_note (history, key, text, error);
}

/* Whether what went wrong may pass by itself within the hour. */
static gboolean
may_pass (const GError *failure)
{
  return g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE) ||
         g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_STALLED);
}

/* (transfer full) (nullable): the record of what a clean-up could not remove */
static RepriseJournal *
open_rest (const RepriseDue *due)
{
  g_autoptr (RepriseJournal) record =
    due->routine == REPRISE_ROUTINE_CLEAN_UP
      ? reprise_scratch_open_left (reprise_service_get_uuid (due->service), NULL)
      : NULL;
  g_auto (GStrv) names = record != NULL ? reprise_scratch_list (record) : NULL;

  return names != NULL && names[0] != NULL ? g_steal_pointer (&record) : NULL;
}

/**
 * reprise_scheduler_end:
 * @now: when it ended
 * @failure: (nullable): why it failed
 *
 * A job that was due has ended. It is dealt with, unless it could not even begin because somebody else works on the service or the
 * keyring is locked, or the service could not be reached: then it stays due, and waits a while. What cannot be reached is tried four
 * times in all, and so is what a clean-up could not remove yet.
 *
 * Returns: whether that is written down
 */
gboolean
reprise_scheduler_end (RepriseHistory *history,
                       const RepriseDue *due,
                       GDateTime *now,
                       const GError *failure,
                       GError **error)
{
  g_autofree char *key = dup_hold_key (due->service, due->routine);
  g_autofree char *text = NULL;
  g_autoptr (GDateTime) until = NULL;
  g_autoptr (RepriseJournal) rest = open_rest (due);
  g_autoptr (GDateTime) end = NULL;
  GTimeSpan span = RETRY_US;
  guint n_tries = 0;

  if (!reprise_history_get_note (history, key, &text, error))
    return FALSE;
  read_hold (text, &n_tries, &until);
  if (g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_BUSY))
    return hold (history, due, n_tries, now, HELD_US, error);
  if (g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_KEYRING))
    return hold (history, due, n_tries, now, LOCKED_US, error);
  if (failure == NULL && rest != NULL && n_tries < N_RETRIES)
    return hold (history, due, n_tries + 1, now, BUSY_US, error);
  if (!may_pass (failure) || n_tries >= N_RETRIES)
    {
      /* what a clean-up wrote into the record that it could not empty is no news */
      end = rest != NULL ? reprise_journal_dup_time (rest) : g_date_time_ref (due->at);
      return reprise_scheduler_settle (history, due->service, due->routine, end, error);
    }
  for (guint i = 0; i < n_tries; i++)
    span *= 3;
  return hold (history, due, n_tries + 1, now, span, error);
}

/**
 * reprise_scheduler_get_hold:
 * @until: (out) (nullable) (transfer full): until when it waits after a failure; %NULL where it does not
 *
 * A wait of the far future was set by a clock that was wrong, and does not count.
 */
gboolean
reprise_scheduler_get_hold (RepriseHistory *history,
                            const RepriseDue *due,
                            GDateTime *now,
                            GDateTime **until,
                            GError **error)
{
  g_autofree char *key = dup_hold_key (due->service, due->routine);
  g_autofree char *text = NULL;
  g_autoptr (GDateTime) held = NULL;
  guint n_tries = 0;
  GTimeSpan left;

  *until = NULL;
  if (!reprise_history_get_note (history, key, &text, error))
    return FALSE;
  if (!read_hold (text, &n_tries, &held))
    return TRUE;
  left = g_date_time_difference (held, now);
  if (left > 0 && left <= RETRY_US * 9)
    *until = g_steal_pointer (&held);
  return TRUE;
}

/* @held: (out): whether it waits after a failure, and is not to be tried yet */
gboolean
reprise_scheduler_is_held (RepriseHistory *history,
                           const RepriseDue *due,
                           GDateTime *now,
                           gboolean *held,
                           GError **error)
{
  g_autoptr (GDateTime) until = NULL;
  gboolean ok = reprise_scheduler_get_hold (history, due, now, &until, error);

  *held = until != NULL;
  return ok;
}
