/* reprise-left-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "provider/reprise-left-backup.h"

#define STEP         "vault" /* open until the backup is there, or it is known that there will be none */
#define KEY_ORIGIN   "vault-origin"
#define KEY_NOTE     "vault-note"
#define RECENT_HOURS 3 /* what was begun before that is no backup of now */

/**
 * reprise_left_backup_begin:
 * @writer: (nullable): %NULL where the backup stays on the service
 *
 * Writes down that the backup that is about to be asked for is to come into the vault. A safety copy is not: it belongs to its restore.
 */
gboolean
reprise_left_backup_begin (RepriseJournal *journal, RepriseVaultWriter *writer, GError **error)
{
  RepriseManifest *manifest = writer != NULL ? reprise_vault_writer_get_manifest (writer) : NULL;
  RepriseOrigin origin =
    manifest != NULL ? reprise_manifest_get_origin (manifest) : REPRISE_ORIGIN_MANUAL;
  const char *note = manifest != NULL ? reprise_manifest_get_note (manifest) : NULL;

  if (manifest == NULL || origin == REPRISE_ORIGIN_SAFETY)
    return TRUE;
  return reprise_journal_set (journal, KEY_ORIGIN, reprise_origin_to_string (origin), error) &&
         (note == NULL || reprise_journal_set (journal, KEY_NOTE, note, error)) &&
         reprise_journal_begin (journal, STEP, _ ("bring the backup into the vault"), error);
}

gboolean
reprise_left_backup_is_for_vault (RepriseJournal *journal)
{
  return reprise_journal_is_open (journal, STEP);
}

/* Whether the service does no longer work on it: at most the way into the vault is left. */
gboolean
reprise_left_backup_is_over (RepriseJournal *journal)
{
  g_auto (GStrv) steps = reprise_journal_list_open_steps (journal);

  for (guint i = 0; steps[i] != NULL; i++)
    if (strcmp (steps[i], STEP) != 0)
      return FALSE;
  return TRUE;
}

/* Whether the backup may stand for one that is asked for now. To be asked before the journal is written on. */
gboolean
reprise_left_backup_is_recent (RepriseJournal *journal)
{
  g_autoptr (GDateTime) at = reprise_journal_dup_time (journal);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_date_time_difference (now, at) < RECENT_HOURS * G_TIME_SPAN_HOUR;
}

RepriseOrigin
reprise_left_backup_get_origin (RepriseJournal *journal)
{
  RepriseOrigin origin = REPRISE_ORIGIN_MANUAL;
  const char *text = reprise_journal_get (journal, KEY_ORIGIN);

  if (text != NULL)
    reprise_origin_from_string (text, &origin);
  return origin;
}

/* (nullable) */
const char *
reprise_left_backup_get_note (RepriseJournal *journal)
{
  return reprise_journal_get (journal, KEY_NOTE);
}

/* @journal: (nullable). What stopping means while the backup, which is made, is brought into the vault. */
void
reprise_left_backup_say_stop (RepriseJournal *journal, RepriseProgress *progress)
{
  if (journal != NULL && reprise_left_backup_is_for_vault (journal))
    reprise_progress_set_stop_text (progress,
                                    _ ("The service keeps its backup. The next job of this service "
                                       "brings it into the vault."));
}

/* @journal: (nullable). Nothing more is to come of it: it is in the vault, or there is none, or it stays on the service. */
gboolean
reprise_left_backup_close (RepriseJournal *journal, GError **error)
{
  if (journal == NULL)
    return TRUE;
  while (reprise_left_backup_is_for_vault (journal))
    if (!reprise_journal_end (journal, STEP, error))
      return FALSE;
  return reprise_journal_has_open_step (journal) || reprise_journal_close (journal, error);
}

static gboolean
is_safety_copy (RepriseVaultWriter *writer)
{
  return writer != NULL && reprise_manifest_get_origin (
                             reprise_vault_writer_get_manifest (writer)) == REPRISE_ORIGIN_SAFETY;
}

/* It is made, and another one is asked for all the same. */
static gboolean
leave_on_service (RepriseJournal *journal,
                  const char *name,
                  RepriseProgress *progress,
                  GError **error)
{
  if (reprise_left_backup_is_for_vault (journal))
    reprise_progress_warn (progress,
                           "An earlier job had begun the backup “%s”. It stays on the service, and "
                           "is not in the vault: “reprise download” brings it there.",
                           name);
  else
    reprise_progress_warn (progress,
                           "An earlier job had begun the backup “%s”. It is on the service.", name);
  return reprise_left_backup_close (journal, error);
}

/**
 * reprise_left_backup_settle:
 * @journal: of a backup that an earlier process had begun, and that is made now
 * @name: its name
 * @taken: (inout): whether it may stand for the one that is asked for now; then, whether it does
 * @ended_before: whether it was made before this was asked for
 * @writer: (nullable): into which the one that is asked for now is to come
 *
 * Either it stands for the backup that is asked for now, and @journal is closed when it is in the vault; or it stays where it is, and that
 * is said.
 */
gboolean
reprise_left_backup_settle (RepriseJournal *journal,
                            const char *name,
                            gboolean *taken,
                            gboolean ended_before,
                            RepriseVaultWriter *writer,
                            RepriseProgress *progress,
                            GError **error)
{
  *taken = *taken && !is_safety_copy (writer);
  if (!*taken)
    return leave_on_service (journal, name, progress, error);
  if (ended_before)
    reprise_progress_warn (
      progress,
      "An earlier job had begun the backup “%s”, and it is made: it stands for "
      "this one. For one of now, back up again.",
      name);
  if (writer == NULL)
    return reprise_left_backup_close (journal, error);
  return reprise_left_backup_is_for_vault (journal) ||
         reprise_left_backup_begin (journal, writer, error);
}
