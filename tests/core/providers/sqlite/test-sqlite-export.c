/* test-sqlite-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-db-private.h"
#include "providers/sqlite/reprise-sqlite-export.h"
#include "reprise-sample.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
  char *application;
  char *database; /* app.db in it */
  char *archive;
  char *plain; /* what unzip makes of it */
  char *scratch;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->application = g_build_filename (fixture->folder, "application", NULL);
  fixture->database = g_build_filename (fixture->application, "app.db", NULL);
  fixture->archive = g_build_filename (fixture->folder, "archive.zip", NULL);
  fixture->plain = g_build_filename (fixture->folder, "plain", NULL);
  fixture->scratch = g_build_filename (fixture->folder, "scratch", NULL);
  g_assert_cmpint (g_mkdir (fixture->application, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->scratch, 0700), ==, 0);
  reprise_sqlite_busy_ms = 300;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->application);
  g_free (fixture->database);
  g_free (fixture->archive);
  g_free (fixture->plain);
  g_free (fixture->scratch);
  reprise_test_remove_folder (fixture->folder);
}

/* Backs up and unpacks with unzip(1), which checks everything that it can. */
static void
back_up (const Fixture *fixture, const char *const *rules, RepriseGroups groups)
{
  reprise_sqlite_test_back_up (fixture->application, rules, groups, fixture->archive);
  reprise_sqlite_test_call (NULL, "unzip", "-q", "-o", fixture->archive, "-d", fixture->plain,
                            NULL);
}

static char *
in_plain (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->plain, name, NULL);
}

static void
assert_same_table (const Fixture *fixture,
                   const char *database,
                   const char *file,
                   const char *table)
{
  g_autofree char *from = g_build_filename (fixture->application, database, NULL);
  g_autofree char *to = in_plain (fixture, file);
  g_autofree char *before = reprise_sqlite_test_hash_table (from, table);
  g_autofree char *after = reprise_sqlite_test_hash_table (to, table);

  g_test_message ("%s", table);
  g_assert_cmpstr (before, ==, after);
}

static void
assert_sound (const char *path)
{
  g_autofree char *check = reprise_sqlite_test_get_text (path, "PRAGMA integrity_check");

  g_assert_cmpstr (check, ==, "ok");
}

static void
test_sample (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *database;
    const char *file;
    const char *table;
  } cases[] = {
    { "fieldnotes.db", "data/0/required.sqlite", "schema_migrations" },
    { "fieldnotes.db", "data/0/required.sqlite", "settings" },
    { "fieldnotes.db", "data/0/user.sqlite", "users" },
    { "fieldnotes.db", "data/0/user.sqlite", "user_roles" },
    { "fieldnotes.db", "data/0/user.sqlite", "sessions" },
    { "fieldnotes.db", "data/0/third-party.sqlite", "api_tokens" },
    { "fieldnotes.db", "data/0/unknown.sqlite", "scratchpad" },
    { "fieldnotes.db", "data/0/custom.sqlite", "notes" },
    { "fieldnotes.db", "data/0/custom.sqlite", "note_tags" },
    { "fieldnotes.db", "data/0/custom.sqlite", "notes_fts_data" },
    { "fieldnotes.db", "data/0/custom.sqlite", "notes_fts_idx" },
    { "telemetry.db", "data/1/log.sqlite", "event_log" },
    { "telemetry.db", "data/1/log.sqlite", "audits" },
    { "telemetry.db", "data/1/unknown.sqlite", "readings" },
    { "telemetry.db", "data/1/unknown.sqlite", "places_node" },
  };
  static const char *const files[] = { "data/0/required.sqlite", "data/0/user.sqlite",
                                       "data/0/custom.sqlite",   "data/0/third-party.sqlite",
                                       "data/0/unknown.sqlite",  "data/1/log.sqlite",
                                       "data/1/unknown.sqlite" };
  g_autofree char *user = in_plain (fixture, "data/0/user.sqlite");
  g_autofree char *custom = in_plain (fixture, "data/0/custom.sqlite");
  g_autofree char *projects = NULL, *original = NULL, *notes = NULL;

  reprise_sqlite_test_make_sample (fixture->application);
  back_up (fixture, reprise_sample_get_rules (), REPRISE_GROUPS_ALL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_same_table (fixture, cases[i].database, cases[i].file, cases[i].table);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = in_plain (fixture, files[i]);

      assert_sound (path);
      g_assert_cmpint (reprise_sqlite_test_get (
                         path,
                         "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')"
                         " OR sql LIKE 'create virtual%'"),
                       ==, 0);
      g_assert_cmpint (reprise_sqlite_test_get (
                         path, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%page_cache%'"),
                       ==, 0);
    }
  g_assert_cmpint (reprise_sqlite_test_get (user, "PRAGMA user_version"), ==, 7);
  g_assert_cmpint (
    reprise_sqlite_test_get (user, "SELECT seq FROM sqlite_sequence WHERE name = 'users'"), >, 0);
  /* computed columns are left out, and so are indexes over them */
  g_assert_cmpint (
    reprise_sqlite_test_get (custom, "SELECT count(*) FROM pragma_table_xinfo ('projects')"), ==,
    5);
  g_assert_cmpint (
    reprise_sqlite_test_get (
      custom, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'notes'"),
    ==, 2);
  notes = g_build_filename (fixture->application, "fieldnotes.db", NULL);
  projects = reprise_sqlite_test_get_text (
    custom, "SELECT id || name || owner_id || latitude || longitude FROM projects");
  original = reprise_sqlite_test_get_text (
    notes, "SELECT id || name || owner_id || latitude || longitude FROM projects");
  g_assert_cmpstr (projects, ==, original);
}

/* unzip and sqlite3 alone bring everything back: files under their names, and the structure. */
static void
test_by_hand (Fixture *fixture, gconstpointer data)
{
  g_autofree char *uploads = g_build_filename (fixture->application, "uploads", NULL);
  g_autofree char *recovered = in_plain (fixture, "uploads");
  g_autofree char *before = NULL, *after = NULL, *hashes = NULL;
  g_autofree char *index = in_plain (fixture, "files/custom.sqlite");
  g_autofree char *by_hand = in_plain (fixture, "by-hand.db");

  reprise_sqlite_test_make_sample (fixture->application);
  back_up (fixture, reprise_sample_get_rules (), REPRISE_GROUPS_ALL);
  reprise_sqlite_test_call (
    fixture->plain, "sqlite3", "files/custom.sqlite",
    "SELECT writefile (name, readfile (path), mode, modified_at) FROM files", NULL);
  before = reprise_sqlite_test_hash_folder (uploads);
  after = reprise_sqlite_test_hash_folder (recovered);
  g_assert_cmpstr (before, ==, after);
  reprise_sqlite_test_call (
    fixture->plain, "sqlite3", "-bail", "by-hand.db", ".read schema/0.sql",
    "ATTACH 'data/0/custom.sqlite' AS c; INSERT INTO tags SELECT * FROM c.tags", NULL);
  g_assert_cmpint (
    reprise_sqlite_test_get (by_hand, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"),
    ==, 4);
  g_assert_cmpint (reprise_sqlite_test_get (by_hand, "SELECT count(*) FROM tags"), ==, 20);
  hashes = reprise_sqlite_test_get_text (index, "SELECT sha256 || '  ' || path FROM files");
  g_file_set_contents (by_hand, hashes, -1, NULL);
  reprise_sqlite_test_call (fixture->plain, "sha256sum", "--quiet", "-c", "by-hand.db", NULL);
}

static void
test_chosen (Fixture *fixture, gconstpointer data)
{
  static const char *const there[] = { "data/0/user.sqlite", "data/1/log.sqlite", "schema/0.sql",
                                       "manifest.json" };
  static const char *const missing[] = { "data/0/required.sqlite", "data/0/custom.sqlite",
                                         "data/1/unknown.sqlite", "files" };

  reprise_sqlite_test_make_sample (fixture->application);
  back_up (fixture, reprise_sample_get_rules (),
           REPRISE_GROUP_BIT (REPRISE_GROUP_USER) | REPRISE_GROUP_BIT (REPRISE_GROUP_LOG));
  for (guint i = 0; i < G_N_ELEMENTS (there); i++)
    {
      g_autofree char *path = in_plain (fixture, there[i]);

      g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
    }
  for (guint i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      g_autofree char *path = in_plain (fixture, missing[i]);

      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
    }
}

static void
test_odd (Fixture *fixture, gconstpointer data)
{
  static const char *const settings[] = {
    "PRAGMA page_size = 512", "PRAGMA page_size = 65536; PRAGMA journal_mode = WAL",
    "PRAGMA encoding = 'UTF-16le'; PRAGMA auto_vacuum = FULL",
    "PRAGMA encoding = 'UTF-16be'; PRAGMA journal_mode = WAL"
  };
  static const char *const tables[] = { "keyless",
                                        "named",
                                        "all_named",
                                        "we\"ird 'name/[é]",
                                        "strict_any",
                                        "numbered",
                                        "reals",
                                        "texts",
                                        "empty",
                                        "partial",
                                        "own_content",
                                        "own_data",
                                        "four_content",
                                        "four_segdir",
                                        "contentless_data",
                                        "contentless_docsize" };
  g_autofree char *file = in_plain (fixture, "data/0/unknown.sqlite");

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *sql =
        g_strdup_printf ("%s; %s", settings[i], reprise_sqlite_test_get_odd ());
      g_autofree char *computed = NULL, *original = NULL;

      reprise_sqlite_test_run (fixture->database, sql);
      back_up (fixture, NULL, REPRISE_GROUPS_ALL);
      assert_sound (file);
      for (guint j = 0; j < G_N_ELEMENTS (tables); j++)
        assert_same_table (fixture, "app.db", "data/0/unknown.sqlite", tables[j]);
      computed = reprise_sqlite_test_get_text (file, "SELECT id || typeof (v) || v FROM computed");
      original = reprise_sqlite_test_get_text (fixture->database,
                                               "SELECT id || typeof (v) || v FROM computed");
      g_assert_cmpstr (computed, ==, original);
      g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT seq FROM sqlite_sequence"), ==, 41);
      g_assert_cmpint (
        reprise_sqlite_test_get (
          file, "SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'partial' AND type = 'index'"),
        ==, 3);
      g_assert_cmpint (reprise_sqlite_test_get (file, "PRAGMA page_size"), ==,
                       reprise_sqlite_test_get (fixture->database, "PRAGMA page_size"));
      g_unlink (fixture->database);
    }
}

static void
own_function_cb (sqlite3_context *context, int n_values, sqlite3_value **values)
{
  sqlite3_result_int (context, 1);
}

static int
own_collation_cb (void *data, int left_size, const void *left, int right_size, const void *right)
{
  int result = memcmp (right, left, (gsize) MIN (left_size, right_size));

  return result != 0 ? result : right_size - left_size;
}

/* Functions and orderings that only the application knows keep nothing from being backed up. */
static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = in_plain (fixture, "data/0/unknown.sqlite");
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (fixture->database, &db), ==, SQLITE_OK);
  sqlite3_create_function (db, "own", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, own_function_cb,
                           NULL, NULL);
  sqlite3_create_collation (db, "backwards", SQLITE_UTF8, NULL, own_collation_cb);
  g_assert_cmpint (
    sqlite3_exec (
      db,
      "CREATE TABLE checked (id INTEGER PRIMARY KEY, v CHECK (own (v))); INSERT INTO checked "
      "VALUES (1, 2);"
      "CREATE TABLE indexed (v, w); CREATE INDEX indexed_own ON indexed (own (v)); INSERT INTO "
      "indexed VALUES (1, 2), (3, 4);"
      "CREATE TABLE sorted (v TEXT COLLATE backwards, w); CREATE INDEX sorted_v ON sorted (v);"
      "INSERT INTO sorted VALUES ('a', 1), ('c', 2), ('b', 3);"
      "CREATE TABLE keyed (v TEXT COLLATE backwards PRIMARY KEY, w); INSERT INTO keyed VALUES "
      "('a', 1), ('b', 2);"
      "CREATE TABLE computed (v, w AS (own (v)) STORED); INSERT INTO computed VALUES (5);",
      NULL, NULL, NULL),
    ==, SQLITE_OK);
  sqlite3_close (db);
  back_up (fixture, NULL, REPRISE_GROUPS_ALL);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT v FROM checked WHERE id = 1"), ==, 2);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT sum (v * w) FROM indexed"), ==, 14);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT sum (w) FROM sorted NOT INDEXED"), ==, 6);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT sum (w) FROM keyed NOT INDEXED"), ==, 3);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT v FROM computed"), ==, 5);
}

/* Moves money between tables of two groups until it is killed. The sum stays the same in every commit. */
static pid_t
start_writer (const char *path)
{
  pid_t pid = fork ();
  sqlite3 *db = NULL;

  g_assert_cmpint (pid, >=, 0);
  if (pid > 0)
    return pid;
  if (sqlite3_open (path, &db) != SQLITE_OK)
    _exit (1);
  sqlite3_busy_timeout (db, 10000);
  sqlite3_exec (db, "PRAGMA synchronous = OFF", NULL, NULL, NULL); /* more commits in a second */
  for (guint i = 0;; i++)
    {
      char sql[500];

      g_snprintf (sql, sizeof sql,
                  "BEGIN IMMEDIATE; UPDATE users SET money = money - %u WHERE id = %u; UPDATE "
                  "audits SET money = money + %u WHERE id = %u;"
                  "UPDATE pads SET v = randomblob (3000) WHERE id = %u; COMMIT",
                  i % 7, 1 + i % 200, i % 7, 1 + i * 3 % 200, 1 + i % 200);
      if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
        _exit (1);
    }
}

/* TESTPLAN B4, the commit's share of it; REPRISE_TEST_BACKUPS asks for more. */
static void
test_busy_writer (Fixture *fixture, gconstpointer data)
{
  const char *mode = data;
  const char *wanted = g_getenv ("REPRISE_TEST_BACKUPS");
  guint n = wanted != NULL                ? (guint) g_ascii_strtoull (wanted, NULL, 10)
            : REPRISE_TEST_WITH_SANITIZER ? 4
                                          : 12;
  g_autofree char *users = in_plain (fixture, "data/0/user.sqlite"),
                  *audits = in_plain (fixture, "data/0/log.sqlite");
  g_autofree char *make = g_strdup_printf (
    "PRAGMA journal_mode = %s; CREATE TABLE users (id INTEGER PRIMARY KEY, money INTEGER);"
    "CREATE TABLE audits (id INTEGER PRIMARY KEY, money INTEGER); CREATE TABLE pads (id INTEGER "
    "PRIMARY KEY, v);"
    "CREATE INDEX users_money ON users (money);"
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) INSERT INTO users "
    "SELECT i, 1000 FROM n;"
    "INSERT INTO audits SELECT id, 0 FROM users; INSERT INTO pads SELECT id, randomblob (3000) "
    "FROM users",
    mode);
  gint64 last = -1;
  guint n_moved = 0;
  pid_t writer;
  int status;

  reprise_sqlite_test_run (fixture->database, make);
  writer = start_writer (fixture->database);
  for (guint i = 0; i < n; i++)
    {
      gint64 moved;

      reprise_sqlite_busy_ms = 10000;
      back_up (fixture, NULL, REPRISE_GROUPS_ALL);
      assert_sound (users);
      assert_sound (audits);
      moved = reprise_sqlite_test_get (audits, "SELECT sum (money) FROM audits");
      g_assert_cmpint (reprise_sqlite_test_get (users, "SELECT sum (money) FROM users") + moved, ==,
                       200000);
      n_moved += moved != last ? 1 : 0;
      last = moved;
    }
  g_assert_cmpint (waitpid (writer, &status, WNOHANG), ==, 0); /* it never failed */
  kill (writer, SIGKILL);
  waitpid (writer, NULL, 0);
  g_assert_cmpuint (n_moved, >, n / 2); /* and it did write all the time */
}

static RepriseSqliteExport *
try_export (const Fixture *fixture, RepriseGroups groups, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseSqliteRules) rules =
    reprise_sqlite_rules_new (reprise_sample_get_rules (), NULL);
  g_autoptr (RepriseSqliteSource) source =
    reprise_sqlite_source_open (fixture->application, TRUE, NULL, error);
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  RepriseSqliteExport *export;
  g_autofree char *left = NULL;

  g_assert_nonnull (source);
  export =
    reprise_sqlite_export (source, rules, groups, fixture->scratch, out, NULL, cancellable, error);
  left = reprise_sqlite_test_hash_folder (fixture->scratch);
  g_assert_cmpstr (left, ==, ""); /* whatever happened, nothing of it is left */
  return export;
}

static void
test_result (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteExport) export = NULL;
  g_autofree char *path = g_build_filename (fixture->application, "fieldnotes.db", NULL);
  RepriseCollection *collection;
  RepriseGroup group;

  reprise_sqlite_test_make_sample (fixture->application);
  export = try_export (fixture, REPRISE_GROUPS_ALL, NULL, &error);
  g_assert_no_error (error);
  collection = reprise_contents_find (export->contents, "fieldnotes.db/notes", &group);
  g_assert_cmpint (group, ==, REPRISE_GROUP_CUSTOM);
  g_assert_cmpint (reprise_collection_get_rows (collection), ==,
                   reprise_sqlite_test_get (path, "SELECT count(*) FROM notes"));
  g_assert_cmpint (reprise_collection_get_size_bytes (collection), >, 1000);
  g_assert_cmpstr (reprise_collection_get_files (collection)[0], ==, "data/0/custom.sqlite");
  collection = reprise_contents_find (export->contents, "fieldnotes.db/notes_fts", &group);
  g_assert_cmpint (group, ==, REPRISE_GROUP_CUSTOM);
  g_assert_cmpint (reprise_collection_get_rows (collection), ==,
                   reprise_sqlite_test_get (path, "SELECT count(*) FROM notes"));
  collection = reprise_contents_find (export->contents, "uploads/", &group);
  g_assert_cmpint (reprise_collection_get_rows (collection), ==, 12);
  collection = reprise_contents_find (export->contents, "fieldnotes.db/page_cache", &group);
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
  g_assert_cmpstr (reprise_collection_get_reason (collection), ==, "Built-in rule for “cache”");
  g_assert_cmpuint (g_strv_length (export->warnings), ==, 0);
  g_assert_cmpuint (g_strv_length (export->notes), ==, 1);
  g_assert_cmpstr (export->proof, !=, NULL);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  int holder;

  reprise_sqlite_test_run (fixture->database,
                           "CREATE TABLE users (x); INSERT INTO users VALUES (1)");
  g_assert_null (try_export (fixture, REPRISE_GROUP_BIT (REPRISE_GROUP_LOG), NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&error);
  holder = reprise_sqlite_test_hold (fixture->database, "BEGIN EXCLUSIVE");
  g_assert_null (try_export (fixture, REPRISE_GROUPS_ALL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_clear_error (&error);
  reprise_sqlite_test_let_go (holder);
  g_cancellable_cancel (cancellable);
  g_assert_null (try_export (fixture, REPRISE_GROUPS_ALL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gpointer
cancel_thread (gpointer data)
{
  g_usleep (20000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  const RepriseSample sample = { 20 * 1024 * 1024, 1, 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  reprise_sample_make (fixture->application, &sample, &error);
  g_assert_no_error (error);
  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_assert_null (try_export (fixture, REPRISE_GROUPS_ALL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

/* A page of a table, of an index, and of the list of free pages that is not what it should be: never a backup that looks whole. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->application, "fieldnotes.db", NULL);
  g_autofree char *bytes = NULL;
  gsize size;
  guint n_damaged = 0, n_tried = 0;

  reprise_sqlite_test_make_sample (fixture->application);
  bytes = reprise_test_read (path, &size);
  for (gsize page = 2; page < size / 4096; page += REPRISE_TEST_WITH_SANITIZER ? 20 : 3, n_tried++)
    {
      g_autofree char *broken = g_memdup2 (bytes, size);
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseSqliteExport) export = NULL;

      memset (broken + page * 4096, 0xff, 200);
      g_file_set_contents (path, broken, (gssize) size, &error);
      export = try_export (fixture, REPRISE_GROUPS_ALL, NULL, &error);
      if (export == NULL)
        {
          g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
          n_damaged++;
        }
    }
  /* what is left are pages of values too long for one page, which have no structure of their own, and the skipped cache */
  g_test_message ("%u of %u", n_damaged, n_tried);
  g_assert_cmpuint (n_damaged, >, n_tried / 2);
}

/* Programs in a database do not run while it is backed up. */
static void
test_hostile (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = in_plain (fixture, "data/0/unknown.sqlite");
  g_autofree char *required = in_plain (fixture, "manifest.json");
  g_autofree char *manifest = NULL;

  reprise_sqlite_test_run (
    fixture->database,
    "CREATE TABLE t (x); INSERT INTO t VALUES (1);"
    "CREATE VIEW endless AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT count(*) FROM n;"
    "CREATE TRIGGER evil AFTER INSERT ON t BEGIN DELETE FROM t; SELECT load_extension "
    "('/tmp/evil'); END;"
    "CREATE TABLE vectors_chunks (x); INSERT INTO vectors_chunks VALUES (x'00');");
  reprise_sqlite_test_run (
    fixture->database,
    "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES"
    " ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors USING vec0 (embedding "
    "float[3])'),"
    " ('view', 'broken', 'broken', 0, 'CREATE VIEW broken AS SELECT missing FROM nowhere')");
  back_up (fixture, NULL, REPRISE_GROUPS_ALL);
  assert_sound (file);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT count(*) FROM t"), ==, 1);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT count(*) FROM vectors_chunks"), ==, 1);
  g_assert_cmpint (reprise_sqlite_test_get (file, "SELECT count(*) FROM sqlite_schema"), ==, 2);
  manifest = reprise_test_read (required, NULL);
  g_assert_nonnull (strstr (manifest, "USING vec0"));
  g_assert_nonnull (strstr (manifest, "load_extension"));
}

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/export/sample", Fixture, NULL, set_up, test_sample, tear_down);
  g_test_add ("/sqlite/export/by-hand", Fixture, NULL, set_up, test_by_hand, tear_down);
  g_test_add ("/sqlite/export/chosen", Fixture, NULL, set_up, test_chosen, tear_down);
  g_test_add ("/sqlite/export/odd", Fixture, NULL, set_up, test_odd, tear_down);
  g_test_add ("/sqlite/export/foreign", Fixture, NULL, set_up, test_foreign, tear_down);
  g_test_add ("/sqlite/export/busy-writer/delete", Fixture, "DELETE", set_up, test_busy_writer,
              tear_down);
  g_test_add ("/sqlite/export/busy-writer/wal", Fixture, "WAL", set_up, test_busy_writer,
              tear_down);
  g_test_add ("/sqlite/export/result", Fixture, NULL, set_up, test_result, tear_down);
  g_test_add ("/sqlite/export/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/sqlite/export/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/sqlite/export/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/sqlite/export/hostile", Fixture, NULL, set_up, test_hostile, tear_down);
  return g_test_run ();
}
