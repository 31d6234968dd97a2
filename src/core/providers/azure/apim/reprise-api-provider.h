/* reprise-api-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/apim/reprise-api.h"
#include "providers/azure/reprise-azure-provider.h"

G_BEGIN_DECLS

/**
 * RepriseApiProvider:
 *
 * One service of Azure API Management.
 */
#define REPRISE_TYPE_API_PROVIDER (reprise_api_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseApiProvider,
                      reprise_api_provider,
                      REPRISE,
                      API_PROVIDER,
                      RepriseAzureProvider)

const char *reprise_api_provider_get_setting (RepriseApiProvider *self, const char *key);
const char *reprise_api_provider_get_uuid (RepriseApiProvider *self);
int reprise_api_provider_get_days (RepriseApiProvider *self);
RepriseApi *reprise_api_provider_get_api (RepriseApiProvider *self, GError **error);
RepriseApi *reprise_api_provider_open_api (RepriseApiProvider *self,
                                           const char *name,
                                           const char *group,
                                           const char *subscription,
                                           GError **error);

G_END_DECLS
