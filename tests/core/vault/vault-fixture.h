/* vault-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* A vault that is not there yet, in a folder of its own, and a service. */
typedef struct
{
  char *folder;
  char *path; /* of the vault, in the folder */
  RepriseVault *vault;
  RepriseService *service;
  GError *error; /* (nullable): %NULL at the end */
} VaultFixture;

void vault_fixture_set_up (VaultFixture *fixture, gconstpointer data);
void vault_fixture_tear_down (VaultFixture *fixture, gconstpointer data);
char *vault_fixture_dup_service_folder (VaultFixture *fixture);
RepriseVaultWriter *vault_fixture_begin (VaultFixture *fixture);
void vault_fixture_add_event (VaultFixture *fixture,
                              RepriseBackup *backup,
                              const char *type,
                              const char *member,
                              const char *value);
void vault_fixture_assert_modes (const char *path);
guint vault_fixture_count_names (const char *path);

#define VAULT_FIXTURE_ADD(path, func) \
  g_test_add (path, VaultFixture, NULL, vault_fixture_set_up, func, vault_fixture_tear_down)

G_END_DECLS
