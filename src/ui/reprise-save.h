/* reprise-save.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* A copy of a backup's only file, outside the vault. */
char *reprise_save_dup_file_name (RepriseBackup *backup);
void reprise_save_async (RepriseVault *vault,
                         RepriseBackup *backup,
                         GFile *target,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean reprise_save_finish (GAsyncResult *result, GError **error);

G_END_DECLS
