/* reprise-sqlite-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-restore"

#include "config.h"

#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-strv.h"
#include "providers/sqlite/reprise-sqlite-apply-private.h"
#include "providers/sqlite/reprise-sqlite-filing-private.h"
#include "providers/sqlite/reprise-sqlite-place-private.h"
#include "providers/sqlite/reprise-sqlite-restore.h"
#include "providers/sqlite/reprise-sqlite-settle-private.h"

/*
 *   look, without a lock ─► unpack the groups and the files ─► lock every database ─► do everything in it, and compare
 *     ─► put new databases and files in place ─► commit one database after the other ─► clean up
 *
 * Until the files are put in place, nothing has changed. Until the first commit, everything can be taken back. From there on a
 * later start finishes it. A restore that changes one database and nothing else is its one transaction.
 */
typedef struct
{
  const RepriseSqliteManifest *manifest;
  const char *archive_path;
  const RepriseSqliteWish *wish;
  RepriseJournal *journal;
  RepriseProgress *progress;
  GCancellable *cancellable;

  RepriseGroups groups;
  gboolean is_file;
  char *path; /* (owned): of the wish, without links */
  char *root; /* (owned): the folder of the application */
  gboolean made_root;
  GPtrArray *targets;            /* (owned) (element-type RepriseSqliteTarget) */
  GPtrArray *applies;            /* (owned) (element-type RepriseSqliteApply): in the same order */
  RepriseSqliteSource *source;   /* (owned) (nullable): the application as it is */
  RepriseSqliteStaging *staging; /* (owned) (nullable) */
  GPtrArray *scratch_files;      /* (owned) (element-type utf8) */
  GPtrArray *warnings;           /* (owned) (element-type utf8) */
  GPtrArray *steps;              /* (owned) (element-type utf8) */
  gint64 n_removed;
  guint n_committed; /* databases that were there before */
} Restore;

static void
restore_clear (Restore *self)
{
  g_clear_pointer (&self->applies, g_ptr_array_unref);
  g_clear_pointer (&self->staging, reprise_sqlite_staging_free);
  g_clear_pointer (&self->targets, g_ptr_array_unref);
  g_clear_pointer (&self->source, reprise_sqlite_source_free);
  for (guint i = 0; i < self->scratch_files->len; i++)
    unlink (g_ptr_array_index (self->scratch_files, i));
  g_clear_pointer (&self->scratch_files, g_ptr_array_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_clear_pointer (&self->steps, g_ptr_array_unref);
  g_clear_pointer (&self->root, g_free);
  g_clear_pointer (&self->path, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Restore, restore_clear)

void
reprise_sqlite_restored_free (RepriseSqliteRestored *self)
{
  g_clear_object (&self->contents);
  g_strfreev (self->steps);
  g_strfreev (self->warnings);
  g_free (self);
}

static gboolean
has_folders (const Restore *self)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    if (REPRISE_GROUPS_HAS (self->groups, group) &&
        reprise_sqlite_manifest_find_file (self->manifest, (RepriseGroup) group, -1) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
is_dropped (const Restore *self, const char *type)
{
  for (guint i = 0; self->wish->undo && i < self->manifest->drops->len; i++)
    if (g_str_equal (((RepriseSqliteDrop *) g_ptr_array_index (self->manifest->drops, i))->type,
                     type))
      return TRUE;
  return FALSE;
}

/* Opens what is there, if anything is. */
static gboolean
open_source (Restore *self, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean with_files = has_folders (self) || is_dropped (self, "folder");

  self->source = reprise_sqlite_source_open (self->path, with_files, self->cancellable, &failure);
  if (self->source != NULL || g_error_matches (failure, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* What would be refused is refused before anything is unpacked. */
static gboolean
look_first (Restore *self, GError **error)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);
      g_autoptr (RepriseSqliteDb) db = NULL;
      const char *refusal;

      if (target->exists &&
          (db = reprise_sqlite_db_open (target->path, target->saved->name, REPRISE_SQLITE_READ,
                                        self->cancellable, error)) == NULL)
        return FALSE;
      if (!reprise_sqlite_target_look (target, self->manifest, self->groups, db, error))
        return FALSE;
      if (db != NULL)
        reprise_sqlite_target_try_statements (target, db);
      refusal = reprise_sqlite_target_get_refusal (target);
      if (refusal == NULL)
        continue;
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, refusal);
      return FALSE;
    }
  return TRUE;
}

/* Structure before anything else: what is not a table is not read from. */
static gboolean
unpack_group (Restore *self,
              const RepriseSqliteTarget *target,
              RepriseGroup group,
              RepriseArchiveReader *reader,
              GError **error)
{
  const RepriseSqliteFile *file =
    reprise_sqlite_manifest_find_file (self->manifest, group, (int) target->n);
  char *path = reprise_sqlite_apply_make_scratch_path (self->wish->scratch, target->n, group);
  g_autoptr (RepriseSqliteDb) db = NULL;

  g_ptr_array_add (self->scratch_files, path);
  if (file == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The archive lacks the group “%s” of “%s”"),
                         reprise_group_to_string (group), target->saved->name);
      return FALSE;
    }
  if (!reprise_sqlite_archive_extract_file (reader, file, path, self->progress, self->cancellable,
                                            error))
    return FALSE;
  db = reprise_sqlite_db_open (path, target->saved->name, REPRISE_SQLITE_READ, self->cancellable,
                               error);
  return db != NULL &&
         reprise_sqlite_archive_check_group (self->manifest, group, (int) target->n, db, error);
}

static gboolean
unpack_groups (Restore *self, RepriseArchiveReader *reader, GError **error)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      const RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);

      reprise_progress_set_message (self->progress, target->saved->name);
      for (guint group = 0; group < REPRISE_N_GROUPS; group++)
        if (REPRISE_GROUPS_HAS (target->groups, group) &&
            !unpack_group (self, target, (RepriseGroup) group, reader, error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
needs_staging (const Restore *self)
{
  if (self->targets->len > 1 || has_folders (self) || is_dropped (self, "folder") ||
      is_dropped (self, "database"))
    return TRUE;
  for (guint i = 0; i < self->targets->len; i++)
    if (!((RepriseSqliteTarget *) g_ptr_array_index (self->targets, i))->exists)
      return TRUE;
  return FALSE;
}

static gboolean
make_staging (Restore *self, GError **error)
{
  if (!needs_staging (self))
    return TRUE;
  if (!g_file_test (self->root, G_FILE_TEST_IS_DIR))
    {
      if (!reprise_file_make_folder (self->root, error))
        return FALSE;
      self->made_root = TRUE;
    }
  self->staging = reprise_sqlite_staging_new (self->root, self->cancellable, error);
  return self->staging != NULL;
}

static gboolean
stage_drops (Restore *self, GError **error)
{
  for (guint i = 0; self->wish->undo && self->source != NULL && i < self->manifest->drops->len; i++)
    {
      const RepriseSqliteDrop *item = g_ptr_array_index (self->manifest->drops, i);

      if (!g_str_equal (item->type, "folder"))
        continue;
      g_ptr_array_add (self->steps, g_strdup_printf ("REMOVE %s", item->name));
      if (!reprise_sqlite_filing_remove (self->staging, self->source, item->name, &self->n_removed,
                                         self->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
unpack_files (Restore *self, RepriseArchiveReader *reader, GError **error)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    if (REPRISE_GROUPS_HAS (self->groups, group) &&
        !reprise_sqlite_filing_stage (self->staging, self->manifest, (RepriseGroup) group,
                                      self->source, reader, self->wish->scratch, &self->n_removed,
                                      self->progress, self->cancellable, error))
      return FALSE;
  return self->staging == NULL || stage_drops (self, error);
}

static gint64
count_bytes (const Restore *self)
{
  gint64 total = 0;

  for (guint i = 0; i < self->targets->len; i++)
    {
      const RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);

      for (guint group = 0; group < REPRISE_N_GROUPS; group++)
        {
          const RepriseSqliteFile *file = reprise_sqlite_manifest_find_file (
            self->manifest, (RepriseGroup) group, (int) target->n);

          total +=
            REPRISE_GROUPS_HAS (target->groups, group) && file != NULL ? file->size_bytes : 0;
        }
    }
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) folders =
        reprise_sqlite_filing_find (self->manifest, (RepriseGroup) group);

      for (guint i = 0; REPRISE_GROUPS_HAS (self->groups, group) && i < folders->len; i++)
        total += MAX (((RepriseSqliteSaved *) g_ptr_array_index (folders, i))->size_bytes, 0);
    }
  return total;
}

static gboolean
unpack (Restore *self, GError **error)
{
  g_autoptr (RepriseArchiveReader) reader =
    reprise_sqlite_archive_open_reader (self->archive_path, self->cancellable, error);

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_READING);
  reprise_progress_set_totals (self->progress, count_bytes (self), -1);
  return reader != NULL && unpack_groups (self, reader, error) && make_staging (self, error) &&
         unpack_files (self, reader, error);
}

static gboolean
begin_one (Restore *self, RepriseSqliteTarget *target, GError **error)
{
  g_autofree char *new_path = NULL;
  RepriseSqliteApply *apply;
  guint n = 0;

  if (!target->exists)
    {
      n = reprise_sqlite_staging_next (self->staging);
      new_path = reprise_sqlite_staging_make_path (self->staging, n);
    }
  apply = reprise_sqlite_apply_begin (target, self->manifest, self->groups, self->wish->scratch,
                                      new_path, self->cancellable, error);
  if (apply == NULL)
    return FALSE;
  reprise_sqlite_apply_set_number (apply, n);
  g_ptr_array_add (self->applies, apply);
  return TRUE;
}

/* All locks first: whoever has one of them is told of before the others are kept waiting for long. */
static gboolean
apply_all (Restore *self, GError **error)
{
  gint64 n_changes = 0;

  for (guint i = 0; i < self->targets->len; i++)
    {
      RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);

      n_changes += target->changes->len;
      if (!begin_one (self, target, error))
        return FALSE;
    }
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_APPLYING);
  reprise_progress_set_totals (self->progress, -1, n_changes);
  for (guint i = 0; i < self->applies->len; i++)
    if (!reprise_sqlite_apply_run (g_ptr_array_index (self->applies, i), self->progress,
                                   self->warnings, error))
      return FALSE;
  return TRUE;
}

/* The name of a database's file in the application's folder. */
static char *
get_file_name (const Restore *self, const RepriseSqliteTarget *target)
{
  return self->is_file ? g_path_get_basename (self->path) : g_strdup (target->saved->name);
}

/* New databases become files that wait; those that an undo removes are emptied of their logs and noted. */
static gboolean
stage_databases (Restore *self, GError **error)
{
  for (guint i = 0; i < self->applies->len; i++)
    {
      const RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);
      RepriseSqliteApply *apply = g_ptr_array_index (self->applies, i);
      g_autofree char *name = get_file_name (self, target);

      if (!target->exists &&
          (!reprise_sqlite_apply_commit (apply, error) ||
           !reprise_sqlite_staging_put (self->staging, reprise_sqlite_apply_get_number (apply),
                                        name, error)))
        return FALSE;
    }
  for (guint i = 0; self->wish->undo && i < self->manifest->drops->len; i++)
    {
      const RepriseSqliteDrop *item = g_ptr_array_index (self->manifest->drops, i);
      g_autofree char *path =
        self->is_file ? g_strdup (self->path) : g_build_filename (self->root, item->name, NULL);

      if (!g_str_equal (item->type, "database") || !g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      self->n_removed++;
      if (!reprise_sqlite_settle_close_log (path, item->name, self->cancellable, error) ||
          !reprise_sqlite_staging_remove (self->staging, item->name, error))
        return FALSE;
    }
  return TRUE;
}

/* What does not fit on the disk, or a reader who does not go, is found out while nothing has been committed. */
static gboolean
flush_all (Restore *self, GError **error)
{
  for (guint i = 0; i < self->applies->len; i++)
    if (!reprise_sqlite_apply_flush (g_ptr_array_index (self->applies, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
commit_databases (Restore *self, GError **error)
{
  for (guint i = 0; i < self->applies->len; i++)
    {
      const RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);
      g_autofree char *line = g_strdup_printf ("committed %u", target->n);

      if (!target->exists)
        continue;
      if (!reprise_sqlite_apply_commit (g_ptr_array_index (self->applies, i), error))
        {
          if (self->n_committed > 0)
            reprise_error_prefix (
              error,
              _ ("Some databases hold the backup already, and “%s” does not; undo "
                 "the restore to go back: "),
              target->saved->name);
          else if (self->staging != NULL)
            reprise_sqlite_staging_swap_back (self->staging, NULL);
          return FALSE;
        }
      self->n_committed++;
      /* it only spares a later start from comparing: to stop here would leave one database new and the next one old */
      if (self->staging != NULL)
        reprise_sqlite_staging_write (self->staging, line, NULL);
    }
  return TRUE;
}

/* From the swap on, a stop waits: what is left takes a moment. */
static gboolean
make_true (Restore *self, GError **error)
{
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_FINISHING);
  if (!reprise_progress_check_stop (self->progress, error) ||
      g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !stage_databases (self, error) || !flush_all (self, error))
    return FALSE;
  reprise_progress_set_uninterruptible (self->progress, TRUE);
  if (self->staging == NULL)
    return commit_databases (self, error);
  for (guint i = 0; i < self->targets->len; i++)
    if (!reprise_sqlite_settle_note (self->staging, g_ptr_array_index (self->targets, i), error))
      return FALSE;
  if (!reprise_sqlite_staging_swap (self->staging, error))
    return FALSE;
  if (!reprise_sqlite_staging_write (self->staging, "committing", error))
    {
      reprise_sqlite_staging_swap_back (self->staging, NULL);
      return FALSE;
    }
  if (!commit_databases (self, error))
    return FALSE;
  reprise_sqlite_staging_write (self->staging, "done", NULL);
  return TRUE;
}

static void
add_written (Restore *self,
             RepriseContents *contents,
             RepriseGroup group,
             const RepriseSqliteSaved *saved)
{
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (saved->name, saved->rows, saved->size_bytes);

  reprise_contents_add (contents, group, collection);
}

static RepriseSqliteRestored *
make_result (Restore *self)
{
  RepriseSqliteRestored *result = g_new0 (RepriseSqliteRestored, 1);

  result->contents = reprise_contents_new ();
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0;
         REPRISE_GROUPS_HAS (self->groups, group) && i < self->manifest->collections[group]->len;
         i++)
      {
        const RepriseSqliteSaved *saved = g_ptr_array_index (self->manifest->collections[group], i);

        add_written (self, result->contents, (RepriseGroup) group, saved);
        if (saved->database < 0)
          result->files += MAX (saved->rows, 0);
        for (guint j = 0; j < saved->tables->len; j++)
          {
            const RepriseSqliteSavedTable *table = g_ptr_array_index (saved->tables, j);

            result->rows += table->table->kind == REPRISE_SQLITE_TABLE ? table->rows : 0;
          }
      }
  result->removed = self->n_removed;
  result->steps = reprise_strv_from_array (self->steps, 0);
  result->warnings = reprise_strv_from_array (self->warnings, 0);
  return result;
}

static void
note_steps (Restore *self)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      RepriseSqliteTarget *target = g_ptr_array_index (self->targets, i);

      reprise_sqlite_target_add_steps (target, self->steps);
      self->n_removed += target->drops->len;
    }
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) folders =
        reprise_sqlite_filing_find (self->manifest, (RepriseGroup) group);

      for (guint i = 0; REPRISE_GROUPS_HAS (self->groups, group) && i < folders->len; i++)
        g_ptr_array_add (
          self->steps,
          g_strdup_printf ("FILES %s",
                           ((RepriseSqliteSaved *) g_ptr_array_index (folders, i))->name));
    }
}

static gboolean
run (Restore *self, GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_READING, 25 },
                                              { REPRISE_PHASE_APPLYING, 40 },
                                              { REPRISE_PHASE_FINISHING, 3 } };

  reprise_progress_set_plan (self->progress, PHASES, G_N_ELEMENTS (PHASES));
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_CHECKING);
  self->targets = reprise_sqlite_target_find_all (self->manifest, self->groups, self->wish->undo,
                                                  self->path, &self->is_file, error);
  if (self->targets == NULL)
    return FALSE;
  self->root = self->is_file ? g_path_get_dirname (self->path) : g_strdup (self->path);
  return reprise_sqlite_restore_settle (self->path, NULL, NULL, error) &&
         open_source (self, error) && look_first (self, error) && unpack (self, error) &&
         apply_all (self, error);
}

/* Nothing has been changed, or all of it was taken back. */
static void
clean_up (Restore *self)
{
  g_clear_pointer (&self->applies, g_ptr_array_unref);
  if (self->staging != NULL && !reprise_sqlite_staging_is_stuck (self->staging))
    reprise_sqlite_staging_finish (self->staging, NULL);
  if (self->made_root)
    g_rmdir (self->root); /* which does nothing once there is something in it */
}

static gboolean
begin_journal (Restore *self, GError **error)
{
  g_autofree char *text = g_strdup_printf (_ ("replace data in “%s”"), self->path);

  return self->journal == NULL || reprise_journal_begin (self->journal, "apply", text, error);
}

/**
 * reprise_sqlite_restore:
 * @journal: (nullable): gains the step “apply” before the first change, and its end when the application is in a known
 *   state; or loses it again when nothing was changed
 * @progress: (nullable): goes through the phases checking, reading, applying, finishing
 *
 * Restores groups of an archive, all or nothing: each database in one transaction that is compared with the archive before it is
 * committed, files beside the old ones and then exchanged. Every other table is left alone. Blocks: for workers.
 *
 * Returns: (transfer full): what was written, or %NULL. Nothing was changed then, unless the journal's step has no end:
 *   %REPRISE_ERROR_REFUSED where columns differ, foreign keys would break or there is nothing to restore, %REPRISE_ERROR_BUSY where
 *   somebody has a database locked for more than 5 seconds, %REPRISE_ERROR_DAMAGED where the archive is not what it should be, and what
 *   the system reports
 */
RepriseSqliteRestored *
reprise_sqlite_restore (RepriseSqliteArchive *archive,
                        const RepriseSqliteWish *wish,
                        RepriseJournal *journal,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  g_auto (Restore) self = { reprise_sqlite_archive_get_manifest (archive),
                            reprise_sqlite_archive_get_path (archive),
                            wish,
                            journal,
                            progress,
                            cancellable };
  gboolean done;

  self.groups = wish->groups & self.manifest->groups;
  self.path = reprise_sqlite_target_resolve (wish->path);
  self.applies = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_sqlite_apply_free);
  self.scratch_files = g_ptr_array_new_with_free_func (g_free);
  self.warnings = g_ptr_array_new_with_free_func (g_free);
  self.steps = g_ptr_array_new_with_free_func (g_free);
  if (!reprise_sqlite_target_check_any (self.manifest, self.groups, wish->undo, error) ||
      !run (&self, error) || !begin_journal (&self, error))
    {
      clean_up (&self);
      return NULL;
    }
  note_steps (&self);
  done = make_true (&self, error);
  reprise_progress_set_uninterruptible (progress, FALSE);
  if (!done && self.n_committed > 0)
    return NULL; /* what is new and what is old stays written down */
  clean_up (&self);
  if (self.staging != NULL && reprise_sqlite_staging_is_stuck (self.staging))
    {
      reprise_error_prefix (error,
                            _ ("Some files could not be put back yet, which is tried again before "
                               "the next restore and when Reprise starts: "));
      return NULL;
    }
  if (journal != NULL && done)
    reprise_journal_end (journal, "apply", NULL);
  else if (journal != NULL)
    reprise_journal_take_back (journal, "apply", NULL);
  return done ? make_result (&self) : NULL;
}
