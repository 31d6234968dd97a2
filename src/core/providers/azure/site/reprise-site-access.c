/* reprise-site-access.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/azure/site/reprise-site-provider-private.h"
#include "providers/azure/site/reprise-site-source.h"

/*
 * Azure deletes a backup with the signature with which it was made. Where that has ended, deleting fails: then Azure is given a new
 * one for that backup, and deletes again.
 */

/* (transfer full) (nullable): the service's own signature, where it is good still */
static RepriseSecretValue *
open_good_storage (RepriseSiteProvider *self, GCancellable *cancellable)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (self, NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseSas) sas = reprise_azure_session_open_storage (session, cancellable, NULL);

  return sas != NULL && !reprise_sas_has_ended (sas, now) ? reprise_sas_dup_address (sas) : NULL;
}

/* All files of a backup in the container. @whole: see reprise_site_source_delete() */
gboolean
reprise_site_access_delete_files (RepriseSiteProvider *self,
                                  const char *name,
                                  gboolean whole,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (RepriseBlob) blob = reprise_site_provider_open_container (self, cancellable, error);

  return blob != NULL && reprise_site_source_delete (blob, name, whole, cancellable, error);
}

/* A container holds blobs of other applications, too. What may be restored by its name is not deleted by it. */
static gboolean
check_listed (RepriseProvider *provider, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) backups = reprise_site_listing_list (provider, NULL, cancellable, error);

  if (backups == NULL)
    return FALSE;
  for (guint i = 0; i < backups->len; i++)
    if (g_str_equal (reprise_backup_get_id (backups->pdata[i]), id))
      return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    /* Translators: the name of a blob */
    _ ("“%s” is not listed among the backups of this service: it may be another one’s. "
       "Only those that are listed are deleted."),
    id);
  return FALSE;
}

/* With the service's own signature at hand, in case that with which the backup was made has ended. */
gboolean
reprise_site_access_delete (RepriseProvider *provider,
                            RepriseBackup *backup,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  g_autoptr (RepriseSiteBackup) found =
    reprise_site_listing_look_up (self, backup, cancellable, error);
  g_autoptr (RepriseSecretValue) storage = NULL;

  if (found == NULL)
    return FALSE;
  reprise_progress_set_phase (progress, REPRISE_PHASE_DELETING);
  if (found->id < 0 && !check_listed (provider, reprise_backup_get_id (backup), cancellable, error))
    return FALSE;
  if (found->id < 0)
    return reprise_site_access_delete_files (self, found->blob_name, TRUE, cancellable, error);
  storage = open_good_storage (self, cancellable);
  return reprise_site_delete_backup (reprise_site_provider_get_site (self, NULL), found->id,
                                     storage, progress, cancellable, error);
}

/* --- renewing --- */

/* (transfer full): the signature that Azure is to have from now on */
static RepriseSecretValue *
open_new_storage (RepriseSiteProvider *self,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (self, error);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseSas) sas =
    session != NULL ? reprise_azure_session_open_storage (session, cancellable, error) : NULL;

  if (sas == NULL || !reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, NULL, warnings, error))
    return NULL;
  for (guint i = 0; i < warnings->len; i++)
    reprise_progress_warn_saying (progress, (char *) warnings->pdata[i]);
  return reprise_sas_dup_address (sas);
}

/* Where deleting had failed, it is done now: that is what the signature was missing for. */
static gboolean
renew_one (RepriseSite *site,
           const RepriseSiteBackup *backup,
           RepriseSecretValue *storage,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  if (!reprise_site_renew_storage (site, backup->id, storage, cancellable, error))
    return FALSE;
  return backup->status != REPRISE_SITE_DELETE_FAILED ||
         reprise_site_delete_backup (site, backup->id, NULL, progress, cancellable, error);
}

/* Renewing with what was there leads nowhere when it ends. Of a schedule alone Azure tells what it has, without being asked for secrets. */
static void
warn_of_same (RepriseSecretValue *present, RepriseSecretValue *storage, RepriseProgress *progress)
{
  g_autoptr (RepriseSas) sas = reprise_sas_parse (reprise_secret_value_get_text (storage), NULL);
  g_autofree char *end = sas != NULL && sas->end != NULL ? reprise_time_to_text (sas->end) : NULL;

  if (present == NULL || !reprise_secret_value_equal (present, storage))
    return;
  if (end != NULL)
    reprise_progress_warn (
      progress,
      "Azure had this signature already: it ends on %s, as before. For a later "
      "end, make a new one in Azure, give it to the service, and renew again.",
      end);
  else
    reprise_progress_warn (progress,
                           "Azure had this signature already. For another end, make a new one in "
                           "Azure, give it to the service, and renew again.");
}

/* Azure's own schedule makes its backups with the signature that it was given; the application may have none. */
static gboolean
renew_schedule (RepriseSite *site,
                RepriseSecretValue *storage,
                RepriseProgress *progress,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseSiteSchedule) schedule = reprise_site_get_schedule (site, cancellable, &local);

  if (schedule == NULL && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  if (schedule == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  warn_of_same (schedule->storage, storage, progress);
  g_clear_pointer (&schedule->storage, reprise_secret_value_unref);
  schedule->storage = reprise_secret_value_ref (storage);
  return reprise_site_set_schedule (site, schedule, cancellable, error);
}

/* One that is refused does not keep the others from it: @first is what went wrong first. %FALSE where it was stopped. */
static gboolean
renew_each (RepriseSite *site,
            GPtrArray *backups,
            RepriseSecretValue *storage,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **first)
{
  for (guint i = 0; i < backups->len; i++)
    {
      const RepriseSiteBackup *each = backups->pdata[i];
      g_autoptr (GError) local = NULL;

      if (!reprise_site_status_is_usable (each->status) ||
          renew_one (site, each, storage, progress, cancellable, &local))
        continue;
      if (reprise_error_is_stop (local))
        {
          g_clear_error (first);
          *first = g_steal_pointer (&local);
          return FALSE;
        }
      reprise_error_prefix (&local, "%s: ", each->name != NULL ? each->name : each->blob_name);
      if (*first == NULL)
        *first = g_steal_pointer (&local);
    }
  return TRUE;
}

static gboolean
renew_all (RepriseSite *site,
           RepriseSecretValue *storage,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GPtrArray) backups = reprise_site_list_backups (site, cancellable, error);
  g_autoptr (GError) first = NULL;

  if (backups == NULL)
    return FALSE;
  if (renew_each (site, backups, storage, progress, cancellable, &first))
    renew_schedule (site, storage, progress, cancellable, first == NULL ? &first : NULL);
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

/* @backup: (nullable): with %NULL all that the application lists, and its schedule */
gboolean
reprise_site_access_renew (RepriseProvider *provider,
                           RepriseBackup *backup,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (RepriseSiteBackup) found = NULL;
  g_autoptr (RepriseSecretValue) storage = NULL;

  if (site == NULL)
    return FALSE;
  if (backup != NULL)
    {
      found = reprise_site_listing_look_up (self, backup, cancellable, error);
      if (found == NULL)
        return FALSE;
      if (found->id < 0)
        return TRUE; /* no application keeps a signature for it */
    }
  storage = open_new_storage (self, progress, cancellable, error);
  if (storage == NULL)
    return FALSE;
  return found != NULL ? renew_one (site, found, storage, progress, cancellable, error)
                       : renew_all (site, storage, progress, cancellable, error);
}

/* --- secrets --- */

static void
add_secret (GPtrArray *secrets, const char *label, RepriseSecretValue *value)
{
  if (value != NULL)
    g_ptr_array_add (secrets, reprise_reveal_new (label, value));
}

/* Azure gives them only where they are asked for by a request of its own, and so does this. They are kept nowhere. */
GPtrArray *
reprise_site_access_reveal (RepriseProvider *provider,
                            RepriseBackup *backup,
                            GCancellable *cancellable,
                            GError **error)
{
  RepriseSiteProvider *self = REPRISE_SITE_PROVIDER (provider);
  RepriseSite *site = reprise_site_provider_get_site (self, error);
  g_autoptr (RepriseSiteBackup) found = NULL;
  GPtrArray *secrets;
  gint64 number = -1;

  if (site == NULL)
    return NULL;
  if (reprise_site_source_read (reprise_backup_get_id (backup), &number, NULL) !=
      REPRISE_SITE_SOURCE_LISTED)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("Azure keeps secrets only of backups that the application lists."));
      return NULL;
    }
  found = reprise_site_get_backup_secrets (site, number, cancellable, error);
  if (found == NULL)
    return NULL;
  secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_reveal_free);
  add_secret (secrets, _ ("Shared Access Signature"), found->storage);
  for (guint i = 0; i < found->databases->len; i++)
    {
      const RepriseSiteDatabase *each = found->databases->pdata[i];
      /* Translators: %s is the name of a database */
      g_autofree char *label =
        g_strdup_printf (_ ("Connection of “%s”"), each->name != NULL ? each->name : each->type);

      add_secret (secrets, label, each->connection);
    }
  return secrets;
}
