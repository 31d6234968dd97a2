/* reprise-couch-verify.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/backup/reprise-couch-verify.h"
#include "providers/couchdb/server/reprise-couch-aside.h"

#define REMEMBERED_US \
  (10 * G_TIME_SPAN_MINUTE) /* of what many backups go on from, so that it is not read for each */

static JsonArray *
get_databases (RepriseArchive *archive, GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  JsonArray *databases = manifest != NULL
                           ? reprise_json_get_array (reprise_manifest_get_provider (manifest),
                                                     REPRISE_COUCH_MEMBER_DATABASES)
                           : NULL;

  if (databases == NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("It is no backup of a CouchDB server in a vault"));
  return databases;
}

static const char *
get_folder (RepriseArchive *archive, GError **error)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  const char *folder = backup != NULL ? reprise_backup_get_folder (backup) : NULL;

  if (folder == NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                               _ ("The backup is not in the vault"));
  return folder;
}

/**
 * reprise_couch_verify_open:
 * @databases: (out) (transfer none): what the manifest says of each
 *
 * Returns: (transfer full): what lies with it in the vault, or %NULL with %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_NOT_FOUND or an
 *   error of the disk
 */
RepriseCouchShelf *
reprise_couch_verify_open (RepriseArchive *archive, JsonArray **databases, GError **error)
{
  const char *folder;

  *databases = get_databases (archive, error);
  folder = *databases != NULL ? get_folder (archive, error) : NULL;
  return folder != NULL ? reprise_couch_shelf_new_for_backup (folder, error) : NULL;
}

/* (transfer full) (nullable) without an error: what the backup's point of the database goes on from, and it */
static GPtrArray *
find_path (RepriseArchive *archive, RepriseCouchShelf *shelf, const char *database, GError **error)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  RepriseCouchRun *run = reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (backup));
  g_autoptr (GPtrArray) segments = reprise_couch_shelf_list_segments (shelf, database, TRUE, error);

  return segments != NULL && run != NULL
           ? reprise_couch_path_find (segments, reprise_couch_run_get_point (run))
           : NULL;
}

static gboolean
check_path (GPtrArray *path, const char *database, GError **error)
{
  if (path != NULL)
    return TRUE;
  if (error == NULL || *error == NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                       _ ("A backup that “%s” goes on from is missing"), database);
  return FALSE;
}

/* Whether all that it goes on from is still there. */
gboolean
reprise_couch_verify_chain (RepriseArchive *archive,
                            RepriseCouchShelf *shelf,
                            const char *database,
                            GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) path = find_path (archive, shelf, database, &local);
  gboolean ok = check_path (path, database, &local);

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return ok;
}

/* ---- deep ---- */

/* The same file, as it was when it was read: (transfer full) (nullable) */
static char *
make_key (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;
  return g_strdup_printf ("%s\n%" PRIu64 "\n%" PRId64 "\n%" PRId64 ".%ld", path,
                          (guint64) info.st_ino, (gint64) info.st_size, (gint64) info.st_mtime,
                          info.st_mtim.tv_nsec);
}

/* Whether it was read a moment ago; else that it is now. */
static gboolean
remember (const char *key, gboolean is_read)
{
  static GMutex mutex;
  static GHashTable *times; /* (element-type utf8 gint64): monotonic, of those that were read */
  gint64 *then;
  gboolean known;

  if (key == NULL)
    return FALSE;
  g_mutex_lock (&mutex);
  if (times == NULL)
    times = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  then = g_hash_table_lookup (times, key);
  known = then != NULL && g_get_monotonic_time () - *then < REMEMBERED_US;
  if (is_read)
    {
      then = g_new (gint64, 1);
      *then = g_get_monotonic_time ();
      g_hash_table_replace (times, g_strdup (key), then);
    }
  g_mutex_unlock (&mutex);
  return known;
}

static gboolean
read_deep (const char *path, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (path, error);
  g_autofree char *key = make_key (path);

  if (reader == NULL || !reprise_couch_reader_verify (reader, progress, cancellable, error))
    return FALSE;
  remember (key, TRUE);
  return TRUE;
}

/* What it goes on from: a delta alone is of no use. */
static gboolean
read_earlier (GPtrArray *path,
              const char *own,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  for (guint i = 0; i < path->len; i++)
    {
      const RepriseCouchSegment *segment = path->pdata[i];
      g_autofree char *key = make_key (segment->path);

      if (g_strcmp0 (segment->path, own) == 0 || remember (key, FALSE))
        continue;
      if (!read_deep (segment->path, progress, cancellable, error))
        {
          reprise_error_prefix (error, _ ("What it goes on from: "));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
verify_database (RepriseArchive *archive,
                 RepriseCouchShelf *shelf,
                 const char *file,
                 const char *database,
                 RepriseDepth depth,
                 RepriseProgress *progress,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) path = NULL;
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (file, error);

  if (reader == NULL)
    return FALSE;
  if (depth == REPRISE_DEPTH_DEEP && !read_deep (file, progress, cancellable, error))
    return FALSE;
  path = find_path (archive, shelf, database, &local);
  if (!check_path (path, database, &local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return depth != REPRISE_DEPTH_DEEP || read_earlier (path, file, progress, cancellable, error);
}

/* Every body and attachment of its own segments, and that the chain behind them has no gap; with %REPRISE_DEPTH_DEEP of that chain, too. */
gboolean
reprise_couch_verify (RepriseKind *kind,
                      RepriseArchive *archive,
                      RepriseDepth depth,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (RepriseCouchShelf) shelf = NULL;
  JsonArray *databases;
  const char *folder;

  /* its files are JSON as the server sent it, and hashed by the vault */
  if (reprise_couch_aside_get_backup (reprise_archive_get_manifest (archive)) != NULL)
    return TRUE;
  shelf = reprise_couch_verify_open (archive, &databases, error);
  if (shelf == NULL)
    return FALSE;
  folder = reprise_backup_get_folder (reprise_archive_get_backup (archive));
  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    {
      JsonObject *entry = reprise_json_array_get_object (databases, i);
      const char *file = reprise_json_get_string (entry, "file", "");
      g_autofree char *path =
        g_build_filename (folder, reprise_manifest_path_is_safe (file) ? file : "", NULL);

      if (!verify_database (archive, shelf, path, reprise_json_get_string (entry, "name", ""),
                            depth, progress, cancellable, error))
        return FALSE;
    }
  return TRUE;
}
