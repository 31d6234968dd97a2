/* reprise-api-upload.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api-archive.h"
#include "providers/azure/apim/reprise-api-upload.h"
#include "providers/azure/blob/reprise-blob-digest.h"

#define MAX_NAMES    100
#define CONTENT_TYPE "application/octet-stream"

/* The name that it had, or that of the file. */
static char *
get_first_name (RepriseArchive *archive, const char *path)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *own = manifest != NULL ? reprise_manifest_get_own_name (manifest) : NULL;

  return own != NULL ? g_strdup (own) : g_path_get_basename (path);
}

/* “shop-20261121-202257.apimbackup” → “shop-20261121-202257-2.apimbackup” */
static char *
make_name (const char *first, guint n)
{
  gsize length = strlen (first);
  gsize end = strlen (REPRISE_API_EXTENSION);

  if (n == 1)
    return g_strdup (first);
  if (!g_str_has_suffix (first, REPRISE_API_EXTENSION))
    return g_strdup_printf ("%s-%u", first, n);
  return g_strdup_printf ("%.*s-%u%s", (int) (length - end), first, n, REPRISE_API_EXTENSION);
}

/* (transfer full): where it goes. @there: (out): whether it lies there already */
static char *
find_name (RepriseApiPlace *place,
           const char *first,
           const char *path,
           const char *known,
           gboolean *there,
           GCancellable *cancellable,
           GError **error)
{
  *there = FALSE;
  for (guint n = 1; n <= MAX_NAMES; n++)
    {
      g_autofree char *name = make_name (first, n);
      g_autoptr (GError) local = NULL;
      g_autoptr (RepriseBlobItem) item = reprise_blob_look (place->blob, name, cancellable, &local);

      *there = item != NULL && reprise_blob_digest_is_file (item, path, known, cancellable);
      if (*there ||
          (item == NULL && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND)))
        return g_steal_pointer (&name);
      if (item == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                     _ ("No name is free for a backup in the container “%s”."),
                     place->storage.container);
  return NULL;
}

/* What is known of it here goes with it, so that it is not lost there. */
static void
mark (RepriseApiPlace *place,
      RepriseArchive *archive,
      RepriseApiBackup *backup,
      RepriseProgress *progress,
      GCancellable *cancellable)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  GDateTime *created_at = reprise_archive_get_created_at (archive);
  g_autoptr (GError) local = NULL;

  g_free (backup->tier);
  backup->tier = reprise_api_archive_dup_tier (archive);
  g_free (backup->service);
  backup->service = manifest != NULL ? g_strdup (reprise_manifest_get_identity (manifest)) : NULL;
  if (created_at != NULL)
    {
      g_clear_pointer (&backup->created_at, g_date_time_unref);
      backup->created_at = g_date_time_ref (created_at);
    }
  backup->origin = REPRISE_ORIGIN_UPLOAD;
  if (!reprise_api_backup_mark (place, backup, cancellable, &local))
    reprise_progress_log (progress, "the tier could not be written beside %s: %s", backup->name,
                          local->message);
}

/**
 * reprise_api_upload:
 *
 * Puts a backup of the vault, or a file, into the container, unless it lies there already. What has the same name and is something
 * else stays as it is.
 *
 * Returns: (transfer full): the backup there
 */
RepriseApiBackup *
reprise_api_upload (RepriseApiPlace *place,
                    RepriseArchive *archive,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  const char *known = reprise_blob_digest_find (reprise_archive_get_manifest (archive));
  g_autofree char *path = reprise_api_archive_dup_file (archive);
  g_autofree char *first = NULL;
  g_autofree char *name = NULL;
  g_autoptr (RepriseApiBackup) backup = NULL;
  gboolean there = FALSE;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                                 _ ("The backup’s archive is not there"));
      return NULL;
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_UPLOADING);
  first = get_first_name (archive, path);
  name = find_name (place, first, path, known, &there, cancellable, error);
  if (name == NULL)
    return NULL;
  if (there)
    reprise_archive_set_data (archive, REPRISE_ARCHIVE_DATA_THERE, "true");
  if (!there && !reprise_blob_upload (place->blob, name, path, known, CONTENT_TYPE, FALSE, progress,
                                      cancellable, error))
    return NULL;
  backup = reprise_api_backup_find (place, name, cancellable, error);
  if (backup != NULL && !there)
    mark (place, archive, backup, progress, cancellable);
  return g_steal_pointer (&backup);
}
