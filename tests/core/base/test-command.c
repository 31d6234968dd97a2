/* test-command.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/reprise-command.h"
#include "reprise-test.h"

#define LONG_MS  120000
#define SHORT_MS 2000

/* Far less than what is started takes, far more than a slow computer needs. */
#define SOON_US (60 * G_TIME_SPAN_SECOND)

static void
run (const char *script, guint timeout_ms, GCancellable *cancellable, RepriseCommandResult *result)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_command_run (argv, NULL, timeout_ms, 100, cancellable, result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, SOON_US);
}

static void
test_output (void)
{
  g_auto (RepriseCommandResult) result = { 0 };

  run ("echo one; echo two >&2; exit 3", LONG_MS, NULL, &result);
  g_assert_cmpint (result.end, ==, REPRISE_COMMAND_ENDED);
  g_assert_cmpint (WEXITSTATUS (result.status), ==, 3);
  g_assert_cmpstr (result.output, ==, "one\ntwo\n");
}

/* More than a pipe holds: it is read on, and only its beginning kept. */
static void
test_much_output (void)
{
  g_auto (RepriseCommandResult) result = { 0 };

  run ("head -c 1000000 /dev/zero | tr '\\0' x", LONG_MS, NULL, &result);
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpuint (strlen (result.output), ==, 100);
}

static void
test_missing (void)
{
  const char *const argv[] = { "no-such-program-anywhere", NULL };
  g_auto (RepriseCommandResult) result = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (reprise_command_run (argv, NULL, LONG_MS, 100, NULL, &result, &error));
  g_assert_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
}

/* The number of a process that the script wrote into a file, or 0 where it has not come so far. */
static pid_t
read_pid (const char *path)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? (pid_t) g_ascii_strtoll (text, NULL, 10)
                                                       : 0;
}

/* It may stay a zombie where nobody takes in orphans: that is not alive. */
static gboolean
is_alive (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) &&
         strncmp (strrchr (text, ')') + 2, "Z", 1) != 0;
}

/* One in the background that keeps the output open is not waited for, and goes on. */
static void
test_background (void)
{
  g_auto (RepriseCommandResult) result = { 0 };
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "pid", NULL);
  g_autofree char *script = g_strdup_printf ("sleep 600 & echo $! > '%s'; echo said", path);
  pid_t pid;

  run (script, LONG_MS, NULL, &result);
  g_assert_cmpint (result.end, ==, REPRISE_COMMAND_ENDED);
  g_assert_cmpstr (result.output, ==, "said\n");
  pid = read_pid (path);
  g_assert_cmpint (pid, >, 0);
  g_assert_true (is_alive (pid));
  kill (pid, SIGKILL);
  reprise_test_remove_folder (folder);
}

/* The time limit ends all of them: also one that ignores being asked, and one in the background that floods the output. */
static void
test_late (void)
{
  g_auto (RepriseCommandResult) result = { 0 };
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "pid", NULL);
  g_autofree char *script =
    g_strdup_printf ("trap '' TERM; (yes & echo $! > '%s'; sleep 600) & sleep 600", path);
  pid_t pid;

  run (script, SHORT_MS, NULL, &result);
  g_assert_cmpint (result.end, ==, REPRISE_COMMAND_LATE);
  g_assert_true (WIFSIGNALED (result.status));
  pid = read_pid (path);
  if (pid <= 0)
    g_test_skip ("the computer was too slow to start it");
  for (guint i = 0; pid > 0 && i < 1000 && is_alive (pid); i++)
    g_usleep (10000);
  g_assert_true (pid <= 0 || !is_alive (pid));
  reprise_test_remove_folder (folder);
}

static gpointer
cancel_later (gpointer data)
{
  g_usleep (100000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_stopped (void)
{
  g_auto (RepriseCommandResult) result = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_later, cancellable);

  run ("sleep 600", LONG_MS, cancellable, &result);
  g_thread_join (thread);
  g_assert_cmpint (result.end, ==, REPRISE_COMMAND_STOPPED);
  g_assert_cmpint (WTERMSIG (result.status), ==, SIGTERM);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/command/output", test_output);
  g_test_add_func ("/command/much-output", test_much_output);
  g_test_add_func ("/command/missing", test_missing);
  g_test_add_func ("/command/background", test_background);
  g_test_add_func ("/command/late", test_late);
  g_test_add_func ("/command/stopped", test_stopped);
  return g_test_run ();
}
