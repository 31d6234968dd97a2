/* reprise-fake-milvus-storage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-file.h"
#include "reprise-fake-milvus-private.h"

void
reprise_fake_milvus_saved_free (gpointer data)
{
  RepriseFakeSaved *self = data;

  g_clear_pointer (&self->tables, g_hash_table_unref);
  g_free (self->id);
  g_free (self);
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
write_table (GString *meta,
             const char *top,
             const char *name,
             const RepriseFakeTable *table,
             guint number)
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
write_backup (RepriseFakeMilvus *self, const char *name, const RepriseFakeSaved *saved)
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

static RepriseFakeSaved *
new_saved (const char *id, GHashTable *tables)
{
  RepriseFakeSaved *saved = g_new0 (RepriseFakeSaved, 1);

  saved->id = g_strdup (id);
  saved->tables = tables;
  return saved;
}

void
reprise_fake_milvus_save (RepriseFakeMilvus *self, const char *name, GHashTable *tables)
{
  g_autofree char *id = g_strdup_printf ("id-%u", ++self->n_saved);
  RepriseFakeSaved *saved = new_saved (id, tables);

  g_hash_table_insert (self->storage, g_strdup (name), saved);
  if (self->folder != NULL && tables != NULL)
    write_backup (self, name, saved);
  else if (self->folder != NULL)
    {
      g_autofree char *top = g_build_filename (self->folder, name, NULL);

      write_file (top, "binlogs/insert_log/1/2/3/3/100/4", "half");
    }
  if (self->appears != NULL)
    reprise_fake_milvus_put_table (self->tables, self->appears, 9, TRUE, TRUE);
  g_clear_pointer (&self->appears, g_free);
}

void
reprise_fake_milvus_forget_files (RepriseFakeMilvus *self, const char *name)
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
static RepriseFakeSaved *
read_saved (const char *top, const char *name)
{
  g_autofree char *path = g_build_filename (top, name, "meta", "full_meta.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) root = NULL;
  JsonArray *collections;
  RepriseFakeSaved *saved;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  root = reprise_json_parse_object (text, strlen (text), NULL, NULL);
  if (root == NULL || g_strcmp0 (reprise_json_get_string (root, "name", NULL), name) != 0)
    return NULL;
  saved = new_saved (reprise_json_get_string (root, "id", "id"), reprise_fake_milvus_new_tables ());
  collections = reprise_json_get_array (root, "collection_backups");
  for (guint i = 0; i < reprise_json_array_get_length (collections); i++)
    {
      JsonObject *each = reprise_json_array_get_object (collections, i);
      g_autofree char *full =
        g_strdup_printf ("%s.%s", reprise_json_get_string (each, "db_name", "default"),
                         reprise_json_get_string (each, "collection_name", ""));

      reprise_fake_milvus_put_table (saved->tables, full, sum_rows (each), FALSE, TRUE);
    }
  return saved;
}

/* What somebody else put into the storage. */
void
reprise_fake_milvus_look_at_files (RepriseFakeMilvus *self)
{
  g_autoptr (GDir) dir = self->folder != NULL ? g_dir_open (self->folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      RepriseFakeSaved *saved =
        g_hash_table_contains (self->storage, name) ? NULL : read_saved (self->folder, name);

      if (saved != NULL)
        g_hash_table_insert (self->storage, g_strdup (name), saved);
    }
}
