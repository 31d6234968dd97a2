/* test-keyring-file.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "reprise-test.h"
#include "secret/keyring-fixture.h"

/* The sandbox’s keyring: one file */
typedef struct
{
  char *folder;
  char *path;
} File;

static void
file_set_up (File *file, gconstpointer data)
{
  file->folder = reprise_test_make_folder ();
  file->path = g_build_filename (file->folder, "default.keyring", NULL);
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", file->path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  g_setenv ("XDG_RUNTIME_DIR", file->folder, TRUE); /* the helper's; isolation leaves /dev/null */
}

static void
file_tear_down (File *file, gconstpointer data)
{
  g_unsetenv ("SECRET_BACKEND");
  g_unsetenv ("SECRET_FILE_TEST_PATH");
  g_unsetenv ("SECRET_FILE_TEST_PASSWORD");
  reprise_test_remove_folder (file->folder);
  g_free (file->path);
}

static void
test_file (File *file, gconstpointer data)
{
  g_autoptr (GError) error = NULL, missing = NULL;
  g_autoptr (RepriseSecretValue) value = NULL;
  g_auto (GStrv) kinds = NULL;
  g_autofree char *joined = NULL;
  RepriseKeyringState state;

  g_assert_cmpint (keyring_fixture_get_state (), ==, REPRISE_KEYRING_THERE);
  g_assert_null (
    reprise_keyring_lookup (KEYRING_UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &missing));
  keyring_fixture_assert_state_error (missing, REPRISE_KEYRING_NOT_FOUND);
  g_assert_true (keyring_fixture_store ("password", "first", &error));
  g_assert_true (keyring_fixture_store ("password", KEYRING_CANARY, &error));
  g_assert_true (keyring_fixture_store ("sas", "sv=1", &error));
  g_assert_no_error (error);

  value =
    reprise_keyring_lookup (KEYRING_UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (value), ==, KEYRING_CANARY);
  kinds = reprise_keyring_list (KEYRING_UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  joined = g_strjoinv (" ", kinds);
  g_assert_cmpstr (joined, ==, "password sas");

  g_assert_true (
    reprise_keyring_delete (KEYRING_UUID, NULL, REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_keyring_get_state (KEYRING_UUID, "sas", &state, NULL, &error));
  g_assert_cmpint (state, ==, REPRISE_KEYRING_NOT_FOUND);
}

/*
 * A keyring file cut short, at each of many lengths: an error with a sentence, never a crash of ours, and a store
 * never writes over it. (A file of no bytes is as good as none.)
 */
static void
test_file_truncated (File *file, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = NULL;
  gsize size = 0;
  guint aborted = 0;

  g_assert_true (keyring_fixture_store ("password", KEYRING_CANARY, &error));
  g_assert_no_error (error);
  whole = reprise_test_read (file->path, &size);
  for (gsize cut = 1; cut < size; cut += cut < 50 ? 7 : 23)
    {
      g_autoptr (GError) lookup = NULL, store = NULL;
      g_autofree char *left = NULL;
      gsize left_size = 0;

      g_assert_true (g_file_set_contents (file->path, whole, (gssize) cut, NULL));
      g_assert_null (reprise_keyring_lookup (KEYRING_UUID, "password", REPRISE_KEYRING_UNATTENDED,
                                             NULL, &lookup));
      g_assert_error (lookup, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
      g_assert_false (keyring_fixture_store ("password", "new", &store));
      g_assert_error (store, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
      aborted += strstr (lookup->message, "damaged") != NULL;
      left = reprise_test_read (file->path, &left_size);
      g_assert_cmpmem (left, left_size, whole, cut);
    }
  g_assert_cmpuint (aborted, >, 0);
}

static gpointer
store_worker (gpointer data)
{
  g_autofree char *kind = g_strdup_printf ("kind-%d", GPOINTER_TO_INT (data));
  g_autoptr (GError) error = NULL;

  keyring_fixture_store (kind, kind, &error);
  g_assert_no_error (error);
  return NULL;
}

/* Several processes that store at once lose nothing; without a lock, nothing is stored. */
static void
test_file_together (File *file, gconstpointer data)
{
  GThread *threads[6];
  g_auto (GStrv) kinds = NULL;
  g_autoptr (GError) error = NULL, unlocked = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("store", store_worker, GINT_TO_POINTER (i));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  kinds = reprise_keyring_list (KEYRING_UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (kinds), ==, G_N_ELEMENTS (threads));

  g_setenv ("XDG_RUNTIME_DIR", "/dev/null", TRUE);
  g_assert_false (keyring_fixture_store ("kind-1", "new", &unlocked));
  g_assert_error (unlocked, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add ("/keyring/file/all", File, NULL, file_set_up, test_file, file_tear_down);
  g_test_add ("/keyring/file/truncated", File, NULL, file_set_up, test_file_truncated,
              file_tear_down);
  g_test_add ("/keyring/file/together", File, NULL, file_set_up, test_file_together,
              file_tear_down);
  return g_test_run ();
}
