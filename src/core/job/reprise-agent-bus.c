/* reprise-agent-bus.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "job/reprise-agent-bus.h"

static const GDBusErrorEntry ERRORS[] = {
  { REPRISE_ERROR_FAILED, REPRISE_AGENT_BUS_NAME ".Error.Failed" },
  { REPRISE_ERROR_INVALID, REPRISE_AGENT_BUS_NAME ".Error.Invalid" },
  { REPRISE_ERROR_NOT_SUPPORTED, REPRISE_AGENT_BUS_NAME ".Error.NotSupported" },
  { REPRISE_ERROR_NOT_FOUND, REPRISE_AGENT_BUS_NAME ".Error.NotFound" },
  { REPRISE_ERROR_EXISTS, REPRISE_AGENT_BUS_NAME ".Error.Exists" },
  { REPRISE_ERROR_NEEDS_SIGN_IN, REPRISE_AGENT_BUS_NAME ".Error.NeedsSignIn" },
  { REPRISE_ERROR_NEEDS_PASSWORD, REPRISE_AGENT_BUS_NAME ".Error.NeedsPassword" },
  { REPRISE_ERROR_KEYRING, REPRISE_AGENT_BUS_NAME ".Error.Keyring" },
  { REPRISE_ERROR_DENIED, REPRISE_AGENT_BUS_NAME ".Error.Denied" },
  { REPRISE_ERROR_BUSY, REPRISE_AGENT_BUS_NAME ".Error.Busy" },
  { REPRISE_ERROR_REFUSED, REPRISE_AGENT_BUS_NAME ".Error.Refused" },
  { REPRISE_ERROR_DAMAGED, REPRISE_AGENT_BUS_NAME ".Error.Damaged" },
  { REPRISE_ERROR_LIMIT, REPRISE_AGENT_BUS_NAME ".Error.Limit" },
  { REPRISE_ERROR_UNREACHABLE, REPRISE_AGENT_BUS_NAME ".Error.Unreachable" },
  { REPRISE_ERROR_STALLED, REPRISE_AGENT_BUS_NAME ".Error.Stalled" },
  { REPRISE_ERROR_PROTOCOL, REPRISE_AGENT_BUS_NAME ".Error.Protocol" },
  { REPRISE_ERROR_BROKEN, REPRISE_AGENT_BUS_NAME ".Error.Broken" },
};

/* Once in the agent and in each client: then %REPRISE_ERROR crosses the bus with its code. */
void
reprise_agent_bus_register_errors (void)
{
  static gsize registered;

  if (!g_once_init_enter (&registered))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (ERRORS); i++)
    g_dbus_error_register_error (REPRISE_ERROR, ERRORS[i].error_code, ERRORS[i].dbus_error_name);
  g_once_init_leave (&registered, 1);
}
