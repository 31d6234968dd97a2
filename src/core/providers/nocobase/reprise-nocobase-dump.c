/* reprise-nocobase-dump.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "net/reprise-json-scanner.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-rules.h"

/*
 * An archive of the old plugin: a zip file with
 *
 *   meta                       what is in which group, the server's version and database
 *   collections/<name>/meta    columns and count of rows
 *   collections/<name>/data    one JSON array a row, one row a line
 *   sql-content.json           where there are database views
 *
 * A collection that is a view or made by an SQL statement is listed and has no folder.
 */
#define MAX_META_BYTES  (16 * 1024 * 1024)
#define MAX_TABLE_BYTES (64 * 1024 * 1024) /* of the two collections that are looked into */
#define MAX_DAMAGES     50
#define CHUNK_BYTES     (128 * 1024)
#define PREFIX          "collections/"

static const char *const ENVIRONMENT[] = {
  "DB_UNDERSCORED", "DB_TABLE_PREFIX", "DB_SCHEMA", "COLLECTION_MANAGER_SCHEMA", NULL,
};

/* One listed collection, and what the archive holds of it. */
typedef struct
{
  RepriseCollection *collection; /* lent by the contents */
  gboolean is_view;
  gboolean has_meta, has_data;
  gint64 count;     /* of its meta, or -1 */
  gint64 n_columns; /* of its meta, or -1 */
  gint64 lines;
  gint64 width;   /* of the first row, or -1 where they were not looked into */
  gboolean mixed; /* not all rows are as wide as the first */
  char *reason;   /* (owned) (nullable): what is wrong with a row */
} Part;

typedef struct
{
  RepriseArchive *archive;
  gboolean rows;          /* look into each row */
  GMutex mutex;           /* guards what follows while two threads read */
  GHashTable *parts;      /* (owned) (element-type utf8 Part) */
  GHashTable *computed;   /* (owned) (element-type utf8): collections made by an SQL statement */
  GString *packages;      /* (owned): of enabled plugins, one a line */
  GString *defined;       /* (owned): collections, one a line */
  GString *types;         /* (owned): types of fields that a plugin must bring, one a line */
  gboolean knows_defined; /* the archive has the list of them */
  guint n_strangers;      /* entries that do not belong to it */
  gboolean stopped;       /* damage kept the rest from being read */
  guint n_damages;
} Dump;

static void
part_free (Part *part)
{
  g_free (part->reason);
  g_free (part);
}

static void
dump_clear (Dump *self)
{
  g_mutex_clear (&self->mutex);
  g_clear_pointer (&self->parts, g_hash_table_unref);
  g_clear_pointer (&self->computed, g_hash_table_unref);
  g_string_free (self->packages, TRUE);
  g_string_free (self->defined, TRUE);
  g_string_free (self->types, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Dump, dump_clear)

static void G_GNUC_PRINTF (2, 3) add_damage (Dump *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (self->n_damages++ >= MAX_DAMAGES)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  reprise_archive_add_damage (self->archive, "%s", text);
}

/* One listed collection of meta. */
static void
add_collection (RepriseContents *contents, JsonObject *object, GString *inherits, GString *views)
{
  const char *name = reprise_json_get_string (object, "name", NULL);
  const char *own_group = reprise_json_get_string (object, "group", NULL);
  RepriseGroup group = reprise_nocobase_rules_map (own_group);
  JsonArray *parents = reprise_json_get_array (object, "inherits");
  g_autoptr (RepriseCollection) collection = NULL;
  g_autofree char *title = NULL;

  if (name == NULL || *name == '\0' || strpbrk (name, "/\\\n\t") != NULL ||
      reprise_contents_find (contents, name, NULL) != NULL)
    return;
  title = reprise_nocobase_rules_dup_title (reprise_json_get_string (object, "title", NULL), name);
  collection = reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);
  reprise_collection_set_title (collection, title);
  if (g_strcmp0 (own_group, reprise_group_to_string (group)) != 0)
    reprise_collection_set_own_group (collection, own_group);
  reprise_contents_add (contents, group, collection);
  for (guint i = 0; inherits != NULL && i < reprise_json_array_get_length (parents); i++)
    if (reprise_json_array_get_string (parents, i, NULL) != NULL)
      g_string_append_printf (inherits, "%s\t%s\n", name,
                              reprise_json_array_get_string (parents, i, NULL));
  if (views != NULL && reprise_json_get_boolean (object, "isView", FALSE))
    g_string_append_printf (views, "%s\n", name);
}

/**
 * reprise_nocobase_dump_read_groups:
 * @groups: group → list of collections, as in an archive's meta and in the server's answer
 * @inherits: (nullable): gains a line for each collection that inherits from another
 * @views: (nullable): gains a line for each database view
 *
 * Returns: (transfer full): what is in which group
 */
RepriseContents *
reprise_nocobase_dump_read_groups (JsonObject *groups, GString *inherits, GString *views)
{
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (GList) names = json_object_get_members (groups);

  for (GList *item = names; item != NULL; item = item->next)
    {
      JsonArray *list = reprise_json_node_get_array (json_object_get_member (groups, item->data));

      for (guint i = 0; i < reprise_json_array_get_length (list); i++)
        {
          JsonObject *object = reprise_json_array_get_object (list, i);

          if (object != NULL)
            add_collection (contents, object, inherits, views);
        }
    }
  return g_steal_pointer (&contents);
}

static void
read_environment (RepriseArchive *archive, JsonObject *meta)
{
  g_autoptr (GString) environment = g_string_new (NULL);

  for (guint i = 0; ENVIRONMENT[i] != NULL; i++)
    {
      const char *value = reprise_json_get_string (meta, ENVIRONMENT[i], NULL);

      if (value != NULL && *value != '\0' && strchr (value, '\n') == NULL)
        g_string_append_printf (environment, "%s=%s\n", ENVIRONMENT[i], value);
    }
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_ENVIRONMENT, environment->str);
}

/**
 * reprise_nocobase_dump_apply_meta:
 * @meta: the archive's meta, read from it or told by the server that has it
 *
 * Fills in what it says: version, database, what is in which group. Counts are not in it.
 *
 * Returns: whether it is one; else %REPRISE_ERROR_DAMAGED
 */
gboolean
reprise_nocobase_dump_apply_meta (RepriseArchive *archive, JsonObject *meta, GError **error)
{
  const char *version = reprise_json_get_string (meta, "version", NULL);
  const char *dialect = reprise_json_get_string (meta, "dialect", NULL);
  JsonObject *groups = reprise_json_get_object (meta, "dumpableCollectionsGroupByGroup");
  g_autoptr (RepriseContents) contents = NULL;
  g_autoptr (GString) inherits = g_string_new (NULL), views = g_string_new (NULL);

  if (version == NULL || dialect == NULL || groups == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
        _ ("Its “meta” does not say of which version and database it is, and what is in it"));
      return FALSE;
    }
  contents = reprise_nocobase_dump_read_groups (groups, inherits, views);
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_INHERITS, inherits->str);
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_VIEWS, views->str);
  reprise_archive_set_format (archive, _ ("NocoBase backup (.nbdump)"));
  reprise_archive_set_service_version (archive, version);
  reprise_archive_set_engine (archive, dialect);
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_PLUGIN, REPRISE_NOCOBASE_PLUGIN_OLD);
  read_environment (archive, meta);
  reprise_archive_add_fact (archive, _ ("Made by"), _ ("Backup & Restore plugin"));
  return TRUE;
}

/* For each listed collection a part to be filled. */
static void
prepare_parts (Dump *self)
{
  RepriseContents *contents = reprise_archive_get_contents (self->archive);
  g_auto (GStrv) views =
    g_strsplit (reprise_archive_get_data (self->archive, REPRISE_NOCOBASE_DATA_VIEWS), "\n", -1);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (GListModel) group = g_list_model_get_item (G_LIST_MODEL (contents), i);

      for (guint j = 0; j < g_list_model_get_n_items (group); j++)
        {
          g_autoptr (RepriseCollection) collection = g_list_model_get_item (group, j);
          const char *name = reprise_collection_get_name (collection);
          Part *part = g_new0 (Part, 1);

          part->collection = collection;
          part->is_view = g_strv_contains ((const char *const *) views, name);
          part->count = part->n_columns = part->width = -1;
          g_hash_table_insert (self->parts, (char *) name, part);
        }
    }
}

/* The columns of a collection, from its meta: name → index + 1. */
static GHashTable *
read_columns (RepriseArchiveReader *reader, const char *collection, GCancellable *cancellable)
{
  g_autofree char *name = g_strconcat (PREFIX, collection, "/meta", NULL);
  g_autoptr (GHashTable) columns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonObject) meta = NULL;
  JsonArray *names;

  if (!reprise_archive_reader_find (reader, name, &entry, cancellable, NULL))
    return NULL;
  bytes = reprise_archive_reader_read_all (reader, MAX_META_BYTES, cancellable, NULL);
  if (bytes != NULL)
    meta = reprise_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                      NULL, NULL);
  names = reprise_json_get_array (meta, "columns");
  for (guint i = 0; i < reprise_json_array_get_length (names); i++)
    if (reprise_json_array_get_string (names, i, NULL) != NULL)
      g_hash_table_insert (columns, g_strdup (reprise_json_array_get_string (names, i, NULL)),
                           GUINT_TO_POINTER (i + 1));
  return g_steal_pointer (&columns);
}

static JsonNode *
get_cell (JsonArray *row, GHashTable *columns, const char *column)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (columns, column));

  return index > 0 && index <= json_array_get_length (row) ? json_array_get_element (row, index - 1)
                                                           : NULL;
}

static const char *
get_cell_text (JsonArray *row, GHashTable *columns, const char *column)
{
  JsonNode *node = get_cell (row, columns, column);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
             json_node_get_value_type (node) == G_TYPE_STRING
           ? json_node_get_string (node)
           : NULL;
}

static gboolean
get_cell_boolean (JsonArray *row, GHashTable *columns, const char *column)
{
  JsonNode *node = get_cell (row, columns, column);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  /* SQLite and MySQL have 1 for true. */
  return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node)
                                                           : json_node_get_int (node) == 1;
}

static void
take_plugin_row (Dump *self, JsonArray *row, GHashTable *columns)
{
  const char *package = get_cell_text (row, columns, "packageName");

  if (package != NULL && strchr (package, '\n') == NULL &&
      get_cell_boolean (row, columns, "enabled"))
    g_string_append_printf (self->packages, "%s\n", package);
}

static void
take_collection_row (Dump *self, JsonArray *row, GHashTable *columns)
{
  const char *name = get_cell_text (row, columns, "name");
  JsonNode *node = get_cell (row, columns, "options");
  JsonObject *options =
    node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (JsonObject) parsed = NULL;
  const char *text = get_cell_text (row, columns, "options");

  if (name == NULL || strchr (name, '\n') != NULL)
    return;
  g_string_append_printf (self->defined, "%s\n", name);
  if (text != NULL) /* where the database has no JSON of its own */
    options = parsed = reprise_json_parse_object (text, strlen (text), NULL, NULL);
  if (reprise_json_get_string (options, "sql", NULL) != NULL ||
      g_strcmp0 (reprise_json_get_string (options, "template", NULL), "sql") == 0)
    g_hash_table_add (self->computed, g_strdup (name));
}

/* Reads the two collections that tell what the server needs: which plugins, and which collections users have made. */
static void
read_table (Dump *self,
            RepriseArchiveReader *reader,
            const char *collection,
            void (*take) (Dump *, JsonArray *, GHashTable *),
            GCancellable *cancellable)
{
  g_autofree char *name = g_strconcat (PREFIX, collection, "/data", NULL);
  g_autoptr (GHashTable) columns = read_columns (reader, collection, cancellable);
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *data, *end;

  if (columns == NULL || !reprise_archive_reader_find (reader, name, &entry, cancellable, NULL))
    return;
  bytes = reprise_archive_reader_read_all (reader, MAX_TABLE_BYTES, cancellable, NULL);
  if (bytes == NULL)
    return;
  data = g_bytes_get_data (bytes, NULL);
  end = data + g_bytes_get_size (bytes);
  while (data < end)
    {
      const char *feed = memchr (data, '\n', (gsize) (end - data));
      gsize size = (gsize) ((feed != NULL ? feed : end) - data);
      g_autoptr (JsonNode) node = reprise_json_parse (data, size, NULL, NULL);

      if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
        take (self, json_node_get_array (node), columns);
      data += size + 1;
    }
  if (take == take_collection_row)
    self->knows_defined = TRUE;
}

/* The collection whose meta or data an entry is. */
static Part *
find_part (Dump *self, const char *entry_name, gboolean *is_data)
{
  const char *start = entry_name + strlen (PREFIX), *slash;
  g_autofree char *name = NULL;

  if (!g_str_has_prefix (entry_name, PREFIX))
    return NULL;
  slash = strchr (start, '/');
  if (slash == NULL || (strcmp (slash, "/meta") != 0 && strcmp (slash, "/data") != 0))
    return NULL;
  *is_data = strcmp (slash, "/data") == 0;
  name = g_strndup (start, (gsize) (slash - start));
  return g_hash_table_lookup (self->parts, name);
}

/* A field whose type the target does not know ends the restore in the middle. */
static void
take_types (Dump *self, const char *collection, JsonObject *attributes)
{
  g_autoptr (GList) members = attributes != NULL ? json_object_get_values (attributes) : NULL;

  for (GList *item = members; item != NULL; item = item->next)
    {
      JsonObject *attribute = reprise_json_node_get_object (item->data);
      const char *type = reprise_json_get_string (attribute, "type", NULL);

      if (type == NULL || strpbrk (type, "\n\t") != NULL ||
          !reprise_json_get_boolean (attribute, "isCollectionField", FALSE) ||
          reprise_nocobase_rules_is_core_type (type))
        continue;
      g_mutex_lock (&self->mutex);
      g_string_append_printf (self->types, "%s\t%s\n", collection, type);
      g_mutex_unlock (&self->mutex);
    }
}

static gboolean
read_part_meta (Dump *self,
                Part *part,
                RepriseArchiveReader *reader,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GBytes) bytes =
    reprise_archive_reader_read_all (reader, MAX_META_BYTES, cancellable, error);
  g_autoptr (JsonObject) meta = NULL;
  g_autoptr (GError) local = NULL;
  JsonArray *columns;

  if (bytes == NULL)
    return FALSE;
  meta = reprise_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL,
                                    &local);
  columns = reprise_json_get_array (meta, "columns");
  part->has_meta = TRUE;
  take_types (self, reprise_collection_get_name (part->collection),
              reprise_json_get_object (meta, "attributes"));
  if (columns == NULL)
    {
      part->reason = g_strdup (local != NULL ? local->message : _ ("its “meta” names no columns"));
      return TRUE;
    }
  part->n_columns = reprise_json_array_get_length (columns);
  part->count = reprise_json_get_int (meta, "count", -1);
  if (part->count < 0 || g_strcmp0 (reprise_json_get_string (meta, "name", NULL),
                                    reprise_collection_get_name (part->collection)) != 0)
    part->reason = g_strdup (_ ("its “meta” is of another collection, or says no number of rows"));
  return TRUE;
}

/* In the scanner, for each row. */
static gboolean
row_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  Part *part = user_data;

  if (event->type != REPRISE_JSON_END)
    return TRUE;
  if (event->kind != REPRISE_JSON_ARRAY)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                                 _ ("a row is not a list of values"));
      return FALSE;
    }
  part->lines++;
  if (part->width < 0)
    part->width = (gint64) event->n_children;
  else if (part->width != (gint64) event->n_children)
    part->mixed = TRUE;
  return TRUE;
}

static gint64
count_feeds (const char *data, gsize size)
{
  const char *end = data + size;
  gint64 n = 0;

  while ((data = memchr (data, '\n', (gsize) (end - data))) != NULL)
    {
      n++;
      data++;
    }
  return n;
}

static gboolean
read_part_data (Dump *self,
                Part *part,
                RepriseArchiveReader *reader,
                GCancellable *cancellable,
                GError **error)
{
  const RepriseJsonScannerOptions options = { .lines = TRUE, .func = row_cb, .user_data = part };
  g_autoptr (RepriseJsonScanner) scanner = self->rows ? reprise_json_scanner_new (&options) : NULL;
  g_autofree char *buffer = g_malloc (CHUNK_BYTES);
  g_autoptr (GError) local = NULL;
  char last = '\n';
  gssize got;

  part->has_data = TRUE;
  while ((got = reprise_archive_reader_read (reader, buffer, CHUNK_BYTES, cancellable, error)) > 0)
    {
      if (scanner == NULL)
        part->lines += count_feeds (buffer, (gsize) got);
      else if (local == NULL)
        reprise_json_scanner_push (scanner, buffer, (gsize) got, &local);
      last = buffer[got - 1];
    }
  if (got < 0)
    return FALSE;
  if (scanner != NULL && local == NULL)
    reprise_json_scanner_finish (scanner, &local);
  if (local != NULL)
    part->reason = g_strdup_printf (_ ("row %" PRId64 ": %s"), part->lines + 1, local->message);
  else if (last != '\n')
    part->reason = g_strdup (_ ("its last row is cut off"));
  return TRUE;
}

/* In two threads: each entry is of one part, and only its own fields are written. */
static gboolean
entry_cb (RepriseArchiveReader *reader,
          const RepriseArchiveEntry *entry,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Dump *self = user_data;
  gboolean is_data = FALSE;
  Part *part = find_part (self, entry->name, &is_data);
  Part found = { .count = -1, .n_columns = -1, .width = -1 };
  gboolean ok;

  if (part == NULL)
    {
      if (!entry->is_folder && strcmp (entry->name, "meta") != 0 &&
          strcmp (entry->name, "sql-content.json") != 0)
        {
          g_mutex_lock (&self->mutex);
          self->n_strangers++;
          g_mutex_unlock (&self->mutex);
        }
      return TRUE;
    }
  found.collection = part->collection;
  ok = is_data ? read_part_data (self, &found, reader, cancellable, error)
               : read_part_meta (self, &found, reader, cancellable, error);
  g_mutex_lock (&self->mutex);
  if (is_data)
    {
      part->has_data = TRUE;
      part->lines = found.lines;
      part->width = found.width;
      part->mixed = found.mixed;
      reprise_collection_set_size_bytes (part->collection, (gint64) entry->size_bytes);
    }
  else
    {
      part->has_meta = TRUE;
      part->count = found.count;
      part->n_columns = found.n_columns;
    }
  if (part->reason == NULL)
    part->reason = g_steal_pointer (&found.reason);
  g_mutex_unlock (&self->mutex);
  g_free (found.reason);
  return ok;
}

static void
check_absent (Dump *self, Part *part, const char *name, GString *absent)
{
  if (part->is_view || g_hash_table_contains (self->computed, name))
    {
      reprise_collection_set_reason (part->collection,
                                     part->is_view
                                       ? _ ("A database view: it has no rows of its own")
                                       : _ ("Made by an SQL statement: it has no rows of its own"));
      g_string_append_printf (absent, "%s\n", name);
    }
  else
    add_damage (self, _ ("“%s” is listed in it, but its data is missing"), name);
}

/* What meta and data say of each other. */
static void
check_part (Dump *self, Part *part, GString *absent)
{
  const char *name = reprise_collection_get_name (part->collection);

  if (self->stopped && part->reason == NULL)
    ; /* nobody knows what is missing */
  else if (!part->has_meta && !part->has_data)
    check_absent (self, part, name, absent);
  else if (part->reason != NULL)
    add_damage (self, "“%s”: %s", name, part->reason);
  else if (!part->has_meta || (!part->has_data && part->n_columns != 0))
    add_damage (self, _ ("A part of “%s” is missing"), name);
  else if (part->lines != part->count)
    add_damage (self, _ ("“%s” has %" PRId64 " rows in it, but should have %" PRId64), name,
                part->lines, part->count);
  else if (part->mixed || (part->width >= 0 && part->width != part->n_columns))
    add_damage (self, _ ("“%s” has rows that do not fit its columns"), name);
  if (part->count >= 0)
    reprise_collection_set_rows (part->collection, part->count);
  if (part->has_meta && part->n_columns == 0)
    reprise_collection_set_size_bytes (part->collection, 0);
}

static void
check_parts (Dump *self)
{
  RepriseContents *contents = reprise_archive_get_contents (self->archive);
  g_autoptr (GString) absent = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (GListModel) group = g_list_model_get_item (G_LIST_MODEL (contents), i);

      for (guint j = 0; j < g_list_model_get_n_items (group); j++)
        {
          g_autoptr (RepriseCollection) collection = g_list_model_get_item (group, j);

          check_part (self,
                      g_hash_table_lookup (self->parts, reprise_collection_get_name (collection)),
                      absent);
        }
    }
  reprise_archive_set_data (self->archive, REPRISE_NOCOBASE_DATA_ABSENT, absent->str);
  reprise_archive_set_data (self->archive, REPRISE_NOCOBASE_DATA_TYPES, self->types->str);
  if (self->n_damages > MAX_DAMAGES)
    reprise_archive_add_damage (self->archive, _ ("And %u more"), self->n_damages - MAX_DAMAGES);
}

static gboolean
read_meta (RepriseArchive *archive,
           RepriseArchiveReader *reader,
           GCancellable *cancellable,
           GError **error)
{
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonObject) meta = NULL;

  if (!reprise_archive_reader_find (reader, "meta", &entry, cancellable, error))
    {
      if (error == NULL || !g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        return FALSE;
      g_clear_error (error);
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                                 _ ("It is no backup of NocoBase: “meta” is missing in it"));
      return FALSE;
    }
  bytes = reprise_archive_reader_read_all (reader, MAX_META_BYTES, cancellable, error);
  if (bytes == NULL)
    return FALSE;
  meta = reprise_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL,
                                    error);
  if (meta == NULL)
    {
      reprise_error_prefix (error, _ ("“meta” cannot be read: "));
      return FALSE;
    }
  return reprise_nocobase_dump_apply_meta (archive, meta, error);
}

static void
tell_losses (Dump *self)
{
  g_auto (GStrv) views =
    g_strsplit (reprise_archive_get_data (self->archive, REPRISE_NOCOBASE_DATA_VIEWS), "\n", -1);
  guint n_views = g_strv_length (views);
  RepriseCollection *attachments =
    reprise_contents_find (reprise_archive_get_contents (self->archive), "attachments", NULL);

  if (n_views > 1) /* the last is empty */
    reprise_archive_add_warning (
      self->archive, "%s",
      _ ("Database views are listed in it, but NocoBase does not bring them back"));
  if (attachments != NULL && reprise_collection_get_rows (attachments) > 0)
    reprise_archive_add_warning (
      self->archive, "%s",
      _ ("Uploaded files are not in a .nbdump archive, only the list of them"));
  if (self->n_strangers > 0)
    reprise_archive_add_warning (
      self->archive,
      ngettext ("%u file in it belongs to no collection and is passed over",
                "%u files in it belong to no collection and are passed over", self->n_strangers),
      self->n_strangers);
}

/* Each file in it, in two threads. Damage is noted; what cannot be gone on with is an error. */
static gboolean
read_entries (Dump *self,
              RepriseArchiveReader *reader,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GError) local = NULL;

  reprise_progress_set_totals (progress, reprise_archive_reader_get_total_bytes (reader),
                               reprise_archive_reader_get_n_entries (reader));
  if (reprise_archive_reader_each (reader, entry_cb, self, progress, cancellable, &local))
    return TRUE;
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  add_damage (self, "%s", local->message);
  self->stopped = TRUE;
  return TRUE;
}

/**
 * reprise_nocobase_dump_inspect:
 * @path: of the file
 * @depth: %REPRISE_DEPTH_QUICK: only what it says of itself; %REPRISE_DEPTH_FULL: every checksum, and the number of rows;
 *   %REPRISE_DEPTH_DEEP: each row too: what must hold before it is sent to a server
 *
 * Looks into an archive of the old plugin and fills @archive. A worker's call.
 *
 * Returns: whether it is one; damage in it is noted in @archive. %REPRISE_ERROR_DAMAGED where it cannot be read as one at all,
 *   %REPRISE_ERROR_LIMIT for what is made to harm
 */
gboolean
reprise_nocobase_dump_inspect (RepriseArchive *archive,
                               const char *path,
                               RepriseDepth depth,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  g_auto (Dump) self = { .archive = archive, .rows = depth == REPRISE_DEPTH_DEEP };
  g_autoptr (RepriseArchiveReader) reader = NULL;

  g_mutex_init (&self.mutex);
  self.parts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) part_free);
  self.computed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.packages = g_string_new (NULL);
  self.defined = g_string_new (NULL);
  self.types = g_string_new (NULL);
  reader = reprise_archive_reader_open (path, NULL, cancellable, error);
  if (reader == NULL || !read_meta (archive, reader, cancellable, error))
    return FALSE;
  prepare_parts (&self);
  read_table (&self, reader, "applicationPlugins", take_plugin_row, cancellable);
  read_table (&self, reader, "collections", take_collection_row, cancellable);
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_PLUGINS, self.packages->str);
  if (self.knows_defined)
    reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_DEFINED, self.defined->str);
  if (depth == REPRISE_DEPTH_QUICK)
    return TRUE;
  if (!read_entries (&self, reader, progress, cancellable, error))
    return FALSE;
  check_parts (&self);
  tell_losses (&self);
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_TOP, reprise_depth_to_string (depth));
  return TRUE;
}
