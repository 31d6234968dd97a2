/* reprise-site-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-plan-private.h"

static const char *
get (RepriseSiteProvider *provider, const char *key)
{
  return reprise_provider_base_get_setting (REPRISE_PROVIDER_BASE (provider), key);
}

static const char *
get_option (ReprisePlan *plan, const char *key, const char *fallback)
{
  const char *value = reprise_plan_get_option (plan, key);

  return value != NULL && *value != '\0' ? value : fallback;
}

/* (transfer full): the application that a plan restores: that of the service unless another is named */
RepriseSite *
reprise_site_plan_get_target (RepriseSiteProvider *provider, ReprisePlan *plan, GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  const char *name = get_option (plan, REPRISE_SITE_OPTION_APPLICATION, NULL);
  const char *slot = get_option (plan, REPRISE_SITE_OPTION_SLOT,
                                 name == NULL ? get (provider, REPRISE_AZURE_SETTING_SLOT) : NULL);

  if (session == NULL)
    return NULL;
  return reprise_site_new (
    reprise_azure_session_get_arm (session), get (provider, REPRISE_AZURE_SETTING_SUBSCRIPTION),
    get (provider, REPRISE_AZURE_SETTING_GROUP),
    name != NULL ? name : get (provider, REPRISE_AZURE_SETTING_APPLICATION), slot);
}

/* Whether it is on the service, and there to be restored by its number. @id (out) */
gboolean
reprise_site_plan_is_listed (ReprisePlan *plan, gint64 *id)
{
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  RepriseBackup *backup = reprise_archive_get_backup (archive);

  return backup != NULL && reprise_archive_get_path (archive) == NULL &&
         reprise_backup_get_on_service (backup) &&
         g_ascii_string_to_signed (reprise_backup_get_id (backup), 10, 0, G_MAXINT32, id, NULL);
}

/* Whether the target is there. An application that is not is made by the restore. */
static gboolean
check_target (RepriseSiteProvider *provider,
              ReprisePlan *plan,
              RepriseSite *target,
              gboolean *is_there,
              GCancellable *cancellable,
              GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root =
    reprise_arm_get (reprise_azure_session_get_arm (session), reprise_site_get_id (target),
                     REPRISE_ARM_VERSION_WEB, cancellable, &local);

  *is_there = root != NULL;
  if (root != NULL)
    reprise_plan_add_check (plan, "target", REPRISE_CHECK_OK,
                            _ ("The application is there, and you may manage it."), NULL);
  else if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  else if (get_option (plan, REPRISE_SITE_OPTION_PLAN, NULL) == NULL)
    reprise_plan_add_check (plan, "target", REPRISE_CHECK_WARNING,
                            _ ("The application does not exist, and is made anew."),
                            _ ("Name the App Service plan that it is to run in: Azure mostly asks "
                               "for it."));
  else
    reprise_plan_add_check (plan, "target", REPRISE_CHECK_OK,
                            _ ("The application does not exist, and is made anew."), NULL);
  return TRUE;
}

static gboolean
check_storage (RepriseSiteProvider *provider,
               ReprisePlan *plan,
               GCancellable *cancellable,
               GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  g_autoptr (RepriseSas) sas = reprise_azure_session_open_storage (session, cancellable, error);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseBlob) blob = NULL;
  g_autoptr (GError) local = NULL;

  if (sas == NULL)
    return FALSE;
  blob = reprise_blob_new_for_sas (sas, error);
  if (blob == NULL)
    return FALSE;
  if (!reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, NULL, warnings, &local) ||
      !reprise_blob_check_container (blob, cancellable, &local))
    reprise_plan_add_check (plan, "storage", REPRISE_CHECK_REFUSED, local->message, NULL);
  else if (warnings->len > 0)
    reprise_plan_add_check (plan, "storage", REPRISE_CHECK_WARNING, warnings->pdata[0], NULL);
  else
    reprise_plan_add_check (plan, "storage", REPRISE_CHECK_OK,
                            _ ("The container is there, and Azure can read it."), NULL);
  return TRUE;
}

static void
check_archive (ReprisePlan *plan)
{
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);
  gint64 id = -1;

  if (damage[0] != NULL)
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_REFUSED, damage[0], NULL);
  else if (reprise_site_plan_is_listed (plan, &id) &&
           reprise_backup_get_state (backup) == REPRISE_BACKUP_PARTIAL)
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_REFUSED,
                            _ ("Azure has no complete backup of that number."),
                            reprise_backup_get_own_state (backup));
  else
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_OK,
                            _ ("The archive and its description are there."), NULL);
}

static void
add_rows (ReprisePlan *plan, gboolean is_there)
{
  RepriseContents *contents = reprise_archive_get_contents (reprise_plan_get_archive (plan));
  RepriseDataGroup *databases =
    contents != NULL ? reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM) : NULL;
  gboolean wanted = (reprise_plan_get_groups (plan) & (1u << REPRISE_GROUP_CUSTOM)) != 0;

  reprise_plan_add_row (plan, REPRISE_GROUP_REQUIRED, "site", REPRISE_NOT_REPORTED,
                        REPRISE_NOT_REPORTED,
                        is_there ? REPRISE_PLAN_REPLACED : REPRISE_PLAN_CREATED,
                        is_there ? _ ("All files of the application are erased and written anew, "
                                      "except what _backup.filter names.")
                                 : NULL);
  for (guint i = 0; databases != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (databases));
       i++)
    {
      g_autoptr (RepriseCollection) each = g_list_model_get_item (G_LIST_MODEL (databases), i);

      reprise_plan_add_row (plan, REPRISE_GROUP_CUSTOM, reprise_collection_get_name (each),
                            REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED,
                            wanted ? REPRISE_PLAN_REPLACED : REPRISE_PLAN_LEFT_ALONE, NULL);
    }
  reprise_plan_add_group_rows (plan);
}

static void
add_steps (ReprisePlan *plan, RepriseSite *target)
{
  g_autofree char *step = NULL;
  gint64 id = -1;

  if (reprise_site_plan_is_listed (plan, &id))
    step = g_strdup_printf ("POST %s/backups/%" G_GINT64_FORMAT "/restore",
                            reprise_site_get_id (target), id);
  else
    {
      reprise_plan_add_step (plan, "PUT site.xml, site.zip");
      step = g_strconcat ("POST ", reprise_site_get_id (target), "/restoreFromBackupBlob", NULL);
    }
  reprise_plan_add_step (plan, step);
}

static void
add_losses (ReprisePlan *plan, gboolean is_there)
{
  if (is_there)
    reprise_plan_add_loss (
      plan, "%s",
      _ ("The application is stopped until the restore is over. To avoid that, "
         "restore into a slot and swap it."));
  reprise_plan_add_loss (plan, "%s",
                         _ ("What a backup does not hold stays as it is, or is missing from a new "
                            "application: network features, authentication, identities, custom "
                            "domains, TLS, scaling, alerts, the schedule, slots."));
}

/**
 * reprise_site_plan_new:
 *
 * Returns: (transfer full): what a restore would do. It only reads
 */
ReprisePlan *
reprise_site_plan_new (RepriseSiteProvider *provider,
                       RepriseArchive *archive,
                       RepriseGroups groups,
                       GHashTable *options,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_autoptr (RepriseSite) target = reprise_site_plan_get_target (provider, plan, error);
  g_autofree char *where = NULL;
  gboolean is_there = FALSE;

  if (target == NULL || !check_target (provider, plan, target, &is_there, cancellable, error) ||
      !check_storage (provider, plan, cancellable, error))
    return NULL;
  reprise_plan_force_group (plan, REPRISE_GROUP_REQUIRED,
                            _ ("Azure always restores the application itself."));
  check_archive (plan);
  add_rows (plan, is_there);
  add_losses (plan, is_there);
  add_steps (plan, target);
  where = reprise_arm_id_get (reprise_site_get_id (target), "sites");
  reprise_plan_set_target (plan, where);
  reprise_plan_set_overwrites (plan, is_there);
  return g_steal_pointer (&plan);
}
