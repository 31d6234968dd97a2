/* couch-client-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-http-private.h"
#include "providers/couchdb/client/couch-client-fixture.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "reprise-test-provider.h"

/* The client anew, which waits little before it tries again. */
void
couch_client_fixture_connect (CouchClientFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->client);
  fixture->client =
    reprise_couch_client_new (fixture->kind, fixture->service, fixture->secrets, &error);
  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_couch_client_get_http (fixture->client), 1, 5);
}

void
couch_client_fixture_set_password (CouchClientFixture *fixture, const char *password)
{
  reprise_test_give_secret (fixture->service, REPRISE_COUCH_SECRET_PASSWORD, password);
}

void
couch_client_fixture_set_up (CouchClientFixture *fixture, gconstpointer data)
{
  g_autofree char *address = NULL;

  fixture->server = reprise_fake_couch_new ("admin", "pass\"w\303\266rd");
  fixture->kind = g_object_new (REPRISE_TYPE_COUCHDB_KIND, NULL);
  fixture->service = reprise_service_new (NULL, "couchdb", "Test");
  address = reprise_fake_couch_dup_address (fixture->server);
  reprise_service_set_setting (fixture->service, "address", address);
  reprise_service_set_setting (fixture->service, "account", "admin");
  couch_client_fixture_set_password (fixture, "pass\"w\303\266rd");
  fixture->secrets = reprise_secrets_new (reprise_service_get_uuid (fixture->service), 0);
  couch_client_fixture_connect (fixture);
}

void
couch_client_fixture_tear_down (CouchClientFixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->client);
  g_clear_object (&fixture->secrets);
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->kind);
  reprise_fake_couch_free (fixture->server);
}

/* @n documents of numbers and a string that are easily changed by reading. */
void
couch_client_fixture_fill (CouchClientFixture *fixture, const char *database, guint n)
{
  reprise_fake_couch_make (fixture->server, database);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("doc-%04u", i);
      g_autofree char *rev = reprise_fake_couch_put (
        fixture->server, database, id, "\"n\":9007199254740993,\"f\":1.0,\"s\":\"\342\200\250\"");
    }
}
