/* reprise-api-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/azure/apim/reprise-api-operation.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

#define REPRISE_API_FILE_ARCHIVE "service.apimbackup" /* in the vault */
#define REPRISE_API_EXTENSION    ".apimbackup"

/**
 * RepriseApiBackup:
 * @name: of its blob
 * @size_bytes: or -1
 * @created_at: (nullable): when API Management made it, which may be long before the blob was
 * @tier: (nullable): of the service that it is of; known of those that Reprise made
 * @service: (nullable): the resource ID of that service, likewise
 * @origin: who made it
 *
 * A backup that lies in a container.
 */
typedef struct
{
  char *name;
  gint64 size_bytes;
  GDateTime *created_at;
  char *tier;
  char *service;
  RepriseOrigin origin;
} RepriseApiBackup;

RepriseApiBackup *reprise_api_backup_new (const RepriseBlobItem *item);
void reprise_api_backup_free (RepriseApiBackup *self);
RepriseBackup *reprise_api_backup_describe (const RepriseApiBackup *self,
                                            const char *service_uuid,
                                            int days,
                                            GDateTime *now);
RepriseArchive *reprise_api_backup_open (const RepriseApiBackup *self,
                                         RepriseBackup *described,
                                         int days,
                                         GDateTime *now);
char *reprise_api_describe_end (GDateTime *created_at, int days, GDateTime *now);
void reprise_api_warn_of_end (RepriseArchive *archive,
                              GDateTime *created_at,
                              int days,
                              GDateTime *now);
void reprise_api_add_contents (RepriseContents *contents, gint64 size_bytes);

/* blocking: for workers */
GPtrArray *reprise_api_backup_list (RepriseApiPlace *place,
                                    const char *service_name,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseApiBackup *reprise_api_backup_find (RepriseApiPlace *place,
                                           const char *name,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_api_backup_mark (RepriseApiPlace *place,
                                  const RepriseApiBackup *self,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean reprise_api_backup_fetch (RepriseApiPlace *place,
                                   const RepriseApiBackup *self,
                                   RepriseVaultWriter *writer,
                                   RepriseContents *contents,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseApiBackup, reprise_api_backup_free)

G_END_DECLS
