/* api-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/azure/apim/api-fixture.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/azure-fixture.h"
#include "providers/azure/reprise-azure-settings.h"
#include "reprise-test-error.h"
#include "reprise-test-provider.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"

void
api_fixture_set (ApiFixture *fixture, const char *key, const char *value)
{
  reprise_service_set_setting (fixture->service, key, value);
}

void
api_fixture_give (ApiFixture *fixture, const char *kind, const char *text)
{
  reprise_test_give_secret (fixture->service, kind, text);
}

void
api_fixture_connect (ApiFixture *fixture)
{
  g_clear_object (&fixture->provider);
  fixture->provider = azure_fixture_connect (fixture->kind, fixture->service);
}

/* As API Management does: the backup lies in the container, and nothing is written beside it. */
static void
watch_cb (const char *line, const char *body, gpointer data)
{
  ApiFixture *fixture = data;
  g_autoptr (JsonObject) root = NULL;

  if (!g_str_has_prefix (line, "POST ") || strstr (line, "/backup?") == NULL)
    return;
  root = reprise_json_parse_object (body, strlen (body), NULL, NULL);
  g_free (fixture->made);
  fixture->made = g_strdup (reprise_json_get_string (root, "backupName", NULL));
  if (fixture->makes)
    fake_blob_put (fixture->storage, fixture->made, CONTENT, strlen (CONTENT), FALSE);
}

static void
set_place (ApiFixture *fixture)
{
  g_autofree char *endpoint = fake_blob_dup_endpoint (fixture->storage);

  api_fixture_set (fixture, REPRISE_AZURE_SETTING_ENDPOINT, endpoint);
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_ACCOUNT, FAKE_BLOB_ACCOUNT);
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_CONTAINER, FAKE_BLOB_CONTAINER);
  api_fixture_give (fixture, REPRISE_AZURE_SECRET_KEY, FAKE_BLOB_KEY);
}

void
api_fixture_set_up (ApiFixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  fixture->azure = fake_arm_new ();
  fixture->storage = fake_blob_new ();
  fixture->entra = fake_entra_new ();
  fixture->makes = TRUE;
  fake_arm_watch (fixture->azure, watch_cb, fixture);
  fixture->kind = g_object_new (REPRISE_TYPE_API_KIND, NULL);
  fixture->service = reprise_service_new (NULL, REPRISE_API_KIND_ID, "Shop");
  azure_fixture_set_access (fixture->service, fixture->azure, fixture->entra);
  api_fixture_set (fixture, REPRISE_AZURE_SETTING_SERVICE, "shop");
  set_place (fixture);
  fixture->folder = reprise_test_make_folder ();
  path = g_build_filename (fixture->folder, "vault", NULL);
  fixture->vault = reprise_vault_new (path);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, NULL));
  api_fixture_connect (fixture);
}

void
api_fixture_tear_down (ApiFixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->provider);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->kind);
  fake_arm_free (fixture->azure);
  fake_blob_free (fixture->storage);
  fake_entra_free (fixture->entra);
  g_free (fixture->made);
  reprise_test_remove_folder (fixture->folder);
}

void
api_fixture_answer_state (ApiFixture *fixture, const char *id, const char *tier, const char *state)
{
  g_autofree char *name = reprise_arm_id_get (id, "service");
  g_autofree char *body = g_strdup_printf (
    "{\"name\":\"%s\",\"location\":\"West US\",\"sku\":{\"name\":\"%s\",\"capacity\":1},"
    "\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"provisioningState\":\"%s\","
    "\"gatewayUrl\":\"https://shop.azure-api.net\"}}",
    name, tier, state);

  fake_arm_answer (fixture->azure, "GET", id, 200, NULL, body);
}

/* A request that starts something, and what is said of it: twice that it runs, and then that it is done. */
void
api_fixture_answer_start (ApiFixture *fixture, const char *path)
{
  fake_arm_answer (fixture->azure, "POST", path, 202,
                   "Location: @BASE@/op?t=1\r\nRetry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 202, "Retry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 202, "Retry-After: 0\r\n", NULL);
  fake_arm_answer (fixture->azure, "GET", "/op", 200, NULL, "{\"name\":\"shop\"}");
}

/* A backup in the container. @tier (nullable): written beside it, with its age */
void
api_fixture_put (ApiFixture *fixture, const char *name, const char *tier, int age_days)
{
  g_autoptr (RepriseBlob) blob = fake_blob_connect (fixture->storage);
  g_autoptr (GHashTable) marks = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_days (now, -age_days);
  g_autoptr (GError) error = NULL;

  fake_blob_put (fixture->storage, name, CONTENT, strlen (CONTENT), FALSE);
  if (tier == NULL)
    return;
  g_hash_table_insert (marks, (char *) "reprise_tier", g_strdup (tier));
  g_hash_table_insert (marks, (char *) "reprise_service", g_strdup (API));
  g_hash_table_insert (marks, (char *) "reprise_created", reprise_time_to_string (then));
  reprise_blob_set_metadata (blob, name, marks, NULL, &error);
  g_assert_no_error (error);
}

void
api_fixture_assert_error (GError **error, RepriseError code, const char *words)
{
  reprise_test_assert_says (*error, (int) code, words);
  g_assert_null (strstr ((*error)->message, FAKE_BLOB_KEY));
  reprise_test_assert_error (error, (int) code, words);
}

RepriseVaultWriter *
api_fixture_begin (ApiFixture *fixture)
{
  return reprise_test_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_SCHEDULE);
}

RepriseArchive *
api_fixture_commit (ApiFixture *fixture, RepriseVaultWriter *writer)
{
  return reprise_test_commit (fixture->vault, fixture->kind, writer);
}

/* One in the container, as it is opened for a plan. */
RepriseArchive *
api_fixture_open (ApiFixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup =
    reprise_provider_find_backup (fixture->provider, name, NULL, &error);
  RepriseArchive *archive;

  g_assert_no_error (error);
  g_assert_nonnull (backup);
  archive = reprise_provider_open_backup (fixture->provider, backup, NULL, NULL, &error);
  g_assert_no_error (error);
  return archive;
}

char *
api_fixture_dup_last_post (ApiFixture *fixture, const char *path)
{
  return azure_fixture_dup_last_post (fixture->azure, path);
}
