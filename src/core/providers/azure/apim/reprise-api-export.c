/* reprise-api-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/azure/apim/reprise-api-backup.h"
#include "providers/azure/apim/reprise-api-export.h"
#include "providers/azure/apim/reprise-api-reports.h"

#define CHUNK_BYTES (256 * 1024)
#define SERVICE     "service" /* as the collection is called */

/* (transfer full): the file of the backup in which a collection is */
static char *
find_file (const char *collection)
{
  if (collection == NULL || strcmp (collection, SERVICE) == 0)
    return g_strdup (REPRISE_API_FILE_ARCHIVE);
  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    if (g_ascii_strcasecmp (collection, reprise_api_report_to_string (report)) == 0)
      return reprise_api_report_dup_file (report);
  return g_strdup (collection); /* which no backup has */
}

/* (nullable): its SHA-256 in the manifest; %NULL where the backup does not hold it */
static const char *
find_digest (RepriseArchive *archive, const char *file)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);

  for (guint i = 0; i < reprise_manifest_get_n_files (manifest); i++)
    {
      const char *sha256 = NULL;

      if (strcmp (reprise_manifest_get_file (manifest, i, NULL, &sha256), file) == 0)
        return sha256;
    }
  return NULL;
}

static gboolean
copy (GInputStream *in,
      GOutputStream *out,
      const char *sha256,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree guchar *chunk = g_malloc (CHUNK_BYTES);
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autofree char *found = NULL;
  gssize n;

  while ((n = g_input_stream_read (in, chunk, CHUNK_BYTES, cancellable, error)) > 0)
    {
      reprise_hash_update (hash, chunk, (gsize) n);
      reprise_progress_add_bytes (progress, n);
      if (!g_output_stream_write_all (out, chunk, (gsize) n, NULL, cancellable, error))
        return FALSE;
    }
  if (n < 0)
    return FALSE;
  found = reprise_hash_finish (hash);
  if (strcmp (found, sha256) == 0)
    return TRUE;
  g_set_error_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    _ ("The backup is not what its manifest says: it is damaged, and was not saved."));
  return FALSE;
}

/* Beside the target, then one rename: a half written file never has its name. */
static gboolean
write_copy (const char *source,
            const char *target,
            const char *sha256,
            gboolean replace,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  g_autofree char *folder = g_path_get_dirname (target);
  g_autofree char *partial = g_strconcat (target, ".part", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (source);
  g_autoptr (GFile) to = g_file_new_for_path (partial);
  g_autoptr (GFileInputStream) in = g_file_read (from, cancellable, error);
  g_autoptr (GFileOutputStream) out =
    in != NULL ? g_file_create (to, G_FILE_CREATE_PRIVATE, cancellable, error) : NULL;
  gboolean done;

  if (out == NULL)
    return FALSE;
  done = copy (G_INPUT_STREAM (in), G_OUTPUT_STREAM (out), sha256, progress, cancellable, error) &&
         g_output_stream_close (G_OUTPUT_STREAM (out), cancellable, error);
  if (done && replace && rename (partial, target) != 0)
    done = reprise_set_error_errno (error, errno, _ ("Could not save “%s”"), target);
  else if (done && !replace)
    done = reprise_file_rename_new (partial, target, error);
  if (!done)
    unlink (partial);
  return done && reprise_file_sync_folder (folder, error);
}

/**
 * reprise_api_export:
 * @collection: (nullable): “service”, or the name of a report; %NULL for the service
 *
 * Saves one file of a backup of the vault as it is: what API Management made of the service, which other programs can restore too,
 * or a report, which is lines of JSON.
 *
 * Returns: (transfer full): how it ended; or %NULL with %REPRISE_ERROR_NOT_FOUND where the backup does not hold it,
 *   %REPRISE_ERROR_EXISTS and others
 */
RepriseOutcome *
reprise_api_export (RepriseArchive *archive,
                    const char *collection,
                    const char *path,
                    gboolean replace,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *file = find_file (collection);
  const char *sha256 = find_digest (archive, file);
  g_autofree char *source = NULL;
  RepriseOutcome *outcome;

  if (sha256 == NULL)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                   _ ("There is no “%s” in this backup."),
                   collection != NULL ? collection : SERVICE);
      return NULL;
    }
  if (!replace && g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS, _ ("“%s” is there already"), path);
      return NULL;
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  source =
    g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)), file, NULL);
  if (!write_copy (source, path, sha256, replace, progress, cancellable, error))
    return NULL;
  outcome = reprise_outcome_new (_ ("Saved as “%s”"), path);
  outcome->written = 1;
  return outcome;
}
