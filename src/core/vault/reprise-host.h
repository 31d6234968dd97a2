/* reprise-host.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which computer this is, for what is left in a shared folder. Any thread. */

const char *reprise_host_get_name (void);
const char *reprise_host_get_machine (void);
const char *reprise_host_get_boot (void);

G_END_DECLS
