/* test-couch-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/client/reprise-couch-fetch.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/restore/reprise-couch-sender.h"
#include "reprise-fake-couch.h"
#include "reprise-test.h"

typedef struct
{
  RepriseFakeCouch *server;
  RepriseKind *kind;
  RepriseService *service;
  RepriseSecrets *secrets;
  RepriseCouchClient *client;
} Fixture;

static void
connect_client (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->client);
  fixture->client =
    reprise_couch_client_new (fixture->kind, fixture->service, fixture->secrets, &error);
  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_couch_client_get_http (fixture->client), 1, 5);
}

static void
set_password (Fixture *fixture, const char *password)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (password);

  reprise_secrets_override (reprise_service_get_uuid (fixture->service),
                            REPRISE_COUCH_SECRET_PASSWORD, value);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  fixture->server = reprise_fake_couch_new ("admin", "pass\"w\303\266rd");
  fixture->kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  fixture->service = reprise_service_new (NULL, "couchdb", "Test");
  address = reprise_fake_couch_dup_address (fixture->server);
  reprise_service_set_setting (fixture->service, "address", address);
  reprise_service_set_setting (fixture->service, "account", "admin");
  set_password (fixture, "pass\"w\303\266rd");
  fixture->secrets = reprise_secrets_new (reprise_service_get_uuid (fixture->service), 0);
  connect_client (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->client);
  g_clear_object (&fixture->secrets);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->kind);
  reprise_fake_couch_free (fixture->server);
}

static void
test_sign_in (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *version = NULL, *uuid = NULL;

  reprise_fake_couch_make (fixture->server, "b");
  reprise_fake_couch_make (fixture->server, "a");
  g_assert_true (reprise_couch_client_get_server (fixture->client, &version, &uuid, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (version, ==, "3.5.0");
  g_assert_cmpstr (uuid, ==, "0f0f0f0f");
  names = reprise_couch_client_list_databases (fixture->client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (names->len, ==, 2);
  g_assert_cmpstr (names->pdata[0], ==, "a");
  g_assert_cmpuint (reprise_fake_couch_get_n_sign_ins (fixture->server), ==, 1);
  /* in the middle of a job the session ends: one more sign-in, and no failure */
  reprise_fake_couch_forget_sessions (fixture->server);
  again = reprise_couch_client_list_databases (fixture->client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 2);
  g_assert_cmpuint (reprise_fake_couch_get_n_sign_ins (fixture->server), ==, 2);
}

/* Servers lock accounts: a wrong password is sent once. */
static void
test_wrong_password (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;

  set_password (fixture, "wrong");
  g_set_object (&fixture->secrets, NULL);
  fixture->secrets = reprise_secrets_new (reprise_service_get_uuid (fixture->service), 0);
  connect_client (fixture);
  g_assert_null (reprise_couch_client_list_databases (fixture->client, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_null (strstr (error->message, "wrong\""));
  g_assert_null (reprise_couch_client_list_databases (fixture->client, NULL, &second));
  g_assert_error (second, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_cmpuint (reprise_fake_couch_get_n_sign_ins (fixture->server), ==, 1);
}

static void
test_paths (void)
{
  static const struct
  {
    const char *database, *id, *below, *path;
  } paths[] = {
    { "a/b+c", NULL, NULL, "a%2Fb%2Bc" },
    { "a", NULL, "_changes", "a/_changes" },
    { "a", "x/y+z ?#%", NULL, "a/x%2Fy%2Bz%20%3F%23%25" },
    { "a", "_design/x/y", NULL, "a/_design/x%2Fy" },
    { "a", "_local/x", NULL, "a/_local/x" },
    { "a", "x", "b/c.txt", "a/x/b%2Fc.txt" },
    { "a", "x\300\200", NULL, "a/x%00" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path =
        reprise_couch_client_dup_path (paths[i].database, paths[i].id, paths[i].below);

      g_assert_cmpstr (path, ==, paths[i].path);
    }
}

static void
fill (Fixture *fixture, const char *database, guint n)
{
  reprise_fake_couch_make (fixture->server, database);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("doc-%04u", i);
      g_autofree char *rev = reprise_fake_couch_put (
        fixture->server, database, id, "\"n\":9007199254740993,\"f\":1.0,\"s\":\"\342\200\250\"");
    }
}

static guint
read_all (Fixture *fixture, const char *database, guint limit, char **last, GError **error)
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
test_changes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *last = NULL;
  g_autofree char *rev = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  RepriseCouchChange *change;

  fill (fixture, "shop/a+b", 250);
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
test_broken_changes (Fixture *fixture, gconstpointer data)
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

  fill (fixture, "a", 120);
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
test_changes_given_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  g_autoptr (GError) third = NULL;

  fill (fixture, "a", 20);
  reprise_fake_couch_fail (fixture->server, "a/_changes", REPRISE_FAKE_FAULT_CUT, 300, 0, 100);
  g_assert_cmpuint (read_all (fixture, "a", 50, NULL, &error), ==, G_MAXUINT);
  g_assert_nonnull (error);
  fill (fixture, "b", 20);
  reprise_fake_couch_fail (fixture->server, "b/_changes", REPRISE_FAKE_FAULT_HTML, 0, 0, 100);
  g_assert_cmpuint (read_all (fixture, "b", 50, NULL, &second), ==, G_MAXUINT);
  g_assert_nonnull (second);
  g_assert_null (reprise_couch_changes_read (fixture->client, "none", NULL, 10, NULL, &third));
  g_assert_error (third, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

static guint
fetch_all (Fixture *fixture, const char *database, guint *n_vanished, GError **error)
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
test_fetch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *rev = NULL;

  fill (fixture, "a", 300);
  rev =
    reprise_fake_couch_put_rev (fixture->server, "a", "doc-0005", "1-cc", NULL, "\"c\":1", FALSE);
  reprise_fake_couch_delete (fixture->server, "a", "doc-0006");
  g_assert_cmpuint (fetch_all (fixture, "a", NULL, &error), ==, 301);
  g_assert_no_error (error);
}

static void
test_broken_fetch (Fixture *fixture, gconstpointer data)
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

  fill (fixture, "a", 200);
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
test_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  g_autoptr (RepriseCouchBatch) batch = NULL;
  g_autofree char *rev = NULL;

  fill (fixture, "a", 3);
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
test_tags (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  guint n[2] = { 0 };

  fill (fixture, "a", 300);
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
test_adapts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  guint least = 4;

  fill (fixture, "a", 200);
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
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  g_autoptr (RepriseCouchFetch) fetch = NULL;
  static const char *const REVS[] = { "1-a", NULL };

  fill (fixture, "a", 3);
  fetch = reprise_couch_fetch_new (fixture->client, "a", 2, 100, cancellable);
  g_cancellable_cancel (cancellable);
  reprise_couch_fetch_push (fetch, reprise_couch_change_new ("doc-0000", REVS), 0);
  g_assert_null (reprise_couch_fetch_pop (fetch, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (reprise_couch_changes_read (fixture->client, "a", NULL, 10, cancellable, &second));
  g_assert_error (second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_databases (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) exists = NULL;
  g_autoptr (RepriseCouchInfo) info = NULL;

  g_assert_true (
    reprise_couch_client_create_database (fixture->client, "new+one", FALSE, 2, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (
    reprise_couch_client_create_database (fixture->client, "new+one", FALSE, 0, NULL, &exists));
  g_assert_error (exists, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  info = reprise_couch_client_get_info (fixture->client, "new+one", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info->doc_count, ==, 0);
  g_assert_cmpint (info->q, ==, 2);
  g_assert_cmpstr (info->created, ==, "1700000001");
  g_assert_true (g_str_has_prefix (info->update_seq, "\"0-g1"));
  g_assert_true (reprise_couch_client_delete_database (fixture->client, "new+one", NULL, &error));
  g_assert_true (reprise_couch_client_delete_database (fixture->client, "new+one", NULL, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_couch_name_is_valid ("a_$()+/-1"));
  g_assert_true (reprise_couch_name_is_valid ("_users"));
  g_assert_false (reprise_couch_name_is_valid ("A"));
  g_assert_false (reprise_couch_name_is_valid ("1a"));
  g_assert_false (reprise_couch_name_is_valid (""));
}

static void
test_rules (Fixture *fixture, gconstpointer data)
{
  const char *reason = NULL;

  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "orders", &reason), ==,
                   REPRISE_GROUP_CUSTOM);
  g_assert_null (reason);
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "_users", NULL), ==,
                   REPRISE_GROUP_USER);
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "_replicator", NULL), ==,
                   REPRISE_GROUP_THIRD_PARTY);
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "_global_changes", &reason), ==,
                   REPRISE_GROUP_SKIPPED);
  g_assert_nonnull (reason);
  reprise_service_set_rule (fixture->service, "orders", "log");
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "orders", NULL), ==,
                   REPRISE_GROUP_LOG);
  g_assert_cmpint (reprise_couch_rules_get_design_group (fixture->service, "orders"), ==,
                   REPRISE_GROUP_REQUIRED);
  g_assert_true (reprise_couch_rules_match ("a, shop-* x?", "shop-1"));
  g_assert_true (reprise_couch_rules_match ("a, shop-* x?", "xy"));
  g_assert_false (reprise_couch_rules_match ("a, shop-* x?", "xyz"));
  g_assert_false (reprise_couch_rules_match ("", "a"));
  g_assert_true (reprise_couch_rules_has_patterns (""));
  g_assert_true (reprise_couch_rules_has_patterns ("a b*"));
  g_assert_false (reprise_couch_rules_has_patterns ("a b"));
}

/* An API key of IBM Cloud becomes a bearer, which is renewed before it ends. */
typedef struct
{
  guint n_tokens;
  guint n_calls;
} Iam;

static void
iam_cb (RepriseFaultCall *call, gpointer user_data)
{
  Iam *iam = user_data;
  g_autofree char *text = NULL, *given = NULL;

  if (g_str_has_prefix (call->path, "/identity/token"))
    {
      g_autofree char *body =
        g_strndup (g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body));

      g_assert_cmpstr (
        body, ==, "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=k%2Fey%2B1");
      iam->n_tokens++;
      text =
        g_strdup_printf ("{\"access_token\":\"tok%u\",\"token_type\":\"Bearer\",\"expires_in\":%d}",
                         iam->n_tokens, iam->n_tokens == 1 ? 1 : 3600);
      reprise_fault_answer (call, 200, "application/json", text);
      return;
    }
  iam->n_calls++;
  given = reprise_fault_call_dup_header (call, "Authorization");
  text = g_strdup_printf ("Bearer tok%u", iam->n_tokens);
  if (g_strcmp0 (given, text) == 0)
    reprise_fault_answer (call, 200, "application/json", "[\"a\"]");
  else
    reprise_fault_answer (call, 401, "application/json", "{\"error\":\"unauthorized\"}");
}

static void
test_iam (void)
{
  Iam iam = { 0 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (iam_cb, &iam);
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autofree char *token = g_strconcat (address, "identity/token", NULL);
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_CLOUDANT_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "cloudant", "Test");
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text ("k/ey+1");
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseCouchClient) client = NULL;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (service, "address", address);
  reprise_service_set_setting (service, "iam-address", token);
  reprise_secrets_override (reprise_service_get_uuid (service), REPRISE_COUCH_SECRET_API_KEY, key);
  secrets = reprise_secrets_new (reprise_service_get_uuid (service), 0);
  client = reprise_couch_client_new (kind, service, secrets, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) names = reprise_couch_client_list_databases (client, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (names->len, ==, 1);
      if (i == 0)
        g_usleep (900 * 1000); /* four fifths of a second, and the first token is old */
    }
  g_assert_cmpuint (iam.n_tokens, ==, 2);
  g_assert_cmpuint (iam.n_calls, ==, 3); /* none was refused */
}

/* A key that IBM Cloud does not know is sent once, and by one of many who need it; a busy IBM Cloud is asked again. */
typedef struct
{
  guint n_tokens;  /* (atomic): asked for */
  guint status;    /* of the first @n_failing answers to that */
  guint n_failing; /* how many */
  guint n_refused; /* (atomic): calls without the token of now */
  guint seconds;   /* that a token lives */
} Account;

static void
account_cb (RepriseFaultCall *call, gpointer user_data)
{
  Account *account = user_data;
  g_autofree char *text = NULL, *given = NULL;

  if (g_str_has_prefix (call->path, "/identity/token"))
    {
      guint n = (guint) g_atomic_int_add (&account->n_tokens, 1) + 1;

      reprise_fault_sleep (call, 50);
      text =
        g_strdup_printf ("{\"access_token\":\"tok%u\",\"expires_in\":%u}", n, account->seconds);
      if (n <= account->n_failing)
        reprise_fault_answer (call, account->status, "application/json",
                              "{\"errorCode\":\"BXNIM0415E\"}");
      else
        reprise_fault_answer (call, 200, "application/json", text);
      return;
    }
  given = reprise_fault_call_dup_header (call, "Authorization");
  text = g_strdup_printf ("Bearer tok%d", g_atomic_int_get (&account->n_tokens));
  if (g_strcmp0 (given, text) != 0)
    g_atomic_int_inc (&account->n_refused);
  if (g_strcmp0 (given, text) == 0)
    reprise_fault_answer (call, 200, "application/json", "[\"a\"]");
  else
    reprise_fault_answer (call, 401, "application/json", "{\"error\":\"unauthorized\"}");
}

static RepriseCouchClient *
connect_account (RepriseFaultServer *server)
{
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autofree char *token = g_strconcat (address, "identity/token", NULL);
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_CLOUDANT_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "cloudant", "Test");
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text ("the-api-key");
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (GError) error = NULL;
  RepriseCouchClient *client;

  reprise_service_set_setting (service, "address", address);
  reprise_service_set_setting (service, "iam-address", token);
  reprise_secrets_override (reprise_service_get_uuid (service), REPRISE_COUCH_SECRET_API_KEY, key);
  secrets = reprise_secrets_new (reprise_service_get_uuid (service), 0);
  client = reprise_couch_client_new (kind, service, secrets, &error);
  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_couch_client_get_http (client), 1, 5);
  return client;
}

static gpointer
list_worker (gpointer client)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) names = reprise_couch_client_list_databases (client, NULL, &error);

      if (names == NULL)
        return g_steal_pointer (&error);
      g_usleep (40 * 1000);
    }
  return NULL;
}

static void
test_iam_together (void)
{
  Account account = { .seconds = 1 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (account_cb, &account);
  g_autoptr (RepriseCouchClient) client = connect_account (server);
  GThread *threads[4];

  /* four of them for half a second, and a token of one: renewed once at the beginning, and not before four fifths of it */
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("list", list_worker, client);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (GError) error = g_thread_join (threads[i]);

      g_assert_no_error (error);
    }
  g_assert_cmpint (g_atomic_int_get (&account.n_tokens), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&account.n_refused), ==, 0);
  g_usleep (600 * 1000);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("list", list_worker, client);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (GError) error = g_thread_join (threads[i]);

      g_assert_no_error (error);
    }
  g_assert_cmpint (g_atomic_int_get (&account.n_tokens), ==, 2);
}

static void
test_iam_wrong_key (void)
{
  static const guint statuses[] = { 400, 401, 403 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      Account account = { .seconds = 3600, .status = statuses[i], .n_failing = 100 };
      g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (account_cb, &account);
      g_autoptr (RepriseCouchClient) client = connect_account (server);
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) second = NULL;

      g_assert_null (reprise_couch_client_list_databases (client, NULL, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
      g_assert_null (strstr (error->message, "the-api-key"));
      g_assert_null (reprise_couch_client_list_databases (client, NULL, &second));
      g_assert_error (second, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
      g_assert_cmpint (g_atomic_int_get (&account.n_tokens), ==, 1);
    }
}

static void
test_iam_busy (void)
{
  static const guint statuses[] = { 429, 500, 503 };

  reprise_http_set_default_backoff (1, 5);
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      Account account = { .seconds = 3600, .status = statuses[i], .n_failing = 2 };
      g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (account_cb, &account);
      g_autoptr (RepriseCouchClient) client = connect_account (server);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) names = reprise_couch_client_list_databases (client, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (g_atomic_int_get (&account.n_tokens), ==, 3);
    }
}

/* A plan: so many documents in a request, no more, and no word of when to come again. */
#define PLAN_DOCUMENTS 12

typedef struct
{
  guint n_refused; /* (atomic) */
  guint n_written; /* (atomic) */
  guint n_slow;    /* (atomic): answers to “slow” */
} Plan;

static void
answer_found (RepriseFaultCall *call, JsonArray *docs)
{
  g_autoptr (GString) json = g_string_new ("{\"results\":[");

  for (guint i = 0; i < reprise_json_array_get_length (docs); i++)
    {
      const char *id = reprise_json_get_string (reprise_json_array_get_object (docs, i), "id", "");

      g_string_append_printf (
        json, "%s{\"id\":\"%s\",\"docs\":[{\"ok\":{\"_id\":\"%s\",\"_rev\":\"1-a\"}}]}",
        i > 0 ? "," : "", id, id);
    }
  g_string_append (json, "]}");
  reprise_fault_answer (call, 200, "application/json", json->str);
}

static void
plan_cb (RepriseFaultCall *call, gpointer user_data)
{
  Plan *plan = user_data;
  g_autoptr (JsonObject) body = NULL;
  JsonArray *docs;
  guint n;

  if (g_str_has_suffix (call->path, "/slow") &&
      g_atomic_int_add (&plan->n_slow, 1) < 30) /* more than a request has tries */
    {
      reprise_fault_answer (call, 429, "application/json", "{\"error\":\"too_many_requests\"}");
      return;
    }
  if (call->body == NULL || g_bytes_get_size (call->body) == 0)
    {
      reprise_fault_answer (call, 200, "application/json", "{}");
      return;
    }
  body = reprise_json_parse_object (g_bytes_get_data (call->body, NULL),
                                    g_bytes_get_size (call->body), NULL, NULL);
  docs = reprise_json_get_array (body, "docs");
  n = reprise_json_array_get_length (docs);
  if (n > PLAN_DOCUMENTS)
    {
      g_atomic_int_inc (&plan->n_refused);
      reprise_fault_answer (call, 429, "application/json", "{\"error\":\"too_many_requests\"}");
    }
  else if (g_str_has_suffix (call->path, "_bulk_get"))
    answer_found (call, docs);
  else
    {
      g_atomic_int_add (&plan->n_written, (int) n);
      reprise_fault_answer (call, 201, "application/json", "[]");
    }
}

static RepriseCouchClient *
connect_plan (RepriseFaultServer *server)
{
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (reprise_service_get_uuid (service), 0);
  g_autoptr (GError) error = NULL;
  RepriseCouchClient *client;

  reprise_service_set_setting (service, "address", address);
  reprise_service_set_setting (service, "sign-in", "none");
  client = reprise_couch_client_new (kind, service, secrets, &error);
  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_couch_client_get_http (client), 1, 5);
  return client;
}

static void
test_plan_of_writes (void)
{
  Plan plan = { 0 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (plan_cb, &plan);
  g_autoptr (RepriseCouchClient) client = connect_plan (server);
  g_autoptr (GError) error = NULL;
  RepriseCouchSender *sender = reprise_couch_sender_new (client, "a", FALSE, 4, NULL, NULL);

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *document = g_strdup_printf ("{\"_id\":\"%u\",\"_rev\":\"1-a\"}", i);

      reprise_couch_sender_add (sender, document, strlen (document), &error);
      g_assert_no_error (error);
    }
  reprise_couch_sender_finish (sender, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_couch_sender_get_n_sent (sender), ==, 3000);
  g_assert_cmpuint (reprise_couch_sender_get_n_refused (sender), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&plan.n_written), ==, 3000);
  /* it learns: each of the six batches by itself would be refused 189 times */
  g_assert_cmpint (g_atomic_int_get (&plan.n_refused), <, 250);
  reprise_couch_sender_free (sender);
}

static void
test_plan_of_reads (void)
{
  static const char *const REVS[] = { "1-a", NULL };
  Plan plan = { 0 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (plan_cb, &plan);
  g_autoptr (RepriseCouchClient) client = connect_plan (server);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchFetch) fetch = reprise_couch_fetch_new (client, "a", 4, 100000, NULL);
  guint n = 0;

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *id = g_strdup_printf ("doc-%u", i);

      reprise_couch_fetch_push (fetch, reprise_couch_change_new (id, REVS), 0);
    }
  while (reprise_couch_fetch_get_n_waiting (fetch) > 0)
    {
      g_autoptr (RepriseCouchBatch) batch = reprise_couch_fetch_pop (fetch, 0, &error);

      g_assert_no_error (error);
      n += batch->answers->len;
    }
  g_assert_cmpuint (n, ==, 2000);
}

/* Any number of tries, as long as the server answers others. */
static gpointer
keep_reading (gpointer data)
{
  gpointer *pair = data;

  while (g_atomic_int_get ((int *) pair[1]) == 0)
    {
      g_autoptr (GBytes) bytes = reprise_couch_client_get_bytes (pair[0], "fast", NULL, NULL);

      g_usleep (1000);
    }
  return NULL;
}

static void
test_patience (void)
{
  Plan plan = { 0 };
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (plan_cb, &plan);
  g_autoptr (RepriseCouchClient) client = connect_plan (server);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) alone = NULL;
  g_autoptr (GBytes) bytes = NULL;
  int end = 0;
  gpointer pair[] = { client, &end };
  GThread *thread = g_thread_new ("fast", keep_reading, pair);

  reprise_http_set_backoff (reprise_couch_client_get_http (client), 20, 40);
  bytes = reprise_couch_client_get_bytes (client, "slow", NULL, &error);
  g_atomic_int_set (&end, 1);
  g_thread_join (thread);
  g_assert_no_error (error);
  g_assert_cmpint (g_atomic_int_get (&plan.n_slow), ==, 31);
  /* alone it is given up, for nothing goes on */
  g_atomic_int_set (&plan.n_slow, 0);
  reprise_http_set_backoff (reprise_couch_client_get_http (client), 1, 5);
  g_assert_null (reprise_couch_client_get_bytes (client, "slow", NULL, &alone));
  g_assert_cmpint (g_atomic_int_get (&plan.n_slow), ==, 8);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/couch-client/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("sign-in", test_sign_in);
  ADD ("wrong-password", test_wrong_password);
  ADD ("databases", test_databases);
  ADD ("rules", test_rules);
  ADD ("changes", test_changes);
  ADD ("broken-changes", test_broken_changes);
  ADD ("changes-given-up", test_changes_given_up);
  ADD ("fetch", test_fetch);
  ADD ("broken-fetch", test_broken_fetch);
  ADD ("meanwhile", test_meanwhile);
  ADD ("tags", test_tags);
  ADD ("adapts", test_adapts);
  ADD ("cancel", test_cancel);
  g_test_add_func ("/couch-client/paths", test_paths);
  g_test_add_func ("/couch-client/iam", test_iam);
  g_test_add_func ("/couch-client/iam-together", test_iam_together);
  g_test_add_func ("/couch-client/iam-wrong-key", test_iam_wrong_key);
  g_test_add_func ("/couch-client/iam-busy", test_iam_busy);
  g_test_add_func ("/couch-client/plan-of-writes", test_plan_of_writes);
  g_test_add_func ("/couch-client/plan-of-reads", test_plan_of_reads);
  g_test_add_func ("/couch-client/patience", test_patience);
  return g_test_run ();
}
