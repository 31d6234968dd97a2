/* reprise-api-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-left-backup.h"
#include "providers/azure/apim/reprise-api-make.h"
#include "providers/azure/apim/reprise-api-plan.h"
#include "providers/azure/apim/reprise-api-provider.h"
#include "providers/azure/apim/reprise-api-reports.h"
#include "providers/azure/apim/reprise-api-roll-up.h"
#include "providers/azure/apim/reprise-api-standby.h"
#include "providers/azure/apim/reprise-api-upload.h"
#include "providers/azure/reprise-azure-settings.h"

struct _RepriseApiProvider
{
  RepriseAzureProvider parent_instance;

  RepriseApi *api; /* (owned) (nullable): made when it is first needed */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseApiProvider,
                               reprise_api_provider,
                               REPRISE_TYPE_AZURE_PROVIDER,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_api_provider_finalize (GObject *object)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (object);

  g_clear_object (&self->api);
  G_OBJECT_CLASS (reprise_api_provider_parent_class)->finalize (object);
}

static void
reprise_api_provider_class_init (RepriseApiProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_api_provider_finalize;
}

static void
reprise_api_provider_init (RepriseApiProvider *self)
{
}

/* What is set, or by default so; never %NULL */
const char *
reprise_api_provider_get_setting (RepriseApiProvider *self, const char *key)
{
  return reprise_provider_base_get_setting (REPRISE_PROVIDER_BASE (self), key);
}

const char *
reprise_api_provider_get_uuid (RepriseApiProvider *self)
{
  return reprise_service_get_uuid (
    reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (self)));
}

/* For how many days a backup can be restored. */
int
reprise_api_provider_get_days (RepriseApiProvider *self)
{
  return atoi (reprise_api_provider_get_setting (self, REPRISE_AZURE_SETTING_EXPIRY_DAYS));
}

/* (transfer none): the service itself */
RepriseApi *
reprise_api_provider_get_api (RepriseApiProvider *self, GError **error)
{
  if (self->api == NULL)
    self->api = reprise_api_provider_open_api (self, NULL, NULL, NULL, error);
  return self->api;
}

static const char *
or_set (RepriseApiProvider *self, const char *value, const char *key)
{
  return value != NULL && *value != '\0' ? value : reprise_api_provider_get_setting (self, key);
}

/**
 * reprise_api_provider_open_api:
 * @name: (nullable): of another service, or its whole resource ID
 * @group: (nullable): where it is not that of the settings
 * @subscription: (nullable): likewise
 *
 * Returns: (transfer full): a service that this account may manage, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseApi *
reprise_api_provider_open_api (RepriseApiProvider *self,
                               const char *name,
                               const char *group,
                               const char *subscription,
                               GError **error)
{
  RepriseAzureSession *session =
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (self), error);
  const char *id = name != NULL && *name == '/' ? name : NULL;
  g_autofree char *id_name = reprise_arm_id_get (id, "service");
  g_autofree char *id_group = reprise_arm_id_get (id, "resourceGroups");
  g_autofree char *id_subscription = reprise_arm_id_get (id, "subscriptions");

  if (session == NULL)
    return NULL;
  name = or_set (self, id != NULL ? id_name : name, REPRISE_AZURE_SETTING_SERVICE);
  group = or_set (self, id != NULL ? id_group : group, REPRISE_AZURE_SETTING_GROUP);
  subscription =
    or_set (self, id != NULL ? id_subscription : subscription, REPRISE_AZURE_SETTING_SUBSCRIPTION);
  if (!reprise_api_check_name (name, error))
    return NULL;
  return reprise_api_new (reprise_azure_session_get_arm (session), subscription, group, name,
                          reprise_api_provider_get_setting (self, REPRISE_AZURE_SETTING_VERSION));
}

/* (transfer full) */
static RepriseApiPlace *
open_place (RepriseApiProvider *self, GCancellable *cancellable, GError **error)
{
  RepriseAzureSession *session =
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (self), error);

  return session != NULL ? reprise_api_place_open (session, cancellable, error) : NULL;
}

/* --- the interface --- */

static void
add_state (RepriseProbe *probe, const RepriseApiState *state)
{
  reprise_probe_add_fact (probe, _ ("Tier"),
                          *state->tier != '\0' ? state->tier : _ ("not reported"));
  reprise_probe_add_fact (probe, _ ("State"), state->state);
  reprise_probe_add_fact (probe, _ ("Region"),
                          state->location != NULL ? state->location : _ ("not reported"));
  reprise_probe_add_fact (probe, _ ("Address"),
                          state->gateway != NULL ? state->gateway : _ ("not reported"));
}

static void
add_storage (RepriseProbe *probe,
             RepriseApiProvider *self,
             const RepriseApiState *state,
             GCancellable *cancellable)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseApiPlace) place = open_place (self, cancellable, &local);
  g_autofree char *text = NULL;

  if (place != NULL)
    {
      text = g_strdup_printf ("%s/%s", place->storage.account, place->storage.container);
      reprise_probe_add_fact (probe, _ ("Storage"), text);
      if (reprise_api_check_ready (state, &place->storage, &local))
        reprise_blob_check_container (place->blob, cancellable, &local);
    }
  if (local != NULL)
    reprise_probe_add_warning (probe, local->message);
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  RepriseApi *api = reprise_api_provider_get_api (self, error);
  g_autoptr (RepriseProbe) result = reprise_probe_new ();
  g_autoptr (RepriseApiState) state = NULL;
  g_autofree char *account = NULL;
  gint64 started_us = g_get_monotonic_time ();

  state = api != NULL ? reprise_api_get_state (api, cancellable, error) : NULL;
  if (state == NULL)
    return NULL;
  result->latency_ms = (g_get_monotonic_time () - started_us) / 1000;
  result->identity = g_strdup (reprise_api_get_id (api));
  account = reprise_entra_dup_account (reprise_azure_session_get_account (
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (self), NULL)));
  if (account != NULL)
    reprise_probe_add_fact (result, _ ("Signed In As"), account);
  add_state (result, state);
  add_storage (result, self, state, cancellable);
  reprise_api_probe_standby (self, state, result, cancellable);
  return g_steal_pointer (&result);
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseApi *api = reprise_api_provider_get_api (REPRISE_API_PROVIDER (provider), error);
  RepriseContents *contents;

  if (api == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  contents = reprise_contents_new ();
  reprise_api_add_contents (contents, -1);
  reprise_api_reports_add_contents (
    contents, reprise_api_provider_get_setting (REPRISE_API_PROVIDER (provider),
                                                REPRISE_AZURE_SETTING_REPORTS));
  return contents;
}

static GPtrArray *
list_backups (RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  g_autoptr (RepriseApiPlace) place = open_place (self, cancellable, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GPtrArray) found = NULL;
  GPtrArray *backups;

  if (place == NULL)
    return NULL;
  found = reprise_api_backup_list (
    place, reprise_api_provider_get_setting (self, REPRISE_AZURE_SETTING_SERVICE), cancellable,
    error);
  if (found == NULL)
    return NULL;
  backups = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (
      backups, reprise_api_backup_describe (found->pdata[i], reprise_api_provider_get_uuid (self),
                                            reprise_api_provider_get_days (self), now));
  return backups;
}

/* Of another service too, which lies in the same container. */
static RepriseBackup *
find_backup (RepriseProvider *provider, const char *id, GCancellable *cancellable, GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  g_autoptr (RepriseApiPlace) place = open_place (self, cancellable, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseApiBackup) found = NULL;
  g_autoptr (GError) local = NULL;

  if (place == NULL)
    return NULL;
  found = reprise_api_backup_find (place, id, cancellable, &local);
  if (found != NULL)
    return reprise_api_backup_describe (found, reprise_api_provider_get_uuid (self),
                                        reprise_api_provider_get_days (self), now);
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static RepriseArchive *
open_backup (RepriseProvider *provider,
             RepriseBackup *backup,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  g_autoptr (RepriseApiPlace) place = open_place (self, cancellable, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseApiBackup) found = NULL;

  if (place != NULL)
    found = reprise_api_backup_find (place, reprise_backup_get_id (backup), cancellable, error);
  return found != NULL
           ? reprise_api_backup_open (found, backup, reprise_api_provider_get_days (self), now)
           : NULL;
}

/* (transfer full): a new backup of @api in the container, or one that a process before had begun */
static RepriseApiBackup *
make_backup (RepriseApiProvider *self,
             RepriseApi *api,
             RepriseApiPlace *place,
             RepriseOrigin origin,
             RepriseVaultWriter *writer,
             RepriseJournal **journal,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseApiBackup *backup = NULL;

  if (!reprise_api_settle (self, api, place, writer, &backup, journal, progress, cancellable,
                           error))
    return NULL;
  return backup != NULL ? backup
                        : reprise_api_make_backup (self, api, place, origin, writer, journal,
                                                   progress, cancellable, error);
}

static gboolean
back_up_service (RepriseApiProvider *self,
                 RepriseApi *api,
                 RepriseVaultWriter *writer,
                 RepriseContents *contents,
                 RepriseProgress *progress,
                 GCancellable *cancellable,
                 GError **error)
{
  RepriseOrigin origin = reprise_manifest_get_origin (reprise_vault_writer_get_manifest (writer));
  g_autoptr (RepriseApiPlace) place = open_place (self, cancellable, error);
  g_autoptr (RepriseApiBackup) backup = NULL;
  g_autoptr (RepriseJournal) journal = NULL;

  if (place != NULL)
    backup = make_backup (self, api, place, origin, writer, &journal, progress, cancellable, error);
  if (backup == NULL)
    return FALSE;
  reprise_left_backup_say_stop (journal, progress);
  return reprise_api_backup_fetch (place, backup, writer, contents, progress, cancellable, error) &&
         reprise_left_backup_close (journal, error);
}

static gboolean
fetch_reports (RepriseApiProvider *self,
               RepriseVaultWriter *writer,
               RepriseContents *contents,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  RepriseApi *api = reprise_api_provider_get_api (self, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  RepriseApiReports wanted = {
    .which = reprise_api_provider_get_setting (self, REPRISE_AZURE_SETTING_REPORTS),
    .first_days = atoi (reprise_api_provider_get_setting (self, REPRISE_AZURE_SETTING_REPORT_DAYS)),
    .now = now,
  };

  return api != NULL &&
         reprise_api_reports_fetch (api, &wanted, writer, contents, progress, cancellable, error);
}

static gboolean
back_up_into (RepriseApiProvider *self,
              RepriseApi *api,
              RepriseVaultWriter *writer,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CHECKING, 1 },
                                              { REPRISE_PHASE_CREATING, 60 },
                                              { REPRISE_PHASE_DOWNLOADING, 30 } };
  g_autoptr (RepriseContents) contents = reprise_contents_new ();

  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  if (!back_up_service (self, api, writer, contents, progress, cancellable, error))
    return FALSE;
  reprise_manifest_set_contents (reprise_vault_writer_get_manifest (writer), contents);
  return TRUE;
}

/* It stays in the container, where it is in any case. */
static gboolean
back_up_there (RepriseApiProvider *self,
               RepriseApi *api,
               RepriseBackup **made,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CHECKING, 1 },
                                              { REPRISE_PHASE_CREATING, 60 } };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseApiPlace) place = open_place (self, cancellable, error);
  g_autoptr (RepriseApiBackup) backup = NULL;
  g_autoptr (RepriseJournal) journal = NULL;

  if (place == NULL)
    return FALSE;
  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  backup = make_backup (self, api, place, REPRISE_ORIGIN_MANUAL, NULL, &journal, progress,
                        cancellable, error);
  if (backup == NULL || !reprise_left_backup_close (journal, error))
    return FALSE;
  *made = reprise_api_backup_describe (backup, reprise_api_provider_get_uuid (self),
                                       reprise_api_provider_get_days (self), now);
  return TRUE;
}

static gboolean
wants_reports (RepriseApiProvider *self)
{
  return strcmp (reprise_api_provider_get_setting (self, REPRISE_AZURE_SETTING_REPORTS),
                 REPRISE_API_REPORTS_NONE) != 0;
}

/* The service as one whole, whatever the groups: its reports are kept aside. */
static gboolean
back_up (RepriseProvider *provider,
         RepriseGroups groups,
         RepriseVaultWriter *writer,
         RepriseBackup **made,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  RepriseApi *api = reprise_api_provider_get_api (self, error);

  if (api == NULL)
    return FALSE;
  return writer == NULL ? back_up_there (self, api, made, progress, cancellable, error)
                        : back_up_into (self, api, writer, progress, cancellable, error);
}

/* The reports, which no backup of the service holds. */
static gboolean
keep_aside (RepriseProvider *provider,
            RepriseBackup *made,
            RepriseVaultWriter *writer,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  RepriseApi *api = reprise_api_provider_get_api (self, error);

  if (!wants_reports (self))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                                 _ ("The settings of the service leave the reports out."));
      return FALSE;
    }
  if (api == NULL || !fetch_reports (self, writer, contents, progress, cancellable, error) ||
      !REPRISE_GROUPS_HAS (reprise_contents_get_groups (contents), REPRISE_GROUP_LOG))
    return FALSE;
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_identity (manifest, reprise_api_get_id (api));
  reprise_manifest_set_proof (manifest, "rows", "each report read to the end of its list");
  return TRUE;
}

static gboolean
download (RepriseProvider *provider,
          RepriseBackup *backup,
          RepriseVaultWriter *writer,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseApiPlace) place =
    open_place (REPRISE_API_PROVIDER (provider), cancellable, error);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseApiBackup) found = NULL;

  if (place != NULL)
    found = reprise_api_backup_find (place, reprise_backup_get_id (backup), cancellable, error);
  if (found == NULL ||
      !reprise_api_backup_fetch (place, found, writer, contents, progress, cancellable, error))
    return FALSE;
  reprise_manifest_set_contents (reprise_vault_writer_get_manifest (writer), contents);
  return TRUE;
}

static RepriseBackup *
upload (RepriseProvider *provider,
        RepriseArchive *archive,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  g_autoptr (RepriseApiPlace) place = open_place (self, cancellable, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseApiBackup) made = NULL;

  if (place == NULL || !reprise_api_place_prepare (place, progress, cancellable, error))
    return NULL;
  made = reprise_api_upload (place, archive, progress, cancellable, error);
  return made != NULL ? reprise_api_backup_describe (made, reprise_api_provider_get_uuid (self),
                                                     reprise_api_provider_get_days (self), now)
                      : NULL;
}

static gboolean
delete_backup (RepriseProvider *provider,
               RepriseBackup *backup,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseApiPlace) place =
    open_place (REPRISE_API_PROVIDER (provider), cancellable, error);

  reprise_progress_set_phase (progress, REPRISE_PHASE_DELETING);
  return place != NULL &&
         reprise_blob_delete (place->blob, reprise_backup_get_id (backup), cancellable, error);
}

static ReprisePlan *
plan_restore (RepriseProvider *provider,
              RepriseArchive *archive,
              RepriseGroups groups,
              GHashTable *options,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  return reprise_api_plan_new (REPRISE_API_PROVIDER (provider), archive, groups, options,
                               cancellable, error);
}

/* Of the service that is about to be replaced, which may be another one, into the container of this service. */
static gboolean
prepare_safety_copy (RepriseProvider *provider,
                     ReprisePlan *plan,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  g_autoptr (RepriseApi) target = reprise_api_plan_get_target (self, plan, error);

  return target != NULL && back_up_into (self, target, writer, progress, cancellable, error);
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseApiProvider *self = REPRISE_API_PROVIDER (provider);
  RepriseOutcome *outcome =
    reprise_api_plan_apply (self, plan, journal, progress, cancellable, error);

  if (outcome != NULL)
    reprise_api_compare_restored (self, plan, outcome, progress, cancellable);
  return outcome;
}

/* Over the service that the safety copy is of. */
static ReprisePlan *
plan_undo (RepriseProvider *provider,
           RepriseArchive *safety_copy,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (safety_copy);
  const char *id = manifest != NULL ? reprise_manifest_get_identity (manifest) : NULL;
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (id != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_API_OPTION_SERVICE), g_strdup (id));
  return plan_restore (provider, safety_copy, REPRISE_GROUPS_ALL, options, progress, cancellable,
                       error);
}

/* Into the standby, where it stays: the next synchronisation replaces it. */
static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  return reprise_api_synchronise (REPRISE_API_PROVIDER (provider), archive, progress, cancellable,
                                  error);
}

/* Only the reports: each backup of the service is whole by itself. */
static RepriseCompactPlan *
plan_compact (RepriseProvider *provider,
              RepriseVault *vault,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return reprise_api_plan_roll_up (
    vault, reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (provider)), now, cancellable,
    error);
}

static RepriseOutcome *
compact (RepriseProvider *provider,
         RepriseVault *vault,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return reprise_api_roll_up (vault,
                              reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (provider)),
                              now, progress, cancellable, error);
}

static RepriseOutcome *
resume_operation (RepriseProvider *provider,
                  RepriseJournal *journal,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  return reprise_api_resume (REPRISE_API_PROVIDER (provider), journal, progress, cancellable,
                             error);
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->list_backups = list_backups;
  iface->find_backup = find_backup;
  iface->open_backup = open_backup;
  iface->back_up = back_up;
  iface->keep_aside = keep_aside;
  iface->download = download;
  iface->upload = upload;
  iface->delete_backup = delete_backup;
  iface->plan_restore = plan_restore;
  iface->prepare_safety_copy = prepare_safety_copy;
  iface->restore = restore;
  iface->plan_undo = plan_undo;
  iface->rehearse = rehearse;
  iface->plan_compact = plan_compact;
  iface->compact = compact;
  iface->resume_operation = resume_operation;
}
