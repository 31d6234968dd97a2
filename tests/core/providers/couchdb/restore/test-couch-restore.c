/* test-couch-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "providers/couchdb/couch-fixture.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "reprise-test.h"

/* What the backup does not have is counted in the plan; an answer that is no list is not taken for an empty one. */
static void
test_others (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ReprisePlan) custom = NULL;
  gboolean is_told = FALSE, is_told_of_group = FALSE;
  guint n;

  couch_fixture_fill (fixture, "orders", 10);
  backup = couch_fixture_back_up (fixture);
  n = reprise_fake_couch_count (fixture->server, "orders");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("other-%u", i);

      couch_fixture_put (fixture, "orders", id, "\"n\":1");
    }
  archive = couch_fixture_open_archive (fixture, backup);
  g_hash_table_insert (options, (gpointer) "into", (gpointer) "same");
  g_hash_table_insert (options, (gpointer) "others", (gpointer) "remove");
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const char *text = reprise_plan_get_row (plan, i)->text;

      is_told |= text != NULL && strstr (text, "0 new, 0 replaced, 3 deleted") != NULL;
    }
  g_assert_true (is_told);
  /* and where only a group of them is restored: design documents stay */
  custom = reprise_provider_plan_restore (fixture->provider, archive,
                                          REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM), options, NULL,
                                          NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < reprise_plan_get_n_rows (custom); i++)
    {
      const char *text = reprise_plan_get_row (custom, i)->text;

      is_told_of_group |= text != NULL && strstr (text, "0 new, 0 replaced, 3 deleted") != NULL;
    }
  g_assert_true (is_told_of_group);
  reprise_fake_couch_fail (fixture->server, "_all_docs", REPRISE_FAKE_FAULT_OTHER, 0, 0, 1000);
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", "others",
                                   "remove", NULL);
  g_assert_null (outcome);
  g_assert_nonnull (error);
  g_clear_error (&error);
  reprise_fake_couch_fail_no_more (fixture->server);
  again = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", "others",
                                 "remove", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_couch_count (fixture->server, "orders"), ==, n);
}

/* Back into the database that it is of: what differs gets new revisions, and Undo takes it back. */
static void
test_same (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseBackup) copy = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) undone = NULL;
  g_autofree char *is = NULL, *back = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  backup = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "doc-0004", "\"wrong\":true");
  reprise_fake_couch_delete (fixture->server, "orders", "doc-0005");
  reprise_fake_couch_attach (fixture->server, "orders", "doc-0003", "p.png", "image/png", "bad", 3);
  couch_fixture_put (fixture, "orders", "later", "\"n\":1");
  outcome = couch_fixture_restore (fixture, backup, FALSE, &copy, &error, "into", "same", NULL);
  g_assert_no_error (error);
  g_assert_nonnull (copy);
  g_assert_cmpint (outcome->written, ==, 3);
  g_assert_cmpint (outcome->failed, ==, 0);
  is = reprise_fake_couch_dump (fixture->server, "orders");
  g_assert_null (strstr (is, "\"_id\":\"doc-0004\",\"_rev\":\"2-"));
  g_assert_nonnull (strstr (is, "\"_id\":\"later\""));
  g_assert_nonnull (strstr (is, "\"_id\":\"doc-0004\",\"_rev\":\"3-"));
  g_assert_cmpuint (reprise_fake_couch_count (fixture->server, "orders"), ==, 12);
  undone = couch_fixture_restore (fixture, copy, TRUE, NULL, &error, NULL);
  g_assert_no_error (error);
  back = reprise_fake_couch_dump (fixture->server, "orders");
  g_assert_nonnull (strstr (back, "\"wrong\":true"));
  g_assert_cmpuint (reprise_fake_couch_count (fixture->server, "orders"), ==, 11);
}

/* A delta whose baseline is spoilt is no whole backup. */
static void
test_deep (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) first = NULL, second = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseCouchShelf) shelf = NULL;
  g_autofree char *file = NULL, *content = NULL;
  gsize size = 0;

  couch_fixture_fill (fixture, "orders", 300);
  first = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "doc-0010", "\"n\":2");
  second = couch_fixture_back_up (fixture);
  archive = couch_fixture_open_archive (fixture, second);
  shelf = reprise_couch_shelf_new_for_backup (reprise_backup_get_folder (first), NULL);
  file = reprise_couch_run_find_file (
    reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (first)), "orders");
  g_assert_true (g_file_get_contents (file, &content, &size, NULL));
  for (gsize i = size / 2; i < size / 2 + 4096; i++)
    content[i] = (char) ~content[i];
  g_assert_cmpint (g_chmod (file, 0600), ==, 0);
  g_assert_true (g_file_set_contents (file, content, (gssize) size, NULL));
  g_assert_true (
    reprise_kind_verify (fixture->kind, archive, REPRISE_DEPTH_FULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (
    reprise_kind_verify (fixture->kind, archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "goes on from"));
}

/* The server says of each document whether it took it. */
static void
test_refused (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  couch_fixture_put (fixture, "orders", "bad", "\"forbidden\":1");
  backup = couch_fixture_back_up (fixture);
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", "copy", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 1);
  g_assert_cmpuint (reprise_fake_couch_count (fixture->server, "copy"), ==,
                    reprise_fake_couch_count (fixture->server, "orders") - 1);
}

/* What one try could not finish, another does, and nothing is written twice. */
static void
test_restore_faults (CouchFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *path;
    RepriseFakeFault fault;
    guint value;
  } faults[] = {
    { "_bulk_docs", REPRISE_FAKE_FAULT_STATUS, 429 },
    { "_bulk_docs", REPRISE_FAKE_FAULT_STATUS, 503 },
    { "_bulk_docs", REPRISE_FAKE_FAULT_RESET, 0 },
    { "_bulk_docs", REPRISE_FAKE_FAULT_TOO_LARGE, 0 },
    { "_revs_diff", REPRISE_FAKE_FAULT_STATUS, 500 },
    { "_bulk_get", REPRISE_FAKE_FAULT_CUT, 30 },
    { "_changes", REPRISE_FAKE_FAULT_CUT, 500 },
    { "_changes", REPRISE_FAKE_FAULT_MIDDLE, 2000 },
  };
  g_autoptr (RepriseBackup) backup = NULL;
  g_autofree char *state = NULL;

  couch_fixture_fill (fixture, "orders", 40);
  state = reprise_fake_couch_dump (fixture->server, "orders");
  backup = couch_fixture_back_up (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      reprise_fake_couch_fail (fixture->server, faults[i].path, faults[i].fault, faults[i].value, 0,
                               2);
      couch_fixture_assert_restores (fixture, backup, "orders", state);
    }
}

static void
test_as_of (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) first = NULL;
  g_autoptr (RepriseBackup) second = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autofree char *state = NULL, *when = NULL, *is = NULL;

  couch_fixture_fill (fixture, "orders", 5);
  state = reprise_fake_couch_dump (fixture->server, "orders");
  first = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "later", "\"n\":1");
  second = couch_fixture_back_up (fixture);
  {
    g_autoptr (RepriseManifest) manifest =
      reprise_vault_read_manifest (fixture->vault, first, NULL);
    GDateTime *time = reprise_manifest_get_created_at (manifest);
    g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");

    when = g_strdup_printf ("%s.%03dZ", text, g_date_time_get_microsecond (time) / 1000);
  }
  outcome = couch_fixture_restore (fixture, second, FALSE, NULL, &error, "target", "old", "as-of",
                                   when, NULL);
  g_assert_no_error (error);
  is = reprise_fake_couch_dump (fixture->server, "old");
  g_assert_cmpstr (is, ==, state);
  g_assert_null (couch_fixture_restore (fixture, second, FALSE, NULL, &error, "target", "older",
                                        "as-of", "2001-01-01", NULL));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
}

static char *
make_noise (GRand *random, gsize size)
{
  char *noise = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    noise[i] = (char) g_rand_int_range (random, 0, 256);
  return noise;
}

/* A large attachment goes with a request of its own, straight from its segment; a small one with its document. */
static void
test_large (CouchFixture *fixture, gconstpointer data)
{
  enum
  {
    LARGE = 300 * 1024
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree char *noise = make_noise (random, LARGE), *text = g_strnfill (LARGE, 'a');
  g_autofree char *state = NULL, *is = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  reprise_fake_couch_attach (fixture->server, "orders", "doc-0004", "a \"b\".bin", "image/png",
                             noise, LARGE);
  reprise_fake_couch_attach (fixture->server, "orders", "doc-0004", "small", "image/png", "x", 1);
  reprise_fake_couch_attach (fixture->server, "orders", "doc-0005", "long.txt", "text/plain", text,
                             LARGE);
  state = reprise_fake_couch_dump (fixture->server, "orders");
  backup = couch_fixture_back_up (fixture);
  reprise_fake_couch_fail (fixture->server, "copy/doc-0004", REPRISE_FAKE_FAULT_RESET, 0, 0, 1);
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", "copy", NULL);
  g_assert_no_error (error);
  is = reprise_fake_couch_dump (fixture->server, "copy");
  g_assert_cmpstr (is, ==, state);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "PUT /copy/doc-0003"), ==, 0);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "PUT /copy/doc-0004"), ==, 2);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "PUT /copy/doc-0005"), ==, 1);
}

/* Where a saved version wins, its large attachment comes with a new edit; one that is refused is counted. */
static void
test_large_edit (CouchFixture *fixture, gconstpointer data)
{
  enum
  {
    LARGE = 300 * 1024
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  g_autofree char *noise = make_noise (random, LARGE), *before = NULL, *after = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) refused = NULL;

  couch_fixture_fill (fixture, "orders", 10);
  reprise_fake_couch_attach (fixture->server, "orders", "doc-0004", "a", "image/png", noise, LARGE);
  backup = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "doc-0004", "\"n\":1");
  before = reprise_fake_couch_dump (fixture->server, "orders");
  g_assert_null (strstr (before, "\"a\":{\"content_type\""));
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  after = reprise_fake_couch_dump (fixture->server, "orders");
  g_assert_nonnull (strstr (after, "\"a\":{\"content_type\""));
  reprise_fake_couch_fail (fixture->server, "other/doc-0004", REPRISE_FAKE_FAULT_TOO_LARGE, 0, 0,
                           9);
  refused = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", "other", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (refused->failed, ==, 1);
}

/* Into an empty database: what is there is not asked for before, and all of it is read by the list; what became of a document otherwise
 * is found out. */
static void
test_fresh (CouchFixture *fixture, gconstpointer data)
{
  static const char *const SPOILT[] = { NULL,       "doc-0007", "doc-0001",
                                        "doc-0002", "doc-0003", "_design/app" };
  g_autoptr (RepriseBackup) backup = NULL;

  couch_fixture_fill (fixture, "orders", 30);
  backup = couch_fixture_back_up (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (SPOILT); i++)
    {
      g_autofree char *target = g_strdup_printf ("fresh-%u", i);
      g_autofree char *bulk_get = g_strconcat (target, "/_bulk_get", NULL);
      g_autofree char *revs_diff = g_strconcat (target, "/_revs_diff", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseOutcome) outcome = NULL;

      reprise_fake_couch_make (fixture->server, target);
      reprise_fake_couch_spoil (fixture->server, target, SPOILT[i]);
      outcome =
        couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", target, NULL);
      /* of the design document, which comes last */
      g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, revs_diff), ==, 1);
      if (SPOILT[i] == NULL)
        {
          g_assert_no_error (error);
          /* for the other leaf of the conflict, and for the design document */
          g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, bulk_get), ==, 2);
        }
      else
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
    }
}

/* The server begins to build indexes when it gets design documents, and is slow then: all else is compared before. A restore that ends
 * in between goes on. */
static void
test_designs_last (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) broken = NULL;
  g_autoptr (RepriseOutcome) whole = NULL;
  g_autofree char *half = NULL;
  g_autofree char *all = NULL;

  couch_fixture_fill (fixture, "orders", 30);
  backup = couch_fixture_back_up (fixture);
  reprise_fake_couch_fail (fixture->server, "fresh/_changes", REPRISE_FAKE_FAULT_OTHER, 0, 0, 99);
  broken = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", "fresh", NULL);
  g_assert_nonnull (error);
  half = reprise_fake_couch_dump (fixture->server, "fresh");
  g_assert_nonnull (strstr (half, "doc-0029"));
  g_assert_null (strstr (half, "_design/app"));
  g_clear_error (&error);
  reprise_fake_couch_fail_no_more (fixture->server);
  whole = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", "fresh", NULL);
  g_assert_no_error (error);
  all = reprise_fake_couch_dump (fixture->server, "fresh");
  g_assert_nonnull (strstr (all, "_design/app"));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                              \
  g_test_add ("/couch-backup/" path, CouchFixture, NULL, couch_fixture_set_up, func, \
              couch_fixture_tear_down)
  ADD ("others", test_others);
  ADD ("same", test_same);
  ADD ("deep", test_deep);
  ADD ("refused", test_refused);
  ADD ("as-of", test_as_of);
  ADD ("restore-faults", test_restore_faults);
  ADD ("large", test_large);
  ADD ("large-edit", test_large_edit);
  ADD ("fresh", test_fresh);
  ADD ("designs-last", test_designs_last);
  return g_test_run ();
}
