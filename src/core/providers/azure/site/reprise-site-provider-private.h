/* reprise-site-provider-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/site/reprise-site-provider.h"

G_BEGIN_DECLS

/* The provider's functions that have files of their own. All block: for workers. */

const char *reprise_site_provider_get_uuid (RepriseSiteProvider *self);
const char *reprise_site_provider_get_setting (RepriseSiteProvider *self, const char *key);
RepriseBlob *reprise_site_provider_open_container (RepriseSiteProvider *self,
                                                   GCancellable *cancellable,
                                                   GError **error);

/* the backups of the service: reprise-site-listing.c */
GPtrArray *reprise_site_listing_list (RepriseProvider *provider,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
RepriseBackup *reprise_site_listing_find (RepriseProvider *provider,
                                          const char *id,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseArchive *reprise_site_listing_open (RepriseProvider *provider,
                                           RepriseBackup *backup,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);
RepriseSiteBackup *reprise_site_listing_look_up (RepriseSiteProvider *self,
                                                 RepriseBackup *backup,
                                                 GCancellable *cancellable,
                                                 GError **error);
GPtrArray *reprise_site_listing_list_gone (RepriseSiteProvider *self,
                                           GCancellable *cancellable,
                                           GError **error);

/* what is done with signatures: reprise-site-access.c */
gboolean reprise_site_access_delete_files (RepriseSiteProvider *self,
                                           const char *name,
                                           gboolean whole,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_site_access_delete (RepriseProvider *provider,
                                     RepriseBackup *backup,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean reprise_site_access_renew (RepriseProvider *provider,
                                    RepriseBackup *backup,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);
GPtrArray *reprise_site_access_reveal (RepriseProvider *provider,
                                       RepriseBackup *backup,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
