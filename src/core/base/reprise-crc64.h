/* reprise-crc64.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint64 reprise_crc64 (guint64 crc, gconstpointer data, gsize size);

G_END_DECLS
