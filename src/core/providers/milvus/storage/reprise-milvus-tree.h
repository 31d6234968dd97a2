/* reprise-milvus-tree.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-json-scanner.h"
#include "providers/milvus/storage/reprise-milvus-reader.h"

G_BEGIN_DECLS

/* For the reader alone: what the objects of the metadata mean, as they come. */

/* What is being read. Each stands for an object, and for the list of such objects that it may lie in. */
typedef enum
{
  REPRISE_MILVUS_PLACE_SKIP, /* and all in it */
  REPRISE_MILVUS_PLACE_NEW,  /* before the first bracket */
  REPRISE_MILVUS_PLACE_INFOS,
  REPRISE_MILVUS_PLACE_BACKUP,
  REPRISE_MILVUS_PLACE_RBAC,
  REPRISE_MILVUS_PLACE_RBAC_ITEM,
  REPRISE_MILVUS_PLACE_DATABASE,
  REPRISE_MILVUS_PLACE_COLLECTION,
  REPRISE_MILVUS_PLACE_SCHEMA,
  REPRISE_MILVUS_PLACE_FIELD,
  REPRISE_MILVUS_PLACE_TYPE_PARAM,
  REPRISE_MILVUS_PLACE_INDEX,
  REPRISE_MILVUS_PLACE_INDEX_PARAMS,
  REPRISE_MILVUS_PLACE_PARTITION,
  REPRISE_MILVUS_PLACE_SEGMENT,
  REPRISE_MILVUS_PLACE_L0_SEGMENT,
  REPRISE_MILVUS_PLACE_FIELD_LOGS,
  REPRISE_MILVUS_PLACE_FIELD_DELTAS,
  REPRISE_MILVUS_PLACE_LOG,
  REPRISE_MILVUS_PLACE_DELTA,
} RepriseMilvusPlace;

typedef struct
{
  char *path;
  gint64 size_bytes;
  gboolean is_delete;
} RepriseMilvusLogNote;

/* The segment that is being read: what its files are called in the backup is only known at its end. */
typedef struct
{
  gint64 collection_id;
  gint64 partition_id;
  gint64 rows;
  gint64 group_id;
  gboolean is_l0;
  GArray *logs; /* (owned) (element-type RepriseMilvusLogNote) */
} RepriseMilvusSegment;

/* Of the field that is being read. */
typedef struct
{
  gint64 data_type;
  gint64 element_type;
  char *dim;
  char *max_length;
  char *key; /* of a type parameter */
  char *value;
} RepriseMilvusFieldNote;

/**
 * RepriseMilvusTree:
 *
 * What is known so far, and what is being read of it.
 */
typedef struct
{
  RepriseMilvusEachLog each; /* (nullable) */
  gpointer user_data;
  RepriseMilvusMeta *meta; /* (owned) */
  GHashTable *collections; /* (owned): id → RepriseMilvusCollection */
  GHashTable *partitions;  /* (owned): “collection/partition” → RepriseMilvusPartition */
  gint64 backup_timestamp;
  guint n_partitions;
  guint n_fields;

  RepriseMilvusCollection *collection; /* (nullable): (transfer none): being read */
  RepriseMilvusPartition *partition;   /* (nullable): (owned): being read */
  gint64 partition_collection;         /* of it */
  gint64 physical, hybrid;             /* timestamps of the collection */
  RepriseMilvusSegment segment;
  RepriseMilvusLogNote log;
  RepriseMilvusField *field; /* (nullable): (transfer none) */
  RepriseMilvusFieldNote note;
  RepriseMilvusIndex *index; /* (nullable): (transfer none) */
} RepriseMilvusTree;

/* what it is made of */
RepriseMilvusCollection *reprise_milvus_collection_new (void);
void reprise_milvus_collection_free (gpointer data);
void reprise_milvus_partition_free (gpointer data);
void reprise_milvus_log_note_clear (gpointer data);
void reprise_milvus_field_note_clear (RepriseMilvusFieldNote *note);
char *reprise_milvus_field_note_describe (const RepriseMilvusFieldNote *note);

void reprise_milvus_tree_init (RepriseMilvusTree *self);
void reprise_milvus_tree_clear (RepriseMilvusTree *self);
void reprise_milvus_tree_begin_file (RepriseMilvusTree *self);
gboolean reprise_milvus_tree_begin (RepriseMilvusTree *self,
                                    RepriseMilvusPlace place,
                                    GError **error);
gboolean reprise_milvus_tree_end (RepriseMilvusTree *self,
                                  RepriseMilvusPlace place,
                                  GError **error);
gboolean reprise_milvus_tree_take (RepriseMilvusTree *self,
                                   RepriseMilvusPlace place,
                                   const char *key,
                                   RepriseJsonKind kind,
                                   const char *text,
                                   GError **error);
void reprise_milvus_tree_count_access (RepriseMilvusTree *self, const char *list, guint64 n);
RepriseMilvusMeta *reprise_milvus_tree_finish (RepriseMilvusTree *self, GError **error);
gboolean reprise_milvus_tree_set_wrong (GError **error, const char *what);

G_END_DECLS
