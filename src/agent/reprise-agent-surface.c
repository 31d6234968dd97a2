/* reprise-agent-surface.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "job/reprise-agent-bus.h"
#include "job/reprise-agent-interface.h"
#include "job/reprise-request.h"
#include "reprise-agent-surface.h"

#define CHANGED_MS 100

struct _RepriseAgentSurface
{
  GObject parent_instance;

  RepriseQueue *queue;       /* (owned) */
  RepriseBusAgent *skeleton; /* (owned) */
  GHashTable *shown;         /* (owned) (element-type RepriseJob Shown) */
  GPtrArray *order;          /* (owned) (element-type RepriseJob): as the queue had them */
  GHashTable *clients;       /* (owned) (element-type utf8): a set of unique names */
  guint leaving;             /* the subscription to those who leave the bus, while exported */
  gboolean busy;
};

/* What was told of a job, so that no more is told than needed. */
typedef struct
{
  RepriseAgentSurface *surface; /* (not owned): it outlives its entries */
  RepriseJob *job;              /* (not owned): the key */
  gulong handler;
  gint64 told_us; /* when it was last told */
  guint timer;    /* until it may be told again */
} Shown;

G_DEFINE_FINAL_TYPE (RepriseAgentSurface, reprise_agent_surface, G_TYPE_OBJECT)

typedef enum
{
  PROP_BUSY = 1,
} RepriseAgentSurfaceProperty;

static GParamSpec *properties[PROP_BUSY + 1];

enum
{
  SUBMIT,
  RUN,
  RUN_DUE,
  GET_STATUS,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_clear_handle_id (&shown->timer, g_source_remove);
  g_clear_signal_handler (&shown->handler, shown->job);
  g_free (shown);
}

static void
reprise_agent_surface_dispose (GObject *object)
{
  RepriseAgentSurface *self = REPRISE_AGENT_SURFACE (object);

  if (self->skeleton != NULL)
    reprise_agent_surface_unexport (self);
  g_clear_pointer (&self->shown, g_hash_table_unref);
  g_clear_pointer (&self->order, g_ptr_array_unref);
  g_clear_pointer (&self->clients, g_hash_table_unref);
  g_clear_object (&self->skeleton);
  g_clear_object (&self->queue);
  G_OBJECT_CLASS (reprise_agent_surface_parent_class)->dispose (object);
}

static void
reprise_agent_surface_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseAgentSurfaceProperty) id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, REPRISE_AGENT_SURFACE (object)->busy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_agent_surface_class_init (RepriseAgentSurfaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = reprise_agent_surface_dispose;
  object_class->get_property = reprise_agent_surface_get_property;
  properties[PROP_BUSY] = g_param_spec_boolean (
    "busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  signals[SUBMIT] =
    g_signal_new ("submit", REPRISE_TYPE_AGENT_SURFACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, REPRISE_TYPE_REQUEST, G_TYPE_DBUS_METHOD_INVOCATION);
  signals[RUN] = g_signal_new ("run", REPRISE_TYPE_AGENT_SURFACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_DBUS_METHOD_INVOCATION);
  signals[RUN_DUE] = g_signal_new ("run-due", REPRISE_TYPE_AGENT_SURFACE, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DBUS_METHOD_INVOCATION);
  signals[GET_STATUS] =
    g_signal_new ("get-status", REPRISE_TYPE_AGENT_SURFACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_DBUS_METHOD_INVOCATION);
}

static void
reprise_agent_surface_init (RepriseAgentSurface *self)
{
  self->shown = g_hash_table_new_full (NULL, NULL, g_object_unref, shown_free);
  self->order = g_ptr_array_new_with_free_func (g_object_unref);
  self->clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->skeleton = reprise_bus_agent_skeleton_new ();
  reprise_bus_agent_set_version (self->skeleton, PACKAGE_VERSION);
}

static void
update_busy (RepriseAgentSurface *self)
{
  guint n_active = reprise_job_list_get_n_active (REPRISE_JOB_LIST (self->queue));
  gboolean busy = n_active > 0 || g_hash_table_size (self->clients) > 0;

  reprise_bus_agent_set_nactive (self->skeleton, n_active);
  if (busy == self->busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* --- jobs, as they are told --- */

/* The whole state; an update within the job may leave out a log that has not grown. */
static GVariant *
dup_state (RepriseJob *job)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, reprise_job_to_variant (job));
  g_variant_dict_insert (&dict, "log", "^as", reprise_job_get_log (job));
  return g_variant_dict_end (&dict);
}

static void
tell (Shown *shown)
{
  g_clear_handle_id (&shown->timer, g_source_remove);
  shown->told_us = g_get_monotonic_time ();
  reprise_bus_agent_emit_job_changed (shown->surface->skeleton,
                                      reprise_job_to_variant (shown->job));
}

static gboolean
tell_cb (gpointer data)
{
  Shown *shown = data;

  shown->timer = 0;
  tell (shown);
  return G_SOURCE_REMOVE;
}

/* An end or a question is told at once, the rest ten times a second. */
static void
job_notify_cb (RepriseJob *job, GParamSpec *pspec, gpointer data)
{
  Shown *shown = data;
  gint64 passed_ms = (g_get_monotonic_time () - shown->told_us) / 1000;
  gboolean urgent = g_str_equal (pspec->name, "active") || g_str_equal (pspec->name, "question");

  if (urgent)
    tell (shown);
  else if (shown->timer == 0)
    shown->timer =
      g_timeout_add ((guint) CLAMP (CHANGED_MS - passed_ms, 0, CHANGED_MS), tell_cb, shown);
  if (urgent)
    update_busy (shown->surface);
}

static void
show (RepriseAgentSurface *self, RepriseJob *job)
{
  Shown *shown = g_new0 (Shown, 1);

  shown->surface = self;
  shown->job = job;
  shown->told_us = g_get_monotonic_time ();
  shown->handler = g_signal_connect_after (job, "notify", G_CALLBACK (job_notify_cb), shown);
  g_hash_table_insert (self->shown, g_object_ref (job), shown);
  reprise_bus_agent_emit_job_added (self->skeleton, dup_state (job));
}

static void
items_changed_cb (GListModel *queue,
                  guint position,
                  guint removed,
                  guint added,
                  RepriseAgentSurface *self)
{
  for (guint i = 0; i < removed; i++)
    {
      RepriseJob *job = self->order->pdata[position];

      reprise_bus_agent_emit_job_removed (self->skeleton, reprise_job_get_id (job));
      g_hash_table_remove (self->shown, job);
      g_ptr_array_remove_index (self->order, position);
    }
  for (guint i = 0; i < added; i++)
    {
      RepriseJob *job = g_list_model_get_item (queue, position + i);

      g_ptr_array_insert (self->order, (int) (position + i), job);
      show (self, job);
    }
  update_busy (self);
}

/* --- calls --- */

/* One subscription for all: a watch of each name would have GLib send more on a bus that may just have closed, and a call and
 * its sender's leaving come in this order. */
static void
name_left_cb (GDBusConnection *bus,
              const char *sender,
              const char *path,
              const char *iface,
              const char *signal,
              GVariant *parameters,
              gpointer data)
{
  RepriseAgentSurface *self = data;
  const char *name, *owner;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", &name, NULL, &owner);
  if (*owner == '\0' && g_hash_table_remove (self->clients, name))
    update_busy (self);
}

/* Who asked once is a client until it leaves the bus. */
static void
note_client (RepriseAgentSurface *self, GDBusMethodInvocation *invocation)
{
  const char *name = g_dbus_method_invocation_get_sender (invocation);

  if (name != NULL && g_hash_table_add (self->clients, g_strdup (name)))
    update_busy (self);
}

/* (transfer none) (nullable): the job with exactly that id; else the invocation is ended */
static RepriseJob *
find_job (RepriseAgentSurface *self, const char *id, GDBusMethodInvocation *invocation)
{
  RepriseJob *job = reprise_job_list_find (REPRISE_JOB_LIST (self->queue), id);

  if (job != NULL && g_str_equal (reprise_job_get_id (job), id))
    return job;
  g_dbus_method_invocation_return_error (invocation, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                                         _ ("There is no job “%s”"), id);
  return NULL;
}

static gboolean
submit_cb (RepriseBusAgent *skeleton,
           GDBusMethodInvocation *invocation,
           GVariant *variant,
           RepriseAgentSurface *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseRequest) request = reprise_request_from_variant (variant, &error);

  note_client (self, invocation);
  if (request == NULL)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    g_signal_emit (self, signals[SUBMIT], 0, request, invocation);
  return TRUE;
}

/* The callers of these need not stay: they are no clients that the agent lives for. */
static gboolean
run_cb (RepriseBusAgent *skeleton,
        GDBusMethodInvocation *invocation,
        const char *service,
        RepriseAgentSurface *self)
{
  g_signal_emit (self, signals[RUN], 0, service, invocation);
  return TRUE;
}

static gboolean
run_due_cb (RepriseBusAgent *skeleton, GDBusMethodInvocation *invocation, RepriseAgentSurface *self)
{
  g_signal_emit (self, signals[RUN_DUE], 0, invocation);
  return TRUE;
}

static gboolean
get_status_cb (RepriseBusAgent *skeleton,
               GDBusMethodInvocation *invocation,
               RepriseAgentSurface *self)
{
  g_signal_emit (self, signals[GET_STATUS], 0, invocation);
  return TRUE;
}

static gboolean
stop_cb (RepriseBusAgent *skeleton,
         GDBusMethodInvocation *invocation,
         const char *id,
         gboolean hard,
         RepriseAgentSurface *self)
{
  RepriseJob *job = find_job (self, id, invocation);

  if (job == NULL)
    return TRUE;
  reprise_job_stop (job, hard ? REPRISE_STOP_HARD : REPRISE_STOP_SOFT);
  reprise_bus_agent_complete_stop (skeleton, invocation);
  return TRUE;
}

static gboolean
answer_cb (RepriseBusAgent *skeleton,
           GDBusMethodInvocation *invocation,
           const char *id,
           const char *question,
           const char *response,
           RepriseAgentSurface *self)
{
  RepriseJob *job = find_job (self, id, invocation);

  if (job == NULL)
    return TRUE;
  reprise_job_answer (job, question, response);
  reprise_bus_agent_complete_answer (skeleton, invocation);
  return TRUE;
}

static gboolean
list_jobs_cb (RepriseBusAgent *skeleton,
              GDBusMethodInvocation *invocation,
              RepriseAgentSurface *self)
{
  GVariantBuilder builder;

  note_client (self, invocation);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < self->order->len; i++)
    g_variant_builder_add_value (&builder, dup_state (self->order->pdata[i]));
  reprise_bus_agent_complete_list_jobs (skeleton, invocation, g_variant_builder_end (&builder));
  return TRUE;
}

static gboolean
forget_cb (RepriseBusAgent *skeleton,
           GDBusMethodInvocation *invocation,
           const char *id,
           RepriseAgentSurface *self)
{
  RepriseJob *job = find_job (self, id, invocation);

  if (job == NULL)
    return TRUE;
  if (reprise_queue_forget (self->queue, job))
    reprise_bus_agent_complete_forget (skeleton, invocation);
  else
    g_dbus_method_invocation_return_error (invocation, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                                           _ ("The job has not ended yet"));
  return TRUE;
}

RepriseAgentSurface *
reprise_agent_surface_new (RepriseQueue *queue)
{
  RepriseAgentSurface *self = g_object_new (REPRISE_TYPE_AGENT_SURFACE, NULL);

  self->queue = g_object_ref (queue);
  items_changed_cb (G_LIST_MODEL (queue), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (queue)),
                    self);
  g_signal_connect_object (queue, "items-changed", G_CALLBACK (items_changed_cb), self, 0);
  g_signal_connect_object (self->skeleton, "handle-submit", G_CALLBACK (submit_cb), self, 0);
  g_signal_connect_object (self->skeleton, "handle-run", G_CALLBACK (run_cb), self, 0);
  g_signal_connect_object (self->skeleton, "handle-run-due", G_CALLBACK (run_due_cb), self, 0);
  g_signal_connect_object (self->skeleton, "handle-get-status", G_CALLBACK (get_status_cb), self,
                           0);
  g_signal_connect_object (self->skeleton, "handle-stop", G_CALLBACK (stop_cb), self, 0);
  g_signal_connect_object (self->skeleton, "handle-answer", G_CALLBACK (answer_cb), self, 0);
  g_signal_connect_object (self->skeleton, "handle-list-jobs", G_CALLBACK (list_jobs_cb), self, 0);
  g_signal_connect_object (self->skeleton, "handle-forget", G_CALLBACK (forget_cb), self, 0);
  return self;
}

/* Appears on the bus; the name is the caller's to own. */
gboolean
reprise_agent_surface_export (RepriseAgentSurface *self, GDBusConnection *bus, GError **error)
{
  reprise_agent_bus_register_errors ();
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), bus,
                                         REPRISE_AGENT_OBJECT_PATH, error))
    return FALSE;
  self->leaving = g_dbus_connection_signal_subscribe (
    bus, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
    "/org/freedesktop/DBus", NULL, G_DBUS_SIGNAL_FLAGS_NONE, name_left_cb, self, NULL);
  return TRUE;
}

void
reprise_agent_surface_unexport (RepriseAgentSurface *self)
{
  GDBusInterfaceSkeleton *skeleton = G_DBUS_INTERFACE_SKELETON (self->skeleton);
  GDBusConnection *bus = g_dbus_interface_skeleton_get_connection (skeleton);

  if (bus == NULL)
    return;
  g_dbus_connection_signal_unsubscribe (bus, self->leaving);
  g_dbus_interface_skeleton_unexport (skeleton);
}

/* Puts the job in the queue, tells everybody of it, and then the caller its id. */
void
reprise_agent_surface_accept (RepriseAgentSurface *self,
                              GDBusMethodInvocation *invocation,
                              RepriseJob *job)
{
  reprise_queue_submit (self->queue, job);
  reprise_bus_agent_complete_submit (self->skeleton, invocation, reprise_job_get_id (job));
}

/* It came before, and its job is there. */
void
reprise_agent_surface_accept_again (RepriseAgentSurface *self,
                                    GDBusMethodInvocation *invocation,
                                    RepriseJob *job)
{
  reprise_bus_agent_complete_submit (self->skeleton, invocation, reprise_job_get_id (job));
}

void
reprise_agent_surface_accept_run (RepriseAgentSurface *self,
                                  GDBusMethodInvocation *invocation,
                                  RepriseJob *job)
{
  reprise_queue_submit (self->queue, job);
  reprise_bus_agent_complete_run (self->skeleton, invocation, reprise_job_get_id (job));
}

void
reprise_agent_surface_return_due (RepriseAgentSurface *self,
                                  GDBusMethodInvocation *invocation,
                                  guint n_started)
{
  reprise_bus_agent_complete_run_due (self->skeleton, invocation, n_started);
}

/* @services: (transfer floating): as the interface says */
void
reprise_agent_surface_return_status (RepriseAgentSurface *self,
                                     GDBusMethodInvocation *invocation,
                                     GVariant *services)
{
  reprise_bus_agent_complete_get_status (self->skeleton, invocation, services);
}

gboolean
reprise_agent_surface_is_busy (RepriseAgentSurface *self)
{
  return self->busy;
}
