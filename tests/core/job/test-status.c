/* test-status.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "job/reprise-status.h"
#include "reprise-test.h"

/* A job in a state that the test chooses. */
#define TEST_TYPE_JOB (test_job_get_type ())

G_DECLARE_FINAL_TYPE (TestJob, test_job, TEST, JOB, RepriseJob)

struct _TestJob
{
  RepriseJob parent_instance;
};

G_DEFINE_FINAL_TYPE (TestJob, test_job, REPRISE_TYPE_JOB)

static void
test_job_class_init (TestJobClass *klass)
{
}

static void
test_job_init (TestJob *self)
{
}

#define HOURS(n) ((n) *60)
#define DAYS(n)  ((n) *24 * 60)
#define NO       -1

/* One line of the table: what is so, and what is to be said of it. Times are minutes before now. */
typedef struct
{
  const char *name;
  gboolean unknown;
  int last;     /* the newest backup */
  int verified; /* the newest backup */
  const char *damage;
  struct
  {
    RepriseJobKind kind;
    RepriseJobState state;
  } runs[4];
  int run_ages[4];
  int reach; /* a RepriseError, or NO */
  guint overdue_days;
  gboolean paused;

  RepriseStatusState state;
  const char *title;
  const char *line;
  RepriseStatusAction action;
  gboolean needs_attention;
  const char *icon_name;
} Case;

#define RUN(k, s)                    \
  {                                  \
    REPRISE_JOB_##k, REPRISE_JOB_##s \
  }

static const Case CASES[] = {
  { "unknown", TRUE, NO, NO, NULL, .reach = NO, .state = REPRISE_STATUS_UNKNOWN,
    .title = "Reading Backups…", .line = "", .icon_name = "reprise-server-symbolic" },
  { "never", FALSE, NO, NO, NULL, .reach = NO, .state = REPRISE_STATUS_NEVER,
    .title = "Backup Never Run", .line = "Never backed up", .action = REPRISE_STATUS_DO_BACK_UP,
    .icon_name = "reprise-backup-symbolic" },
  { "up-to-date", FALSE, HOURS (2), HOURS (2), NULL, .reach = NO,
    .state = REPRISE_STATUS_UP_TO_DATE, .title = "Last Backup Successful",
    .line = "Backed up 2 hours ago", .icon_name = "reprise-success-symbolic" },
  { "young-and-not-verified", FALSE, HOURS (2), NO, NULL, .reach = NO,
    .state = REPRISE_STATUS_UP_TO_DATE, .title = "Last Backup Successful",
    .line = "Backed up 2 hours ago", .icon_name = "reprise-success-symbolic" },
  { "old-and-not-verified-is-not-green", FALSE, DAYS (2), NO, NULL, .reach = NO,
    .state = REPRISE_STATUS_UP_TO_DATE, .title = "Last Backup Successful",
    .line = "Backed up 2 days ago", .icon_name = "reprise-backup-symbolic" },
  { "overdue", FALSE, DAYS (9), DAYS (9), NULL, .reach = NO, .overdue_days = 7,
    .state = REPRISE_STATUS_OVERDUE, .title = "Backup Overdue", .line = "No backup for 9 days",
    .action = REPRISE_STATUS_DO_BACK_UP, .needs_attention = TRUE,
    .icon_name = "reprise-warning-symbolic" },
  { "clock-a-little-wrong", FALSE, -30, NO, NULL, .reach = NO, .overdue_days = 7,
    .state = REPRISE_STATUS_UP_TO_DATE, .title = "Last Backup Successful",
    .line = "Backed up just now", .icon_name = "reprise-success-symbolic" },
  { "never-overdue", FALSE, DAYS (9), DAYS (9), NULL, .reach = NO,
    .state = REPRISE_STATUS_UP_TO_DATE, .title = "Last Backup Successful",
    .line = "Backed up 9 days ago", .icon_name = "reprise-success-symbolic" },
  { "warnings",
    FALSE,
    HOURS (1),
    HOURS (1),
    NULL,
    { RUN (BACK_UP, WARNINGS) },
    { HOURS (1) },
    NO,
    .state = REPRISE_STATUS_WARNINGS,
    .title = "Last Backup Has Warnings",
    .line = "Backed up 1 hour ago, with warnings",
    .action = REPRISE_STATUS_DO_SHOW_HISTORY,
    .needs_attention = TRUE,
    .icon_name = "reprise-warning-symbolic" },
  { "warnings-of-an-earlier-one",
    FALSE,
    HOURS (1),
    HOURS (1),
    NULL,
    { RUN (BACK_UP, DONE), RUN (BACK_UP, WARNINGS) },
    { HOURS (1), HOURS (2) },
    NO,
    .state = REPRISE_STATUS_UP_TO_DATE,
    .title = "Last Backup Successful",
    .line = "Backed up 1 hour ago",
    .icon_name = "reprise-success-symbolic" },
  { "failed",
    FALSE,
    DAYS (2),
    DAYS (2),
    NULL,
    { RUN (BACK_UP, FAILED), RUN (BACK_UP, DONE) },
    { HOURS (3), DAYS (2) },
    NO,
    .state = REPRISE_STATUS_FAILED,
    .title = "Last Backup Failed",
    .line = "Backup failed 3 hours ago",
    .action = REPRISE_STATUS_DO_SHOW_HISTORY,
    .needs_attention = TRUE,
    .icon_name = "reprise-failed-symbolic" },
  { "failed-first",
    FALSE,
    NO,
    NO,
    NULL,
    { RUN (BACK_UP, FAILED) },
    { HOURS (3) },
    NO,
    .state = REPRISE_STATUS_FAILED,
    .title = "Last Backup Failed",
    .line = "Backup failed 3 hours ago",
    .action = REPRISE_STATUS_DO_SHOW_HISTORY,
    .needs_attention = TRUE,
    .icon_name = "reprise-failed-symbolic" },
  { "failed-then-verified",
    FALSE,
    DAYS (2),
    HOURS (1),
    NULL,
    { RUN (VERIFY, DONE), RUN (BACK_UP, FAILED) },
    { HOURS (1), HOURS (3) },
    NO,
    .state = REPRISE_STATUS_FAILED,
    .title = "Last Backup Failed",
    .line = "Backup failed 3 hours ago",
    .action = REPRISE_STATUS_DO_SHOW_HISTORY,
    .needs_attention = TRUE,
    .icon_name = "reprise-failed-symbolic" },
  { "failed-then-stopped",
    FALSE,
    DAYS (2),
    DAYS (2),
    NULL,
    { RUN (BACK_UP, STOPPED), RUN (BACK_UP, FAILED) },
    { HOURS (1), HOURS (3) },
    NO,
    .state = REPRISE_STATUS_FAILED,
    .title = "Last Backup Failed",
    .line = "Backup failed 3 hours ago",
    .action = REPRISE_STATUS_DO_SHOW_HISTORY,
    .needs_attention = TRUE,
    .icon_name = "reprise-failed-symbolic" },
  { "failed-then-done",
    FALSE,
    HOURS (1),
    HOURS (1),
    NULL,
    { RUN (BACK_UP, DONE), RUN (BACK_UP, FAILED) },
    { HOURS (1), HOURS (3) },
    NO,
    .state = REPRISE_STATUS_UP_TO_DATE,
    .title = "Last Backup Successful",
    .line = "Backed up 1 hour ago",
    .icon_name = "reprise-success-symbolic" },
  { "restore-failed",
    FALSE,
    HOURS (1),
    HOURS (1),
    NULL,
    { RUN (RESTORE, FAILED), RUN (BACK_UP, DONE) },
    { 5, HOURS (1) },
    NO,
    .state = REPRISE_STATUS_FAILED,
    .title = "Last Restore Failed",
    .line = "Restore failed 5 minutes ago",
    .action = REPRISE_STATUS_DO_SHOW_HISTORY,
    .needs_attention = TRUE,
    .icon_name = "reprise-failed-symbolic" },
  { "restore-failed-then-undone",
    FALSE,
    HOURS (1),
    HOURS (1),
    NULL,
    { RUN (UNDO, DONE), RUN (RESTORE, FAILED) },
    { 3, 5 },
    NO,
    .state = REPRISE_STATUS_UP_TO_DATE,
    .title = "Last Backup Successful",
    .line = "Backed up 1 hour ago",
    .icon_name = "reprise-success-symbolic" },
  { "upload-failed-says-nothing-of-backups",
    FALSE,
    HOURS (1),
    HOURS (1),
    NULL,
    { RUN (UPLOAD, FAILED) },
    { 5 },
    NO,
    .state = REPRISE_STATUS_UP_TO_DATE,
    .title = "Last Backup Successful",
    .line = "Backed up 1 hour ago",
    .icon_name = "reprise-success-symbolic" },
  { "failed-after-a-clock-that-was-ahead",
    FALSE,
    HOURS (1),
    HOURS (1),
    NULL,
    { RUN (BACK_UP, DONE), RUN (BACK_UP, FAILED) },
    { -DAYS (40), 5 },
    NO,
    .state = REPRISE_STATUS_FAILED,
    .title = "Last Backup Failed",
    .line = "Backup failed 5 minutes ago",
    .action = REPRISE_STATUS_DO_SHOW_HISTORY,
    .needs_attention = TRUE,
    .icon_name = "reprise-failed-symbolic" },
  { "damaged",
    FALSE,
    HOURS (1),
    NO,
    "The file data.zip is not what it was",
    { RUN (BACK_UP, DONE) },
    { HOURS (1) },
    NO,
    .state = REPRISE_STATUS_FAILED,
    .title = "Last Backup Is Damaged",
    .line = "Last backup is damaged",
    .action = REPRISE_STATUS_DO_BACK_UP,
    .needs_attention = TRUE,
    .icon_name = "reprise-failed-symbolic" },
  { "unreachable", FALSE, HOURS (1), HOURS (1), NULL, .reach = REPRISE_ERROR_UNREACHABLE,
    .state = REPRISE_STATUS_UNREACHABLE, .title = "Service Cannot Be Reached",
    .line = "Cannot be reached", .action = REPRISE_STATUS_DO_RETRY, .needs_attention = TRUE,
    .icon_name = "reprise-unreachable-symbolic" },
  { "not-found", FALSE, HOURS (1), HOURS (1), NULL, .reach = REPRISE_ERROR_NOT_FOUND,
    .state = REPRISE_STATUS_UNREACHABLE, .title = "Service Not Found", .line = "Not found",
    .action = REPRISE_STATUS_DO_RETRY, .needs_attention = TRUE,
    .icon_name = "reprise-unreachable-symbolic" },
  { "sign-in", TRUE, NO, NO, NULL, .reach = REPRISE_ERROR_NEEDS_SIGN_IN,
    .state = REPRISE_STATUS_SIGN_IN, .title = "Sign-In Needed", .line = "Sign-in needed",
    .action = REPRISE_STATUS_DO_EDIT, .needs_attention = TRUE,
    .icon_name = "reprise-key-symbolic" },
  { "keyring", FALSE, HOURS (1), HOURS (1), NULL, .reach = REPRISE_ERROR_KEYRING,
    .state = REPRISE_STATUS_KEYRING, .title = "Keyring Cannot Be Read",
    .line = "Keyring cannot be read", .action = REPRISE_STATUS_DO_RETRY, .needs_attention = TRUE,
    .icon_name = "reprise-key-symbolic" },
  { "reach-of-another-kind", FALSE, HOURS (1), HOURS (1), NULL, .reach = REPRISE_ERROR_LIMIT,
    .state = REPRISE_STATUS_UP_TO_DATE, .title = "Last Backup Successful",
    .line = "Backed up 1 hour ago", .icon_name = "reprise-success-symbolic" },
  { "paused", FALSE, HOURS (1), HOURS (1), NULL, .reach = NO, .paused = TRUE,
    .state = REPRISE_STATUS_PAUSED, .title = "Schedule Paused", .line = "Backed up 1 hour ago",
    .icon_name = "reprise-pause-symbolic" },
};

static GDateTime *
minutes_before (GDateTime *now, int minutes)
{
  return minutes == NO ? NULL : g_date_time_add_minutes (now, -minutes);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 12, 0, 0);
  g_autoptr (GDateTime) last = minutes_before (now, c->last);
  g_autoptr (GDateTime) verified = minutes_before (now, c->verified);
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) reach =
    c->reach != NO
      ? g_error_new_literal (REPRISE_ERROR, c->reach, "No answer from orders.example.com")
      : NULL;
  RepriseStatusFacts facts = { .now = now,
                               .known = !c->unknown,
                               .last_at = last,
                               .last_size_bytes = 184000000,
                               .last_n_groups = 5,
                               .last_verified_at = verified,
                               .last_damage = c->damage,

                               .reach = reach,
                               .overdue_days = c->overdue_days,
                               .paused = c->paused };
  g_autoptr (RepriseStatus) status = NULL;
  g_autoptr (RepriseStatus) copy = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (c->runs) && c->run_ages[i] != 0; i++)
    {
      g_autoptr (GDateTime) finished = minutes_before (now, c->run_ages[i]);

      g_ptr_array_add (runs, g_object_new (REPRISE_TYPE_RUN, "kind", c->runs[i].kind, "state",
                                           c->runs[i].state, "finished-at", finished, "error",
                                           "the disk is full", NULL));
    }
  facts.runs = (RepriseRun *const *) runs->pdata;
  facts.n_runs = runs->len;
  status = reprise_status_new (&facts);
  copy = reprise_status_copy (status);
  g_assert_cmpstr (reprise_status_state_to_string (copy->state), ==,
                   reprise_status_state_to_string (c->state));
  g_assert_cmpstr (copy->title, ==, c->title);
  g_assert_cmpstr (copy->line, ==, c->line);
  g_assert_cmpint (copy->action, ==, c->action);
  g_assert_cmpint (copy->needs_attention, ==, c->needs_attention);
  g_assert_cmpstr (copy->icon_name, ==, c->icon_name);
}

/* A failed restore stays one until something is restored: that scratch things were removed meanwhile says nothing of it. */
static void
test_cleaned (void)
{
  static const RepriseJobKind kinds[] = { REPRISE_JOB_FOLLOW, REPRISE_JOB_FOLLOW,
                                          REPRISE_JOB_RESTORE };
  g_autofree char *said = reprise_status_say_cleaned ();
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 12, 0, 0);
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_object_unref);
  RepriseStatusFacts facts = { .now = now, .known = TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GDateTime) finished = g_date_time_add_minutes (now, -1 - (int) i);

      g_ptr_array_add (runs,
                       g_object_new (REPRISE_TYPE_RUN, "kind", kinds[i], "state",
                                     i == 0 ? REPRISE_JOB_DONE : REPRISE_JOB_FAILED, "finished-at",
                                     finished, "said", i == 0 ? said : NULL, NULL));
    }
  facts.runs = (RepriseRun *const *) runs->pdata;
  facts.n_runs = runs->len;
  g_assert_true (reprise_status_find_failure (&facts) == runs->pdata[2]);
}

static void
test_subtitle (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 12, 0, 0);
  g_autoptr (GDateTime) last = g_date_time_add_hours (now, -2);
  RepriseStatusFacts facts = {
    .now = now, .known = TRUE, .last_at = last, .last_size_bytes = 184000000, .last_n_groups = 5
  };
  g_autoptr (RepriseStatus) full = reprise_status_new (&facts);
  g_autoptr (RepriseStatus) bare = NULL;
  g_autoptr (GDateTime) ahead = g_date_time_add_days (now, 400);
  g_autoptr (RepriseStatus) beside = NULL;

  g_assert_cmpstr (full->subtitle, ==, "2 hours ago · 184.0\302\240MB · 5 groups");
  facts.last_size_bytes = -1;
  facts.last_n_groups = 0;
  bare = reprise_status_new (&facts);
  g_assert_cmpstr (bare->subtitle, ==, "2 hours ago");
  facts.ahead_at = ahead;
  beside = reprise_status_new (&facts);
  g_assert_cmpint (beside->state, ==, REPRISE_STATUS_UP_TO_DATE);
  g_assert_true (g_str_has_prefix (beside->subtitle, "2 hours ago · another one is dated ahead: "));
}

/* How old a backup is that is dated ahead nobody knows: it is not called new, and keeps nobody from hearing that there may be none. */
static void
test_dated_ahead (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 12, 0, 0);
  g_autoptr (GDateTime) last = g_date_time_add_days (now, 400);
  g_autofree char *date = reprise_time_to_text (last);
  g_autofree char *line = g_strdup_printf ("Dated ahead: %s", date);
  RepriseStatusFacts facts = {
    .now = now, .known = TRUE, .last_at = last, .last_size_bytes = -1, .overdue_days = 7
  };
  g_autoptr (RepriseStatus) status = reprise_status_new (&facts);
  g_autoptr (RepriseStatus) never = NULL;

  g_assert_cmpint (status->state, ==, REPRISE_STATUS_OVERDUE);
  g_assert_cmpstr (status->title, ==, "Last Backup Is Dated Ahead");
  g_assert_cmpstr (status->line, ==, line);
  g_assert_true (g_str_has_prefix (status->subtitle, date));
  g_assert_true (status->needs_attention);
  facts.overdue_days = 0;
  never = reprise_status_new (&facts);
  g_assert_cmpint (never->state, ==, REPRISE_STATUS_WARNINGS);
  g_assert_true (never->needs_attention);
  g_assert_cmpint (never->action, ==, REPRISE_STATUS_DO_BACK_UP);
}

static RepriseStatus *
status_with_job (const char *state,
                 double fraction,
                 gint64 idle_seconds,
                 const RepriseQuestion *question)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 12, 0, 0);
  g_autoptr (RepriseJob) job = g_object_new (TEST_TYPE_JOB, NULL);
  g_autoptr (GError) reach = g_error_new_literal (REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE, "");
  RepriseStatusFacts facts = { .now = now, .known = TRUE, .job = job, .reach = reach };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "kind", "s", "backup");
  g_variant_dict_insert (&dict, "title", "s", "Back Up Orders");
  g_variant_dict_insert (&dict, "state", "s", state);
  g_variant_dict_insert (&dict, "phase", "s", reprise_phase_to_string (REPRISE_PHASE_READING));
  g_variant_dict_insert (&dict, "fraction", "d", fraction);
  g_variant_dict_insert (&dict, "idle-seconds", "x", idle_seconds);
  if (question != NULL)
    g_variant_dict_insert_value (&dict, "question", reprise_question_to_variant (question));
  reprise_job_update (job, g_variant_dict_end (&dict));
  return reprise_status_new (&facts);
}

static void
test_job (void)
{
  const char *const responses[] = { "cancel", "continue", NULL };
  const char *const labels[] = { "Cancel", "Continue", NULL };
  g_autoptr (RepriseQuestion) question = reprise_question_new (
    "overwrite-changed", "Overwrite Changed Data?", "", responses, labels, "continue", "cancel");
  g_autoptr (RepriseStatus) running = status_with_job ("running", 0.42, 0, NULL);
  g_autoptr (RepriseStatus) unsaid = status_with_job ("running", -1, 0, NULL);
  g_autoptr (RepriseStatus) stalled = status_with_job ("running", 0.42, 40, NULL);
  g_autoptr (RepriseStatus) asking = status_with_job ("asking", 0.42, 40, question);
  g_autoptr (RepriseStatus) ended = status_with_job ("done", 1, 0, NULL);

  g_assert_cmpint (running->state, ==, REPRISE_STATUS_RUNNING);
  g_assert_cmpstr (running->title, ==, "Back Up Orders");
  g_assert_cmpstr (running->line, ==, "Reading data · 42 %");
  g_assert_false (running->needs_attention);
  g_assert_cmpstr (unsaid->line, ==, "Reading data");
  g_assert_cmpint (stalled->state, ==, REPRISE_STATUS_STALLED);
  g_assert_true (stalled->needs_attention);
  g_assert_cmpint (asking->state, ==, REPRISE_STATUS_ASKING);
  g_assert_cmpstr (asking->subtitle, ==, "Overwrite Changed Data?");
  g_assert_cmpint (asking->action, ==, REPRISE_STATUS_DO_ANSWER);
  g_assert_cmpint (ended->state, ==,
                   REPRISE_STATUS_UNREACHABLE); /* it is no longer the job that counts */
}

static void
test_words (void)
{
  for (guint i = 0; i < REPRISE_N_STATUS_STATES; i++)
    g_assert_nonnull (reprise_status_state_to_string ((RepriseStatusState) i));
  g_assert_null (reprise_status_action_get_label (REPRISE_STATUS_DO_NOTHING));
  for (guint i = REPRISE_STATUS_DO_BACK_UP; i <= REPRISE_STATUS_DO_RETRY; i++)
    g_assert_nonnull (reprise_status_action_get_label ((RepriseStatusAction) i));
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *path = g_strdup_printf ("/status/table/%s", CASES[i].name);

      g_test_add_data_func (path, &CASES[i], test_case);
    }
  g_test_add_func ("/status/subtitle", test_subtitle);
  g_test_add_func ("/status/dated-ahead", test_dated_ahead);
  g_test_add_func ("/status/cleaned", test_cleaned);
  g_test_add_func ("/status/job", test_job);
  g_test_add_func ("/status/words", test_words);
  return g_test_run ();
}
