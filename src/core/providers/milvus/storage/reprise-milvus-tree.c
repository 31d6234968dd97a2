/* reprise-milvus-tree.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "providers/milvus/storage/reprise-milvus-tree.h"

#define MAX_COLLECTIONS 100000
#define MAX_PARTITIONS  1000000 /* of all collections */
#define MAX_FIELDS      1000000
#define MAX_DATABASES   100000
#define MAX_LOGS        1000000 /* of one segment */

/* With nothing in it. */
void
reprise_milvus_tree_init (RepriseMilvusTree *self)
{
  RepriseMilvusMeta *meta = g_new0 (RepriseMilvusMeta, 1);

  meta->size_bytes = REPRISE_NOT_REPORTED;
  meta->databases = g_ptr_array_new_with_free_func (g_free);
  meta->collections = g_ptr_array_new_with_free_func (reprise_milvus_collection_free);
  self->meta = meta;
  self->collections = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->partitions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->segment.logs = g_array_new (FALSE, FALSE, sizeof (RepriseMilvusLogNote));
  g_array_set_clear_func (self->segment.logs, reprise_milvus_log_note_clear);
  reprise_milvus_log_note_clear (&self->log);
}

void
reprise_milvus_tree_clear (RepriseMilvusTree *self)
{
  g_clear_pointer (&self->meta, reprise_milvus_meta_free);
  g_hash_table_unref (self->collections);
  g_hash_table_unref (self->partitions);
  g_clear_pointer (&self->partition, reprise_milvus_partition_free);
  g_array_unref (self->segment.logs);
  reprise_milvus_log_note_clear (&self->log);
  reprise_milvus_field_note_clear (&self->note);
}

/* Nothing is being read any more. */
void
reprise_milvus_tree_begin_file (RepriseMilvusTree *self)
{
  self->collection = NULL;
  self->field = NULL;
  self->index = NULL;
  g_clear_pointer (&self->partition, reprise_milvus_partition_free);
  reprise_milvus_log_note_clear (&self->log);
  reprise_milvus_field_note_clear (&self->note);
}

gboolean
reprise_milvus_tree_set_wrong (GError **error, const char *what)
{
  /* Translators: of the metadata of a Milvus backup; %s is the name of a part of it */
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("It is no metadata of a Milvus backup: “%s” is not as it should be."),
                     what);
  return FALSE;
}

static gboolean
set_much (GError **error, const char *what)
{
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
    _ ("The metadata of the Milvus backup is larger than is read: too many of “%s”."), what);
  return FALSE;
}

/* Sums of what anybody may have written. */
static void
add (gint64 *sum, gint64 value)
{
  if (value > 0 && __builtin_add_overflow (*sum, value, sum))
    *sum = G_MAXINT64;
}

/* --- the ends of things --- */

static void
end_type_param (RepriseMilvusTree *self)
{
  RepriseMilvusFieldNote *note = &self->note;

  if (g_strcmp0 (note->key, "dim") == 0)
    {
      g_free (note->dim);
      note->dim = g_steal_pointer (&note->value);
    }
  else if (g_strcmp0 (note->key, "max_length") == 0)
    {
      g_free (note->max_length);
      note->max_length = g_steal_pointer (&note->value);
    }
  g_clear_pointer (&note->key, g_free);
  g_clear_pointer (&note->value, g_free);
}

static void
end_field (RepriseMilvusTree *self)
{
  if (self->field == NULL)
    return;
  g_free (self->field->type);
  self->field->type = reprise_milvus_field_note_describe (&self->note);
  if (self->field->name == NULL)
    self->field->name = g_strdup ("");
  reprise_milvus_field_note_clear (&self->note);
  self->field = NULL;
}

static void
end_index (RepriseMilvusTree *self)
{
  if (self->index == NULL)
    return;
  if (self->index->field == NULL)
    self->index->field = g_strdup ("");
  if (self->index->name == NULL)
    self->index->name = g_strdup ("");
  self->index = NULL;
}

static gboolean
end_collection (RepriseMilvusTree *self, GError **error)
{
  RepriseMilvusCollection *collection = g_steal_pointer (&self->collection);

  if (collection == NULL)
    return TRUE;
  if (collection->name == NULL || *collection->name == '\0')
    return reprise_milvus_tree_set_wrong (error, "collection_name");
  if (collection->database == NULL || *collection->database == '\0')
    {
      g_free (collection->database);
      collection->database = g_strdup ("default");
    }
  g_free (collection->title);
  collection->title = strcmp (collection->database, "default") == 0
                        ? g_strdup (collection->name)
                        : g_strconcat (collection->database, ".", collection->name, NULL);
  collection->made_at = reprise_milvus_meta_read_timestamp (self->physical);
  if (collection->made_at == NULL)
    collection->made_at = reprise_milvus_meta_read_timestamp (self->hybrid >> 18);
  g_hash_table_insert (self->collections, &collection->id, collection);
  return TRUE;
}

static char *
partition_key (gint64 collection_id, gint64 partition_id)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, collection_id, partition_id);
}

/* The collection that something belongs to: the one around it, or by its id. */
static RepriseMilvusCollection *
find_collection (RepriseMilvusTree *self, gint64 id)
{
  return self->collection != NULL ? self->collection : g_hash_table_lookup (self->collections, &id);
}

static gboolean
end_partition (RepriseMilvusTree *self, GError **error)
{
  RepriseMilvusPartition *partition = g_steal_pointer (&self->partition);
  RepriseMilvusCollection *collection;

  if (partition == NULL)
    return TRUE;
  collection = find_collection (self, self->partition_collection);
  if (collection == NULL)
    {
      reprise_milvus_partition_free (partition);
      return reprise_milvus_tree_set_wrong (error, "partition_backups");
    }
  if (partition->name == NULL)
    partition->name = g_strdup ("");
  g_hash_table_replace (self->partitions, partition_key (self->partition_collection, partition->id),
                        partition);
  g_ptr_array_add (collection->partitions, partition);
  return TRUE;
}

static gboolean
tell_logs (RepriseMilvusTree *self, RepriseMilvusCollection *collection, GError **error)
{
  for (guint i = 0; i < self->segment.logs->len; i++)
    {
      const RepriseMilvusLogNote *log =
        &g_array_index (self->segment.logs, RepriseMilvusLogNote, i);
      g_autofree char *name = reprise_milvus_map_log (log->path, self->segment.group_id);
      RepriseMilvusLog told = { self->segment.collection_id, log->path, name, log->size_bytes,
                                log->is_delete };

      self->meta->n_files++;
      add (&self->meta->files_bytes, log->size_bytes);
      if (collection != NULL)
        {
          collection->n_files++;
          collection->has_deletes |= log->is_delete;
          add (&collection->size_bytes, log->size_bytes);
        }
      if (self->each != NULL && !self->each (&told, self->user_data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
end_segment (RepriseMilvusTree *self, GError **error)
{
  RepriseMilvusSegment *segment = &self->segment;
  RepriseMilvusCollection *collection = find_collection (self, segment->collection_id);
  RepriseMilvusPartition *partition = self->partition;
  gint64 before;

  segment->is_l0 |= segment->partition_id == -1;
  if (collection == NULL)
    return reprise_milvus_tree_set_wrong (error, "segment_backups");
  if (partition == NULL && !segment->is_l0)
    {
      g_autofree char *key = partition_key (segment->collection_id, segment->partition_id);

      partition = g_hash_table_lookup (self->partitions, key);
    }
  before = collection->size_bytes;
  if (!tell_logs (self, collection, error))
    return FALSE;
  if (segment->is_l0)
    collection->n_l0_segments++;
  else
    {
      collection->n_segments++;
      add (&collection->rows, segment->rows);
    }
  if (partition != NULL && !segment->is_l0)
    {
      partition->n_segments++;
      add (&partition->rows, segment->rows);
      add (&partition->size_bytes, collection->size_bytes - before);
    }
  return TRUE;
}

static gboolean
end_log (RepriseMilvusTree *self, gboolean is_delete, GError **error)
{
  RepriseMilvusLogNote log = self->log;

  self->log = (RepriseMilvusLogNote){ NULL, -1, FALSE };
  if (log.path == NULL)
    return TRUE;
  log.is_delete = is_delete;
  g_array_append_val (self->segment.logs, log);
  return self->segment.logs->len <= MAX_LOGS || set_much (error, "log_path");
}

/* --- values --- */

static void
take_text (char **where, const char *text)
{
  g_free (*where);
  *where = g_strdup (text);
}

static gint64
to_int (RepriseJsonKind kind, const char *text)
{
  gint64 value = 0;

  return kind == REPRISE_JSON_NUMBER &&
             g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL)
           ? value
           : 0;
}

/* One member of an object: where it goes, by its name. */
typedef struct
{
  const char *key;
  char **text;
  gint64 *number;
  gboolean *flag;
} Target;

static void
take_value (const Target *targets, guint n, const char *key, RepriseJsonKind kind, const char *text)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (targets[i].key, key) == 0)
      {
        if (targets[i].text != NULL && kind == REPRISE_JSON_STRING)
          take_text (targets[i].text, text);
        else if (targets[i].number != NULL)
          *targets[i].number = to_int (kind, text);
        else if (targets[i].flag != NULL)
          *targets[i].flag = kind == REPRISE_JSON_TRUE;
        return;
      }
}

static void
take_time (GDateTime **where, RepriseJsonKind kind, const char *text)
{
  g_clear_pointer (where, g_date_time_unref);
  *where = reprise_milvus_meta_read_timestamp (to_int (kind, text));
}

static void
take_of_backup (RepriseMilvusTree *self, const char *key, RepriseJsonKind kind, const char *text)
{
  RepriseMilvusMeta *meta = self->meta;
  const Target targets[] = {
    { "id", &meta->id },
    { "name", &meta->name },
    { "milvus_version", &meta->milvus_version },
    { "format", &meta->format },
    { "size", NULL, &meta->size_bytes },
    { "backup_timestamp", NULL, &self->backup_timestamp },
  };

  if (strcmp (key, "start_time") == 0)
    take_time (&meta->started_at, kind, text);
  else if (strcmp (key, "end_time") == 0)
    take_time (&meta->ended_at, kind, text);
  else
    take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
}

static void
take_of_collection (RepriseMilvusTree *self,
                    const char *key,
                    RepriseJsonKind kind,
                    const char *text)
{
  static const char *const LEVELS[] = { "Strong", "Session", "Bounded", "Eventually",
                                        "Customized" };
  RepriseMilvusCollection *collection = self->collection;
  const Target targets[] = {
    { "collection_id", NULL, &collection->id },
    { "db_name", &collection->database },
    { "collection_name", &collection->name },
    { "shards_num", NULL, &collection->shards },
    { "load_state", &collection->load_state },
    { "backup_physical_timestamp", NULL, &self->physical },
    { "backup_timestamp", NULL, &self->hybrid },
    { "size", NULL, &collection->reported_bytes },
  };

  if (strcmp (key, "consistency_level") == 0)
    {
      gint64 level = to_int (kind, text);

      if (level >= 0 && level < (gint64) G_N_ELEMENTS (LEVELS))
        take_text (&collection->consistency, LEVELS[level]);
    }
  else
    take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
}

static void
take_of_field (RepriseMilvusTree *self, const char *key, RepriseJsonKind kind, const char *text)
{
  RepriseMilvusField *field = self->field;
  const Target targets[] = {
    { "fieldID", NULL, &field->id },
    { "name", &field->name },
    { "data_type", NULL, &self->note.data_type },
    { "element_type", NULL, &self->note.element_type },
    { "is_primary_key", NULL, NULL, &field->primary_key },
    { "autoID", NULL, NULL, &field->auto_id },
    { "is_partition_key", NULL, NULL, &field->partition_key },
    { "nullable", NULL, NULL, &field->nullable },
    { "is_dynamic", NULL, NULL, &field->dynamic },
  };

  take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
}

static void
take_of_index (RepriseMilvusTree *self, const char *key, RepriseJsonKind kind, const char *text)
{
  RepriseMilvusIndex *index = self->index;
  const Target targets[] = {
    { "field_name", &index->field },
    { "index_name", &index->name },
    { "index_type", &index->type },
  };

  take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
}

static void
take_of_index_params (RepriseMilvusTree *self,
                      const char *key,
                      RepriseJsonKind kind,
                      const char *text)
{
  RepriseMilvusIndex *index = self->index;
  const Target targets[] = {
    { "metric_type", &index->metric },
    { "params", &index->params },
    { "index_type", index->type == NULL ? &index->type : NULL },
  };

  take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
}

static void
take_of_partition (RepriseMilvusTree *self, const char *key, RepriseJsonKind kind, const char *text)
{
  const Target targets[] = {
    { "partition_id", NULL, &self->partition->id },
    { "partition_name", &self->partition->name },
    { "collection_id", NULL, &self->partition_collection },
    { "load_state", &self->partition->load_state },
  };

  take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
}

static void
take_of_segment (RepriseMilvusTree *self, const char *key, RepriseJsonKind kind, const char *text)
{
  const Target targets[] = {
    { "collection_id", NULL, &self->segment.collection_id },
    { "partition_id", NULL, &self->segment.partition_id },
    { "num_of_rows", NULL, &self->segment.rows },
    { "group_id", NULL, &self->segment.group_id },
    { "is_l0", NULL, NULL, &self->segment.is_l0 },
  };

  take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
}

static gboolean
take_of_log (RepriseMilvusTree *self,
             const char *key,
             RepriseJsonKind kind,
             const char *text,
             GError **error)
{
  const Target targets[] = {
    { "log_path", &self->log.path },
    { "log_size", NULL, &self->log.size_bytes },
  };

  take_value (targets, G_N_ELEMENTS (targets), key, kind, text);
  return self->log.size_bytes >= -1 || reprise_milvus_tree_set_wrong (error, "log_size");
}

/* A string, a number, a word. */
gboolean
reprise_milvus_tree_take (RepriseMilvusTree *self,
                          RepriseMilvusPlace place,
                          const char *key,
                          RepriseJsonKind kind,
                          const char *text,
                          GError **error)
{
  if (kind == REPRISE_JSON_NULL)
    return TRUE;
  switch (place)
    {
    case REPRISE_MILVUS_PLACE_BACKUP:
      take_of_backup (self, key, kind, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_DATABASE:
      if (strcmp (key, "db_name") == 0 && kind == REPRISE_JSON_STRING && *text != '\0')
        g_ptr_array_add (self->meta->databases, g_strdup (text));
      return self->meta->databases->len <= MAX_DATABASES || set_much (error, "database_backups");
    case REPRISE_MILVUS_PLACE_COLLECTION:
      take_of_collection (self, key, kind, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_SCHEMA:
      if (strcmp (key, "description") == 0 && kind == REPRISE_JSON_STRING)
        take_text (&self->collection->description, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_FIELD:
      take_of_field (self, key, kind, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_TYPE_PARAM:
      if (strcmp (key, "key") == 0)
        take_text (&self->note.key, text);
      else if (strcmp (key, "value") == 0)
        take_text (&self->note.value, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_INDEX:
      take_of_index (self, key, kind, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_INDEX_PARAMS:
      take_of_index_params (self, key, kind, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_PARTITION:
      take_of_partition (self, key, kind, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_SEGMENT:
    case REPRISE_MILVUS_PLACE_L0_SEGMENT:
      take_of_segment (self, key, kind, text);
      return TRUE;
    case REPRISE_MILVUS_PLACE_LOG:
    case REPRISE_MILVUS_PLACE_DELTA:
      return take_of_log (self, key, kind, text, error);
    case REPRISE_MILVUS_PLACE_SKIP:
    case REPRISE_MILVUS_PLACE_NEW:
    case REPRISE_MILVUS_PLACE_INFOS:
    case REPRISE_MILVUS_PLACE_RBAC:
    case REPRISE_MILVUS_PLACE_RBAC_ITEM:
    case REPRISE_MILVUS_PLACE_FIELD_LOGS:
    case REPRISE_MILVUS_PLACE_FIELD_DELTAS:
    default:
      return TRUE;
    }
}

static gboolean
begin_collection (RepriseMilvusTree *self, GError **error)
{
  self->collection = reprise_milvus_collection_new ();
  self->physical = self->hybrid = 0;
  g_ptr_array_add (self->meta->collections, self->collection);
  return self->meta->collections->len <= MAX_COLLECTIONS || set_much (error, "collection_backups");
}

/* One more thing of such a place. */
gboolean
reprise_milvus_tree_begin (RepriseMilvusTree *self, RepriseMilvusPlace place, GError **error)
{
  switch (place)
    {
    case REPRISE_MILVUS_PLACE_COLLECTION:
      return begin_collection (self, error);
    case REPRISE_MILVUS_PLACE_FIELD:
      self->field = g_new0 (RepriseMilvusField, 1);
      g_ptr_array_add (self->collection->fields, self->field);
      return ++self->n_fields <= MAX_FIELDS || set_much (error, "fields");
    case REPRISE_MILVUS_PLACE_INDEX:
      self->index = g_new0 (RepriseMilvusIndex, 1);
      g_ptr_array_add (self->collection->indexes, self->index);
      return ++self->n_fields <= MAX_FIELDS || set_much (error, "index_infos");
    case REPRISE_MILVUS_PLACE_PARTITION:
      g_clear_pointer (&self->partition, reprise_milvus_partition_free);
      self->partition = g_new0 (RepriseMilvusPartition, 1);
      self->partition_collection = self->collection != NULL ? self->collection->id : 0;
      return ++self->n_partitions <= MAX_PARTITIONS || set_much (error, "partition_backups");
    case REPRISE_MILVUS_PLACE_SEGMENT:
    case REPRISE_MILVUS_PLACE_L0_SEGMENT:
      g_array_set_size (self->segment.logs, 0);
      self->segment =
        (RepriseMilvusSegment){ .logs = self->segment.logs,
                                .collection_id =
                                  self->collection != NULL ? self->collection->id : 0,
                                .partition_id = self->partition != NULL ? self->partition->id : 0,
                                .is_l0 = place == REPRISE_MILVUS_PLACE_L0_SEGMENT };
      return TRUE;
    case REPRISE_MILVUS_PLACE_SKIP:
    case REPRISE_MILVUS_PLACE_NEW:
    case REPRISE_MILVUS_PLACE_INFOS:
    case REPRISE_MILVUS_PLACE_BACKUP:
    case REPRISE_MILVUS_PLACE_RBAC:
    case REPRISE_MILVUS_PLACE_RBAC_ITEM:
    case REPRISE_MILVUS_PLACE_DATABASE:
    case REPRISE_MILVUS_PLACE_SCHEMA:
    case REPRISE_MILVUS_PLACE_TYPE_PARAM:
    case REPRISE_MILVUS_PLACE_INDEX_PARAMS:
    case REPRISE_MILVUS_PLACE_FIELD_LOGS:
    case REPRISE_MILVUS_PLACE_FIELD_DELTAS:
    case REPRISE_MILVUS_PLACE_LOG:
    case REPRISE_MILVUS_PLACE_DELTA:
    default:
      return TRUE;
    }
}

gboolean
reprise_milvus_tree_end (RepriseMilvusTree *self, RepriseMilvusPlace place, GError **error)
{
  switch (place)
    {
    case REPRISE_MILVUS_PLACE_COLLECTION:
      return end_collection (self, error);
    case REPRISE_MILVUS_PLACE_FIELD:
      end_field (self);
      return TRUE;
    case REPRISE_MILVUS_PLACE_TYPE_PARAM:
      end_type_param (self);
      return TRUE;
    case REPRISE_MILVUS_PLACE_INDEX:
      end_index (self);
      return TRUE;
    case REPRISE_MILVUS_PLACE_PARTITION:
      return end_partition (self, error);
    case REPRISE_MILVUS_PLACE_SEGMENT:
    case REPRISE_MILVUS_PLACE_L0_SEGMENT:
      return end_segment (self, error);
    case REPRISE_MILVUS_PLACE_LOG:
    case REPRISE_MILVUS_PLACE_DELTA:
      return end_log (self, place == REPRISE_MILVUS_PLACE_DELTA, error);
    case REPRISE_MILVUS_PLACE_SKIP:
    case REPRISE_MILVUS_PLACE_NEW:
    case REPRISE_MILVUS_PLACE_INFOS:
    case REPRISE_MILVUS_PLACE_BACKUP:
    case REPRISE_MILVUS_PLACE_RBAC:
    case REPRISE_MILVUS_PLACE_RBAC_ITEM:
    case REPRISE_MILVUS_PLACE_DATABASE:
    case REPRISE_MILVUS_PLACE_SCHEMA:
    case REPRISE_MILVUS_PLACE_INDEX_PARAMS:
    case REPRISE_MILVUS_PLACE_FIELD_LOGS:
    case REPRISE_MILVUS_PLACE_FIELD_DELTAS:
    default:
      return TRUE;
    }
}

/* What lists of things of access there are, counted at their ends. */
void
reprise_milvus_tree_count_access (RepriseMilvusTree *self, const char *list, guint64 n)
{
  guint count = (guint) MIN (n, G_MAXUINT);

  if (strcmp (list, "users") == 0)
    self->meta->n_users = count;
  else if (strcmp (list, "roles") == 0)
    self->meta->n_roles = count;
  else
    self->meta->n_grants = count;
}

static int
compare_collections (gconstpointer a, gconstpointer b)
{
  const RepriseMilvusCollection *one = *(const gpointer *) a, *other = *(const gpointer *) b;
  int order = strcmp (one->database, other->database);

  return order != 0 ? order : strcmp (one->name, other->name);
}

/* The databases of the collections beside those that are named themselves, each once, by name. */
static void
finish_databases (RepriseMilvusMeta *meta)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < meta->databases->len; i++)
    if (g_hash_table_add (seen, g_strdup (meta->databases->pdata[i])))
      g_ptr_array_add (names, g_strdup (meta->databases->pdata[i]));
  for (guint i = 0; i < meta->collections->len; i++)
    {
      const RepriseMilvusCollection *collection = meta->collections->pdata[i];

      if (g_hash_table_add (seen, g_strdup (collection->database)))
        g_ptr_array_add (names, g_strdup (collection->database));
    }
  g_ptr_array_sort (names, reprise_strv_compare);
  g_ptr_array_unref (meta->databases);
  meta->databases = names;
}

static void
finish_collection (RepriseMilvusMeta *meta, RepriseMilvusCollection *collection)
{
  if (collection->partitions->len == 0 && collection->n_segments == 0)
    {
      collection->rows = REPRISE_NOT_REPORTED;
      collection->size_bytes = MAX (collection->reported_bytes, REPRISE_NOT_REPORTED);
      meta->rows = REPRISE_NOT_REPORTED;
    }
  else if (meta->rows != REPRISE_NOT_REPORTED)
    add (&meta->rows, collection->rows);
  if (collection->made_at != NULL &&
      (meta->created_at == NULL || g_date_time_compare (collection->made_at, meta->created_at) > 0))
    {
      g_clear_pointer (&meta->created_at, g_date_time_unref);
      meta->created_at = g_date_time_ref (collection->made_at);
    }
}

/**
 * reprise_milvus_tree_finish:
 *
 * Returns: (transfer full): what was read, of all files; or %NULL with %REPRISE_ERROR_DAMAGED
 */
RepriseMilvusMeta *
reprise_milvus_tree_finish (RepriseMilvusTree *self, GError **error)
{
  RepriseMilvusMeta *meta = self->meta;

  if (meta->name == NULL || *meta->name == '\0')
    {
      reprise_milvus_tree_set_wrong (error, "name");
      return NULL;
    }
  if (meta->format == NULL || *meta->format == '\0')
    take_text (&meta->format, "binlog");
  g_ptr_array_sort (meta->collections, compare_collections);
  for (guint i = 0; i < meta->collections->len; i++)
    finish_collection (meta, meta->collections->pdata[i]);
  if (meta->created_at == NULL)
    meta->created_at = reprise_milvus_meta_read_timestamp (self->backup_timestamp >> 18);
  if (meta->created_at == NULL && meta->started_at != NULL)
    meta->created_at = g_date_time_ref (meta->started_at);
  meta->rbac = meta->n_users + meta->n_roles + meta->n_grants > 0;
  meta->size_bytes = MAX (meta->size_bytes, REPRISE_NOT_REPORTED);
  finish_databases (meta);
  return g_steal_pointer (&self->meta);
}
