/* test-file-scratch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-file-scratch.h"
#include "reprise-test.h"

static void
assert_there (const char *path, gboolean there)
{
  g_assert_cmpint (g_file_test (path, G_FILE_TEST_IS_DIR), ==, there);
}

static void
write_in (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "large", NULL);

  g_assert_true (g_file_set_contents (path, "data", -1, NULL));
}

/* What is in use stays, whoever cleans up; what was removed is no more. */
static void
test_in_use (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *one = reprise_file_make_scratch (&error);
  g_autofree char *other = reprise_file_make_scratch (&error);

  g_assert_no_error (error);
  g_assert_cmpstr (one, !=, other);
  write_in (one);
  reprise_file_remove_left_scratch ();
  assert_there (one, TRUE);
  g_assert_true (reprise_file_remove_tree (one, &error));
  reprise_file_remove_left_scratch ();
  assert_there (one, FALSE);
  assert_there (other, TRUE);
  g_assert_true (reprise_file_remove_tree (other, &error));
}

/* (transfer full): a folder of a process that goes on until it is killed */
static char *
make_elsewhere (GPid *pid)
{
  char path[4096] = "";
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  *pid = fork ();
  if (*pid == 0)
    {
      char *made;

      prctl (PR_SET_PDEATHSIG, SIGKILL);
      made = reprise_file_make_scratch (NULL);
      if (made == NULL || write (ends[1], made, strlen (made)) < 0)
        _exit (1);
      close (ends[1]);
      while (TRUE)
        pause ();
    }
  close (ends[1]);
  g_assert_cmpint (read (ends[0], path, sizeof path - 1), >, 0);
  close (ends[0]);
  return g_strdup (path);
}

/* However young: nobody holds it any more. */
static void
test_killed (void)
{
  GPid pid;
  g_autofree char *left = make_elsewhere (&pid);
  g_autofree char *above = g_path_get_dirname (left);
  g_autofree char *bare = g_build_filename (above, "scratch-bare00", NULL);
  g_autofree char *others = g_build_filename (above, "rehearsal-of-somebody", NULL);

  write_in (left);
  g_assert_cmpint (g_mkdir (bare, 0700), ==, 0); /* of a version without locks */
  g_assert_cmpint (g_mkdir (others, 0700), ==, 0);
  reprise_file_remove_left_scratch ();
  assert_there (left, TRUE);
  assert_there (bare, FALSE);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  reprise_file_remove_left_scratch ();
  assert_there (left, FALSE);
  assert_there (others, TRUE);
}

/* A process that goes on for long, with many of them, keeps no descriptor of those that are gone. */
static void
test_descriptors (void)
{
  int first = dup (0), last;

  close (first);
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = reprise_file_make_scratch (&error);

      g_assert_no_error (error);
      g_assert_true (reprise_file_remove_tree (path, &error));
    }
  last = dup (0);
  close (last);
  g_assert_cmpint (last - first, <=, 1);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/base/file-scratch/in-use", test_in_use);
  g_test_add_func ("/base/file-scratch/killed", test_killed);
  g_test_add_func ("/base/file-scratch/descriptors", test_descriptors);
  return g_test_run ();
}
