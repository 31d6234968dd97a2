/* nocobase-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-hash.h"
#include "provider/reprise-journal.h"
#include "providers/nocobase/nocobase-fake.h"
#include "providers/nocobase/nocobase-fixture.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-provider.h"
#include "reprise-test-provider.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

static const RepriseNocobasePace PACE = {
  .poll_ms = 10,
  .broken_ms = 60,
  .gone_ms = 1500,
  .settle_ms = 40,
  .quick_ms = 80,
};

void
nocobase_fixture_give_secret (NocobaseFixture *self, const char *kind, const char *text)
{
  reprise_test_give_secret (self->service, kind, text);
}

/* A provider as it is made for one job, so that nothing is remembered. */
void
nocobase_fixture_renew (NocobaseFixture *self)
{
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (self->service), 0);

  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  self->progress = reprise_progress_new ();
  self->provider = reprise_kind_create_provider (self->kind, self->service, secrets);
  reprise_nocobase_provider_set_pace (REPRISE_NOCOBASE_PROVIDER (self->provider), &PACE);
}

void
nocobase_fixture_set_up (NocobaseFixture *self, gconstpointer data)
{
  const NocobasePlugins *plugins = data;
  g_autofree char *address = NULL;
  g_autoptr (GError) error = NULL;

  reprise_test_forgive_soup ();
  self->folder = reprise_test_make_folder ();
  self->fake = nocobase_fake_new (plugins->has_old, plugins->has_new);
  address = nocobase_fake_dup_address (self->fake);
  self->kind = g_object_new (REPRISE_TYPE_NOCOBASE_KIND, NULL);
  self->service = reprise_service_new (NULL, "nocobase", "Site");
  reprise_service_set_setting (self->service, "address", address);
  reprise_service_set_setting (self->service, "account", "root");
  nocobase_fixture_give_secret (self, "password", "correct horse");
  self->vault = reprise_vault_new (self->folder);
  g_assert_true (reprise_vault_open (self->vault, TRUE, NULL, &error));
  g_assert_no_error (error);
  nocobase_fixture_renew (self);
}

/* No credential in what is told or kept. */
void
nocobase_fixture_assert_discreet (NocobaseFixture *self, const char *text)
{
  g_assert_null (strstr (text, "Bearer"));
  g_assert_null (strstr (text, "correct horse"));
}

void
nocobase_fixture_tear_down (NocobaseFixture *self, gconstpointer data)
{
  g_autofree char *log = reprise_progress_dup_log_text (self->progress);

  nocobase_fixture_assert_discreet (self, log != NULL ? log : "");
  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  g_clear_object (&self->vault);
  g_clear_object (&self->service);
  g_clear_object (&self->kind);
  nocobase_fake_free (self->fake);
  reprise_test_remove_folder (self->folder);
}

gboolean
nocobase_fixture_has_part (char **texts, const char *part)
{
  for (guint i = 0; texts[i] != NULL; i++)
    if (strstr (texts[i], part) != NULL)
      return TRUE;
  return FALSE;
}

void
nocobase_fixture_assert_warned (NocobaseFixture *self, const char *part)
{
  g_auto (GStrv) warnings = reprise_progress_dup_warnings (self->progress);

  if (!nocobase_fixture_has_part (warnings, part))
    g_error ("nobody warns of “%s”, but of “%s”", part,
             warnings[0] != NULL ? warnings[0] : "nothing");
}

RepriseContents *
nocobase_fixture_list_groups (NocobaseFixture *self, GError **error)
{
  return reprise_provider_list_groups (self->provider, self->progress, NULL, error);
}

RepriseVaultWriter *
nocobase_fixture_begin (NocobaseFixture *self)
{
  return reprise_test_begin (self->vault, self->service, REPRISE_ORIGIN_MANUAL);
}

/* What is in the vault is, byte for byte, what the server has. */
void
nocobase_fixture_assert_same_bytes (NocobaseFixture *self,
                                    RepriseVaultWriter *writer,
                                    const char *name)
{
  GBytes *bytes = nocobase_fake_get_archive (self->fake, name);
  g_autofree char *expected =
    reprise_hash_bytes (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  const char *sha256 = NULL;

  g_assert_cmpuint (reprise_manifest_get_n_files (manifest), ==, 1);
  reprise_manifest_get_file (manifest, 0, NULL, &sha256);
  g_assert_cmpstr (sha256, ==, expected);
}

gboolean
nocobase_fixture_download (NocobaseFixture *self,
                           const char *name,
                           RepriseVaultWriter *writer,
                           GError **error)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new (name, NULL, "nocobase");

  g_object_set (backup, "own-name", name, "on-service", TRUE, NULL);
  return reprise_provider_download (self->provider, backup, writer, self->progress, NULL, error);
}

/* The fake's own .nbdump, or a recording. */
RepriseArchive *
nocobase_fixture_open_sample (NocobaseFixture *self, const char *name)
{
  g_autofree char *relative = g_build_filename ("nocobase", name, NULL);
  g_autofree char *path = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) error = NULL;

  if (g_str_has_suffix (name, ".nbdump"))
    {
      GBytes *bytes = nocobase_fake_get_archive (self->fake, name);

      path = g_build_filename (self->folder, name, NULL);
      g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                           &error);
      g_assert_no_error (error);
    }
  else
    path = reprise_test_data (relative);
  archive = reprise_archive_new_for_file ("nocobase", path);
  g_assert_true (reprise_kind_inspect (self->kind, archive, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return g_steal_pointer (&archive);
}

static ReprisePlan *
plan_with (NocobaseFixture *self,
           RepriseArchive *archive,
           RepriseGroups groups,
           const char *option,
           GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);

  if (option != NULL)
    g_hash_table_insert (options, (gpointer) "old-restore", (gpointer) option);
  return reprise_provider_plan_restore (self->provider, archive, groups, options, self->progress,
                                        NULL, error);
}

ReprisePlan *
nocobase_fixture_plan (NocobaseFixture *self,
                       const char *sample,
                       RepriseGroups groups,
                       const char *option)
{
  g_autoptr (RepriseArchive) archive = nocobase_fixture_open_sample (self, sample);
  g_autoptr (GError) error = NULL;
  ReprisePlan *made = plan_with (self, archive, groups, option, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
  return made;
}

RepriseOutcome *
nocobase_fixture_restore (NocobaseFixture *self, const char *sample, GError **error)
{
  gboolean old = g_str_has_suffix (sample, ".nbdump");
  g_autoptr (ReprisePlan) made =
    nocobase_fixture_plan (self, sample, REPRISE_GROUPS_NONE, old ? "allow" : NULL);
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (GError) local = NULL;
  RepriseOutcome *outcome;

  g_assert_false (reprise_plan_is_refused (made));
  journal = reprise_test_begin_journal (self->service);
  outcome = reprise_provider_restore (self->provider, made, journal, self->progress, NULL, error);
  g_assert_true (reprise_journal_close (journal, &local));
  return outcome;
}
