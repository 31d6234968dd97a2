/* test-vault-clean.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-ulid.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/vault-fixture.h"

static RepriseBackup *
back_up_child (VaultFixture *fixture, RepriseBackup *parent)
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
test_delete (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) parent = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (RepriseBackup) child = back_up_child (fixture, parent);
  g_autofree char *folder = vault_fixture_dup_service_folder (fixture);

  g_assert_cmpstr (reprise_backup_get_parent (child), ==, reprise_backup_get_id (parent));
  vault_fixture_add_event (fixture, parent, "kept", NULL, NULL);
  g_assert_false (reprise_vault_delete (fixture->vault, parent, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&fixture->error);
  vault_fixture_add_event (fixture, parent, "superseded", "by", reprise_backup_get_id (child));
  g_assert_true (reprise_vault_delete (fixture->vault, parent, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (vault_fixture_count_names (folder), ==, 2); /* service.json and the child */
  g_assert_false (reprise_vault_delete (fixture->vault, parent, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_true (reprise_vault_delete (fixture->vault, child, NULL, &fixture->error));
  g_assert_cmpuint (vault_fixture_count_names (folder), ==, 1);
}

/* What a program that was killed leaves, in each of its forms. */
static void
test_clean_up (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) stays = reprise_test_back_up (fixture->vault, fixture->service, "x");
  g_autoptr (RepriseBackup) dying = reprise_test_back_up (fixture->vault, fixture->service, "y");
  RepriseVaultWriter *writer = vault_fixture_begin (fixture);
  g_autofree char *folder = vault_fixture_dup_service_folder (fixture);
  g_autofree char *dead = g_strdup_printf ("%s/.deleted-%s", folder, reprise_backup_get_id (dying));
  g_autofree char *half = g_strdup_printf ("%s/service.json.AB12CD", folder);
  g_autofree char *ulid = reprise_ulid_new ();
  g_autofree char *partial = g_strdup_printf ("%s/.partial-%s/.scratch/1", folder, ulid);
  g_autofree char *journal =
    g_strdup_printf ("%s/.partial-%s.journal", folder, "01ARZ3NDEKTSV4RRFFQ69G5FAV");

  vault_fixture_add_event (fixture, dying, "kept", NULL, NULL);
  g_assert_cmpint (g_rename (reprise_backup_get_folder (dying), dead), ==, 0);
  g_assert_true (g_file_set_contents (half, "{", -1, NULL));
  g_assert_true (g_file_set_contents (journal, "{\"part", -1, NULL));
  g_assert_true (reprise_file_make_folder (partial, NULL));
  g_assert_true (reprise_vault_clean_up (fixture->vault, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_true (g_file_test (reprise_backup_get_folder (stays), G_FILE_TEST_IS_DIR));
  g_assert_cmpuint (vault_fixture_count_names (folder), ==,
                    4); /* service.json, the backup, and what the writer works on */
  g_assert_true (g_file_test (reprise_vault_writer_get_folder (writer), G_FILE_TEST_EXISTS));
  g_object_unref (writer);
  g_assert_cmpuint (vault_fixture_count_names (folder), ==, 2);
}

/* Another computer works on it, as its journal says: it is left alone until it has been silent for a day. */
static void
test_clean_up_foreign (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *folder = vault_fixture_dup_service_folder (fixture);
  g_autofree char *partial = g_strdup_printf ("%s/.partial-01ARZ3NDEKTSV4RRFFQ69G5FAV", folder);
  g_autofree char *journal = g_strconcat (partial, ".journal", NULL);
  struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

  g_object_unref (vault_fixture_begin (fixture));
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

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  VAULT_FIXTURE_ADD ("/vault/delete", test_delete);
  VAULT_FIXTURE_ADD ("/vault/clean-up", test_clean_up);
  VAULT_FIXTURE_ADD ("/vault/clean-up/foreign", test_clean_up_foreign);
  return g_test_run ();
}
