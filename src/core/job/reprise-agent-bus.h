/* reprise-agent-bus.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where the agent is found on the session bus, for it and its clients. data/dbus/ describes the interface. */
#define REPRISE_AGENT_BUS_NAME    "io.github.reprise_backup.Reprise.Agent"
#define REPRISE_AGENT_OBJECT_PATH "/io/github/reprise_backup/Reprise/Agent"

void reprise_agent_bus_register_errors (void);

G_END_DECLS
