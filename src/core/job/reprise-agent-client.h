/* reprise-agent-client.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"
#include "job/reprise-request.h"

G_BEGIN_DECLS

/**
 * RepriseAgentClient:
 *
 * The jobs of the agent as another process sees them: a #GListModel of #RepriseJob, newest first, kept up to date by the
 * agent's signals. Stop and answer a job with reprise_job_stop() and reprise_job_answer(). Belongs to the main context.
 *
 * A client does not start the agent; only reprise_agent_client_submit_async() does. It notices an agent that comes, and where
 * one goes away in the middle of its work, its jobs become failed ones that say so; ended jobs stay in the list.
 *
 * Properties, with “notify”: `connected` (whether the agent runs), `n-active`. Signals: “ended” (RepriseJob), once for each job
 * that was active when it came into the list.
 */
#define REPRISE_TYPE_AGENT_CLIENT (reprise_agent_client_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAgentClient, reprise_agent_client, REPRISE, AGENT_CLIENT, GObject)

void reprise_agent_client_new_async (GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
RepriseAgentClient *reprise_agent_client_new_finish (GAsyncResult *result, GError **error);

gboolean reprise_agent_client_get_connected (RepriseAgentClient *self);
guint reprise_agent_client_get_n_active (RepriseAgentClient *self);
RepriseJob *reprise_agent_client_find (RepriseAgentClient *self, const char *id_start);
RepriseJob *reprise_agent_client_find_active (RepriseAgentClient *self, const char *service_uuid);

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
