/* reprise-sqlite-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

#define REPRISE_SQLITE_SETTING_PATH  "path"
#define REPRISE_SQLITE_SETTING_FILES "files"
#define REPRISE_SQLITE_OPTION_PATH   "path"

/**
 * RepriseSqliteKind:
 *
 * Applications that keep their data in SQLite files on this computer: the embedded default, which needs no server.
 */
#define REPRISE_TYPE_SQLITE_KIND (reprise_sqlite_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSqliteKind, reprise_sqlite_kind, REPRISE, SQLITE_KIND, RepriseKind)

G_END_DECLS
