/* reprise-sqlite-foreign-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-target-private.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteForeign:
 * @child: the table whose rows point
 * @parent: the table that they point to
 * @from: (element-type utf8): columns of @child
 * @to: (element-type utf8): columns of @parent, in the same order; its primary key where none is named
 *
 * A foreign key.
 */
typedef struct
{
  char *child;
  char *parent;
  GPtrArray *from;
  GPtrArray *to;
} RepriseSqliteForeign;

void reprise_sqlite_foreign_free (RepriseSqliteForeign *self);
GPtrArray *reprise_sqlite_foreign_load (RepriseSqliteDb *db,
                                        const RepriseSqliteSchema *schema,
                                        GError **error);

gboolean reprise_sqlite_foreign_note (RepriseSqliteDb *db,
                                      const RepriseSqliteTarget *target,
                                      const char *into,
                                      gint64 *n,
                                      GError **error);
gboolean reprise_sqlite_foreign_compare (RepriseSqliteDb *db,
                                         const RepriseSqliteTarget *target,
                                         const RepriseSqliteManifest *manifest,
                                         GError **error);
char *reprise_sqlite_foreign_advise (const RepriseSqliteTarget *target,
                                     const RepriseSqliteManifest *manifest,
                                     const char *child,
                                     const char *parent);

G_END_DECLS
