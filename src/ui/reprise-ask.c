/* reprise-ask.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-ask.h"
#include "secret/reprise-secrets.h"

/* a response of ours: the answer follows when the window for it has done its work */
#define RESPONSE_SIGN_IN "sign-in"

typedef struct
{
  const char *title;     /* of the first stage */
  const char *otherwise; /* what stays, where the job does not say it itself */
} StopText;

static const StopText STOPS[REPRISE_N_JOB_KINDS] = {
  [REPRISE_JOB_BACK_UP] = { N_ ("Stop Backup?"), N_ ("The unfinished backup is removed. Earlier "
                                                     "backups stay as they are.") },
  [REPRISE_JOB_VERIFY] = { N_ ("Stop Verification?"), N_ ("The backup stays as it is; it does not "
                                                          "count as verified by this run.") },
  [REPRISE_JOB_DOWNLOAD] = { N_ ("Stop Download?"), N_ ("The unfinished download is removed. The "
                                                        "backup on the service stays.") },
  [REPRISE_JOB_UPLOAD] = { N_ ("Stop Upload?"), N_ ("The local file stays as it is.") },
  [REPRISE_JOB_RESTORE] = { N_ ("Stop Restore?"), N_ ("What has been restored so far stays "
                                                      "restored. The safety copy is kept.") },
  [REPRISE_JOB_UNDO] = { N_ ("Stop Undo?"),
                         N_ ("What has been put back so far stays. The safety copy is kept.") },
  [REPRISE_JOB_DELETE] = { N_ ("Stop Deleting?"),
                           N_ ("Backups that are deleted already do not come back.") },
  [REPRISE_JOB_REHEARSE] = { N_ ("Stop Rehearsal?"), N_ ("The scratch place is removed. The "
                                                         "service itself is not touched.") },
  [REPRISE_JOB_COMPACT] = { N_ ("Stop Roll-Up?"),
                            N_ ("Backups that are not rolled up yet stay as they are.") },
  [REPRISE_JOB_IMPORT] = { N_ ("Stop Import?"), N_ ("What was taken into the vault so far is "
                                                    "removed. The file stays as it is.") },
  [REPRISE_JOB_FOLLOW] = { N_ ("Stop Following?"), N_ ("The service goes on with it. The next job "
                                                       "of this service follows it.") },
  [REPRISE_JOB_REPORTS] = { N_ ("Stop Fetching Reports?"),
                            N_ ("What was fetched so far is removed, and fetched the next time.") },
};

static GtkWindow *
window_of (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

static void
stop_response_cb (AdwMessageDialog *dialog, const char *response, RepriseJob *job)
{
  if (g_str_equal (response, "stop"))
    reprise_job_stop (job, REPRISE_STOP_SOFT);
  else if (g_str_equal (response, "stop-now"))
    reprise_job_stop (job, REPRISE_STOP_HARD);
}

/* A job that ends while it is asked about needs no answer any more. */
static void
job_ended_cb (AdwMessageDialog *dialog, GParamSpec *pspec, RepriseJob *job)
{
  if (!reprise_job_is_active (job))
    gtk_window_close (GTK_WINDOW (dialog));
}

static AdwMessageDialog *
create_stop_dialog (GtkWidget *widget, RepriseJob *job)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  const StopText *text = &STOPS[reprise_job_get_kind (job)];
  AdwMessageDialog *dialog;

  reprise_job_get_snapshot (job, &snapshot);
  dialog = ADW_MESSAGE_DIALOG (
    adw_message_dialog_new (window_of (widget), _ (text->title),
                            snapshot.stop_text != NULL ? snapshot.stop_text : _ (text->otherwise)));
  adw_message_dialog_add_responses (dialog, "continue", _ ("_Continue"), "stop", _ ("_Stop"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "stop", ADW_RESPONSE_DESTRUCTIVE);
  return dialog;
}

static AdwMessageDialog *
create_stop_now_dialog (GtkWidget *widget, RepriseJob *job)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
    window_of (widget), _ ("Stop at Once?"),
    _ ("It is already stopping, and waits for a place where it can do so safely. Stopping at "
       "once may leave unfinished data behind.")));

  adw_message_dialog_add_responses (dialog, "continue", _ ("_Wait"), "stop-now",
                                    _ ("_Stop at Once"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "stop-now", ADW_RESPONSE_DESTRUCTIVE);
  return dialog;
}

/**
 * reprise_ask_stop:
 *
 * Asks whether to stop @job, saying what stays; while it is already stopping, whether to stop it at once.
 *
 * Returns: (transfer none): the dialog, presented
 */
AdwMessageDialog *
reprise_ask_stop (GtkWidget *widget, RepriseJob *job)
{
  AdwMessageDialog *dialog = reprise_job_get_state (job) == REPRISE_JOB_STOPPING
                               ? create_stop_now_dialog (widget, job)
                               : create_stop_dialog (widget, job);

  adw_message_dialog_set_default_response (dialog, "continue");
  adw_message_dialog_set_close_response (dialog, "continue");
  g_signal_connect_object (dialog, "response", G_CALLBACK (stop_response_cb), job,
                           G_CONNECT_DEFAULT);
  g_signal_connect_object (job, "notify::active", G_CALLBACK (job_ended_cb), dialog,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

static void
question_response_cb (AdwMessageDialog *dialog, const char *response, RepriseJob *job)
{
  const char *id = g_object_get_data (G_OBJECT (dialog), "question-id");
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));

  if (g_str_equal (response, RESPONSE_SIGN_IN))
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.sign-in-for-job", "s",
                                reprise_job_get_id (job));
  else if (!g_str_equal (response, "close"))
    reprise_job_answer (job, id, response);
}

/* Answered elsewhere, or overtaken by the end of the job. */
static void
question_changed_cb (AdwMessageDialog *dialog, GParamSpec *pspec, RepriseJob *job)
{
  const RepriseQuestion *question = reprise_job_get_question (job);

  if (question == NULL ||
      g_strcmp0 (question->id, g_object_get_data (G_OBJECT (dialog), "question-id")) != 0)
    gtk_window_close (GTK_WINDOW (dialog));
}

/**
 * reprise_ask_question:
 *
 * Shows what @job asks and sends the answer. Closing the dialog puts the answer off: the job goes on waiting, and its row
 * offers to answer. What destroys something is never the default.
 *
 * Returns: (transfer none) (nullable): the dialog, presented; %NULL where nothing is asked
 */
AdwMessageDialog *
reprise_ask_question (GtkWidget *widget, RepriseJob *job)
{
  const RepriseQuestion *question = reprise_job_get_question (job);
  AdwMessageDialog *dialog;

  if (question == NULL)
    return NULL;
  dialog = ADW_MESSAGE_DIALOG (
    adw_message_dialog_new (window_of (widget), question->title, question->body));
  for (guint i = 0; question->responses[i] != NULL; i++)
    {
      adw_message_dialog_add_response (dialog, question->responses[i], question->labels[i]);
      if (g_strcmp0 (question->responses[i], question->destructive) == 0)
        adw_message_dialog_set_response_appearance (dialog, question->responses[i],
                                                    ADW_RESPONSE_DESTRUCTIVE);
    }
  if (g_str_equal (question->id, REPRISE_QUESTION_SIGN_IN))
    {
      adw_message_dialog_add_response (dialog, RESPONSE_SIGN_IN, _ ("Sign _In…"));
      adw_message_dialog_set_response_appearance (dialog, RESPONSE_SIGN_IN, ADW_RESPONSE_SUGGESTED);
    }
  if (question->unattended != NULL && g_strcmp0 (question->unattended, question->destructive) != 0)
    adw_message_dialog_set_default_response (dialog, question->unattended);
  g_object_set_data_full (G_OBJECT (dialog), "question-id", g_strdup (question->id), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (question_response_cb), job,
                           G_CONNECT_DEFAULT);
  g_signal_connect_object (job, "notify::question", G_CALLBACK (question_changed_cb), dialog,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "notify::active", G_CALLBACK (question_changed_cb), dialog,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}
