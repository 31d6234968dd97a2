/* reprise-couch-file.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/* Files of IBM couchbackup as archives: one database each, plain or compressed with gzip. For workers. */

/* Of the provider's part of a manifest: what was told of the file that a backup was taken from. */
#define REPRISE_COUCH_MEMBER_IMPORTED "imported"

gboolean reprise_couch_file_recognise (const guchar *head, gsize size);
gboolean reprise_couch_file_inspect (RepriseArchive *archive,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
char **reprise_couch_file_list_warnings (JsonObject *imported);
void reprise_couch_file_describe (RepriseArchive *archive, JsonObject *imported);
gboolean reprise_couch_file_import (RepriseArchive *archive,
                                    RepriseService *service,
                                    GHashTable *options,
                                    RepriseVaultWriter *writer,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseOutcome *reprise_couch_file_export (RepriseArchive *archive,
                                           GHashTable *options,
                                           const char *path,
                                           gboolean replace,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
