/* reprise-site-source.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-source.h"

#define DATE_DIGITS     8 /* of a date in a name, at least */
#define SNAPSHOT_PREFIX "snapshot-"
#define PAIRED_PREFIX   "paired-"
#define GONE_PREFIX     "deleted-"

#define MARK_APPLICATION \
  "reprise_application" /* beside a blob: “shop”, or “shop/staging” of a slot */

/**
 * reprise_site_source_read:
 * @id: (nullable)
 * @number: (out) (optional): of one that is listed
 * @rest: (out) (optional): the name of a blob, the time of a snapshot, the number of a deleted application
 */
RepriseSiteSource
reprise_site_source_read (const char *id, gint64 *number, const char **rest)
{
  const char *text = id != NULL ? id : "";
  gint64 value = -1;

  if (rest != NULL)
    *rest = text;
  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT32, &value, NULL))
    {
      if (number != NULL)
        *number = value;
      return REPRISE_SITE_SOURCE_LISTED;
    }
  if (g_str_has_prefix (text, SNAPSHOT_PREFIX))
    {
      if (rest != NULL)
        *rest = text + strlen (SNAPSHOT_PREFIX);
      return REPRISE_SITE_SOURCE_SNAPSHOT;
    }
  if (g_str_has_prefix (text, PAIRED_PREFIX) && g_ascii_isdigit (text[strlen (PAIRED_PREFIX)]))
    {
      if (rest != NULL)
        *rest = text + strlen (PAIRED_PREFIX);
      return REPRISE_SITE_SOURCE_PAIRED;
    }
  if (g_str_has_prefix (text, GONE_PREFIX) &&
      strspn (text + strlen (GONE_PREFIX), "0123456789") > 0)
    {
      if (rest != NULL)
        *rest = text + strlen (GONE_PREFIX);
      return REPRISE_SITE_SOURCE_GONE;
    }
  return strlen (text) > strlen (REPRISE_SITE_ARCHIVE_EXTENSION) &&
             g_str_has_suffix (text, REPRISE_SITE_ARCHIVE_EXTENSION)
           ? REPRISE_SITE_SOURCE_BLOB
           : REPRISE_SITE_SOURCE_UNKNOWN;
}

char *
reprise_site_source_make_snapshot_id (const RepriseSiteSnapshot *snapshot, gboolean paired_region)
{
  return g_strconcat (paired_region ? PAIRED_PREFIX : SNAPSHOT_PREFIX, snapshot->time, NULL);
}

/* Its resource ID ends in its number. */
char *
reprise_site_source_make_gone_id (const RepriseArmItem *item)
{
  g_autofree char *number = reprise_arm_id_get (item->id, "deletedSites");

  return g_strconcat (GONE_PREFIX, number != NULL ? number : "", NULL);
}

/* --- blobs --- */

typedef struct
{
  GHashTable *archives; /* (element-type utf8 RepriseSiteBackup): by what is before “.zip” */
  GHashTable *descriptions; /* (element-type utf8): what is before “.xml” */
  const char *application;  /* (nullable): whose they are */
} Pairs;

/* (transfer full) (nullable): what is before an extension */
static char *
dup_stem (const char *name, const char *extension)
{
  return g_str_has_suffix (name, extension) && strlen (name) > strlen (extension)
           ? g_strndup (name, strlen (name) - strlen (extension))
           : NULL;
}

static RepriseSiteBackup *
make_backup (const RepriseBlobItem *item, const char *stem)
{
  RepriseSiteBackup *backup = g_new0 (RepriseSiteBackup, 1);
  GDateTime *at = item->created_at != NULL ? item->created_at : item->modified_at;

  backup->id = -1;
  backup->name = g_strdup (stem);
  backup->blob_name = g_strdup (item->name);
  backup->status = REPRISE_SITE_SUCCEEDED;
  backup->word = g_strdup (reprise_site_status_to_string (backup->status));
  backup->size_bytes = item->size_bytes;
  backup->site_bytes = -1;
  backup->created_at = at != NULL ? g_date_time_ref (at) : NULL;
  backup->databases = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_database_free);
  return backup;
}

/* Of what we uploaded ourselves it is written beside it which application it is of. */
static gboolean
is_of_another (const RepriseBlobItem *item, const char *application)
{
  const char *mark =
    item->metadata != NULL ? g_hash_table_lookup (item->metadata, MARK_APPLICATION) : NULL;

  return application != NULL && mark != NULL && g_ascii_strcasecmp (mark, application) != 0;
}

static gboolean
take_blob (const RepriseBlobItem *item, gpointer data, GError **error)
{
  Pairs *pairs = data;
  char *stem = dup_stem (item->name, REPRISE_SITE_ARCHIVE_EXTENSION);

  if (stem != NULL && is_of_another (item, pairs->application))
    g_clear_pointer (&stem, g_free);
  else if (stem != NULL)
    {
      g_hash_table_replace (pairs->archives, stem, make_backup (item, stem));
      return TRUE;
    }
  stem = dup_stem (item->name, REPRISE_SITE_DESCRIPTION_EXTENSION);
  if (stem != NULL)
    g_hash_table_add (pairs->descriptions, stem);
  return TRUE;
}

/* “shop_2026…” and “shop.zip” are of the application “shop”, “shop-test_2026…” and “shop2.zip” of others. @name: with “.zip” or without;
 * @application: (nullable): any */
gboolean
reprise_site_source_is_of (const char *name, const char *application)
{
  const char *rest = application != NULL ? name + strlen (application) : "";

  if (application != NULL && !g_str_has_prefix (name, application))
    return FALSE;
  if (*rest == '-')
    return g_ascii_isdigit (rest[1]) && strspn (rest + 1, "0123456789") >= DATE_DIGITS;
  return !g_ascii_isalnum (*rest);
}

/* @listed: (nullable) (element-type RepriseSiteBackup) */
gboolean
reprise_site_source_is_listed (GPtrArray *listed, const char *blob_name)
{
  for (guint i = 0; listed != NULL && i < listed->len; i++)
    {
      const RepriseSiteBackup *each = listed->pdata[i];

      if (each->status != REPRISE_SITE_DELETED && g_strcmp0 (each->blob_name, blob_name) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * reprise_site_source_list_blobs:
 * @site: (nullable): the application whose they are; all where it is not given
 * @listed: (nullable) (element-type RepriseSiteBackup): those that the application lists, which are left out
 *
 * An archive counts with its description beside it: Azure restores only both.
 *
 * Returns: (transfer full) (element-type RepriseSiteBackup): backups in the container without a number, in no order
 */
GPtrArray *
reprise_site_source_list_blobs (RepriseBlob *blob,
                                RepriseSite *site,
                                GPtrArray *listed,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GHashTable) archives = g_hash_table_new_full (
    g_str_hash, g_str_equal, g_free, (GDestroyNotify) reprise_site_backup_free);
  g_autoptr (GHashTable) descriptions =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *prefix = site != NULL ? reprise_site_dup_blob_prefix (site) : NULL;
  g_autofree char *application = site != NULL ? reprise_site_dup_name (site) : NULL;
  Pairs pairs = { archives, descriptions, application };
  GPtrArray *backups;
  GHashTableIter iter;
  gpointer stem, backup;

  if (!reprise_blob_list (blob, prefix, take_blob, &pairs, cancellable, error))
    return NULL;
  backups = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_site_backup_free);
  g_hash_table_iter_init (&iter, archives);
  while (g_hash_table_iter_next (&iter, &stem, &backup))
    {
      if (!g_hash_table_contains (descriptions, stem) ||
          !reprise_site_source_is_of (stem, prefix) ||
          reprise_site_source_is_listed (listed, ((RepriseSiteBackup *) backup)->blob_name))
        continue;
      g_hash_table_iter_steal (&iter);
      g_ptr_array_add (backups, backup);
      g_free (stem);
    }
  return backups;
}

/* Writes beside a blob of which application it is, where its name does not tell. */
gboolean
reprise_site_source_mark (RepriseBlob *blob,
                          const char *name,
                          RepriseSite *site,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GHashTable) marks = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  g_hash_table_insert (marks, (char *) MARK_APPLICATION, reprise_site_dup_name (site));
  return reprise_blob_set_metadata (blob, name, marks, cancellable, error);
}

/* (transfer full): a backup by the name of its blob, or %NULL with %REPRISE_ERROR_NOT_FOUND where one of the two is not there */
RepriseSiteBackup *
reprise_site_source_look (RepriseBlob *blob,
                          const char *name,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autofree char *stem = dup_stem (name, REPRISE_SITE_ARCHIVE_EXTENSION);
  g_autofree char *description =
    reprise_site_archive_dup_beside (name, REPRISE_SITE_DESCRIPTION_EXTENSION);
  g_autoptr (RepriseBlobItem) archive = reprise_blob_look (blob, name, cancellable, error);
  g_autoptr (RepriseBlobItem) beside = NULL;

  if (archive == NULL)
    {
      reprise_error_prefix (error, "%s: ", name);
      return NULL;
    }
  beside = reprise_blob_look (blob, description, cancellable, error);
  if (beside == NULL)
    {
      reprise_error_prefix (error, "%s: ", description);
      return NULL;
    }
  return make_backup (archive, stem);
}

static gboolean
delete_beside (RepriseBlob *blob,
               const char *name,
               const char *extension,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *beside = reprise_site_archive_dup_beside (name, extension);
  g_autoptr (GError) local = NULL;

  if (reprise_blob_delete (blob, beside, cancellable, &local) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* All files of a backup. The archive goes first: what would be left is worth nothing without it. @whole: that must be there; else what
 * may lie there only in part, or not at all */
gboolean
reprise_site_source_delete (RepriseBlob *blob,
                            const char *name,
                            gboolean whole,
                            GCancellable *cancellable,
                            GError **error)
{
  return (whole ? reprise_blob_delete (blob, name, cancellable, error)
                : delete_beside (blob, name, REPRISE_SITE_ARCHIVE_EXTENSION, cancellable, error)) &&
         delete_beside (blob, name, REPRISE_SITE_DESCRIPTION_EXTENSION, cancellable, error) &&
         delete_beside (blob, name, REPRISE_SITE_LOG_EXTENSION, cancellable, error);
}

/* --- deleted applications --- */

/**
 * reprise_site_source_list_gone:
 *
 * Returns: (transfer full) (element-type RepriseArmItem): the applications of that name and group that were deleted, and that Azure
 *   still has
 */
GPtrArray *
reprise_site_source_list_gone (RepriseArm *arm,
                               const char *subscription,
                               const char *group,
                               const char *application,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autofree char *scope = reprise_arm_path ("subscriptions", subscription, NULL);
  g_autoptr (GPtrArray) all =
    reprise_arm_list (arm, REPRISE_ARM_DELETED_SITES, scope, cancellable, error);

  for (guint i = all != NULL ? all->len : 0; i > 0; i--)
    {
      const RepriseArmItem *each = all->pdata[i - 1];

      if (g_ascii_strcasecmp (each->name, application) != 0 ||
          (each->group != NULL && g_ascii_strcasecmp (each->group, group) != 0))
        g_ptr_array_remove_index (all, i - 1);
    }
  return g_steal_pointer (&all);
}
