/* test-sqlite-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "providers/sqlite/sqlite-fixture.h"
#include "reprise-sample.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

static void
test_whole (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *notes = sqlite_fixture_in_application (fixture, "fieldnotes.db"),
                  *telemetry = sqlite_fixture_in_application (fixture, "telemetry.db");
  g_autofree char *uploads = sqlite_fixture_in_application (fixture, "uploads");
  g_autofree char *notes_before = NULL, *telemetry_before = NULL, *uploads_before = NULL,
                  *cache_before = NULL, *later_before = NULL;
  g_autofree char *notes_after = NULL, *telemetry_after = NULL, *uploads_after = NULL,
                  *cache_after = NULL, *later_after = NULL;
  g_autoptr (RepriseSqliteRestored) restored = NULL;

  reprise_sqlite_test_make_sample (fixture->application);
  notes_before = reprise_sqlite_test_hash_all (notes, NOT_COMPARED);
  telemetry_before = reprise_sqlite_test_hash_all (telemetry, NOT_COMPARED);
  uploads_before = reprise_sqlite_test_hash_folder (uploads);
  sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
  sqlite_fixture_change_sample (fixture);
  cache_before = reprise_sqlite_test_hash_table (notes, "page_cache");
  later_before = reprise_sqlite_test_hash_table (notes, "later");
  restored = sqlite_fixture_restore (fixture, REPRISE_GROUPS_ALL);
  notes_after = reprise_sqlite_test_hash_all (notes, NOT_COMPARED);
  telemetry_after = reprise_sqlite_test_hash_all (telemetry, NOT_COMPARED);
  uploads_after = reprise_sqlite_test_hash_folder (uploads);
  cache_after = reprise_sqlite_test_hash_table (notes, "page_cache");
  later_after = reprise_sqlite_test_hash_table (notes, "later");
  g_assert_cmpstr (notes_before, ==, notes_after);
  g_assert_cmpstr (telemetry_before, ==, telemetry_after);
  g_assert_cmpstr (uploads_before, ==, uploads_after);
  g_assert_cmpstr (cache_before, ==, cache_after);
  g_assert_cmpstr (later_before, ==, later_after);
  sqlite_fixture_assert_sound (notes);
  sqlite_fixture_assert_sound (telemetry);
  g_assert_cmpint (reprise_sqlite_test_get (notes, "PRAGMA user_version"), ==, 7);
  g_assert_cmpint (
    reprise_sqlite_test_get (notes, "SELECT seq FROM sqlite_sequence WHERE name = 'users'"), ==,
    reprise_sqlite_test_get (notes, "SELECT max (id) FROM users"));
  /* the search index finds what is there now and nothing else */
  g_assert_cmpint (
    reprise_sqlite_test_get (
      notes, "SELECT count(*) FROM notes_fts WHERE notes_fts MATCH 'thought OR changed'"),
    ==, 0);
  reprise_sqlite_test_run (notes,
                           "INSERT INTO notes_fts (notes_fts, rank) VALUES ('integrity-check', 1)");
  g_assert_cmpint (restored->files, ==, 12);
  g_assert_cmpint (restored->removed, ==, 1);
  g_assert_cmpint (restored->rows, >, 500);
  g_assert_cmpuint (g_strv_length (restored->warnings), ==, 0);
}

/* One group after the other, and some together: exactly those tables become the old ones, every other stays as it is. */
static void
test_groups (SqliteFixture *fixture, gconstpointer data)
{
  static const struct
  {
    RepriseGroups groups;
    const char *tables; /* with spaces around them */
  } cases[] = {
    { BIT (REQUIRED), " schema_migrations settings active_users note_overview_rename " },
    { BIT (THIRD_PARTY), " api_tokens storage_providers " },
    { BIT (UNKNOWN), " scratchpad readings places places_node places_rowid places_parent " },
    { BIT (LOG), " event_log audits " },
    { BIT (CUSTOM), " projects notes tags note_tags attachments notes_fts " },
    { BIT (USER) | BIT (CUSTOM), " users roles user_roles sessions projects notes tags note_tags "
                                 "attachments notes_fts " },
    { BIT (REQUIRED) | BIT (LOG), " schema_migrations settings active_users note_overview_rename "
                                  "event_log audits " },
  };
  g_autofree char *original = g_build_filename (fixture->folder, "original", NULL);
  g_autofree char *changed = g_build_filename (fixture->folder, "changed", NULL);

  reprise_sqlite_test_make_sample (fixture->application);
  sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
  reprise_sqlite_test_copy (fixture->application, original);
  sqlite_fixture_change_sample (fixture);
  reprise_sqlite_test_copy (fixture->application, changed);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i += REPRISE_TEST_WITH_SANITIZER ? 4 : 1)
    {
      static const char *const databases[] = { "fieldnotes.db", "telemetry.db" };

      reprise_sqlite_test_call (NULL, "rm", "-r", fixture->application, NULL);
      reprise_sqlite_test_copy (changed, fixture->application);
      reprise_sqlite_restored_free (sqlite_fixture_restore (fixture, cases[i].groups));
      for (guint j = 0; j < G_N_ELEMENTS (databases); j++)
        {
          g_autofree char *was = g_build_filename (original, databases[j], NULL);
          g_autofree char *changed_path = g_build_filename (changed, databases[j], NULL);
          g_autofree char *now = sqlite_fixture_in_application (fixture, databases[j]);
          g_autofree char *names = reprise_sqlite_test_get_text (
            now, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view', 'trigger')");
          g_auto (GStrv) tables = g_strsplit (names, "\n", -1);

          for (guint k = 0; tables[k] != NULL; k++)
            {
              g_autofree char *word = g_strdup_printf (" %s ", tables[k]);
              gboolean restored = strstr (cases[i].tables, word) != NULL;
              const char *but[] = { NULL };
              g_autofree char *expected_all =
                reprise_sqlite_test_hash_all (restored ? was : changed_path, but);
              g_autofree char *now_all = reprise_sqlite_test_hash_all (now, but);
              g_autofree char *start = g_strdup_printf ("\n%s ", tables[k]);
              const char *expected = strstr (expected_all, start), *found = strstr (now_all, start);

              if (strstr (tables[k], "_fts") != NULL ||
                  g_str_equal (tables[k], "sqlite_sequence") || expected == NULL || found == NULL)
                continue;
              g_test_message ("%x: %s", cases[i].groups, tables[k]);
              g_assert_cmpuint (strcspn (expected + 1, "\n"), ==, strcspn (found + 1, "\n"));
              g_assert_cmpint (strncmp (expected, found, 1 + strcspn (expected + 1, "\n")), ==, 0);
            }
          sqlite_fixture_assert_sound (now);
        }
    }
}

/* Where the bytes of a table and its indexes lie, as “name page page …” lines. */
static char *
hash_pages (const char *path, const char *but)
{
  g_autofree char *sql = g_strdup_printf (
    "SELECT name || ' ' || pageno FROM dbstat WHERE name NOT IN (%s) ORDER BY name, path", but);
  g_autofree char *list = reprise_sqlite_test_get_text (path, sql);
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);
  gsize page_size = (gsize) reprise_sqlite_test_get (path, "PRAGMA page_size");
  gsize size;
  g_autofree char *bytes = reprise_test_read (path, &size);
  GString *text = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gsize page = (gsize) g_ascii_strtoull (strrchr (lines[i], ' '), NULL, 10);
      g_autofree char *hash = reprise_hash_bytes (bytes + (page - 1) * page_size, page_size);

      g_string_append_printf (text, "%s %s\n", lines[i], hash);
    }
  return g_string_free (text, FALSE);
}

/* What sqlite3 would write of the tables that are not restored. */
static char *
dump (const char *path, const char *but)
{
  g_autofree char *sql = g_strdup_printf (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT IN (%s)",
    but);
  g_autofree char *names = reprise_sqlite_test_get_text (path, sql);
  g_autofree char *command = g_strdup_printf (".dump %s", g_strdelimit (names, "\n", ' '));
  const char *argv[] = { "sqlite3", path, command, NULL };
  char *out = NULL;
  g_autoptr (GError) error = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL,
                &error);
  g_assert_no_error (error);
  return out;
}

/* Every other table stays byte for byte where it is: its pages are the same pages with the same bytes. */
static void
test_pages (SqliteFixture *fixture, gconstpointer data)
{
  static const char but[] = "'users', 'sqlite_autoindex_users_1', 'users_name', 'roles', "
                            "'sqlite_autoindex_roles_1', 'user_roles', 'sessions', "
                            "'sqlite_autoindex_user_roles_1', 'sqlite_autoindex_sessions_1', "
                            "'sqlite_schema', 'sqlite_sequence'";
  static const char *const modes[] = { "DELETE", "WAL" };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *path = sqlite_fixture_in_application (fixture, "fieldnotes.db");
      g_autofree char *sql = g_strdup_printf ("PRAGMA journal_mode = %s", modes[i]);
      g_autofree char *before = NULL, *after = NULL, *dump_before = NULL, *dump_after = NULL;

      reprise_sqlite_test_make_sample (fixture->application);
      reprise_sqlite_test_run (path, sql);
      sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
      sqlite_fixture_change_sample (fixture);
      before = hash_pages (path, but);
      dump_before = dump (path, but);
      reprise_sqlite_restored_free (sqlite_fixture_restore (fixture, BIT (USER)));
      after = hash_pages (path, but);
      dump_after = dump (path, but);
      g_assert_cmpuint (strlen (before), >, 1000);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpuint (strlen (dump_before), >, 1000);
      g_assert_cmpstr (dump_before, ==, dump_after);
      reprise_sqlite_test_call (NULL, "rm", "-r", fixture->application, NULL);
      g_assert_cmpint (g_mkdir (fixture->application, 0700), ==, 0);
    }
}

/* The probe of contracts: with foreign keys on, deleting would reach into tables of other groups, and triggers would write. */
static void
test_cascade (SqliteFixture *fixture, gconstpointer data)
{
  reprise_sqlite_test_run (
    fixture->database,
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name); CREATE TABLE events (n, user REFERENCES "
    "users ON DELETE CASCADE);"
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, user REFERENCES users ON DELETE SET NULL);"
    "CREATE TABLE count (n); INSERT INTO count VALUES (0);"
    "INSERT INTO users VALUES (1, 'a'), (2, 'b'); INSERT INTO events VALUES (1, 1), (2, 2); INSERT "
    "INTO notes VALUES (1, 2);"
    "CREATE TRIGGER seen AFTER INSERT ON users BEGIN UPDATE count SET n = n + 1; END;"
    "CREATE TRIGGER gone BEFORE DELETE ON users BEGIN UPDATE count SET n = n + 100; DELETE FROM "
    "events; END");
  sqlite_fixture_back_up (fixture, NULL);
  reprise_sqlite_test_run (fixture->database, "UPDATE users SET name = 'changed'");
  reprise_sqlite_restored_free (sqlite_fixture_restore (fixture, BIT (USER)));
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database, "SELECT count(*) FROM events"), ==,
                   2);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database, "SELECT user FROM notes"), ==, 2);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database, "SELECT n FROM count"), ==, 0);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database,
                                            "SELECT count(*) FROM users WHERE name IN ('a', 'b')"),
                   ==, 2);
  /* the control: the application's own delete does reach */
  reprise_sqlite_test_run (fixture->database, "DELETE FROM users");
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database, "SELECT count(*) FROM events"), ==,
                   0);
}

static RepriseCheckResult
get_worst (ReprisePlan *plan, const char *id)
{
  RepriseCheckResult worst = REPRISE_CHECK_OK;

  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    if (g_str_equal (reprise_plan_get_check (plan, i)->id, id))
      worst = MAX (worst, reprise_plan_get_check (plan, i)->result);
  return worst;
}

static void
test_keys (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *message = NULL, *second = NULL;
  g_autoptr (ReprisePlan) plan = NULL, good_plan = NULL;
  g_autoptr (RepriseSqliteRestored) restored = NULL;

  reprise_sqlite_test_run (
    fixture->database,
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name); CREATE TABLE logs (n INTEGER PRIMARY KEY, "
    "user REFERENCES users);"
    "INSERT INTO users VALUES (1, 'a'), (2, 'b'); INSERT INTO logs VALUES (1, 1), (2, 2)");
  sqlite_fixture_back_up (fixture, NULL);
  reprise_sqlite_test_run (
    fixture->database, "INSERT INTO users VALUES (3, 'c'); INSERT INTO logs VALUES (3, 3), (4, 3)");
  message = sqlite_fixture_restore_in_vain (fixture, BIT (USER), REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (message, "“logs”"));
  g_assert_nonnull (strstr (message, "“users”"));
  g_assert_nonnull (strstr (message, "2 rows"));
  g_assert_nonnull (strstr (message, "(log)"));
  plan = reprise_sqlite_test_plan (fixture->archive, fixture->application, BIT (USER), FALSE);
  g_assert_cmpint (get_worst (plan, "foreign-keys"), ==, REPRISE_CHECK_REFUSED);
  good_plan = reprise_sqlite_test_plan (fixture->archive, fixture->application,
                                        BIT (USER) | BIT (LOG), FALSE);
  g_assert_false (reprise_plan_is_refused (good_plan));
  /* the other way round: rows of the backup that point to what is gone */
  reprise_sqlite_test_run (fixture->database, "DELETE FROM logs; DELETE FROM users WHERE id = 1");
  second = sqlite_fixture_restore_in_vain (fixture, BIT (LOG), REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (second, "(user)"));
  restored = sqlite_fixture_restore (fixture, BIT (USER) | BIT (LOG));
  sqlite_fixture_assert_sound (fixture->database);
}

/* What was broken before is none of the restore's doing. */
static void
test_broken_keys (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *message = NULL;
  g_autoptr (RepriseSqliteRestored) restored = NULL;

  reprise_sqlite_test_run (
    fixture->database,
    "PRAGMA foreign_keys = OFF; CREATE TABLE users (id INTEGER PRIMARY KEY, name);"
    "CREATE TABLE logs (n INTEGER PRIMARY KEY, user REFERENCES users);"
    "CREATE TABLE events (user REFERENCES users, n, PRIMARY KEY (user, n)) WITHOUT ROWID;"
    "CREATE TABLE notes (user REFERENCES missing (id)); INSERT INTO notes VALUES (1);"
    "INSERT INTO users VALUES (1, 'a'), (2, 'b'); INSERT INTO logs VALUES (1, 1), (2, 77);"
    "INSERT INTO events VALUES (1, 1), (78, 1), (78, 2)");
  sqlite_fixture_back_up (fixture, NULL);
  reprise_sqlite_test_run (fixture->database, "UPDATE users SET name = 'x'");
  restored = sqlite_fixture_restore (fixture, BIT (USER));
  g_assert_cmpint (
    reprise_sqlite_test_get (fixture->database, "SELECT count(*) FROM users WHERE name = 'a'"), ==,
    1);
  g_clear_pointer (&restored, reprise_sqlite_restored_free);
  restored = sqlite_fixture_restore (fixture, BIT (LOG));
  reprise_sqlite_test_run (fixture->database, "PRAGMA foreign_keys = OFF; INSERT INTO users VALUES "
                                              "(9, 'n'); INSERT INTO events VALUES (9, 1)");
  message = sqlite_fixture_restore_in_vain (fixture, BIT (USER), REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (message, "“events”"));
}

static void
test_columns (SqliteFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *change;
    const char *told; /* NULL where the restore is possible */
  } cases[] = {
    { "ALTER TABLE users ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'", NULL },
    { "ALTER TABLE users ADD COLUMN colour TEXT", NULL },
    { "ALTER TABLE users ADD COLUMN twice AS (id * 2)", NULL },
    { "CREATE INDEX more ON users (name)", NULL },
    { "DROP INDEX users_name", NULL },
    { "ALTER TABLE users DROP COLUMN age", "“age” is missing now" },
    { "ALTER TABLE users RENAME COLUMN age TO years", "“age” is missing now" },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age TEXT)",
      "“age” was INTEGER and is TEXT now" },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER, name TEXT)",
      NULL },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR (30), age "
      "BIGINT)",
      NULL },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age "
      "INTEGER)",
      "“name” may not be empty now" },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, x NOT "
      "NULL)",
      "“x” is new and has no default" },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER, name TEXT PRIMARY KEY, age INTEGER)",
      "another place in the key" },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER) "
      "WITHOUT ROWID",
      "in another way" },
    { "DROP TABLE users; CREATE VIEW users AS SELECT 1 AS id, 2 AS name, 3 AS age",
      "is a view now" },
    { "DROP TABLE users; CREATE VIRTUAL TABLE users USING fts5 (name)", "is a virtual table now" },
    { "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER "
      "CHECK (age > 40))",
      "“users”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i += REPRISE_TEST_WITH_SANITIZER ? 4 : 1)
    {
      g_unlink (fixture->database);
      reprise_sqlite_test_run (
        fixture->database, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);"
                           "CREATE INDEX users_name ON users (name);"
                           "INSERT INTO users VALUES (1, 'a', 30), (7, 'b', 40)");
      sqlite_fixture_back_up (fixture, NULL);
      reprise_sqlite_test_run (fixture->database, cases[i].change);
      g_test_message ("%s", cases[i].change);
      if (cases[i].told != NULL)
        {
          g_autofree char *message =
            sqlite_fixture_restore_in_vain (fixture, BIT (USER), REPRISE_ERROR_REFUSED);

          g_assert_nonnull (strstr (message, cases[i].told));
          continue;
        }
      reprise_sqlite_restored_free (sqlite_fixture_restore (fixture, BIT (USER)));
      g_assert_cmpint (
        reprise_sqlite_test_get (fixture->database,
                                 "SELECT sum (id * age) FROM users WHERE name IN ('a', 'b')"),
        ==, 310);
      sqlite_fixture_assert_sound (fixture->database);
    }
}

static void
test_missing (SqliteFixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;
  static const char *const but[] = { "only_here", NULL };

  reprise_sqlite_test_run (
    fixture->database,
    "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name UNIQUE); INSERT INTO users "
    "VALUES (3, 'c'), (9, 'x');"
    "DELETE FROM users WHERE id = 9; CREATE INDEX users_i ON users (name DESC) WHERE id > 1;"
    "CREATE TABLE roles (id PRIMARY KEY, n AS (id + 1)) WITHOUT ROWID; INSERT INTO roles VALUES "
    "(4);"
    "CREATE VIRTUAL TABLE users_fts USING fts5 (name, content = users, content_rowid = id);"
    "INSERT INTO users_fts (users_fts) VALUES ('rebuild');"
    "CREATE VIEW names AS SELECT name FROM users; CREATE TRIGGER t AFTER DELETE ON users BEGIN "
    "SELECT 1; END");
  before = reprise_sqlite_test_hash_all (fixture->database, but);
  sqlite_fixture_back_up (fixture, NULL);
  reprise_sqlite_test_run (
    fixture->database, "DROP TABLE users_fts; DROP VIEW names; DROP TABLE users; DROP TABLE roles;"
                       "CREATE TABLE only_here (x); INSERT INTO only_here VALUES (5)");
  reprise_sqlite_restored_free (sqlite_fixture_restore (fixture, REPRISE_GROUPS_ALL));
  after = reprise_sqlite_test_hash_all (fixture->database, but);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database, "SELECT x FROM only_here"), ==, 5);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database,
                                            "SELECT seq FROM sqlite_sequence WHERE name = 'users'"),
                   ==, 9);
  g_assert_cmpint (reprise_sqlite_test_get (
                     fixture->database, "SELECT rowid FROM users_fts WHERE users_fts MATCH 'c'"),
                   ==, 3);
}

static void
test_search (SqliteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSqliteRestored) restored = NULL;
  const char *rules[] = { "three=log", "two_fts=user", NULL };

  reprise_sqlite_test_run (
    fixture->database,
    "CREATE VIRTUAL TABLE own USING fts5 (t); INSERT INTO own VALUES ('alpha'), ('beta');"
    "CREATE VIRTUAL TABLE four USING fts4 (t); INSERT INTO four VALUES ('alpha'), ('beta');"
    "CREATE VIRTUAL TABLE less USING fts5 (t, content = ''); INSERT INTO less (rowid, t) VALUES "
    "(1, 'alpha'), (2, 'beta');"
    "CREATE TABLE three (id INTEGER PRIMARY KEY, t); INSERT INTO three VALUES (1, 'alpha'), (2, "
    "'beta');"
    "CREATE VIRTUAL TABLE two_fts USING fts5 (t, content = three, content_rowid = id); INSERT INTO "
    "two_fts (two_fts) VALUES ('rebuild');");
  sqlite_fixture_back_up (fixture, rules);
  reprise_sqlite_test_run (fixture->database,
                           "DELETE FROM own WHERE t = 'alpha'; INSERT INTO own VALUES ('gamma'); "
                           "DELETE FROM four; INSERT INTO four VALUES ('gamma');"
                           "INSERT INTO less (rowid, t) VALUES (3, 'gamma'); UPDATE three SET t = "
                           "'gamma'; INSERT INTO two_fts (two_fts) VALUES ('rebuild')");
  restored = sqlite_fixture_restore (fixture, BIT (UNKNOWN));
  g_assert_cmpint (reprise_sqlite_test_get (
                     fixture->database, "SELECT count(*) FROM own WHERE own MATCH 'alpha OR beta'"),
                   ==, 2);
  g_assert_cmpint (
    reprise_sqlite_test_get (fixture->database, "SELECT count(*) FROM own WHERE own MATCH 'gamma'"),
    ==, 0);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database,
                                            "SELECT count(*) FROM four WHERE four MATCH 'alpha'"),
                   ==, 1);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database,
                                            "SELECT count(*) FROM four WHERE four MATCH 'gamma'"),
                   ==, 0);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database,
                                            "SELECT count(*) FROM less WHERE less MATCH 'gamma'"),
                   ==, 0);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database,
                                            "SELECT count(*) FROM less WHERE less MATCH 'alpha'"),
                   ==, 1);
  g_assert_cmpint (reprise_sqlite_test_get (
                     fixture->database, "SELECT count(*) FROM two_fts WHERE two_fts MATCH 'gamma'"),
                   ==, 2);
  g_clear_pointer (&restored, reprise_sqlite_restored_free);
  /* the text is in another group than the index over it: the index follows all the same */
  restored = sqlite_fixture_restore (fixture, BIT (LOG));
  g_assert_cmpint (reprise_sqlite_test_get (
                     fixture->database, "SELECT count(*) FROM two_fts WHERE two_fts MATCH 'gamma'"),
                   ==, 0);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database,
                                            "SELECT rowid FROM two_fts WHERE two_fts MATCH 'beta'"),
                   ==, 2);
  sqlite_fixture_assert_sound (fixture->database);
}

/* A module that nobody here has: its tables are copied as they are, and its definition stays or is put back. */
static void
test_foreign_module (SqliteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSqliteRestored) restored = NULL;
  g_autofree char *elsewhere = g_build_filename (fixture->folder, "elsewhere", NULL);
  g_autofree char *copy = g_build_filename (elsewhere, "app.db", NULL);
  g_autoptr (GError) error = NULL;

  reprise_sqlite_test_run (fixture->database,
                           "CREATE TABLE vectors_chunks (id INTEGER PRIMARY KEY, x); INSERT INTO "
                           "vectors_chunks VALUES (4, x'01')");
  reprise_sqlite_test_run (fixture->database,
                           "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES"
                           " ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors "
                           "USING vec0 (embedding float[3])')");
  sqlite_fixture_back_up (fixture, NULL);
  reprise_sqlite_test_run (fixture->database, "DELETE FROM vectors_chunks");
  restored = sqlite_fixture_restore (fixture, REPRISE_GROUPS_ALL);
  g_assert_cmpint (reprise_sqlite_test_get (fixture->database, "SELECT id FROM vectors_chunks"), ==,
                   4);
  g_clear_pointer (&restored, reprise_sqlite_restored_free);
  restored =
    reprise_sqlite_test_restore (fixture->archive, elsewhere, REPRISE_GROUPS_ALL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (
    reprise_sqlite_test_get (copy, "SELECT count(*) FROM sqlite_schema WHERE sql LIKE 'CREATE "
                                   "VIRTUAL TABLE vectors USING vec0%'"),
    ==, 1);
  g_assert_cmpint (reprise_sqlite_test_get (copy, "SELECT id FROM vectors_chunks"), ==, 4);
}

static void
test_odd (SqliteFixture *fixture, gconstpointer data)
{
  static const char *const settings[] = {
    "PRAGMA page_size = 512", "PRAGMA page_size = 65536; PRAGMA journal_mode = WAL",
    "PRAGMA encoding = 'UTF-16le'; PRAGMA auto_vacuum = FULL",
    "PRAGMA encoding = 'UTF-16be'; PRAGMA journal_mode = WAL"
  };
  /* inner tables of search indexes are made anew */
  static const char *const but[] = { "own_data",      "own_idx",         "own_docsize",
                                     "four_segments", "four_segdir",     "four_docsize",
                                     "four_stat",     "sqlite_sequence", NULL };
  static const char changes[] = "DELETE FROM keyless; UPDATE strict_any SET v = 1; DELETE FROM "
                                "numbered; INSERT INTO numbered (v) VALUES (1);"
                                "INSERT INTO reals VALUES (5); UPDATE partial SET a = 9; DELETE "
                                "FROM own; DELETE FROM four; INSERT INTO computed (v) VALUES (1);"
                                "DELETE FROM \"we\"\"ird 'name/[é]\"; UPDATE named SET rowid = "
                                "'z'; DELETE FROM texts; INSERT INTO empty VALUES (1);"
                                "UPDATE \"\" SET v = 2; UPDATE \" spaced \" SET v = 2; UPDATE "
                                "\"star*\" SET v = 2";

  for (guint i = 0; i < G_N_ELEMENTS (settings); i += REPRISE_TEST_WITH_SANITIZER ? 2 : 1)
    {
      g_autofree char *sql =
        g_strdup_printf ("%s; %s", settings[i], reprise_sqlite_test_get_odd ());
      g_autofree char *elsewhere = g_strdup_printf ("%s/elsewhere-%u", fixture->folder, i);
      g_autofree char *copy = g_build_filename (elsewhere, "app.db", NULL);
      g_autofree char *before = NULL, *after = NULL, *other = NULL, *mode_before = NULL,
                      *mode_after = NULL, *changed = NULL, *undone = NULL;
      g_autoptr (RepriseSqliteRestored) restored = NULL, back = NULL;
      g_autoptr (GError) error = NULL;

      g_unlink (fixture->database);
      reprise_sqlite_test_run (fixture->database, sql);
      before = reprise_sqlite_test_hash_all (fixture->database, but);
      sqlite_fixture_back_up (fixture, NULL);
      reprise_sqlite_test_run (fixture->database, changes);
      /* first there and back: each table is in the safety copy, whatever its name */
      changed = reprise_sqlite_test_hash_all (fixture->database, but);
      reprise_sqlite_test_secure (fixture->archive, fixture->application, REPRISE_GROUPS_ALL,
                                  fixture->copy);
      restored = sqlite_fixture_restore (fixture, REPRISE_GROUPS_ALL);
      g_clear_pointer (&restored, reprise_sqlite_restored_free);
      back = reprise_sqlite_test_restore (fixture->copy, fixture->application, REPRISE_GROUPS_ALL,
                                          TRUE, &error);
      g_assert_no_error (error);
      undone = reprise_sqlite_test_hash_all (fixture->database, but);
      g_assert_cmpstr (changed, ==, undone);
      restored = sqlite_fixture_restore (fixture, REPRISE_GROUPS_ALL);
      after = reprise_sqlite_test_hash_all (fixture->database, but);
      g_assert_cmpstr (before, ==, after);
      sqlite_fixture_assert_sound (fixture->database);
      g_assert_cmpint (
        reprise_sqlite_test_get (fixture->database, "SELECT seq FROM sqlite_sequence"), ==, 41);
      g_clear_pointer (&restored, reprise_sqlite_restored_free);
      restored = reprise_sqlite_test_restore (fixture->archive, elsewhere, REPRISE_GROUPS_ALL,
                                              FALSE, &error);
      g_assert_no_error (error);
      other = reprise_sqlite_test_hash_all (copy, but);
      g_assert_cmpstr (before, ==, other);
      sqlite_fixture_assert_sound (copy);
      g_assert_cmpint (reprise_sqlite_test_get (copy, "PRAGMA page_size"), ==,
                       reprise_sqlite_test_get (fixture->database, "PRAGMA page_size"));
      g_assert_cmpint (reprise_sqlite_test_get (copy, "PRAGMA auto_vacuum"), ==,
                       reprise_sqlite_test_get (fixture->database, "PRAGMA auto_vacuum"));
      mode_before = reprise_sqlite_test_get_text (fixture->database, "PRAGMA journal_mode");
      mode_after = reprise_sqlite_test_get_text (copy, "PRAGMA journal_mode");
      g_assert_cmpstr (mode_before, ==, mode_after);
    }
}

static void
test_nothing (SqliteFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_sqlite_test_make_sample (fixture->application);
  reprise_sqlite_test_back_up (fixture->application, NULL, BIT (USER), fixture->archive);
  g_assert_null (
    reprise_sqlite_test_restore (fixture->archive, fixture->application, BIT (LOG), FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
}

/* Statements, of which some are chosen by chance. */
static const char *const RANDOM_CHANGES[] = {
  "DELETE FROM notes WHERE id % 5 = 1",
  "UPDATE notes SET title = 'changed ' || id WHERE id % 4 = 0",
  "INSERT INTO notes SELECT max (id) + 7, 2, 2, 'random', 'body', 1, 0 FROM notes",
  "INSERT INTO users (email, name, created_at) VALUES (hex (randomblob (8)), 'random', 1)",
  "DELETE FROM sessions",
  "DELETE FROM settings",
  "UPDATE roles SET name = name || 'x'",
  "DELETE FROM api_tokens",
  "INSERT INTO scratchpad VALUES ('random', random ())",
  "UPDATE projects SET name = name || '!'",
  "DELETE FROM tags WHERE id > 10",
  "DROP TABLE IF EXISTS storage_providers",
  "DROP VIEW IF EXISTS note_overview",
  "DROP TRIGGER IF EXISTS notes_au",
  "CREATE TABLE IF NOT EXISTS extra (x); INSERT INTO extra VALUES (random ())",
  "PRAGMA user_version = 99",
  "DROP TABLE IF EXISTS note_tags",
  "CREATE VIEW IF NOT EXISTS extra_view AS SELECT 1",
};

static void
change_by_chance (const SqliteFixture *fixture, GRand *random)
{
  g_autofree char *notes = sqlite_fixture_in_application (fixture, "fieldnotes.db"),
                  *telemetry = sqlite_fixture_in_application (fixture, "telemetry.db");
  g_autofree char *uploads = sqlite_fixture_in_application (fixture, "uploads");

  for (guint i = 0; i < 5; i++)
    reprise_sqlite_test_run (
      notes, RANDOM_CHANGES[g_rand_int_range (random, 0, G_N_ELEMENTS (RANDOM_CHANGES))]);
  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      reprise_sqlite_test_run (telemetry, TELEMETRY_CHANGES);
      break;
    case 1:
      g_unlink (telemetry);
      break;
    default:
      break;
    }
  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      reprise_sqlite_test_call (NULL, "rm", "-r", uploads, NULL);
      break;
    case 1:
      reprise_sqlite_test_call (
        uploads, "sh", "-c",
        "rm -f 2024/*; mkdir -p more; echo new > more/new.jpg; echo x >> 2025/1.jpg", NULL);
      break;
    default:
      break;
    }
}

/* The lines that stand in the one and not in the other, so that a failure says what it is about. */
static void
assert_same_lines (const char *before, const char *after)
{
  g_auto (GStrv) lines = g_strsplit (before, "\n", -1), others = g_strsplit (after, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) others, lines[i]))
      g_test_message ("before: %s", lines[i]);
  for (guint i = 0; others[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) lines, others[i]))
      g_test_message ("after: %s", others[i]);
  g_assert_true (g_str_equal (before, after));
}

/* TESTPLAN B2: a restore and its undo bring back the same. REPRISE_TEST_UNDOS asks for more than the commit's share. */
static void
test_undo (SqliteFixture *fixture, gconstpointer data)
{
  const char *wanted = g_getenv ("REPRISE_TEST_UNDOS");
  guint n = wanted != NULL                ? (guint) g_ascii_strtoull (wanted, NULL, 10)
            : REPRISE_TEST_WITH_SANITIZER ? 3
                                          : 25;
  guint32 seed = wanted != NULL ? g_random_int () : 11;
  g_autofree char *original = g_build_filename (fixture->folder, "original", NULL);
  GRand *random = g_rand_new_with_seed (seed);
  guint n_restored = 0;

  g_test_message ("seed %u", seed);
  reprise_sqlite_test_make_sample (fixture->application);
  sqlite_fixture_back_up (fixture, reprise_sample_get_rules ());
  reprise_sqlite_test_copy (fixture->application, original);
  for (guint i = 0; i < n; i++)
    {
      RepriseGroups groups =
        (RepriseGroups) g_rand_int_range (random, 1, (gint32) REPRISE_GROUPS_ALL + 1);
      g_autofree char *before = NULL, *between = NULL, *after = NULL;
      g_autoptr (RepriseSqliteRestored) restored = NULL, undone = NULL;
      g_autoptr (GError) error = NULL;

      if (i % 3 == 0)
        groups = REPRISE_GROUPS_ALL;
      reprise_sqlite_test_call (NULL, "rm", "-r", fixture->application, NULL);
      reprise_sqlite_test_copy (original, fixture->application);
      change_by_chance (fixture, random);
      before = sqlite_fixture_hash_application (fixture);
      reprise_sqlite_test_secure (fixture->archive, fixture->application, groups, fixture->copy);
      restored =
        reprise_sqlite_test_restore (fixture->archive, fixture->application, groups, FALSE, &error);
      if (restored == NULL)
        {
          /* foreign keys: then all is as it was */
          g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
          after = sqlite_fixture_hash_application (fixture);
          assert_same_lines (before, after);
          continue;
        }
      between = sqlite_fixture_hash_application (fixture);
      undone = reprise_sqlite_test_restore (fixture->copy, fixture->application, REPRISE_GROUPS_ALL,
                                            TRUE, &error);
      g_assert_no_error (error);
      after = sqlite_fixture_hash_application (fixture);
      assert_same_lines (before, after);
      n_restored += g_str_equal (before, between) ? 0 : 1;
    }
  g_rand_free (random);
  g_test_message ("%u of %u restores changed something and were undone", n_restored, n);
  g_assert_cmpuint (n_restored, >, n / 3);
}

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/restore/whole", SqliteFixture, NULL, sqlite_fixture_set_up, test_whole,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/groups", SqliteFixture, NULL, sqlite_fixture_set_up, test_groups,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/pages", SqliteFixture, NULL, sqlite_fixture_set_up, test_pages,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/cascade", SqliteFixture, NULL, sqlite_fixture_set_up, test_cascade,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/keys", SqliteFixture, NULL, sqlite_fixture_set_up, test_keys,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/broken-keys", SqliteFixture, NULL, sqlite_fixture_set_up,
              test_broken_keys, sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/columns", SqliteFixture, NULL, sqlite_fixture_set_up, test_columns,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/missing", SqliteFixture, NULL, sqlite_fixture_set_up, test_missing,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/search", SqliteFixture, NULL, sqlite_fixture_set_up, test_search,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/foreign-module", SqliteFixture, NULL, sqlite_fixture_set_up,
              test_foreign_module, sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/odd", SqliteFixture, NULL, sqlite_fixture_set_up, test_odd,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/nothing", SqliteFixture, NULL, sqlite_fixture_set_up, test_nothing,
              sqlite_fixture_tear_down);
  g_test_add ("/sqlite/restore/undo", SqliteFixture, NULL, sqlite_fixture_set_up, test_undo,
              sqlite_fixture_tear_down);
  return g_test_run ();
}
