/* reprise-local-job.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-thread.h"
#include "base/reprise-ulid.h"
#include "job/reprise-local-job.h"

#define UPDATE_MS 100

struct _RepriseLocalJob
{
  RepriseJob parent_instance;

  RepriseJobFunc func; /* never changes */
  gpointer data;       /* (owned) */
  GDestroyNotify free_data;
  char *id;
  RepriseJobKind kind;
  char *service_uuid; /* (nullable) */
  char *service_name;
  RepriseProgress *progress; /* (owned) */
  GCancellable *cancellable; /* (owned) */
  RepriseJobState state;
  gboolean stop_asked;
  gint64 created_us, started_us, finished_us;
  RepriseOutcome *outcome; /* (owned) (nullable) */
  GError *error;           /* (owned) (nullable) */
  GPtrArray *log;          /* (owned) (element-type utf8) */
  gboolean log_grown;      /* since the last update */
  guint timer;
};

G_DEFINE_FINAL_TYPE (RepriseLocalJob, reprise_local_job, REPRISE_TYPE_JOB)

static guint finished_signal;

static void
reprise_local_job_dispose (GObject *object)
{
  g_clear_handle_id (&REPRISE_LOCAL_JOB (object)->timer, g_source_remove);
  G_OBJECT_CLASS (reprise_local_job_parent_class)->dispose (object);
}

static void
reprise_local_job_finalize (GObject *object)
{
  RepriseLocalJob *self = REPRISE_LOCAL_JOB (object);

  if (self->free_data != NULL)
    self->free_data (self->data);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->service_uuid, g_free);
  g_clear_pointer (&self->service_name, g_free);
  g_clear_object (&self->progress);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->outcome, reprise_outcome_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->log, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_local_job_parent_class)->finalize (object);
}

static void
insert_text (GVariantDict *dict, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert (dict, key, "s", value);
}

static GVariant *
outcome_to_variant (const RepriseOutcome *outcome)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  insert_text (&dict, "summary", outcome->summary);
  insert_text (&dict, "said", outcome->said);
  insert_text (&dict, "backup-id", outcome->backup_id);
  insert_text (&dict, "safety-id", outcome->safety_id);
  g_variant_dict_insert (&dict, "written", "x", outcome->written);
  g_variant_dict_insert (&dict, "failed", "x", outcome->failed);
  g_variant_dict_insert (&dict, "skipped", "x", outcome->skipped);
  return g_variant_dict_end (&dict);
}

static GVariant *
phases_to_variant (RepriseLocalJob *self)
{
  ReprisePhaseShare plan[REPRISE_N_PHASES];
  ReprisePhaseState states[REPRISE_N_PHASES];
  guint n = reprise_progress_get_plan (self->progress, plan, states, REPRISE_N_PHASES);
  gboolean ended_well = self->state == REPRISE_JOB_DONE || self->state == REPRISE_JOB_WARNINGS;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(suu)"));
  for (guint i = 0; i < n; i++)
    g_variant_builder_add (&builder, "(suu)", reprise_phase_to_string (plan[i].phase),
                           plan[i].share,
                           ended_well ? (guint) REPRISE_PHASE_STATE_DONE : (guint) states[i]);
  return g_variant_builder_end (&builder);
}

static void
insert_snapshot (GVariantDict *dict, const RepriseProgressSnapshot *snapshot)
{
  insert_text (dict, "phase", reprise_phase_to_string (snapshot->phase));
  g_variant_dict_insert (dict, "fraction", "d", snapshot->fraction);
  g_variant_dict_insert (dict, "bytes-done", "x", snapshot->bytes_done);
  g_variant_dict_insert (dict, "bytes-total", "x", snapshot->bytes_total);
  g_variant_dict_insert (dict, "items-done", "x", snapshot->items_done);
  g_variant_dict_insert (dict, "items-total", "x", snapshot->items_total);
  g_variant_dict_insert (dict, "bytes-per-second", "x", snapshot->bytes_per_second);
  g_variant_dict_insert (dict, "seconds-left", "x", snapshot->seconds_left);
  g_variant_dict_insert (dict, "idle-seconds", "x", snapshot->idle_seconds);
  insert_text (dict, "message", snapshot->message);
  insert_text (dict, "stop-text", snapshot->stop_text);
}

static GVariant *
to_variant (RepriseLocalJob *self)
{
  g_autofree char *title = reprise_job_text_title (self->kind, self->service_name);
  g_autoptr (RepriseQuestion) question = reprise_progress_dup_question (self->progress);
  g_auto (GStrv) warnings = reprise_progress_dup_warnings (self->progress);
  g_auto (GStrv) said_warnings = reprise_progress_dup_said_warnings (self->progress);
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  RepriseJobState state = self->state;
  GVariantDict dict;

  reprise_progress_get_snapshot (self->progress, &snapshot);
  if (state == REPRISE_JOB_DONE || state == REPRISE_JOB_WARNINGS)
    snapshot.fraction = 1;
  if (state == REPRISE_JOB_RUNNING && question != NULL)
    state = REPRISE_JOB_ASKING;
  g_variant_dict_init (&dict, NULL);
  insert_text (&dict, "id", self->id);
  insert_text (&dict, "kind", reprise_job_kind_to_string (self->kind));
  insert_text (&dict, "service-uuid", self->service_uuid);
  insert_text (&dict, "service-name", self->service_name);
  insert_text (&dict, "title", title);
  insert_text (&dict, "state", reprise_job_state_to_string (state));
  insert_snapshot (&dict, &snapshot);
  g_variant_dict_insert (&dict, "created-at", "x", self->created_us);
  g_variant_dict_insert (&dict, "started-at", "x", self->started_us);
  g_variant_dict_insert (&dict, "finished-at", "x", self->finished_us);
  insert_text (&dict, "error", self->error != NULL ? self->error->message : NULL);
  insert_text (&dict, "error-said",
               self->error != NULL ? reprise_error_get_saying (self->error) : NULL);
  insert_text (&dict, "error-code", reprise_error_get_name (self->error));
  insert_text (&dict, "language", reprise_saying_get_language ());
  g_variant_dict_insert (&dict, "exit", "i",
                         state == REPRISE_JOB_WARNINGS
                           ? (int) REPRISE_EXIT_WARNINGS
                           : (int) reprise_error_get_exit (self->error));
  if (self->outcome != NULL)
    g_variant_dict_insert_value (&dict, "outcome", outcome_to_variant (self->outcome));
  g_variant_dict_insert (&dict, "warnings", "^as", warnings);
  g_variant_dict_insert (&dict, "warnings-said", "^as", said_warnings);
  if (self->log_grown || state >= REPRISE_JOB_DONE)
    g_variant_dict_insert_value (
      &dict, "log", g_variant_new_strv ((const char *const *) self->log->pdata, self->log->len));
  self->log_grown = FALSE;
  if (question != NULL && state == REPRISE_JOB_ASKING)
    g_variant_dict_insert_value (&dict, "question", reprise_question_to_variant (question));
  g_variant_dict_insert_value (&dict, "phases", phases_to_variant (self));
  return g_variant_dict_end (&dict);
}

static void
take_log (RepriseLocalJob *self)
{
  g_auto (GStrv) lines = reprise_progress_take_log (self->progress);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_ptr_array_add (self->log, g_strdup (lines[i]));
      self->log_grown = TRUE;
    }
}

static gboolean
update_cb (gpointer data)
{
  RepriseLocalJob *self = data;

  take_log (self);
  reprise_job_update (REPRISE_JOB (self), to_variant (self));
  return G_SOURCE_CONTINUE;
}

static RepriseJobState
end_state (RepriseLocalJob *self)
{
  g_auto (GStrv) warnings = NULL;

  if (reprise_error_is_stop (self->error))
    return REPRISE_JOB_STOPPED;
  if (self->error != NULL)
    return REPRISE_JOB_FAILED;
  warnings = reprise_progress_dup_warnings (self->progress);
  return warnings[0] != NULL || (self->outcome != NULL && self->outcome->failed > 0)
           ? REPRISE_JOB_WARNINGS
           : REPRISE_JOB_DONE;
}

static void
end (RepriseLocalJob *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->finished_us = g_get_real_time ();
  self->state = end_state (self);
  take_log (self);
  reprise_job_update (REPRISE_JOB (self), to_variant (self));
  g_signal_emit (self, finished_signal, 0);
}

static void
worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  RepriseLocalJob *self = source;
  g_autoptr (GError) error = NULL;
  RepriseOutcome *outcome = self->func (self->data, self->progress, cancellable, &error);

  if (outcome != NULL)
    {
      g_task_return_pointer (task, outcome, (GDestroyNotify) reprise_outcome_free);
      return;
    }
  g_task_return_error (task, reprise_error_new_sentence (error));
}

static void
worked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  RepriseLocalJob *self = REPRISE_LOCAL_JOB (source);

  self->outcome = g_task_propagate_pointer (G_TASK (result), &self->error);
  end (self);
}

static void
reprise_local_job_start (RepriseJob *job)
{
  RepriseLocalJob *self = REPRISE_LOCAL_JOB (job);
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (self->state == REPRISE_JOB_QUEUED);

  self->state = REPRISE_JOB_RUNNING;
  self->started_us = g_get_real_time ();
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_CONNECTING);
  task = g_task_new (self, self->cancellable, worked_cb, NULL);
  g_task_set_source_tag (task, reprise_local_job_start);
  /* What was done before Stop counts: the worker alone says how it ended. */
  g_task_set_check_cancellable (task, FALSE);
  self->timer = g_timeout_add (UPDATE_MS, update_cb, self);
  reprise_job_update (job, to_variant (self));
  reprise_task_run_in_own_thread (task, worker);
}

static void
reprise_local_job_stop (RepriseJob *job, RepriseStop how)
{
  RepriseLocalJob *self = REPRISE_LOCAL_JOB (job);

  if (self->state == REPRISE_JOB_QUEUED)
    {
      reprise_error_set_literal (&self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                 "Stopped before it began");
      end (self);
      return;
    }
  self->state = REPRISE_JOB_STOPPING;
  if (reprise_progress_request_stop (self->progress) || how == REPRISE_STOP_HARD)
    g_cancellable_cancel (self->cancellable);
  reprise_job_update (job, to_variant (self));
}

static void
reprise_local_job_answer (RepriseJob *job, const char *question_id, const char *response)
{
  RepriseLocalJob *self = REPRISE_LOCAL_JOB (job);

  if (reprise_progress_answer (self->progress, question_id, response))
    reprise_job_update (job, to_variant (self));
}

static void
reprise_local_job_class_init (RepriseLocalJobClass *klass)
{
  RepriseJobClass *job_class = REPRISE_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_local_job_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_local_job_finalize;
  job_class->start = reprise_local_job_start;
  job_class->stop = reprise_local_job_stop;
  job_class->answer = reprise_local_job_answer;
  finished_signal = g_signal_new ("finished", REPRISE_TYPE_LOCAL_JOB, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
reprise_local_job_init (RepriseLocalJob *self)
{
  self->id = reprise_ulid_new ();
  self->progress = reprise_progress_new ();
  self->cancellable = g_cancellable_new ();
  self->log = g_ptr_array_new_with_free_func (g_free);
  self->created_us = g_get_real_time ();
}

/**
 * reprise_local_job_new:
 * @service_uuid: (nullable): the service that it works for
 * @data: (transfer full): for @func
 *
 * A job that waits to be started, by reprise_queue_submit() or reprise_job_start().
 */
RepriseJob *
reprise_local_job_new (RepriseJobKind kind,
                       const char *service_uuid,
                       const char *service_name,
                       RepriseJobFunc func,
                       gpointer data,
                       GDestroyNotify free_data)
{
  RepriseLocalJob *self = g_object_new (REPRISE_TYPE_LOCAL_JOB, NULL);

  self->kind = kind;
  self->service_uuid = g_strdup (service_uuid);
  self->service_name = g_strdup (service_name);
  self->func = func;
  self->data = data;
  self->free_data = free_data;
  reprise_job_update (REPRISE_JOB (self), to_variant (self));
  return REPRISE_JOB (self);
}

/* @id: (nullable): another than its own, before anybody has seen it */
void
reprise_local_job_set_id (RepriseLocalJob *self, const char *id)
{
  if (id == NULL)
    return;
  g_free (self->id);
  self->id = g_strdup (id);
  reprise_job_update (REPRISE_JOB (self), to_variant (self));
}

/* (nullable): why it failed, with domain and code */
const GError *
reprise_local_job_get_error (RepriseLocalJob *self)
{
  return self->error;
}
