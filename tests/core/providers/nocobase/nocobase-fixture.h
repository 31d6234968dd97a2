/* nocobase-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"
#include "providers/nocobase/nocobase-fake.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

#define STALE_NAME "backup_20200101_030405_1234.nbdump"
#define OLD_NAME   "backup_20260101_101401_2968.nbdump"
#define NEW_NAME   "backup_20260101_102531_6608.nbdata"

/* A server, the provider of it, and a vault. */
typedef struct
{
  NocobaseFake *fake;
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  RepriseProgress *progress;
  RepriseVault *vault;
  char *folder;
} NocobaseFixture;

/* What a fixture is made with. */
typedef struct
{
  gboolean has_old, has_new;
} NocobasePlugins;

static const NocobasePlugins OLD = { TRUE, FALSE }, NEW = { FALSE, TRUE }, BOTH = { TRUE, TRUE },
                             NEITHER = { FALSE, FALSE };

void nocobase_fixture_give_secret (NocobaseFixture *self, const char *kind, const char *text);
void nocobase_fixture_renew (NocobaseFixture *self);
void nocobase_fixture_set_up (NocobaseFixture *self, gconstpointer data);
void nocobase_fixture_assert_discreet (NocobaseFixture *self, const char *text);
void nocobase_fixture_tear_down (NocobaseFixture *self, gconstpointer data);
gboolean nocobase_fixture_has_part (char **texts, const char *part);
void nocobase_fixture_assert_warned (NocobaseFixture *self, const char *part);
RepriseContents *nocobase_fixture_list_groups (NocobaseFixture *self, GError **error);
RepriseVaultWriter *nocobase_fixture_begin (NocobaseFixture *self);
void nocobase_fixture_assert_same_bytes (NocobaseFixture *self,
                                         RepriseVaultWriter *writer,
                                         const char *name);
gboolean nocobase_fixture_download (NocobaseFixture *self,
                                    const char *name,
                                    RepriseVaultWriter *writer,
                                    GError **error);
RepriseArchive *nocobase_fixture_open_sample (NocobaseFixture *self, const char *name);
ReprisePlan *nocobase_fixture_plan (NocobaseFixture *self,
                                    const char *sample,
                                    RepriseGroups groups,
                                    const char *option);
RepriseOutcome *nocobase_fixture_restore (NocobaseFixture *self,
                                          const char *sample,
                                          GError **error);

G_END_DECLS
