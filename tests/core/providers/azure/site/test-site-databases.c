/* test-site-databases.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-scratch.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-plan.h"
#include "providers/azure/site/site-fixture.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define NEW_SITE "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Web/sites/shop2"
#define SLOT     SITE "/slots/staging"
#define ORDERS   ",\"databases\":[{\"databaseType\":\"SqlAzure\",\"name\":\"orders\"}]"
#define REPLACED "what is in them is replaced"

/* Linked databases are servers of their own: what a restore into whichever application replaces are those in use. */

static void
name_databases (SiteFixture *fixture, const char *databases)
{
  reprise_service_set_setting (fixture->service, REPRISE_AZURE_SETTING_DATABASES, databases);
  site_fixture_connect (fixture);
}

/* The service’s own application is there, as far as anybody asks, and “shop2” is not. */
static void
lay_down_own (SiteFixture *fixture)
{
  fake_arm_answer (fixture->azure, "GET", SITE, 200, NULL,
                   "{\"name\":\"shop\",\"properties\":{\"serverFarmId\":\"/x/serverfarms/p1\"}}");
}

/* @target: “shop2”, or “/staging” for a slot of the application */
static ReprisePlan *
make_plan (SiteFixture *fixture,
           RepriseArchive *archive,
           const char *target,
           const char *databases,
           RepriseGroups groups)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  ReprisePlan *plan;

  g_hash_table_insert (options,
                       *target == '/' ? (gpointer) REPRISE_SITE_OPTION_SLOT
                                      : (gpointer) REPRISE_SITE_OPTION_APPLICATION,
                       (gpointer) (*target == '/' ? target + 1 : target));
  if (databases != NULL)
    g_hash_table_insert (options, (gpointer) REPRISE_SITE_OPTION_DATABASES, (gpointer) databases);
  plan =
    reprise_provider_plan_restore (fixture->provider, archive, groups, options, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_plan_is_refused (plan));
  return plan;
}

static gboolean
tells (ReprisePlan *plan, const char *words)
{
  g_auto (GStrv) losses = reprise_plan_dup_losses (plan);
  g_autofree char *text = g_strjoinv ("\n", losses);

  return strstr (text, words) != NULL;
}

static const char *
find_warning (ReprisePlan *plan)
{
  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    if (strcmp (reprise_plan_get_check (plan, i)->id, "safety-copy") == 0)
      return reprise_plan_get_check (plan, i)->text;
  return NULL;
}

/* What was sent to restore into “shop2”. */
static char *
restore_new (SiteFixture *fixture, ReprisePlan *plan, const char *below)
{
  g_autofree char *path = g_strconcat (NEW_SITE, below, NULL);
  g_autoptr (RepriseJournal) journal =
    reprise_journal_create (reprise_service_get_uuid (fixture->service), "job", NULL);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "POST", path, 200, NULL, NULL);
  outcome = reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_journal_close (journal, NULL));
  return site_fixture_dup_last_post (fixture, path);
}

/* @made: what Azure says of the backup that it made */
static RepriseArchive *
copy (SiteFixture *fixture, ReprisePlan *plan, const char *site, const char *made, GError **error)
{
  g_autoptr (RepriseVaultWriter) writer = site_fixture_begin (fixture);
  g_autofree char *start = g_strconcat (site, "/backup", NULL);
  g_autofree char *path = g_strconcat (site, "/backups/9", NULL);

  site_fixture_put_backup (fixture, "shop_9");
  fake_arm_answer (fixture->azure, "POST", start, 200, NULL, BACKUP (9, "Created", ""));
  fake_arm_answer (fixture->azure, "GET", path, 200, NULL, made);
  return reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, error)
           ? site_fixture_commit (fixture, writer)
           : NULL;
}

/* --- into a new application --- */

/* Their replacement is agreed to, after a copy that holds them; undone, they come back with the application that they belong to. */
static void
test_new (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (RepriseArchive) made = NULL;
  g_autoptr (ReprisePlan) plan = NULL, back = NULL;
  g_autofree char *body = NULL, *sent = NULL;
  g_autoptr (GError) error = NULL;

  name_databases (fixture, "SqlAzure:orders:OrdersConnection");
  lay_down_own (fixture);
  plan = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_ALL);
  g_assert_true (reprise_plan_get_overwrites (plan));
  g_assert_null (reprise_plan_get_no_safety_copy (plan));
  g_assert_true (tells (plan, REPLACED));
  g_assert_true (tells (plan, "The safety copy is of the application “shop”"));
  made = copy (fixture, plan, SITE, BACKUP (9, "Succeeded", ORDERS), &error);
  g_assert_no_error (error);
  body = site_fixture_dup_last_post (fixture, SITE "/backup");
  g_assert_nonnull (strstr (body, "\"connectionStringName\":\"OrdersConnection\""));
  g_assert_cmpstr (reprise_manifest_get_identity (reprise_archive_get_manifest (made)), ==, SITE);
  sent = restore_new (fixture, plan, "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (sent, "\"overwrite\":false"));
  g_assert_nonnull (strstr (sent, "\"appServicePlan\":\"p1\""));
  g_assert_nonnull (strstr (sent, "\"name\":\"orders\""));
  back = reprise_provider_plan_undo (fixture->provider, made, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_plan_get_overwrites (back));
  g_assert_cmpstr (reprise_plan_get_target (back), ==, "shop");
}

/* Left out, they are neither replaced nor copied. */
static void
test_left_out (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) without = NULL, other = NULL, none = NULL;
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  name_databases (fixture, "SqlAzure:orders:OrdersConnection");
  lay_down_own (fixture);
  without = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED));
  g_assert_false (reprise_plan_get_overwrites (without));
  g_assert_false (tells (without, REPLACED));
  first = restore_new (fixture, without, "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (first, "\"ignoreDatabases\":true"));
  other = make_plan (fixture, archive, "shop2", "users", REPRISE_GROUPS_ALL);
  g_assert_false (reprise_plan_get_overwrites (other));
  second = restore_new (fixture, other, "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (second, "\"ignoreDatabases\":true"));
  name_databases (fixture, "");
  none = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_ALL);
  g_assert_false (reprise_plan_get_overwrites (none));
  g_assert_true (tells (none, "are not restored"));
  third = restore_new (fixture, none, "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (third, "\"ignoreDatabases\":true"));
  g_assert_cmpuint (fake_arm_count (fixture->azure, "POST " SITE "/backup?"), ==, 0);
}

/* What Azure lists with a backup, and the service does not name, no copy could hold. */
static void
test_not_named (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (ReprisePlan) plan = NULL, named = NULL;
  g_autofree char *sent = NULL;

  lay_down_own (fixture);
  plan = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_ALL);
  g_assert_true (reprise_plan_get_overwrites (plan));
  g_assert_nonnull (
    strstr (reprise_plan_get_no_safety_copy (plan), "does not name the database “users”"));
  sent = restore_new (fixture, plan, "/backups/5/restore");
  g_assert_nonnull (strstr (sent, "\"overwrite\":false"));
  g_assert_nonnull (strstr (sent, "\"name\":\"users\""));
  name_databases (fixture, "MySql:users:Users SqlAzure:orders:Orders");
  named = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_ALL);
  g_assert_true (reprise_plan_get_overwrites (named));
  g_assert_null (reprise_plan_get_no_safety_copy (named));
}

static void
test_own_gone (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) plan = NULL;

  name_databases (fixture, "SqlAzure:orders:OrdersConnection");
  plan = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_ALL);
  g_assert_true (reprise_plan_get_overwrites (plan));
  g_assert_nonnull (
    strstr (reprise_plan_get_no_safety_copy (plan), "“shop”, which does not exist"));
}

/* What lies in the container was not looked into: its databases go with it only where somebody says so. */
static void
test_blob (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL, all = NULL;
  g_autofree char *sent = NULL;
  g_autoptr (GError) error = NULL;

  name_databases (fixture, "SqlAzure:orders:OrdersConnection");
  lay_down_own (fixture);
  site_fixture_put_backup (fixture, "shop_old");
  backup = reprise_provider_find_backup (fixture->provider, "shop_old.zip", NULL, &error);
  g_assert_no_error (error);
  archive = reprise_provider_open_backup (fixture->provider, backup, NULL, NULL, &error);
  g_assert_no_error (error);
  plan = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_NONE);
  g_assert_false (reprise_plan_get_overwrites (plan));
  sent = restore_new (fixture, plan, "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (sent, "\"ignoreDatabases\":true"));
  all = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_ALL);
  g_assert_true (reprise_plan_get_overwrites (all));
}

/* A copy without what is replaced is none. */
static void
test_not_copied (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  name_databases (fixture, "SqlAzure:orders:OrdersConnection");
  lay_down_own (fixture);
  plan = make_plan (fixture, archive, "shop2", NULL, REPRISE_GROUPS_ALL);
  g_assert_null (copy (fixture, plan, SITE, BACKUP (9, "Succeeded", ""), &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_FAILED, "left the database “orders” out");
}

/* --- into a slot --- */

/* The copy is of the slot, and holds the databases that are replaced; of one that it cannot hold that is said. */
static void
test_slot (SiteFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = site_fixture_open_listed (fixture, "Succeeded");
  g_autoptr (RepriseArchive) made = NULL;
  g_autoptr (ReprisePlan) unnamed = NULL, plan = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  fake_arm_answer (fixture->azure, "GET", SITE "/slots", 200, NULL,
                   "{\"value\":[{\"name\":\"shop/staging\"}]}");
  unnamed = make_plan (fixture, archive, "/staging", NULL, REPRISE_GROUPS_ALL);
  g_assert_nonnull (strstr (find_warning (unnamed), "does not hold the database “users”"));
  g_assert_null (reprise_plan_get_no_safety_copy (unnamed));
  name_databases (fixture, "MySql:users:Users SqlAzure:orders:Orders");
  plan = make_plan (fixture, archive, "/staging", NULL, REPRISE_GROUPS_ALL);
  g_assert_true (reprise_plan_get_overwrites (plan));
  g_assert_null (find_warning (plan));
  made = copy (
    fixture, plan, SLOT,
    BACKUP (9, "Succeeded", ",\"databases\":[{\"databaseType\":\"MySql\",\"name\":\"users\"}]"),
    &error);
  g_assert_no_error (error);
  body = site_fixture_dup_last_post (fixture, SLOT "/backup");
  g_assert_nonnull (strstr (body, "\"name\":\"users\""));
  g_assert_null (strstr (body, "orders")); /* which is not in the backup */
}

/* --- a rehearsal --- */

static void
test_rehearsal (SiteFixture *fixture, gconstpointer data)
{
  static const char *const RUNNING = "{\"name\":\"x\",\"properties\":{\"state\":\"Running\"}}";
  g_autoptr (RepriseArchive) archive = site_fixture_open_kept (fixture);
  g_autoptr (RepriseJournal) record = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  RepriseRehearsal how;

  reprise_service_set_setting (fixture->service, REPRISE_KIND_SETTING_REHEARSE_ON, "shop2");
  name_databases (fixture, "SqlAzure:orders:OrdersConnection");
  lay_down_own (fixture);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 404, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 404, NULL, NULL);
  fake_arm_answer (fixture->azure, "GET", NEW_SITE, 200, NULL, RUNNING);
  fake_arm_answer (fixture->azure, "POST", NEW_SITE "/restoreFromBackupBlob", 200, NULL, NULL);
  fake_arm_answer (fixture->azure, "DELETE", NEW_SITE, 200, NULL, NULL);
  record = reprise_scratch_open (reprise_service_get_uuid (fixture->service), NULL);
  how = (RepriseRehearsal){ .record = record };
  outcome = reprise_provider_rehearse (fixture->provider, archive, &how, NULL, NULL, &error);
  g_assert_no_error (error);
  body = site_fixture_dup_last_post (fixture, NEW_SITE "/restoreFromBackupBlob");
  g_assert_nonnull (strstr (body, "\"ignoreDatabases\":true"));
  g_assert_null (strstr (body, "orders"));
  g_assert_true (reprise_scratch_close (record, NULL));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function)                                                              \
  g_test_add ("/site-databases/" path, SiteFixture, NULL, site_fixture_set_up, function, \
              site_fixture_tear_down)
  ADD ("new", test_new);
  ADD ("left-out", test_left_out);
  ADD ("not-named", test_not_named);
  ADD ("own-gone", test_own_gone);
  ADD ("blob", test_blob);
  ADD ("not-copied", test_not_copied);
  ADD ("slot", test_slot);
  ADD ("rehearsal", test_rehearsal);
#undef ADD
  return g_test_run ();
}
