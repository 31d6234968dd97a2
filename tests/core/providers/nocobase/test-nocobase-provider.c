/* test-nocobase-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "providers/nocobase/nocobase-fake.h"
#include "providers/nocobase/nocobase-fixture.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

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
probe (NocobaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseProbe *found = reprise_provider_probe (self->provider, self->progress, NULL, &error);

  g_assert_no_error (error);
  return found;
}

static void
test_probe (NocobaseFixture *self, gconstpointer data)
{
  const NocobasePlugins *plugins = data;
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

static gboolean
back_up (NocobaseFixture *self, RepriseGroups groups, RepriseVaultWriter *writer, GError **error)
{
  return reprise_provider_back_up (self->provider, groups, writer, NULL, self->progress, NULL,
                                   error);
}

static void
test_neither (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_null (contents);
  reprise_test_assert_says (error, REPRISE_ERROR_REFUSED, "No plugin for backups is enabled");
}

/* Not allowed is told from not enabled, and nobody offers to enable it. */
static void
test_denied (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseProbe) found = NULL;
  g_autoptr (GError) error = NULL;

  self->fake->denied = TRUE;
  found = probe (self);
  g_assert_cmpstr (get_fact (found, "Backup manager"), ==, "enabled, but not for this account");
  g_assert_nonnull (strstr (found->warnings->pdata[0], "needs a role with the right"));
  nocobase_fixture_renew (self);
  g_assert_false (back_up (self, REPRISE_GROUPS_ALL, NULL, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_DENIED, "needs a role with the right");
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
back_up_answering (NocobaseFixture *self, const char *answer, GError **error)
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
test_enable (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->fake->new_on_disk = self->fake->old_on_disk = TRUE;
  g_assert_false (back_up_answering (self, "cancel", &error));
  reprise_test_assert_says (error, REPRISE_ERROR_REFUSED, "Enable “backups” in its plugin manager");
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
  g_clear_error (&error);

  nocobase_fixture_renew (self);
  g_assert_true (back_up_answering (self, "enable", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST pm:enable"), ==, 1);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST backups:create"), ==, 1);
}

/* --- sign-in --- */

static void
assert_groups (NocobaseFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents = nocobase_fixture_list_groups (self, &error);

  g_assert_no_error (error);
  g_assert_cmpint (
    reprise_collection_get_rows (reprise_contents_find (contents, "peerOrders", NULL)), ==, 500);
}

static void
test_wrong_password (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  nocobase_fixture_give_secret (self, "password", "wrong");
  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_null (contents);
  reprise_test_assert_says (error, REPRISE_ERROR_NEEDS_SIGN_IN, "password is incorrect");
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), ==, 1);
}

static void
test_key (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, "sign-in", "api-key");
  nocobase_fixture_give_secret (self, "api-key", "key");
  nocobase_fixture_renew (self);
  assert_groups (self);
  nocobase_fixture_give_secret (self, "api-key", "taken-back");
  nocobase_fixture_renew (self);
  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_null (contents);
  reprise_test_assert_says (error, REPRISE_ERROR_NEEDS_SIGN_IN, "does not accept the API key");
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), ==, 0);
}

/* Tokens that serve only a few requests: renewed by a header, or by another sign-in, without a failure. */
static void
test_expired (NocobaseFixture *self, gconstpointer data)
{
  self->fake->token_life = 4;
  assert_groups (self);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), >, 3);
  self->fake->renews = TRUE;
  nocobase_fake_forget (self->fake);
  nocobase_fixture_renew (self);
  assert_groups (self);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "auth:signIn"), ==, 1);
}

static void
test_role (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, "role", "nobody");
  nocobase_fixture_renew (self);
  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_null (contents);
  reprise_test_assert_says (error, REPRISE_ERROR_DENIED, "does not have the role “nobody”");
}

static void
test_application (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (self->service, "app", "branch");
  nocobase_fixture_renew (self);
  assert_groups (self);
  reprise_service_set_setting (self->service, "app", "nowhere");
  nocobase_fixture_renew (self);
  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_null (contents);
  reprise_test_assert_says (error, REPRISE_ERROR_NOT_FOUND, "no sub-application “nowhere”");
}

/* --- backups --- */

static GPtrArray *
list_backups (NocobaseFixture *self)
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
test_stale (NocobaseFixture *self, gconstpointer data)
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
  reprise_test_assert_says (error, REPRISE_ERROR_BUSY, "still making");
  g_clear_error (&error);
  g_assert_true (reprise_provider_delete_backup (self->provider, find_backup (list, STALE_NAME),
                                                 self->progress, NULL, &error));
  g_assert_no_error (error);
  after = list_backups (self);
  g_assert_cmpuint (after->len, ==, 2);
}

/* Whose work the new plugin does not know any more is nobody's. */
static void
test_orphan (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;

  nocobase_fake_add (self->fake, NEW_NAME, TRUE);
  list = list_backups (self);
  g_assert_true (reprise_backup_get_stale (find_backup (list, NEW_NAME)));
}

static void
test_back_up_groups (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = nocobase_fixture_begin (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) made = NULL;
  g_autofree char *seen = NULL;

  g_assert_true (back_up (
    self, REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED) | REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM),
    writer, &error));
  g_assert_no_error (error);
  nocobase_fixture_assert_same_bytes (self, writer, OLD_NAME);
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
test_data_types (NocobaseFixture *self, gconstpointer data)
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
test_back_up_whole (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = nocobase_fixture_begin (self);
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (reprise_contents_get_locked (contents), "groups cannot be chosen"));
  g_assert_false (back_up (self, REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), NULL, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_REFUSED, "groups cannot be chosen");
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->fake), ==, 0);
  g_clear_error (&error);
  g_assert_true (back_up (self, REPRISE_GROUPS_ALL, writer, &error));
  g_assert_no_error (error);
  nocobase_fixture_assert_same_bytes (self, writer, NEW_NAME);
}

static void
test_side_by_side (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GError) error = NULL;

  contents = nocobase_fixture_list_groups (self, &error);
  g_assert_no_error (error);
  g_assert_null (reprise_contents_get_locked (contents));
  g_assert_true (back_up (self, REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), NULL, &error));
  g_assert_no_error (error);
  nocobase_fixture_assert_warned (self, "cannot be restored on this server");
  nocobase_fixture_renew (self);
  g_assert_true (back_up (self, REPRISE_GROUPS_ALL, NULL, &error));
  g_assert_no_error (error);
  list = list_backups (self);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST backupFiles:create"), ==, 1);
  g_assert_cmpuint (nocobase_fake_count (self->fake, "POST backups:create"), ==, 1);
}

/* The old plugin does not say that it failed: the entry is gone. The new one says why. */
static void
test_create_fails (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->fake->create_fails = TRUE;
  g_assert_false (back_up (self, REPRISE_GROUPS_ALL, NULL, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_FAILED,
                            data == &OLD ? "does not say why" : "pg_dump: no space");
}

/* The server encrypts, and nobody has the password: the backup is whole, and cannot be restored without it. */
static void
test_encrypts (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseProbe) found = NULL;

  self->fake->encrypts = "s3cret pass";
  found = probe (self);
  for (guint i = 0; i < found->facts->len; i++)
    g_assert_null (strstr (((RepriseFact *) found->facts->pdata[i])->value, "s3cret"));
}

/* Its own file is cut: the same bytes came twice, so it is not the way that is bad. */
static void
test_damaged (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseVaultWriter) writer = nocobase_fixture_begin (self);
  g_autoptr (GError) error = NULL;

  nocobase_fake_add (self->fake, OLD_NAME, FALSE);
  self->fake->damaged = TRUE;
  g_assert_false (nocobase_fixture_download (self, OLD_NAME, writer, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_DAMAGED, "The server’s own file");
  g_assert_cmpuint (nocobase_fake_count (self->fake, "GET backupFiles:download"), ==, 2);
}

/* A name that leads elsewhere is never sent. */
static void
test_bad_names (NocobaseFixture *self, gconstpointer data)
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

static void
test_upload (NocobaseFixture *self, gconstpointer data)
{
  g_autoptr (RepriseArchive) archive = nocobase_fixture_open_sample (self, "all-groups.nbdump");
  g_autoptr (RepriseArchive) whole = nocobase_fixture_open_sample (self, "manager-plain.nbdata");
  g_autoptr (RepriseBackup) made = NULL, none = NULL;
  g_autoptr (GError) error = NULL;

  made = reprise_provider_upload (self->provider, archive, self->progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (made);
  g_assert_cmpuint (nocobase_fake_get_n_uploaded (self->fake), ==, 1);
  nocobase_fixture_assert_warned (self, "does not list it");
  none = reprise_provider_upload (self->provider, whole, self->progress, NULL, &error);
  g_assert_null (none);
  reprise_test_assert_says (error, REPRISE_ERROR_REFUSED, "restores at once what is uploaded");
  g_clear_error (&error);
  self->fake->read_another = TRUE;
  none = reprise_provider_upload (self->provider, archive, self->progress, NULL, &error);
  g_assert_null (none);
  reprise_test_assert_says (error, REPRISE_ERROR_PROTOCOL, "read another archive");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  reprise_http_set_default_backoff (2, 10);
#define ADD(name, plugins, func)                                                              \
  g_test_add ("/nocobase-provider/" name, NocobaseFixture, &plugins, nocobase_fixture_set_up, \
              func, nocobase_fixture_tear_down)
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
  return g_test_run ();
}
