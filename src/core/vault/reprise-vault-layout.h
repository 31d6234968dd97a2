/* reprise-vault-layout.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-ulid.h"
#include "service/reprise-service.h"
#include "vault/reprise-vault-json.h"

G_BEGIN_DECLS

/* Where everything lies in a vault, format 1. For workers. */

#define REPRISE_VAULT_FORMAT  1
#define REPRISE_VAULT_PARTIAL ".partial-"
#define REPRISE_VAULT_DELETED ".deleted-"
#define REPRISE_VAULT_JOURNAL ".journal"
#define REPRISE_VAULT_EVENTS  ".events"
#define REPRISE_VAULT_SCRATCH ".scratch"
#define REPRISE_VAULT_JSON_BYTES \
  (1024 * 1024) /* of a small file of the vault; a manifest may be larger */

/**
 * RepriseVaultName:
 * @stamp: when the backup was made: “20261121T101317Z”
 * @id: its ULID
 *
 * The name of a backup's folder, in its parts.
 */
typedef struct
{
  char stamp[17];
  char id[REPRISE_ULID_LENGTH + 1];
} RepriseVaultName;

gboolean reprise_vault_name_parse (const char *name, RepriseVaultName *parsed);
gboolean reprise_vault_name_parse_events (const char *name, RepriseVaultName *parsed);
char *reprise_vault_name_make (GDateTime *created_at, const char *id);
GDateTime *reprise_vault_name_get_time (const RepriseVaultName *name);

GPtrArray *reprise_vault_list_names (const char *folder, GError **error);
GPtrArray *reprise_vault_list_service_folders (const char *vault, GError **error);
char *reprise_vault_find_folder (const char *vault, const char *id, GError **error);

gboolean reprise_vault_write_skeleton (const char *vault, GError **error);
gboolean reprise_vault_refuse_inside (const char *path, GError **error);
gboolean reprise_vault_looks_empty (const char *vault);
gboolean reprise_vault_looks_like_one (const char *vault);

char *reprise_vault_print_service (RepriseService *service);
RepriseService *reprise_vault_read_service (const char *folder, GError **error);

extern const char REPRISE_VAULT_README[];

G_END_DECLS
