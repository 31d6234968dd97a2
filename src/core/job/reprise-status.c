/* reprise-status.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-time.h"
#include "job/reprise-status.h"

G_DEFINE_BOXED_TYPE (RepriseStatus, reprise_status, reprise_status_copy, reprise_status_free)

/* The words of each state: name for scripts, icon, what helps, and whether somebody should look. */
static const struct
{
  const char *id;
  const char *icon_name;
  RepriseStatusAction action;
  gboolean needs_attention;
} STATES[REPRISE_N_STATUS_STATES] = {
  [REPRISE_STATUS_UNKNOWN] = { "unknown", "reprise-server-symbolic", REPRISE_STATUS_DO_NOTHING,
                               FALSE },
  [REPRISE_STATUS_NEVER] = { "never", "reprise-backup-symbolic", REPRISE_STATUS_DO_BACK_UP, FALSE },
  [REPRISE_STATUS_UP_TO_DATE] = { "up-to-date", "reprise-success-symbolic",
                                  REPRISE_STATUS_DO_NOTHING, FALSE },
  [REPRISE_STATUS_RUNNING] = { "running", "reprise-jobs-symbolic", REPRISE_STATUS_DO_SHOW_JOB,
                               FALSE },
  [REPRISE_STATUS_STALLED] = { "stalled", "reprise-stalled-symbolic", REPRISE_STATUS_DO_SHOW_JOB,
                               TRUE },
  [REPRISE_STATUS_ASKING] = { "asking", "reprise-warning-symbolic", REPRISE_STATUS_DO_ANSWER,
                              TRUE },
  [REPRISE_STATUS_WARNINGS] = { "warnings", "reprise-warning-symbolic",
                                REPRISE_STATUS_DO_SHOW_HISTORY, TRUE },
  [REPRISE_STATUS_FAILED] = { "failed", "reprise-failed-symbolic", REPRISE_STATUS_DO_SHOW_HISTORY,
                              TRUE },
  [REPRISE_STATUS_OVERDUE] = { "overdue", "reprise-warning-symbolic", REPRISE_STATUS_DO_BACK_UP,
                               TRUE },
  [REPRISE_STATUS_UNREACHABLE] = { "unreachable", "reprise-unreachable-symbolic",
                                   REPRISE_STATUS_DO_RETRY, TRUE },
  [REPRISE_STATUS_SIGN_IN] = { "needs-sign-in", "reprise-key-symbolic", REPRISE_STATUS_DO_EDIT,
                               TRUE },
  [REPRISE_STATUS_KEYRING] = { "keyring-locked", "reprise-key-symbolic", REPRISE_STATUS_DO_RETRY,
                               TRUE },
  [REPRISE_STATUS_PAUSED] = { "paused", "reprise-pause-symbolic", REPRISE_STATUS_DO_NOTHING,
                              FALSE },
};

/* (transfer none): the name for scripts, an interface: “up-to-date” */
const char *
reprise_status_state_to_string (RepriseStatusState state)
{
  g_return_val_if_fail (state < REPRISE_N_STATUS_STATES, NULL);

  return STATES[state].id;
}

/* (transfer none) (nullable): what is written on its button; %NULL for none */
const char *
reprise_status_action_get_label (RepriseStatusAction action)
{
  switch (action)
    {
    case REPRISE_STATUS_DO_BACK_UP:
      return _ ("Back Up Now…");
    case REPRISE_STATUS_DO_SHOW_JOB:
      return _ ("Details");
    case REPRISE_STATUS_DO_ANSWER:
      return _ ("Answer…");
    case REPRISE_STATUS_DO_SHOW_HISTORY:
      return _ ("Show History");
    case REPRISE_STATUS_DO_EDIT:
      return _ ("Edit Connection…");
    case REPRISE_STATUS_DO_RETRY:
      return _ ("Try Again");
    case REPRISE_STATUS_DO_NOTHING:
    default:
      return NULL;
    }
}

/* What a failed run of a kind is called, and the line for lists; the other kinds say nothing about the backups. */
typedef struct
{
  const char *title;
  const char *line;
} FailureText;

static const FailureText FAILURES[REPRISE_N_JOB_KINDS] = {
  /* Translators: a state of a service, in header capitals; the line below it goes on with how long ago: “Backup failed 2 hours ago” */
  [REPRISE_JOB_BACK_UP] = { N_ ("Last Backup Failed"), N_ ("Backup failed %s") },
  [REPRISE_JOB_VERIFY] = { N_ ("Verification Failed"), N_ ("Verification failed %s") },
  [REPRISE_JOB_RESTORE] = { N_ ("Last Restore Failed"), N_ ("Restore failed %s") },
  [REPRISE_JOB_UNDO] = { N_ ("Undo Failed"), N_ ("Undo failed %s") },
  [REPRISE_JOB_REHEARSE] = { N_ ("Rehearsal Failed"), N_ ("Rehearsal failed %s") },
  [REPRISE_JOB_FOLLOW] = { N_ ("Interrupted Job Failed"), N_ ("Interrupted job failed %s") },
  [REPRISE_JOB_REPORTS] = { N_ ("Reports Not Fetched"), N_ ("Fetching reports failed %s") },
};

/* --- what a job that only cleaned up has come to --- */

/* (transfer full): as base/reprise-saying.h has it */
char *
reprise_status_say_cleaned (void)
{
  return reprise_say ("What a rehearsal that was cut off left is removed");
}

/* (transfer full): likewise, where the service is still at work on it */
char *
reprise_status_say_not_cleaned (void)
{
  return reprise_say ("What a rehearsal that was cut off left cannot be removed yet, and is tried "
                      "again");
}

/* Whether that is all that a job has come to. @said: (nullable): of its run */
gboolean
reprise_status_is_of_cleaning (const char *said)
{
  g_autofree char *removed = reprise_status_say_cleaned ();
  g_autofree char *busy = reprise_status_say_not_cleaned ();

  return g_strcmp0 (said, removed) == 0 || g_strcmp0 (said, busy) == 0;
}

/* --- what is wrong --- */

/* Whether a later success of @after makes up for a failure of @failed. A failed backup is only made good by a backup, and a rehearsal,
 * which is about whether backups can be restored at all, only by one. What only removed scratch things has restored nothing. */
static gboolean
makes_good (RepriseRun *run, RepriseJobKind failed)
{
  RepriseJobKind after = reprise_run_get_kind (run);

  if (after == failed || (after == REPRISE_JOB_BACK_UP && failed != REPRISE_JOB_REHEARSE))
    return TRUE;
  if (after == REPRISE_JOB_FOLLOW && reprise_status_is_of_cleaning (reprise_run_get_said (run)))
    return FALSE;
  return (after == REPRISE_JOB_UNDO || after == REPRISE_JOB_RESTORE ||
          after == REPRISE_JOB_FOLLOW) &&
         (failed == REPRISE_JOB_RESTORE || failed == REPRISE_JOB_UNDO ||
          failed == REPRISE_JOB_FOLLOW);
}

static gboolean
is_success (RepriseRun *run)
{
  return reprise_run_get_state (run) == REPRISE_JOB_DONE ||
         reprise_run_get_state (run) == REPRISE_JOB_WARNINGS;
}

static gboolean
ended_after (RepriseRun *run, RepriseRun *other)
{
  GDateTime *end = reprise_run_get_finished_at (run);
  GDateTime *other_end = reprise_run_get_finished_at (other);

  return end != NULL && other_end != NULL && g_date_time_compare (end, other_end) > 0;
}

/* What ran while the clock was ahead would be the newest for as long as it was, and hide what fails today. */
static gboolean
is_of_future (const RepriseStatusFacts *facts, RepriseRun *run)
{
  GDateTime *end = reprise_run_get_finished_at (run);

  return end != NULL && reprise_time_is_ahead (end, facts->now);
}

/* By one that began later, or one that ended later: what lost against a backup that was under way is made good by that. */
static gboolean
is_made_good (const RepriseStatusFacts *facts, guint failed)
{
  for (guint i = 0; i < facts->n_runs; i++)
    if (is_success (facts->runs[i]) && !is_of_future (facts, facts->runs[i]) &&
        makes_good (facts->runs[i], reprise_run_get_kind (facts->runs[failed])) &&
        (i < failed || ended_after (facts->runs[i], facts->runs[failed])))
      return TRUE;
  return FALSE;
}

/* (transfer none) (nullable): the newest failure that nothing later has made good */
RepriseRun *
reprise_status_find_failure (const RepriseStatusFacts *facts)
{
  for (guint i = 0; i < facts->n_runs; i++)
    if (reprise_run_get_state (facts->runs[i]) == REPRISE_JOB_FAILED &&
        FAILURES[reprise_run_get_kind (facts->runs[i])].title != NULL && !is_made_good (facts, i))
      return facts->runs[i];
  return NULL;
}

/* (nullable): the newest backup, if it ended with warnings */
static RepriseRun *
find_warnings (const RepriseStatusFacts *facts)
{
  for (guint i = 0; i < facts->n_runs; i++)
    if (reprise_run_get_kind (facts->runs[i]) == REPRISE_JOB_BACK_UP && is_success (facts->runs[i]))
      return reprise_run_get_state (facts->runs[i]) == REPRISE_JOB_WARNINGS ? facts->runs[i] : NULL;
  return NULL;
}

static gint64
days_since (GDateTime *time, GDateTime *now)
{
  return g_date_time_difference (now, time) / G_TIME_SPAN_DAY;
}

static RepriseStatus *
status_new (RepriseStatusState state, const char *title, char *subtitle, char *line)
{
  RepriseStatus *self = g_new0 (RepriseStatus, 1);

  self->state = state;
  self->title = g_strdup (title);
  self->subtitle = subtitle;
  self->line = line;
  self->icon_name = STATES[state].icon_name;
  self->action = STATES[state].action;
  self->needs_attention = STATES[state].needs_attention;
  return self;
}

/* (transfer full): how long ago, as a sentence begins: “Just now” */
static char *
begin_with_ago (GDateTime *time, GDateTime *now)
{
  g_autofree char *ago = reprise_time_to_ago (time, now);
  g_autofree char *first = g_utf8_substring (ago, 0, 1);
  g_autofree char *upper = g_utf8_strup (first, -1);

  return g_strconcat (upper, g_utf8_next_char (ago), NULL);
}

/* (transfer full): “2 hours ago · 184 MB · 5 groups”, as far as is known */
static char *
describe_last (const RepriseStatusFacts *facts)
{
  g_autofree char *ago = begin_with_ago (facts->last_at, facts->now);
  g_autoptr (GString) text = g_string_new (ago);

  if (facts->last_size_bytes >= 0)
    {
      g_autofree char *size = g_format_size ((guint64) facts->last_size_bytes);

      g_string_append_printf (text, " · %s", size);
    }
  if (facts->last_n_groups > 0)
    {
      g_autofree char *groups = g_strdup_printf (
        ngettext ("%u group", "%u groups", facts->last_n_groups), facts->last_n_groups);

      g_string_append_printf (text, " · %s", groups);
    }
  if (facts->last_seen_at != NULL)
    {
      g_autofree char *seen = reprise_time_to_text (facts->last_seen_at);
      /* Translators: of a backup: it lies on the service, which was last asked on that date with time */
      g_autofree char *where = g_strdup_printf (_ ("on the service, as of %s"), seen);

      g_string_append_printf (text, " · %s", where);
    }
  if (facts->ahead_at != NULL)
    {
      g_autofree char *date = reprise_time_to_text (facts->ahead_at);
      /* Translators: of another backup, made while a clock was wrong; a date with time */
      g_autofree char *ahead = g_strdup_printf (_ ("another one is dated ahead: %s"), date);

      g_string_append_printf (text, " · %s", ahead);
    }
  return g_strdup (text->str);
}

static RepriseStatus *
status_of_job (const RepriseStatusFacts *facts)
{
  RepriseJobKind kind = reprise_job_get_kind (facts->job);
  double fraction = reprise_job_get_fraction (facts->job);
  const char *status = reprise_job_get_status (facts->job);
  const char *title = reprise_job_get_title (facts->job);
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  char *line;

  if (reprise_job_get_question (facts->job) != NULL)
    return status_new (REPRISE_STATUS_ASKING, _ ("Waiting for Your Answer"),
                       g_strdup (reprise_job_get_question (facts->job)->title),
                       g_strdup (_ ("Waiting for your answer")));
  reprise_job_get_snapshot (facts->job, &snapshot);
  if (snapshot.idle_seconds >= REPRISE_STATUS_STALLED_SECONDS)
    return status_new (REPRISE_STATUS_STALLED, title, g_strdup (status),
                       g_strdup (_ ("Running, but nothing moves")));
  if (fraction >= 0)
    /* Translators: what a job does, and a percentage: “Reading data · 42 %” */
    line = g_strdup_printf (_ ("%s · %d %%"), reprise_job_text_phase (kind, snapshot.phase),
                            (int) (fraction * 100));
  else
    line = g_strdup (reprise_job_text_phase (kind, snapshot.phase));
  return status_new (REPRISE_STATUS_RUNNING, title, g_strdup (status), line);
}

/* (nullable): what keeps us from the service, by the code of the error */
static RepriseStatus *
status_of_reach (const GError *reach)
{
  if (reach == NULL || reach->domain != REPRISE_ERROR)
    return NULL;
  switch ((RepriseError) reach->code)
    {
    case REPRISE_ERROR_KEYRING:
      return status_new (REPRISE_STATUS_KEYRING, _ ("Keyring Cannot Be Read"),
                         g_strdup (reach->message), g_strdup (_ ("Keyring cannot be read")));
    case REPRISE_ERROR_NEEDS_SIGN_IN:
      return status_new (REPRISE_STATUS_SIGN_IN, _ ("Sign-In Needed"), g_strdup (reach->message),
                         g_strdup (_ ("Sign-in needed")));
    case REPRISE_ERROR_UNREACHABLE:
    case REPRISE_ERROR_STALLED:
    case REPRISE_ERROR_BROKEN:
      return status_new (REPRISE_STATUS_UNREACHABLE, _ ("Service Cannot Be Reached"),
                         g_strdup (reach->message), g_strdup (_ ("Cannot be reached")));
    case REPRISE_ERROR_NOT_FOUND: /* whoever was asked answers, and does not have it */
      return status_new (REPRISE_STATUS_UNREACHABLE, _ ("Service Not Found"),
                         g_strdup (reach->message), g_strdup (_ ("Not found")));
    case REPRISE_ERROR_FAILED:
    case REPRISE_ERROR_INVALID:
    case REPRISE_ERROR_NOT_SUPPORTED:
    case REPRISE_ERROR_EXISTS:
    case REPRISE_ERROR_NEEDS_PASSWORD:
    case REPRISE_ERROR_DENIED:
    case REPRISE_ERROR_BUSY:
    case REPRISE_ERROR_REFUSED:
    case REPRISE_ERROR_DAMAGED:
    case REPRISE_ERROR_LIMIT:
    case REPRISE_ERROR_PROTOCOL:
    default:
      return NULL;
    }
}

static RepriseStatus *
status_of_failure (const RepriseStatusFacts *facts, RepriseRun *run)
{
  const FailureText *text = &FAILURES[reprise_run_get_kind (run)];
  g_autofree char *ago = reprise_time_to_ago (reprise_run_get_finished_at (run), facts->now);
  g_autofree char *begins = begin_with_ago (reprise_run_get_finished_at (run), facts->now);
  char *subtitle = reprise_run_get_error (run) != NULL
                     ? g_strdup_printf ("%s · %s", begins, reprise_run_get_error (run))
                     : g_strdup (begins);
  char *line;

  if (reprise_run_get_needs_person (run))
    return status_new (REPRISE_STATUS_SIGN_IN, _ ("Sign-In Needed"), subtitle,
                       g_strdup (_ ("Sign-in needed")));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  line = g_strdup_printf (_ (text->line), ago);
#pragma GCC diagnostic pop
  return status_new (REPRISE_STATUS_FAILED, _ (text->title), subtitle, line);
}

/* Without its vault, what was once well says nothing. */
static RepriseStatus *
status_of_vault (const RepriseStatusFacts *facts)
{
  RepriseStatus *self =
    status_new (REPRISE_STATUS_UNREACHABLE, _ ("Vault Is Not There"), g_strdup (facts->vault_error),
                g_strdup (_ ("Vault is not there")));

  self->action = REPRISE_STATUS_DO_NOTHING;
  return self;
}

static gboolean
is_overdue (const RepriseStatusFacts *facts)
{
  return facts->last_at != NULL && facts->overdue_days > 0 &&
         days_since (facts->last_at, facts->now) >= facts->overdue_days;
}

/* (nullable): an access that has ended, or soon will, keeps the next backup from being made, and old ones from being deleted */
static RepriseStatus *
status_of_access (const RepriseStatusFacts *facts)
{
  g_autoptr (GDateTime) soon = g_date_time_add_days (facts->now, REPRISE_STATUS_ACCESS_DAYS);
  g_autofree char *date = NULL;
  gboolean over;
  RepriseStatus *self;

  if (facts->access_end == NULL || g_date_time_compare (facts->access_end, soon) > 0)
    return NULL;
  date = reprise_time_to_text (facts->access_end);
  over = g_date_time_compare (facts->access_end, facts->now) <= 0;
  self = status_new (
    REPRISE_STATUS_WARNINGS, over ? _ ("Access Has Ended") : _ ("Access Ends Soon"),
    g_strdup_printf (
      /* Translators: a date with time; the names of commands stay as they are */
      over ? _ ("The access to its storage ended on %s. Give it a new one (reprise service "
                "sign-in), and then its backups, too (reprise service renew)")
           /* Translators: a date with time; the names of commands stay as they are */
           : _ ("The access to its storage ends on %s. Give it a new one (reprise service "
                "sign-in), and then its backups, too (reprise service renew)"),
      date),
    g_strdup (over ? _ ("Access has ended") : _ ("Access ends soon")));
  self->action = REPRISE_STATUS_DO_EDIT;
  return self;
}

static RepriseStatus *
status_of_damage (const RepriseStatusFacts *facts)
{
  RepriseStatus *self =
    status_new (REPRISE_STATUS_FAILED, _ ("Last Backup Is Damaged"), g_strdup (facts->last_damage),
                g_strdup (_ ("Last backup is damaged")));

  self->action = REPRISE_STATUS_DO_BACK_UP;
  return self;
}

/* All backups are dated ahead: how old the last one is nobody can say, so that it may well be overdue. */
static RepriseStatus *
status_of_ahead (const RepriseStatusFacts *facts)
{
  g_autofree char *last = describe_last (facts);
  g_autofree char *date = reprise_time_to_text (facts->last_at);
  RepriseStatus *self = status_new (
    facts->overdue_days > 0 ? REPRISE_STATUS_OVERDUE : REPRISE_STATUS_WARNINGS,
    _ ("Last Backup Is Dated Ahead"),
    /* Translators: a date with time, and more about a backup */
    g_strdup_printf (_ ("%s. A clock was wrong then, or is now: its age is not known"), last),
    /* Translators: of a backup; a date with time */
    g_strdup_printf (_ ("Dated ahead: %s"), date));

  self->action = REPRISE_STATUS_DO_BACK_UP;
  return self;
}

/* The service has a backup, and nothing is wrong but perhaps its age. */
static RepriseStatus *
status_of_last (const RepriseStatusFacts *facts)
{
  RepriseRun *warned = find_warnings (facts);
  gint64 days = days_since (facts->last_at, facts->now);
  g_autofree char *ago = reprise_time_to_ago (facts->last_at, facts->now);
  /* Translators: how long ago follows: “Backed up 2 hours ago” */
  g_autofree char *line = g_strdup_printf (_ ("Backed up %s"), ago);
  RepriseStatus *self;

  if (facts->overdue_days > 0 && days >= facts->overdue_days)
    return status_new (
      REPRISE_STATUS_OVERDUE, _ ("Backup Overdue"), describe_last (facts),
      g_strdup_printf (ngettext ("No backup for %d day", "No backup for %d days", (gulong) days),
                       (int) days));
  if (warned != NULL)
    return status_new (REPRISE_STATUS_WARNINGS, _ ("Last Backup Has Warnings"),
                       describe_last (facts),
                       g_strdup_printf (_ ("Backed up %s, with warnings"), ago));
  if (facts->paused)
    return status_new (REPRISE_STATUS_PAUSED, _ ("Schedule Paused"), describe_last (facts),
                       g_steal_pointer (&line));
  self = status_new (REPRISE_STATUS_UP_TO_DATE, _ ("Last Backup Successful"), describe_last (facts),
                     g_steal_pointer (&line));
  if (facts->last_verified_at == NULL && days >= 1) /* old, and never read back: not called good */
    self->icon_name = "reprise-backup-symbolic";
  return self;
}

/**
 * reprise_status_new:
 *
 * The status of one service, the same for the window, the command line, notifications and the bus. What is running comes first,
 * then what is in the way of the next backup, then how the last one is.
 *
 * Returns: (transfer full): the status
 */
RepriseStatus *
reprise_status_new (const RepriseStatusFacts *facts)
{
  RepriseRun *failure;
  RepriseStatus *self;

  g_return_val_if_fail (facts->now != NULL, NULL);

  if (facts->job != NULL && reprise_job_is_active (facts->job))
    return status_of_job (facts);
  if (facts->vault_error != NULL)
    return status_of_vault (facts);
  self = status_of_reach (facts->reach);
  if (self != NULL)
    return self;
  if (!facts->known)
    return status_new (REPRISE_STATUS_UNKNOWN, _ ("Reading Backups…"), g_strdup (""),
                       g_strdup (""));
  if (facts->last_damage != NULL)
    return status_of_damage (facts);
  failure = reprise_status_find_failure (facts);
  if (failure != NULL)
    return status_of_failure (facts, failure);
  self = is_overdue (facts) ? NULL : status_of_access (facts);
  if (self != NULL)
    return self;
  if (facts->last_at != NULL && reprise_time_is_ahead (facts->last_at, facts->now))
    return status_of_ahead (facts);
  if (facts->last_at != NULL)
    return status_of_last (facts);
  return status_new (REPRISE_STATUS_NEVER, _ ("Backup Never Run"),
                     g_strdup (_ ("Begin by carrying out your first backup")),
                     g_strdup (_ ("Never backed up")));
}

RepriseStatus *
reprise_status_copy (const RepriseStatus *self)
{
  RepriseStatus *copy = g_new (RepriseStatus, 1);

  *copy = *self;
  copy->title = g_strdup (self->title);
  copy->subtitle = g_strdup (self->subtitle);
  copy->line = g_strdup (self->line);
  return copy;
}

void
reprise_status_free (RepriseStatus *self)
{
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->line);
  g_free (self);
}
