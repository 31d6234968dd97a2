/* test-nocobase-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/nocobase/nocobase-fake.h"
#include "provider/reprise-scratch.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-provider.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"

static const RepriseNocobasePace PACE = {
  .poll_ms = 10,
  .broken_ms = 500,
  .gone_ms = 5000,
  .settle_ms = 300, /* longer than a slow machine takes between two of its commands */
  .quick_ms = 80,
};

/* One of the two servers. */
typedef struct
{
  NocobaseFake *fake;
  RepriseService *service;
  RepriseProvider *provider;
} Side;

typedef struct
{
  Side own, stage;
  RepriseKind *kind;
  RepriseProgress *progress;
  char *folder;
} Fixture;

typedef struct
{
  gboolean has_old, has_new;
} Plugins;

static const Plugins OLD = { TRUE, FALSE }, NEW = { FALSE, TRUE };

static void
give (Side *side, const char *kind, const char *text)
{
  reprise_test_give_secret (side->service, kind, text);
}

static void
attach (Fixture *self, Side *side)
{
  g_clear_object (&side->provider);
  side->provider = reprise_kind_create_provider (self->kind, side->service, NULL);
  reprise_nocobase_provider_set_pace (REPRISE_NOCOBASE_PROVIDER (side->provider), &PACE);
}

static void
set_up_side (Fixture *self, Side *side, const Plugins *plugins, const char *name)
{
  g_autofree char *address = NULL;

  side->fake = nocobase_fake_new (plugins->has_old, plugins->has_new);
  address = nocobase_fake_dup_address (side->fake);
  side->service = reprise_service_new (NULL, "nocobase", name);
  reprise_service_set_setting (side->service, "address", address);
  reprise_service_set_setting (side->service, "account", "root");
  give (side, "password", "correct horse");
  attach (self, side);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  reprise_test_forgive_soup ();
  self->folder = reprise_test_make_folder ();
  self->kind = g_object_new (REPRISE_TYPE_NOCOBASE_KIND, NULL);
  self->progress = reprise_progress_new ();
  set_up_side (self, &self->own, data, "Site");
  set_up_side (self, &self->stage, data, "Test");
}

static void
tear_down_side (Side *side)
{
  g_clear_object (&side->provider);
  g_clear_object (&side->service);
  nocobase_fake_free (side->fake);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *log = reprise_progress_dup_log_text (self->progress);

  g_assert_true (log == NULL || strstr (log, "correct horse") == NULL);
  tear_down_side (&self->own);
  tear_down_side (&self->stage);
  g_clear_object (&self->kind);
  g_clear_object (&self->progress);
  reprise_test_remove_folder (self->folder);
}

static RepriseArchive *
open_archive (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (GError) error = NULL;

  if (((const Plugins *) data)->has_old)
    {
      GBytes *bytes = nocobase_fake_get_archive (self->own.fake, "all-groups.nbdump");

      path = g_build_filename (self->folder, "all-groups.nbdump", NULL);
      g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                           &error);
    }
  else
    path = reprise_test_data ("nocobase/manager-plain.nbdata");
  g_assert_no_error (error);
  archive = reprise_archive_new_for_file ("nocobase", path);
  g_assert_true (reprise_kind_inspect (self->kind, archive, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  return g_steal_pointer (&archive);
}

static RepriseOutcome *
rehearse_on (Fixture *self, RepriseProvider *stage, gconstpointer data, GError **error)
{
  g_autoptr (RepriseArchive) archive = open_archive (self, data);
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseJournal) record =
    reprise_scratch_open (reprise_service_get_uuid (self->own.service), NULL);
  RepriseRehearsal how = { .options = options, .stage = stage, .record = record };
  RepriseOutcome *outcome;

  g_hash_table_insert (options, (gpointer) "old-restore", (gpointer) "allow");
  g_hash_table_insert (options, (gpointer) "app", (gpointer) "branch"); /* it stays where it is */
  outcome =
    reprise_provider_rehearse (self->own.provider, archive, &how, self->progress, NULL, error);
  g_assert_true (reprise_scratch_close (record, NULL));
  g_assert_null (reprise_scratch_open_left (reprise_service_get_uuid (self->own.service), NULL));
  return outcome;
}

static RepriseOutcome *
rehearse (Fixture *self, gconstpointer data, GError **error)
{
  return rehearse_on (self, self->stage.provider, data, error);
}

/* The service itself was not even asked to do anything. */
static void
assert_untouched (Fixture *self)
{
  g_assert_cmpuint (nocobase_fake_get_n_writes (self->own.fake), ==, 0);
  g_assert_cmpuint (nocobase_fake_get_n_restored (self->own.fake), ==, 0);
  g_assert_cmpuint (nocobase_fake_get_n_uploaded (self->own.fake), ==, 0);
}

static void
test_rehearse (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome = rehearse (self, data, &error);

  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  g_assert_nonnull (strstr (outcome->summary, "0 differences"));
  g_assert_cmpuint (nocobase_fake_get_n_restored (self->stage.fake), ==, 1);
  assert_untouched (self);
}

/* One collection lacks rows. */
static void
test_differs (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  self->stage.fake->end = NOCOBASE_FAKE_LOSES;
  outcome = rehearse (self, data, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, >, 0);
  g_assert_nonnull (strstr (outcome->summary, "not have the backup’s rows"));
  assert_untouched (self);
}

static void
test_fails (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->stage.fake->end = NOCOBASE_FAKE_BREAKS;
  g_assert_null (rehearse (self, data, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_BROKEN);
  assert_untouched (self);
}

static void
assert_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  attach (self, &self->stage);
  g_assert_null (rehearse (self, data, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "very application"));
  assert_untouched (self);
}

/* The application itself, under whatever address it is entered a second time */
static void
test_itself (Fixture *self, gconstpointer data)
{
  static const char *const ALIASES[] = { "127.0.0.1", "localhost", "LOCALHOST" };
  g_autofree char *address = nocobase_fake_dup_address (self->own.fake);
  g_autoptr (GUri) uri = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ALIASES); i++)
    {
      g_autofree char *alias = g_strdup_printf ("http://%s:%d/", ALIASES[i], g_uri_get_port (uri));

      reprise_service_set_setting (self->stage.service, "address", alias);
      assert_refused (self, data);
    }
}

/* Without one, or with the provider itself in its place */
static void
test_no_stage (Fixture *self, gconstpointer data)
{
  RepriseProvider *const none[] = { NULL, self->own.provider };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (rehearse_on (self, none[i], data, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
    }
  assert_untouched (self);
}

/* What only the server has would be looked for among the backups of the test server. */
static void
test_on_server (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("b", NULL, "nocobase");
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseJournal) record = reprise_scratch_open ("x", NULL);
  RepriseRehearsal how = { .stage = self->stage.provider, .record = record };
  g_autoptr (GError) error = NULL;

  g_object_set (backup, "own-name", "backup_20260101_102531_6608.nbdata", "on-service", TRUE, NULL);
  archive = reprise_archive_new_for_backup (backup, NULL);
  g_assert_null (
    reprise_provider_rehearse (self->own.provider, archive, &how, self->progress, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_cmpuint (nocobase_fake_get_n_restored (self->stage.fake), ==, 0);
  g_assert_true (reprise_scratch_close (record, NULL));
}

static void
test_missing (Fixture *self, gconstpointer data)
{
  g_autofree char *reason = reprise_kind_explain_no_rehearsal (self->kind, self->own.service);
  g_autofree char *none = NULL;

  g_assert_nonnull (strstr (reason, "Name a test service"));
  reprise_service_set_setting (self->own.service, REPRISE_KIND_SETTING_REHEARSE_ON, "u");
  none = reprise_kind_explain_no_rehearsal (self->kind, self->own.service);
  g_assert_cmpstr (none, ==, NULL);
}

#define ADD(name, plugins, test) \
  g_test_add ("/nocobase-rehearse/" name, Fixture, &plugins, set_up, test, tear_down)
#define ADD_BOTH(name, test)      \
  {                               \
    ADD (name "/old", OLD, test); \
    ADD (name "/new", NEW, test); \
  }

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  ADD_BOTH ("rehearse", test_rehearse);
  ADD_BOTH ("differs", test_differs);
  ADD ("fails", OLD, test_fails);
  ADD ("itself", NEW, test_itself);
  ADD ("no-stage", NEW, test_no_stage);
  ADD ("on-server", NEW, test_on_server);
  ADD ("missing", NEW, test_missing);
  return g_test_run ();
}
