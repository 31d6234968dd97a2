/* reprise-session.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "job/reprise-agent-client.h"
#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseSession:
 *
 * What all windows of the program share: the context, the agent's jobs, and the services as items. One per program.
 *
 * Properties, with “notify”: `loaded` (the services have been read), `client` (nullable: the agent's jobs;
 * told too when there are none to be had). Signals:
 * “job-ended” (RepriseJob), “job-asks” (RepriseJob), “failed” (title, #GError): a submission that the agent did not take.
 */
#define REPRISE_TYPE_SESSION (reprise_session_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSession, reprise_session, REPRISE, SESSION, GObject)

RepriseSession *reprise_session_new (RepriseContext *context);
void reprise_session_load (RepriseSession *self);
void reprise_session_read (RepriseSession *self);
gboolean reprise_session_get_loaded (RepriseSession *self);
gboolean reprise_session_get_ready (RepriseSession *self);
const GError *reprise_session_get_error (RepriseSession *self);

RepriseContext *reprise_session_get_context (RepriseSession *self);
RepriseAgentClient *reprise_session_get_client (RepriseSession *self);
RepriseAgentClient *reprise_session_need_client (RepriseSession *self);
GListModel *reprise_session_get_items (RepriseSession *self);
RepriseServiceItem *reprise_session_find_item (RepriseSession *self, const char *uuid);
void reprise_session_submit (RepriseSession *self, const RepriseRequest *request);

G_END_DECLS
