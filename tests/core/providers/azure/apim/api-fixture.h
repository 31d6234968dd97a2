/* api-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "provider/reprise-kind.h"
#include "providers/azure/blob/fake-blob.h"
#include "providers/azure/entra/fake-entra.h"
#include "providers/azure/fake-arm.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

#define API "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/shop"
#define OTHER_API \
  "/subscriptions/s2/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/standby"
#define CONTENT "what only Azure understands"

/**
 * ApiFixture:
 * @made: the name of the blob that the last request for a backup named
 * @makes: whether such a request leaves a blob
 *
 * A service “shop” of API Management, all of whose counterparts are in this process.
 */
typedef struct
{
  FakeArm *azure;
  FakeBlob *storage;
  FakeEntra *entra;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseVault *vault;
  char *folder;
  char *made;
  gboolean makes;
} ApiFixture;

void api_fixture_set_up (ApiFixture *fixture, gconstpointer data);
void api_fixture_tear_down (ApiFixture *fixture, gconstpointer data);
void api_fixture_connect (ApiFixture *fixture);
void api_fixture_set (ApiFixture *fixture, const char *key, const char *value);
void api_fixture_give (ApiFixture *fixture, const char *kind, const char *text);
void api_fixture_answer_state (ApiFixture *fixture,
                               const char *id,
                               const char *tier,
                               const char *state);
void api_fixture_answer_start (ApiFixture *fixture, const char *path);
void api_fixture_put (ApiFixture *fixture, const char *name, const char *tier, int age_days);
void api_fixture_assert_error (GError **error, RepriseError code, const char *words);
RepriseVaultWriter *api_fixture_begin (ApiFixture *fixture);
RepriseArchive *api_fixture_commit (ApiFixture *fixture, RepriseVaultWriter *writer);
RepriseArchive *api_fixture_open (ApiFixture *fixture, const char *name);
char *api_fixture_dup_last_post (ApiFixture *fixture, const char *path);

G_END_DECLS
