/* reprise-agent-client.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job-list.h"
#include "job/reprise-request.h"

G_BEGIN_DECLS

/**
 * RepriseAgentClient:
 *
 * The jobs of the agent as another process sees them, kept up to date by the agent's signals. Stop and answer a job with reprise_job_stop() and reprise_job_answer(). Belongs to the main context.
 *
 * A client does not start the agent; only reprise_agent_client_submit_async() does. It notices an agent that comes, and where
 * one goes away in the middle of its work, its jobs become failed ones that say so; ended jobs stay in the list.
 *
 * Properties, with “notify”: `connected` (whether the agent runs).
 */
#define REPRISE_TYPE_AGENT_CLIENT (reprise_agent_client_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAgentClient,
                      reprise_agent_client,
                      REPRISE,
                      AGENT_CLIENT,
                      RepriseJobList)

void reprise_agent_client_new_async (GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
RepriseAgentClient *reprise_agent_client_new_finish (GAsyncResult *result, GError **error);

gboolean reprise_agent_client_get_connected (RepriseAgentClient *self);

void reprise_agent_client_submit_async (RepriseAgentClient *self,
                                        const RepriseRequest *request,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
RepriseJob *reprise_agent_client_submit_finish (RepriseAgentClient *self,
                                                GAsyncResult *result,
                                                GError **error);

void reprise_agent_client_forget (RepriseAgentClient *self, RepriseJob *job);

G_END_DECLS
