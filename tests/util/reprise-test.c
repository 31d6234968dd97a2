/* reprise-test.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#include <string.h>

#include "base/reprise-file.h"
#include "reprise-test.h"

/* Private XDG folders, the locale of the environment, no proxy, TAP. */
void
reprise_test_init (int *argc, char ***argv)
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  setlocale (LC_ALL, "");
  g_test_init (argc, argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
}

/* (transfer full): a new folder of the test's own; reprise_test_remove_folder() frees the path */
char *
reprise_test_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("reprise-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

void
reprise_test_remove_folder (char *path)
{
  g_autoptr (GError) error = NULL;

  reprise_file_remove_tree (path, &error);
  g_assert_no_error (error);
  g_free (path);
}

/* (transfer full): the path of a fixture under tests/data */
char *
reprise_test_data (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", name, NULL);
}

char *
reprise_test_read (const char *path, gsize *size)
{
  g_autoptr (GError) error = NULL;
  char *data = NULL;

  g_file_get_contents (path, &data, size, &error);
  g_assert_no_error (error);
  return data;
}

/* Whether the manifest fits data/manifest.schema.json. */
gboolean
reprise_test_check_manifest (const char *path)
{
  g_autofree char *tool = g_test_build_filename (G_TEST_DIST, "util", "check-manifest", NULL);
  g_autofree char *schema =
    g_test_build_filename (G_TEST_DIST, "..", "data", "manifest.schema.json", NULL);
  char *argv[] = { (char *) "python3", tool, schema, (char *) path, NULL };
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  return status == 0;
}

/* Runs the default main context until @done, a minute at most. */
void
reprise_test_run_until (gboolean *done)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (!*done)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return strstr (message, "async_send_request_return_result") == NULL;
}

/* For one test, over a server that breaks connections: what libsoup 3.2 says of one, and the network layer keeps from users, does
 * not end the test. */
void
reprise_test_forgive_soup (void)
{
  g_test_log_set_fatal_handler (is_fatal, NULL);
}
