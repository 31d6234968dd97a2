/* reprise-milvus-reader.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/storage/reprise-milvus-meta.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusLevel:
 * @REPRISE_MILVUS_WHOLE: meta/full_meta.json
 * @REPRISE_MILVUS_TOP: meta/backup_meta.json
 * @REPRISE_MILVUS_COLLECTIONS: meta/collection_meta.json
 * @REPRISE_MILVUS_PARTITIONS: meta/partition_meta.json
 * @REPRISE_MILVUS_SEGMENTS: meta/segment_meta.json
 *
 * The files of metadata: the whole tree, or one level of it each.
 */
typedef enum
{
  REPRISE_MILVUS_WHOLE,
  REPRISE_MILVUS_TOP,
  REPRISE_MILVUS_COLLECTIONS,
  REPRISE_MILVUS_PARTITIONS,
  REPRISE_MILVUS_SEGMENTS,
} RepriseMilvusLevel;

#define REPRISE_MILVUS_N_LEVELS (REPRISE_MILVUS_SEGMENTS + 1)

const char *reprise_milvus_level_get_name (RepriseMilvusLevel level);

/**
 * RepriseMilvusLog:
 * @collection_id: whose it is; the collection itself may become known only later
 * @log_path: where it lay in Milvus's own storage
 * @name: (nullable): where it lies in the backup: “binlogs/insert_log/…”; %NULL where that cannot be told from @log_path
 * @size_bytes: or -1 where the metadata does not say
 * @is_delete: whether it holds deletes
 *
 * A file that the metadata names.
 */
typedef struct
{
  gint64 collection_id;
  const char *log_path;
  const char *name;
  gint64 size_bytes;
  gboolean is_delete;
} RepriseMilvusLog;

typedef gboolean (*RepriseMilvusEachLog) (const RepriseMilvusLog *log,
                                          gpointer user_data,
                                          GError **error);

/**
 * RepriseMilvusReader:
 *
 * Reads the metadata of a backup as it comes, in memory that does not grow with the number of its files. Any thread, one at a time.
 * What is no such metadata is %REPRISE_ERROR_DAMAGED, what is absurdly much of it %REPRISE_ERROR_LIMIT.
 */
typedef struct _RepriseMilvusReader RepriseMilvusReader;

RepriseMilvusReader *reprise_milvus_reader_new (RepriseMilvusEachLog each, gpointer user_data);
void reprise_milvus_reader_free (RepriseMilvusReader *self);
void reprise_milvus_reader_begin (RepriseMilvusReader *self, RepriseMilvusLevel level);
gboolean reprise_milvus_reader_push (RepriseMilvusReader *self,
                                     const char *data,
                                     gsize size,
                                     GError **error);
gboolean reprise_milvus_reader_end (RepriseMilvusReader *self, GError **error);
RepriseMilvusMeta *reprise_milvus_reader_finish (RepriseMilvusReader *self, GError **error);

/**
 * RepriseMilvusSource:
 * @name: in the backup: “meta/full_meta.json”
 *
 * Pushes a whole file of the backup into @reader; %REPRISE_ERROR_NOT_FOUND where it has none of that name.
 */
typedef gboolean (*RepriseMilvusSource) (const char *name,
                                         RepriseMilvusReader *reader,
                                         gpointer user_data,
                                         GCancellable *cancellable,
                                         GError **error);

RepriseMilvusMeta *reprise_milvus_read_meta (RepriseMilvusSource source,
                                             gpointer source_data,
                                             RepriseMilvusEachLog each,
                                             gpointer each_data,
                                             GCancellable *cancellable,
                                             GError **error);

/* where things lie in a backup */
char *reprise_milvus_map_log (const char *log_path, gint64 group_id);
gboolean reprise_milvus_name_is_safe (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusReader, reprise_milvus_reader_free)

G_END_DECLS
