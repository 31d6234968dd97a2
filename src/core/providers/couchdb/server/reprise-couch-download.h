/* reprise-couch-download.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/server/reprise-couch-server.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

gboolean reprise_couch_server_download (RepriseCouchServer *self,
                                        RepriseBackup *backup,
                                        guint connections,
                                        RepriseVaultWriter *writer,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
