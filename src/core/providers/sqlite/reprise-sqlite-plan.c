/* reprise-sqlite-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-plan"

#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/sqlite/reprise-sqlite-apply-private.h"
#include "providers/sqlite/reprise-sqlite-export-private.h"
#include "providers/sqlite/reprise-sqlite-filing-private.h"
#include "providers/sqlite/reprise-sqlite-foreign-private.h"
#include "providers/sqlite/reprise-sqlite-others-private.h"
#include "providers/sqlite/reprise-sqlite-place-private.h"
#include "providers/sqlite/reprise-sqlite-restore.h"

/* A plan being made. Nothing is written but files in the scratch folder. */
typedef struct
{
  RepriseSqliteArchive *archive;
  const RepriseSqliteManifest *manifest;
  const RepriseSqliteWish *wish;
  const RepriseSqliteRules *rules;
  ReprisePlan *plan;
  GCancellable *cancellable;

  RepriseGroups groups;
  gboolean is_file;
  char *path;                  /* (owned): of the wish, without links */
  GPtrArray *targets;          /* (owned) (element-type RepriseSqliteTarget) */
  RepriseSqliteSource *source; /* (owned) (nullable) */
  GPtrArray *scratch_files;    /* (owned) (element-type utf8) */
  gboolean overwrites;
  gint64 needed_bytes; /* beside the databases, while they are written */
} Planning;

static void
planning_clear (Planning *self)
{
  g_clear_pointer (&self->targets, g_ptr_array_unref);
  g_clear_pointer (&self->source, reprise_sqlite_source_free);
  g_clear_pointer (&self->path, g_free);
  for (guint i = 0; i < self->scratch_files->len; i++)
    unlink (g_ptr_array_index (self->scratch_files, i));
  g_clear_pointer (&self->scratch_files, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Planning, planning_clear)

static void add_check (Planning *self,
                       const char *id,
                       RepriseCheckResult result,
                       const char *format,
                       ...) G_GNUC_PRINTF (4, 5);

static void
add_check (Planning *self, const char *id, RepriseCheckResult result, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list values;

  va_start (values, format);
  text = g_strdup_vprintf (format, values);
  va_end (values);
  reprise_plan_add_check (self->plan, id, result, text, NULL);
}

static gboolean
open_source (Planning *self, GError **error)
{
  g_autoptr (GError) failure = NULL;

  self->source =
    reprise_sqlite_source_open (self->path, !self->is_file, self->cancellable, &failure);
  if (self->source != NULL || g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static char *
describe_rows (const RepriseSqliteChange *change, gint64 now, gint64 backup)
{
  if (change->refusal != NULL)
    return g_strdup (change->refusal);
  if (change->way == REPRISE_SQLITE_WAY_REBUILD)
    return g_strdup (_ ("The search index is made again"));
  if (now > backup && backup >= 0)
    return g_strdup_printf (ngettext ("%" PRId64 " row more than in the backup is lost",
                                      "%" PRId64 " rows more than in the backup are lost",
                                      (gulong) (now - backup)),
                            now - backup);
  return NULL;
}

static ReprisePlanAction
find_action (const RepriseSqliteChange *change)
{
  if (change->refusal != NULL)
    return REPRISE_PLAN_REFUSED;
  return change->made ? REPRISE_PLAN_CREATED : REPRISE_PLAN_REPLACED;
}

/* One row for each table or virtual table that is restored; of inner tables only a refusal is told. */
static void
add_changes (Planning *self, const RepriseSqliteTarget *target, GHashTable *measures)
{
  for (guint i = 0; i < target->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (target->changes, i);
      RepriseSqliteMeasure measure = { 0, 0 };
      g_autofree char *text = NULL;

      if (change->saved->table->kind == REPRISE_SQLITE_SHADOW)
        {
          if (change->refusal != NULL)
            add_check (self, "columns", REPRISE_CHECK_REFUSED, "%s", change->refusal);
          continue;
        }
      if (change->now != NULL)
        reprise_sqlite_measure_get (measures, target->schema, change->now, &measure);
      text = describe_rows (change, measure.rows, change->collection->rows);
      reprise_plan_add_row (self->plan, change->group, change->collection->name, measure.rows,
                            change->collection->rows, find_action (change), text);
      self->needed_bytes += MAX (measure.size_bytes, 0) + MAX (change->collection->size_bytes, 0);
      self->overwrites |= !change->made;
      if (change->refusal != NULL)
        add_check (self, "columns", REPRISE_CHECK_REFUSED, "%s", change->refusal);
    }
}

/* Views, triggers and virtual tables; what the backup does not have of them is left alone. */
static void
add_objects (Planning *self, const RepriseSqliteTarget *target)
{
  gint64 now = target->schema != NULL ? target->schema->objects->len : 0;
  gboolean restored = FALSE;

  for (guint i = 0; i < self->manifest->collections[REPRISE_GROUP_REQUIRED]->len; i++)
    {
      const RepriseSqliteSaved *saved =
        g_ptr_array_index (self->manifest->collections[REPRISE_GROUP_REQUIRED], i);

      if (saved->database != (int) target->n || saved->tables->len > 0 ||
          !REPRISE_GROUPS_HAS (self->groups, REPRISE_GROUP_REQUIRED))
        continue;
      restored = TRUE;
      reprise_plan_add_row (self->plan, REPRISE_GROUP_REQUIRED, saved->name, now, saved->rows,
                            target->objects->len == 0 ? REPRISE_PLAN_LEFT_ALONE
                            : now > 0                 ? REPRISE_PLAN_REPLACED
                                                      : REPRISE_PLAN_CREATED,
                            NULL);
      self->overwrites |= now > 0 && target->objects->len > 0;
    }
  if (!restored && now > 0 && self->source != NULL)
    {
      g_autofree char *name = reprise_sqlite_source_dup_name (self->source, target->saved->name,
                                                              REPRISE_SQLITE_SCHEMA_COLLECTION);

      reprise_plan_add_row (self->plan, REPRISE_GROUP_REQUIRED, name, now, REPRISE_NOT_REPORTED,
                            REPRISE_PLAN_LEFT_ALONE, NULL);
    }
}

static void
add_rest (Planning *self, RepriseSqliteTarget *target, GHashTable *measures)
{
  if (target->schema == NULL || self->source == NULL)
    return;
  reprise_sqlite_schema_assign (target->schema, self->rules, target->saved->name);
  for (guint i = 0; i < target->schema->tables->len; i++)
    {
      const RepriseSqliteTable *table = g_ptr_array_index (target->schema->tables, i);
      g_autofree char *name =
        reprise_sqlite_source_dup_name (self->source, target->saved->name, table->name);
      RepriseSqliteMeasure measure;

      if (table->kind == REPRISE_SQLITE_SHADOW ||
          reprise_sqlite_target_replaces (target, table->name))
        continue;
      reprise_sqlite_measure_get (measures, target->schema, table, &measure);
      reprise_plan_add_row (self->plan, table->verdict.group, name, measure.rows,
                            REPRISE_NOT_REPORTED, REPRISE_PLAN_LEFT_ALONE, NULL);
    }
}

static void
add_drops (Planning *self, const RepriseSqliteTarget *target)
{
  for (guint i = 0; i < target->drops->len; i++)
    {
      const RepriseSqliteDrop *item = g_ptr_array_index (target->drops, i);
      const RepriseSqliteTable *table =
        target->schema != NULL ? reprise_sqlite_schema_find (target->schema, item->name) : NULL;

      if (table == NULL || self->source == NULL)
        continue;
      {
        g_autofree char *name =
          reprise_sqlite_source_dup_name (self->source, target->saved->name, item->name);

        reprise_plan_add_row (self->plan, table->verdict.group, name, REPRISE_NOT_REPORTED,
                              REPRISE_NOT_REPORTED, REPRISE_PLAN_REMOVED,
                              _ ("The restore had made it"));
      }
      self->overwrites = TRUE;
    }
}

/* The state of a database that may be needed; a version that goes back may make the application do its migrations twice. */
static void
compare_facts (Planning *self, const RepriseSqliteTarget *target)
{
  const RepriseSqliteSchema *then = target->saved->facts, *now = target->schema;

  if (now == NULL)
    return;
  if (!g_str_equal (then->encoding, now->encoding))
    add_check (self, "encoding", REPRISE_CHECK_REFUSED,
               _ ("The text of “%s” is kept in %s now, and in the backup in %s"),
               target->saved->name, now->encoding, then->encoding);
  if (then->application_id != now->application_id && then->application_id != 0 &&
      now->application_id != 0)
    add_check (self, "application", REPRISE_CHECK_WARNING,
               _ ("“%s” belongs to another application now than in the backup, as the mark of its "
                  "file says"),
               target->saved->name);
  if (then->user_version != now->user_version &&
      REPRISE_GROUPS_HAS (self->groups, REPRISE_GROUP_REQUIRED))
    add_check (self, "version", REPRISE_CHECK_WARNING,
               _ ("The application numbers the structure of “%s” as %" PRId64 " now and as %" PRId64
                  " in the backup, which is put back"),
               target->saved->name, now->user_version, then->user_version);
  else if (then->user_version != now->user_version)
    add_check (self, "version", REPRISE_CHECK_WARNING,
               _ ("The application numbers the structure of “%s” as %" PRId64
                  " now, and as %" PRId64 " in the backup"),
               target->saved->name, now->user_version, then->user_version);
}

static void
note_lock (Planning *self, const RepriseSqliteTarget *target)
{
  g_autofree char *holder = reprise_sqlite_place_dup_holder (target->path);

  if (holder != NULL)
    add_check (self, "locked", REPRISE_CHECK_WARNING,
               _ ("“%s” is being written by %s just now: the restore waits 5 seconds for it"),
               target->saved->name, holder);
  for (guint i = 0; i < target->stale->len; i++)
    add_check (self, "index", REPRISE_CHECK_WARNING,
               _ ("The search index “%s” can be made again by its application alone: until then it "
                  "finds what was there before"),
               (const char *) g_ptr_array_index (target->stale, i));
}

/* --- foreign keys --- */

static const RepriseSqliteChange *
find_change (const RepriseSqliteTarget *target, const char *table)
{
  for (guint i = 0; i < target->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (target->changes, i);

      if (g_ascii_strcasecmp (change->saved->table->name, table) == 0)
        return change;
    }
  return NULL;
}

/* Whether an undo removes it. */
static gboolean
is_dropped (const RepriseSqliteTarget *target, const char *table)
{
  for (guint i = 0; i < target->drops->len; i++)
    if (g_ascii_strcasecmp (((RepriseSqliteDrop *) g_ptr_array_index (target->drops, i))->name,
                            table) == 0)
      return TRUE;
  return FALSE;
}

/* Whether a key goes from what is replaced to what is not, or the other way. */
static gboolean
crosses (const RepriseSqliteTarget *target, const RepriseSqliteForeign *key)
{
  if (is_dropped (target, key->child) || is_dropped (target, key->parent))
    return FALSE;
  return key->from->len > 0 && key->from->len == key->to->len &&
         reprise_sqlite_target_replaces (target, key->child) !=
           reprise_sqlite_target_replaces (target, key->parent);
}

static gboolean
attach (Planning *self,
        const RepriseSqliteTarget *target,
        RepriseGroup group,
        RepriseSqliteDb *db,
        RepriseGroups *attached,
        GError **error)
{
  const RepriseSqliteFile *file =
    reprise_sqlite_manifest_find_file (self->manifest, group, (int) target->n);
  g_autoptr (RepriseArchiveReader) reader = NULL;
  g_autoptr (RepriseSqliteDb) group_db = NULL;
  char *path;

  if (REPRISE_GROUPS_HAS (*attached, group))
    return TRUE;
  if (file == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The archive lacks the group “%s” of “%s”"),
                         reprise_group_to_string (group), target->saved->name);
      return FALSE;
    }
  path = reprise_sqlite_apply_make_scratch_path (self->wish->scratch, target->n, group);
  g_ptr_array_add (self->scratch_files, path);
  reader = reprise_sqlite_archive_open_reader (reprise_sqlite_archive_get_path (self->archive),
                                               self->cancellable, error);
  if (reader == NULL ||
      !reprise_sqlite_archive_extract_file (reader, file, path, NULL, self->cancellable, error))
    return FALSE;
  group_db = reprise_sqlite_db_open (path, target->saved->name, REPRISE_SQLITE_READ,
                                     self->cancellable, error);
  if (group_db == NULL ||
      !reprise_sqlite_archive_check_group (self->manifest, group, (int) target->n, group_db, error))
    return FALSE;
  *attached |= REPRISE_GROUP_BIT (group);
  return reprise_sqlite_db_attach (db, reprise_group_to_string (group), path, REPRISE_SQLITE_READ,
                                   error);
}

/* “p.a = c.x AND p.b = c.y”, or that none of the child's columns is empty */
static char *
join_columns (const RepriseSqliteForeign *key, gboolean filled)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < key->from->len; i++)
    {
      char *part =
        filled ? sqlite3_mprintf ("%sc.\"%w\" IS NOT NULL", i > 0 ? " AND " : "",
                                  g_ptr_array_index (key->from, i))
               : sqlite3_mprintf ("%sp.\"%w\" = c.\"%w\"", i > 0 ? " AND " : "",
                                  g_ptr_array_index (key->to, i), g_ptr_array_index (key->from, i));

      g_string_append (text, part);
      sqlite3_free (part);
    }
  return g_string_free (text, FALSE);
}

/* How many rows of the child would point to nothing that point, or pointed, to something now. */
static gboolean
count_broken (const RepriseSqliteForeign *key,
              const char *child_schema,
              const char *parent_schema,
              RepriseSqliteDb *db,
              gint64 *n,
              GError **error)
{
  g_autofree char *same = join_columns (key, FALSE);
  g_autofree char *filled = join_columns (key, TRUE);
  gboolean parent_replaced = !g_str_equal (parent_schema, "main");

  /* A parent that is replaced: those that were broken before are not its doing */
  if (parent_replaced)
    return reprise_sqlite_db_get_int (db, n, error,
                                      "SELECT count(*) FROM main.\"%w\" AS c WHERE %s AND NOT "
                                      "EXISTS (SELECT 1 FROM \"%w\".\"%w\" AS p WHERE %s)"
                                      " AND EXISTS (SELECT 1 FROM main.\"%w\" AS p WHERE %s)",
                                      key->child, filled, parent_schema, key->parent, same,
                                      key->parent, same);
  return reprise_sqlite_db_get_int (db, n, error,
                                    "SELECT count(*) FROM \"%w\".\"%w\" AS c WHERE %s AND NOT "
                                    "EXISTS (SELECT 1 FROM main.\"%w\" AS p WHERE %s)",
                                    child_schema, key->child, filled, key->parent, same);
}

static gboolean
check_key (Planning *self,
           RepriseSqliteTarget *target,
           const RepriseSqliteForeign *key,
           RepriseSqliteDb *db,
           RepriseGroups *attached,
           GError **error)
{
  const RepriseSqliteChange *child = find_change (target, key->child);
  const RepriseSqliteChange *replaced = child != NULL ? child : find_change (target, key->parent);
  const char *schema = replaced != NULL ? reprise_group_to_string (replaced->group) : "main";
  g_autofree char *advice = NULL, *text = NULL;
  gint64 n = 0, n_before = 0;

  if (replaced == NULL || (child == NULL && replaced->made))
    return TRUE; /* what it points to was not there before: it can only become better */
  if (!attach (self, target, replaced->group, db, attached, error))
    return FALSE;
  /* what cannot be asked here (a function of the application's own), the restore itself finds out */
  if (!count_broken (key, child != NULL ? schema : "main", child != NULL ? "main" : schema, db, &n,
                     NULL) ||
      n == 0)
    return TRUE;
  if (child != NULL && !child->made)
    count_broken (key, "main", "main", db, &n_before, NULL);
  advice = reprise_sqlite_foreign_advise (target, self->manifest, key->child, key->parent);
  text = g_strdup_printf (
    ngettext ("%" PRId64 " row of “%s” would point to a row of “%s” that is not there.",
              "%" PRId64 " rows of “%s” would point to rows of “%s” that are not there.",
              (gulong) n),
    n, key->child, key->parent);
  /* where some did so before, the restore compares them one by one, and takes everything back if one is new */
  reprise_plan_add_check (self->plan, "foreign-keys",
                          n_before > 0 || target->undo ? REPRISE_CHECK_WARNING
                                                       : REPRISE_CHECK_REFUSED,
                          text, target->undo ? NULL : advice);
  return TRUE;
}

static gboolean
check_keys (Planning *self, RepriseSqliteTarget *target, RepriseSqliteDb *db, GError **error)
{
  g_autoptr (GPtrArray) keys = reprise_sqlite_foreign_load (db, target->schema, error);
  RepriseGroups attached = REPRISE_GROUPS_NONE;

  if (keys == NULL)
    return FALSE;
  for (guint i = 0; i < keys->len; i++)
    {
      const RepriseSqliteForeign *key = g_ptr_array_index (keys, i);

      if (crosses (target, key) && !check_key (self, target, key, db, &attached, error))
        return FALSE;
    }
  return TRUE;
}

/* --- one database, and all --- */

static gboolean
plan_existing (Planning *self, RepriseSqliteTarget *target, GError **error)
{
  g_autoptr (RepriseSqliteDb) db = reprise_sqlite_db_open (
    target->path, target->saved->name, REPRISE_SQLITE_READ, self->cancellable, error);
  g_autoptr (GHashTable) measures = NULL;

  if (db == NULL || !reprise_sqlite_target_look (target, self->manifest, self->groups, db, error) ||
      (measures = reprise_sqlite_measure (db, "main", target->schema, error)) == NULL)
    return FALSE;
  reprise_sqlite_target_try_statements (target, db);
  note_lock (self, target);
  compare_facts (self, target);
  add_objects (self, target);
  add_changes (self, target, measures);
  add_rest (self, target, measures);
  add_drops (self, target);
  if (access (target->path, W_OK) != 0)
    add_check (self, "database", REPRISE_CHECK_REFUSED, _ ("“%s” may not be written by you"),
               target->path);
  return reprise_plan_is_refused (self->plan) || check_keys (self, target, db, error);
}

static gboolean
plan_target (Planning *self, RepriseSqliteTarget *target, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!target->exists)
    {
      if (!reprise_sqlite_target_look (target, self->manifest, self->groups, NULL, error))
        return FALSE;
      add_objects (self, target);
      add_changes (self, target, NULL);
      return TRUE;
    }
  if (plan_existing (self, target, &failure))
    return TRUE;
  /* that it is locked or damaged is a finding; that somebody pressed Stop, or the archive is damaged, is not */
  if (!g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_BUSY) &&
      !g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_REFUSED) &&
      !g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  add_check (self,
             g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_BUSY) ? "locked" : "database",
             REPRISE_CHECK_REFUSED, "%s", failure->message);
  return TRUE;
}

static gboolean
count_cb (const char *name, const struct stat *info, gpointer user_data, GError **error)
{
  (*(gint64 *) user_data)++;
  return TRUE;
}

static gboolean
plan_folder (Planning *self, RepriseGroup group, const RepriseSqliteSaved *saved, GError **error)
{
  g_autofree char *text = NULL;
  gint64 now = 0;

  if (self->source != NULL && !reprise_sqlite_source_walk (self->source, saved->name, count_cb,
                                                           &now, self->cancellable, error))
    return FALSE;
  if (now > saved->rows)
    text = g_strdup_printf (ngettext ("%" PRId64 " file more than in the backup is lost",
                                      "%" PRId64 " files more than in the backup are lost",
                                      (gulong) (now - saved->rows)),
                            now - saved->rows);
  reprise_plan_add_row (self->plan, group, saved->name, now, saved->rows,
                        now > 0 ? REPRISE_PLAN_REPLACED : REPRISE_PLAN_CREATED, text);
  self->overwrites |= now > 0;
  self->needed_bytes += MAX (saved->size_bytes, 0);
  return TRUE;
}

static gboolean
plan_folders (Planning *self, GError **error)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) folders =
        reprise_sqlite_filing_find (self->manifest, (RepriseGroup) group);

      for (guint i = 0; REPRISE_GROUPS_HAS (self->groups, group) && i < folders->len; i++)
        if (!plan_folder (self, (RepriseGroup) group, g_ptr_array_index (folders, i), error))
          return FALSE;
    }
  return TRUE;
}

static void
check_space (Planning *self, const char *id, const char *path, gint64 needed)
{
  gint64 free_bytes = reprise_file_get_free_bytes (path);
  g_autofree char *needed_text = g_format_size ((guint64) needed);
  g_autofree char *free_text = g_format_size ((guint64) MAX (free_bytes, 0));

  if (free_bytes >= 0 && free_bytes < needed)
    add_check (self, id, REPRISE_CHECK_REFUSED,
               _ ("The restore needs %s in “%s” while it works, and only %s are free"), needed_text,
               path, free_text);
}

static void
add_steps (Planning *self)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->targets->len; i++)
    reprise_sqlite_target_add_steps (g_ptr_array_index (self->targets, i), steps);
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) folders =
        reprise_sqlite_filing_find (self->manifest, (RepriseGroup) group);

      for (guint i = 0; REPRISE_GROUPS_HAS (self->groups, group) && i < folders->len; i++)
        g_ptr_array_add (
          steps, g_strdup_printf ("FILES %s",
                                  ((RepriseSqliteSaved *) g_ptr_array_index (folders, i))->name));
    }
  for (guint i = 0; i < steps->len; i++)
    reprise_plan_add_step (self->plan, g_ptr_array_index (steps, i));
}

static gboolean
begin (Planning *self, GError **error)
{
  self->manifest = reprise_sqlite_archive_get_manifest (self->archive);
  self->groups = self->wish->groups & self->manifest->groups;
  self->scratch_files = g_ptr_array_new_with_free_func (g_free);
  self->path = reprise_sqlite_target_resolve (self->wish->path);
  if (!reprise_sqlite_target_check_any (self->manifest, self->groups, self->wish->undo, error))
    return FALSE;
  self->targets = reprise_sqlite_target_find_all (self->manifest, self->groups, self->wish->undo,
                                                  self->path, &self->is_file, error);
  return self->targets != NULL && open_source (self, error);
}

/**
 * reprise_sqlite_restore_plan:
 * @rules: of the service, for the groups of what is left alone
 * @plan: gains checks (“columns”, “foreign-keys”, “locked”, “space”, “version”, “encoding”, “database”, “index”), a row for each
 *   collection and for each group, steps, and whether anything is overwritten; the target's name is the caller's to say
 *
 * Finds out what a restore would do. Nothing is written, but for files in the scratch folder. Blocks: for workers.
 *
 * Returns: whether a plan could be made: that the restore is refused is in the plan. Else %REPRISE_ERROR_REFUSED where the archive
 *   does not fit to the place at all, %REPRISE_ERROR_DAMAGED, and what the system reports
 */
gboolean
reprise_sqlite_restore_plan (RepriseSqliteArchive *archive,
                             const RepriseSqliteWish *wish,
                             const RepriseSqliteRules *rules,
                             ReprisePlan *plan,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_auto (Planning) self = { archive, NULL, wish, rules, plan, cancellable };

  if (!begin (&self, error))
    return FALSE;
  for (guint i = 0; i < self.targets->len; i++)
    {
      RepriseSqliteTarget *target = g_ptr_array_index (self.targets, i);

      reprise_progress_set_message (progress, target->saved->name);
      if (!plan_target (&self, target, error))
        return FALSE;
    }
  if (!plan_folders (&self, error))
    return FALSE;
  if (self.source != NULL)
    reprise_sqlite_others_add (plan, self.source, rules, self.manifest, self.groups, self.targets,
                               cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  check_space (&self, "space", self.path, self.needed_bytes);
  check_space (&self, "space", wish->scratch,
               reprise_sqlite_archive_get_size_bytes (archive, self.groups));
  add_steps (&self);
  reprise_plan_add_group_rows (plan);
  reprise_plan_set_overwrites (plan, self.overwrites);
  return TRUE;
}

/* --- the safety copy --- */

/* Exactly what is replaced, in the groups of the archive, whatever the rules say now. */
static RepriseSqliteRules *
make_rules (const Planning *self, GError **error)
{
  g_autoptr (RepriseSqliteRules) rules = reprise_sqlite_rules_new (NULL, error);

  for (guint i = 0; i < self->targets->len; i++)
    {
      const RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);
      g_autofree char *database =
        self->is_file ? g_path_get_basename (self->path) : g_strdup (target->saved->name);

      for (guint j = 0; j < target->changes->len; j++)
        {
          const RepriseSqliteChange *change = g_ptr_array_index (target->changes, j);
          g_autofree char *name = g_strconcat (database, "/", change->saved->table->name, NULL);

          reprise_sqlite_rules_set_exactly (rules, name, change->group);
        }
    }
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) folders =
        reprise_sqlite_filing_find (self->manifest, (RepriseGroup) group);

      for (guint i = 0; REPRISE_GROUPS_HAS (self->groups, group) && i < folders->len; i++)
        reprise_sqlite_rules_set_exactly (
          rules, ((RepriseSqliteSaved *) g_ptr_array_index (folders, i))->name,
          (RepriseGroup) group);
    }
  return reprise_sqlite_rules_set (rules, "*=skipped", error) ? g_steal_pointer (&rules) : NULL;
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

static void
add_drop (GPtrArray *drops, const char *type, const char *database, const char *name)
{
  RepriseSqliteDrop *item = g_new0 (RepriseSqliteDrop, 1);

  item->type = g_strdup (type);
  item->database = g_strdup (database);
  item->name = g_strdup (name);
  g_ptr_array_add (drops, item);
}

static void
find_made (const RepriseSqliteTarget *target, const char *database, GPtrArray *drops)
{
  const RepriseSqliteTable *owner = NULL;

  /* what uses something goes before it */
  for (guint i = target->objects->len; i-- > 0;)
    {
      const RepriseSqliteObject *object = g_ptr_array_index (target->objects, i);

      if (reprise_sqlite_schema_find_object (target->schema, object->type, object->name) == NULL)
        add_drop (drops, object->type, database, object->name);
    }
  for (guint i = 0; i < target->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (target->changes, i);
      const RepriseSqliteTable *table = change->saved->table;

      if (table->kind == REPRISE_SQLITE_VIRTUAL)
        owner = table;
      /* inner tables go with their virtual one, unless nobody here knows that they are its */
      if (change->made && (table->kind != REPRISE_SQLITE_SHADOW || owner == NULL ||
                           !reprise_sqlite_module_is_known (owner->module)))
        add_drop (drops, "table", database, table->name);
    }
}

static GPtrArray *
find_drops (const Planning *self)
{
  GPtrArray *drops = g_ptr_array_new_with_free_func (drop_free);

  for (guint i = 0; i < self->targets->len; i++)
    {
      const RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);
      g_autofree char *database =
        self->is_file ? g_path_get_basename (self->path) : g_strdup (target->saved->name);

      if (target->exists)
        find_made (target, database, drops);
      else
        add_drop (drops, "database", "", database);
    }
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) folders =
        reprise_sqlite_filing_find (self->manifest, (RepriseGroup) group);

      for (guint i = 0; REPRISE_GROUPS_HAS (self->groups, group) && i < folders->len; i++)
        {
          const char *name = ((RepriseSqliteSaved *) g_ptr_array_index (folders, i))->name;

          if (!g_strv_contains (reprise_sqlite_source_get_folders (self->source), name))
            add_drop (drops, "folder", "", name);
        }
    }
  return drops;
}

static gboolean
look_at_all (Planning *self, GError **error)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);
      g_autoptr (RepriseSqliteDb) db = NULL;

      if (target->exists &&
          (db = reprise_sqlite_db_open (target->path, target->saved->name, REPRISE_SQLITE_READ,
                                        self->cancellable, error)) == NULL)
        return FALSE;
      if (!reprise_sqlite_target_look (target, self->manifest, self->groups, db, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_sqlite_restore_export_safety_copy:
 * @wish: of the restore that is about to be made
 * @out: gains an archive: what the restore replaces, and a list of what it makes, which an undo removes
 *
 * Which tables it holds is what the restore says, not what the service's rules say now: they may have changed since the backup. The
 * undo is a restore of this archive with `undo` set. Blocks: for workers.
 *
 * Returns: (transfer full): what was written, or %NULL with what reprise_sqlite_export() reports
 */
RepriseSqliteExport *
reprise_sqlite_restore_export_safety_copy (RepriseSqliteArchive *archive,
                                           const RepriseSqliteWish *wish,
                                           GOutputStream *out,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error)
{
  g_auto (Planning) self = { archive, NULL, wish, NULL, NULL, cancellable };
  g_autoptr (RepriseSqliteRules) rules = NULL;
  g_autoptr (GPtrArray) drops = NULL;

  if (!begin (&self, error) || !look_at_all (&self, error))
    return NULL;
  if (self.source == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("There is nothing in “%s” that a safety copy could be made of"),
                         wish->path);
      return NULL;
    }
  rules = make_rules (&self, error);
  if (rules == NULL)
    return NULL;
  drops = find_drops (&self);
  return reprise_sqlite_export_with_drops (self.source, rules, self.groups, drops, wish->scratch,
                                           out, progress, cancellable, error);
}
