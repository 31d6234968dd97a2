/* reprise-couch-compact-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-compact.h"

G_BEGIN_DECLS

/* (nullable): told at each point where the process may be killed; tests end it there */
extern void (*reprise_couch_kill_point_func) (void);

G_END_DECLS
