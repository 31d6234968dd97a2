/* test-vault.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-ulid.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/reprise-vault-json.h"

typedef struct
{
  char *folder;
  char *path;
  RepriseVault *vault;
  RepriseService *service;
  GError *error;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "my vault", NULL);
  fixture->vault = reprise_vault_new (fixture->path);
  fixture->service = reprise_service_new (NULL, "sqlite", "Orders");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_no_error (fixture->error);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

/* No name with a colon, no file over 0600, no folder over 0700. */
static void
assert_modes (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  GStatBuf info;
  const char *name;

  g_assert_cmpint (g_lstat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, S_ISDIR (info.st_mode) ? 0700 : 0600);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      g_assert_null (strchr (name, ':'));
      assert_modes (child);
    }
}

static char *
service_folder (Fixture *fixture)
{
  return g_build_filename (fixture->path, reprise_service_get_uuid (fixture->service), NULL);
}

static guint
count_names (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup =
    reprise_test_back_up (fixture->vault, fixture->service, "hello");
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (RepriseBackup) found = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autofree char *start = g_ascii_strdown (reprise_backup_get_id (backup), 12);
  g_autofree char *path =
    g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  g_auto (GStrv) warnings = NULL;

  g_assert_cmpint (reprise_backup_get_state (backup), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_true (reprise_test_check_manifest (path));
  assert_modes (fixture->path);
  list = reprise_vault_list (fixture->vault, reprise_service_get_uuid (fixture->service), NULL,
                             &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (reprise_backup_get_id (list->pdata[0]), ==, reprise_backup_get_id (backup));
  g_assert_cmpint (reprise_backup_get_size_bytes (list->pdata[0]), ==, 5);
  g_assert_cmpstr (reprise_backup_get_folder (list->pdata[0]), ==,
                   reprise_backup_get_folder (backup));
  found = reprise_vault_find (fixture->vault, start, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_nonnull (reprise_backup_get_contents (found));
  manifest = reprise_vault_read_manifest (fixture->vault, found, &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (reprise_manifest_get_n_files (manifest), ==, 2);
  for (RepriseDepth depth = REPRISE_DEPTH_QUICK; depth <= REPRISE_DEPTH_DEEP; depth++)
    {
      g_assert_true (
        reprise_vault_verify (fixture->vault, found, depth, progress, NULL, &fixture->error));
      g_assert_no_error (fixture->error);
    }
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_null (warnings[0]);
}

static void
test_open (Fixture *fixture, gconstpointer data)
{
  g_autofree char *json = g_build_filename (fixture->path, "VAULT.json", NULL);
  g_autofree char *other = g_build_filename (fixture->folder, "x", NULL);
  g_autoptr (RepriseVault) home = reprise_vault_new (fixture->folder);
  g_autoptr (RepriseVault) newer = reprise_vault_new (fixture->path);
  g_autoptr (RepriseVault) damaged = reprise_vault_new (fixture->path);
  g_autoptr (GPtrArray) list = NULL;

  g_assert_false (reprise_vault_open (fixture->vault, FALSE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  list = reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  assert_modes (fixture->path);

  g_assert_true (reprise_file_write_durable (other, "somebody's", -1, NULL));
  g_assert_false (reprise_vault_open (home, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&fixture->error);

  g_assert_true (reprise_file_write_durable (json, "{\"format\":2}", -1, NULL));
  g_assert_true (reprise_vault_open (newer, FALSE, NULL, &fixture->error));
  g_assert_true (reprise_vault_is_read_only (newer, NULL));
  g_assert_null (
    reprise_vault_begin (newer, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
  g_clear_error (&fixture->error);

  g_assert_true (reprise_file_write_durable (json, "{\"form", -1, NULL));
  g_assert_false (reprise_vault_open (damaged, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&fixture->error);
}

/* A vault that lost its VAULT.json is a vault still. */
static void
test_rebuild (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autofree char *json = g_build_filename (fixture->path, "VAULT.json", NULL);
  g_autoptr (RepriseVault) again = reprise_vault_new (fixture->path);
  g_autoptr (RepriseBackup) found = NULL;

  g_assert_true (reprise_file_write_durable (json, "rubbish", -1, NULL));
  g_assert_true (reprise_vault_rebuild (again, NULL, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  found = reprise_vault_find (again, reprise_backup_get_id (backup), NULL, &fixture->error);
  g_assert_nonnull (found);
  g_assert_cmpint (g_unlink (json), ==, 0);
  g_clear_object (&again);
  again = reprise_vault_new (fixture->path);
  g_assert_true (reprise_vault_open (again, TRUE, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
}

static void
test_facts (Fixture *fixture, gconstpointer data)
{
  RepriseStorageFacts facts;

  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  g_assert_true (reprise_vault_get_facts (fixture->vault, &facts, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_true (facts.locks);
  g_assert_true (facts.exclusive_rename);
  g_assert_false (facts.network);
  g_assert_cmpint (facts.free_bytes, >, 0);
  g_assert_cmpint (facts.total_bytes, >=, facts.free_bytes);
  g_assert_cmpuint (count_names (fixture->path), ==, 2); /* nothing is left */
}

static RepriseVaultWriter *
begin (Fixture *fixture)
{
  RepriseVaultWriter *writer;

  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  writer = reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL,
                                &fixture->error);
  g_assert_no_error (fixture->error);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test", "");
  return writer;
}

static void
assert_commit_fails (Fixture *fixture, RepriseVaultWriter *writer, GQuark domain, int code)
{
  g_autofree char *folder = service_folder (fixture);

  g_assert_null (reprise_vault_writer_commit (writer, NULL, &fixture->error));
  g_assert_error (fixture->error, domain, code);
  g_clear_error (&fixture->error);
  g_object_unref (writer);
  g_assert_cmpuint (count_names (folder), ==, 1); /* service.json alone */
}

static void
test_incomplete (Fixture *fixture, gconstpointer data)
{
  RepriseVaultWriter *writer = begin (fixture);
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, "a", &fixture->error);
  g_autofree char *stray = NULL;

  g_assert_null (reprise_vault_writer_commit (writer, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_clear_error (&fixture->error);
  g_clear_object (&stream);
  g_object_unref (writer);

  writer = begin (fixture);
  stray = g_build_filename (reprise_vault_writer_get_folder (writer), "stray", NULL);
  g_assert_true (reprise_file_write_durable (stray, "x", -1, NULL));
  assert_commit_fails (fixture, writer, REPRISE_ERROR, REPRISE_ERROR_FAILED);

  writer = begin (fixture);
  reprise_test_write (writer, "a", "abc", 3);
  g_free (stray);
  stray = g_build_filename (reprise_vault_writer_get_folder (writer), "a", NULL);
  g_assert_cmpint (truncate (stray, 2), ==, 0);
  assert_commit_fails (fixture, writer, REPRISE_ERROR, REPRISE_ERROR_FAILED);

  writer = reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL,
                                &fixture->error);
  assert_commit_fails (fixture, writer, REPRISE_ERROR, REPRISE_ERROR_FAILED); /* no proof */
}

/* Sizes around the block, in writes of odd sizes, come out as they went in. */
static void
test_stream_sizes (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 524287, 524288, 524289, 1048576, 5000001 };
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autofree char *bytes = reprise_test_fill (5000001, 7);
  g_autoptr (RepriseBackup) backup = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("sizes/%u", i);
      g_autoptr (GOutputStream) stream =
        reprise_vault_writer_open_sized (writer, name, (gint64) sizes[i], NULL);
      gsize step = i % 2 == 0 ? 77777 : 1000000;

      for (gsize at = 0; at < sizes[i]; at += step)
        g_output_stream_write_all (stream, bytes + at, MIN (step, sizes[i] - at), NULL, NULL,
                                   &fixture->error);
      g_assert_true (g_output_stream_close (stream, NULL, &fixture->error));
    }
  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_true (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("sizes/%u", i);
      g_autofree char *path = g_build_filename (reprise_backup_get_folder (backup), name, NULL);
      gsize size;
      g_autofree char *back = reprise_test_read (path, &size);

      g_assert_cmpmem (back, size, bytes, sizes[i]);
    }
}

/* A stream that is dropped, closed after a cancellation, or discarded is no part of the backup, and its name is free again. */
static void
test_discard (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  GOutputStream *stream = reprise_vault_writer_open (writer, "a", &fixture->error);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  const char *sha256;

  g_cancellable_cancel (cancelled);
  g_assert_true (g_output_stream_write_all (stream, "part", 4, NULL, NULL, &fixture->error));
  g_object_unref (stream); /* dropped */

  stream = reprise_vault_writer_open (writer, "a", &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_null (reprise_vault_writer_open (writer, "a", &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&fixture->error);
  g_assert_false (g_output_stream_close (stream, cancelled, &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&fixture->error);
  g_object_unref (stream);

  reprise_test_write (writer, "a", "second", 6);
  g_assert_true (reprise_vault_writer_has_file (writer, "a"));
  g_assert_true (reprise_vault_writer_discard (writer, "a", &fixture->error));
  g_assert_false (reprise_vault_writer_has_file (writer, "a"));
  stream = reprise_vault_writer_open (writer, "a", &fixture->error);
  g_assert_true (reprise_vault_writer_discard (writer, "a", &fixture->error));
  reprise_test_write (writer, "a", "abc", 3);
  g_assert_false (g_output_stream_close (stream, NULL, &fixture->error)); /* of the discarded one */
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_clear_error (&fixture->error);
  g_object_unref (stream);

  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  manifest = reprise_vault_read_manifest (fixture->vault, backup, &fixture->error);
  g_assert_cmpuint (reprise_manifest_get_n_files (manifest), ==, 1);
  reprise_manifest_get_file (manifest, 0, NULL, &sha256);
  g_assert_cmpstr (sha256, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_assert_true (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));
}

/* One wrong bit in the number of the format does not put the manifest out of the check. */
static void
test_wrong_format (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  char *digit;

  reprise_test_write (writer, "a", "abc", 3);
  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  path = g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  text = reprise_test_read (path, NULL);
  digit = strstr (text, "\"format\" : 1");
  g_assert_nonnull (digit);
  digit[strlen ("\"format\" : ")] = '3';
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_false (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&fixture->error);
}

static void
test_scratch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autofree char *scratch = reprise_vault_writer_make_scratch (writer, &fixture->error);
  g_autofree char *second = reprise_vault_writer_make_scratch (writer, &fixture->error);
  g_autofree char *work = g_build_filename (scratch, "work.sqlite", NULL);
  g_autofree char *left = g_build_filename (second, "left", NULL);
  g_autofree char *hidden = NULL;
  g_autoptr (RepriseBackup) backup = NULL;

  g_assert_no_error (fixture->error);
  g_assert_cmpstr (scratch, !=, second);
  g_assert_true (g_file_set_contents (work, "made elsewhere", -1, NULL)); /* 0666 by its own */
  g_assert_true (g_file_set_contents (left, "x", -1, NULL));
  g_assert_true (
    reprise_vault_writer_add_file (writer, "data/1.sqlite", work, NULL, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  hidden = g_build_filename (reprise_backup_get_folder (backup), ".scratch", NULL);
  g_assert_false (g_file_test (hidden, G_FILE_TEST_EXISTS));
  assert_modes (fixture->path);
  g_assert_true (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));
}

static void
test_bad_names (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "../x", "/etc/passwd", "a:b", ".x", "manifest.json", "" };
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_null (reprise_vault_writer_open (writer, names[i], &fixture->error));
      g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
      g_clear_error (&fixture->error);
    }
}

static void
test_resume (Fixture *fixture, gconstpointer data)
{
  RepriseVaultWriter *writer = begin (fixture);
  g_autofree char *id = g_strdup (reprise_vault_writer_get_id (writer));
  g_autofree char *stray =
    g_build_filename (reprise_vault_writer_get_folder (writer), "stray", NULL);
  g_autoptr (GOutputStream) stream = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  const char *uuid = reprise_service_get_uuid (fixture->service);

  reprise_vault_writer_set_resumable (writer, TRUE);
  reprise_test_write (writer, "1/first", "one", 3);
  reprise_test_write (writer, "gone", "x", 1);
  g_assert_true (reprise_vault_writer_discard (writer, "gone", &fixture->error));
  stream = reprise_vault_writer_open (writer, "half", &fixture->error);
  g_assert_true (reprise_file_write_durable (stray, "x", -1, NULL));
  ids = reprise_vault_list_resumable_ids (fixture->vault, uuid, &fixture->error);
  g_assert_cmpuint (ids->len, ==, 0); /* somebody works on it */
  g_assert_null (reprise_vault_resume (fixture->vault, fixture->service, id, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
  g_clear_error (&fixture->error);
  g_clear_object (&stream);
  g_object_unref (writer);

  g_assert_true (reprise_vault_clean_up (fixture->vault, NULL, &fixture->error));
  g_ptr_array_unref (ids);
  ids = reprise_vault_list_resumable_ids (fixture->vault, uuid, &fixture->error);
  g_assert_cmpuint (ids->len, ==, 1);
  g_assert_cmpstr (ids->pdata[0], ==, id);
  writer = reprise_vault_resume (fixture->vault, fixture->service, id, &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (reprise_vault_writer_get_id (writer), ==, id);
  g_assert_true (reprise_vault_writer_has_file (writer, "1/first"));
  g_assert_false (reprise_vault_writer_has_file (writer, "half"));
  g_assert_false (reprise_vault_writer_has_file (writer, "gone"));
  reprise_test_write (writer, "half", "two", 3);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test", "");
  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  g_object_unref (writer);
  g_assert_cmpint (reprise_backup_get_size_bytes (backup), ==, 6);
  g_assert_true (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));

  writer = begin (fixture); /* older than the next backup: debris */
  g_free (id);
  id = g_strdup (reprise_vault_writer_get_folder (writer));
  reprise_vault_writer_set_resumable (writer, TRUE);
  g_object_unref (writer);
  g_assert_true (g_file_test (id, G_FILE_TEST_EXISTS));
  g_clear_object (&backup);
  backup = reprise_test_back_up (fixture->vault, fixture->service, "y");
  g_assert_true (reprise_vault_clean_up (fixture->vault, uuid, &fixture->error));
  g_assert_false (g_file_test (id, G_FILE_TEST_EXISTS));
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
  g_assert_no_error (fixture->error);
}

static RepriseBackup *
find (Fixture *fixture, RepriseBackup *backup)
{
  RepriseBackup *found =
    reprise_vault_find (fixture->vault, reprise_backup_get_id (backup), NULL, &fixture->error);

  g_assert_no_error (fixture->error);
  return found;
}

static void
test_events (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (RepriseBackup) found = NULL;
  g_autoptr (GPtrArray) events = NULL;

  add_event (fixture, backup, "verified", "depth", "quick");
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_COMPLETE);
  add_event (fixture, backup, "verified", "depth", "full");
  add_event (fixture, backup, "kept", NULL, NULL);
  add_event (fixture, backup, "note", "text", "before the move");
  g_clear_object (&found);
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_VERIFIED);
  g_assert_nonnull (reprise_backup_get_verified_at (found));
  g_assert_true (reprise_backup_get_kept (found));
  g_assert_cmpstr (reprise_backup_get_note (found), ==, "before the move");
  add_event (fixture, backup, "damaged", "text", "“data.bin” is missing");
  add_event (fixture, backup, "unkept", NULL, NULL);
  g_clear_object (&found);
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_null (reprise_backup_get_verified_at (found));
  g_assert_false (reprise_backup_get_kept (found));
  g_assert_cmpstr (reprise_backup_get_damage (found), ==, "“data.bin” is missing");
  add_event (fixture, backup, "verified", "depth", "deep");
  g_clear_object (&found);
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_VERIFIED);
  g_assert_null (reprise_backup_get_damage (found));
  events =
    reprise_vault_list_events (fixture->vault, reprise_backup_get_id (backup), &fixture->error);
  g_assert_cmpuint (events->len, ==, 7);
  g_assert_cmpstr (reprise_vault_json_get_string (events->pdata[6], "depth"), ==, "deep");
  assert_modes (fixture->path);
  g_assert_true (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));
}

static void
test_find (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (RepriseBackup) second = reprise_test_back_up (fixture->vault, fixture->service, "y");
  g_autoptr (GPtrArray) list = NULL;

  g_assert_null (
    reprise_vault_find (fixture->vault, "0", NULL, &fixture->error)); /* both: the clock says 0 */
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  g_assert_nonnull (strstr (fixture->error->message, reprise_backup_get_id (first)));
  g_clear_error (&fixture->error);
  g_assert_null (reprise_vault_find (fixture->vault, "7Z", NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_null (reprise_vault_find (fixture->vault, "", NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  list = reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (reprise_backup_get_id (list->pdata[0]), ==,
                   reprise_backup_get_id (second)); /* newest first */
}

static RepriseBackup *
back_up_child (Fixture *fixture, RepriseBackup *parent)
{
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_SCHEDULE,
                         reprise_backup_get_id (parent), NULL);
  RepriseBackup *backup;

  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test", "");
  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  return backup;
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) parent = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (RepriseBackup) child = back_up_child (fixture, parent);
  g_autofree char *folder = service_folder (fixture);

  g_assert_cmpstr (reprise_backup_get_parent (child), ==, reprise_backup_get_id (parent));
  add_event (fixture, parent, "kept", NULL, NULL);
  g_assert_false (reprise_vault_delete (fixture->vault, parent, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&fixture->error);
  add_event (fixture, parent, "superseded", "by", reprise_backup_get_id (child));
  g_assert_true (reprise_vault_delete (fixture->vault, parent, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (count_names (folder), ==, 2); /* service.json and the child */
  g_assert_false (reprise_vault_delete (fixture->vault, parent, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_true (reprise_vault_delete (fixture->vault, child, NULL, &fixture->error));
  g_assert_cmpuint (count_names (folder), ==, 1);
}

/* What a program that was killed leaves, in each of its forms. */
static void
test_clean_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) stays = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (RepriseBackup) dying = reprise_test_back_up (fixture->vault, fixture->service, "y");
  RepriseVaultWriter *writer = begin (fixture);
  g_autofree char *folder = service_folder (fixture);
  g_autofree char *dead = g_strdup_printf ("%s/.deleted-%s", folder, reprise_backup_get_id (dying));
  g_autofree char *half = g_strdup_printf ("%s/service.json.AB12CD", folder);
  g_autofree char *ulid = reprise_ulid_new ();
  g_autofree char *partial = g_strdup_printf ("%s/.partial-%s/.scratch/1", folder, ulid);
  g_autofree char *journal =
    g_strdup_printf ("%s/.partial-%s.journal", folder, "01ARZ3NDEKTSV4RRFFQ69G5FAV");

  add_event (fixture, dying, "kept", NULL, NULL);
  g_assert_cmpint (g_rename (reprise_backup_get_folder (dying), dead), ==, 0);
  g_assert_true (g_file_set_contents (half, "{", -1, NULL));
  g_assert_true (g_file_set_contents (journal, "{\"part", -1, NULL));
  g_assert_true (reprise_file_make_folder (partial, NULL));
  g_assert_true (reprise_vault_clean_up (fixture->vault, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_true (g_file_test (reprise_backup_get_folder (stays), G_FILE_TEST_IS_DIR));
  g_assert_cmpuint (count_names (folder), ==,
                    4); /* service.json, the backup, and what the writer works on */
  g_assert_true (g_file_test (reprise_vault_writer_get_folder (writer), G_FILE_TEST_EXISTS));
  g_object_unref (writer);
  g_assert_cmpuint (count_names (folder), ==, 2);
}

/* Another computer works on it, as its journal says: it is left alone until it has been silent for a day. */
static void
test_clean_up_foreign (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = service_folder (fixture);
  g_autofree char *partial = g_strdup_printf ("%s/.partial-01ARZ3NDEKTSV4RRFFQ69G5FAV", folder);
  g_autofree char *journal = g_strconcat (partial, ".journal", NULL);
  struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

  g_object_unref (begin (fixture));
  g_assert_true (reprise_file_make_folder (partial, NULL));
  g_assert_true (
    g_file_set_contents (journal,
                         "{\"partial\":1,\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"host\":\"far\","
                         "\"machine\":\"0123456789abcdef\",\"boot\":\"other\",\"process\":1}\n",
                         -1, NULL));
  g_assert_true (reprise_vault_clean_up (fixture->vault, NULL, &fixture->error));
  g_assert_true (g_file_test (partial, G_FILE_TEST_EXISTS));
  g_assert_cmpint (utimensat (AT_FDCWD, journal, old, 0), ==, 0);
  g_assert_true (reprise_vault_clean_up (fixture->vault, NULL, &fixture->error));
  g_assert_false (g_file_test (partial, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (journal, G_FILE_TEST_EXISTS));
}

static void
test_services (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GPtrArray) services = NULL;
  g_autofree char *folder = service_folder (fixture);
  g_autofree char *json = g_build_filename (folder, "service.json", NULL);
  RepriseService *service;

  reprise_service_set_setting (fixture->service, "path", "/srv/orders.db");
  reprise_service_set_rule (fixture->service, "audit log", "log");
  reprise_service_set_production (fixture->service, TRUE);
  /* what a computer runs, it does not take from a folder that others can write to */
  reprise_service_set_setting (fixture->service, "hook-before", "rm -r /");
  reprise_service_set_setting (fixture->service, "webhook", "https://example.org/token");
  backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  services = reprise_vault_list_services (fixture->vault, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (services->len, ==, 1);
  service = services->pdata[0];
  g_assert_cmpstr (reprise_service_get_uuid (service), ==,
                   reprise_service_get_uuid (fixture->service));
  g_assert_cmpstr (reprise_service_get_setting (service, "path"), ==, "/srv/orders.db");
  g_assert_cmpstr (reprise_service_get_rule (service, "audit log"), ==, "log");
  g_assert_true (reprise_service_get_production (service));
  g_assert_null (reprise_service_get_setting (service, "hook-before"));
  g_assert_null (reprise_service_get_setting (service, "webhook"));
  g_assert_cmpstr (reprise_service_get_setting (fixture->service, "hook-before"), ==, "rm -r /");
  g_assert_cmpint (g_unlink (json), ==, 0); /* then the newest backup says what it was */
  g_ptr_array_unref (services);
  services = reprise_vault_list_services (fixture->vault, NULL, &fixture->error);
  g_assert_cmpuint (services->len, ==, 1);
  g_assert_cmpstr (reprise_service_get_name (services->pdata[0]), ==, "Orders");
}

/* A vault as the first version wrote it, kept for ever: it can be listed, verified and taken over. */
static void
test_format_1 (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = reprise_test_data ("vault-1");
  g_autoptr (RepriseVault) vault = reprise_vault_new (path);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) services = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  RepriseBackup *newest, *oldest;
  RepriseCollection *log;

  g_assert_true (reprise_vault_open (vault, FALSE, NULL, &fixture->error));
  list = reprise_vault_list (vault, NULL, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (list->len, ==, 2);
  newest = list->pdata[0];
  oldest = list->pdata[1];
  for (guint i = 0; i < 2; i++)
    g_assert_true (reprise_vault_verify (vault, list->pdata[i], REPRISE_DEPTH_FULL, NULL, NULL,
                                         &fixture->error));
  g_assert_cmpint (reprise_backup_get_state (oldest), ==, REPRISE_BACKUP_VERIFIED);
  g_assert_true (reprise_backup_get_kept (oldest));
  g_assert_cmpstr (reprise_backup_get_note (newest), ==, "After the move");
  g_assert_cmpstr (reprise_backup_get_own_name (newest), ==, "field-notes.zip");
  g_assert_cmpstr (reprise_backup_get_service_version (newest), ==, "2.1");
  g_assert_cmpstr (reprise_backup_get_parent (newest), ==, reprise_backup_get_id (oldest));
  g_assert_cmpint (reprise_backup_get_origin (newest), ==, REPRISE_ORIGIN_SCHEDULE);
  g_assert_cmpint (reprise_backup_get_size_bytes (newest), ==, 10);
  manifest = reprise_vault_read_manifest (vault, newest, &fixture->error);
  log = reprise_contents_find (reprise_manifest_get_contents (manifest), "audit log", NULL);
  g_assert_cmpint (reprise_collection_get_rows (log), ==, 10 * (gint64) G_MAXINT32);
  services = reprise_vault_list_services (vault, NULL, &fixture->error);
  g_assert_cmpuint (services->len, ==, 1);
  g_assert_cmpstr (reprise_service_get_name (services->pdata[0]), ==, "Field Notes");
  g_assert_cmpstr (reprise_service_get_rule (services->pdata[0], "audit log"), ==, "log");
}

/* A vault on another disk that is not mounted now is not begun anew in the empty mount point. */
static void
test_disk_away (Fixture *fixture, gconstpointer data)
{
  g_autofree char *disk = g_strdup_printf ("/dev/shm/reprise-test-%d", getpid ());
  g_autoptr (RepriseVault) again = reprise_vault_new (fixture->path);
  struct stat here, there;

  if (g_mkdir (disk, 0700) != 0 || stat (disk, &there) != 0 ||
      stat (g_get_tmp_dir (), &here) != 0 || here.st_dev == there.st_dev)
    {
      g_test_skip ("There is no second file system.");
      return;
    }
  g_assert_cmpint (symlink (disk, fixture->path), ==, 0); /* as if it were mounted there */
  g_object_unref (reprise_test_back_up (fixture->vault, fixture->service, "x"));
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_false (reprise_vault_open (again, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (fixture->error->message, "disk"));
  g_clear_error (&fixture->error);
  g_assert_null (reprise_vault_list (again, NULL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_cmpuint (count_names (fixture->path), ==, 0);
  reprise_vault_forget_disk (again); /* somebody wants it here */
  g_assert_true (reprise_vault_open (again, TRUE, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_true (reprise_file_remove_tree (disk, NULL));
}

/* A link to a disk that is away is no empty vault. */
static void
test_link_to_nowhere (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVault) again = reprise_vault_new (fixture->path);

  g_assert_cmpint (symlink ("/nowhere/at/all", fixture->path), ==, 0);
  g_assert_null (reprise_vault_list (again, NULL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_false (reprise_vault_open (again, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
}

/* A backup that cannot be read is in the list, and says so. */
static void
test_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autofree char *path =
    g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  g_autoptr (GPtrArray) list = NULL;

  add_event (fixture, backup, "verified", "depth", "full");
  g_assert_true (g_file_set_contents (path, "{", -1, NULL));
  list = reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_nonnull (reprise_backup_get_damage (list->pdata[0]));
  g_assert_cmpint (reprise_backup_get_state (list->pdata[0]), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_cmpstr (reprise_backup_get_kind (list->pdata[0]), ==, "sqlite");
  g_assert_false (reprise_vault_verify (fixture->vault, list->pdata[0], REPRISE_DEPTH_QUICK, NULL,
                                        NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&fixture->error);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  RepriseVaultWriter *writer = begin (fixture);

  g_cancellable_cancel (cancelled);
  g_assert_false (reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, cancelled,
                                        &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&fixture->error);
  g_assert_null (reprise_vault_writer_commit (writer, cancelled, &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&fixture->error);
  g_object_unref (writer);
  g_assert_null (reprise_vault_list (fixture->vault, NULL, cancelled, &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&fixture->error);
}

/* A place that nobody chose is lost with what it protects. */
static void
test_place_note (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = reprise_vault_dup_default_path ();
  g_autoptr (RepriseVault) vault = reprise_vault_new (path);
  g_autofree char *chosen = reprise_vault_dup_place_note (fixture->vault);
  g_autofree char *plain = reprise_vault_dup_place_note (vault);
  g_autofree char *sandboxed = NULL;

  g_assert_null (chosen);
  g_assert_nonnull (strstr (plain, "home folder"));
  reprise_sandbox_pretend ("236 44 0:47 /newroot / rw - tmpfs tmpfs rw\n",
                           "[Context]\nfilesystems=\n");
  sandboxed = reprise_vault_dup_place_note (vault);
  reprise_sandbox_pretend (NULL, NULL);
  g_assert_nonnull (strstr (sandboxed, "sandbox’s own folder"));
  g_assert_nonnull (strstr (sandboxed, path));
}

/* What a sandbox hides is neither made anew in its memory nor an empty list. */
static void
test_sandbox (Fixture *fixture, gconstpointer data)
{
  g_autofree char *quoted =
    g_strdup_printf ("'--filesystem=%s' io.github.reprise_backup.Reprise", fixture->path);

  reprise_sandbox_pretend ("236 44 0:47 /newroot / rw - tmpfs tmpfs rw\n",
                           "[Context]\nfilesystems=\n");
  g_assert_false (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_true (g_str_has_suffix (fixture->error->message, quoted));
  g_clear_error (&fixture->error);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_assert_null (reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&fixture->error);
  reprise_sandbox_pretend (NULL, NULL);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
}

/* What is being made comes first, what was left half made comes last: it has no date. */
static void
test_newest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) early = g_date_time_new_utc (2026, 11, 20, 2, 0, 0);
  g_autoptr (GDateTime) late = g_date_time_new_utc (2026, 11, 21, 2, 0, 0);
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  static const char *const expected[] = { "made", "late", "early", "half" };

  g_ptr_array_add (backups, g_object_new (REPRISE_TYPE_BACKUP, "id", "half", NULL));
  g_ptr_array_add (backups,
                   g_object_new (REPRISE_TYPE_BACKUP, "id", "early", "created-at", early, NULL));
  g_ptr_array_add (backups,
                   g_object_new (REPRISE_TYPE_BACKUP, "id", "made", "in-progress", TRUE, NULL));
  g_ptr_array_add (backups,
                   g_object_new (REPRISE_TYPE_BACKUP, "id", "late", "created-at", late, NULL));
  g_ptr_array_sort (backups, reprise_backup_compare_newest);
  for (guint i = 0; i < backups->len; i++)
    g_assert_cmpstr (reprise_backup_get_id (backups->pdata[i]), ==, expected[i]);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/vault/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("open", test_open);
  ADD ("rebuild", test_rebuild);
  ADD ("facts", test_facts);
  ADD ("incomplete", test_incomplete);
  ADD ("stream-sizes", test_stream_sizes);
  ADD ("discard", test_discard);
  ADD ("scratch", test_scratch);
  ADD ("wrong-format", test_wrong_format);
  ADD ("bad-names", test_bad_names);
  ADD ("resume", test_resume);
  ADD ("events", test_events);
  ADD ("find", test_find);
  ADD ("newest", test_newest);
  ADD ("delete", test_delete);
  ADD ("clean-up", test_clean_up);
  ADD ("clean-up/foreign", test_clean_up_foreign);
  ADD ("services", test_services);
  ADD ("format-1", test_format_1);
  ADD ("disk-away", test_disk_away);
  ADD ("link-to-nowhere", test_link_to_nowhere);
  ADD ("unreadable", test_unreadable);
  ADD ("place-note", test_place_note);
  ADD ("sandbox", test_sandbox);
  ADD ("cancel", test_cancel);
  return g_test_run ();
}
