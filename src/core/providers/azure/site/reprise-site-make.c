/* reprise-site-make.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-left-backup.h"
#include "providers/azure/site/reprise-site-make.h"
#include "providers/azure/site/reprise-site-provider-private.h"

#define STEP             "backup"        /* open while Azure works on it, as far as is known */
#define KEY_TARGET       "backup-target" /* the resource ID of the application */
#define KEY_NAME         "backup-name"
#define KEY_NUMBER       "backup-number" /* that Azure gave it */
#define NEARLY_TOO_LARGE (G_GINT64_CONSTANT (9) * 1024 * 1024 * 1024)

/*
 * the storage is looked at → what is to be asked for is written down → it is asked for, once → it is followed to its end, by this
 * process or a later one → where it is to come into the vault, the journal stays until it is there
 */

/* “shop_20261121202257”, so that it is found again where the answer was lost */
static char *
make_name (RepriseSite *site)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d%H%M%S");
  g_autofree char *prefix = reprise_site_dup_blob_prefix (site);

  return g_strdup_printf ("%s_%s", prefix, stamp);
}

/* @found: (out) (nullable) (transfer full): the backup that was asked for, if Azure has begun it though its answer was lost */
static gboolean
find_begun (RepriseSite *site,
            const char *name,
            RepriseSiteBackup **found,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) backups = reprise_site_list_backups (site, cancellable, error);

  *found = NULL;
  for (guint i = 0; backups != NULL && *found == NULL && i < backups->len; i++)
    {
      RepriseSiteBackup *each = backups->pdata[i];

      if (g_strcmp0 (each->name, name) == 0)
        {
          *found = reprise_site_get_backup (site, each->id, cancellable, error);
          if (*found == NULL)
            return FALSE;
        }
    }
  return backups != NULL;
}

static gboolean
write_down (RepriseSite *site,
            const char *name,
            RepriseVaultWriter *writer,
            RepriseJournal *journal,
            GError **error)
{
  /* Translators: a step of a job that was cut off: the name of a backup */
  g_autofree char *text = g_strdup_printf (_ ("Azure makes the backup “%s”"), name);

  return journal == NULL ||
         (reprise_journal_set (journal, KEY_TARGET, reprise_site_get_id (site), error) &&
          reprise_journal_set (journal, KEY_NAME, name, error) &&
          reprise_left_backup_begin (journal, writer, error) &&
          reprise_journal_begin (journal, STEP, text, error));
}

/* Azure does no longer work on it. What else is wanted of it is another step. */
static gboolean
write_end (RepriseJournal *journal, GError **error)
{
  return journal == NULL || !reprise_journal_is_open (journal, STEP) ||
         reprise_journal_end (journal, STEP, error);
}

/* There is no backup, and there will be none. */
static void
give_up (RepriseJournal *journal, RepriseProgress *progress)
{
  if (!write_end (journal, NULL) || !reprise_left_backup_close (journal, NULL))
    reprise_progress_log (progress, "the journal of the backup could not be removed");
}

/* Its number is what it is found by afterwards. */
static gboolean
write_number (RepriseJournal *journal, const RepriseSiteBackup *backup, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, backup->id);

  return journal == NULL || reprise_journal_set (journal, KEY_NUMBER, number, error);
}

static RepriseSiteBackup *
begin (RepriseSite *site,
       const char *name,
       const RepriseSas *sas,
       GPtrArray *databases,
       RepriseJournal *journal,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (RepriseSecretValue) storage = reprise_sas_dup_address (sas);
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseSiteBackup) backup =
    reprise_site_back_up (site, storage, name, databases, &outcome, cancellable, &local);
  gboolean known = TRUE;

  if (backup == NULL && outcome == REPRISE_HTTP_NO_ANSWER)
    {
      reprise_progress_log (progress, "no answer to the backup %s: looking for it", name);
      known = find_begun (site, name, &backup, cancellable, NULL);
    }
  if (backup == NULL && known)
    give_up (journal, progress);
  if (backup == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!write_number (journal, backup, error))
    return NULL;
  return g_steal_pointer (&backup);
}

static gboolean
check_made (const RepriseSiteBackup *backup, RepriseProgress *progress, GError **error)
{
  const char *log = backup->log != NULL ? backup->log : _ ("It does not say why.");

  if (MAX (backup->size_bytes, backup->site_bytes) > NEARLY_TOO_LARGE)
    reprise_progress_warn (progress,
                           "The application is nearly as large as Azure can back up: 10 GB, of "
                           "which databases may have 4 GB.");
  if (backup->status == REPRISE_SITE_SUCCEEDED)
    return TRUE;
  if (backup->status == REPRISE_SITE_PARTIALLY_SUCCEEDED)
    {
      reprise_progress_warn (
        progress, "Azure could not read some files, mostly because they were locked: %s", log);
      return TRUE;
    }
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
    /* Translators: a state such as “Timed out”, what Azure says, a number for support */
    _ ("Azure did not make the backup (%s). %s (Correlation ID %s)"),
    reprise_site_status_get_text (backup->status), log,
    backup->correlation_id != NULL ? backup->correlation_id : _ ("not reported"));
  return FALSE;
}

/* Before anything is begun: Azure would accept the backup, and fail minutes later. */
static gboolean
check_storage (const RepriseSas *sas,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseBlob) blob = NULL;

  if (!reprise_sas_check (sas, REPRISE_SAS_FOR_BACKUPS, now, NULL, warnings, error))
    return FALSE;
  if (!reprise_sas_may (sas, "w"))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, warnings->pdata[0]);
      return FALSE;
    }
  for (guint i = 0; i < warnings->len; i++)
    reprise_progress_warn_saying (progress, (char *) warnings->pdata[i]);
  if (!reprise_sas_may (sas, "l"))
    return TRUE; /* who may not list it cannot look */
  blob = reprise_blob_new_for_sas (sas, error);
  return blob != NULL && reprise_blob_check_container (blob, cancellable, error);
}

/* (transfer full): a backup that Azure works on, at its end; where there is none, nothing is left to be followed */
static RepriseSiteBackup *
follow (RepriseSite *site,
        gint64 number,
        RepriseJournal *journal,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (RepriseSiteBackup) made = NULL;
  g_autoptr (GError) local = NULL;

  reprise_progress_set_stop_text (
    progress, _ ("Azure goes on making the backup, and keeps it. The next job of "
                 "this service follows it."));
  made = reprise_site_follow_backup (site, number, progress, cancellable, &local);
  reprise_progress_set_stop_text (progress, NULL);
  if (made == NULL ? g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND)
                   : !check_made (made, progress, &local))
    give_up (journal, progress);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return write_end (journal, error) ? g_steal_pointer (&made) : NULL;
}

/**
 * reprise_site_make_backup:
 * @sas: where Azure puts it
 * @databases: (element-type RepriseSiteDatabase): that are saved along
 * @writer: (nullable): into which it is to come; %NULL where it stays on the service
 * @journal: (out) (nullable) (transfer full): to be closed with reprise_left_backup_close() when it is there
 *
 * Lets Azure make a backup, and waits until it is complete. Where that is not seen, it stands in the journal.
 *
 * Returns: (transfer full): the backup, or %NULL
 */
RepriseSiteBackup *
reprise_site_make_backup (RepriseSiteProvider *provider,
                          RepriseSite *site,
                          const RepriseSas *sas,
                          GPtrArray *databases,
                          RepriseVaultWriter *writer,
                          RepriseJournal **journal,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autofree char *name = make_name (site);
  g_autoptr (RepriseJournal) written = NULL;
  g_autoptr (RepriseSiteBackup) begun = NULL;
  g_autoptr (GError) local = NULL;
  RepriseSiteBackup *made = NULL;

  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!check_storage (sas, progress, cancellable, error))
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_CREATING);
  written = reprise_journal_create (reprise_site_provider_get_uuid (provider), name, &local);
  /* where a restore has left what it needs to know, that is kept */
  if (local != NULL && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (!write_down (site, name, writer, written, error))
    return NULL;
  begun = begin (site, name, sas, databases, written, progress, cancellable, error);
  if (begun != NULL)
    made = follow (site, begun->id, written, progress, cancellable, error);
  if (made != NULL)
    *journal = g_steal_pointer (&written);
  return made;
}

/* --- what a restart cut off --- */

/* Whether an earlier process had begun a backup that Azure goes on with, or that is not in the vault yet. */
gboolean
reprise_site_make_has_left (RepriseJournal *journal)
{
  return reprise_journal_get (journal, KEY_TARGET) != NULL &&
         reprise_journal_get (journal, KEY_NAME) != NULL && reprise_journal_has_open_step (journal);
}

/* (transfer full): as Azure lists it */
static RepriseSiteBackup *
find_left (RepriseSite *site,
           RepriseJournal *journal,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (RepriseSiteBackup) found = NULL;

  if (!find_begun (site, reprise_journal_get (journal, KEY_NAME), &found, cancellable, error))
    return NULL;
  if (found != NULL)
    return write_number (journal, found, error) ? g_steal_pointer (&found) : NULL;
  give_up (journal, progress);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     /* Translators: the name of a backup */
                     _ ("Azure had not begun with the backup “%s”."),
                     reprise_journal_get (journal, KEY_NAME));
  return NULL;
}

/* (transfer full): the backup of a journal, as it is now */
static RepriseSiteBackup *
look_at_left (RepriseSite *site,
              RepriseJournal *journal,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  const char *number = reprise_journal_get (journal, KEY_NUMBER);
  g_autoptr (GError) local = NULL;
  RepriseSiteBackup *found;

  if (number == NULL)
    return find_left (site, journal, progress, cancellable, error);
  found = reprise_site_get_backup (site, g_ascii_strtoll (number, NULL, 10), cancellable, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    give_up (journal, progress);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return found;
}

/* @ended_before: (out) (optional): whether Azure had made it by now */
static RepriseSiteBackup *
finish_left (RepriseSiteProvider *provider,
             RepriseJournal *journal,
             gboolean *ended_before,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseAzureSession *session = reprise_site_provider_get_session (provider, error);
  g_autoptr (RepriseSite) site =
    session != NULL ? reprise_site_new_for_id (reprise_azure_session_get_arm (session),
                                               reprise_journal_get (journal, KEY_TARGET))
                    : NULL;
  g_autoptr (RepriseSiteBackup) found = NULL;

  if (site == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_CREATING);
  found = look_at_left (site, journal, progress, cancellable, error);
  if (found == NULL)
    return NULL;
  if (ended_before != NULL)
    *ended_before = !reprise_site_status_is_moving (found->status);
  return follow (site, found->id, journal, progress, cancellable, error);
}

/**
 * reprise_site_make_resume:
 *
 * Goes on following a backup that an earlier process had begun. Where it is to come into the vault, that is left to be done.
 *
 * Returns: (transfer full): how it ended, with the backup as the service lists it, or %NULL
 */
RepriseOutcome *
reprise_site_make_resume (RepriseSiteProvider *provider,
                          RepriseJournal *journal,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (RepriseSiteBackup) made =
    finish_left (provider, journal, NULL, progress, cancellable, error);
  RepriseOutcome *outcome;

  if (made == NULL)
    return NULL;
  outcome =
    reprise_outcome_say ("Azure made the backup “%s”", reprise_journal_get (journal, KEY_NAME));
  outcome->backup_id = g_strdup_printf ("%" G_GINT64_FORMAT, made->id);
  return outcome;
}

/**
 * reprise_site_make_settle:
 * @writer: (nullable): as of reprise_site_make_backup()
 * @made: (out) (nullable) (transfer full): a backup of @site that was begun not long ago, and is made now: it need not be made again
 * @journal: (out) (nullable) (transfer full): its, as that of reprise_site_make_backup()
 *
 * Before a backup is begun: one that an earlier process had begun is followed to its end.
 *
 * Returns: whether nothing is in the way; that the earlier one failed is no reason
 */
gboolean
reprise_site_make_settle (RepriseSiteProvider *provider,
                          RepriseSite *site,
                          RepriseVaultWriter *writer,
                          RepriseSiteBackup **made,
                          RepriseJournal **journal,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseJournal) left =
    reprise_journal_open_left (reprise_site_provider_get_uuid (provider), &local);
  g_autoptr (RepriseSiteBackup) backup = NULL;
  gboolean ended_before = TRUE;
  gboolean taken;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (left == NULL || !reprise_site_make_has_left (left))
    return TRUE;
  taken = g_strcmp0 (reprise_journal_get (left, KEY_TARGET), reprise_site_get_id (site)) == 0 &&
          reprise_left_backup_is_recent (left);
  backup = finish_left (provider, left, &ended_before, progress, cancellable, &local);
  if (backup == NULL && reprise_journal_has_open_step (left))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (backup == NULL)
    {
      reprise_progress_warn (progress, "What an earlier job had begun did not end well: %s",
                             reprise_error_get_saying (local));
      return TRUE;
    }
  if (!reprise_left_backup_settle (left, reprise_journal_get (left, KEY_NAME), &taken, ended_before,
                                   writer, progress, error))
    return FALSE;
  if (!taken)
    return TRUE;
  *made = g_steal_pointer (&backup);
  *journal = g_steal_pointer (&left);
  return TRUE;
}
