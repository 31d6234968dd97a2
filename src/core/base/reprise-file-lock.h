/* reprise-file-lock.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

int reprise_file_lock_open (const char *path, guint wait_ms, GError **error);
gboolean reprise_file_lock_beside (const char *path, guint wait_ms, int *fd, GError **error);
int reprise_file_lock_peek (const char *path);

G_END_DECLS
