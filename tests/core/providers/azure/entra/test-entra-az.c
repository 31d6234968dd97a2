/* test-entra-az.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/reprise-sandbox.h"
#include "providers/azure/entra/entra-fixture.h"
#include "reprise-test.h"

static void
write_az (const char *folder, const char *script)
{
  g_autofree char *path = g_build_filename (folder, "az", NULL);
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
}

static void
test_az (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    entra_fixture_open (fixture, REPRISE_ENTRA_AZ, "https://management.azure.com/");
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_strconcat (folder, ":", g_getenv ("PATH"), NULL);
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", folder, TRUE);
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_NOT_SUPPORTED, "not installed");
  g_setenv ("PATH", path, TRUE);
  write_az (folder, "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1\n");
  g_assert_true (reprise_entra_az_can_run ());
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_NEEDS_SIGN_IN, "az login");
  write_az (folder, "echo nothing of use\n");
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_PROTOCOL, "no token");
  write_az (folder,
            "[ \"$*\" = \"account get-access-token --resource https://management.azure.com/ "
            "--tenant " FAKE_ENTRA_TENANT " -o json\" ] || exit 3\n"
            "echo '{\"accessToken\":\"canary-access-az\",\"expiresOn\":\"2035-11-21 "
            "20:22:57.000000\",\"tenant\":\"t-1\",\"tokenType\":\"Bearer\"}'\n");
  entra_fixture_assert_token (account, "canary-access-az");
  write_az (folder, "exit 1\n"); /* its token is good for years */
  entra_fixture_assert_token (account, "canary-access-az");
  /* behind a sandbox the program of the host is not to be had */
  reprise_entra_set_token (account, NULL, 0);
  reprise_sandbox_pretend ("", "[Application]\nname=x\n");
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_NOT_SUPPORTED, "sandbox");
  reprise_sandbox_pretend (NULL, NULL);
  g_setenv ("PATH", before, TRUE);
  reprise_test_remove_folder (folder);
}

/* Whether what wrote its number there runs; what nobody has looked at since it was killed does not. */
static gboolean
is_alive (const char *path)
{
  g_autofree char *pid = NULL;
  g_autofree char *file = NULL;
  g_autofree char *state = NULL;

  if (!g_file_get_contents (path, &pid, NULL, NULL))
    return FALSE;
  file = g_build_filename ("/proc", g_strstrip (pid), "stat", NULL);
  return g_file_get_contents (file, &state, NULL, NULL) && strstr (state, ") Z ") == NULL;
}

static void
assert_gone (const char *path)
{
  for (int i = 0; i < 200 && is_alive (path); i++)
    g_usleep (50000);
  g_assert_false (is_alive (path));
}

static gpointer
stop_when_there_func (gpointer data)
{
  const char *path = g_object_get_data (data, "path");

  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (5000);
  g_cancellable_cancel (data);
  return NULL;
}

/* A program that does not end is ended, and so is what it has started. */
static void
test_az_hangs (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    entra_fixture_open (fixture, REPRISE_ENTRA_AZ, "https://management.azure.com/");
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_strconcat (folder, ":", g_getenv ("PATH"), NULL);
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autofree char *child = g_build_filename (folder, "child", NULL);
  g_autofree char *script = g_strdup_printf (
    "sleep 600 &\necho $! > '%s.new'; mv '%s.new' '%s'; wait\n", child, child, child);
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *stopper;

  g_setenv ("PATH", path, TRUE);
  write_az (folder, script);
  reprise_entra_set_second (account, 20); /* 90 of them are 1.8 s */
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_STALLED, "within 90 seconds");
  assert_gone (child);
  g_unlink (child);
  reprise_entra_set_second (account, 1000);
  g_object_set_data (G_OBJECT (stop), "path", child);
  stopper = g_thread_new ("stop", stop_when_there_func, stop);
  g_assert_false (reprise_entra_get_token (account, NULL, stop, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (stopper);
  assert_gone (child);
  g_setenv ("PATH", before, TRUE);
  reprise_test_remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  entra_fixture_init (&argc, &argv);
  ENTRA_FIXTURE_ADD ("az", test_az, NULL);
  ENTRA_FIXTURE_ADD ("az-hangs", test_az_hangs, NULL);
  return entra_fixture_run ();
}
