/* reprise-milvus-name.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_MILVUS_DEFAULT_DATABASE "default"

/* Names of backups, collections and databases, as Milvus and its backup server take them. */

gboolean reprise_milvus_name_check_backup (const char *name, GError **error);
gboolean reprise_milvus_name_check_suffix (const char *suffix, GError **error);
gboolean reprise_milvus_name_check_collection (const char *name, GError **error);
char *reprise_milvus_name_make (const char *prefix, gint64 unix_us);
GDateTime *reprise_milvus_name_read_time (const char *name);

char *reprise_milvus_name_join (const char *database, const char *collection);
char *reprise_milvus_name_show (const char *full);
void reprise_milvus_name_split (const char *full, char **database, char **collection);
char *reprise_milvus_name_complete (const char *name);
GPtrArray *reprise_milvus_name_read_list (const char *text);

G_END_DECLS
