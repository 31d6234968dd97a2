/* reprise-job-list.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "job/reprise-job-list.h"

G_DEFINE_ABSTRACT_TYPE (RepriseJobList, reprise_job_list, REPRISE_TYPE_LIST)

typedef enum
{
  PROP_N_ACTIVE = 1,
} RepriseJobListProperty;

static GParamSpec *properties[PROP_N_ACTIVE + 1];
static guint ended_signal;

static void
reprise_job_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseJobListProperty) id)
    {
    case PROP_N_ACTIVE:
      g_value_set_uint (value, reprise_job_list_get_n_active (REPRISE_JOB_LIST (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_job_list_class_init (RepriseJobListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = reprise_job_list_get_property;
  REPRISE_LIST_CLASS (klass)->item_type = REPRISE_TYPE_JOB;
  properties[PROP_N_ACTIVE] =
    g_param_spec_uint ("n-active", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  ended_signal = g_signal_new ("ended", REPRISE_TYPE_JOB_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, REPRISE_TYPE_JOB);
}

static void
reprise_job_list_init (RepriseJobList *self)
{
}

/* (transfer none) (nullable): the newest job whose id begins so */
RepriseJob *
reprise_job_list_find (RepriseJobList *self, const char *id_start)
{
  GPtrArray *jobs = reprise_list_get_items (self);

  for (guint i = 0; i < jobs->len; i++)
    if (g_str_has_prefix (reprise_job_get_id (jobs->pdata[i]), id_start))
      return jobs->pdata[i];
  return NULL;
}

/* (transfer none) (nullable): the job of that service that runs, or else waits */
RepriseJob *
reprise_job_list_find_active (RepriseJobList *self, const char *service_uuid)
{
  GPtrArray *jobs = reprise_list_get_items (self);
  RepriseJob *found = NULL;

  for (guint i = 0; i < jobs->len; i++)
    if (reprise_job_is_active (jobs->pdata[i]) &&
        g_strcmp0 (reprise_job_get_service_uuid (jobs->pdata[i]), service_uuid) == 0)
      found = jobs->pdata[i];
  return found;
}

guint
reprise_job_list_get_n_active (RepriseJobList *self)
{
  GPtrArray *jobs = reprise_list_get_items (self);
  guint n = 0;

  for (guint i = 0; i < jobs->len; i++)
    n += (guint) (reprise_job_is_active (jobs->pdata[i]) != FALSE);
  return n;
}

static void
active_cb (RepriseJob *job, GParamSpec *pspec, RepriseJobList *self)
{
  RepriseJobListClass *klass = REPRISE_JOB_LIST_GET_CLASS (self);
  g_autoptr (RepriseJob) kept = g_object_ref (job);

  if (reprise_job_is_active (kept))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ACTIVE]);
  if (klass->job_ended != NULL)
    klass->job_ended (self, kept);
  g_signal_emit (self, ended_signal, 0, kept);
}

/* For the classes below: puts a job into its place, and follows it to its end. */
void
reprise_job_list_add (RepriseJobList *self, guint position, RepriseJob *job)
{
  g_signal_connect_object (job, "notify::active", G_CALLBACK (active_cb), self, 0);
  reprise_list_insert (self, position, job);
  if (reprise_job_is_active (job))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ACTIVE]);
}
