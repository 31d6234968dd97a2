/* reprise-add-service-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-agent-client.h"
#include "provider/reprise-context.h"
#include "reprise-step-window.h"

G_BEGIN_DECLS

/**
 * RepriseAddServiceWindow:
 *
 * A new service in steps: kind, settings with a test of the connection, name. Or, for a service that exists, its settings.
 */
#define REPRISE_TYPE_ADD_SERVICE_WINDOW (reprise_add_service_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAddServiceWindow, reprise_add_service_window, REPRISE, ADD_SERVICE_WINDOW, RepriseStepWindow)

RepriseAddServiceWindow *reprise_add_service_window_new (GtkWindow *parent,
                                                         RepriseContext *context,
                                                         RepriseAgentClient *agent);
RepriseAddServiceWindow *reprise_add_service_window_new_for_service (GtkWindow *parent,
                                                                     RepriseContext *context,
                                                                     RepriseAgentClient *agent,
                                                                     RepriseService *service);

G_END_DECLS
