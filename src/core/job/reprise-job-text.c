/* reprise-job-text.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-time.h"
#include "job/reprise-job.h"

/* What a phase is called, whatever the job; what is said otherwise for one kind of job stands in EXCEPTIONS. */
static const char *const PHASES[REPRISE_N_PHASES] = {
  [REPRISE_PHASE_WAITING] = N_ ("Waiting for another job of this service"),
  [REPRISE_PHASE_CONNECTING] = N_ ("Connecting"),
  [REPRISE_PHASE_CHECKING] = N_ ("Checking"),
  [REPRISE_PHASE_SAFETY_COPY] = N_ ("Making a safety copy"),
  [REPRISE_PHASE_CREATING] = N_ ("The service is making its backup"),
  [REPRISE_PHASE_READING] = N_ ("Reading data"),
  [REPRISE_PHASE_DOWNLOADING] = N_ ("Downloading"),
  [REPRISE_PHASE_UPLOADING] = N_ ("Uploading"),
  [REPRISE_PHASE_WRITING] = N_ ("Writing the archive"),
  [REPRISE_PHASE_APPLYING] = N_ ("Restoring data"),
  [REPRISE_PHASE_RESTARTING] = N_ ("Waiting for the service to come back"),
  [REPRISE_PHASE_COMPARING] = N_ ("Comparing with the backup"),
  [REPRISE_PHASE_VERIFYING] = N_ ("Reading the backup back"),
  [REPRISE_PHASE_DELETING] = N_ ("Deleting"),
  [REPRISE_PHASE_FINISHING] = N_ ("Finishing"),
};

static const struct
{
  RepriseJobKind kind;
  ReprisePhase phase;
  const char *text;
} EXCEPTIONS[] = {
  { REPRISE_JOB_BACK_UP, REPRISE_PHASE_DOWNLOADING, N_ ("Bringing the backup into the vault") },
  { REPRISE_JOB_DOWNLOAD, REPRISE_PHASE_DOWNLOADING, N_ ("Bringing the backup into the vault") },
  { REPRISE_JOB_RESTORE, REPRISE_PHASE_UPLOADING, N_ ("Sending the backup to the service") },
  { REPRISE_JOB_RESTORE, REPRISE_PHASE_READING, N_ ("Reading the backup") },
  { REPRISE_JOB_UNDO, REPRISE_PHASE_APPLYING, N_ ("Putting the safety copy back") },
  { REPRISE_JOB_UNDO, REPRISE_PHASE_UPLOADING, N_ ("Sending the safety copy to the service") },
  { REPRISE_JOB_UNDO, REPRISE_PHASE_READING, N_ ("Reading the safety copy") },
  { REPRISE_JOB_REHEARSE, REPRISE_PHASE_APPLYING, N_ ("Restoring into a scratch place") },
  { REPRISE_JOB_IMPORT, REPRISE_PHASE_CHECKING, N_ ("Looking through the file") },
  { REPRISE_JOB_IMPORT, REPRISE_PHASE_READING, N_ ("Taking the file into the vault") },
  { REPRISE_JOB_REPORTS, REPRISE_PHASE_READING, N_ ("Reading reports") },
  { REPRISE_JOB_REHEARSE, REPRISE_PHASE_DELETING, N_ ("Removing the scratch place") },
  { REPRISE_JOB_FOLLOW, REPRISE_PHASE_APPLYING, N_ ("The service is restoring") },
};

typedef struct
{
  const char *title; /* with the name of the service */
  const char *done;
  const char *warnings;
  const char *failed;
  const char *stopped;
} KindText;

static const KindText KINDS[REPRISE_N_JOB_KINDS] = {
  [REPRISE_JOB_BACK_UP] = { N_ ("Back Up %s"), N_ ("Backup finished"),
                            N_ ("Backup finished, with warnings"), N_ ("Backup failed"),
                            N_ ("Backup stopped") },
  [REPRISE_JOB_VERIFY] = { N_ ("Verify %s"), N_ ("Backup verified"),
                           N_ ("Backup verified, with warnings"), N_ ("Verification failed"),
                           N_ ("Verification stopped") },
  [REPRISE_JOB_DOWNLOAD] = { N_ ("Download from %s"), N_ ("Download finished"),
                             N_ ("Download finished, with warnings"), N_ ("Download failed"),
                             N_ ("Download stopped") },
  [REPRISE_JOB_UPLOAD] = { N_ ("Upload to %s"), N_ ("Upload finished"),
                           N_ ("Upload finished, with warnings"), N_ ("Upload failed"),
                           N_ ("Upload stopped") },
  [REPRISE_JOB_RESTORE] = { N_ ("Restore %s"), N_ ("Restore finished"),
                            N_ ("Restore finished, with warnings"), N_ ("Restore failed"),
                            N_ ("Restore stopped") },
  [REPRISE_JOB_UNDO] = { N_ ("Undo Restore of %s"), N_ ("Restore undone"),
                         N_ ("Restore undone, with warnings"),
                         N_ ("The restore could not be undone"), N_ ("Undo stopped") },
  [REPRISE_JOB_DELETE] = { N_ ("Delete Backups of %s"), N_ ("Backup deleted"),
                           N_ ("Backup deleted, with warnings"),
                           N_ ("The backup could not be deleted"), N_ ("Deletion stopped") },
  [REPRISE_JOB_REHEARSE] = { N_ ("Rehearse Restore of %s"), N_ ("Rehearsal finished"),
                             N_ ("Rehearsal finished, with warnings"), N_ ("Rehearsal failed"),
                             N_ ("Rehearsal stopped") },
  [REPRISE_JOB_COMPACT] = { N_ ("Roll Up Backups of %s"), N_ ("Roll-up finished"),
                            N_ ("Roll-up finished, with warnings"), N_ ("Roll-up failed"),
                            N_ ("Roll-up stopped") },
  [REPRISE_JOB_IMPORT] = { N_ ("Import for %s"), N_ ("Import finished"),
                           N_ ("Import finished, with warnings"), N_ ("Import failed"),
                           N_ ("Import stopped") },
  /* Translators: a job was cut off, and the service goes on with what it had been asked for */
  [REPRISE_JOB_FOLLOW] = { N_ ("Follow What %s Goes On With"), N_ ("Interrupted job finished"),
                           N_ ("Interrupted job finished, with warnings"),
                           N_ ("Interrupted job failed"), N_ ("No longer followed") },
  [REPRISE_JOB_REPORTS] = { N_ ("Fetch Reports of %s"), N_ ("Reports fetched"),
                            N_ ("Reports fetched, with warnings"),
                            N_ ("The reports could not be fetched"),
                            N_ ("Fetching reports stopped") },
};

/* (transfer none): “Bringing the backup into the vault” */
const char *
reprise_job_text_phase (RepriseJobKind kind, ReprisePhase phase)
{
  for (guint i = 0; i < G_N_ELEMENTS (EXCEPTIONS); i++)
    if (EXCEPTIONS[i].kind == kind && EXCEPTIONS[i].phase == phase)
      return _ (EXCEPTIONS[i].text);
  return _ (PHASES[phase]);
}

/* (transfer full): “Back Up Orders” */
char *
reprise_job_text_title (RepriseJobKind kind, const char *service_name)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (_ (KINDS[kind].title), service_name);
#pragma GCC diagnostic pop
}

/* (transfer none): “Backup finished, with warnings”; an empty text while it runs */
const char *
reprise_job_text_result (RepriseJobKind kind, RepriseJobState state)
{
  switch (state)
    {
    case REPRISE_JOB_DONE:
      return _ (KINDS[kind].done);
    case REPRISE_JOB_WARNINGS:
      return _ (KINDS[kind].warnings);
    case REPRISE_JOB_FAILED:
      return _ (KINDS[kind].failed);
    case REPRISE_JOB_STOPPED:
      return _ (KINDS[kind].stopped);
    case REPRISE_JOB_QUEUED:
    case REPRISE_JOB_RUNNING:
    case REPRISE_JOB_ASKING:
    case REPRISE_JOB_STOPPING:
    default:
      return "";
    }
}

/* What each code of an error says by itself; where it says nothing, the text alone has to do. */
static const char *
get_code_text (const char *code)
{
  static const struct
  {
    RepriseError code;
    const char *text;
  } TEXTS[] = {
    { REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("The service needs a sign-in.") },
    { REPRISE_ERROR_NEEDS_PASSWORD, N_ ("The archive’s password is missing or wrong.") },
    { REPRISE_ERROR_KEYRING, N_ ("The keyring is in the way.") },
    { REPRISE_ERROR_DENIED, N_ ("The service does not allow it.") },
    { REPRISE_ERROR_BUSY, N_ ("Somebody else works on the service.") },
    { REPRISE_ERROR_REFUSED, N_ ("A check before the work said no.") },
    { REPRISE_ERROR_DAMAGED, N_ ("Data is not what it should be.") },
    { REPRISE_ERROR_LIMIT, N_ ("It is larger or deeper than is allowed.") },
    { REPRISE_ERROR_UNREACHABLE, N_ ("The service could not be reached.") },
    { REPRISE_ERROR_STALLED, N_ ("The service stopped answering in the middle.") },
    { REPRISE_ERROR_PROTOCOL, N_ ("The service said something that it should not.") },
    { REPRISE_ERROR_BROKEN, N_ ("The service does not work, and needs its administrator.") },
    { REPRISE_ERROR_NOT_FOUND, N_ ("Something that was named is not there.") },
    { REPRISE_ERROR_EXISTS, N_ ("There is one of that name already.") },
    { REPRISE_ERROR_NOT_SUPPORTED, N_ ("This kind of service cannot do that.") },
    { REPRISE_ERROR_INVALID, N_ ("What was given is wrong.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (TEXTS); i++)
    if (g_strcmp0 (code, reprise_error_code_to_string (TEXTS[i].code)) == 0)
      return _ (TEXTS[i].text);
  return NULL;
}

/**
 * reprise_job_text_error:
 * @text: (nullable): what went wrong, in the language of the process in which it did
 * @saying: (nullable): the same as base/reprise-saying.h has it
 * @code: (nullable): as reprise_error_get_name() gives it
 * @language: (nullable): that language; %NULL: not known
 *
 * Returns: (transfer full) (nullable): what it says in our language; where that is not known, the text, after what its code says in ours
 */
char *
reprise_job_text_error (const char *text,
                        const char *saying,
                        const char *code,
                        const char *language)
{
  const char *of_code = get_code_text (code);
  g_autofree char *said = reprise_saying_to_text (saying);

  if (said != NULL && g_strcmp0 (said, text) != 0)
    return g_steal_pointer (&said);
  if (text == NULL || of_code == NULL || language == NULL ||
      g_str_equal (language, reprise_saying_get_language ()))
    return g_strdup (text);
  return g_strdup_printf ("%s (%s)", of_code, text);
}

/* (transfer none): why a job failed whose process ended in the middle of it: a sentence or two */
const char *
reprise_job_text_interrupted (RepriseJobKind kind)
{
  if (reprise_job_kind_writes_service (kind))
    return _ ("It was interrupted: its program ended in the middle of it. What was begun is "
              "written down; look at the service before anything else is restored.");
  return _ ("It was interrupted: its program ended in the middle of it. Run it again.");
}

static void
add_part (GString *text, char *part)
{
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
  g_free (part);
}

/**
 * reprise_job_text_progress:
 *
 * Returns: (transfer full): “63 % · 12.1 MB/s · 1 min 5 s left”, or what of it can be said; may be empty
 */
char *
reprise_job_text_progress (const RepriseProgressSnapshot *snapshot)
{
  GString *text = g_string_new (NULL);

  if (snapshot->fraction >= 0)
    /* Translators: a percentage */
    add_part (text, g_strdup_printf (_ ("%d %%"), (int) (snapshot->fraction * 100)));
  else if (snapshot->bytes_done > 0)
    add_part (text, g_format_size ((guint64) snapshot->bytes_done));
  else if (snapshot->items_done > 0)
    add_part (text, g_strdup_printf (ngettext ("%" PRId64 " item", "%" PRId64 " items",
                                               (gulong) snapshot->items_done),
                                     snapshot->items_done));
  if (snapshot->idle_seconds >= 30)
    {
      add_part (text, g_strdup_printf (ngettext ("nothing has moved for %d second",
                                                 "nothing has moved for %d seconds",
                                                 (gulong) snapshot->idle_seconds),
                                       (int) snapshot->idle_seconds));
      return g_string_free (text, FALSE);
    }
  if (snapshot->bytes_per_second > 0)
    {
      g_autofree char *size = g_format_size ((guint64) snapshot->bytes_per_second);

      /* Translators: an amount of data each second */
      add_part (text, g_strdup_printf (_ ("%s/s"), size));
    }
  if (snapshot->seconds_left >= 0)
    {
      g_autofree char *span = reprise_duration_to_text (snapshot->seconds_left);

      /* Translators: a time span, as in “1 min 5 s left” */
      add_part (text, g_strdup_printf (_ ("%s left"), span));
    }
  return g_string_free (text, FALSE);
}
