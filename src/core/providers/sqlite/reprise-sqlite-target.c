/* reprise-sqlite-target.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-target"

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "providers/sqlite/reprise-sqlite-target-private.h"

static void
change_free (gpointer data)
{
  RepriseSqliteChange *self = data;

  g_free (self->refusal);
  g_free (self->expected);
  g_free (self);
}

static RepriseSqliteTarget *
target_new (guint n, const RepriseSqliteSavedDatabase *saved, char *path)
{
  RepriseSqliteTarget *self = g_new0 (RepriseSqliteTarget, 1);

  self->n = n;
  self->saved = saved;
  self->path = path;
  self->changes = g_ptr_array_new_with_free_func (change_free);
  self->rebuilds = g_ptr_array_new_with_free_func (g_free);
  self->stale = g_ptr_array_new_with_free_func (g_free);
  self->objects = g_ptr_array_new ();
  self->drops = g_ptr_array_new ();
  return self;
}

void
reprise_sqlite_target_free (RepriseSqliteTarget *self)
{
  g_free (self->path);
  g_clear_pointer (&self->schema, reprise_sqlite_schema_free);
  g_ptr_array_unref (self->changes);
  g_ptr_array_unref (self->rebuilds);
  g_ptr_array_unref (self->stale);
  g_ptr_array_unref (self->objects);
  g_ptr_array_unref (self->drops);
  g_free (self);
}

static gboolean
is_dropped_in (const RepriseSqliteDrop *drop, const RepriseSqliteSavedDatabase *database)
{
  return g_str_equal (drop->database, database->name);
}

static gboolean
is_wanted (const RepriseSqliteManifest *manifest, RepriseGroups groups, gboolean undo, guint n)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; REPRISE_GROUPS_HAS (groups, group) && i < manifest->collections[group]->len;
         i++)
      if (((RepriseSqliteSaved *) g_ptr_array_index (manifest->collections[group], i))->database ==
          (int) n)
        return TRUE;
  for (guint i = 0; undo && i < manifest->drops->len; i++)
    if (is_dropped_in (g_ptr_array_index (manifest->drops, i),
                       g_ptr_array_index (manifest->databases, n)))
      return TRUE;
  return FALSE;
}

static gboolean
has_folders (const RepriseSqliteManifest *manifest)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    if (reprise_sqlite_manifest_find_file (manifest, (RepriseGroup) group, -1) != NULL)
      return TRUE;
  return FALSE;
}

/* A path that does not exist yet becomes a file where it looks like one, and one is enough. */
static gboolean
decide_file (const RepriseSqliteManifest *manifest,
             const char *path,
             gboolean *is_file,
             GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  struct stat info;

  if (stat (path, &info) == 0)
    *is_file = !S_ISDIR (info.st_mode);
  else
    *is_file = manifest->databases->len == 1 && !has_folders (manifest) &&
               strchr (name, '.') != NULL && !g_str_has_suffix (path, "/");
  if (!*is_file || (manifest->databases->len == 1 && !has_folders (manifest)))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("The backup holds more than one database or folders of files, so it cannot be "
       "restored to the file “%s”: "
       "choose a folder"),
    path);
  return FALSE;
}

/* The file of a database beneath the folder, reached through no link. */
static char *
find_path (const char *root, const char *name, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  g_autofree char *path = g_strdup (root);
  struct stat info;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *below = g_build_filename (path, parts[i], NULL);

      g_free (path);
      path = below;
      if (lstat (path, &info) != 0)
        continue;
      if (parts[i + 1] != NULL ? S_ISDIR (info.st_mode) : S_ISREG (info.st_mode))
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("“%s” is a link or no file, and is not written to"), path);
      return NULL;
    }
  return g_steal_pointer (&path);
}

/* (transfer full): the same place without links, as far as it exists */
char *
reprise_sqlite_target_resolve (const char *path)
{
  g_autofree char *real = realpath (path, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *real_folder = real == NULL ? realpath (folder, NULL) : NULL;

  if (real != NULL)
    return g_strdup (real);
  return real_folder != NULL ? g_build_filename (real_folder, name, NULL) : g_strdup (path);
}

/* Whether anything would be restored: else %REPRISE_ERROR_REFUSED. */
gboolean
reprise_sqlite_target_check_any (const RepriseSqliteManifest *manifest,
                                 RepriseGroups groups,
                                 gboolean undo,
                                 GError **error)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    if (REPRISE_GROUPS_HAS (groups, group) && manifest->collections[group]->len > 0)
      return TRUE;
  if (undo && manifest->drops->len > 0)
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                             _ ("The backup holds nothing of the chosen groups"));
  return FALSE;
}

/**
 * reprise_sqlite_target_find_all:
 * @groups: of the archive, those that are restored
 * @undo: whether what the archive says that an undo removes is removed
 * @path: of the application that is restored to; it need not exist
 * @is_file: (out): whether it is one file
 *
 * Returns: (transfer full) (element-type RepriseSqliteTarget): the databases that change, not looked into yet; or %NULL with
 *   %REPRISE_ERROR_REFUSED
 */
GPtrArray *
reprise_sqlite_target_find_all (const RepriseSqliteManifest *manifest,
                                RepriseGroups groups,
                                gboolean undo,
                                const char *path,
                                gboolean *is_file,
                                GError **error)
{
  g_autoptr (GPtrArray) targets =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_sqlite_target_free);

  if (!reprise_sandbox_check (path, REPRISE_SANDBOX_PLACE, error) ||
      !decide_file (manifest, path, is_file, error))
    return NULL;
  for (guint i = 0; i < manifest->databases->len; i++)
    {
      const RepriseSqliteSavedDatabase *saved = g_ptr_array_index (manifest->databases, i);
      RepriseSqliteTarget *target;
      char *file;

      if (!is_wanted (manifest, groups, undo, i))
        continue;
      file = *is_file ? g_strdup (path) : find_path (path, saved->name, error);
      if (file == NULL)
        return NULL;
      target = target_new (i, saved, file);
      target->exists = g_file_test (file, G_FILE_TEST_EXISTS);
      target->undo = undo;
      g_ptr_array_add (targets, target);
      for (guint j = 0; undo && j < manifest->drops->len; j++)
        if (is_dropped_in (g_ptr_array_index (manifest->drops, j), saved))
          g_ptr_array_add (target->drops, g_ptr_array_index (manifest->drops, j));
    }
  return g_steal_pointer (&targets);
}

static void add_difference (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_difference (GString *text, const char *format, ...)
{
  va_list values;

  if (text->len > 0)
    g_string_append (text, _ (", "));
  va_start (values, format);
  g_string_append_vprintf (text, format, values);
  va_end (values);
}

static void
compare_column (GString *text, const RepriseSqliteTable *now, const RepriseSqliteColumn *saved)
{
  const RepriseSqliteColumn *column = reprise_sqlite_table_find_column (now, saved->name);

  if (column == NULL)
    /* Translators: the following stand in a list of differences between two tables */
    add_difference (text, _ ("“%s” is missing now"), saved->name);
  else if (column->generated)
    add_difference (text, _ ("“%s” is computed now"), saved->name);
  else if (!g_str_equal (reprise_sqlite_get_affinity (column->type),
                         reprise_sqlite_get_affinity (saved->type)))
    add_difference (text, _ ("“%s” was %s and is %s now"), saved->name,
                    saved->type[0] != '\0' ? saved->type : "–",
                    column->type[0] != '\0' ? column->type : "–");
  else if (column->primary != saved->primary)
    add_difference (text, _ ("“%s” has another place in the key now"), saved->name);
  else if (column->not_null && !saved->not_null && saved->primary == 0)
    add_difference (text, _ ("“%s” may not be empty now"), saved->name);
}

/* Differences that cannot be bridged: everything but added columns that get a value of their own. */
static char *
compare_columns (const RepriseSqliteTable *now, const RepriseSqliteTable *saved)
{
  GString *text = g_string_new (NULL);

  if (now->without_rowid != saved->without_rowid ||
      (now->rowid_column != NULL) != (saved->rowid_column != NULL))
    add_difference (text, _ ("its rows are kept in another way now"));
  for (guint i = 0; i < saved->columns->len; i++)
    if (!((RepriseSqliteColumn *) g_ptr_array_index (saved->columns, i))->generated)
      compare_column (text, now, g_ptr_array_index (saved->columns, i));
  for (guint i = 0; i < now->columns->len; i++)
    {
      const RepriseSqliteColumn *column = g_ptr_array_index (now->columns, i);

      if (column->generated || reprise_sqlite_table_find_column (saved, column->name) != NULL)
        continue;
      if (column->primary > 0 || (column->not_null && !column->has_default))
        add_difference (text, _ ("“%s” is new and has no default"), column->name);
    }
  return g_string_free (text, text->len == 0);
}

static void refuse_change (RepriseSqliteChange *change, const char *format, ...)
  G_GNUC_PRINTF (2, 3);

static void
refuse_change (RepriseSqliteChange *change, const char *format, ...)
{
  va_list values;

  if (change->refusal != NULL)
    return;
  va_start (values, format);
  change->refusal = g_strdup_vprintf (format, values);
  va_end (values);
}

static void
compare_ordinary (RepriseSqliteChange *change)
{
  g_autofree char *differences = NULL;

  if (change->now == NULL)
    return;
  if (change->now->kind == REPRISE_SQLITE_VIRTUAL)
    {
      refuse_change (change, _ ("“%s” is a virtual table now"), change->saved->table->name);
      return;
    }
  differences = compare_columns (change->now, change->saved->table);
  if (differences != NULL)
    refuse_change (change, _ ("The columns of “%s” differ: %s"), change->saved->table->name,
                   differences);
}

static void
compare_virtual (RepriseSqliteChange *change)
{
  if (change->now == NULL)
    return;
  if (change->now->kind != REPRISE_SQLITE_VIRTUAL)
    refuse_change (change, _ ("“%s” is an ordinary table now"), change->saved->table->name);
  else if (!g_str_equal (change->now->sql, change->saved->table->sql))
    refuse_change (change, _ ("“%s” is defined in another way now"), change->saved->table->name);
}

/* Whether a virtual table opens on this computer: its module, or the tokenizer of a search index, may be the application's own. */
static gboolean
can_open (RepriseSqliteDb *db, const char *name)
{
  g_autoptr (RepriseSqliteStmt) statement = NULL;

  if (db == NULL)
    return TRUE;
  statement = reprise_sqlite_db_prepare (db, NULL, "SELECT * FROM main.\"%w\" LIMIT 0", name);
  return statement != NULL;
}

/* Whether a search index has its text somewhere, so that it can be made again from it. */
static gboolean
has_text (const RepriseSqliteTarget *self, const RepriseSqliteTable *table)
{
  if (!g_str_has_prefix (table->module, "fts") || !reprise_sqlite_module_is_known (table->module) ||
      g_str_equal (table->module, "fts4aux") || g_str_equal (table->module, "fts5vocab"))
    return FALSE;
  if (table->content == NULL)
    return TRUE;
  return table->content[0] != '\0' &&
         (reprise_sqlite_target_replaces (self, table->content) ||
          (self->schema != NULL &&
           reprise_sqlite_schema_find (self->schema, table->content) != NULL));
}

static gboolean
is_text_shadow (const RepriseSqliteTable *owner, const RepriseSqliteTable *shadow)
{
  const char *suffix = shadow->name + strlen (owner->name);

  return g_ascii_strcasecmp (suffix, "_content") == 0 ||
         g_ascii_strcasecmp (suffix, "_config") == 0;
}

static RepriseSqliteChange *
add_change (RepriseSqliteTarget *self,
            RepriseGroup group,
            const RepriseSqliteSaved *collection,
            const RepriseSqliteSavedTable *saved)
{
  RepriseSqliteChange *change = g_new0 (RepriseSqliteChange, 1);

  change->group = group;
  change->collection = collection;
  change->saved = saved;
  change->now =
    self->schema != NULL ? reprise_sqlite_schema_find (self->schema, saved->table->name) : NULL;
  change->made = change->now == NULL;
  if (self->schema != NULL &&
      reprise_sqlite_schema_find_object (self->schema, "view", saved->table->name) != NULL)
    refuse_change (change, _ ("“%s” is a view now"), saved->table->name);
  g_ptr_array_add (self->changes, change);
  return change;
}

static void
add_collection (RepriseSqliteTarget *self, RepriseGroup group, const RepriseSqliteSaved *collection)
{
  for (guint i = 0; i < collection->tables->len; i++)
    {
      RepriseSqliteChange *change =
        add_change (self, group, collection, g_ptr_array_index (collection->tables, i));

      if (change->saved->table->kind == REPRISE_SQLITE_VIRTUAL)
        compare_virtual (change);
      else
        {
          compare_ordinary (change);
          self->groups |= REPRISE_GROUP_BIT (group);
        }
    }
}

/* Which way virtual tables go can be said only when all tables are known that change. */
static void
find_ways (RepriseSqliteTarget *self, RepriseSqliteDb *db)
{
  const RepriseSqliteChange *owner = NULL;

  for (guint i = 0; i < self->changes->len; i++)
    {
      RepriseSqliteChange *change = g_ptr_array_index (self->changes, i);
      const RepriseSqliteTable *table = change->saved->table;

      if (table->kind == REPRISE_SQLITE_VIRTUAL)
        {
          owner = change;
          change->way =
            has_text (self, table) && (change->now == NULL || can_open (db, table->name))
              ? REPRISE_SQLITE_WAY_REBUILD
              : REPRISE_SQLITE_WAY_KEEP;
        }
      else if (table->kind == REPRISE_SQLITE_SHADOW && owner != NULL &&
               owner->way == REPRISE_SQLITE_WAY_REBUILD &&
               !is_text_shadow (owner->saved->table, table))
        change->way = REPRISE_SQLITE_WAY_DERIVED;
    }
}

static const RepriseSqliteChange *
find_change (const RepriseSqliteTarget *self, const char *table)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (self->changes, i);

      if (g_ascii_strcasecmp (change->saved->table->name, table) == 0)
        return change;
    }
  return NULL;
}

/* Whether the rows of a table become others. */
gboolean
reprise_sqlite_target_replaces (const RepriseSqliteTarget *self, const char *table)
{
  return find_change (self, table) != NULL;
}

/* An index over a table that is replaced would find what is no longer there, whichever group it is in. */
static void
find_rebuilds (RepriseSqliteTarget *self, RepriseSqliteDb *db)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (self->changes, i);

      if (change->way == REPRISE_SQLITE_WAY_REBUILD)
        g_ptr_array_add (self->rebuilds, g_strdup (change->saved->table->name));
    }
  for (guint i = 0; self->schema != NULL && i < self->schema->tables->len; i++)
    {
      const RepriseSqliteTable *table = g_ptr_array_index (self->schema->tables, i);

      if (table->kind != REPRISE_SQLITE_VIRTUAL || table->content == NULL ||
          find_change (self, table->name) != NULL ||
          !reprise_sqlite_target_replaces (self, table->content))
        continue;
      g_ptr_array_add (has_text (self, table) && can_open (db, table->name) ? self->rebuilds
                                                                            : self->stale,
                       g_strdup (table->name));
    }
}

/* Views and triggers that are not there, or are others. */
static void
find_objects (RepriseSqliteTarget *self)
{
  for (guint i = 0; i < self->saved->facts->objects->len; i++)
    {
      RepriseSqliteObject *object = g_ptr_array_index (self->saved->facts->objects, i);
      const RepriseSqliteObject *now =
        self->schema != NULL
          ? reprise_sqlite_schema_find_object (self->schema, object->type, object->name)
          : NULL;

      if (!g_str_equal (object->type, "view") && !g_str_equal (object->type, "trigger"))
        continue;
      if (now == NULL || !g_str_equal (now->sql, object->sql))
        g_ptr_array_add (self->objects, object);
    }
}

/**
 * reprise_sqlite_target_look:
 * @db: (nullable): the database that is restored to, for reading or for writing; %NULL where there is none
 *
 * Looks into the database and finds out what a restore of the groups changes in it. What cannot be done is in the changes.
 *
 * Returns: whether it could be looked into
 */
gboolean
reprise_sqlite_target_look (RepriseSqliteTarget *self,
                            const RepriseSqliteManifest *manifest,
                            RepriseGroups groups,
                            RepriseSqliteDb *db,
                            GError **error)
{
  g_clear_pointer (&self->schema, reprise_sqlite_schema_free);
  g_ptr_array_set_size (self->changes, 0);
  g_ptr_array_set_size (self->rebuilds, 0);
  g_ptr_array_set_size (self->stale, 0);
  g_ptr_array_set_size (self->objects, 0);
  self->groups = REPRISE_GROUPS_NONE;
  if (db != NULL && (self->schema = reprise_sqlite_schema_load (db, "main", error)) == NULL)
    return FALSE;
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; REPRISE_GROUPS_HAS (groups, group) && i < manifest->collections[group]->len;
         i++)
      {
        const RepriseSqliteSaved *collection = g_ptr_array_index (manifest->collections[group], i);

        if (collection->database == (int) self->n)
          add_collection (self, (RepriseGroup) group, collection);
      }
  find_ways (self, db);
  find_rebuilds (self, db);
  if (REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_REQUIRED))
    find_objects (self);
  return TRUE;
}

/**
 * reprise_sqlite_target_try_statements:
 * @db: the database that is restored to, hardened, without triggers
 *
 * Finds the tables that cannot be written here, because a check, an index or a computed column needs a function or an ordering that
 * only the application knows.
 *
 * Returns: whether there are none
 */
gboolean
reprise_sqlite_target_try_statements (RepriseSqliteTarget *self, RepriseSqliteDb *db)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < self->changes->len; i++)
    {
      RepriseSqliteChange *change = g_ptr_array_index (self->changes, i);
      g_autoptr (RepriseSqliteStmt) statement = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *columns = NULL;

      if (change->refusal != NULL || change->now == NULL ||
          change->now->kind != REPRISE_SQLITE_TABLE)
        continue;
      columns = reprise_sqlite_table_list_columns (change->saved->table, "");
      statement = reprise_sqlite_db_prepare (
        db, &error, "INSERT INTO main.\"%w\" (%s) SELECT %s FROM main.\"%w\"", change->now->name,
        columns, columns, change->now->name);
      if (statement != NULL)
        continue;
      ok = FALSE;
      refuse_change (change, _ ("“%s” can be written by its application alone: %s"),
                     change->now->name, error->message);
    }
  return ok;
}

/* (nullable): why the restore cannot be begun */
const char *
reprise_sqlite_target_get_refusal (const RepriseSqliteTarget *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (self->changes, i);

      if (change->refusal != NULL)
        return change->refusal;
    }
  return NULL;
}

/**
 * reprise_sqlite_target_add_steps:
 * @steps: (element-type utf8): gains a line for each thing that is done to the database, in order
 */
void
reprise_sqlite_target_add_steps (const RepriseSqliteTarget *self, GPtrArray *steps)
{
  for (guint i = 0; i < self->drops->len; i++)
    {
      const RepriseSqliteDrop *item = g_ptr_array_index (self->drops, i);

      g_ptr_array_add (steps, g_strdup_printf ("DROP %s/%s", self->saved->name, item->name));
    }
  for (guint i = 0; i < self->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (self->changes, i);
      const RepriseSqliteTable *table = change->saved->table;

      if (change->made && table->kind != REPRISE_SQLITE_SHADOW)
        g_ptr_array_add (steps, g_strdup_printf ("CREATE %s/%s", self->saved->name, table->name));
      if (table->kind == REPRISE_SQLITE_TABLE)
        g_ptr_array_add (steps, g_strdup_printf ("REPLACE %s/%s", self->saved->name, table->name));
      else if (table->kind == REPRISE_SQLITE_VIRTUAL && change->way == REPRISE_SQLITE_WAY_KEEP)
        g_ptr_array_add (steps, g_strdup_printf ("REPLACE %s/%s", self->saved->name, table->name));
    }
  for (guint i = 0; i < self->objects->len; i++)
    {
      const RepriseSqliteObject *object = g_ptr_array_index (self->objects, i);

      g_ptr_array_add (steps, g_strdup_printf ("DEFINE %s/%s", self->saved->name, object->name));
    }
  for (guint i = 0; i < self->rebuilds->len; i++)
    g_ptr_array_add (steps, g_strdup_printf ("REBUILD %s/%s", self->saved->name,
                                             (const char *) g_ptr_array_index (self->rebuilds, i)));
}
