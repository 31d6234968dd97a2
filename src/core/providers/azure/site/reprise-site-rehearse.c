/* reprise-site-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-scratch.h"
#include "providers/azure/reprise-azure-settings.h"
#include "providers/azure/site/reprise-site-compare.h"
#include "providers/azure/site/reprise-site-journal.h"
#include "providers/azure/site/reprise-site-leftovers.h"
#include "providers/azure/site/reprise-site-plan-private.h"
#include "providers/azure/site/reprise-site-provider-private.h"
#include "providers/azure/site/reprise-site-rehearse.h"
#include "providers/azure/site/reprise-site-upload.h"

/*
 * is it another application, or a slot? → does Azure still restore into it for an earlier rehearsal? → is it there? else it is written
 * down, to be deleted → what is uploaded for it likewise → restored, without databases and custom domains, which belong to the
 * application itself → does it run? → compared → deleted
 *
 * That somebody has named it is the consent to replace what is in it.
 */

#define APPLICATION "application "
#define BLOB        "blob "

#define EARLIER_MS 60000 /* for which a job waits for that of an earlier rehearsal */

/* for which a restore is believed to go on that could be followed, and that nobody gets at */
#define UNKNOWN_HOURS 24

typedef struct
{
  RepriseSiteProvider *provider;
  RepriseSite *target; /* (owned) */
  ReprisePlan *plan;   /* (owned) (nullable) */
  RepriseJournal *record;
  RepriseProgress *progress;
  char *state; /* (owned) (nullable): before, of one that is there */
} Rehearsal;

static void
rehearsal_clear (Rehearsal *self)
{
  g_clear_object (&self->target);
  g_clear_object (&self->plan);
  g_free (self->state);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rehearsal, rehearsal_clear)

/* --- where --- */

gboolean
reprise_site_rehearse_check (const char *named, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (named, "/", -1);
  guint n = g_strv_length (parts);

  if (n == 0 ||
      (n <= 2 && reprise_site_is_name (parts[0]) &&
       (n == 1 || (reprise_site_is_name (parts[1]) && !reprise_site_is_production (parts[1])))))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is no application, nor a slot such as “shop/rehearsal”."), named);
  return FALSE;
}

/* Whether it is what is backed up; or the application that a slot which is backed up belongs to, since that is in use too. */
static gboolean
is_own (char **parts, const char *application, const char *slot)
{
  if (g_ascii_strcasecmp (parts[0], application) != 0)
    return FALSE;
  return parts[1] == NULL || reprise_site_is_production (parts[1]) ||
         (slot != NULL && g_ascii_strcasecmp (parts[1], slot) == 0);
}

/* (transfer full) (nullable): why a restore cannot be rehearsed there, a whole sentence */
char *
reprise_site_rehearse_explain_missing (const char *named, const char *application, const char *slot)
{
  g_auto (GStrv) parts = g_strsplit (named != NULL ? named : "", "/", 2);
  g_autoptr (GError) error = NULL;

  if (parts[0] == NULL)
    return g_strdup (_ ("There is no scratch place: name a slot or another application in the "
                        "settings, into which backups may be restored."));
  if (!reprise_site_rehearse_check (named, &error))
    return g_strdup (error->message);
  return is_own (parts, application, slot)
           ? g_strdup (_ ("A restore cannot be rehearsed on the application itself: all that is in "
                          "it would be replaced. Name a slot or another application."))
           : NULL;
}

static const char *
get (RepriseSiteProvider *provider, const char *key)
{
  return reprise_site_provider_get_setting (provider, key);
}

/* (transfer full): what is named; never that of the service */
static RepriseSite *
open_target (RepriseSiteProvider *provider, GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  const char *named = get (provider, REPRISE_KIND_SETTING_REHEARSE_ON);
  g_autofree char *reason =
    reprise_site_rehearse_explain_missing (named, get (provider, REPRISE_AZURE_SETTING_APPLICATION),
                                           get (provider, REPRISE_AZURE_SETTING_SLOT));
  g_auto (GStrv) parts = g_strsplit (named, "/", 2);

  if (session == NULL)
    return NULL;
  if (reason == NULL)
    return reprise_site_new (reprise_azure_session_get_arm (session),
                             get (provider, REPRISE_AZURE_SETTING_SUBSCRIPTION),
                             get (provider, REPRISE_AZURE_SETTING_GROUP), parts[0], parts[1]);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, reason);
  return NULL;
}

/* (transfer full): into it; without what would reach over to the application itself */
static GHashTable *
make_options (RepriseSite *target)
{
  GHashTable *options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  char *slot = reprise_arm_id_get (reprise_site_get_id (target), "slots");

  g_hash_table_insert (options, g_strdup (REPRISE_SITE_OPTION_APPLICATION),
                       reprise_arm_id_get (reprise_site_get_id (target), "sites"));
  if (slot != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_SITE_OPTION_SLOT), slot);
  g_hash_table_insert (options, g_strdup (REPRISE_SITE_OPTION_HOST_NAMES), g_strdup ("true"));
  return options;
}

/* --- removing it again --- */

/* Azure deletes an App Service plan that has become empty, too, unless it is told not to. */
static gboolean
delete_application (RepriseSiteProvider *provider,
                    const char *id,
                    GCancellable *cancellable,
                    GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  RepriseSite *own = reprise_site_provider_get_site (provider, error);
  g_autofree char *slot = reprise_arm_id_get (id, "slots");
  g_autofree char *name = reprise_arm_id_get (id, "sites");

  if (session == NULL || own == NULL)
    return FALSE;
  if (name == NULL || slot != NULL || g_ascii_strcasecmp (id, reprise_site_get_id (own)) == 0 ||
      g_ascii_strcasecmp (name, get (provider, REPRISE_AZURE_SETTING_APPLICATION)) == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         _ ("“%s” is no application of a rehearsal, and is left alone."), id);
      return FALSE;
    }
  return reprise_arm_delete (reprise_azure_session_get_arm (session), id, REPRISE_ARM_VERSION_WEB,
                             "deleteEmptyServerFarm=false&deleteMetrics=true", cancellable, error);
}

/* An application that Azure was never asked for is not there, and one that is there is somebody else's. */
static gboolean
remove_application (RepriseSiteProvider *provider,
                    RepriseJournal *record,
                    const char *id,
                    GCancellable *cancellable,
                    GError **error)
{
  return !reprise_site_journal_was_asked (record, id) ||
         (delete_application (provider, id, cancellable, error) &&
          reprise_site_journal_forget_asked (record, id, error));
}

static gboolean
remove_one (RepriseSiteProvider *provider,
            RepriseJournal *record,
            const char *entry,
            GCancellable *cancellable,
            GError **error)
{
  if (g_str_has_prefix (entry, APPLICATION))
    return remove_application (provider, record, entry + strlen (APPLICATION), cancellable, error);
  if (g_str_has_prefix (entry, BLOB))
    return reprise_site_access_delete_files (provider, entry + strlen (BLOB), FALSE, cancellable,
                                             error);
  return TRUE;
}

/* It has ended at some time. */
static gboolean
is_long_over (RepriseJournal *record, int hours)
{
  g_autoptr (GDateTime) written_at = reprise_journal_dup_time (record);
  g_autoptr (GDateTime) over_at = g_date_time_add_hours (written_at, hours);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_date_time_compare (now, over_at) >= 0;
}

/* Nothing is deleted, or asked for anew, under Azure's hands: a restore of an earlier rehearsal is followed, for a while. How it
 * ended is of no interest any more. */
static gboolean
wait_for_earlier (RepriseSiteProvider *provider,
                  RepriseJournal *record,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseOutcome) ended =
    reprise_site_plan_resume (provider, record, EARLIER_MS, progress, cancellable, &local);

  if (!reprise_site_journal_may_go_on (record))
    return TRUE;
  if (local != NULL && reprise_site_journal_is_open (record) &&
      (reprise_error_is_stop (local) || !is_long_over (record, UNKNOWN_HOURS)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (is_long_over (record, REPRISE_SITE_UNSEEN_HOURS))
    return reprise_site_journal_forget (record, error);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
    _ ("Azure may still be restoring for an earlier rehearsal, which cannot be followed. "
       "It counts as over two hours after it began."));
  return FALSE;
}

/**
 * reprise_site_rehearse_clean_up:
 *
 * Deletes the application that a rehearsal made, and what it uploaded; nothing but what stands in the record. Where Azure
 * still carries out a restore, that is waited for a minute, and then left to a later job: %REPRISE_ERROR_BUSY.
 */
gboolean
reprise_site_rehearse_clean_up (RepriseSiteProvider *provider,
                                RepriseJournal *record,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  g_auto (GStrv) entries = reprise_scratch_list (record);

  if (!wait_for_earlier (provider, record, progress, cancellable, error))
    return FALSE;
  for (guint i = 0; entries[i] != NULL; i++)
    if (!remove_one (provider, record, entries[i], cancellable, error) ||
        !reprise_scratch_remove (record, entries[i], error))
      return FALSE;
  return TRUE;
}

/* --- the rehearsal --- */

/* Whether it is there, and in which state; a slot is not made. */
static gboolean
look (Rehearsal *self, gboolean *is_there, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = reprise_site_dup_name (self->target);
  g_autofree char *slot = reprise_arm_id_get (reprise_site_get_id (self->target), "slots");
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = reprise_site_look (self->target, cancellable, &local);

  *is_there = root != NULL;
  if (root != NULL)
    self->state = g_strdup (reprise_json_get_string (root, "properties.state", NULL));
  else if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  else if (slot != NULL)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("There is no slot “%s”. Make it first; each rehearsal then replaces what is in "
         "it."),
      name);
  else
    return TRUE;
  return *is_there;
}

/* The archive goes into the container under a name; where none lies there, it is ours, and goes away again. */
static gboolean
write_down_blob (Rehearsal *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseBlob) blob =
    reprise_site_provider_open_container (self->provider, cancellable, error);
  g_autofree char *application = reprise_arm_id_get (reprise_site_get_id (self->target), "sites");
  g_autofree char *name =
    reprise_site_upload_make_name (application, reprise_plan_get_archive (self->plan));
  g_autofree char *entry = g_strconcat (BLOB, name, NULL);
  g_autoptr (RepriseBlobItem) there = NULL;
  g_autoptr (GError) local = NULL;

  if (blob == NULL)
    return FALSE;
  there = reprise_blob_look (blob, name, cancellable, &local);
  if (there != NULL && !reprise_site_leftovers_take (self->provider, name))
    return TRUE;
  if (there != NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return reprise_scratch_add (self->record, entry, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
write_down (Rehearsal *self, gboolean is_there, GCancellable *cancellable, GError **error)
{
  g_autofree char *entry = g_strconcat (APPLICATION, reprise_site_get_id (self->target), NULL);

  if (reprise_site_plan_get_source (self->plan, NULL, NULL) == REPRISE_SITE_SOURCE_UNKNOWN &&
      !write_down_blob (self, cancellable, error))
    return FALSE;
  return is_there || reprise_scratch_add (self->record, entry, error);
}

static gboolean
is_good (Rehearsal *self, const char *state, gboolean was_there)
{
  return state == NULL || g_ascii_strcasecmp (state, "Running") == 0 ||
         (was_there && g_strcmp0 (state, self->state) == 0);
}

/* What Azure tells of the application, and of what it was made from; of its files it tells nothing. */
static RepriseOutcome *
compare (Rehearsal *self, gboolean was_there, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = reprise_site_dup_name (self->target);
  g_autoptr (JsonObject) root = NULL;
  const char *state;
  RepriseOutcome *outcome;

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_COMPARING);
  root = reprise_site_look (self->target, cancellable, error);
  if (root == NULL)
    {
      reprise_error_prefix_say (error, "What was restored could not be looked at:");
      return NULL;
    }
  state = reprise_json_get_string (root, "properties.state", NULL);
  if (is_good (self, state, was_there))
    return reprise_site_compare (self->provider, self->plan, self->target, state, self->progress,
                                 cancellable, error);
  outcome = reprise_outcome_new (
    _ ("“%s” does not run after the restore: Azure reports the state “%s”"), name, state);
  outcome->failed = 1;
  return outcome;
}

static void
remove_all (Rehearsal *self)
{
  g_autoptr (GError) local = NULL;

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_DELETING);
  if (!reprise_site_rehearse_clean_up (self->provider, self->record, self->progress, NULL, &local))
    reprise_progress_warn (self->progress,
                           "What the rehearsal made could not all be deleted; the next job tries "
                           "again: %s",
                           reprise_error_get_saying (local));
}

/* What nobody may look at is not known to be restored. */
static gboolean
check_seen (Rehearsal *self, GError **error)
{
  g_autofree char *name = NULL;

  if (!reprise_site_journal_may_go_on (self->record))
    return TRUE;
  name = reprise_site_dup_name (self->target);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
    _ ("Azure does not let this account follow the restore of “%s”: it could not be "
       "compared. What was made for it is deleted by a later job."),
    name);
  return FALSE;
}

static RepriseOutcome *
carry_out (Rehearsal *self, gboolean is_there, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseOutcome) restored =
    write_down (self, is_there, cancellable, error)
      ? reprise_site_plan_apply (self->provider, self->plan, self->record, self->progress,
                                 cancellable, error)
      : NULL;

  return restored != NULL && check_seen (self, error) ? compare (self, is_there, cancellable, error)
                                                      : NULL;
}

/**
 * reprise_site_rehearse:
 *
 * Restores a backup into the slot or application that is named for it.
 *
 * Returns: (transfer full): what was compared, or %NULL with %REPRISE_ERROR_NOT_SUPPORTED where none is named, %REPRISE_ERROR_REFUSED by
 *   a pre-check, %REPRISE_ERROR_BUSY while an earlier one may go on, and as a restore
 */
RepriseOutcome *
reprise_site_rehearse (RepriseSiteProvider *provider,
                       RepriseArchive *archive,
                       const RepriseRehearsal *rehearsal,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error)
{
  g_auto (Rehearsal) self = { .provider = provider,
                              .target = open_target (provider, error),
                              .record = rehearsal->record,
                              .progress = progress };
  g_autoptr (GHashTable) options = NULL;
  gboolean is_there = FALSE;
  RepriseOutcome *outcome;

  if (self.target == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!wait_for_earlier (provider, self.record, progress, cancellable, error))
    return NULL;
  options = make_options (self.target);
  if (!look (&self, &is_there, cancellable, error))
    return NULL;
  self.plan = reprise_site_plan_new (provider, archive, REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED),
                                     options, cancellable, error);
  if (self.plan == NULL || !reprise_plan_check_refusal (self.plan, error))
    return NULL;
  outcome = carry_out (&self, is_there, cancellable, error);
  if (!reprise_site_journal_may_go_on (
        self.record)) /* else nothing is deleted under Azure's hands */
    remove_all (&self);
  return outcome;
}
