/* test-job.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-scrub.h"
#include "job/reprise-local-job.h"
#include "job/reprise-queue.h"
#include "job/reprise-request.h"
#include "job/reprise-run-report.h"
#include "reprise-test.h"

/* What the work of a test does; shared with its worker, so the members are atomic. */
typedef struct
{
  int running; /* (atomic) */
  int most;    /* (atomic): side by side */
  int release; /* (atomic) */
  int unsafe;  /* (atomic): work that must not be cut off */
  int steps;   /* (atomic) */
} Work;

static RepriseOutcome *
hold_func (gpointer data, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  int n = g_atomic_int_add (&work->running, 1) + 1;

  if (n > g_atomic_int_get (&work->most))
    g_atomic_int_set (&work->most, n);
  reprise_progress_set_uninterruptible (progress, g_atomic_int_get (&work->unsafe));
  while (!g_atomic_int_get (&work->release))
    {
      g_usleep (1000);
      g_atomic_int_inc (&work->steps);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        break;
      if (g_atomic_int_get (&work->unsafe) == 2 && !reprise_progress_check_stop (progress, error))
        break;
    }
  g_atomic_int_add (&work->running, -1);
  return error != NULL && *error != NULL ? NULL : reprise_outcome_new ("held");
}

static RepriseJob *
new_job (Work *work, const char *service)
{
  return reprise_local_job_new (REPRISE_JOB_BACK_UP, service, "Orders", hold_func, work, NULL);
}

static void
run_until_ended (RepriseJob *job)
{
  while (reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
}

static void
run_until (int *value, int wanted)
{
  while (g_atomic_int_get (value) < wanted)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_one_per_service (void)
{
  g_autoptr (RepriseQueue) queue = reprise_queue_new ();
  Work a = { 0 }, b = { 0 };
  g_autoptr (RepriseJob) a1 = new_job (&a, "a");
  g_autoptr (RepriseJob) a2 = new_job (&a, "a");
  g_autoptr (RepriseJob) b1 = new_job (&b, "b");

  reprise_queue_submit (queue, a1);
  reprise_queue_submit (queue, a2);
  reprise_queue_submit (queue, b1);
  run_until (&a.running, 1);
  run_until (&b.running, 1);
  g_assert_cmpint (reprise_job_get_state (a2), ==, REPRISE_JOB_QUEUED);
  g_assert_true (reprise_job_list_find_active (REPRISE_JOB_LIST (queue), "a") == a1);
  g_assert_cmpuint (reprise_job_list_get_n_active (REPRISE_JOB_LIST (queue)), ==, 3);
  g_atomic_int_set (&a.release, 1);
  g_atomic_int_set (&b.release, 1);
  run_until_ended (a1);
  run_until_ended (a2);
  run_until_ended (b1);
  g_assert_cmpint (a.most, ==, 1);
  g_assert_cmpint (reprise_job_get_state (a2), ==, REPRISE_JOB_DONE);
  g_assert_cmpstr (reprise_job_get_summary (a2), ==, "held");
  g_assert_cmpfloat (reprise_job_get_fraction (a2), ==, 1);
}

static void
test_stop (void)
{
  Work work = { 0 };
  g_autoptr (RepriseJob) job = new_job (&work, "a");
  g_autoptr (RepriseJob) waiting = new_job (&work, "a");

  reprise_job_stop (waiting, REPRISE_STOP_SOFT);
  g_assert_cmpint (reprise_job_get_state (waiting), ==, REPRISE_JOB_STOPPED);
  reprise_job_start (job);
  run_until (&work.running, 1);
  reprise_job_stop (job, REPRISE_STOP_SOFT);
  run_until_ended (job);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_STOPPED);
  g_assert_cmpint (reprise_job_get_exit (job), ==, 130);
}

/* In work that must not be cut off the first Stop waits for a safe point, the second does not. */
static void
test_stop_in_two_stages (void)
{
  Work work = { .unsafe = 1 };
  g_autoptr (RepriseJob) job = new_job (&work, "a");
  Work safe = { .unsafe = 2 };
  g_autoptr (RepriseJob) soft = new_job (&safe, "b");

  reprise_job_start (job);
  run_until (&work.steps, 5);
  reprise_job_stop (job, REPRISE_STOP_SOFT);
  run_until (&work.steps, g_atomic_int_get (&work.steps) + 20);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_STOPPING);
  reprise_job_stop (job, REPRISE_STOP_HARD);
  run_until_ended (job);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_STOPPED);

  reprise_job_start (soft);
  run_until (&safe.steps, 5);
  reprise_job_stop (soft, REPRISE_STOP_SOFT);
  run_until_ended (soft);
  g_assert_cmpint (reprise_job_get_state (soft), ==, REPRISE_JOB_STOPPED);
}

static RepriseOutcome *
ask_func (gpointer data, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  static const char *const responses[] = { "cancel", "continue", NULL };
  g_autoptr (RepriseQuestion) question =
    reprise_question_new ("go-on", "Go On?", "body", responses, responses, NULL, "cancel");
  g_autofree char *response = reprise_progress_ask (progress, question, cancellable, error);

  if (response == NULL)
    return NULL;
  reprise_progress_warn (progress, "said %s", response);
  return reprise_outcome_new ("asked");
}

static void
test_question (void)
{
  g_autoptr (RepriseJob) job =
    reprise_local_job_new (REPRISE_JOB_RESTORE, "a", "Orders", ask_func, NULL, NULL);

  reprise_job_start (job);
  while (reprise_job_get_question (job) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_ASKING);
  g_assert_cmpstr (reprise_job_get_question (job)->title, ==, "Go On?");
  reprise_job_answer (job, "go-on", "continue");
  run_until_ended (job);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_WARNINGS);
  g_assert_cmpint (reprise_job_get_exit (job), ==, 3);
  g_assert_cmpstr (reprise_job_get_warnings (job)[0], ==, "said continue");
  g_assert_null (reprise_job_get_question (job));
}

static RepriseOutcome *
fail_func (gpointer data, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, "no");
  return NULL;
}

static void
test_failure (void)
{
  g_autoptr (RepriseJob) job =
    reprise_local_job_new (REPRISE_JOB_RESTORE, "a", "Orders", fail_func, NULL, NULL);

  reprise_job_start (job);
  run_until_ended (job);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_FAILED);
  g_assert_cmpint (reprise_job_get_exit (job), ==, 5);
  g_assert_cmpstr (reprise_job_get_error (job), ==, "no.");
  g_assert_cmpstr (reprise_job_get_status (job), ==, "Restore failed");
}

static RepriseOutcome *
tell_func (gpointer data, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  reprise_progress_log (progress, "log hunter2-canary");
  reprise_progress_warn (progress, "warning hunter2-canary");
  reprise_progress_set_message (progress, "message hunter2-canary");
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, "error hunter2-canary");
  return NULL;
}

/* A secret does not come out of a job, whoever says it. */
static void
test_secret (void)
{
  g_autoptr (RepriseJob) job =
    reprise_local_job_new (REPRISE_JOB_BACK_UP, "a", "Orders", tell_func, NULL, NULL);
  g_autofree char *state = NULL;
  g_autofree char *report = NULL;

  reprise_scrub_add ("hunter2-canary");
  reprise_job_start (job);
  run_until_ended (job);
  state = g_variant_print (reprise_job_to_variant (job), FALSE);
  g_assert_nonnull (strstr (state, "warning "));
  g_assert_null (strstr (state, "hunter2-canary"));
  report = reprise_run_report_job (job);
  g_assert_nonnull (strstr (report, "Service: Orders\n"));
  g_assert_nonnull (strstr (report, "\nWarnings\nwarning "));
  g_assert_null (strstr (report, "hunter2-canary"));
  reprise_scrub_remove ("hunter2-canary");
}

/* What a process of another language says of a job is said in ours, where it is known what it is. */
static void
test_languages (void)
{
  g_autoptr (RepriseJob) job =
    reprise_local_job_new (REPRISE_JOB_BACK_UP, "a", "Orders", tell_func, NULL, NULL);
  g_autofree char *said = reprise_say ("“%s” is gone", "orders");
  const char *const texts[] = { "„orders“ ist weg", NULL };
  const char *const sayings[] = { said, NULL };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "language", "s", "de");
  g_variant_dict_insert (&dict, "error", "s", "„orders“ ist weg.");
  g_variant_dict_insert (&dict, "error-said", "s", said);
  g_variant_dict_insert (&dict, "warnings", "^as", texts);
  g_variant_dict_insert (&dict, "warnings-said", "^as", sayings);
  reprise_job_update (job, g_variant_dict_end (&dict));
  g_assert_cmpstr (reprise_job_get_error (job), ==, "“orders” is gone");
  g_assert_cmpstr (reprise_job_get_warnings (job)[0], ==, "“orders” is gone");

  g_variant_dict_init (&dict, NULL); /* an earlier version */
  g_variant_dict_insert (&dict, "language", "s", "de");
  g_variant_dict_insert (&dict, "error", "s", "„orders“ ist weg.");
  g_variant_dict_insert (&dict, "error-code", "s", "not-found");
  g_variant_dict_insert (&dict, "warnings", "^as", texts);
  reprise_job_update (job, g_variant_dict_end (&dict));
  g_assert_cmpstr (reprise_job_get_error (job), ==,
                   "Something that was named is not there. („orders“ ist weg.)");
  g_assert_cmpstr (reprise_job_get_warnings (job)[0], ==, "„orders“ ist weg");
}

/* Every kind in every phase and state has its words. */
static void
test_texts (void)
{
  for (guint kind = 0; kind < REPRISE_N_JOB_KINDS; kind++)
    {
      RepriseJobKind back;
      g_autofree char *title = reprise_job_text_title (kind, "Orders");

      g_assert_true (reprise_job_kind_from_string (reprise_job_kind_to_string (kind), &back));
      g_assert_cmpint (back, ==, kind);
      g_assert_nonnull (strstr (title, "Orders"));
      for (guint phase = 0; phase < REPRISE_N_PHASES; phase++)
        g_assert_cmpint (strlen (reprise_job_text_phase (kind, phase)), >, 3);
      for (guint state = REPRISE_JOB_DONE; state < REPRISE_N_JOB_STATES; state++)
        g_assert_cmpint (strlen (reprise_job_text_result (kind, state)), >, 3);
    }
}

static void
test_request (void)
{
  g_autoptr (RepriseRequest) request = reprise_request_new (REPRISE_JOB_RESTORE, "uuid");
  g_autoptr (RepriseRequest) copy = NULL;
  g_autoptr (GVariant) wrong = g_variant_ref_sink (g_variant_new_parsed ("{'kind': <'explode'>}"));
  g_autoptr (GError) error = NULL;

  reprise_request_set_backup (request, "01ABC");
  reprise_request_set_option (request, "path", "/x");
  request->groups = REPRISE_GROUP_BIT (REPRISE_GROUP_USER);
  request->consent = TRUE;
  copy = reprise_request_copy (request);
  g_assert_cmpint (copy->kind, ==, REPRISE_JOB_RESTORE);
  g_assert_cmpstr (copy->service_uuid, ==, "uuid");
  g_assert_cmpstr (copy->backup_ids[0], ==, "01ABC");
  g_assert_cmpstr (g_hash_table_lookup (copy->options, "path"), ==, "/x");
  g_assert_cmpuint (copy->groups, ==, request->groups);
  g_assert_true (copy->consent);
  g_assert_null (reprise_request_from_variant (wrong, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/job/queue/one-per-service", test_one_per_service);
  g_test_add_func ("/job/stop", test_stop);
  g_test_add_func ("/job/stop-in-two-stages", test_stop_in_two_stages);
  g_test_add_func ("/job/question", test_question);
  g_test_add_func ("/job/failure", test_failure);
  g_test_add_func ("/job/secret", test_secret);
  g_test_add_func ("/job/languages", test_languages);
  g_test_add_func ("/job/texts", test_texts);
  g_test_add_func ("/job/request", test_request);
  return g_test_run ();
}
