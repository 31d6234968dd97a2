/* reprise-sqlite-schema-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-db-private.h"
#include "providers/sqlite/reprise-sqlite-rules.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteColumn:
 * @name: of the column
 * @type: as it was declared, "" for none
 * @primary: its place in the primary key from 1, 0 for none
 * @not_null: whether it refuses NULL
 * @has_default: whether it has a value of its own where none is given
 * @generated: whether it is computed from others, and so never copied
 */
typedef struct
{
  char *name;
  char *type;
  int primary;
  gboolean not_null;
  gboolean has_default;
  gboolean generated;
} RepriseSqliteColumn;

typedef enum
{
  REPRISE_SQLITE_TABLE,
  REPRISE_SQLITE_VIRTUAL,
  REPRISE_SQLITE_SHADOW, /* an ordinary table in which a virtual one keeps its data */
} RepriseSqliteTableKind;

/**
 * RepriseSqliteIndex:
 * @name: of an index, a view or a trigger
 * @type: “index”, “view”, “trigger” or “table” for a virtual table
 * @table: the table it is on
 * @sql: its definition
 */
typedef struct
{
  char *name;
  char *type;
  char *table;
  char *sql;
} RepriseSqliteObject;

/**
 * RepriseSqliteTable:
 * @name: of the table
 * @sql: its definition as it stands in the schema
 * @kind: what it is
 * @owner: (nullable): of a shadow table, the name of its virtual table
 * @module: (nullable): of a virtual table, in lower case: “fts5”
 * @content: (nullable): of a search index, the table whose text it indexes; "" for one that keeps none
 * @columns: (element-type RepriseSqliteColumn): in order; of a virtual table none
 * @indexes: (element-type RepriseSqliteObject): those with a definition of their own
 * @without_rowid: whether its primary key is the table
 * @rowid: (nullable): a name for the rowid that no column has taken; %NULL where there is none, or a column is it
 * @rowid_column: (nullable): the column that is the rowid
 * @has_generated: whether a column is computed
 * @verdict: its group, once reprise_sqlite_schema_assign() has run
 */
typedef struct
{
  char *name;
  char *sql;
  RepriseSqliteTableKind kind;
  char *owner;
  char *module;
  char *content;
  GPtrArray *columns;
  GPtrArray *indexes;
  gboolean without_rowid;
  const char *rowid;
  const char *rowid_column;
  gboolean has_generated;
  RepriseSqliteVerdict verdict;
} RepriseSqliteTable;

/**
 * RepriseSqliteSchema:
 * @tables: (element-type RepriseSqliteTable): all but SQLite's own, in the order in which they were made
 * @objects: (element-type RepriseSqliteObject): views, triggers and virtual tables, likewise
 * @page_size: bytes
 * @n_pages: of the whole file
 * @encoding: “UTF-8”, “UTF-16le” or “UTF-16be”
 * @user_version: the application's own number
 * @application_id: the application's own number
 * @auto_vacuum: 0, 1 or 2
 * @journal_mode: “delete”, “wal”…
 *
 * What a database consists of.
 */
typedef struct
{
  GPtrArray *tables;
  GPtrArray *objects;
  gint64 page_size;
  gint64 n_pages;
  char *encoding;
  gint64 user_version;
  gint64 application_id;
  gint64 auto_vacuum;
  char *journal_mode;
} RepriseSqliteSchema;

RepriseSqliteSchema *reprise_sqlite_schema_load (RepriseSqliteDb *db,
                                                 const char *schema,
                                                 GError **error);
RepriseSqliteSchema *reprise_sqlite_schema_new (void);
void reprise_sqlite_schema_free (RepriseSqliteSchema *self);
RepriseSqliteTable *reprise_sqlite_schema_find (const RepriseSqliteSchema *self, const char *name);
RepriseSqliteObject *reprise_sqlite_schema_find_object (const RepriseSqliteSchema *self,
                                                        const char *type,
                                                        const char *name);
void reprise_sqlite_schema_assign (RepriseSqliteSchema *self,
                                   const RepriseSqliteRules *rules,
                                   const char *database);

RepriseSqliteTable *reprise_sqlite_table_new (const char *name,
                                              const char *sql,
                                              gboolean is_virtual);
void reprise_sqlite_table_free (gpointer data);
RepriseSqliteColumn *reprise_sqlite_table_add_column (RepriseSqliteTable *self,
                                                      const char *name,
                                                      const char *type);
void reprise_sqlite_table_set_key (RepriseSqliteTable *self,
                                   gboolean without_rowid,
                                   gboolean has_key_index);
RepriseSqliteColumn *reprise_sqlite_table_find_column (const RepriseSqliteTable *self,
                                                       const char *name);
char *reprise_sqlite_table_list_columns (const RepriseSqliteTable *self, const char *prefix);
char *reprise_sqlite_table_make_plain_sql (const RepriseSqliteTable *self, const char *schema);
char *reprise_sqlite_qualify (const char *sql, const char *schema);
const char *reprise_sqlite_get_affinity (const char *type);
gboolean reprise_sqlite_module_is_known (const char *module);

RepriseSqliteObject *reprise_sqlite_object_new (const char *type,
                                                const char *name,
                                                const char *table,
                                                const char *sql);
void reprise_sqlite_object_free (RepriseSqliteObject *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteSchema, reprise_sqlite_schema_free)

G_END_DECLS
