/* test-couch-changes.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/couchdb/client/couch-client-fixture.h"
#include "providers/couchdb/client/reprise-couch-changes.h"
#include "reprise-test.h"

static guint
read_all (CouchClientFixture *fixture,
          const char *database,
          guint limit,
          char **last,
          GError **error)
{
  g_autofree char *since = NULL;
  guint n = 0;

  for (guint pages = 0; pages < 100; pages++)
    {
      g_autoptr (RepriseCouchPage) page =
        reprise_couch_changes_read (fixture->client, database, since, limit, NULL, error);

      if (page == NULL)
        return G_MAXUINT;
      n += page->changes->len;
      g_free (since);
      since = g_strdup (page->last_seq);
      if (page->pending == 0)
        break;
    }
  if (last != NULL)
    *last = g_steal_pointer (&since);
  return n;
}

static void
test_changes (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *last = NULL;
  g_autofree char *rev = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  RepriseCouchChange *change;

  couch_client_fixture_fill (fixture, "shop/a+b", 250);
  g_assert_cmpuint (read_all (fixture, "shop/a+b", 100, &last, &error), ==, 250);
  g_assert_no_error (error);
  rev =
    reprise_fake_couch_put_rev (fixture->server, "shop/a+b", "doc-0001", "9-ff", NULL, "", TRUE);
  page = reprise_couch_changes_read (fixture->client, "shop/a+b", last, 100, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->changes->len, ==, 1);
  change = page->changes->pdata[0];
  g_assert_cmpstr (change->id, ==, "doc-0001");
  g_assert_cmpuint (g_strv_length (change->revs), ==, 2); /* a deleted leaf as well */
  g_assert_false (change->deleted);
  g_assert_nonnull (change->seq);
}

/* A feed that was cut, broken off, or is a gateway's page is never taken for the end. */
static void
test_broken_changes (CouchClientFixture *fixture, gconstpointer data)
{
  static const struct
  {
    RepriseFakeFault fault;
    guint value;
  } faults[] = {
    { REPRISE_FAKE_FAULT_CUT, 0 },      { REPRISE_FAKE_FAULT_CUT, 10 },
    { REPRISE_FAKE_FAULT_CUT, 5000 },   { REPRISE_FAKE_FAULT_MIDDLE, 13 },
    { REPRISE_FAKE_FAULT_MIDDLE, 900 }, { REPRISE_FAKE_FAULT_STATUS, 429 },
    { REPRISE_FAKE_FAULT_STATUS, 503 }, { REPRISE_FAKE_FAULT_RESET, 0 },
  };

  couch_client_fixture_fill (fixture, "a", 120);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;
      guint before = reprise_fake_couch_get_n_faults (fixture->server);

      guint n;

      reprise_fake_couch_fail (fixture->server, "_changes", faults[i].fault, faults[i].value, 1, 2);
      n = read_all (fixture, "a", 50, NULL, &error);

      g_test_message ("fault %u", i);
      g_assert_no_error (error);
      g_assert_cmpuint (n, ==, 120);
      g_assert_cmpuint (reprise_fake_couch_get_n_faults (fixture->server), ==, before + 2);
    }
}

/* What never gets better ends in an error. */
static void
test_changes_given_up (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  g_autoptr (GError) third = NULL;

  couch_client_fixture_fill (fixture, "a", 20);
  reprise_fake_couch_fail (fixture->server, "a/_changes", REPRISE_FAKE_FAULT_CUT, 300, 0, 100);
  g_assert_cmpuint (read_all (fixture, "a", 50, NULL, &error), ==, G_MAXUINT);
  g_assert_nonnull (error);
  couch_client_fixture_fill (fixture, "b", 20);
  reprise_fake_couch_fail (fixture->server, "b/_changes", REPRISE_FAKE_FAULT_HTML, 0, 0, 100);
  g_assert_cmpuint (read_all (fixture, "b", 50, NULL, &second), ==, G_MAXUINT);
  g_assert_nonnull (second);
  g_assert_null (reprise_couch_changes_read (fixture->client, "none", NULL, 10, NULL, &third));
  g_assert_error (third, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                                           \
  g_test_add ("/couch-client/" path, CouchClientFixture, NULL, couch_client_fixture_set_up, func, \
              couch_client_fixture_tear_down)
  ADD ("changes", test_changes);
  ADD ("broken-changes", test_broken_changes);
  ADD ("changes-given-up", test_changes_given_up);
  return g_test_run ();
}
