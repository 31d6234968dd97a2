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

#define SITE "site" /* the row of the application itself */

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

/**
 * reprise_site_plan_get_source:
 *
 * Returns: where the backup is on the service; %REPRISE_SITE_SOURCE_UNKNOWN for one in the vault or a file, which is uploaded first
 */
RepriseSiteSource
reprise_site_plan_get_source (ReprisePlan *plan, gint64 *number, const char **rest)
{
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  RepriseBackup *backup = reprise_archive_get_backup (archive);

  if (backup == NULL || reprise_archive_get_path (archive) != NULL ||
      !reprise_backup_get_on_service (backup))
    return REPRISE_SITE_SOURCE_UNKNOWN;
  return reprise_site_source_read (reprise_backup_get_id (backup), number, rest);
}

gboolean
reprise_site_plan_is_true (ReprisePlan *plan, const char *key, gboolean fallback)
{
  return strcmp (get_option (plan, key, fallback ? "true" : "false"), "true") == 0;
}

/* Whether the application is not there, and made by the restore, as the plan says of it */
gboolean
reprise_site_plan_makes_target (ReprisePlan *plan)
{
  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (plan, i);

      if (row->group == REPRISE_GROUP_REQUIRED && g_strcmp0 (row->collection, SITE) == 0)
        return row->action == REPRISE_PLAN_CREATED;
    }
  return FALSE;
}

/* (transfer full) (nullable): the App Service plan of an application that is made: the one that is named, else that of the service's
 * own application, while it is there */
char *
reprise_site_plan_dup_service_plan (RepriseSiteProvider *provider,
                                    ReprisePlan *plan,
                                    GCancellable *cancellable)
{
  const char *named = get_option (plan, REPRISE_SITE_OPTION_PLAN, NULL);
  RepriseSite *own = named == NULL ? reprise_site_provider_get_site (provider, NULL) : NULL;
  g_autoptr (JsonObject) root = own != NULL ? reprise_site_look (own, cancellable, NULL) : NULL;
  const char *id = reprise_json_get_string (root, "properties.serverFarmId", NULL);

  return named != NULL ? g_strdup (named) : reprise_arm_id_get (id, "serverfarms");
}

/* --- checks --- */

static gboolean
needs_existing_target (RepriseSiteSource source)
{
  return source == REPRISE_SITE_SOURCE_SNAPSHOT || source == REPRISE_SITE_SOURCE_PAIRED ||
         source == REPRISE_SITE_SOURCE_GONE;
}

/* @service_plan: (nullable): in which it is made */
static void
check_missing_target (ReprisePlan *plan, const char *service_plan)
{
  g_autofree char *text = NULL;

  if (needs_existing_target (reprise_site_plan_get_source (plan, NULL, NULL)))
    reprise_plan_add_check (plan, "target", REPRISE_CHECK_REFUSED,
                            _ ("The application does not exist."),
                            _ ("Azure restores this only over an application that exists: make an "
                               "empty one of that name first."));
  else if (service_plan == NULL)
    reprise_plan_add_check (plan, "target", REPRISE_CHECK_WARNING,
                            _ ("The application does not exist, and is made anew."),
                            _ ("Name the App Service plan that it is to run in: Azure mostly asks "
                               "for it."));
  else
    {
      /* Translators: the name of an App Service plan */
      text = g_strdup_printf (_ ("It runs in the App Service plan “%s”."), service_plan);
      reprise_plan_add_check (plan, "target", REPRISE_CHECK_OK,
                              _ ("The application does not exist, and is made anew."), text);
    }
}

/* A restore makes applications, and no slots. @reason: that there is none of that name */
static void
refuse_missing_slot (ReprisePlan *plan, const char *reason)
{
  reprise_plan_add_check (plan, "target", REPRISE_CHECK_REFUSED, reason,
                          _ ("Azure restores into a slot that exists: make it first."));
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
  g_autofree char *slot = reprise_arm_id_get (reprise_site_get_id (target), "slots");
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = reprise_site_look (target, cancellable, &local);

  *is_there = root != NULL;
  if (root != NULL)
    reprise_plan_add_check (plan, "target", REPRISE_CHECK_OK,
                            _ ("The application is there, and you may manage it."), NULL);
  else if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) && slot != NULL)
    refuse_missing_slot (plan, local->message);
  else if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_autofree char *service_plan =
        reprise_site_plan_dup_service_plan (provider, plan, cancellable);

      check_missing_target (plan, service_plan);
    }
  else
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
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
    reprise_plan_add_check (plan, "storage",
                            needs_existing_target (reprise_site_plan_get_source (plan, NULL, NULL))
                              ? REPRISE_CHECK_WARNING /* it is only for the safety copy */
                              : REPRISE_CHECK_REFUSED,
                            local->message, NULL);
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
  RepriseSiteSource source = reprise_site_plan_get_source (plan, NULL, NULL);
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);

  if (g_strcmp0 (reprise_archive_get_kind (archive), REPRISE_SITE_KIND_ID) != 0)
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_REFUSED,
                            _ ("The archive comes from another kind of service."), NULL);
  else if (damage[0] != NULL)
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_REFUSED, damage[0], NULL);
  else if (source == REPRISE_SITE_SOURCE_LISTED &&
           reprise_backup_get_state (backup) == REPRISE_BACKUP_PARTIAL)
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_REFUSED,
                            _ ("Azure has no complete backup of that number."),
                            reprise_backup_get_own_state_text (backup));
  else if (needs_existing_target (source))
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_OK, _ ("Azure has it."),
                            _ ("There are no databases in it."));
  else
    reprise_plan_add_check (plan, "archive", REPRISE_CHECK_OK,
                            _ ("The archive and its description are there."), NULL);
}

/* Azure restores the application itself with whatever else is wished: then that must not be something it has not. */
static void
check_groups (ReprisePlan *plan)
{
  if ((reprise_plan_get_groups (plan) & (REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED) |
                                         REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM))) == 0)
    reprise_plan_add_check (plan, "groups", REPRISE_CHECK_REFUSED,
                            _ ("The backup holds nothing of the chosen groups"), NULL);
}

/* A name that is not in the backup would only be refused when the restore runs. Of an archive, Azure tells the names itself. */
static void
check_databases (ReprisePlan *plan)
{
  RepriseContents *contents = reprise_archive_get_contents (reprise_plan_get_archive (plan));
  g_auto (GStrv) names =
    g_strsplit_set (get_option (plan, REPRISE_SITE_OPTION_DATABASES, ""), " ,\n", -1);

  if (reprise_site_plan_get_source (plan, NULL, NULL) != REPRISE_SITE_SOURCE_LISTED)
    return;
  for (guint i = 0; names[i] != NULL; i++)
    if (*names[i] != '\0' &&
        (contents == NULL || reprise_contents_find (contents, names[i], NULL) == NULL))
      {
        /* Translators: the name of a database */
        g_autofree char *text =
          g_strdup_printf (_ ("There is no database “%s” in the backup."), names[i]);

        reprise_plan_add_check (plan, "databases", REPRISE_CHECK_REFUSED, text, NULL);
      }
}

static void
add_site_row (ReprisePlan *plan, gboolean is_there)
{
  reprise_plan_add_row (plan, REPRISE_GROUP_REQUIRED, SITE, REPRISE_NOT_REPORTED,
                        REPRISE_NOT_REPORTED,
                        is_there ? REPRISE_PLAN_REPLACED : REPRISE_PLAN_CREATED,
                        is_there ? _ ("All files of the application are erased and written anew, "
                                      "except what _backup.filter names.")
                                 : NULL);
}

static void
add_steps (ReprisePlan *plan, RepriseSite *target)
{
  const char *id = reprise_site_get_id (target);
  g_autofree char *step = NULL;
  gint64 number = -1;

  switch (reprise_site_plan_get_source (plan, &number, NULL))
    {
    case REPRISE_SITE_SOURCE_LISTED:
      step = g_strdup_printf ("POST %s/backups/%" G_GINT64_FORMAT "/restore", id, number);
      break;
    case REPRISE_SITE_SOURCE_SNAPSHOT:
    case REPRISE_SITE_SOURCE_PAIRED:
      step = g_strconcat ("POST ", id, "/restoreSnapshot", NULL);
      break;
    case REPRISE_SITE_SOURCE_GONE:
      step = g_strconcat ("POST ", id, "/restoreFromDeletedApp", NULL);
      break;
    case REPRISE_SITE_SOURCE_UNKNOWN:
      reprise_plan_add_step (plan, "PUT site.xml, site.zip");
      G_GNUC_FALLTHROUGH;
    case REPRISE_SITE_SOURCE_BLOB:
    default:
      step = g_strconcat ("POST ", id, "/restoreFromBackupBlob", NULL);
      break;
    }
  reprise_plan_add_step (plan, step);
}

static void
add_losses (ReprisePlan *plan, RepriseSite *target, gboolean is_there)
{
  g_autofree char *slot = reprise_arm_id_get (reprise_site_get_id (target), "slots");

  if (is_there && slot != NULL)
    reprise_plan_add_loss (plan, "%s",
                           _ ("The slot is stopped until the restore is over; the application "
                              "itself goes on."));
  else if (is_there)
    reprise_plan_add_loss (
      plan, "%s",
      _ ("The application is stopped until the restore is over. To avoid that, "
         "restore into a slot and swap it."));
  reprise_plan_add_loss (plan, "%s",
                         _ ("What a backup does not hold stays as it is, or is missing from a new "
                            "application: network features, authentication, identities, custom "
                            "domains, TLS, scaling, alerts, the schedule, slots."));
}

/* (transfer full) (element-type RepriseSiteDatabase): the databases that the service names, where any are restored */
static GPtrArray *
read_known (RepriseSiteProvider *provider,
            ReprisePlan *plan,
            GCancellable *cancellable,
            GError **error)
{
  return REPRISE_GROUPS_HAS (reprise_plan_get_groups (plan), REPRISE_GROUP_CUSTOM)
           ? reprise_site_provider_read_databases (provider, cancellable, error)
           : g_ptr_array_new ();
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
  g_autoptr (GPtrArray) known = NULL;
  g_autofree char *where = NULL;
  gboolean is_there = FALSE;

  if (target == NULL || !check_target (provider, plan, target, &is_there, cancellable, error) ||
      !check_storage (provider, plan, cancellable, error))
    return NULL;
  known = read_known (provider, plan, cancellable, error);
  if (known == NULL)
    return NULL;
  check_groups (plan);
  reprise_plan_force_group (plan, REPRISE_GROUP_REQUIRED,
                            _ ("Azure always restores the application itself."));
  check_archive (plan);
  check_databases (plan);
  add_site_row (plan, is_there);
  if (!reprise_site_plan_add_database_rows (provider, plan, target, known, !is_there, cancellable,
                                            error))
    return NULL;
  reprise_plan_add_group_rows (plan);
  if (!reprise_site_plan_secure_databases (provider, plan, known, cancellable, error))
    return NULL;
  add_losses (plan, target, is_there);
  add_steps (plan, target);
  where = reprise_site_dup_name (target);
  reprise_plan_set_target (plan, where);
  reprise_plan_set_overwrites (plan, is_there || reprise_site_plan_replaces_databases (plan));
  return g_steal_pointer (&plan);
}
