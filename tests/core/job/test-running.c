/* test-running.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/reprise-file.h"
#include "base/reprise-ulid.h"
#include "job/reprise-running.h"
#include "reprise-test.h"

#define UUID "9d7a3e9c-2b9b-4d0c-9a39-0f0f7f9f1a11"

static RepriseRun *
new_run (const char *id, RepriseJobKind kind)
{
  g_autoptr (GDateTime) begun = g_date_time_new_utc (2026, 11, 21, 10, 13, 17.5);

  return g_object_new (REPRISE_TYPE_RUN, "id", id, "kind", kind, "service-uuid", UUID,
                       "service-name", "Orders", "origin", "schedule", "started-at", begun, NULL);
}

static RepriseRunning *
begin (RepriseJobKind kind)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (RepriseRun) run = new_run (id, kind);
  g_autoptr (GError) error = NULL;
  RepriseRunning *mark = reprise_running_begin (run, &error);

  g_assert_no_error (error);
  return mark;
}

/* A process that begins a job, and dies. */
static void
die_in_the_middle (RepriseJobKind kind)
{
  pid_t child = fork ();
  int status = 0;

  if (child == 0)
    {
      begin (kind);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

static void
assert_interrupted (guint n)
{
  g_autoptr (GPtrArray) runs = reprise_running_take_interrupted ();

  g_assert_cmpuint (runs->len, ==, n);
}

static void
test_none (void)
{
  assert_interrupted (0);
}

/* As long as it runs, and after it has ended, nobody takes it for dead: not even this process. */
static void
test_lives (void)
{
  RepriseRunning *first = begin (REPRISE_JOB_BACK_UP);
  RepriseRunning *second = begin (REPRISE_JOB_VERIFY);

  assert_interrupted (0);
  reprise_running_end (first);
  assert_interrupted (0);
  reprise_running_end (second);
  assert_interrupted (0);
}

static void
test_dies (void)
{
  g_autoptr (GPtrArray) runs = NULL;
  RepriseRunning *alive = begin (REPRISE_JOB_BACK_UP);
  RepriseRun *run;

  die_in_the_middle (REPRISE_JOB_RESTORE);
  runs = reprise_running_take_interrupted ();
  g_assert_cmpuint (runs->len, ==, 1);
  run = runs->pdata[0];
  g_assert_true (reprise_ulid_is_valid (reprise_run_get_id (run)));
  g_assert_cmpint (reprise_run_get_kind (run), ==, REPRISE_JOB_RESTORE);
  g_assert_cmpint (reprise_run_get_state (run), ==, REPRISE_JOB_FAILED);
  g_assert_cmpstr (reprise_run_get_service_uuid (run), ==, UUID);
  g_assert_cmpstr (reprise_run_get_service_name (run), ==, "Orders");
  g_assert_cmpstr (reprise_run_get_origin (run), ==, "schedule");
  g_assert_cmpint (g_date_time_to_unix (reprise_run_get_started_at (run)), ==, 1795255997);
  g_assert_nonnull (strstr (reprise_run_get_error (run), "look at the service"));
  assert_interrupted (0); /* given once */
  reprise_running_end (alive);
}

/* A power cut may leave anything; what tells nothing goes away, and other files stay. */
static void
test_rubbish (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "reprise", "running", NULL);
  const char *const texts[] = { "", "{", "[]", "{\"id\":\"x\"}",
                                "{\"id\":1,\"kind\":\"backup\",\"started_at\":\"never\"}" };
  g_autofree char *other = g_build_filename (folder, "other", NULL);

  g_assert_true (reprise_file_make_folder (folder, NULL));
  g_assert_true (g_file_set_contents (other, "", 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *path = g_build_filename (folder, "01J.json", NULL);

      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      assert_interrupted (0);
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/job/running/none", test_none);
  g_test_add_func ("/job/running/lives", test_lives);
  g_test_add_func ("/job/running/dies", test_dies);
  g_test_add_func ("/job/running/rubbish", test_rubbish);
  return g_test_run ();
}
