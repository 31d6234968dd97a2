/* couch-server-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"
#include "reprise-fake-couch.h"
#include "reprise-fake-replicator.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

#define CANARY       "c4n4ry-of-the-service"
#define OTHER_CANARY "c4n4ry-of-the-cluster"

/* A server that backs itself up, with its replicator, and perhaps another that holds its backups. */
typedef struct
{
  RepriseFakeCouch *home;
  RepriseFakeCouch *away; /* (nullable): another cluster */
  RepriseFakeReplicator *replicator;
  RepriseKind *kind;
  RepriseService *service;
  RepriseSecrets *secrets;
  RepriseProvider *provider;
  RepriseVault *vault;
  RepriseProgress *progress;
  char *folder;
} CouchServerFixture;

void couch_server_fixture_connect_provider (CouchServerFixture *fixture);
void couch_server_fixture_set (CouchServerFixture *fixture, const char *key, const char *value);
void couch_server_fixture_set_secret (CouchServerFixture *fixture,
                                      const char *key,
                                      const char *text);
void couch_server_fixture_set_up (CouchServerFixture *fixture, gconstpointer data);
void couch_server_fixture_assert_clean (const char *text);
void couch_server_fixture_tear_down (CouchServerFixture *fixture, gconstpointer data);
RepriseBackup *couch_server_fixture_try_back_up (CouchServerFixture *fixture, GError **error);
RepriseBackup *couch_server_fixture_back_up (CouchServerFixture *fixture);
RepriseBackup *couch_server_fixture_keep_aside (CouchServerFixture *fixture, RepriseBackup *made);
GPtrArray *couch_server_fixture_list (CouchServerFixture *fixture);
char *couch_server_fixture_make_name (RepriseBackup *backup, const char *tier);
RepriseArchive *couch_server_fixture_open_backup (CouchServerFixture *fixture,
                                                  RepriseBackup *backup);
char *couch_server_fixture_restore_archive (CouchServerFixture *fixture,
                                            RepriseArchive *archive,
                                            const char *target,
                                            GError **error);
void couch_server_fixture_restore (CouchServerFixture *fixture,
                                   RepriseBackup *backup,
                                   const char *target);

G_END_DECLS
