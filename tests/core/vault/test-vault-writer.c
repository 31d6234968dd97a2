/* test-vault-writer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/vault-fixture.h"

static void
assert_commit_fails (VaultFixture *fixture, RepriseVaultWriter *writer, GQuark domain, int code)
{
  g_autofree char *folder = vault_fixture_dup_service_folder (fixture);

  g_assert_null (reprise_vault_writer_commit (writer, NULL, &fixture->error));
  g_assert_error (fixture->error, domain, code);
  g_clear_error (&fixture->error);
  g_object_unref (writer);
  g_assert_cmpuint (vault_fixture_count_names (folder), ==, 1); /* service.json alone */
}

static void
test_incomplete (VaultFixture *fixture, gconstpointer data)
{
  RepriseVaultWriter *writer = vault_fixture_begin (fixture);
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, "a", &fixture->error);
  g_autofree char *stray = NULL;

  g_assert_null (reprise_vault_writer_commit (writer, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_clear_error (&fixture->error);
  g_clear_object (&stream);
  g_object_unref (writer);

  writer = vault_fixture_begin (fixture);
  stray = g_build_filename (reprise_vault_writer_get_folder (writer), "stray", NULL);
  g_assert_true (reprise_file_write_durable (stray, "x", -1, NULL));
  assert_commit_fails (fixture, writer, REPRISE_ERROR, REPRISE_ERROR_FAILED);

  writer = vault_fixture_begin (fixture);
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
test_stream_sizes (VaultFixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 524287, 524288, 524289, 1048576, 5000001 };
  g_autoptr (RepriseVaultWriter) writer = vault_fixture_begin (fixture);
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
test_discard (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = vault_fixture_begin (fixture);
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

static void
test_scratch (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = vault_fixture_begin (fixture);
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
    reprise_vault_writer_add_file (writer, "data/1.sqlite", work, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  backup = reprise_vault_writer_commit (writer, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  hidden = g_build_filename (reprise_backup_get_folder (backup), ".scratch", NULL);
  g_assert_false (g_file_test (hidden, G_FILE_TEST_EXISTS));
  vault_fixture_assert_modes (fixture->path);
  g_assert_true (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));
}

static void
test_bad_names (VaultFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "../x", "/etc/passwd", "a:b", ".x", "manifest.json", "" };
  g_autoptr (RepriseVaultWriter) writer = vault_fixture_begin (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_null (reprise_vault_writer_open (writer, names[i], &fixture->error));
      g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
      g_clear_error (&fixture->error);
    }
}

static void
test_resume (VaultFixture *fixture, gconstpointer data)
{
  RepriseVaultWriter *writer = vault_fixture_begin (fixture);
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

  writer = vault_fixture_begin (fixture); /* older than the next backup: debris */
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

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  VAULT_FIXTURE_ADD ("/vault/incomplete", test_incomplete);
  VAULT_FIXTURE_ADD ("/vault/stream-sizes", test_stream_sizes);
  VAULT_FIXTURE_ADD ("/vault/discard", test_discard);
  VAULT_FIXTURE_ADD ("/vault/scratch", test_scratch);
  VAULT_FIXTURE_ADD ("/vault/bad-names", test_bad_names);
  VAULT_FIXTURE_ADD ("/vault/resume", test_resume);
  return g_test_run ();
}
