/* test-milvus-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "providers/milvus/reprise-milvus-client.h"
#include "providers/milvus/reprise-milvus-kind.h"
#include "providers/milvus/reprise-milvus-provider.h"
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

/* What a fixture is made with. */
typedef struct
{
  char generation;
  guint rest_version; /* 0: the address of Milvus is not set */
} World;

static const World OLD = { 'A', 1 }, NEW = { 'B', 2 }, NEWEST = { 'C', 2 }, FIRST = { 'B', 1 },
                   ALONE = { 'B', 0 };

typedef struct
{
  RepriseFakeMilvus *fake;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseProgress *progress;
  RepriseVault *vault;
  GHashTable *options;
  char *folder;
} Fixture;

/* A provider as it is made for one job. */
static void
renew (Fixture *self)
{
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (self->service), 0);

  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  self->progress = reprise_progress_new ();
  self->provider = reprise_kind_create_provider (self->kind, self->service, secrets);
  reprise_milvus_provider_set_pace (REPRISE_MILVUS_PROVIDER (self->provider), &PACE);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const World *world = data;
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
  renew (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
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

static void
assert_says (const GError *error, int code, const char *part)
{
  if (!g_error_matches (error, REPRISE_ERROR, code) || strstr (error->message, part) == NULL)
    g_error ("expected %d “%s”, not %d “%s”", code, part, error != NULL ? error->code : -1,
             error != NULL ? error->message : "no error");
}

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
test_probe (Fixture *self, gconstpointer data)
{
  const World *world = data;
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
test_probe_words (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) milvus = NULL;
  g_autoptr (GError) storage = NULL;
  g_autoptr (RepriseProbe) probe = NULL;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_NO_MILVUS);
  g_assert_null (reprise_provider_probe (self->provider, NULL, NULL, &milvus));
  assert_says (milvus, REPRISE_ERROR_FAILED, "cannot reach Milvus");
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_NO_STORAGE);
  g_assert_null (reprise_provider_probe (self->provider, NULL, NULL, &storage));
  assert_says (storage, REPRISE_ERROR_FAILED, "object storage");
  if (((const World *) data)->generation == 'A')
    return;
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WRONG_ROOT);
  probe = reprise_provider_probe (self->provider, NULL, NULL, NULL);
  g_assert_true (probe_warns (probe, "root path in backup.yaml is probably wrong"));
}

/* The header for the proxy goes along, and is in no text. */
static void
test_sign_in (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseSecretValue) token = reprise_secret_value_new_text ("sesame");
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *sent = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_SIGN_IN,
                               REPRISE_MILVUS_SIGN_IN_BEARER);
  reprise_secrets_override (reprise_service_get_uuid (self->service), REPRISE_MILVUS_SECRET_TOKEN,
                            token);
  renew (self);
  list = reprise_provider_list_backups (self->provider, NULL, NULL, NULL);
  g_assert_nonnull (list);
  sent = reprise_fake_milvus_dup_last_authorization (self->fake);
  g_assert_cmpstr (sent, ==, "Bearer sesame");
}

/* --- groups --- */

static RepriseContents *
list_groups (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseContents *contents =
    reprise_provider_list_groups (self->provider, self->progress, NULL, &error);

  g_assert_no_error (error);
  return contents;
}

static void
test_groups (Fixture *self, gconstpointer data)
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
  if (((const World *) data)->rest_version == 1)
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

static RepriseBackup *
back_up (Fixture *self, GError **error)
{
  RepriseBackup *made = NULL;
  gboolean ok =
    reprise_provider_back_up (self->provider, reprise_kind_get_default_groups (self->kind), NULL,
                              &made, self->progress, NULL, error);

  g_assert_cmpint (ok, ==, made != NULL);
  return made;
}

static RepriseBackup *
back_up_well (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseBackup *made = back_up (self, &error);

  g_assert_no_error (error);
  return made;
}

/* Where nobody says which collections there are, their number is not reported either. */
static void
test_groups_alone (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = list_groups (self);
  RepriseDataGroup *custom = reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM);

  g_assert_cmpint (reprise_data_group_get_n_collections (custom), ==, REPRISE_NOT_REPORTED);
  g_clear_object (&contents);
  g_object_unref (back_up_well (self));
  contents = list_groups (self);
  custom = reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM);
  g_assert_cmpint (reprise_data_group_get_n_collections (custom), ==, 3);
}

static void
test_back_up (Fixture *self, gconstpointer data)
{
  const World *world = data;
  g_autoptr (RepriseBackup) made = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *body = NULL;
  RepriseBackup *listed;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_COLLECTIONS,
                               "films shop.items");
  made = back_up_well (self);
  body = reprise_fake_milvus_dup_last_body (self->fake, "create");
  g_assert_nonnull (strstr (body, "\"collection_names\":[\"films\",\"shop.items\"]"));
  g_assert_cmpint (strstr (body, "rbac") != NULL, ==, world->rest_version == 2);
  second = back_up_well (self);
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
test_delete (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = back_up_well (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_provider_delete_backup (self->provider, made, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 0);
  if (((const World *) data)->generation == 'A')
    return;
  g_assert_false (reprise_provider_delete_backup (self->provider, made, NULL, NULL, &error));
  assert_says (error, REPRISE_ERROR_NOT_FOUND, "no complete backup");
}

/* Each way in which a backup goes wrong, and what is said of it. */
static void
test_back_up_traps (Fixture *self, gconstpointer data)
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
      renew (self);
      g_assert_null (back_up (self, &error));
      assert_says (error, TRAPS[i].code, TRAPS[i].says);
    }
}

/* It was begun, and the answer did not come. */
static void
test_lost_answer (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = NULL;

  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_LOSES_ANSWER);
  made = back_up_well (self);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 1);
}

static void
test_missing_collection (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_COLLECTIONS, "films ghost");
  g_assert_null (back_up (self, &error));
  assert_says (error, REPRISE_ERROR_FAILED, "ghost");
}

/* Without the storage nothing can come into the vault; nothing is begun then. */
static void
test_no_storage (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_MANUAL, NULL, NULL);

  g_assert_false (reprise_provider_back_up (self->provider, REPRISE_GROUPS_ALL, writer, NULL,
                                            self->progress, NULL, &error));
  assert_says (error, REPRISE_ERROR_REFUSED, "hands out no files");
  g_assert_cmpuint (reprise_fake_milvus_get_n_writes (self->fake), ==, 0);
}

/* --- restores --- */

static RepriseArchive *
open_made (Fixture *self)
{
  g_autoptr (RepriseBackup) made = back_up_well (self);
  RepriseArchive *archive = reprise_provider_open_backup (self->provider, made, NULL, NULL, NULL);

  g_assert_nonnull (archive);
  return archive;
}

static ReprisePlan *
plan (Fixture *self, RepriseArchive *archive)
{
  g_autoptr (GError) error = NULL;
  guint before = reprise_fake_milvus_get_n_writes (self->fake);
  ReprisePlan *made = reprise_provider_plan_restore (self->provider, archive, REPRISE_GROUPS_NONE,
                                                     self->options, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_milvus_get_n_writes (self->fake), ==, before);
  return made;
}

static RepriseOutcome *
restore (Fixture *self, ReprisePlan *made, GError **error)
{
  g_autoptr (RepriseJournal) journal =
    reprise_journal_create (reprise_service_get_uuid (self->service), "job", NULL);
  RepriseOutcome *outcome =
    reprise_provider_restore (self->provider, made, journal, self->progress, NULL, error);

  g_assert_cmpint (reprise_journal_has_open_step (journal), ==, outcome == NULL);
  reprise_journal_close (journal, NULL);
  return outcome;
}

static RepriseOutcome *
restore_well (Fixture *self, RepriseArchive *archive)
{
  g_autoptr (ReprisePlan) made = plan (self, archive);
  g_autoptr (GError) error = NULL;
  RepriseOutcome *outcome;

  g_assert_false (reprise_plan_is_refused (made));
  outcome = restore (self, made, &error);
  g_assert_no_error (error);
  return outcome;
}

static void
set_option (Fixture *self, const char *key, const char *value)
{
  g_hash_table_insert (self->options, (gpointer) key, (gpointer) value);
}

static void
test_restore_suffix (Fixture *self, gconstpointer data)
{
  const World *world = data;
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;

  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films shop.items");
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_recover");
  outcome = restore_well (self, archive);
  g_assert_true (g_str_has_prefix (outcome->summary, "2 collections restored"));
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_recover"), ==, 1000);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.items_recover"), ==, 1200);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.notes_recover"), ==, -1);
  if (world->rest_version == 2)
    {
      g_assert_nonnull (strstr (outcome->summary, "2 counted"));
      g_assert_cmpint (outcome->written, ==, 2200);
      g_assert_false (reprise_fake_milvus_is_loaded (self->fake, "default.films_recover"));
    }
  else
    {
      g_assert_nonnull (strstr (outcome->summary, "not reported"));
      g_assert_null (strstr (outcome->summary, "equal"));
      g_assert_cmpint (outcome->written, ==, -1);
    }
}

static void
test_restore_renamed (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;

  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films notes");
  set_option (self, REPRISE_MILVUS_OPTION_RENAME, "films:movies");
  set_option (self, REPRISE_MILVUS_OPTION_DATABASE, "shop");
  set_option (self, REPRISE_MILVUS_OPTION_VERIFY, REPRISE_MILVUS_VERIFY_REPORT);
  outcome = restore_well (self, archive);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.movies"), ==, 1000);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.notes"), ==, 500);
  g_assert_nonnull (strstr (outcome->summary, "not reported: it was not asked for"));
}

/* What exists is refused; it is dropped and replaced only where that is chosen. */
static void
test_restore_in_place (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) refused = NULL;
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_make (self->fake, "default.films", 7);
  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  refused = plan (self, archive);
  g_assert_true (reprise_plan_is_refused (refused));
  set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  made = plan (self, archive);
  g_assert_true (reprise_plan_get_overwrites (made));
  g_assert_cmpint (reprise_plan_get_row (made, 0)->now, ==, 7);
  g_assert_cmpint (reprise_plan_get_row (made, 0)->action, ==, REPRISE_PLAN_REPLACED);
  outcome = restore (self, made, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "shop.items"), ==, 1200);
}

/* Dropped by hand before, as the document tells, it comes back under its own name. */
static void
test_restore_dropped (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *body = NULL;

  reprise_fake_milvus_drop (self->fake, "default.films");
  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  outcome = restore_well (self, archive);
  body = reprise_fake_milvus_dup_last_body (self->fake, "restore");
  g_assert_nonnull (strstr (body, "\"collection_suffix\":\"\""));
  g_assert_nonnull (strstr (body, "\"restoreIndex\":true"));
  g_assert_null (strstr (body, "dropExistCollection"));
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
}

/* Rows that are lost are told; nobody who can be asked leaves a collection without an index alone. */
static void
test_restore_compares (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (RepriseOutcome) outcome = NULL;

  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_a");
  set_option (self, REPRISE_MILVUS_OPTION_STRUCTURE, "true");
  outcome = restore_well (self, archive);
  g_assert_nonnull (strstr (outcome->summary, "1 counted and equal"));
  g_assert_cmpint (outcome->written, ==, 0);
  g_clear_pointer (&outcome, reprise_outcome_free);
  set_option (self, REPRISE_MILVUS_OPTION_STRUCTURE, "false");
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_b");
  set_option (self, REPRISE_MILVUS_OPTION_INDEXES, "false");
  g_clear_object (&self->progress);
  outcome = restore_well (self, archive);
  g_assert_nonnull (strstr (outcome->summary, "without an index"));
}

static void
test_restore_traps (Fixture *self, gconstpointer data)
{
  static const struct
  {
    RepriseFakeMilvusTrap trap;
    int code;
    const char *says;
  } TRAPS[] = {
    { REPRISE_FAKE_MILVUS_STUCK, REPRISE_ERROR_STALLED, "not begun" },
    { REPRISE_FAKE_MILVUS_FAILS, REPRISE_ERROR_FAILED, "no insert logs" },
    { REPRISE_FAKE_MILVUS_RESTARTS, REPRISE_ERROR_FAILED, "half filled" },
    { REPRISE_FAKE_MILVUS_EMPTY, REPRISE_ERROR_FAILED, "restored nothing" },
  };
  g_autoptr (RepriseArchive) archive = open_made (self);

  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_recover");
  for (guint i = 0; i < G_N_ELEMENTS (TRAPS); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ReprisePlan) made = NULL;

      reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WELL);
      made = plan (self, archive);
      reprise_fake_milvus_set_trap (self->fake, TRAPS[i].trap);
      g_assert_null (restore (self, made, &error));
      assert_says (error, TRAPS[i].code, TRAPS[i].says);
    }
}

static void
test_plan_refusals (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *key, *value, *says;
  } WRONG[] = {
    { REPRISE_MILVUS_OPTION_SUFFIX, "-recover", "suffix" },
    { REPRISE_MILVUS_OPTION_COLLECTIONS, "ghost", "no collection “ghost”" },
    { REPRISE_MILVUS_OPTION_RENAME, "films", "films" },
    { REPRISE_MILVUS_OPTION_RENAME, "films:notes", "Two collections" },
    { REPRISE_MILVUS_OPTION_DATABASE, "a-b", "a-b" },
  };
  g_autoptr (RepriseArchive) archive = open_made (self);

  for (guint i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (GError) error = NULL;

      g_hash_table_remove_all (self->options);
      set_option (self, WRONG[i].key, WRONG[i].value);
      g_assert_null (reprise_provider_plan_restore (self->provider, archive, REPRISE_GROUPS_NONE,
                                                    self->options, NULL, NULL, &error));
      assert_says (error, REPRISE_ERROR_INVALID, WRONG[i].says);
    }
}

/* Where the storage is not set, the safety copy stays on the service, and leads back from there. */
static void
test_undo (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (ReprisePlan) back = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) undone = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseBackup) copy = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) safety = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_make (self->fake, "default.films", 7);
  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  made = plan (self, archive);
  g_assert_true (reprise_vault_save_service (self->vault, self->service, &error));
  writer = reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_SAFETY, NULL, &error);
  g_assert_true (reprise_provider_prepare_safety_copy (self->provider, made, writer, self->progress,
                                                       NULL, &error));
  g_assert_no_error (error);
  copy = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  outcome = restore (self, made, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
  manifest = reprise_vault_read_manifest (self->vault, copy, &error);
  safety = reprise_archive_new_for_backup (copy, manifest);
  g_assert_true (reprise_kind_inspect (self->kind, safety, NULL, NULL, NULL, &error));
  back = reprise_provider_plan_undo (self->provider, safety, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_plan_is_refused (back));
  undone = restore (self, back, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 7);
}

/* --- with the storage --- */

static void
use_storage (Fixture *self)
{
  g_autofree char *path = g_build_filename (self->folder, "storage", NULL);

  reprise_fake_milvus_set_folder (self->fake, path);
  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_STORAGE,
                               REPRISE_MILVUS_STORAGE_FOLDER);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_FOLDER, path);
  renew (self);
}

static RepriseBackup *
back_up_to_vault (Fixture *self)
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
test_vault (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_KEEP, "false");
  use_storage (self);
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
  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  outcome = restore_well (self, archive);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 1);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
  if (((const World *) data)->rest_version == 2)
    g_assert_nonnull (strstr (outcome->summary, "1 counted and equal to the backup"));
}

static RepriseArchive *
open_of_vault (Fixture *self, RepriseBackup *backup)
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
replace_on_service (Fixture *self, RepriseBackup *backup)
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

static const RepriseCheck *
find_check (ReprisePlan *made, const char *id)
{
  for (guint i = 0; i < reprise_plan_get_n_checks (made); i++)
    if (g_str_equal (reprise_plan_get_check (made, i)->id, id))
      return reprise_plan_get_check (made, i);
  g_error ("no check “%s”", id);
}

/* What is restored is the vault's backup, and never another one that only has its name. */
static void
test_same_name (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;

  use_storage (self);
  backup = back_up_to_vault (self);
  archive = open_of_vault (self, backup);
  g_assert_true (reprise_provider_check_same (self->provider, archive, NULL, NULL));
  replace_on_service (self, backup);
  g_assert_false (reprise_provider_check_same (self->provider, archive, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films");
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_vault");
  made = plan (self, archive);
  g_assert_cmpint (find_check (made, "archive")->result, ==, REPRISE_CHECK_WARNING);
  outcome = restore_well (self, archive);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_vault"), ==, 1000);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 2);
  body = reprise_fake_milvus_dup_last_body (self->fake, "restore");
  g_assert_nonnull (strstr (body, "_vault_"));
  /* what was uploaded once is taken again */
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_again");
  again = restore_well (self, archive);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films_again"), ==, 1000);
  g_assert_cmpuint (reprise_fake_milvus_get_n_backups (self->fake), ==, 2);
}

/* Where it cannot be uploaded under another name, that is said, and nothing is restored. */
static void
test_same_name_alone (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) made = NULL;

  use_storage (self);
  backup = back_up_to_vault (self);
  archive = open_of_vault (self, backup);
  replace_on_service (self, backup);
  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_STORAGE,
                               REPRISE_MILVUS_STORAGE_NONE);
  renew (self);
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_vault");
  made = plan (self, archive);
  g_assert_true (reprise_plan_is_refused (made));
  g_assert_nonnull (strstr (find_check (made, "archive")->text, "another backup"));
}

/* After a restart the newer servers do not say what is in a backup. That is told, and not that an address is missing; the collections can
 * be named, and what was restored is counted all the same. */
static void
test_contents_unknown (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = back_up_well (self);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (ReprisePlan) replacing = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;

  reprise_fake_milvus_restart (self->fake);
  renew (self);
  archive = reprise_provider_open_backup (self->provider, backup, NULL, NULL, NULL);
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_x");
  made = plan (self, archive);
  g_assert_nonnull (strstr (find_check (made, "target")->text, "what is in the backup is not"));
  set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  replacing = plan (self, archive);
  g_assert_nonnull (strstr (reprise_plan_get_no_safety_copy (replacing), "name those"));
  set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REFUSE);
  outcome = restore_well (self, archive);
  g_assert_nonnull (strstr (outcome->summary, "3 counted"));
}

/* A collection that somebody makes while the safety copy is made is not in that copy, and not dropped. */
static void
test_came_meanwhile (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_milvus_drop (self->fake, "default.notes");
  set_option (self, REPRISE_MILVUS_OPTION_COLLECTIONS, "films notes");
  set_option (self, REPRISE_MILVUS_OPTION_EXISTING, REPRISE_MILVUS_EXISTING_REPLACE);
  made = plan (self, archive);
  g_assert_true (reprise_vault_save_service (self->vault, self->service, &error));
  writer = reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_SAFETY, NULL, &error);
  reprise_fake_milvus_let_appear (self->fake, "default.notes");
  g_assert_true (reprise_provider_prepare_safety_copy (self->provider, made, writer, self->progress,
                                                       NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.notes"), ==, 9);
  {
    g_autoptr (RepriseJournal) journal =
      reprise_journal_create (reprise_service_get_uuid (self->service), "job", NULL);

    g_assert_null (
      reprise_provider_restore (self->provider, made, journal, self->progress, NULL, &error));
    g_assert_false (reprise_journal_has_open_step (journal));
    reprise_journal_close (journal, NULL);
  }
  assert_says (error, REPRISE_ERROR_REFUSED, "“notes” came into being");
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.notes"), ==, 9);
  g_assert_cmpint (reprise_fake_milvus_get_rows (self->fake, "default.films"), ==, 1000);
}

/* Fewer rows than the backup holds are told, and counted as a failure. */
static void
test_lost_rows (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_auto (GStrv) warnings = NULL;

  use_storage (self);
  archive = open_made (self);
  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_half");
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_LOSES_ROWS);
  outcome = restore_well (self, archive);
  warnings = reprise_progress_dup_warnings (self->progress);
  g_assert_cmpint (outcome->failed, ==, 3);
  g_assert_cmpuint (g_strv_length (warnings), ==, 3);
  g_assert_nonnull (strstr (warnings[0], "500 rows, and the backup holds 1000"));
}

/* What a backup that was cut off leaves is shown, and can be removed: the newer servers do neither. */
static void
test_leftovers (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GError) error = NULL;

  use_storage (self);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_RESTARTS);
  g_assert_null (back_up (self, &error));
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

/* Nobody watched while the server finished it. */
static void
test_resume (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_made (self);
  g_autoptr (ReprisePlan) made = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) resumed = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  set_option (self, REPRISE_MILVUS_OPTION_SUFFIX, "_late");
  made = plan (self, archive);
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_STUCK);
  journal = reprise_journal_create (reprise_service_get_uuid (self->service), "job", NULL);
  g_assert_null (
    reprise_provider_restore (self->provider, made, journal, self->progress, NULL, &error));
  reprise_fake_milvus_set_trap (self->fake, REPRISE_FAKE_MILVUS_WELL);
  g_clear_error (&error);
  resumed =
    reprise_provider_resume_operation (self->provider, journal, self->progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (resumed->summary, "3 collections restored"));
  g_assert_false (reprise_journal_has_open_step (journal));
  reprise_journal_close (journal, NULL);
}

static void
test_kind_choice (Fixture *self, gconstpointer data)
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
test_left_out (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) made = NULL;
  g_autofree char *body = NULL;

  reprise_service_set_setting (self->service, REPRISE_MILVUS_SETTING_LEFT_OUT, "notes");
  made = back_up_well (self);
  body = reprise_fake_milvus_dup_last_body (self->fake, "create");
  g_assert_nonnull (strstr (body, "[\"films\",\"shop.items\"]"));
}

#define ADD(name, world, test) \
  g_test_add ("/milvus-provider/" name, Fixture, &world, set_up, test, tear_down)
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
  ADD_ALL ("restore-suffix", test_restore_suffix);
  ADD ("restore-suffix/alone", ALONE, test_restore_suffix);
  ADD ("restore-suffix/first", FIRST, test_restore_suffix);
  ADD_ALL ("restore-renamed", test_restore_renamed);
  ADD_ALL ("restore-in-place", test_restore_in_place);
  ADD_ALL ("restore-dropped", test_restore_dropped);
  ADD ("restore-compares", NEW, test_restore_compares);
  ADD_ALL ("restore-traps", test_restore_traps);
  ADD_ALL ("plan-refusals", test_plan_refusals);
  ADD_ALL ("undo", test_undo);
  ADD_ALL ("resume", test_resume);
  ADD_ALL ("vault", test_vault);
  ADD_ALL ("same-name", test_same_name);
  ADD ("same-name-alone", NEW, test_same_name_alone);
  ADD_ALL ("came-meanwhile", test_came_meanwhile);
  ADD ("contents-unknown", NEW, test_contents_unknown);
  ADD ("lost-rows", NEW, test_lost_rows);
  ADD_ALL ("leftovers", test_leftovers);
  ADD ("kind-choice", NEW, test_kind_choice);
  ADD_ALL ("left-out", test_left_out);
  return g_test_run ();
}
