/* test-couch-limits.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-http-private.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-fetch.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/restore/reprise-couch-sender.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

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
  g_test_add_func ("/couch-client/plan-of-writes", test_plan_of_writes);
  g_test_add_func ("/couch-client/plan-of-reads", test_plan_of_reads);
  g_test_add_func ("/couch-client/patience", test_patience);
  return g_test_run ();
}
