/* reprise-site-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/blob/reprise-blob.h"
#include "providers/azure/site/reprise-site.h"
#include "provider/reprise-archive.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

RepriseBackup *reprise_site_backup_describe (const RepriseSiteBackup *backup,
                                             const char *service_uuid);
RepriseBackup *reprise_site_backup_describe_snapshot (const RepriseSiteSnapshot *snapshot,
                                                      gboolean paired_region,
                                                      const char *service_uuid);
RepriseBackup *reprise_site_backup_describe_gone (const RepriseArmItem *item,
                                                  const char *service_uuid);
RepriseArchive *reprise_site_backup_open_bound (RepriseBackup *described,
                                                const char *format,
                                                const char *help);
RepriseArchive *reprise_site_backup_open (const RepriseSiteBackup *backup,
                                          RepriseBackup *described);

/* blocking: for workers */
gboolean reprise_site_backup_fetch (RepriseSite *site,
                                    RepriseBlob *blob,
                                    const RepriseSiteBackup *backup,
                                    RepriseVaultWriter *writer,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
