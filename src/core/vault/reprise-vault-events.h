/* reprise-vault-events.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* What came of reading a backup back, written down beside it; as reprise_vault_add_event() */
gboolean reprise_vault_note_verified (RepriseVault *self,
                                      RepriseBackup *backup,
                                      RepriseDepth depth,
                                      GError **error);
gboolean reprise_vault_note_damaged (RepriseVault *self,
                                     RepriseBackup *backup,
                                     const char *text,
                                     GError **error);

G_END_DECLS
