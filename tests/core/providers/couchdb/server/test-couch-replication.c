/* test-couch-replication.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-http-private.h"
#include "net/reprise-json.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/server/reprise-couch-replication.h"
#include "reprise-fake-replicator.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"

#define CANARY "c4n4ry-of-the-replicator"

typedef struct
{
  RepriseFakeCouch *server;
  RepriseFakeReplicator *replicator;
  RepriseCouchClient *client;
  RepriseProgress *progress;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (service), REPRISE_KEYRING_UNATTENDED);
  g_autofree char *address = NULL;

  fixture->server = reprise_fake_couch_new ("admin", CANARY);
  fixture->replicator = reprise_fake_replicator_new (fixture->server);
  fixture->progress = reprise_progress_new ();
  address = reprise_fake_couch_dup_address (fixture->server);
  reprise_service_set_setting (service, "address", address);
  reprise_service_set_setting (service, "account", "admin");
  reprise_test_give_secret (service, "password", CANARY);
  fixture->client = reprise_couch_client_new (kind, service, secrets, NULL);
  reprise_http_set_backoff (reprise_couch_client_get_http (fixture->client), 1, 5);
  reprise_couch_replication_set_pace (1, 5, 60);
  reprise_fake_couch_make (fixture->server, "original");
  g_free (reprise_fake_couch_put (fixture->server, "original", "a", "\"n\":1"));
  g_free (reprise_fake_couch_put (fixture->server, "original", "b", "\"n\":2"));
  g_free (reprise_fake_couch_put (fixture->server, "original", "_design/d", "\"views\":{}"));
}

/* Nothing that was ever said has the password in it, and no document that has it stays. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = reprise_progress_dup_log_text (fixture->progress);

  g_assert_null (strstr (log != NULL ? log : "", CANARY));
  g_object_unref (fixture->client);
  g_object_unref (fixture->progress);
  reprise_fake_replicator_free (fixture->replicator);
  reprise_fake_couch_free (fixture->server);
}

static void
start (Fixture *fixture, const char *target, const char *since, gboolean create)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchInfo) info =
    create ? reprise_couch_client_get_info (fixture->client, "original", NULL, NULL) : NULL;
  RepriseCouchReplication replication = {
    .id = target,
    .source = { fixture->client, NULL, "original" },
    .target = { fixture->client, NULL, target },
    .since = since,
    .info = info,
  };

  reprise_couch_replication_start (&replication, fixture->client, NULL, &error);
  g_assert_no_error (error);
}

static void
wait (Fixture *fixture, const char *id, RepriseCouchProgress *result)
{
  g_autoptr (GError) error = NULL;

  reprise_couch_replication_wait (fixture->client, id, id, result, fixture->progress, NULL, &error);
  g_assert_no_error (error);
}

static void
finish (Fixture *fixture, const char *id)
{
  g_autoptr (GError) error = NULL;

  reprise_couch_replication_remove (fixture->client, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fake_replicator_get_n_documents (fixture->replicator), ==, 0);
}

/* The request that the user's document prints: PUT /_replicator/newbackup with source, target and since_seq. */
static void
test_increment (Fixture *fixture, gconstpointer data)
{
  g_auto (RepriseCouchProgress) result = { 0 };
  g_autofree char *text = NULL, *address = NULL, *source = NULL, *target = NULL, *log = NULL;
  g_autoptr (JsonObject) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *sequence = NULL;
  const char *origin = NULL;

  start (fixture, "newbackup", NULL, TRUE);
  wait (fixture, "newbackup", &result);
  g_assert_cmpint (result.state, ==, REPRISE_COUCH_REPLICATION_COMPLETED);
  g_assert_cmpint (result.n_written, ==, 2);
  g_assert_true (reprise_couch_replication_is_whole (&result));
  g_assert_cmpstr (result.origin, ==, "_replication_stats.checkpointed_source_seq");
  reprise_couch_replication_find_sequence (&result, fixture->client, "original", NULL, &sequence,
                                           &origin, NULL, &error);
  g_assert_no_error (error);
  finish (fixture, "newbackup");
  g_assert_cmpuint (reprise_fake_couch_count (fixture->server, "newbackup"), ==, 2);
  g_assert_cmpuint (reprise_fake_couch_get_n_calls (fixture->server, "PUT /_replicator/newbackup"),
                    ==, 1);
  text = reprise_fake_replicator_dup_started (fixture->replicator, 0);
  document = reprise_json_parse_object (text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  address = reprise_fake_couch_dup_address (fixture->server);
  source = g_build_path ("/", address, "original", NULL);
  target = g_build_path ("/", address, "newbackup", NULL);
  g_assert_cmpstr (reprise_json_get_string (document, "_id", NULL), ==, "newbackup");
  g_assert_cmpstr (reprise_json_get_string (document, "source.url", NULL), ==, source);
  g_assert_cmpstr (reprise_json_get_string (document, "target.url", NULL), ==, target);
  g_assert_cmpstr (reprise_json_get_string (document, "source.auth.basic.username", NULL), ==,
                   "admin");
  g_assert_cmpstr (reprise_json_get_string (document, "target.auth.basic.password", NULL), ==,
                   CANARY);
  g_assert_cmpstr (reprise_json_get_string (document, "selector._id.$regex", NULL), ==,
                   "^(?!_design/)");
  g_assert_true (reprise_json_get_boolean (document, "create_target", FALSE));
  g_assert_cmpint (reprise_json_get_int (document, "create_target_params.q", 0), ==, 2);
  g_assert_cmpint (reprise_json_get_int (document, "create_target_params.n", 0), ==, 1);
  g_assert_null (reprise_json_get_node (document, "since_seq"));

  /* the next one takes only what has changed since */
  g_free (reprise_fake_couch_put (fixture->server, "original", "c", "\"n\":3"));
  start (fixture, "newbackup2", sequence, TRUE);
  wait (fixture, "newbackup2", &result);
  finish (fixture, "newbackup2");
  g_assert_cmpint (result.n_written, ==, 1);
  g_assert_cmpuint (reprise_fake_couch_count (fixture->server, "newbackup2"), ==, 1);
  log = reprise_progress_dup_log_text (fixture->progress);
  g_assert_nonnull (strstr (log, "The server copies the documents"));
  g_assert_nonnull (strstr (log, "waits for its turn"));
}

/* GET /_replicator/original → _replication_id → GET /original/_local/ID → history[0].recorded_seq */
static void
test_old_way (Fixture *fixture, gconstpointer data)
{
  g_auto (RepriseCouchProgress) result = { 0 };
  g_autofree char *sequence = NULL;
  g_autoptr (GError) error = NULL;
  const char *origin = NULL;

  reprise_fake_replicator_set_old (fixture->replicator, TRUE);
  start (fixture, "newbackup", NULL, TRUE);
  wait (fixture, "newbackup", &result);
  g_assert_cmpint (result.state, ==, REPRISE_COUCH_REPLICATION_COMPLETED);
  g_assert_null (result.sequence);
  g_assert_cmpstr (result.replication_id, ==, "c0ffee00c0ffee00+create_target");
  reprise_couch_replication_find_sequence (&result, fixture->client, "original", "\"9-before\"",
                                           &sequence, &origin, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (sequence, "\"3-"));
  g_assert_nonnull (strstr (origin, "recorded_seq"));
  g_assert_cmpuint (
    reprise_fake_couch_get_n_calls (fixture->server, "GET /original/_local/c0ffee00c0ffee00"), ==,
    1);
  finish (fixture, "newbackup");
}

/* What was read before the start, and where nobody says anything, nothing: then there is a new baseline. */
static void
test_no_sequence (Fixture *fixture, gconstpointer data)
{
  g_auto (RepriseCouchProgress) result = { 0 };
  g_autofree char *sequence = NULL, *none = NULL;
  g_autoptr (GError) error = NULL;
  const char *origin = NULL;

  reprise_fake_replicator_set_mute (fixture->replicator, TRUE);
  start (fixture, "newbackup", NULL, TRUE);
  wait (fixture, "newbackup", &result);
  g_assert_null (result.sequence);
  reprise_couch_replication_find_sequence (&result, fixture->client, "original", "\"9-before\"",
                                           &sequence, &origin, NULL, &error);
  g_assert_cmpstr (sequence, ==, "\"9-before\"");
  g_assert_nonnull (strstr (origin, "before the start"));
  reprise_couch_replication_find_sequence (&result, fixture->client, "original", NULL, &none,
                                           &origin, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (none);
  g_assert_null (origin);
  finish (fixture, "newbackup");
}

static void
assert_not_whole (Fixture *fixture, const char *id, const char *reason)
{
  g_auto (RepriseCouchProgress) result = { 0 };
  g_autofree char *text = NULL;

  wait (fixture, id, &result);
  g_assert_false (reprise_couch_replication_is_whole (&result));
  text = reprise_couch_replication_explain (&result);
  g_assert_nonnull (strstr (text, reason));
}

/* Completed with documents that the target refused is no backup. */
static void
test_write_failures (Fixture *fixture, gconstpointer data)
{
  reprise_fake_replicator_set_failures (fixture->replicator, 1);
  start (fixture, "newbackup", NULL, TRUE);
  assert_not_whole (fixture, "newbackup", "1 document could not be written");
  finish (fixture, "newbackup");
}

/* The server tries again for ever; there is an end to our patience. */
static void
test_crashing (Fixture *fixture, gconstpointer data)
{
  reprise_fake_couch_drop (fixture->server, "original");
  start (fixture, "newbackup", NULL, FALSE);
  assert_not_whole (fixture, "newbackup", "db_not_found");
  finish (fixture, "newbackup");
}

/* What recovers by itself is waited for. */
static void
test_recovers (Fixture *fixture, gconstpointer data)
{
  g_auto (RepriseCouchProgress) result = { 0 };
  g_autofree char *log = NULL;

  reprise_fake_replicator_set_script (fixture->replicator,
                                      "404 404 initializing error pending crashing pending running "
                                      "running completed");
  start (fixture, "newbackup", NULL, TRUE);
  wait (fixture, "newbackup", &result);
  g_assert_true (reprise_couch_replication_is_whole (&result));
  log = reprise_progress_dup_log_text (fixture->progress);
  g_assert_nonnull (strstr (log, "could not be begun; the server tries again"));
  g_assert_nonnull (strstr (log, "broke off; the server tries again: as it goes"));
  finish (fixture, "newbackup");
}

/* Two documents for one replication: the second is given up, with the name of the first. */
static void
test_twin (Fixture *fixture, gconstpointer data)
{
  RepriseCouchReplication twin = { .id = "twin",
                                   .source = { fixture->client, NULL, "original" },
                                   .target = { fixture->client, NULL, "newbackup" },
                                   .since = "\"3-x\"" };
  g_autoptr (GError) error = NULL;

  start (fixture, "newbackup", NULL, TRUE);
  reprise_couch_replication_start (&twin, fixture->client, NULL, &error);
  g_assert_no_error (error);
  assert_not_whole (fixture, "twin", "already started by document `newbackup`");
  reprise_couch_replication_remove (fixture->client, "twin", NULL, &error);
  g_assert_no_error (error);
  finish (fixture, "newbackup");
}

/* A server that asks for patience, and an answer that is lost: the document is put once. */
static void
test_faults (Fixture *fixture, gconstpointer data)
{
  g_auto (RepriseCouchProgress) result = { 0 };

  reprise_fake_couch_fail (fixture->server, "_replicator", REPRISE_FAKE_FAULT_STATUS, 503, 0, 1);
  reprise_fake_couch_fail (fixture->server, "_scheduler", REPRISE_FAKE_FAULT_STATUS, 429, 0, 2);
  reprise_fake_couch_fail (fixture->server, "_scheduler", REPRISE_FAKE_FAULT_RESET, 0, 1, 1);
  start (fixture, "newbackup", NULL, TRUE);
  start (fixture, "newbackup", NULL, TRUE); /* as after a lost answer */
  wait (fixture, "newbackup", &result);
  g_assert_true (reprise_couch_replication_is_whole (&result));
  g_assert_cmpuint (reprise_fake_couch_get_n_faults (fixture->server), ==, 4);
  g_assert_cmpuint (reprise_fake_replicator_get_n_started (fixture->replicator), ==, 1);
  finish (fixture, "newbackup");
}

/* ---- what Apache CouchDB 3.5.0 answered ---- */

#define SEQUENCE                                                                                  \
  "9-g1AAAACneJzLYWBgYMpgTmEQSc4vTc4wNLW0MHEwNDLXMwBCwxyQbCJDUv3___-zMpgT2XOBAuwGyWZmKYZmOPTgNyy" \
  "PBUgyNACp_1AzmcBmmlimmqSZJOPQmgUAal4pfA"
#define STATS                                                                                      \
  "{\"revisions_checked\":9,\"missing_revisions_found\":9,\"docs_read\":9,\"docs_written\":9,"     \
  "\"changes_pending\":null,\"doc_write_failures\":0,\"bulk_get_docs\":7,\"bulk_get_attempts\":8," \
  "\"checkpointed_source_seq\":\"" SEQUENCE "\""

static void
answer_cb (RepriseFaultCall *call, gpointer user_data)
{
  static const struct
  {
    const char *path, *body;
  } ANSWERS[] = {
    { "/_replicator/nightly",
      "{\"_id\":\"nightly\",\"_rev\":\"2-18387cc3b0eb8d1bc970b117edcf385b\",\"source\":\"http://"
      "admin:" CANARY "@127.0.0.1:15984/shop\",\"target\":\"http://admin:" CANARY
      "@127.0.0.1:15984/"
      "shop-2026-11-21\",\"create_target\":true,\"owner\":\"admin\",\"_replication_"
      "state\":\"completed\",\"_replication_state_time\":\"2026-11-21T11:20:21Z\",\"_replication_"
      "stats\":" STATS ",\"start_time\":\"2026-11-21T11:20:17Z\"}}\n" },
    { "/_scheduler/docs/_replicator/nightly",
      "{\"database\":\"_replicator\",\"doc_id\":\"nightly\",\"id\":null,\"source\":\"http://"
      "127.0.0.1:15984/"
      "shop/\",\"target\":\"http://127.0.0.1:15984/shop-2026-11-21/"
      "\",\"state\":\"completed\",\"error_count\":"
      "0,\"info\":" STATS
      "},\"start_time\":\"2026-11-21T11:20:17Z\",\"last_updated\":\"2026-11-21T11:20:21Z\"}\n" },
    { "/_scheduler/docs/_replicator/gone",
      "{\"database\":\"_replicator\",\"doc_id\":\"gone\",\"id\":"
      "\"6ebb73bd7e09db70615a914dce24fef9\","
      "\"state\":\"crashing\",\"error_count\":3,\"info\":{\"error\":\"db_not_found: could not open "
      "http://127.0.0.1:15984/nothing/\"}}\n" },
    { "/_scheduler/docs/_replicator/young", "{\"database\":\"_replicator\",\"doc_id\":\"young\","
                                            "\"id\":null,\"state\":\"initializing\",\"info\":null,"
                                            "\"error_count\":0}\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ANSWERS); i++)
    if (g_str_equal (call->path, ANSWERS[i].path))
      {
        reprise_fault_answer (call, 200, "application/json", ANSWERS[i].body);
        return;
      }
  reprise_fault_answer (call, 404, "application/json",
                        "{\"error\":\"not_found\",\"reason\":\"missing\"}");
}

/* As it is printed: the document with the credentials in its URLs, the scheduler's words of it, trouble, and a beginning. */
static void
test_printed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseFaultServer) server = reprise_fault_server_new (answer_cb, NULL);
  g_autofree char *address = reprise_fault_server_dup_address (server), *text = NULL;
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Printed");
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (service), REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseCouchClient) client = NULL;
  g_auto (RepriseCouchProgress) progress = { 0 };
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (service, "address", address);
  reprise_service_set_setting (service, "sign-in", "none");
  client = reprise_couch_client_new (kind, service, secrets, &error);
  g_assert_no_error (error);
  reprise_couch_replication_look (client, "nightly", &progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (progress.state, ==, REPRISE_COUCH_REPLICATION_COMPLETED);
  g_assert_cmpint (progress.n_written, ==, 9);
  g_assert_cmpint (progress.n_failures, ==, 0);
  g_assert_cmpstr (progress.sequence, ==, "\"" SEQUENCE "\"");
  g_assert_true (reprise_couch_replication_is_whole (&progress));
  reprise_couch_replication_look (client, "gone", &progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (progress.state, ==, REPRISE_COUCH_REPLICATION_CRASHING);
  text = reprise_couch_replication_explain (&progress);
  g_assert_nonnull (strstr (text, "db_not_found: could not open"));
  reprise_couch_replication_look (client, "young", &progress, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (progress.state, ==, REPRISE_COUCH_REPLICATION_INITIALIZING);
}

static void
test_stopped (Fixture *fixture, gconstpointer data)
{
  g_auto (RepriseCouchProgress) result = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  reprise_fake_replicator_set_script (fixture->replicator, "404 running");
  start (fixture, "newbackup", NULL, TRUE);
  g_cancellable_cancel (cancellable);
  g_assert_false (reprise_couch_replication_wait (fixture->client, "newbackup", "x", &result, NULL,
                                                  cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  finish (fixture, "newbackup");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(name, func) \
  g_test_add ("/couch/replication/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("increment", test_increment);
  ADD ("old-way", test_old_way);
  ADD ("no-sequence", test_no_sequence);
  ADD ("write-failures", test_write_failures);
  ADD ("crashing", test_crashing);
  ADD ("recovers", test_recovers);
  ADD ("twin", test_twin);
  ADD ("faults", test_faults);
  ADD ("stopped", test_stopped);
  ADD ("printed", test_printed);
#undef ADD
  return g_test_run ();
}
