/* reprise-agent.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseAgent:
 *
 * The process that owns the queue of jobs: it is on the session bus as long as it has work, or a client, and ends itself a while
 * after that. A window may come and go.
 */
#define REPRISE_TYPE_AGENT (reprise_agent_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAgent, reprise_agent, REPRISE, AGENT, GApplication)

GApplication *reprise_agent_new (void);

G_END_DECLS
