/* reprise-api-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/azure/apim/reprise-api-backup.h"
#include "providers/azure/apim/reprise-api-export.h"
#include "providers/azure/apim/reprise-api-reports.h"
#include "schedule/reprise-periods.h"
#include "vault/reprise-vault-copy.h"

#define SERVICE "service" /* as the collection is called */

/* %REPRISE_N_API_REPORTS where it is none */
static RepriseApiReport
find_report (const char *collection)
{
  RepriseApiReport report = 0;

  while (report < REPRISE_N_API_REPORTS &&
         g_ascii_strcasecmp (collection, reprise_api_report_to_string (report)) != 0)
    report++;
  return report;
}

/* (transfer full): the file of the backup in which a collection is */
static char *
find_file (const char *collection)
{
  RepriseApiReport report;

  if (collection == NULL || strcmp (collection, SERVICE) == 0)
    return g_strdup (REPRISE_API_FILE_ARCHIVE);
  report = find_report (collection);
  return report < REPRISE_N_API_REPORTS ? reprise_api_report_dup_file (report)
                                        : g_strdup (collection); /* which no backup has */
}

/* (transfer full): of what API Management made: the name that it had in its container */
static char *
make_archive_name (const char *service, RepriseBackup *backup)
{
  const char *own = reprise_backup_get_own_name (backup);

  return own != NULL ? g_path_get_basename (own)
                     : reprise_api_make_blob_name (service, reprise_backup_get_created_at (backup));
}

/**
 * reprise_api_export_dup_file_name:
 * @service: (nullable): the name of the service, where it is known
 * @collection: “service”, or the name of a report
 *
 * Returns: (transfer full) (nullable): what the file could be called: a report by service, report and period
 */
char *
reprise_api_export_dup_file_name (const char *service,
                                  RepriseBackup *backup,
                                  const char *collection)
{
  const char *name =
    service != NULL && *service != '\0' ? service : reprise_backup_get_kind (backup);
  g_autoptr (ReprisePeriods) periods = reprise_periods_new ();
  g_autoptr (GDateTime) from = NULL;
  g_autoptr (GDateTime) to = NULL;
  g_autofree char *first = NULL;
  g_autofree char *end = NULL;

  if (strcmp (collection, SERVICE) == 0)
    return make_archive_name (name, backup);
  if (find_report (collection) == REPRISE_N_API_REPORTS)
    return NULL;
  reprise_periods_add (periods, reprise_backup_get_periods (backup));
  if (!reprise_periods_get_span (periods, collection, &from, &to))
    return g_strdup_printf ("%s-%s" REPRISE_API_REPORT_EXTENSION, name, collection);
  first = reprise_time_to_stamp (from);
  end = reprise_time_to_stamp (to);
  return g_strdup_printf ("%s-%s-%s-%s" REPRISE_API_REPORT_EXTENSION, name, collection, first, end);
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
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("There is no “%s” in this backup."),
                         collection != NULL ? collection : SERVICE);
      return NULL;
    }
  if (!replace && g_file_test (path, G_FILE_TEST_EXISTS))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS, _ ("“%s” is there already"),
                         path);
      return NULL;
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  source =
    g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)), file, NULL);
  if (!reprise_vault_copy_file (source, path, sha256, replace, progress, cancellable, error))
    return NULL;
  outcome = reprise_outcome_say ("Saved as “%s”", path);
  outcome->written = 1;
  return outcome;
}
