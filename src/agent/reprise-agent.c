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
#include "job/reprise-agent-bus.h"
#include "job/reprise-request.h"
#include "provider/reprise-runner.h"
#include "providers/reprise-providers.h"
#include "reprise-agent-surface.h"
#include "reprise-agent.h"

#define IDLE_SECONDS 30

struct _RepriseAgent
{
  GApplication parent_instance;

  RepriseContext *context;      /* (owned) */
  RepriseQueue *queue;          /* (owned) */
  RepriseAgentSurface *surface; /* (owned) */
  gboolean held;                /* while there is work or a client */
  guint n_ends;                 /* how often it was told to end */
};

G_DEFINE_FINAL_TYPE (RepriseAgent, reprise_agent, G_TYPE_APPLICATION)

static void
reprise_agent_dispose (GObject *object)
{
  RepriseAgent *self = REPRISE_AGENT (object);

  g_clear_object (&self->surface);
  g_clear_object (&self->queue);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (reprise_agent_parent_class)->dispose (object);
}

/* --- idle --- */

/* The application ends by itself, a while after nothing holds it. */
static void
busy_cb (RepriseAgentSurface *surface, GParamSpec *pspec, RepriseAgent *self)
{
  gboolean busy = reprise_agent_surface_is_busy (surface);

  if (busy == self->held)
    return;
  self->held = busy;
  if (busy)
    g_application_hold (G_APPLICATION (self));
  else
    g_application_release (G_APPLICATION (self));
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
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                       _ ("The background service is ending, and takes no more jobs."));
  return FALSE;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Submission) submission = data;
  RepriseAgent *self = submission->agent;
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  if (reprise_context_load_finish (self->context, result, &error) && check_ending (self, &error))
    job = reprise_runner_create_job (self->context, submission->request, NULL, &error);
  if (job != NULL)
    reprise_agent_surface_accept (self->surface, submission->invocation, job);
  else
    g_dbus_method_invocation_return_gerror (submission->invocation, error);
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

static void
quit_if_done (RepriseAgent *self)
{
  if (self->n_ends > 0 && reprise_job_list_get_n_active (REPRISE_JOB_LIST (self->queue)) == 0)
    g_application_quit (G_APPLICATION (self));
}

static gboolean
quit_cb (gpointer data)
{
  quit_if_done (data);
  return G_SOURCE_REMOVE;
}

/* After the end of the job was told. */
static void
ended_cb (RepriseQueue *queue, RepriseJob *job, RepriseAgent *self)
{
  g_idle_add_full (G_PRIORITY_LOW, quit_cb, g_object_ref (self), g_object_unref);
}

/* The first time jobs stop at their next safe point, and are waited for; the second time at once. */
static gboolean
terminate_cb (gpointer data)
{
  RepriseAgent *self = data;

  self->n_ends++;
  reprise_queue_stop_all (self->queue, self->n_ends == 1 ? REPRISE_STOP_SOFT : REPRISE_STOP_HARD);
  quit_if_done (self);
  return G_SOURCE_CONTINUE;
}

/* --- the application --- */

static void
reprise_agent_startup (GApplication *application)
{
  static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

  G_APPLICATION_CLASS (reprise_agent_parent_class)->startup (application);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_unix_signal_add (signals[i], terminate_cb, application);
  /* The time until it ends counts from here: for a start without a call, too. */
  g_application_hold (application);
  g_application_release (application);
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
  g_signal_connect_object (self->surface, "notify::busy", G_CALLBACK (busy_cb), self, 0);
  g_signal_connect_object (self->surface, "submit", G_CALLBACK (submit_cb), self, 0);
  g_signal_connect_object (self->queue, "ended", G_CALLBACK (ended_cb), self, 0);
}

GApplication *
reprise_agent_new (void)
{
  return g_object_new (REPRISE_TYPE_AGENT, "application-id", REPRISE_AGENT_BUS_NAME, "flags",
                       G_APPLICATION_IS_SERVICE, "inactivity-timeout", get_idle_ms (), NULL);
}
