/* reprise-site-listing.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-azure"

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-backup.h"
#include "providers/azure/site/reprise-site-provider-private.h"
#include "providers/azure/site/reprise-site-source.h"

/*
 * What there is to restore from:
 *
 *   what the application lists → and what lies in the container under its name → and, where that is wanted, the automatic ones
 *
 * Where the application is gone, Azure lists nothing any more: then all that lies in the container, and the application that was
 * deleted, as long as Azure has it.
 */

#define MAX_TWINS 8 /* that are asked */

#define SNAPSHOTS_DAILY  "daily"
#define SNAPSHOTS_ALL    "all"
#define SNAPSHOTS_PAIRED "paired"

/* (transfer full) (element-type RepriseArmItem): the application itself, where it was deleted and Azure still has it */
GPtrArray *
reprise_site_listing_list_gone (RepriseSiteProvider *self,
                                GCancellable *cancellable,
                                GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (self, error);

  return session == NULL
           ? NULL
           : reprise_site_source_list_gone (
               reprise_azure_session_get_arm (session),
               reprise_site_provider_get_setting (self, REPRISE_AZURE_SETTING_SUBSCRIPTION),
               reprise_site_provider_get_setting (self, REPRISE_AZURE_SETTING_GROUP),
               reprise_site_provider_get_setting (self, REPRISE_AZURE_SETTING_APPLICATION),
               cancellable, error);
}

static void
add_listed (RepriseSiteProvider *self, GPtrArray *backups, GPtrArray *listed)
{
  for (guint i = 0; i < listed->len; i++)
    if (((RepriseSiteBackup *) listed->pdata[i])->status != REPRISE_SITE_DELETED)
      g_ptr_array_add (backups, reprise_site_backup_describe (
                                  listed->pdata[i], reprise_site_provider_get_uuid (self)));
}

/* --- two with one name --- */

/* A slot “shop/staging” and an application “shop-staging” give their backups the same names. @name: may be none; @slot: (nullable) */
static void
add_twin (RepriseSiteProvider *self, GPtrArray *twins, const char *name, const char *slot)
{
  RepriseSite *own = reprise_site_provider_get_site (self, NULL);
  RepriseAzureSession *session = reprise_site_provider_get_session (self, NULL);
  g_autoptr (RepriseSite) twin = NULL;

  if (!reprise_site_is_name (name) || (slot != NULL && !reprise_site_is_name (slot)))
    return;
  twin = reprise_site_new (
    reprise_azure_session_get_arm (session),
    reprise_site_provider_get_setting (self, REPRISE_AZURE_SETTING_SUBSCRIPTION),
    reprise_site_provider_get_setting (self, REPRISE_AZURE_SETTING_GROUP), name, slot);
  if (g_ascii_strcasecmp (reprise_site_get_id (twin), reprise_site_get_id (own)) != 0)
    g_ptr_array_add (twins, g_steal_pointer (&twin));
}

/* (transfer full) (element-type RepriseSite): those that may be there beside it, in the same resource group */
static GPtrArray *
list_twins (RepriseSiteProvider *self, const char *prefix)
{
  GPtrArray *twins = g_ptr_array_new_with_free_func (g_object_unref);

  add_twin (self, twins, prefix, NULL);
  for (const char *at = strchr (prefix, '-'); at != NULL && twins->len < MAX_TWINS;
       at = strchr (at + 1, '-'))
    {
      g_autofree char *name = g_strndup (prefix, (gsize) (at - prefix));

      add_twin (self, twins, name, at + 1);
    }
  return twins;
}

/* What another one lists is its own. What none of them lists is shown for each. */
static void
leave_to_twins (RepriseSiteProvider *self, GPtrArray *found, GCancellable *cancellable)
{
  g_autofree char *prefix =
    reprise_site_dup_blob_prefix (reprise_site_provider_get_site (self, NULL));
  g_autoptr (GPtrArray) twins = list_twins (self, prefix);

  for (guint i = 0; i < twins->len && found->len > 0; i++)
    {
      g_autoptr (GPtrArray) theirs = reprise_site_list_backups (twins->pdata[i], cancellable, NULL);

      for (guint k = theirs != NULL ? found->len : 0; k > 0; k--)
        if (reprise_site_source_is_listed (theirs,
                                           ((RepriseSiteBackup *) found->pdata[k - 1])->blob_name))
          g_ptr_array_remove_index (found, k - 1);
    }
}

/* --- what lies there --- */

/* @site: (nullable): whose they are. What cannot be read is only said in the log: it is more than the service lists itself. */
static void
add_blobs (RepriseSiteProvider *self,
           GPtrArray *backups,
           RepriseSite *site,
           GPtrArray *listed,
           GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBlob) blob = reprise_site_provider_open_container (self, cancellable, &error);
  g_autoptr (GPtrArray) found =
    blob != NULL ? reprise_site_source_list_blobs (blob, site, listed, cancellable, &error) : NULL;

  if (found == NULL)
    g_info ("what lies in the container is not listed: %s", error->message);
  if (found != NULL && site != NULL)
    leave_to_twins (self, found, cancellable);
  for (guint i = 0; found != NULL && i < found->len; i++)
    g_ptr_array_add (backups, reprise_site_backup_describe (found->pdata[i],
                                                            reprise_site_provider_get_uuid (self)));
}

static void
add_gone (RepriseSiteProvider *self, GPtrArray *backups, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) gone = reprise_site_listing_list_gone (self, cancellable, &error);

  if (gone == NULL)
    g_info ("deleted applications are not listed: %s", error->message);
  for (guint i = 0; gone != NULL && i < gone->len; i++)
    g_ptr_array_add (backups, reprise_site_backup_describe_gone (
                                gone->pdata[i], reprise_site_provider_get_uuid (self)));
}

/* Whether it is the newest of its day; they come newest first. */
static gboolean
is_last_of_day (GPtrArray *snapshots, guint i)
{
  const RepriseSiteSnapshot *each = snapshots->pdata[i];
  const RepriseSiteSnapshot *newer = i > 0 ? snapshots->pdata[i - 1] : NULL;

  return newer == NULL ||
         g_date_time_get_day_of_year (newer->at) != g_date_time_get_day_of_year (each->at) ||
         g_date_time_get_year (newer->at) != g_date_time_get_year (each->at);
}

static void
add_snapshots (RepriseSiteProvider *self,
               RepriseSite *site,
               GPtrArray *backups,
               GCancellable *cancellable)
{
  const char *which = reprise_site_provider_get_setting (self, REPRISE_AZURE_SETTING_SNAPSHOTS);
  gboolean paired = strcmp (which, SNAPSHOTS_PAIRED) == 0;
  gboolean all = paired || strcmp (which, SNAPSHOTS_ALL) == 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (!all && strcmp (which, SNAPSHOTS_DAILY) != 0)
    return;
  found = reprise_site_list_snapshots (site, paired, cancellable, &error);
  if (found == NULL)
    g_info ("automatic backups are not listed: %s", error->message);
  for (guint i = 0; found != NULL && i < found->len; i++)
    if (all || is_last_of_day (found, i))
      g_ptr_array_add (backups, reprise_site_backup_describe_snapshot (
                                  found->pdata[i], paired, reprise_site_provider_get_uuid (self)));
}

/* The application is not there any more, or never was. */
static GPtrArray *
list_without_application (RepriseSiteProvider *self,
                          GError *reason,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);

  add_gone (self, backups, cancellable);
  add_blobs (self, backups, NULL, NULL, cancellable);
  if (backups->len > 0)
    return g_steal_pointer (&backups);
  g_propagate_error (error, g_error_copy (reason));
  return NULL;
}

GPtrArray *
reprise_site_listing_list (RepriseProvider *provider,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) local = NULL;

  if (site == NULL)
    return NULL;
  listed = reprise_site_list_backups (site, cancellable, &local);
  if (listed == NULL && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return list_without_application (self, local, cancellable, error);
  if (listed == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  backups = g_ptr_array_new_with_free_func (g_object_unref);
  add_listed (self, backups, listed);
  add_blobs (self, backups, site, listed, cancellable);
  add_snapshots (self, site, backups, cancellable);
  return g_steal_pointer (&backups);
}

/* --- one of them --- */

/* (transfer full) (nullable): %NULL without an error where there is none of that time */
static RepriseBackup *
find_snapshot (RepriseSiteProvider *self,
               const char *time,
               gboolean paired_region,
               GCancellable *cancellable,
               GError **error)
{
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (GPtrArray) found =
    site != NULL ? reprise_site_list_snapshots (site, paired_region, cancellable, error) : NULL;

  for (guint i = 0; found != NULL && i < found->len; i++)
    if (strcmp (((RepriseSiteSnapshot *) found->pdata[i])->time, time) == 0)
      return reprise_site_backup_describe_snapshot (found->pdata[i], paired_region,
                                                    reprise_site_provider_get_uuid (self));
  return NULL;
}

static RepriseBackup *
find_gone (RepriseSiteProvider *self, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) found = reprise_site_listing_list_gone (self, cancellable, error);

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      g_autofree char *own = reprise_site_source_make_gone_id (found->pdata[i]);

      if (strcmp (own, id) == 0)
        return reprise_site_backup_describe_gone (found->pdata[i],
                                                  reprise_site_provider_get_uuid (self));
    }
  return NULL;
}

static RepriseSiteBackup *
look_into_container (RepriseSiteProvider *self,
                     const char *name,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (RepriseBlob) blob = reprise_site_provider_open_container (self, cancellable, error);

  return blob != NULL ? reprise_site_source_look (blob, name, cancellable, error) : NULL;
}

static RepriseBackup *
find_blob (RepriseSiteProvider *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseSiteBackup) found = look_into_container (self, name, cancellable, &local);

  if (found != NULL)
    return reprise_site_backup_describe (found, reprise_site_provider_get_uuid (self));
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* By a name that is in no list: a blob of another application, an automatic backup, a deleted application. */
RepriseBackup *
reprise_site_listing_find (RepriseProvider *provider,
                           const char *id,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  const char *rest = NULL;

  switch (reprise_site_source_read (id, NULL, &rest))
    {
    case REPRISE_SITE_SOURCE_BLOB:
      return find_blob (self, rest, cancellable, error);
    case REPRISE_SITE_SOURCE_SNAPSHOT:
      return find_snapshot (self, rest, FALSE, cancellable, error);
    case REPRISE_SITE_SOURCE_PAIRED:
      return find_snapshot (self, rest, TRUE, cancellable, error);
    case REPRISE_SITE_SOURCE_GONE:
      return find_gone (self, id, cancellable, error);
    case REPRISE_SITE_SOURCE_LISTED:
    case REPRISE_SITE_SOURCE_UNKNOWN:
    default:
      return NULL;
    }
}

/**
 * reprise_site_listing_look_up:
 *
 * Returns: (transfer full): a backup as Azure or the container has it now, or %NULL with %REPRISE_ERROR_NOT_FOUND, with
 *   %REPRISE_ERROR_NOT_SUPPORTED for what Azure keeps to itself, and others
 */
RepriseSiteBackup *
reprise_site_listing_look_up (RepriseSiteProvider *self,
                              RepriseBackup *backup,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  const char *id = reprise_backup_get_id (backup);
  gint64 number = -1;

  if (site == NULL)
    return NULL;
  switch (reprise_site_source_read (id, &number, NULL))
    {
    case REPRISE_SITE_SOURCE_LISTED:
      return reprise_site_get_backup (site, number, cancellable, error);
    case REPRISE_SITE_SOURCE_BLOB:
      return look_into_container (self, id, cancellable, error);
    case REPRISE_SITE_SOURCE_SNAPSHOT:
    case REPRISE_SITE_SOURCE_PAIRED:
    case REPRISE_SITE_SOURCE_GONE:
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                                 _ ("Azure keeps this to itself: it can be restored, but neither "
                                    "downloaded nor deleted."));
      return NULL;
    case REPRISE_SITE_SOURCE_UNKNOWN:
    default:
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("Azure has no backup “%s” of this application."), id);
      return NULL;
    }
}

RepriseArchive *
reprise_site_listing_open (RepriseProvider *provider,
                           RepriseBackup *backup,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSiteSource source = reprise_site_source_read (reprise_backup_get_id (backup), NULL, NULL);
  g_autoptr (RepriseSiteBackup) found = NULL;

  if (source == REPRISE_SITE_SOURCE_SNAPSHOT || source == REPRISE_SITE_SOURCE_PAIRED)
    return reprise_site_backup_open_bound (
      backup, _ ("Automatic backup of Azure App Service"),
      _ ("Azure makes one each hour and keeps it for 30 days, without databases. It can be "
         "restored, but not downloaded."));
  if (source == REPRISE_SITE_SOURCE_GONE)
    return reprise_site_backup_open_bound (
      backup, _ ("Deleted application of Azure App Service"),
      _ ("Azure keeps a deleted application for 30 days. It is restored over an application that "
         "exists: make an empty one of its name first."));
  found = reprise_site_listing_look_up (self, backup, cancellable, error);
  return found != NULL ? reprise_site_backup_open (found, backup) : NULL;
}
