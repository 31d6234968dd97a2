/* test-milvus-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-scratch.h"
#include "providers/milvus/reprise-milvus-kind.h"
#include "providers/milvus/reprise-milvus-provider.h"
#include "providers/milvus/reprise-milvus-rehearse.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"
#include "reprise-fake-milvus.h"
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

typedef struct
{
  char generation;
  guint rest_version;
} World;

static const World OLD = { 'A', 1 }, NEW = { 'B', 2 }, NEWEST = { 'C', 2 };

typedef struct
{
  RepriseFakeMilvus *fake;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseProgress *progress;
  RepriseVault *vault;
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  const World *world = data;
  g_autofree char *address = NULL;
  g_autofree char *storage = NULL;
  g_autoptr (GError) error = NULL;

  reprise_test_forgive_soup ();
  self->folder = reprise_test_make_folder ();
  storage = g_build_filename (self->folder, "storage", NULL);
  self->fake = reprise_fake_milvus_new (world->generation, world->rest_version);
  reprise_fake_milvus_set_folder (self->fake, storage);
  reprise_fake_milvus_make (self->fake, "default.films", 1000);
  reprise_fake_milvus_make (self->fake, "default.notes", 500);
  reprise_fake_milvus_make (self->fake, "shop.items", 1200);
  address = reprise_fake_milvus_dup_address (self->fake);
  self->kind = g_object_new (REPRISE_TYPE_MILVUS_KIND, NULL);
  self->service = reprise_service_new (NULL, "milvus", "Vectors");
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_ADDRESS, address);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_MILVUS, address);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_DATABASES, "default shop");
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_STORAGE,
                               REPRISE_MILVUS_STORAGE_FOLDER);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_FOLDER, storage);
  self->vault = reprise_vault_new (self->folder);
  g_assert_true (reprise_vault_open (self->vault, TRUE, NULL, &error));
  g_assert_cmpint (g_mkdir_with_parents (storage, 0700), ==, 0);
  g_assert_true (reprise_vault_save_service (self->vault, self->service, &error));
  g_assert_no_error (error);
  self->progress = reprise_progress_new ();
  self->provider = reprise_kind_create_provider (self->kind, self->service, NULL);
  reprise_milvus_provider_set_pace (REPRISE_MILVUS_PROVIDER (self->provider), &PACE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  g_clear_object (&self->vault);
  g_clear_object (&self->service);
  g_clear_object (&self->kind);
  reprise_fake_milvus_free (self->fake);
  reprise_test_remove_folder (self->folder);
}

/* A backup in the vault; @keep: also on the service */
static RepriseArchive *
back_up (Fixture *self, gboolean keep)
{
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;
  RepriseArchive *archive;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_KEEP, keep ? "true" : "false");
  writer = reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  reprise_provider_back_up (self->provider, REPRISE_GROUPS_ALL, writer, NULL, self->progress, NULL,
                            &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  reprise_provider_let_go (self->provider, self->progress, NULL);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, keep ? 1 : 0);
  manifest = reprise_vault_read_manifest (self->vault, backup, &error);
  archive = reprise_archive_new_for_backup (backup, manifest);
  g_assert_true (reprise_kind_inspect (self->kind, archive, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return archive;
}

static RepriseJournal *
open_record (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseJournal *record = reprise_scratch_open (reprise_service_get_uuid (self->service), &error);

  g_assert_no_error (error);
  return record;
}

static guint
count_left (RepriseJournal *record)
{
  g_auto (GStrv) names = reprise_scratch_list (record);

  return g_strv_length (names);
}

/* With its record, which is closed as after a job. */
static RepriseOutcome *
rehearse (Fixture *self, RepriseArchive *archive, guint *n_left, GError **error)
{
  g_autoptr (RepriseJournal) record = open_record (self);
  RepriseRehearsal how = { .record = record };
  RepriseOutcome *outcome =
    reprise_provider_rehearse (self->provider, archive, &how, self->progress, NULL, error);

  *n_left = count_left (record);
  g_assert_true (reprise_scratch_close (record, NULL));
  return outcome;
}

/* What is backed up is as it was, and nothing else is there. */
static void
assert_untouched (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents =
    reprise_provider_list_groups (self->provider, NULL, NULL, &error);
  RepriseDataGroup *custom;

  g_assert_no_error (error);
  custom = reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (custom)), ==, 3);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.notes"), ==, 500);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.items"), ==, 1200);
}

/* So many backups lie in the storage. */
static void
assert_stored (Fixture *self, guint n)
{
  g_autofree char *path = g_build_filename (self->folder, "storage", NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint found = 0;

  while (g_dir_read_name (folder) != NULL)
    found++;
  g_assert_cmpuint (found, ==, n);
}

/* Beside what exists, counted, dropped. Where Milvus cannot be asked for rows nothing is called equal. */
static void
test_rehearse (Fixture *self, gconstpointer data)
{
  const World *world = data;
  g_autoptr (RepriseArchive) archive = back_up (self, TRUE);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  guint n_left = 0;

  outcome = rehearse (self, archive, &n_left, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_cmpuint (n_left, ==, 0);
  if (world->rest_version == 2)
    g_assert_cmpstr (outcome->summary, ==, "3 collections, 2700 rows, 0 differences");
  else
    {
      g_assert_nonnull (strstr (outcome->summary, "3 collections restored; the rows of 3 are not"));
      g_assert_null (strstr (outcome->summary, "differences"));
      g_assert_null (strstr (outcome->summary, "equal"));
    }
  body = reprise_fake_milvus_dup_last_body (self->fake, "restore");
  g_assert_nonnull (strstr (body, "\"collection_suffix\":\"" REPRISE_MILVUS_SCRATCH_SUFFIX));
  g_assert_null (strstr (body, "dropExistCollection"));
  g_assert_null (strstr (body, "\"rbac\":true"));
  assert_untouched (self);
  assert_stored (self, 1);
}

/* What is only in the vault is uploaded for it, and goes away again. */
static void
test_from_vault (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = back_up (self, FALSE);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;
  guint n_left = 0;

  outcome = rehearse (self, archive, &n_left, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_left, ==, 0);
  assert_stored (self, 0);
  assert_untouched (self);
}

/* A backup of that name which lies in the storage already, and which only the backup server does not see, is not ours to delete. */
static void
test_not_listed (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = back_up (self, FALSE);
  g_autofree char *path = g_build_filename (
    self->folder, "storage", reprise_backup_get_own_name (reprise_archive_get_backup (archive)),
    "binlogs", NULL);
  g_autofree char *file = g_build_filename (path, "precious", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  guint n_left = 0;

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  outcome = rehearse (self, archive, &n_left, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (n_left, ==, 0);
}

/* Fewer rows than the backup holds */
static void
test_differs (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = back_up (self, TRUE);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;
  guint n_left = 0;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_LOSES_ROWS);
  outcome = rehearse (self, archive, &n_left, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 3);
  g_assert_nonnull (strstr (outcome->summary, "3 different from the backup"));
  g_assert_cmpuint (n_left, ==, 0);
  assert_untouched (self);
}

static void
test_fails (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = back_up (self, TRUE);
  g_autoptr (GError) error = NULL;
  guint n_left = 0;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_FAILS);
  g_assert_null (rehearse (self, archive, &n_left, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_cmpuint (n_left, ==, 0);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WELL);
  assert_untouched (self);
}

/* While the server still fills them, they stay in the record, and no other rehearsal begins; the next job drops them. */
static void
test_goes_on (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = back_up (self, TRUE);
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (GError) error = NULL;
  guint n_left = 0;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_STUCK);
  g_assert_null (rehearse (self, archive, &n_left, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_STALLED);
  g_clear_error (&error);
  g_assert_cmpuint (n_left, ==, 3);
  g_assert_null (rehearse (self, archive, &n_left, &error));
  g_assert_nonnull (strstr (error->message, "earlier rehearsal"));
  g_clear_error (&error);
  g_assert_cmpuint (n_left, ==, 3);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WELL);
  left = reprise_scratch_open_left (reprise_service_get_uuid (self->service), &error);
  for (guint i = 0; i < 20 && count_left (left) > 0; i++)
    {
      g_assert_true (
        reprise_provider_clean_up (self->provider, left, self->progress, NULL, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (count_left (left), ==, 0);
  g_assert_true (reprise_scratch_close (left, NULL));
  assert_untouched (self);
}

/* Only what stands in the record, however much something else looks like it. */
static void
test_left (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseJournal) record = open_record (self);
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_make (self->fake, "default.films_rehearsal_1", 3);
  reprise_fake_milvus_make (self->fake, "shop.items_rehearsal_1", 3);
  reprise_fake_milvus_make (self->fake, "default.films_rehearsal_2", 7);
  g_assert_true (reprise_scratch_add (record, "collection default.films_rehearsal_1", &error));
  g_assert_true (reprise_scratch_add (record, "collection shop.items_rehearsal_1", &error));
  g_assert_true (reprise_scratch_add (record, "collection default.never_made", &error));
  g_assert_true (reprise_provider_clean_up (self->provider, record, self->progress, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_left (record), ==, 0);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_rehearsal_1"), ==, -1);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.items_rehearsal_1"), ==, -1);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_rehearsal_2"), ==, 7);
  reprise_fake_milvus_drop (self->fake, "default.films_rehearsal_2");
  assert_untouched (self);
  g_assert_true (reprise_scratch_close (record, NULL));
}

/* Without Milvus itself nothing could be dropped again. */
static void
test_missing (Fixture *self, gconstpointer data)
{
  g_autofree char *none = reprise_kind_explain_no_rehearsal (self->kind, self->service);
  g_autofree char *reason = NULL;

  g_assert_cmpstr (none, ==, NULL);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_MILVUS, NULL);
  reason = reprise_kind_explain_no_rehearsal (self->kind, self->service);
  g_assert_nonnull (strstr (reason, "neither counted nor dropped"));
}

#define ADD(name, world, test) \
  g_test_add ("/milvus-rehearse/" name, Fixture, &world, set_up, test, tear_down)
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
  ADD_ALL ("rehearse", test_rehearse);
  ADD_ALL ("from-vault", test_from_vault);
  ADD_ALL ("not-listed", test_not_listed);
  ADD ("differs", NEW, test_differs);
  ADD_ALL ("fails", test_fails);
  ADD_ALL ("goes-on", test_goes_on);
  ADD_ALL ("left", test_left);
  ADD ("missing", NEW, test_missing);
  return g_test_run ();
}
