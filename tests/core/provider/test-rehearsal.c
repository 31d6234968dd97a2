/* test-rehearsal.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "job/reprise-local-job.h"
#include "provider/reprise-rehearsal.h"
#include "provider/reprise-runner.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-scratch.h"
#include "provider/reprise-standing.h"
#include "reprise-fake-kind.h"
#include "reprise-test.h"
#include "vault/reprise-lock.h"

/* A service “Orders”, and one “Test” on which its restores are rehearsed. */
typedef struct
{
  char *folder;
  char *data, *stage_data; /* paths of their files */
  RepriseRegistry *registry;
  RepriseContext *context;
  RepriseService *service, *stage;
} Fixture;

static void
save (Fixture *self, RepriseService *service)
{
  g_autoptr (GError) error = NULL;

  reprise_services_save (reprise_context_get_services (self->context), service, &error);
  g_assert_no_error (error);
}

static RepriseService *
add (Fixture *self, const char *name, const char *path)
{
  RepriseService *service = reprise_service_new (NULL, "fake", name);

  reprise_service_set_setting (service, "path", path);
  save (self, service);
  return service;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  self->folder = reprise_test_make_folder ();
  self->data = g_build_filename (self->folder, "data", NULL);
  self->stage_data = g_build_filename (self->folder, "stage", NULL);
  g_file_set_contents (self->data, "orders", -1, NULL);
  g_file_set_contents (self->stage_data, "of a test", -1, NULL);
  self->registry = reprise_registry_new ();
  reprise_registry_add (self->registry, REPRISE_TYPE_FAKE_KIND);
  self->context = reprise_context_new (self->registry);
  g_assert_true (reprise_context_load (self->context, &error));
  g_assert_no_error (error);
  self->service = add (self, "Orders", self->data);
  self->stage = add (self, "Test", self->stage_data);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  g_object_unref (self->service);
  g_object_unref (self->stage);
  g_object_unref (self->context);
  g_object_unref (self->registry);
  g_free (self->data);
  g_free (self->stage_data);
  reprise_test_remove_folder (self->folder);
}

static void
name_stage (Fixture *self, const char *named)
{
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, REPRISE_KIND_SETTING_REHEARSE_ON, named);
  reprise_rehearsal_settle_stage (self->context, self->service, &error);
  g_assert_no_error (error);
  save (self, self->service);
}

static RepriseJob *
run_request (Fixture *self, const RepriseRequest *request)
{
  g_autoptr (GError) error = NULL;
  RepriseJob *job = reprise_runner_create_job (self->context, request, NULL, &error);

  g_assert_no_error (error);
  reprise_job_start (job);
  while (reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
  return job;
}

static RepriseJob *
run (Fixture *self, RepriseJobKind kind)
{
  g_autoptr (RepriseRequest) request =
    reprise_request_new (kind, reprise_service_get_uuid (self->service));

  return run_request (self, request);
}

static void
run_well (Fixture *self, RepriseJobKind kind)
{
  g_autoptr (RepriseJob) job = run (self, kind);

  g_assert_cmpstr (reprise_job_get_error (job), ==, NULL);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_DONE);
}

static void
assert_data (const char *path, const char *expected)
{
  g_autofree char *data = reprise_test_read (path, NULL);

  g_assert_cmpstr (data, ==, expected);
}

static RepriseStanding *
read_standing (Fixture *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  g_autoptr (GError) error = NULL;
  RepriseStanding *standing =
    reprise_standing_read (self->context, self->service, now, zone, NULL, &error);

  g_assert_no_error (error);
  return standing;
}

static gboolean
needs_attention (Fixture *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseStanding) standing = read_standing (self);
  g_autoptr (RepriseStatus) status = reprise_standing_make_status (standing, NULL, now);

  return reprise_standing_needs_attention (status);
}

/* --- where --- */

static void
assert_missing (Fixture *self, const char *part)
{
  g_autofree char *reason = reprise_rehearsal_explain_missing (self->context, self->service);

  if (part == NULL)
    g_assert_cmpstr (reason, ==, NULL);
  else
    g_assert_nonnull (strstr (reason, part));
}

/* Not named: it is said why nothing can be rehearsed, and nothing is. */
static void
test_not_named (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseJob) job = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  assert_missing (self, "No stage");
  job = run (self, REPRISE_JOB_REHEARSE);
  g_assert_cmpstr (reprise_job_get_error (job), ==, "No stage is named.");
  assert_data (self->stage_data, "of a test");
}

static void
assert_refused (Fixture *self, const char *named, RepriseError code, const char *part)
{
  g_autoptr (RepriseService) edited = reprise_service_copy (self->service);
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (edited, REPRISE_KIND_SETTING_REHEARSE_ON, named);
  g_assert_false (reprise_rehearsal_settle_stage (self->context, edited, &error));
  g_assert_error (error, REPRISE_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, part));
}

/* Neither the service itself, nor a production service, nor one that is not there */
static void
test_wrong_stage (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "live", NULL);
  g_autoptr (RepriseService) live = add (self, "Live", path);

  reprise_service_set_production (live, TRUE);
  save (self, live);
  assert_refused (self, "Orders", REPRISE_ERROR_INVALID, "the service itself");
  assert_refused (self, reprise_service_get_uuid (self->service), REPRISE_ERROR_INVALID, "itself");
  assert_refused (self, "Live", REPRISE_ERROR_INVALID, "production");
  assert_refused (self, "Ghost", REPRISE_ERROR_NOT_FOUND, "Ghost");
}

/* What was agreed to is that service, whatever it is called later. One that gets its name is another. */
static void
test_same_name (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "other", NULL);
  g_autoptr (RepriseService) other = NULL;
  g_autoptr (RepriseJob) job = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  assert_missing (self, NULL);
  g_assert_cmpstr (reprise_rehearsal_get_stage_name (self->context, self->service), ==, "Test");
  reprise_services_remove (reprise_context_get_services (self->context),
                           reprise_service_get_uuid (self->stage), NULL);
  g_file_set_contents (path, "precious", -1, NULL);
  other = add (self, "Test", path);
  assert_missing (self, "not there any more");
  job = run (self, REPRISE_JOB_REHEARSE);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_FAILED);
  assert_data (path, "precious");
}

/* One that was named as a test service, and is marked as production since */
static void
test_became_production (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseJob) job = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  reprise_service_set_production (self->stage, TRUE);
  save (self, self->stage);
  assert_missing (self, "production");
  job = run (self, REPRISE_JOB_REHEARSE);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_FAILED);
  assert_data (self->stage_data, "of a test");
}

static void
test_list (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) choices = reprise_rehearsal_list_stages (self->context, self->service);

  g_assert_cmpuint (choices->len, ==, 1);
  g_assert_cmpstr (((RepriseChoice *) choices->pdata[0])->value, ==, "Test");
}

/* --- doing it --- */

/* The newest backup, into the other service; the data itself is not touched. */
static void
test_rehearse (Fixture *self, gconstpointer data)
{
  int n_writes = reprise_fake_kind_get_n_writes ();
  g_autoptr (RepriseStanding) standing = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *text = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  g_file_set_contents (self->data, "newer orders", -1, NULL);
  run_well (self, REPRISE_JOB_BACK_UP);
  g_file_set_contents (self->data, "newest, not backed up", -1, NULL);
  name_stage (self, "Test");
  run_well (self, REPRISE_JOB_REHEARSE);
  assert_data (self->stage_data, "newer orders");
  assert_data (self->data, "newest, not backed up");
  g_assert_cmpint (reprise_fake_kind_get_n_writes (), ==, n_writes);
  standing = read_standing (self);
  text = reprise_standing_describe_rehearsal (standing->rehearsal, now);
  g_assert_cmpstr (text, ==, "Restore rehearsed just now – 1 row, 0 differences");
  g_assert_false (needs_attention (self));
}

/* One writer each, also of the service that is restored into. */
static void
test_busy (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self->context);
  g_autoptr (RepriseLock) lock = NULL;
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  lock =
    reprise_lock_acquire (reprise_vault_get_path (vault), reprise_service_get_uuid (self->stage),
                          "Somebody", "job", "Back up Test", &error);
  g_assert_no_error (error);
  job = run (self, REPRISE_JOB_REHEARSE);
  g_assert_cmpint (reprise_job_get_exit (job), ==, REPRISE_EXIT_BUSY);
  g_assert_nonnull (strstr (reprise_job_get_error (job), "Somebody"));
  assert_data (self->stage_data, "of a test");
  g_assert_false (needs_attention (self));
}

/* A difference fails, and needs attention until a rehearsal went well, or none can be made any more; a backup says nothing of it. */
static void
test_differs (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseJob) job = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_DIFFERS);
  job = run (self, REPRISE_JOB_REHEARSE);
  g_assert_cmpint (reprise_job_get_exit (job), ==, REPRISE_EXIT_DAMAGED);
  g_assert_cmpstr (reprise_job_get_error (job), ==, "1 row, 1 difference.");
  g_assert_true (needs_attention (self));
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  for (guint i = 0; i < 25; i++)
    run_well (self, REPRISE_JOB_BACK_UP);
  g_assert_true (needs_attention (self));
  reprise_service_set_setting (self->service, REPRISE_KIND_SETTING_REHEARSE_ON, NULL);
  g_assert_false (needs_attention (self));
  name_stage (self, "Test");
  g_assert_true (needs_attention (self));
  run_well (self, REPRISE_JOB_REHEARSE);
  g_assert_false (needs_attention (self));
}

static RepriseDue *
check_left (Fixture *self)
{
  RepriseKind *kind = reprise_registry_get (self->registry, "fake");
  RepriseDue *due = NULL;
  g_autoptr (GError) error = NULL;

  reprise_scheduler_check_left (reprise_context_get_history (self->context), self->service, kind,
                                &due, &error);
  g_assert_no_error (error);
  return due;
}

static void
end (Fixture *self, const RepriseDue *due, RepriseJob *job)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GError) error = NULL;

  reprise_scheduler_end (reprise_context_get_history (self->context), due, now,
                         reprise_local_job_get_error (REPRISE_LOCAL_JOB (job)), &error);
  g_assert_no_error (error);
}

/* It need not wait for the next job: it is due by itself, but not while somebody works on the service, and not for ever. */
static void
test_left_due (Fixture *self, gconstpointer data)
{
  int n_cleaned = reprise_fake_kind_get_n_cleaned ();
  const char *uuid = reprise_service_get_uuid (self->service);
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self->context);
  g_autoptr (RepriseLock) lock = NULL;
  g_autoptr (RepriseJob) died = NULL, stuck = NULL, cleaned = NULL;
  g_autoptr (RepriseDue) due = NULL, later = NULL;
  g_autoptr (GError) error = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  g_assert_null (check_left (self));
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_DIES);
  died = run (self, REPRISE_JOB_REHEARSE);
  lock =
    reprise_lock_acquire (reprise_vault_get_path (vault), uuid, "Somebody", "job", "Title", &error);
  g_assert_no_error (error);
  g_assert_null (check_left (self));
  g_clear_pointer (&lock, reprise_lock_free);
  due = check_left (self);
  g_assert_cmpint (due->routine, ==, REPRISE_ROUTINE_CLEAN_UP);
  stuck = run (self, due->request->kind);
  g_assert_cmpint (reprise_job_get_state (stuck), ==, REPRISE_JOB_FAILED);
  g_assert_nonnull (strstr (reprise_job_get_error (stuck), "could not be removed"));
  end (self, due, stuck);
  g_assert_null (check_left (self)); /* until a rehearsal is cut off again */
  g_assert_cmpint (reprise_fake_kind_get_n_cleaned (), ==, n_cleaned);
  g_usleep (1100000); /* the mark is in whole seconds */
  g_clear_object (&died);
  died = run (self, REPRISE_JOB_REHEARSE);
  later = check_left (self);
  g_assert_nonnull (later);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  cleaned = run (self, later->request->kind);
  g_assert_cmpint (reprise_job_get_state (cleaned), ==, REPRISE_JOB_DONE);
  g_assert_cmpint (reprise_fake_kind_get_n_cleaned () - n_cleaned, ==, 2); /* of both */
  g_assert_null (reprise_scratch_open_left (uuid, &error));
  g_assert_null (check_left (self));
}

/* A job that was cut off goes first. Once nobody follows it any more, it neither hides what a rehearsal left nor is followed again. */
static void
test_left_beside (Fixture *self, gconstpointer data)
{
  RepriseHistory *history = reprise_context_get_history (self->context);
  const char *uuid = reprise_service_get_uuid (self->service);
  int n_cleaned = reprise_fake_kind_get_n_cleaned ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) later = g_date_time_add_minutes (now, 50);
  g_autoptr (RepriseJob) died = NULL, cleaned = NULL;
  g_autoptr (RepriseJournal) journal = NULL, left = NULL;
  g_autoptr (RepriseDue) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_DIES);
  died = run (self, REPRISE_JOB_REHEARSE);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  journal = reprise_journal_create (uuid, "job", &error);
  g_assert_no_error (error);
  g_assert_true (reprise_journal_begin (journal, "restore", "the data", &error));
  g_assert_true (reprise_journal_set (journal, REPRISE_FAKE_FOLLOWED, "true", &error));
  first = check_left (self);
  g_assert_cmpint (first->routine, ==, REPRISE_ROUTINE_FOLLOW);
  reprise_scheduler_settle (history, self->service, REPRISE_ROUTINE_FOLLOW, later, &error);
  g_assert_no_error (error);
  second = check_left (self);
  g_assert_nonnull (second);
  g_assert_cmpint (second->routine, ==, REPRISE_ROUTINE_CLEAN_UP);
  cleaned = run_request (self, second->request);
  g_assert_cmpint (reprise_job_get_state (cleaned), ==, REPRISE_JOB_DONE);
  g_assert_cmpint (reprise_fake_kind_get_n_cleaned () - n_cleaned, ==, 1);
  g_assert_null (check_left (self));
  left = reprise_journal_open_left (uuid, &error);
  g_assert_true (reprise_journal_has_open_step (left));
}

/* While the service works on it, that is no failure; it is tried again, a while later and not for ever. */
static void
test_left_busy (Fixture *self, gconstpointer data)
{
  RepriseHistory *history = reprise_context_get_history (self->context);
  g_autoptr (RepriseJob) died = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) later = g_date_time_add_minutes (now, 50);
  g_autoptr (GError) error = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_DIES);
  died = run (self, REPRISE_JOB_REHEARSE);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_LOCKED);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (RepriseDue) due = check_left (self);
      g_autoptr (RepriseJob) job = run (self, due->request->kind);
      gboolean held = FALSE;

      g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_DONE);
      g_assert_nonnull (strstr (reprise_job_get_outcome (job)->summary, "cannot be removed yet"));
      end (self, due, job);
      if (i == 3)
        break;
      g_assert_true (reprise_scheduler_is_held (history, due, now, &held, &error));
      g_assert_true (held);
      g_assert_true (reprise_scheduler_is_held (history, due, later, &held, &error));
      g_assert_false (held);
    }
  g_assert_null (check_left (self));
}

/* What a rehearsal that was cut off left is removed by the next job, and only once. */
static void
test_left (Fixture *self, gconstpointer data)
{
  int n_cleaned = reprise_fake_kind_get_n_cleaned ();
  const char *uuid = reprise_service_get_uuid (self->service);
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (GError) error = NULL;

  run_well (self, REPRISE_JOB_BACK_UP);
  name_stage (self, "Test");
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_DIES);
  job = run (self, REPRISE_JOB_REHEARSE);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_FAILED);
  left = reprise_scratch_open_left (uuid, &error);
  g_assert_no_error (error);
  g_assert_nonnull (left);
  g_clear_object (&left);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  run_well (self, REPRISE_JOB_BACK_UP);
  g_assert_cmpint (reprise_fake_kind_get_n_cleaned () - n_cleaned, ==, 1);
  g_assert_null (reprise_scratch_open_left (uuid, &error));
  run_well (self, REPRISE_JOB_REHEARSE);
  g_assert_cmpint (reprise_fake_kind_get_n_cleaned () - n_cleaned, ==, 1);
}

/* --- the record --- */

static void
test_record (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) record = reprise_scratch_open ("u1", &error);
  g_autoptr (RepriseJournal) again = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_no_error (error);
  g_assert_true (reprise_scratch_add (record, "one", &error));
  g_assert_true (reprise_scratch_add (record, "two", &error));
  g_assert_true (reprise_journal_begin (record, "restore", "what a provider notes", &error));
  g_assert_true (reprise_scratch_remove (record, "one", &error));
  g_assert_true (reprise_scratch_close (record, &error)); /* not yet: there is “two” */
  again = reprise_scratch_open ("u1", &error);
  names = reprise_scratch_list (again);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "two");
  g_assert_true (reprise_scratch_remove (again, "two", &error));
  g_assert_true (reprise_scratch_close (again, &error));
  g_assert_null (reprise_scratch_open_left ("u1", &error));
  g_assert_no_error (error);
}

/* The line that the crash cut off does not spoil the next one. */
static void
test_torn_record (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) record = reprise_scratch_open ("u2", &error);
  g_autoptr (RepriseJournal) again = NULL;
  g_autoptr (RepriseJournal) third = NULL;
  g_auto (GStrv) names = NULL;
  FILE *file;

  g_assert_true (reprise_scratch_add (record, "one", &error));
  file = g_fopen (reprise_journal_get_path (record), "a");
  g_assert_cmpint (fputs ("{\"at\":\"2026-", file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
  again = reprise_scratch_open ("u2", &error);
  g_assert_true (reprise_scratch_add (again, "two", &error));
  third = reprise_scratch_open ("u2", &error);
  g_assert_no_error (error);
  names = reprise_scratch_list (third);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_true (reprise_journal_close (third, &error));
}

/* Killed before its first line: the record is there, and nothing is in it. */
static void
test_empty_record (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) record = reprise_scratch_open ("u4", &error);
  g_autoptr (RepriseJournal) again = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_true (g_file_set_contents (reprise_journal_get_path (record), "", 0, &error));
  again = reprise_scratch_open_left ("u4", &error);
  g_assert_no_error (error);
  g_assert_nonnull (again);
  names = reprise_scratch_list (again);
  g_assert_cmpuint (g_strv_length (names), ==, 0);
  g_assert_true (reprise_journal_close (again, &error));
}

/* A folder of the cache, and no other one, whatever the record says. */
static void
test_folder (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJournal) record = reprise_scratch_open ("u3", &error);
  g_autofree char *path = reprise_scratch_make_folder (record, &error);
  g_autofree char *file = g_build_filename (path, "file", NULL);
  g_autofree char *beside = g_strconcat (path, "/../../important", NULL);
  const char *const wrong[] = { self->folder, beside, "/", "rehearsal-01JD000000000000000000000A" };
  g_auto (GStrv) names = reprise_scratch_list (record);

  g_assert_no_error (error);
  g_assert_cmpstr (names[0], ==, path);
  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) refused = NULL;

      g_assert_false (reprise_scratch_remove_folder (record, wrong[i], &refused));
      g_assert_error (refused, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
  g_assert_true (g_file_test (self->folder, G_FILE_TEST_IS_DIR));
  g_assert_true (reprise_scratch_remove_folder (record, path, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (reprise_scratch_close (record, &error));
  g_assert_null (reprise_scratch_open_left ("u3", &error));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/rehearsal/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("stage/not-named", test_not_named);
  ADD ("stage/wrong", test_wrong_stage);
  ADD ("stage/same-name", test_same_name);
  ADD ("stage/became-production", test_became_production);
  ADD ("stage/list", test_list);
  ADD ("run", test_rehearse);
  ADD ("busy", test_busy);
  ADD ("differs", test_differs);
  ADD ("left", test_left);
  ADD ("left/due", test_left_due);
  ADD ("left/beside", test_left_beside);
  ADD ("left/busy", test_left_busy);
  ADD ("record", test_record);
  ADD ("record/torn", test_torn_record);
  ADD ("record/empty", test_empty_record);
  ADD ("record/folder", test_folder);
  return g_test_run ();
}
