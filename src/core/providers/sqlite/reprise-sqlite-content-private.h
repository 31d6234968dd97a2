/* reprise-sqlite-content-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-schema-private.h"

G_BEGIN_DECLS

char *reprise_sqlite_content_hash (RepriseSqliteDb *db,
                                   const char *schema,
                                   const RepriseSqliteTable *table,
                                   const char *rowid,
                                   gint64 *rows,
                                   GError **error);

G_END_DECLS
