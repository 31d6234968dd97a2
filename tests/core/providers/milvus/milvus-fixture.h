/* milvus-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"
#include "reprise-fake-milvus.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* What a fixture is made with: a generation of servers, and whether Milvus itself is asked. */
typedef struct
{
  char generation;
  guint rest_version; /* 0: the address of Milvus is not set */
} MilvusWorld;

static const MilvusWorld OLD = { 'A', 1 }, NEW = { 'B', 2 }, NEWEST = { 'C', 2 },
                         FIRST = { 'B', 1 }, ALONE = { 'B', 0 };

/* A server, the provider of it, and a vault. */
typedef struct
{
  RepriseFakeMilvus *fake;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseProgress *progress;
  RepriseVault *vault;
  GHashTable *options;
  char *folder;
} MilvusFixture;

void milvus_fixture_renew (MilvusFixture *self);
void milvus_fixture_set_up (MilvusFixture *self, gconstpointer data);
void milvus_fixture_tear_down (MilvusFixture *self, gconstpointer data);
RepriseBackup *milvus_fixture_back_up (MilvusFixture *self, GError **error);
RepriseBackup *milvus_fixture_back_up_well (MilvusFixture *self);
ReprisePlan *milvus_fixture_plan (MilvusFixture *self, RepriseArchive *archive);
RepriseOutcome *milvus_fixture_restore (MilvusFixture *self, ReprisePlan *made, GError **error);
RepriseOutcome *milvus_fixture_restore_well (MilvusFixture *self, RepriseArchive *archive);
void milvus_fixture_set_option (MilvusFixture *self, const char *key, const char *value);
void milvus_fixture_use_storage (MilvusFixture *self);

G_END_DECLS
