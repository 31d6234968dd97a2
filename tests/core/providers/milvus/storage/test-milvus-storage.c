/* test-milvus-storage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "providers/milvus/storage/milvus-layout.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"
#include "providers/milvus/storage/reprise-milvus-storage-private.h"
#include "providers/milvus/storage/s3/fake-s3.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define UUID    "5d0d1f0e-6c5b-4f0e-9d5c-0a1f3bb2a0a3"
#define N_FILES 39 /* of small_B: 34 logs and 5 files of metadata */
#define A_LOG                                                                    \
  "binlogs/insert_log/470617309752216107/470617309752216113/470617309752216125/" \
  "470617309752216125/105/470617309752004707"

typedef struct
{
  FakeS3 *server;
  RepriseMilvusStorage *storage;
  char *folder;
  RepriseVault *vault;
  RepriseService *service;
} Fixture;

static void
put_cb (const char *name, gconstpointer data, gsize size, gpointer user_data)
{
  g_autofree char *key = g_strconcat ("backup/small_B/", name, NULL);

  fake_s3_put (user_data, key, data, size);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseS3) s3 = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  fixture->server = fake_s3_new ();
  s3 = fake_s3_connect (fixture->server);
  fixture->storage = reprise_milvus_storage_new_for_s3 (s3, "/backup/");
  milvus_layout_each (MILVUS_LAYOUT_B, put_cb, fixture->server);
  fixture->folder = reprise_test_make_folder ();
  path = g_build_filename (fixture->folder, "vault", NULL);
  fixture->vault = reprise_vault_new (path);
  fixture->service = reprise_service_new (UUID, "milvus", "Milvus");
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->storage);
  fake_s3_free (fixture->server);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseVaultWriter *
begin (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseVaultWriter *writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &error);

  g_assert_no_error (error);
  return writer;
}

/* (transfer full): the backup in the vault, as an archive */
static RepriseArchive *
fetch (Fixture *fixture)
{
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseMilvusMeta) meta =
    reprise_milvus_fetch (fixture->storage, "small_B", writer, NULL, NULL, &error);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (meta->name, ==, "small_B");
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  manifest = reprise_vault_read_manifest (fixture->vault, backup, &error);
  g_assert_no_error (error);
  return reprise_archive_new_for_backup (backup, manifest);
}

static char *
path_of (RepriseArchive *archive, const char *name)
{
  return g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)),
                           REPRISE_MILVUS_PAYLOAD, name, NULL);
}

/* --- the list --- */

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const RepriseMilvusStored *stored;

  fake_s3_put (fixture->server, "backup/failed_1/binlogs/insert_log/1/2/3/4/5", "x", 1);
  fake_s3_put (fixture->server, "backup/broken/meta/full_meta.json", "{", 1);
  fake_s3_put (fixture->server, "files/insert_log/1/2/3/4", "x", 1);
  fake_s3_put (fixture->server, "backup/readme.txt", "x", 1);
  found = reprise_milvus_storage_list (fixture->storage, TRUE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 3);
  stored = found->pdata[0];
  g_assert_cmpstr (stored->name, ==, "broken");
  g_assert_true (stored->whole);
  g_assert_null (stored->meta);
  g_assert_nonnull (stored->problem);
  stored = found->pdata[1];
  g_assert_cmpstr (stored->name, ==, "failed_1");
  g_assert_false (stored->whole);
  stored = found->pdata[2];
  g_assert_cmpstr (stored->name, ==, "small_B");
  g_assert_true (stored->whole);
  g_assert_cmpint (stored->meta->rows, ==, 2000);
  g_assert_cmpint (g_date_time_get_hour (stored->changed_at), ==, 11);
  g_assert_true (reprise_milvus_storage_check (fixture->storage, warnings, NULL, &error));
  g_assert_cmpuint (warnings->len, ==, 0); /* loopback */
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_s3_put (fixture->server, "backup/failed_1/binlogs/insert_log/1/2/3/4/5", "x", 1);
  g_assert_true (
    reprise_milvus_storage_delete (fixture->storage, "failed_1", TRUE, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_s3_count (fixture->server, "backup/failed_1/"), ==, 0);
  g_assert_false (
    reprise_milvus_storage_delete (fixture->storage, "failed_1", TRUE, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "failed_1");
  g_assert_false (
    reprise_milvus_storage_delete (fixture->storage, "small_B", TRUE, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "Nothing was deleted");
  g_assert_cmpuint (fake_s3_count (fixture->server, "backup/small_B/"), ==, N_FILES);
  /* the root is set wrong: that is no failed backup, but somebody's data */
  fake_s3_put (fixture->server, "backup/files/insert_log/1/2/3/4", "x", 1);
  g_assert_false (
    reprise_milvus_storage_delete (fixture->storage, "files", TRUE, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "insert_log/1/2/3/4");
  g_assert_cmpuint (fake_s3_count (fixture->server, "backup/files/"), ==, 1);
  g_assert_true (
    reprise_milvus_storage_delete (fixture->storage, "files", FALSE, NULL, NULL, &error));
  g_assert_false (
    reprise_milvus_storage_delete (fixture->storage, "../files", FALSE, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "cannot be the name");
  g_assert_true (
    reprise_milvus_storage_delete (fixture->storage, "small_B", FALSE, NULL, NULL, &error));
  g_assert_cmpuint (fake_s3_count (fixture->server, ""), ==, 0);
}

/* --- into the vault --- */

static void
compare_cb (const char *name, gconstpointer data, gsize size, gpointer user_data)
{
  g_autofree char *path = path_of (user_data, name);
  gsize found_size = 0;
  g_autofree char *found = reprise_test_read (path, &found_size);

  g_assert_cmpmem (found, found_size, data, size);
}

static void
test_fetch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  RepriseManifest *manifest;
  g_autoptr (GError) error = NULL;
  g_autofree char *date = NULL;
  g_autofree char *manifest_path = NULL;

  fixture->server->cut_after = 20000; /* of the first file that is as large */
  archive = fetch (fixture);
  g_assert_cmpint (fixture->server->cut_after, ==, 0);
  milvus_layout_each (MILVUS_LAYOUT_B, compare_cb, archive);
  manifest = reprise_archive_get_manifest (archive);
  date = g_date_time_format_iso8601 (reprise_manifest_get_created_at (manifest));
  g_assert_cmpuint (reprise_manifest_get_n_files (manifest), ==, N_FILES);
  g_assert_cmpstr (reprise_manifest_get_own_name (manifest), ==, "small_B");
  g_assert_cmpstr (reprise_manifest_get_service_version (manifest), ==, "v2.3.5-lite");
  g_assert_cmpstr (date, ==, "2026-11-21T12:32:33Z");
  g_assert_cmpint (
    reprise_contents_get_rows (reprise_manifest_get_contents (manifest), REPRISE_GROUPS_ALL), ==,
    2000);
  manifest_path = g_build_filename (
    reprise_backup_get_folder (reprise_archive_get_backup (archive)), "manifest.json", NULL);
  g_assert_true (reprise_test_check_manifest (manifest_path));
  g_assert_true (reprise_vault_verify (fixture->vault, reprise_archive_get_backup (archive),
                                       REPRISE_DEPTH_FULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* Runs into a failure, and is gone on with: what was there is not brought again. */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  g_autofree char *key = g_strconcat ("backup/small_B/", A_LOG, NULL);
  g_autoptr (GBytes) log = fake_s3_get (fixture->server, key);
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autofree char *id = g_strdup (reprise_vault_writer_get_id (writer));
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) error = NULL;
  guint n_before, n_gets;

  g_mutex_lock (&fixture->server->mutex);
  g_hash_table_replace (fixture->server->objects, g_strdup (key), g_bytes_new ("short", 5));
  g_mutex_unlock (&fixture->server->mutex);
  reprise_vault_writer_set_resumable (writer, TRUE);
  /* refused before anything large is moved */
  g_assert_null (reprise_milvus_fetch (fixture->storage, "small_B", writer, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED,
                             "105/470617309752004707” has 5 bytes instead of");
  g_assert_cmpuint (reprise_manifest_get_n_files (reprise_vault_writer_get_manifest (writer)), ==,
                    5);
  g_clear_object (&writer);

  fake_s3_put (fixture->server, key, g_bytes_get_data (log, NULL), g_bytes_get_size (log));
  writer = reprise_vault_resume (fixture->vault, fixture->service, id, &error);
  g_assert_no_error (error);
  n_before = reprise_manifest_get_n_files (reprise_vault_writer_get_manifest (writer));
  g_assert_cmpuint (n_before, ==, 5);
  n_gets = fixture->server->n_gets;
  meta = reprise_milvus_fetch (fixture->storage, "small_B", writer, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->server->n_gets - n_gets, ==, N_FILES - 5);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
}

/* What was left of one backup is nothing for another. */
static void
test_resume_other (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autofree char *id = g_strdup (reprise_vault_writer_get_id (writer));
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (GError) error = NULL;
  guint n_gets;

  reprise_vault_writer_set_resumable (writer, TRUE);
  meta = reprise_milvus_fetch (fixture->storage, "small_B", writer, NULL, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&writer);
  fake_s3_put (fixture->server, "backup/small_B/meta/channel_cp_meta.json", "{}", 2);
  writer = reprise_vault_resume (fixture->vault, fixture->service, id, &error);
  g_assert_no_error (error);
  n_gets = fixture->server->n_gets;
  g_clear_pointer (&meta, reprise_milvus_meta_free);
  meta = reprise_milvus_fetch (fixture->storage, "small_B", writer, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->server->n_gets - n_gets, ==, N_FILES + 1);
}

static void
test_not_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autofree char *key = g_strconcat ("backup/small_B/", A_LOG, NULL);
  g_autoptr (GError) error = NULL;

  fake_s3_put (fixture->server, "backup/failed_1/binlogs/insert_log/1/2/3/4/5", "x", 1);
  g_assert_null (reprise_milvus_fetch (fixture->storage, "failed_1", writer, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "no whole backup");
  g_assert_null (reprise_milvus_fetch (fixture->storage, "nothing", writer, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "no backup “nothing”");
  g_mutex_lock (&fixture->server->mutex);
  g_hash_table_remove (fixture->server->objects, key);
  g_mutex_unlock (&fixture->server->mutex);
  g_assert_null (reprise_milvus_fetch (fixture->storage, "small_B", writer, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "Collection “films”");
}

/* A name that leads out of the folder, or that no vault can hold, is left where it is, and told of. */
static void
test_strange_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_auto (GStrv) warnings = NULL;

  fake_s3_put (fixture->server, "backup/small_B/../../escape", "x", 1);
  fake_s3_put (fixture->server, "backup/small_B/.hidden", "x", 1);
  fake_s3_put (fixture->server, "backup/small_B/binlogs/", "", 0);
  meta = reprise_milvus_fetch (fixture->storage, "small_B", writer, progress, NULL, &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "2 objects"));
}

/* --- looking into one --- */

static void
test_inspect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = fetch (fixture);
  g_autofree char *log = path_of (archive, A_LOG);
  g_autofree char *meta = path_of (archive, "meta/full_meta.json");
  g_auto (GStrv) damage = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  gsize size = 0;

  g_assert_true (reprise_milvus_archive_inspect (archive, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (reprise_archive_is_damaged (archive));
  g_assert_cmpstr (reprise_archive_get_format (archive), ==, "Milvus backup (binlog)");
  g_assert_true (reprise_milvus_archive_verify (archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error));
  g_assert_no_error (error);

  content = reprise_test_read (log, &size); /* as long as it was, and something else */
  memset (content, 0, size);
  g_assert_true (g_file_set_contents (log, content, (gssize) size, NULL));
  g_assert_true (reprise_milvus_archive_verify (archive, REPRISE_DEPTH_QUICK, NULL, NULL, &error));
  g_assert_false (reprise_milvus_archive_verify (archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "does not begin as one");
  g_assert_true (g_file_set_contents (log, content, 10, NULL));
  g_assert_false (reprise_milvus_archive_verify (archive, REPRISE_DEPTH_QUICK, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "has 10 bytes instead of 34447");
  g_assert_cmpint (g_unlink (log), ==, 0);
  g_assert_true (reprise_milvus_archive_inspect (archive, NULL, NULL, &error));
  g_assert_true (reprise_archive_is_damaged (archive));
  damage = reprise_archive_dup_damage (archive);
  g_assert_nonnull (strstr (damage[0], "films"));
  g_assert_nonnull (strstr (damage[0], "is missing"));
  g_assert_true (g_file_set_contents (meta, "{}", 2, NULL));
  g_assert_false (reprise_milvus_archive_inspect (archive, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
}

/* Recorded layouts in a folder of their own, and what a MinIO server's disk looks like. */
static void
test_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *root = g_build_filename (fixture->folder, "root", NULL);
  g_autofree char *one = g_build_filename (root, "small_A", NULL);
  g_autofree char *whole = g_build_filename (one, "meta", "full_meta.json", NULL);
  g_autofree char *disk = g_build_filename (root, "disk", NULL);
  g_autofree char *object = g_build_filename (disk, "meta", "full_meta.json", "xl.meta", NULL);
  g_autofree char *above = g_path_get_dirname (object);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_file ("milvus", whole);
  g_autoptr (RepriseArchive) minio = reprise_archive_new_for_file ("milvus", disk);
  g_autoptr (RepriseVaultWriter) writer = begin (fixture);
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) error = NULL;

  milvus_layout_write (MILVUS_LAYOUT_A, one);
  g_assert_true (reprise_milvus_archive_recognise (one, NULL, 0, 0));
  g_assert_true (reprise_milvus_archive_recognise (whole, (const guchar *) "{", 1, 1));
  g_assert_false (reprise_milvus_archive_recognise (root, NULL, 0, 0));
  g_assert_true (reprise_milvus_archive_inspect (archive, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (reprise_archive_is_damaged (archive));
  meta = reprise_milvus_archive_import (archive, writer, NULL, NULL, &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);

  g_assert_cmpint (g_mkdir_with_parents (above, 0700), ==, 0);
  g_assert_true (g_file_set_contents (object, "x", 1, NULL));
  g_assert_true (reprise_milvus_archive_recognise (disk, NULL, 0, 0));
  g_assert_false (reprise_milvus_archive_inspect (minio, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "disk of a MinIO server");
}

/* --- out of the vault --- */

static void
same_object_cb (const char *name, gconstpointer data, gsize size, gpointer user_data)
{
  g_autofree char *key = g_strconcat ("elsewhere/small_B/", name, NULL);
  g_autoptr (GBytes) bytes = fake_s3_get (user_data, key);

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, size);
}

static void
test_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = fetch (fixture);
  g_autoptr (RepriseS3) s3 = fake_s3_connect (fixture->server);
  g_autoptr (RepriseMilvusStorage) other = reprise_milvus_storage_new_for_s3 (s3, "elsewhere");
  g_autoptr (GError) error = NULL;
  g_autofree char *log = path_of (archive, A_LOG);
  g_autofree char *content = NULL;
  gsize size = 0;

  fixture->server->full_after = 20; /* it breaks off, and what was sent goes away again */
  g_assert_false (reprise_milvus_archive_upload (archive, other, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_FAILED, "storage is full");
  g_assert_cmpuint (fake_s3_count (fixture->server, "elsewhere/"), ==, 0);
  fixture->server->full_after = -1;
  g_assert_true (reprise_milvus_archive_upload (archive, other, NULL, NULL, &error));
  g_assert_no_error (error);
  milvus_layout_each (MILVUS_LAYOUT_B, same_object_cb, fixture->server);
  g_assert_cmpuint (fake_s3_count (fixture->server, "elsewhere/"), ==, N_FILES);
  g_assert_false (reprise_milvus_archive_upload (archive, other, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_EXISTS, "small_B");
  g_assert_true (reprise_milvus_storage_delete (other, "small_B", FALSE, NULL, NULL, &error));

  content = reprise_test_read (log, &size); /* only its hash tells */
  content[size - 1] ^= 1;
  g_assert_true (g_file_set_contents (log, content, (gssize) size, NULL));
  g_assert_false (reprise_milvus_archive_upload (archive, other, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "is not what its manifest says");
  g_assert_cmpuint (fake_s3_count (fixture->server, "elsewhere/"), ==, 0);
  g_assert_cmpint (g_unlink (log), ==, 0);
  g_assert_false (reprise_milvus_archive_upload (archive, other, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "is missing");
}

static void
same_file_cb (const char *name, gconstpointer data, gsize size, gpointer user_data)
{
  g_autofree char *path = g_build_filename (user_data, name, NULL);
  gsize found_size = 0;
  g_autofree char *found = reprise_test_read (path, &found_size);

  g_assert_cmpmem (found, found_size, data, size);
}

static void
test_save (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = fetch (fixture);
  g_autofree char *root = g_build_filename (fixture->folder, "out", NULL);
  g_autofree char *folder = g_build_filename (root, "small_B", NULL);
  g_autofree char *partial = g_strconcat (folder, ".part", NULL);
  g_autofree char *note = NULL;
  g_autoptr (RepriseMilvusStorage) storage = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_milvus_archive_save (archive, folder, FALSE, &note, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (note, "milvus-backup migrate"));
  milvus_layout_each (MILVUS_LAYOUT_B, same_file_cb, folder);
  g_assert_false (g_file_test (partial, G_FILE_TEST_EXISTS));
  g_assert_false (reprise_milvus_archive_save (archive, folder, FALSE, NULL, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_EXISTS, "exists already");
  g_assert_true (reprise_milvus_archive_save (archive, folder, TRUE, NULL, NULL, NULL, &error));
  g_assert_no_error (error);

  /* what was saved is again a storage of backups */
  storage = reprise_milvus_storage_new_for_folder (root, &error);
  found = reprise_milvus_storage_list (storage, TRUE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpint (((RepriseMilvusStored *) found->pdata[0])->meta->rows, ==, 2000);
  g_assert_true (reprise_milvus_storage_delete (storage, "small_B", FALSE, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

/* --- settings --- */

static void
test_settings (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = reprise_fault_server_dup_address (fixture->server->server);
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text (FAKE_S3_SECRET);
  g_autoptr (RepriseMilvusStorage) storage = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (reprise_milvus_storage_is_set (fixture->service));
  g_assert_null (reprise_milvus_storage_open (fixture->service, secrets, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_SUPPORTED, "Only the backup server");
  reprise_service_set_setting (fixture->service, REPRISE_MILVUS_SETTING_STORAGE,
                               REPRISE_MILVUS_STORAGE_S3);
  g_assert_true (reprise_milvus_storage_is_set (fixture->service));
  g_assert_null (reprise_milvus_storage_open (fixture->service, secrets, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "address");
  reprise_service_set_setting (fixture->service, REPRISE_MILVUS_SETTING_ENDPOINT, address);
  reprise_service_set_setting (fixture->service, REPRISE_MILVUS_SETTING_KEY_ID, FAKE_S3_KEY_ID);
  reprise_secrets_override (UUID, REPRISE_MILVUS_SECRET_KEY, key);
  storage = reprise_milvus_storage_open (fixture->service, secrets, NULL, &error);
  g_assert_no_error (error); /* bucket and root by the preset and the default */
  meta = reprise_milvus_storage_read_meta (storage, "small_B", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (meta->name, ==, "small_B");
  g_assert_cmpstr (
    reprise_milvus_storage_get_preset (REPRISE_MILVUS_PRESET_HELM, REPRISE_MILVUS_SETTING_BUCKET),
    ==, "milvus-bucket");
  g_assert_cmpstr (reprise_milvus_storage_get_preset (REPRISE_MILVUS_PRESET_HELM,
                                                      REPRISE_MILVUS_SETTING_DATA_ROOT),
                   ==, "file");
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add ("/milvus-storage/list", Fixture, NULL, set_up, test_list, tear_down);
  g_test_add ("/milvus-storage/delete", Fixture, NULL, set_up, test_delete, tear_down);
  g_test_add ("/milvus-storage/fetch", Fixture, NULL, set_up, test_fetch, tear_down);
  g_test_add ("/milvus-storage/resume", Fixture, NULL, set_up, test_resume, tear_down);
  g_test_add ("/milvus-storage/resume-other", Fixture, NULL, set_up, test_resume_other, tear_down);
  g_test_add ("/milvus-storage/not-whole", Fixture, NULL, set_up, test_not_whole, tear_down);
  g_test_add ("/milvus-storage/strange-names", Fixture, NULL, set_up, test_strange_names,
              tear_down);
  g_test_add ("/milvus-storage/inspect", Fixture, NULL, set_up, test_inspect, tear_down);
  g_test_add ("/milvus-storage/folder", Fixture, NULL, set_up, test_folder, tear_down);
  g_test_add ("/milvus-storage/upload", Fixture, NULL, set_up, test_upload, tear_down);
  g_test_add ("/milvus-storage/save", Fixture, NULL, set_up, test_save, tear_down);
  g_test_add ("/milvus-storage/settings", Fixture, NULL, set_up, test_settings, tear_down);
  return g_test_run ();
}
