/* reprise-fd.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean reprise_fd_write (int fd, gconstpointer data, gsize size);

G_END_DECLS
