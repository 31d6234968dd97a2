/* reprise-site-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/site/reprise-site-private.h"

static GBytes *
make_body (const RepriseSiteRestore *restore)
{
  GString *body = reprise_arm_body_new ();

  reprise_arm_body_open (body, "properties", '{');
  reprise_arm_body_add (body, "storageAccountUrl",
                        reprise_secret_value_get_text (restore->storage));
  reprise_arm_body_add (body, "blobName", restore->blob_name);
  reprise_arm_body_add_boolean (body, "overwrite", restore->overwrite);
  reprise_arm_body_add (body, "siteName", restore->site_name);
  if (!restore->ignore_databases)
    reprise_site_add_databases (body, restore->databases);
  if (restore->ignore_databases)
    reprise_arm_body_add_boolean (body, "ignoreDatabases", TRUE);
  if (restore->ignore_host_names)
    reprise_arm_body_add_boolean (body, "ignoreConflictingHostNames", TRUE);
  if (restore->adjust_connections)
    reprise_arm_body_add_boolean (body, "adjustConnectionStrings", TRUE);
  reprise_arm_body_add (body, "appServicePlan", restore->plan);
  reprise_arm_body_add (body, "hostingEnvironment", restore->environment);
  reprise_arm_body_close (body, '}');
  return reprise_arm_body_finish (body);
}

static RepriseHttpOperation *
start (RepriseSite *self,
       const char *below,
       GBytes *body,
       RepriseHttpOutcome *outcome,
       GCancellable *cancellable,
       GError **error)
{
  g_autofree char *path = g_strconcat (self->id, below, NULL);

  return reprise_arm_start (self->arm, path, REPRISE_ARM_VERSION_WEB, body, outcome, cancellable,
                            error);
}

/**
 * reprise_site_restore:
 * @self: the application that is restored; a new one is named by it and need not exist
 * @id: of a backup that the application lists, or -1 for a blob that it does not know
 * @outcome: (out) (optional): where no answer came, it may have been started
 *
 * Returns: (transfer full): the operation, to be followed
 */
RepriseHttpOperation *
reprise_site_restore (RepriseSite *self,
                      gint64 id,
                      const RepriseSiteRestore *restore,
                      RepriseHttpOutcome *outcome,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GBytes) body = make_body (restore);
  g_autofree char *below = id >= 0 ? g_strdup_printf ("/backups/%" G_GINT64_FORMAT "/restore", id)
                                   : g_strdup ("/restoreFromBackupBlob");

  if (id < 0 && restore->blob_name == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                 _ ("Name the blob of the backup."));
      return NULL;
    }
  return start (self, below, body, outcome, cancellable, error);
}

/**
 * reprise_site_discover:
 * @restore: of it the storage and the blob's name count
 *
 * Returns: (transfer full) (element-type RepriseSiteDatabase): the databases that are in the archive
 */
GPtrArray *
reprise_site_discover (RepriseSite *self,
                       const RepriseSiteRestore *restore,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *path = g_strconcat (self->id, "/discoverbackup", NULL);
  g_autoptr (GBytes) body = make_body (restore);
  g_autoptr (JsonObject) answer =
    reprise_arm_send (self->arm, "POST", path, REPRISE_ARM_VERSION_WEB, body, REPRISE_HTTP_READ,
                      NULL, cancellable, error);

  return answer != NULL ? reprise_site_read_databases (answer) : NULL;
}

static gboolean
take_snapshot (JsonObject *item, gpointer data, GError **error)
{
  const char *time = reprise_json_get_string (item, "properties.time", NULL);
  g_autoptr (GDateTime) at = reprise_site_read_time (time);
  RepriseSiteSnapshot *snapshot;

  if (at == NULL)
    return TRUE;
  snapshot = g_new0 (RepriseSiteSnapshot, 1);
  snapshot->id = g_strdup (reprise_json_get_string (item, "id", NULL));
  snapshot->time = g_strdup (time);
  snapshot->at = g_steal_pointer (&at);
  g_ptr_array_add (data, snapshot);
  return TRUE;
}

static int
compare_snapshots (gconstpointer a, gconstpointer b)
{
  return -g_date_time_compare ((*(RepriseSiteSnapshot *const *) a)->at,
                               (*(RepriseSiteSnapshot *const *) b)->at);
}

/* (transfer full) (element-type RepriseSiteSnapshot): newest first */
GPtrArray *
reprise_site_list_snapshots (RepriseSite *self,
                             gboolean paired_region,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autofree char *path =
    g_strconcat (self->id, paired_region ? "/snapshotsdr" : "/snapshots", NULL);
  g_autoptr (GPtrArray) snapshots =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_snapshot_free);

  if (!reprise_arm_walk (self->arm, path, REPRISE_ARM_VERSION_WEB, NULL, take_snapshot, snapshots,
                         cancellable, error))
    return NULL;
  g_ptr_array_sort (snapshots, compare_snapshots);
  return g_steal_pointer (&snapshots);
}

/**
 * reprise_site_restore_snapshot:
 * @self: the application that is overwritten
 * @restore: which one, and how
 * @outcome: (out) (optional): where no answer came, it may have been started
 */
RepriseHttpOperation *
reprise_site_restore_snapshot (RepriseSite *self,
                               const RepriseSiteSnapshotRestore *restore,
                               RepriseHttpOutcome *outcome,
                               GCancellable *cancellable,
                               GError **error)
{
  GString *text = reprise_arm_body_new ();
  g_autoptr (GBytes) body = NULL;

  reprise_arm_body_open (text, "properties", '{');
  reprise_arm_body_add_boolean (text, "overwrite", TRUE);
  reprise_arm_body_add (text, "snapshotTime", restore->time);
  if (restore->source_id != NULL)
    {
      reprise_arm_body_open (text, "recoverySource", '{');
      reprise_arm_body_add (text, "location", restore->source_location);
      reprise_arm_body_add (text, "id", restore->source_id);
      reprise_arm_body_close (text, '}');
    }
  reprise_arm_body_add_boolean (text, "recoverConfiguration", restore->configuration);
  if (restore->ignore_host_names)
    reprise_arm_body_add_boolean (text, "ignoreConflictingHostNames", TRUE);
  if (restore->paired_region)
    reprise_arm_body_add_boolean (text, "useDRSecondary", TRUE);
  reprise_arm_body_close (text, '}');
  body = reprise_arm_body_finish (text);
  return start (self, "/restoreSnapshot", body, outcome, cancellable, error);
}

/**
 * reprise_site_restore_deleted:
 * @self: an application that exists, and is overwritten
 * @deleted_id: the resource ID of the deleted one, from %REPRISE_ARM_DELETED_SITES
 * @configuration: its settings too
 * @outcome: (out) (optional): where no answer came, it may have been started
 *
 * Brings back an application that was deleted.
 */
RepriseHttpOperation *
reprise_site_restore_deleted (RepriseSite *self,
                              const char *deleted_id,
                              gboolean configuration,
                              RepriseHttpOutcome *outcome,
                              GCancellable *cancellable,
                              GError **error)
{
  GString *text = reprise_arm_body_new ();
  g_autoptr (GBytes) body = NULL;

  reprise_arm_body_open (text, "properties", '{');
  reprise_arm_body_add (text, "deletedSiteId", deleted_id);
  reprise_arm_body_add_boolean (text, "recoverConfiguration", configuration);
  reprise_arm_body_close (text, '}');
  body = reprise_arm_body_finish (text);
  return start (self, "/restoreFromDeletedApp", body, outcome, cancellable, error);
}
