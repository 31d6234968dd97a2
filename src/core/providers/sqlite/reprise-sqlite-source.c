/* reprise-sqlite-source.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-source"

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-strv.h"
#include "providers/sqlite/reprise-sqlite-place-private.h"
#include "providers/sqlite/reprise-sqlite-source-private.h"
#include "vault/reprise-vault-layout.h"

#define MAX_DATABASES 1000
#define MAX_DEPTH \
  5 /* of folders in which databases are looked for, where the files are not wanted */
#define SMALLEST_DATABASE 512 /* bytes of the smallest page */

struct _RepriseSqliteSource
{
  char *path; /* (owned): absolute, without links */
  gboolean is_file;
  gboolean with_files;
  GPtrArray *databases; /* (owned) (element-type RepriseSqliteDatabase): by name */
  GPtrArray *folders;   /* (owned) (element-type utf8): “uploads/”, by name; NULL at the end */
  GPtrArray *warnings;  /* (owned) (element-type utf8) */
  gint64 size_bytes;
  guint n_left_out; /* links and special files */
};

/* What a file under an application's folder is. */
typedef enum
{
  DATABASE,
  COMPANION, /* the log or the journal of one */
  ORDINARY,
  NEITHER, /* a link, a socket… */
} FileKind;

static void
database_free (gpointer data)
{
  RepriseSqliteDatabase *self = data;

  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

static gboolean
looks_like_database (const char *name)
{
  return g_str_has_suffix (name, ".db") || g_str_has_suffix (name, ".sqlite") ||
         g_str_has_suffix (name, ".sqlite3") || g_str_has_suffix (name, ".db3");
}

static gboolean
has_magic (const char *path, GError **error)
{
  guchar head[sizeof REPRISE_SQLITE_MAGIC];

  return reprise_sqlite_place_peek (path, head, sizeof head, error) == sizeof head &&
         memcmp (head, REPRISE_SQLITE_MAGIC, sizeof head) == 0;
}

static gboolean
is_companion (const char *path)
{
  static const char *const suffixes[] = { "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (path, suffixes[i]))
      {
        g_autofree char *base = g_strndup (path, strlen (path) - strlen (suffixes[i]));

        return has_magic (base, NULL);
      }
  return FALSE;
}

/* A file that cannot be read may be a database, and one is never passed over in silence. One that nobody lets us read, and whose name
 * does not look like one, is taken for another file. */
static gboolean
classify (const char *path, const struct stat *info, FileKind *kind, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *kind = NEITHER;
  if (!S_ISREG (info->st_mode))
    return TRUE;
  if (info->st_size >= SMALLEST_DATABASE && has_magic (path, &failure))
    *kind = DATABASE;
  else if (failure == NULL ||
           (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) &&
            !looks_like_database (path)))
    *kind = is_companion (path) ? COMPANION : ORDINARY;
  else if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

static void
add_database (RepriseSqliteSource *self, const char *name, const char *path, gint64 size_bytes)
{
  RepriseSqliteDatabase *database = g_new0 (RepriseSqliteDatabase, 1);

  database->name = g_strdup (name);
  database->path = g_strdup (path);
  database->size_bytes = size_bytes;
  self->size_bytes += size_bytes;
  g_ptr_array_add (self->databases, database);
}

/* (transfer full): the collection that a file is in: uploads/ for uploads/2024/1.jpg */
static char *
get_folder (const char *name)
{
  const char *slash = strchr (name, '/');

  return slash != NULL ? g_strndup (name, (gsize) (slash - name) + 1)
                       : g_strdup (REPRISE_SQLITE_LOOSE_FOLDER);
}

static void
add_file (RepriseSqliteSource *self, const char *name, gint64 size_bytes)
{
  char *folder;

  if (!self->with_files)
    return;
  self->size_bytes += size_bytes;
  folder = get_folder (name);
  /* a walk comes through a folder at one go, so looking back one step finds nearly all */
  if (g_ptr_array_find_with_equal_func (self->folders, folder, g_str_equal, NULL))
    g_free (folder);
  else
    g_ptr_array_add (self->folders, folder);
}

static gboolean
discover_cb (const char *name, const struct stat *info, gpointer user_data, GError **error)
{
  RepriseSqliteSource *self = user_data;
  g_autofree char *path = g_build_filename (self->path, name, NULL);
  FileKind kind;

  if (!classify (path, info, &kind, error))
    return FALSE;
  switch (kind)
    {
    case DATABASE:
      if (self->databases->len >= MAX_DATABASES)
        {
          reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                             _ ("“%s” holds more than %d databases"), self->path, MAX_DATABASES);
          return FALSE;
        }
      add_database (self, name, path, info->st_size);
      return TRUE;
    case ORDINARY:
      if (info->st_size > 0 && looks_like_database (name))
        g_ptr_array_add (self->warnings,
                         g_strdup_printf (_ ("“%s” is no SQLite database that can be read: it is "
                                             "another kind of file, or encrypted"),
                                          name));
      add_file (self, name, info->st_size);
      return TRUE;
    case NEITHER:
      self->n_left_out++;
      return TRUE;
    case COMPANION:
    default:
      return TRUE;
    }
}

static int
compare_databases (gconstpointer a, gconstpointer b)
{
  const RepriseSqliteDatabase *const *left = a, *const *right = b;

  return strcmp ((*left)->name, (*right)->name);
}

static gboolean
discover (RepriseSqliteSource *self, GCancellable *cancellable, GError **error)
{
  if (!reprise_sqlite_files_walk (self->path,
                                  self->with_files ? REPRISE_SQLITE_MAX_DEPTH : MAX_DEPTH,
                                  discover_cb, self, cancellable, error))
    return FALSE;
  g_ptr_array_sort (self->databases, compare_databases);
  g_ptr_array_sort (self->folders, reprise_strv_compare);
  return TRUE;
}

static gboolean
take_file (RepriseSqliteSource *self, const struct stat *info, GError **error)
{
  g_autofree char *name = g_path_get_basename (self->path);
  FileKind kind;

  if (!classify (self->path, info, &kind, error))
    return FALSE;
  if (!g_utf8_validate (name, -1, NULL) || kind != DATABASE)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
        _ ("“%s” is no SQLite database that can be read: it is another kind of file, or encrypted"),
        self->path);
      return FALSE;
    }
  self->is_file = TRUE;
  add_database (self, name, self->path, info->st_size);
  return TRUE;
}

static RepriseSqliteSource *
source_new (const char *path, gboolean with_files)
{
  RepriseSqliteSource *self = g_new0 (RepriseSqliteSource, 1);
  g_autofree char *real = realpath (path, NULL);

  self->path = g_strdup (real != NULL ? real : path);
  self->with_files = with_files;
  self->databases = g_ptr_array_new_with_free_func (database_free);
  self->folders = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/* That each can be locked and shared where it lies, before anybody counts on it. */
static gboolean
check_places (RepriseSqliteSource *self, GError **error)
{
  for (guint i = 0; i < self->databases->len; i++)
    if (!reprise_sqlite_place_check (reprise_sqlite_source_get_database (self, i)->path, error))
      return FALSE;
  return TRUE;
}

/**
 * reprise_sqlite_source_open:
 * @path: of a folder or a database
 * @with_files: whether the folder's other files belong to the application
 *
 * Looks for databases, by what files begin with and not by their names, and for folders of files. Blocks.
 *
 * Returns: (transfer full): the application, or %NULL: %REPRISE_ERROR_NOT_FOUND where nothing is there, %REPRISE_ERROR_REFUSED
 *   where a sandbox hides it or a portal hands it in, %REPRISE_ERROR_DAMAGED for a file that is no database, %REPRISE_ERROR_LIMIT, and what the system reports
 */
RepriseSqliteSource *
reprise_sqlite_source_open (const char *path,
                            gboolean with_files,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (RepriseSqliteSource) self = source_new (path, with_files);
  struct stat info;

  if (!reprise_sandbox_check (path, REPRISE_SANDBOX_PLACE, error) ||
      !reprise_vault_refuse_inside (path, error))
    return NULL;
  if (stat (self->path, &info) != 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("There is no file or folder “%s”"), path);
      return NULL;
    }
  if (!(S_ISDIR (info.st_mode) ? discover (self, cancellable, error)
                               : take_file (self, &info, error)) ||
      !check_places (self, error))
    return NULL;
  if (self->databases->len == 0 && self->folders->len == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("There is no SQLite database in “%s”"), path);
      return NULL;
    }
  g_ptr_array_add (self->folders, NULL);
  return g_steal_pointer (&self);
}

void
reprise_sqlite_source_free (RepriseSqliteSource *self)
{
  g_free (self->path);
  g_ptr_array_unref (self->databases);
  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->warnings);
  g_free (self);
}

/* Absolute, without links. */
const char *
reprise_sqlite_source_get_path (const RepriseSqliteSource *self)
{
  return self->path;
}

guint
reprise_sqlite_source_get_n_databases (const RepriseSqliteSource *self)
{
  return self->databases->len;
}

const RepriseSqliteDatabase *
reprise_sqlite_source_get_database (const RepriseSqliteSource *self, guint index)
{
  return g_ptr_array_index (self->databases, index);
}

/* Of all databases and files together. */
gint64
reprise_sqlite_source_get_size_bytes (const RepriseSqliteSource *self)
{
  return self->size_bytes;
}

/* (transfer full): whole sentences about what was found and is not backed up as one might expect */
char **
reprise_sqlite_source_dup_warnings (const RepriseSqliteSource *self)
{
  return reprise_strv_from_array (self->warnings, 0);
}

/* (transfer full): whole sentences about what no backup of it holds */
char **
reprise_sqlite_source_dup_notes (const RepriseSqliteSource *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *left_out = g_strdup_printf (
    ngettext ("%u link or special file is left out: a backup holds ordinary files",
              "%u links or special files are left out: a backup holds ordinary files",
              self->n_left_out),
    self->n_left_out);

  if (self->n_left_out > 0)
    g_strv_builder_add (builder, left_out);
  return g_strv_builder_end (builder);
}

/* (transfer full): what a table is called: “users” or “app.db/users” */
char *
reprise_sqlite_source_dup_name (const RepriseSqliteSource *self,
                                const char *database,
                                const char *table)
{
  return self->is_file ? g_strdup (table) : g_strconcat (database, "/", table, NULL);
}

/* (transfer none) (array zero-terminated=1): “uploads/” */
const char *const *
reprise_sqlite_source_get_folders (const RepriseSqliteSource *self)
{
  return (const char *const *) self->folders->pdata;
}

/* One folder's walk, without the databases that may lie in it. */
typedef struct
{
  const RepriseSqliteSource *source;
  const char *prefix;
  RepriseSqliteWalkFunc func;
  gpointer user_data;
} FolderWalk;

static gboolean
folder_cb (const char *name, const struct stat *info, gpointer user_data, GError **error)
{
  const FolderWalk *walk = user_data;
  g_autofree char *full = g_strconcat (walk->prefix, name, NULL);
  g_autofree char *path = g_build_filename (walk->source->path, full, NULL);
  FileKind kind;

  return classify (path, info, &kind, error) &&
         (kind != ORDINARY || walk->func (full, info, walk->user_data, error));
}

/**
 * reprise_sqlite_source_walk:
 * @folder: one of reprise_sqlite_source_get_folders(); it may be missing by now
 * @func: called for each file, with its name relative to the application's folder
 */
gboolean
reprise_sqlite_source_walk (const RepriseSqliteSource *self,
                            const char *folder,
                            RepriseSqliteWalkFunc func,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error)
{
  gboolean loose = g_str_equal (folder, REPRISE_SQLITE_LOOSE_FOLDER);
  FolderWalk walk = { self, loose ? "" : folder, func, user_data };
  g_autofree char *path = g_build_filename (self->path, walk.prefix, NULL);

  return !g_file_test (path, G_FILE_TEST_IS_DIR) ||
         reprise_sqlite_files_walk (path, loose ? 0 : REPRISE_SQLITE_MAX_DEPTH, folder_cb, &walk,
                                    cancellable, error);
}

/* The table whose pages are counted under @name, which may be an index's. */
static const RepriseSqliteTable *
find_measured (const RepriseSqliteSchema *tables, const char *name, gboolean *is_table)
{
  RepriseSqliteTable *table = reprise_sqlite_schema_find (tables, name);

  *is_table = table != NULL;
  if (table != NULL)
    return table;
  for (guint i = 0; i < tables->tables->len; i++)
    {
      table = g_ptr_array_index (tables->tables, i);
      for (guint j = 0; j < table->indexes->len; j++)
        if (g_ascii_strcasecmp (
              ((RepriseSqliteObject *) g_ptr_array_index (table->indexes, j))->name, name) == 0)
          return table;
      /* sqlite_autoindex_TABLE_1 */
      if (g_ascii_strncasecmp (name, "sqlite_autoindex_", 17) == 0 &&
          g_ascii_strncasecmp (name + 17, table->name, strlen (table->name)) == 0 &&
          name[17 + strlen (table->name)] == '_' &&
          strspn (name + 18 + strlen (table->name), "0123456789") ==
            strlen (name + 18 + strlen (table->name)))
        return table;
    }
  return NULL;
}

static RepriseSqliteMeasure *
get_measure (GHashTable *measures, const RepriseSqliteTable *table)
{
  RepriseSqliteMeasure *measure = g_hash_table_lookup (measures, table);

  if (measure == NULL)
    {
      measure = g_new0 (RepriseSqliteMeasure, 1);
      g_hash_table_insert (measures, (gpointer) table, measure);
    }
  return measure;
}

/* One pass over all pages: the cells of a table's leaves are its rows, of one without rowids the cells of all its pages. */
static gboolean
measure_pages (RepriseSqliteDb *db,
               const char *schema,
               const RepriseSqliteSchema *tables,
               GHashTable *measures,
               GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement = reprise_sqlite_db_prepare (
    db, error,
    "SELECT name, sum (pgsize), sum (CASE pagetype WHEN 'leaf' THEN ncell ELSE 0 END),"
    " sum (CASE pagetype WHEN 'overflow' THEN 0 ELSE ncell END) FROM dbstat (%Q) GROUP BY name",
    schema);
  gboolean row = TRUE;

  if (statement == NULL)
    return FALSE;
  while (row)
    {
      const RepriseSqliteTable *table;
      const char *name;
      gboolean is_table;

      if (!reprise_sqlite_db_step (db, statement, &row, error))
        return FALSE;
      name = row ? (const char *) sqlite3_column_text (statement, 0) : NULL;
      table = name != NULL ? find_measured (tables, name, &is_table) : NULL;
      if (table == NULL)
        continue;
      get_measure (measures, table)->size_bytes += sqlite3_column_int64 (statement, 1);
      if (is_table)
        get_measure (measures, table)->rows =
          sqlite3_column_int64 (statement, table->without_rowid ? 3 : 2);
    }
  return TRUE;
}

static gboolean
measure_rows (RepriseSqliteDb *db,
              const char *schema,
              const RepriseSqliteSchema *tables,
              GHashTable *measures,
              GError **error)
{
  for (guint i = 0; i < tables->tables->len; i++)
    {
      const RepriseSqliteTable *table = g_ptr_array_index (tables->tables, i);
      RepriseSqliteMeasure *measure = get_measure (measures, table);

      measure->size_bytes = REPRISE_NOT_REPORTED;
      if (table->kind != REPRISE_SQLITE_VIRTUAL &&
          !reprise_sqlite_db_get_int (db, &measure->rows, error,
                                      "SELECT count(*) FROM \"%w\".\"%w\"", schema, table->name))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_sqlite_measure:
 *
 * Counts rows and bytes of all tables. Where SQLite was built without `dbstat`, there are no bytes.
 *
 * Returns: (transfer full) (element-type RepriseSqliteTable RepriseSqliteMeasure)
 */
GHashTable *
reprise_sqlite_measure (RepriseSqliteDb *db,
                        const char *schema,
                        const RepriseSqliteSchema *tables,
                        GError **error)
{
  g_autoptr (GHashTable) measures = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gboolean ok = sqlite3_compileoption_used ("ENABLE_DBSTAT_VTAB")
                  ? measure_pages (db, schema, tables, measures, error)
                  : measure_rows (db, schema, tables, measures, error);

  return ok ? g_steal_pointer (&measures) : NULL;
}

/* Whether a shadow table has one row for each of its virtual table. */
gboolean
reprise_sqlite_counts_rows (const RepriseSqliteTable *owner, const RepriseSqliteTable *shadow)
{
  const char *suffix = shadow->name + strlen (owner->name) + 1;

  if (g_str_has_prefix (owner->module, "fts"))
    return g_ascii_strcasecmp (suffix, owner->content == NULL ? "content" : "docsize") == 0;
  return g_str_has_prefix (owner->module, "rtree") && g_ascii_strcasecmp (suffix, "rowid") == 0;
}

/* What a table has, a virtual one with its shadows. */
void
reprise_sqlite_measure_get (GHashTable *measures,
                            const RepriseSqliteSchema *tables,
                            const RepriseSqliteTable *table,
                            RepriseSqliteMeasure *measure)
{
  const RepriseSqliteMeasure *own = g_hash_table_lookup (measures, table);

  *measure = own != NULL ? *own : (RepriseSqliteMeasure){ 0, 0 };
  if (table->kind != REPRISE_SQLITE_VIRTUAL)
    return;
  measure->rows = REPRISE_NOT_REPORTED;
  for (guint i = 0; i < tables->tables->len; i++)
    {
      const RepriseSqliteTable *shadow = g_ptr_array_index (tables->tables, i);
      const RepriseSqliteMeasure *more = g_hash_table_lookup (measures, shadow);

      if (g_strcmp0 (shadow->owner, table->name) != 0 || more == NULL)
        continue;
      if (measure->size_bytes >= 0 && more->size_bytes >= 0)
        measure->size_bytes += more->size_bytes;
      if (reprise_sqlite_counts_rows (table, shadow))
        measure->rows = more->rows;
    }
}

static void
list_tables (const RepriseSqliteSource *self,
             RepriseContents *contents,
             const char *database,
             const RepriseSqliteSchema *schema,
             GHashTable *measures)
{
  for (guint i = 0; i < schema->tables->len; i++)
    {
      const RepriseSqliteTable *table = g_ptr_array_index (schema->tables, i);
      g_autofree char *name = reprise_sqlite_source_dup_name (self, database, table->name);
      g_autofree char *reason = reprise_sqlite_verdict_to_text (&table->verdict);
      g_autoptr (RepriseCollection) collection = NULL;
      RepriseSqliteMeasure measure;

      if (table->kind == REPRISE_SQLITE_SHADOW)
        continue;
      reprise_sqlite_measure_get (measures, schema, table, &measure);
      collection = reprise_collection_new (name, measure.rows, measure.size_bytes);
      reprise_collection_set_reason (collection, reason);
      reprise_contents_add (contents, table->verdict.group, collection);
    }
}

static void
list_objects (const RepriseSqliteSource *self,
              RepriseContents *contents,
              const char *database,
              const RepriseSqliteSchema *schema)
{
  g_autofree char *name =
    reprise_sqlite_source_dup_name (self, database, REPRISE_SQLITE_SCHEMA_COLLECTION);
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (name, schema->objects->len, REPRISE_NOT_REPORTED);

  if (schema->objects->len == 0)
    return;
  reprise_collection_set_title (collection, _ ("Views, triggers and virtual tables"));
  reprise_collection_set_reason (collection, _ ("Structure"));
  reprise_contents_add (contents, REPRISE_GROUP_REQUIRED, collection);
}

static gboolean
list_statistics (const RepriseSqliteSource *self,
                 RepriseContents *contents,
                 const char *database,
                 RepriseSqliteDb *db,
                 GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement =
    reprise_sqlite_db_prepare (db, error,
                               "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE "
                               "'sqlite\\_stat%%' ESCAPE '\\'");
  gboolean row = TRUE;

  while (statement != NULL && reprise_sqlite_db_step (db, statement, &row, error))
    {
      g_autofree char *name = NULL;
      g_autoptr (RepriseCollection) collection = NULL;

      if (!row)
        return TRUE;
      name = reprise_sqlite_source_dup_name (self, database,
                                             (const char *) sqlite3_column_text (statement, 0));
      collection = reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);
      reprise_collection_set_reason (
        collection, _ ("Statistics of SQLite, which the command ANALYZE makes again"));
      reprise_contents_add (contents, REPRISE_GROUP_SKIPPED, collection);
    }
  return FALSE;
}

/* Adds what is in one database. */
gboolean
reprise_sqlite_source_list_database (const RepriseSqliteSource *self,
                                     const RepriseSqliteRules *rules,
                                     const RepriseSqliteDatabase *database,
                                     RepriseContents *contents,
                                     GCancellable *cancellable,
                                     GError **error)
{
  g_autoptr (RepriseSqliteDb) db = reprise_sqlite_db_open (database->path, database->name,
                                                           REPRISE_SQLITE_READ, cancellable, error);
  g_autoptr (RepriseSqliteSchema) schema = NULL;
  g_autoptr (GHashTable) measures = NULL;

  if (db == NULL || !reprise_sqlite_db_exec (db, error, "BEGIN") ||
      (schema = reprise_sqlite_schema_load (db, "main", error)) == NULL ||
      (measures = reprise_sqlite_measure (db, "main", schema, error)) == NULL)
    return FALSE;
  reprise_sqlite_schema_assign (schema, rules, database->name);
  list_objects (self, contents, database->name, schema);
  list_tables (self, contents, database->name, schema, measures);
  return list_statistics (self, contents, database->name, db, error);
}

static gboolean
count_cb (const char *name, const struct stat *info, gpointer user_data, GError **error)
{
  RepriseSqliteMeasure *measure = user_data;

  measure->rows++;
  measure->size_bytes += info->st_size;
  return TRUE;
}

/* Adds one of reprise_sqlite_source_get_folders(). */
gboolean
reprise_sqlite_source_list_folder (const RepriseSqliteSource *self,
                                   const RepriseSqliteRules *rules,
                                   const char *folder,
                                   RepriseContents *contents,
                                   GCancellable *cancellable,
                                   GError **error)
{
  RepriseSqliteMeasure measure = { 0, 0 };
  g_auto (RepriseSqliteVerdict) verdict = { REPRISE_GROUP_UNKNOWN };
  g_autofree char *reason = NULL;
  g_autoptr (RepriseCollection) collection = NULL;

  if (!reprise_sqlite_source_walk (self, folder, count_cb, &measure, cancellable, error))
    return FALSE;
  reprise_sqlite_rules_find (rules, NULL, folder, &verdict);
  reason = reprise_sqlite_verdict_to_text (&verdict);
  collection = reprise_collection_new (folder, measure.rows, measure.size_bytes);
  reprise_collection_set_reason (collection, reason);
  reprise_contents_add (contents, verdict.group, collection);
  return TRUE;
}

/**
 * reprise_sqlite_source_list:
 * @rules: which collection is in which group
 * @progress: (nullable): gains an item for each database
 *
 * Lists the groups with their collections: tables and virtual tables (“app.db/users”, or “users” where the application is one
 * file), folders (“uploads/”, whose rows are its files), and what is skipped. The reason of each says which rule put it there.
 *
 * Returns: (transfer full): the groups, or %NULL with what reprise_sqlite_source_check() reports
 */
RepriseContents *
reprise_sqlite_source_list (const RepriseSqliteSource *self,
                            const RepriseSqliteRules *rules,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  const char *const *folders = reprise_sqlite_source_get_folders (self);

  for (guint i = 0; i < self->databases->len; i++)
    {
      const RepriseSqliteDatabase *database = g_ptr_array_index (self->databases, i);

      reprise_progress_set_message (progress, database->name);
      if (!reprise_sqlite_source_list_database (self, rules, database, contents, cancellable,
                                                error))
        return NULL;
      reprise_progress_add_items (progress, 1);
    }
  for (guint i = 0; folders[i] != NULL; i++)
    if (!reprise_sqlite_source_list_folder (self, rules, folders[i], contents, cancellable, error))
      return NULL;
  return g_steal_pointer (&contents);
}

/**
 * reprise_sqlite_source_check:
 *
 * Whether every database can be read now: else %REPRISE_ERROR_BUSY names who has it locked (after 5 seconds),
 * %REPRISE_ERROR_DAMAGED tells what is wrong with it, %REPRISE_ERROR_REFUSED that it lies where files cannot be locked, or the
 * system's own error.
 */
gboolean
reprise_sqlite_source_check (const RepriseSqliteSource *self,
                             GCancellable *cancellable,
                             GError **error)
{
  for (guint i = 0; i < self->databases->len; i++)
    {
      const RepriseSqliteDatabase *database = g_ptr_array_index (self->databases, i);
      g_autoptr (RepriseSqliteDb) db = reprise_sqlite_db_open (
        database->path, database->name, REPRISE_SQLITE_READ, cancellable, error);
      g_autoptr (RepriseSqliteSchema) schema =
        db != NULL ? reprise_sqlite_schema_load (db, "main", error) : NULL;

      if (schema == NULL)
        return FALSE;
    }
  return TRUE;
}
