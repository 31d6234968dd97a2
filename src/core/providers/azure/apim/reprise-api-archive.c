/* reprise-api-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "providers/azure/apim/reprise-api-archive.h"
#include "providers/azure/apim/reprise-api-backup.h"
#include "providers/azure/apim/reprise-api-reports.h"

/*
 * What API Management makes of a backup is its own affair: nobody else can look into it. What is known of one is what the
 * manifest says, or else its name: SERVICE-YYYYMMDD-HHMMSS.apimbackup.
 */

/**
 * reprise_api_name_read:
 * @service: (out) (optional) (nullable) (transfer full)
 * @created_at: (out) (optional) (nullable) (transfer full)
 *
 * Returns: whether @name is one of those that Reprise gives; else it tells nothing
 */
gboolean
reprise_api_name_read (const char *name, char **service, GDateTime **created_at)
{
  static const char *const FORM = "^(.+)-([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{2})([0-9]{2})"
                                  "([0-9]{2})(?:-[0-9]+)?\\.apimbackup$";
  g_autoptr (GRegex) regex = g_regex_new (FORM, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_auto (GStrv) parts = NULL;

  if (service != NULL)
    *service = NULL;
  if (created_at != NULL)
    *created_at = NULL;
  if (!g_regex_match (regex, name, 0, &match))
    return FALSE;
  parts = g_match_info_fetch_all (match);
  if (service != NULL)
    *service = g_strdup (parts[1]);
  if (created_at != NULL)
    *created_at = g_date_time_new_utc (atoi (parts[2]), atoi (parts[3]), atoi (parts[4]),
                                       atoi (parts[5]), atoi (parts[6]), atoi (parts[7]));
  return TRUE;
}

/* (transfer full) (nullable): the file that API Management made, be it a file or in the vault */
char *
reprise_api_archive_dup_file (RepriseArchive *archive)
{
  const char *path = reprise_archive_get_path (archive);
  RepriseBackup *backup = reprise_archive_get_backup (archive);

  if (path == NULL || reprise_archive_get_manifest (archive) == NULL)
    return g_strdup (path);
  return g_build_filename (reprise_backup_get_folder (backup), REPRISE_API_FILE_ARCHIVE, NULL);
}

/* (transfer full) (nullable): of the service that was backed up, where that is known; of one in the vault */
char *
reprise_api_archive_dup_tier (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);

  return manifest != NULL
           ? g_strdup (reprise_json_get_string (reprise_manifest_get_provider (manifest),
                                                REPRISE_MANIFEST_EDITION, NULL))
           : NULL;
}

/* (transfer full) (nullable): its name */
char *
reprise_api_archive_dup_service (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *id = manifest != NULL ? reprise_manifest_get_identity (manifest) : NULL;
  g_autofree char *base = NULL;
  char *service = NULL;

  if (id != NULL)
    return reprise_arm_id_get (id, "service");
  if (reprise_archive_get_path (archive) == NULL)
    return NULL;
  base = g_path_get_basename (reprise_archive_get_path (archive));
  reprise_api_name_read (base, &service, NULL);
  return service;
}

static gboolean
inspect_file (RepriseArchive *archive, const char *path, GError **error)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GDateTime) created_at = NULL;
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  GStatBuf status;

  if (!g_str_has_suffix (base, REPRISE_API_EXTENSION) || g_stat (path, &status) != 0 ||
      !S_ISREG (status.st_mode))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” is no backup of API Management: their names end in “%s”."), base,
                         REPRISE_API_EXTENSION);
      return FALSE;
    }
  if (status.st_size == 0)
    reprise_archive_add_damage (archive, "%s", _ ("It is empty."));
  reprise_api_name_read (base, NULL, &created_at);
  if (created_at != NULL)
    reprise_archive_set_created_at (archive, created_at);
  reprise_archive_set_size_bytes (archive, status.st_size);
  reprise_api_add_contents (contents, status.st_size);
  reprise_archive_set_contents (archive, contents);
  return TRUE;
}

/* What was committed is what the manifest says; that it is all there is the vault's to see. */
static gboolean
inspect_backup (RepriseArchive *archive, GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  g_autofree char *path = reprise_api_archive_dup_file (archive);
  RepriseContents *contents = reprise_manifest_get_contents (manifest);

  reprise_archive_set_contents (archive, contents);
  if (REPRISE_GROUPS_HAS (reprise_contents_get_groups (contents), REPRISE_GROUP_REQUIRED) &&
      (path == NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR)))
    reprise_archive_add_damage (archive, "%s", _ ("The backup’s archive is not there"));
  return TRUE;
}

static void
add_fact (RepriseArchive *archive, const char *label, const char *value)
{
  reprise_archive_add_fact (archive, label, value != NULL ? value : _ ("not reported"));
}

/**
 * reprise_api_archive_inspect:
 * @days: for which a backup can be restored
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED for what is no backup of API Management
 */
gboolean
reprise_api_archive_inspect (RepriseArchive *archive, int days, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *tier = reprise_api_archive_dup_tier (archive);
  g_autofree char *service = reprise_api_archive_dup_service (archive);
  g_autofree char *end = NULL;
  gboolean ok = reprise_archive_get_manifest (archive) != NULL
                  ? inspect_backup (archive, error)
                  : inspect_file (archive, reprise_archive_get_path (archive), error);
  GDateTime *created_at;

  if (!ok)
    return FALSE;
  created_at = reprise_archive_get_created_at (archive);
  end = reprise_api_describe_end (created_at, days, now);
  reprise_archive_set_format (archive, _ ("Azure API Management backup"));
  add_fact (archive, _ ("Backup of"), service);
  reprise_api_reports_add_facts (archive);
  if (!REPRISE_GROUPS_HAS (reprise_contents_get_groups (reprise_archive_get_contents (archive)),
                           REPRISE_GROUP_REQUIRED))
    return TRUE;
  add_fact (archive, _ ("Tier"), tier);
  add_fact (archive, _ ("Can be restored"), end);
  reprise_api_warn_of_end (archive, created_at, days, now);
  return TRUE;
}
