/* test-couch-server-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-kind.h"
#include "providers/couchdb/server/couch-server-fixture.h"
#include "reprise-fake-replicator.h"
#include "reprise-test.h"
#include "vault/reprise-vault.h"

static void
use_other_cluster (CouchServerFixture *fixture)
{
  g_autofree char *address = NULL;

  fixture->away = reprise_fake_couch_new ("keeper", OTHER_CANARY);
  reprise_fake_replicator_add_other (fixture->replicator, fixture->away);
  address = reprise_fake_couch_dup_address (fixture->away);
  couch_server_fixture_set (fixture, "server-target", "other");
  couch_server_fixture_set (fixture, "server-address", address);
  couch_server_fixture_set (fixture, "server-account", "keeper");
  couch_server_fixture_set_secret (fixture, "server-password", OTHER_CANARY);
  couch_server_fixture_connect_provider (fixture);
}

/* Every point comes back as it was: documents, deletions, revisions; who may use it; the design documents. */
static void
test_restore (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL, aside = NULL, aside2 = NULL;
  g_autofree char *before = NULL, *after = NULL, *got = NULL, *got2 = NULL, *security = NULL;

  before = reprise_fake_couch_dump (fixture->home, "original");
  first = couch_server_fixture_back_up (fixture);
  aside = couch_server_fixture_keep_aside (fixture, first);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":3"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "new", "\"n\":4"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "_design/e", "\"views\":{}"));
  reprise_fake_couch_delete (fixture->home, "original", "b");
  after = reprise_fake_couch_dump (fixture->home, "original");
  second = couch_server_fixture_back_up (fixture);
  aside2 = couch_server_fixture_keep_aside (fixture, second);
  g_free (reprise_fake_couch_put (fixture->home, "original", "later", "\"n\":5"));

  couch_server_fixture_restore (fixture, second, "scratch");
  got = reprise_fake_couch_dump (fixture->home, "scratch");
  g_assert_cmpstr (got, ==, after);
  couch_server_fixture_restore (fixture, first, "older");
  got2 = reprise_fake_couch_dump (fixture->home, "older");
  g_assert_cmpstr (got2, ==, before);
}

/* What lies in the vault can be restored alone, also without the server's part. */
static void
test_restore_aside (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture);
  g_autoptr (RepriseBackup) aside = couch_server_fixture_keep_aside (fixture, first);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseManifest) manifest =
    reprise_vault_read_manifest (fixture->vault, aside, &error);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_backup (aside, manifest);
  g_autofree char *summary = NULL, *got = NULL;

  reprise_kind_inspect (fixture->kind, archive, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_kind_verify (fixture->kind, archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_provider_delete_backup (fixture->provider, first, NULL, NULL, &error);
  g_assert_no_error (error);
  summary = couch_server_fixture_restore_archive (fixture, archive, "scratch", &error);
  g_assert_no_error (error);
  got = reprise_fake_couch_dump (fixture->home, "scratch");
  g_assert_true (g_str_has_prefix (got, "{\"_id\":\"_design/d\""));
  g_assert_null (strchr (strchr (got, '\n') + 1, '\n'));
  couch_server_fixture_assert_clean (got);
}

/* As the job does it, with the safety copy; @copy: (out) (nullable) */
static RepriseOutcome *
restore_with (CouchServerFixture *fixture,
              RepriseArchive *archive,
              GHashTable *options,
              gboolean undo,
              RepriseBackup **copy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  guint n_writes = reprise_fake_couch_get_n_writes (fixture->home);
  RepriseOutcome *outcome;

  plan = undo ? reprise_provider_plan_undo (fixture->provider, archive, NULL, NULL, &error)
              : reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE,
                                               options, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_plan_get_overwrites (plan));
  writer =
    reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_SAFETY, NULL, &error);
  reprise_provider_prepare_safety_copy (fixture->provider, plan, writer, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_couch_get_n_writes (fixture->home), ==, n_writes);
  *copy = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  journal = reprise_journal_create (reprise_service_get_uuid (fixture->service), "restore", NULL);
  outcome = undo ? reprise_provider_undo (fixture->provider, plan, journal, NULL, NULL, &error)
                 : reprise_provider_restore (fixture->provider, plan, journal, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_journal_close (journal, NULL));
  g_assert_cmpint (outcome->failed, ==, 0);
  return outcome;
}

static void
undo (CouchServerFixture *fixture, RepriseBackup *copy)
{
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (fixture->vault, copy, NULL);
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_backup (copy, manifest);
  g_autoptr (RepriseBackup) next = NULL;
  g_autoptr (RepriseOutcome) outcome = restore_with (fixture, archive, NULL, TRUE, &next);
}

static void
assert_has (CouchServerFixture *fixture, const char *text, gboolean has)
{
  g_autofree char *dump = reprise_fake_couch_dump (fixture->home, "original");

  g_test_message ("%s in %s", text, dump);
  g_assert_cmpint (strstr (dump, text) != NULL, ==, has);
}

/* A baseline, a delta, and what was changed since. */
static RepriseBackup *
make_two_points (CouchServerFixture *fixture)
{
  g_autoptr (RepriseBackup) first = NULL, aside = NULL, aside2 = NULL;
  RepriseBackup *second;

  reprise_fake_couch_attach (fixture->home, "original", "b", "t.txt", "text/plain", "hello", 5);
  reprise_fake_couch_attach (fixture->home, "original", "_design/d", "t.txt", "text/plain", "hi",
                             2);
  first = couch_server_fixture_back_up (fixture);
  aside = couch_server_fixture_keep_aside (fixture, first);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":3"));
  g_free (reprise_fake_couch_put_rev (fixture->home, "original", "a", "2-0", "1-0", "\"beside\":1",
                                      FALSE));
  g_free (reprise_fake_couch_put (fixture->home, "original", "gone", "\"n\":4"));
  reprise_fake_couch_delete (fixture->home, "original", "gone");
  second = couch_server_fixture_back_up (fixture);
  aside2 = couch_server_fixture_keep_aside (fixture, second);
  g_free (reprise_fake_couch_put (fixture->home, "original", "a", "\"n\":99"));
  g_free (reprise_fake_couch_put_rev (fixture->home, "original", "a", "3-1", "2-0", "", TRUE));
  reprise_fake_couch_delete (fixture->home, "original", "b");
  g_free (reprise_fake_couch_put (fixture->home, "original", "gone", "\"back\":1"));
  g_free (reprise_fake_couch_put (fixture->home, "original", "_design/d", "\"lists\":{}"));
  reprise_fake_couch_set_security (fixture->home, "original", "{\"admins\":{\"names\":[\"zoe\"]}}");
  return second;
}

/* Into a database that is there, straight from what the server keeps: planned, with a safety copy, compared, and undone. */
static void
check_existing (CouchServerFixture *fixture)
{
  g_autoptr (RepriseBackup) second = make_two_points (fixture), copy = NULL;
  g_autoptr (RepriseArchive) archive = couch_server_fixture_open_backup (fixture, second);
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseOutcome) outcome = NULL;

  g_hash_table_insert (options, (gpointer) "into", (gpointer) "same");
  g_hash_table_insert (options, (gpointer) "databases", (gpointer) "original");
  g_hash_table_insert (options, (gpointer) "conflicts", (gpointer) "keep");
  outcome = restore_with (fixture, archive, options, FALSE, &copy);
  assert_has (fixture, "\"n\":3", TRUE);
  assert_has (fixture, "\"n\":99", FALSE);
  assert_has (fixture, "\"beside\":1", TRUE);
  assert_has (fixture, "\"n\":2,\"_attachments\":{\"t.txt\"", TRUE);
  assert_has (fixture, "\"back\":1", FALSE);
  assert_has (fixture, "\"views\":{},\"_attachments\":{\"t.txt\"", TRUE);
  undo (fixture, copy);
  assert_has (fixture, "\"n\":99", TRUE);
  assert_has (fixture, "\"beside\":1", FALSE);
  assert_has (fixture, "\"n\":2,", FALSE);
  assert_has (fixture, "\"back\":1", TRUE);
  assert_has (fixture, "\"lists\":{}", TRUE);
}

static void
test_existing (CouchServerFixture *fixture, gconstpointer data)
{
  check_existing (fixture);
}

static void
test_existing_from_cluster (CouchServerFixture *fixture, gconstpointer data)
{
  use_other_cluster (fixture);
  check_existing (fixture);
}

/* A single document, of the documents and of the design documents, alone. */
static void
test_document (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) second = make_two_points (fixture), copy = NULL, copy2 = NULL;
  g_autoptr (RepriseArchive) archive = couch_server_fixture_open_backup (fixture, second);
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseOutcome) outcome = NULL, outcome2 = NULL;
  g_autoptr (ReprisePlan) none = NULL;
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (options, (gpointer) "into", (gpointer) "same");
  g_hash_table_insert (options, (gpointer) "databases", (gpointer) "original");
  g_hash_table_insert (options, (gpointer) "document", (gpointer) "b");
  outcome = restore_with (fixture, archive, options, FALSE, &copy);
  g_assert_cmpint (outcome->written, ==, 1);
  assert_has (fixture, "\"n\":2,\"_attachments\":{\"t.txt\"", TRUE);
  assert_has (fixture, "\"n\":99", TRUE);
  assert_has (fixture, "\"lists\":{}", TRUE);
  undo (fixture, copy);
  assert_has (fixture, "\"n\":2,", FALSE);
  g_hash_table_insert (options, (gpointer) "document", (gpointer) "_design/d");
  outcome2 = restore_with (fixture, archive, options, FALSE, &copy2);
  g_assert_cmpint (outcome2->written, ==, 1);
  assert_has (fixture, "\"views\":{},\"_attachments\":{\"t.txt\"", TRUE);
  assert_has (fixture, "\"n\":99", TRUE);
  g_hash_table_insert (options, (gpointer) "document", (gpointer) "nowhere");
  none = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, &error);
  g_assert_null (none);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* A restore whose copy is not whole leaves nothing behind. */
static void
test_broken_restore (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = couch_server_fixture_back_up (fixture);
  g_autoptr (RepriseArchive) archive = couch_server_fixture_open_backup (fixture, first);
  g_autoptr (GError) error = NULL;

  reprise_fake_replicator_set_failures (fixture->replicator, 1);
  g_assert_null (couch_server_fixture_restore_archive (fixture, archive, "scratch", &error));
  g_assert_nonnull (strstr (error->message, "1 document could not be written"));
  g_assert_false (reprise_fake_couch_has (fixture->home, "scratch"));
}

/* The other cluster has the backups, and gets its own credentials. */
static void
test_other_cluster (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) first = NULL, second = NULL, aside = NULL;
  g_autofree char *name = NULL, *got = NULL, *all = NULL;

  use_other_cluster (fixture);
  first = couch_server_fixture_back_up (fixture);
  name = couch_server_fixture_make_name (first, "baseline");
  g_assert_false (reprise_fake_couch_has (fixture->home, name));
  g_assert_cmpuint (reprise_fake_couch_count (fixture->away, name), ==, 2);
  g_free (reprise_fake_couch_put (fixture->home, "original", "c", "\"n\":3"));
  second = couch_server_fixture_back_up (fixture);
  aside = couch_server_fixture_keep_aside (fixture, second);
  couch_server_fixture_restore (fixture, second, "scratch");
  got = reprise_fake_couch_dump (fixture->home, "scratch");
  all = reprise_fake_couch_dump (fixture->home, "original");
  g_assert_cmpstr (got, ==, all);
}

/* As a restore finds it. */
static void
test_resumed_by_restore (CouchServerFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJournal) left = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  reprise_fake_replicator_set_script (fixture->replicator, "404 running running running completed");
  reprise_fake_couch_fail (fixture->home, "_scheduler", REPRISE_FAKE_FAULT_RESET, 0, 1, 50);
  g_assert_null (couch_server_fixture_try_back_up (fixture, NULL));
  reprise_fake_couch_fail_no_more (fixture->home);
  couch_server_fixture_connect_provider (fixture);
  left = reprise_journal_open_left (reprise_service_get_uuid (fixture->service), NULL);
  outcome =
    reprise_provider_resume_operation (fixture->provider, left, fixture->progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (outcome->summary, "1 database"));
  g_assert_true (reprise_journal_close (left, NULL));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(name, func)                                                                           \
  g_test_add ("/couch/server/" name, CouchServerFixture, NULL, couch_server_fixture_set_up, func, \
              couch_server_fixture_tear_down)
  ADD ("restore", test_restore);
  ADD ("restore-aside", test_restore_aside);
  ADD ("broken-restore", test_broken_restore);
  ADD ("other-cluster", test_other_cluster);
  ADD ("resumed-by-restore", test_resumed_by_restore);
  ADD ("document", test_document);
  ADD ("existing", test_existing);
  ADD ("existing-from-cluster", test_existing_from_cluster);
#undef ADD
  return g_test_run ();
}
