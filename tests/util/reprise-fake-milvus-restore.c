/* reprise-fake-milvus-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-fake-milvus-private.h"

/* --- restores --- */

static char *
find_target (JsonObject *body, const char *from)
{
  JsonObject *renames = reprise_json_get_object (body, "collection_renames");
  const char *suffix = reprise_json_get_string (body, "collection_suffix", "");

  if (renames != NULL && json_object_has_member (renames, from))
    return reprise_fake_milvus_complete (json_object_get_string_member (renames, from));
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
      g_autofree char *name =
        reprise_fake_milvus_complete (reprise_json_array_get_string (chosen, i, ""));

      if (g_str_equal (name, from))
        return TRUE;
    }
  return FALSE;
}

static RepriseFakeTask *
make_restore (RepriseFakeMilvus *self, JsonObject *body, const RepriseFakeSaved *saved)
{
  RepriseFakeTask *task = g_new0 (RepriseFakeTask, 1);
  gboolean structure = reprise_json_get_boolean (body, "metaOnly", FALSE);
  gboolean indexed = reprise_json_get_boolean (body, "restoreIndex", FALSE);
  GHashTableIter iter;
  gpointer from, table;

  task->tables = reprise_fake_milvus_new_tables ();
  task->drop = reprise_json_get_boolean (body, "dropExistCollection", FALSE);
  g_hash_table_iter_init (&iter, saved->tables);
  while (g_hash_table_iter_next (&iter, &from, &table))
    {
      g_autofree char *to = find_target (body, from);
      gint64 rows = structure ? 0 : ((RepriseFakeTable *) table)->rows;

      if (self->trap == REPRISE_FAKE_MILVUS_LOSES_ROWS)
        rows /= 2;
      if (self->trap == REPRISE_FAKE_MILVUS_EMPTY || !is_chosen (body, from))
        continue;
      if (g_hash_table_contains (self->tables, to) &&
          (!task->drop || reprise_fake_milvus_is_old (self)))
        {
          g_free (task->error);
          task->error = g_strdup_printf ("restore: collection already exist, %s", to);
        }
      reprise_fake_milvus_put_table (task->tables, to, rows, FALSE, indexed);
    }
  return task;
}

static void
append_parts (RepriseFakeMilvus *self, GString *text, RepriseFakeTask *task, int state)
{
  GHashTableIter iter;
  gpointer name;
  gboolean first = TRUE;

  if (g_hash_table_size (task->tables) == 0 ||
      (task->step == 0 && !reprise_fake_milvus_is_old (self)))
    return;
  g_string_append (text, ",\"collection_restore_tasks\":[");
  g_hash_table_iter_init (&iter, task->tables);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_auto (GStrv) parts = g_strsplit (name, ".", 2);

      g_string_append_printf (text,
                              "%s{\"state_code\":%d,\"start_time\":1795263015,\"progress\":0,"
                              "\"target_db_name\":\"%s\",\"target_collection_name\":\"%s\"}",
                              first ? "" : ",",
                              reprise_fake_milvus_is_old (self) || state == 3 ? 0 : state, parts[0],
                              parts[1]);
      first = FALSE;
    }
  g_string_append_c (text, ']');
}

static void
answer_restore (RepriseFakeMilvus *self,
                RepriseFaultCall *call,
                const char *id,
                RepriseFakeTask *task)
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
  reprise_fake_milvus_answer (call, 200, "%s", text->str);
}

void
reprise_fake_milvus_call_restore (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) body = reprise_fake_milvus_get_body (call);
  const char *name = reprise_json_get_string (body, "backup_name", "");
  const char *id = reprise_json_get_string (body, "id", "restore_1");
  const RepriseFakeSaved *saved = g_hash_table_lookup (self->storage, name);
  RepriseFakeTask *task;

  if (reprise_fake_milvus_needs_storage (self, call))
    return;
  if (saved == NULL || saved->tables == NULL)
    {
      reprise_fake_milvus_refuse (call, reprise_fake_milvus_is_old (self) ? 3 : 400,
                                  reprise_fake_milvus_is_old (self) ? "not found"
                                                                    : "backup not found");
      return;
    }
  task = make_restore (self, body, saved);
  if (reprise_fake_milvus_is_old (self) && task->error != NULL)
    {
      reprise_fake_milvus_refuse (call, 3, task->error);
      reprise_fake_milvus_task_free (task);
      return;
    }
  g_hash_table_insert (self->restores, g_strdup (id), task);
  if (self->trap == REPRISE_FAKE_MILVUS_LOSES_ANSWER)
    reprise_fault_reset (call);
  else
    answer_restore (self, call, id, task);
}

void
reprise_fake_milvus_call_get_restore (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autofree char *id = reprise_fake_milvus_get_query (call, "id");
  RepriseFakeTask *task = id != NULL ? g_hash_table_lookup (self->restores, id) : NULL;
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
      reprise_fake_milvus_refuse (
        call, 3,
        reprise_fake_milvus_is_old (self) ? "restore id not exist in context" : "task not found");
      return;
    }
  if (self->trap == REPRISE_FAKE_MILVUS_FAILS && task->error == NULL)
    task->error = g_strdup ("restore: import failed: segment has no insert logs");
  if (task->step == STEPS + 1 && task->error == NULL)
    {
      g_hash_table_iter_init (&iter, task->tables);
      while (g_hash_table_iter_next (&iter, &name, &table))
        reprise_fake_milvus_put_table (self->tables, name, ((RepriseFakeTable *) table)->rows,
                                       FALSE, ((RepriseFakeTable *) table)->indexed);
    }
  answer_restore (self, call, id, task);
}
