/* reprise-file.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* All of these block: for workers, and for the command line before its main loop. */

gboolean reprise_file_write_durable (const char *path,
                                     const char *data,
                                     gssize size,
                                     GError **error);
gboolean reprise_file_make_folder (const char *path, GError **error);
char *reprise_file_make_scratch (GError **error);
gboolean reprise_file_make_private (const char *path, GError **error);
gboolean reprise_file_sync (const char *path, GError **error);
gboolean reprise_file_sync_folder (const char *path, GError **error);
gboolean reprise_file_rename_new (const char *from, const char *to, GError **error);
gboolean reprise_file_remove_tree (const char *path, GError **error);
gint64 reprise_file_get_free_bytes (const char *path);
GBytes *reprise_file_read_small (const char *path, gsize max_bytes, GError **error);
gboolean reprise_set_error_errno (GError **error, int saved_errno, const char *format, ...)
  G_GNUC_PRINTF (3, 4);

G_END_DECLS
