/* reprise-adopt.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/* Changes of the vault's folder; with @adopt the services of the vault that is there come back as well. */
void reprise_vault_change_async (RepriseContext *context,
                                 const char *path,
                                 gboolean adopt,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean reprise_vault_change_finish (RepriseContext *context,
                                      GAsyncResult *result,
                                      guint *n_adopted,
                                      GError **error);

G_END_DECLS
