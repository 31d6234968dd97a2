/* reprise-queue.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "job/reprise-queue.h"

#define MAX_ENDED 100

struct _RepriseQueue
{
  GObject parent_instance;

  GPtrArray *jobs; /* (owned) (element-type RepriseJob); newest first */
};

static void queue_list_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseQueue,
                               reprise_queue,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, queue_list_init))

typedef enum
{
  PROP_N_ACTIVE = 1,
} RepriseQueueProperty;

static GParamSpec *properties[PROP_N_ACTIVE + 1];
static guint ended_signal;

static GType
queue_get_item_type (GListModel *model)
{
  return REPRISE_TYPE_JOB;
}

static guint
queue_get_n_items (GListModel *model)
{
  return REPRISE_QUEUE (model)->jobs->len;
}

static gpointer
queue_get_item (GListModel *model, guint position)
{
  GPtrArray *jobs = REPRISE_QUEUE (model)->jobs;

  return position < jobs->len ? g_object_ref (jobs->pdata[position]) : NULL;
}

static void
queue_list_init (GListModelInterface *iface)
{
  iface->get_item_type = queue_get_item_type;
  iface->get_n_items = queue_get_n_items;
  iface->get_item = queue_get_item;
}

static void
reprise_queue_finalize (GObject *object)
{
  g_clear_pointer (&REPRISE_QUEUE (object)->jobs, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_queue_parent_class)->finalize (object);
}

static void
reprise_queue_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseQueueProperty) id)
    {
    case PROP_N_ACTIVE:
      g_value_set_uint (value, reprise_queue_get_n_active (REPRISE_QUEUE (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_queue_class_init (RepriseQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = reprise_queue_finalize;
  object_class->get_property = reprise_queue_get_property;
  properties[PROP_N_ACTIVE] =
    g_param_spec_uint ("n-active", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  ended_signal = g_signal_new ("ended", REPRISE_TYPE_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, REPRISE_TYPE_JOB);
}

static void
reprise_queue_init (RepriseQueue *self)
{
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
}

RepriseQueue *
reprise_queue_new (void)
{
  return g_object_new (REPRISE_TYPE_QUEUE, NULL);
}

/* Starts the oldest waiting job of the service, unless one of it runs. */
static void
start_next (RepriseQueue *self, const char *service_uuid)
{
  RepriseJob *next = NULL;

  for (guint i = 0; i < self->jobs->len; i++)
    {
      RepriseJob *job = self->jobs->pdata[i];

      if (!reprise_job_is_active (job) ||
          g_strcmp0 (reprise_job_get_service_uuid (job), service_uuid) != 0)
        continue;
      if (reprise_job_get_state (job) != REPRISE_JOB_QUEUED)
        return;
      next = job;
    }
  if (next != NULL)
    reprise_job_start (next);
}

static void
forget_oldest (RepriseQueue *self)
{
  guint n_ended = self->jobs->len - reprise_queue_get_n_active (self);

  for (guint i = self->jobs->len; i-- > 0 && n_ended > MAX_ENDED;)
    if (!reprise_job_is_active (self->jobs->pdata[i]))
      {
        g_ptr_array_remove_index (self->jobs, i);
        g_list_model_items_changed (G_LIST_MODEL (self), i, 1, 0);
        n_ended--;
      }
}

static void
active_cb (RepriseJob *job, GParamSpec *pspec, RepriseQueue *self)
{
  g_autoptr (RepriseJob) kept = g_object_ref (job);

  if (reprise_job_is_active (kept))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ACTIVE]);
  start_next (self, reprise_job_get_service_uuid (kept));
  g_signal_emit (self, ended_signal, 0, kept);
  forget_oldest (self);
}

/* Takes a job over and starts it when its turn has come. */
void
reprise_queue_submit (RepriseQueue *self, RepriseJob *job)
{
  g_return_if_fail (REPRISE_IS_QUEUE (self));
  g_return_if_fail (REPRISE_IS_JOB (job));

  g_ptr_array_insert (self->jobs, 0, g_object_ref (job));
  g_signal_connect_object (job, "notify::active", G_CALLBACK (active_cb), self, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ACTIVE]);
  start_next (self, reprise_job_get_service_uuid (job));
}

/* (transfer none) (nullable): the newest job whose id begins so */
RepriseJob *
reprise_queue_find (RepriseQueue *self, const char *id_start)
{
  for (guint i = 0; i < self->jobs->len; i++)
    if (g_str_has_prefix (reprise_job_get_id (self->jobs->pdata[i]), id_start))
      return self->jobs->pdata[i];
  return NULL;
}

/* (transfer none) (nullable): the job of that service that runs, or else waits */
RepriseJob *
reprise_queue_find_active (RepriseQueue *self, const char *service_uuid)
{
  RepriseJob *found = NULL;

  for (guint i = 0; i < self->jobs->len; i++)
    {
      RepriseJob *job = self->jobs->pdata[i];

      if (reprise_job_is_active (job) &&
          g_strcmp0 (reprise_job_get_service_uuid (job), service_uuid) == 0)
        found = job;
    }
  return found;
}

guint
reprise_queue_get_n_active (RepriseQueue *self)
{
  guint n = 0;

  for (guint i = 0; i < self->jobs->len; i++)
    n += (guint) (reprise_job_is_active (self->jobs->pdata[i]) != FALSE);
  return n;
}

/* Takes an ended job off the list; %FALSE where it has not ended, or is not of this queue. */
gboolean
reprise_queue_forget (RepriseQueue *self, RepriseJob *job)
{
  guint index;

  if (reprise_job_is_active (job) || !g_ptr_array_find (self->jobs, job, &index))
    return FALSE;
  g_ptr_array_remove_index (self->jobs, index);
  g_list_model_items_changed (G_LIST_MODEL (self), index, 1, 0);
  return TRUE;
}

void
reprise_queue_stop_all (RepriseQueue *self, RepriseStop how)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_copy (self->jobs, (GCopyFunc) g_object_ref, NULL);

  g_ptr_array_set_free_func (jobs, g_object_unref);
  for (guint i = 0; i < jobs->len; i++)
    reprise_job_stop (jobs->pdata[i], how);
}
