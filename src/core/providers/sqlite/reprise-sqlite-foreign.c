/* reprise-sqlite-foreign.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-foreign"

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-foreign-private.h"

#define BEFORE "reprise_before"
#define AFTER  "reprise_after"

void
reprise_sqlite_foreign_free (RepriseSqliteForeign *self)
{
  g_free (self->child);
  g_free (self->parent);
  g_ptr_array_unref (self->from);
  g_ptr_array_unref (self->to);
  g_free (self);
}

static RepriseSqliteForeign *
foreign_new (const char *child, const char *parent)
{
  RepriseSqliteForeign *self = g_new0 (RepriseSqliteForeign, 1);

  self->child = g_strdup (child);
  self->parent = g_strdup (parent);
  self->from = g_ptr_array_new_with_free_func (g_free);
  self->to = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/* “REFERENCES users” means the primary key of users. */
static void
complete (RepriseSqliteForeign *self, const RepriseSqliteSchema *schema)
{
  const RepriseSqliteTable *parent = reprise_sqlite_schema_find (schema, self->parent);

  for (int place = 1; self->to->len == 0 && parent != NULL && place <= (int) parent->columns->len;
       place++)
    for (guint i = 0; i < parent->columns->len; i++)
      {
        const RepriseSqliteColumn *column = g_ptr_array_index (parent->columns, i);

        if (column->primary == place)
          g_ptr_array_add (self->to, g_strdup (column->name));
      }
}

static gboolean
load_table (RepriseSqliteDb *db, const char *child, GPtrArray *keys, GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement =
    reprise_sqlite_db_prepare (db, error, "PRAGMA main.foreign_key_list (\"%w\")", child);
  RepriseSqliteForeign *key = NULL;
  gboolean row;

  if (statement == NULL)
    return FALSE;
  while (reprise_sqlite_db_step (db, statement, &row, error))
    {
      const char *to;

      if (!row)
        return TRUE;
      if (key == NULL || sqlite3_column_int (statement, 1) == 0)
        {
          key = foreign_new (child, (const char *) sqlite3_column_text (statement, 2));
          g_ptr_array_add (keys, key);
        }
      g_ptr_array_add (key->from, g_strdup ((const char *) sqlite3_column_text (statement, 3)));
      to = (const char *) sqlite3_column_text (statement, 4);
      if (to != NULL)
        g_ptr_array_add (key->to, g_strdup (to));
    }
  return FALSE;
}

/* (transfer full) (element-type RepriseSqliteForeign): all foreign keys of a database */
GPtrArray *
reprise_sqlite_foreign_load (RepriseSqliteDb *db, const RepriseSqliteSchema *schema, GError **error)
{
  g_autoptr (GPtrArray) keys =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_sqlite_foreign_free);

  for (guint i = 0; i < schema->tables->len; i++)
    {
      const RepriseSqliteTable *table = g_ptr_array_index (schema->tables, i);

      if (table->kind == REPRISE_SQLITE_TABLE && !load_table (db, table->name, keys, error))
        return NULL;
    }
  for (guint i = 0; i < keys->len; i++)
    complete (g_ptr_array_index (keys, i), schema);
  return g_steal_pointer (&keys);
}

/* The tables whose rows may point elsewhere than before: they or what they point to are replaced. */
static GPtrArray *
find_children (RepriseSqliteDb *db, const RepriseSqliteTarget *target, GError **error)
{
  g_autoptr (RepriseSqliteSchema) schema = reprise_sqlite_schema_load (db, "main", error);
  g_autoptr (GPtrArray) keys =
    schema != NULL ? reprise_sqlite_foreign_load (db, schema, error) : NULL;
  GPtrArray *children;

  if (keys == NULL)
    return NULL;
  children = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < keys->len; i++)
    {
      const RepriseSqliteForeign *key = g_ptr_array_index (keys, i);

      if ((reprise_sqlite_target_replaces (target, key->child) ||
           reprise_sqlite_target_replaces (target, key->parent)) &&
          !g_ptr_array_find_with_equal_func (children, key->child, g_str_equal, NULL))
        g_ptr_array_add (children, g_strdup (key->child));
    }
  return children;
}

/**
 * reprise_sqlite_foreign_note:
 * @into: %NULL to count only, or the name of a temporary table that gains what was found
 * @n: (out): how many rows point to nothing
 *
 * SQLite's own check of the foreign keys that the restore can break. Keys that are broken by definition, which SQLite refuses to
 * check, are passed over: they were so before.
 */
gboolean
reprise_sqlite_foreign_note (RepriseSqliteDb *db,
                             const RepriseSqliteTarget *target,
                             const char *into,
                             gint64 *n,
                             GError **error)
{
  g_autoptr (GPtrArray) children = find_children (db, target, error);

  *n = 0;
  if (children == NULL)
    return FALSE;
  if (into != NULL &&
      !reprise_sqlite_db_exec (
        db, error,
        "DROP TABLE IF EXISTS temp.\"%w\"; CREATE TEMP TABLE \"%w\" (child, row, parent, key)",
        into, into))
    return FALSE;
  for (guint i = 0; i < children->len; i++)
    {
      const char *child = g_ptr_array_index (children, i);
      g_autoptr (GError) failure = NULL;
      gint64 found = 0;
      gboolean ok;

      if (into != NULL)
        ok = reprise_sqlite_db_exec (db, &failure,
                                     "INSERT INTO temp.\"%w\" SELECT \"table\", rowid, parent, "
                                     "fkid FROM pragma_foreign_key_check (%Q, 'main')",
                                     into, child);
      else
        ok = reprise_sqlite_db_get_int (
          db, &found, &failure, "SELECT count(*) FROM pragma_foreign_key_check (%Q, 'main')",
          child);
      if (!ok && !g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_FAILED))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      *n += found;
    }
  return into == NULL ||
         reprise_sqlite_db_get_int (db, n, error, "SELECT count(*) FROM temp.\"%w\"", into);
}

static RepriseGroup
find_group (const RepriseSqliteManifest *manifest, guint database, const char *table)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; i < manifest->collections[group]->len; i++)
      {
        const RepriseSqliteSaved *saved = g_ptr_array_index (manifest->collections[group], i);

        for (guint j = 0; saved->database == (int) database && j < saved->tables->len; j++)
          {
            const RepriseSqliteSavedTable *saved_table = g_ptr_array_index (saved->tables, j);

            if (g_ascii_strcasecmp (saved_table->table->name, table) == 0)
              return (RepriseGroup) group;
          }
      }
  return REPRISE_GROUP_SKIPPED;
}

/* (transfer full): what to do about rows of @child that would point to nothing in @parent, a sentence */
char *
reprise_sqlite_foreign_advise (const RepriseSqliteTarget *target,
                               const RepriseSqliteManifest *manifest,
                               const char *child,
                               const char *parent)
{
  const char *other = reprise_sqlite_target_replaces (target, child) ? parent : child;
  RepriseGroup group = find_group (manifest, target->n, other);

  if (reprise_sqlite_target_replaces (target, other))
    return g_strdup (
      _ ("They point nowhere in the backup itself, and did not in the application."));
  if (group == REPRISE_GROUP_SKIPPED)
    return g_strdup_printf (
      _ ("The backup does not hold “%s”, so they cannot be restored together."), other);
  /* Translators: %s is a data group, the second one its name on the command line */
  return g_strdup_printf (_ ("Restore the group %s (%s) as well."), reprise_group_get_title (group),
                          reprise_group_to_string (group));
}

static gboolean
refuse (RepriseSqliteDb *db,
        const RepriseSqliteTarget *target,
        const RepriseSqliteManifest *manifest,
        sqlite3_stmt *row,
        GError **error)
{
  const char *child = (const char *) sqlite3_column_text (row, 0);
  const char *parent = (const char *) sqlite3_column_text (row, 1);
  gint64 n = sqlite3_column_int64 (row, 2);
  g_autofree char *advice = reprise_sqlite_foreign_advise (target, manifest, child, parent);

  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     ngettext ("Nothing was changed in “%s”: %" PRId64
                               " row of “%s” would point to a row of “%s” that is not there. %s",
                               "Nothing was changed in “%s”: %" PRId64
                               " rows of “%s” would point to rows of “%s” that are not there. %s",
                               (gulong) n),
                     db->name, n, child, parent, advice);
  return FALSE;
}

/**
 * reprise_sqlite_foreign_compare:
 *
 * Compares what reprise_sqlite_foreign_note() found before and after: the temporary tables “reprise_before” and “reprise_after”.
 *
 * Returns: whether nothing is broken that was not; else %REPRISE_ERROR_REFUSED names the tables and what to do
 */
gboolean
reprise_sqlite_foreign_compare (RepriseSqliteDb *db,
                                const RepriseSqliteTarget *target,
                                const RepriseSqliteManifest *manifest,
                                GError **error)
{
  /* rows without a number can only be counted */
  g_autoptr (RepriseSqliteStmt) statement = reprise_sqlite_db_prepare (
    db, error,
    "SELECT child, parent, sum (n) FROM ("
    "  SELECT child, parent, count(*) AS n FROM (SELECT * FROM temp." AFTER " WHERE row IS NOT NULL"
    "    EXCEPT SELECT * FROM temp." BEFORE ") GROUP BY child, parent"
    "  UNION ALL SELECT a.child, a.parent, a.n - coalesce (b.n, 0) FROM"
    "    (SELECT child, parent, key, count(*) AS n FROM temp." AFTER
    " WHERE row IS NULL GROUP BY 1, 2, 3) AS a LEFT JOIN"
    "    (SELECT child, parent, key, count(*) AS n FROM temp." BEFORE
    " WHERE row IS NULL GROUP BY 1, 2, 3) AS b USING (child, parent, key)"
    "    WHERE a.n > coalesce (b.n, 0)) GROUP BY child, parent ORDER BY 3 DESC LIMIT 1");
  gboolean row;

  if (statement == NULL || !reprise_sqlite_db_step (db, statement, &row, error))
    return FALSE;
  return !row || refuse (db, target, manifest, statement, error);
}
