/* reprise-sqlite-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-export"

#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-strv.h"
#include "providers/sqlite/reprise-sqlite-copy-private.h"
#include "providers/sqlite/reprise-sqlite-export-private.h"
#include "providers/sqlite/reprise-sqlite-packer-private.h"
#include "providers/sqlite/reprise-sqlite-place-private.h"

#define FROM "src"
#define SMALL_BYTES \
  (256 * 1024 * 1024) /* copied in a moment, also when few of its tables are wanted */

/* The order in which groups are copied: what is small in most applications first, so that packing begins early. */
static const RepriseGroup ORDER[] = { REPRISE_GROUP_REQUIRED,    REPRISE_GROUP_USER,
                                      REPRISE_GROUP_THIRD_PARTY, REPRISE_GROUP_LOG,
                                      REPRISE_GROUP_UNKNOWN,     REPRISE_GROUP_CUSTOM };

/*
 * The steps, for each database:
 *
 *   read transaction, or page copy ──► copy group 1 ──► copy group 2 ──► … ──► let go ──► check each group file
 *                                           │                │                                    │
 *   packer's thread:                        └─► pack group 1 └─► pack group 2 ─► …                │
 *                                                                                                 │
 *   at the end: ◄── files, packed last ◄──────────────────────────────────────────── manifest ◄───┘
 *
 * A database with a write-ahead log is read directly: its readers keep nobody from writing. In one with a rollback journal they do, so
 * its pages are copied as quickly as the disk allows, and its tables are taken out of that copy.
 */
typedef struct
{
  const RepriseSqliteSource *source;
  const RepriseSqliteRules *rules;
  RepriseGroups groups;
  const char *scratch;
  RepriseProgress *progress;
  GCancellable *cancellable;

  RepriseSqliteManifest *manifest; /* (owned) */
  RepriseSqlitePacker *packer;     /* (owned) */
  GPtrArray *skipped;  /* (owned) (element-type RepriseCollection): left out, with the reason */
  GPtrArray *warnings; /* (owned) (element-type utf8) */
  GPtrArray *made;     /* (owned) (element-type utf8): files in @scratch */
} Export;

static void
export_clear (Export *self)
{
  g_clear_pointer (&self->packer, reprise_sqlite_packer_free);
  g_clear_pointer (&self->manifest, reprise_sqlite_manifest_free);
  g_clear_pointer (&self->skipped, g_ptr_array_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  for (guint i = 0; i < self->made->len; i++)
    unlink (g_ptr_array_index (self->made, i));
  g_clear_pointer (&self->made, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Export, export_clear)

void
reprise_sqlite_export_free (RepriseSqliteExport *self)
{
  g_clear_object (&self->contents);
  g_strfreev (self->warnings);
  g_strfreev (self->notes);
  g_free (self->proof);
  g_free (self);
}

static const char *make_path (Export *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* (transfer none): a new path in the scratch folder, removed at the end */
static const char *
make_path (Export *self, const char *format, ...)
{
  g_autofree char *name = NULL;
  char *path;
  va_list values;

  va_start (values, format);
  name = g_strdup_vprintf (format, values);
  va_end (values);
  path = g_build_filename (self->scratch, name, NULL);
  unlink (path);
  g_ptr_array_add (self->made, path);
  return path;
}

/* One database being copied. */
typedef struct
{
  guint n;
  const RepriseSqliteDatabase *database;
  const RepriseSqliteSchema *schema; /* (not owned): the manifest's */
  RepriseSqliteDb *hub;  /* (owned): where the database and the group files are attached */
  sqlite3_stmt *reading; /* (owned) (nullable): keeps the read transaction */
  const char *group_paths[REPRISE_N_GROUPS];
} Copying;

static void
copying_clear (Copying *self)
{
  g_clear_pointer (&self->reading, sqlite3_finalize);
  g_clear_pointer (&self->hub, reprise_sqlite_db_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copying, copying_clear)

static gboolean
read_sequence (Copying *copying, RepriseSqliteSavedTable *saved, GError **error)
{
  gint64 has = 0;

  if (!reprise_sqlite_db_get_int (copying->hub, &has, error,
                                  "SELECT count(*) FROM " FROM
                                  ".sqlite_schema WHERE name = 'sqlite_sequence'"))
    return FALSE;
  if (has == 0)
    return TRUE;
  return reprise_sqlite_db_get_int (copying->hub, &saved->sequence, error,
                                    "SELECT coalesce (max (seq), -1) FROM " FROM
                                    ".sqlite_sequence WHERE name = %Q",
                                    saved->table->name);
}

static gboolean
write_sequence (Copying *copying,
                const char *to,
                const RepriseSqliteSavedTable *saved,
                GError **error)
{
  if (saved->sequence < 0)
    return TRUE;
  /* a table that could not be made as it was has no sequence of its own: then it is in the manifest alone */
  if (!reprise_sqlite_db_exec (copying->hub, NULL,
                               "DELETE FROM \"%w\".sqlite_sequence WHERE name = %Q", to,
                               saved->table->name))
    return reprise_sqlite_db_failed_by_statement (copying->hub) ||
           reprise_sqlite_db_fail (copying->hub, error);
  return reprise_sqlite_db_exec (copying->hub, error,
                                 "INSERT INTO \"%w\".sqlite_sequence VALUES (%Q, %lld)", to,
                                 saved->table->name, (long long) saved->sequence);
}

static gboolean
copy_table (Copying *copying, const char *to, RepriseSqliteSavedTable *saved, GError **error)
{
  const RepriseSqliteTable *table = saved->table;
  gboolean ok;

  ok = reprise_sqlite_copy_create (copying->hub, to, table, error);
  if (!table->has_generated)
    ok = ok && reprise_sqlite_copy_indexes (copying->hub, to, table, error);
  ok = ok && reprise_sqlite_copy_rows (copying->hub, FROM, table, to, table, &saved->rows, error);
  if (table->has_generated)
    ok = ok && reprise_sqlite_copy_indexes (copying->hub, to, table, error);
  ok = ok && read_sequence (copying, saved, error) && write_sequence (copying, to, saved, error);
  if (!ok)
    reprise_error_prefix (error, _ ("Table “%s”: "), table->name);
  return ok;
}

static gboolean
copy_collection (Export *self,
                 Copying *copying,
                 const char *to,
                 const RepriseSqliteSaved *saved,
                 GError **error)
{
  for (guint i = 0; i < saved->tables->len; i++)
    {
      RepriseSqliteSavedTable *table = g_ptr_array_index (saved->tables, i);

      if (table->table->kind != REPRISE_SQLITE_VIRTUAL && !copy_table (copying, to, table, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
attach_group (Export *self, Copying *copying, RepriseGroup group, GError **error)
{
  const char *to = reprise_group_to_string (group);

  copying->group_paths[group] = make_path (self, "%u-%s.sqlite", copying->n, to);
  return reprise_sqlite_db_attach (copying->hub, to, copying->group_paths[group],
                                   REPRISE_SQLITE_SCRATCH, error) &&
         reprise_sqlite_db_exec (
           copying->hub, error,
           "PRAGMA \"%w\".page_size = %lld; PRAGMA \"%w\".user_version = %lld;"
           "PRAGMA \"%w\".application_id = %lld",
           to, (long long) copying->schema->page_size, to,
           (long long) copying->schema->user_version, to,
           (long long) copying->schema->application_id);
}

static guint
count_collections (const Export *self, const Copying *copying, RepriseGroup group)
{
  guint n = 0;

  for (guint i = 0; i < self->manifest->collections[group]->len; i++)
    {
      const RepriseSqliteSaved *saved = g_ptr_array_index (self->manifest->collections[group], i);

      n += saved->database == (int) copying->n && saved->tables->len > 0 ? 1 : 0;
    }
  return n;
}

static gboolean
copy_group (Export *self, Copying *copying, RepriseGroup group, GError **error)
{
  GPtrArray *collections = self->manifest->collections[group];
  const char *to = reprise_group_to_string (group);
  g_autofree char *path = g_strdup_printf ("data/%u/%s.sqlite", copying->n, to);
  RepriseSqliteFile *file;

  if (count_collections (self, copying, group) == 0)
    return TRUE;
  if (!attach_group (self, copying, group, error))
    return FALSE;
  for (guint i = 0; i < collections->len; i++)
    {
      RepriseSqliteSaved *saved = g_ptr_array_index (collections, i);

      if (saved->database != (int) copying->n)
        continue;
      reprise_progress_set_message (self->progress, saved->name);
      if (!copy_collection (self, copying, to, saved, error))
        return FALSE;
      reprise_progress_add_items (self->progress, 1);
    }
  file = reprise_sqlite_file_new (path, -1, NULL, (int) copying->n);
  g_ptr_array_add (self->manifest->files[group], file);
  reprise_sqlite_packer_add_database (self->packer, file, copying->group_paths[group]);
  return TRUE;
}

/* A page copy of our own, so that nobody waits for more than that. */
static const char *
copy_pages (Export *self, const RepriseSqliteDatabase *database, guint n, GError **error)
{
  const char *path = make_path (self, "%u-pages.sqlite", n);
  g_autoptr (RepriseSqliteDb) from = reprise_sqlite_db_open (
    database->path, database->name, REPRISE_SQLITE_READ, self->cancellable, error);
  g_autoptr (RepriseSqliteDb) to =
    from != NULL ? reprise_sqlite_db_open (path, database->name, REPRISE_SQLITE_SCRATCH,
                                           self->cancellable, error)
                 : NULL;

  return to != NULL && reprise_sqlite_copy_pages (from, to, self->cancellable, error) ? path : NULL;
}

/* Whether anything of it is wanted, as far as it can be said before it is read at one moment. */
static gboolean
is_wanted (const Export *self, const RepriseSqliteDatabase *database)
{
  g_autoptr (RepriseSqliteDb) db = reprise_sqlite_db_open (
    database->path, database->name, REPRISE_SQLITE_READ, self->cancellable, NULL);
  g_autoptr (RepriseSqliteSchema) schema =
    db != NULL ? reprise_sqlite_schema_load (db, "main", NULL) : NULL;

  if (schema == NULL)
    return TRUE;
  reprise_sqlite_schema_assign (schema, self->rules, database->name);
  for (guint i = 0; i < schema->tables->len; i++)
    if (REPRISE_GROUPS_HAS (
          self->groups,
          ((RepriseSqliteTable *) g_ptr_array_index (schema->tables, i))->verdict.group))
      return TRUE;
  return FALSE;
}

/* Whether a reader of the database would keep others from writing for as long as all of it takes. Of a large one of which little is
 * wanted, a copy of all pages would take longer than that. */
static gboolean
needs_pages (const Export *self, const RepriseSqliteDatabase *database)
{
  g_autofree char *log = g_strconcat (database->path, "-wal", NULL);

  if (reprise_sqlite_place_is_wal (database->path) || g_file_test (log, G_FILE_TEST_EXISTS))
    return FALSE;
  return (self->groups == REPRISE_GROUPS_ALL || database->size_bytes <= SMALL_BYTES) &&
         is_wanted (self, database);
}

/* Attaches the database, or its page copy, and begins to read: from here on it does not change. */
static gboolean
begin_reading (Export *self, Copying *copying, const char *path, GError **error)
{
  g_autofree char *encoding = NULL;
  gboolean row;

  {
    /* the hub must have the encoding of what is attached to it, and can have it only before it has anything */
    g_autoptr (RepriseSqliteDb) db = reprise_sqlite_db_open (
      path, copying->database->name, REPRISE_SQLITE_READ, self->cancellable, error);

    encoding = db != NULL ? reprise_sqlite_db_get_text (db, error, "PRAGMA encoding") : NULL;
  }
  if (encoding == NULL)
    return FALSE;
  copying->hub = reprise_sqlite_db_open (NULL, copying->database->name, REPRISE_SQLITE_MEMORY,
                                         self->cancellable, error);
  if (copying->hub == NULL ||
      !reprise_sqlite_db_exec (copying->hub, error, "PRAGMA encoding = %Q", encoding) ||
      !reprise_sqlite_db_attach (copying->hub, FROM, path, REPRISE_SQLITE_READ, error))
    return FALSE;
  copying->reading =
    reprise_sqlite_db_prepare (copying->hub, error, "SELECT 1 FROM " FROM ".sqlite_schema");
  return copying->reading != NULL &&
         reprise_sqlite_db_step (copying->hub, copying->reading, &row, error);
}

static void
skip (Export *self, const char *name, const RepriseSqliteVerdict *verdict)
{
  RepriseCollection *collection =
    reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);
  g_autofree char *reason = reprise_sqlite_verdict_to_text (verdict);

  reprise_collection_set_reason (collection, reason);
  g_ptr_array_add (self->skipped, collection);
}

/* A collection of the manifest for each table that was chosen; shadow tables are part of their virtual table's. */
static void
choose_tables (Export *self, const Copying *copying)
{
  for (guint i = 0; i < copying->schema->tables->len; i++)
    {
      const RepriseSqliteTable *table = g_ptr_array_index (copying->schema->tables, i);
      RepriseGroup group = table->verdict.group;
      g_autofree char *name =
        reprise_sqlite_source_dup_name (self->source, copying->database->name, table->name);
      RepriseSqliteSaved *saved;

      if (group == REPRISE_GROUP_SKIPPED && table->kind != REPRISE_SQLITE_SHADOW)
        skip (self, name, &table->verdict);
      if (!REPRISE_GROUPS_HAS (self->groups, group) || table->kind == REPRISE_SQLITE_SHADOW)
        continue;
      saved = reprise_sqlite_saved_new (name, (int) copying->n);
      g_ptr_array_add (self->manifest->collections[group], saved);
      g_ptr_array_add (saved->tables, reprise_sqlite_saved_table_new (table));
      for (guint j = 0; table->kind == REPRISE_SQLITE_VIRTUAL && j < copying->schema->tables->len;
           j++)
        {
          const RepriseSqliteTable *shadow = g_ptr_array_index (copying->schema->tables, j);

          if (shadow->kind == REPRISE_SQLITE_SHADOW &&
              g_ascii_strcasecmp (shadow->owner, table->name) == 0)
            g_ptr_array_add (saved->tables, reprise_sqlite_saved_table_new (shadow));
        }
    }
}

static void
choose_objects (Export *self, const Copying *copying)
{
  g_autofree char *name = reprise_sqlite_source_dup_name (self->source, copying->database->name,
                                                          REPRISE_SQLITE_SCHEMA_COLLECTION);
  RepriseSqliteSaved *saved;

  if (!REPRISE_GROUPS_HAS (self->groups, REPRISE_GROUP_REQUIRED) ||
      copying->schema->objects->len == 0)
    return;
  saved = reprise_sqlite_saved_new (name, (int) copying->n);
  saved->rows = copying->schema->objects->len;
  g_ptr_array_add (self->manifest->collections[REPRISE_GROUP_REQUIRED], saved);
}

/* All definitions as one text for sqlite3, in an order in which they can be made. */
static char *
print_schema (const RepriseSqliteSchema *schema)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < schema->tables->len; i++)
    {
      const RepriseSqliteTable *table = g_ptr_array_index (schema->tables, i);

      if (table->kind == REPRISE_SQLITE_TABLE)
        g_string_append_printf (text, "%s;\n", table->sql);
      for (guint j = 0; table->kind == REPRISE_SQLITE_TABLE && j < table->indexes->len; j++)
        g_string_append_printf (
          text, "%s;\n", ((RepriseSqliteObject *) g_ptr_array_index (table->indexes, j))->sql);
    }
  for (guint i = 0; i < schema->objects->len; i++)
    g_string_append_printf (text, "%s;\n",
                            ((RepriseSqliteObject *) g_ptr_array_index (schema->objects, i))->sql);
  return g_string_free (text, FALSE);
}

static void
add_schema_file (Export *self, RepriseSqliteSavedDatabase *saved, guint n)
{
  g_autofree char *path = g_strdup_printf ("schema/%u.sql", n);

  saved->schema_file = reprise_sqlite_file_new (path, -1, NULL, -1);
  reprise_sqlite_packer_add_text (self->packer, saved->schema_file, print_schema (saved->facts));
}

/* Rows of a virtual table are those of the shadow that has one for each. */
static void
sum_up (Export *self)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; i < self->manifest->collections[group]->len; i++)
      {
        RepriseSqliteSaved *saved = g_ptr_array_index (self->manifest->collections[group], i);
        const RepriseSqliteSavedTable *first =
          saved->tables->len > 0 ? g_ptr_array_index (saved->tables, 0) : NULL;

        if (first != NULL && first->table->kind == REPRISE_SQLITE_TABLE)
          saved->rows = first->rows;
        for (guint j = 1; first != NULL && j < saved->tables->len; j++)
          {
            const RepriseSqliteSavedTable *shadow = g_ptr_array_index (saved->tables, j);

            if (reprise_sqlite_counts_rows (first->table, shadow->table))
              saved->rows = shadow->rows;
          }
      }
}

/* The sizes of what was copied; and as many rows as were written must be there. */
static gboolean
measure_group (Export *self,
               const Copying *copying,
               RepriseGroup group,
               RepriseSqliteDb *db,
               GError **error)
{
  g_autoptr (RepriseSqliteSchema) schema = reprise_sqlite_schema_load (db, "main", error);
  g_autoptr (GHashTable) measures =
    schema != NULL ? reprise_sqlite_measure (db, "main", schema, error) : NULL;

  if (measures == NULL)
    return FALSE;
  for (guint i = 0; i < self->manifest->collections[group]->len; i++)
    {
      RepriseSqliteSaved *saved = g_ptr_array_index (self->manifest->collections[group], i);

      for (guint j = 0; saved->database == (int) copying->n && j < saved->tables->len; j++)
        {
          const RepriseSqliteSavedTable *table = g_ptr_array_index (saved->tables, j);
          const RepriseSqliteTable *copy = reprise_sqlite_schema_find (schema, table->table->name);
          RepriseSqliteMeasure measure;

          if (table->table->kind == REPRISE_SQLITE_VIRTUAL || copy == NULL)
            continue;
          reprise_sqlite_measure_get (measures, schema, copy, &measure);
          if (measure.size_bytes >= 0)
            saved->size_bytes = MAX (saved->size_bytes, 0) + measure.size_bytes;
          if (measure.rows == table->rows)
            continue;
          reprise_error_set (
            error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
            _ ("Table “%s” of “%s” was copied with %" PRId64 " rows, but has %" PRId64), copy->name,
            copying->database->name, table->rows, measure.rows);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_group (Export *self, const Copying *copying, RepriseGroup group, GError **error)
{
  g_autoptr (RepriseSqliteDb) db = NULL;
  g_autofree char *finding = NULL;

  if (copying->group_paths[group] == NULL)
    return TRUE;
  db = reprise_sqlite_db_open (copying->group_paths[group], copying->database->name,
                               REPRISE_SQLITE_READ, self->cancellable, error);
  if (db == NULL || !reprise_sqlite_db_check_integrity (db, "main", &finding, error))
    return FALSE;
  if (finding == NULL)
    return measure_group (self, copying, group, db, error);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    _ ("“%s” is damaged, so no backup was made of it: %s. Repair it, or leave the table "
       "out with a rule"),
    copying->database->name, finding);
  return FALSE;
}

/* Which tables there are is read in the same transaction as what is in them. */
static gboolean
copy_groups (Export *self, Copying *copying, GError **error)
{
  RepriseSqliteSchema *schema = reprise_sqlite_schema_load (copying->hub, FROM, error);
  RepriseSqliteSavedDatabase *saved;

  if (schema == NULL)
    return FALSE;
  copying->schema = schema;
  reprise_sqlite_schema_assign (schema, self->rules, copying->database->name);
  saved = reprise_sqlite_saved_database_new (copying->database->name, schema);
  self->manifest->databases->pdata[copying->n] = saved;
  add_schema_file (self, saved, copying->n);
  choose_objects (self, copying);
  choose_tables (self, copying);
  for (guint i = 0; i < G_N_ELEMENTS (ORDER); i++)
    if (reprise_sqlite_packer_has_failed (self->packer) ||
        !copy_group (self, copying, ORDER[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
export_database (Export *self, guint n, GError **error)
{
  const RepriseSqliteDatabase *database = reprise_sqlite_source_get_database (self->source, n);
  g_auto (Copying) copying = { n, database };
  const char *pages = NULL;

  reprise_progress_set_message (self->progress, database->name);
  if (needs_pages (self, database) && (pages = copy_pages (self, database, n, error)) == NULL)
    return FALSE;
  if (!begin_reading (self, &copying, pages != NULL ? pages : database->path, error) ||
      !copy_groups (self, &copying, error))
    return FALSE;
  copying_clear (&copying);
  if (pages != NULL)
    unlink (pages);
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (!check_group (self, &copying, (RepriseGroup) i, error))
      return FALSE;
  return TRUE;
}

static void
export_folders (Export *self)
{
  const char *const *folders = reprise_sqlite_source_get_folders (self->source);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_auto (RepriseSqliteVerdict) verdict = { REPRISE_GROUP_UNKNOWN };

      reprise_sqlite_rules_find (self->rules, NULL, folders[i], &verdict);
      if (REPRISE_GROUPS_HAS (self->groups, verdict.group))
        g_ptr_array_add (self->manifest->collections[verdict.group],
                         reprise_sqlite_saved_new (folders[i], -1));
      else if (verdict.group == REPRISE_GROUP_SKIPPED)
        skip (self, folders[i], &verdict);
    }
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) of_group = g_ptr_array_new ();
      GPtrArray *collections = self->manifest->collections[group];
      const char *id = reprise_group_to_string ((RepriseGroup) group);
      g_autofree char *path = g_strdup_printf ("files/%s.sqlite", id);
      RepriseSqliteFile *index;

      for (guint i = 0; i < collections->len; i++)
        if (((RepriseSqliteSaved *) g_ptr_array_index (collections, i))->database < 0)
          g_ptr_array_add (of_group, g_ptr_array_index (collections, i));
      if (of_group->len == 0)
        continue;
      index = reprise_sqlite_file_new (path, -1, NULL, -1);
      g_ptr_array_add (self->manifest->files[group], index);
      reprise_sqlite_packer_add_folders (
        self->packer, index, make_path (self, "files-%s.sqlite", id), self->source, of_group);
    }
}

static int
compare_sizes (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const RepriseSqliteSource *source = user_data;
  gint64 left = reprise_sqlite_source_get_database (source, *(const guint *) a)->size_bytes;
  gint64 right = reprise_sqlite_source_get_database (source, *(const guint *) b)->size_bytes;

  return left < right ? -1 : left > right;
}

static gboolean
check_space (Export *self, GError **error)
{
  gint64 free_bytes = reprise_file_get_free_bytes (self->scratch);
  gint64 needed = 0, largest = 0;

  for (guint i = 0; i < reprise_sqlite_source_get_n_databases (self->source); i++)
    {
      gint64 size = reprise_sqlite_source_get_database (self->source, i)->size_bytes;

      needed += size;
      largest = MAX (largest, size);
    }
  if (self->groups != REPRISE_GROUPS_ALL || free_bytes < 0 || free_bytes >= needed + largest)
    return TRUE;
  {
    g_autofree char *needed_text = g_format_size ((guint64) (needed + largest));
    g_autofree char *free_text = g_format_size ((guint64) free_bytes);

    reprise_error_set (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                       _ ("The backup needs %s in “%s” while it is made, and only %s are free"),
                       needed_text, self->scratch, free_text);
  }
  return FALSE;
}

/* What is large comes last, so that little waits for the packer's start. */
static gboolean
export_all (Export *self, GError **error)
{
  guint n = reprise_sqlite_source_get_n_databases (self->source);
  g_autofree guint *order = g_new (guint, n + 1);

  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int) n, sizeof *order, compare_sizes, (gpointer) self->source);
  g_ptr_array_set_size (self->manifest->databases, (int) n);
  for (guint i = 0; i < n; i++)
    if (!export_database (self, order[i], error))
      return FALSE;
  export_folders (self);
  return TRUE;
}

/* Nothing written is not a success. */
static gboolean
check_not_empty (Export *self, GError **error)
{
  g_autofree char *names = reprise_groups_to_text (self->groups);

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (self->manifest->collections[i]->len > 0)
      return TRUE;
  if (self->manifest->drops->len > 0)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    /* Translators: %s is a list of data groups */
    _ ("There is nothing to back up: the application has no table and no folder in "
       "these groups: %s"),
    names);
  return FALSE;
}

static gboolean
write_manifest (Export *self, GError **error)
{
  RepriseZipWriter *zip = reprise_sqlite_packer_get_zip (self->packer);
  g_autoptr (RepriseSqliteManifest) back = NULL;
  g_autofree char *text = NULL;
  gsize size;

  sum_up (self);
  text = reprise_sqlite_manifest_print (self->manifest, &size);
  back = reprise_sqlite_manifest_parse (text, size, error);
  if (back == NULL) /* better no backup than one that nothing could read */
    {
      reprise_error_prefix (error, _ ("The backup could not be restored: "));
      return FALSE;
    }
  return reprise_zip_writer_add_bytes (zip, REPRISE_SQLITE_MANIFEST, text, size, NULL, NULL,
                                       error) &&
         reprise_zip_writer_finish (zip, error);
}

static RepriseSqliteExport *
make_result (Export *self)
{
  RepriseSqliteExport *result = g_new0 (RepriseSqliteExport, 1);
  g_auto (GStrv) notes = reprise_sqlite_source_dup_notes (self->source);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  result->contents = reprise_sqlite_manifest_to_contents (self->manifest);
  for (guint i = 0; i < self->skipped->len; i++)
    reprise_contents_add (result->contents, REPRISE_GROUP_SKIPPED,
                          g_ptr_array_index (self->skipped, i));
  if (self->manifest->databases->len > 1)
    g_strv_builder_add (
      builder,
      _ ("Each database is of one moment, but the moments of several databases differ a little"));
  g_strv_builder_addv (builder, (const char **) notes);
  result->notes = g_strv_builder_end (builder);
  result->warnings = reprise_strv_from_array (self->warnings, 0);
  result->proof = g_strdup (_ ("Each database was read at one moment, and every copy passed "
                               "SQLite’s own check and has all rows"));
  return result;
}

static gboolean
run (Export *self, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!export_all (self, &failure) && failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return reprise_sqlite_packer_finish (self->packer, self->warnings, error) &&
         check_not_empty (self, error) && write_manifest (self, error);
}

/**
 * reprise_sqlite_export_with_drops:
 * @drops: (nullable) (element-type RepriseSqliteDrop): what a restore will make, and the undo of it removes; with it the archive may be
 *   empty otherwise
 *
 * The same as reprise_sqlite_export(), for a safety copy.
 */
RepriseSqliteExport *
reprise_sqlite_export_with_drops (const RepriseSqliteSource *source,
                                  const RepriseSqliteRules *rules,
                                  RepriseGroups groups,
                                  GPtrArray *drops,
                                  const char *scratch,
                                  GOutputStream *out,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_auto (Export) self = { source,  rules,    groups & REPRISE_GROUPS_ALL,
                           scratch, progress, cancellable };

  self.made = g_ptr_array_new_with_free_func (g_free);
  if (!check_space (&self, error))
    return NULL;
  self.manifest = reprise_sqlite_manifest_new (self.groups);
  for (guint i = 0; drops != NULL && i < drops->len; i++)
    {
      const RepriseSqliteDrop *item = g_ptr_array_index (drops, i);

      reprise_sqlite_manifest_add_drop (self.manifest, item->type, item->database, item->name);
    }
  self.skipped = g_ptr_array_new_with_free_func (g_object_unref);
  self.warnings = g_ptr_array_new_with_free_func (g_free);
  self.packer = reprise_sqlite_packer_new (out, progress, cancellable);
  if (self.groups == REPRISE_GROUPS_ALL)
    reprise_progress_set_totals (progress, reprise_sqlite_source_get_size_bytes (source), -1);
  return run (&self, error) ? make_result (&self) : NULL;
}

/**
 * reprise_sqlite_export:
 * @rules: which collection is in which group
 * @groups: those that are wanted
 * @scratch: a folder that exists, for files that are removed again: as large as the databases, and for those without a
 *   write-ahead log once more as large as the largest
 * @out: gains the archive, from its first byte to its last; it is not closed
 * @progress: (nullable): gains bytes as they are packed, and an item for each collection; the phase is the caller's
 *
 * Writes an archive as contracts/vault.md has it. The application may go on writing meanwhile. Blocks: for workers.
 *
 * Returns: (transfer full): what was written, or %NULL, and then @out is of no use: %REPRISE_ERROR_BUSY where a database was locked for
 *   more than 5 seconds, %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_REFUSED for nothing to write or a place without locks, %G_IO_ERROR_NO_SPACE,
 *   and what the system reports
 */
RepriseSqliteExport *
reprise_sqlite_export (const RepriseSqliteSource *source,
                       const RepriseSqliteRules *rules,
                       RepriseGroups groups,
                       const char *scratch,
                       GOutputStream *out,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error)
{
  return reprise_sqlite_export_with_drops (source, rules, groups, NULL, scratch, out, progress,
                                           cancellable, error);
}
