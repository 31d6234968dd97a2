/* test-couch-history.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/couchdb/couch-fixture.h"
#include "providers/couchdb/history/reprise-couch-mentions.h"
#include "reprise-test.h"

static guint
count_versions (CouchFixture *fixture, const char *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) versions = reprise_provider_list_versions (
    fixture->provider, fixture->vault, "orders", document, NULL, NULL, &error);

  g_assert_no_error (error);
  return versions->len;
}

/* A run notes what it mentions, so that the history of a document opens what has it and nothing else; a note that is lost or damaged is
 * made again. */
static void
test_mentions (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseBackup) third = NULL;
  g_autofree char *folder = NULL, *index = NULL, *segment = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  first = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "doc-0005", "\"n\":2");
  second = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "doc-0006", "\"n\":2");
  third = couch_fixture_back_up (fixture);
  folder = g_path_get_dirname (reprise_backup_get_folder (first));
  index = reprise_couch_mentions_dup_path (folder, "orders");
  g_assert_true (g_file_test (index, G_FILE_TEST_EXISTS));
  segment = g_build_filename (reprise_backup_get_folder (third), "1.sqlite", NULL);
  g_assert_cmpint (g_chmod (reprise_backup_get_folder (third), 0700), ==, 0);
  g_assert_cmpint (g_chmod (segment, 0600), ==, 0);
  {
    g_autoptr (GBytes) bytes = reprise_file_read_small (segment, G_MAXINT, &error);
    g_autofree char *noise = g_strnfill (g_bytes_get_size (bytes), 'x');

    /* of the same size and not a segment: who opens it fails */
    g_assert_no_error (error);
    g_assert_true (g_file_set_contents (segment, noise, (gssize) g_bytes_get_size (bytes), &error));
    g_assert_cmpuint (count_versions (fixture, "doc-0005"), ==, 3);
    g_assert_null (reprise_provider_list_versions (fixture->provider, fixture->vault, "orders",
                                                   "doc-0006", NULL, NULL, &error));
    g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
    g_assert_true (g_file_set_contents (segment, g_bytes_get_data (bytes, NULL),
                                        (gssize) g_bytes_get_size (bytes), NULL));
  }
  g_assert_true (g_file_set_contents (index, "no index", -1, NULL));
  g_assert_cmpuint (count_versions (fixture, "doc-0006"), ==, 3);
  g_assert_cmpint (g_unlink (index), ==, 0);
  g_assert_cmpuint (count_versions (fixture, "doc-0005"), ==, 3);
  g_assert_true (g_file_test (index, G_FILE_TEST_EXISTS));
}

static RepriseVersion *
get_version (GPtrArray *versions, guint index)
{
  g_assert_cmpuint (index, <, versions->len);
  return versions->pdata[index];
}

static void
check_documents (CouchFixture *fixture, const char *database, guint limit, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = reprise_provider_list_documents (
    fixture->provider, fixture->vault, database, NULL, limit, NULL, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < documents->len; i++)
    {
      const RepriseDocument *document = documents->pdata[i];

      g_string_append_printf (text, "%s %s\n", document->id,
                              reprise_document_state_to_string (document->state));
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
check_pattern (CouchFixture *fixture, const char *pattern, guint limit, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = reprise_provider_list_documents (
    fixture->provider, fixture->vault, "orders", pattern, limit, NULL, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < documents->len; i++)
    g_string_append_printf (text, "%s ", ((RepriseDocument *) documents->pdata[i])->id);
  g_assert_cmpstr (text->str, ==, expected);
}

/* What all ids that are looked for begin with is where it is looked: in one question, and no further. */
static void
test_documents_by_prefix (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;

  reprise_fake_couch_make (fixture->server, "orders");
  for (guint i = 0; i < 2500; i++)
    {
      g_autofree char *id = g_strdup_printf ("doc-%04u", i);

      couch_fixture_put (fixture, "orders", id, "\"n\":1");
    }
  couch_fixture_put (fixture, "orders", "x-1", "\"n\":1");
  couch_fixture_put (fixture, "orders", "x-2", "\"n\":1");
  backup = couch_fixture_back_up (fixture);
  reprise_fake_couch_delete (fixture->server, "orders", "x-1");
  check_pattern (fixture, "x-*", 9, "x-1 x-2 ");
  check_pattern (fixture, "doc-249?", 4, "doc-2490 doc-2491 doc-2492 doc-2493 ");
  check_pattern (fixture, "doc-1500", 9, "doc-1500 ");
  check_pattern (fixture, "y*", 9, "");
  check_pattern (fixture, "", 2, "doc-0000 doc-0001 ");
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "GET /orders/_all_docs"), ==,
                    5);
  check_pattern (fixture, "*-2499", 9, "doc-2499 ");
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "GET /orders/_all_docs"), ==,
                    7);
}

/* A list that is cut has a place for what only backups have, and a database without backups has one too. */
static void
test_documents (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GPtrArray) versions = NULL;

  reprise_fake_couch_make (fixture->server, "orders");
  couch_fixture_put (fixture, "orders", "x1", "\"a\":1");
  couch_fixture_put (fixture, "orders", "x2", "\"a\":1");
  couch_fixture_put (fixture, "orders", "x3", "\"a\":1");
  check_documents (fixture, "orders", 2, "x1 not-covered\nx2 not-covered\n");
  versions = reprise_provider_list_versions (fixture->provider, fixture->vault, "orders", "x1",
                                             NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, ==, 1);
  backup = couch_fixture_back_up (fixture);
  reprise_fake_couch_delete (fixture->server, "orders", "x1");
  couch_fixture_put (fixture, "orders", "x4", "\"a\":1");
  check_documents (fixture, "orders", 1, "x1 deleted\n");
  check_documents (fixture, "orders", 3, "x1 deleted\nx2 saved\nx3 saved\n");
  check_documents (fixture, "orders", 9, "x1 deleted\nx2 saved\nx3 saved\nx4 not-covered\n");
  g_assert_null (reprise_provider_list_documents (fixture->provider, fixture->vault, "nowhere",
                                                  NULL, 9, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* What became of single documents, and one of them brought back alone. */
static void
test_history (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseBackup) copy = NULL;
  g_autoptr (GPtrArray) documents = NULL;
  g_autoptr (GPtrArray) versions = NULL;
  g_autoptr (GPtrArray) differences = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) undone = NULL;
  g_autofree char *is = NULL, *back = NULL, *before = NULL;
  static const RepriseDocumentState STATES[] = { REPRISE_DOCUMENT_SAVED, REPRISE_DOCUMENT_CHANGED,
                                                 REPRISE_DOCUMENT_DELETED,
                                                 REPRISE_DOCUMENT_NOT_COVERED };
  RepriseDifference *difference;

  reprise_fake_couch_make (fixture->server, "orders");
  couch_fixture_put (fixture, "orders", "x1", "\"a\":1");
  couch_fixture_put (fixture, "orders", "x2", "\"a\":1.0,\"b\":{\"c\":[1,2]},\"d\":null");
  couch_fixture_put (fixture, "orders", "x3", "\"a\":1");
  couch_fixture_put (fixture, "orders", "other", "\"a\":1");
  first = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "x2", "\"a\":1.0,\"b\":{\"c\":[1,2,3]},\"d\":null");
  second = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "x2", "\"b\":{\"c\":[1,5]},\"e\":\"new\",\"d\":null");
  couch_fixture_put (fixture, "orders", "other", "\"a\":7");
  reprise_fake_couch_delete (fixture->server, "orders", "x3");
  couch_fixture_put (fixture, "orders", "x4", "\"a\":1");
  documents = reprise_provider_list_documents (fixture->provider, fixture->vault, "orders", "x*",
                                               100, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (documents->len, ==, G_N_ELEMENTS (STATES));
  for (guint i = 0; i < documents->len; i++)
    g_assert_cmpint (((RepriseDocument *) documents->pdata[i])->state, ==, STATES[i]);
  versions = reprise_provider_list_versions (fixture->provider, fixture->vault, "orders", "x2",
                                             NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, ==, 3);
  g_assert_null (get_version (versions, 0)->at);
  g_assert_cmpstr (get_version (versions, 1)->backup_id, ==, reprise_backup_get_id (second));
  g_assert_cmpstr (get_version (versions, 1)->tier, ==, "daily");
  g_assert_cmpstr (get_version (versions, 2)->backup_id, ==, reprise_backup_get_id (first));
  g_assert_true (g_str_has_prefix (get_version (versions, 2)->version, "1-"));
  differences = reprise_provider_compare_versions (fixture->provider, fixture->vault, "orders",
                                                   "x2", "1-", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (differences->len, ==, 3);
  difference = differences->pdata[0];
  g_assert_cmpstr (difference->path, ==, "a");
  g_assert_cmpstr (difference->before, ==, "1.0");
  g_assert_null (difference->after);
  difference = differences->pdata[1];
  g_assert_cmpstr (difference->path, ==, "b.c[1]");
  g_assert_cmpstr (difference->after, ==, "5");
  difference = differences->pdata[2];
  g_assert_cmpstr (difference->path, ==, "e");
  g_clear_pointer (&versions,
                   g_ptr_array_unref); /* what did not change is as large as it was saved */
  versions = reprise_provider_list_versions (fixture->provider, fixture->vault, "orders", "x1",
                                             NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, ==, 2);
  g_assert_cmpint (get_version (versions, 0)->size_bytes, ==,
                   get_version (versions, 1)->size_bytes);
  none = reprise_provider_compare_versions (fixture->provider, fixture->vault, "orders", "x1", NULL,
                                            NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  before = reprise_fake_couch_dump (fixture->server, "orders");
  outcome = couch_fixture_restore (fixture, first, FALSE, &copy, &error, "databases", "orders",
                                   "document", "x2", "into", "same", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->written, ==, 1);
  is = reprise_fake_couch_dump (fixture->server, "orders");
  g_assert_nonnull (strstr (is, "\"a\":1.0,\"b\":{\"c\":[1,2]}"));
  g_assert_nonnull (strstr (is, "\"a\":7")); /* nothing else was touched */
  undone = couch_fixture_restore (fixture, copy, TRUE, NULL, &error, NULL);
  g_assert_no_error (error);
  g_assert_cmpint (undone->written, ==, 1);
  back = reprise_fake_couch_dump (fixture->server, "orders");
  g_assert_nonnull (strstr (back, "\"e\":\"new\""));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                              \
  g_test_add ("/couch-backup/" path, CouchFixture, NULL, couch_fixture_set_up, func, \
              couch_fixture_tear_down)
  ADD ("mentions", test_mentions);
  ADD ("documents", test_documents);
  ADD ("documents-by-prefix", test_documents_by_prefix);
  ADD ("history", test_history);
  return g_test_run ();
}
