/* reprise-session.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-thread.h"
#include "reprise-session.h"

#define NEWS_DELAY_MS 400 /* one reading for all that one job writes */
#define CLOCK_SECONDS 30  /* after which “2 minutes ago” is said anew */

struct _RepriseSession
{
  GObject parent_instance;

  RepriseContext *context;    /* (owned) */
  RepriseAgentClient *client; /* (owned) (nullable) */
  GListStore *items;          /* (owned) (element-type RepriseServiceItem): as the services */
  GCancellable *cancellable;  /* (owned) */
  gboolean loaded;
  gboolean looked_for_client; /* and there is none, where it is not known */
  GError *error;              /* (owned) (nullable): why the services could not be read */
  guint clock_id;
  GFileMonitor *monitor; /* (owned) (nullable): of the history's folder */
  guint news_id;
};

G_DEFINE_FINAL_TYPE (RepriseSession, reprise_session, G_TYPE_OBJECT)

typedef enum
{
  PROP_LOADED = 1,
  PROP_CLIENT,
} RepriseSessionProperty;

static GParamSpec *properties[PROP_CLIENT + 1];

enum
{
  JOB_ENDED,
  JOB_ASKS,
  FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Each item knows the job of its service that is at work: the first of the list that is active, else none. */
static void
update_jobs (RepriseSession *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseServiceItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      reprise_service_item_set_job (
        item, self->client != NULL
                ? reprise_job_list_find_active (REPRISE_JOB_LIST (self->client),
                                                reprise_service_item_get_uuid (item))
                : NULL);
    }
}

static void
job_question_cb (RepriseSession *self, GParamSpec *pspec, RepriseJob *job)
{
  if (reprise_job_get_question (job) != NULL)
    g_signal_emit (self, signals[JOB_ASKS], 0, job);
}

static void
jobs_changed_cb (RepriseSession *self, guint position, guint removed, guint added, GListModel *jobs)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (RepriseJob) job = g_list_model_get_item (jobs, i);

      if (!reprise_job_is_active (job))
        continue;
      g_signal_connect_object (job, "notify::question", G_CALLBACK (job_question_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (job, "notify::active", G_CALLBACK (update_jobs), self,
                               G_CONNECT_SWAPPED);
      job_question_cb (self, NULL, job);
    }
  update_jobs (self);
}

/* What it did is in the vault and in the history now. */
static void
ended_cb (RepriseSession *self, RepriseJob *job)
{
  RepriseServiceItem *item = reprise_session_find_item (self, reprise_job_get_service_uuid (job));

  update_jobs (self);
  if (item != NULL)
    reprise_service_item_read (item, reprise_service_item_get_probe (item) != NULL);
  g_signal_emit (self, signals[JOB_ENDED], 0, job);
}

static void
client_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseSession) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseAgentClient) client = reprise_agent_client_new_finish (result, &error);

  if (client == NULL)
    {
      if (reprise_error_is_stop (error))
        return;
      self->looked_for_client = TRUE;
      g_signal_emit (self, signals[FAILED], 0, _ ("Jobs Cannot Be Shown"), error);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLIENT]);
      return;
    }
  self->looked_for_client = TRUE;
  g_set_object (&self->client, client);
  g_signal_connect_object (client, "items-changed", G_CALLBACK (jobs_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
  jobs_changed_cb (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (client)),
                   G_LIST_MODEL (client));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLIENT]);
}

/* (transfer full): the item that there was of @service, which only moved, or a new one */
static RepriseServiceItem *
take_item (RepriseSession *self, GPtrArray *old, RepriseService *service)
{
  RepriseServiceItem *item;

  for (guint i = 0; i < old->len; i++)
    if (reprise_service_item_get_service (old->pdata[i]) == service)
      return g_ptr_array_steal_index (old, i);
  item = reprise_service_item_new (self->context, service);
  reprise_service_item_read (item, FALSE);
  return item;
}

static void
services_changed_cb (RepriseSession *self,
                     guint position,
                     guint removed,
                     guint added,
                     GListModel *services)
{
  g_autoptr (GPtrArray) old = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < removed; i++)
    g_ptr_array_add (old, g_list_model_get_item (G_LIST_MODEL (self->items), position + i));
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, position + i);

      g_ptr_array_add (items, take_item (self, old, service));
    }
  for (guint i = 0; i < old->len; i++)
    reprise_service_item_cancel (old->pdata[i]);
  g_list_store_splice (self->items, position, removed, items->pdata, items->len);
  update_jobs (self);
}

static gboolean
news_cb (gpointer data)
{
  RepriseSession *self = data;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  self->news_id = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseServiceItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      reprise_service_item_read_if_new (item);
    }
  return G_SOURCE_REMOVE;
}

/* Nothing but a new run writes to the history: whoever reads it leaves its files as they are. */
static void
history_changed_cb (RepriseSession *self, GFile *file)
{
  const char *history = reprise_history_get_path (reprise_context_get_history (self->context));

  if (self->news_id == 0 && g_str_has_prefix (g_file_peek_path (file), history) &&
      !g_str_has_suffix (g_file_peek_path (file), "-shm"))
    self->news_id = g_timeout_add (NEWS_DELAY_MS, news_cb, self);
}

static void
folder_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (reprise_file_make_folder (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* What was written before the watch began is looked for once. */
static void
folder_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  RepriseSession *self = REPRISE_SESSION (source);
  g_autoptr (GFile) folder = g_file_new_for_path (g_task_get_task_data (G_TASK (result)));
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    self->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_NONE, NULL, &error);
  if (self->monitor != NULL)
    {
      g_signal_connect_object (self->monitor, "changed", G_CALLBACK (history_changed_cb), self,
                               G_CONNECT_SWAPPED);
      news_cb (self);
    }
  else if (!reprise_error_is_stop (error))
    g_message ("Backups made by the command line are not seen: %s", error->message);
}

/* From now on, shows what the command line does; what the agent does its signals say. A folder that is not there yet would be
 * watched some seconds late. */
static void
watch_history (RepriseSession *self)
{
  const char *history = reprise_history_get_path (reprise_context_get_history (self->context));
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, folder_cb, NULL);

  g_task_set_task_data (task, g_path_get_dirname (history), g_free);
  reprise_task_run_in_own_thread (task, folder_worker);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseSession) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_context_load_finish (self->context, result, &error))
    {
      if (reprise_error_is_stop (error))
        return;
      g_clear_error (&self->error);
      self->error = g_steal_pointer (&error);
    }
  reprise_services_watch (reprise_context_get_services (self->context));
  watch_history (self);
  self->loaded = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED]);
}

static gboolean
clock_cb (gpointer data)
{
  RepriseSession *self = data;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseServiceItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      reprise_service_item_update_status (item);
    }
  return G_SOURCE_CONTINUE;
}

static void
reprise_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseSession *self = REPRISE_SESSION (object);

  switch ((RepriseSessionProperty) id)
    {
    case PROP_LOADED:
      g_value_set_boolean (value, self->loaded);
      break;
    case PROP_CLIENT:
      g_value_set_object (value, self->client);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_session_dispose (GObject *object)
{
  RepriseSession *self = REPRISE_SESSION (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->clock_id, g_source_remove);
  g_clear_handle_id (&self->news_id, g_source_remove);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  G_OBJECT_CLASS (reprise_session_parent_class)->dispose (object);
}

static void
reprise_session_finalize (GObject *object)
{
  RepriseSession *self = REPRISE_SESSION (object);

  g_clear_object (&self->context);
  g_clear_object (&self->client);
  g_clear_object (&self->items);
  g_clear_object (&self->monitor);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (reprise_session_parent_class)->finalize (object);
}

static void
reprise_session_class_init (RepriseSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = reprise_session_dispose;
  object_class->finalize = reprise_session_finalize;
  object_class->get_property = reprise_session_get_property;
  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  properties[PROP_CLIENT] =
    g_param_spec_object ("client", NULL, NULL, REPRISE_TYPE_AGENT_CLIENT, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  signals[JOB_ENDED] = g_signal_new ("job-ended", REPRISE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, REPRISE_TYPE_JOB);
  signals[JOB_ASKS] = g_signal_new ("job-asks", REPRISE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, REPRISE_TYPE_JOB);
  signals[FAILED] = g_signal_new ("failed", REPRISE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
}

static void
reprise_session_init (RepriseSession *self)
{
  self->items = g_list_store_new (REPRISE_TYPE_SERVICE_ITEM);
  self->cancellable = g_cancellable_new ();
}

RepriseSession *
reprise_session_new (RepriseContext *context)
{
  RepriseSession *self = g_object_new (REPRISE_TYPE_SESSION, NULL);
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (context));

  self->context = g_object_ref (context);
  g_signal_connect_object (services, "items-changed", G_CALLBACK (services_changed_cb), self,
                           G_CONNECT_SWAPPED);
  services_changed_cb (self, 0, 0, g_list_model_get_n_items (services), services);
  return self;
}

/* Reads the services and finds the agent, both in the background: call it when the window is on the screen. */
void
reprise_session_load (RepriseSession *self)
{
  if (self->clock_id != 0)
    return;
  self->clock_id = g_timeout_add_seconds (CLOCK_SECONDS, clock_cb, self);
  reprise_context_load_async (self->context, self->cancellable, loaded_cb, g_object_ref (self));
  reprise_agent_client_new_async (self->cancellable, client_cb, g_object_ref (self));
}

/* Reads what lies on this computer again, of all services. */
void
reprise_session_read (RepriseSession *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseServiceItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      reprise_service_item_read (item, FALSE);
    }
}

gboolean
reprise_session_get_loaded (RepriseSession *self)
{
  return self->loaded;
}

/* Whether the services have been read, and the agent has been found, or is not to be had. */
gboolean
reprise_session_get_ready (RepriseSession *self)
{
  return self->loaded && self->looked_for_client;
}

/* (nullable): why the services could not be read */
const GError *
reprise_session_get_error (RepriseSession *self)
{
  return self->error;
}

RepriseContext *
reprise_session_get_context (RepriseSession *self)
{
  return self->context;
}

/* (transfer none) (nullable): the agent's jobs; %NULL before they have been found */
RepriseAgentClient *
reprise_session_get_client (RepriseSession *self)
{
  return self->client;
}

/* (transfer none) (element-type RepriseServiceItem): in the order of the services */
GListModel *
reprise_session_get_items (RepriseSession *self)
{
  return G_LIST_MODEL (self->items);
}

/* (transfer none) (nullable): the item of the service with that UUID */
RepriseServiceItem *
reprise_session_find_item (RepriseSession *self, const char *uuid)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseServiceItem) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      if (g_strcmp0 (reprise_service_item_get_uuid (item), uuid) == 0)
        return item; /* the store holds it */
    }
  return NULL;
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseSession) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job =
    reprise_agent_client_submit_finish (REPRISE_AGENT_CLIENT (source), result, &error);

  if (job == NULL && !reprise_error_is_stop (error))
    g_signal_emit (self, signals[FAILED], 0, _ ("Could Not Start the Job"), error);
}

/* (transfer none) (nullable): the agent's jobs, for what makes one; where there are none, that comes as “failed” */
RepriseAgentClient *
reprise_session_need_client (RepriseSession *self)
{
  g_autoptr (GError) error = NULL;

  if (self->client != NULL)
    return self->client;
  reprise_error_set_literal (
    &error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
    _ ("The background service of Reprise cannot be reached: there is no session bus"));
  g_signal_emit (self, signals[FAILED], 0, _ ("Could Not Start the Job"), error);
  return NULL;
}

/* Hands the request to the agent. What it says against it comes as “failed”. */
void
reprise_session_submit (RepriseSession *self, const RepriseRequest *request)
{
  if (reprise_session_need_client (self) != NULL)
    reprise_agent_client_submit_async (self->client, request, self->cancellable, submitted_cb,
                                       g_object_ref (self));
}
