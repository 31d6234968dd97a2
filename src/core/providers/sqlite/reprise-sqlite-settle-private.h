/* reprise-sqlite-settle-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-staging-private.h"
#include "providers/sqlite/reprise-sqlite-target-private.h"

G_BEGIN_DECLS

gboolean reprise_sqlite_settle_note (RepriseSqliteStaging *staging,
                                     const RepriseSqliteTarget *target,
                                     GError **error);
gboolean reprise_sqlite_settle_close_log (const char *path,
                                          const char *name,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
