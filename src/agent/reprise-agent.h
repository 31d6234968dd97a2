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
 * after that. A window may come and go. While it is there, it does what the schedules have due, and tells when somebody should look.
 */
#define REPRISE_TYPE_AGENT (reprise_agent_get_type ())

G_DECLARE_FINAL_TYPE (RepriseAgent, reprise_agent, REPRISE, AGENT, GApplication)

/* The argument with which it does not end itself. */
#define REPRISE_AGENT_STAY "--stay"

GApplication *reprise_agent_new (gboolean stay);

G_END_DECLS
