/* test-couch-edits.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/couch-fixture.h"
#include "reprise-test.h"

/* Restores into a database that is there: what is in conflict, and what others do meanwhile. */

/* The document's live leaves, the one that is shown first: “{"a":1} {"b":2}” */
static char *
describe (CouchFixture *fixture, const char *id)
{
  g_autofree char *dump = reprise_fake_couch_dump (fixture->server, "orders");
  g_auto (GStrv) lines = g_strsplit (dump, "\n", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      RepriseCouchSpan document = { lines[i], strlen (lines[i]) }, key, value;
      RepriseCouchWalk walk = reprise_couch_walk (document);
      g_auto (RepriseCouchHead) head = { NULL };
      gboolean first = TRUE;

      reprise_couch_head_read (&head, document);
      if (g_strcmp0 (head.id, id) != 0 || head.deleted)
        continue;
      g_string_append (text, text->len > 0 ? " {" : "{");
      while (reprise_couch_walk_next_member (&walk, &key, &value))
        {
          if (key.data[1] == '_')
            continue;
          g_string_append_printf (text, "%s%.*s:%.*s", first ? "" : ",", (int) key.size, key.data,
                                  (int) value.size, value.data);
          first = FALSE;
        }
      g_string_append_c (text, '}');
    }
  return g_string_free (text, FALSE);
}

static void
assert_is (CouchFixture *fixture, const char *id, const char *expected)
{
  g_autofree char *is = describe (fixture, id);

  g_assert_cmpstr (is, ==, expected);
}

static void
put_rev (CouchFixture *fixture,
         const char *id,
         const char *rev,
         const char *on,
         const char *members)
{
  g_autofree char *made = reprise_fake_couch_put_rev (
    fixture->server, "orders", id, rev, on, members != NULL ? members : "", members == NULL);
}

/* Saved: “both” with a conflict, “resolved” with one that is resolved since, “later” without, “gone” deleted; and what became of it. */
static RepriseBackup *
make_conflicts (CouchFixture *fixture)
{
  RepriseBackup *backup;

  reprise_fake_couch_make (fixture->server, "orders");
  put_rev (fixture, "both", "2-b", "1-a", "\"shown\":1");
  put_rev (fixture, "both", "2-a", "1-a", "\"beside\":1");
  put_rev (fixture, "resolved", "2-b", "1-a", "\"shown\":2");
  put_rev (fixture, "resolved", "2-a", "1-a", "\"beside\":2");
  couch_fixture_put (fixture, "orders", "later", "\"shown\":3");
  couch_fixture_put (fixture, "orders", "gone", "\"was\":1");
  reprise_fake_couch_delete (fixture->server, "orders", "gone");
  couch_fixture_put (fixture, "orders", "same", "\"n\":1");
  backup = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "both", "\"wrong\":1");
  put_rev (fixture, "resolved", "3-c", "2-a", NULL);
  put_rev (fixture, "later", "1-0", NULL, "\"other\":1");
  put_rev (fixture, "gone", "3-d", "1-x", "\"back\":1");
  put_rev (fixture, "gone", "3-e", "1-x", "\"back\":2");
  put_rev (fixture, "unknown", "1-d", NULL, "\"new\":1");
  put_rev (fixture, "unknown", "1-e", NULL, "\"new\":2");
  return backup;
}

static char *
dup_row (CouchFixture *fixture, RepriseBackup *backup, const char *conflicts)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RepriseArchive) archive = couch_fixture_open_archive (fixture, backup);
  g_autoptr (GError) error = NULL;
  g_autoptr (ReprisePlan) plan = NULL;
  guint i;

  g_hash_table_insert (options, (gpointer) "into", (gpointer) "same");
  g_hash_table_insert (options, (gpointer) "conflicts", (gpointer) conflicts);
  plan = reprise_provider_plan_restore (fixture->provider, archive, REPRISE_GROUPS_NONE, options,
                                        NULL, NULL, &error);
  g_assert_no_error (error);
  for (i = 0; g_strcmp0 (reprise_plan_get_row (plan, i)->collection, "orders") != 0; i++)
    ;
  return g_strdup (reprise_plan_get_row (plan, i)->text);
}

/* Each choice is planned, done, and undone; and done again, as it was in between. */
static void
test_conflicts (CouchFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *choice;
    const char *planned;
    const char *resolved;
    const char *later;
  } choices[] = {
    { "leave", ", 1 in conflict, which is left out", "{\"shown\":2}",
      "{\"shown\":3} {\"other\":1}" },
    { "keep", ", 1 in conflict, which is restored, too", "{\"shown\":2} {\"beside\":2}",
      "{\"shown\":3} {\"other\":1}" },
    { "exact", ", 1 in conflict, which is restored, too, 1 in conflict, which is deleted",
      "{\"shown\":2} {\"beside\":2}", "{\"shown\":3}" },
    { "keep", ", 1 in conflict, which is restored, too", "{\"shown\":2} {\"beside\":2}",
      "{\"shown\":3} {\"other\":1}" },
  };
  g_autoptr (RepriseBackup) backup = make_conflicts (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      const char *choice = choices[i].choice;
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseBackup) copy = NULL;
      g_autoptr (RepriseOutcome) outcome = NULL;
      g_autoptr (RepriseOutcome) undone = NULL;
      g_autofree char *row = dup_row (fixture, backup, choice);

      g_test_message ("%s: %s", choice, row);
      g_assert_true (g_str_has_suffix (row, choices[i].planned));
      outcome = couch_fixture_restore (fixture, backup, FALSE, &copy, &error, "into", "same",
                                       "conflicts", choice, NULL);
      g_assert_no_error (error);
      g_assert_cmpint (outcome->failed, ==, 0);
      assert_is (fixture, "both", "{\"shown\":1} {\"beside\":1}");
      assert_is (fixture, "resolved", choices[i].resolved);
      assert_is (fixture, "later", choices[i].later);
      assert_is (fixture, "gone", ""); /* all that it had */
      assert_is (fixture, "same", "{\"n\":1}");
      assert_is (fixture, "unknown", "{\"new\":2} {\"new\":1}");
      undone = couch_fixture_restore (fixture, copy, TRUE, NULL, &error, NULL);
      g_assert_no_error (error);
      g_assert_cmpint (undone->failed, ==, 0);
      assert_is (fixture, "both", "{\"wrong\":1} {\"beside\":1}");
      assert_is (fixture, "resolved", "{\"shown\":2}");
      assert_is (fixture, "later", "{\"shown\":3} {\"other\":1}");
      assert_is (fixture, "gone", "{\"back\":2} {\"back\":1}");
      assert_is (fixture, "unknown", "{\"new\":2} {\"new\":1}");
    }
}

/* The other database is younger: what was beside must not be shown because of its longer history. */
static void
test_lifted (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;

  reprise_fake_couch_make (fixture->server, "orders");
  put_rev (fixture, "doc", "7-b", "6-a", "\"shown\":1.0");
  put_rev (fixture, "doc", "7-a", "6-a", "\"beside\":1");
  put_rev (fixture, "doc", "6-c", "5-a", "\"beside\":2");
  reprise_fake_couch_attach (fixture->server, "orders", "doc", "a", "text/plain", "hello", 5);
  backup = couch_fixture_back_up (fixture);
  reprise_fake_couch_drop (fixture->server, "orders");
  reprise_fake_couch_make (fixture->server, "orders");
  couch_fixture_put (fixture, "orders", "doc", "\"young\":1");
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same",
                                   "conflicts", "keep", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 0);
  assert_is (fixture, "doc", "{\"shown\":1.0} {\"beside\":1} {\"beside\":2}");
}

/* One document alone, and its conflicts with it. */
static void
test_document (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = make_conflicts (fixture);
  g_autoptr (RepriseOutcome) outcome =
    couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", "databases",
                           "orders", "document", "resolved", "conflicts", "exact", NULL);

  g_assert_no_error (error);
  assert_is (fixture, "resolved", "{\"shown\":2} {\"beside\":2}");
  assert_is (fixture, "both", "{\"wrong\":1} {\"beside\":1}");
  assert_is (fixture, "later", "{\"shown\":3} {\"other\":1}");
}

/* Of a document that the backup does not have every version is deleted. */
static void
test_others (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = make_conflicts (fixture);
  g_autoptr (RepriseOutcome) outcome = couch_fixture_restore (
    fixture, backup, FALSE, NULL, &error, "into", "same", "others", "remove", NULL);

  g_assert_no_error (error);
  assert_is (fixture, "unknown", "");
  assert_is (fixture, "later", "{\"shown\":3} {\"other\":1}");
}

/* When somebody else changes “doc”: which call of the restore follows then. */
static const struct
{
  const char *call;
  guint skip;
} moments[] = {
  { "POST /orders/_all_docs", 1 },  /* after the safety copy, before it is looked up */
  { "POST /orders/_bulk_docs", 0 }, /* after it was looked up, before it is written */
  { "POST /orders/_all_docs", 2 },  /* after it was written, before it is compared */
};

static RepriseBackup *
make_two (CouchFixture *fixture)
{
  RepriseBackup *backup;

  reprise_fake_couch_make (fixture->server, "orders");
  couch_fixture_put (fixture, "orders", "doc", "\"saved\":1");
  couch_fixture_put (fixture, "orders", "two", "\"saved\":2");
  backup = couch_fixture_back_up (fixture);
  couch_fixture_put (fixture, "orders", "doc", "\"wrong\":1");
  couch_fixture_put (fixture, "orders", "two", "\"wrong\":2");
  return backup;
}

/* @newer: (nullable): %NULL where they delete it */
static void
check_meanwhile (CouchFixture *fixture, guint moment, gboolean replaces, const char *newer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = make_two (fixture);
  g_autoptr (RepriseBackup) copy = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseOutcome) undone = NULL;

  reprise_fake_couch_put_meanwhile (fixture->server, moments[moment].call, moments[moment].skip, 1,
                                    "orders", "doc", newer);
  outcome = couch_fixture_restore (fixture, backup, FALSE, &copy, &error, "into", "same",
                                   "meanwhile", replaces ? "replace" : "keep", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, replaces ? 0 : 1);
  assert_is (fixture, "doc", replaces ? "{\"saved\":1}" : newer != NULL ? "{\"newer\":1}" : "");
  assert_is (fixture, "two", "{\"saved\":2}");
  if (moment == 0)
    {
      undone = couch_fixture_restore (fixture, copy, TRUE, NULL, &error, NULL);
      g_assert_no_error (error);
      assert_is (fixture, "doc", "{\"wrong\":1}");
      assert_is (fixture, "two", "{\"wrong\":2}");
    }
  reprise_fake_couch_drop (fixture->server, "orders");
}

static void
test_meanwhile (CouchFixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      check_meanwhile (fixture, i, FALSE, i == 1 ? NULL : "\"newer\":1");
      check_meanwhile (fixture, i, TRUE, i == 2 ? NULL : "\"newer\":1");
    }
}

/* Somebody who does not stop wins in the end, and it is told; who stops in time does not. */
static void
test_meanwhile_again (CouchFixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint times;
    const char *is;
  } others[] = { { 4, "{\"saved\":1}" }, { 100, "{\"newer\":1}" } };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseBackup) backup = make_two (fixture);
      g_autoptr (RepriseOutcome) outcome = NULL;

      reprise_fake_couch_put_meanwhile (fixture->server, "POST /orders/_bulk_docs", 0,
                                        others[i].times, "orders", "doc", "\"newer\":1");
      outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same",
                                       "meanwhile", "replace", NULL);
      g_assert_no_error (error);
      g_assert_cmpint (outcome->failed, ==, i);
      assert_is (fixture, "doc", others[i].is);
      assert_is (fixture, "two", "{\"saved\":2}");
      reprise_fake_couch_drop (fixture->server, "orders");
    }
}

/* An answer that is lost is no change by somebody else. */
static void
test_lost_answer (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = make_two (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;

  reprise_fake_couch_fail (fixture->server, "orders/_bulk_docs", REPRISE_FAKE_FAULT_SHORT, 5, 0, 1);
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", NULL);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_couch_get_n_faults (fixture->server), ==, 1);
  g_assert_cmpint (outcome->failed, ==, 0);
  assert_is (fixture, "doc", "{\"saved\":1}");
}

/* What was written meanwhile is not deleted with the documents that the backup does not have. */
static void
test_others_meanwhile (CouchFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = make_two (fixture);
  g_autoptr (RepriseOutcome) outcome = NULL;

  couch_fixture_put (fixture, "orders", "old", "\"n\":1");
  reprise_fake_couch_put_meanwhile (fixture->server, "POST /orders/_bulk_docs", 0, 1, "orders",
                                    "new", "\"n\":1");
  outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", "others",
                                   "remove", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->failed, ==, 1);
  assert_is (fixture, "old", "");
  assert_is (fixture, "new", "{\"n\":1}");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                             \
  g_test_add ("/couch-edits/" path, CouchFixture, NULL, couch_fixture_set_up, func, \
              couch_fixture_tear_down)
  ADD ("conflicts", test_conflicts);
  ADD ("lifted", test_lifted);
  ADD ("document", test_document);
  ADD ("others", test_others);
  ADD ("meanwhile", test_meanwhile);
  ADD ("meanwhile-again", test_meanwhile_again);
  ADD ("lost-answer", test_lost_answer);
  ADD ("others-meanwhile", test_others_meanwhile);
  return g_test_run ();
}
