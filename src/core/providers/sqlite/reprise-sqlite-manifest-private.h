/* reprise-sqlite-manifest-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-schema-private.h"
#include "service/reprise-contents.h"

G_BEGIN_DECLS

#define REPRISE_SQLITE_FORMAT   1
#define REPRISE_SQLITE_MANIFEST "manifest.json"

/**
 * RepriseSqliteFile:
 * @path: in the archive: “data/0/user.sqlite”
 * @size_bytes: unpacked
 * @sha256: of the plain bytes
 * @database: which one its tables are of, or -1 for an index of files
 */
typedef struct
{
  char *path;
  gint64 size_bytes;
  char *sha256;
  int database;
} RepriseSqliteFile;

/**
 * RepriseSqliteSavedTable:
 * @table: name, definition, columns and indexes as they were in the application
 * @rows: how many are in the archive
 * @sequence: the last number that AUTOINCREMENT gave, or -1 where there is none
 */
typedef struct
{
  RepriseSqliteTable *table;
  gint64 rows;
  gint64 sequence;
} RepriseSqliteSavedTable;

/**
 * RepriseSqliteSaved:
 * @name: of the collection
 * @database: which one it is of, or -1 for a folder
 * @tables: (element-type RepriseSqliteSavedTable): the table; of a virtual one itself and its shadows; of a folder none
 * @rows: or %REPRISE_NOT_REPORTED; of a folder its files
 * @size_bytes: or %REPRISE_NOT_REPORTED
 *
 * A collection of the archive.
 */
typedef struct
{
  char *name;
  int database;
  GPtrArray *tables;
  gint64 rows;
  gint64 size_bytes;
} RepriseSqliteSaved;

/**
 * RepriseSqliteSavedDatabase:
 * @name: relative to the application's folder
 * @schema_file: the definitions as SQL, for people
 * @facts: pages, encoding, versions and the journal's mode; its objects are the views, triggers and virtual tables
 */
typedef struct
{
  char *name;
  RepriseSqliteFile *schema_file;
  RepriseSqliteSchema *facts;
} RepriseSqliteSavedDatabase;

/**
 * RepriseSqliteDrop:
 * @type: “table”, “view”, “trigger”, “database” or “folder”
 * @database: the name of the one it is in, "" for a database and a folder
 * @name: of the table, view, trigger, database or folder
 *
 * What a restore makes that was not there: its undoing removes it.
 */
typedef struct
{
  char *type;
  char *database;
  char *name;
} RepriseSqliteDrop;

/**
 * RepriseSqliteManifest:
 * @created_at: when the archive was begun
 * @tool: (nullable): name and version of the program that wrote it
 * @databases: (element-type RepriseSqliteSavedDatabase): of the whole application, in order
 * @groups: those that were chosen
 * @drops: (element-type RepriseSqliteDrop): of a safety copy, what an undo removes
 * @files: for each group (element-type RepriseSqliteFile)
 * @collections: for each group (element-type RepriseSqliteSaved)
 *
 * `manifest.json` of an archive.
 */
typedef struct
{
  GDateTime *created_at;
  char *tool;
  GPtrArray *databases;
  RepriseGroups groups;
  GPtrArray *drops;
  GPtrArray *files[REPRISE_N_GROUPS];
  GPtrArray *collections[REPRISE_N_GROUPS];
} RepriseSqliteManifest;

RepriseSqliteManifest *reprise_sqlite_manifest_new (RepriseGroups groups);
void reprise_sqlite_manifest_free (RepriseSqliteManifest *self);
RepriseSqliteManifest *reprise_sqlite_manifest_parse (const char *data, gsize size, GError **error);
char *reprise_sqlite_manifest_print (const RepriseSqliteManifest *self, gsize *size);
RepriseContents *reprise_sqlite_manifest_to_contents (const RepriseSqliteManifest *self);

RepriseSqliteFile *reprise_sqlite_manifest_find_file (const RepriseSqliteManifest *self,
                                                      RepriseGroup group,
                                                      int database);
RepriseSqliteFile *reprise_sqlite_file_new (const char *path,
                                            gint64 size_bytes,
                                            const char *sha256,
                                            int database);
void reprise_sqlite_file_free (RepriseSqliteFile *self);
RepriseSqliteSaved *reprise_sqlite_saved_new (const char *name, int database);
RepriseSqliteSavedTable *reprise_sqlite_saved_table_new (const RepriseSqliteTable *table);
void reprise_sqlite_manifest_add_drop (RepriseSqliteManifest *self,
                                       const char *type,
                                       const char *database,
                                       const char *name);
RepriseSqliteSavedDatabase *reprise_sqlite_saved_database_new (const char *name,
                                                               RepriseSqliteSchema *facts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteManifest, reprise_sqlite_manifest_free)

G_END_DECLS
