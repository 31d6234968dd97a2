/* reprise-ui-states.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/* Adds a backup in each state that a service has words of its own for. */
void reprise_ui_states_add (GPtrArray *backups, const char *service_uuid);

G_END_DECLS
