/* reprise-milvus-meta.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "service/reprise-contents.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusField:
 * @id: from 100 on; 0 and 1 are Milvus's own
 * @type: for people: “Int64”, “VarChar (200)”, “FloatVector (16)”
 *
 * One field of a collection.
 */
typedef struct
{
  gint64 id;
  char *name;
  char *type;
  gboolean primary_key;
  gboolean auto_id;
  gboolean partition_key;
  gboolean nullable;
  gboolean dynamic;
} RepriseMilvusField;

/**
 * RepriseMilvusIndex:
 * @type: (nullable): “IVF_FLAT”; a scalar index may have none
 * @metric: (nullable): “L2”
 * @params: (nullable): what the metadata says else, as JSON
 *
 * The definition of an index. Its data is never in a backup: Milvus builds it anew.
 */
typedef struct
{
  char *field;
  char *name;
  char *type;
  char *metric;
  char *params;
} RepriseMilvusIndex;

/**
 * RepriseMilvusPartition:
 * @rows: of its segments, deleted ones included
 * @size_bytes: of its files
 * @load_state: (nullable): “Loaded”, “Loading”, “NotLoad”
 */
typedef struct
{
  gint64 id;
  char *name;
  gint64 rows;
  gint64 size_bytes;
  char *load_state;
  guint64 n_segments;
} RepriseMilvusPartition;

/**
 * RepriseMilvusCollection:
 * @database: never empty: “default” where the metadata has none
 * @title: “films” in the default database, “shop.items” in another: how Milvus Backup is told of it
 * @rows: the sum of its segments: an upper bound, for deletes lie beside them; %REPRISE_NOT_REPORTED where the metadata has no segments
 *   (the snapshot format)
 * @has_deletes: whether there are delete logs, so that @rows is more than a count will say
 * @size_bytes: of its files; where the metadata does not name them, @reported_bytes
 * @reported_bytes: how large the server says it is, or %REPRISE_NOT_REPORTED
 * @load_state: (nullable): of the collection when it was backed up
 * @made_at: (nullable): the point in time that it shows
 * @fields: (element-type RepriseMilvusField)
 * @indexes: (element-type RepriseMilvusIndex)
 * @partitions: (element-type RepriseMilvusPartition)
 * @n_segments: without those that hold only deletes
 * @n_files: that the metadata names
 */
typedef struct
{
  gint64 id;
  char *database;
  char *name;
  char *title;
  char *description;
  gint64 rows;
  gboolean has_deletes;
  gint64 size_bytes;
  gint64 reported_bytes;
  gint64 shards;
  char *load_state;
  char *consistency;
  GDateTime *made_at;
  GPtrArray *fields;
  GPtrArray *indexes;
  GPtrArray *partitions;
  guint64 n_segments;
  guint64 n_l0_segments;
  guint64 n_files;
} RepriseMilvusCollection;

/**
 * RepriseMilvusMeta:
 * @id: (nullable): the backup server's id of the backup
 * @name: the name of the backup, as the metadata says
 * @milvus_version: (nullable): “v2.3.5”
 * @format: “binlog” or “snapshot”
 * @created_at: (nullable): the point in time: the youngest of its collections', else the timestamp of the backup
 * @started_at: (nullable): of the backup itself, where the generation of the server keeps it
 * @ended_at: (nullable):
 * @size_bytes: as the metadata says, or %REPRISE_NOT_REPORTED
 * @rows: of all collections, or %REPRISE_NOT_REPORTED
 * @rbac: whether users, roles and grants are in it, password hashes among them
 * @n_users: how many
 * @n_roles: how many
 * @n_grants: how many
 * @databases: (element-type utf8): by name
 * @collections: (element-type RepriseMilvusCollection): by database and name
 * @n_files: that it names
 * @files_bytes: how large they are by what it says
 * @pieced: whether it was put together from the files of the single levels, for want of the whole one
 *
 * The metadata of a backup. The states and progress in the files are not read: they are wrong in most versions, and metadata that
 * can be read is that of a finished backup. Filled once, then only read, by any thread.
 */
typedef struct
{
  char *id;
  char *name;
  char *milvus_version;
  char *format;
  GDateTime *created_at;
  GDateTime *started_at;
  GDateTime *ended_at;
  gint64 size_bytes;
  gint64 rows;
  gboolean rbac;
  guint n_users;
  guint n_roles;
  guint n_grants;
  GPtrArray *databases;
  GPtrArray *collections;
  guint64 n_files;
  gint64 files_bytes;
  gboolean pieced;
} RepriseMilvusMeta;

void reprise_milvus_meta_free (RepriseMilvusMeta *self);

RepriseMilvusMeta *reprise_milvus_meta_parse (const char *json, gsize size, GError **error);
RepriseMilvusCollection *reprise_milvus_meta_find (RepriseMilvusMeta *self,
                                                   const char *database,
                                                   const char *name);
RepriseContents *reprise_milvus_meta_make_contents (RepriseMilvusMeta *self);
GDateTime *reprise_milvus_meta_read_timestamp (gint64 value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusMeta, reprise_milvus_meta_free)

G_END_DECLS
