/* reprise-fake-milvus.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "reprise-fake-milvus-private.h"

void
reprise_fake_milvus_task_free (gpointer data)
{
  RepriseFakeTask *self = data;

  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->tables, g_hash_table_unref);
  g_free (self->error);
  g_free (self);
}

GHashTable *
reprise_fake_milvus_new_tables (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
reprise_fake_milvus_put_table (GHashTable *tables,
                               const char *name,
                               gint64 rows,
                               gboolean loaded,
                               gboolean indexed)
{
  RepriseFakeTable *table = g_new0 (RepriseFakeTable, 1);

  *table = (RepriseFakeTable){ rows, loaded, indexed };
  g_hash_table_insert (tables, g_strdup (name), table);
}

char *
reprise_fake_milvus_complete (const char *name)
{
  return strchr (name, '.') != NULL ? g_strdup (name) : g_strconcat ("default.", name, NULL);
}

gboolean
reprise_fake_milvus_is_old (RepriseFakeMilvus *self)
{
  return self->generation == 'A';
}

/* --- answers --- */

void
reprise_fake_milvus_answer (RepriseFaultCall *call, guint status, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  reprise_fault_answer (call, status, "application/json; charset=utf-8", text);
}

void
reprise_fake_milvus_refuse (RepriseFaultCall *call, int code, const char *text)
{
  reprise_fake_milvus_answer (
    call, 200, "{\"requestId\":\"r\",\"code\":%d,\"msg\":\"%s\",\"data\":null}", code, text);
}

gboolean
reprise_fake_milvus_needs_storage (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  if (self->trap != REPRISE_FAKE_MILVUS_NO_STORAGE)
    return FALSE;
  reprise_fake_milvus_refuse (
    call, 3, "create backup storage client: storage: minio list objects: connection refused");
  return TRUE;
}

char *
reprise_fake_milvus_get_query (RepriseFaultCall *call, const char *name)
{
  g_autoptr (GHashTable) query =
    g_uri_parse_params (call->query != NULL ? call->query : "", -1, "&", G_URI_PARAMS_NONE, NULL);

  return g_strdup (query != NULL ? g_hash_table_lookup (query, name) : NULL);
}

JsonObject *
reprise_fake_milvus_get_body (RepriseFaultCall *call)
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
    reprise_fake_milvus_answer (
      call, reprise_fake_milvus_is_old (self) ? 200 : 500,
      reprise_fake_milvus_is_old (self)
        ? "\"Failed to connect to milvus, connect to server\""
        : "{\"error\":\"client: connect to server: connection refused\"}");
  else if (self->trap == REPRISE_FAKE_MILVUS_NO_STORAGE)
    reprise_fake_milvus_answer (
      call, reprise_fake_milvus_is_old (self) ? 200 : 500,
      reprise_fake_milvus_is_old (self)
        ? "\"Failed to connect to storage, minio\""
        : "{\"error\":\"create backup storage client: storage: minio refused\"}");
  else if (reprise_fake_milvus_is_old (self))
    reprise_fake_milvus_answer (
      call, 200,
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
  reprise_fake_milvus_answer (call, 200,
                              "{\"paths\":{\"/create\":{},\"/get_restore\":{}%s},\"definitions\":{"
                              "\"backuppb.BackupInfoBrief\":{\"properties\":{\"id\":{}%s}}}}",
                              reprise_fake_milvus_is_old (self) ? "" : ",\"/restore_secondary\":{}",
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
        first ? "" : ",", parts[0], parts[1], (int) ((RepriseFakeTable *) table)->rows * 10);
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

  if (reprise_fake_milvus_needs_storage (self, call))
    return;
  names = g_list_sort (g_hash_table_get_keys (self->storage), (GCompareFunc) strcmp);
  g_string_append (text, reprise_fake_milvus_is_old (self)
                           ? "\"requestId\":\"r\",\"msg\":\"success\",\"data\":["
                           : "\"data\":[");
  for (GList *each = names; each != NULL; each = each->next)
    {
      const RepriseFakeSaved *saved = g_hash_table_lookup (self->storage, each->data);

      if (saved->tables == NULL)
        continue;
      g_string_append_printf (text,
                              "%s{\"id\":\"%s\",\"name\":\"%s\",\"size\":1234,"
                              "\"milvus_version\":\"%s\"%s}",
                              first ? "" : ",", saved->id, (const char *) each->data, self->version,
                              reprise_fake_milvus_is_old (self)
                                ? ",\"state_code\":1,\"start_time\":1795263345253,"
                                  "\"progress\":0"
                                : "");
      first = FALSE;
    }
  g_string_append (text, "]}");
  reprise_fake_milvus_answer (call, 200, "%s", text->str);
}

static GHashTable *
copy_tables (RepriseFakeMilvus *self, GPtrArray *names)
{
  GHashTable *copy = reprise_fake_milvus_new_tables ();

  for (guint i = 0; i < names->len; i++)
    {
      const RepriseFakeTable *table = g_hash_table_lookup (self->tables, names->pdata[i]);

      if (table != NULL)
        reprise_fake_milvus_put_table (copy, names->pdata[i], table->rows, FALSE, TRUE);
    }
  return copy;
}

/* One step on. %FALSE: it is forgotten */
static gboolean
advance_backup (RepriseFakeMilvus *self, const char *name, RepriseFakeTask *task)
{
  if (self->trap == REPRISE_FAKE_MILVUS_STUCK || self->trap == REPRISE_FAKE_MILVUS_NO_MILVUS)
    return TRUE;
  if (task->step > STEPS)
    return TRUE;
  task->step++;
  if (self->trap == REPRISE_FAKE_MILVUS_RESTARTS && task->step == STEPS)
    {
      reprise_fake_milvus_save (self, name, NULL);
      g_hash_table_remove (self->tasks, name);
      return FALSE;
    }
  if (self->trap == REPRISE_FAKE_MILVUS_FAILS && task->step == STEPS)
    {
      g_free (task->error);
      task->error = g_strdup ("backup: copy data: the specified bucket does not exist");
      reprise_fake_milvus_save (self, name, NULL);
    }
  if (task->step == STEPS + 1 && task->error == NULL &&
      self->trap != REPRISE_FAKE_MILVUS_NO_METADATA)
    reprise_fake_milvus_save (self, name,
                              self->trap == REPRISE_FAKE_MILVUS_EMPTY
                                ? reprise_fake_milvus_new_tables ()
                                : copy_tables (self, task->names));
  return TRUE;
}

static void
call_get_backup (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autofree char *name = reprise_fake_milvus_get_query (call, "backup_name");
  RepriseFakeTask *task = g_hash_table_lookup (self->tasks, name);
  RepriseFakeSaved *saved;
  g_autoptr (GString) text = NULL;
  int state;

  if (reprise_fake_milvus_needs_storage (self, call))
    return;
  if (task != NULL && !advance_backup (self, name, task))
    task = NULL;
  saved = g_hash_table_lookup (self->storage, name);
  if (task == NULL && reprise_fake_milvus_is_old (self) && (saved == NULL || saved->tables == NULL))
    {
      reprise_fake_milvus_refuse (call, 404, "not found");
      return;
    }
  if (task == NULL && !reprise_fake_milvus_is_old (self))
    {
      reprise_fake_milvus_answer (
        call, 200,
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
  reprise_fake_milvus_answer (call, 200, "%s", text->str);
}

static GPtrArray *
read_names (RepriseFakeMilvus *self, JsonObject *body)
{
  JsonArray *chosen = reprise_json_get_array (body, "collection_names");
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; i < reprise_json_array_get_length (chosen); i++)
    g_ptr_array_add (names,
                     reprise_fake_milvus_complete (reprise_json_array_get_string (chosen, i, "")));
  g_hash_table_iter_init (&iter, self->tables);
  while (chosen == NULL && g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  return names;
}

static void
call_create (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) body = reprise_fake_milvus_get_body (call);
  const char *name = reprise_json_get_string (body, "backup_name", NULL);
  RepriseFakeTask *task;

  if (name == NULL)
    {
      reprise_fault_answer (call, 500, NULL, "");
      return;
    }
  if (reprise_fake_milvus_needs_storage (self, call))
    return;
  task = g_new0 (RepriseFakeTask, 1);
  task->names = read_names (self, body);
  for (guint i = 0; i < task->names->len; i++)
    if (!g_hash_table_contains (self->tables, task->names->pdata[i]))
      task->error = g_strdup_printf ("filter collection %s not found in milvus",
                                     (const char *) task->names->pdata[i]);
  if (!reprise_fake_milvus_is_old (self) && g_hash_table_contains (self->storage, name))
    task->error = g_strdup ("taken");
  g_hash_table_insert (self->tasks, g_strdup (name), task);
  if (self->trap == REPRISE_FAKE_MILVUS_LOSES_ANSWER)
    reprise_fault_reset (call);
  else if (reprise_fake_milvus_is_old (self))
    reprise_fake_milvus_answer (
      call, 200,
      "{\"requestId\":\"r\",\"msg\":\"create backup is executing asynchronously\",\"data\":{"
      "\"id\":\"r\",\"state_code\":0,\"progress\":0,\"name\":\"%s\"}}",
      name);
  else
    reprise_fake_milvus_answer (
      call, 200,
      "{\"requestId\":\"r\",\"msg\":\"create backup is executing asynchronously\","
      "\"data\":null}");
}

static void
call_delete (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autofree char *name = reprise_fake_milvus_get_query (call, "backup_name");
  RepriseFakeSaved *saved = g_hash_table_lookup (self->storage, name);
  gboolean whole = saved != NULL && saved->tables != NULL;

  if (reprise_fake_milvus_needs_storage (self, call))
    return;
  if (whole || reprise_fake_milvus_is_old (self))
    {
      g_hash_table_remove (self->storage, name);
      reprise_fake_milvus_forget_files (self, name);
    }
  if (whole)
    reprise_fake_milvus_answer (call, 200, "{\"requestId\":\"r\",\"msg\":\"success\"}");
  else if (reprise_fake_milvus_is_old (self))
    reprise_fake_milvus_answer (call, 200,
                                "{\"requestId\":\"r\",\"code\":404,\"msg\":\"not found\"}");
  else
    reprise_fake_milvus_answer (
      call, 200,
      "{\"requestId\":\"r\",\"code\":3,\"msg\":\"delete: read backup info: meta: "
      "The specified key does not exist.\"}");
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
  { "GET /api/v1/get_restore", reprise_fake_milvus_call_get_restore, FALSE },
  { "POST /api/v1/create", call_create, TRUE },
  { "POST /api/v1/restore", reprise_fake_milvus_call_restore, TRUE },
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
      reprise_fake_milvus_call_milvus (self, call);
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
  reprise_fake_milvus_look_at_files (self);
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
  self->tables = reprise_fake_milvus_new_tables ();
  self->storage =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, reprise_fake_milvus_saved_free);
  self->tasks =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, reprise_fake_milvus_task_free);
  self->restores =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, reprise_fake_milvus_task_free);
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
  LOCKED (reprise_fake_milvus_put_table (self->tables, full_name, rows, TRUE, TRUE));
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
  const RepriseFakeTable *table;

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
  const RepriseFakeTable *table;

  LOCKED ({
    table = g_hash_table_lookup (self->tables, full_name);
    loaded = table != NULL && table->loaded;
  });
  return loaded;
}

void
reprise_fake_milvus_set_loaded (RepriseFakeMilvus *self, const char *full_name, gboolean loaded)
{
  RepriseFakeTable *table;

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
      n += ((RepriseFakeSaved *) saved)->tables != NULL;
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
