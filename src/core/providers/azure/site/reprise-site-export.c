/* reprise-site-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-export.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "vault/reprise-vault-copy.h"

/* In the order in which they are written: an archive that lies there alone would be worth nothing. */
static const struct
{
  const char *file;
  const char *extension;
} FILES[] = {
  { REPRISE_SITE_FILE_DESCRIPTION, REPRISE_SITE_DESCRIPTION_EXTENSION },
  { REPRISE_SITE_FILE_LOG, REPRISE_SITE_LOG_EXTENSION },
  { REPRISE_SITE_FILE_ARCHIVE, REPRISE_SITE_ARCHIVE_EXTENSION },
};

/* (transfer full): what the archive was called in its container, without folders and without “.zip” */
static char *
make_stem (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *blob =
    reprise_json_get_string (reprise_manifest_get_provider (manifest), "blob_name", NULL);
  g_autofree char *base = blob != NULL ? g_path_get_basename (blob) : NULL;

  if (base == NULL || !g_str_has_suffix (base, REPRISE_SITE_ARCHIVE_EXTENSION) || *base == '.')
    return g_strdup (reprise_manifest_get_id (manifest));
  base[strlen (base) - strlen (REPRISE_SITE_ARCHIVE_EXTENSION)] = '\0';
  return g_steal_pointer (&base);
}

/* (nullable): its SHA-256 in the manifest; %NULL where the backup does not hold it */
static const char *
find_digest (RepriseManifest *manifest, const char *file, gint64 *size_bytes)
{
  for (guint i = 0; i < reprise_manifest_get_n_files (manifest); i++)
    {
      const char *sha256 = NULL;

      if (strcmp (reprise_manifest_get_file (manifest, i, size_bytes, &sha256), file) == 0)
        return sha256;
    }
  return NULL;
}

/* (transfer full) (nullable): %NULL where something of that name is there, and may not be replaced */
static char *
make_target (const char *folder,
             const char *stem,
             const char *extension,
             gboolean replace,
             GError **error)
{
  g_autofree char *name = g_strconcat (stem, extension, NULL);
  g_autofree char *target = g_build_filename (folder, name, NULL);

  if (replace || !g_file_test (target, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&target);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS, _ ("“%s” is there already"),
                     target);
  return NULL;
}

/* Before the first is written: whether all of them can be. */
static gboolean
check_files (RepriseManifest *manifest,
             const char *folder,
             const char *stem,
             gboolean replace,
             gint64 *total_bytes,
             GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (FILES); i++)
    {
      g_autofree char *target = make_target (folder, stem, FILES[i].extension, replace, error);
      gint64 size_bytes = 0;

      if (target == NULL)
        return FALSE;
      if (find_digest (manifest, FILES[i].file, &size_bytes) != NULL)
        *total_bytes += size_bytes;
    }
  return TRUE;
}

/**
 * reprise_site_export:
 * @path: a folder, which is made where it is not there
 *
 * Saves a backup of the vault as App Service made it: the archive and its description, which belong together, and the log where there
 * is one, under the name that they had. So they can be put into any container, and restored from there.
 *
 * Returns: (transfer full): how it ended; or %NULL with %REPRISE_ERROR_EXISTS, %REPRISE_ERROR_DAMAGED and others
 */
RepriseOutcome *
reprise_site_export (RepriseArchive *archive,
                     const char *path,
                     gboolean replace,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *from = reprise_backup_get_folder (reprise_archive_get_backup (archive));
  g_autofree char *stem = make_stem (archive);
  RepriseOutcome *outcome;
  gint64 total_bytes = 0;
  guint n = 0;

  if (!reprise_file_make_folder (path, error) ||
      !check_files (manifest, path, stem, replace, &total_bytes, error))
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  reprise_progress_set_totals (progress, total_bytes, -1);
  for (guint i = 0; i < G_N_ELEMENTS (FILES); i++)
    {
      const char *sha256 = find_digest (manifest, FILES[i].file, NULL);
      g_autofree char *source = g_build_filename (from, FILES[i].file, NULL);
      g_autofree char *target = NULL;

      if (sha256 == NULL)
        continue;
      target = make_target (path, stem, FILES[i].extension, replace, error);
      if (target == NULL ||
          !reprise_vault_copy_file (source, target, sha256, replace, progress, cancellable, error))
        return NULL;
      n++;
    }
  /* Translators: the name of an archive, and a folder */
  outcome = reprise_outcome_new (_ ("Saved “%s.zip” and its description in “%s”"), stem, path);
  outcome->written = n;
  return outcome;
}
