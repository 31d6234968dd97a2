/* reprise-sqlite-copy-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-manifest-private.h"

G_BEGIN_DECLS

gboolean reprise_sqlite_copy_create (RepriseSqliteDb *db,
                                     const char *to,
                                     const RepriseSqliteTable *table,
                                     GError **error);
gboolean reprise_sqlite_copy_indexes (RepriseSqliteDb *db,
                                      const char *to,
                                      const RepriseSqliteTable *table,
                                      GError **error);
gboolean reprise_sqlite_copy_rows (RepriseSqliteDb *db,
                                   const char *from,
                                   const RepriseSqliteTable *from_table,
                                   const char *to,
                                   const RepriseSqliteTable *to_table,
                                   gint64 *rows,
                                   GError **error);
gboolean reprise_sqlite_copy_pages (RepriseSqliteDb *from,
                                    RepriseSqliteDb *to,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
