/* reprise-job-list.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-list.h"
#include "job/reprise-job.h"

G_BEGIN_DECLS

/**
 * RepriseJobList:
 * @job_ended: (nullable): called once for each job that was active when it was added, before the signal
 *
 * A #GListModel of #RepriseJob, newest first, wherever they run: what #RepriseQueue and #RepriseAgentClient have in common.
 *
 * Properties, with “notify”: `n-active`. Signals: “ended” (RepriseJob), once for each job that was active when it came into the
 * list.
 */
#define REPRISE_TYPE_JOB_LIST (reprise_job_list_get_type ())

G_DECLARE_DERIVABLE_TYPE (RepriseJobList, reprise_job_list, REPRISE, JOB_LIST, RepriseList)

struct _RepriseJobListClass
{
  RepriseListClass parent_class;

  void (*job_ended) (RepriseJobList *self, RepriseJob *job);
};

RepriseJob *reprise_job_list_find (RepriseJobList *self, const char *id_start);
RepriseJob *reprise_job_list_find_active (RepriseJobList *self, const char *service_uuid);
guint reprise_job_list_get_n_active (RepriseJobList *self);

void reprise_job_list_add (RepriseJobList *self, guint position, RepriseJob *job);

G_END_DECLS
