/* reprise-archive-name.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_ARCHIVE_MAX_NAME_BYTES 255  /* of one component: NAME_MAX of Linux */
#define REPRISE_ARCHIVE_MAX_PATH_BYTES 4096 /* of the whole name: PATH_MAX of Linux */
#define REPRISE_ARCHIVE_MAX_DEPTH      64   /* components */

gboolean reprise_archive_check_name (const char *name, gsize length, GError **error);

G_END_DECLS
