/* test-catalogue.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "base/reprise-ulid.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/reprise-catalogue.h"

typedef struct
{
  char *folder;
  RepriseVault *vault;
  RepriseService *service;
  GError *error;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->vault = reprise_vault_new (fixture->folder);
  fixture->service = reprise_service_new (NULL, "sqlite", "Orders");
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_no_error (fixture->error);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  reprise_test_remove_folder (fixture->folder);
}

/* All that a list shows, in its order */
static char *
describe (Fixture *fixture, RepriseVault *vault)
{
  g_autoptr (GPtrArray) list = reprise_vault_list (vault, NULL, NULL, &fixture->error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (fixture->error);
  for (guint i = 0; i < list->len; i++)
    {
      RepriseBackup *backup = list->pdata[i];
      g_autofree char *created = reprise_time_to_string (reprise_backup_get_created_at (backup));
      g_autofree char *verified =
        reprise_backup_get_verified_at (backup) == NULL
          ? NULL
          : reprise_time_to_string (reprise_backup_get_verified_at (backup));

      g_string_append_printf (
        text, "%s %s %s %s %" G_GINT64_FORMAT " %d %d %s %d %s %s %u %s %s %d %s %s\n",
        reprise_backup_get_id (backup), reprise_backup_get_service_uuid (backup),
        reprise_backup_get_kind (backup), created, reprise_backup_get_size_bytes (backup),
        reprise_backup_get_state (backup), reprise_backup_get_origin (backup),
        reprise_backup_get_note (backup), reprise_backup_get_kept (backup), verified,
        reprise_backup_get_damage (backup), reprise_backup_get_groups (backup),
        reprise_backup_get_folder (backup), reprise_backup_get_parent (backup),
        reprise_backup_get_encrypted (backup), reprise_backup_get_tool_version (backup),
        reprise_backup_get_service_version (backup));
    }
  return g_string_free (text, FALSE);
}

static char *
catalogue_path (Fixture *fixture)
{
  return reprise_catalogue_dup_path (reprise_vault_get_path (fixture->vault));
}

/* The list by the catalogue is the same as the one that is read from the vault with nothing known. */
static void
assert_same (Fixture *fixture)
{
  g_autofree char *known = describe (fixture, fixture->vault);
  g_autofree char *again = describe (fixture, fixture->vault);
  g_autofree char *path = catalogue_path (fixture);
  g_autofree char *aside = g_strconcat (path, ".aside", NULL);
  g_autoptr (RepriseVault) fresh = reprise_vault_new (fixture->folder);
  g_autofree char *truth = NULL;

  g_assert_cmpstr (again, ==, known);
  g_assert_cmpint (g_rename (path, aside), ==, 0);
  truth = describe (fixture, fresh);
  g_assert_cmpstr (known, ==, truth);
  g_assert_cmpint (g_rename (aside, path), ==, 0);
}

static void
add_event (Fixture *fixture,
           RepriseBackup *backup,
           const char *type,
           const char *member,
           const char *value)
{
  g_autoptr (JsonObject) members = json_object_new ();

  if (member != NULL)
    json_object_set_string_member (members, member, value);
  g_assert_true (reprise_vault_add_event (fixture->vault, reprise_backup_get_id (backup), type,
                                          members, &fixture->error));
}

/* As if long ago: the catalogue believes a time only when it is older than a few seconds. */
static void
make_old (RepriseBackup *backup, gint64 seconds)
{
  g_autofree char *events = g_strconcat (reprise_backup_get_folder (backup), ".events", NULL);
  struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };

  g_assert_cmpint (utimensat (AT_FDCWD, events, times, 0), ==, 0);
}

static void
test_changes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = reprise_test_back_up (fixture->vault, fixture->service, "one");
  g_autoptr (RepriseBackup) second =
    reprise_test_back_up (fixture->vault, fixture->service, "two, longer");

  assert_same (fixture);
  add_event (fixture, first, "verified", "depth", "full");
  assert_same (fixture);
  add_event (fixture, first, "note", "text", "été");
  assert_same (fixture); /* within the same moment */
  make_old (first, 1000);
  assert_same (fixture);
  add_event (fixture, first, "kept", NULL, NULL);
  add_event (fixture, second, "damaged", "text", "“data.bin” is missing");
  assert_same (fixture);
  make_old (first, 2000);
  make_old (second, 2000);
  assert_same (fixture);
  g_assert_true (reprise_vault_delete (fixture->vault, first, NULL, &fixture->error));
  assert_same (fixture);
}

/* The control of assert_same(): with the time set back, a change is not seen by the catalogue, and the test sees that. */
static void
test_time_is_believed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "one");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  add_event (fixture, backup, "kept", NULL, NULL);
  make_old (backup, 1000);
  before = describe (fixture, fixture->vault);
  add_event (fixture, backup, "unkept", NULL, NULL);
  make_old (backup, 1000);
  after = describe (fixture, fixture->vault);
  g_assert_cmpstr (before, ==, after);
  g_assert_true (reprise_vault_rebuild (fixture->vault, NULL, NULL, &fixture->error));
  g_free (after);
  after = describe (fixture, fixture->vault);
  g_assert_cmpstr (before, !=, after);
}

/* A manifest that cannot be read is told each time, and forgotten when it can. */
static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "one");
  g_autofree char *manifest =
    g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  g_autofree char *good = reprise_test_read (manifest, NULL);
  g_autoptr (GPtrArray) list = NULL;

  g_assert_true (g_file_set_contents (manifest, "{", -1, NULL));
  assert_same (fixture);
  list = reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error);
  g_assert_nonnull (reprise_backup_get_damage (list->pdata[0]));
  g_assert_true (g_file_set_contents (manifest, good, -1, NULL));
  assert_same (fixture);
  g_ptr_array_unref (list);
  list = reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error);
  g_assert_null (reprise_backup_get_damage (list->pdata[0]));
}

/* Whatever the cache file holds, the list is right, and the file is good again afterwards. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = catalogue_path (fixture);
  g_autofree char *truth = NULL;

  for (guint i = 0; i < 5; i++)
    g_object_unref (reprise_test_back_up (fixture->vault, fixture->service, "x"));
  truth = describe (fixture, fixture->vault);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (RepriseVault) fresh = NULL;
      g_autofree char *found = NULL;
      g_autofree char *noise = reprise_test_fill (4096, i);
      int fd;

      g_clear_object (&fixture->vault); /* the last one to close it writes all into the one file */
      fd = open (path, O_WRONLY);
      g_assert_cmpint (fd, >=, 0);
      if (i % 3 == 0)
        g_assert_cmpint (ftruncate (fd, g_test_rand_int_range (0, 16000)), ==, 0);
      else if (i % 3 == 1)
        g_assert_cmpint (pwrite (fd, noise, 4096, g_test_rand_int_range (0, 3) * 4096), ==, 4096);
      else
        g_assert_cmpint (pwrite (fd, noise, 16, g_test_rand_int_range (0, 100)), ==, 16);
      close (fd);
      fresh = reprise_vault_new (fixture->folder);
      found = describe (fixture, fresh);
      g_assert_cmpstr (found, ==, truth);
      fixture->vault = g_steal_pointer (&fresh);
      assert_same (fixture);
    }
}

static void
test_no_cache_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = catalogue_path (fixture);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;

  g_assert_true (reprise_file_make_folder (folder, NULL));
  g_assert_true (reprise_file_remove_tree (folder, NULL));
  g_assert_true (g_file_set_contents (folder, "in the way", -1, NULL));
  g_object_unref (reprise_test_back_up (fixture->vault, fixture->service, "x"));
  text = describe (fixture, fixture->vault);
  again = describe (fixture, fixture->vault);
  g_assert_cmpuint (strlen (text), >, 50);
  g_assert_cmpstr (text, ==, again);
  g_assert_cmpint (g_unlink (folder), ==, 0);
}

/* A backup as a program of ours wrote it, without the time that a real one takes */
static void
make_backup (Fixture *fixture, const char *folder, gint64 seconds, guint number)
{
  g_autofree char *ulid = reprise_ulid_new ();
  g_autoptr (RepriseManifest) manifest =
    reprise_manifest_new (fixture->service, ulid, REPRISE_ORIGIN_SCHEDULE);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) collection = reprise_collection_new ("orders", number, number);
  g_autofree char *stamp = reprise_time_to_stamp (time);
  g_autofree char *path = g_strdup_printf ("%s/%s-%s", folder, stamp, ulid);
  g_autofree char *events = g_strconcat (path, ".events", NULL);
  g_autofree char *event = g_strdup_printf ("%s/%s.json", events, ulid);
  g_autofree char *file = g_build_filename (path, "manifest.json", NULL);
  g_autofree char *json = NULL;
  struct timespec long_ago[2] = { { .tv_sec = 1700000000 }, { .tv_sec = 1700000000 } };

  reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, collection);
  reprise_manifest_set_created_at (manifest, time);
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_proof (manifest, "test", "");
  reprise_manifest_add_file (manifest, "data.zip", number,
                             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  json = reprise_manifest_to_json (manifest, NULL);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (events, 0700), ==, 0);
  g_assert_true (g_file_set_contents_full (file, json, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_true (g_file_set_contents_full (
    event, "{\"type\":\"verified\",\"depth\":\"full\",\"at\":\"2026-11-21T10:13:17Z\"}", -1,
    G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_cmpint (utimensat (AT_FDCWD, events, long_ago, 0), ==, 0);
}

/* With -m slow, a hundred thousand. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  guint n = g_test_slow () ? 100000 : 500;
  g_autofree char *folder =
    g_build_filename (fixture->folder, reprise_service_get_uuid (fixture->service), NULL);
  g_autoptr (RepriseVault) other = reprise_vault_new (fixture->folder);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (RepriseBackup) found = NULL;
  gint64 start;
  double first, later;

  g_assert_true (reprise_vault_save_service (fixture->vault, fixture->service, &fixture->error));
  for (guint i = 0; i < n; i++)
    make_backup (fixture, folder, 1700000000 + 60 * (gint64) i, i);
  start = g_get_monotonic_time ();
  list = reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error);
  first = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  g_assert_cmpuint (list->len, ==, n);
  g_ptr_array_unref (list);
  start = g_get_monotonic_time ();
  list = reprise_vault_list (other, NULL, NULL, &fixture->error); /* as another process would */
  later = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  g_assert_cmpuint (list->len, ==, n);
  g_assert_cmpint (reprise_backup_get_size_bytes (list->pdata[0]), ==, n - 1);
  g_assert_cmpint (reprise_backup_get_state (list->pdata[n - 1]), ==, REPRISE_BACKUP_VERIFIED);
  g_test_message ("%u backups: first listing %.2f s, later %.3f s", n, first, later);
  start = g_get_monotonic_time ();
  found = reprise_vault_find (fixture->vault, reprise_backup_get_id (list->pdata[n / 2]), NULL,
                              &fixture->error);
  g_assert_nonnull (found);
  g_test_message ("found one in %.3f s",
                  (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  g_assert_cmpfloat (later, <, 1);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/catalogue/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("changes", test_changes);
  ADD ("time-is-believed", test_time_is_believed);
  ADD ("unreadable", test_unreadable);
  ADD ("damaged", test_damaged);
  ADD ("no-cache-folder", test_no_cache_folder);
  ADD ("many", test_many);
  return g_test_run ();
}
