/* reprise-site-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/reprise-azure-provider.h"
#include "providers/azure/site/reprise-site.h"

G_BEGIN_DECLS

/**
 * RepriseSiteProvider:
 *
 * One application of App Service, or one of its slots.
 */
#define REPRISE_TYPE_SITE_PROVIDER (reprise_site_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSiteProvider,
                      reprise_site_provider,
                      REPRISE,
                      SITE_PROVIDER,
                      RepriseAzureProvider)

RepriseAzureSession *reprise_site_provider_get_session (RepriseSiteProvider *self, GError **error);
RepriseSite *reprise_site_provider_get_site (RepriseSiteProvider *self, GError **error);
GPtrArray *reprise_site_provider_read_databases (RepriseSiteProvider *self,
                                                 GCancellable *cancellable,
                                                 GError **error);
gboolean reprise_site_provider_check_databases (const char *value, GError **error);

G_END_DECLS
