/* reprise-couch-aside.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/server/reprise-couch-server.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

/*
 * What of a backup on the server does not lie there: design documents, for which an index would be built in each backup, and who may use
 * a database, which no replication takes along. It is a small backup in the vault: for database n `<n>-security.json` and
 * `<n>-design.json`, both as the server sent them, and in the manifest's own members
 * {"aside":{"backup":STAMP,"databases":[{"name","security","design"}]}}.
 */

/**
 * RepriseCouchAside:
 * @at: the point in time of the backup that it belongs to, milliseconds since 1970
 * @security: path of a file
 * @design: path of a file: an answer to `_bulk_get`
 *
 * That of one database.
 */
typedef struct
{
  gint64 at;
  char *security;
  char *design;
} RepriseCouchAside;

void reprise_couch_aside_free (RepriseCouchAside *self);
gboolean reprise_couch_aside_write (RepriseCouchServer *server,
                                    RepriseBackup *made,
                                    RepriseVaultWriter *writer,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
const char *reprise_couch_aside_get_backup (RepriseManifest *manifest);
char **reprise_couch_aside_list_databases (RepriseManifest *manifest);
RepriseCouchAside *reprise_couch_aside_find (const char *service_folder,
                                             const char *source,
                                             gint64 at);
gboolean reprise_couch_aside_restore (const RepriseCouchAside *self,
                                      RepriseCouchClient *client,
                                      const char *target,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchAside, reprise_couch_aside_free)

G_END_DECLS
