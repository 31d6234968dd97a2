/* test-runner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-runner.h"
#include "vault/reprise-lock.h"
#include "reprise-fake-kind.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
  char *data; /* path of the service's file */
  RepriseRegistry *registry;
  RepriseContext *context;
  RepriseService *service;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  fixture->folder = reprise_test_make_folder ();
  fixture->data = g_build_filename (fixture->folder, "data", NULL);
  g_file_set_contents (fixture->data, "first", -1, NULL);
  fixture->registry = reprise_registry_new ();
  reprise_registry_add (fixture->registry, REPRISE_TYPE_FAKE_KIND);
  fixture->context = reprise_context_new (fixture->registry);
  g_assert_true (reprise_context_load (fixture->context, &error));
  g_assert_no_error (error);
  fixture->service = reprise_service_new (NULL, "fake", "Orders");
  reprise_service_set_setting (fixture->service, "path", fixture->data);
  g_assert_true (reprise_services_save (reprise_context_get_services (fixture->context),
                                        fixture->service, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->service);
  g_object_unref (fixture->context);
  g_object_unref (fixture->registry);
  g_free (fixture->data);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseJob *
run (Fixture *fixture, RepriseRequest *request)
{
  g_autoptr (GError) error = NULL;
  RepriseJob *job = reprise_runner_create_job (fixture->context, request, NULL, &error);

  g_assert_no_error (error);
  reprise_job_start (job);
  while (reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
  return job;
}

static RepriseRequest *
new_request (Fixture *fixture, RepriseJobKind kind)
{
  return reprise_request_new (kind, reprise_service_get_uuid (fixture->service));
}

/* (transfer full): the id of a new backup */
static char *
back_up (Fixture *fixture)
{
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_BACK_UP);
  g_autoptr (RepriseJob) job = run (fixture, request);

  g_assert_cmpstr (reprise_job_get_error (job), ==, NULL);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_DONE);
  return g_strdup (reprise_job_get_outcome (job)->backup_id);
}

static RepriseJob *
restore (Fixture *fixture, const char *id, gboolean consent)
{
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_RESTORE);

  reprise_request_set_backup (request, id);
  request->consent = consent;
  return run (fixture, request);
}

static GPtrArray *
list (Fixture *fixture)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (fixture->context);
  g_autoptr (GError) error = NULL;
  GPtrArray *backups =
    reprise_vault_list (vault, reprise_service_get_uuid (fixture->service), NULL, &error);

  g_assert_no_error (error);
  return backups;
}

static void
assert_data (Fixture *fixture, const char *expected)
{
  g_autofree char *data = reprise_test_read (fixture->data, NULL);

  g_assert_cmpstr (data, ==, expected);
}

static void
test_back_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = back_up (fixture);
  g_autoptr (GPtrArray) backups = list (fixture);
  g_autoptr (GPtrArray) runs = NULL;

  g_assert_cmpuint (backups->len, ==, 1);
  g_assert_cmpstr (reprise_backup_get_id (backups->pdata[0]), ==, id);
  g_assert_cmpint (reprise_backup_get_state (backups->pdata[0]), ==, REPRISE_BACKUP_VERIFIED);
  g_assert_nonnull (reprise_backup_get_verified_at (backups->pdata[0]));
  runs = reprise_history_list (reprise_context_get_history (fixture->context),
                               reprise_service_get_uuid (fixture->service), NULL, 0, 10, NULL);
  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpint (reprise_run_get_state (runs->pdata[0]), ==, REPRISE_JOB_DONE);
  g_assert_cmpstr (reprise_run_get_backup_id (runs->pdata[0]), ==, id);
}

static void
test_back_up_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_BACK_UP);
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (GPtrArray) backups = NULL;

  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_BACK_UP);
  job = run (fixture, request);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_FAILED);
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 0);
}

static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_BACK_UP);
  g_autoptr (RepriseJob) job = reprise_runner_create_job (fixture->context, request, NULL, NULL);
  g_autoptr (GPtrArray) backups = NULL;

  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_HANG);
  reprise_job_start (job);
  for (int i = 0; i < 20; i++)
    g_main_context_iteration (NULL, TRUE);
  reprise_job_stop (job, REPRISE_STOP_SOFT);
  while (reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_STOPPED);
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 0);
}

static void
test_restore_and_undo (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = back_up (fixture);
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) undo = NULL;
  g_autoptr (RepriseJob) again = NULL;
  g_autoptr (GPtrArray) backups = NULL;

  g_file_set_contents (fixture->data, "second", -1, NULL);
  job = restore (fixture, id, TRUE);
  g_assert_cmpstr (reprise_job_get_error (job), ==, NULL);
  g_assert_nonnull (reprise_job_get_outcome (job)->safety_id);
  assert_data (fixture, "first");

  request = new_request (fixture, REPRISE_JOB_UNDO);
  request->consent = TRUE;
  undo = run (fixture, request);
  g_assert_cmpstr (reprise_job_get_error (undo), ==, NULL);
  assert_data (fixture, "second");
  /* The way back is used up, and undoing is no restore that could be undone. */
  again = run (fixture, request);
  g_assert_cmpint (reprise_job_get_state (again), ==, REPRISE_JOB_FAILED);
  assert_data (fixture, "second");
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 3);
}

/* Without consent, against a check, or without a safety copy nothing is written. */
static void
test_restore_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = back_up (fixture);
  int before = reprise_fake_kind_get_n_writes ();
  g_autoptr (RepriseJob) unasked = restore (fixture, id, FALSE);
  g_autoptr (RepriseJob) refused = NULL;
  g_autoptr (RepriseJob) unsafe = NULL;

  g_assert_cmpint (reprise_job_get_exit (unasked), ==, REPRISE_EXIT_REFUSED);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_REFUSE);
  refused = restore (fixture, id, TRUE);
  g_assert_cmpint (reprise_job_get_exit (refused), ==, REPRISE_EXIT_REFUSED);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_SAFETY_COPY);
  unsafe = restore (fixture, id, TRUE);
  g_assert_cmpint (reprise_job_get_state (unsafe), ==, REPRISE_JOB_FAILED);
  g_assert_cmpint (reprise_fake_kind_get_n_writes (), ==, before);
  assert_data (fixture, "first");
}

/* A line that is nested as deep as json-glib does not survive is passed over, as any that cannot be read. */
static void
spoil_journal (const char *path)
{
  g_autofree char *deep = g_strnfill (200000, '[');
  FILE *file = fopen (path, "a");

  g_assert_nonnull (file);
  g_assert_cmpint (fprintf (file, "%s\n", deep), >, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* What is half done is remembered, said by the next restore, and mended by Undo. */
static void
test_restore_breaks (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = back_up (fixture);
  g_autoptr (RepriseJob) broken = NULL;
  g_autoptr (RepriseJob) undo = NULL;
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_UNDO);

  g_file_set_contents (fixture->data, "second", -1, NULL);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_RESTORE);
  broken = restore (fixture, id, TRUE);
  g_assert_cmpint (reprise_job_get_state (broken), ==, REPRISE_JOB_FAILED);
  g_assert_nonnull (strstr (reprise_job_get_error (broken), "safety copy"));
  assert_data (fixture, "half");
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_nonnull (left);
  g_assert_true (reprise_journal_has_open_step (left));
  spoil_journal (reprise_journal_get_path (left));
  g_clear_object (&left);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  g_assert_true (reprise_journal_has_open_step (left));

  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  request->consent = TRUE;
  undo = run (fixture, request);
  g_assert_cmpint (reprise_job_get_state (undo), ==, REPRISE_JOB_WARNINGS);
  assert_data (fixture, "second");
}

/* A restore that did nothing does not take away the way back of the one before. */
static void
test_restore_does_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = back_up (fixture);
  g_autoptr (RepriseJob) first = NULL;
  g_autoptr (RepriseJob) locked = NULL;
  g_autoptr (RepriseJob) undo = NULL;
  g_autoptr (RepriseJob) again = NULL;
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_UNDO);

  g_file_set_contents (fixture->data, "second", -1, NULL);
  first = restore (fixture, id, TRUE);
  g_assert_cmpint (reprise_job_get_state (first), ==, REPRISE_JOB_DONE);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_LOCKED);
  locked = restore (fixture, id, TRUE);
  g_assert_cmpint (reprise_job_get_exit (locked), ==, REPRISE_EXIT_BUSY);
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  assert_data (fixture, "first");

  request->consent = TRUE;
  undo = run (fixture, request);
  g_assert_cmpstr (reprise_job_get_error (undo), ==, NULL);
  assert_data (fixture, "second");
  again = run (fixture, request);
  g_assert_cmpint (reprise_job_get_state (again), ==, REPRISE_JOB_FAILED);
  assert_data (fixture, "second");
}

static void
test_verify_damage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseRequest) request = reprise_request_new (REPRISE_JOB_VERIFY, NULL);
  g_autoptr (RepriseJob) good = NULL;
  g_autoptr (RepriseJob) bad = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GPtrArray) after = NULL;

  for (int i = 0; i < 2; i++)
    g_free (back_up (fixture));
  backups = list (fixture);
  path = g_build_filename (reprise_backup_get_folder (backups->pdata[0]), "data.fake", NULL);
  good = run (fixture, request);

  g_assert_cmpint (reprise_job_get_state (good), ==, REPRISE_JOB_DONE);
  g_assert_true (g_file_set_contents (path, "FAKE\nfirsT", -1, NULL));
  bad = run (fixture, request);
  g_assert_cmpint (reprise_job_get_exit (bad), ==, REPRISE_EXIT_DAMAGED);
  after = list (fixture);
  g_assert_nonnull (reprise_backup_get_damage (after->pdata[0]));
  g_assert_cmpint (reprise_backup_get_state (after->pdata[1]), ==, REPRISE_BACKUP_VERIFIED);
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = back_up (fixture);
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_DELETE);
  g_autoptr (RepriseJob) unasked = NULL;
  g_autoptr (RepriseJob) deleted = NULL;
  g_autoptr (GPtrArray) backups = NULL;

  reprise_request_set_backup (request, id);
  unasked = run (fixture, request);
  g_assert_cmpint (reprise_job_get_exit (unasked), ==, REPRISE_EXIT_REFUSED);
  request->consent = TRUE;
  deleted = run (fixture, request);
  g_assert_cmpint (reprise_job_get_state (deleted), ==, REPRISE_JOB_DONE);
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 0);
}

/* A second front of the same service is told who is at work. */
static void
test_busy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseRequest) request = new_request (fixture, REPRISE_JOB_BACK_UP);
  g_autoptr (RepriseJob) job = reprise_runner_create_job (fixture->context, request, NULL, NULL);
  g_autoptr (RepriseJob) second = NULL;
  g_autoptr (GPtrArray) runs = NULL;

  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_HANG);
  reprise_job_start (job);
  while (reprise_lock_get_holder (reprise_service_get_uuid (fixture->service), NULL, NULL, NULL,
                                  NULL) == FALSE)
    g_main_context_iteration (NULL, TRUE);
  second = run (fixture, request);
  g_assert_cmpint (reprise_job_get_exit (second), ==, REPRISE_EXIT_BUSY);
  g_assert_nonnull (strstr (reprise_job_get_error (second), "Orders"));
  runs = reprise_history_list (reprise_context_get_history (fixture->context),
                               reprise_service_get_uuid (fixture->service), NULL, 0, 10, NULL);
  g_assert_cmpuint (runs->len, ==, 0); /* it never began, so it has not failed */
  reprise_job_stop (job, REPRISE_STOP_HARD);
  while (reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/runner/back-up", test_back_up);
  ADD ("/runner/back-up/fails", test_back_up_fails);
  ADD ("/runner/stop", test_stop);
  ADD ("/runner/restore/undo", test_restore_and_undo);
  ADD ("/runner/restore/does-nothing", test_restore_does_nothing);
  ADD ("/runner/restore/refused", test_restore_refused);
  ADD ("/runner/restore/breaks", test_restore_breaks);
  ADD ("/runner/verify/damage", test_verify_damage);
  ADD ("/runner/delete", test_delete);
  ADD ("/runner/busy", test_busy);
  return g_test_run ();
}
