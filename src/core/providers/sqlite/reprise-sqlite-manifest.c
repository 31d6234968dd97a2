/* reprise-sqlite-manifest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-manifest"

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/sqlite/reprise-sqlite-files-private.h"
#include "providers/sqlite/reprise-sqlite-manifest-private.h"
#include "providers/sqlite/reprise-sqlite-source-private.h"

#define KIND          "sqlite"
#define MAX_BYTES     (256 * 1024 * 1024)
#define MAX_VALUES    4000000
#define MAX_MEMBERS   100000
#define MAX_DATABASES 1000

RepriseSqliteFile *
reprise_sqlite_file_new (const char *path, gint64 size_bytes, const char *sha256, int database)
{
  RepriseSqliteFile *self = g_new0 (RepriseSqliteFile, 1);

  self->path = g_strdup (path);
  self->size_bytes = size_bytes;
  self->sha256 = g_strdup (sha256);
  self->database = database;
  return self;
}

void
reprise_sqlite_file_free (RepriseSqliteFile *self)
{
  g_free (self->path);
  g_free (self->sha256);
  g_free (self);
}

static void
saved_free (gpointer data)
{
  RepriseSqliteSaved *self = data;

  g_free (self->name);
  g_ptr_array_unref (self->tables);
  g_free (self);
}

RepriseSqliteSaved *
reprise_sqlite_saved_new (const char *name, int database)
{
  RepriseSqliteSaved *self = g_new0 (RepriseSqliteSaved, 1);

  self->name = g_strdup (name);
  self->database = database;
  self->tables = g_ptr_array_new_with_free_func (g_free);
  self->rows = self->size_bytes = REPRISE_NOT_REPORTED;
  return self;
}

/* @table is lent, by the facts of the database. */
RepriseSqliteSavedTable *
reprise_sqlite_saved_table_new (const RepriseSqliteTable *table)
{
  RepriseSqliteSavedTable *self = g_new0 (RepriseSqliteSavedTable, 1);

  self->table = (RepriseSqliteTable *) table;
  self->sequence = -1;
  return self;
}

static void
saved_database_free (gpointer data)
{
  RepriseSqliteSavedDatabase *self = data;

  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->schema_file, reprise_sqlite_file_free);
  reprise_sqlite_schema_free (self->facts);
  g_free (self);
}

/* Takes @facts. */
RepriseSqliteSavedDatabase *
reprise_sqlite_saved_database_new (const char *name, RepriseSqliteSchema *facts)
{
  RepriseSqliteSavedDatabase *self = g_new0 (RepriseSqliteSavedDatabase, 1);

  self->name = g_strdup (name);
  self->facts = facts;
  return self;
}

static void
drop_free (gpointer data)
{
  RepriseSqliteDrop *self = data;

  g_free (self->type);
  g_free (self->database);
  g_free (self->name);
  g_free (self);
}

void
reprise_sqlite_manifest_add_drop (RepriseSqliteManifest *self,
                                  const char *type,
                                  const char *database,
                                  const char *name)
{
  RepriseSqliteDrop *drop = g_new0 (RepriseSqliteDrop, 1);

  drop->type = g_strdup (type);
  drop->database = g_strdup (database);
  drop->name = g_strdup (name);
  g_ptr_array_add (self->drops, drop);
}

/* (transfer full): one of nothing, of now */
RepriseSqliteManifest *
reprise_sqlite_manifest_new (RepriseGroups groups)
{
  RepriseSqliteManifest *self = g_new0 (RepriseSqliteManifest, 1);

  self->created_at = g_date_time_new_now_utc ();
  self->tool = g_strdup ("Reprise " PACKAGE_VERSION);
  self->groups = groups;
  self->databases = g_ptr_array_new_with_free_func (saved_database_free);
  self->drops = g_ptr_array_new_with_free_func (drop_free);
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    {
      self->files[i] = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_sqlite_file_free);
      self->collections[i] = g_ptr_array_new_with_free_func (saved_free);
    }
  return self;
}

void
reprise_sqlite_manifest_free (RepriseSqliteManifest *self)
{
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_free (self->tool);
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    {
      g_ptr_array_unref (self->files[i]);
      g_ptr_array_unref (self->collections[i]);
    }
  g_ptr_array_unref (self->databases);
  g_ptr_array_unref (self->drops);
  g_free (self);
}

/* (transfer none) (nullable): what holds the tables of one database and group, or for -1 the index of its files */
RepriseSqliteFile *
reprise_sqlite_manifest_find_file (const RepriseSqliteManifest *self,
                                   RepriseGroup group,
                                   int database)
{
  for (guint i = 0; i < self->files[group]->len; i++)
    {
      RepriseSqliteFile *file = g_ptr_array_index (self->files[group], i);

      if (file->database == database)
        return file;
    }
  return NULL;
}

/* (transfer full): the groups with their collections; the files of each are those of the archive that hold it */
RepriseContents *
reprise_sqlite_manifest_to_contents (const RepriseSqliteManifest *self)
{
  RepriseContents *contents = reprise_contents_new ();

  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; i < self->collections[group]->len; i++)
      {
        const RepriseSqliteSaved *saved = g_ptr_array_index (self->collections[group], i);
        g_autoptr (RepriseCollection) collection =
          reprise_collection_new (saved->name, saved->rows, saved->size_bytes);
        const RepriseSqliteFile *file =
          reprise_sqlite_manifest_find_file (self, (RepriseGroup) group, saved->database);
        const char *files[] = { file != NULL ? file->path : NULL, NULL };

        if (saved->database >= 0 && saved->tables->len == 0)
          {
            const RepriseSqliteSavedDatabase *database =
              g_ptr_array_index (self->databases, (guint) saved->database);

            reprise_collection_set_title (collection, _ ("Views, triggers and virtual tables"));
            files[0] = database->schema_file->path;
          }
        reprise_collection_set_files (collection, files);
        reprise_contents_add (contents, (RepriseGroup) group, collection);
      }
  return contents;
}

/* --- writing --- */

static void
set_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
set_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
set_count (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  if (value >= 0)
    json_builder_add_int_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
set_true (JsonBuilder *builder, const char *name, gboolean value)
{
  if (!value)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, TRUE);
}

static void
begin_list (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

static void
print_file (JsonBuilder *builder, const RepriseSqliteFile *file)
{
  json_builder_begin_object (builder);
  set_string (builder, "path", file->path);
  if (file->database >= 0)
    set_int (builder, "database", file->database);
  set_int (builder, "size_bytes", file->size_bytes);
  set_string (builder, "sha256", file->sha256);
  json_builder_end_object (builder);
}

static void
print_objects (JsonBuilder *builder, const char *name, GPtrArray *objects)
{
  begin_list (builder, name);
  for (guint i = 0; i < objects->len; i++)
    {
      const RepriseSqliteObject *object = g_ptr_array_index (objects, i);

      json_builder_begin_object (builder);
      set_string (builder, "type", object->type);
      set_string (builder, "name", object->name);
      set_string (builder, "table", object->table);
      set_string (builder, "sql", object->sql);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_database (JsonBuilder *builder, const RepriseSqliteSavedDatabase *database)
{
  json_builder_begin_object (builder);
  set_string (builder, "name", database->name);
  set_int (builder, "page_size", database->facts->page_size);
  set_string (builder, "encoding", database->facts->encoding);
  set_int (builder, "user_version", database->facts->user_version);
  set_int (builder, "application_id", database->facts->application_id);
  set_int (builder, "auto_vacuum", database->facts->auto_vacuum);
  set_string (builder, "journal_mode", database->facts->journal_mode);
  json_builder_set_member_name (builder, "schema");
  print_file (builder, database->schema_file);
  print_objects (builder, "objects", database->facts->objects);
  json_builder_end_object (builder);
}

static void
print_columns (JsonBuilder *builder, const RepriseSqliteTable *table)
{
  begin_list (builder, "columns");
  for (guint i = 0; i < table->columns->len; i++)
    {
      const RepriseSqliteColumn *column = g_ptr_array_index (table->columns, i);

      json_builder_begin_object (builder);
      set_string (builder, "name", column->name);
      set_string (builder, "type", column->type);
      if (column->primary > 0)
        set_int (builder, "primary", column->primary);
      set_true (builder, "not_null", column->not_null);
      set_true (builder, "has_default", column->has_default);
      set_true (builder, "generated", column->generated);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static const char *
kind_to_string (RepriseSqliteTableKind kind)
{
  switch (kind)
    {
    case REPRISE_SQLITE_VIRTUAL:
      return "virtual";
    case REPRISE_SQLITE_SHADOW:
      return "shadow";
    case REPRISE_SQLITE_TABLE:
    default:
      return "table";
    }
}

static void
print_table (JsonBuilder *builder, const RepriseSqliteSavedTable *saved)
{
  const RepriseSqliteTable *table = saved->table;

  json_builder_begin_object (builder);
  set_string (builder, "name", table->name);
  set_string (builder, "kind", kind_to_string (table->kind));
  set_count (builder, "rows", table->kind == REPRISE_SQLITE_VIRTUAL ? -1 : saved->rows);
  if (saved->sequence >= 0)
    set_int (builder, "sequence", saved->sequence);
  set_string (builder, "sql", table->sql);
  if (table->kind != REPRISE_SQLITE_VIRTUAL)
    {
      set_true (builder, "without_rowid", table->without_rowid);
      set_true (builder, "key_is_rowid", table->rowid_column != NULL);
      print_columns (builder, table);
      print_objects (builder, "indexes", table->indexes);
    }
  json_builder_end_object (builder);
}

static void
print_collection (JsonBuilder *builder, const RepriseSqliteSaved *saved)
{
  json_builder_begin_object (builder);
  set_string (builder, "name", saved->name);
  set_count (builder, "rows", saved->rows);
  set_count (builder, "size_bytes", saved->size_bytes);
  if (saved->database >= 0)
    {
      set_int (builder, "database", saved->database);
      begin_list (builder, "tables");
      for (guint i = 0; i < saved->tables->len; i++)
        print_table (builder, g_ptr_array_index (saved->tables, i));
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
}

static void
print_group (JsonBuilder *builder, const RepriseSqliteManifest *self, RepriseGroup group)
{
  json_builder_begin_object (builder);
  set_string (builder, "id", reprise_group_to_string (group));
  begin_list (builder, "files");
  for (guint i = 0; i < self->files[group]->len; i++)
    print_file (builder, g_ptr_array_index (self->files[group], i));
  json_builder_end_array (builder);
  begin_list (builder, "collections");
  for (guint i = 0; i < self->collections[group]->len; i++)
    print_collection (builder, g_ptr_array_index (self->collections[group], i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
print_drops (JsonBuilder *builder, const RepriseSqliteManifest *self)
{
  if (self->drops->len == 0)
    return;
  begin_list (builder, "drops");
  for (guint i = 0; i < self->drops->len; i++)
    {
      const RepriseSqliteDrop *drop = g_ptr_array_index (self->drops, i);

      json_builder_begin_object (builder);
      set_string (builder, "type", drop->type);
      set_string (builder, "database", drop->database);
      set_string (builder, "name", drop->name);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/**
 * reprise_sqlite_manifest_print:
 * @size: (out): bytes of the text
 *
 * Returns: (transfer full): JSON
 */
char *
reprise_sqlite_manifest_print (const RepriseSqliteManifest *self, gsize *size)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *created_at = reprise_time_to_string (self->created_at);

  json_builder_begin_object (builder);
  set_int (builder, "format", REPRISE_SQLITE_FORMAT);
  set_string (builder, "kind", KIND);
  set_string (builder, "created_at", created_at);
  set_string (builder, "tool", self->tool);
  begin_list (builder, "databases");
  for (guint i = 0; i < self->databases->len; i++)
    print_database (builder, g_ptr_array_index (self->databases, i));
  json_builder_end_array (builder);
  begin_list (builder, "groups");
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (REPRISE_GROUPS_HAS (self->groups, i))
      print_group (builder, self, (RepriseGroup) i);
  json_builder_end_array (builder);
  print_drops (builder, self);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, size);
}

/* --- reading: everything may be made to harm --- */

static gboolean
refuse (GError **error, const char *what)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     /* Translators: %s is the name of a member of a JSON file */
                     _ ("The manifest of the archive is damaged: “%s” is missing or wrong"), what);
  return FALSE;
}

static gboolean
is_hash (const char *text)
{
  return text != NULL && strlen (text) == REPRISE_HASH_HEX_LENGTH &&
         strspn (text, "0123456789abcdef") == REPRISE_HASH_HEX_LENGTH;
}

static RepriseSqliteFile *
parse_file (JsonObject *object, GError **error)
{
  const char *path = reprise_json_get_string (object, "path", NULL);
  const char *sha256 = reprise_json_get_string (object, "sha256", NULL);
  gint64 size = reprise_json_get_int (object, "size_bytes", -1);
  gint64 database = reprise_json_get_int (object, "database", -1);

  if (path != NULL && is_hash (sha256) && size >= 0 && database < MAX_DATABASES)
    return reprise_sqlite_file_new (path, size, sha256, (int) database);
  refuse (error, "files");
  return NULL;
}

static gboolean
parse_objects (JsonArray *array, GPtrArray *objects, GError **error)
{
  for (guint i = 0; i < reprise_json_array_get_length (array); i++)
    {
      JsonObject *object = reprise_json_array_get_object (array, i);
      const char *type = reprise_json_get_string (object, "type", NULL);
      const char *name = reprise_json_get_string (object, "name", NULL);
      const char *table = reprise_json_get_string (object, "table", NULL);
      const char *sql = reprise_json_get_string (object, "sql", NULL);

      if (type == NULL || name == NULL || table == NULL || sql == NULL)
        return refuse (error, "objects");
      g_ptr_array_add (objects, reprise_sqlite_object_new (type, name, table, sql));
    }
  return TRUE;
}

static gboolean
parse_facts (JsonObject *object, RepriseSqliteSchema *facts, GError **error)
{
  const char *encoding = reprise_json_get_string (object, "encoding", "");
  gint64 page_size = reprise_json_get_int (object, "page_size", -1);

  facts->page_size = page_size;
  facts->encoding = g_strdup (encoding);
  facts->user_version = reprise_json_get_int (object, "user_version", 0);
  facts->application_id = reprise_json_get_int (object, "application_id", 0);
  facts->auto_vacuum = reprise_json_get_int (object, "auto_vacuum", 0);
  facts->journal_mode = g_strdup (reprise_json_get_string (object, "journal_mode", "delete"));
  if (page_size < 512 || page_size > 65536 || (page_size & (page_size - 1)) != 0)
    return refuse (error, "page_size");
  if (!g_str_equal (encoding, "UTF-8") && !g_str_equal (encoding, "UTF-16le") &&
      !g_str_equal (encoding, "UTF-16be"))
    return refuse (error, "encoding");
  return parse_objects (reprise_json_get_array (object, "objects"), facts->objects, error);
}

static gboolean
has_database (const RepriseSqliteManifest *self, const char *name)
{
  for (guint i = 0; i < self->databases->len; i++)
    if (g_str_equal (((RepriseSqliteSavedDatabase *) g_ptr_array_index (self->databases, i))->name,
                     name))
      return TRUE;
  return FALSE;
}

/* A file below the application's folder, which is neither what SQLite keeps beside a database nor what a restore keeps of itself. */
static gboolean
is_database_name (const char *name)
{
  return reprise_sqlite_files_check_name (name, NULL) && !g_str_has_suffix (name, "-wal") &&
         !g_str_has_suffix (name, "-shm") && !g_str_has_suffix (name, "-journal") &&
         !g_str_has_prefix (name, REPRISE_SQLITE_STAGING_PREFIX) &&
         strstr (name, "/" REPRISE_SQLITE_STAGING_PREFIX) == NULL;
}

/* One folder of the application, as “uploads/”, or the files that are in none. */
static gboolean
is_folder_name (const char *name)
{
  const char *slash = strchr (name, '/');
  g_autofree char *inner = g_strdup_printf ("%sx", name);

  if (g_str_equal (name, REPRISE_SQLITE_LOOSE_FOLDER))
    return TRUE;
  return slash != NULL && slash[1] == '\0' && reprise_sqlite_files_check_name (inner, NULL) &&
         !g_str_has_prefix (name, REPRISE_SQLITE_STAGING_PREFIX);
}

static gboolean
parse_database (RepriseSqliteManifest *self, JsonObject *object, GError **error)
{
  const char *name = reprise_json_get_string (object, "name", NULL);
  RepriseSqliteSavedDatabase *database;

  if (name == NULL || !is_database_name (name) || has_database (self, name))
    return refuse (error, "databases");
  database = reprise_sqlite_saved_database_new (name, reprise_sqlite_schema_new ());
  g_ptr_array_add (self->databases, database);
  database->schema_file = parse_file (reprise_json_get_object (object, "schema"), error);
  return database->schema_file != NULL && parse_facts (object, database->facts, error);
}

static gboolean
parse_columns (JsonObject *object, RepriseSqliteTable *table, GError **error)
{
  JsonArray *array = reprise_json_get_array (object, "columns");
  gboolean key_is_rowid = reprise_json_get_boolean (object, "key_is_rowid", FALSE);
  gboolean without_rowid = reprise_json_get_boolean (object, "without_rowid", FALSE);

  for (guint i = 0; i < reprise_json_array_get_length (array); i++)
    {
      JsonObject *member = reprise_json_array_get_object (array, i);
      const char *name = reprise_json_get_string (member, "name", NULL);
      const char *type = reprise_json_get_string (member, "type", NULL);
      gint64 primary = reprise_json_get_int (member, "primary", 0);
      RepriseSqliteColumn *column;

      if (name == NULL || type == NULL || primary < 0 || primary > G_MAXINT16)
        return refuse (error, "columns");
      column = reprise_sqlite_table_add_column (table, name, type);
      column->primary = (int) primary;
      column->not_null = reprise_json_get_boolean (member, "not_null", FALSE);
      column->has_default = reprise_json_get_boolean (member, "has_default", FALSE);
      column->generated = reprise_json_get_boolean (member, "generated", FALSE);
    }
  if (table->columns->len == 0)
    return refuse (error, "columns");
  reprise_sqlite_table_set_key (table, without_rowid, !key_is_rowid);
  return parse_objects (reprise_json_get_array (object, "indexes"), table->indexes, error);
}

static gboolean
parse_table (RepriseSqliteManifest *self,
             RepriseSqliteSaved *saved,
             JsonObject *object,
             GError **error)
{
  RepriseSqliteSavedDatabase *database =
    g_ptr_array_index (self->databases, (guint) saved->database);
  const char *name = reprise_json_get_string (object, "name", NULL);
  const char *kind = reprise_json_get_string (object, "kind", "");
  const char *sql = reprise_json_get_string (object, "sql", NULL);
  gboolean is_virtual = g_str_equal (kind, "virtual");
  RepriseSqliteSavedTable *saved_table;
  RepriseSqliteTable *table;

  /* the empty name is one that SQLite takes */
  if (name == NULL || sql == NULL || g_ascii_strncasecmp (name, "sqlite_", 7) == 0 ||
      reprise_sqlite_schema_find (database->facts, name) != NULL)
    return refuse (error, "tables");
  table = reprise_sqlite_table_new (name, sql, is_virtual);
  g_ptr_array_add (database->facts->tables, table);
  saved_table = reprise_sqlite_saved_table_new (table);
  g_ptr_array_add (saved->tables, saved_table);
  saved_table->rows = reprise_json_get_int (object, "rows", REPRISE_NOT_REPORTED);
  saved_table->sequence = reprise_json_get_int (object, "sequence", -1);
  if (g_str_equal (kind, "shadow") && saved->tables->len > 1)
    {
      const RepriseSqliteSavedTable *owner = g_ptr_array_index (saved->tables, 0);

      table->kind = REPRISE_SQLITE_SHADOW;
      table->owner = g_strdup (owner->table->name);
    }
  if (!is_virtual && saved_table->rows < 0)
    return refuse (error, "rows");
  return is_virtual || parse_columns (object, table, error);
}

/* A collection is the table that it is named after, and for a virtual one the inner tables that its name begins. Another table in it
 * would be replaced without being named to the person who chooses. */
static gboolean
is_of_its_name (const RepriseSqliteSaved *saved)
{
  const RepriseSqliteTable *first =
    ((RepriseSqliteSavedTable *) g_ptr_array_index (saved->tables, 0))->table;
  g_autofree char *end = g_strdup_printf ("/%s", first->name);
  g_autofree char *start = g_strdup_printf ("%s_", first->name);

  if (!g_str_equal (saved->name, first->name) && !g_str_has_suffix (saved->name, end))
    return FALSE;
  for (guint i = 1; i < saved->tables->len; i++)
    {
      const RepriseSqliteTable *table =
        ((RepriseSqliteSavedTable *) g_ptr_array_index (saved->tables, i))->table;

      if (first->kind != REPRISE_SQLITE_VIRTUAL || table->kind != REPRISE_SQLITE_SHADOW ||
          g_ascii_strncasecmp (table->name, start, strlen (start)) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_collection (RepriseSqliteManifest *self,
                  RepriseGroup group,
                  JsonObject *object,
                  GError **error)
{
  const char *name = reprise_json_get_string (object, "name", NULL);
  gint64 database = reprise_json_get_int (object, "database", -1);
  JsonArray *tables = reprise_json_get_array (object, "tables");
  RepriseSqliteSaved *saved;

  if (name == NULL || database < -1 || database >= (gint64) self->databases->len ||
      (database < 0 && !is_folder_name (name)))
    return refuse (error, "collections");
  saved = reprise_sqlite_saved_new (name, (int) database);
  g_ptr_array_add (self->collections[group], saved);
  saved->rows = reprise_json_get_int (object, "rows", REPRISE_NOT_REPORTED);
  saved->size_bytes = reprise_json_get_int (object, "size_bytes", REPRISE_NOT_REPORTED);
  for (guint i = 0; database >= 0 && i < reprise_json_array_get_length (tables); i++)
    if (!parse_table (self, saved, reprise_json_array_get_object (tables, i), error))
      return FALSE;
  return saved->tables->len == 0 || is_of_its_name (saved) || refuse (error, "tables");
}

static gboolean
parse_group (RepriseSqliteManifest *self, JsonObject *object, GError **error)
{
  const char *id = reprise_json_get_string (object, "id", NULL);
  JsonArray *files = reprise_json_get_array (object, "files");
  JsonArray *collections = reprise_json_get_array (object, "collections");
  RepriseGroup group;

  if (id == NULL || !reprise_group_from_string (id, &group) || group == REPRISE_GROUP_SKIPPED ||
      REPRISE_GROUPS_HAS (self->groups, group))
    return refuse (error, "groups");
  self->groups |= REPRISE_GROUP_BIT (group);
  for (guint i = 0; i < reprise_json_array_get_length (files); i++)
    {
      RepriseSqliteFile *file = parse_file (reprise_json_array_get_object (files, i), error);

      if (file == NULL)
        return FALSE;
      g_ptr_array_add (self->files[group], file);
      if (file->database >= (int) self->databases->len ||
          reprise_sqlite_manifest_find_file (self, group, file->database) != file)
        return refuse (error, "files");
    }
  for (guint i = 0; i < reprise_json_array_get_length (collections); i++)
    if (!parse_collection (self, group, reprise_json_array_get_object (collections, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
parse_drop (RepriseSqliteManifest *self, JsonObject *object, GError **error)
{
  static const char *const types[] = { "table", "view", "trigger", "database", "folder", NULL };
  const char *type = reprise_json_get_string (object, "type", NULL);
  const char *name = reprise_json_get_string (object, "name", NULL);
  const char *database = reprise_json_get_string (object, "database", "");
  gboolean is_file = g_strcmp0 (type, "database") == 0 || g_strcmp0 (type, "folder") == 0;

  if (type == NULL || name == NULL || !g_strv_contains (types, type) ||
      (database[0] == '\0') != is_file)
    return refuse (error, "drops");
  if ((g_str_equal (type, "database") && !is_database_name (name)) ||
      (g_str_equal (type, "folder") && !is_folder_name (name)))
    return refuse (error, "drops");
  reprise_sqlite_manifest_add_drop (self, type, database, name);
  return TRUE;
}

static gboolean
parse_head (RepriseSqliteManifest *self, JsonObject *root, GError **error)
{
  gint64 format = reprise_json_get_int (root, "format", -1);
  const char *created_at = reprise_json_get_string (root, "created_at", "");

  if (g_strcmp0 (reprise_json_get_string (root, "kind", NULL), KIND) != 0)
    return refuse (error, "kind");
  if (format > REPRISE_SQLITE_FORMAT)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                         _ ("The archive was written by a newer version of Reprise (format %" PRId64
                            "): update Reprise to restore it"),
                         format);
      return FALSE;
    }
  if (format < 1)
    return refuse (error, "format");
  g_clear_pointer (&self->created_at, g_date_time_unref);
  self->created_at = reprise_time_from_string (created_at);
  g_free (self->tool);
  self->tool = g_strdup (reprise_json_get_string (root, "tool", NULL));
  return self->created_at != NULL || refuse (error, "created_at");
}

/**
 * reprise_sqlite_manifest_parse:
 *
 * Returns: (transfer full): the manifest, or %NULL with %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_LIMIT, or
 *   %REPRISE_ERROR_NOT_SUPPORTED for a newer format
 */
RepriseSqliteManifest *
reprise_sqlite_manifest_parse (const char *data, gsize size, GError **error)
{
  const RepriseJsonLimits limits = { MAX_BYTES, 0, MAX_VALUES, MAX_MEMBERS, REPRISE_ERROR_DAMAGED };
  g_autoptr (RepriseSqliteManifest) self = reprise_sqlite_manifest_new (REPRISE_GROUPS_NONE);
  g_autoptr (JsonObject) root = reprise_json_parse_object (data, size, &limits, error);
  JsonArray *databases = root != NULL ? reprise_json_get_array (root, "databases") : NULL;
  JsonArray *groups = root != NULL ? reprise_json_get_array (root, "groups") : NULL;
  JsonArray *drops = root != NULL ? reprise_json_get_array (root, "drops") : NULL;

  if (root == NULL || !parse_head (self, root, error))
    return NULL;
  if (databases == NULL || groups == NULL ||
      reprise_json_array_get_length (databases) > MAX_DATABASES)
    {
      refuse (error, databases == NULL ? "databases" : "groups");
      return NULL;
    }
  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    if (!parse_database (self, reprise_json_array_get_object (databases, i), error))
      return NULL;
  for (guint i = 0; i < reprise_json_array_get_length (groups); i++)
    if (!parse_group (self, reprise_json_array_get_object (groups, i), error))
      return NULL;
  for (guint i = 0; i < reprise_json_array_get_length (drops); i++)
    if (!parse_drop (self, reprise_json_array_get_object (drops, i), error))
      return NULL;
  return g_steal_pointer (&self);
}
