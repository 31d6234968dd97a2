/* test-couch-fetch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/couchdb/client/couch-client-fixture.h"
#include "providers/couchdb/client/reprise-couch-fetch.h"
#include "reprise-test.h"

static guint
fetch_all (CouchClientFixture *fixture, const char *database, guint *n_vanished, GError **error)
{
  g_autoptr (RepriseCouchPage) page =
    reprise_couch_changes_read (fixture->client, database, NULL, 10000, NULL, error);
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  guint n = 0;

  if (page == NULL)
    return G_MAXUINT;
  fetch = reprise_couch_fetch_new (fixture->client, database, 3, 20000, NULL);
  for (guint i = 0; i < page->changes->len; i++)
    reprise_couch_fetch_push (fetch, g_steal_pointer (&page->changes->pdata[i]), 7);
  page->changes->len = 0;
  while (reprise_couch_fetch_get_n_waiting (fetch) > 0)
    {
      g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (fetch, 7, error);

      if (batch == NULL)
        return G_MAXUINT;
      g_assert_cmpuint (batch->tag, ==, 7);
      for (guint i = 0; i < batch->answers->len; i++)
        {
          RepriseCouchAnswer *answer = batch->answers->pdata[i];

          if (n_vanished != NULL)
            *n_vanished += answer->n_documents == 0;
          for (guint j = 0; j < answer->n_documents; j++)
            {
              RepriseCouchSpan document =
                g_array_index (batch->documents, RepriseCouchSpan, answer->first + j);
              g_auto (RepriseCouchHead) head = { NULL };

              reprise_couch_head_read (&head, document);
              g_assert_cmpstr (head.id, ==, answer->change->id);
              g_assert_true (
                answer->is_newer ||
                g_strv_contains ((const char *const *) answer->change->revs, head.rev));
              n++;
            }
        }
    }
  return n;
}

static void
test_fetch (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *rev = NULL;

  couch_client_fixture_fill (fixture, "a", 300);
  rev =
    reprise_fake_couch_put_rev (fixture->server, "a", "doc-0005", "1-cc", NULL, "\"c\":1", FALSE);
  reprise_fake_couch_delete (fixture->server, "a", "doc-0006");
  g_assert_cmpuint (fetch_all (fixture, "a", NULL, &error), ==, 301);
  g_assert_no_error (error);
}

static void
test_broken_fetch (CouchClientFixture *fixture, gconstpointer data)
{
  static const struct
  {
    RepriseFakeFault fault;
    guint value;
  } faults[] = {
    { REPRISE_FAKE_FAULT_CUT, 0 },      { REPRISE_FAKE_FAULT_CUT, 700 },
    { REPRISE_FAKE_FAULT_MIDDLE, 600 }, { REPRISE_FAKE_FAULT_STATUS, 429 },
    { REPRISE_FAKE_FAULT_STATUS, 500 }, { REPRISE_FAKE_FAULT_RESET, 0 },
  };

  couch_client_fixture_fill (fixture, "a", 200);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;

      reprise_fake_couch_fail (fixture->server, "_bulk_get", faults[i].fault, faults[i].value, 1,
                               3);
      g_assert_cmpuint (fetch_all (fixture, "a", NULL, &error), ==, 200);
      g_assert_no_error (error);
    }
  {
    g_autoptr (GError) error = NULL;

    reprise_fake_couch_fail (fixture->server, "_bulk_get", REPRISE_FAKE_FAULT_CUT, 100, 0, 1000);
    g_assert_cmpuint (fetch_all (fixture, "a", NULL, &error), ==, G_MAXUINT);
    g_assert_nonnull (error);
  }
}

/* Between the feed and the fetch one is edited and one purged. */
static void
test_meanwhile (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  g_autoptr (RepriseCouchBatch) batch = NULL;
  g_autofree char *rev = NULL;

  couch_client_fixture_fill (fixture, "a", 3);
  page = reprise_couch_changes_read (fixture->client, "a", NULL, 100, NULL, &error);
  g_assert_no_error (error);
  rev = reprise_fake_couch_put (fixture->server, "a", "doc-0000", "\"new\":true");
  reprise_fake_couch_purge (fixture->server, "a", "doc-0001");
  fetch = reprise_couch_fetch_new (fixture->client, "a", 1, 100, NULL);
  for (guint i = 0; i < 3; i++)
    reprise_couch_fetch_push (fetch, g_steal_pointer (&page->changes->pdata[i]), 0);
  page->changes->len = 0;
  for (guint n = 0; n < 3;)
    {
      g_autoptr (RepriseCouchBatch) some = reprise_couch_fetch_pop (fetch, 0, &error);

      g_assert_no_error (error);
      for (guint i = 0; i < some->answers->len; i++, n++)
        {
          RepriseCouchAnswer *answer = some->answers->pdata[i];
          g_auto (RepriseCouchHead) head = { NULL };

          g_assert_cmpuint (answer->n_documents, ==,
                            g_str_equal (answer->change->id, "doc-0001") ? 0 : 1);
          g_assert_cmpint (answer->is_newer, ==, !g_str_equal (answer->change->id, "doc-0002"));
          if (answer->n_documents == 0)
            continue;
          reprise_couch_head_read (
            &head, g_array_index (some->documents, RepriseCouchSpan, answer->first));
          g_assert_cmpstr (head.id, ==, answer->change->id);
          if (g_str_equal (head.id, "doc-0000"))
            g_assert_cmpstr (head.rev, ==, rev);
        }
    }
  batch = reprise_couch_fetch_pop (fetch, 0, &error);
  g_assert_no_error (error);
  g_assert_null (batch);
}

/* What is waited for comes, however much there is of the other, and although its first try was lost; and nothing of the other comes before
 * it. */
static void
test_tags (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  guint n[2] = { 0 };

  couch_client_fixture_fill (fixture, "a", 300);
  page = reprise_couch_changes_read (fixture->client, "a", NULL, 1000, NULL, &error);
  g_assert_no_error (error);
  reprise_fake_couch_fail (fixture->server, "_bulk_get", REPRISE_FAKE_FAULT_STATUS, 503, 0, 1);
  fetch = reprise_couch_fetch_new (fixture->client, "a", 2, 100000, NULL);
  for (guint i = 0; i < page->changes->len; i++)
    reprise_couch_fetch_push (fetch, g_steal_pointer (&page->changes->pdata[i]), i < 4 ? 1 : 2);
  page->changes->len = 0;
  for (guint tag = 1; tag <= 2; tag++)
    while (n[tag - 1] < (tag == 1 ? 4 : 200))
      {
        g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (fetch, tag, &error);

        g_assert_no_error (error);
        g_assert_cmpuint (batch->tag, ==, tag);
        n[tag - 1] += batch->answers->len;
      }
}

/* A server that is asked too much is asked less. */
static void
test_adapts (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  guint least = 4;

  couch_client_fixture_fill (fixture, "a", 200);
  page = reprise_couch_changes_read (fixture->client, "a", NULL, 10000, NULL, &error);
  g_assert_no_error (error);
  reprise_fake_couch_fail (fixture->server, "_bulk_get", REPRISE_FAKE_FAULT_STATUS, 429, 2, 4);
  fetch = reprise_couch_fetch_new (fixture->client, "a", 4, 100000, NULL);
  g_assert_cmpuint (reprise_couch_fetch_get_n_connections (fetch), ==, 4);
  for (guint i = 0; i < page->changes->len; i++)
    reprise_couch_fetch_push (fetch, g_steal_pointer (&page->changes->pdata[i]), 0);
  page->changes->len = 0;
  while (reprise_couch_fetch_get_n_waiting (fetch) > 0)
    {
      g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (fetch, 0, &error);

      g_assert_no_error (error);
      least = MIN (least, reprise_couch_fetch_get_n_connections (fetch));
    }
  g_assert_cmpuint (least, <=, 2);
}

static void
test_cancel (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  static const char *const REVS[] = { "1-a", NULL };

  couch_client_fixture_fill (fixture, "a", 3);
  fetch = reprise_couch_fetch_new (fixture->client, "a", 2, 100, cancellable);
  g_cancellable_cancel (cancellable);
  reprise_couch_fetch_push (fetch, reprise_couch_change_new ("doc-0000", REVS), 0);
  g_assert_null (reprise_couch_fetch_pop (fetch, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (reprise_couch_changes_read (fixture->client, "a", NULL, 10, cancellable, &second));
  g_assert_error (second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                                           \
  g_test_add ("/couch-client/" path, CouchClientFixture, NULL, couch_client_fixture_set_up, func, \
              couch_client_fixture_tear_down)
  ADD ("fetch", test_fetch);
  ADD ("broken-fetch", test_broken_fetch);
  ADD ("meanwhile", test_meanwhile);
  ADD ("tags", test_tags);
  ADD ("adapts", test_adapts);
  ADD ("cancel", test_cancel);
  return g_test_run ();
}
