/* couch-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-provider.h"
#include "reprise-fake-couch.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/**
 * CouchFixture:
 *
 * A server in this process, a service over it, and a vault. Its functions hold that nothing goes wrong that should not.
 */
typedef struct
{
  RepriseFakeCouch *server;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseVault *vault;
  char *folder;
} CouchFixture;

void couch_fixture_connect (CouchFixture *fixture);
void couch_fixture_set_up (CouchFixture *fixture, gconstpointer data);
void couch_fixture_tear_down (CouchFixture *fixture, gconstpointer data);
RepriseArchive *couch_fixture_open_archive (CouchFixture *fixture, RepriseBackup *backup);
RepriseBackup *couch_fixture_commit (CouchFixture *fixture, RepriseVaultWriter *writer);
RepriseVaultWriter *couch_fixture_begin (CouchFixture *fixture, RepriseOrigin origin);
RepriseBackup *couch_fixture_back_up (CouchFixture *fixture);
RepriseBackup *couch_fixture_back_up_groups (CouchFixture *fixture, RepriseGroups groups);
RepriseBackup *couch_fixture_try_to_back_up (CouchFixture *fixture, GError **error);
void couch_fixture_assert_tier (CouchFixture *fixture,
                                RepriseBackup *backup,
                                const char *database,
                                const char *tier);
guint couch_fixture_count_revisions (RepriseBackup *backup, const char *database);
RepriseOutcome *couch_fixture_restore (CouchFixture *fixture,
                                       RepriseBackup *backup,
                                       gboolean undo,
                                       RepriseBackup **copy,
                                       GError **error,
                                       ...);
void couch_fixture_assert_restores (CouchFixture *fixture,
                                    RepriseBackup *backup,
                                    const char *database,
                                    const char *expected);
void couch_fixture_put (CouchFixture *fixture,
                        const char *database,
                        const char *id,
                        const char *members);
void couch_fixture_fill (CouchFixture *fixture, const char *database, guint n);

G_END_DECLS
