/* reprise-vault-disk.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Which vaults there were: so that a folder that was moved away, or in whose place no disk is mounted, is not taken for one that was never
 * made. For workers. */

gboolean reprise_vault_disk_is_other (const char *vault_path);
void reprise_vault_disk_remember (const char *vault_path);
void reprise_vault_disk_forget (const char *vault_path);
gboolean reprise_vault_disk_check (const char *vault_path, GError **error);

G_END_DECLS
