/* reprise-sqlite-filing.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-filing"

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/sqlite/reprise-sqlite-filing-private.h"

/* (transfer container) (element-type RepriseSqliteSaved): the folders of a group of the archive */
GPtrArray *
reprise_sqlite_filing_find (const RepriseSqliteManifest *manifest, RepriseGroup group)
{
  GPtrArray *folders = g_ptr_array_new ();

  for (guint i = 0; i < manifest->collections[group]->len; i++)
    if (((RepriseSqliteSaved *) g_ptr_array_index (manifest->collections[group], i))->database < 0)
      g_ptr_array_add (folders, g_ptr_array_index (manifest->collections[group], i));
  return folders;
}

/* Where the files of one group go. */
typedef struct
{
  RepriseSqliteStaging *staging;
  const RepriseSqliteManifest *manifest;
  const RepriseSqliteSource *source; /* (nullable): what is there now */
  RepriseArchiveReader *reader;
  RepriseSqliteDb *index;
  RepriseProgress *progress;
  GCancellable *cancellable;
  gint64 *n_removed;
} Filing;

/* A file may not take the place of a database, or of what SQLite keeps beside one. */
static gboolean
is_reserved (const RepriseSqliteManifest *manifest,
             const RepriseSqliteSource *source,
             const char *name)
{
  static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      for (guint j = 0; j < manifest->databases->len; j++)
        {
          const RepriseSqliteSavedDatabase *database = g_ptr_array_index (manifest->databases, j);
          g_autofree char *full = g_strconcat (database->name, suffixes[i], NULL);

          if (g_str_equal (full, name))
            return TRUE;
        }
      for (guint j = 0; source != NULL && j < reprise_sqlite_source_get_n_databases (source); j++)
        {
          g_autofree char *full =
            g_strconcat (reprise_sqlite_source_get_database (source, j)->name, suffixes[i], NULL);

          if (g_str_equal (full, name))
            return TRUE;
        }
    }
  return FALSE;
}

static gboolean
check_name (const Filing *filing, const char *folder, const char *name, GError **error)
{
  gboolean inside = g_str_equal (folder, REPRISE_SQLITE_LOOSE_FOLDER)
                      ? strchr (name, '/') == NULL
                      : g_str_has_prefix (name, folder);

  if (!reprise_sqlite_files_check_name (name, error))
    return FALSE;
  if (inside && !is_reserved (filing->manifest, filing->source, name) &&
      !g_str_has_prefix (name, REPRISE_SQLITE_STAGING_PREFIX))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("The archive holds a file that may not be named “%s”"), name);
  return FALSE;
}

static gboolean
set_facts (int fd, const char *name, sqlite3_stmt *row, GError **error)
{
  const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
                                    { .tv_sec = sqlite3_column_int64 (row, 5) } };

  if (fchmod (fd, (mode_t) sqlite3_column_int (row, 4) & 0777) == 0 && futimens (fd, times) == 0)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), name);
}

static gboolean
stage_file (Filing *filing, const char *folder, sqlite3_stmt *row, GError **error)
{
  const char *entry = (const char *) sqlite3_column_text (row, 0);
  const char *name = (const char *) sqlite3_column_text (row, 1);
  const char *sha256 = (const char *) sqlite3_column_text (row, 3);
  guint n = reprise_sqlite_staging_next (filing->staging);
  gboolean ok;
  int fd;

  if (entry == NULL || name == NULL || sha256 == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                                 _ ("The archive’s list of files is damaged"));
      return FALSE;
    }
  if (!check_name (filing, folder, name, error))
    return FALSE;
  fd = reprise_sqlite_staging_create (filing->staging, n, error);
  if (fd < 0)
    return FALSE;
  ok = reprise_sqlite_archive_extract (filing->reader, entry, sqlite3_column_int64 (row, 2), sha256,
                                       fd, filing->progress, filing->cancellable, error) &&
       set_facts (fd, name, row, error);
  if (!ok)
    {
      close (fd);
      return FALSE;
    }
  return reprise_sqlite_staging_close (filing->staging, fd, error) &&
         reprise_sqlite_staging_put (filing->staging, n, name, error);
}

static gboolean
remove_extra_cb (const char *name, const struct stat *info, gpointer user_data, GError **error)
{
  Filing *filing = user_data;
  gint64 n = 0;

  if (filing->index != NULL &&
      !reprise_sqlite_db_get_int (filing->index, &n, error,
                                  "SELECT count(*) FROM files WHERE name = %Q", name))
    return FALSE;
  if (n > 0)
    return TRUE;
  (*filing->n_removed)++;
  return reprise_sqlite_staging_remove (filing->staging, name, error);
}

static gboolean
stage_folder (Filing *filing, const RepriseSqliteSaved *saved, GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement = reprise_sqlite_db_prepare (
    filing->index, error,
    "SELECT path, name, size_bytes, sha256, mode, modified_at FROM files WHERE collection = %Q",
    saved->name);
  gboolean row = TRUE;
  gint64 n = 0;

  if (statement == NULL)
    return FALSE;
  while (row)
    {
      if (!reprise_sqlite_db_step (filing->index, statement, &row, error) ||
          (row && !stage_file (filing, saved->name, statement, error)))
        return FALSE;
      n += row ? 1 : 0;
    }
  if (n != saved->rows)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                                 _ ("The archive’s list of files is damaged"));
      return FALSE;
    }
  return filing->source == NULL ||
         reprise_sqlite_source_walk (filing->source, saved->name, remove_extra_cb, filing,
                                     filing->cancellable, error);
}

static gboolean
stage_folders (Filing *filing, RepriseGroup group, GError **error)
{
  g_autoptr (GPtrArray) folders = reprise_sqlite_filing_find (filing->manifest, group);

  for (guint i = 0; i < folders->len; i++)
    {
      const RepriseSqliteSaved *saved = g_ptr_array_index (folders, i);

      reprise_progress_set_message (filing->progress, saved->name);
      if (!stage_folder (filing, saved, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_sqlite_filing_stage:
 * @source: (nullable): the application as it is now
 * @n_removed: gains how many files go that are not in the archive
 *
 * Unpacks the files of a group into the staging folder, each proven by its hash, and notes what is put where and what goes.
 */
gboolean
reprise_sqlite_filing_stage (RepriseSqliteStaging *staging,
                             const RepriseSqliteManifest *manifest,
                             RepriseGroup group,
                             const RepriseSqliteSource *source,
                             RepriseArchiveReader *reader,
                             const char *scratch,
                             gint64 *n_removed,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  const RepriseSqliteFile *file = reprise_sqlite_manifest_find_file (manifest, group, -1);
  g_autofree char *path = g_build_filename (scratch, "restore-files.sqlite", NULL);
  Filing filing = { staging, manifest, source, reader, NULL, progress, cancellable, n_removed };
  gboolean ok;

  if (file == NULL)
    return TRUE;
  if (reprise_sqlite_archive_extract_file (reader, file, path, NULL, cancellable, error))
    filing.index = reprise_sqlite_archive_open_index (path, file->path, cancellable, error);
  ok = filing.index != NULL && stage_folders (&filing, group, error);
  g_clear_pointer (&filing.index, reprise_sqlite_db_free);
  unlink (path);
  return ok;
}

/* Notes that all files of a folder go. */
gboolean
reprise_sqlite_filing_remove (RepriseSqliteStaging *staging,
                              const RepriseSqliteSource *source,
                              const char *folder,
                              gint64 *n_removed,
                              GCancellable *cancellable,
                              GError **error)
{
  Filing filing = { staging, NULL, source, NULL, NULL, NULL, cancellable, n_removed };

  return reprise_sqlite_source_walk (source, folder, remove_extra_cb, &filing, cancellable, error);
}
