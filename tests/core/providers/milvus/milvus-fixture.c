/* milvus-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-journal.h"
#include "providers/milvus/milvus-fixture.h"
#include "providers/milvus/reprise-milvus-kind.h"
#include "providers/milvus/reprise-milvus-provider.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"
#include "reprise-fake-milvus.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

static const RepriseMilvusPace PACE = {
  .first_ms = 2,
  .later_ms = 2,
  .hurry_ms = 1000,
  .stuck_ms = 150,
  .idle_ms = 400,
  .load_ms = 200,
  .losses = 5,
};

/* A provider as it is made for one job. */
void
milvus_fixture_renew (MilvusFixture *self)
{
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (self->service), 0);

  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  self->progress = reprise_progress_new ();
  self->provider = reprise_kind_create_provider (self->kind, self->service, secrets);
  reprise_milvus_provider_set_pace (REPRISE_MILVUS_PROVIDER (self->provider), &PACE);
}

void
milvus_fixture_set_up (MilvusFixture *self, gconstpointer data)
{
  const MilvusWorld *world = data;
  g_autofree char *address = NULL;
  g_autoptr (GError) error = NULL;

  reprise_test_forgive_soup ();
  self->folder = reprise_test_make_folder ();
  self->fake = reprise_fake_milvus_new (world->generation, MAX (world->rest_version, 1));
  reprise_fake_milvus_make (self->fake, "default.films", 1000);
  reprise_fake_milvus_make (self->fake, "default.notes", 500);
  reprise_fake_milvus_make (self->fake, "shop.items", 1200);
  address = reprise_fake_milvus_dup_address (self->fake);
  self->kind = g_object_new (REPRISE_TYPE_MILVUS_KIND, NULL);
  self->service = reprise_service_new (NULL, "milvus", "Vectors");
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_ADDRESS, address);
  if (world->rest_version > 0)
    {
      reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_MILVUS, address);
      reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_DATABASES, "default shop");
    }
  self->vault = reprise_vault_new (self->folder);
  g_assert_true (reprise_vault_open (self->vault, TRUE, NULL, &error));
  g_assert_no_error (error);
  self->options = g_hash_table_new (g_str_hash, g_str_equal);
  milvus_fixture_renew (self);
}

void
milvus_fixture_tear_down (MilvusFixture *self, gconstpointer data)
{
  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  g_clear_object (&self->vault);
  g_clear_object (&self->service);
  g_clear_object (&self->kind);
  g_hash_table_unref (self->options);
  reprise_fake_milvus_free (self->fake);
  reprise_test_remove_folder (self->folder);
}

RepriseBackup *
milvus_fixture_back_up (MilvusFixture *self, GError **error)
{
  RepriseBackup *made = NULL;
  gboolean ok =
    reprise_provider_back_up (self->provider, reprise_kind_get_default_groups (self->kind), NULL,
                              &made, self->progress, NULL, error);

  g_assert_cmpint (ok, ==, made != NULL);
  return made;
}

RepriseBackup *
milvus_fixture_back_up_well (MilvusFixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseBackup *made = milvus_fixture_back_up (self, &error);

  g_assert_no_error (error);
  return made;
}

ReprisePlan *
milvus_fixture_plan (MilvusFixture *self, RepriseArchive *archive)
{
  g_autoptr (GError) error = NULL;
  guint before = reprise_fake_milvus_get_n_writes (self->fake);
  ReprisePlan *made = reprise_provider_plan_restore (self->provider, archive, REPRISE_GROUPS_NONE,
                                                     self->options, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_milvus_get_n_writes (self->fake), ==, before);
  return made;
}

RepriseOutcome *
milvus_fixture_restore (MilvusFixture *self, ReprisePlan *made, GError **error)
{
  g_autoptr (RepriseJournal) journal = reprise_test_begin_journal (self->service);
  RepriseOutcome *outcome =
    reprise_provider_restore (self->provider, made, journal, self->progress, NULL, error);

  g_assert_cmpint (reprise_journal_has_open_step (journal), ==, outcome == NULL);
  reprise_journal_close (journal, NULL);
  return outcome;
}

RepriseOutcome *
milvus_fixture_restore_well (MilvusFixture *self, RepriseArchive *archive)
{
  g_autoptr (ReprisePlan) made = milvus_fixture_plan (self, archive);
  g_autoptr (GError) error = NULL;
  RepriseOutcome *outcome;

  g_assert_false (reprise_plan_is_refused (made));
  outcome = milvus_fixture_restore (self, made, &error);
  g_assert_no_error (error);
  return outcome;
}

void
milvus_fixture_set_option (MilvusFixture *self, const char *key, const char *value)
{
  g_hash_table_insert (self->options, (gpointer) key, (gpointer) value);
}

void
milvus_fixture_use_storage (MilvusFixture *self)
{
  g_autofree char *path = g_build_filename (self->folder, "storage", NULL);

  reprise_fake_milvus_set_folder (self->fake, path);
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_STORAGE,
                               REPRISE_MILVUS_STORAGE_FOLDER);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_FOLDER, path);
  milvus_fixture_renew (self);
}
