/* reprise-sqlite-target-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-manifest-private.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteWay:
 * @REPRISE_SQLITE_WAY_COPY: its rows are deleted and those of the archive inserted
 * @REPRISE_SQLITE_WAY_KEEP: a virtual table: what it is follows from its shadow tables, which are copied
 * @REPRISE_SQLITE_WAY_REBUILD: a search index: it is made again from its text
 * @REPRISE_SQLITE_WAY_DERIVED: a shadow table that the rebuilding fills
 */
typedef enum
{
  REPRISE_SQLITE_WAY_COPY,
  REPRISE_SQLITE_WAY_KEEP,
  REPRISE_SQLITE_WAY_REBUILD,
  REPRISE_SQLITE_WAY_DERIVED,
} RepriseSqliteWay;

/**
 * RepriseSqliteChange:
 * @group: of the archive
 * @collection: of the archive
 * @saved: the table in the archive
 * @now: (nullable): the table in the target, or %NULL where it must be made
 * @made: whether it was not there before
 * @way: what is done with it
 * @refusal: (nullable): why it cannot be restored, a sentence
 * @expected: (nullable): the hash of its rows in the archive
 *
 * What a restore does with one table.
 */
typedef struct
{
  RepriseGroup group;
  const RepriseSqliteSaved *collection;
  const RepriseSqliteSavedTable *saved;
  const RepriseSqliteTable *now;
  gboolean made;
  RepriseSqliteWay way;
  char *refusal;
  char *expected;
} RepriseSqliteChange;

/**
 * RepriseSqliteTarget:
 * @n: the number of the database in the archive
 * @saved: the database in the archive
 * @path: of the file that is restored to
 * @exists: whether it is there
 * @undo: whether it goes back to what was there before, broken references included
 * @schema: (nullable): what is in it
 * @changes: (element-type RepriseSqliteChange)
 * @rebuilds: (element-type utf8): search indexes of the target that are made again
 * @stale: (element-type utf8): search indexes that would have to be, and cannot be opened here
 * @objects: (element-type RepriseSqliteObject): views and triggers that are made, or made anew; lent by @saved
 * @drops: (element-type RepriseSqliteDrop): what is removed, because an earlier restore made it; lent by the manifest
 * @groups: whose files are needed
 *
 * One database that a restore changes.
 */
typedef struct
{
  guint n;
  const RepriseSqliteSavedDatabase *saved;
  char *path;
  gboolean exists;
  gboolean undo;
  RepriseSqliteSchema *schema;
  GPtrArray *changes;
  GPtrArray *rebuilds;
  GPtrArray *stale;
  GPtrArray *objects;
  GPtrArray *drops;
  RepriseGroups groups;
} RepriseSqliteTarget;

void reprise_sqlite_target_free (RepriseSqliteTarget *self);
char *reprise_sqlite_target_resolve (const char *path);
gboolean reprise_sqlite_target_check_any (const RepriseSqliteManifest *manifest,
                                          RepriseGroups groups,
                                          gboolean undo,
                                          GError **error);
GPtrArray *reprise_sqlite_target_find_all (const RepriseSqliteManifest *manifest,
                                           RepriseGroups groups,
                                           gboolean undo,
                                           const char *path,
                                           gboolean *is_file,
                                           GError **error);
gboolean reprise_sqlite_target_look (RepriseSqliteTarget *self,
                                     const RepriseSqliteManifest *manifest,
                                     RepriseGroups groups,
                                     RepriseSqliteDb *db,
                                     GError **error);
gboolean reprise_sqlite_target_try_statements (RepriseSqliteTarget *self, RepriseSqliteDb *db);
const char *reprise_sqlite_target_get_refusal (const RepriseSqliteTarget *self);
void reprise_sqlite_target_add_steps (const RepriseSqliteTarget *self, GPtrArray *steps);
gboolean reprise_sqlite_target_replaces (const RepriseSqliteTarget *self, const char *table);

G_END_DECLS
