/* reprise-milvus-reply.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-reply.h"

#define FIRST_MS        G_GINT64_CONSTANT (100000000000) /* less is in seconds, more in milliseconds */
#define MAX_ERROR_CHARS 600

/* All that is not said is absent, a list of thousands of collections may be some MiB. */
static const RepriseJsonLimits LIMITS = {
  .max_bytes = 64 * 1024 * 1024,
  .max_values = 2000000,
  .error_code = REPRISE_ERROR_PROTOCOL,
};

void
reprise_milvus_entry_index_free (RepriseMilvusEntryIndex *self)
{
  g_free (self->field);
  g_free (self->name);
  g_free (self->type);
  g_free (self->metric);
  g_free (self);
}

void
reprise_milvus_entry_free (RepriseMilvusEntry *self)
{
  g_free (self->database);
  g_free (self->name);
  g_free (self->load_state);
  g_clear_pointer (&self->indexes, g_ptr_array_unref);
  g_strfreev (self->vector_fields);
  g_free (self);
}

/* (transfer full): with its database */
char *
reprise_milvus_entry_dup_name (const RepriseMilvusEntry *self)
{
  return reprise_milvus_name_join (self->database, self->name);
}

void
reprise_milvus_backup_free (RepriseMilvusBackup *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->error);
  g_free (self->milvus_version);
  g_free (self->format);
  g_clear_pointer (&self->collections, g_ptr_array_unref);
  g_free (self);
}

void
reprise_milvus_part_free (RepriseMilvusPart *self)
{
  g_free (self->database);
  g_free (self->name);
  g_free (self->error);
  g_free (self);
}

void
reprise_milvus_restore_free (RepriseMilvusRestore *self)
{
  g_free (self->id);
  g_free (self->error);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_free (self);
}

void
reprise_milvus_reply_free (RepriseMilvusReply *self)
{
  g_free (self->message);
  g_free (self->request_id);
  g_clear_pointer (&self->root, json_object_unref);
  g_free (self);
}

void
reprise_milvus_check_free (RepriseMilvusCheck *self)
{
  g_free (self->text);
  g_free (self->milvus_version);
  g_free (self->milvus_bucket);
  g_free (self->milvus_root);
  g_free (self->backup_bucket);
  g_free (self->backup_root);
  g_free (self->backup_storage);
  g_free (self);
}

/* Unix time in ms, or -1: unfinished is absent, zero, or Go's year 1. */
gint64
reprise_milvus_time_to_ms (gint64 value)
{
  if (value <= 0)
    return -1;
  return value > FIRST_MS ? value : value * 1000;
}

/* A hybrid timestamp holds ms above its lowest 18 bits, in files of long ago seconds. */
static gint64
hybrid_to_ms (gint64 value)
{
  return value > 0 ? reprise_milvus_time_to_ms (value >> 18) : -1;
}

/* (transfer full) (nullable): one paragraph of a length that people read */
static char *
dup_text (const char *text)
{
  g_autofree char *copy = NULL;

  if (text == NULL || *text == '\0')
    return NULL;
  copy = g_strdup (text);
  g_strdelimit (copy, "\r\n\t", ' ');
  if (g_utf8_strlen (copy, -1) > MAX_ERROR_CHARS)
    *g_utf8_offset_to_pointer (copy, MAX_ERROR_CHARS) = '\0';
  return g_strdup (g_strstrip (copy));
}

static int
read_progress (JsonObject *object)
{
  return (int) CLAMP (reprise_json_get_int (object, "progress", 0), 0, 100);
}

static RepriseMilvusState
read_state (JsonObject *object)
{
  gint64 state = reprise_json_get_int (object, "state_code", REPRISE_MILVUS_UNSAID);

  return state >= REPRISE_MILVUS_INITIAL && state <= REPRISE_MILVUS_TIMED_OUT
           ? (RepriseMilvusState) state
           : REPRISE_MILVUS_UNSAID;
}

/* --- the envelope --- */

/* (transfer full) (nullable): what stands in {"error":…}, the answer to what is no request */
char *
reprise_milvus_reply_read_error (const char *text)
{
  g_autoptr (JsonObject) root =
    text != NULL ? reprise_json_parse_object (text, strlen (text), &LIMITS, NULL) : NULL;

  return dup_text (reprise_json_get_string (root, "error", NULL));
}

/* (transfer full): %REPRISE_ERROR_PROTOCOL for what is none */
RepriseMilvusReply *
reprise_milvus_reply_parse (const char *data, gsize size, GError **error)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (data, size, &LIMITS, error);
  RepriseMilvusReply *self;

  if (root == NULL)
    return NULL;
  if (!json_object_has_member (root, "data") && !json_object_has_member (root, "msg") &&
      !json_object_has_member (root, "code") && !json_object_has_member (root, "requestId"))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                                 _ ("The answer is not one of Milvus Backup. Check the address."));
      return NULL;
    }
  self = g_new0 (RepriseMilvusReply, 1);
  self->code = reprise_json_get_int (root, "code", 0);
  self->message = dup_text (reprise_json_get_string (root, "msg", NULL));
  self->request_id = g_strdup (reprise_json_get_string (root, "requestId", NULL));
  self->root = g_steal_pointer (&root);
  return self;
}

/* Whether it is a success; else what the server says. */
gboolean
reprise_milvus_reply_check (const RepriseMilvusReply *self, GError **error)
{
  int code = self->code == 404   ? REPRISE_ERROR_NOT_FOUND
             : self->code == 400 ? REPRISE_ERROR_INVALID
                                 : REPRISE_ERROR_FAILED;

  if (self->code == 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, code, _ ("Milvus Backup says: %s"),
                     self->message != NULL ? self->message : _ ("an error without a text"));
  return FALSE;
}

/* --- backups --- */

static gboolean
is_vector (gint64 data_type)
{
  return data_type >= 100 && data_type < 200;
}

static void
read_schema (RepriseMilvusEntry *self, JsonObject *object)
{
  JsonArray *fields = reprise_json_get_array (object, "schema.fields");
  GPtrArray *names = g_ptr_array_new ();

  self->fields = reprise_json_array_get_length (fields);
  for (guint i = 0; i < self->fields; i++)
    {
      JsonObject *field = reprise_json_array_get_object (fields, i);
      const char *name = reprise_json_get_string (field, "name", NULL);

      if (name != NULL && is_vector (reprise_json_get_int (field, "data_type", 0)))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_add (names, NULL);
  self->vector_fields = (char **) g_ptr_array_free (names, FALSE);
}

static void
read_indexes (RepriseMilvusEntry *self, JsonObject *object)
{
  JsonArray *indexes = reprise_json_get_array (object, "index_infos");

  self->indexes = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_entry_index_free);
  for (guint i = 0; i < reprise_json_array_get_length (indexes); i++)
    {
      JsonObject *each = reprise_json_array_get_object (indexes, i);
      RepriseMilvusEntryIndex *index = g_new0 (RepriseMilvusEntryIndex, 1);

      index->field = g_strdup (reprise_json_get_string (each, "field_name", ""));
      index->name = g_strdup (reprise_json_get_string (each, "index_name", ""));
      index->type = g_strdup (reprise_json_get_string (each, "index_type", NULL));
      index->metric = g_strdup (reprise_json_get_string (each, "params.metric_type", NULL));
      g_ptr_array_add (self->indexes, index);
    }
}

/* Rows and partitions are there only where the server was set to tell everything. */
static void
read_partitions (RepriseMilvusEntry *self, JsonObject *object)
{
  JsonArray *partitions = reprise_json_get_array (object, "partition_backups");
  guint n = reprise_json_array_get_length (partitions);
  gint64 rows = 0;
  gboolean counted = n > 0;

  self->partitions = n > 0 ? (int) n : -1;
  for (guint i = 0; i < n; i++)
    {
      JsonArray *segments =
        reprise_json_get_array (reprise_json_array_get_object (partitions, i), "segment_backups");

      for (guint j = 0; j < reprise_json_array_get_length (segments); j++)
        {
          JsonObject *segment = reprise_json_array_get_object (segments, j);

          if (!reprise_json_get_boolean (segment, "is_l0", FALSE))
            rows += MAX (reprise_json_get_int (segment, "num_of_rows", 0), 0);
        }
    }
  self->rows = counted ? rows : REPRISE_NOT_REPORTED;
}

static RepriseMilvusEntry *
read_collection (JsonObject *object)
{
  RepriseMilvusEntry *self = g_new0 (RepriseMilvusEntry, 1);
  const char *database = reprise_json_get_string (object, "db_name", "");
  gint64 at =
    reprise_milvus_time_to_ms (reprise_json_get_int (object, "backup_physical_timestamp", 0));

  self->database = g_strdup (*database != '\0' ? database : REPRISE_MILVUS_DEFAULT_DATABASE);
  self->name = g_strdup (reprise_json_get_string (object, "collection_name", ""));
  self->id = reprise_json_get_int (object, "collection_id", 0);
  self->size_bytes = MAX (reprise_json_get_int (object, "size", 0), 0);
  self->saved_at_ms =
    at > 0 ? at : hybrid_to_ms (reprise_json_get_int (object, "backup_timestamp", 0));
  self->has_index = reprise_json_get_boolean (object, "has_index", FALSE);
  self->load_state = g_strdup (reprise_json_get_string (object, "load_state", NULL));
  read_schema (self, object);
  read_indexes (self, object);
  read_partitions (self, object);
  return self;
}

static int
compare_collections (gconstpointer a, gconstpointer b)
{
  const RepriseMilvusEntry *left = *(RepriseMilvusEntry *const *) a;
  const RepriseMilvusEntry *right = *(RepriseMilvusEntry *const *) b;
  int order = strcmp (left->database, right->database);

  return order != 0 ? order : strcmp (left->name, right->name);
}

static RepriseMilvusBackup *
read_backup (JsonObject *object)
{
  RepriseMilvusBackup *self = g_new0 (RepriseMilvusBackup, 1);
  JsonArray *collections = reprise_json_get_array (object, "collection_backups");
  const char *name = reprise_json_get_string (object, "name", "");

  self->id = g_strdup (reprise_json_get_string (object, "id", NULL));
  self->name = *name != '\0' ? g_strdup (name) : NULL;
  self->state = read_state (object);
  self->error = dup_text (reprise_json_get_string (object, "errorMessage", NULL));
  self->started_ms = reprise_milvus_time_to_ms (reprise_json_get_int (object, "start_time", 0));
  self->ended_ms = reprise_milvus_time_to_ms (reprise_json_get_int (object, "end_time", 0));
  self->progress = read_progress (object);
  self->size_bytes = MAX (reprise_json_get_int (object, "size", 0), 0);
  self->milvus_version = g_strdup (reprise_json_get_string (object, "milvus_version", NULL));
  self->format = g_strdup (reprise_json_get_string (object, "format", NULL));
  self->has_roles = reprise_json_get_object (object, "rbac_meta") != NULL;
  self->collections = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_entry_free);
  for (guint i = 0; i < reprise_json_array_get_length (collections); i++)
    g_ptr_array_add (self->collections,
                     read_collection (reprise_json_array_get_object (collections, i)));
  g_ptr_array_sort (self->collections, compare_collections);
  return self;
}

/* (transfer full) (nullable): %NULL where the answer holds none */
RepriseMilvusBackup *
reprise_milvus_reply_read_backup (const RepriseMilvusReply *self)
{
  JsonObject *data = reprise_json_get_object (self->root, "data");

  return data != NULL ? read_backup (data) : NULL;
}

/* (transfer full) (element-type RepriseMilvusBackup) */
GPtrArray *
reprise_milvus_reply_read_list (const RepriseMilvusReply *self, GError **error)
{
  JsonArray *data = reprise_json_get_array (self->root, "data");
  GPtrArray *list;

  if (data == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                                 _ ("The answer of Milvus Backup holds no list of backups."));
      return NULL;
    }
  list = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_backup_free);
  for (guint i = 0; i < reprise_json_array_get_length (data); i++)
    {
      JsonObject *each = reprise_json_array_get_object (data, i);

      if (each != NULL && *reprise_json_get_string (each, "name", "") != '\0')
        g_ptr_array_add (list, read_backup (each));
    }
  return list;
}

/* --- restores --- */

static RepriseMilvusPart *
read_part (JsonObject *object)
{
  RepriseMilvusPart *self = g_new0 (RepriseMilvusPart, 1);
  const char *database = reprise_json_get_string (object, "target_db_name", "");

  self->database = g_strdup (*database != '\0' ? database : REPRISE_MILVUS_DEFAULT_DATABASE);
  self->name = g_strdup (reprise_json_get_string (object, "target_collection_name", ""));
  self->state = read_state (object);
  self->error = dup_text (reprise_json_get_string (object, "errorMessage", NULL));
  self->progress = read_progress (object);
  self->restored_bytes = reprise_json_get_int (object, "restored_size", -1);
  self->total_bytes = reprise_json_get_int (object, "to_restore_size", -1);
  return self;
}

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const RepriseMilvusPart *left = *(RepriseMilvusPart *const *) a;
  const RepriseMilvusPart *right = *(RepriseMilvusPart *const *) b;
  int order = strcmp (left->database, right->database);

  return order != 0 ? order : strcmp (left->name, right->name);
}

/* (transfer full) */
RepriseMilvusRestore *
reprise_milvus_reply_read_restore (const RepriseMilvusReply *self, GError **error)
{
  JsonObject *data = reprise_json_need_object (self->root, "data", error);
  JsonArray *parts = reprise_json_get_array (data, "collection_restore_tasks");
  RepriseMilvusRestore *restore;

  if (data == NULL)
    return NULL;
  restore = g_new0 (RepriseMilvusRestore, 1);
  restore->id = g_strdup (reprise_json_get_string (data, "id", NULL));
  restore->state = read_state (data);
  restore->error = dup_text (reprise_json_get_string (data, "errorMessage", NULL));
  restore->progress = read_progress (data);
  restore->restored_bytes = reprise_json_get_int (data, "restored_size", -1);
  restore->total_bytes = reprise_json_get_int (data, "to_restore_size", -1);
  restore->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_part_free);
  for (guint i = 0; i < reprise_json_array_get_length (parts); i++)
    g_ptr_array_add (restore->parts, read_part (reprise_json_array_get_object (parts, i)));
  g_ptr_array_sort (restore->parts, compare_parts);
  return restore;
}

/* --- the check --- */

/* (transfer full) (nullable): of the line “KEY: VALUE” or, in the table of the newest servers, “KEY VALUE” */
static char *
find_line (char **lines, const char *key, gboolean table)
{
  gsize length = strlen (key);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = lines[i];
      g_auto (GStrv) words = NULL;

      while (*line == ' ')
        line++;
      if (strncmp (line, key, length) != 0 || (line[length] != ':' && line[length] != ' '))
        continue;
      if (table == (line[length] == ':'))
        continue;
      line += length + 1;
      while (*line == ' ')
        line++;
      words = g_strsplit (line, " ", 2);
      if (words[0] != NULL && *words[0] != '\0' && (!table || !g_str_equal (words[0], "config")))
        return g_strdup (g_strchomp (words[0]));
    }
  return NULL;
}

static char *
find_either (char **lines, const char *key, const char *parameter)
{
  char *value = find_line (lines, key, FALSE);

  return value != NULL ? value : find_line (lines, parameter, TRUE);
}

/* What is not of interest to people is left out: the newest servers print their whole configuration first. */
static char *
cut_text (const char *text)
{
  const char *start = strstr (text, "\nMilvus version:");
  const char *end = strstr (text, "Configuration:");

  return dup_text (end != NULL && start != NULL ? start : text);
}

/* (transfer full): @text is a JSON string of the oldest servers, plain text of the others, {"error":…} where one cannot connect */
RepriseMilvusCheck *
reprise_milvus_check_parse (guint status, const char *text)
{
  RepriseMilvusCheck *self = g_new0 (RepriseMilvusCheck, 1);
  g_autoptr (JsonNode) node = reprise_json_parse (text, strlen (text), &LIMITS, NULL);
  const char *plain = node != NULL ? reprise_json_node_get_string (node, NULL) : NULL;
  g_autofree char *refusal = reprise_milvus_reply_read_error (text);
  g_auto (GStrv) lines = NULL;

  if (refusal != NULL)
    {
      self->text = g_steal_pointer (&refusal);
      return self;
    }
  if (plain == NULL)
    plain = text;
  lines = g_strsplit (plain, "\n", -1);
  self->ok = status == 200 && !g_str_has_prefix (plain, "Failed to connect");
  self->empty = strstr (plain, "Milvus storage is empty") != NULL ||
                strstr (plain, "Milvus root path is empty") != NULL;
  self->text = cut_text (plain);
  self->milvus_version = find_line (lines, "Milvus version", FALSE);
  self->milvus_bucket = find_either (lines, "milvus-bucket", "Milvus.Storage.BucketName");
  self->milvus_root = find_either (lines, "milvus-rootpath", "Milvus.Storage.RootPath");
  self->backup_bucket = find_either (lines, "backup-bucket", "Backup.Storage.BucketName");
  self->backup_root = find_either (lines, "backup-rootpath", "Backup.Storage.RootPath");
  self->backup_storage = find_either (lines, "backup-storage-type", "Backup.Storage.Provider");
  return self;
}
