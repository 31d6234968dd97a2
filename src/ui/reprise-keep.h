/* reprise-keep.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* Marks a backup as kept, or as not kept any more: no rule deletes what is kept. */
void reprise_keep_async (RepriseVault *vault,
                         const char *backup_id,
                         gboolean kept,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean reprise_keep_finish (GAsyncResult *result, GError **error);

G_END_DECLS
