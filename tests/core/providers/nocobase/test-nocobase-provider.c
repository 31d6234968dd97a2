/* test-nocobase-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "net/reprise-http-private.h"
#include "nocobase-fake.h"
#include "provider/reprise-journal.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-provider.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

#define STALE_NAME "backup_20200101_030405_1234.nbdump"
#define OLD_NAME   "backup_20260101_101401_2968.nbdump"
#define NEW_NAME   "backup_20260101_102531_6608.nbdata"

static const RepriseNocobasePace PACE = {
  .poll_ms = 10,
  .broken_ms = 60,
  .gone_ms = 1500,
  .settle_ms = 40,
  .quick_ms = 80,
};

typedef struct
{
  NocobaseFake *fake;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseProgress *progress;
  RepriseVault *vault;
  char *folder;
} Fixture;

/* What a fixture is made with. */
typedef struct
{
  gboolean has_old, has_new;
} Plugins;

static const Plugins OLD = { TRUE, FALSE }, NEW = { FALSE, TRUE }, BOTH = { TRUE, TRUE },
                     NEITHER = { FALSE, FALSE };

static void
give_secret (Fixture *self, const char *kind, const char *text)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  reprise_secrets_override (reprise_service_get_uuid (self->service), kind, value);
}

/* A provider as it is made for one job, so that nothing is remembered. */
static void
renew (Fixture *self)
{
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (self->service), 0);

  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  self->progress = reprise_progress_new ();
  self->provider = reprise_kind_create_provider (self->kind, self->service, secrets);
  reprise_nocobase_provider_set_pace (REPRISE_NOCOBASE_PROVIDER (self->provider), &PACE);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const Plugins *plugins = data;
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
  give_secret (self, "password", "correct horse");
  self->vault = reprise_vault_new (self->folder);
  g_assert_true (reprise_vault_open (self->vault, TRUE, NULL, &error));
  g_assert_no_error (error);
  renew (self);
}

/* No credential in what is told or kept. */
static void
assert_discreet (Fixture *self, const char *text)
{
  g_assert_null (strstr (text, "Bearer"));
  g_assert_null (strstr (text, "correct horse"));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *log = reprise_progress_dup_log_text (self->progress);

  assert_discreet (self, log != NULL ? log : "");
  g_clear_object (&self->provider);
  g_clear_object (&self->progress);
  g_clear_object (&self->vault);
  g_clear_object (&self->service);
  g_clear_object (&self->kind);
  nocobase_fake_free (self->fake);
  reprise_test_remove_folder (self->folder);
}

static void
assert_says (const GError *error, int code, const char *part)
{
  if (!g_error_matches (error, REPRISE_ERROR, code) || strstr (error->message, part) == NULL)
    g_error ("expected %d “%s”, not %d “%s”", code, part, error != NULL ? error->code : -1,
             error != NULL ? error->message : "no error");
}

static gboolean
has_part (char **texts, const char *part)
{
  for (guint i = 0; texts[i] != NULL; i++)
    if (strstr (texts[i], part) != NULL)
      return TRUE;
  return FALSE;
}

static void
assert_warned (Fixture *self, const char *part)
{
  g_auto (GStrv) warnings = reprise_progress_dup_warnings (self->progress);

  if (!has_part (warnings, part))
    g_error ("nobody warns of “%s”, but of “%s”", part,
             warnings[0] != NULL ? warnings[0] : "nothing");
}

/* --- which plugins are there --- */

static const char *
get_fact (RepriseProbe *probe, const char *label)
{
  for (guint i = 0; i < probe->facts->len; i++)
    {
      const RepriseFact *fact = probe->facts->pdata[i];

      if (strcmp (fact->label, label) == 0)
        return fact->value;
    }
  return NULL;
}

static RepriseProbe *
probe (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseProbe *found = reprise_provider_probe (self->provider, self->progress, NULL, &error);

  g_assert_no_error (error);
  return found;
}

static void
test_probe (Fixture *self, gconstpointer data)
{
  const Plugins *plugins = data;
  g_autoptr (RepriseProbe) found = probe (self);

  g_assert_cmpstr (found->version, ==, "2.2.15");
  g_assert_cmpstr (get_fact (found, "Backup manager"), ==,
                   plugins->has_new ? "enabled" : "not enabled");
  g_assert_cmpstr (get_fact (found, "Backup & Restore"), ==,
                   plugins->has_old ? "enabled" : "not enabled");
  g_assert_cmpstr (get_fact (found, "Signed in as"), ==, "Root");
  g_assert_cmpstr (get_fact (found, "Role"), ==, "admin");
  g_assert_cmpstr (get_fact (found, "Sub-applications"), ==, "branch, shop");
  g_assert_cmpuint (found->warnings->len, ==, plugins->has_new && !plugins->has_old ? 0 : 1);
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
}

static RepriseContents *
list_groups (Fixture *self, GError **error)
{
  return reprise_provider_list_groups (self->provider, self->progress, NULL, error);
}

static gboolean
back_up (Fixture *self, RepriseGroups groups, RepriseVaultWriter *writer, GError **error)
{
  return reprise_provider_back_up (self->provider, groups, writer, NULL, self->progress, NULL,
                                   error);
}

static void
test_neither (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  contents = list_groups (self, &error);
  g_assert_null (contents);
  assert_says (error, REPRISE_ERROR_REFUSED, "No plugin for backups is enabled");
}

/* Not allowed is told from not enabled, and nobody offers to enable it. */
static void
test_denied (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseProbe) found = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->denied = TRUE;
  found = probe (self);
  g_assert_cmpstr (get_fact (found, "Backup manager"), ==, "enabled, but not for this account");
  g_assert_nonnull (strstr (found->warnings->pdata[0], "needs a role with the right"));
  renew (self);
  g_assert_false (back_up (self, REPRISE_GROUPS_ALL, NULL, &error));
  assert_says (error, REPRISE_ERROR_DENIED, "needs a role with the right");
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
}

typedef struct
{
  RepriseProgress *progress;
  const char *answer;
  char *body;
} Answerer;

/* The front: it answers what is asked. */
static gpointer
answer_worker (gpointer data)
{
  Answerer *self = data;

  for (;;)
    {
      g_autoptr (RepriseQuestion) question = reprise_progress_dup_question (self->progress);

      if (question == NULL)
        {
          g_usleep (5000);
          continue;
        }
      g_assert_cmpstr (question->id, ==, "enable-plugin");
      g_assert_cmpstr (question->unattended, ==, "cancel");
      self->body = g_strdup (question->body);
      g_assert_true (reprise_progress_answer (self->progress, question->id, self->answer));
      return NULL;
    }
}

static gboolean
back_up_answering (Fixture *self, const char *answer, GError **error)
{
  Answerer answerer = { self->progress, answer, NULL };
  GThread *thread = g_thread_new ("front", answer_worker, &answerer);
  gboolean done = back_up (self, REPRISE_GROUPS_ALL, NULL, error);

  g_thread_join (thread);
  g_assert_nonnull (strstr (answerer.body, "restarts the application"));
  g_free (answerer.body);
  return done;
}

/* It is on the disk: offered, and enabled only with consent. */
static void
test_enable (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->fake->new_on_disk = self->fake->old_on_disk = TRUE;
  g_assert_false (back_up_answering (self, "cancel", &error));
  assert_says (error, REPRISE_ERROR_REFUSED, "Enable “backups” in its plugin manager");
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
  g_clear_error (&error);

  renew (self);
  g_assert_true (back_up_answering (self, "enable", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST pm:enable"), ==, 1);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST backups:create"), ==, 1);
}

/* --- sign-in --- */

static void
assert_groups (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents = list_groups (self, &error);

  g_assert_no_error (error);
  g_assert_cmpint (
    reprise_collection_get_rows (reprise_contents_find (contents, "peerOrders", NULL)), ==, 500);
}

static void
test_wrong_password (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  give_secret (self, "password", "wrong");
  contents = list_groups (self, &error);
  g_assert_null (contents);
  assert_says (error, REPRISE_ERROR_NEEDS_SIGN_IN, "password is incorrect");
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), ==, 1);
}

static void
test_key (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, "sign-in", "api-key");
  give_secret (self, "api-key", "key");
  renew (self);
  assert_groups (self);
  give_secret (self, "api-key", "taken-back");
  renew (self);
  contents = list_groups (self, &error);
  g_assert_null (contents);
  assert_says (error, REPRISE_ERROR_NEEDS_SIGN_IN, "does not accept the API key");
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), ==, 0);
}

/* Tokens that serve only a few requests: renewed by a header, or by another sign-in, without a failure. */
static void
test_expired (Fixture *self, gconstpointer data)
{
  self->fake->token_life = 4;
  assert_groups (self);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), >, 3);
  self->fake->renews = TRUE;
  nocobase_fake_forget (self->fake);
  renew (self);
  assert_groups (self);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), ==, 1);
}

static void
test_role (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, "role", "nobody");
  renew (self);
  contents = list_groups (self, &error);
  g_assert_null (contents);
  assert_says (error, REPRISE_ERROR_DENIED, "does not have the role “nobody”");
}

static void
test_application (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, "app", "branch");
  renew (self);
  assert_groups (self);
  reprise_service_set_setting (self->service, "app", "nowhere");
  renew (self);
  contents = list_groups (self, &error);
  g_assert_null (contents);
  assert_says (error, REPRISE_ERROR_NOT_FOUND, "no sub-application “nowhere”");
}

/* --- backups --- */

static GPtrArray *
list_backups (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *list = reprise_provider_list_backups (self->provider, self->progress, NULL, &error);

  g_assert_no_error (error);
  return list;
}

static RepriseBackup *
find_backup (GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp (reprise_backup_get_own_name (list->pdata[i]), name) == 0)
      return list->pdata[i];
  g_error ("“%s” is not in the list", name);
}

/* One that runs is told from one whose server died long ago, which alone can be removed. */
static void
test_stale (Fixture *self, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *young = g_date_time_format (now, "backup_%Y%m%d_%H%M%S_4321.nbdump");
  g_autoptr (GPtrArray) list = NULL, after = NULL;
  g_autoptr (GError) error = NULL;

  nocobase_fake_add (self->fake, OLD_NAME, FALSE);
  nocobase_fake_add (self->fake, STALE_NAME, TRUE);
  nocobase_fake_add (self->fake, young, TRUE);
  list = list_backups (self);
  g_assert_cmpuint (list->len, ==, 3);
  g_assert_false (reprise_backup_get_in_progress (find_backup (list, OLD_NAME)));
  g_assert_true (reprise_backup_get_stale (find_backup (list, STALE_NAME)));
  g_assert_true (reprise_backup_get_in_progress (find_backup (list, young)));
  g_assert_false (reprise_backup_get_stale (find_backup (list, young)));

  g_assert_false (reprise_provider_delete_backup (self->provider, find_backup (list, young),
                                                  self->progress, NULL, &error));
  assert_says (error, REPRISE_ERROR_BUSY, "still making");
  g_clear_error (&error);
  g_assert_true (reprise_provider_delete_backup (self->provider, find_backup (list, STALE_NAME),
                                                 self->progress, NULL, &error));
  g_assert_no_error (error);
  after = list_backups (self);
  g_assert_cmpuint (after->len, ==, 2);
}

/* Whose work the new plugin does not know any more is nobody's. */
static void
test_orphan (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  nocobase_fake_add (self->fake, NEW_NAME, TRUE);
  list = list_backups (self);
  g_assert_true (reprise_backup_get_stale (find_backup (list, NEW_NAME)));
}

static RepriseVaultWriter *
begin (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseVaultWriter *writer =
    reprise_vault_begin (self->vault, self->service, REPRISE_ORIGIN_MANUAL, NULL, &error);

  g_assert_no_error (error);
  return writer;
}

/* What is in the vault is, byte for byte, what the server has. */
static void
assert_same_bytes (Fixture *self, RepriseVaultWriter *writer, const char *name)
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

static void
test_back_up_groups (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) made = NULL;
  g_autofree char *seen = NULL;

  g_assert_true (back_up (
    self, REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED) | REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM),
    writer, &error));
  g_assert_no_error (error);
  assert_same_bytes (self, writer, OLD_NAME);
  made = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (made);
  /* the server's copy does not stay */
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST backupFiles:destroy"), ==, 1);
  seen = nocobase_fake_dup_seen (self->fake);
  g_assert_null (strstr (seen, "backups:create"));
}

/* The server's own names, and only those of the groups that were chosen. */
static void
test_data_types (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;

  g_assert_true (back_up (
    self, REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM) | REPRISE_GROUP_BIT (REPRISE_GROUP_THIRD_PARTY),
    NULL, &error));
  g_assert_no_error (error);
  body = nocobase_fake_dup_body (self->fake);
  g_assert_cmpstr (body, ==, "{\"dataTypes\":[\"third-party\",\"custom\"]}");
}

static void
test_back_up_whole (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (self);
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  contents = list_groups (self, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (reprise_contents_get_locked (contents), "groups cannot be chosen"));
  g_assert_false (back_up (self, REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), NULL, &error));
  assert_says (error, REPRISE_ERROR_REFUSED, "groups cannot be chosen");
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
  g_clear_error (&error);
  g_assert_true (back_up (self, REPRISE_GROUPS_ALL, writer, &error));
  g_assert_no_error (error);
  assert_same_bytes (self, writer, NEW_NAME);
}

static void
test_side_by_side (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  contents = list_groups (self, &error);
  g_assert_no_error (error);
  g_assert_null (reprise_contents_get_locked (contents));
  g_assert_true (back_up (self, REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), NULL, &error));
  g_assert_no_error (error);
  assert_warned (self, "cannot be restored on this server");
  renew (self);
  g_assert_true (back_up (self, REPRISE_GROUPS_ALL, NULL, &error));
  g_assert_no_error (error);
  list = list_backups (self);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST backupFiles:create"), ==, 1);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST backups:create"), ==, 1);
}

/* The old plugin does not say that it failed: the entry is gone. The new one says why. */
static void
test_create_fails (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->fake->create_fails = TRUE;
  g_assert_false (back_up (self, REPRISE_GROUPS_ALL, NULL, &error));
  assert_says (error, REPRISE_ERROR_FAILED,
               data == &OLD ? "does not say why" : "pg_dump: no space");
}

/* The server encrypts, and nobody has the password: the backup is whole, and cannot be restored without it. */
static void
test_encrypts (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseProbe) found = NULL;

  self->fake->encrypts = "s3cret pass";
  found = probe (self);
  for (guint i = 0; i < found->facts->len; i++)
    g_assert_null (strstr (((RepriseFact *) found->facts->pdata[i])->value, "s3cret"));
}

static gboolean
download (Fixture *self, const char *name, RepriseVaultWriter *writer, GError **error)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new (name, NULL, "nocobase");

  g_object_set (backup, "own-name", name, "on-service", TRUE, NULL);
  return reprise_provider_download (self->provider, backup, writer, self->progress, NULL, error);
}

/* Its own file is cut: the same bytes came twice, so it is not the way that is bad. */
static void
test_damaged (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = begin (self);
  g_autoptr (GError) error = NULL;

  nocobase_fake_add (self->fake, OLD_NAME, FALSE);
  self->fake->damaged = TRUE;
  g_assert_false (download (self, OLD_NAME, writer, &error));
  assert_says (error, REPRISE_ERROR_DAMAGED, "The server’s own file");
  g_assert_cmpuint (nocobase_fake_count (self->fake, "GET backupFiles:download"), ==, 2);
}

/* A name that leads elsewhere is never sent. */
static void
test_bad_names (Fixture *self, gconstpointer data)
{
  static const char *const NAMES[] = { "../secret.nbdump", "a/b.nbdump", "..nbdump", "x.tar", "" };

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autoptr (RepriseBackup) backup = reprise_backup_new (OLD_NAME, NULL, "nocobase");
      g_autoptr (GError) error = NULL;

      g_object_set (backup, "own-name", NAMES[i], "on-service", TRUE, NULL);
      g_assert_false (
        reprise_provider_delete_backup (self->provider, backup, self->progress, NULL, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
}

/* --- archives of this computer --- */

/* The fake's own .nbdump, or a recording. */
static RepriseArchive *
open_sample (Fixture *self, const char *name)
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

static void
test_upload (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = open_sample (self, "all-groups.nbdump");
  g_autoptr (RepriseArchive) whole = open_sample (self, "manager-plain.nbdata");
  g_autoptr (RepriseBackup) made = NULL, none = NULL;
  g_autoptr (GError) error = NULL;

  made = reprise_provider_upload (self->provider, archive, self->progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (made);
  g_assert_cmpuint (nocobase_fake_get_n_uploaded (self->fake), ==, 1);
  assert_warned (self, "does not list it");
  none = reprise_provider_upload (self->provider, whole, self->progress, NULL, &error);
  g_assert_null (none);
  assert_says (error, REPRISE_ERROR_REFUSED, "restores at once what is uploaded");
  g_clear_error (&error);
  self->fake->read_another = TRUE;
  none = reprise_provider_upload (self->provider, archive, self->progress, NULL, &error);
  g_assert_null (none);
  assert_says (error, REPRISE_ERROR_PROTOCOL, "read another archive");
}

static ReprisePlan *
plan_with (Fixture *self,
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

static ReprisePlan *
plan (Fixture *self, const char *sample, RepriseGroups groups, const char *option)
{
  g_autoptr (RepriseArchive) archive = open_sample (self, sample);
  g_autoptr (GError) error = NULL;
  ReprisePlan *made = plan_with (self, archive, groups, option, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
  return made;
}

static const RepriseCheck *
find_check (ReprisePlan *made, const char *id, RepriseCheckResult result)
{
  for (guint i = 0; i < reprise_plan_get_n_checks (made); i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (made, i);

      if (strcmp (check->id, id) == 0 && check->result == result)
        return check;
    }
  return NULL;
}

static void
assert_refused (ReprisePlan *made, const char *id, const char *part)
{
  const RepriseCheck *check = find_check (made, id, REPRISE_CHECK_REFUSED);

  g_assert_true (reprise_plan_is_refused (made));
  if (check == NULL || strstr (check->text, part) == NULL)
    g_error ("“%s” is not refused because of “%s”, but: %s", id, part,
             check != NULL ? check->text : "not at all");
}

static const ReprisePlanRow *
find_group_row (ReprisePlan *made, RepriseGroup group)
{
  for (guint i = 0; i < reprise_plan_get_n_rows (made); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (made, i);

      if (row->group == group && row->collection == NULL)
        return row;
    }
  g_error ("no row of group %d", group);
}

/* The pairings that cannot work, each told beforehand; nothing is written by any plan. */
static void
test_pairings (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *sample, *version, *dialect, *option, *check, *part;
  } PAIRINGS[] = {
    { "all-groups.nbdump", "2.2.15", "postgres", NULL, "old-restore", "From NocoBase 2 on" },
    { "all-groups.nbdump", "2.2.15", "mysql", "allow", "engine",
      "database postgres, and the server has mysql" },
    { "all-groups.nbdump", "2.2.14", "postgres", "allow", "version", "newer than the server" },
    { "all-groups.nbdump", "1.9.33", "postgres", NULL, "version", "newer than the server" },
    { "manager-plain.nbdata", "2.2.15", "postgres", NULL, "plugin", "needs the Backup manager" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (PAIRINGS); i++)
    {
      g_autoptr (ReprisePlan) made = NULL;

      self->fake->version = PAIRINGS[i].version;
      self->fake->dialect = PAIRINGS[i].dialect;
      renew (self);
      made = plan (self, PAIRINGS[i].sample, REPRISE_GROUPS_NONE, PAIRINGS[i].option);
      assert_refused (made, PAIRINGS[i].check, PAIRINGS[i].part);
    }
}

/* Upgrades are told, and go. */
static void
test_older_archive (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  self->fake->version = "2.3.1";
  made = plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  g_assert_nonnull (find_check (made, "version", REPRISE_CHECK_WARNING));
  g_assert_false (reprise_plan_is_refused (made));
}

/* How its database is set shows in what it made itself. */
static void
test_environment (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  nocobase_fake_add (self->fake, OLD_NAME, FALSE);
  self->fake->underscored = TRUE;
  made = plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  assert_refused (made, "environment", "DB_UNDERSCORED=false");
}

static void
test_missing_plugin (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  self->fake->lacks_plugin = "@nocobase/plugin-map";
  made = plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  g_assert_nonnull (
    strstr (find_check (made, "plugins", REPRISE_CHECK_WARNING)->text, "plugin-map"));
}

/* Required always comes along, and the plan says so; the others stay. */
static void
test_plan_of_groups (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made =
    plan (self, "all-groups.nbdump", REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), "allow");
  g_auto (GStrv) losses = reprise_plan_dup_losses (made);

  g_assert_false (reprise_plan_is_refused (made));
  g_assert_cmpint (find_group_row (made, REPRISE_GROUP_REQUIRED)->action, ==,
                   REPRISE_PLAN_REPLACED);
  g_assert_nonnull (strstr (find_group_row (made, REPRISE_GROUP_REQUIRED)->text,
                            "always restores the required group"));
  g_assert_cmpint (find_group_row (made, REPRISE_GROUP_CUSTOM)->backup, ==, 800);
  g_assert_cmpint (find_group_row (made, REPRISE_GROUP_USER)->action, ==, REPRISE_PLAN_LEFT_ALONE);
  g_assert_true (has_part (losses, "authors that are not there"));
}

/* Where the old restore would end the server's process nothing allows it. */
static void
test_killing_restore (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (made, "old-restore", "hides that of the old plugin");
  journal = reprise_journal_create (reprise_service_get_uuid (self->service), "job", &error);
  g_assert_no_error (error);
  outcome = reprise_provider_restore (self->provider, made, journal, self->progress, NULL, &error);
  g_assert_null (outcome);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
}

/* It is on the disk though not enabled: its command hides the other all the same. */
static void
test_killing_package (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = NULL;

  self->fake->new_on_disk = TRUE;
  made = plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  assert_refused (made, "old-restore", "hides that of the old plugin");
}

/* The usual case: an old archive, and a server of 2.x as it ships. */
static void
test_dump_to_stock (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = plan (self, "all-groups.nbdump", REPRISE_GROUPS_NONE, "allow");
  const RepriseCheck *check = find_check (made, "plugin", REPRISE_CHECK_REFUSED);

  assert_refused (made, "plugin", "has the Backup manager in its place");
  g_assert_nonnull (strstr (check->help, "Restore it into a server of NocoBase 1.x"));
}

static void
test_whole_only (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made =
    plan (self, "manager-plain.nbdata", REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), NULL);

  assert_refused (made, "groups", "only be restored as a whole");
}

static void
test_needs_password (Fixture *self, gconstpointer data)
{
  g_autoptr (ReprisePlan) made = plan (self, "manager-encrypted.nbdata", REPRISE_GROUPS_NONE, NULL);
  g_autoptr (ReprisePlan) good = NULL, wrong = NULL;

  assert_refused (made, "password", "encrypted");
  give_secret (self, "archive-password", "wrong");
  renew (self);
  wrong = plan (self, "manager-encrypted.nbdata", REPRISE_GROUPS_NONE, NULL);
  g_assert_true (reprise_plan_is_refused (wrong));
  give_secret (self, "archive-password", "s3cret pass");
  renew (self);
  good = plan (self, "manager-encrypted.nbdata", REPRISE_GROUPS_NONE, NULL);
  g_assert_false (reprise_plan_is_refused (good));
}

/* --- restores --- */

static RepriseOutcome *
restore (Fixture *self, const char *sample, GError **error)
{
  gboolean old = g_str_has_suffix (sample, ".nbdump");
  g_autoptr (ReprisePlan) made = plan (self, sample, REPRISE_GROUPS_NONE, old ? "allow" : NULL);
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (GError) local = NULL;
  RepriseOutcome *outcome;

  g_assert_false (reprise_plan_is_refused (made));
  journal = reprise_journal_create (reprise_service_get_uuid (self->service), "job", &local);
  g_assert_no_error (local);
  outcome = reprise_provider_restore (self->provider, made, journal, self->progress, NULL, error);
  g_assert_true (reprise_journal_close (journal, &local));
  return outcome;
}

static const char *
get_sample (gconstpointer data)
{
  return ((const Plugins *) data)->has_old ? "all-groups.nbdump" : "manager-plain.nbdata";
}

/* 503 with its text on the way is progress, and all rows are counted afterwards. */
static void
test_restore (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome = restore (self, get_sample (data), &error);
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_cmpuint (nocobase_fake_get_n_restored (self->fake), ==, 1);
  reprise_progress_get_snapshot (self->progress, &snapshot);
  g_assert_cmpint (snapshot.phase, ==, REPRISE_PHASE_COMPARING);
  if (data == &OLD)
    {
      g_autofree char *body = nocobase_fake_dup_body (self->fake);

      g_assert_cmpint (outcome->written, ==, 954);
      g_assert_nonnull (strstr (body, "\"key\":\"179525611377742895531762805716\""));
      g_assert_nonnull (strstr (body, "\"required\""));
    }
}

static void
check_end (Fixture *self, gconstpointer data, NocobaseFakeEnd end, int code, const char *part)
{
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->end = end;
  outcome = restore (self, get_sample (data), &error);
  g_assert_null (outcome);
  assert_says (error, code, part);
  /* whatever came of it, it was asked for once */
  g_assert_cmpuint (
    nocobase_fake_count (self->fake, data == &OLD ? "backupFiles:restore" : "POST backups:upload"),
    ==, 1);
}

/* The reason is said only over the web socket (old), or in the answer (new). */
static void
test_restore_refused (Fixture *self, gconstpointer data)
{
  check_end (self, data, NOCOBASE_FAKE_REFUSES, REPRISE_ERROR_REFUSED,
             data == &OLD
               ? "nothing was changed: this backup file can only be imported in database mysql"
               : "database schema mismatch");
}

static void
test_restore_broken (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  check_end (self, data, NOCOBASE_FAKE_BREAKS, REPRISE_ERROR_BROKEN,
             "serves nothing any more until its administrator restarts it");
  renew (self);
  contents = list_groups (self, &error);
  g_assert_null (contents);
  assert_says (error, REPRISE_ERROR_BROKEN, "must be restarted by its administrator");
}

/* The connection is lost, as proxies cut it, and the work goes on: its health tells. */
static void
test_restore_cut (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->end = NOCOBASE_FAKE_CUT;
  outcome = restore (self, get_sample (data), &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_cmpuint (nocobase_fake_get_n_restored (self->fake), ==, 1);
}

/* Its process ended in the middle: that the rows are as many as they were proves nothing. */
static void
test_restore_dies (Fixture *self, gconstpointer data)
{
  check_end (self, data, NOCOBASE_FAKE_DIES, REPRISE_ERROR_FAILED,
             "stopped in the middle of the restore");
}

static void
test_restore_goes_back (Fixture *self, gconstpointer data)
{
  check_end (self, data, NOCOBASE_FAKE_GOES_BACK, REPRISE_ERROR_FAILED,
             "went back to the data from before: pg_restore");
}

static void
test_restore_loses (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->end = NOCOBASE_FAKE_LOSES;
  outcome = restore (self, get_sample (data), &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 7);
  assert_warned (self, "“peerOrders” has 493 rows now, and 500 in the backup");
}

/* --- faults --- */

typedef enum
{
  LISTING,
  DOWNLOAD,
  UPLOAD,
  RESTORE,
} Operation;

static const char *const ACTIONS[] = { "backupFiles:list", "backupFiles:download",
                                       "backupFiles:upload", "backupFiles:restore" };

static void
print_head (RepriseFaultCall *call, const char *type, const char *headers)
{
  reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%s\r\n", type, headers);
}

static void
write_half (RepriseFaultCall *call, GBytes *body)
{
  reprise_fault_write (call, g_bytes_get_data (body, NULL), g_bytes_get_size (body) / 2);
}

/* H1 */
static void
cut_between_chunks (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Transfer-Encoding: chunked\r\n");
  reprise_fault_print (call, "%zx\r\n", g_bytes_get_size (body) / 2);
  write_half (call, body);
  reprise_fault_print (call, "\r\n");
  reprise_fault_close (call);
}

static void
bad_chunk_size (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Transfer-Encoding: chunked\r\n");
  reprise_fault_print (call, "%zx\r\n", g_bytes_get_size (body) / 2);
  write_half (call, body);
  reprise_fault_print (call, "\r\nzz\r\nabc\r\n0\r\n\r\n");
  reprise_fault_close (call);
}

static void
without_length (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Connection: close\r\n");
  write_half (call, body);
  reprise_fault_close (call);
}

/* A whole answer by its own word, and only half of the archive. */
static void
half_in_chunks (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Transfer-Encoding: chunked\r\n");
  reprise_fault_print (call, "%zx\r\n", g_bytes_get_size (body) / 2);
  write_half (call, body);
  reprise_fault_print (call, "\r\n0\r\n\r\n");
}

/* H2 */
static void
gzipped (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  print_head (call, type, "Content-Encoding: gzip\r\nContent-Length: 20\r\n");
  reprise_fault_write (call, "\037\213\010\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0", 20);
}

/* H3: a kept connection that is gone when it is used */
static void
dead_connection (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_reset (call);
}

static void
empty_reply (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_close (call);
}

/* H4 */
static void
redirected (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  g_autofree char *address = reprise_fault_server_dup_address (fake->other);

  reprise_fault_print (call, "HTTP/1.1 302 X\r\nLocation: %sstolen\r\nContent-Length: 0\r\n\r\n",
                       address);
}

/* H7 */
static void
sign_in_page (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (call, 200, "text/html; charset=utf-8",
                        "<!DOCTYPE html><title>Sign in</title>");
}

static void
disguised_page (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (call, 200, type, "<html>Welcome to the proxy</html>");
}

static void
bad_gateway (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (call, 502, "text/html", "<html>Bad Gateway</html>");
}

static void
not_authorised (NocobaseFake *fake, RepriseFaultCall *call, GBytes *body, const char *type)
{
  reprise_fault_answer (
    call, 401, "application/json",
    "{\"errors\":[{\"message\":\"Your session has expired\",\"code\":\"EXPIRED_SESSION\"}]}");
}

typedef struct
{
  const char *name;
  NocobaseFakeFault make;
  gboolean passes; /* once, in what is read: it is got over */
} Fault;

static const Fault FAULTS[] = {
  { "cut-between-chunks", cut_between_chunks, TRUE },
  { "bad-chunk-size", bad_chunk_size, TRUE },
  { "without-length", without_length, TRUE },
  { "half-in-chunks", half_in_chunks, TRUE },
  { "gzipped", gzipped, FALSE },
  { "dead-connection", dead_connection, TRUE },
  { "empty-reply", empty_reply, TRUE },
  { "redirected", redirected, FALSE },
  { "sign-in-page", sign_in_page, FALSE },
  { "disguised-page", disguised_page, FALSE },
  { "bad-gateway", bad_gateway, TRUE },
  { "not-authorised", not_authorised, TRUE },
};

static void
handle_stolen (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 200, "application/json", "{}");
}

/* Carries the operation out. What claims to have gone well is proven. */
static gboolean
operate (Fixture *self, Operation operation, GError **error)
{
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (RepriseBackup) made = NULL;

  switch (operation)
    {
    case LISTING:
      list = reprise_provider_list_backups (self->provider, self->progress, NULL, error);
      g_assert_true (list == NULL || list->len == 1);
      return list != NULL;
    case DOWNLOAD:
      writer = begin (self);
      if (!download (self, OLD_NAME, writer, error))
        return FALSE;
      assert_same_bytes (self, writer, OLD_NAME);
      return TRUE;
    case UPLOAD:
      archive = open_sample (self, "all-groups.nbdump");
      made = reprise_provider_upload (self->provider, archive, self->progress, NULL, error);
      g_assert_true (made == NULL || nocobase_fake_get_n_uploaded (self->fake) > 0);
      return made != NULL;
    case RESTORE:
    default:
      outcome = restore (self, "all-groups.nbdump", error);
      g_assert_true (outcome == NULL || nocobase_fake_get_n_restored (self->fake) == 1);
      return outcome != NULL;
    }
}

/* Once, then always: proof, a clean retry, or a clean failure. What writes is never sent again by itself. */
static void
play (Fixture *self, const Fault *fault, Operation operation, int times)
{
  g_autoptr (RepriseFaultServer) other = reprise_fault_server_new (handle_stolen, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;
  gboolean done;

  self->fake->other = other;
  self->fake->fault = fault->make;
  self->fake->fault_action = ACTIONS[operation];
  self->fake->fault_times = times;
  nocobase_fake_forget (self->fake);
  renew (self);
  done = operate (self, operation, &error);
  g_test_message ("%s of %s, %d times: %s", fault->name, ACTIONS[operation], times,
                  done ? "done" : error->message);
  if (done == (error != NULL) || (done && times < 0))
    g_error ("%s of %s, %d times: %s", fault->name, ACTIONS[operation], times,
             done ? "it went well, which cannot be" : "no reason");
  if (times == 1 && operation <= DOWNLOAD && fault->passes)
    g_assert_true (done);
  if (!done)
    {
      g_assert_cmpint (strlen (error->message), >, 15);
      assert_discreet (self, error->message);
    }
  /* a 401 was answered before anything was done: then, and only then, once more */
  if (operation >= UPLOAD)
    g_assert_cmpuint (nocobase_fake_count (self->fake, ACTIONS[operation]), <=,
                      fault->make == not_authorised ? 2 : 1);
  heads = reprise_fault_server_dup_heads (other);
  g_assert_null (strstr (heads, "Bearer"));
  self->fake->fault = NULL;
}

static void
play_all (Fixture *self, Operation operation)
{
  nocobase_fake_add (self->fake, OLD_NAME, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (FAULTS); i++)
    {
      play (self, &FAULTS[i], operation, 1);
      if (operation <= DOWNLOAD)
        play (self, &FAULTS[i], operation, -1);
    }
}

static void
test_faults_list (Fixture *self, gconstpointer data)
{
  play_all (self, LISTING);
}

static void
test_faults_download (Fixture *self, gconstpointer data)
{
  play_all (self, DOWNLOAD);
}

static void
test_faults_upload (Fixture *self, gconstpointer data)
{
  play_all (self, UPLOAD);
}

/* Those that differ in what may have become of it. */
static void
test_faults_restore (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (FAULTS); i++)
    if (FAULTS[i].make == cut_between_chunks || FAULTS[i].make == empty_reply ||
        FAULTS[i].make == sign_in_page || FAULTS[i].make == bad_gateway ||
        FAULTS[i].make == redirected || FAULTS[i].make == not_authorised)
      play (self, &FAULTS[i], RESTORE, 1);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  reprise_http_set_default_backoff (2, 10);
#define ADD(name, plugins, func) \
  g_test_add ("/nocobase-provider/" name, Fixture, &plugins, set_up, func, tear_down)
  ADD ("probe/old", OLD, test_probe);
  ADD ("probe/new", NEW, test_probe);
  ADD ("probe/both", BOTH, test_probe);
  ADD ("probe/neither", NEITHER, test_probe);
  ADD ("plugins/neither", NEITHER, test_neither);
  ADD ("plugins/denied", NEW, test_denied);
  ADD ("plugins/enable", NEITHER, test_enable);
  ADD ("plugins/side-by-side", BOTH, test_side_by_side);
  ADD ("sign-in/wrong-password", OLD, test_wrong_password);
  ADD ("sign-in/key", OLD, test_key);
  ADD ("sign-in/expired", OLD, test_expired);
  ADD ("sign-in/role", OLD, test_role);
  ADD ("sign-in/application", OLD, test_application);
  ADD ("list/stale", OLD, test_stale);
  ADD ("list/orphan", NEW, test_orphan);
  ADD ("list/bad-names", OLD, test_bad_names);
  ADD ("back-up/groups", OLD, test_back_up_groups);
  ADD ("back-up/data-types", OLD, test_data_types);
  ADD ("back-up/whole", NEW, test_back_up_whole);
  ADD ("back-up/fails/old", OLD, test_create_fails);
  ADD ("back-up/fails/new", NEW, test_create_fails);
  ADD ("back-up/encrypts", NEW, test_encrypts);
  ADD ("download/damaged", OLD, test_damaged);
  ADD ("upload", OLD, test_upload);
  ADD ("plan/pairings", OLD, test_pairings);
  ADD ("plan/older-archive", OLD, test_older_archive);
  ADD ("plan/environment", OLD, test_environment);
  ADD ("plan/missing-plugin", OLD, test_missing_plugin);
  ADD ("plan/groups", OLD, test_plan_of_groups);
  ADD ("plan/killing-restore", BOTH, test_killing_restore);
  ADD ("plan/killing-package", OLD, test_killing_package);
  ADD ("plan/dump-to-stock", NEW, test_dump_to_stock);
  ADD ("plan/whole-only", NEW, test_whole_only);
  ADD ("plan/password", NEW, test_needs_password);
  ADD ("restore/old", OLD, test_restore);
  ADD ("restore/new", NEW, test_restore);
  ADD ("restore/refused/old", OLD, test_restore_refused);
  ADD ("restore/refused/new", NEW, test_restore_refused);
  ADD ("restore/broken/old", OLD, test_restore_broken);
  ADD ("restore/broken/new", NEW, test_restore_broken);
  ADD ("restore/cut/old", OLD, test_restore_cut);
  ADD ("restore/cut/new", NEW, test_restore_cut);
  ADD ("restore/dies/old", OLD, test_restore_dies);
  ADD ("restore/dies/new", NEW, test_restore_dies);
  ADD ("restore/goes-back", NEW, test_restore_goes_back);
  ADD ("restore/loses/old", OLD, test_restore_loses);
  ADD ("faults/list", OLD, test_faults_list);
  ADD ("faults/download", OLD, test_faults_download);
  ADD ("faults/upload", OLD, test_faults_upload);
  ADD ("faults/restore", OLD, test_faults_restore);
  return g_test_run ();
}
