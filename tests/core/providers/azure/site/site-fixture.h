/* site-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"
#include "providers/azure/blob/fake-blob.h"
#include "providers/azure/entra/fake-entra.h"
#include "providers/azure/fake-arm.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

#define SITE        "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Web/sites/shop"
#define DESCRIPTION "<?xml version=\"1.0\"?><Backup/>"
#define BACKUP(id, status, more)                                                                 \
  "{\"properties\":{\"id\":" #id ",\"name\":\"shop_" #id "\",\"blobName\":\"shop_" #id ".zip\"," \
  "\"status\":\"" status "\",\"created\":\"2026-11-21T10:00:00Z\",\"correlationId\":\"c-" #id    \
  "\"" more "}}"

/* A service with an application “shop”, all of whose counterparts are in this process. */
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
  GBytes *zip;
} SiteFixture;

void site_fixture_give (SiteFixture *fixture, const char *kind, const char *text);
void site_fixture_connect (SiteFixture *fixture);
GBytes *site_fixture_make_zip (const char *const *entries);
void site_fixture_put_backup (SiteFixture *fixture, const char *name);
void site_fixture_set_up (SiteFixture *fixture, gconstpointer data);
void site_fixture_tear_down (SiteFixture *fixture, gconstpointer data);
RepriseVaultWriter *site_fixture_begin (SiteFixture *fixture);
RepriseArchive *site_fixture_commit (SiteFixture *fixture, RepriseVaultWriter *writer);
RepriseArchive *site_fixture_open_listed (SiteFixture *fixture, const char *status);
RepriseArchive *site_fixture_open_kept (SiteFixture *fixture);
char *site_fixture_dup_last_post (SiteFixture *fixture, const char *path);

G_END_DECLS
