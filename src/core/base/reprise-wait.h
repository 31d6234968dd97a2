/* reprise-wait.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean reprise_wait (guint64 ms, GCancellable *cancellable, GError **error);

G_END_DECLS
