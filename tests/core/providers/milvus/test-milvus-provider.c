/* test-milvus-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/milvus/milvus-fixture.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "reprise-fake-milvus.h"
#include "reprise-test-error.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

/* --- probe --- */

static const char *
get_fact (RepriseProbe *probe, const char *label)
{
  for (guint i = 0; i < probe->facts->len; i++)
    if (strcmp (((RepriseFact *) probe->facts->pdata[i])->label, label) == 0)
      return ((RepriseFact *) probe->facts->pdata[i])->value;
  return NULL;
}

static gboolean
probe_warns (RepriseProbe *probe, const char *part)
{
  for (guint i = 0; i < probe->warnings->len; i++)
    if (strstr (probe->warnings->pdata[i], part) != NULL)
      return TRUE;
  return FALSE;
}

static void
test_probe (MilvusFixture *self, gconstpointer data)
{
  const MilvusWorld *world = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseProbe) probe =
    reprise_provider_probe (self->provider, self->progress, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (probe->version, world->generation == 'A'   ? "0.3.0"
                                                   : world->generation == 'B' ? "0.5.10"
                                                                              : "0.6.0"));
  g_assert_cmpstr (get_fact (probe, "Bucket of backups"), ==, "a-bucket");
  g_assert_true (
    g_str_has_suffix (get_fact (probe, "API of the server"), "/api/v1/docs/index.html"));
  g_assert_true (probe_warns (probe, "no sign-in"));
  g_assert_true (probe_warns (probe, "object storage is not set"));
  g_assert_cmpint (probe_warns (probe, "Milvus itself is not set"), ==, world->rest_version == 0);
  g_assert_cmpuint (reprise_fake_milvus_get_n_writes (self->fake), ==, 0);
}

/* A wrong bucket or an unreachable side is put in words. */
static void
test_probe_words (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (GError) milvus = NULL;
  g_autoptr (GError) storage = NULL;
  g_autoptr (RepriseProbe) probe = NULL;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_NO_MILVUS);
  g_assert_null (reprise_provider_probe (self->provider, NULL, NULL, &milvus));
  reprise_test_assert_says (milvus, REPRISE_ERROR_FAILED, "cannot reach Milvus");
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_NO_STORAGE);
  g_assert_null (reprise_provider_probe (self->provider, NULL, NULL, &storage));
  reprise_test_assert_says (storage, REPRISE_ERROR_FAILED, "object storage");
  if (((const MilvusWorld *) data)->generation == 'A')
    return;
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WRONG_ROOT);
  probe = reprise_provider_probe (self->provider, NULL, NULL, NULL);
  g_assert_true (probe_warns (probe, "root path in backup.yaml is probably wrong"));
}

/* The header for the proxy goes along, and is in no text. */
static void
test_sign_in (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *sent = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_SIGN_IN,
                               REPRISE_MILVUS_SIGN_IN_BEARER);
  reprise_test_give_secret (self->service, REPRISE_MILVUS_SECRET_TOKEN, "sesame");
  milvus_fixture_renew (self);
  list = reprise_provider_list_backups (self->provider, NULL, NULL, NULL);
  g_assert_nonnull (list);
  sent = reprise_fake_milvus_dup_last_authorization (self->fake);
  g_assert_cmpstr (sent, ==, "Bearer sesame");
}

/* --- groups --- */

static RepriseContents *
list_groups (MilvusFixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseContents *contents =
    reprise_provider_list_groups (self->provider, self->progress, NULL, &error);

  g_assert_no_error (error);
  return contents;
}

static void
test_groups (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (RepriseContents) later = NULL;
  RepriseCollection *found;
  RepriseGroup group;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_LEFT_OUT, "notes");
  reprise_fake_milvus_set_loaded (self->fake, "shop.items", FALSE);
  contents = list_groups (self);
  g_assert_cmpint (reprise_collection_get_rows (reprise_contents_find (contents, "films", &group)),
                   ==, 1000);
  g_assert_cmpint (group, ==, REPRISE_GROUP_CUSTOM);
  reprise_contents_find (contents, "notes", &group);
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
  found = reprise_contents_find (contents, "shop.items", &group);
  if (((const MilvusWorld *) data)->rest_version == 1)
    {
      g_assert_cmpint (reprise_collection_get_rows (found), ==, REPRISE_NOT_REPORTED);
      g_assert_nonnull (
        strstr (reprise_collection_get_reason (found), "once the collection is loaded"));
    }
  else
    g_assert_cmpint (reprise_collection_get_rows (found), ==, 1200);
  reprise_fake_milvus_set_loaded (self->fake, "shop.items", TRUE);
  later = list_groups (self);
  g_assert_cmpint (
    reprise_collection_get_rows (reprise_contents_find (later, "shop.items", &group)), ==, 1200);
}

/* --- backups --- */

/* Where nobody says which collections there are, their number is not reported either. */
static void
test_groups_alone (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = list_groups (self);
  RepriseDataGroup *custom = reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM);

  g_assert_cmpint (reprise_data_group_get_n_collections (custom), ==, REPRISE_NOT_REPORTED);
  g_clear_object (&contents);
  g_object_unref (milvus_fixture_back_up_well (self));
  contents = list_groups (self);
  custom = reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM);
  g_assert_cmpint (reprise_data_group_get_n_collections (custom), ==, 3);
}

static void
test_back_up (MilvusFixture *self, gconstpointer data)
{
  const MilvusWorld *world = data;
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *body = NULL;
  RepriseBackup *listed;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_COLLECTIONS,
                               "films shop.items");
  made = milvus_fixture_back_up_well (self);
  body = reprise_fake_milvus_dup_last_body (self->fake, "create");
  g_assert_nonnull (strstr (body, "\"collection_names\":[\"films\",\"shop.items\"]"));
  g_assert_cmpint (strstr (body, "rbac") != NULL, ==, world->rest_version == 2);
  second = milvus_fixture_back_up_well (self);
  g_assert_cmpstr (reprise_backup_get_id (made), !=, reprise_backup_get_id (second));
  list = reprise_provider_list_backups (self->provider, self->progress, NULL, NULL);
  g_assert_cmpuint (list->len, ==, 2);
  listed = list->pdata[0];
  g_assert_cmpint (reprise_backup_get_state (listed), ==, REPRISE_BACKUP_COMPLETE);
  g_assert_nonnull (reprise_backup_get_created_at (listed));
  g_assert_cmpint (reprise_backup_get_size_bytes (listed), ==, 1234);
  archive = reprise_provider_open_backup (self->provider, listed, NULL, NULL, NULL);
  g_assert_nonnull (
    reprise_contents_find (reprise_archive_get_contents (archive), "shop.items", NULL));
  g_assert_null (reprise_contents_find (reprise_archive_get_contents (archive), "notes", NULL));
}

static void
test_delete (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = milvus_fixture_back_up_well (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_provider_delete_backup (self->provider, made, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 0);
  if (((const MilvusWorld *) data)->generation == 'A')
    return;
  g_assert_false (reprise_provider_delete_backup (self->provider, made, NULL, NULL, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_NOT_FOUND, "no complete backup");
}

/* Each way in which a backup goes wrong, and what is said of it. */
static void
test_back_up_traps (MilvusFixture *self, gconstpointer data)
{
  static const struct
  {
    RepriseFakeMilvusTrap trap;
    int code;
    const char *says;
  } TRAPS[] = {
    { REPRISE_FAKE_MILVUS_STUCK, REPRISE_ERROR_STALLED, "not begun" },
    { REPRISE_FAKE_MILVUS_FAILS, REPRISE_ERROR_FAILED, "bucket does not exist" },
    { REPRISE_FAKE_MILVUS_RESTARTS, REPRISE_ERROR_FAILED, "started again" },
    { REPRISE_FAKE_MILVUS_EMPTY, REPRISE_ERROR_FAILED, "no collection is in" },
    { REPRISE_FAKE_MILVUS_NO_METADATA, REPRISE_ERROR_FAILED, "wrote no metadata" },
    { REPRISE_FAKE_MILVUS_NO_MILVUS, REPRISE_ERROR_REFUSED, "cannot reach Milvus" },
    { REPRISE_FAKE_MILVUS_NO_STORAGE, REPRISE_ERROR_REFUSED, "object storage" },
    { REPRISE_FAKE_MILVUS_DIES, REPRISE_ERROR_UNREACHABLE, "ended while" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (TRAPS); i++)
    {
      g_autoptr (GError) error = NULL;

      reprise_fake_milvus_set_trap (self->fake, TRAPS[i].trap);
      milvus_fixture_renew (self);
      g_assert_null (milvus_fixture_back_up (self, &error));
      reprise_test_assert_says (error, TRAPS[i].code, TRAPS[i].says);
    }
}

/* It was begun, and the answer did not come. */
static void
test_lost_answer (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = NULL;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_LOSES_ANSWER);
  made = milvus_fixture_back_up_well (self);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 1);
}

static void
test_missing_collection (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_COLLECTIONS, "films ghost");
  g_assert_null (milvus_fixture_back_up (self, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_FAILED, "ghost");
}

/* Without the storage nothing can come into the vault; nothing is begun then. */
static void
test_no_storage (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_MANUAL, NULL, NULL);

  g_assert_false (reprise_provider_back_up (self->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            self->progress, NULL, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_REFUSED, "hands out no files");
  g_assert_cmpuint (reprise_fake_milvus_get_n_writes (self->fake), ==, 0);
}

/* --- with the storage --- */

static void
test_kind_choice (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
    reprise_kind_choose_collection (self->kind, self->service, "shop.items", FALSE, &error));
  g_assert_true (reprise_kind_choose_collection (self->kind, self->service, "films", FALSE, NULL));
  g_assert_cmpstr (reprise_service_get_setting (self->service, REPRISE_MILVUS_SETTING_LEFT_OUT), ==,
                   "shop.items films");
  g_assert_true (
    reprise_kind_choose_collection (self->kind, self->service, "shop.items", TRUE, NULL));
  g_assert_cmpstr (reprise_service_get_setting (self->service, REPRISE_MILVUS_SETTING_LEFT_OUT), ==,
                   "films");
  g_assert_false (reprise_kind_choose_collection (self->kind, self->service, "a-b", FALSE, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

static void
test_left_out (MilvusFixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = NULL;
  g_autofree char *body = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_LEFT_OUT, "notes");
  made = milvus_fixture_back_up_well (self);
  body = reprise_fake_milvus_dup_last_body (self->fake, "create");
  g_assert_nonnull (strstr (body, "[\"films\",\"shop.items\"]"));
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
  ADD_ALL ("probe", test_probe);
  ADD ("probe/alone", ALONE, test_probe);
  ADD_ALL ("probe-words", test_probe_words);
  ADD ("sign-in", NEW, test_sign_in);
  ADD_ALL ("groups", test_groups);
  ADD ("groups-alone", ALONE, test_groups_alone);
  ADD_ALL ("back-up", test_back_up);
  ADD_ALL ("delete", test_delete);
  ADD_ALL ("back-up-traps", test_back_up_traps);
  ADD_ALL ("lost-answer", test_lost_answer);
  ADD_ALL ("missing-collection", test_missing_collection);
  ADD ("no-storage", NEW, test_no_storage);
  ADD ("kind-choice", NEW, test_kind_choice);
  ADD_ALL ("left-out", test_left_out);
  return g_test_run ();
}
