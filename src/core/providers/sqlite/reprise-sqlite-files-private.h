/* reprise-sqlite-files-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sys/stat.h>

G_BEGIN_DECLS

#define REPRISE_SQLITE_MAX_FILES 1000000
#define REPRISE_SQLITE_MAX_DEPTH 64

/**
 * RepriseSqliteWalkFunc:
 * @name: relative to the folder walked through, with slashes; UTF-8
 * @info: of a regular file, or of what is neither file nor folder and so is left out
 *
 * Returns: whether to go on; else @error is set
 */
typedef gboolean (*RepriseSqliteWalkFunc) (const char *name,
                                           const struct stat *info,
                                           gpointer user_data,
                                           GError **error);

gboolean reprise_sqlite_files_walk (const char *folder,
                                    guint max_depth,
                                    RepriseSqliteWalkFunc func,
                                    gpointer user_data,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean reprise_sqlite_files_check_name (const char *name, GError **error);
int reprise_sqlite_files_open (int folder_fd, const char *name, GError **error);
int reprise_sqlite_files_open_parent (int folder_fd,
                                      const char *name,
                                      gboolean create,
                                      char **last,
                                      GError **error);

#define REPRISE_SQLITE_STAGING_PREFIX \
  ".reprise-" /* folders of ours beside an application's files, never part of it */

G_END_DECLS
