/* test-sqlite-source.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-sandbox.h"
#include "providers/sqlite/reprise-sqlite-db-private.h"
#include "providers/sqlite/reprise-sqlite-place-private.h"
#include "reprise-sample.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  reprise_sqlite_busy_ms = 300;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  reprise_test_remove_folder (fixture->folder);
}

static char *
in (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

static void
write_file (const Fixture *fixture, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = in (fixture, name);
  g_autofree char *above = g_path_get_dirname (path);

  reprise_file_make_folder (above, &error);
  g_assert_no_error (error);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static RepriseSqliteSource *
open_source (const char *path, gboolean with_files)
{
  g_autoptr (GError) error = NULL;
  RepriseSqliteSource *source = reprise_sqlite_source_open (path, with_files, NULL, &error);

  g_assert_no_error (error);
  return source;
}

static RepriseContents *
list (const RepriseSqliteSource *source, const char *const *rule_lines)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteRules) rules = reprise_sqlite_rules_new (rule_lines, &error);
  RepriseContents *contents;

  g_assert_no_error (error);
  contents = reprise_sqlite_source_list (source, rules, NULL, NULL, &error);
  g_assert_no_error (error);
  return contents;
}

static RepriseCollection *
assert_in (RepriseContents *contents, const char *name, RepriseGroup group)
{
  RepriseGroup found = REPRISE_GROUP_UNKNOWN;
  RepriseCollection *collection = reprise_contents_find (contents, name, &found);

  g_test_message ("%s", name);
  g_assert_nonnull (collection);
  g_assert_cmpint (found, ==, group);
  return collection;
}

static void
test_sample (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    RepriseGroup group;
  } cases[] = {
    { "schema_migrations", REPRISE_GROUP_REQUIRED },
    { "settings", REPRISE_GROUP_REQUIRED },
    { "users", REPRISE_GROUP_USER },
    { "user_roles", REPRISE_GROUP_USER },
    { "sessions", REPRISE_GROUP_USER },
    { "api_tokens", REPRISE_GROUP_THIRD_PARTY },
    { "storage_providers", REPRISE_GROUP_THIRD_PARTY },
    { "notes", REPRISE_GROUP_CUSTOM },
    { "projects", REPRISE_GROUP_CUSTOM },
    { "notes_fts", REPRISE_GROUP_CUSTOM },
    { "note_tags", REPRISE_GROUP_CUSTOM },
    { "scratchpad", REPRISE_GROUP_UNKNOWN },
    { "page_cache", REPRISE_GROUP_SKIPPED },
  };
  g_autofree char *path = in (fixture, "fieldnotes.db");
  g_autofree char *telemetry = in (fixture, "telemetry.db");
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (RepriseContents) contents = NULL;

  reprise_sqlite_test_make_sample (fixture->folder);
  source = open_source (fixture->folder, TRUE);
  contents = list (source, reprise_sample_get_rules ());
  g_assert_cmpuint (reprise_sqlite_source_get_n_databases (source), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("fieldnotes.db/", cases[i].name, NULL);
      g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM %s", cases[i].name);
      RepriseCollection *collection = assert_in (contents, name, cases[i].group);

      g_assert_cmpint (reprise_collection_get_rows (collection), ==,
                       reprise_sqlite_test_get (path, sql));
      g_assert_cmpint (reprise_collection_get_size_bytes (collection), >, 0);
    }
  g_assert_cmpint (
    reprise_collection_get_rows (assert_in (contents, "telemetry.db/event_log", REPRISE_GROUP_LOG)),
    ==, reprise_sqlite_test_get (telemetry, "SELECT count(*) FROM event_log"));
  g_assert_cmpint (reprise_collection_get_rows (
                     assert_in (contents, "telemetry.db/readings", REPRISE_GROUP_UNKNOWN)),
                   ==, reprise_sqlite_test_get (telemetry, "SELECT count(*) FROM readings"));
  g_assert_cmpint (reprise_collection_get_rows (
                     assert_in (contents, "telemetry.db/places", REPRISE_GROUP_UNKNOWN)),
                   ==, 40);
  g_assert_cmpint (
    reprise_collection_get_rows (assert_in (contents, "uploads/", REPRISE_GROUP_CUSTOM)), ==, 12);
  g_assert_cmpint (reprise_collection_get_rows (
                     assert_in (contents, "fieldnotes.db/sqlite_schema", REPRISE_GROUP_REQUIRED)),
                   ==, 7);
  assert_in (contents, "fieldnotes.db/sqlite_stat1", REPRISE_GROUP_SKIPPED);
  g_assert_null (reprise_contents_find (contents, "fieldnotes.db/notes_fts_data", NULL));
  g_assert_null (reprise_contents_find (contents, "fieldnotes.db/sqlite_sequence", NULL));
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "fieldnotes.db");
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (RepriseContents) contents = NULL;

  reprise_sqlite_test_make_sample (fixture->folder);
  source = open_source (path, TRUE);
  contents = list (source, NULL);
  g_assert_cmpuint (reprise_sqlite_source_get_n_databases (source), ==, 1);
  assert_in (contents, "users", REPRISE_GROUP_USER);
  assert_in (contents, "notes", REPRISE_GROUP_UNKNOWN);
  g_assert_null (reprise_contents_find (contents, "uploads/", NULL));
}

static void
test_discovery (Fixture *fixture, gconstpointer data)
{
  static const char *const databases[] = { "data/deep/er/a.bin", "data/log", "main.db" };
  g_autofree char *outside = reprise_test_make_folder ();
  g_autofree char *outer_database = g_build_filename (outside, "outer.db", NULL);
  g_autofree char *link = in (fixture, "linked.db"), *folder_link = in (fixture, "linked");
  g_autofree char *wal = in (fixture, "main.db-wal"), *main_database = in (fixture, "main.db");
  g_autoptr (RepriseSqliteSource) source = NULL, without = NULL;
  g_autoptr (RepriseContents) contents = NULL;
  g_auto (GStrv) warnings = NULL, notes = NULL;
  int holder;

  for (guint i = 0; i < G_N_ELEMENTS (databases); i++)
    {
      g_autofree char *path = in (fixture, databases[i]);
      g_autofree char *above = g_path_get_dirname (path);

      reprise_file_make_folder (above, NULL);
      reprise_sqlite_test_run (path, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
    }
  reprise_sqlite_test_run (outer_database, "CREATE TABLE t (x)");
  g_assert_cmpint (symlink (outer_database, link), ==, 0);
  g_assert_cmpint (symlink (outside, folder_link), ==, 0);
  write_file (fixture, "false.db", "This only pretends to be one");
  write_file (fixture, "empty.db", "");
  write_file (fixture, "config.ini", "[a]");
  write_file (fixture, "files/one/two.txt", "two");
  write_file (fixture, "backups/VAULT.json", "{}");
  write_file (fixture, "backups/x/data.txt", "not part of it");
  write_file (fixture, ".reprise-1/x", "ours");
  holder = reprise_sqlite_test_hold (main_database, "INSERT INTO t VALUES (1)");
  g_assert_true (g_file_test (wal, G_FILE_TEST_EXISTS));
  source = open_source (fixture->folder, TRUE);
  without = open_source (fixture->folder, FALSE);
  g_assert_cmpuint (reprise_sqlite_source_get_n_databases (source), ==, G_N_ELEMENTS (databases));
  g_assert_cmpuint (reprise_sqlite_source_get_n_databases (without), ==, G_N_ELEMENTS (databases));
  for (guint i = 0; i < G_N_ELEMENTS (databases); i++)
    g_assert_cmpstr (reprise_sqlite_source_get_database (source, i)->name, ==, databases[i]);
  contents = list (source, NULL);
  g_assert_cmpint (reprise_collection_get_rows (assert_in (contents, "./", REPRISE_GROUP_UNKNOWN)),
                   ==, 3);
  g_assert_cmpint (
    reprise_collection_get_rows (assert_in (contents, "files/", REPRISE_GROUP_UNKNOWN)), ==, 1);
  g_assert_cmpint (
    reprise_collection_get_rows (assert_in (contents, "main.db/t", REPRISE_GROUP_UNKNOWN)), ==, 1);
  g_assert_null (reprise_contents_find (contents, "data/", NULL));
  g_assert_null (reprise_contents_find (contents, "backups/", NULL));
  g_assert_null (reprise_contents_find (contents, ".reprise-1/", NULL));
  warnings = reprise_sqlite_source_dup_warnings (source);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "false.db"));
  notes = reprise_sqlite_source_dup_notes (source);
  g_assert_nonnull (strstr (notes[0], "2 links"));
  reprise_sqlite_test_let_go (holder);
  reprise_test_remove_folder (g_steal_pointer (&outside));
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  static const guchar encrypted[] =
    "\x8e\x01\xfe\x90\x11\x42\x90\x91\xfa\xfb\x13\x99\x31\x78\x80\x91\x12\x34";
  g_autofree char *missing = in (fixture, "missing"), *random = in (fixture, "random.db");
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_sqlite_source_open (missing, TRUE, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (reprise_sqlite_source_open (fixture->folder, TRUE, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_file_set_contents (random, (const char *) encrypted, sizeof encrypted, &error);
  g_assert_no_error (error);
  g_assert_null (reprise_sqlite_source_open (random, TRUE, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "encrypted"));
}

/* Looking at a database leaves no file behind and changes none, whichever journal it has. */
static void
test_no_trace (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (RepriseContents) contents = NULL;

  reprise_sqlite_test_make_sample (fixture->folder);
  before = reprise_sqlite_test_hash_folder (fixture->folder);
  source = open_source (fixture->folder, TRUE);
  contents = list (source, NULL);
  after = reprise_sqlite_test_hash_folder (fixture->folder);
  g_assert_cmpstr (before, ==, after);
}

/* What a killed application left behind is put right first, as its own next start would. */
static void
test_recovery (Fixture *fixture, gconstpointer data)
{
  static const char *const modes[] = { "DELETE", "WAL" };
  static const char fill[] =
    "PRAGMA cache_size = 5; PRAGMA wal_autocheckpoint = 0; BEGIN; UPDATE t SET x = zeroblob (500);"
    "INSERT INTO t SELECT zeroblob (500) FROM t";

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *folder = in (fixture, modes[i]);
      g_autofree char *path = g_build_filename (folder, "app.db", NULL);
      g_autofree char *copy = g_strconcat (folder, "-copy", NULL);
      g_autofree char *make = g_strdup_printf (
        "PRAGMA journal_mode = %s; CREATE TABLE t (x); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
        " SELECT i + 1 FROM n LIMIT 300) INSERT INTO t SELECT randomblob (500) FROM n",
        modes[i]);
      g_autoptr (RepriseSqliteSource) source = NULL;
      g_autoptr (RepriseContents) contents = NULL;
      int holder;

      g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
      reprise_sqlite_test_run (path, make);
      holder = reprise_sqlite_test_hold (path, fill);
      reprise_sqlite_test_copy (folder, copy);
      reprise_sqlite_test_let_go (holder);
      source = open_source (copy, FALSE);
      contents = list (source, NULL);
      g_assert_cmpint (
        reprise_collection_get_rows (assert_in (contents, "app.db/t", REPRISE_GROUP_UNKNOWN)), ==,
        300);
    }
}

static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "app.db");
  g_autofree char *named = NULL;
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  int holder;

  reprise_sqlite_test_run (path, "CREATE TABLE t (x)");
  holder = reprise_sqlite_test_hold (path, "BEGIN EXCLUSIVE");
  source = open_source (path, FALSE);
  g_assert_false (reprise_sqlite_source_check (source, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "“app.db”"));
  named = g_strdup_printf ("(process %d)", holder);
  g_assert_nonnull (strstr (error->message, named));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  reprise_sqlite_test_let_go (holder);
  g_clear_error (&error);
  g_assert_true (reprise_sqlite_source_check (source, NULL, &error));
  g_assert_no_error (error);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "app.db");
  g_autofree char *bytes = NULL;
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  reprise_sqlite_test_run (path, "CREATE TABLE t (x)");
  bytes = reprise_test_read (path, &size);
  memset (bytes + 100, 0xa5, 900);
  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
  source = open_source (path, FALSE);
  g_assert_false (reprise_sqlite_source_check (source, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  memset (bytes + 16, 0xa5, 84);
  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_false (reprise_sqlite_source_check (source, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (RepriseSqliteRules) rules = reprise_sqlite_rules_new (NULL, NULL);
  g_autoptr (GError) error = NULL;

  reprise_sqlite_test_make_sample (fixture->folder);
  source = open_source (fixture->folder, TRUE);
  g_cancellable_cancel (cancellable);
  g_assert_null (reprise_sqlite_source_list (source, rules, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (reprise_sqlite_source_open (fixture->folder, TRUE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Closing a descriptor of a database would take away the lock that a backup in the same process has on it. */
static void
test_own_lock (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "app.db");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteDb) db = NULL;
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autofree char *bytes = NULL;

  reprise_sqlite_test_run (path, "CREATE TABLE t (x)");
  db = reprise_sqlite_db_open (path, "app.db", REPRISE_SQLITE_READ, NULL, &error);
  g_assert_no_error (error);
  reprise_sqlite_db_exec (db, &error, "BEGIN; SELECT * FROM t");
  g_assert_no_error (error);
  g_assert_false (reprise_sqlite_test_try (path, "INSERT INTO t VALUES (1)"));
  source = open_source (fixture->folder, TRUE);
  g_assert_cmpuint (reprise_sqlite_source_get_n_databases (source), ==, 1);
  g_assert_false (reprise_sqlite_test_try (path, "INSERT INTO t VALUES (1)"));
  /* the control: this is what must not happen */
  bytes = reprise_test_read (path, NULL);
  g_assert_true (reprise_sqlite_test_try (path, "INSERT INTO t VALUES (1)"));
}

/* A hostile view, trigger or virtual table is listed and never run. */
static void
test_hostile (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "app.db");
  g_autoptr (RepriseSqliteSource) source = NULL;
  g_autoptr (RepriseContents) contents = NULL;

  reprise_sqlite_test_run (path,
                           "CREATE TABLE t (x); CREATE VIEW endless AS WITH RECURSIVE n (i) AS "
                           "(SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                           " SELECT count(*) FROM n; CREATE TABLE vectors_chunks (x); INSERT INTO "
                           "vectors_chunks VALUES (1);"
                           "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES "
                           "('table', 'vectors', 'vectors', 0,"
                           " 'CREATE VIRTUAL TABLE vectors USING vec0 (embedding float[3])')");
  source = open_source (path, FALSE);
  contents = list (source, NULL);
  g_assert_cmpint (
    reprise_collection_get_rows (assert_in (contents, "vectors", REPRISE_GROUP_UNKNOWN)), ==,
    REPRISE_NOT_REPORTED);
  assert_in (contents, "t", REPRISE_GROUP_UNKNOWN);
  g_assert_null (reprise_contents_find (contents, "endless", NULL));
}

static int
lock_fails_cb (int fd)
{
  errno = ENOSYS;
  return -1;
}

static void
test_portal (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "app.db");
  g_autoptr (GError) error = NULL;

  reprise_sqlite_test_run (path, "CREATE TABLE t (x)");
  g_assert_true (reprise_sqlite_place_can_lock (path, NULL));
  g_assert_false (reprise_sqlite_place_can_lock (path, lock_fails_cb));
  g_assert_true (reprise_sqlite_place_check (path, &error));
  g_assert_no_error (error);
  g_assert_false (reprise_sqlite_place_refuse ("/run/user/1000/doc/ab12/notes/app.db",
                                               "/home/ana/notes/app.db", FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_true (g_str_has_suffix (
    error->message,
    "flatpak override --user --filesystem=/home/ana/notes io.github.reprise_backup.Reprise"));
  g_clear_error (&error);
  g_assert_false (reprise_sqlite_place_refuse ("/run/user/1000/doc/ab12/app.db",
                                               "/home/ana/My Notes/app.db", TRUE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "Choose its folder"));
  g_assert_true (g_str_has_suffix (
    error->message,
    "flatpak override --user '--filesystem=/home/ana/My Notes' io.github.reprise_backup.Reprise"));
}

/* Not below /dev, which no sandbox shares. */
static void
set_up_elsewhere (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_mkdtemp (g_strdup ("/var/tmp/reprise-test-XXXXXX"));
  g_assert_nonnull (fixture->folder);
}

/* What Flatpak says of itself, and a root in memory: nothing of the computer but @shown. */
static void
pretend (const char *shown)
{
  g_autofree char *mounts = g_strdup_printf ("236 44 0:47 /newroot / rw - tmpfs tmpfs rw\n"
                                             "250 236 254:0 %s %s rw - ext4 /dev/vda rw\n",
                                             shown, shown);

  reprise_sandbox_pretend (mounts, "[Context]\nfilesystems=\n");
}

static void
assert_hidden (const char *path, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *command = g_strdup_printf (
    "flatpak override --user --filesystem=%s io.github.reprise_backup.Reprise", folder);

  g_assert_null (reprise_sqlite_source_open (path, TRUE, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_true (g_str_has_suffix (error->message, command));
}

/* A sandbox hides the application, though a folder of that name may be there, empty and in memory. */
static void
test_sandbox_hides (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = in (fixture, "notes");
  g_autofree char *path = in (fixture, "notes/app.db");
  g_autofree char *missing = in (fixture, "missing");
  g_autofree char *link = in (fixture, "link");
  g_autoptr (GError) error = NULL;

  write_file (fixture, "notes/upload.txt", "x");
  reprise_sqlite_test_run (path, "CREATE TABLE t (x)");
  pretend ("/reprise-none");
  assert_hidden (folder, folder);
  assert_hidden (missing, missing);
  assert_hidden (path, folder);
  pretend (fixture->folder);
  g_assert_cmpint (symlink ("/reprise-none-either/notes", link), ==, 0);
  assert_hidden (link, "/reprise-none-either/notes");
  g_assert_null (reprise_sqlite_source_open (missing, TRUE, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  reprise_sqlite_source_free (open_source (folder, TRUE));
  reprise_sandbox_pretend (NULL, NULL);
}

/* One file is shown without its write-ahead log, and a new one would be seen by nobody else. */
static void
test_sandbox_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "app.db");
  g_autofree char *line = g_strdup_printf ("--filesystem=%s io", fixture->folder);
  g_autofree char *log = in (fixture, "app.db-wal");
  g_autoptr (RepriseSqliteDb) db = NULL;
  g_autoptr (GError) error = NULL;

  reprise_sqlite_test_run (path, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
  pretend (path);
  db = reprise_sqlite_db_open (path, "app.db", REPRISE_SQLITE_READ, NULL, &error);
  g_assert_null (db);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, line));
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  pretend (fixture->folder);
  db = reprise_sqlite_db_open (path, "app.db", REPRISE_SQLITE_READ, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (db);
  reprise_sandbox_pretend (NULL, NULL);
}

/* Even to be read, a database with a write-ahead log wants its folder to be written. */
static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in (fixture, "app.db");
  gboolean is_root = geteuid () == 0;
  g_autoptr (RepriseSqliteDb) db = NULL;
  g_autoptr (GError) error = NULL;

  reprise_sqlite_test_run (path, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
  g_assert_cmpint (g_chmod (path, 0444), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0555), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (65534), ==, 0); /* nobody: all is allowed to root */
  db = reprise_sqlite_db_open (path, "app.db", REPRISE_SQLITE_READ, NULL, &error);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
  g_assert_null (db);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "write-ahead log"));
  g_assert_nonnull (strstr (error->message, fixture->folder));
}

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/source/sample", Fixture, NULL, set_up, test_sample, tear_down);
  g_test_add ("/sqlite/source/file", Fixture, NULL, set_up, test_file, tear_down);
  g_test_add ("/sqlite/source/discovery", Fixture, NULL, set_up, test_discovery, tear_down);
  g_test_add ("/sqlite/source/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add ("/sqlite/source/no-trace", Fixture, NULL, set_up, test_no_trace, tear_down);
  g_test_add ("/sqlite/source/recovery", Fixture, NULL, set_up, test_recovery, tear_down);
  g_test_add ("/sqlite/source/locked", Fixture, NULL, set_up, test_locked, tear_down);
  g_test_add ("/sqlite/source/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/sqlite/source/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/sqlite/source/own-lock", Fixture, NULL, set_up, test_own_lock, tear_down);
  g_test_add ("/sqlite/source/hostile", Fixture, NULL, set_up, test_hostile, tear_down);
  g_test_add ("/sqlite/source/portal", Fixture, NULL, set_up, test_portal, tear_down);
  g_test_add ("/sqlite/source/read-only", Fixture, NULL, set_up_elsewhere, test_read_only,
              tear_down);
  g_test_add ("/sqlite/source/sandbox-hides", Fixture, NULL, set_up_elsewhere, test_sandbox_hides,
              tear_down);
  g_test_add ("/sqlite/source/sandbox-alone", Fixture, NULL, set_up_elsewhere, test_sandbox_alone,
              tear_down);
  return g_test_run ();
}
