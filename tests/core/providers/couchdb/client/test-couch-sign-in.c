/* test-couch-sign-in.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-private.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "reprise-fault-server.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"

static RepriseCouchClient *
connect_account (RepriseFaultServer *server, const char *api_key)
{
  g_autofree char *address = reprise_fault_server_dup_address (server);
  g_autofree char *token = g_strconcat (address, "identity/token", NULL);
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_CLOUDANT_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "cloudant", "Test");
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (GError) error = NULL;
  RepriseCouchClient *client;

  reprise_service_set_setting (service, "address", address);
  reprise_service_set_setting (service, "iam-address", token);
  reprise_test_give_secret (service, REPRISE_COUCH_SECRET_API_KEY, api_key);
  secrets = reprise_secrets_new (reprise_service_get_uuid (service), 0);
  client = reprise_couch_client_new (kind, service, secrets, &error);
  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_couch_client_get_http (client), 1, 5);
  return client;
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
  g_autoptr (RepriseCouchClient) client = connect_account (server, "k/ey+1");
  g_autoptr (GError) error = NULL;

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
  g_autoptr (RepriseCouchClient) client = connect_account (server, "the-api-key");
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
      g_autoptr (RepriseCouchClient) client = connect_account (server, "the-api-key");
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
      g_autoptr (RepriseCouchClient) client = connect_account (server, "the-api-key");
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) names = reprise_couch_client_list_databases (client, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (g_atomic_int_get (&account.n_tokens), ==, 3);
    }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/couch-client/iam", test_iam);
  g_test_add_func ("/couch-client/iam-together", test_iam_together);
  g_test_add_func ("/couch-client/iam-wrong-key", test_iam_wrong_key);
  g_test_add_func ("/couch-client/iam-busy", test_iam_busy);
  return g_test_run ();
}
