/* test-sqlite-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "providers/sqlite/reprise-sqlite-archive.h"
#include "providers/sqlite/reprise-sqlite-manifest-private.h"
#include "reprise-sample.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
  char *application;
  char *archive;
  char *plain;
  char *scratch;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const RepriseSample sample = { 0, 1, 0 };
  g_autoptr (GError) error = NULL;

  fixture->folder = reprise_test_make_folder ();
  fixture->application = g_build_filename (fixture->folder, "application", NULL);
  fixture->archive = g_build_filename (fixture->folder, "archive.zip", NULL);
  fixture->plain = g_build_filename (fixture->folder, "plain", NULL);
  fixture->scratch = g_build_filename (fixture->folder, "scratch", NULL);
  g_assert_cmpint (g_mkdir (fixture->scratch, 0700), ==, 0);
  reprise_sample_make (fixture->application, &sample, &error);
  g_assert_no_error (error);
  reprise_sqlite_test_back_up (fixture->application, reprise_sample_get_rules (),
                               REPRISE_GROUPS_ALL, fixture->archive);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *left = reprise_sqlite_test_hash_folder (fixture->scratch);

  g_assert_cmpstr (left, ==, "");
  g_free (fixture->application);
  g_free (fixture->archive);
  g_free (fixture->plain);
  g_free (fixture->scratch);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseSqliteArchive *
open_archive (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseSqliteArchive *archive = reprise_sqlite_archive_open (fixture->archive, NULL, &error);

  g_assert_no_error (error);
  return archive;
}

static gboolean
verify (const Fixture *fixture, gboolean deep, GError **error)
{
  g_autoptr (RepriseSqliteArchive) archive =
    reprise_sqlite_archive_open (fixture->archive, NULL, error);

  return archive != NULL &&
         reprise_sqlite_archive_verify (archive, deep, fixture->scratch, NULL, NULL, error);
}

static void
test_inspect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseSqliteArchive) archive = open_archive (fixture);
  g_autoptr (RepriseContents) contents = reprise_sqlite_archive_dup_contents (archive);
  g_auto (GStrv) damage = reprise_sqlite_archive_dup_damage (archive);
  g_autofree char *path = g_build_filename (fixture->application, "fieldnotes.db", NULL);
  g_autofree guchar *bytes = NULL;
  RepriseCollection *collection;
  RepriseGroup group;
  gsize size;

  g_assert_cmpuint (g_strv_length (damage), ==, 0);
  g_assert_cmpuint (reprise_sqlite_archive_get_n_databases (archive), ==, 2);
  g_assert_cmpstr (reprise_sqlite_archive_get_database (archive, 1), ==, "telemetry.db");
  g_assert_cmpint (g_date_time_to_unix (reprise_sqlite_archive_get_created_at (archive)) -
                     g_get_real_time () / G_USEC_PER_SEC,
                   <=, 0);
  g_assert_cmpint (reprise_sqlite_archive_get_size_bytes (archive, REPRISE_GROUPS_ALL), >, 300000);
  collection = reprise_contents_find (contents, "fieldnotes.db/users", &group);
  g_assert_cmpint (group, ==, REPRISE_GROUP_USER);
  g_assert_cmpint (reprise_collection_get_rows (collection), ==,
                   reprise_sqlite_test_get (path, "SELECT count(*) FROM users"));
  bytes = (guchar *) reprise_test_read (fixture->archive, &size);
  g_assert_true (reprise_sqlite_archive_recognise (fixture->archive, bytes, MIN (size, 4096)));
  g_assert_false (reprise_sqlite_archive_recognise (path, (const guchar *) "SQLite format 3", 16));
}

static void
test_verify (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (verify (fixture, FALSE, &error));
  g_assert_no_error (error);
  g_assert_true (verify (fixture, TRUE, &error));
  g_assert_no_error (error);
}

/* One byte after the other, and cut off everywhere: never found whole. */
static void
test_rot (Fixture *fixture, gconstpointer data)
{
  gsize size;
  g_autofree char *bytes = reprise_test_read (fixture->archive, &size);
  GRand *random = g_rand_new_with_seed (7);

  for (guint i = 0; i < (REPRISE_TEST_WITH_SANITIZER ? 15 : 150); i++)
    {
      g_autofree char *broken = g_memdup2 (bytes, size);
      gsize at = (gsize) g_rand_int_range (random, 0, (gint32) size);
      gsize new_size = i % 5 == 0 ? at : size;
      g_autoptr (GError) error = NULL;

      if (new_size == size)
        broken[at] ^= (char) (1 << g_rand_int_range (random, 0, 8));
      g_file_set_contents (fixture->archive, broken, (gssize) new_size, &error);
      g_assert_no_error (error);
      if (verify (fixture, FALSE, &error))
        {
          /* times and the like, which nobody reads: then everything else is as it was */
          g_test_message ("byte %" G_GSIZE_FORMAT " does not matter", at);
          g_assert_cmpuint (new_size, ==, size);
          g_assert_true (verify (fixture, TRUE, NULL));
        }
      else if (!g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED) &&
               !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT))
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
    }
  g_rand_free (random);
}

/* Makes an archive of what was unpacked and changed. */
static void
pack_again (const Fixture *fixture)
{
  g_unlink (fixture->archive);
  reprise_sqlite_test_call (fixture->plain, "zip", "-q", "-r", "-D", fixture->archive, ".", NULL);
}

/* Writes the hash and size of a changed file into the manifest, as somebody would who wants it not to be noticed. */
static void
sign (const Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->plain, name, NULL);
  g_autofree char *manifest_path = g_build_filename (fixture->plain, "manifest.json", NULL);
  g_autofree char *text = reprise_test_read (manifest_path, NULL);
  g_autoptr (RepriseSqliteManifest) manifest =
    reprise_sqlite_manifest_parse (text, strlen (text), NULL);
  g_autofree char *written = NULL;
  gsize size;

  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; i < manifest->files[group]->len; i++)
      {
        RepriseSqliteFile *file = g_ptr_array_index (manifest->files[group], i);
        g_autofree char *bytes = NULL;

        if (!g_str_equal (file->path, name))
          continue;
        bytes = reprise_test_read (path, &size);
        file->size_bytes = (gint64) size;
        g_free (file->sha256);
        file->sha256 = reprise_hash_bytes (bytes, size);
      }
  written = reprise_sqlite_manifest_print (manifest, &size);
  g_file_set_contents (manifest_path, written, (gssize) size, NULL);
}

static void
test_tampered (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *file;
    const char *sql;
    gboolean signed_too;
  } cases[] = {
    { "data/0/user.sqlite", "UPDATE users SET name = 'x' WHERE id = 1", FALSE },
    { "data/0/user.sqlite", "DELETE FROM users WHERE id = 1", TRUE },
    { "data/0/user.sqlite", "CREATE TRIGGER evil AFTER INSERT ON users BEGIN SELECT 1; END", TRUE },
    { "data/0/user.sqlite", "CREATE VIEW evil AS SELECT 1", TRUE },
    { "data/0/user.sqlite",
      "DROP TABLE users; CREATE VIEW users AS SELECT 1 AS id, 2 AS email, 3 AS name, 4 AS "
      "created_at, 5 AS active",
      TRUE },
    { "data/0/user.sqlite", "UPDATE users SET active = 0", FALSE },
    { "data/0/user.sqlite", "ALTER TABLE users ADD COLUMN more", TRUE },
    { "data/0/user.sqlite", "ALTER TABLE users ADD COLUMN more AS (id + 1)", TRUE },
    { "data/0/user.sqlite", "ALTER TABLE users RENAME COLUMN name TO title", TRUE },
    { "data/0/user.sqlite", "DROP TABLE roles", TRUE },
    { "data/0/user.sqlite", "CREATE VIRTUAL TABLE evil USING fts5 (t)", TRUE },
    { "files/custom.sqlite", "DELETE FROM files WHERE path LIKE '%/3'", TRUE },
    { "files/custom.sqlite", "UPDATE files SET size_bytes = 3 WHERE path LIKE '%/3'", TRUE },
    { "files/custom.sqlite",
      "INSERT INTO files SELECT path || '9', collection, name || 'x', size_bytes, sha256, mode, "
      "modified_at FROM files WHERE path LIKE '%/3'",
      TRUE },
    { "files/custom.sqlite",
      "DROP TABLE files; CREATE VIEW files AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i "
      "+ 1 FROM n) SELECT count(*) AS path, 1 AS collection, 1 AS name, 1 AS size_bytes, 1 AS "
      "sha256, 1 AS mode, 1 AS modified_at FROM n",
      TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i += REPRISE_TEST_WITH_SANITIZER ? 3 : 1)
    {
      g_autofree char *path = g_build_filename (fixture->plain, cases[i].file, NULL);
      g_autoptr (GError) error = NULL;

      reprise_sqlite_test_back_up (fixture->application, reprise_sample_get_rules (),
                                   REPRISE_GROUPS_ALL, fixture->archive);
      reprise_sqlite_test_call (NULL, "unzip", "-q", "-o", fixture->archive, "-d", fixture->plain,
                                NULL);
      reprise_sqlite_test_run (path, cases[i].sql);
      if (cases[i].signed_too)
        sign (fixture, cases[i].file);
      pack_again (fixture);
      g_test_message ("%s", cases[i].sql);
      g_assert_false (verify (fixture, TRUE, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
      g_test_message ("%s", error->message);
    }
}

static void
test_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *extra = g_build_filename (fixture->plain, "files/custom/99", NULL);
  g_autofree char *user = g_build_filename (fixture->plain, "data/0/user.sqlite", NULL);
  g_autofree char *log = g_build_filename (fixture->plain, "data/1/log.sqlite", NULL);
  g_autofree char *third = g_build_filename (fixture->plain, "files/custom/3", NULL);
  g_autoptr (RepriseSqliteArchive) archive = NULL;
  g_auto (GStrv) damage = NULL;

  reprise_sqlite_test_call (NULL, "unzip", "-q", "-o", fixture->archive, "-d", fixture->plain,
                            NULL);
  pack_again (fixture);
  g_assert_true (
    verify (fixture, TRUE, &error)); /* the control: packed by another program, it is as good */
  g_assert_no_error (error);
  g_file_set_contents (extra, "extra", -1, NULL);
  pack_again (fixture);
  g_assert_false (verify (fixture, FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  g_unlink (extra);
  g_unlink (third);
  pack_again (fixture);
  g_assert_false (verify (fixture, FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_cmpint (g_rename (user, log), ==, 0);
  pack_again (fixture);
  archive = open_archive (fixture);
  damage = reprise_sqlite_archive_dup_damage (archive);
  g_assert_cmpuint (g_strv_length (damage), ==, 2);
  g_assert_false (verify (fixture, FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
}

static void
replace (char **text, const char *from, const char *to)
{
  g_autoptr (GString) string = g_string_new (*text);

  g_assert_cmpuint (g_string_replace (string, from, to, 1), ==, 1);
  g_free (*text);
  *text = g_string_free (g_steal_pointer (&string), FALSE);
}

static void
test_manifest (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *from;
    const char *to;
    RepriseError code;
  } cases[] = {
    { "\"format\" : 1", "\"format\" : 2", REPRISE_ERROR_NOT_SUPPORTED },
    { "\"format\" : 1", "\"format\" : 0", REPRISE_ERROR_DAMAGED },
    { "\"kind\" : \"sqlite\"", "\"kind\" : \"other\"", REPRISE_ERROR_DAMAGED },
    { "\"fieldnotes.db\"", "\"../fieldnotes.db\"", REPRISE_ERROR_DAMAGED },
    { "\"fieldnotes.db\"", "\"/etc/passwd\"", REPRISE_ERROR_DAMAGED },
    { "\"page_size\" : 4096", "\"page_size\" : 4097", REPRISE_ERROR_DAMAGED },
    { "\"UTF-8\"", "\"EBCDIC\"", REPRISE_ERROR_DAMAGED },
    { "\"name\" : \"users\"", "\"name\" : \"sqlite_schema\"", REPRISE_ERROR_DAMAGED },
    { "\"name\" : \"users\"", "\"name\" : \"roles\"", REPRISE_ERROR_DAMAGED },
    { "\"database\" : 0", "\"database\" : 7", REPRISE_ERROR_DAMAGED },
    { "\"id\" : \"user\"", "\"id\" : \"skipped\"", REPRISE_ERROR_DAMAGED },
    { "\"id\" : \"user\"", "\"id\" : \"log\"", REPRISE_ERROR_DAMAGED },
    { "\"groups\"", "\"gruops\"", REPRISE_ERROR_DAMAGED },
    { "{", "{ \"format\" : 1, ", REPRISE_ERROR_DAMAGED },
    { "{", "", REPRISE_ERROR_DAMAGED },
  };
  g_autofree char *path = g_build_filename (fixture->plain, "manifest.json", NULL);
  g_autofree char *original = NULL;
  g_autoptr (RepriseSqliteManifest) manifest = NULL;
  g_autofree char *again = NULL;
  gsize size;

  reprise_sqlite_test_call (NULL, "unzip", "-q", "-o", fixture->archive, "-d", fixture->plain,
                            NULL);
  original = reprise_test_read (path, &size);
  manifest = reprise_sqlite_manifest_parse (original, size, NULL);
  again = reprise_sqlite_manifest_print (manifest, &size);
  g_assert_cmpstr (again, ==, original);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup (original);
      g_autoptr (GError) error = NULL;
      RepriseSqliteManifest *wrong;

      replace (&text, cases[i].from, cases[i].to);
      wrong = reprise_sqlite_manifest_parse (text, strlen (text), &error);
      g_test_message ("%s", cases[i].to);
      if (wrong != NULL)
        {
          /* a database of a wrong number may exist: then its file does not */
          reprise_sqlite_manifest_free (wrong);
          g_file_set_contents (path, text, -1, NULL);
          pack_again (fixture);
          g_assert_false (verify (fixture, FALSE, &error));
        }
      g_assert_error (error, REPRISE_ERROR, (int) cases[i].code);
    }
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RepriseSqliteArchive) archive = open_archive (fixture);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (
    reprise_sqlite_archive_verify (archive, TRUE, fixture->scratch, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  reprise_sqlite_test_use_memory ();
  reprise_test_init (&argc, &argv);
  g_test_add ("/sqlite/archive/inspect", Fixture, NULL, set_up, test_inspect, tear_down);
  g_test_add ("/sqlite/archive/verify", Fixture, NULL, set_up, test_verify, tear_down);
  g_test_add ("/sqlite/archive/rot", Fixture, NULL, set_up, test_rot, tear_down);
  g_test_add ("/sqlite/archive/tampered", Fixture, NULL, set_up, test_tampered, tear_down);
  g_test_add ("/sqlite/archive/files", Fixture, NULL, set_up, test_files, tear_down);
  g_test_add ("/sqlite/archive/manifest", Fixture, NULL, set_up, test_manifest, tear_down);
  g_test_add ("/sqlite/archive/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  return g_test_run ();
}
