/* reprise-archive-beneath.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Files and folders with foreign names beneath a folder of ours, and nowhere else. For workers. */

gboolean reprise_beneath_make_folder (int root_fd, const char *name, GError **error);
int reprise_beneath_create (int root_fd, const char *name, GError **error);

/* For tests: as on a kernel without openat2(). */
void reprise_beneath_set_openat2 (gboolean use);

G_END_DECLS
