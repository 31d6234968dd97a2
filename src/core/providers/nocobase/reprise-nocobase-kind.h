/* reprise-nocobase-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/* Keys of settings, secrets and restore options. */
#define REPRISE_NOCOBASE_SETTING_ADDRESS       "address"
#define REPRISE_NOCOBASE_SETTING_SIGN_IN       "sign-in"
#define REPRISE_NOCOBASE_SETTING_ACCOUNT       "account"
#define REPRISE_NOCOBASE_SETTING_AUTHENTICATOR "authenticator"
#define REPRISE_NOCOBASE_SETTING_APP           "app"
#define REPRISE_NOCOBASE_SETTING_ROLE          "role"
#define REPRISE_NOCOBASE_SETTING_PLUGIN        "plugin"
#define REPRISE_NOCOBASE_SETTING_KEEP          "keep-on-server"
#define REPRISE_NOCOBASE_SETTING_API_PATH      "api-path"
#define REPRISE_NOCOBASE_SETTING_PIN           "pin-sha256"
#define REPRISE_NOCOBASE_SECRET_PASSWORD       "password"
#define REPRISE_NOCOBASE_SECRET_API_KEY        "api-key"
#define REPRISE_NOCOBASE_SECRET_ARCHIVE        "archive-password"
#define REPRISE_NOCOBASE_OPTION_APP            "app"
#define REPRISE_NOCOBASE_OPTION_OLD_RESTORE    "old-restore"

/**
 * RepriseNocobaseKind:
 *
 * Servers of NocoBase, with the old plugin for backups (“Backup & restore”) or the new one (“Backup manager”) or both.
 */
#define REPRISE_TYPE_NOCOBASE_KIND (reprise_nocobase_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseNocobaseKind,
                      reprise_nocobase_kind,
                      REPRISE,
                      NOCOBASE_KIND,
                      RepriseKind)

char *reprise_nocobase_kind_dup_file (RepriseArchive *archive, GError **error);

G_END_DECLS
