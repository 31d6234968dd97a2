/* reprise-sqlite-place-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_SQLITE_MAGIC \
  "SQLite format 3" /* with its NUL, https://www.sqlite.org/fileformat2.html#magic_header_string */
#define REPRISE_SQLITE_HEADER_BYTES 100

/* Closing any descriptor of a file takes the locks away that this process has on it (POSIX), so while SQLite has a file open
 * nobody else here may open and close it: these two know which files those are. */
char *reprise_sqlite_place_hold (const char *path);
void reprise_sqlite_place_release (const char *key);
gssize reprise_sqlite_place_peek (const char *path, guchar *buffer, gsize size, GError **error);

char *reprise_sqlite_place_dup_holder (const char *path);
gboolean reprise_sqlite_place_is_wal (const char *path);

/* Whether a database can be locked and shared where it lies; else %REPRISE_ERROR_REFUSED says what to do about it. */
gboolean reprise_sqlite_place_check (const char *path, GError **error);
gboolean reprise_sqlite_place_check_writable (const char *path, GError **error);

/* its parts, for tests */
gboolean reprise_sqlite_place_can_lock (const char *path, int (*lock) (int fd));
gboolean reprise_sqlite_place_refuse (const char *path,
                                      const char *host_path,
                                      gboolean single_file,
                                      GError **error);

G_END_DECLS
