/* site-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "archive/reprise-zip-writer.h"
#include "providers/azure/azure-fixture.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/site-fixture.h"
#include "reprise-test-provider.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"

void
site_fixture_give (SiteFixture *fixture, const char *kind, const char *text)
{
  reprise_test_give_secret (fixture->service, kind, text);
}

void
site_fixture_connect (SiteFixture *fixture)
{
  g_clear_object (&fixture->provider);
  fixture->provider = azure_fixture_connect (fixture->kind, fixture->service);
}

GBytes *
site_fixture_make_zip (const char *const *entries)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (stream, REPRISE_ZIP_LEVEL_FAST);

  for (guint i = 0; entries[i] != NULL; i++)
    g_assert_true (
      reprise_zip_writer_add_bytes (writer, entries[i], "content", 7, NULL, NULL, NULL));
  g_assert_true (reprise_zip_writer_finish (writer, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
}

void
site_fixture_put_backup (SiteFixture *fixture, const char *name)
{
  g_autofree char *zip = g_strconcat (name, ".zip", NULL);
  g_autofree char *xml = g_strconcat (name, ".xml", NULL);
  gsize size = 0;
  gconstpointer data = g_bytes_get_data (fixture->zip, &size);

  fake_blob_put (fixture->storage, zip, data, size, TRUE);
  fake_blob_put (fixture->storage, xml, DESCRIPTION, strlen (DESCRIPTION), FALSE);
}

void
site_fixture_set_up (SiteFixture *fixture, gconstpointer data)
{
  static const char *const entries[] = { "fs/site/wwwroot/index.html", "fs/site/wwwroot/app.js",
                                         "orders.sql", NULL };
  g_autofree char *sas = NULL, *path = NULL;

  fixture->azure = fake_arm_new ();
  fixture->storage = fake_blob_new ();
  fixture->entra = fake_entra_new ();
  fixture->kind = g_object_new (REPRISE_TYPE_SITE_KIND, NULL);
  fixture->service = reprise_service_new (NULL, REPRISE_SITE_KIND_ID, "Shop");
  sas = fake_blob_dup_sas (fixture->storage, "rwdl", 30 * 24 * 3600);
  azure_fixture_set_access (fixture->service, fixture->azure, fixture->entra);
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_APPLICATION, "shop");
  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, sas);
  fixture->folder = reprise_test_make_folder ();
  path = g_build_filename (fixture->folder, "vault", NULL);
  fixture->vault = reprise_vault_new (path);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, NULL));
  fixture->zip = site_fixture_make_zip (entries);
  site_fixture_connect (fixture);
}

void
site_fixture_tear_down (SiteFixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->provider);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->kind);
  g_bytes_unref (fixture->zip);
  fake_arm_free (fixture->azure);
  fake_blob_free (fixture->storage);
  fake_entra_free (fixture->entra);
  reprise_test_remove_folder (fixture->folder);
}

RepriseVaultWriter *
site_fixture_begin (SiteFixture *fixture)
{
  return reprise_test_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL);
}

RepriseArchive *
site_fixture_commit (SiteFixture *fixture, RepriseVaultWriter *writer)
{
  return reprise_test_commit (fixture->vault, fixture->kind, writer);
}

/* The backup that Azure lists under number 5. */
RepriseArchive *
site_fixture_open_listed (SiteFixture *fixture, const char *status)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("5", NULL, REPRISE_SITE_KIND_ID);
  g_autofree char *answer = g_strdup_printf (
    "{\"properties\":{\"id\":5,\"name\":\"shop_5\",\"blobName\":\"shop_5.zip\",\"status\":\"%s\","
    "\"databases\":[{\"databaseType\":\"MySql\",\"name\":\"users\"}]}}",
    status);
  g_autoptr (GError) error = NULL;
  RepriseArchive *archive;

  g_object_set (
    backup, "own-name", "shop_5", "on-service", TRUE, "state",
    strcmp (status, "Succeeded") == 0 ? REPRISE_BACKUP_COMPLETE : REPRISE_BACKUP_PARTIAL, NULL);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/5", 200, NULL, answer);
  archive = reprise_provider_open_backup (fixture->provider, backup, NULL, NULL, &error);
  g_assert_no_error (error);
  return archive;
}

/* One that is only in the vault. */
RepriseArchive *
site_fixture_open_kept (SiteFixture *fixture)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("6", NULL, REPRISE_SITE_KIND_ID);
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (GError) error = NULL;

  site_fixture_put_backup (fixture, "shop_6");
  fake_arm_answer (fixture->azure, "GET", SITE "/backups/6", 200, NULL,
                   BACKUP (6, "Succeeded", ""));
  g_assert_true (reprise_provider_download (fixture->provider, backup, writer, NULL, NULL, &error));
  g_assert_no_error (error);
  fake_arm_forget (fixture->azure);
  return site_fixture_commit (fixture, writer);
}

char *
site_fixture_dup_last_post (SiteFixture *fixture, const char *path)
{
  return azure_fixture_dup_last_post (fixture->azure, path);
}
