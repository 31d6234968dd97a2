/* reprise-fake-milvus.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "reprise-fake-milvus.h"

#define STEPS 3 /* questions until something is done */

typedef struct
{
  gint64 rows;
  gboolean loaded;
  gboolean indexed;
} Table;

/* A backup in the storage; without tables it has no metadata. */
typedef struct
{
  char *id;           /* (owned) */
  GHashTable *tables; /* (owned) (nullable): name → Table */
} Saved;

typedef struct
{
  guint step;
  GPtrArray *names;   /* (owned): of a backup: what is saved */
  GHashTable *tables; /* (owned) (nullable): of a restore: what is made */
  char *error;        /* (owned) (nullable): how it fails */
  gboolean drop;
} Task;

struct _RepriseFakeMilvus
{
  RepriseFaultServer *server;
  char generation;
  guint rest_version;

  GMutex mutex;
  RepriseFakeMilvusTrap trap;
  char *version;
  GHashTable *tables;   /* name → Table */
  GHashTable *storage;  /* name → Saved */
  GHashTable *tasks;    /* name → Task */
  GHashTable *restores; /* id → Task */
  GHashTable *bodies;   /* call → text */
  char *folder;         /* (nullable): the storage, as files */
  char *authorization;
  guint n_calls;
  guint n_writes;
  guint n_saved;
  char *appears; /* (nullable): a collection that somebody makes once there is a backup more */
  gboolean dead;
};

static void
saved_free (gpointer data)
{
  Saved *self = data;

  g_clear_pointer (&self->tables, g_hash_table_unref);
  g_free (self->id);
  g_free (self);
}

static void
task_free (gpointer data)
{
  Task *self = data;

  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->tables, g_hash_table_unref);
  g_free (self->error);
  g_free (self);
}

static GHashTable *
new_tables (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
put_table (GHashTable *tables, const char *name, gint64 rows, gboolean loaded, gboolean indexed)
{
  Table *table = g_new0 (Table, 1);

  *table = (Table){ rows, loaded, indexed };
  g_hash_table_insert (tables, g_strdup (name), table);
}

static char *
complete (const char *name)
{
  return strchr (name, '.') != NULL ? g_strdup (name) : g_strconcat ("default.", name, NULL);
}

static gboolean
is_old (RepriseFakeMilvus *self)
{
  return self->generation == 'A';
}

/* --- answers --- */

static void answer (RepriseFaultCall *call, guint status, const char *format, ...)
  G_GNUC_PRINTF (3, 4);

static void
answer (RepriseFaultCall *call, guint status, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  reprise_fault_answer (call, status, "application/json; charset=utf-8", text);
}

static void
refuse (RepriseFaultCall *call, int code, const char *text)
{
  answer (call, 200, "{\"requestId\":\"r\",\"code\":%d,\"msg\":\"%s\",\"data\":null}", code, text);
}

static gboolean
needs_storage (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  if (self->trap != REPRISE_FAKE_MILVUS_NO_STORAGE)
    return FALSE;
  refuse (call, 3, "create backup storage client: storage: minio list objects: connection refused");
  return TRUE;
}

static char *
get_query (RepriseFaultCall *call, const char *name)
{
  g_autoptr (GHashTable) query =
    g_uri_parse_params (call->query != NULL ? call->query : "", -1, "&", G_URI_PARAMS_NONE, NULL);

  return g_strdup (query != NULL ? g_hash_table_lookup (query, name) : NULL);
}

static JsonObject *
get_body (RepriseFaultCall *call)
{
  gsize size = 0;
  const char *data = call->body != NULL ? g_bytes_get_data (call->body, &size) : NULL;

  return data != NULL ? reprise_json_parse_object (data, size, NULL, NULL) : NULL;
}

/* --- the backup server --- */

static void
call_check (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  const char *storage = "milvus-bucket: a-bucket\n  milvus-rootpath: files\n"
                        "  backup-storage-type: minio\n  backup-bucket: a-bucket\n"
                        "  backup-rootpath: backup\n";
  g_autofree char *text = NULL;

  if (self->trap == REPRISE_FAKE_MILVUS_NO_MILVUS)
    answer (call, is_old (self) ? 200 : 500,
            is_old (self) ? "\"Failed to connect to milvus, connect to server\""
                          : "{\"error\":\"client: connect to server: connection refused\"}");
  else if (self->trap == REPRISE_FAKE_MILVUS_NO_STORAGE)
    answer (call, is_old (self) ? 200 : 500,
            is_old (self) ? "\"Failed to connect to storage, minio\""
                          : "{\"error\":\"create backup storage client: storage: minio refused\"}");
  else if (is_old (self))
    answer (call, 200,
            "\"Succeed to connect to milvus and storage.\\nMilvus version: %s\\n"
            "milvus-bucket: a-bucket\\nbackup-bucket: a-bucket\\n\"",
            self->version);
  else
    {
      text = g_strdup_printf (
        "%s\nMilvus version: %s\nStorage:\n  %s\n%s\n",
        self->generation == 'C' ? "Configuration:\n" : "", self->version, storage,
        self->trap == REPRISE_FAKE_MILVUS_WRONG_ROOT ? "!!! Milvus root path is empty !!!"
                                                     : "Success!");
      reprise_fault_answer (call, 200, "text/plain; charset=utf-8", text);
    }
}

static void
call_document (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  answer (call, 200,
          "{\"paths\":{\"/create\":{},\"/get_restore\":{}%s},\"definitions\":{"
          "\"backuppb.BackupInfoBrief\":{\"properties\":{\"id\":{}%s}}}}",
          is_old (self) ? "" : ",\"/restore_secondary\":{}",
          self->generation == 'C' ? ",\"format\":{}" : "");
}

static void
append_collections (GString *text, GHashTable *tables)
{
  GHashTableIter iter;
  gpointer name, table;
  gboolean first = TRUE;

  g_string_append (text, ",\"collection_backups\":[");
  g_hash_table_iter_init (&iter, tables);
  while (g_hash_table_iter_next (&iter, &name, &table))
    {
      g_auto (GStrv) parts = g_strsplit (name, ".", 2);

      g_string_append_printf (
        text,
        "%s{\"collection_id\":470617309752204205,\"db_name\":\"%s\",\"collection_name\":\"%s\","
        "\"schema\":{\"fields\":[{\"name\":\"id\",\"is_primary_key\":true,\"data_type\":5},"
        "{\"name\":\"vec\",\"data_type\":101}]},\"size\":%d,\"has_index\":true,\"index_infos\":["
        "{\"field_name\":\"vec\",\"index_name\":\"vec\",\"index_type\":\"FLAT\",\"params\":{"
        "\"metric_type\":\"L2\"}}]}",
        first ? "" : ",", parts[0], parts[1], (int) ((Table *) table)->rows * 10);
      first = FALSE;
    }
  g_string_append_c (text, ']');
}

static void
call_list (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autoptr (GString) text = g_string_new ("{");
  g_autoptr (GList) names = NULL;
  gboolean first = TRUE;

  if (needs_storage (self, call))
    return;
  names = g_list_sort (g_hash_table_get_keys (self->storage), (GCompareFunc) strcmp);
  g_string_append (text, is_old (self) ? "\"requestId\":\"r\",\"msg\":\"success\",\"data\":["
                                       : "\"data\":[");
  for (GList *each = names; each != NULL; each = each->next)
    {
      const Saved *saved = g_hash_table_lookup (self->storage, each->data);

      if (saved->tables == NULL)
        continue;
      g_string_append_printf (text,
                              "%s{\"id\":\"%s\",\"name\":\"%s\",\"size\":1234,"
                              "\"milvus_version\":\"%s\"%s}",
                              first ? "" : ",", saved->id, (const char *) each->data, self->version,
                              is_old (self) ? ",\"state_code\":1,\"start_time\":1795263345253,"
                                              "\"progress\":0"
                                            : "");
      first = FALSE;
    }
  g_string_append (text, "]}");
  answer (call, 200, "%s", text->str);
}

static GHashTable *
copy_tables (RepriseFakeMilvus *self, GPtrArray *names)
{
  GHashTable *copy = new_tables ();

  for (guint i = 0; i < names->len; i++)
    {
      const Table *table = g_hash_table_lookup (self->tables, names->pdata[i]);

      if (table != NULL)
        put_table (copy, names->pdata[i], table->rows, FALSE, TRUE);
    }
  return copy;
}

static void
write_file (const char *top, const char *below, const char *text)
{
  g_autofree char *path = g_build_filename (top, below, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Of each table one segment with one file. */
static void
write_table (GString *meta, const char *top, const char *name, const Table *table, guint number)
{
  const char *seg = "470617309752216125";
  g_auto (GStrv) parts = g_strsplit (name, ".", 2);
  g_autofree char *rows = g_strnfill ((gsize) table->rows * 10, 'x');
  g_autofree char *file = g_strdup_printf ("binlogs/insert_log/%u/7/%s/%s/100/9", number, seg, seg);

  g_string_append_printf (
    meta,
    "%s{\"collection_id\":%u,\"db_name\":\"%s\",\"collection_name\":\"%s\",\"schema\":{\"name\":"
    "\"%s\",\"fields\":[{\"fieldID\":100,\"name\":\"id\",\"is_primary_key\":true,\"data_type\":5},"
    "{\"fieldID\":101,\"name\":\"vec\",\"data_type\":101}]},\"partition_backups\":[{\"partition_"
    "id\":7,"
    "\"partition_name\":\"_default\",\"collection_id\":%u",
    meta->str[meta->len - 1] == '[' ? "" : ",", number, parts[0], parts[1], parts[1], number);
  if (table->rows > 0)
    {
      memcpy (rows, "PAR1", 4);
      write_file (top, file, rows);
      g_string_append_printf (
        meta,
        ",\"segment_backups\":[{\"segment_id\":%s,\"collection_id\":%u,\"partition_id\":7,"
        "\"num_of_rows\":%d,\"group_id\":%s,\"binlogs\":[{\"fieldID\":100,\"binlogs\":[{\"log_"
        "path\":"
        "\"files/insert_log/%u/7/%s/100/9\",\"log_size\":%d,\"log_id\":9}]}],\"deltalogs\":[{}],"
        "\"size\":%d}]",
        seg, number, (int) table->rows, seg, number, seg, (int) table->rows * 10,
        (int) table->rows * 10);
    }
  g_string_append_printf (meta,
                          ",\"size\":%d}],\"size\":%d,\"has_index\":true,\"index_infos\":[{"
                          "\"field_name\":\"vec\",\"index_name\":\"vec\",\"index_type\":\"FLAT\","
                          "\"params\":{\"metric_type\":\"L2\"}}],\"load_state\":\"Loaded\","
                          "\"backup_physical_timestamp\":1795264353}",
                          (int) table->rows * 10, (int) table->rows * 10);
}

static void
write_backup (RepriseFakeMilvus *self, const char *name, const Saved *saved)
{
  g_autofree char *top = g_build_filename (self->folder, name, NULL);
  g_autofree char *brief = g_strdup_printf (
    "{\"id\":\"%s\",\"state_code\":0,\"name\":\"%s\",\"size\":1234,\"milvus_version\":\"%s\"}",
    saved->id, name, self->version);
  g_autoptr (GString) meta = g_string_new (NULL);
  GHashTableIter iter;
  gpointer key, table;
  guint number = 1000;

  g_string_append_printf (meta,
                          "{\"id\":\"%s\",\"state_code\":0,\"name\":\"%s\",\"size\":1234,"
                          "\"milvus_version\":\"%s\",\"collection_backups\":[",
                          saved->id, name, self->version);
  g_hash_table_iter_init (&iter, saved->tables);
  while (g_hash_table_iter_next (&iter, &key, &table))
    write_table (meta, top, key, table, number++);
  g_string_append (meta, "]}");
  write_file (top, "meta/full_meta.json", meta->str);
  write_file (top, "meta/backup_meta.json", brief);
}

static Saved *
new_saved (const char *id, GHashTable *tables)
{
  Saved *saved = g_new0 (Saved, 1);

  saved->id = g_strdup (id);
  saved->tables = tables;
  return saved;
}

static void
save (RepriseFakeMilvus *self, const char *name, GHashTable *tables)
{
  g_autofree char *id = g_strdup_printf ("id-%u", ++self->n_saved);
  Saved *saved = new_saved (id, tables);

  g_hash_table_insert (self->storage, g_strdup (name), saved);
  if (self->folder != NULL && tables != NULL)
    write_backup (self, name, saved);
  else if (self->folder != NULL)
    {
      g_autofree char *top = g_build_filename (self->folder, name, NULL);

      write_file (top, "binlogs/insert_log/1/2/3/3/100/4", "half");
    }
  if (self->appears != NULL)
    put_table (self->tables, self->appears, 9, TRUE, TRUE);
  g_clear_pointer (&self->appears, g_free);
}

static void
forget_files (RepriseFakeMilvus *self, const char *name)
{
  g_autofree char *top = self->folder != NULL ? g_build_filename (self->folder, name, NULL) : NULL;

  if (top != NULL)
    reprise_file_remove_tree (top, NULL);
}

static gint64
sum_rows (JsonObject *collection)
{
  JsonObject *partition =
    reprise_json_array_get_object (reprise_json_get_array (collection, "partition_backups"), 0);
  JsonArray *segments =
    partition != NULL ? reprise_json_get_array (partition, "segment_backups") : NULL;
  gint64 rows = 0;

  for (guint i = 0; i < reprise_json_array_get_length (segments); i++)
    rows += reprise_json_get_int (reprise_json_array_get_object (segments, i), "num_of_rows", 0);
  return rows;
}

/* (transfer full) (nullable): as it lies in the storage, if its metadata calls it as its folder is called */
static Saved *
read_saved (const char *top, const char *name)
{
  g_autofree char *path = g_build_filename (top, name, "meta", "full_meta.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) root = NULL;
  JsonArray *collections;
  Saved *saved;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  root = reprise_json_parse_object (text, strlen (text), NULL, NULL);
  if (root == NULL || g_strcmp0 (reprise_json_get_string (root, "name", NULL), name) != 0)
    return NULL;
  saved = new_saved (reprise_json_get_string (root, "id", "id"), new_tables ());
  collections = reprise_json_get_array (root, "collection_backups");
  for (guint i = 0; i < reprise_json_array_get_length (collections); i++)
    {
      JsonObject *each = reprise_json_array_get_object (collections, i);
      g_autofree char *full =
        g_strdup_printf ("%s.%s", reprise_json_get_string (each, "db_name", "default"),
                         reprise_json_get_string (each, "collection_name", ""));

      put_table (saved->tables, full, sum_rows (each), FALSE, TRUE);
    }
  return saved;
}

/* What somebody else put into the storage. */
static void
look_at_files (RepriseFakeMilvus *self)
{
  g_autoptr (GDir) dir = self->folder != NULL ? g_dir_open (self->folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      Saved *saved =
        g_hash_table_contains (self->storage, name) ? NULL : read_saved (self->folder, name);

      if (saved != NULL)
        g_hash_table_insert (self->storage, g_strdup (name), saved);
    }
}

/* One step on. %FALSE: it is forgotten */
static gboolean
advance_backup (RepriseFakeMilvus *self, const char *name, Task *task)
{
  if (self->trap == REPRISE_FAKE_MILVUS_STUCK || self->trap == REPRISE_FAKE_MILVUS_NO_MILVUS)
    return TRUE;
  if (task->step > STEPS)
    return TRUE;
  task->step++;
  if (self->trap == REPRISE_FAKE_MILVUS_RESTARTS && task->step == STEPS)
    {
      save (self, name, NULL);
      g_hash_table_remove (self->tasks, name);
      return FALSE;
    }
  if (self->trap == REPRISE_FAKE_MILVUS_FAILS && task->step == STEPS)
    {
      g_free (task->error);
      task->error = g_strdup ("backup: copy data: the specified bucket does not exist");
      save (self, name, NULL);
    }
  if (task->step == STEPS + 1 && task->error == NULL &&
      self->trap != REPRISE_FAKE_MILVUS_NO_METADATA)
    save (self, name,
          self->trap == REPRISE_FAKE_MILVUS_EMPTY ? new_tables ()
                                                  : copy_tables (self, task->names));
  return TRUE;
}

static void
call_get_backup (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "backup_name");
  Task *task = g_hash_table_lookup (self->tasks, name);
  Saved *saved;
  g_autoptr (GString) text = NULL;
  int state;

  if (needs_storage (self, call))
    return;
  if (task != NULL && !advance_backup (self, name, task))
    task = NULL;
  saved = g_hash_table_lookup (self->storage, name);
  if (task == NULL && is_old (self) && (saved == NULL || saved->tables == NULL))
    {
      refuse (call, 404, "not found");
      return;
    }
  if (task == NULL && !is_old (self))
    {
      answer (call, 200,
              "{\"msg\":\"success\",\"data\":{\"state_code\":0,\"progress\":0,\"size\":0,"
              "\"meta_size\":0}}");
      return;
    }
  state = task == NULL          ? 1 /* as 0.5.9 says of a backup that is finished */
          : task->error != NULL ? 3
          : task->step == 0     ? 0
          : task->step > STEPS  ? 2
                                : 1;
  text = g_string_new (NULL);
  g_string_append_printf (text,
                          "{\"msg\":\"success\",\"data\":{\"id\":\"id\",\"state_code\":%d,"
                          "\"errorMessage\":\"%s\",\"start_time\":1795262960,\"progress\":%u,"
                          "\"name\":\"%s\",\"size\":1234",
                          state, task != NULL && task->error != NULL ? task->error : "",
                          task == NULL || task->step > STEPS ? 100 : task->step * 30, name);
  if (saved != NULL && saved->tables != NULL && state != 3)
    append_collections (text, saved->tables);
  g_string_append (text, "}}");
  answer (call, 200, "%s", text->str);
}

static GPtrArray *
read_names (RepriseFakeMilvus *self, JsonObject *body)
{
  JsonArray *chosen = reprise_json_get_array (body, "collection_names");
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; i < reprise_json_array_get_length (chosen); i++)
    g_ptr_array_add (names, complete (reprise_json_array_get_string (chosen, i, "")));
  g_hash_table_iter_init (&iter, self->tables);
  while (chosen == NULL && g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  return names;
}

static void
call_create (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) body = get_body (call);
  const char *name = reprise_json_get_string (body, "backup_name", NULL);
  Task *task;

  if (name == NULL)
    {
      reprise_fault_answer (call, 500, NULL, "");
      return;
    }
  if (needs_storage (self, call))
    return;
  task = g_new0 (Task, 1);
  task->names = read_names (self, body);
  for (guint i = 0; i < task->names->len; i++)
    if (!g_hash_table_contains (self->tables, task->names->pdata[i]))
      task->error = g_strdup_printf ("filter collection %s not found in milvus",
                                     (const char *) task->names->pdata[i]);
  if (!is_old (self) && g_hash_table_contains (self->storage, name))
    task->error = g_strdup ("taken");
  g_hash_table_insert (self->tasks, g_strdup (name), task);
  if (self->trap == REPRISE_FAKE_MILVUS_LOSES_ANSWER)
    reprise_fault_reset (call);
  else if (is_old (self))
    answer (call, 200,
            "{\"requestId\":\"r\",\"msg\":\"create backup is executing asynchronously\",\"data\":{"
            "\"id\":\"r\",\"state_code\":0,\"progress\":0,\"name\":\"%s\"}}",
            name);
  else
    answer (call, 200,
            "{\"requestId\":\"r\",\"msg\":\"create backup is executing asynchronously\","
            "\"data\":null}");
}

static void
call_delete (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "backup_name");
  Saved *saved = g_hash_table_lookup (self->storage, name);
  gboolean whole = saved != NULL && saved->tables != NULL;

  if (needs_storage (self, call))
    return;
  if (whole || is_old (self))
    {
      g_hash_table_remove (self->storage, name);
      forget_files (self, name);
    }
  if (whole)
    answer (call, 200, "{\"requestId\":\"r\",\"msg\":\"success\"}");
  else if (is_old (self))
    answer (call, 200, "{\"requestId\":\"r\",\"code\":404,\"msg\":\"not found\"}");
  else
    answer (call, 200,
            "{\"requestId\":\"r\",\"code\":3,\"msg\":\"delete: read backup info: meta: "
            "The specified key does not exist.\"}");
}

/* --- restores --- */

static char *
find_target (JsonObject *body, const char *from)
{
  JsonObject *renames = reprise_json_get_object (body, "collection_renames");
  const char *suffix = reprise_json_get_string (body, "collection_suffix", "");

  if (renames != NULL && json_object_has_member (renames, from))
    return complete (json_object_get_string_member (renames, from));
  return g_strconcat (from, suffix, NULL);
}

static gboolean
is_chosen (JsonObject *body, const char *from)
{
  JsonArray *chosen = reprise_json_get_array (body, "collection_names");

  if (chosen == NULL)
    return TRUE;
  for (guint i = 0; i < reprise_json_array_get_length (chosen); i++)
    {
      g_autofree char *name = complete (reprise_json_array_get_string (chosen, i, ""));

      if (g_str_equal (name, from))
        return TRUE;
    }
  return FALSE;
}

static Task *
make_restore (RepriseFakeMilvus *self, JsonObject *body, const Saved *saved)
{
  Task *task = g_new0 (Task, 1);
  gboolean structure = reprise_json_get_boolean (body, "metaOnly", FALSE);
  gboolean indexed = reprise_json_get_boolean (body, "restoreIndex", FALSE);
  GHashTableIter iter;
  gpointer from, table;

  task->tables = new_tables ();
  task->drop = reprise_json_get_boolean (body, "dropExistCollection", FALSE);
  g_hash_table_iter_init (&iter, saved->tables);
  while (g_hash_table_iter_next (&iter, &from, &table))
    {
      g_autofree char *to = find_target (body, from);
      gint64 rows = structure ? 0 : ((Table *) table)->rows;

      if (self->trap == REPRISE_FAKE_MILVUS_LOSES_ROWS)
        rows /= 2;
      if (self->trap == REPRISE_FAKE_MILVUS_EMPTY || !is_chosen (body, from))
        continue;
      if (g_hash_table_contains (self->tables, to) && (!task->drop || is_old (self)))
        {
          g_free (task->error);
          task->error = g_strdup_printf ("restore: collection already exist, %s", to);
        }
      put_table (task->tables, to, rows, FALSE, indexed);
    }
  return task;
}

static void
append_parts (RepriseFakeMilvus *self, GString *text, Task *task, int state)
{
  GHashTableIter iter;
  gpointer name;
  gboolean first = TRUE;

  if (g_hash_table_size (task->tables) == 0 || (task->step == 0 && !is_old (self)))
    return;
  g_string_append (text, ",\"collection_restore_tasks\":[");
  g_hash_table_iter_init (&iter, task->tables);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_auto (GStrv) parts = g_strsplit (name, ".", 2);

      g_string_append_printf (text,
                              "%s{\"state_code\":%d,\"start_time\":1795263015,\"progress\":0,"
                              "\"target_db_name\":\"%s\",\"target_collection_name\":\"%s\"}",
                              first ? "" : ",", is_old (self) || state == 3 ? 0 : state, parts[0],
                              parts[1]);
      first = FALSE;
    }
  g_string_append_c (text, ']');
}

static void
answer_restore (RepriseFakeMilvus *self, RepriseFaultCall *call, const char *id, Task *task)
{
  int state = task->error != NULL && task->step > 0 ? 3
              : task->step == 0                     ? 0
              : task->step > STEPS                  ? 2
                                                    : 1;
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "{\"msg\":\"success\",\"data\":{\"id\":\"%s\",\"state_code\":%d,",
                          id, state);
  if (state == 3)
    g_string_append_printf (text, "\"errorMessage\":\"%s\",", task->error);
  g_string_append_printf (text,
                          "\"start_time\":1795263015,\"end_time\":-62135596800,"
                          "\"progress\":%d",
                          state == 2            ? 100
                          : task->step == STEPS ? 70
                                                : 1);
  append_parts (self, text, task, state);
  g_string_append (text, "}}");
  answer (call, 200, "%s", text->str);
}

static void
call_restore (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) body = get_body (call);
  const char *name = reprise_json_get_string (body, "backup_name", "");
  const char *id = reprise_json_get_string (body, "id", "restore_1");
  const Saved *saved = g_hash_table_lookup (self->storage, name);
  Task *task;

  if (needs_storage (self, call))
    return;
  if (saved == NULL || saved->tables == NULL)
    {
      refuse (call, is_old (self) ? 3 : 400, is_old (self) ? "not found" : "backup not found");
      return;
    }
  task = make_restore (self, body, saved);
  if (is_old (self) && task->error != NULL)
    {
      refuse (call, 3, task->error);
      task_free (task);
      return;
    }
  g_hash_table_insert (self->restores, g_strdup (id), task);
  if (self->trap == REPRISE_FAKE_MILVUS_LOSES_ANSWER)
    reprise_fault_reset (call);
  else
    answer_restore (self, call, id, task);
}

static void
call_get_restore (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autofree char *id = get_query (call, "id");
  Task *task = id != NULL ? g_hash_table_lookup (self->restores, id) : NULL;
  GHashTableIter iter;
  gpointer name, table;

  if (task != NULL && self->trap != REPRISE_FAKE_MILVUS_STUCK &&
      self->trap != REPRISE_FAKE_MILVUS_NO_MILVUS && task->step <= STEPS)
    task->step++;
  if (task != NULL && self->trap == REPRISE_FAKE_MILVUS_RESTARTS && task->step == STEPS)
    {
      g_hash_table_remove (self->restores, id);
      task = NULL;
    }
  if (task == NULL)
    {
      refuse (call, 3, is_old (self) ? "restore id not exist in context" : "task not found");
      return;
    }
  if (self->trap == REPRISE_FAKE_MILVUS_FAILS && task->error == NULL)
    task->error = g_strdup ("restore: import failed: segment has no insert logs");
  if (task->step == STEPS + 1 && task->error == NULL)
    {
      g_hash_table_iter_init (&iter, task->tables);
      while (g_hash_table_iter_next (&iter, &name, &table))
        put_table (self->tables, name, ((Table *) table)->rows, FALSE, ((Table *) table)->indexed);
    }
  answer_restore (self, call, id, task);
}

/* --- Milvus itself --- */

static char *
get_table_name (RepriseFaultCall *call, JsonObject *body)
{
  g_autofree char *database = get_query (call, "dbName");
  g_autofree char *collection = get_query (call, "collectionName");

  if (body != NULL)
    return g_strdup_printf ("%s.%s", reprise_json_get_string (body, "dbName", "default"),
                            reprise_json_get_string (body, "collectionName", ""));
  return g_strdup_printf ("%s.%s", database != NULL ? database : "default",
                          collection != NULL ? collection : "");
}

static int
get_ok (RepriseFakeMilvus *self)
{
  return self->rest_version == 1 ? 200 : 0;
}

static void
rest_list (RepriseFakeMilvus *self, RepriseFaultCall *call, const char *name)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *prefix = g_strndup (name, strcspn (name, ".") + 1);
  g_autoptr (GList) names =
    g_list_sort (g_hash_table_get_keys (self->tables), (GCompareFunc) strcmp);

  for (GList *each = names; each != NULL; each = each->next)
    if (g_str_has_prefix (each->data, prefix))
      g_string_append_printf (text, "%s\"%s\"", text->len > 0 ? "," : "",
                              (char *) each->data + strlen (prefix));
  answer (call, 200, "{\"code\":%d,\"data\":[%s]}", get_ok (self), text->str);
}

static void
rest_describe (RepriseFakeMilvus *self, RepriseFaultCall *call, const Table *table)
{
  answer (
    call, 200,
    "{\"code\":%d,\"data\":{\"fields\":[{\"name\":\"id\",\"primaryKey\":true,\"type\":\"Int64\"},"
    "{\"name\":\"vec\",\"primaryKey\":false,\"type\":\"FloatVector(4)\"}],\"indexes\":[%s],"
    "\"load\":\"%s\"}}",
    get_ok (self),
    table->indexed ? "{\"fieldName\":\"vec\",\"indexName\":\"vec\",\"metricType\":\"L2\"}" : "",
    table->loaded ? "LoadStateLoaded" : "LoadStateNotLoad");
}

/* The rows of a collection are numbered; each has its number in all that it has. */
static void
append_row (GString *rows, gint64 number)
{
  g_string_append_printf (rows, "%s{\"id\":\"%d\",\"n\":%d,\"title\":\"Row %d\"}",
                          rows->len > 0 ? "," : "", (int) number, (int) number, (int) number);
}

static void
rest_query (RepriseFakeMilvus *self, RepriseFaultCall *call, JsonObject *body, const Table *table)
{
  JsonArray *fields = reprise_json_get_array (body, "outputFields");
  gint64 limit = reprise_json_get_int (body, "limit", -1);
  g_autoptr (GString) rows = g_string_new (NULL);
  int first = 0, end = (int) table->rows;

  if (!table->loaded)
    answer (call, 200, "{\"code\":101,\"message\":\"collection not loaded\"}");
  else if (g_strcmp0 (reprise_json_array_get_string (fields, 0, NULL), "count(*)") == 0)
    answer (call, 200,
            self->rest_version == 1 ? "{\"code\":%d,\"data\":[{\"count(*)\":\"%d\"}]}"
                                    : "{\"code\":%d,\"data\":[{\"count(*)\":%d}]}",
            get_ok (self), (int) table->rows);
  else
    {
      if (sscanf (reprise_json_get_string (body, "filter", ""), "n >= %d && n < %d", &first,
                  &end) == 2)
        end = MIN (end, (int) table->rows);
      for (gint64 i = first; i < end && i < first + limit; i++)
        append_row (rows, i);
      answer (call, 200, "{\"code\":%d,\"data\":[%s]}", get_ok (self), rows->str);
    }
}

/* As the suite against real servers makes the first element of a vector. */
static double
get_element (gint64 number)
{
  return (double) (number * 3 % 997) / 997 + (double) number / 10000;
}

static void
rest_search (RepriseFakeMilvus *self, RepriseFaultCall *call, JsonObject *body, const Table *table)
{
  JsonArray *vector = self->rest_version == 1
                        ? reprise_json_get_array (body, "vector")
                        : json_array_get_array_element (reprise_json_get_array (body, "data"), 0);
  double wanted = json_array_get_double_element (vector, 0);
  g_autoptr (GString) rows = g_string_new (NULL);
  gint64 best = 0;

  for (gint64 i = 0; i < table->rows; i++)
    if (ABS (get_element (i) - wanted) < ABS (get_element (best) - wanted))
      best = i;
  append_row (rows, best);
  if (table->loaded)
    answer (call, 200, "{\"code\":%d,\"data\":[%s]}", get_ok (self), rows->str);
  else
    answer (call, 200, "{\"code\":101,\"message\":\"collection not loaded\"}");
}

static void
rest_create (RepriseFakeMilvus *self, RepriseFaultCall *call, const char *name)
{
  put_table (self->tables, name, 0, TRUE, TRUE);
  answer (call, 200, "{\"code\":%d,\"data\":{}}", get_ok (self));
}

static void
rest_insert (RepriseFakeMilvus *self, RepriseFaultCall *call, JsonObject *body, Table *table)
{
  table->rows += reprise_json_array_get_length (reprise_json_get_array (body, "data"));
  answer (call, 200, "{\"code\":%d,\"data\":{}}", get_ok (self));
}

static void
rest_change (RepriseFakeMilvus *self,
             RepriseFaultCall *call,
             const char *what,
             const char *name,
             Table *table)
{
  self->n_writes++;
  if (g_str_equal (what, "drop"))
    g_hash_table_remove (self->tables, name);
  else if (g_str_equal (what, "create"))
    table->indexed = TRUE;
  else
    table->loaded = g_str_equal (what, "load");
  answer (call, 200, "{\"code\":%d,\"data\":{}}", get_ok (self));
}

static void
call_milvus (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) body = get_body (call);
  g_autofree char *name = get_table_name (call, body);
  g_autofree char *what = g_path_get_basename (call->path);
  Table *table = g_hash_table_lookup (self->tables, name);

  if (call->path[2] != (char) ('0' + self->rest_version))
    reprise_fault_answer (call, 404, "text/plain", "404 page not found");
  else if (g_str_has_suffix (call->path, "databases/list"))
    answer (call, 200, "{\"code\":0,\"data\":[\"default\",\"shop\"]}");
  else if (g_str_equal (what, "list") || g_str_equal (what, "collections"))
    rest_list (self, call, name);
  else if (g_str_has_suffix (call->path, "collections/create"))
    rest_create (self, call, name);
  else if (table == NULL)
    answer (call, 200, "{\"code\":100,\"message\":\"can't find collection\"}");
  else if (g_str_equal (what, "describe"))
    rest_describe (self, call, table);
  else if (g_str_equal (what, "query"))
    rest_query (self, call, body, table);
  else if (g_str_equal (what, "search"))
    rest_search (self, call, body, table);
  else if (g_str_equal (what, "insert"))
    rest_insert (self, call, body, table);
  else if (g_str_equal (what, "get_stats"))
    answer (call, 200, "{\"code\":0,\"data\":{\"rowCount\":%d}}", (int) table->rows);
  else if (g_str_equal (what, "get_load_state"))
    answer (call, 200, "{\"code\":0,\"data\":{\"loadState\":\"%s\",\"loadProgress\":50}}",
            table->loaded ? "LoadStateLoaded" : "LoadStateLoading");
  else
    rest_change (self, call, what, name, table);
}

/* --- all of it --- */

typedef void (*Call) (RepriseFakeMilvus *, RepriseFaultCall *);

static const struct
{
  const char *route;
  Call call;
  gboolean writes;
} ROUTES[] = {
  { "GET /api/v1/check", call_check, FALSE },
  { "GET /api/v1/docs/doc.json", call_document, FALSE },
  { "GET /api/v1/list", call_list, FALSE },
  { "GET /api/v1/get_backup", call_get_backup, FALSE },
  { "GET /api/v1/get_restore", call_get_restore, FALSE },
  { "POST /api/v1/create", call_create, TRUE },
  { "POST /api/v1/restore", call_restore, TRUE },
  { "DELETE /api/v1/delete", call_delete, TRUE },
};

static void
note (RepriseFakeMilvus *self, RepriseFaultCall *call, gboolean writes)
{
  gsize size = 0;
  const char *data = call->body != NULL ? g_bytes_get_data (call->body, &size) : NULL;

  self->n_writes += writes;
  g_hash_table_insert (self->bodies, g_path_get_basename (call->path), g_strndup (data, size));
}

static void
dispatch (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autofree char *route = g_strconcat (call->method, " ", call->path, NULL);

  if (g_str_has_prefix (call->path, "/v1/") || g_str_has_prefix (call->path, "/v2/"))
    {
      call_milvus (self, call);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (ROUTES); i++)
    if (g_str_equal (route, ROUTES[i].route))
      {
        note (self, call, ROUTES[i].writes);
        ROUTES[i].call (self, call);
        return;
      }
  reprise_fault_answer (call, 404, "text/plain", "404 page not found");
}

/* Whether a trap takes the call. */
static gboolean
is_trapped (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  gboolean milvus = g_str_has_prefix (call->path, "/v");

  if (self->dead ||
      (self->trap == REPRISE_FAKE_MILVUS_DIES && g_str_has_suffix (call->path, "/create")))
    {
      self->dead = TRUE;
      reprise_fault_reset (call);
      return TRUE;
    }
  if (g_str_has_suffix (call->path, "/hello") && self->trap != REPRISE_FAKE_MILVUS_HTML)
    {
      reprise_fault_answer (call, 200, "text/plain; charset=utf-8",
                            "Hello, This is backup service");
      return TRUE;
    }
  if (self->trap == REPRISE_FAKE_MILVUS_HTML && !milvus)
    {
      reprise_fault_answer (call, 200, "text/html", "<html>Please sign in</html>");
      return TRUE;
    }
  if (self->trap == REPRISE_FAKE_MILVUS_FLICKERS && self->n_calls % 2 == 0 && !milvus &&
      g_str_has_prefix (call->path, "/api/v1/get_"))
    {
      reprise_fault_reset (call);
      return TRUE;
    }
  return FALSE;
}

static void
handle (RepriseFaultCall *call, gpointer user_data)
{
  RepriseFakeMilvus *self = user_data;
  gboolean hangs;

  g_mutex_lock (&self->mutex);
  self->n_calls++;
  g_free (self->authorization);
  self->authorization = reprise_fault_call_dup_header (call, "Authorization");
  hangs = self->trap == REPRISE_FAKE_MILVUS_HANGS && !g_str_has_suffix (call->path, "/hello") &&
          !g_str_has_suffix (call->path, "doc.json");
  look_at_files (self);
  if (!hangs && !is_trapped (self, call))
    dispatch (self, call);
  g_mutex_unlock (&self->mutex);
  if (hangs)
    reprise_fault_sleep (call, 20000);
}

RepriseFakeMilvus *
reprise_fake_milvus_new (char generation, guint rest_version)
{
  RepriseFakeMilvus *self = g_new0 (RepriseFakeMilvus, 1);

  self->generation = generation;
  self->rest_version = rest_version;
  g_mutex_init (&self->mutex);
  self->version = g_strdup (rest_version == 2 ? "v2.4.12" : "v2.3.5");
  self->tables = new_tables ();
  self->storage = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, saved_free);
  self->tasks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, task_free);
  self->restores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, task_free);
  self->bodies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->server = reprise_fault_server_new (handle, self);
  return self;
}

void
reprise_fake_milvus_free (RepriseFakeMilvus *self)
{
  reprise_fault_server_free (self->server);
  g_hash_table_unref (self->tables);
  g_hash_table_unref (self->storage);
  g_hash_table_unref (self->tasks);
  g_hash_table_unref (self->restores);
  g_hash_table_unref (self->bodies);
  g_free (self->appears);
  g_free (self->folder);
  g_free (self->version);
  g_free (self->authorization);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

char *
reprise_fake_milvus_dup_address (RepriseFakeMilvus *self)
{
  return reprise_fault_server_dup_address (self->server);
}

RepriseFaultServer *
reprise_fake_milvus_get_server (RepriseFakeMilvus *self)
{
  return self->server;
}

#define LOCKED(action)             \
  {                                \
    g_mutex_lock (&self->mutex);   \
    action;                        \
    g_mutex_unlock (&self->mutex); \
  }

/* Its backups lie there as files, as in a storage of the type “local”. */
void
reprise_fake_milvus_set_folder (RepriseFakeMilvus *self, const char *path)
{
  LOCKED (self->folder = g_strdup (path));
}

/* Loaded and indexed, as one that is in use. */
void
reprise_fake_milvus_make (RepriseFakeMilvus *self, const char *full_name, gint64 rows)
{
  LOCKED (put_table (self->tables, full_name, rows, TRUE, TRUE));
}

void
reprise_fake_milvus_drop (RepriseFakeMilvus *self, const char *full_name)
{
  LOCKED (g_hash_table_remove (self->tables, full_name));
}

/* Somebody makes this one as soon as the next backup is made. */
void
reprise_fake_milvus_let_appear (RepriseFakeMilvus *self, const char *full_name)
{
  LOCKED (self->appears = g_strdup (full_name));
}

/* -1 where there is no such collection */
gint64
reprise_fake_milvus_get_rows (RepriseFakeMilvus *self, const char *full_name)
{
  gint64 rows = -1;
  const Table *table;

  LOCKED ({
    table = g_hash_table_lookup (self->tables, full_name);
    rows = table != NULL ? table->rows : -1;
  });
  return rows;
}

gboolean
reprise_fake_milvus_is_loaded (RepriseFakeMilvus *self, const char *full_name)
{
  gboolean loaded = FALSE;
  const Table *table;

  LOCKED ({
    table = g_hash_table_lookup (self->tables, full_name);
    loaded = table != NULL && table->loaded;
  });
  return loaded;
}

void
reprise_fake_milvus_set_loaded (RepriseFakeMilvus *self, const char *full_name, gboolean loaded)
{
  Table *table;

  LOCKED ({
    table = g_hash_table_lookup (self->tables, full_name);
    if (table != NULL)
      table->loaded = loaded;
  });
}

/* Those that are whole */
guint
reprise_fake_milvus_get_n_backups (RepriseFakeMilvus *self)
{
  guint n = 0;
  GHashTableIter iter;
  gpointer saved;

  LOCKED ({
    g_hash_table_iter_init (&iter, self->storage);
    while (g_hash_table_iter_next (&iter, NULL, &saved))
      n += ((Saved *) saved)->tables != NULL;
  });
  return n;
}

void
reprise_fake_milvus_set_trap (RepriseFakeMilvus *self, RepriseFakeMilvusTrap trap)
{
  LOCKED ({
    self->trap = trap;
    self->dead = FALSE;
  });
}

/* All tasks are forgotten. */
void
reprise_fake_milvus_restart (RepriseFakeMilvus *self)
{
  LOCKED ({
    g_hash_table_remove_all (self->tasks);
    g_hash_table_remove_all (self->restores);
  });
}

void
reprise_fake_milvus_set_version (RepriseFakeMilvus *self, const char *version)
{
  LOCKED ({
    g_free (self->version);
    self->version = g_strdup (version);
  });
}

/* (nullable): of the last call of that name: “create” */
char *
reprise_fake_milvus_dup_last_body (RepriseFakeMilvus *self, const char *call)
{
  char *body;

  LOCKED (body = g_strdup (g_hash_table_lookup (self->bodies, call)));
  return body;
}

char *
reprise_fake_milvus_dup_last_authorization (RepriseFakeMilvus *self)
{
  char *value;

  LOCKED (value = g_strdup (self->authorization));
  return value;
}

/* Calls that change something */
guint
reprise_fake_milvus_get_n_writes (RepriseFakeMilvus *self)
{
  guint n;

  LOCKED (n = self->n_writes);
  return n;
}
