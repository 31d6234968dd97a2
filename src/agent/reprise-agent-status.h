/* reprise-agent-status.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-agent-schedule.h"

G_BEGIN_DECLS

void reprise_agent_status_read_async (RepriseContext *context,
                                      RepriseQueue *queue,
                                      RepriseAgentSchedule *schedule,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
GVariant *reprise_agent_status_read_finish (GAsyncResult *result, GError **error);

G_END_DECLS
