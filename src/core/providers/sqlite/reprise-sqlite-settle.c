/* reprise-sqlite-settle.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-settle"

#include "config.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "net/reprise-json.h"
#include "providers/sqlite/reprise-sqlite-content-private.h"
#include "providers/sqlite/reprise-sqlite-restore.h"
#include "providers/sqlite/reprise-sqlite-settle-private.h"

/* --- what is written down before --- */

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value != NULL ? value : "");
}

static void
add_table (JsonBuilder *builder, const RepriseSqliteChange *change)
{
  const RepriseSqliteTable *table = change->saved->table;

  json_builder_begin_object (builder);
  add_string (builder, "name", change->now->name);
  add_string (builder, "sha256", change->expected);
  add_string (builder, "rowid", table->rowid != NULL ? change->now->rowid : NULL);
  add_string (builder, "rowid_column", table->rowid_column);
  json_builder_set_member_name (builder, "columns");
  json_builder_begin_array (builder);
  for (guint i = 0; i < table->columns->len; i++)
    {
      const RepriseSqliteColumn *column = g_ptr_array_index (table->columns, i);

      if (!column->generated)
        json_builder_add_string_value (builder, column->name);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/**
 * reprise_sqlite_settle_note:
 * @target: a database whose transaction is about to be committed
 *
 * Writes down what is in it once it is committed, so that a later start can tell whether it was.
 */
gboolean
reprise_sqlite_settle_note (RepriseSqliteStaging *staging,
                            const RepriseSqliteTarget *target,
                            GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL, *line = NULL;

  if (!target->exists)
    return TRUE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "n");
  json_builder_add_int_value (builder, target->n);
  add_string (builder, "name", target->saved->name);
  add_string (builder, "path", target->path);
  json_builder_set_member_name (builder, "tables");
  json_builder_begin_array (builder);
  for (guint i = 0; i < target->changes->len; i++)
    if (((RepriseSqliteChange *) g_ptr_array_index (target->changes, i))->expected != NULL)
      add_table (builder, g_ptr_array_index (target->changes, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json = json_to_string (root, FALSE);
  line = g_strconcat ("database ", json, NULL);
  return reprise_sqlite_staging_write (staging, line, error);
}

/* A database that is taken away must be one file: its log is folded into it, which only somebody who is alone can do. */
gboolean
reprise_sqlite_settle_close_log (const char *path,
                                 const char *name,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (RepriseSqliteDb) db =
    reprise_sqlite_db_open (path, name, REPRISE_SQLITE_RESTORE, cancellable, error);
  g_autofree char *mode =
    db != NULL ? reprise_sqlite_db_get_text (db, error, "PRAGMA journal_mode = DELETE") : NULL;

  if (mode == NULL)
    return FALSE;
  if (g_str_equal (mode, "delete"))
    return reprise_sqlite_db_exec (db, error, "BEGIN EXCLUSIVE; COMMIT");
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                     _ ("“%s” is open in another program: close the application"), name);
  return FALSE;
}

/* --- what is made of it afterwards --- */

/* A restore that was cut off, as its journal tells. */
typedef struct
{
  RepriseSqliteStage stage;
  GPtrArray *databases;  /* (owned) (element-type JsonObject) */
  GHashTable *committed; /* (owned) (element-type guint): numbers */
} Left;

static void
left_clear (Left *self)
{
  g_clear_pointer (&self->databases, g_ptr_array_unref);
  g_clear_pointer (&self->committed, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Left, left_clear)

static void
read_line (Left *self, const char *line)
{
  guint n;

  if (g_str_equal (line, "swapping"))
    self->stage = REPRISE_SQLITE_STAGE_SWAPPING;
  else if (g_str_equal (line, "committing"))
    self->stage = REPRISE_SQLITE_STAGE_COMMITTING;
  else if (g_str_equal (line, "taken back"))
    self->stage = REPRISE_SQLITE_STAGE_TAKEN_BACK;
  else if (g_str_equal (line, "done"))
    self->stage = REPRISE_SQLITE_STAGE_DONE;
  else if (sscanf (line, "committed %u", &n) == 1)
    g_hash_table_add (self->committed, GUINT_TO_POINTER (n));
  else if (g_str_has_prefix (line, "database "))
    {
      JsonObject *database = reprise_json_parse_object (line + 9, strlen (line + 9), NULL, NULL);

      if (database != NULL)
        g_ptr_array_add (self->databases, database);
    }
}

static RepriseSqliteTable *
make_table (JsonObject *object)
{
  RepriseSqliteTable *table =
    reprise_sqlite_table_new (reprise_json_get_string (object, "name", ""), "", FALSE);
  JsonArray *columns = reprise_json_get_array (object, "columns");
  const char *rowid_column = reprise_json_get_string (object, "rowid_column", "");

  for (guint i = 0; i < reprise_json_array_get_length (columns); i++)
    {
      const char *name = reprise_json_array_get_string (columns, i, "");
      RepriseSqliteColumn *column = reprise_sqlite_table_add_column (table, name, "");

      column->primary = g_str_equal (name, rowid_column) ? 1 : 0;
    }
  reprise_sqlite_table_set_key (table, FALSE, rowid_column[0] == '\0');
  if (reprise_json_get_string (object, "rowid", "")[0] == '\0')
    table->rowid = NULL;
  return table;
}

static gboolean
is_table_new (RepriseSqliteDb *db, JsonObject *object, gboolean *is_new, GError **error)
{
  RepriseSqliteTable *table = make_table (object);
  g_autofree char *hash = NULL;
  g_autoptr (GError) failure = NULL;
  gint64 rows;

  hash = reprise_sqlite_content_hash (
    db, "main", table, reprise_json_get_string (object, "rowid", ""), &rows, &failure);
  reprise_sqlite_table_free (table);
  *is_new = hash != NULL && g_str_equal (hash, reprise_json_get_string (object, "sha256", ""));
  /* a table that is not there says that nothing was committed; anything else says nothing */
  if (hash != NULL || g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_FAILED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Between a commit and its line in the journal: what is in the tables tells. */
static gboolean
is_committed (const Left *self, JsonObject *database, gboolean *committed, GError **error)
{
  const char *path = reprise_json_get_string (database, "path", "");
  JsonArray *tables = reprise_json_get_array (database, "tables");
  g_autoptr (RepriseSqliteDb) db = NULL;

  *committed = g_hash_table_contains (
    self->committed, GUINT_TO_POINTER ((guint) reprise_json_get_int (database, "n", 0)));
  if (*committed)
    return TRUE;
  db = reprise_sqlite_db_open (path, reprise_json_get_string (database, "name", path),
                               REPRISE_SQLITE_READ, NULL, error);
  if (db == NULL)
    return FALSE;
  *committed = TRUE;
  for (guint i = 0; *committed && i < reprise_json_array_get_length (tables); i++)
    if (!is_table_new (db, reprise_json_array_get_object (tables, i), committed, error))
      return FALSE;
  return TRUE;
}

static void
add_name (GString *names, JsonObject *database)
{
  g_string_append_printf (names, "%s“%s”", names->len > 0 ? _ (", ") : "",
                          reprise_json_get_string (database, "name", ""));
}

static gboolean
decide (RepriseSqliteStaging *staging,
        const Left *self,
        RepriseSqliteLeft *left,
        char **text,
        GError **error)
{
  g_autoptr (GString) new_names = g_string_new (NULL);
  g_autoptr (GString) old_names = g_string_new (NULL);

  for (guint i = 0; i < self->databases->len; i++)
    {
      gboolean committed;

      if (!is_committed (self, g_ptr_array_index (self->databases, i), &committed, error))
        return FALSE;
      add_name (committed ? new_names : old_names, g_ptr_array_index (self->databases, i));
    }
  if (new_names->len == 0 && old_names->len > 0)
    {
      *left = REPRISE_SQLITE_LEFT_OLD;
      return reprise_sqlite_staging_swap_back (staging, error);
    }
  *left = old_names->len == 0 ? REPRISE_SQLITE_LEFT_NEW : REPRISE_SQLITE_LEFT_MIXED;
  if (*left == REPRISE_SQLITE_LEFT_MIXED)
    *text = g_strdup_printf (_ ("The restore was cut off between two databases: %s and the files "
                                "hold the backup, %s what was there "
                                "before. Undo the restore, or carry it out again."),
                             new_names->str, old_names->str);
  return TRUE;
}

static gboolean
settle (RepriseSqliteStaging *staging, RepriseSqliteLeft *left, char **text, GError **error)
{
  g_auto (GStrv) lines = reprise_sqlite_staging_read (staging, error);
  g_auto (Left) self = { REPRISE_SQLITE_STAGE_PREPARING };

  if (lines == NULL)
    return FALSE;
  self.databases = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  self.committed = g_hash_table_new (NULL, NULL);
  for (guint i = 0; lines[i] != NULL; i++)
    read_line (&self, lines[i]);
  *left =
    self.stage == REPRISE_SQLITE_STAGE_DONE ? REPRISE_SQLITE_LEFT_NEW : REPRISE_SQLITE_LEFT_OLD;
  if (self.stage == REPRISE_SQLITE_STAGE_SWAPPING &&
      !reprise_sqlite_staging_swap_back (staging, error))
    return FALSE;
  if (self.stage == REPRISE_SQLITE_STAGE_COMMITTING && !decide (staging, &self, left, text, error))
    return FALSE;
  if (*left == REPRISE_SQLITE_LEFT_OLD)
    *text = g_strdup (
      _ ("A restore was cut off before it changed anything, or what it had changed was put back."));
  else if (*left == REPRISE_SQLITE_LEFT_NEW)
    *text =
      g_strdup (_ ("A restore was cut off when everything was written, and has been finished."));
  return reprise_sqlite_staging_finish (staging, error);
}

/* Each that is left, of which the worst is told: more than one is there only where an earlier one could not be put right. */
static gboolean
settle_all (const char *root, RepriseSqliteLeft *left, char **text, GError **error)
{
  gboolean more = TRUE;

  while (more)
    {
      g_autoptr (GError) failure = NULL;
      g_autoptr (RepriseSqliteStaging) staging = reprise_sqlite_staging_find_left (root, &failure);
      RepriseSqliteLeft found = REPRISE_SQLITE_LEFT_NOTHING;
      g_autofree char *found_text = NULL;

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      more = staging != NULL;
      if (more && !settle (staging, &found, &found_text, error))
        return FALSE;
      if (found <= *left)
        continue;
      *left = found;
      g_free (*text);
      *text = g_steal_pointer (&found_text);
    }
  return TRUE;
}

/**
 * reprise_sqlite_restore_settle:
 * @path: of an application
 * @left: (out) (optional): what became of a restore that was cut off there
 * @text: (out) (optional) (nullable) (transfer full): the same for people, one or two sentences
 *
 * Brings an application into a known state after a restore to it was cut off: takes back what was begun, or finishes it. A restore of
 * one database and nothing else needs none of this: SQLite itself has either all of it or nothing. To be called before a restore, and
 * when a crash left a journal. Blocks: for workers.
 *
 * Returns: whether the state is known; else %REPRISE_ERROR_BUSY where the restore is still running, or what the system reports
 */
gboolean
reprise_sqlite_restore_settle (const char *path,
                               RepriseSqliteLeft *left,
                               char **text,
                               GError **error)
{
  g_autofree char *root =
    g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);
  RepriseSqliteLeft found = REPRISE_SQLITE_LEFT_NOTHING;
  g_autofree char *found_text = NULL;

  if (!reprise_sandbox_check (path, REPRISE_SANDBOX_PLACE, error) ||
      !settle_all (root, &found, &found_text, error))
    return FALSE;
  if (left != NULL)
    *left = found;
  if (text != NULL)
    *text = g_steal_pointer (&found_text);
  return TRUE;
}
