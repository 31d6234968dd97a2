/* reprise-sqlite-test.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/sqlite/reprise-sqlite-export.h"
#include "providers/sqlite/reprise-sqlite-restore.h"
#include "reprise-sample.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

static sqlite3 *
open_database (const char *path, int flags)
{
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (path, &db, flags, NULL) != SQLITE_OK)
    g_error ("%s: %s", path, sqlite3_errmsg (db));
  sqlite3_busy_timeout (db, 5000);
  return db;
}

static sqlite3_stmt *
prepare (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  return statement;
}

/* The sample application, as small as it can be. */
void
reprise_sqlite_test_make_sample (const char *application)
{
  const RepriseSample sample = { 0, 1, 0 };
  g_autoptr (GError) error = NULL;

  reprise_sample_make (application, &sample, &error);
  g_assert_no_error (error);
}

/* To be called first: temporary files go where saving them to the disk takes no time, if there is room for them. */
void
reprise_sqlite_test_use_memory (void)
{
  if (access ("/dev/shm", W_OK) == 0 &&
      reprise_file_get_free_bytes ("/dev/shm") > 512 * 1024 * 1024)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
}

/* Statements, as an application runs them: its triggers and foreign keys act. The file is made where it is missing. */
void
reprise_sqlite_test_run (const char *path, const char *sql)
{
  sqlite3 *db = open_database (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

  if (sqlite3_exec (db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL) != SQLITE_OK ||
      sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  sqlite3_close (db);
}

/* The first column of the first row. */
gint64
reprise_sqlite_test_get (const char *path, const char *sql)
{
  sqlite3 *db = open_database (path, SQLITE_OPEN_READWRITE);
  sqlite3_stmt *statement = prepare (db, sql);
  gint64 value;

  if (sqlite3_step (statement) != SQLITE_ROW)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return value;
}

/* (transfer full): the first column of all rows, each on a line */
char *
reprise_sqlite_test_get_text (const char *path, const char *sql)
{
  sqlite3 *db = open_database (path, SQLITE_OPEN_READWRITE);
  sqlite3_stmt *statement = prepare (db, sql);
  GString *text = g_string_new (NULL);
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "",
                            (const char *) sqlite3_column_text (statement, 0));
  if (result != SQLITE_DONE)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return g_string_free (text, FALSE);
}

/* Another process that has run @sql and then keeps the database open, until reprise_sqlite_test_let_go(). */
int
reprise_sqlite_test_hold (const char *path, const char *sql)
{
  int ready[2];
  char byte;
  pid_t pid;

  g_assert_cmpint (pipe (ready), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      sqlite3 *db = open_database (path, SQLITE_OPEN_READWRITE);

      byte = sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK ? 'y' : 'n';
      if (write (ready[1], &byte, 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'y');
  close (ready[0]);
  return pid;
}

void
reprise_sqlite_test_let_go (int pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* Whether another program can run @sql now, without waiting. Not a fork: it would share what SQLite knows of this one's locks. */
gboolean
reprise_sqlite_test_try (const char *path, const char *sql)
{
  const char *argv[] = { "sqlite3", "-bail", path, sql, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  return g_spawn_check_wait_status (status, NULL);
}

static void
hash_value (RepriseHash *hash, sqlite3_stmt *statement, int column)
{
  int type = sqlite3_column_type (statement, column);
  gint64 integer = type == SQLITE_INTEGER ? sqlite3_column_int64 (statement, column) : 0;
  double real = type == SQLITE_FLOAT ? sqlite3_column_double (statement, column) : 0;
  const void *bytes =
    type == SQLITE_TEXT || type == SQLITE_BLOB ? sqlite3_column_blob (statement, column) : NULL;
  int size = bytes != NULL ? sqlite3_column_bytes (statement, column) : 0;

  reprise_hash_update (hash, &type, sizeof type);
  reprise_hash_update (hash, &integer, sizeof integer);
  reprise_hash_update (hash, &real, sizeof real);
  reprise_hash_update (hash, &size, sizeof size);
  reprise_hash_update (hash, bytes, (gsize) size);
}

static char *
hash_rows (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement = prepare (db, sql);
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count (statement); i++)
      hash_value (hash, statement, i);
  if (result != SQLITE_DONE)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));
  sqlite3_finalize (statement);
  return reprise_hash_finish (hash);
}

static char *
hash_one (sqlite3 *db, const char *table)
{
  char *with_rowid = sqlite3_mprintf ("SELECT _rowid_, * FROM \"%w\" ORDER BY _rowid_", table);
  char *without =
    sqlite3_mprintf ("SELECT * FROM \"%w\"", table); /* in the order of its primary key */
  sqlite3_stmt *statement = NULL;
  char *hash = NULL;

  sqlite3_prepare_v2 (db, with_rowid, -1, &statement, NULL);
  hash = hash_rows (db, statement != NULL ? with_rowid : without);
  sqlite3_finalize (statement);
  sqlite3_free (with_rowid);
  sqlite3_free (without);
  return hash;
}

/* (transfer full): of all rows with their rowids */
char *
reprise_sqlite_test_hash_table (const char *path, const char *table)
{
  sqlite3 *db = open_database (path, SQLITE_OPEN_READWRITE);
  char *hash = hash_one (db, table);

  sqlite3_close (db);
  return hash;
}

/**
 * reprise_sqlite_test_hash_all:
 * @but: (nullable) (array zero-terminated=1): tables that do not matter
 *
 * Returns: (transfer full): a line for each table, index, view and trigger with its definition and, for a table, its rows. The
 *   inner tables of a search index are not in it: their bytes depend on its history, what it finds does not
 */
char *
reprise_sqlite_test_hash_all (const char *path, const char *const *but)
{
  static const char sql[] =
    "SELECT type, name, coalesce (sql, '') FROM sqlite_schema ORDER BY type, name";
  sqlite3 *db = open_database (path, SQLITE_OPEN_READWRITE);
  sqlite3_stmt *statement = prepare (db, sql);
  GString *text = g_string_new (NULL);

  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      const char *name = (const char *) sqlite3_column_text (statement, 1);
      g_autofree char *rows = NULL;

      if ((but != NULL && g_strv_contains (but, name)) || strstr (name, "_fts_") != NULL)
        continue;
      if (g_str_equal ((const char *) sqlite3_column_text (statement, 0), "table"))
        rows = hash_one (db, name);
      g_string_append_printf (text, "%s %s %s\n", name,
                              (const char *) sqlite3_column_text (statement, 2), rows);
    }
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return g_string_free (text, FALSE);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full): a line for each file under @folder, with its content; empty folders do not count */
char *
reprise_sqlite_test_hash_folder (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *inner = NULL;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        inner = reprise_sqlite_test_hash_folder (path);
      else if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        {
          gsize size;
          g_autofree char *data = reprise_test_read (path, &size);

          inner = reprise_hash_bytes (data, size);
        }
      if (g_strcmp0 (inner, "") != 0)
        g_ptr_array_add (lines, g_strdup_printf ("%s: %s", name, inner));
    }
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

/* Runs a program in @folder. */
void
reprise_sqlite_test_call (const char *folder, const char *command, ...)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const char *argument;
  int status;
  va_list values;

  g_ptr_array_add (arguments, (gpointer) command);
  va_start (values, command);
  while ((argument = va_arg (values, const char *)) != NULL)
    g_ptr_array_add (arguments, (gpointer) argument);
  va_end (values);
  g_ptr_array_add (arguments, NULL);
  g_spawn_sync (folder, (char **) arguments->pdata, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

/* A backup of an application with its files, in one call. */
void
reprise_sqlite_test_back_up (const char *application,
                             const char *const *rules,
                             RepriseGroups groups,
                             const char *archive)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteRules) made_rules = reprise_sqlite_rules_new (rules, &error);
  g_autoptr (RepriseSqliteSource) source =
    reprise_sqlite_source_open (application, TRUE, NULL, &error);
  g_autoptr (GFile) file = g_file_new_for_path (archive);
  g_autoptr (GFileOutputStream) out =
    g_file_replace (file, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, NULL);
  g_autoptr (RepriseSqliteExport) export = NULL;
  char *scratch = reprise_test_make_folder ();

  g_assert_no_error (error);
  export = reprise_sqlite_export (source, made_rules, groups, scratch, G_OUTPUT_STREAM (out), NULL,
                                  NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (out), NULL, NULL));
  g_assert_cmpint (g_rmdir (scratch), ==, 0); /* nothing of it is left */
  g_free (scratch);
}

/* A whole folder, or a file, byte for byte. */
void
reprise_sqlite_test_copy (const char *from, const char *to)
{
  reprise_sqlite_test_call (NULL, "cp", "-a", from, to, NULL);
}

/* Each oddity that a database can have, in a table of its own. */
static const char ODD[] =
  "CREATE TABLE keyless (a, b); INSERT INTO keyless (rowid, a, b) VALUES (5, 1, 'x'), "
  "(900719925474099, NULL, x'00ff'), (-3, 2.5, '');"
  "CREATE TABLE named (rowid TEXT, oid, a UNIQUE); INSERT INTO named (_rowid_, rowid, oid, a) "
  "VALUES (77, 'r', 'o', 1), (12, NULL, 3, 4);"
  "CREATE TABLE all_named (rowid, _rowid_, oid); INSERT INTO all_named VALUES (1, 2, 3);"
  "CREATE TABLE \"we\"\"ird 'name/[é]\" (\"a \"\"b\" TEXT PRIMARY KEY, \"select\" BLOB) WITHOUT "
  "ROWID;"
  "INSERT INTO \"we\"\"ird 'name/[é]\" VALUES ('k', zeroblob (9000)), ('', NULL);"
  "CREATE TABLE \"\" (v); INSERT INTO \"\" VALUES (1);"
  "CREATE TABLE \" spaced \" (v); INSERT INTO \" spaced \" VALUES (1);"
  "CREATE TABLE \"star*\" (v); INSERT INTO \"star*\" VALUES (1);"
  "CREATE TABLE strict_any (id INTEGER PRIMARY KEY, v ANY, w INT) STRICT; INSERT INTO strict_any "
  "VALUES (1, '007', 7), (2, 7, 7), (3, x'07', 7);"
  "CREATE TABLE computed (id INTEGER PRIMARY KEY, v ANY, d TEXT AS (v || '!') STORED, e ANY AS (v) "
  "VIRTUAL) STRICT;"
  "INSERT INTO computed (id, v) VALUES (4, '007'), (8, 9);"
  "CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO numbered VALUES "
  "(41, 'x'); DELETE FROM numbered;"
  "CREATE TABLE reals (v REAL); INSERT INTO reals VALUES (1), (9007199254740993), (0.1), (-0.0), "
  "(9e999);"
  "CREATE TABLE texts (v TEXT); INSERT INTO texts VALUES (CAST (x'61006200' AS TEXT)), ('🙂'), "
  "(x'c328');"
  "CREATE TABLE empty (v); CREATE INDEX empty_v ON empty (v);"
  "CREATE TABLE partial (a, b); INSERT INTO partial VALUES (1, 2), (NULL, 3); CREATE INDEX "
  "partial_i ON partial (b DESC, a) WHERE a IS NOT NULL;"
  "CREATE INDEX partial_x ON partial (a + b); CREATE UNIQUE INDEX partial_u ON partial (b COLLATE "
  "NOCASE);"
  "CREATE VIRTUAL TABLE own USING fts5 (t); INSERT INTO own VALUES ('one two'), ('three');"
  "CREATE VIRTUAL TABLE four USING fts4 (t); INSERT INTO four VALUES ('one two'), ('three');"
  "CREATE VIRTUAL TABLE contentless USING fts5 (t, content = ''); INSERT INTO contentless (rowid, "
  "t) VALUES (3, 'one two');";

/* (transfer none): SQL that makes them, all in the group unknown */
const char *
reprise_sqlite_test_get_odd (void)
{
  return ODD;
}

/* Restores an archive, with a plan before, whose steps must be those that are then done, and which writes nothing. */
RepriseSqliteRestored *
reprise_sqlite_test_restore (const char *archive_path,
                             const char *application,
                             RepriseGroups groups,
                             gboolean undo,
                             GError **error)
{
  g_autoptr (RepriseSqliteArchive) archive =
    reprise_sqlite_archive_open (archive_path, NULL, error);
  g_autoptr (ReprisePlan) plan = reprise_sqlite_test_plan (archive_path, application, groups, undo);
  char *scratch = reprise_test_make_folder ();
  const RepriseSqliteWish wish = { application, groups, undo, scratch };
  RepriseSqliteRestored *restored =
    reprise_sqlite_restore (archive, &wish, NULL, NULL, NULL, error);
  g_auto (GStrv) planned = plan != NULL ? reprise_plan_dup_steps (plan) : NULL;

  if (restored != NULL)
    {
      g_assert_nonnull (plan);
      for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
        g_test_message ("%s", reprise_plan_get_check (plan, i)->text);
      g_assert_false (reprise_plan_is_refused (plan));
      for (guint i = 0; i < g_strv_length (planned); i++)
        g_assert_true (g_strv_contains ((const char *const *) restored->steps, planned[i]));
    }
  g_assert_cmpint (g_rmdir (scratch), ==, 0);
  g_free (scratch);
  return restored;
}

/* (transfer full) (nullable): the plan alone; %NULL where there can be none */
ReprisePlan *
reprise_sqlite_test_plan (const char *archive_path,
                          const char *application,
                          RepriseGroups groups,
                          gboolean undo)
{
  g_autoptr (RepriseSqliteArchive) archive = reprise_sqlite_archive_open (archive_path, NULL, NULL);
  g_autoptr (RepriseArchive) shown = reprise_archive_new_for_file ("sqlite", archive_path);
  g_autoptr (RepriseSqliteRules) rules = reprise_sqlite_rules_new (NULL, NULL);
  g_autoptr (ReprisePlan) plan = reprise_plan_new (shown, groups, NULL);
  gboolean is_folder = g_file_test (application, G_FILE_TEST_IS_DIR);
  g_autofree char *before = is_folder ? reprise_sqlite_test_hash_folder (application) : NULL;
  g_autofree char *after = NULL;
  char *scratch = reprise_test_make_folder ();
  const RepriseSqliteWish wish = { application, groups, undo, scratch };
  gboolean ok = reprise_sqlite_restore_plan (archive, &wish, rules, plan, NULL, NULL, NULL);

  after = is_folder ? reprise_sqlite_test_hash_folder (application) : NULL;
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (g_rmdir (scratch), ==, 0);
  g_free (scratch);
  return ok ? g_steal_pointer (&plan) : NULL;
}

/* The safety copy of a restore. */
void
reprise_sqlite_test_secure (const char *archive_path,
                            const char *application,
                            RepriseGroups groups,
                            const char *copy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteArchive) archive =
    reprise_sqlite_archive_open (archive_path, NULL, &error);
  g_autoptr (GFile) file = g_file_new_for_path (copy);
  g_autoptr (GFileOutputStream) out =
    g_file_replace (file, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, NULL);
  char *scratch = reprise_test_make_folder ();
  const RepriseSqliteWish wish = { application, groups, FALSE, scratch };
  g_autoptr (RepriseSqliteExport) export = reprise_sqlite_restore_export_safety_copy (
    archive, &wish, G_OUTPUT_STREAM (out), NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (export);
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (out), NULL, NULL));
  g_assert_cmpint (g_rmdir (scratch), ==, 0);
  g_free (scratch);
}
