/* reprise-milvus-reply.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-json.h"
#include "service/reprise-contents.h"

G_BEGIN_DECLS

/* What the server of Milvus Backup answers, as values: of all its generations, and checked. */

/**
 * RepriseMilvusState:
 * @REPRISE_MILVUS_UNSAID: the answer has no state
 *
 * Of a backup, of a restore and of a collection in one.
 */
typedef enum
{
  REPRISE_MILVUS_UNSAID = -1,
  REPRISE_MILVUS_INITIAL = 0,
  REPRISE_MILVUS_RUNNING = 1,
  REPRISE_MILVUS_DONE = 2,
  REPRISE_MILVUS_FAILED = 3,
  REPRISE_MILVUS_TIMED_OUT = 4,
} RepriseMilvusState;

/**
 * RepriseMilvusEntryIndex:
 * @type: (nullable): a scalar index has none
 * @metric: (nullable)
 */
typedef struct
{
  char *field;
  char *name;
  char *type;
  char *metric;
} RepriseMilvusEntryIndex;

/**
 * RepriseMilvusEntry:
 * @database: never empty
 * @id: of the collection, beyond what a double can hold
 * @rows: or %REPRISE_NOT_REPORTED
 * @partitions: or -1
 * @saved_at_ms: when its backup was made, or -1
 * @load_state: (nullable): “Loaded”, “NotLoad”
 * @indexes: (element-type RepriseMilvusEntryIndex)
 * @vector_fields: (array zero-terminated=1)
 *
 * A collection of a backup, as far as the server tells of it.
 */
typedef struct
{
  char *database;
  char *name;
  gint64 id;
  gint64 size_bytes;
  gint64 rows;
  int partitions;
  gint64 saved_at_ms;
  gboolean has_index;
  char *load_state;
  guint fields;
  GPtrArray *indexes;
  char **vector_fields;
} RepriseMilvusEntry;

/**
 * RepriseMilvusBackup:
 * @name: (nullable): %NULL where the server does not know the backup, and says so with a success
 * @started_ms: Unix time in ms, or -1; so is @ended_ms
 * @progress: 0 to 100
 * @collections: (element-type RepriseMilvusEntry)
 * @has_roles: roles and grants are in it
 *
 * A backup as the server tells of it; which of its members mean something depends on the generation.
 */
typedef struct
{
  char *id;
  char *name;
  RepriseMilvusState state;
  char *error;
  gint64 started_ms;
  gint64 ended_ms;
  int progress;
  gint64 size_bytes;
  char *milvus_version;
  char *format;
  GPtrArray *collections;
  gboolean has_roles;
} RepriseMilvusBackup;

/**
 * RepriseMilvusPart:
 * @restored_bytes: or -1
 *
 * One collection of a restore, by its name on the target.
 */
typedef struct
{
  char *database;
  char *name;
  RepriseMilvusState state;
  char *error;
  int progress;
  gint64 restored_bytes;
  gint64 total_bytes;
} RepriseMilvusPart;

/**
 * RepriseMilvusRestore:
 * @parts: (element-type RepriseMilvusPart): by name
 */
typedef struct
{
  char *id;
  RepriseMilvusState state;
  char *error;
  int progress;
  gint64 restored_bytes;
  gint64 total_bytes;
  GPtrArray *parts;
} RepriseMilvusRestore;

/**
 * RepriseMilvusReply:
 * @code: 0 is a success
 * @message: (nullable): free text, to be shown and not read
 * @root: the whole answer
 *
 * The envelope.
 */
typedef struct
{
  gint64 code;
  char *message;
  char *request_id;
  JsonObject *root;
} RepriseMilvusReply;

/**
 * RepriseMilvusCheck:
 * @ok: whether it reached everything
 * @text: what it said
 * @empty: it found nothing of Milvus in the storage: probably a wrong bucket or root path
 *
 * What `/check` said, as far as it names things. All strings are nullable.
 */
typedef struct
{
  gboolean ok;
  gboolean empty;
  char *text;
  char *milvus_version;
  char *milvus_bucket;
  char *milvus_root;
  char *backup_bucket;
  char *backup_root;
  char *backup_storage;
} RepriseMilvusCheck;

void reprise_milvus_entry_index_free (RepriseMilvusEntryIndex *self);
void reprise_milvus_entry_free (RepriseMilvusEntry *self);
char *reprise_milvus_entry_dup_name (const RepriseMilvusEntry *self);
void reprise_milvus_backup_free (RepriseMilvusBackup *self);
void reprise_milvus_part_free (RepriseMilvusPart *self);
void reprise_milvus_restore_free (RepriseMilvusRestore *self);
void reprise_milvus_reply_free (RepriseMilvusReply *self);
void reprise_milvus_check_free (RepriseMilvusCheck *self);

RepriseMilvusReply *reprise_milvus_reply_parse (const char *data, gsize size, GError **error);
gboolean reprise_milvus_reply_check (const RepriseMilvusReply *self, GError **error);
RepriseMilvusBackup *reprise_milvus_reply_read_backup (const RepriseMilvusReply *self);
GPtrArray *reprise_milvus_reply_read_list (const RepriseMilvusReply *self, GError **error);
RepriseMilvusRestore *reprise_milvus_reply_read_restore (const RepriseMilvusReply *self,
                                                         GError **error);
RepriseMilvusCheck *reprise_milvus_check_parse (guint status, const char *text);
char *reprise_milvus_reply_read_error (const char *text);
gint64 reprise_milvus_time_to_ms (gint64 value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusBackup, reprise_milvus_backup_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusRestore, reprise_milvus_restore_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusReply, reprise_milvus_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseMilvusCheck, reprise_milvus_check_free)

G_END_DECLS
