/* reprise-couch-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-choice.h"

G_BEGIN_DECLS

GHashTable *reprise_couch_backup_list_unfinished (const char *service_folder, GPtrArray *ids);
gboolean reprise_couch_backup_run (RepriseCouchClient *client,
                                   RepriseKind *kind,
                                   RepriseService *service,
                                   RepriseGroups groups,
                                   GPtrArray *choices,
                                   RepriseVaultWriter *writer,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);

G_END_DECLS
