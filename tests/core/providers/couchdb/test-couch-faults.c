/* test-couch-faults.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/couch-fixture.h"
#include "reprise-test.h"

#define N_DOCUMENTS 25
#define N_LEAVES    (N_DOCUMENTS + 3) /* with a conflict, a design document and one with an odd name */
#define FOR_EVER    100000

/**
 * Fault:
 * @stops: while it lasts there is no right result
 * @final: no second try is made
 *
 * The foundation's faults. What passes by is waited out; what stays is told, and leaves nothing that is wrong.
 */
typedef struct
{
  const char *name;
  RepriseFakeFault fault;
  guint value;
  gboolean stops;
  gboolean final;
} Fault;

static const Fault FAULTS[] = {
  { "busy", REPRISE_FAKE_FAULT_STATUS, 429, .stops = TRUE },
  { "busy-for-0-s", REPRISE_FAKE_FAULT_RETRY_AFTER, 0, .stops = TRUE },
  { "timeout", REPRISE_FAKE_FAULT_STATUS, 408, .stops = TRUE },
  { "internal", REPRISE_FAKE_FAULT_STATUS, 500, .stops = TRUE },
  { "unavailable", REPRISE_FAKE_FAULT_STATUS, 503, .stops = TRUE },
  { "gateway-500", REPRISE_FAKE_FAULT_GATEWAY, 500, .stops = TRUE },
  { "gateway-502", REPRISE_FAKE_FAULT_GATEWAY, 502, .stops = TRUE },
  { "gateway-504", REPRISE_FAKE_FAULT_GATEWAY, 504, .stops = TRUE },
  { "reset", REPRISE_FAKE_FAULT_RESET, 0, .stops = TRUE },
  { "cut-at-once", REPRISE_FAKE_FAULT_CUT, 0, .stops = TRUE },
  { "cut-early", REPRISE_FAKE_FAULT_CUT, 1 },
  { "cut", REPRISE_FAKE_FAULT_CUT, 300 },
  { "short-at-once", REPRISE_FAKE_FAULT_SHORT, 0, .stops = TRUE },
  { "short", REPRISE_FAKE_FAULT_SHORT, 300 },
  { "short-at-the-end", REPRISE_FAKE_FAULT_SHORT, G_MAXINT },
  { "error-in-front", REPRISE_FAKE_FAULT_MIDDLE, 12 },
  { "error-in-a-row", REPRISE_FAKE_FAULT_MIDDLE, 170 },
  { "error-in-the-stream", REPRISE_FAKE_FAULT_MIDDLE, 700 },
  { "twice", REPRISE_FAKE_FAULT_TWICE, 0 },
  { "flipped", REPRISE_FAKE_FAULT_FLIP, 0, .final = TRUE },
  { "portal", REPRISE_FAKE_FAULT_HTML, 0, .stops = TRUE, .final = TRUE },
  { "other-json", REPRISE_FAKE_FAULT_OTHER, 0, .final = TRUE },
};

static const char *const READS[] = { "/_changes", "/_bulk_get", "/p.png", "/_security" };
static const char *const WRITES[] = { "/_bulk_docs", "/_revs_diff", "/_changes",
                                      "/_bulk_get",  "/_security",  "/_local/reprise-restore" };
static const char *const EDITS[] = { "/_all_docs", "/_bulk_docs" };

static void
break_server (CouchFixture *fixture, const Fault *fault, const char *path, guint times)
{
  reprise_fake_couch_fail (fixture->server, path, fault->fault, fault->value, 0, times);
}

/* As another run would find it */
static void
heal (CouchFixture *fixture)
{
  reprise_fake_couch_fail_no_more (fixture->server);
  couch_fixture_connect (fixture);
}

/* Not every fault at every path, for the sake of time: all with REPRISE_TEST_ALL. */
static guint
get_step (void)
{
  return g_getenv ("REPRISE_TEST_ALL") != NULL ? 1 : REPRISE_TEST_WITH_SANITIZER ? 11 : 4;
}

static guint
get_first (const char *path)
{
  return g_str_hash (path) % get_step ();
}

/* One passes by, the next one stays. */
static guint
get_times (guint i)
{
  return (i / get_step ()) % 2 == 0 ? 2 : FOR_EVER;
}

/* In a small answer that is no stream an error in the middle is no reason to ask again. */
static gboolean
is_final (const Fault *fault, const char *path)
{
  return fault->final || (fault->fault == REPRISE_FAKE_FAULT_MIDDLE &&
                          strcmp (path, "/_changes") != 0 && strcmp (path, "/_bulk_get") != 0);
}

/* What was tried is told; whether it may have ended so. @n_before: faults until then */
static void
check_end (CouchFixture *fixture,
           const Fault *fault,
           const char *path,
           guint times,
           guint n_before,
           GError *error)
{
  gboolean was_met = reprise_fake_couch_get_n_faults (fixture->server) > n_before;

  g_test_message ("%s at %s, %u times: %s", fault->name, path, times,
                  error != NULL ? error->message : "well");
  g_assert_true (was_met);
  if (times == FOR_EVER)
    g_assert_true (error != NULL || !fault->stops);
  else if (!is_final (fault, path))
    g_assert_no_error (error);
}

/* A backup while the server is at fault; where it fails, another goes on from there when all is well again. */
static RepriseBackup *
back_up (CouchFixture *fixture, const Fault *fault, const char *path, guint times, guint n_rows)
{
  guint n_before = reprise_fake_couch_get_n_faults (fixture->server);
  g_autoptr (GError) error = NULL;
  RepriseBackup *backup;

  break_server (fixture, fault, path, times);
  backup = couch_fixture_try_to_back_up (fixture, &error);
  g_assert_true ((backup != NULL) == (error == NULL));
  check_end (fixture, fault, path, times, n_before, error);
  heal (fixture);
  if (backup == NULL)
    backup = couch_fixture_back_up (fixture);
  g_assert_cmpuint (couch_fixture_count_revisions (backup, "orders"), ==, n_rows);
  return backup;
}

static void
change_some (CouchFixture *fixture)
{
  couch_fixture_put (fixture, "orders", "doc-0010", "\"n\":2");
  couch_fixture_put (fixture, "orders", "new", "\"n\":3");
  reprise_fake_couch_delete (fixture->server, "orders", "doc-0011");
  reprise_fake_couch_attach (fixture->server, "orders", "doc-0003", "p.png", "image/png", "other",
                             5);
}

/* A baseline and an increment: of all revisions none is stored twice, and all of it is right. */
static void
test_backup (CouchFixture *fixture, gconstpointer data)
{
  const char *path = data;

  for (guint i = get_first (path); i < G_N_ELEMENTS (FAULTS); i += get_step ())
    {
      g_autoptr (RepriseBackup) first = NULL;
      g_autoptr (RepriseBackup) second = NULL;
      g_autofree char *before = NULL, *after = NULL;

      couch_fixture_fill (fixture, "orders", N_DOCUMENTS);
      before = reprise_fake_couch_dump (fixture->server, "orders");
      first = back_up (fixture, &FAULTS[i], path, get_times (i), N_LEAVES);
      change_some (fixture);
      if (i % 3 == 0)
        reprise_fake_couch_rewind (fixture->server, "orders");
      after = reprise_fake_couch_dump (fixture->server, "orders");
      second = back_up (fixture, &FAULTS[i], path, get_times (i + get_step ()), 4);
      couch_fixture_assert_tier (fixture, second, "orders", "daily");
      if (i % 4 == 0)
        couch_fixture_assert_restores (fixture, first, "orders", before);
      couch_fixture_assert_restores (fixture, second, "orders", after);
      reprise_fake_couch_drop (fixture->server, "orders");
    }
}

/* All documents are there, and the rest is not: what is there is asked for then. */
static void
break_off (CouchFixture *fixture, RepriseBackup *backup, const char *target)
{
  g_autoptr (GError) error = NULL;

  reprise_fake_couch_fail (fixture->server, "/_security", REPRISE_FAKE_FAULT_STATUS, 503, 0,
                           FOR_EVER);
  g_assert_null (
    couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", target, NULL));
  g_assert_nonnull (error);
  heal (fixture);
}

/* Into a new database: what was broken off goes on with the revisions as they were. */
static void
test_restore (CouchFixture *fixture, gconstpointer data)
{
  const char *path = data;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autofree char *state = NULL;

  couch_fixture_fill (fixture, "orders", N_DOCUMENTS);
  state = reprise_fake_couch_dump (fixture->server, "orders");
  backup = couch_fixture_back_up (fixture);
  for (guint i = get_first (path); i < G_N_ELEMENTS (FAULTS); i += get_step ())
    {
      const Fault *fault = &FAULTS[i];
      guint times = get_times (i);
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseOutcome) outcome = NULL;
      g_autofree char *is = NULL;
      g_autofree char *target = g_strdup_printf ("copy-%u", i);
      guint n_before;

      if (strcmp (path, "/_revs_diff") == 0)
        break_off (fixture, backup, target);
      n_before = reprise_fake_couch_get_n_faults (fixture->server);
      break_server (fixture, fault, path, times);
      outcome =
        couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", target, NULL);
      g_assert_true ((outcome != NULL) == (error == NULL));
      check_end (fixture, fault, path, times, n_before, error);
      heal (fixture);
      if (outcome == NULL || outcome->failed > 0)
        {
          g_clear_error (&error);
          g_clear_pointer (&outcome, reprise_outcome_free);
          outcome =
            couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "target", target, NULL);
          g_assert_no_error (error);
        }
      g_assert_cmpint (outcome->failed, ==, 0);
      is = reprise_fake_couch_dump (fixture->server, target);
      g_assert_cmpstr (is, ==, state);
      reprise_fake_couch_drop (fixture->server, target);
    }
}

/* In the same database saved versions win, and no document is written more than once. */
static void
test_edits (CouchFixture *fixture, gconstpointer data)
{
  const char *path = data;
  g_autoptr (RepriseBackup) backup = NULL;

  couch_fixture_fill (fixture, "orders", N_DOCUMENTS);
  backup = couch_fixture_back_up (fixture);
  for (guint i = get_first (path); i < G_N_ELEMENTS (FAULTS); i += get_step ())
    {
      const Fault *fault = &FAULTS[i];
      guint times = get_times (i);
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseOutcome) outcome = NULL;
      g_autofree char *wrong = g_strdup_printf ("\"wrong\":%u", i), *is = NULL;

      guint n_before = reprise_fake_couch_get_n_faults (fixture->server);

      couch_fixture_put (fixture, "orders", "doc-0004", wrong);
      couch_fixture_put (fixture, "orders", "doc-0005", wrong);
      break_server (fixture, fault, path, times);
      outcome = couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", NULL);
      g_assert_true ((outcome != NULL) == (error == NULL));
      check_end (fixture, fault, path, times, n_before, error);
      heal (fixture);
      if (outcome == NULL || outcome->failed > 0)
        {
          g_clear_error (&error);
          g_clear_pointer (&outcome, reprise_outcome_free);
          outcome =
            couch_fixture_restore (fixture, backup, FALSE, NULL, &error, "into", "same", NULL);
          g_assert_no_error (error);
        }
      g_assert_cmpint (outcome->failed, ==, 0);
      is = reprise_fake_couch_dump (fixture->server, "orders");
      g_assert_null (strstr (is, wrong));
      g_assert_cmpuint (reprise_fake_couch_count (fixture->server, "orders"), ==, N_DOCUMENTS + 1);
    }
}

static void
add (const char *what,
     const char *const *paths,
     guint n,
     void (*func) (CouchFixture *fixture, gconstpointer data))
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("/couch-faults/%s%s", what, paths[i]);

      g_test_add (name, CouchFixture, paths[i], couch_fixture_set_up, func,
                  couch_fixture_tear_down);
    }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  add ("backup", READS, G_N_ELEMENTS (READS), test_backup);
  add ("restore", WRITES, G_N_ELEMENTS (WRITES), test_restore);
  add ("edits", EDITS, G_N_ELEMENTS (EDITS), test_edits);
  return g_test_run ();
}
