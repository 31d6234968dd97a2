/* reprise-sqlite-source-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-files-private.h"
#include "providers/sqlite/reprise-sqlite-schema-private.h"
#include "providers/sqlite/reprise-sqlite-source.h"

G_BEGIN_DECLS

#define REPRISE_SQLITE_SCHEMA_COLLECTION \
  "sqlite_schema" /* views, triggers, virtual tables; no table can be named so */
#define REPRISE_SQLITE_LOOSE_FOLDER "./" /* the files that lie beside the databases */

char *reprise_sqlite_source_dup_name (const RepriseSqliteSource *self,
                                      const char *database,
                                      const char *table);
const char *const *reprise_sqlite_source_get_folders (const RepriseSqliteSource *self);
gboolean reprise_sqlite_source_list_database (const RepriseSqliteSource *self,
                                              const RepriseSqliteRules *rules,
                                              const RepriseSqliteDatabase *database,
                                              RepriseContents *contents,
                                              GCancellable *cancellable,
                                              GError **error);
gboolean reprise_sqlite_source_list_folder (const RepriseSqliteSource *self,
                                            const RepriseSqliteRules *rules,
                                            const char *folder,
                                            RepriseContents *contents,
                                            GCancellable *cancellable,
                                            GError **error);
gboolean reprise_sqlite_source_walk (const RepriseSqliteSource *self,
                                     const char *folder,
                                     RepriseSqliteWalkFunc func,
                                     gpointer user_data,
                                     GCancellable *cancellable,
                                     GError **error);

/**
 * RepriseSqliteMeasure:
 * @size_bytes: of the table and its indexes
 * @rows: of the table
 */
typedef struct
{
  gint64 size_bytes;
  gint64 rows;
} RepriseSqliteMeasure;

GHashTable *reprise_sqlite_measure (RepriseSqliteDb *db,
                                    const char *schema,
                                    const RepriseSqliteSchema *tables,
                                    GError **error);
void reprise_sqlite_measure_get (GHashTable *measures,
                                 const RepriseSqliteSchema *tables,
                                 const RepriseSqliteTable *table,
                                 RepriseSqliteMeasure *measure);

gboolean reprise_sqlite_counts_rows (const RepriseSqliteTable *owner,
                                     const RepriseSqliteTable *shadow);

G_END_DECLS
