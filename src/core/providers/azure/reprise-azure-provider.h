/* reprise-azure-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/reprise-azure-session.h"

G_BEGIN_DECLS

/**
 * RepriseAzureProvider:
 *
 * What the providers of Azure have in common: the session, the sign-in, and the lists from which settings are chosen. A provider
 * derives from it and implements the rest of #RepriseProvider: what it leaves out there is inherited.
 */
#define REPRISE_TYPE_AZURE_PROVIDER (reprise_azure_provider_get_type ())

G_DECLARE_DERIVABLE_TYPE (RepriseAzureProvider,
                          reprise_azure_provider,
                          REPRISE,
                          AZURE_PROVIDER,
                          RepriseProviderBase)

struct _RepriseAzureProviderClass
{
  RepriseProviderBaseClass parent_class;
};

RepriseAzureSession *reprise_azure_provider_get_session (RepriseAzureProvider *self,
                                                         GError **error);

/* for the kinds: how somebody signs in, and what a choice or a secret of the settings is */
RepriseSignInWays reprise_azure_get_sign_in_ways (RepriseKind *kind, GHashTable *settings);
const char *reprise_azure_explain_sign_in (const char *value);
char *reprise_azure_describe_sas (const char *secret, GPtrArray *warnings, GError **error);
GDateTime *reprise_azure_get_sas_end (const char *secret);

G_END_DECLS
