/* reprise-agent.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-agent"

#include "config.h"

#include <signal.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-thread.h"
#include "job/reprise-agent-bus.h"
#include "job/reprise-background.h"
#include "job/reprise-request.h"
#include "provider/reprise-runner.h"
#include "providers/reprise-providers.h"
#include "reprise-agent-schedule.h"
#include "reprise-agent-status.h"
#include "reprise-agent-surface.h"
#include "reprise-agent.h"
#include "reprise-attention.h"

#define IDLE_SECONDS 30

/* How often it looks whether somebody should look, beside the ends of jobs. */
#define ATTENTION_SECONDS (10 * 60)

struct _RepriseAgent
{
  GApplication parent_instance;

  RepriseContext *context;           /* (owned) */
  RepriseQueue *queue;               /* (owned) */
  RepriseAgentSurface *surface;      /* (owned) */
  RepriseSurroundings *surroundings; /* (owned) (nullable): before “startup” */
  RepriseAgentSchedule *schedule;    /* (owned) (nullable): before “startup” */
  RepriseAttention *attention;       /* (owned) */
  RepriseNotifier *notifier;         /* (owned) (nullable): before it is on the bus */
  GPtrArray
    *asking; /* (owned) (element-type GDBusMethodInvocation): who wants to know what a look began */
  guint attention_timer;
  gboolean stays; /* it does not end itself */
  gboolean held;  /* while there is work or a client, or it stays */
  guint n_ends;   /* how often it was told to end */
};

G_DEFINE_FINAL_TYPE (RepriseAgent, reprise_agent, G_TYPE_APPLICATION)

static void
reprise_agent_dispose (GObject *object)
{
  RepriseAgent *self = REPRISE_AGENT (object);

  g_clear_handle_id (&self->attention_timer, g_source_remove);
  g_clear_pointer (&self->asking, g_ptr_array_unref);
  g_clear_object (&self->attention);
  g_clear_object (&self->notifier);
  g_clear_object (&self->schedule);
  g_clear_object (&self->surroundings);
  g_clear_object (&self->surface);
  g_clear_object (&self->queue);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (reprise_agent_parent_class)->dispose (object);
}

/* --- idle --- */

/* The application ends by itself, a while after nothing holds it. */
static void
update_hold (RepriseAgent *self)
{
  gboolean busy = self->stays || reprise_agent_surface_is_busy (self->surface) ||
                  reprise_attention_is_busy (self->attention) ||
                  (self->notifier != NULL && reprise_notifier_is_busy (self->notifier)) ||
                  (self->schedule != NULL && reprise_agent_schedule_is_busy (self->schedule));

  if (busy == self->held)
    return;
  self->held = busy;
  if (busy)
    g_application_hold (G_APPLICATION (self));
  else
    g_application_release (G_APPLICATION (self));
}

/* In a sandbox nobody wakes it before the next sign-in: where the desktop allows it to be there without a window, it stays. */
static void
update_stay (RepriseAgent *self)
{
  g_autofree char *granted = NULL;

  if (!reprise_sandbox_is_active ())
    return;
  granted = reprise_preferences_dup_string (reprise_context_get_preferences (self->context),
                                            REPRISE_BACKGROUND_PREFERENCE);
  self->stays = g_strcmp0 (granted, "true") == 0;
  update_hold (self);
}

static guint
get_idle_ms (void)
{
  const char *set = g_getenv ("REPRISE_AGENT_IDLE_SECONDS");
  guint64 seconds = IDLE_SECONDS;

  if (set != NULL && !g_ascii_string_to_unsigned (set, 10, 0, G_MAXINT / 1000, &seconds, NULL))
    g_message ("REPRISE_AGENT_IDLE_SECONDS is not a number of seconds");
  return (guint) seconds * 1000;
}

/* --- jobs --- */

/* A request that waits until the configuration was read anew. */
typedef struct
{
  RepriseAgent *agent;               /* (owned) */
  RepriseRequest *request;           /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned) */
} Submission;

static void
submission_free (Submission *submission)
{
  g_application_release (G_APPLICATION (submission->agent));
  g_object_unref (submission->agent);
  reprise_request_free (submission->request);
  g_object_unref (submission->invocation);
  g_free (submission);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Submission, submission_free)

static gboolean
check_ending (RepriseAgent *self, GError **error)
{
  if (self->n_ends == 0)
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                             _ ("The background service is ending, and takes no more jobs."));
  return FALSE;
}

/* (nullable): the job of a request that has come before */
static RepriseJob *
find_known (RepriseAgent *self, const RepriseRequest *request)
{
  RepriseJob *job = request->job_id != NULL
                      ? reprise_job_list_find (REPRISE_JOB_LIST (self->queue), request->job_id)
                      : NULL;

  return job != NULL && g_strcmp0 (reprise_job_get_id (job), request->job_id) == 0 ? job : NULL;
}

/* Takes @submission. */
static void
take (Submission *submission)
{
  g_autoptr (Submission) owned = submission;
  RepriseAgent *self = submission->agent;
  RepriseJob *known = find_known (self, submission->request);
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  if (known != NULL)
    {
      reprise_agent_surface_accept_again (self->surface, submission->invocation, known);
      return;
    }
  if (check_ending (self, &error))
    job = reprise_runner_create_job (self->context, submission->request, NULL, &error);
  if (job != NULL)
    reprise_agent_surface_accept (self->surface, submission->invocation, job);
  else
    g_dbus_method_invocation_return_gerror (submission->invocation, error);
}

/* Whether an agent that is gone had begun it: then it is in the history by now, and is not done twice. */
static void
search_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseAgent *self = source;
  g_autoptr (RepriseRun) run = NULL;
  GError *error = NULL;

  if (!reprise_history_find (reprise_context_get_history (self->context), data, &run, &error))
    g_task_return_error (task, error);
  else if (run != NULL && reprise_run_get_error (run) != NULL)
    g_task_return_new_error (task, REPRISE_ERROR, REPRISE_ERROR_FAILED, "%s",
                             reprise_run_get_error (run));
  else if (run != NULL)
    g_task_return_new_error (task, REPRISE_ERROR, REPRISE_ERROR_EXISTS, "%s",
                             _ ("It is done already; the history has it."));
  else
    g_task_return_boolean (task, TRUE);
}

static void
searched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Submission) submission = data;
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    take (g_steal_pointer (&submission));
  else
    g_dbus_method_invocation_return_gerror (submission->invocation, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Submission) submission = data;
  RepriseAgent *self = submission->agent;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_context_load_finish (self->context, result, &error))
    {
      g_dbus_method_invocation_return_gerror (submission->invocation, error);
      return;
    }
  if (!submission->request->again || submission->request->job_id == NULL)
    {
      take (g_steal_pointer (&submission));
      return;
    }
  task = g_task_new (self, NULL, searched_cb, submission);
  g_task_set_task_data (task, g_strdup (submission->request->job_id), g_free);
  g_steal_pointer (&submission);
  reprise_task_run_in_own_thread (task, search_worker);
}

/* The client may have saved a service a moment ago: services and preferences are read again first. */
static void
submit_cb (RepriseAgentSurface *surface,
           RepriseRequest *request,
           GDBusMethodInvocation *invocation,
           RepriseAgent *self)
{
  Submission *submission = g_new0 (Submission, 1);

  g_application_hold (G_APPLICATION (self));
  submission->agent = g_object_ref (self);
  submission->request = reprise_request_copy (request);
  submission->invocation = g_object_ref (invocation);
  reprise_context_load_async (self->context, NULL, loaded_cb, submission);
}

/* --- ending --- */

/* What a job that was due has come to must be written down before. */
static void
quit_if_done (RepriseAgent *self)
{
  if (self->n_ends > 0 && reprise_job_list_get_n_active (REPRISE_JOB_LIST (self->queue)) == 0 &&
      (self->schedule == NULL || !reprise_agent_schedule_is_busy (self->schedule)))
    g_application_quit (G_APPLICATION (self));
}

static gboolean
quit_cb (gpointer data)
{
  quit_if_done (data);
  return G_SOURCE_REMOVE;
}

static void
busy_cb (RepriseAgent *self)
{
  update_hold (self);
  quit_if_done (self);
}

/* After the end of the job was told. */
static void
ended_cb (RepriseQueue *queue, RepriseJob *job, RepriseAgent *self)
{
  if (self->n_ends == 0)
    reprise_attention_look (self->attention);
  g_idle_add_full (G_PRIORITY_LOW, quit_cb, g_object_ref (self), g_object_unref);
}

/* The first time jobs stop at their next safe point, and are waited for; the second time at once. */
static gboolean
terminate_cb (gpointer data)
{
  RepriseAgent *self = data;

  self->n_ends++;
  if (self->schedule != NULL)
    reprise_agent_schedule_end (self->schedule);
  reprise_queue_stop_all (self->queue, self->n_ends == 1 ? REPRISE_STOP_SOFT : REPRISE_STOP_HARD);
  quit_if_done (self);
  return G_SOURCE_CONTINUE;
}

/* --- schedules, and what is asked about them --- */

static gboolean
attention_cb (gpointer data)
{
  reprise_attention_look (REPRISE_AGENT (data)->attention);
  return G_SOURCE_CONTINUE;
}

/* The first look has read the services: now is known whom to tell about. */
static void
looked_cb (RepriseAgentSchedule *schedule, guint n_started, RepriseAgent *self)
{
  for (guint i = 0; i < self->asking->len; i++)
    reprise_agent_surface_return_due (self->surface, self->asking->pdata[i], n_started);
  g_ptr_array_set_size (self->asking, 0);
  update_stay (self);
  if (self->attention_timer != 0)
    return;
  self->attention_timer = g_timeout_add_seconds (ATTENTION_SECONDS, attention_cb, self);
  reprise_attention_look (self->attention);
}

static void
run_due_cb (RepriseAgentSurface *surface, GDBusMethodInvocation *invocation, RepriseAgent *self)
{
  g_autoptr (GError) error = NULL;

  if (!check_ending (self, &error))
    {
      g_dbus_method_invocation_return_gerror (invocation, error);
      return;
    }
  g_ptr_array_add (self->asking, g_object_ref (invocation));
  reprise_agent_schedule_look (self->schedule);
}

/* A call that waits for what is read. */
typedef struct
{
  RepriseAgent *agent;               /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned) */
  char *service;                     /* (owned) (nullable) */
} Call;

static void
call_free (Call *call)
{
  g_application_release (G_APPLICATION (call->agent));
  g_object_unref (call->agent);
  g_object_unref (call->invocation);
  g_free (call->service);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static Call *
call_new (RepriseAgent *self, GDBusMethodInvocation *invocation, const char *service)
{
  Call *call = g_new0 (Call, 1);

  g_application_hold (G_APPLICATION (self));
  call->agent = g_object_ref (self);
  call->invocation = g_object_ref (invocation);
  call->service = g_strdup (service);
  return call;
}

static void
status_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  g_autoptr (GError) error = NULL;
  GVariant *services = reprise_agent_status_read_finish (result, &error);

  if (services != NULL)
    reprise_agent_surface_return_status (call->agent->surface, call->invocation, services);
  else
    g_dbus_method_invocation_return_gerror (call->invocation, error);
}

static void
get_status_cb (RepriseAgentSurface *surface, GDBusMethodInvocation *invocation, RepriseAgent *self)
{
  reprise_agent_status_read_async (self->context, self->queue, self->schedule, status_cb,
                                   call_new (self, invocation, NULL));
}

/* (transfer full) (nullable): as the schedule of the service would do it */
static RepriseJob *
create_run (RepriseAgent *self, const char *name, GError **error)
{
  RepriseService *service =
    reprise_services_find (reprise_context_get_services (self->context), name, error);
  g_autoptr (RepriseRequest) request =
    service != NULL ? reprise_scheduler_make_request (service, REPRISE_ROUTINE_BACK_UP, error)
                    : NULL;

  if (request == NULL)
    return NULL;
  g_free (request->origin);
  request->origin = g_strdup ("manual");
  return reprise_runner_create_job (self->context, request, NULL, error);
}

static void
run_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  RepriseAgent *self = call->agent;
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  if (reprise_context_load_finish (self->context, result, &error) && check_ending (self, &error))
    job = create_run (self, call->service, &error);
  if (job != NULL)
    reprise_agent_surface_accept_run (self->surface, call->invocation, job);
  else
    g_dbus_method_invocation_return_gerror (call->invocation, error);
}

static void
run_cb (RepriseAgentSurface *surface,
        const char *service,
        GDBusMethodInvocation *invocation,
        RepriseAgent *self)
{
  reprise_context_load_async (self->context, NULL, run_loaded_cb,
                              call_new (self, invocation, service));
}

static void
start_schedule (RepriseAgent *self)
{
  self->surroundings = reprise_surroundings_new ();
  self->schedule = reprise_agent_schedule_new (self->context, self->queue, self->surroundings);
  g_signal_connect_object (self->schedule, "notify::busy", G_CALLBACK (busy_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->schedule, "looked", G_CALLBACK (looked_cb), self, 0);
  reprise_agent_schedule_look (self->schedule);
}

/* --- the application --- */

static void
reprise_agent_startup (GApplication *application)
{
  G_APPLICATION_CLASS (reprise_agent_parent_class)->startup (application);
  /* The time until it ends counts from here: for a start without a call, too. */
  g_application_hold (application);
  g_application_release (application);
  update_hold (REPRISE_AGENT (application));
  start_schedule (REPRISE_AGENT (application));
}

/* Nothing to show: it is started for what comes over the bus. */
static void
reprise_agent_activate (GApplication *application)
{
}

static gboolean
reprise_agent_dbus_register (GApplication *application,
                             GDBusConnection *bus,
                             const char *path,
                             GError **error)
{
  RepriseAgent *self = REPRISE_AGENT (application);

  self->notifier = reprise_notifier_new (bus, reprise_sandbox_is_active ());
  g_signal_connect_object (self->notifier, "notify::busy", G_CALLBACK (busy_cb), self,
                           G_CONNECT_SWAPPED);
  reprise_attention_set_notifier (self->attention, self->notifier);
  return G_APPLICATION_CLASS (reprise_agent_parent_class)
           ->dbus_register (application, bus, path, error) &&
         reprise_agent_surface_export (self->surface, bus, error);
}

static void
reprise_agent_dbus_unregister (GApplication *application, GDBusConnection *bus, const char *path)
{
  RepriseAgent *self = REPRISE_AGENT (application);

  if (self->surface != NULL)
    reprise_agent_surface_unexport (self->surface);
  G_APPLICATION_CLASS (reprise_agent_parent_class)->dbus_unregister (application, bus, path);
}

static void
reprise_agent_class_init (RepriseAgentClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_agent_dispose;
  application_class->startup = reprise_agent_startup;
  application_class->activate = reprise_agent_activate;
  application_class->dbus_register = reprise_agent_dbus_register;
  application_class->dbus_unregister = reprise_agent_dbus_unregister;
}

static void
reprise_agent_init (RepriseAgent *self)
{
  g_autoptr (RepriseRegistry) registry = reprise_providers_new_registry ();

  self->context = reprise_context_new (registry);
  self->queue = reprise_queue_new ();
  self->surface = reprise_agent_surface_new (self->queue);
  self->attention = reprise_attention_new (self->context, self->queue);
  self->asking = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect_object (self->surface, "notify::busy", G_CALLBACK (busy_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->attention, "notify::busy", G_CALLBACK (busy_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->surface, "submit", G_CALLBACK (submit_cb), self, 0);
  g_signal_connect_object (self->surface, "run", G_CALLBACK (run_cb), self, 0);
  g_signal_connect_object (self->surface, "run-due", G_CALLBACK (run_due_cb), self, 0);
  g_signal_connect_object (self->surface, "get-status", G_CALLBACK (get_status_cb), self, 0);
  g_signal_connect_object (self->queue, "ended", G_CALLBACK (ended_cb), self, 0);
}

/* @stay: it does not end itself */
GApplication *
reprise_agent_new (gboolean stay)
{
  static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
  RepriseAgent *self =
    g_object_new (REPRISE_TYPE_AGENT, "application-id", REPRISE_AGENT_BUS_NAME, "flags",
                  G_APPLICATION_IS_SERVICE, "inactivity-timeout", get_idle_ms (), NULL);

  /* Before it has its name: who sees that may tell it to end. */
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_unix_signal_add (signals[i], terminate_cb, self);
  self->stays = stay;
  return G_APPLICATION (self);
}
