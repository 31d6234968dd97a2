/* reprise-api-standby.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-time.h"
#include "providers/azure/apim/reprise-api-archive.h"
#include "providers/azure/apim/reprise-api-compare.h"
#include "providers/azure/apim/reprise-api-make.h"
#include "providers/azure/apim/reprise-api-plan.h"
#include "providers/azure/apim/reprise-api-standby.h"
#include "providers/azure/reprise-azure-settings.h"

/*
 * The standby is a service that stands ready for the day on which the region of the service fails: backups are restored there. It is
 * named in the settings, and that is the consent: what is in it is always that of a backup.
 */

static const char *
get (RepriseService *service, const char *key)
{
  const char *value = reprise_service_get_setting (service, key);

  return value != NULL ? value : "";
}

/* Whether a part of a whole resource ID is that of the settings; what the ID leaves out is. */
static gboolean
is_same (RepriseService *service, const char *key, const char *id, const char *segment)
{
  g_autofree char *part = reprise_arm_id_get (id, segment);

  return part == NULL || g_ascii_strcasecmp (part, get (service, key)) == 0;
}

/* @named: by its name, or by its whole resource ID */
static gboolean
is_itself (RepriseService *service, const char *named)
{
  if (*named != '/')
    return g_ascii_strcasecmp (named, get (service, REPRISE_AZURE_SETTING_SERVICE)) == 0;
  return is_same (service, REPRISE_AZURE_SETTING_SERVICE, named, "service") &&
         is_same (service, REPRISE_AZURE_SETTING_GROUP, named, "resourceGroups") &&
         is_same (service, REPRISE_AZURE_SETTING_SUBSCRIPTION, named, "subscriptions");
}

/* (transfer full) (nullable): why backups cannot be restored into the standby that the settings name, a whole sentence */
char *
reprise_api_standby_explain_missing (RepriseService *service)
{
  const char *named = get (service, REPRISE_AZURE_SETTING_STANDBY);

  if (*named == '\0')
    return g_strdup (_ ("There is no standby service. Name one in the settings: backups are then "
                        "restored there."));
  return is_itself (service, named)
           ? g_strdup (_ ("The standby is the service itself. Name another one in the settings."))
           : NULL;
}

/* (transfer full): or %NULL with %REPRISE_ERROR_INVALID */
static RepriseApi *
open_standby (RepriseApiProvider *provider, GError **error)
{
  RepriseService *service = reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (provider));
  g_autofree char *reason = reprise_api_standby_explain_missing (service);

  if (reason == NULL)
    return reprise_api_provider_open_api (provider, get (service, REPRISE_AZURE_SETTING_STANDBY),
                                          NULL, NULL, error);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, reason);
  return NULL;
}

/* What an earlier job has begun is followed first: a standby can be restored only once at a time. */
static gboolean
settle (RepriseApiProvider *provider,
        RepriseApi *standby,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  RepriseAzureSession *session =
    reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (provider), error);
  g_autoptr (RepriseApiPlace) place =
    session != NULL ? reprise_api_place_open (session, cancellable, error) : NULL;

  return place != NULL && reprise_api_settle (provider, standby, place, NULL, NULL, NULL, progress,
                                              cancellable, error);
}

static ReprisePlan *
make_plan (RepriseApiProvider *provider,
           RepriseApi *standby,
           RepriseArchive *archive,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (ReprisePlan) plan = NULL;

  g_hash_table_insert (options, g_strdup (REPRISE_API_OPTION_SERVICE),
                       g_strdup (reprise_api_get_id (standby)));
  plan = reprise_api_plan_new (provider, archive, REPRISE_GROUPS_ALL, options, cancellable, error);
  return plan != NULL && reprise_plan_check_refusal (plan, error) ? g_steal_pointer (&plan) : NULL;
}

static RepriseOutcome *
describe (ReprisePlan *plan, RepriseArchive *archive)
{
  GDateTime *created_at = reprise_archive_get_created_at (archive);
  g_autofree char *time = created_at != NULL ? reprise_time_to_text (created_at) : NULL;

  if (time == NULL)
    return reprise_outcome_say ("The standby “%s” is synchronised", reprise_plan_get_target (plan));
  /* Translators: the name of a service, and when a backup was made */
  return reprise_outcome_say ("The standby “%s” is as the service was on %s",
                              reprise_plan_get_target (plan), time);
}

/* A backup of another service is not compared with this one. */
static gboolean
is_own (RepriseApi *own, RepriseArchive *archive)
{
  g_autofree char *service = reprise_api_archive_dup_service (archive);
  g_autofree char *name = reprise_arm_id_get (reprise_api_get_id (own), "service");

  return service == NULL || g_ascii_strcasecmp (service, name) == 0;
}

/* What is in the standby now is compared with the service; where one of them does not tell, that is said. */
static void
add_comparison (RepriseApiProvider *provider,
                RepriseApi *standby,
                RepriseArchive *archive,
                RepriseOutcome *outcome,
                RepriseProgress *progress,
                GCancellable *cancellable)
{
  RepriseApi *own = reprise_api_provider_get_api (provider, NULL);
  g_autoptr (GError) local = NULL;
  g_autofree char *compared = NULL;

  if (own == NULL || !is_own (own, archive))
    return;
  reprise_progress_set_phase (progress, REPRISE_PHASE_COMPARING);
  compared = reprise_api_compare (own, standby, progress, cancellable, &local);
  if (compared == NULL)
    {
      /* Translators: %s is the reason, a whole sentence */
      compared = reprise_say ("what is in it could not be compared with the service: %s",
                              reprise_error_get_saying (local));
    }
  reprise_outcome_take_saying (
    outcome, reprise_say ("%s; %s", reprise_outcome_get_saying (outcome), compared));
}

/**
 * reprise_api_compare_restored:
 * @outcome: of a restore that went well; where it was one into the standby, what is in that is compared, and added
 */
void
reprise_api_compare_restored (RepriseApiProvider *provider,
                              ReprisePlan *plan,
                              RepriseOutcome *outcome,
                              RepriseProgress *progress,
                              GCancellable *cancellable)
{
  g_autoptr (RepriseApi) standby = open_standby (provider, NULL);
  g_autoptr (RepriseApi) target = reprise_api_plan_get_target (provider, plan, NULL);

  if (standby != NULL && target != NULL &&
      g_ascii_strcasecmp (reprise_api_get_id (standby), reprise_api_get_id (target)) == 0)
    add_comparison (provider, standby, reprise_plan_get_archive (plan), outcome, progress,
                    cancellable);
}

/**
 * reprise_api_synchronise:
 * @archive: a backup, in the container or in the vault
 *
 * Restores a backup into the standby, and compares what is in it then with the service.
 *
 * Returns: (transfer full): how it ended, or %NULL with %REPRISE_ERROR_INVALID where there is no standby, %REPRISE_ERROR_REFUSED by a
 *   pre-check, and as a restore
 */
RepriseOutcome *
reprise_api_synchronise (RepriseApiProvider *provider,
                         RepriseArchive *archive,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (RepriseApi) standby = open_standby (provider, error);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;
  RepriseOutcome *described;

  if (standby == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!settle (provider, standby, progress, cancellable, error))
    return NULL;
  plan = make_plan (provider, standby, archive, cancellable, error);
  if (plan != NULL)
    journal =
      reprise_journal_create (reprise_api_provider_get_uuid (provider), "synchronise", error);
  if (journal == NULL)
    return NULL;
  outcome = reprise_api_plan_apply (provider, plan, journal, progress, cancellable, error);
  if (!reprise_journal_has_open_step (journal) && !reprise_journal_close (journal, NULL))
    reprise_progress_log (progress, "the journal of the synchronisation could not be removed");
  if (outcome == NULL)
    return NULL;
  described = describe (plan, archive);
  add_comparison (provider, standby, archive, described, progress, cancellable);
  return described;
}

/* What the standby says of itself, and what would stand in the way of a backup of the service. */
void
reprise_api_probe_standby (RepriseApiProvider *provider,
                           const RepriseApiState *state,
                           RepriseProbe *probe,
                           GCancellable *cancellable)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseApi) standby = NULL;
  g_autoptr (RepriseApiState) other = NULL;
  g_autofree char *text = NULL;

  if (*reprise_api_provider_get_setting (provider, REPRISE_AZURE_SETTING_STANDBY) == '\0')
    return;
  standby = open_standby (provider, &local);
  other = standby != NULL ? reprise_api_get_state (standby, cancellable, &local) : NULL;
  if (other != NULL)
    {
      /* Translators: the name of a service, its tier, and its state */
      text = g_strdup_printf (_ ("%s (%s, %s)"), other->name, other->tier, other->state);
      reprise_probe_add_fact (probe, _ ("Standby"), text);
      reprise_api_check_tiers (other, state->tier, &local);
    }
  if (local != NULL)
    {
      g_autofree char *warning = g_strdup_printf (_ ("The standby: %s"), local->message);

      reprise_probe_add_warning (probe, warning);
    }
}
