/* couch-server-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-http-private.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-kind.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/server/couch-server-fixture.h"
#include "providers/couchdb/server/reprise-couch-replication.h"
#include "reprise-fake-replicator.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

void
couch_server_fixture_connect_provider (CouchServerFixture *fixture)
{
  g_clear_object (&fixture->provider);
  fixture->provider =
    reprise_kind_create_provider (fixture->kind, fixture->service, fixture->secrets);
}

void
couch_server_fixture_set (CouchServerFixture *fixture, const char *key, const char *value)
{
  reprise_service_set_setting (fixture->service, key, value);
}

void
couch_server_fixture_set_secret (CouchServerFixture *fixture, const char *key, const char *text)
{
  reprise_test_give_secret (fixture->service, key, text);
}

void
couch_server_fixture_set_up (CouchServerFixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  reprise_http_set_default_backoff (1, 5);
  reprise_couch_replication_set_pace (1, 5, 60);
  fixture->home = reprise_fake_couch_new ("admin", CANARY);
  fixture->replicator = reprise_fake_replicator_new (fixture->home);
  fixture->kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  fixture->service = reprise_service_new (NULL, "couchdb", "Test");
  fixture->secrets = reprise_secrets_new (reprise_service_get_uuid (fixture->service), 0);
  fixture->progress = reprise_progress_new ();
  fixture->folder = reprise_test_make_folder ();
  fixture->vault = reprise_vault_new (fixture->folder);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, NULL));
  address = reprise_fake_couch_dup_address (fixture->home);
  couch_server_fixture_set (fixture, "address", address);
  couch_server_fixture_set (fixture, "account", "admin");
  couch_server_fixture_set (fixture, "server-side", "true");
  couch_server_fixture_set_secret (fixture, "password", CANARY);
  couch_server_fixture_connect_provider (fixture);
  reprise_fake_couch_make (fixture->home, "original");
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":1"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "b", "\"n\":2"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "_design/d", "\"views\":{}"));
  reprise_fake_couch_set_security (fixture->home, "original",
                                   "{\"admins\":{\"names\":[\"eve\"]},\"members\":{}}");
}

void
couch_server_fixture_assert_clean (const char *text)
{
  g_assert_null (strstr (text != NULL ? text : "", CANARY));
  g_assert_null (strstr (text != NULL ? text : "", OTHER_CANARY));
}

/* No replication is left, with the credentials in it, and no file or line of a log has them. */
void
couch_server_fixture_tear_down (CouchServerFixture *fixture, gconstpointer data)
{
  g_autofree char *log = reprise_progress_dup_log_text (fixture->progress);

  g_assert_cmpuint (reprise_fake_replicator_get_n_documents (fixture->replicator), ==, 0);
  couch_server_fixture_assert_clean (log);
  g_object_unref (fixture->provider);
  g_object_unref (fixture->progress);
  g_object_unref (fixture->vault);
  g_object_unref (fixture->secrets);
  g_object_unref (fixture->service);
  g_object_unref (fixture->kind);
  reprise_fake_replicator_free (fixture->replicator);
  reprise_fake_couch_free (fixture->home);
  g_clear_pointer (&fixture->away, reprise_fake_couch_free);
  reprise_test_remove_folder (fixture->folder);
}

RepriseBackup *
couch_server_fixture_try_back_up (CouchServerFixture *fixture, GError **error)
{
  RepriseBackup *made = NULL;

  if (!reprise_provider_back_up (fixture->provider, REPRISE_GROUPS_ALL, NULL, &made,
                                 fixture->progress, NULL, error))
    g_assert_null (made);
  return made;
}

RepriseBackup *
couch_server_fixture_back_up (CouchServerFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseBackup *made = couch_server_fixture_try_back_up (fixture, &error);

  g_assert_no_error (error);
  g_assert_nonnull (made);
  return made;
}

/* As the job does: what belongs into the vault. */
RepriseBackup *
couch_server_fixture_keep_aside (CouchServerFixture *fixture, RepriseBackup *made)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL, &error);
  g_autofree char *path = NULL;
  RepriseBackup *backup;

  g_assert_no_error (error);
  g_assert_true (reprise_provider_has_aside (fixture->provider));
  reprise_provider_keep_aside (fixture->provider, made, writer, NULL, NULL, &error);
  g_assert_no_error (error);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  path = g_build_filename (reprise_backup_get_folder (backup), "manifest.json", NULL);
  g_assert_true (reprise_test_check_manifest (path));
  return backup;
}

GPtrArray *
couch_server_fixture_list (CouchServerFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *backups = reprise_provider_list_backups (fixture->provider, NULL, NULL, &error);

  g_assert_no_error (error);
  return backups;
}

char *
couch_server_fixture_make_name (RepriseBackup *backup, const char *tier)
{
  return g_strdup_printf ("original-%s-%s", tier, reprise_backup_get_id (backup));
}

RepriseArchive *
couch_server_fixture_open_backup (CouchServerFixture *fixture, RepriseBackup *backup)
{
  g_autoptr (GError) error = NULL;
  RepriseArchive *archive =
    reprise_provider_open_backup (fixture->provider, backup, NULL, NULL, &error);

  g_assert_no_error (error);
  reprise_archive_set_data (archive, REPRISE_ARCHIVE_DATA_VAULT, fixture->folder);
  return archive;
}

char *
couch_server_fixture_restore_archive (CouchServerFixture *fixture,
                                      RepriseArchive *archive,
                                      const char *target,
                                      GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  guint n_writes = reprise_fake_couch_get_n_writes (fixture->home);

  g_hash_table_insert (options, (gpointer) "target", (gpointer) target);
  g_hash_table_insert (options, (gpointer) "databases", (gpointer) "original");
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, error);
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->home), ==, n_writes);
  if (plan == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  g_assert_false (reprise_plan_get_overwrites (plan));
  journal = reprise_journal_create (reprise_service_get_uuid (fixture->service), "restore", error);
  g_assert_nonnull (journal);
  outcome =
    reprise_provider_restore (fixture->provider, plan, journal, fixture->progress, NULL, error);
  g_assert_true (reprise_journal_close (journal, NULL));
  return outcome != NULL ? g_strdup (outcome->summary) : NULL;
}

void
couch_server_fixture_restore (CouchServerFixture *fixture,
                              RepriseBackup *backup,
                              const char *target)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive = couch_server_fixture_open_backup (fixture, backup);
  g_autofree char *summary =
    couch_server_fixture_restore_archive (fixture, archive, target, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (summary, target));
}
