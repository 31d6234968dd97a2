/* reprise-milvus-rename.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

int reprise_milvus_rename_copy (int fd,
                                const char *name,
                                const char *sha256,
                                gint64 *size_bytes,
                                GError **error);

G_END_DECLS
