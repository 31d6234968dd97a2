/* reprise-storage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* For workers. */

gboolean reprise_storage_probe (const char *folder, RepriseStorageFacts *facts, GError **error);
gboolean reprise_storage_has_locks (const char *folder);
gboolean reprise_storage_is_network (const char *folder);

G_END_DECLS
