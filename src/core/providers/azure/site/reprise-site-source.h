/* reprise-site-source.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/blob/reprise-blob.h"
#include "providers/azure/site/reprise-site.h"

G_BEGIN_DECLS

/**
 * RepriseSiteSource:
 * @REPRISE_SITE_SOURCE_LISTED: the application lists it, by a number
 * @REPRISE_SITE_SOURCE_BLOB: it lies in the container, and the application does not list it: “shop_202611212022.zip”
 * @REPRISE_SITE_SOURCE_SNAPSHOT: an automatic one, by its time: “snapshot-2026-11-21T20:00:00Z”
 * @REPRISE_SITE_SOURCE_PAIRED: its copy in the paired region: “paired-2026-11-21T20:00:00Z”
 * @REPRISE_SITE_SOURCE_GONE: an application that was deleted, as Azure keeps it for a while: “deleted-9”
 * @REPRISE_SITE_SOURCE_UNKNOWN: something else, as the ID of a backup in the vault
 *
 * Where a backup on the service is, which its ID tells.
 */
typedef enum
{
  REPRISE_SITE_SOURCE_LISTED,
  REPRISE_SITE_SOURCE_BLOB,
  REPRISE_SITE_SOURCE_SNAPSHOT,
  REPRISE_SITE_SOURCE_PAIRED,
  REPRISE_SITE_SOURCE_GONE,
  REPRISE_SITE_SOURCE_UNKNOWN,
} RepriseSiteSource;

RepriseSiteSource reprise_site_source_read (const char *id, gint64 *number, const char **rest);
char *reprise_site_source_make_snapshot_id (const RepriseSiteSnapshot *snapshot,
                                            gboolean paired_region);
char *reprise_site_source_make_gone_id (const RepriseArmItem *item);
gboolean reprise_site_source_is_of (const char *name, const char *application);

gboolean reprise_site_source_is_listed (GPtrArray *listed, const char *blob_name);

/* blocking: for workers */
GPtrArray *reprise_site_source_list_blobs (RepriseBlob *blob,
                                           RepriseSite *site,
                                           GPtrArray *listed,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_site_source_mark (RepriseBlob *blob,
                                   const char *name,
                                   RepriseSite *site,
                                   GCancellable *cancellable,
                                   GError **error);
RepriseSiteBackup *reprise_site_source_look (RepriseBlob *blob,
                                             const char *name,
                                             GCancellable *cancellable,
                                             GError **error);
gboolean reprise_site_source_delete (RepriseBlob *blob,
                                     const char *name,
                                     gboolean whole,
                                     GCancellable *cancellable,
                                     GError **error);
GPtrArray *reprise_site_source_list_gone (RepriseArm *arm,
                                          const char *subscription,
                                          const char *group,
                                          const char *application,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
