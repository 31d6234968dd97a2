/* couch-client-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"
#include "reprise-fake-couch.h"

G_BEGIN_DECLS

/* A server in this process, a service at it, and who asks it. */
typedef struct
{
  RepriseFakeCouch *server;
  RepriseKind *kind;
  RepriseService *service;
  RepriseSecrets *secrets;
  RepriseCouchClient *client;
} CouchClientFixture;

void couch_client_fixture_set_up (CouchClientFixture *fixture, gconstpointer data);
void couch_client_fixture_tear_down (CouchClientFixture *fixture, gconstpointer data);
void couch_client_fixture_connect (CouchClientFixture *fixture);
void couch_client_fixture_set_password (CouchClientFixture *fixture, const char *password);
void couch_client_fixture_fill (CouchClientFixture *fixture, const char *database, guint n);

G_END_DECLS
