/* sqlite-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-db-private.h"
#include "providers/sqlite/sqlite-fixture.h"
#include "reprise-sqlite-test.h"
#include "reprise-test.h"

void
sqlite_fixture_set_up (SqliteFixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->application = g_build_filename (fixture->folder, "application", NULL);
  fixture->database = g_build_filename (fixture->application, "app.db", NULL);
  fixture->archive = g_build_filename (fixture->folder, "archive.zip", NULL);
  fixture->copy = g_build_filename (fixture->folder, "copy.zip", NULL);
  g_assert_cmpint (g_mkdir (fixture->application, 0700), ==, 0);
  reprise_sqlite_busy_ms = 300;
}

void
sqlite_fixture_tear_down (SqliteFixture *fixture, gconstpointer data)
{
  g_free (fixture->application);
  g_free (fixture->database);
  g_free (fixture->archive);
  g_free (fixture->copy);
  reprise_test_remove_folder (fixture->folder);
}

char *
sqlite_fixture_in_application (const SqliteFixture *fixture, const char *name)
{
  return g_build_filename (fixture->application, name, NULL);
}

void
sqlite_fixture_back_up (const SqliteFixture *fixture, const char *const *rules)
{
  reprise_sqlite_test_back_up (fixture->application, rules, REPRISE_GROUPS_ALL, fixture->archive);
}

RepriseSqliteRestored *
sqlite_fixture_restore (const SqliteFixture *fixture, RepriseGroups groups)
{
  g_autoptr (GError) error = NULL;
  RepriseSqliteRestored *restored =
    reprise_sqlite_test_restore (fixture->archive, fixture->application, groups, FALSE, &error);

  g_assert_no_error (error);
  return restored;
}

/* What the application is, seen through SQLite: pages that are free hold anything. */
char *
sqlite_fixture_hash_application (const SqliteFixture *fixture)
{
  static const char *const names[] = { "app.db", "fieldnotes.db", "telemetry.db" };
  g_autofree char *uploads = sqlite_fixture_in_application (fixture, "uploads");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = sqlite_fixture_in_application (fixture, names[i]);
      g_autofree char *tables = NULL, *found = NULL;

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_string_append_printf (text, "no %s\n", names[i]);
          continue;
        }
      tables = reprise_sqlite_test_hash_all (path, NULL);
      g_string_append_printf (text, "%s %" G_GINT64_FORMAT "\n", tables,
                              reprise_sqlite_test_get (path, "PRAGMA user_version"));
      if (!g_str_equal (names[i], "fieldnotes.db"))
        continue;
      found =
        reprise_sqlite_test_get_text (path, "SELECT group_concat (rowid) FROM notes_fts WHERE "
                                            "notes_fts MATCH 'changed OR random OR ba OR to'");
      g_string_append (text, found);
    }
  if (g_file_test (uploads, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *files = reprise_sqlite_test_hash_folder (uploads);

      g_string_append (text, files);
    }
  return g_string_free (text, FALSE);
}

/* Expects the restore to be refused, and everything as it was. */
char *
sqlite_fixture_restore_in_vain (const SqliteFixture *fixture, RepriseGroups groups, int code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = sqlite_fixture_hash_application (fixture);
  g_autofree char *after = NULL;

  g_assert_null (
    reprise_sqlite_test_restore (fixture->archive, fixture->application, groups, FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, code);
  after = sqlite_fixture_hash_application (fixture);
  g_assert_cmpstr (before, ==, after);
  g_test_message ("%s", error->message);
  return g_strdup (error->message);
}

void
sqlite_fixture_assert_sound (const char *path)
{
  g_autofree char *check = reprise_sqlite_test_get_text (path, "PRAGMA integrity_check");
  g_autofree char *keys = reprise_sqlite_test_get_text (path, "PRAGMA foreign_key_check");

  g_assert_cmpstr (check, ==, "ok");
  g_assert_cmpstr (keys, ==, "");
}

/* What people do with Field Notes, with its triggers and foreign keys. */
static const char CHANGES[] = "DELETE FROM notes WHERE id % 3 = 1 AND id < 100; UPDATE notes SET "
                              "title = title || ' changed', body = 'x' WHERE id % 2;"
                              "INSERT INTO notes (project_id, author_id, title, body, created_at) "
                              "VALUES (1, 1, 'A new thought', '', 5);"
                              "INSERT INTO users (email, name, created_at) VALUES "
                              "('new@example.org', 'New', 1), ('newer@example.org', 'Newer', 2);"
                              "UPDATE users SET name = 'renamed' WHERE id = 3; DELETE FROM "
                              "sessions WHERE user_id < 10; DELETE FROM tags WHERE id = 4;"
                              "UPDATE settings SET value = 'de' WHERE key = 'language'; INSERT "
                              "INTO settings VALUES ('colour', 'red');"
                              "INSERT INTO schema_migrations VALUES ('20270101', 1); DELETE FROM "
                              "api_tokens WHERE id = 2; DELETE FROM scratchpad;"
                              "UPDATE projects SET name = 'P' || id, latitude = -latitude; DELETE "
                              "FROM page_cache; INSERT INTO page_cache VALUES ('now', 'here');"
                              "DROP VIEW active_users; CREATE VIEW active_users AS SELECT id FROM "
                              "users; CREATE VIEW newer AS SELECT 1;"
                              "DROP TRIGGER note_overview_rename; PRAGMA user_version = 8; CREATE "
                              "TABLE later (x); INSERT INTO later VALUES (1)";

void
sqlite_fixture_change_sample (const SqliteFixture *fixture)
{
  g_autofree char *notes = sqlite_fixture_in_application (fixture, "fieldnotes.db"),
                  *telemetry = sqlite_fixture_in_application (fixture, "telemetry.db");
  g_autofree char *gone = sqlite_fixture_in_application (fixture, "uploads/2024/6.jpg"),
                  *changed = sqlite_fixture_in_application (fixture, "uploads/2025/1.jpg");
  g_autofree char *added_folder = sqlite_fixture_in_application (fixture, "uploads/2030"),
                  *added = sqlite_fixture_in_application (fixture, "uploads/2030/new.jpg");

  reprise_sqlite_test_run (notes, CHANGES);
  reprise_sqlite_test_run (telemetry, TELEMETRY_CHANGES);
  g_assert_cmpint (g_unlink (gone), ==, 0);
  g_assert_true (g_file_set_contents (changed, "changed", -1, NULL));
  g_assert_cmpint (g_mkdir (added_folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (added, "added", -1, NULL));
}
