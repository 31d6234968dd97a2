/* test-sqlite-target.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "providers/sqlite/sqlite-fixture.h"
#include "reprise-sample.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

static void
test_locked (SqliteFixture *fixture, gconstpointer data)
{
  static const char *const locks[] = { "BEGIN EXCLUSIVE", "BEGIN IMMEDIATE",
                                       "BEGIN; SELECT * FROM users" };

  for (guint i = 0; i < G_N_ELEMENTS (locks); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();
      int holder;

      g_unlink (fixture->database);
      reprise_sqlite_test_run (fixture->database,
                               "CREATE TABLE users (x); INSERT INTO users VALUES (1)");
      sqlite_fixture_back_up (fixture, NULL);
      holder = reprise_sqlite_test_hold (fixture->database, locks[i]);
      g_assert_null (reprise_sqlite_test_restore (fixture->archive, fixture->application,
                                                  REPRISE_GROUPS_ALL, FALSE, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
      g_assert_nonnull (strstr (error->message, "“app.db”"));
      g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
      reprise_sqlite_test_let_go (holder);
      reprise_sqlite_restored_free (sqlite_fixture_restore (fixture, REPRISE_GROUPS_ALL));
    }
}

/* Readers of a database with a write-ahead log keep nobody waiting, and see the old rows to their end. */
static void
test_reader (SqliteFixture *fixture, gconstpointer data)
{
  int holder;

  reprise_sqlite_test_run (
    fixture->database,
    "PRAGMA journal_mode = WAL; CREATE TABLE users (x); INSERT INTO users VALUES (1)");
  sqlite_fixture_back_up (fixture, NULL);
  reprise_sqlite_test_run (fixture->database, "UPDATE users SET x = 2");
  holder = reprise_sqlite_test_hold (fixture->database, "BEGIN; SELECT * FROM users");
  reprise_sqlite_restored_free (sqlite_fixture_restore (fixture, REPRISE_GROUPS_ALL));
  reprise_sqlite_test_let_go (holder);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database, "SELECT x FROM users"), ==, 1);
}

/* One of two databases is locked: neither changes, nor does a file. */
static void
test_second_locked (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *telemetry = sqlite_fixture_in_application (fixture, "telemetry.db");
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  int holder;

  reprise_sqlite_test_make_sample (fixture->application);
  sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
  sqlite_fixture_change_sample (fixture);
  holder = reprise_sqlite_test_hold (telemetry, "BEGIN IMMEDIATE");
  before = reprise_sqlite_test_hash_folder (fixture->application);
  g_assert_null (reprise_sqlite_test_restore (fixture->archive, fixture->application,
                                              REPRISE_GROUPS_ALL, FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "“telemetry.db”"));
  after = reprise_sqlite_test_hash_folder (fixture->application);
  reprise_sqlite_test_let_go (holder);
  g_assert_cmpstr (before, ==, after);
}

/* A folder stands where a file should go: found out when half of the files are in place, and taken back. */
static void
test_swap_back (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *file = sqlite_fixture_in_application (fixture, "uploads/2026/8.jpg");
  g_autofree char *message = NULL;

  reprise_sqlite_test_make_sample (fixture->application);
  sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
  sqlite_fixture_change_sample (fixture);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_mkdir (file, 0700), ==, 0);
  message = sqlite_fixture_restore_in_vain (fixture, REPRISE_GROUPS_ALL, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (message, "8.jpg"));
  g_assert_cmpint (g_rmdir (file), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", file), ==, 0);
  g_free (message);
  message = sqlite_fixture_restore_in_vain (fixture, REPRISE_GROUPS_ALL, REPRISE_ERROR_REFUSED);
}

static void
test_elsewhere (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "deep", "new", NULL);
  g_autofree char *copy = g_build_filename (folder, "fieldnotes.db", NULL),
                  *notes = sqlite_fixture_in_application (fixture, "fieldnotes.db");
  g_autofree char *file = g_build_filename (fixture->folder, "single.db", NULL),
                  *single_archive = g_build_filename (fixture->folder, "single.zip", NULL);
  g_autofree char *uploads = sqlite_fixture_in_application (fixture, "uploads"),
                  *new_uploads = g_build_filename (folder, "uploads", NULL);
  g_autofree char *before = NULL, *after = NULL, *in_file = NULL, *files_before = NULL,
                  *files_after = NULL;
  g_autoptr (RepriseSqliteRestored) restored = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  reprise_sqlite_test_make_sample (fixture->application);
  sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
  restored =
    reprise_sqlite_test_restore (fixture->archive, folder, REPRISE_GROUPS_ALL, FALSE, &error);
  g_assert_no_error (error);
  before = reprise_sqlite_test_hash_all (notes, NOT_COMPARED);
  after = reprise_sqlite_test_hash_all (copy, NOT_COMPARED);
  g_assert_cmpstr (before, ==, after);
  sqlite_fixture_assert_sound (copy);
  files_before = reprise_sqlite_test_hash_folder (uploads);
  files_after = reprise_sqlite_test_hash_folder (new_uploads);
  g_assert_cmpstr (files_before, ==, files_after);
  g_assert_cmpint (stat (copy, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  /* a single database to a new file, and several to a file that is one */
  reprise_sqlite_test_back_up (notes, NULL, REPRISE_GROUPS_ALL, single_archive);
  g_clear_pointer (&restored, reprise_sqlite_restored_free);
  restored = reprise_sqlite_test_restore (single_archive, file, REPRISE_GROUPS_ALL, FALSE, &error);
  g_assert_no_error (error);
  in_file = reprise_sqlite_test_hash_all (file, NOT_COMPARED);
  g_assert_cmpstr (before, ==, in_file);
  g_assert_null (
    reprise_sqlite_test_restore (fixture->archive, file, REPRISE_GROUPS_ALL, FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
}

/* Only a part, to a new place: what needs what is not there is left out and said. */
static void
test_part_elsewhere (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "new", NULL);
  g_autofree char *copy = g_build_filename (folder, "fieldnotes.db", NULL);
  g_autoptr (RepriseSqliteRestored) restored = NULL;
  g_autoptr (GError) error = NULL;

  reprise_sqlite_test_make_sample (fixture->application);
  sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
  restored = reprise_sqlite_test_restore (fixture->archive, folder, BIT (REQUIRED) | BIT (USER),
                                          FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_sqlite_test_get (copy, "SELECT count(*) FROM users"), >, 0);
  g_assert_cmpint (
    reprise_sqlite_test_get (copy, "SELECT count(*) FROM sqlite_schema WHERE name = 'notes'"), ==,
    0);
  g_assert_cmpint (reprise_sqlite_test_get (copy, "SELECT count(*) FROM active_users"), >, 0);
  g_assert_cmpuint (g_strv_length (restored->warnings), >, 0);
}

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/restore/locked", SqliteFixture, NULL, sqlite_fixture_set_up, test_locked,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/reader", SqliteFixture, NULL, sqlite_fixture_set_up, test_reader,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/second-locked", SqliteFixture, NULL, sqlite_fixture_set_up,
              test_second_locked, sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/swap-back", SqliteFixture, NULL, sqlite_fixture_set_up,
              test_swap_back, sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/elsewhere", SqliteFixture, NULL, sqlite_fixture_set_up,
              test_elsewhere, sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/part-elsewhere", SqliteFixture, NULL, sqlite_fixture_set_up,
              test_part_elsewhere, sqlite_fixture_tear_down);
  return g_test_run ();
}
