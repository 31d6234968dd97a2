/* reprise-couch-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-client.h"

G_BEGIN_DECLS

/**
 * RepriseCouchChoice:
 * @data: its documents
 * @design: its design documents and who may use it
 * @is_left_out: it turned out to be gone, or may not be read
 *
 * A database, and what of it is backed up.
 */
typedef struct
{
  char *name;
  gboolean data;
  gboolean design;
  gboolean is_left_out;
} RepriseCouchChoice;

void reprise_couch_choice_free (RepriseCouchChoice *self);

RepriseContents *reprise_couch_backup_list_groups (RepriseCouchClient *client,
                                                   RepriseKind *kind,
                                                   RepriseService *service,
                                                   RepriseProgress *progress,
                                                   GCancellable *cancellable,
                                                   GError **error);
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
