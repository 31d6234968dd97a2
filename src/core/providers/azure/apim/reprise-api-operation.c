/* reprise-api-operation.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-wait.h"
#include "providers/azure/apim/reprise-api-operation.h"

#define STEP          "operation"
#define KEY_TARGET    "target"    /* the resource ID of the service */
#define KEY_BLOB      "blob"      /* the name of the backup */
#define KEY_WHAT      "what"      /* “backup” or “restore” */
#define KEY_OPERATION "operation" /* what it takes to follow it after a restart */
#define KEY_SEEN      "seen"      /* that Azure was seen at work on it */
#define KEY_REASON    "reason" /* why the answer to the request does not tell whether it has begun */
#define RESTORE       "restore"
#define N_IDLE_LOOKS  8 /* for which Azure may take its time to begin */
#define PATIENCE_US \
  ((gint64) 3 * 3600 * G_USEC_PER_SEC) /* of what can be told only from the service itself */

/*
 * what is to happen is written down → it is asked for, once → what it takes to follow it is written down → it is followed to its
 * end, by this process or a later one; where that is not allowed, the service itself is looked at: that it was seen at work, and is
 * no more, is an end
 */

const char *
reprise_api_journal_get_target (RepriseJournal *journal)
{
  return reprise_journal_get (journal, KEY_TARGET);
}

const char *
reprise_api_journal_get_blob (RepriseJournal *journal)
{
  return reprise_journal_get (journal, KEY_BLOB);
}

gboolean
reprise_api_journal_is_restore (RepriseJournal *journal)
{
  return g_strcmp0 (reprise_journal_get (journal, KEY_WHAT), RESTORE) == 0;
}

/* Before an error of which nobody knows what became of it: what Azure had answered, if anything. */
void
reprise_api_journal_add_reason (RepriseJournal *journal, GError **error)
{
  const char *reason = reprise_journal_get (journal, KEY_REASON);

  if (reason != NULL)
    reprise_error_prefix (error, "%s ", reason);
}

/* Whether Azure works on it, as far as is known */
gboolean
reprise_api_journal_is_open (RepriseJournal *journal)
{
  return reprise_journal_is_open (journal, STEP);
}

static RepriseHttpOperation *
ask (const RepriseApiOperation *self, gboolean *no_answer, GError **error)
{
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  RepriseHttpOperation *operation =
    self->restores ? reprise_api_restore (self->api, &self->place->storage, self->blob_name,
                                          &outcome, self->cancellable, error)
                   : reprise_api_back_up (self->api, &self->place->storage, self->blob_name,
                                          &outcome, self->cancellable, error);

  *no_answer = operation == NULL && outcome == REPRISE_HTTP_NO_ANSWER;
  return operation;
}

static gboolean
write_down (const RepriseApiOperation *self, GError **error)
{
  g_autofree char *name = reprise_arm_id_get (reprise_api_get_id (self->api), "service");
  /* Translators: a step of a job that was cut off: the name of a service */
  g_autofree char *text =
    g_strdup_printf (self->restores ? _ ("Azure restores “%s”") : _ ("Azure backs up “%s”"), name);

  return reprise_journal_set (self->journal, KEY_TARGET, reprise_api_get_id (self->api), error) &&
         reprise_journal_set (self->journal, KEY_BLOB, self->blob_name, error) &&
         reprise_journal_set (self->journal, KEY_WHAT, self->restores ? RESTORE : "backup",
                              error) &&
         reprise_journal_begin (self->journal, STEP, text, error);
}

/* --- to its end --- */

static gboolean
has_blob (const RepriseApiOperation *self)
{
  g_autoptr (RepriseBlobItem) item =
    self->restores
      ? NULL
      : reprise_blob_look (self->place->blob, self->blob_name, self->cancellable, NULL);

  return item != NULL;
}

typedef enum
{
  LOOK_FAILED,
  LOOK_AT_WORK,
  LOOK_HIDDEN, /* it may not be looked at */
  LOOK_IDLE,
} Look;

/* What the service itself says; where it may not be read, a backup tells by being there. */
static Look
look (const RepriseApiOperation *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseApiState) state = reprise_api_get_state (self->api, self->cancellable, &local);

  if (state != NULL && g_ascii_strcasecmp (state->state, "Failed") == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("Azure says that the service “%s” has failed. Look at it in Azure."),
                         state->name);
      return LOOK_FAILED;
    }
  if (state != NULL)
    return reprise_api_state_is_ready (state) ? LOOK_IDLE : LOOK_AT_WORK;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) && !self->restores)
    return LOOK_HIDDEN;
  g_propagate_error (error, g_steal_pointer (&local));
  return LOOK_FAILED;
}

/* Of a restore nothing is left to be seen afterwards but the service, as it was, or as it was in the backup. */
static void
set_unknown (const RepriseApiOperation *self, gboolean accepted, GError **error)
{
  g_autofree char *name = reprise_arm_id_get (reprise_api_get_id (self->api), "service");

  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     /* Translators: the name of a service */
                     accepted
                       ? _ ("It is not known whether Azure restored “%s”: it accepted the restore, "
                            "but lets nobody follow it, and was not seen at work. Look at the "
                            "service before you restore it again.")
                       : _ ("It is not known whether Azure restored “%s”: no answer came that "
                            "tells, and it was not seen at work. Look at the service before you "
                            "restore it again."),
                     name);
  reprise_api_journal_add_reason (self->journal, error);
}

/* An end counts only where a beginning was seen, or its result is there. */
static gboolean
has_ended (const RepriseApiOperation *self, gboolean seen_at_work)
{
  return has_blob (self) || seen_at_work;
}

/* @open: (out): whether it may still run */
static gboolean
follow_by_service (const RepriseApiOperation *self,
                   gboolean accepted,
                   gboolean *open,
                   GError **error)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  gboolean at_work = reprise_journal_get (self->journal, KEY_SEEN) != NULL;
  guint n_idle = 0;

  *open = TRUE;
  while (TRUE)
    {
      Look found = look (self, error);

      if (found == LOOK_FAILED)
        return FALSE;
      if (found == LOOK_AT_WORK && !at_work &&
          !reprise_journal_set (self->journal, KEY_SEEN, "true", error))
        return FALSE;
      at_work = at_work || found == LOOK_AT_WORK;
      reprise_progress_touch (self->progress);
      if ((found == LOOK_IDLE && has_ended (self, at_work)) ||
          (found == LOOK_HIDDEN && has_blob (self)))
        break;
      if (found == LOOK_IDLE && ++n_idle >= N_IDLE_LOOKS)
        {
          *open = FALSE;
          if (self->restores)
            set_unknown (self, accepted, error);
          return !self->restores; /* whether there is a backup is looked at next */
        }
      if (g_get_monotonic_time () > end_us)
        {
          reprise_error_set_literal (
            error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
            _ ("Azure has been at work for hours, and does not let this account "
               "see how far it is."));
          return FALSE;
        }
      if (!reprise_wait (reprise_api_get_poll_ms (self->api), self->cancellable, error))
        return FALSE;
    }
  *open = FALSE;
  return TRUE;
}

static void
set_failed (const RepriseApiOperation *self, const GError *reason, GError **error)
{
  g_autofree char *name = reprise_arm_id_get (reprise_api_get_id (self->api), "service");

  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     /* Translators: the name of a service, and a whole sentence */
                     self->restores ? _ ("Azure did not restore “%s”. %s")
                                    : _ ("Azure did not back up “%s”. %s"),
                     name, reprise_error_get_saying (reason));
}

/* @open: (out): whether it may still run, so that a later process is to follow it */
static gboolean
follow_operation (const RepriseApiOperation *self,
                  RepriseHttpOperation *operation,
                  gboolean *seen,
                  gboolean *open,
                  GError **error)
{
  g_autoptr (GError) reason = NULL;

  *open = FALSE;
  reprise_http_operation_set_interval (operation, reprise_api_get_poll_ms (self->api));
  *seen = reprise_http_operation_wait (operation, self->progress, self->cancellable, &reason);
  if (*seen)
    return TRUE;
  switch (reprise_http_operation_get_state (operation))
    {
    case REPRISE_HTTP_OPERATION_FAILED:
      set_failed (self, reason, error);
      return FALSE;
    case REPRISE_HTTP_OPERATION_LOST_SIGHT:
      reprise_progress_log (self->progress, "the operation may not be followed: %s",
                            reason != NULL ? reason->message : "");
      return follow_by_service (self, TRUE, open, error);
    case REPRISE_HTTP_OPERATION_RUNNING:
    case REPRISE_HTTP_OPERATION_DONE:
    case REPRISE_HTTP_OPERATION_STOPPED:
    default:
      *open = TRUE;
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
}

/* @operation (nullable): %NULL where no answer came, or none was written down */
static gboolean
follow (const RepriseApiOperation *self,
        RepriseHttpOperation *operation,
        gboolean *seen,
        GError **error)
{
  gboolean open = FALSE;
  gboolean ended;

  reprise_progress_set_stop_text (
    self->progress,
    self->restores
      ? _ ("Azure goes on with the restore; it cannot be stopped. The next job of this "
           "service follows it.")
      : _ ("Azure goes on making the backup, and keeps it. The next job of this "
           "service follows it."));
  if (operation != NULL)
    ended = follow_operation (self, operation, seen, &open, error);
  else
    {
      *seen = FALSE;
      ended = follow_by_service (self, FALSE, &open, error);
    }
  reprise_progress_set_stop_text (self->progress, NULL);
  if (!open && !reprise_journal_end (self->journal, STEP, ended ? error : NULL))
    return FALSE;
  return ended;
}

/**
 * reprise_api_operation_run:
 * @seen: (out): whether Azure said that it succeeded. Where it let nobody follow it, it was seen at work and has ended, or
 *   a backup may be there: look at what came of it
 *
 * Asks for it, once, and waits for its end. Where it does not end within this process the step stays open in the journal.
 *
 * Returns: whether it has ended, and not failed; else %REPRISE_ERROR_BUSY, %REPRISE_ERROR_FAILED with what Azure says, or where
 *   nobody knows what became of it, and others
 */
gboolean
reprise_api_operation_run (const RepriseApiOperation *self, gboolean *seen, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseHttpOperation) operation = NULL;
  g_autofree char *state = NULL;
  gboolean no_answer = FALSE;

  if (!write_down (self, error))
    return FALSE;
  operation = ask (self, &no_answer, &local);
  if (operation == NULL && !no_answer)
    {
      reprise_journal_end (self->journal, STEP, NULL);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (operation == NULL && !reprise_journal_set (self->journal, KEY_REASON, local->message, error))
    return FALSE;
  state = operation != NULL ? reprise_http_operation_save (operation) : NULL;
  if (state != NULL && !reprise_journal_set (self->journal, KEY_OPERATION, state, error))
    return FALSE;
  return follow (self, operation, seen, error);
}

/**
 * reprise_api_operation_resume:
 * @self: of its journal
 *
 * Goes on following what an earlier process had asked for.
 *
 * Returns: as reprise_api_operation_run()
 */
gboolean
reprise_api_operation_resume (const RepriseApiOperation *self, gboolean *seen, GError **error)
{
  const char *state = reprise_journal_get (self->journal, KEY_OPERATION);
  g_autoptr (RepriseHttpOperation) operation = NULL;

  if (state != NULL)
    {
      operation =
        reprise_http_operation_new_from_state (reprise_api_get_http (self->api), state, error);
      if (operation == NULL)
        return FALSE;
    }
  return follow (self, operation, seen, error);
}
