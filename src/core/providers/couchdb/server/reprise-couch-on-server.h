/* reprise-couch-on-server.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* The provider's functions as far as they are of backups that the server makes by itself. */

gboolean reprise_couch_on_server_back_up (RepriseCouchProvider *self,
                                          RepriseGroups groups,
                                          RepriseBackup **made,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
GPtrArray *reprise_couch_on_server_list (RepriseCouchProvider *self,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_couch_on_server_download (RepriseProvider *provider,
                                           RepriseBackup *backup,
                                           RepriseVaultWriter *writer,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_couch_on_server_keep_aside (RepriseProvider *provider,
                                             RepriseBackup *made,
                                             RepriseVaultWriter *writer,
                                             RepriseProgress *progress,
                                             GCancellable *cancellable,
                                             GError **error);
RepriseOutcome *reprise_couch_on_server_resume (RepriseProvider *provider,
                                                RepriseJournal *journal,
                                                RepriseProgress *progress,
                                                GCancellable *cancellable,
                                                GError **error);
RepriseOutcome *reprise_couch_on_server_roll_up (RepriseCouchProvider *self,
                                                 RepriseVault *vault,
                                                 const RepriseOutcome *outcome,
                                                 gint64 now,
                                                 RepriseProgress *progress,
                                                 GCancellable *cancellable,
                                                 GError **error);
gboolean reprise_couch_on_server_add_versions (RepriseCouchProvider *self,
                                               const char *database,
                                               const char *document,
                                               GPtrArray *versions,
                                               GCancellable *cancellable,
                                               GError **error);
GBytes *reprise_couch_on_server_read_version (RepriseCouchProvider *self,
                                              const char *database,
                                              const char *document,
                                              const char *version,
                                              GCancellable *cancellable,
                                              GError **error);
gboolean reprise_couch_on_server_mark_documents (RepriseCouchProvider *self,
                                                 const char *database,
                                                 GPtrArray *documents,
                                                 GCancellable *cancellable,
                                                 GError **error);

G_END_DECLS
