/* reprise-ulid.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define REPRISE_ULID_LENGTH 26

char *reprise_ulid_new (void);
gboolean reprise_ulid_is_valid (const char *text);

G_END_DECLS
