/* reprise-api-make.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-left-backup.h"
#include "providers/azure/apim/reprise-api-make.h"

#define KEY_TIER   "tier"
#define KEY_ORIGIN "origin"
#define MAX_NAMES  10

/*
 * a service that is ready, a container that is there, a name that is free → Azure makes the backup, over as many processes as that
 * takes → it is looked at in the container, and what it does not tell by itself is written beside it
 */

/* --- what a restart cut off --- */

/* (transfer full): the service that a journal is about */
static RepriseApi *
open_target (RepriseApiProvider *provider, RepriseJournal *journal, GError **error)
{
  const char *id = reprise_api_journal_get_target (journal);
  g_autofree char *name = reprise_arm_id_get (id, "service");
  g_autofree char *group = reprise_arm_id_get (id, "resourceGroups");
  g_autofree char *subscription = reprise_arm_id_get (id, "subscriptions");

  return reprise_api_provider_open_api (provider, name, group, subscription, error);
}

/* There is no backup, and there will be none. */
static void
give_up (RepriseJournal *journal, RepriseProgress *progress)
{
  if (!reprise_left_backup_close (journal, NULL))
    reprise_progress_log (progress, "the journal of the backup could not be removed");
}

/* Looks at what has come of it, and writes beside it what was known when it was begun. */
static RepriseApiBackup *
look_at (const RepriseApiOperation *operation, gboolean seen, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseApiBackup) backup = reprise_api_backup_find (
    operation->place, operation->blob_name, operation->cancellable, &local);
  const char *origin = reprise_journal_get (operation->journal, KEY_ORIGIN);

  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    give_up (operation->journal, operation->progress);
  if (backup == NULL && seen)
    {
      g_propagate_prefixed_error (
        error, g_steal_pointer (&local), "%s ",
        _ ("Azure says that the backup is made, but it is not where it should be."));
      return NULL;
    }
  if (backup == NULL)
    {
      reprise_error_prefix_say (&local, "It is not known whether Azure has begun with the backup.");
      reprise_api_journal_add_reason (operation->journal, &local);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  g_free (backup->tier);
  backup->tier = g_strdup (reprise_journal_get (operation->journal, KEY_TIER));
  g_free (backup->service);
  backup->service = g_strdup (reprise_api_get_id (operation->api));
  if (origin != NULL)
    reprise_origin_from_string (origin, &backup->origin);
  if (!reprise_api_backup_mark (operation->place, backup, operation->cancellable, &local))
    reprise_progress_log (operation->progress, "the tier could not be written beside %s: %s",
                          backup->name, local->message);
  return g_steal_pointer (&backup);
}

/* @made: (out) (optional): the backup that was being made */
static RepriseOutcome *
finish_left (RepriseApiProvider *provider,
             RepriseApiPlace *place,
             RepriseJournal *journal,
             RepriseApiBackup **made,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (RepriseApi) target = open_target (provider, journal, error);
  g_autofree char *name = NULL;
  RepriseApiOperation operation = { .api = target,
                                    .place = place,
                                    .blob_name = reprise_api_journal_get_blob (journal),
                                    .restores = reprise_api_journal_is_restore (journal),
                                    .journal = journal,
                                    .progress = progress,
                                    .cancellable = cancellable };
  g_autoptr (RepriseApiBackup) backup = NULL;
  RepriseOutcome *outcome;
  gboolean seen = !reprise_api_journal_is_open (journal);

  if (target == NULL)
    return NULL;
  if (!seen && !reprise_api_operation_resume (&operation, &seen, error))
    {
      if (!reprise_api_journal_is_open (journal))
        give_up (journal, progress);
      return NULL;
    }
  name = reprise_arm_id_get (reprise_api_get_id (target), "service");
  if (operation.restores)
    return seen
             ? reprise_outcome_say ("Azure restored “%s”", name)
             : reprise_outcome_say (
                 "Azure is done with “%s”; whether the restore succeeded could not be seen", name);
  backup = look_at (&operation, seen, error);
  if (backup == NULL)
    return NULL;
  outcome = reprise_outcome_say ("Azure made the backup “%s”", operation.blob_name);
  outcome->backup_id = g_strdup (backup->name);
  if (made != NULL)
    *made = g_steal_pointer (&backup);
  return outcome;
}

/* Whether an earlier process had begun something that Azure goes on with. */
gboolean
reprise_api_has_left (RepriseJournal *journal)
{
  return reprise_api_journal_get_target (journal) != NULL &&
         reprise_api_journal_get_blob (journal) != NULL && reprise_journal_has_open_step (journal);
}

/**
 * reprise_api_resume:
 *
 * Goes on following what an earlier process had begun.
 *
 * Returns: (transfer full) (nullable): how it ended; %NULL without an error where there is nothing to follow
 */
RepriseOutcome *
reprise_api_resume (RepriseApiProvider *provider,
                    RepriseJournal *journal,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  RepriseAzureSession *session;
  g_autoptr (RepriseApiPlace) place = NULL;

  if (!reprise_api_has_left (journal))
    return NULL;
  session = reprise_azure_provider_get_session (REPRISE_AZURE_PROVIDER (provider), error);
  place = session != NULL ? reprise_api_place_open (session, cancellable, error) : NULL;
  return place != NULL ? finish_left (provider, place, journal, NULL, progress, cancellable, error)
                       : NULL;
}

static gboolean
is_at_work (RepriseApi *api, GCancellable *cancellable)
{
  g_autoptr (RepriseApiState) state = reprise_api_get_state (api, cancellable, NULL);

  return state != NULL && !reprise_api_state_is_ready (state);
}

/**
 * reprise_api_settle:
 * @writer: (nullable): as of reprise_api_make_backup()
 * @made: (out) (nullable): a backup of @api that was begun not long ago, and is made now: it need not be made again
 * @journal: (out) (nullable) (transfer full): its, as that of reprise_api_make_backup()
 *
 * Before anything is begun: what an earlier process had begun is followed to its end.
 *
 * Returns: whether nothing is in the way; that an earlier restore or backup failed is no reason
 */
gboolean
reprise_api_settle (RepriseApiProvider *provider,
                    RepriseApi *api,
                    RepriseApiPlace *place,
                    RepriseVaultWriter *writer,
                    RepriseApiBackup **made,
                    RepriseJournal **journal,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseJournal) left =
    reprise_journal_open_left (reprise_api_provider_get_uuid (provider), &local);
  g_autoptr (RepriseOutcome) outcome = NULL;
  g_autoptr (RepriseApiBackup) backup = NULL;
  gboolean ended_before;
  gboolean taken;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (left == NULL)
    return TRUE;
  if (!reprise_api_has_left (left))
    return reprise_journal_close (left, error);
  taken = made != NULL && reprise_left_backup_is_recent (left) &&
          g_strcmp0 (reprise_api_journal_get_target (left), reprise_api_get_id (api)) == 0;
  ended_before = !is_at_work (api, cancellable);
  reprise_progress_set_phase (progress, REPRISE_PHASE_CREATING);
  outcome = finish_left (provider, place, left, &backup, progress, cancellable, &local);
  if (outcome == NULL && reprise_journal_has_open_step (left))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (backup != NULL)
    {
      if (!reprise_left_backup_settle (left, backup->name, &taken, ended_before, writer, progress,
                                       error))
        return FALSE;
      if (taken)
        {
          *made = g_steal_pointer (&backup);
          *journal = g_steal_pointer (&left);
        }
      return TRUE;
    }
  if (outcome == NULL)
    reprise_progress_warn (progress, "What an earlier job had begun did not end well: %s",
                           reprise_error_get_saying (local));
  else
    reprise_progress_warn (progress, "What an earlier job had begun has ended: %s.",
                           reprise_outcome_get_saying (outcome));
  return reprise_journal_close (left, error);
}

/* --- a new one --- */

/* (transfer full): a name that no blob has: nothing is overwritten silently */
static char *
find_name (RepriseApi *api, RepriseApiPlace *place, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *service = reprise_arm_id_get (reprise_api_get_id (api), "service");

  for (guint i = 0; i < MAX_NAMES; i++)
    {
      g_autoptr (GDateTime) then = g_date_time_add_seconds (now, i);
      g_autofree char *name = reprise_api_make_blob_name (service, then);
      g_autoptr (GError) local = NULL;
      g_autoptr (RepriseBlobItem) there =
        reprise_blob_look (place->blob, name, cancellable, &local);

      if (there == NULL && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        return g_steal_pointer (&name);
      if (there == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                     _ ("No name is free for a backup in the container “%s”."),
                     place->storage.container);
  return NULL;
}

static RepriseJournal *
begin_journal (RepriseApiProvider *provider,
               const RepriseApiState *state,
               const char *name,
               RepriseOrigin origin,
               RepriseVaultWriter *writer,
               GError **error)
{
  g_autoptr (RepriseJournal) journal =
    reprise_journal_create (reprise_api_provider_get_uuid (provider), name, error);

  if (journal == NULL || !reprise_journal_set (journal, KEY_TIER, state->tier, error) ||
      !reprise_journal_set (journal, KEY_ORIGIN, reprise_origin_to_string (origin), error) ||
      !reprise_left_backup_begin (journal, writer, error))
    return NULL;
  return g_steal_pointer (&journal);
}

static void
warn_of_gaps (RepriseApiProvider *provider, RepriseProgress *progress)
{
  reprise_progress_log (progress,
                        "not in the backup: usage data, custom domains and certificates, the "
                        "contents of the developer portal, virtual networks");
}

/**
 * reprise_api_make_backup:
 * @api: which may be another service than that of @provider
 * @writer: (nullable): into which it is to come; %NULL where it stays in the container
 * @left: (out) (transfer full): its journal, to be closed with reprise_left_backup_close() when it is there
 *
 * Returns: (transfer full): a new backup in the container; or %NULL with %REPRISE_ERROR_NOT_SUPPORTED for a tier without backups,
 *   %REPRISE_ERROR_BUSY while Azure is at work, and others
 */
RepriseApiBackup *
reprise_api_make_backup (RepriseApiProvider *provider,
                         RepriseApi *api,
                         RepriseApiPlace *place,
                         RepriseOrigin origin,
                         RepriseVaultWriter *writer,
                         RepriseJournal **left,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (RepriseApiState) state = NULL;
  g_autoptr (RepriseJournal) journal = NULL;
  g_autoptr (RepriseApiBackup) backup = NULL;
  g_autofree char *name = NULL;
  gboolean seen = FALSE;
  gboolean ended;

  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  state = reprise_api_get_state (api, cancellable, error);
  if (state == NULL || !reprise_api_check_ready (state, &place->storage, error) ||
      !reprise_api_place_prepare (place, progress, cancellable, error))
    return NULL;
  name = find_name (api, place, cancellable, error);
  journal = name != NULL ? begin_journal (provider, state, name, origin, writer, error) : NULL;
  if (journal == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_CREATING);
  warn_of_gaps (provider, progress);
  {
    RepriseApiOperation operation = { .api = api,
                                      .place = place,
                                      .blob_name = name,
                                      .journal = journal,
                                      .progress = progress,
                                      .cancellable = cancellable };

    ended = reprise_api_operation_run (&operation, &seen, error);
    if (ended)
      backup = look_at (&operation, seen, error);
  }
  if (backup == NULL && !reprise_api_journal_is_open (journal) &&
      (!ended || !reprise_left_backup_is_for_vault (journal)))
    give_up (journal, progress);
  if (backup != NULL)
    *left = g_steal_pointer (&journal);
  return g_steal_pointer (&backup);
}
