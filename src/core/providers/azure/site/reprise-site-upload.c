/* reprise-site-upload.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/blob/reprise-blob-digest.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-source.h"
#include "providers/azure/site/reprise-site-upload.h"

/* (transfer full): of one of the vault its ID, so that what lies there under that name is what is wanted; of a file its own name */
static char *
dup_own_name (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  g_autofree char *path = reprise_site_kind_dup_file (archive);

  if (manifest == NULL && path != NULL)
    return g_path_get_basename (path);
  return g_strconcat (manifest != NULL ? reprise_manifest_get_id (manifest) : "",
                      REPRISE_SITE_ARCHIVE_EXTENSION, NULL);
}

/**
 * reprise_site_upload_make_name:
 *
 * Returns: (transfer full): the blob that an archive becomes for a restore: a name that no backup has, and that is not listed as one
 */
char *
reprise_site_upload_make_name (const char *application, RepriseArchive *archive)
{
  g_autofree char *name = dup_own_name (archive);

  return g_strdup_printf ("%s-reprise-%s", application, name);
}

/**
 * reprise_site_upload_make_listed_name:
 *
 * Returns: (transfer full): the blob that an archive becomes for good: a name by which backups of the application are found
 */
char *
reprise_site_upload_make_listed_name (const char *application, RepriseArchive *archive)
{
  g_autofree char *name = dup_own_name (archive);

  return reprise_site_source_is_of (name, application)
           ? g_steal_pointer (&name)
           : g_strdup_printf ("%s_%s", application, name);
}

static gboolean
send_file (RepriseBlob *blob,
           const char *path,
           const char *md5,
           const char *name,
           gboolean overwrite,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  reprise_progress_set_message (progress, name);
  return reprise_blob_upload (
    blob, name, path, md5,
    g_str_has_suffix (name, REPRISE_SITE_ARCHIVE_EXTENSION) ? "application/zip" : "text/xml",
    overwrite, progress, cancellable, error);
}

/* A description alone, as an upload that was broken off leaves it, counts for nothing. */
static gboolean
check_absent (RepriseBlob *blob, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseBlobItem) item = reprise_blob_look (blob, name, cancellable, &local);

  if (item == NULL)
    return TRUE; /* who may only write finds out at the end */
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
               _ ("There is a blob “%s” in the container “%s” already."), name,
               reprise_blob_get_container (blob));
  return FALSE;
}

/**
 * reprise_site_upload:
 * @name: of the archive's blob
 * @overwrite: what lies there already; else it is %REPRISE_ERROR_EXISTS
 *
 * Puts an archive and its description into a container: both, since Azure restores them only together; the description first, so
 * that no archive lies there alone.
 */
gboolean
reprise_site_upload (RepriseBlob *blob,
                     RepriseArchive *archive,
                     const char *name,
                     gboolean overwrite,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree char *path = reprise_site_kind_dup_file (archive);
  g_autofree char *beside =
    path != NULL ? reprise_site_archive_dup_beside (path, REPRISE_SITE_DESCRIPTION_EXTENSION)
                 : NULL;
  g_autofree char *description =
    reprise_site_archive_dup_beside (name, REPRISE_SITE_DESCRIPTION_EXTENSION);

  if (beside == NULL || description == NULL)
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                           _ ("The backup’s archive is not there"));
      return FALSE;
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_UPLOADING);
  return (overwrite || check_absent (blob, name, cancellable, error)) &&
         send_file (blob, beside, NULL, description, TRUE, progress, cancellable, error) &&
         send_file (blob, path, reprise_blob_digest_find (reprise_archive_get_manifest (archive)),
                    name, overwrite, progress, cancellable, error);
}
