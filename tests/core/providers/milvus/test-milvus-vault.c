/* test-milvus-vault.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/milvus/milvus-fixture.h"
#include "providers/milvus/reprise-milvus-client.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"
#include "reprise-fake-milvus.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

/* --- with the storage --- */

static RepriseBackup *
back_up_to_vault (MilvusFixture *self)
{
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (GError) error = NULL;
  RepriseBackup *backup;

  g_assert_true (reprise_vault_save_service (self->vault, self->service, &error));
  writer = reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  reprise_provider_back_up (self->provider, REPRISE_GROUPS_ALL, writer, NULL, self->progress, NULL,
                            &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  return backup;
}

/* Into the vault, gone from the service, and back again from the vault. */
static void
test_vault (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_KEEP, "false");
  milvus_fixture_use_storage (self);
  backup = back_up_to_vault (self);
  /* only once the vault's copy is committed and read back */
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 1);
  reprise_provider_let_go (self->provider, self->progress, NULL);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 0);
  manifest = reprise_vault_read_manifest (self->vault, backup, &error);
  archive = reprise_archive_new_for_backup (backup, manifest);
  g_assert_true (reprise_kind_inspect (self->kind, archive, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  reprise_fake_milvus_drop (self->fake, "default.films");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  outcome = milvus_fixture_restore_well (self, archive);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 1);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
  if (((const MilvusWorld *) data)->rest_version == 2)
    g_assert_nonnull (strstr (outcome->summary, "1 counted and equal to the backup"));
}

static RepriseArchive *
open_of_vault (MilvusFixture *self, RepriseBackup *backup)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (self->vault, backup, &error);
  RepriseArchive *archive = reprise_archive_new_for_backup (backup, manifest);

  g_assert_true (reprise_kind_inspect (self->kind, archive, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return archive;
}

/* Of the same name, with other rows in it: deleted, and made anew by somebody else. */
static void
replace_on_service (MilvusFixture *self, RepriseBackup *backup)
{
  const char *name = reprise_backup_get_own_name (backup);
  g_autofree char *address = NULL;
  g_autoptr (RepriseMilvusClient) client = NULL;
  g_autoptr (RepriseHttp) http = NULL;
  g_autoptr (GError) error = NULL;
  RepriseMilvusCreate create = { .name = name };

  address = g_strconcat (
    reprise_service_get_setting (self->service, REPRISE_MILVUS_SETTING_ADDRESS), "api/v1/", NULL);
  http = reprise_http_new (address, NULL, &error);
  g_assert_no_error (error);
  client = reprise_milvus_client_new (http);
  reprise_fake_milvus_restart (self->fake);
  reprise_fake_milvus_make (self->fake, "default.films", 77);
  g_assert_true (reprise_milvus_client_delete (client, name, NULL, &error));
  g_assert_true (reprise_milvus_client_create (client, &create, NULL, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < 4; i++)
    reprise_milvus_backup_free (reprise_milvus_client_get_backup (client, name, NULL, &error));
  g_assert_no_error (error);
}

/* What is restored is the vault's backup, and never another one that only has its name. */
static void
test_same_name (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;

  milvus_fixture_use_storage (self);
  backup = back_up_to_vault (self);
  archive = open_of_vault (self, backup);
  g_assert_true (reprise_provider_check_same (self->provider, archive, NULL, NULL));
  replace_on_service (self, backup);
  g_assert_false (reprise_provider_check_same (self->provider, archive, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_vault");
  made = milvus_fixture_plan (self, archive);
  reprise_test_find_check (made, "archive", REPRISE_CHECK_WARNING);
  outcome = milvus_fixture_restore_well (self, archive);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_vault"), ==, 1000);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 2);
  body = reprise_fake_milvus_dup_last_body (self->fake, "restore");
  g_assert_nonnull (strstr (body, "_vault_"));
  /* what was uploaded once is taken again */
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_again");
  again = milvus_fixture_restore_well (self, archive);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_again"), ==, 1000);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 2);
}

/* Where it cannot be uploaded under another name, that is said, and nothing is restored. */
static void
test_same_name_alone (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) made = NULL;

  milvus_fixture_use_storage (self);
  backup = back_up_to_vault (self);
  archive = open_of_vault (self, backup);
  replace_on_service (self, backup);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_STORAGE,
                               REPRISE_MILVUS_STORAGE_NONE);
  milvus_fixture_renew (self);
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_vault");
  made = milvus_fixture_plan (self, archive);
  g_assert_true (reprise_plan_is_refused (made));
  g_assert_nonnull (strstr (reprise_test_find_check (made, "archive", REPRISE_CHECK_REFUSED)->text,
                            "another backup"));
}

/* After a restart the newer servers do not say what is in a backup. That is told, and not that an address is missing; the collections can
 * be named, and what was restored is counted all the same. */
static void
test_contents_unknown (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = milvus_fixture_back_up_well (self);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (ReprisePlan) replacing = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;

  reprise_fake_milvus_restart (self->fake);
  milvus_fixture_renew (self);
  archive = reprise_provider_open_backup (self->provider, backup, NULL, NULL, NULL);
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_x");
  made = milvus_fixture_plan (self, archive);
  g_assert_nonnull (strstr (reprise_test_find_check (made, "target", REPRISE_CHECK_WARNING)->text,
                            "what is in the backup is not"));
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  replacing = milvus_fixture_plan (self, archive);
  g_assert_nonnull (strstr (reprise_plan_get_no_safety_copy (replacing), "name those"));
  milvus_fixture_set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REFUSE);
  outcome = milvus_fixture_restore_well (self, archive);
  g_assert_nonnull (strstr (outcome->summary, "3 counted"));
}

/* What a backup that was cut off leaves is shown, and can be removed: the newer servers do neither. */
static void
test_leftovers (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GError) error = NULL;

  milvus_fixture_use_storage (self);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_RESTARTS);
  g_assert_null (milvus_fixture_back_up (self, &error));
  g_clear_error (&error);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WELL);
  list = reprise_provider_list_backups (self->provider, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpint (reprise_backup_get_state (list->pdata[0]), ==, REPRISE_BACKUP_PARTIAL);
  g_assert_nonnull (reprise_backup_get_own_state (list->pdata[0]));
  g_assert_true (
    reprise_provider_delete_backup (self->provider, list->pdata[0], NULL, NULL, &error));
  g_assert_no_error (error);
  after = reprise_provider_list_backups (self->provider, NULL, NULL, &error);
  g_assert_cmpuint (after->len, ==, 0);
}

#define ADD(name, world, test)                                                              \
  g_test_add ("/milvus-provider/" name, MilvusFixture, &world, milvus_fixture_set_up, test, \
              milvus_fixture_tear_down)
#define ADD_ALL(name, test)        \
  {                                \
    ADD (name "/A", OLD, test);    \
    ADD (name "/B", NEW, test);    \
    ADD (name "/C", NEWEST, test); \
  }

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  ADD_ALL ("vault", test_vault);
  ADD_ALL ("same-name", test_same_name);
  ADD ("same-name-alone", NEW, test_same_name_alone);
  ADD ("contents-unknown", NEW, test_contents_unknown);
  ADD_ALL ("leftovers", test_leftovers);
  return g_test_run ();
}
