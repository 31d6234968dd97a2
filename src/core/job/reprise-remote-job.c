/* reprise-remote-job.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-remote-job"

#include "config.h"

#include "base/reprise-error.h"
#include "job/reprise-agent-bus.h"
#include "job/reprise-remote-job.h"

struct _RepriseRemoteJob
{
  RepriseJob parent_instance;

  GDBusConnection *bus; /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseRemoteJob, reprise_remote_job, REPRISE_TYPE_JOB)

static void
reprise_remote_job_finalize (GObject *object)
{
  g_clear_object (&REPRISE_REMOTE_JOB (object)->bus);
  G_OBJECT_CLASS (reprise_remote_job_parent_class)->finalize (object);
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* The job ended meanwhile, or the agent did: its state tells. */
  if (reply == NULL)
    g_debug ("The agent did not take a call: %s", error->message);
}

static void
call (RepriseRemoteJob *self, const char *method, GVariant *parameters)
{
  g_dbus_connection_call (self->bus, REPRISE_AGENT_BUS_NAME, REPRISE_AGENT_OBJECT_PATH,
                          REPRISE_AGENT_BUS_NAME, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, called_cb, NULL);
}

static void
reprise_remote_job_stop (RepriseJob *job, RepriseStop how)
{
  call (REPRISE_REMOTE_JOB (job), "Stop",
        g_variant_new ("(sb)", reprise_job_get_id (job), how == REPRISE_STOP_HARD));
}

static void
reprise_remote_job_answer (RepriseJob *job, const char *question_id, const char *response)
{
  call (REPRISE_REMOTE_JOB (job), "Answer",
        g_variant_new ("(sss)", reprise_job_get_id (job), question_id, response));
}

static void
reprise_remote_job_class_init (RepriseRemoteJobClass *klass)
{
  RepriseJobClass *job_class = REPRISE_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = reprise_remote_job_finalize;
  job_class->stop = reprise_remote_job_stop;
  job_class->answer = reprise_remote_job_answer;
}

static void
reprise_remote_job_init (RepriseRemoteJob *self)
{
}

/* @state: as ListJobs and the signals of the agent give it */
RepriseJob *
reprise_remote_job_new (GDBusConnection *bus, GVariant *state)
{
  RepriseRemoteJob *self = g_object_new (REPRISE_TYPE_REMOTE_JOB, NULL);

  self->bus = g_object_ref (bus);
  reprise_job_update (REPRISE_JOB (self), state);
  return REPRISE_JOB (self);
}

/* The agent is gone: what ran in it will not end any other way. */
void
reprise_remote_job_interrupt (RepriseRemoteJob *self)
{
  RepriseJob *job = REPRISE_JOB (self);
  GVariantDict dict;

  if (!reprise_job_is_active (job))
    return;
  g_variant_dict_init (&dict, reprise_job_to_variant (job));
  g_variant_dict_remove (&dict, "question");
  g_variant_dict_insert (&dict, "state", "s", reprise_job_state_to_string (REPRISE_JOB_FAILED));
  g_variant_dict_insert (&dict, "error", "s",
                         reprise_job_text_interrupted (reprise_job_get_kind (job)));
  g_variant_dict_insert (&dict, "exit", "i", (int) REPRISE_EXIT_FAILED);
  g_variant_dict_insert (&dict, "finished-at", "x", g_get_real_time ());
  reprise_job_update (job, g_variant_dict_end (&dict));
}
