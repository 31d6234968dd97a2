/* reprise-provider-base.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseProviderBase:
 *
 * What every provider of a service holds: its kind, the service and the secrets of one job. A provider derives from it and
 * implements #RepriseProvider; whatever else it needs it makes when it is first needed.
 */
#define REPRISE_TYPE_PROVIDER_BASE (reprise_provider_base_get_type ())

G_DECLARE_DERIVABLE_TYPE (RepriseProviderBase,
                          reprise_provider_base,
                          REPRISE,
                          PROVIDER_BASE,
                          GObject)

struct _RepriseProviderBaseClass
{
  GObjectClass parent_class;
};

RepriseProvider *reprise_provider_base_create (GType type,
                                               RepriseKind *kind,
                                               RepriseService *service,
                                               RepriseSecrets *secrets);

RepriseKind *reprise_provider_base_get_kind (RepriseProviderBase *self);
RepriseService *reprise_provider_base_get_service (RepriseProviderBase *self);
RepriseSecrets *reprise_provider_base_get_secrets (RepriseProviderBase *self);
const char *reprise_provider_base_get_setting (RepriseProviderBase *self, const char *key);

G_END_DECLS
