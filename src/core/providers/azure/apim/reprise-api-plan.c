/* reprise-api-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api-archive.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/apim/reprise-api-plan.h"
#include "providers/azure/reprise-azure-settings.h"

/* What is known when a plan is made. */
typedef struct
{
  RepriseApiProvider *provider;
  ReprisePlan *plan;
  RepriseApi *target;     /* (owned) */
  RepriseApiPlace *place; /* (owned) */
  char *name;             /* (owned): of the target */
  char *tier;             /* (owned) (nullable): of the backup */
  char *service;          /* (owned) (nullable): the name of that of which it is a backup */
  GDateTime *created_at;  /* (owned) (nullable) */
} Look;

static void
look_clear (Look *look)
{
  g_clear_object (&look->target);
  g_clear_pointer (&look->place, reprise_api_place_free);
  g_free (look->name);
  g_free (look->tier);
  g_free (look->service);
  g_clear_pointer (&look->created_at, g_date_time_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Look, look_clear)

/* (nullable) */
static const char *
get_option (ReprisePlan *plan, const char *key)
{
  const char *value = reprise_plan_get_option (plan, key);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* (transfer full): the service that a plan replaces: that of the settings unless another is named */
RepriseApi *
reprise_api_plan_get_target (RepriseApiProvider *provider, ReprisePlan *plan, GError **error)
{
  return reprise_api_provider_open_api (provider, get_option (plan, REPRISE_API_OPTION_SERVICE),
                                        get_option (plan, REPRISE_API_OPTION_GROUP),
                                        get_option (plan, REPRISE_API_OPTION_SUBSCRIPTION), error);
}

static void
override (RepriseAzureSession *session, ReprisePlan *plan, const char *option, const char *setting)
{
  const char *value = get_option (plan, option);

  if (value != NULL)
    reprise_azure_session_override (session, setting, value);
}

/* In another account the address of this one is none; what was given as a signature is for one container only. */
static gboolean
move_elsewhere (RepriseApiProvider *provider,
                RepriseAzureSession *session,
                ReprisePlan *plan,
                GError **error)
{
  const char *how = reprise_api_provider_get_setting (provider, REPRISE_AZURE_SETTING_STORAGE);

  if (strcmp (how, REPRISE_AZURE_STORAGE_SAS) == 0)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("A shared access signature is for its own container only: to restore "
           "from another one, choose another access to the storage."));
      return FALSE;
    }
  if (get_option (plan, REPRISE_API_OPTION_ACCOUNT) != NULL)
    reprise_azure_session_override (session, REPRISE_AZURE_SETTING_ENDPOINT, "");
  override (session, plan, REPRISE_API_OPTION_ACCOUNT, REPRISE_AZURE_SETTING_ACCOUNT);
  override (session, plan, REPRISE_API_OPTION_ACCOUNT_GROUP, REPRISE_AZURE_SETTING_ACCOUNT_GROUP);
  override (session, plan, REPRISE_API_OPTION_CONTAINER, REPRISE_AZURE_SETTING_CONTAINER);
  override (session, plan, REPRISE_API_OPTION_ADDRESS, REPRISE_AZURE_SETTING_ENDPOINT);
  return TRUE;
}

/* (transfer full): where the backup is, or goes: the container of the settings unless another is named */
RepriseApiPlace *
reprise_api_plan_open_place (RepriseApiProvider *provider,
                             ReprisePlan *plan,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (RepriseAzureSession) session =
    reprise_azure_session_new (REPRISE_PROVIDER_BASE (provider), error);
  RepriseApiPlace *place;

  if (session == NULL)
    return NULL;
  if ((get_option (plan, REPRISE_API_OPTION_ACCOUNT) != NULL ||
       get_option (plan, REPRISE_API_OPTION_CONTAINER) != NULL) &&
      !move_elsewhere (provider, session, plan, error))
    return NULL;
  place = reprise_api_place_open (session, cancellable, error);
  if (place != NULL)
    place->own = g_steal_pointer (&session);
  return place;
}

/* (nullable): the name of a backup that lies in the container; of one here it is not known yet */
const char *
reprise_api_plan_get_blob (ReprisePlan *plan)
{
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  const char *typed = get_option (plan, REPRISE_API_OPTION_BLOB);

  if (typed != NULL)
    return typed;
  return backup != NULL && reprise_archive_get_path (archive) == NULL
           ? reprise_backup_get_id (backup)
           : NULL;
}

/* --- checks --- */

static void
refuse (Look *look, const char *id, const char *text, const char *help)
{
  reprise_plan_add_check (look->plan, id, REPRISE_CHECK_REFUSED, text, help);
}

/* What is known of the backup: in the container it may have been exchanged since the list was made. */
static gboolean
look_at_backup (Look *look, GCancellable *cancellable, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (look->plan);
  const char *blob = reprise_api_plan_get_blob (look->plan);
  g_autoptr (RepriseApiBackup) backup = NULL;
  g_autoptr (GError) local = NULL;

  if (blob == NULL)
    {
      GDateTime *created_at = reprise_archive_get_created_at (archive);

      look->tier = reprise_api_archive_dup_tier (archive);
      look->service = reprise_api_archive_dup_service (archive);
      look->created_at = created_at != NULL ? g_date_time_ref (created_at) : NULL;
      return TRUE;
    }
  backup = reprise_api_backup_find (look->place, blob, cancellable, &local);
  if (backup == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (backup == NULL)
    {
      refuse (look, "archive", local->message, NULL);
      return TRUE;
    }
  look->tier = g_strdup (backup->tier);
  look->service = reprise_arm_id_get (backup->service, "service");
  if (look->service == NULL)
    reprise_api_name_read (backup->name, &look->service, NULL);
  if (backup->created_at != NULL)
    look->created_at = g_date_time_ref (backup->created_at);
  return TRUE;
}

static void
check_archive (Look *look)
{
  RepriseArchive *archive = reprise_plan_get_archive (look->plan);
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);
  RepriseContents *contents = reprise_archive_get_contents (archive);

  if (g_strcmp0 (reprise_archive_get_kind (archive), REPRISE_API_KIND_ID) != 0)
    refuse (look, "archive", _ ("The archive comes from another kind of service."), NULL);
  else if (damage[0] != NULL)
    refuse (look, "archive", damage[0], NULL);
  else if (contents != NULL &&
           !REPRISE_GROUPS_HAS (reprise_contents_get_groups (contents), REPRISE_GROUP_REQUIRED))
    refuse (look, "archive", _ ("There is no service in this backup, only reports."),
            _ ("Reports can be saved, not restored."));
}

static void
check_storage (Look *look, GCancellable *cancellable)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;

  if (!reprise_blob_check_container (look->place->blob, cancellable, &local))
    {
      refuse (look, "storage", local->message, NULL);
      return;
    }
  /* Translators: the name of a container, and that of a storage account */
  text = g_strdup_printf (_ ("The container “%s” of “%s” is there."),
                          look->place->storage.container, look->place->storage.account);
  reprise_plan_add_check (look->plan, "storage", REPRISE_CHECK_OK, text, NULL);
}

static void
check_tier (Look *look, const RepriseApiState *state)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;

  if (!reprise_api_check_tiers (state, look->tier, &local))
    refuse (look, "tier", local->message,
            _ ("Change the tier of the service in Azure, or restore into another one."));
  else if (look->tier == NULL)
    {
      text = g_strdup_printf (
        _ ("The tier of the backup is not known; that of the service is “%s”."), state->tier);
      reprise_plan_add_check (
        look->plan, "tier", REPRISE_CHECK_WARNING, text,
        _ ("Azure restores only what has the same tier, and refuses the rest."));
    }
  else
    {
      text = g_strdup_printf (_ ("The tier “%s”, the same as the backup’s."), state->tier);
      reprise_plan_add_check (look->plan, "tier", REPRISE_CHECK_OK, text, NULL);
    }
}

static gboolean
check_target (Look *look, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseApiState) state = reprise_api_get_state (look->target, cancellable, &local);
  g_autofree char *text = NULL;

  if (state == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (state == NULL)
    {
      text = g_strdup_printf (_ ("There is no service “%s”."), look->name);
      refuse (look, "target", text,
              _ ("A restore replaces a service that exists. Create one of the same tier first."));
      return TRUE;
    }
  if (!reprise_api_check_ready (state, &look->place->storage, &local))
    refuse (look, "target", local->message, NULL);
  else
    reprise_plan_add_check (look->plan, "target", REPRISE_CHECK_OK,
                            _ ("The service is there and ready, and you may manage it."), NULL);
  check_tier (look, state);
  return TRUE;
}

static void
check_end (Look *look, GDateTime *now)
{
  int days = reprise_api_provider_get_days (look->provider);
  g_autoptr (GDateTime) end =
    look->created_at != NULL ? reprise_api_get_end (look->created_at, days) : NULL;
  g_autofree char *text = reprise_api_describe_end (look->created_at, days, now);

  if (end == NULL)
    reprise_plan_add_check (look->plan, "expiry", REPRISE_CHECK_WARNING,
                            _ ("It is not known when the backup was made."),
                            _ ("Azure restores it only for some days."));
  else if (g_date_time_compare (end, now) < 0)
    refuse (look, "expiry", text,
            _ ("API Management restores a backup for 30 days, of which it once guaranteed 7. How "
               "many count is a setting of the service."));
  else if (g_date_time_difference (end, now) < REPRISE_API_WARN_DAYS * G_TIME_SPAN_DAY)
    reprise_plan_add_check (look->plan, "expiry", REPRISE_CHECK_WARNING, text,
                            _ ("Make a new backup in time."));
  else
    reprise_plan_add_check (look->plan, "expiry", REPRISE_CHECK_OK, text, NULL);
}

/* A backup of another service brings its users and keys with it. */
static void
check_environment (Look *look)
{
  g_autofree char *text = NULL;

  if (look->service == NULL || g_ascii_strcasecmp (look->service, look->name) == 0)
    return;
  /* Translators: the names of two services */
  text =
    g_strdup_printf (_ ("It is a backup of “%s”, and goes into “%s”."), look->service, look->name);
  reprise_plan_add_check (look->plan, "environment", REPRISE_CHECK_WARNING, text,
                          _ ("Its users, subscriptions and their keys are copied along: they are "
                             "good there as well."));
}

/* --- what happens --- */

static void
add_rows (Look *look)
{
  RepriseContents *contents = reprise_archive_get_contents (reprise_plan_get_archive (look->plan));

  reprise_plan_add_row (look->plan, REPRISE_GROUP_REQUIRED, "service", REPRISE_NOT_REPORTED,
                        REPRISE_NOT_REPORTED, REPRISE_PLAN_REPLACED,
                        _ ("The whole service is replaced. That takes half an hour or more."));
  if (contents != NULL &&
      REPRISE_GROUPS_HAS (reprise_contents_get_groups (contents), REPRISE_GROUP_LOG))
    reprise_plan_add_row (look->plan, REPRISE_GROUP_LOG, "reports", REPRISE_NOT_REPORTED,
                          REPRISE_NOT_REPORTED, REPRISE_PLAN_LEFT_ALONE,
                          _ ("Reports can be saved, not restored."));
  reprise_plan_add_group_rows (look->plan);
}

static void
add_losses (Look *look)
{
  reprise_plan_add_loss (
    look->plan, "%s",
    _ ("Until the restore is over nothing can be changed on the service: "
       "neither its tier nor its domains nor its size. What is changed all the "
       "same may be overwritten."));
  reprise_plan_add_loss (
    look->plan, "%s",
    _ ("What a backup does not hold stays as it is: usage data, custom domains "
       "and their certificates, the contents of the developer portal, virtual "
       "networks."));
}

static void
add_steps (Look *look)
{
  g_autofree char *step =
    g_strconcat ("POST ", reprise_api_get_id (look->target), "/restore", NULL);

  if (reprise_api_plan_get_blob (look->plan) == NULL)
    reprise_plan_add_step (look->plan, "PUT " REPRISE_API_FILE_ARCHIVE);
  reprise_plan_add_step (look->plan, step);
}

/**
 * reprise_api_plan_new:
 *
 * Returns: (transfer full): what a restore would do. It only reads
 */
ReprisePlan *
reprise_api_plan_new (RepriseApiProvider *provider,
                      RepriseArchive *archive,
                      RepriseGroups groups,
                      GHashTable *options,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_auto (Look) look = { .provider = provider, .plan = plan };

  look.target = reprise_api_plan_get_target (provider, plan, error);
  if (look.target == NULL)
    return NULL;
  look.name = reprise_arm_id_get (reprise_api_get_id (look.target), "service");
  look.place = reprise_api_plan_open_place (provider, plan, cancellable, error);
  if (look.place == NULL || !look_at_backup (&look, cancellable, error) ||
      !check_target (&look, cancellable, error))
    return NULL;
  check_archive (&look);
  check_storage (&look, cancellable);
  check_end (&look, now);
  check_environment (&look);
  reprise_plan_force_group (plan, REPRISE_GROUP_REQUIRED,
                            _ ("Azure always restores a service as a whole."));
  add_rows (&look);
  add_losses (&look);
  add_steps (&look);
  reprise_plan_set_target (plan, look.name);
  reprise_plan_set_overwrites (plan, TRUE);
  reprise_plan_set_name_to_type (plan, look.name);
  return g_steal_pointer (&plan);
}
