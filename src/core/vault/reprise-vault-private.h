/* reprise-vault-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault-layout.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* Between the files of the vault. For workers. */

gboolean reprise_vault_check_writable (RepriseVault *self, GError **error);
char *reprise_vault_dup_service_folder (RepriseVault *self, const char *service_uuid);
char *reprise_vault_dup_backup_folder (RepriseVault *self, RepriseBackup *backup, GError **error);

/* Fills in what the events of the backup in @folder say. */
gboolean reprise_vault_apply_events (RepriseBackup *backup, const char *folder, GError **error);

/* A backup as its folder tells it; one whose manifest cannot be read says so as its damage. */
RepriseBackup *reprise_vault_read_backup (const char *service_uuid,
                                          const char *folder,
                                          char **first_note,
                                          gboolean *unreadable);

RepriseVaultWriter *reprise_vault_writer_new (RepriseVault *vault,
                                              RepriseService *service,
                                              RepriseOrigin origin,
                                              const char *parent,
                                              GError **error);
RepriseVaultWriter *reprise_vault_writer_resume (RepriseVault *vault,
                                                 RepriseService *service,
                                                 const char *id,
                                                 GError **error);

/* What a killed program left in the folder of a service. */
void reprise_vault_clean_up_top (const char *vault);
gboolean reprise_vault_clean_up_folder (const char *folder, GError **error);
GPtrArray *reprise_vault_list_resumable (const char *folder, GError **error);

G_END_DECLS
