/* reprise-nocobase-dump.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "provider/reprise-archive.h"

G_BEGIN_DECLS

/* What an archive of either plugin tells the plan, as reprise_archive_get_data(). Lists have one member a line. */
#define REPRISE_NOCOBASE_DATA_PLUGIN "plugin" /* which wrote it: a REPRISE_NOCOBASE_PLUGIN_… */
#define REPRISE_NOCOBASE_DATA_ENVIRONMENT \
  "environment"                                  /* NAME=VALUE of what the target must have too */
#define REPRISE_NOCOBASE_DATA_PLUGINS  "plugins" /* enabled ones: their packages */
#define REPRISE_NOCOBASE_DATA_DEFINED  "defined" /* collections that its “collections” defines */
#define REPRISE_NOCOBASE_DATA_INHERITS "inherits" /* CHILD TAB PARENT */
#define REPRISE_NOCOBASE_DATA_ABSENT   "absent" /* listed without data: views and SQL collections */
#define REPRISE_NOCOBASE_DATA_VIEWS    "views"  /* database views */
#define REPRISE_NOCOBASE_DATA_TYPES \
  "types" /* COLLECTION TAB TYPE of a field, where a plugin brings that type */
#define REPRISE_NOCOBASE_DATA_ENCRYPTED \
  "encrypted" /* “true”: what is on the server is encrypted, as a plan found out */
#define REPRISE_NOCOBASE_DATA_TOP \
  "top" /* the highest depth to which it was looked into without damage */

#define REPRISE_NOCOBASE_PLUGIN_OLD "backup-restore"
#define REPRISE_NOCOBASE_PLUGIN_NEW "backups"

#define REPRISE_NOCOBASE_OLD_EXTENSION ".nbdump"
#define REPRISE_NOCOBASE_NEW_EXTENSION ".nbdata"

RepriseContents *reprise_nocobase_dump_read_groups (JsonObject *groups,
                                                    GString *inherits,
                                                    GString *views);
gboolean reprise_nocobase_dump_apply_meta (RepriseArchive *archive,
                                           JsonObject *meta,
                                           GError **error);
gboolean reprise_nocobase_dump_inspect (RepriseArchive *archive,
                                        const char *path,
                                        RepriseDepth depth,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
