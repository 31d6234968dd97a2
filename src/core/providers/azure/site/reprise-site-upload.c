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

/* A description alone, as an upload that was broken off leaves it, counts for nothing. @there: (out): whether it is the same that lies
 * there, with its description */
static gboolean
check_absent (RepriseBlob *blob,
              const char *name,
              const char *path,
              const char *beside,
              const char *description,
              const char *md5,
              gboolean *there,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (RepriseBlobItem) item = reprise_blob_look (blob, name, cancellable, NULL);
  g_autoptr (RepriseBlobItem) text = NULL;

  if (item == NULL)
    return TRUE; /* who may only write finds out at the end */
  if (reprise_blob_digest_is_file (item, path, md5, cancellable))
    text = reprise_blob_look (blob, description, cancellable, NULL);
  *there = text != NULL && reprise_blob_digest_is_file (text, beside, NULL, cancellable);
  if (!*there)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
      /* Translators: the names of a blob and a container, and of a file */
      _ ("There is another blob “%s” in the container “%s” already. Rename the file, "
         "and “%s” beside it, so that both still have the same name, and upload it "
         "again; or delete the one that is there."),
      name, reprise_blob_get_container (blob), description);
  return *there;
}

/**
 * reprise_site_upload:
 * @name: of the archive's blob
 * @overwrite: what lies there already; else that is %REPRISE_ERROR_EXISTS where it is not the same, and nothing is sent where it is
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
  const char *md5;
  gboolean there = FALSE;

  if (beside == NULL || description == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                                 _ ("The backup’s archive is not there"));
      return FALSE;
    }
  md5 = reprise_blob_digest_find (reprise_archive_get_manifest (archive));
  reprise_progress_set_phase (progress, REPRISE_PHASE_UPLOADING);
  if (!overwrite &&
      !check_absent (blob, name, path, beside, description, md5, &there, cancellable, error))
    return FALSE;
  if (there)
    reprise_archive_set_data (archive, REPRISE_ARCHIVE_DATA_THERE, "true");
  return there ||
         (send_file (blob, beside, NULL, description, TRUE, progress, cancellable, error) &&
          send_file (blob, path, md5, name, overwrite, progress, cancellable, error));
}
