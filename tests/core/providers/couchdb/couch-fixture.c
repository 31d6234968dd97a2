/* couch-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-http-private.h"
#include "provider/reprise-journal.h"
#include "providers/couchdb/couch-fixture.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "reprise-test.h"

void
couch_fixture_connect (CouchFixture *fixture)
{
  RepriseCouchClient *client;

  g_clear_object (&fixture->provider);
  fixture->provider = reprise_kind_create_provider (fixture->kind, fixture->service, NULL);
  client = reprise_couch_provider_get_client (REPRISE_COUCH_PROVIDER (fixture->provider), NULL);
  reprise_http_set_backoff (reprise_couch_client_get_http (client), 1, 5);
}

void
couch_fixture_set_up (CouchFixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  fixture->server = reprise_fake_couch_new (NULL, NULL);
  fixture->kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  fixture->service = reprise_service_new (NULL, "couchdb", "Test");
  fixture->folder = reprise_test_make_folder ();
  fixture->vault = reprise_vault_new (fixture->folder);
  address = reprise_fake_couch_dup_address (fixture->server);
  reprise_service_set_setting (fixture->service, "address", address);
  reprise_service_set_setting (fixture->service, "sign-in", "none");
  couch_fixture_connect (fixture);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, NULL));
}

void
couch_fixture_tear_down (CouchFixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->provider);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->kind);
  reprise_fake_couch_free (fixture->server);
  reprise_test_remove_folder (fixture->folder);
}

RepriseArchive *
couch_fixture_open_archive (CouchFixture *fixture, RepriseBackup *backup)
{
  g_autoptr (GError) error = NULL;
  RepriseManifest *manifest = reprise_vault_read_manifest (fixture->vault, backup, &error);
  RepriseArchive *archive;

  g_assert_no_error (error);
  archive = reprise_archive_new_for_backup (backup, manifest);
  g_object_unref (manifest);
  return archive;
}

/* As the job does: commit, read back in full, and deep. */
RepriseBackup *
couch_fixture_commit (CouchFixture *fixture, RepriseVaultWriter *writer)
{
  static gboolean checked;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autofree char *path = NULL;
  RepriseBackup *backup = reprise_vault_writer_commit (writer, NULL, &error);

  g_assert_no_error (error);
  reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &error);
  g_assert_no_error (error);
  archive = couch_fixture_open_archive (fixture, backup);
  reprise_kind_verify (fixture->kind, archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_kind_inspect (fixture->kind, archive, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_archive_is_damaged (archive));
  if (reprise_backup_get_parent (backup) == NULL)
    return backup;
  path = g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  if (!checked)
    g_assert_true (reprise_test_check_manifest (path));
  checked = TRUE;
  return backup;
}

RepriseVaultWriter *
couch_fixture_begin (CouchFixture *fixture, RepriseOrigin origin)
{
  g_autoptr (GError) error = NULL;
  RepriseVaultWriter *writer =
    reprise_vault_begin (fixture->vault, fixture->service, origin, NULL, &error);

  g_assert_no_error (error);
  return writer;
}

/* (transfer full): goes on with what an earlier try left, as the job does; %NULL where it fails, which then leaves no backup */
RepriseBackup *
couch_fixture_try_to_back_up (CouchFixture *fixture, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) ids = reprise_vault_list_resumable_ids (
    fixture->vault, reprise_service_get_uuid (fixture->service), &local);
  g_autoptr (RepriseVaultWriter) writer = NULL;

  g_assert_no_error (local);
  g_assert_cmpuint (ids->len, <=, 1);
  if (ids->len == 0)
    writer = couch_fixture_begin (fixture, REPRISE_ORIGIN_MANUAL);
  else
    writer = reprise_vault_resume (fixture->vault, fixture->service, ids->pdata[0], &local);
  g_assert_no_error (local);
  if (!reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, writer, NULL, NULL, NULL,
                                 error))
    return NULL;
  return couch_fixture_commit (fixture, writer);
}

RepriseBackup *
couch_fixture_back_up_groups (CouchFixture *fixture, RepriseGroups groups)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer = couch_fixture_begin (fixture, REPRISE_ORIGIN_MANUAL);

  reprise_provider_back_up (fixture->provider, groups, writer, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return couch_fixture_commit (fixture, writer);
}

RepriseBackup *
couch_fixture_back_up (CouchFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseBackup *backup = couch_fixture_try_to_back_up (fixture, &error);

  g_assert_no_error (error);
  return backup;
}

static char *
get_tier (CouchFixture *fixture, RepriseBackup *backup, const char *database)
{
  g_autoptr (RepriseCouchShelf) shelf =
    reprise_couch_shelf_new_for_backup (reprise_backup_get_folder (backup), NULL);
  RepriseCouchRun *run = reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (backup));
  g_autofree char *file = reprise_couch_run_find_file (run, database);
  g_autoptr (RepriseCouchReader) reader = NULL;

  g_assert_nonnull (file);
  reader = reprise_couch_reader_new (file, NULL);
  return reprise_couch_reader_dup (reader, REPRISE_COUCH_TIER);
}

void
couch_fixture_assert_tier (CouchFixture *fixture,
                           RepriseBackup *backup,
                           const char *database,
                           const char *tier)
{
  g_autofree char *is = get_tier (fixture, backup, database);

  g_assert_cmpstr (is, ==, tier);
}

guint
couch_fixture_count_revisions (RepriseBackup *backup, const char *database)
{
  g_autoptr (RepriseCouchShelf) shelf =
    reprise_couch_shelf_new_for_backup (reprise_backup_get_folder (backup), NULL);
  RepriseCouchRun *run = reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (backup));
  g_autofree char *file = reprise_couch_run_find_file (run, database);
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (file, NULL);
  g_autoptr (RepriseCouchCursor) cursor = reprise_couch_reader_list (reader, NULL);
  gboolean more = TRUE;
  RepriseCouchRow row;
  guint n = 0;

  while (reprise_couch_cursor_next (cursor, &row, &more, NULL) && more)
    n++;
  return n;
}

/* A restore as the job does it. @options: key, value, …, %NULL */
RepriseOutcome *
couch_fixture_restore (CouchFixture *fixture,
                       RepriseBackup *backup,
                       gboolean undo,
                       RepriseBackup **copy,
                       GError **error,
                       ...)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseArchive) archive = couch_fixture_open_archive (fixture, backup);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  guint n_writes = reprise_fake_couch_get_n_writes (fixture->server);
  RepriseOutcome *outcome;
  const char *key;
  va_list args;

  va_start (args, error);
  while ((key = va_arg (args, const char *)) != NULL)
    g_hash_table_insert (options, (gpointer) key, va_arg (args, char *));
  va_end (args);
  if (undo)
    plan = reprise_provider_plan_undo (fixture->provider, archive, NULL, NULL, error);
  else
    plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                          NULL, NULL, error);
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->server), ==, n_writes);
  if (plan == NULL)
    return NULL;
  if (reprise_plan_get_overwrites (plan))
    {
      g_autoptr (RepriseVaultWriter) writer = couch_fixture_begin (fixture, REPRISE_ORIGIN_SAFETY);
      g_autoptr (RepriseBackup) safety = NULL;
      g_autoptr (GError) local = NULL;

      reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, &local);
      g_assert_no_error (local);
      safety = couch_fixture_commit (fixture, writer);
      if (copy != NULL)
        *copy = g_steal_pointer (&safety);
    }
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->server), ==, n_writes);
  journal = reprise_journal_create (reprise_service_get_uuid (fixture->service), "job", error);
  g_assert_nonnull (journal);
  outcome = undo ? reprise_provider_undo (fixture->provider, plan, journal, NULL, NULL, error)
                 : reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, error);
  reprise_journal_close (journal, NULL);
  return outcome;
}

/* Into a database of its own, which then is what @expected says. */
void
couch_fixture_assert_restores (CouchFixture *fixture,
                               RepriseBackup *backup,
                               const char *database,
                               const char *expected)
{
  static guint n;
  g_autofree char *target = g_strdup_printf ("scratch-%u", ++n);
  g_autofree char *is = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome = couch_fixture_restore (
    fixture, backup, FALSE, NULL, &error, "databases", database, "target", target, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  is = reprise_fake_couch_dump (fixture->server, target);
  g_assert_cmpstr (is, ==, expected);
  reprise_fake_couch_drop (fixture->server, target);
}

void
couch_fixture_put (CouchFixture *fixture, const char *database, const char *id, const char *members)
{
  g_autofree char *rev = reprise_fake_couch_put (fixture->server, database, id, members);
}

void
couch_fixture_fill (CouchFixture *fixture, const char *database, guint n)
{
  g_autofree char *conflict = NULL;

  reprise_fake_couch_make (fixture->server, database);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("doc-%04u", i);

      couch_fixture_put (
        fixture, database, id,
        "\"n\":9007199254740993,\"f\":1.0,\"e\":1e+300,\"s\":\"\342\200\250\\u0000\"");
    }
  couch_fixture_put (fixture, database, "_design/app", "\"views\":{}");
  couch_fixture_put (fixture, database, "a/b+c \303\251", "\"x\":[]");
  conflict = reprise_fake_couch_put_rev (fixture->server, database, "doc-0001", "1-cc", NULL,
                                         "\"conflict\":true", FALSE);
  reprise_fake_couch_delete (fixture->server, database, "doc-0002");
  reprise_fake_couch_attach (fixture->server, database, "doc-0003", "text \303\251.txt",
                             "text/plain", "hello hello hello", 17);
  reprise_fake_couch_attach (fixture->server, database, "doc-0003", "p.png", "image/png",
                             "\211PNG\0\1", 6);
  reprise_fake_couch_set_security (fixture->server, database,
                                   "{\"admins\":{\"names\":[\"ada\"],\"roles\":[]}}");
}
