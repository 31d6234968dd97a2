/* test-lock.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "reprise-test.h"
#include "vault/reprise-host.h"
#include "vault/reprise-lock-private.h"
#include "vault/reprise-lock.h"

#define UUID       "8d7a3e9c-2b9b-4d0c-9a39-0f0f7f9f1a11"
#define N_CHILDREN 4
#define N_ROUNDS   40

typedef struct
{
  char *folder;
  char *lease;
  GError *error;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->lease = g_build_filename (fixture->folder, ".lease-" UUID, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_no_error (fixture->error);
  g_free (fixture->lease);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseLock *
acquire (Fixture *fixture)
{
  return reprise_lock_acquire (fixture->folder, UUID, "The command line (process 4242)", "01JOB",
                               "Back up Orders", &fixture->error);
}

static void
assert_busy (Fixture *fixture, const char *text)
{
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_assert_nonnull (strstr (fixture->error->message, text));
  g_clear_error (&fixture->error);
}

static void
test_holder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseLock) lock = acquire (fixture);
  g_autofree char *holder = NULL;
  g_autofree char *job = NULL;
  g_autofree char *title = NULL;
  g_autofree char *path = g_build_filename (fixture->folder, ".lock-" UUID, NULL);
  GStatBuf info;
  int pid;

  g_assert_no_error (fixture->error);
  g_assert_null (acquire (fixture));
  assert_busy (fixture, "The command line (process 4242) is busy with “Back up Orders”.");
  g_assert_true (reprise_lock_get_holder (UUID, &holder, &job, &title, &pid));
  g_assert_cmpstr (holder, ==, "The command line (process 4242)");
  g_assert_cmpstr (job, ==, "01JOB");
  g_assert_cmpstr (title, ==, "Back up Orders");
  g_assert_cmpint (pid, ==, getpid ());
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_false (reprise_lock_is_lost (lock));
  g_clear_pointer (&lock, reprise_lock_free);
  g_assert_false (reprise_lock_get_holder (UUID, NULL, NULL, NULL, NULL));
  lock = acquire (fixture);
  g_assert_no_error (fixture->error);
}

/* Other services and a vault that is not there are in nobody's way. */
static void
test_others (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseLock) lock = acquire (fixture);
  g_autoptr (RepriseLock) other = NULL;
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);

  g_assert_nonnull (lock);
  other = reprise_lock_acquire (missing, "9d7a3e9c-2b9b-4d0c-9a39-0f0f7f9f1a11", "x", NULL, "y",
                                &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_false (g_file_test (missing, G_FILE_TEST_EXISTS));
}

/* Another user has the service in another runtime folder: the vault's lock tells. */
static void
test_other_user (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, ".lock-" UUID, NULL);
  int pipe_fds[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  child = fork ();
  if (child == 0)
    {
      struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
      const char *text = "{\"holder\":\"The agent\",\"title\":\"Verify\",\"process\":77}";
      int fd = open (path, O_RDWR | O_CREAT, 0600);

      if (fcntl (fd, F_OFD_SETLK, &lock) != 0 || write (fd, text, strlen (text)) < 0 ||
          write (pipe_fds[1], "x", 1) < 0)
        _exit (1);
      pause ();
    }
  g_assert_cmpint (read (pipe_fds[0], &byte, 1), ==, 1);
  g_assert_null (acquire (fixture));
  assert_busy (fixture, "The agent is busy with “Verify”.");
  g_assert_false (
    reprise_lock_get_holder (UUID, NULL, NULL, NULL, NULL)); /* nothing is left of the half */
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

/* A holder that is killed has no lock two seconds later. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    {
      int pipe_fds[2];
      char byte;
      pid_t child;
      g_autoptr (RepriseLock) lock = NULL;
      gint64 end;

      g_assert_cmpint (pipe (pipe_fds), ==, 0);
      child = fork ();
      if (child == 0)
        {
          if (acquire (fixture) == NULL || write (pipe_fds[1], "x", 1) < 0)
            _exit (1);
          pause ();
        }
      g_assert_cmpint (read (pipe_fds[0], &byte, 1), ==, 1);
      g_assert_null (acquire (fixture));
      assert_busy (fixture, "The command line");
      kill (child, SIGKILL);
      end = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;
      while ((lock = acquire (fixture)) == NULL && g_get_monotonic_time () < end)
        {
          g_clear_error (&fixture->error);
          g_usleep (1000);
        }
      g_assert_no_error (fixture->error);
      waitpid (child, NULL, 0);
      close (pipe_fds[0]);
      close (pipe_fds[1]);
    }
}

/* Adds to a number in a file, slowly, so that two at once lose one. */
static void
count_up (const char *path)
{
  g_autofree char *text = NULL;
  g_autofree char *next = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  g_usleep (500);
  next = g_strdup_printf ("%d", atoi (text != NULL ? text : "0") + 1);
  if (!g_file_set_contents_full (path, next, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL))
    _exit (1);
}

static void
count_up_often (Fixture *fixture, const char *path, gboolean locked)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      RepriseLock *lock = NULL;

      while (locked && (lock = acquire (fixture)) == NULL)
        {
          g_clear_error (&fixture->error);
          g_usleep (200);
        }
      count_up (path);
      g_clear_pointer (&lock, reprise_lock_free);
    }
  _exit (0);
}

static int
count_in_children (Fixture *fixture, gboolean locked)
{
  g_autofree char *path = g_build_filename (fixture->folder, "number", NULL);
  g_autofree char *text = NULL;
  pid_t children[N_CHILDREN];

  for (guint i = 0; i < N_CHILDREN; i++)
    if ((children[i] = fork ()) == 0)
      count_up_often (fixture, path, locked);
  for (guint i = 0; i < N_CHILDREN; i++)
    {
      int status = -1;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  text = reprise_test_read (path, NULL);
  g_unlink (path);
  return atoi (text);
}

/* Never two at once; without the lock the same work loses some, so this test sees it. */
static void
test_contest (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (count_in_children (fixture, TRUE), ==, N_CHILDREN * N_ROUNDS);
  g_assert_cmpint (count_in_children (fixture, FALSE), <, N_CHILDREN * N_ROUNDS); /* the control */
}

static JsonObject *
make_holder (const char *lock)
{
  JsonObject *holder = reprise_holder_make ("The agent", "01JOB", "Back up Orders");

  json_object_set_string_member (holder, "lock", lock);
  return holder;
}

static void
write_lease (Fixture *fixture,
             const char *machine,
             const char *boot,
             const char *lock,
             int age_seconds)
{
  g_autoptr (JsonObject) holder = make_holder (lock);
  g_autofree char *text = NULL;
  gint64 then = g_get_real_time () / G_USEC_PER_SEC - age_seconds;
  struct timespec times[2] = { { .tv_sec = then }, { .tv_sec = then } };

  json_object_set_string_member (holder, "nonce", "old");
  json_object_set_string_member (holder, "machine", machine);
  json_object_set_string_member (holder, "boot", boot);
  json_object_set_string_member (holder, "host", "far");
  text = reprise_vault_json_print (holder, NULL);
  g_assert_true (g_file_set_contents (fixture->lease, text, -1, NULL));
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->lease, times, 0), ==, 0);
}

static RepriseLease *
lease (Fixture *fixture)
{
  g_autoptr (JsonObject) holder = make_holder ("ours");

  return reprise_lease_acquire (fixture->lease, holder, &fixture->error);
}

static void
test_lease (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseLease) first = lease (fixture);
  g_autoptr (JsonObject) other = make_holder ("another sandbox of this computer");
  GStatBuf info;

  g_assert_no_error (fixture->error);
  g_assert_null (reprise_lease_acquire (fixture->lease, other, &fixture->error));
  assert_busy (fixture, "The agent");
  g_assert_cmpint (g_stat (fixture->lease, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  reprise_lease_renew (first);
  g_assert_false (reprise_lease_is_lost (first));
  g_clear_pointer (&first, reprise_lease_free);
  g_assert_false (g_file_test (fixture->lease, G_FILE_TEST_EXISTS));
}

/* Another computer's lease holds while it is renewed, and is taken when it was silent for two minutes. */
static void
test_lease_foreign (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseLease) ours = NULL;

  write_lease (fixture, "0123456789abcdef", "other", "x", 100);
  g_assert_null (lease (fixture));
  assert_busy (fixture, "The agent on “far” is busy with “Back up Orders”.");
  write_lease (fixture, "0123456789abcdef", "other", "x", 150);
  ours = lease (fixture);
  g_assert_no_error (fixture->error);
  g_assert_nonnull (ours);
}

/* A process of this computer before it was started again, or one whose lock we hold, is gone, however fresh its lease. */
static void
test_lease_own (Fixture *fixture, gconstpointer data)
{
  RepriseLease *ours;

  write_lease (fixture, reprise_host_get_machine (), "before", "x", 0);
  ours = lease (fixture);
  g_assert_no_error (fixture->error);
  reprise_lease_free (ours);
  write_lease (fixture, reprise_host_get_machine (), reprise_host_get_boot (), "ours", 0);
  ours = lease (fixture);
  g_assert_no_error (fixture->error);
  reprise_lease_free (ours);
  write_lease (fixture, reprise_host_get_machine (), reprise_host_get_boot (), "x", 0);
  g_assert_null (lease (fixture));
  assert_busy (fixture, "The agent");
}

static void
test_lease_cut (Fixture *fixture, gconstpointer data)
{
  struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
  g_autoptr (RepriseLease) ours = NULL;

  g_assert_true (g_file_set_contents (fixture->lease, "{\"hol", -1, NULL));
  g_assert_null (lease (fixture)); /* it may be just being written */
  assert_busy (fixture, "Another program");
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->lease, times, 0), ==, 0);
  ours = lease (fixture);
  g_assert_no_error (fixture->error);
}

/* Taken by another while we slept: we see it at the next renewal, and leave the other's alone. */
static void
test_lease_lost (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseLease) ours = lease (fixture);

  g_assert_no_error (fixture->error);
  write_lease (fixture, "0123456789abcdef", "other", "x", 0);
  reprise_lease_renew (ours);
  g_assert_true (reprise_lease_is_lost (ours));
  g_clear_pointer (&ours, reprise_lease_free);
  g_assert_true (g_file_test (fixture->lease, G_FILE_TEST_EXISTS));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/lock/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("contest", test_contest); /* those that fork first: threads would not come along */
  ADD ("killed", test_killed);
  ADD ("other-user", test_other_user);
  ADD ("holder", test_holder);
  ADD ("others", test_others);
  ADD ("lease", test_lease);
  ADD ("lease/foreign", test_lease_foreign);
  ADD ("lease/own", test_lease_own);
  ADD ("lease/cut", test_lease_cut);
  ADD ("lease/lost", test_lease_lost);
  return g_test_run ();
}
