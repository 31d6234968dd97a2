/* json-recogniser.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The second opinion: whether a whole text is JSON, recursively by the grammar of RFC 8259. */
gboolean json_recogniser_accepts (const char *text, gsize size);

G_END_DECLS
