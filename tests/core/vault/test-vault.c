/* test-vault.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/reprise-vault-json.h"
#include "vault/vault-fixture.h"

static void
test_round_trip (VaultFixture *fixture, gconstpointer data)
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
  vault_fixture_assert_modes (fixture->path);
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
test_open (VaultFixture *fixture, gconstpointer data)
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
  vault_fixture_assert_modes (fixture->path);

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
test_rebuild (VaultFixture *fixture, gconstpointer data)
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

/* One wrong bit in the number of the format does not put the manifest out of the check. */
static void
test_wrong_format (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = vault_fixture_begin (fixture);
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

static RepriseBackup *
find (VaultFixture *fixture, RepriseBackup *backup)
{
  RepriseBackup *found =
    reprise_vault_find (fixture->vault, reprise_backup_get_id (backup), NULL, &fixture->error);

  g_assert_no_error (fixture->error);
  return found;
}

static void
test_events (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (RepriseBackup) found = NULL;
  g_autoptr (GPtrArray) events = NULL;

  vault_fixture_add_event (fixture, backup, "verified", "depth", "quick");
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_COMPLETE);
  vault_fixture_add_event (fixture, backup, "verified", "depth", "full");
  vault_fixture_add_event (fixture, backup, "kept", NULL, NULL);
  vault_fixture_add_event (fixture, backup, "note", "text", "before the move");
  g_clear_object (&found);
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_VERIFIED);
  g_assert_nonnull (reprise_backup_get_verified_at (found));
  g_assert_true (reprise_backup_get_kept (found));
  g_assert_cmpstr (reprise_backup_get_note (found), ==, "before the move");
  vault_fixture_add_event (fixture, backup, "damaged", "text", "“data.bin” is missing");
  vault_fixture_add_event (fixture, backup, "unkept", NULL, NULL);
  g_clear_object (&found);
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_null (reprise_backup_get_verified_at (found));
  g_assert_false (reprise_backup_get_kept (found));
  g_assert_cmpstr (reprise_backup_get_damage (found), ==, "“data.bin” is missing");
  vault_fixture_add_event (fixture, backup, "verified", "depth", "deep");
  g_clear_object (&found);
  found = find (fixture, backup);
  g_assert_cmpint (reprise_backup_get_state (found), ==, REPRISE_BACKUP_VERIFIED);
  g_assert_null (reprise_backup_get_damage (found));
  events =
    reprise_vault_list_events (fixture->vault, reprise_backup_get_id (backup), &fixture->error);
  g_assert_cmpuint (events->len, ==, 7);
  g_assert_cmpstr (reprise_vault_json_get_string (events->pdata[6], "depth"), ==, "deep");
  vault_fixture_assert_modes (fixture->path);
  g_assert_true (
    reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &fixture->error));
}

static void
test_find (VaultFixture *fixture, gconstpointer data)
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

static void
test_services (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GPtrArray) services = NULL;
  g_autofree char *folder = vault_fixture_dup_service_folder (fixture);
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
test_format_1 (VaultFixture *fixture, gconstpointer data)
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

/* A backup that cannot be read is in the list, and says so. */
static void
test_unreadable (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autofree char *path =
    g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  g_autoptr (GPtrArray) list = NULL;

  vault_fixture_add_event (fixture, backup, "verified", "depth", "full");
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
test_cancel (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  RepriseVaultWriter *writer = vault_fixture_begin (fixture);

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

/* What is being made comes first, what was left half made comes last: it has no date. */
static void
test_newest (VaultFixture *fixture, gconstpointer data)
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
  VAULT_FIXTURE_ADD ("/vault/round-trip", test_round_trip);
  VAULT_FIXTURE_ADD ("/vault/open", test_open);
  VAULT_FIXTURE_ADD ("/vault/rebuild", test_rebuild);
  VAULT_FIXTURE_ADD ("/vault/wrong-format", test_wrong_format);
  VAULT_FIXTURE_ADD ("/vault/events", test_events);
  VAULT_FIXTURE_ADD ("/vault/find", test_find);
  VAULT_FIXTURE_ADD ("/vault/newest", test_newest);
  VAULT_FIXTURE_ADD ("/vault/services", test_services);
  VAULT_FIXTURE_ADD ("/vault/format-1", test_format_1);
  VAULT_FIXTURE_ADD ("/vault/unreadable", test_unreadable);
  VAULT_FIXTURE_ADD ("/vault/cancel", test_cancel);
  return g_test_run ();
}
