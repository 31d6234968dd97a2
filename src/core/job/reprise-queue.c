/* reprise-queue.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "job/reprise-queue.h"

#define MAX_ENDED 100

struct _RepriseQueue
{
  RepriseJobList parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseQueue, reprise_queue, REPRISE_TYPE_JOB_LIST)

/* Starts the oldest waiting job of the service, unless one of it runs. */
static void
start_next (RepriseQueue *self, const char *service_uuid)
{
  GPtrArray *jobs = reprise_list_get_items (self);
  RepriseJob *next = NULL;

  for (guint i = 0; i < jobs->len; i++)
    {
      RepriseJob *job = jobs->pdata[i];

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
  GPtrArray *jobs = reprise_list_get_items (self);
  guint n_ended = jobs->len - reprise_job_list_get_n_active (REPRISE_JOB_LIST (self));

  for (guint i = jobs->len; i-- > 0 && n_ended > MAX_ENDED;)
    if (!reprise_job_is_active (jobs->pdata[i]))
      {
        reprise_list_remove (self, i);
        n_ended--;
      }
}

static void
reprise_queue_job_ended (RepriseJobList *list, RepriseJob *job)
{
  start_next (REPRISE_QUEUE (list), reprise_job_get_service_uuid (job));
  forget_oldest (REPRISE_QUEUE (list));
}

static void
reprise_queue_class_init (RepriseQueueClass *klass)
{
  REPRISE_JOB_LIST_CLASS (klass)->job_ended = reprise_queue_job_ended;
}

static void
reprise_queue_init (RepriseQueue *self)
{
}

RepriseQueue *
reprise_queue_new (void)
{
  return g_object_new (REPRISE_TYPE_QUEUE, NULL);
}

/* Takes a job over and starts it when its turn has come. */
void
reprise_queue_submit (RepriseQueue *self, RepriseJob *job)
{
  g_return_if_fail (REPRISE_IS_QUEUE (self));
  g_return_if_fail (REPRISE_IS_JOB (job));

  reprise_job_list_add (REPRISE_JOB_LIST (self), 0, job);
  start_next (self, reprise_job_get_service_uuid (job));
}

/* Takes an ended job off the list; %FALSE where it has not ended, or is not of this queue. */
gboolean
reprise_queue_forget (RepriseQueue *self, RepriseJob *job)
{
  guint index;

  if (reprise_job_is_active (job) || !g_ptr_array_find (reprise_list_get_items (self), job, &index))
    return FALSE;
  reprise_list_remove (self, index);
  return TRUE;
}

void
reprise_queue_stop_all (RepriseQueue *self, RepriseStop how)
{
  g_autoptr (GPtrArray) jobs = reprise_list_copy_items (self);

  for (guint i = 0; i < jobs->len; i++)
    reprise_job_stop (jobs->pdata[i], how);
}
