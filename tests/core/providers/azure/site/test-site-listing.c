/* test-site-listing.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-source.h"
#include "providers/azure/site/site-fixture.h"
#include "reprise-test-error.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"

#define DELETED_SITES "/subscriptions/s1/providers/Microsoft.Web/deletedSites"
#define GONE_ID       "/subscriptions/s1/providers/Microsoft.Web/locations/westeurope/deletedSites/9"
#define GONE(id, name, group)                                                                 \
  "{\"id\":\"/subscriptions/s1/providers/Microsoft.Web/locations/westeurope/deletedSites/" id \
  "\",\"properties\":{\"deletedSiteName\":\"" name "\",\"resourceGroup\":\"" group            \
  "\",\"deletedTimestamp\":\"2026-11-18T08:11:00\"}}"
#define SNAPSHOT(time) "{\"id\":\"x\",\"properties\":{\"time\":\"" time "\"}}"

static void
test_sources (void)
{
  gint64 number = -1;
  const char *rest = NULL;

  g_assert_cmpint (reprise_site_source_read ("12", &number, NULL), ==, REPRISE_SITE_SOURCE_LISTED);
  g_assert_cmpint (number, ==, 12);
  g_assert_cmpint (reprise_site_source_read ("a_1.zip", NULL, &rest), ==, REPRISE_SITE_SOURCE_BLOB);
  g_assert_cmpstr (rest, ==, "a_1.zip");
  g_assert_cmpint (reprise_site_source_read ("snapshot-2026", NULL, &rest), ==,
                   REPRISE_SITE_SOURCE_SNAPSHOT);
  g_assert_cmpstr (rest, ==, "2026");
  g_assert_cmpint (reprise_site_source_read ("paired-2026", NULL, &rest), ==,
                   REPRISE_SITE_SOURCE_PAIRED);
  g_assert_cmpstr (rest, ==, "2026");
  g_assert_cmpint (reprise_site_source_read ("paired-shop.zip", NULL, NULL), ==,
                   REPRISE_SITE_SOURCE_BLOB);
  g_assert_cmpint (reprise_site_source_read ("deleted-9", NULL, &rest), ==,
                   REPRISE_SITE_SOURCE_GONE);
  g_assert_cmpstr (rest, ==, "9");
  g_assert_cmpint (reprise_site_source_read ("01JDAAAA", NULL, NULL), ==,
                   REPRISE_SITE_SOURCE_UNKNOWN);
  g_assert_cmpint (reprise_site_source_read (".zip", NULL, NULL), ==, REPRISE_SITE_SOURCE_UNKNOWN);
  g_assert_cmpint (reprise_site_source_read (NULL, NULL, NULL), ==, REPRISE_SITE_SOURCE_UNKNOWN);
}

static GPtrArray *
list (SiteFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *backups = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);

  g_assert_no_error (error);
  return backups;
}

static RepriseBackup *
find (GPtrArray *backups, const char *id)
{
  for (guint i = 0; i < backups->len; i++)
    if (strcmp (reprise_backup_get_id (backups->pdata[i]), id) == 0)
      return backups->pdata[i];
  g_error ("there is no %s", id);
}

/* What the application lists, what it does not, and the automatic ones. */
static void
test_list (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GPtrArray) without = NULL;
  g_autoptr (GPtrArray) all = NULL;

  site_fixture_put_backup (fixture, "shop_1");
  site_fixture_put_backup (fixture, "shop_old");
  site_fixture_put_backup (fixture, "other_1");
  fake_blob_put (fixture->storage, "shop_alone.zip", "x", 1, FALSE);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 200, NULL,
                   "{\"value\":[" BACKUP (1, "Succeeded", "") "]}");
  fake_arm_answer (fixture->azure, "GET", SITE "/snapshots", 200, NULL,
                   "{\"value\":[" SNAPSHOT ("2026-11-20T09:00:00Z") "," SNAPSHOT (
                     "2026-11-20T10:00:00Z") "," SNAPSHOT ("2026-11-19T10:00:00Z") "]}");
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 4);
  g_assert_false (reprise_backup_get_bound (find (backups, "1")));
  g_assert_cmpint (reprise_backup_get_state (find (backups, "shop_old.zip")), ==,
                   REPRISE_BACKUP_COMPLETE);
  g_assert_true (reprise_backup_get_bound (find (backups, "snapshot-2026-11-20T10:00:00Z")));
  find (backups, "snapshot-2026-11-19T10:00:00Z");
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_SNAPSHOTS, "all");
  site_fixture_connect (fixture);
  all = list (fixture);
  g_assert_cmpuint (all->len, ==, 5);
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_SNAPSHOTS, "none");
  site_fixture_connect (fixture);
  without = list (fixture);
  g_assert_cmpuint (without->len, ==, 2);
}

/* What is of the application is not that of its slot, nor the other way round. */
static void
test_slot (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GPtrArray) of_slot = NULL;

  site_fixture_put_backup (fixture, "shop_1");
  site_fixture_put_backup (fixture, "shop-staging_2");
  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 200, NULL, "{\"value\":[]}");
  fake_arm_answer (fixture->azure, "GET", SITE "/slots/staging/backups", 200, NULL,
                   "{\"value\":[]}");
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 1);
  find (backups, "shop_1.zip");
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_SLOT, "staging");
  site_fixture_connect (fixture);
  of_slot = list (fixture);
  g_assert_cmpuint (of_slot->len, ==, 1);
  find (of_slot, "shop-staging_2.zip");
}

#define NAMED(number, stem)                                                                   \
  "{\"value\":[{\"properties\":{\"id\":" number ",\"name\":\"" stem "\",\"blobName\":\"" stem \
  ".zip\",\"status\":\"Succeeded\"}}]}"
#define TWIN "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Web/sites/shop-staging"

/* An archive of that name, uploaded by the service as it is set */
static void
upload (SiteFixture *fixture, const char *stem)
{
  g_autofree char *zip = g_strconcat (fixture->folder, "/", stem, ".zip", NULL);
  g_autofree char *xml = g_strconcat (fixture->folder, "/", stem, ".xml", NULL);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_file (REPRISE_SITE_KIND_ID, zip);
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (zip, g_bytes_get_data (fixture->zip, NULL),
                       (gssize) g_bytes_get_size (fixture->zip), NULL);
  g_file_set_contents (xml, DESCRIPTION, -1, NULL);
  made = reprise_provider_upload (fixture->provider, archive, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_own_name (made), ==, stem);
}

/* A slot and an application whose backups have the same names: of what can be told each gets its own. */
static void
test_twins (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) of_slot = NULL, of_application = NULL;

  site_fixture_put_backup (fixture, "shop-staging_1"); /* of nobody knows whom */
  site_fixture_put_backup (fixture, "shop-staging_2");
  site_fixture_put_backup (fixture, "shop-staging_3");
  fake_arm_answer (fixture->azure, "GET", SITE "/slots/staging/backups", 200, NULL,
                   NAMED ("2", "shop-staging_2"));
  fake_arm_answer (fixture->azure, "GET", TWIN "/backups", 200, NULL,
                   NAMED ("3", "shop-staging_3"));
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_SLOT, "staging");
  site_fixture_connect (fixture);
  upload (fixture, "shop-staging_4");
  of_slot = list (fixture);
  g_assert_cmpuint (of_slot->len, ==, 3);
  find (of_slot, "2");
  find (of_slot, "shop-staging_1.zip");
  find (of_slot, "shop-staging_4.zip");
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_SLOT, "");
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_APPLICATION, "shop-staging");
  site_fixture_connect (fixture);
  of_application = list (fixture);
  g_assert_cmpuint (of_application->len, ==, 2);
  find (of_application, "3");
  find (of_application, "shop-staging_1.zip");
}

/* The application was deleted: what is known of it stays listed, and it can be made anew. */
static void
test_gone (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseProbe) probe = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) steps = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  site_fixture_put_backup (fixture, "shop_old");
  fake_arm_answer (fixture->azure, "GET", DELETED_SITES, 200, NULL,
                   "{\"value\":[" GONE ("9", "shop", "rg1") "," GONE (
                     "10", "shop", "rg2") "," GONE ("11", "shop2", "rg1") "]}");
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 2);
  g_assert_true (reprise_backup_get_bound (find (backups, "deleted-9")));
  probe = reprise_provider_probe (fixture->provider, NULL, NULL, &error);
  g_assert_null (probe);
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "was deleted on");
  /* from the archive in the container: a new application */
  archive = reprise_provider_open_backup (fixture->provider, find (backups, "shop_old.zip"), NULL,
                                          NULL, &error);
  g_assert_no_error (error);
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_ALL, NULL, NULL,
                                        NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_plan_is_refused (plan));
  g_assert_false (reprise_plan_get_overwrites (plan));
  steps = reprise_plan_dup_steps (plan);
  g_assert_cmpstr (steps[0], ==, "POST " SITE "/restoreFromBackupBlob");
  fake_arm_forget (fixture->azure);
  fake_arm_answer (fixture->azure, "POST", SITE "/restoreFromBackupBlob", 200, NULL, NULL);
  journal = reprise_test_begin_journal (fixture->service);
  outcome = reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, &error);
  g_assert_no_error (error);
  body = fake_arm_dup_body (fixture->azure, fake_arm_get_n_calls (fixture->azure) - 1);
  g_assert_nonnull (strstr (body, "\"blobName\":\"shop_old.zip\""));
  g_assert_nonnull (strstr (body, "\"overwrite\":false"));
}

/* Restores what Azure keeps to itself over the application. */
static char *
restore_bound (SiteFixture *fixture, const char *id, const char *path, gboolean refused)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  backup = reprise_provider_find_backup (fixture->provider, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (backup);
  archive = reprise_provider_open_backup (fixture->provider, backup, NULL, NULL, &error);
  g_assert_no_error (error);
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_ALL, NULL, NULL,
                                        NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_plan_is_refused (plan), ==, refused);
  if (refused)
    return NULL;
  g_assert_true (reprise_plan_get_overwrites (plan));
  fake_arm_answer (fixture->azure, "POST", path, 200, NULL, NULL);
  journal = reprise_journal_create (reprise_service_get_uuid (fixture->service), id, &error);
  outcome = reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (outcome);
  reprise_journal_close (journal, NULL);
  return fake_arm_dup_body (fixture->azure, fake_arm_get_n_calls (fixture->azure) - 1);
}

static void
test_bound (SiteFixture *fixture, gconstpointer data)
{
  static const char *const ids[] = { "snapshot-2026-11-20T10:00:00Z", "deleted-9" };
  g_autofree char *snapshot = NULL, *gone = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "GET", DELETED_SITES, 200, NULL,
                   "{\"value\":[" GONE ("9", "shop", "rg1") "]}");
  restore_bound (fixture, ids[1], SITE "/restoreFromDeletedApp", TRUE); /* over nothing */
  fake_arm_answer (fixture->azure, "GET", SITE, 200, NULL, "{\"name\":\"shop\"}");
  fake_arm_answer (fixture->azure, "GET", SITE "/snapshots", 200, NULL,
                   "{\"value\":[" SNAPSHOT ("2026-11-20T10:00:00Z") "]}");
  snapshot = restore_bound (fixture, ids[0], SITE "/restoreSnapshot", FALSE);
  g_assert_nonnull (strstr (snapshot, "\"snapshotTime\":\"2026-11-20T10:00:00Z\""));
  g_assert_nonnull (strstr (snapshot, "\"recoverConfiguration\":true"));
  gone = restore_bound (fixture, ids[1], SITE "/restoreFromDeletedApp", FALSE);
  g_assert_nonnull (strstr (gone, "\"deletedSiteId\":\"" GONE_ID "\""));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (RepriseBackup) backup = reprise_backup_new (ids[i], NULL, REPRISE_SITE_KIND_ID);

      g_assert_false (
        reprise_provider_delete_backup (fixture->provider, backup, NULL, NULL, &error));
      reprise_test_assert_error (&error, REPRISE_ERROR_NOT_SUPPORTED, "to itself");
    }
}

/* The copies in another region, which are there when that of the application is not. */
static void
test_paired (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *body = NULL;

  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_SNAPSHOTS, "paired");
  site_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "GET", SITE, 200, NULL, "{\"name\":\"shop\"}");
  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 200, NULL, "{\"value\":[]}");
  fake_arm_answer (fixture->azure, "GET", SITE "/snapshotsdr", 200, NULL,
                   "{\"value\":[" SNAPSHOT ("2026-11-20T10:00:00Z") "]}");
  backups = list (fixture);
  g_assert_cmpuint (backups->len, ==, 1);
  g_assert_true (reprise_backup_get_bound (find (backups, "paired-2026-11-20T10:00:00Z")));
  body = restore_bound (fixture, "paired-2026-11-20T10:00:00Z", SITE "/restoreSnapshot", FALSE);
  g_assert_nonnull (strstr (body, "\"snapshotTime\":\"2026-11-20T10:00:00Z\""));
  g_assert_nonnull (strstr (body, "\"useDRSecondary\":true"));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "GET " SITE "/snapshots?"), ==, 0);
}

/* --- what lies in the container --- */

/* An application of which Azure lists nothing: what there is lies in the container. */
static void
answer_no_backups (SiteFixture *fixture)
{
  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 200, NULL, "{\"value\":[]}");
  fake_arm_answer (fixture->azure, "GET", SITE "/snapshots", 200, NULL, "{\"value\":[]}");
}

static void
test_upload (SiteFixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "old.zip", NULL);
  g_autofree char *beside = g_build_filename (fixture->folder, "old.xml", NULL);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_file (REPRISE_SITE_KIND_ID, path);
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (RepriseBackup) again = NULL;
  g_autoptr (RepriseBackup) found = NULL;
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autoptr (RepriseArchive) kept = NULL;
  g_autoptr (GBytes) left = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (fixture->zip, NULL),
                       (gssize) g_bytes_get_size (fixture->zip), NULL);
  g_file_set_contents (beside, DESCRIPTION, -1, NULL);
  made = reprise_provider_upload (fixture->provider, archive, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_id (made), ==, "shop_old.zip");
  found = reprise_provider_find_backup (fixture->provider, "shop_old.zip", NULL, &error);
  g_assert_nonnull (found);
  g_assert_null (reprise_provider_find_backup (fixture->provider, "shop-no.zip", NULL, &error));
  g_assert_no_error (error);
  again = reprise_provider_upload (fixture->provider, archive, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_backup_get_id (again), ==, "shop_old.zip");
  g_assert_nonnull (reprise_archive_get_data (archive, REPRISE_ARCHIVE_DATA_THERE));
  g_file_set_contents (beside, "<other/>", -1, NULL);
  g_assert_null (reprise_provider_upload (fixture->provider, archive, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_EXISTS, "Rename the file");
  g_assert_true (reprise_provider_download (fixture->provider, found, writer, NULL, NULL, &error));
  g_assert_no_error (error);
  kept = site_fixture_commit (fixture, writer);
  answer_no_backups (fixture);
  g_assert_true (reprise_provider_delete_backup (fixture->provider, found, NULL, NULL, &error));
  g_assert_no_error (error);
  left = fake_blob_get (fixture->storage, "shop_old.xml");
  g_assert_null (left);
}

/* What can be restored by its name, and is another application's, is not deleted by it. */
static void
test_foreign_blob (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) found = NULL;
  g_autoptr (GBytes) left = NULL;
  g_autoptr (GError) error = NULL;

  site_fixture_put_backup (fixture, "other_1");
  answer_no_backups (fixture);
  found = reprise_provider_find_backup (fixture->provider, "other_1.zip", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (found);
  g_assert_false (reprise_provider_delete_backup (fixture->provider, found, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_REFUSED, "may be another one");
  left = fake_blob_get (fixture->storage, "other_1.zip");
  g_assert_nonnull (left);
}

/* --- signatures --- */

/* All that Azure keeps gets the new one, what could not be deleted is deleted now, and the schedule goes on with it. */
static void
test_renew_all (SiteFixture *fixture, gconstpointer data)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (fixture->provider);
  static const char schedule[] =
    "{\"properties\":{\"enabled\":true,\"storageAccountUrl\":\"https://a/b?sig=old\","
    "\"backupSchedule\":{\"frequencyInterval\":1,\"frequencyUnit\":\"Day\","
    "\"keepAtLeastOneBackup\":true,\"retentionPeriodInDays\":30}}}";
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 200, NULL,
                   "{\"value\":[" BACKUP (1, "Succeeded", "") "," BACKUP (
                     2, "DeleteFailed", "") "," BACKUP (3, "Failed", "") "]}");
  fake_arm_answer (fixture->azure, "POST", SITE "/backups/1/list", 200, NULL, "{}");
  fake_arm_answer (fixture->azure, "POST", SITE "/backups/2/list", 200, NULL, "{}");
  fake_arm_answer (fixture->azure, "DELETE", SITE "/backups/2", 200, NULL, NULL);
  fake_arm_answer (fixture->azure, "POST", SITE "/config/backup/list", 200, NULL, schedule);
  fake_arm_answer (fixture->azure, "PUT", SITE "/config/backup", 200, NULL, schedule);
  g_assert_true (iface->renew_access (fixture->provider, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " SITE "/backups/"), ==, 2);
  g_assert_cmpuint (fake_arm_count (fixture->azure, "DELETE"), ==, 1);
  for (guint i = 0; body == NULL; i++)
    {
      g_autofree char *line = fake_arm_dup_call (fixture->azure, i);

      if (g_str_has_prefix (line, "PUT "))
        body = fake_arm_dup_body (fixture->azure, i);
    }
  g_assert_nonnull (strstr (body, FAKE_BLOB_SIGNATURE));
}

/* One that Azure has already leads nowhere, and that is said. */
static void
test_renew_same (SiteFixture *fixture, gconstpointer data)
{
  RepriseProviderInterface *iface = REPRISE_PROVIDER_GET_IFACE (fixture->provider);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autofree char *sas = fake_blob_dup_sas (fixture->storage, "rwdl", 90 * 24 * 3600);
  g_autofree char *schedule = g_strdup_printf (
    "{\"properties\":{\"enabled\":true,\"storageAccountUrl\":\"%s\",\"backupSchedule\":"
    "{\"frequencyInterval\":1,\"frequencyUnit\":\"Day\",\"keepAtLeastOneBackup\":true,"
    "\"retentionPeriodInDays\":30}}}",
    sas);
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  site_fixture_give (fixture, REPRISE_AZURE_SECRET_SAS, sas);
  site_fixture_connect (fixture);
  fake_arm_answer (fixture->azure, "GET", SITE "/backups", 200, NULL, "{\"value\":[]}");
  fake_arm_answer (fixture->azure, "POST", SITE "/config/backup/list", 200, NULL, schedule);
  fake_arm_answer (fixture->azure, "PUT", SITE "/config/backup", 200, NULL, schedule);
  iface->renew_access (fixture->provider, NULL, progress, NULL, &error);
  g_assert_no_error (error);
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_cmpuint (g_strv_length (warnings), ==, 1);
  g_assert_nonnull (strstr (warnings[0], "had this signature already: it ends on"));
  g_assert_null (strstr (warnings[0], FAKE_BLOB_SIGNATURE));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/site-listing/sources", test_sources);
#define ADD(path, function)                                                            \
  g_test_add ("/site-listing/" path, SiteFixture, NULL, site_fixture_set_up, function, \
              site_fixture_tear_down)
  ADD ("list", test_list);
  ADD ("slot", test_slot);
  ADD ("twins", test_twins);
  ADD ("gone", test_gone);
  ADD ("bound", test_bound);
  ADD ("paired", test_paired);
  ADD ("upload", test_upload);
  ADD ("foreign-blob", test_foreign_blob);
  ADD ("renew-all", test_renew_all);
  ADD ("renew-same", test_renew_same);
#undef ADD
  return g_test_run ();
}
