/* reprise-agent-surface.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-queue.h"

G_BEGIN_DECLS

/**
 * RepriseAgentSurface:
 *
 * What the agent shows on the bus of its queue: the calls of its interface, and signals for what changes.
 *
 * Properties: `busy` (with “notify”): whether a job is active, or a client that has asked for something is still connected.
 * Signals: “submit” (#RepriseRequest, #GDBusMethodInvocation): somebody wants a job; the handler ends the invocation by
 * reprise_agent_surface_accept() or with an error. “run” (service, #GDBusMethodInvocation): likewise, what its schedule would do.
 * “run-due” (#GDBusMethodInvocation) and “get-status” (#GDBusMethodInvocation): the handler ends the invocation by
 * reprise_agent_surface_return_due() and reprise_agent_surface_return_status().
 */
#define REPRISE_TYPE_AGENT_SURFACE (reprise_agent_surface_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAgentSurface, reprise_agent_surface, REPRISE, AGENT_SURFACE, GObject)

RepriseAgentSurface *reprise_agent_surface_new (RepriseQueue *queue);
gboolean reprise_agent_surface_export (RepriseAgentSurface *self,
                                       GDBusConnection *bus,
                                       GError **error);
void reprise_agent_surface_unexport (RepriseAgentSurface *self);
void reprise_agent_surface_accept (RepriseAgentSurface *self,
                                   GDBusMethodInvocation *invocation,
                                   RepriseJob *job);
void reprise_agent_surface_accept_again (RepriseAgentSurface *self,
                                         GDBusMethodInvocation *invocation,
                                         RepriseJob *job);
void reprise_agent_surface_accept_run (RepriseAgentSurface *self,
                                       GDBusMethodInvocation *invocation,
                                       RepriseJob *job);
void reprise_agent_surface_return_due (RepriseAgentSurface *self,
                                       GDBusMethodInvocation *invocation,
                                       guint n_started);
void reprise_agent_surface_return_status (RepriseAgentSurface *self,
                                          GDBusMethodInvocation *invocation,
                                          GVariant *services);
gboolean reprise_agent_surface_is_busy (RepriseAgentSurface *self);

G_END_DECLS
