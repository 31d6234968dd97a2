/* reprise-agent-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-agent-client"

#include "config.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-program.h"
#include "base/reprise-ulid.h"
#include "job/reprise-agent-bus.h"
#include "job/reprise-agent-client.h"
#include "job/reprise-agent-interface.h"
#include "job/reprise-remote-job.h"

#define SPAWN_TIMEOUT_SECONDS 15

struct _RepriseAgentClient
{
  RepriseJobList parent_instance;

  RepriseBusAgent *proxy; /* (owned) */
  char *owner;            /* (owned) (nullable): the agent that the list was read from */
};

G_DEFINE_FINAL_TYPE (RepriseAgentClient, reprise_agent_client, REPRISE_TYPE_JOB_LIST)

typedef enum
{
  PROP_CONNECTED = 1,
} RepriseAgentClientProperty;

static GParamSpec *properties[PROP_CONNECTED + 1];

static void
reprise_agent_client_dispose (GObject *object)
{
  g_clear_object (&REPRISE_AGENT_CLIENT (object)->proxy);
  G_OBJECT_CLASS (reprise_agent_client_parent_class)->dispose (object);
}

static void
reprise_agent_client_finalize (GObject *object)
{
  RepriseAgentClient *self = REPRISE_AGENT_CLIENT (object);

  g_clear_pointer (&self->owner, g_free);
  G_OBJECT_CLASS (reprise_agent_client_parent_class)->finalize (object);
}

static void
reprise_agent_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseAgentClient *self = REPRISE_AGENT_CLIENT (object);

  switch ((RepriseAgentClientProperty) id)
    {
    case PROP_CONNECTED:
      g_value_set_boolean (value, reprise_agent_client_get_connected (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_agent_client_class_init (RepriseAgentClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = reprise_agent_client_dispose;
  object_class->finalize = reprise_agent_client_finalize;
  object_class->get_property = reprise_agent_client_get_property;
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
reprise_agent_client_init (RepriseAgentClient *self)
{
}

/* --- the list --- */

static gboolean
find_index (RepriseAgentClient *self, const char *id, guint *index)
{
  GPtrArray *jobs = reprise_list_get_items (self);

  for (guint i = 0; i < jobs->len; i++)
    if (g_strcmp0 (reprise_job_get_id (jobs->pdata[i]), id) == 0)
      {
        *index = i;
        return TRUE;
      }
  return FALSE;
}

/* A job's id is a ULID: in the order of the ids they are in the order of their making. */
static guint
find_place (RepriseAgentClient *self, const char *id)
{
  GPtrArray *jobs = reprise_list_get_items (self);
  guint place = 0;

  while (place < jobs->len && g_strcmp0 (reprise_job_get_id (jobs->pdata[place]), id) > 0)
    place++;
  return place;
}

static void
put (RepriseAgentClient *self, GVariant *state)
{
  const char *id = NULL;
  g_autoptr (RepriseJob) job = NULL;
  guint index;

  if (!g_variant_lookup (state, "id", "&s", &id))
    return;
  if (find_index (self, id, &index))
    {
      job = g_object_ref (reprise_list_get_items (self)->pdata[index]);
      if (reprise_job_is_active (job))
        reprise_job_update (job, state);
      return;
    }
  job = reprise_remote_job_new (g_dbus_proxy_get_connection (G_DBUS_PROXY (self->proxy)), state);
  reprise_job_list_add (REPRISE_JOB_LIST (self), find_place (self, id), job);
}

static gboolean
list_has (GVariant *list, const char *id)
{
  for (gsize i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) state = g_variant_get_child_value (list, i);
      const char *listed = NULL;

      if (g_variant_lookup (state, "id", "&s", &listed) && g_strcmp0 (listed, id) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Jobs that ran in an agent that is gone have ended, but for those in @list (nullable). */
static void
interrupt_all (RepriseAgentClient *self, GVariant *list)
{
  g_autoptr (GPtrArray) jobs = reprise_list_copy_items (self);

  for (guint i = 0; i < jobs->len; i++)
    if (!list_has (list, reprise_job_get_id (jobs->pdata[i])))
      reprise_remote_job_interrupt (jobs->pdata[i]);
}

static void
take_list (RepriseAgentClient *self, GVariant *list)
{
  interrupt_all (self, list);
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) state = g_variant_get_child_value (list, i);

      put (self, state);
    }
}

/* --- what the agent tells --- */

static void
job_cb (RepriseBusAgent *proxy, GVariant *state, RepriseAgentClient *self)
{
  put (self, state);
}

static void
job_removed_cb (RepriseBusAgent *proxy, const char *id, RepriseAgentClient *self)
{
  guint index;

  if (!find_index (self, id, &index))
    return;
  reprise_list_remove (self, index);
}

/* Reads the list anew from an agent that has just come. The task, if there is one, waits for it. */
static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  RepriseAgentClient *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = NULL;

  if (reprise_bus_agent_call_list_jobs_finish (REPRISE_BUS_AGENT (source), &list, result, &error))
    take_list (self, list);
  else
    g_debug ("The jobs of the agent could not be listed: %s", error->message);
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
read_list (RepriseAgentClient *self, GTask *task)
{
  g_free (self->owner);
  self->owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->proxy));
  if (self->owner != NULL)
    reprise_bus_agent_call_list_jobs (self->proxy, g_task_get_cancellable (task), listed_cb,
                                      g_object_ref (task));
  else
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
owner_cb (GDBusProxy *proxy, GParamSpec *pspec, RepriseAgentClient *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (proxy);
  g_autoptr (GTask) task = NULL;

  if (g_strcmp0 (owner, self->owner) == 0)
    return;
  if (self->owner != NULL)
    interrupt_all (self, NULL);
  task = g_task_new (self, NULL, NULL, NULL);
  read_list (self, task);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
}

/* --- new --- */

static void
proxy_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  RepriseAgentClient *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->proxy = reprise_bus_agent_proxy_new_for_bus_finish (result, &error);
  if (self->proxy == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_signal_connect_object (self->proxy, "job-added", G_CALLBACK (job_cb), self, 0);
  g_signal_connect_object (self->proxy, "job-changed", G_CALLBACK (job_cb), self, 0);
  g_signal_connect_object (self->proxy, "job-removed", G_CALLBACK (job_removed_cb), self, 0);
  g_signal_connect_object (self->proxy, "notify::g-name-owner", G_CALLBACK (owner_cb), self, 0);
  read_list (self, task);
}

/* Connects to the session bus and, where the agent runs, reads its jobs. Does not start it. */
void
reprise_agent_client_new_async (GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (RepriseAgentClient) self = g_object_new (REPRISE_TYPE_AGENT_CLIENT, NULL);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, reprise_agent_client_new_async);
  reprise_agent_bus_register_errors ();
  reprise_bus_agent_proxy_new_for_bus (G_BUS_TYPE_SESSION,
                                       G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                                         G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START_AT_CONSTRUCTION,
                                       REPRISE_AGENT_BUS_NAME, REPRISE_AGENT_OBJECT_PATH,
                                       cancellable, proxy_cb, g_steal_pointer (&task));
}

/**
 * reprise_agent_client_new_finish:
 *
 * Returns: (transfer full): the client, or %NULL with the error of a session bus that is not there
 */
RepriseAgentClient *
reprise_agent_client_new_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
reprise_agent_client_get_connected (RepriseAgentClient *self)
{
  return self->owner != NULL;
}

/* --- submit --- */

typedef struct
{
  RepriseRequest *request; /* (owned) */
  char *id;                /* (owned) (nullable): of the job, once it was taken */
  gboolean spawned;        /* the agent was started by us, after the bus could not */
  gulong owner_handler;
  guint timer;
} Submission;

static void
submission_free (gpointer data)
{
  Submission *submission = data;

  g_clear_pointer (&submission->request, reprise_request_free);
  g_free (submission->id);
  g_free (submission);
}

static void submit (GTask *task);

/* Stops waiting for the agent that we started. */
static void
stop_waiting (GTask *task)
{
  RepriseAgentClient *self = g_task_get_source_object (task);
  Submission *submission = g_task_get_task_data (task);

  g_clear_handle_id (&submission->timer, g_source_remove);
  g_clear_signal_handler (&submission->owner_handler, self->proxy);
}

static void
agent_came_cb (GDBusProxy *proxy, GParamSpec *pspec, gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  g_autofree char *owner = g_dbus_proxy_get_name_owner (proxy);

  if (owner == NULL)
    return;
  stop_waiting (task);
  submit (task);
}

static gboolean
agent_late_cb (gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  Submission *submission = g_task_get_task_data (task);

  submission->timer = 0;
  stop_waiting (task);
  g_task_return_new_error (task, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                           _ ("The background service was started, but does not answer."));
  return G_SOURCE_REMOVE;
}

/* In the child: a session of its own, so that neither the terminal nor our end reaches it. */
static void
leave_session (gpointer data)
{
  setsid ();
}

/* The bus knows no service file (a run that is not installed): starts the agent and waits for it. */
static void
spawn_agent (GTask *task)
{
  RepriseAgentClient *self = g_task_get_source_object (task);
  Submission *submission = g_task_get_task_data (task);
  g_autofree char *path = reprise_program_find ("reprise-agent");
  const char *const argv[] = { path, NULL };
  g_autoptr (GError) error = NULL;

  submission->spawned = TRUE;
  if (!g_spawn_async (NULL, (char **) argv, NULL,
                      G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, leave_session, NULL,
                      NULL, &error))
    {
      g_task_return_new_error (task, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                               _ ("The background service could not be started (%s)."),
                               error->message);
      return;
    }
  submission->owner_handler = g_signal_connect_data (
    self->proxy, "notify::g-name-owner", G_CALLBACK (agent_came_cb), g_object_ref (task),
    (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  submission->timer = g_timeout_add_seconds (SPAWN_TIMEOUT_SECONDS, agent_late_cb, task);
}

static void
relisted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  RepriseAgentClient *self = g_task_get_source_object (task);
  Submission *submission = g_task_get_task_data (task);
  g_autoptr (GVariant) list = NULL;
  GError *error = NULL;
  RepriseJob *job;

  if (!reprise_bus_agent_call_list_jobs_finish (REPRISE_BUS_AGENT (source), &list, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  take_list (self, list);
  job = reprise_job_list_find (REPRISE_JOB_LIST (self), submission->id);
  if (job != NULL)
    g_task_return_pointer (task, g_object_ref (job), g_object_unref);
  else
    g_task_return_new_error (task, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                             _ ("The background service took the job, but does not list it."));
}

/* An agent that ends just then, because nothing was to do, takes what reached it with it. The request has an id: what was begun is not
 * begun twice. */
static gboolean
is_lost (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  RepriseAgentClient *self = g_task_get_source_object (task);
  Submission *submission = g_task_get_task_data (task);
  GError *error = NULL;
  RepriseJob *job;

  if (!reprise_bus_agent_call_submit_finish (REPRISE_BUS_AGENT (source), &submission->id, result,
                                             &error))
    {
      if (!submission->spawned &&
          g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
        {
          g_error_free (error);
          spawn_agent (task);
          return;
        }
      if (!submission->request->again && is_lost (error))
        {
          g_error_free (error);
          submission->request->again = TRUE;
          submit (task);
          return;
        }
      g_dbus_error_strip_remote_error (error);
      g_task_return_error (task, error);
      return;
    }
  job = reprise_job_list_find (REPRISE_JOB_LIST (self), submission->id);
  if (job != NULL)
    g_task_return_pointer (task, g_object_ref (job), g_object_unref);
  else
    reprise_bus_agent_call_list_jobs (self->proxy, g_task_get_cancellable (task), relisted_cb,
                                      g_object_ref (task));
}

static void
submit (GTask *task)
{
  RepriseAgentClient *self = g_task_get_source_object (task);
  Submission *submission = g_task_get_task_data (task);

  reprise_bus_agent_call_submit (self->proxy, reprise_request_to_variant (submission->request),
                                 g_task_get_cancellable (task), submitted_cb, g_object_ref (task));
}

/* Hands a request to the agent, which is started where it does not run. */
void
reprise_agent_client_submit_async (RepriseAgentClient *self,
                                   const RepriseRequest *request,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Submission *submission;

  g_return_if_fail (REPRISE_IS_AGENT_CLIENT (self));
  g_return_if_fail (request != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, reprise_agent_client_submit_async);
  submission = g_new0 (Submission, 1);
  submission->request = reprise_request_copy (request);
  g_free (submission->request->job_id);
  submission->request->job_id = reprise_ulid_new ();
  g_task_set_task_data (task, submission, submission_free);
  submit (task);
}

/**
 * reprise_agent_client_submit_finish:
 *
 * Returns: (transfer full): the job, which is in the list, or %NULL with %REPRISE_ERROR_NOT_FOUND or %REPRISE_ERROR_INVALID of
 *   reprise_runner_create_job(), or %REPRISE_ERROR_FAILED where the agent cannot be started
 */
RepriseJob *
reprise_agent_client_submit_finish (RepriseAgentClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Takes an ended job off the list, here and in the agent. */
void
reprise_agent_client_forget (RepriseAgentClient *self, RepriseJob *job)
{
  g_autofree char *id = g_strdup (reprise_job_get_id (job));

  g_return_if_fail (REPRISE_IS_AGENT_CLIENT (self));
  g_return_if_fail (!reprise_job_is_active (job));

  job_removed_cb (self->proxy, id, self);
  if (self->owner != NULL)
    reprise_bus_agent_call_forget (self->proxy, id, NULL, NULL, NULL);
}
