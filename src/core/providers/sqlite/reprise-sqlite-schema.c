/* reprise-sqlite-schema.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-schema"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-schema-private.h"

/* Where the modules that come with SQLite keep their data. */
static const struct
{
  const char *module;
  const char *suffixes[6];
} SHADOWS[] = {
  { "fts3", { "content", "segments", "segdir", "docsize", "stat" } },
  { "fts4", { "content", "segments", "segdir", "docsize", "stat" } },
  { "fts5", { "data", "idx", "content", "docsize", "config" } },
  { "rtree", { "node", "rowid", "parent" } },
  { "rtree_i32", { "node", "rowid", "parent" } },
  { "geopoly", { "node", "rowid", "parent" } },
  { "fts4aux", { NULL } },
  { "fts5vocab", { NULL } },
  { "dbstat", { NULL } },
};

static void
column_free (gpointer data)
{
  RepriseSqliteColumn *self = data;

  g_free (self->name);
  g_free (self->type);
  g_free (self);
}

RepriseSqliteObject *
reprise_sqlite_object_new (const char *type, const char *name, const char *table, const char *sql)
{
  RepriseSqliteObject *self = g_new0 (RepriseSqliteObject, 1);

  self->type = g_strdup (type);
  self->name = g_strdup (name);
  self->table = g_strdup (table);
  self->sql = g_strdup (sql);
  return self;
}

void
reprise_sqlite_object_free (RepriseSqliteObject *self)
{
  g_free (self->name);
  g_free (self->type);
  g_free (self->table);
  g_free (self->sql);
  g_free (self);
}

void
reprise_sqlite_table_free (gpointer data)
{
  RepriseSqliteTable *self = data;

  g_free (self->name);
  g_free (self->sql);
  g_free (self->owner);
  g_free (self->module);
  g_free (self->content);
  g_ptr_array_unref (self->columns);
  g_ptr_array_unref (self->indexes);
  reprise_sqlite_verdict_clear (&self->verdict);
  g_free (self);
}

/* (transfer full): one of nothing */
RepriseSqliteSchema *
reprise_sqlite_schema_new (void)
{
  RepriseSqliteSchema *self = g_new0 (RepriseSqliteSchema, 1);

  self->tables = g_ptr_array_new_with_free_func (reprise_sqlite_table_free);
  self->objects = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_sqlite_object_free);
  return self;
}

void
reprise_sqlite_schema_free (RepriseSqliteSchema *self)
{
  g_ptr_array_unref (self->tables);
  g_ptr_array_unref (self->objects);
  g_free (self->encoding);
  g_free (self->journal_mode);
  g_free (self);
}

/* Skips a name or a string in whichever quotes SQL has. Gives the place after it. */
static const char *
skip_quoted (const char *at)
{
  char end = *at == '[' ? ']' : *at;

  for (at++; *at != '\0'; at++)
    if (*at == end)
      {
        if (end == ']' || at[1] != end)
          return at + 1;
        at++;
      }
  return at;
}

static char *
unquote (const char *text)
{
  GString *plain;
  char end;

  if (*text == '\0' || strchr ("'\"`[", *text) == NULL)
    return g_strdup (text);
  end = *text == '[' ? ']' : *text;
  plain = g_string_new (NULL);
  for (text++; *text != '\0' && !(*text == end && (end == ']' || text[1] != end)); text++)
    {
      g_string_append_c (plain, *text);
      if (*text == end)
        text++;
    }
  return g_string_free (plain, FALSE);
}

/* Finds the word USING of a CREATE VIRTUAL TABLE outside of quotes; gives what follows it. */
static const char *
find_using (const char *sql)
{
  while (*sql != '\0')
    {
      if (strchr ("'\"`[", *sql) != NULL)
        sql = skip_quoted (sql);
      else if (g_ascii_strncasecmp (sql, "using", 5) == 0 && !g_ascii_isalnum (sql[5]) &&
               sql[5] != '_')
        return sql + 5;
      else if (g_ascii_isalnum (*sql) || *sql == '_')
        while (g_ascii_isalnum (*sql) || *sql == '_')
          sql++;
      else
        sql++;
    }
  return NULL;
}

/* (transfer full) (nullable): the value of the argument “content=” of a search index */
static char *
find_content (const char *arguments)
{
  while (*arguments != '\0')
    {
      arguments += strspn (arguments, " \t\r\n,(");
      if (g_ascii_strncasecmp (arguments, "content", 7) == 0)
        {
          const char *value = arguments + 7 + strspn (arguments + 7, " \t\r\n");

          if (*value == '=')
            {
              g_autofree char *raw = NULL;

              value += 1 + strspn (value + 1, " \t\r\n");
              if (*value != '\0' && strchr ("'\"`[", *value) != NULL)
                raw = g_strndup (value, (gsize) (skip_quoted (value) - value));
              else
                raw = g_strndup (value, strcspn (value, " \t\r\n,)"));
              return unquote (raw);
            }
        }
      while (*arguments != '\0' && *arguments != ',')
        arguments = strchr ("'\"`[", *arguments) != NULL ? skip_quoted (arguments) : arguments + 1;
    }
  return NULL;
}

static void
read_virtual (RepriseSqliteTable *table)
{
  const char *at = find_using (table->sql);
  g_autofree char *raw = NULL, *name = NULL;
  const char *end;

  table->kind = REPRISE_SQLITE_VIRTUAL;
  if (at == NULL)
    {
      table->module = g_strdup ("");
      return;
    }
  at += strspn (at, " \t\r\n");
  end =
    *at != '\0' && strchr ("'\"`[", *at) != NULL ? skip_quoted (at) : at + strcspn (at, " \t\r\n(");
  raw = g_strndup (at, (gsize) (end - at));
  name = unquote (raw);
  table->module = g_ascii_strdown (name, -1);
  if (g_str_has_prefix (table->module, "fts"))
    table->content = find_content (end);
}

/* (transfer full): a table without columns yet; what a virtual one is made of is read from its definition */
RepriseSqliteTable *
reprise_sqlite_table_new (const char *name, const char *sql, gboolean is_virtual)
{
  RepriseSqliteTable *self = g_new0 (RepriseSqliteTable, 1);

  self->name = g_strdup (name);
  self->sql = g_strdup (sql);
  self->columns = g_ptr_array_new_with_free_func (column_free);
  self->indexes = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_sqlite_object_free);
  if (is_virtual)
    read_virtual (self);
  return self;
}

/* (transfer none): the next column, to be filled */
RepriseSqliteColumn *
reprise_sqlite_table_add_column (RepriseSqliteTable *self, const char *name, const char *type)
{
  RepriseSqliteColumn *column = g_new0 (RepriseSqliteColumn, 1);

  column->name = g_strdup (name);
  column->type = g_strdup (type);
  g_ptr_array_add (self->columns, column);
  return column;
}

/**
 * reprise_sqlite_table_set_key:
 * @without_rowid: whether its primary key is the table
 * @has_key_index: whether its primary key, if it has one, has an index of its own
 *
 * Finds out what the rowid of a table is called, once it has all its columns.
 */
void
reprise_sqlite_table_set_key (RepriseSqliteTable *self,
                              gboolean without_rowid,
                              gboolean has_key_index)
{
  static const char *const aliases[] = { "rowid", "_rowid_", "oid" };

  self->without_rowid = without_rowid;
  for (guint i = 0; i < self->columns->len; i++)
    {
      const RepriseSqliteColumn *column = g_ptr_array_index (self->columns, i);

      self->has_generated |= column->generated;
      if (column->primary > 0 && !without_rowid && !has_key_index)
        self->rowid_column = column->name;
    }
  for (guint i = 0; i < G_N_ELEMENTS (aliases) && self->rowid == NULL; i++)
    if (!without_rowid && self->rowid_column == NULL &&
        reprise_sqlite_table_find_column (self, aliases[i]) == NULL)
      self->rowid = aliases[i];
}

/* The name of what @name keeps data of, if it is named “OWNER_suffix”. */
static gboolean
is_shadow_of (const char *name, const RepriseSqliteTable *owner)
{
  gsize length = strlen (owner->name);

  if (g_ascii_strncasecmp (name, owner->name, length) != 0 || name[length] != '_')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (SHADOWS); i++)
    if (g_str_equal (owner->module, SHADOWS[i].module))
      {
        for (guint j = 0; SHADOWS[i].suffixes[j] != NULL; j++)
          if (g_ascii_strcasecmp (name + length + 1, SHADOWS[i].suffixes[j]) == 0)
            return TRUE;
        return FALSE;
      }
  return TRUE; /* a module that we do not know: all that is named so */
}

static void
find_owners (RepriseSqliteSchema *self)
{
  for (guint i = 0; i < self->tables->len; i++)
    {
      RepriseSqliteTable *table = g_ptr_array_index (self->tables, i);
      gsize best_length = 0;

      for (guint j = 0; table->kind != REPRISE_SQLITE_VIRTUAL && j < self->tables->len; j++)
        {
          RepriseSqliteTable *owner = g_ptr_array_index (self->tables, j);

          if (owner->kind != REPRISE_SQLITE_VIRTUAL || strlen (owner->name) < best_length ||
              !is_shadow_of (table->name, owner))
            continue;
          best_length = strlen (owner->name);
          g_free (table->owner);
          table->owner = g_strdup (owner->name);
          table->kind = REPRISE_SQLITE_SHADOW;
        }
    }
}

RepriseSqliteColumn *
reprise_sqlite_table_find_column (const RepriseSqliteTable *self, const char *name)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      RepriseSqliteColumn *column = g_ptr_array_index (self->columns, i);

      if (g_ascii_strcasecmp (column->name, name) == 0)
        return column;
    }
  return NULL;
}

static gboolean
read_columns (RepriseSqliteDb *db, const char *schema, RepriseSqliteTable *table, GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement = reprise_sqlite_db_prepare (
    db, error, "PRAGMA \"%w\".table_xinfo (\"%w\")", schema, table->name);
  gboolean row;

  if (statement == NULL)
    return FALSE;
  while (reprise_sqlite_db_step (db, statement, &row, error))
    {
      RepriseSqliteColumn *column;

      if (!row)
        return TRUE;
      column =
        reprise_sqlite_table_add_column (table, (const char *) sqlite3_column_text (statement, 1),
                                         (const char *) sqlite3_column_text (statement, 2));
      column->not_null = sqlite3_column_int (statement, 3) != 0;
      column->has_default = sqlite3_column_type (statement, 4) != SQLITE_NULL;
      column->primary = sqlite3_column_int (statement, 5);
      column->generated = sqlite3_column_int (statement, 6) >= 2;
    }
  return FALSE;
}

static gboolean
has_index_row (RepriseSqliteDb *db,
               const char *schema,
               const char *name,
               gboolean *has,
               GError **error)
{
  gint64 n;

  if (!reprise_sqlite_db_get_int (
        db, &n, error,
        "SELECT count(*) FROM \"%w\".sqlite_schema WHERE type = 'index' AND name = %Q", schema,
        name))
    return FALSE;
  *has = n > 0;
  return TRUE;
}

/* A primary key with an index of its own is an ordinary one; one whose index is not in the schema is the table itself; one without
 * any is the rowid. */
static gboolean
read_key (RepriseSqliteDb *db, const char *schema, RepriseSqliteTable *table, GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement =
    reprise_sqlite_db_prepare (db, error, "PRAGMA \"%w\".index_list (\"%w\")", schema, table->name);
  gboolean row = TRUE, has_key_index = FALSE, without_rowid = FALSE;

  if (statement == NULL)
    return FALSE;
  while (row)
    {
      gboolean in_schema = TRUE;

      if (!reprise_sqlite_db_step (db, statement, &row, error))
        return FALSE;
      if (!row || g_strcmp0 ((const char *) sqlite3_column_text (statement, 3), "pk") != 0)
        continue;
      has_key_index = TRUE;
      if (!has_index_row (db, schema, (const char *) sqlite3_column_text (statement, 1), &in_schema,
                          error))
        return FALSE;
      without_rowid = !in_schema;
    }
  reprise_sqlite_table_set_key (table, without_rowid, has_key_index);
  return TRUE;
}

static RepriseSqliteObject *
object_new (sqlite3_stmt *row)
{
  return reprise_sqlite_object_new (
    (const char *) sqlite3_column_text (row, 0), (const char *) sqlite3_column_text (row, 1),
    (const char *) sqlite3_column_text (row, 2), (const char *) sqlite3_column_text (row, 4));
}

static RepriseSqliteTable *
table_new (sqlite3_stmt *row)
{
  return reprise_sqlite_table_new ((const char *) sqlite3_column_text (row, 1),
                                   (const char *) sqlite3_column_text (row, 4),
                                   sqlite3_column_int64 (row, 3) == 0);
}

/* A row of the schema as SQLite itself writes it; anything else was made by hand. */
static gboolean
check_row (RepriseSqliteDb *db, sqlite3_stmt *row, GError **error)
{
  for (int i = 0; i < 5; i++)
    {
      const char *text = i != 3 ? (const char *) sqlite3_column_text (row, i) : "";

      if (text != NULL && g_utf8_validate (text, -1, NULL) &&
          (i != 4 || g_ascii_strncasecmp (text, "CREATE ", 7) == 0))
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” is damaged: its schema has an entry that SQLite does not write"),
                         db->name);
      return FALSE;
    }
  return TRUE;
}

static void
add_row (RepriseSqliteSchema *self, GPtrArray *indexes, sqlite3_stmt *row)
{
  const char *type = (const char *) sqlite3_column_text (row, 0);

  if (g_str_equal (type, "index"))
    g_ptr_array_add (indexes, object_new (row));
  else if (!g_str_equal (type, "table"))
    g_ptr_array_add (self->objects, object_new (row));
  else
    {
      g_ptr_array_add (self->tables, table_new (row));
      if (sqlite3_column_int64 (row, 3) == 0)
        g_ptr_array_add (self->objects, object_new (row));
    }
}

static gboolean
read_rows (RepriseSqliteSchema *self, RepriseSqliteDb *db, const char *schema, GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement = reprise_sqlite_db_prepare (
    db, error,
    "SELECT type, name, tbl_name, rootpage, sql FROM \"%w\".sqlite_schema"
    " WHERE name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' ORDER BY rowid",
    schema);
  g_autoptr (GPtrArray) indexes =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_sqlite_object_free);
  gboolean row = statement != NULL;

  if (statement == NULL)
    return FALSE;
  while (row)
    {
      if (!reprise_sqlite_db_step (db, statement, &row, error) ||
          (row && !check_row (db, statement, error)))
        return FALSE;
      if (row)
        add_row (self, indexes, statement);
    }
  while (indexes->len > 0)
    {
      RepriseSqliteObject *index = g_ptr_array_steal_index (indexes, 0);
      RepriseSqliteTable *table = reprise_sqlite_schema_find (self, index->table);

      if (table != NULL)
        g_ptr_array_add (table->indexes, index);
      else
        reprise_sqlite_object_free (index);
    }
  return TRUE;
}

static gboolean
read_tables (RepriseSqliteSchema *self, RepriseSqliteDb *db, const char *schema, GError **error)
{
  for (guint i = 0; i < self->tables->len; i++)
    {
      RepriseSqliteTable *table = g_ptr_array_index (self->tables, i);

      if (table->kind != REPRISE_SQLITE_VIRTUAL &&
          (!read_columns (db, schema, table, error) || !read_key (db, schema, table, error)))
        return FALSE;
    }
  find_owners (self);
  return TRUE;
}

static gboolean
read_facts (RepriseSqliteSchema *self, RepriseSqliteDb *db, const char *schema, GError **error)
{
  return reprise_sqlite_db_get_int (db, &self->page_size, error, "PRAGMA \"%w\".page_size",
                                    schema) &&
         reprise_sqlite_db_get_int (db, &self->n_pages, error, "PRAGMA \"%w\".page_count",
                                    schema) &&
         reprise_sqlite_db_get_int (db, &self->user_version, error, "PRAGMA \"%w\".user_version",
                                    schema) &&
         reprise_sqlite_db_get_int (db, &self->application_id, error,
                                    "PRAGMA \"%w\".application_id", schema) &&
         reprise_sqlite_db_get_int (db, &self->auto_vacuum, error, "PRAGMA \"%w\".auto_vacuum",
                                    schema) &&
         (self->encoding =
            reprise_sqlite_db_get_text (db, error, "PRAGMA \"%w\".encoding", schema)) != NULL &&
         (self->journal_mode =
            reprise_sqlite_db_get_text (db, error, "PRAGMA \"%w\".journal_mode", schema)) != NULL;
}

/**
 * reprise_sqlite_schema_load:
 * @schema: the name under which the database is attached, “main” for the first
 *
 * No virtual table is touched: what is in them is known from their names and definitions.
 *
 * Returns: (transfer full): what the database consists of, or %NULL with @error set
 */
RepriseSqliteSchema *
reprise_sqlite_schema_load (RepriseSqliteDb *db, const char *schema, GError **error)
{
  g_autoptr (RepriseSqliteSchema) self = reprise_sqlite_schema_new ();

  if (!read_rows (self, db, schema, error) || !read_tables (self, db, schema, error) ||
      !read_facts (self, db, schema, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* (transfer none) (nullable): the table of that name */
RepriseSqliteTable *
reprise_sqlite_schema_find (const RepriseSqliteSchema *self, const char *name)
{
  for (guint i = 0; i < self->tables->len; i++)
    {
      RepriseSqliteTable *table = g_ptr_array_index (self->tables, i);

      if (g_ascii_strcasecmp (table->name, name) == 0)
        return table;
    }
  return NULL;
}

/* (transfer none) (nullable): the view, trigger or virtual table of that name */
RepriseSqliteObject *
reprise_sqlite_schema_find_object (const RepriseSqliteSchema *self,
                                   const char *type,
                                   const char *name)
{
  for (guint i = 0; i < self->objects->len; i++)
    {
      RepriseSqliteObject *object = g_ptr_array_index (self->objects, i);

      if (g_str_equal (object->type, type) && g_ascii_strcasecmp (object->name, name) == 0)
        return object;
    }
  return NULL;
}

/* The ordinary table that a search index or the like belongs to, by its definition or its name: notes for notes_fts. */
static const RepriseSqliteTable *
find_followed (const RepriseSqliteSchema *self, const RepriseSqliteTable *table)
{
  const RepriseSqliteTable *followed = NULL;
  const char *end = strrchr (table->name, '_');
  g_autofree char *start =
    end != NULL ? g_strndup (table->name, (gsize) (end - table->name)) : NULL;

  if (table->content != NULL && table->content[0] != '\0')
    followed = reprise_sqlite_schema_find (self, table->content);
  if (followed == NULL && start != NULL)
    followed = reprise_sqlite_schema_find (self, start);
  return followed != NULL && followed->kind == REPRISE_SQLITE_TABLE ? followed : NULL;
}

static void
follow (RepriseSqliteTable *table, const RepriseSqliteTable *followed)
{
  reprise_sqlite_verdict_clear (&table->verdict);
  table->verdict = (RepriseSqliteVerdict){ followed->verdict.group, REPRISE_SQLITE_ORIGIN_FOLLOWS,
                                           g_strdup (followed->name) };
}

/**
 * reprise_sqlite_schema_assign:
 * @database: (nullable): its name in rules
 *
 * Gives each table its group. A virtual table without a rule goes with the table that it belongs to, shadow tables always go with
 * their virtual table.
 */
void
reprise_sqlite_schema_assign (RepriseSqliteSchema *self,
                              const RepriseSqliteRules *rules,
                              const char *database)
{
  for (guint i = 0; i < self->tables->len; i++)
    {
      RepriseSqliteTable *table = g_ptr_array_index (self->tables, i);

      reprise_sqlite_verdict_clear (&table->verdict);
      reprise_sqlite_rules_find (rules, database, table->name, &table->verdict);
    }
  for (guint i = 0; i < self->tables->len; i++)
    {
      RepriseSqliteTable *table = g_ptr_array_index (self->tables, i);
      const RepriseSqliteTable *followed =
        table->kind == REPRISE_SQLITE_VIRTUAL ? find_followed (self, table) : NULL;

      if (followed != NULL && table->verdict.origin != REPRISE_SQLITE_ORIGIN_USER)
        follow (table, followed);
    }
  for (guint i = 0; i < self->tables->len; i++)
    {
      RepriseSqliteTable *table = g_ptr_array_index (self->tables, i);

      if (table->kind == REPRISE_SQLITE_SHADOW)
        follow (table, reprise_sqlite_schema_find (self, table->owner));
    }
}

/* (transfer full): the columns that are stored, quoted, each after @prefix: t."a", t."b" */
char *
reprise_sqlite_table_list_columns (const RepriseSqliteTable *self, const char *prefix)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < self->columns->len; i++)
    {
      const RepriseSqliteColumn *column = g_ptr_array_index (self->columns, i);
      char *quoted;

      if (column->generated)
        continue;
      quoted = sqlite3_mprintf ("%s%s\"%w\"", list->len > 0 ? ", " : "", prefix, column->name);
      g_string_append (list, quoted);
      sqlite3_free (quoted);
    }
  return g_string_free (list, FALSE);
}

/* “ANY” without STRICT would turn the text '1' into a number; without a type everything stays what it is. */
static const char *
plain_type (const RepriseSqliteTable *table, const RepriseSqliteColumn *column)
{
  if (column->name == table->rowid_column)
    return "INTEGER PRIMARY KEY";
  return g_ascii_strcasecmp (column->type, "ANY") == 0 ? "" : column->type;
}

/* The columns of the primary key in its own order. */
static char *
list_key (const RepriseSqliteTable *table)
{
  GString *list = g_string_new (NULL);

  for (int place = 1; place <= (int) table->columns->len; place++)
    for (guint i = 0; i < table->columns->len; i++)
      {
        const RepriseSqliteColumn *column = g_ptr_array_index (table->columns, i);
        char *quoted;

        if (column->primary != place)
          continue;
        quoted = sqlite3_mprintf ("%s\"%w\"", list->len > 0 ? ", " : "", column->name);
        g_string_append (list, quoted);
        sqlite3_free (quoted);
      }
  return g_string_free (list, FALSE);
}

/**
 * reprise_sqlite_table_make_plain_sql:
 *
 * Returns: (transfer full): CREATE TABLE with the stored columns and the primary key, and nothing of what needs the application
 */
char *
reprise_sqlite_table_make_plain_sql (const RepriseSqliteTable *self, const char *schema)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autofree char *key = list_key (self);
  char *part = sqlite3_mprintf ("CREATE TABLE \"%w\".\"%w\" (", schema, self->name);
  gboolean first = TRUE;

  g_string_append (sql, part);
  sqlite3_free (part);
  for (guint i = 0; i < self->columns->len; i++)
    {
      const RepriseSqliteColumn *column = g_ptr_array_index (self->columns, i);

      if (column->generated)
        continue;
      part =
        sqlite3_mprintf ("%s\"%w\" %s", first ? "" : ", ", column->name, plain_type (self, column));
      g_string_append (sql, part);
      sqlite3_free (part);
      first = FALSE;
    }
  if (key[0] != '\0' && self->rowid_column == NULL)
    g_string_append_printf (sql, ", PRIMARY KEY (%s)", key);
  g_string_append (sql, self->without_rowid ? ") WITHOUT ROWID" : ")");
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

/**
 * reprise_sqlite_qualify:
 * @sql: a definition as it stands in the schema: “CREATE TABLE users(…)”, “CREATE UNIQUE INDEX …”
 *
 * Returns: (transfer full) (nullable): the same for another attached database, or %NULL where it does not begin as SQLite writes it
 */
char *
reprise_sqlite_qualify (const char *sql, const char *schema)
{
  static const char *const starts[] = { "CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX " };

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    if (g_str_has_prefix (sql, starts[i]))
      return g_strdup_printf ("%s\"%s\".%s", starts[i], schema, sql + strlen (starts[i]));
  return NULL;
}

/**
 * reprise_sqlite_get_affinity:
 * @type: of a column, as declared
 *
 * Returns: what SQLite makes of it, https://www.sqlite.org/datatype3.html#determination_of_column_affinity
 */
const char *
reprise_sqlite_get_affinity (const char *type)
{
  g_autofree char *upper = g_ascii_strup (type, -1);

  if (strstr (upper, "INT") != NULL)
    return "INTEGER";
  if (strstr (upper, "CHAR") != NULL || strstr (upper, "CLOB") != NULL ||
      strstr (upper, "TEXT") != NULL)
    return "TEXT";
  if (upper[0] == '\0' || strstr (upper, "BLOB") != NULL)
    return "BLOB";
  if (strstr (upper, "REAL") != NULL || strstr (upper, "FLOA") != NULL ||
      strstr (upper, "DOUB") != NULL)
    return "REAL";
  return "NUMERIC";
}

/* Whether a module comes with SQLite, so that its virtual tables can be made and opened here. */
gboolean
reprise_sqlite_module_is_known (const char *module)
{
  for (guint i = 0; i < G_N_ELEMENTS (SHADOWS); i++)
    if (g_str_equal (module, SHADOWS[i].module))
      return TRUE;
  return FALSE;
}
