/* test-sqlite-hostile.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Restores of archives that are made to harm. Each is an archive of ours that was unpacked, changed in one way, given the hashes that
 * it then should have, and packed again. Whatever it is, the application stays as it was, byte for byte, nothing is written beside
 * it, nothing is left, and there is one sentence.
 */

#include "config.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/sqlite/reprise-sqlite-db-private.h"
#include "providers/sqlite/reprise-sqlite-manifest-private.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

#define BOMB_BYTES  (64 * 1024 * 1024)
#define GROWTH_KIB  (150 * 1024) /* TESTPLAN C1: of memory */
#define MAX_SECONDS 10
#define ROWS        "\"kind\" : \"table\",\n              \"rows\" : "

typedef struct
{
  char *folder;
  char *application;
  char *beside; /* a folder that is none of the archive's business */
  char *archive;
  char *pristine; /* the application as it is before a restore */
  char *good;     /* the archive as it was, */
  char *plain;    /* and unpacked */
  char *scratch;
} Fixture;

static const char SQL[] =
  "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);"
  "CREATE INDEX users_name ON users (name);"
  "CREATE TABLE settings (key PRIMARY KEY, value) WITHOUT ROWID;"
  "CREATE TABLE logs (n INTEGER PRIMARY KEY, t); CREATE TABLE notes (id INTEGER PRIMARY KEY, t);"
  "CREATE VIRTUAL TABLE notes_fts USING fts5 (t, content = notes, content_rowid = id);"
  "CREATE VIEW names AS SELECT name FROM users;"
  "CREATE TRIGGER seen AFTER INSERT ON users BEGIN INSERT INTO logs (t) VALUES (new.name); END;"
  "INSERT INTO users VALUES (1, 'a'), (2, 'b'); INSERT INTO settings VALUES ('k', 'v');"
  "INSERT INTO notes VALUES (1, 'one two'); INSERT INTO notes_fts (notes_fts) VALUES ('rebuild')";
static const char CHANGES[] = "UPDATE users SET name = 'kept'; DELETE FROM logs; INSERT INTO logs "
                              "VALUES (7, 'kept'); UPDATE settings SET value = 'kept'";

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const rules[] = { "uploads/=custom", NULL };
  g_autofree char *database = NULL, *uploads = NULL, *file = NULL, *neighbour = NULL;

  fixture->folder = reprise_test_make_folder ();
  fixture->application = g_build_filename (fixture->folder, "application", NULL);
  fixture->beside = g_build_filename (fixture->folder, "beside", NULL);
  fixture->archive = g_build_filename (fixture->folder, "archive.zip", NULL);
  fixture->pristine = g_build_filename (fixture->folder, "pristine", NULL);
  fixture->good = g_build_filename (fixture->folder, "good.zip", NULL);
  fixture->plain = g_build_filename (fixture->folder, "plain", NULL);
  fixture->scratch = g_build_filename (fixture->folder, "scratch", NULL);
  database = g_build_filename (fixture->application, "app.db", NULL);
  uploads = g_build_filename (fixture->application, "uploads", NULL);
  file = g_build_filename (uploads, "picture", NULL);
  neighbour = g_build_filename (fixture->beside, "file", NULL);
  g_assert_cmpint (g_mkdir (fixture->application, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->beside, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->scratch, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (uploads, 0700), ==, 0);
  g_assert_true (g_file_set_contents (neighbour, "mine", -1, NULL));
  g_assert_true (g_file_set_contents (file, "picture", -1, NULL));
  reprise_sqlite_busy_ms = 300;
  reprise_sqlite_test_run (database, SQL);
  reprise_sqlite_test_back_up (fixture->application, rules, REPRISE_GROUPS_ALL, fixture->good);
  reprise_sqlite_test_run (database, CHANGES);
  g_assert_true (g_file_set_contents (file, "changed", -1, NULL));
  reprise_sqlite_test_copy (fixture->application, fixture->pristine);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->application);
  g_free (fixture->beside);
  g_free (fixture->archive);
  g_free (fixture->good);
  g_free (fixture->pristine);
  g_free (fixture->plain);
  g_free (fixture->scratch);
  reprise_test_remove_folder (fixture->folder);
}

static void
unpack (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_file_remove_tree (fixture->plain, &error));
  reprise_sqlite_test_call (NULL, "unzip", "-q", "-o", fixture->good, "-d", fixture->plain, NULL);
}

static void
pack (const Fixture *fixture)
{
  g_unlink (fixture->archive);
  reprise_sqlite_test_call (fixture->plain, "zip", "-1", "-q", "-r", "-D", "-y", fixture->archive,
                            ".", NULL);
}

static char *
in_plain (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->plain, name, NULL);
}

static void
replace_text (const char *path, const char *from, const char *to)
{
  g_autofree char *text = reprise_test_read (path, NULL);
  g_autoptr (GString) string = g_string_new (text);

  g_assert_cmpuint (g_string_replace (string, from, to, 1), ==, 1);
  g_assert_true (g_file_set_contents (path, string->str, (gssize) string->len, NULL));
}

/* Gives each file of the manifest the size and the hash that it has now. The text is changed, not the parsed manifest: that would not
 * hold what is wrong with it. */
static void
sign (const Fixture *fixture)
{
  static const char *const names[] = { "data/0/required.sqlite", "data/0/user.sqlite",
                                       "data/0/log.sqlite",      "data/0/custom.sqlite",
                                       "files/custom.sqlite",    "schema/0.sql" };
  g_autofree char *manifest = in_plain (fixture, "manifest.json");
  g_autofree char *good = reprise_test_read (manifest, NULL);
  g_autoptr (RepriseSqliteManifest) then =
    reprise_sqlite_manifest_parse (good, strlen (good), NULL);

  for (guint i = 0; then != NULL && i < G_N_ELEMENTS (names); i++)
    for (guint group = 0; group < REPRISE_N_GROUPS; group++)
      for (guint j = 0; j < then->files[group]->len; j++)
        {
          const RepriseSqliteFile *file = g_ptr_array_index (then->files[group], j);
          g_autofree char *path = in_plain (fixture, names[i]);
          g_autofree char *bytes = NULL, *hash = NULL, *old_size = NULL, *new_size = NULL;
          gsize size;

          if (!g_str_equal (file->path, names[i]) || !g_file_test (path, G_FILE_TEST_EXISTS))
            continue;
          bytes = reprise_test_read (path, &size);
          hash = reprise_hash_bytes (bytes, size);
          if (g_str_equal (hash, file->sha256))
            continue;
          old_size = g_strdup_printf ("\"size_bytes\" : %" G_GINT64_FORMAT
                                      ",\n          \"sha256\" : \"%s\"",
                                      file->size_bytes, file->sha256);
          new_size = g_strdup_printf ("\"size_bytes\" : %" G_GSIZE_FORMAT ", \"sha256\" : \"%s\"",
                                      size, hash);
          replace_text (manifest, old_size, new_size);
        }
}

static char *
hash_all (const Fixture *fixture)
{
  g_autofree char *application = reprise_sqlite_test_hash_folder (fixture->application);
  g_autofree char *beside = reprise_sqlite_test_hash_folder (fixture->beside);

  return g_strdup_printf ("%s\n%s", application, beside);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
assert_sound (const Fixture *fixture)
{
  g_autofree char *database = g_build_filename (fixture->application, "app.db", NULL);
  g_autofree char *check = reprise_sqlite_test_get_text (database, "PRAGMA integrity_check");

  g_assert_cmpstr (check, ==, "ok");
}

/* Back to the application as it was before the first restore. */
static void
reset (const Fixture *fixture)
{
  g_assert_true (reprise_file_remove_tree (fixture->application, NULL));
  reprise_sqlite_test_copy (fixture->pristine, fixture->application);
}

/* Restores, and expects to be refused, unless @may_pass. The plan, which looks at the same archive before, writes nothing either. */
static void
try_restore (const Fixture *fixture, const char *label, gboolean undo, gboolean may_pass)
{
  g_autofree char *before = hash_all (fixture);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteArchive) archive = NULL;
  const RepriseSqliteWish wish = { fixture->application, REPRISE_GROUPS_ALL, undo,
                                   fixture->scratch };
  RepriseSqliteRestored *restored = NULL;
  gint64 start = g_get_monotonic_time ();
  struct rusage usage_before, usage_after;

  getrusage (RUSAGE_SELF, &usage_before);
  archive = reprise_sqlite_archive_open (fixture->archive, NULL, &error);
  if (archive != NULL)
    {
      g_autoptr (ReprisePlan) plan =
        reprise_sqlite_test_plan (fixture->archive, fixture->application, REPRISE_GROUPS_ALL, undo);

      restored = reprise_sqlite_restore (archive, &wish, NULL, NULL, NULL, &error);
    }
  getrusage (RUSAGE_SELF, &usage_after);
  g_test_message ("%s: %s", label, error != NULL ? error->message : "(restored)");
  if (may_pass && restored != NULL)
    {
      assert_sound (fixture);
      reprise_sqlite_restored_free (restored);
      reset (fixture);
      return;
    }
  g_assert_null (restored);
  g_assert_nonnull (error);
  g_assert_true (error->domain == REPRISE_ERROR);
  g_assert_true (error->code == REPRISE_ERROR_DAMAGED || error->code == REPRISE_ERROR_REFUSED ||
                 error->code == REPRISE_ERROR_LIMIT || error->code == REPRISE_ERROR_DENIED ||
                 error->code == REPRISE_ERROR_FAILED || error->code == REPRISE_ERROR_NOT_SUPPORTED);
  g_assert_cmpuint (strlen (error->message), <, 1000);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  after = hash_all (fixture);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpuint (count_entries (fixture->application), ==, 2);
  g_assert_cmpuint (count_entries (fixture->scratch), ==, 0);
  g_assert_cmpuint (count_entries (fixture->folder), <=, 7);
  g_assert_cmpint (g_get_monotonic_time () - start, <, MAX_SECONDS * G_USEC_PER_SEC);
  g_assert_cmpint (usage_after.ru_maxrss - usage_before.ru_maxrss, <, GROWTH_KIB);
}

static void
restore_in_vain (const Fixture *fixture, const char *label, gboolean undo)
{
  try_restore (fixture, label, undo, FALSE);
}

/* The control: unpacked, packed again by another program, it restores. */
static void
test_control (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteRestored) restored = NULL;
  g_autofree char *database = g_build_filename (fixture->application, "app.db", NULL);
  g_autofree char *user = in_plain (fixture, "data/0/user.sqlite");

  unpack (fixture);
  reprise_sqlite_test_run (user, "UPDATE users SET name = 'signed' WHERE id = 1");
  sign (fixture);
  pack (fixture);
  restored = reprise_sqlite_test_restore (fixture->archive, fixture->application,
                                          REPRISE_GROUPS_ALL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (
    reprise_sqlite_test_get (database, "SELECT count(*) FROM users WHERE name = 'signed'"), ==, 1);
}

/* Databases with a program in them, or another structure than the manifest says. */
static void
test_databases (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *file;
    const char *sql;
  } cases[] = {
    { "user", "CREATE TRIGGER evil AFTER INSERT ON users BEGIN DELETE FROM users; END" },
    { "user", "CREATE VIEW evil AS SELECT load_extension ('/tmp/evil.so')" },
    { "user",
      "DROP TABLE users; CREATE VIEW users AS SELECT 1 AS id, load_extension ('evil') AS name" },
    { "user", "DROP TABLE users; CREATE VIEW users AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL "
              "SELECT id + 1 FROM n) SELECT id, 'x' AS name FROM n" },
    { "user", "DROP TABLE users; CREATE VIRTUAL TABLE users USING fts5 (id, name)" },
    { "user",
      "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT) WITHOUT ROWID" },
    { "user", "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name AS (id + 1))" },
    { "user", "DROP TABLE users; CREATE TABLE users (name TEXT, id INTEGER PRIMARY KEY)" },
    { "user", "ALTER TABLE users ADD COLUMN more" },
    { "user", "DROP TABLE users" },
    { "user", "DELETE FROM users WHERE id = 1" },
    { "user", "INSERT INTO users VALUES (9, 'too many')" },
    { "user",
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE users (id, "
      "name, more)' WHERE name = 'users'" },
    { "user",
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 999999 WHERE name = "
      "'users'" },
    { "user", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 1 WHERE name = "
              "'users'" },
    { "user", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'not SQL' WHERE name = "
              "'users'" },
    { "user",
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX users_name ON "
      "users (id)' WHERE name = 'users_name'" },
    { "user", "PRAGMA encoding = 'UTF-16le'; DROP TABLE users" },
    { "files", "UPDATE files SET name = '../beside/file'" },
    { "files", "UPDATE files SET name = 'uploads/../../beside/file'" },
    { "files", "UPDATE files SET name = '/tmp/reprise-evil'" },
    { "files", "UPDATE files SET name = 'uploads//picture'" },
    { "files", "UPDATE files SET name = 'uploads/./picture'" },
    { "files", "UPDATE files SET name = 'uploads/'" },
    { "files", "UPDATE files SET name = ''" },
    { "files", "ALTER TABLE files RENAME TO f; CREATE TABLE files AS SELECT path, collection, NULL "
               "AS name, size_bytes, sha256, mode, modified_at FROM f; DROP TABLE f" },
    { "files", "UPDATE files SET name = 'app.db'" },
    { "files", "UPDATE files SET name = 'app.db-wal'" },
    { "files", "UPDATE files SET name = 'uploads/' || hex (zeroblob (200))" },
    { "files", "UPDATE files SET name = CAST (x'75706c6f6164732fff' AS TEXT)" },
    { "files", "UPDATE files SET name = '.reprise-01ARZ3NDEKTSV4RRFFQ69G5FAV/journal'" },
    { "files",
      "UPDATE files SET name = 'uploads/' || replace (hex (zeroblob (100)), '0', 'a/') || 'b'" },
    { "files", "UPDATE files SET path = 'manifest.json'" },
    { "files", "UPDATE files SET path = '../../etc/passwd'" },
    { "files", "UPDATE files SET path = 'data/0/user.sqlite'" },
    { "files", "ALTER TABLE files RENAME TO f; CREATE TABLE files AS SELECT NULL AS path, "
               "collection, name, size_bytes, sha256, mode, modified_at FROM f; DROP TABLE f" },
    { "files", "UPDATE files SET sha256 = 'x'" },
    { "files", "UPDATE files SET size_bytes = 3" },
    { "files", "UPDATE files SET size_bytes = -1" },
    { "files", "UPDATE files SET size_bytes = 9223372036854775807" },
    { "files", "UPDATE files SET collection = 'other/'" },
    { "files",
      "ALTER TABLE files RENAME TO f; CREATE TABLE files AS SELECT * FROM f UNION ALL SELECT path, "
      "collection, name || '/below', size_bytes, sha256, mode, modified_at FROM f; DROP TABLE f" },
    { "files",
      "DROP TABLE files; CREATE VIEW files AS SELECT 'files/custom/0' AS path, 'uploads/' AS "
      "collection, 'uploads/x' AS name, 7 AS size_bytes, '' AS sha256, 0 AS mode, 0 AS "
      "modified_at" },
    { "files", "CREATE TRIGGER evil AFTER INSERT ON files BEGIN SELECT 1; END" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i += REPRISE_TEST_WITH_SANITIZER ? 3 : 1)
    {
      g_autofree char *name = g_str_equal (cases[i].file, "files")
                                ? g_strdup ("files/custom.sqlite")
                                : g_strdup_printf ("data/0/%s.sqlite", cases[i].file);
      g_autofree char *path = NULL;

      unpack (fixture);
      path = in_plain (fixture, name);
      reprise_sqlite_test_run (path, cases[i].sql);
      sign (fixture);
      pack (fixture);
      restore_in_vain (fixture, cases[i].sql, FALSE);
    }
}

/* Files that are databases no longer, or never were. */
static void
test_pages (Fixture *fixture, gconstpointer data)
{
  const guint n = REPRISE_TEST_WITH_SANITIZER ? 8 : 40;
  GRand *random = g_rand_new_with_seed (5);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = NULL, *bytes = NULL;
      g_autofree char *label = g_strdup_printf ("pages, %u", i);
      gsize size;

      unpack (fixture);
      path = in_plain (fixture, "data/0/user.sqlite");
      bytes = reprise_test_read (path, &size);
      if (i == 0)
        size = 0;
      else if (i == 1)
        size = 100;
      else if (i == 2)
        size -= 512;
      else if (i == 3)
        memcpy (bytes, "MZ", 2);
      else if (i == 4)
        memset (bytes, 0, size);
      else if (i == 5)
        memset (bytes + 16, 0xff, 84); /* the header after its magic */
      else if (i == 6)
        memset (bytes + 100, 0xff, 8); /* the first page's own */
      else
        /* the page of a table or an index: its type, its count of cells or where they are */
        for (guint page = 1; page * 4096 < size; page++)
          bytes[page * 4096 + (guint) g_rand_int_range (random, 0, 24)] =
            (char) g_rand_int_range (random, 1, 256);
      g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
      sign (fixture);
      pack (fixture);
      /* a byte of a page may be one that says nothing */
      try_restore (fixture, label, FALSE, i > 6);
    }
  g_rand_free (random);
}

/* What the manifest says. The application lacks the table, so that its definition is carried out. */
static void
test_manifest (Fixture *fixture, gconstpointer data)
{
  static const char users[] =
    "\"CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)\"";
  static const struct
  {
    const char *from;
    const char *to;
  } cases[] = {
    { users, "\"CREATE VIEW users AS SELECT 1 AS id, 2 AS name\"" },
    { users, "\"CREATE TRIGGER users AFTER INSERT ON logs BEGIN DELETE FROM logs; END\"" },
    { users,
      "\"CREATE TABLE users AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
      "SELECT id, 'x' AS name FROM n\"" },
    { users, "\"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); DELETE FROM logs\"" },
    { users,
      "\"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT DEFAULT (load_extension ('x')), c "
      "CHECK (load_extension ('/tmp/evil.so')))\"" },
    { users, "\"CREATE TEMP TABLE users (id INTEGER PRIMARY KEY, name TEXT)\"" },
    { users, "\"CREATE TABLE others (id INTEGER PRIMARY KEY, name TEXT)\"" },
    { users, "\"CREATE TABLE user.users (id INTEGER PRIMARY KEY, name TEXT)\"" },
    { users, "\"CREATE VIRTUAL TABLE users USING fts5 (id, name)\"" },
    { users, "\"CREATE TABLE IF NOT EXISTS logs (id INTEGER PRIMARY KEY, name TEXT)\"" },
    { users, "\"DROP TABLE logs\"" },
    { users, "\"DELETE FROM logs\"" },
    { users, "\"ATTACH '/tmp/reprise-evil.db' AS evil\"" },
    { users, "\"PRAGMA writable_schema = ON\"" },
    { users, "\"VACUUM INTO '/tmp/reprise-evil.db'\"" },
    { users, "\"\"" },
    { users, "\"-- nothing\"" },
    { "CREATE INDEX users_name ON users (name)", "CREATE INDEX users_name ON logs (t)" },
    { "CREATE INDEX users_name ON users (name)",
      "CREATE TRIGGER users_name AFTER INSERT ON users BEGIN DELETE FROM logs; END" },
    { "CREATE INDEX users_name ON users (name)", "DROP TABLE logs" },
    { "\"name\" : \"app.db/users\"", "\"name\" : \"app.db/settings\"" },
    { "\"name\" : \"users\"", "\"name\" : \"logs\"" },
    { "\"name\" : \"users\"", "\"name\" : \"sqlite_schema\"" },
    { "\"name\" : \"users\"", "\"name\" : \"sqlite_sequence\"" },
    { "\"name\" : \"uploads/\"", "\"name\" : \"../beside/\"" },
    { "\"name\" : \"uploads/\"", "\"name\" : \"uploads/../../beside/\"" },
    { "\"name\" : \"uploads/\"", "\"name\" : \"..\"" },
    { "\"name\" : \"uploads/\"", "\"name\" : \"/\"" },
    { "\"name\" : \"uploads/\"", "\"name\" : \"\"" },
    { "\"name\" : \"uploads/\"", "\"name\" : \"uploads\"" },
    { "\"name\" : \"app.db\"", "\"name\" : \"../beside/app.db\"" },
    { "\"name\" : \"app.db\"", "\"name\" : \"/tmp/reprise-evil.db\"" },
    { "\"name\" : \"app.db\"", "\"name\" : \"other.db-wal\"" },
    { "\"name\" : \"app.db\"", "\"name\" : \".reprise-01ARZ3NDEKTSV4RRFFQ69G5FAV/index\"" },
    { "\"name\" : \"app.db\"", "\"name\" : \"uploads/.reprise-01ARZ3NDEKTSV4RRFFQ69G5FAV/index\"" },
    { "\"name\" : \"app.db\"", "\"name\" : \"\"" },
    { ROWS "2", ROWS "3" },
    { ROWS "2", ROWS "9223372036854775807" },
    { ROWS "2", ROWS "1e300" },
    { "\"page_size\" : 4096", "\"page_size\" : 1" },
    { "\"format\" : 1", "\"format\" : 99" },
    { "\"path\" : \"data/0/user.sqlite\"", "\"path\" : \"../../beside/file\"" },
    { "\"path\" : \"data/0/user.sqlite\"", "\"path\" : \"/etc/passwd\"" },
    { "\"path\" : \"data/0/user.sqlite\"", "\"path\" : \"data/0/log.sqlite\"" },
    { "\"id\" : \"user\"", "\"id\" : \"log\"" },
  };
  g_autofree char *database = g_build_filename (fixture->application, "app.db", NULL);

  reprise_sqlite_test_run (database, "DROP VIEW names; DROP TRIGGER seen; DROP TABLE users");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i += REPRISE_TEST_WITH_SANITIZER ? 3 : 1)
    {
      g_autofree char *manifest = NULL;

      unpack (fixture);
      manifest = in_plain (fixture, "manifest.json");
      replace_text (manifest, cases[i].from, cases[i].to);
      pack (fixture);
      restore_in_vain (fixture, cases[i].to, FALSE);
    }
  g_assert_cmpint (g_access ("/tmp/reprise-evil.db", F_OK), !=, 0);
  g_assert_cmpint (g_access ("/tmp/reprise-evil", F_OK), !=, 0);
}

/* What an undo removes stands in the manifest too. */
static void
test_drops (Fixture *fixture, gconstpointer data)
{
  static const char *const cases[] = {
    "{ \"type\" : \"folder\", \"name\" : \"../beside/\" }",
    "{ \"type\" : \"folder\", \"name\" : \"uploads/../../beside/\" }",
    "{ \"type\" : \"folder\", \"name\" : \"\" }",
    "{ \"type\" : \"folder\", \"name\" : \"/\" }",
    "{ \"type\" : \"database\", \"name\" : \"../beside/file\" }",
    "{ \"type\" : \"database\", \"name\" : \"uploads/picture\" }",
    "{ \"type\" : \"database\", \"name\" : \"app.db-wal\" }",
    "{ \"type\" : \"index\", \"database\" : \"app.db\", \"name\" : \"users_name\" }",
    "{ \"type\" : \"table\", \"name\" : \"users\" }",
    "{ \"type\" : \"table x; DROP table\", \"database\" : \"app.db\", \"name\" : \"y\" }",
    "{ \"type\" : \"table\", \"database\" : \"app.db\", \"name\" : \"sqlite_sequence\" }",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *manifest = NULL;
      g_autofree char *to = g_strdup_printf ("\"drops\" : [ %s ], \"databases\" : [", cases[i]);

      unpack (fixture);
      manifest = in_plain (fixture, "manifest.json");
      replace_text (manifest, "\"databases\" : [", to);
      pack (fixture);
      restore_in_vain (fixture, cases[i], TRUE);
    }
}

/* Entries of the zip file itself. */
static void
test_entries (Fixture *fixture, gconstpointer data)
{
  g_autofree char *user = in_plain (fixture, "data/0/user.sqlite");
  g_autofree char *picture = in_plain (fixture, "files/custom/0");
  g_autofree char *manifest = in_plain (fixture, "manifest.json");
  g_autofree char *escape = g_build_filename (fixture->folder, "beside", "evil", NULL);

  /* a link in the place of a file, to where it could be read from and to where it could be written */
  unpack (fixture);
  g_assert_cmpint (g_unlink (user), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", user), ==, 0);
  pack (fixture);
  restore_in_vain (fixture, "link to a file", FALSE);
  unpack (fixture);
  g_assert_cmpint (g_unlink (picture), ==, 0);
  g_assert_cmpint (symlink (escape, picture), ==, 0);
  pack (fixture);
  restore_in_vain (fixture, "link to nowhere", FALSE);
  unpack (fixture);
  g_assert_cmpint (g_unlink (manifest), ==, 0);
  g_assert_cmpint (symlink ("data/0/user.sqlite", manifest), ==, 0);
  pack (fixture);
  restore_in_vain (fixture, "link as manifest", FALSE);
  /* nothing where something should be */
  unpack (fixture);
  g_assert_cmpint (g_unlink (user), ==, 0);
  pack (fixture);
  restore_in_vain (fixture, "missing database", FALSE);
  unpack (fixture);
  g_assert_cmpint (g_unlink (picture), ==, 0);
  pack (fixture);
  restore_in_vain (fixture, "missing file", FALSE);
  unpack (fixture);
  g_assert_cmpint (g_unlink (manifest), ==, 0);
  pack (fixture);
  restore_in_vain (fixture, "missing manifest", FALSE);
  /* a file changed, its hash not */
  unpack (fixture);
  reprise_sqlite_test_run (user, "UPDATE users SET name = 'evil'");
  pack (fixture);
  restore_in_vain (fixture, "tampered database", FALSE);
  unpack (fixture);
  g_assert_true (g_file_set_contents (picture, "Picture", -1, NULL));
  pack (fixture);
  restore_in_vain (fixture, "tampered file", FALSE);
  /* a name that leads out: the entry is of no use to anybody, and makes the archive one that is not ours */
  unpack (fixture);
  pack (fixture);
  g_assert_true (g_file_set_contents (escape, "evil", -1, NULL));
  reprise_sqlite_test_call (fixture->plain, "zip", "-q", fixture->archive, "../beside/evil", NULL);
  g_assert_cmpint (g_unlink (escape), ==, 0);
  restore_in_vain (fixture, "up", FALSE);
}

/* Much of nothing, told and not told. */
static void
test_bombs (Fixture *fixture, gconstpointer data)
{
  g_autofree char *user = in_plain (fixture, "data/0/user.sqlite");
  g_autofree char *picture = in_plain (fixture, "files/custom/0");
  gint64 start;

  unpack (fixture);
  g_assert_cmpint (truncate (user, BOMB_BYTES), ==, 0);
  pack (fixture);
  start = g_get_monotonic_time ();
  restore_in_vain (fixture, "zeros after a database", FALSE);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
  unpack (fixture);
  g_assert_cmpint (truncate (picture, BOMB_BYTES), ==, 0);
  pack (fixture);
  start = g_get_monotonic_time ();
  restore_in_vain (fixture, "zeros after a file", FALSE);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
}

/* Cut off anywhere, and with any bit turned: refused, or whole. */
static void
test_rot (Fixture *fixture, gconstpointer data)
{
  const guint n = REPRISE_TEST_WITH_SANITIZER ? 10 : 60;
  gsize size;
  g_autofree char *bytes = reprise_test_read (fixture->good, &size);
  GRand *random = g_rand_new_with_seed (3);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *broken = g_memdup2 (bytes, size);
      gsize at = (gsize) g_rand_int_range (random, 0, (gint32) size);
      g_autofree char *before = hash_all (fixture), *after = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseSqliteArchive) archive = NULL;
      g_autoptr (RepriseSqliteRestored) restored = NULL;
      const RepriseSqliteWish wish = { fixture->application, REPRISE_GROUPS_ALL, FALSE,
                                       fixture->scratch };

      broken[at] ^= (char) (1 << g_rand_int_range (random, 0, 8));
      g_assert_true (
        g_file_set_contents (fixture->archive, broken, (gssize) (i % 3 == 0 ? at : size), NULL));
      archive = reprise_sqlite_archive_open (fixture->archive, NULL, &error);
      if (archive != NULL)
        restored = reprise_sqlite_restore (archive, &wish, NULL, NULL, NULL, &error);
      g_assert_cmpuint (count_entries (fixture->application), ==, 2);
      g_assert_cmpuint (count_entries (fixture->scratch), ==, 0);
      if (restored != NULL)
        {
          /* a bit that nobody reads, as of a time: then what was restored is what was backed up */
          g_autofree char *database = g_build_filename (fixture->application, "app.db", NULL);

          g_assert_cmpuint (i % 3, !=, 0);
          g_assert_cmpint (reprise_sqlite_test_get (database,
                                                    "SELECT count(*) FROM users WHERE name "
                                                    "IN ('a', 'b')"),
                           ==, 2);
          reset (fixture);
          continue;
        }
      g_assert_true (error->domain == REPRISE_ERROR);
      after = hash_all (fixture);
      g_assert_cmpstr (before, ==, after);
    }
  g_rand_free (random);
}

/* The application's own place is made to harm: links where databases and files are. */
static void
test_target (Fixture *fixture, gconstpointer data)
{
  g_autofree char *database = g_build_filename (fixture->application, "app.db", NULL);
  g_autofree char *uploads = g_build_filename (fixture->application, "uploads", NULL);
  g_autofree char *moved = g_build_filename (fixture->beside, "app.db", NULL);
  g_autofree char *away = g_build_filename (fixture->beside, "uploads", NULL);

  g_assert_cmpint (g_rename (fixture->good, fixture->archive), ==, 0);
  g_assert_cmpint (g_rename (uploads, away), ==, 0);
  g_assert_cmpint (symlink (away, uploads), ==, 0);
  restore_in_vain (fixture, "folder is a link", FALSE);
  g_assert_cmpint (g_unlink (uploads), ==, 0);
  g_assert_cmpint (g_rename (away, uploads), ==, 0);
  g_assert_cmpint (g_rename (database, moved), ==, 0);
  g_assert_cmpint (symlink (moved, database), ==, 0);
  restore_in_vain (fixture, "database is a link", FALSE);
}

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/hostile/control", Fixture, NULL, set_up, test_control, tear_down);
  g_test_add ("/sqlite/hostile/databases", Fixture, NULL, set_up, test_databases, tear_down);
  g_test_add ("/sqlite/hostile/pages", Fixture, NULL, set_up, test_pages, tear_down);
  g_test_add ("/sqlite/hostile/manifest", Fixture, NULL, set_up, test_manifest, tear_down);
  g_test_add ("/sqlite/hostile/drops", Fixture, NULL, set_up, test_drops, tear_down);
  g_test_add ("/sqlite/hostile/entries", Fixture, NULL, set_up, test_entries, tear_down);
  g_test_add ("/sqlite/hostile/bombs", Fixture, NULL, set_up, test_bombs, tear_down);
  g_test_add ("/sqlite/hostile/rot", Fixture, NULL, set_up, test_rot, tear_down);
  g_test_add ("/sqlite/hostile/target", Fixture, NULL, set_up, test_target, tear_down);
  return g_test_run ();
}
