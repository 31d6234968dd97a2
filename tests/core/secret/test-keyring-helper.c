/* test-keyring-helper.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "reprise-mock-keyring.h"
#include "reprise-test.h"
#include "secret/keyring-fixture.h"

static gpointer
cancel_worker (gpointer data)
{
  g_usleep (200 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) during = NULL, before = NULL;
  gint64 start = g_get_monotonic_time ();
  GThread *thread = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_HANGS);
  reprise_mock_keyring_add (mock, KEYRING_UUID, "password", KEYRING_CANARY);
  thread = g_thread_new ("cancel", cancel_worker, cancellable);
  g_assert_null (reprise_keyring_lookup (KEYRING_UUID, "password", REPRISE_KEYRING_UNATTENDED,
                                         cancellable, &during));
  g_assert_error (during, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
  g_thread_join (thread);
  g_assert_null (reprise_keyring_lookup (KEYRING_UUID, "password", REPRISE_KEYRING_UNATTENDED,
                                         cancellable, &before));
  g_assert_error (before, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A folder with a script in the helper's place. */
static char *
make_helper (const char *script)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "reprise-secret", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, script, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  return folder;
}

static void
check_helper (const char *script, const char *sentence)
{
  g_autofree char *real = g_strdup (g_getenv ("REPRISE_LIBEXEC_DIR"));
  char *folder = make_helper (script);
  g_autoptr (GError) error = NULL;

  g_setenv ("REPRISE_LIBEXEC_DIR", folder, TRUE);
  g_assert_null (
    reprise_keyring_lookup (KEYRING_UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_setenv ("REPRISE_LIBEXEC_DIR", real, TRUE);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, sentence));
  reprise_test_remove_folder (folder);
}

static void
test_bad_helper (void)
{
  check_helper ("#!/bin/sh\nkill -ABRT $$\n", "damaged");
  check_helper ("#!/bin/sh\nkill -KILL $$\n", "ended before it answered");
  check_helper ("#!/bin/sh\nexit 0\n", "ended before it answered");
  check_helper ("#!/bin/sh\nprintf 'this is no reply at all' >&0\n", "ended before it answered");
  check_helper ("#!/nonexistent/interpreter\n", "could not be started");
}

/* The helper for nobody, and for a caller that is gone. */
static void
test_helper_alone (void)
{
  g_autofree char *path =
    g_build_filename (g_getenv ("REPRISE_LIBEXEC_DIR"), "reprise-secret", NULL);
  const char *argv[] = { path, NULL };
  g_autofree char *output = NULL, *errors = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output,
                               &errors, &status, NULL));
  g_assert_cmpint (WEXITSTATUS (status), ==, 2);
  g_assert_nonnull (strstr (errors, "started by the other programs"));
}

/* --- where the secret must not be --- */

static GString *captured;

static GLogWriterOutput
capture_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0)
      g_string_append_printf (captured, "%s=%s\n", fields[i].key, (const char *) fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static guint
count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

/* In a child, because a process sets its log writer once. */
static void
canary_child (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSecretValue) value = NULL;
  guint fds;

  g_assert_cmpint (g_open ("/dev/zero", O_RDONLY, 0), >, 0); /* not close-on-exec, on purpose */
  captured = g_string_new (NULL);
  g_log_set_writer_func (capture_log, NULL, NULL);
  g_assert_true (keyring_fixture_store ("password", "warm up", &error));
  fds = count_fds ();
  for (int i = 0; i < 8; i++)
    g_assert_true (keyring_fixture_store ("password", KEYRING_CANARY, &error));
  value =
    reprise_keyring_lookup (KEYRING_UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (value), ==, KEYRING_CANARY);
  for (int i = 0; i < 100 && count_fds () > fds; i++)
    g_usleep (20 * 1000); /* GLib's own thread lets go of the child a moment later */
  g_assert_cmpuint (count_fds (), <, fds + 8); /* it may have opened one for itself meanwhile */
  g_assert_null (strstr (captured->str, KEYRING_CANARY));
}

/*
 * The helper's argument line, environment, descriptors and output, seen by a script that stands before it: none
 * holds the secret, and no descriptor of ours but the socket is left open in it.
 */
static void
test_canary (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autofree char *real = g_strdup (g_getenv ("REPRISE_LIBEXEC_DIR"));
  g_autofree char *script = NULL, *seen = NULL, *seen_path = NULL, *kept = NULL;
  gsize size = 0;
  char *folder = NULL, *other = NULL;

  if (g_test_subprocess ())
    {
      canary_child ();
      return;
    }
  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  other = reprise_test_make_folder ();
  seen_path = g_build_filename (other, "seen", NULL);
  script = g_strdup_printf ("#!/bin/sh\n"
                            "exec 9>> %s\n"
                            "tr '\\0' ' ' < /proc/$$/cmdline >&9\n"
                            "tr '\\0' '\\n' < /proc/$$/environ >&9\n"
                            "ls -l /proc/$$/fd >&9\n"
                            "export G_MESSAGES_DEBUG=all G_DBUS_DEBUG=call,signal\n"
                            "exec %s/reprise-secret 2>&9 9>&-\n",
                            seen_path, real);
  folder = make_helper (script);
  g_setenv ("REPRISE_LIBEXEC_DIR", folder, TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_setenv ("REPRISE_LIBEXEC_DIR", real, TRUE);
  g_test_trap_assert_passed ();

  kept = reprise_mock_keyring_dup (mock, KEYRING_UUID, "password");
  g_assert_cmpstr (kept, ==, KEYRING_CANARY);
  seen = reprise_test_read (seen_path, &size);
  g_assert_nonnull (strstr (seen, "reprise-secret")); /* the script saw something */
  g_assert_nonnull (strstr (seen, " 0 -> socket:"));
  g_assert_null (strstr (seen, " 3 -> socket:"));
  g_assert_null (strstr (seen, "/dev/zero"));
  g_assert_null (memmem (seen, size, KEYRING_CANARY, strlen (KEYRING_CANARY)));
  reprise_test_remove_folder (other);
  reprise_test_remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/keyring/cancel", test_cancel);
  g_test_add_func ("/keyring/helper/bad", test_bad_helper);
  g_test_add_func ("/keyring/helper/alone", test_helper_alone);
  g_test_add_func ("/keyring/canary", test_canary);
  return g_test_run ();
}
