/* test-database.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "reprise-test.h"
#include "store/reprise-database.h"

static const char *const ONE[] = {
  "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, data BLOB)", NULL
};
static const char *const TWO[] = {
  "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, data BLOB)",
  "ALTER TABLE thing ADD COLUMN colour TEXT DEFAULT 'red'", NULL
};
static const char *const BROKEN[] = {
  "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, data BLOB)",
  "ALTER TABLE thing ADD COLUMN colour TEXT; CREATE TABLE nonsense", NULL
};

typedef struct
{
  char *folder;
  char *path;
  GError *error;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "state", "x.db", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_no_error (fixture->error);
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseDatabase *
open_database (Fixture *fixture, const char *const *migrations, RepriseDatabaseFlags flags)
{
  RepriseDatabase *database =
    reprise_database_open (fixture->path, migrations, flags, &fixture->error);

  g_assert_no_error (fixture->error);
  return database;
}

static gint64
count (RepriseDatabase *database)
{
  g_autoptr (RepriseQuery) query =
    reprise_query_new (database, "SELECT count (*) FROM thing", NULL);
  gboolean row;

  g_assert_true (reprise_query_step (query, &row, NULL));
  g_assert_true (row);
  return reprise_query_get_int (query, 0, -1);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseDatabase) database = open_database (fixture, ONE, REPRISE_DATABASE_NONE);
  g_autoptr (RepriseQuery) put =
    reprise_query_new (database, "INSERT INTO thing VALUES (?1, ?2, NULL)", &fixture->error);
  g_autoptr (RepriseQuery) get = NULL;
  gboolean row;
  GStatBuf info;

  reprise_query_bind_int (put, 1, G_MAXINT64);
  reprise_query_bind_text (put, 2, "'; DROP TABLE thing; --");
  g_assert_true (reprise_query_finish (put, &fixture->error));
  reprise_query_bind_int (put, 1, 1);
  reprise_query_bind_text (put, 2, NULL);
  g_assert_true (reprise_query_finish (put, &fixture->error));
  g_assert_false (reprise_query_finish (put, &fixture->error)); /* the same key again */
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_clear_error (&fixture->error);
  get =
    reprise_query_new (database, "SELECT id, name FROM thing ORDER BY id DESC", &fixture->error);
  g_assert_true (reprise_query_step (get, &row, &fixture->error) && row);
  g_assert_cmpint (reprise_query_get_int (get, 0, -1), ==, G_MAXINT64);
  g_assert_cmpstr (reprise_query_get_text (get, 1), ==, "'; DROP TABLE thing; --");
  g_assert_true (reprise_query_step (get, &row, &fixture->error) && row);
  g_assert_null (reprise_query_get_text (get, 1));
  g_assert_true (reprise_query_step (get, &row, &fixture->error) && !row);
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_migrations (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseDatabase) database = open_database (fixture, ONE, REPRISE_DATABASE_NONE);
  g_autoptr (RepriseQuery) query = NULL;
  gboolean row;

  g_assert_true (
    reprise_database_run (database, "INSERT INTO thing (name) VALUES ('x')", &fixture->error));
  g_clear_pointer (&database, reprise_database_free);
  g_assert_null (
    reprise_database_open (fixture->path, BROKEN, REPRISE_DATABASE_NONE, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR,
                  REPRISE_ERROR_FAILED); /* and nothing of it is left */
  g_clear_error (&fixture->error);
  database = open_database (fixture, TWO, REPRISE_DATABASE_NONE);
  query = reprise_query_new (database, "SELECT colour FROM thing", &fixture->error);
  g_assert_true (reprise_query_step (query, &row, &fixture->error) && row);
  g_assert_cmpstr (reprise_query_get_text (query, 0), ==, "red");
  g_clear_pointer (&query, reprise_query_free);
  g_clear_pointer (&database, reprise_database_free);
  g_assert_null (
    reprise_database_open (fixture->path, ONE, REPRISE_DATABASE_NONE, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
  g_clear_error (&fixture->error);
  database = open_database (fixture, ONE, REPRISE_DATABASE_CACHE); /* a cache is begun anew */
  g_assert_cmpint (count (database), ==, 0);
}

static void
test_transactions (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseDatabase) database = open_database (fixture, ONE, REPRISE_DATABASE_NONE);
  g_autoptr (RepriseDatabase) other = open_database (fixture, ONE, REPRISE_DATABASE_NONE);

  g_assert_true (reprise_database_begin (database, &fixture->error));
  g_assert_true (
    reprise_database_run (database, "INSERT INTO thing (name) VALUES ('x')", &fixture->error));
  g_assert_cmpint (count (other), ==, 0);
  reprise_database_roll_back (database);
  reprise_database_roll_back (database);
  g_assert_cmpint (count (database), ==, 0);
  g_assert_true (reprise_database_begin (database, &fixture->error));
  g_assert_true (
    reprise_database_run (database, "INSERT INTO thing (name) VALUES ('x')", &fixture->error));
  g_assert_true (reprise_database_commit (database, &fixture->error));
  g_assert_cmpint (count (other), ==, 1);
}

static void
fill (Fixture *fixture)
{
  g_autoptr (RepriseDatabase) database = open_database (fixture, ONE, REPRISE_DATABASE_NONE);

  g_assert_true (reprise_database_run (
    database,
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
    " INSERT INTO thing SELECT i, 'name ' || i, zeroblob (100) FROM n",
    &fixture->error));
}

/* Rubbish instead of a database: a state says so and is left alone, a cache is begun anew. */
static void
test_damage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *rubbish = g_strnfill (9000, 'x');
  g_autoptr (RepriseDatabase) database = NULL;
  g_autofree char *after = NULL;

  fill (fixture);
  g_assert_true (reprise_file_write_durable (fixture->path, rubbish, -1, NULL));
  g_assert_null (
    reprise_database_open (fixture->path, ONE, REPRISE_DATABASE_NONE, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&fixture->error);
  after = reprise_test_read (fixture->path, NULL);
  g_assert_cmpstr (after, ==, rubbish);
  database = open_database (fixture, ONE, REPRISE_DATABASE_CACHE);
  g_assert_cmpint (count (database), ==, 0);
}

static void
test_memory (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseDatabase) database =
    reprise_database_open (":memory:", TWO, REPRISE_DATABASE_CACHE, &fixture->error);

  g_assert_no_error (fixture->error);
  g_assert_cmpint (count (database), ==, 0);
  g_assert_false (g_file_test (":memory:", G_FILE_TEST_EXISTS));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/database/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("migrations", test_migrations);
  ADD ("transactions", test_transactions);
  ADD ("damage", test_damage);
  ADD ("memory", test_memory);
  return g_test_run ();
}
