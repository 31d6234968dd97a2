/* reprise-cli-agent.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-agent-client.h"
#include "reprise-cli.h"

G_BEGIN_DECLS

/**
 * RepriseCliHolder:
 * @service: of the job
 * @holder: who runs it, for people
 * @job_id: of the job
 * @title: of the job
 * @pid: of the process
 *
 * A job that runs in some process of this computer, known by the lock that it holds.
 */
typedef struct
{
  RepriseService *service; /* (owned) */
  char *holder;
  char *job_id;
  char *title;
  int pid;
} RepriseCliHolder;

RepriseAgentClient *reprise_cli_connect_agent (RepriseCli *cli);
GPtrArray *reprise_cli_list_holders (RepriseCli *cli);

G_END_DECLS
