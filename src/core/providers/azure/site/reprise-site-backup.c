/* reprise-site-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/azure/blob/reprise-blob-digest.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-backup.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-source.h"

static RepriseGroups
get_groups (const RepriseSiteBackup *backup)
{
  return REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED) |
         (backup->databases->len > 0 ? REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM) : 0);
}

/* (transfer full): a backup of the service as all kinds show one; without a number it is named by its blob */
RepriseBackup *
reprise_site_backup_describe (const RepriseSiteBackup *backup, const char *service_uuid)
{
  g_autofree char *id = backup->id >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, backup->id)
                                        : g_strdup (backup->blob_name);
  RepriseBackup *described = reprise_backup_new (id, service_uuid, REPRISE_SITE_KIND_ID);
  gboolean usable = reprise_site_status_is_usable (backup->status);

  g_object_set (
    described, "own-name", backup->name != NULL ? backup->name : id, "created-at",
    backup->created_at, "size-bytes",
    usable && backup->size_bytes >= 0 ? backup->size_bytes : (gint64) REPRISE_NOT_REPORTED, "state",
    usable ? REPRISE_BACKUP_COMPLETE : REPRISE_BACKUP_PARTIAL, "own-state", backup->word,
    "state-text",
    backup->status == REPRISE_SITE_UNKNOWN ? backup->word
                                           : reprise_site_status_get_text (backup->status),
    "sign", reprise_site_status_get_sign (backup->status), "in-progress",
    reprise_site_status_is_moving (backup->status), "on-service", TRUE, "origin",
    backup->scheduled ? REPRISE_ORIGIN_SCHEDULE : REPRISE_ORIGIN_MANUAL, "groups",
    usable ? get_groups (backup) : REPRISE_GROUPS_NONE, NULL);
  return described;
}

/* What Azure keeps to itself: it can be restored, and that is all. */
static RepriseBackup *
describe_bound (const char *id, const char *service_uuid, GDateTime *at, const char *state)
{
  RepriseBackup *described = reprise_backup_new (id, service_uuid, REPRISE_SITE_KIND_ID);

  g_object_set (described, "own-name", id, "created-at", at, "size-bytes",
                (gint64) REPRISE_NOT_REPORTED, "state", REPRISE_BACKUP_COMPLETE, "state-text",
                state, "on-service", TRUE, "bound", TRUE, "origin", REPRISE_ORIGIN_SCHEDULE,
                "groups", REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED), NULL);
  return described;
}

/* (transfer full) */
RepriseBackup *
reprise_site_backup_describe_snapshot (const RepriseSiteSnapshot *snapshot,
                                       gboolean paired_region,
                                       const char *service_uuid)
{
  g_autofree char *id = reprise_site_source_make_snapshot_id (snapshot, paired_region);

  return describe_bound (id, service_uuid, snapshot->at,
                         paired_region ? _ ("Automatic, in the paired region")
                                       : _ ("Automatic, without databases"));
}

/* (transfer full) */
RepriseBackup *
reprise_site_backup_describe_gone (const RepriseArmItem *item, const char *service_uuid)
{
  g_autofree char *id = reprise_site_source_make_gone_id (item);
  g_autoptr (GDateTime) at = reprise_site_read_time (item->state);

  return describe_bound (id, service_uuid, at, _ ("The deleted application"));
}

static void
add_time (RepriseArchive *archive, const char *label, GDateTime *time)
{
  g_autofree char *text = time != NULL ? reprise_time_to_text (time) : NULL;

  reprise_archive_add_fact (archive, label, text != NULL ? text : _ ("not reported"));
}

static void
add_size (RepriseArchive *archive, const char *label, gint64 bytes)
{
  g_autofree char *text = bytes >= 0 ? g_format_size ((guint64) bytes) : NULL;

  reprise_archive_add_fact (archive, label, text != NULL ? text : _ ("not reported"));
}

static void
add_text (RepriseArchive *archive, const char *label, const char *text)
{
  if (text != NULL && *text != '\0')
    reprise_archive_add_fact (archive, label, text);
}

static void
add_databases (RepriseContents *contents, GPtrArray *databases)
{
  for (guint i = 0; i < databases->len; i++)
    {
      const RepriseSiteDatabase *each = databases->pdata[i];
      g_autoptr (RepriseCollection) database = reprise_collection_new (
        each->name != NULL ? each->name : each->type, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

      reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, database);
    }
}

/* What Azure could not read is not in the backup, which is said for as long as there is one. */
static void
add_unread (RepriseContents *contents, const RepriseSiteBackup *backup)
{
  g_autoptr (RepriseCollection) unread = NULL;

  if (backup->status != REPRISE_SITE_PARTIALLY_SUCCEEDED)
    return;
  unread = reprise_collection_new ("unread", REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);
  reprise_collection_set_title (unread, _ ("Files that could not be read"));
  reprise_collection_set_reason (unread, reprise_site_status_get_help (backup->status));
  reprise_contents_add (contents, REPRISE_GROUP_SKIPPED, unread);
}

/* (transfer full): of what Azure keeps to itself, and tells little of */
RepriseArchive *
reprise_site_backup_open_bound (RepriseBackup *described, const char *format, const char *help)
{
  RepriseArchive *archive = reprise_archive_new_for_backup (described, NULL);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) site =
    reprise_collection_new ("site", REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  reprise_collection_set_title (site, _ ("Files and configuration"));
  reprise_contents_add (contents, REPRISE_GROUP_REQUIRED, site);
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_format (archive, format);
  add_text (archive, _ ("What That Means"), help);
  return archive;
}

/* (transfer full): all that Azure tells of a backup, without looking into it */
RepriseArchive *
reprise_site_backup_open (const RepriseSiteBackup *backup, RepriseBackup *described)
{
  RepriseArchive *archive = reprise_archive_new_for_backup (described, NULL);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) site = reprise_collection_new (
    "site", REPRISE_NOT_REPORTED,
    backup->site_bytes >= 0 ? backup->site_bytes : (gint64) REPRISE_NOT_REPORTED);

  reprise_collection_set_title (site, _ ("Files and configuration"));
  reprise_contents_add (contents, REPRISE_GROUP_REQUIRED, site);
  add_databases (contents, backup->databases);
  add_unread (contents, backup);
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_format (archive, _ ("Azure App Service backup (.zip and .xml)"));
  add_text (archive, _ ("What That Means"), reprise_site_status_get_help (backup->status));
  if (backup->id >= 0)
    add_text (archive, _ ("Made By"),
              backup->scheduled ? _ ("The schedule of Azure") : _ ("On demand"));
  else
    add_text (archive, _ ("Made By"), _ ("Not known: the application does not list it"));
  add_time (archive, _ ("Finished"), backup->finished_at);
  add_time (archive, _ ("Last Restored"), backup->restored_at);
  add_size (archive, _ ("Size of the Backup"), backup->size_bytes);
  add_size (archive, _ ("Size of the Application"), backup->site_bytes);
  add_text (archive, _ ("Blob"), backup->blob_name);
  add_text (archive, _ ("Log"), backup->log);
  add_text (archive, _ ("Correlation ID"), backup->correlation_id);
  return archive;
}

/* --- into the vault --- */

static gboolean
fetch_file (RepriseBlob *blob,
            const char *name,
            const char *as,
            gboolean needed,
            RepriseVaultWriter *writer,
            char **md5,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseBlobItem) item = reprise_blob_look (blob, name, cancellable, &local);
  g_autoptr (GOutputStream) stream = NULL;

  if (item == NULL && !needed && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  if (item == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", name);
      return FALSE;
    }
  stream = reprise_vault_writer_open_sized (writer, as, item->size_bytes, error);
  return stream != NULL &&
         reprise_blob_download (blob, item, 0, stream, md5, progress, cancellable, error) &&
         g_output_stream_close (stream, cancellable, error);
}

static void
describe (RepriseSite *site, const RepriseSiteBackup *backup, RepriseVaultWriter *writer)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  JsonObject *own = reprise_manifest_get_provider (manifest);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) content = reprise_collection_new (
    "site", REPRISE_NOT_REPORTED,
    backup->site_bytes >= 0 ? backup->site_bytes : (gint64) REPRISE_NOT_REPORTED);

  reprise_collection_set_title (content, _ ("Files and configuration"));
  reprise_contents_add (contents, REPRISE_GROUP_REQUIRED, content);
  add_databases (contents, backup->databases);
  add_unread (contents, backup);
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_identity (manifest, reprise_site_get_id (site));
  reprise_manifest_set_own_name (manifest, backup->name);
  if (backup->created_at != NULL)
    reprise_manifest_set_created_at (manifest, backup->created_at);
  reprise_manifest_set_proof (manifest, "length",
                              "each file as long as the container says, and equal to its digest "
                              "where it has one");
  json_object_set_int_member (own, "backup_id", backup->id);
  if (backup->blob_name != NULL)
    json_object_set_string_member (own, "blob_name", backup->blob_name);
  if (backup->correlation_id != NULL)
    json_object_set_string_member (own, "correlation_id", backup->correlation_id);
  json_object_set_boolean_member (own, "partial",
                                  backup->status == REPRISE_SITE_PARTIALLY_SUCCEEDED);
}

/**
 * reprise_site_backup_fetch:
 *
 * Brings the files of a backup into the vault: the archive and its description, which belong together, and the log where there is
 * one.
 */
gboolean
reprise_site_backup_fetch (RepriseSite *site,
                           RepriseBlob *blob,
                           const RepriseSiteBackup *backup,
                           RepriseVaultWriter *writer,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *description = NULL;
  g_autofree char *log = NULL;
  g_autofree char *md5 = NULL;

  if (backup->blob_name != NULL)
    description =
      reprise_site_archive_dup_beside (backup->blob_name, REPRISE_SITE_DESCRIPTION_EXTENSION);
  if (description == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                                 _ ("Azure does not say in which blob the backup is."));
      return FALSE;
    }
  log = reprise_site_archive_dup_beside (backup->blob_name, REPRISE_SITE_LOG_EXTENSION);
  reprise_progress_set_phase (progress, REPRISE_PHASE_DOWNLOADING);
  if (!fetch_file (blob, description, REPRISE_SITE_FILE_DESCRIPTION, TRUE, writer, NULL, NULL,
                   cancellable, error) ||
      !fetch_file (blob, log, REPRISE_SITE_FILE_LOG, FALSE, writer, NULL, NULL, cancellable,
                   error) ||
      !fetch_file (blob, backup->blob_name, REPRISE_SITE_FILE_ARCHIVE, TRUE, writer, &md5, progress,
                   cancellable, error))
    return FALSE;
  describe (site, backup, writer);
  reprise_blob_digest_keep (reprise_vault_writer_get_manifest (writer), md5);
  return TRUE;
}
